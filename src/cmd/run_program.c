/* SPDX-License-Identifier: MIT */
/* Running a program with words that sshkeep made up. */
#include "cmd/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MAX = 4 * 1024 * 1024 };

/* posix_spawn takes words that it may write to. */
static char **
copy_words(struct arena *a, const char *const *argv)
{
	size_t n = 0;
	char **out;

	while (argv[n] != NULL)
		n++;
	out = ARENA_ARRAY(a, char *, n + 1);
	for (size_t i = 0; i < n; i++) {
		struct str s = str_c(argv[i]);

		out[i] = arena_alloc(a, s.n + 1);
		for (size_t k = 0; k < s.n; k++)
			out[i][k] = s.p[k];
	}
	return out;
}

static char **
environment(struct arena *a)
{
	const char *home = getenv("HOME");
	const char *const words[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
		arena_printf(a, "HOME=%s", home != NULL ? home : "/").p, NULL };

	return copy_words(a, words);
}

/*
 * The caller's PATH is not asked: as root that could be somebody else's folder.  NULL: not there.
 */
static const char *
find_program(struct arena *a, const char *name)
{
	static const char *const dir[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin",
		"/usr/local/bin", "/run/current-system/sw/bin" };

	for (size_t i = 0; i < sizeof dir / sizeof *dir; i++) {
		const char *path = arena_printf(a, "%s/%s", dir[i], name).p;

		if (access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

static bool
read_all(int fd, struct buf *out)
{
	char chunk[4096];

	out->max = OUTPUT_MAX;
	for (;;) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && !out->toobig;
		buf_add(out, (struct str){ chunk, (size_t)n });
	}
}

static int
spawn(struct arena *a, const char *const *argv, const int *pipe_fd, pid_t *ret)
{
	posix_spawn_file_actions_t act;
	const char *path = find_program(a, argv[0]);
	char **words = copy_words(a, argv);
	int rc = path != NULL ? posix_spawn_file_actions_init(&act) : ENOENT;

	if (rc != 0)
		return rc;
	rc = posix_spawn_file_actions_addopen(&act, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0 && pipe_fd != NULL)
		rc = posix_spawn_file_actions_adddup2(&act, pipe_fd[1], STDOUT_FILENO);
	if (rc == 0 && pipe_fd != NULL)
		rc = posix_spawn_file_actions_addopen(&act, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0 && pipe_fd == NULL)
		rc = posix_spawn_file_actions_adddup2(&act, STDERR_FILENO, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn(ret, path, &act, NULL, words, environment(a));
	posix_spawn_file_actions_destroy(&act);
	return rc;
}

bool
run_program(struct arena *a, const char *const *argv, struct buf *out)
{
	int fd[2] = { -1, -1 }, status = -1;
	bool good = true;
	pid_t pid = 0;

	if (out != NULL) {
		if (pipe(fd) != 0)
			return false;
		(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
		(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	}
	good = spawn(a, argv, out != NULL ? fd : NULL, &pid) == 0;
	if (out != NULL) {
		close(fd[1]);
		if (good)
			good = read_all(fd[0], out);
		close(fd[0]);
	}
	if (pid == 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
