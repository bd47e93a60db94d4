/* SPDX-License-Identifier: MIT */
/* Rows: which hosts and cases, their values, path, policy and judgement. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "session/batch.h"
#include "session/measured.h"
#include "session/session.h"
#include "conf/pattern.h"

enum { FEW_BLOCKS = 32 };

static struct session_row *
add_row(struct session *s, enum kw_side side)
{
	MEM_GROW(s->row, s->cap_row, s->n_row + 1);
	s->row[s->n_row] = (struct session_row){ .side = side };
	return &s->row[s->n_row++];
}

static const struct target_row *
new_target(struct session *s, struct target_row t)
{
	struct target_row *p = ARENA_NEW(s->arena, struct target_row);

	*p = t;
	return p;
}

/* "web*" and "*" as an audit prints them: the row of that pattern, for nobody has a host of that name. */
static const struct target_row *
pattern_named(struct session *s, struct str arg)
{
	struct target_row *t = NULL;
	size_t n = 0;

	if (pattern_is_literal(arg))
		return NULL;
	eff_client_targets(s->arena, &s->client.conf, &t, &n);
	for (size_t i = 0; i < n; i++)
		if (t[i].kind != TARGET_HOST && str_eq(t[i].shown, arg))
			return &t[i];
	return NULL;
}

static enum sk_code
add_named(struct session *s, struct str arg, struct err *e)
{
	const struct target_row *pattern = pattern_named(s, arg);
	struct session_row *r = add_row(s, KW_CLIENT);
	struct str user, host, port;
	enum sk_code code = SK_OK;

	if (pattern != NULL) {
		r->target = pattern;
		if (!s->o->user_line)
			r->user = s->o->login;
		return SK_OK;
	}
	code = session_host(s->arena, arg, &user, &host, &port, e);
	if (code != SK_OK)
		return code;
	r->target =
	    new_target(s, (struct target_row){ .kind = TARGET_HOST, .shown = arg, .name = host, .possible = true });
	/* first of -o User, -l and user@ in the order of ssh: -o and -l by place, the operand last */
	if (!s->o->user_line)
		r->user = s->o->login.p != NULL ? s->o->login : user;
	return SK_OK;
}

static void
add_all_clients(struct session *s)
{
	struct target_row *t = NULL;
	size_t n = 0;

	eff_client_targets(s->arena, &s->client.conf, &t, &n);
	MEM_GROW(s->row, s->cap_row, n + 64);
	for (size_t i = 0; i < n; i++) {
		struct session_row *r = add_row(s, KW_CLIENT);

		r->target = &t[i];
		if (!s->o->user_line)
			r->user = s->o->login;
	}
}

/* -C, with the groups that its user has here, as sshd -T looks them up. */
static enum sk_code
given_spec(struct session *s, struct server_spec *ret, struct err *e)
{
	enum sk_code code = session_spec(s->arena, &s->o->spec, s->server.ver, ret, e);
	struct str *group = NULL;

	if (code != SK_OK || !ret->has_user)
		return code;
	user_groups(&s->tree, s->arena, ret->user, &group, &ret->n_group);
	ret->group = group;
	ret->groups_known = true;
	return SK_OK;
}

static enum sk_code
add_servers(struct session *s, struct err *e)
{
	struct server_row *v = NULL;
	size_t n = 0;

	if (s->o->spec.n > 0) {
		struct session_row *r = add_row(s, KW_SERVER);

		r->target = new_target(
		    s, (struct target_row){ .kind = TARGET_HOST, .shown = STR("sshd -C"), .possible = true });
		r->spec = ARENA_NEW(s->arena, struct server_spec);
		return given_spec(s, r->spec, e);
	}
	eff_server_targets(s->arena, &s->server.conf, &v, &n);
	for (size_t i = 0; i < n; i++) {
		struct session_row *r = add_row(s, KW_SERVER);

		r->target = new_target(s,
		    (struct target_row){ .kind = i == 0 ? TARGET_DEFAULT : TARGET_PATTERN,
			.shown = v[i].shown,
			.at = v[i].at,
			.possible = v[i].possible });
		r->spec = &v[i].spec;
	}
	return SK_OK;
}

bool
session_forwards(const struct effective *ev)
{
	static const enum kw_id id[] = { KW_ID_LOCALFORWARD, KW_ID_REMOTEFORWARD, KW_ID_DYNAMICFORWARD };

	for (size_t i = 0; i < sizeof id / sizeof *id && !ev->refused && ev->v != NULL; i++)
		if (eff_get(ev, id[i])->n_also > 0)
			return true;
	return false;
}

/* First of: the command line, the [hosts] section, [policy], what the row is. */
static enum sk_code
choose_policy(const struct session *s, enum kw_side side, struct session_case *r, struct err *e)
{
	struct str name = s->o->policy;
	const struct policy *p;

	if (name.p == NULL && r->setting != NULL)
		name = r->setting->policy;
	if (name.p == NULL)
		name = s->settings.policy;
	if (name.p == NULL)
		name = side == KW_SERVER ? STR("server") : session_forwards(r->ev) ? STR("tunnel") : STR("interactive");
	p = policy_find(&s->policies, name);
	if (p == NULL)
		return err_set(e, SK_EUSAGE, "no policy is called \"%.*s\"", STR_ARG(str_head(name, 60)));
	r->policy = p;
	return SK_OK;
}

/* "ID,ID" to rows of the networks table. */
static enum sk_code
choose_boxes(const struct session *s, const struct session_case *r, struct path_opts *o, struct err *e)
{
	struct str rest = s->o->network, id;
	const struct network **box;
	size_t n = 0;

	if (rest.p == NULL && r->setting != NULL)
		rest = r->setting->network;
	if (rest.p == NULL)
		rest = s->settings.cross;
	if (rest.p == NULL)
		return SK_OK;
	box = ARENA_ARRAY(s->arena, const struct network *, rest.n + 1);
	while (str_split(&rest, ',', &id)) {
		id = str_trim(id);
		if (id.n == 0)
			continue;
		box[n] = network_find(&s->networks, id);
		if (box[n] == NULL)
			return err_set(e, SK_EUSAGE, "no network is called \"%.*s\" (networks.ini lists them)",
			    STR_ARG(str_head(id, 60)));
		n++;
	}
	o->box = box;
	o->n_box = n;
	return SK_OK;
}

static enum sk_code
choose_timeout(const struct session *s, const struct session_case *r, struct path_opts *o, struct err *e)
{
	struct str text = s->o->path_timeout;
	struct err why = { 0 };
	double v;

	if (text.p == NULL && r->setting != NULL)
		text = r->setting->path_timeout;
	if (text.p == NULL)
		text = s->settings.path_timeout;
	if (text.p == NULL)
		return SK_OK;
	if (num_time(text, &v, &why) != SK_OK)
		return err_set(e, SK_EUSAGE, "--path-timeout: %s", why.msg);
	if (v <= 0)
		return err_set(
		    e, SK_EUSAGE, "--path-timeout: a path that forgets at once carries nothing; none means never");
	o->declared = QTY(v);
	o->declared_given = true;
	return SK_OK;
}

struct str
session_name(const struct session_row *r)
{
	return r->side == KW_CLIENT && r->target->kind == TARGET_HOST ? r->target->name : r->target->shown;
}

struct target
session_target(const struct session_row *r)
{
	struct target who = eff_row_target(r->target);

	who.user = r->user;
	return who;
}

/* The far end for this host: the user is known, where the connection comes from is not. */
static enum sk_code
resolve_peer(struct session *s, struct session_row *r, struct session_case *c, struct err *e)
{
	enum sk_code code;

	c->peer = ARENA_NEW(s->arena, struct effective);
	r->spec = ARENA_NEW(s->arena, struct server_spec);
	code = given_spec(s, r->spec, e);
	if (code != SK_OK)
		return code;
	if (!c->ev->refused && c->ev->v != NULL && !r->spec->has_user) {
		const struct eff *user = eff_get(c->ev, KW_ID_USER);

		r->spec->user = user->text;
		r->spec->has_user = user->state != EFF_UNKNOWN && user->text.n > 0;
	}
	eff_server(s->arena, &s->server.conf, r->spec, EFF_LOSERS_ACTIVE, c->peer);
	return SK_OK;
}

static enum sk_code
resolve(struct session *s, struct session_row *r, struct session_case *c, struct err *e)
{
	struct target who = session_target(r);

	c->ev = ARENA_NEW(s->arena, struct effective);
	if (r->side == KW_SERVER) {
		eff_server(s->arena, &s->server.conf, r->spec, EFF_LOSERS_ACTIVE, c->ev);
		return SK_OK;
	}
	eff_client(s->arena, s->client_conf, &who, &s->env, s->batch == NULL ? EFF_LOSERS_ALL : EFF_LOSERS_NONE, c->ev);
	return s->both ? resolve_peer(s, r, c, e) : SK_OK;
}

static void
judge_case(struct session *s, const struct session_row *r, struct session_case *c)
{
	struct judge_opts j = { .facts = &s->facts,
		.policy = c->policy,
		.path = &c->path,
		.client_ver = s->client.ver,
		.server_ver = s->server.ver,
		.side = r->side,
		.holds_sessions = true };

	if (r->side == KW_CLIENT) {
		j.client = c->ev;
		if (c->peer != NULL && !c->peer->refused)
			j.server = c->peer;
		else if (c->peer != NULL)
			session_note(s, STR("sshd refuses the server's file: its defaults are assumed for the hosts"));
		j.holds_sessions = judge_holds_sessions(c->ev, &j.not_judged_why);
	} else {
		j.server = c->ev;
	}
	if (r->side == KW_CLIENT)
		j.no_way = c->jump_fault = eff_jump_fault(s->arena, s->client_conf, c->ev, &s->env);
	judge(s->arena, &j, &c->judgement);
	if (c->blocked != NULL) {
		c->judgement.verdict = VERDICT_UNKNOWN;
		c->judgement.no_way = false;
		c->judgement.reason = str_c(c->blocked);
		c->judgement.killer = (struct str){ 0 };
		c->judgement.killed_at = QTY_NEVER;
		c->judgement.noticed_at = QTY_NEVER;
	}
}

enum sk_code
session_case(struct session *s, struct session_row *r, struct session_case *c, struct err *e)
{
	struct path_opts o = { .networks = &s->networks, .facts = &s->facts };
	enum sk_code code = resolve(s, r, c, e);

	if (code != SK_OK)
		return code;
	if (!r->target->possible)
		c->blocked = r->side == KW_CLIENT ? "no name could be made up that only this pattern matches" :
						    "no connection data can be made that satisfies this line";
	c->setting = settings_host(&s->settings, session_name(r));
	code = choose_policy(s, r->side, c, e);
	if (code == SK_OK)
		code = choose_boxes(s, c, &o, e);
	if (code == SK_OK)
		code = choose_timeout(s, c, &o, e);
	if (code != SK_OK)
		return code;
	o.policy = c->policy;
	measured_use(s, r, c, &o);
	path_of(s->arena, c->ev, &o, &c->path);
	judge_case(s, r, c);
	if (c->judgement.verdict != VERDICT_NOT_JUDGED)
		for (size_t i = 0; i < c->path.n_note; i++)
			session_note(s, c->path.note[i]);
	return SK_OK;
}

/* Does a block ask for the user?  Then a user of the command line is not the same as one of a User line. */
static bool
asks_for_user(const struct conf *c)
{
	for (size_t i = 0; i < c->n_crit; i++)
		if (c->crit[i].kind == CRIT_USER)
			return true;
	return false;
}

/* Would "ssh user@host" be what row i says? */
static bool
is_row_of(const struct session *s, size_t i, struct str user, struct str host)
{
	const struct session_row *r = &s->row[i];
	struct arena a = { 0 };
	const struct effective *ev;
	bool same = false;

	if (r->side != KW_CLIENT || !str_eq(r->target->name, host))
		return false;
	if (str_eq(r->user, user))
		return true;
	/* bastion, whose User is ops, and ops@bastion are one */
	if (user.n == 0 || r->user.n > 0 || r->target->kind != TARGET_HOST || asks_for_user(&s->client.conf))
		return false;
	ev = session_values(s, i, &a);
	if (!ev->refused && ev->v != NULL) {
		const struct eff *own = eff_get(ev, KW_ID_USER);

		same = own->state == EFF_SET && str_eq(own->text, user);
	}
	arena_release(&a);
	return same;
}

static bool
has_row(const struct session *s, struct str user, struct str host)
{
	for (size_t i = 0; i < s->n_row; i++)
		if (is_row_of(s, i, user, host))
			return true;
	return false;
}

/* Each leg of a ProxyJump has its own clocks: jump hosts get rows of their own, one for each user. */
static enum sk_code
add_legs(struct session *s, size_t row, struct err *e)
{
	const struct effective *ev = s->row[row].is->ev;
	const struct eff *jump = ev->refused || ev->v == NULL ? NULL : eff_get(ev, KW_ID_PROXYJUMP);
	struct str rest, hop, user, host, port;
	enum sk_code code = SK_OK;

	if (jump == NULL || jump->state != EFF_SET || jump->text.n == 0)
		return SK_OK;
	rest = jump->text;
	while (code == SK_OK && str_split(&rest, ',', &hop)) {
		struct session_row *r;

		if (session_host(s->arena, hop, &user, &host, &port, e) != SK_OK)
			continue; /* not for us to refuse: ssh accepted it */
		/* as ssh -G prints it: host:port, addresses in brackets */
		if (host.n > 0 && host.p[0] == '[')
			host = str_head(str_from(host, 1), str_chr(host, ']', 0) - 1);
		else if (str_chr(host, ':', 0) != SIZE_MAX)
			host = str_head(host, str_chr(host, ':', 0));
		if (host.n == 0 || has_row(s, user, host))
			continue;
		r = add_row(s, KW_CLIENT);
		r->target = new_target(s,
		    (struct target_row){ .kind = TARGET_HOST,
			.shown = user.n == 0 ? host : arena_printf(s->arena, "%.*s@%.*s", STR_ARG(user), STR_ARG(host)),
			.name = host,
			.at = jump->origin,
			.possible = true });
		r->user = user;
	}
	return code;
}

static enum sk_code
judge_from(struct session *s, size_t first, struct err *e)
{
	size_t end = s->n_row;
	enum sk_code code = SK_OK;

	for (size_t i = first; i < end && code == SK_OK; i++) {
		struct session_row *r = &s->row[i];

		if (s->batch != NULL && r->side == KW_CLIENT) {
			code = batch_row(s->batch, s, i, e);
		} else {
			r->is = ARENA_NEW(s->arena, struct session_case);
			code = session_case(s, r, r->is, e);
			if (code == SK_OK)
				r->decides = session_decides(r->is, r->side);
		}
	}
	/* When all rows are judged it is known which of them a jump host is. */
	for (size_t i = first; i < end && code == SK_OK && s->legs; i++) {
		if (s->row[i].side != KW_CLIENT || s->row[i].is->legs_added)
			continue;
		s->row[i].is->legs_added = true;
		code = add_legs(s, i, e);
	}
	return code != SK_OK || s->n_row == end ? code : judge_from(s, end, e);
}

/*
 * Has nobody configured anything on this side?  The distribution's own files set no keyword of the keepalive
 * family; a user's file that sets anything, or a family keyword anywhere, is a configuration.
 */
static bool
untouched(const struct conf *c)
{
	for (size_t i = 0; i < c->n_set; i++) {
		const struct set *s = &c->set[i];

		if (c->side == KW_CLIENT && c->src[s->src].origin != SOURCE_SYSTEM)
			return false;
		if (kw_row(c->side, s->row)->print != 0)
			return false;
	}
	return true;
}

enum sk_code
session_judge(struct session *s, struct err *e)
{
	enum sk_code code = SK_OK;
	size_t n_client;

	if (s->client.wanted && s->client.present) {
		for (size_t i = 0; i < s->o->arg.n && code == SK_OK; i++)
			code = add_named(s, s->o->arg.v[i], e);
		if (s->o->arg.n == 0)
			add_all_clients(s);
	}
	s->client_conf = &s->client.conf;
	s->client_untouched = untouched(&s->client.conf);
	s->server_untouched = untouched(&s->server.conf);
	/* A few rows are judged sooner than the rules are asked what they read. */
	if (s->share && !s->both && s->client.wanted && s->client.present && s->client.conf.n_block > FEW_BLOCKS)
		s->batch = batch_new(s);
	if (code == SK_OK)
		code = judge_from(s, 0, e);
	n_client = s->n_row;
	if (code == SK_OK && s->server.wanted && s->server.present)
		code = add_servers(s, e);
	/* -C and --path-timeout are checked even where no row would use them */
	if (code == SK_OK && s->o->spec.n > 0) {
		struct server_spec spec;

		code = session_spec(s->arena, &s->o->spec, s->server.ver, &spec, e);
	}
	return code == SK_OK ? judge_from(s, n_client, e) : code;
}

/* The line that decides: the one that makes ssh speak or be silent. */
struct span
session_decides(const struct session_case *c, enum kw_side side)
{
	static const enum kw_id client[] = { KW_ID_SERVERALIVEINTERVAL, KW_ID_SERVERALIVECOUNTMAX, KW_ID_TCPKEEPALIVE };
	static const enum kw_id server[] = { KW_ID_CLIENTALIVEINTERVAL, KW_ID_CLIENTALIVECOUNTMAX, KW_ID_TCPKEEPALIVE };
	const enum kw_id *id = side == KW_CLIENT ? client : server;

	if (c->ev->refused || c->ev->v == NULL)
		return c->ev->refused_at;
	if (c->jump_fault.n > 0)
		return eff_get(c->ev, KW_ID_PROXYJUMP)->origin;
	for (size_t i = 0; i < sizeof client / sizeof *client; i++) {
		const struct eff *v = eff_get(c->ev, id[i]);

		if (v->state == EFF_UNKNOWN)
			return v->reason_at;
		/* the count and the kernel's flag decide only when they differ from the default */
		if (v->state == EFF_SET && (i == 0 || v->num == 0))
			return v->origin;
	}
	return (struct span){ 0 };
}

const struct effective *
session_values(const struct session *s, size_t i, struct arena *a)
{
	const struct session_row *r = &s->row[i];
	struct target who = session_target(r);
	struct effective *ev;

	if (!r->is->shared)
		return r->is->ev;
	ev = ARENA_NEW(a, struct effective);
	eff_client(a, s->client_conf, &who, &s->env, EFF_LOSERS_NONE, ev);
	return ev;
}
