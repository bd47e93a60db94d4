/* SPDX-License-Identifier: MIT */
/*
 * Effective values: what ssh or sshd would use for one host or connection, which line decided each, and which
 * lines tried and lost.  Source: ssh_config(5), sshd_config(5); reference sections 2 and 3.
 *
 * A struct effective borrows from its struct conf and from the arena it was made with.
 */
#ifndef EVAL_EFFECTIVE_H
#define EVAL_EFFECTIVE_H

#include "base/buf.h"
#include "conf/doc.h"

enum eff_state {
	EFF_DEFAULT, /* no line sets it */
	EFF_SET,
	EFF_UNKNOWN, /* a Match that cannot be decided stands in the way, and the outcomes differ */
};

enum eff_from {
	EFF_FROM_DEFAULT,
	EFF_FROM_FILE,
	EFF_FROM_CMDLINE,
	EFF_FROM_OTHER, /* follows from another keyword: Debian's BatchMode 300 s, -W; origin is that keyword's line */
};

/* Effective value of one keyword. */
struct eff {
	enum eff_state state;
	enum eff_from from;
	int64_t num; /* as struct value; meaningful unless EFF_UNKNOWN */
	int64_t num2, num3;
	bool has_num2;
	bool computed;	    /* EFF_UNKNOWN: the line that decides is certain, and a template computes what it says */
	struct str text;    /* as ssh -G / sshd -T print it; p == NULL: they print nothing */
	struct str written; /* as struct value, where a line sets it; else empty */
	struct span origin; /* zero when EFF_DEFAULT */
	uint32_t set;	    /* index of the winning set, or UINT32_MAX */
	uint32_t *also;	    /* KW_APPEND: all sets in order; NULL else */
	size_t n_also, n_first; /* n_first of them were taken in the first pass, and come first */
	struct str *also_text;	/* forwards: their printed forms, tokens of socket paths expanded; else NULL */
	const char *reason;	/* EFF_UNKNOWN: what cannot be known, e.g. `Match exec "vpn-up"` */
	struct span reason_at;
	struct str guess; /* EFF_UNKNOWN: the possible printed values, "20 or 0" */
};

enum lose_why {
	LOSE_LATER,	 /* an earlier line won */
	LOSE_OVERRIDDEN, /* server: a Match block beats the global section */
	LOSE_NO_MATCH,	 /* its block does not apply */
	LOSE_NONE,	 /* "none" sets nothing */
	LOSE_SCOPE,	 /* wrong scope: no effect at run time, or before the user is known */
	LOSE_UNKNOWN,	 /* its block cannot be decided */
	/* Told apart by eff_explain_*() only; in struct loser they are LOSE_LATER. */
	LOSE_LAST,    /* the last line wins for this word, and another one is */
	LOSE_BY_NONE, /* server: a "none" further down is stored over it */
	LOSE_FINAL,   /* its block applies in the second pass only, and the word was set in the first */
	LOSE_PROXY,   /* ProxyJump and ProxyCommand: the other one came first */
	LOSE_CLEARED, /* ClearAllForwardings drops every forward */
	LOSE_SAME,    /* a forward that is there already */
};

struct loser {
	uint32_t set;
	uint16_t row;
	uint8_t why;
};

/* Whose connection.  Empty strs with the known flag false are unknown, not empty. */
struct target {
	struct str host;     /* as typed; client */
	struct str pattern;  /* host is made up and stands for those of this one, "*" for all others; "" else */
	struct str user;     /* user@host or -l: beats User lines; "" none */
	struct str cmdline;  /* unused here: -o lines live in conf */
	struct trace *trace; /* eff_explain_client()'s own; NULL else */
	uint32_t region;     /* of a template, taken to be there; 0: none */
};

/* What the client's resolver may know of its machine. */
struct client_env {
	struct str local_user;
	bool local_user_known;
	struct str home;
	struct str uid;
	bool uid_known;
	struct str hostname;
	bool hostname_known;	 /* for %l %L */
	struct str version_text; /* "OpenSSH_10.0p1" */
	/* Environment of the ssh to come; NULL: not known.  False: there is no such variable. */
	bool (*getenv)(struct str name, struct str *ret);
	const struct str *local_addr;
	size_t n_local_addr;
	bool local_addr_known; /* localnetwork */
	/* Home folder of an account for ~name, p == NULL: no such account.  No function: not known. */
	struct str (*home_of)(void *ctx, struct str name);
	void *home_ctx;
};

/* The connection that sshd judges (-C).  A field that is not present does not match. */
struct server_spec {
	struct str user, host, addr, laddr, rdomain;
	bool has_user, has_host, has_addr, has_laddr, has_rdomain, has_lport;
	uint32_t lport;
	const struct str *group;
	size_t n_group;
	bool groups_known; /* false: a group criterion is unknown */
	bool invalid_user, invalid_user_known;
	bool test;	     /* given as with sshd -T -C: releases up to 8.0 refuse when a criterion asks for more */
	struct trace *trace; /* eff_explain_server()'s own; NULL else */
	uint32_t region;     /* as struct target's */
	uint32_t own_header; /* block + 1 of a Match line that a template computes: it holds */
};

/* What all outcomes of undecided ProxyJump and ProxyCommand lines agree on. */
enum eff_proxy {
	PROXY_OPEN, /* nothing; also where no such line is undecided: their values say it */
	PROXY_THERE,
	PROXY_ABSENT,
};

struct effective {
	const struct conf *conf;
	struct str host;     /* the name judged */
	struct str hostname; /* after Hostname and %h; "" on the server */
	bool hostname_known;
	struct eff *v;	     /* [KW_ROWS_MAX], by row of conf->side */
	struct loser *loser; /* lines that lost, in reading order; of which keywords: enum eff_losers */
	size_t n_loser;
	size_t n_cleared;	/* forwards that ClearAllForwardings takes back */
	bool refused;		/* ssh or sshd would refuse the configuration: no values */
	bool refused_own;	/* for what this host or connection gets, not for what the files hold */
	int exit_status;	/* OpenSSH's then */
	struct str refusal;	/* its messages, LF-separated */
	struct str remarks;	/* what it prints though it accepts the files, LF-separated */
	struct span refused_at; /* the first line refused */
	bool second_pass;
	enum eff_proxy proxy;  /* client */
	struct arena *scratch; /* the arena it was made with */
};

/*
 * Which losers to collect.  ACTIVE leaves out those whose block does not apply.  Keywords of the family only, or with
 * WIDE every one that kw_one_wins() tells.
 */
enum eff_losers { EFF_LOSERS_NONE, EFF_LOSERS_ALL, EFF_LOSERS_ACTIVE, EFF_LOSERS_ALL_WIDE, EFF_LOSERS_ACTIVE_WIDE };
/* Resolve; never fails (refusal is a state). */
void eff_client(struct arena *a, struct conf *c, const struct target *t, const struct client_env *env,
    enum eff_losers which, struct effective *ret);
void eff_server(
    struct arena *a, struct conf *c, const struct server_spec *spec, enum eff_losers which, struct effective *ret);

/* What keeps a header from applying. */
enum obstacle {
	OBST_NONE,
	OBST_NO_PATTERN,   /* no pattern of the Host line matches */
	OBST_NEGATED,	   /* a negated pattern excludes the name */
	OBST_ONLY_NEGATED, /* nothing but negations: never on */
	OBST_COMMA,	   /* a Host pattern with a comma that would match as a list */
	OBST_CASE,	   /* it would match with the case ignored */
	OBST_HOSTNAME,	   /* it would match the HostName, but is compared with the name typed */
	OBST_CRIT,	   /* a criterion of the Match line fails, or cannot be decided */
	OBST_BAD,	   /* the header is refused */
};
/* A header in the way, and what of it. */
struct hindrance {
	uint8_t obstacle;
	uint32_t block;	 /* UINT32_MAX: none */
	uint32_t item;	 /* into conf.pat or conf.crit; UINT32_MAX: the header as a whole */
	struct str seen; /* what the item was compared with; p == NULL: nothing was there to compare */
	uint32_t later;	 /* a HostName or User line below the header with which it would match; UINT32_MAX */
};
/* A line of a keepalive keyword that has no effect, and all that a person needs to see why. */
struct lost {
	uint32_t set;
	uint16_t row;
	uint8_t why;		     /* enum lose_why */
	uint32_t by;		     /* the set that decides instead; UINT32_MAX: none */
	struct hindrance in_the_way; /* LOSE_NO_MATCH, LOSE_UNKNOWN */
};
struct explained {
	struct lost *lost; /* in reading order */
	size_t n_lost;
	struct hindrance *doubt; /* by row: what keeps an EFF_UNKNOWN value from being known */
};
/* Why the other lines have no effect on *ev, which eff_client() or eff_server() made of the same arguments. */
void eff_explain_client(struct arena *a, struct conf *c, const struct target *t, const struct client_env *env,
    const struct effective *ev, struct explained *ret);
void eff_explain_server(
    struct arena *a, struct conf *c, const struct server_spec *spec, const struct effective *ev, struct explained *ret);
/*
 * Why nobody gets through the jump hosts of a client's host, in one sentence: the first of them is reached through
 * itself, in one step or several, as far as that is known.  p == NULL: nothing is wrong with them.
 */
struct str eff_jump_fault(struct arena *a, struct conf *c, const struct effective *ev, const struct client_env *env);
/*
 * Why nobody gets in, whoever asks: no method is on; each list of AuthenticationMethods needs one that is off
 * (*ret_word); the deny list holds all that the allow list does.  Lines of Match blocks may be meant to keep people out, or
 * to let them in again: then only the lists count.
 */
enum login_fault { LOGIN_OPEN, LOGIN_METHODS, LOGIN_LISTS, LOGIN_USERS, LOGIN_GROUPS };
enum login_fault eff_login_fault(struct arena *a, const struct effective *ev, struct str *ret_word);
/* What ssh of release v says of a name typed on its command line that it refuses; NULL: it takes it. */
const char *eff_name_refused(const struct target *t, struct ver v);
/* Value by id; a zero default for keywords the side or release does not have. */
const struct eff *eff_get(const struct effective *ev, enum kw_id id);
/* `keyword value` lines as ssh -G / sshd -T of 9.2 print them, family only (contract: --format ssh). */
void eff_print_ssh(const struct effective *ev, struct buf *b);

/* One row of an audit: a name that the files mention, or a pattern, or any other host. */
enum target_kind { TARGET_HOST, TARGET_PATTERN, TARGET_DEFAULT };
struct target_row {
	enum target_kind kind;
	struct str shown; /* the name, the pattern, or "*" */
	struct str name;  /* the name to resolve (made up for patterns) */
	struct span at;	  /* where it is first named */
	bool possible;	  /* false: no name could be made up that matches */
	uint32_t region;  /* the innermost one of a template around the header that names it; 0: none */
};
/* The hosts that the files name, in order of appearance (contract section 2, "Which hosts"). */
void eff_client_targets(struct arena *a, struct conf *c, struct target_row **ret, size_t *ret_n);
/* The same, and ahead of "*" whom a Host or Match line leaves out by name, and the jump hosts of ProxyJump lines. */
void eff_client_targets_all(struct arena *a, struct conf *c, struct target_row **ret, size_t *ret_n);
/* Whom a row asks for: its name and pattern, the rest empty.  Borrows from t. */
struct target eff_row_target(const struct target_row *t);
/* Server: row 0 is a connection that no Match block matches, then one per Match block. */
struct server_row {
	struct str shown; /* "sshd" or the Match line; a second line like it also has a number: no two are alike */
	struct server_spec spec;
	struct span at;
	bool possible;
	const char *reason; /* why no data could be made */
};
void eff_server_targets(struct arena *a, const struct conf *c, struct server_row **ret, size_t *ret_n);

#endif
