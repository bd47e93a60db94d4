/* SPDX-License-Identifier: MIT */
/* From the fixes of findings to values that rows shall have: each keyword of a row once. */
#include <string.h>

#include "edit/place.h"

struct row_map {
	uint32_t *bucket; /* index + 1 */
	size_t mask;
};

static void
map_rows(struct planner *p, struct row_map *m)
{
	size_t n = prove_rows(p->o);

	for (m->mask = 15; m->mask < n * 2; m->mask = m->mask * 2 + 1)
		;
	m->bucket = ARENA_ARRAY(p->a, uint32_t, m->mask + 1);
	for (size_t i = n; i > 0; i--) {
		size_t at = str_hash(prove_row_shown(p->o, i - 1)) & m->mask;

		while (m->bucket[at] != 0)
			at = (at + 1) & m->mask;
		m->bucket[at] = (uint32_t)i;
	}
}

static size_t
map_find(const struct planner *p, const struct row_map *m, struct str shown)
{
	for (size_t at = str_hash(shown) & m->mask; m->bucket[at] != 0; at = (at + 1) & m->mask)
		if (str_eq(prove_row_shown(p->o, m->bucket[at] - 1), shown))
			return m->bucket[at] - 1;
	return ANY_ROW;
}

static bool
is_interval(const struct planner *p, unsigned kw)
{
	enum kw_id id = kw_row(p->o->side, kw)->id;

	return id == KW_ID_SERVERALIVEINTERVAL || id == KW_ID_CLIENTALIVEINTERVAL;
}

/* Interval and count belong together. */
unsigned
plan_partner(const struct planner *p, unsigned kw)
{
	static const enum kw_id pair[][2] = { { KW_ID_SERVERALIVEINTERVAL, KW_ID_SERVERALIVECOUNTMAX },
		{ KW_ID_CLIENTALIVEINTERVAL, KW_ID_CLIENTALIVECOUNTMAX } };
	enum kw_id id = kw_row(p->o->side, kw)->id;

	for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
		for (size_t k = 0; k < 2; k++)
			if (pair[i][k] == id)
				return kw_by_id(p->o->side, pair[i][1 - k]);
	return KW_UNKNOWN;
}

/* Two findings want the same keyword: the smaller interval wins, and brings its own count. */
static void
settle_want(struct planner *p, struct want *was, const struct want *now)
{
	unsigned other = plan_partner(p, now->kw);
	const struct want *mate = other == KW_UNKNOWN ? NULL : want_find(&p->wants, now->row, other);
	bool take = is_interval(p, now->kw) ? plan_is_smaller(now->norm, was->norm) :
					      mate != NULL && mate->finding == now->finding;

	if (!take)
		return;
	was->value = now->value;
	was->norm = now->norm;
	was->finding = now->finding;
}

static void
link_want(struct planner *p, const struct want *w)
{
	unsigned mate = plan_partner(p, w->kw);
	struct want **tail = &p->wants.of_row[w->row == ANY_ROW ? p->wants.n_row : w->row],
		    *x = &p->wants.v[p->wants.n++];

	*x = *w;
	x->cluster = (uint16_t)(mate < w->kw ? mate : w->kw);
	x->next = NULL;
	while (*tail != NULL)
		tail = &(*tail)->next;
	*tail = x;
}

/* Is kw a count, and does the same finding bring its interval?  Then the count may be well as it is. */
static bool
brings_interval(const struct planner *p, const struct finding *f, unsigned kw)
{
	unsigned mate = plan_partner(p, kw);

	if (mate == KW_UNKNOWN || is_interval(p, kw))
		return false;
	for (size_t i = 0; i < f->n_fix; i++)
		if (kw_find(p->o->side, f->fix[i].keyword, p->base.conf.ver) == mate)
			return true;
	return false;
}

static void
add_row_want(struct planner *p, const struct finding *f, size_t row, unsigned kw, struct str value)
{
	struct want w = { .row = row, .kw = (uint16_t)kw, .value = value, .finding = f }, *was;
	const struct row_vals *r = &p->base.row[row];
	const struct val *v = val_find(r, kw);
	struct str host = prove_row_shown(p->o, row);

	if (r->skip || r->refused) {
		plan_refuse(p, f, host,
		    r->skip ? STR("no connection can be made up that it applies to") :
			      STR("this configuration is refused as it is; mend that first"),
		    (struct str){ 0 }, true);
		return;
	}
	if (v != NULL && (v->unknown || v->cmdline)) {
		plan_refuse(p, f, host,
		    v->cmdline ? STR("the value stands on the command line") :
				 arena_printf(p->a, "%s cannot be known: %.*s", kw_row(p->o->side, kw)->name,
				     STR_ARG(v->reason)),
		    (struct str){ 0 }, true);
		return;
	}
	if (p->o->keep_counts && v != NULL && v->set != UINT32_MAX && brings_interval(p, f, kw) &&
	    !str_eqc(v->text, "0"))
		return;
	w.norm = want_norm(p->a, &p->base.conf, kw, value);
	was = want_find(&p->wants, row, kw);
	if (was != NULL)
		settle_want(p, was, &w);
	else if (!str_eq(val_text(p->o->side, r, kw), w.norm))
		link_want(p, &w);
}

static void
add_fix(struct planner *p, const struct row_map *m, const struct finding *f, const struct fix_item *x)
{
	unsigned kw = kw_find(p->o->side, x->keyword, p->base.conf.ver);

	if (kw == KW_UNKNOWN) {
		plan_refuse(p, f, f->n_host > 0 ? f->host[0] : (struct str){ 0 },
		    arena_printf(p->a, "this release does not know %.*s", STR_ARG(x->keyword)), (struct str){ 0 },
		    true);
		return;
	}
	kw = kw_target(p->o->side, kw, p->base.conf.ver);
	for (size_t i = 0; i < f->n_host; i++) {
		size_t row = map_find(p, m, f->host[i]);

		if (row != ANY_ROW)
			add_row_want(p, f, row, kw, x->value);
	}
	if (f->n_host == 0 && f->at.line > 0 && f->at.src < p->base.conf.n_src)
		link_want(p, &(struct want){ .row = ANY_ROW, .kw = (uint16_t)kw, .value = x->value, .finding = f });
}

/*
 * With a count of 0 the client's interval ends idle sessions that are well, and so did sshd's before 8.2; since then
 * nothing is ever noticed (openssh-config.md 7, traps 10 and 11).  Nobody's finding is cleared by that.
 */
static void
refuse_zero_counts(struct planner *p)
{
	for (size_t i = 0; i < p->wants.n; i++) {
		struct want *w = &p->wants.v[i];
		unsigned count = plan_partner(p, w->kw);

		if (w->row == ANY_ROW || !is_interval(p, w->kw) || str_eqc(w->norm, "0") ||
		    want_find(&p->wants, w->row, count) != NULL ||
		    !str_eqc(val_text(p->o->side, &p->base.row[w->row], count), "0"))
			continue;
		w->state = WANT_REFUSED;
		plan_refuse(p, w->finding, prove_row_shown(p->o, w->row),
		    arena_printf(p->a, "an interval is no help while %s is 0", kw_row(p->o->side, count)->name),
		    (struct str){ 0 }, true);
	}
}

void
plan_collect(struct planner *p, const struct findings *f)
{
	struct row_map m;
	size_t n = 1;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].n_fix * (f->v[i].n_host + 1);
	p->wants.v = ARENA_ARRAY(p->a, struct want, n);
	p->wants.n_row = prove_rows(p->o);
	p->wants.of_row = ARENA_ARRAY(p->a, struct want *, p->wants.n_row + 1);
	map_rows(p, &m);
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->v[i].n_fix; k++) {
			const struct fix_item *x = &f->v[i].fix[k];

			if (!x->remove && !str_starts(x->keyword, STR("sysctl.")))
				add_fix(p, &m, &f->v[i], x);
		}
	refuse_zero_counts(p);
}
