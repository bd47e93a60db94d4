/* SPDX-License-Identifier: MIT */
/* How new lines look and where between the others they stand: copied from the neighbours. */
#include "edit/place.h"

#include <string.h>

/* CR LF where the neighbour has it. */
struct str
place_eol(const struct conf *c, uint32_t src, uint32_t line)
{
	const struct source *s = &c->src[src];
	struct str text;

	if (s->n == 0)
		return STR("\n");
	/* The last line may lack its end, and with it the carriage return. */
	if (s->line[line].eol == 0 && line > 0)
		line--;
	text = conf_line_text(c, src, line);
	return s->line[line].eol != 0 && str_ends(text, STR("\r")) ? STR("\r\n") : STR("\n");
}

static bool
has_upper(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] >= 'A' && s.p[i] <= 'Z')
			return true;
	return false;
}

static struct str
leading_blanks(struct str text)
{
	size_t n = 0;

	while (n < text.n && (text.p[n] == ' ' || text.p[n] == '\t'))
		n++;
	return str_head(text, n);
}

static bool
is_habit_sep(struct str sep)
{
	return str_eqc(sep, "\t") || str_eqc(sep, "=") || str_eqc(sep, " = ");
}

/* The model's own habits.  Columns lined up with many blanks are no separator worth copying. */
struct habit
place_habit(struct planner *p, uint32_t src, uint32_t model)
{
	const struct conf *c = &p->base.conf;
	struct habit h = { .sep = STR(" "), .eol = place_eol(c, src, model) };
	struct str text = conf_line_text(c, src, model), word, sep;
	struct args args;

	h.indent = leading_blanks(text);
	if (!conf_line_args(c, p->a, src, model, &word, &args) || args.n == 0)
		return h;
	h.lower = !has_upper(word);
	if (word.p < text.p || word.p + word.n > text.p + text.n)
		return h;
	sep = str_head(
	    str_from(text, (size_t)(word.p - text.p) + word.n), args.v[0].off - ((size_t)(word.p - text.p) + word.n));
	if (is_habit_sep(sep))
		h.sep = sep;
	return h;
}

void
place_prefer(const struct conf *c, uint32_t src, uint32_t line, uint32_t *io_model)
{
	const struct line *l = c->src[src].line;

	if (l[line].kind == LINE_KEYWORD && (*io_model == UINT32_MAX || l[*io_model].kind == LINE_UNKNOWN))
		*io_model = line;
	else if (l[line].kind == LINE_UNKNOWN && *io_model == UINT32_MAX)
		*io_model = line;
}

/* A line to copy from for a new block: one that stands in a block of this file. */
struct habit
place_habit_of_file(struct planner *p, uint32_t src)
{
	const struct conf *c = &p->base.conf;
	bool inside = false;
	uint32_t model = UINT32_MAX;
	struct habit h = { .indent = STR("    "), .sep = STR(" "), .eol = place_eol(c, src, 0) };

	for (uint32_t i = 0; i < c->src[src].n; i++) {
		if (place_is_header(c, src, i))
			inside = true;
		else if (inside && place_line_id(c, src, i) != KW_ID_INCLUDE)
			place_prefer(c, src, i, &model);
	}
	return model == UINT32_MAX ? h : place_habit(p, src, model);
}

struct str
place_line_text(struct planner *p, const struct habit *h, unsigned kw, struct str value)
{
	struct str name = str_c(kw_row(p->o->side, kw)->name);

	if (h->lower)
		name = arena_lower(p->a, name);
	return arena_printf(
	    p->a, "%.*s%.*s%.*s%.*s", STR_ARG(h->indent), STR_ARG(name), STR_ARG(h->sep), STR_ARG(value));
}

/* text as a line of its own behind line, or at the very start (line UINT32_MAX). */
void
place_insert_after(struct planner *p, uint32_t src, uint32_t line, struct str text, struct str eol)
{
	const struct source *s = &p->base.conf.src[src];

	if (line == UINT32_MAX)
		mark_add(p, s->name, 0, 0, arena_printf(p->a, "%.*s%.*s", STR_ARG(text), STR_ARG(eol)), false);
	else if (s->line[line].eol == 0)
		mark_add(p, s->name, s->bytes.n, 0, arena_printf(p->a, "%.*s%.*s", STR_ARG(eol), STR_ARG(text)), false);
	else
		mark_add(p, s->name, s->line[line].off + s->line[line].len + s->line[line].eol, 0,
		    arena_printf(p->a, "%.*s%.*s", STR_ARG(text), STR_ARG(eol)), false);
}

void
mark_after(struct planner *p, uint32_t src, uint32_t line, uint32_t model, unsigned kw, struct str value)
{
	struct habit h = place_habit(p, src, model);

	place_insert_after(p, src, line, place_line_text(p, &h, kw, value), h.eol);
}

/* Below "#Match User anoncvs" a commented line belongs to an example, not to the defaults. */
static bool
in_example(const struct conf *c, uint32_t src, uint32_t line)
{
	for (; line > 0 && c->src[src].line[line - 1].kind == LINE_COMMENT; line--) {
		struct str t = str_trim(conf_line_text(c, src, line - 1));

		t = str_trim(str_from(t, 1));
		if (str_istarts(t, STR("match ")) || str_istarts(t, STR("host ")))
			return true;
	}
	return false;
}

/* "#ClientAliveInterval 0", as files are delivered: not prose that begins with the keyword. */
static bool
is_commented(struct planner *p, uint32_t src, uint32_t line, unsigned kw, struct habit *io_habit)
{
	const struct conf *c = &p->base.conf;
	struct str text = conf_line_text(c, src, line), name = str_c(kw_row(c->side, kw)->name), t = str_trim(text),
		   sep;

	if (c->src[src].line[line].kind != LINE_COMMENT || t.n < 2 || t.p[0] != '#')
		return false;
	t = str_trim(str_from(t, 1));
	if (!str_istarts(t, name) || t.n == name.n || strchr(" \t=", t.p[name.n]) == NULL)
		return false;
	sep = str_from(t, name.n);
	while (sep.n > 0 && strchr(" \t=", sep.p[0]) != NULL)
		sep = str_from(sep, 1);
	if (sep.n == 0 || str_chr(sep, ' ', 0) != SIZE_MAX || !want_parses(p->a, c, kw, sep))
		return false;
	if (in_example(c, src, line))
		return false;
	sep = (struct str){ t.p + name.n, (size_t)(sep.p - (t.p + name.n)) };
	io_habit->indent = leading_blanks(text);
	io_habit->lower = !has_upper(str_head(t, name.n));
	io_habit->sep = is_habit_sep(sep) ? sep : STR(" ");
	io_habit->eol = place_eol(c, src, line);
	return true;
}

/* w's line, where the file's authors had it in mind (from <= line < end), else behind the line last. */
void
place_insert(struct planner *p, uint32_t src, uint32_t from, uint32_t end, uint32_t last, const struct habit *h,
    const struct want *w)
{
	struct habit own = *h;
	uint32_t at = last;

	for (uint32_t i = from; i < end; i++)
		if (is_commented(p, src, i, w->kw, &own)) {
			at = i;
			break;
		}
	place_insert_after(p, src, at, place_line_text(p, &own, w->kw, w->value), own.eol);
}

uint32_t
place_commented(struct planner *p, uint32_t src, uint32_t end, const struct group *g)
{
	struct habit h;

	for (uint32_t i = 0; i < end; i++)
		for (const struct want *w = g->first; w != NULL; w = w->next)
			if (place_is_open(p, w) && is_commented(p, src, i, w->kw, &h))
				return i;
	return UINT32_MAX;
}

static bool
list_has(struct str list, struct str word)
{
	struct str part;

	while (list.n > 0 && str_split(&list, ',', &part))
		if (str_ieq(str_trim(part), word))
			return true;
	return false;
}

/* Both lists as one, the words of more that own has not behind it. */
static struct str
join_lists(struct arena *a, struct str own, struct str more)
{
	struct buf b = { 0 };
	struct str part, out;

	buf_add(&b, own);
	while (more.n > 0 && str_split(&more, ',', &part)) {
		if (list_has(own, part))
			continue;
		buf_addc(&b, b.n > 0 ? "," : "");
		buf_add(&b, part);
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Above the comment that belongs to the first line of text. */
static void
insert_on_top(struct planner *p, struct want *w)
{
	const struct conf *c = &p->base.conf;
	const struct source *s = &c->src[0];
	struct habit h = { .sep = STR(" "), .eol = place_eol(c, 0, 0) };
	uint32_t at = 0;
	struct str line;

	while (at < s->n && !place_is_text(c, 0, at))
		at++;
	while (at > 0 && s->line[at - 1].kind == LINE_COMMENT)
		at--;
	w->norm = line = place_line_text(p, &h, w->kw, w->value);
	place_insert_after(p, 0, at > 0 ? at - 1 : UINT32_MAX, line, h.eol);
}

/* A word that IgnoreUnknown could hide, read before set? */
static bool
is_read_before(const struct diag *d, uint32_t set)
{
	return d->ignorable && d->at_set <= set;
}

/* Does the word that the finding is about stand above set, in reading order? */
static bool
is_above(const struct conf *c, const struct finding *f, uint32_t set)
{
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].src == f->at.src && c->diag[i].line + 1 == f->at.line &&
		    is_read_before(&c->diag[i], set))
			return true;
	return false;
}

/* The words of list that stand below set somewhere. */
static struct str
below(struct planner *p, struct str list, uint32_t set)
{
	const struct conf *c = &p->base.conf;
	struct buf b = { 0 };
	struct str part;

	if (p->below.of.p == list.p && p->below.of.n == list.n)
		return p->below.list;
	p->below.of = list;
	while (list.n > 0 && str_split(&list, ',', &part)) {
		size_t i = 0;

		while (i < c->n_diag &&
		    (!c->diag[i].ignorable || is_read_before(&c->diag[i], set) || !str_ieq(c->diag[i].word, part)))
			i++;
		if (i == c->n_diag)
			continue;
		buf_addc(&b, b.n > 0 ? "," : "");
		buf_add(&b, part);
	}
	p->below.list = arena_str(p->a, buf_str(&b));
	buf_release(&b);
	return p->below.list;
}

bool
place_ignore_unknown(struct planner *p, struct want *w)
{
	const struct conf *c = &p->base.conf;
	const struct set *first = NULL;
	struct str word;
	struct args args;

	for (size_t i = 0; i < c->n_set && first == NULL; i++)
		if (c->set[i].row == w->kw)
			first = &c->set[i];
	if (p->o->lines_only) {
		p->why =
		    STR("this is a part of a config: whether another IgnoreUnknown is read first is not known here");
		return false;
	}
	if (first == NULL) {
		if (!place_writable(p, 0))
			return false;
		insert_on_top(p, w);
	} else {
		if (first->src != 0 || c->block[first->block].kind != BLOCK_FILE ||
		    !conf_line_args(c, p->a, 0, first->line, &word, &args) || args.n != 1) {
			p->why =
			    STR("only the first IgnoreUnknown is read, and one stands in a block or a file of its own");
			return false;
		}
		if (is_above(c, w->finding, (uint32_t)(first - c->set))) {
			p->why = STR("the first IgnoreUnknown line, the only one that is read, stands below it, and "
				     "acts on what follows");
			return false;
		}
		w->value = join_lists(p->a, args.v[0].text, below(p, w->value, (uint32_t)(first - c->set)));
		w->norm = str_trim(place_line_after(p, 0, first->line, word, w->value));
		if (!place_writable(p, 0) || !mark_line(p, 0, first->line, (struct str){ 0 }, w->value))
			return false;
	}
	return true;
}
