/* SPDX-License-Identifier: MIT */
/* One plan on top of another: a fix may bring up a finding that was hidden before. */
#include <string.h>

#include "edit/plan.h"

static void
add_file(struct arena *a, struct plan *p, const struct file_plan *f)
{
	struct file_plan *v;

	for (size_t i = 0; i < p->n_file; i++)
		if (str_eq(p->file[i].path, f->path)) {
			p->file[i].new_bytes = f->new_bytes;
			return;
		}
	v = ARENA_ARRAY(a, struct file_plan, p->n_file + 1);
	if (p->n_file > 0)
		memcpy(v, p->file, p->n_file * sizeof(*v));
	v[p->n_file] = *f;
	v[p->n_file].path = arena_str(a, f->path);
	v[p->n_file].shown = arena_str(a, f->shown);
	p->file = v;
	p->cap_file = ++p->n_file;
}

/* The value that was planned last counts. */
static void
add_intent(struct plan *p, const struct intent *x)
{
	for (size_t i = 0; i < p->n_intent; i++)
		if (p->intent[i].row == x->row && str_eq(p->intent[i].host, x->host)) {
			p->intent[i] = *x;
			return;
		}
	p->intent[p->n_intent++] = *x;
}

static void
add_refusal(struct plan *p, const struct refusal *x)
{
	for (size_t i = 0; i < p->n_refusal; i++)
		if (str_eq(p->refusal[i].code, x->code) && str_eq(p->refusal[i].host, x->host))
			return;
	p->refusal[p->n_refusal++] = *x;
}

void
plan_add(struct arena *a, struct plan *p, const struct plan *next)
{
	struct intent *intent = ARENA_ARRAY(a, struct intent, p->n_intent + next->n_intent + 1);
	struct refusal *refusal = ARENA_ARRAY(a, struct refusal, p->n_refusal + next->n_refusal + 1);

	if (p->n_intent > 0)
		memcpy(intent, p->intent, p->n_intent * sizeof(*intent));
	if (p->n_refusal > 0)
		memcpy(refusal, p->refusal, p->n_refusal * sizeof(*refusal));
	p->intent = intent;
	p->cap_intent = p->n_intent + next->n_intent + 1;
	p->refusal = refusal;
	p->cap_refusal = p->n_refusal + next->n_refusal + 1;
	for (size_t i = 0; i < next->n_file; i++)
		add_file(a, p, &next->file[i]);
	for (size_t i = 0; i < next->n_intent; i++)
		add_intent(p, &next->intent[i]);
	for (size_t i = 0; i < next->n_refusal; i++)
		add_refusal(p, &next->refusal[i]);
	p->deletes |= next->deletes;
}
