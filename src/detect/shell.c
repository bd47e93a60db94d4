/* SPDX-License-Identifier: MIT */
/*
 * TMOUT of the login shell, as its start files set it.  The files are read in the order of an ssh login; the
 * last assignment wins, but the first readonly one ends it.  A value that the shell computes is not known.
 * Source: bash(1) INVOCATION and TMOUT, zshall(1) STARTUP/SHUTDOWN FILES and TMOUT, pam_env(8).
 */
#include "detect/parts.h"

#include <limits.h>
#include <string.h>

#include "base/shlex.h"

enum family { SH, ZSH, NO_TMOUT };

struct tmout {
	struct det *d;
	enum family family;
	struct str file;   /* being read */
	size_t n_read;	   /* files that exist and were read */
	struct str denied; /* a file that exists and could not be read */
	const char *denied_why;
	bool set, computed, readonly, trapped;
	double num;	    /* seconds; 0: off */
	struct str at_file; /* of the assignment */
	uint32_t at_line;
};

/* Path of file below the home; shell start files of one login, in order. */
#define HOME "~/"
static const char *const sh_file[] = { "/etc/environment", "/etc/profile", "/etc/bash.bashrc", "/etc/bashrc" };
static const char *const sh_login[] = { HOME ".bash_profile", HOME ".bash_login", HOME ".profile" };
static const char *const sh_rc[] = { HOME ".bashrc" };
static const char *const zsh_file[] = {
	"/etc/environment",
	"/etc/zsh/zshenv",
	"/etc/zshenv",
	HOME ".zshenv",
	"/etc/zsh/zprofile",
	"/etc/zprofile",
	HOME ".zprofile",
	"/etc/zsh/zshrc",
	"/etc/zshrc",
	HOME ".zshrc",
	"/etc/zsh/zlogin",
	"/etc/zlogin",
	HOME ".zlogin",
};
#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static bool
is_word(const struct shword *w, const char *text)
{
	return str_eqc(w->text, text);
}

/* A plain number, as atoi in the shells takes it: a negative one is off.  False: it is none. */
static bool
number(struct str s, double *ret)
{
	bool minus;
	uint64_t v = 0;

	s = str_trim(s);
	minus = str_starts(s, STR("-"));
	if (minus)
		s = str_from(s, 1);
	if (s.n > 0 && num_uint(s, INT_MAX, &v, NULL) != SK_OK)
		return false;
	*ret = minus ? 0 : (double)v;
	return true;
}

static bool
locked(struct tmout *t, uint32_t line)
{
	if (!t->readonly)
		return false;
	det_note(t->d, "%s:%u: TMOUT is set again, but %s:%u made it readonly", t->file.p, (unsigned)line, t->at_file.p,
	    (unsigned)t->at_line);
	return true;
}

static void
assign(struct tmout *t, const struct shcommand *c, const struct shword *w, struct str value)
{
	double v = 0;

	if (locked(t, w->line))
		return;
	t->set = true;
	t->computed = w->computed || !number(value, &v);
	t->num = v;
	t->at_file = t->file;
	t->at_line = w->line;
	if (t->computed)
		det_note(t->d, "%s:%u: TMOUT is not a plain number there: its value is unknown", t->file.p,
		    (unsigned)w->line);
	else if (c->conditional)
		det_note(
		    t->d, "%s:%u: TMOUT is set under a condition; it is taken to hold", t->file.p, (unsigned)w->line);
}

/* "TMOUT=..." whose name is not quoted; quoted is right as the argument of export and the like. */
static bool
is_assignment(const struct shword *w, bool quoted, struct str *ret_value)
{
	if (!str_starts(w->text, STR("TMOUT=")) || (!quoted && w->bare < 6))
		return false;
	*ret_value = str_from(w->text, 6);
	return true;
}

/* Is every word an assignment?  Otherwise they hold for that one command only. */
static bool
all_assignments(const struct shcommand *c)
{
	size_t i, eq;

	for (i = 0; i < c->n; i++) {
		eq = str_chr(c->word[i].text, '=', 0);
		if (eq == SIZE_MAX || eq == 0 || c->word[i].bare < eq + 1)
			return false;
	}
	return c->n > 0;
}

/* export, readonly, declare, typeset: assignments and attributes. */
static void
declaration(struct tmout *t, const struct shcommand *c, size_t from)
{
	bool export = is_word(&c->word[from], "export"), readonly = is_word(&c->word[from], "readonly");
	const struct shword *w;
	struct str value;
	size_t i;

	for (i = from + 1; i < c->n; i++) {
		w = &c->word[i];
		if (str_starts(w->text, STR("-"))) {
			readonly = readonly || (!export && str_chr(w->text, 'r', 1) != SIZE_MAX);
			continue;
		}
		if (is_assignment(w, true, &value))
			assign(t, c, w, value);
		else if (!is_word(w, "TMOUT"))
			continue;
		if (readonly && t->set)
			t->readonly = true;
	}
}

static void
unset(struct tmout *t, const struct shcommand *c)
{
	size_t i;

	for (i = 1; i < c->n; i++) {
		if (is_word(&c->word[i], "-f"))
			return;
		if (is_word(&c->word[i], "TMOUT") && !locked(t, c->word[i].line))
			t->set = t->computed = false;
	}
}

/* ": ${TMOUT:=900}" sets it in an expansion. */
static bool
sets_by_expansion(const struct shword *w)
{
	return w->computed &&
	    (str_find(w->text, STR("${TMOUT:=")) != SIZE_MAX || str_find(w->text, STR("${TMOUT=")) != SIZE_MAX);
}

static bool
on_command(void *ctx, const struct shcommand *c)
{
	static const char *const declare[] = { "export", "readonly", "declare", "typeset" };
	struct tmout *t = ctx;
	struct str value;
	size_t i, from;

	for (i = 0; i < c->n; i++) {
		if (sets_by_expansion(&c->word[i]) && !t->set)
			assign(t, c, &c->word[i], STR(""));
	}
	if (all_assignments(c)) {
		for (i = 0; i < c->n; i++) {
			if (is_assignment(&c->word[i], false, &value))
				assign(t, c, &c->word[i], value);
			else if (str_starts(c->word[i].text, STR("TMOUT+=")))
				assign(t, c, &c->word[i], STR("+"));
		}
		return true;
	}
	from = is_word(&c->word[0], "builtin") || is_word(&c->word[0], "command") ? 1 : 0;
	for (i = 0; from < c->n && i < COUNT(declare); i++) {
		if (is_word(&c->word[from], declare[i])) {
			declaration(t, c, from);
			return true;
		}
	}
	if (is_word(&c->word[0], "unset"))
		unset(t, c);
	/* a plain return or exit ends the file, one under a condition may not */
	return !(c->top && !c->conditional && (is_word(&c->word[0], "return") || is_word(&c->word[0], "exit")));
}

/* Read one start file.  False when it does not exist. */
static bool
read_file(struct tmout *t, const char *file)
{
	struct det *d = t->d;
	struct arena words = { .head = NULL };
	struct buf b = { .p = NULL };
	struct err e = { .code = SK_OK };
	enum sk_code code;

	if (strncmp(file, HOME, 2) == 0)
		t->file = arena_printf(d->a, "%s/%s", d->o->home, file + 2);
	else
		t->file = arena_str(d->a, str_c(file));
	code = root_read(&d->root, t->file.p, ROOT_TEXT_MAX, &b, &e);
	if (code == SK_ENOENT)
		return false;
	if (code != SK_OK) {
		t->denied = t->file;
		t->denied_why = arena_strz(d->a, str_c(e.msg));
		det_note(d, "%s: %s: a TMOUT in it would not be seen", t->file.p, e.msg);
		return true;
	}
	t->n_read++;
	if (!shlex(&words, buf_str(&b), on_command, t))
		det_note(
		    d, "%s: a quote or parenthesis is never closed: a TMOUT behind it would not be seen", t->file.p);
	if (t->family == ZSH && str_find(buf_str(&b), STR("TRAPALRM")) != SIZE_MAX)
		t->trapped = true;
	arena_release(&words);
	buf_release(&b);
	return true;
}

void
detect_tmout(struct arena *a, struct str file, struct str text, bool zsh, struct facts *ret)
{
	struct det d = { .a = a, .f = ret };
	struct tmout t = { .d = &d, .family = zsh ? ZSH : SH, .file = file };

	(void)shlex(a, text, on_command, &t);
	if (t.set && !t.computed && !(zsh && str_find(text, STR("TRAPALRM")) != SIZE_MAX))
		det_num(&d, FACT_TMOUT, t.num == 0 ? INFINITY : t.num, t.at_file, t.at_line);
}

/* /etc/profile.d/NAME.sh, in the order of the names. */
static void
read_profile_d(struct tmout *t)
{
	static const char dir[] = "/etc/profile.d";
	struct det *d = t->d;
	struct err e = { .code = SK_OK };
	struct str *name = NULL;
	enum sk_code code;
	size_t i, n = 0;

	code = root_list(&d->root, dir, d->a, &name, &n, &e);
	if (code != SK_OK && code != SK_ENOENT) {
		t->denied = str_c(dir);
		t->denied_why = arena_strz(d->a, str_c(e.msg));
		det_note(d, "%s: %s: a TMOUT in it would not be seen", dir, e.msg);
	}
	for (i = 0; i < n; i++) {
		if (str_ends(name[i], STR(".sh")))
			(void)read_file(t, arena_printf(d->a, "%s/%s", dir, name[i].p).p);
	}
}

static void
read_files(struct tmout *t, const char *const *file, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		(void)read_file(t, file[i]);
}

static void
read_all(struct tmout *t, enum family family)
{
	size_t i;

	t->family = family;
	if (family == ZSH) {
		read_files(t, zsh_file, COUNT(zsh_file));
		return;
	}
	read_files(t, sh_file, COUNT(sh_file));
	read_profile_d(t);
	for (i = 0; i < COUNT(sh_login) && !read_file(t, sh_login[i]); i++)
		;
	read_files(t, sh_rc, COUNT(sh_rc));
}

/* The login shell of the user, from the password file: "" when it cannot be found. */
static struct str
login_shell(struct det *d, uint32_t *ret_line)
{
	struct buf b = { .p = NULL };
	struct str text, line, field[7], shell = { NULL, 0 };
	uint32_t at = 0;
	uint64_t uid;
	size_t n;

	if (root_read(&d->root, "/etc/passwd", ROOT_TEXT_MAX, &b, NULL) != SK_OK)
		return shell;
	text = buf_str(&b);
	while (det_next_line(&text, &line, &at)) {
		for (n = 0; n < 7 && str_split(&line, ':', &field[n]); n++)
			;
		if (n < 7 || num_uint(field[2], UINT32_MAX, &uid, NULL) != SK_OK || uid != d->o->uid)
			continue;
		shell = arena_str(d->a, str_trim(field[6]));
		*ret_line = at;
		break;
	}
	buf_release(&b);
	return shell;
}

static bool
shell_is(struct str path, const char *name)
{
	struct str n = str_c(name);

	if (path.n <= n.n)
		return str_eq(path, n);
	return str_ends(path, n) && path.p[path.n - n.n - 1] == '/';
}

static enum family
family_of(struct str shell)
{
	static const char *const none[] = { "fish", "csh", "tcsh", "nologin", "false" };
	size_t i;

	for (i = 0; i < COUNT(none); i++) {
		if (shell_is(shell, none[i]))
			return NO_TMOUT;
	}
	return shell_is(shell, "zsh") ? ZSH : SH;
}

/* What else the shell does at that time (idle-timeouts 2.5). */
static void
remarks(struct tmout *t, struct str shell)
{
	if (!t->set || t->computed || t->num == 0)
		return;
	if (t->family == ZSH && t->trapped) {
		det_note(t->d, "TMOUT of %s:%u calls TRAPALRM and logs nobody out", t->at_file.p, (unsigned)t->at_line);
		t->num = 0;
	}
	if (shell_is(shell, "ksh") || shell_is(shell, "mksh") || shell_is(shell, "ksh93"))
		det_note(t->d, "ksh warns when TMOUT is over and leaves a minute more");
}

void
det_shell(struct det *d)
{
	struct tmout t = { .d = d };
	uint32_t line = 0;
	struct str shell = login_shell(d, &line);
	enum family family = family_of(shell);

	if (family == NO_TMOUT) {
		if (shell_is(shell, "csh") || shell_is(shell, "tcsh"))
			det_note(d, "csh and tcsh may log out by autologout, which is not looked at");
		det_num(d, FACT_TMOUT, INFINITY, STR("/etc/passwd"), line);
		return;
	}
	read_all(&t, family);
	if (shell.n == 0 && !t.set) { /* whose shell is not known: zsh's files may say something, too */
		struct tmout z = { .d = d };

		read_all(&z, ZSH);
		if (z.set || (t.n_read == 0 && t.denied.n == 0))
			t = z;
	}
	remarks(&t, shell);
	if (t.set && t.computed)
		det_unknown(d, FACT_TMOUT, arena_printf(d->a, "%s:%u", t.at_file.p, (unsigned)t.at_line),
		    "the shell computes it");
	else if (t.set)
		det_num(d, FACT_TMOUT, t.num == 0 ? INFINITY : t.num, t.at_file, t.at_line);
	else if (t.denied.n > 0)
		det_unknown(d, FACT_TMOUT, t.denied, t.denied_why);
	else if (t.n_read == 0)
		det_unknown(d, FACT_TMOUT, STR("/etc/profile"), "no start file of a shell is here");
	else
		det_num(d, FACT_TMOUT, INFINITY, STR("shell start files"), 0);
}
