/* SPDX-License-Identifier: MIT */
/*
 * lint: the same rules over a checked-out tree.  Nothing of this machine is read and nothing outside the tree is
 * opened.  tree/ says what a file is, lint_tree.c opens files below one folder and serves Includes, lint_walk.c
 * goes through the folders, lint_git.c leaves out what git does, lint_run.c judges one config by what lint_path.c
 * chooses, lint_other.c any other file, lint_end.c settles what was found, lint_bound.c keeps what a tree may cost.
 */
#ifndef CMD_LINT_H
#define CMD_LINT_H

#include <time.h>

#include "cmd/comments.h"
#include "cmd/session.h"
#include "eval/brief.h"
#include "model/names.h"
#include "tree/kind.h"

/* The folder below which everything stays. */
struct lint_tree {
	int fd;			    /* -1: not open */
	struct str shown;	    /* what stands before a path of the tree for people: "", or ends in a slash */
	bool has_etc;		    /* it has an etc/ of its own, which stands for /etc */
	bool chezmoi;		    /* it is a source folder of chezmoi: .chezmoiroot stands at its top */
	bool walked;		    /* all of it was asked for */
	const struct lint_fix *fix; /* its files are read as this has planned them; NULL: as they are */
};
/* The folder part of a path; "" at the top. */
struct str lint_folder_part(struct str path);

enum tree_state { TREE_FOUND, TREE_ABSENT, TREE_OUTSIDE, TREE_FAILED /* errno */ };
/*
 * Where path (relative to the tree) stands when its links are followed: in ret, of LINT_PATH bytes, without links
 * and dots.  An absolute link means a path below root (relative to the tree), or is outside when root.p is NULL.
 * keep_link: a link at the end is not followed.
 */
enum { LINT_PATH = 4096 };
enum tree_state tree_resolve(const struct lint_tree *t, struct str root, struct str path, bool keep_link, char *ret);

/*
 * What is left of the bounds on a run: a tree may hold many files that are each within theirs.  Generous: ten thousand
 * hosts are far below.
 */
struct lint_budget {
	uint64_t work;	   /* of resolving, as conf.work */
	uint64_t included; /* of Includes: names looked at, files read (each as LINT_READ_STEPS) and KiB of them */
};
#define LINT_WORK_FILE	 1000000000u
#define LINT_WORK_RUN	 6000000000u
#define LINT_INCLUDE_RUN (1u << 26)
enum {
	LINT_GLOB_STEPS = 64,
	LINT_MATCH_STEPS = 16,
	LINT_READ_STEPS = 64,
	LINT_FINDINGS = 1 << 18,
	LINT_HOSTS_BYTES = 1 << 28, /* of JSON rows */
	LINT_CPU_S = 120,
	LINT_SAID = 1024,
};

/* How the paths in a config map to the tree: relative to it; p == NULL: they do not. */
struct lint_place {
	const struct lint_tree *tree;
	struct str file;    /* the file itself */
	struct str root;    /* what / is */
	struct str home;    /* what ~ is */
	struct str ssh;	    /* what ~/.ssh is; never NULL */
	struct str etc_ssh; /* what /etc/ssh is */
	/* what came of it */
	struct str *included; /* paths of the tree that were read, or lead out of it; heap */
	size_t n_included, cap_included;
	struct str unmapped;	    /* the last pattern that leads out of the tree */
	struct lint_budget *budget; /* NULL: none */
	struct arena *arena;	    /* for the paths above */
};
/* file is borrowed; the place's arrays are freed with lint_place_release(). */
void lint_place_init(struct lint_place *p, const struct lint_tree *t, struct str file, struct arena *a);
void lint_place_release(struct lint_place *p);
/* The file at path of the tree, as the loader would have it. */
void lint_read(const struct lint_tree *t, struct str path, struct arena *a, struct loaded *ret);
/* A template's bytes become those that are parsed, and *ret its marks; NULL: it is none. */
void lint_template(struct arena *a, struct str path, struct str *io_bytes, const struct marks **ret);
/* The loader of conf/ over a place.  Names that it makes are those shown to people. */
void lint_loader_init(struct lint_place *p, struct loader *ret);

/* One path that a line of another includes. */
struct lint_pair {
	struct str file, by;
};

/* The findings of one file that was judged by itself. */
struct lint_unit {
	struct str file;
	enum tree_part kind;
	size_t first, n; /* into lint.found */
};

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

/*
 * Rows of any file whose values are equal in all that a judgement looks at: what the rules said of the first one
 * serves the others.  Everything lives in the arena of the run.
 */
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

/* A timer of processor time: when it goes off, the program says so and ends with 2. */
struct lint_watch {
	timer_t timer;
	bool on;
	unsigned limit_s;
	char said[LINT_SAID];
	size_t n;
};
void lint_watch_start(struct lint_watch *w, unsigned limit_s); /* w stays where it is until lint_watch_end() */
void lint_watch_file(struct lint_watch *w, struct str file);   /* what is looked at now */
void lint_watch_end(struct lint_watch *w);

/* The progress line. */
struct lint_progress {
	bool on, shown;
	int64_t next_ms; /* not again before, on the monotonic clock */
};
void lint_progress_start(struct lint_progress *p);
void lint_progress_wipe(struct lint_progress *p); /* before anything else is said, and at the end */

/* A set of paths. */
struct lint_set {
	struct str *v; /* p == NULL: free */
	size_t n, cap; /* cap is a power of two */
};

/* What this run looked at, as a baseline writes names: everything below a folder ("" or with a slash), or one file. */
struct lint_cover {
	struct str path;
	bool is_folder;
};

struct lint {
	struct session s;	  /* rules, options, notes; settings, networks and policies of the tree */
	struct networks networks; /* those before any settings */
	struct policies policies;
	const struct options *o;
	struct file_setting file; /* what settings say of the file that is judged, texts in file_arena */
	struct ver ver;		  /* the release that it is judged for */
	struct lint_tree tree;
	struct str below;	      /* where the tree stands below the folder of its settings: "" or with a slash */
	bool keyword[2][KW_ROWS_MAX]; /* by side: some rule for rows, or a judgement, looks at it */
	bool speaks[2][KW_ROWS_MAX];  /* by side: a finding can have its line as its place */
	struct lint_memo memo;
	bool want_hosts; /* JSON: rows of whole configs are printed as they are judged */
	struct buf hosts;
	struct arena file_arena; /* of the file that is judged */
	struct arena row_arena;	 /* of one of its rows */
	struct findings fresh;	 /* of that file */
	struct comments comments;
	struct lint_cover *covered; /* with a baseline only */
	size_t n_covered, cap_covered;
	struct findings found; /* of all, in the arena of the run */
	struct lint_unit *unit;
	size_t n_unit, cap_unit;
	struct lint_set by_main; /* files that a whole config includes */
	struct lint_pair *pair;	 /* what others include */
	size_t n_pair, cap_pair;
	struct lint_set walked; /* configs of the tree at hand that were judged, and as what: see lint_walk.c */
	struct lint_set seen;	/* files judged, kept when several operands may overlap */
	bool check_seen;
	bool direct;	      /* what comes now is named by the command line itself ... */
	bool asked;	      /* ... and so is the file at hand, which needs less to be taken for a config */
	struct lint_fix *fix; /* cmd/lint_fix.h; NULL: nobody wants edits */
	bool again;	      /* a later pass: what was said once is not said again */
	struct str list;      /* of --files-from, read once; p == NULL: not yet */
	char *bytes;	      /* of the file that is read */
	size_t cap_bytes;
	size_t n_seen, n_config; /* files looked at, and judged */
	struct findings failed;	 /* inputs that could not be read (struct report): exit 2 when there are any */
	bool full;		 /* LINT_FINDINGS was told */
	struct lint_budget budget;
	struct lint_watch watch;
	struct lint_progress progress;
};

/* True when path was added, false when it stood there already. */
bool lint_set_add(struct lint_set *s, struct arena *a, struct str path);
bool lint_set_has(const struct lint_set *s, struct str path);

/* The networks or settings are others now. */
void lint_memo_settings(struct lint *l);
/*
 * The findings of a row that is like an earlier one, added to l->fresh; a holds their texts.  False: there is none,
 * and lint_memo_learn() may follow with what was found.
 */
bool lint_memo_find(struct lint *l, struct arena *a, const struct lint_row *r, enum kw_side side, bool partial);
/* f of row r without what is the row's own, texts in a; false: its place is no line of the row's. */
bool lint_found_of(struct arena *a, const struct lint_row *r, const struct finding *f, struct lint_found *ret);
void lint_memo_learn(struct lint *l, const struct lint_row *r, const struct finding *v, size_t n);

/* What the settings say of a file by its shown name; a holds joined texts. */
void lint_file_setting(const struct lint *l, struct arena *a, struct str shown, struct file_setting *ret);
/* Did an option, or settings for all or for the file, say what the path is, or what to aim for? */
bool lint_declared(const struct lint *l, const struct file_setting *file);
/* The release to judge for: the option, what settings say of the file, what they say of all, the newest. */
struct ver lint_ver(const struct lint *l, const struct file_setting *file);

/* "FILE: reason" on standard error and among the notes; the run goes on and ends with 2. */
void lint_failed(struct lint *l, struct str file, const char *reason);
void lint_progress(struct lint *l); /* another file was looked at */
/* All bounds anew, for a pass over everything. */
void lint_budget_init(struct lint *l);
/* The work that one config may take. */
uint64_t lint_work_max(const struct lint *l);
/* May another row of c be looked at? */
bool lint_work_left(const struct lint *l, const struct conf *c);
void lint_work_done(struct lint *l, const struct conf *c); /* c is judged */
/* Is the row one to judge?  A name that no host can have is told. */
bool lint_is_host(struct lint *l, const struct conf *c, const struct target_row *t);
/* No, it may not: told, and no line counts as unused. */
void lint_cut_rows(struct lint *l, struct conf_use *use, struct str file, size_t done, size_t all);
/* Everything below the tree's folder, or one file of it (path relative to the tree). */
void lint_walk(struct lint *l);
void lint_one(struct lint *l, struct str path);
/* Judge bytes as the file at path (relative to the tree). */
void lint_judge(struct lint *l, struct str path, const struct tree_what *what, struct str bytes);
/* Path, policy and verdict of a row, by options and the settings for the file at hand. */
void lint_judge_row(struct lint *l, struct arena *a, struct lint_row *r, enum kw_side side);
/* Judge bytes that are no config of OpenSSH but bear on its sessions (lint_other.c). */
void lint_other(struct lint *l, struct str path, const struct tree_what *what, struct str bytes);
/* What the file is: by the settings of the tree, else by its name. */
enum tree_name lint_what(struct lint *l, const struct tree_folder *in, struct str path, struct tree_what *ret);
/* Do the first bytes say what it is?  *what has what its name says. */
bool lint_by_content(struct lint *l, struct str path, struct str head, struct tree_what *what);
/* A unit, script, crontab or compose file, by its name and first bytes?  Then *ret is filled. */
bool lint_is_start(struct str path, struct str head, struct tree_what *ret);
/* A link that leaves the tree, or comes to itself; in_a_ring: the latter. */
void lint_link_nowhere(struct lint *l, struct str path, const struct tree_what *what, bool in_a_ring);
/* Is a file judged through another one?  After lint_end(). */
bool lint_told_elsewhere(const struct lint *l, struct str file, enum tree_part kind);
/* What stands ahead of names where that says only where the tree happens to be. */
struct str lint_cut(const struct lint *l);
/*
 * Words of other vendors, and unknown ones that a comment hides with a reason, do not make OpenSSH refuse the config as
 * far as the rest of it is concerned: a line that is let pass keeps no other from being judged.
 */
void lint_pass_words(struct lint *l, struct conf *conf, bool part);
/* Suppress what the comments of the config's files speak of among l->fresh (part: it may be included elsewhere). */
void lint_comments(struct lint *l, const struct conf *conf, bool part);
/* The same for findings in a file that is no config; shown is its name in told. */
void lint_comments_text(
    struct lint *l, struct str shown, struct str text, enum suppress_text kind, struct findings *told);
/* The findings about comments of all files since the last call, by the settings in force. */
void lint_comments_end(struct lint *l);
/* Settings of a tree that is not trusted with hiding anything lose rules, levels and kinds of files. */
void lint_distrust(struct settings *s);
/* May the options of the baseline stand together, and may its file be opened? */
SK_CHECK enum sk_code lint_baseline_check(const struct lint *l, struct err *e);
/* The run looks at this file, or at all below this folder (shown names). */
void lint_covers(struct lint *l, struct str shown, bool is_folder);
/*
 * The marks of findings that the baseline hides, added to *ret; s.findings is complete.  Where a finding has no line a
 * baseline hides its hosts one by one: the marks of these.
 */
struct str lint_host_mark(struct arena *a, const struct finding *f, size_t host);
SK_CHECK enum sk_code lint_baseline_marks(struct lint *l, struct lint_set *ret, struct err *e);
/* Read or write the baseline, once s.findings is complete; what it lists does not count. */
SK_CHECK enum sk_code lint_baseline(struct lint *l, struct err *e);
/* Drop what is told through another file, sort, fill s.findings. */
void lint_end(struct lint *l);

#endif
