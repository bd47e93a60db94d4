/* SPDX-License-Identifier: MIT */
/* Comments that suppress findings: what is read, which lines they speak of, and texts made to take long. */
#include <time.h>

#include "rule/suppress.h"

#include "t.h"

struct state {
	struct arena arena;
	struct suppress_list list;
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct state));
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct state *s = *state;

	arena_release(&s->arena);
	free(s);
	return 0;
}

static const struct suppress *
read_one(struct state *s, struct str text, enum suppress_text kind)
{
	suppress_read(&s->arena, text, kind, &s->list);
	return s->list.n == 1 ? s->list.v : NULL;
}

static bool
hides(struct state *s, const char *code, uint32_t line)
{
	struct finding f = { .code = str_c(code) };

	suppress_finding(&s->list, line, &f);
	return f.suppressed;
}

static void
test_forms(void **state)
{
	static const struct {
		const char *text;
		enum suppress_text kind;
		uint32_t first, last; /* first 0, last 0: a fault */
	} row[] = {
		{ "# sshkeep: ignore SK201 -- r\nA\nB\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "A\n# sshkeep: ignore SK201 -- r\n\n# x\n\t # y\nB\nC\n", SUPPRESS_IN_SSH, 6, 6 },
		{ "#sshkeep:ignore SK201--r\nA", SUPPRESS_IN_SSH, 2, 2 },
		{ "\t## sshkeep: ignore SK201 -- r\r\nA\r\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "# sshkeep: ignore SK201\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "# sshkeep: ignore SK201 , SK202 -- r\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "; sshkeep: ignore SK201 -- r\nA\n", SUPPRESS_IN_SECTIONS, 2, 2 },
		{ "{# sshkeep: ignore SK201 -- r #}\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "<%# sshkeep: ignore SK201 -- r -%>\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "{# sshkeep: ignore SK201 -- r #}\n{% if a -%}\n<% b %>\nA\n", SUPPRESS_IN_SSH, 4, 4 },
		{ "# sshkeep: ignore SK201 -- r\n<%= a %>\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "{{/* sshkeep: ignore SK201 -- r */}}\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "{{- /* sshkeep: ignore SK201 -- r */ -}}\nA\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "# sshkeep: ignore SK201 -- r\nssh a \\\n b \\\n c\nd\n", SUPPRESS_IN_PARAGRAPHS, 2, 4 },
		{ "# sshkeep: ignore SK201 -- r\nssh a \\\n", SUPPRESS_IN_PARAGRAPHS, 2, 2 },
		{ "# sshkeep: ignore SK201 -- r\nssh a \\\n b\n", SUPPRESS_IN_SSH, 2, 2 },
		{ "# sshkeep: ignore-file SK201 -- r\n", SUPPRESS_IN_SSH, 0, UINT32_MAX },
		{ "# sshkeep: ignore-block SK201 -- r\nHost a\n A\n\n B\nHost b\nC\n", SUPPRESS_IN_SSH, 2, 5 },
		{ "# sshkeep: ignore-block SK201 -- r\n\thost=a\n A\n Match all\nC\n", SUPPRESS_IN_SSH, 2, 3 },
		{ "# sshkeep: ignore-block SK201 -- r\nMatch all\nHostname a\n", SUPPRESS_IN_SSH, 2, 3 },
		{ "# sshkeep: ignore-block SK201 -- r\n[Service]\nA\n\nB\n[Install]\n", SUPPRESS_IN_SECTIONS, 2, 5 },
		{ "# sshkeep: ignore-block SK201 -- r\nA\nB\n\nC\n", SUPPRESS_IN_PARAGRAPHS, 2, 3 },
		{ "# sshkeep: ignore-block SK201 -- r\nA\nHost b\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignore-block SK201 -- r\nA\n[b]\n", SUPPRESS_IN_SECTIONS, 0, 0 },
		{ "# sshkeep: ignore SK201 -- r", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignore SK201 -- r\n\n# x\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignore\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignore SK201,\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignore SK201 r\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignore SK\xff\x01 -- r\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ignores SK201 -- r\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: noqa\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: noqa: all\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: disable-next-line\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: Allow all\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: ingore\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: DISK1 (SK201)\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: allows SK201\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "# sshkeep: SK201\nA\n", SUPPRESS_IN_SSH, 0, 0 },
		{ "A b # sshkeep: ignore SK201 -- r\nA\n", SUPPRESS_IN_SSH, 0, 0 },
	};
	struct state *s = *state;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		const struct suppress *x = read_one(s, str_c(row[i].text), row[i].kind);

		if (x == NULL || (x->fault != NULL) != (row[i].last == 0) ||
		    (x->fault == NULL && (x->first != row[i].first || x->last != row[i].last)))
			fail_msg("%s", row[i].text);
	}
}

static void
test_prose(void **state)
{
	static const char *const text[] = {
		"# linted by sshkeep: see the wiki\nA\n",
		"# sshkeep: the tool for this\nA\n",
		"# sshkeep:\nA\n",
		"# sshkeep: managed by TASK42\nA\n",
		"# sshkeep: the configs of DISK1, xSK2, 7SK3, my_SK4 and SKX\nA\n",
		"# sshkeep: allows what the wiki says\nA\n",
		"# sshkeep: ignored by the deploy script\nA\n",
		"# see sshkeep: ignore SK201 -- r\nA\n",
		"; sshkeep: ignore SK201 -- r\nA\n",
		"LocalCommand echo sshkeep: ignore SK201\n",
		"",
	};
	struct state *s = *state;

	for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
		suppress_read(&s->arena, str_c(text[i]), SUPPRESS_IN_SSH, &s->list);
		if (s->list.n != 0)
			fail_msg("%s", text[i]);
	}
}

static void
test_nearest(void **state)
{
	struct state *s = *state;
	struct finding f = { .code = STR("SK201") };

	suppress_read(&s->arena,
	    STR("# sshkeep: ignore-file SK201,SK1 -- file\n"
		"# sshkeep: ignore-block SK201,SK3 -- block\n"
		"Host a\n"
		"# sshkeep: ignore SK201, SK4 -- line\n"
		"A\n"
		"B\n"
		"Host b\n"
		"C\n"),
	    SUPPRESS_IN_SSH, &s->list);
	t_eq_u64(s->list.n, 3);
	suppress_finding(&s->list, 5, &f);
	t_eq_str(f.reason, "line");
	assert_true(s->list.item[4].used);
	assert_false(s->list.item[2].used);
	f = (struct finding){ .code = STR("SK201") };
	suppress_finding(&s->list, 6, &f);
	t_eq_str(f.reason, "block");
	f = (struct finding){ .code = STR("SK201") };
	suppress_finding(&s->list, 8, &f);
	t_eq_str(f.reason, "file");
	f = (struct finding){ .code = STR("SK201") };
	suppress_finding(&s->list, 0, &f);
	t_eq_str(f.reason, "file");
	assert_true(hides(s, "SK4", 5));
	assert_false(hides(s, "SK4", 6));
	assert_true(hides(s, "SK3", 3));
	assert_true(hides(s, "SK3", 5));
	assert_false(hides(s, "SK3", 7));
	assert_true(hides(s, "SK1", 8));
	assert_false(hides(s, "SK2", 5));
}

/* A comment in the middle of a paragraph takes nothing away from the one above it. */
static void
test_nested(void **state)
{
	struct state *s = *state;

	suppress_read(&s->arena,
	    STR("# sshkeep: ignore-block SK1A -- r\nA\n# sshkeep: ignore-block SK1B,SK1A -- r\nB\nC\n\nD\n"),
	    SUPPRESS_IN_PARAGRAPHS, &s->list);
	assert_true(hides(s, "SK1A", 2));
	assert_false(hides(s, "SK1B", 2));
	assert_true(hides(s, "SK1A", 5));
	assert_true(hides(s, "SK1B", 4));
	assert_true(hides(s, "SK1B", 5));
	assert_false(hides(s, "SK1A", 7));
	assert_false(hides(s, "SK1A", 0));
}

/* What OpenSSH refuses stays; words that it does not know need a reason. */
static void
test_refused(void **state)
{
	struct state *s = *state;
	struct finding never = { .code = STR("SK105"), .may = SUPPRESS_NEVER };
	struct finding reason = { .code = STR("SK101"), .may = SUPPRESS_WITH_REASON };

	suppress_read(&s->arena, STR("# sshkeep: ignore SK105, SK101 --\nA\n# sshkeep: ignore SK101 -- r\nB\n"),
	    SUPPRESS_IN_SSH, &s->list);
	suppress_finding(&s->list, 2, &never);
	assert_false(never.suppressed);
	assert_true(s->list.item[0].refused);
	assert_false(s->list.item[0].used);
	suppress_finding(&s->list, 2, &reason);
	assert_false(reason.suppressed);
	assert_false(s->list.item[1].refused);
	assert_true(s->list.item[1].used);
	suppress_finding(&s->list, 4, &reason);
	assert_true(reason.suppressed);
}

static void
test_long(void **state)
{
	struct state *s = *state;
	struct buf b = { 0 };
	size_t n = 0;

	/* a reason of a mebibyte is cut ahead of a character */
	buf_addc(&b, "# sshkeep: ignore SK201 -- ");
	while (b.n < 1 << 20)
		buf_addc(&b, "\xc3\xa4");
	buf_addc(&b, "\nA\n");
	suppress_read(&s->arena, buf_str(&b), SUPPRESS_IN_SSH, &s->list);
	t_eq_u64(s->list.n, 1);
	assert_true(s->list.v[0].reason.n <= SUPPRESS_TEXT_MAX_BYTES + 3);
	assert_true(str_ends(s->list.v[0].reason, STR("\xc3\xa4...")));
	/* too many codes, too many comments */
	buf_clear(&b);
	buf_addc(&b, "# sshkeep: ignore SK201");
	while (n++ < SUPPRESS_CODES_MAX)
		buf_addc(&b, ",SK201");
	buf_addc(&b, " -- r\nA\n");
	suppress_read(&s->arena, buf_str(&b), SUPPRESS_IN_SSH, &s->list);
	t_eq_u64(s->list.n, 1);
	assert_string_equal(s->list.v[0].fault, "more than 64 codes");
	t_eq_u64(s->list.n_item, 0);
	buf_release(&b);
}

/* Very many comments side by side, in one paragraph, and blocks of nothing. */
static void
test_time(void **state)
{
	enum { MANY = 300000 };
	static const char *const line[] = { "# sshkeep: ignore SK201 -- r\n", "# sshkeep: ignore-block SK201 -- r\nA\n",
		"# sshkeep: ignore-block SK201 -- r\nHost a\n", "# sshkeep: is a word\n" };
	struct state *s = *state;
	clock_t from = clock();

	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		struct buf b = { 0 };

		for (size_t k = 0; k < MANY; k++)
			buf_addc(&b, line[i]);
		for (unsigned kind = SUPPRESS_IN_SSH; kind <= SUPPRESS_IN_PARAGRAPHS; kind++) {
			suppress_read(&s->arena, buf_str(&b), (enum suppress_text)kind, &s->list);
			if (i == 3) {
				t_eq_u64(s->list.n, 0);
				continue;
			}
			t_eq_u64(s->list.n, SUPPRESS_COMMENTS_MAX + 1);
			assert_string_equal(s->list.v[SUPPRESS_COMMENTS_MAX].fault,
			    "more than 10000 such comments in a file: the rest does not count");
			for (uint32_t k = 1; k < MANY; k++)
				(void)hides(s, "SK201", k);
		}
		buf_release(&b);
	}
	assert_true(clock() - from < 20 * CLOCKS_PER_SEC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_forms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_prose, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nearest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long, setup, teardown),
		cmocka_unit_test_setup_teardown(test_time, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
