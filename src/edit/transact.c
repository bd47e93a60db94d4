/* SPDX-License-Identifier: MIT */
/* Several files, all or none. */
#include "edit/transact.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

enum { MODE_DIR_USER = 0700, MODE_DIR_SYSTEM = 0755, NAMES_MAX = 400 };

static const char *
z(const struct run *r, struct str s)
{
	return arena_strz(r->s->a, s);
}

void
run_close(struct run *r)
{
	for (size_t i = 0; i < r->n_folder; i++)
		(void)r->s->fs->close(r->folder[i].fd);
	free(r->folder);
	free(r->job);
	r->folder = NULL;
	r->job = NULL;
	r->n = r->cap = r->n_folder = r->cap_folder = 0;
}

/* The lock keeps an sshkeep with another state folder away; where folders cannot be locked the checks must do. */
static enum sk_code
lock_folder(struct run *r, struct folder f, struct str path, struct err *e)
{
	MEM_GROW(r->folder, r->cap_folder, r->n_folder + 1);
	r->folder[r->n_folder++] = f;
	if (!fs_lock(r->s->fs, f.fd) && errno == EWOULDBLOCK)
		return fs_say_plain(e, SK_EWRITE, path, "another program is at work in its folder");
	return SK_OK;
}

/* The run's descriptor of the folder that fd opened; fd is taken over. */
static enum sk_code
keep_folder(struct run *r, int fd, const struct stat *st, struct str path, int *ret_fd, struct err *e)
{
	for (size_t i = 0; i < r->n_folder; i++) {
		if (r->folder[i].dev != st->st_dev || r->folder[i].ino != st->st_ino)
			continue;
		(void)r->s->fs->close(fd);
		*ret_fd = r->folder[i].fd;
		return SK_OK;
	}
	*ret_fd = fd;
	return lock_folder(r, (struct folder){ .fd = fd, .dev = st->st_dev, .ino = st->st_ino }, path, e);
}

enum sk_code
run_add(struct run *r, const struct journal_file *f, const struct place *p, struct job **ret, struct err *e)
{
	struct job *j;

	MEM_GROW(r->job, r->cap, r->n + 1);
	j = &r->job[r->n++];
	*j = (struct job){ .fs = r->s->fs,
		.a = r->s->a,
		.path = f->path,
		.dir_st = p->dir_st,
		.missing = p->missing,
		.name = z(r, p->name),
		.temp = z(r, str_base(f->temp)),
		.from = f->was,
		.to = f->is,
		.keep_owner = f->was.exists || geteuid() == 0,
		.links = r->o->in_place || f->linked ? LINKS_IN_PLACE : LINKS_REFUSE,
		.mounts = r->o->in_place || f->in_place };
	*ret = j;
	return keep_folder(r, p->dir, &p->dir_st, f->path, &j->dir, e);
}

enum sk_code
run_check(const struct run *r, struct err *e)
{
	enum sk_code code = SK_OK;

	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = job_check(&r->job[i], e);
	return code;
}

static enum sk_code
make_dir(struct run *r, int parent, struct str path, mode_t mode, int *ret_fd, struct err *e)
{
	const struct fs_ops *fs = r->s->fs;
	const char *name = z(r, str_base(path));
	bool fresh = false;
	struct stat st;
	enum sk_code code = SK_OK;
	int fd;

	for (size_t i = 0; i < r->j->n_dir; i++) {
		if (!str_eq(r->j->dir[i], path) || r->made[i])
			continue;
		if (fs->mkdirat(parent, name, 0700) != 0)
			return fs_say(e, path, errno, "cannot be made");
		fresh = r->made[i] = true;
		if (!fs_sync_dir(fs, parent))
			return fs_say(e, path, errno, "the folder around it cannot be synchronised");
	}
	fd = fs->openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0)
		return fs_say(e, path, errno, errno == ENOENT ? "the folder is gone" : "cannot be opened");
	if (fresh)
		code = fs_own_dir(fs, parent, fd, path, mode, e);
	if (code == SK_OK && fs->fstat(fd, &st) != 0)
		code = fs_say(e, path, errno, "cannot be looked at");
	if (code == SK_OK)
		return keep_folder(r, fd, &st, path, ret_fd, e);
	(void)fs->close(fd);
	return code;
}

static enum sk_code
make_dirs(struct run *r, struct err *e)
{
	mode_t mode = MODE_DIR_USER;

	r->made = ARENA_ARRAY(r->s->a, bool, r->j->n_dir + 1);
	for (size_t i = 0; i < r->n; i++)
		if (r->job[i].missing.n > 0 && (r->job[i].to.mode & 077) != 0)
			mode = MODE_DIR_SYSTEM;
	for (size_t i = 0; i < r->n; i++) {
		struct job *j = &r->job[i];
		size_t at = j->path.n - strlen(j->name) - 1 - j->missing.n;

		while (j->missing.n > 0 && j->to.exists) {
			size_t n = str_chr(j->missing, '/', 0);
			enum sk_code code;

			n = n == SIZE_MAX ? j->missing.n : n;
			at += n;
			code = make_dir(r, j->dir, str_head(j->path, at), mode, &j->dir, e);
			if (code != SK_OK)
				return code;
			if (r->s->fs->fstat(j->dir, &j->dir_st) != 0)
				return fs_say(e, j->path, errno, "its folder cannot be looked at");
			j->missing = str_from(j->missing, n + 1);
			at++;
		}
	}
	return SK_OK;
}

void
run_remove_dirs(const struct run *r, bool only_made)
{
	const struct fs_ops *fs = r->s->fs;

	for (size_t i = r->j->n_dir; i > 0; i--) {
		struct place p;
		struct err ignored = { 0 };

		if (only_made && (r->made == NULL || !r->made[i - 1]))
			continue;
		if (fs_walk(fs, r->s->a, r->j->dir[i - 1], &p, &ignored) != SK_OK &&
		    fs_walk(fs, r->s->a, r->j->dir[i - 1], &p, &ignored) != SK_OK)
			continue;
		/* Folders that hold something by now stay. */
		if (p.exists && S_ISDIR(p.st.st_mode) && fs->unlinkat(p.dir, z(r, p.name), AT_REMOVEDIR) != 0 &&
		    errno != ENOTEMPTY && errno != EEXIST)
			(void)fs->unlinkat(p.dir, z(r, p.name), AT_REMOVEDIR);
		(void)fs->close(p.dir);
	}
}

static bool
is_as_before(const struct job *j)
{
	struct str now = { 0 };
	struct stat st;
	struct err ignored;
	bool exists = false;

	return job_look(j, O_RDONLY, &st, &now, &exists, &ignored) == SK_OK && exists == j->from.exists &&
	    (!exists || str_eq(now, j->from.bytes));
}

bool
run_revert(struct run *r, struct err *e)
{
	struct err why = { 0 };
	struct buf names = { 0 };
	struct str first;
	bool ok = true;

	for (size_t i = r->n; i > 0; i--) {
		struct job *j = &r->job[i - 1];

		job_discard(j);
		if (!j->committed)
			continue;
		if (job_revert(j, &why) == SK_OK || job_revert(j, &why) == SK_OK) {
			j->committed = false;
			continue;
		}
		ok = false;
		if (is_as_before(j))
			continue;
		buf_addc(&names, names.n > 0 ? ", " : "");
		buf_add_escaped(&names, j->path);
	}
	first = arena_str(r->s->a, str_c(e->msg));
	if (names.n > 0)
		(void)err_set(e, SK_EHALF,
		    "%.250s; and what was changed could not be put back: %.250s; not as before: %.*s%s; run sshkeep "
		    "again to put the old bytes back",
		    first.p, why.msg, names.n < NAMES_MAX ? (int)names.n : NAMES_MAX, names.p,
		    names.n < NAMES_MAX ? "" : "...");
	else if (!ok)
		(void)err_set(e, e->code, "%.450s; and putting back met %.450s: run sshkeep again to finish that",
		    first.p, why.msg);
	buf_release(&names);
	return ok;
}

/* The file would be put into a folder that no longer stands where the path leads. */
static enum sk_code
still_there(const struct run *r, const struct job *j, struct err *e)
{
	struct place p;
	bool same;
	enum sk_code code = fs_walk(r->s->fs, r->s->a, j->path, &p, e);

	if (code != SK_OK)
		return code;
	same = p.dir_st.st_dev == j->dir_st.st_dev && p.dir_st.st_ino == j->dir_st.st_ino &&
	    p.missing.n == j->missing.n && str_eq(p.path, j->path);
	(void)r->s->fs->close(p.dir);
	return same ? SK_OK :
		      fs_say_plain(e, SK_ECHANGED, j->path, "its folder or a link to it was replaced meanwhile");
}

enum sk_code
run_all(struct run *r, bool *ret_stuck, struct err *e)
{
	enum sk_code code = make_dirs(r, e);

	*ret_stuck = false;
	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = job_stage(&r->job[i], e);
	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = still_there(r, &r->job[i], e);
	for (size_t i = 0; i < r->n && code == SK_OK; i++)
		code = job_commit(&r->job[i], e);
	if (code == SK_OK)
		return SK_OK;
	*ret_stuck = !run_revert(r, e);
	run_remove_dirs(r, true);
	return e->code;
}

void
run_note_state(const struct run *r, enum journal_state state)
{
	struct err ignored = { 0 };

	if (journal_set(r->s, r->j, state, &ignored) != SK_OK)
		r->j->state = state;
}

enum sk_code
run_new(struct run *r, struct err *e)
{
	bool stuck = false;
	enum sk_code code = journal_begin(r->s, r->j, e);

	if (code != SK_OK)
		return code;
	code = run_all(r, &stuck, e);
	if (code == SK_OK) {
		code = journal_set(r->s, r->j, JOURNAL_DONE, e);
		if (code == SK_OK)
			return SK_OK;
		/* The journal may say done already: while the files go back it must not. */
		run_note_state(r, JOURNAL_PREPARED);
		stuck = !run_revert(r, e);
		code = e->code;
		run_remove_dirs(r, true);
	}
	if (!stuck)
		journal_remove(r->s, r->j);
	return code;
}
