/* SPDX-License-Identifier: MIT */
/* Path patterns without recursion: a mismatch goes back to the last star, failing that to the last pair of them. */
#include "base/glob.h"

static bool
is_in(unsigned char u, unsigned char low, unsigned char high)
{
	return u >= low && u <= high;
}

/* A byte in a class by name, of the C locale.  False with *ret_known false: there is no such class. */
static bool
named_class(struct str name, unsigned char u, bool *ret_known)
{
	bool lower = is_in(u, 'a', 'z'), upper = is_in(u, 'A', 'Z'), digit = is_in(u, '0', '9');
	bool graph = is_in(u, '!', '~'), alnum = lower || upper || digit;
	const struct {
		const char *name;
		bool has;
	} row[] = {
		{ "alnum", alnum },
		{ "alpha", lower || upper },
		{ "blank", u == ' ' || u == '\t' },
		{ "cntrl", u < ' ' || u == 127 },
		{ "digit", digit },
		{ "graph", graph },
		{ "lower", lower },
		{ "print", graph || u == ' ' },
		{ "punct", graph && !alnum },
		{ "space", u == ' ' || is_in(u, '\t', '\r') },
		{ "upper", upper },
		{ "xdigit", digit || is_in(u, 'a', 'f') || is_in(u, 'A', 'F') },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (str_eqc(name, row[i].name)) {
			*ret_known = true;
			return row[i].has;
		}
	*ret_known = false;
	return false;
}

/*
 * Is c in the class that opens at pattern[at]?  *ret_next is behind it, or 0 when it is never closed or names a class that
 * does not exist: then nothing matches.
 */
static bool
class_has(struct str pattern, size_t at, char c, size_t *ret_next)
{
	const unsigned char u = (unsigned char)c;
	size_t i = at + 1, first, close;
	unsigned char before = 0;
	bool negated = i < pattern.n && (pattern.p[i] == '!' || pattern.p[i] == '^'), hit = false, known;

	i += negated;
	*ret_next = 0;
	for (first = i; i < pattern.n && (i == first || pattern.p[i] != ']'); i++) {
		unsigned char own = (unsigned char)pattern.p[i];

		if (own == '-' && before != 0 && i + 1 < pattern.n && pattern.p[i + 1] != ']') {
			i++;
			if (pattern.p[i] == '\\' && ++i == pattern.n)
				return false;
			hit |= is_in(u, before, (unsigned char)pattern.p[i]);
			before = 0;
			continue;
		}
		if (own == '[' && i + 1 < pattern.n && pattern.p[i + 1] == ':') {
			close = str_chr(pattern, ']', i + 2);
			if (close == SIZE_MAX)
				return false;
			if (close > i + 2 && pattern.p[close - 1] == ':') {
				hit |= named_class(str_head(str_from(pattern, i + 2), close - i - 3), u, &known);
				if (!known)
					return false;
				i = close;
				before = 0;
				continue;
			}
		}
		if (own == '\\' && ++i == pattern.n)
			return false;
		before = (unsigned char)pattern.p[i];
		hit |= before == u;
	}
	if (i >= pattern.n)
		return false;
	*ret_next = i + 1;
	return hit != negated;
}

/* Does the byte c fit what stands at pattern[at], which is no star?  *ret_next is behind that. */
static bool
fits(struct str pattern, size_t at, char c, size_t *ret_next)
{
	*ret_next = at + 1;
	if (pattern.p[at] == '?')
		return c != '/';
	if (pattern.p[at] == '[')
		return class_has(pattern, at, c, ret_next) && *ret_next != 0 && c != '/';
	if (pattern.p[at] == '\\') {
		*ret_next = at + 2;
		return at + 1 < pattern.n && pattern.p[at + 1] == c;
	}
	return pattern.p[at] == c;
}

/* Where the stars at pattern[at] end. */
static size_t
stars_end(struct str pattern, size_t at)
{
	while (at < pattern.n && pattern.p[at] == '*')
		at++;
	return at;
}

/* Are the stars from at to end two or more that are a part of their own? */
static bool
is_deep(struct str pattern, size_t at, size_t end)
{
	return end - at >= 2 && (at == 0 || pattern.p[at - 1] == '/') && (end == pattern.n || pattern.p[end] == '/');
}

/* What stands between pattern[at], a bracket, and the first that may close it. */
static size_t
class_bytes(struct str pattern, size_t at)
{
	size_t close = str_chr(pattern, ']', at + 1);

	return (close != SIZE_MAX ? close : pattern.n) - at;
}

/* n more steps; false: there are none left. */
static bool
spend(uint64_t *io_left, size_t n)
{
	*io_left -= n < *io_left ? n : *io_left;
	return *io_left > 0;
}

bool
glob_match(struct str pattern, struct str path, uint64_t *io_left)
{
	size_t i = 0, j = 0, next;
	size_t star = SIZE_MAX, star_at = 0; /* where to go on in the pattern, and the first byte that is not covered */
	size_t deep = SIZE_MAX, deep_at = 0;

	while (i < path.n) {
		size_t end = stars_end(pattern, j);

		/* a class is looked at to its end, which may be that of the pattern */
		bool class = j < pattern.n && pattern.p[j] == '[';

		if (!spend(io_left, 1 + (class ? class_bytes(pattern, j) : end - j)))
			return false;
		if (end > j && is_deep(pattern, j, end)) {
			if (end == pattern.n)
				return true;
			deep = j = end + 1;
			deep_at = i;
			star = SIZE_MAX;
		} else if (end > j) {
			star = j = end;
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
glob_names(struct str pattern, struct str path, bool is_folder, uint64_t *io_left)
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
	return glob_match(pattern, top ? path : str_from(path, name), io_left);
}
