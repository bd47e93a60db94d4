/* SPDX-License-Identifier: MIT */
/* The lines that win for a host, as a key; and what all hosts together use of a configuration. */
#include "eval/brief.h"

#include <string.h>

#include "conf/pattern.h"
#include "conf/template.h"
#include "eval/cover.h"
#include "eval/resolve.h"
#include "eval/seen.h"

enum { KEY_WORDS = 1024, LIVE_FIRST = 64 };

/* Marks in a key, so that the lists in it cannot run into each other. */
#define MARK_ROW   0xf0000000u
#define MARK_MAYBE 0xf1000000u
#define MARK_OWN   0xf2000000u
#define MARK_USER  0xf3000000u

struct brief {
	struct arena scratch; /* one host */
	struct resolve r;
	struct effective ev; /* its name only */
	const bool *matters;
	bool needed[KW_ROWS_MAX]; /* read at all */
	bool keyed[KW_ROWS_MAX];  /* part of the key */
	bool told[KW_ROWS_MAX];	  /* hosts with equal keys agree whether it is set and known */
	bool wide;
	bool only_state[KW_ROWS_MAX]; /* whether it is set is all that counts */
	uint32_t word[KEY_WORDS];
	size_t n;
	bool full;
	bool alone;	     /* no key can say what the files' faults mean for a host */
	uint32_t jump_value; /* the ProxyJump value whose text is kept in jump */
	struct str jump;     /* its last hop */
	struct arena *arena;
};

/* Keywords that stand on two lines or more, one of which may beat the other. */
static void
add_wide(struct brief *b, const struct conf *c)
{
	uint32_t seen[KW_ROWS_MAX] = { 0 };

	for (size_t i = 0; i < c->n_set; i++)
		if (seen[c->set[i].row]++ > 0 && kw_one_wins(kw_row(c->side, c->set[i].row)))
			b->needed[c->set[i].row] = true;
}

struct brief *
brief_new(struct arena *a, struct conf *c, const struct client_env *env, const bool *matters, bool wide)
{
	struct brief *b = ARENA_NEW(a, struct brief);
	size_t n;
	const struct kw *table = kw_table(c->side, &n);

	b->arena = a;
	b->matters = matters;
	b->jump_value = SET_OWN_VALUE;
	for (size_t i = 0; i < n; i++)
		b->needed[i] = table[i].print != 0 || table[i].id != KW_ID_NONE || matters[i];
	path_rows(c, b->needed);
	memcpy(b->keyed, b->needed, sizeof b->keyed);
	memcpy(b->told, b->needed, sizeof b->told);
	b->told[conf_row(c, KW_ID_HOSTNAME)] = matters[conf_row(c, KW_ID_HOSTNAME)];
	b->wide = wide;
	if (wide)
		add_wide(b, c);
	/* Which hosts an empty pattern stops depends on their names. */
	for (size_t i = 0; i < c->n_diag; i++)
		b->alone |= c->diag[i].kind == DIAG_NO_ARGUMENT && c->block[c->diag[i].block].kind == BLOCK_HOST;
	b->only_state[conf_row(c, KW_ID_PORT)] = !matters[conf_row(c, KW_ID_PORT)];
	b->r = (struct resolve){ .c = c, .env = env, .matters = b->needed };
	b->r.live = ARENA_ARRAY(&c->arena, uint32_t, LIVE_FIRST);
	b->r.cap_live = LIVE_FIRST;
	slots_init(&b->r);
	return b;
}

static void
push(struct brief *b, uint32_t w)
{
	if (b->n < KEY_WORDS)
		b->word[b->n++] = w;
	else
		b->full = true;
}

/* A set by its value, where two lines can be known to say the same, else by itself. */
static void
push_set(struct brief *b, uint32_t set)
{
	const struct conf *c = b->r.c;
	const struct set *s;

	if (set == NO_SET) {
		push(b, NO_SET);
		return;
	}
	s = &c->set[set];
	if (c->src[s->src].origin == SOURCE_CMDLINE || s->value == SET_OWN_VALUE) {
		push(b, MARK_OWN);
		push(b, set);
	} else {
		push(b, s->value);
	}
}

/*
 * Hosts have users of their own, and all that a user says of a session is whether it is git's: then only that counts.
 * With tokens or variables in it, and where a rule reads it, it counts as it stands.
 */
static void
push_user(struct brief *b, unsigned row, uint32_t set)
{
	struct value v;

	if (set == NO_SET || b->matters[row]) {
		push_set(b, set);
		return;
	}
	conf_set_value(b->r.c, &b->scratch, &b->r.c->set[set], &v);
	if (str_chr(v.text, '%', 0) != SIZE_MAX || str_chr(v.text, '$', 0) != SIZE_MAX) {
		push_set(b, set);
		return;
	}
	push(b, MARK_USER);
	push(b, str_eqc(v.text, "git"));
}

static void
push_slot(struct brief *b, unsigned row)
{
	const struct conf *c = b->r.c;
	const struct slot *s = &b->r.slot[row];
	const struct kw *k = kw_row(c->side, row);

	push(b, MARK_ROW + row);
	/* Which lines stand before it is what counts here, not only what it says. */
	if (k->id == KW_ID_IGNOREUNKNOWN) {
		push(b, s->win);
		push(b, b->r.ignore);
	} else if (k->merge == KW_APPEND) {
		push(b, (uint32_t)s->n_all);
		for (size_t i = 0; i < s->n_all; i++)
			push_set(b, s->all[i]);
	} else if (k->id == KW_ID_USER) {
		push_user(b, row, s->win);
	} else if (!b->only_state[row]) {
		push_set(b, s->win);
		if (k->merge == KW_HALVES)
			push_set(b, s->second);
	}
	if (s->maybe == NULL)
		return;
	/* What is undecided is told with the line in the way. */
	push(b, MARK_MAYBE);
	push(b, s->win);
	for (const struct maybe *m = s->maybe; m != NULL; m = m->next)
		push(b, m->set);
}

static void
sort_rows(struct resolve *r)
{
	for (unsigned i = 1; i < r->n_touched; i++) {
		uint16_t row = r->touched[i];
		unsigned k = i;

		for (; k > 0 && r->touched[k - 1] > row; k--)
			r->touched[k] = r->touched[k - 1];
		r->touched[k] = row;
	}
}

/* May the last jump host be the target, which ssh refuses?  Then the host is resolved by itself. */
static bool
may_loop(struct brief *b)
{
	const struct slot *s = &b->r.slot[conf_row(b->r.c, KW_ID_PROXYJUMP)];
	const struct set *set;
	size_t at;

	if (s->win == NO_SET)
		return false;
	set = &b->r.c->set[s->win];
	if (set->value == SET_OWN_VALUE || set->value != b->jump_value) {
		struct str hop;
		struct value v;

		conf_set_value(b->r.c, &b->scratch, set, &v);
		hop = v.text;
		while ((at = str_chr(hop, ',', 0)) != SIZE_MAX)
			hop = str_from(hop, at + 1);
		b->jump_value = set->value;
		b->jump = arena_str(b->arena, hop);
	}
	return str_find(b->jump, b->ev.hostname) != SIZE_MAX;
}

static uint64_t
key_hash(const uint32_t *w, size_t n)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ n;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ w[i]) * 0xff51afd7ed558ccdu;
		h ^= h >> 29;
	}
	return h;
}

void
brief_of(struct brief *b, const struct target *t, struct brief_row *ret)
{
	struct resolve *r = &b->r;

	slots_clear(r);
	arena_reset(&b->scratch);
	b->ev = (struct effective){ .conf = r->c, .host = t->host };
	r->arena = &b->scratch;
	r->target = t;
	r->name = t->host;
	r->name_known = true;
	r->name_reason = NULL;
	r->refused = false;
	b->n = 0;
	b->full = false;
	client_read(r, &b->ev);
	sort_rows(r);
	for (unsigned i = 0; i < r->n_touched; i++)
		if (b->keyed[r->touched[i]] && (b->told[r->touched[i]] || r->slot[r->touched[i]].maybe != NULL))
			push_slot(b, r->touched[i]);
	push(b, b->ev.hostname_known);
	push(b, slots_proxy(r));
	*ret = (struct brief_row){ .word = b->word,
		.n = b->n,
		.hash = key_hash(b->word, b->n),
		.hostname = b->ev.hostname_known ? b->ev.hostname : t->host,
		.own = b->full || b->alone || r->refused || may_loop(b) };
}

uint32_t
brief_winner(const struct brief *b, unsigned row)
{
	return b->r.slot[row].win;
}

void
use_init(struct arena *a, const struct conf *c, struct conf_use *ret)
{
	size_t n;
	const struct kw *table = kw_table(c->side, &n);

	*ret = (struct conf_use){ .conf = c, .cover = cover_new(a, c) };
	ret->set = ARENA_ARRAY(a, struct line_use, c->n_set + 1);
	for (size_t i = 0; i < c->n_set; i++)
		ret->set[i].by = NO_SET;
	/* Halves are two values on one line each. */
	for (size_t i = 0; i < n; i++)
		ret->all[i] = table[i].merge == KW_HALVES;
}

static void
add_ignore(struct arena *a, struct conf_use *u, uint32_t set)
{
	for (size_t i = 0; i < u->n_ignore; i++)
		if (u->ignore[i] == set)
			return;
	if (u->n_ignore == u->cap_ignore) {
		size_t cap = u->cap_ignore * 2 + 8;
		uint32_t *p = ARENA_ARRAY(a, uint32_t, cap);

		if (u->n_ignore > 0)
			memcpy(p, u->ignore, u->n_ignore * sizeof(*p));
		u->ignore = p;
		u->cap_ignore = cap;
	}
	u->ignore[u->n_ignore++] = set;
}

static void
mark_used(struct conf_use *u, uint32_t set)
{
	if (set != NO_SET)
		u->set[set].used = true;
}

static void
mark_late(struct conf_use *u, uint32_t set, uint32_t by)
{
	const struct conf *c = u->conf;

	/* What an option of this run beats is no fault of the file. */
	if (by != NO_SET && c->src[c->set[by].src].origin == SOURCE_CMDLINE) {
		u->set[set].used = true;
		return;
	}
	if (by != NO_SET && by != u->set[set].by && !u->set[set].unsure)
		u->set[set].unsure = !cover_is_sure(u->cover, c->set[by].block, c->set[set].block);
	u->set[set].late = true;
	if (u->set[set].by == NO_SET)
		u->set[set].by = by;
}

/* ProxyJump and ProxyCommand keep each other out: then the other one's line is what wins. */
static unsigned
rival_of(const struct conf *c, unsigned row)
{
	enum kw_id id = kw_row(c->side, row)->id;

	return id == KW_ID_PROXYJUMP ? conf_row(c, KW_ID_PROXYCOMMAND) :
	    id == KW_ID_PROXYCOMMAND ? conf_row(c, KW_ID_PROXYJUMP) :
				       row;
}

/* Forwards without a winner were taken back by ClearAllForwardings; SK506 tells of it. */
static bool
is_cleared(const struct conf *c, unsigned row, uint32_t win)
{
	return kw_row(c->side, row)->type == KW_T_FORWARD && win == NO_SET;
}

/* An undecided value may rest on any of its lines. */
void
use_add_key(struct arena *a, struct conf_use *u, const struct effective *ev)
{
	size_t n;
	unsigned ignore = conf_row(u->conf, KW_ID_IGNOREUNKNOWN);

	(void)kw_table(u->conf->side, &n);
	for (size_t i = 0; i < n; i++)
		u->all[i] |= ev->v[i].state == EFF_UNKNOWN && !ev->v[i].computed;
	u->refused |= ev->refused && !ev->refused_own;
	u->accepted |= !ev->refused || ev->refused_own;
	add_ignore(a, u, ignore != KW_UNKNOWN ? ev->v[ignore].set : NO_SET);
}

void
use_add(struct arena *a, struct conf_use *u, const struct effective *ev)
{
	size_t n;

	(void)kw_table(u->conf->side, &n);
	for (size_t i = 0; i < n; i++) {
		mark_used(u, ev->v[i].set);
		for (size_t k = 0; k < ev->v[i].n_also; k++)
			mark_used(u, ev->v[i].also[k]);
	}
	for (size_t i = 0; i < ev->n_loser; i++) {
		const struct loser *l = &ev->loser[i];
		uint32_t by = ev->v[l->row].set;

		if (is_cleared(u->conf, l->row, by))
			continue;
		if (by == NO_SET)
			by = ev->v[rival_of(u->conf, l->row)].set;
		if (l->why == LOSE_LATER || l->why == LOSE_OVERRIDDEN)
			mark_late(u, l->set, by);
	}
	use_add_key(a, u, ev);
}

/* Does the block apply to whoever connects? */
static bool
is_always(const struct conf *c, uint32_t block)
{
	const struct block *b = &c->block[block];
	bool star = b->kind == BLOCK_FILE;

	for (uint32_t i = 0; b->kind == BLOCK_HOST && i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (p.n > 0 && p.p[0] == '!')
			return false;
		star |= str_eqc(p, "*") && !conf_may_negate(c, b, i);
	}
	if (b->kind == BLOCK_MATCH)
		star = b->n_crit == 1 && c->crit[b->first_crit].kind == CRIT_ALL && !c->crit[b->first_crit].negated;
	return star && !b->bad && (b->parent < 0 || is_always(c, (uint32_t)b->parent));
}

/* Is it one of which the first line alone counts, whatever other keywords say? */
static bool
is_first_wins(const struct conf *c, unsigned row)
{
	const struct kw *k = kw_row(c->side, row);

	return k->merge == KW_FIRST && rival_of(c, row) == row;
}

/* The first line of a Subsystem's name among those of one reach: outside Match, in one block, or in Match all. */
static uint32_t
first_of_name(struct arena *a, struct seen *seen, uint32_t reach, struct str name, uint32_t add)
{
	struct str key = arena_printf(a, "%u %.*s", reach, STR_ARG(name));
	uint32_t first = seen_find(seen, key);

	if (first == NO_SET && add != NO_SET)
		(void)seen_add(seen, a, add, &key);
	return first;
}

/*
 * Subsystems are a list in which each name counts once: the first line outside Match, over which the first of the
 * blocks that match is laid for a connection.  Source: servconf.c, case sSubsystem and servconf_merge_subsystems(), of
 * 9.5; sshd refuses a second line before.
 */
static void
certain_subsystems(struct arena *a, struct conf_use *u)
{
	enum { OUTSIDE, ALWAYS, BLOCKS };
	const struct conf *c = u->conf;
	unsigned row = conf_row(c, KW_ID_SUBSYSTEM);
	struct seen *seen = seen_new(a);
	struct str *name = ARENA_ARRAY(a, struct str, c->n_set + 1);

	for (uint32_t i = 0; i < c->n_set; i++) {
		uint32_t block = c->set[i].block, by;
		struct value v;
		bool always;

		if (c->set[i].row != row || conf_is_vague(&c->set[i]))
			continue;
		always = is_always(c, block);
		conf_set_value(c, a, &c->set[i], &v);
		name[i] = v.name;
		if (!server_below_match(c, block)) {
			by = first_of_name(a, seen, OUTSIDE, v.name, always ? i : NO_SET);
		} else {
			by = first_of_name(a, seen, ALWAYS, v.name, always ? i : NO_SET);
			if (by == NO_SET)
				by = first_of_name(a, seen, BLOCKS + block, v.name, i);
		}
		if (by != NO_SET)
			u->set[i] = (struct line_use){ .by = by, .late = true, .certain = true };
	}
	for (uint32_t i = 0; i < c->n_set; i++) {
		uint32_t by = name[i].n == 0 || server_below_match(c, c->set[i].block) ?
		    NO_SET :
		    first_of_name(a, seen, ALWAYS, name[i], NO_SET);

		if (by != NO_SET)
			u->set[i] = (struct line_use){ .by = by, .late = true, .certain = true };
	}
}

void
use_certain(struct arena *a, struct conf_use *u)
{
	const struct conf *c = u->conf;
	uint32_t first[KW_ROWS_MAX], block = UINT32_MAX;
	bool always = false;

	if (c->side == KW_SERVER && c->ver.n >= VER(9, 5))
		certain_subsystems(a, u);
	if (c->side != KW_CLIENT)
		return;
	memset(first, 0xff, sizeof first);
	for (uint32_t i = 0; i < c->n_set; i++) {
		const struct set *s = &c->set[i];

		if ((s->flags & (SET_UNSETS | SET_NOTREAD)) != 0 || s->value == SET_ANY || !is_first_wins(c, s->row))
			continue;
		if (first[s->row] != NO_SET) {
			u->set[i].late = u->set[i].certain = true;
			if (u->set[i].by == NO_SET || u->set[i].unsure)
				u->set[i].by = first[s->row];
			continue;
		}
		if (s->block != block)
			always = is_always(c, s->block);
		block = s->block;
		if (always && c->src[s->src].origin != SOURCE_CMDLINE)
			first[s->row] = i;
	}
}

static bool
is_looked_at(const struct brief *b, unsigned row)
{
	const struct kw *k = kw_row(KW_CLIENT, row);

	return k->print != 0 || (b->wide && b->needed[row] && kw_one_wins(k));
}

void
brief_use(const struct brief *b, struct conf_use *u, const struct effective *ev)
{
	const struct resolve *r = &b->r;
	const struct conf *c = r->c;

	for (unsigned i = 0; i < r->n_touched; i++) {
		const struct slot *s = &r->slot[r->touched[i]];

		/* ClearAllForwardings empties the lists. */
		if (b->told[r->touched[i]] && ev->v[r->touched[i]].state == EFF_DEFAULT)
			continue;
		if (!b->told[r->touched[i]])
			u->all[r->touched[i]] |= s->maybe != NULL;
		mark_used(u, s->win);
		for (size_t k = 0; k < s->n_all; k++)
			mark_used(u, s->all[k]);
	}
	for (size_t i = 0; i < r->n_live; i++) {
		const struct seg *seg = &c->seg[r->live[i]];

		for (uint32_t k = seg->first_set; k < seg->first_set + seg->n_set; k++) {
			const struct set *set = &c->set[k];
			uint32_t by;

			if (u->set[k].used || !is_looked_at(b, set->row) || (set->flags & SET_UNSETS) != 0)
				continue;
			by = b->told[set->row] && ev->v[set->row].state == EFF_DEFAULT ? NO_SET : r->slot[set->row].win;
			if (is_cleared(c, set->row, by))
				continue;
			if (by == NO_SET)
				by = r->slot[rival_of(c, set->row)].win;
			mark_late(u, k, by);
		}
	}
}

void
brief_release(struct brief *b)
{
	arena_release(&b->scratch);
}
