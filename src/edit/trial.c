/* SPDX-License-Identifier: MIT */
/* The planner's marks as files, and whether they bring what is wanted and nothing else. */
#include <stdlib.h>
#include <string.h>

#include "edit/place.h"

enum { COST_LINE = 8, COST_DIAG = 64 };

bool
plan_pay(const struct plan_opts *o, uint64_t cost)
{
	if (o->budget == NULL)
		return true;
	if (*o->budget < cost) {
		*o->budget = 0;
		return false;
	}
	*o->budget -= cost;
	return true;
}

static int
compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	int c = str_cmp(x->name, y->name);

	if (c != 0)
		return c;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	/* What is inserted at a byte stands before what replaces from that byte on. */
	if ((x->len == 0) != (y->len == 0))
		return x->len == 0 ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

uint32_t
plan_source(const struct planner *p, struct str name)
{
	for (uint32_t i = 0; i < p->base.conf.n_src; i++)
		if (str_eq(p->base.conf.src[i].name, name) && p->base.conf.src[i].origin != SOURCE_CMDLINE)
			return i;
	return UINT32_MAX;
}

/* Lines of a template change where all of them is literal, and none comes or goes. */
static bool
is_literal(const struct source *s, const struct edit *x)
{
	if (s->marks == NULL)
		return true;
	if (str_chr(x->text, '\n', 0) != SIZE_MAX || x->len == 0)
		return false;
	for (uint32_t i = 0; i < s->n; i++) {
		const struct line *l = &s->line[i];
		struct str as_read = str_head(str_from(s->bytes, l->off), l->len);

		if (x->off >= l->off && x->off < l->off + l->len + l->eol)
			return x->off + x->len <= l->off + l->len &&
			    str_eq(as_read, str_head(str_from(s->marks->raw, l->off), l->len));
	}
	return false;
}

bool
plan_files(struct planner *p, struct arena *a, struct file_plan **ret, size_t *ret_n)
{
	struct mark *m = ARENA_ARRAY(a, struct mark, p->n_mark + 1);
	struct file_plan *f = ARENA_ARRAY(a, struct file_plan, p->n_mark + 1);
	size_t n = 0;

	if (p->n_mark > 0) {
		memcpy(m, p->mark, p->n_mark * sizeof(*m));
		qsort(m, p->n_mark, sizeof(*m), compare_marks);
	}
	for (size_t i = 0, end; i < p->n_mark; i = end, n++) {
		size_t at = 0;

		for (end = i; end < p->n_mark && str_eq(m[end].name, m[i].name); end++)
			;
		f[n] = (struct file_plan){ .path = m[i].name, .src = plan_source(p, m[i].name) };
		f[n].exists = f[n].src != UINT32_MAX;
		f[n].old_bytes = f[n].exists ? p->o->conf->src[f[n].src].bytes : (struct str){ 0 };
		f[n].edit = ARENA_ARRAY(a, struct edit, end - i);
		for (size_t k = i; k < end; k++) {
			if (m[k].off < at || m[k].off + m[k].len > f[n].old_bytes.n) {
				p->why = STR("two edits touch the same bytes");
				return false;
			}
			at = m[k].off + m[k].len;
			f[n].edit[f[n].n_edit++] = (struct edit){
				.off = m[k].off, .len = m[k].len, .text = m[k].text, .order = (uint32_t)(k - i)
			};
		}
		for (size_t k = 0; k < f[n].n_edit && f[n].exists; k++)
			if (!is_literal(&p->o->conf->src[f[n].src], &f[n].edit[k])) {
				p->why = STR("more than a literal line of a template would have to change");
				return false;
			}
		f[n].new_bytes = edit_apply(a, f[n].old_bytes, f[n].edit, f[n].n_edit);
	}
	*ret = f;
	*ret_n = n;
	return true;
}

/* Without a value there is nothing that the proof could compare. */
static bool
all_refused(const struct resolved *r)
{
	bool any = false;

	for (size_t i = 0; i < r->n; i++) {
		if (!r->row[i].skip && !r->row[i].refused)
			return false;
		any |= r->row[i].refused;
	}
	return any;
}

/* Where nothing can be compared: are fewer lines refused than before? */
static bool
is_better(const struct planner *p, const struct conf *new)
{
	size_t vendor;

	return p->o->mend_refused && prove_refusing(new, &vendor) < prove_refusing(&p->base.conf, &vendor);
}

/*
 * What one trial asks for: each row of each block, and the lines, which are read anew.  Reading a line takes as long as
 * some values, and a word that nobody knows is compared with all keywords.
 */
static bool
is_paid(struct planner *p)
{
	const struct conf *c = &p->base.conf;
	uint64_t cost = c->n_diag * COST_DIAG + (uint64_t)prove_rows(p->o) * (c->n_block + 16);

	for (size_t i = 0; i < c->n_src; i++)
		cost += (uint64_t)c->src[i].n * COST_LINE;
	return plan_pay(p->o, cost);
}

bool
plan_trial(struct planner *p)
{
	struct arena a = { 0 };
	struct resolved new = { 0 };
	struct file_plan *f = NULL;
	struct overlay *ov;
	struct str why = { 0 };
	struct err e = { 0 };
	size_t n = 0, changed;
	bool ok = is_paid(p);

	if (!ok)
		why = STR("it takes too long for a report; lint --fix tries");
	else if (!(ok = plan_files(p, &a, &f, &n)))
		why = p->why;
	ov = ARENA_ARRAY(&a, struct overlay, n + 1);
	for (size_t i = 0; i < n; i++)
		ov[i] = (struct overlay){ f[i].path, f[i].new_bytes };
	if (ok && resolve_all(&a, p->o, ov, n, &new, &e) != SK_OK) {
		why = str_c(e.msg);
		ok = false;
	}
	if (ok)
		ok = prove_compare(&a, p->o, &p->base, &new, &p->wants, &changed, &why);
	if (ok && all_refused(&new) && !is_better(p, &new.conf)) {
		why = STR("this configuration is refused as it is; mend that first");
		ok = false;
	}
	for (size_t i = 0; i < p->wants.n; i++) {
		struct want *w = &p->wants.v[i];

		if (w->state == WANT_TRYING)
			w->state = ok ? WANT_DONE : WANT_PENDING;
		else if (ok && w->state == WANT_PENDING && w->row != ANY_ROW &&
		    str_eq(val_text(p->o->side, &new.row[w->row], w->kw), w->norm))
			w->state = WANT_DONE;
	}
	if (ok) {
		p->was_at = 0;
	} else {
		p->why = arena_str(p->a, why);
		p->forbidden = false;
	}
	resolved_release(&new);
	arena_release(&a);
	return ok;
}

void
plan_forget(struct planner *p, size_t from)
{
	p->n_mark = from;
	if (p->was_at > 0 && p->was_at <= from)
		p->mark[p->was_at - 1] = p->was;
	p->was_at = 0;
	for (size_t i = 0; i < p->wants.n; i++)
		if (p->wants.v[i].state == WANT_TRYING)
			p->wants.v[i].state = WANT_PENDING;
}
