/* SPDX-License-Identifier: MIT */
/* Running a fixed program with fixed words. */
#include "cmd/run_program.h"

#include <errno.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 8 };

bool
run_program(const char *const *argv)
{
	static char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C";
	char *env[] = { path, locale, NULL };
	char words[WORDS_MAX][64], *arg[WORDS_MAX + 1] = { NULL };
	posix_spawn_file_actions_t act;
	pid_t pid = 0;
	int status = -1, rc;

	/* posix_spawn takes words that it may write to */
	for (size_t i = 0; i < WORDS_MAX && argv[i] != NULL; i++) {
		size_t n = 0;

		for (; argv[i][n] != '\0' && n + 1 < sizeof words[i]; n++)
			words[i][n] = argv[i][n];
		words[i][n] = '\0';
		arg[i] = words[i];
	}
	if (arg[0] == NULL || posix_spawn_file_actions_init(&act) != 0)
		return false;
	rc = posix_spawn_file_actions_adddup2(&act, STDERR_FILENO, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawnp(&pid, arg[0], &act, NULL, arg, env);
	posix_spawn_file_actions_destroy(&act);
	if (rc != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
