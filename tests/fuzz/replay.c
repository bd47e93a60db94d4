/* SPDX-License-Identifier: MIT */
/*
 * A main() for a fuzz target without libFuzzer:  fuzz_NAME [FILE | FOLDER | -]...
 * Runs the target on every file given, on every file below a folder, and on paths read from standard input (-).
 * Each input has a child process and 20 seconds; a child goes on to the next one.  Prints FAILED PATH for an input
 * that ends its child, and the counts last.
 */
#define _XOPEN_SOURCE	700 /* nftw */
#define _DEFAULT_SOURCE	    /* MAP_ANONYMOUS */
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "fuzz.h"

enum { SECONDS_MAX = 20 };

static char **path;
static size_t n_path, cap_path;

static void
add(const char *p)
{
	size_t n = strlen(p) + 1;

	MEM_GROW(path, cap_path, n_path + 1);
	path[n_path] = mem_alloc(n);
	memcpy(path[n_path++], p, n);
}

static int
visit(const char *p, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_F)
		add(p);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One input in a buffer of exactly its size. */
static bool
run(const char *p)
{
	FILE *f = fopen(p, "rb");
	uint8_t *data = NULL;
	size_t n = 0, cap = 0, got = 1;

	if (f == NULL) {
		perror(p);
		return false;
	}
	while (got > 0) {
		MEM_GROW(data, cap, n + 4096);
		got = fread(data + n, 1, 4096, f);
		n += got;
	}
	fclose(f);
	data = mem_realloc(data, n > 0 ? n : 1);
	alarm(SECONDS_MAX);
	(void)LLVMFuzzerTestOneInput(data, n);
	alarm(0);
	free(data);
	return true;
}

/* Inputs from *at on; *at stands on the one that is being run. */
static int
child(volatile size_t *at)
{
	signal(SIGALRM, SIG_DFL);
	for (; *at < n_path; (*at)++)
		if (!run(path[*at]))
			return 1;
	for (size_t i = 0; i < n_path; i++)
		free(path[i]);
	free(path);
	return 0;
}

static void
collect(int argc, char **argv)
{
	char line[4096];

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-") != 0) {
			if (nftw(argv[i], visit, 16, FTW_PHYS) != 0)
				perror(argv[i]);
			continue;
		}
		while (fgets(line, sizeof(line), stdin) != NULL) {
			line[strcspn(line, "\n")] = '\0';
			add(line);
		}
	}
	if (n_path > 0)
		qsort(path, n_path, sizeof(*path), compare);
}

int
main(int argc, char **argv)
{
	size_t *at, failed = 0;

	collect(argc, argv);
	at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED) {
		perror("mmap");
		return 2;
	}
	/* A child that ends well has done all the rest; a leak shows at its end, under the name of the last input. */
	for (*at = 0; *at < n_path || n_path == 0; (*at)++) {
		int status = 0;
		pid_t pid;

		fflush(NULL);
		pid = n_path == 0 ? 0 : fork();
		if (n_path == 0)
			break;
		if (pid == 0)
			exit(child(at));
		if (pid < 0 || waitpid(pid, &status, 0) != pid) {
			perror("fork");
			return 2;
		}
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			break;
		failed++;
		printf("FAILED %s (%s %d)\n", *at < n_path ? path[*at] : "at the end: a leak",
		    WIFSIGNALED(status) ? "signal" : "exit",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	printf("%zu passed, %zu failed, 0 skipped\n", n_path > failed ? n_path - failed : 0, failed);
	for (size_t i = 0; i < n_path; i++)
		free(path[i]);
	free(path);
	munmap(at, sizeof(*at));
	return failed > 0;
}
