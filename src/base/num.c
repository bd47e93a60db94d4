/* SPDX-License-Identifier: MIT */
/* Quantities that may be unknown or never, and their text. */
#include "base/num.h"

#include <inttypes.h>

static struct qty
unknown_of(struct qty a, struct qty b)
{
	return a.known ? b : a;
}

struct qty
qty_min(struct qty a, struct qty b)
{
	if (a.known && b.known)
		return b.v < a.v ? b : a;
	/* No duration is below zero, so a zero decides whatever the other one is. */
	if (a.known && a.v <= 0)
		return a;
	if (b.known && b.v <= 0)
		return b;
	return unknown_of(a, b);
}

struct qty
qty_max(struct qty a, struct qty b)
{
	if (qty_is_never(a) || qty_is_never(b))
		return QTY_NEVER;
	if (!a.known || !b.known)
		return unknown_of(a, b);
	return b.v > a.v ? b : a;
}

struct qty
qty_add(struct qty a, struct qty b)
{
	if (!a.known || !b.known)
		return unknown_of(a, b);
	if (isinf(a.v) && isinf(b.v) && (a.v > 0) != (b.v > 0))
		return QTY_UNKNOWN("never minus never");
	return QTY(a.v + b.v);
}

struct qty
qty_sub(struct qty a, struct qty b)
{
	if (!a.known || !b.known)
		return unknown_of(a, b);
	if (isinf(a.v) && isinf(b.v))
		return QTY_UNKNOWN("never minus never");
	return QTY(a.v - b.v);
}

struct qty
qty_mul(struct qty a, struct qty b)
{
	if (!a.known || !b.known)
		return unknown_of(a, b);
	if (a.v == 0 || b.v == 0)
		return QTY(0);
	return QTY(a.v * b.v);
}

struct qty
qty_div(struct qty a, struct qty b)
{
	if (!a.known || !b.known)
		return unknown_of(a, b);
	if (isinf(a.v) && isinf(b.v))
		return QTY_UNKNOWN("never divided by never");
	if (b.v == 0)
		return QTY_NEVER;
	return QTY(a.v / b.v);
}

bool
qty_is_never(struct qty a)
{
	return a.known && isinf(a.v) && a.v > 0;
}

int64_t
qty_s(struct qty a)
{
	if (!a.known || qty_is_never(a) || isnan(a.v))
		return -1;
	return a.v >= 9e18 ? INT64_MAX : a.v <= -9e18 ? INT64_MIN : (int64_t)a.v;
}

enum sk_code
num_uint(struct str s, uint64_t max, uint64_t *ret, struct err *e)
{
	uint64_t v = 0;

	if (s.n == 0)
		return err_set(e, SK_ESYNTAX, "a number is missing");
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit;

		if (s.p[i] < '0' || s.p[i] > '9')
			return err_set(e, SK_ESYNTAX, "not a number");
		digit = (uint64_t)(s.p[i] - '0');
		if (v > (UINT64_MAX - digit) / 10 || v * 10 + digit > max)
			return err_set(e, SK_ESYNTAX, "number too large");
		v = v * 10 + digit;
	}
	*ret = v;
	return SK_OK;
}

static double
unit_s(char c)
{
	switch (c) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

enum sk_code
num_time(struct str s, double *ret_s, struct err *e)
{
	double sum = 0;
	size_t i = 0;

	s = str_trim(s);
	if (str_eqc(s, "never") || str_eqc(s, "none")) {
		*ret_s = INFINITY;
		return SK_OK;
	}
	if (s.n == 0)
		return err_set(e, SK_ESYNTAX, "a time is missing");
	while (i < s.n) {
		uint64_t n = 0;
		double unit = 1;
		size_t from = i;

		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9')
			i++;
		if (num_uint(str_head(str_from(s, from), i - from), UINT32_MAX, &n, NULL) != SK_OK)
			return err_set(e, SK_ESYNTAX, "not a time (90, 350s, 5m, 1h30m, never)");
		if (i < s.n) {
			unit = unit_s(str_lower(s.p[i]));
			i++;
		}
		if (unit == 0)
			return err_set(e, SK_ESYNTAX, "not a time (90, 350s, 5m, 1h30m, never)");
		sum += (double)n * unit;
	}
	*ret_s = sum;
	return SK_OK;
}

void
num_fmt_short(struct buf *b, double s)
{
	int64_t n;

	if (isinf(s) || isnan(s)) {
		num_fmt_s(b, s);
		return;
	}
	n = qty_s(QTY(s));
	if (n < 120)
		buf_addf(b, "%" PRId64 " s", n);
	else if (n < 7200)
		buf_addf(b, "%" PRId64 "m%02" PRId64, n / 60, n % 60);
	else if (n < 48 * 3600)
		buf_addf(b, "%" PRId64 "h%02" PRId64, n / 3600, n % 3600 / 60);
	else
		buf_addf(b, "%" PRId64 " d", n / 86400);
}

void
num_fmt(struct buf *b, double v)
{
	char digit[16];
	size_t at = sizeof(digit);
	bool whole = v == num_floor(v);

	if (!whole || v < 1 || v >= 1e15) {
		buf_addf(b, whole ? "%.0f" : "%.1f", v);
		return;
	}
	/* printf(3) takes 4,000 instructions for a double */
	for (uint64_t n = (uint64_t)v; n > 0; n /= 10)
		digit[--at] = (char)('0' + n % 10);
	buf_add(b, (struct str){ digit + at, sizeof(digit) - at });
}

void
num_fmt_s(struct buf *b, double s)
{
	if (isnan(s))
		buf_addc(b, "unknown");
	else if (isinf(s))
		buf_addc(b, s > 0 ? "never" : "below 0 s"); /* what a subtraction of never leaves */
	else {
		num_fmt(b, s);
		buf_addc(b, " s");
	}
}
