/* SPDX-License-Identifier: MIT */
/* From processes, sockets and settings to the rows of `sessions`. */
#ifndef LIVE_ROWS_H
#define LIVE_ROWS_H

#include "session/session.h"
#include "model/live.h"

/* What one look at the machine makes; live_release() frees what the settings hold. */
struct live_look {
	struct live_report report;
	struct session **resolved; /* those whose settings were read; heap */
	size_t n_resolved, cap_resolved;
	struct live_client *client; /* inside live/, arena: NULL until a master in the background asks for them */
	size_t n_client;
	bool any_bad; /* dead, or at risk by more than an assumption: the exit status is 1 */
};

/*
 * s: rules, settings and facts of this machine (session_machine()); notes on what could not be seen are added to it.
 * SK_EREAD: /proc cannot be listed, or netlink refuses.
 */
SK_CHECK enum sk_code live_look(struct session *s, struct live_look *ret, struct err *e);
void live_release(struct live_look *l);

#endif
