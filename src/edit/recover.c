/* SPDX-License-Identifier: MIT */
/* What an interrupted run left is put back: a write goes back, an undo goes on; both mean the old bytes. */
#include "edit/transact.h"

#include <errno.h>
#include <fcntl.h>

static void
note(const struct write_opts *o, struct str text)
{
	if (o->note != NULL)
		o->note(text);
}

/* Overwriting, or undoing that, was cut short: every byte is that of the one or the other text at its place. */
static bool
is_torn(struct str now, struct str one, struct str other)
{
	size_t least = one.n < other.n ? one.n : other.n;

	if (now.n < least || (now.n > one.n && now.n > other.n))
		return false;
	for (size_t i = 0; i < now.n; i++)
		if ((i >= one.n || now.p[i] != one.p[i]) && (i >= other.n || now.p[i] != other.p[i]))
			return false;
	return true;
}

/* Has somebody made something else of the file since? */
static bool
is_edited(const struct journal_file *f, const struct job *j, bool exists, struct str now)
{
	if (exists == f->is.exists && (!exists || str_eq(now, f->is.bytes)))
		return j->missing.n > 0 && f->was.exists;
	/* Only what was written in place can be half of each; elsewhere such a text is somebody's. */
	return !(exists && f->was.exists && f->is.exists && (f->linked || f->in_place) &&
	    is_torn(now, f->was.bytes, f->is.bytes));
}

/*
 * The temporary goes.  One that the run did not write is what somebody saved at the moment when the file was
 * replaced: that goes back to its place and is an edit as any other.
 */
static enum sk_code
drop_temporary(const struct job *j, const struct journal_file *f, struct err *e)
{
	struct job temp = *j;
	struct str bytes = { 0 };
	struct stat st;
	bool exists = false;
	enum sk_code code;

	temp.name = j->temp;
	code = job_look(&temp, O_RDONLY, &st, &bytes, &exists, e);
	if (code != SK_OK || !exists)
		return code;
	if (!str_starts(f->was.bytes, bytes) && !str_starts(f->is.bytes, bytes)) {
		if (j->fs->renameat(j->dir, j->temp, j->dir, j->name) != 0 || !fs_sync_dir(j->fs, j->dir))
			return fs_say(e, f->path, errno, "what was saved there cannot be put back");
		return SK_OK;
	}
	if (j->fs->unlinkat(j->dir, j->temp, 0) != 0 && errno != ENOENT)
		return fs_say(e, f->temp, errno, "cannot be removed");
	return SK_OK;
}

/* One file of an interrupted run goes back to its old bytes, unless somebody has edited it since: *io_edited. */
static enum sk_code
settle(const struct run *r, struct job *j, const struct journal_file *f, bool *io_edited, struct err *e)
{
	struct str now = { 0 };
	struct stat st;
	bool exists = false;
	enum sk_code code;

	code = drop_temporary(j, f, e);
	if (code != SK_OK)
		return code;
	code = job_look(j, O_RDONLY, &st, &now, &exists, e);
	if (code != SK_OK)
		return code;
	if (exists == f->was.exists && (!exists || str_eq(now, f->was.bytes)))
		return SK_OK;
	if (is_edited(f, j, exists, now)) {
		*io_edited = true;
		note(r->o,
		    arena_printf(r->s->a,
			"%.*s was changed after the interrupted run and stays as it is; what that run found and "
			"made is kept in %s",
			STR_ARG(f->path), journal_path(r->s, r->j->id, "").p));
		return SK_OK;
	}
	j->from = f->is;
	j->from.bytes = now;
	j->from.exists = exists;
	j->to = f->was;
	j->keep_owner = true;
	j->links = f->linked ? LINKS_IN_PLACE : LINKS_LEAVE;
	code = job_check(j, e);
	if (code == SK_OK)
		code = job_stage(j, e);
	if (code == SK_OK)
		code = job_commit(j, e);
	job_discard(j);
	return code;
}

static enum sk_code
settle_entry(const struct store *s, const struct write_opts *o, struct journal *j, bool *ret_edited, struct err *e)
{
	struct run r = { .s = s, .o = o, .j = j };
	enum sk_code code = journal_bytes(s, j, e);

	for (size_t i = 0; i < j->n_file && code == SK_OK; i++) {
		struct place p;
		struct job *job;

		code = fs_walk(s->fs, s->a, j->file[i].path, &p, e);
		if (code == SK_OK)
			code = run_add(&r, &j->file[i], &p, &job, e);
		if (code == SK_OK)
			code = settle(&r, job, &j->file[i], ret_edited, e);
	}
	if (code == SK_OK)
		run_remove_dirs(&r, false);
	run_close(&r);
	return code;
}

static enum sk_code
add_way_out(const struct store *s, const struct journal *j, struct err *e)
{
	struct str first = arena_str(s->a, str_c(e->msg));

	return err_set(e, e->code,
	    "an interrupted run cannot be put back: %.500s; mend that, or move %s away to go on "
	    "without it",
	    first.p, journal_path(s, j->id, "").p);
}

enum sk_code
recover_all(const struct store *s, const struct write_opts *o, struct journal **ret, size_t *ret_n, bool *ret_any,
    struct err *e)
{
	enum sk_code code = journal_all(s, ret, ret_n, e);
	size_t kept = 0;

	*ret_any = false;
	for (size_t i = 0; code == SK_OK && i < *ret_n; i++) {
		struct journal *j = &(*ret)[i];
		bool write = j->state == JOURNAL_PREPARED, edited = false;

		if (write || j->state == JOURNAL_UNDOING) {
			*ret_any = true;
			if (o->put_back != NULL)
				*o->put_back = true;
			code = settle_entry(s, o, j, &edited, e);
			if (code != SK_OK)
				return add_way_out(s, j, e);
			note(o,
			    arena_printf(s->a, "an interrupted %.*s (%.*s) was %s", STR_ARG(j->label), STR_ARG(j->when),
				write ? "put back" : "being undone: that was finished"));
			/* The only copy of the old bytes of a file that was edited since is kept. */
			if (write && !edited) {
				journal_remove(s, j);
				continue;
			}
			code = journal_set(s, j, JOURNAL_UNDONE, e);
		}
		(*ret)[kept++] = *j;
	}
	if (code == SK_OK)
		*ret_n = kept;
	return code;
}

enum sk_code
recover_check(const struct store *s, const struct journal *all, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].state == JOURNAL_DAMAGED)
			return err_set(e, SK_EWRITE,
			    "%s is damaged and nothing is written before you have looked: the bytes from before are in "
			    "0.old, 1.old ... beside it; to go on, move the folder %s away",
			    journal_path(s, all[i].id, "journal").p, journal_path(s, all[i].id, "").p);
	return SK_OK;
}

enum sk_code
write_recover(struct arena *a, const struct write_opts *o, struct err *e)
{
	struct store s;
	struct journal *all = NULL;
	size_t n = 0;
	bool any;
	enum sk_code code = journal_open(a, o, false, &s, e);

	if (code != SK_OK)
		return code == SK_ENOENT ? SK_OK : code;
	code = recover_all(&s, o, &all, &n, &any, e);
	if (code == SK_OK)
		code = recover_check(&s, all, n, e);
	journal_close(&s);
	return code;
}
