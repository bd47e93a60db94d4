/* SPDX-License-Identifier: MIT */
/* `ssh -G` on the client's files. */
#include "fix/prove_copy.h"
#include "fix/prove_parts.h"

/* Words before -F, what follows it, "--", the host, NULL. */
enum { WORDS = 9 };

static bool
says_no(const struct conf *c, struct arena *a, const struct set *s, const char *const *word)
{
	struct args args;
	struct str key;

	if (!conf_set_args(c, a, s, &key, &args) || args.n == 0)
		return false;
	for (; *word != NULL; word++)
		if (str_ieqc(args.v[0].text, *word))
			return true;
	return false;
}

/*
 * ssh -G asks DNS for these, also where no other canonicalisation is on: a name that CNAME rules may rewrite is
 * looked up to see.  The second pass that Match final asks for reads the files again and looks nothing up
 * (reference 2.5).
 */
static void
check_lookups(struct proof *p, const struct conf *c)
{
	static const char *const no[] = { "no", "false", NULL }, *const none[] = { "none", NULL };

	for (size_t i = 0; i < c->n_set && p->why.p == NULL; i++) {
		const struct set *s = &c->set[i];
		enum kw_id id = kw_row(KW_CLIENT, s->row)->id;

		if ((id == KW_ID_CANONICALIZEHOSTNAME && !says_no(c, p->a, s, no)) ||
		    (id == KW_ID_CANONICALIZEPERMITTEDCNAMES && !says_no(c, p->a, s, none)))
			p->why = arena_printf(p->a, "it would look names up (%s, %.*s)",
			    kw_row(KW_CLIENT, s->row)->name, STR_ARG(copy_place(p->a, c, s->src, s->line)));
	}
}

/* ssh runs the command of a criterion that it reaches, also on a Match line that it refuses further on. */
static void
check_commands(struct proof *p, const struct conf *c)
{
	for (size_t i = 0; i < c->n_block && p->why.p == NULL; i++) {
		const struct block *b = &c->block[i];
		bool exec = false;
		struct str text;

		if (b->kind != BLOCK_MATCH)
			continue;
		for (uint32_t k = 0; k < b->n_crit; k++)
			exec |= c->crit[b->first_crit + k].kind == CRIT_EXEC;
		text = conf_line_text(c, b->src, b->line);
		for (size_t k = 0; k < text.n && b->bad; k++)
			exec |= str_istarts(str_from(text, k), STR("exec"));
		if (exec)
			p->why = arena_printf(
			    p->a, "it would run Match exec (%.*s)", STR_ARG(copy_place(p->a, c, b->src, b->line)));
	}
	if (c->has_exec && p->why.p == NULL)
		p->why = STR("it would run Match exec");
}

void
ssh_may_ask(struct proof *p)
{
	for (size_t i = 0; i < PROOF_TEXTS && p->why.p == NULL; i++) {
		check_commands(p, p->conf[i]);
		if (p->why.p == NULL)
			check_lookups(p, p->conf[i]);
	}
	if (p->why.p != NULL)
		return;
	p->program = run_find(p->a, "ssh");
	if (p->program == NULL)
		p->why = STR("no ssh is installed");
}

static const char *const *
words(struct proof *p, const char *file, const char *host)
{
	const struct options *o = p->s->o;
	const char **v = ARENA_ARRAY(p->a, const char *, o->ssh_word.n + WORDS);
	size_t n = 0;

	v[n++] = p->program;
	v[n++] = "-G";
	v[n++] = "-F";
	v[n++] = file;
	if (o->login.p != NULL && !o->user_line) {
		v[n++] = "-l";
		v[n++] = arena_strz(p->a, o->login);
	}
	for (size_t i = 0; i < o->ssh_word.n; i++)
		v[n++] = arena_strz(p->a, o->ssh_word.v[i]);
	v[n++] = "--";
	v[n++] = host;
	return v;
}

/* The word for ssh's command line; NULL where ssh would read another name in it. */
static const char *
operand(struct proof *p, const struct target_row *t, struct target *ret)
{
	size_t user = t->shown.n > t->name.n + 1 && str_ends(t->shown, t->name) ? t->shown.n - t->name.n - 1 : 0;

	*ret = (struct target){ .host = t->name, .user = p->f->opts.login };
	if (user > 0 && t->shown.p[user] == '@' && ret->user.n == 0)
		ret->user = str_head(t->shown, user);
	if (!t->possible || t->name.n == 0 || t->name.p[0] == '-' || str_chr(t->name, '\0', 0) != SIZE_MAX ||
	    str_chr(t->name, '@', 0) != SIZE_MAX || str_find(t->name, STR("://")) != SIZE_MAX ||
	    str_chr(ret->user, '\0', 0) != SIZE_MAX)
		return NULL;
	/* A name that ssh refuses on its command line is a pattern's that no name stands for. */
	if (eff_name_refused(ret, p->conf[PROOF_OLD]->ver) != NULL)
		return NULL;
	return ret->user.n > 0 && p->f->opts.login.n == 0 ? arena_strz(p->a, t->shown) : arena_strz(p->a, t->name);
}

static enum sk_code
ask_row(struct proof *p, const struct target_row *t, struct err *e)
{
	struct question q = { .shown = t->shown, .values = true };
	struct arena scratch = { 0 };
	struct target who;
	const char *host = operand(p, t, &who);
	enum sk_code code;

	if (host == NULL)
		return SK_OK;
	for (size_t i = 0; i < PROOF_TEXTS; i++) {
		struct effective ev = { 0 };

		eff_client(&scratch, p->conf[i], &who, p->f->opts.env, EFF_LOSERS_NONE, &ev);
		q.expected[i] = proof_expected(p, &ev);
		q.argv[i] = words(p, p->file[i], host);
		arena_reset(&scratch);
	}
	arena_release(&scratch);
	code = proof_ask(p, &q, e);
	p->asked += code == SK_OK && p->why.p == NULL && !p->neither;
	return code;
}

enum sk_code
ssh_ask(struct proof *p, struct err *e)
{
	const char *const alone[] = { p->program, "-G", "-F", "none", "--", "localhost", NULL };
	size_t n, *row = proof_rows(p, &n);
	enum sk_code code = SK_OK;

	if (!proof_runs(p, alone))
		return SK_OK;
	for (size_t i = 0; i < n && code == SK_OK && p->why.p == NULL && !proof_late(p); i++)
		code = ask_row(p, &p->f->opts.row[row[i]], e);
	return code;
}
