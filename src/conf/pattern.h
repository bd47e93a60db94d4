/* SPDX-License-Identifier: MIT */
/*
 * Patterns and lists of them as ssh_config(5) PATTERNS has them.  Source: match.c match_pattern(),
 * match_pattern_list(), match_hostname(); addrmatch.c.  Time is bounded by length of text x length of pattern.
 */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include <stdbool.h>

#include "base/str.h"

/* Three truth values. */
enum tri { TRI_NO, TRI_YES, TRI_MAYBE };
enum tri tri_and(enum tri a, enum tri b);
enum tri tri_not(enum tri a);

bool pattern_match(struct str s, struct str pattern);  /* * and ?, case counts */
bool pattern_imatch(struct str s, struct str pattern); /* both sides lower-cased */
bool pattern_is_literal(struct str pattern);
/* Comma-separated with !: 1 matches, 0 does not, -1 a negated part matched.  icase: both sides lower-cased. */
int pattern_list(struct str s, struct str list, bool icase);
/* Address list of a server Match: CIDR first, else wildcard text; 1, 0, -1 as above.  What is no address matches none. */
int pattern_addr_list(struct str addr, struct str list);

#endif
