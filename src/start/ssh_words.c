/* SPDX-License-Identifier: MIT */
/*
 * The words of ssh and autossh.  Source: ssh.c main() of 9.2 (getopt, and again behind the host); autossh reference
 * sections 1 and 3.
 */
#include <string.h>

#include "start/parts.h"

#define SSH_VALUES "bceilmopBDEFIJLOPQRSwW"
enum { LINES_MAX = 256 };

struct reading {
	const struct start_ctx *c;
	struct start *s;
	const struct shword *word;
	size_t n, i;
	bool autossh, host_seen, no_connection;
};

static struct str
keyword_of(struct str line)
{
	size_t n = 0;

	line = str_trim(line);
	while (n < line.n && line.p[n] != '=' && line.p[n] != ' ' && line.p[n] != '\t')
		n++;
	return str_head(line, n);
}

static void
add_line(struct reading *r, struct str line, bool computed)
{
	struct start *s = r->s;
	struct str keyword = keyword_of(line);

	if (s->n_line_o + s->n_vague >= LINES_MAX) {
		s->complete = false;
		return;
	}
	/* more lines than one, or ssh refuses it: that depends on its version */
	if (str_chr(line, '\n', 0) != SIZE_MAX) {
		s->complete = false;
		return;
	}
	if (!computed) {
		s->line_o[s->n_line_o++] = line;
		return;
	}
	/* "$X" may be any line */
	if (keyword.n == 0 || str_chr(keyword, '$', 0) != SIZE_MAX || str_chr(keyword, '`', 0) != SIZE_MAX) {
		s->complete = false;
		return;
	}
	for (size_t i = 0; i < s->n_line_o; i++)
		if (str_ieq(keyword_of(s->line_o[i]), keyword))
			return;
	s->vague[s->n_vague++] = keyword;
}

static void
add_keyword(struct reading *r, const char *keyword, struct str value, bool computed)
{
	add_line(r, arena_printf(r->c->a, "%s=%.*s", keyword, STR_ARG(value)), computed);
}

/* autossh -f works in /, so these must be absolute. */
static void
note_path(struct reading *r, char letter, struct str value)
{
	if (r->s->relative.n == 0 && value.n > 0 && strchr("/~$%`", value.p[0]) == NULL && !str_ieqc(value, "none"))
		r->s->relative = arena_printf(r->c->a, "-%c %.*s", letter, STR_ARG(value));
}

/* The same as a config line; -i and -S are what note_path() sees. */
static void
note_path_line(struct reading *r, struct str line)
{
	static const char *const paths[] = { "IdentityFile", "ControlPath", "UserKnownHostsFile", "CertificateFile" };
	struct str keyword = keyword_of(line), value = str_from(str_trim(line), keyword.n);

	while (value.n > 0 && strchr("= \t\"", value.p[0]) != NULL)
		value = str_from(value, 1);
	if (r->s->relative.n > 0 || value.n == 0 || strchr("/~$%`", value.p[0]) != NULL || str_ieqc(value, "none"))
		return;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (str_ieqc(keyword, paths[i]))
			r->s->relative = arena_printf(r->c->a, "-o %.*s", STR_ARG(line));
}

static void
note_forward(struct start *s, char letter, struct str value)
{
	/* in their order, each mixed once more by FNV's prime */
	s->forward_hash = (s->forward_hash ^ str_hash(value) ^ (unsigned char)letter) * 1099511628211U;
	s->n_forward++;
}

static void
option_value(struct reading *r, char letter, struct str value, bool computed)
{
	struct start *s = r->s;

	if (strchr("iFES", letter) != NULL)
		note_path(r, letter, value);
	switch (letter) {
	case 'o':
		note_path_line(r, value);
		add_line(r, value, computed);
		break;
	case 'p':
		add_keyword(r, "Port", value, computed);
		break;
	case 'J':
		add_keyword(r, "ProxyJump", value, computed);
		break;
	case 'S':
		add_keyword(r, "ControlPath", value, computed);
		break;
	case 'F':
		s->config = value;
		s->config_vague = computed;
		break;
	case 'l':
		s->login = computed ? s->login : value;
		break;
	case 'L':
	case 'D':
	case 'w':
		note_forward(s, letter, value);
		break;
	case 'R':
		note_forward(s, letter, value);
		s->n_remote++;
		break;
	case 'O':
	case 'Q':
	case 'W':
		r->no_connection = true;
		break;
	default:
		break;
	}
}

static void
option_flag(struct reading *r, char letter)
{
	struct start *s = r->s;

	switch (letter) {
	case 'N':
		s->no_command = true;
		break;
	case 'f':
		s->background = true;
		break;
	case 'M':
		if (!s->master)
			add_line(r, STR("ControlMaster=yes"), false);
		s->master = true;
		break;
	case 'G':
	case 'V':
		r->no_connection = true;
		break;
	default:
		break;
	}
}

/*
 * Does autossh's getopt move an option ahead of the word at i?  It takes that word, the value of a letter that it does
 * not know, for an operand, and operands go behind the options, up to --.
 */
static bool
option_follows(const struct reading *r, size_t i)
{
	for (i++; i < r->n && !str_eqc(r->word[i].text, "--"); i++)
		if (r->word[i].text.n > 1 && r->word[i].text.p[0] == '-')
			return true;
	return false;
}

/* What comes behind the value of -J or -P decides whether autossh's getopt breaks it. */
static void
note_old_getopt(struct reading *r, char letter, struct str word, bool glued)
{
	struct start *s = r->s;

	if (!r->autossh || s->dashes)
		return;
	if (strchr("JPB", letter) == NULL)
		return;
	glued |= r->host_seen || option_follows(r, r->i);
	if (letter == 'J' && s->jump.n == 0 && glued)
		s->jump = word;
	if (s->new_option.n == 0 && (letter == 'B' || (letter == 'P' && glued)))
		s->new_option = word;
}

/* -M of autossh, which it knows at the start of a word only. */
static bool
monitor_option(struct reading *r, size_t at)
{
	struct start *s = r->s;
	struct str word = r->word[r->i].text, value = str_from(word, at + 1);
	bool computed = r->word[r->i].computed;

	if (!r->autossh || s->dashes || r->host_seen)
		return false;
	if (at > 1)
		s->cluster = word;
	if (value.n == 0 && r->i + 1 < r->n) {
		value = r->word[++r->i].text;
		computed = r->word[r->i].computed;
	}
	s->monitor = (struct start_var){ .set = true, .known = !computed, .value = value };
	s->monitor_by_word = true;
	return true;
}

/* A word that begins with "-". */
static void
option_word(struct reading *r)
{
	struct str word = r->word[r->i].text;
	bool computed = r->word[r->i].computed;

	for (size_t k = 1; k < word.n; k++) {
		char c = word.p[k];
		struct str value = str_from(word, k + 1);

		if (c == 'M' && monitor_option(r, k))
			return;
		if (strchr(SSH_VALUES, c) == NULL || c == '\0') {
			/* "-$FLAGS" may be anything */
			if (c == '$' || c == '`') {
				r->s->complete = false;
				return;
			}
			option_flag(r, c);
			continue;
		}
		if (value.n == 0 && r->i + 1 < r->n) {
			value = r->word[++r->i].text;
			computed = r->word[r->i].computed;
			note_old_getopt(r, c, word, false);
		} else {
			note_old_getopt(r, c, word, true);
		}
		option_value(r, c, value, computed);
		return;
	}
}

/* May the computed word hold more than one word, or options? */
static bool
may_be_options(const struct reading *r)
{
	const struct shword *w = &r->word[r->i];

	if (!w->computed || w->bare > 0 || str_chr(w->text, '@', 1) != SIZE_MAX)
		return w->computed && (str_eqc(w->text, "$@") || str_find(w->text, STR("[@]")) != SIZE_MAX);
	return r->i + 1 < r->n || str_eqc(w->text, "$*");
}

static void
operand(struct reading *r)
{
	struct start *s = r->s;
	const struct shword *w = &r->word[r->i];

	if (may_be_options(r)) {
		s->complete = false;
		return;
	}
	if (!r->host_seen) {
		r->host_seen = true;
		if (!w->computed)
			s->host = w->text;
		return;
	}
	s->command = true;
	for (; r->i < r->n; r->i++) {
		struct str word = r->word[r->i].text;
		bool option = word.n > 1 && word.p[0] == '-';

		if (r->autossh && option && s->remote_word.n == 0 && (!s->dashes || str_chr(word, 'f', 1) != SIZE_MAX))
			s->remote_word = word;
	}
}

static void
read_words(struct reading *r)
{
	bool ended = false;

	for (r->i = 0; r->i < r->n; r->i++) {
		const struct shword *w = &r->word[r->i];

		if (!ended && str_eqc(w->text, "--")) {
			if (r->autossh && !r->s->dashes && !r->host_seen)
				r->s->dashes = true;
			else
				ended = true;
			continue;
		}
		if (!ended && w->text.n > 1 && w->text.p[0] == '-')
			option_word(r);
		else
			operand(r);
		if (r->s->complete)
			r->s->n_sure = r->s->n_line_o;
	}
}

static void
copy_var(struct start_var *to, const struct start_var *from)
{
	if (!to->set)
		*to = *from;
}

void
start_ssh(const struct start_ctx *c, const struct shword *word, size_t n, bool autossh, bool cut)
{
	struct reading r = { .c = c, .word = word, .n = n, .autossh = autossh };
	struct start *s = start_add(c, autossh ? START_AUTOSSH : START_SSH, n > 0 ? word[0].line : 0);
	size_t room = n + 2 < LINES_MAX ? 2 * n + 4 : LINES_MAX + 2;

	if (s == NULL)
		return;
	/* the program's own word, which is always there */
	s->line = word[-1].line;
	s->complete = !cut;
	s->line_o = ARENA_ARRAY(c->a, struct str, room);
	s->vague = ARENA_ARRAY(c->a, struct str, room);
	r.s = s;
	read_words(&r);
	if (autossh && (!s->env.var[VAR_PORT].known || s->env.var[VAR_PORT].value.n > 0))
		copy_var(&s->monitor, &s->env.var[VAR_PORT]);
	if (autossh && s->env.var[VAR_PIDFILE].known && s->env.var[VAR_PIDFILE].value.n > 0 &&
	    s->env.var[VAR_PIDFILE].value.p[0] != '/')
		s->relative = arena_printf(c->a, "AUTOSSH_PIDFILE=%.*s", STR_ARG(s->env.var[VAR_PIDFILE].value));
	/* ssh -O, -Q, -G, -V, -W, and a bare usage line are no connections of their own */
	if (r.no_connection || (!r.host_seen && s->complete))
		c->out->n--;
}
