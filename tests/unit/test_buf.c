/* SPDX-License-Identifier: MIT */
/* base/buf: growth, the cap, and what file text looks like on a terminal. */
#include "base/buf.h"

#include "t.h"

static int
setup(void **state)
{
	*state = test_calloc(1, sizeof(struct buf));
	return *state == NULL;
}

static int
teardown(void **state)
{
	buf_release(*state);
	test_free(*state);
	return 0;
}

static void
test_empty(void **state)
{
	struct buf *b = *state;

	t_eq_u64(buf_str(b).n, 0);
	buf_add(b, (struct str){ 0 });
	buf_addc(b, NULL);
	buf_addn(b, 'x', 0);
	buf_addf(b, "%s", "");
	t_eq_str(buf_str(b), "");
	buf_clear(b);
	buf_release(b);
	buf_release(b);
}

static void
test_add(void **state)
{
	struct buf *b = *state;

	buf_add(b, STR("a\0b"));
	t_eq_u64(b->n, 3);
	assert_memory_equal(b->p, "a\0b", 4); /* terminated behind its end */
	buf_clear(b);
	buf_addc(b, "one");
	buf_addch(b, ' ');
	buf_addn(b, '-', 3);
	buf_addf(b, " %d %s", 7, "x");
	t_eq_str(buf_str(b), "one --- 7 x");
	assert_string_equal(b->p, "one --- 7 x");
	buf_clear(b);
	t_eq_u64(b->n, 0);
	assert_string_equal(b->p, "");
}

static void
test_grow(void **state)
{
	struct buf *b = *state;

	for (unsigned i = 0; i < 20000; i++)
		buf_addf(b, "%u,", i % 10);
	t_eq_u64(b->n, 40000);
	for (size_t i = 0; i < 20000; i++)
		if (b->p[2 * i] != (char)('0' + i % 10) || b->p[2 * i + 1] != ',')
			fail_msg("byte %zu is wrong", 2 * i);
	assert_false(b->toobig);
	buf_addf(b, "%0*d", 5000, 1); /* longer than any guess at a printf's length */
	t_eq_u64(b->n, 45000);
	assert_int_equal(b->p[44999], '1');
}

static void
test_cap(void **state)
{
	struct buf *b = *state;

	b->max = 5;
	buf_addc(b, "abcde");
	assert_false(b->toobig);
	buf_addch(b, 'f');
	assert_true(b->toobig);
	t_eq_str(buf_str(b), "abcde");
	buf_clear(b);
	assert_false(b->toobig);
	buf_addc(b, "abc");
	buf_addf(b, "%s", "def");
	buf_addn(b, 'x', SIZE_MAX);
	assert_true(b->toobig);
	t_eq_str(buf_str(b), "abc");
}

static void
test_escape(void **state)
{
	static const struct {
		const char *in;
		size_t n;
		const char *out;
	} row[] = {
#define ROW(in, out) { in, sizeof(in) - 1, out }
		ROW("plain ~ \\ text", "plain ~ \\ text"),
		ROW("a\0b", "a\\x00b"),
		ROW("\n\r\t\x1b[31m\x7f", "\\x0A\\x0D\\x09\\x1B[31m\\x7F"),
		ROW("\x9b"
		    "31m",
		    "\\x9B31m"), /* a CSI in one byte */
		ROW("\xc2\x9b"
		    "31m",
		    "\\xC2\\x9B31m"), /* the same C1 control as UTF-8 */
		ROW("\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91"),
		ROW("\xe2\x80\xae", "\\u{202E}"), /* right-to-left override */
		ROW("\xe2\x80\x8b", "\\u{200B}"), /* zero width space */
		ROW("\xef\xbb\xbf", "\\u{FEFF}"),
		ROW("\xe2\x81\xa6", "\\u{2066}"),
		ROW("\xc2\xad", "\\u{AD}"),	       /* soft hyphen */
		ROW("\xf3\xa0\x81\x81", "\\u{E0041}"), /* a tag character */
		ROW("\xc0\xaf", "\\xC0\\xAF"),	       /* overlong */
		ROW("\xe0\x80\x80", "\\xE0\\x80\\x80"),
		ROW("\xe0\x9f\xbf", "\\xE0\\x9F\\xBF"),
		ROW("\xf0\x8f\xbf\xbf", "\\xF0\\x8F\\xBF\\xBF"), /* overlong, three bytes */
		ROW("\xed\xa0\x80", "\\xED\\xA0\\x80"),		 /* surrogate */
		ROW("\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"), /* above U+10FFFF */
		ROW("\xc3", "\\xC3"),				 /* cut off */
		ROW("\xe2\x82", "\\xE2\\x82"),
		ROW("\xc3(", "\\xC3("),
		ROW("\xff\xfe", "\\xFF\\xFE"),
		/* what the logs of CI services take for commands; addresses and comments are none */
		ROW("::error x::", ":\\x3Aerror x::"),
		ROW("a ::add-mask::b", "a :\\x3Aadd-mask::b"),
		ROW("\xc2\xa0::Debug::", "\xc2\xa0:\\x3ADebug::"),
		ROW("::1 ::ffff:1.2.3.4 fe80::1 a::error std::string ::",
		    "::1 ::ffff:1.2.3.4 fe80::1 a::error std::string ::"),
		ROW("x##[error]y", "x#\\x23[error]y"),
		ROW("###vso[task]", "##\\x23vso[task]"),
		ROW("## [x] ##", "## [x] ##"),
#undef ROW
	};
	struct buf *b = *state;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_clear(b);
		buf_add_escaped(b, (struct str){ row[i].in, row[i].n });
		t_eq_str(buf_str(b), row[i].out);
	}
}

/* Whatever the bytes: nothing a terminal obeys comes out, and never a line feed. */
static void
test_escape_all(void **state)
{
	struct buf *b = *state;
	char two[2];

	for (unsigned x = 0; x < 256; x++)
		for (unsigned y = 0; y < 256; y++) {
			two[0] = (char)x;
			two[1] = (char)y;
			buf_clear(b);
			buf_add_escaped(b, (struct str){ two, 2 });
			assert_true(b->n >= 2 && b->n <= 8);
			for (size_t i = 0; i < b->n; i++)
				if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7f)
					fail_msg("%02x %02x let a control byte through", x, y);
		}
}

int
main(void)
{
	const struct CMUnitTest buf[] = {
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add, setup, teardown),
		cmocka_unit_test_setup_teardown(test_grow, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escape, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escape_all, setup, teardown),
	};

	return cmocka_run_group_tests(buf, NULL, NULL) != 0;
}
