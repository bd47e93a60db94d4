/* SPDX-License-Identifier: MIT */
/* Places for a line, candidate by candidate, and the text that fits in there.  Nothing is proved here. */
#include "edit/place.h"

#include <string.h>

#include "base/mem.h"
#include "conf/pattern.h"

enum { BLOCK_ORDER = 1 << 24, EXCEPT_MAX = 12 };

bool
place_writable(struct planner *p, uint32_t src)
{
	const struct source *s = &p->base.conf.src[src];

	for (size_t i = 0; i < p->o->n_right; i++) {
		const struct file_right *r = &p->o->right[i];

		if (!str_eq(r->name, s->name))
			continue;
		if (!r->may_write) {
			p->why = arena_printf(p->a, "%.*s: %.*s", STR_ARG(s->shown),
			    STR_ARG(r->reason.n > 0 ? r->reason : STR("may not be written")));
			p->forbidden = true;
		}
		return r->may_write;
	}
	p->why = arena_printf(p->a, "%.*s: may not be written", STR_ARG(s->shown));
	p->forbidden = true;
	return false;
}

void
mark_add(struct planner *p, struct str name, size_t off, size_t len, struct str text, bool block)
{
	/* A file that is included twice is edited once. */
	for (size_t i = 0; i < p->n_mark; i++) {
		const struct mark *m = &p->mark[i];

		if (m->off == off && m->len == len && str_eq(m->text, text) && str_eq(m->name, name))
			return;
	}
	MEM_GROW(p->mark, p->cap_mark, p->n_mark + 1);
	p->mark[p->n_mark] = (struct mark){ .name = name,
		.off = off,
		.len = len,
		.text = text,
		.order = (uint32_t)p->n_mark + (block ? BLOCK_ORDER : 0) };
	p->n_mark++;
}

enum kw_id
place_line_id(const struct conf *c, uint32_t src, uint32_t line)
{
	const struct line *l = &c->src[src].line[line];

	return l->kind == LINE_KEYWORD && l->row != KW_UNKNOWN ? kw_row(c->side, l->row)->id : KW_ID_NONE;
}

bool
place_is_header(const struct conf *c, uint32_t src, uint32_t line)
{
	enum kw_id id = place_line_id(c, src, line);

	return id == KW_ID_HOST || id == KW_ID_MATCH;
}

uint32_t
place_next_header(const struct conf *c, uint32_t src, uint32_t line)
{
	while (line < c->src[src].n && !place_is_header(c, src, line))
		line++;
	return line;
}

bool
place_is_text(const struct conf *c, uint32_t src, uint32_t line)
{
	uint8_t kind = c->src[src].line[line].kind;

	return kind == LINE_KEYWORD || kind == LINE_UNKNOWN;
}

static bool
is_blank(const struct conf *c, uint32_t src, uint32_t line)
{
	return c->src[src].line[line].kind == LINE_BLANK;
}

bool
mark_line(struct planner *p, uint32_t src, uint32_t line, struct str word, struct str value)
{
	const struct conf *c = &p->base.conf;
	const struct line *l = &c->src[src].line[line];
	struct str text = conf_line_text(c, src, line), old;
	struct args args;

	if (!conf_line_args(c, p->a, src, line, &old, &args) || args.n == 0)
		return false;
	if (word.n > 0) {
		/* A keyword in quotes or in pieces is nobody's habit: leave such a line alone. */
		if (old.p < text.p || old.p + old.n > text.p + text.n)
			return false;
		mark_add(p, c->src[src].name, l->off + (size_t)(old.p - text.p), old.n, word, false);
	}
	if (value.n > 0) {
		const struct arg *first = &args.v[0], *last = &args.v[args.n - 1];

		mark_add(p, c->src[src].name, l->off + first->off, last->off + last->len - first->off, value, false);
	}
	return true;
}

struct str
place_line_after(struct planner *p, uint32_t src, uint32_t line, struct str word, struct str value)
{
	const struct conf *c = &p->base.conf;
	struct str text = conf_line_text(c, src, line), old;
	struct args args;
	size_t from, to, end;

	if (!conf_line_args(c, p->a, src, line, &old, &args) || args.n == 0 || old.p < text.p ||
	    old.p + old.n > text.p + text.n)
		return text;
	from = (size_t)(old.p - text.p);
	to = args.v[0].off;
	end = args.v[args.n - 1].off + args.v[args.n - 1].len;
	if (value.n == 0)
		value = (struct str){ text.p + to, end - to };
	return arena_printf(p->a, "%.*s%.*s%.*s%.*s%.*s", STR_ARG(str_head(text, from)), STR_ARG(word),
	    STR_ARG(((struct str){ text.p + from + old.n, to - from - old.n })), STR_ARG(value),
	    STR_ARG(str_from(text, end)));
}

void
mark_remove(struct planner *p, uint32_t src, uint32_t line)
{
	const struct conf *c = &p->base.conf;
	const struct line *l = &c->src[src].line[line];

	mark_add(p, c->src[src].name, l->off, l->len + l->eol, (struct str){ 0 }, false);
}

bool
place_is_open(const struct planner *p, const struct want *w)
{
	return (w->state == WANT_PENDING || w->state == WANT_TRYING) && w->cluster == p->cluster;
}

/* All lines of g behind the last line of the block that header begins. */
static void
lines_into_block(struct planner *p, const struct group *g, uint32_t src, uint32_t header)
{
	const struct conf *c = &p->base.conf;
	uint32_t last = header, model = UINT32_MAX, end = place_next_header(c, src, header + 1);
	struct habit h;

	for (uint32_t i = header + 1; i < end; i++) {
		if (!place_is_text(c, src, i))
			continue;
		last = i;
		place_prefer(c, src, i, &model);
	}
	h = model == UINT32_MAX ? place_habit_of_file(p, src) : place_habit(p, src, model);
	for (const struct want *w = g->first; w != NULL; w = w->next)
		if (place_is_open(p, w))
			place_insert(p, src, header + 1, end, last, &h, w);
}

/* Does this block name the row itself? */
static bool
is_own(const struct planner *p, const struct block *b, const struct target_row *t)
{
	const struct conf *c = &p->base.conf;
	bool named = false;

	if (b->bad)
		return false;
	for (uint32_t i = 0; b->kind == BLOCK_HOST && i < b->n_pat; i++)
		named |= str_eq(c->pat[b->first_pat + i], t->kind == TARGET_HOST ? t->name : t->shown);
	if (b->kind != BLOCK_MATCH)
		return named;
	for (uint32_t i = 0; i < b->n_crit; i++) {
		const struct crit *k = &c->crit[b->first_crit + i];
		struct str rest = k->arg, part;

		if ((k->kind != CRIT_HOST && k->kind != CRIT_ORIGINALHOST) || k->negated)
			return false;
		while (str_split(&rest, ',', &part))
			named |= str_eq(part, t->kind == TARGET_HOST ? t->name : t->shown);
	}
	return named;
}

/* What a user wants stands in the user's file. */
static bool
is_system(const struct planner *p, uint32_t src)
{
	return !p->o->own_system && p->base.conf.src[src].origin == SOURCE_SYSTEM;
}

static const struct block *
own_block(struct planner *p, size_t row)
{
	const struct conf *c = &p->base.conf;
	const struct target_row *t = &p->o->row[row];

	if (t->kind == TARGET_DEFAULT)
		return NULL;
	for (size_t i = 0; c->block != NULL && i < c->n_block; i++)
		if (is_own(p, &c->block[i], t) && !is_system(p, c->block[i].src) && place_writable(p, c->block[i].src))
			return &c->block[i];
	return NULL;
}

bool
place_share_block(struct planner *p, const struct group *g)
{
	const struct block *b = g->n > 0 ? own_block(p, g->row[0]) : NULL;

	for (size_t i = 1; i < g->n && b != NULL; i++)
		if (!is_own(p, b, &p->o->row[g->row[i]]))
			b = NULL;
	return b != NULL;
}

static bool add_new_block(struct planner *p, const struct group *g, const size_t *row, size_t n);

bool
place_own_block(struct planner *p, const struct group *g)
{
	size_t *homeless = ARENA_ARRAY(p->a, size_t, g->n + 1), n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct block *b = own_block(p, g->row[i]);

		if (b != NULL)
			lines_into_block(p, g, b->src, b->line);
		else
			homeless[n++] = g->row[i];
	}
	if (n == g->n)
		return false;
	return n == 0 || add_new_block(p, g, homeless, n);
}

/* Does a pattern of the group match the row's name? */
static bool
is_below(const struct planner *p, const struct group *g, size_t row)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct target_row *over = &p->o->row[g->row[i]];

		if (over->kind == TARGET_PATTERN && g->row[i] != row && pattern_match(p->o->row[row].name, over->shown))
			return true;
	}
	return false;
}

static bool
is_covered(const struct planner *p, const struct group *g, size_t row)
{
	return p->o->row[row].kind == TARGET_HOST && is_below(p, g, row);
}

/* The rows of g that no pattern of g covers. */
static struct group
uncovered(struct planner *p, const struct group *g)
{
	struct group some = *g;

	some.row = ARENA_ARRAY(p->a, size_t, g->n);
	some.n = 0;
	for (size_t i = 0; i < g->n; i++)
		if (!is_covered(p, g, g->row[i]))
			some.row[some.n++] = g->row[i];
	return some;
}

bool
place_patterns(struct planner *p, const struct group *g)
{
	struct group some = uncovered(p, g);

	return some.n < g->n && place_own_block(p, &some);
}

bool
place_star_block(struct planner *p, const struct group *g)
{
	const struct conf *c = &p->base.conf;

	for (size_t i = c->n_block; i > 0; i--) {
		const struct block *b = &c->block[i - 1];

		if (b->kind != BLOCK_HOST || b->bad || b->n_pat != 1 || !str_eqc(c->pat[b->first_pat], "*") ||
		    is_system(p, b->src) || !place_writable(p, b->src))
			continue;
		lines_into_block(p, g, b->src, b->line);
		return true;
	}
	return false;
}

/* The file that new blocks go to: UINT32_MAX and *ret_name for one that has to be made. */
static bool
user_file(struct planner *p, uint32_t *ret_src, struct str *ret_name)
{
	const struct conf *c = &p->base.conf;
	bool there = false;

	for (uint32_t i = 0; i < c->n_src; i++) {
		if (c->src[i].depth != 0 || c->src[i].origin == SOURCE_CMDLINE || is_system(p, i))
			continue;
		there = true;
		if (!place_writable(p, i))
			continue;
		*ret_src = i;
		*ret_name = c->src[i].name;
		return true;
	}
	if (there || p->o->user_config.n == 0)
		return false;
	*ret_src = UINT32_MAX;
	*ret_name = p->o->user_config;
	return true;
}

bool
place_top(struct planner *p, const struct group *g)
{
	const struct conf *c = &p->base.conf;
	struct str name;
	uint32_t src, end, at;
	struct habit h;

	if (!place_has_default(p, g) || !user_file(p, &src, &name) || src == UINT32_MAX)
		return false;
	end = place_next_header(c, src, 0);
	at = place_commented(p, src, end, g);
	if (at == UINT32_MAX)
		return false;
	h = place_habit(p, src, at);
	for (const struct want *w = g->first; w != NULL; w = w->next)
		if (place_is_open(p, w))
			place_insert(p, src, 0, end, at, &h, w);
	return true;
}

/* A name that stands for itself in a Host line. */
static bool
is_plain(struct str name, bool pattern)
{
	for (size_t i = 0; i < name.n; i++) {
		unsigned char ch = (unsigned char)name.p[i];

		if (ch <= ' ' || ch >= 0x7f || strchr("\"'#\\,!=", ch) != NULL ||
		    (!pattern && strchr("*?", ch) != NULL))
			return false;
	}
	return name.n > 0;
}

/* " a b" of the rows, each behind sign.  False: one of them cannot be written in a Host line. */
static bool
add_names(struct planner *p, const size_t *row, size_t n, const char *sign, struct buf *b)
{
	for (size_t i = 0; i < n; i++) {
		const struct target_row *t = &p->o->row[row[i]];
		struct str name = t->kind == TARGET_HOST ? t->name : t->kind == TARGET_DEFAULT ? STR("*") : t->shown;

		if (!is_plain(name, t->kind != TARGET_HOST)) {
			p->why = STR("its name cannot be written in a Host line");
			return false;
		}
		buf_addf(b, " %s%.*s", sign, STR_ARG(name));
	}
	return true;
}

/* A block that is to be written: "Host NAMES", its lines (each behind a line end), and what follows it. */
struct new_block {
	struct str head, lines, back;
	struct str eol;
};

/* back_to_all: what follows the block was for everybody and must stay so. */
static struct new_block
block_text(struct planner *p, const struct group *g, struct str names, const struct habit *h, bool back_to_all)
{
	const char *word = h->lower && h->indent.n > 0 ? "host" : "Host";
	struct new_block n = { .eol = h->eol };
	struct buf b = { 0 };

	n.head = arena_printf(p->a, "%s%.*s", word, STR_ARG(names));
	for (const struct want *w = g->first; w != NULL; w = w->next) {
		if (!place_is_open(p, w))
			continue;
		buf_add(&b, h->eol);
		buf_add(&b, place_line_text(p, h, w->kw, w->value));
	}
	n.lines = arena_str(p->a, buf_str(&b));
	if (back_to_all)
		n.back = arena_printf(p->a, "%.*s%.*s%s *", STR_ARG(h->eol), STR_ARG(h->eol), word);
	buf_release(&b);
	return n;
}

/* lead, the block, and trail at off; a block with the same head that was placed there takes the lines. */
static void
mark_block(struct planner *p, struct str name, size_t off, struct str lead, const struct new_block *n, struct str trail)
{
	struct mark *last = NULL;
	size_t marks = p->n_mark;

	for (size_t i = 0; i < marks; i++) {
		struct mark *m = &p->mark[i];

		if (m->off == off && m->head.n > 0 && str_eq(m->name, name) && (last == NULL || m->order > last->order))
			last = m;
	}
	if (last != NULL && str_eq(last->head, n->head) && p->was_at == 0) {
		size_t keep = last->text.n - last->tail;

		p->was = *last;
		p->was_at = (size_t)(last - p->mark) + 1;
		last->text = arena_printf(p->a, "%.*s%.*s%.*s", STR_ARG(str_head(last->text, keep)), STR_ARG(n->lines),
		    STR_ARG(str_from(last->text, keep)));
		return;
	}
	mark_add(p, name, off, 0,
	    arena_printf(p->a, "%.*s%.*s%.*s%.*s%.*s", STR_ARG(lead), STR_ARG(n->head), STR_ARG(n->lines),
		STR_ARG(n->back), STR_ARG(trail)),
	    true);
	if (p->n_mark == marks)
		return;
	p->mark[marks].head = n->head;
	p->mark[marks].tail = n->back.n + trail.n;
}

/* A block as a paragraph in front of line; line == n: at the end. */
static void
insert_block(struct planner *p, uint32_t src, uint32_t line, const struct new_block *n)
{
	const struct conf *c = &p->base.conf;
	const struct source *s = &c->src[src];
	struct buf lead = { 0 }, trail = { 0 };
	size_t off;

	/* Comments right above a header belong to it. */
	while (line < s->n && line > 0 && s->line[line - 1].kind == LINE_COMMENT)
		line--;
	off = line < s->n ? s->line[line].off : s->bytes.n;
	if (line > 0 && s->line[line - 1].eol == 0)
		buf_add(&lead, n->eol);
	if (line > 0 && !is_blank(c, src, line - 1))
		buf_add(&lead, n->eol);
	if (line < s->n) {
		buf_add(&trail, n->eol);
		if (!is_blank(c, src, line))
			buf_add(&trail, n->eol);
	} else if (s->n == 0 || s->line[s->n - 1].eol != 0) {
		buf_add(&trail, n->eol);
	}
	mark_block(p, s->name, off, arena_str(p->a, buf_str(&lead)), n, arena_str(p->a, buf_str(&trail)));
	buf_release(&lead);
	buf_release(&trail);
}

static void
new_file_block(struct planner *p, struct str name, const struct new_block *n)
{
	bool begun = false;

	for (size_t i = 0; i < p->n_mark; i++)
		begun |= str_eq(p->mark[i].name, name);
	mark_block(p, name, 0, begun ? STR("\n") : STR(""), n, STR("\n"));
}

/* The line of the user's main file that a block must stand before to win; n: anywhere. */
static uint32_t
anchor(struct planner *p, const struct group *g, const size_t *row, size_t n, uint32_t src, bool *ret_top)
{
	const struct conf *c = &p->base.conf;
	uint32_t first = UINT32_MAX;
	const struct block *b;

	*ret_top = false;
	for (size_t i = 0; i < n; i++)
		for (const struct want *w = g->first; w != NULL; w = w->next) {
			const struct val *v = val_find(&p->base.row[row[i]], w->kw);

			if (place_is_open(p, w) && v != NULL && v->set < first)
				first = v->set;
		}
	if (first == UINT32_MAX)
		return c->src[src].n;
	for (b = &c->block[c->set[first].block]; b->src != src; b = &c->block[b->parent])
		if (b->parent < 0)
			return c->src[src].n; /* another main file, which is read later */
	if (b->kind != BLOCK_FILE)
		return b->line;
	*ret_top = true;
	for (uint32_t i = 0; i < c->src[src].n; i++)
		if (place_is_text(c, src, i))
			return i;
	return c->src[src].n;
}

/* A block for these names; it has to stand before what decides for the rows now. */
static bool
add_block(struct planner *p, const struct group *g, const size_t *row, size_t n, struct str names)
{
	struct habit h = { .indent = STR("    "), .sep = STR(" "), .eol = STR("\n") };
	struct new_block b;
	struct str name;
	uint32_t src, line = 0;
	bool top = false;

	if (!user_file(p, &src, &name))
		return false;
	if (src != UINT32_MAX) {
		h = place_habit_of_file(p, src);
		line = anchor(p, g, row, n, src, &top);
	}
	if (top && str_eqc(names, " *")) {
		/* Ahead of every header a line is for everybody. */
		h.indent = (struct str){ 0 };
		for (const struct want *w = g->first; w != NULL; w = w->next)
			if (place_is_open(p, w))
				place_insert_after(p, src, line > 0 ? line - 1 : UINT32_MAX,
				    place_line_text(p, &h, w->kw, w->value), h.eol);
		return true;
	}
	b = block_text(p, g, names, &h, top);
	if (src == UINT32_MAX)
		new_file_block(p, name, &b);
	else
		insert_block(p, src, line, &b);
	return true;
}

static bool
add_new_block(struct planner *p, const struct group *g, const size_t *row, size_t n)
{
	struct buf names = { 0 };
	bool ok = add_names(p, row, n, "", &names) && add_block(p, g, row, n, buf_str(&names));

	buf_release(&names);
	return ok;
}

bool
place_new_block(struct planner *p, const struct group *g)
{
	struct group some = uncovered(p, g);
	struct buf names = { 0 };
	/* With any other host among them it is place_new_star(). */
	bool ok = !place_has_default(p, g) && add_names(p, some.row, some.n, "", &names) &&
	    add_block(p, g, g->row, g->n, buf_str(&names));

	buf_release(&names);
	return ok;
}

/* "Host web* !web1": the pattern of the group without the hosts below it that shall stay as they are. */
bool
place_new_block_but(struct planner *p, const struct group *g)
{
	struct group some = uncovered(p, g);
	size_t *out = ARENA_ARRAY(p->a, size_t, p->base.n + 1), n = 0, k = 0;
	struct buf names = { 0 };
	bool ok;

	for (size_t i = 0; i < p->base.n; i++) {
		if (k < g->n && g->row[k] == i)
			k++;
		else if (!p->base.row[i].skip && is_below(p, g, i))
			out[n++] = i;
	}
	if (n == 0 || n > EXCEPT_MAX || place_has_default(p, g))
		return false;
	ok = add_names(p, some.row, some.n, "", &names) && add_names(p, out, n, "!", &names) &&
	    add_block(p, g, g->row, g->n, buf_str(&names));
	buf_release(&names);
	return ok;
}

bool
place_has_default(const struct planner *p, const struct group *g)
{
	for (size_t i = 0; i < g->n && p->o->side == KW_CLIENT; i++)
		if (p->o->row[g->row[i]].kind == TARGET_DEFAULT)
			return true;
	return false;
}

bool
place_new_star(struct planner *p, const struct group *g)
{
	return place_has_default(p, g) && add_block(p, g, g->row, g->n, STR(" *"));
}

/*
 * Would a default that stands before set first reach the row?  Not when an earlier line decides for it; unless
 * careful, a line that was placed in this run is taken for one.
 */
static bool
is_reached(const struct planner *p, const struct group *g, size_t row, uint32_t first, bool careful)
{
	for (const struct want *w = g->first; w != NULL; w = w->next) {
		const struct val *v = val_find(&p->base.row[row], w->kw);
		const struct want *own = want_find(&p->wants, row, w->kw);

		if (!place_is_open(p, w) || (!careful && own != NULL && own->state == WANT_DONE))
			continue;
		if (v == NULL || v->set == UINT32_MAX || v->set >= first)
			return true;
	}
	return false;
}

static uint32_t
first_set(const struct planner *p, const struct group *g)
{
	uint32_t first = UINT32_MAX;

	for (size_t i = 0; i < g->n; i++)
		for (const struct want *w = g->first; w != NULL; w = w->next) {
			const struct val *v = val_find(&p->base.row[g->row[i]], w->kw);

			if (place_is_open(p, w) && v != NULL && v->set < first)
				first = v->set;
		}
	return first;
}

static bool
except(struct planner *p, const struct group *g, size_t most, bool careful)
{
	size_t *out = ARENA_ARRAY(p->a, size_t, p->base.n + 1), n = 0, k = 0;
	uint32_t first = first_set(p, g);
	struct buf names = { 0 };
	bool ok;

	if (!place_has_default(p, g))
		return false;
	/* The rows of a group are in order. */
	for (size_t i = 0; i < p->base.n; i++) {
		if (k < g->n && g->row[k] == i)
			k++;
		else if (!p->base.row[i].skip && is_reached(p, g, i, first, careful))
			out[n++] = i;
	}
	if (n == 0 || n > EXCEPT_MAX || n > most)
		return false;
	buf_addc(&names, " *");
	ok = add_names(p, out, n, "!", &names) && add_block(p, g, g->row, g->n, buf_str(&names));
	buf_release(&names);
	return ok;
}

bool
place_except(struct planner *p, const struct group *g)
{
	return except(p, g, g->n - 1, false);
}

bool
place_except_many(struct planner *p, const struct group *g)
{
	return except(p, g, EXCEPT_MAX, true);
}

bool
place_match_block(struct planner *p, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct span *at = &p->o->server_row[g->row[i]].at;

		if (at->line == 0 || !place_writable(p, at->src))
			return false;
		for (const struct want *w = g->first; w != NULL; w = w->next)
			if (place_is_open(p, w) && !kw_match_ok(kw_row(KW_SERVER, w->kw), p->base.conf.ver)) {
				p->why = arena_printf(
				    p->a, "%s may not stand in a Match block", kw_row(KW_SERVER, w->kw)->name);
				return false;
			}
		lines_into_block(p, g, at->src, at->line - 1);
	}
	return true;
}
