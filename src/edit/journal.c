/* SPDX-License-Identifier: MIT */
/* The journal and the backups below the state folder. */
#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "edit/journal.h"

enum { LOCK_TRIES = 60, LOCK_PAUSE_MS = 50, MODE_DIR = 0700, MODE_FILE = 0600, FILES_MAX = 8192 };

static const char magic[] = "sshkeep-journal 1";
static const char *const state_name[] = {
	[JOURNAL_NONE] = "none",
	[JOURNAL_PREPARED] = "prepared",
	[JOURNAL_DONE] = "done",
	[JOURNAL_UNDOING] = "undoing",
	[JOURNAL_UNDONE] = "undone",
};

static const char *
entry_path(struct arena *a, const struct write_opts *o, uint64_t id, const char *name)
{
	return arena_printf(
	    a, "%.*s/backup/%llu%s%s", STR_ARG(o->state_dir), (unsigned long long)id, name[0] != '\0' ? "/" : "", name)
	    .p;
}

static bool
make_path(const struct fs_ops *fs, struct arena *a, struct str dir)
{
	for (size_t i = str_chr(dir, '/', 1);; i = str_chr(dir, '/', i + 1)) {
		const char *part = arena_strz(a, str_head(dir, i));

		if (fs->mkdir(part, MODE_DIR) != 0 && errno != EEXIST) {
			struct stat st;
			int keep = errno;

			/* A read-only or foreign parent that is there is none of our business. */
			if (fs->stat(part, &st) != 0 || !S_ISDIR(st.st_mode)) {
				errno = keep;
				return false;
			}
		}
		if (i == SIZE_MAX)
			return true;
	}
}

static bool
take_lock(const struct fs_ops *fs, int fd)
{
	static const struct timespec pause = { 0, LOCK_PAUSE_MS * 1000000L };

	for (unsigned i = 0; i < LOCK_TRIES; i++) {
		if (fs->flock(fd, LOCK_EX | LOCK_NB) == 0)
			return true;
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return false;
		nanosleep(&pause, NULL);
	}
	errno = EWOULDBLOCK;
	return false;
}

enum sk_code
journal_lock(struct arena *a, const struct write_opts *o, int *ret_lock, struct err *e)
{
	const char *path = arena_printf(a, "%.*s/lock", STR_ARG(o->state_dir)).p;
	int fd, keep;

	if (!make_path(o->fs, a, arena_printf(a, "%.*s/backup", STR_ARG(o->state_dir))))
		return err_sys(e, SK_EWRITE, errno, "the state folder %.*s cannot be made", STR_ARG(o->state_dir));
	fd = o->fs->open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE_FILE);
	if (fd < 0)
		return err_sys(e, SK_EWRITE, errno, "%s", path);
	if (take_lock(o->fs, fd)) {
		*ret_lock = fd;
		return SK_OK;
	}
	keep = errno;
	(void)o->fs->close(fd);
	if (keep == EWOULDBLOCK)
		return err_set(e, SK_EWRITE, "another sshkeep is at work (it holds %s)", path);
	return err_sys(e, SK_EWRITE, keep, "%s", path);
}

/* Any byte of a path is possible; the journal is lines of words. */
static void
add_path(struct buf *b, const char *key, struct str path)
{
	buf_addf(b, "%s ", key);
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (c <= ' ' || c == '%' || c >= 0x7f)
			buf_addf(b, "%%%02X", c);
		else
			buf_addch(b, (char)c);
	}
	buf_addc(b, "\n");
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static struct str
read_path(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '%' && i + 2 < s.n && hex(s.p[i + 1]) >= 0 && hex(s.p[i + 2]) >= 0) {
			p[n++] = (char)(hex(s.p[i + 1]) << 4 | hex(s.p[i + 2]));
			i += 2;
		} else {
			p[n++] = s.p[i];
		}
	}
	return (struct str){ p, n };
}

static struct str
journal_text(struct arena *a, const struct journal *j)
{
	struct buf b = { 0 };
	struct str out;

	buf_addf(&b, "%s\nstate %s\nwhen %.*s\n", magic, state_name[j->state], STR_ARG(j->when));
	add_path(&b, "label", j->label);
	for (size_t i = 0; i < j->n_dir; i++)
		add_path(&b, "dir", j->dir[i]);
	for (size_t i = 0; i < j->n_file; i++) {
		const struct journal_file *f = &j->file[i];

		add_path(&b, "path", f->path);
		add_path(&b, "temp", f->temp);
		buf_addf(&b, "file %s %lu %lu %lu\n",
		    !f->exists	  ? "made" :
			f->linked ? "linked" :
				    "replaced",
		    (unsigned long)f->mode, (unsigned long)f->uid, (unsigned long)f->gid);
	}
	buf_addc(&b, "end\n");
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool
read_number(struct str *rest, unsigned long *ret)
{
	struct str word;
	uint64_t n;

	if (!str_split(rest, ' ', &word) || num_uint(word, UINT32_MAX, &n, NULL) != SK_OK)
		return false;
	*ret = (unsigned long)n;
	return true;
}

static bool
read_file_line(struct journal_file *f, struct str rest)
{
	unsigned long mode, uid, gid;
	struct str word;

	if (!str_split(&rest, ' ', &word))
		return false;
	f->linked = str_eqc(word, "linked");
	f->exists = f->linked || str_eqc(word, "replaced");
	if (!f->exists && !str_eqc(word, "made"))
		return false;
	if (!read_number(&rest, &mode) || !read_number(&rest, &uid) || !read_number(&rest, &gid))
		return false;
	f->mode = (mode_t)mode;
	f->uid = (uid_t)uid;
	f->gid = (gid_t)gid;
	return f->path.n > 0 && f->temp.n > 0;
}

/* False: not a whole journal of ours. */
static bool
read_journal(struct arena *a, struct str text, struct journal *j)
{
	struct str line, word;
	bool ended = false;
	size_t lines = 0;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	j->file = ARENA_ARRAY(a, struct journal_file, lines + 1);
	j->dir = ARENA_ARRAY(a, struct str, lines + 1);
	if (!str_split(&text, '\n', &line) || !str_eqc(line, magic))
		return false;
	while (!ended && str_split(&text, '\n', &line)) {
		struct journal_file *f = &j->file[j->n_file];

		if (!str_split(&line, ' ', &word))
			return false;
		if (str_eqc(word, "state")) {
			for (size_t k = 0; k < sizeof state_name / sizeof *state_name; k++)
				if (str_eqc(line, state_name[k]))
					j->state = (enum journal_state)k;
		} else if (str_eqc(word, "when")) {
			j->when = line;
		} else if (str_eqc(word, "label")) {
			j->label = read_path(a, line);
		} else if (str_eqc(word, "dir")) {
			j->dir[j->n_dir++] = read_path(a, line);
		} else if (str_eqc(word, "path")) {
			f->path = read_path(a, line);
		} else if (str_eqc(word, "temp")) {
			f->temp = read_path(a, line);
		} else if (str_eqc(word, "file")) {
			if (!read_file_line(f, line))
				return false;
			j->n_file++;
		} else {
			ended = str_eqc(word, "end");
		}
	}
	return ended && j->state != JOURNAL_NONE;
}

/* The bytes of one file of an entry.  False: errno. */
static bool
load(struct arena *a, const struct write_opts *o, uint64_t id, const char *name, struct str *ret)
{
	int fd = o->fs->open(entry_path(a, o, id, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0), keep;
	bool ok;

	if (fd < 0)
		return false;
	ok = fs_read_all(o->fs, a, fd, ret);
	keep = errno;
	(void)o->fs->close(fd);
	errno = keep;
	return ok;
}

static bool
store(struct arena *a, const struct write_opts *o, uint64_t id, const char *name, struct str bytes)
{
	int fd =
	    o->fs->open(entry_path(a, o, id, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, MODE_FILE);
	int keep;
	bool ok;

	if (fd < 0)
		return false;
	ok = fs_write_all(o->fs, fd, bytes) && o->fs->fsync(fd) == 0;
	keep = errno;
	if (o->fs->close(fd) != 0 && ok) {
		ok = false;
		keep = errno;
	}
	errno = keep;
	return ok;
}

static bool
store_journal(struct arena *a, const struct write_opts *o, const struct journal *j)
{
	return store(a, o, j->id, "journal.new", journal_text(a, j)) &&
	    o->fs->rename(entry_path(a, o, j->id, "journal.new"), entry_path(a, o, j->id, "journal")) == 0 &&
	    fs_sync_dir(o->fs, entry_path(a, o, j->id, ""));
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
list_ids(struct arena *a, const struct write_opts *o, struct id_list *ret)
{
	if (o->fs->list(arena_printf(a, "%.*s/backup", STR_ARG(o->state_dir)).p, add_id, ret) != 0)
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

static bool
has_journal(struct arena *a, const struct write_opts *o, uint64_t id)
{
	struct names *l = ARENA_NEW(a, struct names);

	l->a = a;
	if (o->fs->list(entry_path(a, o, id, ""), add_name, l) != 0)
		return true;
	for (size_t i = 0; i < l->n; i++)
		if (str_eqc(l->v[i], "journal"))
			return true;
	return false;
}

enum sk_code
journal_all(struct arena *a, const struct write_opts *o, struct journal **ret, size_t *ret_n, struct err *e)
{
	struct id_list ids = { 0 };
	struct journal *v;
	enum sk_code code = SK_OK;
	size_t n = 0;

	if (!list_ids(a, o, &ids)) {
		code = err_sys(e, SK_EWRITE, errno, "%.*s/backup", STR_ARG(o->state_dir));
		goto out;
	}
	v = ARENA_ARRAY(a, struct journal, ids.n + 1);
	for (size_t i = 0; i < ids.n; i++) {
		struct str text;

		v[n] = (struct journal){ .id = ids.v[i] };
		if (!load(a, o, ids.v[i], "journal", &text)) {
			int keep = errno;

			/* Nothing is thrown away for an open that failed: the listing has to agree. */
			if (keep != ENOENT || has_journal(a, o, ids.v[i])) {
				code = err_sys(e, SK_EWRITE, keep, "%s", entry_path(a, o, ids.v[i], "journal"));
				goto out;
			}
			/* Files are touched only after the journal stands: this one never began. */
			journal_remove(a, o, &v[n]);
			continue;
		}
		if (!read_journal(a, text, &v[n])) {
			code = err_set(e, SK_EWRITE, "%s is damaged; nothing is written until it is looked at",
			    entry_path(a, o, ids.v[i], "journal"));
			goto out;
		}
		n++;
	}
	*ret = v;
	*ret_n = n;
out:
	free(ids.v);
	return code;
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

enum sk_code
journal_begin(struct arena *a, const struct write_opts *o, struct journal *j, struct err *e)
{
	struct id_list ids = { 0 };
	bool ok = list_ids(a, o, &ids);
	int keep = errno;

	j->id = ids.n > 0 ? ids.v[ids.n - 1] + 1 : 1;
	free(ids.v);
	if (!ok || o->fs->mkdir(entry_path(a, o, j->id, ""), MODE_DIR) != 0)
		return err_sys(e, SK_EWRITE, ok ? errno : keep, "%.*s/backup", STR_ARG(o->state_dir));
	j->state = JOURNAL_PREPARED;
	j->when = now_text(a);
	for (size_t i = 0; i < j->n_file && ok; i++) {
		const char *old_name = arena_printf(a, "%zu.old", i).p, *new_name = arena_printf(a, "%zu.new", i).p;

		ok = (!j->file[i].exists || store(a, o, j->id, old_name, j->file[i].old_bytes)) &&
		    store(a, o, j->id, new_name, j->file[i].new_bytes);
	}
	ok =
	    ok && store_journal(a, o, j) && fs_sync_dir(o->fs, arena_printf(a, "%.*s/backup", STR_ARG(o->state_dir)).p);
	if (ok)
		return SK_OK;
	keep = errno;
	journal_remove(a, o, j);
	return err_sys(e, SK_EWRITE, keep, "the backup in %s failed", entry_path(a, o, j->id, ""));
}

enum sk_code
journal_set(struct arena *a, const struct write_opts *o, struct journal *j, enum journal_state state, struct err *e)
{
	enum journal_state was = j->state;
	int keep;

	j->state = state;
	if (store_journal(a, o, j))
		return SK_OK;
	keep = errno;
	j->state = was;
	return err_sys(e, SK_EWRITE, keep, "%s", entry_path(a, o, j->id, "journal"));
}

enum sk_code
journal_bytes(struct arena *a, const struct write_opts *o, struct journal *j, struct err *e)
{
	for (size_t i = 0; i < j->n_file; i++) {
		struct journal_file *f = &j->file[i];
		const char *old_name = arena_printf(a, "%zu.old", i).p, *new_name = arena_printf(a, "%zu.new", i).p;

		if (f->exists && !load(a, o, j->id, old_name, &f->old_bytes))
			return err_sys(e, SK_EWRITE, errno, "%s", entry_path(a, o, j->id, old_name));
		if (!load(a, o, j->id, new_name, &f->new_bytes))
			return err_sys(e, SK_EWRITE, errno, "%s", entry_path(a, o, j->id, new_name));
	}
	return SK_OK;
}

void
journal_remove(struct arena *a, const struct write_opts *o, const struct journal *j)
{
	struct names *l = ARENA_NEW(a, struct names);

	l->a = a;
	/* The journal goes first: an entry without one counts as never begun. */
	(void)o->fs->unlink(entry_path(a, o, j->id, "journal"));
	(void)o->fs->list(entry_path(a, o, j->id, ""), add_name, l);
	for (size_t i = 0; i < l->n; i++)
		(void)o->fs->unlink(entry_path(a, o, j->id, l->v[i].p));
	(void)o->fs->rmdir(entry_path(a, o, j->id, ""));
}
