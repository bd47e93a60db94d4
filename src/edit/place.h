/* SPDX-License-Identifier: MIT */
/* Inside edit/ only: the planner's state, the places where a value may stand, and the text written there. */
#ifndef EDIT_PLACE_H
#define EDIT_PLACE_H

#include "edit/prove.h"

/* One edit of a file that is known by name. */
struct mark {
	struct str name;
	size_t off, len;
	struct str text;
	uint32_t order;	 /* lines of a block stand before a block that begins at the same byte */
	struct str head; /* of a new block: its Host line */
	size_t tail;	 /* of a new block: bytes of text behind its last line */
};

struct planner {
	struct arena *a;
	const struct plan_opts *o;
	struct resolved base; /* the configuration as it is; its sources are those of o->conf */
	struct wants wants;
	struct mark *mark;
	size_t n_mark, cap_mark;
	size_t n_mend;	  /* the first ones, which mend lines and serve no row */
	struct mark was;  /* a mark that the running trial made longer, as it was before */
	size_t was_at;	  /* its index + 1; 0: none */
	struct str why;	  /* of the last failed trial or place */
	bool forbidden;	  /* why is about a missing right */
	uint16_t cluster; /* the keywords that are being placed */
	bool *tried;	  /* by set: its line was tried as it stands */
	struct {
		struct str of, list;
	} below; /* words for IgnoreUnknown, and those of them that stand below its line */
	struct plan *plan;
};

/* Rows that want the same values and have the same need. */
struct group {
	size_t *row;
	size_t n;
	struct want *first; /* wants of the first row; the others' are alike */
	bool override;	    /* a line that may not be touched sets one of them */
	struct str key;	    /* what the rows have in common */
};

/* A candidate puts marks; false: not possible here (p->why may say why). */
typedef bool (*place_fn)(struct planner *p, const struct group *g);

bool place_writable(struct planner *p, uint32_t src);
void mark_add(struct planner *p, struct str name, size_t off, size_t len, struct str text, bool block);
/* Replace the arguments of a line, and its word when word is not empty. */
bool mark_line(struct planner *p, uint32_t src, uint32_t line, struct str word, struct str value);
/* The line as mark_line() would leave it, with word in the place of its own. */
struct str place_line_after(struct planner *p, uint32_t src, uint32_t line, struct str word, struct str value);
void mark_remove(struct planner *p, uint32_t src, uint32_t line);
/* A new line of keyword kw behind line; model: the line whose habits it copies. */
void mark_after(struct planner *p, uint32_t src, uint32_t line, uint32_t model, unsigned kw, struct str value);

/* How a new line looks: copied from its neighbours. */
struct habit {
	struct str indent, sep, eol;
	bool lower;
};

/* Text and lines, for the files that place values. */
enum kw_id place_line_id(const struct conf *c, uint32_t src, uint32_t line);
bool place_is_header(const struct conf *c, uint32_t src, uint32_t line);
/* The first header from line on, or the number of lines. */
uint32_t place_next_header(const struct conf *c, uint32_t src, uint32_t line);
bool place_is_text(const struct conf *c, uint32_t src, uint32_t line);
struct str place_eol(const struct conf *c, uint32_t src, uint32_t line);
struct habit place_habit(struct planner *p, uint32_t src, uint32_t model);
/* A line to copy from for a new block: the first one that stands in a block of this file. */
struct habit place_habit_of_file(struct planner *p, uint32_t src);
/* Is line a better model than *io_model (UINT32_MAX: none yet)?  The first keyword is, else the first unknown word. */
void place_prefer(const struct conf *c, uint32_t src, uint32_t line, uint32_t *io_model);
struct str place_line_text(struct planner *p, const struct habit *h, unsigned kw, struct str value);
void place_insert_after(struct planner *p, uint32_t src, uint32_t line, struct str text, struct str eol);
/*
 * w's line behind a commented-out default of its keyword among the lines from (included) to end (not), in that
 * comment's habit; without one behind line last, in habit h.
 */
void place_insert(struct planner *p, uint32_t src, uint32_t from, uint32_t end, uint32_t last, const struct habit *h,
    const struct want *w);
/* The first commented-out default above line end for a keyword that g wants, or UINT32_MAX. */
uint32_t place_commented(struct planner *p, uint32_t src, uint32_t end, const struct group *g);
/*
 * The words of w->value get an IgnoreUnknown that all of the configuration is read below: the first one made longer,
 * or a new one at the top of the main file.  Sets w->norm.  False: p->why says why not (the first one stands
 * below the line that w is about, say).
 */
bool place_ignore_unknown(struct planner *p, struct want *w);
bool place_is_open(const struct planner *p, const struct want *w);

bool place_own_block(struct planner *p, const struct group *g);
/* Ahead of all blocks of the user's file, where a commented-out default stands. */
bool place_top(struct planner *p, const struct group *g);
bool place_star_block(struct planner *p, const struct group *g);
bool place_new_star(struct planner *p, const struct group *g);
/*
 * One block for everybody but the rows that shall stay as they are: fewer than the others, or up to a dozen.
 * place_except() trusts that lines placed before decide for their rows; the other one names these as well.
 */
bool place_except(struct planner *p, const struct group *g);
bool place_except_many(struct planner *p, const struct group *g);
/* As place_own_block(), and a host below a pattern of the group needs no line of its own. */
bool place_patterns(struct planner *p, const struct group *g);
bool place_new_block(struct planner *p, const struct group *g);
bool place_new_block_but(struct planner *p, const struct group *g);
bool place_match_block(struct planner *p, const struct group *g);
bool place_dropin(struct planner *p, const struct group *g);
bool place_main_near(struct planner *p, const struct group *g);
bool place_main_first(struct planner *p, const struct group *g);
/* Is "any other host" one of the rows? */
bool place_has_default(const struct planner *p, const struct group *g);
/* Do all rows of g have one block of their own in common? */
bool place_share_block(struct planner *p, const struct group *g);
/* The lines that g wants, for a snippet. */
struct str place_snippet(struct planner *p, const struct group *g);

/* Index of the source of that name, or UINT32_MAX. */
uint32_t plan_source(const struct planner *p, struct str name);
/*
 * Marks to one file_plan for each file.  False, with p->why: two of them touch the same bytes, or more of a template
 * than what stands in its literal lines.
 */
bool plan_files(struct planner *p, struct arena *a, struct file_plan **ret, size_t *ret_n);
/* Do all marks so far bring what is wanted and nothing else?  Else p->why says what is wrong. */
bool plan_trial(struct planner *p);
/* The marks since `from` go away. */
void plan_forget(struct planner *p, size_t from);
/* One refusal for each finding and row. */
void plan_refuse(
    struct planner *p, const struct finding *f, struct str host, struct str reason, struct str snippet, bool hard);
void plan_add_file(struct planner *p, const struct file_plan *f);
/* Both numbers, a smaller than b; 0 is off, not small. */
bool plan_is_smaller(struct str a, struct str b);
/* The other one of interval and count, or KW_UNKNOWN. */
unsigned plan_partner(const struct planner *p, unsigned kw);
/* Fills p->wants; what cannot be wanted is refused. */
void plan_collect(struct planner *p, const struct findings *f);
/* The fixes whose keyword is sysctl.NAME. */
void plan_knobs(struct planner *p, const struct findings *f);

#endif
