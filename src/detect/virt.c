/* SPDX-License-Identifier: MIT */
/*
 * What stands between this system and the hardware's network: WSL, a container engine, a hypervisor with its
 * own NAT, Kubernetes.  Marks: idle-timeouts 1.5.
 */
#include "detect/parts.h"

/* Does the file contain the text?  At most 64 KiB of it are looked at. */
static bool
file_has(const struct det *d, const char *path, const char *text)
{
	struct buf b = { .p = NULL };
	bool found;

	if (root_read_head(&d->root, path, 65536, &b, NULL) != SK_OK)
		return false;
	found = str_find(buf_str(&b), str_c(text)) != SIZE_MAX;
	buf_release(&b);
	return found;
}

static bool
cgroup_has(struct det *d, const char *text)
{
	struct buf b = { .p = NULL };

	if (!d->cgroup_read && root_read_head(&d->root, "/proc/1/cgroup", 65536, &b, NULL) == SK_OK) {
		d->cgroup = arena_str(d->a, buf_str(&b));
		buf_release(&b);
	}
	d->cgroup_read = true;
	return str_find(d->cgroup, str_c(text)) != SIZE_MAX;
}

/* The sign that this is a container, as a path; NULL when there is none. */
static const char *
container_sign(struct det *d)
{
	static const char *const file[] = { "/.dockerenv", "/run/.containerenv", "/run/systemd/container" };
	static const char *const word[] = { "/docker", "/kubepods", "/lxc", "/libpod",
		"/machine.slice/systemd-nspawn" };
	size_t i;

	for (i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		if (root_exists(&d->root, file[i]))
			return file[i];
	}
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		if (cgroup_has(d, word[i]))
			return "/proc/1/cgroup";
	}
	return NULL;
}

static bool
ifind(struct str s, struct str needle)
{
	size_t i;

	for (i = 0; i + needle.n <= s.n; i++) {
		if (str_istarts(str_from(s, i), needle))
			return true;
	}
	return false;
}

/* QEMU's and slirp4netns's user-mode network: 10.0.2.0/24 with the gateway 10.0.2.2. */
static bool
is_slirp(const struct det *d)
{
	struct str addr = d->f->v[FACT_SOURCE_ADDR].text;

	return d->f->v[FACT_SOURCE_ADDR].known && str_starts(addr, STR("10.0.2.")) && str_eqc(d->gateway, "10.0.2.2") &&
	    (str_eqc(det_signal_value(d, "dmi.sys_vendor"), "QEMU") || str_eqc(d->route_if, "tap0"));
}

/* The hypervisor by DMI, or NULL. */
static const char *
by_dmi(const struct det *d, const char **ret_path)
{
	struct str vendor = det_signal_value(d, "dmi.sys_vendor"), product = det_signal_value(d, "dmi.product_name");

	*ret_path = "/sys/class/dmi/id/product_name";
	if (str_eqc(product, "VirtualBox"))
		return "virtualbox";
	/* The vendor alone may be a Surface. */
	if (str_eqc(vendor, "Microsoft Corporation") && str_eqc(product, "Virtual Machine") &&
	    !det_is(d, FACT_CLOUD, "azure"))
		return "hyperv";
	*ret_path = "/sys/class/dmi/id/sys_vendor";
	if (str_starts(vendor, STR("VMware")))
		return "vmware";
	if (str_eqc(vendor, "QEMU"))
		return "qemu";
	if (str_eqc(vendor, "Xen"))
		return "xen";
	return NULL;
}

static void
det_kubernetes(struct det *d)
{
	static const char *const file[] = {
		"/run/secrets/kubernetes.io",
		"/var/run/secrets/kubernetes.io",
		"/etc/kubernetes/kubelet.conf",
		"/var/lib/kubelet/config.yaml",
		"/sys/class/net/kube-ipvs0",
	};
	size_t i;

	for (i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		if (root_exists(&d->root, file[i])) {
			det_num(d, FACT_KUBERNETES, 1, str_c(file[i]), 0);
			return;
		}
	}
	if (root_exists(&d->root, "/proc"))
		det_num(d, FACT_KUBERNETES, cgroup_has(d, "kubepods") ? 1 : 0, STR("/proc/1/cgroup"), 0);
	else
		det_unknown(d, FACT_KUBERNETES, STR("/proc"), "no /proc here");
}

void
det_virt(struct det *d)
{
	struct str release = { NULL, 0 }, version = { NULL, 0 };
	const char *sign = container_sign(d), *name, *path;

	(void)det_line(d, "/proc/sys/kernel/osrelease", &release, NULL);
	(void)det_line(d, "/proc/version", &version, NULL);
	if (release.n > 0)
		det_signal(d, "proc.osrelease", release, STR("/proc/sys/kernel/osrelease"));
	if (version.n > 0)
		det_signal(d, "proc.version", version, STR("/proc/version"));
	det_kubernetes(d);
	if (sign != NULL) {
		bool desktop = ifind(version, STR("linuxkit"));

		det_text(d, FACT_VIRT, desktop ? STR("docker-desktop") : STR("container"),
		    desktop ? STR("/proc/version") : str_c(sign), 0);
	} else if (ifind(release, STR("microsoft"))) {
		/* WSL 1 is a translation layer and says "Microsoft" alone; it has no network of its own. */
		det_text(d, FACT_VIRT, str_ends(release, STR("-Microsoft")) ? STR("wsl1") : STR("wsl2"),
		    STR("/proc/sys/kernel/osrelease"), 1);
	} else if (is_slirp(d)) {
		det_text(d, FACT_VIRT, STR("slirp"), d->f->v[FACT_SOURCE_ADDR].source, 0);
	} else if ((name = by_dmi(d, &path)) != NULL) {
		det_text(d, FACT_VIRT, str_c(name), str_c(path), 1);
	} else if (file_has(d, "/proc/cpuinfo", " hypervisor ")) {
		det_text(d, FACT_VIRT, STR("vm"), STR("/proc/cpuinfo"), 0);
	} else if (det_signal_value(d, "dmi.sys_vendor").n > 0) {
		det_text(d, FACT_VIRT, STR("none"), STR("/sys/class/dmi/id"), 0);
	} else {
		det_unknown(d, FACT_VIRT, STR("/sys/class/dmi/id"), "this kernel shows no DMI");
	}
}
