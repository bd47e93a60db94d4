/* SPDX-License-Identifier: MIT */
/* Which files and folders of a tree are left out because git ignores them. */
#ifndef LINT_GIT_H
#define LINT_GIT_H

#include "lint/lint.h"
#include "tree/ignore.h"
#include "tree/index.h"

/* A folder whose .gitignore was read. */
struct lint_git_known {
	const struct ignore_list *list;
	bool nested; /* it has a .git of its own, and is not the top */
};

struct lint_git {
	struct lint *l;
	bool off;			   /* --no-ignores: the walk leaves nothing out */
	bool read;			   /* what follows was read */
	const struct ignore_list *exclude; /* .git/info/exclude */
	struct tracked tracked;
	bool unsure;   /* no index that can be read covers the tree: what is tracked is not known */
	size_t n_left; /* files left out all the same */
	uint64_t left; /* steps of patterns */
	bool told;
	struct strset folders; /* by number in ... */
	struct lint_git_known *known;
	size_t cap_known;
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
struct lint_git *lint_git_open(struct lint *l);
/* Before l has another tree. */
void lint_git_close(struct lint *l);
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
/* What git says of a file that something leads to, also with --no-ignores: that is about what may be shown. */
enum git_file {
	GIT_FILE_OPEN,	  /* it is tracked; or it is not ignored, and what is tracked is not known */
	GIT_FILE_IGNORED, /* it is ignored and not tracked */
	GIT_FILE_UNSURE,  /* it is ignored, and what is tracked is not known */
	GIT_FILE_NEW,	  /* it is not ignored, and not tracked */
};
/* path is without links. */
enum git_file lint_git_file(struct lint *l, struct str path);
/* Behind the walk: say what was left out without knowing. */
void lint_git_end(struct lint_git *g);

#endif
