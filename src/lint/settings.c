/* SPDX-License-Identifier: MIT */
/* The settings of a lint: those of the run, those of each tree, and what they say of a file. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "lint/above.h"
#include "lint/given.h"

enum {
	/* its patterns are asked for every file; nobody writes that much by hand */
	SETTINGS_MAX_BYTES = 64 * 1024,
	/* of all trees of a run, each time that one is read */
	SETTINGS_RUN_BYTES = 64 * 1024 * 1024,
	FILES_KEPT = 1 << 16, /* files whose settings are remembered; of more they are asked each time */
};

/* A list of boxes that somebody wrote: every one must be known. */
static enum sk_code
check_boxes(const struct lint *l, const char *where, struct str list, struct err *e)
{
	struct str id;

	while (str_split(&list, ',', &id)) {
		id = str_trim(id);
		if (id.n > 0 && network_find(&l->s.networks, id) == NULL)
			return err_set(e, SK_EUSAGE, "%s: no network is called \"%.*s\" (networks.ini lists them)",
			    where, STR_ARG(str_head(id, 60)));
	}
	return SK_OK;
}

static enum sk_code
check_policy(const struct lint *l, const char *where, struct str name, struct err *e)
{
	if (name.p != NULL && policy_find(&l->s.policies, name) == NULL)
		return err_set(e, SK_EUSAGE, "%s: no policy is called \"%.*s\"", where, STR_ARG(str_head(name, 60)));
	return SK_OK;
}

static enum sk_code
check_timeout(const char *where, struct str text, struct err *e)
{
	struct err why = { 0 };
	double v;

	if (text.p == NULL)
		return SK_OK;
	if (num_time(text, &v, &why) != SK_OK)
		return err_set(e, SK_EUSAGE, "%s: %s", where, why.msg);
	if (v <= 0)
		return err_set(
		    e, SK_EUSAGE, "%s: a path that forgets at once carries nothing; none means never", where);
	return SK_OK;
}

static enum sk_code
check_path(
    const struct lint *l, const char *where, struct str boxes, struct str timeout, struct str policy, struct err *e)
{
	enum sk_code code = check_boxes(l, where, boxes, e);

	if (code == SK_OK)
		code = check_timeout(where, timeout, e);
	return code == SK_OK ? check_policy(l, where, policy, e) : code;
}

/* All that options and settings name, before a file is judged by it. */
static enum sk_code
check_settings(const struct lint *l, struct err *e)
{
	const struct options *o = l->o;
	const struct session *s = &l->s;
	enum sk_code code = check_path(l, "command line", o->network, o->path_timeout, o->policy, e);

	return code == SK_OK ? settings_check(&s->settings, &s->networks, &s->policies, &s->rules, e) : code;
}

/* Tables of one's own to which settings may add, without reaching those of others. */
static void
fresh_tables(struct lint *l, struct arena *a)
{
	struct session *s = &l->s;
	const struct lint_scope *base = &l->scopes.base;

	s->settings = (struct settings){ 0 };
	s->networks = (struct networks){ .n = base->networks.n, .cap = base->networks.n };
	s->networks.v = ARENA_ARRAY(a, struct network, base->networks.n + 1);
	memcpy(s->networks.v, base->networks.v, base->networks.n * sizeof *base->networks.v);
	s->policies = (struct policies){ .n = base->policies.n, .cap = base->policies.n };
	s->policies.v = ARENA_ARRAY(a, struct policy, base->policies.n + 1);
	memcpy(s->policies.v, base->policies.v, base->policies.n * sizeof *base->policies.v);
}

/* The settings in force are those of x. */
static void
use_scope(struct lint *l, struct lint_scope *x)
{
	settings_memo_release(&l->files);
	l->scopes.now = x;
	l->s.settings = x->settings;
	l->s.networks = x->networks;
	l->s.policies = x->policies;
	l->memo.names = x->names;
	l->memo.settings = x->number;
	x->used = ++l->scopes.clock;
}

/* x gets what the session holds, which has been checked. */
static void
take_scope(struct lint *l, struct lint_scope *x)
{
	x->settings = l->s.settings;
	x->networks = l->s.networks;
	x->policies = l->s.policies;
	x->names = names_compile(&x->arena, &x->networks);
	x->number = ++l->scopes.last_number;
	use_scope(l, x);
}

static void
free_scope(struct lint_scope *x)
{
	settings_release(&x->settings);
	strset_release(&x->files.path);
	free(x->files.v);
	arena_release(&x->arena);
	*x = (struct lint_scope){ 0 };
}

static enum sk_code
load_settings(struct lint *l, struct lint_scope *x, struct str file, const struct loaded *f, struct err *e)
{
	struct session *s = &l->s;
	enum sk_code code = SK_OK;

	if (f->state == LOADER_FILE && f->bytes.n > SETTINGS_MAX_BYTES)
		return err_set(e, SK_ERULE, "%.*s:1: settings larger than 64 KiB", STR_ARG(file));
	fresh_tables(l, &x->arena);
	if (f->state == LOADER_FILE) {
		code = settings_load(
		    &x->arena, arena_str(&x->arena, file), f->bytes, &s->settings, &s->networks, &s->policies, e);
	} else {
		lint_failed(l, file, arena_strz(s->arena, f->reason));
	}
	if (code == SK_OK)
		code = check_settings(l, e);
	if (code != SK_OK) {
		settings_release(&s->settings);
		return code;
	}
	settings_compile(&s->settings, &s->rules, &x->arena);
	x->file = arena_str(&x->arena, file);
	take_scope(l, x);
	return SK_OK;
}

void
lint_settings_start(struct lint *l)
{
	take_scope(l, &l->scopes.base);
}

enum sk_code
lint_settings_given(struct lint *l, struct err *e)
{
	struct lint_scope *x = &l->scopes.v[0];
	struct loaded f = { .state = LOADER_FILE };
	enum sk_code code;

	if (l->o->config.p == NULL || session_no_settings(l->o))
		return check_settings(l, e);
	code = lint_read_given(l, "--config", l->o->config, false, &f.bytes, e);
	if (code != SK_OK)
		return code;
	return load_settings(l, x, l->o->config, &f, e);
}

/* The scope of a folder that the run was in before, else one to fill: the one that was used longest ago makes room. */
static struct lint_scope *
scope_of(struct lint *l, const struct stat *st, bool *ret_known)
{
	struct lint_scope *oldest = &l->scopes.v[0];

	for (size_t i = 0; i < LINT_SCOPES; i++) {
		struct lint_scope *x = &l->scopes.v[i];

		*ret_known = x->number > 0 && x->dev == st->st_dev && x->ino == st->st_ino;
		if (*ret_known)
			return x;
		if (x->used < oldest->used)
			oldest = x;
	}
	free_scope(oldest);
	oldest->dev = st->st_dev;
	oldest->ino = st->st_ino;
	return oldest;
}

/* The settings file of a tree: its own, else that of a folder above it, which ret_st is then about. */
static void
find_settings(struct lint *l, struct str dir, struct str *ret_file, struct stat *ret_st, struct loaded *ret)
{
	struct arena *a = &l->file_arena;
	struct lint_tree up = { .fd = -1 };
	struct str below;

	*ret_file = arena_printf(a, "%.*s" LINT_SETTINGS, STR_ARG(l->tree.shown));
	lint_watch_file(&l->watch, *ret_file, STR(""));
	l->scopes.below = STR("");
	if (fstat(l->tree.fd, ret_st) != 0)
		*ret_st = (struct stat){ 0 };
	lint_read(&l->tree, STR(LINT_SETTINGS), a, ret);
	if (ret->state != LOADER_ABSENT)
		return;
	up.shown = lint_settings_above(a, dir, &below);
	if (up.shown.p == NULL)
		return;
	up.fd = open(up.shown.n > 0 ? arena_strz(a, up.shown) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (up.fd < 0 || fstat(up.fd, ret_st) != 0)
		*ret_st = (struct stat){ 0 };
	*ret_file = arena_printf(a, "%.*s" LINT_SETTINGS, STR_ARG(up.shown));
	lint_read(&up, STR(LINT_SETTINGS), a, ret);
	if (ret->state != LOADER_ABSENT)
		l->scopes.below = arena_str(l->s.arena, below);
	if (up.fd >= 0)
		close(up.fd);
}

/* The settings that were found come into force, unless they were before. */
static enum sk_code
enter_scope(struct lint *l, struct str file, const struct stat *st, const struct loaded *f, struct err *e)
{
	struct lint_scope *x;
	bool known;

	x = scope_of(l, st, &known);
	if (known) {
		use_scope(l, x);
		return SK_OK;
	}
	if (f->bytes.n > SETTINGS_RUN_BYTES - l->scopes.read_bytes) {
		lint_failed(l, file, "the settings of this run are larger than 64 MiB in all: these do not count");
		return SK_OK;
	}
	l->scopes.read_bytes += f->bytes.n;
	return load_settings(l, x, file, f, e);
}

enum sk_code
lint_settings_tree(struct lint *l, struct str dir, struct err *e)
{
	enum sk_code code = SK_OK;
	struct loaded f = { 0 };
	struct str file;
	struct stat st;

	if (l->o->config.p != NULL)
		return SK_OK;
	find_settings(l, dir, &file, &st, &f);
	/* what the run was in is no longer so when it makes room */
	use_scope(l, &l->scopes.base);
	/* each of its keys can take a finding away: a path that never forgets, a release that is not used */
	if (f.state != LOADER_ABSENT && l->o->no_ignores && !l->again)
		session_note(&l->s,
		    arena_printf(&l->file_arena, "%.*s was not read: with --no-ignores no settings of the tree count",
			STR_ARG(file)));
	/* most trees have none */
	if (f.state != LOADER_ABSENT && !l->o->no_ignores)
		code = enter_scope(l, file, &st, &f, e);
	arena_reset(&l->file_arena);
	return code;
}

void
lint_settings_release(struct lint *l)
{
	/* what the session holds is a scope's */
	l->s.settings = (struct settings){ 0 };
	free_scope(&l->scopes.base);
	for (size_t i = 0; i < LINT_SCOPES; i++)
		free_scope(&l->scopes.v[i]);
	buf_release(&l->scopes.path);
}

struct str
lint_settings_path(struct lint *l, struct str path)
{
	struct lint_scopes *x = &l->scopes;

	if (x->below.n == 0)
		return path;
	buf_clear(&x->path);
	buf_add(&x->path, x->below);
	buf_add(&x->path, path);
	return buf_str(&x->path);
}

const struct file_setting *
lint_file_setting(struct lint *l, struct str shown)
{
	static const struct file_setting none;
	const struct settings *s = &l->s.settings;
	struct lint_scope *x = l->scopes.now;
	struct str path =
	    lint_settings_path(l, str_from(shown, str_starts(shown, l->tree.shown) ? l->tree.shown.n : 0));
	struct lint_files *files = &x->files;
	struct lint_file_says *own;
	size_t at;

	if (s->n_files == 0)
		return &none;
	at = strset_find(&files->path, path);
	if (at != SIZE_MAX)
		return &files->v[at]->says;
	if (files->path.n == FILES_KEPT) {
		own = x->more != NULL ? x->more : (x->more = ARENA_NEW(&x->arena, struct lint_file_says));
	} else {
		own = ARENA_NEW(&x->arena, struct lint_file_says);
		own->path = arena_str(&x->arena, path);
		MEM_GROW(files->v, files->cap, files->path.n + 1);
		files->v[files->path.n] = own;
		(void)strset_add(&files->path, NULL, own->path);
	}
	if (own->rules == NULL)
		own->rules = ARENA_ARRAY(&x->arena, uint8_t, s->n_says + 1);
	settings_file(s, &l->files, path, own->rules, &own->says);
	return &own->says;
}
