/* SPDX-License-Identifier: MIT */
/* From a line to its keyword and arguments: the two scanners of OpenSSH and when each is used. */
#include "conf/split.h"

#include <string.h>

/* The scanner of strdelim(): text is what is left of the line. */
struct scan {
	struct arena *arena;
	struct str text; /* p == NULL: used up */
	size_t off;	 /* of text.p in the line */
	bool blanks;	 /* `=` does not separate */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
scan_skip(struct scan *s, size_t n)
{
	s->text = str_from(s->text, n);
	s->off += n;
}

static void
scan_blanks(struct scan *s)
{
	size_t n = 0;

	while (n < s->text.n && is_blank(s->text.p[n]))
		n++;
	scan_skip(s, n);
}

static void
scan_end(struct scan *s)
{
	s->off += s->text.n;
	s->text = (struct str){ NULL, 0 };
}

/* Behind an opening quote at byte i: the token is the text before it and up to the closing one, joined. */
static bool
scan_quoted(struct scan *s, size_t i, struct str *ret)
{
	size_t close = str_chr(s->text, '"', i + 1);

	if (close == SIZE_MAX) {
		scan_end(s);
		return false;
	}
	if (i == 0) {
		*ret = str_head(str_from(s->text, 1), close - 1);
	} else {
		char *p = arena_alloc(s->arena, close);

		memcpy(p, s->text.p, i);
		memcpy(p + i, s->text.p + i + 1, close - i - 1);
		*ret = (struct str){ p, close - 1 };
	}
	scan_skip(s, close + 1);
	scan_blanks(s);
	return true;
}

/* Next token; false when there is none (text used up, or a quote that is never closed). */
static bool
scan_token(struct scan *s, struct str *ret)
{
	size_t i;
	bool equals;

	if (s->text.p == NULL)
		return false;
	for (i = 0; i < s->text.n; i++)
		if (is_blank(s->text.p[i]) || s->text.p[i] == '"' || (s->text.p[i] == '=' && !s->blanks))
			break;
	if (i == s->text.n) {
		*ret = s->text;
		scan_end(s);
		return true;
	}
	if (s->text.p[i] == '"')
		return scan_quoted(s, i, ret);
	*ret = str_head(s->text, i);
	equals = s->text.p[i] == '=';
	scan_skip(s, i + 1);
	scan_blanks(s);
	if (!equals && !s->blanks && s->text.n > 0 && s->text.p[0] == '=') {
		scan_skip(s, 1);
		scan_blanks(s);
	}
	return true;
}

/* What OpenSSH sees of a line: up to a NUL, up to a comment in old releases, trailing blanks cut. */
static struct str
line_body(struct str line, enum kw_side side, struct ver v)
{
	size_t nul = str_chr(line, '\0', 0), hash;

	if (nul != SIZE_MAX)
		line.n = nul;
	if (v.n < VER(8, 7) && (side == KW_SERVER || v.n >= VER(8, 5))) {
		hash = str_chr(line, '#', 0);
		if (hash != SIZE_MAX)
			line.n = hash;
	}
	while (line.n > 1 && (is_blank(line.p[line.n - 1]) || (line.p[line.n - 1] == '\f' && v.n >= VER(7, 5))))
		line.n--;
	return line;
}

bool
split_keyword(struct arena *a, struct str line, enum kw_side side, struct ver v, struct str *ret_word,
    size_t *ret_rest_off, bool *ret_void)
{
	struct scan s = { .arena = a };
	struct str word, body;
	size_t lead = 0;

	*ret_void = false;
	/* sshd drops these while it loads the file, so that the byte behind them is the first, which is never cut */
	if (side == KW_SERVER)
		while (lead < line.n && (line.p[lead] == ' ' || line.p[lead] == '\t' || line.p[lead] == '\r'))
			lead++;
	body = line_body(str_from(line, lead), side, v);
	s.text = body;
	s.off = lead;
	if (s.text.n == 0)
		return false;
	if (!scan_token(&s, &word) || (word.n == 0 && !scan_token(&s, &word)) || word.n == 0) {
		*ret_void = str_trim(body).n > 0;
		return false;
	}
	if (word.p[0] == '#')
		return false;
	*ret_word = word;
	*ret_rest_off = s.off;
	return true;
}

static struct arg *
args_push(struct arena *a, struct args *args, size_t *cap)
{
	if (args->n == *cap) {
		size_t n = *cap == 0 ? 4 : *cap * 2;
		struct arg *v = ARENA_ARRAY(a, struct arg, n);

		if (args->n > 0)
			memcpy(v, args->v, args->n * sizeof(*v));
		args->v = v;
		*cap = n;
	}
	return &args->v[args->n++];
}

/* One argument of argv_split() that starts at byte i; returns the byte behind it, or SIZE_MAX: open quote. */
static size_t
split_word(struct arena *a, struct str s, size_t i, struct str *ret)
{
	size_t start = i, j = 0;
	char quote = 0, *copy = NULL;

	for (; i < s.n; i++) {
		char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : '\0';
		bool drop = false;

		if (c == '\\' && (next == '\'' || next == '"' || next == '\\' || (quote == 0 && next == ' '))) {
			drop = true;
		} else if (quote == 0 && (c == ' ' || c == '\t')) {
			break;
		} else if (quote == 0 && (c == '"' || c == '\'')) {
			quote = c;
			drop = true;
		} else if (quote != 0 && c == quote) {
			quote = 0;
			drop = true;
		}
		if (drop && copy == NULL) {
			copy = arena_alloc(a, s.n - start);
			memcpy(copy, s.p + start, i - start);
			j = i - start;
		}
		if (drop && c != '\\')
			continue;
		if (drop)
			c = s.p[++i];
		if (copy != NULL)
			copy[j++] = c;
	}
	if (quote != 0)
		return SIZE_MAX;
	*ret = copy != NULL ? (struct str){ copy, j } : str_head(str_from(s, start), i - start);
	return i;
}

static void
split_new(struct arena *a, struct args *ret)
{
	struct str s = ret->rest;
	size_t cap = 0, i = 0;

	while (i < s.n) {
		struct str text;
		struct arg *arg;
		size_t end;

		if (s.p[i] == ' ' || s.p[i] == '\t') {
			i++;
			continue;
		}
		if (s.p[i] == '#')
			break;
		end = split_word(a, s, i, &text);
		if (end == SIZE_MAX) {
			ret->bad_quotes = true;
			ret->n = 0;
			return;
		}
		arg = args_push(a, ret, &cap);
		arg->text = text;
		arg->off = (uint32_t)(ret->rest_off + i);
		arg->len = (uint32_t)(end - i);
		i = end;
	}
}

/* Raw bytes of the token that scan_token() just took, quotes included. */
static void
arg_place(struct arg *arg, struct str line, size_t from, size_t to)
{
	while (to > from && (is_blank(line.p[to - 1]) || line.p[to - 1] == '='))
		to--;
	arg->off = (uint32_t)from;
	arg->len = (uint32_t)(to - from);
}

static void
split_old(struct arena *a, struct str line, struct args *ret)
{
	struct scan s = { .arena = a, .text = ret->rest, .off = ret->rest_off };
	size_t cap = 0, from = s.off;
	struct str word;

	while (s.text.p != NULL && s.text.n > 0 && scan_token(&s, &word)) {
		struct arg *arg = args_push(a, ret, &cap);

		arg->text = word;
		arg_place(arg, line, from, s.off);
		from = s.off;
	}
}

void
split_blanks(struct arena *a, const struct args *args, struct args *ret)
{
	struct scan s = { .arena = a, .text = args->rest, .off = args->rest_off, .blanks = true };
	size_t cap = 0;
	struct str word;

	*ret = *args;
	ret->v = NULL;
	ret->n = 0;
	while (s.text.p != NULL && s.text.n > 0 && scan_token(&s, &word))
		args_push(a, ret, &cap)->text = word;
}

static void
args_begin(struct str line, size_t rest_off, enum kw_side side, struct ver v, struct args *ret)
{
	struct str body = line_body(line, side, v);

	memset(ret, 0, sizeof(*ret));
	ret->rest = str_from(body, rest_off);
	while (side == KW_CLIENT && ret->rest.n > 0 && is_blank(ret->rest.p[0])) {
		ret->rest = str_from(ret->rest, 1);
		rest_off++;
	}
	ret->rest_off = (uint32_t)rest_off;
	ret->none = ret->rest.n == 0;
}

void
split_args(struct arena *a, struct str line, size_t rest_off, enum kw_side side, struct ver v, struct args *ret)
{
	args_begin(line, rest_off, side, v, ret);
	if (ret->none)
		return;
	if (v.n >= VER(8, 7))
		split_new(a, ret);
	else
		split_old(a, line, ret);
}

/*
 * 9.9 and later: words of argv_split(), where "criterion=value" is one word that counts as two for the
 * criteria that 9.9p2 and 10.0 name.
 */
static void
match_pairs(struct arena *a, struct ver v, struct args *ret)
{
	static const struct {
		struct str word;
		int since;
	} pair[] = {
		{ { "host", 4 }, VERP(9, 9, 2) },
		{ { "originalhost", 12 }, VERP(9, 9, 2) },
		{ { "user", 4 }, VERP(9, 9, 2) },
		{ { "localuser", 9 }, VERP(9, 9, 2) },
		{ { "localnetwork", 12 }, VERP(9, 9, 2) },
		{ { "tagged", 6 }, VERP(9, 9, 2) },
		{ { "exec", 4 }, VERP(9, 9, 2) },
		{ { "version", 7 }, VER(10, 0) },
		{ { "command", 7 }, VER(10, 0) },
		{ { "group", 5 }, VERP(9, 9, 2) },
		{ { "address", 7 }, VERP(9, 9, 2) },
		{ { "localaddress", 12 }, VERP(9, 9, 2) },
		{ { "localport", 9 }, VERP(9, 9, 2) },
		{ { "rdomain", 7 }, VERP(9, 9, 2) },
	};
	struct args out = *ret;
	size_t cap = 0;

	out.v = NULL;
	out.n = 0;
	for (size_t i = 0; i < ret->n; i++) {
		struct arg in = ret->v[i], *arg;
		size_t eq = str_chr(in.text, '=', 0), skip = in.text.n > 0 && in.text.p[0] == '!' ? 1 : 0, k = 0;

		while (eq != SIZE_MAX && k < sizeof(pair) / sizeof(pair[0]) &&
		    !(pair[k].since <= v.n && str_ieq(str_from(str_head(in.text, eq), skip), pair[k].word)))
			k++;
		arg = args_push(a, &out, &cap);
		*arg = in;
		if (eq == SIZE_MAX || k == sizeof(pair) / sizeof(pair[0]))
			continue;
		arg->text = str_head(in.text, eq);
		arg = args_push(a, &out, &cap);
		*arg = in;
		arg->text = str_from(in.text, eq + 1);
	}
	*ret = out;
}

void
split_match(struct arena *a, struct str line, size_t rest_off, enum kw_side side, struct ver v, struct args *ret)
{
	struct args quoted;

	args_begin(line, rest_off, side, v, ret);
	if (ret->none)
		return;
	if (v.n >= VER(9, 9)) {
		split_new(a, ret);
		match_pairs(a, v, ret);
		return;
	}
	/* Every line passes argv_split() first, whose open quotes are refused, whatever reads it then. */
	if (v.n >= VER(8, 7)) {
		quoted = *ret;
		split_new(a, &quoted);
		ret->bad_quotes = quoted.bad_quotes;
	}
	split_old(a, line, ret);
}
