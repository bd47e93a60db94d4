/* SPDX-License-Identifier: MIT */
/*
 * The fate of a connection that is open now: safe, at risk in N seconds, already dead; and who would end it when.  Pure.
 * What the settings and the path mean comes from judge() (model/clocks.h), what the connection is doing from the kernel.
 */
#ifndef MODEL_LIVE_H
#define MODEL_LIVE_H

#include "model/clocks.h"

enum live_verdict { LIVE_SAFE, LIVE_AT_RISK, LIVE_DEAD, LIVE_UNKNOWN };
const char *live_verdict_name(enum live_verdict v);

/* What the kernel's retransmission is doing; times in seconds. */
struct live_retrans {
	unsigned n;	    /* repeats of the oldest segment so far */
	double next_s;	    /* until the timer fires */
	double rto_s;	    /* the wait that it ends, doubled by each repeat */
	unsigned backoff_n; /* how often it was doubled */
	double since_s;	    /* since the first repeat; negative: not known, it follows from the waits */
	double rtt_s, rttvar_s;
	double retries2;  /* tcp_retries2 */
	double rto_max_s; /* 120 before Linux 6.15 */
};

/*
 * Seconds from now until the kernel gives up: at the first timer that fires tcp_retries2's time after the first repeat.
 * Unknown when the timers make no sense.  Source: Linux net/ipv4/tcp_timer.c, tcp_retransmit_timer(),
 * retransmits_timed_out(), tcp_model_timeout(); tcp_output.c, tcp_retransmit_skb() for the stamp of the first repeat.
 */
struct qty live_retrans_ends(const struct live_retrans *r);
/* That time of tcp_retries2, for any largest wait: 924.6 s for 15 repeats and 120 s. */
double live_retrans_limit(double retries2, double rto_max_s);
/* The same for probes of a closed window (timer 4): after tcp_retries2 probes without an answer. */
struct qty live_probe_ends(unsigned sent, double next_s, const struct live_retrans *r);

enum live_phase {
	LIVE_CONNECTING,
	LIVE_OPEN,
	LIVE_CLOSED, /* the other end has closed, or this one is closing */
};

enum live_wait { LIVE_WAIT_NONE, LIVE_WAIT_RETRANS, LIVE_WAIT_KEEPALIVE, LIVE_WAIT_WINDOW };

struct live_in {
	enum kw_side side;
	bool seen; /* false: no socket could be read; why_unseen says why */
	struct str why_unseen;
	enum live_phase phase;
	bool pinned;		       /* both ends are this machine */
	bool stopped, traced;	       /* the process that speaks does not run: job control, or (traced) a debugger */
	double sent_s, got_s, acked_s; /* since data was sent, data came, anything came */
	double wire_s; /* since any packet went or came, as this kernel's conntrack saw it; INFINITY: not known */
	uint32_t unacked_bytes; /* sent, or waiting to be sent */
	enum live_wait wait;	/* what the kernel's timer is about */
	struct live_retrans retrans;
	unsigned probes_n; /* LIVE_WAIT_KEEPALIVE, _WINDOW: probes without an answer */
	double next_s;	   /* until the timer fires */
	/* of this kernel, for the socket's network namespace; unknown: not readable */
	struct qty ka_time, ka_intvl, ka_probes;
	struct qty ct_left; /* this kernel's conntrack entry; unknown: not readable or none */
	/* settings and path; NULL: not known, why_unjudged says why */
	const struct judgement *j;
	const struct path *path;
	struct str why_unjudged;
	struct qty carried; /* interval of an ssh that talks through this connection; never: none */
};

struct live_out {
	enum live_verdict verdict;
	struct qty in_s;	    /* AT_RISK: seconds left, 0: any moment, or already; never for the others */
	enum confidence confidence; /* of the number that the verdict rests on */
	struct str who;		  /* who ends it: "the path", "the kernel (tcp_retries2)", "ServerAliveCountMax"; "" */
	struct str why;		  /* one sentence */
	struct qty next_s;	  /* the next packet, if nobody types; never: nobody speaks */
	struct str next_by;	  /* "ServerAliveInterval", "kernel keepalive (client)" */
	struct qty kernel_ends_s; /* the kernel gives up; never: it waits for nothing */
	struct qty ssh_ends_s;	  /* ssh or sshd gives up if nothing comes; never: it does not count */
	bool interval_idle; /* runs, should have spoken by its settings, and has not: it was started with others */
};

void live_judge(struct arena *a, const struct live_in *in, struct live_out *ret);

/* One connection, as the reporters show it. */
struct live_session {
	enum kw_side side;
	int64_t pid;	    /* of ssh, or of the sshd process that serves the user */
	uint32_t uid;	    /* that it runs as */
	struct str program; /* who holds the socket: "ssh", "sshd", "nc" */
	int64_t holder;	    /* its pid */
	struct str host;    /* client: as typed; "": host_reason */
	struct str host_reason;
	struct str user;    /* whose session: the login name at the server; "" */
	struct str claimed; /* server: whom its title names though it is not to be trusted; user is who runs it; "" */
	struct str peer, local; /* address:port; "" when not seen */
	bool master;
	struct str control_path; /* "" */
	struct str through;	 /* what carries it: "ssh -W (pid 12)", "nc (pid 12)"; "" */
	struct str carries;	 /* the host that is reached through it; "" */
	struct str netns;	 /* "" or "another network namespace" */
	struct str file;	 /* of the line that decides; "": a default, or config_reason */
	unsigned line;
	bool on_cmdline; /* an option decides: of the command line (file names that), or of the listener's; no line */
	struct str config_reason; /* why the settings are not known; "" */
	struct str ct_state;	  /* "ESTABLISHED", "none", ""; unknown: in.ct_left.reason */
	struct live_in in;
	struct live_out out;
};

struct live_report {
	const struct live_session *v;
	size_t n;
	size_t n_hidden; /* processes that only root may look at */
	bool again;	 /* --watch, not the first time */
};

#endif
