/* SPDX-License-Identifier: MIT */
/*
 * GitLab's code quality report, a part of Code Climate's.  Source: GitLab documentation, "Code Quality", "Code Quality
 * report format": description, check_name, fingerprint, location.path (relative to the repository, without ./),
 * location.lines.begin, severity.
 */
#include "report/formats.h"
#include "report/json_writer.h"
#include "report/say.h"

static void
issue(struct json *j, const struct finding *f)
{
	static const char *const severity[] = {
		[LEVEL_NOTE] = "info", [LEVEL_WARNING] = "minor", [LEVEL_ERROR] = "major"
	};
	struct buf text = { 0 };

	buf_add_escaped(&text, f->code);
	buf_addc(&text, ": ");
	say_text(f->message, &text);
	json_open(j, NULL, '{');
	json_strz(j, "type", "issue");
	json_str(j, "check_name", f->code);
	json_str(j, "description", buf_str(&text));
	buf_clear(&text);
	say_all(f, &text);
	json_open(j, "content", '{');
	json_str(j, "body", buf_str(&text));
	json_close(j, '}');
	json_open(j, "categories", '[');
	json_strz(j, NULL, "Bug Risk");
	json_close(j, ']');
	json_strz(j, "severity", severity[f->level]);
	json_str(j, "fingerprint", f->fingerprint);
	json_open(j, "location", '{');
	json_str(j, "path", say_path(f));
	json_open(j, "lines", '{');
	/* what is about a file as a whole stands at its first line: there must be one */
	json_int(j, "begin", f->at.line != 0 ? f->at.line : 1);
	json_close(j, '}');
	json_close(j, '}');
	json_close(j, '}');
	buf_release(&text);
}

void
report_gitlab(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };
	struct told t;

	told_init(&t, r);
	json_open(&j, NULL, '[');
	for (size_t i = 0; i < t.n; i++)
		issue(&j, t.v[i]);
	json_close(&j, ']');
	told_release(&t);
}
