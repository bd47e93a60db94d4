/* SPDX-License-Identifier: MIT */
/*
 * The short way for the lines that files are made of: a keyword, blanks, plain arguments.  It knows no grammar
 * of its own: what it cannot see at a glance goes the general way, and a value is taken only when the general
 * way has accepted the same bytes for the same keyword before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/load.h"

enum { WORD_SLOTS = 128, WORD_MAX = 40 };

/* An accepted line: keyword row, raw arguments, and the flags of its set. */
struct known {
	struct str rest;
	uint32_t hash;
	uint16_t row, flags;
};

/* Memory of one configuration; arguments borrow from its sources. */
struct plain {
	bool on; /* the release splits lines as this file expects */
	unsigned char class[256];
	struct {
		struct str seen; /* a spelling of it */
		uint16_t row;	 /* + 1; 0: not asked yet */
	} word[WORD_SLOTS];	 /* by hash of the lower-case keyword */
	struct known *known;
	size_t n_known, cap_known;
	uint32_t *bucket; /* index + 1 into known; open addressing */
	size_t mask;
	struct arena arena;
};

/* Byte classes: what may stand in a keyword, what may stand in arguments; blanks are space and TAB. */
enum { C_LETTER = 1, C_PLAIN = 2, C_BLANK = 4 };

static unsigned char
class_of(unsigned char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return C_LETTER | C_PLAIN;
	if (c == ' ' || c == '\t')
		return C_BLANK;
	if (c < ' ' || c == '"' || c == '\'' || c == '\\' || c == '#')
		return 0;
	return C_PLAIN;
}

static struct plain *
memory(struct conf *c)
{
	if (c->plain == NULL) {
		c->plain = mem_alloc(sizeof(*c->plain));
		/* Up to 8.6 other bytes separate, and comments are cut before the scan. */
		c->plain->on = c->ver.n >= VER(8, 7);
		for (unsigned i = 0; i < 256; i++)
			c->plain->class[i] = class_of((unsigned char)i);
	}
	return c->plain;
}

void
plain_release(struct conf *c)
{
	if (c->plain == NULL)
		return;
	free(c->plain->known);
	free(c->plain->bucket);
	arena_release(&c->plain->arena);
	free(c->plain);
}

static uint32_t
word_hash(struct str w)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < w.n; i++)
		h = (h ^ (uint32_t)((unsigned char)w.p[i] | 0x20)) * 16777619u;
	return h;
}

/* Row of an ordinary keyword that means itself, or KW_UNKNOWN: then the general way decides. */
static unsigned
word_row(const struct conf *c, struct plain *p, struct str w)
{
	uint32_t at = word_hash(w) % WORD_SLOTS;
	unsigned row;

	if (p->word[at].row != 0) {
		row = p->word[at].row - 1u;
		if (str_eq(w, p->word[at].seen) || str_ieqc(w, kw_row(c->side, row)->name))
			return row;
	}
	row = kw_find(c->side, w, c->ver);
	if (row == KW_UNKNOWN || kw_class_in(kw_row(c->side, row), c->ver) != KW_ACTIVE ||
	    kw_target(c->side, row, c->ver) != row)
		return KW_UNKNOWN;
	p->word[at].row = (uint16_t)(row + 1);
	p->word[at].seen = w;
	return row;
}

static uint32_t
rest_hash(unsigned row, struct str rest)
{
	uint64_t h = row * 0x9e3779b97f4a7c15u, w;
	size_t i = 0;

	for (; i + 8 <= rest.n; i += 8) {
		memcpy(&w, rest.p + i, 8);
		h = (h ^ w) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	w = 0;
	if (i < rest.n)
		memcpy(&w, rest.p + i, rest.n - i);
	h = (h ^ w ^ (uint64_t)rest.n << 56) * 0xff51afd7ed558ccdu;
	return (uint32_t)(h >> 32);
}

static uint32_t *
find(const struct plain *p, unsigned row, struct str rest, uint32_t hash)
{
	size_t at = hash & p->mask;

	for (; p->bucket[at] != 0; at = (at + 1) & p->mask) {
		const struct known *k = &p->known[p->bucket[at] - 1];

		if (k->hash == hash && k->row == row && str_eq(k->rest, rest))
			break;
	}
	return &p->bucket[at];
}

static void
grow(struct plain *p)
{
	free(p->bucket);
	p->mask = p->mask == 0 ? 127 : p->mask * 2 + 1;
	p->bucket = mem_alloc((p->mask + 1) * sizeof(*p->bucket));
	for (size_t i = 0; i < p->n_known; i++) {
		size_t at = p->known[i].hash & p->mask;

		while (p->bucket[at] != 0)
			at = (at + 1) & p->mask;
		p->bucket[at] = (uint32_t)i + 1;
	}
}

/* One argument that any text will do for. */
static bool
is_free_text(const struct kw *k)
{
	return k->type == KW_T_STRING && !k->none_off;
}

/*
 * Values that nothing compares between hosts are not kept: they are as many as the hosts.  And what a checker of its
 * own (value_other.c) says for sshd may depend on the lines before.
 */
static bool
is_remembered(const struct kw *k)
{
	if (k->side == KW_SERVER && k->type == KW_T_OTHER)
		return false;
	return !is_free_text(k) || (k->id != KW_ID_NONE && k->id != KW_ID_HOSTNAME);
}

void
plain_learn(struct load *ld, unsigned row, struct str rest, unsigned flags, struct set *set)
{
	struct conf *c = ld->c;
	struct plain *p = memory(c);
	const struct source *s = &c->src[ld->src];
	uint32_t hash, *at;

	if (!is_remembered(kw_row(c->side, row)))
		return;
	if (p->n_known * 2 >= p->mask)
		grow(p);
	hash = rest_hash(row, rest);
	at = find(p, row, rest, hash);
	if (*at == 0) {
		/* A line that was put together does not live in its source. */
		if (rest.n > 0 && (rest.p < s->bytes.p || rest.p >= s->bytes.p + s->bytes.n))
			rest = arena_str(&p->arena, rest);
		MEM_GROW(p->known, p->cap_known, p->n_known + 1);
		p->known[p->n_known++] =
		    (struct known){ .rest = rest, .hash = hash, .row = (uint16_t)row, .flags = (uint16_t)flags };
		*at = (uint32_t)p->n_known;
	}
	set->value = *at - 1;
}

/* What the line is made of; false when a byte needs the general scanners. */
static bool
scan(const unsigned char class[static 256], struct str raw, struct str *ret_word, struct str *ret_rest)
{
	size_t i = 0, from;

	while (i < raw.n && class[(unsigned char)raw.p[i]] == C_BLANK)
		i++;
	from = i;
	while (i < raw.n && (class[(unsigned char)raw.p[i]] & C_LETTER) != 0)
		i++;
	if (i == from || i - from > WORD_MAX || i == raw.n || class[(unsigned char)raw.p[i]] != C_BLANK)
		return false;
	*ret_word = (struct str){ raw.p + from, i - from };
	while (i < raw.n && class[(unsigned char)raw.p[i]] == C_BLANK)
		i++;
	if (i == raw.n || raw.p[i] == '=')
		return false;
	from = i;
	for (; i < raw.n; i++)
		if (class[(unsigned char)raw.p[i]] == 0)
			return false;
	while (class[(unsigned char)raw.p[i - 1]] == C_BLANK)
		i--;
	*ret_rest = (struct str){ raw.p + from, i - from };
	return true;
}

static void
host_line(struct load *ld, struct str rest)
{
	struct conf *c = ld->c;
	const unsigned char *class = c->plain->class;
	struct block *b;
	size_t i = 0;

	ld->block = load_block(ld, BLOCK_HOST, ld->parent);
	b = &c->block[ld->block];
	b->first_pat = (uint32_t)c->n_pat;
	while (i < rest.n) {
		size_t from = i;

		while (i < rest.n && class[(unsigned char)rest.p[i]] != C_BLANK)
			i++;
		MEM_GROW(c->pat, c->cap_pat, c->n_pat + 1);
		c->pat[c->n_pat++] = (struct str){ rest.p + from, i - from };
		while (i < rest.n && class[(unsigned char)rest.p[i]] == C_BLANK)
			i++;
	}
	b->n_pat = (uint32_t)c->n_pat - b->first_pat;
}

static bool
value_line(struct load *ld, struct plain *p, unsigned row, const struct kw *k, struct str rest)
{
	struct conf *c = ld->c;

	if (c->side == KW_SERVER && !ld->global && !kw_match_ok(k, c->ver))
		return false;
	if (is_remembered(k)) {
		uint32_t at = p->bucket != NULL ? *find(p, row, rest, rest_hash(row, rest)) : 0;

		/* "none" that sets nothing comes with a diag. */
		if (at == 0 || p->known[at - 1].flags != 0)
			return false;
		load_set(ld, row, 0)->value = at - 1;
		return true;
	}
	if (!is_free_text(k) || str_chr(rest, ' ', 0) != SIZE_MAX || str_chr(rest, '\t', 0) != SIZE_MAX)
		return false;
	(void)load_set(ld, row, 0);
	return true;
}

bool
load_plain(struct load *ld, struct line *l, struct str raw)
{
	struct conf *c = ld->c;
	struct plain *p = memory(c);
	struct str word, rest;
	const struct kw *k;
	unsigned row;

	if (!p->on || c->src[ld->src].origin == SOURCE_CMDLINE)
		return false;
	if (raw.n == 0) {
		l->kind = LINE_BLANK;
		l->row = KW_UNKNOWN;
		return true;
	}
	if (!scan(p->class, raw, &word, &rest))
		return false;
	row = word_row(c, p, word);
	if (row == KW_UNKNOWN)
		return false;
	k = kw_row(c->side, row);
	if (k->type == KW_T_MATCH || k->type == KW_T_INCLUDE)
		return false;
	if (k->type == KW_T_HOST)
		host_line(ld, rest);
	else if (!value_line(ld, p, row, k, rest))
		return false;
	l->kind = LINE_KEYWORD;
	l->row = (uint16_t)row;
	return true;
}

bool
conf_plain_arg(const struct conf *c, const struct set *s, struct str *ret)
{
	struct str word, rest;

	/* A line behind which a NUL glued another is not plain itself. */
	if (c->plain == NULL || !c->plain->on ||
	    !scan(c->plain->class, conf_line_text(c, s->src, s->line), &word, &rest) ||
	    str_chr(rest, ' ', 0) != SIZE_MAX || str_chr(rest, '\t', 0) != SIZE_MAX)
		return false;
	*ret = rest;
	return true;
}
