/* SPDX-License-Identifier: MIT */
/* One row, asked of the program with the old and the new text, and what may differ between its answers. */
#include <string.h>
#include <time.h>

#include "base/num.h"
#include "fix/prove_copy.h"
#include "fix/prove_parts.h"

enum { LIMIT_MS = 10000, ROWS_MAX = 300, MEANT_MAX = 200, LINES_MAX = 1000, MESSAGE_MAX = 700 };
#define FAULT "; this is a fault of sshkeep"

/* Values of one keyword, as lines "keyword value". */
struct answer {
	struct str key, value;
};

struct answers {
	struct answer v[LINES_MAX];
	size_t n;
};

bool
proof_late(const struct proof *p)
{
	return (long long)time(NULL) >= p->end || *p->stop != 0;
}

static bool
is_meant(const struct proof *p, struct str shown)
{
	for (size_t i = 0; i < p->f->plan.n_intent; i++)
		if (str_eq(p->f->plan.intent[i].host, shown))
			return true;
	return false;
}

size_t *
proof_rows(struct proof *p, size_t *ret_n)
{
	const struct plan_opts *o = &p->f->opts;
	size_t rows = o->side == KW_CLIENT ? o->n_row : o->n_server_row, n = 0;
	bool *meant = ARENA_ARRAY(p->a, bool, rows + 1), *taken = ARENA_ARRAY(p->a, bool, rows + 1);
	size_t *out = ARENA_ARRAY(p->a, size_t, rows + 1);

	for (size_t i = 0; i < rows; i++)
		meant[i] = is_meant(p, o->side == KW_CLIENT ? o->row[i].shown : o->server_row[i].shown);
	/* those that change, but not only those; then what is left of them */
	for (unsigned round = 0; round < 3; round++) {
		size_t max = round == 0 ? MEANT_MAX : ROWS_MAX;

		for (size_t i = 0; i < rows && n < max; i++) {
			if (taken[i] || (round == 0 && !meant[i]) || (round == 1 && meant[i]))
				continue;
			taken[i] = true;
			out[n++] = i;
		}
	}
	*ret_n = n;
	return out;
}

struct expected
proof_expected(struct proof *p, const struct effective *ev)
{
	struct expected x = { .refused = ev->refused, .value = ARENA_ARRAY(p->a, struct str, p->n_kw + 1) };

	for (size_t i = 0; i < p->n_kw && ev->v != NULL && !ev->refused; i++) {
		const struct eff *v = &ev->v[p->kw[i]];

		if (v->state != EFF_UNKNOWN && v->n_also == 0 && v->text.p != NULL)
			x.value[i] = arena_str(p->a, v->text);
	}
	return x;
}

/* What it said, for an error message. */
static struct str
message(struct proof *p, size_t text)
{
	return str_head(copy_message(p->a, p->conf[text], p->dir[text], buf_str(&p->err[text])), MESSAGE_MAX);
}

/* True when there is an answer; *ret_status is its exit status. */
static bool
run(struct proof *p, size_t text, const char *const *argv, int *ret_status)
{
	struct run r = { .argv = argv,
		.env = p->env,
		.limit_ms = LIMIT_MS,
		.stop = p->stop,
		.out = &p->out[text],
		.err = &p->err[text] };

	switch (run_capture(p->a, &r, ret_status)) {
	case RUN_EXITED:
		return true;
	case RUN_KILLED:
		p->why = arena_printf(p->a, "%s died of signal %d", argv[0], *ret_status);
		return false;
	case RUN_LATE:
		p->why = arena_printf(p->a, "%s did not answer within %d s", argv[0], LIMIT_MS / 1000);
		return false;
	case RUN_TOOBIG:
		p->why = arena_printf(p->a, "%s says too much", argv[0]);
		return false;
	case RUN_STOPPED:
		p->why = STR("a signal came");
		return false;
	case RUN_FAILED:
		p->why = arena_printf(p->a, "%s: %s", argv[0], strerror(*ret_status));
		return false;
	}
	return false;
}

bool
proof_runs(struct proof *p, const char *const *argv)
{
	int status;

	if (!run(p, PROOF_OLD, argv, &status))
		return false;
	if (status == 0)
		return true;
	p->why = arena_printf(p->a, "it does not run here: %.*s", STR_ARG(message(p, PROOF_OLD)));
	return false;
}

static void
read_answers(struct str text, struct answers *ret)
{
	struct str line;

	ret->n = 0;
	while (ret->n < LINES_MAX && str_split(&text, '\n', &line)) {
		size_t blank = str_chr(line, ' ', 0);

		if (line.n > 0)
			ret->v[ret->n++] = (struct answer){ str_head(line, blank),
				str_from(line, blank == SIZE_MAX ? line.n : blank + 1) };
	}
}

/* The k-th value of the keyword; p == NULL: there are fewer. */
static struct str
value_of(const struct answers *a, struct str key, size_t k)
{
	for (size_t i = 0; i < a->n; i++)
		if (str_ieq(a->v[i].key, key) && k-- == 0)
			return a->v[i].value;
	return (struct str){ NULL, 0 };
}

static bool
same_values(const struct answers *a, const struct answers *b, struct str key)
{
	for (size_t k = 0;; k++) {
		struct str x = value_of(a, key, k), y = value_of(b, key, k);

		if (x.p == NULL || y.p == NULL)
			return x.p == y.p;
		if (!str_eq(x, y))
			return false;
	}
}

/* What the plan wants of this keyword in this row; NULL: nothing. */
static const struct intent *
intent_of(const struct proof *p, struct str shown, struct str key)
{
	for (size_t i = 0; i < p->f->plan.n_intent; i++) {
		const struct intent *x = &p->f->plan.intent[i];

		if ((x->host.n == 0 || str_eq(x->host, shown)) && str_ieqc(key, kw_row(p->f->side, x->row)->name))
			return x;
	}
	return NULL;
}

/* Words that decide who gets in, and where: no plan may change them, whatever it says. */
static bool
locks_out(struct str key)
{
	static const char *const part[] = { "port", "listenaddress", "addressfamily", "allowusers", "allowgroups",
		"denyusers", "denygroups", "permitrootlogin", "usepam", "authorizedkeys", "authorizedprincipals",
		"trustedusercakeys", "revokedkeys", "hostkey", "permitemptypasswords", "strictmodes", "maxauthtries",
		"forcecommand", "chrootdirectory", "permittty" };

	for (size_t i = 0; i < sizeof part / sizeof *part; i++)
		if (str_istarts(key, str_c(part[i])))
			return true;
	for (size_t i = 0; i < key.n; i++)
		if (str_istarts(str_from(key, i), STR("authentication")))
			return true;
	return false;
}

static struct str
escaped(struct proof *p, struct str text)
{
	return text.p == NULL ? STR("nothing") : str_escaped(p->a, str_head(text, 80));
}

static enum sk_code
moved(struct proof *p, const struct question *q, struct str key, struct str was, struct str is, struct err *e)
{
	return err_set(e, SK_EREFUSED, "%s sees another value of %.*s move: %.*s %.*s would become %.*s" FAULT,
	    p->command, STR_ARG(escaped(p, q->shown)), STR_ARG(escaped(p, key)), STR_ARG(escaped(p, was)),
	    STR_ARG(escaped(p, is)));
}

/* A keyword that both answers may hold. */
static enum sk_code
compare_key(struct proof *p, const struct question *q, const struct answers *old, const struct answers *new,
    struct str key, struct err *e)
{
	const struct intent *x;
	struct str was = value_of(old, key, 0), is = value_of(new, key, 0), want;

	if (same_values(old, new, key))
		return SK_OK;
	x = intent_of(p, q->shown, key);
	if (x == NULL || (p->f->side == KW_SERVER && locks_out(key)))
		return moved(p, q, key, was, is, e);
	want = plan_printed(p->a, p->conf[PROOF_NEW], x);
	if (str_ieq(is, want) && value_of(new, key, 1).p == NULL)
		return SK_OK;
	return err_set(e, SK_EREFUSED, "%s gives %.*s %.*s %.*s instead of %.*s" FAULT, p->command,
	    STR_ARG(escaped(p, q->shown)), STR_ARG(escaped(p, key)), STR_ARG(escaped(p, is)),
	    STR_ARG(escaped(p, want)));
}

/* Our values of the plan's keywords beside those that the program prints. */
static enum sk_code
compare_ours(struct proof *p, const struct question *q, size_t text, const struct answers *theirs, struct err *e)
{
	for (size_t i = 0; i < p->n_kw; i++) {
		struct str key = str_c(kw_row(p->f->side, p->kw[i])->name), ours = q->expected[text].value[i];
		struct str is = value_of(theirs, key, 0);

		if (ours.p == NULL || is.p == NULL || str_ieq(ours, is))
			continue;
		return err_set(e, SK_EREFUSED, "%s gives %.*s %.*s %.*s where sshkeep reads %.*s%s" FAULT, p->command,
		    STR_ARG(escaped(p, q->shown)), STR_ARG(key), STR_ARG(escaped(p, is)), STR_ARG(escaped(p, ours)),
		    text == PROOF_NEW ? " from the new text" : "");
	}
	return SK_OK;
}

/* What was refused before may be refused again, but for no new reason; line numbers may move. */
static struct str
without_numbers(struct arena *a, struct str line)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] < '0' || line.p[i] > '9')
			buf_addch(&b, line.p[i]);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool
new_complaint(struct proof *p)
{
	struct str now = copy_message(p->a, p->conf[PROOF_NEW], p->dir[PROOF_NEW], buf_str(&p->err[PROOF_NEW]));
	struct str before = copy_message(p->a, p->conf[PROOF_OLD], p->dir[PROOF_OLD], buf_str(&p->err[PROOF_OLD]));
	struct str line;

	before = without_numbers(p->a, before);
	while (str_split(&now, ';', &line))
		if (str_find(before, str_trim(without_numbers(p->a, line))) == SIZE_MAX)
			return true;
	return false;
}

static enum sk_code
compare_values(struct proof *p, const struct question *q, bool refused_before, struct err *e)
{
	struct arena scratch = { 0 };
	struct answers *old = ARENA_NEW(&scratch, struct answers), *new = ARENA_NEW(&scratch, struct answers);
	enum sk_code code = SK_OK;

	read_answers(buf_str(&p->out[PROOF_OLD]), old);
	read_answers(buf_str(&p->out[PROOF_NEW]), new);
	if (old->n == LINES_MAX || new->n == LINES_MAX)
		code = err_set(e, SK_EREFUSED, "%s says too much to compare", p->command);
	for (size_t i = 0; i < old->n && code == SK_OK && !refused_before; i++)
		code = compare_key(p, q, old, new, old->v[i].key, e);
	for (size_t i = 0; i < new->n &&code == SK_OK && !refused_before; i++)
		code = compare_key(p, q, old, new, new->v[i].key, e);
	if (code == SK_OK && !refused_before)
		code = compare_ours(p, q, PROOF_OLD, old, e);
	if (code == SK_OK)
		code = compare_ours(p, q, PROOF_NEW, new, e);
	arena_release(&scratch);
	return code;
}

/* What ssh misses on the machine itself, whatever the text: our resolver looks at texts only. */
static bool
lacks_something(struct proof *p)
{
	static const char *const lacks[] = { "Cannot forward agent socket path" };
	struct str old = message(p, PROOF_OLD), new = message(p, PROOF_NEW);

	for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
		if (str_starts(old, str_c(lacks[i])) && str_eq(old, new))
			return true;
	return false;
}

/* Both answers are there. */
static enum sk_code
judge_row(struct proof *p, const struct question *q, const bool *refused, struct err *e)
{
	p->neither = refused[PROOF_OLD] && refused[PROOF_NEW] && lacks_something(p);
	if (p->neither) {
		p->missing = message(p, PROOF_OLD);
		return SK_OK;
	}
	if (refused[PROOF_NEW] && !refused[PROOF_OLD])
		return err_set(e, SK_EREFUSED, "%s refuses the new text for %.*s: %.*s", p->command,
		    STR_ARG(escaped(p, q->shown)), STR_ARG(message(p, PROOF_NEW)));
	if (refused[PROOF_OLD] && !q->expected[PROOF_OLD].refused)
		return err_set(e, SK_EREFUSED,
		    "%s refuses what is there now for %.*s, which sshkeep does not see: %.*s" FAULT, p->command,
		    STR_ARG(escaped(p, q->shown)), STR_ARG(message(p, PROOF_OLD)));
	if (refused[PROOF_NEW] && new_complaint(p))
		return err_set(e, SK_EREFUSED, "%s refuses the new text for %.*s for another reason: %.*s", p->command,
		    STR_ARG(escaped(p, q->shown)), STR_ARG(message(p, PROOF_NEW)));
	for (size_t i = 0; i < PROOF_TEXTS; i++)
		if (refused[i] != q->expected[i].refused)
			return err_set(e, SK_EREFUSED, "%s takes a text for %.*s that sshkeep reads as refused" FAULT,
			    p->command, STR_ARG(escaped(p, q->shown)));
	return refused[PROOF_NEW] || !q->values ? SK_OK : compare_values(p, q, refused[PROOF_OLD], e);
}

enum sk_code
proof_ask(struct proof *p, const struct question *q, struct err *e)
{
	bool refused[PROOF_TEXTS];

	for (size_t i = 0; i < PROOF_TEXTS; i++) {
		int status;

		if (!run(p, i, q->argv[i], &status)) {
			/* the old text was no trouble */
			if (i == PROOF_NEW)
				return err_set(e, SK_EREFUSED, "the new text and %.*s: %.*s",
				    STR_ARG(escaped(p, q->shown)), STR_ARG(p->why));
			return SK_OK;
		}
		refused[i] = status != 0;
	}
	return judge_row(p, q, refused, e);
}
