/* SPDX-License-Identifier: MIT */
/* Where the settings of a tree stand that has none of its own. */
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

#endif
