/* SPDX-License-Identifier: MIT */
/*
 * Inside eval/ only: the lines that a list holds already, found by hash.  All entries of one table are told apart in
 * the same way: with a text by that text, with NULL by the number of the set.
 */
#ifndef EVAL_SEEN_H
#define EVAL_SEEN_H

#include "base/arena.h"

struct seen;

/* An empty table; lives in a, as do the texts that are added (borrowed). */
struct seen *seen_new(struct arena *a);
/* False: an equal one is there already, and stays.  a is that of seen_new(). */
bool seen_add(struct seen *s, struct arena *a, uint32_t set, const struct str *text);
/* The set that was added first with this text, or UINT32_MAX. */
uint32_t seen_find(const struct seen *s, struct str text);
/* Was the set added (without a text)? */
bool seen_has(const struct seen *s, uint32_t set);

#endif
