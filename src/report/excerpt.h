/* SPDX-License-Identifier: MIT */
/* The line that a finding points at, with a mark under what is meant. */
#ifndef REPORT_EXCERPT_H
#define REPORT_EXCERPT_H

#include "report/layout.h"
#include "rule/finding.h"

/*
 *	  5 | ServerAliveInterval 60 30
 *	    |                        ^~
 *
 * Two lines of at most width columns, indented by indent: the text escaped as everywhere and without its indentation,
 * a TAB as one blank; of a long line the part around what is meant, with "..." for what is left out.  mark colours
 * the second line.  Nothing when the line is not known or is blank.
 */
void excerpt_add(struct buf *out, const struct finding *f, size_t indent, size_t width, bool color, enum ink mark);

#endif
