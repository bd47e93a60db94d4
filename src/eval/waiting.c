/* SPDX-License-Identifier: MIT */
/* What a refused line may say once it is mended, and what that leaves certain. */
#include "eval/waiting.h"

#include "base/buf.h"
#include "conf/template.h"

enum { RUN_BYTES = 5 /* words that share so many letters in a row may be meant to be one another */ };

/* Keywords whose value decides which lines apply, or what others come to. */
static bool
is_far_reaching(const struct kw *k)
{
	static const enum kw_id ids[] = { KW_ID_HOST, KW_ID_MATCH, KW_ID_INCLUDE, KW_ID_IGNOREUNKNOWN, KW_ID_HOSTNAME,
		KW_ID_USER, KW_ID_PORT, KW_ID_TAG, KW_ID_CANONICALIZEHOSTNAME, KW_ID_CANONICALDOMAINS,
		KW_ID_CANONICALIZEPERMITTEDCNAMES, KW_ID_PROXYCOMMAND, KW_ID_PROXYJUMP, KW_ID_REMOTECOMMAND,
		KW_ID_SESSIONTYPE, KW_ID_BATCHMODE, KW_ID_CLEARALLFORWARDINGS, KW_ID_GATEWAYPORTS,
		KW_ID_ADDRESSFAMILY };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (k->id == ids[i])
			return true;
	return k->type == KW_T_HOST || k->type == KW_T_MATCH || k->type == KW_T_INCLUDE;
}

static void
wait_row(struct waiting *w, const struct conf *c, unsigned row)
{
	if (row == KW_UNKNOWN) {
		w->all = true;
		return;
	}
	row = kw_target(c->side, row, c->ver);
	w->all |= row == KW_UNKNOWN || is_far_reaching(kw_row(c->side, row));
	if (row != KW_UNKNOWN)
		w->row[row] = true;
}

static bool
is_alike(struct str word, struct str name)
{
	size_t run = word.n < RUN_BYTES ? word.n : RUN_BYTES;

	for (size_t i = 0; i + run <= word.n; i++)
		for (size_t k = 0; k + run <= name.n; k++)
			if (str_ieq(str_head(str_from(word, i), run), str_head(str_from(name, k), run)))
				return true;
	return false;
}

static size_t
indent_of(struct str text)
{
	size_t n = 0;

	while (n < text.n && (text.p[n] == ' ' || text.p[n] == '\t'))
		n++;
	return n;
}

/* What is indented below a line shows that it was meant to open a block. */
static bool
looks_like_header(const struct conf *c, const struct diag *d)
{
	const struct source *s = &c->src[d->src];
	uint32_t next = d->line + 1;

	while (next < s->n && s->line[next].kind == LINE_BLANK)
		next++;
	return next < s->n && indent_of(conf_line_raw(c, d->src, next)) > indent_of(conf_line_raw(c, d->src, d->line));
}

/* A word that is no keyword: whatever keyword it may be meant to be waits. */
static void
wait_word(struct waiting *w, const struct conf *c, const struct diag *d)
{
	enum { WORD_BYTES = 64 };
	size_t n;
	const struct kw *table = kw_table(c->side, &n);

	if (d->word.n < 3 || d->word.n > WORD_BYTES || looks_like_header(c, d)) {
		w->all = true;
		return;
	}
	if (d->kind == DIAG_MISSPELT)
		wait_row(w, c, kw_find_any(c->side, d->hint));
	for (unsigned i = 0; i < n; i++)
		if (is_alike(d->word, str_c(table[i].name)))
			wait_row(w, c, i);
}

/* A keyword, but of another release. */
static void
wait_known(struct waiting *w, const struct conf *c, const struct diag *d)
{
	unsigned row = kw_find_any(c->side, d->word);

	w->all |= row == KW_UNKNOWN || is_far_reaching(kw_row(c->side, row));
	if (row != KW_UNKNOWN)
		w->row[row] = true;
}

/* The keyword of the other side: what is wanted of it may be wanted here. */
static void
wait_other_side(struct waiting *w, const struct conf *c, const struct diag *d)
{
	enum kw_side other = c->side == KW_CLIENT ? KW_SERVER : KW_CLIENT;
	unsigned row = kw_find_any(other, d->word);

	w->all |= row == KW_UNKNOWN || is_far_reaching(kw_row(other, row));
	wait_word(w, c, d);
}

/* The keyword that stands on the line. */
static void
wait_own(struct waiting *w, const struct conf *c, const struct diag *d)
{
	wait_row(w, c, d->line < c->src[d->src].n ? c->src[d->src].line[d->line].row : KW_UNKNOWN);
}

/* What waits for a refused line, by what is wrong with it; where no function stands, every value does. */
typedef void (*wait_fn)(struct waiting *w, const struct conf *c, const struct diag *d);
static const wait_fn waits[DIAG_MAX_] = {
	[DIAG_UNKNOWN_KEYWORD] = wait_word,
	[DIAG_MISSPELT] = wait_word,
	[DIAG_TOO_NEW] = wait_known,
	[DIAG_WRONG_SIDE] = wait_other_side,
	[DIAG_BAD_VALUE] = wait_own,
	[DIAG_NO_ARGUMENT] = wait_own,
	[DIAG_EXTRA_ARGUMENTS] = wait_own,
	[DIAG_BAD_QUOTES] = wait_own,
};

struct ignoring
ignoring_of(const struct conf *c)
{
	unsigned row = conf_row(c, KW_ID_IGNOREUNKNOWN);
	struct ignoring ret = { .set = UINT32_MAX };

	for (uint32_t i = 0; row != KW_UNKNOWN && i < c->n_set && ret.set == UINT32_MAX; i++) {
		const struct block *b = &c->block[c->set[i].block];

		if (c->set[i].row != row)
			continue;
		ret.set = i;
		ret.always = b->parent < 0 && !conf_is_vague(&c->set[i]) &&
		    (b->kind == BLOCK_FILE ||
			(b->kind == BLOCK_HOST && b->n_pat == 1 && str_eqc(c->pat[b->first_pat], "*")));
	}
	return ret;
}

/* "what rests on A, B and 3 more": keywords that something is said of. */
static struct str
what_waits(struct arena *a, const struct conf *c, const struct waiting *w)
{
	enum { NAMED = 3 };
	uint32_t *seen = ARENA_ARRAY(a, uint32_t, KW_ROWS_MAX);
	struct buf b = { 0 };
	struct str ret;
	size_t n, told = 0;
	const struct kw *table = kw_table(c->side, &n);

	if (w->all)
		return STR("the values of this config");
	for (size_t i = 0; i < c->n_set; i++)
		seen[c->set[i].row]++;
	for (size_t i = 0; i < n; i++) {
		/* a keyword that only its own lines are compared for */
		if (!w->row[i] || (table[i].print == 0 && table[i].id == KW_ID_NONE && seen[i] < 2))
			continue;
		if (told < NAMED)
			buf_addf(&b, "%s%s", told > 0 ? ", " : "what rests on ", table[i].name);
		told++;
	}
	if (told > NAMED)
		buf_addf(&b, " and %zu more", told - NAMED);
	ret = arena_str(a, buf_str(&b));
	buf_release(&b);
	return ret;
}

void
waiting_of(struct arena *a, const struct conf *c, struct waiting *ret)
{
	struct ignoring ignoring = { .set = UINT32_MAX };

	*ret = (struct waiting){ .what = STR("") };
	if (c->n_diag > 0)
		ignoring = ignoring_of(c);
	for (uint32_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];
		bool ignored = d->ignorable && ignoring.set < d->at_set;

		if (d->effect < DIAG_COUNTED || (ignored && ignoring.always && conf_ignores(c, ignoring.set, d->word)))
			continue;
		if (ret->n < WAITING_LINES)
			ret->diag[ret->n] = i;
		ret->n++;
		/* what is hidden for some hosts only changes what is refused for them */
		ret->all |= ret->n > WAITING_LINES || waits[d->kind] == NULL || (ignored && !ignoring.always);
		if (!ret->all)
			waits[d->kind](ret, c, d);
	}
	if (ret->n > 0)
		ret->what = what_waits(a, c, ret);
}

void
waiting_pass(struct waiting *w, struct conf *c)
{
	for (size_t i = 0; i < w->n && !w->all; i++) {
		w->effect[i] = c->diag[w->diag[i]].effect;
		c->diag[w->diag[i]].effect = DIAG_PRINTED;
	}
}

void
waiting_restore(const struct waiting *w, struct conf *c)
{
	for (size_t i = 0; i < w->n && !w->all; i++)
		c->diag[w->diag[i]].effect = w->effect[i];
}

void
waiting_blank(const struct waiting *w, struct effective *ev)
{
	const struct diag *d = &ev->conf->diag[w->diag[0]];
	size_t n;

	(void)kw_table(ev->conf->side, &n);
	for (size_t i = 0; i < n && !w->all; i++)
		if (w->row[i])
			ev->v[i] = (struct eff){ .state = EFF_UNKNOWN,
				.set = UINT32_MAX,
				.reason = "a line of it is refused",
				.reason_at = conf_line_span(ev->conf, d->src, d->line) };
}
