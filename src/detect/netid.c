/* SPDX-License-Identifier: MIT */
/*
 * Which network this machine is in, as a text that changes when the way out does: interface and gateway of the
 * default route, the gateway's hardware address (many networks call theirs 192.168.1.1), and a VPN.
 */
#include "detect/parts.h"

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
	else if (d->gateway.n > 0 && (hw = hardware(d)).n == 0)
		f->network_reason = "the gateway's hardware address is not known yet";
	if (f->network_reason != NULL)
		return;
	if (via.n == 0)
		via = gateway6(d);
	f->network = arena_printf(d->a, "%.*s via %.*s %.*s vpn %.*s", STR_ARG(d->route_if),
	    STR_ARG(via.n > 0 ? via : STR("link")), STR_ARG(hw.n > 0 ? hw : STR("-")), STR_ARG(vpn));
}
