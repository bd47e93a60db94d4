/* SPDX-License-Identifier: MIT */
/* Sections of crafted ELF files: good ones of every kind, cut ones, and headers that lie. */
#define _XOPEN_SOURCE 700
#include "test_detect.h"

#include <fcntl.h>

#include "detect/elf.h"

enum { HEADER = 64, NAMES_AT = 64, NAMES_N = 32, DATA_AT = 96, DATA_N = 32, TABLE_AT = 128, FILE_N = 128 + 3 * 64 };

struct kind {
	bool wide, big;
};

static void
put(unsigned char *p, size_t at, size_t n, uint64_t v, bool big)
{
	for (size_t i = 0; i < n; i++)
		p[at + (big ? n - 1 - i : i)] = (unsigned char)(v >> (8 * i));
}

static void
put_section(unsigned char *p, struct kind k, size_t i, const uint64_t v[static 4])
{
	size_t at = TABLE_AT + i * (k.wide ? 64u : 40u), word = k.wide ? 8 : 4;

	put(p, at, 4, v[0], k.big);
	put(p, at + 4, 4, v[1], k.big);
	put(p, at + (k.wide ? 0x18 : 0x10), word, v[2], k.big);
	put(p, at + (k.wide ? 0x20 : 0x14), word, v[3], k.big);
}

/* Sections: the empty one, .rodata, the names. */
static void
craft(unsigned char p[static FILE_N], struct kind k, const char *data, size_t n)
{
	size_t word = k.wide ? 8 : 4;

	memset(p, 0, FILE_N);
	memcpy(p, "\177ELF", 4);
	p[4] = k.wide ? 2 : 1;
	p[5] = k.big ? 2 : 1;
	put(p, k.wide ? 0x28 : 0x20, word, TABLE_AT, k.big);
	put(p, k.wide ? 0x3a : 0x2e, 2, k.wide ? 64 : 40, k.big);
	put(p, k.wide ? 0x3c : 0x30, 2, 3, k.big);
	put(p, k.wide ? 0x3e : 0x32, 2, 2, k.big);
	memcpy(p + NAMES_AT, "\0.rodata\0.shstrtab", 19);
	memcpy(p + DATA_AT, data, n);
	put_section(p, k, 1, (const uint64_t[]){ 1, 1, DATA_AT, n });
	put_section(p, k, 2, (const uint64_t[]){ 9, 3, NAMES_AT, NAMES_N });
}

static bool
look(struct tree *t, const void *p, size_t n, uint64_t *off, uint64_t *len)
{
	int fd;
	bool found;

	tree_put_n(t, "/elf", p, n);
	fd = open(tree_path(t, "/elf"), O_RDONLY);
	assert_true(fd >= 0);
	found = elf_section(fd, ".rodata", off, len);
	(void)close(fd);
	return found;
}

static void
test_kinds(void **state)
{
	unsigned char p[FILE_N];

	for (unsigned i = 0; i < 4; i++) {
		uint64_t off = 0, n = 0;

		craft(p, (struct kind){ .wide = (i & 1) != 0, .big = (i & 2) != 0 }, "0123456789", 10);
		assert_true(look(*state, p, sizeof(p), &off, &n));
		t_eq_u64(off, DATA_AT);
		t_eq_u64(n, 10);
		put_section(p, (struct kind){ .wide = (i & 1) != 0, .big = (i & 2) != 0 }, 1,
		    (const uint64_t[]){ 1, 8, DATA_AT, 10 }); /* SHT_NOBITS: no bytes in the file */
		assert_false(look(*state, p, sizeof(p), &off, &n));
	}
}

static void
test_cut(void **state)
{
	unsigned char p[FILE_N];
	uint64_t off = 7, n = 7;

	craft(p, (struct kind){ .wide = true }, "x", 1);
	for (size_t i = 0; i < sizeof(p); i++) {
		assert_false(look(*state, p, i, &off, &n));
		assert_true(off == 7 && n == 7);
	}
}

/* Every byte of the headers takes hostile values; a place that is returned is only a claim, nothing is read there. */
static void
test_lies(void **state)
{
	static const unsigned char bad[] = { 0, 1, 2, 0x7f, 0x80, 0xff };
	struct kind k = { .wide = true };
	unsigned char p[FILE_N];
	uint64_t off, n;

	for (size_t i = 0; i < sizeof(p); i++)
		for (size_t b = 0; b < sizeof(bad); b++) {
			craft(p, k, "x", 1);
			p[i] = bad[b];
			(void)look(*state, p, sizeof(p), &off, &n);
		}
	craft(p, k, "x", 1);
	put(p, 0x28, 8, UINT64_MAX - 10, false); /* table at the end of all offsets */
	assert_false(look(*state, p, sizeof(p), &off, &n));
	craft(p, k, "x", 1);
	put(p, 0x3c, 2, 0xffff, false); /* more sections than there are */
	assert_false(look(*state, p, sizeof(p), &off, &n));
	craft(p, k, "x", 1);
	put(p, 0x3e, 2, 3, false); /* names in a section behind the last */
	assert_false(look(*state, p, sizeof(p), &off, &n));
	craft(p, k, "x", 1);
	put_section(p, k, 2, (const uint64_t[]){ 9, 3, NAMES_AT, UINT64_MAX }); /* endless names */
	assert_false(look(*state, p, sizeof(p), &off, &n));
	craft(p, k, "x", 1);
	put_section(p, k, 2, (const uint64_t[]){ 9, 3, NAMES_AT, 7 }); /* a name cut by the table's end */
	assert_false(look(*state, p, sizeof(p), &off, &n));
	craft(p, k, "x", 1);
	put_section(p, k, 1, (const uint64_t[]){ UINT32_MAX, 1, DATA_AT, 1 }); /* a name behind it */
	assert_false(look(*state, p, sizeof(p), &off, &n));
}

/* The version is read from .rodata; where that fails, from the file. */
static void
test_version(void **state)
{
	static const char newer[] = "OpenSSH_10.5p1";
	struct tree *t = *state;
	struct kind k = { .wide = true };
	unsigned char p[FILE_N + sizeof(newer)];

	craft(p, k, "\0OpenSSH_9.2p1", 15);
	memcpy(p + FILE_N, newer, sizeof(newer));
	tree_put_n(t, "/usr/bin/ssh", p, sizeof(p));
	tree_run(t);
	is_text(t, FACT_SSH_VERSION, "9.2p1");
	craft(p, k, "nothing", 8);
	tree_put_n(t, "/usr/bin/ssh", p, sizeof(p));
	tree_run(t);
	is_text(t, FACT_SSH_VERSION, "10.5p1");
	put_section(p, k, 1, (const uint64_t[]){ 1, 1, UINT64_MAX - 5, UINT64_MAX });
	tree_put_n(t, "/usr/bin/ssh", p, sizeof(p));
	tree_run(t);
	is_text(t, FACT_SSH_VERSION, "10.5p1");
}

/* A version string across the edge of two blocks is one string, wherever the edge falls. */
static void
test_blocks(void **state)
{
	enum { BLOCK = 32768, AROUND = 96 };
	static const char text[] = "OpenSSH_9.2p1 Debian-2+deb12u10";
	struct tree *t = *state;
	char *p = calloc(1, 2 * BLOCK);

	assert_non_null(p);
	for (size_t at = BLOCK - AROUND; at < BLOCK + 8; at += 3) {
		memset(p, 'O', 2 * BLOCK);
		memcpy(p + at, text, sizeof(text));
		tree_put_n(t, "/usr/bin/ssh", p, 2 * BLOCK);
		tree_run(t);
		is_text(t, FACT_SSH_VERSION, "9.2p1+debian");
	}
	free(p);
}

#define with_tree(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_kinds),
		with_tree(test_cut),
		with_tree(test_lies),
		with_tree(test_version),
		with_tree(test_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
