/* SPDX-License-Identifier: MIT */
/*
 * Arena: many small allocations that are freed together.  A zeroed arena is valid and empty.
 * What it returns lives until arena_release() and is aligned for any type.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/str.h"

struct arena {
	struct arena_chunk *head;
	size_t used, cap; /* of the head chunk, bytes */
	size_t total;	  /* bytes asked from malloc so far */
};

void *arena_alloc(struct arena *a, size_t n); /* zeroed */
#define ARENA_NEW(a, type)	((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))
/* Room for one more behind n elements of size elem in an array of cap; the old one stays behind in the arena. */
void *arena_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t elem);
#define ARENA_GROW(a, v, n, cap) ((v) = arena_grow((a), (v), (n), &(cap), sizeof(*(v))))
struct str arena_str(struct arena *a, struct str s);   /* a copy; also NUL-terminated behind its end */
struct str arena_lower(struct arena *a, struct str s); /* the same, ASCII letters as lower case */
const char *arena_strz(struct arena *a, struct str s); /* the same as a terminated string */
struct str arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))); /* terminated, too */
struct str arena_vprintf(struct arena *a, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
void arena_reset(struct arena *a); /* forget everything, keep the newest chunk for use again */
void arena_release(struct arena *a);

#endif
