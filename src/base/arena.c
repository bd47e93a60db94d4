/* SPDX-License-Identifier: MIT */
/* Arena: chunks in a list, allocation from the newest one. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK_MIN 4096u
#define CHUNK_MAX (1024u * 1024)
/*
 * From here on malloc takes fresh pages from the kernel, which are zero and cost nothing until they are written to.
 * Smaller chunks are zeroed piece by piece, so that the pages of one that is never filled are not touched.
 */
#define CHUNK_FRESH (128u * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t cap;
	bool zeroed;
	_Alignas(max_align_t) char bytes[];
};

static void
new_chunk(struct arena *a, size_t n)
{
	size_t cap = a->cap * 2 < CHUNK_MIN ? CHUNK_MIN : a->cap * 2 > CHUNK_MAX ? CHUNK_MAX : a->cap * 2;
	struct arena_chunk *c;

	if (cap < n)
		cap = n;
	if (cap >= CHUNK_FRESH) {
		c = mem_alloc(sizeof(*c) + cap);
		c->zeroed = true;
	} else {
		c = mem_realloc(NULL, sizeof(*c) + cap);
		c->zeroed = false;
	}
	c->next = a->head;
	c->cap = cap;
	a->head = c;
	a->cap = cap;
	a->used = 0;
	a->total += cap;
}

/* Room for n bytes; zeroed or not, as the chunk is. */
static char *
take(struct arena *a, size_t n)
{
	const size_t align = _Alignof(max_align_t);
	char *p;

	if (n > SIZE_MAX / 2)
		mem_die();
	n = (n + align - 1) / align * align;
	if (a->head == NULL || a->cap - a->used < n)
		new_chunk(a, n);
	p = a->head->bytes + a->used;
	a->used += n;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	char *p = take(a, n);

	if (!a->head->zeroed)
		memset(p, 0, n);
	return p;
}

void *
arena_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t elem)
{
	void *wider;

	if (n < *cap)
		return p;
	*cap = *cap == 0 ? 4 : *cap * 2;
	if (*cap > SIZE_MAX / 2 / elem)
		mem_die();
	wider = arena_alloc(a, *cap * elem);
	if (n > 0)
		memcpy(wider, p, n * elem);
	return wider;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p = take(a, s.n + 1);

	if (s.n > 0)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

struct str
arena_lower(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = str_lower(s.p[i]);
	return (struct str){ p, s.n };
}

const char *
arena_strz(struct arena *a, struct str s)
{
	return arena_str(a, s).p;
}

struct str
arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	size_t have = a->cap - a->used;
	char *room = a->head != NULL ? a->head->bytes + a->used : NULL, *p;
	va_list copy;
	int n;

	/* mostly it fits where it belongs; else this was the counting, and the rest of the chunk is left behind */
	va_copy(copy, ap);
	n = vsnprintf(room, room != NULL ? have : 0, fmt, copy);
	va_end(copy);
	if (n < 0) {
		if (room != NULL)
			memset(room, 0, have);
		return (struct str){ "", 0 };
	}
	p = take(a, (size_t)n + 1);
	if (p != room)
		vsnprintf(p, (size_t)n + 1, fmt, ap);
	return (struct str){ p, (size_t)n };
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	struct str s;
	va_list ap;

	va_start(ap, fmt);
	s = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return s;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *keep = a->head;

	if (keep == NULL)
		return;
	a->head = keep->next;
	while (a->head != NULL) {
		struct arena_chunk *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	/* What arena_alloc() hands out is zeroed. */
	if (keep->zeroed)
		memset(keep->bytes, 0, a->used);
	keep->next = NULL;
	a->head = keep;
	a->cap = a->total = keep->cap;
	a->used = 0;
}

void
arena_release(struct arena *a)
{
	while (a->head != NULL) {
		struct arena_chunk *next = a->head->next;

		free(a->head);
		a->head = next;
	}
	memset(a, 0, sizeof(*a));
}
