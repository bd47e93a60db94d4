/* SPDX-License-Identifier: MIT */
/* Which of several sysctl.d files of a tree decides. */
#ifndef LINT_SYSCTL_H
#define LINT_SYSCTL_H

#include "lint/lint.h"

/* A line of a sysctl.d file that sets one of the facts; id FACT_MAX_: the file as such. */
struct lint_sysctl {
	struct str file, base; /* shown path; its name, by which sysctl.d files are read */
	size_t n_prefix;       /* bytes of file up to the folder that stands for / */
	unsigned rank;	       /* of files of one name the highest counts */
	enum fact_id id;
	uint32_t line;
	bool masked;
};

/* The file sets the fact there.  Files that were read before it and set it lose, see lint_sysctl_end(). */
void lint_sysctl_sets(struct lint *l, struct str file, enum fact_id id, uint32_t line);
/* Once all files were looked at: settles which lines of sysctl.d files count. */
void lint_sysctl_end(struct lint *l);
/* Does a later file of the same tree of sysctl.d folders set what this line does, or take the place of its file? */
bool lint_sysctl_lost(const struct lint *l, struct str file, uint32_t line);

#endif
