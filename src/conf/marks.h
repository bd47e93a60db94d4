/* SPDX-License-Identifier: MIT */
/*
 * What a caller knows of the lines of a text from which something else makes a config: a template.  A line may be
 * there or not, its value may be computed, it may be no line of the config at all.  Everything is borrowed.
 */
#ifndef CONF_MARKS_H
#define CONF_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum {
	MARK_VOID = 1,	 /* no line of the config */
	MARK_VAGUE = 2,	 /* the keyword is as it stands, what follows is computed */
	MARK_OPAQUE = 4, /* any line, or several, may come of it */
	MARK_MAYBE = 8,	 /* the line may be missing, whatever its region */
};

struct line_mark {
	uint32_t region; /* into marks.region */
	uint8_t flags;	 /* MARK_* */
};

/* Lines that are there, or not, together.  Region 0 is always there; of the regions of one chain one is, or none. */
struct region {
	uint32_t parent; /* smaller than its own number */
	uint32_t chain;
	bool loop; /* once for each of a list, not under a condition */
};

struct marks {
	const struct line_mark *line; /* one for each line of the text */
	uint32_t n;
	const struct region *region; /* [0] stands for what is always there */
	uint32_t n_region;
	bool guessed; /* only what stands in it says that it is a template ... */
	struct {
		uint32_t line, col,
		    len; /* ... and this first; line from 0, col from 1, in bytes; len 0: nothing does */
	} sign;
	struct str raw; /* the text as it is; what is parsed has the same length, with its lines in the same places */
};

#endif
