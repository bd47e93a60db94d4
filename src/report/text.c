/* SPDX-License-Identifier: MIT */
/* What a person sees of an audit (contract 2.3): facts, timeline, killers, findings worst first, what to do next. */
#include "report/text.h"

#include <math.h>

#include "report/layout.h"
#include "report/timeline.h"

enum { MANY_ROWS = 40, SHOWN_OF_MANY = 10, HOSTS_NAMED = 3, FATE_LABEL_MAX = 16 };

static bool
finite(struct qty q)
{
	return q.known && !isinf(q.v) && !isnan(q.v);
}

static bool
is_fine(const struct report_host *h)
{
	return h->j->verdict == VERDICT_SURVIVES || h->j->verdict == VERDICT_NOT_JUDGED;
}

static void
add_rows(const struct report *r, const struct timeline *t, struct buf *b)
{
	size_t fine = 0, survive = 0, unjudged = 0;

	for (size_t i = 0; i < r->n_host; i++) {
		const struct report_host *h = &r->host[i];

		/* long lists: what is fine is told as a number */
		if (r->n_host > MANY_ROWS && is_fine(h) && ++fine > SHOWN_OF_MANY) {
			if (h->j->verdict == VERDICT_SURVIVES)
				survive++;
			else
				unjudged++;
			continue;
		}
		timeline_row(t, h, b);
	}
	if (survive > 0)
		buf_addf(b, "and %zu more that survive\n", survive);
	if (unjudged > 0)
		buf_addf(b, "and %zu more that are not judged\n", unjudged);
}

static void
add_timeline(const struct report *r, struct buf *b)
{
	struct timeline t;
	bool any = false;

	for (size_t i = 0; i < r->n_host; i++)
		any |= r->host[i].j->verdict != VERDICT_NOT_JUDGED;
	if (r->n_host == 0)
		return;
	timeline_init(&t, r);
	if (any) {
		buf_addc(b, "\nAn idle session, ");
		num_fmt_short(b, t.step_s);
		buf_addf(b, " a column     %s keepalive   %s forgotten   ? unknown\n", t.utf8 ? "\xe2\x97\x8f" : "*",
		    t.utf8 ? "\xe2\x9c\x97" : "X");
		timeline_axis(&t, b);
	} else {
		buf_addc(b, "\n");
	}
	add_rows(r, &t, b);
}

/* "20m00 = (3+1) x 300 s": when this end notices that the link is dead, and why then; the reason only if it fits. */
static void
add_notices(const struct report_host *h, size_t room, struct buf *b)
{
	const struct clocks *c = &h->j->clocks;
	bool server = h->side == KW_SERVER;
	struct qty max = server ? c->server_notice_max : c->notice_max;
	struct qty i = server ? c->i_eff_server : c->i_eff_client;
	const struct eff *n = eff_get(h->ev, server ? KW_ID_CLIENTALIVECOUNTMAX : KW_ID_SERVERALIVECOUNTMAX);
	struct buf why = { 0 };

	if (!server && !finite(i))
		buf_addc(b, "next key, or ");
	if (!max.known) {
		buf_addc(b, "unknown");
		return;
	}
	if (isinf(max.v)) {
		buf_addc(b, "never");
		return;
	}
	num_fmt_short(b, max.v);
	if (finite(i) && n->state != EFF_UNKNOWN && (double)(n->num + 1) * i.v == max.v)
		buf_addf(&why, " = (%lld+1) x %.0f s", (long long)n->num, i.v);
	if (b->n + why.n <= room)
		buf_add(b, buf_str(&why));
	buf_release(&why);
}

/* "AWS NLB 350 s, detected": who, after how long, how sure that is; what has no room goes from the right. */
static void
add_killer(const struct report_host *h, size_t room, struct buf *b)
{
	struct str name = h->j->killer;
	struct buf tail = { 0 };

	for (size_t i = 0; i < h->path->n_hop; i++) {
		const struct hop *hop = &h->path->hop[i];
		size_t number;

		if (!str_eq(hop->name, name) || !finite(hop->timeout))
			continue;
		buf_addch(&tail, ' ');
		num_fmt_s(&tail, hop->timeout.v);
		number = tail.n;
		buf_addf(&tail, ", %s", confidence_name(hop->confidence));
		if (layout_width(name) + tail.n > room)
			tail.n = number;
		break;
	}
	if (layout_width(name) + tail.n > room)
		layout_cell(b, name, room - tail.n);
	else
		buf_add_escaped(b, name);
	buf_add(b, buf_str(&tail));
	buf_release(&tail);
}

/* Everything of a row but its name, so that hosts with the same fate are told once. */
static void
add_fate(const struct report_host *h, size_t room, struct buf *b)
{
	enum { KILLER_W = 27, LOOKS_W = 19 };
	struct buf part = { 0 };

	add_killer(h, KILLER_W - 1, &part);
	layout_cell(b, buf_str(&part), KILLER_W - 1);
	buf_addch(b, ' ');
	layout_cell(b, h->j->looks_like, LOOKS_W - 1);
	buf_addch(b, ' ');
	buf_clear(&part);
	add_notices(h, room > KILLER_W + LOOKS_W ? room - KILLER_W - LOOKS_W : 0, &part);
	buf_add(b, buf_str(&part));
	buf_release(&part);
}

static bool
has_fate(const struct report_host *h)
{
	return h->j->killer.n > 0 && (h->j->verdict == VERDICT_DROPS || h->j->verdict == VERDICT_FRAGILE);
}

/* The line of row first and of all later rows that say the same; those lose their text. */
static void
add_group(const struct report *r, size_t first, size_t label_w, struct str *fate, struct buf *b)
{
	struct str name = r->host[first].shown;
	struct buf label = { 0 };
	size_t more = 0, room;

	for (size_t i = first + 1; i < r->n_host; i++) {
		if (fate[i].n == 0 || r->host[i].side != r->host[first].side || !str_eq(fate[i], fate[first]))
			continue;
		fate[i].n = 0;
		more++;
	}
	if (more > 0)
		buf_addf(&label, " +%zu", more);
	room = label_w > label.n ? label_w - label.n : 1;
	layout_cell(b, name, layout_width(name) < room ? layout_width(name) : room);
	layout_cell(b, buf_str(&label), layout_width(name) < room ? label_w - layout_width(name) : label.n);
	buf_addch(b, ' ');
	buf_add(b, fate[first]);
	buf_addch(b, '\n');
	buf_release(&label);
}

static void
add_killers(const struct report *r, struct buf *b)
{
	struct arena a = { 0 };
	struct str *fate = ARENA_ARRAY(&a, struct str, r->n_host + 1);
	struct buf text = { 0 };
	struct timeline t;
	size_t label_w;
	bool any = false;

	/* narrower than in the timeline: three columns of text follow */
	timeline_init(&t, r);
	label_w = t.label < FATE_LABEL_MAX ? t.label : FATE_LABEL_MAX;
	for (size_t i = 0; i < r->n_host; i++) {
		if (!has_fate(&r->host[i]))
			continue;
		buf_clear(&text);
		add_fate(&r->host[i], r->width - label_w - 1, &text);
		fate[i] = arena_str(&a, buf_str(&text));
	}
	for (size_t i = 0; i < r->n_host; i++) {
		if (fate[i].n == 0)
			continue;
		if (!any) {
			buf_addch(b, '\n');
			buf_addn(b, ' ', label_w + 1);
			buf_addf(b, "%-27s%-19s%s NOTICES\n", "KILLED BY", "LOOKS LIKE",
			    r->host[i].side == KW_SERVER ? "sshd" : "ssh");
			any = true;
		}
		add_group(r, i, label_w, fate, b);
	}
	buf_release(&text);
	arena_release(&a);
}

static void
add_hosts(const struct finding *f, struct buf *b)
{
	for (size_t i = 0; i < f->n_host && i < HOSTS_NAMED; i++) {
		if (i > 0)
			buf_addc(b, ", ");
		buf_add(b, f->host[i]);
	}
	if (f->n_host > HOSTS_NAMED)
		buf_addf(b, " and %zu more", f->n_host - HOSTS_NAMED);
}

/* The rule's own sentence; without one the keywords and values. */
static void
add_fix(const struct finding *f, size_t indent, size_t width, struct buf *b)
{
	struct buf text = { 0 };

	buf_addc(&text, "fix: ");
	buf_add(&text, f->advice);
	for (size_t i = 0; i < f->n_fix && f->advice.n == 0; i++) {
		if (i > 0)
			buf_addc(&text, ", ");
		if (f->fix[i].remove)
			buf_addc(&text, "remove ");
		buf_add(&text, f->fix[i].keyword);
		if (f->fix[i].remove)
			continue;
		buf_addch(&text, ' ');
		buf_add(&text, f->fix[i].value);
	}
	if (f->n_fix > 0 || f->advice.n > 0) {
		buf_addn(b, ' ', indent);
		layout_wrap(b, buf_str(&text), indent, indent, width);
	}
	buf_release(&text);
}

static void
add_finding(const struct report *r, const struct finding *f, struct buf *b)
{
	static const enum ink ink[] = { [LEVEL_NOTE] = INK_DIM, [LEVEL_WARNING] = INK_YELLOW, [LEVEL_ERROR] = INK_RED };
	enum { LEVEL_W = 8, CODE_W = 6, INDENT = LEVEL_W + CODE_W };
	struct str level = str_c(level_name(f->level));
	struct buf text = { 0 };

	layout_ink(b, r->color, ink[f->level], level);
	buf_addn(b, ' ', level.n < LEVEL_W ? LEVEL_W - level.n : 1);
	layout_cell(b, f->code, CODE_W - 1);
	buf_addch(b, ' ');
	add_hosts(f, &text);
	if (text.n > 0)
		buf_addc(&text, ": ");
	buf_add(&text, f->message);
	layout_wrap(b, buf_str(&text), INDENT, INDENT, r->width);
	buf_clear(&text);
	if (f->file.n > 0 && f->at.line != 0) {
		buf_add(&text, f->file);
		buf_addf(&text, ":%u: ", f->at.line);
	} else if (f->file.n > 0) {
		buf_add(&text, f->file);
		buf_addc(&text, ": ");
	}
	buf_add(&text, f->why);
	if (str_trim(buf_str(&text)).n > 0) {
		buf_addn(b, ' ', INDENT);
		layout_wrap(b, buf_str(&text), INDENT, INDENT, r->width);
	}
	buf_release(&text);
	add_fix(f, INDENT, r->width, b);
}

static void
add_findings(const struct report *r, struct buf *b)
{
	size_t suppressed = 0;
	bool any = false;

	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *f = &r->findings->v[i];

		if (f->suppressed) {
			suppressed++;
			continue;
		}
		if (!any)
			buf_addc(b, "\n");
		any = true;
		add_finding(r, f, b);
	}
	if (suppressed > 0)
		buf_addf(b, "%zu %s suppressed\n", suppressed, suppressed == 1 ? "finding is" : "findings are");
}

static size_t
count_verdict(const struct report *r, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_host; i++)
		n += r->host[i].j->verdict == v;
	return n;
}

static void
add_count(struct buf *b, size_t n, const char *one, const char *many)
{
	if (n > 0)
		buf_addf(b, "%s%zu %s", b->n > 0 ? ", " : "", n, n == 1 ? one : many);
}

static bool
any_fixable(const struct report *r)
{
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *f = &r->findings->v[i];

		if (f->n_fix > 0 && !f->suppressed && f->level >= r->fail_on)
			return true;
	}
	return false;
}

static void
add_summary(const struct report *r, struct buf *b)
{
	struct buf line = { 0 };

	add_count(&line, count_verdict(r, VERDICT_SURVIVES), "survives", "survive");
	add_count(&line, count_verdict(r, VERDICT_FRAGILE), "is fragile", "are fragile");
	add_count(&line, count_verdict(r, VERDICT_DROPS), "drops", "drop");
	add_count(&line, count_verdict(r, VERDICT_UNKNOWN), "is unknown", "are unknown");
	add_count(&line, count_verdict(r, VERDICT_NOT_JUDGED), "is not judged", "are not judged");
	if (line.n > 0) {
		buf_addf(b, "Of %zu %s: ", r->n_host, r->n_host == 1 ? "row" : "rows");
		buf_add(b, buf_str(&line));
		buf_addc(b, ". ");
	}
	buf_release(&line);
}

static void
add_closing(const struct report *r, struct buf *b)
{
	struct buf line = { 0 };

	add_summary(r, &line);
	if (any_fixable(r) && r->fix_hint.n > 0) {
		buf_addch(&line, '`');
		buf_add(&line, r->fix_hint);
		buf_addc(&line, "` shows the diff; nothing was changed.");
	} else {
		buf_addc(&line, "Nothing was changed.");
	}
	buf_addch(b, '\n');
	layout_wrap(b, buf_str(&line), 0, 0, r->width);
	for (size_t i = 0; i < r->n_host; i++) {
		const struct report_host *h = &r->host[i];

		if (h->side != KW_CLIENT || h->kind != TARGET_HOST || h->path->confidence != CONF_ASSUMED ||
		    is_fine(h) || h->j->verdict == VERDICT_UNKNOWN)
			continue;
		buf_clear(&line);
		buf_addc(&line, "`--path-timeout TIME` or `--network ID` replaces the timeout that is assumed for ");
		buf_add(&line, h->shown);
		buf_addch(&line, '.');
		layout_wrap(b, buf_str(&line), 0, 0, r->width);
		break;
	}
	buf_release(&line);
}

void
report_text(const struct report *r, struct buf *out)
{
	text_facts(r, out);
	add_timeline(r, out);
	add_killers(r, out);
	add_findings(r, out);
	if (r->n_note > 0)
		buf_addc(out, "\n");
	for (size_t i = 0; i < r->n_note; i++) {
		buf_addc(out, "note: ");
		layout_wrap(out, r->note[i], 6, 6, r->width);
	}
	add_closing(r, out);
}
