/* SPDX-License-Identifier: MIT */
/* base/num: arithmetic with unknown and never, reading of numbers and times, and their text. */
#include "base/num.h"

#include "t.h"

#include <stdio.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct qty
no(void)
{
	return QTY_UNKNOWN("nobody knows");
}

static void
known(struct qty q, double want)
{
	assert_true(q.known);
	t_near(q.v, want, 1e-9);
}

static void
unknown(struct qty q)
{
	assert_false(q.known);
	assert_non_null(q.reason);
}

static void
test_min_max(void **state)
{
	(void)state;
	known(qty_min(QTY(3), QTY(2)), 2);
	known(qty_min(QTY(3), QTY_NEVER), 3);
	known(qty_min(QTY_NEVER, QTY_NEVER), INFINITY);
	known(qty_min(QTY(0), no()), 0);
	known(qty_min(no(), QTY(0)), 0);
	known(qty_min(QTY(0), QTY(-5)), -5);
	unknown(qty_min(QTY(3), no()));
	unknown(qty_min(no(), QTY_NEVER));
	known(qty_max(QTY(3), QTY(2)), 3);
	known(qty_max(no(), QTY_NEVER), INFINITY);
	known(qty_max(QTY_NEVER, no()), INFINITY);
	unknown(qty_max(no(), QTY(3)));
	unknown(qty_max(QTY(3), no()));
	/* a negative infinity is not "never" */
	known(qty_max(QTY(-INFINITY), QTY(0)), 0);
}

static void
test_arithmetic(void **state)
{
	(void)state;
	known(qty_add(QTY(1), QTY_NEVER), INFINITY);
	unknown(qty_add(QTY(1), no()));
	known(qty_sub(QTY(350), QTY(60)), 290);
	known(qty_sub(QTY_NEVER, QTY(60)), INFINITY);
	known(qty_sub(QTY(60), QTY_NEVER), -INFINITY);
	assert_false(qty_is_never(qty_sub(QTY(60), QTY_NEVER)));
	unknown(qty_sub(QTY_NEVER, QTY_NEVER));
	unknown(qty_add(QTY_NEVER, QTY(-INFINITY)));
	known(qty_mul(QTY(3), QTY(60)), 180);
	known(qty_mul(QTY(0), QTY_NEVER), 0);
	known(qty_mul(QTY_NEVER, QTY(0)), 0);
	known(qty_mul(QTY_NEVER, QTY(2)), INFINITY);
	unknown(qty_mul(no(), QTY(2)));
	known(qty_div(QTY(350), QTY(60)), 350.0 / 60);
	known(qty_div(QTY(350), QTY_NEVER), 0);
	known(qty_div(QTY(350), QTY(0)), INFINITY);
	known(qty_div(QTY_NEVER, QTY(2)), INFINITY);
	unknown(qty_div(QTY_NEVER, QTY_NEVER));
	unknown(qty_div(QTY(1), no()));
	/* the reason of the unknown one is kept, the left one's when both are */
	assert_string_equal(qty_add(QTY(1), no()).reason, "nobody knows");
	assert_string_equal(qty_sub(QTY_UNKNOWN("left"), no()).reason, "left");
}

static void
test_seconds(void **state)
{
	(void)state;
	t_eq_i64(qty_s(QTY(924.6)), 924);
	t_eq_i64(qty_s(QTY(0)), 0);
	t_eq_i64(qty_s(QTY_NEVER), -1);
	t_eq_i64(qty_s(no()), -1);
	t_eq_i64(qty_s(QTY(1e300)), INT64_MAX);
	t_eq_i64(qty_s(QTY(-INFINITY)), INT64_MIN);
	assert_true(qty_is_never(QTY_NEVER));
	assert_false(qty_is_never(QTY(1e300)));
	assert_false(qty_is_never(no()));
}

static void
test_uint(void **state)
{
	static const struct {
		const char *in;
		uint64_t max;
		bool ok;
		uint64_t want;
	} row[] = {
		{ "0", 0, true, 0 },
		{ "007", 9, true, 7 },
		{ "4294967295", UINT32_MAX, true, UINT32_MAX },
		{ "4294967296", UINT32_MAX, false, 0 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", 9, false, 0 },
		{ "-1", 9, false, 0 },
		{ "+1", 9, false, 0 },
		{ " 1", 9, false, 0 },
		{ "1 ", 9, false, 0 },
		{ "0x1", 9, false, 0 },
		{ "1.5", 9, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		uint64_t got = 4711;
		struct err e = { 0 };
		enum sk_code code = num_uint(str_c(row[i].in), row[i].max, &got, &e);

		t_eq_i64(code, row[i].ok ? SK_OK : SK_ESYNTAX);
		t_eq_u64(got, row[i].ok ? row[i].want : 4711); /* untouched on failure */
		t_eq_i64(e.code, code);
	}
	t_eq_i64(num_uint(STR("1\0"), 9, &(uint64_t){ 0 }, NULL), SK_ESYNTAX);
}

static void
test_time(void **state)
{
	static const struct {
		const char *in;
		double want; /* below 0: refused */
	} row[] = {
		{ "0", 0 },
		{ "90", 90 },
		{ "350s", 350 },
		{ "5m", 300 },
		{ "5M", 300 },
		{ "1h30m", 5400 },
		{ "1h30", 3630 },
		{ "2d", 172800 },
		{ "1w", 604800 },
		{ "1w2d3h4m5s", 788645 },
		{ " 90 ", 90 },
		{ "never", INFINITY },
		{ "none", INFINITY },
		{ "4294967295", 4294967295.0 },
		{ "4294967296", -1 },
		{ "", -1 },
		{ " ", -1 },
		{ "s", -1 },
		{ "5x", -1 },
		{ "-5", -1 },
		{ "5 m", -1 },
		{ "5mm", -1 },
		{ "1.5h", -1 },
		{ "Never", -1 },
		{ "never5", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(row); i++) {
		double got = -2;
		struct err e = { 0 };
		enum sk_code code = num_time(str_c(row[i].in), &got, &e);

		t_eq_i64(code, row[i].want < 0 ? SK_ESYNTAX : SK_OK);
		t_near(got, row[i].want < 0 ? -2 : row[i].want, 1e-9);
		t_eq_i64(e.code, code);
	}
}

static void
test_text(void **state)
{
	static const struct {
		double s;
		const char *shorter, *plain;
	} row[] = {
		{ 0, "0 s", "0 s" },
		{ 45, "45 s", "45 s" },
		{ 119.9, "119 s", "119.9 s" },
		{ 120, "2m00", "120 s" },
		{ 350, "5m50", "350 s" },
		{ 240, "4m00", "240 s" },
		{ 924.6, "15m24", "924.6 s" },
		{ 7199, "119m59", "7199 s" },
		{ 7200, "2h00", "7200 s" },
		{ 7500, "2h05", "7500 s" },
		{ 172799, "47h59", "172799 s" },
		{ 172800, "2 d", "172800 s" },
		{ 432000, "5 d", "432000 s" },
		{ INFINITY, "never", "never" },
		{ -INFINITY, "below 0 s", "below 0 s" },
	};
	struct buf *b = *state;

	for (size_t i = 0; i < COUNT(row); i++) {
		buf_clear(b);
		num_fmt_short(b, row[i].s);
		t_eq_str(buf_str(b), row[i].shorter);
		buf_clear(b);
		num_fmt_s(b, row[i].s);
		t_eq_str(buf_str(b), row[i].plain);
	}
	buf_clear(b);
	num_fmt_short(b, 1e300); /* no undefined conversion */
	assert_true(str_ends(buf_str(b), STR(" d")));
}

/* Numbers are what printf(3) makes of them. */
static void
test_number(void **state)
{
	static const double row[] = { 0, -0.0, 1, 9, 10, 240, 7200, 432000, 0.5, 0.04, 0.96, 1.25, -1, -3.5, 999999,
		1000000, 4294967296.0, 999999999999999.0, 1e15, 1e16, 1e300 };
	struct buf *b = *state;
	char text[400];

	for (size_t i = 0; i < COUNT(row); i++) {
		buf_clear(b);
		num_fmt(b, row[i]);
		(void)snprintf(text, sizeof(text), num_floor(row[i]) == row[i] ? "%.0f" : "%.1f", row[i]);
		t_eq_str(buf_str(b), text);
	}
}

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

/* As floor(3), ceil(3), fmin(3) and fmax(3) would. */
static void
test_mathematics(void **state)
{
	static const struct {
		double v, down, up;
	} row[] = { { 0, 0, 0 }, { 1.5, 1, 2 }, { -1.5, -2, -1 }, { 3, 3, 3 }, { -3, -3, -3 }, { 0.999, 0, 1 },
		{ 1e300, 1e300, 1e300 }, { -1e300, -1e300, -1e300 },
		{ 4503599627370495.5, 4503599627370495, 4503599627370496 } };

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_true(num_floor(row[i].v) == row[i].down && num_ceil(row[i].v) == row[i].up);
	assert_true(isinf(num_floor(INFINITY)) && num_ceil(-INFINITY) < 0 && isnan(num_floor(NAN)));
	assert_true(num_min(1, 2) == 1 && num_min(2, 1) == 1 && num_min(NAN, 1) == 1 && num_min(1, NAN) == 1);
	assert_true(num_max(1, 2) == 2 && num_max(2, 1) == 2 && num_max(NAN, 1) == 1 && num_max(1, NAN) == 1);
	assert_true(num_max(INFINITY - INFINITY, 0) == 0);
}

int
main(void)
{
	const struct CMUnitTest num[] = {
		cmocka_unit_test(test_mathematics),
		cmocka_unit_test(test_min_max),
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_uint),
		cmocka_unit_test(test_time),
		cmocka_unit_test_setup_teardown(test_text, setup, teardown),
		cmocka_unit_test_setup_teardown(test_number, setup, teardown),
	};

	return cmocka_run_group_tests(num, NULL, NULL) != 0;
}
