/* SPDX-License-Identifier: MIT */
/* Reports for people. */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/report.h"

void report_text(const struct report *r, struct buf *out);	     /* audit: facts, timeline, killers, findings */
void report_text_effective(const struct report *r, struct buf *out); /* values, losers, timeline */
void report_ssh(const struct report *r, struct buf *out);	     /* keyword value, as ssh -G and sshd -T */
void report_text_lint(const struct report *r, struct buf *out);	     /* lint: findings by file and line (text_lint.c) */
/* The three lines of facts (text_facts.c). */
void text_facts(const struct report *r, struct buf *out);
/* `facts`: the whole table. */
void report_text_facts(const struct report *r, struct buf *out);
/* `sessions` (text_sessions.c): r->live and the notes. */
void report_text_sessions(const struct report *r, struct buf *out);

#endif
