/* SPDX-License-Identifier: MIT */
/*
 * The second proof of a fix (contract section 7): the installed `ssh -G` on the old and the new text.  Client
 * files only, and only where asking ssh runs nothing and looks nothing up: one file without Include, no Match
 * exec, no canonicalisation.
 */
#ifndef CMD_PROVE_REAL_H
#define CMD_PROVE_REAL_H

#include "cmd/fix_plan.h"

/*
 * SK_OK with *ret_line empty when the question cannot be put; with a sentence when ssh agrees; SK_EREFUSED when
 * ssh sees something else move than the plan says.
 */
SK_CHECK enum sk_code prove_real(struct session *s, const struct fix_end *f, struct str *ret_line, struct err *e);

#endif
