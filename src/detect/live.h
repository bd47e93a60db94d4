/* SPDX-License-Identifier: MIT */
/*
 * The connections of ssh and sshd that are open now: processes from /proc, sockets from the kernel's sock_diag, and
 * their entries in this kernel's conntrack.  Nothing is sent but netlink requests to this kernel.  What a process or a
 * socket does while it is looked at is no error: whoever is gone is left out.  All texts and arrays live in the arena.
 */
#ifndef DETECT_LIVE_H
#define DETECT_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct live_proc {
	int pid, ppid;
	uint32_t uid, ruid;  /* effective and real */
	uint64_t start;	     /* clock ticks since boot: tells two processes of one pid apart */
	char state;	     /* of proc(5): 'R', 'S', 'T' stopped, 't' stopped by a tracer, ... */
	struct str name;     /* comm of proc(5), at most 15 bytes */
	struct str *arg;     /* argv, or the one title that setproctitle left; arena text, terminated */
	size_t n_arg;	     /* 0: not readable or a zombie */
	struct str cwd;	     /* "" when it cannot be read */
	struct str control;  /* path of the ControlMaster socket that it listens on; "" */
	struct str ssh_conn; /* SSH_CONNECTION of its environment, "" when there is none or it cannot be read */
	bool fds_known;	     /* false: its descriptors may not be read */
	uint64_t *inode;     /* of its sockets, lowest descriptor first */
	int *fd;	     /* the descriptors, in the same order */
	size_t n_inode;
	uint64_t netns;	 /* 0: may not be read */
	bool other_root; /* lives in another tree: /proc/PID/root/ */
};

struct live_procs {
	struct live_proc *v; /* by pid */
	size_t n;
	uint64_t netns; /* of this process; 0 when unknown */
};

/*
 * ssh, sshd, their children and their children's children.  proc is the folder ("/proc" but in tests).  SK_EREAD when it
 * cannot be listed or shows nobody.
 */
SK_CHECK enum sk_code live_procs(struct arena *a, const char *proc, struct live_procs *ret, struct err *e);
const struct live_proc *live_proc(const struct live_procs *p, int pid); /* NULL: not there */
/* Is it a client, is it a server process?  By the name of its program. */
bool live_is_ssh(const struct live_proc *p);
bool live_is_sshd(const struct live_proc *p);

/* An address and a port; IPv4 within IPv6 (::ffff:a.b.c.d) is IPv4. */
struct live_addr {
	bool v6;
	uint8_t b[16]; /* the first 4 for IPv4 */
	uint16_t port;
};
bool live_addr_same(const struct live_addr *x, const struct live_addr *y);
bool live_addr_loopback(const struct live_addr *x);
struct str live_addr_text(struct arena *a, const struct live_addr *x);	    /* the address alone */
struct str live_addr_port_text(struct arena *a, const struct live_addr *x); /* 192.0.2.1:22, [2001:db8::1]:22 */
/* Text of an address; false when it is none. */
bool live_addr_parse(struct str text, struct live_addr *ret);

/* idiag_timer of <linux/inet_diag.h> */
enum live_timer { LIVE_TIMER_OFF, LIVE_TIMER_RETRANS, LIVE_TIMER_KEEPALIVE, LIVE_TIMER_WAIT, LIVE_TIMER_PROBE };

enum live_ct_state {
	LIVE_CT_UNKNOWN, /* reason says why */
	LIVE_CT_NONE,	 /* this kernel follows connections, but not, or no longer, this one */
	LIVE_CT_FOUND,
};
struct live_ct {
	enum live_ct_state state;
	double left_s;	    /* FOUND: until the entry goes */
	struct str tcp;	    /* FOUND: "ESTABLISHED", ...; "" when not told */
	const char *reason; /* UNKNOWN */
};

/* One TCP socket.  Numbers of struct tcp_info <linux/tcp.h>, in seconds. */
struct live_sock {
	uint64_t inode;
	uint32_t uid;
	unsigned state; /* 1 ESTABLISHED, ... of the kernel's tcp_states.h */
	struct live_addr local, peer;
	enum live_timer timer;
	unsigned retrans_n;   /* repeats so far of what the timer is about */
	double expires_s;     /* until the timer fires */
	uint32_t queue_bytes; /* sent or to be sent, not acknowledged */
	bool has_info;	      /* false: the rest is not known */
	double sent_s, got_s,
	    acked_s;	    /* since data was last sent (or sent again), data came, anything at all was acknowledged */
	unsigned unacked_n; /* segments */
	unsigned backoff_n;
	double rto_s, rtt_s, rttvar_s;
	double
	    repeating_s; /* since the first repeat of what is repeated now; negative: not told (Linux 6.7), or not for sure */
	struct live_ct ct;
};

/* What the kernel of one network namespace does; negative: not readable. */
struct live_kernel {
	double retries2, rto_max_s, ka_time_s, ka_intvl_s, ka_probes;
	double ct_established_s, ct_loose; /* negative also when conntrack is not loaded there */
};

struct live_net {
	struct live_sock *v; /* those with an inode that was asked for, listening ones too */
	size_t n;
	struct live_kernel kernel;
};

/*
 * The sockets with these inodes (sorted, n of them) in the network namespace of process pid, 0: in our own.  The
 * process comes back into its own namespace; when that fails it ends.  SK_EREAD: the namespace may not be entered, or
 * netlink refused.
 */
SK_CHECK enum sk_code live_net(
    struct arena *a, int pid, const uint64_t *inode, size_t n, struct live_net *ret, struct err *e);
/* The socket between these two ends that belongs to nobody we may look at; NULL when there is none. */
SK_CHECK enum sk_code live_net_between(
    struct arena *a, const struct live_addr *local, const struct live_addr *peer, struct live_net *ret, struct err *e);

/* Parts, for tests. */

/* A message of sock_diag (an inet_diag_msg of n bytes with its attributes) as a socket; false when it is too short. */
bool live_sock_parse(const void *msg, size_t n, struct live_sock *ret);
/* The entry for s in a text as /proc/net/nf_conntrack holds it. */
void live_ct_text(struct arena *a, struct str text, const struct live_sock *s, struct live_ct *ret);

#endif
