/* SPDX-License-Identifier: MIT */
/*
 * Checkstyle's report.  Source: checkstyle's XMLLogger.java and SeverityLevel.java: file elements with error elements
 * that have line, column, severity (error, warning, info), message and source.  Line 0 means the file as a whole.
 */
#include "report/formats.h"
#include "report/say.h"
#include "report/xml_writer.h"

static void
error(struct xml *x, const struct finding *f)
{
	static const char *const severity[] = {
		[LEVEL_NOTE] = "info", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error"
	};
	struct buf text = { 0 };

	xml_open(x, "error");
	xml_attrf(x, "line", "%u", f->at.line);
	if (f->quote.known)
		xml_attrf(x, "column", "%u", f->quote.col_points);
	xml_attr(x, "severity", str_c(severity[f->level]));
	say_all(f, &text);
	xml_attr(x, "message", buf_str(&text));
	xml_attrf(x, "source", "sshkeep.%.*s", STR_ARG(f->code));
	xml_close(x);
	buf_release(&text);
}

void
report_checkstyle(const struct report *r, struct buf *out)
{
	struct xml x = { .b = out };
	struct told t;

	told_by_file(&t, r, false);
	buf_addc(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	xml_open(&x, "checkstyle");
	xml_attr(&x, "version", STR("4.3"));
	for (size_t i = 0; i < t.n; i++) {
		if (i == 0 || !str_eq(t.v[i]->file, t.v[i - 1]->file)) {
			xml_open(&x, "file");
			xml_attr(&x, "name", say_path(t.v[i]));
		}
		error(&x, t.v[i]);
		if (i + 1 == t.n || !str_eq(t.v[i]->file, t.v[i + 1]->file))
			xml_close(&x);
	}
	xml_close(&x);
	told_release(&t);
}
