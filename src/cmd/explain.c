/* SPDX-License-Identifier: MIT */
/* explain: the page of one rule. */
#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"
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

/* Lines of a config, which stay as they are. */
static void
lines(struct buf *b, const char *label, struct str text)
{
	struct str line;

	while (str_split(&text, '\n', &line)) {
		buf_addf(b, "%-*s", LABEL_W, label);
		buf_add_escaped(b, line);
		buf_addch(b, '\n');
		label = "";
	}
}

static bool
is_open(struct str text)
{
	return str_chr(text, '{', 0) != SIZE_MAX;
}

/* A bad example and what the rule says of it, the first one with all its numbers. */
static enum sk_code
bad_example(const struct session *s, const struct rule *r, const struct rule_text *t, const struct rule_example *x,
    bool first, struct buf *b, struct err *e)
{
	struct finding f;
	struct buf said = { 0 };
	enum sk_code code = ruleset_example(&s->rules, &s->networks, &s->policies, r, x, s->arena, &f, e);

	if (code != SK_OK)
		return code;
	lines(b, "bad", x->text);
	if (x->peer.n > 0)
		lines(b, "  with", x->peer);
	buf_addf(&said, "%s: ", level_name(f.level));
	buf_add(&said, f.message);
	field(b, "  says", buf_str(&said));
	if (first && is_open(t->why))
		field(b, "  because", f.why);
	if (first && is_open(t->advice))
		field(b, "  fix", f.advice);
	buf_release(&said);
	return SK_OK;
}

static void
add_hide(const struct rule_text *t, struct buf *b)
{
	buf_addf(b, "%-*s", LABEL_W, "hide");
	if (t->each == RULE_EACH_MACHINE)
		buf_addf(b, "%.*s = off below [rules] of the settings; in a tree also a comment in the file",
		    STR_ARG(t->code));
	else if (t->may == SUPPRESS_NEVER)
		buf_addc(b, "no comment and no baseline hides it");
	else
		buf_addf(b, "# sshkeep: ignore %.*s -- reason%s", STR_ARG(t->code),
		    t->may == SUPPRESS_WITH_REASON ? " (it does not count without one)" : "");
	buf_addch(b, '\n');
}

static enum sk_code
page(const struct session *s, const struct rule *r, struct buf *b, struct err *e)
{
	enum sk_code code = SK_OK;
	struct rule_text t;
	bool first = true;

	rule_describe(r, &t);
	buf_addf(b, "%.*s %.*s (%s)\n", STR_ARG(t.code), STR_ARG(t.name), level_name(t.level));
	field(b, "says", t.message);
	field(b, "why", t.why);
	field(b, "fix", t.advice);
	for (size_t i = 0; i < t.n_example && code == SK_OK; i++)
		if (t.example[i].bad) {
			code = bad_example(s, r, &t, &t.example[i], first, b, e);
			first = false;
		}
	for (size_t i = 0; i < t.n_example; i++)
		if (!t.example[i].bad) {
			lines(b, "good", t.example[i].text);
			if (t.example[i].peer.n > 0)
				lines(b, "  with", t.example[i].peer);
		}
	field(b, "given", t.given);
	field(b, "when", t.when);
	field(b, "see", t.see);
	add_hide(&t, b);
	buf_addf(b, "%-*s", LABEL_W, "file");
	buf_add_escaped(b, t.file);
	buf_addf(b, ":%u\n", t.line);
	return code;
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

/* The rule with this name, client-keepalive-off and so on. */
static const struct rule *
rule_named(const struct session *s, struct str name)
{
	for (size_t i = 0; i < s->rules.n; i++) {
		struct rule_text t;

		rule_describe(s->rules.v[i], &t);
		if (str_eq(t.name, name))
			return s->rules.v[i];
	}
	return NULL;
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
	if (r == NULL)
		r = rule_named(s, arg);
	if (r == NULL) {
		near = nearest(s, code);
		return err_set(e, SK_EUSAGE, "no rule has the code \"%.*s\"%s%.*s%s", STR_ARG(str_head(arg, 40)),
		    near.n > 0 ? " (did you mean " : "", STR_ARG(near),
		    near.n > 0 ? "?)" : "; sshkeep rules lists them");
	}
	if (b->n > 0)
		buf_addch(b, '\n');
	return page(s, r, b, e);
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
	.about = "Prints the page of each rule: what it says, why, what to do, bad examples with what it says of them, "
		 "good ones, "
		 "its condition, where to read on, and how it is hidden. Names in braces stand for values.",
	.run = run,
};
