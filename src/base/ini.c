/* SPDX-License-Identifier: MIT */
/*
 * INI through libinih 55.  Its own line numbers, line limit and merging of equal sections cannot be relied on,
 * so the reader that feeds it one line at a time counts, checks and notes where sections start.
 */
#include "base/ini.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/set.h"

#define LINE_MAX_BYTES 198u /* libinih's buffer of 200 less line feed and NUL */
#define NAME_MAX_BYTES 49u  /* its section and name buffers */

struct reader {
	struct arena *arena;
	struct str file, rest;
	struct ini *out;
	unsigned line;
	size_t cap_section, cap_entry;
	struct strset sections, entries; /* names of all, and of the last one */
	bool continues;			 /* this line is indented: it belongs to the entry above */
	struct buf value;		 /* of the entry above, once it is continued */
	enum sk_code code;
	struct err *err;
};

#define WHY_NO_KEY "neither a section nor key = value"

/* The first failure of a file stands.  what, when not empty, is text of the file that the reason names. */
static void
fail(struct reader *r, unsigned line, const char *why, struct str what)
{
	struct buf b = { 0 };

	if (r->code != SK_OK)
		return;
	buf_add_escaped(&b, r->file);
	buf_addf(&b, ":%u: %s", line, why);
	if (what.n > 0) {
		buf_addc(&b, ": ");
		buf_add_escaped(&b, what);
	}
	r->code = err_set(r->err, SK_ERULE, "%.*s", STR_ARG(buf_str(&b)));
	buf_release(&b);
}

/* The value of the entry above is complete. */
static void
end_value(struct reader *r)
{
	struct ini_section *s;

	if (r->value.n == 0)
		return;
	s = &r->out->section[r->out->n - 1];
	s->entry[s->n - 1].value = arena_str(r->arena, buf_str(&r->value));
	buf_clear(&r->value);
}

static void
new_section(struct reader *r, struct str name)
{
	struct ini *out = r->out;
	struct ini_section *v;
	size_t old;

	end_value(r);
	strset_clear(&r->entries);
	if (name.n == 0 || name.n > NAME_MAX_BYTES) {
		fail(r, r->line, name.n == 0 ? "empty section name" : "section name longer than 49 bytes", STR(""));
		return;
	}
	old = strset_find(&r->sections, name);
	if (old != SIZE_MAX) {
		char why[64];

		snprintf(why, sizeof(why), "section stands already in line %u", out->section[old].line);
		fail(r, r->line, why, name);
		return;
	}
	if (out->n == r->cap_section) {
		r->cap_section = r->cap_section == 0 ? 16 : r->cap_section * 2;
		v = ARENA_ARRAY(r->arena, struct ini_section, r->cap_section);
		if (out->n > 0)
			memcpy(v, out->section, out->n * sizeof(*v));
		out->section = v;
	}
	out->section[out->n] = (struct ini_section){ .name = arena_str(r->arena, name), .line = r->line };
	(void)strset_add(&r->sections, NULL, out->section[out->n++].name);
	r->cap_entry = 0;
}

static void
check_section(struct reader *r, struct str text)
{
	size_t close = str_chr(text, ']', 0);
	struct str behind = close != SIZE_MAX ? str_trim(str_from(text, close + 1)) : STR("");

	if (close == SIZE_MAX)
		fail(r, r->line, "section name without ]", STR(""));
	else if (behind.n > 0 && behind.p[0] != ';')
		fail(r, r->line, "text behind the section name", behind);
	else
		new_section(r, str_trim(str_head(str_from(text, 1), close - 1)));
}

/* A line that starts at its margin and is no section must be "key = value". */
static void
check_key(struct reader *r, struct str text)
{
	size_t eq = str_chr(text, '=', 0), colon = str_chr(text, ':', 0);
	size_t at = eq < colon ? eq : colon;

	if (at == SIZE_MAX)
		fail(r, r->line, WHY_NO_KEY, STR(""));
	else if (str_trim(str_head(text, at)).n == 0)
		fail(r, r->line, "key is empty", STR(""));
}

/* What isspace(3) takes for a blank and this reader does not (FF, VT), and what no INI file holds. */
static bool
has_control(struct str line)
{
	if (str_ends(line, STR("\r")))
		line.n--;
	for (size_t i = 0; i < line.n; i++)
		if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
			return true;
	return false;
}

/* What libinih must not see, and what it would hide. */
static void
check_line(struct reader *r, struct str line)
{
	struct str text = str_trim(line);

	r->continues = line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t') && text.n > 0;
	if (line.n > LINE_MAX_BYTES)
		fail(r, r->line, "line longer than 198 bytes (indent the next line to continue a text)", STR(""));
	else if (str_chr(line, '\0', 0) != SIZE_MAX)
		fail(r, r->line, "NUL byte", STR(""));
	else if (r->line == 1 && str_starts(line, STR("\xef\xbb\xbf")))
		fail(r, r->line, "byte order mark", STR(""));
	else if (has_control(line))
		fail(r, r->line, "control byte", STR(""));
	else if (text.n == 0 || text.p[0] == ';' || text.p[0] == '#')
		r->continues = false;
	else if (text.p[0] == '[' && !r->continues)
		check_section(r, text);
	else if (r->out->n == 0)
		fail(r, r->line, "text in front of the first section", STR(""));
	else if (!r->continues)
		check_key(r, text);
	else if (r->out->section[r->out->n - 1].n == 0)
		fail(r, r->line, "indented line without a key above it", STR(""));
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
	r->rest = str_from(r->rest, line.n + (lf != SIZE_MAX));
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

/* libinih 55 keeps a comment behind a continuation line, later ones drop it: drop it always. */
static void
continue_entry(struct reader *r, const struct ini_entry *e, const char *value)
{
	struct str more = str_c(value);

	for (size_t i = 1; i < more.n; i++)
		if (more.p[i] == ';' && (more.p[i - 1] == ' ' || more.p[i - 1] == '\t'))
			more = str_trim(str_head(more, i));
	if (r->value.n == 0)
		buf_add(&r->value, e->value);
	buf_addch(&r->value, '\n');
	buf_add(&r->value, more);
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
	end_value(r);
	if (strset_has(&r->entries, key)) {
		fail(r, r->line, "key stands twice in its section", key);
		return 0;
	}
	if (s->n == r->cap_entry) {
		r->cap_entry = r->cap_entry == 0 ? 16 : r->cap_entry * 2;
		v = ARENA_ARRAY(r->arena, struct ini_entry, r->cap_entry);
		if (s->n > 0)
			memcpy(v, s->entry, s->n * sizeof(*v));
		s->entry = v;
	}
	s->entry[s->n] = (struct ini_entry){
		.key = arena_str(r->arena, key), .value = arena_str(r->arena, str_c(value)), .line = r->line
	};
	(void)strset_add(&r->entries, NULL, s->entry[s->n++].key);
	return 1;
}

enum sk_code
ini_read(struct arena *a, struct str file, struct str text, struct ini *ret, struct err *e)
{
	struct ini out = { .file = file };
	struct reader r = { .arena = a, .file = file, .rest = text, .out = &out, .err = e };
	int rc = ini_parse_stream(next_line, &r, on_entry, &r);

	end_value(&r);
	strset_release(&r.sections);
	strset_release(&r.entries);
	buf_release(&r.value);
	if (r.code == SK_OK && rc != 0)
		fail(&r, rc > 0 ? (unsigned)rc : r.line, rc > 0 ? WHY_NO_KEY : "cannot be read", STR(""));
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

_Static_assert(offsetof(struct ini_section, name) == 0 && offsetof(struct ini_entry, key) == 0, "see name_at()");
