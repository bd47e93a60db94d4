/* SPDX-License-Identifier: MIT */
/*
 * What git leaves out of a tree: .gitignore of each folder and .git/info/exclude, save files that git tracks all the
 * same.  Nothing of the machine counts: no core.excludesFile, no settings of git.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "lint/git.h"

/* Steps of patterns: some seconds. */
static const uint64_t steps_max = 1000 * 1000 * 1000;
enum { IGNORE_BYTES_MAX = 1024 * 1024 };

static void
note_unread(struct lint_git *g, struct str file, struct str reason)
{
	if (!g->off)
		session_note(&g->l->s,
		    arena_printf(g->l->s.arena, "%.*s%.*s %.*s and does not count", STR_ARG(g->l->tree.shown),
			STR_ARG(file), STR_ARG(reason)));
}

/* A file of .git, or .git itself. */
static void
read_store(const struct lint_git *g, struct str file, struct loaded *ret)
{
	struct lint_tree own = g->l->tree;

	own.stores = true;
	own.run = NULL;
	lint_read(&own, file, g->l->s.arena, ret);
}

/* A file of git's; true: its bytes are there.  Whatever else than its absence keeps them away is said. */
static bool
read_own(struct lint_git *g, struct str file, struct loaded *ret)
{
	read_store(g, file, ret);
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

	read_store(g, STR(".git"), &f);
	if (f.state != LOADER_FILE)
		return STR(".git/index");
	dir = str_starts(f.bytes, key) ? str_trim(str_from(f.bytes, key.n)) : STR("");
	if (dir.n == 0 || dir.n > LINT_PATH || dir.p[0] == '/')
		return (struct str){ 0 };
	return arena_printf(g->l->s.arena, "%.*s/index", STR_ARG(dir));
}

static void
read_lists(struct lint_git *g)
{
	struct arena *a = g->l->s.arena;
	struct loaded f;
	struct str index;

	if (g->read)
		return;
	g->read = true;
	if (read_own(g, STR(".git/info/exclude"), &f))
		g->exclude = ignore_parse(a, f.bytes);
	index = index_path(g);
	if (index.p == NULL || !read_own(g, index, &f))
		return;
	g->unsure = !tracked_parse(a, f.bytes, &g->tracked);
	if (g->unsure)
		note_unread(g, index, STR("does not list all that git tracks, or cannot be read,"));
}

static struct lint_git *
git_of(struct lint *l)
{
	if (l->git == NULL) {
		l->git = ARENA_NEW(l->s.arena, struct lint_git);
		*l->git = (struct lint_git){ .l = l, .off = l->o->no_ignores, .unsure = true, .left = steps_max };
	}
	return l->git;
}

struct lint_git *
lint_git_open(struct lint *l)
{
	struct lint_git *g = git_of(l);

	g->left = steps_max;
	g->n_left = 0;
	if (!g->off) {
		lint_watch_file(&l->watch, l->tree.shown, STR(".git/"));
		read_lists(g);
	}
	return g;
}

void
lint_git_close(struct lint *l)
{
	if (l->git == NULL)
		return;
	strset_release(&l->git->folders);
	free(l->git->known);
	l->git = NULL;
}

static const struct ignore_list *
read_list(struct lint_git *g, struct str path)
{
	struct arena *a = g->l->s.arena;
	struct str file = arena_printf(a, "%.*s.gitignore", STR_ARG(path));
	struct loaded f = { 0 };

	lint_read(&g->l->tree, file, a, &f);
	if (f.state == LOADER_FILE && f.bytes.n <= IGNORE_BYTES_MAX)
		return ignore_parse(a, f.bytes);
	note_unread(g, file, f.state == LOADER_FILE ? STR("is larger than 1 MiB") : f.reason);
	return NULL;
}

/* Is there such a name in the folder?  type: of a file only; 0: of anything. */
static bool
has(const struct lint_git *g, struct str folder, const char *name, mode_t type)
{
	char path[LINT_PATH + 16];
	struct stat st;

	if (folder.n >= LINT_PATH)
		return false;
	(void)snprintf(path, sizeof path, "%.*s%s", STR_ARG(folder), name);
	return fstatat(g->l->tree.fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (type == 0 || (st.st_mode & S_IFMT) == type);
}

/* The folder, whose path ends in a slash, read once. */
static const struct lint_git_known *
known(struct lint_git *g, struct str path)
{
	size_t at = strset_find(&g->folders, path);
	struct lint_git_known k = { 0 };

	if (at != SIZE_MAX)
		return &g->known[at];
	at = g->folders.n;
	k.nested = path.n > 0 && has(g, path, ".git", 0);
	/* git follows no link there */
	k.list = has(g, path, ".gitignore", S_IFREG) ? read_list(g, path) : NULL;
	(void)strset_add(&g->folders, g->l->s.arena, path);
	MEM_GROW(g->known, g->cap_known, at + 1);
	g->known[at] = k;
	return &g->known[at];
}

const struct ignore_list *
lint_git_folder(struct lint_git *g, struct str path)
{
	if (g->off)
		return NULL;
	lint_watch_file(&g->l->watch, g->l->tree.shown, arena_printf(g->l->s.arena, "%.*s.gitignore", STR_ARG(path)));
	return known(g, path)->list;
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

enum git_file
lint_git_file(struct lint *l, struct str path)
{
	struct lint_git *g = git_of(l);
	struct lint_git_list *list = NULL;
	size_t n = 0, cap = 0;
	bool nested = false, ignored = false;

	read_lists(g);
	for (size_t at = 0; at <= path.n;) {
		const struct lint_git_known *k = known(g, str_head(path, at));
		size_t slash = str_chr(path, '/', at);

		nested |= k->nested;
		if (k->list != NULL && !ignored) {
			MEM_GROW(list, cap, n + 1);
			list[n++] = (struct lint_git_list){ .list = k->list, .path_n = at };
		}
		ignored = ignored || is_ignored(g, list, n, str_head(path, slash), slash != SIZE_MAX);
		at = slash == SIZE_MAX ? path.n + 1 : slash + 1;
	}
	free(list);
	if (!g->unsure && !nested && tracked_has(&g->tracked, path))
		return GIT_FILE_OPEN;
	/* lists that take too long hide nothing from the walk; here they do */
	if (ignored || g->left == 0)
		return g->unsure || nested ? GIT_FILE_UNSURE : GIT_FILE_IGNORED;
	return g->unsure || nested ? GIT_FILE_OPEN : GIT_FILE_NEW;
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
