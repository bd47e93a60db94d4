/* SPDX-License-Identifier: MIT */
/* explain: the page of one rule. */
#include "cmd/cmd.h"
#include "cmd/output.h"
#include "cmd/session.h"
#include "report/layout.h"

enum { WIDTH = 80, LABEL_W = 10 };

static void
field(struct buf *b, const char *label, struct str text)
{
	struct str rest = text, line;
	bool first = true;

	while (text.n > 0 && str_split(&rest, '\n', &line)) {
		if (first)
			buf_addf(b, "%-*s", LABEL_W, label);
		else
			buf_addn(b, ' ', LABEL_W);
		first = false;
		layout_wrap(b, line, LABEL_W, LABEL_W, WIDTH);
	}
}

static void
page(const struct rule *r, struct buf *b)
{
	struct rule_text t;

	rule_describe(r, &t);
	buf_addf(b, "%.*s %.*s (%s)\n", STR_ARG(t.code), STR_ARG(t.name), level_name(t.level));
	field(b, "says", t.message);
	field(b, "why", t.why);
	field(b, "when", t.when);
	field(b, "advice", t.advice);
	field(b, "good", t.good);
	field(b, "bad", t.bad);
	field(b, "given", t.given);
	field(b, "see", t.see);
	buf_addf(b, "%-*s", LABEL_W, "file");
	buf_add_escaped(b, t.file);
	buf_addf(b, ":%u\n", t.line);
}

/* The closest code, for a typing mistake; "" when none is near. */
static struct str
nearest(const struct session *s, struct str code)
{
	struct str near = { 0 };
	unsigned best = 3;

	for (size_t i = 0; i < s->rules.n; i++) {
		struct rule_text t;
		unsigned d;

		rule_describe(s->rules.v[i], &t);
		d = str_distance(code, t.code, 2);
		if (d < best) {
			best = d;
			near = t.code;
		}
	}
	return near;
}

static enum sk_code
explain_one(const struct session *s, struct str arg, struct buf *b, struct err *e)
{
	struct str code = arg, near;
	const struct rule *r;
	char upper[16];

	/* codes are upper case; people type sk201 */
	if (arg.n < sizeof upper) {
		for (size_t i = 0; i < arg.n; i++)
			upper[i] = arg.p[i] >= 'a' && arg.p[i] <= 'z' ? (char)(arg.p[i] - ('a' - 'A')) : arg.p[i];
		code = (struct str){ upper, arg.n };
	}
	r = ruleset_find(&s->rules, code);
	if (r == NULL) {
		near = nearest(s, code);
		return err_set(e, SK_EUSAGE, "no rule has the code \"%.*s\"%s%.*s%s", STR_ARG(str_head(arg, 40)),
		    near.n > 0 ? " (did you mean " : "", STR_ARG(near),
		    near.n > 0 ? "?)" : "; sshkeep rules lists them");
	}
	if (b->n > 0)
		buf_addch(b, '\n');
	page(r, b);
	return SK_OK;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct buf b = { 0 };
	struct err e = { 0 };
	enum sk_code code = SK_OK;
	int status = 0;

	if (o->arg.n == 0)
		code = err_set(&e, SK_EUSAGE, "explain needs a CODE; sshkeep rules lists them");
	else
		code = session_rules(&s, a, o, &e);
	for (size_t i = 0; i < o->arg.n && code == SK_OK; i++)
		code = explain_one(&s, o->arg.v[i], &b, &e);
	if (code != SK_OK)
		status = output_error(&e);
	else if (!output_stdout(&b))
		status = output_failed();
	buf_release(&b);
	session_release(&s);
	return status;
}

const struct cmd cmd_explain = {
	.name = "explain",
	.args = "CODE ...",
	.summary = "the page of one rule: what it says, why, and examples",
	.flags = CMD_READS,
	.options = "rules",
	.about =
	    "Prints everything a rule file says about the rule: message, reason, condition, advice, a good and a bad "
	    "example, and where to read on.",
	.run = run,
};
