/* SPDX-License-Identifier: MIT */
/*
 * Which network this machine is in, as a text that changes when the way out does: interface and gateway of the
 * default route, the gateway's hardware address (many networks call theirs 192.168.1.1), and a VPN.
 */
#define _GNU_SOURCE /* SOCK_CLOEXEC for libmnl */
#include "detect/parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

enum { HW_MAX_BYTES = 20, HOP_DIGITS = 32, HOP_BYTES = 16 };

/* Hardware address of the gateway from the ARP table: "IP HWtype Flags HWaddress Mask Device"; "" when not there. */
static struct str
hardware(struct det *d)
{
	struct str text, line, word, found = { NULL, 0 };
	struct buf b = { .p = NULL };
	uint32_t at = 0;

	if (root_read(&d->root, "/proc/net/arp", ROOT_TEXT_MAX, &b, NULL) != SK_OK)
		return found;
	text = buf_str(&b);
	while (det_next_line(&text, &line, &at) && found.p == NULL) {
		struct str ip = { NULL, 0 }, hw = { NULL, 0 }, dev = { NULL, 0 };
		unsigned n = 0;

		while (str_split(&line, ' ', &word)) {
			if (word.n == 0)
				continue;
			if (n == 0)
				ip = word;
			else if (n == 3)
				hw = word;
			dev = word;
			n++;
		}
		if (n >= 6 && str_eq(ip, d->gateway) && str_eq(dev, d->route_if) && !str_eqc(hw, "00:00:00:00:00:00"))
			found = arena_str(d->a, hw);
	}
	buf_release(&b);
	return found;
}

/* Next hop of an IPv6 default route as it stands in the table: 32 hexadecimal digits; "" when there is none. */
static struct str
gateway6(struct det *d)
{
	struct str text, line, word, found = { NULL, 0 };
	struct buf b = { .p = NULL };
	uint32_t at = 0;

	if (root_read(&d->root, "/proc/net/ipv6_route", ROOT_TEXT_MAX, &b, NULL) != SK_OK)
		return found;
	text = buf_str(&b);
	while (det_next_line(&text, &line, &at) && found.p == NULL) {
		struct str hop = { NULL, 0 }, bits = { NULL, 0 }, dev = { NULL, 0 };
		unsigned n = 0;

		while (str_split(&line, ' ', &word)) {
			if (word.n == 0)
				continue;
			if (n == 1)
				bits = word;
			else if (n == 4)
				hop = word;
			dev = word;
			n++;
		}
		if (n >= 10 && str_eqc(bits, "00") && str_eq(dev, d->route_if) &&
		    !str_eqc(hop, "00000000000000000000000000000000"))
			found = arena_str(d->a, hop);
	}
	buf_release(&b);
	return found;
}

struct neighbour {
	unsigned index; /* of the interface */
	uint8_t hop[HOP_BYTES];
	uint8_t hw[HW_MAX_BYTES];
	size_t n_hw; /* 0: not there */
};

/* One entry of the table, and whom we look for. */
struct entry {
	struct neighbour *want;
	const uint8_t *hw;
	size_t n_hw;
	bool same;
};

static int
take_part(const struct nlattr *attr, void *data)
{
	struct entry *en = data;
	uint16_t n = mnl_attr_get_payload_len(attr);

	if (mnl_attr_get_type(attr) == NDA_DST && n == HOP_BYTES)
		en->same = memcmp(mnl_attr_get_payload(attr), en->want->hop, HOP_BYTES) == 0;
	if (mnl_attr_get_type(attr) == NDA_LLADDR && n <= HW_MAX_BYTES) {
		en->hw = mnl_attr_get_payload(attr);
		en->n_hw = n;
	}
	return MNL_CB_OK;
}

static int
take_neighbour(const struct nlmsghdr *h, void *data)
{
	struct neighbour *want = data;
	struct entry en = { .want = want };
	const struct ndmsg *nd = mnl_nlmsg_get_payload(h);

	if (mnl_nlmsg_get_payload_len(h) < sizeof *nd || nd->ndm_family != AF_INET6 ||
	    nd->ndm_ifindex != (int)want->index || (nd->ndm_state & (NUD_INCOMPLETE | NUD_FAILED)) != 0)
		return MNL_CB_OK;
	if (mnl_attr_parse(h, sizeof *nd, take_part, &en) == MNL_CB_OK && en.same && en.n_hw > 0) {
		memcpy(want->hw, en.hw, en.n_hw);
		want->n_hw = en.n_hw;
	}
	return MNL_CB_OK;
}

/* The kernel's table of IPv6 neighbours; there is no file of it. */
static void
ask_neighbours(struct neighbour *want)
{
	char buf[8192] __attribute__((aligned(8)));
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct nlmsghdr *h;
	struct ndmsg *nd;
	int r = MNL_CB_OK;

	if (nl == NULL)
		return;
	h = mnl_nlmsg_put_header(buf);
	h->nlmsg_type = RTM_GETNEIGH;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	h->nlmsg_seq = 1;
	nd = mnl_nlmsg_put_extra_header(h, sizeof *nd);
	nd->ndm_family = AF_INET6;
	if (mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) == 0 && mnl_socket_sendto(nl, h, h->nlmsg_len) >= 0)
		while (r == MNL_CB_OK) {
			ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof buf);

			if (n < 0 && errno == EINTR)
				continue;
			r = n < 0 ? -1 : mnl_cb_run(buf, (size_t)n, 1, mnl_socket_get_portid(nl), take_neighbour, want);
		}
	mnl_socket_close(nl);
}

/* Hardware address of an IPv6 next hop, given as digits: all routers may call themselves fe80::1. */
static struct str
hardware6(struct det *d, struct str hop)
{
	static const char digit[] = "0123456789abcdef";
	struct neighbour want = { .index = if_nametoindex(arena_strz(d->a, d->route_if)) };
	char text[HW_MAX_BYTES * 3];
	size_t n = 0;

	if (want.index == 0 || hop.n != HOP_DIGITS)
		return (struct str){ NULL, 0 };
	for (size_t i = 0; i < HOP_DIGITS; i++) {
		const char *at = hop.p[i] != '\0' ? strchr(digit, hop.p[i]) : NULL;

		if (at == NULL)
			return (struct str){ NULL, 0 };
		want.hop[i / 2] = (uint8_t)(want.hop[i / 2] << 4 | (at - digit));
	}
	ask_neighbours(&want);
	for (size_t i = 0; i < want.n_hw; i++) {
		if (i > 0)
			text[n++] = ':';
		text[n++] = digit[want.hw[i] >> 4];
		text[n++] = digit[want.hw[i] & 15];
	}
	return arena_str(d->a, (struct str){ text, n });
}

struct str
det_netid_text(struct arena *a, struct str ifname, struct str via, struct str hw, struct str vpn)
{
	return arena_printf(a, "%.*s via %.*s %.*s vpn %.*s", STR_ARG(ifname), STR_ARG(via.n > 0 ? via : STR("link")),
	    STR_ARG(hw.n > 0 ? hw : STR("-")), STR_ARG(vpn));
}

void
det_netid(struct det *d)
{
	struct facts *f = d->f;
	struct str hw = { NULL, 0 }, vpn = f->v[FACT_VPN].text, via = d->gateway;

	if (!d->o->live)
		f->network_reason = "another tree";
	else if (d->route_if.n == 0)
		f->network_reason = "there is no default route";
	else if (!f->v[FACT_VPN].known)
		f->network_reason = "whether a VPN is up is not known";
	if (f->network_reason != NULL)
		return;
	if (via.n > 0)
		hw = hardware(d);
	else if ((via = gateway6(d)).n > 0)
		hw = hardware6(d, via);
	if (via.n > 0 && hw.n == 0)
		f->network_reason = "the gateway's hardware address is not known yet";
	else
		f->network = det_netid_text(d->a, d->route_if, via, hw, vpn);
}
