/* SPDX-License-Identifier: MIT */
/* Values of keywords whose form is their own: the parsers that rows name in .special, and agent paths. */
#include <limits.h>

#include "conf/addr.h"
#include "conf/reader.h"

enum { SUBSYSTEMS_MAX = 256 };

static const struct kw_word yes_no[] = { { "yes", NULL, 1, 0 }, { "true", "yes", 1, 0 }, { "no", NULL, 0, 0 },
	{ "false", "no", 0, 0 }, { NULL, NULL, 0, 0 } };

static const struct kw_word add_keys[] = { { "true", NULL, 1, 0 }, { "false", NULL, 0, 0 }, { "yes", "true", 1, 0 },
	{ "no", "false", 0, 0 }, { "ask", NULL, 2, 0 }, { "confirm", NULL, 3, 0 }, { NULL, NULL, 0, 0 } };

/* A word of the row's list, or the complaint. */
static void
one_word(struct reader *r, const struct kw_word *list, struct str s, bool exact, const char *before, const char *after)
{
	const struct kw_word *w = rd_word(r, list, s, exact);

	if (w == NULL) {
		rd_refuse(r, "%s%.*s%s", before, STR_ARG(s), after);
		return;
	}
	r->v->num = w->num;
	r->v->text = str_c(w->printed != NULL ? w->printed : w->word);
}

/* yes, no, ask, confirm [time], or a time. */
static void
parse_add_keys(struct reader *r)
{
	struct str s = { NULL, 0 }, more;
	const struct kw_word *w;
	int64_t seconds = 0;
	bool second;

	(void)rd_arg(r, &s);
	second = rd_arg(r, &more);
	if (s.n == 0) {
		rd_refuse(r, "missing argument.");
		rd_refuse(r, "unsupported option");
		return;
	}
	w = rd_word(r, add_keys, s, false);
	if (w != NULL && w->num == 3 && second && !value_time(more, r->ctx->v, &seconds)) {
		rd_refuse(r, "invalid time value.");
	} else if ((w == NULL || w->num != 3) && second) {
		rd_refuse(r, "unsupported option");
	} else if (w == NULL && !value_time(s, r->ctx->v, &seconds)) {
		rd_refuse(r, "unsupported option");
	} else {
		r->v->num = w != NULL ? w->num : 1;
		r->v->num2 = seconds;
		rd_text(r, s);
	}
}

static bool
env_name_ok(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c != '_' && !(c >= '0' && c <= '9') && !((c | 0x20u) >= 'a' && (c | 0x20u) <= 'z'))
			return false;
	}
	return s.n > 0;
}

static void
agent_path(struct reader *r, struct str s)
{
	bool any;

	if (!rd_variables(r, s, &any))
		rd_refuse(r, "Invalid environment expansion %.*s.", STR_ARG(s));
	else if (s.p[0] == '$' && !(s.n > 1 && s.p[1] == '{') && !env_name_ok(str_from(s, 1)))
		rd_refuse(r, "Invalid environment name %.*s.", STR_ARG(s));
	else
		rd_text(r, s);
}

static void
parse_agent_path(struct reader *r)
{
	struct str s;

	if (rd_full_arg(r, &s))
		agent_path(r, s);
	else
		rd_missing(r, "Missing argument.");
}

/* A flag; since 8.2 also a path or $NAME. */
void
parse_agent(struct reader *r)
{
	const struct kw_word *w;
	struct str s;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "missing argument.");
		return;
	}
	w = rd_word(r, yes_no, s, false);
	if (w == NULL && !rd_since(r, VER(8, 2))) {
		rd_refuse(r, "unsupported option \"%.*s\".", STR_ARG(s));
	} else if (w == NULL) {
		r->v->num = 1;
		r->v->has_num2 = true; /* a path: kept beside the flag */
		agent_path(r, s);
	} else {
		r->v->num = w->num;
		r->v->text = str_c(w->printed != NULL ? w->printed : w->word);
	}
}

/* The lists in which "none" must stand alone.  False when that, or an empty entry, ends it. */
static bool
list_entry(struct reader *r, struct str s, size_t n, bool empty_ok)
{
	if (s.n == 0 && !empty_ok) {
		rd_count(r, "keyword %.*s empty argument", STR_ARG(r->ctx->word));
		return false;
	}
	if (str_ieqc(s, "none") && (n > 0 || rd_left(r))) {
		rd_count(r, "keyword %.*s \"none\" argument must appear alone.", STR_ARG(r->ctx->word));
		return false;
	}
	return true;
}

static void
list_end(struct reader *r, size_t n, struct str all)
{
	if (n == 0 && rd_since(r, VER(9, 7)))
		rd_fatal(r, "no %.*s specified", STR_ARG(r->ctx->word));
	rd_text(r, all);
}

static void
parse_paths(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;
	size_t n;

	for (n = 0; rd_arg(r, &s); n++) {
		if (!list_entry(r, s, n, false))
			return;
		rd_join(r, &all, s);
	}
	list_end(r, n, all.text);
}

static void
parse_domains(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;
	size_t n, bad_at;
	const char *why;

	for (n = 0; rd_arg(r, &s); n++) {
		if (!list_entry(r, s, n, false))
			return;
		if (!str_ieqc(s, "none") && !domain_valid(s, &bad_at, &why)) {
			/* OpenSSH lower-cases while it looks. */
			struct str shown = arena_printf(r->a, "%.*s%.*s",
			    STR_ARG(arena_lower(r->a, str_head(s, bad_at))), STR_ARG(str_from(s, bad_at)));

			rd_refuse(r, "domain name \"%.*s\" %s", STR_ARG(str_head(shown, 100)), why);
			return;
		}
		rd_join(r, &all, arena_lower(r->a, s));
	}
	list_end(r, n, all.text);
}

/* from:to, both pattern lists; a lone * stands for any. */
static void
parse_cnames(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;
	size_t n;

	for (n = 0; rd_arg(r, &s); n++) {
		size_t colon = str_chr(s, ':', 0);

		if (!list_entry(r, s, n, true))
			return;
		s = arena_lower(r->a, s);
		if (!str_eqc(s, "none") && !str_eqc(s, "*") && (colon == SIZE_MAX || colon + 1 == s.n)) {
			rd_refuse(r, "Invalid permitted CNAME \"%.*s\"", STR_ARG(s));
			return;
		}
		rd_join(r, &all, s);
	}
	list_end(r, n, all.text);
}

static void
parse_escape(struct reader *r)
{
	struct str s;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "Missing argument.");
		return;
	}
	if (str_eqc(s, "none"))
		r->v->num = -2;
	else if (s.n == 1)
		r->v->num = (unsigned char)s.p[0];
	else if (s.n == 2 && s.p[0] == '^' && (unsigned char)s.p[1] >= 64 && (unsigned char)s.p[1] < 128)
		r->v->num = s.p[1] & 31;
	else
		rd_refuse(r, "Bad escape character.");
	rd_text(r, s);
}

static void
parse_digest(struct reader *r)
{
	bool client = rd_is_client(r);
	struct str s;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, client ? "Missing argument." : "%s missing argument.");
		return;
	}
	one_word(r, r->k->words, s, false,
	    client ? "Invalid hash algorithm \"" :
		     arena_strz(r->a, arena_printf(r->a, "Invalid %.*s algorithm \"", STR_ARG(r->ctx->word))),
	    "\".");
}

static void
parse_log_level(struct reader *r)
{
	struct str s = STR("<NONE>");

	(void)rd_arg(r, &s);
	one_word(r, r->k->words, s, false, "unsupported log level '", "'");
}

static void
parse_facility(struct reader *r)
{
	struct str s = STR("<NONE>");

	(void)rd_arg(r, &s);
	one_word(r, r->k->words, s, false, "unsupported log facility '", "'");
}

static void
parse_env_names(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;

	while (rd_arg(r, &s)) {
		if (s.n == 0 || str_chr(s, '=', 0) != SIZE_MAX) {
			rd_refuse(r, "Invalid environment name.");
			return;
		}
		rd_join(r, &all, s);
	}
	rd_text(r, all.text);
}

static void
parse_set_env(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;
	struct args *words = ARENA_NEW(r->a, struct args);

	/* Up to 8.6 this word alone was split at blanks only (misc.c strdelimw()). */
	if (!rd_since(r, VER(8, 7))) {
		split_blanks(r->a, r->args, words);
		r->args = words;
	}
	r->all_taken = true;
	while (rd_arg(r, &s)) {
		if (str_chr(s, '=', 0) == SIZE_MAX) {
			rd_refuse(r, "Invalid %s.", rd_is_client(r) ? r->k->name : "environment");
			return;
		}
		rd_join(r, &all, s);
	}
	rd_text(r, all.text);
}

/* An octal mask; what follows the digits is not looked at. */
static void
parse_mask(struct reader *r)
{
	bool client = rd_is_client(r);
	struct str s;
	size_t used;
	int32_t n;

	if (!rd_full_arg(r, &s)) {
		if (client)
			rd_refuse(r, "Missing %s argument.", r->k->name);
		else
			rd_missing(r, "%s missing argument.");
		return;
	}
	n = (int32_t)(uint32_t)num_strtol(s, 8, &used);
	if (used > 0 && n >= 0 && n <= 0777) {
		r->v->num = n;
		r->v->text = arena_printf(r->a, "0%o", (unsigned)n);
	} else if (client) {
		rd_refuse(r, "Bad mask.");
	} else {
		rd_refuse(r, "Invalid %.*s.", STR_ARG(r->ctx->word));
	}
}

/* "any" or a unit number; INT_MAX itself and the number below stand for "any" and "bad" inside OpenSSH. */
static bool
tun_ok(struct str s)
{
	int64_t n;

	return str_ieqc(s, "any") || num_strict(s, INT_MAX - 2, &n) == NULL;
}

static void
parse_tun_device(struct reader *r)
{
	struct str s;
	size_t colon;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "Missing argument.");
		return;
	}
	colon = str_chr(s, ':', 0);
	if (!tun_ok(str_head(s, colon)) || (colon != SIZE_MAX && !tun_ok(str_from(s, colon + 1))))
		rd_refuse(r, "Bad tun device.");
	rd_text(r, s);
}

static void
parse_groups(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;

	while (rd_arg(r, &s)) {
		if (s.n == 0) {
			rd_fatal(r, "empty %.*s pattern", STR_ARG(r->ctx->word));
			return;
		}
		rd_join(r, &all, s);
	}
	rd_text(r, all.text);
}

/* USER or USER@HOST, where HOST is a pattern or address list. */
static void
parse_users(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;

	while (rd_arg(r, &s)) {
		size_t at = SIZE_MAX;

		for (size_t i = 0; i < s.n; i++)
			if (s.p[i] == '@')
				at = i;
		if (s.n == 0 || (at != SIZE_MAX && !addr_list_ok(str_from(s, at + 1), false))) {
			rd_fatal(r, "invalid %.*s pattern: \"%.*s\"", STR_ARG(r->ctx->word), STR_ARG(str_head(s, 100)));
			return;
		}
		rd_join(r, &all, s);
	}
	rd_text(r, all.text);
}

/* auth2_methods_valid(): known names, each with an optional :submethod. */
static bool
methods_ok(struct reader *r, struct str list)
{
	static const char *const methods[] = { "none", "publickey", "gssapi-keyex", "gssapi-with-mic", "password",
		"keyboard-interactive", "hostbased" };
	struct str part;

	if (list.n == 0) {
		rd_line(r, "empty authentication method list");
		return false;
	}
	while (str_split(&list, ',', &part)) {
		struct str name = str_head(part, str_chr(part, ':', 0));
		size_t i, n = sizeof(methods) / sizeof(methods[0]);

		for (i = 0; i < n && !str_eqc(name, methods[i]); i++)
			;
		if (i == n) {
			rd_line(r, "Unknown authentication method \"%.*s\" in list", STR_ARG(name));
			return false;
		}
	}
	return true;
}

static void
parse_auth_methods(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;
	bool any = false;

	while (rd_arg(r, &s)) {
		/* "any" is compared with what is stored so far, by this line and by those before it */
		if (any || (str_eqc(s, "any") && (r->ctx->taken || (r->ctx->active && all.text.n > 0)))) {
			rd_fatal(r, "\"any\" must appear alone in %.*s", STR_ARG(r->ctx->word));
			return;
		}
		any = str_eqc(s, "any");
		if (!any && !methods_ok(r, s)) {
			rd_fatal(r, "invalid %.*s method list.", STR_ARG(r->ctx->word));
			return;
		}
		rd_join(r, &all, s);
	}
	if (all.text.n == 0)
		rd_fatal(r, "no %.*s specified", STR_ARG(r->ctx->word));
	rd_text(r, all.text);
}

/* The rest of the line without the blanks in front. */
static struct str
take_rest(struct reader *r)
{
	r->all_taken = true;
	return str_trim(r->args->rest);
}

static void
parse_absolute(struct reader *r)
{
	struct str s = take_rest(r);

	if (!str_starts(s, STR("/")) && !str_ieqc(s, "none"))
		rd_fatal(r, "%.*s must be an absolute path", STR_ARG(r->ctx->word));
	rd_text(r, s);
}

static void
parse_addendum(struct reader *r)
{
	struct str s = take_rest(r);

	if (str_chr(s, '\r', 0) != SIZE_MAX)
		rd_fatal(r, "Invalid %.*s argument", STR_ARG(r->ctx->word));
	rd_text(r, s);
}

/* host, host:port, [addr]:port or a bare IPv6 address, then optionally "rdomain NAME". */
static void
parse_listen(struct reader *r)
{
	struct str s, rest, host, word, domain;
	char delim;
	size_t colon;

	if (!rd_full_arg(r, &s)) {
		rd_refuse(r, "missing address");
		return;
	}
	rest = s;
	colon = str_chr(s, ':', 0);
	if (str_chr(s, '[', 0) != SIZE_MAX || colon == SIZE_MAX || str_chr(s, ':', colon + 1) == SIZE_MAX) {
		if (!host_cut(&rest, &host, &delim) || delim == '/') {
			rd_refuse(r, "bad address:port usage");
			return;
		}
		if (rest.p != NULL && port_number(rest, r->ctx->v) <= 0) {
			rd_refuse(r, "bad port number");
			return;
		}
	}
	if (rd_since(r, VER(7, 7)) && rd_arg(r, &word) && (!str_eqc(word, "rdomain") || !rd_arg(r, &domain))) {
		rd_refuse(r, "bad %s syntax", r->k->name);
		return;
	}
	rd_text(r, s);
}

static void
parse_permit_tunnel(struct reader *r)
{
	struct str s;

	if (rd_full_arg(r, &s))
		one_word(r, r->k->words, s, true,
		    arena_strz(r->a, arena_printf(r->a, "bad %.*s argument ", STR_ARG(r->ctx->word))), "");
	else
		rd_missing(r, "%s missing argument.");
}

static void
parse_addr_list(struct reader *r)
{
	struct str s;

	if (!rd_full_arg(r, &s))
		rd_missing(r, "%s missing argument.");
	else if (!addr_list_ok(s, true))
		rd_fatal(r, "Invalid %.*s argument", STR_ARG(r->ctx->word));
	else
		rd_text(r, s);
}

static void
parse_pubkey_options(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;

	while (rd_arg(r, &s)) {
		if (rd_word(r, r->k->words, s, false) == NULL) {
			rd_count(r, "unsupported %.*s option %.*s", STR_ARG(r->ctx->word), STR_ARG(s));
			return;
		}
		rd_join(r, &all, s);
	}
	rd_text(r, all.text);
}

/* Only OpenBSD can do it. */
static void
parse_rdomain(struct reader *r)
{
	rd_fatal(r, "setting %s not supported on this platform.", r->k->name);
}

/* sshd up to 9.4 has room for 256, and refuses a second line of a name, which is passed over since. */
static bool
is_one_more(struct reader *r, struct str name)
{
	const struct value_ctx *ctx = r->ctx;

	if (rd_since(r, VER(9, 5)))
		return true;
	if (ctx->n_name >= SUBSYSTEMS_MAX) {
		rd_fatal(r, "too many subsystems defined.");
		return false;
	}
	for (size_t i = 0; i < ctx->n_name && ctx->active; i++)
		if (str_eq(ctx->name[i], name)) {
			rd_fatal(r, "Subsystem '%.*s' already defined.", STR_ARG(name));
			return false;
		}
	return true;
}

static void
parse_subsystem(struct reader *r)
{
	struct str name, command;

	if (!rd_full_arg(r, &name)) {
		rd_missing(r, "%s missing argument.");
		return;
	}
	if (!is_one_more(r, name))
		return;
	r->v->name = name;
	if (!rd_full_arg(r, &command)) {
		if (rd_since(r, VER(9, 5)))
			rd_missing(r, "%s missing argument.");
		else
			rd_refuse(r, "Missing subsystem command.");
		return;
	}
	r->all_taken = true;
	rd_text(r, r->args->rest);
}

static const struct {
	const char *name;
	value_parser *parse;
} specials[] = {
	{ "abspath", parse_absolute },
	{ "addendum", parse_addendum },
	{ "addkeys", parse_add_keys },
	{ "addrlist", parse_addr_list },
	{ "agentpath", parse_agent_path },
	{ "authmethods", parse_auth_methods },
	{ "cnames", parse_cnames },
	{ "digest", parse_digest },
	{ "domains", parse_domains },
	{ "envnames", parse_env_names },
	{ "escape", parse_escape },
	{ "facility", parse_facility },
	{ "groups", parse_groups },
	{ "listen", parse_listen },
	{ "loglevel", parse_log_level },
	{ "mask", parse_mask },
	{ "paths", parse_paths },
	{ "permittunnel", parse_permit_tunnel },
	{ "pubkeyoptions", parse_pubkey_options },
	{ "rdomain", parse_rdomain },
	{ "setenv", parse_set_env },
	{ "subsystem", parse_subsystem },
	{ "tundevice", parse_tun_device },
	{ "users", parse_users },
};

void
parse_other(struct reader *r)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++)
		if (str_eqc(str_c(r->k->special), specials[i].name)) {
			specials[i].parse(r);
			return;
		}
}
