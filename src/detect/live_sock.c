/* SPDX-License-Identifier: MIT */
/* TCP sockets from sock_diag(7), in our network namespace or in that of a process. */
#define _GNU_SOURCE /* setns */
#include "detect/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "base/mem.h"
#include "base/num.h"
#include "detect/live_parts.h"
#include "detect/root.h"

enum { STATE_TIME_WAIT = 6, STATE_CLOSE = 7, STATES_ALL = 0xfff };

static double
from_ms(uint32_t ms)
{
	return (double)ms / 1e3;
}

static double
from_us(uint32_t us)
{
	return (double)us / 1e6;
}

static void
take_addr(uint8_t family, const __be32 raw[4], __be16 port, struct live_addr *ret)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	memset(ret, 0, sizeof *ret);
	ret->v6 = family == AF_INET6;
	memcpy(ret->b, raw, ret->v6 ? 16 : 4);
	ret->port = ntohs(port);
	if (ret->v6 && memcmp(ret->b, mapped, sizeof mapped) == 0) {
		ret->v6 = false;
		memmove(ret->b, ret->b + 12, 4);
		memset(ret->b + 4, 0, 12);
	}
}

/* What Linux 6.2 and 6.7 added behind tcpi_snd_wnd; the header of the system that builds this may be older. */
struct later_info {
	__u32 rcv_wnd, rehash;
	__u16 total_rto, total_rto_recoveries;
	__u32 total_rto_time; /* ms, with the recovery that goes on now */
};

/* The sum of all recoveries is the time of this one where there was no other. */
static double
repeating(const uint8_t *p, size_t n)
{
	const size_t at = offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof(__u32);
	struct later_info later;

	if (n < at + sizeof later)
		return -1;
	memcpy(&later, p + at, sizeof later);
	return later.total_rto_recoveries == 1 ? from_ms(later.total_rto_time) : -1;
}

/* An older kernel tells less: what is missing stays zero.  The first fields are as old as the interface itself. */
static void
take_info(const void *p, size_t n, struct live_sock *s)
{
	struct tcp_info info = { 0 };

	if (n < offsetof(struct tcp_info, tcpi_pmtu))
		return;
	memcpy(&info, p, n < sizeof info ? n : sizeof info);
	s->has_info = true;
	s->sent_s = from_ms(info.tcpi_last_data_sent);
	s->got_s = from_ms(info.tcpi_last_data_recv);
	s->acked_s = from_ms(info.tcpi_last_ack_recv);
	s->unacked_n = info.tcpi_unacked;
	s->backoff_n = info.tcpi_backoff;
	s->rto_s = from_us(info.tcpi_rto);
	s->rtt_s = from_us(info.tcpi_rtt);
	s->rttvar_s = from_us(info.tcpi_rttvar);
	s->repeating_s = repeating(p, n);
}

/* Attributes of netlink start at multiples of 4: netlink(7). */
static size_t
aligned(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

bool
live_sock_parse(const void *msg, size_t n, struct live_sock *ret)
{
	struct inet_diag_msg m;
	const uint8_t *p = msg;
	size_t at = aligned(sizeof m);

	if (n < sizeof m)
		return false;
	memcpy(&m, p, sizeof m);
	if (m.idiag_family != AF_INET && m.idiag_family != AF_INET6)
		return false;
	*ret = (struct live_sock){ .inode = m.idiag_inode, .uid = m.idiag_uid, .state = m.idiag_state };
	take_addr(m.idiag_family, m.id.idiag_src, m.id.idiag_sport, &ret->local);
	take_addr(m.idiag_family, m.id.idiag_dst, m.id.idiag_dport, &ret->peer);
	ret->timer = m.idiag_timer <= LIVE_TIMER_PROBE ? (enum live_timer)m.idiag_timer : LIVE_TIMER_OFF;
	ret->retrans_n = m.idiag_retrans;
	/* a timer that is about to fire may be a tick late: the kernel then prints a small negative number */
	ret->expires_s = m.idiag_expires > INT32_MAX ? 0 : from_ms(m.idiag_expires);
	ret->queue_bytes = m.idiag_wqueue;
	ret->repeating_s = -1;
	ret->ct.reason = "not asked";
	while (at + sizeof(struct nlattr) <= n) {
		struct nlattr a;

		memcpy(&a, p + at, sizeof a);
		if (a.nla_len < sizeof a || a.nla_len > n - at)
			break;
		if ((a.nla_type & NLA_TYPE_MASK) == INET_DIAG_INFO)
			take_info(p + at + sizeof a, a.nla_len - sizeof a, ret);
		at += aligned(a.nla_len);
	}
	return true;
}

struct dump {
	const uint64_t *inode; /* wanted, sorted */
	size_t n_inode;
	const struct live_addr *local, *peer; /* or the one between these two */
	struct live_sock *v;
	size_t n, cap;
};

static int
by_inode(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

static int
take_message(const struct nlmsghdr *h, void *data)
{
	struct dump *d = data;
	struct live_sock s;

	if (!live_sock_parse(mnl_nlmsg_get_payload(h), mnl_nlmsg_get_payload_len(h), &s))
		return MNL_CB_OK;
	if (s.state == STATE_TIME_WAIT || s.state == STATE_CLOSE)
		return MNL_CB_OK;
	if (d->local != NULL) {
		if (!live_addr_same(&s.local, d->local) || !live_addr_same(&s.peer, d->peer))
			return MNL_CB_OK;
	} else if (d->n_inode == 0 || bsearch(&s.inode, d->inode, d->n_inode, sizeof *d->inode, by_inode) == NULL) {
		return MNL_CB_OK;
	}
	MEM_GROW(d->v, d->cap, d->n + 1);
	d->v[d->n++] = s;
	return MNL_CB_OK;
}

/* One dump of all sockets of a family. */
static enum sk_code
dump_family(struct mnl_socket *nl, uint8_t family, struct dump *d, struct err *e)
{
	/* the manual of libmnl: a buffer of this size takes every message of a dump */
	char buf[32768] __attribute__((aligned(8)));
	unsigned seq = family;
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	struct inet_diag_req_v2 *req = mnl_nlmsg_put_extra_header(h, sizeof *req);
	int r = MNL_CB_OK;
	ssize_t n;

	h->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = seq;
	req->sdiag_family = family;
	req->sdiag_protocol = IPPROTO_TCP;
	req->idiag_ext = 1 << (INET_DIAG_INFO - 1);
	req->idiag_states = STATES_ALL;
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return err_sys(e, SK_EREAD, errno, "the kernel's sock_diag");
	while (r == MNL_CB_OK) {
		n = mnl_socket_recvfrom(nl, buf, sizeof buf);
		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(nl), take_message, d);
	}
	/* without IPv6 in the kernel there is nothing to tell of it */
	if (r < 0 && !(family == AF_INET6 && (errno == ENOENT || errno == EAFNOSUPPORT)))
		return err_sys(e, SK_EREAD, errno, "the kernel's sock_diag");
	return SK_OK;
}

static enum sk_code
dump_all(struct dump *d, struct err *e)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	enum sk_code code;

	if (nl == NULL || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		code = err_sys(e, SK_EREAD, errno, "the kernel's sock_diag");
	} else {
		code = dump_family(nl, AF_INET, d, e);
		if (code == SK_OK)
			code = dump_family(nl, AF_INET6, d, e);
	}
	if (nl != NULL)
		(void)mnl_socket_close(nl);
	return code;
}

/* A sysctl of the namespace that this process is in now; negative when it cannot be read. */
static double
knob(const char *path, double scale)
{
	struct root root;
	struct buf text = { 0 };
	double v = -1;
	uint64_t n;

	if (root_open(&root, "/", NULL) != SK_OK)
		return -1;
	if (root_read(&root, path, 64, &text, NULL) == SK_OK &&
	    num_uint(str_trim(buf_str(&text)), INT32_MAX, &n, NULL) == SK_OK)
		v = (double)n * scale;
	buf_release(&text);
	root_close(&root);
	return v;
}

static void
read_kernel(struct live_kernel *k)
{
	k->retries2 = knob("/proc/sys/net/ipv4/tcp_retries2", 1);
	k->rto_max_s = knob("/proc/sys/net/ipv4/tcp_rto_max_ms", 1e-3); /* since Linux 6.15 */
	k->ka_time_s = knob("/proc/sys/net/ipv4/tcp_keepalive_time", 1);
	k->ka_intvl_s = knob("/proc/sys/net/ipv4/tcp_keepalive_intvl", 1);
	k->ka_probes = knob("/proc/sys/net/ipv4/tcp_keepalive_probes", 1);
	k->ct_established_s = knob("/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established", 1);
	k->ct_loose = knob("/proc/sys/net/netfilter/nf_conntrack_tcp_loose", 1);
}

/* What is asked in one namespace. */
static enum sk_code
ask(struct arena *a, struct dump *d, struct live_net *ret, struct err *e)
{
	struct live_net out = { 0 };
	enum sk_code code = dump_all(d, e);

	if (code == SK_OK) {
		read_kernel(&out.kernel);
		out.v = ARENA_ARRAY(a, struct live_sock, d->n + 1);
		if (d->n > 0)
			memcpy(out.v, d->v, d->n * sizeof *d->v);
		out.n = d->n;
		live_ct_ask(a, &out);
		*ret = out;
	}
	free(d->v);
	d->v = NULL;
	return code;
}

enum sk_code
live_net(struct arena *a, int pid, const uint64_t *inode, size_t n, struct live_net *ret, struct err *e)
{
	struct dump d = { .inode = inode, .n_inode = n };
	char path[64];
	int own, there;
	enum sk_code code;

	if (pid == 0)
		return ask(a, &d, ret, e);
	(void)snprintf(path, sizeof path, "/proc/%d/ns/net", pid);
	own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || there < 0 || setns(there, CLONE_NEWNET) != 0) {
		code = err_sys(e, SK_EREAD, errno, "the network namespace of process %d", pid);
	} else {
		code = ask(a, &d, ret, e);
		/* Whatever came next would speak of the wrong network. */
		if (setns(own, CLONE_NEWNET) != 0)
			abort();
	}
	if (own >= 0)
		(void)close(own);
	if (there >= 0)
		(void)close(there);
	return code;
}

enum sk_code
live_net_between(
    struct arena *a, const struct live_addr *local, const struct live_addr *peer, struct live_net *ret, struct err *e)
{
	struct dump d = { .local = local, .peer = peer };

	return ask(a, &d, ret, e);
}

bool
live_addr_same(const struct live_addr *x, const struct live_addr *y)
{
	return x->v6 == y->v6 && x->port == y->port && memcmp(x->b, y->b, x->v6 ? 16 : 4) == 0;
}

bool
live_addr_loopback(const struct live_addr *x)
{
	static const uint8_t one[16] = { [15] = 1 };

	return x->v6 ? memcmp(x->b, one, sizeof one) == 0 : x->b[0] == 127;
}

struct str
live_addr_text(struct arena *a, const struct live_addr *x)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(x->v6 ? AF_INET6 : AF_INET, x->b, text, sizeof text) == NULL)
		return STR("");
	return arena_str(a, str_c(text));
}

struct str
live_addr_port_text(struct arena *a, const struct live_addr *x)
{
	return arena_printf(a, x->v6 ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(live_addr_text(a, x)), (unsigned)x->port);
}

bool
live_addr_parse(struct str text, struct live_addr *ret)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct live_addr out = { 0 };
	char z[INET6_ADDRSTRLEN];

	/* a scope (fe80::1%eth0) is no part of the address */
	text = str_head(text, str_chr(text, '%', 0));
	if (text.n == 0 || text.n >= sizeof z)
		return false;
	memcpy(z, text.p, text.n);
	z[text.n] = '\0';
	out.v6 = str_chr(text, ':', 0) != SIZE_MAX;
	if (inet_pton(out.v6 ? AF_INET6 : AF_INET, z, out.b) != 1)
		return false;
	if (out.v6 && memcmp(out.b, mapped, sizeof mapped) == 0) {
		out.v6 = false;
		memmove(out.b, out.b + 12, 4);
		memset(out.b + 4, 0, 12);
	}
	*ret = out;
	return true;
}
