/* SPDX-License-Identifier: MIT */
/* The arithmetic: formulas, versions, proxies, and the worked examples of the contract. */
#include "test_model.h"

static struct arena arena;
static struct policies policies;
static struct row client, server;
static struct facts facts;
static struct path path;
static struct hop hop[2];
static struct judge_opts opts;
static struct clocks c;

static int
setup(void **state)
{
	(void)state;
	memset(&arena, 0, sizeof(arena));
	memset(&policies, 0, sizeof(policies));
	memset(&facts, 0, sizeof(facts));
	memset(&path, 0, sizeof(path));
	load_shipped(&arena, NULL, &policies);
	row_init(&client, KW_CLIENT, "web");
	row_init(&server, KW_SERVER, "");
	hop[0] = (struct hop){ .name = STR("the path"), .timeout = QTY(350), .confidence = CONF_DECLARED };
	path.hop = hop;
	path.n_hop = 1;
	path.min = hop;
	path.timeout = hop[0].timeout;
	opts = (struct judge_opts){ .facts = &facts,
		.policy = policy_find(&policies, STR("interactive")),
		.path = &path,
		.client = &client.ev,
		.side = KW_CLIENT,
		.holds_sessions = true };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
set_path(double timeout)
{
	hop[0].timeout = path.timeout = QTY(timeout);
}

static void
set_client(int64_t interval, int64_t count)
{
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, interval);
	row_num(&client, KW_ID_SERVERALIVECOUNTMAX, count);
}

static void
set_server(int64_t interval, int64_t count, int version)
{
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, interval);
	row_num(&server, KW_ID_CLIENTALIVECOUNTMAX, count);
	opts.server = &server.ev;
	opts.server_ver.n = version;
}

static void
run(void)
{
	clocks_of(&arena, &opts, &c);
}

#define EQ(q, want)	(assert_true((q).known), t_near((q).v, (want), 0.051))
#define NEVER(q)	assert_true(qty_is_never(q))
#define UNKNOWN(q, why) (assert_false((q).known), assert_string_equal((q).reason, (why)))

static void
test_R(void **state)
{
	/* idle-timeouts 2.3 */
	static const double want[][2] = { { 3, 3.0 }, { 5, 12.6 }, { 6, 25.4 }, { 8, 102.2 }, { 9, 204.6 },
		{ 10, 324.6 }, { 12, 564.6 }, { 15, 924.6 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		t_near(clock_R(QTY(want[i][0])).v, want[i][1], 1e-9);
	assert_false(clock_R(QTY_UNKNOWN("x")).known);
}

static void
test_formulas(void **state)
{
	struct qty R = QTY(924.6);

	(void)state;
	EQ(clock_notice_min(QTY(60), QTY(3), R), 180);
	EQ(clock_notice_max(QTY(60), QTY(3), R), 240);
	EQ(clock_notice_min(QTY(120), QTY(30), R), 924.6);
	EQ(clock_notice_max(QTY(120), QTY(30), R), 1164.6);
	EQ(clock_notice_min(QTY(120), QTY(30), QTY_NEVER), 3600);
	EQ(clock_notice_max(QTY(120), QTY(30), QTY_NEVER), 3720);
	EQ(clock_outage_end(QTY(60), QTY(3), R), 89.5);
	EQ(clock_outage_end(QTY(2), QTY(5), R), 4.5); /* measured: 6 s survived, 8 s not */
	EQ(clock_outage_end(QTY(120), QTY(30), R), 804.6);
	EQ(clock_outage_end(QTY(1), QTY(0), R), 0);
}

/* Client 60 x 3 on 10.x, path 350 s. */
static void
test_example_60x3(void **state)
{
	(void)state;
	set_client(60, 3);
	run();
	EQ(c.refresh, 60);
	t_eq_str(c.refresh_by, "ServerAliveInterval");
	assert_true(c.refresh_from_client);
	EQ(c.margin, 5.8333);
	t_eq_i64(qty_s(c.notice_min), 180);
	t_eq_i64(qty_s(c.notice_max), 240);
	t_eq_i64(qty_s(c.outage), 89);
	EQ(c.R, 924.6);
	EQ(c.login_limit, 180);
	EQ(c.stale_master, 240);
	EQ(c.ghost, 7875);
	EQ(c.sleep, 350);
	EQ(c.cost_probes, 1440);
	assert_true(c.cost_bytes.v > 1440 * 200 && c.cost_bytes.v < 1440 * 300);
	NEVER(c.killed_after);
	NEVER(c.idle_kill);
}

static void
test_example_120x30(void **state)
{
	(void)state;
	set_client(120, 30);
	run();
	t_eq_i64(qty_s(c.notice_min), 924);
	t_eq_i64(qty_s(c.notice_max), 1164);
	/* A pipe or a hung peer still answers for the kernel: then it is the hour. */
	path.proxied = path.piped = true;
	run();
	t_eq_i64(qty_s(c.notice_min), 3600);
	t_eq_i64(qty_s(c.notice_max), 3720);
}

static void
test_example_retries2(void **state)
{
	(void)state;
	fact_num(&facts, FACT_TCP_RETRIES2, 5);
	set_client(2, 30);
	run();
	EQ(c.R, 12.6);
	/* seen: dead about 14 s after the cut */
	EQ(c.notice_min, 12.6);
	EQ(c.notice_max, 62);
}

static void
test_defaults(void **state)
{
	(void)state;
	run();
	EQ(c.refresh, 7200);
	t_eq_str(c.refresh_by, "kernel keepalive (client)");
	EQ(c.margin, 350 / 7200.0);
	EQ(c.notice_min, 675);
	EQ(c.notice_max, 7875);
	NEVER(c.login_limit);
	EQ(c.stale_master, 1044.6);
	EQ(c.outage, 0);
	EQ(c.cost_probes, 12);
	assert_false(c.server.given);
	assert_true(c.server.far);
}

/* tcp_keepalive 600/75/9 ends a dead connection after 1275 s, not 675. */
static void
test_kernel_600(void **state)
{
	(void)state;
	fact_num(&facts, FACT_TCP_KEEPALIVE_TIME, 600);
	run();
	EQ(c.refresh, 600);
	EQ(c.notice_min, 675);
	EQ(c.notice_max, 1275);
	EQ(c.server_notice_max, 7875); /* the far kernel is another one */
	/* On the server's row the same facts are the server's. */
	opts.side = KW_SERVER;
	opts.server = &server.ev;
	opts.client = NULL;
	run();
	EQ(c.server_notice_max, 1275);
	EQ(c.notice_max, 7875);
	t_eq_str(c.refresh_by, "kernel keepalive (server)");
	assert_false(c.refresh_from_client);
}

static void
test_all_off(void **state)
{
	(void)state;
	row_num(&client, KW_ID_TCPKEEPALIVE, 0);
	run();
	EQ(c.refresh, 7200);
	t_eq_str(c.refresh_by, "kernel keepalive (server, assumed)");
	NEVER(c.notice_max);
	EQ(c.stale_master, 1044.6);
	row_num(&server, KW_ID_TCPKEEPALIVE, 0);
	opts.server = &server.ev;
	run();
	NEVER(c.refresh);
	EQ(c.margin, 0);
	NEVER(c.ghost);
	EQ(c.outage, 0);
	t_eq_str(c.refresh_by, "");
	EQ(c.cost_probes, 0);
	set_path(INFINITY);
	run();
	NEVER(c.margin);
	NEVER(c.outage);
}

static void
test_client_count_zero(void **state)
{
	(void)state;
	set_client(60, 0);
	run();
	EQ(c.killed_after, 60);
	NEVER(c.i_eff_client);
	EQ(c.refresh, 7200); /* it sends nothing */
	EQ(c.notice_min, 0);
	EQ(c.notice_max, 60);
	NEVER(c.login_limit);
	/* A server that speaks more often moves the deadline. */
	set_server(30, 3, VER(10, 0));
	run();
	NEVER(c.killed_after);
	EQ(c.refresh, 30);
	t_eq_str(c.refresh_by, "ClientAliveInterval (far end)");
	set_server(60, 3, VER(10, 0));
	run();
	EQ(c.killed_after, 60);
	/* 9.2 acts at 60 when it says 30. */
	set_server(30, 3, VER(9, 2));
	run();
	EQ(c.killed_after, 60);
	set_client(0, 0);
	run();
	NEVER(c.killed_after);
}

static void
test_server_count_zero(void **state)
{
	(void)state;
	opts.side = KW_SERVER;
	opts.client = NULL;
	set_server(60, 0, VER(8, 2));
	run();
	NEVER(c.killed_after);
	EQ(c.refresh, 60);
	EQ(c.server_notice_min, 924.6);
	EQ(c.server_notice_max, 60 + 924.6 + 120);
	EQ(c.ghost, 60 + 924.6 + 120);
	/* A proxy's kernel acknowledges for ever. */
	path.proxied = true;
	run();
	NEVER(c.ghost);
	path.proxied = false;
	set_server(60, 0, VER(8, 1));
	run();
	EQ(c.killed_after, 60);
	NEVER(c.i_eff_server);
	EQ(c.server_notice_max, 60);
}

static void
test_server_doubled(void **state)
{
	static const struct {
		int ver;
		double factor;
	} v[] = { { VER(9, 1), 1 }, { VER(9, 2), 2 }, { VERP(9, 3, 2), 2 }, { VER(9, 4), 2 }, { VER(9, 5), 1 },
		{ VER(10, 0), 1 }, { 0, 1 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		set_server(60, 3, v[i].ver);
		opts.side = KW_SERVER;
		run();
		EQ(c.i_eff_server, 60 * v[i].factor);
		EQ(c.refresh, 60 * v[i].factor);
		EQ(c.server_notice_min, 180 * v[i].factor);
		EQ(c.server_notice_max, 240 * v[i].factor);
		EQ(c.outage, 180 * v[i].factor > 300 ? 230 : 89.5);
	}
	t_eq_str(c.refresh_by, "ClientAliveInterval");
}

static void
test_both_ends(void **state)
{
	(void)state;
	set_client(120, 3);
	set_server(45, 3, VER(10, 0));
	run();
	EQ(c.refresh, 45);
	assert_false(c.refresh_from_client);
	EQ(c.outage, 67); /* (135 - 1) / 2 of the server, before (360 - 120) of the client */
	EQ(c.ghost, 180);
	EQ(c.sleep, 180);
}

static void
test_unknown(void **state)
{
	(void)state;
	row_unknown(&client, KW_ID_SERVERALIVEINTERVAL, "Match exec \"vpn-up\"");
	run();
	UNKNOWN(c.refresh, "Match exec \"vpn-up\"");
	UNKNOWN(c.margin, "Match exec \"vpn-up\"");
	UNKNOWN(c.notice_max, "Match exec \"vpn-up\"");
	UNKNOWN(c.outage, "Match exec \"vpn-up\"");
	NEVER(c.killed_after); /* the count is 3 */
	UNKNOWN(c.login_limit, "Match exec \"vpn-up\"");
	set_path(INFINITY);
	run();
	NEVER(c.margin);
	set_client(60, 3);
	row_unknown(&client, KW_ID_SERVERALIVECOUNTMAX, "why");
	run();
	UNKNOWN(c.killed_after, "why");
	/* off is off, whatever the count */
	set_client(0, 3);
	row_unknown(&client, KW_ID_SERVERALIVECOUNTMAX, "why");
	run();
	NEVER(c.killed_after);
	EQ(c.refresh, 7200);
}

static void
test_refused(void **state)
{
	(void)state;
	client.ev.refused = true;
	run();
	assert_false(c.refresh.known);
	client.ev.v = NULL;
	run();
	assert_false(c.notice_max.known);
}

/* A follow-up value is a value: Debian's 300 s of BatchMode. */
static void
test_from_other(void **state)
{
	struct eff *e = row_eff(&client, KW_ID_SERVERALIVEINTERVAL);

	(void)state;
	e->state = EFF_DEFAULT;
	e->from = EFF_FROM_OTHER;
	e->num = 300;
	run();
	EQ(c.refresh, 300);
}

static void
test_proxy_hides_kernel(void **state)
{
	(void)state;
	path.proxied = path.piped = true;
	run();
	NEVER(c.refresh);
	NEVER(c.notice_max); /* no socket of its own */
	NEVER(c.stale_master);
	path.piped = false;
	/* A box that ends TCP counts data only; the client's NAT in front of it hears the client's kernel. */
	hop[0].proxy = true;
	hop[0].refresh = NET_DATA;
	hop[0].side = NET_SERVER;
	hop[1] = (struct hop){ .name = STR("NAT"), .timeout = QTY(7440), .side = NET_CLIENT };
	path.n_hop = 2;
	run();
	NEVER(c.refresh);
	assert_ptr_equal(c.worst, &hop[0]);
	{
		enum beat by;

		t_near(clock_silence(&c, &path, &hop[1], false, &by), 7200, 0);
		t_eq_i64(by, BEAT_CLIENT_KERNEL);
	}
	EQ(c.notice_min, 675);
	NEVER(c.notice_max);
	/* Keepalives of ssh are data and cross everything. */
	set_client(60, 3);
	run();
	EQ(c.refresh, 60);
}

/* The hop that forgets first is not always the one with the smallest number. */
static void
test_worst_hop(void **state)
{
	(void)state;
	fact_num(&facts, FACT_TCP_KEEPALIVE_TIME, 200);
	hop[0].timeout = path.timeout = QTY(240);
	hop[1] =
	    (struct hop){ .name = STR("accelerator"), .timeout = QTY(340), .refresh = NET_DATA, .side = NET_SERVER };
	path.n_hop = 2;
	run();
	assert_ptr_equal(c.worst, &hop[1]);
	EQ(c.margin, 0);
	NEVER(c.refresh);
}

static void
test_idle_kill(void **state)
{
	static const struct {
		const char *text;
		int ver;
		double want;
	} k[] = {
		{ "session:*=5m", VER(9, 2), 300 },
		{ "session=5m", VER(9, 2), INFINITY },
		{ "*=10m", VER(10, 0), 600 },
		{ "session*=60 *=10", VER(10, 0), 60 },
		{ "session:*=0 *=10", VER(10, 0), INFINITY },
		{ "x11-connection=5m", VER(9, 9), INFINITY },
		{ "global=2m", VER(9, 6), INFINITY },
		{ "global=2m session:shell=5m", VER(9, 7), 120 },
		{ "none", VER(9, 7), INFINITY },
		{ "session:*=5m", VER(9, 1), INFINITY },
	};
	size_t i;

	(void)state;
	opts.side = KW_SERVER;
	opts.server = &server.ev;
	for (i = 0; i < sizeof(k) / sizeof(k[0]); i++) {
		row_text(&server, KW_ID_CHANNELTIMEOUT, k[i].text);
		opts.server_ver.n = k[i].ver;
		run();
		if (!c.idle_kill.known || (c.idle_kill.v != k[i].want))
			fail_msg("%s: %g", k[i].text, c.idle_kill.v);
		t_eq_str(c.idle_kill_by, isinf(k[i].want) ? "" : "ChannelTimeout");
	}
	fact_num(&facts, FACT_TMOUT, 900);
	fact_num(&facts, FACT_LOGIND_STOP_IDLE, 600);
	row_init(&server, KW_SERVER, "");
	run();
	EQ(c.idle_kill, 600);
	t_eq_str(c.idle_kill_by, "StopIdleSessionSec");
	/* This machine's shells do not end sessions that go out. */
	opts.side = KW_CLIENT;
	run();
	NEVER(c.idle_kill);
	/* Client side: plain "session" until 10.3. */
	row_text(&client, KW_ID_CHANNELTIMEOUT, "session=7m");
	opts.client_ver.n = VER(9, 6);
	run();
	EQ(c.idle_kill, 420);
	opts.client_ver.n = VER(10, 4);
	run();
	NEVER(c.idle_kill);
}

/* Before 10.5 a ChannelTimeout in a Match block is shown but does nothing. */
static void
test_channeltimeout_in_match(void **state)
{
	struct block block[2] = { { .kind = BLOCK_MATCH, .parent = -1 }, { .kind = BLOCK_FILE, .parent = 0 } };
	struct set set = { .block = 1 };
	struct loser loser = { .row = (uint16_t)kw_by_id(KW_SERVER, KW_ID_CHANNELTIMEOUT), .why = LOSE_OVERRIDDEN };

	(void)state;
	opts.side = KW_SERVER;
	opts.server = &server.ev;
	row_text(&server, KW_ID_CHANNELTIMEOUT, "session:*=5m");
	row_eff(&server, KW_ID_CHANNELTIMEOUT)->set = 0;
	server.conf.block = block;
	server.conf.n_block = 2;
	server.conf.set = &set;
	server.conf.n_set = 1;
	opts.server_ver.n = VER(10, 5);
	run();
	EQ(c.idle_kill, 300);
	opts.server_ver.n = VER(10, 0);
	run();
	NEVER(c.idle_kill);
	server.ev.loser = &loser;
	server.ev.n_loser = 1;
	run();
	assert_false(c.idle_kill.known);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_R),
		cmocka_unit_test(test_formulas),
		cmocka_unit_test_setup_teardown(test_example_60x3, setup, teardown),
		cmocka_unit_test_setup_teardown(test_example_120x30, setup, teardown),
		cmocka_unit_test_setup_teardown(test_example_retries2, setup, teardown),
		cmocka_unit_test_setup_teardown(test_defaults, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernel_600, setup, teardown),
		cmocka_unit_test_setup_teardown(test_all_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_client_count_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_count_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_doubled, setup, teardown),
		cmocka_unit_test_setup_teardown(test_both_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_from_other, setup, teardown),
		cmocka_unit_test_setup_teardown(test_proxy_hides_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(test_worst_hop, setup, teardown),
		cmocka_unit_test_setup_teardown(test_idle_kill, setup, teardown),
		cmocka_unit_test_setup_teardown(test_channeltimeout_in_match, setup, teardown),
	};

	return cmocka_run_group_tests_name("clocks", tests, NULL, NULL) != 0;
}
