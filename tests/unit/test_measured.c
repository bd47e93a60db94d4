/* SPDX-License-Identifier: MIT */
/* Measurements in the state folder: what is read, what is refused, which of several counts, what takes whose place. */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "remove_tree.h"
#include "t.h"

#include "session/measured.h"

#define NETWORK "eth0 via 10.0.0.1 02:00:00:00:00:01 vpn none"

enum { VALID_S = 1000000, NOBODY = 65534 };

static struct arena arena;
static struct options options;
static struct session s;
static char dir[64], probe_dir[128];

static int
setup(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof dir, "/tmp/sshkeep-test-XXXXXX");
	if (mkdtemp(dir) == NULL || setenv("XDG_STATE_HOME", dir, 1) != 0)
		return -1;
	(void)snprintf(probe_dir, sizeof probe_dir, "%s/sshkeep/probe", dir);
	memset(&arena, 0, sizeof arena);
	memset(&s, 0, sizeof s);
	s.arena = &arena;
	s.o = &options;
	s.tree.root = "";
	s.live = true;
	s.user.home = STR("/nonexistent");
	s.facts.network = STR(NETWORK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(s.measured);
	free(s.note);
	arena_release(&arena);
	return remove_tree(dir);
}

static struct probe_record
record(const char *host, unsigned low, unsigned high, int64_t age_s)
{
	return (struct probe_record){ .where = { .host = str_c(host), .port = 22, .network = STR(NETWORK) },
		.answer = { .low_s = low,
		    .high_s = high,
		    .died = { high > 0, high > 0 },
		    .symptom = high > 0 ? PROBE_SILENT : PROBE_ALIVE },
		.when_s = (int64_t)time(NULL) - age_s };
}

static struct str
keep(const struct probe_record *r)
{
	struct str path = { NULL, 0 };
	struct err e = { 0 };

	assert_int_equal(measured_keep(&s, r, VALID_S, &path, &e), SK_OK);
	return path;
}

static const char *
in_folder(const char *name)
{
	static char path[192];

	(void)snprintf(path, sizeof path, "%s/%s", probe_dir, name);
	return path;
}

static void
move(const char *from, const char *to)
{
	char path[192];

	(void)snprintf(path, sizeof path, "%s", in_folder(from));
	assert_int_equal(rename(path, in_folder(to)), 0);
}

/* The same record under another name. */
static void
put(const char *name, const struct probe_record *r)
{
	struct buf b = { 0 };
	FILE *f = fopen(in_folder(name), "w");

	assert_non_null(f);
	probe_write(r, &b);
	t_eq_u64(fwrite(b.p, 1, b.n, f), b.n);
	assert_int_equal(fclose(f), 0);
	buf_release(&b);
}

static void
want_note(size_t i, const char *words)
{
	assert_true(i < s.n_note);
	if (str_find(s.note[i], str_c(words)) == SIZE_MAX)
		t_eq_str(s.note[i], words);
}

static void
test_keeps_and_reads(void **state)
{
	struct probe_record r = record("Web.Example.net", 340, 345, 0), same = record("web.example.NET", 299, 300, 0);
	struct str path;
	struct stat st;

	(void)state;
	measured_load(&s);
	t_eq_u64(s.n_measured, 0);
	t_eq_u64(s.n_note, 0);
	path = keep(&r);
	assert_int_equal(stat(path.p, &st), 0);
	t_eq_u64(st.st_mode & 07777, 0600);
	assert_int_equal(stat(probe_dir, &st), 0);
	t_eq_u64(st.st_mode & 07777, 0700);
	measured_load(&s);
	t_eq_u64(s.n_measured, 1);
	t_eq_str(s.measured[0].where.host, "web.example.net");
	t_eq_u64(s.measured[0].answer.low_s, 340);
	/* one file for a host, however it is spelt */
	assert_true(str_eq(keep(&same), path));
	measured_load(&s);
	t_eq_u64(s.n_measured, 1);
	t_eq_u64(s.measured[0].answer.low_s, 299);
}

static void
test_refuses(void **state)
{
	struct probe_record r = record("h", 340, 345, 0);
	char *text;
	FILE *f;

	(void)state;
	(void)keep(&r);
	put("b.ini", &r);
	move("b.ini", "target");
	assert_int_equal(symlink("target", in_folder("a-link.ini")), 0);
	assert_int_equal(mkdir(in_folder("b-folder.ini"), 0700), 0);
	put("c-large.ini", &r);
	f = fopen(in_folder("c-large.ini"), "a");
	assert_non_null(f);
	text = calloc(1, 9001);
	assert_non_null(text);
	memset(text, '\n', 9000);
	assert_true(fputs(text, f) >= 0 && fclose(f) == 0);
	free(text);
	f = fopen(in_folder("d-damaged.ini"), "w");
	assert_true(f != NULL && fputs("[probe]\nhost = h\n", f) >= 0 && fclose(f) == 0);
	put(".e-hidden.ini", &r);
	put("f.txt", &r);
	put("e-foreign.ini", &r);
	if (geteuid() == 0)
		assert_int_equal(chown(in_folder("e-foreign.ini"), NOBODY, NOBODY), 0);
	else
		assert_int_equal(unlink(in_folder("e-foreign.ini")), 0);
	measured_load(&s);
	t_eq_u64(s.n_measured, 1);
	want_note(0, "a-link.ini is a link");
	want_note(1, "b-folder.ini is no file");
	want_note(2, "c-large.ini is too large");
	want_note(3, "d-damaged.ini: without");
	if (geteuid() == 0)
		want_note(4, "e-foreign.ini belongs to somebody else");
	t_eq_u64(s.n_note, geteuid() == 0 ? 5 : 4);
}

static void
test_refuses_folders(void **state)
{
	struct probe_record r = record("h", 340, 345, 0);
	struct str path = { NULL, 0 };
	struct err e = { 0 };
	char other[192];

	(void)state;
	(void)keep(&r);
	assert_int_equal(chmod(probe_dir, 0777), 0);
	measured_load(&s);
	t_eq_u64(s.n_measured, 0);
	want_note(0, "is not this account's own folder");
	assert_int_equal(measured_keep(&s, &r, VALID_S, &path, &e), SK_EREFUSED);
	assert_int_equal(chmod(probe_dir, 0700), 0);
	(void)snprintf(other, sizeof other, "%s/other", dir);
	assert_int_equal(rename(probe_dir, other), 0);
	assert_int_equal(symlink(other, probe_dir), 0);
	measured_load(&s);
	t_eq_u64(s.n_measured, 0);
	assert_true(measured_keep(&s, &r, VALID_S, &path, &e) != SK_OK);
	if (geteuid() != 0)
		return;
	assert_int_equal(unlink(probe_dir), 0);
	assert_int_equal(rename(other, probe_dir), 0);
	assert_int_equal(chown(probe_dir, NOBODY, NOBODY), 0);
	measured_load(&s);
	t_eq_u64(s.n_measured, 0);
	assert_int_equal(measured_keep(&s, &r, VALID_S, &path, &e), SK_EREFUSED);
}

/* Of several that count, the newest does; it is compared with what has come meanwhile. */
static void
test_takes_whose_place(void **state)
{
	struct probe_record bracket = record("h", 340, 345, 50), late = record("h", 599, 600, 10),
			    short_floor = record("H", 500, 0, 0), old = record("h", 3900, 0, VALID_S + 5),
			    coming = record("h", 3900, 0, -200000), elsewhere = record("h", 3900, 0, 1);

	(void)state;
	assert_null(measured_worse(&s, &short_floor, VALID_S));
	(void)keep(&bracket);
	assert_null(measured_worse(&s, &short_floor, VALID_S));
	elsewhere.where.network = STR("wlan0 via link - vpn none");
	put("0.ini", &elsewhere);
	put("1.ini", &old);
	put("2.ini", &coming);
	assert_null(measured_worse(&s, &short_floor, VALID_S));
	put("3.ini", &late);
	assert_non_null(measured_worse(&s, &short_floor, VALID_S));
	move("3.ini", "zzzz.ini");
	assert_non_null(measured_worse(&s, &short_floor, VALID_S));
	t_eq_u64(s.n_measured, 5);
	/* too old by now */
	assert_null(measured_worse(&s, &short_floor, 5));
}

/* An empty file, so many seconds old. */
static void
leave(const char *name, int64_t age_s)
{
	struct timespec t[2] = { { .tv_sec = time(NULL) - age_s }, { .tv_sec = time(NULL) - age_s } };
	FILE *f = fopen(in_folder(name), "w");

	assert_true(f != NULL && fclose(f) == 0);
	assert_int_equal(utimensat(AT_FDCWD, in_folder(name), t, 0), 0);
}

/* Keeping one removes what is far too old, and what a crash left; nothing else. */
static void
test_sweeps(void **state)
{
	struct probe_record r = record("h", 340, 345, 0);
	char own[64];
	struct {
		const char *name;
		int64_t age_s;
		bool stays;
	} row[] = {
		{ "0123456789abcdef.ini", 11 * VALID_S, true },
		{ "0123456789abcdee.ini", 13 * VALID_S, false },
		{ "notes.ini", 13 * VALID_S, true },
		{ "0123456789abcdef0.ini", 13 * VALID_S, true },
		{ "0123456789abcdef.ini.bak", 13 * VALID_S, true },
		{ ".0123456789abcdef.ini.1", 90000, false },
		{ ".0123456789abcdef.ini.2", 80000, true },
		{ ".profile", 13 * VALID_S, true },
		{ own, 0, false },
	};
	struct stat st;

	(void)state;
	(void)snprintf(own, sizeof own, ".%s.%ld", strrchr(keep(&r).p, '/') + 1, (long)getpid());
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		leave(row[i].name, row[i].age_s);
	(void)keep(&r);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if ((lstat(in_folder(row[i].name), &st) == 0) != row[i].stays)
			t_eq_str(str_c(row[i].name), row[i].stays ? "stays" : "goes");
	/* a policy that never forgets */
	leave("0123456789abcdee.ini", 1000 * VALID_S);
	assert_int_equal(measured_keep(&s, &r, INFINITY, &(struct str){ NULL, 0 }, &(struct err){ 0 }), SK_OK);
	assert_int_equal(lstat(in_folder("0123456789abcdee.ini"), &st), 0);
}

/* Too many files: that is said, and so is how many do not count. */
static void
test_too_many(void **state)
{
	struct probe_record r = record("h", 340, 345, 0);
	char name[32];

	(void)state;
	(void)keep(&r);
	for (unsigned i = 0; i < 1100; i++) {
		(void)snprintf(name, sizeof name, "%04u.ini", i);
		if (i < 20)
			leave(name, 0);
		else
			put(name, &r);
	}
	measured_load(&s);
	t_eq_u64(s.n_measured, 1024 - 20);
	t_eq_u64(s.n_note, 8 + 2);
	want_note(0, "0000.ini");
	want_note(8, "12 more measurements do not count");
	want_note(9, "only 1024 of 1101 measurements were read");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keeps_and_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refuses, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refuses_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(test_takes_whose_place, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sweeps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
