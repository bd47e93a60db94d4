/* SPDX-License-Identifier: MIT */
/*
 * Rules about the text of a configuration: what conf/ noted of its lines, and what the values of all rows show,
 * such as a line that no row ever uses.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/template.h"
#include "conf/vendor.h"
#include "conf/work.h"
#include "rule/rule.h"

/* The rules that may fire on lines of one shape, found once. */
struct shape {
	uint64_t key; /* 0: free */
	uint32_t first, n;
};

enum { SHAPES = 1024 }; /* slots of the table; more shapes than that are judged one by one */

struct survey {
	const struct rule_lines *in;
	struct arena *arena;
	struct rule *const *rule; /* each = line, of this side */
	size_t n_rule;
	const struct conf_use *use;
	bool *star;  /* per block: its settings keep lines of other blocks from theirs */
	bool *parts; /* per block: an Include stands between its settings; NULL: in no block */
	struct {
		uint32_t block, set; /* block + 1, 0: none */
	} seen[KW_ROWS_MAX];	     /* of each keyword the setting that wins in the latest block */
	bool
	    open_interval; /* the first ClientAliveInterval line is a template's, which computes it or may leave it out */
	bool any_interval; /* some line of it may have clients probed */
	struct shape shape[SHAPES];
	struct rule **may;
	size_t n_may, cap_may, n_shape;
	struct findings *out;
};

/* An unknown word that IgnoreUnknown hides from every row. */
static bool
is_hidden(const struct survey *s, const struct diag *d)
{
	const struct conf *c = s->in->conf;
	bool hidden = d->ignorable && s->use->n_ignore > 0;

	for (size_t i = 0; hidden && i < s->use->n_ignore; i++) {
		uint32_t set = s->use->ignore[i];

		hidden = set != UINT32_MAX && set < d->at_set && conf_ignores(c, set, d->word);
	}
	return hidden;
}

/* A line that wins over the same keyword above it: the last one counted once, and "none" is stored over any timeout. */
static bool
takes_over(struct survey *s, const struct set *own, const struct kw *k)
{
	struct value v;

	if (k->merge == KW_LAST)
		return s->in->conf->ver.n < k->last_until;
	if (k->type != KW_T_UNUSEDTIMEOUT)
		return false;
	conf_set_value(s->in->conf, s->arena, own, &v);
	return str_eqc(v.text, "none");
}

/* The same keyword in the same block above, which wins; the settings are asked for in order. */
static const struct set *
earlier_in_block(struct survey *s, uint32_t set)
{
	const struct conf *c = s->in->conf;
	const struct set *own = &c->set[set], *found = NULL;
	const struct kw *k = kw_row(c->side, own->row);
	bool over = false;

	if (k->merge == KW_APPEND)
		return NULL;
	if (s->seen[own->row].block == own->block + 1) {
		found = &c->set[s->seen[own->row].set];
	} else if (s->parts != NULL && s->parts[own->block]) {
		for (uint32_t i = set; i-- > 0 && c->set[i].src == own->src && !over;)
			if (c->set[i].block == own->block && c->set[i].row == own->row &&
			    (c->set[i].flags & SET_UNSETS) == 0) {
				found = &c->set[i];
				over = takes_over(s, found, k);
			}
	}
	if (found != NULL && takes_over(s, own, k))
		found = NULL;
	if (found == NULL && (own->flags & SET_UNSETS) == 0) {
		s->seen[own->row].block = own->block + 1;
		s->seen[own->row].set = set;
	}
	return found;
}

static bool
is_used(const struct survey *s, uint32_t set)
{
	return !s->use->set[set].certain && (s->use->set[set].used || s->use->all[s->in->conf->set[set].row]);
}

/* A line that loses by design: the way to set what a package's drop-in or the system's client file sets, too. */
static bool
is_meant(const struct conf *c, const struct set *loser, struct span by)
{
	const struct source *from = &c->src[loser->src], *to = &c->src[by.src];

	if (by.line == 0 || by.src == loser->src)
		return false;
	/* The same line of a file that is included twice. */
	if (loser->line + 1 == by.line && str_eq(from->name, to->name))
		return true;
	if (c->side == KW_CLIENT)
		return from->origin == SOURCE_SYSTEM && to->origin != SOURCE_SYSTEM;
	return to->depth > 0 && vendor_wrote(from->name);
}

/* Do two settings of one keyword come to the same? */
static bool
says_same(struct survey *s, const struct set *one, const struct set *two)
{
	struct value x, y;

	conf_set_value(s->in->conf, s->arena, one, &x);
	conf_set_value(s->in->conf, s->arena, two, &y);
	return x.text.p != NULL && str_eq(x.text, y.text);
}

/* Is the line below a condition or in a loop of a template? */
static bool
is_optional(const struct conf *c, uint32_t block)
{
	const struct block *b = &c->block[block];

	return b->kind == BLOCK_MAYBE || (b->parent >= 0 && is_optional(c, (uint32_t)b->parent));
}

static void
find_interval(struct survey *s)
{
	const struct conf *c = s->in->conf;
	unsigned row = conf_row(c, KW_ID_CLIENTALIVEINTERVAL);
	bool first = true;

	for (uint32_t i = 0; row != KW_UNKNOWN && i < c->n_set && !s->any_interval; i++) {
		struct value v = { .num = 1 };

		if (c->set[i].row != row || c->set[i].value == SET_ANY)
			continue;
		if (first)
			s->open_interval = conf_is_vague(&c->set[i]) || is_optional(c, c->set[i].block);
		first = false;
		if (!conf_is_vague(&c->set[i]))
			conf_set_value(c, s->arena, &c->set[i], &v);
		s->any_interval = v.num > 0;
	}
}

/* ClientAliveCountMax 0 that rows cannot judge, for what a template leaves open. */
static bool
is_open_zero(const struct survey *s, const struct set *set)
{
	const struct conf *c = s->in->conf;
	struct value v;

	if (!s->any_interval || set->row != conf_row(c, KW_ID_CLIENTALIVECOUNTMAX) || conf_is_vague(set) ||
	    (!s->open_interval && (c->block[set->block].kind == BLOCK_MATCH || !is_optional(c, set->block))))
		return false;
	conf_set_value(c, s->arena, set, &v);
	return v.num == 0;
}

static struct line_view
view_of_set(struct survey *s, uint32_t i)
{
	const struct conf *c = s->in->conf;
	const struct set *set = &c->set[i], *earlier = earlier_in_block(s, i);
	const struct line_use *use = &s->use->set[i];
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
		v.other = !says_same(s, set, earlier);
		v.by = conf_line_span(c, earlier->src, earlier->line);
		return v;
	}
	/* Of files that OpenSSH refuses no line wins: that comes first. */
	if (s->use->refused && !s->use->accepted)
		return v;
	/* Forwards that ClearAllForwardings empties are beaten by no line of their own. */
	v.unused = !is_used(s, i) && use->late && use->by != UINT32_MAX && (use->certain || !use->unsure);
	if (use->by != UINT32_MAX)
		v.by = conf_line_span(c, c->set[use->by].src, c->set[use->by].line);
	v.unused = v.unused && !is_meant(c, set, v.by);
	v.open_zero = !v.unused && is_open_zero(s, set);
	v.open_interval = v.open_zero && s->open_interval;
	v.dropin_wins = v.unused && c->side == KW_SERVER && c->src[set->src].depth == 0 && v.by.line > 0 &&
	    c->src[v.by.src].depth > 0;
	return v;
}

/* `Host *` with settings that keep later, more special blocks from theirs. */
static void
find_stars(struct survey *s)
{
	const struct conf *c = s->in->conf;

	s->star = ARENA_ARRAY(s->arena, bool, c->n_block + 1);
	if (s->use->refused && !s->use->accepted)
		return;
	for (uint32_t i = 0; i < c->n_set; i++) {
		const struct line_use *u = &s->use->set[i];
		const struct set *by;

		/* a line above that loses does so in the second pass: moving the star helps nobody */
		if (!u->late || u->by == UINT32_MAX || u->by > i || is_used(s, i))
			continue;
		by = &c->set[u->by];
		if (is_meant(c, &c->set[i], conf_line_span(c, by->src, by->line)))
			continue;
		if (by->block != c->set[i].block && by->src == c->block[by->block].src)
			s->star[by->block] = true;
	}
}

static bool
is_first_star(const struct survey *s, uint32_t block)
{
	const struct conf *c = s->in->conf;
	const struct block *b = &c->block[block];

	return s->star[block] && b->kind == BLOCK_HOST && b->n_pat == 1 && str_eqc(c->pat[b->first_pat], "*");
}

static void
find_parts(struct survey *s)
{
	const struct conf *c = s->in->conf;

	if (c->n_seg == c->n_block)
		return;
	s->parts = ARENA_ARRAY(s->arena, bool, c->n_block + 1);
	for (uint32_t i = 0; i < c->n_seg; i++)
		if (c->block[c->seg[i].block].first_seg != i)
			s->parts[c->seg[i].block] = true;
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

/* All that the names of a line's shape depend on, in one number; never 0. */
static uint64_t
shape_key(const struct line_view *v)
{
	unsigned row = v->set != NULL	     ? v->set->row :
	    v->line < v->conf->src[v->src].n ? v->conf->src[v->src].line[v->line].row :
					       KW_UNKNOWN;
	struct rule_ctx ctx = { .line = v };
	uint64_t key = 1;

	key = key << 16 | row;
	key = key << 6 | (v->diag != NULL ? v->diag->kind + 1u : 0);
	key = key << 2 | (v->diag != NULL ? v->diag->effect : 0);
	key = key << 3 | (v->block != NULL ? v->block->kind + 1u : 0);
	key = key << 1 | (v->set != NULL);
	key = key << 1 | v->unused;
	key = key << 1 | v->duplicate;
	key = key << 1 | v->hidden;
	key = key << 1 | v->dropin_wins;
	key = key << 1 | v->first_star;
	key = key << 1 | (v->unread_by.n > 0);
	key = key << 1 | (v->waiting != NULL && v->waiting->what.n > 0);
	key = key << 1 | v->outdented;
	key = key << 1 | v->header;
	if (v->header) {
		key = key << 1 | (v_line_host_comma(&ctx).num != 0);
		key = key << 1 | (v_line_negations_only(&ctx).num != 0);
		key = key << 1 | (v_line_exec(&ctx).num != 0);
	}
	return key;
}

static bool
may_fire(const struct survey *s, const struct rule *r, const struct line_view *view)
{
	struct line_view shape = *view;
	struct rule_ctx ctx = { .rule = r,
		.line = &shape,
		.facts = s->in->facts,
		.conf = s->in->conf,
		.arena = s->arena,
		.side = s->in->conf->side,
		.lint = s->in->lint };
	struct xenv env = vars_env(&ctx);
	struct xval v;

	if (r->shapeless)
		return true;
	shape.shape_only = true;
	v = expr_eval(r->when, &env);
	return !v.known || v.num != 0;
}

/* The rules that a line of this shape may fire: *ret_n of them. */
static struct rule **
rules_of(struct survey *s, const struct line_view *view, size_t *ret_n)
{
	uint64_t key = shape_key(view);
	size_t at = (size_t)((key * 0x9e3779b97f4a7c15u) >> 40) % SHAPES;
	struct shape *shape;

	for (; s->shape[at].key != 0 && s->shape[at].key != key; at = (at + 1) % SHAPES)
		;
	shape = &s->shape[at];
	if (shape->key == 0) {
		/* Keep a free slot, or the search would not end: start again. */
		if (s->n_shape + 1 == SHAPES) {
			memset(s->shape, 0, sizeof(s->shape));
			s->n_may = s->n_shape = 0;
			return rules_of(s, view, ret_n);
		}
		s->n_shape++;
		*shape = (struct shape){ .key = key, .first = (uint32_t)s->n_may };
		for (size_t i = 0; i < s->n_rule; i++)
			if (may_fire(s, s->rule[i], view)) {
				MEM_GROW(s->may, s->cap_may, s->n_may + 1);
				s->may[s->n_may++] = s->rule[i];
				shape->n++;
			}
	}
	*ret_n = shape->n;
	return shape->n > 0 ? s->may + shape->first : NULL;
}

static void
fire_all(struct survey *s, const struct line_view *view, const struct diag *d)
{
	size_t n;
	struct rule **r;

	if (!conf_has_time(s->in->conf))
		return;
	r = rules_of(s, view, &n);
	for (size_t i = 0; i < n; i++)
		fire_line(r[i], s, view, d != NULL ? d->col : 1, d != NULL ? d->len : 0, s->out);
}

/* Blocks of each source in the order of their lines. */
struct places {
	uint32_t *first; /* per source: into block; one more at the end */
	uint32_t *block;
};

static void
find_places(const struct survey *s, struct places *ret)
{
	const struct conf *c = s->in->conf;
	uint32_t *next;

	ret->first = ARENA_ARRAY(s->arena, uint32_t, c->n_src + 2);
	ret->block = ARENA_ARRAY(s->arena, uint32_t, c->n_block + 1);
	next = ARENA_ARRAY(s->arena, uint32_t, c->n_src + 1);
	for (size_t i = 0; i < c->n_block; i++)
		ret->first[c->block[i].src + 1]++;
	for (size_t i = 0; i < c->n_src; i++) {
		ret->first[i + 1] += ret->first[i];
		next[i] = ret->first[i];
	}
	for (uint32_t i = 0; i < c->n_block; i++)
		ret->block[next[c->block[i].src]++] = i;
}

/* Columns of blanks ahead of a line. */
static uint32_t
indent_of(const struct conf *c, uint32_t src, uint32_t line)
{
	struct str text = conf_line_raw(c, src, line);
	uint32_t n = 0;

	for (size_t i = 0; i < text.n && (text.p[i] == ' ' || text.p[i] == '\t'); i++)
		n = text.p[i] == '\t' ? (n | 7) + 1 : n + 1;
	return n;
}

/* How far the lines of a block were looked at, and whether one of them stands deeper than its header. */
struct depth {
	const struct block *block;
	uint32_t next; /* line */
	bool deeper;
};

/* Does the Include on this line stand no deeper than its Match line, below lines that do?  Asked downwards. */
static bool
is_outdented(struct depth *d, const struct conf *c, const struct block *b, uint32_t src, uint32_t line)
{
	uint32_t header;

	if (b == NULL || b->kind != BLOCK_MATCH)
		return false;
	if (d->block != b)
		*d = (struct depth){ .block = b, .next = b->line + 1 };
	header = indent_of(c, src, b->line);
	for (; d->next < line; d->next++)
		d->deeper |= c->src[src].line[d->next].row != KW_UNKNOWN && indent_of(c, src, d->next) > header;
	return d->deeper && indent_of(c, src, line) <= header;
}

static void
include_lines(struct survey *s)
{
	const struct conf *c = s->in->conf;
	unsigned include = conf_row(c, KW_ID_INCLUDE);
	struct places p = { 0 };
	struct depth depth = { 0 };

	for (uint32_t i = 0; i < c->n_src; i++) {
		uint32_t at = 0;

		for (uint32_t k = 0; k < c->src[i].n; k++) {
			struct line_view view = { .conf = c, .src = i, .line = k, .arena = s->arena };

			if (c->src[i].line[k].row != include)
				continue;
			if (p.first == NULL)
				find_places(s, &p);
			at = at < p.first[i] ? p.first[i] : at;
			for (; at < p.first[i + 1] && c->block[p.block[at]].line <= k; at++)
				;
			view.block = at > p.first[i] ? &c->block[p.block[at - 1]] : NULL;
			view.outdented = is_outdented(&depth, c, view.block, i, k);
			fire_all(s, &view, NULL);
		}
	}
}

static void
header_lines(struct survey *s)
{
	const struct conf *c = s->in->conf;

	for (uint32_t i = 0; i < c->n_block; i++) {
		const struct block *b = &c->block[i];
		struct line_view view = {
			.conf = c, .src = b->src, .line = b->line, .block = b, .header = true, .arena = s->arena
		};

		if (b->kind == BLOCK_FILE || b->kind == BLOCK_MAYBE ||
		    (b->n_crit == 1 && c->crit[b->first_crit].kind == CRIT_INCLUDE))
			continue;
		view.first_star = is_first_star(s, i);
		fire_all(s, &view, NULL);
	}
}

/* The first line of each block that stands no deeper than its header, below lines that do. */
static void
outdented_lines(struct survey *s)
{
	enum { NOTHING, DEEPER, TOLD };
	const struct conf *c = s->in->conf;
	uint8_t *state = ARENA_ARRAY(s->arena, uint8_t, c->n_block + 1);

	for (uint32_t i = 0; i < c->n_set; i++) {
		const struct set *set = &c->set[i];
		const struct block *b = &c->block[set->block];
		struct line_view view = { .conf = c,
			.src = set->src,
			.line = set->line,
			.set = set,
			.block = b,
			.outdented = true,
			.arena = s->arena };

		if ((b->kind != BLOCK_HOST && b->kind != BLOCK_MATCH) || b->src != set->src ||
		    state[set->block] == TOLD || set->line <= b->line || (set->flags & SET_CHUNK) != 0)
			continue;
		if (indent_of(c, set->src, set->line) > indent_of(c, b->src, b->line)) {
			state[set->block] = DEEPER;
		} else if (state[set->block] == DEEPER) {
			state[set->block] = TOLD;
			fire_all(s, &view, NULL);
		}
	}
}

/* Of words too many only those: what stands before them is good. */
static void
cut_good(const struct survey *s, const struct diag *d, struct diag *ret)
{
	const struct conf *c = s->in->conf;
	unsigned row = d->line < c->src[d->src].n ? c->src[d->src].line[d->line].row : KW_UNKNOWN;
	const struct kw *k = row != KW_UNKNOWN ? kw_row(c->side, row) : NULL;
	size_t good = k != NULL && (k->type == KW_T_REKEY || k->type == KW_T_IPQOS || k->type == KW_T_FORWARD) ? 2 : 1;
	struct args args;
	struct str word;

	*ret = *d;
	if (d->kind != DIAG_EXTRA_ARGUMENTS || d->len == 0 ||
	    !conf_line_args(c, s->arena, d->src, d->line, &word, &args) || args.n <= good ||
	    args.v[0].off + 1 != d->col || args.v[good].off < args.v[0].off + args.v[0].len ||
	    args.v[good].off - args.v[0].off >= d->len)
		return;
	ret->col += args.v[good].off - args.v[0].off;
	ret->len -= args.v[good].off - args.v[0].off;
}

static void
diag_lines(struct survey *s)
{
	const struct conf *c = s->in->conf;

	for (size_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];
		struct diag cut;
		struct line_view view = { .conf = c,
			.src = d->src,
			.line = d->line,
			.diag = d,
			.block = &c->block[d->block],
			.arena = s->arena,
			.hidden = is_hidden(s, d) };

		if (s->in->waiting != NULL && s->in->waiting->n > 0 && s->in->waiting->diag[0] == i)
			view.waiting = s->in->waiting;
		cut_good(s, d, &cut);
		fire_all(s, &view, &cut);
	}
}

/* The rules that look at lines of this side. */
static void
choose_rules(struct survey *s, struct rule *const *v, size_t n)
{
	enum rule_side side = s->in->conf->side == KW_CLIENT ? RULE_CLIENT : RULE_SERVER;
	struct rule **mine = ARENA_ARRAY(s->arena, struct rule *, n + 1);

	for (size_t i = 0; i < n; i++)
		if (v[i]->each == RULE_EACH_LINE && (v[i]->text.side == RULE_HOST || v[i]->text.side == side)) {
			rule_ready(v[i]);
			mine[s->n_rule++] = v[i];
		}
	s->rule = mine;
}

void
rules_on_lines(struct rule *const *v, size_t n, struct arena *a, const struct rule_lines *in, struct findings *out)
{
	const struct conf *c = in->conf;
	struct survey *s = ARENA_NEW(a, struct survey);
	struct conf_use use;

	/* zeroed already: the table of shapes is large, and mostly stays untouched */
	s->in = in;
	s->arena = a;
	s->use = in->use;
	s->out = out;
	choose_rules(s, v, n);
	if (s->use == NULL) {
		use_init(a, c, &use);
		for (size_t i = 0; i < in->n_row; i++)
			use_add(a, &use, in->row[i]);
		s->use = &use;
	}
	find_stars(s);
	find_parts(s);
	find_interval(s);
	diag_lines(s);
	for (uint32_t i = 0; i < c->n_set; i++) {
		struct line_view view;

		if (c->set[i].value == SET_ANY)
			continue;
		view = view_of_set(s, i);
		fire_all(s, &view, NULL);
	}
	outdented_lines(s);
	if (in->unread_by.n > 0)
		fire_all(s,
		    &(struct line_view){ .conf = c, .unread_by = in->unread_by, .arena = a, .line = UINT32_MAX }, NULL);
	include_lines(s);
	header_lines(s);
	free(s->may);
}

void
ruleset_lines(const struct ruleset *rs, struct arena *a, const struct rule_lines *in, struct findings *out)
{
	rules_on_lines(rs->v, rs->n, a, in, out);
}
