/* SPDX-License-Identifier: MIT */
/*
 * Findings with any bytes for file, message, reason, fix and line, through every reporter: the output is UTF-8 without
 * controls or hidden code points, well-formed, as many findings as went in, and no line of it is a command to the
 * reader of a log.  Parts of the input are separated by bytes 0x1e; the first two bytes are column and length.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "report/report.h"
#include "rule/fingerprint.h"
#include "rule/quote.h"

enum { PARTS = 6, DEPTH = 64 };

static void
check_bytes(const char *name, struct str s)
{
	FUZZ_CHECK(s.n == 0 || s.p[s.n - 1] == '\n', "%s: the last line does not end", name);
	while (s.n > 0) {
		uint32_t cp = 0;
		size_t n = utf8_at(s, &cp);

		FUZZ_CHECK(n > 0, "%s: not UTF-8: %.20s", name, s.p);
		FUZZ_CHECK(
		    cp == '\n' || !(utf8_is_control(cp) || utf8_is_hidden(cp)), "%s: U+%04X", name, (unsigned)cp);
		s = str_from(s, n);
	}
}

/* Blanks of any kind count as nothing at the beginning of a line. */
static struct str
trimmed(struct str line)
{
	static const uint32_t blank[] = { ' ', 0xa0, 0x1680, 0x202f, 0x205f, 0x3000 };
	uint32_t cp;
	size_t n;

	while (line.n > 0 && (n = utf8_at(line, &cp)) > 0) {
		bool is = cp >= 0x2000 && cp <= 0x200a;

		for (size_t i = 0; i < sizeof blank / sizeof *blank; i++)
			is |= cp == blank[i];
		if (!is)
			break;
		line = str_from(line, n);
	}
	return line;
}

static bool
is_command(struct str line)
{
	static const char *const name[] = { "error", "warning", "notice", "debug", "group", "endgroup", "add-mask",
		"add-path", "set-env", "set-output", "save-state", "stop-commands", "echo", "add-matcher",
		"remove-matcher" };
	struct str text = trimmed(line);

	if (str_find(line, STR("##[")) != SIZE_MAX || str_find(line, STR("##vso[")) != SIZE_MAX)
		return true;
	if (!str_starts(text, STR("::")))
		return false;
	text = str_from(text, 2);
	for (size_t i = 0; i < sizeof name / sizeof *name; i++)
		if (str_starts(text, str_c(name[i])) &&
		    (text.n == strlen(name[i]) || text.p[strlen(name[i])] == ' ' || text.p[strlen(name[i])] == ':'))
			return true;
	return false;
}

static void
check_log(const char *name, struct str s, size_t findings)
{
	struct str line;
	size_t n = 0;

	while (str_split(&s, '\n', &line)) {
		bool github = str_eqc(str_c(name), "github");

		FUZZ_CHECK(github || !is_command(line), "%s: a command: %.80s", name, line.p);
		FUZZ_CHECK(!github || line.n == 0 || is_command(line), "no command: %.80s", line.p);
		n += line.n > 0;
	}
	if (str_eqc(str_c(name), "github") || str_eqc(str_c(name), "gcc"))
		FUZZ_CHECK(n == findings, "%s: %zu lines of %zu findings", name, n, findings);
}

/* Nesting, strings and their escapes. */
static void
check_json(const char *name, struct str s)
{
	char open[DEPTH];
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '{' || c == '[') {
			FUZZ_CHECK(depth < DEPTH, "%s: too deep", name);
			open[depth++] = c;
		} else if (c == '}' || c == ']') {
			FUZZ_CHECK(depth > 0 && open[--depth] == (c == '}' ? '{' : '['), "%s: nesting", name);
		} else if (c == '"') {
			for (i++; i < s.n && s.p[i] != '"'; i++)
				if (s.p[i] == '\\')
					FUZZ_CHECK(
					    str_chr(STR("\"\\/bfnrtu"), s.p[++i], 0) != SIZE_MAX, "%s: escape", name);
			FUZZ_CHECK(i < s.n, "%s: a string does not end", name);
		} else {
			FUZZ_CHECK(str_chr(STR(" \n,:.-+truefalsn0123456789"), c, 0) != SIZE_MAX, "%s: %c", name, c);
		}
	}
	FUZZ_CHECK(depth == 0, "%s: does not end", name);
}

/* Elements are closed in order, and no text holds markup. */
static void
check_xml(const char *name, struct str s)
{
	struct str open[DEPTH], tag;
	size_t depth = 0;

	FUZZ_CHECK(str_find(s, STR("]]>")) == SIZE_MAX, "%s: ]]>", name);
	for (size_t at = 0, end; (at = str_chr(s, '<', at)) != SIZE_MAX; at = end) {
		end = str_chr(s, '>', at);
		FUZZ_CHECK(end != SIZE_MAX, "%s: a tag does not end", name);
		tag = str_head(str_from(s, at + 1), end - at - 1);
		FUZZ_CHECK(str_chr(tag, '<', 0) == SIZE_MAX, "%s: < in a tag", name);
		if (tag.p[0] == '?' || tag.p[0] == '!' || tag.p[tag.n - 1] == '/')
			continue;
		if (tag.p[0] == '/') {
			FUZZ_CHECK(depth > 0 && str_eq(open[depth - 1], str_from(tag, 1)), "%s: nesting", name);
			depth--;
			continue;
		}
		FUZZ_CHECK(depth < DEPTH, "%s: too deep", name);
		open[depth++] = str_head(tag, str_chr(tag, ' ', 0));
	}
	FUZZ_CHECK(depth == 0, "%s: does not end", name);
	for (size_t at = 0; (at = str_chr(s, '&', at)) != SIZE_MAX; at++) {
		struct str rest = str_from(s, at);

		FUZZ_CHECK(str_starts(rest, STR("&amp;")) || str_starts(rest, STR("&lt;")) ||
			str_starts(rest, STR("&gt;")) || str_starts(rest, STR("&quot;")) ||
			str_starts(rest, STR("&#x")),
		    "%s: & alone", name);
	}
}

static bool
is_one_of(const char *name, const char *list)
{
	struct str rest = str_c(list), word;

	while (str_split(&rest, ' ', &word))
		if (str_eqc(word, name))
			return true;
	return false;
}

static void
check(const struct reporter *t, const struct report *r)
{
	struct buf b = { 0 };

	t->write(r, &b);
	check_bytes(t->name, buf_str(&b));
	check_log(t->name, buf_str(&b), r->findings->n + r->failed->n);
	if (is_one_of(t->name, "json sarif gitlab rdjson"))
		check_json(t->name, buf_str(&b));
	if (is_one_of(t->name, "junit checkstyle html"))
		check_xml(t->name, buf_str(&b));
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size), part[PARTS] = { 0 };
	struct arena a = { 0 };
	struct finding v[3], lost = { .code = STR("input"), .name = STR("not-read"), .level = LEVEL_ERROR };
	struct findings f = { .v = v, .n = 3 }, failed = { .v = &lost, .n = 1 };
	struct ruleset rules;
	struct report_lint sums = { 0 };
	struct report r = { .command = "lint",
		.version = "0",
		.findings = &f,
		.failed = &failed,
		.rules = &rules,
		.width = 80,
		.fail_on = LEVEL_WARNING,
		.lint = &sums };
	unsigned char col = size > 0 ? data[0] : 0, len = size > 1 ? data[1] : 0;

	ruleset_init(&rules);
	in = str_from(in, 2);
	for (size_t i = 0; i < PARTS && str_split(&in, 0x1e, &part[i]); i++)
		;
	for (size_t i = 0; i < 3; i++) {
		v[i] = (struct finding){ .code = STR("SK101"),
			.name = STR("name"),
			.level = (enum level)i,
			.file = part[0],
			.message = part[1],
			.why = part[2],
			.advice = part[3],
			.at = { .line = (uint32_t)i, .col = col, .len = len } };
		if (i > 0)
			finding_quote(&a, &v[i], part[4]);
		fingerprint_mark_text(&a, &v[i], &(struct naming){ 0 }, part[4], part[5]);
	}
	lost.file = part[0];
	lost.message = part[1];
	r.note = part;
	r.n_note = PARTS;
	fingerprints_number(&a, &f);
	fingerprints_number(&a, &failed);
	for (const struct reporter *t = lint_table; t->name != NULL; t++)
		check(t, &r);
	ruleset_release(&rules);
	arena_release(&a);
	return 0;
}
