/* SPDX-License-Identifier: MIT */
/* The reporters: one row each. */
#include "report/report.h"

#include "report/json.h"
#include "report/text.h"

const struct reporter report_table[] = {
	{ "text", "for people", report_text },
	{ "json", "for programs, schema sshkeep/1", report_json },
	{ NULL, NULL, NULL },
};

const struct reporter effective_table[] = {
	{ "text", "for people", report_text_effective },
	{ "json", "for programs, schema sshkeep/1", report_json_effective },
	{ "ssh", "keyword value, as ssh -G and sshd -T print them", report_ssh },
	{ NULL, NULL, NULL },
};

const struct reporter lint_table[] = {
	{ "text", "for people", report_text_lint },
	{ "json", "for programs, schema sshkeep/1", report_json_lint },
	{ NULL, NULL, NULL },
};

const struct reporter *
report_find(const struct reporter *table, struct str name)
{
	for (size_t i = 0; table[i].name != NULL; i++)
		if (str_eqc(name, table[i].name))
			return &table[i];
	return NULL;
}
