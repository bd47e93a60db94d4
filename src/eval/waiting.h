/* SPDX-License-Identifier: MIT */
/*
 * A configuration that OpenSSH refuses for some of its lines: which values are certain to be what they are once those
 * lines are mended, whichever way.
 */
#ifndef EVAL_WAITING_H
#define EVAL_WAITING_H

#include "eval/effective.h"

enum { WAITING_LINES = 100 /* refused lines; of more the rest is not looked at, and every value waits */ };

struct waiting {
	size_t n;		       /* refused lines; 0: nothing waits */
	uint32_t diag[WAITING_LINES];  /* of the first of them */
	uint8_t effect[WAITING_LINES]; /* theirs, while they are passed over */
	bool all;		       /* they may change what applies at all: every value waits */
	bool row[KW_ROWS_MAX];	       /* else by keyword: a refused line is one of it, or may be meant to be */
	struct str what; /* what waits, for people: "the values of this config"; "": nothing that is judged */
};

/* The first IgnoreUnknown line, which wins where it applies. */
struct ignoring {
	uint32_t set; /* UINT32_MAX: none */
	bool always;  /* it applies to every host */
};
struct ignoring ignoring_of(const struct conf *c);
/* Words that IgnoreUnknown hides for every host do not count.  What ret points to lives in a. */
void waiting_of(struct arena *a, const struct conf *c, struct waiting *ret);
/* As if the refused lines were not there, until waiting_restore().  Nothing happens where every value waits. */
void waiting_pass(struct waiting *w, struct conf *c);
void waiting_restore(const struct waiting *w, struct conf *c);
/* Values that wait are unknown. */
void waiting_blank(const struct waiting *w, struct effective *ev);

#endif
