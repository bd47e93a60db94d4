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
