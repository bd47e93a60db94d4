/* SPDX-License-Identifier: MIT */
/* What ssh reads behind a user's config: the /etc/ssh/ssh_config of the same tree. */
#ifndef LINT_SYSTEM_H
#define LINT_SYSTEM_H

#include "lint/lint.h"

/* A system file, as it is by itself.  Texts live in the run's arena. */
struct lint_system {
	size_t n_bytes;	  /* of it and all that it includes */
	bool usable;	  /* a client may take it but for the words below, and no line of it is computed */
	bool alone;	  /* its own IgnoreUnknown hides them all, for every host */
	struct str *word; /* those that it does not know; a user's IgnoreUnknown, which comes first, replaces its own */
	size_t n_word;
};

enum lint_system_state {
	LINT_SYSTEM_NONE,    /* the tree has none for this file */
	LINT_SYSTEM_READ,    /* its lines stand behind those of conf */
	LINT_SYSTEM_UNKNOWN, /* it has one, whose lines are not known: nobody knows what no line of conf sets */
};
/* A line of it that ssh refuses because of the user's: IgnoreUnknown counts once, and the user's comes first. */
struct lint_locked {
	uint32_t set;		 /* the user's IgnoreUnknown; UINT32_MAX: there is no such line */
	struct str word, system; /* what that does not hide, in which file; in the arenas of run and file */
};
/* What is found of that, among l->fresh; texts in a. */
void lint_system_locked(struct lint *l, struct arena *a, const struct conf *conf, const struct lint_locked *by);
/*
 * Read it behind the user's config that conf holds, through the same place and opts; what the place says of Includes stays
 * that of the user's.  The bytes that a run reads in this way are bounded: from there on it is unknown, and a note says so.
 */
enum lint_system_state lint_system_add(
    struct lint *l, struct lint_place *p, const struct conf_opts *o, struct conf *conf, struct lint_locked *ret_locked);

#endif
