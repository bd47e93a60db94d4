/* SPDX-License-Identifier: MIT */
/* `effective` for people: every value with its line, the lines that lost and why, and the timeline. */
#include "report/explain.h"
#include "report/layout.h"
#include "report/text.h"
#include "report/timeline.h"
#include "report/values.h"

enum { KEYWORD_W = 28, TEXT_W = 22 };

static void
add_line(struct str keyword, struct str text, struct str from, size_t width, struct buf *out)
{
	buf_addc(out, "  ");
	layout_cell(out, keyword, KEYWORD_W);
	buf_addc(out, " ");
	if (layout_width(text) <= TEXT_W) {
		layout_cell(out, text, TEXT_W);
	} else {
		buf_add_escaped(out, text);
		buf_addc(out, "\n");
		buf_addn(out, ' ', 2 + KEYWORD_W + 1 + TEXT_W);
	}
	buf_addc(out, "  ");
	layout_wrap(out, from, 2 + KEYWORD_W + 1 + TEXT_W + 2, 2 + KEYWORD_W + 1 + TEXT_W + 2, width);
}

static void
add_value(const struct report_host *h, const struct kw *k, unsigned id, size_t width, struct buf *out)
{
	const struct eff *v = &h->ev->v[id];
	struct buf from = { 0 }, text = { 0 };
	struct arena a = { 0 };

	if (v->state == EFF_UNKNOWN) {
		buf_addc(&text, "unknown: ");
		buf_add(&text, v->guess);
		explain_doubt(h, id, &from);
		add_line(str_c(k->name), buf_str(&text), buf_str(&from), width, out);
	} else if (v->also != NULL) {
		for (size_t i = 0; i < v->n_also; i++) {
			const struct set *s = &h->ev->conf->set[v->also[i]];
			struct value one;

			conf_set_value(h->ev->conf, &a, s, &one);
			buf_clear(&from);
			explain_place(h->ev->conf, s->src, s->line, &from);
			add_line(str_c(k->name), one.text, buf_str(&from), width, out);
		}
	} else if (v->text.p != NULL) {
		explain_origin(h->ev, id, &from);
		add_line(str_c(k->name), v->text, buf_str(&from), width, out);
	}
	arena_release(&a);
	buf_release(&from);
	buf_release(&text);
}

void
report_text_effective(const struct report *r, struct buf *out)
{
	const struct kw *row[KW_ROWS_MAX];
	unsigned id[KW_ROWS_MAX];
	struct timeline t;

	timeline_init(&t, r);
	for (size_t i = 0; i < r->n_host; i++) {
		const struct report_host *h = &r->host[i];
		size_t n = values_family(h->ev->conf, row, id);
		char text[24];

		if (i > 0)
			buf_addc(out, "\n");
		buf_add_escaped(out, h->shown);
		buf_addf(out, "  (%s, OpenSSH %s)\n", h->side == KW_CLIENT ? "client" : "server",
		    ver_text(h->ev->conf->ver, text));
		for (size_t k = 0; k < n; k++)
			add_value(h, row[k], id[k], r->width, out);
		explain_text(h, r->width, out);
		timeline_axis(&t, out);
		timeline_row(&t, h, out);
	}
	for (size_t i = 0; i < r->n_note; i++)
		layout_wrap(out, r->note[i], 0, 2, r->width);
}

void
report_ssh(const struct report *r, struct buf *out)
{
	for (size_t i = 0; i < r->n_host; i++) {
		/* several hosts need a separator; one is to be compared with ssh -G as it is */
		if (r->n_host > 1) {
			buf_addc(out, "# host ");
			buf_add_escaped(out, r->host[i].shown);
			buf_addc(out, "\n");
		}
		eff_print_ssh(r->host[i].ev, out);
	}
}
