/* SPDX-License-Identifier: MIT */
/* Inside live/: one connection before its settings are known. */
#ifndef LIVE_CONN_H
#define LIVE_CONN_H

#include "live/args.h"
#include "live/rows.h"
#include "detect/live.h"

struct live_conn {
	enum kw_side side;
	const struct live_procs *procs;	  /* where it was found */
	const struct live_proc *proc;	  /* ssh, or the sshd process that serves the user */
	const struct live_proc *holder;	  /* whose socket it is: proc, or what it talks through; NULL: not known */
	const struct live_proc *listener; /* sshd: the process that accepted it; NULL: not to be found */
	const struct live_sock *sock;	  /* NULL: not to be seen */
	const struct live_kernel *kernel; /* of the socket's namespace; NULL with sock */
	const char *unseen;		  /* why sock is NULL */
	struct live_args args;		  /* client */
	const char *args_fault;		  /* why args say nothing; NULL */
	struct live_title title;	  /* server; the user is the real one, not whom claimed names */
	struct str claimed;		  /* whom a title names that is not to be trusted; "" */
	size_t carrier;			  /* row of the ssh that it talks through; SIZE_MAX: none */
	size_t carries;			  /* row of the ssh that talks through it; SIZE_MAX */
};

/* A running ssh whose settings name a ControlPath. */
struct live_client {
	const struct live_proc *proc;
	struct live_args args;
	struct str path;
};

struct live_conns {
	struct live_conn *v; /* heap */
	size_t n, cap;
	size_t n_hidden;
};

/*
 * Anybody can give a process the title of sshd.  Who it names is believed of a process that root or that account runs
 * (its real user, for a program of root may be started by all), and of the child of an sshd that root runs.
 */
bool live_title_trusted(
    const struct fs_tree *t, struct arena *a, const struct live_proc *p, const struct live_proc *up, struct str user);

/* t as a process sees it: below its own root when it has one. */
struct fs_tree live_tree(const struct fs_tree *t, struct arena *a, const struct live_proc *p);
/* Is c's socket in another network namespace than this process?  False also when it cannot be told. */
bool live_other_net(const struct live_conn *c);

/* All connections of the processes p, with their sockets.  Notes go to s. */
SK_CHECK enum sk_code live_conns(struct session *s, const struct live_procs *p, struct live_conns *ret, struct err *e);

/*
 * The settings that c works with, and what they mean: fills the host, in.j, in.path, the line that decides, or the
 * reason.  A master in the background gets the host by its ControlPath, in c too.
 */
void live_settings(struct session *s, struct live_look *l, struct live_conn *c, struct live_session *row);
/* Options that would be refused for a connection are refused where there is none, too. */
SK_CHECK enum sk_code live_check(struct session *s, struct err *e);

#endif
