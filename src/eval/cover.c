/* SPDX-License-Identifier: MIT */
/* Whether a block applies to all connections that another one applies to. */
#include "eval/cover.h"

#include "conf/addr.h"
#include "conf/pattern.h"
#include "conf/template.h"
#include "conf/work.h"

/* What lists may take to compare, bytes of the one times bytes of the other: beyond it nothing is certain. */
enum { LISTS_BYTES = 1 << 20 };
/* match_pattern_list() gives up at parts that are as long. */
enum { PART_BYTES = 1023 };

/* What is known of a client's block, its parents included. */
enum {
	LOOKED_AT = 1,
	PLAIN = 2,	/* no names are left out, and nothing but names is asked for */
	OF_NAME = 4,	/* nothing but the name typed decides */
	ANY_CASE = 8,	/* and its case does not count */
	NAMED = 16,	/* it applies to names that stand there in full, which are rows */
	NAMED_ANY = 32, /* the same in upper or lower case */
	OF_HOST = 64,	/* some Host line must match, and there case counts */
	CASED = 128,	/* and not by a pattern without letters */
};

enum { PAIRS = 256 };

/* What was found out about two blocks, and may be asked again for their next lines. */
struct pair {
	uint32_t by, late; /* block + 1; 0: nothing yet */
	bool sure;
};

struct cover {
	const struct conf *c;
	uint8_t *kind;	     /* [c->n_block] */
	bool has_hostname;   /* some line sets it: Match host asks for more than what was typed */
	bool hostname_typed; /* which one is set depends on the name typed alone */
	struct pair *pair;   /* server: answers given, PAIRS of them */
	bool twice;	     /* ssh may read the files a second time, with another name */
};

static bool
has_negation(struct str list)
{
	struct str part;

	while (list.n > 0 && str_split(&list, ',', &part))
		if (part.n > 0 && part.p[0] == '!')
			return true;
	return false;
}

/* Every name that the list accepts stands in it. */
static bool
is_list_of_names(struct str list)
{
	struct str part;
	size_t n = 0;

	while (list.n > 0 && str_split(&list, ',', &part)) {
		if (part.n > 0 && part.p[0] == '!')
			continue;
		if (part.n == 0 || !pattern_is_literal(part))
			return false;
		n++;
	}
	return n > 0;
}

static bool
is_host_of_names(const struct conf *c, const struct block *b)
{
	size_t n = 0;

	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (p.n > 0 && p.p[0] == '!')
			continue;
		if (p.n == 0 || !pattern_is_literal(p))
			return false;
		n++;
	}
	return n > 0 && b->n_computed == 0;
}

static bool
is_plain_host(const struct conf *c, const struct block *b)
{
	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if ((p.n > 0 && p.p[0] == '!') || (!pattern_is_literal(p) && conf_may_negate(c, b, i)))
			return false;
	}
	return true;
}

/* Does the Host line match a name in any case if it matches it in one? */
static bool
is_caseless(const struct conf *c, const struct block *b)
{
	bool letters = false;

	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (str_eqc(p, "*"))
			return true;
		for (size_t k = 0; k < p.n && !letters; k++)
			letters = str_lower(p.p[k]) >= 'a' && str_lower(p.p[k]) <= 'z';
	}
	return !letters;
}

/* One criterion of the client, as kind_of() has them. */
static unsigned
kind_of_crit(const struct cover *v, const struct crit *k)
{
	bool host = k->kind == CRIT_HOST, typed = k->kind == CRIT_ORIGINALHOST || (host && !v->has_hostname);
	unsigned kind = 0;

	if (k->kind == CRIT_ALL || typed)
		kind |= OF_NAME | ANY_CASE;
	else if (host && v->hostname_typed)
		kind |= OF_NAME;
	if ((kind != 0 || k->kind == CRIT_FINAL || k->kind == CRIT_CANONICAL) && !k->negated && !has_negation(k->arg))
		kind |= PLAIN;
	if (typed && !k->negated && is_list_of_names(k->arg))
		kind |= NAMED_ANY;
	return kind;
}

static unsigned
kind_of(struct cover *v, uint32_t block)
{
	enum { ALL_ASKED = PLAIN | OF_NAME | ANY_CASE, ONE_ASKED = NAMED | NAMED_ANY | OF_HOST | CASED };
	const struct conf *c = v->c;
	const struct block *b = &c->block[block];
	unsigned all = ALL_ASKED, one = 0;

	if (v->kind[block] != 0)
		return v->kind[block];
	if (b->bad || b->kind == BLOCK_MAYBE)
		all &= PLAIN;
	if (b->kind == BLOCK_HOST) {
		all &= (is_plain_host(c, b) ? PLAIN : 0U) | (b->n_computed == 0 ? OF_NAME : 0U);
		one |= OF_HOST | (is_host_of_names(c, b) ? NAMED : 0U) | (is_caseless(c, b) ? 0U : CASED);
	}
	for (uint32_t i = 0; i < b->n_crit; i++) {
		unsigned crit = kind_of_crit(v, &c->crit[b->first_crit + i]);

		all &= crit;
		one |= crit & ONE_ASKED;
	}
	if (b->parent >= 0) {
		unsigned parent = kind_of(v, (uint32_t)b->parent);

		all &= parent;
		one |= parent & ONE_ASKED;
	}
	v->kind[block] = (uint8_t)(LOOKED_AT | all | one);
	return v->kind[block];
}

struct cover *
cover_new(struct arena *a, const struct conf *c)
{
	struct cover *v = ARENA_NEW(a, struct cover);
	unsigned canon, hostname;

	*v = (struct cover){ .c = c, .twice = c->final_asked };
	if (c->side != KW_CLIENT) {
		v->pair = ARENA_ARRAY(a, struct pair, PAIRS);
		return v;
	}
	v->kind = ARENA_ARRAY(a, uint8_t, c->n_block + 1);
	canon = conf_row(c, KW_ID_CANONICALIZEHOSTNAME);
	hostname = conf_row(c, KW_ID_HOSTNAME);
	for (size_t i = 0; i < c->n_set; i++) {
		v->twice |= c->set[i].row == canon;
		v->has_hostname |= c->set[i].row == hostname;
	}
	if (!v->has_hostname)
		return v;
	/* a Match host that asks for it while it is looked at counts: whom it finds rests on the lines before */
	v->hostname_typed = true;
	for (size_t i = 0; i < c->n_set && v->hostname_typed; i++)
		if (c->set[i].row == hostname && (kind_of(v, c->set[i].block) & OF_NAME) == 0)
			v->hostname_typed = false;
	/* what was found out rests on the answer */
	if (!v->hostname_typed)
		v->kind = ARENA_ARRAY(a, uint8_t, c->n_block + 1);
	return v;
}

/* Does q match whatever p does?  False: that is not certain. */
static bool
pattern_covers(struct str q, struct str p, bool icase)
{
	if (!pattern_is_literal(p) && str_chr(q, '?', 0) != SIZE_MAX)
		return str_eq(p, q);
	return icase ? pattern_imatch(p, q) : pattern_match(p, q);
}

/* Is there nothing that both match?  False: that is not certain. */
static bool
is_apart(struct str p, struct str q, bool icase)
{
	if (pattern_is_literal(p))
		return !(icase ? pattern_imatch(p, q) : pattern_match(p, q));
	return pattern_is_literal(q) && !(icase ? pattern_imatch(q, p) : pattern_match(q, p));
}

/* The same two questions of addresses and networks, which lists of addresses may also have wildcards beside. */
static bool
addr_covers(struct str q, struct str p)
{
	struct addr big, small;
	unsigned big_bits, small_bits;
	enum addr_cidr of_q = addr_cidr(q, &big, &big_bits), of_p = addr_cidr(p, &small, &small_bits);

	if (of_q == ADDR_CIDR_OK && of_p == ADDR_CIDR_OK)
		return small_bits >= big_bits && addr_in(&small, &big, big_bits);
	return of_q == ADDR_CIDR_NOT && of_p == ADDR_CIDR_NOT && pattern_covers(q, p, false);
}

static bool
addr_is_apart(struct str p, struct str q)
{
	struct addr one, two;
	unsigned one_bits, two_bits;

	if (addr_cidr(p, &one, &one_bits) != ADDR_CIDR_OK || addr_cidr(q, &two, &two_bits) != ADDR_CIDR_OK)
		return false;
	return !addr_in(&one, &two, one_bits < two_bits ? one_bits : two_bits);
}

/* How the lists of a criterion are compared. */
struct list_of {
	bool icase, addr;
	bool many; /* the connection has several of them: a negation may strike by one that no list names */
};

static bool
part_covers(const struct list_of *how, struct str q, struct str p)
{
	return how->addr ? addr_covers(q, p) : pattern_covers(q, p, how->icase);
}

static bool
part_is_apart(const struct list_of *how, struct str p, struct str q)
{
	return how->addr ? addr_is_apart(p, q) : is_apart(p, q, how->icase);
}

/* Is all that negated part q takes out of a list left out of the list `late`, too? */
static bool
leaves_out(const struct list_of *how, struct str late, struct str q)
{
	struct str part;

	while (late.n > 0 && str_split(&late, ',', &part))
		if (part.n > 1 && part.p[0] == '!' && part_covers(how, str_from(part, 1), q))
			return true;
	return false;
}

/* Does list `by` accept all that one part of list `late` does? */
static bool
list_accepts(const struct list_of *how, struct str by, struct str late, struct str p)
{
	struct str q;
	bool in = false;

	while (by.n > 0 && str_split(&by, ',', &q)) {
		if (q.n == 0 || q.n >= PART_BYTES)
			return false;
		if (q.p[0] != '!')
			in = in || part_covers(how, q, p);
		else if (how->many ||
		    (!part_is_apart(how, p, str_from(q, 1)) && !leaves_out(how, late, str_from(q, 1))))
			return false;
	}
	return in;
}

static bool
list_covers(const struct list_of *how, struct str by, struct str late)
{
	struct str rest = late, p;

	if (by.n > 0 && late.n > LISTS_BYTES / by.n)
		return false;
	while (rest.n > 0 && str_split(&rest, ',', &p))
		if ((p.n == 0 || p.p[0] != '!') && !list_accepts(how, by, late, p))
			return false;
	return true;
}

/* Does criterion `by` of a server's Match line hold wherever `late` does? */
static bool
crit_covers(const struct crit *by, const struct crit *late)
{
	static const struct {
		bool has_list;
		struct list_of how;
	} row[] = {
		[CRIT_USER] = { true, { 0 } },
		[CRIT_RDOMAIN] = { true, { 0 } },
		[CRIT_HOST] = { true, { .icase = true } },
		[CRIT_ADDRESS] = { true, { .addr = true } },
		[CRIT_LOCALADDRESS] = { true, { .addr = true } },
		[CRIT_GROUP] = { true, { .many = true } },
	};

	if (by->kind != late->kind || by->negated || late->negated)
		return false;
	if (by->kind == CRIT_LOCALPORT)
		return str_eq(by->arg, late->arg);
	if (by->kind < sizeof(row) / sizeof(row[0]) && row[by->kind].has_list)
		return list_covers(&row[by->kind].how, by->arg, late->arg);
	return by->kind == CRIT_INVALIDUSER;
}

/* Some criterion of block `late`, or of those that its file is included from, makes sure of this one. */
static bool
is_asked_for(const struct conf *c, const struct crit *k, uint32_t late)
{
	for (const struct block *b = &c->block[late];; b = &c->block[b->parent]) {
		for (uint32_t i = 0; i < b->n_crit; i++)
			if (crit_covers(k, &c->crit[b->first_crit + i]))
				return true;
		if (b->parent < 0)
			return false;
	}
}

static bool
is_within(const struct conf *c, uint32_t block, uint32_t outer)
{
	while (block != outer && c->block[block].parent >= 0)
		block = (uint32_t)c->block[block].parent;
	return block == outer;
}

static bool
server_is_sure(const struct conf *c, uint32_t by, uint32_t late)
{
	for (;; by = (uint32_t)c->block[by].parent) {
		const struct block *b = &c->block[by];

		if (is_within(c, late, by))
			return true;
		if (!conf_has_time(c))
			return false;
		for (uint32_t i = 0; i < b->n_crit; i++) {
			const struct crit *k = &c->crit[b->first_crit + i];
			/* of a release the row knows as much as anybody */
			bool fixed = (k->kind == CRIT_ALL || k->kind == CRIT_VERSION) && !k->negated;

			if (!fixed && !is_asked_for(c, k, late))
				return false;
		}
		if (b->parent < 0)
			return true;
	}
}

bool
cover_is_sure(struct cover *v, uint32_t by, uint32_t late)
{
	unsigned kind, asked;

	if (v->c->side != KW_CLIENT) {
		struct pair *p = &v->pair[(by * 31 + late) % PAIRS];

		if (p->by != by + 1 || p->late != late + 1)
			*p = (struct pair){ by + 1, late + 1, server_is_sure(v->c, by, late) };
		return p->sure;
	}
	kind = kind_of(v, by);
	asked = kind_of(v, late);
	/* what Match finds, it finds in any case */
	if ((kind & CASED) != 0 && (asked & OF_HOST) == 0)
		return false;
	if ((kind & PLAIN) != 0)
		return true;
	if (v->twice || (kind & OF_NAME) == 0)
		return false;
	return (asked & ((kind & ANY_CASE) != 0 ? NAMED | NAMED_ANY : NAMED)) != 0;
}
