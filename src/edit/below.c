/* SPDX-License-Identifier: MIT */
/* Writing below an open folder and nowhere else. */
#define _GNU_SOURCE /* O_PATH: a folder on the way need not be readable */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "edit/job.h"

enum { MODE_ALL = 07777, WRITABLE = 0222 };

struct below {
	const struct fs_ops *fs;
	struct arena *a;
	const struct below_item *item;
	struct job *job;
	size_t n;
	int *open; /* folders, each once */
	size_t n_open;
};

/* The folder that holds the file, opened step by step; *ret_name is the file's name in it. */
static enum sk_code
open_way(const struct below *b, const struct below_item *item, int *ret_dir, const char **ret_name, struct err *e)
{
	struct str rest = item->path, part;
	int dir = b->fs->openat(item->top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

	if (dir < 0)
		return fs_say(e, item->shown, errno, "its tree cannot be opened");
	while (str_split(&rest, '/', &part)) {
		const char *name = arena_strz(b->a, part);
		int next;

		if (part.n == 0 || str_eqc(part, ".") || str_eqc(part, "..") || str_chr(part, '\0', 0) != SIZE_MAX) {
			(void)b->fs->close(dir);
			return fs_say_plain(e, SK_EREFUSED, item->shown, "not a path of the tree");
		}
		if (rest.p == NULL) {
			*ret_name = name;
			*ret_dir = dir;
			return SK_OK;
		}
		next = b->fs->openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		(void)b->fs->close(dir);
		if (next < 0 && (errno == ELOOP || errno == ENOTDIR || errno == ENOENT))
			return fs_say_plain(
			    e, SK_ECHANGED, item->shown, "a folder on the way was replaced since it was read");
		if (next < 0)
			return fs_say(e, item->shown, errno, "a folder on the way cannot be opened");
		dir = next;
	}
	(void)b->fs->close(dir);
	return fs_say_plain(e, SK_EREFUSED, item->shown, "not a path of the tree");
}

static enum sk_code
check(struct job *j, struct err *e)
{
	enum sk_code code = job_check(j, e);

	if (code != SK_OK)
		return code;
	/* root may write anything; who takes all write bits away means it */
	if ((j->st.st_mode & WRITABLE) == 0 || (j->dir_st.st_mode & WRITABLE) == 0)
		return fs_say_plain(e, SK_EREFUSED, j->path, "is read-only");
	return SK_OK;
}

/* Many files of one folder need it open once. */
static void
share_folder(struct below *b, struct job *j)
{
	for (struct job *k = b->job; k < j; k++) {
		if (k->dir_st.st_dev != j->dir_st.st_dev || k->dir_st.st_ino != j->dir_st.st_ino)
			continue;
		(void)b->fs->close(b->open[--b->n_open]);
		j->dir = k->dir;
		return;
	}
}

static enum sk_code
add(struct below *b, size_t i, struct err *e)
{
	const struct below_item *item = &b->item[i];
	struct job *j = &b->job[b->n];
	struct timespec now = { 0 };
	enum sk_code code;

	*j = (struct job){ .fs = b->fs,
		.a = b->a,
		.path = item->shown,
		.from = { .exists = true, .bytes = item->old_bytes },
		.to = { .exists = true, .bytes = item->new_bytes },
		.links = LINKS_REFUSE };
	code = open_way(b, item, &j->dir, &j->name, e);
	if (code != SK_OK)
		return code;
	b->open[b->n_open++] = j->dir;
	b->n++;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	j->temp = arena_strz(b->a, arena_printf(b->a, ".sshkeep-%ld-%ld-%zu", (long)getpid(), now.tv_nsec, i));
	if (b->fs->fstat(j->dir, &j->dir_st) != 0)
		return fs_say(e, item->shown, errno, "its folder cannot be looked at");
	share_folder(b, j);
	code = check(j, e);
	for (size_t k = 0; k + 1 < b->n && code == SK_OK; k++)
		if (b->job[k].st.st_dev == j->st.st_dev && b->job[k].st.st_ino == j->st.st_ino)
			code = fs_say_plain(e, SK_EREFUSED, item->shown, "two names lead to this one file");
	return code;
}

/* Does the path still lead to the folder that is open? */
static enum sk_code
still_there(const struct below *b, size_t i, struct err *e)
{
	const char *name;
	struct stat st;
	int dir = -1;
	enum sk_code code = open_way(b, &b->item[i], &dir, &name, e);

	if (code != SK_OK)
		return code;
	if (b->fs->fstat(dir, &st) != 0)
		code = fs_say(e, b->item[i].shown, errno, "its folder cannot be looked at");
	else if (st.st_dev != b->job[i].dir_st.st_dev || st.st_ino != b->job[i].dir_st.st_ino)
		code = fs_say_plain(e, SK_ECHANGED, b->item[i].shown, "its folder was replaced meanwhile");
	(void)b->fs->close(dir);
	return code;
}

/* Back to what was; the message names what could not be put back. */
static enum sk_code
put_back(struct below *b, struct err *e)
{
	struct buf names = { 0 };

	for (size_t i = b->n; i > 0; i--) {
		struct job *j = &b->job[i - 1];
		struct err why = { 0 };

		job_discard(j);
		if (!j->committed || job_revert(j, &why) == SK_OK || job_revert(j, &why) == SK_OK)
			continue;
		buf_addc(&names, names.n > 0 ? ", " : "");
		buf_add_escaped(&names, j->path);
	}
	if (names.n > 0) {
		struct str first = arena_str(b->a, str_c(e->msg));

		(void)err_set(e, SK_EHALF, "%.300s; and these files were changed and could not be put back: %.*s",
		    first.p, names.n < 400 ? (int)names.n : 400, names.p);
	}
	buf_release(&names);
	return e->code;
}

static enum sk_code
write_jobs(struct below *b, size_t n, struct err *e)
{
	enum sk_code code = SK_OK;

	for (size_t i = 0; i < n && code == SK_OK; i++)
		code = add(b, i, e);
	for (size_t i = 0; i < n && code == SK_OK; i++)
		code = job_stage(&b->job[i], e);
	for (size_t i = 0; i < n && code == SK_OK; i++)
		code = still_there(b, i, e);
	for (size_t i = 0; i < n && code == SK_OK; i++)
		code = job_commit(&b->job[i], e);
	return code == SK_OK ? SK_OK : put_back(b, e);
}

enum sk_code
write_below(struct arena *a, const struct fs_ops *fs, const struct below_item *item, size_t n, struct err *e)
{
	struct below b = { .fs = fs,
		.a = a,
		.item = item,
		.job = ARENA_ARRAY(a, struct job, n + 1),
		.open = ARENA_ARRAY(a, int, n + 1) };
	sigset_t mask;
	/* what was begun is finished or put back */
	bool blocked = fs_hold_signals(&mask);
	enum sk_code code = write_jobs(&b, n, e);

	for (size_t i = 0; i < b.n_open; i++)
		(void)fs->close(b.open[i]);
	if (blocked)
		(void)sigprocmask(SIG_SETMASK, &mask, NULL);
	return code;
}
