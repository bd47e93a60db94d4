/* SPDX-License-Identifier: MIT */
/*
 * From a line to a keyword and arguments, as each OpenSSH release does it.
 * Source: misc.c strdelim() and argv_split(), readconf.c, servconf.c; openssh-config reference 1.2 to 1.5.
 */
#ifndef CONF_SPLIT_H
#define CONF_SPLIT_H

#include "base/arena.h"
#include "base/str.h"
#include "conf/kw.h"

struct arg {
	struct str text;   /* after quotes and escapes; borrows from the line, or arena where it had to change */
	uint32_t off, len; /* raw bytes in the line, quotes included */
};

struct args {
	struct arg *v; /* arena */
	size_t n;
	struct str rest; /* raw text behind the keyword and its separator, trailing blanks cut, comment kept */
	uint32_t rest_off;
	bool bad_quotes; /* an unterminated quote: v holds nothing */
	bool none;	 /* nothing at all behind the keyword */
};

/*
 * One line without its LF: find the keyword.  Gives false when OpenSSH ignores the line (blank, comment, or
 * void: text that the scanner loses, *ret_void set).  On true *ret_word is the keyword as written (joined
 * pieces of a quoted keyword are put together in a) and *ret_rest_off the first byte behind its separator.
 */
bool split_keyword(struct arena *a, struct str line, enum kw_side side, struct ver v, struct str *ret_word,
    size_t *ret_rest_off, bool *ret_void);
/* The arguments behind rest_off.  Never fails: bad quotes are a state. */
void split_args(struct arena *a, struct str line, size_t rest_off, enum kw_side side, struct ver v, struct args *ret);
/* The same arguments with the old scanner that takes no `=` for a separator. */
void split_blanks(struct arena *a, const struct args *args, struct args *ret);
/* Tokens of a Match line: differs from other lines (reference 2.3). */
void split_match(struct arena *a, struct str line, size_t rest_off, enum kw_side side, struct ver v, struct args *ret);

#endif
