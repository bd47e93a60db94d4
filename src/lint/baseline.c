/* SPDX-License-Identifier: MIT */
/* The baseline of a lint: read before the findings are told, or written with them; entries that nothing fits. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "lint/above.h"
#include "lint/given.h"
#include "lint/lint.h"
#include "edit/fs.h"
#include "rule/baseline.h"

enum { NOTES = 10 /* of entries that nothing fits; the rest is counted */ };

/* A link could lead the reader, or the writer, out of a tree that is not trusted. */
static bool
open_way(const struct lint *l, struct named *ret)
{
	if (!named_open(l->s.arena, l->o->baseline, &l->o->arg, ret))
		return false;
	/* the file itself is no link wherever it stands */
	ret->in_tree = true;
	return true;
}

static enum sk_code
not_read(struct str file, struct err *e)
{
	return named_say(e, errno == ENOENT ? SK_ENOENT : SK_EREAD, "--baseline", file);
}

static enum sk_code
not_regular(struct str file, struct err *e)
{
	return err_set(e, SK_EREAD, "--baseline %.*s: is no regular file, and links are not followed", STR_ARG(file));
}

static enum sk_code
check_file(const struct lint *l, struct err *e)
{
	struct named at;
	enum sk_code code = SK_OK;
	struct stat st;

	/* what is not there is told where it is read, or written */
	if (!open_way(l, &at))
		return errno == ENOENT ? SK_OK : not_read(l->o->baseline, e);
	if (fstatat(at.dir, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		code = not_regular(l->o->baseline, e);
	named_close(&at);
	return code;
}

enum sk_code
lint_baseline_check(struct lint *l, struct err *e)
{
	const struct options *o = l->o;

	if (o->update_baseline && o->baseline.p == NULL)
		return err_set(e, SK_EUSAGE, "--update-baseline needs --baseline FILE");
	if (o->update_baseline && o->fix)
		return err_set(
		    e, SK_EUSAGE, "--update-baseline lists what is found, --fix mends it: run one after the other");
	if (o->update_baseline && o->no_ignores)
		return err_set(e, SK_EUSAGE, "--update-baseline: with --no-ignores no baseline counts");
	if (o->baseline.p == NULL || o->no_ignores)
		return SK_OK;
	l->covered.top = lint_top_of(l->s.arena, o->baseline, STR(""), &l->covered.apart);
	return check_file(l, e);
}

void
lint_cover_tree(struct lint *l, struct str dir, bool outside)
{
	struct arena *a = l->s.arena;
	struct str file = l->o->baseline, top = l->covered.top;
	bool apart = false;

	if (outside && file.p != NULL && !l->o->no_ignores) {
		top = lint_top_of(a, file, dir, &apart);
		l->covered.apart |= apart || lint_side_by_side(a, file, dir);
	}
	/* where a tree outside happens to be says nothing */
	l->naming.cut = outside ? l->tree.shown : STR("");
	l->naming.put = lint_from_top(a, top, outside ? dir : STR("."));
}

void
lint_covers(struct lint *l, struct str shown, bool is_folder)
{
	if (l->o->baseline.p == NULL)
		return;
	if (is_folder)
		(void)strset_add(&l->covered.folders, l->s.arena, naming_of(l->s.arena, &l->naming, shown));
	else
		(void)strset_add(&l->covered.files, l->s.arena, baseline_path(l->s.arena, shown, &l->naming));
}

/* Was the file of an entry looked at in this run, with this rule? */
static bool
is_covered(const struct lint *l, const struct baseline_entry *en)
{
	struct finding f = { .code = en->code };

	if (!session_kept(&l->s, NULL, &f))
		return false;
	/* its names may count from elsewhere */
	if (l->covered.apart)
		return false;
	if (strset_has(&l->covered.files, en->path) || strset_has(&l->covered.folders, STR("")))
		return true;
	for (size_t i = 0; i < en->path.n; i++)
		if (en->path.p[i] == '/' && strset_has(&l->covered.folders, str_head(en->path, i + 1)))
			return true;
	return false;
}

static int
by_line(const void *x, const void *y)
{
	const struct baseline_entry *a = x, *b = y;

	return (a->line > b->line) - (a->line < b->line);
}

static void
note_entries(struct lint *l, struct baseline *b)
{
	size_t n = 0;

	if (b->n > 0)
		qsort(b->v, b->n, sizeof *b->v, by_line);
	for (size_t i = 0; i < b->n; i++) {
		const struct baseline_entry *en = &b->v[i];
		const char *why = en->refused ? "is not a finding that a baseline hides" :
		    !en->used && !l->watch.expired && is_covered(l, en) ?
						"is found no more; --update-baseline drops the line" :
						NULL;

		if (why == NULL || n++ >= NOTES)
			continue;
		session_note(&l->s,
		    arena_printf(l->s.arena, "%.*s:%u: %.*s %.*s %s", STR_ARG(b->file), en->line, STR_ARG(en->code),
			STR_ARG(en->path), why));
	}
	if (n > NOTES)
		session_note(
		    &l->s, arena_printf(l->s.arena, "%.*s: %zu more lines like these", STR_ARG(b->file), n - NOTES));
}

static enum sk_code
apply(struct lint *l, struct str text, struct err *e)
{
	struct baseline b = { 0 };
	enum sk_code code = baseline_read(l->s.arena, l->o->baseline, text, &b, e);

	if (code != SK_OK)
		return code;
	baseline_apply(l->s.arena, &b, &l->s.findings);
	note_entries(l, &b);
	return SK_OK;
}

static enum sk_code
load(const struct lint *l, struct str *ret, struct err *e)
{
	struct str file = l->o->baseline;
	struct named at;
	enum sk_code code = SK_OK;
	struct stat st;
	int fd;

	if (!open_way(l, &at))
		return not_read(file, e);
	fd = named_fd(&at, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		code = not_read(file, e);
	else if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		code = not_regular(file, e);
	else if (!fs_read_all(&fs_real, l->s.arena, fd, ret))
		code = not_read(file, e);
	if (fd >= 0)
		close(fd);
	named_close(&at);
	return code;
}

/* Only a baseline makes room for one: a slip of the pen would else be the end of some other file. */
static enum sk_code
check_replaced(const struct lint *l, struct err *e)
{
	struct str file = l->o->baseline, text = { 0 };
	struct err why = { 0 };
	enum sk_code code = load(l, &text, &why);

	if (code == SK_ENOENT)
		return SK_OK;
	if (code != SK_OK)
		*e = why;
	else if (!baseline_like(text))
		return err_set(e, SK_ERULE, "--baseline %.*s: is no baseline, and was left as it is", STR_ARG(file));
	return code;
}

static enum sk_code
replace(struct lint *l, struct str text, struct err *e)
{
	struct named at;
	enum sk_code code = SK_OK;
	mode_t mode = 0666;
	struct stat st;
	int dir;

	if (!open_way(l, &at))
		return named_say(e, SK_EWRITE, "--baseline", l->o->baseline);
	dir = openat(at.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fstatat(at.dir, at.name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		mode = st.st_mode & 0777;
	lint_watch_hold(&l->watch, true);
	if (dir < 0 || !fs_put(&fs_real, dir, at.name, mode, text))
		code = err_sys(e, SK_EWRITE, errno, "--baseline %.*s", STR_ARG(l->o->baseline));
	lint_watch_hold(&l->watch, false);
	if (dir >= 0)
		close(dir);
	named_close(&at);
	return code;
}

static enum sk_code
update(struct lint *l, struct err *e)
{
	struct buf b = { 0 };
	size_t left = 0;
	enum sk_code code;

	code = check_replaced(l, e);
	if (code != SK_OK)
		return code;
	baseline_write(&l->s.findings, &l->naming, &b, &left);
	code = replace(l, buf_str(&b), e);
	if (code == SK_OK)
		code = apply(l, buf_str(&b), e);
	buf_release(&b);
	if (code == SK_OK && left > 0)
		session_note(&l->s,
		    arena_printf(l->s.arena, "%zu finding%s that no baseline hides: not written to %.*s", left,
			left == 1 ? "" : "s", STR_ARG(l->o->baseline)));
	return code;
}

struct str
lint_host_mark(struct arena *a, const struct finding *f, size_t host)
{
	return arena_printf(a, "%.*s\n%.*s", STR_ARG(f->mark), STR_ARG(f->host[host]));
}

enum sk_code
lint_baseline_marks(struct lint *l, struct strset *ret, struct err *e)
{
	struct arena *a = l->s.arena;
	struct baseline b = { 0 };
	struct str text;
	enum sk_code code;

	if (l->o->baseline.p == NULL || l->o->no_ignores)
		return SK_OK;
	code = lint_read_given(l, "--baseline", l->o->baseline, true, &text, e);
	if (code == SK_OK)
		code = baseline_read(a, l->o->baseline, text, &b, e);
	if (code != SK_OK)
		return code;
	baseline_apply(a, &b, &l->s.findings);
	for (size_t i = 0; i < l->s.findings.n; i++) {
		const struct finding *f = &l->s.findings.v[i];

		if (f->in_baseline && (f->at.line > 0 || f->n_host == 0))
			(void)strset_add(ret, a, f->mark);
		for (size_t k = 0; f->in_baseline && f->at.line == 0 && k < f->n_host; k++)
			(void)strset_add(ret, a, lint_host_mark(a, f, k));
	}
	return SK_OK;
}

enum sk_code
lint_baseline(struct lint *l, struct err *e)
{
	struct str file = l->o->baseline, text;
	enum sk_code code;

	if (file.p == NULL)
		return SK_OK;
	lint_watch_file(&l->watch, file, STR(""));
	if (l->o->no_ignores) {
		session_note(&l->s,
		    arena_printf(l->s.arena, "%.*s was not read: with --no-ignores no baseline counts", STR_ARG(file)));
		return SK_OK;
	}
	if (l->o->update_baseline && l->watch.expired)
		return err_set(e, SK_EREAD,
		    "--baseline %.*s: not written: the run took too long, and not all was looked at", STR_ARG(file));
	if (l->o->update_baseline)
		return update(l, e);
	code = lint_read_given(l, "--baseline", l->o->baseline, true, &text, e);
	return code == SK_OK ? apply(l, text, e) : code;
}
