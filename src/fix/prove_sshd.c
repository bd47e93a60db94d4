/* SPDX-License-Identifier: MIT */
/* `sshd -t` and `sshd -T` on the server's files. */
#include <fcntl.h>
#include <unistd.h>

#include "fix/prove_parts.h"
#include "conf/addr.h"

enum { WORDS = 12, KEY_LIMIT_MS = 10000, PORT_NOBODYS = 65535 };

/* sshd resolves a listen address that is a name as soon as it reads it. */
static bool
is_numeric(struct str where)
{
	struct addr addr;
	size_t colon = str_chr(where, ':', 0);

	if (where.n > 0 && where.p[0] == '[')
		where = str_head(str_from(where, 1), str_chr(where, ']', 0) - 1);
	else if (colon != SIZE_MAX && str_chr(where, ':', colon + 1) == SIZE_MAX)
		where = str_head(where, colon);
	return addr_parse(where, &addr);
}

static void
check_lookups(struct proof *p, const struct conf *c)
{
	for (size_t i = 0; i < c->n_set && p->why.p == NULL; i++) {
		const struct set *s = &c->set[i];
		struct args args;
		struct str key;

		if (!str_ieqc(str_c(kw_row(KW_SERVER, s->row)->name), "ListenAddress") ||
		    (conf_set_args(c, p->a, s, &key, &args) && args.n > 0 && is_numeric(args.v[0].text)))
			continue;
		p->why = STR("it would look the name of a ListenAddress up");
	}
}

void
sshd_may_ask(struct proof *p)
{
	for (size_t i = 0; i < PROOF_TEXTS && p->why.p == NULL; i++)
		check_lookups(p, p->conf[i]);
	if (p->why.p != NULL)
		return;
	p->program = run_find(p->a, "sshd");
	if (p->program == NULL)
		p->why = STR("no sshd is installed");
}

/* A host key that nobody uses, so that sshd need not read, or have, real ones.  "": it must do without. */
static const char *
throw_away_key(struct proof *p)
{
	const char *path = arena_printf(p->a, "%s/key", p->tmp).p;
	const char *const argv[] = { run_find(p->a, "ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f",
		path, NULL };
	struct run r = { .argv = argv,
		.limit_ms = KEY_LIMIT_MS,
		.stop = p->stop,
		.out = &p->out[PROOF_OLD],
		.err = &p->err[PROOF_OLD] };
	int status = 0;

	return argv[0] != NULL && run_capture(p->a, &r, &status) == RUN_EXITED && status == 0 ? path : "";
}

static const char *const *
words(struct proof *p, const char *mode, const char *file, const char *key, const char *spec)
{
	const struct options *o = p->s->o;
	size_t more = p->s->client.wanted ? 0 : o->ssh_word.n, n = 0;
	const char **v = ARENA_ARRAY(p->a, const char *, more + WORDS);

	v[n++] = p->program;
	v[n++] = mode;
	v[n++] = "-f";
	v[n++] = file;
	/* no key agent is called either */
	v[n++] = "-oHostKeyAgent=none";
	if (*key != '\0') {
		v[n++] = "-h";
		v[n++] = key;
	}
	for (size_t i = 0; i < more; i++)
		v[n++] = arena_strz(p->a, o->ssh_word.v[i]);
	if (*spec != '\0') {
		v[n++] = "-C";
		v[n++] = spec;
	}
	return v;
}

static bool
has_crit(const struct conf *c, enum crit_kind kind)
{
	for (size_t i = 0; i < c->n_crit; i++)
		if (c->crit[i].kind == kind)
			return true;
	return false;
}

static bool
same_groups(struct proof *p, const struct server_spec *spec)
{
	struct str *group;
	size_t n;

	user_groups(&p->s->tree, p->a, spec->user, &group, &n);
	if (n != spec->n_group)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < n && !str_eq(group[i], spec->group[k]))
			k++;
		if (k == n)
			return false;
	}
	return true;
}

/* sshd looks accounts and groups up itself: only what it will find can be asked. */
static bool
is_real(struct proof *p, const struct conf *c, const struct server_spec *spec)
{
	struct user u;

	if (has_crit(c, CRIT_GROUP) && spec->has_user && !same_groups(p, spec))
		return false;
	if (has_crit(c, CRIT_INVALIDUSER) && spec->has_user &&
	    user_by_name(&p->s->tree, p->a, spec->user, &u) == spec->invalid_user)
		return false;
	return true;
}

/* The connection as -C has it; "" for one without data, NULL when it cannot be said so. */
static const char *
spec_text(struct proof *p, const struct server_spec *spec)
{
	const struct {
		const char *name;
		struct str text;
		bool has;
	} field[] = {
		{ "user", spec->user, spec->has_user },
		{ "host", spec->host, spec->has_host },
		{ "addr", spec->addr, spec->has_addr },
		{ "laddr", spec->laddr, spec->has_laddr },
		{ "rdomain", spec->rdomain, spec->has_rdomain },
	};
	struct buf b = { 0 };
	const char *out = NULL;
	bool good = is_real(p, p->conf[PROOF_OLD], spec);

	for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
		if (!field[i].has)
			continue;
		good &= field[i].text.n > 0 && str_chr(field[i].text, ',', 0) == SIZE_MAX &&
		    str_chr(field[i].text, '\0', 0) == SIZE_MAX;
		buf_addf(&b, "%s%s=%.*s", b.n > 0 ? "," : "", field[i].name, STR_ARG(field[i].text));
	}
	if (spec->has_lport && spec->lport > 0)
		buf_addf(&b, "%slport=%u", b.n > 0 ? "," : "", spec->lport);
	if (good)
		out = arena_strz(p->a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* text: -C's, "" for -T without it, NULL for -t. */
static enum sk_code
ask_one(
    struct proof *p, struct str shown, const struct server_spec *spec, const char *text, const char *key, struct err *e)
{
	struct question q = { .shown = shown, .values = text != NULL };
	struct arena scratch = { 0 };

	for (size_t i = 0; i < PROOF_TEXTS; i++) {
		struct effective ev = { 0 };

		eff_server(&scratch, p->conf[i], spec, EFF_LOSERS_NONE, &ev);
		q.expected[i] = proof_expected(p, &ev);
		q.argv[i] = words(p, text != NULL ? "-T" : "-t", p->file[i], key, text != NULL ? text : "");
		arena_reset(&scratch);
	}
	arena_release(&scratch);
	return proof_ask(p, &q, e);
}

static bool
same_values(struct proof *p, struct conf *c, const struct server_spec *x, const struct server_spec *y)
{
	struct arena scratch = { 0 };
	struct effective one = { 0 }, other = { 0 };
	struct expected a, b;
	bool same;

	eff_server(&scratch, c, x, EFF_LOSERS_NONE, &one);
	a = proof_expected(p, &one);
	arena_reset(&scratch);
	eff_server(&scratch, c, y, EFF_LOSERS_NONE, &other);
	b = proof_expected(p, &other);
	arena_release(&scratch);
	same = a.refused == b.refused;
	for (size_t i = 0; i < p->n_kw && same; i++)
		same = (a.value[i].p == NULL) == (b.value[i].p == NULL) && str_eq(a.value[i], b.value[i]);
	return same;
}

/* With a Match LocalPort in the files sshd wants a port: one that makes no difference. */
static bool
give_port(struct proof *p, struct server_spec *io)
{
	struct server_spec with = *io;

	if ((io->has_lport && io->lport > 0) || !has_crit(p->conf[PROOF_OLD], CRIT_LOCALPORT))
		return true;
	with.has_lport = true;
	with.lport = PORT_NOBODYS;
	for (size_t i = 0; i < PROOF_TEXTS; i++)
		if (!same_values(p, p->conf[i], io, &with))
			return false;
	*io = with;
	return true;
}

static enum sk_code
ask_row(struct proof *p, const struct server_row *r, const char *key, struct err *e)
{
	struct server_spec spec = r->spec;
	const char *text;
	enum sk_code code;

	if (!r->possible || !give_port(p, &spec))
		return SK_OK;
	text = spec_text(p, &spec);
	if (text == NULL)
		return SK_OK;
	code = ask_one(p, r->shown, &spec, text, key, e);
	p->asked += code == SK_OK && p->why.p == NULL;
	return code;
}

enum sk_code
sshd_ask(struct proof *p, struct err *e)
{
	const struct server_spec nobody = { .has_lport = true, .groups_known = true, .invalid_user_known = true };
	const char *empty = arena_printf(p->a, "%s/empty", p->tmp).p, *key = throw_away_key(p);
	int fd = open(empty, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	size_t n, *row = proof_rows(p, &n);
	enum sk_code code;

	if (fd < 0 || close(fd) != 0) {
		p->why = STR("no copies could be made");
		return SK_OK;
	}
	if (!proof_runs(p, words(p, "-t", empty, key, "")))
		return SK_OK;
	p->command = "sshd -t";
	code = ask_one(p, STR("the server"), &nobody, NULL, key, e);
	p->command = "sshd -T";
	for (size_t i = 0; i < n && code == SK_OK && p->why.p == NULL && !proof_late(p); i++)
		code = ask_row(p, &p->f->opts.server_row[row[i]], key, e);
	return code;
}
