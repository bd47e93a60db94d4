/* SPDX-License-Identifier: MIT */
/*
 * SARIF 2.1.0 (OASIS standard with errata 01; sections are named below).  Paths are URIs relative to the folder in which
 * sshkeep ran, so that the same tree gives the same bytes on every machine; columns count UTF-16 code units.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "report/formats.h"
#include "report/json_writer.h"
#include "report/say.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

/* What results refer to by number: the rules that found something and the files they are about, each sorted. */
struct tables {
	const struct finding **rule; /* one finding of each */
	size_t n_rule;
	struct str *file;
	size_t n_file;
	bool any_suppressed;
};

static int
by_code(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x, *b = *(const struct finding *const *)y;

	return str_cmp(a->code, b->code);
}

static int
by_name(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static void
tables_init(struct tables *t, const struct findings *f)
{
	size_t n = 0;

	*t = (struct tables){ .rule = mem_alloc((f->n + 1) * sizeof(const struct finding *)),
		.file = mem_alloc((f->n + 1) * sizeof *t->file) };
	for (size_t i = 0; i < f->n; i++) {
		t->rule[t->n_rule++] = &f->v[i];
		if (f->v[i].file.n > 0)
			t->file[t->n_file++] = f->v[i].file;
		t->any_suppressed |= f->v[i].suppressed;
	}
	qsort(t->rule, t->n_rule, sizeof(const struct finding *), by_code);
	qsort(t->file, t->n_file, sizeof *t->file, by_name);
	for (size_t i = 0; i < t->n_rule; i++)
		if (n == 0 || by_code(&t->rule[n - 1], &t->rule[i]) != 0)
			t->rule[n++] = t->rule[i];
	t->n_rule = n;
	n = 0;
	for (size_t i = 0; i < t->n_file; i++)
		if (n == 0 || by_name(&t->file[n - 1], &t->file[i]) != 0)
			t->file[n++] = t->file[i];
	t->n_file = n;
}

static void
tables_release(struct tables *t)
{
	free(t->rule);
	free(t->file);
}

static int64_t
rule_index(const struct tables *t, const struct finding *f)
{
	const struct finding **at = bsearch(&f, t->rule, t->n_rule, sizeof(const struct finding *), by_code);

	return at - t->rule;
}

static int64_t
file_index(const struct tables *t, struct str file)
{
	const struct str *at = bsearch(&file, t->file, t->n_file, sizeof *t->file, by_name);

	return at != NULL ? at - t->file : -1;
}

/* RFC 3986: all but the unreserved characters and the slash as %HH, byte by byte. */
static void
add_uri(struct buf *b, struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    str_chr(STR("-._~/"), c, 0) != SIZE_MAX)
			buf_addch(b, c);
		else
			buf_addf(b, "%%%02X", (unsigned char)c);
	}
}

/* 3.4: relative to the folder of the run, to the home (audit: ~/), or absolute. */
static void
artifact_location(struct json *j, const char *key, const struct report *r, struct str file, int64_t index)
{
	struct buf uri = { 0 };
	bool home = r->lint == NULL && str_starts(file, STR("~/")), absolute = str_starts(file, STR("/"));

	if (absolute)
		buf_addc(&uri, "file://");
	add_uri(&uri, home ? str_from(file, 2) : file);
	json_open(j, key, '{');
	json_str(j, "uri", buf_str(&uri));
	if (!absolute)
		json_strz(j, "uriBaseId", home ? "HOME" : "%SRCROOT%");
	if (index >= 0)
		json_int(j, "index", index);
	json_close(j, '}');
	buf_release(&uri);
}

static void
text_member(struct json *j, const char *key, struct str text)
{
	json_open(j, key, '{');
	json_str(j, "text", text);
	json_close(j, '}');
}

static struct str
escaped(struct buf *b, struct str text)
{
	buf_clear(b);
	say_text(text, b);
	return buf_str(b);
}

/* A template for people who see no finding: {path.timeout} becomes TIMEOUT. */
static void
add_template(struct buf *b, struct str text)
{
	struct buf plain = { 0 };

	while (text.n > 0) {
		size_t open = str_chr(text, '{', 0), close = open == SIZE_MAX ? SIZE_MAX : str_chr(text, '}', open);

		if (close == SIZE_MAX) {
			buf_add(&plain, text);
			break;
		}
		buf_add(&plain, str_head(text, open));
		for (size_t i = open + 1; i < close; i++)
			if (str_chr(str_head(text, close), '.', i) == SIZE_MAX)
				buf_addch(
				    &plain, (char)(text.p[i] >= 'a' && text.p[i] <= 'z' ? text.p[i] - 32 : text.p[i]));
		text = str_from(text, close + 1);
	}
	buf_add_escaped(b, buf_str(&plain));
	buf_release(&plain);
}

/* Nothing but what is different each time. */
static bool
is_open(struct str text)
{
	return text.n == 0 || (text.p[0] == '{' && str_chr(text, '}', 0) == text.n - 1);
}

/* Examples of a rule may have several lines. */
static void
add_lines(struct buf *b, struct str text)
{
	struct str line;

	while (text.n > 0 && str_split(&text, '\n', &line)) {
		buf_add_escaped(b, line);
		buf_addch(b, '\n');
	}
}

static void
add_help(struct buf *b, const struct rule_text *t, bool markdown)
{
	const struct {
		const char *name;
		struct str text;
		bool code;
	} part[] = { { "", is_open(t->why) ? t->message : t->why, false }, { "Fix", t->advice, false },
		{ "Good", t->good, true }, { "Bad", t->bad, true }, { "See", t->see, false } };

	for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
		if (part[i].text.n == 0)
			continue;
		buf_addc(b, b->n > 0 ? "\n" : "");
		if (*part[i].name != '\0')
			buf_addf(b, markdown ? "**%s:**%s" : "%s:%s", part[i].name, part[i].code ? "\n" : " ");
		buf_addc(b, markdown && part[i].code ? "\n```sshconfig\n" : "");
		if (part[i].code)
			add_lines(b, part[i].text);
		else
			add_template(b, part[i].text);
		buf_addc(b, part[i].code ? "" : "\n");
		buf_addc(b, markdown && part[i].code ? "```\n" : "");
	}
}

/* 3.49 */
static void
rule(struct json *j, const struct finding *f)
{
	struct rule_text t = { .code = f->code, .name = f->name, .level = f->level };
	struct buf b = { 0 };

	if (f->rule != NULL)
		rule_describe(f->rule, &t);
	json_open(j, NULL, '{');
	json_str(j, "id", t.code);
	json_str(j, "name", t.name);
	add_template(&b, t.message.n > 0 ? t.message : t.name);
	text_member(j, "shortDescription", buf_str(&b));
	if (!is_open(t.why)) {
		buf_clear(&b);
		add_template(&b, t.why);
	}
	text_member(j, "fullDescription", buf_str(&b));
	json_open(j, "help", '{');
	buf_clear(&b);
	add_help(&b, &t, false);
	json_str(j, "text", b.n > 0 ? buf_str(&b) : t.name);
	buf_clear(&b);
	add_help(&b, &t, true);
	json_str(j, "markdown", b.n > 0 ? buf_str(&b) : t.name);
	json_close(j, '}');
	json_open(j, "defaultConfiguration", '{');
	json_strz(j, "level", level_name(t.level));
	json_close(j, '}');
	json_close(j, '}');
	buf_release(&b);
}

static void
tool(struct json *j, const struct report *r, const struct tables *t)
{
	json_open(j, "tool", '{');
	json_open(j, "driver", '{');
	json_strz(j, "name", "sshkeep");
	json_strz(j, "version", r->version);
	json_open(j, "rules", '[');
	for (size_t i = 0; i < t->n_rule; i++)
		rule(j, t->rule[i]);
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, '}');
}

/* 3.30.  What is about a file as a whole stands at its first line, because GitHub takes no result without one. */
static void
region(struct json *j, const struct finding *f)
{
	const struct quote *q = &f->quote;
	bool columns = f->at.line != 0 && q->known;

	json_open(j, "region", '{');
	json_int(j, "startLine", f->at.line != 0 ? f->at.line : 1);
	if (columns)
		json_int(j, "startColumn", q->col_units);
	if (columns && q->end_units > q->col_units) {
		json_int(j, "endLine", f->at.line);
		json_int(j, "endColumn", q->end_units);
	}
	json_close(j, '}');
}

static void
locations(struct json *j, const struct report *r, const struct finding *f, int64_t index)
{
	json_open(j, "locations", '[');
	if (f->file.n > 0) {
		json_open(j, NULL, '{');
		json_open(j, "physicalLocation", '{');
		artifact_location(j, "artifactLocation", r, f->file, index);
		region(j, f);
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* 3.57: deletedRegion ends where the first character that stays stands. */
static void
replacement(struct json *j, const struct report_edit *e)
{
	size_t start = utf8_units(e->before), last = 0;

	for (size_t at = str_chr(e->old, '\n', 0); at != SIZE_MAX; at = str_chr(e->old, '\n', last))
		last = at + 1;
	json_open(j, NULL, '{');
	json_open(j, "deletedRegion", '{');
	json_int(j, "startLine", e->line);
	json_int(j, "startColumn", (int64_t)start + 1);
	json_int(j, "endLine", e->end_line);
	json_int(j, "endColumn", (int64_t)(utf8_units(str_from(e->old, last)) + (last == 0 ? start : 0)) + 1);
	json_close(j, '}');
	text_member(j, "insertedContent", e->text);
	json_close(j, '}');
}

/* 3.55 */
static void
fixes(struct json *j, const struct report *r, const struct tables *t, const struct finding *f)
{
	size_t n = 0;
	const struct report_edit *e = report_edits(r, (size_t)(f - r->findings->v), &n);
	struct buf words = { 0 }, b = { 0 };

	if (n == 0 || !report_edits_text(e, n))
		return;
	say_fix(f, &words);
	json_open(j, "fixes", '[');
	json_open(j, NULL, '{');
	text_member(j, "description", escaped(&b, words.n > 0 ? buf_str(&words) : f->message));
	json_open(j, "artifactChanges", '[');
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !str_eq(e[i].file, e[i - 1].file)) {
			json_open(j, NULL, '{');
			artifact_location(j, "artifactLocation", r, e[i].file, file_index(t, e[i].file));
			json_open(j, "replacements", '[');
		}
		replacement(j, &e[i]);
		if (i + 1 == n || !str_eq(e[i].file, e[i + 1].file)) {
			json_close(j, ']');
			json_close(j, '}');
		}
	}
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
	buf_release(&words);
	buf_release(&b);
}

/* 3.11.6: "[text](target)" in a message is a link; file text makes none. */
static void
message(struct json *j, const struct finding *f)
{
	struct buf text = { 0 }, safe = { 0 };
	struct str s;

	say_all(f, &text);
	for (s = buf_str(&text); s.n > 0; s = str_from(s, 1)) {
		if (s.n > 1 && s.p[0] == ']' && s.p[1] == '(')
			buf_addch(&safe, '\\');
		buf_addch(&safe, s.p[0]);
	}
	text_member(j, "message", buf_str(&safe));
	buf_release(&text);
	buf_release(&safe);
}

/* 3.27 */
static void
result(struct json *j, const struct report *r, const struct tables *t, const struct finding *f)
{
	struct buf b = { 0 };

	json_open(j, NULL, '{');
	json_str(j, "ruleId", f->code);
	json_int(j, "ruleIndex", rule_index(t, f));
	json_strz(j, "level", level_name(f->level));
	message(j, f);
	locations(j, r, f, file_index(t, f->file));
	json_open(j, "partialFingerprints", '{');
	json_str(j, "sshkeep/v1", f->fingerprint);
	json_close(j, '}');
	fixes(j, r, t, f);
	/* 3.27.23: if one result says whether it is suppressed, all do */
	if (t->any_suppressed) {
		json_open(j, "suppressions", '[');
		if (f->suppressed) {
			json_open(j, NULL, '{');
			json_strz(j, "kind", f->in_baseline ? "external" : "inSource");
			json_strz(j, "status", "accepted");
			if (f->reason.n > 0)
				json_str(j, "justification", escaped(&b, f->reason));
			json_close(j, '}');
		}
		json_close(j, ']');
	}
	json_close(j, '}');
	buf_release(&b);
}

static void
notification(struct json *j, const struct report *r, const char *level, struct str text, struct str file)
{
	struct buf b = { 0 };

	json_open(j, NULL, '{');
	json_strz(j, "level", level);
	text_member(j, "message", escaped(&b, text));
	if (file.n > 0) {
		json_open(j, "locations", '[');
		json_open(j, NULL, '{');
		json_open(j, "physicalLocation", '{');
		artifact_location(j, "artifactLocation", r, file, -1);
		json_close(j, '}');
		json_close(j, '}');
		json_close(j, ']');
	}
	json_close(j, '}');
	buf_release(&b);
}

/* 3.20: what could not be read, and what could not be seen. */
static void
invocation(struct json *j, const struct report *r)
{
	size_t n_failed = r->failed != NULL ? r->failed->n : 0, told = 0;

	json_open(j, "invocations", '[');
	json_open(j, NULL, '{');
	json_bool(j, "executionSuccessful", n_failed == 0);
	json_int(j, "exitCode", r->exit_status);
	json_open(j, "toolExecutionNotifications", '[');
	for (size_t i = 0; i < n_failed; i++)
		notification(j, r, "error", r->failed->v[i].message, r->failed->v[i].file);
	for (size_t i = 0; i < r->n_note; i++)
		if (told < n_failed && str_eq(r->note[i], r->failed->v[told].key))
			told++;
		else
			notification(j, r, "note", r->note[i], STR(""));
	json_close(j, ']');
	json_close(j, '}');
	json_close(j, ']');
}

/* 3.14.14: no URI, which would name a folder of this machine. */
static void
bases(struct json *j, const struct report *r)
{
	json_open(j, "originalUriBaseIds", '{');
	json_open(j, "%SRCROOT%", '{');
	text_member(j, "description", STR("The folder in which sshkeep ran."));
	json_close(j, '}');
	if (r->lint == NULL) {
		json_open(j, "HOME", '{');
		text_member(j, "description", STR("The home folder of the user whose configuration was audited."));
		json_close(j, '}');
	}
	json_close(j, '}');
}

void
report_sarif(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };
	struct tables t;

	tables_init(&t, r->findings);
	json_open(&j, NULL, '{');
	json_strz(&j, "$schema", SCHEMA);
	json_strz(&j, "version", "2.1.0");
	json_open(&j, "runs", '[');
	json_open(&j, NULL, '{');
	tool(&j, r, &t);
	invocation(&j, r);
	bases(&j, r);
	json_strz(&j, "columnKind", "utf16CodeUnits");
	json_open(&j, "artifacts", '[');
	for (size_t i = 0; i < t.n_file; i++) {
		json_open(&j, NULL, '{');
		artifact_location(&j, "location", r, t.file[i], -1);
		json_open(&j, "roles", '[');
		json_strz(&j, NULL, "analysisTarget");
		json_close(&j, ']');
		json_close(&j, '}');
	}
	json_close(&j, ']');
	json_open(&j, "results", '[');
	for (size_t i = 0; i < r->findings->n; i++)
		result(&j, r, &t, &r->findings->v[i]);
	json_close(&j, ']');
	json_close(&j, '}');
	json_close(&j, ']');
	json_close(&j, '}');
	tables_release(&t);
}
