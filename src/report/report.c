/* SPDX-License-Identifier: MIT */
/* The reporters: one row each. */
#include "report/report.h"

#include "base/utf8.h"
#include "report/formats.h"
#include "report/json.h"
#include "report/text.h"

/* What audit and lint write in the same way. */
/* clang-format off */
#define FOR_PROGRAMS \
	{ "sarif", "SARIF 2.1.0, for code scanning", report_sarif, true, false }, \
	{ "github", "annotations of GitHub's runner", report_github, false, true }, \
	{ "gitlab", "GitLab's code quality report", report_gitlab, false, true }, \
	{ "junit", "JUnit's XML", report_junit, false, true }, \
	{ "checkstyle", "Checkstyle's XML", report_checkstyle, false, true }, \
	{ "rdjson", "reviewdog's JSON, with suggestions", report_rdjson, true, true }, \
	{ "gcc", "FILE:LINE:COLUMN: as gcc, for editors", report_gcc, false, true }, \
	{ "html", "one page to look at", report_html, false, false }
/* clang-format on */

const struct reporter report_table[] = {
	{ "text", "for people", report_text, false, false },
	{ "json", "for programs, schema sshkeep/1", report_json, false, false },
	FOR_PROGRAMS,
	{ NULL, NULL, NULL, false, false },
};

const struct reporter effective_table[] = {
	{ "text", "for people", report_text_effective, false, false },
	{ "json", "for programs, schema sshkeep/1", report_json_effective, false, false },
	{ "ssh", "keyword value, as ssh -G and sshd -T print them", report_ssh, false, false },
	{ NULL, NULL, NULL, false, false },
};

const struct reporter lint_table[] = {
	{ "text", "for people", report_text_lint, false, false },
	{ "json", "for programs, schema sshkeep/1", report_json_lint, true, false },
	FOR_PROGRAMS,
	{ NULL, NULL, NULL, false, false },
};

const struct reporter *
report_find(const struct reporter *table, struct str name)
{
	for (size_t i = 0; table[i].name != NULL; i++)
		if (str_eqc(name, table[i].name))
			return &table[i];
	return NULL;
}

bool
report_edits_text(const struct report_edit *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!utf8_valid(e[i].text))
			return false;
	return true;
}

const struct report_edit *
report_edits(const struct report *r, size_t finding, size_t *ret_n)
{
	size_t low = 0, high = r->n_edit, end;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->edit[mid].finding < finding)
			low = mid + 1;
		else
			high = mid;
	}
	for (end = low; end < r->n_edit && r->edit[end].finding == finding; end++)
		;
	*ret_n = end - low;
	return end > low ? &r->edit[low] : NULL;
}
