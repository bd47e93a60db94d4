/* SPDX-License-Identifier: MIT */
/*
 * What the tests of detect/ share: a temporary tree that a test fills, and one run over it.  The program
 * defines _XOPEN_SOURCE 700 first (nftw).
 */
#ifndef TEST_DETECT_H
#define TEST_DETECT_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t.h"

#include "base/arena.h"
#include "detect/detect.h"

struct tree {
	char dir[64];
	struct arena a;
	struct facts f;
};

static inline int
tree_setup(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return -1;
	memcpy(t->dir, "/tmp/sshkeep-test-XXXXXX", 25);
	*state = t;
	return mkdtemp(t->dir) == NULL ? -1 : 0;
}

/* Path below the tree, with its folders made; lives until the next call. */
static inline const char *
tree_path(struct tree *t, const char *path)
{
	static char full[4096];
	char *p;

	(void)snprintf(full, sizeof(full), "%s%s", t->dir, path);
	for (p = full + strlen(t->dir) + 1; (p = strchr(p, '/')) != NULL; p++) {
		*p = '\0';
		if (mkdir(full, 0755) != 0)
			assert_int_equal(errno, EEXIST);
		*p = '/';
	}
	return full;
}

static inline void
tree_put_n(struct tree *t, const char *path, const void *p, size_t n)
{
	FILE *f = fopen(tree_path(t, path), "w");

	assert_non_null(f);
	assert_true(fwrite(p, 1, n, f) == n);
	assert_int_equal(fclose(f), 0);
}

static inline void
tree_put(struct tree *t, const char *path, const char *text)
{
	tree_put_n(t, path, text, strlen(text));
}

/* A run over another root, or over the tree itself. */
static inline void
tree_run_at(struct tree *t, const char *root)
{
	struct detect_opts o = { .root = root, .home = "/home/user", .uid = 1000 };

	arena_release(&t->a);
	memset(&t->a, 0, sizeof(t->a));
	detect_all(&t->a, &o, &t->f);
}

static inline void
tree_run(struct tree *t)
{
	tree_run_at(t, t->dir);
}

/* Every fact has a source; an unknown one has a reason, a known one the confidence "detected". */
static inline void
tree_check(const struct tree *t)
{
	int i;

	for (i = 0; i < FACT_MAX_; i++) {
		const struct fact *v = &t->f.v[i];

		if (v->source.n == 0 || (v->known ? v->confidence != CONF_DETECTED : v->reason == NULL))
			fail_msg("fact %s is not filled", fact_table[i].name);
	}
}

static inline bool
has_signal(const struct tree *t, const char *key, const char *value)
{
	size_t i;

	for (i = 0; i < t->f.n_signal; i++) {
		if (strcmp(t->f.signal[i].key, key) == 0 && str_eqc(t->f.signal[i].value, value))
			return true;
	}
	return false;
}

static inline bool
has_note(const struct tree *t, const char *part)
{
	size_t i;

	for (i = 0; i < t->f.n_note; i++) {
		if (str_find(t->f.note[i], str_c(part)) != SIZE_MAX)
			return true;
	}
	return false;
}

#define is_known(t, id, n)     is_known_((t), (id), (n), __FILE__, __LINE__)
#define is_text(t, id, s)      is_text_((t), (id), (s), __FILE__, __LINE__)
#define is_unknown(t, id, why) is_unknown_((t), (id), (why), __FILE__, __LINE__)

static inline void
is_known_(const struct tree *t, enum fact_id id, double n, const char *file, int line)
{
	const struct fact *v = &t->f.v[id];

	if (!v->known) {
		print_error("%s is unknown: %s\n", fact_table[id].name, v->reason);
		_fail(file, line);
	}
	t_near_(v->num, n, 0.0001, file, line);
}

static inline void
is_text_(const struct tree *t, enum fact_id id, const char *s, const char *file, int line)
{
	const struct fact *v = &t->f.v[id];

	if (!v->known) {
		print_error("%s is unknown: %s\n", fact_table[id].name, v->reason);
		_fail(file, line);
	}
	t_str_(v->text, s, file, line);
}

static inline void
is_unknown_(const struct tree *t, enum fact_id id, const char *why, const char *file, int line)
{
	const struct fact *v = &t->f.v[id];

	if (v->known) {
		print_error("%s is known: %g \"%.*s\"\n", fact_table[id].name, v->num, STR_ARG(v->text));
		_fail(file, line);
	}
	t_str_(str_c(v->reason), why, file, line);
}

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static inline int
tree_teardown(void **state)
{
	struct tree *t = *state;

	arena_release(&t->a);
	(void)nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(t);
	return 0;
}

#endif
