/* SPDX-License-Identifier: MIT */
/* A configuration in memory, findings that want values, and what the planner makes of them. */
#ifndef TESTS_UNIT_TEST_PLAN_H
#define TESTS_UNIT_TEST_PLAN_H

#include "t.h"

#include "edit/plan.h"
#include "eval/effective.h"
#include "map_loader.h"

enum { FILES = 6, FIXES = 4, HOSTS = 8, SOURCES = 8 };

struct fixture {
	struct arena arena;
	struct map_file file[FILES]; /* [0] is the main file; ends with a NULL path */
	struct loader loader;
	struct conf conf;
	struct conf_opts co;
	struct client_env env;
	struct plan_opts o;
	struct file_right right[SOURCES];
	struct finding finding[FIXES];
	struct findings f;
	struct plan plan;
	const char *unwritable; /* name of a file without the right */
	int ver;
};

static inline int
compare_paths(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static inline void
sorted_glob(
    void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	map_glob(ctx, a, pattern, tilde, ret, ret_n, ret_capped);
	qsort(*ret, *ret_n, sizeof(**ret), compare_paths);
}

static inline int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->env = (struct client_env){ .local_user = STR("me"),
		.local_user_known = true,
		.home = STR("/home/u"),
		.uid = STR("1000"),
		.uid_known = true,
		.hostname = STR("box"),
		.hostname_known = true };
	f->ver = VER(9, 2);
	f->f.v = f->finding;
	*state = f;
	return 0;
}

static inline int
teardown(void **state)
{
	struct fixture *f = *state;

	conf_release(&f->conf);
	arena_release(&f->arena);
	free(f);
	return 0;
}

static inline void
add_file(struct fixture *f, const char *path, const char *text)
{
	size_t n = 0;

	while (f->file[n].path != NULL)
		n++;
	f->file[n] = (struct map_file){ path, text };
}

/* Read again and take all rows. */
static inline void
read_conf(struct fixture *f, enum kw_side side)
{
	struct err e = { 0 };
	struct target_row *row = NULL;
	struct server_row *srow = NULL;
	size_t n = 0;

	conf_release(&f->conf);
	f->loader = (struct loader){ .ctx = f->file, .read = map_read, .glob = sorted_glob };
	f->co = (struct conf_opts){ .side = side,
		.ver = { .n = f->ver, .debian = true },
		.loader = &f->loader,
		.home = STR("/home/u"),
		.etc_ssh = STR("/etc/ssh"),
		.cmdline = f->co.cmdline };
	conf_init(&f->conf, &f->co);
	assert_int_equal(conf_add_file(&f->conf, &f->co, str_c(f->file[0].path),
			     side == KW_SERVER ? SOURCE_SERVER : SOURCE_USER, true, &e),
	    SK_OK);
	if (side == KW_CLIENT)
		assert_int_equal(
		    conf_add_file(&f->conf, &f->co, STR("/etc/ssh/ssh_config"), SOURCE_SYSTEM, true, &e), SK_OK);
	f->o.side = side;
	f->o.conf = &f->conf;
	f->o.conf_opts = &f->co;
	f->o.env = &f->env;
	assert_true(f->conf.n_src <= SOURCES);
	for (size_t i = 0; i < f->conf.n_src; i++)
		f->right[i] = (struct file_right){ .name = f->conf.src[i].name,
			.may_write = f->conf.src[i].origin != SOURCE_CMDLINE &&
			    f->conf.src[i].origin != SOURCE_SYSTEM &&
			    (f->unwritable == NULL || !str_eqc(f->conf.src[i].name, f->unwritable)),
			.reason = STR("needs root") };
	f->o.right = f->right;
	f->o.n_right = f->conf.n_src;
	if (side == KW_CLIENT) {
		eff_client_targets(&f->arena, &f->conf, &row, &n);
		f->o.row = row;
		f->o.n_row = n;
	} else {
		eff_server_targets(&f->arena, &f->conf, &srow, &n);
		f->o.server_row = srow;
		f->o.n_server_row = n;
	}
}

/* hosts: separated by commas; "" : none. */
static inline struct finding *
want(struct fixture *f, const char *hosts, const char *keyword, const char *value)
{
	struct finding *x = &f->finding[f->f.n++];
	struct str rest = str_c(hosts), part;

	assert_true(f->f.n <= FIXES);
	*x = (struct finding){ .code = STR("SK201"), .side = f->o.side, .conf = &f->conf };
	x->host = ARENA_ARRAY(&f->arena, struct str, HOSTS);
	while (rest.n > 0 && str_split(&rest, ',', &part))
		x->host[x->n_host++] = part;
	x->fix = ARENA_ARRAY(&f->arena, struct fix_item, FIXES);
	x->fix[x->n_fix++] = (struct fix_item){ .keyword = str_c(keyword), .value = str_c(value) };
	return x;
}

static inline void
also(struct finding *x, const char *keyword, const char *value)
{
	x->fix[x->n_fix++] = (struct fix_item){ .keyword = str_c(keyword), .value = str_c(value) };
}

static inline void
make(struct fixture *f)
{
	plan_make(&f->arena, &f->o, &f->f, &f->plan);
}

/* One file is changed to text, the proof holds, and planning again on the result plans nothing. */
static inline void
expect(struct fixture *f, const char *path, const char *text)
{
	struct str line;
	struct err e = { 0 };
	size_t at = 0;

	make(f);
	if (f->plan.n_refusal > 0)
		fail_msg("refused: %.*s", STR_ARG(f->plan.refusal[0].reason));
	t_eq_u64(f->plan.n_file, 1);
	t_eq_str(f->plan.file[0].path, path);
	t_eq_str(f->plan.file[0].new_bytes, text);
	if (plan_prove(&f->arena, &f->o, &f->plan, &line, &e) != SK_OK)
		fail_msg("%s", e.msg);
	while (f->file[at].path != NULL && strcmp(f->file[at].path, path) != 0)
		at++;
	f->file[at] = (struct map_file){ path, text };
	read_conf(f, f->o.side);
	make(f);
	t_eq_u64(f->plan.n_file, 0);
	t_eq_u64(f->plan.n_refusal, 0);
}

static inline void
refused(struct fixture *f, const char *host, const char *reason)
{
	make(f);
	t_eq_u64(f->plan.n_file, 0);
	t_eq_u64(f->plan.n_refusal, 1);
	t_eq_str(f->plan.refusal[0].host, host);
	if (str_find(f->plan.refusal[0].reason, str_c(reason)) == SIZE_MAX)
		fail_msg("reason: %.*s", STR_ARG(f->plan.refusal[0].reason));
	assert_true(f->plan.refusal[0].hard);
}

#endif
