/* SPDX-License-Identifier: MIT */
/*
 * From findings to byte-range edits (contract section 7).  Pure: reads struct conf, gives new bytes.
 */
#ifndef EDIT_PLAN_H
#define EDIT_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "conf/doc.h"
#include "rule/finding.h"

/* Replace len bytes at off of the file by text. */
struct edit {
	size_t off, len;
	struct str text;
	uint32_t order; /* among edits at the same offset */
};

/* What the planner may do with a file; filled by the caller (plan.c asks nothing of the system). */
struct file_right {
	struct str name; /* struct source name */
	bool may_write;
	struct str reason; /* why not: "needs root", "outside the tree", "owned by the package" */
	bool may_mend;	   /* may_write is false, and yet lines that are wrong by themselves may be mended */
};

struct file_plan {
	struct str path; /* to write */
	struct str shown;
	bool exists;  /* false: a new file */
	uint32_t src; /* in conf, or UINT32_MAX for a new or foreign file */
	struct str old_bytes, new_bytes;
	struct edit *edit;
	size_t n_edit;
};

struct refusal {
	struct str code; /* finding */
	struct str host;
	struct str reason;
	struct str snippet; /* what somebody with the right would add; "" */
	bool hard;	    /* exit 4 when the target was named on the command line */
};

/* What an edit must bring: for these rows, this keyword gets this value. */
struct intent {
	const struct finding *finding;
	struct str host; /* row */
	uint16_t row;	 /* keyword */
	struct str value;
};

struct plan {
	struct file_plan *file;
	size_t n_file, cap_file;
	struct refusal *refusal;
	size_t n_refusal, cap_refusal;
	struct intent *intent;
	size_t n_intent, cap_intent;
	bool deletes; /* whole lines go away */
};

struct plan_opts {
	enum kw_side side;
	const struct conf *conf;
	const struct conf_opts *conf_opts;
	const struct client_env *env;
	const struct target_row *row;
	size_t n_row;	  /* client rows */
	struct str login; /* the user that beats User lines of all rows; "" none */
	const struct server_row *server_row;
	size_t n_server_row; /* server rows */
	const struct file_right *right;
	size_t n_right;
	bool lines_only;   /* a part of a config: lines may change where they stand, none is added */
	bool own_system;   /* client: the system's file is the one that new lines belong to */
	bool mend_refused; /* lines that are wrong by themselves are mended where others keep it refused, too */
	uint64_t *budget;  /* values that trials may still ask for, over all plans that share it; NULL: any number */
	bool keep_counts;  /* do not touch a count that is set and counts, beside a wanted interval */
	struct str user_config;	  /* file to create when there is none (client) */
	struct str dropin_dir;	  /* sshd_config.d when the main file includes it first; "" */
	struct str sysctl_dropin; /* path of the drop-in for kernel knobs; "" : not allowed */
};

/* May so many values be asked for?  They count from then on; when they may not, nothing more may. */
bool plan_pay(const struct plan_opts *o, uint64_t cost);
/* Plan edits for the fixes of findings.  Never fails: what cannot be done is a refusal with its reason. */
void plan_make(struct arena *a, const struct plan_opts *o, const struct findings *f, struct plan *ret);
/*
 * Prove the plan: resolve old and new text for every row and Match alternative; only intended keywords of the
 * intended rows may differ.  SK_EREFUSED with what moved.  *ret_line: "N hosts and M Match cases compared, ...".
 */
SK_CHECK enum sk_code plan_prove(
    struct arena *a, const struct plan_opts *o, const struct plan *p, struct str *ret_line, struct err *e);
/*
 * The configuration as the plan leaves it, read from memory; only files that were never read come from the loader.
 * Release *ret with conf_release(), also after a failure.
 */
SK_CHECK enum sk_code plan_read(
    struct arena *a, const struct plan_opts *o, const struct plan *p, struct conf *ret, struct err *e);
/* The intended value as OpenSSH prints it. */
struct str plan_printed(struct arena *a, const struct conf *c, const struct intent *x);

/*
 * Put what next plans on top of what p plans, so that p alone brings both.  next was made for the configuration as
 * p leaves it.
 */
void plan_add(struct arena *a, struct plan *p, const struct plan *next);

/* old with edits applied (sorted by off, not overlapping). */
struct str edit_apply(struct arena *a, struct str old, const struct edit *edit, size_t n);
/* Unified diff, 3 lines of context, "\ No newline at end of file" where due; file text escaped when esc. */
void diff_unified(
    struct buf *b, struct str shown, bool old_exists, struct str old_bytes, struct str new_bytes, bool esc);
/*
 * The same for git apply and patch -p1, which needs carriage returns as they are.  What could harm a terminal or forge
 * a line of a log is escaped all the same: false when there was such a byte, and the diff only shows what is meant.
 */
bool diff_patch(struct buf *b, struct str path, struct str old_bytes, struct str new_bytes);

#endif
