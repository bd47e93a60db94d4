/* SPDX-License-Identifier: MIT */
/* .gitignore as git reads it. */
#include "tree/ignore.h"

#include <string.h>

#include "base/glob.h"

enum { PATTERN_MAX = 4096 };

struct pattern {
	struct str text;    /* without !, the slash ahead and that at the end */
	struct str literal; /* how it begins, ahead of the first special byte */
	bool negated, folder_only;
	bool name_only; /* it has no slash: it fits a name at any depth */
	bool plain;	/* it has no special byte */
	bool tail;	/* a star, and then no special byte */
};

struct ignore_list {
	struct pattern *v;
	size_t n;
};

static bool
is_special(char c)
{
	return c == '*' || c == '?' || c == '[' || c == '\\';
}

static size_t
plain_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_special(s.p[n]))
		n++;
	return n;
}

/* Blanks at the end go, unless a backslash stands before them. */
static struct str
trim_end(struct str line)
{
	size_t blank = SIZE_MAX;

	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] == ' ') {
			blank = blank == SIZE_MAX ? i : blank;
			continue;
		}
		blank = SIZE_MAX;
		if (line.p[i] == '\\')
			i++;
	}
	return str_head(line, blank);
}

static bool
pattern_of(struct str line, struct pattern *ret)
{
	struct pattern p = { 0 };

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n == 0 || line.p[0] == '#' || line.n > PATTERN_MAX || memchr(line.p, '\0', line.n) != NULL)
		return false;
	line = trim_end(line);
	p.negated = line.n > 0 && line.p[0] == '!';
	if (p.negated)
		line = str_from(line, 1);
	if (line.n > 0 && line.p[line.n - 1] == '/') {
		p.folder_only = true;
		line.n--;
	}
	p.name_only = str_chr(line, '/', 0) == SIZE_MAX;
	if (line.n > 0 && line.p[0] == '/')
		line = str_from(line, 1);
	if (line.n == 0)
		return false;
	p.text = line;
	p.literal = str_head(line, plain_length(line));
	p.plain = p.literal.n == line.n;
	p.tail = line.p[0] == '*' && plain_length(str_from(line, 1)) == line.n - 1;
	*ret = p;
	return true;
}

const struct ignore_list *
ignore_parse(struct arena *a, struct str text)
{
	struct ignore_list *l = ARENA_NEW(a, struct ignore_list);
	struct str rest, line;
	size_t lines = 1;

	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	l->v = ARENA_ARRAY(a, struct pattern, lines);
	for (rest = text; str_split(&rest, '\n', &line);)
		if (pattern_of(line, &l->v[l->n]))
			l->n++;
	return l->n > 0 ? l : NULL;
}

static bool
fits(const struct pattern *p, struct str path, struct str name, uint64_t *io_work)
{
	struct str rest = p->text;

	*io_work += 1;
	if (p->name_only && p->plain)
		return str_eq(p->text, name);
	if (p->name_only && p->tail)
		return str_ends(name, str_from(p->text, 1));
	if (p->name_only) {
		*io_work += p->text.n * name.n;
		return glob_match(p->text, name);
	}
	/* git compares the beginning byte by byte, and looks at what is left as if it stood alone */
	if (!str_starts(path, p->literal))
		return false;
	rest = str_from(rest, p->literal.n);
	path = str_from(path, p->literal.n);
	*io_work += (rest.n + 1) * path.n;
	return glob_match(rest, path);
}

enum ignore_says
ignore_ask(const struct ignore_list *l, struct str path, bool is_folder, uint64_t *io_work)
{
	struct str name = str_base(path);

	if (l == NULL)
		return IGNORE_SILENT;
	for (size_t i = l->n; i-- > 0;) {
		const struct pattern *p = &l->v[i];

		if ((!p->folder_only || is_folder) && fits(p, path, name, io_work))
			return p->negated ? IGNORE_NO : IGNORE_YES;
	}
	return IGNORE_SILENT;
}
