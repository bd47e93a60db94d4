/* SPDX-License-Identifier: MIT */
/* The open connections, for people: two or three lines each. */
#include <inttypes.h>
#include <math.h>

#include "model/live.h"
#include "report/layout.h"
#include "report/text.h"

enum { SIDE_W = 4, NAME_W = 20, PEER_W = 24, TIME_W = 8, INDENT = 4 };

static void
short_cell(struct buf *out, struct qty q)
{
	struct buf b = { 0 };

	if (!q.known)
		buf_addc(&b, "?");
	else if (isinf(q.v))
		buf_addc(&b, "never");
	else
		num_fmt_short(&b, q.v);
	layout_cell(out, buf_str(&b), TIME_W);
	buf_release(&b);
}

static void
verdict(struct buf *out, const struct report *r, const struct live_out *o)
{
	static const enum ink ink[] = {
		[LIVE_SAFE] = INK_GREEN, [LIVE_AT_RISK] = INK_YELLOW, [LIVE_DEAD] = INK_RED, [LIVE_UNKNOWN] = INK_DIM
	};
	struct buf b = { 0 };

	buf_addc(&b, o->verdict == LIVE_DEAD ? "DEAD" : live_verdict_name(o->verdict));
	if (o->verdict == LIVE_AT_RISK && o->in_s.known && o->in_s.v < 1)
		buf_addc(&b, " now");
	else if (o->verdict == LIVE_AT_RISK && o->in_s.known) {
		buf_addc(&b, " in ");
		num_fmt_short(&b, o->in_s.v);
	}
	layout_ink(out, r->color, ink[o->verdict], buf_str(&b));
	buf_addc(out, "\n");
	buf_release(&b);
}

/* " in 12 s", or nothing. */
static void
add_in(struct buf *b, const char *what, struct qty q)
{
	if (!q.known || isinf(q.v))
		return;
	buf_addf(b, "; %s in ", what);
	num_fmt_short(b, q.v);
}

static struct str
name_of(const struct live_session *s)
{
	if (s->side == KW_SERVER)
		return s->user.n > 0 ? s->user : STR("(logging in)");
	return s->host.n > 0 ? s->host : STR("?");
}

/* Which process, and what decides its settings. */
static void
add_process(const struct live_session *s, struct buf *b)
{
	/* what the line above had no room for */
	if (layout_width(name_of(s)) > NAME_W) {
		buf_add(b, name_of(s));
		buf_addc(b, "; ");
	}
	if (layout_width(s->peer) > PEER_W) {
		buf_addc(b, "peer ");
		buf_add(b, s->peer);
		buf_addc(b, "; ");
	}
	buf_add(b, s->program);
	buf_addf(b, " %" PRId64, s->pid);
	if (s->claimed.n > 0) {
		buf_addf(b, " of uid %" PRIu32 " (its title is not trusted: it names ", s->uid);
		buf_add(b, s->claimed);
		buf_addc(b, ")");
	}
	if (s->through.n > 0) {
		buf_addc(b, " through ");
		buf_add(b, s->through);
	}
	if (s->carries.n > 0) {
		buf_addc(b, ", carries ");
		buf_add(b, s->carries);
	}
	if (s->netns.n > 0) {
		buf_addc(b, ", in ");
		buf_add(b, s->netns);
	}
	if (s->master) {
		buf_addc(b, ", ControlMaster ");
		buf_add(b, s->control_path);
	}
	if (s->config_reason.n > 0 && str_eq(s->config_reason, s->out.why)) {
		/* it was just said */
	} else if (s->config_reason.n > 0) {
		buf_addc(b, "; settings unknown: ");
		buf_add(b, s->config_reason);
	} else if (s->on_cmdline) {
		buf_addc(b, "; its command line");
	} else if (s->file.n > 0) {
		buf_addc(b, "; ");
		buf_add(b, s->file);
		buf_addf(b, ":%u", s->line);
	} else {
		buf_addc(b, "; no line decides");
	}
}

static void
add_timers(const struct live_session *s, struct buf *b)
{
	const struct live_in *in = &s->in;
	const struct live_out *o = &s->out;

	if (o->next_by.n > 0) {
		buf_addc(b, "; ");
		buf_add(b, o->next_by);
		buf_addc(b, " speaks next");
	}
	if (in->wait == LIVE_WAIT_KEEPALIVE)
		add_in(b, "kernel keepalive timer", QTY(in->next_s));
	if (in->unacked_bytes > 0)
		buf_addf(b, "; %u bytes unacknowledged", in->unacked_bytes);
	add_in(b, "the kernel gives up", o->kernel_ends_s);
	if (o->verdict != LIVE_SAFE)
		add_in(b, "ssh gives up if nothing comes", o->ssh_ends_s);
	if (in->ct_left.known) {
		buf_addc(b, "; conntrack ");
		buf_add(b, s->ct_state);
		buf_addc(b, ", ");
		num_fmt_short(b, in->ct_left.v);
		buf_addc(b, " left");
	}
	if (in->stopped)
		buf_addc(b,
		    in->traced ? "; a debugger has stopped the process" :
				 "; the process is stopped (fg or SIGCONT continues it)");
	if (o->interval_idle)
		buf_addc(b,
		    "; it runs with older settings than the files have now, for it is silent for longer than they say");
}

static void
session(const struct report *r, const struct live_session *s, struct buf *out)
{
	struct buf b = { 0 };

	layout_cell(out, s->side == KW_CLIENT ? STR("out") : STR("in"), SIDE_W);
	layout_cell(out, name_of(s), NAME_W);
	buf_addch(out, ' ');
	layout_cell(out, s->peer, PEER_W);
	buf_addch(out, ' ');
	if (s->in.seen) {
		short_cell(out, QTY(s->in.sent_s));
		short_cell(out, QTY(s->in.got_s));
	} else {
		short_cell(out, QTY_UNKNOWN(NULL));
		short_cell(out, QTY_UNKNOWN(NULL));
	}
	short_cell(out, s->out.next_s);
	verdict(out, r, &s->out);
	buf_add(&b, s->out.why);
	buf_addn(out, ' ', INDENT);
	layout_wrap(out, buf_str(&b), INDENT, INDENT, r->width);
	buf_clear(&b);
	add_process(s, &b);
	add_timers(s, &b);
	buf_addn(out, ' ', INDENT);
	layout_wrap(out, buf_str(&b), INDENT, INDENT, r->width);
	buf_release(&b);
}

static void
head_line(const struct report *r, struct buf *out)
{
	static const char *const time[] = { "SENT", "GOT", "NEXT" };
	struct buf b = { 0 };

	layout_cell(&b, STR(""), SIDE_W);
	layout_cell(&b, STR("HOST OR USER"), NAME_W);
	buf_addch(&b, ' ');
	layout_cell(&b, STR("PEER"), PEER_W);
	buf_addch(&b, ' ');
	for (size_t i = 0; i < sizeof time / sizeof *time; i++)
		layout_cell(&b, str_c(time[i]), TIME_W);
	buf_addc(&b, "VERDICT");
	layout_ink(out, r->color, INK_BOLD, buf_str(&b));
	buf_addch(out, '\n');
	buf_release(&b);
}

void
report_text_sessions(const struct report *r, struct buf *out)
{
	const struct live_report *l = r->live;
	size_t n_in = 0;

	/* ECMA-48: to the first column, and all behind it away; a terminal that takes colours takes these */
	if (l->again)
		buf_addc(out, r->color ? "\033[H\033[J" : "\n");
	for (size_t i = 0; i < l->n; i++)
		n_in += l->v[i].side == KW_SERVER;
	buf_addf(out, "%zu ssh %s out, %zu in\n", l->n - n_in, l->n - n_in == 1 ? "connection" : "connections", n_in);
	if (l->n > 0)
		head_line(r, out);
	for (size_t i = 0; i < l->n; i++)
		session(r, &l->v[i], out);
	if (l->n_hidden > 0)
		buf_addf(out, "%zu %s of other users not shown: needs root\n", l->n_hidden,
		    l->n_hidden == 1 ? "process" : "processes");
	for (size_t i = 0; i < r->n_note; i++)
		layout_wrap(out, r->note[i], 0, 2, r->width);
}
