/* SPDX-License-Identifier: MIT */
/* What is kept of the line that a finding points at. */
#include "rule/quote.h"

#include "base/utf8.h"
#include "conf/template.h"
#include "rule/rule.h"

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

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

void
finding_narrow(struct finding *f, struct str line, size_t from, size_t to)
{
	to = to < line.n ? to : line.n;
	while (from < to && is_blank(line.p[from]))
		from++;
	while (to > from && is_blank(line.p[to - 1]))
		to--;
	if (from == to)
		return;
	f->at.off += (uint32_t)from;
	f->at.col += (uint32_t)from;
	f->at.len = (uint32_t)(to - from);
}

/* A whole line is meant from its keyword to its last argument; by a rule for values only those. */
static void
narrow_line(struct arena *scratch, struct finding *f, struct str line)
{
	const struct source *s = &f->conf->src[f->at.src];
	struct args args = { 0 };
	struct str word;
	size_t from = 0, to = line.n;

	if (f->at.col != 1 || f->at.len != line.n || f->at.line > s->n)
		return;
	if (line.n <= QUOTE_LINE_MAX && conf_line_args(f->conf, scratch, f->at.src, f->at.line - 1, &word, &args) &&
	    args.n > 0) {
		to = args.v[args.n - 1].off + args.v[args.n - 1].len;
		from = f->rule != NULL && f->rule->each == RULE_EACH_ROW ? args.v[0].off : 0;
	}
	if (from < to && to <= line.n)
		finding_narrow(f, line, from, to);
}

void
findings_quote(struct arena *a, struct findings *f)
{
	struct arena scratch = { 0 };

	for (size_t i = 0; i < f->n; i++) {
		struct finding *x = &f->v[i];
		struct str line;

		if (x->conf == NULL || x->at.line == 0)
			continue;
		line = conf_line_raw(x->conf, x->at.src, x->at.line - 1);
		narrow_line(&scratch, x, line);
		finding_quote(a, x, line);
		arena_reset(&scratch);
	}
	arena_release(&scratch);
}
