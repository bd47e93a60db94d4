/* SPDX-License-Identifier: MIT */
/* What the rules for rows look at, so that a caller knows which rows they cannot tell apart. */
#include "rule/rule.h"

struct looks {
	enum kw_side side;
	bool *used;
	bool of_row; /* at something that is the row's own */
};

static void
add_slot(void *ctx, unsigned slot)
{
	struct looks *l = ctx;
	enum kw_side side;
	unsigned row;

	if (!vars_row(slot, &side, &row)) {
		l->of_row |= vars_of_name(slot);
		return;
	}
	if (side == l->side)
		l->used[row] = true;
	/* the other keywords that are made of the name differ in their text */
	l->of_row |= kw_row(side, row)->id == KW_ID_HOSTNAME;
}

static void
add_template(struct looks *l, const struct template *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->piece[i].text.p == NULL)
			add_slot(l, t->piece[i].slot);
}

bool
ruleset_keywords(const struct ruleset *rs, enum kw_side side, bool *used)
{
	const enum rule_side other = side == KW_CLIENT ? RULE_SERVER : RULE_CLIENT;
	struct looks l = { .side = side, .used = used };

	for (size_t i = 0; i < rs->n; i++) {
		const struct rule *r = rs->v[i];
		struct looks message = { .side = side, .used = used };

		if (r->each != RULE_EACH_ROW || r->text.side == other)
			continue;
		rule_texts(r); /* built-in rules are compiled when they are first asked */
		expr_slots(r->when, add_slot, &l);
		expr_slots(r->note_if, add_slot, &l);
		expr_slots(r->warning_if, add_slot, &l);
		add_template(&message, &r->message);
		add_template(&l, &r->why);
		add_template(&l, &r->advice);
		for (size_t k = 0; k < r->n_fix; k++)
			add_template(&l, &r->fix[k].value);
	}
	return !l.of_row;
}
