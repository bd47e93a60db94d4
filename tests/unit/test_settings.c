/* SPDX-License-Identifier: MIT */
/* Settings of a site: sections, precedence, own boxes and policies, and where a fault stands. */
#include "cmd/settings.h"

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
		cmocka_unit_test_setup_teardown(test_faults, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
