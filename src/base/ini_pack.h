/* SPDX-License-Identifier: MIT */
/*
 * INI files that were read when the program was built (tools/embed.c): their texts lie in one pool and are named by
 * their place in it, so that the tables hold no pointers and cost nothing at start.
 */
#ifndef BASE_INI_PACK_H
#define BASE_INI_PACK_H

#include "base/ini.h"

struct ini_pack_entry {
	uint32_t key, value, value_n; /* places in the pool, and the length of value */
	uint16_t key_n, line;
};

struct ini_pack_section {
	uint32_t name, first; /* first: of its entries */
	uint16_t name_n, n, line;
};

struct ini_pack {
	const char *file; /* base name */
	const unsigned char *pool;
	const struct ini_pack_section *section;
	const struct ini_pack_entry *entry;
	size_t n; /* sections */
};

/* Texts borrow from the pack, which is static; only arrays are made in a. */
struct str ini_pack_name(const struct ini_pack *p, size_t section);
void ini_unpack_section(struct arena *a, const struct ini_pack *p, size_t section, struct ini_section *ret);
void ini_unpack(struct arena *a, const struct ini_pack *p, struct ini *ret);
/* The value of key (exact case) in a section; "" when it is not there. */
struct str ini_pack_get(const struct ini_pack *p, size_t section, struct str key);

#endif
