/* SPDX-License-Identifier: MIT */
/* What a lint does with the comments that suppress findings. */
#include <stdlib.h>

#include "base/mem.h"
#include "lint/lint.h"
#include "conf/template.h"
#include "conf/work.h"
#include "rule/fingerprint.h"
#include "rule/quote.h"

static struct span
row_at(const void *ctx, uint32_t row)
{
	const struct target_row *t = ctx;

	return t[row].at;
}

/* The comments of a config that is judged for its own sake are spoken of, whatever else it was read for before. */
static void
speak_of(struct comments *c, const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_src; i++) {
		size_t at = strset_find(&c->files, conf->src[i].shown);

		if (at == SIZE_MAX || !c->v[at]->aside)
			continue;
		c->v[at]->aside = false;
		if (at < c->n_told)
			c->n_told = at;
	}
}

void
lint_comments(struct lint *l, const struct conf *conf, bool part)
{
	if (l->o->no_ignores)
		return;
	comments_conf(&l->comments, l->s.arena, conf, part, row_at, &l->fresh);
	if (!l->stand_in)
		speak_of(&l->comments, conf);
}

void
lint_comments_text(struct lint *l, struct str shown, struct str text, enum suppress_text kind, struct findings *told)
{
	const struct comments_file *x;

	if (l->o->no_ignores)
		return;
	x = comments_of(&l->comments, l->s.arena, shown, text, kind, KW_CLIENT, false);
	for (size_t i = 0; x != NULL && i < told->n; i++)
		if (str_eq(told->v[i].file, shown))
			suppress_finding(&x->list, told->v[i].at.line, &told->v[i]);
}

/* A word that the release does not know, and that another program may know. */
static bool
is_foreign(const struct diag *d)
{
	static const bool foreign[DIAG_MAX_] = {
		[DIAG_UNKNOWN_KEYWORD] = true, [DIAG_MISSPELT] = true, [DIAG_TOO_NEW] = true, [DIAG_OTHER_VENDOR] = true
	};

	return foreign[d->kind] && d->effect == DIAG_COUNTED;
}

void
lint_pass_words(struct lint *l, struct conf *conf, bool part)
{
	/* of each source, once it is asked for: nothing is remembered elsewhere of one without comments */
	struct comments_file **of = mem_alloc((conf->n_src + 1) * sizeof *of);
	bool *asked = mem_alloc((conf->n_src + 1) * sizeof *asked);

	for (size_t i = 0; i < conf->n_diag && conf_has_time(conf); i++) {
		struct diag *d = &conf->diag[i];

		if (!is_foreign(d))
			continue;
		if (!asked[d->src] && d->kind != DIAG_OTHER_VENDOR && !l->o->no_ignores) {
			asked[d->src] = true;
			of[d->src] = comments_source(&l->comments, l->s.arena, &conf->src[d->src], conf->side, part);
		}
		if (d->kind == DIAG_OTHER_VENDOR ||
		    (of[d->src] != NULL && suppress_word(&l->s.rules, &of[d->src]->list, d->line + 1)))
			d->effect = DIAG_PRINTED;
	}
	free(of);
	free(asked);
}

struct asked {
	const struct lint *l;
	const struct file_setting *file;
};

/* A comment for a rule that nobody asks is not unused. */
static bool
is_asked(const void *ctx, struct str code)
{
	const struct asked *x = ctx;
	struct finding f = { .code = code };

	return session_kept(&x->l->s, x->file, &f);
}

static void
judge_file(struct lint *l, size_t at)
{
	const struct comments_file *x = l->comments.v[at];
	struct asked ask = { .l = l };
	struct suppress_run run = { .asked = is_asked, .ctx = &ask };
	struct findings told = { 0 };

	ask.file = lint_file_setting(l, x->file);
	run.declared = lint_declared(l, ask.file) || l->s.settings.n_host > 0;
	comments_judge(&l->comments, at, &l->s.rules, l->s.arena, &run, &told);
	for (size_t i = 0; i < told.n; i++) {
		struct finding *f = &told.v[i];

		if (!session_kept(&l->s, ask.file, f))
			continue;
		fingerprint_mark_text(l->s.arena, f, &l->naming, suppress_text_of(&x->list, f->at.line), STR(""));
		finding_quote(l->s.arena, f, suppress_text_of(&x->list, f->at.line));
		(void)lint_keep(l, x->file, TREE_MAIN, f);
	}
	findings_release(&told);
}

void
lint_comments_end(struct lint *l)
{
	/* of a run that was cut nobody knows what its comments would have met */
	for (; l->comments.n_told < l->comments.n && lint_goes_on(l); l->comments.n_told++) {
		if (l->comments.v[l->comments.n_told]->aside)
			continue;
		lint_watch_file(&l->watch, l->comments.v[l->comments.n_told]->file, STR(""));
		judge_file(l, l->comments.n_told);
	}
}
