/* SPDX-License-Identifier: MIT */
/*
 * Many client rows: those with equal values (eval/brief.h) whose names say the same of their path (model/names.h) are
 * judged once.  Also adds up what all rows use of the configuration's lines, and collects their findings.
 */
#ifndef SESSION_BATCH_H
#define SESSION_BATCH_H

#include "session/session.h"

struct batch;

/* For the client's configuration of s, which has been read; lives in its arena. */
struct batch *batch_new(struct session *s);
void batch_release(struct batch *b);
/* Judge row i: sets its case and deciding line, and adds its findings to those of s. */
SK_CHECK enum sk_code batch_row(struct batch *b, struct session *s, size_t i, struct err *e);
/*
 * What all hosts of the files use of the lines.  Where only some of them are rows, the others are looked at now:
 * a line that never wins for the hosts named on the command line may well win for others.
 */
SK_CHECK enum sk_code batch_use(struct batch *b, struct session *s, const struct conf_use **ret, struct err *e);

#endif
