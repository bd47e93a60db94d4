/* SPDX-License-Identifier: MIT */
/* The line that a finding points at, with a mark under what is meant. */
#include "report/excerpt.h"

#include "rule/quote.h"

/* Where a code point (or a byte of none) begins: in the text, in what is shown of it, and its column there. */
struct cell {
	size_t off, at, col;
};

struct strip {
	struct buf shown;
	struct cell cell[QUOTE_MAX + 1];
	size_t n; /* cells but for the last, which is the end */
};

/* Is the byte at off the second of a word for the log of a CI service (##[add-mask])?  Cells are escaped one by one. */
static bool
is_command(struct str text, size_t off)
{
	struct buf b = { 0 };
	bool is;

	if (off == 0 || text.p[off] != '#' || text.p[off - 1] != '#')
		return false;
	buf_add_escaped(&b, str_from(text, off - 1));
	is = str_starts(buf_str(&b), STR("#\\x23"));
	buf_release(&b);
	return is;
}

static void
render(struct strip *s, struct str text)
{
	size_t off = 0, col = 0;

	s->n = 0;
	while (off < text.n && s->n < QUOTE_MAX) {
		struct str rest = str_from(text, off);
		size_t at = s->shown.n, n = 1;

		s->cell[s->n++] = (struct cell){ off, at, col };
		if (rest.p[0] == '\t')
			buf_addch(&s->shown, ' ');
		else if (is_command(text, off))
			buf_addc(&s->shown, "\\x23");
		else
			n = buf_add_escaped_first(&s->shown, rest);
		col += layout_width(str_from(buf_str(&s->shown), at));
		off += n;
	}
	s->cell[s->n] = (struct cell){ off, s->shown.n, col };
}

/* The first cell at or behind byte off. */
static size_t
cell_at(const struct strip *s, size_t off)
{
	size_t i = 0;

	while (i < s->n && s->cell[i].off < off)
		i++;
	return i;
}

static bool
is_blank(const struct strip *s, struct str text, size_t i)
{
	char c = text.p[s->cell[i].off];

	return c == ' ' || c == '\t' || c == '\r';
}

/* The cells [first, last) to show, so that those from mark on can be seen. */
static void
choose(const struct strip *s, size_t mark, size_t room, size_t *first, size_t *last)
{
	enum { DOTS = 3 };

	if (s->cell[*last].col - s->cell[*first].col <= room)
		return;
	room = room > 2 * DOTS + 8 ? room - 2 * DOTS : 8;
	while (s->cell[mark].col - s->cell[*first].col > room / 3)
		++*first;
	while (*last > *first + 1 && s->cell[*last].col - s->cell[*first].col > room)
		--*last;
}

static void
add_mark(struct buf *out, size_t blanks, size_t n, bool color, enum ink ink)
{
	struct buf b = { 0 };

	buf_addn(out, ' ', blanks);
	buf_addch(&b, '^');
	buf_addn(&b, '~', n > 1 ? n - 1 : 0);
	layout_ink(out, color, ink, buf_str(&b));
	buf_addch(out, '\n');
	buf_release(&b);
}

/* The cells that are meant, without blanks at their ends and within [first, last). */
static void
find_mark(const struct strip *s, const struct finding *f, size_t first, size_t last, size_t *ret_from, size_t *ret_to)
{
	struct str text = f->quote.text;
	size_t off = f->at.col > f->quote.off ? f->at.col - 1 - f->quote.off : 0, from = cell_at(s, off), to;

	to = cell_at(s, f->at.len > 0 ? off + f->at.len : s->cell[from].off + 1);
	from = from < first ? first : from;
	to = to > last ? last : to;
	while (from + 1 < to && is_blank(s, text, from))
		from++;
	while (to > from + 1 && is_blank(s, text, to - 1))
		to--;
	*ret_from = from;
	*ret_to = to;
}

static void
add_strip(struct buf *out, const struct finding *f, const struct strip *s, size_t indent, size_t width, bool color,
    enum ink mark)
{
	size_t begin = 0, end = s->n, first, last, from, to;
	struct buf gutter = { 0 };
	bool dots;

	while (f->quote.off == 0 && begin < end && is_blank(s, f->quote.text, begin))
		begin++;
	while (end > begin && is_blank(s, f->quote.text, end - 1))
		end--;
	find_mark(s, f, begin, end, &from, &to);
	buf_addf(&gutter, "%u", f->at.line);
	first = begin;
	last = end;
	choose(s, from, width - indent - gutter.n - 3 - (f->quote.cut || f->quote.off > 0 ? 6 : 0), &first, &last);
	dots = begin < first || f->quote.off > 0;
	buf_addn(out, ' ', indent);
	buf_add(out, buf_str(&gutter));
	buf_addc(out, dots ? " | ..." : " | ");
	buf_add(out, (struct str){ s->shown.p + s->cell[first].at, s->cell[last].at - s->cell[first].at });
	buf_addc(out, last < end || f->quote.cut ? "...\n" : "\n");
	buf_addn(out, ' ', indent + gutter.n);
	buf_addc(out, " | ");
	to = to < last ? to : last;
	add_mark(out, (dots ? 3 : 0) + s->cell[from].col - s->cell[first].col,
	    to > from ? s->cell[to].col - s->cell[from].col : 1, color, mark);
	buf_release(&gutter);
}

void
excerpt_add(struct buf *out, const struct finding *f, size_t indent, size_t width, bool color, enum ink mark)
{
	struct strip s = { 0 };

	if (!f->quote.known || str_trim(f->quote.text).n == 0)
		return;
	render(&s, f->quote.text);
	add_strip(out, f, &s, indent, width, color, mark);
	buf_release(&s.shown);
}
