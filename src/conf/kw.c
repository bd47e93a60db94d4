/* SPDX-License-Identifier: MIT */
/* Look-ups in the keyword tables. */
#include "conf/kw_tables.h"

const struct kw *
kw_table(enum kw_side side, size_t *ret_n)
{
	*ret_n = side == KW_CLIENT ? kw_client_n : kw_server_n;
	return side == KW_CLIENT ? kw_client_table : kw_server_table;
}

/* Byte order of word and a row's name with case ignored; runs once per line of a config, times log2(rows). */
static int
name_cmp(struct str word, const char *name)
{
	size_t i;

	for (i = 0; i < word.n && name[i] != '\0'; i++) {
		int a = (unsigned char)word.p[i], b = (unsigned char)name[i];

		if (a == b)
			continue;
		if (a >= 'A' && a <= 'Z')
			a += 'a' - 'A';
		if (b >= 'A' && b <= 'Z')
			b += 'a' - 'A';
		if (a != b)
			return a - b;
	}
	if (i < word.n)
		return 1;
	return name[i] == '\0' ? 0 : -1;
}

unsigned
kw_find_any(enum kw_side side, struct str word)
{
	size_t n, low = 0;
	const struct kw *table = kw_table(side, &n);

	while (low < n) {
		size_t mid = low + (n - low) / 2;
		int cmp = name_cmp(word, table[mid].name);

		if (cmp == 0)
			return (unsigned)mid;
		if (cmp > 0)
			low = mid + 1;
		else
			n = mid;
	}
	return KW_UNKNOWN;
}

unsigned
kw_find(enum kw_side side, struct str word, struct ver v)
{
	unsigned row = kw_find_any(side, word);
	const struct kw *k;

	if (row == KW_UNKNOWN)
		return row;
	k = kw_row(side, row);
	if (v.n < k->since || (k->until != 0 && v.n >= k->until) || (k->debian && !v.debian))
		return KW_UNKNOWN;
	return row;
}

const struct kw *
kw_row(enum kw_side side, unsigned row)
{
	return (side == KW_CLIENT ? kw_client_table : kw_server_table) + row;
}

unsigned
kw_by_id(enum kw_side side, enum kw_id id)
{
	size_t n;
	const struct kw *table = kw_table(side, &n);

	if (id == KW_ID_NONE)
		return KW_UNKNOWN;
	for (size_t i = 0; i < n; i++)
		if (table[i].id == id)
			return (unsigned)i;
	return KW_UNKNOWN;
}

/* What the row is in release v: one of its changes, or {0} when it never changed. */
static const struct kw_change *
change_in(const struct kw *k, struct ver v)
{
	const struct kw_change *c;

	for (c = k->changes; c != NULL && c->from != 0; c++)
		if (v.n >= c->from)
			return c;
	return NULL;
}

bool
kw_one_wins(const struct kw *k)
{
	return k->merge == KW_FIRST || k->merge == KW_LAST;
}

enum kw_class
kw_class_in(const struct kw *k, struct ver v)
{
	const struct kw_change *c = change_in(k, v);

	return c != NULL ? c->class : k->class;
}

const char *
kw_default_in(const struct kw *k, struct ver v)
{
	const struct kw_default *d = k->dflts;

	if (d == NULL)
		return k->dflt;
	while (d->from != 0 && (v.n < d->from || (d->upstream && v.debian)))
		d++;
	return d->text;
}

unsigned
kw_target(enum kw_side side, unsigned row, struct ver v)
{
	for (unsigned hops = 0; hops < 4 && row != KW_UNKNOWN; hops++) {
		const struct kw *k = kw_row(side, row);
		const struct kw_change *c = change_in(k, v);
		const char *to = c != NULL ? c->alias_of : k->alias_of;
		unsigned next;

		if ((c != NULL ? c->class : k->class) != KW_ALIAS || to == NULL)
			break;
		next = kw_find_any(side, str_c(to));
		if (next == KW_UNKNOWN)
			break;
		row = next;
	}
	return row;
}

bool
kw_match_ok(const struct kw *k, struct ver v)
{
	return k->in_match && v.n >= k->in_match_since;
}

/* The closest one, and how many are as close. */
static const struct kw *
suggest(enum kw_side side, struct str word, size_t *ret_n)
{
	size_t n;
	const struct kw *table = kw_table(side, &n), *best = NULL;
	unsigned limit = word.n <= 4 ? 1 : 2, best_d = limit + 1;

	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct kw *k = &table[i];
		unsigned d;

		if (k->class != KW_ACTIVE || k->debian)
			continue;
		d = str_distance(word, str_c(k->name), limit);
		*ret_n = d < best_d ? 1 : *ret_n + (d == best_d && d <= limit);
		if (d < best_d || (d == best_d && d <= limit && k->print != 0 && best != NULL && best->print == 0))
			best = k;
		if (d < best_d)
			best_d = d;
	}
	return best;
}

const struct kw *
kw_suggest(enum kw_side side, struct str word)
{
	size_t n;

	return suggest(side, word, &n);
}

bool
kw_suggest_sure(enum kw_side side, struct str word)
{
	size_t n;

	return suggest(side, word, &n) != NULL && n == 1;
}
