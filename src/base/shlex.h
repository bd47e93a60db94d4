/* SPDX-License-Identifier: MIT */
/*
 * Shell text cut into simple commands, as far as finding assignments and command lines needs it: words with quotes
 * removed, comments and here-documents left out, and whether a command runs at all when the file is read.  Nothing is
 * run.  Total: any bytes give commands.  Source: POSIX Shell Command Language 2.2, 2.3, 2.9, 2.10.
 */
#ifndef BASE_SHLEX_H
#define BASE_SHLEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct shword {
	struct str text; /* quotes removed; expansions as they are written, unless their value is known */
	size_t bare;	 /* bytes in front of the first quote, escape or expansion */
	bool computed;	 /* holds $ or ` expansions whose value is not known */
	uint32_t line;
};

enum { SHWORDS = 256 }; /* later words of a command are dropped */

struct shcommand {
	struct shword word[SHWORDS];
	size_t n;
	bool cut;	  /* it had more words */
	bool conditional; /* after && or ||, or inside if, while, for or case */
	bool top;	  /* not inside any compound command */
	bool ours;	  /* not in a function, subshell, pipeline or the background: it may change the shell's state */
	bool loop;	  /* inside while or until */
};

struct shlex_opts {
	bool (*fn)(void *ctx, const struct shcommand *c);	    /* false: stop */
	bool all;						    /* also commands that are not ours */
	bool (*value)(void *ctx, struct str name, struct str *ret); /* of $NAME; NULL: none is known */
	void *ctx;
	uint32_t line; /* of the first line; 0 is 1 */
};

/* Calls fn for each simple command.  Words live in a.  False: a quote or parenthesis was never closed, what follows
 * it was not understood. */
bool shlex_read(struct arena *a, struct str text, const struct shlex_opts *o);
/* Only those that change the state of the shell that reads the file, and no value is known. */
bool shlex(struct arena *a, struct str text, bool (*fn)(void *ctx, const struct shcommand *c), void *ctx);
/* Does the word begin as NAME= with a name that is not quoted?  Then the length of the name, else 0. */
size_t shword_assigns(const struct shword *w);

#endif
