/* SPDX-License-Identifier: MIT */
/* The JSON writer: structure, numbers, and text that is no UTF-8 or means something to a terminal. */
#include "report/json_writer.h"

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
test_structure(void **state)
{
	struct json j = { .b = *state };

	json_open(&j, NULL, '{');
	json_strz(&j, "a", "x");
	json_open(&j, "b", '[');
	json_close(&j, ']');
	json_open(&j, "c", '[');
	json_int(&j, NULL, -3);
	json_bool(&j, NULL, true);
	json_close(&j, ']');
	json_strz(&j, "d", NULL);
	json_close(&j, '}');
	t_eq_str(
	    buf_str(j.b), "{\n  \"a\": \"x\",\n  \"b\": [],\n  \"c\": [\n    -3,\n    true\n  ],\n  \"d\": null\n}\n");
}

static void
test_quantities(void **state)
{
	struct json j = { .b = *state };

	json_open(&j, NULL, '{');
	json_qty(&j, "a", QTY(924.6));
	json_qty(&j, "b", QTY_NEVER);
	json_qty(&j, "c", QTY_UNKNOWN("Match exec"));
	json_ratio(&j, "d", QTY(5.8333));
	json_qty(&j, "e", (struct qty){ 0 });
	json_close(&j, '}');
	t_eq_str(buf_str(j.b),
	    "{\n  \"a\": 924,\n  \"b\": \"never\",\n  \"c\": null,\n  \"c_reason\": \"Match exec\",\n"
	    "  \"d\": 5.83,\n  \"e\": null,\n  \"e_reason\": \"not known\"\n}\n");
}

static void
test_text(void **state)
{
	static const struct {
		const char *p;
		size_t n;
		const char *want;
	} row[] = {
		{ "a\"b\\c", 5, "\"a\\\"b\\\\c\"" }, { "\x1b[2J", 4, "\"\\u001b[2J\"" }, { "a\0b", 3, "\"a\\u0000b\"" },
		{ "\n\t\x7f", 3, "\"\\n\\t\\u007f\"" }, { "gr\xc3\xbc\xc3\x9f", 6, "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "\xff", 1, "\"\\\\xFF\"" }, { "a\xc3", 2, "\"a\\\\xC3\"" }, /* cut in the middle */
		{ "\xc0\x80", 2, "\"\\\\xC0\\\\x80\"" },		      /* overlong NUL */
		{ "\xed\xa0\x80", 3, "\"\\\\xED\\\\xA0\\\\x80\"" },	      /* surrogate */
		{ "\xf4\x90\x80\x80", 4, "\"\\\\xF4\\\\x90\\\\x80\\\\x80\"" },
		{ "\xf0\x9f\x94\x91", 4, "\"\xf0\x9f\x94\x91\"" }, { "\xc2\x9b", 2, "\"\\u009b\"" }, /* C1 CSI */
		{ "\xe2\x80\xae", 3, "\"\\u202e\"" }, /* right-to-left override */
	};
	struct json j = { .b = *state, .depth = 0 };

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(j.b);
		j.filled = false;
		json_str(&j, NULL, (struct str){ row[i].p, row[i].n });
		t_eq_str(buf_str(j.b), row[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_structure, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quantities, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
