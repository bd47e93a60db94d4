/* SPDX-License-Identifier: MIT */
/*
 * The writer on real files below a temporary folder: what it keeps, what it refuses, undo, and what is left when
 * any one of its system calls fails.
 */
#define _XOPEN_SOURCE 700
#include "t.h"

#include <sys/file.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "edit/write.h"

struct fixture {
	struct arena arena;
	struct write_opts o;
	char dir[64];
};

/* Fault injection: call number fail_at (1-based) gives fail_errno and does nothing; 0: none. */
static struct {
	unsigned calls, fail_at;
	int fail_errno;
	unsigned die_at;    /* the process ends instead */
	const char *editor; /* somebody saves this file while the temporary is written */
} fault;

static bool
faulty(void)
{
	fault.calls++;
	if (fault.calls == fault.die_at)
		_exit(77);
	if (fault.calls != fault.fail_at)
		return false;
	errno = fault.fail_errno;
	return true;
}

static int
f_open(const char *p, int flags, mode_t mode)
{
	return faulty() ? -1 : fs_real.open(p, flags, mode);
}

static ssize_t
f_read(int fd, void *p, size_t n)
{
	return faulty() ? -1 : fs_real.read(fd, p, n);
}

/* Small steps, so that a file takes several writes. */
static ssize_t
f_write(int fd, const void *p, size_t n)
{
	return faulty() ? -1 : fs_real.write(fd, p, n > 40 ? 40 : n);
}

static int
f_close(int fd)
{
	bool bad = faulty();
	int rc = fs_real.close(fd);

	if (bad)
		errno = fault.fail_errno;
	return bad ? -1 : rc;
}

static int
f_fsync(int fd)
{
	(void)fd; /* thousands of runs: whether the disk has it is not what is tested */
	return faulty() ? -1 : 0;
}

static int
f_fstat(int fd, struct stat *st)
{
	return faulty() ? -1 : fs_real.fstat(fd, st);
}

static int
f_lstat(const char *p, struct stat *st)
{
	return faulty() ? -1 : fs_real.lstat(p, st);
}

static int
f_stat(const char *p, struct stat *st)
{
	return faulty() ? -1 : fs_real.stat(p, st);
}

static int
f_fchown(int fd, uid_t u, gid_t g)
{
	return faulty() ? -1 : fs_real.fchown(fd, u, g);
}

static int
f_fchmod(int fd, mode_t mode)
{
	if (fault.editor != NULL) {
		FILE *out = fopen(fault.editor, "w");

		fputs("saved\n", out);
		fclose(out);
		fault.editor = NULL;
	}
	return faulty() ? -1 : fs_real.fchmod(fd, mode);
}

static int
f_rename(const char *from, const char *to)
{
	return faulty() ? -1 : fs_real.rename(from, to);
}

static int
f_unlink(const char *p)
{
	return faulty() ? -1 : fs_real.unlink(p);
}

static int
f_mkdir(const char *p, mode_t mode)
{
	return faulty() ? -1 : fs_real.mkdir(p, mode);
}

static int
f_rmdir(const char *p)
{
	return faulty() ? -1 : fs_real.rmdir(p);
}

static int
f_flock(int fd, int op)
{
	return faulty() ? -1 : fs_real.flock(fd, op);
}

static int
f_ftruncate(int fd, off_t n)
{
	return faulty() ? -1 : fs_real.ftruncate(fd, n);
}

static int
f_copy_attrs(int from, int to)
{
	return faulty() ? -1 : fs_real.copy_attrs(from, to);
}

static char *
f_realpath(const char *p, char *out)
{
	return faulty() ? NULL : fs_real.realpath(p, out);
}

static int
f_list(const char *dir, void (*fn)(void *, const char *), void *ctx)
{
	return faulty() ? -1 : fs_real.list(dir, fn, ctx);
}

static const struct fs_ops fs_faulty = {
	.open = f_open,
	.read = f_read,
	.write = f_write,
	.close = f_close,
	.fsync = f_fsync,
	.fstat = f_fstat,
	.lstat = f_lstat,
	.stat = f_stat,
	.fchown = f_fchown,
	.fchmod = f_fchmod,
	.rename = f_rename,
	.unlink = f_unlink,
	.mkdir = f_mkdir,
	.rmdir = f_rmdir,
	.flock = f_flock,
	.ftruncate = f_ftruncate,
	.copy_attrs = f_copy_attrs,
	.realpath = f_realpath,
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
	snprintf(f->dir, sizeof(f->dir), "/tmp/sshkeep-write-XXXXXX");
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
	return write_all(&f->arena, &f->o, v, n, &id, e);
}

static enum sk_code
undo(struct fixture *f, bool force, struct err *e)
{
	struct undo_entry u;

	memset(e, 0, sizeof(*e));
	return undo_last(&f->arena, &f->o, (struct str){ 0 }, force, &u, e);
}

/* Temporaries are the only names with this start. */
static unsigned
temporaries(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *ent;
	unsigned n = 0;

	while (d != NULL && (ent = readdir(d)) != NULL)
		n += strncmp(ent->d_name, ".sshkeep-", 9) == 0;
	if (d != NULL)
		closedir(d);
	return n;
}

static void
bytes_mode_and_undo(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\r\nb", "a\r\nB") };
	struct undo_entry *list;
	struct err e;
	struct stat st;
	size_t n;

	put(f, "c", "a\r\nb", 0640);
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	assert_string_equal(get(f, "c"), "a\r\nB");
	assert_int_equal(stat(at(f, "c"), &st), 0);
	t_eq_u64(st.st_mode & 07777, 0640);
	t_eq_u64(st.st_uid, geteuid());
	t_eq_u64(temporaries(f->dir), 0);
	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n, &e), SK_OK);
	t_eq_u64(n, 1);
	t_eq_str(list[0].label, "fix --write");
	t_eq_str(list[0].path[0], at(f, "c"));
	assert_false(list[0].undone);
	assert_int_equal(chmod(at(f, "c"), 0600), 0);
	assert_int_equal(undo(f, false, &e), SK_OK);
	assert_string_equal(get(f, "c"), "a\r\nb");
	assert_int_equal(stat(at(f, "c"), &st), 0);
	t_eq_u64(st.st_mode & 07777, 0640);
	assert_int_equal(undo(f, false, &e), SK_EREFUSED);
	assert_string_equal(e.msg, "nothing to undo");
	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n, &e), SK_OK);
	assert_true(list[0].undone);
	assert_int_equal(undo_last(&f->arena, &f->o, list[0].id, true, &list[0], &e), SK_EREFUSED);
	assert_int_equal(undo_last(&f->arena, &f->o, STR("99"), true, &list[0], &e), SK_EREFUSED);
}

static void
looking_makes_no_state_folder(void **state)
{
	struct fixture *f = *state;
	struct undo_entry *list;
	struct err e;
	struct stat st;
	size_t n = 7;

	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n, &e), SK_OK);
	t_eq_u64(n, 0);
	assert_int_equal(undo(f, false, &e), SK_EREFUSED);
	assert_int_not_equal(stat(at(f, "state"), &st), 0);
}

static void
symlinks_stay_links(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "link", "a\n", "b\n") }, twice[2];
	struct err e;
	struct stat st;

	put(f, "real", "a\n", 0600);
	assert_int_equal(symlink("real", at(f, "link")), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	assert_int_equal(lstat(at(f, "link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_string_equal(get(f, "real"), "b\n");
	twice[0] = item(f, "link", "b\n", "c\n");
	twice[1] = item(f, "real", "b\n", "d\n");
	assert_int_equal(write_items(f, twice, 2, &e), SK_EREFUSED);
	assert_int_equal(symlink("nowhere", at(f, "dangling")), 0);
	v[0] = item(f, "dangling", NULL, "x\n");
	assert_int_equal(write_items(f, v, 1, &e), SK_EREFUSED);
	assert_string_equal(get(f, "real"), "b\n");
}

static void
owner_and_attributes_are_kept(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\n", "b\n") };
	struct err e;
	struct stat st;
	char value[8] = "";
	bool attrs;

	put(f, "c", "a\n", 0644);
	attrs = setxattr(at(f, "c"), "user.note", "keep", 4, 0) == 0;
	if (geteuid() == 0)
		assert_int_equal(chown(at(f, "c"), 12345, 23456), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	assert_int_equal(stat(at(f, "c"), &st), 0);
	if (geteuid() == 0) {
		t_eq_u64(st.st_uid, 12345);
		t_eq_u64(st.st_gid, 23456);
	}
	if (attrs) {
		assert_int_equal(getxattr(at(f, "c"), "user.note", value, sizeof(value)), 4);
		assert_memory_equal(value, "keep", 4);
	}
}

static void
refusals_leave_the_file_alone(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\n", "b\n") };
	struct err e;
	struct stat st;

	assert_int_equal(write_items(f, v, 1, &e), SK_ECHANGED); /* gone */
	put(f, "c", "other\n", 0600);
	assert_int_equal(write_items(f, v, 1, &e), SK_ECHANGED);
	assert_string_equal(get(f, "c"), "other\n");
	put(f, "c", "a\n", 0600);
	v[0].exists = false;
	assert_int_equal(write_items(f, v, 1, &e), SK_ECHANGED); /* appeared */
	v[0].exists = true;
	assert_int_equal(link(at(f, "c"), at(f, "hard")), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_EREFUSED);
	assert_non_null(strstr(e.msg, "--in-place"));
	assert_string_equal(get(f, "c"), "a\n");
	/* By consent both names get the new text, and undo brings both back. */
	f->o.in_place = true;
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	assert_string_equal(get(f, "hard"), "b\n");
	f->o.in_place = false;
	assert_int_equal(undo(f, false, &e), SK_OK);
	assert_string_equal(get(f, "hard"), "a\n");
	assert_int_equal(stat(at(f, "c"), &st), 0);
	t_eq_u64(st.st_nlink, 2);
	unlink(at(f, "c"));
	assert_int_equal(mkfifo(at(f, "c"), 0600), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_EREFUSED);
	assert_non_null(strstr(e.msg, "not a regular file"));
	t_eq_u64(temporaries(f->dir), 0);
}

static void
an_editor_saves_in_between(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "a", "1\n", "2\n"), item(f, "c", "a\n", "b\n"), item(f, "d", NULL, "new\n") };
	struct err e;

	put(f, "a", "1\n", 0600);
	put(f, "c", "a\n", 0600);
	f->o.fs = &fs_faulty;
	fault.editor = at(f, "c");
	assert_int_equal(write_items(f, v, 3, &e), SK_ECHANGED);
	assert_string_equal(get(f, "a"), "1\n");
	assert_string_equal(get(f, "c"), "saved\n");
	put(f, "c", "a\n", 0600);
	fault.editor = at(f, "d");
	assert_int_equal(write_items(f, v, 3, &e), SK_ECHANGED);
	assert_string_equal(get(f, "a"), "1\n");
	assert_string_equal(get(f, "c"), "a\n");
	assert_string_equal(get(f, "d"), "saved\n");
	t_eq_u64(temporaries(f->dir), 0);
}

static void
undo_refuses_what_changed_since(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\n", "b\n"), item(f, "d", NULL, "new\n") };
	struct err e;

	put(f, "c", "a\n", 0600);
	assert_int_equal(write_items(f, v, 2, &e), SK_OK);
	put(f, "c", "mine\n", 0600);
	assert_int_equal(undo(f, false, &e), SK_ECHANGED);
	assert_string_equal(get(f, "c"), "mine\n");
	assert_string_equal(get(f, "d"), "new\n");
	assert_int_equal(undo(f, true, &e), SK_OK);
	assert_string_equal(get(f, "c"), "a\n");
	assert_null(get(f, "d"));
}

static void
several_files_all_or_none(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "a", "1\n", "2\n"), item(f, "home/.ssh/config", NULL, "new\n"),
		item(f, "c", "5\n", "6\n") };
	struct err e;
	struct stat st;

	put(f, "a", "1\n", 0600);
	put(f, "c", "changed\n", 0600);
	assert_int_equal(write_items(f, v, 3, &e), SK_ECHANGED);
	assert_string_equal(get(f, "a"), "1\n");
	assert_int_not_equal(stat(at(f, "home"), &st), 0);
	put(f, "c", "5\n", 0600);
	assert_int_equal(write_items(f, v, 3, &e), SK_OK);
	assert_string_equal(get(f, "c"), "6\n");
	assert_int_equal(stat(at(f, "home/.ssh"), &st), 0);
	t_eq_u64(st.st_mode & 07777, 0700);
	assert_int_equal(stat(at(f, "home/.ssh/config"), &st), 0);
	t_eq_u64(st.st_mode & 07777, 0600);
	assert_int_equal(undo(f, false, &e), SK_OK);
	assert_string_equal(get(f, "a"), "1\n");
	assert_string_equal(get(f, "c"), "5\n");
	assert_int_not_equal(stat(at(f, "home"), &st), 0);
}

static void
another_sshkeep_at_work(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\n", "b\n") };
	struct err e;
	int fd;

	put(f, "c", "a\n", 0600);
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	fd = open(at(f, "state/sshkeep/lock"), O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	v[0] = item(f, "c", "b\n", "c\n");
	assert_int_equal(write_items(f, v, 1, &e), SK_EWRITE);
	assert_non_null(strstr(e.msg, "another sshkeep is at work"));
	close(fd);
	assert_string_equal(get(f, "c"), "b\n");
}

/* Two old files and one new one in a new folder; each in state old or new. */
static const char long_old[] =
    "Host a\n  ServerAliveInterval 300\nHost b\n  User git\n# and more text than one write takes\n";
static const char long_new[] =
    "Host a\n  ServerAliveInterval 60\nHost b\n  User git\n# and more text than one write takes\n";

static void
reset(struct fixture *f)
{
	remove_tree(f->dir);
	assert_int_equal(mkdir(f->dir, 0700), 0);
	put(f, "a", long_old, 0644);
	put(f, "b", "x\n", 0600);
}

static enum sk_code
write_three(struct fixture *f, struct err *e)
{
	struct write_item v[] = { item(f, "a", long_old, long_new), item(f, "b", "x\n", "y\n"),
		item(f, "new/c", NULL, "fresh\n") };

	return write_items(f, v, 3, e);
}

static bool
all_old(struct fixture *f)
{
	const char *a = get(f, "a"), *b = get(f, "b");

	return a != NULL && b != NULL && strcmp(a, long_old) == 0 && strcmp(b, "x\n") == 0 && get(f, "new/c") == NULL;
}

static bool
all_new(struct fixture *f)
{
	const char *a = get(f, "a"), *b = get(f, "b"), *c = get(f, "new/c");

	return a != NULL && b != NULL && c != NULL && strcmp(a, long_new) == 0 && strcmp(b, "y\n") == 0 &&
	    strcmp(c, "fresh\n") == 0;
}

static const int errnos[] = { EIO, ENOSPC, EPERM, EBUSY, EINTR, ENOENT };

static void
any_call_may_fail_in_a_write(void **state)
{
	struct fixture *f = *state;
	struct err e;
	unsigned total = 0, faults = 0;

	f->o.fs = &fs_faulty;
	for (size_t k = 0; k < sizeof errnos / sizeof *errnos; k++) {
		for (unsigned n = 1;; n++, faults++) {
			enum sk_code code;

			reset(f);
			fault.calls = 0;
			fault.fail_at = n;
			fault.fail_errno = errnos[k];
			code = write_three(f, &e);
			fault.fail_at = 0;
			if (fault.calls < n)
				break;
			if (!(code == SK_OK ? all_new(f) : all_old(f)) || temporaries(f->dir) != 0 ||
			    temporaries(at(f, "new")) != 0)
				fail_msg("call %u, errno %d: code %d, %s", n, errnos[k], (int)code, e.msg);
			/* The next run starts from a consistent state and works. */
			code = code == SK_OK ? SK_OK : write_three(f, &e);
			if (code != SK_OK || !all_new(f))
				fail_msg("call %u, errno %d: the next run says %s", n, errnos[k], e.msg);
			if (undo(f, false, &e) != SK_OK || !all_old(f))
				fail_msg("call %u, errno %d: undo says %s", n, errnos[k], e.msg);
			arena_reset(&f->arena);
			f->o.state_dir = arena_printf(&f->arena, "%s/state/sshkeep", f->dir);
			total = n;
		}
	}
	assert_true(total > 60);
	print_message("  %u faults injected into write_all, %u calls a run\n", faults, total);
}

static void
any_call_may_fail_in_an_undo(void **state)
{
	struct fixture *f = *state;
	struct err e;
	unsigned faults = 0;

	f->o.fs = &fs_faulty;
	for (size_t k = 0; k < sizeof errnos / sizeof *errnos; k++) {
		for (unsigned n = 1;; n++, faults++) {
			enum sk_code code;

			reset(f);
			assert_int_equal(write_three(f, &e), SK_OK);
			fault.calls = 0;
			fault.fail_at = n;
			fault.fail_errno = errnos[k];
			code = undo(f, false, &e);
			fault.fail_at = 0;
			if (fault.calls < n)
				break;
			if (!(code == SK_OK ? all_old(f) : all_new(f)) || temporaries(f->dir) != 0)
				fail_msg("call %u, errno %d: code %d, %s", n, errnos[k], (int)code, e.msg);
			code = code == SK_OK ? SK_OK : undo(f, false, &e);
			if (!all_old(f))
				fail_msg("call %u, errno %d: the next undo says %s", n, errnos[k], e.msg);
			arena_reset(&f->arena);
			f->o.state_dir = arena_printf(&f->arena, "%s/state/sshkeep", f->dir);
		}
	}
	print_message("  %u faults injected into undo_last\n", faults);
}

static void
any_call_may_be_the_last(void **state)
{
	struct fixture *f = *state;
	struct undo_entry *list;
	struct err e;
	size_t n_list;
	unsigned kills = 0;

	f->o.fs = &fs_faulty;
	for (int pass = 0; pass < 4; pass++) {
		bool in_place = (pass & 1) != 0, undoing = (pass & 2) != 0;

		for (unsigned n = 1;; n++, kills++) {
			int status;
			pid_t pid;

			reset(f);
			if (in_place)
				assert_int_equal(link(at(f, "a"), at(f, "hard")), 0);
			f->o.in_place = in_place;
			if (undoing)
				assert_int_equal(write_three(f, &e), SK_OK);
			pid = fork();
			if (pid == 0) {
				fault.calls = fault.fail_at = 0;
				fault.die_at = n;
				_exit((undoing ? undo(f, false, &e) : write_three(f, &e)) != SK_OK);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			f->o.in_place = false;
			assert_int_equal(undo_list(&f->arena, &f->o, &list, &n_list, &e), SK_OK);
			if (!all_old(f) && !all_new(f))
				fail_msg("pass %d, killed at call %u: mixed files", pass, n);
			if (temporaries(f->dir) != 0 || temporaries(at(f, "new")) != 0)
				fail_msg("pass %d, killed at call %u: temporaries left", pass, n);
			if (n_list > 0 && list[0].undone != all_old(f))
				fail_msg("pass %d, killed at call %u: the journal disagrees", pass, n);
			arena_reset(&f->arena);
			f->o.state_dir = arena_printf(&f->arena, "%s/state/sshkeep", f->dir);
			if (WEXITSTATUS(status) != 77)
				break;
		}
	}
	print_message("  %u kills\n", kills);
}

/* Killed after the first file was replaced, and somebody edited that one before the next run. */
static void
an_edit_after_a_crash_stays(void **state)
{
	struct fixture *f = *state;
	struct undo_entry *list;
	struct err e;
	size_t n_list;

	f->o.fs = &fs_faulty;
	reset(f);
	for (unsigned n = 1; strcmp(get(f, "a"), long_new) != 0; n++) {
		pid_t pid;
		int status;

		reset(f);
		pid = fork();
		if (pid == 0) {
			fault.die_at = n;
			_exit(write_three(f, &e) != SK_OK);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 77);
	}
	put(f, "a", "mine\n", 0644);
	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n_list, &e), SK_OK);
	assert_string_equal(get(f, "a"), "mine\n");
	assert_string_equal(get(f, "b"), "x\n");
	assert_null(get(f, "new/c"));
	t_eq_u64(temporaries(f->dir), 0);
	/* The only copy of the old bytes is still there. */
	t_eq_u64(n_list, 1);
	assert_true(list[0].undone);
	assert_string_equal(get(f, "state/sshkeep/backup/1/0.old"), long_old);
}

static void
a_damaged_journal_stops_everything(void **state)
{
	struct fixture *f = *state;
	struct err e;

	put(f, "a", long_old, 0644);
	put(f, "b", "x\n", 0600);
	assert_int_equal(write_three(f, &e), SK_OK);
	put(f, "state/sshkeep/backup/1/journal", "sshkeep-journal 1\nstate done\n", 0600);
	assert_int_equal(undo(f, false, &e), SK_EWRITE);
	assert_non_null(strstr(e.msg, "damaged"));
	assert_true(all_new(f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bytes_mode_and_undo, setup, teardown),
		cmocka_unit_test_setup_teardown(looking_makes_no_state_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(symlinks_stay_links, setup, teardown),
		cmocka_unit_test_setup_teardown(owner_and_attributes_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals_leave_the_file_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(an_editor_saves_in_between, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_refuses_what_changed_since, setup, teardown),
		cmocka_unit_test_setup_teardown(several_files_all_or_none, setup, teardown),
		cmocka_unit_test_setup_teardown(another_sshkeep_at_work, setup, teardown),
		cmocka_unit_test_setup_teardown(any_call_may_fail_in_a_write, setup, teardown),
		cmocka_unit_test_setup_teardown(any_call_may_fail_in_an_undo, setup, teardown),
		cmocka_unit_test_setup_teardown(any_call_may_be_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(an_edit_after_a_crash_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_journal_stops_everything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
