/* SPDX-License-Identifier: MIT */
/*
 * One real ssh session of a measurement: the installed ssh with all keepalives off (or, for the control session, on),
 * no multiplexing and nobody to ask.  It runs in a process group of its own with the caller's environment, as the
 * person who asked for it would run it: what their ssh config makes ssh run is run.
 */
#ifndef MEASURE_SSH_H
#define MEASURE_SSH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "session/session.h"

/* How to reach the host: the same for all sessions. */
struct ssh_how {
	const char *ssh;  /* path of the program */
	struct ver ver;	  /* its release: which options it takes */
	const char *file; /* -F; NULL: none */
	const struct options *o;
	const char *host; /* as typed */
};

struct ssh_proc {
	pid_t pid; /* 0: none */
	int in, out, err;
	struct buf heard, said; /* standard output, standard error */
	bool gone;		/* it ended; only ssh_end() buries it, so that its group keeps its number */
	int status;		/* its exit status, -1 after a signal */
	int tcp;		/* a copy of its socket, -1: not seen */
	uint32_t n_packet;	/* that the socket has sent and received, as of the last look */
	uint32_t n_in;		/* of these, received */
	uint32_t rtt_us;
	size_t n_login; /* bytes of said that came before ssh_stands() */
};

/* SK_EREAD when the program cannot be started. */
SK_CHECK enum sk_code ssh_start(
    struct arena *a, const struct ssh_how *how, struct str remote, bool keepalive, struct ssh_proc *ret, struct err *e);
/* Take what it said, and its end. */
void ssh_listen(struct ssh_proc *p);
/* Did it print this word as a line? */
bool ssh_heard(const struct ssh_proc *p, const char *word);
/* The session stands: what was said until now belongs to the login. */
void ssh_stands(struct ssh_proc *p);
/* What ssh, and the far end's standard error, said since; before that: all of it. */
struct str ssh_said(const struct ssh_proc *p);
/* One line feed to the far end; false: it does not take it any more. */
bool ssh_type(struct ssh_proc *p);
/* Look for its TCP socket; that of a ProxyCommand or jump host is not its own. */
void ssh_find_socket(struct ssh_proc *p);
/* True when packets came or went since the last look. */
bool ssh_packets(struct ssh_proc *p);
/* End it if it runs, and free what it holds. */
void ssh_end(struct ssh_proc *p);

#endif
