/* SPDX-License-Identifier: MIT */
/* The end of a lint: each finding once and through the file that includes its own, by file and line. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lint/lint.h"
#include "lint/sysctl.h"
#include "cli/output.h"
#include "rule/fingerprint.h"

void
lint_failed(struct lint *l, struct str file, const char *reason)
{
	struct str text = file.n > 0 ? arena_printf(l->s.arena, "%.*s: %s", STR_ARG(file), reason) :
				       arena_str(l->s.arena, str_c(reason));
	struct finding *f;

	MEM_GROW(l->failed.v, l->failed.cap, l->failed.n + 1);
	f = &l->failed.v[l->failed.n++];
	*f = (struct finding){ .code = STR("input"), .name = STR("not-read"), .level = LEVEL_ERROR, .key = text };
	f->file = arena_str(l->s.arena, file);
	f->message = arena_printf(l->s.arena, "not read: %s", reason);
	f->confidence = CONF_DETECTED;
	if (l->again)
		return;
	lint_progress_wipe(&l->progress);
	output_note(text);
	MEM_GROW(l->s.note, l->s.cap_note, l->s.n_note + 1);
	l->s.note[l->s.n_note++] = text;
}

size_t
lint_room(struct lint *l, struct str file, size_t n)
{
	size_t left = LINT_FINDINGS - l->found.n;

	if (n <= left)
		return n;
	/* a tree made to fill the memory gets no further */
	if (!l->full)
		lint_failed(l, file,
		    arena_printf(l->s.arena, "more than %d findings: from here on none is told", LINT_FINDINGS).p);
	l->full = true;
	return left;
}

/* Whoever wrote settings that do not count learns it, once for each file of them. */
static void
tell_overruled(struct lint *l, struct str file, const struct finding *f)
{
	struct lint_scope *x = l->scopes.now;

	if (x->file.n == 0 || x->overruled || f->suppressed ||
	    !session_overruled(&l->s, lint_file_setting(l, f->file.n > 0 ? f->file : file), f))
		return;
	x->overruled = true;
	session_note(&l->s,
	    arena_printf(l->s.arena,
		"%.*s: what it says of %.*s does not count: settings of a tree neither hide nor lower what OpenSSH "
		"refuses"
		" (--config and options do)",
		STR_ARG(x->file), STR_ARG(f->code)));
}

struct finding *
lint_keep(struct lint *l, struct str file, enum tree_part kind, const struct finding *f)
{
	struct lint_unit *u = l->n_unit > 0 ? &l->unit[l->n_unit - 1] : NULL;

	if (lint_room(l, file, 1) == 0)
		return NULL;
	if (u == NULL || u->file.p != file.p || u->kind != kind) {
		MEM_GROW(l->unit, l->cap_unit, l->n_unit + 1);
		u = &l->unit[l->n_unit++];
		*u = (struct lint_unit){ .file = file, .kind = kind, .first = l->found.n };
	}
	u->n++;
	tell_overruled(l, file, f);
	MEM_GROW(l->found.v, l->found.cap, l->found.n + 1);
	l->found.v[l->found.n] = *f;
	return &l->found.v[l->found.n++];
}

static struct str *
copy_hosts(struct arena *a, const struct finding *f)
{
	struct str *host = ARENA_ARRAY(a, struct str, f->n_host + 1);

	for (size_t i = 0; i < f->n_host; i++)
		host[i] = arena_str(a, f->host[i]);
	return host;
}

static struct fix_item *
copy_fixes(struct arena *a, const struct finding *f)
{
	struct fix_item *fix = ARENA_ARRAY(a, struct fix_item, f->n_fix + 1);

	for (size_t i = 0; i < f->n_fix; i++) {
		fix[i] = f->fix[i];
		fix[i].keyword = arena_str(a, f->fix[i].keyword);
		fix[i].value = arena_str(a, f->fix[i].value);
	}
	return fix;
}

void
lint_keep_copy(struct lint *l, struct str file, enum tree_part kind, const struct finding *f)
{
	struct arena *a = l->s.arena;
	struct finding *to = lint_keep(l, file, kind, f);

	if (to == NULL)
		return;
	to->conf = NULL;
	/* what is absent is absent from the file as a whole */
	to->file = f->file.n > 0 && !str_eq(f->file, file) ? arena_str(a, f->file) : file;
	to->host = copy_hosts(a, f);
	to->message = arena_str(a, f->message);
	to->why = arena_str(a, f->why);
	to->advice = arena_str(a, f->advice);
	/* a baseline tells the hosts of a finding without a line apart */
	to->key = f->at.line == 0 ? arena_str(a, f->key) : (struct str){ 0 };
	to->row = NULL;
	to->n_row = to->cap_row = 0;
	to->fix = copy_fixes(a, f);
}

static int
by_pair(const void *x, const void *y)
{
	const struct lint_pair *a = x, *b = y;
	int r = str_cmp(a->file, b->file);

	return r != 0 ? r : str_cmp(a->by, b->by);
}

/* The first pair of file in the sorted list. */
static size_t
pairs_of(const struct lint *l, struct str file)
{
	size_t low = 0, high = l->n_pair;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (str_cmp(l->pair[mid].file, file) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
includes(const struct lint *l, struct str by, struct str file)
{
	const struct lint_pair key = { .file = file, .by = by };

	return l->n_pair > 0 && bsearch(&key, l->pair, l->n_pair, sizeof *l->pair, by_pair) != NULL;
}

/*
 * Is the file judged through another one?  Whole configs stand for themselves; of parts that include each other
 * in a circle the first by name does.
 */
bool
lint_told_elsewhere(const struct lint *l, struct str file, enum tree_part kind)
{
	if (kind == TREE_MAIN)
		return false;
	if (strset_has(&l->by_main, file))
		return true;
	for (size_t i = pairs_of(l, file); i < l->n_pair && str_eq(l->pair[i].file, file); i++)
		if (!includes(l, file, l->pair[i].by) || str_cmp(l->pair[i].by, file) < 0)
			return true;
	return false;
}

struct str
lint_main_of(struct str file)
{
	static const char *const folder[] = { "/sshd_config.d/", "/ssh_config.d/", "/config.d/" };

	for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
		struct str d = str_c(folder[i]);
		size_t at = str_starts(file, str_from(d, 1)) ? 0 : str_find(file, d);

		if (at != SIZE_MAX)
			return str_head(file, at + d.n - (at == 0 && file.p[0] != '/') - strlen(".d/"));
	}
	return STR("");
}

bool
lint_unread(const struct lint *l, struct str file, enum tree_part kind)
{
	return kind != TREE_MAIN && !lint_told_elsewhere(l, file, kind) && !strset_has(&l->apart, file) &&
	    strset_has(&l->mains, lint_main_of(file));
}

bool
lint_rule_asks(const struct finding *f, const char *variable)
{
	struct rule_text t = { 0 };

	if (f->rule == NULL)
		return false;
	rule_describe(f->rule, &t);
	return str_find(t.when, str_c(variable)) != SIZE_MAX;
}

/*
 * A drop-in that no config includes: only with the main config at hand is that a fault, and then the only one.  A line of
 * sysctl.d: only when no other beats it.
 */
static bool
is_sure(const struct lint *l, const struct lint_unit *u, const struct finding *f)
{
	struct rule_text t = { 0 };

	if (f->rule == NULL)
		return true;
	rule_describe(f->rule, &t);
	if (t.each == RULE_EACH_MACHINE)
		return !lint_sysctl_lost(l, f->file, f->at.line);
	/* comments are told with no part of a config in mind */
	if (t.each == RULE_EACH_IGNORE)
		return !lint_unread(l, u->file, TREE_DROPIN);
	if (u->kind == TREE_MAIN)
		return true;
	return lint_rule_asks(f, "line.unread") == lint_unread(l, u->file, u->kind);
}

static int
by_place(const void *x, const void *y)
{
	const struct finding *a = x, *b = y;
	int r = str_cmp(a->file, b->file);

	if (r == 0)
		r = (a->at.line > b->at.line) - (a->at.line < b->at.line);
	if (r == 0)
		r = (a->at.col > b->at.col) - (a->at.col < b->at.col);
	if (r == 0)
		r = str_cmp(a->code, b->code);
	if (r == 0)
		r = str_cmp(a->message, b->message);
	if (r == 0)
		r = (b->level > a->level) - (b->level < a->level);
	return r != 0 ? r : (a->order > b->order) - (a->order < b->order);
}

/* A drop-in that two configs include says the same thing twice; what waits for its lines in them is told once. */
static bool
is_same(const struct finding *a, const struct finding *b)
{
	return str_eq(a->file, b->file) && a->at.line == b->at.line && a->at.col == b->at.col &&
	    str_eq(a->code, b->code) && (str_eq(a->message, b->message) || lint_rule_asks(a, "line.waits"));
}

static struct str
place_key(struct arena *a, const struct finding *f)
{
	return arena_printf(a, "%.*s%c%.*s%c%u", STR_ARG(f->file), '\0', STR_ARG(f->code), '\0', (unsigned)f->at.line);
}

/* What a whole config says of a file that stands apart, said by that as well, is one thing. */
static void
drop_twice(struct lint *l)
{
	struct strset said = { 0 };
	struct arena a = { 0 };

	for (size_t pass = 0; pass < 2 && l->apart.n > 0; pass++)
		for (size_t i = 0; i < l->n_unit; i++) {
			struct lint_unit *u = &l->unit[i];
			struct finding *v = l->found.v + u->first;
			size_t n = 0;

			if (pass == 0 && u->kind == TREE_MAIN)
				for (size_t k = 0; k < u->n; k++)
					(void)strset_add(&said, &a, place_key(&a, &v[k]));
			if (pass == 0 || !strset_has(&l->apart, u->file))
				continue;
			for (size_t k = 0; k < u->n; k++)
				if (!strset_has(&said, place_key(&a, &v[k])))
					v[n++] = v[k];
			u->n = n;
		}
	strset_release(&said);
	arena_release(&a);
}

void
lint_end(struct lint *l)
{
	struct findings *f = &l->found;
	size_t n = 0;

	lint_comments_end(l);
	lint_sysctl_end(l);
	lint_watch_file(&l->watch, STR(""), STR(""));
	if (l->budget.globs == 0)
		lint_failed(
		    l, STR(".sshkeep.ini"), "its [files] patterns take too long: from some file on they do not count");
	if (l->n_pair > 0)
		qsort(l->pair, l->n_pair, sizeof *l->pair, by_pair);
	drop_twice(l);
	for (size_t i = 0; i < l->n_unit; i++) {
		const struct lint_unit *u = &l->unit[i];

		if (lint_told_elsewhere(l, u->file, u->kind))
			continue;
		for (size_t k = u->first; k < u->first + u->n; k++)
			if (is_sure(l, u, &f->v[k]))
				f->v[n++] = f->v[k];
	}
	f->n = n;
	for (size_t i = 0; i < n; i++)
		f->v[i].order = (uint32_t)i;
	if (n > 0)
		qsort(f->v, n, sizeof *f->v, by_place);
	n = 0;
	for (size_t i = 0; i < f->n; i++)
		if (n == 0 || !is_same(&f->v[n - 1], &f->v[i]))
			f->v[n++] = f->v[i];
	f->n = n;
	fingerprints_number(l->s.arena, f);
	fingerprints_number(l->s.arena, &l->failed);
	l->s.findings = *f;
	*f = (struct findings){ 0 };
}
