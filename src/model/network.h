/* SPDX-License-Identifier: MIT */
/*
 * rules/networks.ini: boxes on the path and what they do to idle connections.  One section a row, the section
 * name is the id.  Source of the figures: stands in each row.
 *
 *   [aws-nlb-tcp]
 *   name     = AWS Network Load Balancer
 *   timeout  = 350s            ; a time, or "never", or "unknown"
 *   range    = 60s-6000s       ; optional
 *   kind     = idle            ; idle | lifetime
 *   refresh  = any             ; any | data | none: which packets count
 *   side     = either          ; client | server | either: where the box stands
 *   proxy    = no              ; yes: terminates TCP, so kernel keepalives and RTO do not cross it
 *   expiry   = rst-on-next     ; silent | rst-on-next | rst-at-expiry | fin
 *   revive   = no              ; yes | no: does a packet from the inside revive the mapping
 *   confidence = verified      ; verified | secondary | memory
 *   source   = ...             ; document
 *   date     = 2026-08
 *   note     = ...             ; optional
 *   local    = no              ; yes: a part of this machine, says nothing about the boxes behind it
 *   overlay  = no              ; yes: carries the connection in its own, self-kept tunnel; hides what lies below
 *   keeps    = no              ; yes: asks both ends, or hands the flow on, before it forgets: harmless
 *   scope    = any             ; public: signals count only on the way to a public address
 *   detect.proxycommand = *ssm*start-session*   ; list of wildcard patterns, any one suffices
 *   detect.hostname     = *.elb.*amazonaws.com  ; also NET/BITS for literal addresses
 *   detect.SIGNAL       = pattern               ; struct facts signals, e.g. detect.dmi.sys_vendor
 *   maybe.KEY           = pattern               ; as detect.KEY, but the box is not proved: a note, no hop
 *
 * Pattern lists: `*` any run, `?` one character, parts separated by commas or line ends; upper and lower case
 * differ in proxycommand only (so `?` stands for a comma in a pattern).  name, timeout, confidence and source
 * must be there.
 */
#ifndef MODEL_NETWORK_H
#define MODEL_NETWORK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ini_pack.h"
#include "base/num.h"
#include "base/str.h"

enum net_kind { NET_IDLE, NET_LIFETIME };
enum net_refresh { NET_ANY, NET_DATA, NET_NONE };
enum net_side { NET_EITHER, NET_CLIENT, NET_SERVER };
enum net_expiry { NET_SILENT, NET_RST_ON_NEXT, NET_RST_AT_EXPIRY, NET_FIN };
enum net_confidence { NET_MEMORY, NET_SECONDARY, NET_VERIFIED };

struct net_detect {
	struct str key, pattern; /* key without "detect." or "maybe." */
	bool maybe;
};

struct network {
	struct str id, name, source, date, note, file;
	unsigned line;
	struct qty timeout;	     /* seconds; unknown when no figure was found */
	double range_min, range_max; /* 0, 0: none given */
	enum net_kind kind;
	enum net_refresh refresh;
	enum net_side side;
	bool proxy, local, overlay, keeps, public_only;
	enum net_expiry expiry;
	bool revive;
	enum net_confidence confidence;
	struct net_detect *detect;
	size_t n_detect;
};

struct networks {
	struct network *v;
	size_t n, cap;
};

/*
 * Add the rows of an INI text; a row with a known id replaces it.  SK_ERULE with FILE:LINE on any fault, and the
 * table is then as before.  The table lives in a and moves when rows are added: load all files before rows are
 * pointed to.
 */
SK_CHECK enum sk_code network_load(
    struct arena *a, struct networks *n, struct str file, struct str text, struct err *e);
/* The same from a file that was read at build time. */
SK_CHECK enum sk_code network_load_pack(
    struct arena *a, struct networks *n, const struct ini_pack *pack, struct err *e);
const struct network *network_find(const struct networks *n, struct str id);
/* Does any pattern of the list match text?  fold: ASCII case ignored. */
bool network_match(struct str list, struct str text, bool fold);
const char *net_expiry_text(enum net_expiry x); /* "hang, no message", "reset at next key", ... */
const char *net_confidence_name(enum net_confidence c);

#endif
