/* SPDX-License-Identifier: MIT */
/* Groups of rows, and which rows of a long list are shown. */
#include "report/crowd.h"

#include <stdlib.h>

#include "base/mem.h"

enum { MANY_ROWS = 40, FINE_OF_MANY = 10, EACH_OF_MANY = 3 };

bool
crowd_is_fine(const struct report_host *h)
{
	return h->j->verdict == VERDICT_SURVIVES || h->j->verdict == VERDICT_NOT_JUDGED;
}

static size_t
slot_of(const void *p, size_t mask)
{
	return (size_t)(((uint64_t)(uintptr_t)p >> 4) * 0x9e3779b97f4a7c15u >> 20) & mask;
}

/* The group of a row; open addressing over judgements. */
static struct crowd_group *
group_of(struct crowd *c, const struct report *r, uint32_t *bucket, size_t mask, size_t i)
{
	const struct judgement *j = r->host[i].j;
	size_t at = slot_of(j, mask);

	while (bucket[at] != 0 && r->host[c->group[bucket[at] - 1].first].j != j)
		at = (at + 1) & mask;
	if (bucket[at] == 0) {
		MEM_GROW(c->group, c->cap, c->n + 1);
		c->group[c->n] = (struct crowd_group){ .first = i };
		bucket[at] = (uint32_t)++c->n;
	}
	return &c->group[bucket[at] - 1];
}

static bool
is_shown(struct crowd *c, const struct report_host *h, struct crowd_group *g, size_t *io_fine)
{
	if (!c->many)
		return true;
	if (!crowd_is_fine(h))
		return g->shown < EACH_OF_MANY;
	if (++*io_fine <= FINE_OF_MANY)
		return true;
	if (h->j->verdict == VERDICT_SURVIVES)
		c->survive++;
	else
		c->unjudged++;
	return false;
}

void
crowd_init(struct crowd *c, const struct report *r)
{
	size_t mask = 63, fine = 0;
	uint32_t *bucket;

	*c = (struct crowd){ .many = r->n_host > MANY_ROWS };
	while (mask < r->n_host * 2)
		mask = mask * 2 + 1;
	bucket = mem_alloc((mask + 1) * sizeof(*bucket));
	for (size_t i = 0; i < r->n_host; i++) {
		struct crowd_group *g = group_of(c, r, bucket, mask, i);

		g->n++;
		if (!is_shown(c, &r->host[i], g, &fine))
			continue;
		g->shown++;
		MEM_GROW(c->shown, c->cap_shown, c->n_shown + 1);
		c->shown[c->n_shown++] = r->host[i];
	}
	free(bucket);
}

void
crowd_release(struct crowd *c)
{
	free(c->group);
	free(c->shown);
}
