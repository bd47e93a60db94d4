/* SPDX-License-Identifier: MIT */
/*
 * A folder to write in, and a table of system calls that can fail, end the process, or let an editor save in between.
 */
#ifndef TESTS_UNIT_TEST_WRITER_H
#define TESTS_UNIT_TEST_WRITER_H

#include "t.h"
#include "temporaries.h"

#include <sys/file.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "edit/write.h"

struct fixture {
	struct arena arena;
	struct write_opts o;
	char dir[64];
};

enum call {
	CALL_OPENAT,
	CALL_READ,
	CALL_WRITE,
	CALL_CLOSE,
	CALL_FSYNC,
	CALL_FSTAT,
	CALL_FSTATAT,
	CALL_READLINKAT,
	CALL_FCHOWN,
	CALL_FCHMOD,
	CALL_RENAMEAT,
	CALL_RENAME_NEW,
	CALL_EXCHANGE,
	CALL_UNLINKAT,
	CALL_MKDIRAT,
	CALL_FLOCK,
	CALL_FTRUNCATE,
	CALL_COPY_ATTRS,
	CALL_GETCWD,
	CALL_LIST,
	CALL_N
};
enum { CALLS_MAX = 4096, CHUNK = 40 };

/* Call number fail_at (1-based) gives fail_errno and does nothing; 0: none. */
static struct {
	unsigned calls, fail_at;
	int fail_errno;
	bool forever; /* and so do all calls after it */
	bool only;    /* that call, if it is of this kind */
	enum call only_kind;
	unsigned failed;
	unsigned die_at;	 /* the process ends instead */
	unsigned signal_at;	 /* it gets SIGTERM */
	bool no_exchange;	 /* a file system that cannot */
	const char *swap_editor; /* somebody saves this file after the last look at it */
	const char *swap_chmod;	 /* or gives it the mode 0640 */
	const char *plant;	 /* where a temporary is about to be made, a link to this file stands already */
	bool planted;
	const char *chmod;	    /* the same while the temporary is written */
	const char *editor;	    /* somebody saves this file while the temporary is written */
	const char *swap, *swap_to; /* or puts another folder in the place of this one */
	const char *busy_name;	    /* renames over this file meet a mount point */
	unsigned char kind[CALLS_MAX];
} fault;

/* What was written or renamed and is not on disk: files by their inode, folders by what changed in them. */
static struct {
	bool on;
	ino_t ino[64];
	size_t n;
	const char *fault; /* the first thing that came too early; NULL */
} unsynced;

static size_t
unsynced_at(ino_t ino)
{
	size_t i = 0;

	while (i < unsynced.n && unsynced.ino[i] != ino)
		i++;
	return i;
}

static void
unsynced_add(int fd)
{
	struct stat st;

	if (!unsynced.on || fstat(fd, &st) != 0 || unsynced_at(st.st_ino) < unsynced.n)
		return;
	if (unsynced.n == sizeof(unsynced.ino) / sizeof(*unsynced.ino))
		abort();
	unsynced.ino[unsynced.n++] = st.st_ino;
}

static void
unsynced_remove(ino_t ino)
{
	size_t i = unsynced_at(ino);

	if (i < unsynced.n)
		unsynced.ino[i] = unsynced.ino[--unsynced.n];
}

/* A name gets another file: that file's bytes come first, and the folder is to be synchronised. */
static void
unsynced_rename(int dir, const char *from, const char *to)
{
	struct stat st;

	if (fstatat(dir, from, &st, AT_SYMLINK_NOFOLLOW) == 0 && unsynced_at(st.st_ino) < unsynced.n &&
	    unsynced.fault == NULL)
		unsynced.fault = "a file is renamed before its bytes are on disk";
	/* What the journal tells has happened. */
	if (strcmp(to, "journal") == 0 && unsynced.n > 0 && unsynced.fault == NULL)
		unsynced.fault = "the journal goes ahead of what it tells";
	unsynced_add(dir);
}

static bool
faulty(enum call kind)
{
	fault.calls++;
	if (fault.calls < CALLS_MAX)
		fault.kind[fault.calls] = (unsigned char)kind;
	if (fault.calls == fault.die_at)
		_exit(77);
	if (fault.calls == fault.signal_at)
		(void)raise(SIGTERM);
	if (fault.fail_at == 0 || (fault.forever ? fault.calls < fault.fail_at : fault.calls != fault.fail_at))
		return false;
	/* Numbers in the journal may have a digit more than last time, and take a write more. */
	if (fault.only && kind != fault.only_kind)
		return false;
	fault.failed++;
	errno = fault.fail_errno;
	return true;
}

static int
f_openat(int dir, const char *p, int flags, mode_t mode)
{
	if (fault.plant != NULL && (flags & O_CREAT) != 0 && strncmp(p, ".sshkeep-", 9) == 0 &&
	    linkat(AT_FDCWD, fault.plant, dir, p, 0) == 0)
		fault.planted = true;
	return faulty(CALL_OPENAT) ? -1 : fs_real.openat(dir, p, flags, mode);
}

/* Small steps, so that a file takes several reads and writes. */
static ssize_t
f_read(int fd, void *p, size_t n)
{
	return faulty(CALL_READ) ? -1 : fs_real.read(fd, p, n > CHUNK * 8 ? CHUNK * 8 : n);
}

static ssize_t
f_write(int fd, const void *p, size_t n)
{
	unsynced_add(fd);
	return faulty(CALL_WRITE) ? -1 : fs_real.write(fd, p, n > CHUNK ? CHUNK : n);
}

static int
f_close(int fd)
{
	bool bad = faulty(CALL_CLOSE);
	int rc = fs_real.close(fd);

	if (bad)
		errno = fault.fail_errno;
	return bad ? -1 : rc;
}

static int
f_fsync(int fd)
{
	struct stat st;

	if (faulty(CALL_FSYNC))
		return -1;
	/* thousands of runs: only the order counts */
	if (fstat(fd, &st) == 0)
		unsynced_remove(st.st_ino);
	return 0;
}

static int
f_fstat(int fd, struct stat *st)
{
	return faulty(CALL_FSTAT) ? -1 : fs_real.fstat(fd, st);
}

static int
f_fstatat(int dir, const char *p, struct stat *st, int flags)
{
	return faulty(CALL_FSTATAT) ? -1 : fs_real.fstatat(dir, p, st, flags);
}

static ssize_t
f_readlinkat(int dir, const char *p, char *to, size_t n)
{
	return faulty(CALL_READLINKAT) ? -1 : fs_real.readlinkat(dir, p, to, n);
}

static int
f_fchown(int fd, uid_t u, gid_t g)
{
	return faulty(CALL_FCHOWN) ? -1 : fs_real.fchown(fd, u, g);
}

/* What happens while a temporary stands. */
static void
meanwhile(void)
{
	if (fault.editor != NULL) {
		FILE *out = fopen(fault.editor, "w");

		fputs("saved\n", out);
		fclose(out);
		fault.editor = NULL;
	}
	if (fault.chmod != NULL && chmod(fault.chmod, 0640) != 0)
		abort();
	fault.chmod = NULL;
	if (fault.swap != NULL) {
		char aside[256];

		snprintf(aside, sizeof(aside), "%s.aside", fault.swap);
		if (rename(fault.swap, aside) != 0 || symlink(fault.swap_to, fault.swap) != 0)
			abort();
		fault.swap = NULL;
	}
}

static int
f_fchmod(int fd, mode_t mode)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		meanwhile();
	return faulty(CALL_FCHMOD) ? -1 : fs_real.fchmod(fd, mode);
}

static int
f_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (faulty(CALL_RENAMEAT))
		return -1;
	if (fault.busy_name != NULL && strcmp(to, fault.busy_name) == 0) {
		errno = EBUSY;
		return -1;
	}
	unsynced_rename(from_dir, from, to);
	return fs_real.renameat(from_dir, from, to_dir, to);
}

/* Somebody saves a file at the last moment. */
static void
save_now(void)
{
	FILE *out;

	if (fault.swap_chmod != NULL && chmod(fault.swap_chmod, 0640) != 0)
		abort();
	fault.swap_chmod = NULL;
	out = fault.swap_editor != NULL ? fopen(fault.swap_editor, "w") : NULL;

	if (out == NULL)
		return;
	fputs("saved\n", out);
	fclose(out);
	fault.swap_editor = NULL;
}

static int
f_rename_new(int dir, const char *from, const char *to)
{
	if (faulty(CALL_RENAME_NEW))
		return -1;
	if (fault.no_exchange) {
		errno = EINVAL;
		return -1;
	}
	save_now();
	unsynced_rename(dir, from, to);
	return fs_real.rename_new(dir, from, to);
}

static int
f_exchange(int dir, const char *one, const char *other)
{
	if (faulty(CALL_EXCHANGE))
		return -1;
	if (fault.no_exchange || (fault.busy_name != NULL && strcmp(other, fault.busy_name) == 0)) {
		errno = fault.no_exchange ? EINVAL : EBUSY;
		return -1;
	}
	save_now();
	unsynced_rename(dir, one, other);
	return fs_real.exchange(dir, one, other);
}

static int
f_unlinkat(int dir, const char *p, int flags)
{
	struct stat st;

	if (faulty(CALL_UNLINKAT))
		return -1;
	if (fstatat(dir, p, &st, AT_SYMLINK_NOFOLLOW) == 0)
		unsynced_remove(st.st_ino);
	return fs_real.unlinkat(dir, p, flags);
}

static int
f_mkdirat(int dir, const char *p, mode_t mode)
{
	int rc = faulty(CALL_MKDIRAT) ? -1 : fs_real.mkdirat(dir, p, mode);

	if (rc == 0)
		unsynced_add(dir);
	return rc;
}

static int
f_flock(int fd, int op)
{
	return faulty(CALL_FLOCK) ? -1 : fs_real.flock(fd, op);
}

static int
f_ftruncate(int fd, off_t n)
{
	return faulty(CALL_FTRUNCATE) ? -1 : fs_real.ftruncate(fd, n);
}

static int
f_copy_attrs(int from, int to)
{
	return faulty(CALL_COPY_ATTRS) ? -1 : fs_real.copy_attrs(from, to);
}

static char *
f_getcwd(char *p, size_t n)
{
	return faulty(CALL_GETCWD) ? NULL : fs_real.getcwd(p, n);
}

static int
f_list(int dir, void (*fn)(void *, const char *), void *ctx)
{
	return faulty(CALL_LIST) ? -1 : fs_real.list(dir, fn, ctx);
}

static const struct fs_ops fs_faulty = {
	.openat = f_openat,
	.read = f_read,
	.write = f_write,
	.close = f_close,
	.fsync = f_fsync,
	.fstat = f_fstat,
	.fstatat = f_fstatat,
	.readlinkat = f_readlinkat,
	.fchown = f_fchown,
	.fchmod = f_fchmod,
	.renameat = f_renameat,
	.rename_new = f_rename_new,
	.exchange = f_exchange,
	.unlinkat = f_unlinkat,
	.mkdirat = f_mkdirat,
	.flock = f_flock,
	.ftruncate = f_ftruncate,
	.copy_attrs = f_copy_attrs,
	.getcwd = f_getcwd,
	.list = f_list,
};

static void
remove_tree(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *ent;
	char sub[512];

	while (d != NULL && (ent = readdir(d)) != NULL) {
		struct stat st;

		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, ent->d_name);
		if (lstat(sub, &st) == 0 && S_ISDIR(st.st_mode))
			remove_tree(sub);
		else
			unlink(sub);
	}
	if (d != NULL)
		closedir(d);
	rmdir(path);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	memset(&fault, 0, sizeof(fault));
	snprintf(
	    f->dir, sizeof(f->dir), "%s/sshkeep-write-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(f->dir) == NULL)
		return -1;
	f->o = (struct write_opts){ .fs = &fs_real, .label = STR("fix --write") };
	f->o.state_dir = arena_printf(&f->arena, "%s/state/sshkeep", f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	remove_tree(f->dir);
	arena_release(&f->arena);
	free(f);
	return 0;
}

static const char *
at(struct fixture *f, const char *name)
{
	return arena_printf(&f->arena, "%s/%s", f->dir, name).p;
}

static void
put(struct fixture *f, const char *name, const char *text, mode_t mode)
{
	FILE *out = fopen(at(f, name), "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	assert_int_equal(chmod(at(f, name), mode), 0);
}

/* NULL: not there. */
static const char *
get(struct fixture *f, const char *name)
{
	struct buf b = { 0 };
	FILE *in = fopen(at(f, name), "r");
	const char *out;
	int c;

	if (in == NULL)
		return NULL;
	while ((c = getc(in)) != EOF)
		buf_addch(&b, (char)c);
	fclose(in);
	out = arena_str(&f->arena, buf_str(&b)).p;
	buf_release(&b);
	return out;
}

static struct write_item
item(struct fixture *f, const char *name, const char *old, const char *text)
{
	return (struct write_item){ .path = str_c(at(f, name)),
		.exists = old != NULL,
		.old_bytes = str_c(old),
		.new_bytes = str_c(text),
		.new_mode = 0600 };
}

static enum sk_code
write_items(struct fixture *f, const struct write_item *v, size_t n, struct err *e)
{
	struct str id;

	memset(e, 0, sizeof(*e));
	/* as fix does, before it reads */
	if (write_recover(&f->arena, &f->o, e) != SK_OK)
		return e->code;
	return write_all(&f->arena, &f->o, v, n, &id, e);
}

static inline enum sk_code
undo(struct fixture *f, bool force, struct err *e)
{
	struct undo_entry u;

	memset(e, 0, sizeof(*e));
	return undo_last(&f->arena, &f->o, (struct str){ 0 }, force, &u, e);
}

static void
forget(struct fixture *f)
{
	arena_reset(&f->arena);
	f->o.state_dir = arena_printf(&f->arena, "%s/state/sshkeep", f->dir);
}

/* Two old files and one new one in a new folder; each in state old or new. */
static const char long_old[] =
    "Host a\n  ServerAliveInterval 300\nHost b\n  User git\n# and more text than one write takes\n";
static const char long_new[] =
    "Host a\n  ServerAliveInterval 60\nHost b\n  User git\n# and more text than one write takes\n";

static inline void
reset(struct fixture *f)
{
	remove_tree(f->dir);
	assert_int_equal(mkdir(f->dir, 0700), 0);
	put(f, "a", long_old, 0644);
	put(f, "b", "x\n", 0600);
}

static inline enum sk_code
write_three(struct fixture *f, struct err *e)
{
	struct write_item v[] = { item(f, "a", long_old, long_new), item(f, "b", "x\n", "y\n"),
		item(f, "new/c", NULL, "fresh\n") };

	return write_items(f, v, 3, e);
}

static inline bool
all_old(struct fixture *f)
{
	const char *a = get(f, "a"), *b = get(f, "b");

	return a != NULL && b != NULL && strcmp(a, long_old) == 0 && strcmp(b, "x\n") == 0 && get(f, "new/c") == NULL;
}

static inline bool
all_new(struct fixture *f)
{
	const char *a = get(f, "a"), *b = get(f, "b"), *c = get(f, "new/c");

	return a != NULL && b != NULL && c != NULL && strcmp(a, long_new) == 0 && strcmp(b, "y\n") == 0 &&
	    strcmp(c, "fresh\n") == 0;
}

#endif
