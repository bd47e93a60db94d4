/* SPDX-License-Identifier: MIT */
/*
 * Running a plan (probe/plan.h) with real sessions: one login at a time, a control session with keepalives beside
 * them, and what the machine itself does (suspend, Ctrl-C) in view.
 */
#ifndef MEASURE_RUN_H
#define MEASURE_RUN_H

#include <signal.h>

#include "measure/ssh.h"
#include "probe/plan.h"
#include "probe/said.h"

enum probe_ending {
	PROBE_WENT_WELL,
	PROBE_STOPPED,	/* Ctrl-C, TERM, HUP */
	PROBE_NO_LOGIN, /* said and line tell why */
	PROBE_PATH_DOWN,
	PROBE_CUT_OFF, /* the control session was ended, not lost: line tells what ssh said */
	PROBE_SLEPT,   /* the machine was suspended, or this program stood still too often */
	PROBE_FAILED,  /* line tells what could not be done any more */
};

struct probe_run {
	struct arena *arena;
	const struct ssh_how *how;
	struct probe_opts opts;
	const volatile sig_atomic_t *stop;
	/* Told about twice a second; NULL: nobody.  p is NULL during the first login. */
	void (*progress)(void *ctx, const struct probe_plan *p, unsigned left_s);
	void *ctx;
};

struct probe_result {
	enum probe_ending ending;
	struct probe_answer answer;
	enum said said; /* PROBE_NO_LOGIN, PROBE_CUT_OFF */
	struct str line;
	unsigned n_connection;
	unsigned closed_s; /* --banner: 0, or when the server or a box hung up */
	int64_t took_ms;
	bool unwatched; /* the sockets could not be seen: what others send went unnoticed */
	bool keepalive; /* the server's own ClientAlive was heard */
	bool made_anew; /* a packet from here brought back what was lost */
};

/* SK_EREAD when ssh cannot be started; *ret has what was known before. */
SK_CHECK enum sk_code probe_run(const struct probe_run *r, struct probe_result *ret, struct err *e);
int64_t probe_now_ms(void);
/* Milliseconds that this machine slept since it booted. */
int64_t probe_slept_ms(void);

#endif
