/* SPDX-License-Identifier: MIT */
/* Counts by rule, and which findings of a long list are shown. */
#include "report/tally.h"

enum { MANY_FINDINGS = 100, EACH_OF_MANY = 10 };

void
tally_init(struct tally *t, const struct report *r)
{
	*t = (struct tally){ .many = r->findings->n > MANY_FINDINGS };
	t->code = ARENA_ARRAY(&t->arena, struct tally_code, r->rules->n + 1);
}

void
tally_release(struct tally *t)
{
	arena_release(&t->arena);
}

bool
tally_shows(struct tally *t, const struct finding *f)
{
	size_t i = 0;

	if (!t->many)
		return true;
	while (i < t->n && !str_eq(t->code[i].code, f->code))
		i++;
	if (i == t->n)
		t->code[t->n++] = (struct tally_code){ .code = f->code };
	return ++t->code[i].n <= EACH_OF_MANY;
}

void
tally_rest(const struct tally *t, struct buf *b)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->code[i].n > EACH_OF_MANY)
			buf_addf(b, "and %zu more of %.*s (--format json has them all)\n", t->code[i].n - EACH_OF_MANY,
			    STR_ARG(t->code[i].code));
}
