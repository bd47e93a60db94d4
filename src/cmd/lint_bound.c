/* SPDX-License-Identifier: MIT */
/*
 * What a tree may ask of a lint.  Work is counted, not timed, so that the same tree gives the same output on every
 * machine; the timer is for what no count foresees.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cmd/lint.h"
#include "cmd/output.h"

/* Longest name that a resolver takes, NUL included: NI_MAXHOST of netdb.h. */
enum { HOST_NAME_BYTES = 1025 };

/* Signal handlers may only call what is async-signal-safe: the text was made before. */
static void
out_of_time(int sig, siginfo_t *info, void *context)
{
	const struct lint_watch *w = info->si_value.sival_ptr;
	size_t done = 0;

	(void)sig;
	(void)context;
	while (done < w->n) {
		ssize_t n = write(STDERR_FILENO, w->said + done, w->n - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	_exit(err_exit(SK_EREAD));
}

void
lint_watch_start(struct lint_watch *w, unsigned limit_s)
{
	struct sigaction act = { .sa_sigaction = out_of_time, .sa_flags = SA_SIGINFO };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGXCPU, .sigev_value.sival_ptr = w };
	struct itimerspec when = { .it_value.tv_sec = (time_t)limit_s };

	sigemptyset(&act.sa_mask);
	w->limit_s = limit_s;
	lint_watch_file(w, STR(""));
	w->on = sigaction(SIGXCPU, &act, NULL) == 0 && timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &w->timer) == 0;
	if (w->on)
		(void)timer_settime(w->timer, 0, &when, NULL);
}

void
lint_watch_file(struct lint_watch *w, struct str file)
{
	struct buf shown = { 0 };
	int n;

	/* whatever the handler sees meanwhile, it is never half a line */
	w->n = 0;
	buf_add_escaped(&shown, str_head(file, LINT_SAID / 2));
	n = snprintf(w->said, sizeof w->said,
	    "sshkeep: %.*s%stook more than %u s of processor time; nothing of this run is told\n",
	    STR_ARG(str_head(buf_str(&shown), LINT_SAID - 128)), file.n > 0 ? ": " : "", w->limit_s);
	w->n = n > 0 ? (size_t)n : 0;
	buf_release(&shown);
}

void
lint_watch_end(struct lint_watch *w)
{
	if (w->on)
		(void)timer_delete(w->timer);
	w->on = false;
}

void
lint_budget_init(struct lint *l)
{
	l->budget = (struct lint_budget){ .work = LINT_WORK_RUN, .included = LINT_INCLUDE_RUN };
	l->files->left = LINT_GLOB_RUN;
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
	return c->work < lint_work_max(l) && l->hosts.n < LINT_HOSTS_BYTES && l->fresh.n < LINT_FINDINGS;
}

void
lint_work_done(struct lint *l, const struct conf *c)
{
	l->budget.work -= c->work < l->budget.work ? c->work : l->budget.work;
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
