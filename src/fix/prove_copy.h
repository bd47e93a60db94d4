/* SPDX-License-Identifier: MIT */
/*
 * A configuration copied into a private folder, so that OpenSSH can be asked about bytes that are not in place yet
 * and reads nothing but these copies: each Include line of a copy names the copies of what it named, in the order
 * in which it was expanded.  Lines keep their numbers.
 */
#ifndef FIX_PROVE_COPY_H
#define FIX_PROVE_COPY_H

#include "base/buf.h"
#include "base/err.h"
#include "conf/doc.h"

/*
 * Does the copy mean to OpenSSH what the files mean?  False where an Include cannot be followed from here, depends
 * on the host, or is nested too deeply; *ret_why is the reason for people.
 */
bool copy_possible(struct arena *a, const struct conf *c, struct str *ret_why);
/* "FILE:LINE" for people, escaped; line is the index in the source. */
struct str copy_place(struct arena *a, const struct conf *c, uint32_t src, uint32_t line);
/* The copy of source src below the folder dir, whose name needs no escapes inside double quotes. */
struct str copy_path(struct arena *a, const struct conf *c, struct str dir, uint32_t src);
void copy_text(struct arena *a, const struct conf *c, struct str dir, uint32_t src, struct buf *ret);
/* Write all copies below dir, which exists.  *ret_main: what -F or -f names. */
SK_CHECK enum sk_code copy_write(
    struct arena *a, const struct conf *c, struct str dir, struct str *ret_main, struct err *e);
/*
 * What OpenSSH said, as one escaped line: names of copies as those of the files, lines separated by "; ", without
 * its remark on the missing terminal.
 */
struct str copy_message(struct arena *a, const struct conf *c, struct str dir, struct str text);

#endif
