/* SPDX-License-Identifier: MIT */
/*
 * One line of a sysctl.d file about a setting that bears on sessions, and what the kernel makes of it.  Source:
 * sysctl.d(5), sysctl(8); the ranges were tried on Linux 6 (net/ipv4/sysctl_net_ipv4.c has them, too).
 */
#ifndef MODEL_SYSCTL_H
#define MODEL_SYSCTL_H

#include <stdbool.h>

#include "base/str.h"
#include "detect/facts.h"

enum sysctl_problem { SYSCTL_FINE, SYSCTL_REFUSED /* the kernel takes no such value */, SYSCTL_MISSPELT };

struct sysctl_said {
	enum fact_id id; /* FACT_MAX_: none, the key is misspelt */
	enum sysctl_problem problem;
	bool known; /* num is what the kernel gets */
	double num;
	struct str key, value; /* as written */
	const char *meant;     /* the key of the table */
	double min, max;       /* that the kernel takes; max 0: any number */
};

/* False: the line sets none of these, or is no assignment. */
bool sysctl_line(struct str line, struct sysctl_said *ret);

#endif
