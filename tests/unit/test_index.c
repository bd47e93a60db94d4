/* SPDX-License-Identifier: MIT */
/* git's index: what is read of it, and what is refused. */
#include "tree/index.h"

#include <string.h>

#include "base/buf.h"
#include "t.h"

enum { SHA1 = 20 };

static void
be32_add(struct buf *b, uint32_t v)
{
	for (unsigned i = 4; i-- > 0;)
		buf_addch(b, (char)(v >> 8 * i & 255));
}

static void
zeros(struct buf *b, size_t n)
{
	while (n-- > 0)
		buf_addch(b, '\0');
}

static void
head(struct buf *b, uint32_t version, uint32_t n)
{
	buf_clear(b);
	buf_addc(b, "DIRC");
	be32_add(b, version);
	be32_add(b, n);
}

/* An entry of version 2, padded; or of version 4, which drops bytes (below 128) of the path before. */
static void
entry(struct buf *b, unsigned version, unsigned drop, const char *path)
{
	size_t from = b->n;

	zeros(b, 40 + SHA1 + 2);
	if (version == 4)
		buf_addch(b, (char)drop);
	buf_addc(b, path);
	if (version == 4)
		zeros(b, 1);
	else
		zeros(b, 8 - (b->n - from) % 8);
}

static void
extension(struct buf *b, const char *sign, uint32_t n)
{
	buf_addc(b, sign);
	be32_add(b, n);
	zeros(b, n);
}

static void
reads(void **state)
{
	struct arena a = { 0 };
	struct tracked t;
	struct buf b = { 0 };

	(void)state;
	for (unsigned version = 2; version <= 4; version += 2) {
		head(&b, version, 3);
		entry(&b, version, 0, "etc/ssh/ssh_config");
		entry(&b, version, 10, version == 4 ? "sshd_config" : "etc/ssh/sshd_config");
		entry(&b, version, 19, "x");
		extension(&b, "TREE", 5);
		extension(&b, "ZZZZ", 0);
		zeros(&b, SHA1);
		assert_true(tracked_parse(&a, buf_str(&b), &t));
		assert_int_equal(t.n, 3);
		assert_true(tracked_has(&t, STR("etc/ssh/sshd_config")));
		assert_false(tracked_has(&t, STR("etc/ssh/ssh")));
		assert_true(tracked_below(&t, STR("etc/ssh/")));
		assert_false(tracked_below(&t, STR("etc/s/")));
		head(&b, version, 1);
		entry(&b, version, 0, "a");
		zeros(&b, SHA1);
		for (size_t n = 0; n < b.n; n++)
			assert_false(tracked_parse(&a, str_head(buf_str(&b), n), &t));
		assert_int_equal(t.n, 0);
	}
	arena_release(&a);
	buf_release(&b);
}

static void
refuses_half_the_truth(void **state)
{
	static const char *const sign[] = { "link", "sdir", "zzzz" };
	struct arena a = { 0 };
	struct tracked t;
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof sign / sizeof *sign; i++) {
		head(&b, 2, 1);
		entry(&b, 2, 0, "a");
		extension(&b, "TREE", 3);
		extension(&b, sign[i], 20);
		zeros(&b, SHA1);
		assert_false(tracked_parse(&a, buf_str(&b), &t));
		assert_int_equal(t.n, 0);
	}
	/* an extension that is longer than the file */
	head(&b, 2, 1);
	entry(&b, 2, 0, "a");
	buf_addc(&b, "TREE");
	be32_add(&b, UINT32_MAX);
	zeros(&b, SHA1);
	assert_false(tracked_parse(&a, buf_str(&b), &t));
	arena_release(&a);
	buf_release(&b);
}

/* Version 4: each path is the one before and a byte; and paths of the longest length from few bytes each. */
static void
refuses_bombs(void **state)
{
	enum { N = 20000, LONG = 4000 };
	struct arena a = { 0 };
	struct tracked t;
	struct buf b = { 0 };
	char path[LONG + 1];

	(void)state;
	head(&b, 4, N);
	for (unsigned i = 0; i < N; i++)
		entry(&b, 4, 0, "a");
	zeros(&b, SHA1);
	assert_false(tracked_parse(&a, buf_str(&b), &t));
	memset(path, 'a', LONG);
	path[LONG] = '\0';
	head(&b, 4, N);
	entry(&b, 4, 0, path);
	for (unsigned i = 1; i < N; i++)
		entry(&b, 4, 0, "");
	zeros(&b, SHA1);
	assert_false(tracked_parse(&a, buf_str(&b), &t));
	/* neither took memory beyond its own size */
	assert_true(a.total < 32 * 1024 * 1024);
	/* a long path of its own is none of them */
	head(&b, 4, 2);
	entry(&b, 4, 0, path);
	entry(&b, 4, 1, "b");
	zeros(&b, SHA1);
	assert_true(tracked_parse(&a, buf_str(&b), &t));
	assert_int_equal(t.n, 2);
	arena_release(&a);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses_half_the_truth),
		cmocka_unit_test(refuses_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
