/* SPDX-License-Identifier: MIT */
/* Crontabs.  Source: crontab(5) of cronie and of Debian's cron. */
#include <string.h>

#include "start/parts.h"

static struct str
next_field(struct str *rest)
{
	struct str word;
	size_t n = 0;

	while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		*rest = str_from(*rest, 1);
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	word = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return word;
}

/* NAME = value, quotes taken off; nothing is expanded there. */
static bool
assignment(struct start_env *env, struct str line)
{
	size_t eq = str_chr(line, '=', 0);
	struct str name, value;

	if (eq == SIZE_MAX || line.p[0] == '@' || line.p[0] == '*')
		return false;
	name = str_trim(str_head(line, eq));
	value = str_trim(str_from(line, eq + 1));
	if (name.n == 0 || str_chr(name, ' ', 0) != SIZE_MAX || str_chr(name, '\t', 0) != SIZE_MAX)
		return false;
	if (value.n > 1 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
		value = str_head(str_from(value, 1), value.n - 2);
	env_set(env, name, value, true);
	return true;
}

/* The command ends at the first % that is not escaped; the rest is its input. */
static struct str
command_text(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < s.n && s.p[i] != '%'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && s.p[i + 1] == '%')
			i++;
		buf_addch(&b, s.p[i]);
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Does the command look first whether the last one still runs? */
static bool
is_guarded(struct str command)
{
	static const char *const mark[] = { "flock", "lockf", "lockrun", "setlock", "pgrep", "pidof", "ps ", "||", "&&",
		"test ", "[ ", "if ", "-O check", "cronlock", "start-stop-daemon" };

	for (size_t i = 0; i < sizeof mark / sizeof *mark; i++)
		if (str_find(command, str_c(mark[i])) != SIZE_MAX)
			return true;
	return false;
}

static bool
one_job(const struct start_ctx *c, const struct start_env *env, struct str line, uint32_t at, bool has_user)
{
	struct start_ctx own = *c;
	unsigned fields = line.p[0] == '@' ? 1 : 5;

	own.periodic = !str_starts(line, STR("@reboot"));
	own.guarded = is_guarded(line);
	for (unsigned i = 0; i < fields; i++)
		(void)next_field(&line);
	if (has_user)
		own.user = next_field(&line);
	own.env = env;
	return start_shell(&own, command_text(c->a, str_trim(line)), at);
}

bool
start_cron(const struct start_ctx *c, struct str text, bool has_user)
{
	struct start_env env = *c->env;
	struct str line;
	uint32_t at = 0;
	bool whole = true;

	while (str_split(&text, '\n', &line)) {
		at++;
		line = str_trim(line);
		if (line.n == 0 || line.p[0] == '#' || assignment(&env, line))
			continue;
		whole &= one_job(c, &env, line, at, has_user);
	}
	return whole;
}
