/* SPDX-License-Identifier: MIT */
/* Which keywords the conditions of rules name. */
#include "rule/rule.h"

struct names {
	enum kw_side side;
	bool *used;
};

static void
add(void *ctx, unsigned slot)
{
	struct names *n = ctx;
	enum kw_side side;
	unsigned row;

	if (vars_row(slot, &side, &row) && side == n->side)
		n->used[row] = true;
}

void
ruleset_keywords(const struct ruleset *rs, enum kw_side side, bool *used)
{
	struct names n = { .side = side, .used = used };

	for (size_t i = 0; i < rs->n; i++)
		if (rs->v[i]->each == RULE_EACH_ROW)
			expr_slots(rs->v[i]->when, add, &n);
}
