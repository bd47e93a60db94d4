/* SPDX-License-Identifier: MIT */
/* The way back: what an entry of the journal replaced is put in place again. */
#include "edit/write.h"

#include <fcntl.h>

#include "base/num.h"
#include "edit/transact.h"

enum { MODE_ALL = 07777, NAMES_MAX = 700 };

/* Does a later entry, a forced undo, take this one back? */
static bool
is_taken_back(const struct journal *all, size_t n, const struct journal *j)
{
	if (j->state == JOURNAL_UNDONE)
		return true;
	for (size_t i = 0; i < n; i++)
		if (all[i].back == j->id && all[i].state == JOURNAL_DONE)
			return true;
	return false;
}

static struct undo_entry
entry_of(const struct store *s, const struct journal *all, size_t n, const struct journal *j)
{
	struct undo_entry u = { .id = arena_printf(s->a, "%llu", (unsigned long long)j->id),
		.when = j->when,
		.label = j->label,
		.undone = is_taken_back(all, n, j) };

	if (j->state == JOURNAL_DAMAGED)
		u.damaged = journal_path(s, j->id, "");
	u.path = ARENA_ARRAY(s->a, struct str, j->n_file + 1);
	for (size_t i = 0; i < j->n_file; i++)
		u.path[u.n_path++] = j->file[i].path;
	return u;
}

enum sk_code
undo_list(struct arena *a, const struct write_opts *o, struct undo_entry **ret, size_t *ret_n, struct err *e)
{
	struct journal *all = NULL;
	struct store s;
	size_t n = 0;
	bool any;
	enum sk_code code = journal_open(a, o, false, &s, e);

	if (code == SK_ENOENT) {
		*ret = NULL;
		*ret_n = 0;
		return SK_OK;
	}
	if (code != SK_OK)
		return code;
	code = recover_all(&s, o, &all, &n, &any, e);
	journal_close(&s);
	if (code != SK_OK)
		return code;
	*ret = ARENA_ARRAY(a, struct undo_entry, n + 1);
	for (size_t i = 0; i < n; i++)
		(*ret)[i] = entry_of(&s, all, n, &all[i]);
	*ret_n = n;
	return SK_OK;
}

/* Root's one folder serves every home: who names one means what was written there. */
static bool
is_meant(const struct journal *j, struct str home)
{
	return home.n == 0 || j->home.n == 0 || str_eq(j->home, home);
}

static enum sk_code
find_entry(
    struct journal *all, size_t n, const struct write_opts *o, struct str id, struct journal **ret, struct err *e)
{
	uint64_t want = 0;
	bool others = false;

	if (id.n > 0 && num_uint(id, UINT32_MAX, &want, NULL) != SK_OK)
		want = 0;
	for (size_t i = n; i > 0; i--) {
		struct journal *j = &all[i - 1];

		if (id.n > 0 ? j->id != want : is_taken_back(all, n, j))
			continue;
		if (id.n == 0 && !is_meant(j, o->home)) {
			others = true;
			continue;
		}
		if (is_taken_back(all, n, j))
			return err_set(e, SK_EREFUSED, "%llu was taken back already", (unsigned long long)j->id);
		*ret = j;
		return SK_OK;
	}
	if (id.n > 0)
		return err_set(e, SK_EREFUSED, "nothing to undo: no entry has this number; undo --list shows them");
	if (others)
		return err_set(e, SK_EREFUSED,
		    "nothing to undo for the home %.*s; undo --list shows what was written for others",
		    STR_ARG(o->home));
	return err_set(e, SK_EREFUSED, "nothing to undo");
}

/* Jobs from the new bytes to the old ones. */
static enum sk_code
find_jobs(struct run *r, struct err *e)
{
	enum sk_code code = SK_OK;

	for (size_t i = 0; i < r->j->n_file && code == SK_OK; i++) {
		const struct journal_file *f = &r->j->file[i];
		struct place p;
		struct job *j;

		code = fs_walk(r->s->fs, r->s->a, f->path, &p, e);
		if (code == SK_OK)
			code = run_add(r, f, &p, &j, e);
		if (code != SK_OK)
			return code;
		j->path = p.path;
		j->from = f->is;
		j->to = f->was;
		j->keep_owner = true;
	}
	return code;
}

/* Looks at all files, so that all that changed are named. */
static enum sk_code
check_jobs(const struct run *r, struct err *e)
{
	struct buf names = { 0 };
	enum sk_code code = SK_OK, changed = SK_OK;

	for (size_t i = 0; i < r->n && code == SK_OK; i++) {
		code = job_check(&r->job[i], e);
		if (code != SK_ECHANGED)
			continue;
		changed = code;
		code = SK_OK;
		if (names.n > 0)
			buf_addc(&names, ", ");
		buf_add_escaped(&names, r->job[i].path);
	}
	if (code == SK_OK && changed != SK_OK)
		code = err_set(e, changed,
		    "changed since: %.*s%s; --force puts the old bytes back all the same and keeps what stands there",
		    names.n < NAMES_MAX ? (int)names.n : NAMES_MAX, names.p, names.n < NAMES_MAX ? "" : "...");
	buf_release(&names);
	return code;
}

static enum sk_code
take_back(struct run *r, struct err *e)
{
	bool stuck = false;
	enum sk_code code;

	/* the next run has to know, should this one be cut short */
	for (size_t i = 0; i < r->n; i++) {
		r->j->file[i].linked |= r->job[i].in_place;
		r->j->file[i].in_place |= r->job[i].mounts;
	}
	code = journal_set(r->s, r->j, JOURNAL_UNDOING, e);
	if (code != SK_OK) {
		run_note_state(r, JOURNAL_DONE);
		return code;
	}
	code = run_all(r, &stuck, e);
	if (code == SK_OK) {
		code = journal_set(r->s, r->j, JOURNAL_UNDONE, e);
		if (code == SK_OK) {
			run_remove_dirs(r, false);
			return SK_OK;
		}
		stuck = !run_revert(r, e);
		code = e->code;
	}
	if (!stuck)
		run_note_state(r, JOURNAL_DONE);
	return code;
}

/* A new entry: from whatever stands there now to the old bytes of r->j. */
static enum sk_code
take_back_forced(struct run *r, struct err *e)
{
	const struct journal *was = r->j;
	struct journal *new = ARENA_NEW(r->s->a, struct journal);
	size_t n = 0;

	new->label = STR("undo --force");
	new->home = was->home;
	new->back = was->id;
	new->file = ARENA_ARRAY(r->s->a, struct journal_file, r->n + 1);
	for (size_t i = 0; i < r->n; i++) {
		struct job *j = &r->job[i];
		struct journal_file *f = &new->file[n];
		enum sk_code code;

		j->any = true;
		code = job_check(j, e);
		if (code != SK_OK)
			return code;
		if (!j->from.exists && !j->to.exists)
			continue;
		j->any = false;
		*f = was->file[i];
		f->path = j->path;
		f->temp = arena_printf(r->s->a, "%.*s/%s", STR_ARG(fs_dir(j->path)), j->temp);
		f->linked = j->in_place;
		f->in_place = j->mounts;
		f->was = j->from;
		f->was.mode = j->st.st_mode & MODE_ALL;
		f->was.uid = j->st.st_uid;
		f->was.gid = j->st.st_gid;
		f->is = j->to;
		r->job[n++] = *j;
	}
	new->n_file = r->n = n;
	r->j = new;
	return run_new(r, e);
}

static enum sk_code
undo_entry(const struct store *s, const struct write_opts *o, struct journal *j, bool force, struct err *e)
{
	struct run r = { .s = s, .o = o, .j = j };
	enum sk_code code = journal_bytes(s, j, e);

	if (code == SK_OK)
		code = find_jobs(&r, e);
	if (code == SK_OK)
		code = check_jobs(&r, e);
	if (code == SK_OK)
		code = take_back(&r, e);
	else if (code == SK_ECHANGED && force && r.n == j->n_file)
		code = take_back_forced(&r, e);
	run_close(&r);
	return code;
}

enum sk_code
undo_last(struct arena *a, const struct write_opts *o, struct str id, bool force, struct undo_entry *ret, struct err *e)
{
	struct journal *all = NULL, *j = NULL;
	struct store s;
	size_t n = 0;
	bool any;
	enum sk_code code = journal_open(a, o, false, &s, e);

	if (code == SK_ENOENT)
		return err_set(e, SK_EREFUSED, "nothing to undo");
	if (code != SK_OK)
		return code;
	code = recover_all(&s, o, &all, &n, &any, e);
	if (code == SK_OK)
		code = recover_check(&s, all, n, e);
	if (code == SK_OK)
		code = find_entry(all, n, o, id, &j, e);
	if (code == SK_OK && j != NULL)
		code = undo_entry(&s, o, j, force, e);
	journal_close(&s);
	if (code == SK_OK && j != NULL)
		*ret = entry_of(&s, all, n, j);
	return code;
}
