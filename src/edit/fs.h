/* SPDX-License-Identifier: MIT */
/*
 * Inside edit/ only: the loops around the table of system calls, and the walk from a path to an open folder and a
 * name in it.  From then on nothing is asked by path, so a folder or link that is swapped meanwhile cannot redirect
 * a write.
 */
#ifndef EDIT_FS_H
#define EDIT_FS_H

#include <signal.h>

#include "base/buf.h"
#include "edit/write.h"

/* Whole file by descriptor into a.  False: errno is set; more than 64 MiB: EFBIG. */
bool fs_read_all(const struct fs_ops *fs, struct arena *a, int fd, struct str *ret);
bool fs_write_all(const struct fs_ops *fs, int fd, struct str s);
/*
 * text as the file name of an open folder, in place of what stands there, so that nobody reads half of it.  A link is
 * replaced, not followed.  False: errno, and nothing changed.
 */
bool fs_put(const struct fs_ops *fs, int dir, const char *name, mode_t mode, struct str text);
/* rename to a name that nobody has, EEXIST; a file system that cannot is asked for the name first. */
int fs_rename_new(const struct fs_ops *fs, int dir, const char *from, const char *to);
/* fsync of a folder; a file system that cannot do that is no failure. */
bool fs_sync_dir(const struct fs_ops *fs, int fd);
/* The lock of an open file or folder, waiting up to 3 s.  False: errno, EWOULDBLOCK when somebody holds it. */
bool fs_lock(const struct fs_ops *fs, int fd);
/* The signals that end a program wait from here on; false: they do not.  *ret_was is for sigprocmask(). */
bool fs_hold_signals(sigset_t *ret_was);
/* Folder part of a path: "." when there is none. */
struct str fs_dir(struct str path);

/* "PATH: what: reason", with the code that fits the errno: SK_EREFUSED or SK_EWRITE. */
enum sk_code fs_say(struct err *e, struct str path, int n, const char *what);
/* "PATH: what". */
enum sk_code fs_say_plain(struct err *e, enum sk_code code, struct str path, const char *what);

struct place {
	int dir; /* the file's folder, or the nearest one that exists; to be closed by the caller */
	struct stat dir_st;
	struct str path;    /* absolute, no link in it */
	struct str name;    /* of the file */
	struct str missing; /* folders below dir that do not exist, "a/b"; "" when dir is the file's folder */
	bool exists;
	struct stat st; /* when it exists; never that of a link */
};
/*
 * Follows every link of path once, component by component.  A link of somebody else than root and the caller may
 * only lead to a file (or, for a new one, a folder) of its own owner: else SK_EREFUSED.  So is a dangling link.
 */
SK_CHECK enum sk_code fs_walk(
    const struct fs_ops *fs, struct arena *a, struct str path, struct place *ret, struct err *e);
/*
 * A folder just made in parent: the mode that it should have, and root gives it to the owner of parent.  SK_ECHANGED
 * when it is not the empty folder that was made.
 */
SK_CHECK enum sk_code fs_own_dir(
    const struct fs_ops *fs, int parent, int fd, struct str path, mode_t mode, struct err *e);
/*
 * fs_walk to a folder, which is opened for reading.  SK_ENOENT when it is not there, unless make: then 0700, the
 * folders on the way as by fs_own_dir(), the last one the caller's.
 */
SK_CHECK enum sk_code fs_walk_dir(
    const struct fs_ops *fs, struct arena *a, struct str path, bool make, int *ret_fd, struct err *e);

#endif
