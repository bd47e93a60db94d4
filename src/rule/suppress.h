/* SPDX-License-Identifier: MIT */
/*
 * Comments that suppress findings, on lines of their own:
 *
 *	# sshkeep: ignore SK201,SK130 -- reason		the next line that is neither blank nor a comment
 *	# sshkeep: ignore-block SK201 -- reason		the block whose header that line is
 *	# sshkeep: ignore-file SK201 -- reason		the whole file, wherever it stands
 *
 * Codes are whole, no prefixes: what a comment hides is known to who wrote it.  Where several fit, the nearest counts:
 * line, block, file.  A block is that of a Host or Match line, the section of a unit, and elsewhere all up to a blank line.
 * The comment signs are # everywhere, ; where Host and Match are none, and {# #}, <%# %>, {{/ * * /}} of templates.
 * Pure: no I/O.  Time grows with the bytes, and with findings by the logarithm of the comments.
 */
#ifndef RULE_SUPPRESS_H
#define RULE_SUPPRESS_H

#include "rule/ruleset.h"

enum suppress_form { SUPPRESS_LINE, SUPPRESS_BLOCK, SUPPRESS_FILE };
/* How a text is divided into blocks. */
enum suppress_text { SUPPRESS_IN_SSH, SUPPRESS_IN_SECTIONS, SUPPRESS_IN_PARAGRAPHS };

enum {
	SUPPRESS_CODES_MAX = 64,	/* of one comment */
	SUPPRESS_COMMENTS_MAX = 10000,	/* of one file; those behind do not count, which is a finding */
	SUPPRESS_TEXT_MAX_BYTES = 200,	/* kept of a reason; the rest is cut off */
	SUPPRESS_LINE_MAX_BYTES = 1024, /* kept of a comment's line */
};

/* One code of one comment. */
struct suppress_item {
	struct str code;
	uint32_t of;  /* into suppress_list v */
	bool used;    /* something was suppressed, or would have been with a reason; what OpenSSH refuses never is */
	bool refused; /* something was not, because OpenSSH refuses the line */
};

struct suppress {
	enum suppress_form form;
	struct span at;	       /* of the comment */
	struct str text;       /* its line, as far as it is kept */
	uint32_t first, last;  /* the lines that it speaks of, 1-based; first 0 for a file */
	struct str reason;     /* "" when none is given */
	const char *fault;     /* what is wrong with its words, so that it does not count; NULL: nothing */
	uint32_t item, n_item; /* its codes, into suppress_list item */
};

/* For the search: an item by the last line that its comment speaks of, then by code, then as they stand. */
struct suppress_key {
	uint32_t last, item;
	struct str code;
};

struct suppress_list {
	struct suppress *v; /* in the order of the file */
	size_t n;
	struct suppress_item *item;
	size_t n_item;
	struct suppress_key *key[SUPPRESS_FILE + 1]; /* by form, sorted */
	size_t n_key[SUPPRESS_FILE + 1];
};

/* All comments of a text; everything lives in a, nothing is borrowed. */
void suppress_read(struct arena *a, struct str text, enum suppress_text kind, struct suppress_list *ret);
/*
 * Suppress the finding, which stands on this line (0: on none, so that only the whole file speaks of it), when a
 * comment says so and the rule allows it; comments are marked as used.
 */
void suppress_finding(const struct suppress_list *l, uint32_t line, struct finding *f);

/* Does a comment with a reason hide a keyword that OpenSSH does not know, on this line? */
bool suppress_word(const struct ruleset *rs, const struct suppress_list *l, uint32_t line);
/* The comment on this line, as far as it is kept; "" when there is none. */
struct str suppress_text_of(const struct suppress_list *l, uint32_t line);

/* What tells about comments needs to know of the run. */
struct suppress_run {
	struct str file; /* shown name */
	enum kw_side side;
	bool part;     /* the file was judged without what includes it */
	bool declared; /* somebody said what the path is, so that rules for rows have their say */
	bool (*asked)(
	    const void *ctx, struct str code); /* was this rule asked?  Else it is not unused; NULL: nobody asks */
	const void *ctx;
};
/* What is wrong with the comments themselves, by the rules with each = ignore, once all findings were given. */
void suppress_judge(const struct ruleset *rs, struct arena *a, const struct suppress_list *l,
    const struct suppress_run *run, struct findings *out);

#endif
