/* SPDX-License-Identifier: MIT */
/*
 * The cloud platform, from DMI.  Marks as in cloud-init's ds-identify; the byte order of an EC2 UUID is that
 * of SMBIOS 2.4 (first group swapped) or of older ones.
 */
#include "detect/parts.h"

enum match { IS, STARTS };

/* One mark is enough.  First row that fits. */
static const struct cloud_mark {
	const char *cloud, *key, *text;
	enum match match;
} mark[] = {
	{ "aws", "dmi.sys_vendor", "Amazon EC2", IS },
	{ "aws", "hypervisor.uuid", "ec2", STARTS },
	{ "azure", "dmi.chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", IS },
	{ "gcp", "dmi.product_name", "Google Compute Engine", IS },
	{ "gcp", "dmi.product_serial", "GoogleCloud-", STARTS },
	{ "oracle", "dmi.chassis_asset_tag", "OracleCloud.com", IS },
	{ "alibaba", "dmi.product_name", "Alibaba Cloud ECS", IS },
	{ "huawei", "dmi.chassis_asset_tag", "HUAWEICLOUD", IS },
	{ "opentelekom", "dmi.chassis_asset_tag", "OpenTelekomCloud", IS },
	{ "tencent", "dmi.sys_vendor", "Tencent Cloud", IS },
	{ "digitalocean", "dmi.sys_vendor", "DigitalOcean", IS },
	{ "hetzner", "dmi.sys_vendor", "Hetzner", IS },
	{ "vultr", "dmi.sys_vendor", "Vultr", IS },
	{ "scaleway", "dmi.sys_vendor", "Scaleway", IS },
	{ "linode", "dmi.sys_vendor", "Linode", IS },
	{ "linode", "dmi.sys_vendor", "Akamai", IS },
	{ "upcloud", "dmi.sys_vendor", "UpCloud", IS },
	{ "exoscale", "dmi.product_name", "Exoscale", STARTS },
	{ "cloudstack", "dmi.product_name", "CloudStack", STARTS },
	{ "cloudsigma", "dmi.product_name", "CloudSigma", STARTS },
};

/* Where each signal is read. */
static const struct {
	const char *key, *path;
} dmi[] = {
	{ "dmi.sys_vendor", "/sys/class/dmi/id/sys_vendor" },
	{ "dmi.product_name", "/sys/class/dmi/id/product_name" },
	{ "dmi.chassis_asset_tag", "/sys/class/dmi/id/chassis_asset_tag" },
	{ "dmi.product_uuid", "/sys/class/dmi/id/product_uuid" },     /* mode 0400 */
	{ "dmi.product_serial", "/sys/class/dmi/id/product_serial" }, /* mode 0400 */
	{ "hypervisor.uuid", "/sys/hypervisor/uuid" },
};

static const char *
path_of_key(const char *key)
{
	size_t i;

	for (i = 0; i < sizeof(dmi) / sizeof(dmi[0]); i++) {
		if (str_eqc(str_c(key), dmi[i].key))
			return dmi[i].path;
	}
	return "/sys/class/dmi/id";
}

/* "ec2..." or, with the first group's bytes swapped, "??????ec" whose third byte begins with 2. */
static bool
is_ec2_uuid(struct str uuid)
{
	struct str swapped = str_head(str_from(uuid, 4), 4);

	if (str_istarts(uuid, STR("ec2")))
		return true;
	return swapped.n == 4 && swapped.p[0] == '2' && str_ieqc(str_from(swapped, 2), "ec");
}

/*
 * One machine in two thousand has such a UUID by chance: a second sign (the hypervisor's name, or a serial
 * number that repeats the UUID) must agree.
 */
static bool
is_ec2_by_uuid(const struct det *d)
{
	struct str uuid = det_signal_value(d, "dmi.product_uuid");
	struct str vendor = det_signal_value(d, "dmi.sys_vendor");

	if (!is_ec2_uuid(uuid))
		return false;
	return str_eqc(vendor, "Xen") || str_istarts(vendor, STR("amazon")) ||
	    str_ieq(uuid, det_signal_value(d, "dmi.product_serial"));
}

void
det_cloud(struct det *d)
{
	const char *denied = NULL;
	struct err e = { .code = SK_OK };
	struct str value;
	bool any = false;
	enum sk_code code;
	size_t i;

	for (i = 0; i < sizeof(dmi) / sizeof(dmi[0]); i++) {
		code = det_line(d, dmi[i].path, &value, &e);
		if (code == SK_OK) {
			any = true;
			if (value.n > 0)
				det_signal(d, dmi[i].key, value, str_c(dmi[i].path));
		} else if (code != SK_ENOENT) {
			denied = dmi[i].path;
		}
	}
	if (!any) {
		det_unknown(d, FACT_CLOUD, STR("/sys/class/dmi/id"),
		    denied != NULL ? "DMI cannot be read" : "this kernel shows no DMI");
		return;
	}
	for (i = 0; i < sizeof(mark) / sizeof(mark[0]); i++) {
		value = det_signal_value(d, mark[i].key);
		if (mark[i].match == IS ? str_eqc(value, mark[i].text) : str_istarts(value, str_c(mark[i].text))) {
			det_text(d, FACT_CLOUD, str_c(mark[i].cloud), str_c(path_of_key(mark[i].key)), 1);
			return;
		}
	}
	if (is_ec2_by_uuid(d)) {
		det_text(d, FACT_CLOUD, STR("aws"), STR("/sys/class/dmi/id/product_uuid"), 1);
		return;
	}
	if (denied != NULL && str_eqc(det_signal_value(d, "dmi.sys_vendor"), "Xen"))
		det_unknown(d, FACT_CLOUD, str_c(denied), "on Xen only root may read which cloud this is");
	else
		det_text(d, FACT_CLOUD, STR("none"), STR("/sys/class/dmi/id"), 0);
}
