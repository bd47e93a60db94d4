/* SPDX-License-Identifier: MIT */
/* The rows of `sessions`: connections, their settings, and the verdict on each. */
#include "live/rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "live/conn.h"

enum { STATE_ESTABLISHED = 1, STATE_SYN_SENT = 2, STATE_SYN_RECV = 3, STATE_NEW_SYN_RECV = 12 };

static struct qty
known(double v, const char *why)
{
	return v >= 0 ? QTY(v) : QTY_UNKNOWN(why);
}

static void
take_timer(const struct live_sock *s, const struct live_kernel *k, struct live_in *in)
{
	static const enum live_wait wait[] = {
		[LIVE_TIMER_OFF] = LIVE_WAIT_NONE,
		[LIVE_TIMER_RETRANS] = LIVE_WAIT_RETRANS,
		[LIVE_TIMER_KEEPALIVE] = LIVE_WAIT_KEEPALIVE,
		[LIVE_TIMER_WAIT] = LIVE_WAIT_NONE,
		[LIVE_TIMER_PROBE] = LIVE_WAIT_WINDOW,
	};

	in->wait = wait[s->timer];
	in->next_s = s->expires_s;
	in->probes_n = in->wait == LIVE_WAIT_RETRANS ? 0 : s->retrans_n;
	in->retrans = (struct live_retrans){ .n = in->wait == LIVE_WAIT_RETRANS ? s->retrans_n : 0,
		.next_s = s->expires_s,
		.rto_s = s->rto_s,
		.backoff_n = s->backoff_n,
		.since_s = s->repeating_s,
		.rtt_s = s->rtt_s,
		.rttvar_s = s->rttvar_s,
		.retries2 = k->retries2,
		.rto_max_s = k->rto_max_s };
	in->ka_time = known(k->ka_time_s, "tcp_keepalive_time cannot be read");
	in->ka_intvl = known(k->ka_intvl_s, "tcp_keepalive_intvl cannot be read");
	in->ka_probes = known(k->ka_probes, "tcp_keepalive_probes cannot be read");
}

static void
take_sock(struct arena *a, const struct live_conn *c, struct live_session *row)
{
	const struct live_sock *s = c->sock;
	struct live_in *in = &row->in;
	struct live_addr local, peer;

	row->local = live_addr_port_text(a, &s->local);
	row->peer = live_addr_port_text(a, &s->peer);
	in->seen = s->has_info;
	in->why_unseen = STR("the kernel does not tell of this socket");
	in->phase = s->state == STATE_ESTABLISHED ? LIVE_OPEN :
	    s->state == STATE_SYN_SENT || s->state == STATE_SYN_RECV || s->state == STATE_NEW_SYN_RECV ?
						    LIVE_CONNECTING :
						    LIVE_CLOSED;
	local = s->local;
	peer = s->peer;
	local.port = peer.port = 0;
	in->pinned = live_addr_loopback(&s->peer) || live_addr_same(&local, &peer);
	in->sent_s = s->sent_s;
	in->got_s = s->got_s;
	in->acked_s = s->acked_s;
	in->unacked_bytes = s->queue_bytes;
	take_timer(s, c->kernel, in);
	in->wire_s = INFINITY;
	switch (s->ct.state) {
	case LIVE_CT_FOUND:
		in->ct_left = QTY(s->ct.left_s);
		/* any packet winds the entry up again, those that the sockets do not tell of as well */
		if (str_eqc(s->ct.tcp, "ESTABLISHED") && c->kernel->ct_established_s >= s->ct.left_s)
			in->wire_s = c->kernel->ct_established_s - s->ct.left_s;
		row->ct_state = s->ct.tcp.n > 0 ? s->ct.tcp : STR("found");
		break;
	case LIVE_CT_NONE:
		in->ct_left = QTY_UNKNOWN("this kernel has no entry for it");
		row->ct_state = STR("none");
		break;
	case LIVE_CT_UNKNOWN:
		in->ct_left = QTY_UNKNOWN(s->ct.reason);
		break;
	}
}

/* "ssh (pid 12)" */
static struct str
who(struct arena *a, const struct live_proc *p)
{
	return arena_printf(a, "%.*s (pid %d)", STR_ARG(p->name), p->pid);
}

static void
take_conn(struct session *s, struct live_look *l, struct live_conn *c, struct live_session *row)
{
	*row = (struct live_session){
		.side = c->side,
		.pid = c->proc->pid,
		.program = c->proc->name,
		.holder = c->holder->pid,
		.control_path = c->args.mux_path.n > 0 ? c->args.mux_path : c->proc->control,
		.master = c->args.mux_path.n > 0 || c->proc->control.n > 0,
		.uid = c->proc->uid,
		.user = c->title.user,
		.claimed = c->claimed,
		.in.side = c->side,
		.in.carried = QTY_NEVER,
	};
	row->in.traced = c->proc->state == 't' || c->holder->state == 't';
	row->in.stopped = row->in.traced || c->proc->state == 'T' || c->holder->state == 'T';
	if (c->holder != c->proc)
		row->through = who(s->arena, c->holder);
	if (live_other_net(c))
		row->netns = STR("another network namespace");
	take_sock(s->arena, c, row);
	live_settings(s, l, c, row);
}

/* A leg speaks whenever the ssh that talks through it does. */
static void
judge_all(struct session *s, struct live_look *l, const struct live_conns *c, struct live_session *v)
{
	for (size_t i = 0; i < c->n; i++) {
		size_t up = c->v[i].carries;

		if (up == SIZE_MAX)
			continue;
		v[i].carries = v[up].host;
		if (v[up].in.j != NULL && !v[up].in.stopped && !v[i].in.stopped)
			v[i].in.carried = v[up].in.j->clocks.i_eff_client;
	}
	for (size_t i = 0; i < c->n; i++)
		live_judge(s->arena, &v[i].in, &v[i].out);
	for (size_t i = 0; i < c->n; i++) {
		size_t down = c->v[i].carrier;

		/* what talks through another ssh lives as long as that one */
		for (size_t n = 0; down != SIZE_MAX && n < c->n; n++) {
			v[i].out = v[down].out;
			v[i].out.ssh_ends_s = QTY_UNKNOWN("it has no socket of its own");
			down = c->v[down].carrier;
		}
		l->any_bad |= v[i].out.verdict == LIVE_DEAD ||
		    (v[i].out.verdict == LIVE_AT_RISK && v[i].out.confidence >= CONF_DETECTED);
	}
}

static int
by_side_and_pid(const void *x, const void *y)
{
	const struct live_session *a = x, *b = y;

	if (a->side != b->side)
		return a->side == KW_CLIENT ? -1 : 1;
	return (a->pid > b->pid) - (a->pid < b->pid);
}

enum sk_code
live_look(struct session *s, struct live_look *ret, struct err *e)
{
	struct live_look l = { 0 };
	struct live_procs p;
	struct live_conns c;
	struct live_session *v;
	enum sk_code code = live_check(s, e);

	if (code == SK_OK)
		code = live_procs(s->arena, "/proc", &p, e);
	if (code == SK_OK)
		code = live_conns(s, &p, &c, e);
	if (code != SK_OK)
		return code;
	v = ARENA_ARRAY(s->arena, struct live_session, c.n + 1);
	for (size_t i = 0; i < c.n; i++)
		take_conn(s, &l, &c.v[i], &v[i]);
	judge_all(s, &l, &c, v);
	if (c.n > 1)
		qsort(v, c.n, sizeof *v, by_side_and_pid);
	l.report = (struct live_report){ .v = v, .n = c.n, .n_hidden = c.n_hidden };
	free(c.v);
	*ret = l;
	return SK_OK;
}
