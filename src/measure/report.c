/* SPDX-License-Identifier: MIT */
/* Reports of probe. */
#include "measure/report.h"

#include "cli/output.h"
#include "report/json_writer.h"
#include "report/layout.h"

/* How far a table row may be from the measured interval: idle-timeouts 3.5. */
#define NEAR 0.05

enum { INDENT = 13, BAR_MIN = 10, BAR_MAX = 40, BAR_TEXT = 52, MS = 1000 };

static const struct {
	const char *json, *text;
	unsigned expiry; /* 1 << enum net_expiry that looks so */
} fate_table[] = {
	[PROBE_ALIVE] = { "none", "nothing died", 0 },
	[PROBE_SILENT] = { "silent", "hang, no message", 1u << NET_SILENT },
	[PROBE_RESET] = { "reset", "reset", 1u << NET_RST_ON_NEXT | 1u << NET_RST_AT_EXPIRY },
	[PROBE_CLOSED] = { "close", "the connection is closed", 1u << NET_FIN },
};

static bool
is_near(const struct network *net, const struct probe_answer *n)
{
	double t = net->timeout.v;

	return net->kind == NET_IDLE && net->timeout.known && !qty_is_never(net->timeout) &&
	    (fate_table[n->symptom].expiry >> net->expiry & 1) != 0 && t * (1 - NEAR) <= n->high_s &&
	    t * (1 + NEAR) >= n->low_s;
}

static const char *
direction_name(const struct probe_answer *n)
{
	if (n->died[PROBE_FROM_SERVER] && n->died[PROBE_FROM_CLIENT])
		return "both";
	return n->died[PROBE_FROM_SERVER] ? "server-sent" : n->died[PROBE_FROM_CLIENT] ? "client-sent" : NULL;
}

static const char *
direction_text(const struct probe_answer *n)
{
	if (n->died[PROBE_FROM_SERVER] && n->died[PROBE_FROM_CLIENT])
		return "both: what either end sends after that is lost";
	if (n->died[PROBE_FROM_SERVER])
		return n->survived[PROBE_FROM_CLIENT] ?
		    "server-sent: what the server sends after that is lost, what this side sends comes through" :
		    "server-sent: what the server sends after that is lost";
	return n->survived[PROBE_FROM_SERVER] ?
	    "client-sent: what this side sends after that is lost, what the server sends comes through" :
	    "client-sent: what this side sends after that is lost";
}

/* Why there is no upper end. */
static struct str
no_high(const struct probe_report *r, struct arena *a)
{
	const struct probe_answer *n = &r->result->answer;

	if (n->spoken_s > 0)
		return arena_printf(a, "the silence was broken after %u s, by %s", n->spoken_s,
		    r->result->keepalive ? "the server's ClientAlive" : "something on the way or a kernel");
	if (!n->whole || r->result->ending != PROBE_WENT_WELL)
		return STR("the measurement did not come to its end");
	if (r->result->closed_s > 0)
		return arena_printf(a,
		    "the server (LoginGraceTime) or a box on the way closes after %u s, which cannot be told apart",
		    r->result->closed_s);
	return arena_printf(a, "none was found up to the maximum of %u s", r->opts.max_s);
}

static void
line(struct buf *out, const char *head, struct str text, unsigned width)
{
	size_t from = out->n;

	buf_addf(out, "  %s", head);
	buf_addn(out, ' ', INDENT - (out->n - from));
	layout_wrap(out, text, INDENT, INDENT, width);
}

static void
headline(const struct probe_report *r, struct arena *a, struct buf *b)
{
	const struct probe_answer *n = &r->result->answer;
	bool went_well = r->result->ending == PROBE_WENT_WELL;

	if (n->high_s > 0)
		buf_addf(b, "an idle connection is forgotten between %u s and %u s%s", n->low_s, n->high_s,
		    went_well ? "" : " (not narrowed further)");
	else if (n->spoken_s > 0)
		buf_addf(b, "nothing can be measured beyond %u s: %.*s", n->low_s, STR_ARG(no_high(r, a)));
	else if (went_well && r->result->closed_s > 0)
		buf_addf(b, "no timeout up to %u s; %.*s", n->low_s, STR_ARG(no_high(r, a)));
	else if (went_well)
		buf_addf(b, "no timeout below %u s", r->opts.max_s);
	else if (n->low_s > 0)
		buf_addf(b, "no timeout below %u s so far", n->low_s);
	else
		buf_addc(b, "nothing is known yet");
}

static void
add_nearest(const struct probe_report *r, struct buf *out)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < r->networks->n; i++) {
		const struct network *net = &r->networks->v[i];

		if (!is_near(net, &r->result->answer))
			continue;
		buf_addf(&b, "%s%.*s ", b.n > 0 ? "; " : "", STR_ARG(net->name));
		num_fmt_s(&b, net->timeout.v);
	}
	line(out, "nearest", b.n > 0 ? buf_str(&b) : STR("no row of the table of networks"), r->width);
	buf_release(&b);
}

void
probe_text(const struct probe_report *r, struct buf *out)
{
	const struct probe_answer *n = &r->result->answer;
	struct arena a = { 0 };
	struct buf b = { 0 };
	int64_t took_s = r->result->took_ms / MS;

	buf_add(&b, r->host);
	buf_addc(&b, ": ");
	headline(r, &a, &b);
	layout_wrap(out, buf_str(&b), 0, 2, r->width);
	if (n->high_s > 0) {
		line(out, "looks like", str_c(fate_table[n->symptom].text), r->width);
		line(out, "direction", str_c(direction_text(n)), r->width);
		add_nearest(r, out);
	}
	buf_clear(&b);
	buf_addf(&b, "%u connection%s in ", r->result->n_connection, r->result->n_connection == 1 ? "" : "s");
	num_fmt_short(&b, (double)took_s);
	line(out, "took", buf_str(&b), r->width);
	for (size_t i = 0; i < r->n_note; i++) {
		line(out, "note", r->note[i], r->width);
	}
	buf_clear(&b);
	if (r->kept.n > 0) {
		buf_addf(&b, "audit counts %s%u s as measured for ", n->high_s == 0 ? "at least " : "", n->low_s);
		num_fmt_short(&b, r->measured_for_s);
		buf_addc(&b, ", in this network");
		line(out, "kept", buf_str(&b), r->width);
	} else if (r->kept_not != NULL) {
		line(out, "not kept", str_c(r->kept_not), r->width);
	}
	buf_release(&b);
	arena_release(&a);
}

static void
json_nearest(struct json *j, const struct probe_report *r)
{
	const struct probe_answer *n = &r->result->answer;

	json_open(j, "nearest", '[');
	for (size_t i = 0; i < r->networks->n && n->high_s > 0; i++) {
		const struct network *net = &r->networks->v[i];

		if (!is_near(net, n))
			continue;
		json_open(j, NULL, '{');
		json_str(j, "id", net->id);
		json_str(j, "name", net->name);
		json_qty(j, "timeout_s", net->timeout);
		json_strz(j, "confidence", net_confidence_name(net->confidence));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static const char *
ending_name(enum probe_ending e)
{
	static const char *const name[] = { [PROBE_WENT_WELL] = "complete",
		[PROBE_STOPPED] = "interrupted",
		[PROBE_NO_LOGIN] = "no-login",
		[PROBE_PATH_DOWN] = "path-down",
		[PROBE_CUT_OFF] = "cut-off",
		[PROBE_SLEPT] = "suspended",
		[PROBE_FAILED] = "failed" };

	return name[e];
}

void
probe_json(const struct probe_report *r, struct buf *out)
{
	const struct probe_answer *n = &r->result->answer;
	struct json j = { .b = out };
	struct arena a = { 0 };

	json_open(&j, NULL, '{');
	json_strz(&j, "schema", "sshkeep/1");
	json_strz(&j, "command", "probe");
	json_strz(&j, "version", output_version());
	json_str_or_null(&j, "machine", r->machine);
	json_int(&j, "exit", r->exit_status);
	json_str(&j, "host", r->host);
	json_str_or_null(&j, "hostname", r->where_known ? r->where.host : (struct str){ 0 });
	json_qty(&j, "port", r->where_known ? QTY(r->where.port) : QTY_UNKNOWN("the config does not say"));
	json_str_or_null(&j, "network", r->where.network);
	json_strz(&j, "method", r->banner ? "banner" : "session");
	json_strz(&j, "ending", ending_name(r->result->ending));
	json_int(&j, "low_s", n->low_s);
	json_qty(&j, "high_s", n->high_s > 0 ? QTY(n->high_s) : QTY_UNKNOWN(no_high(r, &a).p));
	json_strz(&j, "symptom", fate_table[n->symptom].json);
	json_strz(&j, "direction", n->high_s > 0 ? direction_name(n) : NULL);
	json_bool(&j, "revived", r->result->made_anew);
	if (n->spoken_s > 0)
		json_int(&j, "spoken_s", n->spoken_s);
	else
		json_null(&j, "spoken_s", (struct str){ 0 });
	json_nearest(&j, r);
	json_int(&j, "connections", r->result->n_connection);
	json_int(&j, "took_s", r->result->took_ms / MS);
	json_bool(&j, "kept", r->kept.n > 0);
	json_open(&j, "notes", '[');
	for (size_t i = 0; i < r->n_note; i++)
		json_str(&j, NULL, r->note[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	arena_release(&a);
}

/* Quarters of doublings from one second to s. */
static unsigned
quarters(unsigned s)
{
	unsigned n = 0;
	double v = 1;

	while (v < s) {
		v *= 1.189207115; /* the fourth root of 2 */
		n++;
	}
	return n;
}

/* Place of a time on a scale of n columns where each doubling takes the same room: minutes and hours fit one line. */
static unsigned
column(unsigned s, unsigned max_s, unsigned n)
{
	unsigned all = quarters(max_s), at = quarters(s);

	return at >= all ? n : at * n / all;
}

void
probe_bar(const struct probe_answer *n, unsigned max_s, unsigned left_s, unsigned width, struct buf *out)
{
	unsigned cols = width > BAR_TEXT + BAR_MIN ? width - BAR_TEXT : BAR_MIN, low, high;
	size_t from = out->n;

	if (cols > BAR_MAX)
		cols = BAR_MAX;
	low = column(n->low_s, max_s, cols);
	high = n->high_s > 0 ? column(n->high_s, max_s, cols) : cols;
	buf_addch(out, '[');
	for (unsigned i = 0; i < cols; i++)
		buf_addch(out, i < low ? '=' : i < high ? '?' : 'X');
	buf_addc(out, "] ");
	if (n->high_s > 0)
		buf_addf(out, "between %u s and %u s", n->low_s, n->high_s);
	else
		buf_addf(out, "above %u s", n->low_s);
	buf_addc(out, ", about ");
	num_fmt_short(out, left_s);
	buf_addc(out, " left");
	if (out->n - from >= width)
		out->n = from + width - 1;
}
