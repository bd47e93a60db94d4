/* SPDX-License-Identifier: MIT */
/* One judged file of a tree: what would mend its findings. */
#include "lint/fix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "fix/plan.h"
#include "edit/mend.h"

/* Hosts beyond which planning takes longer than anybody waits: for a report, and for --fix, where it is asked for. */
enum { ROWS_REPORT = 500, ROWS_FIX = 20000, SETS_PER_ROW = 100, FINDINGS_MAX = 1000 };

enum { WRITABLE = 0222 };

/* ---- files by their real place ---- */

static uint32_t
tree_of(struct lint *l)
{
	struct lint_fix *x = l->fix;

	for (size_t i = 0; i < x->n_tree; i++)
		if (str_eq(x->tree[i].shown, l->tree.shown)) {
			x->tree[i].walked |= l->tree.walked;
			return (uint32_t)i;
		}
	MEM_GROW(x->tree, x->cap_tree, x->n_tree + 1);
	x->tree[x->n_tree] = l->tree;
	x->tree[x->n_tree].fd = fcntl(l->tree.fd, F_DUPFD_CLOEXEC, 0);
	return (uint32_t)x->n_tree++;
}

struct lint_file *
lint_fix_file(struct lint *l, struct str path)
{
	struct lint_fix *x = l->fix;
	struct lint_place place;
	char real[LINT_PATH];
	struct str key;
	size_t at;

	lint_place_init(&place, &l->tree, path, l->s.arena);
	if (tree_resolve(&l->tree, place.root, path, false, real) != TREE_FOUND)
		return NULL;
	key = arena_printf(l->s.arena, "%.*s%s", STR_ARG(l->tree.shown), real);
	at = strset_find(&x->keys, key);
	if (at == SIZE_MAX) {
		at = x->n_file;
		MEM_GROW(x->file, x->cap_file, x->n_file + 1);
		x->file[x->n_file++] =
		    (struct lint_file){ .key = key, .path = str_from(key, l->tree.shown.n), .tree = tree_of(l) };
		(void)strset_add(&x->keys, NULL, key);
	}
	return &x->file[at];
}

bool
lint_fix_planned(const struct lint_tree *t, struct str path, struct str *ret)
{
	const struct lint_fix *x = t->fix;
	struct buf key = { 0 };
	const struct lint_file *f = NULL;
	size_t at;

	if (x == NULL || x->n_file == 0)
		return false;
	buf_add(&key, t->shown);
	buf_add(&key, path);
	at = strset_find(&x->keys, buf_str(&key));
	buf_release(&key);
	if (at != SIZE_MAX)
		f = &x->file[at];
	if (f == NULL || f->old_bytes.p == NULL)
		return false;
	*ret = f->new_bytes;
	return true;
}

/* ---- what may be written ---- */

/* Why the file itself is not to be written; "" when it may be. */
static struct str
why_not(const struct lint *l, const struct lint_file *f)
{
	const char *z = arena_strz(l->s.arena, f->path);
	const char *dir = arena_strz(l->s.arena, lint_folder_part(f->path));
	struct stat st, up;

	dir = *dir != '\0' ? dir : ".";
	if (fstatat(l->tree.fd, z, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
	    fstatat(l->tree.fd, dir, &up, AT_SYMLINK_NOFOLLOW) != 0)
		return STR("cannot be looked at");
	if (!S_ISREG(st.st_mode))
		return STR("is no regular file");
	if (st.st_nlink > 1)
		return STR("has other hard links, which would keep the old text");
	/* root may write anything; who takes all write bits away means it */
	if ((st.st_mode & WRITABLE) == 0 || (up.st_mode & WRITABLE) == 0 ||
	    faccessat(l->tree.fd, z, W_OK, AT_EACCESS) != 0 || faccessat(l->tree.fd, dir, W_OK, AT_EACCESS) != 0)
		return STR("is read-only");
	return STR("");
}

static void
right_of(struct lint *l, const struct lint_view *v, uint32_t src, struct file_right *ret, struct str *ret_key)
{
	const struct source *s = &v->conf->src[src];
	const struct lint_file *f =
	    src < v->n_own ? lint_fix_file(l, src == 0 ? v->path : str_from(s->name, l->tree.shown.n)) : NULL;

	*ret = (struct file_right){ .name = s->name };
	if (src >= v->n_own) {
		ret->reason = STR("is for all users of the system");
		return;
	}
	if (f == NULL) {
		ret->reason = STR("is no file of the tree");
		return;
	}
	*ret_key = f->key;
	ret->reason = f->why.n > 0 || !l->fix->apply ? f->why : why_not(l, f);
	ret->may_write = ret->reason.n == 0;
	if (ret->may_write && f->shared) {
		ret->may_write = false;
		ret->may_mend = true;
		ret->reason = STR("several configs read it, and what is right for one may be wrong for another");
	}
}

/* A file that is read under two names would be edited where nobody planned it. */
static void
rights(struct lint *l, const struct lint_view *v, struct file_right *ret)
{
	size_t n = v->conf->n_src;
	struct str *key = ARENA_ARRAY(v->a, struct str, n + 1);

	for (uint32_t i = 0; i < n; i++) {
		right_of(l, v, i, &ret[i], &key[i]);
		for (uint32_t k = 0; k < i; k++) {
			if (key[i].n == 0 || !str_eq(key[i], key[k]) || str_eq(ret[i].name, ret[k].name))
				continue;
			ret[i].may_write = ret[i].may_mend = ret[k].may_write = ret[k].may_mend = false;
			ret[i].reason = ret[k].reason = STR("is read under two names");
		}
	}
}

/* ---- what is to be mended ---- */

static bool
is_meant(const struct lint *l, const struct finding *f)
{
	if (f->suppressed || strset_has(&l->fix->hidden, f->mark))
		return false;
	/* what a report proposes, it proposes for notes as well */
	return !l->fix->apply || f->level >= l->s.fail_on || (l->o->select.p != NULL && l->o->fail_on.p == NULL);
}

static bool
is_kernel(const struct finding *f)
{
	return f->n_fix > 0 && str_starts(f->fix[0].keyword, STR("sysctl."));
}

/* All words of other vendors that are meant stand in one IgnoreUnknown line. */
static void
join_words(struct arena *a, struct findings *f)
{
	struct buf b = { 0 };
	struct str all;

	for (size_t i = 0; i < f->n; i++) {
		bool seen = !str_eqc(f->v[i].code, "SK126");

		for (size_t k = 0; k < i && !seen; k++)
			seen = str_eqc(f->v[k].code, "SK126") && str_ieq(f->v[k].fix->value, f->v[i].fix->value);
		if (seen)
			continue;
		buf_addc(&b, b.n > 0 ? "," : "");
		buf_add(&b, f->v[i].fix->value);
	}
	all = arena_str(a, buf_str(&b));
	buf_release(&b);
	for (size_t i = 0; i < f->n; i++)
		if (str_eqc(f->v[i].code, "SK126"))
			f->v[i].fix->value = all;
}

/* Without the hosts for which a baseline hides it. */
static void
drop_hidden_hosts(const struct lint *l, struct arena *a, struct finding *f)
{
	struct str *host;
	size_t n = 0;

	if (l->fix->hidden.n == 0 || f->at.line > 0)
		return;
	host = ARENA_ARRAY(a, struct str, f->n_host + 1);
	for (size_t i = 0; i < f->n_host; i++)
		if (!strset_has(&l->fix->hidden, lint_host_mark(a, f, i)))
			host[n++] = f->host[i];
	f->host = host;
	f->n_host = n;
}

/* Findings with a fix, their rule's or a sure one; of[i]: where ret->v[i] stands in v. */
static void
choose(const struct lint *l, const struct lint_view *v, const struct mend *m, struct findings *ret, size_t *of)
{
	ret->v = ARENA_ARRAY(v->a, struct finding, v->n + 1);
	for (size_t i = 0; i < v->n; i++) {
		struct finding *f = &ret->v[ret->n];

		if (!is_meant(l, &v->finding[i]))
			continue;
		/* what is more than that waits for the next pass */
		if (ret->n == FINDINGS_MAX) {
			l->fix->cut = true;
			break;
		}
		*f = v->finding[i];
		drop_hidden_hosts(l, v->a, f);
		if (f->n_host == 0 && v->finding[i].n_host > 0)
			continue;
		if (f->n_fix == 0) {
			f->fix = ARENA_NEW(v->a, struct fix_item);
			if (!mend_finding(m, f, f->fix))
				continue;
			f->n_fix = 1;
			f->host = NULL;
			f->n_host = 0;
		} else if (is_kernel(f)) {
			continue;
		}
		of[ret->n++] = i;
	}
	join_words(v->a, ret);
}

void
lint_fix_leave(
    struct lint *l, struct str unit, enum tree_part kind, struct str code, struct str host, struct str reason)
{
	struct lint_fix *x = l->fix;
	struct arena *a = l->s.arena;
	struct str key = arena_printf(a, "%.*s\n%.*s\n%.*s", STR_ARG(unit), STR_ARG(code), STR_ARG(reason));

	if (!strset_add(&x->told, NULL, key))
		return;
	MEM_GROW(x->left, x->cap_left, x->n_left + 1);
	x->left[x->n_left++] = (struct lint_left){ .unit = arena_str(a, unit),
		.kind = kind,
		.code = arena_str(a, code),
		.host = arena_str(a, host),
		.reason = arena_str(a, reason) };
}

static void
leave(struct lint *l, const struct lint_view *v, struct str code, struct str host, struct str reason)
{
	lint_fix_leave(l, v->shown, v->kind, code, host, reason);
}

static void
leave_all(struct lint *l, const struct lint_view *v, const struct findings *f, struct str reason)
{
	for (size_t i = 0; i < f->n; i++)
		leave(l, v, f->v[i].code, f->v[i].n_host > 0 ? f->v[i].host[0] : STR(""), reason);
}

/* ---- the plan ---- */

/* A row that gets only a part of what its findings want keeps them. */
static bool
is_refused(const struct plan *p, struct str host)
{
	for (size_t i = 0; i < p->n_refusal; i++)
		if (str_eq(p->refusal[i].host, host))
			return true;
	return false;
}

static void
keep_plan(struct lint *l, const struct lint_view *v, const struct plan *p)
{
	struct lint_fix *x = l->fix;
	struct arena *a = l->s.arena;
	struct lint_plan *to;

	MEM_GROW(x->plan, x->cap_plan, x->n_plan + 1);
	to = &x->plan[x->n_plan++];
	*to = (struct lint_plan){ .unit = arena_str(a, v->shown), .kind = v->kind };
	to->file = ARENA_ARRAY(a, struct lint_plan_file, p->n_file + 1);
	for (size_t i = 0; i < p->n_file; i++) {
		const struct file_plan *f = &p->file[i];
		const struct lint_file *file =
		    lint_fix_file(l, f->src == 0 ? v->path : str_from(f->path, l->tree.shown.n));

		const struct marks *m = v->conf->src[f->src].marks;

		if (file != NULL)
			to->file[to->n_file++] = (struct lint_plan_file){ .file = (uint32_t)(file - x->file),
				.old_bytes = arena_str(a, m != NULL ? m->raw : f->old_bytes),
				.new_bytes = m != NULL ? edit_apply(a, m->raw, f->edit, f->n_edit) :
							 arena_str(a, f->new_bytes) };
	}
	to->claim = ARENA_ARRAY(a, struct lint_claim, p->n_intent + 1);
	for (size_t i = 0; i < p->n_intent; i++)
		if (p->intent[i].host.n > 0 && !is_refused(p, p->intent[i].host))
			to->claim[to->n_claim++] = (struct lint_claim){ .unit = to->unit,
				.code = arena_str(a, p->intent[i].finding->code),
				.host = arena_str(a, p->intent[i].host) };
}

/* A byte order mark goes first: what stands behind it cannot be judged before. */
static bool
plan_mark(struct lint *l, const struct lint_view *v, const struct mend *m, const struct plan_opts *o)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct finding *f = &v->finding[i];
		const struct source *s = &v->conf->src[f->at.src];
		struct edit cut = { .len = mend_mark(m, f) };
		struct file_plan file = {
			.path = s->name, .src = f->at.src, .old_bytes = s->bytes, .edit = &cut, .n_edit = 1
		};
		const struct plan p = { .file = &file, .n_file = 1 };

		if (!is_meant(l, f) || cut.len == 0)
			continue;
		if (!o->right[f->at.src].may_write && !o->right[f->at.src].may_mend) {
			leave(l, v, f->code, STR(""), o->right[f->at.src].reason);
			continue;
		}
		file.new_bytes = str_from(s->bytes, cut.len);
		if (l->fix->edits)
			lint_fix_add_edit(l, v, i, f->at.src, &cut);
		if (l->fix->apply)
			keep_plan(l, v, &p);
		return true;
	}
	return false;
}

static void
plan_findings(
    struct lint *l, const struct lint_view *v, const struct plan_opts *o, const struct findings *f, const size_t *of)
{
	struct plan p;
	struct str proof;
	struct err e = { 0 };

	plan_make(v->a, o, f, &p);
	for (size_t i = 0; i < p.n_refusal; i++)
		leave(l, v, p.refusal[i].code, p.refusal[i].host, p.refusal[i].reason);
	if (p.n_file == 0)
		return;
	if (plan_prove(v->a, o, &p, &proof, &e) != SK_OK) {
		leave_all(l, v, f, str_c(e.msg));
		return;
	}
	if (l->fix->edits)
		lint_fix_attribute(l, v, o, &p, f, of);
	if (l->fix->apply)
		keep_plan(l, v, &p);
}

/* Who reads which file, so that no plan changes what another config sees. */
static void
note_users(struct lint *l, const struct lint_view *v)
{
	struct lint_fix *x = l->fix;
	struct str unit = arena_str(l->s.arena, v->shown);

	for (uint32_t i = 0; i < v->n_own; i++) {
		struct lint_file *f =
		    lint_fix_file(l, i == 0 ? v->path : str_from(v->conf->src[i].name, l->tree.shown.n));

		if (f == NULL)
			continue;
		f->judged |= i == 0 && !l->stand_in;
		MEM_GROW(x->user, x->cap_user, x->n_user + 1);
		x->user[x->n_user++] =
		    (struct lint_user){ .file = (uint32_t)(f - x->file), .kind = v->kind, .unit = unit };
	}
}

/* Did an earlier plan of this config promise that a finding would be gone? */
static void
check_claims(struct lint *l, const struct lint_view *v)
{
	struct lint_fix *x = l->fix;

	for (size_t i = 0; i < x->n_claim; i++) {
		const struct lint_claim *c = &x->claim[i];

		if (!str_eq(c->unit, v->shown) || strset_has(&x->given_up, c->unit))
			continue;
		for (size_t k = 0; k < v->n; k++)
			for (size_t h = 0; h < v->finding[k].n_host; h++)
				if (str_eq(v->finding[k].code, c->code) && str_eq(v->finding[k].host[h], c->host)) {
					x->broken = true;
					(void)strset_add(&x->given_up, l->s.arena, c->unit);
				}
	}
}

static bool
is_long(const struct lint *l, const struct conf *c)
{
	size_t max = l->fix->apply ? ROWS_FIX : ROWS_REPORT;

	return c->n_block > max || c->n_pat > max || c->n_crit > max || c->n_set > max * SETS_PER_ROW;
}

void
lint_fix_judged(struct lint *l, const struct lint_view *v)
{
	size_t *of = ARENA_ARRAY(v->a, size_t, v->n + 1);
	struct plan_opts o = { .side = v->conf->side,
		.conf = v->conf,
		.conf_opts = v->opts,
		.env = v->env,
		.lines_only = v->partial,
		.own_system = v->conf->src[0].origin == SOURCE_SYSTEM,
		.mend_refused = true,
		.budget = l->fix->apply ? NULL : &l->fix->budget,
		.keep_counts = true };
	struct findings f = { 0 };
	struct file_right *right;
	struct mend m;

	if (l->fix->apply) {
		note_users(l, v);
		check_claims(l, v);
	}
	if (v->n == 0 || (!l->fix->apply && l->fix->budget == 0))
		return;
	if (is_long(l, v->conf)) {
		for (size_t i = 0; i < v->n; i++)
			if (v->finding[i].n_fix > 0 && is_meant(l, &v->finding[i]))
				leave(l, v, v->finding[i].code, STR(""),
				    STR("too many hosts and lines to prove that nothing else moves"));
		return;
	}
	mend_init(&m, v->a, v->conf, v->use);
	choose(l, v, &m, &f, of);
	if (strset_has(&l->fix->given_up, v->shown)) {
		leave_all(l, v, &f, STR("the proof failed: it would still be there"));
		return;
	}
	right = ARENA_ARRAY(v->a, struct file_right, v->conf->n_src + 1);
	rights(l, v, right);
	o.right = right;
	o.n_right = v->conf->n_src;
	if (plan_mark(l, v, &m, &o) || f.n == 0)
		return;
	if (o.side == KW_CLIENT) {
		struct target_row *t = NULL;

		fix_all_rows(v->a, v->conf, &t, &o.n_row);
		o.row = t;
	} else {
		struct server_row *t = NULL;

		eff_server_targets(v->a, v->conf, &t, &o.n_server_row);
		o.server_row = t;
	}
	plan_findings(l, v, &o, &f, of);
}
