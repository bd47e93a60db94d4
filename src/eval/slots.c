/* SPDX-License-Identifier: MIT */
/*
 * What each keyword gets from the lines of active blocks: the first value wins, with the exceptions of the
 * keyword table, and undecided blocks are kept beside until it is clear whether they matter.
 */
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "eval/resolve.h"
#include "eval/seen.h"
#include "conf/template.h"

static bool
value_is_word(const struct conf *c, struct arena *a, uint32_t set, const char *word)
{
	struct args args;
	struct str name;

	return conf_set_args(c, a, &c->set[set], &name, &args) && args.n > 0 && str_ieqc(args.v[0].text, word);
}

/* Does an accepted ProxyJump or ProxyCommand keep this one out?  ssh_config(5) ProxyJump; reference 2.6. */
static enum tri
proxy_blocked(struct resolve *r, enum kw_id id)
{
	const struct conf *c = r->c;
	const struct slot *command = &r->slot[conf_row(c, KW_ID_PROXYCOMMAND)];
	const struct slot *jump = &r->slot[conf_row(c, KW_ID_PROXYJUMP)];
	const struct slot *other = id == KW_ID_PROXYJUMP ? command : jump;

	if (other->win != NO_SET && conf_is_vague(&c->set[other->win]))
		return TRI_MAYBE;
	if (other->win != NO_SET) {
		struct value v = { .num = 1 };
		bool none, none_blocks = !c->ver.debian && c->ver.n >= VER(7, 8) && c->ver.n < VER(10, 3);

		if (id == KW_ID_PROXYCOMMAND)
			conf_set_value(c, r->arena, &c->set[other->win], &v);
		none = v.num == 0;
		return none && !none_blocks ? TRI_NO : TRI_YES;
	}
	return other->maybe != NULL ? TRI_MAYBE : TRI_NO;
}

static void
add_maybe(struct resolve *r, struct slot *s, uint32_t set)
{
	struct maybe *m = ARENA_NEW(r->arena, struct maybe);

	r->c->work += SET_WORK;
	m->set = set;
	m->next = s->maybe;
	s->maybe = m;
}

/* Is the line on the list?  A forward also when another line says the same (reference 2.1). */
static bool
is_listed(struct resolve *r, struct slot *s, uint32_t set, const struct kw *k)
{
	struct value v;

	if (s->seen == NULL)
		s->seen = seen_new(r->arena);
	if (k->type != KW_T_FORWARD || r->c->ver.n < VER(7, 3))
		return !seen_add(s->seen, r->arena, set, NULL);
	conf_set_value(r->c, r->arena, &r->c->set[set], &v);
	return !seen_add(s->seen, r->arena, set, &v.text);
}

static void
append(struct resolve *r, struct slot *s, uint32_t set, enum tri active, const struct kw *k)
{
	r->c->work += SET_WORK;
	if (is_listed(r, s, set, k))
		return;
	if (s->n_all == s->cap_all) {
		size_t cap = s->cap_all == 0 ? 4 : s->cap_all * 2;
		uint32_t *p = ARENA_ARRAY(r->arena, uint32_t, cap);

		if (s->n_all > 0)
			memcpy(p, s->all, s->n_all * sizeof(*p));
		s->all = p;
		s->cap_all = cap;
	}
	s->all[s->n_all++] = set;
	s->n_first += r->pass == 1;
	s->all_maybe |= active == TRI_MAYBE;
	if (s->win == NO_SET && active == TRI_YES)
		s->win = set;
	if (active == TRI_MAYBE)
		add_maybe(r, s, set);
}

/* Two values, each first-wins; has_num2 tells a line that sets the second. */
static void
take_halves(struct resolve *r, struct slot *s, uint32_t set, enum tri active)
{
	struct value v;

	conf_set_value(r->c, r->arena, &r->c->set[set], &v);
	if (active == TRI_MAYBE) {
		if (s->win == NO_SET || (v.has_num2 && s->second == NO_SET))
			add_maybe(r, s, set);
		return;
	}
	if (s->win == NO_SET)
		s->win = set;
	if (s->second == NO_SET && v.has_num2)
		s->second = set;
}

void
slots_init(struct resolve *r)
{
	memset(r->slot, 0, sizeof(r->slot));
	for (size_t i = 0; i < KW_ROWS_MAX; i++)
		r->slot[i].win = r->slot[i].second = NO_SET;
	r->n_touched = 0;
}

void
slots_clear(struct resolve *r)
{
	for (unsigned i = 0; i < r->n_touched; i++)
		r->slot[r->touched[i]] = (struct slot){ .win = NO_SET, .second = NO_SET };
	r->n_touched = 0;
}

static bool
is_empty(const struct slot *s)
{
	return s->win == NO_SET && s->second == NO_SET && s->maybe == NULL && s->n_all == 0;
}

static void
take_value(struct resolve *r, uint32_t set, enum tri active, const struct kw *k, struct slot *s)
{
	if (k->id == KW_ID_PROXYCOMMAND || k->id == KW_ID_PROXYJUMP) {
		enum tri blocked = s->win == NO_SET ? proxy_blocked(r, k->id) : TRI_YES;

		if (blocked == TRI_YES)
			return;
		if (blocked == TRI_MAYBE)
			active = TRI_MAYBE;
	}
	if (k->merge == KW_APPEND) {
		append(r, s, set, active, k);
	} else if (k->merge == KW_HALVES) {
		take_halves(r, s, set, active);
	} else if (k->merge == KW_LAST && r->c->ver.n < k->last_until) {
		struct value v;

		if (active == TRI_YES)
			s->win = set;
		else
			add_maybe(r, s, set);
		if (k->type == KW_T_STARTUPS && active == TRI_YES) {
			conf_set_value(r->c, r->arena, &r->c->set[set], &v);
			s->second = v.has_num2 ? set : s->second;
		}
	} else if (k->type == KW_T_UNUSEDTIMEOUT && active == TRI_YES && value_is_word(r->c, r->arena, set, "none")) {
		s->win = set; /* "none" is stored even over an earlier value */
	} else if (s->win == NO_SET) {
		if (active == TRI_YES)
			s->win = set;
		else
			add_maybe(r, s, set);
	}
}

void
take_set(struct resolve *r, uint32_t set, enum tri active)
{
	const struct set *line = &r->c->set[set];
	struct slot *s = &r->slot[line->row];
	bool empty;

	if (active == TRI_NO || (line->flags & SET_UNSETS) != 0 || (r->matters != NULL && !r->matters[line->row]))
		return;
	r->c->work += 2;
	empty = is_empty(s);
	take_value(r, set, active, kw_row(r->c->side, line->row), s);
	if (empty && !is_empty(s))
		r->touched[r->n_touched++] = line->row;
}

bool
slot_text(struct resolve *r, enum kw_id id, struct str *ret, bool *ret_set)
{
	unsigned row = conf_row(r->c, id);
	const struct slot *s = row == KW_UNKNOWN ? NULL : &r->slot[row];
	struct args args;
	struct str word;

	*ret = (struct str){ NULL, 0 };
	*ret_set = false;
	if (s == NULL)
		return true;
	if (s->maybe != NULL || (s->win != NO_SET && conf_is_vague(&r->c->set[s->win])))
		return false;
	if (s->win == NO_SET)
		return true;
	*ret_set = true;
	if (conf_plain_arg(r->c, &r->c->set[s->win], ret))
		return true;
	if (conf_set_args(r->c, r->arena, &r->c->set[s->win], &word, &args) && args.n > 0)
		*ret = args.v[0].text;
	return true;
}

static void
eff_from_set(struct resolve *r, struct eff *e, uint32_t set)
{
	const struct conf *c = r->c;
	const struct set *s = &c->set[set];
	const struct kw *k = kw_row(c->side, s->row);

	e->state = EFF_SET;
	e->from = c->src[s->src].origin == SOURCE_CMDLINE ? EFF_FROM_CMDLINE : EFF_FROM_FILE;
	e->set = set;
	e->origin = conf_line_span(c, s->src, s->line);
	/* Values of words that nothing here uses stay text on their line. */
	if (k->print != 0 || k->id != KW_ID_NONE) {
		struct value v;

		conf_set_value(c, r->arena, s, &v);
		e->num = v.num;
		e->num2 = v.num2;
		e->num3 = v.num3;
		e->has_num2 = v.has_num2;
		e->text = v.text;
		e->written = v.written;
	}
}

static void
eff_default(struct resolve *r, struct eff *e, const struct kw *k)
{
	const struct kw_word *w;
	struct str text = str_c(kw_default_in(k, r->c->ver));

	e->state = EFF_DEFAULT;
	e->from = EFF_FROM_DEFAULT;
	e->set = NO_SET;
	e->text = text;
	e->num = 0;
	for (w = k->words; w != NULL && w->word != NULL; w++)
		if (k->type != KW_T_ALGS && str_eqc(text, w->printed != NULL ? w->printed : w->word))
			break;
	if (w != NULL && w->word != NULL) {
		e->num = w->num;
	} else if (k->type == KW_T_FLAG || k->type == KW_T_PENALTIES) {
		e->num = str_eqc(text, "yes");
	} else {
		uint64_t n;

		if (num_uint(text, INT64_MAX, &n, NULL) == SK_OK)
			e->num = (int64_t)n;
	}
}

static void
finish_halves(struct resolve *r, const struct slot *s, const struct kw *k, struct eff *e)
{
	struct eff second = { 0 };

	if (s->win == NO_SET)
		return;
	if (k->type == KW_T_AGENT) {
		/* the path is what is printed, whatever the flag says */
		if (s->second != NO_SET)
			eff_from_set(r, &second, s->second);
		e->text = s->second != NO_SET ? second.text : e->text;
		return;
	}
	e->num2 = 0;
	e->has_num2 = false;
	if (s->second != NO_SET) {
		eff_from_set(r, &second, s->second);
		e->num2 = second.num2;
		e->has_num2 = true;
	}
	e->text = arena_printf(r->arena, "%lld %lld", (long long)e->num, (long long)e->num2);
}

/* MaxStartups with one number leaves the rate of a line before it as it was. */
static void
finish_startups(struct resolve *r, const struct slot *s, struct eff *e)
{
	struct eff full = { 0 };

	eff_from_set(r, &full, s->second);
	e->num2 = full.num2;
	e->text = arena_printf(r->arena, "%lld:%lld:%lld", (long long)e->num, (long long)e->num2, (long long)e->num3);
}

/* The first line that is undecided by itself, and not for another keyword that may keep it out; NO_SET: none. */
static uint32_t
first_undecided(const struct resolve *r, const struct slot *s)
{
	uint32_t ret = NO_SET;

	for (const struct maybe *m = s->maybe; m != NULL; m = m->next)
		if (block_state(r, r->c->set[m->set].block) == TRI_MAYBE)
			ret = m->set;
	return ret;
}

/* The block to name as the reason why the lines of a slot are undecided; first is the first of them. */
static uint32_t
block_in_doubt(const struct resolve *r, const struct slot *s, uint32_t first)
{
	const struct conf *c = r->c;
	enum kw_id id = kw_row(c->side, c->set[first].row)->id;
	uint32_t set = first_undecided(r, s);

	if (set == NO_SET && (id == KW_ID_PROXYJUMP || id == KW_ID_PROXYCOMMAND))
		set = first_undecided(
		    r, &r->slot[conf_row(c, id == KW_ID_PROXYJUMP ? KW_ID_PROXYCOMMAND : KW_ID_PROXYJUMP)]);
	return c->set[set != NO_SET ? set : first].block;
}

/* Undecided lines before the winner: unknown unless all outcomes are the same. */
static void
finish_maybe(struct resolve *r, const struct slot *s, struct eff *e)
{
	struct buf guess = { 0 };
	const struct maybe *first = s->maybe;
	bool differ = s->all_maybe;

	buf_add(&guess, e->text);
	for (const struct maybe *m = s->maybe; m != NULL; m = m->next) {
		struct eff one = { 0 };

		eff_from_set(r, &one, m->set);
		differ |= conf_is_vague(&r->c->set[m->set]);
		if (!str_eq(one.text, e->text) || (one.text.p == NULL) != (e->text.p == NULL) ||
		    kw_row(r->c->side, r->c->set[m->set].row)->print == 0) {
			differ = true;
			buf_addc(&guess, guess.n > 0 ? " or " : "");
			buf_add(&guess, one.text);
		}
		first = m;
	}
	if (differ) {
		e->state = EFF_UNKNOWN;
		e->reason = match_reason(r, block_in_doubt(r, s, first->set), &e->reason_at);
		e->guess = arena_str(r->arena, buf_str(&guess));
	}
	buf_release(&guess);
}

/* A template computes the value, or a part of it. */
static void
finish_vague(struct resolve *r, const struct slot *s, struct eff *e)
{
	const struct conf *c = r->c;
	uint32_t vague = NO_SET;

	if (s->win != NO_SET && conf_is_vague(&c->set[s->win]))
		vague = s->win;
	else if (s->second != NO_SET && conf_is_vague(&c->set[s->second]))
		vague = s->second;
	for (size_t i = 0; i < s->n_all && vague == NO_SET; i++)
		if (conf_is_vague(&c->set[s->all[i]]))
			vague = s->all[i];
	if (vague == NO_SET)
		return;
	e->state = EFF_UNKNOWN;
	e->computed = s->maybe == NULL && vague == s->win && kw_one_wins(kw_row(c->side, c->set[vague].row));
	e->reason = "the template computes it";
	e->reason_at = conf_line_span(c, c->set[vague].src, c->set[vague].line);
}

void
slots_finish(struct resolve *r, struct effective *ev)
{
	size_t n;
	const struct kw *table = kw_table(r->c->side, &n);

	ev->v = ARENA_ARRAY(r->arena, struct eff, n);
	for (size_t i = 0; i < n; i++) {
		const struct slot *s = &r->slot[i];
		struct eff *e = &ev->v[i];

		if (s->win == NO_SET && s->maybe == NULL) {
			eff_default(r, e, &table[i]);
			continue;
		}
		if (s->win != NO_SET)
			eff_from_set(r, e, s->win);
		else
			eff_default(r, e, &table[i]);
		if (table[i].merge == KW_HALVES)
			finish_halves(r, s, &table[i], e);
		if (table[i].type == KW_T_STARTUPS && s->second != NO_SET && !e->has_num2)
			finish_startups(r, s, e);
		if (table[i].merge == KW_APPEND) {
			e->also = s->all;
			e->n_also = s->n_all;
			e->n_first = s->n_first;
		}
		if (s->maybe != NULL)
			finish_maybe(r, s, e);
		if (e->state == EFF_SET)
			finish_vague(r, s, e);
	}
}

/* How the lines of one of the two keywords may come out. */
struct proxy_lines {
	bool real, none;
	bool certain; /* the block of one of them applies */
};

static void
look_at_proxy(const struct resolve *r, uint32_t set, struct proxy_lines *l)
{
	const struct conf *c = r->c;
	const struct set *s = &c->set[set];
	bool jump = kw_row(c->side, s->row)->id == KW_ID_PROXYJUMP, none;
	struct value v = { 0 };

	if (conf_is_vague(s)) {
		l->real = l->none = true;
		return;
	}
	conf_set_value(c, r->arena, s, &v);
	none = jump ? v.num == 0 : v.text.n == 0 || str_ieqc(v.text, "none");
	l->none |= none;
	l->real |= !none;
	l->certain |= block_state(r, s->block) == TRI_YES;
}

enum eff_proxy
slots_proxy(const struct resolve *r)
{
	static const enum kw_id ids[] = { KW_ID_PROXYJUMP, KW_ID_PROXYCOMMAND };
	struct proxy_lines l = { 0 };
	bool open = false;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		open |= r->slot[conf_row(r->c, ids[i])].maybe != NULL;
	for (size_t i = 0; open && i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct slot *s = &r->slot[conf_row(r->c, ids[i])];

		if (s->win != NO_SET)
			look_at_proxy(r, s->win, &l);
		for (const struct maybe *m = s->maybe; m != NULL; m = m->next)
			look_at_proxy(r, m->set, &l);
	}
	/* whichever line keeps the one out whose block applies is a proxy, too */
	if (l.real && !l.none && l.certain)
		return PROXY_THERE;
	return l.none && !l.real ? PROXY_ABSENT : PROXY_OPEN;
}

static bool
is_ignored(struct resolve *r, const struct diag *d, uint32_t ignore)
{
	return d->ignorable && ignore != NO_SET && ignore < d->at_set && conf_ignores(r->c, ignore, d->word);
}

/*
 * An empty pattern of a Host line is seen only when ssh gets there: not behind a negated one that matches, and in an
 * Include of an inactive block not behind the first pattern.
 */
static bool
is_behind(struct resolve *r, const struct diag *d)
{
	const struct conf *c = r->c;
	const struct block *b = &c->block[d->block];
	bool typed = false, resolved = false;

	if (d->kind != DIAG_NO_ARGUMENT || b->kind != BLOCK_HOST || b->line != d->line || b->src != d->src || !b->bad)
		return false;
	if (b->n_pat > 0 && b->parent >= 0 && block_state(r, (uint32_t)b->parent) == TRI_NO)
		return true;
	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (p.n == 0 || p.p[0] != '!')
			continue;
		typed |= pattern_match(r->target->host, str_from(p, 1));
		resolved |= r->name_known && pattern_match(r->name, str_from(p, 1));
	}
	return typed && resolved;
}

/* What OpenSSH says of it, as another line of msg. */
static void
say(const struct conf *c, struct buf *msg, const struct diag *d)
{
	if (c->quiet)
		return;
	if (msg->n > 0)
		buf_addch(msg, '\n');
	buf_add(msg, d->msg);
}

static void
refuse(struct resolve *r, struct effective *ev, const struct diag *d, struct buf *msg)
{
	say(r->c, msg, d);
	if (!ev->refused) {
		ev->refused = true;
		ev->exit_status = d->exit_status;
		ev->refused_at = conf_line_span(r->c, d->src, d->line);
	}
}

void
refusals(struct resolve *r, struct effective *ev)
{
	const struct conf *c = r->c;
	unsigned row = kw_by_id(c->side, KW_ID_IGNOREUNKNOWN);
	uint32_t ignore = row == KW_UNKNOWN ? NO_SET : r->slot[row].win;
	struct buf msg = { 0 };
	uint32_t *counted;
	bool early = false; /* a header ended ssh */
	size_t i = 0;

	if (c->n_diag == 0)
		return;
	counted = ARENA_ARRAY(r->arena, uint32_t, c->n_src);
	for (size_t f = 0; f < c->n_end; f++) {
		const struct file_end *end = &c->end[f];

		for (; i < end->at_diag; i++) {
			const struct diag *d = &c->diag[i];

			r->c->work += 2 + d->msg.n / 16;
			early = r->fatal_block != NULL && i >= r->fatal_block->at_diag;
			if (early)
				goto out;
			if ((d->effect == DIAG_PRINTED && !is_ignored(r, d, ignore)) ||
			    (d->effect == DIAG_NOTICE && d->msg.n > 0))
				say(c, &msg, d);
			if (d->effect < DIAG_COUNTED || is_ignored(r, d, ignore) || is_behind(r, d))
				continue;
			refuse(r, ev, d, &msg);
			counted[d->src]++;
			if (d->effect == DIAG_FATAL || c->quiet)
				goto out;
		}
		early = r->fatal_block != NULL && f >= r->fatal_block->at_end;
		if (early)
			goto out;
		if (counted[end->src] > 0) {
			buf_addf(&msg, "\n%.*s: terminating, %u bad configuration options",
			    STR_ARG(c->src[end->src].name), counted[end->src]);
			goto out;
		}
	}
out:
	/* Without a refusal so far, refuse_late() says it. */
	if (early && ev->refused) {
		buf_addch(&msg, '\n');
		buf_add(&msg, r->fatal);
	}
	if (ev->refused)
		ev->refusal = arena_str(r->arena, buf_str(&msg));
	else
		ev->remarks = arena_str(r->arena, buf_str(&msg));
	buf_release(&msg);
}

void
refuse_late(struct resolve *r, struct effective *ev)
{
	if (ev->refused || !r->refused)
		return;
	ev->refused = ev->refused_own = true;
	ev->exit_status = 255;
	ev->refused_at = r->fatal_at;
	ev->refusal = ev->remarks.n == 0 ?
	    r->fatal :
	    arena_printf(r->arena, "%.*s\n%.*s", STR_ARG(ev->remarks), STR_ARG(r->fatal));
}

static enum lose_why
lose_why(struct resolve *r, const struct effective *ev, uint32_t set)
{
	const struct conf *c = r->c;
	const struct set *s = &c->set[set];
	const struct eff *e = &ev->v[s->row];
	enum tri t = block_state(r, s->block);

	if (c->side == KW_SERVER && c->block[s->block].kind == BLOCK_FILE && t != TRI_MAYBE)
		t = TRI_YES;
	if (t == TRI_NO)
		return LOSE_NO_MATCH;
	/* whatever a template decides: a line above it has won already */
	if (t == TRI_MAYBE && c->side == KW_CLIENT && c->block[s->block].kind == BLOCK_MAYBE &&
	    (e->state == EFF_SET || e->computed) && e->set != NO_SET && e->set < set)
		return LOSE_LATER;
	if (t == TRI_MAYBE)
		return LOSE_UNKNOWN;
	if ((s->flags & SET_UNSETS) != 0)
		return LOSE_NONE;
	if (c->side == KW_SERVER && e->set != NO_SET && c->block[c->set[e->set].block].kind == BLOCK_MATCH &&
	    c->block[s->block].kind == BLOCK_FILE)
		return LOSE_OVERRIDDEN;
	return LOSE_LATER;
}

struct seen *
listed_sets(struct arena *a, const struct conf *c, const struct effective *ev)
{
	struct seen *s = seen_new(a);
	size_t n;

	(void)kw_table(c->side, &n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ev->v[i].n_also; k++)
			(void)seen_add(s, a, ev->v[i].also[k], NULL);
	return s;
}

/* Losers being collected. */
struct losing {
	struct resolve *r;
	struct effective *ev;
	struct seen *listed;
	size_t cap;
	bool active; /* only lines of blocks that apply */
	bool wide;
};

static void
add_loser(struct losing *l, struct loser lost)
{
	struct effective *ev = l->ev;

	if (ev->n_loser == l->cap) {
		struct loser *p;

		l->cap = l->cap == 0 ? 8 : l->cap * 2;
		p = ARENA_ARRAY(l->r->arena, struct loser, l->cap);
		if (ev->n_loser > 0)
			memcpy(p, ev->loser, ev->n_loser * sizeof(*p));
		ev->loser = p;
	}
	ev->loser[ev->n_loser++] = lost;
}

static void
losers_among(struct losing *l, uint32_t first, size_t n)
{
	struct resolve *r = l->r;
	const struct conf *c = r->c;

	for (uint32_t i = first; i < first + n; i++) {
		const struct eff *e = &l->ev->v[c->set[i].row];
		const struct kw *k = kw_row(c->side, c->set[i].row);
		enum lose_why why;

		if ((k->print == 0 && !(l->wide && kw_one_wins(k))) || e->set == i ||
		    r->slot[c->set[i].row].second == i || (e->n_also > 0 && seen_has(l->listed, i)))
			continue;
		why = lose_why(r, l->ev, i);
		if (!l->active || why != LOSE_NO_MATCH)
			add_loser(l, (struct loser){ .set = i, .row = c->set[i].row, .why = (uint8_t)why });
	}
}

void
losers(struct resolve *r, struct effective *ev, enum eff_losers which)
{
	struct losing l = { .r = r, .ev = ev, .listed = listed_sets(r->arena, r->c, ev) };

	l.active = which == EFF_LOSERS_ACTIVE || which == EFF_LOSERS_ACTIVE_WIDE;
	l.wide = which == EFF_LOSERS_ALL_WIDE || which == EFF_LOSERS_ACTIVE_WIDE;
	if (!l.active) {
		r->c->work += r->c->n_set;
		losers_among(&l, 0, r->c->n_set);
		return;
	}
	for (size_t i = 0; i < r->applied.n; i++) {
		const struct seg *s = &r->c->seg[r->applied.v[i].seg];

		r->c->work += s->n_set;
		losers_among(&l, s->first_set, s->n_set);
	}
}

const struct eff *
eff_get(const struct effective *ev, enum kw_id id)
{
	static const struct eff none = { .state = EFF_DEFAULT, .set = NO_SET };
	unsigned row = conf_row(ev->conf, id);

	return row == KW_UNKNOWN ? &none : &ev->v[row];
}
