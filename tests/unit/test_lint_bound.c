/* SPDX-License-Identifier: MIT */
/* The timer of a lint: what goes on for ever ends with a word and status 2. */
#include "t.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/lint.h"

/* What a child that spins says on standard error; its status in *ret. */
static struct str
spin(struct str file, char *text, size_t size, int *ret)
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
		lint_watch_start(&w, 1);
		lint_watch_file(&w, file);
		for (volatile unsigned long i = 0;; i++)
			continue;
	}
	close(fd[1]);
	while (n < size && (got = read(fd[0], text + n, size - n)) > 0)
		n += (size_t)got;
	close(fd[0]);
	assert_int_equal(waitpid(pid, ret, 0), pid);
	return (struct str){ text, n };
}

static void
ends_with_the_file(void **state)
{
	char text[2048];
	int status;

	(void)state;
	t_eq_str(spin(STR("a/ssh_config"), text, sizeof text, &status),
	    "sshkeep: a/ssh_config: took more than 1 s of processor time; nothing of this run is told\n");
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
	said = spin((struct str){ name, sizeof name }, text, sizeof text, &status);
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

	(void)state;
	lint_watch_start(&w, 1);
	assert_true(w.on);
	lint_watch_end(&w);
	assert_false(w.on);
	for (volatile unsigned long i = 0; clock() < 2 * CLOCKS_PER_SEC; i++)
		continue;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_with_the_file),
		cmocka_unit_test(hostile_names_stay_on_one_line),
		cmocka_unit_test(ends_in_time_are_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
