/* SPDX-License-Identifier: MIT */
/*
 * Shell text cut into simple commands, as far as finding assignments needs it: words with quotes removed,
 * comments and here-documents left out, and whether a command runs at all when the file is read.  Nothing
 * is expanded.  Total: any bytes give commands.  Private to detect/.
 */
#ifndef DETECT_SHLEX_H
#define DETECT_SHLEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct shword {
	struct str text; /* quotes removed; expansions as they are written */
	size_t bare;	 /* bytes in front of the first quote, escape or expansion */
	bool computed;	 /* holds $ or ` expansions */
	uint32_t line;
};

enum { SHWORDS = 32 }; /* later words of a command are dropped */

struct shcommand {
	struct shword word[SHWORDS];
	size_t n;
	bool conditional; /* after && or ||, or inside if, while, for or case */
	bool top;	  /* not inside any compound command */
};

/*
 * Calls fn for each simple command that changes the state of the shell that reads the file: not in
 * functions, subshells, pipelines or the background.  fn returns false to stop.  Words live in a.
 * False: a quote or parenthesis was never closed, what follows it was not understood.
 */
bool shlex(struct arena *a, struct str text, bool (*fn)(void *ctx, const struct shcommand *c), void *ctx);

#endif
