/* SPDX-License-Identifier: MIT */
/* OpenSSH's glob over a tree. */
#include "sys/fs_glob.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sys/users.h"

struct globber {
	const struct fs_tree *tree;
	struct arena *arena;
	struct str *v; /* heap while it grows */
	size_t n, cap;
	bool capped;
};

static const struct {
	const char *name;
	int (*is)(int c);
} class_table[] = {
	{ "alnum", isalnum },
	{ "alpha", isalpha },
	{ "blank", isblank },
	{ "cntrl", iscntrl },
	{ "digit", isdigit },
	{ "graph", isgraph },
	{ "lower", islower },
	{ "print", isprint },
	{ "punct", ispunct },
	{ "space", isspace },
	{ "upper", isupper },
	{ "xdigit", isxdigit },
};

/* One byte of a bracket expression, backslash taken off. */
static unsigned char
bracket_byte(struct str p, size_t *i)
{
	if (p.p[*i] == '\\' && *i + 1 < p.n)
		(*i)++;
	return (unsigned char)p.p[(*i)++];
}

/* "[:alpha:]" at p[i], inside a bracket expression; *i moves over it. */
static bool
class_matches(struct str p, size_t *i, unsigned char c, bool *ret_in)
{
	struct str rest = str_from(p, *i);
	size_t end;

	if (!str_starts(rest, STR("[:")))
		return false;
	end = str_find(rest, STR(":]"));
	if (end == SIZE_MAX)
		return false;
	for (size_t k = 0; k < sizeof class_table / sizeof *class_table; k++) {
		if (!str_eqc(str_from(str_head(rest, end), 2), class_table[k].name))
			continue;
		if (class_table[k].is(c) != 0)
			*ret_in = true;
		*i += end + 2;
		return true;
	}
	return false;
}

/*
 * The bracket expression at p[*i] == '['.  False when it is none (never closed): then the bracket is an
 * ordinary byte.  *ret_hit: c is in it; *i moves behind the closing bracket.
 */
static bool
bracket(struct str p, size_t *i, unsigned char c, bool *ret_hit)
{
	size_t k = *i + 1;
	bool negated = k < p.n && p.p[k] == '!', in = false;

	if (negated)
		k++;
	/* the first byte belongs to the set, even a closing bracket */
	if (k >= p.n || str_chr(p, ']', k + 1) == SIZE_MAX)
		return false;
	do {
		unsigned char from, to;

		if (class_matches(p, &k, c, &in))
			continue;
		from = to = bracket_byte(p, &k);
		if (k + 1 < p.n && p.p[k] == '-' && p.p[k + 1] != ']') {
			k++;
			to = bracket_byte(p, &k);
		}
		if (from <= c && c <= to)
			in = true;
	} while (k < p.n && p.p[k] != ']');
	if (k >= p.n)
		return false;
	*i = k + 1;
	*ret_hit = in != negated;
	return true;
}

/* Match one pattern element at p[*i] against byte c; *i moves behind the element. */
static bool
element(struct str p, size_t *i, unsigned char c)
{
	bool hit = false;

	if (p.p[*i] == '?') {
		(*i)++;
		return true;
	}
	if (p.p[*i] == '[' && bracket(p, i, c, &hit))
		return hit;
	if (p.p[*i] == '\\' && *i + 1 < p.n)
		(*i)++;
	return (unsigned char)p.p[(*i)++] == c;
}

bool
fs_glob_match(struct str p, struct str s)
{
	size_t i = 0, k = 0, star = SIZE_MAX, star_k = 0;

	if (s.n > 0 && s.p[0] == '.' && (p.n == 0 || p.p[0] != '.'))
		return false;
	/* iterative: only the last star is ever taken back, so the time is at most n * m */
	while (k < s.n) {
		if (i < p.n && p.p[i] == '*') {
			star = ++i;
			star_k = k;
			continue;
		}
		if (i < p.n) {
			size_t at = i;

			if (element(p, &at, (unsigned char)s.p[k])) {
				i = at;
				k++;
				continue;
			}
		}
		if (star == SIZE_MAX)
			return false;
		i = star;
		k = ++star_k;
	}
	while (i < p.n && p.p[i] == '*')
		i++;
	return i == p.n;
}

bool
fs_glob_path(struct str pattern, struct str path)
{
	struct str want, have;

	while (pattern.n > 0 && str_split(&pattern, '/', &want))
		if (!str_split(&path, '/', &have) || !fs_glob_match(want, have))
			return false;
	return path.n == 0;
}

static void
add_plain(struct buf *b, struct str p)
{
	for (size_t i = 0; i < p.n; i++) {
		if (p.p[i] == '\\' && i + 1 < p.n)
			i++;
		buf_addch(b, p.p[i]);
	}
}

static void
add_match(struct globber *g, struct str path)
{
	struct str there;

	/* a dangling link is a match, too: opening it is what fails */
	if (!fs_locate(g->tree, g->arena, path, true, &there))
		return;
	if (g->n == FS_MAX_MATCHES) {
		g->capped = true;
		return;
	}
	MEM_GROW(g->v, g->cap, g->n + 1);
	g->v[g->n++] = arena_str(g->arena, path);
}

static DIR *
open_folder(struct globber *g, struct str path)
{
	struct str real;

	if (!fs_locate(g->tree, g->arena, path.n != 0 ? path : STR("."), false, &real))
		return NULL;
	return opendir(arena_strz(g->arena, real));
}

/* A backslash in front of a slash, if it is not escaped itself, is dropped (glob(3) of the C library). */
static struct str
without_escape(struct str part)
{
	size_t n = 0;

	while (n < part.n && part.p[part.n - n - 1] == '\\')
		n++;
	return str_head(part, part.n - n % 2);
}

static void
expand(struct globber *g, struct buf *path, struct str rest)
{
	struct str part;
	size_t keep;
	DIR *dir;
	struct dirent *d;

	for (;;) {
		while (rest.n > 0 && rest.p[0] == '/') {
			buf_addch(path, '/');
			rest = str_from(rest, 1);
		}
		if (rest.n == 0) {
			add_match(g, buf_str(path));
			return;
		}
		part = str_head(rest, str_chr(rest, '/', 0));
		rest = str_from(rest, part.n);
		if (rest.n > 0)
			part = without_escape(part);
		if (loader_is_wild(part))
			break;
		add_plain(path, part);
	}
	dir = open_folder(g, buf_str(path));
	if (dir == NULL)
		return;
	keep = path->n;
	while (!g->capped && (d = readdir(dir)) != NULL) {
		if (!fs_glob_match(part, str_c(d->d_name)))
			continue;
		buf_addc(path, d->d_name);
		expand(g, path, rest);
		path->n = keep;
	}
	closedir(dir);
}

/* "~", "~/x", "~user/x"; an unknown user leaves the pattern as it is. */
static struct str
expand_tilde(const struct fs_tree *t, struct arena *a, struct str pattern)
{
	size_t slash = str_chr(pattern, '/', 0);
	struct str name = str_from(str_head(pattern, slash == SIZE_MAX ? pattern.n : slash), 1);
	struct str rest = str_from(pattern, 1 + name.n);
	struct user u;

	if (name.n == 0)
		return arena_printf(a, "%s%.*s", t->home, STR_ARG(rest));
	if (!user_by_name(t, a, name, &u))
		return pattern;
	return arena_printf(a, "%.*s%.*s", STR_ARG(u.home), STR_ARG(rest));
}

static int
by_bytes(const void *x, const void *y)
{
	const struct str *a = x, *b = y;

	return str_cmp(*a, *b);
}

void
fs_glob(const struct fs_tree *t, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n,
    bool *ret_capped)
{
	struct globber g = { .tree = t, .arena = a };
	struct buf path = { 0 };

	*ret = NULL;
	*ret_n = 0;
	*ret_capped = false;
	if (pattern.n == 0 || memchr(pattern.p, '\0', pattern.n) != NULL)
		return;
	if (tilde && pattern.p[0] == '~')
		pattern = expand_tilde(t, a, pattern);
	expand(&g, &path, pattern);
	buf_release(&path);
	if (g.n > 0) {
		qsort(g.v, g.n, sizeof *g.v, by_bytes);
		*ret = ARENA_ARRAY(a, struct str, g.n);
		memcpy(*ret, g.v, g.n * sizeof *g.v);
		*ret_n = g.n;
	}
	*ret_capped = g.capped;
	free(g.v);
}
