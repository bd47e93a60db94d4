/* SPDX-License-Identifier: MIT */
/* base/str: slices at their edges: empty, NULL, NUL inside, clamped, searched, split, compared, near each other. */
#include "base/str.h"

#include "base/utf8.h"
#include "t.h"

static void
test_cut(void **state)
{
	struct str s = STR("abc"), none = { 0 };

	(void)state;
	t_eq_str(str_c("x"), "x");
	t_eq_u64(str_c(NULL).n, 0);
	t_eq_str(str_from(s, 1), "bc");
	t_eq_u64(str_from(s, 3).n, 0);
	t_eq_u64(str_from(s, 99).n, 0);
	assert_ptr_equal(str_from(s, 99).p, s.p + 3);
	t_eq_u64(str_from(none, 5).n, 0);
	t_eq_str(str_head(s, 2), "ab");
	t_eq_str(str_head(s, SIZE_MAX), "abc");
	t_eq_u64(STR("a\0b").n, 3);
}

static void
test_trim(void **state)
{
	static const struct {
		const char *in, *out;
	} row[] = {
		{ "", "" },
		{ " ", "" },
		{ "\t\r\n ", "" },
		{ "a", "a" },
		{ " a b\t", "a b" },
		{ "a\r\n", "a" },
		{ "\va\f", "\va\f" },
		{ "\xc2\xa0x", "\xc2\xa0x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		t_eq_str(str_trim(str_c(row[i].in)), row[i].out);
	t_eq_u64(str_trim((struct str){ 0 }).n, 0);
}

static void
test_equal(void **state)
{
	struct str none = { 0 };

	(void)state;
	assert_true(str_eq(none, STR("")));
	assert_true(str_eqc(none, NULL));
	assert_false(str_eq(STR("a"), STR("A")));
	assert_false(str_eq(STR("a\0b"), STR("a\0c")));
	assert_false(str_eqc(STR("a\0b"), "a"));
	assert_true(str_ieq(STR("HostName"), STR("hostnamE")));
	assert_false(str_ieq(STR("a"), STR("ab")));
	/* Only ASCII has two cases: '@' and '`', and a byte of a UTF-8 letter, do not meet. */
	assert_false(str_ieqc(STR("@["), "`{"));
	assert_false(str_ieqc(STR("\xc3\x84"), "\xc3\xa4"));
}

static void
test_order(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_true(str_cmp(STR(""), STR("a")) < 0);
	t_eq_i64(str_cmp(STR("a\0"), STR("a\0")), 0);
	/* bytes, not chars: 0xff is the largest */
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	t_eq_i64(str_cmp((struct str){ 0 }, STR("")), 0);
	t_eq_i64(str_icmp(STR("Port"), STR("pORT")), 0);
	assert_true(str_icmp(STR("Port"), STR("ports")) < 0);
	assert_true(str_icmp(STR("b"), STR("A")) > 0);
	assert_true(str_icmp(STR("[") /* between the cases */, STR("A")) < 0);
	assert_true(str_icmp(STR("\xff"), STR("a")) > 0);
	t_eq_i64(str_icmp((struct str){ 0 }, STR("")), 0);
}

static void
test_ends(void **state)
{
	(void)state;
	assert_true(str_starts(STR("abc"), STR("ab")));
	assert_true(str_starts(STR("abc"), STR("")));
	assert_false(str_starts(STR("a"), STR("ab")));
	assert_true(str_ends(STR("abc"), STR("bc")));
	assert_true(str_ends(STR(""), STR("")));
	assert_false(str_ends(STR("c"), STR("bc")));
	assert_true(str_istarts(STR("MATCH all"), STR("match ")));
	assert_false(str_starts(STR("MATCH all"), STR("match ")));
}

static void
test_search(void **state)
{
	(void)state;
	t_eq_u64(str_chr(STR("a=b=c"), '=', 0), 1);
	t_eq_u64(str_chr(STR("a=b=c"), '=', 2), 3);
	t_eq_u64(str_chr(STR("a=b=c"), '=', 4), SIZE_MAX);
	t_eq_u64(str_chr(STR("abc"), 'a', 3), SIZE_MAX);
	t_eq_u64(str_chr((struct str){ 0 }, 'a', 0), SIZE_MAX);
	t_eq_u64(str_chr(STR("a\0b"), 'b', 0), 2);
	t_eq_u64(str_chr(STR("a\xff"), '\xff', 0), 1);
	t_eq_u64(str_find(STR("aaab"), STR("ab")), 2);
	t_eq_u64(str_find(STR("abab"), STR("abab")), 0);
	t_eq_u64(str_find(STR("aba"), STR("abab")), SIZE_MAX);
	t_eq_u64(str_find(STR("xab"), STR("abc")), SIZE_MAX);
	t_eq_u64(str_find(STR("x"), STR("")), 0);
	t_eq_u64(str_find((struct str){ 0 }, STR("a")), SIZE_MAX);
	t_eq_u64(str_find(STR("a\0bc"), STR("\0b")), 1);
}

static void
test_split(void **state)
{
	static const struct {
		const char *in, *part[4];
		size_t n;
	} row[] = {
		{ "", { "" }, 1 },
		{ "a", { "a" }, 1 },
		{ "a,b", { "a", "b" }, 2 },
		{ "a,", { "a", "" }, 2 },
		{ ",", { "", "" }, 2 },
		{ ",a,,", { "", "a", "", "" }, 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct str rest = str_c(row[i].in), part;
		size_t n = 0;

		while (str_split(&rest, ',', &part)) {
			assert_true(n < row[i].n);
			t_eq_str(part, row[i].part[n++]);
		}
		t_eq_u64(n, row[i].n);
		assert_null(rest.p);
	}
}

static void
test_hash(void **state)
{
	(void)state;
	/* published vectors of FNV-1a, 64 bits */
	t_eq_u64(str_hash(STR("")), UINT64_C(0xcbf29ce484222325));
	t_eq_u64(str_hash(STR("a")), UINT64_C(0xaf63dc4c8601ec8c));
	t_eq_u64(str_hash(STR("foobar")), UINT64_C(0x85944171f73967e8));
}

static void
test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned limit, want;
	} row[] = {
		{ "", "", 0, 0 },
		{ "", "ab", 2, 2 },
		{ "ServerAliveInterval", "serveraliveinterval", 2, 0 },
		{ "ServerAliveInterval", "ServerAliveIntervall", 2, 1 },
		{ "ServerAliveInterval", "ServerAliveIntevral", 2, 1 },
		{ "ServerAliveInterval", "ServerAliveIntrval", 2, 1 },
		{ "ServerAliveInterval", "ServerAliveInterbal", 2, 1 },
		{ "ServerAliveInterval", "ClientAliveInterval", 2, 3 },
		{ "ServerAliveInterval", "ClientAliveInterval", 6, 6 },
		{ "ab", "ba", 3, 1 },
		{ "abcd", "badc", 3, 2 },
		{ "abc", "xyz", 1, 2 },
		{ "a", "abcdef", 2, 3 },
	};
	char longest[200];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		t_eq_u64(str_distance(str_c(row[i].a), str_c(row[i].b), row[i].limit), row[i].want);
		t_eq_u64(str_distance(str_c(row[i].b), str_c(row[i].a), row[i].limit), row[i].want);
	}
	/* a keyword of hostile length is far from everything, and overruns nothing */
	memset(longest, 'a', sizeof(longest));
	t_eq_u64(str_distance((struct str){ longest, 96 }, (struct str){ longest, 96 }, 2), 0);
	t_eq_u64(str_distance((struct str){ longest, 97 }, (struct str){ longest, 97 }, 2), 3);
	t_eq_u64(str_distance((struct str){ longest, 97 }, (struct str){ longest, 96 }, 2), 3);
	t_eq_u64(str_distance((struct str){ longest, 200 }, STR("a"), 2), 3);
}

/* Cut ahead of a whole character; what is no UTF-8 loses three bytes at most. */
static void
test_utf8_head(void **state)
{
	static const struct {
		struct str s;
		size_t n, want;
	} row[] = {
		{ { "abc", 3 }, 5, 3 },
		{ { "abc", 3 }, 3, 3 },
		{ { "abc", 3 }, 2, 2 },
		{ { "abc", 3 }, 0, 0 },
		{ { "", 0 }, 0, 0 },
		{ { "a\303\244b", 4 }, 2, 1 },
		{ { "a\303\244b", 4 }, 3, 3 },
		{ { "\360\237\230\200", 4 }, 3, 0 },
		{ { "x\360\237\230\200y", 6 }, 4, 1 },
		{ { "\200\200\200\200\200\200\200\200", 8 }, 6, 3 },
		{ { "\200\200\200", 3 }, 2, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		t_eq_u64(utf8_head(row[i].s, row[i].n).n, row[i].want);
}

static void
test_is_blank(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++)
		assert_int_equal(str_is_blank((char)c), c == ' ' || c == '\t' || c == '\r' || c == '\f');
}

int
main(void)
{
	const struct CMUnitTest str[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_search),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_utf8_head),
		cmocka_unit_test(test_is_blank),
	};

	return cmocka_run_group_tests(str, NULL, NULL) != 0;
}
