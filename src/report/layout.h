/* SPDX-License-Identifier: MIT */
/* Columns, wrapping and colour for reports in text. */
#ifndef REPORT_LAYOUT_H
#define REPORT_LAYOUT_H

#include <stdbool.h>

#include "base/buf.h"

enum ink { INK_NONE, INK_RED, INK_YELLOW, INK_GREEN, INK_DIM, INK_BOLD };

/* text between the SGR sequences of ink (ECMA-48), or plain. */
void layout_ink(struct buf *b, bool color, enum ink ink, struct str text);
/* Columns that s takes: its code points. */
size_t layout_width(struct str s);
/* s escaped, cut to width columns (the last one is then ~) and padded with blanks to it. */
void layout_cell(struct buf *b, struct str s, size_t width);
/*
 * s escaped and broken at blanks: the text starts at column at of the current line, further lines are indented
 * by indent, nothing passes width where a blank allows it.  Ends with a line feed.
 */
void layout_wrap(struct buf *b, struct str s, size_t at, size_t indent, size_t width);

#endif
