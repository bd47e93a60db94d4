/* SPDX-License-Identifier: MIT */
/* The reporters: one row each. */
#include "report/report.h"

#include "report/json.h"
#include "report/text.h"

const struct reporter report_table[] = {
	{ "text", "for people", report_text, false },
	{ "json", "for programs, schema sshkeep/1", report_json, false },
	{ NULL, NULL, NULL, false },
};

const struct reporter effective_table[] = {
	{ "text", "for people", report_text_effective, false },
	{ "json", "for programs, schema sshkeep/1", report_json_effective, false },
	{ "ssh", "keyword value, as ssh -G and sshd -T print them", report_ssh, false },
	{ NULL, NULL, NULL, false },
};

const struct reporter lint_table[] = {
	{ "text", "for people", report_text_lint, false },
	{ "json", "for programs, schema sshkeep/1", report_json_lint, false },
	{ NULL, NULL, NULL, false },
};

const struct reporter *
report_find(const struct reporter *table, struct str name)
{
	for (size_t i = 0; table[i].name != NULL; i++)
		if (str_eqc(name, table[i].name))
			return &table[i];
	return NULL;
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
