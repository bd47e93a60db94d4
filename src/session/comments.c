/* SPDX-License-Identifier: MIT */
/* The comments of a run's files, found by name, and applied to what was found in a config. */
#include "session/comments.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/template.h"

struct comments_file *
comments_of(struct comments *c, struct arena *a, struct str file, struct str text, enum suppress_text kind,
    enum kw_side side, bool part)
{
	struct comments_file *x = NULL;
	struct suppress_list list;
	size_t at = strset_find(&c->files, file);

	if (at != SIZE_MAX) {
		x = c->v[at];
		x->part &= part;
		return x;
	}
	suppress_read(a, text, kind, &list);
	if (list.n == 0)
		return NULL;
	x = ARENA_NEW(a, struct comments_file);
	*x = (struct comments_file){ .file = arena_str(a, file), .list = list, .side = side, .part = part };
	MEM_GROW(c->v, c->cap, c->n + 1);
	c->v[c->n++] = x;
	(void)strset_add(&c->files, NULL, x->file);
	return x;
}

struct comments_file *
comments_source(struct comments *c, struct arena *a, const struct source *s, enum kw_side side, bool part)
{
	return comments_of(c, a, s->shown, conf_raw(s), SUPPRESS_IN_SSH, side, part);
}

void
comments_judge(struct comments *c, size_t i, const struct ruleset *rs, struct arena *a, const struct suppress_run *run,
    struct findings *out)
{
	struct comments_file *x = c->v[i];
	struct suppress_run own = *run;

	if (x->told)
		return;
	x->told = true;
	own.file = x->file;
	own.side = x->side;
	own.part = x->part || x->refused;
	suppress_judge(rs, a, &x->list, &own, out);
}

void
comments_release(struct comments *c)
{
	free(c->v);
	strset_release(&c->files);
	memset(c, 0, sizeof *c);
}

/* The comments of the sources of one config. */
struct job {
	const struct conf *conf;
	struct comments_file **of; /* by source */
	struct span (*row_at)(const void *ctx, uint32_t row);
	struct findings *f;
};

static void
ask(const struct job *j, uint32_t src, uint32_t line, struct finding *f)
{
	if (j->of[src] != NULL)
		suppress_finding(&j->of[src]->list, line, f);
}

/* A finding without a line: by where its row is named, else by the file as a whole. */
static void
ask_named(const struct job *j, struct span named, struct finding *f)
{
	if (named.line > 0)
		ask(j, named.src, named.line, f);
	ask(j, 0, 0, f);
}

/* The rows of finding i that a comment speaks of become a finding of their own. */
static void
part_rows(const struct job *j, size_t i)
{
	struct findings *all = j->f;
	size_t n = all->v[i].n_row, kept = 0;
	struct finding quiet = all->v[i];

	quiet.row = NULL;
	quiet.n_row = quiet.cap_row = 0;
	for (size_t k = 0; k < n; k++) {
		struct finding one = all->v[i];
		uint32_t row = one.row[k];

		ask_named(j, j->row_at(all->row_ctx, row), &one);
		if (!one.suppressed) {
			all->v[i].row[kept++] = row;
			continue;
		}
		/* rows of several comments are one finding under the reason of the first */
		if (quiet.n_row == 0) {
			quiet.suppressed = true;
			quiet.reason = one.reason;
		}
		MEM_GROW(quiet.row, quiet.cap_row, quiet.n_row + 1);
		quiet.row[quiet.n_row++] = row;
	}
	if (quiet.n_row == 0)
		return;
	if (kept == 0) {
		free(all->v[i].row);
		all->v[i] = quiet;
		return;
	}
	all->v[i].n_row = kept;
	MEM_GROW(all->v, all->cap, all->n + 1);
	quiet.order = (uint32_t)all->n;
	all->v[all->n++] = quiet;
}

void
comments_conf(struct comments *c, struct arena *a, const struct conf *conf, bool part,
    struct span (*row_at)(const void *ctx, uint32_t row), struct findings *f)
{
	struct job j = { .conf = conf, .row_at = row_at, .f = f };
	size_t n = f->n;
	bool any = false, refused = false;

	for (size_t i = 0; i < conf->n_diag; i++)
		refused |= conf->diag[i].effect >= DIAG_COUNTED;
	j.of = mem_alloc((conf->n_src + 1) * sizeof *j.of);
	for (size_t i = 0; i < conf->n_src; i++) {
		j.of[i] = comments_source(c, a, &conf->src[i], conf->side, part);
		if (j.of[i] != NULL)
			j.of[i]->refused |= refused;
		any |= j.of[i] != NULL;
	}
	for (size_t i = 0; i < n && any; i++) {
		struct finding *x = &f->v[i];

		if (x->conf != conf)
			continue;
		if (x->at.line > 0)
			ask(&j, x->at.src, x->at.line, x);
		else if (x->n_row == 0 || row_at == NULL)
			ask_named(&j, x->named, x);
		else
			part_rows(&j, i);
	}
	free(j.of);
}
