/* SPDX-License-Identifier: MIT */
/* Which unknown words an IgnoreUnknown line hides: its list is split once, and names without wildcards are hashed. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/load.h"
#include "conf/pattern.h"
#include "conf/template.h"
#include "conf/work.h"

/* match_pattern_list() gives up at a part that long. */
#define PART_MAX 1023u

/* A word that was compared with all wildcards; each host asks for the same ones again. */
struct answer {
	struct str word; /* p == NULL: free */
	bool ignored;
};

struct ignore_list {
	bool never; /* no such line, or one that hides nothing */
	bool all;   /* a template computes the list: it may hide anything */
	struct str *wild;
	size_t n_wild, wild_bytes;
	struct str *name; /* open addressing, case ignored; parts with their `!`; p == NULL: free */
	size_t mask;
	struct answer *asked; /* open addressing */
	size_t n_asked, cap_asked;
};

struct ignores {
	struct arena arena;
	struct ignore_list **of; /* by set */
	size_t n;
	uint64_t work; /* as conf.work */
};

void
ignore_init(struct conf *c)
{
	c->ignores = mem_alloc(sizeof(*c->ignores));
}

void
ignore_release(struct conf *c)
{
	if (c->ignores == NULL)
		return;
	arena_release(&c->ignores->arena);
	free(c->ignores->of);
	free(c->ignores);
	c->ignores = NULL;
}

static struct str
bare(struct str part)
{
	return part.n > 0 && part.p[0] == '!' ? str_from(part, 1) : part;
}

static void
enter(struct ignore_list *l, struct str part)
{
	size_t at = (size_t)str_ihash(bare(part)) & l->mask;

	while (l->name[at].p != NULL && !str_ieq(l->name[at], part))
		at = (at + 1) & l->mask;
	l->name[at] = part;
}

static struct ignore_list *
compile(const struct conf *c, struct arena *a, uint32_t set)
{
	struct ignore_list *l = ARENA_NEW(a, struct ignore_list);
	struct args args;
	struct str word, rest, part;
	size_t n = 1;

	l->all = conf_is_vague(&c->set[set]);
	if (l->all)
		return l;
	l->never = !conf_set_args(c, a, &c->set[set], &word, &args) || args.n == 0;
	if (l->never)
		return l;
	for (size_t i = 0; i < args.v[0].text.n; i++)
		n += args.v[0].text.p[i] == ',';
	l->wild = ARENA_ARRAY(a, struct str, n);
	for (l->mask = 3; l->mask < n * 2; l->mask = l->mask * 2 + 1)
		;
	l->name = ARENA_ARRAY(a, struct str, l->mask + 1);
	/* As pattern_list() reads it: a part too long spoils all. */
	for (rest = args.v[0].text; rest.n > 0 && str_split(&rest, ',', &part);) {
		if (bare(part).n >= PART_MAX)
			l->never = true;
		else if (pattern_is_literal(part))
			enter(l, part);
		else {
			l->wild[l->n_wild++] = part;
			l->wild_bytes += part.n;
		}
	}
	return l;
}

static void
judge(struct str part, bool *io_hit, bool *io_negated)
{
	if (part.n > 0 && part.p[0] == '!')
		*io_negated = true;
	else
		*io_hit = true;
}

/* The slot of a word, or the free one where it would stand. */
static struct answer *
answer_of(const struct ignore_list *l, struct str word)
{
	size_t at = (size_t)str_hash(word) & (l->cap_asked - 1);

	while (l->asked[at].word.p != NULL && !str_eq(l->asked[at].word, word))
		at = (at + 1) & (l->cap_asked - 1);
	return &l->asked[at];
}

static void
widen(struct arena *a, struct ignore_list *l)
{
	enum { FIRST = 64 };
	struct ignore_list wide = { .cap_asked = l->cap_asked == 0 ? FIRST : l->cap_asked * 2 };

	if (l->n_asked * 2 < l->cap_asked)
		return;
	wide.asked = ARENA_ARRAY(a, struct answer, wide.cap_asked);
	for (size_t i = 0; i < l->cap_asked; i++)
		if (l->asked[i].word.p != NULL)
			*answer_of(&wide, l->asked[i].word) = l->asked[i];
	l->asked = wide.asked;
	l->cap_asked = wide.cap_asked;
}

static void
compare(const struct ignore_list *l, struct str word, bool *io_hit, bool *io_negated)
{
	for (size_t i = 0; i < l->n_wild && !*io_negated; i++)
		if (pattern_imatch(word, bare(l->wild[i])))
			judge(l->wild[i], io_hit, io_negated);
}

uint64_t
conf_ignores_work(const struct conf *c)
{
	return c->ignores != NULL ? c->ignores->work : 0;
}

bool
conf_ignores(const struct conf *c, uint32_t set, struct str word)
{
	struct ignores *x = c->ignores;
	struct answer *known;
	struct ignore_list *l;
	bool hit = false, negated = false;

	if (x->n < c->n_set) {
		x->of = mem_realloc(x->of, c->n_set * sizeof(*x->of));
		memset(x->of + x->n, 0, (c->n_set - x->n) * sizeof(*x->of));
		x->n = c->n_set;
	}
	if (x->of[set] == NULL)
		x->of[set] = compile(c, &x->arena, set);
	l = x->of[set];
	if (l->never || l->all)
		return l->all;
	for (size_t at = (size_t)str_ihash(word) & l->mask; l->name[at].p != NULL; at = (at + 1) & l->mask)
		if (str_ieq(bare(l->name[at]), word))
			judge(l->name[at], &hit, &negated);
	if (l->n_wild == 0 || negated || word.n == 0)
		return hit && !negated;
	widen(&x->arena, l);
	known = answer_of(l, word);
	if (known->word.p != NULL)
		return known->ignored;
	x->work += 2 * l->n_wild + l->wild_bytes * (1 + word.n / 16) / 4;
	/* who must end in time takes the word for ignored, and looks at conf_ignores_work() */
	if ((c->work_max > 0 && x->work > c->work_max) || !conf_has_time(c))
		return true;
	compare(l, word, &hit, &negated);
	*known = (struct answer){ .word = word, .ignored = hit && !negated };
	l->n_asked++;
	return known->ignored;
}
