/* SPDX-License-Identifier: MIT */
/*
 * Annotations: workflow commands that GitHub's runner reads from a log.  Source: actions/toolkit packages/core/src/command.ts
 * (escapeData, escapeProperty) and actions/runner ActionCommand.cs: a command is a line that begins with ::NAME, values
 * of properties end at a comma, all end at ::, and %25 %0D %0A (in properties also %3A %2C) are read back.
 */
#include "base/utf8.h"
#include "report/formats.h"
#include "report/say.h"

/* message: the part behind the last ::, where colons and commas mean nothing. */
static void
escape(struct buf *b, struct str s, bool message)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%' || c == '\r' || c == '\n' || (!message && (c == ':' || c == ',')))
			buf_addf(b, "%%%02X", (unsigned char)c);
		else
			buf_addch(b, c);
	}
}

/*
 * A path keeps its line ends, which come back; any other control, and what hides or is not UTF-8, would reach the log as
 * it is.  Code point by code point, because no colon is left that could make a command.
 */
static void
add_path(struct buf *b, struct str path)
{
	struct buf seen = { 0 };

	while (path.n > 0) {
		uint32_t cp;
		size_t n = utf8_at(path, &cp);
		struct str one = str_head(path, n > 0 ? n : 1);

		if (one.p[0] == '\n' || one.p[0] == '\r')
			buf_add(&seen, one);
		else
			buf_add_escaped(&seen, one);
		path = str_from(path, one.n);
	}
	escape(b, buf_str(&seen), false);
	buf_release(&seen);
}

static void
add_place(struct buf *b, const struct finding *f)
{
	const struct quote *q = &f->quote;

	if (f->file.n == 0)
		return;
	buf_addc(b, "file=");
	add_path(b, f->file);
	if (f->at.line != 0)
		buf_addf(b, ",line=%u,endLine=%u", f->at.line, f->at.line);
	if (f->at.line != 0 && q->known && q->end_units > q->col_units)
		buf_addf(b, ",col=%u,endColumn=%u", q->col_units, q->end_units);
	buf_addch(b, ',');
}

static void
command(const struct finding *f, struct buf *out)
{
	static const char *const name[] = {
		[LEVEL_NOTE] = "notice", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error"
	};
	struct buf text = { 0 };

	buf_addf(out, "::%s ", name[f->level]);
	add_place(out, f);
	say_title(f, &text);
	buf_addc(out, "title=");
	escape(out, buf_str(&text), false);
	buf_addc(out, "::");
	buf_clear(&text);
	say_all(f, &text);
	escape(out, buf_str(&text), true);
	buf_addch(out, '\n');
	buf_release(&text);
}

void
report_github(const struct report *r, struct buf *out)
{
	told_each(r, command, out);
}
