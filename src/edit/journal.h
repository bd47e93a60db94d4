/* SPDX-License-Identifier: MIT */
/*
 * Inside edit/ only: one folder STATE/backup/ID per transaction, with the old and new bytes of each file (N.old,
 * N.new) and a text file `journal` that says how far it came.  IDs are numbers that grow.
 *
 * States: prepared (files may be old or new: the next run puts the old bytes back) -> done -> undoing (the next
 * run finishes the undo) -> undone.  How many renames were made is not noted but read from the files: what they
 * hold cannot disagree with itself after a crash.
 *
 * The journal is trusted, so its folders must be the caller's own and writable by nobody else.  Sums in it tell of
 * damage; a damaged entry is never used nor removed.
 */
#ifndef EDIT_JOURNAL_H
#define EDIT_JOURNAL_H

#include <signal.h>

#include "edit/fs.h"

enum journal_state {
	JOURNAL_NONE,
	JOURNAL_PREPARED,
	JOURNAL_DONE,
	JOURNAL_UNDOING,
	JOURNAL_UNDONE,
	JOURNAL_DAMAGED /* in memory only */
};

/* A file before or after. */
struct journal_side {
	bool exists;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct str bytes;
	uint64_t size, sum; /* of bytes, as the journal has them */
};

struct journal_file {
	struct str path; /* final, links followed */
	struct str temp; /* beside it */
	bool linked;	 /* had other hard links, and was written in place by consent */
	bool in_place;	 /* by consent it may have been, should it be a mount point */
	struct journal_side was, is;
};

struct journal {
	uint64_t id;
	enum journal_state state;
	struct str when, label;
	struct str home; /* see write_opts; "" in entries of a folder that serves one */
	uint64_t back;	 /* a forced undo: the entry that it takes back; 0 */
	struct journal_file *file;
	size_t n_file;
	struct str *dir;
	size_t n_dir; /* folders that were made, outermost first */
};

/* The open state folder. */
struct store {
	const struct fs_ops *fs;
	struct arena *a;
	struct str dir; /* for messages */
	int backup, lock;
	bool held;
	sigset_t mask; /* of before, when held */
};

/*
 * Opens the folders and takes the lock; SK_EWRITE when another sshkeep is at work, SK_EREFUSED when the folders are
 * not the caller's own.  Without make, a folder that is missing is SK_ENOENT (*e is not filled).  From then on to
 * journal_close() the signals that end a program wait, so that what was begun is finished or put back.
 */
SK_CHECK enum sk_code journal_open(
    struct arena *a, const struct write_opts *o, bool make, struct store *ret, struct err *e);
void journal_close(const struct store *s);
/* All entries, oldest first, damaged ones too.  Entries without a journal (never begun) are removed. */
SK_CHECK enum sk_code journal_all(const struct store *s, struct journal **ret, size_t *ret_n, struct err *e);
/* A new entry with copies of all bytes, state prepared.  Sets j->id.  Nothing is left behind on failure. */
SK_CHECK enum sk_code journal_begin(const struct store *s, struct journal *j, struct err *e);
SK_CHECK enum sk_code journal_set(const struct store *s, struct journal *j, enum journal_state state, struct err *e);
/* The bytes that the entry keeps. */
SK_CHECK enum sk_code journal_bytes(const struct store *s, struct journal *j, struct err *e);
/* Forget an entry; best effort. */
void journal_remove(const struct store *s, const struct journal *j);
/* Path of an entry's folder, or of a file in it. */
struct str journal_path(const struct store *s, uint64_t id, const char *name);

/* journal_text.c: the text file.  False: not a whole journal of ours. */
struct str journal_write(struct arena *a, const struct journal *j);
bool journal_read(struct arena *a, struct str text, struct journal *j);

#endif
