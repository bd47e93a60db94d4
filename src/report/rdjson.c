/* SPDX-License-Identifier: MIT */
/*
 * Reviewdog's diagnostic format.  Source: reviewdog proto/rdf/reviewdog.proto: lines and columns from 1, columns in bytes
 * of UTF-8, the end of a range is what follows it; a suggestion replaces its range.
 */
#include "report/formats.h"
#include "report/json_writer.h"
#include "report/say.h"

static void
position(struct json *j, const char *key, uint32_t line, uint32_t col)
{
	json_open(j, key, '{');
	json_int(j, "line", line);
	json_int(j, "column", col);
	json_close(j, '}');
}

static void
range(struct json *j, uint32_t line, uint32_t col, uint32_t end_line, uint32_t end_col)
{
	json_open(j, "range", '{');
	position(j, "start", line, col);
	position(j, "end", end_line, end_col);
	json_close(j, '}');
}

static void
location(struct json *j, const struct finding *f)
{
	json_open(j, "location", '{');
	json_str(j, "path", say_path(f));
	if (f->at.line != 0 && f->at.col != 0) {
		range(j, f->at.line, f->at.col, f->at.line, f->at.col + f->at.len);
	} else if (f->at.line != 0) {
		json_open(j, "range", '{');
		json_open(j, "start", '{');
		json_int(j, "line", f->at.line);
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, '}');
}

/* All edits of a finding are in its file, or reviewdog would put them into a file that they are not for. */
static void
suggestions(struct json *j, const struct finding *f, const struct report_edit *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!str_eq(e[i].file, f->file))
			return;
	if (n == 0 || !report_edits_text(e, n))
		return;
	json_open(j, "suggestions", '[');
	for (size_t i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		range(j, e[i].line, e[i].col, e[i].end_line, e[i].end_col);
		json_str(j, "text", e[i].text);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
diagnostic(struct json *j, const struct report *r, const struct finding *f, bool failed)
{
	static const char *const severity[] = {
		[LEVEL_NOTE] = "INFO", [LEVEL_WARNING] = "WARNING", [LEVEL_ERROR] = "ERROR"
	};
	const struct report_edit *e;
	struct buf text = { 0 };
	size_t n = 0;

	json_open(j, NULL, '{');
	say_all(f, &text);
	json_str(j, "message", buf_str(&text));
	location(j, f);
	json_strz(j, "severity", severity[f->level]);
	json_open(j, "code", '{');
	json_str(j, "value", f->code);
	json_close(j, '}');
	if (!failed) {
		e = report_edits(r, (size_t)(f - r->findings->v), &n);
		suggestions(j, f, e, n);
	}
	json_close(j, '}');
	buf_release(&text);
}

void
report_rdjson(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };
	struct told t;

	told_init(&t, r);
	json_open(&j, NULL, '{');
	json_open(&j, "source", '{');
	json_strz(&j, "name", "sshkeep");
	json_close(&j, '}');
	json_open(&j, "diagnostics", '[');
	for (size_t i = 0; i < t.n; i++)
		diagnostic(&j, r, t.v[i], i >= t.n_finding);
	json_close(&j, ']');
	json_close(&j, '}');
	told_release(&t);
}
