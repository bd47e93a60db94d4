/* SPDX-License-Identifier: MIT */
/* One end's share of a fix: what the planner may do, its plan, and the proof. */
#ifndef FIX_PLAN_H
#define FIX_PLAN_H

#include "session/session.h"
#include "edit/plan.h"

struct fix_end {
	struct session_end *end;
	enum kw_side side;
	bool kernel; /* this end also takes the fixes of kernel knobs */
	bool first;  /* the first plan: what need not change may prove so in the next round */
	struct plan_opts opts;
	struct plan plan;
	struct str proof; /* what was compared; "" when there was nothing to plan */
};

/* Fills f->opts with the rows whose values are compared: those of the session, and all that must not move. */
void fix_rows(const struct session *s, struct fix_end *f);
/* All client rows of c whose values must not move: each host, names that lists leave out, users of Match lines. */
void fix_all_rows(struct arena *a, struct conf *c, struct target_row **ret, size_t *ret_n);
/* Plan the fixes of the findings that are meant (fix/left.h); nothing is proved yet. */
void fix_plan(struct session *s, struct fix_end *f);
/* Prove the plan, by our resolver and by the real programs.  SK_EREFUSED when the proof fails. */
SK_CHECK enum sk_code fix_prove(struct session *s, struct fix_end *f, struct err *e);

enum { FIX_ROUNDS = 4 };

/* Sessions over the text as the plans leave it; .v[n - 1] is the last word.  They live as long as the plans. */
struct fix_rounds {
	struct session v[FIX_ROUNDS];
	size_t n;
};

/*
 * Judge the planned text as if it stood there, and plan again for what is found there, until nothing new comes up:
 * a longer interval may bring up a count that was harmless.  SK_EREFUSED when a finding that an edit was made for
 * is still there in the end.  Release *ret also after a failure.
 */
SK_CHECK enum sk_code fix_settle(
    struct session *s, struct fix_end *end, size_t n_end, struct fix_rounds *ret, struct err *e);
void fix_rounds_release(struct fix_rounds *r);

#endif
