/* SPDX-License-Identifier: MIT */
/* The processor time of a lint: who takes too long is asked to come to an end, and is ended when that does not help. */
#ifndef LINT_WATCH_H
#define LINT_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <time.h>

#include "base/str.h"

enum { LINT_CPU_S = 120, LINT_SAID = 1024 };

/*
 * A timer of processor time.  At three quarters of the limit it sets expired, which every loop over files, folders and
 * hosts asks; a part that goes on nevertheless ends the program at 95 per cent, with a word and 2.
 */
struct lint_watch {
	timer_t timer;
	struct sigaction before; /* of its signal */
	bool on, told;
	volatile sig_atomic_t expired;
	unsigned limit_s;
	char file[LINT_SAID / 2]; /* what is looked at, as far as it fits */
	size_t n_file;
	char said[LINT_SAID]; /* the last word */
	size_t n;
};
unsigned lint_watch_limit(void); /* LINT_CPU_S, or RLIMIT_CPU where that is less */
/* w stays where it is until lint_watch_end(), which restores the signal. */
void lint_watch_start(struct lint_watch *w, unsigned limit_s);
/* What is looked at now: the folder's name, with its slash, and the file's in it. */
void lint_watch_file(struct lint_watch *w, struct str folder, struct str file);
void lint_watch_hold(struct lint_watch *w, bool hold); /* what is begun now is finished */
void lint_watch_end(struct lint_watch *w);

#endif
