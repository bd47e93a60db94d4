/* SPDX-License-Identifier: MIT */
/* The baseline of a lint: read before the findings are told, or written with them. */
#ifndef LINT_BASELINE_H
#define LINT_BASELINE_H

#include "base/err.h"
#include "base/set.h"
#include "rule/finding.h"

struct lint;

/* What this run looked at, as a baseline writes names: everything below folders ("" or with a slash), and files. */
struct lint_cover {
	struct strset folders, files;
	struct str top; /* of lint_top_of(): its names count from there */
	bool apart;	/* they may count from there, but nothing says so */
};

/* May the options of the baseline stand together, and may its file be opened?  Settles from where its names count. */
SK_CHECK enum sk_code lint_baseline_check(struct lint *l, struct err *e);
/* The tree at hand is that of dir: how its files are named, for a baseline and for fingerprints. */
void lint_cover_tree(struct lint *l, struct str dir, bool outside);
/* The run looks at this file, or at all below this folder (shown names). */
void lint_covers(struct lint *l, struct str shown, bool is_folder);
/*
 * The marks of findings that the baseline hides, added to *ret; s.findings is complete.  Where a finding has no line a
 * baseline hides its hosts one by one: the marks of these.
 */
struct str lint_host_mark(struct arena *a, const struct finding *f, size_t host);
SK_CHECK enum sk_code lint_baseline_marks(struct lint *l, struct strset *ret, struct err *e);
/* Read or write the baseline, once s.findings is complete; what it lists does not count. */
SK_CHECK enum sk_code lint_baseline(struct lint *l, struct err *e);

#endif
