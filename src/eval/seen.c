/* SPDX-License-Identifier: MIT */
/* What a list of lines holds already, by hash: the sets themselves, or for forwards the texts they are printed as. */
#include <string.h>

#include "eval/seen.h"

struct seen_entry {
	uint64_t hash;
	struct str text;
	uint32_t set;
	bool used;
};

struct seen {
	struct seen_entry *v;
	size_t n, mask;
};

struct seen *
seen_new(struct arena *a)
{
	struct seen *s = ARENA_NEW(a, struct seen);

	s->mask = 7;
	s->v = ARENA_ARRAY(a, struct seen_entry, s->mask + 1);
	return s;
}

static uint64_t
hash_of(uint32_t set, const struct str *text)
{
	uint64_t h = text != NULL ? str_hash(*text) : (set + 1u) * 0x9e3779b97f4a7c15u;

	return h ^ h >> 32;
}

static void
grow(struct seen *s, struct arena *a)
{
	size_t mask = s->mask * 2 + 1;
	struct seen_entry *v = ARENA_ARRAY(a, struct seen_entry, mask + 1);

	for (size_t i = 0; i <= s->mask; i++) {
		size_t at = (size_t)s->v[i].hash & mask;

		if (!s->v[i].used)
			continue;
		while (v[at].used)
			at = (at + 1) & mask;
		v[at] = s->v[i];
	}
	s->v = v;
	s->mask = mask;
}

/* Where it stands, or the free place where it belongs. */
static struct seen_entry *
find(const struct seen *s, uint32_t set, const struct str *text)
{
	uint64_t hash = hash_of(set, text);
	size_t at = (size_t)hash & s->mask;

	while (s->v[at].used &&
	    !(s->v[at].hash == hash && (text != NULL ? str_eq(s->v[at].text, *text) : s->v[at].set == set)))
		at = (at + 1) & s->mask;
	return &s->v[at];
}

bool
seen_add(struct seen *s, struct arena *a, uint32_t set, const struct str *text)
{
	struct seen_entry *e;

	if (s->n * 2 > s->mask)
		grow(s, a);
	e = find(s, set, text);
	if (e->used)
		return false;
	*e = (struct seen_entry){ .hash = hash_of(set, text), .set = set, .used = true };
	if (text != NULL)
		e->text = *text;
	s->n++;
	return true;
}

uint32_t
seen_find(const struct seen *s, struct str text)
{
	const struct seen_entry *e = find(s, 0, &text);

	return e->used ? e->set : UINT32_MAX;
}

bool
seen_has(const struct seen *s, uint32_t set)
{
	return find(s, set, NULL)->used;
}
