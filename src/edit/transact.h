/* SPDX-License-Identifier: MIT */
/* Inside edit/ only: several jobs as one transaction, all or none, noted in the journal. */
#ifndef EDIT_TRANSACT_H
#define EDIT_TRANSACT_H

#include "edit/job.h"

struct folder {
	int fd;
	dev_t dev;
	ino_t ino;
};

struct run {
	const struct store *s;
	const struct write_opts *o;
	struct journal *j;
	struct job *job;
	size_t n, cap;
	struct folder *folder; /* open and locked, each once */
	size_t n_folder, cap_folder;
	bool *made; /* of j->dir: by this run */
};

/* Frees what a run holds open; it may be used again. */
void run_close(struct run *r);
/* A job for f at p, whose folder the run takes over (also on failure) and locks.  *ret may be adjusted by the caller. */
SK_CHECK enum sk_code run_add(
    struct run *r, const struct journal_file *f, const struct place *p, struct job **ret, struct err *e);
/* job_check for all. */
SK_CHECK enum sk_code run_check(const struct run *r, struct err *e);
/* Folders, temporaries, then the files.  On failure all is as before, unless *ret_stuck. */
SK_CHECK enum sk_code run_all(struct run *r, bool *ret_stuck, struct err *e);
/*
 * Back to what was; gives false, and says so in *e, when that failed.  e->code is then SK_EHALF when a file is not as
 * before, or could not be looked at.
 */
bool run_revert(struct run *r, struct err *e);
/* The folders of r->j, unless they hold something by now; only_made: those that this run made. */
void run_remove_dirs(const struct run *r, bool only_made);
/* Checked jobs as a new entry of the journal. */
SK_CHECK enum sk_code run_new(struct run *r, struct err *e);
/* On the way back from a failure: what cannot be noted now is found out by the next run. */
void run_note_state(const struct run *r, enum journal_state state);

/* recover.c: finish what a crash interrupted; *ret_any: there was such a thing.  All entries that are left. */
SK_CHECK enum sk_code recover_all(const struct store *s, const struct write_opts *o, struct journal **ret,
    size_t *ret_n, bool *ret_any, struct err *e);
/* SK_EWRITE, with a way out, when an entry is damaged. */
SK_CHECK enum sk_code recover_check(const struct store *s, const struct journal *all, size_t n, struct err *e);

#endif
