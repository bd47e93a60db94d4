/* SPDX-License-Identifier: MIT */
/* What several reporters say of a finding in the same words, and what of a run they tell at all. */
#include "report/say.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

void
say_fix(const struct finding *f, struct buf *b)
{
	buf_add(b, f->advice);
	for (size_t i = 0; i < f->n_fix && f->advice.n == 0; i++) {
		buf_addc(b, i > 0 ? ", " : "");
		buf_addc(b, f->fix[i].remove ? "remove " : "");
		buf_add(b, f->fix[i].keyword);
		if (f->fix[i].remove)
			continue;
		buf_addch(b, ' ');
		buf_add(b, f->fix[i].value);
	}
}

void
say_text(struct str text, struct buf *b)
{
	struct str head = utf8_head(text, SAY_MAX_BYTES);

	buf_add_escaped(b, head);
	buf_addc(b, head.n < text.n ? "..." : "");
}

static void
add_line(struct buf *b, const char *head, struct str text)
{
	text = str_trim(text);
	if (text.n == 0)
		return;
	buf_addc(b, b->n > 0 ? "\n" : "");
	buf_addc(b, head);
	say_text(text, b);
}

void
say_all(const struct finding *f, struct buf *b)
{
	struct buf fix = { 0 };

	say_fix(f, &fix);
	add_line(b, "", f->message);
	add_line(b, "", f->why);
	add_line(b, "fix: ", buf_str(&fix));
	buf_release(&fix);
}

void
say_title(const struct finding *f, struct buf *b)
{
	buf_add_escaped(b, f->code);
	buf_addch(b, ' ');
	buf_add_escaped(b, f->name);
}

struct str
say_path(const struct finding *f)
{
	return f->file.n > 0 ? f->file : STR(".");
}

void
told_init(struct told *t, const struct report *r)
{
	size_t n_failed = r->failed != NULL ? r->failed->n : 0;

	t->n = 0;
	t->v = mem_alloc((r->findings->n + n_failed + 1) * sizeof(const struct finding *));
	for (size_t i = 0; i < r->findings->n; i++)
		if (!r->findings->v[i].suppressed)
			t->v[t->n++] = &r->findings->v[i];
	t->n_finding = t->n;
	for (size_t i = 0; i < n_failed; i++)
		t->v[t->n++] = &r->failed->v[i];
}

struct place {
	const struct finding *f;
	struct str code; /* "" when it does not count */
	size_t at;
};

static int
by_file(const void *x, const void *y)
{
	const struct place *a = x, *b = y;
	int r = str_cmp(a->f->file, b->f->file);

	if (r == 0)
		r = str_cmp(a->code, b->code);
	return r != 0 ? r : (a->at > b->at) - (a->at < b->at);
}

void
told_by_file(struct told *t, const struct report *r, bool by_rule)
{
	struct place *p;

	told_init(t, r);
	p = mem_alloc((t->n + 1) * sizeof *p);
	for (size_t i = 0; i < t->n; i++)
		p[i] = (struct place){ .f = t->v[i], .code = by_rule ? t->v[i]->code : STR(""), .at = i };
	qsort(p, t->n, sizeof *p, by_file);
	for (size_t i = 0; i < t->n; i++)
		t->v[i] = p[i].f;
	free(p);
}

void
told_release(struct told *t)
{
	free(t->v);
	*t = (struct told){ 0 };
}

void
told_each(const struct report *r, void (*one)(const struct finding *, struct buf *), struct buf *out)
{
	struct told t;

	told_init(&t, r);
	for (size_t i = 0; i < t.n; i++)
		one(t.v[i], out);
	told_release(&t);
}
