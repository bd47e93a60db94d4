/* SPDX-License-Identifier: MIT */
/* The plan of probe against simulated paths: it finds the number, never claims a silence that was lost, and ends. */
#include "probe/plan.h"
#include "t.h"

/* A path: each direction forgets after some seconds (0: never); and what else may happen on it. */
struct sim {
	unsigned forgets_s[PROBE_DIRS];
	enum probe_fate looks;
	bool at_expiry;	   /* the box itself ends the connection when the time is over */
	unsigned speaks_s; /* somebody breaks the silence this often; 0: nobody */
	unsigned unlucky;  /* every so many trials, one that should live is lost; 0: none */
	unsigned void_every;
	unsigned late_every, late_s; /* every so many trials is asked so much later */
	size_t n_trial, n_at_once;
};

static void
end_trial(struct probe_plan *p, struct sim *s, size_t i)
{
	const struct probe_trial t = p->v[i];
	unsigned T = s->forgets_s[t.dir];
	unsigned silence = s->speaks_s > 0 && s->speaks_s < t.silence_s ? s->speaks_s : t.silence_s;

	unsigned late = 0;

	s->n_trial++;
	if (s->late_every > 0 && s->n_trial % s->late_every == 0)
		late = s->late_s;
	silence += late;
	if (s->void_every > 0 && s->n_trial % s->void_every == 0)
		probe_plan_end(p, i, PROBE_VOID, 0);
	else if (T > 0 && silence >= T)
		probe_plan_end(p, i, s->looks, s->at_expiry ? T : t.silence_s + late);
	else if (s->unlucky > 0 && s->n_trial % s->unlucky == 0)
		probe_plan_end(p, i, PROBE_SILENT, t.silence_s);
	else
		probe_plan_end(p, i, PROBE_ALIVE, silence);
}

/* All that may run starts; then the shortest ends, and what is not wanted any more is dropped. */
static struct probe_answer
run(struct sim *s, unsigned max_s, unsigned resolution_s, unsigned parallel)
{
	struct probe_opts o = { .max_s = max_s, .resolution_s = resolution_s, .parallel = parallel };
	struct probe_plan p;
	struct probe_answer a;

	probe_plan_init(&p, &o);
	for (unsigned steps = 0; !p.done; steps++) {
		size_t first = SIZE_MAX, running = 0;

		assert_true(steps < 3000);
		while (probe_plan_next(&p) != SIZE_MAX)
			;
		for (size_t i = 0; i < p.n; i++) {
			if (p.v[i].state != PROBE_RUNS)
				continue;
			running++;
			assert_in_range(p.v[i].silence_s, 1, max_s + resolution_s);
			if (first == SIZE_MAX || p.v[i].silence_s < p.v[first].silence_s)
				first = i;
		}
		assert_true(running <= parallel);
		if (running > s->n_at_once)
			s->n_at_once = running;
		if (first == SIZE_MAX)
			break;
		end_trial(&p, s, first);
		for (size_t i = 0; i < p.n; i++)
			if (p.v[i].state == PROBE_RUNS && !probe_plan_wants(&p, i))
				probe_plan_drop(&p, i);
		assert_true(probe_plan_left(&p, 0, 5) < 40 * (max_s + 5));
	}
	a = probe_plan_answer(&p);
	assert_true(a.whole);
	probe_plan_release(&p);
	return a;
}

static const unsigned forgets[] = { 1, 2, 3, 10, 20, 45, 60, 240, 300, 350, 599, 600, 1200, 3599, 3600 };

static void
test_finds_any_number(void **state)
{
	(void)state;
	for (unsigned parallel = 1; parallel <= PROBE_PARALLEL_MAX; parallel++)
		for (size_t i = 0; i < sizeof forgets / sizeof *forgets; i++)
			for (unsigned resolution = 1; resolution <= 10; resolution += 3) {
				struct sim s = { .forgets_s = { forgets[i], forgets[i] }, .looks = PROBE_SILENT };
				struct probe_answer a = run(&s, 3600, resolution, parallel);

				assert_true(a.low_s < forgets[i] && a.high_s >= forgets[i]);
				assert_true(a.high_s - a.low_s <= resolution);
				t_eq_i64(a.symptom, PROBE_SILENT);
				assert_true(a.died[PROBE_FROM_SERVER] && a.died[PROBE_FROM_CLIENT]);
				assert_true(s.n_trial < 90);
			}
}

static void
test_smaller_direction(void **state)
{
	(void)state;
	for (int first = 0; first < PROBE_DIRS; first++)
		for (unsigned other = 0; other <= 500; other += 500) {
			struct sim s = { .looks = PROBE_SILENT };
			struct probe_answer a;

			s.forgets_s[first] = 100;
			s.forgets_s[1 - first] = other;
			a = run(&s, 600, 1, 6);
			t_eq_u64(a.low_s, 99);
			t_eq_u64(a.high_s, 100);
			assert_true(a.died[first] && !a.died[1 - first]);
			assert_true(a.survived[1 - first]);
		}
}

static void
test_nothing_below(void **state)
{
	static const unsigned max_s[] = { 1, 2, 5, 15, 3900 };

	(void)state;
	for (size_t i = 0; i < sizeof max_s / sizeof *max_s; i++)
		for (unsigned parallel = 1; parallel <= PROBE_PARALLEL_MAX; parallel++) {
			struct sim s = { .forgets_s = { 0, max_s[i] + 1 }, .looks = PROBE_SILENT };
			struct probe_answer a = run(&s, max_s[i], 1, parallel);

			t_eq_u64(a.low_s, max_s[i]);
			t_eq_u64(a.high_s, 0);
			t_eq_i64(a.symptom, PROBE_ALIVE);
		}
}

static void
test_looks(void **state)
{
	static const enum probe_fate looks[] = { PROBE_SILENT, PROBE_RESET, PROBE_CLOSED };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (int at_expiry = 0; at_expiry < 2; at_expiry++) {
			struct sim s = { .forgets_s = { 45, 45 }, .looks = looks[i], .at_expiry = at_expiry != 0 };
			struct probe_answer a = run(&s, 3600, 1, 8);

			t_eq_i64(a.symptom, looks[i]);
			t_eq_u64(a.low_s, 44);
			t_eq_u64(a.high_s, 45);
			assert_true(a.died[PROBE_FROM_SERVER] && a.died[PROBE_FROM_CLIENT]);
		}
}

/* A lost packet now and then shifts nothing; the answer is never above the truth. */
static void
test_bad_luck(void **state)
{
	(void)state;
	for (unsigned every = 5; every < 40; every++) {
		struct sim s = { .forgets_s = { 300, 300 }, .looks = PROBE_SILENT, .unlucky = every };
		struct probe_answer a = run(&s, 3600, 5, 8);

		assert_true(a.low_s < 300 && a.whole);
		assert_true(a.high_s > 0 && a.high_s <= 305);
	}
	for (unsigned every = 7; every < 40; every++) {
		struct sim s = { .unlucky = every, .looks = PROBE_SILENT };
		struct probe_answer a = run(&s, 3600, 5, 8);

		/* one death in so many is tried again and does not count */
		t_eq_u64(a.high_s, 0);
		t_eq_u64(a.low_s, 3600);
	}
}

/* Somebody speaks: nothing beyond that is claimed. */
static void
test_spoken(void **state)
{
	(void)state;
	for (unsigned forgets_s = 0; forgets_s <= 300; forgets_s += 5) {
		struct sim s = { .forgets_s = { forgets_s, forgets_s }, .looks = PROBE_SILENT, .speaks_s = 60 };
		struct probe_answer a = run(&s, 600, 1, 8);

		assert_true(a.low_s <= 60);
		if (forgets_s > 0 && forgets_s <= 60) {
			assert_true(a.low_s < forgets_s);
			assert_true(a.high_s >= forgets_s);
		} else {
			t_eq_u64(a.high_s, 0);
			t_eq_u64(a.spoken_s, 60);
			assert_in_range(a.low_s, 59, 60);
		}
	}
}

/*
 * One direction forgets, the other survives or forgets later, and somebody speaks around that time: it ends, and no
 * silence is claimed that the worse direction did not survive.
 */
static void
test_spoken_soon_after(void **state)
{
	static const unsigned resolution[] = { 1, 5 }, base[] = { 3, 6, 20, 60, 240, 360, 600, 1200 };

	(void)state;
	for (size_t i = 0; i < sizeof base / sizeof *base; i++)
		for (unsigned speaks = base[i] > 4 ? base[i] - 4 : 1; speaks <= base[i] + 9; speaks++)
			for (unsigned other = 0; other <= base[i] + 8; other = other == 0 ? base[i] : other + 1)
				for (int k = 0; k < 2 * PROBE_DIRS; k++) {
					struct sim s = { .looks = PROBE_SILENT, .speaks_s = speaks };
					struct probe_answer a;

					s.forgets_s[k % PROBE_DIRS] = base[i];
					s.forgets_s[1 - k % PROBE_DIRS] = other;
					a = run(&s, 3900, resolution[k / PROBE_DIRS], 8);
					assert_true(a.low_s < base[i] || (speaks < base[i] && a.low_s <= speaks));
					assert_true(
					    speaks <= base[i] + resolution[k / PROBE_DIRS] || a.high_s >= base[i]);
					assert_true(s.n_trial < 90);
				}
}

/* Somebody speaks every 59 s: a trial of 60 s that lived does not show 60 s. */
static void
test_no_second_is_given(void **state)
{
	(void)state;
	for (unsigned speaks = 1; speaks < 200; speaks++)
		for (unsigned parallel = 1; parallel <= PROBE_PARALLEL_MAX; parallel++) {
			struct sim s = { .speaks_s = speaks };
			struct probe_answer a = run(&s, 600, 1, parallel);

			t_eq_u64(a.high_s, 0);
			t_eq_u64(a.spoken_s, speaks);
			assert_true(a.low_s <= speaks && a.low_s + 1 + speaks / 20 >= speaks);
		}
}

static void
test_failed_logins_are_tried_again(void **state)
{
	struct sim s = { .forgets_s = { 45, 45 }, .looks = PROBE_RESET, .void_every = 3 };
	struct probe_answer a;

	(void)state;
	a = run(&s, 600, 1, 4);
	t_eq_u64(a.low_s, 44);
	t_eq_u64(a.high_s, 45);
}

static void
test_stops_in_the_middle(void **state)
{
	struct probe_opts o = { .max_s = 600, .resolution_s = 5, .parallel = 4 };
	struct probe_plan p;
	struct probe_answer a;
	size_t i;

	(void)state;
	probe_plan_init(&p, &o);
	i = probe_plan_next(&p);
	probe_plan_end(&p, i, PROBE_ALIVE, p.v[i].silence_s);
	a = probe_plan_answer(&p);
	assert_false(a.whole);
	t_eq_u64(a.low_s, 0); /* the other direction may be the smaller one */
	t_eq_u64(a.high_s, 0);
	i = probe_plan_next(&p);
	probe_plan_end(&p, i, PROBE_ALIVE, p.v[i].silence_s);
	t_eq_u64(probe_plan_answer(&p).low_s, p.v[i].silence_s);
	probe_plan_release(&p);
}

/* What was asked late is a death at the age that was asked, not at the silence that was planned. */
static void
test_asked_late(void **state)
{
	static const struct {
		unsigned silence_s, heard_s;
		enum probe_fate fate;
		unsigned want_low_s, want_high_s;
	} row[] = {
		{ 15, 75, PROBE_RESET, 0, 75 }, { 15, 75, PROBE_CLOSED, 0, 75 }, { 15, 75, PROBE_SILENT, 0, 75 },
		{ 15, 17, PROBE_RESET, 0, 17 }, { 15, 16, PROBE_RESET, 0, 15 }, /* a second is the clocks' */
		{ 15, 14, PROBE_RESET, 0, 15 }, { 15, 9, PROBE_CLOSED, 0, 9 },
		{ 15, 75, PROBE_ALIVE, 15, 0 }, /* the other direction lived as long as was planned */
		{ 15, 700, PROBE_RESET, 0, 0 }, /* above the maximum that says nothing */
	};
	struct probe_opts o = { .max_s = 600, .resolution_s = 1, .parallel = 1, .client_only = true };

	(void)state;
	for (size_t k = 0; k < sizeof row / sizeof *row; k++) {
		struct probe_plan p;
		struct probe_answer a;
		size_t i;

		probe_plan_init(&p, &o);
		i = probe_plan_next(&p);
		p.v[i].silence_s = row[k].silence_s;
		probe_plan_end(&p, i, row[k].fate, row[k].heard_s);
		a = probe_plan_answer(&p);
		t_eq_u64(a.low_s, row[k].want_low_s);
		t_eq_u64(a.high_s, row[k].want_high_s);
		t_eq_i64(p.v[i].state, row[k].heard_s > o.max_s ? PROBE_WAITS : PROBE_ENDED);
		probe_plan_release(&p);
	}
}

/* A path of 30 s; every so many trials the asking is late by a minute. */
static void
test_late_now_and_then(void **state)
{
	(void)state;
	for (unsigned every = 2; every < 20; every++)
		for (unsigned parallel = 1; parallel <= 8; parallel++) {
			struct sim s = {
				.forgets_s = { 30, 30 }, .looks = PROBE_RESET, .late_every = every, .late_s = 60
			};
			struct probe_answer a = run(&s, 600, 1, parallel);

			t_eq_u64(a.low_s, 29);
			t_eq_u64(a.high_s, 30);
		}
}

/* Without a login only this side can speak, one connection at a time. */
static void
test_client_only(void **state)
{
	struct probe_opts o = { .max_s = 110, .resolution_s = 1, .parallel = 1, .client_only = true };
	struct probe_plan p;
	struct probe_answer a;
	size_t i;

	(void)state;
	probe_plan_init(&p, &o);
	while ((i = probe_plan_next(&p)) != SIZE_MAX) {
		t_eq_i64(p.v[i].dir, PROBE_FROM_CLIENT);
		probe_plan_end(&p, i, p.v[i].silence_s >= 60 ? PROBE_SILENT : PROBE_ALIVE, p.v[i].silence_s);
	}
	a = probe_plan_answer(&p);
	t_eq_u64(a.low_s, 59);
	t_eq_u64(a.high_s, 60);
	assert_true(a.whole && a.died[PROBE_FROM_CLIENT] && !a.died[PROBE_FROM_SERVER]);
	probe_plan_release(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds_any_number),
		cmocka_unit_test(test_smaller_direction),
		cmocka_unit_test(test_nothing_below),
		cmocka_unit_test(test_looks),
		cmocka_unit_test(test_bad_luck),
		cmocka_unit_test(test_spoken),
		cmocka_unit_test(test_spoken_soon_after),
		cmocka_unit_test(test_no_second_is_given),
		cmocka_unit_test(test_failed_logins_are_tried_again),
		cmocka_unit_test(test_stops_in_the_middle),
		cmocka_unit_test(test_asked_late),
		cmocka_unit_test(test_late_now_and_then),
		cmocka_unit_test(test_client_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
