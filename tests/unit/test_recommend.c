/* SPDX-License-Identifier: MIT */
/* Recommended settings: the examples of the contract, and what holds for every recommendation. */
#include "test_model.h"

static struct arena arena;
static struct policies policies;

static int
setup(void **state)
{
	(void)state;
	memset(&policies, 0, sizeof(policies));
	load_shipped(&arena, NULL, &policies);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_examples(void **state)
{
	static const struct {
		const char *policy;
		double timeout, factor, i, n;
		const char *missed;
	} c[] = {
		{ "interactive", 350, 1, 60, 3, "" },
		{ "interactive", 6, 1, 3, 30, "the outage to survive" },
		{ "interactive", 240, 1, 60, 3, "" },
		{ "interactive", INFINITY, 1, 60, 3, "" },
		{ "tunnel", 240, 1, 30, 3, "" },
		{ "tunnel", 60, 1, 20, 3, "" },
		{ "server", 240, 2, 90, 3, "" }, /* 9.2 acts as 180 */
		{ "server", 240, 1, 180, 3, "" },
		{ "laptop", 240, 1, 60, 5, "" },
		{ "batch", 240, 1, 60, 3, "" },
		{ "battery", 240, 1, 120, 3, "" },
		/* No ladder step keeps the margin. */
		{ "interactive", 1, 1, 1, 90, "the smallest margin" },
	};
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(c) / sizeof(c[0]); k++) {
		double i, n;
		const char *missed;

		recommend(policy_find(&policies, str_c(c[k].policy)), QTY(c[k].timeout), QTY(924.6), c[k].factor, &i,
		    &n, &missed);
		if (i != c[k].i || n != c[k].n || strcmp(missed, c[k].missed) != 0)
			fail_msg("%s on %g: %g x %g \"%s\", wanted %g x %g \"%s\"", c[k].policy, c[k].timeout, i, n,
			    missed, c[k].i, c[k].n, c[k].missed);
	}
}

/* Whatever the path: a probe before it forgets, a count that is not 0, and what is not missed is met. */
static void
test_holds_for_all(void **state)
{
	static const double timeout[] = { 3, 4, 6, 10, 25, 30, 50, 60, 100, 240, 255, 300, 340, 350, 600, 900, 1200,
		3600, 7440, 432000, INFINITY };
	static const double R[] = { 12.6, 102.2, 924.6, INFINITY };
	size_t p, t, r;
	double f;

	(void)state;
	for (p = 0; p < policies.n; p++) {
		for (t = 0; t < sizeof(timeout) / sizeof(timeout[0]); t++) {
			for (r = 0; r < sizeof(R) / sizeof(R[0]); r++) {
				for (f = 1; f <= 2; f++) {
					const struct policy *x = &policies.v[p];
					struct qty act;
					double i, n;
					const char *missed;

					recommend(x, QTY(timeout[t]), QTY(R[r]), f, &i, &n, &missed);
					act = QTY(i * f);
					assert_true(i >= 1 && n >= 1 && i <= 600);
					if (strcmp(missed, "the smallest margin") != 0)
						assert_true(timeout[t] / act.v >= x->margin);
					if (strcmp(missed, "") != 0)
						continue;
					assert_true(clock_notice_min(act, QTY(n), QTY(R[r])).v >= x->notice_min_s);
					assert_true(clock_notice_max(act, QTY(n), QTY(R[r])).v <= x->notice_max_s);
					assert_true(clock_outage_end(act, QTY(n), QTY(R[r])).v >= x->outage_s);
				}
			}
		}
	}
}

/* A kernel that gives up early cannot be talked out of it: the band is missed, the margin is kept. */
static void
test_small_retries2(void **state)
{
	double i, n;
	const char *missed;

	(void)state;
	recommend(policy_find(&policies, STR("interactive")), QTY(350), QTY(12.6), 1, &i, &n, &missed);
	t_near(i, 120, 0);
	t_near(n, 3, 0);
	assert_string_equal(missed, "the notice band and the outage to survive");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_examples, setup, teardown),
		cmocka_unit_test_setup_teardown(test_holds_for_all, setup, teardown),
		cmocka_unit_test_setup_teardown(test_small_retries2, setup, teardown),
	};

	return cmocka_run_group_tests_name("recommend", tests, NULL, NULL) != 0;
}
