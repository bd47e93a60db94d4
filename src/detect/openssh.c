/* SPDX-License-Identifier: MIT */
/*
 * The installed OpenSSH, without running it: the version string in the binary, else dpkg's record.  The string is
 * a constant of the program; so its .rodata is searched, and the whole file only where that holds none.
 * A Debian build holds "OpenSSH_9.2p1 Debian-2+deb12u10" beside the bare "OpenSSH_9.2p1"; both programs
 * also hold lists of other releases' names for compatibility, all with a '*'.
 */
#define _XOPEN_SOURCE 700 /* pread(2) */
#include "detect/parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "detect/elf.h"

enum { BINARY_MAX = 8 * 1024 * 1024, STATUS_MAX = 32 * 1024 * 1024, WORD_MAX = 64, BLOCK = 8192 };

static const char mark[] = "OpenSSH_";
enum { MARK_N = sizeof(mark) - 1 };

struct found {
	uint64_t major, minor, patch;
	bool has_patch, debian, vendor;
};

/* The best version string seen so far. */
struct search {
	struct found best;
	bool any;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at *i of s, at most five. */
static bool
digits(struct str s, size_t *i, uint64_t *ret)
{
	size_t from = *i;

	while (*i < s.n && is_digit(s.p[*i]))
		(*i)++;
	return num_uint(str_head(str_from(s, from), *i - from), 99999, ret, NULL) == SK_OK;
}

/* "9.2p1" at *i of s. */
static bool
numbers(struct str s, size_t *i, struct found *ret)
{
	if (!digits(s, i, &ret->major) || *i >= s.n || s.p[(*i)++] != '.' || !digits(s, i, &ret->minor))
		return false;
	ret->has_patch = *i + 1 < s.n && s.p[*i] == 'p' && is_digit(s.p[*i + 1]);
	if (!ret->has_patch)
		return true;
	(*i)++;
	return digits(s, i, &ret->patch);
}

/* Distributions that carry Debian's patches. */
static bool
is_debian(struct str vendor)
{
	return str_starts(vendor, STR("Debian")) || str_starts(vendor, STR("Ubuntu")) ||
	    str_starts(vendor, STR("Raspbian"));
}

/* The text behind "OpenSSH_".  It must end with the string: what goes on is a pattern of releases. */
static bool
parse_banner(struct str s, struct found *ret)
{
	size_t i = 0;

	*ret = (struct found){ .major = 0 };
	if (!numbers(s, &i, ret) || i >= s.n)
		return false;
	if (s.p[i] == ' ') {
		ret->vendor = true;
		ret->debian = is_debian(str_from(s, i + 1));
		return true;
	}
	return (unsigned char)s.p[i] < ' '; /* NUL in a binary */
}

/* Is a the fuller version string: vendor, then patch level, then the later release? */
static bool
better(const struct found *a, const struct found *b)
{
	if (a->vendor != b->vendor)
		return a->vendor;
	if (a->has_patch != b->has_patch)
		return a->has_patch;
	if (a->major != b->major)
		return a->major > b->major;
	return a->minor != b->minor ? a->minor > b->minor : a->patch > b->patch;
}

/*
 * The next mark at or behind from, or SIZE_MAX.  One look at the byte where the mark would end tells how far the next
 * mark must be away (Horspool): most bytes of a program are never looked at.
 */
static size_t
next_mark(struct str bytes, size_t from)
{
	const unsigned char *p = (const unsigned char *)bytes.p;
	unsigned char skip[256];
	size_t end;

	memset(skip, MARK_N, sizeof(skip));
	for (size_t i = 0; i < MARK_N - 1; i++)
		skip[(unsigned char)mark[i]] = (unsigned char)(MARK_N - 1 - i);
	for (end = from + MARK_N - 1; end < bytes.n; end += skip[p[end]])
		if (p[end] == '_' && memcmp(p + end - (MARK_N - 1), mark, MARK_N) == 0)
			return end - (MARK_N - 1);
	return SIZE_MAX;
}

/*
 * Look at every mark in bytes.  Unless they are the last, marks too near to the end are left for the next call, which
 * begins at the place returned.
 */
static size_t
search_bytes(struct search *s, struct str bytes, bool last)
{
	size_t upto = last ? bytes.n : bytes.n < MARK_N + WORD_MAX ? 0 : bytes.n - (MARK_N + WORD_MAX) + 1, at = 0;
	struct found x;

	while (at < upto) {
		size_t hit = next_mark(bytes, at);

		if (hit >= upto)
			break;
		at = hit + MARK_N;
		if (parse_banner(str_head(str_from(bytes, at), WORD_MAX), &x) && (!s->any || better(&x, &s->best))) {
			s->best = x;
			s->any = true;
		}
	}
	return at > upto ? at : upto;
}

/* The n bytes at off of a file, block by block. */
static bool
search_range(int fd, uint64_t off, uint64_t n, struct buf *b, struct search *s, int *ret_errno)
{
	size_t done;
	ssize_t got;
	bool last;

	buf_clear(b);
	for (;;) {
		size_t want = n < BLOCK ? (size_t)n : BLOCK;

		got = want == 0 ? 0 : pread(fd, buf_room(b, want), want, (off_t)off);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*ret_errno = errno;
			return false;
		}
		last = got == 0;
		off += (uint64_t)got;
		n -= (uint64_t)got;
		b->n += (size_t)got;
		done = search_bytes(s, buf_str(b), last);
		/* a program has one string with patch level and vendor; nothing is fuller */
		if (last || (s->any && s->best.vendor && s->best.has_patch))
			return s->any;
		memmove(b->p, b->p + done, b->n - done);
		b->n -= done;
	}
}

static bool
search_file(int fd, struct found *ret, int *ret_errno)
{
	struct search s = { .any = false };
	struct buf b = { .p = NULL };
	uint64_t off, n;
	bool found;

	found = elf_section(fd, ".rodata", &off, &n) && off <= INT64_MAX - BINARY_MAX &&
	    search_range(fd, off, n < BINARY_MAX ? n : BINARY_MAX, &b, &s, ret_errno);
	if (!found && *ret_errno == 0)
		found = search_range(fd, 0, BINARY_MAX, &b, &s, ret_errno);
	buf_release(&b);
	if (found)
		*ret = s.best;
	return found;
}

static void
record(struct det *d, enum fact_id id, const struct found *x, struct str source, uint32_t line)
{
	struct str v = arena_printf(d->a, "%u.%u", (unsigned)x->major, (unsigned)x->minor);

	if (x->has_patch)
		v = arena_printf(d->a, "%sp%u", v.p, (unsigned)x->patch);
	if (x->debian)
		v = arena_printf(d->a, "%s+debian", v.p);
	det_text(d, id, v, source, line);
}

/* The paragraph of one package in dpkg's record: "1:9.2p1-2+deb12u10". */
static bool
from_dpkg(struct det *d, enum fact_id id, const char *package)
{
	static const char path[] = "/var/lib/dpkg/status";
	struct found x = { .major = 0 };
	struct buf b = { .p = NULL };
	struct str text, line, v;
	uint32_t at = 0;
	bool ours = false, installed = false, done = false;
	size_t i, epoch;

	if (root_read(&d->root, path, STATUS_MAX, &b, NULL) != SK_OK)
		return false;
	text = buf_str(&b);
	while (!done && det_next_line(&text, &line, &at)) {
		if (str_starts(line, STR("Package: "))) {
			ours = str_eqc(str_trim(str_from(line, 9)), package);
			installed = false;
		} else if (ours && str_starts(line, STR("Status: "))) {
			installed = str_ends(str_trim(line), STR(" installed"));
		} else if (ours && installed && str_starts(line, STR("Version: "))) {
			v = str_from(line, 9);
			epoch = str_chr(v, ':', 0);
			v = epoch == SIZE_MAX ? v : str_from(v, epoch + 1);
			i = 0;
			done = numbers(v, &i, &x);
			ours = false;
		}
	}
	buf_release(&b);
	if (done) {
		x.debian = true;
		record(d, id, &x, str_c(path), at);
	}
	return done;
}

static void
det_program(struct det *d, enum fact_id id, const char *const file[static 3], const char *package)
{
	struct err e = { .code = SK_OK };
	struct str where = str_c(file[0]);
	const char *why = "no such file";
	enum sk_code code;
	struct found x;
	size_t i;

	for (i = 0; i < 3; i++) {
		int fd = -1, err = 0;
		bool found;

		code = root_fd(&d->root, file[i], &fd, &e);
		if (code == SK_ENOENT)
			continue;
		where = str_c(file[i]);
		if (code != SK_OK) {
			why = arena_strz(d->a, str_c(e.msg));
			continue;
		}
		found = search_file(fd, &x, &err);
		(void)close(fd);
		if (found) {
			record(d, id, &x, where, 0);
			return;
		}
		why = err == 0 ? "no OpenSSH version string in it" : arena_strz(d->a, str_c(strerror(err)));
	}
	if (!from_dpkg(d, id, package))
		det_unknown(d, id, where, why);
}

void
det_openssh(struct det *d)
{
	static const char *const client[] = { "/usr/bin/ssh", "/usr/local/bin/ssh", "/bin/ssh" };
	/* since 9.8 most of the server is in a program of its own */
	static const char *const server[] = { "/usr/sbin/sshd", "/usr/local/sbin/sshd",
		"/usr/lib/openssh/sshd-session" };

	det_program(d, FACT_SSH_VERSION, client, "openssh-client");
	det_program(d, FACT_SSHD_VERSION, server, "openssh-server");
}
