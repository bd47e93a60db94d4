/* SPDX-License-Identifier: MIT */
/* A hash table of names, and of the literal ends of wildcard patterns, to the segments whose headers have them. */
#include "eval/keys.h"

#include <stdlib.h>
#include <string.h>

#include "conf/pattern.h"

enum {
	LITERAL_MAX = 63, /* bytes of a literal end that count */
	PART_MAX = 1000,  /* longer parts of a list are left to the matcher */
};

struct key_entry {
	struct str text;
	uint32_t seg, sure;
	uint32_t next; /* in the same bucket; UINT32_MAX ends */
	uint32_t key;
};

struct keys {
	struct key_entry *v;
	size_t n;
	uint32_t *bucket;
	size_t mask;
	uint64_t lengths[2]; /* of the literal ends there are, a bit each: prefixes, suffixes */
	size_t count[KEY_MAX_];
};

void
hits_add(struct hits *h, struct arena *a, struct hit hit)
{
	if (h->n == h->cap) {
		size_t cap = h->cap == 0 ? 16 : h->cap * 2;
		struct hit *v = ARENA_ARRAY(a, struct hit, cap);

		if (h->n > 0)
			memcpy(v, h->v, h->n * sizeof(*v));
		h->v = v;
		h->cap = cap;
	}
	h->v[h->n++] = hit;
}

static int
by_place(const void *pa, const void *pb)
{
	const struct hit *a = pa, *b = pb;

	if (a->seg != b->seg)
		return a->seg < b->seg ? -1 : 1;
	/* what is known comes first, and stays */
	return a->sure == b->sure ? 0 : a->sure > b->sure ? -1 : 1;
}

void
hits_sort(struct hits *h)
{
	size_t n = 0;

	if (h->n < 2)
		return;
	qsort(h->v, h->n, sizeof(*h->v), by_place);
	for (size_t i = 0; i < h->n; i++)
		if (n == 0 || h->v[n - 1].seg != h->v[i].seg)
			h->v[n++] = h->v[i];
	h->n = n;
}

static bool
is_wildcard(char c)
{
	return c == '*' || c == '?';
}

/* The longer literal end of a pattern; false: it has none. */
static bool
literal_end(struct str p, enum key *ret_key, struct str *ret)
{
	size_t head = 0, tail = 0;

	while (head < p.n && head < LITERAL_MAX && !is_wildcard(p.p[head]))
		head++;
	while (tail < p.n && tail < LITERAL_MAX && !is_wildcard(p.p[p.n - tail - 1]))
		tail++;
	*ret_key = tail > head ? KEY_SUFFIX : KEY_PREFIX;
	*ret = tail > head ? str_from(p, p.n - tail) : str_head(p, head);
	return ret->n > 0;
}

static size_t
host_names(const struct conf *c, const struct block *b)
{
	enum key key;
	struct str end;
	size_t n = 0;

	for (uint32_t i = b->first_pat; i < b->first_pat + b->n_pat; i++) {
		if (c->pat[i].n > 0 && c->pat[i].p[0] == '!')
			continue;
		if (!literal_end(c->pat[i], &key, &end))
			return 0;
		n++;
	}
	return n;
}

/* Names of a list without wildcards (negated parts may stand beside them); 0 for any other. */
static size_t
list_names(struct str list, bool *ret_negated)
{
	struct str rest = list, part;
	size_t n = 0;

	*ret_negated = false;
	while (rest.n > 0 && str_split(&rest, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!';

		if (part.n > PART_MAX || (!negated && !pattern_is_literal(part)))
			return 0;
		*ret_negated |= negated;
		n += !negated;
	}
	return n;
}

/* The criterion that says under which names a Match line may hold: its index + 1, or 0. */
static uint32_t
naming_crit(const struct conf *c, const struct block *b, size_t *ret_n)
{
	uint32_t name = 0, user = 0, n_name = 0;
	bool negated;

	*ret_n = 0;
	if (b->bad)
		return 0;
	for (uint32_t i = b->first_crit; i < b->first_crit + b->n_crit; i++) {
		const struct crit *k = &c->crit[i];
		bool literal = !k->negated && list_names(k->arg, &negated) > 0;

		/* sshd -T ends at one for which it has no port, whatever else stands there */
		if (k->kind == CRIT_LOCALPORT)
			return 0;
		if (k->kind == CRIT_HOST || k->kind == CRIT_ORIGINALHOST) {
			n_name++;
			name = literal && c->side == KW_CLIENT ? i + 1 : 0;
		}
		if (k->kind == CRIT_USER && literal && user == 0)
			user = i + 1;
	}
	/* With two lists of hosts, either may be the one that index_blocks() is asked about. */
	if (n_name != 1 || name == 0)
		name = n_name == 0 || c->side == KW_SERVER ? user : 0;
	if (name > 0)
		*ret_n = list_names(c->crit[name - 1].arg, &negated);
	return name;
}

const struct block *
keys_block(const struct conf *c, uint32_t seg)
{
	const struct block *b = &c->block[c->seg[seg].block];

	while (b->kind == BLOCK_MAYBE && b->parent >= 0)
		b = &c->block[b->parent];
	return b;
}

size_t
keys_names(const struct conf *c, const struct block *b, bool wild)
{
	size_t n = 0;

	if (b->kind == BLOCK_MATCH)
		(void)naming_crit(c, b, &n);
	else if (b->kind == BLOCK_HOST && wild)
		n = host_names(c, b);
	return n;
}

struct keys *
keys_new(struct arena *a, size_t n)
{
	struct keys *t = ARENA_NEW(a, struct keys);
	size_t size = 16;

	while (size < n * 2)
		size *= 2;
	t->mask = size - 1;
	t->bucket = ARENA_ARRAY(a, uint32_t, size);
	memset(t->bucket, 0xff, size * sizeof(*t->bucket));
	t->v = ARENA_ARRAY(a, struct key_entry, n + 1);
	return t;
}

static bool
ignores_case(enum key key)
{
	return key == KEY_ORIGINAL || key == KEY_HOST;
}

static size_t
place(const struct keys *t, enum key key, struct str s)
{
	uint64_t h = (ignores_case(key) ? str_ihash(s) : str_hash(s)) + (unsigned)key;

	return (size_t)(h ^ h >> 32) & t->mask;
}

static void
enter(struct keys *t, enum key key, struct str text, struct hit hit)
{
	uint32_t *at = &t->bucket[place(t, key, text)];

	t->v[t->n] =
	    (struct key_entry){ .text = text, .seg = hit.seg, .sure = hit.sure, .next = *at, .key = (uint32_t)key };
	*at = (uint32_t)t->n++;
	t->count[key]++;
	if (key == KEY_PREFIX || key == KEY_SUFFIX)
		t->lengths[key] |= (uint64_t)1 << text.n;
}

void
keys_add(struct keys *t, const struct conf *c, uint32_t seg, bool wild)
{
	const struct block *b = keys_block(c, seg);
	size_t n;
	uint32_t crit = b->kind == BLOCK_MATCH ? naming_crit(c, b, &n) : 0;
	struct str rest, part;
	bool negated;
	enum key key;

	for (uint32_t i = b->first_pat; wild && b->kind == BLOCK_HOST && i < b->first_pat + b->n_pat; i++) {
		struct str p = c->pat[i], end;

		if ((p.n == 0 || p.p[0] != '!') && literal_end(p, &key, &end))
			enter(t, key, end, (struct hit){ seg, 0 });
	}
	if (crit == 0)
		return;
	key = c->crit[crit - 1].kind == CRIT_HOST ? KEY_HOST :
	    c->crit[crit - 1].kind == CRIT_USER	  ? KEY_USER :
						    KEY_ORIGINAL;
	rest = c->crit[crit - 1].arg;
	(void)list_names(rest, &negated);
	while (rest.n > 0 && str_split(&rest, ',', &part))
		if (part.n == 0 || part.p[0] != '!')
			enter(t, key, part, (struct hit){ seg, negated ? 0 : crit });
}

size_t
keys_count(const struct keys *t, enum key key)
{
	return t->count[key];
}

static void
find_text(const struct keys *t, enum key key, struct str text, uint32_t seg, struct arena *a, struct hits *h)
{
	for (uint32_t i = t->bucket[place(t, key, text)]; i != UINT32_MAX; i = t->v[i].next) {
		const struct key_entry *e = &t->v[i];

		if (e->key != (uint32_t)key || e->seg < seg || e->text.n != text.n)
			continue;
		if (ignores_case(key) ? str_ieq(e->text, text) : str_eq(e->text, text))
			hits_add(h, a, (struct hit){ e->seg, e->sure });
	}
}

void
keys_find(const struct keys *t, enum key key, struct str text, uint32_t seg, struct arena *a, struct hits *h)
{
	if (t->count[key] == 0)
		return;
	if (key != KEY_PREFIX && key != KEY_SUFFIX) {
		find_text(t, key, text, seg, a, h);
		return;
	}
	for (size_t n = 1; n <= LITERAL_MAX && n <= text.n; n++)
		if ((t->lengths[key] >> n & 1) != 0)
			find_text(
			    t, key, key == KEY_PREFIX ? str_head(text, n) : str_from(text, text.n - n), seg, a, h);
}

void
keys_all(const struct keys *t, enum key key, uint32_t seg, struct arena *a, struct hits *h)
{
	for (size_t i = 0; t->count[key] > 0 && i < t->n; i++)
		if (t->v[i].key == (uint32_t)key && t->v[i].seg >= seg)
			hits_add(h, a, (struct hit){ t->v[i].seg, 0 });
}
