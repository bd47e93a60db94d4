/* SPDX-License-Identifier: MIT */
/* Provenance for people and programs: where values come from, what has no effect, and which line is why. */
#ifndef REPORT_EXPLAIN_H
#define REPORT_EXPLAIN_H

#include "report/json_writer.h"
#include "report/report.h"

/* "config:3", "conf.d/x:3 (included by config:1)", "command line". */
void explain_place(const struct conf *c, uint32_t src, uint32_t line, struct buf *b);
/* Where a known value comes from: its line, "default", or the keyword that it follows from. */
void explain_origin(const struct effective *ev, unsigned row, struct buf *b);
/* What keeps a value from being known. */
void explain_doubt(const struct report_host *h, unsigned row, struct buf *b);
/* One sentence that names the winner, or the header and what of it fails. */
void explain_why(const struct effective *ev, const struct lost *l, struct buf *b);
/* The lines without effect, for `effective`: text, and the member "lost" and "ignored" of a host. */
void explain_text(const struct report_host *h, size_t width, struct buf *out);
void explain_json(struct json *j, const struct report_host *h);
/* What JSON adds to a value: included_from, default_of, criterion. */
void explain_json_value(struct json *j, const struct report_host *h, unsigned row);

#endif
