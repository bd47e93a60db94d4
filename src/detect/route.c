/* SPDX-License-Identifier: MIT */
/*
 * The default route, and the address a machine would use on it, from the tables in /proc/net.  Formats: IPv4
 * addresses in /proc/net/route are 32-bit words in the byte order of the machine, shown in hexadecimal;
 * /proc/net/fib_trie lists the local addresses; /proc/net/if_inet6 is in network order.
 */
#define _GNU_SOURCE /* inet_ntop with POSIX flags on the command line */
#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>

#include "detect/parts.h"

enum { WORDS = 12, ROUTES = 1024 };

/* One line of /proc/net/route.  Addresses in host order of meaning: 10.0.0.1 is 0x0a000001. */
struct route4 {
	struct str ifname;
	uint32_t dest, gateway, mask, metric, flags;
};

static size_t
words(struct str line, struct str word[static WORDS])
{
	size_t n = 0, i = 0, from;

	while (n < WORDS) {
		while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r'))
			i++;
		if (i == line.n)
			break;
		from = i;
		while (i < line.n && line.p[i] != ' ' && line.p[i] != '\t' && line.p[i] != '\r')
			i++;
		word[n++] = str_head(str_from(line, from), i - from);
	}
	return n;
}

static bool
hex(struct str s, uint32_t *ret)
{
	uint32_t v = 0;
	size_t i;
	char c;

	if (s.n == 0 || s.n > 8)
		return false;
	for (i = 0; i < s.n; i++) {
		c = s.p[i];
		if (c >= '0' && c <= '9')
			v = v * 16 + (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + (uint32_t)((c | 32) - 'a') + 10;
		else
			return false;
	}
	*ret = v;
	return true;
}

/*
 * The kernel prints the word as it lies in memory.  A tree from elsewhere is taken as little-endian, as
 * nearly all machines are.
 */
static bool
hex_addr(const struct det *d, struct str s, uint32_t *ret)
{
	uint32_t v;

	if (s.n != 8 || !hex(s, &v))
		return false;
	*ret = d->o->live ? ntohl(v) : (v >> 24 | (v >> 8 & 0xff00) | (v << 8 & 0xff0000) | v << 24);
	return true;
}

static struct str
addr4(struct det *d, uint32_t a)
{
	return arena_printf(d->a, "%u.%u.%u.%u", (unsigned)(a >> 24), (unsigned)(a >> 16 & 255),
	    (unsigned)(a >> 8 & 255), (unsigned)(a & 255));
}

/* Routes that are up and are not a refusal.  Names borrow from text. */
static size_t
parse_routes(const struct det *d, struct str text, struct route4 *ret)
{
	struct str line, w[WORDS];
	struct route4 r;
	uint32_t at = 0;
	uint64_t metric;
	size_t n = 0;

	while (n < ROUTES && det_next_line(&text, &line, &at)) {
		if (words(line, w) < 8 || !hex_addr(d, w[1], &r.dest) || !hex_addr(d, w[2], &r.gateway) ||
		    !hex(w[3], &r.flags) || !hex_addr(d, w[7], &r.mask) ||
		    num_uint(w[6], UINT32_MAX, &metric, NULL) != SK_OK)
			continue;
		r.ifname = w[0];
		r.metric = (uint32_t)metric;
		if ((r.flags & RTF_UP) != 0 && (r.flags & RTF_REJECT) == 0)
			ret[n++] = r;
	}
	return n;
}

static const struct route4 *
default_route(const struct route4 *v, size_t n)
{
	const struct route4 *best = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].dest == 0 && v[i].mask == 0 && (best == NULL || v[i].metric < best->metric))
			best = &v[i];
	}
	return best;
}

/*
 * How well a local address fits the default route: in the gateway's own network, in another network of that
 * interface, in no network at all (point-to-point links and /32 addresses), in that of another interface.
 */
static int
fitness(uint32_t a, const struct route4 *dflt, const struct route4 *v, size_t n)
{
	int best = 1;
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].mask == 0 || v[i].gateway != 0 || v[i].mask == UINT32_MAX || (a & v[i].mask) != v[i].dest)
			continue;
		if (!str_eq(v[i].ifname, dflt->ifname))
			best = best > 1 ? best : 0;
		else if (dflt->gateway != 0 && (dflt->gateway & v[i].mask) == v[i].dest)
			return 3;
		else
			best = 2;
	}
	return best;
}

/* The local address of fib_trie that fits best: "|-- 192.0.2.2" followed by "/32 host LOCAL". */
static bool
local_addr4(const struct route4 *dflt, const struct route4 *v, size_t n, struct str text, uint32_t *ret)
{
	struct str line, last = { NULL, 0 };
	char z[INET_ADDRSTRLEN];
	struct in_addr in;
	uint32_t at = 0, a;
	int best = 0, fit;

	while (det_next_line(&text, &line, &at)) {
		line = str_trim(line);
		if (str_starts(line, STR("|-- ")))
			last = str_from(line, 4);
		if (!str_eqc(line, "/32 host LOCAL") || last.n == 0 || last.n >= sizeof(z))
			continue;
		memcpy(z, last.p, last.n);
		z[last.n] = '\0';
		if (inet_pton(AF_INET, z, &in) != 1 || (a = ntohl(in.s_addr)) >> 24 == 127)
			continue;
		fit = fitness(a, dflt, v, n);
		if (fit > best) {
			best = fit;
			*ret = a;
		}
	}
	return best > 0;
}

/* As many routes as there can be in the text, at most ROUTES. */
static size_t
lines_of(struct str text)
{
	struct str line;
	uint32_t n = 0;

	while (n < ROUTES && det_next_line(&text, &line, &n))
		;
	return n > 0 ? n : 1;
}

/* IPv4 from the tables; true when there is a default route. */
static bool
route4(struct det *d, struct err *e)
{
	struct route4 *v;
	const struct route4 *dflt;
	struct buf b = { .p = NULL }, trie = { .p = NULL };
	uint32_t a;
	size_t n;
	bool found = false;

	if (root_read(&d->root, "/proc/net/route", ROOT_TEXT_MAX, &b, e) != SK_OK)
		return false;
	v = ARENA_ARRAY(d->a, struct route4, lines_of(buf_str(&b)));
	n = parse_routes(d, buf_str(&b), v);
	dflt = default_route(v, n);
	if (dflt != NULL) {
		found = true;
		d->route_if = arena_str(d->a, dflt->ifname);
		if (dflt->gateway != 0) {
			d->gateway = addr4(d, dflt->gateway);
			det_signal(d, "gateway", d->gateway, STR("/proc/net/route"));
		}
		if (!d->o->live && root_read(&d->root, "/proc/net/fib_trie", ROOT_TEXT_MAX, &trie, NULL) == SK_OK &&
		    local_addr4(dflt, v, n, buf_str(&trie), &a))
			det_text(d, FACT_SOURCE_ADDR, addr4(d, a), STR("/proc/net/fib_trie"), 0);
	}
	buf_release(&b);
	buf_release(&trie);
	return found;
}

/* Interface of the IPv6 default route with the lowest metric; "" when there is none. */
static struct str
default_if6(struct det *d)
{
	struct str text, line, w[WORDS], best = { NULL, 0 };
	struct buf b = { .p = NULL };
	uint32_t at = 0, metric, flags, low = UINT32_MAX;

	if (root_read(&d->root, "/proc/net/ipv6_route", ROOT_TEXT_MAX, &b, NULL) != SK_OK)
		return best;
	text = buf_str(&b);
	while (det_next_line(&text, &line, &at)) {
		if (words(line, w) < 10 || !str_eqc(w[0], "00000000000000000000000000000000") || !str_eqc(w[1], "00") ||
		    !hex(w[5], &metric) || !hex(w[8], &flags))
			continue;
		if ((flags & RTF_UP) == 0 || (flags & RTF_REJECT) != 0 || str_eqc(w[9], "lo") ||
		    (best.p != NULL && metric >= low))
			continue;
		low = metric;
		best = w[9];
	}
	best = arena_str(d->a, best);
	buf_release(&b);
	return best;
}

/* "20010db8..." as an address; "" when it is none. */
static struct str
addr6(struct det *d, struct str digits)
{
	char z[INET6_ADDRSTRLEN];
	struct in6_addr in;
	uint32_t part;
	size_t i;

	if (digits.n != 32)
		return STR("");
	for (i = 0; i < 16; i++) {
		if (!hex(str_head(str_from(digits, i * 2), 2), &part))
			return STR("");
		in.s6_addr[i] = (uint8_t)part;
	}
	if (inet_ntop(AF_INET6, &in, z, sizeof(z)) == NULL)
		return STR("");
	return arena_str(d->a, str_c(z));
}

/* The address on the IPv6 default interface: of global scope, a public one rather than a ULA. */
static void
source6(struct det *d)
{
	struct str text, line, w[WORDS], addr, best = { NULL, 0 }, ifname = default_if6(d);
	struct buf b = { .p = NULL };
	uint32_t at = 0, flags;

	if (ifname.n == 0 || root_read(&d->root, "/proc/net/if_inet6", ROOT_TEXT_MAX, &b, NULL) != SK_OK)
		return;
	text = buf_str(&b);
	while (det_next_line(&text, &line, &at)) {
		if (words(line, w) < 6 || !str_eq(w[5], ifname) || !str_eqc(w[3], "00") || !hex(w[4], &flags))
			continue;
		addr = addr6(d, w[0]);
		/* deprecated 0x20, tentative 0x40 and failed 0x08 ones are not used for new connections */
		if (addr.n == 0 || (flags & 0x68) != 0)
			continue;
		if (best.n == 0 || (detect_addr_kind(best) == ADDR_ULA && detect_addr_kind(addr) == ADDR_PUBLIC))
			best = addr;
	}
	buf_release(&b);
	if (best.n == 0)
		return;
	if (d->route_if.n == 0)
		d->route_if = ifname;
	if (d->f->v[FACT_SOURCE_ADDR].known)
		det_signal(d, "addr", best, STR("/proc/net/if_inet6"));
	else
		det_text(d, FACT_SOURCE_ADDR, best, STR("/proc/net/if_inet6"), 0);
}

void
det_route(struct det *d)
{
	struct err e = { .code = SK_OK };
	bool found = route4(d, &e);

	if (d->o->live) {
		if (!found)
			d->route_if = default_if6(d);
		return;
	}
	source6(d);
	if (d->f->v[FACT_SOURCE_ADDR].known)
		return;
	if (found)
		det_unknown(d, FACT_SOURCE_ADDR, STR("/proc/net/fib_trie"), "no local address fits the default route");
	else if (e.code == SK_OK)
		det_unknown(d, FACT_SOURCE_ADDR, STR("/proc/net/route"), "no default route");
	else
		det_unknown(d, FACT_SOURCE_ADDR, STR("/proc/net/route"), arena_strz(d->a, str_c(e.msg)));
}
