/* SPDX-License-Identifier: MIT */
/* Which drop-ins are not the administrator's. */
#include "conf/vendor.h"

bool
vendor_wrote(struct str path)
{
	static const char *const own[] = { "/50-cloud-init.conf", "/60-cloudimg-settings.conf", "/50-redhat.conf",
		"/40-redhat-crypto-policies.conf" };

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (str_ends(path, str_c(own[i])))
			return true;
	return false;
}
