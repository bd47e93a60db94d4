/* SPDX-License-Identifier: MIT */
/* The command line of ssh, read as ssh reads it, and the titles of sshd. */
#include "cmd/live_args.h"

#include <string.h>

/* ssh.c: options with an argument, and those without; of 10.x, and what older releases had. */
static const char takes_value[] = "bceilmopBDEFIJLOPQRSwW";
static const char takes_none[] = "1246afgknqstvxACGKMNTVXYy";

struct reader {
	struct arena *a;
	const struct str *arg;
	size_t n, at;
	struct str cwd;
	struct live_args *out;
	bool master; /* -M was seen */
};

/* Every word gives one line at most, for it ends with its value, and -M one more: so the lists never have to grow. */
static void
add_line(struct reader *r, const char *letter, struct str value, const char *keyword)
{
	struct live_args *o = r->out;
	struct str line = keyword != NULL ? arena_printf(r->a, "%s=%.*s", keyword, STR_ARG(value)) : value;

	if (o->line.v == NULL) {
		o->line.v = ARENA_ARRAY(r->a, struct str, r->n + 1);
		o->word.v = ARENA_ARRAY(r->a, struct str, 2 * r->n + 2);
	}
	o->line.v[o->line.n++] = line;
	o->word.v[o->word.n++] = str_c(letter);
	o->word.v[o->word.n++] = value;
}

static bool
sets(struct str line, const char *keyword)
{
	struct str t = str_trim(line);
	size_t k = strlen(keyword);

	return t.n > k && str_ieqc(str_head(t, k), keyword) && (t.p[k] == '=' || t.p[k] == ' ' || t.p[k] == '\t');
}

static bool
port_is_set(const struct live_args *o)
{
	for (size_t i = 0; i < o->line.n; i++)
		if (sets(o->line.v[i], "Port"))
			return true;
	return false;
}

static enum sk_code
take_value(struct reader *r, char letter, struct str value, struct err *e)
{
	struct live_args *o = r->out;

	switch (letter) {
	case 'F':
		if (value.n > 0 && value.p[0] != '/' && !str_ieqc(value, "none")) {
			if (r->cwd.n == 0)
				return err_set(e, SK_ESYNTAX, "its -F is relative to a folder that cannot be read");
			value = arena_printf(r->a, "%.*s/%.*s", STR_ARG(r->cwd), STR_ARG(value));
		}
		o->file = value;
		break;
	case 'l':
		if (o->login.p == NULL)
			o->login = value;
		break;
	case 'o':
		o->user_line |= sets(value, "User") && o->login.p == NULL;
		add_line(r, "-o", value, NULL);
		break;
	case 'p':
		/* Once the port is set ssh does not look at a further -p. */
		if (!port_is_set(o))
			add_line(r, "-p", value, "Port");
		break;
	case 'J':
		add_line(r, "-J", value, "ProxyJump");
		break;
	case 'S':
		add_line(r, "-o", arena_printf(r->a, "ControlPath=%.*s", STR_ARG(value)), NULL);
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
	if (code == SK_OK)
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
