/* SPDX-License-Identifier: MIT */
/* Effective values as `ssh -G` and `sshd -T` print them. */
#include <string.h>

#include "eval/resolve.h"

static void
print_line(struct buf *b, const struct kw *k, struct str text)
{
	buf_add_lower(b, str_c(k->name));
	buf_addch(b, ' ');
	buf_add(b, text);
	buf_addch(b, '\n');
}

static void
print_unknown(struct buf *b, const struct effective *ev, const struct kw *k, const struct eff *e)
{
	buf_addc(b, "# ");
	buf_add_lower(b, str_c(k->name));
	buf_addf(b, " unknown: %s (", e->reason != NULL ? e->reason : "cannot be decided");
	buf_add_escaped(b, ev->conf->src[e->reason_at.src].shown);
	buf_addf(b, ":%u)\n", e->reason_at.line);
}

static struct value
set_value(const struct effective *ev, uint32_t set)
{
	struct value v;

	conf_set_value(ev->conf, ev->scratch, &ev->conf->set[set], &v);
	return v;
}

static struct str
listening_side(struct str forward)
{
	return str_head(forward, str_chr(forward, ' ', 0));
}

/* Lines of the first pass come before those that only the second takes. */
static bool
stands_before(const struct eff *x, size_t i, const struct eff *y, size_t n)
{
	bool x_late = i >= x->n_first, y_late = n >= y->n_first;

	return x_late != y_late ? y_late : x->also[i] < y->also[n];
}

/*
 * ssh keeps local and dynamic forwards in one list and tells them by the target host when it prints: one to a socket
 * path has none, so it shows up in both groups, whichever keyword made it (DynamicForward 1080:/x is such a one).
 */
static void
print_listening(struct buf *b, const struct effective *ev, const struct kw *k, bool as_dynamic)
{
	const struct eff *dynamic = eff_get(ev, KW_ID_DYNAMICFORWARD), *local = eff_get(ev, KW_ID_LOCALFORWARD);
	size_t i = 0, n = 0;

	while (i < dynamic->n_also || n < local->n_also) {
		bool is_dynamic = n == local->n_also || (i < dynamic->n_also && stands_before(dynamic, i, local, n));
		const struct eff *from = is_dynamic ? dynamic : local;
		size_t at = is_dynamic ? i++ : n++;
		bool to_path = set_value(ev, from->also[at]).num2 == 1;

		if (as_dynamic ? is_dynamic || to_path : !is_dynamic || to_path)
			print_line(b, k, as_dynamic ? listening_side(from->also_text[at]) : from->also_text[at]);
	}
}

static void
print_row(struct buf *b, const struct effective *ev, const struct kw *k, const struct eff *e)
{
	if (e->state == EFF_UNKNOWN) {
		print_unknown(b, ev, k, e);
		return;
	}
	if (k->merge != KW_APPEND) {
		if (e->text.p != NULL)
			print_line(b, k, e->text);
		return;
	}
	if (k->id == KW_ID_DYNAMICFORWARD || k->id == KW_ID_LOCALFORWARD) {
		const struct eff *other =
		    eff_get(ev, k->id == KW_ID_LOCALFORWARD ? KW_ID_DYNAMICFORWARD : KW_ID_LOCALFORWARD);

		if (other->state != EFF_UNKNOWN)
			print_listening(b, ev, k, k->id == KW_ID_DYNAMICFORWARD);
		return;
	}
	for (size_t i = 0; i < e->n_also; i++)
		print_line(b, k, e->also_text != NULL ? e->also_text[i] : set_value(ev, e->also[i]).text);
}

void
eff_print_ssh(const struct effective *ev, struct buf *b)
{
	size_t n;
	const struct kw *table = kw_table(ev->conf->side, &n);

	for (unsigned order = 1; order < 256; order++)
		for (size_t i = 0; i < n; i++)
			if (table[i].print == order && table[i].since <= ev->conf->ver.n &&
			    (table[i].until == 0 || ev->conf->ver.n < table[i].until) &&
			    (!table[i].debian || ev->conf->ver.debian))
				print_row(b, ev, &table[i], &ev->v[i]);
}
