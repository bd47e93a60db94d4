/* SPDX-License-Identifier: MIT */
/*
 * systemd units with their drop-ins.  Source: systemd.syntax(7); systemd.service(5) COMMAND LINES and the options
 * named here; systemd.unit(5) StartLimitIntervalSec, SPECIFIERS; systemd.time(7).
 */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "start/parts.h"

enum { EXECS_MAX = 64, WORDS_MAX = SHWORDS, LOGICAL_MAX = 64 * 1024 };

/* An Exec line that is looked at when the whole unit is known. */
struct exec {
	struct str value;
	const struct start_from *from;
	uint32_t line;
	bool main;
};

struct unit {
	const struct start_ctx *c;
	struct start_unit *u;
	struct start_env env;
	struct str user;
	struct exec exec[EXECS_MAX];
	size_t n_exec;
	bool in_service, in_unit;
};

/* "10", "5min 20s", "100ms", "infinity".  False: something else. */
static bool
unit_time(struct str s, double *ret)
{
	static const struct {
		const char *name;
		double s;
	} names[] = { { "us", 1e-6 }, { "usec", 1e-6 }, { "ms", 1e-3 }, { "msec", 1e-3 }, { "s", 1 }, { "sec", 1 },
		{ "second", 1 }, { "seconds", 1 }, { "m", 60 }, { "min", 60 }, { "minute", 60 }, { "minutes", 60 },
		{ "h", 3600 }, { "hr", 3600 }, { "hour", 3600 }, { "hours", 3600 }, { "d", 86400 }, { "day", 86400 },
		{ "days", 86400 }, { "", 1 } };
	double sum = 0;

	if (str_eqc(s, "infinity")) {
		*ret = INFINITY;
		return true;
	}
	for (s = str_trim(s); s.n > 0; s = str_trim(s)) {
		double v = 0, unit = 0, part = 1;
		size_t i = 0, k;

		for (; i < s.n && i < 12 && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			v = v * 10 + (s.p[i] - '0');
		if (i == 0)
			return false;
		if (i < s.n && s.p[i] == '.')
			for (i++; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
				v += (s.p[i] - '0') * (part /= 10);
		s = str_trim(str_from(s, i));
		for (k = 0; k < s.n && ((s.p[k] >= 'a' && s.p[k] <= 'z') || (s.p[k] >= 'A' && s.p[k] <= 'Z')); k++)
			;
		for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (str_eqc(str_head(s, k), names[i].name))
				unit = names[i].s;
		if (unit == 0)
			return false;
		sum += v * unit;
		s = str_from(s, k);
	}
	*ret = sum;
	return true;
}

/* One word of Environment= or Exec lines: quotes and C escapes off.  False: there is none. */
static bool
next_word(struct arena *a, struct str *rest, struct str *ret)
{
	struct buf b = { 0 };
	char quote = '\0';
	size_t i = 0;

	while (i < rest->n && (rest->p[i] == ' ' || rest->p[i] == '\t'))
		i++;
	if (i == rest->n)
		return false;
	for (; i < rest->n; i++) {
		char c = rest->p[i];

		if (quote == '\0' && (c == ' ' || c == '\t'))
			break;
		if (c == '\\' && i + 1 < rest->n)
			buf_addch(&b,
			    rest->p[++i] == 'n'	  ? '\n' :
				rest->p[i] == 't' ? '\t' :
				rest->p[i] == 's' ? ' ' :
						    rest->p[i]);
		else if (quote == c && quote != '\0')
			quote = '\0';
		else if (quote == '\0' && (c == '"' || c == '\''))
			quote = c;
		else
			buf_addch(&b, c);
	}
	*rest = str_from(*rest, i);
	*ret = arena_str(a, buf_str(&b));
	buf_release(&b);
	return true;
}

static void
environment(struct unit *u, struct str value)
{
	struct str word;

	if (value.n == 0)
		u->env = (struct start_env){ .open = u->env.open };
	while (next_word(u->c->a, &value, &word)) {
		size_t eq = str_chr(word, '=', 0);

		if (eq != SIZE_MAX)
			env_set(&u->env, str_head(word, eq), str_from(word, eq + 1), str_chr(word, '%', 0) == SIZE_MAX);
	}
}

static void
exec_line(struct unit *u, struct str key, struct str value, const struct start_from *from, uint32_t line)
{
	bool main = str_eqc(key, "ExecStart");
	size_t n = 0;

	/* an empty one takes back what came before */
	if (value.n == 0) {
		for (size_t i = 0; i < u->n_exec; i++)
			if (u->exec[i].main != main)
				u->exec[n++] = u->exec[i];
		u->n_exec = n;
		return;
	}
	if (u->n_exec < EXECS_MAX)
		u->exec[u->n_exec++] = (struct exec){ .value = value, .from = from, .line = line, .main = main };
}

static void
limits(struct unit *u, struct str key, struct str value)
{
	uint64_t n = 0;
	double s = 0;

	if (str_eqc(key, "StartLimitIntervalSec") || str_eqc(key, "StartLimitInterval")) {
		u->u->limit_known &= unit_time(value, &s);
		u->u->limit_s = s;
	} else if (str_eqc(key, "StartLimitBurst")) {
		u->u->limit_known &= num_uint(value, UINT32_MAX, &n, NULL) == SK_OK;
		u->u->limit_burst = n;
	}
}

static void
setting(struct unit *u, struct str key, struct str value, const struct start_from *from, uint32_t line)
{
	double s = 0;

	limits(u, key, value);
	if (!u->in_service)
		return;
	if (str_eqc(key, "Type"))
		u->u->type = value;
	else if (str_eqc(key, "Restart"))
		u->u->restart = value;
	else if (str_eqc(key, "RestartSec")) {
		u->u->limit_known &= unit_time(value, &s);
		u->u->restart_s = s;
	} else if (str_eqc(key, "PIDFile"))
		u->u->pidfile = value.n > 0;
	else if (str_eqc(key, "User"))
		u->user = value;
	else if (str_eqc(key, "Environment"))
		environment(u, value);
	else if (str_eqc(key, "EnvironmentFile"))
		u->env.open = value.n > 0;
	else if (str_starts(key, STR("Exec")))
		exec_line(u, key, value, from, line);
}

/* A logical line: lines that end in a backslash are joined, comments between them left out. */
static bool
logical_line(struct arena *a, struct str *text, uint32_t *line, uint32_t *ret_at, struct str *ret)
{
	struct buf b = { .max = LOGICAL_MAX };
	struct str one;
	bool more = true, any = false;

	while (more && str_split(text, '\n', &one)) {
		(*line)++;
		one = str_trim(one);
		if (any && one.n > 0 && (one.p[0] == '#' || one.p[0] == ';'))
			continue;
		if (!any)
			*ret_at = *line;
		any = true;
		more = one.n > 0 && one.p[one.n - 1] == '\\' && one.p[0] != '#' && one.p[0] != ';';
		buf_add(&b, str_head(one, one.n - (more ? 1 : 0)));
		if (more)
			buf_addch(&b, ' ');
	}
	*ret = arena_str(a, str_trim(buf_str(&b)));
	buf_release(&b);
	return any;
}

static void
read_text(struct unit *u, const struct start_from *from, struct str text)
{
	struct str line;
	uint32_t no = 0, at = 0;

	u->in_service = u->in_unit = false;
	while (logical_line(u->c->a, &text, &no, &at, &line)) {
		size_t eq = str_chr(line, '=', 0);

		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[') {
			u->in_service = str_eqc(line, "[Service]");
			u->in_unit = str_eqc(line, "[Unit]");
		} else if (eq != SIZE_MAX && (u->in_service || u->in_unit)) {
			setting(u, str_trim(str_head(line, eq)), str_trim(str_from(line, eq + 1)), from, at);
		}
	}
}

/* %% and $$ are themselves; other specifiers and variables are known to systemd only. */
static struct shword
exec_word(struct arena *a, const struct start_from *from, struct str raw, uint32_t line)
{
	struct shword w = { .line = line };
	struct buf b = { 0 };

	w.bare = SIZE_MAX;
	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i], next = i + 1 < raw.n ? raw.p[i + 1] : '\0';

		if ((c == '%' || c == '$') && next == c) {
			i++;
		} else if (c == '%' && next == 'h' && from->home.n > 0) {
			buf_add(&b, from->home);
			i++;
			continue;
		} else if ((c == '%' && next != '\0') || c == '$') {
			w.computed = true;
			w.bare = w.bare == SIZE_MAX ? b.n : w.bare;
		}
		buf_addch(&b, c);
	}
	w.text = arena_str(a, buf_str(&b));
	w.bare = w.bare == SIZE_MAX ? w.text.n : w.bare;
	buf_release(&b);
	return w;
}

static void
run_exec(struct unit *u, const struct exec *x)
{
	struct start_ctx own = *u->c;
	struct shword *word = ARENA_ARRAY(own.a, struct shword, WORDS_MAX);
	struct str rest = x->value, raw;
	size_t n = 0;

	while (rest.n > 0 && strchr("@-:+!|", rest.p[0]) != NULL && rest.p[0] != '\0')
		rest = str_from(rest, 1);
	own.from = x->from;
	own.unit = u->u;
	own.env = &u->env;
	own.user = u->user.n > 0 ? u->user : own.user;
	own.unattended = true;
	own.signals_only = !x->main;
	while (next_word(own.a, &rest, &raw)) {
		if (str_eqc(raw, ";")) {
			start_words(&own, word, n, false);
			n = 0;
			continue;
		}
		if (n == WORDS_MAX)
			break;
		word[n++] = exec_word(own.a, x->from, raw, x->line);
	}
	start_words(&own, word, n, n == WORDS_MAX);
}

bool
start_units(const struct start_ctx *c, const struct start_from *from, const struct str *text, size_t n)
{
	struct unit *u = ARENA_NEW(c->a, struct unit);

	u->c = c;
	u->u = ARENA_NEW(c->a, struct start_unit);
	u->env = *c->env;
	/* the defaults of systemd-system.conf(5) */
	*u->u = (struct start_unit){ .restart_s = 0.1, .limit_s = 10, .limit_burst = 5, .limit_known = true };
	for (size_t i = 0; i < n; i++)
		read_text(u, &from[i], text[i]);
	for (size_t i = 0; i < u->n_exec; i++)
		run_exec(u, &u->exec[i]);
	return true;
}
