/* SPDX-License-Identifier: MIT */
/* The section headers of an ELF file. */
#define _XOPEN_SOURCE 700 /* pread(2) */
#include "detect/elf.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	IDENT_CLASS = 4,
	IDENT_DATA = 5,
	CLASS_64 = 2,
	DATA_BIG = 2,
	TYPE_NOBITS = 8,
	HEADER_MAX = 64,
	SECTIONS_MAX = 128, /* programs have about 30 */
	NAMES_MAX = 2048,
};

/* Where a field stands in the header of the file or of a section, and its bytes. */
struct field {
	unsigned char at, n;
};
struct layout {
	struct field shoff, shentsize, shnum, shstrndx; /* file header */
	struct field name, type, off, size;		/* section header */
	unsigned char header, section;			/* their sizes */
};
static const struct layout layout32 = {
	.shoff = { 0x20, 4 },
	.shentsize = { 0x2e, 2 },
	.shnum = { 0x30, 2 },
	.shstrndx = { 0x32, 2 },
	.name = { 0, 4 },
	.type = { 4, 4 },
	.off = { 0x10, 4 },
	.size = { 0x14, 4 },
	.header = 52,
	.section = 40,
};
static const struct layout layout64 = {
	.shoff = { 0x28, 8 },
	.shentsize = { 0x3a, 2 },
	.shnum = { 0x3c, 2 },
	.shstrndx = { 0x3e, 2 },
	.name = { 0, 4 },
	.type = { 4, 4 },
	.off = { 0x18, 8 },
	.size = { 0x20, 8 },
	.header = 64,
	.section = 64,
};

/* Exactly n bytes at off. */
static bool
read_at(int fd, uint64_t off, unsigned char *to, size_t n)
{
	size_t have = 0;

	if (off > INT64_MAX - n)
		return false;
	while (have < n) {
		ssize_t got = pread(fd, to + have, n - have, (off_t)(off + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	return true;
}

static uint64_t
value(const unsigned char *p, struct field f, bool big)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < f.n; i++)
		v = v << 8 | p[f.at + (big ? i : f.n - 1u - i)];
	return v;
}

/* Is the text at off of the name table, of n bytes, this name? */
static bool
is_name(const unsigned char *table, uint64_t n, uint64_t off, const char *name)
{
	size_t len = strlen(name) + 1;

	return off < n && len <= n - off && memcmp(table + off, name, len) == 0;
}

bool
elf_section(int fd, const char *name, uint64_t *ret_off, uint64_t *ret_n)
{
	unsigned char header[HEADER_MAX], section[SECTIONS_MAX * HEADER_MAX], names[NAMES_MAX];
	const struct layout *l;
	const unsigned char *s;
	uint64_t n, strings, names_n;
	bool big;

	if (!read_at(fd, 0, header, layout32.header) || memcmp(header, "\177ELF", 4) != 0)
		return false;
	l = header[IDENT_CLASS] == CLASS_64 ? &layout64 : &layout32;
	big = header[IDENT_DATA] == DATA_BIG;
	if (!read_at(fd, 0, header, l->header))
		return false;
	n = value(header, l->shnum, big);
	strings = value(header, l->shstrndx, big);
	if (value(header, l->shentsize, big) != l->section || n > SECTIONS_MAX || strings >= n ||
	    !read_at(fd, value(header, l->shoff, big), section, n * l->section))
		return false;
	s = section + strings * l->section;
	names_n = value(s, l->size, big);
	if (names_n > NAMES_MAX || !read_at(fd, value(s, l->off, big), names, names_n))
		return false;
	for (uint64_t i = 0; i < n; i++) {
		s = section + i * l->section;
		if (value(s, l->type, big) == TYPE_NOBITS || !is_name(names, names_n, value(s, l->name, big), name))
			continue;
		*ret_off = value(s, l->off, big);
		*ret_n = value(s, l->size, big);
		return true;
	}
	return false;
}
