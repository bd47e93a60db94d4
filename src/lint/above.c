/* SPDX-License-Identifier: MIT */
/* The settings of a part of a tree: those of the folder above it that stands for the whole. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "lint/above.h"

/* The real path of a folder without a slash at its end; "" for / and when it cannot be had. */
static struct str
real_path(struct arena *a, const char *dir)
{
	char *real = realpath(dir, NULL);
	struct str s = arena_str(a, str_c(real));

	free(real);
	return str_eqc(s, "/") ? STR("") : s;
}

static bool
has(struct arena *a, struct str dir, const char *name, bool is_file)
{
	struct stat st;

	return lstat(arena_printf(a, "%.*s/%s", STR_ARG(dir), name).p, &st) == 0 && (!is_file || S_ISREG(st.st_mode));
}

static bool
is_in(struct str path, struct str folder)
{
	return str_starts(path, folder) && (path.n == folder.n || path.p[folder.n] == '/');
}

static struct str
above(struct str path)
{
	while (path.n > 0 && path.p[path.n - 1] != '/')
		path.n--;
	return str_head(path, path.n > 0 ? path.n - 1 : 0);
}

/* The folder, or the nearest above it, that is the top of a repository; "": none is. */
static struct str
repository_of(struct arena *a, struct str folder)
{
	while (folder.n > 0 && !has(a, folder, ".git", false))
		folder = above(folder);
	return folder;
}

/* How people see a folder from the current one; ends in a slash. */
static struct str
shown_from(struct arena *a, struct str folder, struct str here)
{
	struct buf b = { 0 };
	struct str out;

	if (is_in(folder, here)) {
		buf_add(&b, str_from(folder, here.n + (folder.n > here.n)));
		buf_addc(&b, folder.n > here.n ? "/" : "");
	} else if (is_in(here, folder)) {
		for (; here.n > folder.n; here = above(here))
			buf_addc(&b, "../");
	} else {
		buf_add(&b, folder);
		buf_addch(&b, '/');
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

struct str
lint_settings_above(struct arena *a, struct str dir, struct str *ret_below)
{
	struct str here = real_path(a, "."), top = real_path(a, dir.n > 0 ? arena_strz(a, dir) : ".");
	struct str at, found = { NULL, 0 };

	for (at = top; at.n > 0; at = above(at)) {
		bool whole = has(a, at, ".git", false);

		if (found.p == NULL && at.n < top.n && has(a, at, LINT_SETTINGS, true))
			found = at;
		if (found.p != NULL && (whole || is_in(found, here))) {
			*ret_below = arena_printf(a, "%.*s/", STR_ARG(str_from(top, found.n + 1)));
			return shown_from(a, found, here);
		}
		if (whole)
			break;
	}
	return (struct str){ NULL, 0 };
}

struct str
lint_repository_below(struct arena *a, struct str path)
{
	struct str here = real_path(a, "."), at = repository_of(a, above(path));

	if (at.n == 0 || !has(a, at, LINT_SETTINGS, true))
		return STR("");
	/* a link would lead elsewhere than what is looked at below the current folder */
	return str_eq(real_path(a, arena_strz(a, at)), arena_printf(a, "%.*s/%.*s", STR_ARG(here), STR_ARG(at))) ?
	    at :
	    STR("");
}

static struct str
real_path_of(struct arena *a, struct str dir)
{
	return real_path(a, dir.n > 0 ? arena_strz(a, dir) : ".");
}

static struct str
real_folder(struct arena *a, struct str file)
{
	size_t n = file.n;

	while (n > 0 && file.p[n - 1] != '/')
		n--;
	return real_path_of(a, str_head(file, n));
}

bool
lint_side_by_side(struct arena *a, struct str file, struct str dir)
{
	struct str here = real_path_of(a, dir), top = real_folder(a, file), at = repository_of(a, here);

	return at.n > 0 && at.n < here.n && is_in(top, at) && !is_in(here, top);
}

struct str
lint_top_of(struct arena *a, struct str file, struct str dir, bool *ret_apart)
{
	struct str here = real_path_of(a, dir), top = real_folder(a, file), at = here;

	*ret_apart = false;
	if (here.n <= top.n || !is_in(here, top))
		return (struct str){ NULL, 0 };
	/* a .git on the way ends the repository; one at the folder, or above it, holds both */
	while (at.n > 0 && !has(a, at, ".git", false))
		at = above(at);
	*ret_apart = at.n == 0 || !is_in(top, at);
	return *ret_apart ? (struct str){ NULL, 0 } : top;
}

struct str
lint_from_top(struct arena *a, struct str top, struct str dir)
{
	struct str real = top.p != NULL ? real_path_of(a, dir) : STR("");

	if (real.n <= top.n || !is_in(real, top))
		return STR("");
	return arena_printf(a, "%.*s/", STR_ARG(str_from(real, top.n + 1)));
}

struct str
lint_names_of(struct arena *a, struct str dir)
{
	struct str here = real_path_of(a, dir), top = repository_of(a, here);

	if (here.n == 0)
		return STR("");
	if (top.n == 0)
		top = above(here);
	else if (str_eqc(str_base(top), ".ssh"))
		top = above(top);
	return top.n < here.n ? arena_printf(a, "%.*s/", STR_ARG(str_from(here, top.n + 1))) : STR("");
}

/* The part of an absolute path behind the folder that we are in; p == NULL: it does not name that. */
static struct str
behind_here(struct arena *a, struct str path)
{
	struct stat here, root, st;

	if (path.n == 0 || path.p[0] != '/' || stat(".", &here) != 0 || stat("/", &root) != 0 ||
	    (here.st_dev == root.st_dev && here.st_ino == root.st_ino))
		return (struct str){ NULL, 0 };
	for (size_t i = 1; i <= path.n; i++) {
		if ((i < path.n && path.p[i] != '/') || stat(arena_strz(a, str_head(path, i)), &st) != 0 ||
		    st.st_dev != here.st_dev || st.st_ino != here.st_ino)
			continue;
		while (i < path.n && path.p[i] == '/')
			i++;
		return str_from(path, i);
	}
	return (struct str){ NULL, 0 };
}

struct str
lint_below_here(struct arena *a, struct str path)
{
	struct str rest = behind_here(a, path), real, here, words = rest, part;
	char *found;

	if (rest.p == NULL)
		return path;
	here = real_path(a, ".");
	found = realpath(arena_strz(a, path), NULL);
	real = arena_str(a, str_c(found));
	free(found);
	/* a link of that name that leads elsewhere is what whoever typed it means */
	if (real.n > 0 && !is_in(real, here))
		return path;
	while (str_split(&words, '/', &part))
		if (str_eqc(part, "..")) {
			if (real.n == 0)
				return path;
			rest = str_from(real, here.n + (real.n > here.n));
			break;
		}
	return rest.n > 0 ? rest : STR(".");
}
