/* SPDX-License-Identifier: MIT */
/*
 * Growing byte buffer.  A zeroed buf is valid and empty.  max (bytes, 0 = none) is a hard cap: what would
 * pass it is dropped and toobig is set; the caller checks once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

struct buf {
	char *p;
	size_t n, cap, max;
	bool toobig;
};

void buf_add(struct buf *b, struct str s);
void buf_addc(struct buf *b, const char *z);
void buf_addch(struct buf *b, char c);
void buf_addn(struct buf *b, char c, size_t n); /* c, n times */
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/*
 * s made fit for a terminal or a log: control bytes, DEL, C1 controls and bytes that are not UTF-8 as \xHH,
 * a backslash as it is.  Bidirectional and zero-width code points are shown as \u{HEX}.  Never a line feed.
 * What the log of a CI service takes for a command when a line begins with it (::error, ::add-mask) or anywhere
 * (##[error], ##vso[) has its second character as \xHH.
 */
void buf_add_escaped(struct buf *b, struct str s);
/* The same for the first code point (or byte, or the two of a command) of s, which is not empty; its bytes. */
size_t buf_add_escaped_first(struct buf *b, struct str s);
void buf_add_lower(struct buf *b, struct str s);       /* ASCII letters as lower case */
struct str str_escaped(struct arena *a, struct str s); /* the same as a copy, NUL-terminated behind its end */
/* Room for n more bytes behind the text: the caller fills some of it and adds their number to b->n.  max is not minded. */
char *buf_room(struct buf *b, size_t n);
struct str buf_str(const struct buf *b); /* borrows; valid until the next change */
void buf_clear(struct buf *b);		 /* empty, keeps the memory */
void buf_release(struct buf *b);

#endif
