/* SPDX-License-Identifier: MIT */
/* Rule files: what is refused and why, how levels follow the confidence, how findings are joined. */
#include "t.h"

#include "rule/ruleset.h"

struct fixture {
	struct ruleset rs;
	struct arena arena;
	struct findings out;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	ruleset_init(&f->rs);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	ruleset_release(&f->rs);
	arena_release(&f->arena);
	free(f->out.v);
	free(f);
	return 0;
}

#define HEAD "[SK999]\nname = x\nside = client\nlevel = error\n"
#define TAIL "message = m {host}\ngood = ServerAliveInterval 60\nbad = ServerAliveInterval 0\n"

static void
bad_files_are_refused_with_line_and_reason(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text, *why;
	} bad[] = {
		{ HEAD "when = ServerAliveInterval == 0\nmessage = m\ngood = x\n",
		    "f.ini:1: a rule needs a good and a bad example: SK999" },
		{ HEAD TAIL, "f.ini:1: a rule needs name, level, when and message: SK999" },
		{ HEAD "when = ServerAliveInterval == TCPKeepAlive\n" TAIL,
		    "f.ini:5: == cannot join a duration and a flag" },
		{ HEAD "when = ServerAliveInterval * ServerAliveInterval == 1\n" TAIL,
		    "f.ini:5: * cannot join a duration and a duration" },
		{ HEAD "when = ServerAliveInterval\n" TAIL, "f.ini:5: not a condition: ServerAliveInterval" },
		{ HEAD "when = ClientAliveInterval == 0\n" TAIL, "f.ini:5: no such name: ClientAliveInterval" },
		{ HEAD "when = line.word == \"a\"\n" TAIL, "f.ini:5: no such name: line.word" },
		{ HEAD "when = true\nmessage = {nosuch}\ngood = a\nbad = b\n", "f.ini:6: no such name: nosuch" },
		{ HEAD "when = true\nmessage = {host\ngood = a\nbad = b\n", "f.ini:6: a brace is not closed: {host" },
		{ HEAD "when = true\nfix.Bogus = 1\n" TAIL, "f.ini:6: not a keyword of this side: Bogus" },
		{ HEAD "colour = red\n", "f.ini:5: no such key: colour" },
		{ "[SK999]\nside = middle\n", "f.ini:2: side is client, server, both or host, not: middle" },
		{ "[SK999]\nlevel = fatal\n", "f.ini:2: level is error, warning or note, not: fatal" },
		{ "[sk-1]\nname = x\n", "f.ini:1: a rule's code is 3 to 12 capitals and digits, not: sk-1" },
		{ "name = x\n", "f.ini:1: text in front of the first section" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err e = { 0 };

		assert_int_equal(ruleset_load(&f->rs, STR("f.ini"), str_c(bad[i].text), &e), SK_ERULE);
		assert_string_equal(e.msg, bad[i].why);
	}
}

static void
same_code_replaces(void **state)
{
	struct fixture *f = *state;
	struct rule_text t;
	struct err e = { 0 };

	assert_int_equal(ruleset_load(&f->rs, STR("a.ini"), STR(HEAD "when = false\n" TAIL), &e), SK_OK);
	assert_int_equal(ruleset_load(&f->rs, STR("b.ini"), STR(HEAD "when = true\n" TAIL), &e), SK_OK);
	t_eq_u64(f->rs.n, 1);
	rule_describe(ruleset_find(&f->rs, STR("sk999")), &t);
	t_eq_str(t.file, "b.ini");
}

static void
an_example_that_does_not_hold_is_named(void **state)
{
	struct fixture *f = *state;
	struct networks n = { 0 };
	struct policies p = { 0 };
	struct err e = { 0 };
	size_t count;

	assert_int_equal(policy_load(&f->arena, &p, STR("p.ini"),
			     STR("[interactive]\nabout = x\nassumed_timeout = 240s\nmargin = 2\nnotice = "
				 "90s-300s\noutage = 60s\nmeasured_for = 30d\n"),
			     &e),
	    SK_OK);
	assert_int_equal(
	    ruleset_load(&f->rs, STR("f.ini"), STR(HEAD "when = ServerAliveInterval == 60\n" TAIL), &e), SK_OK);
	assert_int_equal(ruleset_selftest(&f->rs, &n, &p, STR("f.ini"), &count, &e), SK_ERULE);
	assert_string_equal(e.msg, "f.ini:7: SK999: the good example fires the rule: m *");
}

static const struct rule *
only_rule(struct fixture *f, const char *when)
{
	struct err e = { 0 };
	struct str text = arena_printf(&f->arena, HEAD "when = %s\n" TAIL, when);

	assert_int_equal(ruleset_load(&f->rs, STR("f.ini"), text, &e), SK_OK);
	return f->rs.v[0];
}

/* One row whose path's number has this confidence. */
static enum level
level_for(struct fixture *f, enum confidence confidence, bool seen, const struct network *net, bool untouched)
{
	struct hop hop = { .net = net, .timeout = QTY(240), .confidence = confidence, .seen = seen };
	struct path path = { .hop = &hop, .n_hop = 1, .min = &hop, .timeout = hop.timeout, .confidence = confidence };
	struct judgement j = { .verdict = VERDICT_DROPS, .clocks = { .worst = &hop, .refresh = QTY(7200) } };
	struct effective ev = { .v = ARENA_ARRAY(&f->arena, struct eff, KW_ROWS_MAX) };
	struct conf conf = { .side = KW_CLIENT };
	struct rule_row row = { .side = KW_CLIENT,
		.host = STR("a"),
		.client = &ev,
		.path = &path,
		.judgement = &j,
		.machine_untouched = untouched };

	ev.conf = &conf;
	f->out.n = 0;
	ruleset_row(&f->rs, &f->arena, &row, &f->out);
	t_eq_u64(f->out.n, 1);
	return f->out.v[0].level;
}

static void
the_level_follows_the_confidence(void **state)
{
	struct fixture *f = *state;
	struct network verified = { .confidence = NET_VERIFIED }, secondary = { .confidence = NET_SECONDARY },
		       memory = { .confidence = NET_MEMORY };

	(void)only_rule(f, "refresh >= path.timeout");
	t_eq_i64(level_for(f, CONF_MEASURED, true, NULL, false), LEVEL_ERROR);
	t_eq_i64(level_for(f, CONF_DECLARED, false, NULL, false), LEVEL_ERROR);
	t_eq_i64(level_for(f, CONF_DETECTED, true, &verified, false), LEVEL_ERROR);
	t_eq_i64(level_for(f, CONF_DETECTED, true, &secondary, false), LEVEL_WARNING);
	t_eq_i64(level_for(f, CONF_DETECTED, true, &memory, false), LEVEL_NOTE);
	t_eq_i64(level_for(f, CONF_ASSUMED, true, NULL, false), LEVEL_WARNING);
	t_eq_i64(level_for(f, CONF_ASSUMED, false, NULL, false), LEVEL_NOTE);
	t_eq_i64(level_for(f, CONF_DECLARED, true, NULL, true), LEVEL_NOTE);
}

static void
a_rule_without_the_path_keeps_its_level(void **state)
{
	struct fixture *f = *state;

	(void)only_rule(f, "ServerAliveInterval == 0");
	t_eq_i64(level_for(f, CONF_ASSUMED, false, NULL, false), LEVEL_ERROR);
}

static void
equal_findings_of_several_hosts_are_one(void **state)
{
	struct fixture *f = *state;
	static const char *const hosts[] = { "a", "b", "c", "d", "e" };

	(void)only_rule(f, "ServerAliveInterval == 0");
	for (size_t i = 0; i < 5; i++) {
		struct hop hop = { .timeout = QTY(240), .confidence = CONF_DECLARED };
		struct path path = { .min = &hop };
		struct judgement j = { .clocks = { .worst = &hop } };
		struct conf conf = { .side = KW_CLIENT };
		struct effective ev = { .conf = &conf, .v = ARENA_ARRAY(&f->arena, struct eff, KW_ROWS_MAX) };
		struct rule_row row = {
			.side = KW_CLIENT, .host = str_c(hosts[i]), .client = &ev, .path = &path, .judgement = &j
		};

		ruleset_row(&f->rs, &f->arena, &row, &f->out);
		/* One configuration for all rows, as in an audit. */
		f->out.v[f->out.n - 1].conf = NULL;
	}
	findings_settle(&f->arena, &f->out);
	t_eq_u64(f->out.n, 1);
	t_eq_u64(f->out.v[0].n_host, 5);
	t_eq_str(f->out.v[0].message, "m a, b, c and 2 more");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest ruleset[] = {
		T(bad_files_are_refused_with_line_and_reason),
		T(same_code_replaces),
		T(an_example_that_does_not_hold_is_named),
		T(the_level_follows_the_confidence),
		T(a_rule_without_the_path_keeps_its_level),
		T(equal_findings_of_several_hosts_are_one),
	};

	return cmocka_run_group_tests(ruleset, NULL, NULL) != 0;
}
