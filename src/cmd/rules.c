/* SPDX-License-Identifier: MIT */
/* rules: lists the built-in rules, or checks rule files and runs their examples. */

#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"
#include "report/layout.h"

enum { WIDTH = 80 };

static const char *
side_name(enum rule_side side)
{
	static const char *const name[] = {
		[RULE_CLIENT] = "client", [RULE_SERVER] = "server", [RULE_BOTH] = "both", [RULE_HOST] = "host"
	};

	return name[side];
}

static void
list(const struct session *s, struct buf *b)
{
	for (size_t i = 0; i < s->rules.n; i++) {
		struct rule_text t;
		struct buf head = { 0 };

		rule_describe(s->rules.v[i], &t);
		buf_addf(&head, "%.*s  %-7s  %-6s  ", STR_ARG(t.code), level_name(t.level), side_name(t.side));
		buf_add(b, buf_str(&head));
		layout_wrap(b, t.name, head.n, head.n, WIDTH);
		buf_release(&head);
	}
	buf_addf(b, "%zu rules; sshkeep explain CODE tells all about one\n", s->rules.n);
}

/* Read one file and run its examples, with the built-in networks and policies at hand. */
static enum sk_code
check(struct session *s, struct str file, struct buf *b, struct err *e)
{
	static const struct fs_tree here = { .root = "", .home = "" };
	struct loaded l;
	size_t examples = 0, before = s->rules.n;
	enum sk_code code;

	fs_read(&here, s->arena, file, &l);
	if (l.state != LOADER_FILE)
		return err_set(
		    e, l.state == LOADER_ABSENT ? SK_ENOENT : SK_EREAD, "%.*s: %.*s", STR_ARG(file), STR_ARG(l.reason));
	if (str_ends(file, STR("networks.ini"))) {
		before = s->networks.n;
		code = network_load(s->arena, &s->networks, file, l.bytes, e);
		buf_addf(b, "%.*s: good, %zu new networks\n", STR_ARG(file), s->networks.n - before);
		return code;
	}
	if (str_ends(file, STR("policies.ini"))) {
		before = s->policies.n;
		code = policy_load(s->arena, &s->policies, file, l.bytes, e);
		buf_addf(b, "%.*s: good, %zu new policies\n", STR_ARG(file), s->policies.n - before);
		return code;
	}
	code = ruleset_load(&s->rules, file, l.bytes, e);
	if (code == SK_OK)
		code = ruleset_selftest(&s->rules, &s->networks, &s->policies, file, &examples, e);
	if (code == SK_OK)
		buf_addf(
		    b, "%.*s: good, %zu new rules, %zu examples hold\n", STR_ARG(file), s->rules.n - before, examples);
	return code;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct buf b = { 0 };
	struct err e = { 0 };
	int status = 0;

	if (session_rules(&s, a, o, &e) != SK_OK || ruleset_compile(&s.rules, &e) != SK_OK)
		status = output_error(&e);
	else if (o->arg.n == 0)
		list(&s, &b);
	for (size_t i = 0; i < o->arg.n && s.arena != NULL && e.code == SK_OK; i++) {
		size_t keep = b.n;

		if (check(&s, o->arg.v[i], &b, &e) != SK_OK) {
			b.n = keep;
			status = output_error(&e);
		}
	}
	if (b.n > 0 && !output_stdout(&b))
		status = output_failed();
	buf_release(&b);
	session_release(&s);
	return status;
}

const struct cmd cmd_rules = {
	.name = "rules",
	.args = "[FILE ...]",
	.summary = "lists the rules, or checks rule files and runs their examples",
	.flags = CMD_READS,
	.options = "rules",
	.about =
	    "Without FILE: one line per rule. With FILE: the file is loaded as --rules would, and the good and bad "
	    "examples of its rules are run: a bad one must fire its rule, a good one must not. Exit 3 names the first "
	    "line that does not hold.",
	.run = run,
};
