/* SPDX-License-Identifier: MIT */
/*
 * Facts about this machine and its way out, each with a value, a source and a confidence (contract
 * section 4).  Nothing here sends a packet.  The names are part of the rule language and of the JSON
 * output.  The rows of fact_table[] are the source of truth: a new fact is one row and one line that fills it.
 */
#ifndef DETECT_FACTS_H
#define DETECT_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/str.h"

enum confidence { CONF_ASSUMED, CONF_DETECTED, CONF_DECLARED, CONF_MEASURED };
const char *confidence_name(enum confidence c); /* "assumed" ... */

enum fact_type { FACT_DURATION, FACT_COUNT, FACT_FLAG, FACT_TEXT };

/* Index of a fact; names stand in fact_table[]. */
enum fact_id {
	FACT_TCP_KEEPALIVE_TIME,
	FACT_TCP_KEEPALIVE_INTVL,
	FACT_TCP_KEEPALIVE_PROBES,
	FACT_TCP_RETRIES2,
	FACT_TCP_SYN_RETRIES,
	FACT_CT_ESTABLISHED,
	FACT_CT_UNACKED,
	FACT_CT_MAX_RETRANS,
	FACT_CT_LOOSE,	/* nf_ or ip_conntrack */
	FACT_CT_POLICY, /* smallest `ct timeout` value for established that a rule uses */
	FACT_CLOUD,	/* network platform from DMI: "aws", "azure", "gcp", "oracle", ...; "none" */
	FACT_VIRT,	/* "wsl2", "container", "virtualbox", "docker-desktop", "slirp", ...; "none" */
	FACT_KUBERNETES,
	FACT_SOURCE_ADDR, /* address this machine would use towards the public internet */
	FACT_BEHIND_NAT,  /* that address is private, CGNAT or link-local */
	FACT_CGNAT,
	FACT_VPN,	  /* name of a VPN interface that is up; "none" */
	FACT_MOBILE,	  /* name of a mobile (wwan, rmnet, usb tether) interface that is up; "none" */
	FACT_LAPTOP,	  /* a battery is present */
	FACT_SSH_VERSION, /* "9.2p1+debian" of the installed client */
	FACT_SSHD_VERSION,
	FACT_OS,	       /* "Debian GNU/Linux 12 (bookworm)" */
	FACT_OS_ID,	       /* "debian" */
	FACT_TMOUT,	       /* TMOUT of the shell start files; INFINITY: none of them sets it, or to 0 */
	FACT_LOGIND_STOP_IDLE, /* StopIdleSessionSec; INFINITY: off */
	FACT_LOGIND_KILL_USER, /* KillUserProcesses */
	FACT_LIVE_MASTERS,     /* number of ControlMaster sockets that exist */
	FACT_MAX_
};

struct fact_info {
	const char *name; /* "kernel.tcp_keepalive_time": part of the rule language */
	enum fact_type type;
	const char *doc;
};
extern const struct fact_info fact_table[FACT_MAX_];

struct fact {
	bool known;
	double num;	   /* seconds, count, 0/1; INFINITY = never */
	struct str text;   /* FACT_TEXT */
	struct str source; /* "/proc/sys/net/ipv4/tcp_retries2", "connect(2)"; unknown: where it was sought */
	enum confidence confidence;
	const char *reason; /* why unknown */
	uint32_t line;	    /* of source, when it is a text file; else 0 */
};

/*
 * A named signal for rules/networks.ini.  Keys: dmi.sys_vendor, dmi.product_name, dmi.chassis_asset_tag,
 * dmi.product_uuid, dmi.product_serial, hypervisor.uuid, proc.osrelease, proc.version, iface (one each),
 * addr (towards the internet, IPv4 and IPv6), gateway, file (paths whose existence names a box).
 */
struct signal {
	const char *key;
	struct str value;
	struct str source;
};

struct facts {
	struct fact v[FACT_MAX_];
	struct signal *signal; /* arena */
	size_t n_signal, cap_signal;
	struct str *note; /* what could not be seen, for people */
	size_t n_note, cap_note;
	bool live;	    /* of this running machine, not of a tree */
	struct str network; /* which network this machine is in, see netid.c; "": not known, network_reason says why */
	const char *network_reason;
	struct str *master; /* paths of live ControlMaster sockets */
	size_t n_master;
};

struct qty fact_qty(const struct facts *f, enum fact_id id);

#endif
