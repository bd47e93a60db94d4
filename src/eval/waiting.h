/* SPDX-License-Identifier: MIT */
/*
 * A configuration that OpenSSH refuses for some of its lines: which values are certain to be what they are once those
 * lines are mended, whichever way.
 */
#ifndef EVAL_WAITING_H
#define EVAL_WAITING_H

#include "eval/effective.h"

struct waiting {
	size_t n;	       /* refused lines; 0: nothing waits */
	size_t diag;	       /* of the first of them */
	bool all;	       /* they may change what applies at all: every value waits */
	bool row[KW_ROWS_MAX]; /* else by keyword: a refused line is one of it, or may be meant to be */
	struct str what;       /* what waits, for people: "the values of this config"; "": nothing that is judged */
};

/* Words that IgnoreUnknown hides for every host do not count.  What ret points to lives in a. */
void waiting_of(struct arena *a, const struct conf *c, struct waiting *ret);
/*
 * As if the refused lines were not there: their effects become DIAG_PRINTED; *ret_was keeps them for waiting_restore().
 * Only where w->all is false.
 */
void waiting_pass(struct arena *a, struct conf *c, const struct waiting *w, uint8_t **ret_was);
void waiting_restore(struct conf *c, const uint8_t *was);
/* Values that wait are unknown. */
void waiting_blank(const struct waiting *w, struct effective *ev);

#endif
