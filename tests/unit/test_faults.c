/* SPDX-License-Identifier: MIT */
/*
 * Every system call of the writer fails once with every errno that it can give, and then, for a disk that died, all
 * calls from there on: each file holds its old or its new bytes, all or none, no temporary is left, and the next run
 * ends consistent.  FAULT_STEP=n tries only every n-th (quick tests).
 */
#define _GNU_SOURCE
#include "test_writer.h"

static const struct {
	const char *name;
	int errnos[12]; /* the manual pages of section 2, for these arguments; ended by 0 */
} can_give[CALL_N] = {
	[CALL_OPENAT] = { "openat",
	    { EACCES, EINTR, EIO, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, EDQUOT, EROFS } },
	[CALL_READ] = { "read", { EINTR, EIO } },
	[CALL_WRITE] = { "write", { EINTR, EIO, ENOSPC, EDQUOT, EFBIG, EPERM } },
	[CALL_CLOSE] = { "close", { EINTR, EIO, ENOSPC, EDQUOT } },
	[CALL_FSYNC] = { "fsync", { EIO, ENOSPC, EROFS, EDQUOT, EINVAL } },
	[CALL_FSTAT] = { "fstat", { EIO, ENOMEM, EOVERFLOW } },
	[CALL_FSTATAT] = { "fstatat", { EACCES, EIO, ELOOP, ENOMEM, ENOTDIR } },
	[CALL_READLINKAT] = { "readlinkat", { EACCES, EINVAL, EIO, ENOENT, ENOMEM } },
	[CALL_FCHOWN] = { "fchown", { EINVAL, EIO, EPERM, EROFS, EDQUOT } },
	[CALL_FCHMOD] = { "fchmod", { EIO, EPERM, EROFS } },
	[CALL_RENAMEAT] = { "renameat", { EACCES, EBUSY, EDQUOT, EIO, ENOENT, ENOSPC, EPERM, EROFS, EXDEV } },
	[CALL_RENAME_NEW] = { "rename_new",
	    { EACCES, EBUSY, EDQUOT, EEXIST, EINVAL, EIO, ENOENT, ENOSPC, ENOSYS, EPERM, EROFS } },
	[CALL_EXCHANGE] = { "exchange", { EACCES, EBUSY, EDQUOT, EINVAL, EIO, ENOENT, ENOSPC, ENOSYS, EPERM, EROFS } },
	[CALL_UNLINKAT] = { "unlinkat", { EACCES, EBUSY, EIO, ENOMEM, EPERM, EROFS } },
	[CALL_MKDIRAT] = { "mkdirat", { EACCES, EDQUOT, EEXIST, EIO, EMLINK, ENOSPC, EPERM, EROFS } },
	[CALL_FLOCK] = { "flock", { EINTR, ENOLCK, EWOULDBLOCK } },
	[CALL_FTRUNCATE] = { "ftruncate", { EINTR, EIO, EPERM } },
	[CALL_COPY_ATTRS] = { "copy_attrs", { EDQUOT, EIO, ENOSPC, ENOTSUP, EPERM, ERANGE } },
	[CALL_GETCWD] = { "getcwd", { EACCES, ENOENT, ENOMEM, ERANGE } },
	[CALL_LIST] = { "list", { EACCES, EIO, EMFILE, ENOMEM } },
};
static const int for_ever[] = { EIO, EROFS, ENOSPC };

struct scenario {
	const char *name;
	void (*prepare)(struct fixture *f); /* from reset() on */
	enum sk_code (*act)(struct fixture *f, struct err *e);
	bool (*before)(struct fixture *f);
	bool (*after)(struct fixture *f);
	bool in_place;
	const char *busy;
	bool by_rename; /* a file system without exchange */
	bool crashed;	/* prepare leaves a mixture; any run ends with after() */
	bool may_undo;	/* after the act, an undo leads back to before() */
};

static bool
is(struct fixture *f, const char *name, const char *text)
{
	const char *now = get(f, name);

	return now == NULL || text == NULL ? now == text : strcmp(now, text) == 0;
}

static void
nothing(struct fixture *f)
{
	(void)f;
}

static enum sk_code
write_one(struct fixture *f, struct err *e)
{
	struct write_item v[] = { item(f, "a", long_old, long_new) };

	/* a relative name asks for the current folder */
	v[0].path = STR("a");
	return chdir(f->dir) == 0 ? write_items(f, v, 1, e) : SK_EREAD;
}

static bool
one_old(struct fixture *f)
{
	return is(f, "a", long_old);
}

static bool
one_new(struct fixture *f)
{
	return is(f, "a", long_new);
}

static void
with_link(struct fixture *f)
{
	assert_int_equal(rename(at(f, "b"), at(f, "real")), 0);
	assert_int_equal(symlink("real", at(f, "b")), 0);
	put(f, "c", "5\n", 0640);
}

static enum sk_code
write_linked(struct fixture *f, struct err *e)
{
	struct write_item v[] = { item(f, "a", long_old, long_new), item(f, "b", "x\n", "y\n"),
		item(f, "c", "5\n", "6\n") };

	return write_items(f, v, 3, e);
}

static bool
linked_old(struct fixture *f)
{
	return is(f, "a", long_old) && is(f, "real", "x\n") && is(f, "c", "5\n");
}

static bool
linked_new(struct fixture *f)
{
	return is(f, "a", long_new) && is(f, "real", "y\n") && is(f, "c", "6\n");
}

static void
with_hard_link(struct fixture *f)
{
	assert_int_equal(link(at(f, "a"), at(f, "hard")), 0);
}

static bool
hard_old(struct fixture *f)
{
	return all_old(f) && is(f, "hard", long_old);
}

static bool
hard_new(struct fixture *f)
{
	return all_new(f) && is(f, "hard", long_new);
}

static void
written(struct fixture *f)
{
	struct err e;

	assert_int_equal(write_three(f, &e), SK_OK);
}

static void
written_and_linked(struct fixture *f)
{
	written(f);
	with_hard_link(f);
}

static enum sk_code
plain_undo(struct fixture *f, struct err *e)
{
	return undo(f, false, e);
}

static void
written_and_edited(struct fixture *f)
{
	written(f);
	put(f, "a", "mine\n", 0600);
	unlink(at(f, "b"));
}

static enum sk_code
forced_undo(struct fixture *f, struct err *e)
{
	return undo(f, true, e);
}

static bool
edited(struct fixture *f)
{
	return is(f, "a", "mine\n") && is(f, "b", NULL) && is(f, "new/c", "fresh\n");
}

static enum sk_code
next_run(struct fixture *f, struct err *e)
{
	memset(e, 0, sizeof(*e));
	return write_recover(&f->arena, &f->o, e);
}

/* Dies between the first file and the second.  *io_at: at which call, once that is known. */
static void
crash(struct fixture *f, enum sk_code (*act)(struct fixture *f, struct err *e), const char *first, const char *second,
    void (*prepare)(struct fixture *f), unsigned *io_at)
{
	struct err e;

	for (unsigned n = *io_at > 0 ? *io_at : 1; n < CALLS_MAX; n++) {
		pid_t pid;
		int status;

		reset(f);
		prepare(f);
		pid = fork();
		if (pid == 0) {
			fault.calls = 0;
			fault.die_at = n;
			_exit(act(f, &e) != SK_OK);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 77);
		*io_at = n;
		if (is(f, "a", first) && is(f, "b", second))
			return;
	}
	fail_msg("no crash between two files");
}

static void
crashed_write(struct fixture *f)
{
	static unsigned at_call;

	crash(f, write_three, long_new, "x\n", nothing, &at_call);
}

static void
crashed_undo(struct fixture *f)
{
	static unsigned at_call;

	crash(f, plain_undo, long_old, "y\n", written, &at_call);
}

static const struct scenario scenarios[] = {
	{ "one file", nothing, write_one, one_old, one_new, .may_undo = true },
	{ "three files, one of them a link", with_link, write_linked, linked_old, linked_new, .may_undo = true },
	{ "three files by rename", with_link, write_linked, linked_old, linked_new, .by_rename = true,
	    .may_undo = true },
	{ "a new file in a new folder", nothing, write_three, all_old, all_new, .may_undo = true },
	{ "in place: hard link", with_hard_link, write_three, hard_old, hard_new, .in_place = true, .may_undo = true },
	{ "in place: mount point", nothing, write_three, all_old, all_new, .in_place = true, .busy = "a",
	    .may_undo = true },
	{ "undo", written, plain_undo, all_new, all_old, .may_undo = false },
	{ "undo in place: a hard link since", written_and_linked, plain_undo, hard_new, hard_old, .in_place = true },
	{ "forced undo", written_and_edited, forced_undo, edited, all_old, .may_undo = true },
	{ "the run after a crash", crashed_write, next_run, NULL, all_old, .crashed = true },
	{ "the run after a crash of undo", crashed_undo, next_run, NULL, all_old, .crashed = true },
};
enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

static unsigned
open_files(void)
{
	unsigned n = 0;

	for (int fd = 3; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static unsigned
all_temporaries(struct fixture *f)
{
	return temporaries(f->dir) + temporaries(at(f, "new"));
}

static struct {
	const struct scenario *s;
	unsigned n, faults, refusals, halves;
	enum call kind;
	int fail_errno;
	unsigned step, seen;
} now;

static void
complain(const char *what, const struct err *e)
{
	fail_msg("%s: call %u (%s) gives %s%s: %s: %s", now.s->name, now.n, can_give[now.kind].name,
	    strerror(now.fail_errno), fault.forever ? " for ever" : "", what, e->msg);
}

static void
lay_out(struct fixture *f, const struct scenario *s)
{
	memset(&fault, 0, offsetof(__typeof__(fault), kind));
	forget(f);
	reset(f);
	f->o.fs = &fs_faulty;
	f->o.in_place = s->in_place;
	s->prepare(f);
	fault.busy_name = s->busy;
	fault.no_exchange = s->by_rename;
	fault.calls = 0;
}

/* The disk is well again: what does the next run find, and does it work? */
static void
heal(struct fixture *f, const struct scenario *s)
{
	struct err e;

	if (next_run(f, &e) != SK_OK)
		complain("the next run is stuck", &e);
	if (all_temporaries(f) != 0)
		complain("a temporary is left after the next run", &e);
	if (s->crashed) {
		if (!s->after(f))
			complain("the next run leaves a mixture", &e);
		return;
	}
	if (!s->before(f) && !s->after(f))
		complain("the next run leaves a mixture", &e);
	if (s->before(f) && s->act(f, &e) != SK_OK)
		complain("the next run does not work", &e);
	if (!s->after(f))
		complain("the next run does not do what it should", &e);
	if (s->may_undo && (undo(f, false, &e) != SK_OK || !s->before(f)))
		complain("undo does not lead back", &e);
}

static void
try_fault(struct fixture *f, const struct scenario *s, bool forever)
{
	struct err e;
	unsigned fds;
	enum sk_code code;

	if (++now.seen % now.step != 0)
		return;
	lay_out(f, s);
	fds = open_files();
	fault.fail_at = now.n;
	fault.fail_errno = now.fail_errno;
	fault.forever = forever;
	code = s->act(f, &e);
	fault.fail_at = 0;
	now.faults += fault.failed > 0;
	now.refusals += code != SK_OK;
	now.halves += code == SK_EHALF;
	if (code != SK_OK && e.msg[0] == '\0')
		complain("no reason given", &e);
	if (open_files() != fds)
		complain("a descriptor is left open", &e);
	if (code == SK_OK && !s->after(f))
		complain("says done and is not", &e);
	if (code != SK_OK && !forever && !s->crashed && !s->before(f))
		complain("says failed and is not as before", &e);
	if (code != SK_OK && !s->crashed && code != SK_EHALF && !s->before(f))
		complain("does not tell that it is not as before", &e);
	if (code == SK_EHALF && (!forever || strstr(e.msg, f->dir) == NULL))
		complain("does not name what is not as before", &e);
	if (code != SK_OK && !forever && !s->crashed && all_temporaries(f) != 0)
		complain("failed, and a temporary is left", &e);
	if (code != SK_OK && code != e.code)
		complain("two codes", &e);
	if (code == SK_OK && !forever && !s->crashed && all_temporaries(f) != 0)
		complain("a temporary is left", &e);
	fault.forever = false;
	heal(f, s);
}

static void
every_call_fails(void **state)
{
	struct fixture *f = *state;
	const char *step = getenv("FAULT_STEP");

	now.step = step != NULL && atoi(step) > 1 ? (unsigned)atoi(step) : 1;
	for (size_t i = 0; i < SCENARIOS; i++) {
		const struct scenario *s = &scenarios[i];
		static unsigned char kind[CALLS_MAX];
		unsigned n_call;
		struct err e;

		now.s = s;
		lay_out(f, s);
		memset(&unsynced, 0, sizeof(unsynced));
		unsynced.on = true;
		assert_int_equal(s->act(f, &e), SK_OK);
		unsynced.on = false;
		assert_true(s->after(f));
		if (unsynced.fault != NULL)
			fail_msg("%s: %s", s->name, unsynced.fault);
		if (unsynced.n > 0)
			fail_msg("%s: done, and not all of it is on disk", s->name);
		n_call = fault.calls;
		assert_true(n_call > 20 && n_call < CALLS_MAX);
		memcpy(kind, fault.kind, sizeof(kind));
		for (now.n = 1; now.n <= n_call; now.n++) {
			now.kind = (enum call)kind[now.n];
			for (const int *v = can_give[now.kind].errnos; *v != 0; v++) {
				now.fail_errno = *v;
				try_fault(f, s, false);
			}
			for (size_t k = 0; k < sizeof for_ever / sizeof *for_ever; k++) {
				now.fail_errno = for_ever[k];
				try_fault(f, s, true);
			}
		}
	}
	print_message("writer: %u injected faults (%u of them told)\n", now.faults, now.refusals);
	assert_true(now.faults * now.step > 5000);
	assert_true(now.halves > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_call_fails, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
