/* SPDX-License-Identifier: MIT */
/* The facts that a report rests on: three lines for audit, the whole table for `facts`. */
#include <math.h>

#include "report/layout.h"
#include "report/text.h"

/* "9.2p1": what the report was judged for; vendors' patches are named in `facts`. */
static void
add_version(struct buf *b, const char *program, struct ver v)
{
	char text[24];

	if (v.n == 0)
		return;
	buf_addf(b, "   %s %s", program, ver_text((struct ver){ .n = v.n }, text));
}

static void
add_side(const struct report *r, enum kw_side side, struct buf *b)
{
	const struct conf *c = NULL;
	size_t rows = 0, main_files = 0;
	struct buf name = { 0 };

	for (size_t i = 0; i < r->n_conf; i++)
		if (r->conf[i]->side == side)
			c = r->conf[i];
	if (c == NULL)
		return;
	for (size_t i = 0; i < r->n_host; i++)
		rows += r->host[i].side == side && (side == KW_SERVER || r->host[i].kind != TARGET_DEFAULT);
	for (size_t i = 0; i < c->n_src; i++) {
		if (c->src[i].origin == SOURCE_CMDLINE)
			continue;
		if (main_files++ == 0)
			buf_add_escaped(&name, c->src[i].shown);
	}
	if (b->n > 0)
		buf_addc(b, "\n");
	if (main_files == 0)
		buf_addc(b, side == KW_CLIENT ? "no client config" : "no server config");
	else
		buf_add(b, buf_str(&name));
	if (main_files > 1)
		buf_addf(b, " and %zu more", main_files - 1);
	buf_addf(b, ": %zu %s", rows, side == KW_CLIENT ? rows == 1 ? "host" : "hosts" : rows == 1 ? "case" : "cases");
	add_version(b, side == KW_CLIENT ? "ssh" : "sshd", side == KW_CLIENT ? r->ssh_ver : r->sshd_ver);
	buf_release(&name);
}

static void
add_fact(struct buf *b, const struct facts *f, enum fact_id id, const char *before, const char *after)
{
	const struct fact *v = &f->v[id];

	if (!v->known)
		return;
	if (fact_table[id].type == FACT_TEXT) {
		if (v->text.n == 0 || str_eqc(v->text, "none"))
			return;
		buf_addc(b, before);
		buf_add(b, v->text);
	} else if (fact_table[id].type == FACT_DURATION) {
		buf_addc(b, before);
		num_fmt_s(b, v->num);
	} else {
		buf_addf(b, "%s%.0f", before, v->num);
	}
	buf_addc(b, after);
}

/* When the kernel would speak. */
static void
add_kernel(const struct facts *f, struct buf *b)
{
	buf_addc(b, "kernel keepalive: first after ");
	if (f->v[FACT_TCP_KEEPALIVE_TIME].known)
		add_fact(b, f, FACT_TCP_KEEPALIVE_TIME, "", "");
	else
		buf_addc(b, "7200 s (assumed)");
}

/* What this machine is; kernel: what the first line had no room for. */
static void
add_machine(const struct report *r, struct str kernel, struct buf *b)
{
	const struct facts *f = r->facts;
	struct buf line = { 0 };

	add_fact(&line, f, FACT_OS, "", "");
	add_fact(&line, f, FACT_VIRT, line.n > 0 ? ", " : "", "");
	add_fact(&line, f, FACT_CLOUD, line.n > 0 ? ", " : "", "");
	if (kernel.n > 0 && line.n > 0)
		buf_addc(&line, "; ");
	buf_add(&line, kernel);
	add_fact(&line, f, FACT_CT_ESTABLISHED, line.n > 0 ? "; conntrack " : "conntrack ", "");
	if (line.n > 0)
		layout_wrap(b, buf_str(&line), 0, 2, r->width);
	buf_release(&line);
}

static bool
same_path(const struct report_host *a, const struct report_host *b)
{
	return str_eq(a->path->min->name, b->path->min->name) && a->path->confidence == b->path->confidence &&
	    a->path->timeout.known == b->path->timeout.known &&
	    (!a->path->timeout.known || fabs(a->path->timeout.v - b->path->timeout.v) < 1 ||
		(isinf(a->path->timeout.v) && isinf(b->path->timeout.v)));
}

/* The path that most rows of this machine's way out share: that of the first one, and how many differ. */
static const struct report_host *
common_path(const struct report *r, size_t *ret_other)
{
	const struct report_host *first = NULL;

	*ret_other = 0;
	for (size_t i = 0; i < r->n_host; i++) {
		const struct report_host *h = &r->host[i];

		/* the way in is not the way out */
		if (h->j->verdict == VERDICT_NOT_JUDGED || h->side != r->host[0].side)
			continue;
		if (first == NULL)
			first = h;
		else if (!same_path(first, h))
			(*ret_other)++;
	}
	return first;
}

static void
add_path_number(const struct report_host *h, bool nat, struct buf *b)
{
	if (h->path->confidence == CONF_ASSUMED && h->policy != NULL) {
		buf_addf(b, "; %s timeout is ASSUMED: ", nat ? "its" : "the path's");
		num_fmt_s(b, h->path->timeout.v);
		buf_addf(b, " (policy %.*s)", STR_ARG(h->policy->name));
		return;
	}
	buf_addc(b, "; ");
	buf_add(b, h->path->min->name);
	if (!h->path->timeout.known || isinf(h->path->timeout.v)) {
		buf_addc(b, ": nothing forgets an idle connection");
		return;
	}
	buf_addc(b, " forgets after ");
	num_fmt_s(b, h->path->timeout.v);
	/* the name of a declared path says so itself */
	if (h->path->confidence != CONF_DECLARED)
		buf_addf(b, " (%s)", confidence_name(h->path->confidence));
}

static void
add_path(const struct report *r, struct buf *b)
{
	size_t other;
	const struct report_host *h = common_path(r, &other);
	bool nat = r->facts != NULL && r->facts->v[FACT_BEHIND_NAT].known && r->facts->v[FACT_BEHIND_NAT].num != 0;
	struct buf line = { 0 };

	buf_addc(&line, nat ? "behind NAT" : "no NAT seen");
	if (nat && r->facts->v[FACT_SOURCE_ADDR].known) {
		buf_addc(&line, " (");
		buf_add(&line, r->facts->v[FACT_SOURCE_ADDR].text);
		buf_addc(&line, ")");
	}
	if (h != NULL)
		add_path_number(h, nat, &line);
	if (other > 0)
		buf_addf(&line, "; %zu %s", other, other == 1 ? "row differs" : "rows differ");
	layout_wrap(b, buf_str(&line), 0, 2, r->width);
	buf_release(&line);
}

void
text_facts(const struct report *r, struct buf *out)
{
	struct buf line = { 0 }, kernel = { 0 };
	size_t last;

	add_side(r, KW_CLIENT, &line);
	add_side(r, KW_SERVER, &line);
	if (r->facts != NULL)
		add_kernel(r->facts, &kernel);
	for (last = line.n; last > 0 && line.p[last - 1] != '\n';)
		last--;
	if (line.n > 0 && kernel.n > 0 &&
	    layout_width(str_from(buf_str(&line), last)) + 3 + layout_width(buf_str(&kernel)) <= r->width) {
		buf_addc(&line, "   ");
		buf_add(&line, buf_str(&kernel));
		buf_clear(&kernel);
	}
	if (line.n > 0)
		buf_addc(&line, "\n");
	buf_add(out, buf_str(&line));
	if (r->facts != NULL)
		add_machine(r, buf_str(&kernel), out);
	add_path(r, out);
	buf_release(&line);
	buf_release(&kernel);
}

void
report_text_facts(const struct report *r, struct buf *out)
{
	enum { NAME_W = 28, VALUE_W = 24 };
	struct buf v = { 0 }, rest = { 0 };

	for (size_t i = 0; i < FACT_MAX_; i++) {
		const struct fact *f = &r->facts->v[i];

		buf_clear(&v);
		buf_clear(&rest);
		layout_cell(out, str_c(fact_table[i].name), NAME_W);
		if (!f->known)
			buf_addc(&v, "unknown");
		else if (fact_table[i].type == FACT_FLAG)
			buf_addc(&v, f->num != 0 ? "yes" : "no");
		else if (fact_table[i].type == FACT_TEXT)
			buf_add(&v, f->text);
		else if (fact_table[i].type == FACT_DURATION)
			num_fmt_s(&v, f->num);
		else
			buf_addf(&v, "%.0f", f->num);
		if (layout_width(buf_str(&v)) <= VALUE_W) {
			layout_cell(out, buf_str(&v), VALUE_W);
		} else {
			buf_add_escaped(out, buf_str(&v));
			buf_addc(out, "\n");
			buf_addn(out, ' ', NAME_W + VALUE_W);
		}
		if (f->known)
			buf_addf(&rest, "%s, ", confidence_name(f->confidence));
		else if (f->reason != NULL)
			buf_addf(&rest, "%s; ", f->reason);
		buf_add(&rest, f->source);
		if (f->line != 0)
			buf_addf(&rest, ":%u", f->line);
		buf_addc(out, " ");
		layout_wrap(out, buf_str(&rest), NAME_W + VALUE_W + 1, NAME_W + VALUE_W + 1, r->width);
	}
	for (size_t i = 0; i < r->n_note; i++)
		layout_wrap(out, r->note[i], 0, 2, r->width);
	buf_release(&v);
	buf_release(&rest);
}
