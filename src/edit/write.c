/* SPDX-License-Identifier: MIT */
/*
 * Putting bytes in place, all files or none (house-style 3.8), and undo.  One transaction is a list of jobs, each
 * from known bytes to wanted bytes; the way back is the same job turned round.
 */
#include "edit/write.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "edit/journal.h"

enum { MODE_ALL = 07777, MODE_DIR_USER = 0700, MODE_DIR_SYSTEM = 0755, MODE_FILE_USER = 0600 };

struct job {
	const struct journal_file *f;
	struct str from, to; /* bytes */
	bool from_exists, to_exists;
	bool force;    /* whatever stands there counts as from */
	bool in_place; /* write into the file instead of replacing it */
	bool staged, committed;
	struct stat st; /* of the target when it was checked */
};

struct run {
	struct arena *a;
	const struct write_opts *o;
	const struct fs_ops *fs;
	struct journal *j;
	struct job *job;
	size_t n;
	bool back; /* what the journal's run was allowed to do may be done again */
};

static const char *
z(const struct run *r, struct str s)
{
	return arena_strz(r->a, s);
}

/* What an errno of the last step means for somebody's file. */
static enum sk_code
say(struct err *e, struct str path, int n, const char *what)
{
	struct buf b = { 0 };
	enum sk_code code =
	    n == EPERM || n == EROFS || n == EBUSY || n == EXDEV || n == EACCES ? SK_EREFUSED : SK_EWRITE;

	buf_add_escaped(&b, path);
	if (n == EBUSY || n == EXDEV)
		code = err_sys(e, code, n, "%.*s is a mount point and cannot be replaced; --in-place writes into it",
		    STR_ARG(buf_str(&b)));
	else if (n == EPERM)
		code = err_sys(e, code, n, "%.*s: %s (immutable or append-only file?)", STR_ARG(buf_str(&b)), what);
	else
		code = err_sys(e, code, n, "%.*s: %s", STR_ARG(buf_str(&b)), what);
	buf_release(&b);
	return code;
}

static enum sk_code
say_plain(struct err *e, enum sk_code code, struct str path, const char *what)
{
	struct buf b = { 0 };

	buf_add_escaped(&b, path);
	code = err_set(e, code, "%.*s: %s", STR_ARG(buf_str(&b)), what);
	buf_release(&b);
	return code;
}

/* On the way back from a failure: what cannot be noted now is found out by the next run. */
static void
journal_try(const struct run *r, enum journal_state state)
{
	struct err ignored = { 0 };

	if (journal_set(r->a, r->o, r->j, state, &ignored) != SK_OK)
		r->j->state = state;
}

/* Read what stands at path now.  A missing file is *ret_exists false. */
static enum sk_code
look(const struct run *r, struct str path, int flags, struct stat *ret_st, struct str *ret, bool *ret_exists,
    struct err *e)
{
	const struct fs_ops *fs = r->fs;
	struct stat st;
	enum sk_code code = SK_OK;
	int fd;

	if (fs->lstat(z(r, path), ret_st) != 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return say(e, path, errno, "cannot be looked at");
		*ret_exists = false;
		return SK_OK;
	}
	*ret_exists = true;
	if (!S_ISREG(ret_st->st_mode))
		return say_plain(e, SK_EREFUSED, path, "not a regular file");
	/* O_NONBLOCK: should a FIFO take its place right now, nothing hangs. */
	fd = fs->open(z(r, path), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return say(e, path, errno, "cannot be opened");
	if (fs->fstat(fd, &st) != 0 || !fs_read_all(fs, r->a, fd, ret))
		code = say(e, path, errno, "cannot be read");
	else if (st.st_dev != ret_st->st_dev || st.st_ino != ret_st->st_ino)
		code = say_plain(e, SK_ECHANGED, path, "changed while it was read");
	(void)fs->close(fd);
	return code;
}

static enum sk_code
job_check(const struct run *r, struct job *j, struct err *e)
{
	struct str now = { 0 };
	struct stat st = { 0 };
	bool exists = false;
	/* Opening for writing tells of immutable files and read-only file systems before anything is touched. */
	enum sk_code code = look(r, j->f->path, O_RDWR, &st, &now, &exists, e);

	if (code != SK_OK)
		return code;
	if (j->force) {
		j->from = now;
		j->from_exists = exists;
	}
	if (exists != j->from_exists || (exists && !str_eq(now, j->from)))
		return say_plain(e, SK_ECHANGED, j->f->path, "changed since it was read");
	if (exists && st.st_nlink > 1 && !r->o->in_place && !(r->back && j->f->linked))
		return say_plain(e, SK_EREFUSED, j->f->path,
		    "has other hard links, which would keep the old text; --in-place writes into it");
	j->in_place = exists && j->to_exists && st.st_nlink > 1;
	j->st = st;
	return SK_OK;
}

/* Owner, ACL, attributes and mode of the new file. */
static enum sk_code
job_attrs(const struct run *r, const struct job *j, int fd, struct err *e)
{
	const struct fs_ops *fs = r->fs;
	const struct journal_file *f = j->f;
	struct stat st;
	int from, keep;

	if (fs->fstat(fd, &st) != 0)
		return say(e, f->path, errno, "the new file cannot be looked at");
	if ((f->exists || geteuid() == 0) && (st.st_uid != f->uid || st.st_gid != f->gid) &&
	    fs->fchown(fd, f->uid, f->gid) != 0)
		return err_sys(e, SK_EREFUSED, errno, "%s: its owner or group would change", z(r, f->path));
	if (j->from_exists) {
		from = fs->open(z(r, f->path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
		if (from < 0)
			return say(e, f->path, errno, "cannot be opened");
		keep = fs->copy_attrs(from, fd) != 0 ? errno : 0;
		(void)fs->close(from);
		if (keep != 0)
			return err_sys(
			    e, SK_EREFUSED, keep, "%s: its access list or attributes cannot be kept", z(r, f->path));
	}
	/* After the ACL: its mask is what the group bits of the mode are. */
	if (fs->fchmod(fd, f->mode & MODE_ALL) != 0)
		return say(e, f->path, errno, "the mode cannot be set");
	return SK_OK;
}

static enum sk_code
job_stage(const struct run *r, struct job *j, struct err *e)
{
	const struct fs_ops *fs = r->fs;
	enum sk_code code = SK_OK;
	int fd;

	if (!j->to_exists || j->in_place)
		return SK_OK;
	fd = fs->open(z(r, j->f->temp), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_FILE_USER);
	if (fd < 0)
		return say(e, j->f->temp, errno, "cannot be made");
	j->staged = true;
	if (!fs_write_all(fs, fd, j->to))
		code = say(e, j->f->temp, errno, "cannot be written");
	if (code == SK_OK)
		code = job_attrs(r, j, fd, e);
	if (code == SK_OK && fs->fsync(fd) != 0)
		code = say(e, j->f->temp, errno, "cannot be written");
	if (fs->close(fd) != 0 && code == SK_OK)
		code = say(e, j->f->temp, errno, "cannot be written");
	return code;
}

static void
job_discard(const struct run *r, struct job *j)
{
	/* Twice: a signal or a network file system may spoil the first try, and nobody else would remove it. */
	if (j->staged && r->fs->unlink(z(r, j->f->temp)) != 0 && errno != ENOENT)
		(void)r->fs->unlink(z(r, j->f->temp));
	j->staged = false;
}

/* Not atomic; the journal's copies repair it after a crash. */
static enum sk_code
overwrite(const struct run *r, struct job *j, struct err *e)
{
	const struct fs_ops *fs = r->fs;
	int fd = fs->open(z(r, j->f->path), O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	enum sk_code code = SK_OK;

	if (fd < 0)
		return say(e, j->f->path, errno, "cannot be opened");
	j->committed = true;
	if (!fs_write_all(fs, fd, j->to) || fs->ftruncate(fd, (off_t)j->to.n) != 0 || fs->fsync(fd) != 0)
		code = say(e, j->f->path, errno, "cannot be written");
	if (fs->close(fd) != 0 && code == SK_OK)
		code = say(e, j->f->path, errno, "cannot be written");
	return code;
}

static enum sk_code
job_commit(const struct run *r, struct job *j, struct err *e)
{
	const struct fs_ops *fs = r->fs;
	const char *path = z(r, j->f->path);
	struct str now = { 0 };
	struct stat st = { 0 };
	bool exists = false;
	enum sk_code code = look(r, j->f->path, O_RDONLY, &st, &now, &exists, e);

	if (code != SK_OK)
		return code;
	if (exists != j->from_exists ||
	    (exists && (st.st_dev != j->st.st_dev || st.st_ino != j->st.st_ino || !str_eq(now, j->from))))
		return say_plain(e, SK_ECHANGED, j->f->path, "changed since it was read");
	if (j->in_place)
		return overwrite(r, j, e);
	if (!j->from_exists && !j->to_exists)
		return SK_OK;
	if ((j->to_exists ? fs->rename(z(r, j->f->temp), path) : fs->unlink(path)) != 0) {
		if ((errno != EBUSY && errno != EXDEV) || (!r->o->in_place && !r->back) || !j->from_exists ||
		    !j->to_exists)
			return say(e, j->f->path, errno, "cannot be replaced");
		job_discard(r, j);
		j->in_place = true;
		return overwrite(r, j, e);
	}
	j->staged = false;
	j->committed = true;
	if (!fs_sync_dir(fs, z(r, fs_dir(j->f->path))))
		return say(e, j->f->path, errno, "its folder cannot be synchronised");
	return SK_OK;
}

/* Overwriting, or undoing that, was cut short: every byte is that of the one or the other text at its place. */
static bool
is_torn(struct str now, struct str one, struct str other)
{
	size_t least = one.n < other.n ? one.n : other.n;

	if (now.n < least || (now.n > one.n && now.n > other.n))
		return false;
	for (size_t i = 0; i < now.n; i++)
		if ((i >= one.n || now.p[i] != one.p[i]) && (i >= other.n || now.p[i] != other.p[i]))
			return false;
	return true;
}

/* The same job the other way.  Overwritten files may be half written, so what stands there counts. */
static enum sk_code
job_revert(const struct run *r, const struct job *j, struct err *e)
{
	struct job back = *j;
	enum sk_code code;

	back.from = j->to;
	back.from_exists = j->to_exists;
	back.to = j->from;
	back.to_exists = j->from_exists;
	back.staged = back.committed = false;
	back.force = j->in_place;
	code = job_check(r, &back, e);
	if (code == SK_OK) {
		back.in_place = j->in_place;
		code = job_stage(r, &back, e);
	}
	if (code == SK_OK)
		code = job_commit(r, &back, e);
	job_discard(r, &back);
	return code;
}

static enum sk_code
make_dirs(const struct run *r, struct err *e)
{
	mode_t mode = MODE_DIR_USER;

	for (size_t i = 0; i < r->j->n_file; i++)
		if ((r->j->file[i].mode & 077) != 0)
			mode = MODE_DIR_SYSTEM;
	for (size_t i = 0; i < r->j->n_dir; i++) {
		const char *dir = z(r, r->j->dir[i]);
		struct stat up;
		int fd, rc;

		if (r->fs->mkdir(dir, mode) != 0)
			return say(e, r->j->dir[i], errno, "cannot be made");
		if (geteuid() != 0)
			continue;
		/* root making a folder in somebody's home: it belongs to them. */
		if (r->fs->stat(z(r, fs_dir(r->j->dir[i])), &up) != 0)
			return say(e, r->j->dir[i], errno, "its parent cannot be looked at");
		fd = r->fs->open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		if (fd < 0)
			return say(e, r->j->dir[i], errno, "cannot be opened");
		rc = r->fs->fchown(fd, up.st_uid, up.st_gid) != 0 ? errno : 0;
		(void)r->fs->close(fd);
		if (rc != 0)
			return say(e, r->j->dir[i], rc, "its owner cannot be set");
	}
	return SK_OK;
}

/* Folders that hold something by now stay. */
static void
remove_dirs(const struct run *r)
{
	for (size_t i = r->j->n_dir; i > 0; i--)
		if (r->fs->rmdir(z(r, r->j->dir[i - 1])) != 0 && errno != ENOTEMPTY && errno != ENOENT)
			(void)r->fs->rmdir(z(r, r->j->dir[i - 1]));
}

/* Back to what was; gives false (and says so in *e) when a file could not be put back. */
static bool
run_revert(const struct run *r, struct err *e)
{
	bool ok = true;

	for (size_t i = r->n; i > 0; i--) {
		struct job *j = &r->job[i - 1];
		struct err why = { 0 };

		job_discard(r, j);
		if (!j->committed)
			continue;
		if (job_revert(r, j, &why) != SK_OK && job_revert(r, j, &why) != SK_OK) {
			struct str first = arena_str(r->a, str_c(e->msg));

			ok = false;
			(void)err_set(e, e->code, "%.400s; and %.400s: run sshkeep again to put the old bytes back",
			    first.p, why.msg);
		}
	}
	return ok;
}

/* All or none.  On failure all is as before, unless *ret_stuck. */
static enum sk_code
run_all(const struct run *r, bool dirs, bool *ret_stuck, struct err *e)
{
	enum sk_code code = dirs ? make_dirs(r, e) : SK_OK;

	*ret_stuck = false;
	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = job_stage(r, &r->job[i], e);
	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = job_commit(r, &r->job[i], e);
	if (code == SK_OK)
		return SK_OK;
	*ret_stuck = !run_revert(r, e);
	if (dirs)
		remove_dirs(r);
	return code;
}

/*
 * One file of an interrupted run goes back to its old bytes, unless somebody has edited it since: *io_edited.
 */
static enum sk_code
settle_file(const struct run *r, const struct journal_file *f, bool *io_edited, struct err *e)
{
	struct job j = { .f = f, .to = f->old_bytes, .to_exists = f->exists };
	struct stat st;
	bool whole;
	enum sk_code code;

	if (r->fs->unlink(z(r, f->temp)) != 0 && errno != ENOENT && errno != ENOTDIR)
		return say(e, f->temp, errno, "cannot be removed");
	code = look(r, f->path, O_RDONLY, &st, &j.from, &j.from_exists, e);
	if (code != SK_OK)
		return code;
	if (j.from_exists == f->exists && (!f->exists || str_eq(j.from, f->old_bytes)))
		return SK_OK;
	whole = j.from_exists && str_eq(j.from, f->new_bytes);
	if (!whole && !(f->exists && j.from_exists && is_torn(j.from, f->old_bytes, f->new_bytes))) {
		*io_edited = true;
		return SK_OK;
	}
	code = job_check(r, &j, e);
	if (code == SK_OK)
		code = job_stage(r, &j, e);
	if (code == SK_OK)
		code = job_commit(r, &j, e);
	job_discard(r, &j);
	return code;
}

/* Finish what a crash interrupted: a write goes back, an undo goes on; both mean the old bytes. */
static enum sk_code
recover(struct arena *a, const struct write_opts *o, struct journal **ret, size_t *ret_n, struct err *e)
{
	enum sk_code code = journal_all(a, o, ret, ret_n, e);
	size_t kept = 0;

	for (size_t i = 0; code == SK_OK && i < *ret_n; i++) {
		struct journal *j = &(*ret)[i];
		struct run r = { .a = a, .o = o, .fs = o->fs, .j = j, .back = true };
		bool write = j->state == JOURNAL_PREPARED, edited = false;

		if (write || j->state == JOURNAL_UNDOING) {
			code = journal_bytes(a, o, j, e);
			for (size_t k = 0; k < j->n_file && code == SK_OK; k++)
				code = settle_file(&r, &j->file[k], &edited, e);
			if (code != SK_OK)
				return code;
			remove_dirs(&r);
			/* The only copy of the old bytes of a file that was edited since is kept. */
			if (write && !edited) {
				journal_remove(a, o, j);
				continue;
			}
			code = journal_set(a, o, j, JOURNAL_UNDONE, e);
		}
		(*ret)[kept++] = *j;
	}
	if (code == SK_OK)
		*ret_n = kept;
	return code;
}

static bool
has_dir(const struct journal *j, struct str dir)
{
	for (size_t i = 0; i < j->n_dir; i++)
		if (str_eq(j->dir[i], dir))
			return true;
	return false;
}

/* Where a new file will stand: the nearest folder that exists, links followed, and the rest of the path. */
static enum sk_code
place_new(const struct run *r, const struct write_item *item, struct journal_file *f, struct err *e)
{
	char real[PATH_MAX];
	struct str up = fs_dir(item->path), rest;
	struct stat st;

	if (r->fs->lstat(z(r, item->path), &st) == 0)
		return say_plain(e, S_ISLNK(st.st_mode) ? SK_EREFUSED : SK_ECHANGED, item->path,
		    S_ISLNK(st.st_mode) ? "a symbolic link that leads nowhere" : "appeared since it was looked for");
	if (errno != ENOENT && errno != ENOTDIR)
		return say(e, item->path, errno, "cannot be looked at");
	while (r->fs->stat(z(r, up), &st) != 0) {
		if (errno != ENOENT || up.n <= 1)
			return say(e, up, errno, "cannot be looked at");
		up = fs_dir(up);
	}
	if (!S_ISDIR(st.st_mode))
		return say_plain(e, SK_EREFUSED, up, "not a folder");
	if (r->fs->realpath(z(r, up), real) == NULL)
		return say(e, up, errno, "cannot be looked at");
	rest = str_eqc(up, ".") && !str_starts(item->path, STR("./")) ? item->path : str_from(item->path, up.n);
	while (rest.n > 0 && rest.p[0] == '/')
		rest = str_from(rest, 1);
	f->path = arena_printf(r->a, "%s/%.*s", strcmp(real, "/") == 0 ? "" : real, STR_ARG(rest));
	for (size_t i = str_chr(rest, '/', 0); i != SIZE_MAX; i = str_chr(rest, '/', i + 1)) {
		struct str dir = str_head(f->path, f->path.n - rest.n + i);

		if (rest.p[i - (i > 0)] != '/' && !has_dir(r->j, dir))
			r->j->dir[r->j->n_dir++] = arena_str(r->a, dir);
	}
	f->mode = item->new_mode;
	f->uid = st.st_uid;
	f->gid = st.st_gid;
	return SK_OK;
}

static enum sk_code
place_old(const struct run *r, const struct write_item *item, struct journal_file *f, struct err *e)
{
	char real[PATH_MAX];
	struct stat st;

	if (r->fs->realpath(z(r, item->path), real) == NULL)
		return errno == ENOENT ? say_plain(e, SK_ECHANGED, item->path, "is gone since it was read") :
					 say(e, item->path, errno, "cannot be looked at");
	f->path = arena_str(r->a, str_c(real));
	if (r->fs->lstat(real, &st) != 0)
		return say(e, item->path, errno, "cannot be looked at");
	f->mode = st.st_mode & MODE_ALL;
	f->linked = st.st_nlink > 1;
	f->uid = st.st_uid;
	f->gid = st.st_gid;
	return SK_OK;
}

/* Fills r->j with one file for each item that changes something. */
static enum sk_code
place_items(struct run *r, const struct write_item *item, size_t n, struct err *e)
{
	size_t slashes = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < item[i].path.n; k++)
			slashes += item[i].path.p[k] == '/';
	r->j->file = ARENA_ARRAY(r->a, struct journal_file, n);
	r->j->dir = ARENA_ARRAY(r->a, struct str, slashes + 1);
	for (size_t i = 0; i < n; i++) {
		struct journal_file *f = &r->j->file[r->j->n_file];
		enum sk_code code;

		if (item[i].exists && str_eq(item[i].old_bytes, item[i].new_bytes))
			continue;
		if (item[i].path.n == 0 || str_chr(item[i].path, '\0', 0) != SIZE_MAX)
			return say_plain(e, SK_EREFUSED, item[i].path, "not a path");
		*f = (struct journal_file){
			.exists = item[i].exists, .old_bytes = item[i].old_bytes, .new_bytes = item[i].new_bytes
		};
		code = item[i].exists ? place_old(r, &item[i], f, e) : place_new(r, &item[i], f, e);
		if (code != SK_OK)
			return code;
		for (size_t k = 0; k < r->j->n_file; k++)
			if (str_eq(r->j->file[k].path, f->path))
				return say_plain(e, SK_EREFUSED, f->path, "two names lead to this one file");
		/* A leading dot keeps it out of every Include pattern (glob(7)). */
		f->temp = arena_printf(r->a, "%.*s/.sshkeep-%ld-%zu", STR_ARG(fs_dir(f->path)), (long)getpid(), i);
		r->j->n_file++;
	}
	return SK_OK;
}

static void
make_jobs(struct run *r, bool undo, bool force)
{
	r->n = r->j->n_file;
	r->job = ARENA_ARRAY(r->a, struct job, r->n + 1);
	for (size_t i = 0; i < r->n; i++) {
		const struct journal_file *f = &r->j->file[i];

		if (undo)
			r->job[i] = (struct job){ .f = f,
				.from = f->new_bytes,
				.from_exists = true,
				.to = f->old_bytes,
				.to_exists = f->exists,
				.force = force };
		else
			r->job[i] = (struct job){ .f = f,
				.from = f->old_bytes,
				.from_exists = f->exists,
				.to = f->new_bytes,
				.to_exists = true };
	}
}

static enum sk_code
check_all(const struct run *r, struct err *e)
{
	enum sk_code code = SK_OK;

	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = job_check(r, &r->job[i], e);
	return code;
}

static enum sk_code
transact(struct run *r, struct err *e)
{
	bool stuck = false;
	enum sk_code code;

	make_jobs(r, false, false);
	code = check_all(r, e);
	if (code == SK_OK)
		code = journal_begin(r->a, r->o, r->j, e);
	if (code != SK_OK)
		return code;
	code = run_all(r, true, &stuck, e);
	if (code == SK_OK) {
		code = journal_set(r->a, r->o, r->j, JOURNAL_DONE, e);
		if (code == SK_OK)
			return SK_OK;
		/* The journal may say done already: while the files go back it must not. */
		journal_try(r, JOURNAL_PREPARED);
		stuck = !run_revert(r, e);
		remove_dirs(r);
	}
	if (!stuck)
		journal_remove(r->a, r->o, r->j);
	return code;
}

enum sk_code
write_all(struct arena *a, const struct write_opts *o, const struct write_item *item, size_t n, struct str *ret_id,
    struct err *e)
{
	struct journal new = { .label = o->label }, *all;
	struct run r = { .a = a, .o = o, .fs = o->fs, .j = &new };
	size_t n_all = 0;
	int lock;
	enum sk_code code = journal_lock(a, o, &lock, e);

	if (code != SK_OK)
		return code;
	code = recover(a, o, &all, &n_all, e);
	if (code == SK_OK)
		code = place_items(&r, item, n, e);
	if (code == SK_OK && new.n_file > 0)
		code = transact(&r, e);
	(void)o->fs->close(lock);
	if (code == SK_OK)
		*ret_id = new.n_file > 0 ? arena_printf(a, "%llu", (unsigned long long)new.id) : (struct str){ 0 };
	return code;
}

static struct undo_entry
entry_of(struct arena *a, const struct journal *j)
{
	struct undo_entry u = { .id = arena_printf(a, "%llu", (unsigned long long)j->id),
		.when = j->when,
		.label = j->label,
		.undone = j->state == JOURNAL_UNDONE };

	u.path = ARENA_ARRAY(a, struct str, j->n_file + 1);
	for (size_t i = 0; i < j->n_file; i++)
		u.path[u.n_path++] = j->file[i].path;
	return u;
}

/* Is there a state folder at all?  Looking must not make one. */
static bool
no_state(struct arena *a, const struct write_opts *o)
{
	struct stat st;

	return o->fs->stat(arena_printf(a, "%.*s/backup", STR_ARG(o->state_dir)).p, &st) != 0 && errno == ENOENT;
}

enum sk_code
undo_list(struct arena *a, const struct write_opts *o, struct undo_entry **ret, size_t *ret_n, struct err *e)
{
	struct journal *all = NULL;
	size_t n = 0;
	int lock;
	enum sk_code code;

	if (no_state(a, o)) {
		*ret = NULL;
		*ret_n = 0;
		return SK_OK;
	}
	code = journal_lock(a, o, &lock, e);
	if (code != SK_OK)
		return code;
	code = recover(a, o, &all, &n, e);
	(void)o->fs->close(lock);
	if (code != SK_OK)
		return code;
	*ret = ARENA_ARRAY(a, struct undo_entry, n + 1);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = entry_of(a, &all[i]);
	*ret_n = n;
	return SK_OK;
}

static enum sk_code
find_entry(struct journal *all, size_t n, struct str id, struct journal **ret, struct err *e)
{
	uint64_t want = 0;

	if (id.n > 0 && num_uint(id, UINT32_MAX, &want, NULL) != SK_OK)
		want = 0;
	for (size_t i = n; i > 0; i--) {
		struct journal *j = &all[i - 1];

		if (id.n > 0 ? j->id != want : j->state != JOURNAL_DONE)
			continue;
		if (j->state != JOURNAL_DONE)
			return err_set(e, SK_EREFUSED, "%llu was taken back already", (unsigned long long)j->id);
		*ret = j;
		return SK_OK;
	}
	if (id.n > 0)
		return err_set(e, SK_EREFUSED, "nothing to undo: no entry has this number; undo --list shows them");
	return err_set(e, SK_EREFUSED, "nothing to undo");
}

static enum sk_code
take_back(struct run *r, bool force, struct err *e)
{
	bool stuck = false;
	enum sk_code code;

	make_jobs(r, true, force);
	code = check_all(r, e);
	if (code == SK_OK)
		code = journal_set(r->a, r->o, r->j, JOURNAL_UNDOING, e);
	if (code == SK_OK)
		code = run_all(r, false, &stuck, e);
	else if (r->j->state == JOURNAL_DONE)
		journal_try(r, JOURNAL_DONE);
	if (code != SK_OK) {
		if (!stuck && r->j->state == JOURNAL_UNDOING)
			journal_try(r, JOURNAL_DONE);
		return code;
	}
	code = journal_set(r->a, r->o, r->j, JOURNAL_UNDONE, e);
	if (code != SK_OK) {
		if (run_revert(r, e))
			journal_try(r, JOURNAL_DONE);
		return code;
	}
	remove_dirs(r);
	return SK_OK;
}

enum sk_code
undo_last(struct arena *a, const struct write_opts *o, struct str id, bool force, struct undo_entry *ret, struct err *e)
{
	struct journal *all = NULL, *j = NULL;
	struct run r = { .a = a, .o = o, .fs = o->fs, .back = true };
	size_t n = 0;
	int lock;
	enum sk_code code;

	if (no_state(a, o))
		return err_set(e, SK_EREFUSED, "nothing to undo");
	code = journal_lock(a, o, &lock, e);
	if (code != SK_OK)
		return code;
	code = recover(a, o, &all, &n, e);
	if (code == SK_OK)
		code = find_entry(all, n, id, &j, e);
	if (code == SK_OK && j != NULL)
		code = journal_bytes(a, o, j, e);
	if (code == SK_OK && j != NULL) {
		r.j = j;
		code = take_back(&r, force, e);
	}
	(void)o->fs->close(lock);
	if (code == SK_OK && j != NULL)
		*ret = entry_of(a, j);
	return code;
}
