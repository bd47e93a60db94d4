/* SPDX-License-Identifier: MIT */
/* The verdict on one row: will an idle session survive, what ends it, when, and how that looks. */
#include "model/clocks.h"

#include <math.h>
#include <string.h>

#include "model/names.h"

const char *
verdict_name(enum verdict v)
{
	static const char *const name[] = {
		[VERDICT_SURVIVES] = "survives",
		[VERDICT_FRAGILE] = "fragile",
		[VERDICT_DROPS] = "drops",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_NOT_JUDGED] = "not judged",
	};

	return name[v];
}

bool
judge_holds_sessions(const struct effective *client, const char **ret_why)
{
	const char *why = NULL;
	const struct eff *user;

	if (client->v != NULL && !client->refused) {
		user = eff_get(client, KW_ID_USER);
		if (user->state == EFF_SET && str_eqc(user->text, "git"))
			why = "User git, no idle sessions";
	}
	if (why == NULL && network_match(names_git, client->hostname_known ? client->hostname : client->host, true))
		why = "a git host, no idle sessions";
	if (ret_why != NULL)
		*ret_why = why;
	return why == NULL;
}

/* A time as a sentence has it, in the arena. */
static struct str
seconds(struct arena *a, double s)
{
	struct buf b = { 0 };
	struct str ret;

	num_fmt_s(&b, s);
	ret = arena_str(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

/* How often one end sends anything that hop h sees, ssh or kernel; unknown counts as the worst. */
static double
end_silence(const struct clocks *c, const struct path *p, const struct hop *h, enum kw_side side)
{
	struct clocks only = *c;
	enum beat by;

	if (side == KW_CLIENT) {
		only.i_eff_server = QTY_NEVER;
		only.server.tcp_keepalive = QTY(0);
	} else {
		only.i_eff_client = QTY_NEVER;
		only.client.tcp_keepalive = QTY(0);
	}
	return clock_silence(&only, p, h, false, &by);
}

/* When an end knows at the latest, counted from the last packet, that nobody answers. */
static struct qty
patience(const struct clocks *c, enum kw_side side)
{
	return side == KW_CLIENT ? c->notice_max : c->server_notice_max;
}

/*
 * Does the end behind the box speak in time?  Its packet makes the mapping anew; what the other end sent before is
 * dropped and repeated by TCP, so it is in time while that end still waits (a box that answers with a reset ends it at
 * once).  The person at the keyboard is the client: behind a box at the server's end that is the other one, and what
 * was typed lives only as long as TCP repeats it.
 */
static bool
revives(const struct clocks *c, const struct path *p, const struct hop *h)
{
	double inside, outside;
	enum kw_side side = h->side == NET_CLIENT ? KW_CLIENT : KW_SERVER;
	enum kw_side other = side == KW_CLIENT ? KW_SERVER : KW_CLIENT;

	if (!h->revive || h->side == NET_EITHER)
		return false;
	inside = end_silence(c, p, h, side);
	outside = end_silence(c, p, h, other);
	if (isinf(inside) || (side == KW_SERVER && c->R.known && inside - h->timeout.v > c->R.v))
		return false;
	if (inside <= outside)
		return true;
	return h->expiry == NET_SILENT && patience(c, other).known && inside < patience(c, other).v;
}

/* Behind this box any key of the client helps until the server, which nobody hears, has given up. */
static bool
waits_for_server(const struct clocks *c, const struct hop *h)
{
	struct qty max = patience(c, KW_SERVER);

	return h->revive && h->side == NET_CLIENT && h->expiry == NET_SILENT && max.known && !qty_is_never(max) &&
	    max.v > h->timeout.v;
}

/* What the hops say when unknown values are at their best or worst. */
struct outcome {
	enum verdict verdict;
	const struct hop *hop; /* that decides */
	double silence;
	enum beat by;
	bool revived;
};

static void
judge_hops(const struct judge_opts *o, const struct clocks *c, bool hopeful, struct outcome *ret)
{
	const struct path *p = o->path;
	double worst = INFINITY;
	size_t i;

	*ret = (struct outcome){ .verdict = VERDICT_SURVIVES, .hop = p->min, .by = BEAT_NOBODY };
	for (i = 0; i < p->n_hop; i++) {
		const struct hop *h = &p->hop[i];
		enum beat by;
		double silence = clock_silence(c, p, h, hopeful, &by);
		double m = qty_is_never(h->timeout) ? INFINITY : h->timeout.v / silence;
		bool revived = m <= 1 && revives(c, p, h);
		enum verdict v = VERDICT_SURVIVES;

		if (m <= 1 && h->confidence >= CONF_DETECTED && !revived)
			v = VERDICT_DROPS;
		else if (m < o->policy->margin)
			v = VERDICT_FRAGILE;
		/* Hops stand smallest first, so the first that drops is the one that strikes. */
		if (v > ret->verdict || (v == ret->verdict && v != VERDICT_DROPS && m < worst)) {
			worst = m;
			*ret = (struct outcome){ v, h, silence, by, revived };
		}
	}
}

static bool
is_far_and_assumed(const struct clocks *c, enum beat by)
{
	const struct end *e = by == BEAT_CLIENT_SSH || by == BEAT_CLIENT_KERNEL ? &c->client : &c->server;

	return by != BEAT_NOBODY && e->far && !e->given;
}

static struct str
why_fragile(struct arena *a, const struct judge_opts *o, const struct outcome *f)
{
	const struct hop *h = f->hop;
	struct str T = seconds(a, h->timeout.v), silence = seconds(a, f->silence);

	if (f->revived)
		return arena_printf(a,
		    "%.*s forgets after %.*s; the next packet of the %s makes the entry anew, what the "
		    "other end sends before waits for it",
		    STR_ARG(h->name), STR_ARG(T), h->side == NET_CLIENT ? "client" : "server");
	if (isinf(f->silence))
		return arena_printf(a, "nobody speaks on an idle connection, and %.*s is assumed to forget after %.*s",
		    STR_ARG(h->name), STR_ARG(T));
	if (h->timeout.v <= f->silence)
		return arena_printf(a, "silent for %.*s, and %.*s is assumed to forget after %.*s", STR_ARG(silence),
		    STR_ARG(h->name), STR_ARG(T));
	if (f->verdict == VERDICT_SURVIVES)
		return arena_printf(a, "only the far end is assumed to speak, after %.*s", STR_ARG(silence));
	return arena_printf(a, "%.*s / %.*s is %.2f, below the %g of policy %.*s", STR_ARG(T), STR_ARG(silence),
	    h->timeout.v / f->silence, o->policy->margin, STR_ARG(o->policy->name));
}

/*
 * When the end of this row knows that hop h has forgotten the session.  What says so by itself is heard at once; a
 * reset answers the end's own next packet, unless the box hides the other end (a NAT answers those behind it); after
 * silence this end's own patience decides, counted from the last packet like the rest.
 */
static struct qty
noticed_at(const struct judge_opts *o, const struct clocks *c, const struct hop *h, bool waits)
{
	struct qty max = patience(c, o->side);
	enum net_side other = o->side == KW_CLIENT ? NET_SERVER : NET_CLIENT;
	double next;

	if (h->expiry == NET_FIN || h->expiry == NET_RST_AT_EXPIRY)
		return qty_min(h->timeout, max);
	if ((h->expiry != NET_RST_ON_NEXT && !(waits && o->side == KW_CLIENT)) || h->side == other)
		return max;
	next = end_silence(c, o->path, h, o->side);
	return isinf(next) ? max : qty_min(QTY(next), max);
}

/* OpenSSH itself ends a healthy idle session. */
static void
set_self_killed(struct arena *a, struct judgement *j)
{
	const struct clocks *c = &j->clocks;
	bool client = c->client.count.known && c->client.count.v <= 0 && c->client.interval.known &&
	    c->client.interval.v > 0 && c->client.interval.v <= c->killed_after.v;
	enum kw_side side = client ? KW_CLIENT : KW_SERVER;
	enum kw_id id = client ? KW_ID_SERVERALIVECOUNTMAX : KW_ID_CLIENTALIVECOUNTMAX;

	j->verdict = VERDICT_DROPS;
	j->killer = arena_printf(a, "%s itself, %s 0", client ? "ssh" : "sshd", kw_row(side, kw_by_id(side, id))->name);
	j->killed_at = c->killed_after;
	j->noticed_at = c->killed_after;
	j->looks_like = client ? STR("Timeout, server not responding") : STR("closed by remote");
}

static void
set_verdict(struct arena *a, const struct judge_opts *o, struct judgement *j)
{
	const struct clocks *c = &j->clocks;
	struct outcome sure, hope;
	bool waits;

	judge_hops(o, c, false, &sure);
	judge_hops(o, c, true, &hope);
	if (c->killed_after.known && !qty_is_never(c->killed_after) &&
	    (sure.verdict != VERDICT_DROPS || c->killed_after.v <= sure.hop->timeout.v)) {
		set_self_killed(a, j);
		return;
	}
	if (o->path->open_pinned)
		hope.verdict = VERDICT_SURVIVES;
	if (!c->killed_after.known || sure.verdict != hope.verdict) {
		const char *why = !c->killed_after.known ? c->killed_after.reason :
		    !c->refresh.known			 ? c->refresh.reason :
							   o->path->open;

		j->verdict = VERDICT_UNKNOWN;
		j->reason = str_c(why != NULL ? why : "it cannot be decided from here");
		return;
	}
	j->verdict = sure.verdict;
	if (sure.verdict == VERDICT_SURVIVES && !qty_is_never(sure.hop->timeout) && is_far_and_assumed(c, sure.by)) {
		j->verdict = VERDICT_FRAGILE;
		j->why_fragile = why_fragile(a, o, &sure);
		return;
	}
	if (sure.verdict == VERDICT_FRAGILE)
		j->why_fragile = why_fragile(a, o, &sure);
	if (sure.verdict != VERDICT_SURVIVES && sure.hop->timeout.v <= sure.silence) {
		j->killer = sure.hop->name;
		j->killed_at = sure.hop->timeout;
		j->looks_like = str_c(net_expiry_text(sure.hop->expiry));
		waits = sure.verdict == VERDICT_DROPS && waits_for_server(c, sure.hop);
		j->noticed_at = noticed_at(o, c, sure.hop, waits);
		/* The key finds its way again, to a server that has no such session. */
		if (waits) {
			j->killed_at = patience(c, KW_SERVER);
			j->looks_like = str_c(net_expiry_text(NET_RST_ON_NEXT));
		}
	}
}

static void
set_best(const struct judge_opts *o, struct judgement *j)
{
	const struct path *p = o->path;
	double i, n;
	const char *missed;

	recommend(o->policy, p->timeout, p->proxied ? QTY_NEVER : j->clocks.R,
	    o->side == KW_SERVER ? clock_server_factor(j->clocks.server.ver) : 1, &i, &n, &missed);
	j->best_interval = QTY(i);
	j->best_count = QTY(n);
	j->missed = str_c(missed);
}

void
judge(struct arena *a, const struct judge_opts *o, struct judgement *ret)
{
	const struct effective *own = o->side == KW_CLIENT ? o->client : o->server;

	memset(ret, 0, sizeof(*ret));
	ret->killed_at = QTY_NEVER;
	ret->noticed_at = QTY_NEVER;
	clocks_of(a, o, &ret->clocks);
	set_best(o, ret);
	if (!o->holds_sessions) {
		ret->verdict = VERDICT_NOT_JUDGED;
		ret->reason = str_c(o->not_judged_why);
	} else if (own != NULL && (own->refused || own->v == NULL)) {
		ret->verdict = VERDICT_UNKNOWN;
		ret->reason = STR("OpenSSH refuses this configuration");
	} else if (o->no_way.n > 0) {
		ret->verdict = VERDICT_UNKNOWN;
		ret->reason = o->no_way;
		ret->no_way = true;
	} else {
		set_verdict(a, o, ret);
	}
}
