/* SPDX-License-Identifier: MIT */
/* Columns and wrapping of text reports: widths, escapes, colour. */
#include "report/layout.h"

#include "t.h"

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct buf));
	return *state == NULL;
}

static int
teardown(void **state)
{
	buf_release(*state);
	free(*state);
	return 0;
}

static void
test_cell(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		const char *want;
	} row[] = {
		{ "abc", 5, "abc  " },
		{ "abc", 3, "abc" },
		{ "abcd", 3, "ab~" },
		{ "", 2, "  " },
		{ "gr\xc3\xbc\xc3\x9f", 4, "gr\xc3\xbc\xc3\x9f" },
		{ "gr\xc3\xbc\xc3\x9f", 3, "gr~" },
		{ "a\x1b", 5, "a\\x1B" },
		{ "a\x1b", 3, "a\\~" },
	};
	struct buf *b = *state;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(b);
		layout_cell(b, str_c(row[i].text), row[i].width);
		t_eq_str(buf_str(b), row[i].want);
	}
}

static void
test_wrap(void **state)
{
	struct buf *b = *state;

	layout_wrap(b, STR("one two three"), 0, 2, 9);
	t_eq_str(buf_str(b), "one two\n  three\n");
	buf_clear(b);
	/* a word that is too long stands alone, and is not cut */
	layout_wrap(b, STR("a averyveryverylongword b"), 0, 2, 8);
	t_eq_str(buf_str(b), "a\n  averyveryverylongword\n  b\n");
	buf_clear(b);
	layout_wrap(b, STR(""), 4, 4, 10);
	t_eq_str(buf_str(b), "\n");
	buf_clear(b);
	/* no line feed of file text survives */
	layout_wrap(b, STR("a\nb"), 0, 0, 20);
	t_eq_str(buf_str(b), "a\\x0Ab\n");
}

static void
test_ink(void **state)
{
	struct buf *b = *state;

	layout_ink(b, false, INK_RED, STR("x"));
	layout_ink(b, true, INK_NONE, STR("y"));
	layout_ink(b, true, INK_RED, STR("z"));
	t_eq_str(buf_str(b), "xy\033[31mz\033[0m");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cell, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ink, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
