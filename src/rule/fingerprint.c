/* SPDX-License-Identifier: MIT */
/* Fingerprints of findings: what enters them, and the number among equals. */
#include "rule/fingerprint.h"

#include <sys/types.h>

#include <sha2.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/template.h"

/* A file may be one line of megabytes with very many findings. */
enum { LINE_MAX_BYTES = 4096 };

/* What is hashed, as one text of parts that cannot run into each other. */
static void
add_part(struct buf *b, struct str part)
{
	buf_addf(b, "%zu:", part.n);
	buf_add(b, part);
}

static struct str
digest(struct arena *a, struct str text)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t sum[SHA256_DIGEST_LENGTH];
	char out[FINGERPRINT_HEX];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)text.p, text.n);
	SHA256Final(sum, &ctx);
	for (size_t i = 0; i < sizeof out; i++)
		out[i] = hex[i % 2 == 0 ? sum[i / 2] >> 4 : sum[i / 2] & 0xf];
	return arena_str(a, (struct str){ out, sizeof out });
}

/* A line without what its author may change for looks alone. */
static void
add_line(struct buf *b, struct str line)
{
	struct buf plain = { 0 };
	size_t i = 0;
	bool gap = false;

	line = str_trim(line);
	if (line.n > LINE_MAX_BYTES) {
		buf_addf(b, "%zu+", line.n);
		line = str_head(line, LINE_MAX_BYTES);
	}
	for (; i < line.n && !str_is_blank(line.p[i]) && line.p[i] != '='; i++)
		buf_addch(&plain, (char)(line.p[i] >= 'A' && line.p[i] <= 'Z' ? line.p[i] + ('a' - 'A') : line.p[i]));
	while (i < line.n && str_is_blank(line.p[i]))
		i++;
	if (i < line.n && line.p[i] == '=')
		i++;
	for (gap = i < line.n; i < line.n; i++) {
		if (str_is_blank(line.p[i])) {
			gap = true;
			continue;
		}
		if (gap)
			buf_addch(&plain, ' ');
		gap = false;
		buf_addch(&plain, line.p[i]);
	}
	add_part(b, buf_str(&plain));
	buf_release(&plain);
}

/* Where no line tells one finding from another: its side, and what it wants set. */
static void
add_wants(struct buf *b, const struct finding *f)
{
	add_part(b, f->side == KW_CLIENT ? STR("client") : STR("server"));
	for (size_t i = 0; i < f->n_fix; i++)
		add_part(b, f->fix[i].keyword);
}

static void
mark(struct arena *a, struct finding *f, struct str file, struct str line, struct str header)
{
	struct buf b = { 0 };

	add_part(&b, STR("sshkeep/1"));
	add_part(&b, f->code);
	add_part(&b, file);
	add_line(&b, line);
	add_line(&b, header);
	if (f->at.line == 0)
		add_wants(&b, f);
	f->mark = digest(a, buf_str(&b));
	buf_release(&b);
}

struct str
naming_of(struct arena *a, const struct naming *by, struct str name)
{
	if (!str_starts(name, by->cut))
		return name;
	name = str_from(name, by->cut.n);
	return by->put.n > 0 ? arena_printf(a, "%.*s%.*s", STR_ARG(by->put), STR_ARG(name)) : name;
}

/* The Host and Match lines of a config, in the order of sources and lines. */
struct headers {
	const struct conf *conf;
	const struct block **v;
	size_t n;
};

static int
by_line(const void *x, const void *y)
{
	const struct block *a = *(const struct block *const *)x, *b = *(const struct block *const *)y;

	if (a->src != b->src)
		return a->src < b->src ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

static void
headers_of(struct headers *h, const struct conf *c)
{
	h->conf = c;
	h->n = 0;
	h->v = mem_realloc(h->v, (c->n_block + 1) * sizeof *h->v);
	for (size_t i = 0; i < c->n_block; i++)
		if (c->block[i].kind != BLOCK_FILE)
			h->v[h->n++] = &c->block[i];
	qsort(h->v, h->n, sizeof *h->v, by_line);
}

/* The header above a line; "" for the line of a header itself and for what stands above the first one. */
static struct str
header_above(const struct headers *h, struct span at)
{
	size_t low = 0, high = h->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct block *b = h->v[mid];

		if (b->src < at.src || (b->src == at.src && b->line + 1 <= at.line))
			low = mid + 1;
		else
			high = mid;
	}
	if (low == 0 || h->v[low - 1]->src != at.src || h->v[low - 1]->line + 1 == at.line)
		return (struct str){ 0 };
	return conf_line_raw(h->conf, at.src, h->v[low - 1]->line);
}

void
fingerprints_mark(struct arena *a, struct findings *f, struct str file, const struct naming *by)
{
	struct headers h = { 0 };

	for (size_t i = 0; i < f->n; i++) {
		struct finding *x = &f->v[i];
		struct str line = { 0 }, header = { 0 };

		if (x->conf != NULL && x->at.line > 0) {
			if (h.conf != x->conf)
				headers_of(&h, x->conf);
			line = conf_line_raw(x->conf, x->at.src, x->at.line - 1);
			header = header_above(&h, x->at);
		}
		mark(a, x, naming_of(a, by, x->file.n > 0 ? x->file : file), line, header);
	}
	free(h.v);
}

void
fingerprint_mark_text(struct arena *a, struct finding *f, const struct naming *by, struct str line, struct str header)
{
	mark(a, f, f->file.n > 0 ? naming_of(a, by, f->file) : f->file, line, header);
}

struct str
fingerprint_part(struct arena *a, struct str fingerprint, struct str part)
{
	struct buf b = { 0 };
	struct str out;

	add_part(&b, fingerprint);
	add_part(&b, part);
	out = digest(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/*
 * Equal marks side by side, in the order in which they are told.  Without a line that order follows the hosts, of which
 * comments take some away; the order of keys does not.
 */
static int
by_mark(const void *x, const void *y)
{
	const struct finding *a = *(const struct finding *const *)x, *b = *(const struct finding *const *)y;
	int r = str_cmp(a->mark, b->mark);

	if (r == 0 && a->at.line == 0 && b->at.line == 0) {
		r = str_cmp(a->key, b->key);
		if (r == 0)
			r = a->suppressed - b->suppressed;
	}
	return r != 0 ? r : (a > b) - (a < b);
}

/* Number v[0..n), which are equals. */
static void
number(struct arena *a, struct finding *const *v, size_t n)
{
	size_t nth = 0;

	for (unsigned late = 0; late <= 1; late++) {
		const struct finding *head = v[0]; /* the first with the same key */

		for (size_t i = 0; i < n; i++) {
			unsigned parted;

			if (v[i]->at.line > 0 || !str_eq(v[i]->key, head->key))
				head = v[i];
			parted = v[i]->suppressed && !head->suppressed;
			if (parted != late)
				continue;
			nth++;
			v[i]->fingerprint =
			    nth == 1 ? v[i]->mark : digest(a, arena_printf(a, "%.*s %zu", STR_ARG(v[i]->mark), nth));
		}
	}
}

void
fingerprints_number(struct arena *a, struct findings *f)
{
	struct finding **p = mem_alloc((f->n + 1) * sizeof(struct finding *));
	size_t n;

	for (size_t i = 0; i < f->n; i++) {
		p[i] = &f->v[i];
		if (p[i]->mark.n == 0)
			mark(a, p[i], p[i]->file, STR(""), STR(""));
	}
	qsort(p, f->n, sizeof *p, by_mark);
	for (size_t i = 0; i < f->n; i += n) {
		for (n = 1; i + n < f->n && str_eq(p[i]->mark, p[i + n]->mark);)
			n++;
		number(a, p + i, n);
	}
	free(p);
}
