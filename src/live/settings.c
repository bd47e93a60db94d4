/* SPDX-License-Identifier: MIT */
/* The settings that a running ssh or sshd works with, from the files as they are now and its command line. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live/conn.h"
#include "base/mem.h"
#include "base/num.h"

/*
 * Whose files a client reads: those of its real user, by the database below its own root (ssh.c, main()).  *ret is p ==
 * NULL when that is who runs this.  False: nobody knows the account, so there are no files to judge it by.
 */
static bool
account(const struct session *s, const struct live_proc *p, struct str *ret)
{
	const struct fs_tree tree = live_tree(&s->tree, s->arena, p);
	struct user u;

	*ret = (struct str){ 0 };
	if (!p->other_root && p->ruid == getuid())
		return true;
	if (!user_by_uid(&tree, s->arena, p->ruid, &u))
		return false;
	*ret = u.name;
	return true;
}

/* The facts that differ between network namespaces are those of the connection's. */
static void
take_kernel(struct facts *f, const struct live_kernel *k)
{
	const struct {
		enum fact_id id;
		double v;
	} row[] = {
		{ FACT_TCP_KEEPALIVE_TIME, k->ka_time_s },
		{ FACT_TCP_KEEPALIVE_INTVL, k->ka_intvl_s },
		{ FACT_TCP_KEEPALIVE_PROBES, k->ka_probes },
		{ FACT_TCP_RETRIES2, k->retries2 },
		{ FACT_CT_ESTABLISHED, k->ct_established_s },
		{ FACT_CT_LOOSE, k->ct_loose },
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		f->v[row[i].id].known = row[i].v >= 0;
		f->v[row[i].id].num = row[i].v;
		f->v[row[i].id].confidence = CONF_DETECTED;
		if (row[i].v < 0 && f->v[row[i].id].reason == NULL)
			f->v[row[i].id].reason = "not readable in the network namespace of the connection";
	}
}

/* Signals for boxes that were seen on the way out of this namespace; those of the machine stay. */
static bool
is_of_network(const char *key)
{
	static const char *const of_network[] = { "iface", "addr", "gateway" };

	for (size_t i = 0; i < sizeof of_network / sizeof *of_network; i++)
		if (strcmp(key, of_network[i]) == 0)
			return true;
	return false;
}

/*
 * What was detected of the way out of this namespace is not known of the way out of another one, and what was measured
 * is not its way.  (What take_kernel() fills in stays as it is.)
 */
static void
forget_network(struct session *s)
{
	static const char why[] = "another network namespace";
	static const enum fact_id id[] = { FACT_TCP_SYN_RETRIES, FACT_CT_UNACKED, FACT_CT_MAX_RETRANS, FACT_CT_POLICY,
		FACT_SOURCE_ADDR, FACT_BEHIND_NAT, FACT_CGNAT, FACT_VPN, FACT_MOBILE };
	struct facts *f = &s->facts;
	const struct signal *seen = f->signal;
	size_t n = f->n_signal;

	for (size_t i = 0; i < sizeof id / sizeof *id; i++)
		f->v[id[i]] = (struct fact){ .source = f->v[id[i]].source, .reason = why };
	/* (the one platform that is told by an address) */
	if (str_eqc(f->v[FACT_VIRT].text, "slirp"))
		f->v[FACT_VIRT] = (struct fact){ .source = f->v[FACT_VIRT].source, .reason = why };
	f->signal = ARENA_ARRAY(s->arena, struct signal, n + 1);
	f->n_signal = 0;
	f->cap_signal = n + 1;
	for (size_t i = 0; i < n; i++)
		if (!is_of_network(seen[i].key))
			f->signal[f->n_signal++] = seen[i];
	f->network = STR("");
	f->network_reason = why;
	s->measured = NULL;
	s->n_measured = s->cap_measured = 0;
	s->other_net = true;
}

/* What base knows, with options, files and rows of its own. */
static struct session *
copy_of(struct session *base, struct options *o)
{
	struct session *s = ARENA_NEW(base->arena, struct session);

	*s = *base;
	*o = *base->o;
	s->o = o;
	memset(&s->client, 0, sizeof s->client);
	memset(&s->server, 0, sizeof s->server);
	memset(&s->env, 0, sizeof s->env);
	memset(&s->findings, 0, sizeof s->findings);
	s->row = NULL;
	s->n_row = s->cap_row = 0;
	s->note = NULL;
	s->n_note = s->cap_note = 0;
	s->client_conf = NULL;
	s->batch = NULL;
	o->arg = (struct opt_list){ 0 };
	return s;
}

static void
release(struct session *s)
{
	conf_release(&s->client.conf);
	conf_release(&s->server.conf);
	free(s->row);
	free(s->note);
}

void
live_release(struct live_look *l)
{
	for (size_t i = 0; i < l->n_resolved; i++)
		release(l->resolved[i]);
	free(l->resolved);
}

/* The release as an option: what is to be said of one that is too new was said once, for all. */
static struct str
version_of(struct arena *a, struct ver v)
{
	char text[24];

	return arena_printf(a, "%s%s", ver_text((struct ver){ .n = v.n }, text), v.debian ? "+debian" : "");
}

/* A session for one connection; NULL: its files cannot be found, and *ret_why says why. */
static struct session *
start(struct session *base, struct live_look *l, const struct live_conn *c, struct options *o, struct str *ret_why)
{
	struct session *s = copy_of(base, o);
	struct err e = { 0 };

	o->openssh = version_of(base->arena, c->side == KW_CLIENT ? base->client.ver : base->server.ver);
	if (c->proc->other_root)
		o->root = str_c(live_tree(&base->tree, s->arena, c->proc).root);
	if (c->side == KW_CLIENT && !account(base, c->proc, &o->user)) {
		*ret_why = arena_printf(s->arena, "the account of uid %" PRIu32 " is not known", c->proc->ruid);
		return NULL;
	}
	*ret_why = STR("the files that it reads cannot be found from here");
	if ((o->root.p != NULL || o->user.p != NULL) && session_place(s, &e) != SK_OK)
		return NULL;
	fs_loader_init(&s->tree, &s->loader);
	if (live_other_net(c))
		forget_network(s);
	if (c->kernel != NULL)
		take_kernel(&s->facts, c->kernel);
	MEM_GROW(l->resolved, l->cap_resolved, l->n_resolved + 1);
	l->resolved[l->n_resolved++] = s;
	return s;
}

static void
one_arg(struct session *s, struct opt_list *l, struct str v)
{
	l->v = ARENA_ARRAY(s->arena, struct str, 1);
	l->v[0] = v;
	l->n = 1;
}

/* What the listener of an sshd was started with; SK_ESYNTAX: it cannot be told. */
static enum sk_code
listener_options(struct session *base, struct session *s, struct options *o, const struct live_conn *c, struct err *e)
{
	struct live_listener l;
	enum sk_code code;

	if (c->listener == NULL) {
		session_note(base,
		    arena_printf(base->arena,
			"%.*s %d: the listener that started it is gone, or it was inetd or a socket of systemd; the "
			"default file "
			"is assumed",
			STR_ARG(c->proc->name), c->proc->pid));
		return SK_OK;
	}
	code = live_listener(s->arena, c->listener->arg, c->listener->n_arg, &l, e);
	if (code != SK_OK)
		return code;
	o->server_file = l.file;
	o->ssh_line = l.line;
	o->ssh_word = l.word;
	return SK_OK;
}

/* As sshd -C: who is logged in, from where, to where. */
static void
connection_spec(struct session *s, struct options *o, const struct live_conn *c)
{
	struct str *v = ARENA_ARRAY(s->arena, struct str, 5);
	struct str peer = live_addr_text(s->arena, &c->sock->peer), local = live_addr_text(s->arena, &c->sock->local);
	size_t n = 0;

	if (c->title.user.n > 0 && str_chr(c->title.user, ',', 0) == SIZE_MAX)
		v[n++] = arena_printf(s->arena, "user=%.*s", STR_ARG(c->title.user));
	/* UseDNS is off unless somebody wants it: the name of the peer is its address */
	v[n++] = arena_printf(s->arena, "host=%.*s", STR_ARG(peer));
	v[n++] = arena_printf(s->arena, "addr=%.*s", STR_ARG(peer));
	v[n++] = arena_printf(s->arena, "laddr=%.*s", STR_ARG(local));
	v[n++] = arena_printf(s->arena, "lport=%u", (unsigned)c->sock->local.port);
	o->spec = (struct opt_list){ v, n };
}

static enum sk_code
set_options(struct session *base, struct session *s, struct options *o, const struct live_conn *c, struct err *e)
{
	if (c->side == KW_SERVER) {
		o->server = true;
		connection_spec(s, o, c);
		return listener_options(base, s, o, c, e);
	}
	o->client = true;
	o->client_file = c->args.file;
	o->ssh_line = c->args.line;
	o->ssh_word = c->args.word;
	o->login = c->args.login;
	o->user_line = c->args.user_line;
	one_arg(s, &o->arg, c->args.host);
	return SK_OK;
}

static void
take_line(const struct session *s, const struct session_row *r, struct live_session *row)
{
	const struct conf *conf = r->side == KW_CLIENT ? &s->client.conf : &s->server.conf;

	if (r->decides.line == 0)
		return;
	row->file = conf->src[r->decides.src].shown;
	row->on_cmdline = conf->src[r->decides.src].origin == SOURCE_CMDLINE;
	row->line = row->on_cmdline ? 0 : r->decides.line;
}

static void
take_values(struct arena *a, const struct live_conn *c, const struct session_row *r, struct live_session *row)
{
	const struct effective *ev = r->is->ev;
	const struct eff *f;

	if (ev->refused || ev->v == NULL) {
		struct str text = str_head(ev->refusal, str_chr(ev->refusal, '\n', 0));

		/* What another user's command line makes root read is not for root's reports: it may be anybody's file. */
		if (c->proc->uid != geteuid() || c->proc->ruid != getuid() || text.n == 0)
			row->config_reason = STR("OpenSSH refuses its configuration");
		else
			row->config_reason = arena_printf(a, "OpenSSH refuses its configuration: %.*s", STR_ARG(text));
		row->in.why_unjudged = row->config_reason;
		return;
	}
	row->in.j = &r->is->judgement;
	row->in.path = &r->is->path;
	if (r->side == KW_SERVER)
		return;
	f = eff_get(ev, KW_ID_USER);
	row->user = f->state == EFF_SET ? f->text : r->user;
}

/* The session of c with its one row judged; NULL: *ret_why says what is in the way. */
static struct session *
resolve(struct session *base, struct live_look *l, const struct live_conn *c, struct str *ret_why)
{
	struct options *o = ARENA_NEW(base->arena, struct options);
	struct session *s = start(base, l, c, o, ret_why);
	struct err e = { 0 };
	enum sk_code code;

	if (s == NULL)
		return NULL;
	code = set_options(base, s, o, c, &e);
	if (code == SK_OK)
		code = session_read(s, &e);
	if (code == SK_OK)
		code = session_judge(s, &e);
	if (code == SK_OK && s->n_row > 0)
		return s;
	*ret_why = code != SK_OK ? arena_str(base->arena, str_c(e.msg)) : STR("its configuration cannot be read");
	return NULL;
}

static bool
has_control_path(const struct effective *ev, struct str path)
{
	return !ev->refused && ev->v != NULL && eff_get(ev, KW_ID_CONTROLPATH)->state == EFF_SET &&
	    str_eq(eff_get(ev, KW_ID_CONTROLPATH)->text, path);
}

/* Each ssh with the ControlPath of its host, read once for all masters. */
static void
find_clients(struct session *base, struct live_look *l, const struct live_conn *master)
{
	const struct live_procs *p = master->procs;

	if (l->client != NULL)
		return;
	l->client = ARENA_ARRAY(base->arena, struct live_client, p->n + 1);
	for (size_t i = 0; i < p->n; i++) {
		struct live_client *k = &l->client[l->n_client];
		struct live_conn like = { .side = KW_CLIENT, .procs = p, .proc = &p->v[i], .holder = &p->v[i] };
		const struct session *s;
		const struct eff *f;
		struct str why;

		if (!live_is_ssh(like.proc) ||
		    live_args(base->arena, like.proc->arg, like.proc->n_arg, like.proc->cwd, &like.args, NULL) !=
			SK_OK ||
		    like.args.mux_path.n > 0)
			continue;
		s = resolve(base, l, &like, &why);
		if (s == NULL || s->row[0].is->ev->refused || s->row[0].is->ev->v == NULL)
			continue;
		f = eff_get(s->row[0].is->ev, KW_ID_CONTROLPATH);
		if (f->state != EFF_SET)
			continue;
		*k = (struct live_client){ .proc = like.proc, .args = like.args, .path = f->text };
		l->n_client++;
	}
}

/* A running ssh of the same user whose ControlPath is the master's: it is a session there, or it started it. */
static struct session *
master_by_client(struct session *base, struct live_look *l, struct live_conn *c)
{
	find_clients(base, l, c);
	for (size_t i = 0; i < l->n_client; i++) {
		const struct live_client *k = &l->client[i];
		struct live_conn like = *c;
		struct session *s;
		struct str why;

		if (k->proc->uid != c->proc->uid || k->proc->other_root != c->proc->other_root ||
		    !str_eq(k->path, c->args.mux_path))
			continue;
		like.args = k->args;
		s = resolve(base, l, &like, &why);
		if (s == NULL)
			continue;
		c->args.host = like.args.host;
		return s;
	}
	return NULL;
}

/* A host that the user's files name and whose ControlPath is the master's. */
static struct session *
master_by_file(struct session *base, struct live_look *l, struct live_conn *c)
{
	struct options *o = ARENA_NEW(base->arena, struct options);
	struct str why;
	struct session *s = start(base, l, c, o, &why);
	struct target_row *t = NULL;
	size_t n = 0;

	if (s == NULL)
		return NULL;
	o->client = true;
	if (session_read(s, NULL) != SK_OK || !s->client.present)
		return NULL;
	eff_client_targets(s->arena, &s->client.conf, &t, &n);
	for (size_t i = 0; i < n; i++) {
		const struct target who = { .host = t[i].name };
		struct effective ev;

		if (t[i].kind != TARGET_HOST)
			continue;
		eff_client(s->arena, &s->client.conf, &who, &s->env, EFF_LOSERS_NONE, &ev);
		if (has_control_path(&ev, c->args.mux_path)) {
			c->args.host = t[i].name;
			return resolve(base, l, c, &why);
		}
	}
	return NULL;
}

void
live_settings(struct session *base, struct live_look *l, struct live_conn *c, struct live_session *row)
{
	struct str why = STR("a master in the background keeps no command line");
	struct session *s = NULL;

	if (c->side == KW_CLIENT && c->args_fault != NULL) {
		why = str_c(c->args_fault);
	} else if (c->args.mux_path.n > 0) {
		s = master_by_client(base, l, c);
		if (s == NULL)
			s = master_by_file(base, l, c);
	} else {
		s = resolve(base, l, c, &why);
	}
	row->host = c->args.host;
	if (c->side == KW_CLIENT && row->host.n == 0)
		row->host_reason = why;
	if (s == NULL) {
		row->in.why_unjudged = row->config_reason = why;
		return;
	}
	take_line(s, &s->row[0], row);
	take_values(base->arena, c, &s->row[0], row);
}

enum sk_code
live_check(struct session *base, struct err *e)
{
	struct options o;
	struct session *s = copy_of(base, &o);
	enum sk_code code;

	o.client = true;
	o.client_file = STR("none");
	o.openssh = version_of(base->arena, base->client.ver);
	one_arg(s, &o.arg, STR("localhost"));
	fs_loader_init(&s->tree, &s->loader);
	code = session_read(s, e);
	if (code == SK_OK)
		code = session_judge(s, e);
	release(s);
	return code;
}
