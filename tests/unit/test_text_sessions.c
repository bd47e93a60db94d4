/* SPDX-License-Identifier: MIT */
/* What `sessions` prints of made-up connections, text and JSON, letter for letter. */
#include "t.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/live.h"
#include "report/json.h"
#include "report/text.h"

static struct live_session row[2];
static struct live_report live;
static struct report report;

/* A client that is safe, a server's process whose client is gone. */
static int
setup(void **state)
{
	(void)state;
	row[0] = (struct live_session){ .side = KW_CLIENT,
		.pid = 12,
		.uid = 1000,
		.program = STR("ssh"),
		.holder = 12,
		.host = STR("web"),
		.user = STR("joe"),
		.peer = STR("192.0.2.1:22"),
		.local = STR("192.0.2.9:40000"),
		.file = STR("~/.ssh/config"),
		.line = 7,
		.in = { .side = KW_CLIENT,
		    .seen = true,
		    .phase = LIVE_OPEN,
		    .sent_s = 3,
		    .got_s = 2,
		    .acked_s = 2,
		    .ct_left = QTY_UNKNOWN("not readable"),
		    .why_unjudged = STR("made up") },
		.out = { .verdict = LIVE_SAFE,
		    .in_s = QTY_NEVER,
		    .confidence = CONF_DETECTED,
		    .why = STR("it speaks in time"),
		    .next_s = QTY(28),
		    .next_by = STR("ServerAliveInterval"),
		    .kernel_ends_s = QTY_NEVER,
		    .ssh_ends_s = QTY(118) } };
	row[1] = row[0];
	row[1].side = row[1].in.side = KW_SERVER;
	row[1].pid = row[1].holder = 34;
	row[1].program = STR("sshd");
	row[1].host = STR("");
	row[1].in.unacked_bytes = 44;
	row[1].in.ct_left = QTY(90);
	row[1].ct_state = STR("ESTABLISHED");
	row[1].out.verdict = LIVE_AT_RISK;
	row[1].out.in_s = QTY(300);
	row[1].out.why = STR("an answer is awaited");
	row[1].out.kernel_ends_s = QTY(300);
	row[1].out.next_by = STR("");
	live = (struct live_report){ .v = row, .n = 1 };
	report = (struct report){ .command = "sessions", .version = "0", .live = &live, .width = 100 };
	return 0;
}

static void
prints(const char *want)
{
	struct buf out = { 0 };

	report_text_sessions(&report, &out);
	t_eq_str(buf_str(&out), want);
	buf_release(&out);
}

/* Does the JSON hold this text? */
static bool
tells(const char *want)
{
	struct buf out = { 0 };
	bool ret;

	report_json_sessions(&report, &out);
	ret = str_find(buf_str(&out), str_c(want)) != SIZE_MAX;
	buf_release(&out);
	return ret;
}

static void
test_both_sides(void **state)
{
	(void)state;
	live.n = 2;
	live.n_hidden = 1;
	prints("1 ssh connection out, 1 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "out web                  192.0.2.1:22             3 s     2 s     28 s    safe\n"
	       "    it speaks in time\n"
	       "    ssh 12; ~/.ssh/config:7; ServerAliveInterval speaks next\n"
	       "in  joe                  192.0.2.1:22             3 s     2 s     28 s    at risk in 5m00\n"
	       "    an answer is awaited\n"
	       "    sshd 34; ~/.ssh/config:7; 44 bytes unacknowledged; the kernel gives up in 5m00; ssh gives up if\n"
	       "    nothing comes in 118 s; conntrack ESTABLISHED, 90 s left\n"
	       "1 process of other users not shown: needs root\n");
}

/* An IPv6 address with its port, and a long name, are told whole. */
static void
test_long_names(void **state)
{
	(void)state;
	row[0].host = STR("build-server-17.example.org");
	row[0].peer = STR("[2001:db8:1234:5678:9abc:def0:1234:5678]:2222");
	prints("1 ssh connection out, 0 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "out build-server-17.exa~ [2001:db8:1234:5678:9ab~ 3 s     2 s     28 s    safe\n"
	       "    it speaks in time\n"
	       "    build-server-17.example.org; peer [2001:db8:1234:5678:9abc:def0:1234:5678]:2222; ssh 12;\n"
	       "    ~/.ssh/config:7; ServerAliveInterval speaks next\n");
}

static void
test_command_line(void **state)
{
	(void)state;
	row[0].file = STR("command-line");
	row[0].on_cmdline = true;
	row[0].line = 0;
	prints("1 ssh connection out, 0 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "out web                  192.0.2.1:22             3 s     2 s     28 s    safe\n"
	       "    it speaks in time\n"
	       "    ssh 12; its command line; ServerAliveInterval speaks next\n");
	assert_true(tells("\"file\": \"command-line\""));
	assert_true(tells("\"line\": null"));
}

/* The three endings: a default, settings that nobody knows, a title that nobody believes. */
static void
test_unknown(void **state)
{
	(void)state;
	row[0].file = STR("");
	prints("1 ssh connection out, 0 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "out web                  192.0.2.1:22             3 s     2 s     28 s    safe\n"
	       "    it speaks in time\n"
	       "    ssh 12; no line decides; ServerAliveInterval speaks next\n");
	row[0].config_reason = STR("the account of uid 1000 is not known");
	row[0].in.seen = false;
	prints("1 ssh connection out, 0 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "out web                  192.0.2.1:22             ?       ?       28 s    safe\n"
	       "    it speaks in time\n"
	       "    ssh 12; settings unknown: the account of uid 1000 is not known; ServerAliveInterval speaks next\n");
	row[1].claimed = STR("root");
	row[0] = row[1];
	prints("0 ssh connections out, 1 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "in  joe                  192.0.2.1:22             3 s     2 s     28 s    at risk in 5m00\n"
	       "    an answer is awaited\n"
	       "    sshd 34 of uid 1000 (its title is not trusted: it names root); ~/.ssh/config:7; 44 bytes\n"
	       "    unacknowledged; the kernel gives up in 5m00; ssh gives up if nothing comes in 118 s; conntrack\n"
	       "    ESTABLISHED, 90 s left\n");
	assert_true(tells("\"untrusted_title_user\": \"root\""));
	assert_true(tells("\"uid\": 1000"));
}

/* Whoever does not run is not said to run with other settings. */
static void
test_stopped(void **state)
{
	(void)state;
	row[0].in.stopped = true;
	prints("1 ssh connection out, 0 in\n"
	       "    HOST OR USER         PEER                     SENT    GOT     NEXT    VERDICT\n"
	       "out web                  192.0.2.1:22             3 s     2 s     28 s    safe\n"
	       "    it speaks in time\n"
	       "    ssh 12; ~/.ssh/config:7; ServerAliveInterval speaks next; the process is stopped (fg or SIGCONT\n"
	       "    continues it)\n");
	assert_true(tells("\"stopped\": true"));
	assert_true(tells("\"settings_act\": false"));
	row[0].in.stopped = false;
	assert_true(tells("\"stopped\": false"));
	assert_true(tells("\"settings_act\": true"));
}

/* With --watch the screen is wiped from the second look on. */
static void
test_again(void **state)
{
	(void)state;
	live.n = 0;
	prints("0 ssh connections out, 0 in\n");
	live.again = true;
	prints("\n0 ssh connections out, 0 in\n");
	report.color = true;
	prints("\033[H\033[J0 ssh connections out, 0 in\n");
}

int
main(void)
{
	const struct CMUnitTest text_sessions[] = { cmocka_unit_test_setup(test_both_sides, setup),
		cmocka_unit_test_setup(test_long_names, setup), cmocka_unit_test_setup(test_command_line, setup),
		cmocka_unit_test_setup(test_unknown, setup), cmocka_unit_test_setup(test_stopped, setup),
		cmocka_unit_test_setup(test_again, setup) };

	return cmocka_run_group_tests(text_sessions, NULL, NULL) != 0;
}
