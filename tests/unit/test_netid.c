/* SPDX-License-Identifier: MIT */
/* The text that names a network: records on disk are compared with it, byte by byte. */
#include "t.h"

#include "detect/parts.h"

static void
test_text(void **state)
{
	static const struct {
		const char *ifname, *via, *hw, *vpn, *want;
	} row[] = {
		{ "eth0", "10.0.0.1", "02:00:00:00:00:01", "none", "eth0 via 10.0.0.1 02:00:00:00:00:01 vpn none" },
		{ "wlan0", "fe800000000000000000000000000001", "02:00:00:00:00:02", "none",
		    "wlan0 via fe800000000000000000000000000001 02:00:00:00:00:02 vpn none" },
		{ "ppp0", "", "", "wireguard", "ppp0 via link - vpn wireguard" },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		t_eq_str(
		    det_netid_text(&a, str_c(row[i].ifname), str_c(row[i].via), str_c(row[i].hw), str_c(row[i].vpn)),
		    row[i].want);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_text) };

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
