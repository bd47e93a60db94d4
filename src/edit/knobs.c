/* SPDX-License-Identifier: MIT */
/* Kernel knobs: which file of sysctl.d(5) decides, and the lines of our drop-in. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "edit/fs.h"
#include "edit/place.h"

#define SYSCTL_CONF "/etc/sysctl.conf"

/* One file that sets kernel knobs, or ours. */
struct knob_file {
	struct str path, bytes;
	bool exists;
	struct edit *edit;
	size_t n_edit;
};

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
	const struct finding *finding; /* the first that wants it */
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
				v[n++] = (struct knob){ name, x->value, &f->v[i] };
			else if (plan_is_smaller(x->value, v[at].value))
				v[at].value = x->value;
		}
	return n;
}

static int
compare_names(const void *a, const void *b)
{
	return str_cmp(str_base(((const struct knob_file *)a)->path), str_base(((const struct knob_file *)b)->path));
}

/*
 * All files that set knobs, in the order in which they are read: by name, a name of an earlier folder hides that of
 * a later one (sysctl.d(5)); /etc/sysctl.conf comes last (sysctl(8) --system of procps).
 */
static size_t
list_files(struct planner *p, struct knob_file **ret)
{
	static const char *const dirs[] = { "/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d",
		"/usr/lib/sysctl.d", "/lib/sysctl.d" };
	enum { DIRS = sizeof dirs / sizeof *dirs };
	const struct loader *l = p->o->conf_opts->loader;
	struct str *name[DIRS] = { NULL };
	size_t count[DIRS] = { 0 }, n = 0, most = 2;
	struct loaded text;
	struct knob_file *v;
	bool capped;

	for (size_t i = 0; l != NULL && i < DIRS; i++) {
		l->glob(l->ctx, p->a, arena_printf(p->a, "%s/*.conf", dirs[i]), false, &name[i], &count[i], &capped);
		most += count[i];
	}
	v = ARENA_ARRAY(p->a, struct knob_file, most);
	for (size_t i = 0; i < DIRS; i++)
		for (size_t k = 0; k < count[i]; k++) {
			size_t at = 0;

			while (at < n && !str_eq(str_base(v[at].path), str_base(name[i][k])))
				at++;
			if (at == n)
				v[n++] = (struct knob_file){ .path = name[i][k] };
		}
	qsort(v, n, sizeof *v, compare_names);
	v[n++] = (struct knob_file){ .path = STR(SYSCTL_CONF) };
	for (size_t i = 0; i < n; i++) {
		text = (struct loaded){ .state = LOADER_ABSENT };
		if (l != NULL)
			l->read(l->ctx, p->a, v[i].path, &text);
		v[i].exists = text.state == LOADER_FILE;
		v[i].bytes = text.bytes;
		v[i].edit = NULL;
	}
	*ret = v;
	return n;
}

static void
add_edit(struct planner *p, struct knob_file *f, const struct edit *e, size_t most)
{
	size_t at = f->n_edit;

	if (f->edit == NULL)
		f->edit = ARENA_ARRAY(p->a, struct edit, most);
	for (; at > 0 && f->edit[at - 1].off > e->off; at--)
		f->edit[at] = f->edit[at - 1];
	f->edit[at] = *e;
	f->n_edit++;
}

/* A new line at the end. */
static void
append_knob(struct planner *p, struct knob_file *f, const struct knob *k, uint32_t order, size_t most)
{
	struct edit e = { .off = f->bytes.n, .order = order };
	bool cut = f->bytes.n > 0 && !str_ends(f->bytes, STR("\n")) &&
	    (f->n_edit == 0 || f->edit[f->n_edit - 1].off < f->bytes.n);

	e.text = arena_printf(p->a, "%s%.*s = %.*s\n", cut ? "\n" : "", STR_ARG(k->name), STR_ARG(k->value));
	add_edit(p, f, &e, most);
}

/* The last file that sets the knob, or NULL. */
static struct knob_file *
setter(struct knob_file *v, size_t n, struct str name, size_t *ret_off, size_t *ret_len)
{
	for (size_t i = n; i > 0; i--)
		if (v[i - 1].exists && sysctl_value(v[i - 1].bytes, name, ret_off, ret_len))
			return &v[i - 1];
	return NULL;
}

/* Ours when it sorts behind the file that decides now; else one that is read after all names that people use. */
static struct str
dropin_behind(struct planner *p, const struct knob_file *last)
{
	struct str ours = p->o->sysctl_dropin, late;

	if (last == NULL || str_cmp(str_base(last->path), str_base(ours)) < 0)
		return ours;
	late = arena_printf(p->a, "%.*szz-sshkeep.conf", STR_ARG(str_head(ours, ours.n - str_base(ours).n)));
	return str_cmp(str_base(last->path), str_base(late)) < 0 ? late : (struct str){ 0 };
}

static struct knob_file *
named(struct knob_file *v, size_t *io_n, struct str path)
{
	for (size_t i = 0; i < *io_n; i++)
		if (str_eq(v[i].path, path))
			return &v[i];
	v[*io_n] = (struct knob_file){ .path = path };
	return &v[(*io_n)++];
}

/*
 * The line that decides is changed when it stands in a file of the administrator's; what packages deliver is
 * overridden by a drop-in (contract 7).
 */
static void
place_knobs(
    struct planner *p, const struct knob *knob, size_t n, struct knob_file *file, size_t n_read, size_t *io_n_file)
{
	for (size_t i = 0; i < n; i++) {
		size_t off = 0, len = 0;
		struct knob_file *last = setter(file, n_read, knob[i].name, &off, &len);
		struct str path;

		if (last != NULL && str_starts(last->path, STR("/etc/"))) {
			struct edit e = { .off = off, .len = len, .text = knob[i].value, .order = (uint32_t)i };

			if (!str_eq((struct str){ last->bytes.p + off, len }, knob[i].value))
				add_edit(p, last, &e, n);
			continue;
		}
		path = dropin_behind(p, last);
		if (path.n > 0 || last == NULL)
			append_knob(p, named(file, io_n_file, path), &knob[i], (uint32_t)i, n);
		else
			plan_refuse(p, knob[i].finding, (struct str){ 0 },
			    arena_printf(
				p->a, "%.*s sets it and is read after every name of ours", STR_ARG(last->path)),
			    arena_printf(p->a, "%.*s = %.*s\n", STR_ARG(knob[i].name), STR_ARG(knob[i].value)), false);
	}
}

void
plan_knobs(struct planner *p, const struct findings *f)
{
	struct knob_file *read, *file;
	struct knob *knob;
	size_t n = 0, n_read, n_file;

	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].n_fix;
	knob = ARENA_ARRAY(p->a, struct knob, n + 1);
	n = collect_knobs(p, f, knob);
	if (n == 0)
		return;
	n_read = list_files(p, &read);
	file = ARENA_ARRAY(p->a, struct knob_file, n_read + n);
	memcpy(file, read, n_read * sizeof *file);
	n_file = n_read;
	place_knobs(p, knob, n, file, n_read, &n_file);
	for (size_t i = 0; i < n_file; i++) {
		struct file_plan out = { .path = file[i].path,
			.shown = file[i].path,
			.exists = file[i].exists,
			.src = UINT32_MAX,
			.old_bytes = file[i].bytes,
			.edit = file[i].edit,
			.n_edit = file[i].n_edit };

		if (out.n_edit == 0)
			continue;
		out.new_bytes = edit_apply(p->a, out.old_bytes, out.edit, out.n_edit);
		plan_add_file(p, &out);
	}
}
