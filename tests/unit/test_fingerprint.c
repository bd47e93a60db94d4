/* SPDX-License-Identifier: MIT */
/* Fingerprints: what they survive, and what they tell apart. */
#include "t.h"

#include "base/arena.h"
#include "rule/fingerprint.h"

static void
read_conf(struct conf *c, const char *text)
{
	struct conf_opts o = { .side = KW_CLIENT, .ver = { .n = VER_NEWEST } };
	struct err e = { 0 };

	conf_init(c, &o);
	assert_int_equal(conf_add_bytes(c, &o, STR("config"), str_c(text), SOURCE_USER, &e), SK_OK);
}

/* Fingerprints of findings SK201 on the given lines (0 ends; a line below 0 is a finding without one), joined. */
static struct str
prints(struct arena *a, const char *text, const char *code, struct str file, const int *line)
{
	struct conf c;
	struct finding v[8] = { 0 };
	struct findings f = { .v = v };
	struct str out = { 0 };

	read_conf(&c, text);
	for (; line[f.n] != 0; f.n++) {
		v[f.n].code = str_c(code);
		v[f.n].conf = &c;
		v[f.n].file = file;
		if (line[f.n] > 0)
			v[f.n].at = conf_line_span(&c, 0, (uint32_t)line[f.n] - 1);
	}
	fingerprints_mark(a, &f, STR("repo/fallback"), &(struct naming){ .cut = STR("repo/") });
	fingerprints_number(a, &f);
	for (size_t i = 0; i < f.n; i++) {
		assert_int_equal(v[i].fingerprint.n, FINGERPRINT_HEX);
		out = arena_printf(a, "%.*s%.*s ", STR_ARG(out), STR_ARG(v[i].fingerprint));
	}
	conf_release(&c);
	return out;
}

static const int two[] = { 2, 0 }, four[] = { 4, 0 }, none[] = { -1, 0 };

static void
survives_what_stands_elsewhere(void **state)
{
	struct arena a = { 0 };
	struct str base = prints(&a, "Host a\n  ServerAliveInterval 0\n", "SK201", STR("c"), two);

	(void)state;
	/* moved, another layout, another keyword's case, neighbours edited */
	t_eq_str(prints(&a, "# x\nUser y\nHost   a\n\tserveraliveinterval=0 \r\n", "SK201", STR("c"), four), base.p);
	t_eq_str(prints(&a, "HOST a\n  ServerAliveInterval  =  0\nHost b\n", "SK201", STR("c"), two), base.p);
	/* the name of the tree is cut */
	t_eq_str(prints(&a, "Host a\n  ServerAliveInterval 0\n", "SK201", STR("repo/c"), two), base.p);
	arena_release(&a);
}

static void
tells_apart(void **state)
{
	struct arena a = { 0 };
	const char *text = "Host a\n  ServerAliveInterval 0\n";
	struct str v[8];
	size_t n = 0;

	(void)state;
	v[n++] = prints(&a, text, "SK201", STR("c"), two);
	v[n++] = prints(&a, text, "SK202", STR("c"), two);
	v[n++] = prints(&a, text, "SK201", STR("d"), two);
	v[n++] = prints(&a, text, "SK201", STR("c"), none);
	v[n++] = prints(&a, text, "SK201", (struct str){ 0 }, two);
	v[n++] = prints(&a, "Host a\n  ServerAliveInterval 00\n", "SK201", STR("c"), two);
	v[n++] = prints(&a, "Host b\n  ServerAliveInterval 0\n", "SK201", STR("c"), two);
	v[n++] = prints(&a, "Host A\n  ServerAliveInterval 0\n", "SK201", STR("c"), two);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(v[i], v[k]));
	arena_release(&a);
}

/* Equal findings are numbered; the first keeps its name when another one is added behind it. */
static void
numbers_equals(void **state)
{
	struct arena a = { 0 };
	const char *twice = "Host a\nUser x\nHost a\nUser x\n";
	const int both[] = { 2, 4, 0 };
	struct str pair = prints(&a, twice, "SK110", STR("c"), both), one = prints(&a, twice, "SK110", STR("c"), two);

	(void)state;
	assert_true(str_starts(pair, one));
	assert_int_equal(pair.n, 2 * one.n);
	assert_false(str_eq(str_from(pair, one.n), one));
	t_eq_str(prints(&a, twice, "SK110", STR("c"), four), one.p);
	arena_release(&a);
}

/* A comment hides some hosts of a finding: what stays open keeps its name, and so do others without a line. */
static void
open_ones_keep_their_names(void **state)
{
	struct arena a = { 0 };
	struct finding v[] = { { .message = STR("b, c"), .key = STR("{host}") }, { .key = STR("x {host}") } };
	struct finding w[] = { { .message = STR("a"), .key = STR("{host}"), .suppressed = true },
		{ .message = STR("b, c"), .key = STR("{host}") }, { .key = STR("x {host}") } };
	struct finding all[] = { { .key = STR("{host}"), .suppressed = true }, { .key = STR("x {host}") } };
	struct findings f = { .v = v, .n = 2 }, g = { .v = w, .n = 3 }, h = { .v = all, .n = 2 };

	(void)state;
	fingerprints_number(&a, &f);
	fingerprints_number(&a, &g);
	fingerprints_number(&a, &h);
	assert_true(str_eq(v[0].fingerprint, w[1].fingerprint));
	assert_true(str_eq(v[1].fingerprint, w[2].fingerprint));
	assert_false(str_eq(w[0].fingerprint, w[1].fingerprint));
	assert_false(str_eq(w[0].fingerprint, w[2].fingerprint));
	assert_true(str_eq(v[0].fingerprint, all[0].fingerprint));
	assert_true(str_eq(v[1].fingerprint, all[1].fingerprint));
	/* equal lines are numbered as they stand, whatever is hidden of them */
	for (size_t i = 0; i < 2; i++)
		v[i].at.line = w[i].at.line = 1 + (uint32_t)i;
	for (size_t i = 0; i < 2; i++)
		v[i].mark = w[i].mark = STR("m");
	g.n = 2;
	fingerprints_number(&a, &f);
	fingerprints_number(&a, &g);
	assert_true(str_eq(v[1].fingerprint, w[1].fingerprint));
	arena_release(&a);
}

static const struct naming none_named;

static void
parts_do_not_run_together(void **state)
{
	struct arena a = { 0 };
	struct finding v[4] = { { .code = STR("SK1") }, { .code = STR("SK11") }, { .code = STR("SK1") },
		{ .code = STR("SK1") } };
	struct findings f = { .v = v, .n = 4 };

	(void)state;
	v[0].file = STR("1x");
	v[1].file = STR("x");
	v[2].file = STR("1");
	v[3].file = STR("1x");
	fingerprint_mark_text(&a, &v[0], &none_named, STR("a b"), STR(""));
	fingerprint_mark_text(&a, &v[1], &none_named, STR("a b"), STR(""));
	fingerprint_mark_text(&a, &v[2], &none_named, STR("xa b"), STR(""));
	fingerprint_mark_text(&a, &v[3], &none_named, STR("a"), STR("b"));
	fingerprints_number(&a, &f);
	for (size_t i = 0; i < f.n; i++)
		for (size_t k = 0; k < i; k++)
			assert_false(str_eq(v[i].fingerprint, v[k].fingerprint));
	arena_release(&a);
}

/* What no step marked before still gets a name. */
static void
unmarked(void **state)
{
	struct arena a = { 0 };
	struct finding v[2] = { { .code = STR("SK601") }, { .code = STR("SK601") } };
	struct findings f = { .v = v, .n = 2 };

	(void)state;
	fingerprints_number(&a, &f);
	assert_int_equal(v[0].fingerprint.n, FINGERPRINT_HEX);
	assert_false(str_eq(v[0].fingerprint, v[1].fingerprint));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_what_stands_elsewhere),
		cmocka_unit_test(tells_apart),
		cmocka_unit_test(numbers_equals),
		cmocka_unit_test(open_ones_keep_their_names),
		cmocka_unit_test(parts_do_not_run_together),
		cmocka_unit_test(unmarked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
