/* SPDX-License-Identifier: MIT */
/* The timeline of contract 2.3: one row per host, a column per step of idle time. */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include "report/report.h"

struct timeline {
	size_t label, cols; /* widths */
	double step_s;	    /* idle seconds a column */
	bool color, utf8;
	size_t width;
};

/* Choose widths and the step so that what matters in all of host[0..n) can be seen. */
void timeline_init(struct timeline *t, const struct report *r);
/* "15 s", "2 min" */
void timeline_step(const struct timeline *t, struct buf *b);
void timeline_axis(const struct timeline *t, struct buf *b);
/* OpenSSH refuses to start for the row, or never gets there: there is no session to judge. */
bool timeline_dead(const struct report_host *h);
void timeline_row(const struct timeline *t, const struct report_host *h, struct buf *b);
/* "survives 4.0x", "DROPS at 5m50" */
void timeline_verdict(const struct report_host *h, struct buf *b);
/* "config:3", "ssh default"; at most width columns */
void timeline_origin(const struct report_host *h, size_t width, struct buf *b);

#endif
