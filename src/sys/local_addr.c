/* SPDX-License-Identifier: MIT */
/* Addresses of this machine's interfaces that are up. */
#define _DEFAULT_SOURCE /* getifaddrs(3), IFF_UP */
#include "sys/local_addr.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static bool
add(struct arena *a, const struct ifaddrs *i, struct str *ret)
{
	char text[NI_MAXHOST];
	socklen_t n;

	if (i->ifa_addr == NULL || (i->ifa_flags & IFF_UP) == 0)
		return false;
	if (i->ifa_addr->sa_family == AF_INET)
		n = sizeof(struct sockaddr_in);
	else if (i->ifa_addr->sa_family == AF_INET6)
		n = sizeof(struct sockaddr_in6);
	else
		return false;
	if (getnameinfo(i->ifa_addr, n, text, sizeof text, NULL, 0, NI_NUMERICHOST) != 0)
		return false;
	/* a scope is no part of the address that a network is compared with */
	text[strcspn(text, "%")] = '\0';
	*ret = arena_str(a, str_c(text));
	return true;
}

bool
local_addr(struct arena *a, const struct str **ret, size_t *ret_n)
{
	struct ifaddrs *all = NULL;
	struct str *v;
	size_t n = 0;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		n++;
	v = ARENA_ARRAY(a, struct str, n + 1);
	n = 0;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		if (add(a, i, &v[n]))
			n++;
	freeifaddrs(all);
	*ret = v;
	*ret_n = n;
	return true;
}
