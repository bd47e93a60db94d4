/* SPDX-License-Identifier: MIT */
/* Settings of a site: sections, precedence, own boxes and policies, and where a fault stands. */
#include "session/settings.h"

#include "t.h"

struct state {
	struct arena arena;
	struct settings s;
	struct networks n;
	struct policies p;
	struct err e;
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct state));
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct state *s = *state;

	settings_release(&s->s);
	arena_release(&s->arena);
	free(s);
	return 0;
}

static enum sk_code
load(struct state *s, const char *text)
{
	memset(&s->e, 0, sizeof s->e);
	return settings_load(&s->arena, STR("c.ini"), str_c(text), &s->s, &s->n, &s->p, &s->e);
}

static void
test_all_sections(void **state)
{
	struct state *s = *state;
	const struct host_setting *h;

	assert_int_equal(load(s,
			     "[policy]\nname = laptop\n\n[networks]\ncross = a, b\npath_timeout = 5m\n\n"
			     "[hosts *.example.com,!www*]\nnetwork = fw\npath_timeout = 300s\npolicy = tunnel\n\n"
			     "[rules]\nselect = SK2\nignore = SK601\nSK203 = off\nSK3 = note\n"),
	    SK_OK);
	t_eq_str(s->s.policy, "laptop");
	t_eq_str(s->s.cross, "a, b");
	t_eq_str(s->s.path_timeout, "5m");
	t_eq_str(s->s.select, "SK2");
	t_eq_str(s->s.ignore, "SK601");
	t_eq_u64(s->s.n_rule, 2);
	assert_true(s->s.rule[0].off);
	assert_false(s->s.rule[1].off);
	t_eq_i64(s->s.rule[1].level, LEVEL_NOTE);
	h = settings_host(&s->s, STR("DB.example.com"));
	assert_non_null(h);
	t_eq_str(h->network, "fw");
	t_eq_str(h->policy, "tunnel");
	assert_null(settings_host(&s->s, STR("www.example.com")));
	assert_null(settings_host(&s->s, STR("elsewhere")));
}

static void
test_first_file_wins(void **state)
{
	struct state *s = *state;

	assert_int_equal(load(s, "[policy]\nname = laptop\n[rules]\nSK2 = off\n[hosts a]\npolicy = tunnel\n"), SK_OK);
	assert_int_equal(load(s,
			     "[policy]\nname = batch\n[networks]\ncross = x\n[rules]\nSK2 = error\n"
			     "[hosts *]\npolicy = server\n"),
	    SK_OK);
	t_eq_str(s->s.policy, "laptop");
	t_eq_str(s->s.cross, "x");
	assert_true(s->s.rule[0].off);
	t_eq_str(settings_host(&s->s, STR("a"))->policy, "tunnel");
	t_eq_str(settings_host(&s->s, STR("b"))->policy, "server");
}

static void
test_own_rows(void **state)
{
	struct state *s = *state;
	const struct network *n;
	const struct policy *p;

	assert_int_equal(load(s,
			     "[network fw]\nname = the office\n    firewall\ntimeout = 200s\nconfidence = verified\n"
			     "source = measured\n\n[policy mine]\nabout = a\nassumed_timeout = 100s\nmargin = 2\n"
			     "notice = 60s-120s\noutage = 30s\nmeasured_for = 7d\n"),
	    SK_OK);
	n = network_find(&s->n, STR("fw"));
	assert_non_null(n);
	t_near(n->timeout.v, 200, 0);
	p = policy_find(&s->p, STR("mine"));
	assert_non_null(p);
	t_near(p->assumed_timeout_s, 100, 0);
}

static void
test_files(void **state)
{
	struct state *s = *state;
	static const char *const code[] = { "SK201", "SK202", "SK301", "SK401", "SK601" };
	struct ruleset rules;
	uint64_t left = UINT64_MAX;
	struct settings_memo m = { .left = &left };
	struct file_setting f;
	uint8_t says[sizeof code / sizeof *code];
	struct err e = { 0 };

	ruleset_init(&rules);
	for (size_t i = 0; i < sizeof code / sizeof *code; i++)
		assert_int_equal(
		    ruleset_load(&rules, STR("r.ini"),
			arena_printf(&s->arena,
			    "[%s]\nname = n\nside = client\neach = line\nlevel = note\nwhen = line.set\nmessage = m\n"
			    "good = Host a\nbad = User b\n",
			    code[i]),
			&e),
		    SK_OK);
	assert_int_equal(
	    load(s,
		"[lint]\nopenssh = 9.2p1\n"
		"[files roles/]\nkind = server-part\npath_timeout = 300s\nignore = SK3\nSK201 = off\nSK2 = note\n"
		"[files a name]\npaths = /roles/bastion/, *.old\n    legacy/*\nopenssh = 8.4\n"
		"path_timeout = none\nignore = SK6\nselect = SK2\nSK201 = error\n"),
	    SK_OK);
	t_eq_str(s->s.openssh, "9.2p1");
	settings_compile(&s->s, &rules, &s->arena);
	settings_file(&s->s, &m, STR("elsewhere/config"), says, &f);
	assert_int_equal(f.kind, FILES_UNSAID);
	assert_null(f.path_timeout.p);
	for (size_t i = 0; i < sizeof says; i++)
		t_eq_u64(f.says[i], 0);
	settings_file(&s->s, &m, STR("a/roles/x"), says, &f);
	assert_int_equal(f.kind, FILES_SERVER_PART);
	t_eq_str(f.path_timeout, "300s");
	t_eq_u64(f.says[0], SETTING_OFF);
	t_eq_u64(f.says[1], SETTING_LEVEL | LEVEL_NOTE << SETTING_LEVEL_SHIFT);
	t_eq_u64(f.says[2], SETTING_IGNORED);
	t_eq_u64(f.says[3], 0);
	assert_null(f.openssh.p);
	/* the last one that has a key decides, ignore adds up, the levels of the last come first */
	settings_file(&s->s, &m, STR("roles/bastion/x"), says, &f);
	assert_int_equal(f.kind, FILES_SERVER_PART);
	t_eq_str(f.path_timeout, "none");
	t_eq_str(f.openssh, "8.4");
	t_eq_str(f.select, "SK2");
	t_eq_u64(f.says[0], SETTING_SELECTED | SETTING_LEVEL | LEVEL_ERROR << SETTING_LEVEL_SHIFT);
	t_eq_u64(f.says[1], SETTING_SELECTED | SETTING_LEVEL | LEVEL_NOTE << SETTING_LEVEL_SHIFT);
	t_eq_u64(f.says[2], SETTING_IGNORED);
	t_eq_u64(f.says[3], 0);
	t_eq_u64(f.says[4], SETTING_IGNORED);
	assert_int_equal(settings_file_kind(&s->s, &m, STR("roles/bastion/x")), FILES_SERVER_PART);
	assert_int_equal(settings_file_kind(&s->s, &m, STR("x/y.old")), FILES_UNSAID);
	settings_file(&s->s, &m, STR("x/y.old"), says, &f);
	t_eq_str(f.openssh, "8.4");
	settings_file(&s->s, &m, STR("legacy/y"), says, &f);
	t_eq_str(f.openssh, "8.4");
	settings_file(&s->s, &m, STR("x/legacy/y"), says, &f);
	assert_null(f.openssh.p);
	/* the section's name is no pattern where paths stand */
	settings_file(&s->s, &m, STR("a name"), says, &f);
	assert_null(f.openssh.p);
	ruleset_release(&rules);
	settings_memo_release(&m);
}

static void
test_check(void **state)
{
	static const char rule[] =
	    "[SK203]\nname = n\nside = client\neach = line\nlevel = note\nwhen = line.set\nmessage = m\n"
	    "good = Host a\nbad = User b\n";
	static const struct {
		const char *text, *where;
	} bad[] = {
		{ "[files a]\nkind = client\nnetwork = fw, other\n",
		    "c.ini:3: no network is called that (networks.ini lists them): other" },
		{ "[hosts a]\nnetwork = other\n",
		    "c.ini:2: no network is called that (networks.ini lists them): other" },
		{ "[networks]\ncross = fw,\n    other\n",
		    "c.ini:2: no network is called that (networks.ini lists them): other" },
		{ "[policy]\nname = none\n", "c.ini:2: no policy is called that: none" },
		{ "[files a]\npolicy = x\n", "c.ini:2: no policy is called that: x" },
		{ "[rules]\nignore = SK2,SK999\n", "c.ini:2: no rule's code starts with that: SK999" },
		{ "[rules]\nSK999 = off\n", "c.ini:2: no rule's code starts with that: SK999" },
		{ "[files a]\n\nselect =\n", "c.ini:3: no rule's code starts with that: " },
		{ "[files a]\nignore = SK2\n[rules]\nSK203 = off\n", "" },
		{ "[files a]\nSK203 = off\nSK204 = off\n", "c.ini:3: no rule's code starts with that: SK204" },
	};
	struct state *s = *state;
	struct ruleset rs;

	ruleset_init(&rs);
	assert_int_equal(ruleset_load(&rs, STR("r.ini"), str_c(rule), &s->e), SK_OK);
	assert_int_equal(load(s, "[network fw]\nname = n\ntimeout = 9s\nconfidence = verified\nsource = m\n"), SK_OK);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		settings_release(&s->s);
		assert_int_equal(load(s, bad[i].text), SK_OK);
		memset(&s->e, 0, sizeof s->e);
		assert_int_equal(
		    settings_check(&s->s, &s->n, &s->p, &rs, &s->e), *bad[i].where != '\0' ? SK_ERULE : SK_OK);
		assert_string_equal(s->e.msg, bad[i].where);
	}
	ruleset_release(&rs);
}

static void
test_faults(void **state)
{
	static const struct {
		const char *text, *where;
	} bad[] = {
		{ "[policy]\nnaem = x\n", "c.ini:2: unknown key naem" },
		{ "[nonsense]\na = b\n", "c.ini:1: unknown section nonsense" },
		{ "[hosts]\npolicy = x\n", "c.ini:1: unknown section hosts" },
		{ "\n\n[hosts a]\npath_timeout = soon\n", "c.ini:4: not a time: soon" },
		{ "[rules]\nSK1 = loud\n", "c.ini:2: not a level (error, warning, note, off): loud" },
		{ "[rules]\nfoo = off\n", "c.ini:2: unknown key foo" },
		{ "[files a]\nfoo = off\n", "c.ini:2: unknown key foo" },
		{ "[files]\nkind = none\n", "c.ini:1: unknown section files" },
		{ "[files a]\nkind = ini\n",
		    "c.ini:2: no kind of file (client, client-system, client-dropin, client-part, server, "
		    "server-dropin, "
		    "server-part, sysctl, profile, unit, script, compose, crontab, none): ini" },
		{ "[files a]\nkind = none\nopenssh = 3\n", "c.ini:3: not a release of OpenSSH, 6.6 or later: 3" },
		{ "[lint]\nopenssh = new\n", "c.ini:2: not a release of OpenSSH, 6.6 or later: new" },
		{ "[lint]\nfoo = new\n", "c.ini:2: unknown key foo" },
		{ "[files a]\npath_timeout = 0\n",
		    "c.ini:2: a path that forgets at once carries nothing (none means never): 0" },
	};
	struct state *s = *state;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(load(s, bad[i].text), SK_ERULE);
		assert_string_equal(s->e.msg, bad[i].where);
	}
	/* the box's own loader names the line of this file */
	assert_int_equal(load(s, "; one\n[policy]\nname = x\n\n[network fw]\nname = n\n\ntimeout = soon\n"), SK_ERULE);
	assert_true(strncmp(s->e.msg, "c.ini:8:", 8) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_sections, setup, teardown),
		cmocka_unit_test_setup_teardown(test_first_file_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_files, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check, setup, teardown),
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
