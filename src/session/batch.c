/* SPDX-License-Identifier: MIT */
/* Cases that rows share, and the findings of a case with the lines of each row. */
#include "session/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/measured.h"
#include "model/names.h"

/* A finding of a case.  Its place is the row's own line of a keyword, or one line for all. */
struct case_finding {
	struct finding found;
	unsigned place; /* keyword row; KW_UNKNOWN: where found.at says */
};

struct batch_case {
	struct session_case judged; /* first: what the rows point to */
	uint64_t hash;
	uint32_t *word;
	size_t n_word;
	uint32_t next;	  /* in the same bucket, + 1 */
	unsigned decides; /* keyword row whose line decides; KW_UNKNOWN: the span */
	struct span decides_at;
	struct case_finding *found;
	size_t n_found;
	uint32_t first_found; /* number of its first finding among those of all cases */
};

/* Where a finding of a case already stands in the list, by place. */
struct placed {
	uint32_t found, set; /* number of the case's finding; the set that is its place */
	uint32_t at;	     /* index in the list, + 1; 0: free */
};

struct batch {
	struct brief *brief;
	struct name_classes *names;
	struct conf_use use;
	bool own_rules; /* some rules must see each row's own values */
	struct batch_case **v;
	size_t n, cap;
	uint32_t *bucket; /* index + 1 into v */
	size_t mask;
	struct placed *placed;
	size_t n_placed, placed_mask;
	uint32_t n_found;
	struct arena scratch; /* one row */
	uint32_t *word;
	size_t cap_word;
};

enum { EXTRA_WORDS = 8 };

struct batch *
batch_new(struct session *s)
{
	struct batch *b = ARENA_NEW(s->arena, struct batch);
	bool *matters = ARENA_ARRAY(s->arena, bool, KW_ROWS_MAX);

	b->own_rules = ruleset_reads(&s->rules, matters);
	b->brief = brief_new(s->arena, &s->client.conf, &s->env, matters, false);
	b->names = names_compile(s->arena, &s->networks);
	use_init(s->arena, &s->client.conf, &b->use);
	b->mask = 63;
	b->bucket = mem_alloc((b->mask + 1) * sizeof(*b->bucket));
	b->placed_mask = 63;
	b->placed = mem_alloc((b->placed_mask + 1) * sizeof(*b->placed));
	return b;
}

void
batch_release(struct batch *b)
{
	if (b == NULL)
		return;
	free(b->v);
	free(b->bucket);
	free(b->placed);
	free(b->word);
	brief_release(b->brief);
	arena_release(&b->scratch);
}

/* The key of a row: its values, and what else a judgement looks at.  Returns its words. */
static size_t
make_key(struct batch *b, const struct session *s, const struct session_row *r, const struct brief_row *own,
    uint64_t *ret_hash)
{
	const struct host_setting *setting =
	    s->settings.n_host > 0 ? settings_host(&s->settings, session_name(r)) : NULL;
	uint64_t name = names_class(b->names, own->hostname);
	uint32_t *w;
	size_t n = own->n;

	if (b->cap_word < n + EXTRA_WORDS) {
		b->cap_word = n + EXTRA_WORDS + 64;
		b->word = mem_realloc(b->word, b->cap_word * sizeof(*b->word));
	}
	w = b->word;
	memcpy(w, own->word, n * sizeof(*w));
	w[n++] = (uint32_t)name;
	w[n++] = (uint32_t)(name >> 32);
	w[n++] = (uint32_t)r->target->kind << 1 | r->target->possible;
	w[n++] = setting != NULL ? (uint32_t)(setting - s->settings.host) + 1 : 0;
	*ret_hash = (own->hash ^ name) * 0x9e3779b97f4a7c15u + w[n - 1] * 31u + w[n - 2];
	return n;
}

static struct batch_case *
find_case(const struct batch *b, size_t n, uint64_t hash)
{
	for (uint32_t i = b->bucket[hash & b->mask]; i != 0; i = b->v[i - 1]->next) {
		struct batch_case *c = b->v[i - 1];

		if (c->hash == hash && c->n_word == n && memcmp(c->word, b->word, n * sizeof(*b->word)) == 0)
			return c;
	}
	return NULL;
}

static void
link_case(struct batch *b, uint32_t i)
{
	uint32_t *at = &b->bucket[b->v[i]->hash & b->mask];

	b->v[i]->next = *at;
	*at = i + 1;
}

static void
keep_case(struct batch *b, struct arena *a, struct batch_case *c, size_t n, uint64_t hash)
{
	c->hash = hash;
	c->n_word = n;
	c->word = ARENA_ARRAY(a, uint32_t, n + 1);
	memcpy(c->word, b->word, n * sizeof(*c->word));
	MEM_GROW(b->v, b->cap, b->n + 1);
	b->v[b->n++] = c;
	if (b->n > b->mask) {
		free(b->bucket);
		b->mask = b->mask * 4 + 3;
		b->bucket = mem_alloc((b->mask + 1) * sizeof(*b->bucket));
		for (uint32_t i = 0; i < b->n; i++)
			link_case(b, i);
	} else {
		link_case(b, (uint32_t)b->n - 1);
	}
}

static struct span
set_span(const struct session *s, uint32_t set)
{
	const struct conf *c = &s->client.conf;

	if (set == UINT32_MAX)
		return (struct span){ 0 };
	return conf_line_span(c, c->set[set].src, c->set[set].line);
}

/* The keyword whose winning line stands at span; KW_UNKNOWN when no line of this row does. */
static unsigned
place_of(const struct batch *b, const struct session *s, struct span at)
{
	size_t n;

	(void)kw_table(KW_CLIENT, &n);
	for (unsigned row = 0; row < n && at.line > 0; row++) {
		uint32_t set = brief_winner(b->brief, row);

		if (set != UINT32_MAX && s->client.conf.set[set].src == at.src &&
		    s->client.conf.set[set].line + 1 == at.line)
			return row;
	}
	return KW_UNKNOWN;
}

static bool
has_findings(const struct session_case *c)
{
	return c->blocked == NULL && (!c->ev->refused || c->ev->refused_own) &&
	    c->judgement.verdict != VERDICT_NOT_JUDGED;
}

/* Ask the rules once for all rows of a case. */
static void
find_shared(struct batch *b, struct session *s, const struct session_row *r, struct batch_case *c)
{
	struct findings f = { 0 };
	struct rule_row in;

	c->first_found = b->n_found;
	if (!has_findings(&c->judged))
		return;
	session_rule_row(s, r, &c->judged, &in);
	ruleset_shared(&s->rules, s->arena, &in, &f);
	c->found = ARENA_ARRAY(s->arena, struct case_finding, f.n + 1);
	for (size_t i = 0; i < f.n; i++) {
		f.v[i].host = NULL;
		f.v[i].n_host = f.v[i].cap_host = 0;
		c->found[i] = (struct case_finding){ .found = f.v[i], .place = place_of(b, s, f.v[i].at) };
	}
	c->n_found = f.n;
	b->n_found += (uint32_t)f.n;
	findings_release(&f);
}

static void
grow_placed(struct batch *b)
{
	struct placed *old = b->placed;
	size_t n = b->placed_mask + 1;

	b->placed_mask = b->placed_mask * 2 + 1;
	b->placed = mem_alloc((b->placed_mask + 1) * sizeof(*b->placed));
	for (size_t i = 0; i < n; i++) {
		size_t at;

		if (old[i].at == 0)
			continue;
		at = (old[i].found * 0x9e3779b1u ^ old[i].set * 0x85ebca6bu) & b->placed_mask;
		while (b->placed[at].at != 0)
			at = (at + 1) & b->placed_mask;
		b->placed[at] = old[i];
	}
	free(old);
}

/* The entry of the list for a finding of a case at one place; its index + 1 is 0 when there is none yet. */
static uint32_t *
find_placed(struct batch *b, uint32_t found, uint32_t set)
{
	size_t at;

	if (b->n_placed * 2 > b->placed_mask)
		grow_placed(b);
	at = (found * 0x9e3779b1u ^ set * 0x85ebca6bu) & b->placed_mask;
	while (b->placed[at].at != 0 && (b->placed[at].found != found || b->placed[at].set != set))
		at = (at + 1) & b->placed_mask;
	b->placed[at].found = found;
	b->placed[at].set = set;
	return &b->placed[at].at;
}

static void
add_findings(struct batch *b, struct session *s, uint32_t row, const struct batch_case *c)
{
	struct findings *f = &s->findings;

	for (size_t i = 0; i < c->n_found; i++) {
		const struct case_finding *x = &c->found[i];
		uint32_t set = x->place != KW_UNKNOWN ? brief_winner(b->brief, x->place) : UINT32_MAX;
		uint32_t *at = find_placed(b, c->first_found + (uint32_t)i, set);
		struct finding *to;

		if (*at == 0) {
			MEM_GROW(f->v, f->cap, f->n + 1);
			to = &f->v[f->n];
			*to = x->found;
			to->row = NULL;
			to->n_row = to->cap_row = 0;
			to->order = (uint32_t)f->n++;
			if (x->place != KW_UNKNOWN) {
				to->at = set_span(s, set);
				to->file = s->client.conf.src[to->at.src].shown;
			}
			*at = (uint32_t)f->n;
			b->n_placed++;
		}
		to = &f->v[*at - 1];
		MEM_GROW(to->row, to->cap_row, to->n_row + 1);
		to->row[to->n_row++] = row;
	}
}

/* Rules that read the row's name, or text made of it, see its own values. */
static void
find_own(struct batch *b, struct session *s, const struct session_row *r, const struct batch_case *c, bool fresh)
{
	struct target who = session_target(r);
	struct session_case own = c->judged;
	struct rule_row in;

	if (!b->own_rules || !has_findings(&c->judged))
		return;
	/* of the row that a case was made of, the case has the values already */
	if (!fresh) {
		own.ev = ARENA_NEW(s->arena, struct effective);
		eff_client(s->arena, &s->client.conf, &who, &s->env, EFF_LOSERS_NONE, own.ev);
	}
	session_rule_row(s, r, &own, &in);
	ruleset_own(&s->rules, s->arena, &in, &s->findings);
}

static enum sk_code
case_of(
    struct batch *b, struct session *s, struct session_row *r, struct batch_case **ret, bool *ret_fresh, struct err *e)
{
	struct target who = session_target(r);
	struct brief_row own;
	struct batch_case *c;
	size_t n;
	uint64_t hash;
	enum sk_code code;

	brief_of(b->brief, &who, &own);
	/* its path has a number of its own */
	own.own = own.own || measured_names(s, own.hostname);
	n = make_key(b, s, r, &own, &hash);
	c = own.own || who.user.n > 0 ? NULL : find_case(b, n, hash);
	*ret_fresh = c == NULL;
	if (c != NULL) {
		c->judged.shared = true;
		*ret = c;
		return SK_OK;
	}
	c = ARENA_NEW(s->arena, struct batch_case);
	code = session_case(s, r, &c->judged, e);
	if (code != SK_OK)
		return code;
	c->decides_at = session_decides(&c->judged, KW_CLIENT);
	c->decides = place_of(b, s, c->decides_at);
	/* A refusal names the line of this very row. */
	if (!own.own && who.user.n == 0 && !c->judged.ev->refused_own)
		keep_case(b, s->arena, c, n, hash);
	if (c->judged.blocked == NULL)
		use_add_key(s->arena, &b->use, c->judged.ev);
	*ret = c;
	return SK_OK;
}

static void
count_use(struct batch *b, const struct batch_case *c)
{
	if (c->judged.blocked == NULL)
		brief_use(b->brief, &b->use, c->judged.ev);
}

enum sk_code
batch_row(struct batch *b, struct session *s, size_t i, struct err *e)
{
	struct session_row *r = &s->row[i];
	struct batch_case *c;
	bool fresh;
	enum sk_code code = case_of(b, s, r, &c, &fresh, e);

	if (code != SK_OK)
		return code;
	r->is = &c->judged;
	r->decides = c->decides != KW_UNKNOWN ? set_span(s, brief_winner(b->brief, c->decides)) : c->decides_at;
	count_use(b, c);
	if (fresh)
		find_shared(b, s, r, c);
	add_findings(b, s, (uint32_t)i, c);
	find_own(b, s, r, c, fresh);
	return SK_OK;
}

enum sk_code
batch_use(struct batch *b, struct session *s, const struct conf_use **ret, struct err *e)
{
	struct target_row *t = NULL;
	size_t n = 0, n_note = s->n_note;
	enum sk_code code = SK_OK;

	if (s->o->arg.n > 0)
		eff_client_targets(s->arena, &s->client.conf, &t, &n);
	for (size_t i = 0; i < n && code == SK_OK; i++) {
		struct session_row r = { .side = KW_CLIENT, .target = &t[i] };
		struct batch_case *c;
		bool fresh;

		if (!t[i].possible)
			continue;
		code = case_of(b, s, &r, &c, &fresh, e);
		if (code == SK_OK)
			count_use(b, c);
	}
	/* What is said of their paths concerns nobody who was asked about. */
	s->n_note = n_note;
	*ret = &b->use;
	return code;
}
