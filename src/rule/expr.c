/* SPDX-License-Identifier: MIT */
/* Compiler (recursive descent, depth-limited) and evaluator of rule expressions. */
#include "rule/expr.h"

#include <string.h>

#include "conf/version.h"
#include "conf/pattern.h"

#define DEPTH_MAX 64u

enum op {
	OP_CONST,
	OP_SLOT,
	OP_ADD,
	OP_SUB,
	OP_MUL,
	OP_DIV,
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_MATCHES,
	OP_AND,
	OP_OR,
	OP_NOT,
	OP_MIN,
	OP_MAX,
	OP_KNOWN,
	OP_VERSION,
	OP_SET,
	OP_ORIGIN,
};

struct expr {
	enum op op;
	enum xtype type;
	unsigned slot;
	struct xval val;
	const struct expr *a, *b; /* OP_MIN, OP_MAX: a chain of pairs */
};

struct parser {
	struct arena *arena;
	struct str text;
	size_t at;
	unsigned depth;
	const struct xnames *names;
	struct err *err;
	enum sk_code code;
};

static const struct expr *parse_or(struct parser *p);

static const struct expr *
fail(struct parser *p, const char *why, struct str word)
{
	if (p->code == SK_OK)
		p->code = err_set(p->err, SK_ERULE, "%s%.*s", why, STR_ARG(word));
	return NULL;
}

static struct expr *
node(struct parser *p, enum op op, enum xtype type, const struct expr *a, const struct expr *b)
{
	struct expr *x = ARENA_NEW(p->arena, struct expr);

	x->op = op;
	x->type = type;
	x->a = a;
	x->b = b;
	return x;
}

static const struct expr *
constant(struct parser *p, enum xtype type, double num, struct str text)
{
	struct expr *x = node(p, OP_CONST, type, NULL, NULL);

	x->val = (struct xval){ .type = type, .known = true, .num = num, .text = text };
	return x;
}

/* The byte behind blanks, without taking it; NUL at the end. */
static char
next(struct parser *p)
{
	for (; p->at < p->text.n; p->at++) {
		char c = p->text.p[p->at];

		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			return c;
	}
	return '\0';
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* The word at the place, without taking it. */
static struct str
peek_word(struct parser *p)
{
	size_t n = 0;

	(void)next(p);
	while (p->at + n < p->text.n && is_name_byte(p->text.p[p->at + n]))
		n++;
	return str_head(str_from(p->text, p->at), n);
}

static bool
take_word(struct parser *p, const char *word)
{
	struct str w;

	if (next(p) != word[0])
		return false;
	w = peek_word(p);
	if (!str_eqc(w, word))
		return false;
	p->at += w.n;
	return true;
}

static bool
take(struct parser *p, char sign)
{
	if (next(p) != sign)
		return false;
	p->at++;
	return true;
}

static const struct expr *
parse_number(struct parser *p)
{
	struct str w = peek_word(p);
	size_t digits = 0, dots = 0;
	double v = 0, scale = 1, s = 0;

	while (digits < w.n && ((w.p[digits] >= '0' && w.p[digits] <= '9') || (w.p[digits] == '.' && dots == 0))) {
		if (w.p[digits] == '.') {
			dots++;
		} else if (dots > 0) {
			scale /= 10;
			v += (w.p[digits] - '0') * scale;
		} else {
			v = v * 10 + (w.p[digits] - '0');
		}
		digits++;
	}
	p->at += w.n;
	if (digits == w.n)
		return constant(p, X_BARE, v, (struct str){ 0 });
	if (dots > 0 || num_time(w, &s, NULL) != SK_OK)
		return fail(p, "not a number with a unit of s, m, h, d or w: ", w);
	return constant(p, X_DURATION, s, (struct str){ 0 });
}

static const struct expr *
parse_text(struct parser *p)
{
	size_t close = str_chr(p->text, '"', p->at + 1);
	struct str s;

	if (close == SIZE_MAX)
		return fail(p, "text without a closing quote: ", str_from(p->text, p->at));
	s = arena_str(p->arena, str_head(str_from(p->text, p->at + 1), close - p->at - 1));
	p->at = close + 1;
	return constant(p, X_TEXT, 0, s);
}

static const char *
type_name(enum xtype t)
{
	static const char *const names[] = { [X_DURATION] = "a duration",
		[X_NUMBER] = "a number",
		[X_BARE] = "a number",
		[X_FLAG] = "a flag",
		[X_TEXT] = "a text" };

	return names[t];
}

static const struct expr *
mixture(struct parser *p, const char *what, const struct expr *a, const struct expr *b)
{
	if (p->code == SK_OK)
		p->code =
		    err_set(p->err, SK_ERULE, "%s cannot join %s and %s", what, type_name(a->type), type_name(b->type));
	return NULL;
}

/* Types that can be compared or added; a bare number takes the type of the other side. */
static bool
alike(const struct expr *a, const struct expr *b, enum xtype *ret)
{
	if (a->type == b->type) {
		*ret = a->type;
		return true;
	}
	if (a->type == X_BARE && (b->type == X_DURATION || b->type == X_NUMBER)) {
		*ret = b->type;
		return true;
	}
	if (b->type == X_BARE && (a->type == X_DURATION || a->type == X_NUMBER)) {
		*ret = a->type;
		return true;
	}
	return false;
}

static const struct expr *
parse_args(struct parser *p, enum op op, const char *name)
{
	const struct expr *x = parse_or(p);

	while (p->code == SK_OK && take(p, ',')) {
		const struct expr *y = parse_or(p);
		enum xtype t;

		if (p->code != SK_OK)
			return NULL;
		if (!alike(x, y, &t) || t == X_FLAG || t == X_TEXT)
			return mixture(p, name, x, y);
		x = node(p, op, t, x, y);
	}
	if (p->code == SK_OK && !take(p, ')'))
		return fail(p, "a closing parenthesis is missing before: ", str_from(p->text, p->at));
	return x;
}

static const struct expr *
parse_keyword_call(struct parser *p, enum op op)
{
	struct str w = peek_word(p);
	struct expr *x = node(p, op, op == OP_SET ? X_FLAG : X_TEXT, NULL, NULL);

	p->at += w.n;
	if (!p->names->keyword(p->names->ctx, w, &x->slot))
		return fail(p, "not a keyword of this side: ", w);
	if (!take(p, ')'))
		return fail(p, "a closing parenthesis is missing before: ", str_from(p->text, p->at));
	return x;
}

static const struct expr *
parse_call(struct parser *p, struct str name)
{
	const struct expr *x;

	if (str_eqc(name, "min"))
		return parse_args(p, OP_MIN, "min");
	if (str_eqc(name, "max"))
		return parse_args(p, OP_MAX, "max");
	if (str_eqc(name, "set"))
		return parse_keyword_call(p, OP_SET);
	if (str_eqc(name, "origin"))
		return parse_keyword_call(p, OP_ORIGIN);
	if (str_eqc(name, "version")) {
		struct str w = peek_word(p);
		struct ver v;

		p->at += w.n;
		if (ver_parse(w, &v, NULL) != SK_OK || !take(p, ')'))
			return fail(p, "version() takes a release such as 8.2, not: ", w);
		x = constant(p, X_NUMBER, v.n, (struct str){ 0 });
		return node(p, OP_VERSION, X_FLAG, x, NULL);
	}
	if (str_eqc(name, "known")) {
		x = parse_or(p);
		if (p->code == SK_OK && !take(p, ')'))
			return fail(p, "a closing parenthesis is missing before: ", str_from(p->text, p->at));
		return node(p, OP_KNOWN, X_FLAG, x, NULL);
	}
	return fail(p, "no such function: ", name);
}

static const struct expr *
parse_atom(struct parser *p)
{
	const struct expr *x;
	struct expr *slot;
	struct str w;

	if (p->code != SK_OK)
		return NULL;
	if (take(p, '(')) {
		x = parse_or(p);
		if (p->code == SK_OK && !take(p, ')'))
			return fail(p, "a closing parenthesis is missing before: ", str_from(p->text, p->at));
		return x;
	}
	(void)next(p);
	if (p->at >= p->text.n)
		return fail(p, "the expression ends too early", (struct str){ 0 });
	if (p->text.p[p->at] == '"')
		return parse_text(p);
	w = peek_word(p);
	if (w.n == 0)
		return fail(p, "cannot read: ", str_from(p->text, p->at));
	if (w.p[0] >= '0' && w.p[0] <= '9')
		return parse_number(p);
	p->at += w.n;
	if (str_eqc(w, "never"))
		return constant(p, X_DURATION, INFINITY, (struct str){ 0 });
	if (str_eqc(w, "true") || str_eqc(w, "false"))
		return constant(p, X_FLAG, str_eqc(w, "true"), (struct str){ 0 });
	if (take(p, '('))
		return parse_call(p, w);
	slot = node(p, OP_SLOT, X_NUMBER, NULL, NULL);
	if (!p->names->find(p->names->ctx, w, &slot->slot, &slot->type))
		return fail(p, "no such name: ", w);
	return slot;
}

static const struct expr *
parse_product(struct parser *p)
{
	const struct expr *x = parse_atom(p);

	while (p->code == SK_OK) {
		bool times = take(p, '*');
		const struct expr *y;
		enum xtype t;

		if (!times && !take(p, '/'))
			break;
		y = parse_atom(p);
		if (p->code != SK_OK)
			return NULL;
		if (x->type == X_FLAG || x->type == X_TEXT || y->type == X_FLAG || y->type == X_TEXT)
			return mixture(p, times ? "*" : "/", x, y);
		if (times && x->type == X_DURATION && y->type == X_DURATION)
			return mixture(p, "*", x, y);
		if (!times && y->type == X_DURATION && x->type != X_DURATION)
			return mixture(p, "/", x, y);
		if (x->type == X_DURATION || y->type == X_DURATION)
			t = !times && y->type == X_DURATION ? X_NUMBER : X_DURATION;
		else
			t = x->type == X_BARE && y->type == X_BARE ? X_BARE : X_NUMBER;
		x = node(p, times ? OP_MUL : OP_DIV, t, x, y);
	}
	return x;
}

static const struct expr *
parse_sum(struct parser *p)
{
	const struct expr *x = parse_product(p);

	while (p->code == SK_OK) {
		bool plus = take(p, '+');
		const struct expr *y;
		enum xtype t;

		if (!plus && !take(p, '-'))
			break;
		y = parse_product(p);
		if (p->code != SK_OK)
			return NULL;
		if (!alike(x, y, &t) || t == X_FLAG || t == X_TEXT)
			return mixture(p, plus ? "+" : "-", x, y);
		x = node(p, plus ? OP_ADD : OP_SUB, t, x, y);
	}
	return x;
}

static const struct expr *
parse_compare(struct parser *p)
{
	static const struct {
		const char *sign;
		enum op op;
	} signs[] = { { "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE }, { "<", OP_LT },
		{ ">", OP_GT } };
	const struct expr *x = parse_sum(p), *y;
	enum xtype t;

	if (p->code != SK_OK)
		return NULL;
	if (take_word(p, "matches")) {
		y = parse_atom(p);
		if (p->code != SK_OK)
			return NULL;
		if (x->type != X_TEXT || y->type != X_TEXT || y->op != OP_CONST)
			return mixture(p, "matches", x, y);
		return node(p, OP_MATCHES, X_FLAG, x, y);
	}
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (next(p) != signs[i].sign[0] || !str_starts(str_from(p->text, p->at), str_c(signs[i].sign)))
			continue;
		p->at += strlen(signs[i].sign);
		y = parse_sum(p);
		if (p->code != SK_OK)
			return NULL;
		if (!alike(x, y, &t) || ((t == X_TEXT || t == X_FLAG) && signs[i].op != OP_EQ && signs[i].op != OP_NE))
			return mixture(p, signs[i].sign, x, y);
		return node(p, signs[i].op, X_FLAG, x, y);
	}
	return x;
}

static const struct expr *
parse_not(struct parser *p)
{
	const struct expr *x;

	if (!take_word(p, "not"))
		return parse_compare(p);
	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deeply", (struct str){ 0 });
	x = parse_not(p);
	p->depth--;
	if (p->code != SK_OK)
		return NULL;
	if (x->type != X_FLAG)
		return mixture(p, "not", x, x);
	return node(p, OP_NOT, X_FLAG, x, NULL);
}

static const struct expr *
parse_and(struct parser *p)
{
	const struct expr *x = parse_not(p);

	while (p->code == SK_OK && take_word(p, "and")) {
		const struct expr *y = parse_not(p);

		if (p->code != SK_OK)
			return NULL;
		if (x->type != X_FLAG || y->type != X_FLAG)
			return mixture(p, "and", x, y);
		x = node(p, OP_AND, X_FLAG, x, y);
	}
	return x;
}

static const struct expr *
parse_or(struct parser *p)
{
	const struct expr *x;

	if (++p->depth > DEPTH_MAX)
		return fail(p, "nested too deeply", (struct str){ 0 });
	x = parse_and(p);
	while (p->code == SK_OK && take_word(p, "or")) {
		const struct expr *y = parse_and(p);

		if (p->code != SK_OK)
			return NULL;
		if (x->type != X_FLAG || y->type != X_FLAG)
			return mixture(p, "or", x, y);
		x = node(p, OP_OR, X_FLAG, x, y);
	}
	p->depth--;
	return x;
}

enum sk_code
expr_compile(struct arena *a, struct str text, const struct xnames *names, const struct expr **ret, struct err *e)
{
	struct parser p = { .arena = a, .text = text, .names = names, .err = e };
	const struct expr *x = parse_or(&p);

	(void)next(&p);
	if (p.code == SK_OK && p.at < p.text.n)
		fail(&p, "cannot read: ", str_from(p.text, p.at));
	if (p.code != SK_OK)
		return p.code;
	*ret = x;
	return SK_OK;
}

static struct xval
flag(bool known, bool v)
{
	return (struct xval){ .type = X_FLAG, .known = known, .num = v };
}

static struct qty
as_qty(struct xval v)
{
	return v.known ? QTY(v.num) : QTY_UNKNOWN("unknown");
}

static struct xval
arithmetic(const struct expr *x, struct xval a, struct xval b)
{
	static struct qty (*const fn[])(struct qty, struct qty) = {
		[OP_ADD] = qty_add,
		[OP_SUB] = qty_sub,
		[OP_MUL] = qty_mul,
		[OP_DIV] = qty_div,
		[OP_MIN] = qty_min,
		[OP_MAX] = qty_max,
	};
	struct qty q = fn[x->op](as_qty(a), as_qty(b));

	return (struct xval){ .type = x->type, .known = q.known, .num = q.v };
}

static struct xval
compare(const struct expr *x, struct xval a, struct xval b)
{
	bool equal;

	if (!a.known || !b.known)
		return flag(false, false);
	if (x->op == OP_MATCHES)
		return flag(true, pattern_list(a.text, b.text, true) == 1);
	equal = a.type == X_TEXT ? str_ieq(a.text, b.text) : a.num == b.num;
	if (x->op == OP_EQ || x->op == OP_NE)
		return flag(true, equal == (x->op == OP_EQ));
	if (equal)
		return flag(true, x->op == OP_LE || x->op == OP_GE);
	return flag(true, (a.num < b.num) == (x->op == OP_LT || x->op == OP_LE));
}

static struct xval
logic(const struct expr *x, const struct xenv *env)
{
	struct xval a = expr_eval(x->a, env), b;
	bool decides = x->op == OP_OR;

	if (x->op == OP_NOT)
		return flag(a.known, a.num == 0);
	if (a.known && (a.num != 0) == decides)
		return a;
	b = expr_eval(x->b, env);
	if (b.known && (b.num != 0) == decides)
		return b;
	return flag(a.known && b.known, !decides);
}

struct xval
expr_eval(const struct expr *x, const struct xenv *env)
{
	struct xval v;
	bool known = true, set;
	int have;

	switch (x->op) {
	case OP_CONST:
		return x->val;
	case OP_SLOT:
		v = env->get(env->ctx, x->slot);
		v.type = x->type;
		return v;
	case OP_ADD:
	case OP_SUB:
	case OP_MUL:
	case OP_DIV:
	case OP_MIN:
	case OP_MAX:
		return arithmetic(x, expr_eval(x->a, env), expr_eval(x->b, env));
	case OP_EQ:
	case OP_NE:
	case OP_LT:
	case OP_LE:
	case OP_GT:
	case OP_GE:
	case OP_MATCHES:
		return compare(x, expr_eval(x->a, env), expr_eval(x->b, env));
	case OP_AND:
	case OP_OR:
	case OP_NOT:
		return logic(x, env);
	case OP_KNOWN:
		return flag(true, expr_eval(x->a, env).known);
	case OP_VERSION:
		have = env->version(env->ctx);
		return flag(have != 0, have >= (int)x->a->val.num);
	case OP_SET:
		set = env->is_set(env->ctx, x->slot, &known);
		return flag(known, set);
	case OP_ORIGIN:
		return (struct xval){ .type = X_TEXT, .known = true, .text = env->origin(env->ctx, x->slot) };
	}
	return flag(false, false);
}

bool
expr_true(const struct expr *x, const struct xenv *env)
{
	struct xval v = expr_eval(x, env);

	return v.known && v.num != 0;
}

enum xtype
expr_type(const struct expr *x)
{
	return x->type;
}

void
expr_slots(const struct expr *x, void (*fn)(void *ctx, unsigned slot), void *ctx)
{
	if (x == NULL)
		return;
	if (x->op == OP_SLOT || x->op == OP_SET || x->op == OP_ORIGIN)
		fn(ctx, x->slot);
	expr_slots(x->a, fn, ctx);
	expr_slots(x->b, fn, ctx);
}

static bool
is_empty_text(const struct expr *x)
{
	return x != NULL && x->op == OP_CONST && x->val.type == X_TEXT && x->val.text.n == 0;
}

void
expr_texts(const struct expr *x, void (*fn)(void *ctx, unsigned slot), void *ctx)
{
	bool versus_empty;

	if (x == NULL)
		return;
	versus_empty = (x->op == OP_EQ || x->op == OP_NE) && (is_empty_text(x->a) || is_empty_text(x->b));
	if (x->op == OP_SLOT)
		fn(ctx, x->slot);
	if (x->op == OP_KNOWN || versus_empty)
		return;
	expr_texts(x->a, fn, ctx);
	expr_texts(x->b, fn, ctx);
}
