/* SPDX-License-Identifier: MIT */
/* Path patterns without recursion: a mismatch goes back to the last star, failing that to the last pair of them. */
#include "base/glob.h"

/* The class that opens at pattern[at]: its end behind the bracket, or 0 when it is never closed. */
static size_t
class_end(struct str pattern, size_t at)
{
	size_t i = at + 1;

	if (i < pattern.n && (pattern.p[i] == '!' || pattern.p[i] == '^'))
		i++;
	if (i < pattern.n && pattern.p[i] == ']')
		i++;
	while (i < pattern.n && pattern.p[i] != ']')
		i += pattern.p[i] == '\\' ? 2 : 1;
	return i < pattern.n ? i + 1 : 0;
}

static bool
class_has(struct str class, char c)
{
	size_t i = 1, end = class.n - 1;
	bool negated = class.p[1] == '!' || class.p[1] == '^', hit = false;

	for (i += negated; i < end; i++) {
		unsigned char low, high, u = (unsigned char)c;

		if (class.p[i] == '\\' && i + 1 < end)
			i++;
		low = high = (unsigned char)class.p[i];
		if (i + 2 < end && class.p[i + 1] == '-') {
			i += 2;
			if (class.p[i] == '\\' && i + 1 < end)
				i++;
			high = (unsigned char)class.p[i];
		}
		hit |= u >= low && u <= high;
	}
	return hit != negated;
}

/* Does the byte c fit what stands at pattern[at], which is no star?  *ret_next is behind that. */
static bool
fits(struct str pattern, size_t at, char c, size_t *ret_next)
{
	size_t end;

	*ret_next = at + 1;
	if (pattern.p[at] == '?')
		return c != '/';
	if (pattern.p[at] == '[' && (end = class_end(pattern, at)) != 0) {
		*ret_next = end;
		return c != '/' && class_has(str_head(str_from(pattern, at), end - at), c);
	}
	if (pattern.p[at] == '\\' && at + 1 < pattern.n) {
		*ret_next = at + 2;
		return pattern.p[at + 1] == c;
	}
	return pattern.p[at] == c;
}

/* Two stars that are a part of their own at pattern[at]. */
static bool
is_deep(struct str pattern, size_t at)
{
	return (at == 0 || pattern.p[at - 1] == '/') && at + 1 < pattern.n && pattern.p[at] == '*' &&
	    pattern.p[at + 1] == '*' && (at + 2 == pattern.n || pattern.p[at + 2] == '/');
}

bool
glob_match(struct str pattern, struct str path)
{
	size_t i = 0, j = 0, next;
	size_t star = SIZE_MAX, star_at = 0; /* where to go on in the pattern, and the first byte that is not covered */
	size_t deep = SIZE_MAX, deep_at = 0;

	while (i < path.n) {
		if (j < pattern.n && is_deep(pattern, j)) {
			if (j + 2 == pattern.n)
				return true;
			deep = j += 3;
			deep_at = i;
			star = SIZE_MAX;
		} else if (j < pattern.n && pattern.p[j] == '*') {
			star = ++j;
			star_at = i;
		} else if (j < pattern.n && fits(pattern, j, path.p[i], &next)) {
			i++;
			j = next;
		} else if (star != SIZE_MAX && path.p[star_at] != '/') {
			i = ++star_at;
			j = star;
		} else if (deep != SIZE_MAX) {
			deep_at = str_chr(path, '/', deep_at);
			if (deep_at == SIZE_MAX)
				return false;
			i = ++deep_at;
			j = deep;
			star = SIZE_MAX;
		} else {
			return false;
		}
	}
	while (j < pattern.n && pattern.p[j] == '*')
		j++;
	return j == pattern.n;
}

bool
glob_names(struct str pattern, struct str path, bool is_folder)
{
	size_t name = path.n;
	bool top;

	if (pattern.n > 1 && pattern.p[pattern.n - 1] == '/') {
		if (!is_folder)
			return false;
		pattern.n--;
	}
	top = str_chr(pattern, '/', 0) != SIZE_MAX;
	if (pattern.n > 0 && pattern.p[0] == '/')
		pattern = str_from(pattern, 1);
	while (name > 0 && path.p[name - 1] != '/')
		name--;
	return glob_match(pattern, top ? path : str_from(path, name));
}

bool
glob_covers(struct str pattern, struct str path)
{
	for (size_t slash = str_chr(path, '/', 0); slash != SIZE_MAX; slash = str_chr(path, '/', slash + 1))
		if (glob_names(pattern, str_head(path, slash), true))
			return true;
	return glob_names(pattern, path, false);
}
