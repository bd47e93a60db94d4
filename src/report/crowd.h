/* SPDX-License-Identifier: MIT */
/*
 * Long lists for people.  Rows that share one judgement are one group: what is to be said of all of them is worked
 * out once, and of many rows only the first few of each group are shown.
 */
#ifndef REPORT_CROWD_H
#define REPORT_CROWD_H

#include "report/report.h"

struct crowd_group {
	size_t first; /* its first row */
	size_t n;     /* its rows */
	size_t shown;
};

struct crowd {
	struct crowd_group *group; /* in the order of their first rows */
	size_t n, cap;
	struct report_host *shown; /* copies of the rows to show, in order */
	size_t n_shown, cap_shown;
	size_t survive, unjudged; /* rows that are fine and not shown */
	bool many;
};

void crowd_init(struct crowd *c, const struct report *r);
void crowd_release(struct crowd *c);
bool crowd_is_fine(const struct report_host *h);

#endif
