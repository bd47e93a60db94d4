/* SPDX-License-Identifier: MIT */
/*
 * lint: the same rules over a checked-out tree.  Nothing of this machine is read and nothing outside the tree is
 * opened.  tree/ says what a file is, lint/tree.c opens files below one folder and serves Includes, lint/walk.c
 * goes through the folders, lint/git.c leaves out what git does, lint/hide.c what is not to be shown, lint/run.c
 * judges one config by what lint/path.c chooses, with what lint/system.c reads behind it, lint/beside.c
 * what a named file belongs to, lint/other.c any other file (lint/sysctl.c: which line of several
 * counts), lint/ignore.c finds the comments, lint/end.c settles what was found, lint/fix*.c makes edits of it,
 * lint/bound.c keeps what a tree may cost, lint/progress.c shows how far it is.  lint/settings.c has what the tree says
 * of itself, lint/above.c where that stands for a part of a tree.  What several of them need stands in headers of
 * their own.
 */
#ifndef LINT_LINT_H
#define LINT_LINT_H

#include "session/comments.h"
#include "lint/baseline.h"
#include "lint/bound.h"
#include "lint/hide.h"
#include "lint/memo.h"
#include "lint/settings.h"
#include "lint/tree.h"
#include "rule/fingerprint.h"
#include "tree/kind.h"

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

struct lint_system;
struct lint_git;

struct lint {
	struct session s; /* rules, options, notes; settings, networks and policies in force */
	struct lint_scopes scopes;
	const struct options *o;
	struct settings_memo files; /* see settings_file() */
	struct file_setting file;   /* what settings say of the file that is judged */
	struct ver ver;		    /* the release that it is judged for */
	struct lint_tree tree;
	struct naming naming;	      /* of the tree's files, for fingerprints and baselines */
	bool keyword[2][KW_ROWS_MAX]; /* by side: some rule for rows, or a judgement, looks at it */
	bool speaks[2][KW_ROWS_MAX];  /* by side: a finding can have its line as its place */
	struct lint_memo memo;
	bool want_hosts; /* JSON: rows of whole configs are printed as they are judged */
	struct buf hosts;
	struct arena file_arena; /* of the file that is judged */
	struct arena row_arena;	 /* of one of its rows */
	struct findings fresh;	 /* of that file */
	struct comments comments;
	struct lint_cover covered; /* with a baseline only */
	struct findings found;	   /* of all, in the arena of the run */
	struct lint_unit *unit;
	size_t n_unit, cap_unit;
	struct strset by_main;	    /* files that a whole config includes */
	struct strset apart;	    /* named files that one includes that is refused for a line of another file */
	struct strset mains;	    /* whole configs all of whose Includes were followed */
	struct strset systems;	    /* client configs of the system, by release and shown name; by number: ... */
	struct lint_system *system; /* ... lint/system.h */
	size_t cap_system;
	bool system_told;	    /* a note says that one is too long to be read for each user */
	struct lint_sysctl *sysctl; /* lint/sysctl.h */
	size_t n_sysctl, cap_sysctl;
	struct lint_pair *pair; /* what others include */
	size_t n_pair, cap_pair;
	struct strset walked; /* configs of the tree at hand that were judged, and as what: see lint/walk.c */
	struct strset named;  /* files of the tree at hand that were named, by their shown names ... */
	struct strset beside; /* ... and configs that may include them, see lint_beside() */
	bool stand_in;	      /* the config at hand is one of those: only what it says of the named files counts */
	struct strset seen;   /* files judged, kept when several operands may overlap */
	bool check_seen;
	bool direct;	      /* what comes now is named by the command line itself ... */
	bool asked;	      /* ... and so is the file at hand, which needs less to be taken for a config */
	struct lint_fix *fix; /* lint/fix.h; NULL: nobody wants edits */
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
	struct lint_git *git; /* lint/git.h, of the tree at hand; NULL: nobody asked yet */
};

/* "FILE: reason" on standard error and among the notes; the run goes on and ends with 2. */
void lint_failed(struct lint *l, struct str file, const char *reason);
/* Everything below the tree's folder, or one file of it (path relative to the tree). */
void lint_walk(struct lint *l);
void lint_one(struct lint *l, struct str path);
/* Judge bytes as the file at path (relative to the tree). */
void lint_judge(struct lint *l, struct str path, const struct tree_what *what, struct str bytes);
/* Path, policy and verdict of a row, by options and the settings for the file at hand. */
void lint_judge_row(struct lint *l, struct arena *a, struct lint_row *r, enum kw_side side);
/* Judge bytes that are no config of OpenSSH but bear on its sessions (lint/other.c). */
void lint_other(struct lint *l, struct str path, const struct tree_what *what, struct str bytes);
/*
 * What the file is: by the settings of the tree, else by its name.  Those do not make a key a config, and of a file that git
 * does not track its text has to say so as well.
 */
enum tree_name lint_what(struct lint *l, const struct tree_folder *in, struct str path, struct tree_what *ret);
/* A finding where settings of the tree take from the rules what is a config by its name. */
void lint_taken(struct lint *l, struct str path, const struct tree_what *what);
/* Do the first bytes say what it is?  *what has what its name says. */
bool lint_by_content(struct lint *l, struct str path, struct str head, struct tree_what *what);
/* A unit, script, crontab or compose file, by its name and first bytes?  Then *ret is filled. */
bool lint_is_start(struct str path, struct str head, struct tree_what *ret);
/*
 * The file at path was named, and is no whole config: the config in whose place it stands may include it (lint/beside.c).
 * That is judged, once, by lint_beside_end(), which is called while the tree is at hand.
 */
void lint_beside(struct lint *l, struct str path);
void lint_beside_end(struct lint *l);
/* A link that is not followed. */
void lint_link_nowhere(struct lint *l, struct str path, const struct tree_what *what, enum lint_hidden why);
/* Is a file judged through another one?  After lint_end(). */
bool lint_told_elsewhere(const struct lint *l, struct str file, enum tree_part kind);
/*
 * Is it a drop-in that nothing reads, as far as the tree tells?  Then all that counts is that nothing does.  After
 * lint_end().
 */
bool lint_unread(const struct lint *l, struct str file, enum tree_part kind);
/* Does the condition of the finding's rule speak of the variable? */
bool lint_rule_asks(const struct finding *f, const char *variable);
/* The config that a drop-in folder in the path of file stands beside, were there one: a part of file; "" */
struct str lint_main_of(struct str file);
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
/* Drop what is told through another file, sort, fill s.findings. */
void lint_end(struct lint *l);
/* How many of n more findings may be told: the first time that it is not all is told with the file. */
size_t lint_room(struct lint *l, struct str file, size_t n);
/*
 * f is told, as one of the unit of file: that of the call before when file is the same text.  Its texts live in the arena
 * of the run.  NULL when there is no room; else the copy, good until the next call.
 */
struct finding *lint_keep(struct lint *l, struct str file, enum tree_part kind, const struct finding *f);
/* The same of a finding whose texts live no longer than its config. */
void lint_keep_copy(struct lint *l, struct str file, enum tree_part kind, const struct finding *f);

#endif
