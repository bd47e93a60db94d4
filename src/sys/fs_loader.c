/* SPDX-License-Identifier: MIT */
/* The loader over a real disk: regular files only, below the root only, 64 MiB at most. */
#define _XOPEN_SOURCE 700 /* realpath(3) */
#include "sys/fs_loader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/fs_glob.h"
#include "sys/users.h"

enum { LINKS_MAX = 40, READ_CHUNK = 65536, ID_ROOT = 0 };

/* A path that is being walked below a root: what is done, and what is still to do. */
struct walk {
	char done[PATH_MAX]; /* starts with the root; never ends in a slash */
	char rest[PATH_MAX];
	size_t root_n, done_n;
	unsigned links;
};

static bool
too_long(void)
{
	errno = ENAMETOOLONG;
	return false;
}

static void
walk_up(struct walk *w)
{
	while (w->done_n > w->root_n && w->done[w->done_n - 1] != '/')
		w->done_n--;
	if (w->done_n > w->root_n)
		w->done_n--;
	w->done[w->done_n] = '\0';
}

/* w->done ends in a symbolic link: put its target in front of the rest. */
static bool
walk_link(struct walk *w)
{
	char target[PATH_MAX];
	ssize_t n = readlink(w->done, target, sizeof target - 1);
	size_t rest_n = strlen(w->rest);

	if (n < 0)
		return false;
	if (++w->links > LINKS_MAX) {
		errno = ELOOP;
		return false;
	}
	if ((size_t)n + 1 + rest_n >= sizeof w->rest)
		return too_long();
	memmove(w->rest + n + 1, w->rest, rest_n + 1);
	memcpy(w->rest, target, (size_t)n);
	w->rest[n] = '/';
	if (target[0] == '/') {
		w->done_n = w->root_n;
		w->done[w->done_n] = '\0';
	} else {
		walk_up(w);
	}
	return true;
}

/* Take one component off the rest.  False with errno; *ret_more false when nothing is left. */
static bool
walk_step(struct walk *w, bool keep_link, bool *ret_more)
{
	struct stat st;
	char *p = w->rest, *end;
	size_t n;

	while (*p == '/')
		p++;
	end = p + strcspn(p, "/");
	n = (size_t)(end - p);
	*ret_more = n != 0;
	if (n == 0)
		return true;
	if (n == 2 && p[0] == '.' && p[1] == '.') {
		walk_up(w);
	} else if (n != 1 || p[0] != '.') {
		if (w->done_n + 1 + n >= sizeof w->done)
			return too_long();
		w->done[w->done_n] = '/';
		memcpy(w->done + w->done_n + 1, p, n);
		w->done_n += 1 + n;
		w->done[w->done_n] = '\0';
	}
	memmove(w->rest, end, strlen(end) + 1);
	if (lstat(w->done[0] != '\0' ? w->done : "/", &st) != 0)
		return false;
	if (S_ISLNK(st.st_mode) && !(keep_link && w->rest[strspn(w->rest, "/")] == '\0'))
		return walk_link(w);
	return true;
}

static bool
is_literal(const struct fs_tree *t, struct str name)
{
	for (size_t i = 0; i < t->n_literal; i++)
		if (str_eq(t->literal[i], name))
			return true;
	return false;
}

/* The walk; *w holds how far it came even when it fails. */
static bool
walk_all(const struct fs_tree *t, struct str name, bool keep_link, struct walk *w)
{
	bool more = true;

	w->root_n = w->done_n = strlen(t->root);
	w->links = 0;
	if (w->root_n >= sizeof w->done || name.n >= sizeof w->rest)
		return too_long();
	memcpy(w->done, t->root, w->root_n + 1);
	memcpy(w->rest, name.p, name.n);
	w->rest[name.n] = '\0';
	while (more)
		if (!walk_step(w, keep_link, &more))
			return false;
	return true;
}

bool
fs_locate(const struct fs_tree *t, struct arena *a, struct str name, bool keep_link, struct str *ret)
{
	struct walk w;
	char real[PATH_MAX];

	if (name.n == 0 || memchr(name.p, '\0', name.n) != NULL) {
		errno = ENOENT;
		return false;
	}
	if (*t->root == '\0' || is_literal(t, name)) {
		const char *z = arena_strz(a, name);
		struct stat st;

		if (keep_link) {
			if (lstat(z, &st) != 0)
				return false;
			*ret = str_c(z);
			return true;
		}
		if (realpath(z, real) == NULL)
			return false;
		*ret = arena_str(a, str_c(real));
		return true;
	}
	if (!walk_all(t, name, keep_link, &w))
		return false;
	*ret = arena_str(a, w.done_n != 0 ? str_c(w.done) : STR("/"));
	return true;
}

struct str
fs_place(const struct fs_tree *t, struct arena *a, struct str name)
{
	struct str real, head = name;

	/* the writer follows the links itself, and looks at whose they are */
	if (*t->root == '\0' || is_literal(t, name))
		return name;
	if (fs_locate(t, a, name, false, &real))
		return real;
	/* the deepest folder that is there is resolved below the root, so that no absolute link leads out of it */
	while (head.n > 0) {
		while (head.n > 0 && head.p[head.n - 1] != '/')
			head.n--;
		while (head.n > 0 && head.p[head.n - 1] == '/')
			head.n--;
		if (head.n > 0 && fs_locate(t, a, head, false, &real))
			return arena_printf(a, "%.*s%.*s", STR_ARG(real), STR_ARG(str_from(name, head.n)));
	}
	return arena_printf(a, "%s%s%.*s", t->root, name.n != 0 && name.p[0] == '/' ? "" : "/", STR_ARG(name));
}

/* What ssh asks before it trusts a user's file.  Source: readconf.c read_config_file_depth(), reference 2.2. */
static bool
permissions_bad(const struct fs_tree *t, struct arena *a, const struct stat *st)
{
	if (st->st_uid != ID_ROOT && st->st_uid != t->uid && st->st_uid != t->root_owner)
		return true;
	if ((st->st_mode & S_IWOTH) != 0)
		return true;
	if ((st->st_mode & S_IWGRP) == 0)
		return false;
	return !t->debian || !group_is_private(t, a, st->st_gid, st->st_uid);
}

static const char *
special_name(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "is a FIFO";
	if (S_ISSOCK(mode))
		return "is a socket";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "is a device";
	return "is no regular file";
}

void
fs_loaded_state(struct loaded *ret, enum loader_state state, const char *reason)
{
	ret->state = state;
	ret->reason = str_c(reason);
}

void
fs_loaded_errno(struct arena *a, struct loaded *ret, int sys_errno)
{
	bool absent = sys_errno == ENOENT || sys_errno == ENOTDIR;

	ret->state = absent ? LOADER_ABSENT : LOADER_UNREADABLE;
	ret->reason = arena_str(a, str_c(strerror(sys_errno)));
}

void
fs_read_fd(int fd, size_t hint, struct arena *a, struct loaded *ret)
{
	size_t cap = hint < FS_MAX_BYTES ? hint + 1 : FS_MAX_BYTES + 1, n = 0;
	char *p = arena_alloc(a, cap);

	for (;;) {
		ssize_t got;

		if (n == cap && cap > FS_MAX_BYTES) {
			fs_loaded_state(ret, LOADER_TOOBIG, "is larger than 64 MiB");
			return;
		}
		if (n == cap) {
			size_t more = cap * 2 < FS_MAX_BYTES ? cap * 2 : FS_MAX_BYTES + 1;
			char *wider = arena_alloc(a, more);

			memcpy(wider, p, n);
			p = wider;
			cap = more;
		}
		got = read(fd, p + n, cap - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			fs_loaded_errno(a, ret, errno);
			return;
		}
		if (got == 0)
			break;
		n += (size_t)got;
	}
	ret->state = LOADER_FILE;
	ret->bytes = (struct str){ p, n };
}

/* Type and owner decide before anything is opened: opening a FIFO or a device may block or do something. */
static bool
may_open(const struct fs_tree *t, struct arena *a, const struct stat *st, struct loaded *ret)
{
	ret->perm_known = true;
	ret->uid = st->st_uid;
	ret->gid = st->st_gid;
	ret->mode = st->st_mode & 07777;
	ret->bad_perm = permissions_bad(t, a, st);
	if (S_ISDIR(st->st_mode)) {
		fs_loaded_state(ret, LOADER_DIR, "is a directory");
		return false;
	}
	if (!S_ISREG(st->st_mode)) {
		fs_loaded_state(ret, LOADER_SPECIAL, special_name(st->st_mode));
		return false;
	}
	if (st->st_size > FS_MAX_BYTES) {
		fs_loaded_state(ret, LOADER_TOOBIG, "is larger than 64 MiB");
		return false;
	}
	return true;
}

/* Where path is and what stands there; *ret_real, terminated, only when it may be opened. */
static bool
look(const struct fs_tree *t, struct arena *a, struct str path, struct loaded *ret, const char **ret_real)
{
	struct str real, link;
	struct stat st;

	*ret = (struct loaded){ 0 };
	if (!fs_locate(t, a, path, false, &real)) {
		int why = errno;

		fs_loaded_errno(a, ret, why);
		ret->dangling = ret->state == LOADER_ABSENT && fs_locate(t, a, path, true, &link);
		return false;
	}
	*ret_real = arena_strz(a, real);
	if (stat(*ret_real, &st) != 0) {
		fs_loaded_errno(a, ret, errno);
		return false;
	}
	return may_open(t, a, &st, ret);
}

void
fs_look(const struct fs_tree *t, struct arena *a, struct str path, struct loaded *ret)
{
	const char *real;

	if (look(t, a, path, ret, &real))
		ret->state = LOADER_FILE;
}

void
fs_read(const struct fs_tree *t, struct arena *a, struct str path, struct loaded *ret)
{
	const char *real;
	struct stat st;
	int fd;

	if (!look(t, a, path, ret, &real))
		return;
	fd = open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
	if (fd < 0) {
		fs_loaded_errno(a, ret, errno);
		return;
	}
	/* the name may have changed hands since */
	if (fstat(fd, &st) != 0)
		fs_loaded_errno(a, ret, errno);
	else if (may_open(t, a, &st, ret))
		fs_read_fd(fd, st.st_size > 0 ? (size_t)st.st_size : READ_CHUNK, a, ret);
	close(fd);
}

static const struct fs_over *
find_over(const struct fs_tree *t, struct str name)
{
	for (size_t i = 0; i < t->n_over; i++)
		if (str_eq(t->over[i].name, name))
			return &t->over[i];
	return NULL;
}

void
fs_read_stdin(const struct fs_tree *t, struct arena *a, struct loaded *ret)
{
	const struct fs_over *over = find_over(t, STR("(stdin)"));

	*ret = (struct loaded){ 0 };
	if (over != NULL)
		*ret = (struct loaded){ .state = LOADER_FILE, .bytes = over->bytes };
	else
		fs_read_fd(STDIN_FILENO, READ_CHUNK, a, ret);
}

static void
loader_read(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	const struct fs_over *over = find_over(ctx, path);

	fs_read(ctx, a, path, ret);
	if (over == NULL)
		return;
	ret->state = LOADER_FILE;
	ret->bytes = over->bytes;
	ret->reason = (struct str){ 0 };
}

static int
compare_paths(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* A file that a fix would make is there as well. */
static void
loader_glob(
    void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	const struct fs_tree *t = ctx;
	struct str *v;
	size_t n;

	fs_glob(t, a, pattern, tilde, ret, ret_n, ret_capped);
	if (t->n_over == 0)
		return;
	n = *ret_n;
	v = ARENA_ARRAY(a, struct str, n + t->n_over);
	if (n > 0)
		memcpy(v, *ret, n * sizeof *v);
	for (size_t i = 0; i < t->n_over; i++) {
		struct str name = t->over[i].name;
		size_t k = 0;

		while (k < *ret_n && !str_eq(v[k], name))
			k++;
		if (k == *ret_n && fs_glob_path(pattern, name))
			v[n++] = name;
	}
	qsort(v, n, sizeof *v, compare_paths);
	*ret = v;
	*ret_n = n;
}

void
fs_loader_init(struct fs_tree *t, struct loader *ret)
{
	ret->ctx = t;
	ret->part = false;
	ret->read = loader_read;
	ret->glob = loader_glob;
}
