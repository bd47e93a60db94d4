/* SPDX-License-Identifier: MIT */
/*
 * One measurement as it is kept: INI text of one section, [probe].  It holds for one way to one host from one
 * network; a file of the state folder each, named by a hash of these three.
 */
#ifndef PROBE_RECORD_H
#define PROBE_RECORD_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "probe/plan.h"

struct probe_where {
	struct str host; /* HostName as ssh resolved it, or the address */
	unsigned port;
	struct str via;	    /* ProxyJump or ProxyCommand; "" */
	struct str network; /* facts.network: the way out of this machine */
};

struct probe_record {
	struct probe_where where; /* .via is a hash when it was read back, see probe_same() */
	struct probe_answer answer;
	int64_t when_s; /* since 1970 */
};

/* Can it be kept?  Names with bytes or lengths that INI does not hold cannot. */
bool probe_can_keep(const struct probe_where *w);
/* "HASH.ini"; the case of the host's letters does not count. */
struct str probe_file(struct arena *a, const struct probe_where *w);
void probe_write(const struct probe_record *r, struct buf *b);
/* Strings live in a.  SK_ERULE with FILE:LINE. */
SK_CHECK enum sk_code probe_read(
    struct arena *a, struct str file, struct str text, struct probe_record *ret, struct err *e);
/*
 * Why n must not take the place of old, which still counts; NULL: it may.  Another maximum or --banner shows less than
 * what is known; a death where the old one has life shows that the path is another by now.
 */
const char *probe_worse(const struct probe_answer *n, const struct probe_answer *old);
/* Is a record that was read back one of this way, whatever the network? */
bool probe_same_way(const struct probe_record *r, const struct probe_where *w);

#endif
