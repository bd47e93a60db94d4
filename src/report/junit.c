/* SPDX-License-Identifier: MIT */
/*
 * JUnit's report as Jenkins and GitLab read it: a file is a testsuite, a rule that found something in it a testcase,
 * which fails when a level reaches --fail-on, so that there is a failure whenever the exit status is 1; what is below
 * stands in the output of the suite.  An input that could not be read is an error.  Both schemas that are around (that
 * of Ant's task and that of Jenkins' plug-in) accept it; no time is told, because equal input gives equal output.
 */
#include "report/formats.h"
#include "report/say.h"
#include "report/xml_writer.h"

/* The findings of one rule in one file. */
struct group {
	const struct finding *const *f;
	size_t n;
	size_t failing;			/* of a level that fails */
	const struct finding *worst_of; /* the first of those; NULL */
};

struct sums {
	size_t cases, failures, errors;
	enum level fail_on;
};

/* The group that begins at f[0], of n findings of a file. */
static struct group
group_of(const struct finding *const *f, size_t n, enum level fail_on)
{
	struct group g = { .f = f };

	for (; g.n < n && str_eq(f[g.n]->code, f[0]->code); g.n++) {
		if (f[g.n]->level < fail_on)
			continue;
		if (g.failing++ == 0)
			g.worst_of = f[g.n];
	}
	return g;
}

/* Not read: no rule said it. */
static bool
is_error(const struct group *g)
{
	return g->f[0]->rule == NULL;
}

static void
add_place(struct buf *b, const struct finding *f)
{
	if (f->file.n > 0)
		buf_add_escaped(b, f->file);
	else
		buf_addc(b, "sshkeep");
	if (f->at.line != 0)
		buf_addf(b, ":%u:%u", f->at.line, f->at.col);
	buf_addf(b, ": %s: ", level_name(f->level));
}

/* All that the rule says of the file, as far as it fails (or does not). */
static void
add_texts(const struct group *g, enum level fail_on, bool fails, struct buf *b)
{
	for (size_t i = 0; i < g->n; i++) {
		struct buf one = { 0 };

		if ((g->f[i]->level >= fail_on) != fails)
			continue;
		add_place(b, g->f[i]);
		say_all(g->f[i], &one);
		buf_add(b, buf_str(&one));
		buf_addch(b, '\n');
		buf_release(&one);
	}
}

static void
failure(struct xml *x, const struct group *g, enum level fail_on)
{
	struct buf text = { 0 };

	xml_open(x, is_error(g) ? "error" : "failure");
	xml_attr(x, "type", g->f[0]->code);
	say_text(g->worst_of->message, &text);
	if (g->failing > 1)
		buf_addf(&text, " (and %zu more)", g->failing - 1);
	xml_attr(x, "message", buf_str(&text));
	buf_clear(&text);
	add_texts(g, fail_on, true, &text);
	xml_text(x, buf_str(&text));
	xml_close(x);
	buf_release(&text);
}

static void
test_case(struct xml *x, const struct group *g, enum level fail_on)
{
	struct buf title = { 0 };

	say_title(g->f[0], &title);
	xml_open(x, "testcase");
	xml_attr(x, "name", buf_str(&title));
	xml_attr(x, "classname", say_path(g->f[0]));
	xml_attr(x, "time", STR("0"));
	if (g->failing > 0)
		failure(x, g, fail_on);
	xml_close(x);
	buf_release(&title);
}

static void
open_suite(struct xml *x, struct str name, size_t id, const struct sums *s)
{
	xml_open(x, "testsuite");
	xml_attr(x, "name", name);
	xml_attr(x, "package", STR("sshkeep"));
	xml_attrf(x, "id", "%zu", id);
	xml_attrf(x, "tests", "%zu", s->cases);
	xml_attrf(x, "failures", "%zu", s->failures);
	xml_attrf(x, "errors", "%zu", s->errors);
	xml_attr(x, "time", STR("0"));
	xml_attr(x, "timestamp", STR("1970-01-01T00:00:00"));
	xml_attr(x, "hostname", STR("localhost"));
	xml_open(x, "properties");
	xml_open(x, "property");
	xml_attr(x, "name", STR("fail-on"));
	xml_attr(x, "value", str_c(level_name(s->fail_on)));
	xml_close(x);
	xml_close(x);
}

static void
close_suite(struct xml *x, struct str text)
{
	xml_open(x, "system-out");
	xml_text(x, text);
	xml_close(x);
	xml_open(x, "system-err");
	xml_text(x, STR(""));
	xml_close(x);
	xml_close(x);
}

/* The findings f[0..n) of one file. */
static void
suite(struct xml *x, const struct finding *const *f, size_t n, size_t id, enum level fail_on)
{
	struct sums sums = { .fail_on = fail_on };
	struct buf rest = { 0 };
	struct group g;

	for (size_t i = 0; i < n; i += g.n) {
		g = group_of(f + i, n - i, fail_on);
		sums.cases++;
		sums.failures += g.failing > 0 && !is_error(&g);
		sums.errors += g.failing > 0 && is_error(&g);
	}
	open_suite(x, say_path(f[0]), id, &sums);
	for (size_t i = 0; i < n; i += g.n) {
		g = group_of(f + i, n - i, fail_on);
		test_case(x, &g, fail_on);
		add_texts(&g, fail_on, false, &rest);
	}
	close_suite(x, buf_str(&rest));
	buf_release(&rest);
}

/* Readers take an empty report for a broken run. */
static void
nothing_found(struct xml *x, const struct report *r)
{
	const struct sums s = { .cases = 1, .fail_on = r->fail_on };

	open_suite(x, STR("sshkeep"), 0, &s);
	xml_open(x, "testcase");
	xml_attr(x, "name", STR("no findings"));
	xml_attr(x, "classname", STR("sshkeep"));
	xml_attr(x, "time", STR("0"));
	xml_close(x);
	close_suite(x, STR(""));
}

void
report_junit(const struct report *r, struct buf *out)
{
	struct xml x = { .b = out };
	struct told t;
	size_t id = 0;

	told_by_file(&t, r, true);
	buf_addc(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	xml_open(&x, "testsuites");
	for (size_t i = 0, n; i < t.n; i += n) {
		for (n = 1; i + n < t.n && str_eq(t.v[i + n]->file, t.v[i]->file); n++)
			;
		suite(&x, t.v + i, n, id++, r->fail_on);
	}
	if (t.n == 0)
		nothing_found(&x, r);
	xml_close(&x);
	told_release(&t);
}
