/* SPDX-License-Identifier: MIT */
/* Splicing edits into bytes. */
#include "t.h"

#include "edit/plan.h"

static void
splice(void **state)
{
	struct arena a = { 0 };
	const struct edit e[] = {
		{ .off = 0, .text = STR("<") },
		{ .off = 1, .len = 2, .text = STR("XYZ"), .order = 1 },
		{ .off = 4, .len = 1, .order = 2 },
		{ .off = 6, .text = STR(">"), .order = 3 },
		{ .off = 6, .text = STR("!"), .order = 4 },
	};

	(void)state;
	t_eq_str(edit_apply(&a, STR("abcdef"), e, 5), "<aXYZdf>!");
	arena_release(&a);
}

static void
nothing_is_the_same_bytes(void **state)
{
	struct arena a = { 0 };
	const struct edit all = { .off = 0, .len = 4 };
	struct str odd = { "a\0\xff\n", 4 };

	(void)state;
	assert_true(str_eq(edit_apply(&a, odd, NULL, 0), odd));
	assert_true(str_eq(edit_apply(&a, (struct str){ 0 }, NULL, 0), (struct str){ 0 }));
	t_eq_u64(edit_apply(&a, odd, &all, 1).n, 0);
	arena_release(&a);
}

static void
inverse_gives_the_input(void **state)
{
	struct arena a = { 0 };
	struct str old = STR("one 300\ntwo\n"), new;
	const struct edit there = { .off = 4, .len = 3, .text = STR("60") },
			  back = { .off = 4, .len = 2, .text = STR("300") };

	(void)state;
	new = edit_apply(&a, old, &there, 1);
	t_eq_str(new, "one 60\ntwo\n");
	assert_true(str_eq(edit_apply(&a, new, &back, 1), old));
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splice),
		cmocka_unit_test(nothing_is_the_same_bytes),
		cmocka_unit_test(inverse_gives_the_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
