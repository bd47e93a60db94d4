/* SPDX-License-Identifier: MIT */
/* Growing byte buffer, and making file text fit for terminals. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

static bool
room(struct buf *b, size_t n)
{
	if (b->max > 0 && (n > b->max || b->n > b->max - n)) {
		b->toobig = true;
		return false;
	}
	(void)buf_room(b, n);
	return true;
}

char *
buf_room(struct buf *b, size_t n)
{
	if (n > SIZE_MAX / 4 - b->n)
		mem_die();
	if (b->n + n + 1 > b->cap) {
		b->cap = b->cap + b->cap / 2 > b->n + n + 1 ? b->cap + b->cap / 2 : b->n + n + 64;
		b->p = mem_realloc(b->p, b->cap);
	}
	return b->p + b->n;
}

void
buf_add(struct buf *b, struct str s)
{
	if (s.n == 0 || !room(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void
buf_addc(struct buf *b, const char *z)
{
	buf_add(b, str_c(z));
}

void
buf_addch(struct buf *b, char c)
{
	buf_add(b, (struct str){ &c, 1 });
}

void
buf_addn(struct buf *b, char c, size_t n)
{
	if (n == 0 || !room(b, n))
		return;
	memset(b->p + b->n, c, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	size_t have = b->cap - b->n;
	va_list copy;
	int n;

	/* mostly it fits where it belongs; else this was the counting */
	va_copy(copy, ap);
	n = vsnprintf(b->p != NULL ? b->p + b->n : NULL, have, fmt, copy);
	va_end(copy);
	if (n > 0 && room(b, (size_t)n)) {
		if ((size_t)n >= have)
			vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
		b->n += (size_t)n;
	} else if (b->p != NULL && have > 0) {
		b->p[b->n] = '\0';
	}
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * Is this where a command to the reader of a log begins?  GitHub's runner takes ::NAME at the beginning of a line, blanks
 * of any kind before it, and ##[NAME] anywhere (actions/runner ActionCommand.cs); Azure takes ##vso[.  No name of a
 * command is hexadecimal, so addresses stay as they are.
 */
static bool
is_command(struct str s, unsigned char before)
{
	size_t n = 2;
	bool name = false;

	if (s.n < 3 || s.p[0] != s.p[1] || (s.p[0] != ':' && s.p[0] != '#'))
		return false;
	for (; n < s.n && (is_letter(s.p[n]) || s.p[n] == '-'); n++)
		name |= (s.p[n] | 0x20) > 'f' || s.p[n] == '-';
	if (s.p[0] == '#')
		return n < s.n && s.p[n] == '[';
	return name && (before <= ' ' || before >= 0x7f);
}

size_t
buf_add_escaped_first(struct buf *b, struct str s)
{
	unsigned char before = b->n > 0 ? (unsigned char)b->p[b->n - 1] : 0;
	uint32_t cp = 0;
	size_t n = utf8_at(s, &cp);

	if (n == 0 || utf8_is_control(cp)) {
		buf_addf(b, "\\x%02X", (unsigned char)s.p[0]);
		return 1;
	}
	if (is_command(s, before)) {
		buf_addf(b, "%c\\x%02X", s.p[0], (unsigned char)s.p[1]);
		return 2;
	}
	if (utf8_is_hidden(cp))
		buf_addf(b, "\\u{%X}", (unsigned)cp);
	else
		buf_add(b, str_head(s, n));
	return n;
}

void
buf_add_escaped(struct buf *b, struct str s)
{
	while (s.n > 0) {
		size_t n = utf8_plain(s, ":#");

		if (n > 0)
			buf_add(b, str_head(s, n));
		else
			n = buf_add_escaped_first(b, s);
		s = str_from(s, n);
	}
}

struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

void
buf_clear(struct buf *b)
{
	b->n = 0;
	b->toobig = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

void
buf_add_lower(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_addch(b, str_lower(s.p[i]));
}

void
buf_release(struct buf *b)
{
	free(b->p);
	memset(b, 0, sizeof(*b));
}

struct str
str_escaped(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	struct str out;

	buf_add_escaped(&b, s);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}
