/* SPDX-License-Identifier: MIT */
/* Kernel knobs: the lines of a sysctl.d drop-in. */
#include "base/num.h"
#include "edit/place.h"

bool
plan_is_smaller(struct str a, struct str b)
{
	uint64_t x, y;

	return num_uint(a, INT64_MAX, &x, NULL) == SK_OK && num_uint(b, INT64_MAX, &y, NULL) == SK_OK && x > 0 &&
	    (y == 0 || x < y);
}

/* Bytes of the value of NAME in a sysctl.d file, blanks cut; the last one counts.  sysctl.d(5). */
static bool
sysctl_value(struct str text, struct str name, size_t *ret_off, size_t *ret_len)
{
	struct str rest = text, line;
	bool found = false;

	while (str_split(&rest, '\n', &line)) {
		size_t eq = str_chr(line, '=', 0);
		struct str key = str_trim(str_head(line, eq)), value;

		if (eq == SIZE_MAX || key.n == 0 || key.p[0] == '#' || key.p[0] == ';')
			continue;
		if (key.p[0] == '-')
			key = str_from(key, 1);
		if (key.n != name.n)
			continue;
		for (eq = 0; eq < key.n && (key.p[eq] == name.p[eq] || (key.p[eq] == '/' && name.p[eq] == '.')); eq++)
			;
		if (eq < key.n)
			continue;
		value = str_trim(str_from(line, str_chr(line, '=', 0) + 1));
		*ret_off =
		    value.n > 0 ? (size_t)(value.p - text.p) : (size_t)(line.p - text.p) + str_chr(line, '=', 0) + 1;
		*ret_len = value.n;
		found = true;
	}
	return found;
}

struct knob {
	struct str name, value;
};

/* Each knob once, with its smallest value. */
static size_t
collect_knobs(struct planner *p, const struct findings *f, struct knob *v)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->v[i].n_fix; k++) {
			const struct fix_item *x = &f->v[i].fix[k];
			struct str name = str_from(x->keyword, sizeof("sysctl.") - 1);
			size_t at = 0;

			if (x->remove || !str_starts(x->keyword, STR("sysctl.")))
				continue;
			if (p->o->sysctl_dropin.n == 0) {
				plan_refuse(p, &f->v[i], (struct str){ 0 }, STR("kernel settings need root"),
				    arena_printf(p->a, "%.*s = %.*s\n", STR_ARG(name), STR_ARG(x->value)), false);
				continue;
			}
			while (at < n && !str_eq(v[at].name, name))
				at++;
			if (at == n)
				v[n++] = (struct knob){ name, x->value };
			else if (plan_is_smaller(x->value, v[at].value))
				v[at].value = x->value;
		}
	return n;
}

void
plan_knobs(struct planner *p, const struct findings *f)
{
	const struct loader *l = p->o->conf_opts->loader;
	struct file_plan out = { .path = p->o->sysctl_dropin, .shown = p->o->sysctl_dropin, .src = UINT32_MAX };
	struct loaded old = { .state = LOADER_ABSENT };
	struct knob *knob;
	size_t n = 0, off, len;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].n_fix;
	knob = ARENA_ARRAY(p->a, struct knob, n + 1);
	n = collect_knobs(p, f, knob);
	if (n == 0)
		return;
	if (l != NULL)
		l->read(l->ctx, p->a, out.path, &old);
	out.exists = old.state == LOADER_FILE;
	out.old_bytes = old.bytes;
	out.edit = ARENA_ARRAY(p->a, struct edit, n + 1);
	/* Values that stand there are replaced in place; the others follow at the end, in the order of the findings. */
	for (size_t i = 0; i < n; i++) {
		struct edit e = { .off = old.bytes.n, .order = (uint32_t)i };
		size_t at = out.n_edit;

		if (sysctl_value(old.bytes, knob[i].name, &off, &len)) {
			if (str_eq((struct str){ old.bytes.p + off, len }, knob[i].value))
				continue;
			e = (struct edit){ .off = off, .len = len, .text = knob[i].value };
		} else {
			bool cut = old.bytes.n > 0 && !str_ends(old.bytes, STR("\n")) &&
			    (at == 0 || out.edit[at - 1].off < old.bytes.n);

			e.text = arena_printf(
			    p->a, "%s%.*s = %.*s\n", cut ? "\n" : "", STR_ARG(knob[i].name), STR_ARG(knob[i].value));
		}
		for (; at > 0 && out.edit[at - 1].off > e.off; at--)
			out.edit[at] = out.edit[at - 1];
		out.edit[at] = e;
		out.n_edit++;
	}
	if (old.state != LOADER_FILE && old.state != LOADER_ABSENT) {
		for (size_t i = 0; i < f->n; i++)
			if (f->v[i].n_fix > 0 && str_starts(f->v[i].fix[0].keyword, STR("sysctl.")))
				plan_refuse(p, &f->v[i], (struct str){ 0 },
				    arena_printf(p->a, "%.*s: %.*s", STR_ARG(out.path), STR_ARG(old.reason)),
				    (struct str){ 0 }, false);
	} else if (out.n_edit > 0) {
		out.new_bytes = edit_apply(p->a, out.old_bytes, out.edit, out.n_edit);
		plan_add_file(p, &out);
	}
}
