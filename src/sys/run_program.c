/* SPDX-License-Identifier: MIT */
/* Running a program with words that sshkeep made up. */
#include "sys/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { OUTPUT_MAX = 4 * 1024 * 1024, PROGRAM_LIMIT_MS = 120000, TICK_MS = 50, MS = 1000, NS_IN_MS = 1000000 };

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
environment(struct arena *a, const char *const *more)
{
	static const char *const nothing[] = { NULL };
	const char *home = getenv("HOME"), **words;
	size_t n = 0, k = 0;

	if (more == NULL)
		more = nothing;
	while (more[n] != NULL)
		n++;
	words = ARENA_ARRAY(a, const char *, n + 4);
	words[k++] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	words[k++] = "LC_ALL=C";
	words[k++] = arena_printf(a, "HOME=%s", home != NULL ? home : "/").p;
	for (size_t i = 0; i < n; i++)
		words[k++] = more[i];
	return copy_words(a, words);
}

static long long
now_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * MS + t.tv_nsec / NS_IN_MS;
}

/* A running program and the reading ends of what it says; -1: closed. */
struct child {
	pid_t pid;
	int fd[2];
	struct buf *to[2];
	long long end; /* when it must be done */
	const volatile sig_atomic_t *stop;
};

static void
close_fd(int *io_fd)
{
	if (*io_fd >= 0)
		close(*io_fd);
	*io_fd = -1;
}

int
run_spawn(struct arena *a, const char *path, const char *const *argv, char *const *env, const int *fd, pid_t *ret_pid)
{
	posix_spawn_file_actions_t act;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int rc = posix_spawn_file_actions_init(&act);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc != 0) {
		posix_spawn_file_actions_destroy(&act);
		return rc;
	}
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setpgroup(&attr, 0);
	rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	for (int i = 0; i < 3 && rc == 0; i++)
		rc = posix_spawn_file_actions_adddup2(&act, fd[i], i);
	if (rc == 0)
		rc = posix_spawn(ret_pid, path, &act, &attr, copy_words(a, argv), env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&act);
	return rc;
}

static int
spawn_quiet(struct arena *a, const struct run *r, const int *out, const int *err, pid_t *ret)
{
	const char *path = r->argv[0][0] == '/' ? r->argv[0] : run_find(a, r->argv[0]);
	int fd[3] = { -1, out[1], err[1] }, rc;

	if (path == NULL)
		return ENOENT;
	fd[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd[0] < 0)
		return errno;
	rc = run_spawn(a, path, r->argv, environment(a, r->env), fd, ret);
	close(fd[0]);
	return rc;
}

static bool
open_pipe(int *fd)
{
	if (pipe(fd) != 0)
		return false;
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	return true;
}

/* Why the program must not go on; RUN_EXITED: it may. */
static enum run_state
verdict(const struct child *c)
{
	if (c->stop != NULL && *c->stop != 0)
		return RUN_STOPPED;
	return c->to[0]->toobig || c->to[1]->toobig ? RUN_TOOBIG : now_ms() >= c->end ? RUN_LATE : RUN_EXITED;
}

static void
read_some(struct child *c, size_t i)
{
	char chunk[4096];
	ssize_t n = read(c->fd[i], chunk, sizeof chunk);

	if (n > 0)
		buf_add(c->to[i], (struct str){ chunk, (size_t)n });
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		close_fd(&c->fd[i]);
}

/* Until it has closed both streams. */
static enum run_state
listen_to(struct child *c)
{
	enum run_state state = RUN_EXITED;

	while ((c->fd[0] >= 0 || c->fd[1] >= 0) && state == RUN_EXITED) {
		struct pollfd p[2] = { { .fd = c->fd[0], .events = POLLIN }, { .fd = c->fd[1], .events = POLLIN } };

		if (poll(p, 2, TICK_MS) > 0)
			for (size_t i = 0; i < 2; i++)
				if (p[i].fd >= 0 && p[i].revents != 0)
					read_some(c, i);
		state = verdict(c);
	}
	return state;
}

static enum run_state
wait_for(struct child *c, enum run_state state, int *ret_status)
{
	const struct timespec tick = { .tv_nsec = NS_IN_MS };
	int status = 0;
	pid_t got = 0;

	while (state == RUN_EXITED && (got = waitpid(c->pid, &status, WNOHANG)) == 0) {
		(void)nanosleep(&tick, NULL);
		state = verdict(c);
	}
	if (state != RUN_EXITED) {
		(void)kill(-c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		return state;
	}
	if (got < 0 || !WIFEXITED(status)) {
		*ret_status = got > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
		return RUN_KILLED;
	}
	*ret_status = WEXITSTATUS(status);
	return RUN_EXITED;
}

enum run_state
run_capture(struct arena *a, const struct run *r, int *ret_status)
{
	struct child c = { .to = { r->out, r->err }, .stop = r->stop };
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };
	enum run_state state = RUN_FAILED;

	buf_clear(r->out);
	buf_clear(r->err);
	r->out->max = r->err->max = OUTPUT_MAX;
	*ret_status = 0;
	c.end = now_ms() + r->limit_ms;
	if (!open_pipe(out) || !open_pipe(err))
		*ret_status = errno;
	else
		*ret_status = spawn_quiet(a, r, out, err, &c.pid);
	close_fd(&out[1]);
	close_fd(&err[1]);
	c.fd[0] = out[0];
	c.fd[1] = err[0];
	if (*ret_status == 0)
		state = wait_for(&c, listen_to(&c), ret_status);
	close_fd(&c.fd[0]);
	close_fd(&c.fd[1]);
	return state;
}

const char *
run_find(struct arena *a, const char *name)
{
	/* Where the installed release is looked for, first. */
	static const char *const dir[] = { "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/bin",
		"/sbin", "/run/current-system/sw/bin" };

	for (size_t i = 0; i < sizeof dir / sizeof *dir; i++) {
		const char *path = arena_printf(a, "%s/%s", dir[i], name).p;
		struct stat st;

		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
			return path;
	}
	return NULL;
}

bool
run_program(struct arena *a, const char *const *argv, struct str *ret_said)
{
	struct buf out = { 0 }, err = { 0 };
	struct run r = { .argv = argv, .limit_ms = PROGRAM_LIMIT_MS, .out = &out, .err = &err };
	struct str line = { 0 }, rest;
	int status = 0;
	bool good = run_capture(a, &r, &status) == RUN_EXITED && status == 0;

	rest = buf_str(&err);
	if (rest.n > 0)
		(void)str_split(&rest, '\n', &line);
	if (ret_said != NULL)
		*ret_said = arena_str(a, line);
	buf_release(&out);
	buf_release(&err);
	return good;
}
