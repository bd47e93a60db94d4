/* SPDX-License-Identifier: MIT */
/* The derived values of the contract, 5.1: from settings, kernel and path to seconds. */
#include "model/clocks.h"

#include <math.h>
#include <string.h>

#include "conf/value.h"

/* ssh_config(5), sshd_config(5): what an end does that nobody configured. */
#define DFLT_INTERVAL	  0
#define DFLT_COUNT	  3
#define DFLT_TCPKEEPALIVE 1

/* tcp(7): Linux when its sysctls cannot be read. */
#define DFLT_KA_TIME   7200
#define DFLT_KA_INTVL  75
#define DFLT_KA_PROBES 9
#define DFLT_RETRIES2  15

/* tcp_retries2 model: first timeout 0.2 s, doubled up to 120 s; the timer that ends it may be one longer. */
#define RTO_MIN 0.2
#define RTO_MAX 120.0

#define DAY_S 86400.0

/*
 * Bytes on the wire of one probe and its answer, with IPv4 and TCP headers of 52 bytes (time stamps on):
 * a global request keepalive@openssh.com is 27 bytes of payload, 52 as a packet with a 16-byte tag (RFC 4253 6,
 * RFC 4254 4), its refusal 1 byte, 28 as a packet; the last acknowledgement is bare.
 */
#define SSH_PROBE_BYTES (52 + 52 + 52 + 28 + 52)
#define TCP_PROBE_BYTES (52 + 52)

static struct qty
kernel_value(const struct facts *f, enum fact_id id, double dflt)
{
	return f != NULL && f->v[id].known ? QTY(f->v[id].num) : QTY(dflt);
}

/* A number of the effective configuration; OpenSSH's default where no line and no other keyword sets it. */
static struct qty
config_value(const struct effective *ev, enum kw_id id, double dflt)
{
	const struct eff *e;

	if (ev == NULL)
		return QTY(dflt);
	if (ev->refused || ev->v == NULL)
		return QTY_UNKNOWN("OpenSSH refuses this configuration");
	e = eff_get(ev, id);
	if (e->state == EFF_UNKNOWN)
		return QTY_UNKNOWN(e->reason != NULL ? e->reason : "it cannot be decided from here");
	if (e->state == EFF_DEFAULT && e->from == EFF_FROM_DEFAULT)
		return QTY(dflt);
	return QTY(e->num);
}

/* serverloop.c up to 7.2: with a time in RekeyLimit the server never schedules a probe. */
static bool
rekey_stops_probes(const struct effective *ev, struct ver v)
{
	const struct eff *e = ev != NULL && !ev->refused && ev->v != NULL ? eff_get(ev, KW_ID_REKEYLIMIT) : NULL;

	return e != NULL && v.n < VER(7, 3) && e->state == EFF_SET && e->num2 > 0;
}

static void
read_end(const struct judge_opts *o, enum kw_side side, struct end *ret)
{
	bool client = side == KW_CLIENT;
	const struct effective *ev = client ? o->client : o->server;
	const struct facts *f = side == o->side ? o->facts : NULL;

	memset(ret, 0, sizeof(*ret));
	ret->given = ev != NULL;
	ret->far = side != o->side;
	ret->interval = config_value(ev, client ? KW_ID_SERVERALIVEINTERVAL : KW_ID_CLIENTALIVEINTERVAL, DFLT_INTERVAL);
	ret->count = config_value(ev, client ? KW_ID_SERVERALIVECOUNTMAX : KW_ID_CLIENTALIVECOUNTMAX, DFLT_COUNT);
	ret->tcp_keepalive = config_value(ev, KW_ID_TCPKEEPALIVE, DFLT_TCPKEEPALIVE);
	ret->ver = client ? o->client_ver : o->server_ver;
	if (ret->ver.n == 0)
		ret->ver.n = VER_NEWEST;
	if (!client && rekey_stops_probes(ev, ret->ver))
		ret->interval = QTY(0);
	ret->ka_time = kernel_value(f, FACT_TCP_KEEPALIVE_TIME, DFLT_KA_TIME);
	ret->ka_intvl = kernel_value(f, FACT_TCP_KEEPALIVE_INTVL, DFLT_KA_INTVL);
	ret->ka_probes = kernel_value(f, FACT_TCP_KEEPALIVE_PROBES, DFLT_KA_PROBES);
	ret->retries2 = kernel_value(f, FACT_TCP_RETRIES2, DFLT_RETRIES2);
}

double
clock_server_factor(struct ver server)
{
	/* serverloop.c of 9.2 to 9.4: a strict comparison in whole seconds makes every wait run twice. */
	return server.n >= VER(9, 2) && server.n < VER(9, 5) ? 2 : 1;
}

/* serverloop.c before 8.2: with a count of 0 the first silent interval ends the session. */
static bool
zero_kills(enum kw_side side, const struct end *e)
{
	return side == KW_CLIENT || e->ver.n < VER(8, 2);
}

/* The interval as it acts. */
static struct qty
period(enum kw_side side, const struct end *e)
{
	return side == KW_CLIENT ? e->interval : qty_mul(e->interval, QTY(clock_server_factor(e->ver)));
}

/* How often this end sends an ssh probe on an idle connection. */
static struct qty
probe_every(enum kw_side side, const struct end *e)
{
	struct qty i = period(side, e);

	if (i.known && i.v <= 0)
		return QTY_NEVER;
	if (!i.known || !zero_kills(side, e))
		return i;
	if (!e->count.known)
		return e->count;
	return e->count.v <= 0 ? QTY_NEVER : i;
}

/* When an end that drops at a count of 0 ends a healthy session whose other end says nothing for `other`. */
static struct qty
killed_by(enum kw_side side, const struct end *e, struct qty other)
{
	struct qty i = period(side, e);

	if ((i.known && i.v <= 0) || (e->count.known && e->count.v > 0) || !zero_kills(side, e))
		return QTY_NEVER;
	if (!i.known || !e->count.known)
		return i.known ? e->count : i;
	if (!other.known)
		return other;
	/* What arrives from the other end moves the deadline. */
	return other.v < i.v ? QTY_NEVER : i;
}

struct qty
clock_R(struct qty retries2)
{
	enum { doublings = 9 }; /* the last before RTO_MIN x 2^n passes RTO_MAX */
	double n, sum = 2;

	if (!retries2.known)
		return retries2;
	n = retries2.v;
	for (int i = 1; i <= n && i <= doublings; i++)
		sum *= 2;
	sum = (sum - 1) * RTO_MIN;
	return QTY(n <= doublings ? sum : sum + (n - doublings) * RTO_MAX);
}

struct qty
clock_notice_min(struct qty i, struct qty n, struct qty R)
{
	return qty_min(qty_mul(n, i), R);
}

struct qty
clock_notice_max(struct qty i, struct qty n, struct qty R)
{
	return qty_min(qty_mul(qty_add(n, QTY(1)), i), qty_add(i, qty_add(R, QTY(RTO_MAX))));
}

/* TCP's back-off delays the recovery by as much as it waited, at most by RTO_MAX. */
static struct qty
recovered(struct qty x)
{
	if (!x.known || qty_is_never(x))
		return x;
	return QTY(num_max(num_max((x.v - 1) / 2, x.v - RTO_MAX), 0));
}

struct qty
clock_outage_end(struct qty i, struct qty n, struct qty R)
{
	return recovered(qty_min(qty_mul(n, i), R));
}

/* What one end does when the other is gone. */
struct notice {
	struct qty min, max, outage;
};

/* Only the kernel asks: tcp(7).  An idle session dies when all probes fall into the outage. */
static void
notice_kernel(const struct end *e, bool has_socket, bool hidden, struct notice *ret)
{
	struct qty probing = qty_mul(e->ka_probes, e->ka_intvl);

	*ret = (struct notice){ QTY_NEVER, QTY_NEVER, QTY_NEVER };
	if (!has_socket || (e->tcp_keepalive.known && e->tcp_keepalive.v <= 0))
		return;
	if (!e->tcp_keepalive.known) {
		*ret = (struct notice){ e->tcp_keepalive, e->tcp_keepalive, e->tcp_keepalive };
		return;
	}
	ret->min = probing;
	ret->max = hidden ? QTY_NEVER : qty_add(e->ka_time, probing);
	ret->outage = qty_max(qty_sub(probing, e->ka_intvl), QTY(0));
}

static void
notice_of(enum kw_side side, const struct end *e, const struct path *p, struct notice *ret)
{
	/* A pipe never gives up; a proxy's kernel acknowledges for a far end that is gone. */
	bool has_socket = side == KW_SERVER || !p->piped;
	struct qty R = clock_R(e->retries2), near = has_socket ? R : QTY_NEVER, all = p->proxied ? QTY_NEVER : R;
	struct qty i = period(side, e);

	if (i.known && i.v <= 0) {
		notice_kernel(e, has_socket, p->proxied, ret);
	} else if (!i.known || !e->count.known) {
		struct qty u = i.known ? e->count : i;

		*ret = (struct notice){ u, u, u };
	} else if (e->count.v <= 0 && !zero_kills(side, e)) {
		ret->min = near;
		ret->max = qty_add(i, qty_add(all, QTY(RTO_MAX)));
		ret->outage = recovered(near);
	} else {
		ret->min = clock_notice_min(i, e->count, near);
		ret->max = clock_notice_max(i, e->count, all);
		ret->outage = clock_outage_end(i, e->count, near);
	}
}

static struct qty
agreed(struct qty a, struct qty b, const char *why)
{
	return !a.known || (b.known && a.v == b.v) ? a : b.known ? QTY_UNKNOWN(why) : b;
}

/* Without the ProxyCommand or ProxyJump of which nobody knows whether it is there. */
static struct path
unpiped(const struct path *p)
{
	struct path ret = *p;

	ret.piped = false;
	ret.proxied = p->boxed;
	ret.open = NULL;
	return ret;
}

/* What holds with and without an undecided proxy. */
static void
notice_either_way(enum kw_side side, const struct end *e, const struct path *p, struct notice *ret)
{
	struct path direct;
	struct notice other;

	notice_of(side, e, p, ret);
	if (p->open == NULL)
		return;
	direct = unpiped(p);
	notice_of(side, e, &direct, &other);
	ret->min = agreed(ret->min, other.min, p->open);
	ret->max = agreed(ret->max, other.max, p->open);
	ret->outage = agreed(ret->outage, other.outage, p->open);
}

/* A new session writes into the dead connection, so the kernel's patience ends it at the latest. */
static struct qty
stale_master_of(const struct path *p, const struct end *client, struct qty notice_max)
{
	return p->proxied ? notice_max : qty_min(notice_max, qty_add(clock_R(client->retries2), QTY(RTO_MAX)));
}

/* Does a TCP keepalive that this end's kernel sends reach hop h, and does h count it? */
static bool
kernel_reaches(enum kw_side side, const struct path *p, const struct hop *h, bool piped)
{
	enum net_side here = side == KW_CLIENT ? NET_CLIENT : NET_SERVER;
	size_t i;

	if (h->refresh != NET_ANY || h->proxy || (side == KW_CLIENT && piped))
		return false;
	/* The far kernel's keepalives end at the process that the client talks through. */
	if (side == KW_SERVER && piped && h->side != NET_SERVER)
		return false;
	for (i = 0; i < p->n_hop; i++) {
		if (p->hop[i].proxy && h->side != here)
			return false;
	}
	return true;
}

double
clock_silence(const struct clocks *c, const struct path *p, const struct hop *h, bool hopeful, enum beat *ret_by)
{
	const struct end *end[2] = { &c->client, &c->server };
	const struct qty ssh[2] = { c->i_eff_client, c->i_eff_server };
	static const enum beat ssh_beat[2] = { BEAT_CLIENT_SSH, BEAT_SERVER_SSH };
	static const enum beat kernel_beat[2] = { BEAT_CLIENT_KERNEL, BEAT_SERVER_KERNEL };
	static const enum kw_side side[2] = { KW_CLIENT, KW_SERVER };
	bool piped = p->piped && !(hopeful && p->open != NULL);
	double best = INFINITY, v;
	size_t i;

	*ret_by = BEAT_NOBODY;
	if (h->refresh == NET_NONE)
		return best;
	for (i = 0; i < 2; i++) {
		v = ssh[i].known ? ssh[i].v : hopeful ? 1 : INFINITY;
		if (v < best) {
			best = v;
			*ret_by = ssh_beat[i];
		}
	}
	for (i = 0; i < 2; i++) {
		bool on = end[i]->tcp_keepalive.known ? end[i]->tcp_keepalive.v > 0 : hopeful;

		v = on && kernel_reaches(side[i], p, h, piped) ? end[i]->ka_time.v : INFINITY;
		if (v < best) {
			best = v;
			*ret_by = kernel_beat[i];
		}
	}
	return best;
}

static double
ratio(double timeout, double silence)
{
	return isinf(timeout) ? INFINITY : timeout / silence;
}

/* The first unknown that decides how often somebody speaks. */
static const char *
why_unknown(const struct path *p, const struct clocks *c)
{
	const struct qty q[] = { c->i_eff_client, c->i_eff_server, c->client.tcp_keepalive, c->server.tcp_keepalive };
	size_t i;

	for (i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		if (!q[i].known)
			return q[i].reason;
	}
	return p->open != NULL ? p->open : "it cannot be decided from here";
}

static struct str
beat_name(struct arena *a, const struct clocks *c, enum beat b)
{
	bool client = b == BEAT_CLIENT_SSH || b == BEAT_CLIENT_KERNEL;
	const struct end *e = client ? &c->client : &c->server;
	enum kw_side side = client ? KW_CLIENT : KW_SERVER;
	enum kw_id id = client ? KW_ID_SERVERALIVEINTERVAL : KW_ID_CLIENTALIVEINTERVAL;

	if (b == BEAT_NOBODY)
		return STR("");
	if (b == BEAT_CLIENT_SSH || b == BEAT_SERVER_SSH)
		return arena_printf(a, "%s%s", kw_row(side, kw_by_id(side, id))->name, e->far ? " (far end)" : "");
	return arena_printf(a, "kernel keepalive (%s%s)", client ? "client" : "server", e->far ? ", assumed" : "");
}

static void
refresh_of(struct arena *a, const struct path *p, struct clocks *c)
{
	double worst = INFINITY, sure, hope;
	enum beat by;
	size_t i;

	c->worst = p->min;
	for (i = 0; i < p->n_hop; i++) {
		double m = ratio(p->hop[i].timeout.v, clock_silence(c, p, &p->hop[i], false, &by));

		if (m < worst) {
			worst = m;
			c->worst = &p->hop[i];
		}
	}
	hope = clock_silence(c, p, c->worst, true, &by);
	c->least_s = hope;
	c->least_by = beat_name(a, c, by);
	sure = clock_silence(c, p, c->worst, false, &c->beat);
	if (hope < sure) {
		c->beat = BEAT_NOBODY;
		c->refresh = QTY_UNKNOWN(why_unknown(p, c));
		c->margin = isinf(c->worst->timeout.v) ? QTY_NEVER : QTY_UNKNOWN(c->refresh.reason);
		return;
	}
	c->refresh = QTY(sure);
	c->margin = p->open_pinned ? QTY_UNKNOWN(p->open) : QTY(worst);
	c->refresh_by = beat_name(a, c, c->beat);
	c->refresh_from_client = c->beat == BEAT_CLIENT_SSH || c->beat == BEAT_CLIENT_KERNEL;
}

/* Does the line that sets this value stand in a Match block, or in a file that one includes? */
static bool
in_match(const struct conf *c, const struct eff *v)
{
	int32_t b;

	if (c == NULL || v->set >= c->n_set)
		return false;
	for (b = (int32_t)c->set[v->set].block; b >= 0; b = c->block[b].parent) {
		if (c->block[b].kind == BLOCK_MATCH)
			return true;
	}
	return false;
}

/* Is there another line of this keyword that sshd would use at run time instead? */
static bool
has_overridden(const struct effective *ev, unsigned row)
{
	size_t i;

	for (i = 0; i < ev->n_loser; i++) {
		if (ev->loser[i].row == row && ev->loser[i].why == LOSE_OVERRIDDEN)
			return true;
	}
	return false;
}

/*
 * ChannelTimeout, for an interactive session: the first pattern that fits decides, 0 is off; `global` stands for
 * all channels since 9.7.  channels.c lookup_timeout().
 */
static struct qty
channel_timeout(const struct effective *ev, enum kw_side side, struct ver v)
{
	/* The client called every session plainly "session" until 10.3. */
	struct str type = side == KW_CLIENT && v.n < VER(10, 4) ? STR("session") : STR("session:shell");
	const struct eff *f;
	struct str rest, item;
	struct qty ret = QTY_NEVER;
	bool decided = false;

	if (ev == NULL || ev->refused || ev->v == NULL || v.n < (side == KW_CLIENT ? VER(9, 6) : VER(9, 2)))
		return QTY_NEVER;
	f = eff_get(ev, KW_ID_CHANNELTIMEOUT);
	if (f->state == EFF_UNKNOWN)
		return QTY_UNKNOWN(f->reason != NULL ? f->reason : "it cannot be decided from here");
	if (f->state != EFF_SET)
		return QTY_NEVER;
	if (side == KW_SERVER && v.n < VER(10, 5) && in_match(ev->conf, f)) {
		if (!has_overridden(ev, kw_by_id(side, KW_ID_CHANNELTIMEOUT)))
			return QTY_NEVER;
		return QTY_UNKNOWN("its line in a Match block shows, but before 10.5 the global section's line acts");
	}
	rest = f->text;
	while (str_split(&rest, ' ', &item)) {
		size_t eq = str_chr(item, '=', 0);
		struct str pattern = str_head(item, eq);
		int64_t s;

		if (eq == SIZE_MAX || !value_time(str_from(item, eq + 1), v, &s))
			continue;
		if (str_eqc(pattern, "global")) {
			if (v.n >= VER(9, 7) && s > 0)
				ret = qty_min(ret, QTY(s));
		} else if (!decided && network_match(pattern, type, false)) {
			decided = true;
			if (s > 0)
				ret = qty_min(ret, QTY(s));
		}
	}
	return ret;
}

static void
take_idle_kill(struct clocks *c, struct qty q, const char *by)
{
	if (!c->idle_kill.known || (q.known && q.v >= c->idle_kill.v))
		return;
	c->idle_kill = q;
	c->idle_kill_by = str_c(by);
}

static void
idle_kill_of(const struct judge_opts *o, struct clocks *c)
{
	const struct facts *f = o->facts;
	unsigned row;

	c->idle_kill = QTY_NEVER;
	/* TMOUT and logind of this machine end sessions that come in, not those that go out. */
	if (o->side == KW_SERVER && f != NULL) {
		if (f->v[FACT_TMOUT].known && f->v[FACT_TMOUT].num > 0)
			take_idle_kill(c, QTY(f->v[FACT_TMOUT].num), "TMOUT");
		if (f->v[FACT_LOGIND_STOP_IDLE].known && f->v[FACT_LOGIND_STOP_IDLE].num > 0)
			take_idle_kill(c, QTY(f->v[FACT_LOGIND_STOP_IDLE].num), "StopIdleSessionSec");
	}
	row = kw_by_id(KW_SERVER, KW_ID_CHANNELTIMEOUT);
	if (row != KW_UNKNOWN)
		take_idle_kill(c, channel_timeout(o->server, KW_SERVER, c->server.ver), kw_row(KW_SERVER, row)->name);
	row = kw_by_id(KW_CLIENT, KW_ID_CHANNELTIMEOUT);
	if (row != KW_UNKNOWN)
		take_idle_kill(c, channel_timeout(o->client, KW_CLIENT, c->client.ver), kw_row(KW_CLIENT, row)->name);
}

static struct qty
login_limit_of(const struct end *client)
{
	const struct qty *i = &client->interval, *n = &client->count;

	/* clientloop.c: both must be above 0 for the limit to exist. */
	if ((i->known && i->v <= 0) || (n->known && n->v <= 0))
		return QTY_NEVER;
	return qty_mul(*i, *n);
}

static void
cost_of(struct clocks *c)
{
	bool kernel = c->beat == BEAT_CLIENT_KERNEL || c->beat == BEAT_SERVER_KERNEL;

	/* Whoever is faster keeps the other quiet: what arrives restarts its clock. */
	c->cost_probes = qty_div(QTY(DAY_S), c->refresh);
	c->cost_bytes = qty_mul(c->cost_probes, QTY(kernel ? TCP_PROBE_BYTES : SSH_PROBE_BYTES));
}

/* What is left of the path's patience when the longest silence is over. */
static struct qty
spare_time(struct qty timeout, struct qty refresh)
{
	if (qty_is_never(timeout))
		return QTY_NEVER;
	if (!timeout.known || !refresh.known)
		return timeout.known ? refresh : timeout;
	return QTY(num_max(timeout.v - refresh.v, 0));
}

void
clocks_of(struct arena *a, const struct judge_opts *o, struct clocks *ret)
{
	const struct path *p = o->path;
	struct notice client, server;
	const struct end *own;

	memset(ret, 0, sizeof(*ret));
	read_end(o, KW_CLIENT, &ret->client);
	read_end(o, KW_SERVER, &ret->server);
	own = o->side == KW_CLIENT ? &ret->client : &ret->server;
	ret->i_eff_client = probe_every(KW_CLIENT, &ret->client);
	ret->i_eff_server = probe_every(KW_SERVER, &ret->server);
	ret->R = clock_R(own->retries2);
	refresh_of(a, p, ret);
	notice_either_way(KW_CLIENT, &ret->client, p, &client);
	notice_either_way(KW_SERVER, &ret->server, p, &server);
	ret->notice_min = client.min;
	ret->notice_max = client.max;
	ret->server_notice_min = server.min;
	ret->server_notice_max = server.max;
	ret->ghost = server.max;
	ret->outage = qty_min(client.outage, server.outage);
	ret->outage = qty_min(ret->outage, spare_time(p->timeout, ret->refresh));
	ret->login_limit = login_limit_of(&ret->client);
	ret->stale_master = stale_master_of(p, &ret->client, client.max);
	if (p->open != NULL) {
		struct path direct = unpiped(p);

		ret->stale_master =
		    agreed(ret->stale_master, stale_master_of(&direct, &ret->client, client.max), p->open);
	}
	idle_kill_of(o, ret);
	ret->sleep = qty_min(p->timeout, ret->ghost);
	ret->killed_after = qty_min(killed_by(KW_CLIENT, &ret->client, ret->i_eff_server),
	    killed_by(KW_SERVER, &ret->server, ret->i_eff_client));
	cost_of(ret);
}
