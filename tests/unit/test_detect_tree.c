/* SPDX-License-Identifier: MIT */
/* Each fixture tree gives the facts of the machine it stands for. */
#define _XOPEN_SOURCE 700
#include "test_detect.h"

#define PROC "fixtures/proc/"

static struct tree *
run(void **state, const char *root)
{
	struct tree *t = *state;

	if (access(root, F_OK) != 0)
		fail_msg("%s is missing: tests run at the top of the tree", root);
	tree_run_at(t, root);
	tree_check(t);
	return t;
}

static void
test_pristine(void **state)
{
	struct tree *t = run(state, PROC "pristine-debian");

	is_known(t, FACT_TCP_KEEPALIVE_TIME, 7200);
	is_known(t, FACT_TCP_KEEPALIVE_INTVL, 75);
	is_known(t, FACT_TCP_KEEPALIVE_PROBES, 9);
	is_known(t, FACT_TCP_RETRIES2, 15);
	is_known(t, FACT_TCP_SYN_RETRIES, 6);
	t_eq_str(t->f.v[FACT_TCP_RETRIES2].source, "/proc/sys/net/ipv4/tcp_retries2");
	is_unknown(t, FACT_CT_ESTABLISHED, "conntrack is not loaded in this network namespace");
	is_unknown(t, FACT_CT_UNACKED, "conntrack is not loaded in this network namespace");
	is_unknown(t, FACT_CT_POLICY, "conntrack is not loaded in this network namespace");
	is_text(t, FACT_CLOUD, "none");
	is_text(t, FACT_VIRT, "none");
	is_known(t, FACT_KUBERNETES, 0);
	is_text(t, FACT_SOURCE_ADDR, "203.0.113.10");
	is_known(t, FACT_BEHIND_NAT, 0);
	is_known(t, FACT_CGNAT, 0);
	is_text(t, FACT_VPN, "none");
	is_text(t, FACT_MOBILE, "none");
	is_known(t, FACT_LAPTOP, 0);
	is_text(t, FACT_SSH_VERSION, "9.2p1+debian");
	is_text(t, FACT_SSHD_VERSION, "9.2p1+debian");
	t_eq_str(t->f.v[FACT_SSH_VERSION].source, "/usr/bin/ssh");
	is_text(t, FACT_OS, "Debian GNU/Linux 12 (bookworm)");
	is_text(t, FACT_OS_ID, "debian");
	t_eq_u64(t->f.v[FACT_OS_ID].line, 3);
	is_known(t, FACT_TMOUT, INFINITY);
	is_known(t, FACT_LOGIND_STOP_IDLE, INFINITY);
	is_unknown(t, FACT_LOGIND_KILL_USER, "not set; systemd's build decides");
	is_known(t, FACT_LIVE_MASTERS, 0);
	t_eq_u64(t->f.n_note, 0);
	assert_true(has_signal(t, "dmi.sys_vendor", "Dell Inc."));
	assert_true(has_signal(t, "iface", "eno2"));
	assert_true(has_signal(t, "gateway", "203.0.113.1"));
	assert_true(has_signal(t, "addr", "203.0.113.10"));
	assert_true(has_signal(t, "proc.osrelease", "6.1.0-13-amd64"));
	assert_false(has_signal(t, "file", "/.dockerenv"));
}

static void
test_laptop(void **state)
{
	struct tree *t = run(state, PROC "laptop-nat");

	is_text(t, FACT_SOURCE_ADDR, "192.168.1.20");
	is_known(t, FACT_BEHIND_NAT, 1);
	is_unknown(t, FACT_CGNAT, "what stands behind the private network's router cannot be seen");
	is_known(t, FACT_LAPTOP, 1);
	t_eq_str(t->f.v[FACT_LAPTOP].source, "/sys/class/power_supply/BAT0/type");
	is_text(t, FACT_MOBILE, "none");
	/* zsh with TRAPALRM: TMOUT=1 redraws the prompt */
	is_known(t, FACT_TMOUT, INFINITY);
	assert_true(has_note(t, "TRAPALRM"));
	is_unknown(t, FACT_SSHD_VERSION, "no such file");
}

static void
test_clouds(void **state)
{
	static const struct {
		const char *root, *cloud, *virt, *addr;
		int nat;
	} row[] = {
		{ PROC "aws-nitro", "aws", "none", "172.31.16.5", 1 },
		{ PROC "aws-xen", "aws", "xen", "172.31.32.7", 1 },
		{ PROC "aws-xen-uuid", "aws", "xen", NULL, -1 },
		{ PROC "azure", "azure", "none", "10.0.0.4", 1 },
		{ PROC "gcp", "gcp", "none", "10.128.0.9", 1 },
		{ PROC "oracle", "oracle", "qemu", "10.0.0.12", 1 },
		{ PROC "hetzner", "hetzner", "none", "203.0.113.77", 0 },
		{ PROC "hyperv", "none", "hyperv", NULL, -1 },
	};
	struct tree *t;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		t = run(state, row[i].root);
		is_text(t, FACT_CLOUD, row[i].cloud);
		is_text(t, FACT_VIRT, row[i].virt);
		if (row[i].addr != NULL) {
			is_text(t, FACT_SOURCE_ADDR, row[i].addr);
			is_known(t, FACT_BEHIND_NAT, row[i].nat);
		} else {
			assert_false(t->f.v[FACT_SOURCE_ADDR].known);
			is_unknown(t, FACT_BEHIND_NAT, "the source address is unknown");
		}
	}
}

static void
test_dpkg(void **state)
{
	struct tree *t = run(state, PROC "aws-nitro");

	is_text(t, FACT_SSH_VERSION, "9.6p1+debian");
	t_eq_str(t->f.v[FACT_SSH_VERSION].source, "/var/lib/dpkg/status");
	t_eq_u64(t->f.v[FACT_SSH_VERSION].line, 8);
	t_eq_u64(t->f.v[FACT_SSHD_VERSION].line, 13);
	t = run(state, PROC "hetzner");
	is_text(t, FACT_SSH_VERSION, "10.0p1+debian");
	/* removed, its configuration left */
	is_unknown(t, FACT_SSHD_VERSION, "no such file");
}

static void
test_router(void **state)
{
	struct tree *t = run(state, PROC "openwrt-router");

	is_known(t, FACT_CT_ESTABLISHED, 7440);
	is_known(t, FACT_CT_UNACKED, 300);
	is_known(t, FACT_CT_MAX_RETRANS, 300);
	is_known(t, FACT_CT_LOOSE, 1);
	is_unknown(t, FACT_CT_POLICY, "reading ct timeout policies needs CAP_NET_ADMIN");
	is_text(t, FACT_OS_ID, "openwrt");
	is_text(t, FACT_SOURCE_ADDR, "203.0.113.5");
	assert_true(has_signal(t, "file", "/etc/openwrt_release"));
	is_unknown(t, FACT_CLOUD, "this kernel shows no DMI");
	is_unknown(t, FACT_TMOUT, "no start file of a shell is here");
	is_unknown(t, FACT_LOGIND_STOP_IDLE, "no logind configuration here");
}

static void
test_containers(void **state)
{
	struct tree *t = run(state, PROC "docker");

	is_text(t, FACT_VIRT, "container");
	is_text(t, FACT_SOURCE_ADDR, "172.17.0.2");
	is_known(t, FACT_BEHIND_NAT, 1);
	is_known(t, FACT_KUBERNETES, 0);
	assert_true(has_signal(t, "file", "/.dockerenv"));
	t = run(state, PROC "docker-desktop");
	is_text(t, FACT_VIRT, "docker-desktop");
	assert_true(has_signal(t, "proc.version", "Linux version 6.10.14-linuxkit (root@buildkitsandbox)"));
	t = run(state, PROC "kubernetes-pod");
	is_text(t, FACT_VIRT, "container");
	is_known(t, FACT_KUBERNETES, 1);
	is_known(t, FACT_BEHIND_NAT, 1);
	is_unknown(t, FACT_CGNAT, "cloud networks use these addresses, too");
}

static void
test_guests(void **state)
{
	struct tree *t = run(state, PROC "wsl2");

	is_text(t, FACT_VIRT, "wsl2");
	is_text(t, FACT_SOURCE_ADDR, "172.20.112.5");
	is_known(t, FACT_LAPTOP, 1);
	is_known(t, FACT_TMOUT, INFINITY); /* fish has no TMOUT */
	t_eq_str(t->f.v[FACT_TMOUT].source, "/etc/passwd");
	t = run(state, PROC "virtualbox-nat");
	is_text(t, FACT_VIRT, "virtualbox");
	is_text(t, FACT_SOURCE_ADDR, "10.0.2.15");
	t = run(state, PROC "qemu-slirp");
	is_text(t, FACT_VIRT, "slirp");
}

static void
test_old_kernel(void **state)
{
	struct tree *t = run(state, PROC "old-kernel");

	is_known(t, FACT_CT_ESTABLISHED, 432000);
	t_eq_str(
	    t->f.v[FACT_CT_ESTABLISHED].source, "/proc/sys/net/ipv4/netfilter/ip_conntrack_tcp_timeout_established");
	is_known(t, FACT_CT_MAX_RETRANS, 300);
	is_known(t, FACT_CT_LOOSE, 1); /* 3 there: the number of packets it may see */
	is_unknown(t, FACT_CT_UNACKED, "this kernel has no such timer");
	is_known(t, FACT_TCP_SYN_RETRIES, 5);
	is_unknown(t, FACT_SOURCE_ADDR, "no default route");
}

static void
test_mobile(void **state)
{
	struct tree *t = run(state, PROC "cgnat-wwan");

	is_text(t, FACT_SOURCE_ADDR, "100.72.3.5");
	is_known(t, FACT_BEHIND_NAT, 1);
	is_known(t, FACT_CGNAT, 1);
	is_text(t, FACT_MOBILE, "wwan0");
	is_text(t, FACT_VPN, "none");
}

static void
test_vpn(void **state)
{
	struct tree *t = run(state, PROC "wireguard-tailscale");

	is_text(t, FACT_VPN, "office"); /* by DEVTYPE, not by its name; cscotun0 is down */
	is_text(t, FACT_SOURCE_ADDR, "192.168.178.30");
	is_unknown(t, FACT_CGNAT, "what stands behind the private network's router cannot be seen");
	assert_true(has_signal(t, "iface", "tailscale0"));
	assert_true(has_signal(t, "iface", "tunl0"));
}

static void
test_ipv6(void **state)
{
	struct tree *t = run(state, PROC "ipv6-only");

	/* neither the deprecated one nor the ULA */
	is_text(t, FACT_SOURCE_ADDR, "2001:db8:1::2");
	is_known(t, FACT_BEHIND_NAT, 0);
	/* "default dev lo" is the kernel's way to refuse */
	tree_put(t, "/proc/net/route", "Iface\n");
	tree_put(t, "/proc/net/ipv6_route",
	    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	    "00000000000000000000000000000000 ffffffff 00000001 00000000 00200201       lo\n");
	tree_put(t, "/proc/net/if_inet6", "20010db8000100000000000000000002 04 40 00 80       lo\n");
	tree_run(t);
	is_unknown(t, FACT_SOURCE_ADDR, "no default route");
}

/* Of several default routes the one with the lowest metric; refusals and routes that are down do not count. */
static void
test_metric(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/proc/net/route",
	    "Iface Destination Gateway Flags RefCnt Use Metric Mask\n"
	    "wlan0 00000000 0101A8C0 0003 0 0 600 00000000 0 0 0\n"
	    "dead0 00000000 0105A8C0 0002 0 0 1 00000000 0 0 0\n"
	    "no0 00000000 0105A8C0 0201 0 0 1 00000000 0 0 0\n"
	    "eth0 00000000 0102A8C0 0003 0 0 100 00000000 0 0 0\n"
	    "eth0 0002A8C0 00000000 0001 0 0 100 00FFFFFF 0 0 0\n"
	    "wlan0 0001A8C0 00000000 0001 0 0 600 00FFFFFF 0 0 0\n"
	    "short line\nx y z 1 2 3 4 5\n");
	tree_put(t, "/proc/net/fib_trie",
	    "|-- 192.168.1.7\n/32 host LOCAL\n|-- 192.168.2.9\n/24 link UNICAST\n"
	    "|-- 192.168.2.8\n/32 host LOCAL\n|-- 999.1.1.1\n/32 host LOCAL\n|-- \n/32 host LOCAL\n");
	tree_run(t);
	is_text(t, FACT_SOURCE_ADDR, "192.168.2.8");
	assert_true(has_signal(t, "gateway", "192.168.2.1"));
}

/* A telephone's gateway makes the interface a mobile one. */
static void
test_tether(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/sys/class/net/wlan0/flags", "0x1003\n");
	tree_put(t, "/sys/class/net/wlan0/operstate", "up\n");
	tree_put(t, "/sys/class/net/ppp0/flags", "0x1003\n");
	tree_put(t, "/sys/class/net/ppp0/operstate", "unknown\n");
	tree_put(t, "/proc/net/route", "\nwlan0 00000000 010A14AC 0003 0 0 600 00000000 0 0 0\n");
	tree_run(t);
	assert_true(has_signal(t, "gateway", "172.20.10.1"));
	is_text(t, FACT_MOBILE, "wlan0");
	assert_true(has_note(t, "ppp0 is up"));
}

static void
test_hardened(void **state)
{
	struct tree *t = run(state, PROC "hardened");

	is_known(t, FACT_TCP_KEEPALIVE_TIME, 600);
	is_known(t, FACT_TCP_RETRIES2, 5);
	is_known(t, FACT_TMOUT, 900);
	t_eq_str(t->f.v[FACT_TMOUT].source, "/etc/profile.d/tmout.sh");
	t_eq_u64(t->f.v[FACT_TMOUT].line, 2);
	assert_true(has_note(t, "/home/user/.bashrc:1"));
	is_known(t, FACT_LOGIND_STOP_IDLE, 900);
	t_eq_str(t->f.v[FACT_LOGIND_STOP_IDLE].source, "/etc/systemd/logind.conf.d/oscap-idle-sessions.conf");
	t_eq_u64(t->f.v[FACT_LOGIND_STOP_IDLE].line, 2);
	is_known(t, FACT_LOGIND_KILL_USER, 0); /* a drop-in of the vendor beats the main file */
	is_text(t, FACT_SSH_VERSION, "8.7p1");
	is_text(t, FACT_SSHD_VERSION, "8.7p1");
}

/* A root that is not there, and one that is empty. */
static void
test_no_root(void **state)
{
	struct tree *t = *state;

	tree_run_at(t, PROC "no-such-tree");
	tree_check(t);
	is_unknown(t, FACT_TCP_RETRIES2, "the root " PROC "no-such-tree cannot be opened: no such file");
	tree_run(t);
	tree_check(t);
	is_unknown(t, FACT_TCP_RETRIES2, "no such file");
	is_unknown(t, FACT_SOURCE_ADDR, "no such file");
	is_unknown(t, FACT_LAPTOP, "no such file");
	is_unknown(t, FACT_KUBERNETES, "no /proc here");
}

#define with_tree(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_pristine),
		with_tree(test_laptop),
		with_tree(test_clouds),
		with_tree(test_dpkg),
		with_tree(test_router),
		with_tree(test_containers),
		with_tree(test_guests),
		with_tree(test_old_kernel),
		with_tree(test_mobile),
		with_tree(test_vpn),
		with_tree(test_ipv6),
		with_tree(test_metric),
		with_tree(test_tether),
		with_tree(test_hardened),
		with_tree(test_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
