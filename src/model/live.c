/* SPDX-License-Identifier: MIT */
/* The verdict on a connection that is open now: from what the kernel sees of it, the settings, and the path. */
#include "model/live.h"

#include <math.h>
#include <string.h>

/*
 * From when on repeats without an answer mean that the other end is gone, for people: the third repeat is RFC 1122's
 * (4.2.3.5) and Linux' own sign (tcp_retries1) that something is wrong, and a roaming station is back within some seconds.
 */
enum { DEAD_REPEATS = 3, DEAD_PROBES = 2 };
#define DEAD_SILENCE_S 10.0
/* How late an end may be that speaks by the clock, before its settings are doubted: whole seconds, and a slow path. */
#define LATE_S 5.0
/* How long an answer may take before a probe counts as missed. */
#define ANSWER_S 2.0

const char *
live_verdict_name(enum live_verdict v)
{
	static const char *const name[] = {
		[LIVE_SAFE] = "safe",
		[LIVE_AT_RISK] = "at risk",
		[LIVE_DEAD] = "dead",
		[LIVE_UNKNOWN] = "unknown",
	};

	return name[v];
}

static struct str
seconds(struct arena *a, double s)
{
	struct buf b = { 0 };
	struct str ret;

	num_fmt_short(&b, s);
	ret = arena_str(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

/* The interval of this end's own keepalive as it acts, and its count; never: it does not ask. */
static struct qty
own_interval(const struct live_in *in)
{
	if (in->j == NULL)
		return QTY_UNKNOWN("its settings are not known");
	return in->side == KW_CLIENT ? in->j->clocks.i_eff_client : in->j->clocks.i_eff_server;
}

static const char *
own_keyword(const struct live_in *in, bool count)
{
	if (in->side == KW_CLIENT)
		return count ? "ServerAliveCountMax" : "ServerAliveInterval";
	return count ? "ClientAliveCountMax" : "ClientAliveInterval";
}

/* Neither sent nor got anything for longer than its interval: the process runs with other settings than the files have. */
static bool
is_not_acting(const struct live_in *in, struct qty i)
{
	return !in->stopped && i.known && !isinf(i.v) && in->phase == LIVE_OPEN && in->got_s > i.v + LATE_S &&
	    in->sent_s > i.v + LATE_S;
}

/* When ssh or sshd gives up if nothing comes from now on: count + 1 intervals after the last data. */
static struct qty
ssh_ends(const struct live_in *in, struct qty i)
{
	const struct end *e;

	if (!i.known || isinf(i.v))
		return i;
	e = in->side == KW_CLIENT ? &in->j->clocks.client : &in->j->clocks.server;
	if (!e->count.known)
		return e->count;
	/* sshd since 8.2 never gives up at 0; before, and ssh, end a healthy session: see killed_after */
	if (e->count.v <= 0)
		return QTY_NEVER;
	return QTY(num_max((e->count.v + 1) * i.v - in->got_s, 0));
}

/* The kernel's own keepalive: all probes that are left, or the first one and all of them. */
static struct qty
keepalive_ends(const struct live_in *in)
{
	struct qty left = qty_sub(in->ka_probes, QTY(in->probes_n));

	return qty_add(QTY(in->next_s), qty_mul(qty_max(left, QTY(0)), in->ka_intvl));
}

static struct qty
kernel_ends(const struct live_in *in)
{
	switch (in->wait) {
	case LIVE_WAIT_RETRANS:
		return live_retrans_ends(&in->retrans);
	case LIVE_WAIT_KEEPALIVE:
		return in->probes_n > 0 ? keepalive_ends(in) : QTY_NEVER;
	case LIVE_WAIT_WINDOW:
		return in->probes_n > 0 ? live_probe_ends(in->probes_n, in->next_s, &in->retrans) : QTY_NEVER;
	case LIVE_WAIT_NONE:
		break;
	}
	return QTY_NEVER;
}

static struct qty
left_of(struct qty interval, double since_s)
{
	return qty_max(qty_sub(interval, QTY(since_s)), QTY(0));
}

/* When this kernel's keepalive speaks: not before its timer, nor before its time since the last packet from there. */
static struct qty
kernel_speaks(const struct live_in *in)
{
	struct qty by_time = left_of(in->ka_time, num_min(in->got_s, in->acked_s));

	if (in->wait == LIVE_WAIT_NONE)
		return QTY_NEVER;
	return in->wait == LIVE_WAIT_KEEPALIVE && in->probes_n == 0 ? qty_max(by_time, QTY(in->next_s)) :
								      QTY(in->next_s);
}

/*
 * The clocks with every interval replaced by the time until it ends: then clock_silence() tells how long it takes until
 * somebody speaks to a hop.
 */
static struct clocks
remaining(const struct live_in *in, struct qty own)
{
	struct clocks c = in->j->clocks;
	double heard = num_min(in->sent_s, num_min(in->got_s, in->acked_s));
	struct end *near = in->side == KW_CLIENT ? &c.client : &c.server,
		   *far = near == &c.client ? &c.server : &c.client;
	struct qty *near_ssh = in->side == KW_CLIENT ? &c.i_eff_client : &c.i_eff_server;
	struct qty *far_ssh = in->side == KW_CLIENT ? &c.i_eff_server : &c.i_eff_client;
	struct qty speaks = kernel_speaks(in);

	*near_ssh = qty_min(left_of(own, in->got_s), left_of(in->carried, in->got_s));
	*far_ssh = left_of(*far_ssh, in->sent_s);
	near->tcp_keepalive = QTY(!qty_is_never(speaks));
	near->ka_time = speaks;
	/* the later of two at one time: what is known of this kernel is told before what is assumed of the other */
	far->ka_time = qty_add(left_of(far->ka_time, heard), QTY(1));
	return c;
}

/* What happens at one hop. */
struct fate {
	enum live_verdict verdict;
	double left_s; /* until the hop forgets; negative: since when it has */
	enum confidence confidence;
	const struct hop *hop;
	bool revived; /* a packet from here makes the entry anew */
	const char *reason;
};

/* Rows of the table carry their own box; the one that path_of() made of this kernel's conntrack has none. */
static bool
is_own_conntrack(const struct hop *h)
{
	return h->net == NULL && str_eqc(h->name, "this machine's conntrack");
}

static void
fate_of(const struct live_in *in, const struct clocks *c, const struct hop *h, struct fate *ret)
{
	enum net_side here = in->side == KW_CLIENT ? NET_CLIENT : NET_SERVER;
	double data = num_min(in->sent_s, in->got_s), any = num_min(num_min(data, in->acked_s), in->wire_s), next, hope;
	bool measured = is_own_conntrack(h) && in->ct_left.known;
	enum beat by;

	*ret = (struct fate){ .verdict = LIVE_SAFE, .left_s = INFINITY, .confidence = h->confidence, .hop = h };
	if (!h->timeout.known || (isinf(h->timeout.v) && !measured))
		return;
	ret->left_s = h->timeout.v - (h->refresh == NET_ANY ? any : data);
	ret->revived = h->revive && h->side == here;
	if (measured) {
		ret->left_s = in->ct_left.v;
		ret->confidence = CONF_MEASURED;
	}
	next = clock_silence(c, in->path, h, false, &by);
	hope = clock_silence(c, in->path, h, true, &by);
	if (ret->left_s <= 0)
		ret->verdict = h->confidence >= CONF_DETECTED && !ret->revived ? LIVE_DEAD : LIVE_AT_RISK;
	else if (next < ret->left_s)
		ret->verdict = LIVE_SAFE;
	else if (hope < ret->left_s)
		ret->verdict = LIVE_UNKNOWN;
	else
		ret->verdict = LIVE_AT_RISK;
}

/* Worse first: dead, at risk, unknown, safe; among equals the one that strikes sooner. */
static bool
is_worse(const struct fate *x, const struct fate *y)
{
	static const int rank[] = { [LIVE_SAFE] = 0, [LIVE_UNKNOWN] = 1, [LIVE_AT_RISK] = 2, [LIVE_DEAD] = 3 };

	return rank[x->verdict] > rank[y->verdict] || (rank[x->verdict] == rank[y->verdict] && x->left_s < y->left_s);
}

static struct str
why_at_hop(struct arena *a, const struct fate *f, const struct live_out *o)
{
	struct str left = seconds(a, fabs(f->left_s)), next = seconds(a, num_min(o->next_s.v, 1e9));
	const char *how = f->hop->confidence == CONF_ASSUMED ? " (assumed)" : "";
	bool speaks = o->next_s.known && !isinf(o->next_s.v);

	if (f->verdict == LIVE_DEAD)
		return arena_printf(a, "%.*s forgot it %.*s ago: %s", STR_ARG(f->hop->name), STR_ARG(left),
		    net_expiry_text(f->hop->expiry));
	if (f->left_s <= 0 && f->revived)
		return arena_printf(a,
		    "%.*s forgot it %.*s ago; the next packet from here makes the entry anew, what comes first from "
		    "there is lost",
		    STR_ARG(f->hop->name), STR_ARG(left));
	if (f->left_s <= 0)
		return arena_printf(a, "silent for longer than %.*s%s remembers it; it may be gone already",
		    STR_ARG(f->hop->name), how);
	if (f->verdict == LIVE_AT_RISK && !speaks)
		return arena_printf(
		    a, "%.*s%s forgets it in %.*s and nobody speaks", STR_ARG(f->hop->name), how, STR_ARG(left));
	if (f->verdict == LIVE_AT_RISK)
		return arena_printf(a, "%.*s%s forgets it in %.*s, before anybody speaks (in %.*s)",
		    STR_ARG(f->hop->name), how, STR_ARG(left), STR_ARG(next));
	if (f->verdict == LIVE_UNKNOWN)
		return arena_printf(a, "%.*s%s forgets it in %.*s; whether anybody speaks before is not known",
		    STR_ARG(f->hop->name), how, STR_ARG(left));
	if (isinf(f->left_s))
		return STR("nothing on the way forgets it");
	return arena_printf(a, "the next packet is due in %.*s, %.*s%s would forget it in %.*s", STR_ARG(next),
	    STR_ARG(f->hop->name), how, STR_ARG(left));
}

static void
next_packet(struct arena *a, const struct live_in *in, const struct clocks *c, const struct hop *h, struct live_out *o)
{
	const struct clocks *set = &in->j->clocks;
	enum beat by;
	double sure = clock_silence(c, in->path, h, false, &by), hope = clock_silence(c, in->path, h, true, &by);
	bool client;

	if (hope < sure) {
		o->next_s =
		    QTY_UNKNOWN(set->refresh.reason != NULL ? set->refresh.reason : "it cannot be decided from here");
		return;
	}
	o->next_s = isinf(sure) ? QTY_NEVER : QTY(sure);
	if (by == BEAT_NOBODY || isinf(sure))
		return;
	client = by == BEAT_CLIENT_SSH || by == BEAT_CLIENT_KERNEL;
	if (by == BEAT_CLIENT_SSH || by == BEAT_SERVER_SSH)
		o->next_by = arena_printf(a, "%s%s", client ? "ServerAliveInterval" : "ClientAliveInterval",
		    (client ? &set->client : &set->server)->far ? " (far end)" : "");
	else
		o->next_by = arena_printf(a, "kernel keepalive (%s%s)", client ? "client" : "server",
		    (client ? &set->client : &set->server)->far ? ", assumed" : "");
}

/* What the boxes on the way make of its silence. */
static void
judge_path(struct arena *a, const struct live_in *in, struct qty own, struct live_out *o)
{
	struct fate worst, f;
	struct clocks c;

	if (in->j == NULL || in->path == NULL || in->path->n_hop == 0) {
		o->verdict = LIVE_UNKNOWN;
		o->why = in->why_unjudged;
		return;
	}
	c = remaining(in, own);
	fate_of(in, &c, &in->path->hop[0], &worst);
	for (size_t i = 1; i < in->path->n_hop; i++) {
		fate_of(in, &c, &in->path->hop[i], &f);
		if (is_worse(&f, &worst))
			worst = f;
	}
	next_packet(a, in, &c, worst.hop, o);
	if (in->pinned && !(is_own_conntrack(worst.hop) && worst.verdict != LIVE_SAFE)) {
		o->confidence = CONF_DETECTED;
		o->why = STR("both ends are this machine, nothing forgets it");
		return;
	}
	o->verdict = worst.verdict;
	o->confidence = worst.confidence;
	o->why = why_at_hop(a, &worst, o);
	if (worst.verdict != LIVE_SAFE)
		o->who = worst.hop->name;
	if (worst.verdict == LIVE_AT_RISK)
		o->in_s = QTY(num_max(worst.left_s, 0));
}

/* Whoever gives up first, as "the kernel (tcp_retries2) in 12 s". */
static void
first_to_end(struct arena *a, const struct live_in *in, struct live_out *o, struct str *ret_text)
{
	const struct qty k = o->kernel_ends_s, s = o->ssh_ends_s;
	bool ssh = s.known && !isinf(s.v) && (!k.known || s.v < k.v);
	const struct qty first = ssh ? s : k;

	if (ssh)
		o->who = str_c(own_keyword(in, true));
	else
		o->who = in->wait == LIVE_WAIT_KEEPALIVE ? STR("the kernel (TCPKeepAlive)") :
							   STR("the kernel (tcp_retries2)");
	o->in_s = first;
	if (!first.known)
		*ret_text = arena_printf(a, "when the kernel gives up is not known: %s", first.reason);
	else
		*ret_text = arena_printf(a, "%.*s ends it in %.*s", STR_ARG(o->who), STR_ARG(seconds(a, first.v)));
}

/* Data or probes that nobody answers.  True when that decides. */
static bool
judge_unanswered(struct arena *a, const struct live_in *in, struct live_out *o)
{
	double silent = num_min(in->got_s, in->acked_s);
	struct str end;

	if (in->wait == LIVE_WAIT_RETRANS && in->retrans.n > 0) {
		first_to_end(a, in, o, &end);
		o->verdict = in->retrans.n >= DEAD_REPEATS && silent >= DEAD_SILENCE_S ? LIVE_DEAD : LIVE_AT_RISK;
		o->why = arena_printf(a,
		    "%u bytes unacknowledged, the first of them repeated %u %s, nothing came for %.*s; %.*s",
		    in->unacked_bytes, in->retrans.n, in->retrans.n == 1 ? "time" : "times",
		    STR_ARG(seconds(a, silent)), STR_ARG(end));
	} else if ((in->wait == LIVE_WAIT_KEEPALIVE || in->wait == LIVE_WAIT_WINDOW) && in->probes_n > 0 &&
	    silent >= ANSWER_S) {
		first_to_end(a, in, o, &end);
		o->verdict = in->probes_n >= DEAD_PROBES && silent >= DEAD_SILENCE_S ? LIVE_DEAD : LIVE_AT_RISK;
		o->why = arena_printf(a, "%u %s without an answer, nothing came for %.*s; %.*s", in->probes_n,
		    in->probes_n == 1 ? "probe of the kernel" : "probes of the kernel", STR_ARG(seconds(a, silent)),
		    STR_ARG(end));
	} else {
		return false;
	}
	o->confidence = CONF_MEASURED;
	if (o->verdict == LIVE_DEAD)
		o->in_s = QTY_NEVER;
	return true;
}

/* The far kernel, or a proxy, acknowledges, but no ssh answers.  True when that decides. */
static bool
judge_mute(struct arena *a, const struct live_in *in, struct qty i, struct live_out *o)
{
	double missed;

	if (!i.known || isinf(i.v) || !o->ssh_ends_s.known || isinf(o->ssh_ends_s.v) || o->interval_idle)
		return false;
	if (in->got_s < i.v + num_max(ANSWER_S, LATE_S) || in->sent_s + ANSWER_S > in->got_s)
		return false;
	missed = num_max(num_floor((in->got_s - ANSWER_S) / i.v), 1);
	o->verdict = LIVE_AT_RISK;
	o->confidence = CONF_MEASURED;
	o->who = str_c(own_keyword(in, true));
	o->in_s = o->ssh_ends_s;
	o->why = arena_printf(a, "no answer to %.0f %s, though something on the way acknowledges; %.*s ends it in %.*s",
	    missed, missed < 2 ? "question" : "questions", STR_ARG(o->who), STR_ARG(seconds(a, o->ssh_ends_s.v)));
	return true;
}

/* A count of 0 ends a healthy session.  True when that decides. */
static bool
judge_killed(struct arena *a, const struct live_in *in, struct live_out *o)
{
	struct qty k = in->j != NULL ? in->j->clocks.killed_after : QTY_NEVER;

	if (!k.known || isinf(k.v) || in->stopped)
		return false;
	o->verdict = LIVE_AT_RISK;
	o->confidence = CONF_DECLARED;
	o->who = str_c(own_keyword(in, true));
	o->in_s = left_of(k, in->got_s);
	o->why = arena_printf(a, "a count of 0 ends it in %.*s unless something comes", STR_ARG(seconds(a, o->in_s.v)));
	return true;
}

void
live_judge(struct arena *a, const struct live_in *in, struct live_out *ret)
{
	struct live_out o = { .verdict = LIVE_SAFE,
		.in_s = QTY_NEVER,
		.next_s = QTY_UNKNOWN("its settings are not known"),
		.kernel_ends_s = QTY_NEVER,
		.ssh_ends_s = QTY_NEVER };
	struct qty own = own_interval(in);

	if (!in->seen || in->phase == LIVE_CONNECTING) {
		o.verdict = LIVE_UNKNOWN;
		o.kernel_ends_s = o.ssh_ends_s = o.next_s = QTY_UNKNOWN("it is not open");
		o.why = in->seen ? STR("it is not connected yet") : in->why_unseen;
		*ret = o;
		return;
	}
	o.interval_idle = is_not_acting(in, own);
	if (o.interval_idle || in->stopped)
		own = QTY_NEVER;
	o.kernel_ends_s = kernel_ends(in);
	o.ssh_ends_s = ssh_ends(in, own);
	if (in->phase == LIVE_CLOSED) {
		o.verdict = LIVE_DEAD;
		o.confidence = CONF_MEASURED;
		o.next_s = QTY_NEVER;
		o.why = STR("one end has closed it, the process has not ended yet");
	} else if (judge_unanswered(a, in, &o) || judge_mute(a, in, own, &o) || judge_killed(a, in, &o)) {
		o.next_s = o.kernel_ends_s.known && !isinf(o.kernel_ends_s.v) ? QTY(in->next_s) : o.next_s;
	} else {
		judge_path(a, in, own, &o);
	}
	*ret = o;
}
