/* SPDX-License-Identifier: MIT */
/* The end of `lint --fix`: the diff, or the files themselves, and what is left. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lint/fix.h"
#include "cli/output.h"
#include "edit/write.h"
#include "report/layout.h"
#include "report/text.h"

enum { EXIT_CHANGE = 1, WIDTH = 80 };

static int
by_key(const void *x, const void *y)
{
	const struct lint_file *const *a = x, *const *b = y;

	return str_cmp((*a)->key, (*b)->key);
}

/* The files that change, in byte order. */
static size_t
changed(const struct lint *l, const struct lint_file ***ret)
{
	const struct lint_fix *x = l->fix;
	size_t n = 0;

	*ret = ARENA_ARRAY(l->s.arena, const struct lint_file *, x->n_file + 1);
	/* a plan that is not whole is none */
	for (size_t i = 0; i < x->n_file && !l->watch.expired; i++)
		if (x->file[i].old_bytes.p != NULL && !str_eq(x->file[i].old_bytes, x->file[i].new_bytes))
			(*ret)[n++] = &x->file[i];
	if (n > 0)
		qsort(*ret, n, sizeof **ret, by_key);
	return n;
}

static bool
is_outside(const struct lint_file *f)
{
	return str_starts(f->key, STR("/")) || str_starts(f->key, STR("../"));
}

/* The file from the root of the file system, through the real folder of its tree. */
static struct str
whole_path(const struct lint *l, const struct lint_file *f)
{
	struct arena *a = l->s.arena;
	struct str top = l->fix->tree[f->tree].shown;
	char *real = realpath(top.n > 0 ? arena_strz(a, top) : ".", NULL);
	struct str whole = f->key;

	if (real != NULL)
		whole = arena_printf(a, "%s%s%.*s", real, strcmp(real, "/") == 0 ? "" : "/", STR_ARG(f->path));
	free(real);
	return whole;
}

/*
 * Names in the diff: from where one stands; in a tree that lies elsewhere from its top; where there are several trees
 * and one lies elsewhere, from the folder that holds all of them, so that no two files have one name.
 */
static struct str *
patch_paths(const struct lint *l, const struct lint_file *const *f, size_t n)
{
	struct str *path = ARENA_ARRAY(l->s.arena, struct str, n + 1);
	bool outside = false, several = false;
	size_t common;

	for (size_t i = 0; i < n; i++) {
		outside |= is_outside(f[i]);
		several |= f[i]->tree != f[0]->tree;
	}
	for (size_t i = 0; i < n; i++)
		path[i] = !outside ? f[i]->key : several ? whole_path(l, f[i]) : f[i]->path;
	if (!outside || !several)
		return path;
	common = path[0].n;
	for (size_t i = 1; i < n; i++) {
		size_t same = 0;

		while (same < common && same < path[i].n && path[0].p[same] == path[i].p[same])
			same++;
		common = same;
	}
	while (common > 0 && path[0].p[common - 1] != '/')
		common--;
	if (common > 0)
		output_note(arena_printf(
		    l->s.arena, "the names in the diff begin at %.*s", STR_ARG(str_head(path[0], common))));
	for (size_t i = 0; i < n; i++)
		path[i] = str_from(path[i], common);
	return path;
}

/* A finding of the files as they stand. */
struct as_is {
	struct str key;
	const struct finding *f;
	bool taken; /* by what is left of it */
};

static int
by_key_then_order(const void *x, const void *y)
{
	const struct as_is *a = x, *b = y;
	int r = str_cmp(a->key, b->key);

	return r != 0 ? r : (a->f > b->f) - (a->f < b->f);
}

/* The mark; for what stands below another header now, because that one is read now, what its line says. */
static struct str
key_of(struct arena *a, const struct finding *f, bool by_line)
{
	if (!by_line)
		return f->mark;
	return arena_printf(a, "%.*s\n%.*s\n%.*s", STR_ARG(f->code), STR_ARG(f->file), STR_ARG(f->quote.text));
}

static size_t
first_with(const struct as_is *v, size_t n, struct str key)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (str_cmp(v[mid].key, key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* Match what is left with the findings v, each once: of[i] for then->v[i]. */
static void
match(struct arena *a, struct as_is *v, size_t n, const struct findings *then, bool by_line, const struct finding **of)
{
	size_t *next = ARENA_ARRAY(a, size_t, n + 1);

	for (size_t i = 0; i < n; i++)
		v[i].key = key_of(a, v[i].f, by_line);
	if (n > 0)
		qsort(v, n, sizeof *v, by_key_then_order);
	for (size_t i = 0; i < then->n; i++) {
		struct str key = key_of(a, &then->v[i], by_line);
		size_t first = first_with(v, n, key), k;

		if (of[i] != NULL || first == n || (by_line && !then->v[i].quote.known))
			continue;
		for (k = first + next[first]; k < n && v[k].taken && str_eq(v[k].key, key); k++)
			;
		next[first] = k - first;
		if (k == n || !str_eq(v[k].key, key))
			continue;
		v[k].taken = true;
		of[i] = v[k].f;
	}
}

/*
 * What is left in the end, as it stands now wherever it does: lines and excerpts are those of the files.  The last
 * *ret_fresh of them are what only the new text has.
 */
static struct findings
as_it_stands(const struct lint *l, size_t *ret_fresh)
{
	const struct findings *now = &l->fix->as_is, *then = &l->s.findings;
	struct arena *a = l->s.arena;
	struct as_is *v = ARENA_ARRAY(a, struct as_is, now->n + 1);
	const struct finding **of = ARENA_ARRAY(a, const struct finding *, then->n + 1);
	struct findings ret = { .v = ARENA_ARRAY(a, struct finding, then->n + 1) };

	for (size_t i = 0; i < now->n; i++)
		v[i].f = &now->v[i];
	match(a, v, now->n, then, false, of);
	match(a, v, now->n, then, true, of);
	for (size_t i = 0; i < then->n; i++) {
		if (of[i] == NULL)
			continue;
		ret.v[ret.n] = *of[i];
		ret.v[ret.n++].suppressed = then->v[i].suppressed;
	}
	*ret_fresh = then->n - ret.n;
	for (size_t i = 0; i < then->n; i++)
		if (of[i] == NULL)
			ret.v[ret.n++] = then->v[i];
	return ret;
}

/* A comment that the fix makes needless is nobody's to edit: it is named. */
static void
leave_comments(struct lint *l, const struct findings *f, size_t from)
{
	for (size_t i = from; i < f->n; i++)
		if (str_eqc(f->v[i].code, "SK902") && !f->v[i].suppressed)
			lint_fix_leave(l, f->v[i].file, TREE_MAIN, f->v[i].code, STR(""),
			    STR("a comment there hides nothing any more with this fix: take its code out"));
}

/*
 * Did the plan of the config that reads a part take what the part's own pass left?  Then nothing of the kind is found in
 * it any more, by whatever way the config names it.
 */
static bool
is_mended(const struct lint *l, const struct lint_left *y)
{
	const struct findings *f = &l->s.findings;

	if (!lint_told_elsewhere(l, y->unit, y->kind))
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->v[i].code, y->code) && str_eq(str_base(f->v[i].file), str_base(y->unit)))
			return false;
	return true;
}

static void
add_left(const struct lint *l, struct buf *b)
{
	const struct lint_fix *x = l->fix;
	struct buf line = { 0 };

	for (size_t i = 0; i < x->n_left; i++) {
		const struct lint_left *y = &x->left[i];

		if (is_mended(l, y))
			continue;
		buf_addf(&line, "left as it is: %.*s: %.*s", STR_ARG(y->unit), STR_ARG(y->code));
		buf_addf(&line, "%s%.*s: %.*s", y->host.n > 0 ? " " : "", STR_ARG(y->host), STR_ARG(y->reason));
		layout_wrap(b, buf_str(&line), 0, 4, WIDTH);
		buf_clear(&line);
	}
	buf_release(&line);
}

static void
print_error(const struct buf *b)
{
	if (b->n > 0)
		output_stderr(b);
}

/* The diff on standard output; what no edit mends, and why, on standard error. */
static int
show(struct lint *l, const struct report *r, const struct findings *left, size_t n_fresh,
    const struct lint_file *const *f, size_t n)
{
	struct buf out = { 0 }, rest = { 0 };
	struct report plain = *r;
	struct report_lint sums = *r->lint;
	struct str *path = patch_paths(l, f, n);
	int status = r->exit_status;

	for (size_t i = 0; i < n; i++)
		if (!diff_patch(&out, path[i], f[i]->old_bytes, f[i]->new_bytes))
			output_note(arena_printf(l->s.arena,
			    "%.*s holds bytes that are shown escaped: this diff of it cannot be applied, --fix --write "
			    "does it",
			    STR_ARG(f[i]->key)));
	plain.color = plain.utf8 = false;
	plain.width = WIDTH;
	plain.findings = left;
	sums.n_fresh = n_fresh;
	plain.lint = &sums;
	add_left(l, &rest);
	if (r->findings->n > 0 || n == 0)
		report_text_lint(&plain, &rest);
	if (n > 0)
		buf_addc(&rest, "nothing was changed; --fix --write applies the diff\n");
	if (n > 0 && status == 0 && !l->o->exit_zero)
		status = EXIT_CHANGE;
	if (!output_stdout(&out))
		status = output_failed();
	print_error(&rest);
	buf_release(&out);
	buf_release(&rest);
	return status;
}

static int
write_files(struct lint *l, const struct lint_file *const *f, size_t n, int status)
{
	struct below_item *item = ARENA_ARRAY(l->s.arena, struct below_item, n + 1);
	struct buf told = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < n; i++)
		item[i] = (struct below_item){ .top = l->fix->tree[f[i]->tree].fd,
			.path = f[i]->path,
			.shown = f[i]->key,
			.old_bytes = f[i]->old_bytes,
			.new_bytes = f[i]->new_bytes };
	lint_watch_hold(&l->watch, true);
	/* a reader that goes away, or a limit, must not end the program between two files */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	if (write_below(l->s.arena, &fs_real, item, n, &e) != SK_OK) {
		status = output_error(&e);
		if (e.code != SK_EHALF)
			output_note(STR("nothing was changed"));
		return status;
	}
	for (size_t i = 0; i < n; i++) {
		buf_addc(&told, "wrote ");
		buf_add_escaped(&told, f[i]->key);
		buf_addc(&told, "\n");
	}
	add_left(l, &told);
	print_error(&told);
	buf_release(&told);
	return status;
}

int
lint_fix_show(struct lint *l, const struct report *r, bool *ret_print)
{
	const struct lint_file **f;
	size_t n = changed(l, &f), n_fresh = 0;
	struct findings left = l->s.findings;
	int status;

	*ret_print = false;
	if (n > 0)
		left = as_it_stands(l, &n_fresh);
	leave_comments(l, &left, left.n - n_fresh);
	if (!l->o->write)
		return show(l, r, &left, n_fresh, f, n);
	status = write_files(l, f, n, 0);
	*ret_print = status == 0;
	return status;
}
