/* SPDX-License-Identifier: MIT */
/* OpenSSH's times: one table of boundaries, judged by the releases between which the grammar changed. */
#include "conf/value.h"

#include "t.h"

#define BAD INT64_MIN
#define MAX INT64_C(2147483647)

/* The last release of each grammar, and the first of the next. */
static const int releases[] = { VER(7, 4), VER(7, 5), VER(8, 3), VER(8, 4), VER(8, 5), VER(9, 7), VER(9, 8), VER(10, 2),
	VER(10, 3), VER(10, 5) };
enum { COLUMNS = sizeof(releases) / sizeof(releases[0]) };

static const struct {
	const char *text;
	int64_t want[COLUMNS];
} rows[] = {
	/* 7.4, 7.5, 8.3, 8.4, 8.5, 9.7, 9.8, 10.2, 10.3, 10.5 */
	{ "0", { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	{ "90", { 90, 90, 90, 90, 90, 90, 90, 90, 90, 90 } },
	{ "010", { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10 } },
	{ "90s", { 90, 90, 90, 90, 90, 90, 90, 90, 90, 90 } },
	{ "5S", { 5, 5, 5, 5, 5, 5, 5, 5, 5, 5 } },
	{ "1m30", { 90, 1860, 1860, 90, 90, 90, 90, 90, 90, 90 } },
	{ "1m30s", { 90, 1860, 1860, 90, 90, 90, 90, 90, 90, 90 } },
	{ "1h30", { 3630, 111600, 111600, 3630, 3630, 3630, 3630, 3630, 3630, 3630 } },
	{ "1h1m", { 3660, 3660, 3660, 3660, 3660, 3660, 3660, 3660, 3660, 3660 } },
	{ "1m1m", { 120, 120, 120, 120, 120, 120, 120, 120, 120, 120 } },
	{ "1w2d3h4m5s", { 788645, 788940, 788940, 788645, 788645, 788645, 788645, 788645, 788645, 788645 } },
	{ "1s1s", { 2, 2, 2, 2, 2, 2, 2, 2, BAD, BAD } },
	{ "5s30", { 35, 35, 35, 35, 35, 35, 35, 35, BAD, BAD } },
	{ "1s1m", { 61, 61, 61, 61, 61, 61, 61, 61, 61, 61 } },
	{ "+15", { 15, 15, 15, 15, 15, 15, BAD, BAD, BAD, BAD } },
	{ "-0", { 0, 0, 0, 0, 0, 0, BAD, BAD, BAD, BAD } },
	{ "-5", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ " 15", { 15, 15, 15, 15, 15, 15, BAD, BAD, BAD, BAD } },
	{ "15 ", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "1h+5m", { 3900, 3900, 3900, 3900, 3900, 3900, BAD, BAD, BAD, BAD } },
	{ "1h 30m", { 5400, 5400, 5400, 5400, 5400, 5400, BAD, BAD, BAD, BAD } },
	{ "0.5", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 0, 0 } },
	{ "1.9s", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 1, 1 } },
	{ "1m1.5", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, 61, 61 } },
	{ "1.5m", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "1.", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "1.s", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "1e3", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "0x10", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "5x", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "5,", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "5ms", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "m", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "none", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "2147483647", { MAX, MAX, MAX, MAX, MAX, MAX, MAX, MAX, MAX, MAX } },
	{ "2147483648", { -MAX - 1, -MAX - 1, -MAX - 1, -MAX - 1, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "4294967297", { 1, 1, 1, 1, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "4294967295", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "2147483647s0", { MAX, MAX, MAX, MAX, MAX, MAX, MAX, MAX, BAD, BAD } },
	{ "2147483640s8", { -MAX - 1, -MAX - 1, -MAX - 1, -MAX - 1, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "35791394m7", { MAX, -2147483236, -2147483236, MAX, MAX, MAX, MAX, MAX, MAX, MAX } },
	{ "35791395m", { -2147483596, -2147483596, -2147483596, -2147483596, BAD, BAD, BAD, BAD, BAD, BAD } },
	{ "99999999999999999999", { BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD, BAD } },
};

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t r = 0; r < COLUMNS; r++) {
			struct ver v = { .n = releases[r], .debian = false };
			int64_t got = BAD;

			if (!value_time(str_c(rows[i].text), v, &got))
				got = BAD;
			if (got != rows[i].want[r])
				fail_msg("\"%s\" in %d: %" PRId64 ", not %" PRId64, rows[i].text, releases[r], got,
				    rows[i].want[r]);
		}
}

/* Text is bytes: a NUL or a byte that is not ASCII is no digit, blank or unit. */
static void
test_bytes(void **state)
{
	int64_t got = 7;

	(void)state;
	assert_false(value_time((struct str){ "5\0", 2 }, (struct ver){ .n = VER(9, 2), .debian = false }, &got));
	assert_false(value_time(STR("5\xb3"), (struct ver){ .n = VER(9, 2), .debian = false }, &got));
	assert_false(value_time(STR("\xc2\xa0"
				    "5"),
	    (struct ver){ .n = VER(9, 2), .debian = false }, &got));
	assert_false(value_time((struct str){ NULL, 0 }, (struct ver){ .n = VER(9, 2), .debian = false }, &got));
	t_eq_i64(got, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
