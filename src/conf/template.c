/* SPDX-License-Identifier: MIT */
/*
 * Lines of a template: those of a region are in a block that may apply or not, and where a header may hide, what follows
 * is, too.  What a template computes is a setting whose value nobody knows.
 */
#include <string.h>

#include "base/mem.h"
#include "conf/load.h"
#include "conf/template.h"

enum {
	OPAQUE_MAX = 256
}; /* lines of one configuration that may set anything; what follows the last is unknown anyway */

bool
conf_is_vague(const struct set *s)
{
	return s->value == SET_VAGUE || s->value == SET_ANY;
}

struct str
conf_raw(const struct source *s)
{
	return s->marks != NULL ? s->marks->raw : s->bytes;
}

struct str
conf_line_raw(const struct conf *c, uint32_t src, uint32_t line)
{
	const struct source *s = &c->src[src];

	if (line >= s->n)
		return STR("");
	return str_head(str_from(conf_raw(s), s->line[line].off), s->line[line].len);
}

struct str
conf_block_name(const struct conf *c, const struct block *b)
{
	struct str line = conf_line_raw(c, b->src, b->line);

	return str_trim(b->read_bytes > 0 ? str_head(line, b->read_bytes) : line);
}

/* What a computed word begins with, as the text with the template's parts masked has it (tree/template.h). */
static bool
is_computed(struct str p)
{
	return p.n > 0 && strchr("{<_$", p.p[0]) != NULL;
}

bool
conf_may_negate(const struct conf *c, const struct block *b, uint32_t but)
{
	return b->n_computed > (is_computed(c->pat[b->first_pat + but]) ? 1U : 0U);
}

uint32_t
load_computed(const struct load *ld, const struct block *b)
{
	uint32_t n = 0;

	for (uint32_t i = 0; ld->vague && i < b->n_pat; i++)
		n += is_computed(ld->c->pat[b->first_pat + i]);
	return n;
}

int
conf_region_there(const struct conf *c, const struct block *b, uint32_t given)
{
	if (b->region == REGION_NONE)
		return 0;
	for (; given != 0; given = c->region[given].parent) {
		if (given == b->region)
			return 1;
		if (c->region[given].chain == c->region[b->region].chain)
			return -1;
	}
	return 0;
}

uint32_t
conf_block_region(const struct conf *c, const struct block *b)
{
	for (;; b = &c->block[b->parent]) {
		if (b->kind == BLOCK_MAYBE && b->region != REGION_NONE)
			return b->region;
		if (b->parent < 0)
			return 0;
	}
}

void
load_regions(struct load *ld)
{
	struct conf *c = ld->c;
	const struct marks *m = c->src[ld->src].marks;

	if (m == NULL)
		return;
	if (c->n_region == 0) {
		MEM_GROW(c->region, c->cap_region, 1);
		c->region[c->n_region++] = (struct region){ 0 };
	}
	ld->region0 = (uint32_t)c->n_region - 1;
	for (uint32_t i = 1; i < m->n_region; i++) {
		struct region r = m->region[i];

		MEM_GROW(c->region, c->cap_region, c->n_region + 1);
		r.parent += r.parent != 0 ? ld->region0 : 0;
		r.chain += ld->region0;
		c->region[c->n_region++] = r;
	}
}

static uint32_t
maybe_block(struct load *ld, int32_t parent, uint32_t region)
{
	uint32_t b = load_block(ld, BLOCK_MAYBE, parent);

	ld->c->block[b].region = region;
	return b;
}

void
load_header(struct load *ld)
{
	for (unsigned i = 0; i < ld->n_in; i++)
		ld->in[i].header = true;
}

static void
leave(struct load *ld)
{
	const struct in_region *r = &ld->in[--ld->n_in];

	ld->parent = r->parent;
	ld->global = r->global;
	ld->block = r->header ? maybe_block(ld, r->parent, REGION_NONE) : r->block;
}

static void
enter(struct load *ld, uint32_t region)
{
	struct in_region *r = &ld->in[ld->n_in++];
	uint32_t own = region + ld->region0, header;

	*r = (struct in_region){ .region = region, .parent = ld->parent, .block = ld->block, .global = ld->global };
	/* Host and Match lines of the region end the block outside; what stands before them is part of it */
	header = maybe_block(ld, ld->parent, own);
	ld->block = maybe_block(ld, (int32_t)ld->block, own);
	ld->parent = (int32_t)header;
}

/* Leave and enter until the line's region is the innermost. */
static void
go_to(struct load *ld, uint32_t region)
{
	const struct region *all = ld->c->src[ld->src].marks->region;
	uint32_t way[REGION_DEPTH + 1];
	unsigned n = 0;

	while (ld->n_in > 0) {
		uint32_t at = region, top = ld->in[ld->n_in - 1].region;

		while (at > top)
			at = all[at].parent;
		if (at == top)
			break;
		leave(ld);
	}
	for (uint32_t at = region; at != 0 && n < REGION_DEPTH; at = all[at].parent) {
		if (ld->n_in > 0 && at == ld->in[ld->n_in - 1].region)
			break;
		way[n++] = at;
	}
	while (n > 0 && ld->n_in < REGION_DEPTH)
		enter(ld, way[--n]);
}

bool
load_marked(struct load *ld, struct line *l, struct str raw)
{
	const struct marks *m = ld->c->src[ld->src].marks;
	struct line_mark mark = { 0 };
	struct str text = str_trim(raw);

	ld->vague = false;
	if (m == NULL)
		return false;
	if (ld->line < m->n)
		mark = m->line[ld->line];
	if ((mark.flags & MARK_VOID) != 0 || text.n == 0) {
		l->kind = LINE_BLANK;
		l->row = KW_UNKNOWN;
		return true;
	}
	/* comments make no block */
	if (text.p[0] == '#')
		return false;
	go_to(ld, mark.region);
	if ((mark.flags & MARK_OPAQUE) != 0) {
		l->kind = LINE_COMMENT;
		l->row = KW_UNKNOWN;
		load_opaque(ld);
		return true;
	}
	ld->vague = (mark.flags & MARK_VAGUE) != 0;
	return false;
}

void
load_vague_match(struct load *ld)
{
	struct conf *c = ld->c;

	ld->block = load_block(ld, BLOCK_MATCH, ld->parent);
	c->block[ld->block].first_crit = (uint32_t)c->n_crit;
	c->block[ld->block].n_crit = 1;
	MEM_GROW(c->crit, c->cap_crit, c->n_crit + 1);
	c->crit[c->n_crit++] = (struct crit){ .kind = CRIT_TEMPLATE, .col = 1 };
}

void
load_vague_set(struct load *ld, unsigned row)
{
	const struct source *s = &ld->c->src[ld->src];
	uint32_t outer = ld->block;
	bool maybe = (s->marks->line[ld->line].flags & MARK_MAYBE) != 0;

	if (maybe)
		ld->block = maybe_block(ld, (int32_t)outer, REGION_NONE);
	load_set(ld, row, 0)->value = SET_VAGUE;
	ld->block = outer;
}

/*
 * What update-crypto-policies(8) makes of a policy for ssh and sshd: lists of algorithms, and these.  Source: crypto-policies,
 * python/policygenerators/openssh.py.
 */
static bool
is_of_policy(const struct kw *k)
{
	return k->type == KW_T_ALGS || str_eqc(str_c(k->name), "GSSAPIKeyExchange") ||
	    str_eqc(str_c(k->name), "RequiredRSASize");
}

static bool
is_policy_file(struct str path)
{
	return str_ends(path, STR("/crypto-policies/back-ends/openssh.config")) ||
	    str_ends(path, STR("/crypto-policies/back-ends/opensshserver.config"));
}

/* A setting of some keywords may stand here, below ld->block; that is the block of them then. */
static void
some_settings(struct load *ld, bool of_policy)
{
	size_t n;
	const struct kw *table = kw_table(ld->c->side, &n);

	ld->block = maybe_block(ld, (int32_t)ld->block, REGION_NONE);
	for (unsigned i = 0; i < n; i++)
		if ((table[i].print != 0 || table[i].id != KW_ID_NONE) && (!of_policy || is_of_policy(&table[i])))
			load_set(ld, i, 0)->value = SET_ANY;
}

static void
any_settings(struct load *ld)
{
	if (ld->c->n_opaque++ < OPAQUE_MAX)
		some_settings(ld, false);
}

void
load_unseen(struct load *ld, struct str path)
{
	const struct conf *c = ld->c;
	const struct set *last = c->n_set > 0 ? &c->set[c->n_set - 1] : NULL;
	uint32_t outer = ld->block;
	size_t n;

	/* a second one in the same place changes nothing */
	if (last != NULL && last->value == SET_ANY && c->block[last->block].parent == (int32_t)outer &&
	    (is_policy_file(path) || !is_of_policy(&kw_table(c->side, &n)[last->row])))
		return;
	if (is_policy_file(path))
		some_settings(ld, true);
	else
		any_settings(ld);
	ld->block = outer;
}

void
load_opaque(struct load *ld)
{
	struct conf *c = ld->c;
	const struct block *b = &c->block[ld->block];

	/* a second one in the same place changes nothing */
	if (b->kind == BLOCK_MAYBE && b->region == REGION_NONE && c->n_set > 0 &&
	    c->set[c->n_set - 1].value == SET_ANY && b->parent == ld->parent)
		return;
	any_settings(ld);
	/* a header may hide in it */
	load_header(ld);
	ld->block = maybe_block(ld, ld->parent, REGION_NONE);
}
