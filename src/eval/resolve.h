/* SPDX-License-Identifier: MIT */
/* Inside eval/ only: the state of one resolution, shared by client.c, server.c, match.c and value.c. */
#ifndef EVAL_RESOLVE_H
#define EVAL_RESOLVE_H

#include "eval/effective.h"
#include "eval/keys.h"
#include "conf/pattern.h"

#define NO_SET UINT32_MAX

/* What tokens make of a name or path: longer ones are not known.  No name, and no path of Linux, comes near it. */
enum { EXPANDED_MAX_BYTES = 65536 };

/* Steps of conf.work: one resolution apart from its lines, and a line that takes effect. */
enum { RESOLVE_WORK = 1024, SET_WORK = 100 };

/* A set whose block cannot be decided. */
struct maybe {
	uint32_t set;
	struct maybe *next;
};

/* What the lines read so far say of one keyword. */
struct slot {
	uint32_t win;	     /* the set that decides, or NO_SET */
	uint32_t second;     /* RekeyLimit: the set that decides the time */
	struct maybe *maybe; /* sets that may come before it, newest first */
	uint32_t *all;	     /* KW_APPEND: every set, in order */
	size_t n_all, cap_all;
	size_t n_first;	   /* of them, taken in the first pass */
	struct seen *seen; /* what is among them; NULL: nothing yet */
	bool all_maybe;	   /* one of them is undecided */
};

struct resolve {
	struct arena *arena;
	struct conf *c;
	const struct target *target;
	const struct client_env *env;
	const struct server_spec *spec;
	struct slot slot[KW_ROWS_MAX];
	uint16_t touched[KW_ROWS_MAX]; /* rows whose slot some line changed */
	unsigned n_touched;
	const bool *matters; /* by row: lines of other keywords are passed over; NULL: all matter */
	uint32_t *live;	     /* segments of this pass whose block applies; kept when live is not NULL */
	size_t n_live, cap_live;
	/* Segments of the last pass whose header holds or may hold, on the server also those outside Match. */
	struct hits applied;
	bool wants_applied; /* client: they are kept */
	uint32_t sure;	    /* what the index knows of the header being looked at: struct hit */
	unsigned pass;	    /* 1 or 2 */
	uint32_t ignore;    /* client: the IgnoreUnknown line that wins in the first pass, or NO_SET */
	struct str name;    /* what Host patterns see in this pass */
	bool name_known;
	const char *name_reason;
	struct str fatal; /* a refusal that only this resolution shows */
	struct span fatal_at;
	bool refused;
	const struct block *fatal_block; /* the refusal comes while this header is read, not after the files; or NULL */
};

/* Where eff_explain_*() has the results of headers noted, by pass (the server has but one) and block. */
struct trace {
	enum tri *state[2]; /* of the header alone, parents aside */
	uint32_t *item[2];  /* the first criterion that fails, else the first undecided one; UINT32_MAX */
	struct str *seen[2];
};
/* Criterion k of block b came out as t, negation included: note it when it is in the way. */
void trace_crit(struct resolve *r, const struct block *b, const struct crit *k, enum tri t);
/* Result of the header of b. */
void trace_block(struct resolve *r, const struct block *b, enum tri t);
/* The name that `Match host` sees now; false: not known. */
bool match_host_name(struct resolve *r, struct str *ret);
/* The user that `Match user` sees now; false: not known. */
bool match_user_name(struct resolve *r, struct str *ret);
/* Server: is the block read while the daemon starts, that is, global? */
bool server_global(const struct conf *c, uint32_t block);
/* Is there a Match line somewhere up the Includes?  A server reads only those lines in the second pass. */
bool server_below_match(const struct conf *c, uint32_t block);

/* Can block b apply?  Memo of this resolution; NO for blocks never looked at, save what a template may leave out. */
enum tri block_state(const struct resolve *r, uint32_t b);
void block_state_set(struct resolve *r, uint32_t b, enum tri t);

/* The host index of a client configuration; made on first use, lives in c->arena. */
void index_make(struct conf *c);
/* Begin a resolution: forget all block states. */
void index_begin(struct conf *c);
/*
 * Segments that may concern the name (client) or user (server) of r, in reading order: call back for each.  What is
 * passed over does not match, and reading it would have changed nothing.
 */
void index_walk(struct resolve *r, void (*fn)(struct resolve *r, uint32_t seg));

/*
 * Every block whose Host patterns, or list of a Match host or originalhost, may match name: those found by it, and those
 * that no name finds; in no order.
 */
void index_blocks(struct conf *c, struct str name, void (*fn)(void *ctx, uint32_t block), void *ctx);

/* Does the header of block b match now?  Parents are the caller's. */
enum tri match_client(struct resolve *r, const struct block *b);
enum tri match_server(struct resolve *r, const struct block *b);
/* Are the lines of a BLOCK_MAYBE there when the region `given` is? */
enum tri region_tri(const struct conf *c, const struct block *b, uint32_t given);
/* Is the file of a CRIT_INCLUDE the one that its path means for this host? */
enum tri include_applies(struct resolve *r, const struct crit *k);
/* Why block b (or a parent) is undecided: `Match exec "vpn-up"`. */
const char *match_reason(struct resolve *r, uint32_t b, struct span *ret_at);
/* What the slots say now of a keyword that a criterion asks for; false: not decided. */
bool slot_text(struct resolve *r, enum kw_id id, struct str *ret, bool *ret_set);

/* An empty slot for every row; only those touched when all were empty before. */
void slots_init(struct resolve *r);
void slots_clear(struct resolve *r);
/* Client: read all files for r->target, twice where ssh does; fills the host name of ev. */
void client_read(struct resolve *r, struct effective *ev);
/* A line of an active (yes) or undecided (maybe) block takes effect. */
void take_set(struct resolve *r, uint32_t set, enum tri active);
/* Slots to effective values, without the after-effects between keywords. */
void slots_finish(struct resolve *r, struct effective *ev);
/* Of undecided ProxyJump and ProxyCommand lines: is there a proxy either way? */
enum eff_proxy slots_proxy(const struct resolve *r);
/* Refusals found while reading: fills the refusal fields.  ignore: winning IgnoreUnknown set or NO_SET. */
void refusals(struct resolve *r, struct effective *ev);
/* A refusal of this resolution (r->fatal) that comes after all files were read. */
void refuse_late(struct resolve *r, struct effective *ev);
/* Every line that is on the list of its keyword: ask with seen_has(). */
struct seen *listed_sets(struct arena *a, const struct conf *c, const struct effective *ev);
/* Lines that lost (trace). */
void losers(struct resolve *r, struct effective *ev, enum eff_losers which);

/* ControlPath, ForwardAgent and forwards as ssh -G prints them; what is not known stays as written; may refuse. */
void path_values(struct resolve *r, struct effective *ev);
/* Keywords that nothing else asks for, but whose paths path_values() may refuse. */
void path_rows(const struct conf *c, bool *matters);

/* The host of one hop of a ProxyJump, [user@]host[:port] as ssh prints it with addresses in brackets; a part of hop. */
struct str jump_host(struct str hop, struct str *ret_user);

#endif
