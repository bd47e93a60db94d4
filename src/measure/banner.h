/* SPDX-License-Identifier: MIT */
/*
 * Without credentials: plain TCP connections to the SSH port, one at a time.  Each is silent after the server's
 * version line, then sends ours; an answer (KEXINIT) shows that the path still stood.  The server itself ends such a
 * connection after its LoginGraceTime, which looks like a box that closes: that is where this way of measuring ends.
 */
#ifndef MEASURE_BANNER_H
#define MEASURE_BANNER_H

#include "measure/run.h"
#include "probe/record.h"

/* sshd's default LoginGraceTime is 120 s. */
enum { PROBE_BANNER_MAX_S = 110 };

/* SK_EREAD when the host is not there or is no SSH server; *ret has what was known before. */
SK_CHECK enum sk_code probe_banner(
    const struct probe_run *r, const struct probe_where *w, struct probe_result *ret, struct err *e);

#endif
