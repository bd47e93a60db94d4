/* SPDX-License-Identifier: MIT */
/*
 * OpenSSH releases as one comparable number, and the vendor whose patches count.
 * "9.2p1", "9.2", "OpenSSH_9.2p1 Debian-2+deb12u10", "9.2p1+debian" are all understood.
 */
#ifndef CONF_VERSION_H
#define CONF_VERSION_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

#define VERP(major, minor, p) ((major)*10000 + (minor)*100 + (p))
#define VER(major, minor)     VERP(major, minor, 1)

struct ver {
	int n;	     /* VERP(...); a missing p-level is p1 */
	bool debian; /* Debian's patches: BatchMode 300 s, SetupTimeOut, ProtocolKeepAlives, group-writable files */
	bool beyond; /* the text named a later release than VER_NEWEST, which n is then */
};

#define VER_OLDEST VER(6, 6)
#define VER_NEWEST VER(10, 5)

/* Fails with SK_ESYNTAX on other text and on releases before 6.6; later than the newest known is taken as newest. */
SK_CHECK enum sk_code ver_parse(struct str s, struct ver *ret, struct err *e);
/* "9.2p1" or "9.2p1+debian" into b of at least 24 bytes; returns b. */
const char *ver_text(struct ver v, char b[static 24]);

/* What `Match version` sees, "OpenSSH_10.0p1", into b of at least 32 bytes; returns b. */
const char *ver_release(struct ver v, char b[static 32]);

#endif
