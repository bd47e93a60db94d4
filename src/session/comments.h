/* SPDX-License-Identifier: MIT */
/*
 * The comments that suppress findings, of all files of a run.  A file is read once, under its shown name, however many
 * others include it: a comment is used when any of them needs it.
 */
#ifndef SESSION_COMMENTS_H
#define SESSION_COMMENTS_H

#include "base/set.h"
#include "rule/suppress.h"

struct comments_file {
	struct str file; /* shown name */
	struct suppress_list list;
	enum kw_side side;
	bool refused; /* OpenSSH refuses a config that it is in, so not all was asked */
	bool part;    /* nothing that includes it was judged */
	bool aside;   /* lint: read for another file's sake alone, so nothing is said of its comments */
	bool told;    /* what is wrong with its comments was told */
};

struct comments {
	struct comments_file **v; /* in the order in which they were read; those without comments are not kept */
	size_t n, cap;
	size_t n_told;	     /* for the caller: of the first ones what is wrong was told */
	struct strset files; /* their names, by number */
};

/*
 * The comments of a file, read when it comes for the first time; NULL: there are none.  a is that of the run.  part:
 * the file is judged by itself and may be included elsewhere.
 */
struct comments_file *comments_of(struct comments *c, struct arena *a, struct str file, struct str text,
    enum suppress_text kind, enum kw_side side, bool part);
/* The same of a source of a config; of a template, in its own text. */
struct comments_file *comments_source(
    struct comments *c, struct arena *a, const struct source *s, enum kw_side side, bool part);
/*
 * Read the comments of all sources of conf and suppress what they speak of among f, before it is settled.  A finding
 * without a line is also in the block that names its host; rows of one finding are told apart by that: row_at says where
 * a row is named.  The texts of findings that are added live in those of the others.
 */
void comments_conf(struct comments *c, struct arena *a, const struct conf *conf, bool part,
    struct span (*row_at)(const void *ctx, uint32_t row), struct findings *f);
/* What is wrong with the comments of file i, once; of run, asked and declared count. */
void comments_judge(struct comments *c, size_t i, const struct ruleset *rs, struct arena *a,
    const struct suppress_run *run, struct findings *out);
void comments_release(struct comments *c);

#endif
