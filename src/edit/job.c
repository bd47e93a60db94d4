/* SPDX-License-Identifier: MIT */
/* One file put in place by its open folder (house-style 3.8). */
#include "edit/job.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { MODE_ALL = 07777, MODE_TEMP = 0600 };

/* O_NONBLOCK: should a FIFO take its place right now, nothing hangs. */
enum { FLAGS = O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

enum sk_code
job_look(const struct job *j, int flags, struct stat *ret_st, struct str *ret, bool *ret_exists, struct err *e)
{
	struct stat st;
	enum sk_code code = SK_OK;
	int fd;

	*ret_exists = false;
	if (j->missing.n > 0)
		return SK_OK;
	if (j->fs->fstatat(j->dir, j->name, ret_st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? SK_OK : fs_say(e, j->path, errno, "cannot be looked at");
	*ret_exists = true;
	if (!S_ISREG(ret_st->st_mode))
		return fs_say_plain(e, SK_EREFUSED, j->path, "not a regular file");
	fd = j->fs->openat(j->dir, j->name, flags | FLAGS, 0);
	if (fd < 0)
		return fs_say(e, j->path, errno, "cannot be opened");
	if (j->fs->fstat(fd, &st) != 0 || !fs_read_all(j->fs, j->a, fd, ret))
		code = fs_say(e, j->path, errno, "cannot be read");
	else if (st.st_dev != ret_st->st_dev || st.st_ino != ret_st->st_ino)
		code = fs_say_plain(e, SK_ECHANGED, j->path, "changed while it was read");
	(void)j->fs->close(fd);
	return code;
}

/* Writing into a hard link that somebody else made in a folder of theirs would write where root never looked. */
static bool
is_foreign_link(const struct job *j, const struct stat *st)
{
	return geteuid() == 0 && j->dir_st.st_uid != 0 && j->dir_st.st_uid != st->st_uid;
}

enum sk_code
job_check(struct job *j, struct err *e)
{
	struct str now = { 0 };
	struct stat st = { 0 };
	bool exists = false;
	/* Opening for writing tells of immutable files and read-only file systems before anything is touched. */
	enum sk_code code = job_look(j, O_RDWR, &st, &now, &exists, e);

	if (code != SK_OK)
		return code;
	if (j->any) {
		j->from.bytes = now;
		j->from.exists = exists;
	}
	if (exists != j->from.exists || (exists && !str_eq(now, j->from.bytes)))
		return fs_say_plain(e, SK_ECHANGED, j->path, "changed since it was read");
	if (exists && st.st_nlink > 1 && j->links == LINKS_REFUSE)
		return fs_say_plain(e, SK_EREFUSED, j->path,
		    "has other hard links, which would keep the old text; --in-place writes into it");
	if (exists && st.st_nlink > 1 && is_foreign_link(j, &st))
		return fs_say_plain(
		    e, SK_EREFUSED, j->path, "a hard link in a folder whose owner does not own the file");
	j->in_place = exists && j->to.exists && st.st_nlink > 1 && j->links == LINKS_IN_PLACE;
	if (exists && j->to.exists) {
		/* What somebody has set since the journal was written is theirs to set. */
		j->to.mode = st.st_mode & MODE_ALL;
		j->to.uid = st.st_uid;
		j->to.gid = st.st_gid;
		j->keep_owner = true;
	}
	j->st = st;
	return SK_OK;
}

/* Owner, ACL, attributes and mode of the new file. */
static enum sk_code
take_over(const struct job *j, int fd, struct err *e)
{
	const struct journal_side *to = &j->to;
	struct stat st;
	int from, keep;

	if (j->fs->fstat(fd, &st) != 0)
		return fs_say(e, j->path, errno, "the new file cannot be looked at");
	if (j->keep_owner && (st.st_uid != to->uid || st.st_gid != to->gid) && j->fs->fchown(fd, to->uid, to->gid) != 0)
		return fs_say(e, j->path, errno == EPERM ? EACCES : errno, "its owner or group would change");
	if (j->from.exists) {
		from = j->fs->openat(j->dir, j->name, O_RDONLY | FLAGS, 0);
		if (from < 0)
			return fs_say(e, j->path, errno, "cannot be opened");
		keep = j->fs->copy_attrs(from, fd) != 0 ? errno : 0;
		(void)j->fs->close(from);
		if (keep != 0)
			return fs_say(e, j->path, keep == EPERM ? EACCES : keep,
			    "its access list, attributes or flags (lsattr) cannot be kept");
	}
	/* After the ACL: its mask is what the group bits of the mode are. */
	if (j->fs->fchmod(fd, to->mode & MODE_ALL) != 0)
		return fs_say(e, j->path, errno, "the mode cannot be set");
	return SK_OK;
}

enum sk_code
job_stage(struct job *j, struct err *e)
{
	enum sk_code code = SK_OK;
	int fd;

	if (!j->to.exists || j->in_place)
		return SK_OK;
	fd = j->fs->openat(j->dir, j->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_TEMP);
	if (fd < 0)
		return fs_say(e, j->path, errno, "no file can be made beside it");
	j->staged = true;
	if (!fs_write_all(j->fs, fd, j->to.bytes))
		code = fs_say(e, j->path, errno, "the new text cannot be written");
	if (code == SK_OK)
		code = take_over(j, fd, e);
	if (code == SK_OK && j->fs->fsync(fd) != 0)
		code = fs_say(e, j->path, errno, "the new text cannot be written");
	if (j->fs->close(fd) != 0 && code == SK_OK)
		code = fs_say(e, j->path, errno, "the new text cannot be written");
	return code;
}

void
job_discard(struct job *j)
{
	/* Twice: a signal or a network file system may spoil the first try, and nobody else would remove it. */
	if (j->staged && j->fs->unlinkat(j->dir, j->temp, 0) != 0 && errno != ENOENT)
		(void)j->fs->unlinkat(j->dir, j->temp, 0);
	j->staged = false;
}

/* Not atomic; the journal's copies repair it after a crash. */
static enum sk_code
overwrite(struct job *j, struct err *e)
{
	int fd = j->fs->openat(j->dir, j->name, O_WRONLY | FLAGS, 0);
	struct stat st;
	enum sk_code code = SK_OK;

	if (fd < 0)
		return fs_say(e, j->path, errno, "cannot be opened");
	if (j->fs->fstat(fd, &st) != 0)
		code = fs_say(e, j->path, errno, "cannot be looked at");
	else if (st.st_dev != j->st.st_dev || st.st_ino != j->st.st_ino)
		code = fs_say_plain(e, SK_ECHANGED, j->path, "changed since it was read");
	if (code == SK_OK) {
		j->committed = true;
		if (!fs_write_all(j->fs, fd, j->to.bytes) || j->fs->ftruncate(fd, (off_t)j->to.bytes.n) != 0 ||
		    j->fs->fsync(fd) != 0)
			code = fs_say(e, j->path, errno, "cannot be written");
	}
	if (j->fs->close(fd) != 0 && code == SK_OK)
		code = fs_say(e, j->path, errno, "cannot be written");
	return code;
}

/* The same file as when it was checked, which nobody has given another text, mode or owner since. */
static bool
is_same(const struct job *j, const struct stat *st, struct str now)
{
	return st->st_dev == j->st.st_dev && st->st_ino == j->st.st_ino && st->st_mode == j->st.st_mode &&
	    st->st_uid == j->st.st_uid && st->st_gid == j->st.st_gid && str_eq(now, j->from.bytes);
}

/* What stood there when the new file took its place is now the temporary: is it what was looked at a moment ago? */
static enum sk_code
check_swapped(const struct job *j, struct err *e)
{
	struct job out = *j;
	struct str now = { 0 };
	struct stat st = { 0 };
	bool exists = false;
	enum sk_code code;

	out.name = j->temp;
	code = job_look(&out, O_RDONLY, &st, &now, &exists, e);
	if (code != SK_OK)
		return code;
	if (!exists || !is_same(j, &st, now))
		return fs_say_plain(e, SK_ECHANGED, j->path, "changed at the moment when it was replaced");
	return SK_OK;
}

/*
 * A plain rename would throw away what an editor saved since job_commit() looked.  *ret_done is false where two files
 * cannot change places; then nothing was done.
 */
static enum sk_code
swap(struct job *j, bool *ret_done, struct err *e)
{
	enum sk_code code;

	*ret_done = false;
	if (j->fs->exchange(j->dir, j->temp, j->name) != 0)
		return SK_OK;
	*ret_done = true;
	code = check_swapped(j, e);
	if (code == SK_OK) {
		j->committed = true;
		job_discard(j);
	} else if (j->fs->exchange(j->dir, j->temp, j->name) != 0 && j->fs->exchange(j->dir, j->temp, j->name) != 0) {
		/* The temporary is the only copy of what was there; the next run knows it from its own. */
		j->staged = false;
		j->committed = true;
		return fs_say(e, j->path, errno, "what stood there is in the .sshkeep- file beside it for now");
	}
	return code;
}

static enum sk_code
sync_dir(const struct job *j, struct err *e)
{
	return fs_sync_dir(j->fs, j->dir) ? SK_OK : fs_say(e, j->path, errno, "its folder cannot be synchronised");
}

/* A file that appeared since it was looked for stays. */
static enum sk_code
create(struct job *j, struct err *e)
{
	if (fs_rename_new(j->fs, j->dir, j->temp, j->name) != 0)
		return errno == EEXIST ? fs_say_plain(e, SK_ECHANGED, j->path, "appeared since it was looked for") :
					 fs_say(e, j->path, errno, "cannot be made");
	j->staged = false;
	j->committed = true;
	return sync_dir(j, e);
}

/* By way of the temporary's name, so that what goes can be looked at when nobody else finds it any more. */
static enum sk_code
remove_file(struct job *j, struct err *e)
{
	enum sk_code code;

	if (fs_rename_new(j->fs, j->dir, j->name, j->temp) != 0)
		return fs_say(e, j->path, errno, "cannot be removed");
	code = check_swapped(j, e);
	if (code == SK_OK) {
		j->staged = j->committed = true;
		job_discard(j);
		return sync_dir(j, e);
	}
	if (fs_rename_new(j->fs, j->dir, j->temp, j->name) == 0 || fs_rename_new(j->fs, j->dir, j->temp, j->name) == 0)
		return code;
	j->committed = true;
	return fs_say(e, j->path, errno, "what stood there is in the .sshkeep- file beside it for now");
}

static enum sk_code
replace(struct job *j, struct err *e)
{
	bool done;
	enum sk_code code = swap(j, &done, e);

	if (code != SK_OK)
		return code;
	if (done)
		return sync_dir(j, e);
	if (j->fs->renameat(j->dir, j->temp, j->dir, j->name) != 0) {
		if ((errno != EBUSY && errno != EXDEV) || !j->mounts)
			return fs_say(e, j->path, errno, "cannot be replaced");
		job_discard(j);
		j->in_place = true;
		return overwrite(j, e);
	}
	j->staged = false;
	j->committed = true;
	return sync_dir(j, e);
}

enum sk_code
job_commit(struct job *j, struct err *e)
{
	struct str now = { 0 };
	struct stat st = { 0 };
	bool exists = false;
	enum sk_code code = job_look(j, O_RDONLY, &st, &now, &exists, e);

	if (code != SK_OK)
		return code;
	if (exists != j->from.exists || (exists && !is_same(j, &st, now)))
		return fs_say_plain(e, SK_ECHANGED, j->path, "changed since it was read");
	if (j->in_place)
		return overwrite(j, e);
	if (!j->to.exists)
		return exists ? remove_file(j, e) : SK_OK;
	return exists ? replace(j, e) : create(j, e);
}

enum sk_code
job_revert(const struct job *j, struct err *e)
{
	struct job back = *j;
	enum sk_code code;

	back.from = j->to;
	back.to = j->from;
	back.to.mode = j->st.st_mode;
	back.to.uid = j->st.st_uid;
	back.to.gid = j->st.st_gid;
	back.keep_owner = true;
	back.staged = back.committed = false;
	/* Overwritten files may be half written, so what stands there counts. */
	back.any = j->in_place;
	back.links = j->in_place ? LINKS_IN_PLACE : LINKS_LEAVE;
	code = job_check(&back, e);
	if (code == SK_OK) {
		back.in_place = j->in_place;
		code = job_stage(&back, e);
	}
	if (code == SK_OK)
		code = job_commit(&back, e);
	job_discard(&back);
	return code;
}
