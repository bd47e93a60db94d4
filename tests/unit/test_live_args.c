/* SPDX-License-Identifier: MIT */
/* Command lines of a running ssh, and the titles of sshd. */
#include "t.h"

#include "base/arena.h"
#include "live/args.h"

enum { WORDS_MAX = 24 };

static struct arena arena;
static struct live_args args;
static struct err e;

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

/* Words separated by one blank. */
static enum sk_code
parse(const char *words, const char *cwd)
{
	struct str v[WORDS_MAX], rest = str_c(words);
	size_t n = 0;

	memset(&args, 0, sizeof args);
	while (str_split(&rest, ' ', &v[n]))
		n++;
	return live_args(&arena, v, n, str_c(cwd), &args, &e);
}

static void
line(size_t i, const char *want)
{
	assert_true(i < args.line.n);
	t_eq_i64((int64_t)args.word.n, (int64_t)args.line.n * 2);
	t_eq_str(args.line.v[i], want);
}

static void
test_hosts(void **state)
{
	static const struct {
		const char *words, *host;
	} row[] = {
		{ "ssh web", "web" },
		{ "ssh -v -t web tmux attach", "web" },
		{ "/usr/bin/ssh -x -oForwardAgent=no -l joe -- web -not-an-option", "web" },
		{ "ssh -NfL 8080:localhost:80 joe@web", "joe@web" },
		{ "ssh ssh://joe@web:2222", "ssh://joe@web:2222" },
		{ "ssh -4Ai key web uptime -p 3", "web" },
		{ "ssh -W [10.0.0.5]:22 bastion", "bastion" },
		{ "ssh -", "-" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (parse(row[i].words, "/") != SK_OK)
			fail_msg("%s: %s", row[i].words, e.msg);
		t_eq_str(args.host, row[i].host);
	}
	assert_int_equal(parse("ssh -W [10.0.0.5]:22 bastion", "/"), SK_OK);
	assert_true(args.is_stdio);
}

static void
test_options(void **state)
{
	(void)state;
	assert_int_equal(
	    parse("ssh -p 2222 -oServerAliveInterval=5 -J bastion -p 9 -M -S /tmp/cm -l joe -l ann web", "/"), SK_OK);
	line(0, "Port=2222");
	line(1, "ServerAliveInterval=5");
	line(2, "ProxyJump=bastion");
	line(3, "ControlMaster=yes");
	line(4, "ControlPath=/tmp/cm");
	t_eq_i64((int64_t)args.line.n, 5);
	t_eq_str(args.login, "joe");
	/* options may stand behind the host; the first word behind them is the command */
	assert_int_equal(parse("ssh web -p2222 -F conf run -p 3", "/home/joe"), SK_OK);
	line(0, "Port=2222");
	t_eq_i64((int64_t)args.line.n, 1);
	t_eq_str(args.file, "/home/joe/conf");
	assert_int_equal(parse("ssh -F /etc/x web", ""), SK_OK);
	t_eq_str(args.file, "/etc/x");
	assert_int_equal(parse("ssh -F none web", ""), SK_OK);
	t_eq_str(args.file, "none");
	/* who comes first */
	assert_int_equal(parse("ssh -o User=ann -l joe web", "/"), SK_OK);
	assert_true(args.user_line);
	assert_int_equal(parse("ssh -l joe -o User=ann web", "/"), SK_OK);
	assert_false(args.user_line);
}

static void
test_no_command_line(void **state)
{
	struct str title = STR("ssh: /home/joe/a b/cm [mux]");

	(void)state;
	assert_int_equal(live_args(&arena, &title, 1, STR("/"), &args, &e), SK_OK);
	t_eq_str(args.mux_path, "/home/joe/a b/cm");
	t_eq_i64((int64_t)args.host.n, 0);
	assert_int_equal(live_args(&arena, NULL, 0, STR("/"), &args, &e), SK_ESYNTAX);
	assert_int_equal(parse("ssh", "/"), SK_ESYNTAX);
	assert_int_equal(parse("ssh -p", "/"), SK_ESYNTAX);
	assert_int_equal(parse("ssh -Z web", "/"), SK_ESYNTAX);
	assert_int_equal(parse("ssh -F conf web", ""), SK_ESYNTAX);
}

static void
test_titles(void **state)
{
	static const struct {
		const char *title, *user;
		bool listener, monitor, login;
	} row[] = {
		{ "sshd: joe@pts/0", "joe", false, false, false },
		{ "sshd: joe [priv]", "joe", false, true, false },
		{ "sshd: joe@notty", "joe", false, false, false },
		{ "sshd: a@b.example@pts/12", "a@b.example", false, false, false },
		{ "sshd-session: joe@pts/1", "joe", false, false, false },
		{ "sshd-session: joe [priv]", "joe", false, true, false },
		{ "sshd: [accepted]", "", false, false, true },
		{ "sshd: joe [net]", "", false, false, true },
		{ "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "", true, false, true },
		{ "/usr/sbin/sshd", "", false, false, true },
		{ "", "", false, false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct live_title t;

		live_title(str_c(row[i].title), &t);
		t_eq_str(t.user, row[i].user);
		t_eq_i64(t.is_listener, row[i].listener);
		t_eq_i64(t.is_monitor, row[i].monitor);
		t_eq_i64(t.is_login, row[i].login);
	}
}

/* A title of a listener, or its words. */
static const char *
listener(const char *text, bool words, struct live_listener *ret)
{
	struct str v[WORDS_MAX] = { str_c(text) }, rest = str_c(text);
	size_t n = 1;

	memset(ret, 0, sizeof *ret);
	if (words)
		for (n = 0; str_split(&rest, '|', &v[n]);)
			n++;
	return live_listener(&arena, v, n, ret, &e) == SK_OK ? "" : e.msg;
}

static void
test_listeners(void **state)
{
	static const char unclear[] = "the arguments of its listener cannot be told apart";
	static const char lost[] = "its listener was started with a file relative to a folder that is not known";
	static const struct {
		const char *text;
		bool words;
		const char *fault, *file;
		const char *line[3];
	} row[] = {
		{ "sshd: /usr/sbin/sshd [listener] 0 of 10-100 startups", false, "", "", { 0 } },
		{ "sshd: /usr/sbin/sshd -De -f /etc/ssh/a b -p 22 [listener] 0 of 10-100 startups", false, "",
		    "/etc/ssh/a b", { 0 } },
		{ "sshd: /usr/sbin/sshd -D -o ClientAliveInterval 5 -oClientAliveCountMax 2 -o Banner=none [listener] "
		  "0",
		    false, "", "", { "ClientAliveInterval 5", "ClientAliveCountMax 2", "Banner=none" } },
		{ "sshd: /usr/sbin/sshd -DoUseDNS=no -f/etc/x [listener] 0 of 10-100 startups", false, "", "/etc/x",
		    { "UseDNS=no" } },
		/* a dash within a value */
		{ "sshd: /usr/sbin/sshd -o ForceCommand x -v -n [listener] 0 of 10-100 startups", false, unclear, "",
		    { 0 } },
		{ "sshd: /usr/sbin/sshd -o ForceCommand x - [listener] 0 of 10-100 startups", false, unclear, "",
		    { 0 } },
		{ "sshd: /usr/sbin/sshd -D -o [listener] 0 of 10-100 startups", false, unclear, "", { 0 } },
		{ "sshd: /opt/my tools/sshd -D [listener] 0 of 10-100 startups", false, unclear, "", { 0 } },
		{ "sshd: /usr/sbin/sshd -f conf [listener] 0 of 10-100 startups", false, lost, "", { 0 } },
		{ "sshd: /usr/sbin/sshd -f none [listener] 0 of 10-100 startups", false, "", "none", { 0 } },
		/* releases without a title for it */
		{ "/usr/sbin/sshd|-D|-o|ForceCommand x -v -n|-f|/etc/x", true, "", "/etc/x",
		    { "ForceCommand x -v -n" } },
		{ "/usr/sbin/sshd|-f|conf", true, lost, "", { 0 } },
		{ "/usr/sbin/sshd|-D|more", true, unclear, "", { 0 } },
		{ "/usr/sbin/sshd|-o", true, unclear, "", { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct live_listener l;
		size_t n = 0;

		t_eq_str(str_c(listener(row[i].text, row[i].words, &l)), row[i].fault);
		t_eq_str(l.file, row[i].file);
		for (; n < 3 && row[i].line[n] != NULL; n++) {
			assert_true(n < l.line.n);
			t_eq_str(l.line.v[n], row[i].line[n]);
		}
		t_eq_i64((int64_t)l.line.n, (int64_t)n);
		t_eq_i64((int64_t)l.word.n, (int64_t)(2 * n));
	}
}

/* text n times, behind head and ahead of tail. */
static struct str
many(const char *head, const char *text, size_t n, const char *tail)
{
	size_t h = strlen(head), k = strlen(text), t = strlen(tail);
	char *p = arena_alloc(&arena, h + n * k + t + 1);

	memcpy(p, head, h);
	for (size_t i = 0; i < n; i++)
		memcpy(p + h + i * k, text, k);
	memcpy(p + h + n * k, tail, t);
	return (struct str){ p, h + n * k + t };
}

/* Any user may give a process any title and any command line: what they cost is bounded by what they hold. */
static void
test_cost_of_title(void **state)
{
	static const char head[] = "sshd: /usr/sbin/sshd -o ", tail[] = " [listener] 0 of 10-100 startups";
	struct live_listener l = { 0 };
	struct str title = many(head, "a ", 4000, tail);
	size_t before = arena.total;

	(void)state;
	assert_int_equal(live_listener(&arena, &title, 1, &l, &e), SK_OK);
	t_eq_i64((int64_t)l.line.n, 1);
	t_eq_i64((int64_t)l.line.v[0].n, 2 * 4000 - 1);
	assert_true(arena.total - before < 1024u * 1024);

	title = many(head, "a ", 60000, tail);
	before = arena.total;
	assert_int_equal(live_listener(&arena, &title, 1, &l, &e), SK_ESYNTAX);
	t_eq_str(str_c(e.msg), "the title of its listener is longer than sshd writes any");
	assert_true(arena.total - before < 64u * 1024);
}

/* n times the one word, as the options of a program. */
static struct str *
repeated(const char *program, const char *word, size_t n, const char *host)
{
	struct str *v = ARENA_ARRAY(&arena, struct str, n + 2);

	v[0] = str_c(program);
	for (size_t i = 1; i <= n; i++)
		v[i] = str_c(word);
	v[n + 1] = str_c(host);
	return v;
}

static void
test_cost_of_options(void **state)
{
	enum { MANY = 60000, MOST = 256 };
	struct str cwd = many("/", "x", 4000, ""), *v;
	struct live_listener l = { 0 };
	size_t before;

	(void)state;
	v = repeated("ssh", "-oA=1", MOST, "web");
	assert_int_equal(live_args(&arena, v, MOST + 2, cwd, &args, &e), SK_OK);
	t_eq_i64((int64_t)args.line.n, MOST);
	v = repeated("ssh", "-oA=1", MOST + 1, "web");
	assert_int_equal(live_args(&arena, v, MOST + 3, cwd, &args, &e), SK_ESYNTAX);
	t_eq_str(str_c(e.msg), "its command line has more than 256 settings");
	v = repeated("/usr/sbin/sshd", "-oA=1", MOST + 1, "-D");
	assert_int_equal(live_listener(&arena, v, MOST + 3, &l, &e), SK_ESYNTAX);
	t_eq_str(str_c(e.msg), "its listener has more than 256 settings");

	/* a port counts once, however often it is given */
	v = repeated("ssh", "-p1", MANY, "web");
	assert_int_equal(live_args(&arena, v, MANY + 2, cwd, &args, &e), SK_OK);
	line(0, "Port=1");
	t_eq_i64((int64_t)args.line.n, 1);

	v = repeated("ssh", "-Fa", MANY, "web");
	before = arena.total;
	assert_int_equal(live_args(&arena, v, MANY + 2, cwd, &args, &e), SK_OK);
	t_eq_i64((int64_t)args.file.n, (int64_t)cwd.n + 2);
	assert_true(arena.total - before < 4096u * 1024);
}

int
main(void)
{
	const struct CMUnitTest live_args_tests[] = { cmocka_unit_test_teardown(test_hosts, teardown),
		cmocka_unit_test_teardown(test_options, teardown),
		cmocka_unit_test_teardown(test_no_command_line, teardown),
		cmocka_unit_test_teardown(test_titles, teardown), cmocka_unit_test_teardown(test_listeners, teardown),
		cmocka_unit_test_teardown(test_cost_of_title, teardown),
		cmocka_unit_test_teardown(test_cost_of_options, teardown) };

	return cmocka_run_group_tests(live_args_tests, NULL, NULL) != 0;
}
