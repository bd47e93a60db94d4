/* SPDX-License-Identifier: MIT */
/* Names that rules may use of a row: what it was refused for, what it lost, whether it has the best values. */
#include "model/sysctl.h"
#include "rule/rule.h"

static const struct effective *
own_values(const struct rule_ctx *c)
{
	return c->row == NULL ? NULL : c->row->side == KW_CLIENT ? c->row->client : c->row->server;
}

/* With an undecided proxy only what holds either way. */
struct xval
v_path_proxied(const struct rule_ctx *c)
{
	const struct path *p = c->row != NULL ? c->row->path : NULL;

	return p != NULL && (p->open == NULL || p->boxed) ? xval_number(p->proxied) : xval_unknown();
}

struct xval
v_path_piped(const struct rule_ctx *c)
{
	const struct path *p = c->row != NULL ? c->row->path : NULL;

	return p != NULL && p->open == NULL ? xval_number(p->piped) : xval_unknown();
}

struct xval
v_refresh_least(const struct rule_ctx *c)
{
	const struct judgement *j = c->row != NULL ? c->row->judgement : NULL;

	return j != NULL ? xval_number(j->clocks.least_s) : xval_unknown();
}

struct xval
v_refresh_least_by(const struct rule_ctx *c)
{
	const struct judgement *j = c->row != NULL ? c->row->judgement : NULL;

	return j != NULL ? xval_text(j->clocks.least_by) : xval_unknown();
}

struct xval
v_refused_here(const struct rule_ctx *c)
{
	const struct effective *ev = own_values(c);

	return xval_number(ev != NULL && ev->refused && ev->refused_own);
}

struct xval
v_refused_message(const struct rule_ctx *c)
{
	const struct effective *ev = own_values(c);
	struct str rest = ev != NULL ? ev->refusal : STR(""), line = { 0 };

	/* Ahead of what is refused for one row stand remarks on lines of the files. */
	while (rest.n > 0 && str_split(&rest, '\n', &line) && ev->refused_own)
		;
	return xval_text(line.n > 0 ? line : STR(""));
}

struct xval
v_sysctl_problem(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[SYSCTL_FINE] = "", [SYSCTL_REFUSED] = "refused", [SYSCTL_MISSPELT] = "misspelt"
	};

	return xval_text(c->sysctl != NULL ? str_c(names[c->sysctl->problem]) : STR(""));
}

struct xval
v_sysctl_key(const struct rule_ctx *c)
{
	return xval_text(c->sysctl != NULL ? c->sysctl->key : STR(""));
}

struct xval
v_sysctl_value(const struct rule_ctx *c)
{
	return xval_text(c->sysctl != NULL ? c->sysctl->value : STR(""));
}

struct xval
v_sysctl_meant(const struct rule_ctx *c)
{
	return xval_text(c->sysctl != NULL ? str_c(c->sysctl->meant) : STR(""));
}

struct xval
v_login_fault(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[LOGIN_OPEN] = "",
		[LOGIN_METHODS] = "methods",
		[LOGIN_LISTS] = "lists",
		[LOGIN_USERS] = "users",
		[LOGIN_GROUPS] = "groups",
	};
	const struct effective *ev = c->row != NULL ? c->row->server : NULL;
	struct str word;

	/* the other parts may open what one part closes */
	return xval_text(ev != NULL && !c->row->part ? str_c(names[eff_login_fault(c->arena, ev, &word)]) : STR(""));
}

struct xval
v_login_word(const struct rule_ctx *c)
{
	const struct effective *ev = c->row != NULL ? c->row->server : NULL;
	struct str word = STR("");

	if (ev != NULL)
		(void)eff_login_fault(c->arena, ev, &word);
	return xval_text(word);
}

struct xval
vars_written(const void *ctx, unsigned slot)
{
	const struct rule_ctx *c = ctx;
	const struct effective *ev;
	const struct eff *e;
	enum kw_side side;
	unsigned row;

	if (!vars_row(slot, &side, &row) || c->row == NULL)
		return xval_unknown();
	ev = side == KW_CLIENT ? c->row->client : c->row->server;
	if (ev == NULL || ev->v == NULL ||
	    (c->start != NULL && c->start->uncertain != NULL && c->start->uncertain[row]))
		return xval_unknown();
	e = &ev->v[row];
	return e->state == EFF_SET && e->written.n > 0 ? xval_text(e->written) : xval_unknown();
}

struct xval
v_jump_broken(const struct rule_ctx *c)
{
	if (c->row == NULL)
		return (struct xval){ .known = false };
	return xval_number(c->row->jump_fault.n > 0);
}

struct xval
v_jump_fault(const struct rule_ctx *c)
{
	return xval_text(c->row != NULL ? c->row->jump_fault : STR(""));
}

struct xval
v_cleared_forwards(const struct rule_ctx *c)
{
	if (c->row == NULL)
		return (struct xval){ .known = false };
	return xval_number(c->row->client != NULL ? (double)c->row->client->n_cleared : 0);
}

/* The row has the recommended interval and count already: no other values would do better. */
struct xval
v_best_used(const struct rule_ctx *c)
{
	const struct judgement *j = (c->row != NULL ? c->row->judgement : NULL);
	const struct end *e;

	if (j == NULL)
		return (struct xval){ .known = false };
	e = c->row->side == KW_SERVER ? &j->clocks.server : &j->clocks.client;
	if (!e->interval.known || !e->count.known)
		return (struct xval){ .known = false };
	return xval_number(e->interval.v == j->best_interval.v && e->count.v == j->best_count.v);
}

struct xval
v_host_git(const struct rule_ctx *c)
{
	if (c->row == NULL || c->row->client == NULL)
		return xval_number(0);
	return xval_number(!judge_holds_sessions(c->row->client, NULL));
}
