/* SPDX-License-Identifier: MIT */
/* Edits to bytes: a pure splice. */
#include <string.h>

#include "edit/plan.h"

struct str
edit_apply(struct arena *a, struct str old, const struct edit *edit, size_t n)
{
	size_t len = old.n, at = 0, out = 0;
	char *p;

	for (size_t i = 0; i < n; i++)
		len = len - edit[i].len + edit[i].text.n;
	p = arena_alloc(a, len + 1);
	for (size_t i = 0; i < n; i++) {
		size_t keep = edit[i].off - at;

		if (keep > 0)
			memcpy(p + out, old.p + at, keep);
		out += keep;
		if (edit[i].text.n > 0)
			memcpy(p + out, edit[i].text.p, edit[i].text.n);
		out += edit[i].text.n;
		at = edit[i].off + edit[i].len;
	}
	if (old.n > at)
		memcpy(p + out, old.p + at, old.n - at);
	return (struct str){ p, len };
}
