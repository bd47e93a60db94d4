/* SPDX-License-Identifier: MIT */
/* The command line of ssh, read as ssh reads it, and the titles of sshd. */
#include "live/args.h"

#include <string.h>

/* sshd.c: those of sshd; of 10.x, and what older releases had. */
static const char sshd_takes_value[] = "bcfghkopuCE";
static const char sshd_takes_none[] = "46deiqrtDGQRTVS";

/* ssh.c: options with an argument, and those without; of 10.x, and what older releases had. */
static const char takes_value[] = "bceilmopBDEFIJLOPQRSwW";
static const char takes_none[] = "1246afgknqstvxACGKMNTVXYy";

/*
 * Any user chooses these texts, and root reads them.  A title of sshd has at most 1024 bytes (bsd-setproctitle.c), and
 * nobody gives so many settings by hand.
 */
enum { TITLE_MAX = 8 * 1024, LINES_MAX = 256 };

struct reader {
	struct arena *a;
	const struct str *arg;
	size_t n, at;
	struct str cwd;
	struct live_args *out;
	bool master; /* -M was seen */
	bool port;   /* a line sets Port */
	bool full;   /* there were more than LINES_MAX */
};

static void
push_line(struct opt_list *lines, struct opt_list *words, const char *letter, struct str line, struct str value)
{
	lines->v[lines->n++] = line;
	words->v[words->n++] = str_c(letter);
	words->v[words->n++] = value;
}

static void
make_lists(struct arena *a, struct opt_list *lines, struct opt_list *words)
{
	lines->v = ARENA_ARRAY(a, struct str, LINES_MAX);
	words->v = ARENA_ARRAY(a, struct str, 2 * LINES_MAX);
}

static void
add_line(struct reader *r, const char *letter, struct str value, const char *keyword)
{
	struct live_args *o = r->out;

	if (o->line.n == LINES_MAX) {
		r->full = true;
		return;
	}
	if (o->line.v == NULL)
		make_lists(r->a, &o->line, &o->word);
	push_line(&o->line, &o->word, letter,
	    keyword != NULL ? arena_printf(r->a, "%s=%.*s", keyword, STR_ARG(value)) : value, value);
}

static bool
sets(struct str line, const char *keyword)
{
	struct str t = str_trim(line);
	size_t k = strlen(keyword);

	return t.n > k && str_ieqc(str_head(t, k), keyword) && (t.p[k] == '=' || t.p[k] == ' ' || t.p[k] == '\t');
}

static bool
is_relative(struct str file)
{
	return file.n > 0 && file.p[0] != '/' && !str_ieqc(file, "none");
}

static enum sk_code
take_value(struct reader *r, char letter, struct str value, struct err *e)
{
	struct live_args *o = r->out;

	switch (letter) {
	case 'F':
		if (is_relative(value) && r->cwd.n == 0)
			return err_set(e, SK_ESYNTAX, "its -F is relative to a folder that cannot be read");
		o->file = value;
		break;
	case 'l':
		if (o->login.p == NULL)
			o->login = value;
		break;
	case 'o':
		o->user_line |= sets(value, "User") && o->login.p == NULL;
		r->port |= sets(value, "Port");
		add_line(r, "-o", value, NULL);
		break;
	case 'p':
		/* Once the port is set ssh does not look at a further -p. */
		if (!r->port)
			add_line(r, "-p", value, "Port");
		r->port = true;
		break;
	case 'J':
		add_line(r, "-J", value, "ProxyJump");
		break;
	case 'S':
		value = arena_printf(r->a, "ControlPath=%.*s", STR_ARG(value));
		add_line(r, "-o", value, NULL);
		break;
	case 'W':
		o->is_stdio = true;
		break;
	default: /* the others say nothing of keepalives */
		break;
	}
	return SK_OK;
}

/* One word that starts with a dash: letters, the last of which may take the rest of the word or the next one. */
static enum sk_code
take_word(struct reader *r, struct err *e)
{
	struct str w = r->arg[r->at++];

	for (size_t i = 1; i < w.n; i++) {
		char c = w.p[i];
		struct str value = str_from(w, i + 1);

		if (c != '\0' && strchr(takes_none, c) != NULL) {
			/* -M, which may be repeated: told once */
			if (c == 'M' && !r->master)
				add_line(r, "-o", STR("ControlMaster=yes"), NULL);
			r->master |= c == 'M';
			continue;
		}
		if (c == '\0' || strchr(takes_value, c) == NULL)
			return err_set(e, SK_ESYNTAX, "its command line holds an option that ssh does not have");
		if (value.n == 0) {
			if (r->at == r->n)
				return err_set(e, SK_ESYNTAX, "its command line ends in an option without its value");
			value = r->arg[r->at++];
		}
		return take_value(r, c, value, e);
	}
	return SK_OK;
}

/* "ssh: /path/to/socket [mux]" */
static bool
mux_title(const struct str *arg, size_t n, struct str *ret)
{
	struct str t = n == 1 ? arg[0] : STR(""), head = STR("ssh: "), tail = STR(" [mux]");

	if (t.n <= head.n + tail.n || !str_starts(t, head) || !str_ends(t, tail))
		return false;
	*ret = str_head(str_from(t, head.n), t.n - head.n - tail.n);
	return true;
}

enum sk_code
live_args(struct arena *a, const struct str *arg, size_t n, struct str cwd, struct live_args *ret, struct err *e)
{
	struct live_args out = { 0 };
	struct reader r = { .a = a, .arg = arg, .n = n, .at = 1, .cwd = cwd, .out = &out };
	enum sk_code code = SK_OK;

	if (n == 0)
		return err_set(e, SK_ESYNTAX, "its command line cannot be read");
	if (mux_title(arg, n, &out.mux_path)) {
		*ret = out;
		return SK_OK;
	}
	/* Options, the host, and options again: the first word behind them is the command. */
	while (r.at < n && code == SK_OK) {
		struct str w = arg[r.at];

		if (str_eqc(w, "--")) {
			r.at++;
			if (out.host.p == NULL && r.at < n)
				out.host = arg[r.at];
			break;
		}
		if (w.n > 1 && w.p[0] == '-') {
			code = take_word(&r, e);
			continue;
		}
		if (out.host.p != NULL)
			break;
		out.host = w;
		r.at++;
	}
	if (code == SK_OK && out.host.n == 0)
		code = err_set(e, SK_ESYNTAX, "its command line names no host");
	if (code == SK_OK && r.full)
		code = err_set(e, SK_ESYNTAX, "its command line has more than %d settings", (int)LINES_MAX);
	if (code != SK_OK)
		return code;
	/* (once: each of many -F joined with a long folder would take the memory that its user wants) */
	if (is_relative(out.file))
		out.file = arena_printf(a, "%.*s/%.*s", STR_ARG(cwd), STR_ARG(out.file));
	*ret = out;
	return code;
}

void
live_title(struct str title, struct live_title *ret)
{
	struct live_title out = { .is_login = true };
	size_t colon = str_find(title, STR(": ")), end;
	struct str rest = str_from(title, colon == SIZE_MAX ? title.n : colon + 2);

	out.is_listener = str_find(rest, STR("[listener]")) != SIZE_MAX;
	out.is_monitor = str_ends(rest, STR(" [priv]"));
	if (!out.is_listener) {
		/* NAME@pts/0, NAME@notty, NAME [priv]; before the login "NAME [net]", "[accepted]", "unknown [priv]" */
		end = SIZE_MAX;
		for (size_t i = str_chr(rest, '@', 0); i != SIZE_MAX; i = str_chr(rest, '@', i + 1))
			end = i;
		out.is_login = end == SIZE_MAX && !out.is_monitor;
		if (end == SIZE_MAX && out.is_monitor)
			end = rest.n - strlen(" [priv]");
		if (end != SIZE_MAX)
			out.user = str_head(rest, end);
	}
	*ret = out;
}

/* The option with a value in word w, a group of letters: *ret_at is where the value would start in it; '\0': none. */
static enum sk_code
listener_option(struct str w, char *ret, size_t *ret_at, struct err *e)
{
	*ret = '\0';
	for (size_t i = 1; i < w.n; i++) {
		char c = w.p[i];

		if (c != '\0' && strchr(sshd_takes_none, c) != NULL)
			continue;
		if (c == '\0' || strchr(sshd_takes_value, c) == NULL)
			return err_set(e, SK_ESYNTAX, "the arguments of its listener cannot be told apart");
		*ret = c;
		*ret_at = i + 1;
		break;
	}
	return SK_OK;
}

static enum sk_code
listener_value(struct live_listener *o, char letter, struct str value, struct err *e)
{
	if (value.n == 0)
		return err_set(e, SK_ESYNTAX, "the arguments of its listener cannot be told apart");
	if (letter == 'f') {
		/* it goes to / by itself, so that nothing tells any more where it was started */
		if (value.p[0] != '/' && !str_ieqc(value, "none"))
			return err_set(e, SK_ESYNTAX,
			    "its listener was started with a file relative to a folder that is not known");
		o->file = value;
	}
	if (letter == 'o' && o->line.n == LINES_MAX)
		return err_set(e, SK_ESYNTAX, "its listener has more than %d settings", (int)LINES_MAX);
	if (letter == 'o')
		push_line(&o->line, &o->word, "-o", value, value);
	return SK_OK;
}

/* How many of the n words from v on are a value: in a title all up to the next dash, else one. */
static size_t
value_words(const struct str *v, size_t n, bool title)
{
	size_t k = n > 0;

	while (title && k < n && (v[k].n == 0 || v[k].p[0] != '-'))
		k++;
	return k;
}

static enum sk_code
listener_words(struct arena *a, const struct str *v, size_t n, bool title, struct live_listener *o, struct err *e)
{
	enum sk_code code = SK_OK;

	make_lists(a, &o->line, &o->word);
	for (size_t i = 0; i < n && code == SK_OK;) {
		struct str w = v[i++], value;
		size_t at = 0, k;
		char letter;

		if (title && w.n == 0)
			continue;
		if (w.n < 2 || w.p[0] != '-')
			return err_set(e, SK_ESYNTAX, "the arguments of its listener cannot be told apart");
		code = listener_option(w, &letter, &at, e);
		if (code != SK_OK || letter == '\0')
			continue;
		value = str_from(w, at);
		/* (a word that is cut off a title goes on behind the blank) */
		k = value.n == 0 || title ? value_words(v + i, n - i, title) : 0;
		if (value.n > 0 && k > 0 && v[i].n > 0 && v[i].p[0] == '-')
			k = 0;
		/* (the words of a title lie in it one behind the other) */
		if (k > 0 && title)
			value = (struct str){ value.p, (size_t)(v[i + k - 1].p + v[i + k - 1].n - value.p) };
		else if (k > 0)
			value = v[i];
		i += k;
		code = listener_value(o, letter, str_trim(value), e);
	}
	return code;
}

enum sk_code
live_listener(struct arena *a, const struct str *arg, size_t n, struct live_listener *ret, struct err *e)
{
	struct live_listener out = { 0 };
	struct str text, rest, word, *v;
	size_t end = SIZE_MAX, k = 0;
	enum sk_code code;

	if (n == 0)
		return err_set(e, SK_ESYNTAX, "the arguments of its listener cannot be read");
	text = arg[0];
	for (size_t i = 0; i < text.n; i++)
		if (str_starts(str_from(text, i), STR(" [listener]")))
			end = i;
	if (end != SIZE_MAX && end > TITLE_MAX)
		return err_set(e, SK_ESYNTAX, "the title of its listener is longer than sshd writes any");
	if (end == SIZE_MAX) {
		code = listener_words(a, arg + 1, n - 1, false, &out, e);
	} else {
		rest = str_head(text, end);
		v = ARENA_ARRAY(a, struct str, rest.n + 2);
		while (str_split(&rest, ' ', &word))
			v[k++] = word;
		/* "sshd:", the program */
		code = listener_words(a, v + (k < 2 ? k : 2), k < 2 ? 0 : k - 2, true, &out, e);
	}
	if (code == SK_OK)
		*ret = out;
	return code;
}

bool
live_is_listener(const struct str *arg, size_t n)
{
	struct live_title t;

	if (n == 0)
		return false;
	live_title(arg[0], &t);
	if (t.is_listener)
		return true;
	/* a title is one word with a colon behind the program's name, and a command line names it with its path */
	return arg[0].n > 0 && arg[0].p[0] == '/' && str_ends(arg[0], STR("/sshd"));
}
