/* SPDX-License-Identifier: MIT */
/* The operating system's name, from os-release(5). */
#include "detect/parts.h"

/* A value of os-release: bare, or in quotes with backslash escapes. */
static struct str
unquote(struct det *d, struct str v)
{
	struct buf b = { .p = NULL };
	struct str r;
	char q;
	size_t i;

	v = str_trim(v);
	if (v.n < 2 || (v.p[0] != '"' && v.p[0] != '\'') || v.p[v.n - 1] != v.p[0])
		return v;
	q = v.p[0];
	v = str_head(str_from(v, 1), v.n - 2);
	for (i = 0; i < v.n; i++) {
		if (v.p[i] == '\\' && q == '"' && i + 1 < v.n)
			i++;
		buf_addch(&b, v.p[i]);
	}
	r = arena_str(d->a, buf_str(&b));
	buf_release(&b);
	return r;
}

void
det_os(struct det *d)
{
	static const char *const file[] = { "/etc/os-release", "/usr/lib/os-release" };
	struct buf b = { .p = NULL };
	struct err e = { .code = SK_OK };
	struct str text, line, source;
	uint32_t at = 0;

	source = str_c(file[0]);
	if (root_read(&d->root, file[0], ROOT_TEXT_MAX, &b, &e) != SK_OK) {
		source = str_c(file[1]);
		if (root_read(&d->root, file[1], ROOT_TEXT_MAX, &b, NULL) != SK_OK)
			source = str_c(file[0]);
	}
	text = buf_str(&b);
	while (det_next_line(&text, &line, &at)) {
		line = str_trim(line);
		if (str_starts(line, STR("PRETTY_NAME=")) && unquote(d, str_from(line, 12)).n > 0)
			det_text(d, FACT_OS, unquote(d, str_from(line, 12)), source, at);
		else if (str_starts(line, STR("ID=")) && unquote(d, str_from(line, 3)).n > 0)
			det_text(d, FACT_OS_ID, unquote(d, str_from(line, 3)), source, at);
	}
	if (!d->f->v[FACT_OS].known)
		det_unknown(d, FACT_OS, source, b.n > 0 ? "no PRETTY_NAME in it" : arena_strz(d->a, str_c(e.msg)));
	if (!d->f->v[FACT_OS_ID].known)
		det_unknown(d, FACT_OS_ID, source, b.n > 0 ? "no ID in it" : arena_strz(d->a, str_c(e.msg)));
	buf_release(&b);
}
