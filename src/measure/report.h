/* SPDX-License-Identifier: MIT */
/* What a measurement found, for people and as JSON (contract 2.2), and the line that moves while it runs. */
#ifndef MEASURE_REPORT_H
#define MEASURE_REPORT_H

#include "measure/run.h"

struct probe_report {
	struct str host; /* as typed */
	struct probe_where where;
	bool where_known;
	struct probe_opts opts;
	const struct probe_result *result;
	bool banner;
	struct str kept;      /* file; "" */
	const char *kept_not; /* why it is not kept; NULL */
	const struct networks *networks;
	double measured_for_s;
	struct str *note;
	size_t n_note;
	struct str machine;
	int exit_status;
	unsigned width;
};

void probe_text(const struct probe_report *r, struct buf *out);
void probe_json(const struct probe_report *r, struct buf *out);
/* One line of at most width columns: the bracket on a scale up to max_s, and the time left. */
void probe_bar(const struct probe_answer *n, unsigned max_s, unsigned left_s, unsigned width, struct buf *out);

#endif
