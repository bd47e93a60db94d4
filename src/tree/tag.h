/* SPDX-License-Identifier: MIT */
/* Inside tree/ only: one tag of a template engine, and what its statements open and close. */
#ifndef TREE_TAG_H
#define TREE_TAG_H

#include "tree/template.h"

enum tag_kind { TAG_VALUE, TAG_CONTROL, TAG_COMMENT };
enum tag_step {
	STEP_OPEN,   /* what follows may be missing */
	STEP_LOOP,   /* what follows is there once for each of a list */
	STEP_PLAIN,  /* the same as what is around */
	STEP_SWITCH, /* the other branch */
	STEP_CLOSE,
};
enum { STEPS_MAX = 16 };

struct tag {
	enum tag_kind kind;
	size_t from, end; /* in the text */
	struct str in;	  /* what stands between its marks */
	uint8_t step[STEPS_MAX];
	unsigned n_step;
};

/* Kept from tag to tag of one text; all zero at first. */
struct tag_state {
	unsigned unclosed;    /* openings of which no end is to be found any more, a bit each */
	size_t careful_bytes; /* looked at with quotes and braces followed */
	bool raw;	      /* between {% raw %} and {% endraw %} */
};

/* The tag that begins at byte `at` of text; false: none does. */
bool tag_at(struct tag_state *s, unsigned engines, struct str text, size_t at, struct tag *ret);

#endif
