/* SPDX-License-Identifier: MIT */
/* A struct loader over an array of {path, text} pairs: for tests that need Includes. */
#ifndef TESTS_LIB_MAP_LOADER_H
#define TESTS_LIB_MAP_LOADER_H

#include "conf/loader.h"
#include "conf/pattern.h"

struct map_file {
	const char *path, *text;
};

static inline void
map_read(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	(void)a;
	*ret = (struct loaded){ .state = LOADER_ABSENT, .reason = STR("No such file or directory") };
	for (const struct map_file *f = ctx; f->path != NULL; f++)
		if (str_eqc(path, f->path)) {
			ret->state = LOADER_FILE;
			ret->bytes = str_c(f->text);
		}
}

static inline void
map_glob(void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	const struct map_file *f = ctx;
	size_t n = 0;

	if (tilde && pattern.n > 0 && pattern.p[0] == '~')
		pattern = arena_printf(a, "/home/u%.*s", STR_ARG(str_from(pattern, 1)));
	while (f[n].path != NULL)
		n++;
	*ret = ARENA_ARRAY(a, struct str, n + 1);
	*ret_n = 0;
	*ret_capped = false;
	for (size_t i = 0; i < n; i++)
		if (pattern_match(str_c(f[i].path), pattern))
			(*ret)[(*ret_n)++] = str_c(f[i].path);
}

#endif
