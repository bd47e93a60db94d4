/* SPDX-License-Identifier: MIT */
/*
 * Rows of any file whose values are equal in all that a judgement looks at: what the rules said of the first one
 * serves the others.  Everything lives in the arena of the run.
 */
#ifndef LINT_MEMO_H
#define LINT_MEMO_H

#include "session/session.h"
#include "model/names.h"

struct lint;

/* One host or case of the file at hand. */
struct lint_row {
	struct target_row target;
	struct server_spec spec;
	struct effective ev;
	struct path path;
	struct judgement judgement;
	const struct policy *policy;
	const struct host_setting *setting;
	struct str jump_fault; /* eff_jump_fault() */
};

struct lint_found {
	struct finding found; /* its message is the key, with the host left open */
	unsigned place;	      /* keyword whose line is its place; KW_UNKNOWN: none */
};
struct lint_case {
	struct str key;
	uint64_t hash;
	struct lint_found *v;
	size_t n;
};
struct lint_memo {
	bool usable[2]; /* by side: no rule looks at what is a row's own */
	struct buf key;
	uint64_t hash;
	struct lint_case *slot; /* key.p == NULL: free */
	size_t n, cap;
	struct name_classes *names; /* of the tree's networks */
	unsigned settings;	    /* number of the settings in force */
};

/*
 * The findings of a row that is like an earlier one, added to l->fresh; a holds their texts.  False: there is none,
 * and lint_memo_learn() may follow with what was found.
 */
bool lint_memo_find(struct lint *l, struct arena *a, const struct lint_row *r, enum kw_side side, bool partial);
/* f of row r without what is the row's own, texts in a; false: its place is no line of the row's. */
bool lint_found_of(struct arena *a, const struct lint_row *r, const struct finding *f, struct lint_found *ret);
void lint_memo_learn(struct lint *l, const struct lint_row *r, const struct finding *v, size_t n);

#endif
