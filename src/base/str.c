/* SPDX-License-Identifier: MIT */
/* Slices of bytes. */
#include "base/str.h"

#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
str_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
str_ieq(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (str_lower(a.p[i]) != str_lower(b.p[i]))
			return false;
	return true;
}

int
str_icmp(struct str a, struct str b)
{
	for (size_t i = 0; i < a.n && i < b.n; i++) {
		unsigned char x = (unsigned char)str_lower(a.p[i]), y = (unsigned char)str_lower(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_ieqc(struct str a, const char *z)
{
	return str_ieq(a, str_c(z));
}

int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int r = n > 0 && a.p != b.p ? memcmp(a.p, b.p, n) : 0;

	if (r != 0)
		return r;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool
str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

bool
str_istarts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_ieq(str_head(s, prefix.n), prefix);
}

size_t
str_chr(struct str s, char c, size_t from)
{
	const char *hit;

	if (from >= s.n)
		return SIZE_MAX;
	hit = memchr(s.p + from, (unsigned char)c, s.n - from);
	return hit != NULL ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t
str_find(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	for (size_t i = 0; i + needle.n <= s.n; i++) {
		/* a call for each byte is slow where all are the same */
		if (s.p[i] != needle.p[0])
			i = str_chr(s, needle.p[0], i);
		if (i == SIZE_MAX || i + needle.n > s.n)
			break;
		if (memcmp(s.p + i, needle.p, needle.n) == 0)
			return i;
	}
	return SIZE_MAX;
}

bool
str_split(struct str *rest, char sep, struct str *ret_part)
{
	size_t at;

	if (rest->p == NULL)
		return false;
	at = str_chr(*rest, sep, 0);
	if (at == SIZE_MAX) {
		*ret_part = *rest;
		*rest = (struct str){ NULL, 0 };
	} else {
		*ret_part = str_head(*rest, at);
		*rest = str_from(*rest, at + 1);
	}
	return true;
}

uint64_t
str_hash(struct str s)
{
	uint64_t h = 14695981039346656037u; /* FNV-1a, 64 bits: offset basis, then the prime */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * 1099511628211u;
	return h;
}

uint64_t
str_ihash(struct str s)
{
	uint64_t h = 14695981039346656037u; /* as str_hash() */

	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)str_lower(s.p[i])) * 1099511628211u;
	return h;
}

/* Damerau-Levenshtein (adjacent swaps), three rows; words longer than a row hold are far apart by definition. */
unsigned
str_distance(struct str a, struct str b, unsigned limit)
{
	enum { ROW = 96 };
	unsigned row[3][ROW + 1];
	unsigned *old = row[0], *prev = row[1], *cur = row[2];
	unsigned least = 0, was_least; /* of a row; what is beyond the limit in two rows stays there */

	if (a.n > ROW || b.n > ROW || a.n > b.n + limit || b.n > a.n + limit)
		return limit + 1;
	for (size_t j = 0; j <= b.n; j++) {
		prev[j] = (unsigned)j;
		old[j] = 0;
	}
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *spare = old;

		cur[0] = (unsigned)i;
		was_least = least;
		least = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			char x = str_lower(a.p[i - 1]), y = str_lower(b.p[j - 1]);
			unsigned best = prev[j - 1] + (x != y);

			if (prev[j] + 1 < best)
				best = prev[j] + 1;
			if (cur[j - 1] + 1 < best)
				best = cur[j - 1] + 1;
			if (i > 1 && j > 1 && x == str_lower(b.p[j - 2]) && str_lower(a.p[i - 2]) == y &&
			    old[j - 2] + 1 < best)
				best = old[j - 2] + 1;
			cur[j] = best;
			if (best < least)
				least = best;
		}
		if (least > limit && was_least > limit)
			return limit + 1;
		old = prev;
		prev = cur;
		cur = spare;
	}
	return prev[b.n] <= limit ? prev[b.n] : limit + 1;
}

struct str
str_base(struct str path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return str_from(path, n);
}
