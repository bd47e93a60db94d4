/* SPDX-License-Identifier: MIT */
/*
 * Addresses and the lists of them that Match lines hold.
 * Source: addr.c addr_pton_cidr(), addrmatch.c addr_match_list() and addr_match_cidr_list(); sshd_config(5) PATTERNS.
 */
#ifndef CONF_ADDR_H
#define CONF_ADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

struct addr {
	unsigned char b[16];
	bool v6;
};

/* A numeric address (IPv4 also in the short forms that inet_aton() takes; IPv6 without or with a zone). */
bool addr_parse(struct str s, struct addr *ret);
struct str addr_text(struct arena *a, const struct addr *addr); /* the standard form */
bool addr_in(const struct addr *a, const struct addr *net, unsigned bits);

enum addr_cidr { ADDR_CIDR_OK, ADDR_CIDR_NOT /* not an address: a wildcard */, ADDR_CIDR_BAD /* host bits, mask */ };
enum addr_cidr addr_cidr(struct str s, struct addr *ret, unsigned *ret_bits);

/* The list can be used: no empty part, no bad mask; cidr_only: no wildcards and no negation either. */
bool addr_list_ok(struct str list, bool cidr_only);

#endif
