/* SPDX-License-Identifier: MIT */
/* Columns, wrapping and colour for reports in text. */
#include "report/layout.h"

enum { WORD_MAX = 160 };

void
layout_ink(struct buf *b, bool color, enum ink ink, struct str text)
{
	static const char *const sgr[] = { [INK_NONE] = "",
		[INK_RED] = "31",
		[INK_YELLOW] = "33",
		[INK_GREEN] = "32",
		[INK_DIM] = "2",
		[INK_BOLD] = "1" };

	if (color && ink != INK_NONE)
		buf_addf(b, "\033[%sm", sgr[ink]);
	buf_add(b, text);
	if (color && ink != INK_NONE)
		buf_addc(b, "\033[0m");
}

size_t
layout_width(struct str s)
{
	size_t n = 0;

	/* every byte that does not continue a UTF-8 sequence starts a column */
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

/* Bytes of the first n columns of s. */
static size_t
columns(struct str s, size_t n)
{
	size_t i = 0;

	while (i < s.n) {
		if (((unsigned char)s.p[i] & 0xc0) != 0x80 && n-- == 0)
			break;
		i++;
	}
	return i;
}

void
layout_cell(struct buf *b, struct str s, size_t width)
{
	struct buf esc = { 0 };
	struct str t;
	size_t w;

	buf_add_escaped(&esc, s);
	t = buf_str(&esc);
	w = layout_width(t);
	if (w > width && width > 0) {
		buf_add(b, str_head(t, columns(t, width - 1)));
		buf_addch(b, '~');
	} else {
		buf_add(b, t);
		buf_addn(b, ' ', width - w);
	}
	buf_release(&esc);
}

void
layout_wrap(struct buf *b, struct str s, size_t at, size_t indent, size_t width)
{
	struct str rest = s, word;
	struct buf esc = { 0 };
	bool first = true;
	size_t col = at;

	while (str_split(&rest, ' ', &word)) {
		size_t w;

		buf_clear(&esc);
		buf_add_escaped(&esc, word);
		w = layout_width(buf_str(&esc));
		if (w == 0)
			continue;
		if (w > WORD_MAX) {
			/* a config may hold a word of a megabyte */
			esc.n = columns(buf_str(&esc), WORD_MAX - 1);
			buf_addch(&esc, '~');
			w = WORD_MAX;
		}
		if (!first && col + 1 + w > width) {
			buf_addch(b, '\n');
			buf_addn(b, ' ', indent);
			col = indent;
		} else if (!first) {
			buf_addch(b, ' ');
			col++;
		}
		buf_add(b, buf_str(&esc));
		col += w;
		first = false;
	}
	buf_addch(b, '\n');
	buf_release(&esc);
}
