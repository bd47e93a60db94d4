/* SPDX-License-Identifier: MIT */
/* Open connections: when the kernel gives up, and the verdict, from tables of what the kernel may tell. */
#include "test_world.h"

#include "model/live.h"

static struct judge_opts opts;
static struct judgement j;
static struct live_in in;
static struct live_out out;

static int
setup(void **state)
{
	(void)state;
	world_init();
	path_opts.declared_given = true;
	path_opts.declared = QTY(100);
	opts = world_judge_opts();
	in = (struct live_in){ .seen = true,
		.phase = LIVE_OPEN,
		.sent_s = 10,
		.got_s = 10,
		.acked_s = 10,
		.wire_s = INFINITY,
		.wait = LIVE_WAIT_KEEPALIVE,
		.next_s = 7190,
		.ka_time = QTY(7200),
		.ka_intvl = QTY(75),
		.ka_probes = QTY(9),
		.retrans = { .next_s = 7190, .rto_s = 0.204, .retries2 = 15, .rto_max_s = 120 },
		.ct_left = QTY_UNKNOWN("not loaded"),
		.carried = QTY_NEVER };
	return 0;
}

static void
run(void)
{
	in.side = opts.side;
	path_of(&arena, opts.side == KW_CLIENT ? &client.ev : &server.ev, &path_opts, &path);
	judge(&arena, &opts, &j);
	in.j = &j;
	in.path = &path;
	live_judge(&arena, &in, &out);
}

static void
want(enum live_verdict v, double in_s, const char *who)
{
	if (out.verdict != v)
		fail_msg(
		    "%s (%.*s), wanted %s", live_verdict_name(out.verdict), STR_ARG(out.why), live_verdict_name(v));
	assert_true(out.in_s.known);
	t_near(out.in_s.v, in_s, 0.01);
	t_eq_str(out.who, who);
	assert_true(out.why.n > 0);
}

static void
test_limit(void **state)
{
	/* Documentation/networking/ip-sysctl: 924.6 s for 15; the others by the same sum */
	static const struct {
		double retries2, max, want;
	} row[] = { { 0, 120, 0.2 }, { 3, 120, 3 }, { 5, 120, 12.6 }, { 8, 120, 102.2 }, { 9, 120, 204.6 },
		{ 10, 120, 324.6 }, { 15, 120, 924.6 }, { 15, 10, 112.6 }, { 5, 1, 4.4 }, { 255, 120, 29724.6 } };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		t_near(live_retrans_limit(row[i].retries2, row[i].max), row[i].want, 1e-6);
}

static void
test_retransmission(void **state)
{
	static const struct {
		struct live_retrans r;
		double want;
	} row[] = {
		/* nothing was repeated yet: the first repeat starts the clock */
		{ { .n = 0, .next_s = 0.204, .rto_s = 0.204, .retries2 = 5, .rto_max_s = 120 }, 13.158 },
		/* with waits of 0.19 s the fifth ends short of 12.6 s: one more is waited for */
		{ { .n = 0, .next_s = 0.19, .rto_s = 0.19, .retries2 = 5, .rto_max_s = 120 }, 24.564 },
		{ { .n = 3,
		      .next_s = 1,
		      .rto_s = 1.632,
		      .backoff_n = 3,
		      .since_s = -1,
		      .retries2 = 5,
		      .rto_max_s = 120 },
		    11.064 },
		/* the timer that fires next is the last */
		{ { .n = 5,
		      .next_s = 4,
		      .rto_s = 6.528,
		      .backoff_n = 5,
		      .since_s = -1,
		      .retries2 = 5,
		      .rto_max_s = 120 },
		    4.128 },
		{ { .n = 0, .next_s = 0.204, .rto_s = 0.204, .retries2 = 15, .rto_max_s = 120 }, 938.342 },
		/* the wait has reached its top: the first one follows from the round trip */
		{ { .n = 12,
		      .next_s = 50,
		      .rto_s = 120,
		      .backoff_n = 12,
		      .since_s = -1,
		      .rtt_s = 0.004,
		      .rttvar_s = 0.001,
		      .retries2 = 15,
		      .rto_max_s = 120 },
		    414.096 },
		/* before Linux 6.15 nobody tells the top */
		{ { .n = 0, .next_s = 0.204, .rto_s = 0.204, .retries2 = 15, .rto_max_s = -1 }, 938.342 },
		{ { .n = 0, .next_s = 0.204, .rto_s = 0.204, .retries2 = 15, .rto_max_s = 10 }, 114.438 },
		/* a slow path: 3 s, 6 s */
		{ { .n = 0, .next_s = 3, .rto_s = 3, .retries2 = 3, .rto_max_s = 120 }, 9.256 },
		/* when the kernel tells since when it repeats, that counts: one more wait, or none */
		{ { .n = 4,
		      .next_s = 2,
		      .rto_s = 3.264,
		      .backoff_n = 4,
		      .since_s = 4.1,
		      .retries2 = 5,
		      .rto_max_s = 120 },
		    8.784 },
		{ { .n = 4,
		      .next_s = 2,
		      .rto_s = 3.264,
		      .backoff_n = 4,
		      .since_s = 11,
		      .retries2 = 5,
		      .rto_max_s = 120 },
		    2.128 },
	};
	struct live_retrans bad = { .next_s = 1, .rto_s = 0, .retries2 = 15 };

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct qty q = live_retrans_ends(&row[i].r);

		assert_true(q.known);
		t_near(q.v, row[i].want, 0.001);
	}
	assert_false(live_retrans_ends(&bad).known);
	bad.rto_s = 0.2;
	bad.retries2 = -1;
	assert_false(live_retrans_ends(&bad).known);
	bad.retries2 = 5;
	bad.backoff_n = 2;
	t_near(live_probe_ends(2, 1, &bad).v, 12.472, 0.001);
	t_near(live_probe_ends(5, 1, &bad).v, 1, 0.001);
}

static void
test_idle(void **state)
{
	(void)state;
	/* nobody speaks within 100 s */
	run();
	want(LIVE_AT_RISK, 90, "the path (declared)");
	t_near(out.next_s.v, 7190, 0.01);
	t_eq_str(out.next_by, "kernel keepalive (client)");
	/* the kernel's keepalive is off at both ends */
	in.wait = LIVE_WAIT_NONE;
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 0);
	run();
	want(LIVE_AT_RISK, 90, "the path (declared)");
	t_eq_str(out.next_by, "kernel keepalive (server, assumed)");
	/* it is on here, and soon */
	in.wait = LIVE_WAIT_KEEPALIVE;
	in.ka_time = QTY(60);
	in.next_s = 50;
	run();
	want(LIVE_SAFE, INFINITY, "");
	t_near(out.next_s.v, 50, 0.01);
	/* a timer that fires early only looks: the probe follows the last packet from there */
	in.next_s = 5;
	run();
	t_near(out.next_s.v, 50, 0.01);
}

static void
test_keepalive_of_ssh(void **state)
{
	(void)state;
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 30);
	run();
	want(LIVE_SAFE, INFINITY, "");
	t_near(out.next_s.v, 20, 0.01);
	t_eq_str(out.next_by, "ServerAliveInterval");
	t_near(out.ssh_ends_s.v, 110, 0.01);
	assert_true(isinf(out.kernel_ends_s.v));
	/* too rarely */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 110);
	run();
	want(LIVE_AT_RISK, 90, "the path (declared)");
	/* the files were changed since it started */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 30);
	in.sent_s = in.got_s = in.acked_s = 60;
	run();
	assert_true(out.interval_idle);
	want(LIVE_AT_RISK, 40, "the path (declared)");
	/* or it is stopped: nothing is said of its settings, and it does not give up */
	in.stopped = true;
	run();
	assert_false(out.interval_idle);
	want(LIVE_AT_RISK, 40, "the path (declared)");
	assert_true(isinf(out.ssh_ends_s.v));
	in.sent_s = in.got_s = in.acked_s = 10;
	run();
	want(LIVE_AT_RISK, 90, "the path (declared)");
	in.stopped = false;
	run();
	want(LIVE_SAFE, INFINITY, "");
	/* on the server side 9.2 to 9.4 wait twice */
	opts.side = KW_SERVER;
	opts.client = NULL;
	opts.server = &server.ev;
	opts.server_ver.n = VER(9, 2);
	row_num(&server, KW_ID_CLIENTALIVEINTERVAL, 30);
	in.sent_s = in.got_s = in.acked_s = 10;
	run();
	want(LIVE_SAFE, INFINITY, "");
	t_near(out.next_s.v, 50, 0.01);
	t_eq_str(out.next_by, "ClientAliveInterval");
}

/* Sentences write a time as the line above them does, cut and not rounded. */
static void
test_sentences(void **state)
{
	(void)state;
	path_opts.declared = QTY(218.8);
	run();
	want(LIVE_AT_RISK, 208.8, "the path (declared)");
	t_eq_str(out.why, "the path (declared) forgets it in 3m28, before anybody speaks (in 119m50)");
	in.wait = LIVE_WAIT_RETRANS;
	in.unacked_bytes = 60;
	in.retrans = (struct live_retrans){
		.n = 4, .next_s = 2, .rto_s = 3.264, .backoff_n = 4, .since_s = -1, .retries2 = 5, .rto_max_s = 120
	};
	in.next_s = 2;
	in.got_s = in.acked_s = 200.7;
	run();
	t_eq_str(out.why,
	    "60 bytes unacknowledged, the first of them repeated 4 times, nothing came for 3m20; the "
	    "kernel (tcp_retries2) ends it in 8 s");
}

static void
test_forgotten(void **state)
{
	(void)state;
	in.sent_s = in.got_s = in.acked_s = 130;
	run();
	want(LIVE_DEAD, INFINITY, "the path (declared)");
	/* an assumption never kills */
	path_opts.declared_given = false;
	in.sent_s = in.got_s = in.acked_s = 300;
	run();
	want(LIVE_AT_RISK, 0, "the path");
	t_eq_i64(out.confidence, CONF_ASSUMED);
	/* an answered keepalive of the kernel refreshes, though no data flows */
	in.acked_s = 20;
	run();
	want(LIVE_AT_RISK, 220, "the path");
	/* and so does one from there, which no socket tells of, but this kernel's conntrack may */
	in.acked_s = 300;
	in.wire_s = 15;
	run();
	want(LIVE_AT_RISK, 225, "the path");
	in.wire_s = INFINITY;
	/* this machine forgets nothing about itself */
	in.pinned = true;
	in.acked_s = 300;
	run();
	want(LIVE_SAFE, INFINITY, "");
}

static void
test_own_conntrack(void **state)
{
	(void)state;
	path_opts.declared = QTY_NEVER;
	path_opts.declared_given = false;
	fact_num(&facts, FACT_CT_ESTABLISHED, 60);
	fact_num(&facts, FACT_CT_LOOSE, 0);
	/* the entry itself says more than the sysctl */
	in.ct_left = QTY(7);
	run();
	want(LIVE_AT_RISK, 7, "this machine's conntrack");
	t_eq_i64(out.confidence, CONF_MEASURED);
	/* without it: 60 s from the last packet */
	in.ct_left = QTY_UNKNOWN("needs root");
	run();
	want(LIVE_AT_RISK, 50, "this machine's conntrack");
	in.sent_s = in.got_s = in.acked_s = 70;
	run();
	want(LIVE_DEAD, INFINITY, "this machine's conntrack");
	/* loose: a packet from here makes it anew */
	fact_num(&facts, FACT_CT_LOOSE, 1);
	run();
	want(LIVE_AT_RISK, 0, "this machine's conntrack");
}

static void
test_unanswered(void **state)
{
	(void)state;
	in.wait = LIVE_WAIT_RETRANS;
	in.unacked_bytes = 44;
	/* on its way, not repeated yet */
	in.next_s = in.retrans.next_s = 0.1;
	in.sent_s = 0.1;
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 30);
	run();
	want(LIVE_SAFE, INFINITY, "");
	assert_true(out.kernel_ends_s.v > 900);
	/* two repeats may be a bad moment */
	in.retrans = (struct live_retrans){
		.n = 2, .next_s = 0.5, .rto_s = 0.816, .backoff_n = 2, .since_s = -1, .retries2 = 5, .rto_max_s = 120
	};
	in.next_s = 0.5;
	in.got_s = in.acked_s = 12;
	run();
	want(LIVE_AT_RISK, 12.212, "the kernel (tcp_retries2)");
	/* four and ten silent seconds are none */
	in.retrans = (struct live_retrans){
		.n = 4, .next_s = 2, .rto_s = 3.264, .backoff_n = 4, .since_s = -1, .retries2 = 5, .rto_max_s = 120
	};
	in.next_s = 2;
	run();
	want(LIVE_DEAD, INFINITY, "the kernel (tcp_retries2)");
	t_near(out.kernel_ends_s.v, 8.784, 0.001);
	t_near(out.ssh_ends_s.v, 108, 0.01);
	t_eq_i64(out.confidence, CONF_MEASURED);
	/* ssh counts faster */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 4);
	run();
	want(LIVE_DEAD, INFINITY, "ServerAliveCountMax");
	t_near(out.ssh_ends_s.v, 4, 0.01);
	/* the same before ten seconds have passed */
	in.got_s = in.acked_s = 9;
	run();
	want(LIVE_AT_RISK, 7, "ServerAliveCountMax");
}

static void
test_probes(void **state)
{
	(void)state;
	in.probes_n = 1;
	in.next_s = 60;
	in.sent_s = in.got_s = in.acked_s = 7215;
	run();
	want(LIVE_AT_RISK, 60 + 8 * 75, "the kernel (TCPKeepAlive)");
	in.probes_n = 3;
	run();
	want(LIVE_DEAD, INFINITY, "the kernel (TCPKeepAlive)");
	t_near(out.kernel_ends_s.v, 60 + 6 * 75, 0.01);
	/* more than all cannot be */
	in.probes_n = 12;
	run();
	t_near(out.kernel_ends_s.v, 60, 0.01);
	/* a window that stays shut: the kernel gives up only when nobody answers */
	in.wait = LIVE_WAIT_WINDOW;
	in.probes_n = 0;
	run();
	assert_true(isinf(out.kernel_ends_s.v));
}

static void
test_mute(void **state)
{
	(void)state;
	/* the far kernel acknowledges every question, sshd is stopped */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 15);
	row_num(&client, KW_ID_SERVERALIVECOUNTMAX, 4);
	in.got_s = 50;
	in.sent_s = in.acked_s = 5;
	run();
	want(LIVE_AT_RISK, 25, "ServerAliveCountMax");
	t_eq_i64(out.confidence, CONF_MEASURED);
	/* typing does not count as an answer, but a young question may still be answered */
	in.got_s = 17;
	in.sent_s = in.acked_s = 2;
	run();
	want(LIVE_SAFE, INFINITY, "");
}

static void
test_others(void **state)
{
	(void)state;
	in.phase = LIVE_CLOSED;
	run();
	want(LIVE_DEAD, INFINITY, "");
	in.phase = LIVE_CONNECTING;
	run();
	want(LIVE_UNKNOWN, INFINITY, "");
	in.phase = LIVE_OPEN;
	in.seen = false;
	in.why_unseen = STR("in another network namespace");
	run();
	want(LIVE_UNKNOWN, INFINITY, "");
	t_eq_str(out.why, "in another network namespace");
	/* settings that cannot be known, on a path that forgets */
	in.seen = true;
	row_unknown(&client, KW_ID_SERVERALIVEINTERVAL, "Match exec");
	run();
	want(LIVE_UNKNOWN, INFINITY, "the path (declared)");
	assert_false(out.next_s.known);
	t_eq_str(str_c(out.next_s.reason), "Match exec");
	path_opts.declared = QTY_NEVER;
	run();
	want(LIVE_SAFE, INFINITY, "");
	/* no settings at all: the command line is gone */
	in.side = KW_CLIENT;
	in.j = NULL;
	in.path = NULL;
	in.why_unjudged = STR("no command line");
	live_judge(&arena, &in, &out);
	want(LIVE_UNKNOWN, INFINITY, "");
	t_eq_str(out.why, "no command line");
	/* a dead one is dead without them, too */
	in.wait = LIVE_WAIT_RETRANS;
	in.retrans = (struct live_retrans){
		.n = 6, .next_s = 2, .rto_s = 13, .backoff_n = 6, .since_s = -1, .retries2 = 15, .rto_max_s = 120
	};
	in.got_s = in.acked_s = 30;
	live_judge(&arena, &in, &out);
	want(LIVE_DEAD, INFINITY, "the kernel (tcp_retries2)");
}

static void
test_count_zero_and_legs(void **state)
{
	(void)state;
	/* ssh ends a healthy session */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 30);
	row_num(&client, KW_ID_SERVERALIVECOUNTMAX, 0);
	run();
	want(LIVE_AT_RISK, 20, "ServerAliveCountMax");
	/* what talks through a leg speaks for it */
	row_num(&client, KW_ID_SERVERALIVEINTERVAL, 0);
	row_num(&client, KW_ID_SERVERALIVECOUNTMAX, 3);
	run();
	want(LIVE_AT_RISK, 90, "the path (declared)");
	in.carried = QTY(40);
	run();
	want(LIVE_SAFE, INFINITY, "");
	t_near(out.next_s.v, 30, 0.01);
}

int
main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest live[] = { CASE(test_limit), CASE(test_retransmission), CASE(test_idle),
		CASE(test_keepalive_of_ssh), CASE(test_sentences), CASE(test_forgotten), CASE(test_own_conntrack),
		CASE(test_unanswered), CASE(test_probes), CASE(test_mute), CASE(test_others),
		CASE(test_count_zero_and_legs) };

	return cmocka_run_group_tests(live, NULL, NULL) != 0;
}
