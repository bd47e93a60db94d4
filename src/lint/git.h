/* SPDX-License-Identifier: MIT */
/* Which files and folders of a tree are left out because git ignores them. */
#ifndef LINT_GIT_H
#define LINT_GIT_H

#include "lint/lint.h"
#include "tree/ignore.h"
#include "tree/index.h"

struct lint_git {
	struct lint *l;
	bool off;			   /* --no-ignores: nothing is left out */
	const struct ignore_list *exclude; /* .git/info/exclude */
	struct tracked tracked;
	bool unsure;   /* no index that can be read covers the tree: what is tracked is not known */
	size_t n_left; /* files left out all the same */
	uint64_t left; /* steps of patterns */
	bool told;
};

/* The .gitignore of a folder on the way down. */
struct lint_git_list {
	const struct ignore_list *list;
	size_t path_n; /* bytes of the folder's path, slash included */
};

/*
 * The index is .git/index of the tree, or where a file .git points to inside the tree.  It is not looked for above: that
 * would be outside, and depend on where the tree stands.
 */
void lint_git_open(struct lint *l, struct lint_git *g);
/* The .gitignore that stands in a folder, whose path ends in a slash; NULL: it does not count. */
const struct ignore_list *lint_git_folder(struct lint_git *g, struct str path);
enum git_says {
	GIT_KEEPS,
	GIT_SKIPS,
	/*
	 * It is ignored, and git may track it or what is in it: a folder is to be entered, and a file that is a config by its
	 * name to be judged.  What else is left out counts with lint_git_left().
	 */
	GIT_UNSURE,
};
/*
 * Is path left out?  A folder's ends in a slash.  list has the n folders down to it.  nested: the index does not reach here,
 * because a folder above has a .git of its own.  *io_outcast: the folder around it is ignored, and only what git tracks
 * counts in it; set when the path itself is.
 */
enum git_says lint_git_asks(
    struct lint_git *g, const struct lint_git_list *list, size_t n, struct str path, bool nested, bool *io_outcast);
void lint_git_left(struct lint_git *g);
/* Behind the walk: say what was left out without knowing. */
void lint_git_end(struct lint_git *g);

#endif
