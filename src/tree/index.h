/* SPDX-License-Identifier: MIT */
/*
 * The files that git tracks, whatever .gitignore says of them.  Bytes come in; nothing is opened.
 * Source: gitformat-index(5).
 */
#ifndef TREE_INDEX_H
#define TREE_INDEX_H

#include "base/arena.h"
#include "base/str.h"

/* Paths that .git/index names, in byte order. */
struct tracked {
	struct str *v;
	size_t n;
};
/*
 * False: these bytes are no index that tells all that is tracked; *ret is empty then.  That goes for split and sparse
 * indexes, of which the rest stands elsewhere, and for one whose paths are longer than any file's, or more than
 * INDEX_PATHS_FACTOR times its own bytes.  The paths live in a, or in index.
 */
enum { INDEX_PATH_MAX = 4096, INDEX_PATHS_FACTOR = 4 };
bool tracked_parse(struct arena *a, struct str index, struct tracked *ret);
bool tracked_has(const struct tracked *t, struct str path);
/* Is anything below the folder tracked?  folder ends in a slash. */
bool tracked_below(const struct tracked *t, struct str folder);

#endif
