/* SPDX-License-Identifier: MIT */
/* A write: where its files stand, and the transaction that puts them there (house-style 3.8). */
#include "edit/write.h"

#include <time.h>
#include <unistd.h>

#include "edit/transact.h"

enum { MODE_ALL = 07777, ENTRIES_MAX = 100 };

static bool
has_dir(const struct journal *j, struct str dir)
{
	for (size_t i = 0; i < j->n_dir; i++)
		if (str_eq(j->dir[i], dir))
			return true;
	return false;
}

/* The folders that have to be made for a new file. */
static void
add_dirs(const struct run *r, const struct place *p)
{
	size_t at = p->path.n - p->name.n - 1 - p->missing.n;

	for (size_t i = at; p->missing.n > 0 && i != SIZE_MAX; i = str_chr(p->path, '/', i + 1))
		if (i > at && !has_dir(r->j, str_head(p->path, i)))
			r->j->dir[r->j->n_dir++] = arena_str(r->s->a, str_head(p->path, i));
}

static struct journal_side
side_of(const struct stat *st, struct str bytes)
{
	return (struct journal_side){
		.exists = true, .mode = st->st_mode & MODE_ALL, .uid = st->st_uid, .gid = st->st_gid, .bytes = bytes
	};
}

static enum sk_code
place_item(struct run *r, const struct write_item *item, const struct place *p, size_t i, struct err *e)
{
	struct journal_file *f = &r->j->file[r->j->n_file];
	struct timespec now = { 0 };
	struct job *job;

	if (item->exists && !p->exists)
		return fs_say_plain(e, SK_ECHANGED, item->path, "is gone since it was read");
	if (!item->exists && p->exists)
		return fs_say_plain(e, SK_ECHANGED, item->path, "appeared since it was looked for");
	for (size_t k = 0; k < r->j->n_file; k++)
		if (str_eq(r->j->file[k].path, p->path))
			return fs_say_plain(e, SK_EREFUSED, p->path, "two names lead to this one file");
	*f = (struct journal_file){
		.path = p->path, .linked = p->exists && p->st.st_nlink > 1, .in_place = p->exists && r->o->in_place
	};
	if (p->exists) {
		f->was = side_of(&p->st, item->old_bytes);
		f->is = side_of(&p->st, item->new_bytes);
	} else {
		f->is = side_of(&p->dir_st, item->new_bytes);
		f->is.mode = item->new_mode;
		add_dirs(r, p);
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	/* A leading dot keeps it out of every Include pattern (glob(7)). */
	f->temp = arena_printf(
	    r->s->a, "%.*s/.sshkeep-%ld-%ld-%zu", STR_ARG(fs_dir(f->path)), (long)getpid(), now.tv_nsec, i);
	r->j->n_file++;
	if (run_add(r, f, p, &job, e) != SK_OK)
		return e->code;
	/* linked says what will be done, not that it is allowed */
	job->links = r->o->in_place ? LINKS_IN_PLACE : LINKS_REFUSE;
	return SK_OK;
}

/* Fills r->j with one file for each item that changes something. */
static enum sk_code
place_items(struct run *r, const struct write_item *item, size_t n, struct err *e)
{
	struct arena *a = r->s->a;
	size_t slashes = 0;

	r->j->file = ARENA_ARRAY(a, struct journal_file, n);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < item[i].path.n; k++)
			slashes += item[i].path.p[k] == '/';
	r->j->dir = ARENA_ARRAY(a, struct str, slashes + n + 1);
	for (size_t i = 0; i < n; i++) {
		struct place p;
		enum sk_code code;

		if (item[i].exists && str_eq(item[i].old_bytes, item[i].new_bytes))
			continue;
		code = fs_walk(r->s->fs, a, item[i].path, &p, e);
		if (code == SK_OK) {
			size_t held = r->n;

			code = place_item(r, &item[i], &p, i, e);
			if (code != SK_OK && r->n == held)
				(void)r->s->fs->close(p.dir);
		}
		if (code != SK_OK)
			return code;
	}
	return SK_OK;
}

/*
 * The oldest entries make room for a new one; before it, so that runs that are killed cannot pile them up.  All of
 * them are finished: recover_all() has seen them.
 */
static void
prune(const struct store *s, const struct journal *all, size_t n)
{
	for (size_t i = 0; i + ENTRIES_MAX <= n; i++)
		journal_remove(s, &all[i]);
}

enum sk_code
write_all(struct arena *a, const struct write_opts *o, const struct write_item *item, size_t n, struct str *ret_id,
    struct err *e)
{
	struct journal new = { .label = o->label, .home = o->home }, *all = NULL;
	struct store s;
	struct run r = { .s = &s, .o = o, .j = &new };
	size_t n_all = 0;
	bool any;
	enum sk_code code = journal_open(a, o, true, &s, e);

	if (code != SK_OK)
		return code;
	code = recover_all(&s, o, &all, &n_all, &any, e);
	if (code == SK_OK)
		code = recover_check(&s, all, n_all, e);
	if (code == SK_OK && any)
		code = err_set(e, SK_ECHANGED, "an interrupted run was put back just now; run this again");
	if (code == SK_OK)
		code = place_items(&r, item, n, e);
	if (code == SK_OK)
		code = run_check(&r, e);
	if (code == SK_OK && new.n_file > 0) {
		prune(&s, all, n_all);
		code = run_new(&r, e);
	}
	run_close(&r);
	journal_close(&s);
	if (code == SK_OK)
		*ret_id = new.n_file > 0 ? arena_printf(a, "%llu", (unsigned long long)new.id) : (struct str){ 0 };
	return code;
}
