/* SPDX-License-Identifier: MIT */
/* Finished bytes to standard output or a file; what the terminal can do. */
#define _XOPEN_SOURCE 700 /* realpath(3) */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/named.h"

#ifndef SSHKEEP_VERSION
#define SSHKEEP_VERSION "0.1.0"
#endif

enum { WIDTH_PLAIN = 80, WIDTH_MIN = 60, WIDTH_MAX = 120 };

const char *
output_version(void)
{
	return SSHKEEP_VERSION;
}

static bool
write_fd(int fd, const struct buf *b)
{
	size_t done = 0;

	while (done < b->n) {
		ssize_t n = write(fd, b->p + done, b->n - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

bool
output_stdout(const struct buf *b)
{
	return write_fd(STDOUT_FILENO, b);
}

void
output_stderr(const struct buf *b)
{
	(void)write_fd(STDERR_FILENO, b);
}

int
output_failed(void)
{
	struct err e;

	(void)err_sys(&e, SK_EWRITE, errno, "standard output");
	return output_error(&e);
}

int
output_failed_late(struct str text)
{
	struct err e;

	(void)err_sys(&e, SK_EREAD, errno, "standard output");
	(void)output_error(&e);
	output_note(text);
	return err_exit(e.code);
}

int
output_error(const struct err *e)
{
	/* names from the command line and from files may hold anything */
	output_note(str_c(e->msg));
	return err_exit(e->code);
}

void
output_note(struct str text)
{
	struct buf b = { 0 };

	buf_add_escaped(&b, text);
	fprintf(stderr, "sshkeep: %.*s\n", STR_ARG(buf_str(&b)));
	buf_release(&b);
}

/* Where the name would be made: its folder without links, then the name.  As it is when there is no such folder. */
static struct str
place_of(struct arena *a, struct str path)
{
	size_t n = path.n;
	char *real;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	real = realpath(n > 0 ? arena_strz(a, str_head(path, n)) : ".", NULL);
	if (real != NULL)
		path = arena_printf(a, "%s/%.*s", real, STR_ARG(str_from(path, n)));
	free(real);
	return path;
}

bool
output_same_file(struct str a, struct str b)
{
	struct arena arena = { 0 };
	struct stat st[2];
	bool same = str_eq(place_of(&arena, a), place_of(&arena, b));

	/* a device or pipe may take several; a file would hold the last one alone */
	if (stat(arena_strz(&arena, a), &st[0]) == 0 && stat(arena_strz(&arena, b), &st[1]) == 0)
		same = st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino && S_ISREG(st[0].st_mode);
	arena_release(&arena);
	return same;
}

enum sk_code
output_file(struct str path, const struct opt_list *tops, const struct buf *b, struct err *e)
{
	struct arena a = { 0 };
	struct named at = { .dir = -1 };
	enum sk_code code = SK_OK;
	int fd = -1;
	bool ok;

	/* a FIFO that nobody reads must not hang; one that is read slowly is waited for */
	if (named_open(&a, path, tops, &at))
		fd = named_fd(&at, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0666);
	if (fd < 0 || fcntl(fd, F_SETFL, 0) != 0) {
		code = named_say(e, SK_EWRITE, "cannot write", path);
		goto out;
	}
	ok = write_fd(fd, b);
	ok = close(fd) == 0 && ok;
	fd = -1;
	if (!ok)
		code = named_say(e, SK_EWRITE, "cannot write", path);
out:
	if (fd >= 0)
		(void)close(fd);
	if (at.dir >= 0)
		named_close(&at);
	arena_release(&a);
	return code;
}

enum sk_code
output_color(struct str when, bool *ret, struct err *e)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: present and not empty */
	const char *term = getenv("TERM");

	if (str_eqc(when, "always")) {
		*ret = true;
	} else if (str_eqc(when, "never")) {
		*ret = false;
	} else if (when.p == NULL || str_eqc(when, "auto")) {
		*ret = isatty(STDOUT_FILENO) == 1 && (no_color == NULL || *no_color == '\0') && term != NULL &&
		    strcmp(term, "dumb") != 0;
	} else {
		return err_set(e, SK_EUSAGE, "--color takes auto, always or never");
	}
	return SK_OK;
}

bool
output_utf8(void)
{
	/* the order of locale(7): the first one that is set and not empty decides */
	static const char *const name[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	if (isatty(STDOUT_FILENO) != 1)
		return false;
	for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
		struct str v = str_c(getenv(name[i]));

		if (v.n == 0)
			continue;
		return str_find(v, STR("UTF-8")) != SIZE_MAX || str_find(v, STR("utf8")) != SIZE_MAX ||
		    str_find(v, STR("utf-8")) != SIZE_MAX;
	}
	return false;
}

unsigned
output_width(void)
{
	struct winsize w = { 0 };

	if (isatty(STDOUT_FILENO) != 1 || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0)
		return WIDTH_PLAIN;
	if (w.ws_col < WIDTH_MIN)
		return WIDTH_MIN;
	return w.ws_col > WIDTH_MAX ? WIDTH_MAX : w.ws_col;
}
