/* SPDX-License-Identifier: MIT */
/* What a tree may cost: counts of work for a file and a run, a timer for what no count foresees, the progress line. */
#ifndef LINT_BOUND_H
#define LINT_BOUND_H

#include "lint/watch.h"
#include "eval/brief.h"

struct lint;

/*
 * What is left of the bounds on a run: a tree may hold many files that are each within theirs.  Generous: ten thousand
 * hosts are far below.
 */
struct lint_budget {
	uint64_t work;	   /* of resolving, as conf.work */
	uint64_t included; /* of Includes: names looked at, files read (each as LINT_READ_STEPS) and KiB of them */
	uint64_t system;   /* bytes of system configs that are read behind those of users */
	uint64_t globs;	   /* steps of the patterns in [files] */
	const volatile sig_atomic_t *expired; /* of the watch: nothing is left */
};
#define LINT_WORK_FILE	 1000000000u
#define LINT_WORK_RUN	 6000000000u
#define LINT_INCLUDE_RUN (1u << 26)
#define LINT_SYSTEM_RUN	 (64u << 20)
#define LINT_GLOB_RUN	 500000000u
enum {
	LINT_GLOB_STEPS = 64,
	LINT_MATCH_STEPS = 16,
	LINT_READ_STEPS = 64,
	LINT_FINDINGS = 1 << 18,
	LINT_HOSTS_BYTES = 1 << 28, /* of JSON rows */
};

/* The progress line. */
struct lint_progress {
	bool on, shown;
	int64_t next_ms; /* not again before, on the monotonic clock */
};
void lint_progress_start(struct lint_progress *p);
void lint_progress_wipe(struct lint_progress *p); /* before anything else is said, and at the end */

void lint_progress(struct lint *l); /* another file was looked at */
/* May another file be looked at?  The first time that it may not is told with the file at hand. */
bool lint_goes_on(struct lint *l);
/* All bounds anew, for a pass over everything. */
void lint_budget_init(struct lint *l);
/* The work that one config may take. */
uint64_t lint_work_max(const struct lint *l);
/* May another row of c be looked at? */
bool lint_work_left(const struct lint *l, const struct conf *c);
void lint_work_done(struct lint *l, const struct conf *c); /* c is judged */
/* Is the row one to judge?  A name that no host can have is told. */
bool lint_is_host(struct lint *l, const struct conf *c, const struct target_row *t);
/* No, it may not: told, and no line counts as unused. */
void lint_cut_rows(struct lint *l, struct conf_use *use, struct str file, size_t done, size_t all);

#endif
