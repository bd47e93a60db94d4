/* SPDX-License-Identifier: MIT */
/*
 * Inside edit/ only: one file of a transaction, from known bytes to wanted bytes; the way back is the same job turned
 * round.  All by the open folder, never by path.
 */
#ifndef EDIT_JOB_H
#define EDIT_JOB_H

#include "edit/journal.h"

/* What other hard links of the file mean. */
enum job_links { LINKS_REFUSE, LINKS_IN_PLACE, LINKS_LEAVE };

struct job {
	const struct fs_ops *fs;
	struct arena *a;
	struct str path;	 /* for messages, and to see whether it still leads here */
	int dir;		 /* borrowed */
	struct stat dir_st;	 /* of dir */
	struct str missing;	 /* folders below dir that do not exist yet */
	const char *name, *temp; /* in dir */
	struct journal_side from, to;
	bool keep_owner; /* to's owner and group are known, not those that a new file gets */
	enum job_links links;
	bool mounts; /* a mount point is written in place */
	bool any;    /* whatever stands there counts as from */
	bool in_place, staged, committed;
	struct stat st; /* of the file when it was checked */
};

/* Read what stands there now; a missing file is *ret_exists false. */
SK_CHECK enum sk_code job_look(
    const struct job *j, int flags, struct stat *ret_st, struct str *ret, bool *ret_exists, struct err *e);
/*
 * Is what stands there what the job starts from, and may it be written?  SK_ECHANGED, SK_EREFUSED.  A file that exists
 * keeps the mode and owner that it has.
 */
SK_CHECK enum sk_code job_check(struct job *j, struct err *e);
/* The new bytes as a temporary file with owner, mode and attributes, on disk. */
SK_CHECK enum sk_code job_stage(struct job *j, struct err *e);
/* Looks again, then replaces, removes or overwrites. */
SK_CHECK enum sk_code job_commit(struct job *j, struct err *e);
/* The temporary goes. */
void job_discard(struct job *j);
/* Back to from, after a commit that may have failed half-way. */
SK_CHECK enum sk_code job_revert(const struct job *j, struct err *e);

#endif
