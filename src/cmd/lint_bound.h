/* SPDX-License-Identifier: MIT */
/* What a tree may cost a lint, and how far it is. */
#ifndef CMD_LINT_BOUND_H
#define CMD_LINT_BOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/str.h"

/*
 * What is left of the bounds on a run: a tree may hold many files that are each within theirs.  Generous: ten thousand
 * hosts are far below.
 */
struct lint_budget {
	uint64_t work;	   /* of resolving, as conf.work */
	uint64_t included; /* of Includes: names looked at, files read (each as LINT_READ_STEPS) and KiB of them */
};
#define LINT_WORK_FILE	 1000000000u
#define LINT_WORK_RUN	 6000000000u
#define LINT_INCLUDE_RUN (1u << 26)
#define LINT_GLOB_RUN	 500000000u /* steps of the patterns in [files] */
enum {
	LINT_GLOB_STEPS = 64,
	LINT_MATCH_STEPS = 16,
	LINT_READ_STEPS = 64,
	LINT_FINDINGS = 1 << 18,
	LINT_HOSTS_BYTES = 1 << 28, /* of JSON rows */
	LINT_CPU_S = 120,
	LINT_SAID = 1024,
};

/* A timer of processor time: when it goes off, the program says so and ends with 2. */
struct lint_watch {
	timer_t timer;
	bool on;
	unsigned limit_s;
	char said[LINT_SAID];
	size_t n;
};
void lint_watch_start(struct lint_watch *w, unsigned limit_s); /* w stays where it is until lint_watch_end() */
void lint_watch_file(struct lint_watch *w, struct str file);   /* what is looked at now */
void lint_watch_end(struct lint_watch *w);

/* The progress line. */
struct lint_progress {
	bool on, shown;
	int64_t next_ms; /* not again before, on the monotonic clock */
};
void lint_progress_start(struct lint_progress *p);
void lint_progress_wipe(struct lint_progress *p); /* before anything else is said, and at the end */

#endif
