/* SPDX-License-Identifier: MIT */
/* Rounds of trials: a ladder up to the maximum, bisection once a death is known, and a second look at lone deaths. */
#include "probe/plan.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LADDER_FROM_S = 10, LADDER_PARTS = 16, BOTH = 2, SURE = 2, SLACK_S = 1, FINE_PARTS = 20, TRIES_MAX = 8 };

static bool
is_death(const struct probe_trial *t)
{
	return t->state == PROBE_ENDED &&
	    (t->fate == PROBE_SILENT || t->fate == PROBE_RESET || t->fate == PROBE_CLOSED);
}

static bool
is_life(const struct probe_trial *t)
{
	return t->state == PROBE_ENDED && t->fate == PROBE_ALIVE;
}

/* How narrow the bracket below high shall be. */
static unsigned
fine_s(const struct probe_plan *p, unsigned high)
{
	unsigned fine = high / FINE_PARTS > 0 ? high / FINE_PARTS : 1;

	return fine < p->o.resolution_s ? fine : p->o.resolution_s;
}

/* Trials of one direction that died, and that lived, after exactly this silence. */
static void
count_at(const struct probe_plan *p, enum probe_dir dir, unsigned s, unsigned *ret_dead, unsigned *ret_alive)
{
	*ret_dead = *ret_alive = 0;
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].dir != dir || p->v[i].heard_s != s)
			continue;
		*ret_dead += is_death(&p->v[i]);
		*ret_alive += is_life(&p->v[i]);
	}
}

/* Deaths outnumber what lived: a tie is tried again, and counts as a death until then. */
static bool
dies_at(const struct probe_plan *p, enum probe_dir dir, unsigned s)
{
	unsigned dead, alive;

	count_at(p, dir, s, &dead, &alive);
	return dead > 0 && dead >= alive;
}

static unsigned
high_of(const struct probe_plan *p)
{
	unsigned high = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct probe_trial *t = &p->v[i];

		if (is_death(t) && (high == 0 || t->heard_s < high) && dies_at(p, t->dir, t->heard_s))
			high = t->heard_s;
	}
	return high;
}

/* Longest silence that one direction survived, below what is known to die. */
static unsigned
low_of(const struct probe_plan *p, enum probe_dir dir, unsigned high)
{
	unsigned low = 0;

	for (size_t i = 0; i < p->n; i++)
		if (is_life(&p->v[i]) && p->v[i].dir == dir && p->v[i].heard_s > low &&
		    (high == 0 || p->v[i].heard_s < high))
			low = p->v[i].heard_s;
	return low;
}

static unsigned
low_of_both(const struct probe_plan *p, unsigned high)
{
	unsigned server = low_of(p, PROBE_FROM_SERVER, high), client = low_of(p, PROBE_FROM_CLIENT, high);

	return server < client && !p->o.client_only ? server : client;
}

/*
 * Is the death at high beyond doubt?  A reset or close is a packet that says so; silence may be bad luck and needs a
 * second connection, of either direction.  Undecided directions are tried again.
 */
static bool
is_sure(const struct probe_plan *p, unsigned high)
{
	unsigned witness = 0, dead, alive;

	for (size_t i = 0; i < p->n; i++)
		if (is_death(&p->v[i]) && p->v[i].heard_s == high)
			witness += p->v[i].fate == PROBE_SILENT ? 1 : SURE;
	for (int dir = 0; dir < PROBE_DIRS; dir++) {
		count_at(p, (enum probe_dir)dir, high, &dead, &alive);
		if (dead > 0 && dead == alive)
			return false;
	}
	return witness >= SURE;
}

static void
add(struct probe_plan *p, unsigned s, enum probe_dir dir)
{
	MEM_GROW(p->v, p->cap, p->n + 1);
	p->v[p->n++] = (struct probe_trial){ .silence_s = s, .dir = dir };
}

static void
add_both(struct probe_plan *p, unsigned s)
{
	if (!p->o.client_only)
		add(p, s, PROBE_FROM_SERVER);
	add(p, s, PROBE_FROM_CLIENT);
}

static unsigned
points(const struct probe_plan *p)
{
	return p->o.parallel / BOTH > 0 ? p->o.parallel / BOTH : 1;
}

/* The factor that, taken n times, leads from one to many. */
static double
root(double many, unsigned n)
{
	double lo = 1, hi = many;

	for (int i = 0; i < 60; i++) {
		double mid = (lo + hi) / 2, v = 1;

		for (unsigned k = 0; k < n; k++)
			v *= mid;
		if (v < many)
			lo = mid;
		else
			hi = mid;
	}
	return hi;
}

/* Rungs that grow by the same factor, the last one at the maximum. */
static void
add_ladder(struct probe_plan *p, unsigned low)
{
	unsigned n = points(p), last = low, from = p->o.max_s / LADDER_PARTS;
	double at, step;

	if (from > LADDER_FROM_S)
		from = LADDER_FROM_S;
	if (from < low)
		from = low;
	if (from < 1)
		from = 1;
	at = from;
	step = root((double)p->o.max_s / from, n);
	for (unsigned i = 1; i <= n; i++) {
		unsigned s;

		at *= step;
		s = i == n ? p->o.max_s : (unsigned)(at + 0.5);
		if (s <= last || s > p->o.max_s)
			continue;
		add_both(p, s);
		last = s;
	}
}

static void
add_between(struct probe_plan *p, unsigned low, unsigned high)
{
	unsigned n = points(p), last = low;

	for (unsigned i = 1; i <= n; i++) {
		unsigned s = low + (unsigned)(((unsigned long long)(high - low) * i + n / 2) / (n + 1));

		if (s <= last || s >= high || (p->spoken_s > 0 && s > p->spoken_s))
			continue;
		add_both(p, s);
		last = s;
	}
}

/* How often this silence was tried to its end, whatever came of it. */
static unsigned
tries_of(const struct probe_plan *p, enum probe_dir dir, unsigned s)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->v[i].dir == dir && p->v[i].silence_s == s && p->v[i].state == PROBE_ENDED;
	return n;
}

/* The same silence again, in the directions that died of it; where somebody else speaks now, not for ever. */
static void
add_again(struct probe_plan *p, unsigned high)
{
	for (int dir = 0; dir < PROBE_DIRS; dir++)
		if (dies_at(p, (enum probe_dir)dir, high) && tries_of(p, (enum probe_dir)dir, high) < TRIES_MAX)
			add(p, high, (enum probe_dir)dir);
}

/*
 * Is it known what becomes of this direction around high?  Alive counts only clearly above it: the two directions of
 * one trial are never asked in the same instant.  Who lived through such a trial because somebody else spoke showed
 * all that it can show.
 */
static bool
knows(const struct probe_plan *p, enum probe_dir dir, unsigned high)
{
	if (dir == PROBE_FROM_SERVER && p->o.client_only)
		return true;
	for (size_t i = 0; i < p->n; i++) {
		const struct probe_trial *t = &p->v[i];

		if (t->dir == dir &&
		    ((is_death(t) && t->heard_s <= high + fine_s(p, high)) ||
			(is_life(t) && t->silence_s >= high + fine_s(p, high))))
			return true;
	}
	return false;
}

static void
add_missing(struct probe_plan *p, unsigned high)
{
	for (int dir = 0; dir < PROBE_DIRS; dir++)
		if (!knows(p, (enum probe_dir)dir, high))
			add(p, high + fine_s(p, high), (enum probe_dir)dir);
}

static void
plan_round(struct probe_plan *p)
{
	unsigned high = high_of(p), low = low_of_both(p, high), top = high;
	size_t had = p->n;

	if (high > 0 && !is_sure(p, high))
		add_again(p, high);
	if (high > 0 && (p->spoken_s == 0 || p->spoken_s >= high))
		add_missing(p, high);
	if (p->spoken_s > 0 && (top == 0 || top > p->spoken_s + SLACK_S))
		top = p->spoken_s;
	if (high == 0 && p->spoken_s == 0 && low < p->o.max_s)
		add_ladder(p, low);
	else if (top > low && top - low > fine_s(p, top))
		add_between(p, low, top);
	p->done = p->n == had;
}

void
probe_plan_init(struct probe_plan *p, const struct probe_opts *o)
{
	memset(p, 0, sizeof *p);
	p->o = *o;
	plan_round(p);
}

void
probe_plan_release(struct probe_plan *p)
{
	free(p->v);
	memset(p, 0, sizeof *p);
}

/*
 * Above a death only the other direction is of interest: a trial that asks just for that, or the next one that runs
 * when the box ended the connection by itself, and will end this one in the same moment.
 */
static bool
wants_above(const struct probe_plan *p, const struct probe_trial *t, unsigned high)
{
	bool early = false;

	if (knows(p, t->dir, high))
		return false;
	if (t->silence_s <= high + fine_s(p, high))
		return true;
	for (size_t i = 0; i < p->n; i++) {
		const struct probe_trial *o = &p->v[i];

		early = early || (is_death(o) && o->heard_s == high && o->silence_s > high);
		if (o->state == PROBE_RUNS && o->dir == t->dir && o->silence_s >= high && o->silence_s < t->silence_s)
			return false;
	}
	return early && t->state == PROBE_RUNS;
}

bool
probe_plan_wants(const struct probe_plan *p, size_t i)
{
	const struct probe_trial *t = &p->v[i];
	unsigned high = high_of(p), dead, alive;

	if (high > 0 && t->silence_s > high)
		return wants_above(p, t, high);
	if (p->spoken_s > 0 && high == 0 && t->silence_s > p->spoken_s)
		return false;
	if (high > 0 && t->silence_s == high) {
		/* again, or the other direction */
		count_at(p, t->dir, high, &dead, &alive);
		return dead + alive == 0 || !is_sure(p, high);
	}
	return t->silence_s > low_of(p, t->dir, high);
}

/* Nothing waits or runs any more: the next round, or the end. */
static void
settle(struct probe_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].state == PROBE_RUNS || p->v[i].state == PROBE_WAITS)
			return;
	if (!p->done)
		plan_round(p);
}

size_t
probe_plan_next(struct probe_plan *p)
{
	unsigned running = 0;

	if (p->done)
		return SIZE_MAX;
	for (size_t i = 0; i < p->n; i++)
		running += p->v[i].state == PROBE_RUNS;
	if (running >= p->o.parallel)
		return SIZE_MAX;
	for (size_t i = 0; i < p->n; i++) {
		if (p->v[i].state != PROBE_WAITS)
			continue;
		if (!probe_plan_wants(p, i)) {
			p->v[i].state = PROBE_DROPPED;
			continue;
		}
		p->v[i].state = PROBE_RUNS;
		return i;
	}
	if (running > 0)
		return SIZE_MAX;
	settle(p);
	return p->done ? SIZE_MAX : probe_plan_next(p);
}

/* Where somebody speaks, the second that was forgiven may have been theirs: what lived shows only what was seen. */
static void
unround(struct probe_plan *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (is_life(&p->v[i]) && p->v[i].seen_s < p->v[i].heard_s)
			p->v[i].heard_s = p->v[i].seen_s;
}

void
probe_plan_end(struct probe_plan *p, size_t i, enum probe_fate fate, unsigned heard_s)
{
	struct probe_trial *t = &p->v[i];
	bool late = fate != PROBE_ALIVE && heard_s > t->silence_s + SLACK_S;

	if (fate == PROBE_VOID || (late && heard_s > p->o.max_s)) {
		t->state = PROBE_WAITS;
		return;
	}
	t->state = PROBE_ENDED;
	t->fate = fate;
	t->seen_s = heard_s > 0 ? heard_s : 1;
	/* clocks of both ends and the way between them: a second is no finding */
	t->heard_s = !late && heard_s + SLACK_S >= t->silence_s ? t->silence_s : t->seen_s;
	if (fate == PROBE_ALIVE && t->heard_s < t->silence_s && (p->spoken_s == 0 || t->heard_s < p->spoken_s))
		p->spoken_s = t->heard_s;
	if (p->spoken_s > 0)
		unround(p);
}

void
probe_plan_drop(struct probe_plan *p, size_t i)
{
	p->v[i].state = PROBE_DROPPED;
}

void
probe_plan_looks(struct probe_plan *p, size_t i, enum probe_fate fate)
{
	if (is_death(&p->v[i]))
		p->v[i].fate = fate;
}

struct probe_answer
probe_plan_answer(const struct probe_plan *p)
{
	/* what was seen rather than missed counts: the first in this list that occurs */
	static const enum probe_fate order[] = { PROBE_CLOSED, PROBE_RESET, PROBE_SILENT };
	struct probe_answer a = { .high_s = high_of(p), .symptom = PROBE_ALIVE, .spoken_s = p->spoken_s };

	a.low_s = low_of_both(p, a.high_s);
	/* those who speak do not keep time to the second: what was survived was also possible */
	if (a.spoken_s > 0 && a.spoken_s < a.low_s)
		a.spoken_s = a.low_s;
	a.whole = p->done;
	if (a.high_s == 0)
		return a;
	for (size_t i = 0; i < p->n; i++) {
		const struct probe_trial *t = &p->v[i];

		if (is_death(t) && t->heard_s <= a.high_s + fine_s(p, a.high_s) && dies_at(p, t->dir, t->heard_s))
			a.died[t->dir] = true;
		if (is_life(t) && t->heard_s >= a.high_s + fine_s(p, a.high_s))
			a.survived[t->dir] = true;
	}
	for (size_t k = 0; k < sizeof order / sizeof *order && a.symptom == PROBE_ALIVE; k++)
		for (size_t i = 0; i < p->n; i++)
			if (is_death(&p->v[i]) && p->v[i].fate == order[k] && p->v[i].heard_s == a.high_s)
				a.symptom = order[k];
	return a;
}

unsigned
probe_plan_left(const struct probe_plan *p, unsigned age_s, unsigned wait_s)
{
	unsigned high = high_of(p), longest = 0, left, rounds = 0;

	if (p->done)
		return 0;
	for (size_t i = 0; i < p->n; i++)
		if ((p->v[i].state == PROBE_RUNS || p->v[i].state == PROBE_WAITS) && p->v[i].silence_s > longest)
			longest = p->v[i].silence_s;
	left = longest + wait_s > age_s ? longest + wait_s - age_s : 0;
	if (high == 0)
		return left;
	/* each round leaves one part of the bracket, and takes as long as its upper end */
	for (unsigned gap = high - low_of_both(p, high); gap > fine_s(p, high); rounds++)
		gap = (gap + points(p)) / (points(p) + 1);
	if (rounds > 0 && longest > 0)
		rounds--; /* it runs */
	return left + rounds * (high + wait_s);
}
