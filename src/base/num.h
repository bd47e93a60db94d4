/* SPDX-License-Identifier: MIT */
/*
 * Quantities and their text.  A quantity is a number that may be unknown or infinite ("never").
 * Durations are in seconds.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct qty {
	bool known;
	double v;	    /* INFINITY = never; meaningful when known */
	const char *reason; /* why it is unknown; NULL when known; static or arena text */
};

#define QTY(x)		 ((struct qty){ .known = true, .v = (double)(x) })
#define QTY_NEVER	 ((struct qty){ .known = true, .v = INFINITY })
#define QTY_UNKNOWN(why) ((struct qty){ .known = false, .reason = (why) })

/* min and max: unknown if either is unknown, unless the known one decides (min with 0, max with never). */
struct qty qty_min(struct qty a, struct qty b);
struct qty qty_max(struct qty a, struct qty b);
struct qty qty_add(struct qty a, struct qty b);
struct qty qty_sub(struct qty a, struct qty b); /* x - never is -INFINITY, below every duration */
struct qty qty_mul(struct qty a, struct qty b); /* 0 x never is 0 */
struct qty qty_div(struct qty a, struct qty b); /* x / 0 is never; never / never is unknown */
bool qty_is_never(struct qty a);
/* Whole seconds, cut; -1 for never or unknown. */
int64_t qty_s(struct qty a);

/* Decimal digits only, no sign, no blanks, at most max. */
SK_CHECK enum sk_code num_uint(struct str s, uint64_t max, uint64_t *ret, struct err *e);
/*
 * Time as sshkeep's own options and INI files write it: "90", "350s", "5m", "1h30m", "2d", "1w"; "never" and
 * "none" give INFINITY.  Not OpenSSH's grammar (that is conf/value.h).
 */
SK_CHECK enum sk_code num_time(struct str s, double *ret_s, struct err *e);
/* "45 s", "5m50", "4m00", "2h05", "5 d": short, for tables and the timeline.  Never: "never". */
void num_fmt_short(struct buf *b, double s);
/* A finite number: "350", "0.5", "-3"; at most one decimal. */
void num_fmt(struct buf *b, double v);
/* "350 s", "7200 s", "432000 s": plain seconds, for sentences; at most one decimal; never: "never". */
void num_fmt_s(struct buf *b, double s);

/* floor(3), ceil(3), fmin(3), fmax(3) for all that is counted here: sshkeep needs nothing else of the mathematics library. */
static inline double
num_floor(double v)
{
	double whole;

	if (!(v > -9e15 && v < 9e15)) /* whole already, infinite or no number */
		return v;
	whole = (double)(int64_t)v;
	return whole > v ? whole - 1 : whole;
}

static inline double
num_ceil(double v)
{
	return -num_floor(-v);
}

static inline double
num_min(double a, double b)
{
	return a < b || isnan(b) ? a : b;
}

static inline double
num_max(double a, double b)
{
	return a > b || isnan(b) ? a : b;
}

#endif
