/* SPDX-License-Identifier: MIT */
/* Streaming XML writer. */
#include "report/xml_writer.h"

#include "base/utf8.h"

static const char *
entity(uint32_t cp)
{
	static const char *const name[] = { ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;" };

	return cp < sizeof name / sizeof *name ? name[cp] : NULL;
}

static void
escape(struct buf *b, struct str s, bool attribute)
{
	while (s.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_plain(s, "&<>\"#");

		if (n > 0) {
			buf_add(b, str_head(s, n));
			s = str_from(s, n);
			continue;
		}
		n = utf8_at(s, &cp);
		if (n == 0 || (cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r')) {
			buf_addf(b, "\\x%02X", (unsigned char)s.p[0]);
			n = 1;
		} else if (entity(cp) != NULL) {
			buf_addc(b, entity(cp));
		} else if (cp == 0xfffe || cp == 0xffff) {
			buf_addf(b, "\\u{%X}", (unsigned)cp);
		} else if (((cp != '\n' || attribute) && (utf8_is_control(cp) || utf8_is_hidden(cp))) ||
		    (cp == '#' && b->p[b->n - 1] == '#')) {
			/* (##[error] in a log is a command to GitHub's runner.) */
			buf_addf(b, "&#x%X;", (unsigned)cp);
		} else {
			buf_add(b, str_head(s, n));
		}
		s = str_from(s, n);
	}
}

static void
end_tag(struct xml *x)
{
	if (x->in_tag)
		buf_addc(x->b, x->empty ? "/>" : ">");
	x->in_tag = x->empty = false;
}

static void
new_line(struct xml *x)
{
	if (x->b->n > 0)
		buf_addch(x->b, '\n');
	buf_addn(x->b, ' ', (size_t)x->depth * 2);
}

static void
begin_tag(struct xml *x, const char *name)
{
	end_tag(x);
	if (!x->filled)
		new_line(x);
	buf_addch(x->b, '<');
	buf_addc(x->b, name);
	x->in_tag = true;
}

void
xml_open(struct xml *x, const char *name)
{
	begin_tag(x, name);
	x->filled = false;
	x->open[x->depth++] = name;
}

void
xml_void(struct xml *x, const char *name)
{
	begin_tag(x, name);
	x->empty = true;
}

void
xml_attr(struct xml *x, const char *name, struct str value)
{
	buf_addf(x->b, " %s=\"", name);
	escape(x->b, value, true);
	buf_addch(x->b, '"');
}

void
xml_attrf(struct xml *x, const char *name, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	xml_attr(x, name, buf_str(&b));
	buf_release(&b);
}

void
xml_text(struct xml *x, struct str text)
{
	end_tag(x);
	escape(x->b, text, false);
	x->filled = true;
}

void
xml_close(struct xml *x)
{
	x->depth--;
	if (x->empty)
		end_tag(x);
	if (!x->in_tag && !x->filled)
		new_line(x);
	end_tag(x);
	buf_addf(x->b, "</%s>", x->open[x->depth]);
	x->filled = false;
	if (x->depth == 0)
		buf_addch(x->b, '\n');
}
