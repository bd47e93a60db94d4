/* SPDX-License-Identifier: MIT */
/*
 * One page that needs nothing else: no script, no link, no picture, nothing from a network (its own policy says so to
 * the browser).  It is well-formed XML, too.
 */
#include "report/formats.h"
#include "report/say.h"
#include "report/xml_writer.h"

static const char style[] =
    "body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222;background:#fff}"
    "h1{font-size:1.4em}h2{font:bold 1em monospace;border-bottom:1px solid #bbb;overflow-wrap:anywhere}"
    "article{margin:1em 0;padding-left:1em;border-left:4px solid #999;overflow-wrap:anywhere}"
    "article.error{border-color:#c00}article.warning{border-color:#b70}"
    "article p{margin:.2em 0}pre{background:#f3f3f3;padding:.3em .6em;overflow-x:auto}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#282828}}";

static void
element(struct xml *x, const char *name, struct str text)
{
	xml_open(x, name);
	xml_text(x, text);
	xml_close(x);
}

static void
escaped(struct xml *x, const char *name, const char *head, struct str text)
{
	struct buf b = { 0 };

	if (str_trim(text).n == 0)
		return;
	buf_addc(&b, head);
	say_text(text, &b);
	element(x, name, buf_str(&b));
	buf_release(&b);
}

static void
head(struct xml *x)
{
	xml_open(x, "head");
	xml_void(x, "meta");
	xml_attr(x, "charset", STR("utf-8"));
	xml_void(x, "meta");
	xml_attr(x, "http-equiv", STR("Content-Security-Policy"));
	xml_attr(x, "content", STR("default-src 'none'; style-src 'unsafe-inline'"));
	xml_void(x, "meta");
	xml_attr(x, "name", STR("viewport"));
	xml_attr(x, "content", STR("width=device-width, initial-scale=1"));
	element(x, "title", STR("sshkeep"));
	element(x, "style", str_c(style));
	xml_close(x);
}

static void
finding(struct xml *x, const struct finding *f)
{
	struct buf b = { 0 };

	xml_open(x, "article");
	xml_attr(x, "class", str_c(level_name(f->level)));
	xml_attrf(x, "id", "f-%.*s", STR_ARG(f->fingerprint));
	xml_open(x, "p");
	buf_addf(&b, "%s ", level_name(f->level));
	say_title(f, &b);
	element(x, "b", buf_str(&b));
	buf_clear(&b);
	if (f->at.line != 0)
		buf_addf(&b, " line %u, column %u", f->at.line, f->at.col);
	xml_text(x, buf_str(&b));
	xml_close(x);
	escaped(x, "p", "", f->message);
	escaped(x, "pre", "", f->quote.text);
	escaped(x, "p", "", f->why);
	buf_clear(&b);
	say_fix(f, &b);
	escaped(x, "p", "fix: ", buf_str(&b));
	xml_close(x);
	buf_release(&b);
}

static void
sums(struct xml *x, const struct told *t)
{
	size_t n[LEVEL_ERROR + 1] = { 0 };
	struct buf b = { 0 };

	for (size_t i = 0; i < t->n; i++)
		n[t->v[i]->level]++;
	for (size_t l = LEVEL_ERROR + 1; l-- > 0;)
		buf_addf(&b, "%zu %s%s%s", n[l], level_name((enum level)l), n[l] == 1 ? "" : "s", l > 0 ? ", " : "");
	element(x, "p", buf_str(&b));
	buf_release(&b);
}

static void
body(struct xml *x, const struct report *r, const struct told *t)
{
	struct buf b = { 0 };

	xml_open(x, "body");
	buf_addf(&b, "sshkeep %s", r->command);
	element(x, "h1", buf_str(&b));
	buf_release(&b);
	sums(x, t);
	for (size_t i = 0; i < t->n; i++) {
		if (i == 0 || !str_eq(t->v[i]->file, t->v[i - 1]->file))
			escaped(x, "h2", "", t->v[i]->file.n > 0 ? t->v[i]->file : STR("no file"));
		finding(x, t->v[i]);
	}
	for (size_t i = 0; i < r->n_note; i++)
		escaped(x, "p", "note: ", r->note[i]);
	xml_close(x);
}

void
report_html(const struct report *r, struct buf *out)
{
	struct xml x = { .b = out };
	struct told t;

	told_by_file(&t, r, false);
	buf_addc(out, "<!DOCTYPE html>");
	xml_open(&x, "html");
	xml_attr(&x, "lang", STR("en"));
	head(&x);
	body(&x, r, &t);
	xml_close(&x);
	told_release(&t);
}
