/* SPDX-License-Identifier: MIT */
/* Inside edit/ only: what every row gets from a configuration, with some of its files replaced in memory. */
#ifndef EDIT_PROVE_H
#define EDIT_PROVE_H

#include "edit/plan.h"
#include "eval/effective.h"

#define ANY_ROW SIZE_MAX

/* A file as it would be.  Files that the configuration does not hold yet are new. */
struct overlay {
	struct str name, bytes;
};

/* One keyword of one row that is not at its default. */
struct val {
	struct str text;   /* family: the printed value; else the deciding lines */
	struct str reason; /* unknown: why, and where */
	uint32_t set;	   /* winning set, UINT32_MAX none */
	uint16_t row;
	bool unknown, cmdline, other; /* other: follows from another keyword's line */
};

struct row_vals {
	struct val *v;
	size_t n;
	bool refused, skip; /* skip: no name could be made up for the row */
};

struct resolved {
	struct conf conf;
	struct row_vals *row;
	size_t n;
};

enum want_state { WANT_PENDING, WANT_TRYING, WANT_DONE, WANT_REFUSED };

/* One value that shall change. */
struct want {
	size_t row; /* index of the row, or ANY_ROW: whichever rows a line reaches */
	uint16_t kw;
	uint16_t cluster; /* keywords that are placed together have the same */
	struct str value; /* as it will be written */
	struct str norm;  /* as it is printed */
	const struct finding *finding;
	enum want_state state;
	struct want *next; /* same row */
};

struct wants {
	struct want *v;
	size_t n;
	struct want **of_row; /* lists by row; index n_row: ANY_ROW */
	size_t n_row;
	bool deletes; /* lines go away */
};

size_t prove_rows(const struct plan_opts *o);
struct str prove_row_shown(const struct plan_opts *o, size_t row);
/* Read and resolve all rows.  Release with resolved_release(), also after a failure. */
SK_CHECK enum sk_code resolve_all(struct arena *a, const struct plan_opts *o, const struct overlay *ov, size_t n_ov,
    struct resolved *ret, struct err *e);
void resolved_release(struct resolved *r);
const struct val *val_find(const struct row_vals *r, unsigned kw);
/* Current value for people and for comparison; p NULL when nothing is printed. */
struct str val_text(enum kw_side side, const struct row_vals *r, unsigned kw);
/* Link the wants of each row. */
void wants_link(struct arena *a, struct wants *w, size_t n_row);
struct want *want_find(const struct wants *w, size_t row, unsigned kw);
/* value as the keyword's parser prints it; value itself when it does not parse. */
struct str want_norm(struct arena *a, const struct conf *c, unsigned kw, struct str value);
/* Does the keyword's parser take it? */
bool want_parses(struct arena *a, const struct conf *c, unsigned kw, struct str value);
/*
 * Lines for which OpenSSH refuses the file, words of other vendors (*ret_vendor of them) among them although the caller
 * may let them pass; without those that an IgnoreUnknown line above all blocks hides.
 */
size_t prove_refusing(const struct conf *c, size_t *ret_vendor);
/*
 * Only wanted values may differ, and every want that is TRYING or DONE must be there.  *ret_changed counts the
 * values that moved.  False: *ret_why says what is wrong (arena).
 */
bool prove_compare(struct arena *a, const struct plan_opts *o, const struct resolved *old, const struct resolved *new,
    const struct wants *w, size_t *ret_changed, struct str *ret_why);

#endif
