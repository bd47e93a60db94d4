/* SPDX-License-Identifier: MIT */
/* Measurements of probe in the state folder, and what audit makes of them. */
#define _GNU_SOURCE /* O_DIRECTORY, O_NOFOLLOW */
#include "session/measured.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "session/state.h"
#include "edit/fs.h"

enum {
	FILES_MAX = 1024,
	FILE_MAX_BYTES = 8192,
	PORT_SSH = 22,
	DAY_S = 86400,
	DAMAGED_SHOWN = 8,
	HASH_DIGITS = 16,
	FAR_TIMES = 12, /* other hosts may have a policy whose measurements count longer */
};

static struct str
folder(const struct session *s)
{
	return arena_printf(s->arena, "%.*s/probe", STR_ARG(state_opts(s, "probe").state_dir));
}

/* Is the open folder our own, and may nobody else write there? */
static bool
is_own(const struct fs_ops *fs, int fd)
{
	struct stat st;

	if (fs->fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
		return true;
	errno = EPERM;
	return false;
}

/* The folder below dir, or by its path; -1 with errno. */
static int
open_folder(const struct fs_ops *fs, int dir, const char *path)
{
	int fd = fs->openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW, 0);

	if (fd < 0 || is_own(fs, fd))
		return fd;
	(void)fs->close(fd);
	errno = EPERM;
	return -1;
}

/* One small file of our own; else why it cannot be read. */
static const char *
read_small(const struct fs_ops *fs, struct arena *a, int dir, const char *name, struct str *ret)
{
	int fd = fs->openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0);
	const char *why = NULL;
	struct stat st;

	if (fd < 0)
		return errno == ELOOP ? "is a link" : "cannot be opened";
	if (fs->fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		why = "is no file";
	else if (st.st_uid != geteuid())
		why = "belongs to somebody else";
	else if (st.st_size > FILE_MAX_BYTES)
		why = "is too large";
	else if (!fs_read_all(fs, a, fd, ret))
		why = "cannot be read";
	(void)fs->close(fd);
	return why;
}

/* False: it does not count; the first few of these are a note each. */
static bool
load_one(struct session *s, const struct fs_ops *fs, int dir, struct str name, bool tell)
{
	struct probe_record r;
	struct err e = { 0 };
	struct str text = { 0 };
	const char *why = read_small(fs, s->arena, dir, name.p, &text);

	if (why == NULL && probe_read(s->arena, name, text, &r, &e) == SK_OK) {
		MEM_GROW(s->measured, s->cap_measured, s->n_measured + 1);
		s->measured[s->n_measured++] = r;
		return true;
	}
	if (tell)
		session_note(s,
		    why != NULL ?
			arena_printf(s->arena, "a measurement of probe does not count: %.*s %s", STR_ARG(name), why) :
			arena_printf(s->arena, "a measurement of probe does not count: %s", e.msg));
	return false;
}

struct names {
	struct arena *a;
	struct str *v;
	size_t n, cap;
};

static void
take_any_name(void *ctx, const char *name)
{
	struct names *n = ctx;

	MEM_GROW(n->v, n->cap, n->n + 1);
	n->v[n->n++] = arena_str(n->a, str_c(name));
}

static void
take_name(void *ctx, const char *name)
{
	if (name[0] != '.' && str_ends(str_c(name), STR(".ini")))
		take_any_name(ctx, name);
}

static int
by_name(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

void
measured_load(struct session *s)
{
	const struct fs_ops *fs;
	struct names names = { .a = s->arena };
	struct str path;
	size_t damaged = 0;
	int fd;

	if (!s->live)
		return;
	s->n_measured = 0;
	fs = state_opts(s, "probe").fs;
	path = folder(s);
	fd = open_folder(fs, AT_FDCWD, path.p);
	if (fd < 0) {
		if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
			session_note(
			    s, arena_printf(s->arena, "%.*s: is not this account's own folder", STR_ARG(path)));
		return;
	}
	if (fs->list(fd, take_name, &names) != 0)
		session_note(s, arena_printf(s->arena, "%.*s: cannot be listed", STR_ARG(path)));
	/* the order of a folder is the file system's: notes stand in one of our own */
	if (names.n > 0)
		qsort(names.v, names.n, sizeof *names.v, by_name);
	for (size_t i = 0; i < names.n && i < FILES_MAX; i++)
		damaged += !load_one(s, fs, fd, names.v[i], damaged < DAMAGED_SHOWN);
	if (damaged > DAMAGED_SHOWN)
		session_note(s,
		    arena_printf(
			s->arena, "%.*s: %zu more measurements do not count", STR_ARG(path), damaged - DAMAGED_SHOWN));
	if (names.n > FILES_MAX)
		session_note(s,
		    arena_printf(s->arena,
			"%.*s: only %d of %zu measurements were read; remove those that are not needed any more",
			STR_ARG(path), FILES_MAX, names.n));
	free(names.v);
	(void)fs->close(fd);
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

/* Why it does not count here and now; NULL: it does. */
static const char *
unfit(const struct session *s, const struct probe_record *m, const struct probe_where *w, double measured_for_s)
{
	int64_t now = (int64_t)time(NULL);

	if (w->network.n == 0)
		return s->facts.network_reason;
	if (!str_eq(m->where.network, w->network))
		return "it was in another network";
	if (m->when_s > now + DAY_S || (double)(now - m->when_s) > measured_for_s)
		return "it is older than measured_for of the policy";
	return m->answer.low_s == 0 ? "no silence was survived" : NULL;
}

/* The newest that counts, else NULL; *ret_other: then, the newest that does not, and *ret_why. */
static const struct probe_record *
newest(const struct session *s, const struct probe_where *w, double measured_for_s,
    const struct probe_record **ret_other, const char **ret_why)
{
	const struct probe_record *best = NULL, *other = NULL;

	for (size_t i = 0; i < s->n_measured; i++) {
		const struct probe_record *m = &s->measured[i];
		const char *why;

		if (!probe_same_way(m, w))
			continue;
		why = unfit(s, m, w, measured_for_s);
		if (why == NULL && (best == NULL || m->when_s > best->when_s))
			best = m;
		if (why == NULL || (other != NULL && m->when_s <= other->when_s))
			continue;
		other = m;
		*ret_why = why;
	}
	*ret_other = other;
	return best;
}

void
measured_use(struct session *s, const struct session_row *r, const struct session_case *c, struct path_opts *o)
{
	const struct probe_record *best, *other = NULL;
	struct probe_where w;
	const char *why = NULL;

	if (s->n_measured == 0 || r->side != KW_CLIENT || r->target->kind != TARGET_HOST ||
	    !measured_where(s, c->ev, &w))
		return;
	best = newest(s, &w, c->policy->measured_for_s, &other, &why);
	if (best != NULL)
		take(&best->answer, o);
	else if (other != NULL)
		note_unused(s, r, other, why);
}

const char *
measured_worse(struct session *s, const struct probe_record *r, double measured_for_s)
{
	const struct probe_record *best, *other = NULL;
	const char *why = NULL;

	/* another measurement may have ended while this one ran */
	measured_load(s);
	best = newest(s, &r->where, measured_for_s, &other, &why);
	return best != NULL ? probe_worse(&r->answer, &best->answer) : NULL;
}

/* The folder of measurements, made if need be: the state folder by the walk that the journal uses. */
static enum sk_code
make_folder(const struct session *s, const struct fs_ops *fs, struct str path, int *ret, struct err *e)
{
	int top = -1, fd = -1;
	enum sk_code code = fs_walk_dir(fs, s->arena, state_opts(s, "probe").state_dir, true, &top, e);

	if (code != SK_OK)
		return code;
	if (!is_own(fs, top) || (fs->mkdirat(top, "probe", S_IRWXU) != 0 && errno != EEXIST))
		code = fs_say(e, path, errno, "cannot be made");
	if (code == SK_OK && (fd = open_folder(fs, top, "probe")) < 0)
		code = fs_say(e, path, errno, "is not this account's own folder");
	(void)fs->close(top);
	if (code == SK_OK)
		*ret = fd;
	return code;
}

/* HASH.ini as probe_file() makes it, or what a crash left of one, .HASH.ini.PID. */
static bool
is_ours(struct str name, bool temp)
{
	static const char digits[] = "0123456789abcdef";
	struct str hash = temp ? str_from(name, 1) : name, end;

	if (hash.n <= HASH_DIGITS)
		return false;
	for (size_t i = 0; i < HASH_DIGITS; i++)
		if (memchr(digits, hash.p[i], sizeof digits - 1) == NULL)
			return false;
	end = str_from(hash, HASH_DIGITS);
	return temp ? str_starts(end, STR(".ini.")) : str_eqc(end, ".ini");
}

/* What nobody will use any more goes; a folder that cannot be cleared is no failure. */
static void
sweep(const struct session *s, const struct fs_ops *fs, int dir, double measured_for_s)
{
	struct names names = { .a = s->arena };
	double now = (double)time(NULL);

	(void)fs->list(dir, take_any_name, &names);
	for (size_t i = 0; i < names.n; i++) {
		bool is_temp = names.v[i].n > 0 && names.v[i].p[0] == '.';
		struct stat st;
		double age;

		if (!is_ours(names.v[i], is_temp) || fs->fstatat(dir, names.v[i].p, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
		    !S_ISREG(st.st_mode) || st.st_uid != geteuid())
			continue;
		age = now - (double)st.st_mtime;
		if (age > (is_temp ? DAY_S : FAR_TIMES * measured_for_s))
			(void)fs->unlinkat(dir, names.v[i].p, 0);
	}
	free(names.v);
}

enum sk_code
measured_keep(
    const struct session *s, const struct probe_record *r, double measured_for_s, struct str *ret_path, struct err *e)
{
	const struct fs_ops *fs = state_opts(s, "probe").fs;
	struct str path = folder(s), name = probe_file(s->arena, &r->where);
	struct buf b = { 0 };
	int dir = -1;
	enum sk_code code = make_folder(s, fs, path, &dir, e);

	if (code != SK_OK)
		return code;
	sweep(s, fs, dir, measured_for_s);
	probe_write(r, &b);
	if (!fs_put(fs, dir, arena_strz(s->arena, name), S_IRUSR | S_IWUSR, buf_str(&b)))
		code = err_sys(e, SK_EWRITE, errno, "cannot keep the measurement in %.*s", STR_ARG(path));
	else
		*ret_path = arena_printf(s->arena, "%.*s/%.*s", STR_ARG(path), STR_ARG(name));
	(void)fs->close(dir);
	buf_release(&b);
	return code;
}
