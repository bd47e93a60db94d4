/* SPDX-License-Identifier: MIT */
/* Port forwards.  A dynamic one to a path is a local one for ssh.  Source: readconf.c parse_forward() and parse_fwd_field(). */
#include "conf/reader.h"

#define HOST_MAX	1025 /* NI_MAXHOST, netdb.h */
#define SOCKET_PATH_MAX 108  /* sun_path of unix(7) on Linux */
#define FORWARD_MAX	255  /* readconf.c copies a forward to a buffer of 256 */

/* One field of a forward. */
struct field {
	struct str text;
	bool path;
};

/* As parse_fwd_field(): up to a colon; [] are taken literally, a backslash protects. False: malformed. */
static bool
cut_field(struct arena *a, struct str *rest, struct field *ret)
{
	struct str s = *rest;
	char *text;
	size_t i, n = 0;

	*ret = (struct field){ .path = false };
	if (s.n > 0 && s.p[0] == '[') {
		size_t close = str_chr(s, ']', 0);

		if (close == SIZE_MAX || (close + 1 < s.n && s.p[close + 1] != ':'))
			return false;
		ret->text = str_head(str_from(s, 1), close - 1);
		ret->path = str_chr(ret->text, '/', 0) != SIZE_MAX;
		*rest = str_from(s, close + 2);
		return true;
	}
	text = arena_alloc(a, s.n + 1);
	for (i = 0; i < s.n && s.p[i] != ':'; i++) {
		if (s.p[i] == '\\' && ++i == s.n)
			return false;
		ret->path |= s.p[i] == '/' && (i == 0 || s.p[i - 1] != '\\');
		text[n++] = s.p[i];
	}
	ret->text = (struct str){ text, n };
	*rest = str_from(s, i + 1);
	return true;
}

/* A parsed forward.  Ports are -1 when bad; a side with a path has no port. */
struct forward {
	struct field listen, to;
	bool has_listen_host, has_to_host, socks;
	int listen_port, to_port;
	unsigned fields;
};

static void
forward_sides(struct forward *f, const struct field *v, struct ver ver)
{
	bool listen_host =
	    (f->fields == 2 && !v[1].path) || (f->fields == 3 && !v[0].path && v[2].path) || f->fields == 4;
	unsigned at = 0;

	if (listen_host) {
		f->listen = v[at++];
		f->listen.path = false;
		f->has_listen_host = true;
	}
	if (!listen_host && v[0].path && !(f->fields == 2 && !v[1].path)) {
		f->listen = v[0];
		f->listen_port = 0;
	} else {
		f->listen_port = port_number(v[at].text, ver);
	}
	at++;
	if (at == f->fields) {
		f->socks = true;
		return;
	}
	f->to = v[at];
	if (at + 1 == f->fields) { /* a path is all that can stand alone behind the listening side */
		f->to.path = true;
		return;
	}
	f->to.path = false;
	f->has_to_host = true;
	f->to_port = port_number(v[at + 1].text, ver);
}

/* As parse_forward() of readconf.c. */
static bool
read_forward(struct reader *r, struct str spec, bool dynamic, bool remote, struct forward *ret)
{
	struct field v[4] = { 0 };
	struct str rest = spec;
	struct forward f = { 0 };

	while (rest.n > 0 && (rest.p[0] == ' ' || (rest.p[0] >= '\t' && rest.p[0] <= '\r')))
		rest = str_from(rest, 1);
	while (f.fields < 4 && rest.n > 0 && cut_field(r->a, &rest, &v[f.fields]))
		f.fields++;
	if (rest.n > 0 || f.fields == 0)
		return false;
	forward_sides(&f, v, r->ctx->v);
	if (dynamic ? f.fields > 2 : f.fields < 3 && !f.to.path && !f.listen.path)
		return false;
	if (!dynamic && !f.to.path && f.to_port <= 0)
		return false;
	if (!f.listen.path && (f.listen_port < 0 || (!remote && f.listen_port == 0)))
		return false;
	if (f.has_listen_host && f.listen.text.n >= HOST_MAX)
		return false;
	if (f.has_to_host && f.to.text.n >= HOST_MAX)
		return false;
	if ((f.listen.path && f.listen.text.n >= SOCKET_PATH_MAX) || (f.to.path && f.to.text.n >= SOCKET_PATH_MAX))
		return false;
	*ret = f;
	return true;
}

static struct str
forward_text(struct arena *a, const struct forward *f, bool dynamic)
{
	struct str listen, to;

	if (f->listen.path)
		listen = f->listen.text;
	else if (f->has_listen_host)
		listen = arena_printf(a, "[%.*s]:%d", STR_ARG(f->listen.text), f->listen_port);
	else
		listen = arena_printf(a, "%d", f->listen_port);
	if (dynamic && !f->to.path)
		return listen;
	if (f->to.path)
		to = f->to.text;
	else if (f->socks)
		to = STR("[socks]:0");
	else
		to = arena_printf(a, "[%.*s]:%d", STR_ARG(f->to.text), f->to_port);
	return arena_printf(a, "%.*s %.*s", STR_ARG(listen), STR_ARG(to));
}

void
parse_forward(struct reader *r)
{
	bool local = r->k->min == 2, dynamic = r->k->max == 1, remote = !local && !dynamic, socks = dynamic;
	struct str from, to = { NULL, 0 }, spec;
	struct forward f;
	bool variable;

	if (!rd_full_arg(r, &from)) {
		rd_missing(r, "Missing argument.");
		return;
	}
	spec = from;
	if (!dynamic && !rd_full_arg(r, &to)) {
		if (local || !rd_since(r, VER(7, 6))) {
			rd_refuse(r, "Missing target argument.");
			return;
		}
		socks = true;
	} else if (!dynamic) {
		spec = arena_printf(r->a, "%.*s:%.*s", STR_ARG(from), STR_ARG(to));
	}
	spec = str_head(spec, FORWARD_MAX);
	if (!rd_variables(r, spec, &variable)) {
		rd_refuse(r, "Bad forwarding specification.");
		return;
	}
	if (variable) {
		r->v->text = to.n == 0 ? from : arena_printf(r->a, "%.*s %.*s", STR_ARG(from), STR_ARG(to));
		return;
	}
	if (!read_forward(r, spec, socks, remote, &f)) {
		rd_refuse(r, "Bad forwarding specification.");
		return;
	}
	r->v->num = f.listen.path ? -1 : f.listen_port;
	r->v->num2 = f.to.path;
	r->v->text = arena_str(r->a, forward_text(r->a, &f, dynamic));
}
