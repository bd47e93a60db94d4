/* SPDX-License-Identifier: MIT */
/* Code points in bytes that may not be UTF-8 at all. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/str.h"

/* Bytes (1 to 4) of the well-formed sequence that s, which is not empty, begins with; its code point in *ret.  0: none. */
size_t utf8_at(struct str s, uint32_t *ret);
bool utf8_valid(struct str s);
/* Bytes at the beginning of s that are printable ASCII and none of those of the terminated string not. */
size_t utf8_plain(struct str s, const char * not );
bool utf8_is_control(uint32_t cp); /* C0, DEL, C1 */
/* Code points that hide or reorder text: zero width, separators of lines, bidirectional controls, BOM, tags. */
bool utf8_is_hidden(uint32_t cp);
/* The first n bytes of s at most, cut ahead of a whole character. */
struct str utf8_head(struct str s, size_t n);
/*
 * Length of s in code points and in UTF-16 code units; a byte that belongs to no sequence counts as one, as the
 * replacement character that stands for it would.
 */
size_t utf8_points(struct str s);
size_t utf8_units(struct str s);

#endif
