/* SPDX-License-Identifier: MIT */
/*
 * .gitignore as git reads it.  Bytes come in; nothing is opened.
 * Sources: gitignore(5); git's dir.c and wildmatch.c.
 */
#ifndef TREE_IGNORE_H
#define TREE_IGNORE_H

#include "base/arena.h"
#include "base/str.h"

/* The patterns of one file; NULL stands for none. */
struct ignore_list;

/* text is borrowed.  NULL when it holds no pattern. */
const struct ignore_list *ignore_parse(struct arena *a, struct str text);

enum ignore_says {
	IGNORE_SILENT, /* no pattern fits: the list of the folder above is asked */
	IGNORE_YES,
	IGNORE_NO, /* a pattern with ! fits */
};
/*
 * What the list says of a path, relative to the folder of its file, without a slash at the end.  *io_work grows with
 * the work done.
 */
enum ignore_says ignore_ask(const struct ignore_list *l, struct str path, bool is_folder, uint64_t *io_work);

#endif
