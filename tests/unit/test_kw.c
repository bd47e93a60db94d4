/* SPDX-License-Identifier: MIT */
/* The keyword tables against fixtures/keywords.tsv, and the look-ups. */
#include <stdio.h>
#include <strings.h>

#include "conf/kw.h"

#include "t.h"

static const struct ver debian92 = { .n = VER(9, 2), .debian = true };

static unsigned
find(enum kw_side side, const char *word, struct ver v)
{
	return kw_find(side, str_c(word), v);
}

/* "8.7" or "<=6.6"; 0 for the oldest release. */
static int
tsv_release(struct str s)
{
	struct ver v;

	if (str_eqc(s, "<=6.6"))
		return 0;
	assert_int_equal(ver_parse(s, &v, NULL), SK_OK);
	return v.n;
}

static enum kw_class
tsv_class(struct str s)
{
	s = str_head(s, str_chr(s, '+', 0));
	s = str_head(s, str_chr(s, ' ', 0));
	s = str_head(s, str_chr(s, ':', 0));
	return str_eqc(s, "alias")    ? KW_ALIAS :
	    str_eqc(s, "deprecated")  ? KW_DEPRECATED :
	    str_eqc(s, "ignore")      ? KW_IGNORED :
	    str_eqc(s, "unsupported") ? KW_UNSUPPORTED :
					KW_ACTIVE;
}

/* "6.6=active 8.7=alias:X": the class at each change, and just before the next. */
static void
check_changes(const struct kw *k, struct str list)
{
	struct str part;

	while (str_split(&list, ' ', &part)) {
		size_t eq = str_chr(part, '=', 0);
		struct str what = str_from(part, eq + 1);
		int from = tsv_release(str_head(part, eq));
		struct ver v = { .n = from, .debian = true };

		assert_true(eq != SIZE_MAX);
		if (str_find(what, STR("unsupported-in-some")) != SIZE_MAX)
			continue;
		if (kw_class_in(k, v) != tsv_class(what))
			fail_msg("%s in %d: class %d, not %.*s", k->name, from, (int)kw_class_in(k, v), STR_ARG(what));
		if (str_chr(what, ':', 0) != SIZE_MAX) {
			unsigned row = kw_find_any(k->side, str_c(k->name)), to = kw_target(k->side, row, v);
			unsigned want =
			    kw_target(k->side, kw_find_any(k->side, str_from(what, str_chr(what, ':', 0) + 1)), v);

			t_eq_u64(to, want);
		}
	}
}

static void
check_row(struct str *f)
{
	enum kw_side side = str_eqc(f[0], "client") ? KW_CLIENT : KW_SERVER;
	unsigned row = kw_find_any(side, f[1]);
	bool is_debian = str_eqc(f[2], "debian");
	const struct kw *k;
	int last;

	if (row == KW_UNKNOWN)
		fail_msg("no row for %.*s", STR_ARG(f[1]));
	k = kw_row(side, row);
	t_eq_str(f[1], k->name);
	t_eq_i64(k->debian, is_debian);
	if (!is_debian)
		t_eq_i64(k->since, tsv_release(f[2]));
	if (str_eqc(f[3], "current")) {
		t_eq_i64(k->until, 0);
	} else {
		last = tsv_release(f[3]);
		assert_true(k->until > last && k->until <= last + 100);
	}
	/* Built with AFS by nobody: OpenSSH then calls it unsupported. */
	if (tsv_class(f[4]) != k->class && !str_eqc(f[1], "KerberosGetAFSToken"))
		fail_msg("%s: class %d, not %.*s", k->name, (int)k->class, STR_ARG(f[4]));
	if (k->class == KW_ALIAS)
		t_eq_str(f[5], k->alias_of);
	if (side == KW_SERVER)
		t_eq_i64(k->in_match, str_eqc(f[6], "yes"));
	if (f[7].n > 0)
		check_changes(k, f[7]);
}

static void
test_tsv(void **state)
{
	FILE *in = fopen("fixtures/keywords.tsv", "r");
	char line[1024];
	size_t rows = 0, n[2];

	(void)state;
	assert_non_null(in);
	while (fgets(line, sizeof(line), in) != NULL) {
		struct str f[8] = { 0 }, rest = str_c(line);

		if (rest.n > 0 && rest.p[rest.n - 1] == '\n')
			rest.n--;
		if (rest.n == 0 || rest.p[0] == '#' || str_starts(rest, STR("side\t")))
			continue;
		for (size_t i = 0; i < 8 && str_split(&rest, '\t', &f[i]); i++)
			;
		check_row(f);
		rows++;
	}
	fclose(in);
	/* Besides the list there are only words of Debian's own patches. */
	(void)kw_table(KW_CLIENT, &n[0]);
	(void)kw_table(KW_SERVER, &n[1]);
	for (int side = 0; side < 2; side++)
		for (unsigned i = 0; i < n[side]; i++) {
			const struct kw *k = kw_row((enum kw_side)side, i);

			if (k->debian && k->class == KW_ACTIVE)
				rows++;
		}
	t_eq_u64(rows, n[0] + n[1]);
}

static void
test_tables(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		size_t n;
		const struct kw *t = kw_table((enum kw_side)side, &n);
		bool ids[KW_ID_MAX_] = { false }, print[256] = { false };

		assert_true(n > 50 && n <= KW_ROWS_MAX);
		for (size_t i = 0; i < n; i++) {
			t_eq_i64(t[i].side, side);
			if (i > 0 && strcasecmp(t[i - 1].name, t[i].name) >= 0)
				fail_msg("%s is out of order", t[i].name);
			if (t[i].id != KW_ID_NONE && ids[t[i].id])
				fail_msg("%s: id used twice", t[i].name);
			ids[t[i].id] = true;
			if (t[i].print != 0) {
				if (print[t[i].print])
					fail_msg("%s: print order used twice", t[i].name);
				print[t[i].print] = true;
				assert_non_null(t[i].doc);
				assert_int_not_equal(t[i].id, KW_ID_NONE);
				assert_int_equal(t[i].class, KW_ACTIVE);
			}
			if (t[i].type == KW_T_ENUM || t[i].type == KW_T_PERSIST || t[i].type == KW_T_OBSCURE)
				assert_non_null(t[i].words);
			if (t[i].type == KW_T_OTHER || t[i].type == KW_T_ALGS)
				assert_non_null(t[i].special);
			if (t[i].class == KW_ALIAS) {
				assert_non_null(t[i].alias_of);
				assert_true(kw_find_any((enum kw_side)side, str_c(t[i].alias_of)) != KW_UNKNOWN);
			}
			t_eq_u64(kw_find_any((enum kw_side)side, str_c(t[i].name)), i);
			if (t[i].id != KW_ID_NONE)
				t_eq_u64(kw_by_id((enum kw_side)side, t[i].id), i);
		}
		assert_false(print[0]);
	}
	t_eq_u64(kw_by_id(KW_CLIENT, KW_ID_NONE), KW_UNKNOWN);
	t_eq_u64(kw_by_id(KW_CLIENT, KW_ID_CLIENTALIVEINTERVAL), KW_UNKNOWN);
}

/* The order of `ssh -G` and `sshd -T` of 9.2. */
static void
test_print_order(void **state)
{
	static const char *const client[] = { "batchmode", "controlmaster", "clearallforwardings",
		"exitonforwardfailure", "gatewayports", "sessiontype", "stdinnull", "forkafterauthentication",
		"tcpkeepalive", "connectionattempts", "serveralivecountmax", "serveraliveinterval",
		"obscurekeystroketiming", "controlpath", "dynamicforward", "localforward", "remoteforward",
		"channeltimeout", "forwardagent", "connecttimeout", "controlpersist", "rekeylimit", "proxycommand",
		"proxyjump", NULL };
	static const char *const server[] = { "logingracetime", "maxsessions", "clientaliveinterval",
		"clientalivecountmax", "unusedconnectiontimeout", "tcpkeepalive", "gatewayports", "allowtcpforwarding",
		"allowagentforwarding", "disableforwarding", "channeltimeout", "maxstartups", "persourcemaxstartups",
		"persourcenetblocksize", "rekeylimit", "permitopen", "permitlisten", "persourcepenalties", NULL };

	(void)state;
	for (int side = 0; side < 2; side++) {
		const char *const *want = side == KW_CLIENT ? client : server;
		size_t n, seen = 0;
		const struct kw *t = kw_table((enum kw_side)side, &n);

		for (unsigned order = 1; order < 256; order++)
			for (size_t i = 0; i < n; i++)
				if (t[i].print == order) {
					assert_non_null(want[seen]);
					assert_int_equal(strcasecmp(t[i].name, want[seen]), 0);
					seen++;
				}
		assert_null(want[seen]);
	}
}

static void
test_find(void **state)
{
	struct ver upstream = { .n = VER(9, 2), .debian = false }, old = { .n = VER(7, 2), .debian = false },
		   new = { .n = VER(10, 5), .debian = false };

	(void)state;
	assert_true(find(KW_CLIENT, "SERVERALIVEINTERVAL", upstream) != KW_UNKNOWN);
	assert_true(find(KW_CLIENT, "serveraliveinterval", upstream) != KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "ServerAliveInterva", upstream), KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "ServerAliveIntervall", upstream), KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "", upstream), KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "\xef\xbb\xbfHost", upstream), KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "ClientAliveInterval", upstream), KW_UNKNOWN);
	t_eq_u64(find(KW_SERVER, "ServerAliveInterval", upstream), KW_UNKNOWN);
	/* Releases. */
	t_eq_u64(find(KW_CLIENT, "ProxyJump", old), KW_UNKNOWN);
	assert_true(find(KW_CLIENT, "ProxyJump", upstream) != KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "ObscureKeystrokeTiming", upstream), KW_UNKNOWN);
	assert_true(find(KW_CLIENT, "ObscureKeystrokeTiming", new) != KW_UNKNOWN);
	assert_true(kw_find_any(KW_CLIENT, STR("obscurekeystroketiming")) != KW_UNKNOWN);
	assert_true(
	    find(KW_CLIENT, "hostbasedalgorithms", (struct ver){ .n = VER(8, 6), .debian = false }) != KW_UNKNOWN);
	t_eq_u64(find(KW_CLIENT, "hostbasedalgorithms", (struct ver){ .n = VER(8, 7), .debian = false }), KW_UNKNOWN);
	/* Debian. */
	t_eq_u64(find(KW_CLIENT, "SetupTimeOut", upstream), KW_UNKNOWN);
	t_eq_u64(kw_target(KW_CLIENT, find(KW_CLIENT, "SetupTimeOut", debian92), debian92),
	    kw_by_id(KW_CLIENT, KW_ID_SERVERALIVEINTERVAL));
	assert_true(find(KW_SERVER, "DebianBanner", debian92) != KW_UNKNOWN);
}

static void
test_alias_and_class(void **state)
{
	struct ver v84 = { .n = VER(8, 4), .debian = false }, v75 = { .n = VER(7, 5), .debian = false };
	unsigned kbd = kw_find_any(KW_CLIENT, STR("KbdInteractiveAuthentication"));
	unsigned chal = kw_find_any(KW_CLIENT, STR("ChallengeResponseAuthentication"));
	unsigned skey = kw_find_any(KW_CLIENT, STR("skeyauthentication"));

	(void)state;
	t_eq_u64(kw_target(KW_CLIENT, kw_find_any(KW_CLIENT, STR("keepalive")), debian92),
	    kw_by_id(KW_CLIENT, KW_ID_TCPKEEPALIVE));
	t_eq_u64(kw_target(KW_SERVER, kw_find_any(KW_SERVER, STR("KeepAlive")), v75),
	    kw_by_id(KW_SERVER, KW_ID_TCPKEEPALIVE));
	t_eq_u64(kw_target(KW_CLIENT, chal, debian92), kbd);
	t_eq_u64(kw_target(KW_CLIENT, chal, v84), chal);
	t_eq_u64(kw_target(KW_CLIENT, skey, debian92), kbd);
	t_eq_u64(kw_target(KW_CLIENT, skey, v75), chal);
	assert_int_equal(kw_class_in(kw_row(KW_CLIENT, skey), v84), KW_UNSUPPORTED);
	assert_int_equal(
	    kw_class_in(kw_row(KW_SERVER, kw_find_any(KW_SERVER, STR("UseLogin"))), debian92), KW_DEPRECATED);
	assert_int_equal(kw_class_in(kw_row(KW_SERVER, kw_find_any(KW_SERVER, STR("UseLogin"))),
			     (struct ver){ .n = VER(7, 3), .debian = false }),
	    KW_ACTIVE);
}

static void
test_match(void **state)
{
	const struct kw *alive = kw_row(KW_SERVER, kw_by_id(KW_SERVER, KW_ID_CLIENTALIVEINTERVAL));
	const struct kw *sub = kw_row(KW_SERVER, kw_find_any(KW_SERVER, STR("Subsystem")));

	(void)state;
	assert_true(kw_match_ok(alive, (struct ver){ .n = VER(7, 4), .debian = false }));
	assert_false(kw_match_ok(alive, (struct ver){ .n = VER(7, 3), .debian = false }));
	assert_false(kw_match_ok(kw_row(KW_SERVER, kw_by_id(KW_SERVER, KW_ID_TCPKEEPALIVE)), debian92));
	assert_false(kw_match_ok(sub, debian92)); /* run with sshd 9.2 */
	assert_true(kw_match_ok(sub, (struct ver){ .n = VER(10, 0), .debian = false }));
}

static void
test_suggest(void **state)
{
	static const struct {
		enum kw_side side;
		const char *word, *want;
	} rows[] = {
		{ KW_CLIENT, "ServerAliveIntervall", "ServerAliveInterval" },
		{ KW_CLIENT, "serveralivinterval", "ServerAliveInterval" }, { KW_CLIENT, "ServerAliveMaxCount", NULL },
		{ KW_CLIENT, "TCPKeepAlives", "TCPKeepAlive" }, { KW_CLIENT, "HostNmae", "HostName" },
		{ KW_CLIENT, "Hots", "Host" }, { KW_CLIENT, "x", NULL },
		{ KW_SERVER, "ClientAliveCountsMax", "ClientAliveCountMax" },
		{ KW_SERVER, "UseLogins", NULL }, /* deprecated words are no help */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kw *k = kw_suggest(rows[i].side, str_c(rows[i].word));

		if (rows[i].want == NULL)
			assert_null(k);
		else if (k == NULL)
			fail_msg("nothing for %s", rows[i].word);
		else
			assert_string_equal(k->name, rows[i].want);
	}
}

/* Defaults and the winner of a repeated word that changed, on both sides of the change. */
static void
test_changed(void **state)
{
	static const struct {
		enum kw_side side;
		enum kw_id id;
		struct ver v;
		const char *want;
	} rows[] = {
		{ KW_CLIENT, KW_ID_IPQOS, { .n = VER(7, 7), .debian = false }, "lowdelay throughput" },
		{ KW_CLIENT, KW_ID_IPQOS, { .n = VER(7, 8), .debian = false }, "af21 cs1" },
		{ KW_SERVER, KW_ID_IPQOS, { .n = VER(10, 0), .debian = false }, "af21 cs1" },
		{ KW_SERVER, KW_ID_IPQOS, { .n = VER(9, 2), .debian = true }, "lowdelay throughput" },
		{ KW_SERVER, KW_ID_IPQOS, { .n = VER(10, 1), .debian = false }, "ef cs0" },
		{ KW_SERVER, KW_ID_USEDNS, { .n = VER(6, 7), .debian = false }, "yes" },
		{ KW_SERVER, KW_ID_USEDNS, { .n = VER(6, 8), .debian = false }, "no" },
		{ KW_CLIENT, KW_ID_SERVERALIVECOUNTMAX, { .n = VER(6, 6), .debian = false }, "3" },
	};
	const struct kw *ipqos = kw_row(KW_CLIENT, kw_by_id(KW_CLIENT, KW_ID_IPQOS));

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct kw *k = kw_row(rows[i].side, kw_by_id(rows[i].side, rows[i].id));

		assert_string_equal(kw_default_in(k, rows[i].v), rows[i].want);
	}
	assert_int_equal(ipqos->merge, KW_LAST);
	assert_int_equal(ipqos->last_until, VER(8, 7));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tsv),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_print_order),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_alias_and_class),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_suggest),
		cmocka_unit_test(test_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
