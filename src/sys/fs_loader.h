/* SPDX-License-Identifier: MIT */
/*
 * The loader over a real disk.  Names are those that OpenSSH would use ("/etc/ssh/ssh_config"); with a root
 * they are looked up below it, absolute links and ".." included, so nothing outside is ever opened.
 * Only regular files are opened, with O_NONBLOCK, after a look at their type.
 */
#ifndef SYS_FS_LOADER_H
#define SYS_FS_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "conf/loader.h"

enum { FS_MAX_BYTES = 64 * 1024 * 1024, FS_MAX_MATCHES = 4096, FS_LITERALS = 2 };

/* A file as it would be after a fix. */
struct fs_over {
	struct str name, bytes; /* name as OpenSSH would use it; "(stdin)" */
	bool made;		/* not there yet */
};

struct fs_tree {
	const char *root;    /* "" for the running system, else a path without a slash at its end */
	const char *home;    /* what ~ means: $HOME, or --home */
	uint32_t uid;	     /* who runs ssh: may own the config */
	bool debian;	     /* group-writable files of a private group are fine (Debian's user-group-modes) */
	uint32_t root_owner; /* owner of the root folder: counts as uid, for unpacked images; root "" : uid */
	struct str literal[FS_LITERALS]; /* -F and -f: opened as given, never below root */
	size_t n_literal;
	const struct fs_over *over; /* the loader gives these bytes instead of the disk's; borrowed */
	size_t n_over;
};

/* t must outlive the loader. */
void fs_loader_init(struct fs_tree *t, struct loader *ret);
void fs_read(const struct fs_tree *t, struct arena *a, struct str path, struct loaded *ret);
/* What fs_read() would find, from a look at it alone: nothing is opened, and there are no bytes. */
void fs_look(const struct fs_tree *t, struct arena *a, struct str path, struct loaded *ret);
/* What became of a file that is not read: a sentence, or the error of a call. */
void fs_loaded_state(struct loaded *ret, enum loader_state state, const char *reason);
void fs_loaded_errno(struct arena *a, struct loaded *ret, int sys_errno);
/* All bytes of fd up to FS_MAX_BYTES, in memory of a; hint: the bytes that are expected. */
void fs_read_fd(int fd, size_t hint, struct arena *a, struct loaded *ret);
/* Standard input, or what t has in its place. */
void fs_read_stdin(const struct fs_tree *t, struct arena *a, struct loaded *ret);
/*
 * The place on the disk where name really stands: below the root and, unless keep_link, with all links followed.
 * False when it does not exist (errno is set).
 */
bool fs_locate(const struct fs_tree *t, struct arena *a, struct str name, bool keep_link, struct str *ret);
/*
 * Where name would stand if it existed; only its folder has to.  Below a root its links are followed, because they
 * mean something else there; on the running system name itself, for the writer to follow.
 */
struct str fs_place(const struct fs_tree *t, struct arena *a, struct str name);

#endif
