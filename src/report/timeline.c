/* SPDX-License-Identifier: MIT */
/* The timeline of an idle session. */
#include "report/timeline.h"

#include <math.h>

#include "report/layout.h"

enum { LABEL_MIN = 6, LABEL_MAX = 22, COLS_MAX = 40, COLS_MIN = 16, VERDICT_W = 16, ORIGIN_W = 13, AXIS_EVERY = 8 };

static bool
finite(struct qty q)
{
	return q.known && !isinf(q.v) && !isnan(q.v);
}

/* Does something end the idle session at a moment that is known? */
static bool
killed(const struct report_host *h)
{
	return h->j->killer.n > 0 && finite(h->j->killed_at);
}

void
timeline_init(struct timeline *t, const struct report *r)
{
	/* seconds a column; every one gives round numbers on the axis */
	static const double ladder[] = { 1, 2, 5, 15, 30, 45, 60, 150, 300, 450, 900, 1800, 3600, 10800, 21600, 43200,
		86400 };
	double horizon = 0;
	size_t longest = LABEL_MIN;
	struct buf b = { 0 };

	*t = (struct timeline){ .color = r->color, .utf8 = r->utf8, .width = r->width };
	for (size_t i = 0; i < r->n_host; i++) {
		const struct report_host *h = &r->host[i];
		double need = 0;

		buf_clear(&b);
		buf_add_escaped(&b, h->shown);
		if (layout_width(buf_str(&b)) > longest)
			longest = layout_width(buf_str(&b));
		if (h->j->verdict == VERDICT_NOT_JUDGED || h->j->verdict == VERDICT_UNKNOWN)
			continue;
		if (killed(h))
			need = h->j->killed_at.v * 1.15;
		else if (finite(h->path->timeout))
			need = h->path->timeout.v * 2;
		else if (finite(h->j->clocks.refresh))
			need = h->j->clocks.refresh.v * 4;
		/* one far box must not squeeze all others into a column */
		if (need > horizon && (horizon <= 0 || need < horizon * 12))
			horizon = need;
	}
	buf_release(&b);
	t->label = longest > LABEL_MAX ? LABEL_MAX : longest;
	t->cols = t->width - t->label - 1 - 2 - VERDICT_W - ORIGIN_W;
	if (t->cols > COLS_MAX)
		t->cols = COLS_MAX;
	if (t->cols < COLS_MIN)
		t->cols = COLS_MIN;
	if (horizon <= 0)
		horizon = 600;
	t->step_s = ladder[sizeof ladder / sizeof *ladder - 1];
	for (size_t i = sizeof ladder / sizeof *ladder; i-- > 0;)
		if (ladder[i] * (double)t->cols >= horizon)
			t->step_s = ladder[i];
}

/* The largest unit in which s is a whole number. */
static double
unit_of(double s, const char **ret_name)
{
	static const struct {
		double s;
		const char *name;
	} unit[] = { { 86400, "days" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t u = 0;

	while (u + 1 < sizeof unit / sizeof *unit && (isinf(s) || num_floor(s / unit[u].s) * unit[u].s != s))
		u++;
	*ret_name = unit[u].name;
	return unit[u].s;
}

void
timeline_step(const struct timeline *t, struct buf *b)
{
	const char *name;
	double unit = unit_of(t->step_s, &name);

	buf_addf(b, "%.0f %s", t->step_s / unit, name);
}

void
timeline_axis(const struct timeline *t, struct buf *b)
{
	const char *name;
	double unit = unit_of(t->step_s * AXIS_EVERY, &name);

	buf_addn(b, ' ', t->label + 1);
	for (size_t col = 0; col < t->cols; col += AXIS_EVERY) {
		size_t from = b->n;

		buf_addf(b, "%.0f", t->step_s * (double)col / unit);
		if (col + AXIS_EVERY < t->cols && b->n - from < AXIS_EVERY)
			buf_addn(b, ' ', AXIS_EVERY - (b->n - from));
	}
	buf_addf(b, " %s\n", name);
}

void
timeline_verdict(const struct report_host *h, struct buf *b)
{
	const struct judgement *j = h->j;

	switch (j->verdict) {
	case VERDICT_SURVIVES:
		buf_addc(b, "survives");
		break;
	case VERDICT_FRAGILE:
		buf_addc(b, "fragile");
		break;
	case VERDICT_DROPS:
		buf_addc(b, "DROPS");
		break;
	case VERDICT_UNKNOWN:
		buf_addc(b, "unknown");
		return;
	case VERDICT_NOT_JUDGED:
		buf_addc(b, "not judged");
		return;
	}
	if (killed(h)) {
		buf_addc(b, " at ");
		num_fmt_short(b, j->killed_at.v);
	} else if (finite(j->clocks.margin) && j->clocks.margin.v < 100) {
		buf_addf(b, " %.1fx", j->clocks.margin.v);
	}
}

void
timeline_origin(const struct report_host *h, size_t width, struct buf *b)
{
	const struct source *s;
	struct str name;
	struct buf line = { 0 };
	size_t slash = SIZE_MAX, room;

	if (h->decides.line == 0) {
		buf_addc(b, h->side == KW_CLIENT ? "ssh default" : "sshd default");
		return;
	}
	s = &h->ev->conf->src[h->decides.src];
	if (s->origin == SOURCE_CMDLINE) {
		buf_addc(b, "command line");
		return;
	}
	name = s->shown;
	for (size_t i = str_chr(name, '/', 0); i != SIZE_MAX; i = str_chr(name, '/', i + 1))
		slash = i;
	if (slash != SIZE_MAX)
		name = str_from(name, slash + 1);
	/* the line number must stay readable, the name may be cut */
	buf_addf(&line, ":%u", h->decides.line);
	room = width > line.n ? width - line.n : 1;
	layout_cell(b, name, layout_width(name) > room ? room : layout_width(name));
	buf_add(b, buf_str(&line));
	buf_release(&line);
}

static const char *
glyph(const struct timeline *t, char c)
{
	static const struct {
		char c;
		const char *ascii, *utf8;
	} table[] = { { '.', ".", "\xc2\xb7" }, { '*', "*", "\xe2\x97\x8f" }, { 'X', "X", "\xe2\x9c\x97" },
		{ '?', "?", "?" }, { ' ', " ", " " } };

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].c == c)
			return t->utf8 ? table[i].utf8 : table[i].ascii;
	return " ";
}

/* What happens in column i, that is after i steps and not later than i + 1 steps. */
static char
cell(const struct timeline *t, const struct report_host *h, size_t i)
{
	double from = (double)i * t->step_s, to = from + t->step_s, refresh;

	if (h->j->verdict == VERDICT_UNKNOWN)
		return '?';
	if (killed(h)) {
		if (h->j->killed_at.v <= from)
			return ' ';
		if (h->j->killed_at.v <= to)
			return 'X';
	}
	if (!finite(h->j->clocks.refresh))
		return h->j->clocks.refresh.known ? '.' : '?';
	refresh = h->j->clocks.refresh.v;
	if (refresh > 0 && num_floor(to / refresh) > num_floor(from / refresh))
		return '*';
	return '.';
}

static void
cells(const struct timeline *t, const struct report_host *h, struct buf *b)
{
	enum ink ink = INK_NONE;

	for (size_t i = 0; i < t->cols; i++) {
		char c = cell(t, h, i);

		ink = c == 'X' ? INK_RED : c == '*' ? INK_GREEN : c == '?' ? INK_YELLOW : INK_NONE;
		layout_ink(b, t->color, ink, str_c(glyph(t, c)));
	}
}

static enum ink
verdict_ink(enum verdict v)
{
	static const enum ink ink[] = { [VERDICT_SURVIVES] = INK_GREEN,
		[VERDICT_FRAGILE] = INK_YELLOW,
		[VERDICT_DROPS] = INK_RED,
		[VERDICT_UNKNOWN] = INK_YELLOW,
		[VERDICT_NOT_JUDGED] = INK_DIM };

	return ink[v];
}

bool
timeline_dead(const struct report_host *h)
{
	return h->ev->refused || h->j->no_way;
}

/* There is no session: what OpenSSH says instead, and where. */
static void
add_dead(const struct timeline *t, const struct report_host *h, struct buf *b)
{
	struct str why = h->ev->refused ? h->ev->refusal : h->j->reason;

	buf_addf(b, "%s %s", h->side == KW_CLIENT ? "ssh" : "sshd",
	    h->ev->refused ? "refuses to start" : "never gets there");
	if (h->decides.line != 0) {
		buf_addc(b, " (");
		timeline_origin(h, t->width, b);
		buf_addc(b, ")");
	}
	buf_addc(b, ": ");
	buf_add(b, str_head(why, str_chr(why, '\n', 0)));
}

void
timeline_row(const struct timeline *t, const struct report_host *h, struct buf *b)
{
	struct buf part = { 0 }, word = { 0 };
	size_t keep;

	layout_cell(b, h->shown, t->label);
	buf_addch(b, ' ');
	if (h->j->verdict == VERDICT_NOT_JUDGED) {
		buf_addc(&word, "not judged: ");
		buf_add(&word, h->j->reason);
		layout_wrap(b, buf_str(&word), t->label + 1, t->label + 1, t->width);
		goto out;
	}
	if (timeline_dead(h)) {
		add_dead(t, h, &word);
		layout_wrap(b, buf_str(&word), t->label + 1, t->label + 1, t->width);
		goto out;
	}
	cells(t, h, b);
	buf_addc(b, "  ");
	timeline_verdict(h, &word);
	keep = layout_width(buf_str(&word));
	layout_ink(b, t->color, verdict_ink(h->j->verdict), buf_str(&word));
	buf_addn(b, ' ', keep < VERDICT_W ? VERDICT_W - keep : 1);
	buf_clear(&part);
	timeline_origin(h, t->width - t->label - 1 - t->cols - 2 - VERDICT_W, &part);
	buf_add(b, buf_str(&part));
	buf_addch(b, '\n');
out:
	buf_release(&part);
	buf_release(&word);
}
