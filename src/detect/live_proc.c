/* SPDX-License-Identifier: MIT */
/* ssh, sshd and what they started, from proc(5). */
#define _GNU_SOURCE /* O_DIRECTORY, O_NOFOLLOW */
#include "detect/live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"

/* A command line, an environment: what the kernel allows (MAX_ARG_STRLEN) is more than ssh takes. */
enum { FILE_BYTES_MAX = 256 * 1024, UNIX_BYTES_MAX = 16 * 1024 * 1024, FDS_MAX = 65536, PID_TOP = 1 << 22 };

struct hunt {
	struct arena *a;
	int fd; /* of the proc folder */
	struct live_proc *v;
	size_t n, cap;
};

/* FILE of process pid, its first max bytes; false when it is gone or may not be read. */
static bool
slurp_max(const struct hunt *h, int pid, const char *file, size_t max, struct buf *ret)
{
	char path[64];
	int fd;
	ssize_t n = 0;

	buf_clear(ret);
	(void)snprintf(path, sizeof path, "%d/%s", pid, file);
	fd = openat(h->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return false;
	while (ret->n < max) {
		char *room = buf_room(ret, 4096);

		n = read(fd, room, 4096);
		if (n <= 0)
			break;
		ret->n += (size_t)n;
	}
	(void)close(fd);
	return n >= 0;
}

static bool
slurp(const struct hunt *h, int pid, const char *file, struct buf *ret)
{
	return slurp_max(h, pid, file, FILE_BYTES_MAX, ret);
}

/* A magic link of process pid as text; "" when it may not be read. */
static struct str
magic(const struct hunt *h, int pid, const char *file)
{
	char path[64], target[4096];
	ssize_t n;

	(void)snprintf(path, sizeof path, "%d/%s", pid, file);
	n = readlinkat(h->fd, path, target, sizeof target);
	if (n <= 0 || (size_t)n == sizeof target)
		return STR("");
	return arena_str(h->a, (struct str){ target, (size_t)n });
}

/* The number in "socket:[123]", "net:[123]". */
static bool
bracketed(struct str s, const char *kind, uint64_t *ret)
{
	size_t k = strlen(kind);

	return str_starts(s, str_c(kind)) && s.n > k + 3 && s.p[k] == ':' && s.p[k + 1] == '[' && s.p[s.n - 1] == ']' &&
	    num_uint((struct str){ s.p + k + 2, s.n - k - 3 }, UINT64_MAX, ret, NULL) == SK_OK;
}

/*
 * proc(5) stat: "pid (comm) state ppid ... starttime ...".  The name may hold anything, so it ends at the last
 * parenthesis; starttime is the 22nd field.
 */
static bool
parse_stat(struct str text, struct live_proc *p, struct arena *a)
{
	enum { STATE_AT, PPID_AT, START_AT = 19 }; /* fields behind the name, from 0 */
	size_t open = str_chr(text, '(', 0), end = SIZE_MAX, field = 0;
	struct str rest, part;
	uint64_t v;

	for (size_t i = open; i != SIZE_MAX; i = str_chr(text, ')', i + 1))
		end = i;
	if (open == SIZE_MAX || end == open)
		return false;
	p->name = arena_str(a, str_head(str_from(text, open + 1), end - open - 1));
	rest = str_from(text, end + 2);
	while (str_split(&rest, ' ', &part)) {
		if (field == STATE_AT && part.n == 1)
			p->state = part.p[0];
		if (field == PPID_AT && num_uint(part, PID_TOP, &v, NULL) == SK_OK)
			p->ppid = (int)v;
		if (field == START_AT)
			return num_uint(part, UINT64_MAX, &p->start, NULL) == SK_OK;
		field++;
	}
	return false;
}

bool
live_is_ssh(const struct live_proc *p)
{
	return str_eqc(p->name, "ssh");
}

bool
live_is_sshd(const struct live_proc *p)
{
	/* 9.8 split the session off, 9.9 the part before the login. */
	return str_eqc(p->name, "sshd") || str_eqc(p->name, "sshd-session") || str_eqc(p->name, "sshd-auth");
}

static int
by_pid(const void *x, const void *y)
{
	const struct live_proc *a = x, *b = y;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

static const struct live_proc *
find(const struct live_proc *v, size_t n, int pid)
{
	const struct live_proc key = { .pid = pid };

	return n == 0 ? NULL : bsearch(&key, v, n, sizeof *v, by_pid);
}

const struct live_proc *
live_proc(const struct live_procs *p, int pid)
{
	return find(p->v, p->n, pid);
}

/* Name, parent and start of every process. */
static enum sk_code
list(struct hunt *h, const char *proc, struct err *e)
{
	struct buf text = { 0 };
	DIR *d;
	int own = dup(h->fd);

	d = own < 0 ? NULL : fdopendir(own);
	if (d == NULL) {
		enum sk_code code = err_sys(e, SK_EREAD, errno, "cannot list %s", proc);

		if (own >= 0)
			(void)close(own);
		return code;
	}
	for (const struct dirent *f; (f = readdir(d)) != NULL;) {
		struct live_proc p = { 0 };
		uint64_t pid;

		if (num_uint(str_c(f->d_name), PID_TOP, &pid, NULL) != SK_OK)
			continue;
		p.pid = (int)pid;
		if (!slurp(h, p.pid, "stat", &text) || !parse_stat(buf_str(&text), &p, h->a))
			continue;
		MEM_GROW(h->v, h->cap, h->n + 1);
		h->v[h->n++] = p;
	}
	(void)closedir(d);
	buf_release(&text);
	if (h->n > 1)
		qsort(h->v, h->n, sizeof *h->v, by_pid);
	return SK_OK;
}

/* The ssh or sshd that p is or stands at most three steps below: a proxy command, its shell, a login shell.  Or NULL. */
static const struct live_proc *
belongs_to(const struct hunt *h, const struct live_proc *p)
{
	for (int step = 0; p != NULL && step < 4; step++) {
		if (live_is_ssh(p) || live_is_sshd(p))
			return p;
		p = find(h->v, h->n, p->ppid);
	}
	return NULL;
}

static void
read_args(const struct hunt *h, struct live_proc *p, struct buf *text)
{
	struct str rest, part;
	size_t n = 0;

	if (!slurp(h, p->pid, "cmdline", text))
		return;
	rest = arena_str(h->a, buf_str(text));
	/* a title is padded with NULs to the room that argv had */
	while (rest.n > 0 && rest.p[rest.n - 1] == '\0')
		rest.n--;
	if (rest.n == 0)
		return;
	for (size_t i = 0; i < rest.n; i++)
		n += rest.p[i] == '\0';
	p->arg = ARENA_ARRAY(h->a, struct str, n + 1);
	while (str_split(&rest, '\0', &part))
		p->arg[p->n_arg++] = part;
}

static void
read_environ(const struct hunt *h, struct live_proc *p, struct buf *text)
{
	struct str rest, part, name = STR("SSH_CONNECTION=");

	if (!slurp(h, p->pid, "environ", text))
		return;
	rest = buf_str(text);
	while (str_split(&rest, '\0', &part))
		if (str_starts(part, name))
			p->ssh_conn = arena_str(h->a, str_from(part, name.n));
}

/* "Uid: real effective saved filesystem" */
static bool
read_uid(const struct hunt *h, struct live_proc *p, struct buf *text)
{
	struct str rest, line, part;
	uint64_t real, v;

	if (!slurp(h, p->pid, "status", text))
		return false;
	rest = buf_str(text);
	while (str_split(&rest, '\n', &line)) {
		if (!str_starts(line, STR("Uid:\t")))
			continue;
		line = str_from(line, 5);
		if (!str_split(&line, '\t', &part) || num_uint(part, UINT32_MAX, &real, NULL) != SK_OK ||
		    !str_split(&line, '\t', &part) || num_uint(part, UINT32_MAX, &v, NULL) != SK_OK)
			return false;
		p->ruid = (uint32_t)real;
		p->uid = (uint32_t)v;
		return true;
	}
	return false;
}

struct socket_fd {
	uint64_t fd, inode;
};

static int
by_fd(const void *x, const void *y)
{
	const struct socket_fd *a = x, *b = y;

	return (a->fd > b->fd) - (a->fd < b->fd);
}

static void
read_fds(const struct hunt *h, struct live_proc *p)
{
	char path[64];
	struct socket_fd *v = NULL;
	size_t n = 0, cap = 0;
	DIR *d;
	int fd;

	(void)snprintf(path, sizeof path, "%d/fd", p->pid);
	fd = openat(h->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	d = fd < 0 ? NULL : fdopendir(fd);
	if (d == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return;
	}
	p->fds_known = true;
	for (const struct dirent *f; n < FDS_MAX && (f = readdir(d)) != NULL;) {
		struct socket_fd s;
		char target[64];
		ssize_t len;

		if (num_uint(str_c(f->d_name), INT32_MAX, &s.fd, NULL) != SK_OK)
			continue;
		len = readlinkat(fd, f->d_name, target, sizeof target);
		if (len <= 0 || !bracketed((struct str){ target, (size_t)len }, "socket", &s.inode))
			continue;
		MEM_GROW(v, cap, n + 1);
		v[n++] = s;
	}
	(void)closedir(d);
	if (n > 1)
		qsort(v, n, sizeof *v, by_fd);
	p->inode = ARENA_ARRAY(h->a, uint64_t, n + 1);
	p->fd = ARENA_ARRAY(h->a, int, n + 1);
	for (size_t i = 0; i < n; i++) {
		p->inode[i] = v[i].inode;
		p->fd[i] = (int)v[i].fd;
	}
	p->n_inode = n;
	free(v);
}

/*
 * ssh binds the socket of a master under a name with a dot and 16 letters and digits, links it to its ControlPath and
 * takes the first name away; the kernel keeps the first one.  Source: mux.c, muxserver_listen().
 */
static bool
is_master_name(struct str path)
{
	enum { RANDOM = 16 };

	if (path.n <= RANDOM + 1 || path.p[0] != '/' || path.p[path.n - RANDOM - 1] != '.')
		return false;
	for (size_t i = path.n - RANDOM; i < path.n; i++) {
		char c = path.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return true;
}

/* Lines of net/unix: "address: references protocol flags type state inode path"; the flag of a listening one is 10000. */
static void
read_control(const struct hunt *h, struct live_proc *p, struct buf *text)
{
	enum { FLAGS = 3, INODE = 6 };
	struct str rest, line;

	if (p->n_inode == 0 || !slurp_max(h, p->pid, "net/unix", UNIX_BYTES_MAX, text))
		return;
	rest = buf_str(text);
	while (str_split(&rest, '\n', &line)) {
		struct str word, flags = { 0 };
		uint64_t inode = 0;
		int i = 0;

		while (i <= INODE && str_split(&line, ' ', &word)) {
			if (word.n == 0)
				continue;
			if (i == FLAGS)
				flags = word;
			if (i == INODE && num_uint(word, UINT64_MAX, &inode, NULL) != SK_OK)
				break;
			i++;
		}
		if (i <= INODE || !str_eqc(flags, "00010000") || !is_master_name(line))
			continue;
		for (size_t k = 0; k < p->n_inode; k++)
			if (p->inode[k] == inode)
				p->control = arena_str(h->a, str_head(line, line.n - 17));
	}
}

static bool
other_root(const struct hunt *h, int pid)
{
	char path[64];
	struct stat here, there;

	(void)snprintf(path, sizeof path, "%d/root", pid);
	return stat("/", &here) == 0 && fstatat(h->fd, path, &there, 0) == 0 &&
	    (here.st_dev != there.st_dev || here.st_ino != there.st_ino);
}

/* All the rest of one process; false when it ended, or another one took its pid, meanwhile. */
static bool
read_proc(const struct hunt *h, const struct live_proc *above, struct live_proc *p)
{
	struct live_proc again = { 0 };
	struct buf text = { 0 };
	bool ok = read_uid(h, p, &text);

	if (ok) {
		read_args(h, p, &text);
		/* What a login shell of sshd has open is nobody's business. */
		if (live_is_sshd(p) || live_is_ssh(above))
			read_fds(h, p);
		else
			read_environ(h, p, &text);
		if (live_is_ssh(p))
			read_control(h, p, &text);
		p->cwd = magic(h, p->pid, "cwd");
		if (!bracketed(magic(h, p->pid, "ns/net"), "net", &p->netns))
			p->netns = 0;
		p->other_root = other_root(h, p->pid);
		ok = slurp(h, p->pid, "stat", &text) && parse_stat(buf_str(&text), &again, h->a) &&
		    again.start == p->start;
	}
	buf_release(&text);
	return ok;
}

enum sk_code
live_procs(struct arena *a, const char *proc, struct live_procs *ret, struct err *e)
{
	struct hunt h = { .a = a };
	struct live_procs out = { 0 };
	enum sk_code code;
	char self[4096];
	ssize_t n;

	h.fd = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h.fd < 0)
		return err_sys(e, SK_EREAD, errno, "cannot list %s", proc);
	code = list(&h, proc, e);
	/* (at least this process is there, whatever hides the others) */
	if (code == SK_OK && h.n == 0)
		code = err_set(e, SK_EREAD, "%s shows no process", proc);
	if (code != SK_OK)
		goto out;
	n = readlinkat(h.fd, "self/ns/net", self, sizeof self);
	if (n <= 0 || (size_t)n == sizeof self || !bracketed((struct str){ self, (size_t)n }, "net", &out.netns))
		out.netns = 0;
	out.v = ARENA_ARRAY(a, struct live_proc, h.n + 1);
	for (size_t i = 0; i < h.n; i++) {
		struct live_proc p = h.v[i];
		const struct live_proc *above = belongs_to(&h, &p);

		if (above == NULL || !read_proc(&h, above, &p))
			continue;
		out.v[out.n++] = p;
	}
	*ret = out;
out:
	free(h.v);
	(void)close(h.fd);
	return code;
}
