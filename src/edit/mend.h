/* SPDX-License-Identifier: MIT */
/*
 * Lines that are wrong by themselves and whose cure is sure: a misspelt keyword, an old name, a value in words that
 * can mean only one thing, words of another vendor.  Pure.
 */
#ifndef EDIT_MEND_H
#define EDIT_MEND_H

#include "eval/brief.h"
#include "rule/finding.h"

/*
 * The fix of a finding about a line that rules have none for: keyword and value of ret, as the planner takes them for
 * a finding without hosts (value "": the arguments stay).  use tells which line wins over another one.  False: what is
 * meant is not sure.  Texts live in a or in f's configuration.
 */
bool mend_finding(struct arena *a, const struct finding *f, const struct conf_use *use, struct fix_item *ret);

/* The byte order mark at the head of a file, which no line holds: its length, 0 when f is not about one. */
size_t mend_mark(const struct finding *f);

#endif
