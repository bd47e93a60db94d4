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
	int (*open)(const char *path, int flags, mode_t mode);
	ssize_t (*read)(int fd, void *p, size_t n);
	ssize_t (*write)(int fd, const void *p, size_t n);
	int (*close)(int fd);
	int (*fsync)(int fd);
	int (*fstat)(int fd, struct stat *st);
	int (*lstat)(const char *path, struct stat *st);
	int (*stat)(const char *path, struct stat *st);
	int (*fchown)(int fd, uid_t uid, gid_t gid);
	int (*fchmod)(int fd, mode_t mode);
	int (*rename)(const char *from, const char *to);
	int (*unlink)(const char *path);
	int (*mkdir)(const char *path, mode_t mode);
	int (*rmdir)(const char *path);
	int (*flock)(int fd, int op);
	int (*ftruncate)(int fd, off_t n);
	int (*copy_attrs)(int from, int to); /* ACL and extended attributes, SELinux label included */
	char *(*realpath)(const char *path, char *resolved);
	/* Call fn with each name of a folder, "." and ".." left out. */
	int (*list)(const char *dir, void (*fn)(void *ctx, const char *name), void *ctx);
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
};

/*
 * All or none.  SK_ECHANGED, SK_EREFUSED or SK_EWRITE; then every file holds its old bytes (or, when even putting
 * them back failed, the message says so and the next call of any function here finishes that).
 * An interrupted earlier run is rolled back first.
 */
SK_CHECK enum sk_code write_all(struct arena *a, const struct write_opts *o, const struct write_item *item, size_t n,
    struct str *ret_id, struct err *e);

struct undo_entry {
	struct str id, when, label;
	struct str *path;
	size_t n_path;
	bool undone;
};
/* Oldest first.  Rolls an interrupted run back first; a state folder that does not exist gives an empty list. */
SK_CHECK enum sk_code undo_list(
    struct arena *a, const struct write_opts *o, struct undo_entry **ret, size_t *ret_n, struct err *e);
/*
 * Put back what the last entry (or id) replaced, bytes, owner and mode, and remove what it made; all or none.
 * SK_ECHANGED when a file changed since, unless force; SK_EREFUSED when there is nothing to undo.
 */
SK_CHECK enum sk_code undo_last(
    struct arena *a, const struct write_opts *o, struct str id, bool force, struct undo_entry *ret, struct err *e);

#endif
