/* SPDX-License-Identifier: MIT */
/* Asking the installed OpenSSH whether only the planned values move: copies, signals, the sentence. */
#define _XOPEN_SOURCE 700 /* mkdtemp(3), nftw(3) */
#include "fix/prove_real.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "fix/prove_copy.h"
#include "fix/prove_parts.h"

enum { FOLDERS_OPEN = 16, DIR_MODE = 0700, ALL_SECONDS = 60, TMP_NAME_MAX = 200 };

static volatile sig_atomic_t stopped;

static void
note_signal(int number)
{
	stopped = number;
}

static const int guarded[] = { SIGINT, SIGTERM, SIGHUP };
enum { N_GUARDED = sizeof guarded / sizeof *guarded };

/* While the private folder exists, signals that end us only say so; one that was ignored stays ignored. */
static void
guard_begin(struct sigaction *old)
{
	struct sigaction act = { .sa_handler = note_signal };

	stopped = 0;
	(void)sigemptyset(&act.sa_mask);
	for (size_t i = 0; i < N_GUARDED; i++) {
		(void)sigaction(guarded[i], NULL, &old[i]);
		if (old[i].sa_handler != SIG_IGN)
			(void)sigaction(guarded[i], &act, NULL);
	}
}

static void
guard_end(const struct sigaction *old)
{
	for (size_t i = 0; i < N_GUARDED; i++)
		(void)sigaction(guarded[i], &old[i], NULL);
	if (stopped != 0)
		(void)raise(stopped);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* The path stands in Include lines: only letters that need no escape there, whatever TMPDIR holds. */
static bool
is_plain(struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    str_chr(STR("/._-+, "), c, 0) == SIZE_MAX)
			return false;
	}
	return path.n > 0 && path.n < TMP_NAME_MAX && path.p[0] == '/';
}

static bool
private_folder(struct proof *p)
{
	struct str base[] = { str_c(getenv("TMPDIR")), STR("/tmp") };

	for (size_t i = 0; i < sizeof base / sizeof *base; i++) {
		struct str name = arena_printf(p->a, "%.*s/sshkeep-proof-XXXXXX", STR_ARG(base[i]));
		char *path = arena_alloc(p->a, name.n + 1);

		if (!is_plain(base[i]))
			continue;
		memcpy(path, name.p, name.n);
		if (mkdtemp(path) == NULL)
			continue;
		p->tmp = path;
		return true;
	}
	p->why = arena_printf(p->a, "no folder for copies: %s", strerror(errno));
	return false;
}

/* Does the plan touch more than kernel knobs? */
static bool
changes_config(const struct fix_end *f)
{
	for (size_t i = 0; i < f->plan.n_file; i++)
		if (!str_eq(f->plan.file[i].path, f->opts.sysctl_dropin))
			return true;
	return false;
}

/* Files that somebody else may have written are not put to a program that trusts them. */
static bool
all_ours(struct proof *p)
{
	for (size_t i = 0; i < p->conf[PROOF_OLD]->n_src; i++) {
		const struct source *src = &p->conf[PROOF_OLD]->src[i];
		struct str real;
		struct stat st;

		if (src->origin == SOURCE_CMDLINE)
			continue;
		if (str_eqc(src->name, "(stdin)")) {
			p->why = STR("the configuration came through standard input");
			return false;
		}
		if (fs_locate(&p->s->tree, p->a, src->name, false, &real) && stat(arena_strz(p->a, real), &st) == 0 &&
		    (st.st_uid == 0 || st.st_uid == geteuid()))
			continue;
		p->why = arena_printf(p->a, "%.*s belongs to somebody else", STR_ARG(str_escaped(p->a, src->shown)));
		return false;
	}
	return true;
}

static void
may_ask(struct proof *p)
{
	const struct options *o = p->s->o;
	enum fact_id id = p->f->side == KW_CLIENT ? FACT_SSH_VERSION : FACT_SSHD_VERSION;
	const struct fact *fact = &p->s->facts.v[id];
	struct ver here;

	if (!p->s->live)
		p->why = STR("--root is another tree");
	else if (o->user.p != NULL && p->s->user.uid != geteuid())
		p->why = STR("--user names another account");
	else if (o->openssh.p != NULL &&
	    (!fact->known || ver_parse(fact->text, &here, NULL) != SK_OK || here.n != p->f->end->ver.n ||
		here.debian != p->f->end->ver.debian))
		p->why = STR("--openssh names another release");
	else if (all_ours(p) && copy_possible(p->a, p->conf[PROOF_OLD], &p->why) &&
	    copy_possible(p->a, p->conf[PROOF_NEW], &p->why)) {
		if (p->f->side == KW_CLIENT)
			ssh_may_ask(p);
		else
			sshd_may_ask(p);
	}
}

/* The variables that the files name, as they are here: without them ssh would refuse ${NAME}. */
static void
find_env(struct proof *p)
{
	enum { MAX = 256 };
	const char **env = ARENA_ARRAY(p->a, const char *, MAX + 1);
	size_t n = 0;

	for (size_t i = 0; i < p->conf[PROOF_NEW]->n_src; i++) {
		struct str rest = p->conf[PROOF_NEW]->src[i].bytes;
		size_t at;

		while (n < MAX && (at = str_find(rest, STR("${"))) != SIZE_MAX) {
			struct str name = str_from(rest, at + 2);
			const char *value;

			rest = name;
			name = str_head(name, str_chr(name, '}', 0));
			/* (what the dynamic linker minds, and what run_capture() sets) */
			if (name.n == 0 || name.n > 100 || str_chr(name, '=', 0) != SIZE_MAX ||
			    str_starts(name, STR("LD_")) || str_eqc(name, "PATH") || str_eqc(name, "HOME") ||
			    str_eqc(name, "LC_ALL"))
				continue;
			value = getenv(arena_strz(p->a, name));
			if (value != NULL)
				env[n++] = arena_printf(p->a, "%.*s=%s", STR_ARG(name), value).p;
		}
	}
	p->env = env;
}

static void
find_keywords(struct proof *p)
{
	const struct plan *plan = &p->f->plan;
	uint16_t *kw = ARENA_ARRAY(p->a, uint16_t, plan->n_intent + 1);

	for (size_t i = 0; i < plan->n_intent; i++) {
		size_t k = 0;

		while (k < p->n_kw && kw[k] != plan->intent[i].row)
			k++;
		if (k == p->n_kw)
			kw[p->n_kw++] = plan->intent[i].row;
	}
	p->kw = kw;
}

static enum sk_code
write_copies(struct proof *p, struct err *e)
{
	static const char *const name[] = { "old", "new" };

	for (size_t i = 0; i < PROOF_TEXTS; i++) {
		struct str main;
		enum sk_code code;

		p->dir[i] = arena_printf(p->a, "%s/%s", p->tmp, name[i]);
		if (mkdir(p->dir[i].p, DIR_MODE) != 0)
			return err_sys(e, SK_EWRITE, errno, "%s", p->dir[i].p);
		code = copy_write(p->a, p->conf[i], p->dir[i], &main, e);
		if (code != SK_OK)
			return code;
		p->file[i] = main.p;
	}
	return SK_OK;
}

/* With the private folder: everything that must not outlive it. */
static enum sk_code
ask(struct proof *p, struct err *e)
{
	struct sigaction old[N_GUARDED];
	enum sk_code code = SK_OK;

	guard_begin(old);
	if (private_folder(p)) {
		struct err why = { 0 };

		p->stop = &stopped;
		p->end = (long long)time(NULL) + ALL_SECONDS;
		find_env(p);
		find_keywords(p);
		if (write_copies(p, &why) != SK_OK)
			p->why = arena_printf(p->a, "no copies could be made: %s", why.msg);
		else
			code = p->f->side == KW_CLIENT ? ssh_ask(p, e) : sshd_ask(p, e);
		(void)nftw(p->tmp, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
	}
	if (code == SK_OK && stopped != 0)
		code = err_set(e, SK_EREFUSED, "stopped by a signal");
	guard_end(old);
	return code;
}

enum sk_code
prove_real(struct session *s, const struct fix_end *f, struct str *ret_line, struct err *e)
{
	bool client = f->side == KW_CLIENT;
	struct conf after = { 0 };
	struct proof p = { .s = s,
		.f = f,
		.a = s->arena,
		.conf = { &f->end->conf, &after },
		.command = client ? "ssh -G" : "sshd -T" };
	size_t rows = client ? f->opts.n_row : f->opts.n_server_row;
	enum sk_code code;

	*ret_line = (struct str){ 0 };
	if (!changes_config(f))
		return SK_OK;
	code = plan_read(s->arena, &f->opts, &f->plan, &after, e);
	if (code == SK_OK) {
		may_ask(&p);
		if (p.why.p == NULL)
			code = ask(&p, e);
	}
	if (code == SK_OK && p.why.p != NULL)
		*ret_line = arena_printf(s->arena, "%s was not asked: %.*s", client ? "ssh" : "sshd", STR_ARG(p.why));
	else if (code == SK_OK)
		*ret_line = arena_printf(s->arena, "%s for %zu of %zu row%s%s%.*s",
		    client	     ? "ssh -G agrees" :
			p.asked == 0 ? "sshd -t agrees; sshd -T was asked" :
				       "sshd -t and -T agree",
		    p.asked, rows, rows == 1 ? "" : "s", p.missing.p != NULL ? "; of others ssh says here " : "",
		    STR_ARG(p.missing));
	for (size_t i = 0; i < PROOF_TEXTS; i++) {
		buf_release(&p.out[i]);
		buf_release(&p.err[i]);
	}
	conf_release(&after);
	return code;
}
