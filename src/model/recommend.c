/* SPDX-License-Identifier: MIT */
/* The recommended interval and count: the search of the contract, 5.3. */
#include "model/clocks.h"

#include <math.h>

static const double ladder[] = { 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 300, 600 };
#define LADDER_N (sizeof(ladder) / sizeof(ladder[0]))

/* What OpenSSH does when nobody says otherwise: the count that a reader expects. */
#define USUAL_COUNT 3

enum { MEETS_MARGIN = 1, MEETS_NOTICE = 2, MEETS_OUTAGE = 4, MEETS_NOTICE_MAX = 8 };

struct aim {
	const struct policy *policy;
	struct qty timeout, R;
	double factor;
};

/* The targets that interval i (as written) and count n meet. */
static unsigned
meets(const struct aim *a, double i, long n)
{
	const struct policy *p = a->policy;
	double act = i * a->factor, T = a->timeout.v, lost;
	struct qty first = clock_notice_min(QTY(act), QTY(n), a->R), last = clock_notice_max(QTY(act), QTY(n), a->R);
	unsigned m = 0;

	lost = clock_outage_end(QTY(act), QTY(n), a->R).v;
	if (T / act >= p->margin)
		m |= MEETS_MARGIN;
	if (last.v <= p->notice_max_s) {
		m |= MEETS_NOTICE_MAX;
		if (first.v >= p->notice_min_s)
			m |= MEETS_NOTICE;
	}
	if (num_min(lost, T - act) >= p->outage_s)
		m |= MEETS_OUTAGE;
	return m;
}

/* No larger count changes what is met: every target has been passed, or the kernel gives up first. */
static long
count_limit(const struct aim *a, double i)
{
	const struct policy *p = a->policy;
	double want = num_max(p->notice_min_s, num_min(2 * p->outage_s + 1, p->outage_s + 120));
	double upto = a->R.v < want ? a->R.v : want;

	/* A day is the end of all patience, whatever a policy says. */
	return (long)num_max(num_ceil(num_min(upto, 86400) / (i * a->factor)) + 1, USUAL_COUNT);
}

/* Largest interval, and with it the smallest count (or the given one, n > 0), that meet what is wanted. */
static bool
search(const struct aim *a, unsigned want, long n, double *ret_i, long *ret_n)
{
	size_t k;
	long c, limit;

	for (k = LADDER_N; k-- > 0;) {
		limit = n > 0 ? n : count_limit(a, ladder[k]);
		for (c = n > 0 ? n : 1; c <= limit; c++) {
			if ((meets(a, ladder[k], c) & want) == want) {
				*ret_i = ladder[k];
				*ret_n = c;
				return true;
			}
		}
	}
	return false;
}

static const char *
missed_text(unsigned met)
{
	if ((met & MEETS_MARGIN) == 0)
		return "the smallest margin";
	if ((met & MEETS_NOTICE) == 0)
		return (met & MEETS_OUTAGE) != 0 ? "the notice band" : "the notice band and the outage to survive";
	return (met & MEETS_OUTAGE) != 0 ? "" : "the outage to survive";
}

void
recommend(const struct policy *p, struct qty path_timeout, struct qty R, double factor, double *ret_i, double *ret_n,
    const char **ret_missed)
{
	/* The usual count with everything; any count with everything; then outage and notice are given up, in turn. */
	static const struct {
		unsigned want;
		long n;
	} steps[] = {
		{ MEETS_MARGIN | MEETS_NOTICE | MEETS_OUTAGE, USUAL_COUNT },
		{ MEETS_MARGIN | MEETS_NOTICE | MEETS_OUTAGE, 0 },
		{ MEETS_MARGIN | MEETS_NOTICE, 0 },
		{ MEETS_MARGIN | MEETS_OUTAGE | MEETS_NOTICE_MAX, 0 },
		{ MEETS_MARGIN | MEETS_NOTICE_MAX, USUAL_COUNT },
		{ MEETS_MARGIN, USUAL_COUNT },
	};
	const struct aim a = {
		.policy = p,
		.timeout = path_timeout.known ? path_timeout : QTY(p->assumed_timeout_s),
		.R = R.known ? R : QTY_NEVER,
		.factor = factor,
	};
	double i;
	long n;
	size_t k;

	for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
		if (search(&a, steps[k].want, steps[k].n, &i, &n))
			break;
	}
	/* A path that forgets within two seconds: probe as often as can be, as long as the band asks. */
	if (k == sizeof(steps) / sizeof(steps[0])) {
		i = ladder[0];
		for (n = 1; n < count_limit(&a, i) && (meets(&a, i, n) & MEETS_NOTICE) == 0; n++)
			;
	}
	*ret_i = i;
	*ret_n = (double)n;
	*ret_missed = missed_text(meets(&a, i, n));
}
