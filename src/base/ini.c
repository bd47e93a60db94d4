/* SPDX-License-Identifier: MIT */
/*
 * INI through libinih 55.  Its own line numbers, line limit and merging of equal sections cannot be relied on,
 * so the reader that feeds it one line at a time counts, checks and notes where sections start.
 */
#include "base/ini.h"

#include <ini.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define LINE_MAX_BYTES 198u /* libinih's buffer of 200 less line feed and NUL */
#define NAME_MAX_BYTES 49u  /* its section and name buffers */

struct reader {
	struct arena *arena;
	struct str file, rest;
	struct ini *out;
	unsigned line;
	size_t cap_section, cap_entry;
	bool continues; /* this line is indented: it belongs to the entry above */
	enum sk_code code;
	struct err *err;
};

static enum sk_code
fail(struct reader *r, unsigned line, const char *why)
{
	if (r->code == SK_OK)
		r->code = err_set(r->err, SK_ERULE, "%.*s:%u: %s", STR_ARG(r->file), line, why);
	return r->code;
}

static void
new_section(struct reader *r, struct str name)
{
	struct ini *out = r->out;
	struct ini_section *v;

	if (name.n == 0 || name.n > NAME_MAX_BYTES) {
		fail(r, r->line, name.n == 0 ? "empty section name" : "section name longer than 49 bytes");
		return;
	}
	for (size_t i = 0; i < out->n; i++)
		if (str_eq(out->section[i].name, name)) {
			r->code = err_set(r->err, SK_ERULE, "%.*s:%u: section [%.*s] stands already in line %u",
			    STR_ARG(r->file), r->line, STR_ARG(name), out->section[i].line);
			return;
		}
	if (out->n == r->cap_section) {
		r->cap_section = r->cap_section == 0 ? 16 : r->cap_section * 2;
		v = ARENA_ARRAY(r->arena, struct ini_section, r->cap_section);
		if (out->n > 0)
			memcpy(v, out->section, out->n * sizeof(*v));
		out->section = v;
	}
	out->section[out->n++] = (struct ini_section){ .name = arena_str(r->arena, name), .line = r->line };
	r->cap_entry = 0;
}

/* What libinih must not see, and what it would hide. */
static void
check_line(struct reader *r, struct str line)
{
	struct str text = str_trim(line);
	size_t close;

	r->continues = line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t') && text.n > 0;
	if (line.n > LINE_MAX_BYTES)
		fail(r, r->line, "line longer than 198 bytes (indent the next line to continue a text)");
	else if (str_chr(line, '\0', 0) != SIZE_MAX)
		fail(r, r->line, "NUL byte");
	else if (r->line == 1 && str_starts(line, STR("\xef\xbb\xbf")))
		fail(r, r->line, "byte order mark");
	else if (text.n == 0 || text.p[0] == ';' || text.p[0] == '#')
		r->continues = false;
	else if (text.p[0] == '[' && !r->continues) {
		close = str_chr(text, ']', 0);
		if (close == SIZE_MAX)
			fail(r, r->line, "section name without ]");
		else
			new_section(r, str_head(str_from(text, 1), close - 1));
	} else if (r->out->n == 0) {
		fail(r, r->line, "text in front of the first section");
	} else if (!r->continues && str_chr(text, '=', 0) == SIZE_MAX && str_chr(text, ':', 0) == SIZE_MAX) {
		fail(r, r->line, "neither a section nor key = value");
	} else if (r->continues && r->out->section[r->out->n - 1].n == 0) {
		fail(r, r->line, "indented line without a key above it");
	}
}

static char *
next_line(char *to, int size, void *ctx)
{
	struct reader *r = ctx;
	struct str line;
	size_t lf;

	if (r->code != SK_OK || r->rest.n == 0)
		return NULL;
	lf = str_chr(r->rest, '\n', 0);
	line = str_head(r->rest, lf);
	r->rest = lf == SIZE_MAX ? (struct str){ 0 } : str_from(r->rest, lf + 1);
	r->line++;
	check_line(r, line);
	if (r->code != SK_OK || (size_t)size < line.n + 2)
		return NULL;
	if (line.n > 0)
		memcpy(to, line.p, line.n);
	to[line.n] = '\n';
	to[line.n + 1] = '\0';
	return to;
}

static void
continue_entry(struct reader *r, struct ini_entry *e, const char *value)
{
	e->value = arena_printf(r->arena, "%.*s\n%s", STR_ARG(e->value), value);
}

static int
on_entry(void *ctx, const char *section, const char *name, const char *value)
{
	struct reader *r = ctx;
	struct ini_section *s = &r->out->section[r->out->n - 1];
	struct str key = str_c(name);
	struct ini_entry *v;

	(void)section;
	if (r->continues) {
		continue_entry(r, &s->entry[s->n - 1], value);
		return 1;
	}
	for (size_t i = 0; i < s->n; i++)
		if (str_eq(s->entry[i].key, key)) {
			fail(r, r->line, "key stands twice in its section");
			return 0;
		}
	if (s->n == r->cap_entry) {
		r->cap_entry = r->cap_entry == 0 ? 16 : r->cap_entry * 2;
		v = ARENA_ARRAY(r->arena, struct ini_entry, r->cap_entry);
		if (s->n > 0)
			memcpy(v, s->entry, s->n * sizeof(*v));
		s->entry = v;
	}
	s->entry[s->n++] = (struct ini_entry){
		.key = arena_str(r->arena, key), .value = arena_str(r->arena, str_c(value)), .line = r->line
	};
	return 1;
}

enum sk_code
ini_read(struct arena *a, struct str file, struct str text, struct ini *ret, struct err *e)
{
	struct ini out = { .file = file };
	struct reader r = { .arena = a, .file = file, .rest = text, .out = &out, .err = e };
	int rc = ini_parse_stream(next_line, &r, on_entry, &r);

	if (r.code == SK_OK && rc != 0)
		fail(&r, rc > 0 ? (unsigned)rc : r.line, "cannot be read");
	if (r.code != SK_OK)
		return r.code;
	*ret = out;
	return SK_OK;
}

const struct ini_entry *
ini_get(const struct ini_section *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (str_eqc(s->entry[i].key, key))
			return &s->entry[i];
	return NULL;
}
