/* SPDX-License-Identifier: MIT */
/*
 * The planner: from findings to wanted values, from wanted values to places, candidate by candidate until one
 * passes the proof (contract 7.1).  Rows that want the same are placed together, so that trials are few.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/vendor.h"
#include "edit/place.h"

/*
 * SINGLES_MAX: rows or lines that are tried one by one when all at once fails.
 * NEEDLESS_MAX: rows times edits, beyond which asking for each edit whether it is needed takes too long.
 */
enum { SINGLES_MAX = 200, PLACES_MAX = 11, ROUNDS_MAX = 4, NEEDLESS_MAX = 5000 };

/* Arena arrays: the plan has no release of its own. */
static void *
grow(struct arena *a, void *v, size_t *cap, size_t n, size_t elem)
{
	void *p;

	if (n < *cap)
		return v;
	*cap = *cap == 0 ? 8 : *cap * 2;
	p = arena_alloc(a, *cap * elem);
	if (n > 0)
		memcpy(p, v, n * elem);
	return p;
}

void
plan_refuse(
    struct planner *p, const struct finding *f, struct str host, struct str reason, struct str snippet, bool hard)
{
	struct plan *plan = p->plan;

	for (size_t i = 0; i < plan->n_refusal; i++)
		if (str_eq(plan->refusal[i].code, f->code) && str_eq(plan->refusal[i].host, host))
			return;
	plan->refusal = grow(p->a, plan->refusal, &plan->cap_refusal, plan->n_refusal, sizeof(*plan->refusal));
	plan->refusal[plan->n_refusal++] =
	    (struct refusal){ .code = f->code, .host = host, .reason = reason, .snippet = snippet, .hard = hard };
}

static struct str
host_of(const struct planner *p, const struct want *w)
{
	if (w->row == ANY_ROW)
		return STR("");
	return prove_row_shown(p->o, w->row);
}

static void
refuse_want(struct planner *p, struct want *w, struct str reason, struct str snippet)
{
	w->state = WANT_REFUSED;
	plan_refuse(p, w->finding, host_of(p, w), reason, snippet, true);
}

/* ---- lines that are fixed where they stand ---- */

static bool
may_mend(struct planner *p, uint32_t src)
{
	for (size_t i = 0; i < p->o->n_right; i++)
		if (p->o->right[i].may_mend && str_eq(p->o->right[i].name, p->base.conf.src[src].name))
			return true;
	return place_writable(p, src);
}

/* It stands for words that no release of this vendor knows, so its fix is never about its own line. */
static bool
is_ignore_unknown(const struct conf *c, unsigned kw)
{
	return kw_row(c->side, kw)->id == KW_ID_IGNOREUNKNOWN;
}

/* A line that goes away, or whose keyword or value is replaced for everybody. */
static bool
mark_finding(struct planner *p, const struct finding *f)
{
	const struct conf *c = &p->base.conf;
	uint32_t src = f->at.src, line = f->at.line - 1;
	struct str word = { 0 };
	struct args args;

	if (!may_mend(p, src))
		return false;
	for (size_t i = 0; i < f->n_fix; i++)
		if (f->fix[i].remove) {
			mark_remove(p, src, line);
			p->wants.deletes = true;
			return true;
		}
	for (struct want *w = p->wants.of_row[p->wants.n_row]; w != NULL; w = w->next) {
		struct str name = str_c(kw_row(c->side, w->kw)->name);

		if (w->finding != f)
			continue;
		if (is_ignore_unknown(c, w->kw)) {
			if (!place_ignore_unknown(p, w))
				return false;
			w->state = WANT_TRYING;
			continue;
		}
		if (!conf_line_args(c, p->a, src, line, &word, &args) ||
		    !mark_line(p, src, line, str_ieq(word, name) ? STR("") : name, w->value)) {
			p->why = STR("the line cannot be taken apart");
			return false;
		}
		w->norm = kw_row(c->side, w->kw)->print != 0 ?
		    want_norm(p->a, c, w->kw, w->value.n > 0 ? w->value : arena_str(p->a, args.rest)) :
		    str_trim(place_line_after(p, src, line, str_ieq(word, name) ? word : name, w->value));
		w->state = WANT_TRYING;
	}
	return true;
}

static bool
is_line_fix(const struct planner *p, const struct finding *f)
{
	if (f->at.line == 0 || f->at.src >= p->base.conf.n_src || f->n_fix == 0)
		return false;
	for (size_t i = 0; i < f->n_fix; i++)
		if (f->fix[i].remove)
			return true;
	return f->n_host == 0 && !str_starts(f->fix[0].keyword, STR("sysctl."));
}

static void
refuse_line(struct planner *p, const struct finding *f)
{
	struct str host = f->n_host > 0 ? f->host[0] : (struct str){ 0 };

	for (struct want *w = p->wants.of_row[p->wants.n_row]; w != NULL; w = w->next)
		if (w->finding == f)
			w->state = WANT_REFUSED;
	plan_refuse(p, f, host, p->why, (struct str){ 0 }, true);
}

static void
fix_lines(struct planner *p, const struct findings *f)
{
	bool *marked = ARENA_ARRAY(p->a, bool, f->n + 1);
	size_t from = p->n_mark, n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (is_line_fix(p, &f->v[i]) && !(marked[i] = mark_finding(p, &f->v[i])))
			refuse_line(p, &f->v[i]);
		else
			n += marked[i];
	if (n > 0 && plan_trial(p)) {
		from = SIZE_MAX;
	} else {
		plan_forget(p, from);
		p->wants.deletes = false;
	}
	for (size_t i = 0, tried = 0; i < f->n; i++) {
		const struct finding *x = &f->v[i];
		bool ok, deletes = p->wants.deletes;

		if (from == SIZE_MAX)
			break;
		if (!marked[i])
			continue;
		p->why = STR("too many lines to try one by one");
		ok = tried++ < SINGLES_MAX && mark_finding(p, x) && plan_trial(p);
		if (ok) {
			from = p->n_mark;
			continue;
		}
		plan_forget(p, from);
		p->wants.deletes = deletes;
		refuse_line(p, x);
	}
	for (struct want *w = p->wants.of_row[p->wants.n_row]; w != NULL; w = w->next)
		if (w->state == WANT_PENDING)
			w->state = WANT_REFUSED;
}

/* What the rows that a set decides want of it. */
struct line_use {
	struct str value;
	bool wanted, spoiled; /* spoiled: somebody who does not want it uses the line, too */
};

static struct line_use *
line_uses(struct planner *p)
{
	struct line_use *use = ARENA_ARRAY(p->a, struct line_use, p->base.conf.n_set + 1);

	for (size_t i = 0; i < p->base.n; i++) {
		const struct row_vals *r = &p->base.row[i];

		for (size_t k = 0; k < r->n && !r->skip; k++) {
			const struct val *v = &r->v[k];
			const struct want *w;

			if (v->set == UINT32_MAX || kw_row(p->o->side, v->row)->print == 0)
				continue;
			w = want_find(&p->wants, i, v->row);
			/* A line of this run stands in front of it. */
			if (w != NULL && w->state == WANT_DONE)
				continue;
			if (w == NULL || w->state != WANT_PENDING || v->unknown ||
			    (use[v->set].wanted && !str_eq(use[v->set].value, w->norm)))
				use[v->set].spoiled = true;
			else
				use[v->set] = (struct line_use){ w->norm, true, use[v->set].spoiled };
		}
	}
	return use;
}

/* Mark set's line and all wants that it serves; value as written in the first of them. */
static bool
mark_winner(struct planner *p, uint32_t set)
{
	const struct set *s = &p->base.conf.set[set];
	bool marked = false;

	for (size_t i = 0; i < p->wants.n; i++) {
		struct want *w = &p->wants.v[i];
		const struct val *v = w->row == ANY_ROW ? NULL : val_find(&p->base.row[w->row], w->kw);

		if (w->state != WANT_PENDING || v == NULL || v->set != set)
			continue;
		if (!marked && !mark_line(p, s->src, s->line, (struct str){ 0 }, w->value))
			return false;
		marked = true;
		w->state = WANT_TRYING;
	}
	return marked;
}

static bool
may_edit_set(struct planner *p, uint32_t set)
{
	const struct source *s = &p->base.conf.src[p->base.conf.set[set].src];

	return place_writable(p, p->base.conf.set[set].src) && !(p->o->side == KW_SERVER && vendor_wrote(s->name));
}

/* Candidate 1: the winning lines themselves, each once. */
static void
fix_winners(struct planner *p)
{
	struct line_use *use = line_uses(p);
	size_t from = p->n_mark, n = 0, tried = 0;

	for (uint32_t i = 0; i < p->base.conf.n_set; i++) {
		use[i].wanted &= !use[i].spoiled && !p->tried[i] && may_edit_set(p, i);
		if (!use[i].wanted)
			continue;
		p->tried[i] = true;
		n += mark_winner(p, i);
	}
	if (n == 0 || plan_trial(p))
		return;
	plan_forget(p, from);
	for (uint32_t i = 0; i < p->base.conf.n_set && tried < SINGLES_MAX; i++) {
		if (!use[i].wanted)
			continue;
		tried++;
		from = p->n_mark;
		if (!mark_winner(p, i) || !plan_trial(p))
			plan_forget(p, from);
	}
}

/* Put w's line behind the one that decides its partner. */
static bool
mark_beside(struct planner *p, struct want *w)
{
	unsigned mate = plan_partner(p, w->kw);
	const struct val *own, *v;
	const struct set *s;

	if (w->state != WANT_PENDING || w->row == ANY_ROW || mate == KW_UNKNOWN)
		return false;
	own = val_find(&p->base.row[w->row], w->kw);
	v = val_find(&p->base.row[w->row], mate);
	if ((own != NULL && own->set != UINT32_MAX) || v == NULL || v->set == UINT32_MAX || v->cmdline || v->unknown ||
	    !may_edit_set(p, v->set))
		return false;
	s = &p->base.conf.set[v->set];
	mark_after(p, s->src, s->line, s->line, w->kw, w->value);
	w->state = WANT_TRYING;
	return true;
}

static void
fix_beside(struct planner *p)
{
	size_t from = p->n_mark, n = 0, tried = 0;

	for (size_t i = 0; i < p->wants.n; i++)
		n += mark_beside(p, &p->wants.v[i]);
	if (n == 0 || plan_trial(p))
		return;
	plan_forget(p, from);
	for (size_t i = 0; i < p->wants.n && tried < SINGLES_MAX; i++) {
		from = p->n_mark;
		if (!mark_beside(p, &p->wants.v[i]))
			continue;
		tried++;
		if (!plan_trial(p))
			plan_forget(p, from);
	}
}

/* ---- new lines ---- */

/* What a row still wants, and whether something stands in the way: rows with equal keys make a group. */
static struct str
row_key(struct planner *p, size_t row)
{
	struct buf b = { 0 };
	struct str out;
	bool override = false;

	for (const struct want *w = p->wants.of_row[row]; w != NULL; w = w->next) {
		const struct val *v = val_find(&p->base.row[row], w->kw);

		if (w->state != WANT_PENDING || w->cluster != p->cluster)
			continue;
		override |= v != NULL && v->set != UINT32_MAX;
		buf_addf(&b, "%u=%.*s\n", w->kw, STR_ARG(w->value));
	}
	if (override)
		buf_addc(&b, "!");
	out = arena_str(p->a, buf_str(&b));
	buf_release(&b);
	return out;
}

static size_t
make_groups(struct planner *p, struct group **ret)
{
	size_t n_row = p->wants.n_row, n = 0;
	struct group *g = ARENA_ARRAY(p->a, struct group, n_row + 1);
	size_t *of = ARENA_ARRAY(p->a, size_t, n_row + 1);

	for (size_t i = 0; i < n_row; i++) {
		struct str key = row_key(p, i);
		size_t at = 0;

		of[i] = SIZE_MAX;
		if (key.n == 0)
			continue;
		while (at < n && !str_eq(g[at].key, key))
			at++;
		if (at == n)
			g[n++] = (struct group){ .key = key, .override = str_ends(key, STR("!")) };
		of[i] = at;
		g[at].n++;
	}
	for (size_t i = 0; i < n; i++) {
		g[i].row = ARENA_ARRAY(p->a, size_t, g[i].n);
		g[i].n = 0;
	}
	for (size_t i = 0; i < n_row; i++)
		if (of[i] != SIZE_MAX)
			g[of[i]].row[g[of[i]].n++] = i;
	*ret = g;
	return n;
}

/* A line for other rows may have served some of these as well. */
static void
drop_served(struct planner *p, struct group *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++)
		if (str_eq(row_key(p, g->row[i]), g->key))
			g->row[n++] = g->row[i];
	g->n = n;
	if (n > 0)
		g->first = p->wants.of_row[g->row[0]];
}

/* The order of candidates; the fewest lines first. */
static size_t
choose_places(struct planner *p, const struct group *g, place_fn v[PLACES_MAX])
{
	size_t n = 0;

	if (p->o->side == KW_SERVER) {
		bool match = true;

		for (size_t i = 0; i < g->n; i++)
			match &= p->o->server_row[g->row[i]].at.line > 0;
		if (match)
			v[n++] = place_match_block;
		v[n++] = place_dropin;
		v[n++] = place_main_near;
		v[n++] = place_main_first;
		return n;
	}
	if (g->n == 1 || place_share_block(p, g))
		v[n++] = place_own_block;
	v[n++] = place_top;
	if (!g->override)
		v[n++] = place_star_block;
	v[n++] = place_new_star;
	v[n++] = place_except;
	v[n++] = place_patterns;
	if (v[0] != place_own_block)
		v[n++] = place_own_block;
	v[n++] = place_new_block;
	v[n++] = place_new_block_but;
	v[n++] = place_except_many;
	return n;
}

static void
set_trying(struct planner *p, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (struct want *w = p->wants.of_row[g->row[i]]; w != NULL; w = w->next)
			if (w->state == WANT_PENDING && w->cluster == p->cluster)
				w->state = WANT_TRYING;
}

static bool
try_place(struct planner *p, const struct group *g, place_fn place)
{
	size_t from = p->n_mark;

	set_trying(p, g);
	if (place(p, g) && (p->n_mark > from || p->was_at > 0) && plan_trial(p))
		return true;
	plan_forget(p, from);
	return false;
}

static bool
place_group(struct planner *p, const struct group *g)
{
	place_fn place[PLACES_MAX];
	size_t n = choose_places(p, g, place);

	for (size_t i = 0; i < n; i++)
		if (try_place(p, g, place[i]))
			return true;
	return false;
}

static void
refuse_group(struct planner *p, const struct group *g)
{
	struct str snippet = p->forbidden ? place_snippet(p, g) : (struct str){ 0 };
	struct str reason = p->why.n > 0 ? p->why : STR("no place was found for it");

	for (size_t i = 0; i < g->n; i++)
		for (struct want *w = p->wants.of_row[g->row[i]]; w != NULL; w = w->next)
			if (w->state == WANT_PENDING && w->cluster == p->cluster)
				refuse_want(p, w, reason, snippet);
}

/* Where a default for all cannot be, those who have a name may still share a place. */
static void
place_named(struct planner *p, const struct group *g)
{
	struct group some = *g;

	if (g->n < 3 || !place_has_default(p, g))
		return;
	some.row = ARENA_ARRAY(p->a, size_t, g->n);
	some.n = 0;
	for (size_t i = 0; i < g->n; i++)
		if (p->o->row[g->row[i]].kind != TARGET_DEFAULT)
			some.row[some.n++] = g->row[i];
	some.first = p->wants.of_row[some.row[0]];
	(void)place_group(p, &some);
}

static void
fix_group(struct planner *p, struct group *g)
{
	size_t tried = 0;

	drop_served(p, g);
	p->why = (struct str){ 0 };
	p->forbidden = false;
	if (g->n == 0 || place_group(p, g))
		return;
	place_named(p, g);
	for (size_t k = 0; k < g->n; k++) {
		struct group one = *g;

		one.row = &g->row[k];
		one.n = 1;
		drop_served(p, &one);
		if (one.n == 1 && (g->n == 1 || tried++ >= SINGLES_MAX || !place_group(p, &one)))
			refuse_group(p, &one);
	}
}

static int
compare_rows(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

static struct str
wanted(const struct group *g)
{
	return g->override ? str_head(g->key, g->key.n - 1) : g->key;
}

/* Any other host, and rows that want the same but have a line in the way: one line at the top may do for all. */
static void
fix_together(struct planner *p, const struct group *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct group all = v[i];

		if (!place_has_default(p, &v[i]))
			continue;
		for (size_t k = 0; k < n; k++) {
			size_t *row;

			if (k == i || v[k].n == 0 || !str_eq(wanted(&v[k]), wanted(&v[i])))
				continue;
			row = ARENA_ARRAY(p->a, size_t, all.n + v[k].n);
			memcpy(row, all.row, all.n * sizeof *row);
			memcpy(row + all.n, v[k].row, v[k].n * sizeof *row);
			all.row = row;
			all.n += v[k].n;
		}
		if (all.n == v[i].n)
			return;
		qsort(all.row, all.n, sizeof *all.row, compare_rows);
		all.first = p->wants.of_row[all.row[0]];
		(void)try_place(p, &all, place_new_star);
		return;
	}
}

/*
 * A default for all comes last: it fills what the lines for others leave open.  Before it, the lines that served
 * those others so far may be free to change.  A row that a line served in part has another key then, and comes up
 * again in the next round.
 */
static void
fix_cluster(struct planner *p)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		struct group *g;
		size_t n = make_groups(p, &g);

		if (round == 0)
			fix_together(p, g, n);
		for (size_t i = 0; i < n; i++)
			if (!place_has_default(p, &g[i]))
				fix_group(p, &g[i]);
		for (size_t i = 0; i < n; i++) {
			if (!place_has_default(p, &g[i]))
				continue;
			fix_winners(p);
			fix_group(p, &g[i]);
		}
		if (n == 0)
			return;
	}
}

static void
fix_groups(struct planner *p)
{
	for (size_t i = 0; i < p->wants.n; i++) {
		if (p->wants.v[i].state != WANT_PENDING)
			continue;
		p->cluster = p->wants.v[i].cluster;
		fix_cluster(p);
	}
	for (size_t i = 0; i < p->wants.n; i++)
		if (p->wants.v[i].state == WANT_PENDING)
			refuse_want(p, &p->wants.v[i], STR("no place was found for it"), (struct str){ 0 });
}

/* In a part of a config nobody knows what is read before and behind it. */
static void
refuse_places(struct planner *p)
{
	for (size_t i = 0; i < p->wants.n; i++)
		if (p->wants.v[i].state == WANT_PENDING)
			refuse_want(p, &p->wants.v[i],
			    STR("this is a part of a config: where a line of its own would count is not known here"),
			    (struct str){ 0 });
}

/* A line that later ones made needless goes away again.  Only inserted lines serve nobody but the rows. */
static void
drop_needless(struct planner *p)
{
	for (size_t i = p->n_mend; i < p->n_mark && p->n_mark * p->wants.n_row <= NEEDLESS_MAX;) {
		struct mark m = p->mark[i];
		size_t behind = (p->n_mark - i - 1) * sizeof(m);

		if (m.len > 0 || plan_source(p, m.name) == UINT32_MAX) {
			i++;
			continue;
		}
		memmove(&p->mark[i], &p->mark[i + 1], behind);
		p->n_mark--;
		if (plan_trial(p))
			continue;
		memmove(&p->mark[i + 1], &p->mark[i], behind);
		p->mark[i++] = m;
		p->n_mark++;
	}
}

/* ---- together ---- */

void
plan_add_file(struct planner *p, const struct file_plan *f)
{
	struct plan *plan = p->plan;

	plan->file = grow(p->a, plan->file, &plan->cap_file, plan->n_file, sizeof(*plan->file));
	plan->file[plan->n_file++] = *f;
}

static struct str
shown_path(struct planner *p, struct str path)
{
	const struct conf_opts *co = p->o->conf_opts;

	if (co->tree.n > 1 && str_starts(path, co->tree))
		path = str_from(path, co->tree.n);
	if (co->home.n > 1 && str_starts(path, co->home) && path.n > co->home.n && path.p[co->home.n] == '/')
		return arena_printf(p->a, "~%.*s", STR_ARG(str_from(path, co->home.n)));
	return path;
}

static void
finish(struct planner *p)
{
	struct plan *plan = p->plan;
	struct file_plan *f = NULL;
	size_t n = 0;

	/* All marks here have passed a trial together, so they do not collide. */
	if (!plan_files(p, p->a, &f, &n))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		/* The planner's own copy of the configuration goes away; the caller's stays. */
		if (f[i].exists)
			f[i].path = p->o->conf->src[f[i].src].name;
		f[i].shown = f[i].exists ? p->o->conf->src[f[i].src].shown : shown_path(p, f[i].path);
		if (!f[i].exists || !str_eq(f[i].old_bytes, f[i].new_bytes))
			plan_add_file(p, &f[i]);
	}
	plan->deletes = p->wants.deletes;
	for (size_t i = 0; i < p->wants.n; i++) {
		const struct want *w = &p->wants.v[i];

		if (w->state != WANT_DONE)
			continue;
		plan->intent = grow(p->a, plan->intent, &plan->cap_intent, plan->n_intent, sizeof(*plan->intent));
		plan->intent[plan->n_intent++] = (struct intent){ .finding = w->finding,
			.host = host_of(p, w),
			.row = w->kw,
			.value = w->row == ANY_ROW ? w->norm : w->value };
	}
}

/* The spans of the findings speak of o->conf: reading it again from memory must give the same files. */
static bool
same_sources(const struct planner *p)
{
	const struct conf *x = p->o->conf, *y = &p->base.conf;

	if (x->n_src != y->n_src || x->n_set != y->n_set)
		return false;
	for (size_t i = 0; i < x->n_src; i++)
		if (!str_eq(x->src[i].name, y->src[i].name) || !str_eq(x->src[i].bytes, y->src[i].bytes))
			return false;
	return true;
}

void
plan_make(struct arena *a, const struct plan_opts *o, const struct findings *f, struct plan *ret)
{
	struct planner p = { .a = a, .o = o, .plan = ret };
	struct err e = { 0 };

	memset(ret, 0, sizeof(*ret));
	if (resolve_all(a, o, NULL, 0, &p.base, &e) == SK_OK && same_sources(&p)) {
		plan_collect(&p, f);
		p.tried = ARENA_ARRAY(a, bool, p.base.conf.n_set + 1);
		fix_lines(&p, f);
		p.n_mend = p.n_mark;
		fix_winners(&p);
		if (o->lines_only) {
			refuse_places(&p);
		} else {
			fix_beside(&p);
			fix_groups(&p);
			drop_needless(&p);
		}
		finish(&p);
	} else {
		struct str why =
		    e.code != SK_OK ? arena_str(a, str_c(e.msg)) : STR("the files changed while they were read");

		for (size_t i = 0; i < f->n; i++)
			for (size_t k = 0; k < f->v[i].n_host; k++)
				plan_refuse(&p, &f->v[i], f->v[i].host[k], why, (struct str){ 0 }, true);
	}
	plan_knobs(&p, f);
	free(p.mark);
	resolved_release(&p.base);
}
