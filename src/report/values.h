/* SPDX-License-Identifier: MIT */
/* Effective values for people and programs: what the text and the JSON reporter share. */
#ifndef REPORT_VALUES_H
#define REPORT_VALUES_H

#include "eval/effective.h"

/* The keepalive family of c's side and release in ssh -G order: rows and their numbers, into arrays of KW_ROWS_MAX. */
size_t values_family(const struct conf *c, const struct kw **ret_row, unsigned *ret_id);
/* The keyword in lower case, as ssh -G and sshd -T of 9.2 spell it. */
void values_keyword(const struct kw *k, struct buf *b);
/* "default", "file", "cmdline", "other", "unknown" */
const char *values_from(const struct eff *v);
/* "later", "overridden", ...: a word for JSON.  The sentence for people is explain_why(). */
const char *values_why(enum lose_why why);

#endif
