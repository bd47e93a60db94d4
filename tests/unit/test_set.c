/* SPDX-License-Identifier: MIT */
#include "base/set.h"
#include "t.h"

enum { MANY = 5000 };

static struct str
name_of(struct arena *a, unsigned i)
{
	return arena_printf(a, "%u", i * 7919u);
}

static void
test_numbers(void **state)
{
	struct arena a = { 0 };
	struct strset s = { 0 };

	(void)state;
	t_eq_u64(strset_find(&s, STR("x")), SIZE_MAX);
	assert_false(strset_has(&s, STR("")));
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < MANY; i++) {
			t_eq_u64(s.n, i);
			assert_true(strset_add(&s, &a, name_of(&a, i)));
			assert_false(strset_add(&s, &a, name_of(&a, i / 2)));
		}
		for (unsigned i = 0; i < MANY; i++) {
			t_eq_u64(strset_find(&s, name_of(&a, i)), i);
			assert_true(str_eq(s.v[i], name_of(&a, i)));
		}
		assert_false(strset_has(&s, name_of(&a, MANY)));
		strset_clear(&s);
		assert_false(strset_has(&s, name_of(&a, 1)));
	}
	strset_release(&s);
	strset_release(&s);
	arena_release(&a);
}

/* Names are bytes, and are copied or borrowed as the caller says. */
static void
test_names(void **state)
{
	struct arena a = { 0 };
	struct strset s = { 0 };
	char text[] = "name";

	(void)state;
	assert_true(strset_add(&s, &a, STR("")));
	assert_false(strset_add(&s, NULL, (struct str){ 0 }));
	assert_true(strset_add(&s, &a, (struct str){ "\0", 1 }));
	assert_true(strset_add(&s, &a, (struct str){ "\0\0", 2 }));
	assert_true(strset_add(&s, &a, (struct str){ text, 4 }));
	text[0] = 'g';
	assert_true(strset_has(&s, STR("name")));
	assert_true(strset_add(&s, NULL, (struct str){ text, 4 }));
	assert_ptr_equal(s.v[strset_find(&s, STR("game"))].p, text);
	strset_release(&s);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest set[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(set, NULL, NULL);
}
