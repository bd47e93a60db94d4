/* SPDX-License-Identifier: MIT */
/* Opening below one root directory, component by component. */
#define _GNU_SOURCE /* O_PATH, DT_UNKNOWN */
#include "detect/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEPTH_MAX = 64, LINKS_MAX = 40 };

/* A walk in progress: the open directories from the root down, and the text that is still to be walked. */
struct walk {
	int fd[DEPTH_MAX];
	int n;
	char rest[2 * PATH_MAX];
	int links;
};

/* Where a walk ended.  parent and name are unset when that is the root itself. */
struct place {
	int fd, parent;
	char name[NAME_MAX + 1];
	struct stat st;
};

static void
walk_pop(struct walk *w, int to)
{
	while (w->n > to)
		(void)close(w->fd[--w->n]);
}

/* Take the next component off the text; false at its end. */
static bool
walk_next(struct walk *w, char name[static NAME_MAX + 1], int *ret_errno)
{
	const char *p = w->rest;
	size_t n;

	while (*p == '/')
		p++;
	n = strcspn(p, "/");
	if (n == 0)
		return false;
	if (n > NAME_MAX) {
		*ret_errno = ENAMETOOLONG;
		return false;
	}
	memcpy(name, p, n);
	name[n] = '\0';
	p += n;
	memmove(w->rest, p, strlen(p) + 1);
	return true;
}

/* Put a link's target in front of the text. */
static int
walk_link(struct walk *w, int link)
{
	char target[PATH_MAX];
	ssize_t n;
	size_t rest_n = strlen(w->rest);

	if (++w->links > LINKS_MAX)
		return ELOOP;
	n = readlinkat(link, "", target, sizeof(target));
	if (n < 0)
		return errno;
	if (n == 0 || (size_t)n >= sizeof(target) || (size_t)n + rest_n + 2 > sizeof(w->rest))
		return ENAMETOOLONG;
	memmove(w->rest + n + 1, w->rest, rest_n + 1);
	memcpy(w->rest, target, (size_t)n);
	w->rest[n] = '/';
	if (target[0] == '/')
		walk_pop(w, 1);
	return 0;
}

static bool
only_slashes(const char *s)
{
	return s[strspn(s, "/")] == '\0';
}

/* One component below the innermost open directory. */
static int
walk_step(struct walk *w, const char *name, bool follow, struct place *at)
{
	int fd, r;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0) {
		walk_pop(w, w->n > 1 ? w->n - 1 : 1);
		return 0;
	}
	if (w->n == DEPTH_MAX)
		return ENAMETOOLONG;
	fd = openat(w->fd[w->n - 1], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (fstat(fd, &at->st) != 0) {
		r = errno;
		(void)close(fd);
		return r;
	}
	if (S_ISLNK(at->st.st_mode) && (follow || !only_slashes(w->rest))) {
		r = walk_link(w, fd);
		(void)close(fd);
		return r;
	}
	w->fd[w->n++] = fd;
	memcpy(at->name, name, strlen(name) + 1);
	return 0;
}

/*
 * Walk to path.  Returns 0 or an errno; on success the caller closes at->fd and, unless -1, at->parent.
 * The name in *at is of the last component opened, so a path that ends in ".." has the wrong one: callers
 * that use it check the inode again.
 */
static int
walk_to(const struct root *r, const char *path, bool follow, struct place *at)
{
	struct walk w = { .n = 0 };
	char name[NAME_MAX + 1];
	int err = 0;

	if (r->fd < 0)
		return ENOENT;
	if (strlen(path) >= sizeof(w.rest))
		return ENAMETOOLONG;
	memcpy(w.rest, path, strlen(path) + 1);
	w.fd[0] = fcntl(r->fd, F_DUPFD_CLOEXEC, 0);
	if (w.fd[0] < 0)
		return errno;
	w.n = 1;
	while (err == 0 && walk_next(&w, name, &err))
		err = walk_step(&w, name, follow, at);
	if (err == 0 && fstat(w.fd[w.n - 1], &at->st) != 0)
		err = errno;
	if (err != 0) {
		walk_pop(&w, 0);
		return err;
	}
	at->fd = w.fd[--w.n];
	at->parent = w.n > 0 ? w.fd[--w.n] : -1;
	walk_pop(&w, 0);
	return 0;
}

static void
place_close(struct place *at)
{
	(void)close(at->fd);
	if (at->parent >= 0)
		(void)close(at->parent);
}

static enum sk_code
fail(struct err *e, int sys_errno)
{
	enum sk_code code = SK_EREAD;

	if (sys_errno == ENOENT || sys_errno == ENOTDIR) {
		code = err_set(e, SK_ENOENT, "no such file");
	} else if (sys_errno == EACCES || sys_errno == EPERM) {
		code = err_set(e, SK_EREAD, "permission denied");
	} else if (sys_errno == ELOOP) {
		code = err_set(e, SK_EREAD, "too many symbolic links");
	} else {
		code = err_set(e, SK_EREAD, "%s", strerror(sys_errno));
	}
	if (e != NULL)
		e->sys_errno = sys_errno;
	return code;
}

enum sk_code
root_open(struct root *r, const char *dir, struct err *e)
{
	r->direct = strcmp(dir, "/") == 0;
	r->fd = -1;
	if (r->direct)
		return SK_OK;
	r->fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return r->fd < 0 ? fail(e, errno) : SK_OK;
}

void
root_close(struct root *r)
{
	if (r->fd >= 0)
		(void)close(r->fd);
	r->fd = -1;
	r->direct = false;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return S_ISREG(b->st_mode) && a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int
not_regular(const struct stat *st)
{
	return S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
}

/* The kernel's own trees hold nothing that does harm when it is opened: one look, behind the opening, is enough. */
static int
open_kernel(const char *path, int *ret_fd, off_t *ret_size)
{
	struct stat st = { 0 };
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), why;

	if (fd < 0)
		return errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		why = not_regular(&st);
		(void)close(fd);
		return why;
	}
	*ret_fd = fd;
	*ret_size = st.st_size;
	return 0;
}

/*
 * Below the system's own root.  stat(2) looks first, so a FIFO or device is not even opened; if somebody swaps the
 * file in between, O_NONBLOCK and the second look catch it.  The inodes of /proc come and go: look again then.
 */
static int
open_direct(const char *path, int *ret_fd, off_t *ret_size)
{
	enum { TRIES = 4 };
	static const char *const kernel[] = { "/proc/sys/", "/proc/net/", "/sys/" };
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat st, now;

	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++)
		if (strncmp(path, kernel[i], strlen(kernel[i])) == 0)
			return open_kernel(path, ret_fd, ret_size);
	for (int i = 0; i < TRIES; i++) {
		int fd;

		if (stat(path, &st) != 0)
			return errno;
		if (!S_ISREG(st.st_mode))
			return not_regular(&st);
		fd = open(path, flags);
		if (fd < 0)
			return errno;
		if (fstat(fd, &now) == 0 && same_file(&st, &now)) {
			*ret_fd = fd;
			*ret_size = now.st_size;
			return 0;
		}
		(void)close(fd);
	}
	return ESTALE;
}

/*
 * Open a regular file for reading.  The O_PATH descriptor was looked at first, so a FIFO or device is not
 * even opened; if somebody swaps the file in between, O_NONBLOCK and the second look catch it.
 */
static int
open_regular(const struct root *r, const char *path, int *ret_fd, off_t *ret_size)
{
	struct place at = { .fd = -1, .parent = -1 };
	struct stat st;
	int err, fd;

	if (r->direct)
		return open_direct(path, ret_fd, ret_size);
	err = walk_to(r, path, true, &at);
	if (err != 0)
		return err;
	if (!S_ISREG(at.st.st_mode) || at.parent < 0) {
		err = not_regular(&at.st);
		place_close(&at);
		return err;
	}
	fd = openat(at.parent, at.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	err = fd < 0 ? errno : 0;
	place_close(&at);
	if (err != 0)
		return err;
	if (fstat(fd, &st) != 0 || !same_file(&at.st, &st)) {
		(void)close(fd);
		return ESTALE;
	}
	*ret_fd = fd;
	*ret_size = st.st_size;
	return 0;
}

/*
 * Read up to max bytes; *ret_more tells whether there were more.  Returns 0 or an errno.  size is what fstat(2) said:
 * a file of that many bytes is at its end, but those of /proc and /sys, which tell 0 or 4096, must be asked.
 */
static int
slurp(int fd, size_t max, off_t size, struct buf *ret, bool *ret_more)
{
	const size_t block = 16384;
	size_t want;
	ssize_t n;

	*ret_more = false;
	for (;;) {
		want = max - ret->n + 1; /* one more than allowed, to see whether there is more */
		if (want > block)
			want = size > 0 && (uintmax_t)size < max && (uintmax_t)size >= ret->n + block ?
			    (size_t)size - ret->n + 1 :
			    block;
		n = read(fd, buf_room(ret, want), want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if ((size_t)n > max - ret->n) {
			n = (ssize_t)(max - ret->n);
			*ret_more = true;
		}
		ret->n += (size_t)n;
		ret->p[ret->n] = '\0';
		if (n == 0 || *ret_more || (size > 0 && (uintmax_t)size == ret->n))
			return 0;
	}
}

/* The codes of open_regular() and slurp(). */
static enum sk_code
fail_file(struct err *e, int err)
{
	if (err == EINVAL)
		return err_set(e, SK_EREAD, "not a regular file");
	if (err == EISDIR)
		return err_set(e, SK_EREAD, "a directory");
	return fail(e, err);
}

static enum sk_code
read_file(const struct root *r, const char *path, size_t max, bool head, struct buf *ret, struct err *e)
{
	bool more = false;
	off_t size = 0;
	int fd = -1, err;

	err = open_regular(r, path, &fd, &size);
	if (err != 0)
		return fail_file(e, err);
	err = slurp(fd, max, size, ret, &more);
	(void)close(fd);
	if (err == 0 && (!more || head))
		return SK_OK;
	buf_release(ret);
	if (err != 0)
		return fail(e, err);
	return err_set(e, SK_ETOOBIG, "larger than %zu bytes", max);
}

enum sk_code
root_read(const struct root *r, const char *path, size_t max, struct buf *ret, struct err *e)
{
	return read_file(r, path, max, false, ret, e);
}

enum sk_code
root_read_head(const struct root *r, const char *path, size_t max, struct buf *ret, struct err *e)
{
	return read_file(r, path, max, true, ret, e);
}

enum sk_code
root_fd(const struct root *r, const char *path, int *ret_fd, struct err *e)
{
	off_t size;
	int err = open_regular(r, path, ret_fd, &size);

	return err == 0 ? SK_OK : fail_file(e, err);
}

static int
name_cmp(const void *x, const void *y)
{
	const struct str *a = x, *b = y;

	return str_cmp(*a, *b);
}

/* DT_ and not S_IF: what readdir(3) says needs no look at the file itself. */
static enum root_kind
kind_of(const struct dirent *de)
{
	switch (de->d_type) {
	case DT_UNKNOWN:
		return ROOT_UNKNOWN;
	case DT_DIR:
		return ROOT_DIR;
	case DT_SOCK:
		return ROOT_SOCK;
	default:
		return ROOT_OTHER;
	}
}

/* Collect the names of an open directory that keep wants.  Returns the code; dir stays open. */
static enum sk_code
list_names(DIR *dir, struct arena *a, root_keep *keep, void *ctx, struct str **ret, size_t *ret_n, struct err *e)
{
	struct str *name = NULL;
	size_t n = 0, cap = 0, seen = 0;
	struct dirent *de;

	for (;;) {
		errno = 0;
		de = readdir(dir);
		if (de == NULL)
			break;
		if (strcmp(de->d_name, ".") == 0 || strcmp(de->d_name, "..") == 0)
			continue;
		if (seen++ == ROOT_LIST_MAX)
			return err_set(e, SK_ETOOBIG, "more than %d entries", (int)ROOT_LIST_MAX);
		if (keep != NULL && !keep(ctx, str_c(de->d_name), kind_of(de)))
			continue;
		ARENA_GROW(a, name, n, cap);
		name[n++] = arena_str(a, str_c(de->d_name));
	}
	if (errno != 0)
		return fail(e, errno);
	if (n > 0)
		qsort(name, n, sizeof(*name), name_cmp);
	*ret = name;
	*ret_n = n;
	return SK_OK;
}

/* An open directory, or an errno.  A path that ends in something else gives EINVAL. */
static int
open_dir(const struct root *r, const char *path, int *ret_fd)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC;
	struct place at = { .fd = -1, .parent = -1 };
	struct stat st;
	int err, fd;

	if (r->direct) {
		/* O_DIRECTORY fails before anything else is opened */
		fd = open(path, flags);
		err = fd < 0 ? errno : 0;
		if (err == ENOTDIR && stat(path, &st) == 0)
			err = EINVAL;
	} else {
		err = walk_to(r, path, true, &at);
		if (err != 0)
			return err;
		if (!S_ISDIR(at.st.st_mode)) {
			place_close(&at);
			return EINVAL;
		}
		fd = openat(at.fd, ".", flags);
		err = fd < 0 ? errno : 0;
		place_close(&at);
	}
	if (err == 0)
		*ret_fd = fd;
	return err;
}

enum sk_code
root_list_if(const struct root *r, const char *path, root_keep *keep, void *ctx, struct arena *a, struct str **ret,
    size_t *ret_n, struct err *e)
{
	enum sk_code code;
	DIR *dir;
	int fd = -1, err = open_dir(r, path, &fd);

	if (err == EINVAL)
		return err_set(e, SK_EREAD, "not a directory");
	if (err != 0)
		return fail(e, err);
	dir = fdopendir(fd);
	if (dir == NULL) {
		err = errno;
		(void)close(fd);
		return fail(e, err);
	}
	code = list_names(dir, a, keep, ctx, ret, ret_n, e);
	(void)closedir(dir);
	return code;
}

enum sk_code
root_list(const struct root *r, const char *path, struct arena *a, struct str **ret, size_t *ret_n, struct err *e)
{
	return root_list_if(r, path, NULL, NULL, a, ret, ret_n, e);
}

enum sk_code
root_stat(const struct root *r, const char *path, bool follow, struct stat *ret, struct err *e)
{
	struct place at = { .fd = -1, .parent = -1 };
	int err;

	if (r->direct) {
		if (fstatat(AT_FDCWD, path, &at.st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
			return fail(e, errno);
		*ret = at.st;
		return SK_OK;
	}
	err = walk_to(r, path, follow, &at);
	if (err != 0)
		return fail(e, err);
	place_close(&at);
	*ret = at.st;
	return SK_OK;
}

bool
root_exists(const struct root *r, const char *path)
{
	struct stat st;

	return root_stat(r, path, true, &st, NULL) == SK_OK;
}
