/* SPDX-License-Identifier: MIT */
/* What is known of lines that come of a template (conf/marks.h). */
#ifndef CONF_TEMPLATE_H
#define CONF_TEMPLATE_H

#include "conf/doc.h"

/* A file as it is, for people; its bytes are what is parsed. */
struct str conf_raw(const struct source *s);
/* The text of a line as the file holds it, for people; conf_line_text() is what is parsed.  An empty file has none: "". */
struct str conf_line_raw(const struct conf *c, uint32_t src, uint32_t line);
/* What a block is called: its Host or Match line as the file holds it, without the blanks and the comment around it. */
struct str conf_block_name(const struct conf *c, const struct block *b);
/* Is the value of the set line computed by a template? */
bool conf_is_vague(const struct set *s);
/*
 * May a pattern of the Host line, other than `but` (from 0), be a negation that a template computes?  (Literal ones
 * are no matter here.)
 */
bool conf_may_negate(const struct conf *c, const struct block *b, uint32_t but);
/*
 * Whether the lines of a BLOCK_MAYBE are there when the region `given` is (0: nothing is known): 1 yes, -1 no, 0 who
 * knows.
 */
int conf_region_there(const struct conf *c, const struct block *b, uint32_t given);
/* The innermost region in which the block stands; 0: none. */
uint32_t conf_block_region(const struct conf *c, const struct block *b);

#endif
