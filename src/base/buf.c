/* SPDX-License-Identifier: MIT */
/* Growing byte buffer, and making file text fit for terminals. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

/* Bytes of the well-formed UTF-8 sequence at p (RFC 3629), or 0; its code point in *ret. */
static size_t
utf8_at(const unsigned char *p, size_t n, uint32_t *ret)
{
	size_t len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t u;

	if (len == 0 || n < len)
		return 0;
	u = p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		u = u << 6 | (p[i] & 0x3fu);
	}
	if (u < least[len] || u > 0x10ffff || (u >= 0xd800 && u <= 0xdfff))
		return 0;
	*ret = u;
	return len;
}

/* Code points that hide or reorder text: zero width, separators of lines, bidirectional controls, BOM, tags. */
static bool
is_invisible(uint32_t u)
{
	return (u >= 0x200b && u <= 0x200f) || (u >= 0x2028 && u <= 0x202e) || (u >= 0x2060 && u <= 0x206f) ||
	    u == 0xfeff || u == 0xad || u == 0x061c || u == 0x180e || (u >= 0xfff9 && u <= 0xfffb) ||
	    (u >= 0xe0000 && u <= 0xe007f);
}

void
buf_add_escaped(struct buf *b, struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		uint32_t u = 0;
		size_t len;

		if (p[i] >= 0x20 && p[i] < 0x7f) {
			buf_addch(b, (char)p[i++]);
			continue;
		}
		len = p[i] >= 0x80 ? utf8_at(p + i, s.n - i, &u) : 0;
		if (len == 0 || u < 0xa0) {
			buf_addf(b, "\\x%02X", p[i++]);
			continue;
		}
		if (is_invisible(u))
			buf_addf(b, "\\u{%X}", (unsigned)u);
		else
			buf_add(b, str_head(str_from(s, i), len));
		i += len;
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
