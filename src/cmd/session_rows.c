/* SPDX-License-Identifier: MIT */
/* Rows: which hosts and cases, their values, path, policy and judgement. */
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cmd/session.h"

static struct session_row *
add_row(struct session *s, enum kw_side side)
{
	MEM_GROW(s->row, s->cap_row, s->n_row + 1);
	s->row[s->n_row] = (struct session_row){ .side = side };
	return &s->row[s->n_row++];
}

static enum sk_code
add_named(struct session *s, struct str arg, struct err *e)
{
	struct session_row *r = add_row(s, KW_CLIENT);
	struct str user, host, port;
	enum sk_code code = session_host(s->arena, arg, &user, &host, &port, e);

	if (code != SK_OK)
		return code;
	r->target = (struct target_row){ .kind = TARGET_HOST, .shown = arg, .name = host, .possible = true };
	r->who.host = host;
	/* first of -o User, -l and user@ in the order of ssh: -o and -l by place, the operand last */
	if (!s->o->user_line)
		r->who.user = s->o->login.p != NULL ? s->o->login : user;
	return SK_OK;
}

static void
add_all_clients(struct session *s)
{
	struct target_row *t = NULL;
	size_t n = 0;

	eff_client_targets(s->arena, &s->client.conf, &t, &n);
	for (size_t i = 0; i < n; i++) {
		struct session_row *r = add_row(s, KW_CLIENT);

		r->target = t[i];
		r->who.host = t[i].name;
		if (!s->o->user_line)
			r->who.user = s->o->login;
		if (!t[i].possible)
			r->blocked = "no name could be made up that only this pattern matches";
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

		r->target = (struct target_row){ .kind = TARGET_HOST, .shown = STR("sshd -C"), .possible = true };
		return given_spec(s, &r->spec, e);
	}
	eff_server_targets(s->arena, &s->server.conf, &v, &n);
	for (size_t i = 0; i < n; i++) {
		struct session_row *r = add_row(s, KW_SERVER);

		r->target = (struct target_row){ .kind = i == 0 ? TARGET_DEFAULT : TARGET_PATTERN,
			.shown = v[i].shown,
			.at = v[i].at,
			.possible = v[i].possible };
		r->spec = v[i].spec;
		if (!v[i].possible)
			r->blocked = v[i].reason != NULL ? v[i].reason : "no connection could be made up that matches";
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
choose_policy(const struct session *s, struct session_row *r, struct err *e)
{
	struct str name = s->o->policy;
	const struct policy *p;

	if (name.p == NULL && r->setting != NULL)
		name = r->setting->policy;
	if (name.p == NULL)
		name = s->settings.policy;
	if (name.p == NULL)
		name = r->side == KW_SERVER ? STR("server") :
		    session_forwards(r->ev) ? STR("tunnel") :
					      STR("interactive");
	p = policy_find(&s->policies, name);
	if (p == NULL)
		return err_set(e, SK_EUSAGE, "no policy is called \"%.*s\"", STR_ARG(str_head(name, 60)));
	r->policy = p;
	return SK_OK;
}

/* "ID,ID" to rows of the networks table. */
static enum sk_code
choose_boxes(const struct session *s, const struct session_row *r, struct path_opts *o, struct err *e)
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
choose_timeout(const struct session *s, const struct session_row *r, struct path_opts *o, struct err *e)
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

static enum sk_code
resolve(struct session *s, struct session_row *r, struct err *e)
{
	enum sk_code code;

	r->ev = ARENA_NEW(s->arena, struct effective);
	if (r->side == KW_SERVER) {
		eff_server(s->arena, &s->server.conf, &r->spec, true, r->ev);
		return SK_OK;
	}
	eff_client(s->arena, &s->client.conf, &r->who, &s->env, true, r->ev);
	if (!s->both)
		return SK_OK;
	/* the far end for this host: the user is known, where the connection comes from is not */
	r->peer = ARENA_NEW(s->arena, struct effective);
	code = given_spec(s, &r->spec, e);
	if (code != SK_OK)
		return code;
	if (!r->ev->refused && r->ev->v != NULL && !r->spec.has_user) {
		const struct eff *user = eff_get(r->ev, KW_ID_USER);

		r->spec.user = user->text;
		r->spec.has_user = user->state != EFF_UNKNOWN && user->text.n > 0;
	}
	eff_server(s->arena, &s->server.conf, &r->spec, true, r->peer);
	return SK_OK;
}

static void
judge_row(struct session *s, struct session_row *r)
{
	struct judge_opts j = { .facts = &s->facts,
		.policy = r->policy,
		.path = &r->path,
		.client_ver = s->client.ver,
		.server_ver = s->server.ver,
		.side = r->side,
		.holds_sessions = true };

	if (r->side == KW_CLIENT) {
		j.client = r->ev;
		if (r->peer != NULL && !r->peer->refused)
			j.server = r->peer;
		else if (r->peer != NULL)
			session_note(s, STR("sshd refuses the server's file: its defaults are assumed for the hosts"));
		j.holds_sessions = judge_holds_sessions(r->ev, &j.not_judged_why);
	} else {
		j.server = r->ev;
	}
	judge(s->arena, &j, &r->judgement);
	if (r->blocked != NULL) {
		r->judgement.verdict = VERDICT_UNKNOWN;
		r->judgement.reason = str_c(r->blocked);
		r->judgement.killer = (struct str){ 0 };
		r->judgement.killed_at = QTY_NEVER;
	}
}

static enum sk_code
judge_one(struct session *s, struct session_row *r, struct err *e)
{
	struct path_opts o = { .networks = &s->networks, .facts = &s->facts };
	enum sk_code code = resolve(s, r, e);

	if (code != SK_OK)
		return code;
	r->setting = settings_host(&s->settings, r->target.shown);
	code = choose_policy(s, r, e);
	if (code == SK_OK)
		code = choose_boxes(s, r, &o, e);
	if (code == SK_OK)
		code = choose_timeout(s, r, &o, e);
	if (code != SK_OK)
		return code;
	o.policy = r->policy;
	path_of(s->arena, r->ev, &o, &r->path);
	judge_row(s, r);
	if (r->judgement.verdict != VERDICT_NOT_JUDGED)
		for (size_t i = 0; i < r->path.n_note; i++)
			session_note(s, r->path.note[i]);
	return SK_OK;
}

static bool
has_row(const struct session *s, struct str host)
{
	for (size_t i = 0; i < s->n_row; i++)
		if (s->row[i].side == KW_CLIENT && str_eq(s->row[i].who.host, host))
			return true;
	return false;
}

/* Each leg of a ProxyJump has its own clocks: jump hosts that no Host line names get rows, too. */
static enum sk_code
add_legs(struct session *s, size_t row, struct err *e)
{
	const struct effective *ev = s->row[row].ev;
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
		if (host.n == 0 || has_row(s, host))
			continue;
		r = add_row(s, KW_CLIENT);
		r->target = (struct target_row){
			.kind = TARGET_HOST, .shown = host, .name = host, .at = jump->origin, .possible = true
		};
		r->who.host = host;
		r->who.user = user;
	}
	return code;
}

static enum sk_code
judge_from(struct session *s, size_t first, struct err *e)
{
	enum sk_code code = SK_OK;

	for (size_t i = first; i < s->n_row && code == SK_OK; i++) {
		code = judge_one(s, &s->row[i], e);
		if (code == SK_OK && s->legs && s->row[i].side == KW_CLIENT)
			code = add_legs(s, i, e);
	}
	return code;
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
session_decides(const struct session_row *r)
{
	static const enum kw_id client[] = { KW_ID_SERVERALIVEINTERVAL, KW_ID_SERVERALIVECOUNTMAX, KW_ID_TCPKEEPALIVE };
	static const enum kw_id server[] = { KW_ID_CLIENTALIVEINTERVAL, KW_ID_CLIENTALIVECOUNTMAX, KW_ID_TCPKEEPALIVE };
	const enum kw_id *id = r->side == KW_CLIENT ? client : server;

	if (r->ev->refused || r->ev->v == NULL)
		return r->ev->refused_at;
	for (size_t i = 0; i < sizeof client / sizeof *client; i++) {
		const struct eff *v = eff_get(r->ev, id[i]);

		if (v->state == EFF_UNKNOWN)
			return v->reason_at;
		/* the count and the kernel's flag decide only when they differ from the default */
		if (v->state == EFF_SET && (i == 0 || v->num == 0))
			return v->origin;
	}
	return (struct span){ 0 };
}
