/* SPDX-License-Identifier: MIT */
/*
 * The examples of a rule as tests: a small configuration (or facts, for the machine) is resolved and judged under
 * the `given` line, and the rule must fire for the bad one and be silent for the good one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/sysctl.h"
#include "rule/rule.h"
#include "rule/suppress.h"

struct test {
	const struct ruleset *rs;
	const struct networks *networks;
	const struct policies *policies;
	struct arena *arena;
	const struct rule *rule;
	const struct rule_example *example;
	struct given given;
	struct err *err;
};

/* What a reader of templates makes of `ServerAliveInterval {{ seconds }}` in a file whose name does not say so. */
static const struct line_mark guessed_line = { .flags = MARK_VAGUE };
static const struct region guessed_region;
static const struct marks guessed = {
	.line = &guessed_line,
	.n = 1,
	.region = &guessed_region,
	.n_region = 1,
	.guessed = true,
	.sign = { 0, 21, 13 },
	.raw = { "ServerAliveInterval {{ seconds }}\n", 34 },
};

/* The same of `ClientAliveInterval {{ seconds }}` and a literal line. */
static const struct line_mark server_line[] = { { .flags = MARK_VAGUE }, { 0 } };
static const struct marks server_template = {
	.line = server_line,
	.n = 2,
	.region = &guessed_region,
	.n_region = 1,
	.raw = { "ClientAliveInterval {{ seconds }}\nClientAliveCountMax 0\n", 56 },
};

/* Files that examples may include, for what a text alone cannot show (sshkeep-rules(5)). */
static const struct {
	const char *path, *text;
	enum loader_state state;
	bool bad_perm;
	const struct marks *marks;
} example_files[] = {
	{ "/example/interval-30.conf", "ClientAliveInterval 30\n", LOADER_FILE, false, NULL },
	{ "/example/loop.conf", "Include /example/loop.conf\n", LOADER_FILE, false, NULL },
	{ "/example/writable-by-all.conf", "ServerAliveInterval 30\n", LOADER_FILE, true, NULL },
	{ "/example/unreadable.conf", "", LOADER_UNREADABLE, false, NULL },
	{ "/example/outside.conf", "", LOADER_OUTSIDE, false, NULL },
	{ "/example/line-of-5000-bytes.conf", NULL, LOADER_FILE, false, NULL },
	{ "/example/template.conf", "ServerAliveInterval {{_seconds_}}\n", LOADER_FILE, false, &guessed },
	{ "/example/template-of-a-server.conf", "ClientAliveInterval {{_seconds_}}\nClientAliveCountMax 0\n",
	    LOADER_FILE, false, &server_template },
};
#define EXAMPLE_FILES (sizeof(example_files) / sizeof(example_files[0]))

static void
example_read(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	(void)ctx;
	*ret = (struct loaded){ .state = LOADER_ABSENT, .reason = STR("No such file or directory") };
	for (size_t i = 0; i < EXAMPLE_FILES; i++) {
		char *p;

		if (!str_eqc(path, example_files[i].path))
			continue;
		ret->state = example_files[i].state;
		ret->bad_perm = example_files[i].bad_perm;
		ret->marks = example_files[i].marks;
		ret->reason = ret->state == LOADER_FILE ? STR("") :
		    ret->state == LOADER_OUTSIDE ? STR("leads out of the tree that is looked at and was not opened") :
						   STR("Permission denied");
		ret->bytes = str_c(example_files[i].text);
		if (example_files[i].text != NULL)
			return;
		p = arena_alloc(a, 5000);
		memset(p, '#', 5000);
		ret->bytes = (struct str){ p, 5000 };
		return;
	}
}

/* A path names itself; /example/many/... stands for more files than are read. */
static void
example_glob(
    void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	struct loaded l;

	(void)tilde;
	example_read(ctx, a, pattern, &l);
	*ret = ARENA_NEW(a, struct str);
	**ret = pattern;
	*ret_n = l.state != LOADER_ABSENT;
	*ret_capped = str_starts(pattern, STR("/example/many/"));
}

static enum sk_code
fail(const struct test *t, const char *why, struct str word)
{
	return err_set(t->err, SK_ERULE, "%.*s:%u: %.*s: %s%.*s", STR_ARG(t->rule->text.file),
	    t->example != NULL ? t->example->line : t->rule->text.line, STR_ARG(t->rule->text.code), why,
	    STR_ARG(word));
}

static enum sk_code
given_fact(struct test *t, struct str name, struct str value)
{
	for (unsigned i = 0; i < FACT_MAX_; i++) {
		struct fact *f = &t->given.facts.v[i];
		double v = 0;

		if (!str_eqc(name, fact_table[i].name))
			continue;
		f->known = true;
		f->source = STR("given");
		f->confidence = CONF_DETECTED;
		if (fact_table[i].type == FACT_TEXT)
			f->text = value;
		else if (fact_table[i].type == FACT_FLAG)
			f->num = str_eqc(value, "yes");
		else if (num_time(value, &v, NULL) != SK_OK)
			return fail(t, "not a number or time: ", value);
		else
			f->num = v;
		return SK_OK;
	}
	return fail(t, "given: no such name: ", name);
}

static enum sk_code
given_one(struct test *t, struct str name, struct str value)
{
	double v = 0;

	if (str_eqc(name, "version") || str_eqc(name, "peer")) {
		struct ver *to = str_eqc(name, "peer") ? &t->given.peer : &t->given.ver;

		return ver_parse(value, to, NULL) == SK_OK ? SK_OK : fail(t, "not a release: ", value);
	}
	if (str_eqc(name, "policy")) {
		t->given.policy = policy_find(t->policies, value);
		return t->given.policy != NULL ? SK_OK : fail(t, "no such policy: ", value);
	}
	if (str_eqc(name, "sysctl")) {
		t->given.sysctl = value;
		return SK_OK;
	}
	if (str_eqc(name, "dropin")) {
		t->given.dropin = value;
		return SK_OK;
	}
	if (str_eqc(name, "path.timeout")) {
		if (num_time(value, &v, NULL) != SK_OK)
			return fail(t, "not a time: ", value);
		t->given.path_timeout = QTY(v);
		t->given.path_given = true;
		return SK_OK;
	}
	return given_fact(t, name, value);
}

static enum sk_code
given_list(struct test *t, struct str list)
{
	struct str rest = list, part;
	enum sk_code code = SK_OK;

	while (code == SK_OK && list.n > 0 && str_split(&rest, ',', &part)) {
		size_t blank;

		part = str_trim(part);
		blank = str_chr(part, ' ', 0);
		if (part.n == 0)
			continue;
		if (blank == SIZE_MAX)
			return fail(t, "given: name and value, not: ", part);
		code = given_one(t, str_head(part, blank), str_trim(str_from(part, blank)));
	}
	return code;
}

static enum sk_code
read_conf(struct test *t, enum kw_side side, struct str text, struct conf *c)
{
	static const struct loader loader = { .read = example_read, .glob = example_glob };
	struct conf_opts o = {
		.side = side,
		.ver = side == KW_SERVER && t->given.peer.n != 0 ? t->given.peer : t->given.ver,
		.loader = &loader,
		.home = STR("/home/example"),
		.etc_ssh = STR("/etc/ssh"),
	};

	conf_init(c, &o);
	return conf_add_bytes(c, &o, STR("example"), text, side == KW_CLIENT ? SOURCE_USER : SOURCE_SERVER, t->err);
}

/* Path, judgement and the rule for one row. */
/* The machine of the examples. */
static const struct client_env example_env = {
	.local_user = { "me", sizeof "me" - 1 },
	.local_user_known = true,
	.home = { "/home/example", sizeof "/home/example" - 1 },
	.uid = { "1000", sizeof "1000" - 1 },
	.uid_known = true,
	.hostname = { "here.example", sizeof "here.example" - 1 },
	.hostname_known = true,
};

static void
run_row(struct test *t, struct conf *c, struct str shown, enum target_kind kind, const struct effective *client,
    const struct effective *server, struct findings *out)
{
	const enum kw_side side = c->side;
	const struct effective *own = side == KW_CLIENT ? client : server;
	struct path_opts po = {
		.networks = t->networks,
		.policy = t->given.policy,
		.facts = &t->given.facts,
		.declared = t->given.path_timeout,
		.declared_given = t->given.path_given,
	};
	struct path path;
	struct judgement j;
	struct judge_opts jo = {
		.facts = &t->given.facts,
		.policy = t->given.policy,
		.path = &path,
		.client = client,
		.server = server,
		.client_ver = t->given.ver,
		.server_ver = t->given.peer.n != 0 ? t->given.peer : t->given.ver,
		.side = side,
		.holds_sessions = true,
	};
	struct rule_row row = {
		.side = side,
		.host = shown,
		.kind = kind,
		.client = client,
		.server = server,
		.facts = &t->given.facts,
		.path = &path,
		.judgement = &j,
		.policy = t->given.policy,
		.client_ver = jo.client_ver,
		.server_ver = jo.server_ver,
	};

	if (client != NULL) {
		const struct eff *jump = eff_get(client, KW_ID_PROXYJUMP);

		row.jump_fault = eff_jump_fault(t->arena, c, client, &example_env);
		jo.holds_sessions = judge_holds_sessions(client, &jo.not_judged_why);
		row.has_jump = jump->state == EFF_SET && jump->text.n > 0;
	}
	path_of(t->arena, own, &po, &path);
	judge(t->arena, &jo, &j);
	rule_on_row(t->rule, t->arena, &row, out);
}

/* The `dropin` of the given line, unless the example includes it. */
static struct str
unread_by(const struct test *t, const struct conf *c)
{
	for (size_t i = 0; i < c->n_src && t->given.dropin.n > 0; i++)
		if (str_eq(c->src[i].name, t->given.dropin))
			return STR("");
	return t->given.dropin.n > 0 ? STR("config") : STR("");
}

static void
run_lines(struct test *t, const struct conf *c, const struct effective *const *row, size_t n, struct findings *out)
{
	struct waiting waiting;
	struct rule_lines in = { .conf = c,
		.row = row,
		.n_row = n,
		.facts = &t->given.facts,
		.unread_by = unread_by(t, c),
		.waiting = &waiting };
	struct rule *only[1];

	if (t->rule->each != RULE_EACH_LINE)
		return;
	waiting_of(t->arena, c, &waiting);
	memcpy(only, &t->rule, sizeof(only));
	rules_on_lines(only, 1, t->arena, &in, out);
}

static void
run_client(struct test *t, struct conf *c, struct conf *peer, struct findings *out)
{
	struct target_row *row;
	struct effective *ev, *far = NULL;
	const struct effective **list;
	size_t n;

	eff_client_targets(t->arena, c, &row, &n);
	ev = ARENA_ARRAY(t->arena, struct effective, n);
	list = ARENA_ARRAY(t->arena, const struct effective *, n);
	if (peer != NULL) {
		struct server_row *far_row;
		size_t far_n;

		eff_server_targets(t->arena, peer, &far_row, &far_n);
		far = ARENA_NEW(t->arena, struct effective);
		eff_server(t->arena, peer, &far_row[0].spec, EFF_LOSERS_NONE, far);
	}
	for (size_t i = 0; i < n; i++) {
		struct target who = { .host = row[i].name };

		eff_client(t->arena, c, &who, &example_env, EFF_LOSERS_ALL_WIDE, &ev[i]);
		list[i] = &ev[i];
		run_row(t, c, row[i].shown, row[i].kind, &ev[i], far, out);
	}
	run_lines(t, c, list, n, out);
}

static void
run_server(struct test *t, struct conf *c, struct findings *out)
{
	struct server_row *row;
	struct effective *ev;
	const struct effective **list;
	size_t n;

	eff_server_targets(t->arena, c, &row, &n);
	ev = ARENA_ARRAY(t->arena, struct effective, n);
	list = ARENA_ARRAY(t->arena, const struct effective *, n);
	for (size_t i = 0; i < n; i++) {
		eff_server(t->arena, c, &row[i].spec, EFF_LOSERS_ALL_WIDE, &ev[i]);
		list[i] = &ev[i];
		run_row(t, c, row[i].shown, TARGET_HOST, NULL, &ev[i], out);
	}
	run_lines(t, c, list, n, out);
}

static bool
any_code(const void *ctx, struct str code)
{
	(void)ctx;
	return code.n > 0;
}

/* What all rules for lines find, how the comments of the text fare with it, and what the rule says of that. */
static void
run_ignore(struct test *t, struct conf *c, struct findings *out)
{
	const struct suppress_run run = { .file = STR("example"), .side = c->side, .asked = any_code };
	struct suppress_list list;
	struct findings all = { 0 }, told = { 0 };
	struct rule_lines in = { .conf = c, .facts = &t->given.facts };

	ruleset_lines(t->rs, t->arena, &in, &all);
	suppress_read(t->arena, c->src[0].bytes, SUPPRESS_IN_SSH, &list);
	for (size_t i = 0; i < all.n; i++)
		suppress_finding(&list, all.v[i].at.line, &all.v[i]);
	suppress_judge(t->rs, t->arena, &list, &run, &told);
	for (size_t i = 0; i < told.n; i++)
		if (told.v[i].rule == t->rule) {
			MEM_GROW(out->v, out->cap, out->n + 1);
			out->v[out->n++] = told.v[i];
		}
	findings_release(&all);
	findings_release(&told);
}

/* The example is a section of settings about a file that is a config by its name. */
static void
run_kind(struct test *t, struct str text, struct findings *out)
{
	struct rule_ignore in = { .problem = "kind", .file = STR("example") };
	struct str line;

	while (str_split(&text, '\n', &line)) {
		struct str kind = str_trim(str_from(line, str_chr(line, '=', 0) + 1));

		if (!str_starts(line, STR("kind")) || str_starts(kind, STR("client")) ||
		    str_starts(kind, STR("server")))
			continue;
		in.hint = line;
		rule_on_ignore(t->rule, t->arena, &in, out);
	}
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes that an INI file cannot hold are written \xHH. */
static struct str
unescape(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < s.n; i++) {
		bool escape = i + 3 < s.n && s.p[i] == '\\' && s.p[i + 1] == 'x' && hex_digit(s.p[i + 2]) >= 0 &&
		    hex_digit(s.p[i + 3]) >= 0;

		if (escape) {
			buf_addch(&b, (char)(hex_digit(s.p[i + 2]) * 16 + hex_digit(s.p[i + 3])));
			i += 3;
		} else {
			buf_addch(&b, s.p[i]);
		}
	}
	buf_addch(&b, '\n');
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* A rule about lines that OpenSSH refuses has to say that no comment hides them, or only one with a reason. */
static enum sk_code
check_refused(const struct test *t, const struct conf *c, const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < c->n_diag && t->rule->each == RULE_EACH_LINE; k++) {
			const struct diag *d = &c->diag[k];

			if (f->v[i].may == SUPPRESS_ALWAYS && d->effect >= DIAG_COUNTED && !d->ignorable &&
			    d->src == f->v[i].at.src && d->line + 1 == f->v[i].at.line)
				return fail(t, "OpenSSH refuses this line: the rule lacks suppress = never, or reason",
				    (struct str){ 0 });
		}
	return SK_OK;
}

static enum sk_code
run_example(struct test *t, struct findings *out)
{
	const struct rule *r = t->rule;
	struct str text = unescape(t->arena, t->example->text);
	struct conf c = { 0 }, peer = { 0 };
	enum sk_code code;

	if (r->each == RULE_EACH_MACHINE) {
		code = given_list(t, t->example->text);
		if (code == SK_OK) {
			struct sysctl_said said;
			struct rule_machine in = { .facts = &t->given.facts, .policy = t->given.policy };

			in.sysctl = sysctl_line(t->given.sysctl, &said) ? &said : NULL;
			rule_on_machine(r, t->arena, &in, out);
		}
		return code;
	}
	if (r->each == RULE_EACH_START) {
		const struct selftest_start own = { .rule = r,
			.example = t->example,
			.given = &t->given,
			.networks = t->networks,
			.env = &example_env,
			.arena = t->arena };

		return selftest_start(&own, out, t->err);
	}
	if (r->each == RULE_EACH_IGNORE && str_starts(text, STR("[files "))) {
		run_kind(t, text, out);
		return SK_OK;
	}
	if (r->text.side == RULE_SERVER) {
		code = read_conf(t, KW_SERVER, text, &c);
		if (code == SK_OK)
			run_server(t, &c, out);
	} else {
		code = read_conf(t, KW_CLIENT, text, &c);
		if (code == SK_OK && r->text.side == RULE_BOTH)
			code = read_conf(t, KW_SERVER, unescape(t->arena, t->example->peer), &peer);
		if (code == SK_OK && r->each == RULE_EACH_IGNORE)
			run_ignore(t, &c, out);
		else if (code == SK_OK)
			run_client(t, &c, r->text.side == RULE_BOTH ? &peer : NULL, out);
	}
	if (code == SK_OK && t->example->bad)
		code = check_refused(t, &c, out);
	conf_release(&c);
	conf_release(&peer);
	return code;
}

/* The findings of one example, whose texts live in a. */
static enum sk_code
judge_example(const struct test *proto, const struct rule_example *x, struct arena *a, struct findings *out)
{
	struct test t = *proto;
	enum sk_code code;

	t.arena = a;
	t.example = x;
	memset(&t.given, 0, sizeof(t.given));
	t.given.ver = (struct ver){ .n = VER(9, 2), .debian = true };
	t.given.policy = policy_find(t.policies, t.rule->text.side == RULE_SERVER ? STR("server") : STR("interactive"));
	t.given.path_timeout = QTY_UNKNOWN("not given");
	code = given_list(&t, t.rule->text.given);
	if (code == SK_OK && t.given.policy == NULL)
		code = fail(&t, "the policies file lacks the default policy", (struct str){ 0 });
	if (code == SK_OK)
		code = run_example(&t, out);
	if (code == SK_OK && x->bad && out->n == 0)
		code = fail(&t, "the bad example does not fire the rule", (struct str){ 0 });
	return code;
}

static enum sk_code
one_example(const struct test *proto, const struct rule_example *x)
{
	struct arena arena = { 0 };
	struct test t = *proto;
	struct findings out = { 0 };
	enum sk_code code = judge_example(proto, x, &arena, &out);

	t.example = x;
	if (code == SK_OK && !x->bad && out.n > 0)
		code = fail(&t, "the good example fires the rule: ", out.v[0].message);
	findings_release(&out);
	arena_release(&arena);
	return code;
}

enum sk_code
ruleset_example(const struct ruleset *rs, const struct networks *n, const struct policies *p, const struct rule *r,
    const struct rule_example *x, struct arena *a, struct finding *ret, struct err *e)
{
	const struct test t = { .rs = rs, .networks = n, .policies = p, .rule = r, .err = e };
	struct findings out = { 0 };
	enum sk_code code = judge_example(&t, x, a, &out);

	if (code == SK_OK)
		*ret = (struct finding){ .rule = r,
			.level = out.v[0].level,
			.message = out.v[0].message,
			.why = out.v[0].why,
			.advice = out.v[0].advice };
	findings_release(&out);
	return code;
}

enum sk_code
ruleset_selftest(const struct ruleset *rs, const struct networks *n, const struct policies *p, struct str file,
    size_t *ret_examples, struct err *e)
{
	size_t count = 0;

	for (size_t i = 0; i < rs->n; i++) {
		const struct rule *r = rs->v[i];
		struct test t = { .rs = rs, .networks = n, .policies = p, .rule = r, .err = e };

		if (file.n > 0 && !str_eq(r->text.file, file))
			continue;
		rule_texts(r);
		for (size_t k = 0; k < r->n_example; k++) {
			enum sk_code code = one_example(&t, &r->example[k]);

			if (code != SK_OK)
				return code;
			count++;
		}
	}
	*ret_examples = count;
	return SK_OK;
}
