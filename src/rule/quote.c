/* SPDX-License-Identifier: MIT */
/* What is kept of the line that a finding points at. */
#include "rule/quote.h"

#include "base/utf8.h"
#include "conf/template.h"

/* at moved back to where a sequence of UTF-8 begins. */
static size_t
to_start(struct str s, size_t at)
{
	size_t back = 0;

	while (back < 3 && at > back && at < s.n && ((unsigned char)s.p[at - back] & 0xc0) == 0x80)
		back++;
	return at - back;
}

/* 1-based columns of byte offset at, in the units that count() knows. */
static uint32_t
column(struct str line, size_t at, size_t (*count)(struct str s))
{
	size_t known = at < QUOTE_LINE_MAX ? at : QUOTE_LINE_MAX;

	return (uint32_t)(count(str_head(line, known)) + (at - known) + 1);
}

void
finding_quote(struct arena *a, struct finding *f, struct str line)
{
	enum { BEFORE = 64 };
	struct quote *q = &f->quote;
	size_t from = f->at.col > 0 ? f->at.col - 1 : 0, to, first, last;

	from = from < line.n ? from : line.n;
	to = f->at.len < line.n - from ? from + f->at.len : line.n;
	first = from > BEFORE ? to_start(line, from - BEFORE) : 0;
	last = line.n - first > QUOTE_MAX ? to_start(line, first + QUOTE_MAX) : line.n;
	*q = (struct quote){
		.text = arena_str(a, str_head(str_from(line, first), last - first)),
		.off = (uint32_t)first,
		.known = true,
		.cut = last < line.n,
		.col_points = column(line, from, utf8_points),
		.end_points = column(line, to, utf8_points),
		.col_units = column(line, from, utf8_units),
		.end_units = column(line, to, utf8_units),
	};
}

void
findings_quote(struct arena *a, struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct finding *x = &f->v[i];

		if (x->conf != NULL && x->at.line > 0)
			finding_quote(a, x, conf_line_raw(x->conf, x->at.src, x->at.line - 1));
	}
}
