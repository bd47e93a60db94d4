/* SPDX-License-Identifier: MIT */
/* What a person sees of a lint: the findings by file and line, and one line of sums. */
#include "report/excerpt.h"
#include "report/say.h"
#include "report/tally.h"
#include "report/text.h"

enum { INDENT = 4 };

static void
add_wrapped(struct str text, const char *head, unsigned width, struct buf *out)
{
	struct buf b = { 0 };

	if (str_trim(text).n == 0)
		return;
	buf_addc(&b, head);
	buf_add(&b, text);
	buf_addn(out, ' ', INDENT);
	layout_wrap(out, buf_str(&b), INDENT, INDENT, width);
	buf_release(&b);
}

/* "FILE:LINE:COLUMN: level CODE message", as compilers write it, so that editors jump there. */
static void
add_finding(const struct report *r, const struct finding *f, struct buf *out)
{
	static const enum ink ink[] = { [LEVEL_NOTE] = INK_DIM, [LEVEL_WARNING] = INK_YELLOW, [LEVEL_ERROR] = INK_RED };
	struct str level = str_c(level_name(f->level));
	struct buf b = { 0 };
	size_t from = out->n, at;

	buf_add_escaped(out, f->file);
	if (f->at.line != 0)
		buf_addf(out, ":%u:%u", f->at.line, f->at.col);
	buf_addc(out, ": ");
	at = layout_width((struct str){ out->p + from, out->n - from }) + level.n + 1;
	layout_ink(out, r->color, ink[f->level], level);
	buf_addch(out, ' ');
	buf_add(&b, f->code);
	buf_addch(&b, ' ');
	buf_add(&b, f->message);
	layout_wrap(out, buf_str(&b), at, INDENT, r->width);
	excerpt_add(out, f, INDENT, r->width, r->color, ink[f->level]);
	add_wrapped(f->why, "", r->width, out);
	buf_clear(&b);
	say_fix(f, &b);
	add_wrapped(buf_str(&b), "fix: ", r->width, out);
	buf_release(&b);
}

static void
add_count(struct buf *b, size_t n, const char *name)
{
	buf_addf(b, "%zu %s%s", n, name, n == 1 ? "" : "s");
}

void
report_text_lint(const struct report *r, struct buf *out)
{
	size_t n[LEVEL_ERROR + 1] = { 0 }, suppressed = 0;
	struct tally tally;
	bool fresh = false;

	tally_init(&tally, r);
	for (size_t i = 0; i < r->findings->n; i++) {
		const struct finding *f = &r->findings->v[i];

		if (f->suppressed) {
			suppressed++;
			continue;
		}
		n[f->level]++;
		if (!tally_shows(&tally, f))
			continue;
		if (i + r->lint->n_fresh >= r->findings->n && !fresh)
			buf_addc(out, "with the diff, by the lines as they would be then:\n");
		fresh = i + r->lint->n_fresh >= r->findings->n;
		add_finding(r, f, out);
	}
	tally_rest(&tally, out);
	tally_release(&tally);
	for (size_t i = 0; i < r->n_note; i++) {
		buf_addc(out, "note: ");
		layout_wrap(out, r->note[i], 6, INDENT, r->width);
	}
	add_count(out, r->lint->n_config, "config");
	buf_addc(out, " in ");
	add_count(out, r->lint->n_seen, "file");
	buf_addc(out, ": ");
	add_count(out, n[LEVEL_ERROR], "error");
	buf_addc(out, ", ");
	add_count(out, n[LEVEL_WARNING], "warning");
	buf_addc(out, ", ");
	add_count(out, n[LEVEL_NOTE], "note");
	if (suppressed > 0)
		buf_addf(out, "; %zu suppressed", suppressed);
	buf_addch(out, '\n');
}
