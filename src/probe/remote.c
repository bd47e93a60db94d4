/* SPDX-License-Identifier: MIT */
/* Commands for the far end. */
#include "probe/remote.h"

void
remote_trial(enum probe_dir dir, unsigned silence_s, struct buf *b)
{
	if (dir == PROBE_FROM_SERVER)
		buf_addf(b, "exec sh -c 'exec 2>/dev/null; echo " REMOTE_READY "; sleep %u; echo " REMOTE_ALIVE "'",
		    silence_s);
	else
		/* the shell becomes the sleep, $$, so that whoever hears the line has one process to end */
		buf_addf(b,
		    "exec sh -c 'exec 2>/dev/null 3<&0; echo " REMOTE_READY "; "
		    "(IFS= read -r x <&3 && echo " REMOTE_ALIVE " && kill $$) & "
		    "exec sleep %u 3<&- </dev/null >/dev/null'",
		    silence_s + REMOTE_LINGER_S);
}

void
remote_control(struct buf *b)
{
	buf_addc(b, "exec sh -c 'echo " REMOTE_READY "; exec cat'");
}
