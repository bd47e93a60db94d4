/* SPDX-License-Identifier: MIT */
/* Message templates: names in braces, bound when the file is loaded. */
#include <string.h>

#include "base/num.h"
#include "conf/kw.h"
#include "rule/rule.h"

static struct piece *
push(struct arena *a, struct template *t, size_t *cap)
{
	if (t->n == *cap) {
		size_t n = *cap == 0 ? 8 : *cap * 2;
		struct piece *p = ARENA_ARRAY(a, struct piece, n);

		if (t->n > 0)
			memcpy(p, t->piece, t->n * sizeof(*p));
		t->piece = p;
		*cap = n;
	}
	return &t->piece[t->n++];
}

/* Does text end in the name of a keyword and a blank or "="?  What follows then reads as a line of a config. */
static bool
ends_in_keyword(struct str text)
{
	size_t from;
	struct str word;
	unsigned row;

	if (text.n < 2 || (text.p[text.n - 1] != ' ' && text.p[text.n - 1] != '='))
		return false;
	text.n--;
	for (from = text.n; from > 0 && text.p[from - 1] != ' ' && text.p[from - 1] != '\n'; from--)
		;
	word = str_from(text, from);
	for (int side = KW_CLIENT; side <= KW_SERVER; side++) {
		row = kw_find_any((enum kw_side)side, word);
		if (row != KW_UNKNOWN && str_eqc(word, kw_row((enum kw_side)side, row)->name))
			return true;
	}
	return false;
}

enum sk_code
template_compile(struct arena *a, struct str text, const struct xnames *names, struct template *ret, struct err *e)
{
	struct template t = { 0 };
	size_t cap = 0, i = 0;

	while (i < text.n) {
		size_t open = str_chr(text, '{', i), close;
		struct piece *p;
		struct str name;

		if (open == SIZE_MAX)
			open = text.n;
		if (open > i)
			push(a, &t, &cap)->text = str_head(str_from(text, i), open - i);
		i = open;
		if (i >= text.n)
			break;
		if (i + 1 < text.n && text.p[i + 1] == '{') {
			push(a, &t, &cap)->text = STR("{");
			i += 2;
			continue;
		}
		close = str_chr(text, '}', i);
		if (close == SIZE_MAX)
			return err_set(e, SK_ERULE, "a brace is not closed: %.*s", STR_ARG(str_from(text, i)));
		name = str_head(str_from(text, i + 1), close - i - 1);
		p = push(a, &t, &cap);
		if (!names->find(names->ctx, name, &p->slot, &p->type))
			return err_set(e, SK_ERULE, "no such name: %.*s", STR_ARG(name));
		p->bare = p->type == X_DURATION && ends_in_keyword(str_head(text, i));
		i = close + 1;
	}
	*ret = t;
	return SK_OK;
}

static void
add_number(struct buf *b, double v)
{
	if (isinf(v))
		buf_addc(b, "never");
	else
		num_fmt(b, v);
}

static void
add_value(struct buf *b, const struct piece *p, struct xval v, bool bare)
{
	if (!v.known)
		buf_addc(b, "unknown");
	else if (p->type == X_TEXT)
		buf_add(b, v.text);
	else if (p->type == X_FLAG)
		buf_addc(b, v.num != 0 ? "yes" : "no");
	else if (p->type == X_DURATION && !bare)
		num_fmt_s(b, v.num);
	else
		add_number(b, bare ? num_floor(v.num) : v.num);
}

static struct xval
value_for(const struct piece *p, const struct xenv *env, bool bare)
{
	struct xval v = { 0 };

	if (!bare && env->written != NULL)
		v = env->written(env->ctx, p->slot);
	return v.known ? v : env->get(env->ctx, p->slot);
}

static struct str
expand(struct arena *a, const struct template *t, const struct xenv *env, bool bare)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->piece[i];

		if (p->text.p != NULL)
			buf_add(&b, p->text);
		else
			add_value(&b, p, value_for(p, env, bare), bare || p->bare);
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

struct str
template_expand(struct arena *a, const struct template *t, const struct xenv *env)
{
	return expand(a, t, env, false);
}

struct str
template_value(struct arena *a, const struct template *t, const struct xenv *env)
{
	return expand(a, t, env, true);
}
