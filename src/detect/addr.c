/* SPDX-License-Identifier: MIT */
/* Kinds of addresses, and when a NAT between two of them is certain. */
#define _GNU_SOURCE /* struct in6_addr through netinet/in.h */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "detect/detect.h"

struct addr {
	int family; /* AF_INET, AF_INET6; 0: not an address */
	uint8_t b[16];
};

static struct addr
parse(struct str s)
{
	struct addr r = { .family = 0 };
	char z[INET6_ADDRSTRLEN + 1];
	size_t zone;

	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = str_head(str_from(s, 1), s.n - 2);
	zone = str_chr(s, '%', 0);
	if (zone != SIZE_MAX)
		s = str_head(s, zone);
	if (s.n == 0 || s.n >= sizeof(z) || memchr(s.p, '\0', s.n) != NULL)
		return r;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	if (zone == SIZE_MAX && inet_pton(AF_INET, z, r.b) == 1) {
		r.family = AF_INET;
	} else if (inet_pton(AF_INET6, z, r.b) == 1) {
		r.family = AF_INET6;
		if (IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)(const void *)r.b)) {
			memmove(r.b, r.b + 12, 4);
			r.family = AF_INET;
		}
	}
	return r;
}

/* RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291. */
static enum addr_kind
kind(const struct addr *x)
{
	static const uint8_t zero[15];
	const uint8_t *b = x->b;

	if (x->family == 0)
		return ADDR_NOT;
	if (x->family == AF_INET) {
		if (b[0] == 127 || (b[0] | b[1] | b[2] | b[3]) == 0) /* 0.0.0.0 as a target is this host */
			return ADDR_LOOPBACK;
		if (b[0] == 10 || (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168))
			return ADDR_PRIVATE;
		if (b[0] == 100 && (b[1] & 0xc0) == 64)
			return ADDR_CGNAT;
		return b[0] == 169 && b[1] == 254 ? ADDR_LINKLOCAL : ADDR_PUBLIC;
	}
	if (memcmp(b, zero, sizeof(zero)) == 0 && b[15] <= 1)
		return ADDR_LOOPBACK;
	if ((b[0] & 0xfe) == 0xfc)
		return ADDR_ULA;
	return b[0] == 0xfe && (b[1] & 0xc0) == 0x80 ? ADDR_LINKLOCAL : ADDR_PUBLIC;
}

enum addr_kind
detect_addr_kind(struct str literal)
{
	struct addr x = parse(literal);

	return kind(&x);
}

bool
detect_nat_between(struct str source, struct str target)
{
	struct addr s = parse(source), t = parse(target);
	enum addr_kind k = kind(&s);

	/* Of different families they do not talk to each other, so nothing is said. */
	if (s.family != t.family || kind(&t) != ADDR_PUBLIC)
		return false;
	return k == ADDR_PRIVATE || k == ADDR_CGNAT || k == ADDR_LINKLOCAL || k == ADDR_ULA;
}
