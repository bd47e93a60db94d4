/* SPDX-License-Identifier: MIT */
/* Effective values for people and programs. */
#include "report/values.h"

size_t
values_family(const struct conf *c, const struct kw **ret_row, unsigned *ret_id)
{
	size_t rows, n = 0;
	const struct kw *table = kw_table(c->side, &rows);

	for (size_t i = 0; i < rows && n < KW_ROWS_MAX; i++) {
		size_t at = n;

		if (table[i].print == 0 || kw_find(c->side, str_c(table[i].name), c->ver) == KW_UNKNOWN)
			continue;
		/* insertion keeps them in the order of ssh -G; the family is small */
		while (at > 0 && ret_row[at - 1]->print > table[i].print) {
			ret_row[at] = ret_row[at - 1];
			ret_id[at] = ret_id[at - 1];
			at--;
		}
		ret_row[at] = &table[i];
		ret_id[at] = (unsigned)i;
		n++;
	}
	return n;
}

void
values_keyword(const struct kw *k, struct buf *b)
{
	buf_add_lower(b, str_c(k->name));
}

const char *
values_from(const struct eff *v)
{
	static const char *const name[] = { [EFF_FROM_DEFAULT] = "default",
		[EFF_FROM_FILE] = "file",
		[EFF_FROM_CMDLINE] = "cmdline",
		[EFF_FROM_OTHER] = "other" };

	return v->state == EFF_UNKNOWN ? "unknown" : name[v->from];
}

static const char *const why_word[] = {
	[LOSE_LATER] = "later",
	[LOSE_OVERRIDDEN] = "overridden",
	[LOSE_NO_MATCH] = "no-match",
	[LOSE_NONE] = "none",
	[LOSE_SCOPE] = "scope",
	[LOSE_UNKNOWN] = "unknown",
	[LOSE_LAST] = "last-wins",
	[LOSE_BY_NONE] = "by-none",
	[LOSE_FINAL] = "second-pass",
	[LOSE_PROXY] = "proxy",
	[LOSE_CLEARED] = "cleared",
	[LOSE_SAME] = "duplicate",
};

const char *
values_why(enum lose_why why)
{
	return why_word[why];
}
