/* SPDX-License-Identifier: MIT */
/* Whether this machine runs on a battery: one that sleeps loses its sessions. */
#include "detect/parts.h"

static const char dir[] = "/sys/class/power_supply";

void
det_laptop(struct det *d)
{
	struct str *name = NULL, text, path;
	struct err e = { .code = SK_OK };
	enum sk_code code;
	size_t i, n = 0;

	code = root_list(&d->root, dir, d->a, &name, &n, &e);
	/* A kernel with /sys and without that class knows no batteries. */
	if (code != SK_OK && !(code == SK_ENOENT && root_exists(&d->root, "/sys/class"))) {
		det_unknown(d, FACT_LAPTOP, str_c(dir), arena_strz(d->a, str_c(e.msg)));
		return;
	}
	for (i = 0; i < n; i++) {
		path = arena_printf(d->a, "%s/%s/type", dir, name[i].p);
		if (det_line(d, path.p, &text, NULL) != SK_OK || !str_eqc(text, "Battery"))
			continue;
		/* The battery of a mouse or headset has the scope "Device". */
		if (det_line(d, arena_printf(d->a, "%s/%s/scope", dir, name[i].p).p, &text, NULL) == SK_OK &&
		    str_eqc(text, "Device"))
			continue;
		det_num(d, FACT_LAPTOP, 1, path, 1);
		return;
	}
	det_num(d, FACT_LAPTOP, 0, str_c(dir), 0);
}
