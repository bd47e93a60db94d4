/* SPDX-License-Identifier: MIT */
/*
 * Which segments concern a host: blocks with only literal names are found by hash, all others (wildcards,
 * Match, lines outside blocks, everything below an Include) are walked.
 */
#include <string.h>

#include "base/mem.h"
#include "eval/resolve.h"

struct entry {
	struct str name;
	uint32_t seg;
	uint32_t next; /* in the same bucket, reading order; UINT32_MAX ends */
};

/*
 * A segment that no name finds.  What most names fail at is kept beside it: the first and last bytes of the
 * positive patterns, NUL where that is a wildcard.
 */
struct walk {
	uint32_t seg;
	uint8_t n; /* of ends; WALK_ALWAYS: every name must look */
	char ends[5][2];
};
enum { WALK_ALWAYS = 255, WALK_ENDS = 5 };

struct index {
	uint32_t *bucket; /* first entry, or UINT32_MAX */
	size_t mask;
	struct entry *entry;
	size_t n_entry;
	struct walk *walk; /* in reading order */
	size_t n_walk;
	uint64_t *state; /* per block: epoch * 4 + tri */
	uint64_t epoch;
	uint32_t *hit; /* scratch of index_walk */
	size_t cap_hit;
};

/* Only literal names (negations may stand beside them), and not below an Include. */
static bool
is_hashable(const struct conf *c, const struct block *b)
{
	bool positive = false;

	if (b->kind != BLOCK_HOST)
		return false;
	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (p.n > 0 && p.p[0] == '!')
			continue;
		if (!pattern_is_literal(p))
			return false;
		positive = true;
	}
	return positive;
}

static char
literal_byte(char c)
{
	return c == '*' || c == '?' ? '\0' : c;
}

static struct walk
walk_of(const struct conf *c, uint32_t seg)
{
	const struct block *b = &c->block[c->seg[seg].block];
	struct walk w = { .seg = seg };

	for (uint32_t i = 0; b->kind == BLOCK_HOST && i < b->n_pat && w.n < WALK_ENDS; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (p.n > 0 && p.p[0] == '!')
			continue;
		w.ends[w.n][0] = p.n > 0 ? literal_byte(p.p[0]) : '\0';
		w.ends[w.n++][1] = p.n > 0 ? literal_byte(p.p[p.n - 1]) : '\0';
	}
	if (b->kind != BLOCK_HOST || w.n == WALK_ENDS)
		w.n = WALK_ALWAYS;
	return w;
}

/* Can the name match at all? */
static bool
walk_concerns(const struct walk *w, char first, char last)
{
	if (w->n == WALK_ALWAYS)
		return true;
	for (unsigned i = 0; i < w->n; i++)
		if ((w->ends[i][0] == '\0' || w->ends[i][0] == first) &&
		    (w->ends[i][1] == '\0' || w->ends[i][1] == last))
			return true;
	return false;
}

static void
add_entry(struct index *x, struct str name, uint32_t seg)
{
	uint32_t i = (uint32_t)x->n_entry++;
	uint32_t *at = &x->bucket[str_hash(name) & x->mask];

	x->entry[i] = (struct entry){ name, seg, *at };
	*at = i;
}

void
index_make(struct conf *c)
{
	struct index *x;
	size_t n_name = 0, n_walk = 0, size = 16;

	if (c->index != NULL)
		return;
	x = c->index = ARENA_NEW(&c->arena, struct index);
	x->state = ARENA_ARRAY(&c->arena, uint64_t, c->n_block + 1);
	for (size_t i = 0; i < c->n_seg; i++) {
		const struct block *b = &c->block[c->seg[i].block];

		if (is_hashable(c, b))
			n_name += b->n_pat;
		else
			n_walk++;
	}
	x->walk = ARENA_ARRAY(&c->arena, struct walk, n_walk + 1);
	while (size < n_name * 2)
		size *= 2;
	x->mask = size - 1;
	x->bucket = ARENA_ARRAY(&c->arena, uint32_t, size);
	memset(x->bucket, 0xff, size * sizeof(*x->bucket));
	x->entry = ARENA_ARRAY(&c->arena, struct entry, n_name + 1);
	/* Backwards, so that each bucket's chain is in reading order. */
	for (size_t i = c->n_seg; i-- > 0;) {
		const struct block *b = &c->block[c->seg[i].block];

		if (!is_hashable(c, b)) {
			x->walk[--n_walk] = walk_of(c, (uint32_t)i);
			x->n_walk++;
			continue;
		}
		for (uint32_t k = b->n_pat; k-- > 0;)
			if (c->pat[b->first_pat + k].n > 0 && c->pat[b->first_pat + k].p[0] != '!')
				add_entry(x, c->pat[b->first_pat + k], (uint32_t)i);
	}
}

void
index_begin(struct conf *c)
{
	index_make(c);
	c->index->epoch++;
}

enum tri
block_state(const struct resolve *r, uint32_t b)
{
	const struct index *x = r->c->index;

	return x->state[b] / 4 == x->epoch ? (enum tri)(x->state[b] % 4) : TRI_NO;
}

void
block_state_set(struct resolve *r, uint32_t b, enum tri t)
{
	r->c->index->state[b] = r->c->index->epoch * 4 + (unsigned)t;
}

static size_t
hits(struct resolve *r)
{
	struct index *x = r->c->index;
	size_t n = 0;

	for (uint32_t i = x->bucket[str_hash(r->name) & x->mask]; i != UINT32_MAX; i = x->entry[i].next) {
		if (!str_eq(x->entry[i].name, r->name))
			continue;
		/* The same name twice on one line. */
		if (n > 0 && x->hit[n - 1] == x->entry[i].seg)
			continue;
		if (n == x->cap_hit) {
			size_t cap = x->cap_hit == 0 ? 16 : x->cap_hit * 2;
			uint32_t *p = ARENA_ARRAY(&r->c->arena, uint32_t, cap);

			if (n > 0)
				memcpy(p, x->hit, n * sizeof(*p));
			x->hit = p;
			x->cap_hit = cap;
		}
		x->hit[n++] = x->entry[i].seg;
	}
	return n;
}

void
index_walk(struct resolve *r, void (*fn)(struct resolve *r, uint32_t seg))
{
	struct index *x = r->c->index;
	char first = r->name.n > 0 ? r->name.p[0] : '\0', last = r->name.n > 0 ? r->name.p[r->name.n - 1] : '\0';
	size_t i = 0, k = 0, n;

	if (!r->name_known) {
		for (uint32_t s = 0; s < r->c->n_seg && !r->refused; s++)
			fn(r, s);
		return;
	}
	n = hits(r);
	while ((i < x->n_walk || k < n) && !r->refused) {
		if (k == n || (i < x->n_walk && x->walk[i].seg < x->hit[k])) {
			if (walk_concerns(&x->walk[i], first, last))
				fn(r, x->walk[i].seg);
			i++;
		} else {
			fn(r, x->hit[k++]);
		}
	}
}

static void
call_first(const struct conf *c, uint32_t seg, void (*fn)(void *ctx, uint32_t block), void *ctx)
{
	if (c->block[c->seg[seg].block].first_seg == seg)
		fn(ctx, c->seg[seg].block);
}

void
index_blocks(struct conf *c, struct str name, void (*fn)(void *ctx, uint32_t block), void *ctx)
{
	const struct index *x;
	uint32_t last = UINT32_MAX;

	index_make(c);
	x = c->index;
	for (uint32_t i = x->bucket[str_hash(name) & x->mask]; i != UINT32_MAX; i = x->entry[i].next) {
		/* The same name twice on one line. */
		if (!str_eq(x->entry[i].name, name) || x->entry[i].seg == last)
			continue;
		last = x->entry[i].seg;
		call_first(c, last, fn, ctx);
	}
	for (size_t i = 0; i < x->n_walk; i++)
		call_first(c, x->walk[i].seg, fn, ctx);
}
