/* SPDX-License-Identifier: MIT */
/*
 * The rows of a fix: those that were judged, and those that only the proof needs, because the files speak of them:
 * hosts that were not named on the command line, names that a pattern list leaves out, and users of Match lines.
 */
#include <string.h>

#include "fix/plan.h"
#include "conf/pattern.h"

enum { MORE_MAX = 600, USERS_MAX = 8 };

struct rows {
	struct arena *a;
	struct target_row *v;
	size_t n, cap;
};

static bool
has_row(const struct rows *r, struct str shown)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq(r->v[i].shown, shown))
			return true;
	return false;
}

static void
add_row(struct rows *r, const struct target_row *t)
{
	if (r->n < r->cap && !has_row(r, t->shown))
		r->v[r->n++] = *t;
}

/* Named hosts are what shall change; all others must be shown not to change. */
static void
add_others(struct rows *r, const struct target_row *all, size_t n_all, size_t named)
{
	for (size_t i = 0; i < n_all; i++) {
		size_t k = 0;

		/* "me@a" was named: it is the row of a. */
		while (k < named && !str_eq(r->v[k].shown, all[i].shown) &&
		    (all[i].kind != TARGET_HOST || !str_eq(r->v[k].name, all[i].name)))
			k++;
		if (k == named)
			r->v[r->n++] = all[i];
	}
}

/* "!router.lab": left out on purpose, so it has a fate of its own. */
static void
add_left_out(struct rows *r, struct str word, struct span at)
{
	struct target_row t = { .kind = TARGET_HOST, .at = at, .possible = true };

	if (word.n < 2 || word.p[0] != '!' || !pattern_is_literal(str_from(word, 1)))
		return;
	t.name = t.shown = str_from(word, 1);
	add_row(r, &t);
}

static void
add_negated(struct rows *r, const struct conf *c, const struct block *b)
{
	struct span at;

	if (b->kind != BLOCK_HOST && b->kind != BLOCK_MATCH)
		return;
	at = conf_line_span(c, b->src, b->line);
	for (uint32_t i = 0; b->kind == BLOCK_HOST && i < b->n_pat; i++)
		add_left_out(r, c->pat[b->first_pat + i], at);
	for (uint32_t i = 0; b->kind == BLOCK_MATCH && i < b->n_crit; i++) {
		const struct crit *k = &c->crit[b->first_crit + i];
		struct str rest = k->arg, part;

		while ((k->kind == CRIT_HOST || k->kind == CRIT_ORIGINALHOST) && rest.n > 0 &&
		    str_split(&rest, ',', &part))
			add_left_out(r, part, at);
	}
}

/* The users that Match lines name. */
static size_t
match_users(const struct conf *c, struct str user[USERS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_crit; i++) {
		struct str rest = c->crit[i].arg, part;

		while (c->crit[i].kind == CRIT_USER && rest.n > 0 && str_split(&rest, ',', &part)) {
			size_t k = 0;

			if (part.n > 1 && part.p[0] == '!')
				part = str_from(part, 1);
			if (!pattern_is_literal(part) || part.n == 0)
				continue;
			while (k < n && !str_eq(user[k], part))
				k++;
			if (k == n && n < USERS_MAX)
				user[n++] = part;
		}
	}
	return n;
}

/* Each host, and any other, as each of these users. */
static void
add_users(struct rows *r, const struct conf *c)
{
	struct str user[USERS_MAX];
	size_t n = match_users(c, user), rows = r->n;

	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < rows; i++) {
			struct target_row t = r->v[i];

			if (!t.possible || t.name.n == 0 || str_chr(t.shown, '@', 0) != SIZE_MAX)
				continue;
			t.kind = TARGET_HOST;
			t.shown = arena_printf(r->a, "%.*s@%.*s", STR_ARG(user[k]), STR_ARG(t.name));
			add_row(r, &t);
		}
}

static void
client_rows(const struct session *s, struct fix_end *f)
{
	const struct conf *c = &f->end->conf;
	struct target_row *all = NULL;
	size_t n_all = 0, named;
	struct rows r = { .a = s->arena };

	if (s->o->arg.n > 0)
		eff_client_targets(s->arena, &f->end->conf, &all, &n_all);
	r.cap = s->n_row + n_all + MORE_MAX;
	r.v = ARENA_ARRAY(s->arena, struct target_row, r.cap);
	for (size_t i = 0; i < s->n_row; i++)
		if (s->row[i].side == KW_CLIENT)
			r.v[r.n++] = *s->row[i].target;
	named = r.n;
	add_others(&r, all, n_all, named);
	for (size_t i = 0; i < c->n_block; i++)
		add_negated(&r, c, &c->block[i]);
	if (s->o->login.n == 0 || s->o->user_line)
		add_users(&r, c);
	f->opts.row = r.v;
	f->opts.n_row = r.n;
}

void
fix_all_rows(struct arena *a, struct conf *c, struct target_row **ret, size_t *ret_n)
{
	struct target_row *all = NULL;
	size_t n_all = 0;
	struct rows r = { .a = a };

	eff_client_targets_all(a, c, &all, &n_all);
	r.cap = n_all + MORE_MAX;
	r.v = ARENA_ARRAY(a, struct target_row, r.cap);
	add_others(&r, all, n_all, 0);
	add_users(&r, c);
	*ret = r.v;
	*ret_n = r.n;
}

void
fix_rows(const struct session *s, struct fix_end *f)
{
	struct server_row *v;
	size_t n = 0;

	if (f->side == KW_CLIENT) {
		client_rows(s, f);
		return;
	}
	v = ARENA_ARRAY(s->arena, struct server_row, s->n_row + 1);
	for (size_t i = 0; i < s->n_row; i++) {
		const struct session_row *r = &s->row[i];

		if (r->side != KW_SERVER)
			continue;
		v[n] = (struct server_row){ .shown = r->target->shown,
			.at = r->target->at,
			.possible = r->target->possible,
			.reason = r->is->blocked };
		if (r->spec != NULL)
			v[n].spec = *r->spec;
		n++;
	}
	f->opts.server_row = v;
	f->opts.n_server_row = n;
}
