/* SPDX-License-Identifier: MIT */
/* What a host's name alone says of its path: the class of a literal address, and patterns of boxes and services. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include "model/network.h"

enum dest_class { DEST_NAME, DEST_PUBLIC, DEST_PRIVATE, DEST_LOOPBACK };

/*
 * Literal addresses by RFC 1918, 6598, 4193 and link-local (RFC 3927, 4291); localhost by RFC 6761.  A name stays
 * a name: nobody asks DNS.
 */
enum dest_class dest_classify(struct str host);
struct str dest_unbracket(struct str host); /* without the brackets of an IPv6 address */

/* Services that take git and nothing else: their connections end with the command. */
extern const struct str names_git;

/*
 * For many names: two names of one class are the same to path_of() and judge_holds_sessions(), as far as these look
 * at the name.  Borrows from n.
 */
struct name_classes;
struct name_classes *names_compile(struct arena *a, const struct networks *n);
uint64_t names_class(const struct name_classes *c, struct str host);

#endif
