/* SPDX-License-Identifier: MIT */
/* How far a long lint has come: one line of standard error, only where that is a terminal, gone at the end. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lint/lint.h"

enum {
	EVERY_MS = 100,
	LOOK_AT = 64, /* files between looks at the clock */
};

static int64_t
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
say(struct str s)
{
	ssize_t n = write(STDERR_FILENO, s.p, s.n);

	(void)n; /* a terminal that is gone needs no progress */
}

void
lint_progress_start(struct lint_progress *p)
{
	const char *term = getenv("TERM");

	p->on = isatty(STDERR_FILENO) == 1 && term != NULL && strcmp(term, "dumb") != 0;
	p->next_ms = p->on ? now_ms() + EVERY_MS : 0;
}

void
lint_progress(struct lint *l)
{
	struct lint_progress *p = &l->progress;
	struct buf b = { 0 };
	int64_t now;

	if (!p->on || l->n_seen % LOOK_AT != 0 || (now = now_ms()) < p->next_ms)
		return;
	/* numbers only: names of files are not for terminals */
	buf_addf(&b, "\rsshkeep: %zu files, %zu configs\033[K", l->n_seen, l->n_config);
	say(buf_str(&b));
	buf_release(&b);
	p->next_ms = now + EVERY_MS;
	p->shown = true;
}

void
lint_progress_wipe(struct lint_progress *p)
{
	if (p->shown)
		say(STR("\r\033[K"));
	p->shown = false;
}
