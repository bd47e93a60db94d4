/* SPDX-License-Identifier: MIT */
/* The end of `lint --fix`: the diff, or the files themselves, and what is left. */
#include <signal.h>
#include <stdlib.h>

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

/* From where one stands; in a tree that lies elsewhere, from its top. */
static struct str
patch_path(const struct lint_file *f)
{
	return str_starts(f->key, STR("/")) || str_starts(f->key, STR("../")) ? f->path : f->key;
}

static void
add_left(const struct lint *l, struct buf *b)
{
	const struct lint_fix *x = l->fix;
	struct buf line = { 0 };

	for (size_t i = 0; i < x->n_left; i++) {
		const struct lint_left *y = &x->left[i];

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
show(struct lint *l, const struct report *r, const struct lint_file *const *f, size_t n)
{
	struct buf out = { 0 }, rest = { 0 };
	struct report plain = *r;
	int status = r->exit_status;

	for (size_t i = 0; i < n; i++)
		if (!diff_patch(&out, patch_path(f[i]), f[i]->old_bytes, f[i]->new_bytes))
			output_note(arena_printf(l->s.arena,
			    "%.*s holds bytes that are shown escaped: this diff of it cannot be applied, --fix --write "
			    "does it",
			    STR_ARG(f[i]->key)));
	plain.color = plain.utf8 = false;
	plain.width = WIDTH;
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
	size_t n = changed(l, &f);
	int status;

	*ret_print = false;
	if (!l->o->write)
		return show(l, r, f, n);
	status = write_files(l, f, n, 0);
	*ret_print = status == 0;
	return status;
}
