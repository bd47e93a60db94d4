/* SPDX-License-Identifier: MIT */
/* Policies: the shipped ones are those of the contract, and bad ones are refused. */
#include "test_model.h"

static struct arena arena;

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_shipped(void **state)
{
	const struct policy want[] = {
		{ STR("interactive"), STR(""), 240, 2, 90, 300, 60, 0 },
		{ STR("laptop"), STR(""), 240, 2, 180, 1200, 180, 0 },
		{ STR("tunnel"), STR(""), 240, 3, 45, 120, 20, 0 },
		{ STR("battery"), STR(""), 240, 1.25, 180, 900, 120, 0 },
		{ STR("batch"), STR(""), 240, 2, 60, 300, 60, 0 },
		{ STR("server"), STR(""), 240, 1.25, 60, 900, 60, 0 },
	};
	struct policies p = { 0 };
	size_t i;

	(void)state;
	load_shipped(&arena, NULL, &p);
	t_eq_u64(p.n, sizeof(want) / sizeof(want[0]));
	for (i = 0; i < p.n; i++) {
		const struct policy *x = policy_find(&p, want[i].name);

		assert_non_null(x);
		t_near(x->assumed_timeout_s, want[i].assumed_timeout_s, 0);
		t_near(x->margin, want[i].margin, 1e-9);
		t_near(x->notice_min_s, want[i].notice_min_s, 0);
		t_near(x->notice_max_s, want[i].notice_max_s, 0);
		t_near(x->outage_s, want[i].outage_s, 0);
		assert_true(x->measured_for_s >= 86400);
		assert_true(x->about.n > 0);
	}
	assert_null(policy_find(&p, STR("cis-1")));
}

#define GOOD "about = a\nassumed_timeout = 240s\nmargin = 2\nnotice = 1m-5m\noutage = 1m\nmeasured_for = 1w\n"

static void
test_own(void **state)
{
	struct policies p = { 0 };
	struct err e = { 0 };

	(void)state;
	load_shipped(&arena, NULL, &p);
	t_eq_i64(policy_load(&arena, &p, STR("own.ini"), STR("[laptop]\n" GOOD "[night]\n" GOOD), &e), SK_OK);
	t_eq_u64(p.n, 7);
	t_near(policy_find(&p, STR("laptop"))->notice_max_s, 300, 0);
	t_near(policy_find(&p, STR("night"))->measured_for_s, 604800, 0);
}

static void
test_faults(void **state)
{
	static const struct {
		const char *text, *want;
	} c[] = {
		{ "[x]\nabout = a\n", "bad.ini:1: [x] this key is missing: \"assumed_timeout\"" },
		{ "[x]\nmargin = 1\n", "bad.ini:2: [x] not a value that this key takes: \"1\"" },
		{ "[x]\nmargin = 1,5\n", "bad.ini:2: [x] not a value that this key takes: \"1,5\"" },
		{ "[x]\nmargin = 1.2.3\n", "bad.ini:2: [x] not a value that this key takes: \"1.2.3\"" },
		{ "[x]\nnotice = 5m\n", "bad.ini:2: [x] not a value that this key takes: \"5m\"" },
		{ "[x]\nnotice = 5m-1m\n", "bad.ini:2: [x] not a value that this key takes: \"5m-1m\"" },
		{ "[x]\nassumed_timeout = 0\n", "bad.ini:2: [x] not a value that this key takes: \"0\"" },
		{ "[x]\nspeed = 5\n", "bad.ini:2: [x] unknown key \"speed\"" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct policies p = { 0 };
		struct err e = { 0 };

		t_eq_i64(policy_load(&arena, &p, STR("bad.ini"), str_c(c[i].text), &e), SK_ERULE);
		t_eq_str(str_c(e.msg), c[i].want);
		t_eq_u64(p.n, 0);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shipped, teardown),
		cmocka_unit_test_teardown(test_own, teardown),
		cmocka_unit_test_teardown(test_faults, teardown),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL) != 0;
}
