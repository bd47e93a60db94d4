/* SPDX-License-Identifier: MIT */
/* Pattern matching without recursion: a wildcard only ever goes back to the last star. */
#include "conf/pattern.h"

#include "conf/addr.h"

/* A part of a pattern list that is longer makes match_pattern_list() give up. */
#define PATTERN_PART_MAX 1023u

enum tri
tri_and(enum tri a, enum tri b)
{
	if (a == TRI_NO || b == TRI_NO)
		return TRI_NO;
	return a == TRI_MAYBE || b == TRI_MAYBE ? TRI_MAYBE : TRI_YES;
}

enum tri
tri_not(enum tri a)
{
	return a == TRI_MAYBE ? TRI_MAYBE : a == TRI_YES ? TRI_NO : TRI_YES;
}

static bool
same(char a, char b, bool icase)
{
	return a == b || (icase && str_lower(a) == str_lower(b));
}

/* Most patterns fail at their first or last byte, where that is no wildcard. */
static bool
ends_differ(struct str s, struct str p, bool icase)
{
	char first, last;

	if (p.n == 0 || s.n == 0)
		return false;
	first = p.p[0];
	last = p.p[p.n - 1];
	return (last != '*' && last != '?' && !same(last, s.p[s.n - 1], icase)) ||
	    (first != '*' && first != '?' && !same(first, s.p[0], icase));
}

static bool
match(struct str s, struct str p, bool icase)
{
	size_t i = 0, j = 0, star = SIZE_MAX, mark = 0;

	if (ends_differ(s, p, icase))
		return false;

	while (i < s.n) {
		if (j < p.n && p.p[j] == '*') {
			star = j++;
			mark = i;
		} else if (j < p.n && (p.p[j] == '?' || same(p.p[j], s.p[i], icase))) {
			i++;
			j++;
		} else if (star != SIZE_MAX) {
			j = star + 1;
			i = ++mark;
		} else {
			return false;
		}
	}
	while (j < p.n && p.p[j] == '*')
		j++;
	return j == p.n;
}

bool
pattern_match(struct str s, struct str pattern)
{
	return match(s, pattern, false);
}

bool
pattern_imatch(struct str s, struct str pattern)
{
	return match(s, pattern, true);
}

bool
pattern_is_literal(struct str pattern)
{
	return str_chr(pattern, '*', 0) == SIZE_MAX && str_chr(pattern, '?', 0) == SIZE_MAX;
}

int
pattern_list(struct str s, struct str list, bool icase)
{
	struct str rest = list, part;
	int got = 0;

	while (rest.n > 0 && str_split(&rest, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!';

		if (negated)
			part = str_from(part, 1);
		if (part.n >= PATTERN_PART_MAX)
			return 0;
		if (!match(s, part, icase))
			continue;
		if (negated)
			return -1;
		got = 1;
	}
	return got;
}

int
pattern_addr_list(struct str addr, struct str list)
{
	struct str rest = list, part;
	struct addr a, net;
	unsigned bits;
	int got = 0;

	if (!addr_parse(addr, &a))
		return 0;
	while (rest.n > 0 && str_split(&rest, ',', &part)) {
		bool negated = part.n > 0 && part.p[0] == '!', hit;
		enum addr_cidr r;

		if (negated)
			part = str_from(part, 1);
		if (part.n == 0)
			return 0;
		r = addr_cidr(part, &net, &bits);
		if (r == ADDR_CIDR_BAD)
			return 0;
		hit = r == ADDR_CIDR_OK ? addr_in(&a, &net, bits) : match(addr, part, false);
		if (!hit)
			continue;
		if (negated)
			return -1;
		got = 1;
	}
	return got;
}
