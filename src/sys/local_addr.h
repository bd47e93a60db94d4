/* SPDX-License-Identifier: MIT */
/* Addresses of this machine's interfaces that are up, for `Match localnetwork`. */
#ifndef SYS_LOCAL_ADDR_H
#define SYS_LOCAL_ADDR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

/* False when the system does not tell.  Source: readconf.c check_match_ifaddrs(). */
bool local_addr(struct arena *a, const struct str **ret, size_t *ret_n);

#endif
