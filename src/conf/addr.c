/* SPDX-License-Identifier: MIT */
/* Numeric addresses and CIDR lists. */
#include "conf/addr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/num.h"

/* inet_aton(): one to four numbers, decimal, octal or hex, the last one fills what is left. */
static bool
parse_v4(struct str s, unsigned char out[4])
{
	uint64_t part[4] = { 0 }, value = 0;
	struct str rest = s, p;
	size_t n = 0;

	while (str_split(&rest, '.', &p)) {
		unsigned base = 10;

		if (n == 4 || p.n == 0)
			return false;
		if (p.n > 1 && p.p[0] == '0') {
			base = p.p[1] == 'x' || p.p[1] == 'X' ? 16 : 8;
			p = str_from(p, base == 16 ? 2 : 1);
			if (p.n == 0)
				return false;
		}
		for (size_t i = 0; i < p.n; i++) {
			static const char digits[] = "0123456789abcdef";
			char c = p.p[i] >= 'A' && p.p[i] <= 'F' ? (char)(p.p[i] + 32) : p.p[i];
			const char *d = c != '\0' ? strchr(digits, c) : NULL;

			if (d == NULL || (unsigned)(d - digits) >= base || part[n] > UINT32_MAX)
				return false;
			part[n] = part[n] * base + (unsigned)(d - digits);
		}
		n++;
	}
	if (n == 0)
		return false;
	for (size_t i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return false;
		value |= part[i] << (24 - 8 * i);
	}
	if (part[n - 1] >= (uint64_t)1 << (32 - 8 * (n - 1)))
		return false;
	value |= part[n - 1];
	for (size_t i = 0; i < 4; i++)
		out[i] = (unsigned char)(value >> (24 - 8 * i));
	return true;
}

bool
addr_parse(struct str s, struct addr *ret)
{
	struct addr a = { .v6 = false };
	char z[64];
	size_t zone = str_chr(s, '%', 0);

	if (s.n == 0 || s.n >= sizeof(z) || str_chr(s, '\0', 0) != SIZE_MAX)
		return false;
	if (str_chr(s, ':', 0) == SIZE_MAX) {
		if (!parse_v4(s, a.b))
			return false;
	} else {
		s = str_head(s, zone);
		memcpy(z, s.p, s.n);
		z[s.n] = '\0';
		if (inet_pton(AF_INET6, z, a.b) != 1)
			return false;
		a.v6 = true;
	}
	*ret = a;
	return true;
}

struct str
addr_text(struct arena *a, const struct addr *addr)
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(addr->v6 ? AF_INET6 : AF_INET, addr->b, text, sizeof(text)) == NULL)
		return (struct str){ NULL, 0 };
	return arena_str(a, str_c(text));
}

bool
addr_in(const struct addr *a, const struct addr *net, unsigned bits)
{
	if (a->v6 != net->v6)
		return false;
	for (unsigned i = 0; i < bits; i++) {
		unsigned mask = 0x80u >> (i % 8);

		if ((a->b[i / 8] & mask) != (net->b[i / 8] & mask))
			return false;
	}
	return true;
}

enum addr_cidr
addr_cidr(struct str s, struct addr *ret, unsigned *ret_bits)
{
	size_t slash = str_chr(s, '/', 0);
	uint64_t bits = 0;
	unsigned max;
	struct addr a;

	if (s.n >= 64)
		return ADDR_CIDR_NOT;
	if (slash != SIZE_MAX && num_uint(str_from(s, slash + 1), 128, &bits, NULL) != SK_OK)
		return ADDR_CIDR_NOT;
	if (!addr_parse(str_head(s, slash), &a))
		return ADDR_CIDR_NOT;
	max = a.v6 ? 128 : 32;
	if (slash == SIZE_MAX)
		bits = max;
	if (bits > max)
		return ADDR_CIDR_BAD;
	for (unsigned i = (unsigned)bits; i < max; i++)
		if ((a.b[i / 8] & (0x80u >> (i % 8))) != 0)
			return ADDR_CIDR_BAD;
	*ret = a;
	*ret_bits = (unsigned)bits;
	return ADDR_CIDR_OK;
}

bool
addr_list_ok(struct str list, bool cidr_only)
{
	struct str rest = list, part;

	while (str_split(&rest, ',', &part)) {
		enum addr_cidr r;
		struct addr a;
		unsigned bits;

		if (!cidr_only && part.n > 0 && part.p[0] == '!')
			part = str_from(part, 1);
		if (part.n == 0)
			return false;
		r = addr_cidr(part, &a, &bits);
		if (r == ADDR_CIDR_BAD || (cidr_only && r != ADDR_CIDR_OK))
			return false;
	}
	return true;
}
