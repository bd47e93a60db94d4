/* SPDX-License-Identifier: MIT */
/*
 * Unified diff of two byte strings.  It sees nothing but the bytes, so what it shows is what will be written.
 * The shortest edit script is Myers' (An O(ND) Difference Algorithm, 1986) behind a common head and tail.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "edit/plan.h"

enum {
	CONTEXT = 3,
	STEPS_MAX = 3000, /* lines that differ; beyond that the whole middle is shown as replaced */
};

struct lines {
	struct str *v; /* line ends included */
	size_t n, cap;
};

/* For each line of old and new: is it part of both? */
struct script {
	struct lines old, new;
	bool *gone, *came;
	bool esc;   /* file text is escaped ... */
	bool patch; /* ... save what does no harm and a patch needs: CR at the end of a line, a byte order mark */
	bool lossy; /* something was escaped */
};

static void
lines_split(struct lines *l, struct str s)
{
	while (s.n > 0) {
		size_t lf = str_chr(s, '\n', 0);
		size_t n = lf == SIZE_MAX ? s.n : lf + 1;

		MEM_GROW(l->v, l->cap, l->n + 1);
		l->v[l->n++] = str_head(s, n);
		s = str_from(s, n);
	}
}

/* Walk the saved frontiers back from the end and mark what was deleted and inserted. */
static void
mark(const struct script *s, long *const *row, long d, long n, long m, size_t head)
{
	long x = n, y = m;

	for (; d > 0; d--) {
		const long *v = row[d - 1] + d - 1; /* diagonals -(d-1) .. d-1 */
		long k = x - y, was;

		was = k == -d || (k != d && v[k - 1] < v[k + 1]) ? k + 1 : k - 1;
		x = v[was];
		y = x - was;
		if (was > k)
			s->came[head + (size_t)y] = true;
		else
			s->gone[head + (size_t)x] = true;
	}
}

/* The furthest x on diagonal k with d differences. */
static long
furthest(const struct script *s, const long *last, long d, long k, long n, long m, size_t head)
{
	long x = 0, y;

	if (d > 0)
		x = k == -d || (k != d && last[k - 1] < last[k + 1]) ? last[k + 1] : last[k - 1] + 1;
	y = x - k;
	while (x < n && y < m && str_eq(s->old.v[head + (size_t)x], s->new.v[head + (size_t)y])) {
		x++;
		y++;
	}
	return x;
}

/* Points beyond the box never come back into it, so they need no care. */
static bool
search(const struct script *s, size_t head, long n, long m)
{
	long **row = mem_alloc(sizeof(*row) * (STEPS_MAX + 1)), d;
	bool found = false;

	for (d = 0; d <= STEPS_MAX && !found; d++) {
		const long *last = d > 0 ? row[d - 1] + d - 1 : NULL;

		row[d] = mem_alloc(sizeof(**row) * (size_t)(2 * d + 1));
		for (long k = -d; k <= d && !found; k += 2) {
			row[d][k + d] = furthest(s, last, d, k, n, m, head);
			found = row[d][k + d] == n && n - k == m;
		}
		if (found)
			mark(s, row, d, n, m, head);
	}
	for (long i = 0; i < d; i++)
		free(row[i]);
	free(row);
	return found;
}

static void
compare(struct script *s)
{
	size_t head = 0, tail = 0, n = s->old.n, m = s->new.n;

	while (head < n && head < m && str_eq(s->old.v[head], s->new.v[head]))
		head++;
	while (tail < n - head && tail < m - head && str_eq(s->old.v[n - 1 - tail], s->new.v[m - 1 - tail]))
		tail++;
	if (search(s, head, (long)(n - head - tail), (long)(m - head - tail)))
		return;
	for (size_t i = head; i < n - tail; i++)
		s->gone[i] = true;
	for (size_t i = head; i < m - tail; i++)
		s->came[i] = true;
}

/* Blanks stay blanks: a TAB does no harm to a terminal, and most configs are indented with it. */
static void
add_text(struct buf *b, struct str s, bool esc)
{
	struct str part;

	if (!esc) {
		buf_add(b, s);
		return;
	}
	for (bool first = true; str_split(&s, '\t', &part); first = false) {
		if (!first)
			buf_addch(b, '\t');
		buf_add_escaped(b, part);
	}
}

static void
add_line(struct buf *b, char sign, struct str line, struct script *s)
{
	const struct str mark = STR("\xef\xbb\xbf");
	bool ends = str_ends(line, STR("\n")), cr;
	size_t from;

	buf_addch(b, sign);
	line = ends ? str_head(line, line.n - 1) : line;
	if (s->patch && str_starts(line, mark)) {
		buf_add(b, mark);
		line = str_from(line, mark.n);
	}
	cr = s->patch && ends && str_ends(line, STR("\r"));
	line = cr ? str_head(line, line.n - 1) : line;
	from = b->n;
	add_text(b, line, s->esc);
	s->lossy |= !str_eq((struct str){ b->p + from, b->n - from }, line);
	buf_addc(b, cr ? "\r" : "");
	buf_addc(b, ends ? "\n" : "\n\\ No newline at end of file\n");
}

/* "12,3" as diff writes it: a lone line without count, nothing as the line before it. */
static void
add_range(struct buf *b, size_t from, size_t n)
{
	if (n == 1)
		buf_addf(b, "%zu", from + 1);
	else
		buf_addf(b, "%zu,%zu", n == 0 ? from : from + 1, n);
}

static bool
changes(const struct script *s, size_t i, size_t j)
{
	return (i < s->old.n && s->gone[i]) || (j < s->new.n && s->came[j]);
}

/* From a change at (i, j) to the end of its hunk: two changes with at most 2 x 3 equal lines between are one. */
static void
hunk_end(const struct script *s, size_t i, size_t j, size_t *ret_i, size_t *ret_j)
{
	size_t same = 0;

	*ret_i = i;
	*ret_j = j;
	while (i < s->old.n || j < s->new.n) {
		if (changes(s, i, j)) {
			if (i < s->old.n && s->gone[i])
				i++;
			else
				j++;
			same = 0;
			*ret_i = i;
			*ret_j = j;
			continue;
		}
		if (++same > 2 * CONTEXT)
			break;
		i++;
		j++;
	}
	for (size_t k = 0; k < CONTEXT && *ret_i < s->old.n && *ret_j < s->new.n; k++) {
		(*ret_i)++;
		(*ret_j)++;
	}
}

static void
add_hunk(struct buf *b, struct script *s, size_t i, size_t j, size_t end_i, size_t end_j)
{
	buf_addc(b, "@@ -");
	add_range(b, i, end_i - i);
	buf_addc(b, " +");
	add_range(b, j, end_j - j);
	buf_addc(b, " @@\n");
	while (i < end_i || j < end_j) {
		if (i < end_i && s->gone[i]) {
			add_line(b, '-', s->old.v[i++], s);
		} else if (j < end_j && s->came[j]) {
			add_line(b, '+', s->new.v[j++], s);
		} else {
			add_line(b, ' ', s->old.v[i++], s);
			j++;
		}
	}
}

static void
add_hunks(struct buf *b, struct script *s, struct str old_bytes, struct str new_bytes)
{
	size_t i = 0, j = 0;

	lines_split(&s->old, old_bytes);
	lines_split(&s->new, new_bytes);
	s->gone = mem_alloc(s->old.n + 1);
	s->came = mem_alloc(s->new.n + 1);
	compare(s);
	while (i < s->old.n || j < s->new.n) {
		size_t back, end_i, end_j;

		if (!changes(s, i, j)) {
			i++;
			j++;
			continue;
		}
		back = i < CONTEXT ? i : CONTEXT;
		hunk_end(s, i, j, &end_i, &end_j);
		add_hunk(b, s, i - back, j - back, end_i, end_j);
		i = end_i;
		j = end_j;
	}
	free(s->old.v);
	free(s->new.v);
	free(s->gone);
	free(s->came);
}

void
diff_unified(struct buf *b, struct str shown, bool old_exists, struct str old_bytes, struct str new_bytes, bool esc)
{
	struct script s = { .esc = esc };

	if (old_exists && str_eq(old_bytes, new_bytes))
		return;
	buf_addc(b, "--- ");
	add_text(b, old_exists ? shown : STR("/dev/null"), esc);
	buf_addc(b, "\n+++ ");
	add_text(b, shown, esc);
	buf_addc(b, "\n");
	add_hunks(b, &s, old_bytes, new_bytes);
}

/* Would a reader of the log take a part of the name for a command to it? */
static bool
is_telling(struct str path)
{
	struct buf b = { 0 };
	bool ret;

	buf_add_escaped(&b, path);
	ret = !str_eq(buf_str(&b), path);
	buf_release(&b);
	return ret;
}

/* A name as git and GNU patch read it: in quotes where it holds more than they take, or a log shows, as it is. */
static void
add_name(struct buf *b, const char *side, struct str path)
{
	bool quoted = is_telling(path), blank = false;

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		quoted |= c < 0x20 || c >= 0x7f || c == '"' || c == '\\';
		blank |= c == ' ';
	}
	buf_addf(b, quoted ? "\"%s/" : "%s/", side);
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];
		/* "##[" and "::" are commands; what both programs read back is not */
		bool second = quoted && i > 0 && (c == '#' || c == ':') && path.p[i - 1] == path.p[i];

		if (c == '"' || c == '\\')
			buf_addch(b, '\\');
		if (c < 0x20 || c >= 0x7f || second)
			buf_addf(b, "\\%03o", c);
		else
			buf_addch(b, (char)c);
	}
	/* the TAB ends a name that holds blanks */
	buf_addc(b, quoted ? "\"\n" : blank ? "\t\n" : "\n");
}

bool
diff_patch(struct buf *b, struct str path, struct str old_bytes, struct str new_bytes)
{
	struct script s = { .esc = true, .patch = true };

	if (str_eq(old_bytes, new_bytes))
		return true;
	buf_addc(b, "--- ");
	add_name(b, "a", path);
	buf_addc(b, "+++ ");
	add_name(b, "b", path);
	add_hunks(b, &s, old_bytes, new_bytes);
	return !s.lossy;
}
