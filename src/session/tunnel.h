/* SPDX-License-Identifier: MIT */
/* From a judged row to what the launch writers need. */
#ifndef SESSION_TUNNEL_H
#define SESSION_TUNNEL_H

#include "session/session.h"
#include "launch/launch.h"

/*
 * Fill *ret for row r: forwards of the command line, else those of the host's config.  SK_EUSAGE when there are
 * none, SK_EREFUSED when they cannot be known.
 */
SK_CHECK enum sk_code tunnel_make(
    const struct session *s, const struct session_row *r, struct launch *ret, struct err *e);
const struct launch_kind *tunnel_kind(struct str name);
/* "sshkeep-HOST.sh": letters, digits and . _ - only. */
struct str tunnel_file(struct arena *a, const struct launch *l, const struct launch_kind *k);

#endif
