/* SPDX-License-Identifier: MIT */
/* Paths: which box decides for a host, with what number, and how sure that number is. */
#include "test_world.h"

static int
setup(void **state)
{
	(void)state;
	world_init();
	return 0;
}

static void
want(const char *name, double timeout, enum confidence confidence)
{
	t_eq_str(path.min->name, name);
	t_near(path.timeout.v, timeout, 0);
	t_eq_i64(path.confidence, confidence);
	assert_ptr_equal(path.min, &path.hop[0]);
}

static void
aim(const char *host)
{
	client.ev.host = client.ev.hostname = str_c(host);
}

static void
test_nothing_known(void **state)
{
	(void)state;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
	assert_false(path.nat_seen);
	assert_false(path.min->seen);
	assert_false(path.proxied);
	path_opts.facts = NULL;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
}

static void
test_nat(void **state)
{
	static const struct {
		const char *host;
		bool nat;
	} c[] = {
		{ "web.example.com", true },
		{ "8.8.8.8", true },
		{ "2001:4860:4860::8888", true },
		{ "10.1.2.3", false },
		{ "192.168.5.6", false },
		{ "172.31.255.255", false },
		{ "172.32.0.1", true },
		{ "100.64.1.2", false },
		{ "169.254.1.1", false },
		{ "fd00::1", false },
		{ "[fe80::1%eth0]", false },
		{ "::ffff:10.0.0.1", false },
		{ "10.1", false },
		{ "11.0.0.1", true },
	};
	size_t i;

	(void)state;
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	fact_text(&facts, FACT_SOURCE_ADDR, "192.168.1.20");
	networks.n = 0; /* the addresses of tailscale are no subject here */
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		aim(c[i].host);
		path_of(&arena, &client.ev, &path_opts, &path);
		if (path.nat_seen != c[i].nat)
			fail_msg("%s", c[i].host);
		want(c[i].nat ? "a NAT" : "the path", 240, CONF_ASSUMED);
		t_eq_i64(path.min->seen, c[i].nat);
	}
	facts.v[FACT_BEHIND_NAT].num = 0;
	aim("8.8.8.8");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_false(path.nat_seen);
	/* The NAT stands on the leg to the jump host, which is another ssh with its own clocks and its own row. */
	facts.v[FACT_BEHIND_NAT].num = 1;
	aim("8.8.8.8");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_true(path.nat_seen);
	row_text(&client, KW_ID_PROXYJUMP, "me@jump.example.com:2222");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_false(path.nat_seen);
	want("the path", 240, CONF_ASSUMED);
	/* A proxy command has no row of its own. */
	row_text(&client, KW_ID_PROXYJUMP, "none");
	row_text(&client, KW_ID_PROXYCOMMAND, "nc %h %p");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_true(path.nat_seen);
}

static void
test_loopback(void **state)
{
	static const char *const host[] = { "localhost", "LocalHost.", "web.localhost", "127.0.0.1", "127.1", "::1",
		"[::1]" };
	size_t i;

	(void)state;
	fact_num(&facts, FACT_CT_ESTABLISHED, 100);
	for (i = 0; i < sizeof(host) / sizeof(host[0]); i++) {
		aim(host[i]);
		path_of(&arena, &client.ev, &path_opts, &path);
		assert_true(path.pinned);
		want("this machine", INFINITY, CONF_DETECTED);
	}
	/* The proxy's localhost is another machine. */
	row_text(&client, KW_ID_PROXYJUMP, "jump");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_false(path.pinned);
	/* Whoever declares a number means it. */
	row_init(&client, KW_CLIENT, "localhost");
	path_opts.declared_given = true;
	path_opts.declared = QTY(350);
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_false(path.pinned);
	t_near(path.timeout.v, 100, 0);
	aim("mylocalhost");
	path_opts.declared_given = false;
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_false(path.pinned);
}

static void
test_patterns(void **state)
{
	static const struct {
		enum kw_id id;
		const char *text, *name;
		double timeout;
		enum confidence confidence;
	} c[] = {
		{ KW_ID_HOSTNAME, "a-1.elb.us-east-1.amazonaws.com", "AWS NLB", 350, CONF_DETECTED },
		{ KW_ID_HOSTNAME, "AZ.westeurope.CloudApp.Azure.com", "Azure Load Balancer rule", 240, CONF_DETECTED },
		{ KW_ID_HOSTNAME, "x.awsglobalaccelerator.com", "AWS Global Accelerator", 340, CONF_DETECTED },
		{ KW_ID_HOSTNAME, "web.tail1.ts.net", "Tailscale", INFINITY, CONF_DETECTED },
		{ KW_ID_HOSTNAME, "100.101.102.103", "Tailscale", INFINITY, CONF_DETECTED },
		{ KW_ID_HOSTNAME, "abc.onion", "Tor", INFINITY, CONF_DETECTED },
		{ KW_ID_PROXYCOMMAND, "sh -c \"aws ssm start-session --target %h --document-name AWS-StartSSHSession\"",
		    "AWS Session Manager", 1200, CONF_DETECTED },
		{ KW_ID_PROXYCOMMAND, "gcloud compute start-iap-tunnel %h %p", "GCP Identity-Aware Proxy", 3600,
		    CONF_DETECTED },
		{ KW_ID_PROXYCOMMAND, "kubectl exec -i pod -- nc %h %p", "kubelet stream", 14400, CONF_DETECTED },
		{ KW_ID_PROXYCOMMAND, "nc -X 5 -x 127.0.0.1:9050 %h %p", "Tor", INFINITY, CONF_DETECTED },
		{ KW_ID_PROXYCOMMAND, "tailscale nc %h %p", "Tailscale", INFINITY, CONF_DETECTED },
		{ KW_ID_PROXYCOMMAND, "cloudflared access ssh --hostname %h", "Cloudflare Tunnel", 240, CONF_ASSUMED },
		/* Recalled figures lower an assumption, they never raise it. */
		{ KW_ID_PROXYCOMMAND, "nc -X connect -x proxy:3128 %h %p", "the path", 240, CONF_ASSUMED },
		{ KW_ID_PROXYCOMMAND, "ssh -W %h:%p jump", "the path", 240, CONF_ASSUMED },
		/* Only a lifetime is known. */
		{ KW_ID_PROXYCOMMAND, "aws ec2-instance-connect open-tunnel --instance-id %h", "the path", 240,
		    CONF_ASSUMED },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		row_init(&client, KW_CLIENT, "web");
		if (c[i].id == KW_ID_HOSTNAME)
			client.ev.hostname = str_c(c[i].text);
		else
			row_text(&client, c[i].id, c[i].text);
		path_of(&arena, &client.ev, &path_opts, &path);
		if (!str_eqc(path.min->name, c[i].name))
			fail_msg("%s: %.*s", c[i].text, STR_ARG(path.min->name));
		want(c[i].name, c[i].timeout, c[i].confidence);
		t_eq_i64(path.piped, c[i].id == KW_ID_PROXYCOMMAND);
		if (path.piped)
			assert_true(path.proxied);
	}
	t_eq_u64(path.n_lifetime, 1);
	t_near(path.lifetime[0].timeout.v, 3600, 0);
}

/* A box that is seen and whose number is known stands in for the NAT whose number is not. */
static void
test_known_beats_assumed(void **state)
{
	(void)state;
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	client.ev.hostname = STR("x.elb.eu-west-1.amazonaws.com");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("AWS NLB", 350, CONF_DETECTED);
	assert_true(path.nat_seen);
	t_eq_i64(path.min->expiry, NET_RST_ON_NEXT);
	t_eq_u64(path.n_hop, 1);
	/* This kernel's conntrack knows nothing about what lies behind it. */
	client.ev.hostname = STR("web.example.com");
	fact_num(&facts, FACT_CT_ESTABLISHED, 432000);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("a NAT", 240, CONF_ASSUMED);
	t_eq_u64(path.n_hop, 2);
	t_eq_str(path.hop[1].name, "this machine's conntrack");
}

static void
test_conntrack(void **state)
{
	(void)state;
	fact_num(&facts, FACT_CT_ESTABLISHED, 120);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("this machine's conntrack", 120, CONF_DETECTED);
	assert_true(path.min->revive);
	t_eq_i64(path.min->side, NET_CLIENT);
	fact_num(&facts, FACT_CT_LOOSE, 0);
	fact_num(&facts, FACT_CT_POLICY, 60);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("this machine's conntrack", 60, CONF_DETECTED);
	assert_false(path.min->revive);
	fact_num(&facts, FACT_CT_POLICY, 6000);
	path_of(&arena, &server.ev, &path_opts, &path);
	want("this machine's conntrack", 120, CONF_DETECTED);
	t_eq_i64(path.min->side, NET_SERVER);
}

static void
test_declared(void **state)
{
	(void)state;
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	path_opts.declared_given = true;
	path_opts.declared = QTY(1000);
	path_opts.measured = QTY(77);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (declared)", 1000, CONF_DECLARED);
	t_eq_u64(path.n_hop, 1);
	/* A smaller box that is seen still counts, a larger one does not. */
	client.ev.hostname = STR("x.elb.eu-west-1.amazonaws.com");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("AWS NLB", 350, CONF_DETECTED);
	path_opts.declared = QTY(100);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (declared)", 100, CONF_DECLARED);
	path_opts.declared = QTY_NEVER;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (declared)", INFINITY, CONF_DECLARED);
	/* It replaces the assumed number of a box that is seen, and the recalled one. */
	path_opts.declared = QTY(1000);
	row_init(&client, KW_CLIENT, "web");
	row_text(&client, KW_ID_PROXYCOMMAND, "cloudflared access ssh --hostname %h");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (declared)", 1000, CONF_DECLARED);
	row_text(&client, KW_ID_PROXYCOMMAND, "corkscrew proxy 3128 %h %p");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (declared)", 1000, CONF_DECLARED);
}

/* A box that never forgets says nothing about the boxes beside it; a tunnel around them all does. */
static void
test_never_is_no_promise(void **state)
{
	static const char own[] =
	    "[gate]\nname = gate\ntimeout = 5m\nkeeps = yes\nconfidence = verified\nsource = us\n"
	    "detect.hostname = *.gate.example\n"
	    "[mesh]\nname = mesh\ntimeout = never\noverlay = yes\nconfidence = verified\nsource = us\n"
	    "detect.hostname = *.mesh.example\n";
	struct err e = { 0 };

	(void)state;
	t_eq_i64(network_load(&arena, &networks, STR("own.ini"), str_c(own), &e), SK_OK);
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	aim("a.gate.example");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("a NAT", 240, CONF_ASSUMED);
	t_eq_u64(path.n_hop, 2);
	aim("a.mesh.example");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("mesh", INFINITY, CONF_DETECTED);
}

static void
test_measured(void **state)
{
	(void)state;
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	fact_num(&facts, FACT_CT_ESTABLISHED, 200);
	path_opts.measured = QTY(900);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (measured)", 900, CONF_MEASURED);
	/* The box keeps its nature, the number is the measured one. */
	client.ev.hostname = STR("x.elb.eu-west-1.amazonaws.com");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("AWS NLB (measured)", 900, CONF_MEASURED);
	t_eq_i64(path.min->expiry, NET_RST_ON_NEXT);
}

/* How it looked and who came through is taken over from the measurement. */
static void
test_measured_seen(void **state)
{
	(void)state;
	path_opts.measured = QTY(900);
	path_opts.seen = (struct path_seen){ .looks = true, .expiry = NET_FIN, .revive = true, .side = NET_CLIENT };
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (measured)", 900, CONF_MEASURED);
	t_eq_i64(path.min->expiry, NET_FIN);
	t_eq_i64(path.min->side, NET_CLIENT);
	assert_true(path.min->revive);
}

/* Nothing forgot up to there: smaller numbers are wrong, larger ones stay, and none is invented. */
static void
test_measured_floor(void **state)
{
	(void)state;
	path_opts.seen.floor = true;
	path_opts.measured = QTY(100);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (beyond what was measured)", 240, CONF_ASSUMED);
	path_opts.measured = QTY(3900);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (beyond what was measured)", 3900, CONF_ASSUMED);
	aim("x.elb.eu-west-1.amazonaws.com");
	path_opts.measured = QTY(300);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("AWS NLB", 350, CONF_DETECTED);
	aim("127.0.0.1");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_true(path.pinned);
	aim("x.elb.eu-west-1.amazonaws.com");
	path_opts.measured = QTY(400);
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (beyond what was measured)", 400, CONF_ASSUMED);
	path_opts.declared = QTY(100);
	path_opts.declared_given = true;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path (declared)", 100, CONF_DECLARED);
}

static void
test_network_option(void **state)
{
	const struct network *box[2] = { network_find(&networks, STR("cisco-asa")),
		network_find(&networks, STR("openwrt")) };

	(void)state;
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	path_opts.box = box;
	path_opts.n_box = 2;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("Cisco ASA", 3600, CONF_DECLARED);
	t_eq_u64(path.n_hop, 2);
	assert_true(path.hop[1].revive);
	t_eq_i64(path.hop[1].side, NET_CLIENT);
	/* Named, but only recalled: the number is assumed, though it is this box's and not the policy's. */
	box[0] = network_find(&networks, STR("netscaler"));
	path_opts.n_box = 1;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("Citrix ADC TCP server", 9000, CONF_ASSUMED);
	/* Named without any figure: the policy's number under the box's name. */
	box[0] = network_find(&networks, STR("ubiquiti-unifi"));
	path_of(&arena, &client.ev, &path_opts, &path);
	want("UniFi gateway", 240, CONF_ASSUMED);
	assert_true(path.min->seen);
	/* It probes both ends itself, so its timer ends nothing that lives. */
	box[0] = network_find(&networks, STR("freebsd-ipfw"));
	path_of(&arena, &client.ev, &path_opts, &path);
	t_near(path.hop[path.n_hop - 1].timeout.v, INFINITY, 0);
	/* Named and seen is one hop. */
	box[0] = network_find(&networks, STR("aws-nlb-tcp"));
	client.ev.hostname = STR("x.elb.eu-west-1.amazonaws.com");
	path_of(&arena, &client.ev, &path_opts, &path);
	t_eq_u64(path.n_hop, 1);
	want("AWS NLB", 350, CONF_DECLARED);
}

static void
test_cloud(void **state)
{
	struct signal azure = { "dmi.chassis_asset_tag", STR("7783-7084-3265-9085-8269-3286-77"), STR("dmi") };
	struct signal gcp = { "dmi.product_name", STR("Google Compute Engine"), STR("dmi") };

	(void)state;
	facts.n_signal = 1;
	facts.signal = &azure;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("Azure outbound NAT", 240, CONF_DETECTED);
	t_eq_i64(path.min->side, NET_CLIENT);
	aim("10.0.0.4"); /* stays in the virtual network */
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
	/* On the server the load balancer is not proved: a note. */
	path_of(&arena, &server.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
	t_eq_u64(path.n_note, 1);
	assert_true(str_find(path.note[0], STR("--network azure-lb-rule")) != SIZE_MAX);
	facts.signal = &gcp;
	path_of(&arena, &client.ev, &path_opts, &path);
	want("GCP VPC firewall", 600, CONF_DETECTED);
	t_eq_i64(path.min->side, NET_CLIENT);
	path_of(&arena, &server.ev, &path_opts, &path);
	want("GCP VPC firewall", 600, CONF_DETECTED);
	t_eq_i64(path.min->side, NET_SERVER);
}

static void
test_aws_is_a_note(void **state)
{
	size_t i, nat = 0;

	(void)state;
	fact_text(&facts, FACT_CLOUD, "aws");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
	for (i = 0; i < path.n_note; i++)
		nat += str_find(path.note[i], STR("--network aws-nat-gateway")) != SIZE_MAX;
	t_eq_u64(nat, 1);
}

/* A box inside this machine counts beside the network's assumed number, not in its place. */
static void
test_local_box(void **state)
{
	(void)state;
	fact_text(&facts, FACT_VIRT, "docker-desktop");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
	t_eq_u64(path.n_hop, 2);
	t_eq_str(path.hop[1].name, "Docker Desktop network");
	t_eq_i64(path.hop[1].confidence, CONF_DETECTED);
	fact_text(&facts, FACT_VIRT, "slirp");
	path_of(&arena, &client.ev, &path_opts, &path);
	want("the path", 240, CONF_ASSUMED);
}

static void
test_unknown_proxy(void **state)
{
	(void)state;
	row_unknown(&client, KW_ID_PROXYCOMMAND, "Match exec \"vpn-up\"");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_true(path.proxied && path.piped);
	row_init(&client, KW_CLIENT, "web");
	row_text(&client, KW_ID_PROXYCOMMAND, "none");
	path_of(&arena, &client.ev, &path_opts, &path);
	assert_false(path.proxied);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_known, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nat, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loopback, setup, teardown),
		cmocka_unit_test_setup_teardown(test_patterns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_known_beats_assumed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_conntrack, setup, teardown),
		cmocka_unit_test_setup_teardown(test_declared, setup, teardown),
		cmocka_unit_test_setup_teardown(test_never_is_no_promise, setup, teardown),
		cmocka_unit_test_setup_teardown(test_measured, setup, teardown),
		cmocka_unit_test_setup_teardown(test_measured_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(test_measured_floor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_network_option, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cloud, setup, teardown),
		cmocka_unit_test_setup_teardown(test_aws_is_a_note, setup, teardown),
		cmocka_unit_test_setup_teardown(test_local_box, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_proxy, setup, teardown),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL) != 0;
}
