/* SPDX-License-Identifier: MIT */
/* Rules against rows and the machine; settling what they found. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "rule/rule.h"

const char *
level_name(enum level l)
{
	static const char *const names[] = {
		[LEVEL_NOTE] = "note", [LEVEL_WARNING] = "warning", [LEVEL_ERROR] = "error"
	};

	return names[l];
}

static enum level
at_most(enum level l, enum level cap)
{
	return l < cap ? l : cap;
}

/* Contract section 4: how sure the number is caps the level of what rests on it. */
static enum level
path_cap(const struct rule_row *row)
{
	const struct hop *h = row->path->min;

	if (row->judgement != NULL && row->judgement->clocks.worst != NULL)
		h = row->judgement->clocks.worst;
	if (h->confidence >= CONF_DECLARED)
		return LEVEL_ERROR;
	if (h->confidence == CONF_ASSUMED)
		return h->seen || row->path->nat_seen ? LEVEL_WARNING : LEVEL_NOTE;
	if (h->net == NULL || h->net->confidence == NET_VERIFIED)
		return LEVEL_ERROR;
	return h->net->confidence == NET_SECONDARY ? LEVEL_WARNING : LEVEL_NOTE;
}

static enum level
level_of(const struct rule *r, const struct rule_ctx *ctx, const struct xenv *env, struct span at)
{
	enum level l = r->text.level;
	const struct rule_row *row = ctx->row;

	if (r->warning_if != NULL && expr_true(r->warning_if, env))
		l = at_most(l, LEVEL_WARNING);
	if (r->note_if != NULL && expr_true(r->note_if, env))
		l = LEVEL_NOTE;
	if (row == NULL)
		return l;
	if (r->on_path && row->path != NULL)
		l = at_most(l, path_cap(row));
	/* what OpenSSH refuses is there */
	if (row->machine_untouched && r->may != SUPPRESS_NEVER)
		l = LEVEL_NOTE;
	/* What is merely absent is a note in a repository that declares no network and no policy. */
	if (row->lint && !row->declared && at.line == 0 && (row->path == NULL || row->path->confidence < CONF_DECLARED))
		l = LEVEL_NOTE;
	return l;
}

static void
expand_fix(const struct rule *r, const struct rule_ctx *ctx, const struct xenv *env, struct finding *f)
{
	struct arena *a = ctx->arena;

	f->fix = ARENA_ARRAY(a, struct fix_item, r->n_fix + 1);
	for (size_t i = 0; i < r->n_fix; i++) {
		/* which of two values was meant, nobody but the author knows */
		if (r->fix[i].remove && ctx->line != NULL && ctx->line->other)
			return;
		f->fix[i] = (struct fix_item){ .keyword = r->fix[i].keyword, .remove = r->fix[i].remove };
		if (!r->fix[i].remove)
			f->fix[i].value = template_value(a, &r->fix[i].value, env);
		/* A value that cannot be known is no fix. */
		if (str_eqc(f->fix[i].value, "unknown") || str_eqc(f->fix[i].value, "never"))
			return;
		f->n_fix++;
	}
}

/* The advice; where it recommends values that miss a target, it says which. */
static struct str
advice(const struct rule *r, const struct rule_ctx *ctx, const struct xenv *env)
{
	struct str text = template_expand(ctx->arena, &r->advice, env), missed = STR("");

	if (ctx->row != NULL && ctx->row->judgement != NULL && ctx->row->policy != NULL)
		missed = ctx->row->judgement->missed;
	if (missed.n == 0 || str_find(r->text.advice, STR("{best.interval}")) == SIZE_MAX)
		return text;
	return arena_printf(ctx->arena, "%.*s (no values meet %.*s of policy %.*s here; these come nearest)",
	    STR_ARG(text), STR_ARG(missed), STR_ARG(ctx->row->policy->name));
}

void
rule_fire(const struct rule *r, const struct rule_ctx *ctx, struct span at, struct findings *out)
{
	struct xenv env = vars_env(ctx);
	struct rule_row open_row;
	struct rule_ctx open = *ctx;
	struct xenv open_env = vars_env(&open);
	struct finding *f;

	rule_ready(r);
	if (!expr_true(r->when, &env))
		return;
	rule_texts(r);
	MEM_GROW(out->v, out->cap, out->n + 1);
	f = &out->v[out->n];
	*f = (struct finding){
		.rule = r,
		.code = r->text.code,
		.name = r->text.name,
		.level = level_of(r, ctx, &env, at),
		.side = ctx->side,
		.conf = ctx->conf,
		.at = at,
		.order = (uint32_t)out->n,
		.confidence = ctx->row != NULL && ctx->row->path != NULL && r->on_path ? ctx->row->path->confidence :
											 CONF_DETECTED,
	};
	if (ctx->conf != NULL && at.line > 0)
		f->file = ctx->conf->src[at.src].shown;
	f->may = r->may;
	/* what a lower level says of a line is that OpenSSH goes on */
	if (f->may == SUPPRESS_NEVER && f->level < r->text.level && r->each != RULE_EACH_IGNORE)
		f->may = SUPPRESS_ALWAYS;
	f->message = template_expand(ctx->arena, &r->message, &env);
	f->why = template_expand(ctx->arena, &r->why, &env);
	f->advice = advice(r, ctx, &env);
	expand_fix(r, ctx, &env, f);
	f->key = f->message;
	if (ctx->row != NULL) {
		f->named = ctx->row->named;
		open_row = *ctx->row;
		open_row.host = STR("{host}");
		open.row = &open_row;
		f->key = template_expand(ctx->arena, &r->message, &open_env);
		f->host = ARENA_NEW(ctx->arena, struct str);
		f->host[0] = ctx->row->host;
		f->n_host = f->cap_host = 1;
	}
	out->n++;
}

/* The line that decides: the first keyword of the condition that a file sets. */
struct decider {
	const struct rule_row *row;
	struct span at;
	const struct conf *conf;
};

static void
decide(void *ctx, unsigned slot)
{
	struct decider *d = ctx;
	const struct effective *ev;
	enum kw_side side;
	unsigned row;

	if (d->at.line != 0 || !vars_row(slot, &side, &row))
		return;
	ev = side == KW_CLIENT ? d->row->client : d->row->server;
	if (ev == NULL || ev->v == NULL || ev->v[row].origin.line == 0)
		return;
	d->at = ev->v[row].origin;
	d->conf = ev->conf;
}

static bool
side_fits(const struct rule *r, const struct rule_row *row)
{
	if (r->each != RULE_EACH_ROW)
		return false;
	if (r->text.side == RULE_BOTH)
		return row->client != NULL && row->server != NULL && row->side == KW_CLIENT;
	return (r->text.side == RULE_CLIENT && row->side == KW_CLIENT && row->client != NULL) ||
	    (r->text.side == RULE_SERVER && row->side == KW_SERVER && row->server != NULL);
}

void
rule_on_row(const struct rule *r, struct arena *a, const struct rule_row *row, struct findings *out)
{
	const struct effective *own = row->side == KW_CLIENT ? row->client : row->server;
	struct decider d = { .row = row, .conf = own != NULL ? own->conf : NULL };
	struct rule_ctx ctx = { .rule = r,
		.row = row,
		.facts = row->facts,
		.policy = row->policy,
		.arena = a,
		.side = row->side,
		.lint = row->lint };

	ctx.conf = d.conf;
	if (!side_fits(r, row))
		return;
	if (own != NULL && own->refused) {
		/* There are no values: only a rule about the refusal itself can speak. */
		rule_ready(r);
		if (str_find(r->text.when, STR("refused.here")) != SIZE_MAX)
			rule_fire(r, &ctx, own->refused_at, out);
		return;
	}
	if (row->judgement != NULL && row->judgement->verdict == VERDICT_NOT_JUDGED)
		return;
	rule_ready(r);
	expr_slots(r->when, decide, &d);
	ctx.conf = d.conf;
	rule_fire(r, &ctx, d.at, out);
}

void
ruleset_row(const struct ruleset *rs, struct arena *a, const struct rule_row *row, struct findings *out)
{
	for (size_t i = 0; i < rs->n; i++)
		rule_on_row(rs->v[i], a, row, out);
}

void
rule_on_start(const struct rule *r, struct arena *a, const struct rule_start *in, struct findings *out)
{
	struct rule_ctx ctx = { .rule = r,
		.start = in,
		.row = &in->row,
		.facts = in->row.facts,
		.policy = in->row.policy,
		.arena = a,
		.side = KW_CLIENT,
		.lint = in->row.lint };
	size_t n = out->n;

	if (r->each != RULE_EACH_START)
		return;
	rule_fire(r, &ctx, (struct span){ .line = in->start->line }, out);
	if (out->n == n)
		return;
	out->v[n].file = in->start->file;
	/* where no host is concerned, or which one is not known */
	if (in->row.host.n == 0)
		out->v[n].n_host = 0;
}

void
ruleset_start(const struct ruleset *rs, struct arena *a, const struct rule_start *in, struct findings *out)
{
	for (size_t i = 0; i < rs->n; i++)
		rule_on_start(rs->v[i], a, in, out);
}

void
rule_on_ignore(const struct rule *r, struct arena *a, const struct rule_ignore *in, struct findings *out)
{
	struct rule_ctx ctx = { .rule = r, .ignore = in, .arena = a, .side = in->side, .lint = true };
	size_t n = out->n;

	if (r->each != RULE_EACH_IGNORE)
		return;
	rule_fire(r, &ctx, in->at, out);
	if (out->n > n)
		out->v[n].file = in->file;
}

void
ruleset_ignore(const struct ruleset *rs, struct arena *a, const struct rule_ignore *in, struct findings *out)
{
	for (size_t i = 0; i < rs->n; i++)
		rule_on_ignore(rs->v[i], a, in, out);
}

/* Facts have no slot of their own here: the first one that a condition names gives file and line. */
static void
machine_place(const struct rule *r, const struct facts *facts, struct finding *f)
{
	for (unsigned i = 0; i < FACT_MAX_; i++)
		if (facts->v[i].known && str_find(r->text.when, str_c(fact_table[i].name)) != SIZE_MAX) {
			f->file = facts->v[i].source;
			f->at.line = facts->v[i].line;
			return;
		}
}

void
rule_on_machine(const struct rule *r, struct arena *a, const struct rule_machine *in, struct findings *out)
{
	struct rule_ctx ctx = {
		.rule = r, .sysctl = in->sysctl, .facts = in->facts, .policy = in->policy, .arena = a, .lint = in->lint
	};
	size_t n = out->n;

	if (r->each != RULE_EACH_MACHINE || in->facts == NULL)
		return;
	rule_fire(r, &ctx, (struct span){ 0 }, out);
	if (out->n > n)
		machine_place(r, in->facts, &out->v[n]);
}

void
ruleset_machine(const struct ruleset *rs, struct arena *a, const struct rule_machine *in, struct findings *out)
{
	for (size_t i = 0; i < rs->n; i++)
		rule_on_machine(rs->v[i], a, in, out);
}

static int
cmp_u(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* One finding, but for the hosts. */
static bool
same_kind(const struct finding *a, const struct finding *b)
{
	/* A file that is included twice has two sources but one name. */
	if (a->rule != b->rule || a->at.line != b->at.line || a->at.col != b->at.col || a->level != b->level ||
	    a->conf != b->conf || a->suppressed != b->suppressed || !str_eq(a->file, b->file) ||
	    !str_eq(a->key, b->key) || !str_eq(a->why, b->why) || !str_eq(a->advice, b->advice) || a->n_fix != b->n_fix)
		return false;
	for (size_t i = 0; i < a->n_fix; i++)
		if (!str_eq(a->fix[i].value, b->fix[i].value))
			return false;
	return true;
}

static size_t
kind_hash(const struct finding *f)
{
	uint64_t h = (uint64_t)(uintptr_t)f->rule;

	h = (h ^ f->at.line) * 0x9e3779b97f4a7c15u;
	/* one line may include a million files, each a finding of its own */
	h ^= str_hash(f->key);
	h = (h ^ f->at.col ^ (uint64_t)f->level << 32 ^ f->key.n << 40) * 0xff51afd7ed558ccdu;
	return (size_t)(h >> 20);
}

/* Worst first; then as the files stand, then by code. */
static int
by_weight(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x, *b = *(const struct finding *const *)y;
	int r = cmp_u(b->level, a->level);

	if (r == 0)
		r = cmp_u(a->side, b->side);
	if (r == 0)
		r = str_cmp(a->file, b->file);
	if (r == 0)
		r = cmp_u(a->at.line, b->at.line);
	if (r == 0)
		r = str_cmp(a->code, b->code);
	return r != 0 ? r : cmp_u(a->order, b->order);
}

/* A host twice in a short list is seen; in a long one only when it stands side by side. */
static bool
has_host(const struct finding *f, struct str host)
{
	enum { SHORT = 64 };
	size_t from = f->n_host > SHORT ? f->n_host - 1 : 0;

	for (size_t i = from; i < f->n_host; i++)
		if (str_eq(f->host[i], host))
			return true;
	return false;
}

static void
add_host(struct arena *a, struct finding *f, struct str host)
{
	if (has_host(f, host))
		return;
	if (f->n_host == f->cap_host) {
		size_t cap = f->cap_host * 2 + 4;
		struct str *p = ARENA_ARRAY(a, struct str, cap);

		if (f->n_host > 0)
			memcpy(p, f->host, f->n_host * sizeof(*p));
		f->host = p;
		f->cap_host = cap;
	}
	f->host[f->n_host++] = host;
}

struct str
finding_message(struct arena *a, struct str key, const struct str *host, size_t n)
{
	struct buf hosts = { 0 }, b = { 0 };
	struct str out;
	size_t at;

	for (size_t i = 0; i < n && i < 3; i++) {
		buf_addc(&hosts, i > 0 ? ", " : "");
		buf_add(&hosts, host[i]);
	}
	if (n > 3)
		buf_addf(&hosts, " and %zu more", n - 3);
	while ((at = str_find(key, STR("{host}"))) != SIZE_MAX) {
		buf_add(&b, str_head(key, at));
		buf_add(&b, buf_str(&hosts));
		key = str_from(key, at + 6);
	}
	buf_add(&b, key);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	buf_release(&hosts);
	return out;
}

/* Rows of two findings in order; from's go away. */
static void
merge_rows(struct finding *to, struct finding *from)
{
	size_t i = to->n_row, k = from->n_row, at = i + k;

	MEM_GROW(to->row, to->cap_row, at);
	to->n_row = at;
	while (k > 0)
		to->row[--at] = i > 0 && to->row[i - 1] > from->row[k - 1] ? to->row[--i] : from->row[--k];
	free(from->row);
	from->row = NULL;
	from->n_row = from->cap_row = 0;
}

static void
join(struct arena *a, struct finding *to, struct finding *from)
{
	for (size_t k = 0; k < from->n_host; k++)
		add_host(a, to, from->host[k]);
	if (from->n_row > 0)
		merge_rows(to, from);
}

static void
name_rows(struct arena *a, const struct findings *f, struct finding *x)
{
	x->host = ARENA_ARRAY(a, struct str, x->n_row);
	x->cap_host = x->n_row;
	x->n_host = 0;
	for (size_t i = 0; i < x->n_row; i++) {
		struct str host = f->row_name(f->row_ctx, x->row[i]);

		if (!has_host(x, host))
			x->host[x->n_host++] = host;
	}
}

void
findings_release(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].row);
	free(f->v);
	*f = (struct findings){ 0 };
}

/* Equal findings become the first of them. */
static void
join_equal(struct arena *a, struct findings *f)
{
	size_t mask = 63, n = 0;
	uint32_t *bucket; /* index + 1 */

	while (mask < f->n * 2)
		mask = mask * 2 + 1;
	bucket = mem_alloc((mask + 1) * sizeof(*bucket));
	for (size_t i = 0; i < f->n; i++) {
		size_t at = kind_hash(&f->v[i]) & mask;

		while (bucket[at] != 0 && !same_kind(&f->v[bucket[at] - 1], &f->v[i]))
			at = (at + 1) & mask;
		if (bucket[at] != 0) {
			join(a, &f->v[bucket[at] - 1], &f->v[i]);
			continue;
		}
		if (n != i)
			f->v[n] = f->v[i];
		bucket[at] = (uint32_t)++n;
	}
	f->n = n;
	free(bucket);
}

static void
sort_findings(struct findings *f)
{
	const struct finding **p = mem_alloc((f->n + 1) * sizeof(*p));
	struct finding *sorted = mem_realloc(NULL, f->n * sizeof(*sorted));

	for (size_t i = 0; i < f->n; i++)
		p[i] = &f->v[i];
	qsort(p, f->n, sizeof(*p), by_weight);
	for (size_t i = 0; i < f->n; i++)
		sorted[i] = *p[i];
	free(p);
	free(f->v);
	f->v = sorted;
	f->cap = f->n;
}

void
findings_settle(struct arena *a, struct findings *f)
{
	if (f->n == 0)
		return;
	join_equal(a, f);
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].n_row > 0)
			name_rows(a, f, &f->v[i]);
		if (f->v[i].n_host > 1 || f->v[i].n_row > 0)
			f->v[i].message = finding_message(a, f->v[i].key, f->v[i].host, f->v[i].n_host);
	}
	sort_findings(f);
	for (size_t i = 0; i < f->n; i++)
		f->v[i].order = (uint32_t)i;
}
