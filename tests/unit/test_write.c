/* SPDX-License-Identifier: MIT */
/* The writer on real files below a temporary folder: what it keeps, what it refuses, undo, and being killed. */
#define _GNU_SOURCE
#include "test_writer.h"

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
	/* who closed it meanwhile wants it closed */
	t_eq_u64(st.st_mode & 07777, 0600);
	assert_int_equal(undo(f, false, &e), SK_EREFUSED);
	assert_string_equal(e.msg, "nothing to undo");
	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n, &e), SK_OK);
	assert_true(list[0].undone);
	assert_int_equal(undo_last(&f->arena, &f->o, list[0].id, true, &list[0], &e), SK_EREFUSED);
	assert_int_equal(undo_last(&f->arena, &f->o, STR("99"), true, &list[0], &e), SK_EREFUSED);
}

static void
undo_keeps_the_present_owner(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\n", "b\n"), item(f, "d", "1\n", "2\n") };
	struct err e;
	struct stat st;

	if (geteuid() != 0)
		skip();
	for (int force = 0; force < 2; force++) {
		put(f, "c", "a\n", 0640);
		put(f, "d", "1\n", 0640);
		assert_int_equal(write_items(f, v, 2, &e), SK_OK);
		if (force)
			put(f, "d", "mine\n", 0640);
		assert_int_equal(chmod(at(f, "c"), 0600), 0);
		assert_int_equal(chown(at(f, "c"), 12345, 23456), 0);
		assert_int_equal(undo(f, force, &e), SK_OK);
		assert_string_equal(get(f, "c"), "a\n");
		assert_string_equal(get(f, "d"), "1\n");
		assert_int_equal(stat(at(f, "c"), &st), 0);
		t_eq_u64(st.st_mode & 07777, 0600);
		t_eq_u64(st.st_uid, 12345);
		t_eq_u64(st.st_gid, 23456);
		assert_int_equal(chown(at(f, "c"), 0, 0), 0);
	}
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

/* Root's one state folder: who names a home means what was written there. */
static void
undo_is_for_the_home_that_is_named(void **state)
{
	struct fixture *f = *state;
	struct write_item c[] = { item(f, "c", "a\n", "b\n") }, d[] = { item(f, "d", "1\n", "2\n") };
	struct undo_entry u;
	struct err e;

	put(f, "c", "a\n", 0600);
	put(f, "d", "1\n", 0600);
	f->o.home = STR("/home/c");
	assert_int_equal(write_items(f, c, 1, &e), SK_OK);
	f->o.home = STR("/home/d");
	assert_int_equal(write_items(f, d, 1, &e), SK_OK);
	f->o.home = STR("/home/c");
	assert_int_equal(undo(f, false, &e), SK_OK);
	assert_string_equal(get(f, "c"), "a\n");
	assert_string_equal(get(f, "d"), "2\n");
	assert_int_equal(undo(f, true, &e), SK_EREFUSED);
	assert_non_null(strstr(e.msg, "for the home /home/c"));
	assert_string_equal(get(f, "d"), "2\n");
	assert_int_equal(undo_last(&f->arena, &f->o, STR("2"), false, &u, &e), SK_OK);
	assert_string_equal(get(f, "d"), "1\n");
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

/* Without a next run: what ssh would read right after the crash. */
static bool
each_whole(struct fixture *f)
{
	const char *a = get(f, "a"), *b = get(f, "b"), *c = get(f, "new/c");

	return (strcmp(a, long_old) == 0 || strcmp(a, long_new) == 0) &&
	    (strcmp(b, "x\n") == 0 || strcmp(b, "y\n") == 0) && (c == NULL || strcmp(c, "fresh\n") == 0);
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
	for (int pass = 0; pass < 5; pass++) {
		/* the last one: undo of a file that got a link since */
		bool late = pass == 4, in_place = (pass & 1) != 0 || late, undoing = (pass & 2) != 0 || late;

		for (unsigned n = 1;; n++, kills++) {
			int status;
			pid_t pid;

			reset(f);
			if (in_place && !late)
				assert_int_equal(link(at(f, "a"), at(f, "hard")), 0);
			f->o.in_place = in_place;
			if (undoing)
				assert_int_equal(write_three(f, &e), SK_OK);
			if (late)
				assert_int_equal(link(at(f, "a"), at(f, "hard")), 0);
			pid = fork();
			if (pid == 0) {
				fault.calls = fault.fail_at = 0;
				fault.die_at = n;
				_exit((undoing ? undo(f, false, &e) : write_three(f, &e)) != SK_OK);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			f->o.in_place = false;
			if (!in_place && !each_whole(f))
				fail_msg("pass %d, killed at call %u: half a file", pass, n);
			assert_int_equal(undo_list(&f->arena, &f->o, &list, &n_list, &e), SK_OK);
			if (in_place && strcmp(get(f, "hard"), get(f, "a")) != 0)
				fail_msg("pass %d, killed at call %u: a link was cut", pass, n);
			if (!all_old(f) && !all_new(f))
				fail_msg("pass %d, killed at call %u: mixed files", pass, n);
			if (temporaries(f->dir) != 0 || temporaries(at(f, "new")) != 0)
				fail_msg("pass %d, killed at call %u: temporaries left", pass, n);
			if (n_list > 0 && list[0].undone != all_old(f))
				fail_msg("pass %d, killed at call %u: the journal disagrees", pass, n);
			forget(f);
			if (WEXITSTATUS(status) != 77)
				break;
		}
	}
	print_message("  %u kills\n", kills);
}

/* SIGTERM at any call: the process ends by it, and no run has to mend anything afterwards. */
static void
a_signal_waits(void **state)
{
	struct fixture *f = *state;
	unsigned midway = 0;
	struct err e;

	f->o.fs = &fs_faulty;
	for (int undoing = 0; undoing < 2; undoing++) {
		for (unsigned n = 1;; n++) {
			int status;
			pid_t pid;

			reset(f);
			if (undoing)
				assert_int_equal(write_three(f, &e), SK_OK);
			pid = fork();
			if (pid == 0) {
				fault.calls = 0;
				fault.signal_at = n;
				_exit((undoing ? undo(f, false, &e) : write_three(f, &e)) != SK_OK);
			}
			assert_int_equal(waitpid(pid, &status, 0), pid);
			if (!all_old(f) && !all_new(f))
				fail_msg("undoing %d, SIGTERM at call %u: mixed files", undoing, n);
			if (temporaries(f->dir) != 0 || temporaries(at(f, "new")) != 0)
				fail_msg("undoing %d, SIGTERM at call %u: temporaries left", undoing, n);
			midway += WIFSIGNALED(status) && (undoing ? all_old(f) : all_new(f));
			forget(f);
			if (!WIFSIGNALED(status))
				break;
			assert_int_equal(WTERMSIG(status), SIGTERM);
		}
	}
	assert_true(midway > 100);
}

/* After the last look and before the rename: what was saved there comes back, and nothing is written. */
static void
an_editor_saves_at_the_last_moment(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "a", "1\n", "2\n"), item(f, "c", "a\n", "b\n") };
	struct err e;

	put(f, "a", "1\n", 0600);
	put(f, "c", "a\n", 0600);
	f->o.fs = &fs_faulty;
	fault.swap_editor = at(f, "a");
	assert_int_equal(write_items(f, v, 2, &e), SK_ECHANGED);
	assert_string_equal(get(f, "a"), "saved\n");
	assert_string_equal(get(f, "c"), "a\n");
	t_eq_u64(temporaries(f->dir), 0);
}

/* Who closes a file to others while it is written must not find it open again. */
static void
a_mode_is_set_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "a", "1\n", "2\n") };
	struct err e;
	struct stat st;

	put(f, "a", "1\n", 0644);
	f->o.fs = &fs_faulty;
	for (int pass = 0; pass < 2; pass++) {
		/* after the last look, before it */
		fault.swap_chmod = pass == 0 ? at(f, "a") : NULL;
		fault.chmod = pass == 1 ? at(f, "a") : NULL;
		assert_int_equal(chmod(at(f, "a"), 0644), 0);
		assert_int_equal(write_items(f, v, 1, &e), SK_ECHANGED);
		assert_string_equal(get(f, "a"), "1\n");
		assert_int_equal(stat(at(f, "a"), &st), 0);
		t_eq_u64(st.st_mode & 07777, 0640);
		t_eq_u64(temporaries(f->dir), 0);
	}
}

/* As an_editor_saves_at_the_last_moment(), for a file that is made and for one that undo removes. */
static void
a_file_appears_or_is_saved_at_the_last_moment(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "d", NULL, "new\n") };
	struct err e;

	f->o.fs = &fs_faulty;
	fault.swap_editor = at(f, "d");
	assert_int_equal(write_items(f, v, 1, &e), SK_ECHANGED);
	assert_non_null(strstr(e.msg, "appeared"));
	assert_string_equal(get(f, "d"), "saved\n");
	t_eq_u64(temporaries(f->dir), 0);
	unlink(at(f, "d"));
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	fault.swap_editor = at(f, "d");
	assert_int_equal(undo(f, false, &e), SK_ECHANGED);
	assert_string_equal(get(f, "d"), "saved\n");
	t_eq_u64(temporaries(f->dir), 0);
	put(f, "d", "new\n", 0600);
	assert_int_equal(undo(f, false, &e), SK_OK);
	assert_null(get(f, "d"));
}

/* Whoever guesses the temporary's name gets nothing of theirs overwritten, and nothing put in place. */
static void
a_temporary_stands_there(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "c", "a\n", "b\n") };
	struct err e;
	struct stat st;

	put(f, "c", "a\n", 0600);
	put(f, "victim", "precious and long\n", 0600);
	f->o.fs = &fs_faulty;
	fault.plant = at(f, "victim");
	assert_int_not_equal(write_items(f, v, 1, &e), SK_OK);
	fault.plant = NULL;
	assert_true(fault.planted);
	assert_string_equal(get(f, "victim"), "precious and long\n");
	assert_string_equal(get(f, "c"), "a\n");
	assert_int_equal(stat(at(f, "victim"), &st), 0);
	t_eq_u64(st.st_nlink, 2); /* not ours to remove */
}

/* A folder on the way is replaced by a link while the temporary stands: nothing is written through it. */
static void
a_folder_is_swapped(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "home/config", "a\n", "b\n") };
	struct err e;

	assert_int_equal(mkdir(at(f, "home"), 0700), 0);
	assert_int_equal(mkdir(at(f, "root"), 0700), 0);
	put(f, "home/config", "a\n", 0600);
	put(f, "root/config", "a\n", 0600);
	f->o.fs = &fs_faulty;
	fault.swap = at(f, "home");
	fault.swap_to = at(f, "root");
	assert_int_equal(write_items(f, v, 1, &e), SK_ECHANGED);
	assert_string_equal(get(f, "root/config"), "a\n");
	assert_string_equal(get(f, "home.aside/config"), "a\n");
	t_eq_u64(temporaries(at(f, "root")), 0);
	t_eq_u64(temporaries(at(f, "home.aside")), 0);
}

/* A link, a folder or a hard link of another user does not lead root astray. */
static void
links_of_others(void **state)
{
	struct fixture *f = *state;
	struct write_item v[] = { item(f, "home/config", "a\n", "b\n") };
	struct err e;

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(at(f, "home"), 0700), 0);
	put(f, "mine", "a\n", 0600);
	assert_int_equal(symlink("../mine", at(f, "home/config")), 0);
	assert_int_equal(lchown(at(f, "home/config"), 12345, 12345), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_EREFUSED);
	assert_non_null(strstr(e.msg, "link of another user"));
	/* a link to their own file is theirs to make */
	assert_int_equal(chown(at(f, "mine"), 12345, 12345), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	assert_string_equal(get(f, "mine"), "b\n");
	assert_int_equal(undo(f, false, &e), SK_OK);
	/* a hard link to a file of root, in a folder of theirs, even by consent */
	assert_int_equal(unlink(at(f, "home/config")), 0);
	assert_int_equal(chown(at(f, "home"), 12345, 12345), 0);
	assert_int_equal(chown(at(f, "mine"), 0, 0), 0);
	assert_int_equal(link(at(f, "mine"), at(f, "home/config")), 0);
	f->o.in_place = true;
	assert_int_equal(write_items(f, v, 1, &e), SK_EREFUSED);
	assert_string_equal(get(f, "mine"), "a\n");
	/* a journal of theirs is not obeyed */
	f->o.in_place = false;
	assert_int_equal(unlink(at(f, "home/config")), 0);
	v[0] = item(f, "mine", "a\n", "b\n");
	assert_int_equal(chown(at(f, "state/sshkeep"), 12345, 12345), 0);
	assert_int_equal(write_items(f, v, 1, &e), SK_EREFUSED);
	assert_non_null(strstr(e.msg, "belongs to another user"));
	assert_string_equal(get(f, "mine"), "a\n");
}

static void
old_entries_go(void **state)
{
	struct fixture *f = *state;
	struct undo_entry *list;
	struct err e;
	size_t n;

	f->o.fs = &fs_faulty;
	put(f, "c", "0\n", 0600);
	for (int i = 0; i < 105; i++) {
		char old[16], text[16];
		struct write_item v[1];

		snprintf(old, sizeof(old), "%d\n", i);
		snprintf(text, sizeof(text), "%d\n", i + 1);
		v[0] = item(f, "c", old, text);
		assert_int_equal(write_items(f, v, 1, &e), SK_OK);
	}
	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n, &e), SK_OK);
	t_eq_u64(n, 100);
	t_eq_str(list[99].id, "105");
	assert_int_equal(undo(f, false, &e), SK_OK);
	assert_string_equal(get(f, "c"), "104\n");
}

/* Killed after the first file was replaced, and somebody edited that one before the next run. */
static void
edit_after_a_crash(struct fixture *f, const char *mine)
{
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
			fault.calls = 0;
			fault.die_at = n;
			_exit(write_three(f, &e) != SK_OK);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(WEXITSTATUS(status), 77);
	}
	put(f, "a", mine, 0644);
	assert_int_equal(undo_list(&f->arena, &f->o, &list, &n_list, &e), SK_OK);
	assert_string_equal(get(f, "a"), mine);
	assert_string_equal(get(f, "b"), "x\n");
	assert_null(get(f, "new/c"));
	t_eq_u64(temporaries(f->dir), 0);
	/* The only copy of the old bytes is still there. */
	t_eq_u64(n_list, 1);
	assert_true(list[0].undone);
	assert_string_equal(get(f, "state/sshkeep/backup/1/0.old"), long_old);
}

static void
an_edit_after_a_crash_stays(void **state)
{
	struct fixture *f = *state;
	char mine[sizeof(long_old)];
	size_t at_diff = 0;

	edit_after_a_crash(f, "mine\n");
	/* 600 for 300: each byte is that of the old or of the new text at its place */
	memcpy(mine, long_old, sizeof(mine));
	while (long_old[at_diff] == long_new[at_diff])
		at_diff++;
	mine[at_diff] = long_new[at_diff];
	assert_non_null(strstr(mine, "ServerAliveInterval 600"));
	edit_after_a_crash(f, mine);
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
		cmocka_unit_test_setup_teardown(undo_keeps_the_present_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(looking_makes_no_state_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(symlinks_stay_links, setup, teardown),
		cmocka_unit_test_setup_teardown(owner_and_attributes_are_kept, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals_leave_the_file_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(an_editor_saves_in_between, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_refuses_what_changed_since, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_is_for_the_home_that_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(several_files_all_or_none, setup, teardown),
		cmocka_unit_test_setup_teardown(another_sshkeep_at_work, setup, teardown),
		cmocka_unit_test_setup_teardown(any_call_may_be_the_last, setup, teardown),
		cmocka_unit_test_setup_teardown(a_signal_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(an_editor_saves_at_the_last_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_appears_or_is_saved_at_the_last_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(a_mode_is_set_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(a_temporary_stands_there, setup, teardown),
		cmocka_unit_test_setup_teardown(a_folder_is_swapped, setup, teardown),
		cmocka_unit_test_setup_teardown(links_of_others, setup, teardown),
		cmocka_unit_test_setup_teardown(old_entries_go, setup, teardown),
		cmocka_unit_test_setup_teardown(an_edit_after_a_crash_stays, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_journal_stops_everything, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
