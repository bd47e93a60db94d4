/* SPDX-License-Identifier: MIT */
/* rules/policies.ini: targets, not settings (contract 5.3).  One section a policy. */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct policy {
	struct str name, about;
	double assumed_timeout_s; /* path timeout when nothing is known */
	double margin;		  /* smallest T / refresh */
	double notice_min_s, notice_max_s;
	double outage_s;
	double measured_for_s;	  /* how long a measurement counts */
};

struct policies {
	struct policy *v;
	size_t n, cap;
};

SK_CHECK enum sk_code policy_load(struct arena *a, struct policies *p, struct str file, struct str text,
    struct err *e);
const struct policy *policy_find(const struct policies *p, struct str name);

#endif
