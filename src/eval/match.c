/* SPDX-License-Identifier: MIT */
/*
 * Host and Match lines against a target or a connection, in three truth values.  A criterion that is known to
 * fail decides, wherever it stands on the line.  Match exec is never run.
 * Source: readconf.c match_cfg_line(), servconf.c match_cfg_line(); reference 2.3, 3.3.
 */
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "conf/addr.h"
#include "eval/resolve.h"
#include "conf/pattern.h"
#include "conf/template.h"

static enum tri
host_rule(struct resolve *r, const struct block *b)
{
	const struct conf *c = r->c;
	enum tri result = TRI_NO;

	if (r->sure == SURE_HOST)
		return TRI_YES;
	for (uint32_t i = 0; i < b->n_pat; i++) {
		struct str p = c->pat[b->first_pat + i];
		bool negated = p.n > 0 && p.p[0] == '!';
		enum tri hit;

		if (negated)
			p = str_from(p, 1);
		r->c->work += 2 + p.n * (1 + r->name.n / 16) / 4;
		if (r->name_known)
			hit = pattern_match(r->name, p) ? TRI_YES : TRI_NO;
		else
			hit = str_eqc(p, "*") ? TRI_YES : TRI_MAYBE;
		if (hit == TRI_NO)
			continue;
		/* who is named is not left out, and a pattern has some that are not */
		if (!negated && hit == TRI_YES && !pattern_is_literal(p) && !str_eq(p, r->target->pattern) &&
		    conf_may_negate(c, b, i))
			hit = TRI_MAYBE;
		if (negated && hit == TRI_YES)
			return TRI_NO;
		if (negated)
			result = result == TRI_YES ? TRI_MAYBE : result;
		else if (result != TRI_YES)
			result = hit;
	}
	return result;
}

static enum tri
list_tri(struct str s, struct str list, bool icase)
{
	return pattern_list(s, list, icase) == 1 ? TRI_YES : TRI_NO;
}

bool
match_host_name(struct resolve *r, struct str *ret)
{
	struct str name;
	struct buf b = { .max = EXPANDED_MAX_BYTES };
	bool set, known;

	/* Up to 7.1 the second pass looked at HostName like the first. */
	*ret = r->pass == 2 ? r->name : r->target->host;
	if (r->pass == 2 && (r->c->ver.n >= VER(7, 2) || !r->name_known))
		return r->name_known;
	if (!slot_text(r, KW_ID_HOSTNAME, &name, &set))
		return false;
	if (!set)
		return true;
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '%' && i + 1 < name.n && (name.p[i + 1] == 'h' || name.p[i + 1] == '%')) {
			if (name.p[++i] == 'h')
				buf_add(&b, r->target->host);
			else
				buf_addch(&b, '%');
		} else {
			buf_addch(&b, name.p[i]);
		}
	}
	known = !b.toobig;
	*ret = arena_str(r->arena, buf_str(&b));
	buf_release(&b);
	return known;
}

static enum tri
crit_host(struct resolve *r, const struct crit *k)
{
	struct str name;

	return match_host_name(r, &name) ? list_tri(name, k->arg, true) : TRI_MAYBE;
}

/* From 10.0 on User may hold tokens, which are expanded only when the connection is made. */
static bool
has_tokens(const struct resolve *r, struct str s)
{
	return r->c->ver.n >= VER(10, 0) && (str_chr(s, '%', 0) != SIZE_MAX || str_find(s, STR("${")) != SIZE_MAX);
}

bool
match_user_name(struct resolve *r, struct str *ret)
{
	bool set;

	*ret = r->target->user;
	if (r->target->user.n > 0)
		return true;
	if (!slot_text(r, KW_ID_USER, ret, &set))
		return false;
	if (set)
		return !has_tokens(r, *ret);
	*ret = r->env->local_user;
	return r->env->local_user_known;
}

static enum tri
crit_user(struct resolve *r, const struct crit *k)
{
	struct str user;

	return match_user_name(r, &user) ? list_tri(user, k->arg, false) : TRI_MAYBE;
}

static enum tri
crit_tagged(struct resolve *r, const struct crit *k)
{
	struct str tag;
	bool set;

	if (!slot_text(r, KW_ID_TAG, &tag, &set))
		return TRI_MAYBE;
	if (k->arg.n == 0)
		return set && tag.n > 0 ? TRI_NO : TRI_YES;
	return list_tri(tag, k->arg, false);
}

static enum tri
crit_localnetwork(struct resolve *r, const struct crit *k)
{
	if (!r->env->local_addr_known)
		return TRI_MAYBE;
	for (size_t i = 0; i < r->env->n_local_addr; i++)
		if (pattern_addr_list(r->env->local_addr[i], k->arg) == 1)
			return TRI_YES;
	return TRI_NO;
}

static enum tri
crit_client(struct resolve *r, const struct crit *k)
{
	switch ((enum crit_kind)k->kind) {
	case CRIT_ALL:
		return TRI_YES;
	case CRIT_CANONICAL:
	case CRIT_FINAL:
		return r->pass == 2 ? TRI_YES : TRI_NO;
	case CRIT_HOST:
		return crit_host(r, k);
	case CRIT_ORIGINALHOST:
		return list_tri(r->target->host, k->arg, true);
	case CRIT_USER:
		return crit_user(r, k);
	case CRIT_LOCALUSER:
		return r->env->local_user_known ? list_tri(r->env->local_user, k->arg, false) : TRI_MAYBE;
	case CRIT_LOCALNETWORK:
		return crit_localnetwork(r, k);
	case CRIT_TAGGED:
		return crit_tagged(r, k);
	case CRIT_VERSION:
		return r->env->version_text.n > 0 ? list_tri(r->env->version_text, k->arg, false) : TRI_MAYBE;
	case CRIT_COMMAND: /* an idle session is a shell: no command was given */
		return k->arg.n == 0 ? TRI_YES : TRI_NO;
	case CRIT_SESSIONTYPE:
		return list_tri(STR("shell"), k->arg, false);
	case CRIT_INCLUDE:
		return include_applies(r, k);
	case CRIT_TEMPLATE:
	case CRIT_EXEC:
	case CRIT_GROUP:
	case CRIT_ADDRESS:
	case CRIT_LOCALADDRESS:
	case CRIT_LOCALPORT:
	case CRIT_RDOMAIN:
	case CRIT_INVALIDUSER:
		return TRI_MAYBE;
	}
	return TRI_MAYBE;
}

static enum tri
crit_group(const struct server_spec *s, const struct crit *k)
{
	enum tri t = TRI_NO;

	if (!s->has_user)
		return TRI_NO;
	if (!s->groups_known)
		return TRI_MAYBE;
	for (size_t i = 0; i < s->n_group; i++) {
		int hit = pattern_list(s->group[i], k->arg, false);

		if (hit == -1)
			return TRI_NO;
		if (hit == 1)
			t = TRI_YES;
	}
	return t;
}

static enum tri
crit_localport(struct resolve *r, const struct block *b, const struct crit *k)
{
	if (!r->spec->has_lport) {
		if (r->refused)
			return TRI_NO;
		r->refused = true;
		r->fatal = STR("'Match LocalPort' in configuration but 'lport' not in connection test specification.");
		r->fatal_at = conf_line_span(r->c, b->src, b->line);
		return TRI_NO;
	}
	return port_number(k->arg, r->c->ver) == (int)r->spec->lport ? TRI_YES : TRI_NO;
}

/* sshd -T of 7.7 to 8.0 ends where a criterion asks for what -C does not give (servconf.c). */
static void
missing_datum(struct resolve *r, const struct block *b, const struct crit *k)
{
	const struct server_spec *s = r->spec;
	const struct {
		enum crit_kind kind;
		bool has;
		const char *word, *item;
	} row[] = {
		{ CRIT_USER, s->has_user, "User", "user" },
		{ CRIT_GROUP, s->has_user, "Group", "user" },
		{ CRIT_HOST, s->has_host, "Host", "host" },
		{ CRIT_ADDRESS, s->has_addr, "Address", "addr" },
		{ CRIT_LOCALADDRESS, s->has_laddr, "LocalAddress", "laddr" },
		{ CRIT_RDOMAIN, s->has_rdomain, "RDomain", "rdomain" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].kind != (enum crit_kind)k->kind || row[i].has || r->refused || !s->test ||
		    r->c->ver.n < VER(7, 7) || r->c->ver.n >= VER(8, 1))
			continue;
		r->refused = true;
		r->fatal =
		    arena_printf(r->arena, "'Match %s' in configuration but '%s' not in connection test specification.",
			row[i].word, row[i].item);
		r->fatal_at = conf_line_span(r->c, b->src, b->line);
	}
}

static enum tri
datum(bool has, struct str value, struct str list, bool icase)
{
	return has ? list_tri(value, list, icase) : TRI_NO;
}

static enum tri
crit_server(struct resolve *r, const struct block *b, const struct crit *k)
{
	const struct server_spec *s = r->spec;
	char text[32];

	missing_datum(r, b, k);
	switch ((enum crit_kind)k->kind) {
	case CRIT_ALL:
		return TRI_YES;
	case CRIT_USER:
		return datum(s->has_user, s->user, k->arg, false);
	case CRIT_HOST:
		return datum(s->has_host, s->host, k->arg, true);
	case CRIT_GROUP:
		return crit_group(s, k);
	case CRIT_ADDRESS:
		return s->has_addr && pattern_addr_list(s->addr, k->arg) == 1 ? TRI_YES : TRI_NO;
	case CRIT_LOCALADDRESS:
		return s->has_laddr && pattern_addr_list(s->laddr, k->arg) == 1 ? TRI_YES : TRI_NO;
	case CRIT_LOCALPORT:
		return crit_localport(r, b, k);
	case CRIT_RDOMAIN:
		return datum(s->has_rdomain, s->rdomain, k->arg, false);
	case CRIT_INVALIDUSER:
		return !s->invalid_user_known ? TRI_MAYBE : s->invalid_user ? TRI_YES : TRI_NO;
	case CRIT_VERSION:
		return list_tri(str_c(ver_release(r->c->ver, text)), k->arg, false);
	case CRIT_TEMPLATE:
		if (s->own_header == (uint32_t)(b - r->c->block) + 1)
			return TRI_YES;
		return s->has_user || s->has_host || s->has_addr ? TRI_MAYBE : TRI_NO;
	case CRIT_CANONICAL:
	case CRIT_FINAL:
	case CRIT_ORIGINALHOST:
	case CRIT_LOCALUSER:
	case CRIT_EXEC:
	case CRIT_LOCALNETWORK:
	case CRIT_TAGGED:
	case CRIT_COMMAND:
	case CRIT_SESSIONTYPE:
	case CRIT_INCLUDE:
		return TRI_MAYBE;
	}
	return TRI_MAYBE;
}

static enum tri
criteria(struct resolve *r, const struct block *b)
{
	enum tri t = TRI_YES;

	if (b->bad)
		return TRI_NO;
	for (uint32_t i = 0; i < b->n_crit; i++) {
		const struct crit *k = &r->c->crit[b->first_crit + i];
		enum tri one;

		if (r->sure == b->first_crit + i + 1)
			continue;
		r->c->work += 8 + k->arg.n;
		one = r->c->side == KW_CLIENT ? crit_client(r, k) : crit_server(r, b, k);
		if (k->negated)
			one = tri_not(one);
		if (one != TRI_YES)
			trace_crit(r, b, k, one);
		t = tri_and(t, one);
		/* sshd looks at every criterion, and lport may be missing for a later one. */
		if (t == TRI_NO && r->c->side == KW_CLIENT)
			break;
	}
	return t;
}

enum tri
region_tri(const struct conf *c, const struct block *b, uint32_t given)
{
	int there = conf_region_there(c, b, given);

	return there > 0 ? TRI_YES : there < 0 ? TRI_NO : TRI_MAYBE;
}

enum tri
match_client(struct resolve *r, const struct block *b)
{
	enum tri t;

	if (b->kind == BLOCK_FILE)
		return TRI_YES;
	if (b->kind == BLOCK_MAYBE)
		return region_tri(r->c, b, r->target->region);
	t = b->kind == BLOCK_HOST ? host_rule(r, b) : criteria(r, b);
	trace_block(r, b, t);
	return t;
}

enum tri
match_server(struct resolve *r, const struct block *b)
{
	enum tri t;

	if (b->kind == BLOCK_FILE)
		return TRI_YES;
	if (b->kind == BLOCK_MAYBE)
		return region_tri(r->c, b, r->spec->region);
	t = criteria(r, b);
	trace_block(r, b, t);
	return t;
}

const char *
match_reason(struct resolve *r, uint32_t b, struct span *ret_at)
{
	const struct conf *c = r->c;
	const struct block *k = &c->block[b];
	struct buf text = { 0 };
	const char *z;

	/* The outermost undecided header is the one to name. */
	while (k->parent >= 0 && block_state(r, (uint32_t)k->parent) == TRI_MAYBE)
		k = &c->block[k->parent];
	*ret_at = conf_line_span(c, k->src, k->line);
	if (k->kind == BLOCK_MAYBE)
		return "the template decides whether the line is there";
	buf_add_escaped(&text, conf_block_name(c, k));
	if (k->kind == BLOCK_HOST && r->name_reason != NULL)
		buf_addf(&text, " (%s)", r->name_reason);
	z = arena_strz(r->arena, buf_str(&text));
	buf_release(&text);
	return z;
}
