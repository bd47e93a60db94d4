/* SPDX-License-Identifier: MIT */
/* Launchers: quoting, forwards as one word, what is refused, and what each kind of launcher must contain. */
#include "t.h"

#include "launch/parts.h"

struct fix {
	struct arena a;
	struct buf b;
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct fix));
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct fix *f = *state;

	arena_release(&f->a);
	buf_release(&f->b);
	free(f);
	return 0;
}

struct pair {
	const char *in, *out;
};

static void
shell_words(void **state)
{
	static const struct pair row[] = {
		{ "web", "web" },
		{ "tunnel@relay.example.net", "tunnel@relay.example.net" },
		{ "", "''" },
		{ "a b", "'a b'" },
		{ "it's", "'it'\\''s'" },
		{ "'", "\\'" },
		{ "$(touch x)`y`", "\\$'(touch x)'\\`'y'\\`" },
		{ "a\\", "'a'\\\\" },
		{ "two\nlines", "'two\nlines'" },
		{ "~", "'~'" },
		{ "#x", "'#x'" },
		{ "*", "'*'" },
		{ "{a,b}", "'{a,b}'" },
		{ "!", "'!'" },
		{ "if", "'if'" },
		{ "iff", "iff" },
		{ "A=b", "'A=b'" },
		{ "\303\244", "'\303\244'" },
		{ "\377", "'\377'" },
		{ "it\342\200\231s", "'it'\"\342\200\231\"'s'" },
	};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&f->b);
		sh_quote(&f->b, str_c(row[i].in));
		t_eq_str(buf_str(&f->b), row[i].out);
	}
	buf_clear(&f->b);
	sh_quote_arg(&f->b, STR("Port=22"));
	sh_quote_arg(&f->b, STR("=x"));
	t_eq_str(buf_str(&f->b), "Port=22'=x'");
}

static void
unit_words(void **state)
{
	static const struct pair row[] = {
		{ "Port=22", "Port=22" },
		{ "%h", "%%h" },
		{ "$HOME", "$$HOME" },
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "a\"b\\", "\"a\\\"b\\\\\"" },
		{ ";", "\";\"" },
		{ "#x", "\"#x\"" },
		{ "'", "\"'\"" },
		{ "x\ny", "\"x\\x0ay\"" },
		{ "100% $5", "\"100%% $$5\"" },
	};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		buf_clear(&f->b);
		unit_quote(&f->b, str_c(row[i].in));
		t_eq_str(buf_str(&f->b), row[i].out);
	}
}

static void
utf8(void **state)
{
	(void)state;
	assert_true(launch_is_utf8(STR("")));
	assert_true(launch_is_utf8(STR("a\303\244\342\202\254\360\237\230\200")));
	assert_false(launch_is_utf8(STR("\303")));
	assert_false(launch_is_utf8(STR("\303(")));
	assert_false(launch_is_utf8(STR("\200")));
	assert_false(launch_is_utf8(STR("\300\257")));	       /* overlong */
	assert_false(launch_is_utf8(STR("\340\200\257")));     /* overlong */
	assert_false(launch_is_utf8(STR("\355\240\200")));     /* surrogate */
	assert_false(launch_is_utf8(STR("\364\220\200\200"))); /* above U+10FFFF */
	assert_false(launch_is_utf8(STR("\357\277\276")));     /* U+FFFE */
	assert_false(launch_is_utf8(STR("\377")));
}

/* As ssh 9.2 takes or refuses them on its command line. */
static void
shapes(void **state)
{
	static const struct {
		char kind;
		const char *spec;
		bool ok, bind, path;
	} row[] = {
		{ 'L', "8080:web:80", true, false, false },
		{ 'L', "127.0.0.1:8080:web:80", true, true, false },
		{ 'L', "[::1]:99:[::1]:98", true, true, false },
		{ 'L', "*:97:a:96", true, true, false },
		{ 'L', ":95:a:94", true, true, false },
		{ 'L', "8084:/tmp/b.sock", true, false, false },
		{ 'L', "/tmp/a.sock:/tmp/b.sock", true, true, true },
		{ 'L', "/tmp/a\\:b:h:80", true, true, true },
		{ 'L', "95:a", false, false, false },
		{ 'L', "8080", false, false, false },
		{ 'L', "1:2:3:4:5", false, false, false },
		{ 'L', "/tmp/a", false, false, false },
		{ 'L', "[::1:99:h:1", false, false, false },
		{ 'L', "80:h:1\\", false, false, false },
		{ 'L', ":web:80", false, false, false },
		{ 'R', "1080", true, false, false },
		{ 'R', "*:1083", true, true, false },
		{ 'R', "2222:localhost:22", true, false, false },
		{ 'R', "127.0.0.1:2222:127.0.0.1:22", true, true, false },
		{ 'R', "/run/x.sock:h:80", true, true, true },
		{ 'R', "/x", true, true, true },
		{ 'D', "1080", true, false, false },
		{ 'D', "[::1]:1081", true, true, false },
		{ 'D', ":1081", true, true, false },
		{ 'D', "1080:h:80", false, false, false },
		{ 'D', "", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct spec_shape s = { 0 };
		bool ok = spec_shape(row[i].kind, str_c(row[i].spec), &s);

		if (ok != row[i].ok || (ok && (s.bind != row[i].bind || s.listen_path != row[i].path)))
			fail_msg("-%c %s: %d %d %d", row[i].kind, row[i].spec, ok, s.bind, s.listen_path);
	}
}

/* Printed forms are what ssh -G 9.2 prints for the spec on the right. */
static void
printed_forwards(void **state)
{
	static const struct {
		char kind;
		const char *printed, *spec;
	} row[] = {
		{ 'L', "8080 [web]:80", "8080:web:80" },
		{ 'L', "[127.0.0.1]:8080 [::1]:80", "127.0.0.1:8080:[::1]:80" },
		{ 'L', "[::]:99 [::1]:98", "[::]:99:[::1]:98" },
		{ 'L', "[*]:97 [a]:96", "*:97:a:96" },
		{ 'L', "[]:95 [a]:94", ":95:a:94" },
		{ 'L', "[fe80::1%eth0]:8089 [h]:80", "[fe80::1%eth0]:8089:h:80" },
		{ 'L', "/tmp/a b.sock [h]:85", "/tmp/a b.sock:h:85" },
		{ 'L', "/tmp/a:b.sock [h]:1", "/tmp/a\\:b.sock:h:1" },
		{ 'L', "/tmp/a.sock /tmp/b.sock", "/tmp/a.sock:/tmp/b.sock" },
		{ 'L', "8084 /tmp/b.sock", "8084:/tmp/b.sock" },
		{ 'R', "1080 [socks]:0", "1080" },
		{ 'R', "[*]:1083 [socks]:0", "*:1083" },
		{ 'R', "2222 [localhost]:22", "2222:localhost:22" },
		{ 'R', "/run/x.sock [h]:80", "/run/x.sock:h:80" },
		{ 'R', "/x [socks]:0", "/x" },
		{ 'D', "1080", "1080" },
		{ 'D', "[::1]:1081", "[::1]:1081" },
		{ 'D', "[]:1081", ":1081" },
		{ 'L', "8080", NULL },
		{ 'L', "", NULL },
		{ 'L', "[web:80 [h]:1", NULL },
		{ 'X', "8080 [web]:80", NULL },
	};
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct launch_forward got = { 0 };
		struct err e = { 0 };
		enum sk_code code = launch_spec(&f->a, row[i].kind, str_c(row[i].printed), &got, &e);

		t_eq_i64(code, row[i].spec == NULL ? SK_EUSAGE : SK_OK);
		if (row[i].spec != NULL) {
			struct spec_shape s;

			t_eq_str(got.spec, row[i].spec);
			t_eq_i64(got.kind, row[i].kind);
			assert_true(spec_shape(got.kind, got.spec, &s));
		}
	}
}

static const struct launch_forward one_forward = { .kind = 'L', .spec = { "127.0.0.1:8080:web:80", 21 } };

static struct launch
tunnel(const char *host)
{
	return (struct launch){ .host = str_c(host),
		.forward = &one_forward,
		.n_forward = 1,
		.interval_s = 30,
		.count = 3,
		.reason = STR("the path forgets after 240 s"),
		.ssh_ver = { .n = VER(9, 2) },
		.home = STR("/home/a b") };
}

static struct str
written(struct fix *f, size_t kind, const struct launch *l)
{
	struct err e = { 0 };

	buf_clear(&f->b);
	if (launch_kinds[kind].write(&f->a, l, &f->b, &e) != SK_OK)
		fail_msg("%s: %s", launch_kinds[kind].name, e.msg);
	return buf_str(&f->b);
}

static void
has(struct str text, const char *part)
{
	if (str_find(text, str_c(part)) == SIZE_MAX)
		fail_msg("missing: %s", part);
}

static void
has_not(struct str text, const char *part)
{
	if (str_find(text, str_c(part)) != SIZE_MAX)
		fail_msg("unwanted: %s", part);
}

static void
refused(struct fix *f, const struct launch *l, const char *part)
{
	for (size_t k = 0; launch_kinds[k].name != NULL; k++) {
		struct err e = { 0 };

		buf_clear(&f->b);
		t_eq_i64(launch_kinds[k].write(&f->a, l, &f->b, &e), SK_EUSAGE);
		t_eq_u64(f->b.n, 0);
		has(str_c(e.msg), part);
		has_not(str_c(e.msg), "\n");
	}
}

static void
bad_hosts(void **state)
{
	static const char *const host[] = { "", "user@", "-oProxyCommand=touch x", "user@-oProxyCommand=x", "a\nb",
		"a\tb", "a\033[2Jb", "a\177" };

	for (size_t i = 0; i < sizeof host / sizeof *host; i++) {
		struct launch l = tunnel(host[i]);

		refused(*state, &l, "host name");
	}
}

static void
bad_words(void **state)
{
	static const struct {
		const char *word[2];
		const char *says;
	} row[] = {
		{ { "-f", NULL }, "no place" },
		{ { "-4fN", NULL }, "no place" },
		{ { "-M", NULL }, "no place" },
		{ { "-tt", NULL }, "no place" },
		{ { "-W", "h:1" }, "no place" },
		{ { "-O", "exit" }, "no place" },
		{ { "ls", NULL }, "remote command" },
		{ { "-", NULL }, "remote command" },
		{ { "-p", NULL }, "needs a value" },
		{ { "-F", "config" }, "absolute path" },
		{ { "-i", "id" }, "absolute path" },
		{ { "-i", "-file" }, "begins with -" },
		{ { "-p", "" }, "empty" },
		{ { "-o", "X=a\nb" }, "control" },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct str word[2] = { str_c(row[i].word[0]), str_c(row[i].word[1]) };
		struct launch l = tunnel("web");

		l.ssh_arg = word;
		l.n_ssh_arg = row[i].word[1] == NULL ? 1 : 2;
		refused(*state, &l, row[i].says);
	}
}

static void
bad_tunnels(void **state)
{
	static const char *const spec[] = { "", "-8080:a:1", "8080", "1:2:3:4:5", "8080:a\n:1" };
	struct launch l = tunnel("web");

	l.n_forward = 0;
	refused(*state, &l, "port to forward");
	l = tunnel("web");
	l.interval_s = 0;
	refused(*state, &l, "interval");
	l = tunnel("web");
	l.count = 0;
	refused(*state, &l, "count");
	for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
		struct launch_forward fw = { .kind = 'L', .spec = str_c(spec[i]) };

		l = tunnel("web");
		l.forward = &fw;
		refused(*state, &l, "no forwarding");
	}
}

/* The words that section 13.1 of the autossh reference asks for stand in every kind. */
static void
all_words(void **state)
{
	static const char *const word[] = { "BatchMode=yes", "ConnectTimeout=15", "ServerAliveInterval=30",
		"ServerAliveCountMax=3", "ExitOnForwardFailure=yes", "ControlMaster=no", "ControlPath=none",
		"ControlPersist=no", "ForkAfterAuthentication=no", "RemoteCommand=none", "ClearAllForwardings=no",
		"127.0.0.1:8080:web:80", "the path forgets after 240 s" };
	struct launch l = tunnel("web");

	for (size_t k = 0; launch_kinds[k].name != NULL; k++) {
		struct str text = written(*state, k, &l);

		for (size_t i = 0; i < sizeof word / sizeof *word; i++)
			has(text, word[i]);
		has_not(text, "StreamLocalBindUnlink");
		has_not(text, "ClientAlive");
		has_not(text, "listening address");
	}
}

static void
older_ssh(void **state)
{
	struct launch l = tunnel("web");

	l.ssh_ver.n = VER(8, 6);
	has_not(written(*state, 0, &l), "-o ForkAfterAuthentication");
	has_not(written(*state, 0, &l), "SessionType");
	has(written(*state, 0, &l), "-o RemoteCommand=none");
	l.ssh_ver.n = VER(7, 5);
	has_not(written(*state, 0, &l), "RemoteCommand");
}

static void
remote(void **state)
{
	const struct launch_forward fw[] = { { .kind = 'R', .spec = STR("2222:localhost:22") },
		{ .kind = 'R', .spec = STR("/run/x.sock:h:80") }, { .kind = 'L', .spec = STR("/tmp/s:h:1") } };
	struct launch l = tunnel("relay");

	l.forward = fw;
	l.n_forward = 3;
	for (size_t k = 0; launch_kinds[k].name != NULL; k++) {
		struct str text = written(*state, k, &l);

		has(text, "ClientAliveInterval 30");
		has(text, "No UnusedConnectionTimeout");
		has(text, "after 90 to 120 s");
		has(text, "after the far end has freed the port, plus ");
		has(text, "675 to 7875 s");
		has(text, "-R 2222:localhost:22 would be -R 127.0.0.1:2222:localhost:22");
		has(text, "StreamLocalBindUnlink=yes");
		has(text, "StreamLocalBindUnlink yes");
		has_not(text, "/run/x.sock:h:80 would be");
	}
	/* kept as the user said it */
	has(written(*state, 0, &l), "-R 2222:localhost:22 \\\n");
	/* the advice stays between 15 and 60 s */
	l.interval_s = 5;
	has(written(*state, 0, &l), "ClientAliveInterval 15");
	l.interval_s = 240;
	has(written(*state, 0, &l), "ClientAliveInterval 60");
}

static void
caller_words(void **state)
{
	const struct str word[] = { STR("-4C"), STR("-p"), STR("2200"), STR("-Jjump"), STR("-oUser=a b"), STR("-N"),
		STR("-F"), STR("/etc/my config") };
	struct launch l = tunnel("web");

	l.ssh_arg = word;
	l.n_ssh_arg = sizeof word / sizeof *word;
	has(written(*state, 0, &l),
	    " \\\n\t    -4 \\\n\t    -C \\\n\t    -p 2200 \\\n\t    -o ProxyJump=jump \\\n\t    -o 'User=a b' \\\n"
	    "\t    -F '/etc/my config'\n}\n");
	has(written(*state, 2, &l), " \\\n    -F \"/etc/my config\" \\\n    -N \\\n");
	has_not(written(*state, 3, &l), "<string>-J</string>");
}

static void
names(void **state)
{
	static const struct pair row[] = { { "web", "web" }, { "tunnel@relay.example.net", "tunnel-relay.example.net" },
		{ "../../etc/passwd", "etc-passwd" }, { ".hidden", "hidden" }, { "[::1]", "1-" },
		{ "\303\244", "tunnel" }, { "a b;c", "a-b-c" } };
	struct fix *f = *state;

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct launch l = tunnel(row[i].in);
		struct launch_words w;
		struct err e = { 0 };

		t_eq_i64(launch_prepare(&f->a, &l, &w, &e), SK_OK);
		t_eq_str(w.name, row[i].out);
		l.name = STR("other/one");
		t_eq_i64(launch_prepare(&f->a, &l, &w, &e), SK_OK);
		t_eq_str(w.name, "other-one");
	}
}

static void
hostile(void **state)
{
	struct launch l = tunnel("a'; touch /tmp/x; '%n $(id)\\");
	struct str text = written(*state, 0, &l);

	has(text, "\t    'a'\\''; touch /tmp/x; '\\''%n '\\$'(id)'\\\\\n");
	has(text, "refuse such a name");
	has(written(*state, 2, &l), "    \"a'; touch /tmp/x; '%%n $$(id)\\\\\"\n");
	l = tunnel("a--b<&>]]>");
	text = written(*state, 3, &l);
	has(text, "<string>a--b&#60;&#38;&#62;]]&#62;</string>");
	has(text, "\"a- -b<&>]]>\"");
	/* what tells the reader about the path cannot leave the comment either */
	l.reason = STR("x\nrm -rf y\r\033[0m\342\200\256 shellcheck disable=all");
	for (size_t k = 0; launch_kinds[k].name != NULL; k++) {
		text = written(*state, k, &l);
		has_not(text, "\nrm -rf");
		has_not(text, "\033");
		has_not(text, "\r");
		has_not(text, "# shellcheck");
	}
	/* no UTF-8: the shell does not mind, the others cannot say it */
	l = tunnel("a\377b");
	has(written(*state, 0, &l), "'a\377b'");
	for (size_t k = 1; launch_kinds[k].name != NULL; k++) {
		struct err e = { 0 };
		struct fix *f = *state;

		t_eq_i64(launch_kinds[k].write(&f->a, &l, &f->b, &e), SK_EUSAGE);
		has(str_c(e.msg), "UTF-8");
	}
}

static void
units(void **state)
{
	struct launch l = tunnel("web");
	struct str text = written(*state, 1, &l);

	has(text, "ExecStart=/usr/bin/autossh -M 0 -- \\\n    -T \\\n");
	has(text, "AUTOSSH_PORT=0 AUTOSSH_GATETIME=0 AUTOSSH_POLL=60");
	has(text, "SuccessExitStatus=1\n");
	has(text, "KillMode=mixed\n");
	has(text, "Restart=always\n");
	has(text, "[Unit]\nDescription=sshkeep tunnel web\n");
	has(text, "WantedBy=default.target\n");
	has_not(text, "User=");
	has_not(text, "network-online");
	has_not(text, "Type=forking");
	text = written(*state, 2, &l);
	has(text, "ExecStart=/usr/bin/ssh \\\n");
	has_not(text, "Environment=");
	has_not(text, "SuccessExitStatus");
	l.user = STR("tunnel");
	text = written(*state, 2, &l);
	has(text, "User=tunnel\n");
	has(text, "Wants=network-online.target\n");
	has(text, "WantedBy=multi-user.target\n");
	l.user = STR("a\nExecStartPre=/bin/x");
	for (size_t k = 1; k <= 2; k++) {
		struct err e = { 0 };
		struct fix *f = *state;

		t_eq_i64(launch_kinds[k].write(&f->a, &l, &f->b, &e), SK_EUSAGE);
	}
}

static void
plist(void **state)
{
	struct launch l = tunnel("web");
	struct str text = written(*state, 3, &l);

	has(text, "<string>sshkeep.web</string>");
	has(text, "<string>/usr/bin/ssh</string>\n\t\t<string>-T</string>\n");
	has(text, "<string>web</string>\n\t</array>");
	has(text, "<string>/home/a b/Library/Logs/sshkeep-web.log</string>");
	l.home = STR("/x\001");
	has_not(written(*state, 3, &l), "StandardErrorPath");
	l.home = STR("");
	has_not(written(*state, 3, &l), "StandardErrorPath");
}

int
main(void)
{
	const struct CMUnitTest launch[] = {
		cmocka_unit_test_setup_teardown(shell_words, setup, teardown),
		cmocka_unit_test_setup_teardown(unit_words, setup, teardown),
		cmocka_unit_test(utf8),
		cmocka_unit_test(shapes),
		cmocka_unit_test_setup_teardown(printed_forwards, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_hosts, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_words, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_tunnels, setup, teardown),
		cmocka_unit_test_setup_teardown(all_words, setup, teardown),
		cmocka_unit_test_setup_teardown(older_ssh, setup, teardown),
		cmocka_unit_test_setup_teardown(remote, setup, teardown),
		cmocka_unit_test_setup_teardown(caller_words, setup, teardown),
		cmocka_unit_test_setup_teardown(names, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(units, setup, teardown),
		cmocka_unit_test_setup_teardown(plist, setup, teardown),
	};

	return cmocka_run_group_tests(launch, NULL, NULL) != 0;
}
