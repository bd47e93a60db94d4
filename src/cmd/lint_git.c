/* SPDX-License-Identifier: MIT */
/*
 * What git leaves out of a tree: .gitignore of each folder and .git/info/exclude, save files that git tracks all the
 * same.  Nothing of the machine counts: no core.excludesFile, no settings of git.
 */
#include "cmd/lint_git.h"

/* Patterns times bytes of paths: a second or so. */
static const uint64_t work_max = 2u * 1000 * 1000 * 1000;
enum { IGNORE_BYTES_MAX = 1024 * 1024 };

void
lint_git_open(struct lint *l, struct lint_git *g)
{
	struct loaded f;

	*g = (struct lint_git){ .l = l, .off = l->o->no_ignores };
	if (g->off)
		return;
	lint_watch_file(&l->watch, l->tree.shown, STR(".git/"));
	lint_read(&l->tree, STR(".git/info/exclude"), l->s.arena, &f);
	if (f.state == LOADER_FILE)
		g->exclude = ignore_parse(l->s.arena, f.bytes);
	lint_read(&l->tree, STR(".git/index"), l->s.arena, &f);
	if (f.state == LOADER_FILE && !tracked_parse(l->s.arena, f.bytes, &g->tracked))
		session_note(&l->s,
		    arena_printf(l->s.arena, "%.*s.git/index cannot be read: .gitignore counts for tracked files, too",
			STR_ARG(l->tree.shown)));
}

const struct ignore_list *
lint_git_folder(struct lint_git *g, struct str path)
{
	struct arena *a = g->l->s.arena;
	struct str file = arena_printf(a, "%.*s.gitignore", STR_ARG(path));
	struct loaded f = { 0 };

	if (g->off)
		return NULL;
	lint_watch_file(&g->l->watch, g->l->tree.shown, file);
	lint_read(&g->l->tree, file, a, &f);
	if (f.state == LOADER_FILE && f.bytes.n <= IGNORE_BYTES_MAX)
		return ignore_parse(a, f.bytes);
	session_note(&g->l->s,
	    arena_printf(a, "%.*s%.*s %.*s and does not count", STR_ARG(g->l->tree.shown), STR_ARG(file),
		STR_ARG(f.state == LOADER_FILE ? STR("is larger than 1 MiB") : f.reason)));
	return NULL;
}

/* What the lists say, the innermost first. */
static bool
is_ignored(struct lint_git *g, const struct lint_git_list *list, size_t n, struct str path, bool is_folder)
{
	enum ignore_says says = IGNORE_SILENT;

	if (g->work > work_max) {
		if (!g->told)
			session_note(&g->l->s,
			    STR("the .gitignore files of this tree take too long: from some file on they do not "
				"count"));
		g->told = true;
		return false;
	}
	while (says == IGNORE_SILENT && n-- > 0)
		says = ignore_ask(list[n].list, str_from(path, list[n].path_n), is_folder, &g->work);
	if (says == IGNORE_SILENT)
		says = ignore_ask(g->exclude, path, is_folder, &g->work);
	return says == IGNORE_YES;
}

bool
lint_git_skips(struct lint_git *g, const struct lint_git_list *list, size_t n, struct str path, bool *io_outcast)
{
	bool is_folder = path.n > 0 && path.p[path.n - 1] == '/';

	if (g->off)
		return false;
	if (!*io_outcast && !is_ignored(g, list, n, str_head(path, path.n - is_folder), is_folder))
		return false;
	*io_outcast = true;
	return is_folder ? !tracked_below(&g->tracked, path) : !tracked_has(&g->tracked, path);
}
