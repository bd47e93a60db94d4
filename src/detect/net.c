/* SPDX-License-Identifier: MIT */
/* This machine's address towards the internet, and what it says about a NAT in front of it. */
#define _GNU_SOURCE /* getifaddrs */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "detect/parts.h"

union any_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static struct str
addr_text(struct det *d, const union any_addr *x)
{
	const void *p = x->sa.sa_family == AF_INET ? (const void *)&x->in.sin_addr : (const void *)&x->in6.sin6_addr;
	char z[INET6_ADDRSTRLEN];

	if (inet_ntop(x->sa.sa_family, p, z, sizeof(z)) == NULL)
		return STR("");
	return arena_str(d->a, str_c(z));
}

/*
 * The source address the kernel would use.  connect(2) on a datagram socket only looks up the route: nothing
 * is sent, so that documentation addresses serve as "anywhere on the internet".
 */
static struct str
source_towards(struct det *d, int family, const char *target, int *ret_errno)
{
	union any_addr x;
	socklen_t n = family == AF_INET ? sizeof(x.in) : sizeof(x.in6);
	struct str r = { NULL, 0 };
	int fd;

	memset(&x, 0, sizeof(x));
	x.sa.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		x.in.sin_port = htons(22);
		(void)inet_pton(AF_INET, target, &x.in.sin_addr);
	} else {
		x.in6.sin6_port = htons(22);
		(void)inet_pton(AF_INET6, target, &x.in6.sin6_addr);
	}
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		*ret_errno = errno;
		return r;
	}
	if (connect(fd, &x.sa, n) != 0 || getsockname(fd, &x.sa, &n) != 0)
		*ret_errno = errno;
	else
		r = addr_text(d, &x);
	(void)close(fd);
	return r;
}

/* Among the IPv4 addresses of all interfaces; false when they cannot be listed or do not fit. */
static bool
iface_of4(struct det *d, struct str addr)
{
	enum { IFACES = 64 };
	struct ifreq *v = ARENA_ARRAY(d->a, struct ifreq, IFACES);
	struct ifconf list = { .ifc_len = IFACES * (int)sizeof(*v), .ifc_req = v };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool found = false;
	union any_addr x;
	struct in_addr want;
	size_t n;

	if (fd < 0 || inet_pton(AF_INET, arena_strz(d->a, addr), &want) != 1 || ioctl(fd, SIOCGIFCONF, &list) != 0)
		list.ifc_len = 0;
	if (fd >= 0)
		(void)close(fd);
	n = (size_t)list.ifc_len / sizeof(*v);
	for (size_t i = 0; n < IFACES && i < n && !found; i++) {
		memcpy(&x, &v[i].ifr_addr, sizeof(v[i].ifr_addr));
		found = x.sa.sa_family == AF_INET && x.in.sin_addr.s_addr == want.s_addr;
		if (found)
			d->route_if = arena_str(
			    d->a, (struct str){ v[i].ifr_name, strnlen(v[i].ifr_name, sizeof(v[i].ifr_name)) });
	}
	return found;
}

/* The interface that has this address: with policy routing not that of the main table's default route. */
static void
iface_of(struct det *d, struct str addr)
{
	struct ifaddrs *all, *i;
	union any_addr x;
	size_t n;

	/* one call for IPv4; getifaddrs(3) has the kernel tell all it knows of every link */
	if (iface_of4(d, addr) || getifaddrs(&all) != 0)
		return;
	for (i = all; i != NULL; i = i->ifa_next) {
		if (i->ifa_addr == NULL || (i->ifa_addr->sa_family != AF_INET && i->ifa_addr->sa_family != AF_INET6))
			continue;
		n = i->ifa_addr->sa_family == AF_INET ? sizeof(x.in) : sizeof(x.in6);
		memcpy(&x, i->ifa_addr, n);
		if (str_eq(addr_text(d, &x), addr)) {
			d->route_if = arena_str(d->a, str_c(i->ifa_name));
			break;
		}
	}
	freeifaddrs(all);
}

static void
live_source(struct det *d)
{
	int err4 = 0, err6 = 0;
	struct str v4 = source_towards(d, AF_INET, "198.51.100.1", &err4);
	struct str v6 = source_towards(d, AF_INET6, "2001:db8::1", &err6);

	if (v4.n == 0 && v6.n == 0) {
		det_unknown(d, FACT_SOURCE_ADDR, STR("connect(2)"),
		    arena_strz(d->a, str_c(err4 != 0 ? strerror(err4) : "no address")));
		return;
	}
	det_text(d, FACT_SOURCE_ADDR, v4.n > 0 ? v4 : v6, STR("connect(2)"), 0);
	if (v4.n > 0 && v6.n > 0)
		det_signal(d, "addr", v6, STR("connect(2)"));
	iface_of(d, d->f->v[FACT_SOURCE_ADDR].text);
}

static void
judge_source(struct det *d)
{
	static const char *const why_cgnat = "what stands behind the private network's router cannot be seen";
	const struct fact *src = &d->f->v[FACT_SOURCE_ADDR];
	enum addr_kind k = src->known ? detect_addr_kind(src->text) : ADDR_NOT;

	if (k == ADDR_NOT || k == ADDR_LOOPBACK) {
		const char *why = src->known ? "the source address is the loopback" : "the source address is unknown";

		det_unknown(d, FACT_BEHIND_NAT, src->source, why);
		det_unknown(d, FACT_CGNAT, src->source, why);
		return;
	}
	det_signal(d, "addr", src->text, src->source);
	det_num(d, FACT_BEHIND_NAT, k == ADDR_PUBLIC ? 0 : 1, src->source, 0);
	if (k == ADDR_PUBLIC)
		det_num(d, FACT_CGNAT, 0, src->source, 0);
	else if (k != ADDR_CGNAT)
		det_unknown(d, FACT_CGNAT, src->source, why_cgnat);
	else if (str_starts(d->route_if, STR("tailscale")))
		det_unknown(d, FACT_CGNAT, src->source, "an overlay network uses these addresses, too");
	else if (d->f->v[FACT_CLOUD].known && !det_is(d, FACT_CLOUD, "none"))
		det_unknown(d, FACT_CGNAT, src->source, "cloud networks use these addresses, too");
	else
		det_num(d, FACT_CGNAT, 1, src->source, 0);
}

void
det_net(struct det *d)
{
	det_route(d);
	if (d->o->live)
		live_source(d);
	judge_source(d);
	det_iface(d);
}
