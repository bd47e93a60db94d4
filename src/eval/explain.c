/* SPDX-License-Identifier: MIT */
/*
 * Why a line has no effect: the resolution is run once more while the result of every header is noted, and each
 * line that does not decide gets the line that beats it, or the header in its way and what of it fails.
 */
#include <string.h>

#include "eval/resolve.h"
#include "eval/seen.h"

#define NO_ITEM UINT32_MAX

static const struct hindrance no_hindrance = { .block = NO_ITEM, .item = NO_ITEM, .later = NO_SET };

/* One explanation being made. */
struct explain {
	struct arena *arena;
	struct conf *c;
	const struct effective *ev;
	struct trace trace;
	unsigned passes;
	struct seen *listed;		/* lines that are on the list of their keyword */
	struct seen *same[KW_ROWS_MAX]; /* texts of the forwards on the list, when they are first asked for */
};

static struct trace *
trace_of(const struct resolve *r)
{
	return r->c->side == KW_CLIENT ? r->target->trace : r->spec->trace;
}

/* The word that a keyword has so far, or what stands in for it. */
static struct str
slot_or(struct resolve *r, enum kw_id id, struct str otherwise)
{
	struct str text;
	bool set;

	return slot_text(r, id, &text, &set) && set ? text : otherwise;
}

static struct str
client_seen(struct resolve *r, const struct crit *k)
{
	const struct str none = { NULL, 0 };
	struct str me = r->env->local_user_known ? r->env->local_user : none, name;

	if (k->kind == CRIT_HOST)
		return match_host_name(r, &name) ? name : none;
	if (k->kind == CRIT_ORIGINALHOST)
		return r->target->host;
	if (k->kind == CRIT_USER)
		return r->target->user.n > 0 ? r->target->user : slot_or(r, KW_ID_USER, me);
	if (k->kind == CRIT_LOCALUSER)
		return me;
	if (k->kind == CRIT_TAGGED)
		return slot_or(r, KW_ID_TAG, none);
	return k->kind == CRIT_VERSION ? r->env->version_text : none;
}

static struct str
server_seen(struct resolve *r, const struct crit *k)
{
	const struct server_spec *s = r->spec;
	const struct str none = { NULL, 0 };

	if (k->kind == CRIT_USER || k->kind == CRIT_GROUP || k->kind == CRIT_INVALIDUSER)
		return s->has_user ? s->user : none;
	if (k->kind == CRIT_HOST)
		return s->has_host ? s->host : none;
	if (k->kind == CRIT_ADDRESS)
		return s->has_addr ? s->addr : none;
	if (k->kind == CRIT_LOCALADDRESS)
		return s->has_laddr ? s->laddr : none;
	if (k->kind == CRIT_LOCALPORT && s->has_lport && s->lport != 0)
		return arena_printf(r->arena, "%u", s->lport);
	return k->kind == CRIT_RDOMAIN && s->has_rdomain ? s->rdomain : none;
}

void
trace_crit(struct resolve *r, const struct block *b, const struct crit *k, enum tri t)
{
	struct trace *tr = trace_of(r);
	size_t at = (size_t)(b - r->c->block), p = r->pass == 2;

	if (tr == NULL)
		return;
	/* The first that fails decides; an undecided one counts only where none fails. */
	if (tr->item[p][at] != NO_ITEM && (t == TRI_MAYBE || tr->state[p][at] == TRI_NO))
		return;
	tr->item[p][at] = (uint32_t)(k - r->c->crit);
	tr->seen[p][at] = r->c->side == KW_CLIENT ? client_seen(r, k) : server_seen(r, k);
	tr->state[p][at] = t;
}

void
trace_block(struct resolve *r, const struct block *b, enum tri t)
{
	struct trace *tr = trace_of(r);

	if (tr != NULL)
		tr->state[r->pass == 2][b - r->c->block] = t;
}

static void
trace_make(struct explain *x)
{
	size_t n = x->c->n_block + 1;

	for (size_t p = 0; p < 2; p++) {
		x->trace.state[p] = ARENA_ARRAY(x->arena, enum tri, n);
		x->trace.item[p] = ARENA_ARRAY(x->arena, uint32_t, n);
		x->trace.seen[p] = ARENA_ARRAY(x->arena, struct str, n);
		/* A block that the index passes over does not match; yes would be told. */
		for (size_t i = 0; i < n; i++) {
			x->trace.state[p][i] = TRI_NO;
			x->trace.item[p][i] = NO_ITEM;
			x->trace.seen[p][i] = (struct str){ NULL, 0 };
		}
	}
}

static enum tri
header_state(const struct explain *x, unsigned p, uint32_t b)
{
	return x->c->block[b].kind == BLOCK_FILE ? TRI_YES : x->trace.state[p][b];
}

/* A block with all the headers above its Includes. */
static enum tri
block_in_pass(const struct explain *x, unsigned p, uint32_t b)
{
	enum tri t = TRI_YES;

	for (int32_t i = (int32_t)b; i >= 0; i = x->c->block[i].parent)
		t = tri_and(t, header_state(x, p, (uint32_t)i));
	return t;
}

/* The outermost header that came out as t. */
static uint32_t
header_in_the_way(const struct explain *x, unsigned p, uint32_t b, enum tri t)
{
	uint32_t found = b;

	for (int32_t i = (int32_t)b; i >= 0; i = x->c->block[i].parent)
		if (header_state(x, p, (uint32_t)i) == t)
			found = (uint32_t)i;
	return found;
}

/* Why a Host line does not match the name typed. */
static struct hindrance
host_hindrance(const struct explain *x, uint32_t block)
{
	const struct conf *c = x->c;
	const struct block *b = &c->block[block];
	struct str name = x->ev->host, real = x->ev->hostname_known ? x->ev->hostname : name;
	struct hindrance h = no_hindrance;
	bool positive = false;

	h.block = block;
	h.seen = name;
	h.obstacle = OBST_NO_PATTERN;
	for (uint32_t i = b->first_pat; i < b->first_pat + b->n_pat; i++) {
		struct str p = c->pat[i];
		bool negated = p.n > 0 && p.p[0] == '!';

		positive |= !negated;
		if (negated && pattern_match(name, str_from(p, 1))) {
			h.obstacle = OBST_NEGATED;
			h.item = i;
			return h;
		}
		if (negated || h.item != NO_ITEM)
			continue;
		if (str_chr(p, ',', 0) != SIZE_MAX && pattern_list(name, p, true) == 1)
			h.obstacle = OBST_COMMA;
		else if (pattern_imatch(name, p))
			h.obstacle = OBST_CASE;
		else if (!str_eq(real, name) && pattern_match(real, p))
			h.obstacle = OBST_HOSTNAME;
		else
			continue;
		h.item = i;
	}
	if (!positive && b->n_pat > 0)
		h.obstacle = OBST_ONLY_NEGATED;
	if (h.obstacle == OBST_HOSTNAME)
		h.seen = real;
	return h;
}

/* A HostName or User line that stands below the header and with which its criterion would hold. */
static uint32_t
set_too_late(const struct explain *x, const struct block *b, const struct crit *k)
{
	enum kw_id id = k->kind == CRIT_HOST ? KW_ID_HOSTNAME : KW_ID_USER;
	const struct eff *e;
	struct str value;

	if (x->c->side != KW_SERVER && (k->kind == CRIT_HOST || k->kind == CRIT_USER) && !k->negated) {
		e = eff_get(x->ev, id);
		value = id == KW_ID_HOSTNAME && x->ev->hostname_known ? x->ev->hostname : e->text;
		if (e->state == EFF_SET && e->set != NO_SET && (e->origin.src != b->src || e->origin.line > b->line) &&
		    pattern_list(value, k->arg, k->kind == CRIT_HOST) == 1)
			return e->set;
	}
	return NO_SET;
}

static struct hindrance
hindrance(const struct explain *x, unsigned p, uint32_t b, enum tri t)
{
	struct hindrance h = no_hindrance;
	const struct block *k;

	h.block = header_in_the_way(x, p, b, t);
	k = &x->c->block[h.block];
	if (k->bad) {
		h.obstacle = OBST_BAD;
	} else if (k->kind == BLOCK_HOST) {
		return host_hindrance(x, h.block);
	} else if (x->trace.item[p][h.block] != NO_ITEM) {
		h.obstacle = OBST_CRIT;
		h.item = x->trace.item[p][h.block];
		h.seen = x->trace.seen[p][h.block];
		if (t == TRI_NO)
			h.later = set_too_late(x, k, &x->c->crit[h.item]);
	}
	return h;
}

/* Lines that the header lets through only in the second pass are told by that pass. */
static unsigned
telling_pass(const struct explain *x, uint32_t b)
{
	uint32_t top = header_in_the_way(x, 0, b, TRI_NO), item = x->trace.item[0][top];
	enum crit_kind kind;

	if (x->passes < 2 || x->c->block[top].kind != BLOCK_MATCH || item == NO_ITEM)
		return 0;
	kind = (enum crit_kind)x->c->crit[item].kind;
	return kind == CRIT_FINAL || kind == CRIT_CANONICAL;
}

/* The forward that is on the list already. */
static uint32_t
same_value(struct explain *x, const struct lost *l)
{
	const struct eff *e = &x->ev->v[l->row];
	struct seen **same = &x->same[l->row];
	struct value v;

	for (size_t i = *same == NULL ? 0 : e->n_also; i < e->n_also; i++) {
		if (*same == NULL)
			*same = seen_new(x->arena);
		conf_set_value(x->c, x->arena, &x->c->set[e->also[i]], &v);
		(void)seen_add(*same, x->arena, e->also[i], &v.text);
	}
	conf_set_value(x->c, x->arena, &x->c->set[l->set], &v);
	return *same != NULL ? seen_find(*same, v.text) : NO_SET;
}

/* A line of a block that applies, and still it does not decide. */
static void
beaten(struct explain *x, struct lost *l, bool first, bool second)
{
	const struct conf *c = x->c;
	const struct kw *k = kw_row(c->side, l->row);
	const struct eff *e = &x->ev->v[l->row], *clear = eff_get(x->ev, KW_ID_CLEARALLFORWARDINGS);
	bool last = k->merge == KW_LAST && c->ver.n < k->last_until;

	l->by = e->set;
	l->why = LOSE_LATER;
	if ((c->set[l->set].flags & SET_UNSETS) != 0) {
		l->why = LOSE_NONE;
	} else if (k->type == KW_T_FORWARD && clear->state == EFF_SET && clear->num == 1) {
		l->why = LOSE_CLEARED;
		l->by = clear->set;
	} else if (k->merge == KW_APPEND) {
		l->why = LOSE_SAME;
		l->by = same_value(x, l);
	} else if (e->set == NO_SET && (k->id == KW_ID_PROXYCOMMAND || k->id == KW_ID_PROXYJUMP)) {
		l->why = LOSE_PROXY;
		l->by = eff_get(x->ev, k->id == KW_ID_PROXYJUMP ? KW_ID_PROXYCOMMAND : KW_ID_PROXYJUMP)->set;
	} else if (e->set == NO_SET) {
		return;
	} else if (c->side == KW_SERVER && server_below_match(c, c->set[e->set].block) &&
	    !server_below_match(c, c->set[l->set].block)) {
		l->why = LOSE_OVERRIDDEN;
	} else if (e->set > l->set && last) {
		l->why = LOSE_LAST;
	} else if (e->set > l->set && k->type == KW_T_UNUSEDTIMEOUT) {
		l->why = LOSE_BY_NONE;
	} else if (e->set > l->set && !first && second) {
		l->why = LOSE_FINAL;
	}
}

static bool
is_used(const struct explain *x, uint32_t set)
{
	const struct eff *e = &x->ev->v[x->c->set[set].row];

	return e->set == set || (e->n_also > 0 && seen_has(x->listed, set));
}

/* sshd before 10.5 shows two words of a Match block, but acts on the global section (servconf.c). */
static bool
no_effect_in_match(const struct conf *c, const struct kw *k, uint32_t block)
{
	return c->side == KW_SERVER && c->ver.n < VER(10, 5) &&
	    (k->id == KW_ID_CHANNELTIMEOUT || k->id == KW_ID_REKEYLIMIT) && server_below_match(c, block);
}

/* Would the line lose even if its undecided block applied?  The value is known then, and its line is read first. */
static bool
is_behind_winner(const struct explain *x, uint32_t set)
{
	const struct conf *c = x->c;
	const struct eff *e = &x->ev->v[c->set[set].row];

	return c->side == KW_CLIENT && kw_row(c->side, c->set[set].row)->merge == KW_FIRST && e->state == EFF_SET &&
	    e->set != NO_SET && e->set < set && block_in_pass(x, 0, c->set[set].block) == TRI_MAYBE;
}

/* False when the line has its effect. */
static bool
explain_line(struct explain *x, uint32_t i, uint32_t *io_second, struct lost *l)
{
	const struct conf *c = x->c;
	const struct set *s = &c->set[i];
	const struct kw *k = kw_row(c->side, s->row);
	bool first, second;
	enum tri t;

	*l = (struct lost){ .set = i, .row = s->row, .by = NO_SET, .in_the_way = no_hindrance };
	t = block_in_pass(x, 0, s->block);
	first = t == TRI_YES || (c->side == KW_SERVER && server_global(c, s->block));
	second = x->passes == 2 && block_in_pass(x, 1, s->block) == TRI_YES;
	if (k->merge == KW_HALVES && (first || second) && *io_second == NO_SET) {
		struct value v;

		conf_set_value(c, x->arena, s, &v);
		if (v.has_num2) {
			*io_second = i;
			return false;
		}
	}
	if (is_used(x, i)) {
		l->why = LOSE_SCOPE;
		return no_effect_in_match(c, k, s->block);
	}
	if (first || second || is_behind_winner(x, i)) {
		beaten(x, l, first, second);
	} else if (t == TRI_MAYBE || (x->passes == 2 && block_in_pass(x, 1, s->block) == TRI_MAYBE)) {
		l->why = LOSE_UNKNOWN;
		l->in_the_way = hindrance(x, t == TRI_MAYBE ? 0 : 1, s->block, TRI_MAYBE);
	} else {
		unsigned p = telling_pass(x, s->block);

		l->why = LOSE_NO_MATCH;
		l->in_the_way = hindrance(x, p, s->block, TRI_NO);
	}
	return true;
}

static void
explain_doubts(const struct explain *x, struct explained *ret)
{
	const struct conf *c = x->c;
	size_t rows;

	(void)kw_table(c->side, &rows);
	ret->doubt = ARENA_ARRAY(x->arena, struct hindrance, rows);
	for (size_t i = 0; i < rows; i++) {
		const struct eff *e = &x->ev->v[i];

		ret->doubt[i] = no_hindrance;
		for (uint32_t b = 0; e->state == EFF_UNKNOWN && b < c->n_block; b++) {
			const struct block *k = &c->block[b];
			unsigned p = x->passes == 2 && header_state(x, 0, b) != TRI_MAYBE;

			if (k->kind == BLOCK_FILE || k->src != e->reason_at.src || k->line + 1 != e->reason_at.line ||
			    header_state(x, p, b) != TRI_MAYBE)
				continue;
			ret->doubt[i].block = b;
			ret->doubt[i].item = x->trace.item[p][b];
			ret->doubt[i].obstacle = k->kind == BLOCK_MATCH ? OBST_CRIT : OBST_NONE;
		}
	}
}

static void
explain_all(struct explain *x, struct explained *ret)
{
	const struct conf *c = x->c;
	uint32_t second = NO_SET;
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_set; i++)
		n += kw_row(c->side, c->set[i].row)->print != 0;
	ret->lost = ARENA_ARRAY(x->arena, struct lost, n + 1);
	ret->n_lost = 0;
	x->listed = listed_sets(x->arena, c, x->ev);
	for (uint32_t i = 0; i < c->n_set; i++)
		if (kw_row(c->side, c->set[i].row)->print != 0)
			ret->n_lost += explain_line(x, i, &second, &ret->lost[ret->n_lost]);
	explain_doubts(x, ret);
}

void
eff_explain_client(struct arena *a, struct conf *c, const struct target *t, const struct client_env *env,
    const struct effective *ev, struct explained *ret)
{
	struct explain x = { .arena = a, .c = c, .ev = ev, .passes = ev->second_pass ? 2 : 1 };
	struct effective again;
	struct target traced = *t;

	memset(ret, 0, sizeof(*ret));
	if (ev->refused || ev->v == NULL)
		return;
	trace_make(&x);
	traced.trace = &x.trace;
	eff_client(a, c, &traced, env, EFF_LOSERS_NONE, &again);
	explain_all(&x, ret);
}

void
eff_explain_server(
    struct arena *a, struct conf *c, const struct server_spec *spec, const struct effective *ev, struct explained *ret)
{
	struct explain x = { .arena = a, .c = c, .ev = ev, .passes = 1 };
	struct effective again;
	struct server_spec traced = *spec;

	memset(ret, 0, sizeof(*ret));
	if (ev->refused || ev->v == NULL)
		return;
	trace_make(&x);
	traced.trace = &x.trace;
	eff_server(a, c, &traced, EFF_LOSERS_NONE, &again);
	explain_all(&x, ret);
}
