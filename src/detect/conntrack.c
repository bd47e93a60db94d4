/* SPDX-License-Identifier: MIT */
/*
 * Timers of this network namespace's connection tracking.  The files appear only once the module is loaded;
 * kernels before 2.6.20 or so, and their compatibility layer, use the ip_conntrack names.
 * Source: kernel Documentation/networking/nf_conntrack-sysctl.rst.
 */
#include "detect/parts.h"

static const char not_loaded[] = "conntrack is not loaded in this network namespace";

void
det_conntrack(struct det *d)
{
	static const struct {
		enum fact_id id;
		const char *path, *old;
	} row[] = {
		{ FACT_CT_ESTABLISHED, "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established",
		    "/proc/sys/net/ipv4/netfilter/ip_conntrack_tcp_timeout_established" },
		{ FACT_CT_UNACKED, "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_unacknowledged",
		    "/proc/sys/net/ipv4/netfilter/ip_conntrack_tcp_timeout_unacknowledged" },
		{ FACT_CT_MAX_RETRANS, "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_max_retrans",
		    "/proc/sys/net/ipv4/netfilter/ip_conntrack_tcp_timeout_max_retrans" },
		{ FACT_CT_LOOSE, "/proc/sys/net/netfilter/nf_conntrack_tcp_loose",
		    "/proc/sys/net/ipv4/netfilter/ip_conntrack_tcp_loose" },
	};
	const size_t n = sizeof(row) / sizeof(row[0]);
	bool loaded = false;
	size_t i;

	for (i = 0; i < n; i++) {
		if (det_sysctl_file(d, row[i].id, row[i].path) == SK_OK ||
		    det_sysctl_file(d, row[i].id, row[i].old) == SK_OK)
			loaded = true;
		else
			det_unknown(d, row[i].id, str_c(row[i].path), NULL);
	}
	for (i = 0; i < n; i++) {
		if (!d->f->v[row[i].id].known && d->f->v[row[i].id].reason == NULL)
			d->f->v[row[i].id].reason = loaded ? "this kernel has no such timer" : not_loaded;
	}
	/* A policy overrides the timers above for the flows it names, but only nftables itself knows it. */
	det_unknown(d, FACT_CT_POLICY, STR("nft list ct timeouts"),
	    loaded ? "reading ct timeout policies needs CAP_NET_ADMIN" : not_loaded);
}
