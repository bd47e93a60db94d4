/* SPDX-License-Identifier: MIT */
/* The table of facts: names, types and what they mean; one row a fact. */
#include "detect/facts.h"

const struct fact_info fact_table[FACT_MAX_] = {
	[FACT_TCP_KEEPALIVE_TIME] = { "kernel.tcp_keepalive_time", FACT_DURATION,
	    "idle time before this kernel's first TCP keepalive" },
	[FACT_TCP_KEEPALIVE_INTVL] = { "kernel.tcp_keepalive_intvl", FACT_DURATION,
	    "time between unanswered TCP keepalives" },
	[FACT_TCP_KEEPALIVE_PROBES] = { "kernel.tcp_keepalive_probes", FACT_COUNT,
	    "unanswered TCP keepalives that end a connection" },
	[FACT_TCP_RETRIES2] = { "kernel.tcp_retries2", FACT_COUNT,
	    "retransmissions of unanswered data before this kernel gives up" },
	[FACT_TCP_SYN_RETRIES] = { "kernel.tcp_syn_retries", FACT_COUNT, "retransmissions of an unanswered connect" },
	[FACT_CT_ESTABLISHED] = { "conntrack.established", FACT_DURATION,
	    "idle time after which this kernel's conntrack forgets a TCP connection" },
	[FACT_CT_UNACKED] = { "conntrack.unacked", FACT_DURATION,
	    "the same while data is unanswered or the flow was picked up in the middle" },
	[FACT_CT_MAX_RETRANS] = { "conntrack.max_retrans", FACT_DURATION, "the same after several retransmissions" },
	[FACT_CT_LOOSE] = { "conntrack.loose", FACT_FLAG,
	    "conntrack picks up a forgotten connection from a packet in its middle" },
	[FACT_CT_POLICY] = { "conntrack.policy", FACT_DURATION,
	    "smallest established timeout of a ct timeout policy that a rule uses" },
	[FACT_CLOUD] = { "machine.cloud", FACT_TEXT,
	    "cloud platform by DMI: aws, azure, gcp, oracle, hetzner, ...; none" },
	[FACT_VIRT] = { "machine.virt", FACT_TEXT,
	    "wsl1, wsl2, container, docker-desktop, virtualbox, vmware, hyperv, slirp, qemu, xen, vm; none" },
	[FACT_KUBERNETES] = { "machine.kubernetes", FACT_FLAG, "a pod or node of Kubernetes" },
	[FACT_SOURCE_ADDR] = { "net.source_addr", FACT_TEXT, "address this machine uses towards the public internet" },
	[FACT_BEHIND_NAT] = { "net.behind_nat", FACT_FLAG,
	    "that address is not a public one, so a NAT stands in front of it" },
	[FACT_CGNAT] = { "net.cgnat", FACT_FLAG, "that address is of a carrier's NAT (100.64.0.0/10)" },
	[FACT_VPN] = { "net.vpn", FACT_TEXT, "a VPN interface that is up; none" },
	[FACT_MOBILE] = { "net.mobile", FACT_TEXT, "a mobile or tethered interface that is up; none" },
	[FACT_LAPTOP] = { "machine.laptop", FACT_FLAG, "a battery is present" },
	[FACT_SSH_VERSION] = { "openssh.client", FACT_TEXT, "installed ssh, for example 9.2p1+debian" },
	[FACT_SSHD_VERSION] = { "openssh.server", FACT_TEXT, "installed sshd" },
	[FACT_OS] = { "machine.os", FACT_TEXT, "name of the operating system, for people" },
	[FACT_OS_ID] = { "machine.os_id", FACT_TEXT, "its short name: debian, fedora, openwrt, ..." },
	[FACT_TMOUT] = { "shell.tmout", FACT_DURATION, "idle time after which the login shell ends itself (TMOUT)" },
	[FACT_LOGIND_STOP_IDLE] = { "logind.stop_idle", FACT_DURATION,
	    "idle time after which logind stops a session (StopIdleSessionSec)" },
	[FACT_LOGIND_KILL_USER] = { "logind.kill_user", FACT_FLAG,
	    "logind kills what is left of a session at logout (KillUserProcesses)" },
	[FACT_LIVE_MASTERS] = { "mux.masters", FACT_COUNT, "ControlMaster sockets that exist" },
};

const char *
confidence_name(enum confidence c)
{
	static const char *const name[] = {
		[CONF_ASSUMED] = "assumed",
		[CONF_DETECTED] = "detected",
		[CONF_DECLARED] = "declared",
		[CONF_MEASURED] = "measured",
	};

	return name[c];
}

struct qty
fact_qty(const struct facts *f, enum fact_id id)
{
	const struct fact *v = &f->v[id];

	if (!v->known)
		return QTY_UNKNOWN(v->reason != NULL ? v->reason : "not detected");
	if (fact_table[id].type == FACT_TEXT)
		return QTY_UNKNOWN("a text, not a number");
	return QTY(v->num);
}
