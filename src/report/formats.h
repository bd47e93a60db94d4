/* SPDX-License-Identifier: MIT */
/*
 * Reporters for other programs, of audit and lint alike: findings, and inputs that could not be read.  Paths stand in
 * them as they were given, so that the program that reads them finds the file; all other text is escaped for people
 * first.  Suppressed findings appear in SARIF alone.
 */
#ifndef REPORT_FORMATS_H
#define REPORT_FORMATS_H

#include "report/report.h"

void report_sarif(const struct report *r, struct buf *out);	 /* SARIF 2.1.0, columns in UTF-16 code units */
void report_github(const struct report *r, struct buf *out);	 /* workflow commands of GitHub's runner */
void report_gitlab(const struct report *r, struct buf *out);	 /* GitLab's code quality report */
void report_junit(const struct report *r, struct buf *out);	 /* file = testsuite, rule = testcase */
void report_checkstyle(const struct report *r, struct buf *out); /* columns in code points */
void report_rdjson(const struct report *r, struct buf *out);	 /* reviewdog, columns in bytes */
void report_gcc(const struct report *r, struct buf *out);	 /* FILE:LINE:COLUMN: as gcc, columns in bytes */
void report_html(const struct report *r, struct buf *out);	 /* one page without scripts */

#endif
