/* SPDX-License-Identifier: MIT */
/* The way to a file that the command line names, step by step. */
#define _GNU_SOURCE /* O_PATH: a folder on the way need not be readable */
#include "cli/named.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAY = O_PATH | O_DIRECTORY | O_CLOEXEC };

static bool
is_same(const struct stat *x, const struct stat *y)
{
	return x->st_dev == y->st_dev && x->st_ino == y->st_ino;
}

/* The folders that are trees; "/" is where a container starts its programs, and nobody's checkout. */
static size_t
find_tops(struct arena *a, const struct opt_list *tops, struct stat *ret)
{
	struct stat root;
	size_t n = 0;

	if (tops == NULL || stat("/", &root) != 0)
		return 0;
	for (size_t i = 0; i <= tops->n; i++) {
		const char *z = i < tops->n ? arena_strz(a, tops->v[i]) : ".";

		if (stat(z, &ret[n]) == 0 && S_ISDIR(ret[n].st_mode) && !is_same(&ret[n], &root))
			n++;
	}
	return n;
}

/* Is the folder one of them, or below one?  What cannot be told counts as yes. */
static bool
is_below(int dir, const struct stat *top, size_t n)
{
	int at = n > 0 ? openat(dir, ".", WAY) : -1;
	struct stat st, was = { 0 };
	bool found = n > 0;

	while (at >= 0 && fstat(at, &st) == 0) {
		int up;

		found = false;
		for (size_t i = 0; i < n && !found; i++)
			found = is_same(&st, &top[i]);
		if (found || is_same(&st, &was))
			break;
		was = st;
		found = true;
		up = openat(at, "..", WAY);
		(void)close(at);
		at = up;
	}
	if (at >= 0)
		(void)close(at);
	return found;
}

/* One folder further: -1 and errno. */
static int
step(int dir, const char *name, const struct stat *top, size_t n)
{
	int next = openat(dir, name, WAY | O_NOFOLLOW);
	struct stat st;

	if (next >= 0 || (errno != ENOTDIR && errno != ELOOP))
		return next;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return -1;
	if (S_ISLNK(st.st_mode) && !is_below(dir, top, n))
		return openat(dir, name, WAY);
	errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return -1;
}

bool
named_open(struct arena *a, struct str path, const struct opt_list *tops, struct named *ret)
{
	struct stat *top = ARENA_ARRAY(a, struct stat, (tops != NULL ? tops->n : 0) + 1);
	size_t n = find_tops(a, tops, top);
	struct str rest = path, part;
	int dir = path.n > 0 ? open(path.p[0] == '/' ? "/" : ".", WAY) : -1;

	if (path.n == 0)
		errno = ENOENT;
	if (dir < 0)
		return false;
	while (str_split(&rest, '/', &part)) {
		int next, why;

		if (rest.p == NULL) {
			*ret = (struct named){ .dir = dir,
				.name = part.n > 0 ? arena_strz(a, part) : ".",
				.in_tree = is_below(dir, top, n) };
			return true;
		}
		if (part.n == 0)
			continue;
		next = step(dir, arena_strz(a, part), top, n);
		why = errno;
		(void)close(dir);
		errno = why;
		if (next < 0)
			return false;
		dir = next;
	}
	(void)close(dir);
	errno = ENOENT;
	return false;
}

int
named_fd(const struct named *x, int flags, mode_t mode)
{
	return openat(x->dir, x->name, flags | O_CLOEXEC | (x->in_tree ? O_NOFOLLOW : 0), mode);
}

void
named_close(const struct named *x)
{
	(void)close(x->dir);
}

enum sk_code
named_say(struct err *e, enum sk_code code, const char *what, struct str path)
{
	if (errno == ELOOP)
		return err_set(e, code, "%s %.*s: links of a tree are not followed", what, STR_ARG(path));
	return err_sys(e, code, errno, "%s %.*s", what, STR_ARG(path));
}
