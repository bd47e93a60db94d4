/* SPDX-License-Identifier: MIT */
/*
 * Which segments concern a host: blocks with only literal names are found by hash, and so are Match lines with a list
 * of them and, where there are many, wildcards by their literal ends.  All others are walked: criteria that ask for
 * something else, lines outside blocks, everything below an Include.
 */
#include <string.h>

#include "base/mem.h"
#include "eval/resolve.h"

struct entry {
	struct str name;
	uint32_t seg;  /* SURE: no negation stands beside the names */
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

#define SURE 0x80000000u

/* Fewer wildcard blocks than that are sooner walked than looked up. */
enum { WILD_MANY = 64 };

struct index {
	uint32_t *bucket; /* first entry, or UINT32_MAX */
	size_t mask;
	struct entry *entry;
	size_t n_entry;
	struct walk *walk; /* in reading order */
	size_t n_walk;
	uint64_t *state; /* per block: epoch * 4 + tri */
	uint64_t epoch;
	struct keys *keys;
	bool wild;	  /* wildcards are among the keys */
	size_t n_dynamic; /* keys whose name may change while files are read */
	struct hits hits; /* scratch of index_walk and index_blocks */
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

/* A segment without a header or lines of its own: whether it is there is asked with those that depend on it. */
static bool
is_passed_over(const struct conf *c, size_t seg)
{
	return c->seg[seg].n_set == 0 && c->block[c->seg[seg].block].kind == BLOCK_MAYBE;
}

static char
literal_byte(char c)
{
	return c == '*' || c == '?' ? '\0' : c;
}

static struct walk
walk_of(const struct conf *c, uint32_t seg)
{
	const struct block *b = keys_block(c, seg);
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

static void
add_entries(struct index *x, const struct conf *c, uint32_t seg)
{
	const struct block *b = keys_block(c, seg);
	uint32_t sure = SURE;

	for (uint32_t k = b->first_pat; k < b->first_pat + b->n_pat; k++)
		if (c->pat[k].n > 0 && c->pat[k].p[0] == '!')
			sure = 0;
	for (uint32_t k = b->n_pat; k-- > 0;)
		if (c->pat[b->first_pat + k].n > 0 && c->pat[b->first_pat + k].p[0] != '!')
			add_entry(x, c->pat[b->first_pat + k], seg | sure);
}

/* How many names each part will hold. */
struct counts {
	size_t name, walk, key;
};

static struct counts
count(struct index *x, const struct conf *c)
{
	struct counts n = { 0 };
	size_t wild = 0;

	for (size_t i = 0; i < c->n_seg && wild <= WILD_MANY; i++) {
		const struct block *b = keys_block(c, (uint32_t)i);

		wild += b->kind == BLOCK_HOST && !is_hashable(c, b);
	}
	x->wild = wild > WILD_MANY;
	for (size_t i = 0; i < c->n_seg; i++) {
		const struct block *b = keys_block(c, (uint32_t)i);
		size_t keys;

		if (is_passed_over(c, i))
			continue;
		if (is_hashable(c, b))
			n.name += b->n_pat;
		else if ((keys = keys_names(c, b, x->wild)) > 0)
			n.key += keys;
		else
			n.walk++;
	}
	return n;
}

void
index_make(struct conf *c)
{
	struct index *x;
	struct counts n;
	size_t size = 16;

	if (c->index != NULL)
		return;
	x = c->index = ARENA_NEW(&c->arena, struct index);
	x->state = ARENA_ARRAY(&c->arena, uint64_t, c->n_block + 1);
	n = count(x, c);
	x->walk = ARENA_ARRAY(&c->arena, struct walk, n.walk + 1);
	while (size < n.name * 2)
		size *= 2;
	x->mask = size - 1;
	x->bucket = ARENA_ARRAY(&c->arena, uint32_t, size);
	memset(x->bucket, 0xff, size * sizeof(*x->bucket));
	x->entry = ARENA_ARRAY(&c->arena, struct entry, n.name + 1);
	x->keys = keys_new(&c->arena, n.key);
	/* Backwards, so that each bucket's chain is in reading order. */
	for (size_t i = c->n_seg; i-- > 0;) {
		const struct block *b = keys_block(c, (uint32_t)i);

		if (is_passed_over(c, i))
			continue;
		if (is_hashable(c, b)) {
			add_entries(x, c, (uint32_t)i);
		} else if (keys_names(c, b, x->wild) > 0) {
			keys_add(x->keys, c, (uint32_t)i, x->wild);
		} else {
			x->walk[--n.walk] = walk_of(c, (uint32_t)i);
			x->n_walk++;
		}
	}
	x->n_dynamic =
	    keys_count(x->keys, KEY_ORIGINAL) + keys_count(x->keys, KEY_HOST) + keys_count(x->keys, KEY_USER);
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
	const struct block *block = &r->c->block[b];

	if (x->state[b] / 4 == x->epoch)
		return (enum tri)(x->state[b] % 4);
	if (block->kind != BLOCK_MAYBE)
		return TRI_NO;
	return tri_and(block->parent >= 0 ? block_state(r, (uint32_t)block->parent) : TRI_YES,
	    region_tri(r->c, block, r->c->side == KW_CLIENT ? r->target->region : r->spec->region));
}

void
block_state_set(struct resolve *r, uint32_t b, enum tri t)
{
	r->c->index->state[b] = r->c->index->epoch * 4 + (unsigned)t;
}

/* Blocks with just this name, from seg on. */
static void
find_named(struct conf *c, struct str name, uint32_t seg)
{
	struct index *x = c->index;

	for (uint32_t i = x->bucket[str_hash(name) & x->mask]; i != UINT32_MAX; i = x->entry[i].next) {
		uint32_t at = x->entry[i].seg & ~SURE;

		/* The same name may stand twice on one line. */
		if (at < seg || !str_eq(x->entry[i].name, name) ||
		    (x->hits.n > 0 && x->hits.v[x->hits.n - 1].seg == at))
			continue;
		hits_add(&x->hits, &c->arena, (struct hit){ at, (x->entry[i].seg & SURE) != 0 ? SURE_HOST : 0 });
	}
}

/* The HostName so far ends ssh at the next Match line, whatever stands there. */
static bool
ends_at_match(struct resolve *r)
{
	struct str text;
	bool set;

	if (r->pass != 1 || !slot_text(r, KW_ID_HOSTNAME, &text, &set) || !set)
		return false;
	for (size_t i = str_chr(text, '%', 0); i < text.n; i = str_chr(text, '%', i + 2))
		if (i + 1 == text.n || (text.p[i + 1] != 'h' && text.p[i + 1] != '%'))
			return true;
	return false;
}

/* Match lines, as far as the lines read so far say whom they may concern. */
static void
find_matches(struct resolve *r, uint32_t seg)
{
	struct index *x = r->c->index;
	struct arena *a = &r->c->arena;
	bool all = r->c->side == KW_CLIENT && ends_at_match(r);
	struct str name;

	if (r->c->side == KW_SERVER) {
		if (r->spec->has_user)
			keys_find(x->keys, KEY_USER, r->spec->user, seg, a, &x->hits);
		return;
	}
	if (all)
		keys_all(x->keys, KEY_ORIGINAL, seg, a, &x->hits);
	else
		keys_find(x->keys, KEY_ORIGINAL, r->target->host, seg, a, &x->hits);
	if (keys_count(x->keys, KEY_HOST) > 0 && !all && match_host_name(r, &name))
		keys_find(x->keys, KEY_HOST, name, seg, a, &x->hits);
	else
		keys_all(x->keys, KEY_HOST, seg, a, &x->hits);
	if (keys_count(x->keys, KEY_USER) > 0 && !all && match_user_name(r, &name))
		keys_find(x->keys, KEY_USER, name, seg, a, &x->hits);
	else
		keys_all(x->keys, KEY_USER, seg, a, &x->hits);
}

/* All that may concern the host from seg on; of the hits from k on stays what goes on with a block begun before. */
static void
find_hits(struct resolve *r, uint32_t seg, size_t k)
{
	struct index *x = r->c->index;
	const struct conf *c = r->c;
	size_t n = 0;

	for (; k < x->hits.n; k++)
		if (keys_block(c, x->hits.v[k].seg)->first_seg < seg)
			x->hits.v[n++] = x->hits.v[k];
	x->hits.n = n;
	if (r->c->side == KW_CLIENT)
		find_named(r->c, r->name, seg);
	if (x->wild && r->c->side == KW_CLIENT) {
		keys_find(x->keys, KEY_PREFIX, r->name, seg, &r->c->arena, &x->hits);
		keys_find(x->keys, KEY_SUFFIX, r->name, seg, &r->c->arena, &x->hits);
	}
	if (x->n_dynamic > 0)
		find_matches(r, seg);
	if (x->wild || x->n_dynamic > 0)
		hits_sort(&x->hits);
}

/* What Match lines that are looked up depend on. */
struct names_so_far {
	const struct slot *host, *user;
	uint32_t host_win, user_win;
	const struct maybe *host_maybe, *user_maybe;
};

static bool
names_changed(struct names_so_far *n)
{
	bool changed;

	if (n->host == NULL)
		return false;
	changed = n->host->win != n->host_win || n->user->win != n->user_win || n->host->maybe != n->host_maybe ||
	    n->user->maybe != n->user_maybe;
	n->host_win = n->host->win;
	n->host_maybe = n->host->maybe;
	n->user_win = n->user->win;
	n->user_maybe = n->user->maybe;
	return changed;
}

/* sshd -T that asks for data at every criterion, a trace, and a name that nobody knows want to see every header. */
static bool
wants_all(const struct resolve *r)
{
	if (r->c->side == KW_CLIENT)
		return !r->name_known || r->target->trace != NULL;
	return r->spec->trace != NULL || (r->spec->test && r->c->ver.n >= VER(7, 7) && r->c->ver.n < VER(8, 1));
}

static void
visit_hit(struct resolve *r, struct hit hit, void (*fn)(struct resolve *r, uint32_t seg))
{
	r->sure = hit.sure;
	fn(r, hit.seg);
	r->sure = 0;
}

void
index_walk(struct resolve *r, void (*fn)(struct resolve *r, uint32_t seg))
{
	struct index *x = r->c->index;
	char first = r->name.n > 0 ? r->name.p[0] : '\0', last = r->name.n > 0 ? r->name.p[r->name.n - 1] : '\0';
	struct names_so_far names = { 0 };
	size_t i = 0, k = 0;

	r->sure = 0;
	if (wants_all(r)) {
		for (uint32_t s = 0; s < r->c->n_seg && !r->refused; s++)
			fn(r, s);
		return;
	}
	if (r->c->side == KW_CLIENT && x->n_dynamic > 0) {
		names.host = &r->slot[conf_row(r->c, KW_ID_HOSTNAME)];
		names.user = &r->slot[conf_row(r->c, KW_ID_USER)];
		(void)names_changed(&names);
	}
	x->hits.n = 0;
	r->c->work += 8 + x->n_walk / 4;
	find_hits(r, 0, 0);
	while ((i < x->n_walk || k < x->hits.n) && !r->refused) {
		uint32_t seg;

		if (k == x->hits.n || (i < x->n_walk && x->walk[i].seg < x->hits.v[k].seg)) {
			seg = x->walk[i].seg;
			if (r->c->side == KW_SERVER || walk_concerns(&x->walk[i], first, last))
				fn(r, seg);
			i++;
		} else {
			seg = x->hits.v[k].seg;
			visit_hit(r, x->hits.v[k++], fn);
		}
		if (names_changed(&names)) {
			find_hits(r, seg + 1, k);
			k = 0;
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
	struct index *x;

	index_make(c);
	x = c->index;
	x->hits.n = 0;
	find_named(c, name, 0);
	keys_find(x->keys, KEY_PREFIX, name, 0, &c->arena, &x->hits);
	keys_find(x->keys, KEY_SUFFIX, name, 0, &c->arena, &x->hits);
	keys_find(x->keys, KEY_ORIGINAL, name, 0, &c->arena, &x->hits);
	keys_find(x->keys, KEY_HOST, name, 0, &c->arena, &x->hits);
	hits_sort(&x->hits);
	c->work += 8 * (1 + x->hits.n + x->n_walk);
	for (size_t i = 0; i < x->hits.n; i++)
		call_first(c, x->hits.v[i].seg, fn, ctx);
	for (size_t i = 0; i < x->n_walk; i++)
		call_first(c, x->walk[i].seg, fn, ctx);
}
