/* SPDX-License-Identifier: MIT */
/* Kinds of addresses, NAT between two, names of facts. */
#include "t.h"

#include "detect/detect.h"

static void
test_kind(void **state)
{
	static const struct {
		const char *text;
		enum addr_kind kind;
	} row[] = {
		{ "9.255.255.255", ADDR_PUBLIC },
		{ "10.0.0.0", ADDR_PRIVATE },
		{ "10.255.255.255", ADDR_PRIVATE },
		{ "11.0.0.0", ADDR_PUBLIC },
		{ "172.15.255.255", ADDR_PUBLIC },
		{ "172.16.0.0", ADDR_PRIVATE },
		{ "172.31.255.255", ADDR_PRIVATE },
		{ "172.32.0.0", ADDR_PUBLIC },
		{ "192.167.255.255", ADDR_PUBLIC },
		{ "192.168.0.0", ADDR_PRIVATE },
		{ "192.169.0.0", ADDR_PUBLIC },
		{ "100.63.255.255", ADDR_PUBLIC },
		{ "100.64.0.0", ADDR_CGNAT },
		{ "100.127.255.255", ADDR_CGNAT },
		{ "100.192.0.1", ADDR_PUBLIC },
		{ "100.128.0.0", ADDR_PUBLIC },
		{ "169.253.0.1", ADDR_PUBLIC },
		{ "169.254.0.1", ADDR_LINKLOCAL },
		{ "127.0.0.1", ADDR_LOOPBACK },
		{ "127.255.0.9", ADDR_LOOPBACK },
		{ "0.0.0.0", ADDR_LOOPBACK },
		{ "8.8.8.8", ADDR_PUBLIC },
		{ "::1", ADDR_LOOPBACK },
		{ "::", ADDR_LOOPBACK },
		{ "::2", ADDR_PUBLIC },
		{ "[::1]", ADDR_LOOPBACK },
		{ "fe80::1", ADDR_LINKLOCAL },
		{ "fe80::1%eth0", ADDR_LINKLOCAL },
		{ "febf::1", ADDR_LINKLOCAL },
		{ "fec0::1", ADDR_PUBLIC },
		{ "fc00::1", ADDR_ULA },
		{ "fdff::1", ADDR_ULA },
		{ "fbff::1", ADDR_PUBLIC },
		{ "fe00::1", ADDR_PUBLIC },
		{ "2001:db8::1", ADDR_PUBLIC },
		{ "::ffff:10.0.0.1", ADDR_PRIVATE },
		{ "::ffff:8.8.8.8", ADDR_PUBLIC },
		{ "", ADDR_NOT },
		{ "10.0.0", ADDR_NOT },
		{ "10.0.0.1.2", ADDR_NOT },
		{ "10.0.0.256", ADDR_NOT },
		{ "example.com", ADDR_NOT },
		{ " 10.0.0.1", ADDR_NOT },
		{ "10.0.0.1%x", ADDR_NOT },
		{ "[10.0.0.1", ADDR_NOT },
		{ "[]", ADDR_NOT },
		{ ":::", ADDR_NOT },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", ADDR_NOT },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (detect_addr_kind(str_c(row[i].text)) != row[i].kind)
			fail_msg("%s is of kind %d", row[i].text, (int)detect_addr_kind(str_c(row[i].text)));
	}
	assert_int_equal(detect_addr_kind((struct str){ "10.0.0.1\0", 9 }), ADDR_NOT);
}

static void
test_nat(void **state)
{
	static const struct {
		const char *source, *target;
		bool nat;
	} row[] = {
		{ "192.168.1.20", "203.0.113.9", true },
		{ "100.64.1.1", "203.0.113.9", true },
		{ "fd00::1", "2001:db8::1", true },
		{ "::ffff:10.0.0.1", "203.0.113.9", true },
		{ "203.0.113.8", "203.0.113.9", false },
		{ "192.168.1.20", "10.0.0.1", false },
		{ "192.168.1.20", "192.168.1.21", false },
		{ "192.168.1.20", "2001:db8::1", false },
		{ "192.168.1.20", "100.64.1.1", false },
		{ "127.0.0.1", "203.0.113.9", false },
		{ "", "203.0.113.9", false },
		{ "192.168.1.20", "web", false },
		{ "", "", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (detect_nat_between(str_c(row[i].source), str_c(row[i].target)) != row[i].nat)
			fail_msg("%s to %s", row[i].source, row[i].target);
	}
}

/* The names are part of the rule language: none is missing, none stands twice. */
static void
test_table(void **state)
{
	int i, k;

	(void)state;
	for (i = 0; i < FACT_MAX_; i++) {
		assert_non_null(fact_table[i].name);
		assert_non_null(fact_table[i].doc);
		for (k = 0; k < i; k++)
			assert_string_not_equal(fact_table[i].name, fact_table[k].name);
	}
	assert_string_equal(fact_table[FACT_TCP_KEEPALIVE_TIME].name, "kernel.tcp_keepalive_time");
	assert_string_equal(confidence_name(CONF_MEASURED), "measured");
	assert_string_equal(confidence_name(CONF_ASSUMED), "assumed");
}

static void
test_qty(void **state)
{
	struct facts f;

	(void)state;
	memset(&f, 0, sizeof(f));
	assert_false(fact_qty(&f, FACT_TCP_RETRIES2).known);
	assert_non_null(fact_qty(&f, FACT_TCP_RETRIES2).reason);
	f.v[FACT_TMOUT] = (struct fact){ .known = true, .num = INFINITY };
	assert_true(qty_is_never(fact_qty(&f, FACT_TMOUT)));
	f.v[FACT_OS] = (struct fact){ .known = true, .text = STR("x") };
	assert_false(fact_qty(&f, FACT_OS).known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kind),
		cmocka_unit_test(test_nat),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_qty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
