/* SPDX-License-Identifier: MIT */
/* One end's share of a fix: what the planner may do, its plan, and the proof. */
#ifndef CMD_FIX_PLAN_H
#define CMD_FIX_PLAN_H

#include "cmd/session.h"
#include "edit/plan.h"

struct fix_end {
	struct session_end *end;
	enum kw_side side;
	bool kernel; /* this end also takes the fixes of kernel knobs */
	struct plan_opts opts;
	struct plan plan;
	struct str proof; /* what was compared; "" when there was nothing to plan */
};

/* Plan and prove the fixes of the findings at or above --fail-on.  SK_EREFUSED when the proof fails. */
SK_CHECK enum sk_code fix_plan(struct session *s, struct fix_end *f, struct err *e);

#endif
