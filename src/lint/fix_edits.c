/* SPDX-License-Identifier: MIT */
/* Which edit of a plan mends which finding. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lint/fix.h"

/* A plan's configuration, before and after. */
struct trace {
	struct lint *l;
	const struct lint_view *v;
	const struct plan_opts *o;
	const struct plan *p;
	struct conf after;
	struct arena scratch;
	size_t ignore; /* the set of after that is its first IgnoreUnknown line; n_set: none */
	size_t n_edit;
};

/* The line that holds byte off, 0-based; the one behind the last at the end of a text that ends in a line feed. */
static uint32_t
line_at(const struct source *s, size_t off)
{
	uint32_t low = 0, high = s->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->line[mid].off + s->line[mid].len + s->line[mid].eol <= off)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == s->n && s->n > 0 && s->line[s->n - 1].eol == 0)
		low--;
	return low;
}

static size_t
start_of(const struct source *s, uint32_t line)
{
	return line < s->n ? s->line[line].off : s->bytes.n;
}

static int
by_place(const void *x, const void *y)
{
	const struct report_edit *a = x, *b = y;
	int r = str_cmp(a->file, b->file);

	if (r == 0)
		r = (a->off > b->off) - (a->off < b->off);
	return r != 0 ? r : (a->len > b->len) - (a->len < b->len);
}

void
lint_fix_add_edit(struct lint *l, const struct lint_view *v, size_t i, uint32_t src, const struct edit *x)
{
	const struct source *s = &v->conf->src[src];
	struct str text = s->marks != NULL ? s->marks->raw : s->bytes;
	struct lint_fix *fix = l->fix;
	struct arena *a = l->s.arena;
	struct report_edit e = { .file = s->shown, .off = x->off, .len = x->len };
	struct lint_edits *set;
	uint32_t line = line_at(s, x->off), end = line_at(s, x->off + x->len);

	if (v->kept[i].edits == 0) {
		MEM_GROW(fix->set, fix->cap_set, fix->n_set + 1);
		fix->set[fix->n_set++] = (struct lint_edits){ 0 };
		v->kept[i].edits = (uint32_t)fix->n_set;
	}
	set = &fix->set[v->kept[i].edits - 1];
	for (size_t k = 0; k < set->n; k++)
		if (set->v[k].off == x->off && set->v[k].len == x->len && str_eq(set->v[k].text, x->text) &&
		    str_eq(set->v[k].file, s->shown))
			return;
	e.file = arena_str(a, s->shown);
	e.line = line + 1;
	e.col = (uint32_t)(x->off - start_of(s, line)) + 1;
	e.end_line = end + 1;
	e.end_col = (uint32_t)(x->off + x->len - start_of(s, end)) + 1;
	e.before = arena_str(a, str_head(str_from(text, start_of(s, line)), e.col - 1));
	e.old = arena_str(a, str_head(str_from(text, x->off), x->len));
	e.text = arena_str(a, x->text);
	MEM_GROW(set->v, set->cap, set->n + 1);
	set->v[set->n++] = e;
}

/* The keyword of a fix as the planner writes it. */
static struct str
written_keyword(const struct trace *t, struct str keyword)
{
	unsigned kw = kw_find(t->after.side, keyword, t->after.ver);

	return kw == KW_UNKNOWN ? keyword :
				  str_c(kw_row(t->after.side, kw_target(t->after.side, kw, t->after.ver))->name);
}

/* Is x what the finding wants of its line: that it goes away, or another keyword or value?  Others may want more of it. */
static bool
is_wanted(const struct trace *t, const struct finding *f, const struct edit *x, bool whole)
{
	for (size_t i = 0; i < f->n_fix && !whole; i++)
		if (!f->fix[i].remove && x->text.n > 0 &&
		    (str_eq(x->text, f->fix[i].value) || str_eq(x->text, written_keyword(t, f->fix[i].keyword))))
			return true;
	return whole;
}

/* Edits of the finding's own line that mend it. */
static void
add_old(const struct trace *t, size_t i, const struct finding *f)
{
	const struct source *s = &t->v->conf->src[f->at.src];
	size_t from = start_of(s, f->at.line - 1), to = start_of(s, f->at.line);

	for (size_t n = 0; n < t->p->n_file; n++)
		for (size_t k = 0; k < t->p->file[n].n_edit; k++) {
			const struct edit *x = &t->p->file[n].edit[k];

			if (t->p->file[n].src == f->at.src && x->off >= from && x->off < to && x->len > 0 &&
			    is_wanted(t, f, x, x->text.n == 0 && x->off == from && x->len == to - from))
				lint_fix_add_edit(t->l, t->v, i, f->at.src, x);
		}
}

/* Edits whose new text reaches into a line of the new text. */
static void
add_new(const struct trace *t, size_t i, struct span at)
{
	const struct source *s = &t->after.src[at.src];
	const struct line *line = &s->line[at.line - 1];
	size_t from = line->off, to = line->off + line->len + line->eol;

	for (size_t n = 0; n < t->p->n_file; n++) {
		const struct file_plan *f = &t->p->file[n];
		size_t gone = 0, come = 0;

		for (size_t k = 0; k < f->n_edit && str_eq(f->path, s->name); k++) {
			const struct edit *x = &f->edit[k];
			size_t here = x->off - gone + come;

			if (here < to && here + x->text.n > from)
				lint_fix_add_edit(t->l, t->v, i, f->src, x);
			gone += x->len;
			come += x->text.n;
		}
	}
}

/* The values of a row after the plan; false: there is no such row. */
static bool
row_after(struct trace *t, struct str host, struct effective *ret)
{
	const struct plan_opts *o = t->o;

	arena_reset(&t->scratch);
	for (size_t i = 0; i < o->n_row; i++)
		if (str_eq(o->row[i].shown, host)) {
			struct target who = eff_row_target(&o->row[i]);

			eff_client(&t->scratch, &t->after, &who, o->env, EFF_LOSERS_NONE, ret);
			return true;
		}
	for (size_t i = 0; i < o->n_server_row; i++)
		if (str_eq(o->server_row[i].shown, host)) {
			eff_server(&t->scratch, &t->after, &o->server_row[i].spec, EFF_LOSERS_NONE, ret);
			return true;
		}
	return false;
}

static bool
is_refused(const struct plan *p, struct str code, struct str host)
{
	for (size_t i = 0; i < p->n_refusal; i++)
		if (str_eq(p->refusal[i].host, host) && str_eq(p->refusal[i].code, code))
			return true;
	return false;
}

/* Of a host that the plan leaves as it is, lines may have changed for other reasons: they do not mend it. */
static void
add_rows(struct trace *t, const struct finding *f, size_t i)
{
	struct effective ev;

	for (size_t h = 0; h < f->n_host; h++) {
		if (is_refused(t->p, f->code, f->host[h]) || !row_after(t, f->host[h], &ev))
			continue;
		for (size_t k = 0; k < f->n_fix; k++) {
			unsigned row = kw_find_any(t->after.side, f->fix[k].keyword);

			if (row != KW_UNKNOWN && ev.v[row].origin.line > 0)
				add_new(t, i, ev.v[row].origin);
		}
	}
}

/* The one IgnoreUnknown line stands elsewhere than the words that it is for. */
static void
find_ignore(struct trace *t)
{
	unsigned row = kw_by_id(KW_CLIENT, KW_ID_IGNOREUNKNOWN);

	for (t->ignore = 0; t->ignore < t->after.n_set; t->ignore++)
		if (t->after.set[t->ignore].row == row)
			return;
}

static void
add_ignore(const struct trace *t, size_t i)
{
	const struct set *s = &t->after.set[t->ignore];

	if (t->ignore < t->after.n_set)
		add_new(t, i, conf_line_span(&t->after, s->src, s->line));
}

/* What it takes to look for the edits of a finding: its hosts are resolved again, and all edits looked through. */
static bool
is_paid(const struct trace *t, const struct finding *f)
{
	uint64_t rows = t->o->n_row + t->o->n_server_row;

	return plan_pay(
	    t->o, t->n_edit + f->n_host * (t->after.n_block + 16 + rows + t->p->n_refusal + f->n_fix * t->n_edit));
}

void
lint_fix_attribute(struct lint *l, const struct lint_view *v, const struct plan_opts *o, const struct plan *p,
    const struct findings *chosen, const size_t *of)
{
	struct trace t = { .l = l, .v = v, .o = o, .p = p };
	struct err e = { 0 };

	if (plan_read(v->a, o, p, &t.after, &e) != SK_OK) {
		conf_release(&t.after);
		return;
	}
	find_ignore(&t);
	for (size_t n = 0; n < p->n_file; n++)
		t.n_edit += p->file[n].n_edit;
	for (size_t i = 0; i < chosen->n; i++) {
		const struct finding *f = &chosen->v[i];
		bool line = f->n_host == 0 || f->fix[0].remove;

		/* a finding without edits is one that is mended by hand, or by --fix */
		if (!is_paid(&t, f))
			break;
		if (line && str_eqc(f->fix[0].keyword, "IgnoreUnknown")) {
			add_ignore(&t, of[i]);
		} else if (line) {
			add_old(&t, of[i], f);
		} else {
			add_rows(&t, f, of[i]);
		}
	}
	arena_release(&t.scratch);
	conf_release(&t.after);
}

void
lint_fix_report(struct lint *l, struct report *r)
{
	const struct findings *f = &l->s.findings;
	struct lint_fix *x = l->fix;
	struct report_edit *v;
	size_t n = 0;

	if (x == NULL || !x->edits)
		return;
	for (size_t i = 0; i < f->n; i++)
		n += f->v[i].edits > 0 ? x->set[f->v[i].edits - 1].n : 0;
	v = ARENA_ARRAY(l->s.arena, struct report_edit, n + 1);
	n = 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct lint_edits *set = f->v[i].edits > 0 ? &x->set[f->v[i].edits - 1] : NULL;

		if (set != NULL)
			qsort(set->v, set->n, sizeof *set->v, by_place);
		for (size_t k = 0; set != NULL && k < set->n; k++) {
			v[n] = set->v[k];
			v[n++].finding = i;
		}
	}
	r->edit = v;
	r->n_edit = n;
}
