/* SPDX-License-Identifier: MIT */
/* Verdicts: what survives, what drops and who did it, what cannot be known, and who is not judged. */
#include "test_world.h"

static struct judge_opts opts;
static struct judgement j;

static int
setup(void **state)
{
	(void)state;
	world_init();
	opts = world_judge_opts();
	return 0;
}

static void
declare(double timeout)
{
	path_opts.declared_given = true;
	path_opts.declared = QTY(timeout);
}

static void
run(void)
{
	path_of(&arena, opts.side == KW_CLIENT ? &client.ev : &server.ev, &path_opts, &path);
	judge(&arena, &opts, &j);
}

static void
want_near(enum verdict v, const char *killer, double at)
{
	if (j.verdict != v)
		fail_msg("%s (%.*s), wanted %s", verdict_name(j.verdict), STR_ARG(j.why_fragile), verdict_name(v));
	t_eq_str(j.killer, killer);
	assert_true(j.killed_at.known);
	if (isinf(at))
		t_near(j.killed_at.v, at, 0);
	else
		t_near(j.killed_at.v, at, 0.05);
	t_eq_i64(j.why_fragile.n > 0, v == VERDICT_FRAGILE);
	t_eq_i64(j.reason.n > 0, v == VERDICT_UNKNOWN || v == VERDICT_NOT_JUDGED);
	t_eq_i64(j.looks_like.n > 0, killer[0] != '\0');
}

static void
want(enum verdict v, const char *killer, double at)
{
	want_near(v, killer, at);
	t_near(j.killed_at.v, at, 0);
}

static void
test_defaults_on_assumed_path(void **state)
{
	(void)state;
	run();
	/* Never "drops" on a number that nobody knows. */
	want(VERDICT_FRAGILE, "the path", 240);
	t_eq_str(j.looks_like, "hang, no message");
	t_near(j.best_interval.v, 60, 0);
	t_near(j.best_count.v, 3, 0);
	t_eq_str(j.missed, "");
	fact_num(&facts, FACT_BEHIND_NAT, 1);
	run();
	want(VERDICT_FRAGILE, "a NAT", 240);
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 60);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

static void
test_declared_margins(void **state)
{
	static const struct {
		int64_t interval;
		double timeout;
		enum verdict v;
	} c[] = {
		{ 60, 350, VERDICT_SURVIVES },
		{ 60, 120, VERDICT_SURVIVES },
		{ 60, 119, VERDICT_FRAGILE },
		{ 60, 61, VERDICT_FRAGILE },
		{ 60, 60, VERDICT_DROPS }, /* equality dies, too */
		{ 300, 240, VERDICT_DROPS },
		{ 0, 350, VERDICT_DROPS },
		{ 0, 7201, VERDICT_FRAGILE },
		{ 0, INFINITY, VERDICT_SURVIVES },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		bool drops = c[i].v == VERDICT_DROPS;

		row_num(&client, KW_ID_SERVERALIVEINTERVAL, c[i].interval);
		declare(c[i].timeout);
		run();
		want(c[i].v, drops ? "the path (declared)" : "", drops ? c[i].timeout : INFINITY);
	}
}

static void
test_detected_boxes(void **state)
{
	(void)state;
	client.ev.hostname = STR("x.elb.eu-west-1.amazonaws.com");
	run();
	want(VERDICT_DROPS, "AWS NLB", 350);
	t_eq_str(j.looks_like, "reset at next key");
	client.ev.hostname = STR("x.cloudapp.azure.com");
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 300);
	run();
	want(VERDICT_DROPS, "Azure Load Balancer rule", 240);
	t_eq_str(j.looks_like, "hang, no message");
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 60);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	/* Data only: the kernel's keepalive, however fast, is no help. */
	fact_num(&facts, FACT_TCP_KEEPALIVE_TIME, 30);
	row_init(&client, KW_CLIENT, "x.awsglobalaccelerator.com");
	run();
	want(VERDICT_DROPS, "AWS Global Accelerator", 340);
	row_init(&client, KW_CLIENT, "x.elb.eu-west-1.amazonaws.com");
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

/* A number that is known decides, also when a smaller one is only assumed. */
static void
test_known_behind_assumed(void **state)
{
	(void)state;
	fact_text(&facts, FACT_VIRT, "docker-desktop");
	run();
	want(VERDICT_DROPS, "Docker Desktop network", 300);
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 270);
	run();
	want(VERDICT_FRAGILE, "the path", 240);
}

static void
test_revive(void **state)
{
	struct signal gcp = { "dmi.product_name", STR("Google Compute Engine"), STR("dmi") };

	(void)state;
	facts.n_signal = 1;
	facts.signal = &gcp;
	/* The VM speaks: its packet opens the entry again. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 900);
	run();
	want(VERDICT_FRAGILE, "GCP VPC firewall", 600);
	/* Only the far end speaks, from outside: it cannot.  A key helps until it gives up, at 900 + 924.6 + 120 s. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 0);
	row_num(&client, KW_ID_TCPKEEPALIVE, 0);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 900);
	opts.server = &server.ev;
	run();
	want_near(VERDICT_DROPS, "GCP VPC firewall", 1944.6);
	t_eq_str(j.looks_like, "reset at next key");
	/* Both speak, the outside first: the inside revives while the outside still repeats itself. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 1200);
	run();
	want(VERDICT_FRAGILE, "GCP VPC firewall", 600);
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 1950);
	run();
	want_near(VERDICT_DROPS, "GCP VPC firewall", 1944.6);
	/* Nobody speaks: nothing revives. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 0);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 0);
	row_num(&server, KW_ID_TCPKEEPALIVE, 0);
	run();
	want(VERDICT_DROPS, "GCP VPC firewall", 600);
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 1200);
	/* In time, either side will do. */
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 200);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

/* A stateful filter at the server's end: the person who types stands outside. */
static void
test_revive_at_the_server(void **state)
{
	struct network net = {
		.id = STR("filter"),
		.name = STR("a filter"),
		.timeout = QTY(600),
		.side = NET_SERVER,
		.revive = true,
		.confidence = NET_VERIFIED,
	};
	const struct network *box[] = { &net };

	(void)state;
	path_opts.box = box;
	path_opts.n_box = 1;
	/* Only the kernels speak, after 7200 s: a key that is typed before is repeated for a quarter of an hour. */
	run();
	want(VERDICT_DROPS, "a filter", 600);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 1500);
	opts.server = &server.ev;
	run();
	want(VERDICT_FRAGILE, "a filter", 600);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 1530);
	run();
	want(VERDICT_DROPS, "a filter", 600);
}

/* When the end of the row knows: a close is heard, a reset answers the next packet, silence takes its own patience. */
static void
test_noticed(void **state)
{
	struct network net = { .id = STR("box"), .name = STR("a box"), .timeout = QTY(50), .confidence = NET_VERIFIED };
	const struct network *box[] = { &net };
	static const struct {
		enum net_expiry expiry;
		enum net_side side;
		bool own_probes;
		double noticed;
	} c[] = {
		{ NET_SILENT, NET_EITHER, true, 240 },
		{ NET_SILENT, NET_EITHER, false, 7875 },
		{ NET_FIN, NET_EITHER, true, 50 },
		{ NET_FIN, NET_EITHER, false, 50 },
		{ NET_RST_AT_EXPIRY, NET_SERVER, false, 50 },
		{ NET_RST_ON_NEXT, NET_EITHER, true, 60 },
		{ NET_RST_ON_NEXT, NET_CLIENT, true, 60 },
		{ NET_RST_ON_NEXT, NET_CLIENT, false, 7200 },
		/* A NAT answers those behind it. */
		{ NET_RST_ON_NEXT, NET_SERVER, true, 240 },
	};
	size_t i;

	(void)state;
	path_opts.box = box;
	path_opts.n_box = 1;
	row_num(&client, KW_ID_SERVERALIVECOUNTMAX, 3);
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		net.expiry = c[i].expiry;
		net.side = c[i].side;
		row_num(&client, KW_ID_SERVERALIVEINTERVAL, c[i].own_probes ? 60 : 0);
		run();
		want(VERDICT_DROPS, "a box", 50);
		t_near(j.noticed_at.v, c[i].noticed, 0);
	}
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 10);
	run();
	assert_true(qty_is_never(j.noticed_at));
}

static void
test_count_zero(void **state)
{
	(void)state;
	declare(350);
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 60);
	row_num(&client, KW_ID_SERVERALIVECOUNTMAX, 0);
	run();
	want(VERDICT_DROPS, "ssh itself, ServerAliveCountMax 0", 60);
	/* Even where nothing forgets. */
	declare(INFINITY);
	run();
	want(VERDICT_DROPS, "ssh itself, ServerAliveCountMax 0", 60);
	/* The path is faster than the suicide. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 600);
	declare(350);
	run();
	want(VERDICT_DROPS, "the path (declared)", 350);
	/* Without an interval the count does nothing. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 0);
	declare(INFINITY);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

static void
test_server_rows(void **state)
{
	(void)state;
	opts.side = KW_SERVER;
	opts.client = NULL;
	opts.server = &server.ev;
	opts.policy = path_opts.policy = policy_find(&policies, STR("server"));
	opts.server_ver.n = VER(9, 2);
	run();
	want(VERDICT_FRAGILE, "the path", 240);
	t_near(j.best_interval.v, 90, 0);
	t_near(j.best_count.v, 3, 0);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 90);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 100); /* acts as 200: 240 / 200 is below 1.25 */
	run();
	want(VERDICT_FRAGILE, "", INFINITY);
	opts.server_ver.n = VER(10, 0);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	/* The old idle killer. */
	row_num(&server, KW_ID_CLIENTALIVECOUNTMAX, 0);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	opts.server_ver.n = VER(8, 1);
	run();
	want(VERDICT_DROPS, "sshd itself, ClientAliveCountMax 0", 100);
}

static void
test_unknown(void **state)
{
	(void)state;
	row_unknown(&client, KW_ID_SERVERALIVEINTERVAL, "Match exec \"vpn-up\"");
	declare(350);
	run();
	want(VERDICT_UNKNOWN, "", INFINITY);
	t_eq_str(j.reason, "Match exec \"vpn-up\"");
	/* It does not matter where nothing forgets, or where the other end does the work. */
	declare(INFINITY);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	declare(350);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 60);
	opts.server = &server.ev;
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	/* TCPKeepAlive either way is too late. */
	row_init(&client, KW_CLIENT, "web");
	row_unknown(&client, KW_ID_TCPKEEPALIVE, "why");
	opts.server = NULL;
	run();
	want(VERDICT_DROPS, "the path (declared)", 350);
	row_init(&client, KW_CLIENT, "web");
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 60);
	row_unknown(&client, KW_ID_SERVERALIVECOUNTMAX, "perhaps 0");
	run();
	want(VERDICT_UNKNOWN, "", INFINITY);
	t_eq_str(j.reason, "perhaps 0");
}

static void
test_refused(void **state)
{
	(void)state;
	client.ev.refused = true;
	run();
	want(VERDICT_UNKNOWN, "", INFINITY);
	t_eq_str(j.reason, "OpenSSH refuses this configuration");
	client.ev.v = NULL;
	run();
	want(VERDICT_UNKNOWN, "", INFINITY);
}

static void
test_far_end_alone(void **state)
{
	(void)state;
	/* Only what is assumed about the far kernel would keep it: no promise. */
	row_num(&client, KW_ID_TCPKEEPALIVE, 0);
	declare(86400);
	run();
	want(VERDICT_FRAGILE, "", INFINITY);
	row_num(&client, KW_ID_TCPKEEPALIVE, 1);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

static void
test_loopback(void **state)
{
	(void)state;
	client.ev.hostname = STR("127.0.0.1");
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

static void
test_proxies(void **state)
{
	(void)state;
	row_text(&client, KW_ID_PROXYCOMMAND, "aws ssm start-session --target %h");
	run();
	want(VERDICT_DROPS, "AWS Session Manager", 1200);
	t_eq_str(j.looks_like, "closed by remote");
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 60);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
	/* The kernel of this end has no say through a jump, however fast it is. */
	row_init(&client, KW_CLIENT, "inner");
	row_text(&client, KW_ID_PROXYJUMP, "jump");
	fact_num(&facts, FACT_TCP_KEEPALIVE_TIME, 60);
	run();
	want(VERDICT_FRAGILE, "the path", 240);
	/* ServerAlive of the target refreshes every leg. */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 60);
	run();
	want(VERDICT_SURVIVES, "", INFINITY);
}

static void
test_not_judged(void **state)
{
	static const struct {
		const char *host, *hostname;
		bool holds;
	} c[] = {
		{ "github.com", "github.com", false },
		{ "gh", "ssh.github.com", false },
		{ "GitLab.com", "gitlab.com", false },
		{ "x", "bitbucket.org", false },
		{ "x", "codeberg.org", false },
		{ "x", "git.sr.ht", false },
		{ "x", "ssh.dev.azure.com", false },
		{ "x", "vs-ssh.visualstudio.com", false },
		{ "x", "git-codecommit.us-east-1.amazonaws.com", false },
		{ "x", "notgithub.com", true },
		{ "github.com", "10.0.0.1", true },
		{ "web", "web.example.com", true },
	};
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		client.ev.host = str_c(c[i].host);
		client.ev.hostname = str_c(c[i].hostname);
		if (judge_holds_sessions(&client.ev, &why) != c[i].holds)
			fail_msg("%s", c[i].hostname);
		t_eq_i64(why == NULL, c[i].holds);
	}
	client.ev.hostname = STR("web.example.com");
	row_text(&client, KW_ID_USER, "git");
	assert_false(judge_holds_sessions(&client.ev, &why));
	assert_string_equal(why, "User git, no idle sessions");
	row_unknown(&client, KW_ID_USER, "why");
	assert_true(judge_holds_sessions(&client.ev, NULL));
	opts.holds_sessions = false;
	opts.not_judged_why = "User git, no idle sessions";
	run();
	want(VERDICT_NOT_JUDGED, "", INFINITY);
	t_eq_str(j.reason, "User git, no idle sessions");
}

/* Every recommendation of every policy, applied, is a survivor on the path it was made for. */
static void
test_recommendation_survives(void **state)
{
	static const double timeout[] = { 6, 30, 60, 240, 350, 600, 3600 };
	size_t p, t;

	(void)state;
	for (p = 0; p < policies.n; p++) {
		for (t = 0; t < sizeof(timeout) / sizeof(timeout[0]); t++) {
			opts.policy = path_opts.policy = &policies.v[p];
			row_init(&client, KW_CLIENT, "web");
			declare(timeout[t]);
			run();
			row_num(&client, KW_ID_SERVERALIVEINTERVAL, (int64_t)j.best_interval.v);
			row_num(&client, KW_ID_SERVERALIVECOUNTMAX, (int64_t)j.best_count.v);
			run();
			want(VERDICT_SURVIVES, "", INFINITY);
		}
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_defaults_on_assumed_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_declared_margins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_detected_boxes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_known_behind_assumed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_revive, setup, teardown),
		cmocka_unit_test_setup_teardown(test_revive_at_the_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_count_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_far_end_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_loopback, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proxies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_judged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_recommendation_survives, setup, teardown),
	};

	return cmocka_run_group_tests_name("judge", tests, NULL, NULL) != 0;
}
