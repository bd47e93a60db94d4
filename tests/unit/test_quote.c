/* SPDX-License-Identifier: MIT */
/* What is kept of a line: columns in three units, and which part of a long line; the mark under it. */
#include "t.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "report/excerpt.h"
#include "rule/quote.h"

static struct arena arena;

static struct finding
at(struct str line, uint32_t col, uint32_t len)
{
	struct finding f = { .at = { .line = 12, .col = col, .len = len } };

	finding_quote(&arena, &f, line);
	return f;
}

static void
expect_columns(struct str line, uint32_t col, uint32_t len, const uint32_t want[4])
{
	struct quote q = at(line, col, len).quote;

	t_eq_u64(q.col_points, want[0]);
	t_eq_u64(q.end_points, want[1]);
	t_eq_u64(q.col_units, want[2]);
	t_eq_u64(q.end_units, want[3]);
}

static void
columns(void **state)
{
	(void)state;
	expect_columns(STR("Port 22"), 6, 2, (const uint32_t[]){ 6, 8, 6, 8 });
	/* U+1F600: four bytes, one code point, two units; U+00FC: two, one, one */
	expect_columns(STR("\xf0\x9f\x98\x80 \xc3\xbc x"), 9, 1, (const uint32_t[]){ 5, 6, 6, 7 });
	expect_columns(STR("\xf0\x9f\x98\x80\xf0\x9f\x98\x80"), 5, 4, (const uint32_t[]){ 2, 3, 3, 5 });
	/* a byte of no sequence is one of each */
	expect_columns(STR("\xff\xc3 x"), 4, 1, (const uint32_t[]){ 4, 5, 4, 5 });
	/* a span that leaves the line, a column behind it, an empty line */
	expect_columns(STR("ab"), 2, 9, (const uint32_t[]){ 2, 3, 2, 3 });
	expect_columns(STR("ab"), 9, 9, (const uint32_t[]){ 3, 3, 3, 3 });
	expect_columns(STR(""), 1, 0, (const uint32_t[]){ 1, 1, 1, 1 });
	arena_release(&arena);
}

static void
long_lines(void **state)
{
	enum { N = 100000 };
	char *p = malloc(N);
	struct quote q;

	(void)state;
	for (size_t i = 0; i < N; i += 2) {
		p[i] = (char)0xc3;
		p[i + 1] = (char)0xbc;
	}
	q = at((struct str){ p, N }, 50001, 2).quote;
	assert_true(q.text.n <= QUOTE_MAX && q.text.n > QUOTE_MAX / 2);
	assert_true(q.off < 50000 && q.off % 2 == 0 && utf8_valid(q.text) && q.cut);
	/* behind the first 4096 bytes columns count bytes */
	t_eq_u64(q.col_units, 50001 - QUOTE_LINE_MAX / 2);
	q = at((struct str){ p, N }, 1, 2).quote;
	t_eq_u64(q.off, 0);
	free(p);
	arena_release(&arena);
}

static void
expect_mark(struct str line, uint32_t col, uint32_t len, size_t width, const char *want)
{
	struct finding f = at(line, col, len);
	struct buf b = { 0 };

	excerpt_add(&b, &f, 1, width, false, INK_NONE);
	t_eq_str(buf_str(&b), want);
	buf_release(&b);
}

static void
marks(void **state)
{
	(void)state;
	expect_mark(STR("  Port 22 x"), 8, 4, 80, " 12 | Port 22 x\n    |      ^~~~\n");
	/* a whole line with its indentation; TABs are one blank; one column is a caret alone */
	expect_mark(STR("\t\tA\tb  "), 1, 7, 80, " 12 | A b\n    | ^~~\n");
	expect_mark(STR("Port x"), 6, 1, 80, " 12 | Port x\n    |      ^\n");
	expect_mark(STR("Port x"), 6, 0, 80, " 12 | Port x\n    |      ^\n");
	/* what is escaped is as wide as it looks */
	expect_mark(STR("a\x1b b"), 4, 1, 80, " 12 | a\\x1B b\n    |       ^\n");
	expect_mark(STR("\xc3\xbc\xe2\x80\xae b"), 7, 1, 80, " 12 | \xc3\xbc\\u{202E} b\n    |           ^\n");
	expect_mark(STR(" \t "), 1, 3, 80, "");
	/* a span behind the end */
	expect_mark(STR("Port"), 9, 3, 80, " 12 | Port\n    |     ^\n");
	/* a long line around what is meant */
	expect_mark(STR("0123456789012345678901234567890123456789 bad and a good deal more of it to come"), 42, 3, 40,
	    " 12 | ...23456789 bad and a good deal...\n    |             ^~~\n");
	arena_release(&arena);
}

/* Nothing passes the width, whatever the line and the span. */
static void
widths(void **state)
{
	static const char text[] =
	    "aaaa \x1b\x1b\x1b bbbbbbbbbbbb \xf0\x9f\x98\x80 cccccccccc \xff\xff dddddddddddd eeeeeee";

	(void)state;
	for (size_t width = 30; width < 90; width += 7)
		for (uint32_t col = 1; col <= sizeof text; col++)
			for (uint32_t len = 0; len < 40; len += 13) {
				struct finding f = at(str_c(text), col, len);
				struct buf b = { 0 };
				struct str rest, line;

				excerpt_add(&b, &f, 4, width, false, INK_NONE);
				for (rest = buf_str(&b); str_split(&rest, '\n', &line);)
					if (layout_width(line) > width)
						fail_msg("%zu > %zu: %.*s", layout_width(line), width, STR_ARG(line));
				buf_release(&b);
			}
	arena_release(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(marks),
		cmocka_unit_test(widths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
