/* SPDX-License-Identifier: MIT */
/* The expression language: types, three truth values, what is refused. */
#include "t.h"

#include "base/arena.h"
#include "rule/expr.h"

static struct arena arena;

enum { SLOT_INTERVAL, SLOT_COUNT, SLOT_UNKNOWN, SLOT_FLAG, SLOT_TEXT };

static bool
find(void *ctx, struct str name, unsigned *ret_slot, enum xtype *ret_type)
{
	static const struct {
		const char *name;
		enum xtype type;
	} names[] = { { "interval", X_DURATION }, { "count", X_NUMBER }, { "unknown", X_DURATION }, { "flag", X_FLAG },
		{ "text", X_TEXT } };

	(void)ctx;
	for (unsigned i = 0; i < 5; i++)
		if (str_eqc(name, names[i].name)) {
			*ret_slot = i;
			*ret_type = names[i].type;
			return true;
		}
	return false;
}

static bool
keyword(void *ctx, struct str name, unsigned *ret_slot)
{
	enum xtype t;

	return find(ctx, name, ret_slot, &t);
}

static struct xval
get(const void *ctx, unsigned slot)
{
	static const double num[] = { 60, 3, 0, 1, 0 };

	(void)ctx;
	return (struct xval){ .known = slot != SLOT_UNKNOWN, .num = num[slot], .text = STR("Aws NLB") };
}

static bool
is_set(const void *ctx, unsigned slot, bool *ret_known)
{
	(void)ctx;
	*ret_known = slot != SLOT_UNKNOWN;
	return slot == SLOT_INTERVAL;
}

static struct str
origin(const void *ctx, unsigned slot)
{
	(void)ctx;
	return slot == SLOT_INTERVAL ? STR("file") : STR("default");
}

static int
version(const void *ctx)
{
	(void)ctx;
	return 90201; /* 9.2p1 */
}

static const struct xnames names = { .find = find, .keyword = keyword };
static const struct xenv env = { .get = get, .is_set = is_set, .origin = origin, .version = version };

static bool
fires(const char *text)
{
	const struct expr *x = NULL;
	struct err e = { 0 };

	if (expr_compile(&arena, str_c(text), &names, &x, &e) != SK_OK) {
		print_error("%s: %s\n", text, e.msg);
		fail();
	}
	return expr_true(x, &env);
}

static const char *
refused(const char *text)
{
	static struct err e;
	const struct expr *x = NULL;

	assert_int_equal(expr_compile(&arena, str_c(text), &names, &x, &e), SK_ERULE);
	return e.msg;
}

static void
arithmetic_has_units(void **state)
{
	(void)state;
	assert_true(fires("interval == 60"));
	assert_true(fires("interval == 1m"));
	assert_true(fires("interval * count == 180s"));
	assert_true(fires("count * interval + 1m == 4m"));
	assert_true(fires("interval / 20s == 3"));
	assert_true(fires("240s / interval == 4"));
	assert_true(fires("interval / 2 == 30"));
	assert_true(fires("2 + 2 * 2 == 6"));
	assert_true(fires("(2 + 2) * 2 == 8"));
	assert_true(fires("10 - 2 - 3 == 5"));
	assert_true(fires("min(interval, 30, never) == 30s"));
	assert_true(fires("max(count, 2) == 3"));
	assert_true(fires("interval < never"));
	assert_true(fires("never == never"));
	assert_true(fires("count == 3.0"));
}

static void
unknown_is_a_third_value(void **state)
{
	(void)state;
	assert_false(fires("unknown > 0"));
	assert_false(fires("not unknown > 0"));
	assert_false(fires("unknown > 0 or unknown <= 0"));
	assert_true(fires("unknown > 0 or true"));
	assert_true(fires("true or unknown > 0"));
	assert_true(fires("not (unknown > 0 and false)"));
	assert_false(fires("known(unknown)"));
	assert_true(fires("not known(unknown) and known(interval)"));
	assert_false(fires("set(unknown)"));
	/* Zero is the smallest duration there is, whatever the other one may be. */
	assert_true(fires("min(unknown, 0s) == 0"));
	assert_true(fires("max(unknown, never) == never"));
}

static void
names_texts_and_functions(void **state)
{
	(void)state;
	assert_true(fires("flag"));
	assert_false(fires("not flag"));
	assert_true(fires("text == \"aws nlb\""));
	assert_true(fires("text matches \"azure*,aws*\""));
	assert_false(fires("text matches \"!aws*,*\""));
	assert_true(fires("set(interval) and not set(count)"));
	assert_true(fires("origin(interval) == \"file\""));
	assert_true(fires("version(9.2) and version(6.6) and not version(9.5)"));
	assert_true(fires(" interval\n  == 60 "));
}

static void
mixtures_are_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ "interval == count", "== cannot join a duration and a number" },
		{ "interval * interval > 1s", "* cannot join a duration and a duration" },
		{ "count / interval > 1", "/ cannot join a number and a duration" },
		{ "interval + count > 1", "+ cannot join a duration and a number" },
		{ "text < \"a\"", "< cannot join a text and a text" },
		{ "flag and interval", "and cannot join a flag and a duration" },
		{ "not count", "not cannot join a number and a number" },
		{ "nosuch == 1", "no such name: nosuch" },
		{ "interval == 1y", "not a number with a unit of s, m, h, d or w: 1y" },
		{ "interval ==", "the expression ends too early" },
		{ "(interval == 1", "a closing parenthesis is missing before: " },
		{ "interval == 1 )", "cannot read: )" },
		{ "text == \"a", "text without a closing quote: \"a" },
		{ "foo(1)", "no such function: foo" },
		{ "set(nosuch)", "not a keyword of this side: nosuch" },
		{ "version(1)", "version() takes a release such as 8.2, not: 1" },
		{ "text matches count", "matches cannot join a text and a number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(refused(bad[i].text), bad[i].why);
}

static void
depth_is_bounded(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_addn(&b, '(', 100000);
	assert_string_equal(refused(b.p), "nested too deeply");
	buf_clear(&b);
	for (int i = 0; i < 1000; i++)
		buf_addc(&b, "not ");
	assert_string_equal(refused(b.p), "nested too deeply");
	buf_release(&b);
}

static int
done(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest expr[] = {
		cmocka_unit_test(arithmetic_has_units),
		cmocka_unit_test(unknown_is_a_third_value),
		cmocka_unit_test(names_texts_and_functions),
		cmocka_unit_test(mixtures_are_refused),
		cmocka_unit_test(depth_is_bounded),
	};

	return cmocka_run_group_tests(expr, NULL, done) != 0;
}
