/* SPDX-License-Identifier: MIT */
/* The kernel's TCP timers, from /proc/sys. */
#include "detect/parts.h"

#include <limits.h>

enum sk_code
det_sysctl_file(struct det *d, enum fact_id id, const char *path)
{
	struct err e = { .code = SK_OK };
	enum sk_code code;
	struct str text;
	uint64_t n;

	code = det_line(d, path, &text, &e);
	if (code == SK_ENOENT)
		return code;
	if (code != SK_OK) {
		det_unknown(d, id, str_c(path), arena_strz(d->a, str_c(e.msg)));
	} else if (num_uint(text, INT_MAX, &n, NULL) != SK_OK) {
		/* The kernel writes nothing else: this is a broken copy, and no guess is made. */
		det_unknown(d, id, str_c(path), "not a number from 0 to 2147483647");
	} else if (fact_table[id].type == FACT_FLAG) {
		det_num(d, id, n != 0 ? 1 : 0, str_c(path), 1);
	} else {
		det_num(d, id, (double)n, str_c(path), 1);
	}
	return SK_OK;
}

void
det_sysctl(struct det *d)
{
	static const struct {
		enum fact_id id;
		const char *path;
	} row[] = {
		{ FACT_TCP_KEEPALIVE_TIME, "/proc/sys/net/ipv4/tcp_keepalive_time" },
		{ FACT_TCP_KEEPALIVE_INTVL, "/proc/sys/net/ipv4/tcp_keepalive_intvl" },
		{ FACT_TCP_KEEPALIVE_PROBES, "/proc/sys/net/ipv4/tcp_keepalive_probes" },
		{ FACT_TCP_RETRIES2, "/proc/sys/net/ipv4/tcp_retries2" },
		{ FACT_TCP_SYN_RETRIES, "/proc/sys/net/ipv4/tcp_syn_retries" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (det_sysctl_file(d, row[i].id, row[i].path) == SK_ENOENT)
			det_unknown(d, row[i].id, str_c(row[i].path), "no such file");
	}
}
