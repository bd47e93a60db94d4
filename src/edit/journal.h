/* SPDX-License-Identifier: MIT */
/*
 * Inside edit/ only: one folder STATE/backup/ID per transaction, with the old and new bytes of each file and a
 * text file `journal` that says how far it came.  IDs are numbers that grow.
 *
 * States: prepared (files may be old or new: the next run puts the old bytes back) -> done -> undoing (the next
 * run finishes the undo) -> undone.  How many renames were made is not noted but read from the files: what they
 * hold cannot disagree with itself after a crash.
 */
#ifndef EDIT_JOURNAL_H
#define EDIT_JOURNAL_H

#include "base/buf.h"
#include "edit/write.h"

enum journal_state { JOURNAL_NONE, JOURNAL_PREPARED, JOURNAL_DONE, JOURNAL_UNDOING, JOURNAL_UNDONE };

struct journal_file {
	struct str path; /* final, links followed */
	struct str temp; /* beside it */
	bool exists;	 /* before the transaction */
	bool linked;	 /* had other hard links, and was written in place by consent */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct str old_bytes, new_bytes; /* files N.old and N.new */
};

struct journal {
	uint64_t id;
	enum journal_state state;
	struct str when, label;
	struct journal_file *file;
	size_t n_file;
	struct str *dir;
	size_t n_dir; /* folders that were made, outermost first */
};

/* Folders, lock.  *ret_lock is to be closed.  SK_EWRITE when another sshkeep is at work. */
SK_CHECK enum sk_code journal_lock(struct arena *a, const struct write_opts *o, int *ret_lock, struct err *e);
/* All entries with a readable journal, oldest first.  Entries without one (never begun) are removed. */
SK_CHECK enum sk_code journal_all(
    struct arena *a, const struct write_opts *o, struct journal **ret, size_t *ret_n, struct err *e);
/* A new entry with copies of all bytes, state prepared.  Sets j->id.  Nothing is left behind on failure. */
SK_CHECK enum sk_code journal_begin(struct arena *a, const struct write_opts *o, struct journal *j, struct err *e);
SK_CHECK enum sk_code journal_set(
    struct arena *a, const struct write_opts *o, struct journal *j, enum journal_state state, struct err *e);
/* The bytes that the entry keeps. */
SK_CHECK enum sk_code journal_bytes(struct arena *a, const struct write_opts *o, struct journal *j, struct err *e);
/* Forget an entry; best effort. */
void journal_remove(struct arena *a, const struct write_opts *o, const struct journal *j);

/* Whole file by descriptor into a.  False: errno is set; more than max bytes: EFBIG. */
bool fs_read_all(const struct fs_ops *fs, struct arena *a, int fd, struct str *ret);
bool fs_write_all(const struct fs_ops *fs, int fd, struct str s);
/* fsync of a folder; a file system that cannot do that is no failure. */
bool fs_sync_dir(const struct fs_ops *fs, const char *dir);
/* Folder part of a path: "." when there is none. */
struct str fs_dir(struct str path);

#endif
