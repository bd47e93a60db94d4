/* SPDX-License-Identifier: MIT */
/* Which files and folders of a tree are left out because git ignores them. */
#ifndef CMD_LINT_GIT_H
#define CMD_LINT_GIT_H

#include "cmd/lint.h"
#include "tree/ignore.h"
#include "tree/index.h"

struct lint_git {
	struct lint *l;
	bool off;			   /* --no-ignores: nothing is left out */
	const struct ignore_list *exclude; /* .git/info/exclude */
	struct tracked tracked;
	uint64_t work;
	bool told;
};

/* The .gitignore of a folder on the way down. */
struct lint_git_list {
	const struct ignore_list *list;
	size_t path_n; /* bytes of the folder's path, slash included */
};

void lint_git_open(struct lint *l, struct lint_git *g);
/* The .gitignore that stands in a folder, whose path ends in a slash; NULL: it does not count. */
const struct ignore_list *lint_git_folder(struct lint_git *g, struct str path);
/*
 * Is path left out?  A folder's ends in a slash.  list has the n folders down to it.  *io_outcast: the folder around it is
 * ignored, and only what git tracks counts in it; set when the path itself is.
 */
bool lint_git_skips(struct lint_git *g, const struct lint_git_list *list, size_t n, struct str path, bool *io_outcast);

#endif
