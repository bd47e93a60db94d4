/* SPDX-License-Identifier: MIT */
/*
 * logind's idle settings.  Precedence as in systemd: the main file of the first folder that has one, then all
 * drop-ins in the order of their names, where a drop-in hides those of the same name in later folders.  The
 * last assignment wins, an empty one resets.  Source: logind.conf(5), systemd.time(7), systemd.syntax(7).
 */
#include "detect/parts.h"

#include <stdlib.h>
#include <string.h>

static const char *const folder[] = { "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd" };
enum { FOLDERS = sizeof(folder) / sizeof(folder[0]) };

struct dropin {
	struct str name, path;
	size_t folder;
};

struct setting {
	bool set;
	double num;
	struct str file;
	uint32_t line;
};

struct logind {
	struct det *d;
	struct setting stop, kill;
	bool any;	   /* some file was read */
	struct str denied; /* a file that could not be read */
};

static const struct {
	const char *name;
	double s;
} unit[] = {
	{ "usec", 1e-6 },
	{ "us", 1e-6 },
	{ "\xc2\xb5s", 1e-6 },
	{ "\xce\xbcs", 1e-6 },
	{ "msec", 1e-3 },
	{ "ms", 1e-3 },
	{ "seconds", 1 },
	{ "second", 1 },
	{ "sec", 1 },
	{ "s", 1 },
	{ "", 1 },
	{ "minutes", 60 },
	{ "minute", 60 },
	{ "min", 60 },
	{ "m", 60 },
	{ "hours", 3600 },
	{ "hour", 3600 },
	{ "hr", 3600 },
	{ "h", 3600 },
	{ "days", 86400 },
	{ "day", 86400 },
	{ "d", 86400 },
	{ "weeks", 604800 },
	{ "week", 604800 },
	{ "w", 604800 },
	{ "months", 2629800 },
	{ "month", 2629800 },
	{ "M", 2629800 },
	{ "years", 31557600 },
	{ "year", 31557600 },
	{ "y", 31557600 },
};

static bool
unit_of(struct str name, double *ret)
{
	size_t i;

	for (i = 0; i < sizeof(unit) / sizeof(unit[0]); i++) {
		if (str_eqc(name, unit[i].name)) {
			*ret = unit[i].s;
			return true;
		}
	}
	return false;
}

static bool
in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* One "5min" of a time span, cut off *rest.  Fractions as in "1.5h". */
static bool
span_part(struct str *rest, double *ret)
{
	uint64_t whole = 0;
	double frac = 0, scale = 1, s;
	size_t i = 0, from;

	while (i < rest->n && in(rest->p[i], "0123456789"))
		i++;
	if (i == 0 || num_uint(str_head(*rest, i), UINT64_C(1) << 53, &whole, NULL) != SK_OK)
		return false;
	if (i < rest->n && rest->p[i] == '.') {
		for (i++; i < rest->n && in(rest->p[i], "0123456789"); i++)
			frac += (rest->p[i] - '0') * (scale /= 10);
	}
	while (i < rest->n && in(rest->p[i], " \t"))
		i++;
	from = i;
	while (i < rest->n && !in(rest->p[i], " \t.-+0123456789"))
		i++;
	if (!unit_of(str_head(str_from(*rest, from), i - from), &s))
		return false;
	*ret = ((double)whole + frac) * s;
	*rest = str_trim(str_from(*rest, i));
	return true;
}

static bool
parse_span(struct str s, double *ret)
{
	double sum = 0, part;

	s = str_trim(s);
	if (str_eqc(s, "infinity")) {
		*ret = INFINITY;
		return true;
	}
	if (s.n == 0)
		return false;
	while (s.n > 0) {
		if (!span_part(&s, &part))
			return false;
		sum += part;
	}
	*ret = sum == 0 ? INFINITY : sum; /* logind takes 0 as off */
	return true;
}

static bool
parse_bool(struct str s, double *ret)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" };
	static const char *const no[] = { "0", "no", "n", "false", "f", "off" };
	size_t i;

	for (i = 0; i < 6; i++) {
		if (str_ieqc(s, yes[i]) || str_ieqc(s, no[i])) {
			*ret = str_ieqc(s, yes[i]) ? 1 : 0;
			return true;
		}
	}
	return false;
}

static void
assign(struct logind *l, struct setting *to, bool is_span, struct str value, struct str file, uint32_t line)
{
	double v;

	if (value.n == 0) {
		to->set = false;
	} else if (is_span ? parse_span(value, &v) : parse_bool(value, &v)) {
		*to = (struct setting){ .set = true, .num = v, .file = file, .line = line };
	} else {
		det_note(l->d, "%s:%u: logind cannot read that value and ignores the line", file.p, (unsigned)line);
	}
}

/* key = value inside [Login]. */
static void
config_line(struct logind *l, struct str text, struct str file, uint32_t line)
{
	size_t eq = str_chr(text, '=', 0);
	struct str key, value;

	if (eq == SIZE_MAX)
		return;
	key = str_trim(str_head(text, eq));
	value = str_trim(str_from(text, eq + 1));
	if (str_eqc(key, "StopIdleSessionSec"))
		assign(l, &l->stop, true, value, file, line);
	else if (str_eqc(key, "KillUserProcesses"))
		assign(l, &l->kill, false, value, file, line);
}

/* One line with its continuations joined. */
static void
config_logical(struct logind *l, struct str line, bool *login, struct str file, uint32_t at)
{
	line = str_trim(line);
	if (str_starts(line, STR("[")))
		*login = str_eqc(line, "[Login]");
	else if (*login)
		config_line(l, line, file, at);
}

/* A backslash at the end continues the line; comments in between are left out. */
static void
config_text(struct logind *l, struct str text, struct str file)
{
	struct buf joined = { .p = NULL };
	struct str line;
	uint32_t at = 0, first = 0;
	bool login = false;

	while (det_next_line(&text, &line, &at)) {
		line = str_trim(line);
		if (line.n > 0 && (line.p[0] == '#' || line.p[0] == ';'))
			continue;
		if (joined.n == 0)
			first = at;
		if (str_ends(line, STR("\\"))) {
			buf_add(&joined, str_head(line, line.n - 1));
			buf_addch(&joined, ' ');
			continue;
		}
		buf_add(&joined, line);
		config_logical(l, buf_str(&joined), &login, file, first);
		buf_clear(&joined);
	}
	if (joined.n > 0) /* the file ends in a backslash */
		config_logical(l, buf_str(&joined), &login, file, first);
	buf_release(&joined);
}

/* True when the file exists, readable or not. */
static bool
config_file(struct logind *l, struct str path)
{
	struct buf b = { .p = NULL };
	struct err e = { .code = SK_OK };
	enum sk_code code;

	code = root_read(&l->d->root, path.p, ROOT_TEXT_MAX, &b, &e);
	if (code == SK_OK) {
		l->any = true;
		config_text(l, buf_str(&b), path);
		buf_release(&b);
	} else if (code != SK_ENOENT) {
		det_note(l->d, "%s: %s", path.p, e.msg);
		l->denied = path;
	}
	return code != SK_ENOENT;
}

/* By name, then by the rank of the folder. */
static int
dropin_cmp(const void *x, const void *y)
{
	const struct dropin *a = x, *b = y;
	int r = str_cmp(a->name, b->name);

	return r != 0 ? r : (a->folder > b->folder) - (a->folder < b->folder);
}

/* A drop-in that is a link to /dev/null only hides the others of its name. */
static bool
is_mask(const struct det *d, struct str path)
{
	struct stat st;

	return root_stat(&d->root, path.p, false, &st, NULL) == SK_OK && S_ISLNK(st.st_mode) &&
	    (root_stat(&d->root, path.p, true, &st, NULL) != SK_OK || S_ISCHR(st.st_mode));
}

static void
dropins(struct logind *l)
{
	struct det *d = l->d;
	struct dropin *all, *x;
	struct str *name[FOLDERS], path;
	size_t n[FOLDERS], total = 0, i, k, used = 0;
	struct err e = { .code = SK_OK };
	enum sk_code code;

	for (i = 0; i < FOLDERS; i++) {
		n[i] = 0;
		path = arena_printf(d->a, "%s/logind.conf.d", folder[i]);
		code = root_list(&d->root, path.p, d->a, &name[i], &n[i], &e);
		if (code == SK_OK) {
			total += n[i];
		} else if (code != SK_ENOENT) {
			det_note(d, "%s: %s", path.p, e.msg);
			l->denied = path;
		}
	}
	all = ARENA_ARRAY(d->a, struct dropin, total + 1);
	for (i = 0; i < FOLDERS; i++) {
		for (k = 0; k < n[i]; k++) {
			if (!str_ends(name[i][k], STR(".conf")))
				continue;
			x = &all[used++];
			x->name = name[i][k];
			x->folder = i;
			x->path = arena_printf(d->a, "%s/logind.conf.d/%s", folder[i], x->name.p);
		}
	}
	if (used > 0)
		qsort(all, used, sizeof(*all), dropin_cmp);
	for (i = 0; i < used; i++) {
		if ((i == 0 || !str_eq(all[i].name, all[i - 1].name)) && !is_mask(d, all[i].path))
			(void)config_file(l, all[i].path);
	}
}

void
det_logind(struct det *d)
{
	static const char main_file[] = "/etc/systemd/logind.conf";
	struct logind l = { .d = d };
	struct str where = STR("/etc/systemd/logind.conf, logind.conf.d");
	size_t i;

	for (i = 0; i < FOLDERS; i++) {
		if (config_file(&l, arena_printf(d->a, "%s/logind.conf", folder[i])))
			break;
	}
	dropins(&l);
	if (l.stop.set)
		det_num(d, FACT_LOGIND_STOP_IDLE, l.stop.num, l.stop.file, l.stop.line);
	else if (l.denied.n > 0)
		det_unknown(d, FACT_LOGIND_STOP_IDLE, l.denied, "cannot be read");
	else if (!l.any)
		det_unknown(d, FACT_LOGIND_STOP_IDLE, str_c(main_file), "no logind configuration here");
	else
		det_num(d, FACT_LOGIND_STOP_IDLE, INFINITY, where, 0); /* nobody sets it: it is off */
	if (l.kill.set)
		det_num(d, FACT_LOGIND_KILL_USER, l.kill.num, l.kill.file, l.kill.line);
	else if (l.denied.n > 0)
		det_unknown(d, FACT_LOGIND_KILL_USER, l.denied, "cannot be read");
	else
		det_unknown(d, FACT_LOGIND_KILL_USER, str_c(main_file),
		    l.any ? "not set; systemd's build decides" : "no logind configuration here");
}
