/* SPDX-License-Identifier: MIT */
/*
 * Lines that are wrong by themselves and whose cure is sure: a misspelt keyword, an old name, a value in words that
 * can mean only one thing, words of another vendor.  Pure.
 */
#ifndef EDIT_MEND_H
#define EDIT_MEND_H

#include "eval/brief.h"
#include "rule/finding.h"

/* A line, and the number of a diag or set that stands there. */
struct mend_at {
	uint32_t src, line, i;
};

/* What stands on the lines of one configuration, in its arena: made once for all its findings. */
struct mend {
	struct arena *a;
	const struct conf *conf;
	const struct conf_use *use; /* which line wins over another one; NULL: unknown */
	struct mend_at *diag, *set; /* by line; as many as conf has */
};
void mend_init(struct mend *m, struct arena *a, const struct conf *c, const struct conf_use *use);

/*
 * The fix of a finding about a line that rules have none for: keyword and value of ret, as the planner takes them for
 * a finding without hosts (value "": the arguments stay).  False: what is meant is not sure.  Texts live in the arena
 * or in the configuration.
 */
bool mend_finding(const struct mend *m, const struct finding *f, struct fix_item *ret);

/* The byte order mark at the head of a file, which no line holds: its length, 0 when f is not about one. */
size_t mend_mark(const struct mend *m, const struct finding *f);

#endif
