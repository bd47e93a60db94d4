/* SPDX-License-Identifier: MIT */
/* Baselines: reading one, applying it to findings, writing it anew. */
#include "rule/baseline.h"

#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/mem.h"
#include "base/utf8.h"

#define SECTION "baseline 1"

enum {
	LINE_BYTES = 190, /* an INI line has up to 198 */
	PATH_HEAD = 60,	  /* kept of the front and end of a long name */
	PATH_TAIL = 37,
	HOSTS_MAX = 1000, /* of a finding that has a line for each */
};

static bool
is_fingerprint(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < '0' || s.p[i] > '9') && (s.p[i] < 'a' || s.p[i] > 'f'))
			return false;
	return s.n == FINGERPRINT_HEX;
}

static int
by_fingerprint(const void *x, const void *y)
{
	const struct baseline_entry *a = x, *b = y;

	return str_cmp(a->fingerprint, b->fingerprint);
}

static enum sk_code
read_entry(struct arena *a, struct str file, const struct ini_entry *en, struct baseline_entry *ret, struct err *e)
{
	size_t blank = str_chr(en->value, ' ', 0);
	struct str rest = str_from(str_from(en->value, blank), 1);
	size_t colon = str_find(rest, STR(": "));

	/* not quoted: whatever file was named would be shown */
	if (!is_fingerprint(en->key))
		return err_set(
		    e, SK_ERULE, "%.*s:%u: a fingerprint begins the line, 32 digits 0-9 a-f", STR_ARG(file), en->line);
	if (blank == SIZE_MAX || blank == 0 || colon == SIZE_MAX || colon == 0)
		return err_set(e, SK_ERULE, "%.*s:%u: a code, a file, a colon and a message follow the fingerprint",
		    STR_ARG(file), en->line);
	*ret = (struct baseline_entry){ .fingerprint = arena_str(a, en->key),
		.code = arena_str(a, str_head(en->value, blank)),
		.path = arena_str(a, str_head(rest, colon)),
		.line = en->line };
	return SK_OK;
}

bool
baseline_like(struct str text)
{
	struct str line;
	bool any = false;

	while (str_split(&text, '\n', &line)) {
		line = str_trim(line);
		any |= line.n > 0;
		if (str_eqc(line, "[" SECTION "]"))
			return true;
	}
	return !any;
}

enum sk_code
baseline_read(struct arena *a, struct str file, struct str text, struct baseline *ret, struct err *e)
{
	struct baseline b = { .file = file };
	struct ini ini = { 0 };
	enum sk_code code = ini_read(a, file, text, &ini, e);

	if (code != SK_OK)
		return code;
	if (ini.n == 0)
		return err_set(e, SK_ERULE, "%.*s:1: no baseline: [" SECTION "] is missing", STR_ARG(file));
	for (size_t i = 0; i < ini.n; i++)
		if (!str_eqc(ini.section[i].name, SECTION))
			return err_set(e, SK_ERULE, "%.*s:%u: a baseline has one section, [" SECTION "]", STR_ARG(file),
			    ini.section[i].line);
	b.n = ini.section[0].n;
	b.v = ARENA_ARRAY(a, struct baseline_entry, b.n + 1);
	for (size_t i = 0; i < b.n; i++) {
		code = read_entry(a, file, &ini.section[0].entry[i], &b.v[i], e);
		if (code != SK_OK)
			return code;
	}
	if (b.n > 0)
		qsort(b.v, b.n, sizeof *b.v, by_fingerprint);
	*ret = b;
	return SK_OK;
}

/* Are the hosts of a finding told apart? */
static bool
by_host(const struct finding *f)
{
	return f->at.line == 0 && f->n_host > 0 && f->n_host <= HOSTS_MAX && f->key.n > 0;
}

/* Is it listed, and may it be? */
static bool
is_listed(struct baseline *b, struct str fingerprint, const struct finding *f)
{
	const struct baseline_entry key = { .fingerprint = fingerprint };
	struct baseline_entry *en = bsearch(&key, b->v, b->n, sizeof *b->v, by_fingerprint);

	if (en == NULL)
		return false;
	en->used = true;
	en->refused = f->may != SUPPRESS_ALWAYS;
	return !en->refused && !f->suppressed;
}

/* Without a line the number among equals tells which other hosts there are, so it stays out. */
static struct str
host_fingerprint(struct arena *a, const struct finding *f, size_t i)
{
	return fingerprint_part(a, f->at.line > 0 ? f->fingerprint : f->mark, f->host[i]);
}

/* The hosts of finding i that are listed become a finding of their own, at *ret; false: none is. */
static bool
part_hosts(struct arena *a, struct baseline *b, struct finding *f, struct finding *ret)
{
	struct finding listed = *f;
	size_t kept = 0;

	listed.host = ARENA_ARRAY(a, struct str, f->n_host);
	listed.n_host = 0;
	listed.cap_host = f->n_host;
	for (size_t i = 0; i < f->n_host; i++)
		if (is_listed(b, host_fingerprint(a, f, i), f))
			listed.host[listed.n_host++] = f->host[i];
		else
			f->host[kept++] = f->host[i];
	if (listed.n_host == 0)
		return false;
	listed.suppressed = listed.in_baseline = true;
	if (kept == 0) {
		*f = listed;
		return false;
	}
	/* two findings of one report never share a fingerprint */
	listed.fingerprint = fingerprint_part(a, f->fingerprint, STR("baseline"));
	f->n_host = kept;
	f->message = finding_message(a, f->key, f->host, kept);
	listed.message = finding_message(a, f->key, listed.host, listed.n_host);
	*ret = listed;
	return true;
}

void
baseline_apply(struct arena *a, struct baseline *b, struct findings *f)
{
	struct finding *out;
	size_t n = 0;

	if (b->n == 0 || f->n == 0)
		return;
	out = mem_realloc(NULL, f->n * 2 * sizeof *out);
	for (size_t i = 0; i < f->n; i++) {
		struct finding *x = &out[n++];

		*x = f->v[i];
		if (by_host(x))
			n += part_hosts(a, b, x, &out[n]);
		else if (is_listed(b, x->fingerprint, x))
			x->suppressed = x->in_baseline = true;
	}
	free(f->v);
	f->v = out;
	f->cap = f->n * 2;
	f->n = n;
}

struct str
baseline_path(struct arena *a, struct str name, const struct naming *by)
{
	struct buf plain = { 0 }, b = { 0 };
	struct str s, out;
	size_t tail;

	buf_add_escaped(&plain, naming_of(a, by, name));
	s = buf_str(&plain);
	if (s.n > PATH_HEAD + PATH_TAIL + 3) {
		struct str front = utf8_head(s, PATH_HEAD);

		tail = s.n - PATH_TAIL;
		while (((unsigned char)s.p[tail] & 0xc0) == 0x80)
			tail++;
		out = arena_printf(a, "%.*s...%.*s", STR_ARG(front), STR_ARG(str_from(s, tail)));
	} else {
		out = arena_str(a, s);
	}
	/* what would end the name, or the line, for its reader */
	for (size_t i = 0; i < out.n; i++) {
		bool behind_blank = i == 0 || out.p[i - 1] == ' ';

		if ((out.p[i] == ' ' && (i == 0 || i + 1 == out.n || out.p[i - 1] == ':')) ||
		    (out.p[i] == ';' && behind_blank))
			buf_addf(&b, "\\x%02X", (unsigned)out.p[i]);
		else
			buf_addch(&b, out.p[i]);
	}
	if (b.n == 0)
		buf_addch(&b, '-');
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	buf_release(&plain);
	return out;
}

struct row {
	const struct finding *f;
	struct str path, fingerprint, message;
};

static int
by_path(const void *x, const void *y)
{
	const struct row *a = x, *b = y;
	int r = str_cmp(a->path, b->path);

	if (r == 0)
		r = str_cmp(a->f->code, b->f->code);
	return r != 0 ? r : str_cmp(a->fingerprint, b->fingerprint);
}

static void
write_row(const struct row *r, struct buf *out)
{
	size_t from = out->n;
	struct buf text = { 0 };
	struct str rest;

	buf_addf(out, "%.*s = %.*s %.*s: ", STR_ARG(r->fingerprint), STR_ARG(r->f->code), STR_ARG(r->path));
	buf_add_escaped(&text, r->message);
	/* " ;" begins a comment */
	for (rest = buf_str(&text); rest.n > 0; rest = str_from(rest, 1)) {
		if (rest.p[0] == ';')
			buf_addc(out, ",");
		else
			buf_addch(out, rest.p[0]);
	}
	out->n = from + utf8_head((struct str){ out->p + from, out->n - from }, LINE_BYTES).n;
	buf_addch(out, '\n');
	buf_release(&text);
}

void
baseline_write(const struct findings *f, const struct naming *by, struct buf *out, size_t *ret_left)
{
	struct arena a = { 0 };
	struct row *v = NULL;
	size_t n = 0, cap = 0;

	*ret_left = 0;
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->v[i];
		size_t parts = by_host(x) ? x->n_host : 1;

		if (x->suppressed && !x->in_baseline)
			continue;
		if (x->may != SUPPRESS_ALWAYS) {
			++*ret_left;
			continue;
		}
		MEM_GROW(v, cap, n + parts);
		for (size_t k = 0; k < parts; k++) {
			struct row *r = &v[n++];

			*r = (struct row){ .f = x,
				.path = baseline_path(&a, x->file, by),
				.fingerprint = x->fingerprint,
				.message = x->message };
			if (by_host(x)) {
				r->fingerprint = host_fingerprint(&a, x, k);
				r->message = finding_message(&a, x->key, &x->host[k], 1);
			}
		}
	}
	if (n > 0)
		qsort(v, n, sizeof *v, by_path);
	buf_addc(out,
	    "; What sshkeep lint --baseline does not count, written by --update-baseline:\n"
	    "; fingerprint = code file: message\n"
	    "[" SECTION "]\n");
	for (size_t i = 0; i < n; i++)
		write_row(&v[i], out);
	free(v);
	arena_release(&a);
}
