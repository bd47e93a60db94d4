/* SPDX-License-Identifier: MIT */
/* One end's share of a fix: which files may be written, which findings are meant, plan and proof. */
#include "fix/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fix/left.h"
#include "fix/prove_real.h"

#define SYSCTL_DROPIN "/etc/sysctl.d/60-sshkeep.conf"

/* A mode that its owner gave it: the owner can change that. */
static bool
is_own(const struct session *s, struct str path, struct str *ret_reason)
{
	const char *z = arena_strz(s->arena, path);
	struct stat st;

	if (stat(z, &st) != 0 || st.st_uid != geteuid() || (st.st_mode & S_IWUSR) != 0)
		return false;
	*ret_reason = arena_printf(s->arena, "%s is read-only (chmod u+w)", z);
	return true;
}

struct identity {
	struct file_right *right;
	struct stat st;
	bool known;
};

static int
compare_identities(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->st.st_dev != y->st.st_dev)
		return x->st.st_dev < y->st.st_dev ? -1 : 1;
	if (x->st.st_ino != y->st.st_ino)
		return x->st.st_ino < y->st.st_ino ? -1 : 1;
	return str_cmp(x->right->name, y->right->name);
}

/* An edit of a file that is read under two names would also be seen where nobody planned it. */
static void
keep_aliases(const struct session *s, struct identity *id, size_t n)
{
	qsort(id, n, sizeof *id, compare_identities);
	for (size_t i = 1; i < n && id[i].known; i++) {
		struct file_right *x = id[i - 1].right, *y = id[i].right;

		if (id[i].st.st_dev != id[i - 1].st.st_dev || id[i].st.st_ino != id[i - 1].st.st_ino ||
		    str_eq(x->name, y->name))
			continue;
		x->may_write = y->may_write = false;
		x->reason = y->reason = arena_printf(
		    s->arena, "is read under two names, %.*s and %.*s", STR_ARG(x->name), STR_ARG(y->name));
	}
}

/* The writer makes a new file beside the old one and renames it, so the folder counts as well. */
static void
right_of(const struct session *s, const struct source *src, struct file_right *ret, struct identity *ret_id)
{
	struct str real, dir;
	size_t slash = 0;

	*ret = (struct file_right){ .name = src->name };
	if (src->origin == SOURCE_CMDLINE) {
		ret->reason = STR("stands on the command line");
		return;
	}
	if (str_eqc(src->name, "(stdin)")) {
		ret->reason = STR("came through standard input");
		return;
	}
	/* What an earlier round makes is ours. */
	for (size_t i = 0; i < s->tree.n_over; i++)
		ret->may_write |= s->tree.over[i].made && str_eq(s->tree.over[i].name, src->name);
	if (ret->may_write)
		return;
	if (!fs_locate(&s->tree, s->arena, src->name, false, &real)) {
		ret->reason = arena_str(s->arena, str_c(strerror(errno)));
		return;
	}
	ret_id->known = stat(arena_strz(s->arena, real), &ret_id->st) == 0;
	for (size_t i = str_chr(real, '/', 0); i != SIZE_MAX; i = str_chr(real, '/', i + 1))
		slash = i;
	dir = slash > 0 ? str_head(real, slash) : real.n > 0 && real.p[0] == '/' ? STR("/") : STR(".");
	ret->may_write = access(arena_strz(s->arena, real), W_OK) == 0 && access(arena_strz(s->arena, dir), W_OK) == 0;
	if (!ret->may_write && errno == EACCES && (is_own(s, real, &ret->reason) || is_own(s, dir, &ret->reason)))
		return;
	if (!ret->may_write)
		ret->reason = errno == EROFS ? STR("read-only file system") :
		    errno == EPERM	     ? STR("immutable (lsattr shows it)") :
		    geteuid() == 0	     ? STR("may not be written") :
					       STR("needs root");
}

/* The folder that the main file includes ahead of every other line: "" when it does not. */
static struct str
dropin_dir(const struct session *s, const struct conf *c)
{
	const struct source *m = c->n_src > 0 ? &c->src[0] : NULL;

	if (m == NULL || s->o->server_file.p != NULL)
		return (struct str){ 0 };
	for (uint32_t i = 0; i < m->n; i++) {
		struct args args;
		struct str word, path;

		if (m->line[i].kind != LINE_KEYWORD)
			continue;
		if (m->line[i].row == KW_UNKNOWN || kw_row(KW_SERVER, m->line[i].row)->id != KW_ID_INCLUDE ||
		    !conf_line_args(c, s->arena, 0, i, &word, &args) || args.n == 0)
			break;
		path = args.v[0].text;
		if (str_ends(path, STR("/*.conf")) && path.p[0] == '/')
			return arena_str(s->arena, str_head(path, path.n - 7));
		break;
	}
	return (struct str){ 0 };
}

bool
fix_is_kernel(const struct finding *f)
{
	return f->n_fix > 0 && str_starts(f->fix[0].keyword, STR("sysctl."));
}

/* Rows that cannot be decided are left as they are, whatever a rule says of one of their values. */
static void
keep_decided(const struct session *s, const struct fix_end *f, struct finding *x)
{
	struct str *host = ARENA_ARRAY(s->arena, struct str, x->n_host + 1);
	size_t n = 0;

	for (size_t i = 0; i < x->n_host; i++)
		if (!fix_is_undecided_host(s, f->side, x->host[i]))
			host[n++] = x->host[i];
	x->host = host;
	x->n_host = n;
}

/* Notes are information: what counts for the exit status is repaired, and what was asked for by its code. */
static void
choose_findings(const struct session *s, const struct fix_end *f, struct findings *ret)
{
	bool any = false;

	for (size_t i = 0; i < s->n_row && !any; i++)
		any = s->row[i].side == f->side && fix_is_undecided(&s->row[i]);
	ret->v = ARENA_ARRAY(s->arena, struct finding, s->findings.n + 1);
	for (size_t i = 0; i < s->findings.n; i++) {
		struct finding x = s->findings.v[i];
		bool named = x.n_host > 0;

		if (x.n_fix == 0 || x.suppressed || !fix_is_meant(s, &x))
			continue;
		if (fix_is_kernel(&x) ? !f->kernel : x.side != f->side)
			continue;
		if (any && named)
			keep_decided(s, f, &x);
		if (x.n_host > 0 || !named)
			ret->v[ret->n++] = x;
	}
}

void
fix_plan(struct session *s, struct fix_end *f)
{
	const struct conf *c = &f->end->conf;
	struct file_right *right = ARENA_ARRAY(s->arena, struct file_right, c->n_src + 1);
	struct identity *id = ARENA_ARRAY(s->arena, struct identity, c->n_src + 1);
	struct findings chosen = { 0 };
	struct str login = { 0 };

	if (!s->o->user_line)
		login = s->o->login;
	for (size_t i = 0; i < c->n_src; i++) {
		id[i].right = &right[i];
		right_of(s, &c->src[i], &right[i], &id[i]);
	}
	keep_aliases(s, id, c->n_src);
	f->opts = (struct plan_opts){ .side = f->side,
		.conf = c,
		.conf_opts = &f->end->opts,
		.env = &s->env,
		.login = login,
		.keep_counts = f->first,
		.right = right,
		.n_right = c->n_src };
	if (f->side == KW_CLIENT && s->o->client_file.p == NULL)
		f->opts.user_config = s->user_config;
	if (f->side == KW_SERVER)
		f->opts.dropin_dir = dropin_dir(s, c);
	if (f->kernel && (!s->live || geteuid() == 0))
		f->opts.sysctl_dropin = STR(SYSCTL_DROPIN);
	fix_rows(s, f);
	choose_findings(s, f, &chosen);
	plan_make(s->arena, &f->opts, &chosen, &f->plan);
}

enum sk_code
fix_prove(struct session *s, struct fix_end *f, struct err *e)
{
	struct str real;
	enum sk_code code;

	if (f->plan.n_file == 0)
		return SK_OK;
	code = plan_prove(s->arena, &f->opts, &f->plan, &f->proof, e);
	if (code == SK_OK)
		code = prove_real(s, f, &real, e);
	if (code == SK_OK && real.n > 0)
		f->proof = arena_printf(s->arena, "%.*s; %.*s", STR_ARG(f->proof), STR_ARG(real));
	return code;
}
