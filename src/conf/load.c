/* SPDX-License-Identifier: MIT */
/* Reading a source: physical lines, then one OpenSSH line after the other into blocks, settings and diags. */
#include "conf/load.h"

#include <string.h>

#include "base/mem.h"
#include "conf/template.h"
#include "conf/work.h"

uint32_t
load_block(struct load *ld, enum block_kind kind, int32_t parent)
{
	struct conf *c = ld->c;
	uint32_t i = (uint32_t)c->n_block;

	MEM_GROW(c->block, c->cap_block, c->n_block + 1);
	c->block[c->n_block++] = (struct block){
		.kind = (uint8_t)kind,
		.src = ld->src,
		.line = ld->line,
		.parent = parent,
		.first_seg = (uint32_t)c->n_seg,
		.at_diag = (uint32_t)c->n_diag,
		.at_end = (uint32_t)c->n_end,
	};
	MEM_GROW(c->seg, c->cap_seg, c->n_seg + 1);
	c->seg[c->n_seg++] = (struct seg){ .block = i, .first_set = (uint32_t)c->n_set };
	return i;
}

struct set *
load_set(struct load *ld, unsigned row, unsigned flags)
{
	struct conf *c = ld->c;
	struct seg *last = &c->seg[c->n_seg - 1];

	if (last->block != ld->block) {
		MEM_GROW(c->seg, c->cap_seg, c->n_seg + 1);
		last = &c->seg[c->n_seg++];
		*last = (struct seg){ .block = ld->block, .first_set = (uint32_t)c->n_set };
	}
	last->n_set++;
	MEM_GROW(c->set, c->cap_set, c->n_set + 1);
	c->set[c->n_set++] = (struct set){
		.row = (uint16_t)row,
		.flags = (uint16_t)(flags + SET_CHUNK * (ld->chunk < 16000 ? ld->chunk : 16000)),
		.src = ld->src,
		.line = ld->line,
		.block = ld->block,
		.value = SET_OWN_VALUE,
	};
	return &c->set[c->n_set - 1];
}

/* What the word may have been meant to be; a finer kind than "unknown". */
static void
unknown_kind(struct load *ld, struct diag *d, struct str word)
{
	struct conf *c = ld->c;
	enum kw_side other = c->side == KW_CLIENT ? KW_SERVER : KW_CLIENT;
	const struct kw *near;
	const char *vendor;
	unsigned row;
	char text[24];

	if (ld->line == 0 && str_starts(word, STR("\xef\xbb\xbf"))) {
		d->kind = DIAG_BOM;
		return;
	}
	row = kw_find_any(c->side, word);
	if (row != KW_UNKNOWN) {
		const struct kw *k = kw_row(c->side, row);

		d->kind = DIAG_TOO_NEW;
		if (k->debian && !c->ver.debian) {
			d->kind = DIAG_OTHER_VENDOR;
			d->hint = str_c(diag_vendor(word));
		} else if (k->since > c->ver.n)
			d->hint = arena_printf(&c->arena, "since %s", ver_text((struct ver){ .n = k->since }, text));
		else
			d->hint = STR("no longer known");
		if (d->hint.n == 0)
			d->hint = STR("Debian and Ubuntu");
		return;
	}
	row = kw_find_any(other, word);
	if (row != KW_UNKNOWN) {
		d->kind = DIAG_WRONG_SIDE;
		d->hint = str_c(kw_row(other, row)->name);
		return;
	}
	vendor = diag_vendor(word);
	if (vendor != NULL) {
		d->kind = DIAG_OTHER_VENDOR;
		d->hint = str_c(vendor);
		return;
	}
	near = kw_suggest(c->side, word);
	if (near != NULL) {
		d->kind = DIAG_MISSPELT;
		d->hint = str_c(near->name);
	}
}

static void
unknown_word(struct load *ld, struct str word, const struct args *args)
{
	struct conf *c = ld->c;
	struct diag *d = load_diag(ld, DIAG_UNKNOWN_KEYWORD, DIAG_COUNTED);

	d->word = arena_str(&c->arena, word);
	d->ignorable = c->side == KW_CLIENT;
	/* IgnoreUnknown hides the word, not its quotes: those are what counts then */
	if (d->ignorable && args->bad_quotes && d->effect >= DIAG_COUNTED)
		d->effect = DIAG_PRINTED;
	d->col = (uint32_t)(word.p >= ld->text.p && word.p < ld->text.p + ld->text.n ? word.p - ld->text.p + 1 : 1);
	d->len = (uint32_t)word.n;
	unknown_kind(ld, d, word);
	load_msg_bare(ld, d, "%.*s: line %u: Bad configuration option: %.*s", STR_ARG(c->src[ld->src].name), ld->no,
	    STR_ARG(ld->word));
	if (c->side == KW_SERVER && !ld->global && !args->bad_quotes) {
		d->effect = DIAG_FATAL;
		load_msg(ld, d, "Directive '%.*s' is not allowed within a Match block", STR_ARG(ld->word));
	}
}

/* Accepted words without effect.  True when the line is dealt with. */
static bool
inert_word(struct load *ld, const struct kw *k, const struct args *args)
{
	enum kw_class class = kw_class_in(k, ld->c->ver);
	struct diag *d;

	if (class == KW_ACTIVE || class == KW_ALIAS)
		return false;
	if (args->bad_quotes)
		return false;
	d = load_diag(ld, class == KW_UNSUPPORTED ? DIAG_UNSUPPORTED : DIAG_DEPRECATED,
	    class == KW_UNSUPPORTED ? DIAG_PRINTED : DIAG_NOTICE);
	d->word = arena_str(&ld->c->arena, ld->written);
	if (class == KW_UNSUPPORTED)
		load_msg(ld, d, ld->c->side == KW_SERVER ? "Unsupported option %.*s" : "Unsupported option \"%.*s\"",
		    STR_ARG(ld->word));
	else if (class == KW_DEPRECATED && ld->c->side == KW_SERVER)
		load_msg(ld, d, "Deprecated option %.*s", STR_ARG(ld->word));
	return true;
}

static enum diag_kind
value_diag_kind(struct str msg)
{
	if (str_ends(msg, STR("extra arguments at end of line")) ||
	    str_find(msg, STR("garbage at end of line")) != SIZE_MAX)
		return DIAG_EXTRA_ARGUMENTS;
	if (str_find(msg, STR("missing ")) != SIZE_MAX || str_find(msg, STR("Missing ")) != SIZE_MAX)
		return DIAG_NO_ARGUMENT;
	return DIAG_BAD_VALUE;
}

static bool
is_conditional(const struct conf *c, const struct block *b)
{
	for (uint32_t r = conf_block_region(c, b); r != 0; r = c->region[r].parent)
		if (!c->region[r].loop)
			return true;
	return false;
}

static void
value_word(struct load *ld, unsigned row, unsigned target, const struct args *args)
{
	struct conf *c = ld->c;
	const struct kw *k = kw_row(c->side, target);
	struct value_ctx ctx = {
		.side = c->side,
		.v = c->ver,
		.file = c->src[ld->src].name,
		.line = ld->no,
		.word = ld->word,
		.active = ld->global,
		.taken = k->id == KW_ID_AUTHENTICATIONMETHODS && c->methods_taken,
		.name = c->subsystem,
		.n_name = k->id == KW_ID_SUBSYSTEM ? c->n_subsystem : 0,
	};
	enum value_verdict verdict;
	struct value v = { 0 };
	struct str msg = { 0 };
	struct diag *d;
	bool taken;

	verdict = value_read(ld->scratch, k, args, &ctx, &v, &msg);
	/* Words too many are noticed when the value is already stored. */
	if (verdict == VALUE_OK || verdict == VALUE_PRINTED ||
	    (verdict == VALUE_COUNTED && value_diag_kind(msg) == DIAG_EXTRA_ARGUMENTS)) {
		struct set *set = load_set(ld, target, v.unset ? SET_UNSETS : 0);

		if (verdict == VALUE_OK && msg.n == 0)
			plain_learn(ld, row, args->rest, v.unset ? SET_UNSETS : 0, set);
		/* a template's branches may leave it out */
		taken = ld->global && !is_conditional(c, &c->block[ld->block]);
		c->methods_taken |= k->id == KW_ID_AUTHENTICATIONMETHODS && taken;
		if (k->id == KW_ID_SUBSYSTEM && taken) {
			MEM_GROW(c->subsystem, c->cap_subsystem, c->n_subsystem + 1);
			c->subsystem[c->n_subsystem++] = arena_str(&c->arena, v.name);
		}
		if (v.unset && k->print != 0)
			load_diag(ld, DIAG_NONE_UNSETS, DIAG_NOTICE)->word = str_c(k->name);
		if (row != target && k->print != 0)
			load_diag(ld, DIAG_ALIAS, DIAG_NOTICE)->hint = str_c(k->name);
	}
	if (verdict == VALUE_OK && msg.n == 0)
		return;
	d = load_diag(ld, value_diag_kind(msg),
	    verdict == VALUE_FATAL	 ? DIAG_FATAL :
		verdict == VALUE_COUNTED ? DIAG_COUNTED :
					   DIAG_PRINTED);
	d->word = arena_str(&c->arena, ld->written);
	d->msg = arena_str(&c->arena, msg);
	if (args->n > 0) {
		d->col = args->v[0].off + 1;
		d->len = args->v[args->n - 1].off + args->v[args->n - 1].len - args->v[0].off;
		d->hint = arena_str(&c->arena, args->rest);
	}
}

/* A setting, Match or Include of which a template computes the rest. */
static void
vague_word(struct load *ld, const struct kw *k, unsigned row)
{
	if (k->type == KW_T_MATCH) {
		load_vague_match(ld);
		load_header(ld);
		ld->global = false;
	} else if (k->type == KW_T_INCLUDE) {
		load_opaque(ld);
	} else {
		load_vague_set(ld, row);
	}
}

static void
known_word(struct load *ld, unsigned row, const struct args *args, size_t rest_off)
{
	struct conf *c = ld->c;
	unsigned target = kw_target(c->side, row, c->ver);
	const struct kw *k = kw_row(c->side, target), *own = kw_row(c->side, row);
	bool server = c->side == KW_SERVER, cmdline = c->src[ld->src].origin == SOURCE_CMDLINE;
	struct diag *d;

	if (args->bad_quotes && !ld->vague) {
		d = load_diag(ld, DIAG_BAD_QUOTES, DIAG_COUNTED);
		load_msg(ld, d, "invalid quotes");
		if (k->type != KW_T_MATCH || server)
			return;
	}
	if (server && !ld->global && k->type != KW_T_MATCH && k->type != KW_T_INCLUDE && !kw_match_ok(own, c->ver)) {
		d = load_diag(ld, DIAG_NOT_IN_MATCH, DIAG_FATAL);
		d->word = str_c(own->name);
		load_msg(ld, d, "Directive '%.*s' is not allowed within a Match block", STR_ARG(ld->word));
		return;
	}
	if (inert_word(ld, own, args))
		return;
	if (ld->vague && k->type != KW_T_HOST) {
		vague_word(ld, k, target);
		return;
	}
	if (cmdline && (k->type == KW_T_HOST || k->type == KW_T_MATCH || k->type == KW_T_INCLUDE)) {
		d = load_diag(ld, DIAG_BAD_VALUE, DIAG_FATAL);
		/* (ssh says Host for Match, too) */
		load_msg_bare(ld, d, "%s directive not supported as a command-line option",
		    k->type == KW_T_MATCH && !server ? "Host" : k->name);
		return;
	}
	if (k->type == KW_T_HOST) {
		load_host(ld, args);
		load_header(ld);
	} else if (k->type == KW_T_MATCH) {
		const struct block *b;

		load_match(ld, rest_off);
		load_header(ld);
		b = &c->block[ld->block];
		/* Only where a block could be at all. */
		ld->global = server && c->block[ld->file_block].kind == BLOCK_FILE && ld->file_global &&
		    conf_match_at_start(c, b);
	} else if (k->type == KW_T_INCLUDE) {
		load_include(ld, args);
	} else {
		value_word(ld, row, target, args);
	}
}

static void
note_bytes(struct load *ld, struct str raw)
{
	if (str_chr(raw, '\0', 0) != SIZE_MAX)
		load_diag(ld, DIAG_NUL, DIAG_NOTICE);
}

/* One line as OpenSSH reads it.  raw: the physical line. */
static void
read_line(struct load *ld, struct line *l, struct str raw)
{
	struct conf *c = ld->c;
	struct args args;
	struct str word;
	size_t rest_off;
	bool lost;
	unsigned row;

	l->row = KW_UNKNOWN;
	if (!split_keyword(ld->scratch, ld->text, c->side, c->ver, &word, &rest_off, &lost)) {
		l->kind = lost ? LINE_VOID : str_trim(raw).n == 0 ? LINE_BLANK : LINE_COMMENT;
		if (lost)
			load_diag(ld, DIAG_VOID_LINE, DIAG_NOTICE);
		return;
	}
	row = kw_find(c->side, word, c->ver);
	l->kind = row == KW_UNKNOWN ? LINE_UNKNOWN : LINE_KEYWORD;
	l->row = (uint16_t)row;
	ld->word = ld->written = word;
	if (c->side == KW_CLIENT)
		ld->word = arena_lower(ld->scratch, word);
	split_args(ld->scratch, ld->text, rest_off, c->side, c->ver, &args);
	if (args.none && c->ver.n >= VER(8, 7)) {
		struct diag *d = load_diag(ld, DIAG_NO_ARGUMENT, DIAG_COUNTED);

		d->word = arena_str(&c->arena, ld->written);
		if (ld->line == 0 && str_starts(word, STR("\xef\xbb\xbf")))
			d->kind = DIAG_BOM;
		load_msg(ld, d, "no argument after keyword \"%.*s\"", STR_ARG(ld->word));
		return;
	}
	if (row == KW_UNKNOWN) {
		unknown_word(ld, word, &args);
		if (args.bad_quotes) {
			struct diag *d = c->side == KW_CLIENT ? load_diag(ld, DIAG_BAD_QUOTES, DIAG_COUNTED) :
								&c->diag[c->n_diag - 1];

			load_msg(ld, d, "invalid quotes");
		}
	} else {
		known_word(ld, row, &args, rest_off);
	}
}

/* Server: a NUL hides the rest of its line and the line end, so the next physical line is glued on. */
static struct str
glue_server(struct load *ld, uint32_t *io_line)
{
	struct conf *c = ld->c;
	struct source *s = &c->src[ld->src];
	struct buf b = { 0 };
	struct str out;

	for (;;) {
		struct str t = conf_line_text(c, ld->src, *io_line);
		size_t nul;

		if (b.n > 0)
			while (t.n > 0 && (t.p[0] == ' ' || t.p[0] == '\t' || t.p[0] == '\r'))
				t = str_from(t, 1);
		nul = str_chr(t, '\0', 0);
		buf_add(&b, str_head(t, nul));
		if (nul == SIZE_MAX || *io_line + 1 >= s->n)
			break;
		(*io_line)++;
		s->line[*io_line].kind = LINE_GLUED;
		s->line[*io_line].row = KW_UNKNOWN;
		s->line[*io_line].no = ld->no;
	}
	out = arena_str(&c->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Old clients read into a fixed buffer: 1024 bytes until 7.4 (the rest is a further line), 4096 until 7.7 (fatal). */
static bool
old_limits(struct load *ld, struct line *l, struct str raw)
{
	struct conf *c = ld->c;
	struct diag *d;
	bool client = c->side == KW_CLIENT;

	if (c->ver.n >= VER(7, 8) || (client && c->ver.n < VER(7, 5)))
		return false;
	/* fgets() into 4096 bytes: a buffer that is full to its last byte is taken for a longer line. */
	if (raw.n + l->eol < 4095)
		return false;
	d = load_diag(ld, DIAG_LINE_TOO_LONG, DIAG_FATAL);
	load_msg_bare(ld, d, "%.*s line %u too long", STR_ARG(c->src[ld->src].name), ld->no);
	l->kind = LINE_UNKNOWN;
	l->row = KW_UNKNOWN;
	return true;
}

/* The first 1023 bytes of a long line are a line of their own for clients up to 7.4, and so on. */
static void
read_chunks(struct load *ld, struct line *l, struct str raw)
{
	struct line first = *l;

	ld->chunk = 0;
	/* A line feed that does not fit is a line of its own, too. */
	while (raw.n > CHUNK || (raw.n == CHUNK && l->eol > 0)) {
		ld->text = str_head(raw, CHUNK);
		read_line(ld, l, ld->text);
		if (ld->chunk == 0)
			first = *l;
		raw = str_from(raw, CHUNK);
		ld->no++;
		ld->chunk++;
	}
	ld->text = raw;
	read_line(ld, l, raw);
	/* What the line is called follows its beginning, unless only what was cut off it is read. */
	if (ld->chunk > 0 && (first.kind == LINE_KEYWORD || l->kind != LINE_KEYWORD)) {
		l->kind = first.kind;
		l->row = first.row;
	}
	ld->chunk = 0;
}

void
load_lines(struct load *ld)
{
	struct conf *c = ld->c;

	for (uint32_t i = 0; i < c->src[ld->src].n && !ld->stopped && conf_has_time(c); i++) {
		struct line *l = &c->src[ld->src].line[i];
		struct str raw = conf_line_text(c, ld->src, i);

		ld->line = i;
		ld->no += c->src[ld->src].origin != SOURCE_CMDLINE;
		l->no = ld->no;
		ld->text = raw;
		if (load_marked(ld, l, raw) || (c->src[ld->src].marks == NULL && load_plain(ld, l, raw)))
			continue;
		arena_reset(ld->scratch);
		note_bytes(ld, raw);
		if (old_limits(ld, l, raw))
			continue;
		if (c->side == KW_SERVER && str_chr(raw, '\0', 0) != SIZE_MAX)
			ld->text = glue_server(ld, &i);
		if (c->side == KW_CLIENT && c->ver.n < VER(7, 5))
			read_chunks(ld, l, raw);
		else
			read_line(ld, l, raw);
	}
}

static void
split_lines(struct source *s)
{
	const char *p = s->bytes.p, *end = p + s->bytes.n;
	struct line *line = NULL;
	size_t n = 0, cap = 0;

	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));

		if (n == cap) {
			/* Guess the rest from the lines so far; the first guess is 32 bytes a line. */
			size_t seen = (size_t)(p - s->bytes.p), each = n > 0 ? seen / n : 32;

			cap = n + (size_t)(end - p) / (each > 0 ? each : 1) + 8;
			line = mem_realloc(line, cap * sizeof(*line));
		}
		line[n++] = (struct line){
			.off = (uint32_t)(p - s->bytes.p),
			.len = (uint32_t)((lf != NULL ? lf : end) - p),
			.eol = lf != NULL ? 1 : 0,
		};
		p = lf != NULL ? lf + 1 : end;
	}
	s->n = (uint32_t)n;
	s->line = line;
}

static struct str
shown_name(struct conf *c, const struct conf_opts *o, struct str name)
{
	if (o->tree.n > 1 && str_starts(name, o->tree))
		name = str_from(name, o->tree.n);
	if (o->home.n > 1 && str_starts(name, o->home) && name.n > o->home.n && name.p[o->home.n] == '/')
		return arena_printf(&c->arena, "~%.*s", STR_ARG(str_from(name, o->home.n)));
	return arena_str(&c->arena, name);
}

uint32_t
load_source(struct conf *c, const struct conf_opts *o, struct str name, struct str bytes, const struct marks *marks,
    enum source_origin origin, uint32_t depth)
{
	struct source *s;

	MEM_GROW(c->src, c->cap_src, c->n_src + 1);
	s = &c->src[c->n_src++];
	*s = (struct source){ .origin = (uint8_t)origin, .depth = (uint16_t)depth };
	s->name = arena_str(&c->arena, name);
	s->shown = shown_name(c, o, name);
	s->marks = marks;
	s->bytes = bytes.p != NULL ? bytes : STR(""); /* a folder, for one */
	c->n_file_bytes += bytes.n;
	split_lines(s);
	return (uint32_t)c->n_src - 1;
}

/* A line that is there under a condition may well be meant for the systems and releases that know its words. */
static void
forgive(struct load *ld, size_t first)
{
	struct conf *c = ld->c;

	if (c->src[ld->src].marks == NULL)
		return;
	for (size_t i = first; i < c->n_diag; i++) {
		struct diag *d = &c->diag[i];
		unsigned row = c->src[ld->src].line[d->line].row;

		if (d->src != ld->src || !is_conditional(c, &c->block[d->block]))
			continue;
		if (d->kind == DIAG_DEPRECATED || d->kind == DIAG_UNSUPPORTED || d->kind == DIAG_TOO_NEW ||
		    d->kind == DIAG_UNKNOWN_KEYWORD || d->kind == DIAG_OTHER_VENDOR ||
		    (d->kind == DIAG_BAD_VALUE && row != KW_UNKNOWN && kw_row(c->side, row)->type == KW_T_ALGS)) {
			d->kind = DIAG_TEMPLATE;
			d->effect = DIAG_NOTICE;
			d->msg = (struct str){ 0 };
		}
	}
}

static void
note_guess(struct load *ld)
{
	const struct marks *m = ld->c->src[ld->src].marks;
	struct diag *d;

	if (m == NULL || !m->guessed || m->sign.len == 0)
		return;
	ld->line = m->sign.line;
	d = load_diag(ld, DIAG_GUESSED, DIAG_NOTICE);
	d->col = m->sign.col;
	d->len = m->sign.len;
	ld->line = 0;
}

void
load_file(struct conf *c, const struct conf_opts *o, uint32_t src, int32_t parent, bool global, struct arena *scratch)
{
	struct load ld = {
		.c = c,
		.o = o,
		.src = src,
		.depth = c->src[src].depth,
		.parent = parent,
		.global = global,
		.file_global = global,
		.scratch = scratch,
	};
	uint32_t counted = 0;
	size_t first = c->n_diag;

	ld.file_block = ld.block = load_block(&ld, BLOCK_FILE, parent);
	load_regions(&ld);
	note_guess(&ld);
	load_lines(&ld);
	forgive(&ld, first);
	for (size_t i = first; i < c->n_diag; i++)
		if (c->diag[i].src == src && c->diag[i].effect == DIAG_COUNTED)
			counted++;
	MEM_GROW(c->end, c->cap_end, c->n_end + 1);
	c->end[c->n_end++] = (struct file_end){
		.src = src, .at_set = (uint32_t)c->n_set, .at_diag = (uint32_t)c->n_diag, .n_counted = counted
	};
}
