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
	bool given;		/* false: OpenSSH's defaults are assumed */
	struct qty interval, count; /* as configured */
	struct qty tcp_keepalive;   /* 0 or 1 */
	struct ver ver;
	struct qty ka_time, ka_intvl, ka_probes, retries2; /* this end's kernel */
};

struct clocks {
	struct qty i_eff_client; /* interval at which the client really probes; never: it does not */
	struct qty i_eff_server; /* doubled for sshd 9.2-9.4 */
	struct qty R;		 /* kernel gives up retransmitting */
	struct qty refresh;	 /* longest silence of a healthy idle session */
	struct str refresh_by;	 /* "ServerAliveInterval", "ClientAliveInterval (far end)", "kernel keepalive (client)" */
	bool refresh_from_client; /* who speaks: for direction (5.2) */
	struct qty margin;
	struct qty notice_min, notice_max;		  /* client */
	struct qty server_notice_min, server_notice_max;
	struct qty outage;
	struct qty ghost;
	struct qty login_limit;
	struct qty stale_master;
	struct qty idle_kill;
	struct str idle_kill_by;
	struct qty sleep;
	struct qty cost_probes, cost_bytes; /* a day */
	struct qty killed_after; /* an idle healthy session ends after this (ServerAliveCountMax 0, ...); never */
};

enum verdict { VERDICT_SURVIVES, VERDICT_FRAGILE, VERDICT_DROPS, VERDICT_UNKNOWN, VERDICT_NOT_JUDGED };
const char *verdict_name(enum verdict v);

struct judgement {
	struct clocks clocks;
	enum verdict verdict;
	struct str killer;	/* who kills it, for people; "" */
	struct qty killed_at;	/* seconds of idleness; never */
	struct str looks_like;	/* "hang, no message" */
	struct str reason;	/* unknown / not judged: why */
	struct str why_fragile;
	/* the recommendation (5.3) */
	struct qty best_interval, best_count;
	struct str missed;	/* the target that could not be met; "" */
};

struct judge_opts {
	const struct facts *facts;     /* may be NULL: kernel defaults, assumed */
	const struct policy *policy;
	const struct path *path;
	const struct effective *client, *server; /* either may be NULL: defaults, assumed */
	struct ver client_ver, server_ver;
	enum kw_side side;	       /* whose row this is */
	bool holds_sessions;	       /* false: User git and the like */
	const char *not_judged_why;
};

void judge(struct arena *a, const struct judge_opts *o, struct judgement *ret);

/* Building blocks, for tests. */
struct qty clock_R(struct qty retries2);
struct qty clock_notice_min(struct qty i, struct qty n, struct qty R);
struct qty clock_notice_max(struct qty i, struct qty n, struct qty R);
struct qty clock_outage_end(struct qty i, struct qty n, struct qty R);
/* Recommended interval and count for a path timeout; factor is 2 for sshd 9.2-9.4, else 1. */
void recommend(const struct policy *p, struct qty path_timeout, struct qty R, double factor, double *ret_i, double *ret_n,
    const char **ret_missed);

#endif
