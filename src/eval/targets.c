/* SPDX-License-Identifier: MIT */
/*
 * Whom an audit looks at: the hosts that a client configuration names, and a connection for each Match block
 * of a server configuration (contract section 2, "Which hosts").
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "conf/addr.h"
#include "conf/pattern.h"
#include "eval/resolve.h"
#include "conf/template.h"
#include "conf/work.h"

struct rows {
	const struct conf *c;
	struct target_row *v; /* room for every name that the files hold */
	size_t n;
	uint32_t *bucket; /* index + 1 into v, open addressing */
	size_t mask;
};

/* Of a template as it stands there, not as it is parsed. */
static struct str
as_written(const struct source *s, struct str p)
{
	if (p.p < s->bytes.p || p.p + p.n > s->bytes.p + s->bytes.n)
		return p;
	return (struct str){ conf_raw(s).p + (p.p - s->bytes.p), p.n };
}

static void
rows_add(struct rows *r, struct str shown, const struct block *b, struct span at)
{
	size_t i;

	if (shown.n == 0 || str_eqc(shown, "*"))
		return;
	for (i = str_hash(shown) & r->mask; r->bucket[i] != 0; i = (i + 1) & r->mask)
		if (str_eq(r->v[r->bucket[i] - 1].name, shown))
			return;
	r->bucket[i] = (uint32_t)r->n + 1;
	r->v[r->n++] = (struct target_row){
		.kind = pattern_is_literal(shown) ? TARGET_HOST : TARGET_PATTERN,
		.shown = as_written(&r->c->src[at.src], shown),
		.name = shown,
		.at = at,
		.possible = true,
		.region = conf_block_region(r->c, b),
	};
}

static void
rows_of_block(struct rows *r, const struct block *b)
{
	const struct conf *c = r->c;
	struct span at;

	if (b->n_pat == 0 && b->n_crit == 0)
		return;
	at = conf_line_span(c, b->src, b->line);
	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];

		if (p.n > 0 && p.p[0] != '!')
			rows_add(r, p, b, at);
	}
	for (uint32_t i = 0; i < b->n_crit; i++) {
		const struct crit *k = &c->crit[b->first_crit + i];
		struct str rest = k->arg, part;

		if (k->negated || (k->kind != CRIT_HOST && k->kind != CRIT_ORIGINALHOST))
			continue;
		while (rest.n > 0 && str_split(&rest, ',', &part))
			if (part.n > 0 && part.p[0] != '!')
				rows_add(r, part, b, at);
	}
}

/* "!router.lab": left out on purpose, so it has a fate of its own. */
static void
row_left_out(struct rows *r, struct str word, const struct block *b)
{
	if (word.n > 1 && word.p[0] == '!' && pattern_is_literal(str_from(word, 1)))
		rows_add(r, str_from(word, 1), b, conf_line_span(r->c, b->src, b->line));
}

static void
rows_left_out(struct rows *r, const struct block *b)
{
	const struct conf *c = r->c;

	for (uint32_t i = 0; i < b->n_pat; i++)
		row_left_out(r, c->pat[b->first_pat + i], b);
	for (uint32_t i = 0; i < b->n_crit; i++) {
		const struct crit *k = &c->crit[b->first_crit + i];
		struct str rest = k->arg, part;

		while ((k->kind == CRIT_HOST || k->kind == CRIT_ORIGINALHOST) && rest.n > 0 &&
		    str_split(&rest, ',', &part))
			row_left_out(r, part, b);
	}
}

/* The hosts of a ProxyJump whose names are whole: each leg has its own clocks. */
static size_t
jump_hosts(struct rows *r, struct arena *a, const struct set *set)
{
	const struct conf *c = r->c;
	struct str rest, hop, user;
	struct value v;
	size_t n = 0;

	if (set->row != kw_by_id(KW_CLIENT, KW_ID_PROXYJUMP) || set->value == SET_ANY)
		return 0;
	conf_set_value(c, a, set, &v);
	rest = v.text;
	while (v.num != 0 && rest.n > 0 && str_split(&rest, ',', &hop)) {
		struct str host = jump_host(hop, &user);

		n++;
		if (r->v != NULL && str_chr(host, '%', 0) == SIZE_MAX && pattern_is_literal(host))
			rows_add(r, host, &c->block[set->block], conf_line_span(c, set->src, set->line));
	}
	return n;
}

/* pattern with its wildcards filled in: `*` by star, `?` by one. */
static struct str
fill(struct arena *a, struct str pattern, const char *star, char one)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < pattern.n; i++) {
		if (pattern.p[i] == '*') {
			if (i == 0 || pattern.p[i - 1] != '*')
				buf_addc(&b, star);
		} else {
			buf_addch(&b, pattern.p[i] == '?' ? one : pattern.p[i]);
		}
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* In how many blocks does a name match by pattern, and is it among them where one pattern stands unnegated? */
struct strangers {
	const struct conf *c;
	struct str name, pattern;
	size_t n;
	bool own;
};

static void
look_at_block(void *ctx, uint32_t block)
{
	struct strangers *s = ctx;
	const struct conf *c = s->c;
	const struct block *b = &c->block[block];
	bool hit = false, own = false, off = false;

	for (uint32_t k = 0; b->kind == BLOCK_MATCH && k < b->n_crit; k++) {
		const struct crit *crit = &c->crit[b->first_crit + k];

		if (crit->kind != CRIT_HOST && crit->kind != CRIT_ORIGINALHOST)
			continue;
		if (pattern_list(s->name, crit->arg, true) == 1 && str_find(crit->arg, s->pattern) != SIZE_MAX)
			s->own = true;
	}
	for (uint32_t k = 0; k < b->n_pat; k++) {
		struct str p = c->pat[b->first_pat + k];

		if (p.n > 0 && p.p[0] == '!')
			off |= pattern_match(s->name, str_from(p, 1));
		else if (pattern_match(s->name, p)) {
			own |= str_eq(p, s->pattern);
			hit |= !str_eqc(p, "*");
		}
	}
	s->own |= own && !off;
	s->n += hit && !off && !own;
}

static size_t
strangers(struct conf *c, struct str name, struct str pattern, bool *ret_own)
{
	struct strangers s = { .c = c, .name = name, .pattern = pattern };

	index_blocks(c, name, look_at_block, &s);
	*ret_own = s.own;
	return s.n;
}

/* A name that matches the pattern and as few other blocks as possible. */
static void
make_name(struct arena *a, struct conf *c, struct target_row *row)
{
	static const char *const stars[] = { "sshkeep-any", "x", "any1", "", "0", "zz.any" };
	size_t best = SIZE_MAX;

	row->possible = false;
	for (size_t i = 0; i < sizeof(stars) / sizeof(stars[0]); i++) {
		struct str name = fill(a, row->shown, stars[i], 'x');
		size_t n;
		bool own;

		if (name.n == 0)
			continue;
		n = strangers(c, name, row->shown, &own);
		if (own && n < best) {
			best = n;
			row->name = name;
			row->possible = true;
		}
		if (own && n == 0)
			break;
	}
}

/* How many names the headers hold at most. */
static size_t
count_names(const struct conf *c)
{
	size_t n = c->n_pat;

	for (size_t i = 0; i < c->n_crit; i++) {
		n++;
		for (size_t k = 0; k < c->crit[i].arg.n; k++)
			n += c->crit[i].arg.p[k] == ',';
	}
	return n;
}

static void
client_targets(struct arena *a, struct conf *c, bool all, struct target_row **ret, size_t *ret_n)
{
	static const char *const any[] = { "sshkeep-any-host", "any-host-of-sshkeep", "zz9-sshkeep" };
	struct rows r = { .c = c, .mask = 63 };
	struct target_row last = { .kind = TARGET_DEFAULT, .shown = STR("*"), .possible = true };
	size_t names = count_names(c);

	for (size_t i = 0; all && i < c->n_set; i++)
		names += jump_hosts(&r, a, &c->set[i]);
	while (r.mask < names * 2)
		r.mask = r.mask * 2 + 1;
	r.bucket = mem_alloc((r.mask + 1) * sizeof(*r.bucket));
	r.v = ARENA_ARRAY(a, struct target_row, names + 1);
	for (size_t i = 0; i < c->n_block; i++)
		if (!c->block[i].bad)
			rows_of_block(&r, &c->block[i]);
	for (size_t i = 0; all && i < c->n_block; i++)
		if (!c->block[i].bad)
			rows_left_out(&r, &c->block[i]);
	for (size_t i = 0; all && i < c->n_set; i++)
		(void)jump_hosts(&r, a, &c->set[i]);
	free(r.bucket);
	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].kind == TARGET_PATTERN) {
			r.v[i].possible = false;
			if (conf_work_left(c))
				make_name(a, c, &r.v[i]);
		}
	last.name = str_c(any[0]);
	for (size_t i = 0, best = SIZE_MAX; i < sizeof(any) / sizeof(any[0]) && best > 0; i++) {
		bool own;
		size_t n = strangers(c, str_c(any[i]), STR("*"), &own);

		if (n < best) {
			best = n;
			last.name = str_c(any[i]);
		}
	}
	r.v[r.n++] = last;
	*ret = r.v;
	*ret_n = r.n;
}

void
eff_client_targets(struct arena *a, struct conf *c, struct target_row **ret, size_t *ret_n)
{
	client_targets(a, c, false, ret, ret_n);
}

struct target
eff_row_target(const struct target_row *t)
{
	return (struct target){ .host = t->name, .pattern = t->kind == TARGET_HOST ? STR("") : t->shown };
}

void
eff_client_targets_all(struct arena *a, struct conf *c, struct target_row **ret, size_t *ret_n)
{
	client_targets(a, c, true, ret, ret_n);
}

/* A word that the comma list accepts, from its first positive part; the empty one if none can be made. */
static struct str
word_for(struct arena *a, struct str list, bool icase)
{
	static const char *const stars[] = { "any", "x", "", "sshkeep" };
	struct str rest = list, part;

	while (rest.n > 0 && str_split(&rest, ',', &part)) {
		if (part.n == 0 || part.p[0] == '!')
			continue;
		for (size_t i = 0; i < sizeof(stars) / sizeof(stars[0]); i++) {
			struct str w = fill(a, part, stars[i], 'x');

			if (w.n > 0 && pattern_list(w, list, icase) == 1)
				return w;
		}
	}
	return (struct str){ NULL, 0 };
}

/* An address that the wildcards of a pattern match, written as sshd writes the addresses of connections. */
static struct str
addr_by_pattern(struct arena *a, struct str pattern, struct str list)
{
	static const char *const fills[] = { "7", "1", "9", "77", "2.7", "0.2.7", "192.0.2.7", "::7", "7::7",
		"2001:db8::7" };

	for (size_t i = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
		struct str w = fill(a, pattern, fills[i], '7');
		struct addr addr;

		if (addr_parse(w, &addr) && str_eq(addr_text(a, &addr), w) && pattern_addr_list(w, list) == 1)
			return w;
	}
	return (struct str){ NULL, 0 };
}

/* An address inside the first usable network of the list. */
static struct str
addr_for(struct arena *a, struct str list)
{
	struct str rest = list, part;

	while (rest.n > 0 && str_split(&rest, ',', &part)) {
		struct addr net;
		unsigned bits;

		if (part.n == 0 || part.p[0] == '!')
			continue;
		if (addr_cidr(part, &net, &bits) == ADDR_CIDR_OK) {
			for (unsigned host = 1; host < 8; host++) {
				struct str text;
				unsigned char *last = &net.b[net.v6 ? 15 : 3], keep = *last;

				if (bits == (net.v6 ? 128u : 32u))
					host = 8;
				else
					*last = (unsigned char)(keep | host);
				text = addr_text(a, &net);
				*last = keep;
				if (pattern_addr_list(text, list) == 1)
					return text;
			}
		} else {
			struct str w = addr_by_pattern(a, part, list);

			if (w.p != NULL)
				return w;
		}
	}
	return (struct str){ NULL, 0 };
}

/* Connection data that satisfies one criterion; false: cannot be made. */
static bool
satisfy(struct arena *a, struct ver v, const struct crit *k, struct server_spec *s)
{
	int port;

	switch ((enum crit_kind)k->kind) {
	case CRIT_ALL:
		return true;
	case CRIT_USER:
		s->user = word_for(a, k->arg, false);
		return s->user.p != NULL;
	case CRIT_HOST:
		s->host = word_for(a, k->arg, true);
		return s->host.p != NULL;
	case CRIT_ADDRESS:
		s->addr = addr_for(a, k->arg);
		return s->addr.p != NULL;
	case CRIT_LOCALADDRESS:
		s->laddr = addr_for(a, k->arg);
		return s->laddr.p != NULL;
	case CRIT_LOCALPORT:
		port = port_number(k->arg, v);
		s->lport = (uint32_t)(port > 0 ? port : 0);
		return port > 0;
	case CRIT_RDOMAIN:
		s->rdomain = word_for(a, k->arg, false);
		s->has_rdomain = true;
		return s->rdomain.p != NULL;
	case CRIT_GROUP: {
		struct str *g = ARENA_NEW(a, struct str);

		*g = word_for(a, k->arg, false);
		s->group = g;
		s->n_group = 1;
		return g->p != NULL;
	}
	case CRIT_INVALIDUSER:
		s->invalid_user = true;
		return true;
	case CRIT_VERSION:
	case CRIT_CANONICAL:
	case CRIT_FINAL:
	case CRIT_ORIGINALHOST:
	case CRIT_LOCALUSER:
	case CRIT_EXEC:
	case CRIT_LOCALNETWORK:
	case CRIT_TAGGED:
	case CRIT_COMMAND:
	case CRIT_SESSIONTYPE:
	case CRIT_TEMPLATE:
	case CRIT_INCLUDE:
		return false;
	}
	return false;
}

/* A connection that the documentation networks stand for (RFC 5737) and that no ordinary Match names. */
static struct server_spec
plain_spec(void)
{
	return (struct server_spec){
		.user = STR("sshkeep-any"),
		.host = STR("192.0.2.9"),
		.addr = STR("192.0.2.9"),
		.laddr = STR("198.51.100.1"),
		.lport = 22,
		.has_user = true,
		.has_host = true,
		.has_addr = true,
		.has_laddr = true,
		.has_lport = true,
		.groups_known = true,
		.invalid_user_known = true,
	};
}

static void
block_spec(struct arena *a, const struct conf *c, const struct block *b, struct server_row *row)
{
	for (;; b = &c->block[b->parent]) {
		bool computed = b->kind == BLOCK_MATCH && b->n_crit > 0 && c->crit[b->first_crit].kind == CRIT_TEMPLATE;

		/* whatever it asks for, the row is for whom it holds */
		if (computed && row->spec.own_header == 0)
			row->spec.own_header = (uint32_t)(b - c->block) + 1;
		for (uint32_t i = 0; b->kind == BLOCK_MATCH && !computed && i < b->n_crit; i++)
			if (!satisfy(a, c->ver, &c->crit[b->first_crit + i], &row->spec)) {
				row->possible = false;
				row->reason = "no connection data can be made that satisfies this line";
			}
		if (b->parent < 0)
			break;
	}
}

/* Equal Match lines are rows of their own: all but the first are numbered. */
static void
tell_apart(struct arena *a, struct server_row *v, size_t n)
{
	size_t mask = 15, at;
	struct same {
		uint32_t row, times; /* row: index + 1 */
	} * bucket;

	while (mask < n * 2)
		mask = mask * 2 + 1;
	bucket = ARENA_ARRAY(a, struct same, mask + 1);
	for (size_t i = 0; i < n; i++) {
		struct str name = v[i].shown;

		for (at = str_hash(name) & mask; bucket[at].row != 0; at = (at + 1) & mask)
			if (str_eq(v[bucket[at].row - 1].shown, name))
				break;
		if (bucket[at].row == 0)
			bucket[at].row = (uint32_t)i + 1;
		if (++bucket[at].times > 1)
			v[i].shown = arena_printf(a, "%.*s (no. %u)", STR_ARG(name), bucket[at].times);
	}
}

void
eff_server_targets(struct arena *a, const struct conf *c, struct server_row **ret, size_t *ret_n)
{
	struct server_row *v;
	size_t n = 1;

	for (size_t i = 0; i < c->n_block; i++)
		n += c->block[i].kind == BLOCK_MATCH && !c->block[i].bad;
	v = ARENA_ARRAY(a, struct server_row, n);
	/* Without data no criterion matches; port 0 is no port. */
	v[0] = (struct server_row){
		.shown = STR("sshd"),
		.spec = { .has_lport = true, .groups_known = true, .invalid_user_known = true },
		.possible = true,
	};
	n = 1;
	for (size_t i = 0; i < c->n_block; i++) {
		const struct block *b = &c->block[i];

		if (b->kind != BLOCK_MATCH || b->bad)
			continue;
		v[n] = (struct server_row){
			.shown = conf_block_name(c, b),
			.spec = plain_spec(),
			.at = conf_line_span(c, b->src, b->line),
			.possible = true,
		};
		v[n].spec.region = conf_block_region(c, b);
		block_spec(a, c, b, &v[n]);
		n++;
	}
	tell_apart(a, v, n);
	*ret = v;
	*ret_n = n;
}
