/* SPDX-License-Identifier: MIT */
/*
 * Rules about the text of a configuration: what conf/ noted of its lines, and what the values of all rows show,
 * such as a line that no row ever uses.
 */
#include <string.h>

#include "conf/pattern.h"
#include "rule/rule.h"

/* What all rows together say of a set. */
struct use {
	bool used, late; /* late: in some row its block applies and another line wins */
	struct span by;
};

struct survey {
	const struct rule_lines *in;
	struct arena *arena;
	struct use *use; /* per set of the conf */
};

static void
mark(struct survey *s, uint32_t set)
{
	if (set != UINT32_MAX && set < s->in->conf->n_set)
		s->use[set].used = true;
}

static void
survey_row(struct survey *s, const struct effective *ev)
{
	const struct conf *c = s->in->conf;
	size_t n;
	const struct kw *table = kw_table(c->side, &n);

	for (size_t i = 0; i < n; i++) {
		const struct eff *e = &ev->v[i];

		mark(s, e->set);
		for (size_t k = 0; k < e->n_also; k++)
			mark(s, e->also[k]);
		/* An undecided value may rest on any of its lines; halves are two values on one line each. */
		if (e->state != EFF_UNKNOWN && table[i].merge != KW_HALVES)
			continue;
		for (uint32_t k = 0; k < c->n_set; k++)
			if (c->set[k].row == i)
				mark(s, k);
	}
	for (size_t i = 0; i < ev->n_loser; i++) {
		const struct loser *l = &ev->loser[i];

		if (l->why != LOSE_LATER && l->why != LOSE_OVERRIDDEN)
			continue;
		/* What an option of this run beats is no fault of the file. */
		if (ev->v[l->row].from == EFF_FROM_CMDLINE) {
			mark(s, l->set);
			continue;
		}
		s->use[l->set].late = true;
		if (s->use[l->set].by.line == 0)
			s->use[l->set].by = ev->v[l->row].origin;
	}
}

/* An unknown word that IgnoreUnknown hides from every row. */
static bool
is_hidden(const struct survey *s, const struct diag *d)
{
	unsigned row = kw_by_id(s->in->conf->side, KW_ID_IGNOREUNKNOWN);
	bool hidden = d->ignorable && row != KW_UNKNOWN && s->in->n_row > 0;

	for (size_t i = 0; hidden && i < s->in->n_row; i++) {
		const struct eff *e = &s->in->row[i]->v[row];
		struct args args;
		struct str word;

		hidden = e->set != UINT32_MAX && e->set < d->at_set &&
		    conf_line_args(s->in->conf, s->arena, s->in->conf->set[e->set].src, s->in->conf->set[e->set].line,
			&word, &args) &&
		    args.n > 0 && pattern_list(d->word, args.v[0].text, true) == 1;
	}
	return hidden;
}

static const struct set *
earlier_in_block(const struct conf *c, uint32_t set)
{
	const struct kw *k = kw_row(c->side, c->set[set].row);

	if (k->merge == KW_APPEND || k->print == 0)
		return NULL;
	for (uint32_t i = set; i-- > 0 && c->set[i].src == c->set[set].src;)
		if (c->set[i].block == c->set[set].block && c->set[i].row == c->set[set].row &&
		    (c->set[i].flags & SET_UNSETS) == 0)
			return &c->set[i];
	return NULL;
}

static struct line_view
view_of_set(const struct survey *s, uint32_t i)
{
	const struct conf *c = s->in->conf;
	const struct set *set = &c->set[i], *earlier = earlier_in_block(c, i);
	const struct use *use = &s->use[i];
	struct line_view v = { .conf = c,
		.src = set->src,
		.line = set->line,
		.set = set,
		.block = &c->block[set->block],
		.arena = s->arena };

	if ((set->flags & SET_UNSETS) != 0)
		return v;
	if (earlier != NULL) {
		v.duplicate = true;
		v.by = conf_line_span(c, earlier->src, earlier->line);
		return v;
	}
	v.unused = !use->used && use->late;
	v.by = use->by;
	v.dropin_wins = v.unused && c->side == KW_SERVER && c->src[set->src].depth == 0 && use->by.line > 0 &&
	    c->src[use->by.src].depth > 0;
	return v;
}

/* `Host *` with settings that keep later, more special blocks from theirs. */
static bool
is_first_star(const struct survey *s, uint32_t block)
{
	const struct conf *c = s->in->conf;
	const struct block *b = &c->block[block];

	if (b->kind != BLOCK_HOST || b->n_pat != 1 || !str_eqc(c->pat[b->first_pat], "*"))
		return false;
	for (uint32_t i = 0; i < c->n_set; i++) {
		const struct use *u = &s->use[i];

		if (u->used || !u->late || u->by.line == 0 || u->by.src != b->src || c->set[i].block == block)
			continue;
		for (uint32_t k = 0; k < c->n_set; k++)
			if (c->set[k].block == block && c->set[k].src == u->by.src && c->set[k].line + 1 == u->by.line)
				return true;
	}
	return false;
}

static void
fire_line(const struct rule *r, const struct survey *s, const struct line_view *v, uint32_t col, uint32_t len,
    struct findings *out)
{
	const struct conf *c = s->in->conf;
	struct rule_ctx ctx = { .rule = r,
		.line = v,
		.facts = s->in->facts,
		.conf = c,
		.arena = s->arena,
		.side = c->side,
		.lint = s->in->lint };
	struct span at = { 0 };

	if (r->text.side != RULE_HOST && r->text.side != (c->side == KW_CLIENT ? RULE_CLIENT : RULE_SERVER))
		return;
	if (v->line < c->src[v->src].n)
		at = conf_line_span(c, v->src, v->line);
	else
		at = (struct span){ .src = v->src, .line = 1, .col = 1 };
	if (len > 0) {
		at.off += col - 1;
		at.col = col;
		at.len = len;
	}
	rule_fire(r, &ctx, at, out);
}

static void
fire_all(struct rule *const *v, size_t n, const struct survey *s, const struct line_view *view, const struct diag *d,
    struct findings *out)
{
	for (size_t i = 0; i < n; i++)
		if (v[i]->each == RULE_EACH_LINE)
			fire_line(v[i], s, view, d != NULL ? d->col : 1, d != NULL ? d->len : 0, out);
}

/* The block in which a line of a source stands. */
static const struct block *
block_of(const struct conf *c, uint32_t src, uint32_t line)
{
	const struct block *in = NULL;

	for (size_t i = 0; i < c->n_block; i++)
		if (c->block[i].src == src && c->block[i].line <= line)
			in = &c->block[i];
	return in;
}

static void
include_lines(struct rule *const *v, size_t n, const struct survey *s, struct findings *out)
{
	const struct conf *c = s->in->conf;

	for (uint32_t i = 0; i < c->n_src; i++)
		for (uint32_t k = 0; k < c->src[i].n; k++) {
			struct line_view view = { .conf = c, .src = i, .line = k, .arena = s->arena };
			unsigned row = c->src[i].line[k].row;

			if (row == KW_UNKNOWN || kw_row(c->side, row)->type != KW_T_INCLUDE)
				continue;
			view.block = block_of(c, i, k);
			fire_all(v, n, s, &view, NULL, out);
		}
}

void
rules_on_lines(struct rule *const *v, size_t n, struct arena *a, const struct rule_lines *in, struct findings *out)
{
	const struct conf *c = in->conf;
	struct survey s = { .in = in, .arena = a };

	s.use = ARENA_ARRAY(a, struct use, c->n_set + 1);
	for (size_t i = 0; i < in->n_row; i++)
		survey_row(&s, in->row[i]);
	for (size_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];
		struct line_view view = { .conf = c,
			.src = d->src,
			.line = d->line,
			.diag = d,
			.block = &c->block[d->block],
			.arena = a,
			.hidden = is_hidden(&s, d) };

		fire_all(v, n, &s, &view, d, out);
	}
	for (uint32_t i = 0; i < c->n_set; i++) {
		struct line_view view = view_of_set(&s, i);

		if (kw_row(c->side, c->set[i].row)->print != 0)
			fire_all(v, n, &s, &view, NULL, out);
	}
	include_lines(v, n, &s, out);
	for (uint32_t i = 0; i < c->n_block; i++) {
		const struct block *b = &c->block[i];
		struct line_view view = {
			.conf = c, .src = b->src, .line = b->line, .block = b, .header = true, .arena = a
		};

		if (b->kind == BLOCK_FILE || (b->n_crit == 1 && c->crit[b->first_crit].kind == CRIT_INCLUDE))
			continue;
		view.first_star = is_first_star(&s, i);
		fire_all(v, n, &s, &view, NULL, out);
	}
}

void
ruleset_lines(const struct ruleset *rs, struct arena *a, const struct rule_lines *in, struct findings *out)
{
	rules_on_lines(rs->v, rs->n, a, in, out);
}
