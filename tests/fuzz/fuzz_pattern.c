/* SPDX-License-Identifier: MIT */
/*
 * Patterns, lists of them and addresses, against plain second implementations: a table of all prefixes for wildcards,
 * the C library for numeric addresses.  The input is TEXT, LF, PATTERN or LIST.
 */
#include <arpa/inet.h>

#include "fuzz.h"

#include "conf/addr.h"
#include "model/network.h"

enum { TEXT_MAX = 120 };

static unsigned char
fold(char c, bool icase)
{
	return (unsigned char)(icase && c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* can[i][j]: the first i bytes of s match the first j of p. */
static bool
plain_match(struct str s, struct str p, bool icase)
{
	static bool can[TEXT_MAX + 2][TEXT_MAX + 2];

	for (size_t i = 0; i <= s.n; i++)
		for (size_t j = 0; j <= p.n; j++) {
			if (j == 0)
				can[i][j] = i == 0;
			else if (p.p[j - 1] == '*')
				can[i][j] = can[i][j - 1] || (i > 0 && can[i - 1][j]);
			else
				can[i][j] = i > 0 && can[i - 1][j - 1] &&
				    (p.p[j - 1] == '?' || fold(p.p[j - 1], icase) == fold(s.p[i - 1], icase));
		}
	return can[s.n][p.n];
}

/* One part of a list: its pattern and whether it is negated.  False: no more. */
static bool
next_part(struct str list, size_t *io, struct str *ret, bool *ret_not)
{
	size_t end = *io;

	if (*io >= list.n)
		return false;
	while (end < list.n && list.p[end] != ',')
		end++;
	*ret = (struct str){ list.p + *io, end - *io };
	*io = end + 1;
	*ret_not = ret->n > 0 && ret->p[0] == '!';
	if (*ret_not)
		*ret = (struct str){ ret->p + 1, ret->n - 1 };
	return true;
}

static int
plain_list(struct str s, struct str list, bool icase)
{
	struct str part;
	size_t at = 0;
	bool negated;
	int got = 0;

	while (next_part(list, &at, &part, &negated))
		if (plain_match(s, part, icase)) {
			if (negated)
				return -1;
			got = 1;
		}
	return got;
}

static void
check_patterns(struct str s, struct str p)
{
	int got;

	FUZZ_CHECK(pattern_match(s, p) == plain_match(s, p, false), "%.*s", STR_ARG(p));
	FUZZ_CHECK(pattern_imatch(s, p) == plain_match(s, p, true), "%.*s", STR_ARG(p));
	FUZZ_CHECK(!pattern_match(s, p) || pattern_imatch(s, p), "a match, but not without case");
	FUZZ_CHECK(!pattern_is_literal(p) || pattern_match(s, p) == str_eq(s, p), "a literal matches itself only");
	FUZZ_CHECK(pattern_match(s, s) && pattern_match(s, STR("*")), "a name matches itself and *");
	for (int icase = 0; icase <= 1; icase++) {
		got = pattern_list(s, p, icase == 1);
		FUZZ_CHECK(got == plain_list(s, p, icase == 1), "list %.*s: %d", STR_ARG(p), got);
	}
	FUZZ_CHECK(network_match(STR("*"), s, true) == (s.n > 0), "* matches all that is known");
	if (s.n > 0 && str_chr(p, ',', 0) == SIZE_MAX && str_chr(p, '/', 0) == SIZE_MAX &&
	    str_chr(p, '\n', 0) == SIZE_MAX && p.n > 0 && p.p[0] > ' ' && p.p[p.n - 1] > ' ')
		FUZZ_CHECK(network_match(p, s, false) == plain_match(s, p, false), "network pattern %.*s", STR_ARG(p));
}

/* The C library on the same text. */
static bool
plain_addr(struct str s, struct addr *ret)
{
	char z[64];
	struct in_addr v4;
	char *zone;

	if (s.n == 0 || s.n >= sizeof(z) || memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	*ret = (struct addr){ .v6 = strchr(z, ':') != NULL };
	if (ret->v6) {
		zone = strchr(z, '%');
		if (zone != NULL)
			*zone = '\0';
		return inet_pton(AF_INET6, z, ret->b) == 1;
	}
	/* inet_aton() stops at a blank; an address is the whole text. */
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == ' ' || (s.p[i] >= '\t' && s.p[i] <= '\r'))
			return false;
	v4.s_addr = inet_addr(z);
	if (v4.s_addr == INADDR_NONE)
		return false;
	memcpy(ret->b, &v4.s_addr, 4);
	return true;
}

static bool
same_addr(const struct addr *a, const struct addr *b)
{
	return a->v6 == b->v6 && memcmp(a->b, b->b, a->v6 ? 16 : 4) == 0;
}

static void
check_addr(struct arena *a, struct str s)
{
	struct addr x, y;
	bool ok = addr_parse(s, &x), want = plain_addr(s, &y);
	bool none = ok && !x.v6 && memcmp(x.b, "\xff\xff\xff\xff", 4) == 0; /* inet_addr()'s word for a fault */

	FUZZ_CHECK(none || ok == want, "%.*s is %san address", STR_ARG(s), ok ? "" : "no ");
	if (!ok)
		return;
	FUZZ_CHECK(none || same_addr(&x, &y), "%.*s is %.*s", STR_ARG(s), STR_ARG(addr_text(a, &x)));
	FUZZ_CHECK(addr_parse(addr_text(a, &x), &y) && same_addr(&x, &y), "%.*s read again", STR_ARG(addr_text(a, &x)));
	FUZZ_CHECK(addr_in(&x, &x, x.v6 ? 128 : 32), "an address is in itself");
}

/* NET/BITS: no bit behind the mask; the net holds itself, and each wider net does. */
static void
check_cidr(struct arena *a, struct str s, struct str addr)
{
	struct addr net, x, y;
	unsigned bits;
	enum addr_cidr r = addr_cidr(s, &net, &bits);
	bool numeric = addr_parse(addr, &x);

	if (r == ADDR_CIDR_OK) {
		struct str text = arena_printf(a, "%.*s/%u", STR_ARG(addr_text(a, &net)), bits);
		unsigned again;

		FUZZ_CHECK(bits <= (net.v6 ? 128u : 32u) && addr_in(&net, &net, bits), "%u bits", bits);
		FUZZ_CHECK(addr_cidr(text, &y, &again) == ADDR_CIDR_OK && again == bits && same_addr(&net, &y), "%.*s",
		    STR_ARG(text));
		for (unsigned i = bits; numeric && i > 0 && addr_in(&x, &net, bits); i--)
			FUZZ_CHECK(addr_in(&x, &net, i - 1), "in /%u, not in /%u", bits, i - 1);
		FUZZ_CHECK(str_chr(s, ',', 0) != SIZE_MAX ||
			pattern_addr_list(addr, s) == (numeric && addr_in(&x, &net, bits)),
		    "list of one: %.*s", STR_ARG(s));
		FUZZ_CHECK(str_chr(s, ',', 0) != SIZE_MAX || (addr_list_ok(s, true) && addr_list_ok(s, false)),
		    "%.*s is a list", STR_ARG(s));
	}
	FUZZ_CHECK(r != ADDR_CIDR_BAD || str_chr(s, ',', 0) != SIZE_MAX || !addr_list_ok(s, false),
	    "a bad mask in a good list");
	FUZZ_CHECK(!addr_list_ok(s, true) || addr_list_ok(s, false), "good for CIDR only");
}

static int
plain_addr_list(struct str addr, struct str list)
{
	struct addr x, net;
	struct str part;
	size_t at = 0;
	bool negated;
	unsigned bits;
	int got = 0;

	if (!addr_parse(addr, &x))
		return 0;
	while (next_part(list, &at, &part, &negated)) {
		enum addr_cidr r = addr_cidr(part, &net, &bits);
		bool hit;

		if (part.n == 0 || r == ADDR_CIDR_BAD)
			return 0;
		hit = r == ADDR_CIDR_OK ? addr_in(&x, &net, bits) : plain_match(addr, part, false);
		if (hit && negated)
			return -1;
		got |= hit;
	}
	return got;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size), s, p = { "", 0 };
	struct arena a = { 0 };
	size_t lf = str_chr(in, '\n', 0);

	s = str_head(in, lf);
	if (lf != SIZE_MAX)
		p = str_from(in, lf + 1);
	if (s.n > TEXT_MAX || p.n > TEXT_MAX)
		return 0;
	check_patterns(s, p);
	check_addr(&a, s);
	check_addr(&a, p);
	check_cidr(&a, p, s);
	/* A comma at the end leaves an empty part behind it for sshd, none for the plain reading. */
	if (p.n == 0 || p.p[p.n - 1] != ',')
		FUZZ_CHECK(pattern_addr_list(s, p) == plain_addr_list(s, p), "list %.*s", STR_ARG(p));
	arena_release(&a);
	return 0;
}
