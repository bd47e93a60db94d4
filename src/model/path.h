/* SPDX-License-Identifier: MIT */
/*
 * The path of one host: its hops and the timeout that counts (contract section 4, last paragraph).
 * Only idle rows enter the minimum.
 */
#ifndef MODEL_PATH_H
#define MODEL_PATH_H

#include "detect/facts.h"
#include "eval/effective.h"
#include "model/network.h"
#include "model/policy.h"

struct hop {
	const struct network *net; /* NULL: the declared or assumed path as a whole */
	struct str name;	   /* "AWS NLB", "the path (declared)", "this kernel's conntrack" */
	struct qty timeout;
	enum confidence confidence; /* of the number */
	bool seen;		    /* the box itself was seen (its number may still be assumed) */
	enum net_refresh refresh;
	enum net_expiry expiry;
	enum net_side side;
	bool proxy, revive;
	struct str why; /* "ProxyCommand contains start-session", "--path-timeout" */
};

/* What a measurement saw besides the number. */
struct path_seen {
	bool floor; /* nothing forgot up to the number; what lies beyond it is not known */
	bool looks; /* expiry was seen */
	enum net_expiry expiry;
	bool revive; /* packets of the end at side came through after the other end's were lost */
	enum net_side side;
};

struct path_opts {
	const struct networks *networks;
	const struct policy *policy;
	const struct facts *facts; /* NULL in lint */
	struct qty declared;	   /* --path-timeout; known=false when not given; never = INFINITY */
	bool declared_given;
	const struct network *const *box;
	size_t n_box;	       /* --network */
	struct qty measured;   /* from the state file; known=false when none */
	struct path_seen seen; /* what else was seen then */
};

struct path {
	struct hop *hop;
	size_t n_hop; /* arena; idle rows, smallest timeout first */
	struct hop *lifetime;
	size_t n_lifetime;     /* reported apart */
	const struct hop *min; /* the hop that decides; never NULL */
	struct qty timeout;    /* = min->timeout; never when nothing forgets */
	enum confidence confidence;
	bool proxied; /* some hop or ProxyCommand/ProxyJump hides kernel keepalives and RTO from the far end */
	bool piped;   /* ProxyCommand/ProxyJump: the client has no socket of its own */
	/* Why it is not known whether there is one, and then piped and proxied hold if so; NULL: it is known. */
	const char *open;
	bool boxed;	  /* proxied by a hop, whatever ProxyCommand and ProxyJump say */
	bool open_pinned; /* open, and without a proxy nothing forgets */
	bool nat_seen;	  /* a NAT is certain, its number is not */
	bool pinned;	  /* loopback or same machine: nothing forgets */
	struct str *note;
	size_t n_note; /* boxes that may stand on the way but are not proved, for people */
};

/*
 * ev: client or server values of the row; target literal addresses and names come from it.
 *
 * Which number counts: a declared time (with boxes named by --network or seen, if one of them is smaller; never
 * is final), else a measurement alone, else the smallest over the boxes named or seen.  A measurement that found no
 * end refutes smaller numbers and raises the assumption, but does not replace it.  The policy's assumption
 * counts only when none of these knows a number; boxes inside this machine say nothing about those behind it
 * and neither do rows from memory, so they lower an assumption but do not replace it.
 */
void path_of(struct arena *a, const struct effective *ev, const struct path_opts *o, struct path *ret);

#endif
