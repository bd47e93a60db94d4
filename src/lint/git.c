/* SPDX-License-Identifier: MIT */
/*
 * What git leaves out of a tree: .gitignore of each folder and .git/info/exclude, save files that git tracks all the
 * same.  Nothing of the machine counts: no core.excludesFile, no settings of git.
 */
#include "lint/git.h"

/* Steps of patterns: some seconds. */
static const uint64_t steps_max = 1000 * 1000 * 1000;
enum { IGNORE_BYTES_MAX = 1024 * 1024 };

static void
note_unread(struct lint_git *g, struct str file, struct str reason)
{
	session_note(&g->l->s,
	    arena_printf(g->l->s.arena, "%.*s%.*s %.*s and does not count", STR_ARG(g->l->tree.shown), STR_ARG(file),
		STR_ARG(reason)));
}

/* A file of git's; true: its bytes are there.  Whatever else than its absence keeps them away is said. */
static bool
read_own(struct lint_git *g, struct str file, struct loaded *ret)
{
	lint_read(&g->l->tree, file, g->l->s.arena, ret);
	if (ret->state != LOADER_FILE && ret->state != LOADER_ABSENT)
		note_unread(g, file, ret->reason);
	return ret->state == LOADER_FILE;
}

/* Where the index stands: beside a worktree's or submodule's file .git, when that points into the tree.  p == NULL: elsewhere. */
static struct str
index_path(struct lint_git *g)
{
	const struct str key = STR("gitdir:");
	struct loaded f;
	struct str dir;

	lint_read(&g->l->tree, STR(".git"), g->l->s.arena, &f);
	if (f.state != LOADER_FILE)
		return STR(".git/index");
	dir = str_starts(f.bytes, key) ? str_trim(str_from(f.bytes, key.n)) : STR("");
	if (dir.n == 0 || dir.n > LINT_PATH || dir.p[0] == '/')
		return (struct str){ 0 };
	return arena_printf(g->l->s.arena, "%.*s/index", STR_ARG(dir));
}

void
lint_git_open(struct lint *l, struct lint_git *g)
{
	struct loaded f;
	struct str index;

	*g = (struct lint_git){ .l = l, .off = l->o->no_ignores, .unsure = true, .left = steps_max };
	if (g->off)
		return;
	lint_watch_file(&l->watch, l->tree.shown, STR(".git/"));
	if (read_own(g, STR(".git/info/exclude"), &f))
		g->exclude = ignore_parse(l->s.arena, f.bytes);
	index = index_path(g);
	if (index.p == NULL || !read_own(g, index, &f))
		return;
	g->unsure = !tracked_parse(l->s.arena, f.bytes, &g->tracked);
	if (g->unsure)
		note_unread(g, index, STR("does not list all that git tracks, or cannot be read,"));
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
	note_unread(g, file, f.state == LOADER_FILE ? STR("is larger than 1 MiB") : f.reason);
	return NULL;
}

/* What the lists say, the innermost first. */
static bool
is_ignored(struct lint_git *g, const struct lint_git_list *list, size_t n, struct str path, bool is_folder)
{
	enum ignore_says says = IGNORE_SILENT;

	while (says == IGNORE_SILENT && n-- > 0)
		says = ignore_ask(list[n].list, str_from(path, list[n].path_n), is_folder, &g->left);
	if (says == IGNORE_SILENT)
		says = ignore_ask(g->exclude, path, is_folder, &g->left);
	if (g->left > 0)
		return says == IGNORE_YES;
	if (!g->told)
		session_note(&g->l->s,
		    STR("the .gitignore files of this tree take too long: from some file on they do not count"));
	g->told = true;
	return false;
}

enum git_says
lint_git_asks(
    struct lint_git *g, const struct lint_git_list *list, size_t n, struct str path, bool nested, bool *io_outcast)
{
	bool is_folder = path.n > 0 && path.p[path.n - 1] == '/', tracked;

	if (g->off)
		return GIT_KEEPS;
	if (!*io_outcast && !is_ignored(g, list, n, str_head(path, path.n - is_folder), is_folder))
		return GIT_KEEPS;
	*io_outcast = true;
	if (g->unsure || nested)
		return GIT_UNSURE;
	tracked = is_folder ? tracked_below(&g->tracked, path) : tracked_has(&g->tracked, path);
	return tracked ? GIT_KEEPS : GIT_SKIPS;
}

void
lint_git_left(struct lint_git *g)
{
	g->n_left++;
}

void
lint_git_end(struct lint_git *g)
{
	if (g->n_left > 0)
		session_note(&g->l->s,
		    arena_printf(g->l->s.arena,
			"%.*s: %zu %s left out by .gitignore; whether git tracks %s is not known",
			STR_ARG(g->l->tree.shown.n > 0 ? g->l->tree.shown : STR(".")), g->n_left,
			g->n_left == 1 ? "file" : "files", g->n_left == 1 ? "it" : "them"));
}
