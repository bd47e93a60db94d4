/* SPDX-License-Identifier: MIT */
/*
 * The journal as text.  A line is a word and its arguments:
 *
 *	sshkeep-journal 2
 *	state WORD, when TIME, label TEXT, home PATH, back ID, dir PATH ...
 *	path PATH, temp PATH, linked, in-place, was SIDE, is SIDE		(a file; "is" ends it)
 *	end SUM							(of all before)
 *
 * SIDE is "none" or MODE UID GID SIZE SUM.
 */
#include "base/num.h"
#include "edit/journal.h"

static const char magic[] = "sshkeep-journal 2";
static const char *const state_name[] = {
	[JOURNAL_PREPARED] = "prepared",
	[JOURNAL_DONE] = "done",
	[JOURNAL_UNDOING] = "undoing",
	[JOURNAL_UNDONE] = "undone",
};

/* Any byte of a path is possible; the journal is lines of words. */
static void
add_path(struct buf *b, const char *key, struct str path)
{
	buf_addf(b, "%s ", key);
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c <= ' ' || c == '%' || c >= 0x7f)
			buf_addf(b, "%%%02X", c);
		else
			buf_addch(b, (char)c);
	}
	buf_addc(b, "\n");
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static struct str
read_path(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			p[n++] = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		} else {
			p[n++] = s.p[i];
		}
	}
	return (struct str){ p, n };
}

static void
add_side(struct buf *b, const char *key, const struct journal_side *s)
{
	if (!s->exists)
		buf_addf(b, "%s none\n", key);
	else
		buf_addf(b, "%s %lu %lu %lu %llu %llu\n", key, (unsigned long)s->mode, (unsigned long)s->uid,
		    (unsigned long)s->gid, (unsigned long long)s->size, (unsigned long long)s->sum);
}

struct str
journal_write(struct arena *a, const struct journal *j)
{
	struct buf b = { 0 };
	struct str out;

	buf_addf(&b, "%s\nstate %s\nwhen %.*s\n", magic, state_name[j->state], STR_ARG(j->when));
	add_path(&b, "label", j->label);
	if (j->home.n > 0)
		add_path(&b, "home", j->home);
	if (j->back != 0)
		buf_addf(&b, "back %llu\n", (unsigned long long)j->back);
	for (size_t i = 0; i < j->n_dir; i++)
		add_path(&b, "dir", j->dir[i]);
	for (size_t i = 0; i < j->n_file; i++) {
		const struct journal_file *f = &j->file[i];

		add_path(&b, "path", f->path);
		add_path(&b, "temp", f->temp);
		if (f->linked)
			buf_addc(&b, "linked\n");
		if (f->in_place)
			buf_addc(&b, "in-place\n");
		add_side(&b, "was", &f->was);
		add_side(&b, "is", &f->is);
	}
	buf_addf(&b, "end %llu\n", (unsigned long long)str_hash(buf_str(&b)));
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool
read_number(struct str *rest, uint64_t max, uint64_t *ret)
{
	struct str word;

	return str_split(rest, ' ', &word) && num_uint(word, max, ret, NULL) == SK_OK;
}

static bool
read_side(struct journal_side *s, struct str rest)
{
	uint64_t mode, uid, gid;

	if (str_eqc(rest, "none"))
		return true;
	s->exists = true;
	if (!read_number(&rest, UINT32_MAX, &mode) || !read_number(&rest, UINT32_MAX, &uid) ||
	    !read_number(&rest, UINT32_MAX, &gid) || !read_number(&rest, UINT64_MAX, &s->size) ||
	    !read_number(&rest, UINT64_MAX, &s->sum))
		return false;
	s->mode = (mode_t)mode;
	s->uid = (uid_t)uid;
	s->gid = (gid_t)gid;
	return true;
}

/* A temporary is what the next run may delete: it must be one. */
static bool
is_whole(const struct journal_file *f)
{
	return f->path.n > 0 && f->path.p[0] == '/' && str_eq(fs_dir(f->path), fs_dir(f->temp)) &&
	    str_starts(str_base(f->temp), STR(".sshkeep-"));
}

static bool
read_line(struct arena *a, struct journal *j, struct str word, struct str rest)
{
	struct journal_file *f = &j->file[j->n_file];

	if (str_eqc(word, "state")) {
		for (size_t k = JOURNAL_PREPARED; k < sizeof state_name / sizeof *state_name; k++)
			if (str_eqc(rest, state_name[k]))
				j->state = (enum journal_state)k;
	} else if (str_eqc(word, "when")) {
		j->when = rest;
	} else if (str_eqc(word, "label")) {
		j->label = read_path(a, rest);
	} else if (str_eqc(word, "home")) {
		j->home = read_path(a, rest);
	} else if (str_eqc(word, "back")) {
		return read_number(&rest, UINT32_MAX, &j->back);
	} else if (str_eqc(word, "dir")) {
		j->dir[j->n_dir++] = read_path(a, rest);
	} else if (str_eqc(word, "path")) {
		f->path = read_path(a, rest);
	} else if (str_eqc(word, "temp")) {
		f->temp = read_path(a, rest);
	} else if (str_eqc(word, "linked")) {
		f->linked = true;
	} else if (str_eqc(word, "in-place")) {
		f->in_place = true;
	} else if (str_eqc(word, "was")) {
		return read_side(&f->was, rest);
	} else if (str_eqc(word, "is")) {
		j->n_file++;
		return read_side(&f->is, rest) && is_whole(f);
	} else {
		return false;
	}
	return true;
}

bool
journal_read(struct arena *a, struct str text, struct journal *j)
{
	struct str all = text, line, word;
	uint64_t sum;
	size_t lines = 0;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	j->file = ARENA_ARRAY(a, struct journal_file, lines + 1);
	j->dir = ARENA_ARRAY(a, struct str, lines + 1);
	if (!str_split(&text, '\n', &line) || !str_eqc(line, magic))
		return false;
	for (;;) {
		size_t before = text.p != NULL ? (size_t)(text.p - all.p) : all.n;

		if (!str_split(&text, '\n', &line) || !str_split(&line, ' ', &word))
			return false;
		if (str_eqc(word, "end"))
			return read_number(&line, UINT64_MAX, &sum) && sum == str_hash(str_head(all, before)) &&
			    j->state != JOURNAL_NONE;
		if (!read_line(a, j, word, line))
			return false;
	}
}
