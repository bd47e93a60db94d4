/* SPDX-License-Identifier: MIT */
/*
 * Fills struct facts from a tree (contract section 4).  Everything is opened below opts->root, so a fixture
 * tree can stand in for /proc, /sys and /etc.  Never sends a packet, never runs a program, never opens a
 * FIFO, device or socket.  What cannot be read is an unknown fact with the reason, never an error.
 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "detect/facts.h"

struct detect_opts {
	const char *root; /* "/" or a tree */
	const char *home; /* absolute path as seen inside root */
	bool live;	  /* root is this running machine: a UDP connect(2) and getifaddrs may be used */
	uint32_t uid;	  /* whose ControlMaster sockets and login shell */
};

/*
 * TMOUT as the text of one start file of a shell sets it, when the others do not: FACT_TMOUT of *ret, with file and line.  A value
 * that the shell computes, and a file that sets none, leave it unknown.
 */
void detect_tmout(struct arena *a, struct str file, struct str text, bool zsh, struct facts *ret);

void detect_all(struct arena *a, const struct detect_opts *o, struct facts *ret);

/* 10/8, 172.16/12, 192.168/16, 100.64/10, 169.254/16, fc00::/7, fe80::/10, loopback. */
enum addr_kind { ADDR_NOT, ADDR_PUBLIC, ADDR_PRIVATE, ADDR_CGNAT, ADDR_LINKLOCAL, ADDR_LOOPBACK, ADDR_ULA };
enum addr_kind detect_addr_kind(struct str literal);
/* Is there a NAT between source and target for certain?  private source and public target. */
bool detect_nat_between(struct str source, struct str target);

#endif
