/* SPDX-License-Identifier: MIT */
/*
 * Measurements of probe: STATE/probe/HASH.ini, one file for each way to a host from one network (probe/record.h).
 * They count until they are older than the policy's measured_for, and only in the network where they were made.
 */
#ifndef SESSION_MEASURED_H
#define SESSION_MEASURED_H

#include "session/session.h"

/* Fills s->measured anew; after the facts.  What cannot be read, or is not our own, is a note; so are too many. */
void measured_load(struct session *s);
/* The way to the host of these values; false when they do not say. */
bool measured_where(const struct session *s, const struct effective *ev, struct probe_where *ret);
/* What was measured for the row, if it counts, into o->measured and o->seen. */
void measured_use(struct session *s, const struct session_row *r, const struct session_case *c, struct path_opts *o);
/* Is there any measurement of a host with this HostName? */
bool measured_names(const struct session *s, struct str hostname);
/* Why r must not take the place of what is kept and still counts, see probe_worse(); NULL: it may. */
const char *measured_worse(struct session *s, const struct probe_record *r, double measured_for_s);
/*
 * Keep one; *ret_path: where.  Measurements that were kept far longer ago than measured_for_s are removed, and so are
 * temporary files that a crash left.
 */
SK_CHECK enum sk_code measured_keep(
    const struct session *s, const struct probe_record *r, double measured_for_s, struct str *ret_path, struct err *e);

#endif
