/* SPDX-License-Identifier: MIT */
/*
 * What the far end runs during a measurement: sh, its builtins, sleep and cat.  The command line means the same to
 * sh, csh and fish: one word in single quotes that holds neither quote nor exclamation mark.
 */
#ifndef PROBE_REMOTE_H
#define PROBE_REMOTE_H

#include "base/buf.h"
#include "probe/plan.h"

/* The two lines that a session says: it stands and is silent from now on; the packet came through. */
#define REMOTE_READY "sshkeep-ready"
#define REMOTE_ALIVE "sshkeep-alive"

/*
 * From the server: ready, silence, alive.  From the client: ready, then alive as soon as a line is heard.  Whatever
 * becomes of the connection, nothing of it is left after silence_s + REMOTE_LINGER_S.
 */
enum { REMOTE_LINGER_S = 60 };
void remote_trial(enum probe_dir dir, unsigned silence_s, struct buf *b);
/* Ready, then every line is said back. */
void remote_control(struct buf *b);

#endif
