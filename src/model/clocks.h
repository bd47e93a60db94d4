/* SPDX-License-Identifier: MIT */
/*
 * The arithmetic of the contract, section 5: what the settings of both ends, the kernel and the path mean in
 * seconds.  Pure.  Every field is a qty: unknown carries its reason, never is INFINITY.
 */
#ifndef MODEL_CLOCKS_H
#define MODEL_CLOCKS_H

#include "detect/facts.h"
#include "eval/effective.h"
#include "model/path.h"
#include "model/policy.h"

/* One end's settings, as numbers. */
struct end {
	bool given;					   /* false: OpenSSH's defaults are assumed */
	bool far;					   /* not this machine: its kernel is assumed */
	struct qty interval, count;			   /* as configured */
	struct qty tcp_keepalive;			   /* 0 or 1 */
	struct ver ver;					   /* newest when nobody said */
	struct qty ka_time, ka_intvl, ka_probes, retries2; /* this end's kernel */
};

/* Who can break the silence on the wire. */
enum beat { BEAT_CLIENT_SSH, BEAT_SERVER_SSH, BEAT_CLIENT_KERNEL, BEAT_SERVER_KERNEL, BEAT_NOBODY };

struct clocks {
	struct end client, server;
	struct qty i_eff_client; /* interval at which the client really probes; never: it does not */
	struct qty i_eff_server; /* doubled for sshd 9.2-9.4 */
	struct qty R;		 /* this row's kernel gives up retransmitting */
	struct qty refresh;	 /* longest silence of a healthy idle session, as the hop of `margin` sees it */
	enum beat beat;		 /* who ends that silence */
	struct str refresh_by; /* "ServerAliveInterval", "ClientAliveInterval (far end)", "kernel keepalive (client)" */
	double least_s;	       /* the shortest that refresh can be, also where it is not known; INFINITY: never */
	struct str least_by;   /* who ends that silence */
	bool refresh_from_client;	   /* who speaks: for direction (5.2) */
	struct qty margin;		   /* the smallest over the hops; never when nothing forgets */
	const struct hop *worst;	   /* that hop; the one of the path's timeout unless data or a proxy matters */
	struct qty notice_min, notice_max; /* client */
	struct qty server_notice_min, server_notice_max;
	struct qty outage;
	struct qty ghost;
	struct qty login_limit;
	struct qty stale_master;
	struct qty idle_kill;
	struct str idle_kill_by;
	struct qty sleep;
	struct qty cost_probes, cost_bytes; /* a day; bytes of probes and answers, TCP/IP headers included */
	struct qty killed_after; /* an idle healthy session ends after this (ServerAliveCountMax 0, ...); never */
};

enum verdict { VERDICT_SURVIVES, VERDICT_FRAGILE, VERDICT_DROPS, VERDICT_UNKNOWN, VERDICT_NOT_JUDGED };
const char *verdict_name(enum verdict v);

struct judgement {
	struct clocks clocks;
	enum verdict verdict;
	struct str killer;     /* who kills it, for people; "" */
	struct qty killed_at;  /* seconds of idleness; never */
	struct qty noticed_at; /* seconds of idleness after which this row's end knows it, if nobody types; never */
	struct str looks_like; /* "hang, no message" */
	struct str reason;     /* unknown / not judged: why */
	struct str why_fragile;
	/* the recommendation (5.3) */
	struct qty best_interval, best_count;
	struct str missed; /* the target that could not be met; "" */
	bool no_way;	   /* unknown: ssh never gets there, as reason says */
};

struct judge_opts {
	const struct facts *facts; /* may be NULL: kernel defaults, assumed */
	const struct policy *policy;
	const struct path *path;
	const struct effective *client, *server; /* either may be NULL: defaults, assumed */
	struct ver client_ver, server_ver;
	enum kw_side side;   /* whose row this is */
	bool holds_sessions; /* false: User git and the like */
	const char *not_judged_why;
	struct str no_way; /* why ssh never gets there though it takes the files; "" */
};

void judge(struct arena *a, const struct judge_opts *o, struct judgement *ret);
/*
 * False for names that hold no idle sessions: User git, and the well-known git hosts.  *ret_why (may be NULL)
 * is then a static sentence.
 */
bool judge_holds_sessions(const struct effective *client, const char **ret_why);
/* The derived values alone, without a verdict. */
void clocks_of(struct arena *a, const struct judge_opts *o, struct clocks *ret);
/*
 * The longest time without a packet that refreshes hop h: who ends it stands in *ret_by.  Values that are
 * unknown count as the best (hopeful) or the worst that they can be.
 */
double clock_silence(
    const struct clocks *c, const struct path *p, const struct hop *h, bool hopeful, enum beat *ret_by);
/* The ssh-level interval of a server as it acts: twice as long on 9.2 to 9.4. */
double clock_server_factor(struct ver server);

/* Building blocks, for tests. */
struct qty clock_R(struct qty retries2);
struct qty clock_notice_min(struct qty i, struct qty n, struct qty R);
struct qty clock_notice_max(struct qty i, struct qty n, struct qty R);
struct qty clock_outage_end(struct qty i, struct qty n, struct qty R);
/*
 * Recommended interval and count for a path timeout (contract 5.3); factor is 2 for sshd 9.2-9.4, else 1.
 * R is never where a proxy or pipe still answers for the kernel.  *ret_missed is static text, "" when every
 * target is met.
 */
void recommend(const struct policy *p, struct qty path_timeout, struct qty R, double factor, double *ret_i,
    double *ret_n, const char **ret_missed);

#endif
