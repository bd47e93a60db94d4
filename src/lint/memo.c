/* SPDX-License-Identifier: MIT */
/* What was found for one row, remembered for the rows of all files that are like it. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lint/lint.h"

enum { CASES_FIRST = 256, CASES_MAX = 8192 /* a repository made to fill the memory gets no further */ };

static void
add_bytes(struct buf *b, const void *p, size_t n)
{
	buf_add(b, (struct str){ p, n });
}

static void
add_text(struct buf *b, struct str s)
{
	uint32_t n = (uint32_t)s.n;

	add_bytes(b, &n, sizeof n);
	buf_add(b, s);
}

/* A value that is not the default; false when nothing may rest on it. */
static bool
add_value(struct buf *b, unsigned row, const struct eff *v, bool is_name)
{
	const struct {
		int64_t num[3];
		uint32_t row, n_also;
		uint8_t state, from, has_num2, none;
		uint32_t pad;
	} head = { { v->num, v->has_num2 ? v->num2 : 0, v->num3 }, row, (uint32_t)v->n_also, (uint8_t)v->state,
		(uint8_t)v->from, v->has_num2, v->text.p == NULL, 0 };

	if (v->state == EFF_UNKNOWN)
		return false;
	add_bytes(b, &head, sizeof head);
	/* the name of the machine is in the key by its class */
	if (!is_name)
		add_text(b, v->text);
	add_text(b, v->written);
	for (size_t i = 0; i < v->n_also && v->also_text != NULL; i++)
		add_text(b, v->also_text[i]);
	return true;
}

/* All that path, judgement and rules look at; false: the row is no like of any other. */
static bool
make_key(struct lint *l, const struct lint_row *r, enum kw_side side, bool partial)
{
	const struct settings *s = &l->s.settings;
	const struct host_setting *setting = s->n_host > 0 ? settings_host(s, r->target.shown) : NULL;
	struct lint_memo *m = &l->memo;
	const bool *keyword = l->keyword[side];
	const unsigned hostname = conf_row(r->ev.conf, KW_ID_HOSTNAME);
	const struct {
		uint64_t name;
		uint32_t settings, setting;
		uint8_t side, partial, target, bits;
		int32_t ver; /* negative: with Debian's patches */
	} head = { side == KW_CLIENT ? names_class(m->names, r->ev.hostname) : 0, m->settings,
		setting != NULL ? (uint32_t)(setting - s->host) + 1 : 0, (uint8_t)side, partial,
		(uint8_t)r->target.kind, (uint8_t)(r->ev.hostname_known << 1 | r->ev.second_pass),
		l->ver.debian ? -l->ver.n : l->ver.n };
	struct str word;
	size_t n;

	/* whether that is a fault rests on the rest of the file */
	if (side == KW_SERVER && eff_login_fault(&l->row_arena, &r->ev, &word) != LOGIN_OPEN)
		return false;
	(void)kw_table(side, &n);
	buf_clear(&m->key);
	add_bytes(&m->key, &head, sizeof head);
	add_text(&m->key, l->file.network);
	add_text(&m->key, l->file.path_timeout);
	add_text(&m->key, l->file.policy);
	for (unsigned i = 0; i < n; i++) {
		const struct eff *v = &r->ev.v[i];

		if (keyword[i] && (v->state != EFF_DEFAULT || v->from != EFF_FROM_DEFAULT) &&
		    !add_value(&m->key, i, v, i == hostname))
			return false;
	}
	m->hash = str_hash(buf_str(&m->key));
	return true;
}

static struct lint_case *
slot_of(const struct lint_memo *m, struct str key, uint64_t hash)
{
	size_t i = (size_t)(hash ^ hash >> 32) & (m->cap - 1);

	while (m->slot[i].key.p != NULL && (m->slot[i].hash != hash || !str_eq(m->slot[i].key, key)))
		i = (i + 1) & (m->cap - 1);
	return &m->slot[i];
}

static void
add_found(struct lint *l, struct arena *a, const struct lint_row *r, const struct lint_found *x)
{
	const struct conf *c = r->ev.conf;
	struct finding *f;

	MEM_GROW(l->fresh.v, l->fresh.cap, l->fresh.n + 1);
	f = &l->fresh.v[l->fresh.n];
	*f = x->found;
	f->conf = c;
	f->named = r->target.at;
	f->order = (uint32_t)l->fresh.n++;
	if (x->place != KW_UNKNOWN) {
		f->at = r->ev.v[x->place].origin;
		f->file = c->src[f->at.src].shown;
	}
	f->message = finding_message(a, f->key, &r->target.shown, 1);
	f->host = ARENA_NEW(a, struct str);
	f->host[0] = r->target.shown;
	f->n_host = f->cap_host = 1;
}

bool
lint_memo_find(struct lint *l, struct arena *a, const struct lint_row *r, enum kw_side side, bool partial)
{
	struct lint_memo *m = &l->memo;
	const struct lint_case *c;

	buf_clear(&m->key);
	if (!m->usable[side] || r->ev.refused || !make_key(l, r, side, partial)) {
		buf_clear(&m->key);
		return false;
	}
	if (m->cap == 0)
		return false;
	c = slot_of(m, buf_str(&m->key), m->hash);
	if (c->key.p == NULL)
		return false;
	for (size_t i = 0; i < c->n; i++)
		add_found(l, a, r, &c->v[i]);
	return true;
}

/* The keyword whose line is the place of a finding; false: none of the row's is. */
static bool
place_of(const struct lint_row *r, const struct finding *f, enum kw_side side, unsigned *ret)
{
	size_t n;

	*ret = KW_UNKNOWN;
	if (f->at.line == 0)
		return true;
	(void)kw_table(side, &n);
	for (unsigned i = 0; i < n; i++)
		if (r->ev.v[i].origin.line == f->at.line && r->ev.v[i].origin.src == f->at.src) {
			*ret = i;
			return true;
		}
	return false;
}

bool
lint_found_of(struct arena *a, const struct lint_row *r, const struct finding *f, struct lint_found *ret)
{
	unsigned place;

	if (!place_of(r, f, r->ev.conf->side, &place))
		return false;
	*ret = (struct lint_found){ .found = *f, .place = place };
	ret->found.conf = NULL;
	ret->found.host = NULL;
	ret->found.n_host = ret->found.cap_host = 0;
	ret->found.row = NULL;
	ret->found.n_row = ret->found.cap_row = 0;
	ret->found.at = ret->found.named = (struct span){ 0 };
	ret->found.file = (struct str){ 0 };
	ret->found.message = (struct str){ 0 };
	ret->found.key = arena_str(a, f->key);
	ret->found.why = arena_str(a, f->why);
	ret->found.advice = arena_str(a, f->advice);
	ret->found.fix = ARENA_ARRAY(a, struct fix_item, f->n_fix + 1);
	for (size_t i = 0; i < f->n_fix; i++) {
		ret->found.fix[i] = f->fix[i];
		ret->found.fix[i].value = arena_str(a, f->fix[i].value);
	}
	return true;
}

static void
grow(struct lint_memo *m)
{
	struct lint_memo wide = { .cap = m->cap == 0 ? CASES_FIRST : m->cap * 2 };

	wide.slot = mem_alloc(wide.cap * sizeof *wide.slot);
	for (size_t i = 0; i < m->cap; i++)
		if (m->slot[i].key.p != NULL)
			*slot_of(&wide, m->slot[i].key, m->slot[i].hash) = m->slot[i];
	free(m->slot);
	m->slot = wide.slot;
	m->cap = wide.cap;
}

void
lint_memo_learn(struct lint *l, const struct lint_row *r, const struct finding *v, size_t n)
{
	struct lint_memo *m = &l->memo;
	struct arena *a = l->s.arena;
	struct lint_case c = { .key = buf_str(&m->key), .hash = m->hash, .n = n };

	if (m->key.n == 0 || m->n >= CASES_MAX)
		return;
	c.v = ARENA_ARRAY(a, struct lint_found, n + 1);
	for (size_t i = 0; i < n; i++)
		if (!lint_found_of(a, r, &v[i], &c.v[i]))
			return;
	if (m->n * 2 >= m->cap)
		grow(m);
	c.key = arena_str(a, c.key);
	*slot_of(m, c.key, c.hash) = c;
	m->n++;
}
