/* SPDX-License-Identifier: MIT */
/* From a path to an open folder and a name in it, every link followed once and looked at. */
#define _GNU_SOURCE /* O_PATH: a folder on the way need not be readable */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "edit/fs.h"

enum { LINKS_MAX = 40, MODE_DIR = 0700 }; /* as path_resolution(7) */

struct walk {
	const struct fs_ops *fs;
	struct arena *a;
	struct str path; /* as it was given, for messages */
	int dir;
	struct buf where; /* of dir, "" for the root */
	struct str rest;
	size_t tail; /* where rest is longer, it begins in the text of a link */
	unsigned links;
	uid_t top; /* owner of the root folder: whoever that is rules all of this */
	bool foreign;
	uid_t by; /* foreign: whose link was followed */
};

static enum sk_code
step_to(struct walk *w, const char *name, struct err *e)
{
	int fd = w->fs->openat(w->dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);

	if (fd < 0)
		return fs_say(e, w->path, errno, "its folder cannot be opened");
	if (w->dir != AT_FDCWD)
		(void)w->fs->close(w->dir);
	w->dir = fd;
	return SK_OK;
}

static enum sk_code
start(struct walk *w, struct err *e)
{
	struct stat st;
	enum sk_code code;

	buf_clear(&w->where);
	code = step_to(w, "/", e);
	if (code == SK_OK && w->fs->fstat(w->dir, &st) != 0)
		code = fs_say(e, w->path, errno, "the root folder cannot be looked at");
	if (code == SK_OK)
		w->top = st.st_uid;
	return code;
}

static bool
is_trusted(const struct walk *w, uid_t uid)
{
	return uid == 0 || uid == geteuid() || uid == w->top;
}

static enum sk_code
follow(struct walk *w, const char *name, uid_t uid, size_t at_n, struct err *e)
{
	char text[PATH_MAX];
	ssize_t n = w->fs->readlinkat(w->dir, name, text, sizeof(text));

	if (n < 0)
		return fs_say(e, w->path, errno, "a symbolic link in it cannot be read");
	if (++w->links > LINKS_MAX || n == 0 || (size_t)n >= sizeof(text))
		return fs_say(e, w->path, ELOOP, "cannot be followed");
	if (!is_trusted(w, uid)) {
		if (w->foreign && w->by != uid)
			return fs_say_plain(e, SK_EREFUSED, w->path, "leads through symbolic links of several users");
		w->foreign = true;
		w->by = uid;
	}
	if (at_n <= w->tail)
		w->tail = w->rest.n;
	w->rest = arena_printf(w->a, "%.*s/%.*s", (int)n, text, STR_ARG(w->rest));
	return text[0] == '/' ? start(w, e) : SK_OK;
}

static void
leave(struct walk *w)
{
	while (w->where.n > 0 && w->where.p[w->where.n - 1] != '/')
		w->where.n--;
	if (w->where.n > 0)
		w->where.n--;
}

static void
skip_slashes(struct str *s)
{
	while (s->n > 0 && s->p[0] == '/')
		*s = str_from(*s, 1);
}

/* The file, or the first folder on the way to it, does not exist. */
static enum sk_code
not_there(struct walk *w, struct str name, size_t at_n, struct place *p, struct err *e)
{
	struct str rest, part;
	struct buf b = { 0 };

	if (at_n > w->tail)
		return fs_say_plain(e, SK_EREFUSED, w->path, "a symbolic link that leads nowhere");
	p->name = name;
	for (rest = w->rest; str_split(&rest, '/', &part);) {
		if (part.n == 0 || str_eqc(part, "."))
			continue;
		if (str_eqc(part, "..")) {
			buf_release(&b);
			return fs_say(e, w->path, ENOENT, "cannot be looked at");
		}
		if (b.n > 0)
			buf_addc(&b, "/");
		buf_add(&b, p->name);
		p->name = arena_str(w->a, part);
	}
	p->missing = arena_str(w->a, buf_str(&b));
	buf_release(&b);
	return SK_OK;
}

/* Steps through folders and links; done when the last name is reached. */
static enum sk_code
step(struct walk *w, struct place *p, bool *ret_done, struct err *e)
{
	struct str name;
	const char *z;
	size_t at_n;
	enum sk_code code;

	skip_slashes(&w->rest);
	at_n = w->rest.n;
	name = arena_str(w->a, str_head(w->rest, str_chr(w->rest, '/', 0)));
	z = name.p;
	w->rest = str_from(w->rest, name.n);
	skip_slashes(&w->rest);
	if (str_eqc(name, ".") && w->rest.n > 0)
		return SK_OK;
	if (str_eqc(name, "..") && w->rest.n > 0) {
		leave(w);
		return step_to(w, z, e);
	}
	if (name.n == 0 || str_eqc(name, ".") || str_eqc(name, ".."))
		return fs_say_plain(e, SK_EREFUSED, w->path, "not a regular file");
	if (w->fs->fstatat(w->dir, z, &p->st, AT_SYMLINK_NOFOLLOW) != 0) {
		if (errno != ENOENT)
			return fs_say(e, w->path, errno, "cannot be looked at");
		*ret_done = true;
		return not_there(w, name, at_n, p, e);
	}
	if (S_ISLNK(p->st.st_mode))
		return follow(w, z, p->st.st_uid, at_n, e);
	if (w->rest.n > 0) {
		code = step_to(w, z, e);
		if (code == SK_OK)
			buf_addf(&w->where, "/%s", z);
		return code;
	}
	p->exists = *ret_done = true;
	p->name = name;
	return SK_OK;
}

/* What the walk came to: may it be written there? */
static enum sk_code
judge(const struct walk *w, const struct place *p, struct err *e)
{
	uid_t owner = p->exists ? p->st.st_uid : p->dir_st.st_uid;

	if (w->foreign && owner != w->by)
		return fs_say_plain(
		    e, SK_EREFUSED, w->path, "leads through a symbolic link of another user to what is not theirs");
	if (geteuid() == 0 && (p->dir_st.st_mode & S_IWOTH) != 0 && (p->dir_st.st_mode & S_ISVTX) == 0)
		return fs_say_plain(
		    e, SK_EREFUSED, w->path, "anybody may replace files in its folder, which root does not write to");
	return SK_OK;
}

enum sk_code
fs_walk(const struct fs_ops *fs, struct arena *a, struct str path, struct place *ret, struct err *e)
{
	struct walk w = { .fs = fs, .a = a, .path = path, .rest = path, .dir = AT_FDCWD, .tail = SIZE_MAX };
	struct place p = { .dir = -1 };
	char cwd[PATH_MAX];
	bool done = false;
	enum sk_code code;

	if (path.n == 0 || str_chr(path, '\0', 0) != SIZE_MAX)
		return fs_say_plain(e, SK_EREFUSED, path, "not a path");
	if (path.p[0] != '/') {
		if (fs->getcwd(cwd, sizeof(cwd)) == NULL)
			return fs_say(e, path, errno, "the current folder cannot be found");
		w.rest = arena_printf(a, "%s/%.*s", cwd, STR_ARG(path));
	}
	code = start(&w, e);
	while (code == SK_OK && !done)
		code = step(&w, &p, &done, e);
	if (code == SK_OK) {
		p.path = arena_printf(a, "%.*s/%.*s%s%.*s", STR_ARG(buf_str(&w.where)), STR_ARG(p.missing),
		    p.missing.n > 0 ? "/" : "", STR_ARG(p.name));
		p.dir = fs->openat(w.dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
		if (p.dir < 0)
			code = fs_say(e, path, errno, "its folder cannot be opened");
		else if (fs->fstat(p.dir, &p.dir_st) != 0)
			code = fs_say(e, path, errno, "its folder cannot be looked at");
	}
	if (code == SK_OK)
		code = judge(&w, &p, e);
	if (w.dir != AT_FDCWD)
		(void)fs->close(w.dir);
	buf_release(&w.where);
	if (code != SK_OK && p.dir >= 0)
		(void)fs->close(p.dir);
	if (code == SK_OK)
		*ret = p;
	return code;
}

static void
count(void *ctx, const char *name)
{
	(void)name;
	++*(size_t *)ctx;
}

enum sk_code
fs_own_dir(const struct fs_ops *fs, int parent, int fd, struct str path, mode_t mode, struct err *e)
{
	struct stat up, st;
	size_t n = 0;

	if (fs->fstat(parent, &up) != 0 || fs->fstat(fd, &st) != 0 || fs->list(fd, count, &n) != 0)
		return fs_say(e, path, errno, "cannot be looked at");
	if (st.st_uid != geteuid() || n > 0)
		return fs_say_plain(e, SK_ECHANGED, path, "was replaced while it was made");
	if (fs->fchmod(fd, mode) != 0)
		return fs_say(e, path, errno, "its mode cannot be set");
	if (geteuid() == 0 && (st.st_uid != up.st_uid || st.st_gid != up.st_gid) &&
	    fs->fchown(fd, up.st_uid, up.st_gid) != 0)
		return fs_say(e, path, errno, "its owner cannot be set");
	return SK_OK;
}

/* The next folder on the way; *io_fd is closed and becomes its descriptor, -1 on failure. */
static enum sk_code
enter_dir(const struct fs_ops *fs, const char *name, struct str path, bool make, bool last, int *io_fd, struct err *e)
{
	bool fresh = make && fs->mkdirat(*io_fd, name, MODE_DIR) == 0;
	enum sk_code code = SK_OK;
	int next = -1;

	if (make && ((!fresh && errno != EEXIST) || (fresh && !fs_sync_dir(fs, *io_fd))))
		code = fs_say(e, path, errno, "cannot be made");
	if (code == SK_OK) {
		next = fs->openat(*io_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		if (next < 0)
			code = fs_say(e, path, errno, "cannot be opened");
	}
	if (code == SK_OK && fresh && !last)
		code = fs_own_dir(fs, *io_fd, next, path, MODE_DIR, e);
	if (code != SK_OK && next >= 0) {
		(void)fs->close(next);
		next = -1;
	}
	(void)fs->close(*io_fd);
	*io_fd = next;
	return code;
}

enum sk_code
fs_walk_dir(const struct fs_ops *fs, struct arena *a, struct str path, bool make, int *ret_fd, struct err *e)
{
	struct place p = { .dir = -1 };
	struct str rest, part;
	enum sk_code code = fs_walk(fs, a, path, &p, e);
	int fd;

	if (code != SK_OK)
		return code;
	if (!p.exists && !make) {
		(void)fs->close(p.dir);
		return SK_ENOENT;
	}
	rest = arena_printf(a, "%.*s%s%.*s", STR_ARG(p.missing), p.missing.n > 0 ? "/" : "", STR_ARG(p.name));
	fd = p.dir;
	while (code == SK_OK && str_split(&rest, '/', &part))
		code = enter_dir(fs, arena_strz(a, part), path, !p.exists, rest.p == NULL, &fd, e);
	if (code == SK_OK)
		*ret_fd = fd;
	return code;
}
