/* SPDX-License-Identifier: MIT */
/* JSON of audit, effective, facts and sessions (contract 2.2, schema "sshkeep/1": fixtures/schema/sshkeep-1.json). */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include "report/json_writer.h"
#include "report/report.h"

void report_json(const struct report *r, struct buf *out);	     /* audit */
void report_json_effective(const struct report *r, struct buf *out); /* values, losers and clocks, no findings */
void report_json_lint(const struct report *r, struct buf *out);
/* One row of lint, with the config that it is of, behind those that b holds already: see struct report_lint. */
void report_json_lint_host(const struct report_host *h, struct str config, struct buf *b);
/* `facts`: only r->command, version, machine, exit_status, facts and note are read. */
void report_json_facts(const struct report *r, struct buf *out);
/* `sessions` (json_sessions.c): also r->live. */
void report_json_sessions(const struct report *r, struct buf *out);
/* The first members of every output, behind its brace; the member "notes". */
void report_json_head(struct json *j, const struct report *r);
void report_json_notes(struct json *j, const struct report *r);

#endif
