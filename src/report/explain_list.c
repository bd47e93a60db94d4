/* SPDX-License-Identifier: MIT */
/* The lines without effect as a list, in text and JSON. */
#include "report/explain.h"
#include "report/layout.h"
#include "report/values.h"

enum {
	PLACE_W = 24,
	INDENT = 2 + PLACE_W + 1,
	NO_MATCH_MAX = 20, /* lines of blocks for other hosts in text; JSON has all */
	LINES_MAX = 40,	   /* others, of each list */
};

/* Lines that OpenSSH accepts without an effect: one row per kind of diag. */
static const struct {
	enum diag_kind kind;
	const char *word, *text;
} inert[] = {
	{ DIAG_UNKNOWN_KEYWORD, "ignore-unknown", "an unknown word" },
	{ DIAG_MISSPELT, "ignore-unknown", "an unknown word" },
	{ DIAG_TOO_NEW, "ignore-unknown", "a word that this release does not know" },
	{ DIAG_WRONG_SIDE, "wrong-side", "a word of the other side" },
	{ DIAG_OTHER_VENDOR, "ignore-unknown", "a word of another vendor's ssh" },
	{ DIAG_BOM, "ignore-unknown", "an unknown word" },
	{ DIAG_DEPRECATED, "deprecated", "accepted, but without meaning today" },
	{ DIAG_UNSUPPORTED, "unsupported", "not supported by this OpenSSH" },
	{ DIAG_INCLUDE_UNREADABLE, "include", "names a file that cannot be read here" },
	{ DIAG_INCLUDE_OUTSIDE, "include", "names a file that is not read from here" },
	{ DIAG_VOID_LINE, "void", "lost in silence: a quote is never closed, or two = stand in front" },
};

static size_t
inert_row(const struct diag *d)
{
	size_t i = 0;

	while (i < sizeof inert / sizeof *inert && inert[i].kind != (enum diag_kind)d->kind)
		i++;
	return i;
}

/* False for diags that are no lines without effect. */
static bool
is_inert(const struct diag *d)
{
	return inert_row(d) < sizeof inert / sizeof *inert;
}

static void
add_inert(const struct effective *ev, const struct diag *d, struct buf *b)
{
	const struct conf *c = ev->conf;
	const struct eff *ignore = eff_get(ev, KW_ID_IGNOREUNKNOWN);

	buf_addc(b, inert[inert_row(d)].text);
	if (d->kind == DIAG_WRONG_SIDE)
		buf_addf(b, " (%s)", c->side == KW_CLIENT ? "sshd_config" : "ssh_config");
	else if (d->kind == DIAG_MISSPELT)
		buf_addf(b, " (%.*s?)", STR_ARG(d->hint));
	else if (d->hint.n > 0)
		buf_addf(b, " (%.*s)", STR_ARG(d->hint));
	if (d->effect == DIAG_COUNTED && ignore->set != UINT32_MAX) {
		buf_addc(b, ", hidden by IgnoreUnknown, ");
		explain_place(c, c->set[ignore->set].src, c->set[ignore->set].line, b);
	}
}

static void
add_entry(const struct conf *c, uint32_t src, uint32_t line, struct buf *why, size_t width, struct buf *out)
{
	struct buf at = { 0 };

	if (c->src[src].origin == SOURCE_CMDLINE) {
		buf_addc(&at, "command line");
	} else {
		buf_add(&at, c->src[src].shown);
		buf_addf(&at, ":%u", line + 1);
	}
	buf_addc(out, "  ");
	if (layout_width(buf_str(&at)) <= PLACE_W) {
		layout_cell(out, buf_str(&at), PLACE_W);
		buf_addc(out, " ");
	} else {
		buf_add_escaped(out, buf_str(&at));
		buf_addc(out, "\n");
		buf_addn(out, ' ', INDENT);
	}
	layout_wrap(out, str_trim(conf_line_text(c, src, line)), INDENT, INDENT + 2, width);
	buf_addn(out, ' ', INDENT + 2);
	layout_wrap(out, buf_str(why), INDENT + 2, INDENT + 2, width);
	buf_release(&at);
}

/* What a list of n lines leaves out. */
static void
add_more(size_t n, struct buf *out)
{
	if (n > LINES_MAX)
		buf_addf(out, "  %zu more (--format json has them)\n", n - LINES_MAX);
}

/* Lines that lose whatever holds, or those of blocks that cannot be decided. */
static void
list_lost(const struct report_host *h, bool undecided, size_t width, struct buf *out)
{
	const struct conf *c = h->ev->conf;
	size_t others = 0, n = 0;
	struct buf b = { 0 };
	bool first = true;

	for (size_t i = 0; i < h->why->n_lost; i++) {
		const struct lost *l = &h->why->lost[i];

		if ((l->why == LOSE_UNKNOWN) != undecided)
			continue;
		if (first)
			buf_addf(out, "lines that %s here\n", undecided ? "cannot be decided" : "never win");
		first = false;
		/* A big file has many blocks for other hosts; what is odd about a header is always told. */
		if (l->why == LOSE_NO_MATCH && l->in_the_way.obstacle == OBST_NO_PATTERN && ++others > NO_MATCH_MAX)
			continue;
		if ((l->why != LOSE_NO_MATCH || l->in_the_way.obstacle != OBST_NO_PATTERN) && ++n > LINES_MAX)
			continue;
		buf_clear(&b);
		explain_why(h->ev, l, &b);
		add_entry(c, c->set[l->set].src, c->set[l->set].line, &b, width, out);
	}
	add_more(n, out);
	if (others > NO_MATCH_MAX)
		buf_addf(out, "  %zu more in blocks of other hosts (--format json has them)\n", others - NO_MATCH_MAX);
	buf_release(&b);
}

static void
list_inert(const struct report_host *h, size_t width, struct buf *out)
{
	const struct conf *c = h->ev->conf;
	struct buf b = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];

		if (!is_inert(d))
			continue;
		if (++n > LINES_MAX)
			continue;
		if (n == 1)
			buf_addc(out, "lines without any effect\n");
		buf_clear(&b);
		add_inert(h->ev, d, &b);
		add_entry(c, d->src, d->line, &b, width, out);
	}
	add_more(n, out);
	buf_release(&b);
}

void
explain_text(const struct report_host *h, size_t width, struct buf *out)
{
	if (h->why == NULL || h->ev->refused)
		return;
	list_lost(h, true, width, out);
	list_lost(h, false, width, out);
	list_inert(h, width, out);
}

/* The Include lines that lead to a file, from the inside out. */
static void
json_chain(struct json *j, const struct conf *c, uint32_t src)
{
	if (c->src[src].depth == 0)
		return;
	json_open(j, "included_from", '[');
	for (const struct source *s = &c->src[src]; s->depth > 0; s = &c->src[s->inc_src]) {
		json_open(j, NULL, '{');
		json_str(j, "file", c->src[s->inc_src].shown);
		json_int(j, "line", (int64_t)s->inc_line + 1);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
json_line(struct json *j, const char *key, const struct conf *c, uint32_t src, uint32_t line)
{
	json_open(j, key, '{');
	json_str(j, "file", c->src[src].shown);
	json_int(j, "line", (int64_t)line + 1);
	json_str(j, "text", str_trim(conf_line_text(c, src, line)));
	json_close(j, '}');
}

static void
json_lost(struct json *j, const struct effective *ev, const struct lost *l)
{
	const struct conf *c = ev->conf;
	const struct set *s = &c->set[l->set];
	struct buf b = { 0 };

	json_open(j, NULL, '{');
	json_strz(j, "keyword", kw_row(c->side, l->row)->name);
	json_str(j, "text", str_trim(conf_line_text(c, s->src, s->line)));
	json_str(j, "file", c->src[s->src].shown);
	json_int(j, "line", (int64_t)s->line + 1);
	json_chain(j, c, s->src);
	json_strz(j, "why", values_why((enum lose_why)l->why));
	explain_why(ev, l, &b);
	json_str(j, "detail", buf_str(&b));
	if (l->by != UINT32_MAX && l->why != LOSE_NO_MATCH && l->why != LOSE_UNKNOWN && l->why != LOSE_SCOPE)
		json_line(j, "by", c, c->set[l->by].src, c->set[l->by].line);
	if (l->in_the_way.block != UINT32_MAX)
		json_line(j, "header", c, c->block[l->in_the_way.block].src, c->block[l->in_the_way.block].line);
	json_close(j, '}');
	buf_release(&b);
}

static void
json_inert(struct json *j, const struct effective *ev, const struct diag *d)
{
	const struct conf *c = ev->conf;
	struct buf b = { 0 };

	json_open(j, NULL, '{');
	json_str(j, "text", str_trim(conf_line_text(c, d->src, d->line)));
	json_str(j, "file", c->src[d->src].shown);
	json_int(j, "line", (int64_t)d->line + 1);
	json_strz(j, "why", inert[inert_row(d)].word);
	add_inert(ev, d, &b);
	json_str(j, "detail", buf_str(&b));
	json_close(j, '}');
	buf_release(&b);
}

void
explain_json(struct json *j, const struct report_host *h)
{
	const struct conf *c = h->ev->conf;

	json_open(j, "lost", '[');
	for (size_t i = 0; h->why != NULL && i < h->why->n_lost; i++)
		json_lost(j, h->ev, &h->why->lost[i]);
	json_close(j, ']');
	json_open(j, "ignored", '[');
	for (size_t i = 0; h->why != NULL && !h->ev->refused && i < c->n_diag; i++)
		if (is_inert(&c->diag[i]))
			json_inert(j, h->ev, &c->diag[i]);
	json_close(j, ']');
}

void
explain_json_value(struct json *j, const struct report_host *h, unsigned row)
{
	const struct effective *ev = h->ev;
	const struct eff *v = &ev->v[row];
	struct buf b = { 0 };
	char text[24];

	if (h->why == NULL)
		return;
	if (v->state == EFF_UNKNOWN) {
		explain_doubt(h, row, &b);
		json_str(j, "criterion", buf_str(&b));
	} else if (v->from == EFF_FROM_DEFAULT) {
		buf_addf(&b, "OpenSSH %s", ver_text(ev->conf->ver, text));
		json_str(j, "default_of", buf_str(&b));
	} else if (v->from == EFF_FROM_OTHER) {
		explain_origin(ev, row, &b);
		json_str(j, "default_of", buf_str(&b));
	} else if (v->origin.line != 0) {
		json_chain(j, ev->conf, v->origin.src);
	}
	buf_release(&b);
}
