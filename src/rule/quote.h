/* SPDX-License-Identifier: MIT */
/*
 * The text where a finding points, kept with it because the file is gone when it is told: for a line with a caret under
 * it, and for formats that count columns in other units than bytes.
 */
#ifndef RULE_QUOTE_H
#define RULE_QUOTE_H

#include "rule/finding.h"

/* Most bytes that are kept of a line.  Columns behind the first QUOTE_LINE_MAX bytes of a line count bytes. */
enum { QUOTE_MAX = 256, QUOTE_LINE_MAX = 4096 };

/*
 * Fill f->v[].quote from the configs, which must live, where a finding has a line; texts are copied to a.  A finding about
 * a whole line comes to point at the keyword and its arguments, one about a value at that; neither at a comment.
 */
void findings_quote(struct arena *a, struct findings *f);
/* The same for one finding in a file that is no config: the text of its line. */
void finding_quote(struct arena *a, struct finding *f, struct str line);
/* Point at bytes [from, to) of the line, without blanks at their ends, instead of at the whole of it. */
void finding_narrow(struct finding *f, struct str line, size_t from, size_t to);

#endif
