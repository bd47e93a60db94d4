/* SPDX-License-Identifier: MIT */
/*
 * Inside eval/ only: segments whose header holds only for names that can be looked up.  A lookup gives every segment
 * that may concern a name, and some more; the header itself decides.
 */
#ifndef EVAL_KEYS_H
#define EVAL_KEYS_H

#include "conf/doc.h"

enum key {
	KEY_PREFIX,   /* Host patterns by the bytes before the first wildcard */
	KEY_SUFFIX,   /* and by those behind the last one, where these are more */
	KEY_ORIGINAL, /* Match originalhost */
	KEY_HOST,     /* Match host */
	KEY_USER,     /* Match user */
	KEY_MAX_
};

/* A segment found. */
struct hit {
	uint32_t seg;
	uint32_t sure; /* criterion + 1 that is known to hold; SURE_HOST: the Host line; 0: nothing is known */
};
#define SURE_HOST UINT32_MAX
struct hits {
	struct hit *v;
	size_t n, cap;
};
/* Memory comes from a. */
void hits_add(struct hits *h, struct arena *a, struct hit hit);
/* In reading order, each segment once. */
void hits_sort(struct hits *h);

struct keys;

/*
 * The block by whose header a segment is found.  Lines of a template that may be missing have none: they are found with
 * the block that they are part of.
 */
const struct block *keys_block(const struct conf *c, uint32_t seg);
/* Names that the header of b holds under, 0: it must be looked at for every name.  wild: wildcards in Host, too. */
size_t keys_names(const struct conf *c, const struct block *b, bool wild);
/* A table for n names. */
struct keys *keys_new(struct arena *a, size_t n);
/* Enter a segment whose header keys_names() counts; wild as there. */
void keys_add(struct keys *t, const struct conf *c, uint32_t seg, bool wild);
/* How many names there are of a key. */
size_t keys_count(const struct keys *t, enum key key);
/* Every segment from seg on that text leads to. */
void keys_find(const struct keys *t, enum key key, struct str text, uint32_t seg, struct arena *a, struct hits *h);
/* Every segment from seg on with this key. */
void keys_all(const struct keys *t, enum key key, uint32_t seg, struct arena *a, struct hits *h);

#endif
