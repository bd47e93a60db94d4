/* SPDX-License-Identifier: MIT */
/* What a person sees of an audit (contract 2.3): facts, timeline, killers, findings worst first, what to do next. */
#include "report/text.h"

#include <math.h>

#include "report/crowd.h"
#include "report/layout.h"
#include "report/say.h"
#include "report/tally.h"
#include "report/timeline.h"

enum { HOSTS_NAMED = 3, FATE_LABEL_MAX = 16 };

static bool
finite(struct qty q)
{
	return q.known && !isinf(q.v) && !isnan(q.v);
}

/* Rows like those shown; what is fine is told as a number. */
static void
add_rest(const struct report *r, const struct crowd *c, struct buf *b)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct crowd_group *g = &c->group[i];
		const struct report_host *h = &r->host[g->first];

		if (crowd_is_fine(h) || g->n == g->shown)
			continue;
		buf_addf(b, "and %zu more like ", g->n - g->shown);
		buf_add_escaped(b, h->shown);
		buf_addch(b, '\n');
	}
	if (c->survive > 0)
		buf_addf(b, "and %zu more that survive\n", c->survive);
	if (c->unjudged > 0)
		buf_addf(b, "and %zu more that are not judged\n", c->unjudged);
}

static void
add_timeline(const struct report *r, const struct crowd *c, struct buf *b)
{
	struct report few = *r;
	struct timeline t;
	bool any = false;

	for (size_t i = 0; i < c->n; i++)
		any |= r->host[c->group[i].first].j->verdict != VERDICT_NOT_JUDGED &&
		    !timeline_dead(&r->host[c->group[i].first]);
	if (r->n_host == 0)
		return;
	few.host = c->shown;
	few.n_host = c->n_shown;
	timeline_init(&t, &few);
	if (any) {
		buf_addc(b, "\nAn idle session, ");
		timeline_step(&t, b);
		buf_addf(b, " a column     %s keepalive   %s forgotten   ? unknown\n", t.utf8 ? "\xe2\x97\x8f" : "*",
		    t.utf8 ? "\xe2\x9c\x97" : "X");
		timeline_axis(&t, b);
	} else {
		buf_addc(b, "\n");
	}
	for (size_t i = 0; i < c->n_shown; i++)
		timeline_row(&t, &c->shown[i], b);
	add_rest(r, c, b);
}

/* What happens to a row that does not survive, in three columns; host and side tell rows apart, the rest joins them. */
struct fate {
	struct str killer, number, sure; /* "AWS NLB", " 350 s", ", detected" */
	struct str looks, notices, reason;
	bool told; /* joined to an earlier row */
};

/* Is it OpenSSH itself that ends the session, and no box on the way? */
static const struct hop *
killing_hop(const struct report_host *h)
{
	for (size_t i = 0; i < h->path->n_hop; i++)
		if (str_eq(h->path->hop[i].name, h->j->killer) && finite(h->path->hop[i].timeout))
			return &h->path->hop[i];
	return NULL;
}

/* When this end notices that the session is dead; *ret_why is the arithmetic, "" when the kernel decides. */
static struct str
fate_notices(struct arena *a, const struct report_host *h, struct str *ret_why)
{
	const struct clocks *c = &h->j->clocks;
	bool server = h->side == KW_SERVER;
	struct qty max = h->j->noticed_at;
	struct qty i = server ? c->i_eff_server : c->i_eff_client;
	const struct eff *n = eff_get(h->ev, server ? KW_ID_CLIENTALIVECOUNTMAX : KW_ID_SERVERALIVECOUNTMAX);
	struct buf b = { 0 };
	struct str out;

	if (killing_hop(h) == NULL || (max.known && max.v <= h->j->killed_at.v)) {
		buf_addc(&b, "at once");
	} else {
		if (!server && !finite(i))
			buf_addc(&b, "next key, or ");
		if (!max.known)
			buf_addc(&b, "unknown");
		else
			num_fmt_short(&b, max.v);
		if (max.known && finite(i) && n->state != EFF_UNKNOWN && (double)(n->num + 1) * i.v == max.v)
			*ret_why = arena_printf(a, " = (%lld+1) x %.0f s", (long long)n->num, i.v);
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void
fate_make(struct arena *a, const struct report_host *h, struct fate *ret)
{
	const struct hop *hop = killing_hop(h);
	struct buf b = { 0 };

	buf_add_escaped(&b, h->j->killer);
	ret->killer = arena_str(a, buf_str(&b));
	if (hop != NULL) {
		buf_clear(&b);
		buf_addch(&b, ' ');
		num_fmt_s(&b, hop->timeout.v);
		ret->number = arena_str(a, buf_str(&b));
		/* the name of a declared path says so itself */
		if (hop->net != NULL || hop->confidence != CONF_DECLARED)
			ret->sure = arena_printf(a, ", %s", confidence_name(hop->confidence));
	}
	ret->looks = h->j->looks_like;
	ret->notices = fate_notices(a, h, &ret->reason);
	buf_release(&b);
}

/* Columns of the killer, in full. */
static size_t
killer_width(const struct fate *x)
{
	return layout_width(x->killer) + x->number.n + x->sure.n;
}

/* The killer in width columns: how sure it is goes first, then the end of the name, the number never. */
static void
add_killer(const struct fate *x, size_t width, struct buf *b)
{
	size_t name = layout_width(x->killer), sure = killer_width(x) <= width ? x->sure.n : 0;
	size_t room = width > x->number.n + sure ? width - x->number.n - sure : 1;

	layout_cell(b, x->killer, name < room ? name : room);
	buf_add(b, x->number);
	buf_add(b, str_head(x->sure, sure));
	buf_addn(b, ' ', name < room ? room - name : 0);
}

static bool
same_fate(const struct fate *a, const struct fate *b)
{
	return str_eq(a->killer, b->killer) && str_eq(a->number, b->number) && str_eq(a->sure, b->sure) &&
	    str_eq(a->looks, b->looks) && str_eq(a->notices, b->notices) && str_eq(a->reason, b->reason);
}

static bool
has_fate(const struct report_host *h)
{
	return h->j->killer.n > 0 && (h->j->verdict == VERDICT_DROPS || h->j->verdict == VERDICT_FRAGILE);
}

struct fates {
	struct fate *v; /* one per group; killer.p == NULL: none */
	size_t label_w, killer_w, looks_w, width;
};

static void
fates_init(struct fates *f, struct arena *a, const struct report *r, const struct crowd *c)
{
	enum { KILLER_LEAST = 20, KILLER_HEAD = 9, LOOKS_HEAD = 10, NOTICES_HEAD = 12 };
	struct report few = *r;
	struct timeline t;
	size_t notices = NOTICES_HEAD, room;

	few.host = c->shown;
	few.n_host = c->n_shown;
	timeline_init(&t, &few);
	f->v = ARENA_ARRAY(a, struct fate, c->n + 1);
	f->label_w = t.label < FATE_LABEL_MAX ? t.label : FATE_LABEL_MAX;
	f->killer_w = KILLER_HEAD;
	f->looks_w = LOOKS_HEAD;
	f->width = r->width;
	for (size_t i = 0; i < c->n; i++) {
		const struct report_host *h = &r->host[c->group[i].first];
		struct fate *x = &f->v[i];

		if (!has_fate(h))
			continue;
		fate_make(a, h, x);
		f->killer_w = killer_width(x) > f->killer_w ? killer_width(x) : f->killer_w;
		f->looks_w = layout_width(x->looks) > f->looks_w ? layout_width(x->looks) : f->looks_w;
		notices = layout_width(x->notices) > notices ? layout_width(x->notices) : notices;
	}
	/* three columns and two double blanks must fit beside the label: the killer gives way first */
	room = r->width - f->label_w - 1 - 4;
	if (f->killer_w + f->looks_w + notices > room)
		f->killer_w = room > f->looks_w + notices + KILLER_LEAST ? room - f->looks_w - notices : KILLER_LEAST;
	if (f->killer_w + f->looks_w + notices > room && room > f->killer_w + notices + LOOKS_HEAD)
		f->looks_w = room - f->killer_w - notices;
}

/* The name of the first row of group i, and how many more rows share its fate. */
static void
add_fate_label(const struct report *r, const struct crowd *c, struct fates *f, size_t i, struct buf *b)
{
	const struct report_host *h = &r->host[c->group[i].first];
	struct buf name = { 0 }, more = { 0 };
	size_t n = c->group[i].n - 1, room;

	for (size_t k = i + 1; k < c->n; k++) {
		if (f->v[k].killer.p == NULL || f->v[k].told || r->host[c->group[k].first].side != h->side ||
		    !same_fate(&f->v[k], &f->v[i]))
			continue;
		f->v[k].told = true;
		n += c->group[k].n;
	}
	if (n > 0)
		buf_addf(&more, " +%zu", n);
	buf_add_escaped(&name, h->shown);
	room = f->label_w > more.n ? f->label_w - more.n : 1;
	if (layout_width(buf_str(&name)) < room)
		room = layout_width(buf_str(&name));
	layout_cell(b, h->shown, room);
	layout_cell(b, buf_str(&more), f->label_w - room);
	buf_addch(b, ' ');
	buf_release(&name);
	buf_release(&more);
}

static void
add_fate(const struct fates *f, const struct fate *x, struct buf *b)
{
	size_t used = f->label_w + 1 + f->killer_w + 2 + f->looks_w + 2 + layout_width(x->notices);

	add_killer(x, f->killer_w, b);
	buf_addc(b, "  ");
	layout_cell(b, x->looks, f->looks_w);
	buf_addc(b, "  ");
	buf_add(b, x->notices);
	if (used + x->reason.n <= f->width)
		buf_add(b, x->reason);
	buf_addch(b, '\n');
}

static void
add_killers(const struct report *r, const struct crowd *c, struct buf *b)
{
	struct arena a = { 0 };
	struct fates f;
	bool any = false;

	if (r->n_host == 0)
		return;
	fates_init(&f, &a, r, c);
	for (size_t i = 0; i < c->n; i++) {
		if (f.v[i].killer.p == NULL || f.v[i].told)
			continue;
		if (!any) {
			buf_addch(b, '\n');
			buf_addn(b, ' ', f.label_w + 1);
			layout_cell(b, STR("KILLED BY"), f.killer_w + 2);
			layout_cell(b, STR("LOOKS LIKE"), f.looks_w + 2);
			buf_addf(b, "%s NOTICES\n", r->host[c->group[i].first].side == KW_SERVER ? "sshd" : "ssh");
			any = true;
		}
		add_fate_label(r, c, &f, i, b);
		add_fate(&f, &f.v[i], b);
	}
	arena_release(&a);
}

static void
add_hosts(const struct finding *f, struct buf *b)
{
	/* most messages name their hosts themselves */
	if (f->n_host == 0 || str_find(f->message, f->host[0]) != SIZE_MAX)
		return;
	for (size_t i = 0; i < f->n_host && i < HOSTS_NAMED; i++) {
		if (i > 0)
			buf_addc(b, ", ");
		buf_add(b, f->host[i]);
	}
	if (f->n_host > HOSTS_NAMED)
		buf_addf(b, " and %zu more", f->n_host - HOSTS_NAMED);
}

static void
add_fix(const struct finding *f, size_t indent, size_t width, struct buf *b)
{
	struct buf text = { 0 };

	buf_addc(&text, "fix: ");
	say_fix(f, &text);
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
	struct tally tally;
	size_t suppressed = 0;
	bool any = false;

	tally_init(&tally, r);
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *f = &r->findings->v[i];

		if (f->suppressed) {
			suppressed++;
			continue;
		}
		if (!tally_shows(&tally, f))
			continue;
		if (!any)
			buf_addc(b, "\n");
		any = true;
		add_finding(r, f, b);
	}
	tally_rest(&tally, b);
	if (suppressed > 0)
		buf_addf(b, "%zu %s suppressed\n", suppressed, suppressed == 1 ? "finding is" : "findings are");
	tally_release(&tally);
}

static size_t
count_verdict(const struct report *r, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_host; i++)
		n += r->host[i].j->verdict == v && (v == VERDICT_NOT_JUDGED || !timeline_dead(&r->host[i]));
	return n;
}

/* Rows that no ssh starts for, or whose jump hosts lead nowhere. */
static size_t
count_dead(const struct report *r, bool refused)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_host; i++)
		n += timeline_dead(&r->host[i]) && r->host[i].j->verdict != VERDICT_NOT_JUDGED &&
		    r->host[i].ev->refused == refused;
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
	add_count(&line, count_dead(r, true), "is refused", "are refused");
	add_count(&line, count_dead(r, false), "is never reached", "are never reached");
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
		    crowd_is_fine(h) || h->j->verdict == VERDICT_UNKNOWN)
			continue;
		buf_clear(&line);
		if (r->facts != NULL && r->facts->live) {
			buf_addc(&line, "`sshkeep probe ");
			buf_add(&line, h->shown);
			buf_addc(&line,
			    "` measures the timeout that is assumed for it, `--path-timeout TIME` or "
			    "`--network ID` declares it.");
		} else {
			buf_addc(
			    &line, "`--path-timeout TIME` or `--network ID` replaces the timeout that is assumed for ");
			buf_add(&line, h->shown);
			buf_addch(&line, '.');
		}
		layout_wrap(b, buf_str(&line), 0, 0, r->width);
		break;
	}
	buf_release(&line);
}

void
report_text(const struct report *r, struct buf *out)
{
	struct crowd c;

	crowd_init(&c, r);
	text_facts(r, out);
	add_timeline(r, &c, out);
	add_killers(r, &c, out);
	add_findings(r, out);
	if (r->n_note > 0)
		buf_addc(out, "\n");
	for (size_t i = 0; i < r->n_note; i++) {
		buf_addc(out, "note: ");
		layout_wrap(out, r->note[i], 6, 6, r->width);
	}
	add_closing(r, out);
	crowd_release(&c);
}
