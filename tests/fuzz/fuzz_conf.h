/* SPDX-License-Identifier: MIT */
/* For the targets that resolve: a configuration of several files out of one input, and what holds of any resolution. */
#ifndef TESTS_FUZZ_FUZZ_CONF_H
#define TESTS_FUZZ_FUZZ_CONF_H

#include "fuzz.h"

#include "eval/effective.h"

struct fuzz_conf {
	struct fuzz_map map;
	struct loader loader;
	struct conf_opts opts;
	struct conf conf;
};

/* Reads the input for a side; cmdline: lines of -o options.  False: more files are included than are read. */
static inline bool
fuzz_conf_read(struct fuzz_conf *f, struct str in, enum kw_side side, struct ver v, struct str cmdline)
{
	bool server = side == KW_SERVER;

	fuzz_split(in, server ? "/etc/ssh/" : "/home/u/.ssh/", &f->map);
	f->loader = (struct loader){ .ctx = &f->map, .read = fuzz_map_read, .glob = fuzz_map_glob };
	f->opts = (struct conf_opts){ .side = side,
		.ver = v,
		.loader = &f->loader,
		.home = STR("/home/u"),
		.etc_ssh = STR("/etc/ssh"),
		.cmdline = cmdline };
	conf_init(&f->conf, &f->opts);
	return conf_add_bytes(&f->conf, &f->opts, server ? STR("/etc/ssh/sshd_config") : STR("/home/u/.ssh/config"),
		   f->map.file[0], server ? SOURCE_SERVER : SOURCE_USER, NULL) == SK_OK;
}

/* What holds of any resolution: places lie in the files, a refusal has its reason, an unknown value, too. */
static inline void
fuzz_check_effective(const struct effective *ev)
{
	const struct conf *c = ev->conf;
	size_t n;
	const struct kw *table = kw_table(c->side, &n);

	FUZZ_CHECK(ev->refused == (ev->exit_status != 0), "refused, exit %d", ev->exit_status);
	FUZZ_CHECK(!ev->refused || ev->refusal.n > 0, "a refusal without a message");
	for (size_t i = 0; i < n; i++) {
		const struct eff *e = &ev->v[i];

		FUZZ_CHECK(e->set == UINT32_MAX || e->set < c->n_set, "%s: set %u", table[i].name, e->set);
		FUZZ_CHECK(e->set == UINT32_MAX || c->set[e->set].row == i, "%s is set by a line of another keyword",
		    table[i].name);
		FUZZ_CHECK(
		    e->origin.line == 0 || (e->origin.src < c->n_src && e->origin.line <= c->src[e->origin.src].n),
		    "%s: origin", table[i].name);
		FUZZ_CHECK(e->state != EFF_DEFAULT || e->origin.line == 0, "%s: a default with a line", table[i].name);
		FUZZ_CHECK(e->state != EFF_UNKNOWN || e->reason != NULL, "%s: unknown without reason", table[i].name);
	}
	for (size_t i = 0; i < ev->n_loser; i++)
		FUZZ_CHECK(ev->loser[i].set < c->n_set && ev->loser[i].why <= LOSE_UNKNOWN &&
			(i == 0 || ev->loser[i].set >= ev->loser[i - 1].set),
		    "loser %zu", i);
}

/* Both resolutions print the same. */
static inline void
fuzz_check_same(const struct effective *a, const struct effective *b, const char *what)
{
	struct buf x = { 0 }, y = { 0 };

	/* What is refused has no values to print. */
	if (!a->refused)
		eff_print_ssh(a, &x);
	if (!b->refused)
		eff_print_ssh(b, &y);
	FUZZ_CHECK(a->refused == b->refused && str_eq(a->refusal, b->refusal), "%s: refused %d and %d", what,
	    a->refused, b->refused);
	FUZZ_CHECK(str_eq(buf_str(&x), buf_str(&y)), "%s:\n%.*s\n and\n%.*s", what, STR_ARG(buf_str(&x)),
	    STR_ARG(buf_str(&y)));
	buf_release(&x);
	buf_release(&y);
}

/* Can the printed value of this keyword be read again?  (Lists, paths with tokens and commands are not printed so.) */
static inline bool
fuzz_prints_itself(const struct kw *k)
{
	static const bool type[KW_T_OTHER + 1] = {
		[KW_T_FLAG] = true,
		[KW_T_ENUM] = true,
		[KW_T_TIME] = true,
		[KW_T_INT] = true,
		[KW_T_PERSIST] = true,
		[KW_T_UNUSEDTIMEOUT] = true,
		[KW_T_STARTUPS] = true,
		[KW_T_INT_NONE] = true,
	};

	return k->print != 0 && type[k->type];
}

/* The values as lines of a configuration of their own: the same release reads the same values from them. */
static inline void
fuzz_check_printed(struct arena *a, const struct effective *ev)
{
	size_t n;
	const struct kw *table = kw_table(ev->conf->side, &n);

	for (size_t i = 0; i < n; i++) {
		const struct eff *e = &ev->v[i];
		struct value_ctx ctx = {
			.side = ev->conf->side, .v = ev->conf->ver, .file = STR("printed"), .line = 1
		};
		struct value v = { 0 };
		struct str msg = { 0 };
		struct args args;

		if (e->state != EFF_SET || e->text.p == NULL || !fuzz_prints_itself(&table[i]))
			continue;
		/* Up to 8.4 a time too long for an int was cut, and no release reads what was printed then. */
		if (ctx.v.n < VER(8, 5) && e->num < 0)
			continue;
		/* 10.1 and 10.2 store a single number in the wrong place, and may then print begin > full. */
		if (table[i].type == KW_T_STARTUPS && ctx.v.n >= VER(10, 1) && ctx.v.n < VER(10, 3))
			continue;
		ctx.word = str_c(table[i].name);
		split_args(a, e->text, 0, ctx.side, ctx.v, &args);
		FUZZ_CHECK(value_read(a, &table[i], &args, &ctx, &v, &msg) == VALUE_OK, "%s: printed %.*s: %.*s",
		    table[i].name, STR_ARG(e->text), STR_ARG(msg));
		FUZZ_CHECK(str_eq(v.text, e->text) && v.num == e->num, "%s: printed %.*s, read again %.*s",
		    table[i].name, STR_ARG(e->text), STR_ARG(v.text));
	}
}

#endif
