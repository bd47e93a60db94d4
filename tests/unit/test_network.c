/* SPDX-License-Identifier: MIT */
/* The table of boxes: the shipped file, its patterns, and what a bad file is told. */
#include "test_model.h"

static struct arena arena;

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static const struct network *
row_of(const struct networks *n, const char *id)
{
	const struct network *net = network_find(n, str_c(id));

	if (net == NULL)
		fail_msg("no row %s", id);
	return net;
}

/* Figures of the reference, one from each of its tables and each odd one. */
static void
test_shipped_figures(void **state)
{
	static const struct {
		const char *id;
		double timeout;
		enum net_confidence confidence;
	} want[] = {
		{ "aws-nlb-tcp", 350, NET_VERIFIED },
		{ "aws-ssm-session", 1200, NET_VERIFIED },
		{ "aws-classic-elb", 60, NET_SECONDARY },
		{ "aws-global-accelerator", 340, NET_SECONDARY },
		{ "azure-lb-rule", 240, NET_VERIFIED },
		{ "gcp-vpc-conntrack", 600, NET_VERIFIED },
		{ "gcp-iap-tcp", 3600, NET_SECONDARY },
		{ "gcp-proxy-nlb", 30, NET_MEMORY },
		{ "alibaba-clb-tcp", 900, NET_VERIFIED },
		{ "oracle-nlb-tcp", 360, NET_VERIFIED },
		{ "linux-conntrack", 432000, NET_VERIFIED },
		{ "openwrt", 7440, NET_VERIFIED },
		{ "pf-aggressive", 18000, NET_VERIFIED },
		{ "docker-desktop-vpnkit", 300, NET_VERIFIED },
		{ "kubelet-stream", 14400, NET_VERIFIED },
		{ "nginx-stream", 600, NET_VERIFIED },
		{ "f5-fastl4", 300, NET_VERIFIED },
		{ "squid-connect", 900, NET_MEMORY },
		{ "cisco-asa", 3600, NET_VERIFIED },
		{ "juniper-mx-services", 30, NET_VERIFIED },
		{ "clavister-cos", 262144, NET_VERIFIED },
		{ "rfc5382-nat", 7440, NET_VERIFIED },
		{ "tailscale-derp", INFINITY, NET_VERIFIED },
	};
	struct networks n = { 0 };
	size_t i;

	(void)state;
	load_shipped(&arena, &n, NULL);
	assert_true(n.n >= 95);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct network *net = row_of(&n, want[i].id);

		assert_true(net->timeout.known);
		t_near(net->timeout.v, want[i].timeout, 0);
		t_eq_i64(net->confidence, want[i].confidence);
		assert_true(net->source.n > 0 && net->name.n > 0);
	}
	assert_false(row_of(&n, "digitalocean-lb")->timeout.known);
	t_eq_i64(row_of(&n, "aws-eice")->kind, NET_LIFETIME);
	t_near(row_of(&n, "aws-nlb-tcp")->range_min, 60, 0);
	t_near(row_of(&n, "aws-nlb-tcp")->range_max, 6000, 0);
	assert_true(row_of(&n, "gcp-vpc-conntrack")->revive);
	assert_true(row_of(&n, "aws-global-accelerator")->proxy);
	t_eq_i64(row_of(&n, "aws-global-accelerator")->refresh, NET_DATA);
	assert_true(row_of(&n, "tailscale-derp")->overlay);
	assert_true(row_of(&n, "freebsd-ipfw")->keeps);
	assert_null(network_find(&n, STR("no-such-box")));
}

/* Every row says where its figure is from, and texts that go on over lines are one line. */
static void
test_shipped_rows_are_whole(void **state)
{
	struct networks n = { 0 };
	size_t i;

	(void)state;
	load_shipped(&arena, &n, NULL);
	for (i = 0; i < n.n; i++) {
		assert_true(n.v[i].source.n > 0);
		t_eq_u64(str_chr(n.v[i].source, '\n', 0), SIZE_MAX);
		t_eq_u64(str_chr(n.v[i].note, '\n', 0), SIZE_MAX);
		assert_true(n.v[i].line > 0);
		t_eq_str(n.v[i].file, "rules/networks.ini");
		if (n.v[i].range_max > 0 && n.v[i].timeout.known)
			assert_true(n.v[i].range_min <= n.v[i].timeout.v && n.v[i].timeout.v <= n.v[i].range_max);
	}
}

static void
test_match(void **state)
{
	static const struct {
		const char *list, *text;
		bool fold, want;
	} c[] = {
		{ "*.elb.*amazonaws.com", "x-1.elb.us-east-1.amazonaws.com", true, true },
		{ "*.elb.*amazonaws.com", "x.elb.amazonaws.com", true, true },
		{ "*.elb.*amazonaws.com", "X.ELB.AmazonAWS.com", true, true },
		{ "*.elb.*amazonaws.com", "X.ELB.AmazonAWS.com", false, false },
		{ "*.elb.*amazonaws.com", "elb.example.com", true, false },
		{ "a, b*,\nc?", "bcd", false, true },
		{ "a, b*,\nc?", "cd", false, true },
		{ "a, b*,\nc?", "c", false, false },
		{ "100.64.0.0/10, *.ts.net", "100.100.1.2", true, true },
		{ "100.64.0.0/10, *.ts.net", "100.128.0.1", true, false },
		{ "100.64.0.0/10, *.ts.net", "web.tail1.ts.net", true, true },
		{ "*", "", true, false },
		{ "", "x", true, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		if (network_match(str_c(c[i].list), str_c(c[i].text), c[i].fold) != c[i].want)
			fail_msg("%s against %s", c[i].text, c[i].list);
	}
}

/* A later file replaces a row in its place; a bad one changes nothing. */
static void
test_replace(void **state)
{
	static const char own[] = "[aws-nlb-tcp]\nname = our NLB\ntimeout = 10m\nconfidence = verified\nsource = us\n"
				  "[office]\nname = office\ntimeout = 5m\nconfidence = verified\nsource = us\n";
	struct networks n = { 0 };
	struct err e = { 0 };
	size_t before;

	(void)state;
	load_shipped(&arena, &n, NULL);
	before = n.n;
	t_eq_i64(network_load(&arena, &n, STR("own.ini"), str_c(own), &e), SK_OK);
	t_eq_u64(n.n, before + 1);
	t_near(row_of(&n, "aws-nlb-tcp")->timeout.v, 600, 0);
	t_eq_u64(row_of(&n, "aws-nlb-tcp")->n_detect, 0);
	t_near(row_of(&n, "office")->timeout.v, 300, 0);
	t_eq_i64(network_load(&arena, &n, STR("bad.ini"), STR("[x]\nname = x\n[y]\nnmae = y\n"), &e), SK_ERULE);
	t_eq_u64(n.n, before + 1);
}

static void
test_faults(void **state)
{
	static const struct {
		const char *text, *want;
	} c[] = {
		{ "[x]\nname = x\ntimeout = 5m\nsource = s\nconfidence = sure\n", "bad.ini:5: " },
		{ "[x]\nname = x\ntimeout = soon\nsource = s\nconfidence = memory\n", "bad.ini:3: " },
		{ "[x]\nname = x\ntimeout = 0\nsource = s\nconfidence = memory\n", "bad.ini:3: " },
		{ "[x]\nname = x\nsource = s\nconfidence = memory\n", "bad.ini:1: " },
		{ "\n[x]\nname = x\ntimeout = 1h\nconfidence = memory\n", "bad.ini:2: " },
		{ "[x]\nname = x\ntimeout = 1h\nsource = s\nconfidence = memory\nrange = 5-2\n", "bad.ini:6: " },
		{ "[x]\nname = x\ntimeout = 1h\nsource = s\nconfidence = memory\ncolour = red\n", "bad.ini:6: " },
		{ "[x]\nname = x\ntimeout = 1h\nsource = s\nconfidence = memory\ndetect. = a\n", "bad.ini:6: " },
		{ "[x]\nname = x\ntimeout = 1h\nsource = s\nconfidence = memory\nmaybe.addr =\n", "bad.ini:6: " },
		{ "name = x\n", "bad.ini:1: " },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct networks n = { 0 };
		struct err e = { 0 };

		t_eq_i64(network_load(&arena, &n, STR("bad.ini"), str_c(c[i].text), &e), SK_ERULE);
		if (!str_starts(str_c(e.msg), str_c(c[i].want)))
			fail_msg("%s, wanted %s", e.msg, c[i].want);
		t_eq_u64(n.n, 0);
	}
}

/* What a file says reaches the message escaped. */
static void
test_fault_is_escaped(void **state)
{
	struct networks n = { 0 };
	struct err e = { 0 };

	(void)state;
	t_eq_i64(network_load(&arena, &n, STR("bad.ini"), STR("[x]\nname = x\nside = \x1b[31m\n"), &e), SK_ERULE);
	assert_null(strchr(e.msg, '\x1b'));
}

static void
test_words(void **state)
{
	(void)state;
	assert_string_equal(net_expiry_text(NET_SILENT), "hang, no message");
	assert_string_equal(net_expiry_text(NET_RST_ON_NEXT), "reset at next key");
	assert_string_equal(net_confidence_name(NET_SECONDARY), "secondary");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_shipped_figures, teardown),
		cmocka_unit_test_teardown(test_shipped_rows_are_whole, teardown),
		cmocka_unit_test(test_match),
		cmocka_unit_test_teardown(test_replace, teardown),
		cmocka_unit_test_teardown(test_faults, teardown),
		cmocka_unit_test_teardown(test_fault_is_escaped, teardown),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL) != 0;
}
