/* SPDX-License-Identifier: MIT */
/*
 * Which of several sysctl.d files of a tree decides.  Source: sysctl.d(5): files of all folders in the order of their names,
 * the last line for a key counts, and of files of one name only that of the first folder is read; sysctl(8) --system
 * reads etc/sysctl.conf last.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "lint/sysctl.h"

/* By rank, the last first: what comes ahead of it stands for /. */
static const char *const folder[] = { "lib/sysctl.d/", "usr/lib/sysctl.d/", "usr/local/lib/sysctl.d/", "run/sysctl.d/",
	"etc/sysctl.d/" };
#define FOLDERS (sizeof folder / sizeof *folder)

/* The highest folder that the path ends in; a sysctl.d of a role counts as one below etc. */
static void
place_of(struct str dir, size_t *ret_prefix, unsigned *ret_rank)
{
	size_t n = 0;

	*ret_rank = FOLDERS - 1;
	for (unsigned i = 0; i < FOLDERS; i++) {
		struct str f = str_c(folder[i]);

		if (f.n > n && str_ends(dir, f) && (dir.n == f.n || dir.p[dir.n - f.n - 1] == '/')) {
			n = f.n;
			*ret_rank = i;
		}
	}
	if (n == 0)
		n = str_ends(dir, STR("sysctl.d/")) ? STR("sysctl.d/").n : 0;
	*ret_prefix = dir.n - n;
}

void
lint_sysctl_sets(struct lint *l, struct str file, enum fact_id id, uint32_t line)
{
	struct lint_sysctl x = { .file = file, .base = str_base(file), .id = id, .line = line };
	struct str dir = str_head(file, file.n - x.base.n);

	place_of(dir, &x.n_prefix, &x.rank);
	if (str_eqc(x.base, "sysctl.conf") && str_ends(dir, STR("etc/")) && x.n_prefix == dir.n) {
		x.n_prefix = dir.n - STR("etc/").n;
		x.rank = FOLDERS;
	} else if (x.n_prefix == dir.n) {
		/* of a folder that nobody knows */
		return;
	}
	MEM_GROW(l->sysctl, l->cap_sysctl, l->n_sysctl + 1);
	l->sysctl[l->n_sysctl++] = x;
}

static int
by_tree(const struct lint_sysctl *a, const struct lint_sysctl *b)
{
	return str_cmp(str_head(a->file, a->n_prefix), str_head(b->file, b->n_prefix));
}

/* Files of one name beside each other, the one that counts last. */
static int
by_name(const void *x, const void *y)
{
	const struct lint_sysctl *a = x, *b = y;
	int r = by_tree(a, b);

	if (r == 0)
		r = str_cmp(a->base, b->base);
	return r != 0 ? r : (a->rank > b->rank) - (a->rank < b->rank);
}

/* Lines for one fact beside each other, the one that counts last. */
static int
by_fact(const void *x, const void *y)
{
	const struct lint_sysctl *a = x, *b = y;
	int r = by_tree(a, b);

	if (r == 0)
		r = (a->id > b->id) - (a->id < b->id);
	if (r == 0)
		r = (b->masked > a->masked) - (b->masked < a->masked);
	if (r == 0)
		r = ((a->rank == FOLDERS) > (b->rank == FOLDERS)) - ((a->rank == FOLDERS) < (b->rank == FOLDERS));
	if (r == 0)
		r = str_cmp(a->base, b->base);
	if (r == 0)
		r = str_cmp(a->file, b->file);
	return r != 0 ? r : (a->line > b->line) - (a->line < b->line);
}

static int
by_place(const void *x, const void *y)
{
	const struct lint_sysctl *a = x, *b = y;
	int r = str_cmp(a->file, b->file);

	return r != 0 ? r : (a->line > b->line) - (a->line < b->line);
}

void
lint_sysctl_end(struct lint *l)
{
	struct lint_sysctl *v = l->sysctl;
	size_t n = 0;

	if (l->n_sysctl == 0)
		return;
	qsort(v, l->n_sysctl, sizeof *v, by_name);
	for (size_t i = l->n_sysctl - 1; i-- > 0;)
		if (by_tree(&v[i], &v[i + 1]) == 0 && str_eq(v[i].base, v[i + 1].base))
			v[i].masked = v[i + 1].masked || v[i].rank < v[i + 1].rank;
	qsort(v, l->n_sysctl, sizeof *v, by_fact);
	/* keep those that lose */
	for (size_t i = 0; i < l->n_sysctl; i++)
		if (v[i].masked ||
		    (i + 1 < l->n_sysctl && by_tree(&v[i], &v[i + 1]) == 0 && v[i].id == v[i + 1].id &&
			!str_eq(v[i].file, v[i + 1].file)))
			v[n++] = v[i];
	l->n_sysctl = n;
	qsort(v, n, sizeof *v, by_place);
}

bool
lint_sysctl_lost(const struct lint *l, struct str file, uint32_t line)
{
	const struct lint_sysctl key = { .file = file, .line = line };

	return l->n_sysctl > 0 && bsearch(&key, l->sysctl, l->n_sysctl, sizeof key, by_place) != NULL;
}
