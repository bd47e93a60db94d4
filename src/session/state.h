/* SPDX-License-Identifier: MIT */
/* Where backups and the journal of `undo` stand. */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include "session/session.h"
#include "edit/write.h"

/*
 * $XDG_STATE_HOME/sshkeep; for root on the running machine /var/lib/sshkeep, also with --user or --home: a journal
 * that a user may write is nothing for root to obey; else HOME/.local/state/sshkeep, below the root if there is one
 * (sshkeep-root when root runs this on a home of somebody else's, who would be locked out).  Notes go to standard
 * error.  From here on SIGPIPE and SIGXFSZ are ignored.
 */
struct write_opts state_opts(const struct session *s, const char *label);
/* The command line that takes back the entry id, for a shell. */
struct str state_undo(const struct session *s, struct str id);

#endif
