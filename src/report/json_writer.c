/* SPDX-License-Identifier: MIT */
/* Streaming JSON writer. */
#include "report/json_writer.h"

#include <math.h>

#include "base/utf8.h"

/* A code point as JSON has it: beyond the first 65536 a pair of surrogates (RFC 8259 section 7). */
static void
escape(struct buf *b, uint32_t cp)
{
	if (cp > 0xffff) {
		buf_addf(b, "\\u%04x", (unsigned)(0xd800 + ((cp - 0x10000) >> 10)));
		cp = 0xdc00 + (cp & 0x3ff);
	}
	buf_addf(b, "\\u%04x", (unsigned)cp);
}

static void
quoted(struct buf *b, struct str s)
{
	buf_addch(b, '"');
	while (s.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_plain(s, "\"\\#");

		if (n > 0) {
			buf_add(b, str_head(s, n));
			s = str_from(s, n);
			continue;
		}
		n = utf8_at(s, &cp);
		if (n == 0) {
			buf_addf(b, "\\\\x%02X", (unsigned char)s.p[0]);
			n = 1;
		} else if (cp == '"' || cp == '\\') {
			buf_addch(b, '\\');
			buf_addch(b, (char)cp);
		} else if (cp == '#' && b->p[b->n - 1] == '#') {
			/* ##[error] in a log is a command to GitHub's runner */
			escape(b, cp);
		} else if (cp == '\n') {
			buf_addc(b, "\\n");
		} else if (cp == '\t') {
			buf_addc(b, "\\t");
		} else if (utf8_is_control(cp) || utf8_is_hidden(cp)) {
			/* what a terminal acts upon, or what turns text around */
			escape(b, cp);
		} else {
			buf_add(b, str_head(s, n));
		}
		s = str_from(s, n);
	}
	buf_addch(b, '"');
}

static void
member(struct json *j, struct str key)
{
	if (j->filled)
		buf_addch(j->b, ',');
	if (j->depth > 0) {
		buf_addch(j->b, '\n');
		buf_addn(j->b, ' ', (size_t)j->depth * 2);
	}
	if (key.p != NULL) {
		quoted(j->b, key);
		buf_addc(j->b, ": ");
	}
	j->filled = true;
}

void
json_open(struct json *j, const char *key, char bracket)
{
	member(j, str_c(key));
	buf_addch(j->b, bracket);
	j->depth++;
	j->filled = false;
}

void
json_close(struct json *j, char bracket)
{
	j->depth--;
	if (j->filled) {
		buf_addch(j->b, '\n');
		buf_addn(j->b, ' ', (size_t)j->depth * 2);
	}
	buf_addch(j->b, bracket);
	j->filled = true;
	if (j->depth == 0)
		buf_addch(j->b, '\n');
}

void
json_str(struct json *j, const char *key, struct str s)
{
	member(j, str_c(key));
	quoted(j->b, s);
}

void
json_strz(struct json *j, const char *key, const char *z)
{
	if (z == NULL)
		json_null(j, key, (struct str){ 0 });
	else
		json_str(j, key, str_c(z));
}

void
json_str_or_null(struct json *j, const char *key, struct str s)
{
	if (s.n == 0)
		json_null(j, key, (struct str){ 0 });
	else
		json_str(j, key, s);
}

void
json_key_str(struct json *j, struct str key, struct str s)
{
	member(j, key.p != NULL ? key : STR(""));
	quoted(j->b, s);
}

void
json_int(struct json *j, const char *key, int64_t v)
{
	member(j, str_c(key));
	buf_addf(j->b, "%lld", (long long)v);
}

void
json_bool(struct json *j, const char *key, bool v)
{
	member(j, str_c(key));
	buf_addc(j->b, v ? "true" : "false");
}

void
json_null(struct json *j, const char *key, struct str reason)
{
	member(j, str_c(key));
	buf_addc(j->b, "null");
	if (reason.n > 0 && key != NULL) {
		struct buf k = { 0 };

		buf_addf(&k, "%s_reason", key);
		json_key_str(j, buf_str(&k), reason);
		buf_release(&k);
	}
}

/* True when v was written: it is unknown or infinite. */
static bool
no_number(struct json *j, const char *key, struct qty v)
{
	if (!v.known || isnan(v.v)) {
		json_null(j, key, v.reason != NULL ? str_c(v.reason) : STR("not known"));
		return true;
	}
	if (isinf(v.v)) {
		json_strz(j, key, "never");
		return true;
	}
	return false;
}

void
json_qty(struct json *j, const char *key, struct qty v)
{
	if (!no_number(j, key, v))
		json_int(j, key, (int64_t)v.v);
}

void
json_ratio(struct json *j, const char *key, struct qty v)
{
	if (no_number(j, key, v))
		return;
	member(j, str_c(key));
	buf_addf(j->b, "%.2f", v.v);
}
