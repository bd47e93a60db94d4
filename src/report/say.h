/* SPDX-License-Identifier: MIT */
/* What several reporters say of a finding in the same words, and what of a run they tell at all. */
#ifndef REPORT_SAY_H
#define REPORT_SAY_H

#include "report/report.h"

/* The fix in words, not escaped: the rule's own sentence; without one keywords and values; nothing where there is none. */
void say_fix(const struct finding *f, struct buf *b);
/* Text that may hold a line of megabytes: escaped, and cut to some 2000 bytes with "..." */
enum { SAY_MAX_BYTES = 2000 };
void say_text(struct str text, struct buf *b);
/* Message, why and "fix: ...", each as say_text() has it (base/buf.h) and on a line of its own; no line feed at the end. */
void say_all(const struct finding *f, struct buf *b);
/* "SK201 client-keepalive-off" */
void say_title(const struct finding *f, struct buf *b);
/* The file of a finding, or "." where it is about none: for formats that must have a path. */
struct str say_path(const struct finding *f);

/*
 * What is to be told: findings that are not suppressed in their order, then inputs that could not be read.  v is on
 * the heap and points into the report.
 */
struct told {
	const struct finding **v;
	size_t n;
	size_t n_finding; /* in the order of told_init(): the rest could not be read */
};
void told_init(struct told *t, const struct report *r);
/* The same by file, those of one file in their order, or by rule first. */
void told_by_file(struct told *t, const struct report *r, bool by_rule);
void told_release(struct told *t);
/* Each of them, in the order of told_init(). */
void told_each(const struct report *r, void (*one)(const struct finding *, struct buf *), struct buf *out);

#endif
