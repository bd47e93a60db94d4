/* SPDX-License-Identifier: MIT */
/* A set of names, each with a number: 0, 1, 2 ... in the order in which they were added. */
#ifndef BASE_SET_H
#define BASE_SET_H

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct strset {
	struct str *v; /* by number */
	size_t n, cap;
	uint32_t *slot; /* by hash: 1 + number; 0: free */
	size_t n_slot;	/* a power of two */
};

/* The number of a name, SIZE_MAX when it is not there. */
size_t strset_find(const struct strset *s, struct str name);
bool strset_has(const struct strset *s, struct str name);
/* True when name was added, false when it stood there already.  A copy in a is kept; NULL: name itself, borrowed. */
bool strset_add(struct strset *s, struct arena *a, struct str name);
void strset_clear(struct strset *s);
void strset_release(struct strset *s);

#endif
