/* SPDX-License-Identifier: MIT */
/*
 * Many hosts of one client configuration, one after the other: which lines win, without their values, and a key.
 * Two hosts with equal keys have the same effective values in every keyword that matters, save the name itself,
 * the user where it is not git, and what is made of them (HostName, tokens); each may have its own lines.  So the
 * values of one serve the other.
 */
#ifndef EVAL_BRIEF_H
#define EVAL_BRIEF_H

#include "eval/effective.h"

/* What all rows together say of the lines of a configuration. */
struct line_use {
	uint32_t by;  /* a set that wins where this one's block applies, or UINT32_MAX */
	bool used;    /* it decides, or may decide, in some row */
	bool late;    /* in some row its block applies and another line wins */
	bool unsure;  /* what wins there may not apply to all that this one's block does: no row stands for them */
	bool certain; /* `by` wins whoever connects, rows or no rows */
};

struct conf_use {
	const struct conf *conf;
	struct line_use *set;  /* [conf->n_set] */
	bool all[KW_ROWS_MAX]; /* by row: every line of the keyword counts as used */
	uint32_t *ignore;      /* the winning IgnoreUnknown lines (UINT32_MAX: none), each once */
	size_t n_ignore, cap_ignore;
	struct cover *cover;	/* what is known of blocks; use_add()'s own */
	bool refused, accepted; /* there is a row for which OpenSSH refuses the files, one for which it does not */
};

void use_init(struct arena *a, const struct conf *c, struct conf_use *ret);
/* Add one row; ev must have been traced. */
void use_add(struct arena *a, struct conf_use *u, const struct effective *ev);
/*
 * The lines of which no row is needed to see that they never win: the client's below one of the same keyword that always
 * applies, and a server's Subsystem of a name that another line defines.  a: scratch.
 */
void use_certain(struct arena *a, struct conf_use *u);

struct brief;

/* One host's result; valid until the next brief_of(). */
struct brief_row {
	const uint32_t *word; /* the key */
	size_t n;
	uint64_t hash;
	struct str hostname; /* as struct effective; "" when not known */
	bool own;	     /* the key says nothing: resolve this host by itself */
};

/*
 * Which keywords matter: those of the family and with an id, and what the caller adds.  wide: brief_use() also tells
 * which lines of the other keywords are used (kw_one_wins()), which changes no key.  Everything lives in a; c, env and
 * matters [KW_ROWS_MAX] are borrowed.
 */
struct brief *brief_new(struct arena *a, struct conf *c, const struct client_env *env, const bool *matters, bool wide);
/* Frees the memory of the last host; b itself lives on in its arena. */
void brief_release(struct brief *b);
void brief_of(struct brief *b, const struct target *t, struct brief_row *ret);
/* The set that decides a keyword for the last host, or UINT32_MAX. */
uint32_t brief_winner(const struct brief *b, unsigned row);
/*
 * use_add() for the last host; ev: the values of a host with an equal key, for which use_add_key() was called
 * once.
 */
void brief_use(const struct brief *b, struct conf_use *u, const struct effective *ev);
void use_add_key(struct arena *a, struct conf_use *u, const struct effective *ev);

#endif
