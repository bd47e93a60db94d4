/* SPDX-License-Identifier: MIT */
/* Where backups and the journal of `undo` stand. */
#ifndef CMD_STATE_H
#define CMD_STATE_H

#include "cmd/session.h"
#include "edit/write.h"

/*
 * $XDG_STATE_HOME/sshkeep; for root on the running machine /var/lib/sshkeep; else HOME/.local/state/sshkeep, below
 * the root if there is one.
 */
struct write_opts state_opts(const struct session *s, const char *label);

#endif
