/* SPDX-License-Identifier: MIT */
/* Where the run stands: settings above a tree that has none of its own, a baseline's folder, names that are given whole. */
#ifndef LINT_ABOVE_H
#define LINT_ABOVE_H

#include "base/arena.h"

#define LINT_SETTINGS ".sshkeep.ini"
/*
 * A folder above dir that has settings, for a dir that has none, as people see it with a slash at its end; dir is part
 * of the repository (.git) that it belongs to, or of the current folder that it belongs to.  p == NULL: there is none.
 * *ret_below: dir from there, with a slash.
 */
struct str lint_settings_above(struct arena *a, struct str dir, struct str *ret_below);
/*
 * The folder in the relative path of a file that is the top (.git) of the repository that it belongs to and has settings:
 * a part of path without a slash at its end; "" where that is the current folder, or none, or a link leads there.
 */
struct str lint_repository_below(struct arena *a, struct str path);
/*
 * The real path of the folder that holds file, where dir ("": the current one) stands below it in the same repository
 * (.git); p == NULL else.  *ret_apart: it does stand below, but no .git holds both.
 */
struct str lint_top_of(struct arena *a, struct str file, struct str dir, bool *ret_apart);
/* Is dir a part of a repository that holds file in another part, or in one below dir? */
bool lint_side_by_side(struct arena *a, struct str file, struct str dir);
/* dir from there, with a slash; "" where top is NULL, dir itself, or not above dir. */
struct str lint_from_top(struct arena *a, struct str top, struct str dir);
/*
 * The names of the folder dir ("": the current one) and of those above it that are the repository's (.git), each with a
 * slash behind it: whoever clones that names its top, so that only .ssh counts there.  In no repository dir's own name.
 */
struct str lint_names_of(struct arena *a, struct str dir);
/*
 * An absolute path that is the current folder, or below it, as a relative one; any other as it is, and so is a link that
 * leads elsewhere.  In / nothing is below: that is where a container starts its programs.
 */
struct str lint_below_here(struct arena *a, struct str path);

#endif
