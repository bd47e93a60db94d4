/* SPDX-License-Identifier: MIT */
/*
 * The keyword tables: one row per keyword and side (ssh_config(5), sshd_config(5)).  They are the source of
 * truth for the lexer, the value parsers, the resolver, the rules, help and tests: a new keyword is one row
 * in kw_client.c or kw_server.c.
 */
#ifndef CONF_KW_H
#define CONF_KW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "conf/version.h"

enum kw_side { KW_CLIENT, KW_SERVER };

enum kw_class {
	KW_ACTIVE,
	KW_ALIAS,	/* .alias_of names the keyword that it means */
	KW_DEPRECATED,	/* accepted without effect; the server prints one line */
	KW_IGNORED,	/* accepted in silence */
	KW_UNSUPPORTED, /* an error line is printed but not counted */
};

/* How the arguments are read; one parser per type in value.c, none of them knows a keyword by name. */
enum kw_type {
	KW_T_HOST,
	KW_T_MATCH,
	KW_T_INCLUDE, /* block structure: value_read() is not for them */
	KW_T_FLAG,    /* yes no (client also true false, any case) */
	KW_T_ENUM,    /* one of .words; case as .exact_case says */
	KW_T_TIME,    /* convtime; client also "none" = unset */
	KW_T_INT,     /* .min .. .max */
	KW_T_STRING,  /* one argument */
	KW_T_STRINGS, /* one or more arguments */
	KW_T_REST,    /* rest of the line as written (commands) */
	KW_T_PORT,    /* number or service name */
	KW_T_FORWARD, /* .special is "local", "remote" or none: dynamic (.min/.max: arguments) */
	KW_T_PERSIST, /* ControlPersist: yes true no false, lower case, or a time */
	KW_T_AGENT,   /* ForwardAgent: flag, path or $NAME */
	KW_T_REKEY,   /* RekeyLimit: volume [time] */
	KW_T_IPQOS,
	KW_T_CHANNELTIMEOUT,
	KW_T_UNUSEDTIMEOUT, /* none or time (server) */
	KW_T_OBSCURE,	    /* ObscureKeystrokeTiming */
	KW_T_STARTUPS,	    /* MaxStartups */
	KW_T_INT_NONE,	    /* integer or none */
	KW_T_NETBLOCK,	    /* PerSourceNetBlockSize */
	KW_T_PENALTIES,	    /* PerSourcePenalties */
	KW_T_PERMIT,	    /* PermitOpen, PermitRemoteOpen; .special "listen": PermitListen */
	KW_T_PROXYJUMP,
	KW_T_IGNOREUNKNOWN,
	KW_T_ALGS,  /* algorithm list; .special names the family: "cipher", "mac", "kex", "key", "sig", "gsskex" */
	KW_T_OTHER, /* checked by the parser that .special names in value_other.c */
};

enum kw_merge {
	KW_FIRST,  /* the first value wins */
	KW_APPEND, /* values pile up */
	KW_LAST,   /* the last value wins before .last_until, then the first */
	KW_HALVES, /* two values on a line, each first-wins: RekeyLimit (volume, time), ForwardAgent (flag, path) */
};

/*
 * Keywords that the code itself must know.  Everything else is reached by table row only.
 * (A keyword of the family needs an id only when arithmetic or the resolver uses it.)
 */
enum kw_id {
	KW_ID_NONE = 0,
	KW_ID_HOST,
	KW_ID_MATCH,
	KW_ID_INCLUDE,
	KW_ID_IGNOREUNKNOWN,
	KW_ID_HOSTNAME,
	KW_ID_USER,
	KW_ID_PORT,
	KW_ID_TAG,
	KW_ID_CANONICALIZEHOSTNAME,
	KW_ID_CANONICALDOMAINS,
	KW_ID_ADDRESSFAMILY,
	KW_ID_CANONICALIZEPERMITTEDCNAMES,
	KW_ID_PROXYCOMMAND,
	KW_ID_PROXYJUMP,
	KW_ID_REMOTECOMMAND,
	KW_ID_HOSTKEYALIAS,
	KW_ID_SERVERALIVEINTERVAL,
	KW_ID_SERVERALIVECOUNTMAX,
	KW_ID_TCPKEEPALIVE,
	KW_ID_CONNECTTIMEOUT,
	KW_ID_CONNECTIONATTEMPTS,
	KW_ID_BATCHMODE,
	KW_ID_CONTROLMASTER,
	KW_ID_CONTROLPATH,
	KW_ID_CONTROLPERSIST,
	KW_ID_EXITONFORWARDFAILURE,
	KW_ID_CLEARALLFORWARDINGS,
	KW_ID_GATEWAYPORTS,
	KW_ID_LOCALFORWARD,
	KW_ID_REMOTEFORWARD,
	KW_ID_DYNAMICFORWARD,
	KW_ID_FORWARDAGENT,
	KW_ID_REKEYLIMIT,
	KW_ID_SESSIONTYPE,
	KW_ID_STDINNULL,
	KW_ID_FORKAFTERAUTHENTICATION,
	KW_ID_OBSCUREKEYSTROKETIMING,
	KW_ID_CHANNELTIMEOUT,
	KW_ID_IPQOS,
	KW_ID_CLIENTALIVEINTERVAL,
	KW_ID_CLIENTALIVECOUNTMAX,
	KW_ID_UNUSEDCONNECTIONTIMEOUT,
	KW_ID_LOGINGRACETIME,
	KW_ID_MAXSESSIONS,
	KW_ID_MAXSTARTUPS,
	KW_ID_PERSOURCEMAXSTARTUPS,
	KW_ID_PERSOURCENETBLOCKSIZE,
	KW_ID_PERSOURCEPENALTIES,
	KW_ID_ALLOWTCPFORWARDING,
	KW_ID_ALLOWAGENTFORWARDING,
	KW_ID_PERMITOPEN,
	KW_ID_PERMITLISTEN,
	KW_ID_DISABLEFORWARDING,
	KW_ID_USEDNS,
	KW_ID_REFUSECONNECTION,
	KW_ID_AUTHENTICATIONMETHODS,
	KW_ID_CHALLENGERESPONSEAUTHENTICATION,
	KW_ID_GSSAPIAUTHENTICATION,
	KW_ID_HOSTBASEDAUTHENTICATION,
	KW_ID_KBDINTERACTIVEAUTHENTICATION,
	KW_ID_PASSWORDAUTHENTICATION,
	KW_ID_ALLOWUSERS,
	KW_ID_DENYUSERS,
	KW_ID_ALLOWGROUPS,
	KW_ID_DENYGROUPS,
	KW_ID_PUBKEYAUTHENTICATION,
	KW_ID_SUBSYSTEM,
	KW_ID_AUTHORIZEDKEYSCOMMAND,
	KW_ID_AUTHORIZEDKEYSCOMMANDUSER,
	KW_ID_AUTHORIZEDPRINCIPALSCOMMAND,
	KW_ID_AUTHORIZEDPRINCIPALSCOMMANDUSER,
	KW_ID_MAX_
};

struct kw_word {
	const char *word;    /* as accepted; NULL ends a list */
	const char *printed; /* as ssh -G / sshd -T print it; NULL: the word itself */
	int num;	     /* value in struct eff */
	int since;	     /* VER(), 0: always */
};

struct kw_change {
	int from; /* VER(): from this release on the class is ... */
	enum kw_class class;
	const char *alias_of;
};

/* A default that changed. */
struct kw_default {
	int from; /* VER(): from this release on */
	const char *text;
	bool upstream; /* not with Debian's patches, which keep the one before */
};

struct kw {
	const char *name; /* canonical spelling */
	enum kw_side side;
	enum kw_class class; /* in the newest release */
	enum kw_type type;
	enum kw_merge merge;
	enum kw_id id;
	const char *alias_of; /* KW_ALIAS only */
	const char *unit;     /* "seconds", "count", ... for people; NULL */
	const char *dflt;     /* as ssh -G / sshd -T print it; NULL: not printed when unset, or not known here */
	const struct kw_word *words;
	int64_t min, max; /* KW_T_INT, KW_T_FORWARD (number of arguments), KW_T_STRINGS */
	bool exact_case;
	bool in_match;			 /* server: may stand in a Match block */
	int in_match_since;		 /* VER(), 0: always */
	int since;			 /* VER(), 0: 6.6 or before */
	int until;			 /* VER() of the first release that no longer knows it; 0: still known */
	bool debian;			 /* only with Debian's patches */
	int last_until;			 /* KW_LAST only */
	uint8_t print;			 /* order in effective --format ssh (1..), 0: not of the keepalive family */
	const struct kw_default *dflts;	 /* .dflt in releases, newest first; from 0 ends; NULL: it never changed */
	const struct kw_change *changes; /* class in older releases, newest first; {0} ends; NULL: none */
	const char *special; /* KW_T_OTHER: name of the checker in value_other.c; FORWARD, PERMIT: the variant */
	const char *missing; /* said when there is no argument, %s is the keyword; NULL: as the type says */
	bool none_off;	     /* "none" in any case stands for nothing: ssh -G prints no line then */
	const char *doc;     /* one line for `effective`, rules and man; NULL outside the family */
};

/* Row numbers are stable within a run and below KW_ROWS_MAX; row 0xffff means "unknown word". */
#define KW_ROWS_MAX 160
#define KW_UNKNOWN  0xffffu

/* The table of a side; *ret_n rows. */
const struct kw *kw_table(enum kw_side side, size_t *ret_n);
/* Row of word (case ignored) for release v, or KW_UNKNOWN.  Aliases are rows of their own: see kw_target(). */
unsigned kw_find(enum kw_side side, struct str word, struct ver v);
/* The same whatever the release (for "since 9.2" messages). */
unsigned kw_find_any(enum kw_side side, struct str word);
const struct kw *kw_row(enum kw_side side, unsigned row);
/* Row with this id, or KW_UNKNOWN. */
unsigned kw_by_id(enum kw_side side, enum kw_id id);
/* Class of a row in release v. */
/* Is one line's value all that counts of the keyword: no list that adds up, no two values on one line? */
bool kw_one_wins(const struct kw *k);
enum kw_class kw_class_in(const struct kw *k, struct ver v);
/* Default of a row in release v, as .dflt. */
const char *kw_default_in(const struct kw *k, struct ver v);
/* Follow an alias (as of release v); row itself when it is none. */
unsigned kw_target(enum kw_side side, unsigned row, struct ver v);
/* Server: may the keyword stand in a Match block of release v? */
bool kw_match_ok(const struct kw *k, struct ver v);
/* Closest known spelling of a misspelt word (at most 2 edits, family first), or NULL. */
const struct kw *kw_suggest(enum kw_side side, struct str word);
/* Is no other keyword as close to the word as that one? */
bool kw_suggest_sure(enum kw_side side, struct str word);

#endif
