/* SPDX-License-Identifier: MIT */
/* Network interfaces: which exist, and a VPN or a mobile link among those that are up. */
#define _GNU_SOURCE /* net/if.h flags with POSIX flags on the command line */
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "detect/parts.h"

/* Kinds of links: linux/if_arp.h ARPHRD_NONE (tun), ARPHRD_RAWIP (modems). */
enum { LINK_NONE = 65534, LINK_RAWIP = 519 };

struct iface {
	struct str name, devtype;
	uint64_t type;
	bool up, loopback, tun;
};

/* "wg0" and "wg" match "wg", "wgx" does not. */
static bool
name_is(struct str name, const char *prefix)
{
	struct str p = str_c(prefix), rest;

	if (!str_starts(name, p))
		return false;
	rest = str_from(name, p.n);
	return rest.n == 0 || (rest.p[0] >= '0' && rest.p[0] <= '9');
}

static bool
is_vpn(const struct iface *x)
{
	/* idle-timeouts 1.9 and the usual names of other clients */
	static const char *const name[] = { "tailscale", "wg", "tun", "utun", "cscotun", "gpd", "ipsec", "nordlynx" };
	size_t i;

	if (str_eqc(x->devtype, "wireguard") || (x->tun && x->type == LINK_NONE) || str_starts(x->name, STR("zt")))
		return true;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (name_is(x->name, name[i]))
			return true;
	}
	return false;
}

static bool
is_mobile(const struct iface *x)
{
	/* idle-timeouts 1.8; wwp... and wwx... are systemd's names for the same */
	static const char *const prefix[] = { "wwan", "rmnet", "wwp", "wwx" };
	size_t i;

	if (str_eqc(x->devtype, "wwan") || x->type == LINK_RAWIP || name_is(x->name, "usb"))
		return true;
	for (i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++) {
		if (str_starts(x->name, str_c(prefix[i])))
			return true;
	}
	return false;
}

/* A tunnel has no carrier and says "unknown" while it is up. */
static bool
is_operating(struct str operstate)
{
	return str_eqc(operstate, "up") || str_eqc(operstate, "unknown");
}

static struct str
devtype_of(struct str uevent)
{
	struct str line;
	uint32_t at = 0;

	while (det_next_line(&uevent, &line, &at)) {
		if (str_starts(line, STR("DEVTYPE=")))
			return str_from(line, 8);
	}
	return STR("");
}

static uint64_t
number(struct str s)
{
	uint64_t v = 0;
	size_t i;
	char c;

	if (!str_starts(s, STR("0x")))
		return num_uint(s, UINT32_MAX, &v, NULL) == SK_OK ? v : 0;
	for (i = 2; i < s.n && i < 10; i++) {
		c = s.p[i];
		if (c >= '0' && c <= '9')
			v = v * 16 + (uint64_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v * 16 + (uint64_t)((c | 32) - 'a') + 10;
		else
			return 0;
	}
	return v;
}

static struct str
attribute(struct det *d, struct str name, const char *what)
{
	struct str path = arena_printf(d->a, "/sys/class/net/%s/%s", name.p, what), text;

	return det_line(d, path.p, &text, NULL) == SK_OK ? text : STR("");
}

/*
 * Flags and kind from the kernel itself, a call each instead of a walk through sysfs for each attribute.  IFF_RUNNING
 * says what operstate "up" or "unknown" says.  Source: netdevice(7), dev_get_flags() in net/core/dev.c of Linux.
 */
static bool
ask_kernel(int fd, struct iface *x)
{
	struct ifreq r = { .ifr_flags = 0 };

	if (fd < 0 || x->name.n >= sizeof(r.ifr_name))
		return false;
	memcpy(r.ifr_name, x->name.p, x->name.n);
	if (ioctl(fd, SIOCGIFFLAGS, &r) != 0)
		return false;
	x->loopback = (r.ifr_flags & IFF_LOOPBACK) != 0;
	x->up = (r.ifr_flags & IFF_UP) != 0 && (r.ifr_flags & IFF_RUNNING) != 0;
	if (ioctl(fd, SIOCGIFHWADDR, &r) != 0)
		return false;
	x->type = r.ifr_hwaddr.sa_family;
	return true;
}

/* The same from files, which also tell of another machine's tree; of an interface that is down only what says so. */
static void
ask_files(struct det *d, struct iface *x)
{
	uint64_t flags = number(attribute(d, x->name, "flags"));

	x->loopback = (flags & IFF_LOOPBACK) != 0;
	x->up = (flags & IFF_UP) != 0 && !x->loopback && is_operating(attribute(d, x->name, "operstate"));
	if (x->up)
		x->type = number(attribute(d, x->name, "type"));
}

/* fd: a socket to ask the running kernel by, or -1. */
static struct iface
look_at(struct det *d, int fd, struct str name)
{
	struct iface x = { .name = name };

	if (!ask_kernel(fd, &x))
		ask_files(d, &x);
	x.up = x.up && !x.loopback;
	if (!x.up)
		return x;
	x.devtype = devtype_of(attribute(d, name, "uevent"));
	x.tun = x.type == LINK_NONE && attribute(d, name, "tun_flags").n > 0;
	return x;
}

/* A phone that shares its link shows by its gateway address (idle-timeouts 1.8, from memory there). */
static bool
is_phone(struct str gateway)
{
	return str_eqc(gateway, "172.20.10.1") || str_eqc(gateway, "192.168.42.129") ||
	    str_eqc(gateway, "192.168.43.1");
}

void
det_iface(struct det *d)
{
	struct str *name = NULL, vpn = STR("none"), mobile = STR("none");
	struct err e = { .code = SK_OK };
	struct iface x;
	size_t i, n = 0;
	int fd;

	if (root_list(&d->root, "/sys/class/net", d->a, &name, &n, &e) != SK_OK) {
		const char *why = arena_strz(d->a, str_c(e.msg));

		det_unknown(d, FACT_VPN, STR("/sys/class/net"), why);
		det_unknown(d, FACT_MOBILE, STR("/sys/class/net"), why);
		return;
	}
	fd = d->o->live ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	for (i = 0; i < n; i++) {
		det_signal(d, "iface", name[i], STR("/sys/class/net"));
		x = look_at(d, fd, name[i]);
		if (!x.up)
			continue;
		if (is_vpn(&x) && str_eqc(vpn, "none"))
			vpn = x.name;
		if (is_mobile(&x) && str_eqc(mobile, "none"))
			mobile = x.name;
		if (name_is(x.name, "ppp"))
			det_note(d, "%s is up: a modem, PPPoE or an SSL VPN; which one cannot be seen", x.name.p);
	}
	if (fd >= 0)
		(void)close(fd);
	det_text(d, FACT_VPN, vpn, STR("/sys/class/net"), 0);
	if (str_eqc(mobile, "none") && is_phone(d->gateway) && d->route_if.n > 0)
		det_text(d, FACT_MOBILE, d->route_if, STR("/proc/net/route"), 0);
	else
		det_text(d, FACT_MOBILE, mobile, STR("/sys/class/net"), 0);
}
