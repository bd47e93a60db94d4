/* SPDX-License-Identifier: MIT */
/*
 * How conf/ gets at files: it opens nothing itself.  Production reads the disk (sys/fs_loader.c), tests and
 * fuzzers serve a map.
 */
#ifndef CONF_LOADER_H
#define CONF_LOADER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/marks.h"

enum loader_state {
	LOADER_FILE,	   /* bytes are there */
	LOADER_DIR,	   /* a folder: reads as empty */
	LOADER_ABSENT,	   /* does not exist, or a dangling link (dangling is set) */
	LOADER_UNREADABLE, /* exists, cannot be opened: reason says why */
	LOADER_SPECIAL,	   /* FIFO, device, socket: never opened */
	LOADER_TOOBIG,	   /* over the cap of 64 MiB: not read */
	LOADER_OUTSIDE,	   /* leaves the tree that was given, or is not to be shown: reason says so */
};

struct loaded {
	enum loader_state state;
	struct str bytes;	   /* arena of the caller */
	const struct marks *marks; /* of a template; NULL else */
	struct str reason;	   /* strerror or the like; "" */
	bool vague;		   /* LOADER_OUTSIDE: there is such a file, and nobody knows what it sets */
	bool dangling;
	bool perm_known; /* uid, gid and mode are meaningful */
	uint32_t uid, gid, mode;
	bool bad_perm; /* ssh would say "Bad owner or permissions" (only where it checks) */
};

struct loader {
	void *ctx;
	/*
	 * The files are a part of those that stand where the config is used: what an Include of one that is missing sets
	 * is not known.
	 */
	bool part;
	/* Read path (absolute or as given).  Never fails: the state says what happened. */
	void (*read)(void *ctx, struct arena *a, struct str path, struct loaded *ret);
	/*
	 * Paths that match pattern (OpenSSH's glob: * ? [...] and backslash, no braces; byte order), into an
	 * arena array.  tilde: expand a leading ~ with $HOME as ssh does.  *ret_capped: more than 4096 matches.
	 */
	void (*glob)(void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n,
	    bool *ret_capped);
};

/* Can pattern match several paths? */
bool loader_is_wild(struct str pattern);

#endif
