/* SPDX-License-Identifier: MIT */
/* .git/index: the paths of its entries. */
#include "tree/index.h"

#include <string.h>

static uint32_t
be32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

/* How many bytes of the path before to drop (version 4): the variable number of pack files. */
static bool
drop_bytes(struct str in, size_t *io_at, size_t *ret)
{
	size_t n = 0;

	for (unsigned i = 0; *io_at < in.n && i < 9; i++) {
		unsigned char c = (unsigned char)in.p[(*io_at)++];

		n = i == 0 ? c & 127u : ((n + 1) << 7 | (c & 127u));
		if ((c & 128) == 0) {
			*ret = n;
			return true;
		}
	}
	return false;
}

/* What follows the entries: extensions, each four letters and its length, and a checksum.  The letters of those that a
 * reader must know begin small: link (the rest is in another file) and sdir (whole folders are one entry). */
static bool
extensions(struct str in, size_t at, size_t id_bytes)
{
	while (in.n >= at + id_bytes + 8) {
		size_t n = be32(in.p + at + 4);

		if (in.p[at] < 'A' || in.p[at] > 'Z' || n > in.n - id_bytes - at - 8)
			return false;
		at += 8 + n;
	}
	return at + id_bytes == in.n;
}

static bool
entries(struct arena *a, struct str in, unsigned version, size_t id_bytes, struct tracked *t, size_t n)
{
	const size_t fixed = 40 + id_bytes;
	struct str before = STR("");
	size_t at = 12, total = 0;

	t->n = 0;
	for (size_t i = 0; i < n; i++) {
		size_t from = at, end, drop;
		bool extended;
		char *path;

		if (in.n < at + fixed + 2)
			return false;
		extended = version >= 3 && (in.p[at + fixed] & 0x40) != 0;
		at += fixed + (extended ? 4 : 2);
		if (version == 4 && (!drop_bytes(in, &at, &drop) || drop > before.n))
			return false;
		end = str_chr(in, '\0', at);
		if (end == SIZE_MAX || end - at > INDEX_PATH_MAX || (version < 4 && end == at))
			return false;
		if (version < 4) {
			before = str_head(str_from(in, at), end - at);
			at = from + ((end - from) / 8 + 1) * 8;
		} else {
			before = str_head(before, before.n - drop);
			/* a path may be made of the one before it: few bytes name many */
			total += before.n + (end - at);
			if (before.n + (end - at) > INDEX_PATH_MAX || total / INDEX_PATHS_FACTOR > in.n)
				return false;
			path = arena_alloc(a, before.n + (end - at) + 1);
			memcpy(path, before.p, before.n);
			memcpy(path + before.n, in.p + at, end - at);
			before = (struct str){ path, before.n + (end - at) };
			at = end + 1;
		}
		/* the entries of one file in a merge stand side by side */
		if (t->n > 0 && str_cmp(t->v[t->n - 1], before) > 0)
			return false;
		t->v[t->n++] = before;
	}
	return extensions(in, at, id_bytes);
}

bool
tracked_parse(struct arena *a, struct str index, struct tracked *ret)
{
	enum { ENTRY_MIN = 62, SHA1 = 20, SHA256 = 32 };
	struct tracked t = { 0 };
	unsigned version;
	size_t n;

	*ret = t;
	if (index.n < 12 || !str_starts(index, STR("DIRC")))
		return false;
	version = be32(index.p + 4);
	n = be32(index.p + 8);
	if (version < 2 || version > 4 || n > index.n / ENTRY_MIN + 1)
		return false;
	t.v = ARENA_ARRAY(a, struct str, n + 1);
	if (!entries(a, index, version, SHA1, &t, n) && !entries(a, index, version, SHA256, &t, n))
		return false;
	*ret = t;
	return true;
}

/* The first path that is not before key. */
static size_t
place_of(const struct tracked *t, struct str key)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (str_cmp(t->v[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
tracked_has(const struct tracked *t, struct str path)
{
	size_t at = place_of(t, path);

	return at < t->n && str_eq(t->v[at], path);
}

bool
tracked_below(const struct tracked *t, struct str folder)
{
	size_t at = place_of(t, folder);

	return at < t->n && str_starts(t->v[at], folder);
}
