/* SPDX-License-Identifier: MIT */
/*
 * Typed values: accepted or refused, how they are printed, and OpenSSH's own words.  Rows without a release are
 * what ssh -G and sshd -T of Debian's 9.2p1 did; rows with one stand in the reference's version table.
 */
#include "conf/value.h"

#include "t.h"

static struct arena arena;

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	arena = (struct arena){ 0 };
	return 0;
}

/* Arguments are separated by |; "" is no argument, "|" one empty argument. */
static void
make_args(const char *text, struct args *ret)
{
	struct str rest = str_c(text), part;
	struct arg *v = ARENA_ARRAY(&arena, struct arg, 16);
	char *joined = arena_alloc(&arena, rest.n + 1);
	size_t n = 0;

	*ret = (struct args){ .v = v };
	while (text[0] != '\0' && str_split(&rest, '|', &part)) {
		assert_true(n < 16);
		v[n++].text = part.p != NULL ? part : STR("");
		if (str_eqc(str_c(text), "|"))
			break;
	}
	for (size_t i = 0; text[i] != '\0'; i++)
		joined[i] = text[i];
	for (size_t i = 0; text[i] != '\0'; i++)
		if (joined[i] == '|')
			joined[i] = ' ';
	ret->n = n;
	ret->rest = str_c(joined);
	ret->none = n == 0;
}

static struct str
lower(struct str s)
{
	char *p = arena_alloc(&arena, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
	return (struct str){ p, s.n };
}

static enum value_verdict
read_value(enum kw_side side, int release, const char *word, const char *text, struct value *v, struct str *msg)
{
	static const struct str defined = { "sftp", 4 };
	bool subsystem = strcmp(word, "Subsystem") == 0;
	struct value_ctx ctx = { .side = side,
		.v = { .n = release, .debian = true },
		.file = STR("F"),
		.line = 3,
		.word = str_c(word),
		.active = subsystem,
		.name = &defined,
		.n_name = subsystem };
	unsigned row = kw_find_any(side, ctx.word);
	struct args args;

	assert_true(row != KW_UNKNOWN);
	if (side == KW_CLIENT)
		ctx.word = lower(ctx.word);
	make_args(text, &args);
	return value_read(&arena, kw_row(side, row), &args, &ctx, v, msg);
}

struct row {
	const char *word, *args;
	const char *text; /* printed; NULL: refused, "-": nothing is printed */
	const char *msg;  /* refused: without "F line 3: " when it is one line */
	enum value_verdict verdict;
};

static void
check_row(enum kw_side side, int release, const struct row *row)
{
	struct value v = { 0 };
	struct str msg = { 0 }, want;
	enum value_verdict got = read_value(side, release, row->word, row->args, &v, &msg);

	if (row->text != NULL) {
		if (got != VALUE_OK)
			fail_msg("%s %s (%d) is refused: %.*s", row->word, row->args, release, STR_ARG(msg));
		if (strcmp(row->text, "-") == 0)
			assert_null(v.text.p);
		else if (!str_eqc(v.text, row->text))
			fail_msg("%s %s prints \"%.*s\", not \"%s\"", row->word, row->args, STR_ARG(v.text), row->text);
		return;
	}
	if (got != row->verdict)
		fail_msg("%s %s (%d): verdict %d, not %d", row->word, row->args, release, (int)got, (int)row->verdict);
	want = strstr(row->msg, "\n") != NULL ? str_c(row->msg) : arena_printf(&arena, "F line 3: %s", row->msg);
	if (!str_eq(msg, want))
		fail_msg("%s %s says \"%.*s\", not \"%.*s\"", row->word, row->args, STR_ARG(msg), STR_ARG(want));
}

#define CHECK(side, release, table)                                                                                    \
	do {                                                                                                           \
		for (size_t i_ = 0; i_ < sizeof(table) / sizeof(table[0]); i_++)                                       \
			check_row((side), (release), &(table)[i_]);                                                    \
	} while (0)
#define OK(t)	   (t), NULL, VALUE_OK
#define COUNTED(m) NULL, (m), VALUE_COUNTED
#define FATAL(m)   NULL, (m), VALUE_FATAL

static void
test_client_family(void **state)
{
	static const struct row t[] = {
		{ "BatchMode", "YES", OK("yes") },
		{ "BatchMode", "true", OK("yes") },
		{ "BatchMode", "False", OK("no") },
		{ "BatchMode", "on", COUNTED("unsupported option \"on\".") },
		{ "BatchMode", "yes|no", COUNTED("keyword batchmode extra arguments at end of line") },
		{ "BatchMode", "|", COUNTED("F line 3: missing argument.\nF line 3: unsupported option \"\".") },
		{ "BatchMode", "", COUNTED("F line 3: missing argument.\nF line 3: unsupported option \"(null)\".") },
		{ "BatchMode", "a\\\xe9", COUNTED("unsupported option \"a\\\\\\351\".") },
		{ "ServerAliveInterval", "1m30", OK("90") },
		{ "ServerAliveInterval", "NONE", COUNTED("invalid time value.") },
		{ "ServerAliveInterval", "", COUNTED("missing time value.") },
		{ "ServerAliveInterval", "30|x",
		    COUNTED("keyword serveraliveinterval extra arguments at end of line") },
		{ "ServerAliveCountMax", "0", OK("0") },
		{ "ServerAliveCountMax", "+3", OK("3") },
		{ "ServerAliveCountMax", "-1", COUNTED("integer value too small.") },
		{ "ServerAliveCountMax", "2147483648", COUNTED("integer value too large.") },
		{ "ServerAliveCountMax", "3s", COUNTED("integer value invalid.") },
		{ "ServerAliveCountMax", "", COUNTED("integer value missing.") },
		{ "ControlMaster", "AutoAsk", OK("autoask") },
		{ "ControlMaster", "yes", OK("true") },
		{ "ControlMaster", "no", OK("false") },
		{ "ControlPath", "~/c-%C", OK("~/c-%C") },
		{ "ControlPath", "None", OK("-") },
		{ "ControlPersist", "0", OK("yes") },
		{ "ControlPersist", "10m", OK("600") },
		{ "ControlPersist", "false", OK("no") },
		{ "ControlPersist", "YES", COUNTED("Bad ControlPersist argument.") },
		{ "ControlPersist", "", COUNTED("Missing ControlPersist argument.") },
		{ "SessionType", "NONE", OK("none") },
		{ "RekeyLimit", "1.5G|1h30m", OK("1610612736 5400") },
		{ "RekeyLimit", "default|none", OK("0 0") },
		{ "RekeyLimit", "7e", OK("8070450532247928832 0") },
		{ "RekeyLimit", "8E", COUNTED("Bad number '8E': Numerical result out of range") },
		{ "RekeyLimit", "none", COUNTED("Bad number 'none': Invalid argument") },
		{ "RekeyLimit", "1KB", COUNTED("Bad number '1KB': Invalid argument") },
		{ "RekeyLimit", "15", COUNTED("RekeyLimit too small") },
		{ "RekeyLimit", "1G|1x", COUNTED("invalid time value.") },
		{ "IPQoS", "EF|0x08", OK("ef throughput") },
		{ "IPQoS", "1", OK("0x01 0x01") },
		{ "IPQoS", "va", COUNTED("Bad IPQoS value: va") },
		{ "ForwardAgent", "TRUE", OK("yes") },
		{ "ForwardAgent", "$SSH_AUTH_SOCK", OK("$SSH_AUTH_SOCK") },
		{ "ForwardAgent", "$A-B", COUNTED("Invalid environment name $A-B.") },
		{ "ForwardAgent", "${A",
		    COUNTED("vdollar_percent_expand: environment variable 'A' missing closing '}'\n"
			    "F line 3: Invalid environment expansion ${A.") },
		{ "ProxyCommand", "nc|%h|#|c", OK("nc %h # c") },
		{ "ProxyCommand", "none", OK("-") },
	};

	(void)state;
	CHECK(KW_CLIENT, VER(9, 2), t);
}

static void
test_forwards(void **state)
{
	static const struct row t[] = {
		{ "LocalForward", "8080|web:80", OK("8080 [web]:80") },
		{ "LocalForward", "127.0.0.1:8080|[::1]:http", OK("[127.0.0.1]:8080 [::1]:80") },
		{ "LocalForward", "/s|web:80", OK("/s [web]:80") },
		{ "LocalForward", "a\\:b:1|web:80", OK("[a:b]:1 [web]:80") },
		{ "LocalForward", "8080|/s", OK("8080 /s") },
		{ "LocalForward", ":8080|:80", OK("[]:8080 []:80") },
		{ "LocalForward", "8080:web:80", COUNTED("Missing target argument.") },
		{ "LocalForward", "0|web:80", COUNTED("Bad forwarding specification.") },
		{ "LocalForward", "8080|web", COUNTED("Bad forwarding specification.") },
		{ "LocalForward", "8080|web:0", COUNTED("Bad forwarding specification.") },
		{ "LocalForward", "99999|web:80", COUNTED("Bad forwarding specification.") },
		{ "LocalForward", "[a:1|web:80", COUNTED("Bad forwarding specification.") },
		{ "LocalForward", "1:2:3|4:5", COUNTED("Bad forwarding specification.") },
		{ "RemoteForward", "0|web:80", OK("0 [web]:80") },
		{ "RemoteForward", "1080", OK("1080 [socks]:0") },
		{ "RemoteForward", "[::1]:1080", OK("[::1]:1080 [socks]:0") },
		{ "RemoteForward", "", COUNTED("Missing argument.") },
		{ "DynamicForward", "*:1081", OK("[*]:1081") },
		{ "DynamicForward", "1:/x", OK("1 /x") },
		{ "DynamicForward", "0", COUNTED("Bad forwarding specification.") },
		{ "DynamicForward", "1|2", COUNTED("keyword dynamicforward extra arguments at end of line") },
		{ "ProxyJump", "bob@jump:2200,far", OK("bob@jump:2200,far") },
		{ "ProxyJump", "far,10.0.0.1:22", OK("far,[10.0.0.1]:22") },
		{ "ProxyJump", "ssh://u;x@h:2200", OK("u@h:2200") },
		{ "ProxyJump", "a#,b", OK("a") },
		{ "ProxyJump", "[::1]:ssh", OK("[::1]:22") },
		{ "ProxyJump", "NONE", OK("-") },
		{ "ProxyJump", "a,,b", COUNTED("Invalid ProxyJump \"a,,b\"") },
		{ "ProxyJump", "::1", COUNTED("Invalid ProxyJump \"::1\"") },
		{ "ProxyJump", "@a", COUNTED("Invalid ProxyJump \"@a\"") },
		{ "ProxyJump", "a:0", COUNTED("Invalid ProxyJump \"a:0\"") },
		{ "ProxyJump", "ssh://h/x", COUNTED("Invalid ProxyJump \"ssh://h/x\"") },
		{ "PermitRemoteOpen", "web:80|x", FATAL("bad port number in permitremoteopen") },
		{ "Port", "ssh", OK("22") },
		{ "Port", "0", COUNTED("Bad port '0'.") },
	};

	(void)state;
	CHECK(KW_CLIENT, VER(9, 2), t);
}

static void
test_server_family(void **state)
{
	static const struct row t[] = {
		{ "TCPKeepAlive", "No", OK("no") },
		{ "TCPKeepAlive", "true", FATAL("unsupported option \"true\".") },
		{ "TCPKeepAlive", "", FATAL("missing argument.") },
		{ "TCPKeepAlive", "yes|x", COUNTED("keyword TCPKeepAlive extra arguments at end of line") },
		{ "ClientAliveInterval", "none", FATAL("invalid time value.") },
		{ "ClientAliveInterval", "1h", OK("3600") },
		{ "CLIENTALIVECOUNTMAX", "-1", FATAL("CLIENTALIVECOUNTMAX integer value too small.") },
		{ "LoginGraceTime", "2m", OK("120") },
		{ "UnusedConnectionTimeout", "NONE", OK("none") },
		{ "UnusedConnectionTimeout", "0", OK("none") },
		{ "UnusedConnectionTimeout", "5m", OK("300") },
		{ "ChannelTimeout", "None", OK("-") },
		{ "ChannelTimeout", "session:*=5m|x11-connection=0", OK("session:*=5m x11-connection=0") },
		{ "ChannelTimeout", "session:*=5m|none", OK("session:*=5m none") },
		{ "ChannelTimeout", "none|session=1",
		    COUNTED("keyword ChannelTimeout \"none\" argument must appear alone.") },
		{ "ChannelTimeout", "=5m", FATAL("invalid channel timeout =5m") },
		{ "ChannelTimeout", "session=x", FATAL("invalid channel timeout session=x") },
		{ "MaxStartups", "5", OK("5:30:5") },
		{ "MaxStartups", "10:1:100", OK("10:1:100") },
		{ "MaxStartups", "10:30", FATAL("Invalid MaxStartups spec.") },
		{ "MaxStartups", "10:0:100", FATAL("Invalid MaxStartups spec.") },
		{ "MaxStartups", "10:101:100", FATAL("Invalid MaxStartups spec.") },
		{ "MaxStartups", "10:30:5", FATAL("Invalid MaxStartups spec.") },
		{ "MaxStartups", "0", FATAL("Invalid MaxStartups spec.") },
		{ "PerSourceMaxStartups", "none", OK("none") },
		{ "PerSourceMaxStartups", "6", OK("6") },
		{ "PerSourceMaxStartups", "NONE", FATAL("PerSourceMaxStartups integer value invalid.") },
		{ "PerSourceNetBlockSize", "24:64", OK("24:64") },
		{ "PerSourceNetBlockSize", "33", FATAL("Invalid PerSourceNetBlockSize spec.") },
		{ "PerSourceNetBlockSize", "32:129", FATAL("Invalid PerSourceNetBlockSize spec.") },
		{ "AllowTcpForwarding", "ALL", OK("yes") },
		{ "AllowTcpForwarding", "local", OK("local") },
		{ "GatewayPorts", "clientspecified", OK("clientspecified") },
		{ "PermitOpen", "web:80|[::1]:*", OK("web:80 [::1]:*") },
		{ "PermitOpen", "any", OK("any") },
		{ "PermitOpen", "any|web:80", COUNTED("keyword PermitOpen extra arguments at end of line") },
		{ "PermitOpen", "web", FATAL("PermitOpen bad port number") },
		{ "PermitOpen", "a/b:1", FATAL("PermitOpen missing host") },
		{ "PermitListen", "8080|localhost:*|*", OK("*:8080 localhost:* *:*") },
		{ "PermitListen", "0", FATAL("PermitListen bad port number") },
		{ "RekeyLimit", "15", FATAL("RekeyLimit too small") },
		{ "RekeyLimit", "x", FATAL("Bad RekeyLimit number 'x': Invalid argument") },
	};

	(void)state;
	CHECK(KW_SERVER, VER(9, 2), t);
}

static void
test_other_words(void **state)
{
	static const struct row client[] = {
		{ "Compression", "true", COUNTED("unsupported option \"true\".") },
		{ "AddKeysToAgent", "confirm|5m", OK("confirm") },
		{ "AddKeysToAgent", "confirm|x", COUNTED("invalid time value.") },
		{ "AddKeysToAgent", "yes|5m", COUNTED("unsupported option") },
		{ "CanonicalDomains", "a.b|none",
		    COUNTED("keyword canonicaldomains \"none\" argument must appear alone.") },
		{ "CanonicalDomains", "FOO=BAR", COUNTED("domain name \"foo=BAR\" contains invalid characters") },
		{ "CanonicalizePermittedCNAMEs", "*.A:*.b|*", OK("*.a:*.b *") },
		{ "CanonicalizePermittedCNAMEs", "Foo", COUNTED("Invalid permitted CNAME \"foo\"") },
		{ "EscapeChar", "^]", OK("^]") },
		{ "EscapeChar", "ab", COUNTED("Bad escape character.") },
		{ "FingerprintHash", "MD5", OK("MD5") },
		{ "FingerprintHash", "x", COUNTED("Invalid hash algorithm \"x\".") },
		{ "LogLevel", "", COUNTED("unsupported log level '<NONE>'") },
		{ "SyslogFacility", "KERN", COUNTED("unsupported log facility 'KERN'") },
		{ "SendEnv", "LANG|A=B", COUNTED("Invalid environment name.") },
		{ "SetEnv", "A", COUNTED("Invalid SetEnv.") },
		{ "StreamLocalBindMask", "0177", OK("0177") },
		{ "StreamLocalBindMask", "01000", COUNTED("Bad mask.") },
		{ "TunnelDevice", "any:2147483646", COUNTED("Bad tun device.") },
		{ "UserKnownHostsFile", "a|", COUNTED("keyword userknownhostsfile empty argument") },
		{ "User", "", COUNTED("Missing argument.") },
		{ "Ciphers", "aes128-ctr,aes256-ctr", OK("aes128-ctr,aes256-ctr") },
		{ "Ciphers", "-no-such*", OK("-no-such*") },
		{ "Ciphers", "+bogus", COUNTED("Bad SSH2 cipher spec '+bogus'.") },
		{ "MACs", "none", COUNTED("Bad SSH2 MAC spec 'none'.") },
		{ "KexAlgorithms", "a,b",
		    COUNTED("Unsupported KEX algorithm \"a\"\nF line 3: Bad SSH2 KexAlgorithms 'a,b'.") },
		{ "HostKeyAlgorithms", "ssh-*,!rsa-sha2-256", OK("ssh-*,!rsa-sha2-256") },
		{ "HostKeyAlgorithms", "zz*", COUNTED("Bad key types 'zz*'.") },
	};
	static const struct row server[] = {
		{ "Banner", "", FATAL("missing file name.") },
		{ "AuthorizedKeysCommandUser", "|", FATAL("missing AuthorizedKeysCommandUser argument.") },
		{ "AuthorizedKeysCommand", "/x|y", OK("/x y") },
		{ "AuthorizedKeysCommand", "x", FATAL("AuthorizedKeysCommand must be an absolute path") },
		{ "AllowUsers", "a@10.0.0.0/8", OK("a@10.0.0.0/8") },
		{ "AllowUsers", "a@10.0.0.1/8", FATAL("invalid AllowUsers pattern: \"a@10.0.0.1/8\"") },
		{ "DenyGroups", "a||b", FATAL("empty DenyGroups pattern") },
		{ "AuthenticationMethods", "publickey,keyboard-interactive:pam|password",
		    OK("publickey,keyboard-interactive:pam password") },
		{ "AuthenticationMethods", "any|none", FATAL("\"any\" must appear alone in AuthenticationMethods") },
		{ "AuthenticationMethods", "x:y",
		    FATAL("Unknown authentication method \"x\" in list\n"
			  "F line 3: invalid AuthenticationMethods method list.") },
		{ "ListenAddress", "::1", OK("::1") },
		{ "ListenAddress", "[::1]:x", FATAL("bad port number") },
		{ "ListenAddress", "a|b", FATAL("bad ListenAddress syntax") },
		{ "PermitTunnel", "YES", FATAL("bad PermitTunnel argument YES") },
		{ "PubkeyAuthOptions", "none|x", COUNTED("unsupported PubkeyAuthOptions option x") },
		{ "PermitRootLogin", "prohibit-password", OK("without-password") },
		{ "RDomain", "x", FATAL("setting RDomain not supported on this platform.") },
		{ "Subsystem", "other", FATAL("Missing subsystem command.") },
		{ "Ciphers", "", FATAL("Ciphers missing argument.") },
		{ "MACs", "x", FATAL("Bad SSH2 mac spec 'x'.") },
		{ "Port", "x", FATAL("Badly formatted port number.") },
	};

	(void)state;
	CHECK(KW_CLIENT, VER(9, 2), client);
	CHECK(KW_SERVER, VER(9, 2), server);
}

/* What other releases do. */
static void
test_releases(void **state)
{
	static const struct row c66[] = {
		{ "ServerAliveInterval", "none", FATAL("invalid time value.") },
		{ "BatchMode", "on", FATAL("unsupported option \"on\".") },
		{ "BatchMode", "yes|#", FATAL("garbage at end of line; \"#\".") },
		{ "BatchMode", "yes||#", OK("yes") },
	};
	static const struct row c76[] = {
		{ "ServerAliveCountMax", "010", OK("8") },
		{ "ServerAliveCountMax", "0x10", OK("16") },
		{ "ServerAliveCountMax", "3x", OK("3") },
		{ "ServerAliveCountMax", "x", FATAL("Bad number.") },
		{ "ForwardAgent", "/x", FATAL("unsupported option \"/x\".") },
		{ "ProxyJump", "none", OK("none") },
		{ "Port", "ssh", FATAL("Bad port 'ssh'.") },
		{ "RemoteForward", "1080", OK("1080 [socks]:0") },
		{ "StrictHostKeyChecking", "accept-new", OK("accept-new") },
		{ "Ciphers", "arcfour", FATAL("Bad SSH2 cipher spec 'arcfour'.") },
	};
	static const struct row c75[] = {
		{ "RemoteForward", "1080", FATAL("Missing target argument.") },
		{ "IPQoS", "none", FATAL("Bad IPQoS value: none") },
		{ "Ciphers", "arcfour256", OK("arcfour256") },
		{ "StrictHostKeyChecking", "accept-new", FATAL("unsupported option \"accept-new\".") },
	};
	static const struct row c77[] = {
		{ "ServerAliveCountMax", "010", OK("10") },
		{ "ServerAliveCountMax", "0x10", FATAL("integer value invalid.") },
	};
	static const struct row c85[] = {
		{ "BatchMode", "on", COUNTED("unsupported option \"on\".") },
		{ "BatchMode", "yes|x", COUNTED("garbage at end of line; \"x\".") },
	};
	static const struct row c99[] = {
		{ "KexAlgorithms", "mlkem768x25519-sha256", OK("mlkem768x25519-sha256") },
		{ "IPQoS", "0x10", COUNTED("Bad IPQoS value: 0x10") },
		{ "IPQoS", "lowdelay", OK("lowdelay lowdelay") },
		{ "ObscureKeystrokeTiming", "interval:80", OK("80") },
		{ "ObscureKeystrokeTiming", "interval:0", COUNTED("value out of range.") },
		{ "ObscureKeystrokeTiming", "YES", COUNTED("unsupported argument \"YES\"") },
		{ "ObscureKeystrokeTiming", "false", OK("no") },
		{ "ChannelTimeout", "none", OK("none") },
		{ "ChannelTimeout", "session=5m|none",
		    COUNTED("keyword channeltimeout \"none\" argument must appear alone.") },
		{ "ChannelTimeout", "x", FATAL("invalid channel timeout x") },
		{ "ChannelTimeout", "", FATAL("no channeltimeout specified") },
		{ "HostKeyAlgorithms", "ssh-dss", OK("ssh-dss") },
	};
	static const struct row c103[] = {
		{ "ServerAliveInterval", "0.5", OK("0") },
		{ "IPQoS", "lowdelay", OK("none none") },
		{ "IPQoS", "va", OK("0xb0 0xb0") },
		{ "HostKeyAlgorithms", "ssh-dss", COUNTED("Bad key types 'ssh-dss'.") },
	};
	static const struct row s76[] = {
		{ "TCPKeepAlive", "No", FATAL("unsupported option \"No\".") },
		{ "TCPKeepAlive", "no", OK("no") },
		{ "MaxSessions", "x", OK("0") },
	};
	static const struct row s91[] = {
		{ "MaxStartups", "0", OK("0:30:0") },
	};
	static const struct row s94[] = {
		{ "Subsystem", "other", FATAL("Missing subsystem command.") },
		{ "Subsystem", "sftp|x", FATAL("Subsystem 'sftp' already defined.") },
		{ "Subsystem", "SFTP|x", OK("SFTP x") },
	};
	static const struct row s95[] = {
		{ "Subsystem", "sftp", FATAL("Subsystem missing argument.") },
		{ "Subsystem", "sftp|x", OK("sftp x") },
	};
	static const struct row s98[] = {
		{ "PerSourcePenalties", "no", OK("no") },
		{ "PerSourcePenalties", "crash:2m|max-sources4:9|overflow:deny-all",
		    OK("crash:2m max-sources4:9 overflow:deny-all") },
		{ "PerSourcePenalties", "crash", FATAL("unsupported PerSourcePenalties keyword crash") },
		{ "PerSourcePenalties", "crash:x", FATAL("invalid PerSourcePenalties value crash:x") },
		{ "ChannelTimeout", "session=5m|none",
		    COUNTED("keyword ChannelTimeout \"none\" argument must appear alone.") },
	};

	(void)state;
	CHECK(KW_CLIENT, VER(6, 6), c66);
	CHECK(KW_CLIENT, VER(7, 5), c75);
	CHECK(KW_CLIENT, VER(7, 6), c76);
	CHECK(KW_CLIENT, VER(7, 7), c77);
	CHECK(KW_CLIENT, VER(8, 5), c85);
	CHECK(KW_CLIENT, VER(9, 9), c99);
	CHECK(KW_CLIENT, VER(10, 3), c103);
	CHECK(KW_SERVER, VER(7, 6), s76);
	CHECK(KW_SERVER, VER(9, 1), s91);
	CHECK(KW_SERVER, VER(9, 4), s94);
	CHECK(KW_SERVER, VER(9, 5), s95);
	CHECK(KW_SERVER, VER(9, 8), s98);
}

/* The numbers behind the text. */
static void
test_numbers(void **state)
{
	struct value v;
	struct str msg;

	(void)state;
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "ConnectTimeout", "none", &v, &msg), VALUE_OK);
	assert_true(v.unset);
	assert_null(v.text.p);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "RekeyLimit", "1G", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, INT64_C(1) << 30);
	assert_false(v.has_num2);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "RekeyLimit", "default|1h", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, 0);
	t_eq_i64(v.num2, 3600);
	assert_true(v.has_num2);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "RekeyLimit", "1G|none", &v, &msg), VALUE_OK);
	assert_false(v.has_num2);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "ControlPersist", "no", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, -1);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "ControlPersist", "yes", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, 0);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "ControlPersist", "1h", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, 3600);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "LocalForward", "80|/s", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, 80);
	t_eq_i64(v.num2, 1);
	assert_int_equal(read_value(KW_SERVER, VER(9, 2), "MaxStartups", "10:30:100", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, 10);
	t_eq_i64(v.num2, 30);
	t_eq_i64(v.num3, 100);
	assert_int_equal(read_value(KW_SERVER, VER(9, 2), "ChannelTimeout", "", &v, &msg), VALUE_OK);
	assert_true(v.unset);
	assert_int_equal(read_value(KW_SERVER, VER(7, 3), "ClientAliveInterval", "4294967297", &v, &msg), VALUE_OK);
	t_eq_i64(v.num, 1);
}

/* OpenSSH's log has a buffer of 1024 bytes; a row of escapes fills it sooner. */
static void
test_long_message(void **state)
{
	char *text = arena_alloc(&arena, 5001);
	struct value v;
	struct str msg;

	(void)state;
	memset(text, 'x', 5000);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "BatchMode", text, &v, &msg), VALUE_COUNTED);
	t_eq_u64(msg.n, 1021);
	memset(text, '\xe9', 5000);
	assert_int_equal(read_value(KW_CLIENT, VER(9, 2), "BatchMode", text, &v, &msg), VALUE_COUNTED);
	t_eq_u64(msg.n, 1021);
}

static void
test_service(void **state)
{
	(void)state;
	t_eq_i64(value_service(STR("ssh")), 22);
	t_eq_i64(value_service(STR("http")), 80);
	t_eq_i64(value_service(STR("https")), 443);
	t_eq_i64(value_service(STR("acr-nema")), 104);
	t_eq_i64(value_service(STR("zope-ftp")), 8021);
	t_eq_i64(value_service(STR("HTTP")), 0);
	t_eq_i64(value_service(STR("")), 0);
	t_eq_i64(value_service(STR("bootps")), 0); /* UDP only */
}

/* Every row of both tables takes every kind of argument without a crash, and refuses with a message. */
static void
test_every_row(void **state)
{
	static const char *const odd[] = { "", "|", "none", "yes", "-1", "a|b|c", ":", "::", "[", "]", "[]", "/", "@",
		"=", ",", "!", "+", "^", "-", "*", "$", "${", "${}", "%", "#", "a=b", "1:2:3", "\xff\xfe",
		"9999999999999999999999", " ", "ssh://", "ssh://@", "1.5.5", ".", "0x", "\\", "a\\" };
	static const int releases[] = { VER(6, 6), VER(7, 4), VER(8, 6), VER(9, 2), VER(10, 5) };

	(void)state;
	for (int side = 0; side < 2; side++) {
		size_t n;
		const struct kw *table = kw_table((enum kw_side)side, &n);

		for (size_t i = 0; i < n; i++)
			for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++) {
				int release = releases[(i + k) % 5];
				struct value v;
				struct str msg;
				enum value_verdict got =
				    read_value((enum kw_side)side, release, table[i].name, odd[k], &v, &msg);

				assert_true((got == VALUE_OK) == (msg.n == 0));
			}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_client_family, teardown),
		cmocka_unit_test_teardown(test_forwards, teardown),
		cmocka_unit_test_teardown(test_server_family, teardown),
		cmocka_unit_test_teardown(test_other_words, teardown),
		cmocka_unit_test_teardown(test_releases, teardown),
		cmocka_unit_test_teardown(test_numbers, teardown),
		cmocka_unit_test_teardown(test_long_message, teardown),
		cmocka_unit_test_teardown(test_every_row, teardown),
		cmocka_unit_test(test_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
