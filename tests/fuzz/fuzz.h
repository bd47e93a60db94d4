/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share.  A target is one file tests/fuzz/fuzz_NAME.c with LLVMFuzzerTestOneInput(): it may be
 * given any bytes, and calls FUZZ_CHECK() for what must hold of each input.  libFuzzer runs it (make fuzz), and
 * replay.c runs it on kept inputs (make test).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "conf/loader.h"
#include "conf/version.h"
#include "conf/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* End with the reason when cond does not hold; the runner keeps the input. */
#define FUZZ_CHECK(cond, ...)                                                                                          \
	do {                                                                                                           \
		if (!(cond)) {                                                                                         \
			fprintf(stderr, "PROPERTY %s:%d: %s: ", __FILE__, __LINE__, #cond);                            \
			fprintf(stderr, __VA_ARGS__);                                                                  \
			fputc('\n', stderr);                                                                           \
			abort();                                                                                       \
		}                                                                                                      \
	} while (0)

/* Releases on both sides of every change of the grammar. */
static const struct ver fuzz_versions[] = {
	{ .n = VER(6, 6), .debian = false },
	{ .n = VER(6, 7), .debian = false },
	{ .n = VER(7, 2), .debian = true },
	{ .n = VER(7, 4), .debian = false },
	{ .n = VER(7, 5), .debian = false },
	{ .n = VER(7, 7), .debian = true },
	{ .n = VER(7, 8), .debian = false },
	{ .n = VER(8, 1), .debian = false },
	{ .n = VER(8, 2), .debian = true },
	{ .n = VER(8, 3), .debian = false },
	{ .n = VER(9, 2), .debian = true }, /* 10, a line feed: what text files end with */
	{ .n = VER(8, 4), .debian = true },
	{ .n = VER(8, 5), .debian = false },
	{ .n = VER(8, 6), .debian = false },
	{ .n = VER(8, 7), .debian = false },
	{ .n = VER(9, 2), .debian = false },
	{ .n = VER(9, 4), .debian = false },
	{ .n = VER(9, 6), .debian = false },
	{ .n = VER(9, 7), .debian = true },
	{ .n = VER(9, 8), .debian = false },
	{ .n = VERP(9, 9, 1), .debian = false },
	{ .n = VERP(9, 9, 2), .debian = false },
	{ .n = VER(10, 0), .debian = true },
	{ .n = VER(10, 1), .debian = false },
	{ .n = VER(10, 3), .debian = false },
	{ .n = VER(10, 4), .debian = false },
	{ .n = VER(10, 5), .debian = true },
};
#define FUZZ_VERSIONS (sizeof(fuzz_versions) / sizeof(fuzz_versions[0]))

/* The release that an input asks for: its last byte, which is part of its text, too. */
static inline struct ver
fuzz_ver(struct str in)
{
	return fuzz_versions[in.n == 0 ? 10 : (unsigned char)in.p[in.n - 1] % FUZZ_VERSIONS];
}

/* The input as a slice with its own end, so that ASan sees a byte read behind it. */
static inline struct str
fuzz_in(const uint8_t *data, size_t size)
{
	return (struct str){ size > 0 ? (const char *)data : "", size };
}

/*
 * Files of one input: parts between bytes 0x1e.  The first is the main file, the others are a.conf, b.conf, ... of
 * the folder that relative Includes mean.
 */
#define FUZZ_FILES 12u
struct fuzz_map {
	const char *dir; /* with its last slash */
	struct str file[FUZZ_FILES];
	char name[FUZZ_FILES][32]; /* the paths of the files behind the first */
	size_t n;
};

static inline void
fuzz_split(struct str in, const char *dir, struct fuzz_map *ret)
{
	struct str part;

	ret->dir = dir;
	ret->n = 0;
	while (ret->n < FUZZ_FILES && str_split(&in, 0x1e, &part))
		ret->file[ret->n++] = part;
	if (ret->n == 0)
		ret->file[ret->n++] = (struct str){ "", 0 };
	for (size_t i = 1; i < ret->n; i++)
		snprintf(ret->name[i], sizeof(ret->name[i]), "%s%c.conf", dir, (char)('a' + (int)i - 1));
}

static inline struct str
fuzz_path(const struct fuzz_map *m, size_t i)
{
	return str_c(m->name[i]);
}

static inline void
fuzz_map_read(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	const struct fuzz_map *m = ctx;

	(void)a;
	*ret = (struct loaded){ .state = LOADER_ABSENT, .reason = STR("No such file or directory") };
	for (size_t i = 1; i < m->n; i++)
		if (str_eq(path, fuzz_path(m, i))) {
			ret->state = LOADER_FILE;
			ret->bytes = m->file[i];
		}
	/* Odd things in the way of an Include, by name. */
	if (str_ends(path, STR("/dir")))
		ret->state = LOADER_DIR;
	else if (str_ends(path, STR("/secret")))
		*ret = (struct loaded){ .state = LOADER_UNREADABLE, .reason = STR("Permission denied") };
	else if (str_ends(path, STR("/fifo")))
		ret->state = LOADER_SPECIAL;
	else if (str_ends(path, STR("/huge")))
		ret->state = LOADER_TOOBIG;
	else if (str_ends(path, STR("/outside")))
		ret->state = LOADER_OUTSIDE;
}

static inline void
fuzz_map_glob(
    void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	static const char *const odd[] = { "dir", "secret", "fifo", "huge", "outside" };
	const struct fuzz_map *m = ctx;

	if (tilde && pattern.n > 0 && pattern.p[0] == '~')
		pattern = arena_printf(a, "/home/u%.*s", STR_ARG(str_from(pattern, 1)));
	*ret = ARENA_ARRAY(a, struct str, FUZZ_FILES + 8);
	*ret_n = 0;
	*ret_capped = str_ends(pattern, STR("/many*"));
	for (size_t i = 1; i < m->n; i++)
		if (pattern_match(fuzz_path(m, i), pattern))
			(*ret)[(*ret_n)++] = fuzz_path(m, i);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct str path = arena_printf(a, "%s%s", m->dir, odd[i]);

		if (str_eq(path, pattern))
			(*ret)[(*ret_n)++] = path;
	}
}

#endif
