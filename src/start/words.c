/* SPDX-License-Identifier: MIT */
/* The words of one command: what stands in front of a program, and which programs matter here. */
#include <string.h>

#include "base/mem.h"
#include "start/parts.h"

enum { DEPTH_MAX = 4, SHOWN_MAX = 120 };

/* Programs that run the command behind their own options. */
static const struct wrapper {
	const char *name;
	const char *values; /* letters whose value may stand in the next word */
	unsigned operands;  /* own operands ahead of the command */
} wrappers[] = {
	{ "sudo", "ugpCRTDhrt", 0 },
	{ "doas", "uC", 0 },
	{ "env", "uSC", 0 },
	{ "nohup", "", 0 },
	{ "exec", "a", 0 },
	{ "command", "", 0 },
	{ "builtin", "", 0 },
	{ "time", "of", 0 },
	{ "nice", "n", 0 },
	{ "ionice", "cnp", 0 },
	{ "setsid", "", 0 },
	{ "stdbuf", "ioe", 0 },
	{ "unbuffer", "", 0 },
	{ "busybox", "", 0 },
	{ "timeout", "ks", 1 },
	{ "flock", "wE", 1 },
	{ "chroot", "", 1 },
	{ "chrt", "TPD", 1 },
	{ "chpst", "uUbemdoptf/", 0 },
	{ "setuidgid", "", 1 },
	{ "sshpass", "pfdP", 0 },
	{ "screen", "cehpsStTX", 0 },
	{ "systemd-run", "upEHMdt", 0 },
	{ "systemd-cat", "tp", 0 },
	{ "systemd-inhibit", "", 0 },
	{ "daemon", "", 0 },
	{ "tini", "pw", 0 },
	{ "dumb-init", "", 0 },
	{ "su-exec", "", 1 },
	{ "gosu", "", 1 },
};
static const char *const shells[] = { "sh", "bash", "dash", "ash", "ksh", "mksh", "zsh" };
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

/* "$AUTOSSH" and "${SSH_BIN}" are what their names say. */
static struct str
program_of(const struct shword *w)
{
	struct str s = str_base(w->text);

	if (!w->computed)
		return s;
	if (str_find(s, STR("autossh")) != SIZE_MAX || str_find(s, STR("AUTOSSH")) != SIZE_MAX)
		return STR("autossh");
	if (str_eqc(s, "$SSH") || str_eqc(s, "${SSH}") || str_eqc(s, "$SSH_BIN") || str_eqc(s, "${SSH_BIN}"))
		return STR("ssh");
	return STR("");
}

/* Does the name or pattern mean autossh or ssh, and not sshd, ssh-agent or ~/.ssh? */
static bool
means_ssh(struct str s)
{
	if (str_find(s, STR("autossh")) != SIZE_MAX)
		return true;
	for (size_t i = 0; i + 3 <= s.n; i++) {
		char before = i > 0 ? s.p[i - 1] : ' ', behind = i + 3 < s.n ? s.p[i + 3] : ' ';

		if (str_eqc(str_head(str_from(s, i), 3), "ssh") && strchr(" \t/^('\"|", before) != NULL &&
		    strchr(" \t$.)'\"`|\\", behind) != NULL)
			return true;
	}
	return false;
}

static struct str
shown_words(struct arena *a, const struct shword *word, size_t n)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < n && b.n < SHOWN_MAX; i++) {
		if (i > 0)
			buf_addch(&b, ' ');
		buf_add(&b, str_head(word[i].text, SHOWN_MAX));
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* kill $(pidof autossh) is killall in other words. */
static bool
pids_by_name(struct str s)
{
	return (str_find(s, STR("pidof ")) != SIZE_MAX || str_find(s, STR("pgrep ")) != SIZE_MAX) && means_ssh(s);
}

/* A pid that is computed is this tunnel's unless it comes from a file of another name, such as /run/nginx.pid. */
static bool
may_be_ours(const struct shword *w)
{
	bool ssh = false;

	for (size_t i = 0; i + 3 <= w->text.n; i++)
		ssh |= str_ieqc(str_head(str_from(w->text, i), 3), "ssh");
	return w->computed && (ssh || str_chr(w->text, '/', 0) == SIZE_MAX);
}

/* killall and pkill by name, and the signals by number or name that end an autossh in its pauses or leave its ssh. */
static void
kill_words(const struct start_ctx *c, const struct shword *word, size_t n, bool by_pid)
{
	static const char *const bad[] = { "HUP", "1", "QUIT", "3", "KILL", "9", "USR1", "10", "USR2", "12" };
	bool signal = !by_pid, target = false;
	struct start *s;

	for (size_t i = 1; i < n; i++) {
		struct str w = word[i].text, name = w;

		if (!by_pid) {
			/* signal 0 only asks whether it is there */
			if (str_eqc(w, "-0"))
				return;
			target |= means_ssh(w);
			continue;
		}
		if (word[i].computed && pids_by_name(w)) {
			signal = target = true;
			by_pid = false;
			break;
		}
		target |= may_be_ours(&word[i]) || str_eqc(w, "$MAINPID") || str_eqc(w, "${MAINPID}");
		if (w.n > 1 && w.p[0] == '-')
			name = str_from(w, 1);
		else if (!str_eqc(word[i - 1].text, "-s") && !str_eqc(word[i - 1].text, "-n"))
			continue;
		if (str_starts(name, STR("SIG")))
			name = str_from(name, 3);
		for (size_t k = 0; k < COUNT(bad); k++)
			signal |= str_eqc(name, bad[k]);
	}
	if (!signal || !target)
		return;
	s = start_add(c, START_SIGNAL, word[0].line);
	if (s == NULL)
		return;
	s->signal = shown_words(c->a, word, n);
	s->by_pid = by_pid;
	s->complete = true;
}

/* Options of a wrapper, of which -u NAME and --user NAME are minded; gives the index of what follows. */
static size_t
skip_options(struct start_ctx *c, const struct shword *word, size_t i, size_t n, const char *values)
{
	for (; i < n && word[i].text.n > 1 && word[i].text.p[0] == '-'; i++) {
		struct str w = word[i].text;

		if (str_eqc(w, "--"))
			return i + 1;
		if (str_starts(w, STR("--"))) {
			if (str_eqc(w, "--user") && i + 1 < n && *values != '\0')
				c->user = word[++i].text;
			continue;
		}
		for (size_t k = 1; k < w.n; k++) {
			if (str_chr(str_c(values), w.p[k], 0) == SIZE_MAX)
				continue;
			if (k + 1 == w.n && i + 1 < n)
				i++;
			if (w.p[k] == 'u' && k + 1 == w.n && !word[i].computed && strchr(values, 'g') != NULL)
				c->user = word[i].text;
			break;
		}
	}
	return i;
}

static void
shell_text(struct start_ctx *c, const struct shword *w)
{
	if (++c->depth <= DEPTH_MAX && !w->computed)
		(void)start_shell(c, w->text, w->line);
}

/* sh -c TEXT, or a script of its own. */
static void
shell_words(struct start_ctx *c, const struct shword *word, size_t n)
{
	bool text = false;

	for (size_t i = 1; i < n; i++) {
		struct str w = word[i].text;

		if (w.n > 1 && w.p[0] == '-') {
			text |= w.p[1] != '-' && w.p[w.n - 1] == 'c';
			i += w.p[w.n - 1] == 'o' || w.p[w.n - 1] == 'O';
			continue;
		}
		if (text)
			shell_text(c, &word[i]);
		else if (w.n > 1 && w.p[0] == '/' && !word[i].computed)
			start_file(c, w, word[i].line);
		return;
	}
}

/* su [-] [NAME] -c TEXT, in any order. */
static void
su_words(struct start_ctx *c, const struct shword *word, size_t n)
{
	const struct shword *text = NULL;

	for (size_t i = 1; i < n; i++) {
		struct str w = word[i].text;
		char last = w.n > 1 ? w.p[w.n - 1] : '\0';

		if (w.n == 0 || w.p[0] != '-')
			c->user = w;
		else if ((last == 'c' || str_eqc(w, "--command")) && i + 1 < n)
			text = &word[++i];
		else
			i += last == 's';
	}
	if (text != NULL)
		shell_text(c, text);
}

/* start-stop-daemon --start [-c USER] [-b] --exec PROGRAM -- WORDS. */
static void
start_stop_words(struct start_ctx *c, const struct shword *word, size_t n, bool cut)
{
	const struct shword *program = NULL;
	size_t i;

	for (i = 1; i < n && !str_eqc(word[i].text, "--"); i++) {
		struct str w = word[i].text;

		if (str_eqc(w, "--stop") || str_eqc(w, "-K"))
			return;
		if (i + 1 == n)
			break;
		if (str_eqc(w, "--exec") || str_eqc(w, "-x") || str_eqc(w, "--startas") || str_eqc(w, "-a"))
			program = &word[++i];
		else if (str_eqc(w, "--chuid") || str_eqc(w, "-c") || str_eqc(w, "--user") || str_eqc(w, "-u"))
			c->user = str_head(word[i + 1].text, str_chr(word[i + 1].text, ':', 0)), i++;
	}
	if (program == NULL)
		return;
	if (str_eqc(program_of(program), "autossh"))
		start_ssh(c, word + (i < n ? i + 1 : n), i < n ? n - i - 1 : 0, true, cut);
	else if (str_eqc(program_of(program), "ssh"))
		start_ssh(c, word + (i < n ? i + 1 : n), i < n ? n - i - 1 : 0, false, cut);
}

void
start_file(const struct start_ctx *c, struct str path, uint32_t line)
{
	struct start *s;

	if (c->kind == START_SCRIPT || c->signals_only)
		return;
	s = start_add(c, START_FILE, line);
	if (s != NULL)
		s->path = arena_str(c->a, path);
}

static const struct wrapper *
find_wrapper(struct str name)
{
	for (size_t i = 0; i < COUNT(wrappers); i++)
		if (str_eqc(name, wrappers[i].name))
			return &wrappers[i];
	return NULL;
}

/* The program itself stands at word[0]. */
static void
program_words(struct start_ctx *c, const struct shword *word, size_t n, bool cut)
{
	struct str name = program_of(&word[0]);

	if (str_eqc(name, "autossh") || str_eqc(name, "ssh")) {
		if (!c->signals_only)
			start_ssh(c, word + 1, n - 1, name.n == 7, cut);
		return;
	}
	if (str_eqc(name, "killall") || str_eqc(name, "pkill") || str_eqc(name, "skill")) {
		kill_words(c, word, n, false);
		return;
	}
	if (str_eqc(name, "kill")) {
		kill_words(c, word, n, true);
		return;
	}
	if (str_eqc(name, "start-stop-daemon")) {
		start_stop_words(c, word, n, cut);
		return;
	}
	if (str_eqc(name, "su") || str_eqc(name, "runuser")) {
		su_words(c, word, n);
		return;
	}
	if (str_eqc(name, "tmux") && n > 2) {
		size_t i = skip_options(c, word, 2, n, "nscxyFet");

		if (i + 1 == n)
			shell_text(c, &word[i]);
		else if (i < n)
			program_words(c, word + i, n - i, cut);
		return;
	}
	for (size_t i = 0; i < COUNT(shells); i++)
		if (str_eqc(name, shells[i])) {
			shell_words(c, word, n);
			return;
		}
	if (word[0].text.n > 1 && word[0].text.p[0] == '/' && !word[0].computed)
		start_file(c, word[0].text, word[0].line);
}

void
start_words(const struct start_ctx *c, const struct shword *word, size_t n, bool cut)
{
	struct start_ctx own = *c;
	struct start_env env = *c->env;
	size_t i = 0;

	own.env = &env;
	while (i < n) {
		size_t eq = shword_assigns(&word[i]);
		const struct wrapper *w;

		if (eq > 0) {
			env_set(&env, str_head(word[i].text, eq), str_from(word[i].text, eq + 1), !word[i].computed);
			i++;
			continue;
		}
		w = find_wrapper(program_of(&word[i]));
		if (w == NULL) {
			/* runuser -u NAME -- COMMAND */
			if (str_eqc(program_of(&word[i]), "runuser") && i + 1 < n && str_eqc(word[i + 1].text, "-u")) {
				i = skip_options(&own, word, i + 1, n, "ugG");
				continue;
			}
			program_words(&own, word + i, n - i, cut);
			return;
		}
		i = skip_options(&own, word, i + 1, n, w->values);
		for (unsigned k = 0; k < w->operands && i < n; k++)
			i++;
	}
}

struct start *
start_add(const struct start_ctx *c, enum start_program program, uint32_t line)
{
	struct starts *out = c->out;
	struct start *s;

	if (out->n >= STARTS_MAX) {
		out->toomany = true;
		return NULL;
	}
	MEM_GROW(out->v, out->cap, out->n + 1);
	s = &out->v[out->n++];
	*s = (struct start){ .file = c->from->file,
		.line = line,
		.kind = c->kind,
		.program = program,
		.user = c->user.n > 0 ? arena_str(c->a, c->user) : (struct str){ 0 },
		.unattended = c->unattended,
		.loop = c->loop,
		.periodic = c->periodic,
		.guarded = c->guarded,
		.unit = c->unit,
		.config_vague = c->config_vague,
		.env = *c->env };
	return s;
}
