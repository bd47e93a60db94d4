/* SPDX-License-Identifier: MIT */
/* Lines that are wrong by themselves: what was meant, where that is sure. */
#include "edit/mend.h"

#include <stdlib.h>
#include <string.h>

#include "edit/prove.h"
#include "eval/brief.h"

typedef bool (*mend_fn)(struct arena *a, const struct conf *c, const struct diag *d, struct fix_item *ret);

static int
by_line(const void *x, const void *y)
{
	const struct mend_at *a = x, *b = y;

	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->i > b->i) - (a->i < b->i);
}

void
mend_init(struct mend *m, struct arena *a, const struct conf *c, const struct conf_use *use)
{
	*m = (struct mend){ .a = a,
		.conf = c,
		.use = use,
		.diag = ARENA_ARRAY(a, struct mend_at, c->n_diag + 1),
		.set = ARENA_ARRAY(a, struct mend_at, c->n_set + 1) };
	for (uint32_t i = 0; i < c->n_diag; i++)
		m->diag[i] = (struct mend_at){ c->diag[i].src, c->diag[i].line, i };
	for (uint32_t i = 0; i < c->n_set; i++)
		m->set[i] = (struct mend_at){ c->set[i].src, c->set[i].line, i };
	qsort(m->diag, c->n_diag, sizeof *m->diag, by_line);
	qsort(m->set, c->n_set, sizeof *m->set, by_line);
}

/* The first of v that stands where the finding does, or further on. */
static size_t
first_at(const struct mend_at *v, size_t n, const struct finding *f)
{
	const struct mend_at key = { .src = f->at.src, .line = f->at.line - 1 };
	size_t lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;

		if (by_line(&v[mid], &key) < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

static bool
is_there(const struct mend_at *at, const struct finding *f)
{
	return at->src == f->at.src && at->line + 1 == f->at.line;
}

/* The first diag of this kind where the finding stands. */
static const struct diag *
diag_of(const struct mend *m, const struct finding *f, enum diag_kind kind)
{
	size_t n = m->conf->n_diag;

	for (size_t i = first_at(m->diag, n, f); i < n && is_there(&m->diag[i], f); i++)
		if (m->conf->diag[m->diag[i].i].kind == kind)
			return &m->conf->diag[m->diag[i].i];
	return NULL;
}

static bool
mend_vendor(struct arena *a, const struct conf *c, const struct diag *d, struct fix_item *ret)
{
	if (c->side != KW_CLIENT || !d->ignorable || str_chr(d->word, ',', 0) != SIZE_MAX)
		return false;
	*ret = (struct fix_item){ .keyword = STR("IgnoreUnknown"), .value = arena_str(a, d->word) };
	return true;
}

static const char *
flag_meant(struct str s)
{
	static const char *const yes[] = { "on", "true", "1", "y", "enable", "enabled", "yes" };
	static const char *const no[] = { "off", "false", "0", "n", "disable", "disabled", "no" };

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		if (str_ieqc(s, yes[i]))
			return "yes";
		if (str_ieqc(s, no[i]))
			return "no";
	}
	return NULL;
}

/* 1 is a second of ControlPersist, and no yes. */
static bool
is_number(struct str s)
{
	return s.n > 0 && s.p[0] >= '0' && s.p[0] <= '9';
}

/* "60 seconds", "5 min": the unit as sshd_config(5) TIME FORMATS has it; 0: no such word. */
static char
unit_meant(struct str s)
{
	static const struct {
		const char *word;
		char unit;
	} units[] = { { "s", 's' }, { "sec", 's' }, { "secs", 's' }, { "second", 's' }, { "seconds", 's' },
		{ "m", 'm' }, { "min", 'm' }, { "mins", 'm' }, { "minute", 'm' }, { "minutes", 'm' }, { "h", 'h' },
		{ "hr", 'h' }, { "hrs", 'h' }, { "hour", 'h' }, { "hours", 'h' } };

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_ieqc(s, units[i].word))
			return units[i].unit;
	return 0;
}

static struct str
time_meant(struct arena *a, struct str s)
{
	size_t n = 0;
	char unit;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	unit = unit_meant(str_trim(str_from(s, n)));
	if (n == 0 || unit == 0)
		return (struct str){ 0 };
	if (unit == 's')
		return str_head(s, n);
	return arena_printf(a, "%.*s%c", STR_ARG(str_head(s, n)), unit);
}

/* The arguments with one blank between them, and without the punctuation of other languages at the end. */
static struct str
plain_value(struct arena *a, const struct args *args)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < args->n; i++) {
		buf_addc(&b, i > 0 ? " " : "");
		buf_add(&b, args->v[i].text);
	}
	while (b.n > 0 && (b.p[b.n - 1] == ';' || b.p[b.n - 1] == ','))
		b.n--;
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* What a value of this keyword is meant to be, when that is sure and OpenSSH takes it; p == NULL: it is not. */
static struct str
value_meant(struct arena *a, const struct conf *c, unsigned row, const struct args *args)
{
	const struct kw *k = kw_row(c->side, row);
	struct str value = plain_value(a, args), time = time_meant(a, value);

	if (k->type == KW_T_FLAG || (k->type == KW_T_PERSIST && flag_meant(value) != NULL && !is_number(value)))
		value = str_c(flag_meant(value));
	else if ((k->type == KW_T_TIME || k->type == KW_T_PERSIST) && time.n > 0)
		value = time;
	else if (k->type != KW_T_TIME && k->type != KW_T_PERSIST && k->type != KW_T_INT)
		return (struct str){ NULL, 0 };
	return value.n > 0 && want_parses(a, c, row, value) ? value : (struct str){ NULL, 0 };
}

/* The keyword, and the value too where that is wrong as well: neither is accepted without the other. */
static bool
mend_word(struct arena *a, const struct conf *c, const struct diag *d, struct fix_item *ret)
{
	unsigned row = kw_find_any(c->side, d->hint);
	struct str word;
	struct args args;

	if (d->kind == DIAG_MISSPELT && !kw_suggest_sure(c->side, d->word))
		return false;
	*ret = (struct fix_item){ .keyword = d->hint, .value = STR("") };
	if (row == KW_UNKNOWN || !conf_line_args(c, a, d->src, d->line, &word, &args) || args.n == 0 ||
	    want_parses(a, c, row, args.rest))
		return true;
	word = value_meant(a, c, row, &args);
	if (word.p != NULL)
		ret->value = word;
	return true;
}

static bool
mend_value(struct arena *a, const struct conf *c, const struct diag *d, struct fix_item *ret)
{
	const struct line *l = &c->src[d->src].line[d->line];
	struct str word, value;
	struct args args;

	if (l->row == KW_UNKNOWN || !conf_line_args(c, a, d->src, d->line, &word, &args) || args.n == 0)
		return false;
	value = value_meant(a, c, l->row, &args);
	*ret = (struct fix_item){ .keyword = str_c(kw_row(c->side, l->row)->name), .value = value };
	return value.p != NULL;
}

/* A line that never wins, and says no other thing than the one that does: nobody's intention is lost with it. */
static bool
is_repeated(const struct mend *m, const struct finding *f)
{
	const struct conf *c = m->conf;
	const struct conf_use *use = m->use;

	if (use == NULL || use->conf != c)
		return false;
	for (size_t i = first_at(m->set, c->n_set, f); i < c->n_set && is_there(&m->set[i], f); i++) {
		uint32_t at = m->set[i].i, by = use->set[at].by;
		struct value x, y;

		if (by == UINT32_MAX)
			continue;
		conf_set_value(c, m->a, &c->set[at], &x);
		conf_set_value(c, m->a, &c->set[by], &y);
		return c->set[by].row == c->set[at].row && x.text.p != NULL && str_eq(x.text, y.text);
	}
	return false;
}

bool
mend_finding(const struct mend *m, const struct finding *f, struct fix_item *ret)
{
	static const struct {
		const char *code;
		enum diag_kind kind;
		mend_fn mend;
	} table[] = {
		{ "SK103", DIAG_MISSPELT, mend_word },
		{ "SK105", DIAG_BAD_VALUE, mend_value },
		{ "SK107", DIAG_EXTRA_ARGUMENTS, mend_value },
		{ "SK124", DIAG_ALIAS, mend_word },
		{ "SK126", DIAG_OTHER_VENDOR, mend_vendor },
	};

	if (f->conf != m->conf || f->at.line == 0)
		return false;
	if (str_eqc(f->code, "SK130") || str_eqc(f->code, "SK135")) {
		*ret = (struct fix_item){ .remove = true };
		return is_repeated(m, f);
	}
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct diag *d;

		if (!str_eqc(f->code, table[i].code))
			continue;
		d = diag_of(m, f, table[i].kind);
		return d != NULL && table[i].mend(m->a, m->conf, d, ret);
	}
	return false;
}

size_t
mend_mark(const struct mend *m, const struct finding *f)
{
	const struct source *s;

	if (!str_eqc(f->code, "SK119") || f->conf != m->conf || f->at.line != 1 || diag_of(m, f, DIAG_BOM) == NULL)
		return 0;
	s = &f->conf->src[f->at.src];
	return str_starts(s->bytes, STR("\xef\xbb\xbf")) ? 3 : 0;
}
