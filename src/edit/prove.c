/* SPDX-License-Identifier: MIT */
/* The proof: resolve old and new text for every row; only what is wanted may differ. */
#include "edit/prove.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/pattern.h"

struct map {
	const struct plan_opts *o;
	const struct overlay *ov;
	size_t n_ov;
};

static const struct source *
source_named(const struct plan_opts *o, struct str name)
{
	for (size_t i = 0; i < o->conf->n_src; i++)
		if (o->conf->src[i].origin != SOURCE_CMDLINE && str_eq(o->conf->src[i].name, name))
			return &o->conf->src[i];
	return NULL;
}

/* Bytes that were read once stay what they were: the disk is asked only for files that were not read. */
static void
map_read(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	const struct map *m = ctx;
	const struct source *s = source_named(m->o, path);
	const struct loader *below = m->o->conf_opts->loader;

	*ret = (struct loaded){ .state = LOADER_ABSENT, .reason = STR("No such file or directory") };
	if (s != NULL) {
		ret->state = LOADER_FILE;
		ret->bytes = s->bytes;
		ret->bad_perm = s->bad_perm;
		/* of an overlay, too: no line of a template comes or goes (plan_files()) */
		ret->marks = s->marks;
	}
	for (size_t i = 0; i < m->n_ov; i++)
		if (str_eq(m->ov[i].name, path)) {
			ret->state = LOADER_FILE;
			ret->bytes = m->ov[i].bytes;
			return;
		}
	if (s == NULL && below != NULL)
		below->read(below->ctx, a, path, ret);
}

static struct str
folder(struct str path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return str_head(path, n);
}

static int
compare_strs(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void
map_glob(void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	const struct map *m = ctx;
	const struct loader *below = m->o->conf_opts->loader;
	struct str *v, *old = NULL;
	size_t n = 0;

	*ret_capped = false;
	if (below != NULL)
		below->glob(below->ctx, a, pattern, tilde, &old, &n, ret_capped);
	v = ARENA_ARRAY(a, struct str, n + m->n_ov + 1);
	if (n > 0)
		memcpy(v, old, n * sizeof(*v));
	for (size_t i = 0; i < m->n_ov; i++) {
		struct str name = m->ov[i].name;
		size_t k = 0;

		while (k < n && !str_eq(v[k], name))
			k++;
		if (k == n && str_eq(folder(name), folder(pattern)) && pattern_match(name, pattern))
			v[n++] = name;
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), compare_strs);
	*ret = v;
	*ret_n = n;
}

size_t
prove_rows(const struct plan_opts *o)
{
	return o->side == KW_CLIENT ? o->n_row : o->n_server_row;
}

struct str
prove_row_shown(const struct plan_opts *o, size_t row)
{
	return o->side == KW_CLIENT ? o->row[row].shown : o->server_row[row].shown;
}

static struct str
lines_text(struct arena *a, const struct conf *c, const struct eff *e)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < e->n_also; i++) {
		buf_add(&b, str_trim(conf_line_text(c, c->set[e->also[i]].src, c->set[e->also[i]].line)));
		buf_addc(&b, "\n");
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static struct str
eff_text(struct arena *a, const struct conf *c, const struct kw *k, const struct eff *e)
{
	if (e->n_also > 0)
		return lines_text(a, c, e);
	if (k->print != 0 && e->state == EFF_UNKNOWN)
		return arena_printf(a, "unknown: %.*s", STR_ARG(e->guess));
	if (k->print != 0 && e->text.p == NULL)
		return e->text;
	if (k->print != 0)
		return arena_str(a, e->text);
	if (e->set == UINT32_MAX)
		return arena_str(a, e->text);
	return str_trim(conf_line_text(c, c->set[e->set].src, c->set[e->set].line));
}

static struct str
reason_text(struct arena *a, const struct conf *c, const struct eff *e)
{
	if (e->reason_at.line == 0)
		return arena_str(a, str_c(e->reason));
	return arena_printf(a, "%s (%.*s:%u)", e->reason != NULL ? e->reason : "",
	    STR_ARG(c->src[e->reason_at.src].shown), e->reason_at.line);
}

static void
keep_vals(struct arena *a, const struct effective *ev, struct row_vals *ret)
{
	struct val v[KW_ROWS_MAX] = { 0 };
	size_t rows;
	const struct kw *table = kw_table(ev->conf->side, &rows);

	ret->refused = ev->refused;
	ret->n = 0;
	for (size_t i = 0; i < rows && ev->v != NULL; i++) {
		const struct eff *e = &ev->v[i];

		if (e->state == EFF_DEFAULT && (e->text.p != NULL || table[i].dflt == NULL))
			continue;
		v[ret->n++] = (struct val){ .row = (uint16_t)i,
			.set = e->set,
			.unknown = e->state == EFF_UNKNOWN,
			.cmdline = e->from == EFF_FROM_CMDLINE,
			.other = e->from == EFF_FROM_OTHER,
			.text = eff_text(a, ev->conf, &table[i], e),
			.reason = e->state == EFF_UNKNOWN ? reason_text(a, ev->conf, e) : (struct str){ 0 } };
	}
	ret->v = ARENA_ARRAY(a, struct val, ret->n + 1);
	memcpy(ret->v, v, ret->n * sizeof(*v));
}

/* "user@host": ssh takes the user from the word that was typed, unless -l came before it. */
static struct target
target_of(const struct plan_opts *o, const struct target_row *t)
{
	struct target who = eff_row_target(t);

	who.user = o->login;
	if (who.user.n == 0 && t->shown.n > t->name.n + 1 && str_ends(t->shown, t->name) &&
	    t->shown.p[t->shown.n - t->name.n - 1] == '@')
		who.user = str_head(t->shown, t->shown.n - t->name.n - 1);
	return who;
}

static void
resolve_rows(struct arena *a, const struct plan_opts *o, struct resolved *r)
{
	struct arena scratch = { 0 };

	r->n = prove_rows(o);
	r->row = ARENA_ARRAY(a, struct row_vals, r->n + 1);
	for (size_t i = 0; i < r->n; i++) {
		struct effective ev = { 0 };

		if (o->side == KW_CLIENT) {
			struct target who = target_of(o, &o->row[i]);

			eff_client(&scratch, &r->conf, &who, o->env, EFF_LOSERS_NONE, &ev);
			r->row[i].skip = !o->row[i].possible;
		} else {
			eff_server(&scratch, &r->conf, &o->server_row[i].spec, EFF_LOSERS_NONE, &ev);
			r->row[i].skip = !o->server_row[i].possible;
		}
		keep_vals(a, &ev, &r->row[i]);
		arena_reset(&scratch);
	}
	arena_release(&scratch);
}

static bool
has_overlay(const struct map *m, struct str name)
{
	for (size_t i = 0; i < m->n_ov; i++)
		if (str_eq(m->ov[i].name, name))
			return true;
	return false;
}

/* A word that release and vendor do not know. */
static bool
is_foreign(const struct diag *d)
{
	return d->kind == DIAG_UNKNOWN_KEYWORD || d->kind == DIAG_MISSPELT || d->kind == DIAG_TOO_NEW ||
	    d->kind == DIAG_OTHER_VENDOR;
}

static int
by_word(const void *x, const void *y)
{
	const struct diag *a = *(const struct diag *const *)x, *b = *(const struct diag *const *)y;

	return a->kind != b->kind ? (a->kind < b->kind ? -1 : 1) : str_icmp(a->word, b->word);
}

/* Words that the caller lets pass (their diags are there, and do not count) pass here as well. */
static void
let_pass(const struct conf *from, struct conf *to)
{
	const struct diag **passed = mem_alloc((from->n_diag + 1) * sizeof *passed);
	size_t n = 0;

	for (size_t i = 0; i < from->n_diag; i++)
		if (from->diag[i].effect == DIAG_PRINTED && is_foreign(&from->diag[i]))
			passed[n++] = &from->diag[i];
	qsort(passed, n, sizeof *passed, by_word);
	for (size_t i = 0; i < to->n_diag && n > 0; i++) {
		struct diag *d = &to->diag[i];
		const struct diag *key = d;

		if (d->effect == DIAG_COUNTED && is_foreign(d) && bsearch(&key, passed, n, sizeof *passed, by_word))
			d->effect = DIAG_PRINTED;
	}
	free(passed);
}

static enum sk_code
read_all(const struct plan_opts *o, const struct overlay *ov, size_t n_ov, struct conf *ret, struct err *e)
{
	struct map m = { .o = o, .ov = ov, .n_ov = n_ov };
	struct loader loader = { .ctx = &m, .read = map_read, .glob = map_glob };
	struct conf_opts co = *o->conf_opts;
	enum sk_code code = SK_OK;

	co.loader = &loader;
	conf_init(ret, &co);
	if (o->user_config.n > 0 && source_named(o, o->user_config) == NULL && has_overlay(&m, o->user_config))
		code = conf_add_file(ret, &co, o->user_config, SOURCE_USER, false, e);
	for (size_t i = 0; i < o->conf->n_src && code == SK_OK; i++) {
		const struct source *s = &o->conf->src[i];

		if (s->depth == 0 && s->origin != SOURCE_CMDLINE)
			code = conf_add_file(ret, &co, s->name, (enum source_origin)s->origin, false, e);
	}
	let_pass(o->conf, ret);
	return code;
}

enum sk_code
resolve_all(struct arena *a, const struct plan_opts *o, const struct overlay *ov, size_t n_ov, struct resolved *ret,
    struct err *e)
{
	enum sk_code code;

	memset(ret, 0, sizeof(*ret));
	code = read_all(o, ov, n_ov, &ret->conf, e);
	ret->conf.quiet = true;
	if (code == SK_OK)
		resolve_rows(a, o, ret);
	return code;
}

void
resolved_release(struct resolved *r)
{
	conf_release(&r->conf);
	memset(r, 0, sizeof(*r));
}

const struct val *
val_find(const struct row_vals *r, unsigned kw)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid].row < kw)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->n && r->v[lo].row == kw ? &r->v[lo] : NULL;
}

struct str
val_text(enum kw_side side, const struct row_vals *r, unsigned kw)
{
	const struct val *v = val_find(r, kw);

	return v != NULL ? v->text : str_c(kw_row(side, kw)->dflt);
}

void
wants_link(struct arena *a, struct wants *w, size_t n_row)
{
	w->n_row = n_row;
	w->of_row = ARENA_ARRAY(a, struct want *, n_row + 1);
	for (size_t i = w->n; i > 0; i--) {
		struct want *x = &w->v[i - 1];
		struct want **head = &w->of_row[x->row == ANY_ROW ? n_row : x->row];

		x->next = *head;
		*head = x;
	}
}

struct want *
want_find(const struct wants *w, size_t row, unsigned kw)
{
	for (struct want *x = w->of_row[row == ANY_ROW ? w->n_row : row]; x != NULL; x = x->next)
		if (x->kw == kw && x->state != WANT_REFUSED)
			return x;
	return NULL;
}

static bool
parse(struct arena *a, const struct conf *c, unsigned kw, struct str value, struct value *ret)
{
	const struct kw *k = kw_row(c->side, kw);
	struct value_ctx ctx = { .side = c->side, .v = c->ver, .word = str_c(k->name) };
	struct str line = arena_printf(a, "%s %.*s", k->name, STR_ARG(value)), word, msg = { 0 };
	struct args args;
	size_t rest;
	bool lost;

	if (!split_keyword(a, line, c->side, c->ver, &word, &rest, &lost))
		return false;
	split_args(a, line, rest, c->side, c->ver, &args);
	return value_read(a, k, &args, &ctx, ret, &msg) == VALUE_OK && ret->text.p != NULL;
}

struct str
want_norm(struct arena *a, const struct conf *c, unsigned kw, struct str value)
{
	struct value v = { 0 };

	return parse(a, c, kw, value, &v) ? v.text : value;
}

bool
want_parses(struct arena *a, const struct conf *c, unsigned kw, struct str value)
{
	struct value v = { 0 };

	return parse(a, c, kw, value, &v);
}

static struct str
escaped(struct arena *a, struct str s)
{
	return str_escaped(a, str_head(s, 80));
}

/* What is compared, and what came of it so far. */
struct comparison {
	struct arena *a;
	const struct plan_opts *o;
	const struct resolved *old, *new;
	const struct wants *w;
	const struct want
	    *last; /* the mended line that was found last: the next row often has it, too, or the next one */
	size_t changed;
	struct str why;
};

/* Is it a line that is mended where it stands, for everybody? */
static bool
is_mend(const struct want *q, unsigned kw)
{
	return q->kw == kw && (q->state == WANT_DONE || q->state == WANT_TRYING) && q->finding != NULL;
}

/*
 * Does the new text `is` come from mending a line that was `was`?  Of what was refused there may have been any other
 * value (any): the line did not count before.
 */
static bool
comes_from(const struct comparison *x, const struct want *q, struct str is, struct str was, bool any)
{
	const struct span *at = &q->finding->at;

	if (!str_eq(q->norm, is))
		return false;
	return any || (at->line > 0 && str_eq(was, str_trim(conf_line_text(&x->old->conf, at->src, at->line - 1))));
}

/* One of the mended lines of the keyword has this text now. */
static bool
is_mended(struct comparison *x, unsigned kw, struct str is, struct str was, bool any)
{
	const struct want *near[] = { x->last, x->last != NULL ? x->last->next : NULL };

	for (size_t i = 0; i < 2; i++)
		if (near[i] != NULL && is_mend(near[i], kw) && comes_from(x, near[i], is, was, any)) {
			x->last = near[i];
			return true;
		}
	for (const struct want *q = x->w->of_row[x->w->n_row]; q != NULL; q = q->next)
		if (is_mend(q, kw) && comes_from(x, q, is, was, any)) {
			x->last = q;
			return true;
		}
	return false;
}

static struct str
next_line(struct str *io_lines)
{
	struct str line = { 0 };

	(void)str_split(io_lines, '\n', &line);
	return line;
}

/*
 * A keyword that gathers lines: those of before in their order, and between them lines that are mended, each at most
 * once and in theirs.
 */
static bool
is_mended_list(const struct comparison *x, unsigned kw, struct str is, struct str was, bool any)
{
	const struct want *q = x->w->of_row[x->w->n_row];
	struct str old = next_line(&was);

	while (is.n > 0) {
		struct str line = next_line(&is);

		if (old.n > 0 && str_eq(line, old)) {
			old = next_line(&was);
			continue;
		}
		while (q != NULL && !(is_mend(q, kw) && comes_from(x, q, line, old, any)))
			q = q->next;
		if (q == NULL)
			return false;
		if (comes_from(x, q, line, old, false))
			old = next_line(&was);
		q = q->next;
	}
	return old.n == 0;
}

static bool
compare_keyword(struct comparison *x, size_t row, unsigned kw)
{
	const struct plan_opts *o = x->o;
	const struct row_vals *old = &x->old->row[row], *new = &x->new->row[row];
	struct str was = val_text(o->side, old, kw), is = val_text(o->side, new, kw);
	const struct want *w;

	if (str_eq(was, is) && (was.p == NULL) == (is.p == NULL))
		return true;
	w = want_find(x->w, row, kw);
	if (w == NULL)
		w = want_find(x->w, ANY_ROW, kw);
	if (w != NULL &&
	    (str_eq(is, w->norm) ||
		(str_ends(is, STR("\n")) ? is_mended_list(x, kw, is, was, old->refused) :
					   is_mended(x, kw, is, was, old->refused)))) {
		x->changed++;
		return true;
	}
	x->why = arena_printf(x->a, "%.*s: %s would become %.*s instead of %.*s",
	    STR_ARG(escaped(x->a, prove_row_shown(o, row))), kw_row(o->side, kw)->name, STR_ARG(escaped(x->a, is)),
	    STR_ARG(escaped(x->a, w != NULL ? w->norm : was)));
	return false;
}

static bool
compare_row(struct comparison *c, size_t row)
{
	const struct plan_opts *o = c->o;
	const struct row_vals *x = &c->old->row[row], *y = &c->new->row[row];
	size_t i = 0, j = 0;

	if (x->skip)
		return true;
	if (y->refused && !x->refused) {
		c->why = arena_printf(c->a, "%s would refuse the new text", o->side == KW_CLIENT ? "ssh" : "sshd");
		return false;
	}
	/* Where ssh refused the file there was no value that could move; the lines have been compared. */
	while ((!x->refused || y->refused) && (i < x->n || j < y->n)) {
		unsigned kw = i == x->n			   ? y->v[j].row :
		    j == y->n || x->v[i].row < y->v[j].row ? x->v[i].row :
							     y->v[j].row;

		if (!compare_keyword(c, row, kw))
			return false;
		i += i < x->n && x->v[i].row == kw;
		j += j < y->n && y->v[j].row == kw;
	}
	for (const struct want *q = c->w->of_row[row]; q != NULL; q = q->next) {
		struct str is = val_text(o->side, y, q->kw);

		if ((q->state != WANT_DONE && q->state != WANT_TRYING) || str_eq(is, q->norm))
			continue;
		c->why = arena_printf(c->a, "%.*s: %s would stay %.*s", STR_ARG(escaped(c->a, prove_row_shown(o, row))),
		    kw_row(o->side, q->kw)->name, STR_ARG(escaped(c->a, is)));
		return false;
	}
	return true;
}

/* Rows are samples; the lines of all keywords that nobody wants changed must be the same for everybody. */
static bool
compare_lines(
    struct arena *a, const struct conf *old, const struct conf *new, const struct wants *w, struct str *ret_why)
{
	bool wanted[KW_ROWS_MAX] = { false };
	size_t j = 0;

	for (size_t i = 0; i < w->n; i++)
		wanted[w->v[i].kw] = true;
	for (size_t i = 0; i < old->n_set; i++) {
		const struct set *s = &old->set[i];
		struct str line = str_trim(conf_line_text(old, s->src, s->line));

		if (wanted[s->row])
			continue;
		while (j < new->n_set && wanted[new->set[j].row])
			j++;
		if (j < new->n_set && str_eq(line, str_trim(conf_line_text(new, new->set[j].src, new->set[j].line))))
			j++;
		else if (!w->deletes) {
			*ret_why = arena_printf(a, "the line \"%.*s\" would be lost", STR_ARG(escaped(a, line)));
			return false;
		}
	}
	while (j < new->n_set && wanted[new->set[j].row])
		j++;
	if (j == new->n_set)
		return true;
	*ret_why = STR("the order of other lines would change");
	return false;
}

/* The line that hides unknown words from everybody, where there is one: SIZE_MAX, or its set. */
static size_t
ignore_for_all(const struct conf *c)
{
	unsigned row = c->side == KW_CLIENT ? conf_row(c, KW_ID_IGNOREUNKNOWN) : KW_UNKNOWN;

	for (size_t i = 0; i < c->n_set && row != KW_UNKNOWN; i++)
		if (c->set[i].row == row)
			return c->block[c->set[i].block].kind == BLOCK_FILE && c->block[c->set[i].block].parent < 0 ?
			    i :
			    SIZE_MAX;
	return SIZE_MAX;
}

size_t
prove_refusing(const struct conf *c, size_t *ret_vendor)
{
	size_t ignore = ignore_for_all(c), n = 0;

	*ret_vendor = 0;
	for (size_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];
		bool vendor = d->kind == DIAG_OTHER_VENDOR;

		if ((d->effect < DIAG_COUNTED && !vendor) ||
		    (d->ignorable && ignore < d->at_set && conf_ignores(c, (uint32_t)ignore, d->word)))
			continue;
		n++;
		*ret_vendor += vendor;
	}
	return n;
}

/* Each word that an IgnoreUnknown line is written for is hidden by it: one line less that another ssh refuses. */
static bool
are_hidden(struct comparison *x)
{
	size_t n = 0, was, is;

	for (const struct want *q = x->w->of_row[x->w->n_row]; q != NULL; q = q->next)
		n += (q->state == WANT_DONE || q->state == WANT_TRYING) &&
		    kw_row(x->o->side, q->kw)->id == KW_ID_IGNOREUNKNOWN;
	if (n == 0)
		return true;
	(void)prove_refusing(&x->old->conf, &was);
	(void)prove_refusing(&x->new->conf, &is);
	if (is + n <= was)
		return true;
	x->why = STR("IgnoreUnknown would not hide the word where it stands");
	return false;
}

bool
prove_compare(struct arena *a, const struct plan_opts *o, const struct resolved *old, const struct resolved *new,
    const struct wants *w, size_t *ret_changed, struct str *ret_why)
{
	struct comparison x = { .a = a, .o = o, .old = old, .new = new, .w = w };
	bool ok = compare_lines(a, &old->conf, &new->conf, w, &x.why) && are_hidden(&x);

	for (size_t i = 0; i < old->n && ok; i++)
		ok = compare_row(&x, i);
	*ret_changed = x.changed;
	*ret_why = x.why;
	return ok;
}

/* Is a client row named by a Match line? */
static bool
is_match_row(const struct plan_opts *o, size_t row)
{
	const struct span *at;

	if (o->side == KW_SERVER)
		return row > 0 && o->server_row[row].at.line > 0;
	at = &o->row[row].at;
	for (size_t i = 0; at->line > 0 && i < o->conf->n_block; i++)
		if (o->conf->block[i].kind == BLOCK_MATCH && o->conf->block[i].src == at->src &&
		    o->conf->block[i].line + 1 == at->line)
			return true;
	return false;
}

static struct str
proof_line(struct arena *a, const struct plan_opts *o, const struct resolved *r, size_t changed)
{
	size_t match = 0, hosts = 0;

	for (size_t i = 0; i < r->n; i++) {
		bool m = !r->row[i].skip && is_match_row(o, i);

		match += m;
		hosts += !r->row[i].skip && !m;
	}
	return arena_printf(a, "%zu %s%s and %zu Match case%s compared, %zu value%s changed as intended, none other",
	    hosts, o->side == KW_CLIENT ? "host" : "connection", hosts == 1 ? "" : "s", match, match == 1 ? "" : "s",
	    changed, changed == 1 ? "" : "s");
}

static void
wants_of_plan(struct arena *a, const struct plan_opts *o, const struct plan *p, struct wants *w)
{
	w->v = ARENA_ARRAY(a, struct want, p->n_intent + 1);
	for (size_t i = 0; i < p->n_intent; i++) {
		const struct intent *x = &p->intent[i];
		size_t row = 0;

		while (x->host.n > 0 && row < prove_rows(o) && !str_eq(prove_row_shown(o, row), x->host))
			row++;
		if (row == prove_rows(o) && x->host.n > 0)
			continue;
		w->v[w->n++] = (struct want){ .row = x->host.n > 0 ? row : ANY_ROW,
			.kw = x->row,
			.value = x->value,
			.finding = x->finding,
			.norm = want_norm(a, o->conf, x->row, x->value),
			.state = WANT_DONE };
	}
	w->deletes = p->deletes;
	wants_link(a, w, prove_rows(o));
}

static const struct overlay *
overlays(struct arena *a, const struct plan *p)
{
	struct overlay *ov = ARENA_ARRAY(a, struct overlay, p->n_file + 1);

	for (size_t i = 0; i < p->n_file; i++)
		ov[i] = (struct overlay){ p->file[i].path, p->file[i].new_bytes };
	return ov;
}

enum sk_code
plan_read(struct arena *a, const struct plan_opts *o, const struct plan *p, struct conf *ret, struct err *e)
{
	memset(ret, 0, sizeof(*ret));
	return read_all(o, overlays(a, p), p->n_file, ret, e);
}

struct str
plan_printed(struct arena *a, const struct conf *c, const struct intent *x)
{
	return want_norm(a, c, x->row, x->value);
}

enum sk_code
plan_prove(struct arena *a, const struct plan_opts *o, const struct plan *p, struct str *ret_line, struct err *e)
{
	const struct overlay *ov = overlays(a, p);
	struct resolved old = { 0 }, new = { 0 };
	struct wants w = { 0 };
	struct str why = { 0 };
	size_t changed = 0;
	enum sk_code code;

	wants_of_plan(a, o, p, &w);
	code = resolve_all(a, o, NULL, 0, &old, e);
	if (code == SK_OK)
		code = resolve_all(a, o, ov, p->n_file, &new, e);
	if (code == SK_OK && !prove_compare(a, o, &old, &new, &w, &changed, &why))
		code = err_set(e, SK_EREFUSED, "the proof failed: %.*s", STR_ARG(why));
	if (code == SK_OK)
		*ret_line = proof_line(a, o, &old, changed);
	resolved_release(&old);
	resolved_release(&new);
	return code;
}
