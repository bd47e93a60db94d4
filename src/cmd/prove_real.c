/* SPDX-License-Identifier: MIT */
/* Asking the installed ssh whether only the planned values move. */
#define _XOPEN_SOURCE 700 /* mkdtemp(3) */
#include "cmd/prove_real.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cmd/output.h"
#include "cmd/run_program.h"

enum { ROWS_MAX = 32 };

struct asked {
	struct arena *arena;
	const char *old_file, *new_file;
	struct buf before, after; /* output of ssh -G for one row */
};

/* May ssh be asked?  Anything that it would run or look up forbids it. */
static bool
may_ask(const struct session *s, const struct fix_end *f)
{
	const struct conf *c = &f->end->conf;
	size_t files = 0;

	if (!s->live || f->side != KW_CLIENT || f->plan.n_file != 1 || c->has_exec || s->o->openssh.p != NULL ||
	    s->o->ssh_line.n > 0 || !s->facts.v[FACT_SSH_VERSION].known)
		return false;
	for (size_t i = 0; i < c->n_src; i++) {
		if (c->src[i].origin == SOURCE_CMDLINE ||
		    (c->src[i].origin == SOURCE_SYSTEM && s->o->client_file.p == NULL))
			continue;
		files++;
		if (c->src[i].depth > 0 || f->plan.file[0].src != i)
			return false;
	}
	for (size_t i = 0; i < c->n_set; i++)
		if (kw_row(KW_CLIENT, c->set[i].row)->id == KW_ID_CANONICALIZEHOSTNAME)
			return false;
	return files == 1;
}

static bool
ask(struct asked *q, const char *file, struct str host, struct buf *out)
{
	const char *const argv[] = { "ssh", "-G", "-F", file, "--", arena_strz(q->arena, host), NULL };

	buf_clear(out);
	return run_program(q->arena, argv, out);
}

/* Is a change of this keyword for this row what the plan wants? */
static bool
intended(const struct plan *p, struct str shown, struct str keyword)
{
	for (size_t i = 0; i < p->n_intent; i++)
		if (str_eq(p->intent[i].host, shown) && str_ieqc(keyword, kw_row(KW_CLIENT, p->intent[i].row)->name))
			return true;
	return false;
}

static bool
has_line(struct str text, struct str line)
{
	struct str rest = text, l;

	while (str_split(&rest, '\n', &l))
		if (str_eq(l, line))
			return true;
	return false;
}

/* The first line of a that b does not hold and that the plan does not speak of. */
static bool
moved(const struct plan *p, struct str shown, struct str a, struct str b, struct str *ret)
{
	struct str rest = a, line;

	while (str_split(&rest, '\n', &line)) {
		if (line.n == 0 || has_line(b, line) || intended(p, shown, str_head(line, str_chr(line, ' ', 0))))
			continue;
		*ret = line;
		return true;
	}
	return false;
}

static enum sk_code
compare_row(struct asked *q, const struct plan *p, const struct target_row *t, bool *ret_counted, struct err *e)
{
	struct str line;

	*ret_counted = false;
	/* what ssh refuses already is no yardstick */
	if (!ask(q, q->old_file, t->name, &q->before))
		return SK_OK;
	if (!ask(q, q->new_file, t->name, &q->after))
		return err_set(e, SK_EREFUSED, "ssh refuses the new text for %.*s", STR_ARG(t->shown));
	if (moved(p, t->shown, buf_str(&q->before), buf_str(&q->after), &line) ||
	    moved(p, t->shown, buf_str(&q->after), buf_str(&q->before), &line))
		return err_set(e, SK_EREFUSED,
		    "ssh -G sees another value of %.*s move: %.*s (this is a fault of sshkeep)", STR_ARG(t->shown),
		    STR_ARG(line));
	*ret_counted = true;
	return SK_OK;
}

static enum sk_code
compare_rows(struct asked *q, const struct fix_end *f, struct str *ret_line, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < f->opts.n_row && n < ROWS_MAX; i++) {
		bool counted;
		enum sk_code code;

		if (!f->opts.row[i].possible || f->opts.row[i].name.n == 0 || f->opts.row[i].name.p[0] == '-')
			continue;
		code = compare_row(q, &f->plan, &f->opts.row[i], &counted, e);
		if (code != SK_OK)
			return code;
		n += counted;
	}
	if (n > 0)
		*ret_line = arena_printf(q->arena, "ssh -G agrees for %zu %s", n, n == 1 ? "row" : "rows");
	return SK_OK;
}

enum sk_code
prove_real(struct session *s, const struct fix_end *f, struct str *ret_line, struct err *e)
{
	struct asked q = { .arena = s->arena };
	char dir[] = "/tmp/sshkeep-proof-XXXXXX";
	struct buf text = { 0 };
	enum sk_code code = SK_OK;

	*ret_line = (struct str){ 0 };
	if (!may_ask(s, f) || mkdtemp(dir) == NULL)
		return SK_OK;
	q.old_file = arena_printf(s->arena, "%s/old", dir).p;
	q.new_file = arena_printf(s->arena, "%s/new", dir).p;
	buf_add(&text, f->plan.file[0].old_bytes);
	code = output_file(str_c(q.old_file), &text, e);
	buf_clear(&text);
	buf_add(&text, f->plan.file[0].new_bytes);
	if (code == SK_OK)
		code = output_file(str_c(q.new_file), &text, e);
	if (code == SK_OK)
		code = compare_rows(&q, f, ret_line, e);
	unlink(q.old_file);
	unlink(q.new_file);
	rmdir(dir);
	buf_release(&text);
	buf_release(&q.before);
	buf_release(&q.after);
	return code;
}
