/* SPDX-License-Identifier: MIT */
/* Code points in bytes that may not be UTF-8 at all. */
#include "base/utf8.h"

/* Source: RFC 3629 section 4. */
size_t
utf8_at(struct str s, uint32_t *ret)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	uint32_t cp = p[0];

	if (n == 0 || n > s.n)
		return 0;
	if (n > 1)
		cp &= 0xffu >> (n + 1);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	*ret = cp;
	return n;
}

bool
utf8_valid(struct str s)
{
	while (s.n > 0) {
		uint32_t cp;
		size_t n = utf8_at(s, &cp);

		if (n == 0)
			return false;
		s = str_from(s, n);
	}
	return true;
}

size_t
utf8_plain(struct str s, const char * not )
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= ' ' && s.p[n] < 0x7f && strchr(not, s.p[n]) == NULL)
		n++;
	return n;
}

bool
utf8_is_control(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0);
}

bool
utf8_is_hidden(uint32_t cp)
{
	return (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) ||
	    cp == 0xfeff || cp == 0xad || cp == 0x061c || cp == 0x180e || (cp >= 0xfff9 && cp <= 0xfffb) ||
	    (cp >= 0xe0000 && cp <= 0xe007f);
}

/* What lies beyond the first 65536 code points takes two units of UTF-16. */
static size_t
count(struct str s, size_t beyond)
{
	size_t total = 0;

	while (s.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_at(s, &cp);

		total += cp > 0xffff ? beyond : 1;
		s = str_from(s, n > 0 ? n : 1);
	}
	return total;
}

size_t
utf8_points(struct str s)
{
	return count(s, 1);
}

size_t
utf8_units(struct str s)
{
	return count(s, 2);
}

struct str
utf8_head(struct str s, size_t n)
{
	size_t least = n > 3 ? n - 3 : 0;

	if (s.n <= n)
		return s;
	while (n > least && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_head(s, n);
}
