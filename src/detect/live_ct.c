/* SPDX-License-Identifier: MIT */
/* This kernel's conntrack entries of given connections, by ctnetlink or from /proc/net/nf_conntrack. */
#define _GNU_SOURCE /* SOCK_CLOEXEC for libmnl */
#include "detect/live.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "base/num.h"
#include "detect/live_parts.h"
#include "detect/root.h"

enum { TABLE_BYTES_MAX = 64 * 1024 * 1024, STATE_LISTEN = 10 };

static const char needs_root[] = "reading conntrack entries needs CAP_NET_ADMIN";
static const char no_way[] = "this kernel shows no conntrack entries";

/* enum tcp_conntrack of <linux/netfilter/nf_conntrack_tcp.h> */
static const char *const ct_state_name[] = { "NONE", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT",
	"LAST_ACK", "TIME_WAIT", "CLOSE", "SYN_SENT2" };

static int
take_tcp(const struct nlattr *attr, void *data)
{
	struct live_ct *ct = data;
	uint8_t s;

	if (mnl_attr_get_type(attr) != CTA_PROTOINFO_TCP_STATE || mnl_attr_get_payload_len(attr) < 1)
		return MNL_CB_OK;
	s = mnl_attr_get_u8(attr);
	if (s < sizeof ct_state_name / sizeof *ct_state_name)
		ct->tcp = str_c(ct_state_name[s]);
	return MNL_CB_OK;
}

static int
take_proto(const struct nlattr *attr, void *data)
{
	return mnl_attr_get_type(attr) == CTA_PROTOINFO_TCP ? mnl_attr_parse_nested(attr, take_tcp, data) : MNL_CB_OK;
}

static int
take_attr(const struct nlattr *attr, void *data)
{
	struct live_ct *ct = data;

	if (mnl_attr_get_type(attr) == CTA_TIMEOUT && mnl_attr_get_payload_len(attr) >= 4)
		ct->left_s = ntohl(mnl_attr_get_u32(attr));
	if (mnl_attr_get_type(attr) == CTA_PROTOINFO)
		return mnl_attr_parse_nested(attr, take_proto, data);
	return MNL_CB_OK;
}

static int
take_entry(const struct nlmsghdr *h, void *data)
{
	struct live_ct *ct = data;

	ct->state = LIVE_CT_FOUND;
	ct->reason = NULL;
	return mnl_attr_parse(h, sizeof(struct nfgenmsg), take_attr, data);
}

/* The question for the entry that holds s in one of its directions. */
static void
put_question(struct nlmsghdr *h, const struct live_sock *s, unsigned seq)
{
	struct nfgenmsg *g;
	struct nlattr *tuple, *part;
	size_t n = s->local.v6 ? 16 : 4;

	h->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	h->nlmsg_seq = seq;
	g = mnl_nlmsg_put_extra_header(h, sizeof *g);
	g->nfgen_family = s->local.v6 ? AF_INET6 : AF_INET;
	g->version = NFNETLINK_V0;
	tuple = mnl_attr_nest_start(h, CTA_TUPLE_ORIG);
	part = mnl_attr_nest_start(h, CTA_TUPLE_IP);
	mnl_attr_put(h, s->local.v6 ? CTA_IP_V6_SRC : CTA_IP_V4_SRC, n, s->local.b);
	mnl_attr_put(h, s->local.v6 ? CTA_IP_V6_DST : CTA_IP_V4_DST, n, s->peer.b);
	mnl_attr_nest_end(h, part);
	part = mnl_attr_nest_start(h, CTA_TUPLE_PROTO);
	mnl_attr_put_u8(h, CTA_PROTO_NUM, IPPROTO_TCP);
	mnl_attr_put_u16(h, CTA_PROTO_SRC_PORT, htons(s->local.port));
	mnl_attr_put_u16(h, CTA_PROTO_DST_PORT, htons(s->peer.port));
	mnl_attr_nest_end(h, part);
	mnl_attr_nest_end(h, tuple);
}

/* 0, or the errno of the kernel's answer. */
static int
ask_one(struct mnl_socket *nl, const struct live_sock *s, unsigned seq, struct live_ct *ct)
{
	char buf[8192] __attribute__((aligned(8)));
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);
	int r = MNL_CB_OK;

	put_question(h, s, seq);
	if (mnl_socket_sendto(nl, h, h->nlmsg_len) < 0)
		return errno;
	while (r == MNL_CB_OK) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof buf);

		if (n < 0 && errno == EINTR)
			continue;
		r = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(nl), take_entry, ct);
	}
	return r < 0 ? errno : 0;
}

/* "key=value", the first one behind *rest. */
static bool
next_value(struct str *rest, const char *key, struct str *ret)
{
	struct str word;
	size_t k = strlen(key);

	while (str_split(rest, ' ', &word)) {
		if (str_starts(word, str_c(key)) && word.n > k && word.p[k] == '=') {
			*ret = str_from(word, k + 1);
			return true;
		}
	}
	return false;
}

/* src= dst= sport= dport= behind *rest: is it s, seen from its own side? */
static bool
is_tuple(struct str *rest, const struct live_sock *s)
{
	struct live_addr from, to;
	struct str src, dst, sport, dport;
	uint64_t p, q;

	if (!next_value(rest, "src", &src) || !next_value(rest, "dst", &dst) || !next_value(rest, "sport", &sport) ||
	    !next_value(rest, "dport", &dport) || !live_addr_parse(src, &from) || !live_addr_parse(dst, &to) ||
	    num_uint(sport, UINT16_MAX, &p, NULL) != SK_OK || num_uint(dport, UINT16_MAX, &q, NULL) != SK_OK)
		return false;
	from.port = (uint16_t)p;
	to.port = (uint16_t)q;
	return live_addr_same(&from, &s->local) && live_addr_same(&to, &s->peer);
}

/* Line: "ipv4     2 tcp      6 431999 ESTABLISHED src=... dst=... sport=... dport=... src=..." */
static bool
is_line_of(struct str line, const struct live_sock *s, struct live_ct *ret)
{
	enum { PROTO = 2, LEFT = 4, STATE = 5 };
	struct str rest = line, word, tcp = { 0 };
	uint64_t left = 0;

	for (int i = 0; i <= STATE;) {
		if (!str_split(&rest, ' ', &word))
			return false;
		if (word.n == 0)
			continue;
		if (i == PROTO && !str_eqc(word, "tcp"))
			return false;
		if (i == LEFT && num_uint(word, UINT32_MAX, &left, NULL) != SK_OK)
			return false;
		if (i == STATE)
			tcp = word;
		i++;
	}
	if (!is_tuple(&rest, s) && !is_tuple(&rest, s))
		return false;
	*ret = (struct live_ct){ .state = LIVE_CT_FOUND, .left_s = (double)left, .tcp = tcp };
	return true;
}

void
live_ct_text(struct arena *a, struct str text, const struct live_sock *s, struct live_ct *ret)
{
	struct str line;

	*ret = (struct live_ct){ .state = LIVE_CT_NONE };
	while (str_split(&text, '\n', &line)) {
		if (is_line_of(line, s, ret)) {
			ret->tcp = arena_str(a, ret->tcp);
			return;
		}
	}
}

/* For kernels without ctnetlink. */
static void
ask_table(struct arena *a, struct live_net *net)
{
	struct root root;
	struct buf text = { 0 };
	bool ok = root_open(&root, "/", NULL) == SK_OK;

	if (ok) {
		ok = root_read(&root, "/proc/self/net/nf_conntrack", TABLE_BYTES_MAX, &text, NULL) == SK_OK;
		root_close(&root);
	}
	for (size_t i = 0; i < net->n; i++) {
		if (ok)
			live_ct_text(a, buf_str(&text), &net->v[i], &net->v[i].ct);
		else
			net->v[i].ct = (struct live_ct){ .reason = no_way };
	}
	buf_release(&text);
}

void
live_ct_ask(struct arena *a, struct live_net *net)
{
	struct mnl_socket *nl = NULL;
	const char *reason = no_way;
	bool try_table = false;
	size_t i;

	if (net->kernel.ct_established_s < 0)
		reason = "conntrack is not loaded in this network namespace";
	else
		nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (nl != NULL && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		(void)mnl_socket_close(nl);
		nl = NULL;
	}
	for (i = 0; i < net->n; i++) {
		struct live_ct *ct = &net->v[i].ct;
		int why;

		*ct = (struct live_ct){ .reason = reason };
		if (nl == NULL || net->v[i].state == STATE_LISTEN)
			continue;
		why = ask_one(nl, &net->v[i], (unsigned)i + 1, ct);
		if (why == ENOENT)
			ct->state = LIVE_CT_NONE;
		else if (why == EPERM || why == EACCES)
			ct->reason = needs_root;
		else if (why != 0)
			try_table = true;
	}
	if (nl != NULL)
		(void)mnl_socket_close(nl);
	if (try_table || (nl == NULL && net->kernel.ct_established_s >= 0))
		ask_table(a, net);
}
