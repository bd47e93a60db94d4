/* SPDX-License-Identifier: MIT */
/* Start files: what a file is, reading it, and what follows from an entry alone. */
#include "start/start.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "start/parts.h"

const char *const start_var_names[START_VARS] = {
	[VAR_PORT] = "AUTOSSH_PORT",
	[VAR_GATETIME] = "AUTOSSH_GATETIME",
	[VAR_POLL] = "AUTOSSH_POLL",
	[VAR_FIRST_POLL] = "AUTOSSH_FIRST_POLL",
	[VAR_LOGLEVEL] = "AUTOSSH_LOGLEVEL",
	[VAR_LOGFILE] = "AUTOSSH_LOGFILE",
	[VAR_PIDFILE] = "AUTOSSH_PIDFILE",
	[VAR_MAXSTART] = "AUTOSSH_MAXSTART",
	[VAR_MAXLIFETIME] = "AUTOSSH_MAXLIFETIME",
};

const char *
start_kind_name(enum start_kind k)
{
	static const char *const names[] = { [START_NONE] = "none",
		[START_SCRIPT] = "script",
		[START_UNIT] = "unit",
		[START_CRON] = "crontab",
		[START_USER_CRON] = "crontab",
		[START_COMPOSE] = "compose file" };

	return names[k];
}

void
starts_release(struct starts *s)
{
	free(s->v);
	*s = (struct starts){ 0 };
}

void
env_set(struct start_env *env, struct str name, struct str value, bool known)
{
	for (size_t i = 0; i < START_VARS; i++)
		if (str_eqc(name, start_var_names[i]))
			env->var[i] = (struct start_var){ .set = true, .known = known, .value = value };
}

void
env_unset(struct start_env *env, struct str name)
{
	for (size_t i = 0; i < START_VARS; i++)
		if (str_eqc(name, start_var_names[i]))
			env->var[i] = (struct start_var){ 0 };
}

static bool
is_shell_script(struct str text)
{
	static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "openrc-run",
		"runscript" };
	struct str line = str_trim(str_head(text, str_chr(text, '\n', 0))), part, last = { 0 };

	if (!str_starts(line, STR("#!")))
		return false;
	line = str_from(line, 2);
	while (str_split(&line, ' ', &part)) {
		size_t slash = 0, at;

		for (at = str_chr(part, '/', 0); at != SIZE_MAX; at = str_chr(part, '/', slash))
			slash = at + 1;
		last = str_from(part, slash);
		/* env names the shell in the next word; a shell's own options follow it */
		if (last.n > 0 && !str_eqc(last, "env") && last.p[0] != '-')
			break;
	}
	for (size_t i = 0; i < sizeof(shells) / sizeof(shells[0]); i++)
		if (str_eqc(last, shells[i]))
			return true;
	return false;
}

static bool
is_compose_name(struct str base)
{
	bool yaml = str_ends(base, STR(".yml")) || str_ends(base, STR(".yaml"));

	return yaml &&
	    (str_starts(base, STR("compose.")) || str_starts(base, STR("docker-compose.")) ||
		str_starts(base, STR("podman-compose.")) || str_starts(base, STR("container-compose.")));
}

enum start_kind
start_kind_of(struct str path, struct str text)
{
	struct str base = str_base(path), dir = str_head(path, path.n - base.n);

	if (str_ends(base, STR(".service")))
		return START_UNIT;
	if (str_ends(dir, STR(".service.d/")) && str_ends(base, STR(".conf")))
		return START_UNIT;
	if (is_compose_name(base))
		return START_COMPOSE;
	if (str_ends(dir, STR("/cron.d/")) || str_eqc(path, "/etc/crontab"))
		return START_CRON;
	if (str_ends(dir, STR("/cron/crontabs/")) || str_eqc(dir, "/var/spool/cron/") || str_eqc(base, "crontab"))
		return START_USER_CRON;
	if (is_shell_script(text))
		return START_SCRIPT;
	return str_ends(base, STR(".sh")) || str_ends(base, STR(".bash")) ? START_SCRIPT : START_NONE;
}

/* Signals to a pid are autossh's business only where the same file starts one; what is left out takes no room. */
static void
drop_signals(struct starts *out, size_t first)
{
	bool autossh = false;
	size_t n = first;

	for (size_t i = first; i < out->n; i++)
		autossh |= out->v[i].program == START_AUTOSSH;
	for (size_t i = first; i < out->n; i++)
		if (autossh || !out->v[i].by_pid)
			out->v[n++] = out->v[i];
	out->n = n;
}

/* *ret_why and false when variables were left out. */
static bool
within(const struct start_budget *b, bool whole, const char **ret_why)
{
	if (b->spent)
		*ret_why = "its variables grow beyond 1 MiB";
	return whole && !b->spent;
}

static struct start_ctx
context(struct arena *a, enum start_kind kind, const struct start_from *from, const struct start_env *none,
    struct start_budget *budget, struct starts *out)
{
	const struct start *by = from->by;

	return (struct start_ctx){ .a = a,
		.out = out,
		.budget = budget,
		.from = from,
		.kind = kind,
		.user = by != NULL && by->user.n > 0 ? by->user : from->user,
		.unattended = from->unattended || by != NULL || kind != START_SCRIPT,
		.periodic = by != NULL && by->periodic,
		.guarded = by != NULL,
		.unit = by != NULL ? by->unit : NULL,
		.env = by != NULL ? &by->env : none };
}

bool
start_read(struct arena *a, enum start_kind kind, const struct start_from *from, struct str text, struct starts *out,
    const char **ret_why)
{
	static const struct start_env none;
	struct start_budget budget = { 0 };
	struct start_ctx c = context(a, kind, from, &none, &budget, out);
	size_t first = out->n;
	bool whole = true;

	*ret_why = "a quote or parenthesis is never closed";
	switch (kind) {
	case START_SCRIPT:
		whole = start_shell(&c, text, 1);
		break;
	case START_UNIT:
		return start_read_unit(a, from, &text, 1, out, ret_why);
	case START_CRON:
	case START_USER_CRON:
		whole = start_cron(&c, text, kind == START_CRON);
		break;
	case START_COMPOSE:
		*ret_why = "it is no YAML";
		whole = start_compose(&c, text);
		break;
	case START_NONE:
		break;
	}
	drop_signals(out, first);
	return within(&budget, whole, ret_why);
}

bool
start_read_unit(struct arena *a, const struct start_from *from, const struct str *text, size_t n, struct starts *out,
    const char **ret_why)
{
	static const struct start_env none;
	struct start_budget budget = { 0 };
	struct start_ctx c = context(a, START_UNIT, from, &none, &budget, out);
	size_t first = out->n;
	bool whole = start_units(&c, from, text, n);

	*ret_why = "";
	drop_signals(out, first);
	return within(&budget, whole, ret_why);
}

bool
start_number(struct str s, int64_t *ret)
{
	char z[32], *end;
	long v;

	if (s.n == 0 || s.n >= sizeof z)
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	errno = 0;
	v = strtol(z, &end, 0);
	if (errno != 0 || end == z || *end != '\0')
		return false;
	*ret = v;
	return true;
}

struct str
start_lines(struct arena *a, const struct start *s, bool has_session_type)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < s->n_sure; i++) {
		buf_add(&b, s->line_o[i]);
		buf_addch(&b, '\n');
	}
	if (s->no_command && has_session_type)
		buf_addc(&b, "SessionType=none\n");
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* What autossh accepts of each variable (reference, section 2). */
static bool
var_is_bad(enum start_var_id id, struct str value)
{
	int64_t v = 0;
	bool number = start_number(value, &v);

	switch (id) {
	case VAR_POLL:
	case VAR_FIRST_POLL:
		return !number || v == 0;
	case VAR_GATETIME:
	case VAR_MAXLIFETIME:
		return !number || v < 0;
	case VAR_LOGLEVEL:
		return !number || v < 0 || v > 7;
	case VAR_MAXSTART:
		return !number || v < -1;
	case VAR_LOGFILE:
		return value.n == 0;
	case VAR_PORT:
	case VAR_PIDFILE:
	case START_VARS:
		break;
	}
	return false;
}

struct str
start_bad_variable(struct arena *a, const struct start *s)
{
	for (unsigned i = 0; i < START_VARS; i++) {
		const struct start_var *v = &s->env.var[i];

		if (v->set && v->known && var_is_bad((enum start_var_id)i, v->value))
			return arena_printf(a, "%s=%.*s", start_var_names[i], STR_ARG(str_head(v->value, 60)));
	}
	return (struct str){ 0 };
}

/* The port before a colon; false: monitoring is off, or the number is not known. */
static bool
monitor_port(const struct start *s, int64_t *ret)
{
	if (s->program != START_AUTOSSH || !s->monitor.set || !s->monitor.known)
		return false;
	return start_number(str_head(s->monitor.value, str_chr(s->monitor.value, ':', 0)), ret) && *ret > 0;
}

bool
start_ports_clash(const struct start *a, const struct start *b)
{
	int64_t p = 0, q = 0;

	return monitor_port(a, &p) && monitor_port(b, &q) && p - q <= 1 && q - p <= 1;
}

/* Started in two branches of a script, or by @reboot and by a watchdog: one of them runs. */
static bool
same_tunnel(const struct start *a, const struct start *b)
{
	if (!str_eq(a->host, b->host) || !str_eq(a->login, b->login) || a->n_forward != b->n_forward ||
	    a->forward_hash != b->forward_hash || !str_eq(a->monitor.value, b->monitor.value))
		return false;
	if (str_eq(a->file, b->file))
		return true;
	if (a->n_line_o != b->n_line_o)
		return false;
	for (size_t i = 0; i < a->n_line_o; i++)
		if (!str_eq(a->line_o[i], b->line_o[i]))
			return false;
	return true;
}

const struct start *
start_clash(const struct starts *all, size_t at)
{
	const struct start *clash = NULL, *s = &all->v[at];

	for (size_t i = 0; i < all->n; i++)
		if (i != at && start_ports_clash(&all->v[i], s) && !same_tunnel(&all->v[i], s))
			clash = &all->v[i];
	return clash;
}

struct str
start_bad_monitor(struct arena *a, const struct start *s)
{
	const struct start_var *m = &s->monitor;
	size_t colon = str_chr(m->value, ':', 0);
	int64_t port = 0, echo = 0;

	if (s->program != START_AUTOSSH || !m->set || !m->known)
		return (struct str){ 0 };
	if (start_number(str_head(m->value, colon), &port) && port >= 0 && port < 65535 &&
	    (colon == SIZE_MAX || port == 0 || (start_number(str_from(m->value, colon + 1), &echo) && echo > 0)))
		return (struct str){ 0 };
	return arena_printf(a, "%s%.*s", s->monitor_by_word ? "-M " : "AUTOSSH_PORT=", STR_ARG(str_head(m->value, 60)));
}

bool
start_is_tunnel(const struct start *s)
{
	if (s->program == START_AUTOSSH)
		return true;
	return s->program == START_SSH && !s->command && (s->no_command || (s->background && s->n_forward > 0));
}
