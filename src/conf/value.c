/* SPDX-License-Identifier: MIT */
/* Values: the parser of each type, and what all parsers share. */
#include "conf/value.h"

#include <limits.h>

#include "conf/load.h"
#include "conf/reader.h"

/* OpenSSH's log cuts a message at the size of its buffer. */
#define MSG_MAX 1021

bool
rd_arg(struct reader *r, struct str *ret)
{
	if (r->next >= r->args->n)
		return false;
	*ret = r->args->v[r->next++].text;
	return true;
}

bool
rd_full_arg(struct reader *r, struct str *ret)
{
	return rd_arg(r, ret) && ret->n > 0;
}

bool
rd_left(const struct reader *r)
{
	return r->next < r->args->n;
}

bool
rd_bad(const struct reader *r)
{
	return r->verdict == VALUE_COUNTED || r->verdict == VALUE_FATAL;
}

bool
rd_is_client(const struct reader *r)
{
	return r->ctx->side == KW_CLIENT;
}

bool
rd_since(const struct reader *r, int n)
{
	return r->ctx->v.n >= n;
}

static void
add_msg(struct reader *r, struct str text)
{
	struct str shown = str_head(load_vis(r->a, str_head(text, MSG_MAX + 2)), MSG_MAX);

	r->msg =
	    r->msg.n == 0 ? arena_str(r->a, shown) : arena_printf(r->a, "%.*s\n%.*s", STR_ARG(r->msg), STR_ARG(shown));
}

static void __attribute__((format(printf, 3, 0)))
refuse(struct reader *r, enum value_verdict verdict, const char *fmt, va_list ap)
{
	struct str text = arena_vprintf(r->a, fmt, ap);

	add_msg(r, arena_printf(r->a, "%.*s line %u: %.*s", STR_ARG(r->ctx->file), r->ctx->line, STR_ARG(text)));
	r->verdict = verdict;
}

/* Up to 8.4 the client stopped at the first bad value, as the server still does. */
static enum value_verdict
side_verdict(const struct reader *r)
{
	return rd_is_client(r) && rd_since(r, VER(8, 5)) ? VALUE_COUNTED : VALUE_FATAL;
}

void
rd_refuse(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse(r, side_verdict(r), fmt, ap);
	va_end(ap);
}

void
rd_count(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse(r, rd_since(r, VER(8, 5)) ? VALUE_COUNTED : VALUE_FATAL, fmt, ap);
	va_end(ap);
}

void
rd_fatal(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	refuse(r, VALUE_FATAL, fmt, ap);
	va_end(ap);
}

void
rd_line(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_msg(r, arena_vprintf(r->a, fmt, ap));
	va_end(ap);
}

void
rd_missing(struct reader *r, const char *text)
{
	struct str t = str_c(r->k->missing != NULL ? r->k->missing : text);
	size_t at = str_find(t, STR("%s"));

	if (at == SIZE_MAX)
		rd_refuse(r, "%.*s", STR_ARG(t));
	else
		rd_refuse(
		    r, "%.*s%.*s%.*s", STR_ARG(str_head(t, at)), STR_ARG(r->ctx->word), STR_ARG(str_from(t, at + 2)));
}

void
rd_text(struct reader *r, struct str s)
{
	r->v->text = arena_str(r->a, s);
}

void
rd_join(struct reader *r, struct joined *j, struct str s)
{
	size_t n = j->text.n + 1 + s.n;

	if (j->text.n == 0) {
		j->text = s;
		return;
	}
	if (j->room == NULL || n > j->cap) {
		char *room = arena_alloc(r->a, n * 2);

		memcpy(room, j->text.p, j->text.n);
		j->room = room;
		j->cap = n * 2;
	}
	j->room[j->text.n] = ' ';
	if (s.n > 0)
		memcpy(j->room + j->text.n + 1, s.p, s.n);
	j->text = (struct str){ j->room, n };
}

void
rd_num(struct reader *r, int64_t n)
{
	r->v->num = n;
	r->v->text = arena_printf(r->a, "%lld", (long long)n);
}

const struct kw_word *
rd_word(const struct reader *r, const struct kw_word *list, struct str s, bool exact)
{
	/* sshd compared words with their case up to 7.6. */
	if (!rd_is_client(r) && !rd_since(r, VER(7, 7)))
		exact = true;
	for (const struct kw_word *w = list; w != NULL && w->word != NULL; w++)
		if (w->since <= r->ctx->v.n && (exact ? str_eqc(s, w->word) : str_ieqc(s, w->word)))
			return w;
	return NULL;
}

bool
rd_variables(struct reader *r, struct str s, bool *ret_any)
{
	size_t at;

	*ret_any = false;
	while (rd_since(r, VER(8, 4)) && (at = str_find(s, STR("${"))) != SIZE_MAX) {
		size_t close;

		*ret_any = true;
		s = str_from(s, at + 2);
		close = str_chr(s, '}', 0);
		if (close == SIZE_MAX) {
			rd_line(
			    r, "vdollar_percent_expand: environment variable '%.*s' missing closing '}'", STR_ARG(s));
			return false;
		}
		if (close == 0) {
			rd_line(r, "vdollar_percent_expand: zero-length environment variable");
			return false;
		}
		s = str_from(s, close + 1);
	}
	return true;
}

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* 0 to 15, or a number beyond every base. */
static unsigned
digit_value(char ch)
{
	unsigned c = (unsigned char)ch;

	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

int64_t
num_strtol(struct str s, unsigned base, size_t *ret_used)
{
	size_t i = 0, digits;
	bool minus = false;
	int64_t n = 0;

	*ret_used = 0;
	while (i < s.n && is_space(s.p[i]))
		i++;
	if (i < s.n && (s.p[i] == '+' || s.p[i] == '-'))
		minus = s.p[i++] == '-';
	if (base == 0) {
		bool hex = i + 2 < s.n && s.p[i] == '0' && (s.p[i + 1] | 0x20) == 'x' && digit_value(s.p[i + 2]) < 16;

		base = hex ? 16 : i < s.n && s.p[i] == '0' ? 8 : 10;
		i += hex ? 2 : 0;
	}
	for (digits = 0; i < s.n; i++, digits++) {
		unsigned d = digit_value(s.p[i]);

		if (d >= base)
			break;
		n = n > (INT64_MAX - (int64_t)d) / (int64_t)base ? INT64_MAX : n * (int64_t)base + (int64_t)d;
	}
	if (digits > 0)
		*ret_used = i;
	return minus ? (n == INT64_MAX ? INT64_MIN : -n) : n;
}

const char *
num_strict(struct str s, int64_t max, int64_t *ret)
{
	size_t used;
	int64_t n = num_strtol(s, 10, &used);

	if (s.n == 0)
		return "missing";
	if (used != s.n)
		return "invalid";
	if (n < 0)
		return "too small";
	if (n > max)
		return "too large";
	*ret = n;
	return NULL;
}

static void
parse_flag(struct reader *r)
{
	static const struct kw_word client[] = { { "yes", NULL, 1, 0 }, { "true", "yes", 1, 0 }, { "no", NULL, 0, 0 },
		{ "false", "no", 0, 0 }, { NULL, NULL, 0, 0 } };
	static const struct kw_word server[] = { { "yes", NULL, 1, 0 }, { "no", NULL, 0, 0 }, { NULL, NULL, 0, 0 } };
	const struct kw_word *list = r->k->words, *w;
	struct str s = { NULL, 0 };
	bool given = rd_arg(r, &s);

	if (list == NULL)
		list = rd_is_client(r) ? client : server;
	if (s.n == 0) {
		rd_refuse(r, "missing argument.");
		if (rd_is_client(r) && rd_since(r, VER(8, 5))) /* it stumbles twice */
			rd_refuse(r, "unsupported option \"%s\".", given ? "" : "(null)");
		return;
	}
	w = rd_word(r, list, s, r->k->exact_case);
	if (w == NULL) {
		rd_refuse(r, "unsupported option \"%.*s\".", STR_ARG(s));
		return;
	}
	r->v->num = w->num;
	r->v->text = str_c(w->printed != NULL ? w->printed : w->word);
}

/* Up to 7.6 numbers were read by strtol (client, any base) or atoi (server), and what followed was lost. */
static void
parse_int_old(struct reader *r, struct str s)
{
	size_t used;
	int64_t n;

	if (rd_is_client(r) && (s.p[0] < '0' || s.p[0] > '9')) {
		rd_refuse(r, "Bad number.");
		return;
	}
	n = num_strtol(s, rd_is_client(r) ? 0 : 10, &used);
	rd_num(r, (int32_t)(uint32_t)n);
}

/* Word of the keyword in front of the number messages: the server says it since 8.7. */
static void
refuse_int(struct reader *r, const char *why)
{
	if (rd_is_client(r) || !rd_since(r, VER(8, 7)))
		rd_refuse(r, "integer value %s.", why);
	else
		rd_refuse(r, "%.*s integer value %s.", STR_ARG(r->ctx->word), why);
}

static void
parse_int(struct reader *r)
{
	struct str s = { NULL, 0 };
	const char *why;
	int64_t n = 0;

	(void)rd_arg(r, &s);
	if (!rd_since(r, VER(7, 7)) && s.n > 0) {
		parse_int_old(r, s);
		return;
	}
	why = num_strict(s, INT_MAX, &n);
	if (why != NULL)
		refuse_int(r, why);
	else
		rd_num(r, n);
}

static void
parse_int_none(struct reader *r)
{
	struct str s;
	const struct kw_word *w;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "%s missing argument.");
		return;
	}
	w = rd_word(r, r->k->words, s, true);
	if (w == NULL) {
		r->next--;
		parse_int(r);
		if (rd_bad(r))
			return;
	} else {
		r->v->num = w->num;
	}
	if (r->v->num == INT_MAX) /* stored alike, printed alike */
		r->v->text = STR("none");
}

static void
parse_string(struct reader *r)
{
	struct str s;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, rd_is_client(r) ? "Missing argument." : "%s missing argument.");
		return;
	}
	if (!(r->k->none_off && str_ieqc(s, "none")))
		rd_text(r, s);
}

static void
parse_strings(struct reader *r)
{
	struct joined all = { 0 };
	struct str s;

	while (rd_arg(r, &s)) {
		if (s.n == 0) {
			rd_count(r, "keyword %.*s empty argument", STR_ARG(r->ctx->word));
			return;
		}
		rd_join(r, &all, s);
	}
	rd_text(r, all.text);
}

static void
parse_rest(struct reader *r)
{
	struct str s = r->args->rest;
	size_t i = 0;

	while (i < s.n &&
	    (s.p[i] == ' ' || s.p[i] == '\t' || s.p[i] == '\r' || s.p[i] == '\n' || (rd_is_client(r) && s.p[i] == '=')))
		i++;
	s = str_from(s, i);
	r->all_taken = true;
	if (!(r->k->none_off && str_ieqc(s, "none")))
		rd_text(r, s);
}

/* Block structure has no value. */
static void
parse_nothing(struct reader *r)
{
	r->all_taken = true;
}

static value_parser *const parsers[] = {
	[KW_T_HOST] = parse_nothing,
	[KW_T_MATCH] = parse_nothing,
	[KW_T_INCLUDE] = parse_nothing,
	[KW_T_FLAG] = parse_flag,
	[KW_T_ENUM] = parse_flag,
	[KW_T_TIME] = parse_time_value,
	[KW_T_INT] = parse_int,
	[KW_T_STRING] = parse_string,
	[KW_T_STRINGS] = parse_strings,
	[KW_T_REST] = parse_rest,
	[KW_T_PORT] = parse_port,
	[KW_T_FORWARD] = parse_forward,
	[KW_T_PERSIST] = parse_persist,
	[KW_T_AGENT] = parse_agent,
	[KW_T_REKEY] = parse_rekey,
	[KW_T_IPQOS] = parse_ipqos,
	[KW_T_CHANNELTIMEOUT] = parse_channel_timeout,
	[KW_T_UNUSEDTIMEOUT] = parse_unused,
	[KW_T_OBSCURE] = parse_obscure,
	[KW_T_STARTUPS] = parse_startups,
	[KW_T_INT_NONE] = parse_int_none,
	[KW_T_NETBLOCK] = parse_netblock,
	[KW_T_PENALTIES] = parse_penalties,
	[KW_T_PERMIT] = parse_permit,
	[KW_T_PROXYJUMP] = parse_proxy_jump,
	[KW_T_IGNOREUNKNOWN] = parse_string,
	[KW_T_ALGS] = parse_algorithms,
	[KW_T_OTHER] = parse_other,
};

/* Arguments that the parser did not take.  Old releases named the first, and an empty one ended the line. */
static void
check_left_over(struct reader *r)
{
	struct str s;

	if (r->all_taken || !rd_left(r))
		return;
	if (rd_since(r, VER(8, 7)))
		rd_count(r, "keyword %.*s extra arguments at end of line", STR_ARG(r->ctx->word));
	else if (rd_full_arg(r, &s))
		rd_refuse(r, "garbage at end of line; \"%.*s\".", STR_ARG(str_head(s, 200)));
}

enum value_verdict
value_read(struct arena *a, const struct kw *k, const struct args *args, const struct value_ctx *ctx, struct value *ret,
    struct str *ret_msg)
{
	struct reader r = { .a = a, .k = k, .args = args, .ctx = ctx, .v = ret, .verdict = VALUE_OK };

	*ret = (struct value){ .text = { NULL, 0 } };
	parsers[k->type](&r);
	if (!rd_bad(&r))
		check_left_over(&r);
	if ((k->type == KW_T_ENUM || k->type == KW_T_PERSIST) && args->n > 0)
		ret->written = args->v[0].text;
	*ret_msg = r.msg;
	return r.verdict;
}
