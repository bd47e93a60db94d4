/* SPDX-License-Identifier: MIT */
/*
 * What the parts of detect/ share: the run, and how a fact, a signal or a note is recorded.  Private to
 * detect/.  Each det_X() fills the facts of one concern and never fails.
 */
#ifndef DETECT_PARTS_H
#define DETECT_PARTS_H

#include "detect/detect.h"
#include "detect/root.h"

struct det {
	struct arena *a;
	const struct detect_opts *o;
	struct root root;
	struct facts *f;
	struct str route_if; /* interface of the default route; "" when there is none */
	struct str gateway;  /* its gateway; "" when there is none */
	struct str cgroup;   /* head of /proc/1/cgroup, once it was asked for */
	bool cgroup_read;
};

/* Record a fact.  source is kept, line 0 when it is not a text file. */
void det_num(struct det *d, enum fact_id id, double num, struct str source, uint32_t line);
void det_text(struct det *d, enum fact_id id, struct str text, struct str source, uint32_t line);
/* reason is kept as it is: static or arena text. */
void det_unknown(struct det *d, enum fact_id id, struct str source, const char *reason);
void det_signal(struct det *d, const char *key, struct str value, struct str source);
void det_note(struct det *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Is a fact known, and is it this text? */
bool det_is(const struct det *d, enum fact_id id, const char *text);
/* Value of the signal key, or "" when there is none. */
struct str det_signal_value(const struct det *d, const char *key);
/*
 * A one-line file (at most 4096 bytes), without blanks at its ends, in the arena.  "" when it cannot be
 * read; the code says why.
 */
enum sk_code det_line(struct det *d, const char *path, struct str *ret, struct err *e);
/* The next line of *rest without its newline; *line counts from 0.  False at the end. */
bool det_next_line(struct str *rest, struct str *ret, uint32_t *line);

void det_sysctl(struct det *d);
/* One sysctl file as fact id.  SK_ENOENT is left to the caller, all else is recorded. */
enum sk_code det_sysctl_file(struct det *d, enum fact_id id, const char *path);
void det_conntrack(struct det *d);
void det_cloud(struct det *d);
void det_virt(struct det *d);  /* after det_cloud and det_net */
void det_net(struct det *d);   /* after det_cloud */
void det_iface(struct det *d); /* after det_route */
void det_route(struct det *d);
void det_laptop(struct det *d);
void det_os(struct det *d);
void det_openssh(struct det *d);
void det_shell(struct det *d);
void det_logind(struct det *d);
void det_mux(struct det *d);
void det_netid(struct det *d); /* after det_net and det_virt */
/* facts.network: "IF via GATEWAY HARDWARE vpn VPN"; records are compared with it, so it never changes its form. */
struct str det_netid_text(struct arena *a, struct str ifname, struct str via, struct str hw, struct str vpn);

#endif
