/* SPDX-License-Identifier: MIT */
/* The timer of a lint: what takes long is asked to end, what goes on for ever ends with a word and status 2. */
#include "t.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lint/lint.h"

/* A child's limit; it is asked to end at three quarters of it, and ended at 95 per cent. */
enum { LIMIT_S = 2 };

/* What a child that spins says on standard error; its status in *ret.  heeds: it ends when it is asked to. */
static struct str
spin(struct str folder, struct str file, bool heeds, char *text, size_t size, int *ret)
{
	int fd[2];
	size_t n = 0;
	ssize_t got;
	pid_t pid;

	assert_int_equal(pipe(fd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		static struct lint_watch w;

		dup2(fd[1], STDERR_FILENO);
		lint_watch_start(&w, LIMIT_S);
		lint_watch_file(&w, folder, file);
		while (!w.expired || !heeds)
			continue;
		_exit(clock() < LIMIT_S * CLOCKS_PER_SEC ? 7 : 8);
	}
	close(fd[1]);
	while (n < size && (got = read(fd[0], text + n, size - n)) > 0)
		n += (size_t)got;
	close(fd[0]);
	assert_int_equal(waitpid(pid, ret, 0), pid);
	return (struct str){ text, n };
}

static void
is_asked_first(void **state)
{
	char text[64];
	int status;

	(void)state;
	t_eq_str(spin(STR("a/"), STR("ssh_config"), true, text, sizeof text, &status), "");
	assert_true(WIFEXITED(status));
	t_eq_i64(WEXITSTATUS(status), 7);
}

static void
ends_with_the_file(void **state)
{
	char text[2048];
	int status;

	(void)state;
	t_eq_str(spin(STR("a/"), STR("ssh_config"), false, text, sizeof text, &status),
	    "sshkeep: a/ssh_config: took almost all of 2 s of processor time; nothing of this run is told\n");
	assert_true(WIFEXITED(status));
	t_eq_i64(WEXITSTATUS(status), 2);
}

static void
hostile_names_stay_on_one_line(void **state)
{
	static char name[3000];
	char text[4096];
	struct str said;
	int status;

	(void)state;
	memset(name, '\n', sizeof name);
	said = spin(STR(""), (struct str){ name, sizeof name }, false, text, sizeof text, &status);
	t_eq_i64(WEXITSTATUS(status), 2);
	assert_true(said.n > 0 && said.n < LINT_SAID);
	assert_true(str_chr(said, '\n', 0) == said.n - 1);
	assert_true(str_starts(said, STR("sshkeep: \\x0A\\x0A")));
	assert_true(str_ends(said, STR("nothing of this run is told\n")));
}

static void
ends_in_time_are_silent(void **state)
{
	struct lint_watch w;
	struct sigaction now;
	clock_t end = clock() + 2 * CLOCKS_PER_SEC;

	(void)state;
	lint_watch_start(&w, 1);
	assert_true(w.on);
	lint_watch_end(&w);
	assert_false(w.on);
	while (clock() < end)
		continue;
	assert_false(w.expired);
	assert_int_equal(sigaction(SIGPROF, NULL, &now), 0);
	assert_true(now.sa_handler == SIG_DFL);
}

/* What is written is written to its end: the last word waits for it. */
static void
a_write_is_not_cut(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		static struct lint_watch w;

		lint_watch_start(&w, 1);
		lint_watch_hold(&w, true);
		while (clock() < 2 * CLOCKS_PER_SEC)
			continue;
		lint_watch_end(&w);
		_exit(9);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	t_eq_i64(WEXITSTATUS(status), 9);
}

/* Those who keep jobs in bounds send signals of their own: they do what they do to any program. */
static void
signals_of_others_keep_their_meaning(void **state)
{
	static const int sent[] = { SIGXCPU, SIGPROF };

	(void)state;
	for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			static struct lint_watch w;

			lint_watch_start(&w, 1);
			(void)kill(getpid(), sent[i]);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		t_eq_i64(WTERMSIG(status), sent[i]);
	}
}

static void
a_limit_of_the_caller_is_heeded(void **state)
{
	struct rlimit before, r;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_CPU, &before), 0);
	r = before;
	r.rlim_cur = 60;
	if (before.rlim_max != RLIM_INFINITY && before.rlim_max < r.rlim_cur)
		r.rlim_cur = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_CPU, &r), 0);
	t_eq_i64(lint_watch_limit(), (int64_t)r.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_CPU, &before), 0);
	if (before.rlim_cur == RLIM_INFINITY)
		t_eq_i64(lint_watch_limit(), LINT_CPU_S);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_asked_first),
		cmocka_unit_test(ends_with_the_file),
		cmocka_unit_test(hostile_names_stay_on_one_line),
		cmocka_unit_test(ends_in_time_are_silent),
		cmocka_unit_test(a_write_is_not_cut),
		cmocka_unit_test(signals_of_others_keep_their_meaning),
		cmocka_unit_test(a_limit_of_the_caller_is_heeded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
