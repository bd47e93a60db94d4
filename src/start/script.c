/* SPDX-License-Identifier: MIT */
/* Shell scripts: simple commands with the plain variables that the script itself sets put in. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "start/parts.h"

enum { NAMES_MAX = 256, VALUE_MAX = 4096, INSERT_MAX = 1024 * 1024 };

struct variable {
	struct str name, value;
	bool known;
};

struct script {
	struct start_ctx ctx; /* env and loop are the script's own */
	struct start_env env;
	struct variable *v;
	size_t n, cap;
};

static struct variable *
find(struct script *s, struct str name)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

static bool
value_of(void *ctx, struct str name, struct str *ret)
{
	struct script *s = ctx;
	struct start_budget *b = s->ctx.budget;
	const struct variable *v = find(s, name);

	if (v == NULL || !v->known)
		return false;
	if (b->inserted + v->value.n + 1 > INSERT_MAX) {
		b->spent = true;
		return false;
	}
	b->inserted += v->value.n + 1;
	*ret = v->value;
	return true;
}

static void
assign(struct script *s, const struct shcommand *c, const struct shword *w, size_t eq)
{
	struct str name = str_head(w->text, eq), value = str_from(w->text, eq + 1);
	bool known = !w->computed && !c->conditional && value.n <= VALUE_MAX;
	struct variable *v = find(s, name);

	env_set(&s->env, name, value, known);
	if (v == NULL && s->n < NAMES_MAX) {
		MEM_GROW(s->v, s->cap, s->n + 1);
		v = &s->v[s->n++];
		v->name = name;
	}
	if (v == NULL)
		return;
	v->value = value;
	v->known = known;
}

/* Any variable may have another value from here on. */
static void
forget(struct script *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->v[i].known = false;
	for (size_t i = 0; i < START_VARS; i++)
		s->env.var[i].known = false;
	s->env.open = true;
}

/* Assignments, export and unset, reading another file.  False: c is a command to look at. */
static bool
state_change(struct script *s, const struct shcommand *c)
{
	static const char *const declare[] = { "export", "readonly", "declare", "typeset", "local" };
	size_t n = 0, from = 0;

	while (n < c->n && shword_assigns(&c->word[n]) > 0)
		n++;
	for (size_t i = 0; i < sizeof(declare) / sizeof(declare[0]); i++)
		from |= str_eqc(c->word[0].text, declare[i]);
	if (n == c->n || from > 0) {
		for (size_t i = from; i < c->n; i++) {
			size_t eq = shword_assigns(&c->word[i]);

			if (eq > 0)
				assign(s, c, &c->word[i], eq);
		}
		return true;
	}
	if (str_eqc(c->word[0].text, ".") || str_eqc(c->word[0].text, "source") || str_eqc(c->word[0].text, "eval")) {
		forget(s);
		return true;
	}
	if (str_eqc(c->word[0].text, "unset") || str_eqc(c->word[0].text, "read")) {
		for (size_t i = 1; i < c->n; i++) {
			struct variable *v = find(s, c->word[i].text);

			if (v != NULL)
				v->known = false;
			if (c->word[0].text.n == 5)
				env_unset(&s->env, c->word[i].text);
		}
		return true;
	}
	return false;
}

static bool
on_command(void *ctx, const struct shcommand *c)
{
	struct script *s = ctx;

	if (state_change(s, c))
		return true;
	s->ctx.loop = c->loop;
	start_words(&s->ctx, c->word, c->n, c->cut);
	return !s->ctx.out->toomany;
}

bool
start_shell(const struct start_ctx *c, struct str text, uint32_t line)
{
	struct script s = { .ctx = *c, .env = *c->env };
	const struct shlex_opts o = { .fn = on_command, .all = true, .value = value_of, .ctx = &s, .line = line };
	bool whole;

	s.ctx.env = &s.env;
	whole = shlex_read(c->a, text, &o);
	free(s.v);
	return whole;
}
