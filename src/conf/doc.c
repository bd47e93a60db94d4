/* SPDX-License-Identifier: MIT */
/* A configuration: main files in order, and access to its lines. */
#include "conf/doc.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/load.h"
#include "conf/template.h"

/* -o options are lines of one pseudo file, each with line number 0, read before any file. */
static void
load_cmdline(struct conf *c, const struct conf_opts *o)
{
	struct arena scratch = { 0 };
	uint32_t src;

	if (o->cmdline.n == 0)
		return;
	src = load_source(c, o, STR("command-line"), arena_str(&c->arena, o->cmdline), NULL, SOURCE_CMDLINE, 0);
	load_file(c, o, src, -1, true, &scratch);
	arena_release(&scratch);
}

void
conf_init(struct conf *c, const struct conf_opts *o)
{
	memset(c, 0, sizeof(*c));
	c->side = o->side;
	c->ver = o->ver;
	for (unsigned id = 0; id < KW_ID_MAX_; id++)
		c->row[id] = (uint16_t)(kw_by_id(c->side, (enum kw_id)id) + 1);
	ignore_init(c);
	load_cmdline(c, o);
}

struct str
conf_vis(struct arena *a, struct str s)
{
	return load_vis(a, s);
}

unsigned
conf_row(const struct conf *c, enum kw_id id)
{
	/* A configuration that nobody filled has no table. */
	return c->row[KW_ID_HOSTNAME] != 0 || c->row[KW_ID_CLIENTALIVEINTERVAL] != 0 ? (uint16_t)(c->row[id] - 1) :
										       kw_by_id(c->side, id);
}

/* A configuration that OpenSSH refuses anyway need not be read to its end. */
static bool
has_fatal(const struct conf *c)
{
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].effect == DIAG_FATAL)
			return true;
	return false;
}

/* The Include line with which a cap was hit. */
static enum sk_code
too_many_files(const struct conf *c, struct str name, struct err *e)
{
	for (size_t i = c->n_diag; i-- > 0;)
		if (c->diag[i].kind == DIAG_TOO_MANY_FILES)
			return err_set(e, SK_ETOOBIG, "%.*s:%u: %.*s", STR_ARG(c->src[c->diag[i].src].name),
			    c->diag[i].line + 1, STR_ARG(c->diag[i].hint));
	return err_set(e, SK_ETOOBIG, "%.*s: more than %u files are included", STR_ARG(name), FILES_MAX);
}

enum sk_code
conf_add_bytes(struct conf *c, const struct conf_opts *o, struct str name, struct str bytes, enum source_origin origin,
    struct err *e)
{
	struct arena scratch = { 0 };
	uint32_t src;

	if (bytes.n > FILE_BYTES_MAX)
		return err_set(e, SK_ETOOBIG, "%.*s: larger than %u MiB", STR_ARG(name), FILE_BYTES_MAX >> 20);
	src = load_source(c, o, name, arena_str(&c->arena, bytes), o->marks, origin, 0);
	load_file(c, o, src, -1, true, &scratch);
	arena_release(&scratch);
	if (c->capped && !has_fatal(c))
		return too_many_files(c, name, e);
	return SK_OK;
}

/* "Bad owner or permissions": ssh checks its user file, and every included one. */
static void
main_perm(struct conf *c, uint32_t src, struct str path)
{
	struct arena scratch = { 0 };
	struct load ld = { .c = c, .src = src, .scratch = &scratch };
	struct diag *d;

	c->src[src].bad_perm = true;
	ld.block = load_block(&ld, BLOCK_FILE, -1);
	d = load_diag(&ld, DIAG_BAD_PERM, DIAG_FATAL);
	d->word = c->src[src].name;
	load_msg_bare(&ld, d, "Bad owner or permissions on %.*s", STR_ARG(path));
	arena_release(&scratch);
}

static enum sk_code
main_unusable(struct conf *c, struct str path, const struct loaded *f, bool optional, struct err *e)
{
	if (f->state == LOADER_TOOBIG)
		return err_set(e, SK_ETOOBIG, "%.*s: larger than %u MiB", STR_ARG(path), FILE_BYTES_MAX >> 20);
	if (optional) {
		MEM_GROW(c->missing, c->cap_missing, c->n_missing + 1);
		c->missing[c->n_missing++] = f->state == LOADER_ABSENT ?
		    arena_printf(&c->arena, "%.*s: not there", STR_ARG(path)) :
		    arena_printf(&c->arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(f->reason));
		return SK_OK;
	}
	if (f->state == LOADER_ABSENT)
		return err_set(e, SK_ENOENT, "%.*s: No such file or directory", STR_ARG(path));
	return err_set(e, SK_EREAD, "%.*s: %.*s", STR_ARG(path), STR_ARG(f->reason));
}

enum sk_code
conf_add_file(
    struct conf *c, const struct conf_opts *o, struct str path, enum source_origin origin, bool optional, struct err *e)
{
	struct loaded f = { 0 };
	struct arena scratch = { 0 };
	uint32_t src;

	o->loader->read(o->loader->ctx, &c->arena, path, &f);
	if (f.state != LOADER_FILE && f.state != LOADER_DIR)
		return main_unusable(c, path, &f, optional, e);
	src = load_source(c, o, path, f.bytes, f.marks, origin, 0);
	if (f.bad_perm && o->check_main_perm && origin == SOURCE_USER)
		main_perm(c, src, path);
	load_file(c, o, src, -1, true, &scratch);
	arena_release(&scratch);
	if (c->capped && !has_fatal(c))
		return too_many_files(c, path, e);
	return SK_OK;
}

void
conf_release(struct conf *c)
{
	for (size_t i = 0; i < c->n_src; i++)
		free(c->src[i].line);
	plain_release(c);
	ignore_release(c);
	free(c->src);
	free(c->subsystem);
	free(c->block);
	free(c->seg);
	free(c->set);
	free(c->crit);
	free(c->pat);
	free(c->diag);
	free(c->end);
	free(c->region);
	free(c->missing);
	arena_release(&c->arena);
	memset(c, 0, sizeof(*c));
}

struct str
conf_line_text(const struct conf *c, uint32_t src, uint32_t line)
{
	const struct source *s = &c->src[src];

	return (struct str){ s->bytes.p + s->line[line].off, s->line[line].len };
}

/* What OpenSSH reads as the line: for the server a NUL glues the next lines on. */
static struct str
logical_text(const struct conf *c, struct arena *a, uint32_t src, uint32_t line)
{
	const struct source *s = &c->src[src];
	struct str text = conf_line_text(c, src, line);
	struct buf b = { 0 };

	if (line + 1 >= s->n || s->line[line + 1].kind != LINE_GLUED)
		return text;
	for (uint32_t i = line; i == line || (i < s->n && s->line[i].kind == LINE_GLUED); i++) {
		struct str part = conf_line_text(c, src, i);

		while (i > line && part.n > 0 && (part.p[0] == ' ' || part.p[0] == '\t' || part.p[0] == '\r'))
			part = str_from(part, 1);
		buf_add(&b, str_head(part, str_chr(part, '\0', 0)));
	}
	text = arena_str(a, buf_str(&b));
	buf_release(&b);
	return text;
}

bool
conf_line_args(
    const struct conf *c, struct arena *a, uint32_t src, uint32_t line, struct str *ret_word, struct args *ret)
{
	struct str text = logical_text(c, a, src, line);
	size_t rest_off;
	bool lost;

	if (c->src[src].line[line].kind != LINE_KEYWORD && c->src[src].line[line].kind != LINE_UNKNOWN)
		return false;
	if (!split_keyword(a, text, c->side, c->ver, ret_word, &rest_off, &lost))
		return false;
	split_args(a, text, rest_off, c->side, c->ver, ret);
	return true;
}

bool
conf_set_args(const struct conf *c, struct arena *a, const struct set *s, struct str *ret_word, struct args *ret)
{
	struct str text = conf_line_text(c, s->src, s->line);
	size_t rest_off;
	bool lost;

	if (s->value == SET_ANY)
		return false;
	/* Clients up to 7.4 cut long lines; all others read a line as a whole. */
	if (c->side == KW_SERVER || c->ver.n >= VER(7, 5) || text.n < CHUNK)
		return conf_line_args(c, a, s->src, s->line, ret_word, ret);
	text = str_head(str_from(text, (size_t)(s->flags / SET_CHUNK) * CHUNK), CHUNK);
	if (!split_keyword(a, text, c->side, c->ver, ret_word, &rest_off, &lost))
		return false;
	split_args(a, text, rest_off, c->side, c->ver, ret);
	return true;
}

void
conf_set_value(const struct conf *c, struct arena *a, const struct set *s, struct value *ret)
{
	struct value_ctx ctx = { .side = c->side, .v = c->ver, .file = c->src[s->src].name };
	struct args args;
	struct str word, msg = { 0 };

	memset(ret, 0, sizeof(*ret));
	ctx.line = c->src[s->src].line[s->line].no;
	if (conf_is_vague(s) || !conf_set_args(c, a, s, &word, &args))
		return;
	ctx.word = word;
	(void)value_read(a, kw_row(c->side, s->row), &args, &ctx, ret, &msg);
}

struct span
conf_line_span(const struct conf *c, uint32_t src, uint32_t line)
{
	const struct line *l = &c->src[src].line[line];

	return (struct span){ .src = src, .line = line + 1, .col = 1, .off = l->off, .len = l->len };
}
