/* SPDX-License-Identifier: MIT */
/*
 * What a tree may ask of a lint.  Work is counted, not timed, so that the same tree gives the same output on every
 * machine; the timer is for what no count foresees, in two steps: first the loops are asked to end, so that what was found
 * is told; what does not heed that is ended.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lint/lint.h"
#include "cli/output.h"
#include "conf/work.h"

/* Longest name that a resolver takes, NUL included: NI_MAXHOST of netdb.h. */
enum { HOST_NAME_BYTES = 1025 };

/* Parts of the time that a run has, in percent: then it is to come to its end, and then it is ended. */
enum { SOFT_PERCENT = 75, HARD_PERCENT = 95, MS_PER_S = 1000 };

/*
 * Not SIGXCPU, which is what RLIMIT_CPU and those who keep jobs in bounds send.  Signal handlers may only call what is
 * async-signal-safe: the text was made before.
 */
enum { WATCH_SIGNAL = SIGPROF };

static void
out_of_time(int sig, siginfo_t *info, void *context)
{
	struct lint_watch *w;
	size_t done = 0;

	(void)context;
	/* somebody else sent it: as if nobody caught it */
	if (info->si_code != SI_TIMER || info->si_value.sival_ptr == NULL) {
		(void)signal(sig, SIG_DFL);
		(void)raise(sig);
		return;
	}
	w = info->si_value.sival_ptr;
	if (!w->expired) {
		w->expired = 1;
		return;
	}
	while (done < w->n) {
		ssize_t n = write(STDERR_FILENO, w->said + done, w->n - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	_exit(err_exit(SK_EREAD));
}

unsigned
lint_watch_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_CPU, &r) != 0 || r.rlim_cur == RLIM_INFINITY || r.rlim_cur >= LINT_CPU_S)
		return LINT_CPU_S;
	return r.rlim_cur > 0 ? (unsigned)r.rlim_cur : 1;
}

static struct timespec
of_ms(unsigned ms)
{
	return (struct timespec){ .tv_sec = (time_t)(ms / MS_PER_S), .tv_nsec = (long)(ms % MS_PER_S) * 1000000 };
}

void
lint_watch_start(struct lint_watch *w, unsigned limit_s)
{
	struct sigaction act = { .sa_sigaction = out_of_time, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL, .sigev_signo = WATCH_SIGNAL, .sigev_value.sival_ptr = w
	};
	const unsigned per_cent_ms = limit_s * (MS_PER_S / 100);
	struct itimerspec when = { .it_value = of_ms(per_cent_ms * SOFT_PERCENT),
		.it_interval = of_ms(per_cent_ms * (HARD_PERCENT - SOFT_PERCENT)) };

	sigemptyset(&act.sa_mask);
	w->limit_s = limit_s;
	w->expired = w->told = 0;
	lint_watch_file(w, STR(""), STR(""));
	if (sigaction(WATCH_SIGNAL, &act, &w->before) != 0)
		return;
	w->on = timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &w->timer) == 0;
	if (w->on)
		(void)timer_settime(w->timer, 0, &when, NULL);
	else
		(void)sigaction(WATCH_SIGNAL, &w->before, NULL);
}

static void
add_name(struct lint_watch *w, struct str s)
{
	s = str_head(s, sizeof w->file - w->n_file);
	if (s.n > 0)
		memcpy(w->file + w->n_file, s.p, s.n);
	w->n_file += s.n;
}

void
lint_watch_file(struct lint_watch *w, struct str folder, struct str file)
{
	struct buf shown = { 0 };
	int n;

	/* whatever the handler sees meanwhile, it is never half a line */
	w->n = 0;
	w->n_file = 0;
	add_name(w, folder);
	add_name(w, file);
	buf_add_escaped(&shown, (struct str){ w->file, w->n_file });
	n = snprintf(w->said, sizeof w->said,
	    "sshkeep: %.*s%stook almost all of %u s of processor time; nothing of this run is told\n",
	    STR_ARG(str_head(buf_str(&shown), LINT_SAID - 128)), w->n_file > 0 ? ": " : "", w->limit_s);
	w->n = n > 0 ? (size_t)n : 0;
	buf_release(&shown);
}

void
lint_watch_hold(struct lint_watch *w, bool hold)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, WATCH_SIGNAL);
	if (w->on)
		(void)sigprocmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void
lint_watch_end(struct lint_watch *w)
{
	const struct timespec now = { 0 };
	sigset_t set;

	if (!w->on)
		return;
	/* what was sent already must not meet the handler of before */
	lint_watch_hold(w, true);
	(void)timer_delete(w->timer);
	sigemptyset(&set);
	sigaddset(&set, WATCH_SIGNAL);
	(void)sigtimedwait(&set, NULL, &now);
	(void)sigaction(WATCH_SIGNAL, &w->before, NULL);
	lint_watch_hold(w, false);
	w->on = false;
}

bool
lint_goes_on(struct lint *l)
{
	struct lint_watch *w = &l->watch;
	const bool again = l->again;

	if (!w->expired)
		return true;
	l->again = false;
	if (!w->told)
		lint_failed(l, (struct str){ w->file, w->n_file },
		    arena_printf(l->s.arena,
			"%u s of processor time were used up here: the rest of it, and what comes behind it, was not "
			"looked at",
			w->limit_s * SOFT_PERCENT / 100)
			.p);
	l->again = again;
	w->told = true;
	return false;
}

void
lint_budget_init(struct lint *l)
{
	l->budget = (struct lint_budget){ .work = LINT_WORK_RUN,
		.included = LINT_INCLUDE_RUN,
		.system = LINT_SYSTEM_RUN,
		.globs = LINT_GLOB_RUN,
		.expired = &l->watch.expired };
	l->files.left = &l->budget.globs;
	l->full = false;
}

uint64_t
lint_work_max(const struct lint *l)
{
	/* 0 would be no bound */
	return l->budget.work == 0 ? 1 : l->budget.work < LINT_WORK_FILE ? l->budget.work : LINT_WORK_FILE;
}

bool
lint_work_left(const struct lint *l, const struct conf *c)
{
	return !l->watch.expired && c->work < lint_work_max(l) && l->hosts.n < LINT_HOSTS_BYTES &&
	    l->fresh.n < LINT_FINDINGS;
}

void
lint_work_done(struct lint *l, const struct conf *c)
{
	uint64_t ignored = conf_ignores_work(c), work = c->work + ignored;

	if (c->work_max > 0 && ignored > c->work_max)
		lint_failed(l, c->src[0].shown,
		    "its IgnoreUnknown lists take too long to compare: from some word on all count as ignored");
	l->budget.work -= work < l->budget.work ? work : l->budget.work;
}

bool
lint_is_host(struct lint *l, const struct conf *c, const struct target_row *t)
{
	if (!t->possible)
		return false;
	if (t->name.n < HOST_NAME_BYTES)
		return true;
	lint_failed(l, c->src[t->at.src].shown,
	    arena_printf(&l->file_arena, "line %u: a name of %zu bytes is longer than any host has and is not judged",
		(unsigned)t->at.line, t->name.n)
		.p);
	return false;
}

void
lint_cut_rows(struct lint *l, struct conf_use *use, struct str file, size_t done, size_t all)
{
	lint_failed(l, file,
	    arena_printf(&l->file_arena,
		"its hosts and blocks take too long to judge: of %zu hosts or cases the first %zu were looked at", all,
		done)
		.p);
	/* a line that none of them uses may be another's */
	for (size_t i = 0; i < KW_ROWS_MAX; i++)
		use->all[i] = true;
}
