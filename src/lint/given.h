/* SPDX-License-Identifier: MIT */
/* Files that the command line of a lint names for reading, and that may stand in a tree that somebody else filled. */
#ifndef LINT_GIVEN_H
#define LINT_GIVEN_H

#include "cli/named.h"
#include "lint/lint.h"

/*
 * The bytes of a regular file, in the arena of the run; links as named_open() has it, the operands being trees, so that
 * nothing outside is shown by a message that quotes a line.  no_link: the file itself is no link wherever it stands.
 * Else SK_ENOENT or SK_EREAD: "OPTION FILE: reason".
 */
enum sk_code lint_read_given(
    const struct lint *l, const char *option, struct str file, bool no_link, struct str *ret, struct err *e);

#endif
