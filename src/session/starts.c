/* SPDX-License-Identifier: MIT */
/*
 * Rules for start files: each command line is judged with the values that its ssh gets from its own words and from
 * the config of the user who runs it.
 */
#include <stdlib.h>
#include <string.h>

#include "session/session.h"
#include "session/start_files.h"

enum { JUDGED_MAX = 256 };

/* Whose files the ssh of a command reads. */
struct whose {
	struct fs_tree tree;
	struct loader loader;
	struct client_env env;
	struct str config; /* ~/.ssh/config */
	bool known;
};

static void
find_whose(struct session *s, const struct start *st, struct whose *ret)
{
	struct user u = s->user;

	*ret = (struct whose){ .tree = s->tree, .env = s->env, .config = s->user_config, .known = true };
	if (st->user.n > 0 && !str_eq(st->user, s->user.name)) {
		ret->known = user_by_name(&s->tree, s->arena, st->user, &u);
		if (!ret->known && str_eqc(st->user, "root")) {
			u = (struct user){ .name = st->user, .home = STR("/root") };
			ret->known = true;
		}
		ret->tree.uid = u.uid;
		ret->tree.home = arena_strz(s->arena, u.home);
		ret->env.local_user = u.name;
		ret->env.local_user_known = true;
		ret->env.home = u.home;
		ret->env.uid = arena_printf(s->arena, "%u", u.uid);
		ret->config = arena_printf(s->arena, "%.*s/.ssh/config", STR_ARG(u.home));
	}
	ret->env.getenv = NULL;
	fs_loader_init(&ret->tree, &ret->loader);
}

/* A file that is there and cannot be read leaves the values unknown. */
static bool
all_read(struct session *s, const struct conf *c)
{
	bool all = true;

	for (size_t i = 0; i < c->n_missing; i++) {
		if (str_ends(c->missing[i], STR(": not there")))
			continue;
		session_note(s, arena_printf(s->arena, "not read: %.*s", STR_ARG(c->missing[i])));
		all = false;
	}
	return all;
}

/* -F of the command, or the user's and the system's files.  False: they cannot be known. */
static bool
read_files(struct session *s, const struct start *st, const struct whose *w, const struct conf_opts *o, struct conf *c)
{
	struct str file = st->config;
	struct err e;

	if (!w->known || st->config_vague)
		return false;
	if (st->kind == START_COMPOSE && file.p == NULL)
		return true;
	if (file.p != NULL && str_ieqc(file, "none"))
		return true;
	if (file.p != NULL) {
		if (str_starts(file, STR("~/")))
			file = arena_printf(s->arena, "%.*s%.*s", STR_ARG(w->env.home), STR_ARG(str_from(file, 1)));
		/* a path below a folder that nobody knows, or inside of a container */
		if (file.n == 0 || file.p[0] != '/' || st->kind == START_COMPOSE)
			return false;
		return conf_add_file(c, o, file, SOURCE_USER, false, &e) == SK_OK;
	}
	return conf_add_file(c, o, w->config, SOURCE_USER, true, &e) == SK_OK &&
	    conf_add_file(c, o, STR("/etc/ssh/ssh_config"), SOURCE_SYSTEM, true, &e) == SK_OK && all_read(s, c);
}

/* Is the command's host among those of the command line? */
static bool
is_asked(const struct session *s, const struct start *st)
{
	struct str user, host, port, own;

	if (s->o->arg.n == 0)
		return true;
	if (st->host.n == 0 || session_host(s->arena, st->host, &user, &own, &port, NULL) != SK_OK)
		return false;
	for (size_t i = 0; i < s->o->arg.n; i++)
		if (session_host(s->arena, s->o->arg.v[i], &user, &host, &port, NULL) == SK_OK && str_eq(host, own))
			return true;
	return false;
}

static struct str
clash_of(const struct session *s, const struct starts *all, size_t at)
{
	const struct start *other = start_clash(all, at);

	if (other == NULL)
		return (struct str){ 0 };
	return arena_printf(s->arena, "%.*s:%u", STR_ARG(other->file), (unsigned)other->line);
}

static enum sk_code
judge_with(
    struct session *s, const struct whose *w, struct rule_start *in, bool *uncertain, struct conf *c, struct err *e)
{
	const struct start *st = in->start;
	struct session_case *is = ARENA_NEW(s->arena, struct session_case);
	struct target_row t = { .kind = TARGET_HOST, .shown = st->host, .name = STR("any.invalid"), .possible = true };
	struct session_row r = { .side = KW_CLIENT, .target = &t, .is = is };
	struct options own = *s->o;
	const struct options *o = s->o;
	struct client_env env = s->env;
	struct str user = { 0 }, host = { 0 }, port = { 0 };
	bool known = st->host.n > 0 && session_host(s->arena, st->host, &user, &host, &port, NULL) == SK_OK;
	enum sk_code code;

	if (known)
		t.name = host;
	r.user = st->login.n > 0 ? st->login : user;
	if (own.policy.p == NULL)
		own.policy = STR("tunnel");
	s->o = &own;
	s->client_conf = c;
	s->env = w->env;
	code = session_case(s, &r, is, e);
	s->client_conf = &s->client.conf;
	s->o = o;
	s->env = env;
	if (code != SK_OK)
		return code;
	session_rule_row(s, &r, is, &in->row);
	in->row.host = known ? st->host : STR("");
	in->row.server = NULL;
	in->row.machine_untouched = false;
	rule_start_doubts(st, is->ev, !w->known ? START_NO_FILES : known ? START_ALL_KNOWN : START_ANY_HOST, uncertain);
	ruleset_start(&s->rules, s->arena, in, &s->findings);
	return SK_OK;
}

static bool
is_known(const struct session *s, const struct start *st, struct conf *c)
{
	const struct target who = { .host = STR("any.invalid") };
	struct effective *ev;

	if (st->complete)
		return true;
	ev = ARENA_NEW(s->arena, struct effective);
	eff_client(s->arena, c, &who, &s->env, EFF_LOSERS_NONE, ev);
	return rule_start_known(st, ev);
}

static enum sk_code
judge_one(struct session *s, const struct starts *all, size_t at, struct err *e)
{
	const struct start *st = &all->v[at];
	struct whose *w = ARENA_NEW(s->arena, struct whose);
	bool *uncertain = ARENA_ARRAY(s->arena, bool, KW_ROWS_MAX);
	struct rule_start in = { .start = st,
		.clash = clash_of(s, all, at),
		.uncertain = uncertain,
		.row = { .side = KW_CLIENT, .host = st->host, .facts = &s->facts, .client_ver = s->client.ver } };
	struct conf_opts o = { .side = KW_CLIENT,
		.ver = s->client.ver,
		.etc_ssh = STR("/etc/ssh"),
		.cmdline = start_lines(s->arena, st, s->client.ver.n >= VER(8, 7)),
		.check_main_perm = st->config.p == NULL };
	struct conf c = { 0 };
	enum sk_code code = SK_OK;

	find_whose(s, st, w);
	o.loader = &w->loader;
	o.home = w->env.home;
	conf_init(&c, &o);
	w->known = read_files(s, st, w, &o, &c);
	if (st->program != START_SIGNAL && is_known(s, st, &c))
		code = judge_with(s, w, &in, uncertain, &c, e);
	else
		ruleset_start(&s->rules, s->arena, &in, &s->findings);
	conf_release(&c);
	return code;
}

enum sk_code
session_starts(struct session *s, struct err *e)
{
	struct starts all = { 0 };
	size_t judged = 0;
	enum sk_code code = SK_OK;

	/* another config than the machine's says nothing of what the machine starts */
	if (!s->client.wanted || s->client.asked || !s->client.present || s->server.asked)
		return SK_OK;
	start_files(s, &all);
	for (size_t i = 0; i < all.n && code == SK_OK; i++) {
		if (all.v[i].program == START_FILE || !is_asked(s, &all.v[i]))
			continue;
		if (judged++ == JUDGED_MAX) {
			session_note(s, STR("more than 256 commands start ssh: the rest is not judged"));
			break;
		}
		code = judge_one(s, &all, i, e);
	}
	starts_release(&all);
	return code;
}
