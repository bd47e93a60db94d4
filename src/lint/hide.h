/* SPDX-License-Identifier: MIT */
/*
 * Files of the tree that an Include or a link may not have opened, because what stands in them is nobody's to see: a
 * finding shows the lines it is about, in logs and reports that others read.
 */
#ifndef LINT_HIDE_H
#define LINT_HIDE_H

#include "lint/tree.h"

enum lint_hidden {
	LINT_SHOWN,
	LINT_UNMAPPED,	    /* a path of the system for which the tree has no place */
	LINT_UNMAPPED_WILD, /* the same of a wildcard, which may match nothing, and counts as if it did not */
	LINT_OUTSIDE,	    /* of the tree */
	LINT_RING,	    /* a link that leads to itself */
	LINT_KEY,	    /* a key by its name */
	LINT_SEALED,	    /* encrypted, or what is used is made of it */
	LINT_IGNORED,	    /* git ignores it and does not track it */
	LINT_UNTRACKED, /* git does not track it, and its name is no config's: only what is one by its text is shown */
	LINT_NO_FILE,	/* no such file comes of it */
	LINT_HIDDEN,
};
/*
 * The file at real, a place of the tree without links.  What is no regular file is LINT_SHOWN: there is nothing to show.
 * Git is asked only where the tree has a run.
 */
enum lint_hidden lint_hides(const struct lint_tree *t, const char *real);
/* Is the text a config, as far as its first lines tell?  marks: of a template, or NULL. */
bool lint_is_config(struct str text, const struct marks *marks);
/* What to say of an Include, behind the path; of a link; and why that matters. */
const char *lint_hidden_include(enum lint_hidden why);
const char *lint_hidden_link(enum lint_hidden why);
const char *lint_hidden_why(enum lint_hidden why);
/* Is it so by intent, more likely than not? */
bool lint_hidden_is_note(enum lint_hidden why);

#endif
