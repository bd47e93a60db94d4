/* SPDX-License-Identifier: MIT */
/*
 * Writing below an open folder: every system call fails once, and then for ever; folders are swapped for links while
 * it writes; nothing outside is touched, each file is old or new, and all are one of these unless the disk died.
 */
#define _GNU_SOURCE
#include "test_writer.h"

static const char *const names[] = { "t/a", "t/sub/b", "t/sub/deep/c" };
enum { FILES = sizeof names / sizeof *names };

static void
lay(struct fixture *f)
{
	remove_tree(f->dir);
	assert_int_equal(mkdir(f->dir, 0700), 0);
	assert_int_equal(mkdir(at(f, "t"), 0755), 0);
	assert_int_equal(mkdir(at(f, "t/sub"), 0755), 0);
	assert_int_equal(mkdir(at(f, "t/sub/deep"), 0755), 0);
	assert_int_equal(mkdir(at(f, "out"), 0755), 0);
	assert_int_equal(mkdir(at(f, "out/deep"), 0755), 0);
	for (size_t i = 0; i < FILES; i++)
		put(f, names[i], long_old, 0640);
	put(f, "out/b", long_old, 0600);
	put(f, "out/deep/c", long_old, 0600);
}

static enum sk_code
act(struct fixture *f, const struct fs_ops *fs, struct err *e)
{
	int top = open(at(f, "t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct below_item v[FILES];
	enum sk_code code;

	assert_true(top >= 0);
	memset(e, 0, sizeof(*e));
	for (size_t i = 0; i < FILES; i++)
		v[i] = (struct below_item){ .top = top,
			.path = str_c(names[i] + 2),
			.shown = str_c(names[i]),
			.old_bytes = str_c(long_old),
			.new_bytes = str_c(long_new) };
	code = write_below(&f->arena, fs, v, FILES, e);
	close(top);
	return code;
}

static size_t
count(struct fixture *f, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < FILES; i++) {
		const char *now = get(f, names[i]);

		n += now != NULL && strcmp(now, text) == 0;
	}
	return n;
}

static bool
outside_is_old(struct fixture *f)
{
	return strcmp(get(f, "out/b"), long_old) == 0 && strcmp(get(f, "out/deep/c"), long_old) == 0;
}

static void
writes_all(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	struct err e;

	lay(f);
	assert_int_equal(act(f, &fs_real, &e), SK_OK);
	assert_int_equal(count(f, long_new), FILES);
	assert_int_equal(stat(at(f, names[1]), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(temporaries(at(f, "t")), 0);
	/* what stands there now is not what was read */
	assert_int_equal(act(f, &fs_real, &e), SK_ECHANGED);
	assert_int_equal(count(f, long_new), FILES);
}

static void
each_call_fails(void **state)
{
	static const int errnos[] = { EIO, ENOSPC, EACCES, EINTR, EPERM };
	struct fixture *f = *state;
	struct err e;
	unsigned calls;

	lay(f);
	fault.calls = 0;
	assert_int_equal(act(f, &fs_faulty, &e), SK_OK);
	calls = fault.calls;
	assert_true(calls > 60);
	for (unsigned n = 1; n <= calls; n++)
		for (size_t k = 0; k < sizeof errnos / sizeof *errnos; k++) {
			enum sk_code code;

			lay(f);
			forget(f);
			fault.calls = fault.failed = 0;
			fault.fail_at = n;
			fault.fail_errno = errnos[k];
			code = act(f, &fs_faulty, &e);
			fault.fail_at = 0;
			assert_int_equal(fault.failed, 1);
			assert_int_equal(count(f, code == SK_OK ? long_new : long_old), FILES);
			assert_true(code == SK_OK || code == SK_EREFUSED || code == SK_EWRITE || code == SK_ECHANGED);
			assert_int_equal(temporaries(at(f, "t")), 0);
			assert_true(outside_is_old(f));
		}
}

static void
the_disk_dies(void **state)
{
	static const int errnos[] = { EIO, EROFS, ENOSPC };
	struct fixture *f = *state;
	struct err e;
	bool halves = false;

	for (unsigned n = 1; n < CALLS_MAX; n++)
		for (size_t k = 0; k < sizeof errnos / sizeof *errnos; k++) {
			enum sk_code code;
			size_t new;

			lay(f);
			forget(f);
			fault.calls = fault.failed = 0;
			fault.fail_at = n;
			fault.forever = true;
			fault.fail_errno = errnos[k];
			code = act(f, &fs_faulty, &e);
			fault.fail_at = 0;
			fault.forever = false;
			new = count(f, long_new);
			assert_int_equal(new + count(f, long_old), FILES);
			if (fault.failed == 0) {
				assert_true(halves);
				return;
			}
			halves |= code == SK_EHALF;
			assert_true(code == SK_EHALF || (code == SK_OK ? new == FILES : new == 0));
		}
	fail_msg("it never ends");
}

/* A crash at any call: each file is old or new. */
static void
it_is_killed(void **state)
{
	struct fixture *f = *state;
	struct err e;
	unsigned calls;

	lay(f);
	fault.calls = 0;
	assert_int_equal(act(f, &fs_faulty, &e), SK_OK);
	calls = fault.calls;
	for (unsigned n = 1; n <= calls; n++) {
		int status;
		pid_t pid;

		lay(f);
		forget(f);
		pid = fork();
		if (pid == 0) {
			fault.calls = 0;
			fault.die_at = n;
			_exit(act(f, &fs_faulty, &e) != SK_OK);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(count(f, long_new) + count(f, long_old), FILES);
		assert_true(outside_is_old(f));
	}
}

static void
a_folder_becomes_a_link(void **state)
{
	struct fixture *f = *state;
	struct err e;

	/* before anything is opened */
	lay(f);
	assert_int_equal(rename(at(f, "t/sub"), at(f, "t/aside")), 0);
	assert_int_equal(symlink("../out", at(f, "t/sub")), 0);
	assert_int_equal(act(f, &fs_real, &e), SK_ECHANGED);
	assert_true(outside_is_old(f));
	assert_string_equal(get(f, "t/a"), long_old);
	/* while the temporary files are made */
	lay(f);
	fault.swap = at(f, "t/sub");
	fault.swap_to = at(f, "out");
	assert_int_equal(act(f, &fs_faulty, &e), SK_ECHANGED);
	assert_null(fault.swap);
	assert_true(outside_is_old(f));
	assert_string_equal(get(f, "t/a"), long_old);
	assert_string_equal(get(f, "t/sub.aside/b"), long_old);
	assert_int_equal(temporaries(at(f, "t")), 0);
	assert_int_equal(temporaries(at(f, "out")), 0);
}

static void
a_file_becomes_something_else(void **state)
{
	struct fixture *f = *state;
	struct err e;

	lay(f);
	assert_int_equal(unlink(at(f, names[1])), 0);
	assert_int_equal(symlink("../../out/b", at(f, names[1])), 0);
	assert_int_not_equal(act(f, &fs_real, &e), SK_OK);
	assert_true(outside_is_old(f));
	assert_string_equal(get(f, "t/a"), long_old);
	lay(f);
	assert_int_equal(unlink(at(f, names[1])), 0);
	assert_int_equal(mkfifo(at(f, names[1]), 0600), 0);
	assert_int_equal(act(f, &fs_real, &e), SK_EREFUSED);
	lay(f);
	assert_int_equal(unlink(at(f, names[1])), 0);
	assert_int_equal(link(at(f, "out/b"), at(f, names[1])), 0);
	assert_int_equal(act(f, &fs_real, &e), SK_EREFUSED);
	assert_true(outside_is_old(f));
	lay(f);
	assert_int_equal(chmod(at(f, names[2]), 0444), 0);
	assert_int_equal(act(f, &fs_real, &e), SK_EREFUSED);
	assert_int_equal(count(f, long_old), FILES);
	/* an editor saves at the last moment: what it saved stays, and all others are as they were */
	lay(f);
	fault.swap_editor = at(f, names[2]);
	assert_int_equal(act(f, &fs_faulty, &e), SK_ECHANGED);
	assert_string_equal(get(f, names[2]), "saved\n");
	assert_string_equal(get(f, names[0]), long_old);
	assert_int_equal(temporaries(at(f, "t")), 0);
	lay(f);
	fault.editor = at(f, names[2]);
	assert_int_equal(act(f, &fs_faulty, &e), SK_ECHANGED);
	assert_string_equal(get(f, names[2]), "saved\n");
	assert_string_equal(get(f, names[0]), long_old);
	assert_int_equal(temporaries(at(f, "t")), 0);
}

static void
paths_that_leave(void **state)
{
	static const char *const path[] = { "../out/b", "sub/../../out/b", "/etc/passwd", "", "sub//b", "./a" };
	struct fixture *f = *state;
	struct err e;

	lay(f);
	for (size_t i = 0; i < sizeof path / sizeof *path; i++) {
		int top = open(at(f, "t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		const struct below_item v = { .top = top,
			.path = str_c(path[i]),
			.shown = str_c(path[i]),
			.old_bytes = str_c(long_old),
			.new_bytes = str_c(long_new) };

		memset(&e, 0, sizeof(e));
		assert_int_equal(write_below(&f->arena, &fs_real, &v, 1, &e), SK_EREFUSED);
		close(top);
	}
	assert_true(outside_is_old(f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_all, setup, teardown),
		cmocka_unit_test_setup_teardown(each_call_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(the_disk_dies, setup, teardown),
		cmocka_unit_test_setup_teardown(it_is_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_becomes_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_becomes_something_else, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_that_leave, setup, teardown),
	};

	return cmocka_run_group_tests_name("below", tests, NULL, NULL) != 0;
}
