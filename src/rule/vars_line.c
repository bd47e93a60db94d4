/* SPDX-License-Identifier: MIT */
/* Names that rules with each = line may use: what is to be said of one line. */
#include "rule/rule.h"
#include "conf/template.h"

struct xval
v_line_problem(const struct rule_ctx *c)
{
	const struct diag *d = c->line->diag;

	if (d == NULL)
		return xval_text(STR(""));
	/* A word that IgnoreUnknown hides is no problem, unless it looks like a slip of a known one. */
	if (c->line->hidden)
		return xval_text(d->kind == DIAG_MISSPELT ? STR("hidden-typo") : STR("hidden"));
	return xval_text(str_c(diag_name((enum diag_kind)d->kind)));
}

struct xval
v_line_effect(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[DIAG_NOTICE] = "notice", [DIAG_PRINTED] = "printed", [DIAG_COUNTED] = "counted", [DIAG_FATAL] = "fatal"
	};

	return xval_text(c->line->diag != NULL ? str_c(names[c->line->diag->effect]) : STR(""));
}

struct xval
v_line_word(const struct rule_ctx *c)
{
	return xval_text(c->line->diag != NULL ? c->line->diag->word : STR(""));
}

struct xval
v_line_hint(const struct rule_ctx *c)
{
	return xval_text(c->line->diag != NULL ? c->line->diag->hint : STR(""));
}

struct xval
v_line_message(const struct rule_ctx *c)
{
	struct str msg = c->line->diag != NULL ? c->line->diag->msg : STR(""), next;
	size_t at;

	if (str_chr(msg, '\n', 0) == SIZE_MAX)
		return xval_text(msg);
	/* two lines where OpenSSH prints two, each with the name of the file ahead, which may hold a line feed itself */
	next = arena_printf(c->arena, "\n%.*s", STR_ARG(c->line->conf->src[c->line->src].name));
	at = str_find(msg, next);
	if (at == SIZE_MAX)
		return xval_text(msg);
	return xval_text(
	    arena_printf(c->arena, "%.*s; %.*s", STR_ARG(str_head(msg, at)), STR_ARG(str_from(msg, at + 1))));
}

static struct str
line_raw(const struct rule_ctx *c)
{
	if (c->line->line >= c->line->conf->src[c->line->src].n)
		return STR("");
	return str_trim(conf_line_raw(c->line->conf, c->line->src, c->line->line));
}

struct xval
v_line_text(const struct rule_ctx *c)
{
	return xval_text(line_raw(c));
}

struct xval
v_line_keyword(const struct rule_ctx *c)
{
	const struct line_view *l = c->line;
	unsigned row = l->set != NULL	     ? l->set->row :
	    l->line < l->conf->src[l->src].n ? l->conf->src[l->src].line[l->line].row :
					       KW_UNKNOWN;

	return xval_text(row != KW_UNKNOWN ? str_c(kw_row(l->conf->side, row)->name) : STR(""));
}

struct xval
v_line_value(const struct rule_ctx *c)
{
	const struct conf *conf = c->line->conf;
	struct args args;
	struct str word;

	if (c->line->line >= conf->src[c->line->src].n ||
	    !conf_line_args(conf, c->arena, c->line->src, c->line->line, &word, &args))
		return xval_text(STR(""));
	/* as a template has it, not as it is masked */
	return xval_text(
	    str_head(str_from(conf_line_raw(conf, c->line->src, c->line->line), args.rest_off), args.rest.n));
}

struct xval
v_line_set(const struct rule_ctx *c)
{
	return xval_number(c->line->set != NULL);
}

struct xval
v_line_unused(const struct rule_ctx *c)
{
	return xval_number(c->line->unused);
}

static struct xval
place(const struct rule_ctx *c, bool have)
{
	const struct span *s = &c->line->by;

	if (!have || s->line == 0)
		return xval_text(STR(""));
	return xval_text(arena_printf(c->arena, "%.*s:%u", STR_ARG(c->line->conf->src[s->src].shown), s->line));
}

struct xval
v_line_unused_by(const struct rule_ctx *c)
{
	return place(c, c->line->unused || c->line->dropin_wins);
}

struct xval
v_line_duplicate(const struct rule_ctx *c)
{
	return xval_number(c->line->duplicate);
}

struct xval
v_line_duplicate_of(const struct rule_ctx *c)
{
	return place(c, c->line->duplicate);
}

struct xval
v_line_in_match(const struct rule_ctx *c)
{
	return xval_number(c->line->block != NULL && c->line->block->kind == BLOCK_MATCH);
}

struct xval
v_line_block(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[BLOCK_FILE] = "global", [BLOCK_HOST] = "host", [BLOCK_MATCH] = "match", [BLOCK_MAYBE] = "template"
	};

	return xval_text(c->line->block != NULL ? str_c(names[c->line->block->kind]) : STR("global"));
}

struct xval
v_line_block_text(const struct rule_ctx *c)
{
	const struct block *b = c->line->block;

	if (b == NULL || b->kind == BLOCK_FILE || b->kind == BLOCK_MAYBE)
		return xval_text(STR(""));
	return xval_text(conf_block_name(c->line->conf, b));
}

struct xval
v_line_block_line(const struct rule_ctx *c)
{
	return xval_number(c->line->block != NULL ? c->line->block->line + 1 : 0);
}

struct xval
v_line_header(const struct rule_ctx *c)
{
	return xval_number(c->line->header);
}

struct xval
v_line_host_comma(const struct rule_ctx *c)
{
	const struct line_view *l = c->line;
	bool hit = false;

	for (uint32_t i = 0; l->header && i < l->block->n_pat; i++)
		hit |= str_chr(l->conf->pat[l->block->first_pat + i], ',', 0) != SIZE_MAX;
	return xval_number(hit);
}

struct xval
v_line_negations_only(const struct rule_ctx *c)
{
	const struct line_view *l = c->line;
	bool all = l->header && l->block->kind == BLOCK_HOST && l->block->n_pat > 0;

	for (uint32_t i = 0; all && i < l->block->n_pat; i++) {
		struct str p = l->conf->pat[l->block->first_pat + i];

		all = p.n > 0 && p.p[0] == '!';
	}
	return xval_number(all);
}

struct xval
v_line_first_star(const struct rule_ctx *c)
{
	return xval_number(c->line->first_star);
}

struct xval
v_line_exec(const struct rule_ctx *c)
{
	const struct line_view *l = c->line;
	bool hit = false;

	for (uint32_t i = 0; l->header && i < l->block->n_crit; i++)
		hit |= l->conf->crit[l->block->first_crit + i].kind == CRIT_EXEC;
	return xval_number(hit);
}

struct xval
v_line_comment(const struct rule_ctx *c)
{
	struct str s = line_raw(c);
	size_t at = str_chr(s, '#', 0);

	return xval_number(
	    at != SIZE_MAX && at > 0 && c->line->conf->src[c->line->src].line[c->line->line].kind == LINE_KEYWORD);
}

struct xval
v_line_glued(const struct rule_ctx *c)
{
	struct xval v = v_line_value(c);
	size_t at = str_chr(v.text, '#', 0);

	return xval_number(at != SIZE_MAX && at > 0 && v.text.p[at - 1] != ' ' && v.text.p[at - 1] != '\t');
}

struct xval
v_line_included_in_match(const struct rule_ctx *c)
{
	const struct line_view *l = c->line;
	bool is_include = l->line < l->conf->src[l->src].n && l->conf->src[l->src].line[l->line].row != KW_UNKNOWN &&
	    kw_row(l->conf->side, l->conf->src[l->src].line[l->line].row)->type == KW_T_INCLUDE;

	return xval_number(is_include && l->block != NULL && l->block->kind == BLOCK_MATCH);
}

struct xval
v_line_dropin(const struct rule_ctx *c)
{
	return xval_number(c->line->dropin_wins);
}

struct xval
v_line_open_zero(const struct rule_ctx *c)
{
	return xval_number(c->line->open_zero);
}

struct xval
v_line_open_when(const struct rule_ctx *c)
{
	return xval_text(!c->line->open_zero ? STR("") :
		c->line->open_interval	     ? STR("whatever the template makes of ClientAliveInterval") :
					       STR("where the template has this line"));
}

struct xval
v_line_final(const struct rule_ctx *c)
{
	const struct line_view *l = c->line;
	bool hit = false;

	for (uint32_t i = 0; l->block != NULL && i < l->block->n_crit; i++) {
		const struct crit *k = &l->conf->crit[l->block->first_crit + i];

		hit |= !k->negated && (k->kind == CRIT_FINAL || k->kind == CRIT_CANONICAL);
	}
	return xval_number(hit);
}

struct xval
v_line_outdented(const struct rule_ctx *c)
{
	return xval_number(c->line->outdented);
}

struct xval
v_line_unread(const struct rule_ctx *c)
{
	return xval_number(c->line->unread_by.n > 0);
}

struct xval
v_line_unread_by(const struct rule_ctx *c)
{
	return xval_text(c->line->unread_by);
}

struct xval
v_line_waits(const struct rule_ctx *c)
{
	return xval_number(c->line->waiting != NULL && c->line->waiting->what.n > 0);
}

struct xval
v_line_waits_what(const struct rule_ctx *c)
{
	return xval_text(c->line->waiting != NULL ? c->line->waiting->what : STR(""));
}

/* "this line is", "this line and 2 more are" */
struct xval
v_line_waits_for(const struct rule_ctx *c)
{
	size_t n = c->line->waiting != NULL ? c->line->waiting->n : 0;

	if (n < 2)
		return xval_text(n == 0 ? STR("") : STR("this line is"));
	return xval_text(arena_printf(c->arena, "this line and %zu more are", n - 1));
}
