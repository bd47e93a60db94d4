/* SPDX-License-Identifier: MIT */
/* Measurements of probe in the state folder, and what audit makes of them. */
#define _GNU_SOURCE /* O_DIRECTORY, O_NOFOLLOW */
#include "cmd/measured.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/state.h"

enum { FILES_MAX = 1024, FILE_MAX_BYTES = 8192, PORT_SSH = 22, DAY_S = 86400 };

/* The folder, if it is our own and nobody else may write there; -1 with errno. */
static int
open_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0 || st.st_uid != geteuid() || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

static struct str
folder(const struct session *s)
{
	return arena_printf(s->arena, "%.*s/probe", STR_ARG(state_opts(s, "probe").state_dir));
}

/* One file, at most FILE_MAX_BYTES; p == NULL when it cannot be read. */
static struct str
read_small(struct arena *a, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *p = arena_alloc(a, FILE_MAX_BYTES);
	struct stat st;
	ssize_t n = -1;

	if (fd < 0)
		return (struct str){ NULL, 0 };
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		n = read(fd, p, FILE_MAX_BYTES);
	close(fd);
	return n >= 0 ? (struct str){ p, (size_t)n } : (struct str){ NULL, 0 };
}

static void
load_one(struct session *s, int dir, const char *name)
{
	struct probe_record r;
	struct err e = { 0 };
	struct str text = read_small(s->arena, dir, name);

	if (text.p == NULL || probe_read(s->arena, arena_str(s->arena, str_c(name)), text, &r, &e) != SK_OK) {
		session_note(s,
		    arena_printf(s->arena, "a measurement of probe does not count: %s", text.p == NULL ? name : e.msg));
		return;
	}
	MEM_GROW(s->measured, s->cap_measured, s->n_measured + 1);
	s->measured[s->n_measured++] = r;
}

void
measured_load(struct session *s)
{
	struct str path;
	struct dirent *de;
	unsigned seen = 0;
	int fd;
	DIR *d;

	if (!s->live)
		return;
	path = folder(s);
	fd = open_folder(path.p);
	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			session_note(
			    s, arena_printf(s->arena, "%.*s: is not this account's own folder", STR_ARG(path)));
		return;
	}
	d = fdopendir(fd);
	if (d == NULL) {
		close(fd);
		return;
	}
	while (seen < FILES_MAX && (de = readdir(d)) != NULL) {
		if (de->d_name[0] == '.' || !str_ends(str_c(de->d_name), STR(".ini")))
			continue;
		load_one(s, fd, de->d_name);
		seen++;
	}
	closedir(d);
}

static struct str
text_of(const struct effective *ev, enum kw_id id)
{
	const struct eff *v = eff_get(ev, id);

	return v->state == EFF_SET && !str_ieqc(v->text, "none") ? v->text : (struct str){ NULL, 0 };
}

bool
measured_where(const struct session *s, const struct effective *ev, struct probe_where *ret)
{
	const struct eff *port;

	if (ev->refused || ev->v == NULL || eff_get(ev, KW_ID_PROXYJUMP)->state == EFF_UNKNOWN ||
	    eff_get(ev, KW_ID_PROXYCOMMAND)->state == EFF_UNKNOWN)
		return false;
	port = eff_get(ev, KW_ID_PORT);
	if (port->state == EFF_UNKNOWN)
		return false;
	*ret = (struct probe_where){
		.host = ev->hostname_known && ev->hostname.n > 0 ? ev->hostname : ev->host,
		.port = port->state == EFF_SET && port->num > 0 ? (unsigned)port->num : PORT_SSH,
		.via = text_of(ev, KW_ID_PROXYJUMP),
		.network = s->facts.network,
	};
	if (ret->via.n == 0)
		ret->via = text_of(ev, KW_ID_PROXYCOMMAND);
	return true;
}

bool
measured_names(const struct session *s, struct str hostname)
{
	for (size_t i = 0; i < s->n_measured; i++)
		if (str_ieq(s->measured[i].where.host, hostname))
			return true;
	return false;
}

static void
note_unused(struct session *s, const struct session_row *r, const struct probe_record *m, const char *why)
{
	char day[16] = "";
	time_t t = (time_t)m->when_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(day, sizeof day, "%Y-%m-%d", &tm);
	session_note(s,
	    arena_printf(
		s->arena, "%.*s: what probe measured on %s does not count: %s", STR_ARG(r->target->shown), day, why));
}

static void
take(const struct probe_answer *n, struct path_opts *o)
{
	static const enum net_expiry expiry[] = { [PROBE_ALIVE] = NET_SILENT,
		[PROBE_SILENT] = NET_SILENT,
		[PROBE_RESET] = NET_RST_ON_NEXT,
		[PROBE_CLOSED] = NET_FIN };
	bool server_only = n->died[PROBE_FROM_SERVER] && n->survived[PROBE_FROM_CLIENT];
	bool client_only = n->died[PROBE_FROM_CLIENT] && n->survived[PROBE_FROM_SERVER];

	o->measured = QTY(n->low_s);
	o->seen = (struct path_seen){ .floor = n->high_s == 0,
		.looks = n->high_s > 0,
		.expiry = expiry[n->symptom],
		.revive = server_only || client_only,
		.side = server_only ? NET_CLIENT :
		    client_only	    ? NET_SERVER :
				      NET_EITHER };
}

void
measured_use(struct session *s, const struct session_row *r, const struct session_case *c, struct path_opts *o)
{
	const struct probe_record *other = NULL;
	struct probe_where w;
	const char *why = NULL;
	int64_t now = (int64_t)time(NULL);

	if (s->n_measured == 0 || r->side != KW_CLIENT || r->target->kind != TARGET_HOST ||
	    !measured_where(s, c->ev, &w))
		return;
	for (size_t i = 0; i < s->n_measured; i++) {
		const struct probe_record *m = &s->measured[i];

		if (!probe_same_way(m, &w))
			continue;
		if (w.network.n == 0)
			why = s->facts.network_reason;
		else if (!str_eq(m->where.network, w.network))
			why = "it was in another network";
		else if (m->when_s > now + DAY_S || (double)(now - m->when_s) > c->policy->measured_for_s)
			why = "it is older than measured_for of the policy";
		else if (m->answer.low_s > 0) {
			take(&m->answer, o);
			return;
		} else
			continue;
		if (other == NULL || m->when_s > other->when_s)
			other = m;
	}
	if (other != NULL)
		note_unused(s, r, other, why);
}

/* mkdir -p, each new folder for us alone. */
static bool
make_folders(struct arena *a, struct str path)
{
	for (size_t i = 1; i <= path.n; i++) {
		if (i < path.n && path.p[i] != '/')
			continue;
		if (mkdir(arena_strz(a, str_head(path, i)), 0700) != 0 && errno != EEXIST)
			return false;
	}
	return true;
}

static bool
write_all_of(int fd, struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(fd, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return fsync(fd) == 0;
}

enum sk_code
measured_keep(const struct session *s, const struct probe_record *r, struct str *ret_path, struct err *e)
{
	struct str path = folder(s), name = probe_file(s->arena, &r->where);
	struct str temp = arena_printf(s->arena, ".%.*s.%ld", STR_ARG(name), (long)getpid());
	struct buf b = { 0 };
	enum sk_code code = SK_OK;
	int dir = -1, fd = -1;

	if (make_folders(s->arena, path))
		dir = open_folder(path.p);
	if (dir < 0)
		return err_sys(e, SK_EWRITE, errno, "cannot keep the measurement in %.*s", STR_ARG(path));
	probe_write(r, &b);
	fd = openat(dir, temp.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || !write_all_of(fd, buf_str(&b)) || renameat(dir, temp.p, dir, name.p) != 0) {
		code = err_sys(e, SK_EWRITE, errno, "cannot keep the measurement in %.*s", STR_ARG(path));
		if (fd >= 0)
			(void)unlinkat(dir, temp.p, 0);
	} else {
		(void)fsync(dir);
		*ret_path = arena_printf(s->arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(name));
	}
	if (fd >= 0)
		close(fd);
	close(dir);
	buf_release(&b);
	return code;
}
