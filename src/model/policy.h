/* SPDX-License-Identifier: MIT */
/*
 * rules/policies.ini: targets, not settings (contract 5.3).  One section a policy; every key must be there.
 *
 *   [interactive]
 *   about           = people at a prompt
 *   assumed_timeout = 240s       ; path timeout when nothing is known
 *   margin          = 2          ; smallest path timeout / refresh
 *   notice          = 90s-300s   ; when an end shall notice that the other is gone
 *   outage          = 60s        ; interruption to survive
 *   measured_for    = 30d        ; how long a measurement counts
 */
#ifndef MODEL_POLICY_H
#define MODEL_POLICY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ini.h"
#include "base/str.h"

struct policy {
	struct str name, about;
	double assumed_timeout_s; /* path timeout when nothing is known */
	double margin;		  /* smallest T / refresh */
	double notice_min_s, notice_max_s;
	double outage_s;
	double measured_for_s; /* how long a measurement counts */
};

struct policies {
	struct policy *v;
	size_t n, cap;
};

/*
 * Add the policies of an INI text; a known name is replaced.  SK_ERULE with FILE:LINE on any fault, and the list
 * is then as before.  The list lives in a and moves when policies are added.
 */
SK_CHECK enum sk_code policy_load(struct arena *a, struct policies *p, struct str file, struct str text, struct err *e);
/* The same from a file that was read already and lives as long as a. */
SK_CHECK enum sk_code policy_load_ini(struct arena *a, struct policies *p, const struct ini *ini, struct err *e);
const struct policy *policy_find(const struct policies *p, struct str name);

#endif
