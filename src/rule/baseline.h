/* SPDX-License-Identifier: MIT */
/*
 * Baselines: the findings that a repository had when it began to look.  A text file (base/ini.h) that reviews well:
 * one section, [baseline 1], one line a finding, by file, code and fingerprint:
 *
 *	0123456789abcdef0123456789abcdef = SK131 home/.ssh/config: ServerAliveInterval stands twice in this block
 *
 * A finding without a line has one for each of its hosts (up to 1000, else one in all), so that a new host is a new
 * finding and a mended one takes nothing away from the others.  The fingerprint decides; what stands behind it is for
 * people, escaped and cut to the line.  Same findings, same bytes.  What OpenSSH refuses, words that need a reason, and
 * findings about comments are never in a baseline.
 * Pure: no I/O.
 */
#ifndef RULE_BASELINE_H
#define RULE_BASELINE_H

#include "rule/fingerprint.h"

struct baseline_entry {
	struct str fingerprint, code, path; /* path as baseline_path() writes it */
	unsigned line;
	bool used;    /* a finding has this fingerprint */
	bool refused; /* and was not suppressed, because no baseline hides such a finding */
};

struct baseline {
	struct str file; /* for messages */
	struct baseline_entry *v;
	size_t n; /* by fingerprint */
};

/* May the text be one, whole or broken?  It has the line of the section, or nothing at all. */
bool baseline_like(struct str text);
/* Everything lives in a; file is borrowed.  SK_ERULE with FILE:LINE. */
SK_CHECK enum sk_code baseline_read(
    struct arena *a, struct str file, struct str text, struct baseline *ret, struct err *e);
/*
 * Findings of the baseline are suppressed; those that comments suppress already count as found.  Where only some of the
 * hosts of a finding are listed, these become a finding of their own behind it, with texts in a.
 */
void baseline_apply(struct arena *a, struct baseline *b, struct findings *f);
/* The text that lists the findings, files named by `by`; *ret_left of them cannot be listed. */
void baseline_write(const struct findings *f, const struct naming *by, struct buf *out, size_t *ret_left);
/* How a baseline writes a name: escaped, the middle left out where it is long. */
struct str baseline_path(struct arena *a, struct str name, const struct naming *by);

#endif
