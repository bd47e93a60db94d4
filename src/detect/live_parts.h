/* SPDX-License-Identifier: MIT */
/* What the parts of live_*.c share; private to detect/. */
#ifndef DETECT_LIVE_PARTS_H
#define DETECT_LIVE_PARTS_H

#include "detect/live.h"

/*
 * Fill the conntrack entries of net's sockets, in the namespace that this process is in: one question each by ctnetlink,
 * else from /proc/net/nf_conntrack.  Where conntrack is not loaded nothing is asked, because the question would load it.
 */
void live_ct_ask(struct arena *a, struct live_net *net);

#endif
