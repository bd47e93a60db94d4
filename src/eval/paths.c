/* SPDX-License-Identifier: MIT */
/*
 * Paths as ssh -G prints them: ~, tokens and ${VAR} of ControlPath, ForwardAgent and the socket paths of forwards.
 * Source: ssh.c main(), misc.c tilde_expand(), vdollar_percent_expand(); reference 4.3.
 */
#include <sha1.h>
#include <stdarg.h>
#include <string.h>

#include "eval/resolve.h"

/* What the tokens of a path stand for; a value that is not known has p == NULL. */
struct token {
	char letter;
	struct str value;
};

static struct str
text_or(const struct effective *ev, enum kw_id id, struct str dflt)
{
	const struct eff *e = eff_get(ev, id);

	if (e->state == EFF_UNKNOWN)
		return (struct str){ NULL, 0 };
	return e->state == EFF_SET ? e->text : dflt;
}

/* %C: SHA-1 of %l%h%p%r, from 9.6 on also %j (readconf.c ssh_connection_hash()). */
static struct str
connection_hash(struct resolve *r, const struct token *t, size_t n)
{
	static const char order[] = "lhprj";
	struct buf b = { 0 };
	char hex[SHA1_DIGEST_STRING_LENGTH];
	bool known = true;

	for (size_t k = 0; k < (r->c->ver.n >= VER(9, 6) ? 5u : 4u); k++)
		for (size_t i = 0; i < n; i++)
			if (t[i].letter == order[k]) {
				known &= t[i].value.p != NULL;
				buf_add(&b, t[i].value);
			}
	SHA1Data((const uint8_t *)(b.p != NULL ? b.p : ""), b.n, hex);
	buf_release(&b);
	return known ? arena_str(r->arena, str_c(hex)) : (struct str){ NULL, 0 };
}

enum { PATH_MAX_BYTES = 4096 }; /* PATH_MAX of Linux */

/* One path being expanded. */
struct expansion {
	struct resolve *r;
	struct effective *ev;
	struct span at;	 /* the line it stands on */
	bool vars;	 /* ${VAR} too */
	struct buf said; /* what ssh complains about, LF-separated */
	bool unknown;	 /* what it stands for is not known from here */
	struct buf out;
};

static void __attribute__((format(printf, 2, 3))) say(struct expansion *x, const char *fmt, ...)
{
	va_list ap;
	struct str text;

	va_start(ap, fmt);
	text = arena_vprintf(x->r->arena, fmt, ap);
	va_end(ap);
	buf_addc(&x->said, x->said.n > 0 ? "\n" : "");
	buf_add(&x->said, conf_vis(x->r->arena, text));
}

/* ~, ~/x, ~name and ~name/x; blanks between are part of a name.  The rest of the path. */
static struct str
tilde(struct expansion *x, struct str path)
{
	const struct client_env *env = x->r->env;
	struct str name, home = env->home;

	if (path.n == 0 || path.p[0] != '~')
		return path;
	name = str_from(str_head(path, str_chr(path, '/', 0)), 1);
	path = str_from(path, 1 + name.n);
	if (name.n > 0 && env->home_of == NULL) {
		x->unknown = true;
		return path;
	}
	if (name.n > 0) {
		home = env->home_of(env->home_ctx, name);
		if (home.p == NULL) {
			say(x, "tilde_expand: No such user %.*s", STR_ARG(name));
			return path;
		}
	}
	while (path.n > 0 && path.p[0] == '/')
		path = str_from(path, 1);
	if (home.n + 1 + path.n >= PATH_MAX_BYTES) {
		say(x, "tilde_expand: Path too long");
		return path;
	}
	buf_add(&x->out, home);
	if (home.n == 0 || home.p[home.n - 1] != '/')
		buf_addch(&x->out, '/');
	return path;
}

/* ${VAR} at text; how many bytes it takes, 0 when it ends the expansion. */
static size_t
variable(struct expansion *x, struct str text)
{
	struct str rest = str_from(text, 2), name = str_head(rest, str_chr(rest, '}', 0));
	struct str value;

	if (name.n == rest.n) {
		say(x, "vdollar_percent_expand: environment variable '%.*s' missing closing '}'", STR_ARG(rest));
		return 0;
	}
	if (name.n == 0) {
		say(x, "vdollar_percent_expand: zero-length environment variable");
		return 0;
	}
	/* The ssh to come may have another environment than this program. */
	if (x->r->env->getenv == NULL || !x->r->env->getenv(name, &value))
		x->unknown = true;
	else
		buf_add(&x->out, value);
	return name.n + 3;
}

/* False: ssh stops here. */
static bool
tokens(struct expansion *x, struct str path, const struct token *t, size_t n)
{
	int version = x->r->c->ver.n;

	for (size_t i = 0; i < path.n; i++) {
		char next = i + 1 < path.n ? path.p[i + 1] : '\0';
		size_t k = 0, used;

		if (x->vars && path.p[i] == '$' && next == '{' && version >= VER(8, 4)) {
			used = variable(x, str_from(path, i));
			if (used == 0)
				return false;
			i += used - 1;
			continue;
		}
		if (path.p[i] != '%' || next == '%') {
			buf_addch(&x->out, path.p[i]);
			i += path.p[i] == '%';
			continue;
		}
		i++;
		if (i == path.n) {
			say(x, "vdollar_percent_expand: invalid format");
			return false;
		}
		while (k < n && t[k].letter != next)
			k++;
		if (k == n || (next == 'j' && version < VER(9, 6)) || (next == 'k' && version < VER(8, 4))) {
			say(x, "vdollar_percent_expand: unknown key %%%c", next);
			return false;
		}
		if (t[k].value.p == NULL)
			x->unknown = true;
		buf_add(&x->out, t[k].value);
	}
	return true;
}

/* The path as ssh uses it; as it is written when that is not known from here, or when ssh ends on it (r->fatal). */
static struct str
expand(struct resolve *r, struct effective *ev, struct str path, struct span at, bool whole)
{
	const struct client_env *env = r->env;
	struct str none = { NULL, 0 }, host = ev->hostname_known ? ev->hostname : none, name = r->target->host;
	struct str local = env->hostname_known ? env->hostname : none;
	struct str me = env->local_user_known ? env->local_user : none;
	struct str short_name = local.p != NULL ? str_head(local, str_chr(local, '.', 0)) : none;
	struct token t[] = {
		{ 'h', host },
		{ 'n', name },
		{ 'p', text_or(ev, KW_ID_PORT, STR("22")) },
		{ 'r', r->target->user.n > 0 ? r->target->user : text_or(ev, KW_ID_USER, me) },
		{ 'u', me },
		{ 'd', env->home },
		{ 'l', local },
		{ 'L', short_name },
		{ 'i', env->uid_known ? env->uid : none },
		{ 'k', text_or(ev, KW_ID_HOSTKEYALIAS, name) },
		{ 'j', text_or(ev, KW_ID_PROXYJUMP, STR("")) },
		{ 'C', none },
	};
	const size_t n = sizeof(t) / sizeof(t[0]);
	struct expansion x = { .r = r, .ev = ev, .at = at, .vars = whole, .out.max = EXPANDED_MAX_BYTES };
	struct str written = path;

	t[n - 1].value = connection_hash(r, t, n);
	if (whole)
		path = tilde(&x, path);
	if (x.said.n == 0 && !tokens(&x, path, t, n))
		say(&x, whole ? "percent_dollar_expand: failed" : "percent_expand: failed");
	if (x.said.n == 0 && !x.unknown && !x.out.toobig)
		path = arena_str(r->arena, buf_str(&x.out));
	else
		path = written;
	if (x.said.n > 0 && !r->refused) {
		r->refused = true;
		r->fatal = arena_str(r->arena, buf_str(&x.said));
		r->fatal_at = at;
	}
	buf_release(&x.said);
	buf_release(&x.out);
	return path;
}

static void
control_path(struct resolve *r, struct effective *ev)
{
	struct eff *e = &ev->v[kw_by_id(KW_CLIENT, KW_ID_CONTROLPATH)];

	if (e->state != EFF_SET)
		return;
	if (e->text.n == 0 || str_ieqc(e->text, "none"))
		e->text = (struct str){ NULL, 0 };
	else
		e->text = expand(r, ev, e->text, e->origin, true);
}

/* A socket path of ForwardAgent; $NAME stays as it is. */
static void
agent_path(struct resolve *r, struct effective *ev)
{
	struct eff *e = &ev->v[kw_by_id(KW_CLIENT, KW_ID_FORWARDAGENT)];

	if (e->state != EFF_SET || e->text.n == 0 || str_eqc(e->text, "yes") || str_eqc(e->text, "no"))
		return;
	e->text = expand(r, ev, e->text, e->origin, true);
}

/* Unix socket paths of forwards take the tokens of ControlPath, but neither ~ nor, by then, ${VAR}. */
static struct str
forward_text(struct resolve *r, struct effective *ev, uint32_t set)
{
	struct span at = conf_line_span(r->c, r->c->set[set].src, r->c->set[set].line);
	struct str listen, to;
	struct value v;
	size_t blank;

	conf_set_value(r->c, r->arena, &r->c->set[set], &v);
	/* ${VAR} stood there before the sides were told apart: such a forward stays as it is written */
	if (str_find(v.text, STR("${")) != SIZE_MAX && r->c->ver.n >= VER(8, 4))
		return v.text;
	blank = str_chr(v.text, ' ', 0);
	listen = str_head(v.text, blank);
	to = str_from(str_from(v.text, blank), 1);
	if (v.num == -1)
		listen = expand(r, ev, listen, at, false);
	if (v.num2 == 1)
		to = expand(r, ev, to, at, false);
	return blank == SIZE_MAX ? listen : arena_printf(r->arena, "%.*s %.*s", STR_ARG(listen), STR_ARG(to));
}

/* What ssh -G expands but sshkeep does not print: only whether ssh ends here counts. */
static void
check_other(struct resolve *r, struct effective *ev, const char *keyword, bool whole)
{
	const struct eff *e = &ev->v[kw_find(KW_CLIENT, str_c(keyword), r->c->ver)];
	struct str rest, part;
	struct value v;

	if (e->state != EFF_SET || e->set == NO_SET || r->refused)
		return;
	conf_set_value(r->c, r->arena, &r->c->set[e->set], &v);
	if (!whole) {
		(void)expand(r, ev, v.text, e->origin, false);
		return;
	}
	rest = v.text;
	while (str_split(&rest, ' ', &part) && !str_ieqc(part, "none"))
		(void)expand(r, ev, part, e->origin, true);
}

void
path_values(struct resolve *r, struct effective *ev)
{
	static const enum kw_id forwards[] = { KW_ID_LOCALFORWARD, KW_ID_REMOTEFORWARD, KW_ID_DYNAMICFORWARD };

	/* in the order of ssh, which ends at the first fault */
	if (r->c->ver.n >= VER(7, 6))
		check_other(r, ev, "RemoteCommand", false);
	control_path(r, ev);
	if (r->c->ver.n >= VER(7, 3))
		check_other(r, ev, "IdentityAgent", true);
	agent_path(r, ev);
	check_other(r, ev, "UserKnownHostsFile", true);
	for (size_t i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++) {
		struct eff *e = &ev->v[kw_by_id(KW_CLIENT, forwards[i])];

		e->also_text = ARENA_ARRAY(r->arena, struct str, e->n_also + 1);
		for (size_t k = 0; k < e->n_also; k++)
			e->also_text[k] = forward_text(r, ev, e->also[k]);
	}
}

void
path_rows(const struct conf *c, bool *matters)
{
	static const char *const other[] = { "RemoteCommand", "IdentityAgent", "UserKnownHostsFile" };

	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		unsigned row = kw_find(KW_CLIENT, str_c(other[i]), c->ver);

		if (row != KW_UNKNOWN)
			matters[row] = true;
	}
}
