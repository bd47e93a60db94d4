/* SPDX-License-Identifier: MIT */
/* JSON of sessions: one object a connection. */
#include "model/live.h"
#include "report/json.h"

static struct qty
seen(const struct live_in *in, double v)
{
	return in->seen ? QTY(v) : QTY_UNKNOWN(in->why_unseen.p);
}

static void
times(struct json *j, const struct live_session *s)
{
	static const char *const wait[] = { [LIVE_WAIT_NONE] = "none",
		[LIVE_WAIT_RETRANS] = "retransmit",
		[LIVE_WAIT_KEEPALIVE] = "keepalive",
		[LIVE_WAIT_WINDOW] = "window-probe" };
	const struct live_in *in = &s->in;

	json_qty(j, "sent_s", seen(in, in->sent_s));
	json_qty(j, "received_s", seen(in, in->got_s));
	json_qty(j, "acknowledged_s", seen(in, in->acked_s));
	json_strz(j, "timer", in->seen ? wait[in->wait] : NULL);
	json_qty(j, "timer_s", in->seen && in->wait == LIVE_WAIT_NONE ? QTY_NEVER : seen(in, in->next_s));
	json_qty(j, "unanswered", seen(in, in->wait == LIVE_WAIT_RETRANS ? in->retrans.n : in->probes_n));
	json_qty(j, "unacknowledged_bytes", seen(in, in->unacked_bytes));
	json_str_or_null(j, "conntrack", s->ct_state);
	json_qty(j, "conntrack_s", in->ct_left);
}

static void
config(struct json *j, const struct live_session *s)
{
	const struct judgement *g = s->in.j;
	const struct path *p = s->in.path;

	if (s->file.n > 0) {
		json_str(j, "file", s->file);
		if (s->on_cmdline)
			json_null(j, "line", (struct str){ 0 });
		else
			json_int(j, "line", s->line);
	} else {
		json_null(j, "file", s->config_reason);
		json_null(j, "line", (struct str){ 0 });
	}
	json_qty(j, "refresh_s", g != NULL ? g->clocks.refresh : QTY_UNKNOWN(s->in.why_unjudged.p));
	json_qty(j, "path_timeout_s", p != NULL ? p->timeout : QTY_UNKNOWN(s->in.why_unjudged.p));
	json_bool(j, "settings_act", !s->out.interval_idle && !s->in.stopped);
	json_bool(j, "stopped", s->in.stopped);
}

/* Seconds that are left for sure: none when it is dead, no end when it is safe. */
static struct qty
risk(const struct live_out *o)
{
	switch (o->verdict) {
	case LIVE_AT_RISK:
		return o->in_s;
	case LIVE_DEAD:
		return QTY(0);
	case LIVE_UNKNOWN:
		return QTY_UNKNOWN(o->why.p);
	case LIVE_SAFE:
		break;
	}
	return QTY_NEVER;
}

static void
outcome(struct json *j, const struct live_out *o)
{
	static const char *const name[] = {
		[LIVE_SAFE] = "safe", [LIVE_AT_RISK] = "at_risk", [LIVE_DEAD] = "dead", [LIVE_UNKNOWN] = "unknown"
	};

	json_strz(j, "verdict", name[o->verdict]);
	json_qty(j, "risk_s", risk(o));
	json_strz(j, "confidence", o->verdict == LIVE_UNKNOWN ? NULL : confidence_name(o->confidence));
	json_str_or_null(j, "ended_by", o->who);
	json_str(j, "why", o->why);
	json_qty(j, "next_s", o->next_s);
	json_str_or_null(j, "next_by", o->next_by);
	json_qty(j, "kernel_gives_up_s", o->kernel_ends_s);
	json_qty(j, "ssh_gives_up_s", o->ssh_ends_s);
}

static void
session(struct json *j, const struct live_session *s)
{
	json_open(j, NULL, '{');
	json_strz(j, "side", s->side == KW_CLIENT ? "client" : "server");
	json_int(j, "pid", s->pid);
	json_int(j, "uid", s->uid);
	json_str(j, "program", s->program);
	json_int(j, "socket_pid", s->holder);
	if (s->host.n > 0)
		json_str(j, "host", s->host);
	else
		json_null(j, "host", s->host_reason);
	json_str_or_null(j, "user", s->user);
	json_str_or_null(j, "untrusted_title_user", s->claimed);
	json_str_or_null(j, "peer", s->peer);
	json_str_or_null(j, "local", s->local);
	json_bool(j, "master", s->master);
	json_str_or_null(j, "control_path", s->control_path);
	json_str_or_null(j, "through", s->through);
	json_str_or_null(j, "carries", s->carries);
	json_bool(j, "other_network_namespace", s->netns.n > 0);
	config(j, s);
	times(j, s);
	outcome(j, &s->out);
	json_close(j, '}');
}

void
report_json_sessions(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };

	report_json_head(&j, r);
	json_open(&j, "sessions", '[');
	for (size_t i = 0; i < r->live->n; i++)
		session(&j, &r->live->v[i]);
	json_close(&j, ']');
	json_int(&j, "hidden", (int64_t)r->live->n_hidden);
	report_json_notes(&j, r);
	json_close(&j, '}');
}
