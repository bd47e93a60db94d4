/* SPDX-License-Identifier: MIT */
/* The journal and the backups below the state folder. */
#include "edit/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

enum { MODE_DIR = 0700, MODE_FILE = 0600, FILES_MAX = 8192 };

struct str
journal_path(const struct store *s, uint64_t id, const char *name)
{
	return arena_printf(
	    s->a, "%.*s/backup/%llu%s%s", STR_ARG(s->dir), (unsigned long long)id, *name != '\0' ? "/" : "", name);
}

static const char *
id_name(const struct store *s, uint64_t id)
{
	return arena_printf(s->a, "%llu", (unsigned long long)id).p;
}

static int
open_entry(const struct store *s, uint64_t id)
{
	return s->fs->openat(s->backup, id_name(s, id), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

/* close() that keeps errno. */
static void
done_with(const struct store *s, int fd)
{
	int keep = errno;

	(void)s->fs->close(fd);
	errno = keep;
}

/* What stands in the journal is done, so nobody else may have written it. */
static enum sk_code
check_own(const struct fs_ops *fs, int fd, struct str dir, struct err *e)
{
	struct stat st;

	if (fs->fstat(fd, &st) != 0)
		return err_sys(e, SK_EWRITE, errno, "the state folder %.*s", STR_ARG(dir));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(e, SK_EREFUSED, "the state folder %.*s belongs to another user (uid %lu)", STR_ARG(dir),
		    (unsigned long)st.st_uid);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return err_set(e, SK_EREFUSED, "the state folder %.*s may be written by others (mode %04lo)",
		    STR_ARG(dir), (unsigned long)(st.st_mode & 07777));
	return SK_OK;
}

static enum sk_code
open_backup(struct store *s, int top, bool make, struct err *e)
{
	struct stat st;
	bool fresh = make && s->fs->mkdirat(top, "backup", MODE_DIR) == 0;

	if (make && ((!fresh && errno != EEXIST) || (fresh && !fs_sync_dir(s->fs, top))))
		return err_sys(e, SK_EWRITE, errno, "%.*s/backup cannot be made", STR_ARG(s->dir));
	s->backup = s->fs->openat(top, "backup", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
	/* "Nothing to put back" is not believed for one failed open. */
	if (s->backup < 0 && errno == ENOENT && !make && s->fs->fstatat(top, "backup", &st, 0) != 0 && errno == ENOENT)
		return SK_ENOENT;
	if (s->backup < 0)
		return err_sys(e, SK_EWRITE, errno, "%.*s/backup", STR_ARG(s->dir));
	return check_own(s->fs, s->backup, s->dir, e);
}

static enum sk_code
open_lock(struct store *s, int top, struct err *e)
{
	s->lock = s->fs->openat(top, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, MODE_FILE);
	if (s->lock >= 0 && fs_lock(s->fs, s->lock))
		return SK_OK;
	if (errno == EWOULDBLOCK && s->lock >= 0)
		return err_set(e, SK_EWRITE, "another sshkeep is at work (it holds %.*s/lock)", STR_ARG(s->dir));
	return err_sys(e, SK_EWRITE, errno, "%.*s/lock", STR_ARG(s->dir));
}

enum sk_code
journal_open(struct arena *a, const struct write_opts *o, bool make, struct store *ret, struct err *e)
{
	struct store s = { .fs = o->fs, .a = a, .dir = o->state_dir, .backup = -1, .lock = -1 };
	int top = -1;
	enum sk_code code = fs_walk_dir(o->fs, a, o->state_dir, make, &top, e);

	if (code != SK_OK)
		return code;
	code = check_own(s.fs, top, s.dir, e);
	if (code == SK_OK)
		code = open_backup(&s, top, make, e);
	if (code == SK_OK)
		code = open_lock(&s, top, e);
	(void)s.fs->close(top);
	if (code == SK_OK) {
		s.held = fs_hold_signals(&s.mask);
		*ret = s;
	} else {
		journal_close(&s);
	}
	return code;
}

void
journal_close(const struct store *s)
{
	if (s->backup >= 0)
		(void)s->fs->close(s->backup);
	if (s->lock >= 0)
		(void)s->fs->close(s->lock);
	if (s->held)
		(void)sigprocmask(SIG_SETMASK, &s->mask, NULL);
}

/* The bytes of one file of an entry.  False: errno. */
static bool
load(const struct store *s, int entry, const char *name, struct str *ret)
{
	int fd = s->fs->openat(entry, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = fs_read_all(s->fs, s->a, fd, ret);
	done_with(s, fd);
	return ok;
}

static bool
store(const struct store *s, int entry, const char *name, struct str bytes)
{
	int fd = s->fs->openat(entry, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, MODE_FILE), keep;
	bool ok;

	if (fd < 0)
		return false;
	ok = fs_write_all(s->fs, fd, bytes) && s->fs->fsync(fd) == 0;
	keep = errno;
	if (s->fs->close(fd) != 0 && ok) {
		ok = false;
		keep = errno;
	}
	errno = keep;
	return ok;
}

static bool
store_journal(const struct store *s, int entry, const struct journal *j)
{
	return store(s, entry, "journal.new", journal_write(s->a, j)) &&
	    s->fs->renameat(entry, "journal.new", entry, "journal") == 0 && fs_sync_dir(s->fs, entry);
}

struct id_list {
	uint64_t *v;
	size_t n, cap;
};

static void
add_id(void *ctx, const char *name)
{
	struct id_list *l = ctx;
	uint64_t id;

	if (num_uint(str_c(name), UINT32_MAX, &id, NULL) != SK_OK)
		return;
	MEM_GROW(l->v, l->cap, l->n + 1);
	l->v[l->n++] = id;
}

static int
compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool
list_ids(const struct store *s, struct id_list *ret)
{
	if (s->fs->list(s->backup, add_id, ret) != 0)
		return false;
	if (ret->n > 0)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare_ids);
	return true;
}

struct names {
	struct arena *a;
	struct str v[FILES_MAX];
	size_t n;
};

static void
add_name(void *ctx, const char *name)
{
	struct names *l = ctx;

	if (l->n < FILES_MAX)
		l->v[l->n++] = arena_str(l->a, str_c(name));
}

/* Nothing is thrown away for an open that failed: the listing has to agree. */
static bool
has_journal(const struct store *s, int entry)
{
	struct names *l = ARENA_NEW(s->a, struct names);

	l->a = s->a;
	if (s->fs->list(entry, add_name, l) != 0)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (str_eqc(l->v[i], "journal"))
			return true;
	return false;
}

/* One entry; *ret_there is false when it never began, and then it is removed. */
static enum sk_code
read_entry(const struct store *s, struct journal *j, bool *ret_there, struct err *e)
{
	struct str text;
	int entry = open_entry(s, j->id), keep;
	bool began = true;

	*ret_there = true;
	if (entry < 0)
		return err_sys(e, SK_EWRITE, errno, "%s", journal_path(s, j->id, "").p);
	if (load(s, entry, "journal", &text)) {
		done_with(s, entry);
		if (!journal_read(s->a, text, j))
			*j = (struct journal){ .id = j->id, .state = JOURNAL_DAMAGED };
		return SK_OK;
	}
	keep = errno;
	if (keep == ENOENT)
		began = has_journal(s, entry);
	done_with(s, entry);
	if (began)
		return err_sys(e, SK_EWRITE, keep, "%s", journal_path(s, j->id, "journal").p);
	/* Files are touched only after the journal stands: this one never began. */
	journal_remove(s, j);
	*ret_there = false;
	return SK_OK;
}

enum sk_code
journal_all(const struct store *s, struct journal **ret, size_t *ret_n, struct err *e)
{
	struct id_list ids = { 0 };
	struct journal *v;
	enum sk_code code = SK_OK;
	size_t n = 0;

	if (!list_ids(s, &ids)) {
		code = err_sys(e, SK_EWRITE, errno, "%.*s/backup", STR_ARG(s->dir));
		free(ids.v);
		return code;
	}
	v = ARENA_ARRAY(s->a, struct journal, ids.n + 1);
	for (size_t i = 0; i < ids.n && code == SK_OK; i++) {
		bool there;

		v[n] = (struct journal){ .id = ids.v[i] };
		code = read_entry(s, &v[n], &there, e);
		n += there;
	}
	free(ids.v);
	if (code != SK_OK)
		return code;
	*ret = v;
	*ret_n = n;
	return SK_OK;
}

static struct str
now_text(struct arena *a)
{
	time_t t = time(NULL);
	struct tm tm;
	char text[40] = "";

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	return arena_str(a, str_c(text));
}

static bool
store_sides(const struct store *s, int entry, const struct journal *j)
{
	for (size_t i = 0; i < j->n_file; i++) {
		const struct journal_file *f = &j->file[i];

		if (f->was.exists && !store(s, entry, arena_printf(s->a, "%zu.old", i).p, f->was.bytes))
			return false;
		if (f->is.exists && !store(s, entry, arena_printf(s->a, "%zu.new", i).p, f->is.bytes))
			return false;
	}
	return true;
}

static void
sum_up(struct journal_side *s)
{
	s->size = s->bytes.n;
	s->sum = str_hash(s->bytes);
}

enum sk_code
journal_begin(const struct store *s, struct journal *j, struct err *e)
{
	struct id_list ids = { 0 };
	bool ok = list_ids(s, &ids);
	int keep = errno, entry;

	j->id = ids.n > 0 ? ids.v[ids.n - 1] + 1 : 1;
	free(ids.v);
	if (!ok || s->fs->mkdirat(s->backup, id_name(s, j->id), MODE_DIR) != 0)
		return err_sys(e, SK_EWRITE, ok ? errno : keep, "the backup in %.*s/backup failed", STR_ARG(s->dir));
	j->state = JOURNAL_PREPARED;
	j->when = now_text(s->a);
	for (size_t i = 0; i < j->n_file; i++) {
		sum_up(&j->file[i].was);
		sum_up(&j->file[i].is);
	}
	entry = open_entry(s, j->id);
	ok = entry >= 0 && fs_sync_dir(s->fs, s->backup) && store_sides(s, entry, j) && store_journal(s, entry, j);
	if (entry >= 0)
		done_with(s, entry);
	if (ok)
		return SK_OK;
	keep = errno;
	journal_remove(s, j);
	return err_sys(e, SK_EWRITE, keep, "the backup in %s failed", journal_path(s, j->id, "").p);
}

enum sk_code
journal_set(const struct store *s, struct journal *j, enum journal_state state, struct err *e)
{
	enum journal_state was = j->state;
	int entry = open_entry(s, j->id), keep;
	bool ok;

	j->state = state;
	ok = entry >= 0 && store_journal(s, entry, j);
	if (entry >= 0)
		done_with(s, entry);
	if (ok)
		return SK_OK;
	keep = errno;
	j->state = was;
	return err_sys(e, SK_EWRITE, keep, "%s", journal_path(s, j->id, "journal").p);
}

static enum sk_code
load_side(const struct store *s, uint64_t id, int entry, const char *name, struct journal_side *side, struct err *e)
{
	if (!side->exists)
		return SK_OK;
	if (!load(s, entry, name, &side->bytes))
		return err_sys(e, SK_EWRITE, errno, "%s", journal_path(s, id, name).p);
	if (side->bytes.n != side->size || str_hash(side->bytes) != side->sum)
		return err_set(e, SK_EWRITE,
		    "%s is damaged and was not used; to go on without this entry, move its folder away",
		    journal_path(s, id, name).p);
	return SK_OK;
}

enum sk_code
journal_bytes(const struct store *s, struct journal *j, struct err *e)
{
	int entry = open_entry(s, j->id);
	enum sk_code code = SK_OK;

	if (entry < 0)
		return err_sys(e, SK_EWRITE, errno, "%s", journal_path(s, j->id, "").p);
	for (size_t i = 0; i < j->n_file && code == SK_OK; i++) {
		struct journal_file *f = &j->file[i];

		code = load_side(s, j->id, entry, arena_printf(s->a, "%zu.old", i).p, &f->was, e);
		if (code == SK_OK)
			code = load_side(s, j->id, entry, arena_printf(s->a, "%zu.new", i).p, &f->is, e);
	}
	(void)s->fs->close(entry);
	return code;
}

void
journal_remove(const struct store *s, const struct journal *j)
{
	struct names *l = ARENA_NEW(s->a, struct names);
	int entry = open_entry(s, j->id);

	l->a = s->a;
	if (entry >= 0) {
		/* The journal goes first: an entry without one counts as never begun. */
		(void)s->fs->unlinkat(entry, "journal", 0);
		(void)s->fs->list(entry, add_name, l);
		for (size_t i = 0; i < l->n; i++)
			(void)s->fs->unlinkat(entry, l->v[i].p, 0);
		(void)s->fs->close(entry);
	}
	(void)s->fs->unlinkat(s->backup, id_name(s, j->id), AT_REMOVEDIR);
}
