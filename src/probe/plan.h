/* SPDX-License-Identifier: MIT */
/*
 * Which silences to try, in what order, and what their ends say: a ladder, then bisection inside the bracket.
 * Opens nothing and knows no clock; the caller runs the trials and tells how they ended.
 *
 * A trial is one connection that is silent for silence_s seconds and then hears one packet, from one end.  A silence
 * is survived when both ends' packets come through, each on a connection of its own, because the first packet would
 * reset the timer for the second.  What died in silence is tried twice before it is believed.
 */
#ifndef PROBE_PLAN_H
#define PROBE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

enum probe_dir { PROBE_FROM_SERVER, PROBE_FROM_CLIENT, PROBE_DIRS };

enum probe_fate {
	PROBE_ALIVE,
	PROBE_SILENT, /* nothing came through, and nothing said so */
	PROBE_RESET,
	PROBE_CLOSED,
	PROBE_VOID, /* says nothing about the path: it is tried again */
};

enum { PROBE_PARALLEL_MAX = 12 };

struct probe_opts {
	unsigned max_s; /* at least 1 */
	unsigned
	    resolution_s;  /* of large numbers; what is below 20 times that is narrowed to a twentieth, at least 1 */
	unsigned parallel; /* connections at once, 1 to PROBE_PARALLEL_MAX */
	bool client_only;  /* the far end says nothing by itself: half of the truth */
};

enum probe_state { PROBE_WAITS, PROBE_RUNS, PROBE_ENDED, PROBE_DROPPED };

struct probe_trial {
	unsigned silence_s; /* to be tried */
	enum probe_dir dir;
	enum probe_state state;
	enum probe_fate fate; /* when it ended */
	unsigned heard_s;     /* when it ended: the silence that this shows, see probe_plan_end() */
	unsigned seen_s;      /* the same, without a second's grace for clocks */
};

struct probe_plan {
	struct probe_opts o;
	struct probe_trial *v;
	size_t n, cap;
	bool done;
	unsigned spoken_s; /* 0, or: somebody else breaks each silence after this many seconds */
};

struct probe_answer {
	unsigned low_s;		   /* longest silence survived */
	unsigned high_s;	   /* shortest one that was not; 0: none was found */
	bool died[PROBE_DIRS];	   /* whose packets were lost there */
	bool survived[PROBE_DIRS]; /* whose packets came through after high_s or more */
	enum probe_fate symptom;   /* PROBE_ALIVE when high_s is 0 */
	unsigned spoken_s;	   /* as in the plan */
	bool whole;		   /* nothing is left to try */
};

void probe_plan_init(struct probe_plan *p, const struct probe_opts *o);
void probe_plan_release(struct probe_plan *p);
/* The next trial to start, now marked as running; SIZE_MAX: none at the moment, or the plan is done. */
size_t probe_plan_next(struct probe_plan *p);
/*
 * Trial i ended.  heard_s: for PROBE_ALIVE the longest silence that was really on the wire (less than silence_s when
 * somebody else spoke), for the deaths the age of the silence when the end was seen or asked for: more than silence_s
 * when that was late, and above the maximum as good as PROBE_VOID.
 */
void probe_plan_end(struct probe_plan *p, size_t i, enum probe_fate fate, unsigned heard_s);
/* Does trial i, waiting or running, still teach anything?  One that does not is to be stopped and dropped. */
bool probe_plan_wants(const struct probe_plan *p, size_t i);
void probe_plan_drop(struct probe_plan *p, size_t i);
/* How a death looks, when more is learnt of it after its end. */
void probe_plan_looks(struct probe_plan *p, size_t i, enum probe_fate fate);
struct probe_answer probe_plan_answer(const struct probe_plan *p);
/* At most this many seconds are left when the trials that run have age_s behind them; wait_s: added to each round. */
unsigned probe_plan_left(const struct probe_plan *p, unsigned age_s, unsigned wait_s);

#endif
