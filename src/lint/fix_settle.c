/* SPDX-License-Identifier: MIT */
/* The plans of one pass, each made for itself, as plans for all. */
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "lint/fix.h"

static void
release_sets(struct lint_fix *x)
{
	for (size_t i = 0; i < x->n_set; i++)
		free(x->set[i].v);
	x->n_set = 0;
}

void
lint_fix_start(struct lint *l)
{
	struct lint_fix *x = l->fix;

	release_sets(x);
	x->n_plan = x->n_user = x->n_left = 0;
	strset_release(&x->told);
	x->broken = x->cut = false;
	for (size_t i = 0; i < x->n_file; i++) {
		x->file[i].judged = false;
		x->file[i].user = (struct str){ 0 };
	}
}

/* Files that several configs read, each for itself. */
static bool
find_shared(struct lint *l)
{
	struct lint_fix *x = l->fix;
	bool any = false;

	for (size_t i = 0; i < x->n_user; i++) {
		const struct lint_user *u = &x->user[i];
		struct lint_file *f = &x->file[u->file];

		if (lint_told_elsewhere(l, u->unit, u->kind) || lint_unread(l, u->unit, u->kind))
			continue;
		if (f->user.p == NULL) {
			f->user = u->unit;
		} else if (!str_eq(f->user, u->unit) && !f->shared) {
			f->shared = true;
			any = true;
		}
	}
	return any;
}

/* A config whose plan did not bring what it promised gets its old text back. */
static void
undo_broken(struct lint *l)
{
	struct lint_fix *x = l->fix;

	for (size_t i = 0; i < x->n_file; i++)
		if (x->file[i].old_bytes.p != NULL && strset_has(&x->given_up, x->file[i].by))
			x->file[i].old_bytes = x->file[i].new_bytes = (struct str){ 0 };
}

/* Is it part of a folder that was asked for, and no business of the version control's own? */
static bool
is_below(const struct lint_tree *t, struct str path)
{
	struct str part;

	while (t->walked && str_split(&path, '/', &part))
		if (path.p != NULL && tree_folder_skipped(part))
			return false;
	return t->walked;
}

/* Does the plan hold for the files of others?  *ret_again: it can be made anew. */
static bool
may_take(struct lint_fix *x, const struct lint_plan *p, bool *ret_again)
{
	bool ok = true;

	for (size_t i = 0; i < p->n_file; i++) {
		struct lint_file *f = &x->file[p->file[i].file];

		if (!f->judged && !is_below(&x->tree[f->tree], f->path)) {
			f->why = STR("is not among the files that were asked for");
			ok = false;
		}
		/* another plan of this pass, or of another config, changed it meanwhile */
		if (f->old_bytes.p != NULL && !str_eq(f->new_bytes, p->file[i].old_bytes))
			ok = false;
	}
	*ret_again |= !ok;
	return ok;
}

static void
take(struct lint_fix *x, const struct lint_plan *p)
{
	for (size_t i = 0; i < p->n_file; i++) {
		struct lint_file *f = &x->file[p->file[i].file];

		if (f->old_bytes.p == NULL) {
			f->old_bytes = p->file[i].old_bytes;
			f->by = p->unit;
		}
		f->new_bytes = p->file[i].new_bytes;
	}
	for (size_t i = 0; i < p->n_claim; i++) {
		MEM_GROW(x->claim, x->cap_claim, x->n_claim + 1);
		x->claim[x->n_claim++] = p->claim[i];
	}
}

bool
lint_fix_settle(struct lint *l)
{
	struct lint_fix *x = l->fix;
	bool again = false;

	if (x->broken) {
		undo_broken(l);
		return true;
	}
	/* plans were made before it was known */
	if (find_shared(l) && x->n_plan > 0)
		return true;
	for (size_t i = 0; i < x->n_plan; i++) {
		const struct lint_plan *p = &x->plan[i];

		if (lint_told_elsewhere(l, p->unit, p->kind) || lint_unread(l, p->unit, p->kind) ||
		    !may_take(x, p, &again))
			continue;
		take(x, p);
		again = true;
	}
	return again;
}

void
lint_fix_release(struct lint *l)
{
	struct lint_fix *x = l->fix;

	if (x == NULL)
		return;
	for (size_t i = 0; i < x->n_tree; i++)
		if (x->tree[i].fd >= 0)
			close(x->tree[i].fd);
	free(x->tree);
	free(x->file);
	strset_release(&x->keys);
	free(x->plan);
	free(x->user);
	free(x->left);
	release_sets(x);
	free(x->set);
	free(x->claim);
	strset_release(&x->given_up);
	strset_release(&x->hidden);
	strset_release(&x->told);
	free(x->as_is.v);
}
