/* SPDX-License-Identifier: MIT */
/* Places in a server's configuration: a drop-in, or the main file ahead of the first Match. */
#include <string.h>

#include "edit/place.h"

static uint32_t
server_main(const struct planner *p)
{
	for (uint32_t i = 0; i < p->base.conf.n_src; i++)
		if (p->base.conf.src[i].depth == 0 && p->base.conf.src[i].origin == SOURCE_SERVER)
			return i;
	return UINT32_MAX;
}

/* Our own drop-in of an earlier run, or a new one whose name sorts before all that the folder holds. */
bool
place_dropin(struct planner *p, const struct group *g)
{
	static const char *const names[] = { "00-sshkeep.conf", "0-sshkeep.conf", "+-sshkeep.conf" };
	const struct conf *c = &p->base.conf;
	struct habit h = { .sep = STR(" "), .eol = STR("\n") };
	struct str path = { 0 };
	uint32_t main_src = server_main(p), ours = UINT32_MAX;

	if (p->o->dropin_dir.n == 0 || main_src == UINT32_MAX || !place_writable(p, main_src))
		return false;
	for (size_t k = 0; k < sizeof names / sizeof *names && path.n == 0; k++) {
		path = arena_printf(p->a, "%.*s/%s", STR_ARG(p->o->dropin_dir), names[k]);
		for (uint32_t i = 0; i < c->n_src && path.n > 0; i++) {
			if (str_eq(c->src[i].name, path))
				ours = i;
			else if (str_starts(c->src[i].name, arena_printf(p->a, "%.*s/", STR_ARG(p->o->dropin_dir))) &&
			    str_cmp(c->src[i].name, path) < 0)
				path.n = 0;
		}
	}
	if (path.n == 0)
		return false;
	if (ours != UINT32_MAX && !place_writable(p, ours))
		return false;
	for (const struct want *w = g->first; w != NULL; w = w->next) {
		if (!place_is_open(p, w))
			continue;
		if (ours != UINT32_MAX)
			place_insert_after(
			    p, ours, UINT32_MAX, place_line_text(p, &h, w->kw, w->value), place_eol(c, ours, 0));
		else
			mark_add(p, path, 0, 0,
			    arena_printf(p->a, "%.*s\n", STR_ARG(place_line_text(p, &h, w->kw, w->value))), false);
	}
	return true;
}

bool
place_main_near(struct planner *p, const struct group *g)
{
	const struct conf *c = &p->base.conf;
	uint32_t src = server_main(p), end, last = UINT32_MAX, model = UINT32_MAX;

	if (src == UINT32_MAX || !place_writable(p, src))
		return false;
	end = place_next_header(c, src, 0);
	for (uint32_t i = 0; i < end; i++) {
		if (!place_is_text(c, src, i))
			continue;
		last = i;
		if (place_line_id(c, src, i) != KW_ID_INCLUDE)
			model = i;
	}
	if (last == UINT32_MAX && end > 0)
		last = end == c->src[src].n ? end - 1 : UINT32_MAX;
	for (const struct want *w = g->first; w != NULL; w = w->next) {
		struct habit h = { .sep = STR(" "), .eol = place_eol(c, src, 0) };

		if (!place_is_open(p, w))
			continue;
		if (model != UINT32_MAX)
			h = place_habit(p, src, model);
		place_insert(p, src, 0, end, last, &h, w);
	}
	return true;
}

bool
place_main_first(struct planner *p, const struct group *g)
{
	const struct conf *c = &p->base.conf;
	uint32_t src = server_main(p), i = 0;
	struct habit h = { .sep = STR(" ") };

	if (src == UINT32_MAX || !place_writable(p, src))
		return false;
	h.eol = place_eol(c, src, 0);
	while (i < c->src[src].n && !place_is_text(c, src, i))
		i++;
	if (i == c->src[src].n)
		return false;
	for (const struct want *w = g->first; w != NULL; w = w->next)
		if (place_is_open(p, w))
			place_insert_after(
			    p, src, i > 0 ? i - 1 : UINT32_MAX, place_line_text(p, &h, w->kw, w->value), h.eol);
	return true;
}

struct str
place_snippet(struct planner *p, const struct group *g)
{
	struct habit h = { .sep = STR(" ") };
	struct buf b = { 0 };
	struct str out;

	for (const struct want *w = g->first; w != NULL; w = w->next) {
		if (!place_is_open(p, w))
			continue;
		buf_add(&b, place_line_text(p, &h, w->kw, w->value));
		buf_addc(&b, "\n");
	}
	out = arena_str(p->a, buf_str(&b));
	buf_release(&b);
	return out;
}
