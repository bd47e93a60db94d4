/* SPDX-License-Identifier: MIT */
/* What is known of lines that come of a template (conf/marks.h). */
#ifndef CONF_TEMPLATE_H
#define CONF_TEMPLATE_H

#include "conf/doc.h"

/* Is the value of the set line computed by a template? */
bool conf_is_vague(const struct set *s);
/*
 * Whether the lines of a BLOCK_MAYBE are there when the region `given` is (0: nothing is known): 1 yes, -1 no, 0 who
 * knows.
 */
int conf_region_there(const struct conf *c, const struct block *b, uint32_t given);
/* The innermost region in which the block stands; 0: none. */
uint32_t conf_block_region(const struct conf *c, const struct block *b);

#endif
