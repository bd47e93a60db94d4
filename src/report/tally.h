/* SPDX-License-Identifier: MIT */
/* Long lists of findings for people: of many, only the first few of each rule are shown, and the rest is a number. */
#ifndef REPORT_TALLY_H
#define REPORT_TALLY_H

#include "base/arena.h"
#include "report/report.h"

struct tally {
	struct arena arena;
	struct tally_code {
		struct str code;
		size_t n;
	} * code;
	size_t n;
	bool many;
};

void tally_init(struct tally *t, const struct report *r);
void tally_release(struct tally *t);
/* Count a finding that is not suppressed; is it among those to show? */
bool tally_shows(struct tally *t, const struct finding *f);
/* "and 7 more of SK202", a line for each rule that has more than were shown. */
void tally_rest(const struct tally *t, struct buf *b);

#endif
