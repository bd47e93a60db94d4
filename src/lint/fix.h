/* SPDX-License-Identifier: MIT */
/*
 * lint's fixes.  Each file is planned where it is judged, in the world of its tree alone, and read as the plans so far
 * leave it.  After each pass over the tree lint_fix_settle() takes over the plans that hold for all files; passes go
 * on until nothing new is planned.  lint/fix.c plans, lint/fix_edits.c says which edit mends which finding,
 * lint/fix_settle.c takes over, lint/fix_show.c shows and writes.
 */
#ifndef LINT_FIX_H
#define LINT_FIX_H

#include "lint/lint.h"
#include "edit/plan.h"

/* A file by its real place: what tells two of them apart whatever links lead there.  Texts live in the run's arena. */
struct lint_file {
	struct str key;			 /* shown name of the tree, then the path in it, without links */
	struct str path;		 /* relative to the tree */
	uint32_t tree;			 /* number of the tree */
	struct str why;			 /* not to be written: the reason; "" */
	bool shared;			 /* several configs read it: only lines that are wrong by themselves change */
	bool judged;			 /* under some name, in this pass */
	struct str old_bytes, new_bytes; /* old_bytes.p == NULL: nothing is planned */
	struct str by;			 /* the config whose plan changes it */
	struct str user;		 /* a config that reads it; while plans are taken over */
};

/* A value that a plan promised to bring: the finding is gone then. */
struct lint_claim {
	struct str unit, code, host;
};

/* What the plan of one config changes. */
struct lint_plan_file {
	uint32_t file; /* number */
	struct str old_bytes, new_bytes;
};
struct lint_plan {
	struct str unit;
	enum tree_part kind;
	struct lint_plan_file *file;
	size_t n_file;
	struct lint_claim *claim;
	size_t n_claim;
};

/* A config reads a file. */
struct lint_user {
	uint32_t file;
	enum tree_part kind;
	struct str unit;
};

/* A finding that could be mended in principle, and why it is not. */
struct lint_left {
	struct str unit, code, host, reason;
	enum tree_part kind; /* of unit */
};

/* The edits of one finding, in the order in which they were found. */
struct lint_edits {
	struct report_edit *v; /* heap */
	size_t n, cap;
};

struct lint_fix {
	bool apply;	 /* --fix; else only the edits of each finding are wanted */
	bool edits;	 /* those are wanted */
	uint64_t budget; /* of the plans for reports, see struct plan_opts */
	struct lint_tree *tree;
	size_t n_tree, cap_tree;
	struct lint_file *file;
	size_t n_file, cap_file;
	struct strset keys; /* of the files, by number */
	/* of this pass */
	struct lint_plan *plan;
	size_t n_plan, cap_plan;
	struct lint_user *user;
	size_t n_user, cap_user;
	struct lint_left *left;
	size_t n_left, cap_left;
	struct strset told;	/* what left holds: a host for each config, code and reason */
	struct lint_edits *set; /* by struct finding edits - 1 */
	size_t n_set, cap_set;
	bool broken; /* a plan did not bring what it promised */
	bool cut;    /* a config has more to mend than is planned at once */
	/* of all passes */
	struct lint_claim *claim;
	size_t n_claim, cap_claim;
	struct strset hidden;	/* marks of findings that a baseline hides */
	struct strset given_up; /* configs whose plan did not hold */
	struct findings as_is;	/* of the first pass: what the files have as they stand; v on the heap */
};

/* A file that was judged. */
struct lint_view {
	struct conf *conf;
	const struct conf_opts *opts;
	const struct conf_use *use;
	const struct client_env *env;
	enum tree_part kind;
	bool partial; /* nobody knows all of the config: a part of one, or a template */
	size_t
	    n_own; /* sources of the config; behind them stand those of the system's, which are judged by themselves */
	struct str path; /* relative to the tree */
	struct str shown;
	struct arena *a;	 /* of the file */
	struct finding *finding; /* those that were kept, and ... */
	struct finding *kept;	 /* ... their copies that outlive the file; edits is set in these */
	size_t n;
};

/* Bytes of the file at path (relative to the tree, links followed) as planned so far; false: as they stand there. */
bool lint_fix_planned(const struct lint_tree *t, struct str path, struct str *ret);
/* Plan what the findings of this file need. */
void lint_fix_judged(struct lint *l, const struct lint_view *v);
/* Before a pass. */
void lint_fix_start(struct lint *l);
/* After a pass: true when another one is needed, because plans were taken over or have to be made anew. */
bool lint_fix_settle(struct lint *l);
/* The edits of the findings that are left in the end, for the reporters. */
void lint_fix_report(struct lint *l, struct report *r);
/* The end of `lint --fix`: the diff, or the files; gives the exit status.  *ret_print: a report is to follow. */
int lint_fix_show(struct lint *l, const struct report *r, bool *ret_print);
void lint_fix_release(struct lint *l);

/* Inside lint_fix*.c. */

/*
 * Tell once that findings of this code in unit stay, and why; host: "" or the first one concerned.  kind: of unit; what
 * is said of a part is dropped when the config that reads it turns out to mend it.
 */
void lint_fix_leave(
    struct lint *l, struct str unit, enum tree_part kind, struct str code, struct str host, struct str reason);

/* The file at path of l->tree, links followed; NULL: it is none of the tree.  Valid until the next one is asked for. */
struct lint_file *lint_fix_file(struct lint *l, struct str path);
/* What p does for each finding of v: sets edits of v->kept.  chosen[i] is the finding of[i] of v. */
void lint_fix_attribute(struct lint *l, const struct lint_view *v, const struct plan_opts *o, const struct plan *p,
    const struct findings *chosen, const size_t *of);
/* One edit for finding i of v. */
void lint_fix_add_edit(struct lint *l, const struct lint_view *v, size_t i, uint32_t src, const struct edit *x);

#endif
