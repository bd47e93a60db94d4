/* SPDX-License-Identifier: MIT */
/* What the rules for rows read of a host, so that hosts with equal values can share what they found. */
#include "rule/rule.h"

struct reads {
	bool *matters;
	bool of_name;
};

static void
note_slot(void *ctx, unsigned slot)
{
	struct reads *r = ctx;
	enum kw_side side;
	unsigned row;

	if (vars_row(slot, &side, &row) && side == KW_CLIENT)
		r->matters[row] = true;
}

static void
note_text(void *ctx, unsigned slot)
{
	struct reads *r = ctx;

	r->of_name |= vars_of_name(slot);
}

static void
read_condition(struct reads *r, const struct expr *x)
{
	struct reads all = { .matters = r->matters };

	expr_slots(x, note_slot, &all);
	expr_texts(x, note_text, r);
}

/* Names in braces; in the message the host itself is left open. */
static void
read_text(struct reads *r, const struct vars_scope *scope, struct str text, bool is_message)
{
	struct vars_scope own = *scope;
	size_t open = 0;

	while ((open = str_chr(text, '{', open)) != SIZE_MAX) {
		size_t close = str_chr(text, '}', open);
		struct str name;
		unsigned slot;
		enum xtype type;

		if (close == SIZE_MAX)
			return;
		name = str_head(str_from(text, open + 1), close - open - 1);
		open = close + 1;
		if (!vars_find(&own, name, &slot, &type) || (is_message && str_eqc(name, "host")))
			continue;
		note_slot(r, slot);
		note_text(r, slot);
	}
}

bool
ruleset_reads(struct ruleset *rs, bool *matters)
{
	bool any = false;

	for (size_t i = 0; i < rs->n; i++) {
		struct rule *rule = rs->v[i];
		struct vars_scope scope = { .side = rule->text.side, .each = rule->each };
		struct reads r = { .matters = matters };

		/* Rules on both ends need both files, and rows share nothing then. */
		if (rule->each != RULE_EACH_ROW || rule->text.side != RULE_CLIENT)
			continue;
		rule_texts(rule);
		read_condition(&r, rule->when);
		read_condition(&r, rule->note_if);
		read_condition(&r, rule->warning_if);
		read_text(&r, &scope, rule->text.message, true);
		read_text(&r, &scope, rule->text.why, false);
		read_text(&r, &scope, rule->text.advice, false);
		for (size_t k = 0; k < rule->n_fix; k++)
			for (size_t p = 0; p < rule->fix[k].value.n; p++)
				if (rule->fix[k].value.piece[p].text.p == NULL) {
					note_slot(&r, rule->fix[k].value.piece[p].slot);
					note_text(&r, rule->fix[k].value.piece[p].slot);
				}
		rule->own_row = r.of_name;
		any |= r.of_name;
	}
	return any;
}

void
ruleset_shared(const struct ruleset *rs, struct arena *a, const struct rule_row *row, struct findings *out)
{
	for (size_t i = 0; i < rs->n; i++)
		if (!rs->v[i]->own_row)
			rule_on_row(rs->v[i], a, row, out);
}

void
ruleset_own(const struct ruleset *rs, struct arena *a, const struct rule_row *row, struct findings *out)
{
	for (size_t i = 0; i < rs->n; i++)
		if (rs->v[i]->own_row)
			rule_on_row(rs->v[i], a, row, out);
}
