/* SPDX-License-Identifier: MIT */
/*
 * kill_writer PROGRAM ROOT USER KILLS SEED: `fix --write` and `undo` alternate on the config of USER below ROOT
 * (config, a.conf and b.conf, each in need of an edit) and are killed at random moments.  After each kill every file
 * is wholly old or wholly new; after the next run all are old or all are new, no temporary is left and the journal
 * has nothing pending.  Prints what the kills met; exit 1 on the first fault.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "temporaries.h"

enum { FILES = 3, BYTES = 4096, RUNS = 15, ENTRIES_MAX = 100 };

static const char *const file[FILES] = { "a.conf", "b.conf", "config" };
static char old_text[FILES][BYTES], new_text[FILES][BYTES];
static const char *program, *root, *user;
static char ssh_dir[512], backup_dir[512], log_path[512];
static uint64_t seed;
static unsigned kills;

static void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("FAILED kill %u: ", kills);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	exit(1);
}

/* splitmix64: the same kills for the same seed, as far as the machine's clock allows. */
static uint64_t
draw(void)
{
	uint64_t v = seed += 0x9e3779b97f4a7c15U;

	v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9U;
	v = (v ^ (v >> 27)) * 0x94d049bb133111ebU;
	return v ^ (v >> 31);
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static bool
read_file(const char *path, char *to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, to, BYTES - 1) : -1;

	if (fd >= 0)
		close(fd);
	to[n > 0 ? n : 0] = '\0';
	return n >= 0;
}

static void
read_all(char text[FILES][BYTES])
{
	char path[600];

	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", ssh_dir, file[i]);
		if (!read_file(path, text[i]))
			die("%s is gone", file[i]);
	}
}

/* Bit 0: a file is old, bit 1: one is new. */
static unsigned
look(void)
{
	static char text[FILES][BYTES];
	unsigned is = 0;

	read_all(text);
	for (int i = 0; i < FILES; i++) {
		if (strcmp(text[i], old_text[i]) == 0)
			is |= 1;
		else if (strcmp(text[i], new_text[i]) == 0)
			is |= 2;
		else
			die("%s is neither old nor new: %s", file[i], text[i]);
	}
	return is;
}

struct journal {
	unsigned entries, pending, unborn;
};

static struct journal
look_at_journal(void)
{
	DIR *d = opendir(backup_dir);
	struct journal j = { 0 };
	struct dirent *ent;
	char path[1024], text[BYTES];

	while (d != NULL && (ent = readdir(d)) != NULL) {
		if (ent->d_name[0] == '.')
			continue;
		j.entries++;
		snprintf(path, sizeof(path), "%s/%s/journal", backup_dir, ent->d_name);
		if (!read_file(path, text))
			j.unborn++;
		else if (strstr(text, "\nstate prepared\n") != NULL || strstr(text, "\nstate undoing\n") != NULL)
			j.pending++;
	}
	if (d != NULL)
		closedir(d);
	return j;
}

static pid_t
start(bool fix, bool list)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (pid == 0) {
		int fd = open(log_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

		dup2(fd, 1);
		dup2(fd, 2);
		if (fix)
			execl(program, program, "fix", "--write", "--client", "--root", root, "--user", user,
			    "--path-timeout", "350s", (char *)NULL);
		else
			execl(program, program, "undo", "--root", root, "--user", user, list ? "--list" : (char *)NULL,
			    (char *)NULL);
		_exit(127);
	}
	return pid;
}

static int
finish(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("waitpid: %s", strerror(errno));
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* How long an undisturbed run takes, in microseconds: [0] undo, [1] fix. */
static void
measure(double ret[2])
{
	double v[2][RUNS];

	for (int i = 0; i < RUNS; i++) {
		for (int fix = 1; fix >= 0; fix--) {
			double t = now_us();

			if (finish(start(fix, false)) != 0)
				die("an undisturbed run fails, see %s", log_path);
			v[fix][i] = now_us() - t;
			if (i == 0 && fix == 1)
				read_all(new_text);
			if (look() != (fix ? 2U : 1U))
				die("an undisturbed run does not do its work");
		}
	}
	for (int fix = 0; fix < 2; fix++) {
		qsort(v[fix], RUNS, sizeof(double), compare);
		ret[fix] = v[fix][RUNS / 2];
	}
}

int
main(int argc, char **argv)
{
	unsigned want, early = 0, late = 0, mid = 0, mixed = 0, with_temp = 0, unborn = 0;
	double t[2], at[2]; /* by fix */

	if (argc != 6)
		return 3;
	program = argv[1];
	root = argv[2];
	user = argv[3];
	want = (unsigned)strtoul(argv[4], NULL, 10);
	seed = strtoull(argv[5], NULL, 10);
	snprintf(ssh_dir, sizeof(ssh_dir), "%s/home/%s/.ssh", root, user);
	snprintf(backup_dir, sizeof(backup_dir), "%s/home/%s/.local/state/sshkeep/backup", root, user);
	snprintf(log_path, sizeof(log_path), "%s/last.log", root);
	read_all(old_text);
	measure(t);
	at[0] = t[0] * 0.8;
	at[1] = t[1] * 0.8;
	printf("seed %s; a fix takes %.1f ms, an undo %.1f ms\n", argv[5], t[1] / 1e3, t[0] / 1e3);
	for (kills = 1; kills <= want; kills++) {
		bool fix = look() == 1, was_pending, is_early;
		/* one in four anywhere, the others about the moment when the files are written, which moves with the load */
		bool anywhere = kills % 4 == 0;
		double part = (double)(draw() % 10000) / 10000;
		double delay = anywhere ? part * 1.05 * t[fix] : at[fix] * (0.92 + part * 0.16), end;
		struct journal j;
		static char said[BYTES];
		unsigned is;
		pid_t pid = start(fix, false);

		for (end = now_us() + delay; end - now_us() > 0;)
			if (end - now_us() > 300)
				usleep((useconds_t)(end - now_us() - 200));
		kill(pid, SIGKILL);
		if (finish(pid) != -1)
			late++;
		is = look();
		j = look_at_journal();
		was_pending = j.pending > 0;
		mid += was_pending;
		mixed += is == 3;
		with_temp += temporaries(ssh_dir) > 0;
		unborn += j.unborn > 0;
		is_early = !was_pending && is == (fix ? 1U : 2U);
		early += is_early && j.unborn == 0;
		if (!anywhere && !was_pending)
			at[fix] *= is_early ? 1.02 : 0.98;
		if (is == 3 && !was_pending)
			die("a mixture, and the journal knows of nothing");
		/* the next run: sometimes one that only looks, sometimes one that writes */
		fix = draw() % 3 == 0;
		if (finish(start(fix, !fix)) != 0)
			die("the next run fails, see %s", log_path);
		if (!read_file(log_path, said) || was_pending != (strstr(said, "interrupted") != NULL))
			die("the next run %s of an interrupted one", was_pending ? "says nothing" : "speaks");
		is = look();
		if (is != 1 && is != 2)
			die("the next run leaves a mixture");
		if (fix && is != 2)
			die("the next fix does not do its work");
		if (temporaries(ssh_dir) > 0)
			die("the next run leaves a temporary");
		j = look_at_journal();
		if (j.pending > 0 || j.unborn > 0)
			die("the next run leaves the journal unfinished");
		if (j.entries > ENTRIES_MAX)
			die("the journal grows without end");
	}
	printf(
	    "kills: %u before anything was noted, %u with an entry unborn, %u mid-transaction (%u with files half old, "
	    "%u with a temporary), %u too late\n",
	    early, unborn, mid, mixed, with_temp, late);
	printf("counts: %u %u %u %u %u\n", want, early, mid, mixed, with_temp);
	return 0;
}
