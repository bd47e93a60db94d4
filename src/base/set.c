/* SPDX-License-Identifier: MIT */
/* A set of names: open addressing over their numbers. */
#include "base/set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SLOTS_FIRST = 64 };

/* The slot of a name, or the free one where it would stand. */
static uint32_t *
slot_of(const struct strset *s, struct str name)
{
	uint64_t h = str_hash(name);
	size_t i = (size_t)(h ^ h >> 32) & (s->n_slot - 1);

	while (s->slot[i] != 0 && !str_eq(s->v[s->slot[i] - 1], name))
		i = (i + 1) & (s->n_slot - 1);
	return &s->slot[i];
}

size_t
strset_find(const struct strset *s, struct str name)
{
	uint32_t at = s->n > 0 ? *slot_of(s, name) : 0;

	return at > 0 ? at - 1 : SIZE_MAX;
}

bool
strset_has(const struct strset *s, struct str name)
{
	return strset_find(s, name) != SIZE_MAX;
}

static void
widen(struct strset *s)
{
	free(s->slot);
	s->n_slot = s->n_slot == 0 ? SLOTS_FIRST : s->n_slot * 2;
	s->slot = mem_alloc(s->n_slot * sizeof *s->slot);
	for (size_t i = 0; i < s->n; i++)
		*slot_of(s, s->v[i]) = (uint32_t)i + 1;
}

bool
strset_add(struct strset *s, struct arena *a, struct str name)
{
	uint32_t *slot;

	if (s->n * 2 >= s->n_slot)
		widen(s);
	slot = slot_of(s, name);
	if (*slot != 0)
		return false;
	MEM_GROW(s->v, s->cap, s->n + 1);
	s->v[s->n++] = a != NULL ? arena_str(a, name) : name;
	*slot = (uint32_t)s->n;
	return true;
}

void
strset_clear(struct strset *s)
{
	if (s->n > 0)
		memset(s->slot, 0, s->n_slot * sizeof *s->slot);
	s->n = 0;
}

void
strset_release(struct strset *s)
{
	free(s->v);
	free(s->slot);
	*s = (struct strset){ 0 };
}
