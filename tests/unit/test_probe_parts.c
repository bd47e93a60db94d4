/* SPDX-License-Identifier: MIT */
/* The parts of probe that open nothing: ssh's messages, the far end's commands, records, the moving line. */
#include "measure/report.h"
#include "probe/record.h"
#include "probe/remote.h"
#include "probe/said.h"
#include "t.h"

static struct arena arena;

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_said(void **state)
{
	static const struct {
		const char *text;
		bool logged_in;
		enum said want;
		const char *line;
	} row[] = {
		{ "", false, SAID_NOTHING, "" },
		{ "debug1: Connecting to h port 22.\r\ndebug1: permission denied\r\n", false, SAID_NOTHING, "" },
		{ "debug1: x\r\nops@h: Permission denied (publickey).\r\n", false, SAID_AUTH,
		    "ops@h: Permission denied (publickey)." },
		/* a login banner that says so is no refusal once the session stands */
		{ "Permission denied (publickey).\n", true, SAID_NOTHING, "Permission denied (publickey)." },
		{ "Host key verification failed.\n", false, SAID_HOSTKEY, "Host key verification failed." },
		{ "ssh: Could not resolve hostname x: Name or service not known\n", false, SAID_NAME,
		    "ssh: Could not resolve hostname x: Name or service not known" },
		{ "ssh: connect to host h port 23: Connection refused\n", false, SAID_REFUSED,
		    "ssh: connect to host h port 23: Connection refused" },
		{ "ssh: connect to host h port 22: Connection timed out\n", false, SAID_UNREACHABLE,
		    "ssh: connect to host h port 22: Connection timed out" },
		{ "kex_exchange_identification: Connection closed by remote host\nConnection closed by 1.2.3.4 port "
		  "22\n",
		    false, SAID_BUSY, "Connection closed by 1.2.3.4 port 22" },
		/* a login banner comes first */
		{ "Permission denied (go away).\nHost key verification failed.\nConnection closed by 1.2.3.4 port 22\n",
		    false, SAID_BUSY, "Connection closed by 1.2.3.4 port 22" },
		{ "f: line 2: Bad configuration option: foo\r\nf: terminating, 1 bad configuration options\r\n", false,
		    SAID_CONFIG, "f: line 2: Bad configuration option: foo" },
		{ "Timeout, server h not responding.\r\n", true, SAID_UNREACHABLE,
		    "Timeout, server h not responding." },
		/* the far end's standard error, and then ssh */
		{ "Connection reset by nobody\nConnection to h closed by remote host.\r\n", true, SAID_CLOSED,
		    "Connection to h closed by remote host." },
		{ "bye\n", true, SAID_NOTHING, "bye" },
		{ "f: line 2: Bad configuration option: foo\r\n", false, SAID_CONFIG,
		    "f: line 2: Bad configuration option: foo" },
		{ "Connection reset by 1.2.3.4 port 22\n", false, SAID_BUSY, "Connection reset by 1.2.3.4 port 22" },
		{ "Read from remote host h: Connection reset by peer\r\nclient_loop: send disconnect: Broken pipe\r\n",
		    true, SAID_RESET, "Read from remote host h: Connection reset by peer" },
		{ "client_loop: send disconnect: Broken pipe\r\n", true, SAID_RESET,
		    "client_loop: send disconnect: Broken pipe" },
		{ "Connection to h closed by remote host.\r\nTransferred: sent 1\r\n", true, SAID_CLOSED,
		    "Connection to h closed by remote host." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct str line = { 0 };

		t_eq_i64(probe_said(str_c(row[i].text), row[i].logged_in, &line), row[i].want);
		t_eq_str(line, row[i].line);
	}
	assert_true(said_is_final(SAID_AUTH) && said_is_final(SAID_HOSTKEY) && !said_is_final(SAID_BUSY));
	assert_true(probe_said_keepalive(
	    STR("debug1: client_input_channel_req: channel 0 rtype keepalive@openssh.com reply 1\r\n")));
	assert_true(probe_said_keepalive(
	    STR("debug1: client_input_global_request: rtype keepalive@openssh.com want_reply 1\r\n")));
	assert_false(probe_said_keepalive(STR("debug1: rtype hostkeys-00@openssh.com\r\n")));
}

/* The command line means the same to every login shell: no quote or exclamation mark inside its one quoted word. */
static void
test_remote(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (int dir = 0; dir <= PROBE_DIRS; dir++) {
		struct str s, word;
		size_t open, end;

		buf_clear(&b);
		if (dir == PROBE_DIRS)
			remote_control(&b);
		else
			remote_trial((enum probe_dir)dir, 350, &b);
		s = buf_str(&b);
		assert_true(str_starts(s, STR("exec sh -c '")));
		open = str_chr(s, '\'', 0);
		end = str_chr(s, '\'', open + 1);
		t_eq_u64(end, s.n - 1);
		word = str_head(str_from(s, open + 1), end - open - 1);
		assert_true(str_chr(word, '!', 0) == SIZE_MAX && str_chr(word, '\n', 0) == SIZE_MAX);
		assert_true(str_find(word, STR("echo " REMOTE_READY)) != SIZE_MAX);
		if (dir < PROBE_DIRS)
			assert_true(str_find(word, STR("echo " REMOTE_ALIVE)) != SIZE_MAX);
		if (dir == PROBE_FROM_SERVER)
			assert_true(str_find(word, STR("sleep 350;")) != SIZE_MAX);
		if (dir == PROBE_FROM_CLIENT)
			assert_true(str_find(word, STR("sleep 410 ")) != SIZE_MAX);
	}
	buf_release(&b);
}

static struct probe_record
a_record(void)
{
	return (struct probe_record){ .where = { .host = STR("web.example.net"),
					  .port = 22,
					  .via = STR("none of your ; business"),
					  .network = STR("eth0 via 10.0.0.1 aa:bb:cc:dd:ee:ff vpn none") },
		.answer = { .low_s = 340,
		    .high_s = 345,
		    .died = { true, false },
		    .survived = { false, true },
		    .symptom = PROBE_RESET },
		.when_s = 1760000000 };
}

/* A short run, or half of one, takes nothing away. */
static void
test_worse(void **state)
{
	enum { S = 1, C = 2 };
	static const struct {
		unsigned low, high, known, old_low, old_high, old_known;
		bool worse;
	} row[] = {
		{ 300, 0, 0, 340, 345, S | C, true },
		{ 340, 0, 0, 340, 345, S | C, true },
		{ 342, 0, 0, 340, 345, S | C, true },
		{ 345, 0, 0, 340, 345, S | C, false },
		{ 3900, 0, 0, 340, 345, S | C, false },
		{ 300, 0, 0, 3900, 0, 0, true },
		{ 3900, 0, 0, 3900, 0, 0, false },
		{ 4000, 0, 0, 3900, 0, 0, false },
		{ 59, 60, S | C, 3900, 0, 0, false },
		{ 59, 60, S | C, 340, 345, S | C, false },
		{ 99, 100, C, 59, 60, S | C, true },
		{ 99, 100, C, 59, 60, C, false },
		{ 99, 100, S | C, 59, 60, C, false },
		/* what lived then dies now */
		{ 29, 30, C, 59, 60, S | C, false },
		{ 29, 30, C, 3900, 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct probe_answer n = { .low_s = row[i].low,
			.high_s = row[i].high,
			.died = { (row[i].known & S) != 0, (row[i].known & C) != 0 } };
		struct probe_answer old = { .low_s = row[i].old_low,
			.high_s = row[i].old_high,
			.died = { (row[i].old_known & S) != 0, (row[i].old_known & C) != 0 } };

		assert_int_equal(probe_worse(&n, &old) != NULL, row[i].worse);
	}
}

static void
test_record(void **state)
{
	struct probe_record r = a_record(), back;
	struct probe_where other = r.where;
	struct buf b = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_true(probe_can_keep(&r.where));
	probe_write(&r, &b);
	t_eq_i64(probe_read(&arena, STR("f"), buf_str(&b), &back, &e), SK_OK);
	t_eq_str(back.where.host, "web.example.net");
	t_eq_str(back.where.network, "eth0 via 10.0.0.1 aa:bb:cc:dd:ee:ff vpn none");
	t_eq_u64(back.answer.low_s, 340);
	t_eq_u64(back.answer.high_s, 345);
	t_eq_i64(back.answer.symptom, PROBE_RESET);
	assert_true(back.answer.died[PROBE_FROM_SERVER] && !back.answer.died[PROBE_FROM_CLIENT]);
	assert_true(!back.answer.survived[PROBE_FROM_SERVER] && back.answer.survived[PROBE_FROM_CLIENT]);
	t_eq_i64(back.when_s, 1760000000);
	assert_true(probe_same_way(&back, &r.where));
	other.port = 23;
	assert_false(probe_same_way(&back, &other));
	assert_false(str_eq(probe_file(&arena, &r.where), probe_file(&arena, &other)));
	other = r.where;
	other.via = STR("");
	assert_false(probe_same_way(&back, &other));
	other = r.where;
	other.host = STR("WEB.example.net");
	assert_true(probe_same_way(&back, &other));
	assert_true(str_eq(probe_file(&arena, &r.where), probe_file(&arena, &other)));
	buf_release(&b);
}

static void
test_record_without_end(void **state)
{
	struct probe_record r = a_record(), back;
	struct buf b = { 0 };

	(void)state;
	r.answer = (struct probe_answer){ .low_s = 3900, .symptom = PROBE_ALIVE };
	probe_write(&r, &b);
	t_eq_i64(probe_read(&arena, STR("f"), buf_str(&b), &back, NULL), SK_OK);
	t_eq_u64(back.answer.low_s, 3900);
	t_eq_u64(back.answer.high_s, 0);
	t_eq_i64(back.answer.symptom, PROBE_ALIVE);
	buf_release(&b);
}

#define HEAD "[probe]\nhost = h\nport = 22\nvia = none\nnetwork = n\nwhen = 5\n"
#define TAIL "died = none\nsurvived = none\n"

static void
test_record_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"[other]\nhost = h\n",
		HEAD "low = 1\nhigh = 2\n" TAIL,
		HEAD "low = 2\nhigh = 2\nsymptom = silent\n" TAIL,
		HEAD "low = -1\nhigh = 2\nsymptom = silent\n" TAIL,
		HEAD "low = 1\nhigh = 99999999999\nsymptom = silent\n" TAIL,
		HEAD "low = 1\nhigh = none\nsymptom = silent\n" TAIL,
		HEAD "low = 1\nhigh = 2\nsymptom = none\n" TAIL,
		HEAD "low = 1\nhigh = 2\nsymptom = loud\n" TAIL,
		HEAD "low = 1\nhigh = 2\nsymptom = silent\ndied = north\nsurvived = none\n",
		HEAD "low = 1\nhigh = 2\nsymptom = silent\nextra = 1\n" TAIL,
	};
	static const struct probe_where unfit[] = {
		{ .host = { "a;b", 3 }, .port = 22, .network = { "n", 1 } },
		{ .host = { "a\033b", 3 }, .port = 22, .network = { "n", 1 } },
		{ .host = { "a\nb", 3 }, .port = 22, .network = { "n", 1 } },
		{ .host = { "", 0 }, .port = 22, .network = { "n", 1 } },
		{ .host = { "a", 1 }, .port = 0, .network = { "n", 1 } },
		{ .host = { "a", 1 }, .port = 22, .network = { "", 0 } },
	};
	struct probe_record r;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = { 0 };

		t_eq_i64(probe_read(&arena, STR("f"), str_c(bad[i]), &r, &e), SK_ERULE);
		assert_true(strlen(e.msg) > 0);
	}
	t_eq_i64(probe_read(&arena, STR("f"), STR(HEAD "low = 1\nhigh = 2\nsymptom = silent\n" TAIL), &r, NULL), SK_OK);
	for (size_t i = 0; i < sizeof unfit / sizeof *unfit; i++)
		assert_false(probe_can_keep(&unfit[i]));
}

static void
test_bar(void **state)
{
	static const unsigned width[] = { 60, 80, 120 };
	struct buf b = { 0 };

	(void)state;
	for (size_t w = 0; w < 3; w++)
		for (unsigned low = 0; low <= 3900; low += 130) {
			struct probe_answer n = { .low_s = low, .high_s = low % 260 == 0 ? 0 : low + 7 };
			struct str s;

			buf_clear(&b);
			probe_bar(&n, 3900, 86400, width[w], &b);
			s = buf_str(&b);
			assert_true(s.n < width[w] && s.p[0] == '[');
			if (low > 0)
				assert_true(str_chr(s, '=', 0) != SIZE_MAX);
			if (n.high_s > 0 && low < 1000)
				assert_true(str_chr(s, 'X', 0) != SIZE_MAX);
		}
	buf_clear(&b);
	probe_bar(&(struct probe_answer){ .low_s = 16, .high_s = 64 }, 256, 90, 92, &b);
	t_eq_str(buf_str(&b), "[====================??????????XXXXXXXXXX] between 16 s and 64 s, about 90 s left");
	buf_release(&b);
}

static void
nearest(const struct probe_report *r, const char *want)
{
	struct buf b = { 0 };
	struct str line, rest;
	bool found = false;

	probe_text(r, &b);
	rest = buf_str(&b);
	while (!found && str_split(&rest, '\n', &line))
		if (str_starts(line, STR("  nearest "))) {
			t_eq_str(str_trim(str_from(line, 10)), want);
			found = true;
		}
	assert_true(found);
	buf_release(&b);
}

/* Rows within 5 per cent of the interval that look so, and no others. */
static void
test_nearest(void **state)
{
	struct network v[] = {
		{ .name = STR("A"), .timeout = QTY(350), .kind = NET_IDLE, .expiry = NET_RST_ON_NEXT },
		{ .name = STR("B"), .timeout = QTY(350), .kind = NET_IDLE, .expiry = NET_SILENT },
		{ .name = STR("C"), .timeout = QTY(350), .kind = NET_LIFETIME, .expiry = NET_SILENT },
		{ .name = STR("D"), .timeout = QTY_NEVER, .kind = NET_IDLE, .expiry = NET_SILENT },
		{ .name = STR("E"), .timeout = QTY_UNKNOWN("nobody says"), .kind = NET_IDLE, .expiry = NET_SILENT },
		{ .name = STR("F"), .timeout = QTY(365), .kind = NET_IDLE, .expiry = NET_SILENT },
		{ .name = STR("G"), .timeout = QTY(600), .kind = NET_IDLE, .expiry = NET_FIN },
	};
	struct networks networks = { .v = v, .n = sizeof v / sizeof *v };
	struct probe_result n = { .answer = { .low_s = 346, .high_s = 351, .symptom = PROBE_SILENT, .whole = true } };
	struct probe_report r = { .host = STR("h"), .result = &n, .networks = &networks, .width = 100 };

	(void)state;
	nearest(&r, "B 350 s; F 365 s");
	n.answer.symptom = PROBE_RESET;
	nearest(&r, "A 350 s");
	n.answer.symptom = PROBE_CLOSED;
	nearest(&r, "no row of the table of networks");
	n.answer.low_s = 630;
	n.answer.high_s = 632;
	nearest(&r, "G 600 s");
	n.answer.low_s = 631;
	nearest(&r, "no row of the table of networks");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_remote),
		cmocka_unit_test(test_worse),
		cmocka_unit_test(test_record),
		cmocka_unit_test(test_record_without_end),
		cmocka_unit_test(test_record_refused),
		cmocka_unit_test(test_bar),
		cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, teardown) != 0;
}
