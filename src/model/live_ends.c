/* SPDX-License-Identifier: MIT */
/* When the kernel gives a connection up: the timers of Linux net/ipv4/tcp_timer.c, replayed from where they stand. */
#include "model/live.h"

#include <math.h>

/* <net/tcp.h>: TCP_RTO_MIN, and TCP_RTO_MAX, which tcp_rto_max_ms replaces since Linux 6.15. */
#define RTO_MIN 0.2
#define RTO_MAX 120.0

/*
 * Timers fire late: they are rounded up to the grain of their level of the wheel, eight times coarser from level to level,
 * and each is set when the one before has fired.  In jiffies of a kernel with 250 Hz (Debian, Ubuntu); with 1000 Hz the
 * grains fall elsewhere, and are of the same size.  Source: Linux kernel/time/timer.c, its first comment and LVL_START().
 */
#define JIFFY	      0.004
#define LEVEL_JIFFIES 63
#define LEVEL_TIMES   8
#define LEVELS	      8

/* More timers than any connection sees: tcp_retries2 is a byte. */
enum { TIMERS_MAX = 1024 };

/* A wait as it turns out on the average. */
static double
late(double wait)
{
	double grain = JIFFY, end = LEVEL_JIFFIES * JIFFY;

	for (int level = 0; level < LEVELS && wait >= end; level++) {
		grain *= LEVEL_TIMES;
		end *= LEVEL_TIMES;
	}
	return wait + grain / 2;
}

double
live_retrans_limit(double retries2, double rto_max_s)
{
	double wait = RTO_MIN, sum = RTO_MIN;
	int n = 0, all = (int)num_min(retries2, TIMERS_MAX);

	/* tcp_model_timeout(): doubled while the next wait still fits, the largest one from there on */
	for (; n < all && 2 * wait <= rto_max_s; n++) {
		wait *= 2;
		sum += wait;
	}
	return sum + (all - n) * rto_max_s;
}

static double
largest(const struct live_retrans *r)
{
	return r->rto_max_s > 0 ? r->rto_max_s : RTO_MAX;
}

/* The wait before it was doubled.  Once it has reached the largest one it no longer shows, but follows from the path. */
static double
first_wait(const struct live_retrans *r)
{
	double w = r->rto_s;

	if (w < largest(r)) {
		for (unsigned i = 0; i < r->backoff_n; i++)
			w /= 2;
		return w;
	}
	/* tcp_set_rto(): the smoothed round trip, and four deviations, which count as at least RTO_MIN */
	return r->rtt_s + num_max(4 * r->rttvar_s, RTO_MIN);
}

struct qty
live_retrans_ends(const struct live_retrans *r)
{
	double most = largest(r), limit, wait, elapsed = 0, t;

	if (r->retries2 < 0)
		return QTY_UNKNOWN("tcp_retries2 cannot be read");
	if (!(r->rto_s > 0) || !(r->next_s >= 0))
		return QTY_UNKNOWN("the kernel tells no retransmission timeout");
	/* what is told of the timer is when it should fire */
	t = r->next_s + late(r->rto_s) - r->rto_s;
	limit = live_retrans_limit(r->retries2, most);
	wait = first_wait(r);
	for (unsigned i = 0; i < r->backoff_n && i < TIMERS_MAX; i++) {
		wait = num_min(2 * wait, most);
		elapsed += late(wait);
	}
	if (r->n > 0 && r->since_s >= 0)
		elapsed = r->since_s + t;
	/* The first repeat is still to come, and with it the stamp that the limit counts from. */
	if (r->n == 0) {
		wait = num_min(2 * wait, most);
		t += late(wait);
		elapsed = late(wait);
	}
	for (int i = 0; elapsed < limit && i < TIMERS_MAX; i++) {
		wait = num_min(2 * wait, most);
		t += late(wait);
		elapsed += late(wait);
	}
	return QTY(t);
}

struct qty
live_probe_ends(unsigned sent, double next_s, const struct live_retrans *r)
{
	double most = largest(r), wait, t = next_s;

	if (r->retries2 < 0)
		return QTY_UNKNOWN("tcp_retries2 cannot be read");
	if (!(r->rto_s > 0) || !(t >= 0))
		return QTY_UNKNOWN("the kernel tells no retransmission timeout");
	/* tcp_probe0_when(): the base is not doubled in rto_s, which belongs to data */
	wait = num_max(r->rto_s, RTO_MIN);
	for (unsigned i = 0; i < r->backoff_n && i < TIMERS_MAX; i++)
		wait = num_min(2 * wait, most);
	for (unsigned i = sent; i < (unsigned)num_min(r->retries2, TIMERS_MAX); i++) {
		wait = num_min(2 * wait, most);
		t += late(wait);
	}
	return QTY(t);
}
