/* SPDX-License-Identifier: MIT */
/* What a fix leaves as it is, and why: refused edits, findings that no edit mends, notes, undecided rows. */
#ifndef FIX_LEFT_H
#define FIX_LEFT_H

#include "fix/plan.h"

/* Rows that cannot be decided get no finding and so no edit; whoever named one must be told. */
bool fix_is_undecided(const struct session_row *r);
bool fix_is_undecided_host(const struct session *s, enum kw_side side, struct str shown);
/* Is the finding one that this fix is about?  At or above --fail-on; with --select alone whatever was selected. */
bool fix_is_meant(const struct session *s, const struct finding *f);
/* Kernel knobs: what the drop-in brings is seen only when it is applied. */
bool fix_is_kernel(const struct finding *f);
/* Appends "left as it is:" and one paragraph for each; nothing when nothing is left. */
void fix_left(const struct session *s, const struct fix_end *end, size_t n_end, struct buf *b);

#endif
