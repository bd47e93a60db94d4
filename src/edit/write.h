/* SPDX-License-Identifier: MIT */
/*
 * Putting bytes in place (contract 7.3, house-style 3.8), the backup and the journal that undo reads.
 * All system calls go through struct fs_ops so that tests can let the n-th one fail.
 */
#ifndef EDIT_WRITE_H
#define EDIT_WRITE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct fs_ops {
	int (*openat)(int dir, const char *name, int flags, mode_t mode);
	ssize_t (*read)(int fd, void *p, size_t n);
	ssize_t (*write)(int fd, const void *p, size_t n);
	int (*close)(int fd);
	int (*fsync)(int fd);
	int (*fstat)(int fd, struct stat *st);
	int (*fstatat)(int dir, const char *name, struct stat *st, int flags);
	ssize_t (*readlinkat)(int dir, const char *name, char *p, size_t n);
	int (*fchown)(int fd, uid_t uid, gid_t gid);
	int (*fchmod)(int fd, mode_t mode);
	int (*renameat)(int from_dir, const char *from, int to_dir, const char *to);
	/* To a name of the same folder that nobody has: EEXIST; EINVAL or ENOSYS where that cannot be asked for. */
	int (*rename_new)(int dir, const char *from, const char *to);
	/* Two names of one folder change places at once; EINVAL or ENOSYS where that cannot be done. */
	int (*exchange)(int dir, const char *one, const char *other);
	int (*unlinkat)(int dir, const char *name, int flags);
	int (*mkdirat)(int dir, const char *name, mode_t mode);
	int (*flock)(int fd, int op);
	int (*ftruncate)(int fd, off_t n);
	int (*copy_attrs)(int from, int to); /* ACL, extended attributes, SELinux label, flags of chattr(1) */
	char *(*getcwd)(char *p, size_t n);
	/* Call fn with each name of an open folder, "." and ".." left out. */
	int (*list)(int dir, void (*fn)(void *ctx, const char *name), void *ctx);
};
extern const struct fs_ops fs_real;

/* One file of a transaction. */
struct write_item {
	struct str path;
	bool exists; /* as it was when read */
	struct str old_bytes, new_bytes;
	mode_t new_mode; /* of a file or folder that has to be made: 0600 user files, 0644 system */
};

struct write_opts {
	const struct fs_ops *fs;
	struct str state_dir; /* backups, journal, lock; made 0700 */
	bool in_place;	      /* explicit consent for hard links and bind mounts */
	struct str label;     /* what the journal says: "fix --write" */
	struct str home;      /* whose files, where one state folder serves several homes; else "" */
	/* Told, a sentence each, when an interrupted run was put back; NULL: nobody. */
	void (*note)(struct str text);
	bool *put_back; /* set then, too; NULL: nobody asks */
};

/*
 * What an interrupted earlier run left is put back, and o->note hears of it.  To be called before the files are read
 * that write_all() will be given.  A state folder that does not exist is nothing to do.
 */
SK_CHECK enum sk_code write_recover(struct arena *a, const struct write_opts *o, struct err *e);

/*
 * All or none.  SK_ECHANGED, SK_EREFUSED or SK_EWRITE: every file holds its old bytes.  SK_EHALF: even putting them
 * back failed; the message names the files, and the next call of any function here finishes that.
 * Files are reached through open folders: what is swapped meanwhile is SK_ECHANGED, never written through.
 * SK_ECHANGED, too, when an interrupted run had to be put back first: the plan was made on its files.
 * *ret_id is empty when no item changes anything.  The last 100 entries are kept.
 */
SK_CHECK enum sk_code write_all(struct arena *a, const struct write_opts *o, const struct write_item *item, size_t n,
    struct str *ret_id, struct err *e);

/* One file below an open folder that must not be left. */
struct below_item {
	int top;	 /* the folder; borrowed */
	struct str path; /* relative to it, without links, "." and ".." */
	struct str shown;
	struct str old_bytes, new_bytes;
};
/*
 * Files of checked-out trees, all or none.  Each folder on the way is opened from the one above it and no link is
 * followed, so nothing outside top is written whatever is swapped meanwhile: SK_ECHANGED or SK_EREFUSED.  Owner, mode
 * and attributes stay; files with other hard links and those that nobody may write are refused.  No journal: the
 * repository is the copy.  A crash leaves each file old or new, and perhaps a .sshkeep- file beside it.
 * SK_EHALF: putting back failed; the message names the files.
 */
SK_CHECK enum sk_code write_below(
    struct arena *a, const struct fs_ops *fs, const struct below_item *item, size_t n, struct err *e);

struct undo_entry {
	struct str id, when, label;
	struct str *path;
	size_t n_path;
	bool undone;
	struct str damaged; /* its folder, when its journal cannot be read; else empty */
};
/* Oldest first.  Puts an interrupted run back first; a state folder that does not exist gives an empty list. */
SK_CHECK enum sk_code undo_list(
    struct arena *a, const struct write_opts *o, struct undo_entry **ret, size_t *ret_n, struct err *e);
/*
 * Put back what the last entry of o->home (or id, whosever) replaced, and remove what it made; all or none.  Files that
 * exist keep the mode and owner that they have by now.
 * SK_ECHANGED, naming the files, when some changed since; SK_EREFUSED when there is nothing to undo.
 * With force, files that changed are put back as well, as a new entry that keeps what stood there.
 */
SK_CHECK enum sk_code undo_last(
    struct arena *a, const struct write_opts *o, struct str id, bool force, struct undo_entry *ret, struct err *e);

#endif
