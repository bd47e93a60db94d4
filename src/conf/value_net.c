/* SPDX-License-Identifier: MIT */
/* Ports and hosts, and the types that are made of them. */
#include <string.h>

#include "conf/reader.h"

int
port_number(struct str s, struct ver v)
{
	int64_t n;

	if (num_strict(s, 65535, &n) == NULL)
		return (int)n;
	if (v.n >= VER(7, 9)) {
		int port = value_service(s);

		if (port > 0)
			return port;
	}
	return -1;
}

void
parse_port(struct reader *r)
{
	struct str s;
	int port;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "Missing argument.");
		return;
	}
	port = port_number(s, r->ctx->v);
	if (port > 0)
		rd_num(r, port);
	else if (rd_is_client(r))
		rd_refuse(r, "Bad port '%.*s'.", STR_ARG(s));
	else
		rd_refuse(r, "Badly formatted port number.");
}

bool
host_cut(struct str *rest, struct str *ret_host, char *ret_delim)
{
	struct str s = *rest;
	size_t i = 0;

	if (s.p == NULL)
		return false;
	if (s.n > 0 && s.p[0] == '[') {
		i = str_chr(s, ']', 0);
		if (i == SIZE_MAX)
			return false;
		i++;
		if (i < s.n && s.p[i] != ':' && s.p[i] != '/')
			return false;
	} else {
		while (i < s.n && s.p[i] != ':' && s.p[i] != '/')
			i++;
	}
	*ret_host = str_head(s, i);
	*ret_delim = i < s.n ? s.p[i] : '\0';
	*rest = i < s.n ? str_from(s, i + 1) : (struct str){ NULL, 0 };
	return true;
}

struct str
host_clean(struct str s)
{
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return str_head(str_from(s, 1), s.n - 2);
	return s;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
domain_valid(struct str s, size_t *ret_bad_at, const char **ret_why)
{
	char last = '\0';

	*ret_bad_at = 0;
	*ret_why = "empty domain name";
	if (s.n == 0)
		return false;
	*ret_why = "starts with invalid character";
	if (!is_alnum(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		*ret_bad_at = i + 1;
		*ret_why = "contains consecutive separators";
		if (last == '.' && c == '.')
			return false;
		*ret_why = "contains invalid characters";
		if (c != '.' && c != '-' && c != '_' && !is_alnum(c))
			return false;
		last = c;
	}
	return true;
}

/* "*" or a port. */
static bool
permit_port(struct str s, struct ver v)
{
	return str_eqc(s, "*") || port_number(s, v) > 0;
}

/* The texts of ssh and sshd differ in the order of their words. */
static void
refuse_permit(struct reader *r, const char *what)
{
	if (rd_is_client(r))
		rd_fatal(r, "%s in %.*s", what, STR_ARG(r->ctx->word));
	else
		rd_fatal(r, "%.*s %s", STR_ARG(r->ctx->word), what);
}

/* One HOST:PORT; PermitListen also takes a bare port.  Gives its printed form, or p == NULL when refused. */
static struct str
permit_entry(struct reader *r, struct str s, bool listen)
{
	struct str rest = s.p != NULL ? s : STR(""), host, none = { NULL, 0 };
	char delim;

	if (listen && str_chr(s, ':', 0) == SIZE_MAX) {
		if (permit_port(s, r->ctx->v))
			return arena_printf(r->a, "*:%.*s", STR_ARG(s));
	} else if (!host_cut(&rest, &host, &delim) || delim == '/') {
		refuse_permit(r, "missing host");
		return none;
	} else if (rest.p != NULL && permit_port(rest, r->ctx->v)) {
		return s;
	}
	refuse_permit(r, "bad port number");
	return none;
}

/* "any" and "none", which are the whole value. */
static bool
is_whole(struct str s, bool any_case)
{
	if (any_case)
		return str_ieqc(s, "any") || str_ieqc(s, "none");
	return str_eqc(s, "any") || str_eqc(s, "none");
}

void
parse_permit(struct reader *r)
{
	bool client = rd_is_client(r), listen = r->k->special != NULL;
	struct joined all = { 0 };
	struct str s = { NULL, 0 };
	bool given = rd_arg(r, &s);

	if (!given || (!client && s.n == 0)) {
		if (client)
			rd_fatal(r, "missing %.*s specification", STR_ARG(r->ctx->word));
		else
			rd_fatal(r, "%.*s missing argument.", STR_ARG(r->ctx->word));
		return;
	}
	for (size_t n = 0; given; n++, given = rd_arg(r, &s)) {
		struct str entry;

		if (!client && s.n == 0)
			break;
		if (is_whole(s, client) && (client || n == 0)) {
			if (client && (n > 0 || rd_left(r))) {
				rd_count(r, "keyword %.*s \"%.*s\" argument must appear alone.", STR_ARG(r->ctx->word),
				    STR_ARG(s));
				return;
			}
			all.text = s;
			break;
		}
		entry = permit_entry(r, s, listen);
		if (entry.p == NULL)
			return;
		rd_join(r, &all, entry);
	}
	rd_text(r, all.text);
}

/* A hop of a jump chain. */
struct hop {
	struct str user, host;
	int port; /* -1: none given */
};

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %XX and + of a URI; p == NULL when malformed. */
static struct str
url_decode(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '+') {
			p[n++] = ' ';
		} else if (s.p[i] != '%') {
			p[n++] = s.p[i];
		} else {
			int high = i + 2 < s.n ? hex_value(s.p[i + 1]) : -1,
			    low = i + 2 < s.n ? hex_value(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return (struct str){ NULL, 0 };
			p[n++] = (char)(high << 4 | low);
			i += 2;
		}
	}
	return (struct str){ p, n };
}

/* ssh://[user@]host[:port]; s is without the scheme.  As parse_uri() of misc.c, a path is refused. */
static bool
hop_uri(struct reader *r, struct str s, struct hop *ret)
{
	size_t at = str_chr(s, '@', 0), bad_at;
	const char *why;
	char delim;

	if (at != SIZE_MAX) {
		struct str user = str_head(s, at);

		user = str_head(user, str_chr(user, ';', 0)); /* connection parameters are dropped */
		if (user.n == 0)
			return false;
		ret->user = url_decode(r->a, user);
		if (ret->user.p == NULL)
			return false;
		s = str_from(s, at + 1);
	}
	if (!host_cut(&s, &ret->host, &delim) || ret->host.n == 0)
		return false;
	ret->host = host_clean(ret->host);
	if (!domain_valid(ret->host, &bad_at, &why))
		return false;
	if (s.n > 0 && delim == ':') {
		size_t slash = str_chr(s, '/', 0);

		ret->port = port_number(str_head(s, slash), r->ctx->v);
		if (ret->port <= 0)
			return false;
		s = slash == SIZE_MAX ? STR("") : str_from(s, slash + 1);
	}
	return s.n == 0;
}

/* [user@]host[:port] */
static bool
hop_plain(struct reader *r, struct str s, struct hop *ret)
{
	size_t at = SIZE_MAX;
	char delim;

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '@')
			at = i;
	if (at == 0)
		return false;
	if (at != SIZE_MAX) {
		ret->user = str_head(s, at);
		s = str_from(s, at + 1);
	}
	if (s.n == 0 || !host_cut(&s, &ret->host, &delim) || delim == '/' || ret->host.n == 0)
		return false;
	ret->host = host_clean(ret->host);
	if (s.n > 0) {
		ret->port = port_number(s, r->ctx->v);
		return ret->port > 0;
	}
	return true;
}

static bool
read_hop(struct reader *r, struct str s, struct hop *ret)
{
	*ret = (struct hop){ .port = -1 };
	if (str_starts(s, STR("ssh://")))
		return hop_uri(r, str_from(s, 6), ret);
	return hop_plain(r, s, ret);
}

static bool
is_numeric(struct str s)
{
	if (str_chr(s, ':', 0) != SIZE_MAX)
		return true;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '.')
			return false;
	return true;
}

/* The last hop is stored in parts and printed from them, those before it stay text. */
static struct str
jump_text(struct reader *r, struct str before, const struct hop *h)
{
	bool brackets = is_numeric(h->host);
	struct str port = h->port > 0 ? arena_printf(r->a, ":%d", h->port) : STR("");

	return arena_printf(r->a, "%.*s%s%.*s%s%s%.*s%s%.*s", STR_ARG(before), before.n > 0 ? "," : "",
	    STR_ARG(h->user), h->user.n > 0 ? "@" : "", brackets ? "[" : "", STR_ARG(h->host), brackets ? "]" : "",
	    STR_ARG(port));
}

static bool
has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool
has_any(struct str s, const char *bytes)
{
	for (size_t i = 0; i < s.n; i++)
		if (strchr(bytes, s.p[i]) != NULL)
			return true;
	return false;
}

bool
destination_host_ok(struct str s)
{
	return !str_starts(s, STR("-")) && !has_control(s) && !has_any(s, "'`\"$\\;&<>|(){}, ");
}

bool
destination_user_ok(struct str s)
{
	if (str_starts(s, STR("-")) || str_ends(s, STR("\\")) || has_control(s) || has_any(s, "'`\";&<>|(){}"))
		return false;
	return str_find(s, STR(" -")) == SIZE_MAX;
}

/* What the command line names is looked at more closely (10.3, and Debian's 9.2). */
static bool
hop_safe(struct reader *r, const struct hop *h)
{
	if (r->ctx->line != 0 || !(r->ctx->v.debian || rd_since(r, VER(10, 3))))
		return true;
	if (!destination_host_ok(h->host))
		rd_line(r, "parse_jump: invalid hostname \"%.*s\"", STR_ARG(h->host));
	else if (!destination_user_ok(h->user))
		rd_line(r, "parse_jump: invalid username \"%.*s\"", STR_ARG(h->user));
	else
		return true;
	return false;
}

/* The hops of a list, from the last to the first. */
static bool
read_hops(struct reader *r, struct str s, struct str *ret_before, struct hop *ret_last)
{
	struct hop h;
	bool first = true;

	for (;;) {
		size_t at = s.n;

		while (at > 0 && s.p[at - 1] != ',')
			at--;
		if (!read_hop(r, str_from(s, at), &h) || !hop_safe(r, &h))
			return false;
		if (first) {
			*ret_last = h;
			*ret_before = str_head(s, at > 0 ? at - 1 : 0);
		}
		first = false;
		if (at == 0)
			return true;
		s = str_head(s, at - 1);
	}
}

void
parse_proxy_jump(struct reader *r)
{
	struct str raw = r->args->rest, s, before = { NULL, 0 };
	struct hop last = { .port = -1 };
	size_t i = 0;

	while (i < raw.n && (raw.p[i] == ' ' || raw.p[i] == '\t' || raw.p[i] == '\r' || raw.p[i] == '='))
		i++;
	raw = str_from(raw, i);
	r->all_taken = true;
	if (rd_since(r, VER(7, 8)) && str_ieqc(raw, "none"))
		return;
	/* A comment, and (a fault of rtrim() there) all from the first blank on are cut. */
	s = str_head(raw, str_chr(raw, '#', 0));
	for (i = 1; i < s.n; i++)
		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'))
			break;
	s = str_head(s, i);
	if (!read_hops(r, s, &before, &last)) {
		rd_refuse(r, "Invalid %s \"%.*s\"", r->k->name, STR_ARG(raw));
		return;
	}
	r->v->num = 1;
	r->v->text = jump_text(r, before, &last);
}

bool
jump_ok(struct arena *a, struct str s, struct ver v)
{
	unsigned row = kw_by_id(KW_CLIENT, KW_ID_PROXYJUMP);
	const struct value_ctx ctx = { .side = KW_CLIENT, .v = v, .word = STR("proxyjump") };
	struct args args = { .rest = s };
	struct value value = { 0 };
	struct str msg;

	return value_read(a, kw_row(KW_CLIENT, row), &args, &ctx, &value, &msg) == VALUE_OK;
}
