/* SPDX-License-Identifier: MIT */
/*
 * What ssh's own messages mean for a measurement.  Text of ssh's standard error at LogLevel DEBUG1; source of the
 * wordings: ssh.c, sshconnect.c, sshconnect2.c, packet.c, clientloop.c of OpenSSH 8.0 to 10.2.
 */
#ifndef PROBE_SAID_H
#define PROBE_SAID_H

#include <stdbool.h>

#include "base/str.h"

enum said {
	SAID_NOTHING,
	SAID_AUTH,	  /* the server knows us not: no second try */
	SAID_HOSTKEY,	  /* the same */
	SAID_NAME,	  /* no such host */
	SAID_CONFIG,	  /* ssh refuses its own configuration */
	SAID_REFUSED,	  /* nobody listens */
	SAID_UNREACHABLE, /* no way, or no answer (any more) */
	SAID_BUSY,	  /* the server hung up before the login: MaxStartups, penalties, a filter */
	SAID_RESET,	  /* of a session: a reset came */
	SAID_CLOSED,	  /* of a session: the other side closed it */
};

/*
 * The last message that means something, because a login banner and the far end's standard error come before what ssh
 * says at its end; logged_in: the session stood, and text is what came since.  *ret_line: that line, or the last one
 * that is no debugging output; empty when there is none.  It borrows from text.
 */
enum said probe_said(struct str text, bool logged_in, struct str *ret_line);
/* Would the same login fail again? */
bool said_is_final(enum said s);
/* What a person can do about it; NULL: nothing in particular. */
const char *said_advice(enum said s);
/* Did the server's own ClientAlive speak? */
bool probe_said_keepalive(struct str text);

#endif
