/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a config of either side: lines joined are the input, all that the document says lies inside it, and
 * the quick reading of common lines says what the general scanners say.
 */
#include "fuzz.h"

#include "conf/doc.h"

static void
read_conf(struct conf *c, struct str in, enum kw_side side, struct ver v)
{
	static struct fuzz_map none = { .dir = "/" };
	static const struct loader loader = { .ctx = &none, .read = fuzz_map_read, .glob = fuzz_map_glob };
	struct conf_opts o = {
		.side = side, .ver = v, .loader = &loader, .home = STR("/home/u"), .etc_ssh = STR("/etc/ssh")
	};

	conf_init(c, &o);
	FUZZ_CHECK(conf_add_bytes(c, &o, STR("input"), in, SOURCE_USER, NULL) == SK_OK, "content is never an error");
}

static void
check_round_trip(const struct conf *c, struct str in)
{
	const struct source *s = &c->src[0];
	struct buf b = { 0 };
	size_t at = 0;

	FUZZ_CHECK(str_eq(s->bytes, in), "the source is the input");
	for (uint32_t i = 0; i < s->n; i++) {
		const struct line *l = &s->line[i];

		FUZZ_CHECK(l->off == at, "line %u begins at %u, not at %zu", i + 1, l->off, at);
		FUZZ_CHECK(l->eol <= 1 && (l->eol == 1 || i + 1 == s->n), "line %u: end of %u bytes", i + 1, l->eol);
		FUZZ_CHECK(str_chr(conf_line_text(c, 0, i), '\n', 0) == SIZE_MAX, "line %u holds a line feed", i + 1);
		FUZZ_CHECK(l->kind <= LINE_GLUED, "line %u is of kind %u", i + 1, l->kind);
		FUZZ_CHECK((l->kind == LINE_KEYWORD) == (l->row != KW_UNKNOWN), "line %u: row %u", i + 1, l->row);
		buf_add(&b, conf_line_text(c, 0, i));
		if (l->eol == 1)
			buf_addch(&b, '\n');
		at += l->len + l->eol;
	}
	FUZZ_CHECK(str_eq(buf_str(&b), in), "lines joined are the input");
	buf_release(&b);
}

static void
check_places(const struct conf *c)
{
	const struct source *s = &c->src[0];

	for (size_t i = 0; i < c->n_set; i++) {
		const struct set *t = &c->set[i];

		FUZZ_CHECK(t->src == 0 && t->line < s->n && t->block < c->n_block, "set %zu", i);
		FUZZ_CHECK(s->line[t->line].kind == LINE_KEYWORD, "set %zu stands on line %u", i, t->line + 1);
	}
	for (size_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];

		FUZZ_CHECK(d->src == 0 && d->line < s->n && d->kind < DIAG_MAX_, "diag %zu", i);
		FUZZ_CHECK(d->at_set <= c->n_set && d->block < c->n_block && d->col >= 1, "diag %zu", i);
		FUZZ_CHECK(d->effect < DIAG_COUNTED || d->msg.n > 0, "diag %zu refuses without a message", i);
		FUZZ_CHECK(d->len == 0 || d->col - 1 + d->len <= s->line[d->line].len ||
			(d->line + 1 < s->n && s->line[d->line + 1].kind == LINE_GLUED),
		    "diag %zu: %u bytes at column %u of line %u", i, d->len, d->col, d->line + 1);
	}
	for (size_t i = 0; i < c->n_block; i++) {
		const struct block *b = &c->block[i];

		FUZZ_CHECK(b->src == 0 && (b->line < s->n || b->kind == BLOCK_FILE), "block %zu", i);
		FUZZ_CHECK(b->parent < (int64_t)i && b->first_pat + b->n_pat <= c->n_pat, "block %zu", i);
		FUZZ_CHECK(b->first_crit + b->n_crit <= c->n_crit && b->first_seg < c->n_seg, "block %zu", i);
	}
}

/* The arguments of every keyword line lie on it, and what was accepted is accepted when read by itself. */
static void
check_values(const struct conf *c)
{
	struct arena a = { 0 };
	bool *said = calloc(c->src[0].n + 1, sizeof(*said));
	uint32_t seen = 0;

	FUZZ_CHECK(said != NULL, "memory");
	for (size_t i = 0; i < c->n_diag; i++)
		said[c->diag[i].line] = true;
	for (uint32_t i = 0; i < c->src[0].n; i++) {
		struct str word;
		struct args args;

		arena_reset(&a);
		if (!conf_line_args(c, &a, 0, i, &word, &args))
			continue;
		for (size_t k = 0; k < args.n; k++)
			FUZZ_CHECK(args.v[k].off >= args.rest_off && (k == 0 || args.v[k].off >= args.v[k - 1].off),
			    "line %u: argument %zu at %u", i + 1, k + 1, args.v[k].off);
	}
	for (size_t i = 0; i < c->n_set; i++) {
		const struct set *t = &c->set[i];
		struct value_ctx ctx = { .side = c->side, .v = c->ver, .file = STR("input"), .line = 1 };
		struct value v, again;
		struct str msg = { 0 };
		struct args args;

		arena_reset(&a);
		FUZZ_CHECK(t->line >= seen, "sets stand in reading order");
		seen = t->line;
		if (!conf_line_args(c, &a, 0, t->line, &ctx.word, &args) || c->src[0].line[t->line].len > 1000)
			continue;
		FUZZ_CHECK(value_read(&a, kw_row(c->side, t->row), &args, &ctx, &v, &msg) == VALUE_OK || said[t->line],
		    "line %u is refused by itself: %.*s", t->line + 1, STR_ARG(msg));
		FUZZ_CHECK(v.unset == ((t->flags & SET_UNSETS) != 0), "line %u: unset", t->line + 1);
		conf_set_value(c, &a, t, &again);
		FUZZ_CHECK(
		    again.num == v.num && again.num2 == v.num2 && again.num3 == v.num3 && str_eq(again.text, v.text),
		    "line %u has two values", t->line + 1);
	}
	free(said);
	arena_release(&a);
}

static void
check_equal(const struct conf *a, const struct conf *b)
{
	FUZZ_CHECK(a->n_set == b->n_set && a->n_diag == b->n_diag && a->n_block == b->n_block && a->n_pat == b->n_pat &&
		a->n_crit == b->n_crit && a->n_seg == b->n_seg && a->final_asked == b->final_asked,
	    "read twice: %zu and %zu sets, %zu and %zu diags", a->n_set, b->n_set, a->n_diag, b->n_diag);
	for (size_t i = 0; i < a->n_set; i++)
		FUZZ_CHECK(a->set[i].row == b->set[i].row && a->set[i].line == b->set[i].line &&
			a->set[i].block == b->set[i].block && a->set[i].flags == b->set[i].flags,
		    "set %zu", i);
	for (size_t i = 0; i < a->n_diag; i++)
		FUZZ_CHECK(a->diag[i].kind == b->diag[i].kind && a->diag[i].line == b->diag[i].line &&
			a->diag[i].effect == b->diag[i].effect && str_eq(a->diag[i].msg, b->diag[i].msg),
		    "diag %zu: %.*s", i, STR_ARG(b->diag[i].msg));
	for (uint32_t i = 0; i < a->src[0].n; i++)
		FUZZ_CHECK(
		    a->src[0].line[i].kind == b->src[0].line[i].kind && a->src[0].line[i].no == b->src[0].line[i].no,
		    "line %u: kind %u and %u", i + 1, a->src[0].line[i].kind, b->src[0].line[i].kind);
}

/*
 * The same text with = for the first blank behind the keywords: it means the same, and the short way that common lines
 * take does not know it, so the general scanners read all lines.
 */
static void
uncommon(struct arena *a, const struct conf *c, struct str in, struct str *ret)
{
	char *p = arena_alloc(a, in.n + 1);

	if (in.n > 0)
		memcpy(p, in.p, in.n);
	for (uint32_t i = 0; i < c->src[0].n; i++) {
		const struct line *l = &c->src[0].line[i];
		uint32_t at = l->off, end = l->off + l->len;

		if (l->kind != LINE_KEYWORD || kw_row(c->side, l->row)->type == KW_T_MATCH)
			continue;
		while (at < end && (p[at] == ' ' || p[at] == '\t'))
			at++;
		while (at < end && ((p[at] >= 'a' && p[at] <= 'z') || (p[at] >= 'A' && p[at] <= 'Z')))
			at++;
		if (at + 1 < end && (p[at] == ' ' || p[at] == '\t') && memchr(p + at, '=', end - at) == NULL &&
		    memchr(p + at, '"', end - at) == NULL)
			p[at] = '=';
	}
	*ret = (struct str){ p, in.n };
}

static void
one_side(struct str in, enum kw_side side, struct ver v)
{
	struct conf c, twice;
	struct arena a = { 0 };
	struct str same;

	read_conf(&c, in, side, v);
	check_round_trip(&c, in);
	check_places(&c);
	check_values(&c);
	read_conf(&twice, c.src[0].bytes, side, v);
	check_equal(&c, &twice);
	conf_release(&twice);
	uncommon(&a, &c, in, &same);
	read_conf(&twice, same, side, v);
	check_equal(&c, &twice);
	conf_release(&twice);
	arena_release(&a);
	conf_release(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size);
	struct ver v = fuzz_ver(in);

	one_side(in, KW_CLIENT, v);
	one_side(in, KW_SERVER, v);
	return 0;
}
