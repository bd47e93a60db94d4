/* SPDX-License-Identifier: MIT */
/* What a fix leaves as it is, and why. */
#include "fix/left.h"

#include "report/layout.h"

enum { WIDTH = 80, HOSTS_NAMED = 4 };

bool
fix_is_undecided(const struct session_row *r)
{
	return r->is->judgement.verdict == VERDICT_UNKNOWN && !r->is->ev->refused;
}

bool
fix_is_undecided_host(const struct session *s, enum kw_side side, struct str shown)
{
	for (size_t i = 0; i < s->n_row; i++)
		if (s->row[i].side == side && str_eq(s->row[i].target->shown, shown))
			return fix_is_undecided(&s->row[i]);
	return false;
}

bool
fix_is_meant(const struct session *s, const struct finding *f)
{
	/* With hosts on the command line, lines that are nobody's in particular stay as they are. */
	if (s->o->arg.n > 0 && f->n_host == 0 && f->side == KW_CLIENT && !fix_is_kernel(f))
		return false;
	return f->level >= s->fail_on || (s->o->select.p != NULL && s->o->fail_on.p == NULL);
}

static void
add_line(struct buf *b, struct buf *line)
{
	buf_addc(b, "  ");
	layout_wrap(b, buf_str(line), 2, 4, WIDTH);
	buf_clear(line);
}

/* Rows that are refused for the same reason share a paragraph. */
static bool
is_alike(const struct refusal *x, const struct refusal *y)
{
	return str_eq(x->code, y->code) && str_eq(x->reason, y->reason) && str_eq(x->snippet, y->snippet);
}

static void
add_names(struct buf *b, const struct str *host, size_t n)
{
	for (size_t i = 0; i < n && i < HOSTS_NAMED; i++)
		buf_addf(b, "%s%.*s", i > 0 ? ", " : " ", STR_ARG(host[i]));
	if (n > HOSTS_NAMED)
		buf_addf(b, " and %zu more", n - HOSTS_NAMED);
}

/* The proof's words begin with the row; with one host its name was said already. */
static struct str
reason_of(const struct refusal *r, size_t n_host)
{
	if (n_host == 1 && str_starts(r->reason, r->host) && str_starts(str_from(r->reason, r->host.n), STR(": ")))
		return str_from(r->reason, r->host.n + 2);
	return r->reason;
}

/* One refusal of a group of alike ones, in the order of the plan. */
struct alike {
	size_t slot;	   /* of a first one: 1 + the first one that had its slot before; 0: none */
	size_t next, last; /* 1 + the next one of the group, 0 at its end; the last one so far */
	bool first;
};

/* There may be one for each of many thousands of hosts, so equal ones are found by a table. */
static const struct alike *
group_alike(struct arena *a, const struct plan *p)
{
	struct alike *v = ARENA_ARRAY(a, struct alike, p->n_refusal + 1);
	size_t *head = ARENA_ARRAY(a, size_t, p->n_refusal + 1);

	for (size_t i = 0; i < p->n_refusal; i++) {
		const struct refusal *r = &p->refusal[i];
		size_t slot = (size_t)((str_hash(r->reason) * 31 + str_hash(r->snippet)) % (p->n_refusal + 1));
		size_t k = head[slot];

		while (k != 0 && !is_alike(&p->refusal[k - 1], r))
			k = v[k - 1].slot;
		if (k == 0) {
			v[i] = (struct alike){ .slot = head[slot], .last = i, .first = true };
			head[slot] = i + 1;
		} else {
			v[v[k - 1].last].next = i + 1;
			v[k - 1].last = i;
		}
	}
	return v;
}

static void
add_refusals(struct arena *a, const struct plan *p, struct buf *b)
{
	const struct alike *like = group_alike(a, p);
	struct str *host = ARENA_ARRAY(a, struct str, p->n_refusal + 1);
	struct buf line = { 0 };

	for (size_t i = 0; i < p->n_refusal; i++) {
		const struct refusal *r = &p->refusal[i];
		struct str rest = r->snippet, part;
		size_t n = 0;

		if (!like[i].first)
			continue;
		for (size_t k = i + 1; k != 0; k = like[k - 1].next)
			if (p->refusal[k - 1].host.n > 0)
				host[n++] = p->refusal[k - 1].host;
		buf_add(&line, r->code);
		add_names(&line, host, n);
		buf_addf(&line, ": %.*s", STR_ARG(reason_of(r, n)));
		add_line(b, &line);
		while (rest.n > 0 && str_split(&rest, '\n', &part)) {
			buf_addc(b, "      ");
			buf_add_escaped(b, part);
			buf_addc(b, "\n");
		}
	}
	buf_release(&line);
}

/* What is asked for but is nobody's line: TMOUT, logind, boxes on the way. */
static void
add_advice(const struct finding *f, struct buf *b)
{
	struct buf line = { 0 };

	buf_add(&line, f->code);
	if (f->file.n > 0 && f->at.line > 0)
		buf_addf(&line, " %.*s:%u", STR_ARG(f->file), f->at.line);
	buf_addf(&line, ": %.*s", STR_ARG(f->message));
	if (f->advice.n > 0)
		buf_addf(&line, "; %.*s", STR_ARG(f->advice));
	add_line(b, &line);
	buf_release(&line);
}

void
fix_left(const struct session *s, const struct fix_end *end, size_t n_end, struct buf *ret)
{
	struct buf b = { 0 }, line = { 0 };
	size_t notes = 0, files = 0;
	bool places = false;

	for (size_t i = 0; i < n_end; i++) {
		add_refusals(s->arena, &end[i].plan, &b);
		files += end[i].plan.n_file;
	}
	for (size_t i = 0; i < s->findings.n; i++) {
		const struct finding *f = &s->findings.v[i];

		if (f->suppressed)
			continue;
		if (!fix_is_meant(s, f))
			notes += f->n_fix > 0 && f->level < s->fail_on;
		else if (f->n_fix == 0 && !fix_is_kernel(f)) {
			add_advice(f, &b);
			places |= f->file.n > 0 && f->at.line > 0;
		}
	}
	for (size_t i = 0; i < s->n_row; i++) {
		const struct session_row *r = &s->row[i];

		if (!fix_is_undecided(r))
			continue;
		buf_addf(&line, "%.*s: cannot be decided: %.*s", STR_ARG(r->target->shown),
		    STR_ARG(r->is->judgement.reason));
		add_line(&b, &line);
	}
	if (notes > 0) {
		buf_addf(&line, "%zu %s below --fail-on %s; --fail-on note or --select CODE plans %s as well", notes,
		    notes == 1 ? "finding" : "findings", level_name(s->fail_on), notes == 1 ? "it" : "them");
		add_line(&b, &line);
	}
	if (b.n > 0)
		buf_addf(ret, "left as it is%s:\n", places && files > 0 ? " (lines as numbered after the change)" : "");
	buf_add(ret, buf_str(&b));
	buf_release(&b);
	buf_release(&line);
}
