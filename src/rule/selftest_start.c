/* SPDX-License-Identifier: MIT */
/* Examples of rules for start files: each command line in the text is judged with the config of its peer text. */
#include <string.h>

#include "rule/rule.h"

static void
nothing_there(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	(void)ctx;
	(void)a;
	(void)path;
	*ret = (struct loaded){ .state = LOADER_ABSENT, .reason = STR("No such file or directory") };
}

/* An example shows its kind: units have sections, compose files services, crontabs a time ahead of the command. */
static enum start_kind
kind_of(struct str text)
{
	if (str_find(text, STR("[Service]")) != SIZE_MAX)
		return START_UNIT;
	if (str_starts(text, STR("services:")))
		return START_COMPOSE;
	if (text.n > 0 && (text.p[0] == '@' || text.p[0] == '*'))
		return START_USER_CRON;
	return START_SCRIPT;
}

static void
judge_start(
    const struct selftest_start *t, const struct start *s, struct str clash, struct conf *c, struct findings *out)
{
	bool *uncertain = ARENA_ARRAY(t->arena, bool, KW_ROWS_MAX);
	struct effective *ev = ARENA_NEW(t->arena, struct effective);
	struct target who = { .host = s->host.n > 0 ? s->host : STR("any.example"), .user = s->login };
	struct path_opts po = { .networks = t->networks,
		.policy = t->given->policy,
		.facts = &t->given->facts,
		.declared = t->given->path_timeout,
		.declared_given = t->given->path_given };
	struct path path;
	struct judgement j;
	struct judge_opts jo = { .facts = &t->given->facts,
		.policy = t->given->policy,
		.path = &path,
		.client = ev,
		.client_ver = t->given->ver,
		.server_ver = t->given->ver,
		.side = KW_CLIENT,
		.holds_sessions = true };
	struct rule_start in = { .start = s,
		.clash = clash,
		.uncertain = uncertain,
		.row = { .side = KW_CLIENT,
		    .host = who.host,
		    .client = ev,
		    .facts = &t->given->facts,
		    .path = &path,
		    .judgement = &j,
		    .policy = t->given->policy,
		    .client_ver = t->given->ver } };

	eff_client(t->arena, c, &who, t->env, EFF_LOSERS_NONE, ev);
	path_of(t->arena, ev, &po, &path);
	judge(t->arena, &jo, &j);
	rule_start_doubts(s, ev,
	    s->config_vague   ? START_NO_FILES :
		s->host.n > 0 ? START_ALL_KNOWN :
				START_ANY_HOST,
	    uncertain);
	if (!rule_start_known(s, in.row.client))
		in.row.client = NULL;
	rule_on_start(t->rule, t->arena, &in, out);
}

static enum sk_code
one_start(const struct selftest_start *t, const struct starts *all, size_t at, struct findings *out, struct err *e)
{
	static const struct loader loader = { .read = nothing_there };
	const struct start *s = &all->v[at], *other = start_clash(all, at);
	struct conf_opts o = { .side = KW_CLIENT,
		.ver = t->given->ver,
		.loader = &loader,
		.home = STR("/home/example"),
		.etc_ssh = STR("/etc/ssh") };
	struct str clash = { 0 };
	struct conf c = { 0 };
	enum sk_code code;

	o.cmdline = start_lines(t->arena, s, t->given->ver.n >= VER(8, 7));
	if (other != NULL)
		clash = arena_printf(t->arena, "example:%u", (unsigned)other->line);
	conf_init(&c, &o);
	code = conf_add_bytes(&c, &o, STR("example"), t->example->peer, SOURCE_USER, e);
	if (code == SK_OK)
		judge_start(t, s, clash, &c, out);
	conf_release(&c);
	return code;
}

enum sk_code
selftest_start(const struct selftest_start *t, struct findings *out, struct err *e)
{
	struct start_from from = { .file = STR("example") };
	struct starts all = { 0 };
	const char *why = "";
	enum sk_code code = SK_OK;

	if (!start_read(t->arena, kind_of(t->example->text), &from, t->example->text, &all, &why))
		code = err_set(e, SK_ERULE, "%.*s:%u: the example cannot be read: %s", STR_ARG(t->rule->text.file),
		    t->example->line, why);
	for (size_t i = 0; i < all.n && code == SK_OK; i++)
		if (all.v[i].program != START_FILE)
			code = one_start(t, &all, i, out, e);
	starts_release(&all);
	return code;
}
