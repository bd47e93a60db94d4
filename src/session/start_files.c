/* SPDX-License-Identifier: MIT */
/* Finding start files. */
#include "session/start_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "detect/root.h"

#define HOME "~/"
enum { FILES_MAX = 4096, TOTAL_MAX = 16 * 1024 * 1024, HEAD_MAX = 256, DROPINS_MAX = 64 };

enum place_kind { PLACE_UNITS, PLACE_CRON, PLACE_SCRIPTS };
enum place_user { USER_ROOT, USER_OWN };

static const struct place {
	const char *path;
	enum place_kind kind;
	enum place_user user;
	bool boot; /* nobody is there when its scripts run */
} folders[] = {
	{ "/etc/systemd/system", PLACE_UNITS, USER_ROOT, true },
	{ "/usr/local/lib/systemd/system", PLACE_UNITS, USER_ROOT, true },
	{ "/etc/systemd/user", PLACE_UNITS, USER_OWN, true },
	{ HOME ".config/systemd/user", PLACE_UNITS, USER_OWN, true },
	{ "/etc/cron.d", PLACE_CRON, USER_ROOT, true },
	{ "/etc/cron.hourly", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/etc/cron.daily", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/etc/cron.weekly", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/etc/cron.monthly", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/etc/init.d", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/etc/network/if-up.d", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/etc/NetworkManager/dispatcher.d", PLACE_SCRIPTS, USER_ROOT, true },
	{ "/usr/local/sbin", PLACE_SCRIPTS, USER_OWN, false },
	{ "/usr/local/bin", PLACE_SCRIPTS, USER_OWN, false },
	{ HOME "bin", PLACE_SCRIPTS, USER_OWN, false },
	{ HOME ".local/bin", PLACE_SCRIPTS, USER_OWN, false },
};
static const struct {
	const char *path; /* %s: the user's name */
	enum start_kind kind;
	enum place_user user;
	bool boot;
} files[] = {
	{ "/etc/crontab", START_CRON, USER_ROOT, true },
	{ "/var/spool/cron/crontabs/", START_USER_CRON, USER_OWN, true },
	{ "/var/spool/cron/", START_USER_CRON, USER_OWN, true },
	{ "/etc/rc.local", START_SCRIPT, USER_ROOT, true },
	{ HOME "compose.yaml", START_COMPOSE, USER_OWN, true },
	{ HOME "compose.yml", START_COMPOSE, USER_OWN, true },
	{ HOME "docker-compose.yaml", START_COMPOSE, USER_OWN, true },
	{ HOME "docker-compose.yml", START_COMPOSE, USER_OWN, true },
};
/* Units whose drop-ins stand in /etc are the distribution's own. */
static const char *const vendor_units[] = { "/usr/lib/systemd/system", "/lib/systemd/system" };
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

struct finder {
	struct session *s;
	struct starts *out;
	struct root root;
	unsigned n_file;
	size_t n_byte;
	bool full;	      /* TOTAL_MAX bytes were kept */
	struct str *followed; /* scripts that a unit or crontab runs */
	size_t n_followed, cap_followed;
};

static const char *
place_path(const struct finder *f, const char *path)
{
	struct str home = f->s->user.home;

	if (strncmp(path, HOME, 2) != 0)
		return path;
	return arena_printf(f->s->arena, "%.*s/%s", STR_ARG(home), path + 2).p;
}

/* Shown as in findings about configs: ~ for the home. */
static struct str
shown(const struct finder *f, const char *path)
{
	struct str p = str_c(path), home = f->s->user.home;

	if (home.n > 1 && str_starts(p, home) && p.n > home.n && p.p[home.n] == '/')
		return arena_printf(f->s->arena, "~%.*s", STR_ARG(str_from(p, home.n)));
	return arena_str(f->s->arena, p);
}

static void
note(const struct finder *f, const char *path, const char *why)
{
	struct buf b = { 0 };

	buf_addc(&b, "not read: ");
	buf_add_escaped(&b, shown(f, path));
	buf_addf(&b, ": %s", why);
	session_note(f->s, buf_str(&b));
	buf_release(&b);
}

/* The whole file; false: it is not there, or a note says why not. */
static bool
read_whole(struct finder *f, const char *path, struct str *ret)
{
	struct buf b = { 0 };
	struct err e = { 0 };
	enum sk_code code;

	if (++f->n_file > FILES_MAX || f->full)
		return false;
	code = root_read(&f->root, path, START_BYTES_MAX, &b, &e);
	if (code == SK_OK && f->n_byte + b.n > TOTAL_MAX) {
		f->full = true;
		code = SK_ETOOBIG;
	} else if (code == SK_OK) {
		f->n_byte += b.n;
		*ret = arena_str(f->s->arena, buf_str(&b));
	} else if (code == SK_ETOOBIG || strcmp(e.msg, "permission denied") == 0)
		note(f, path, e.msg);
	buf_release(&b);
	return code == SK_OK;
}

static struct start_from
from_of(const struct finder *f, const char *path, enum place_user user, bool boot)
{
	struct start_from from = {
		.file = shown(f, path), .user = STR("root"), .home = STR("/root"), .unattended = boot
	};

	if (user == USER_OWN) {
		from.user = f->s->user.name;
		from.home = f->s->user.home;
	}
	return from;
}

static void
tell_cut(const struct finder *f, const char *path, const char *why)
{
	struct buf b = { 0 };

	buf_add_escaped(&b, shown(f, path));
	buf_addf(&b, ": %s: what starts ssh behind it would not be seen", why);
	session_note(f->s, buf_str(&b));
	buf_release(&b);
}

static void
read_text(struct finder *f, const char *path, enum start_kind kind, const struct start_from *from, struct str text)
{
	const char *why = "";

	/* what never says ssh starts none; a unit or crontab may run a script that does */
	if ((kind == START_SCRIPT || kind == START_COMPOSE) && str_find(text, STR("ssh")) == SIZE_MAX)
		return;
	if (!start_read(f->s->arena, kind, from, text, f->out, &why))
		tell_cut(f, path, why);
}

static bool
was_followed(const struct finder *f, struct str path)
{
	for (size_t i = 0; i < f->n_followed; i++)
		if (str_eq(f->followed[i], path))
			return true;
	return false;
}

/* The distribution's programs are no launchers of this machine. */
static bool
worth_following(struct str path)
{
	static const char *const theirs[] = { "/bin/", "/sbin/", "/lib/", "/dev/", "/proc/", "/sys/" };

	for (size_t i = 0; i < COUNT(theirs); i++)
		if (str_starts(path, str_c(theirs[i])))
			return false;
	return !str_starts(path, STR("/usr/")) || str_starts(path, STR("/usr/local/"));
}

/* A script, by its first bytes, and then as a whole. */
static void
read_script(struct finder *f, const char *path, const struct start_from *from)
{
	struct buf head = { 0 };
	struct str text;

	if (++f->n_file <= FILES_MAX && root_read_head(&f->root, path, HEAD_MAX, &head, NULL) == SK_OK &&
	    start_kind_of(str_c(path), buf_str(&head)) == START_SCRIPT && read_whole(f, path, &text))
		read_text(f, path, START_SCRIPT, from, text);
	buf_release(&head);
}

/* Entries from first on: the scripts that they run take their place. */
static void
follow(struct finder *f, size_t first)
{
	size_t end = f->out->n;

	for (size_t i = first; i < end; i++) {
		struct start *by;
		struct start_from from;
		const char *path;

		if (f->out->v[i].program != START_FILE || !worth_following(f->out->v[i].path) ||
		    was_followed(f, f->out->v[i].path))
			continue;
		by = ARENA_NEW(f->s->arena, struct start);
		*by = f->out->v[i];
		path = arena_strz(f->s->arena, by->path);
		MEM_GROW(f->followed, f->cap_followed, f->n_followed + 1);
		f->followed[f->n_followed++] = by->path;
		from = (struct start_from){ .file = shown(f, path), .user = by->user, .unattended = true, .by = by };
		read_script(f, path, &from);
	}
}

/* DIR/NAME.d of a unit: its *.conf, in order. */
static size_t
drop_ins(struct finder *f, const char *dir, struct str unit, const struct place *p, struct start_from *from,
    struct str *text)
{
	const char *folder = arena_printf(f->s->arena, "%s/%.*s.d", dir, STR_ARG(unit)).p;
	struct str *name = NULL;
	size_t n = 0, got = 0;

	if (root_list(&f->root, folder, f->s->arena, &name, &n, NULL) != SK_OK)
		return 0;
	for (size_t i = 0; i < n && got < DROPINS_MAX; i++) {
		const char *path = arena_printf(f->s->arena, "%s/%.*s", folder, STR_ARG(name[i])).p;

		if (!str_ends(name[i], STR(".conf")) || !read_whole(f, path, &text[got]))
			continue;
		from[got++] = from_of(f, path, p->user, true);
	}
	return got;
}

static void
read_unit(struct finder *f, const char *dir, const char *drop_dir, struct str unit, const struct place *p)
{
	struct start_from *from = ARENA_ARRAY(f->s->arena, struct start_from, DROPINS_MAX + 1);
	struct str *text = ARENA_ARRAY(f->s->arena, struct str, DROPINS_MAX + 1);
	const char *path = arena_printf(f->s->arena, "%s/%.*s", dir, STR_ARG(unit)).p, *why = "";
	size_t n = 0, first = f->out->n;

	if (!read_whole(f, path, &text[0]))
		return;
	from[n++] = from_of(f, path, p->user, true);
	n += drop_ins(f, drop_dir, unit, p, from + n, text + n);
	if (!start_read_unit(f->s->arena, from, text, n, f->out, &why))
		tell_cut(f, path, why);
	follow(f, first);
}

static bool
listed(const struct str *name, size_t n, struct str want)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name[i], want))
			return true;
	return false;
}

static void
read_units(struct finder *f, const char *dir, const struct place *p, const struct str *name, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str unit = name[i];

		if (str_ends(unit, STR(".service"))) {
			read_unit(f, dir, dir, unit, p);
			continue;
		}
		if (!str_ends(unit, STR(".service.d")))
			continue;
		unit = str_head(unit, unit.n - 2);
		for (size_t k = 0; k < COUNT(vendor_units) && !listed(name, n, unit); k++) {
			const char *path = arena_printf(f->s->arena, "%s/%.*s", vendor_units[k], STR_ARG(unit)).p;

			if (!root_exists(&f->root, path))
				continue;
			read_unit(f, vendor_units[k], dir, unit, p);
			break;
		}
	}
}

static void
read_folder(struct finder *f, const struct place *p)
{
	const char *dir = place_path(f, p->path);
	struct str *name = NULL;
	struct err e = { 0 };
	size_t n = 0;
	enum sk_code code = root_list(&f->root, dir, f->s->arena, &name, &n, &e);

	if (code != SK_OK) {
		if (code != SK_ENOENT && (code == SK_ETOOBIG || strcmp(e.msg, "permission denied") == 0))
			note(f, dir, e.msg);
		return;
	}
	if (p->kind == PLACE_UNITS) {
		read_units(f, dir, p, name, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const char *path = arena_printf(f->s->arena, "%s/%.*s", dir, STR_ARG(name[i])).p;
		struct start_from from = from_of(f, path, p->user, p->boot);
		size_t first = f->out->n;
		struct str text;

		if (p->kind == PLACE_SCRIPTS && !was_followed(f, str_c(path)))
			read_script(f, path, &from);
		/* cron passes over names with a point */
		if (p->kind != PLACE_CRON || str_chr(name[i], '.', 0) != SIZE_MAX || !read_whole(f, path, &text))
			continue;
		read_text(f, path, START_CRON, &from, text);
		follow(f, first);
	}
}

static void
read_file(struct finder *f, size_t i)
{
	const char *path = place_path(f, files[i].path);
	size_t first = f->out->n;
	struct start_from from;
	struct str text;

	if (path[strlen(path) - 1] == '/') {
		if (f->s->user.name.n == 0 || str_chr(f->s->user.name, '/', 0) != SIZE_MAX)
			return;
		path = arena_printf(f->s->arena, "%s%.*s", path, STR_ARG(f->s->user.name)).p;
	}
	if (!read_whole(f, path, &text))
		return;
	from = from_of(f, path, files[i].user, files[i].boot);
	read_text(f, path, files[i].kind, &from, text);
	follow(f, first);
}

void
start_files(struct session *s, struct starts *out)
{
	struct finder f = { .s = s, .out = out };
	struct err e = { 0 };

	if (root_open(&f.root, s->live ? "/" : s->tree.root, &e) != SK_OK)
		return;
	/* units and crontabs first: what they run is known then */
	for (size_t i = 0; i < COUNT(folders); i++)
		if (folders[i].kind != PLACE_SCRIPTS)
			read_folder(&f, &folders[i]);
	for (size_t i = 0; i < COUNT(files); i++)
		read_file(&f, i);
	for (size_t i = 0; i < COUNT(folders); i++)
		if (folders[i].kind == PLACE_SCRIPTS)
			read_folder(&f, &folders[i]);
	if (out->toomany)
		session_note(s,
		    arena_printf(s->arena,
			"more than %d commands of units, scripts and crontabs: the rest is not judged", STARTS_MAX));
	if (f.n_file > FILES_MAX)
		session_note(
		    s, arena_printf(s->arena, "more than %d units and scripts: the rest is not read", FILES_MAX));
	if (f.full)
		session_note(s, STR("more than 16 MiB of units, scripts and crontabs: the rest is not read"));
	root_close(&f.root);
	free(f.followed);
}
