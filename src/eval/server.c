/* SPDX-License-Identifier: MIT */
/*
 * The server's resolution: what the daemon reads at start, then what Match blocks put over it for one
 * connection.  Source: servconf.c parse_server_config(), parse_server_match_config(); reference section 3.
 */
#include <string.h>

#include "conf/template.h"
#include "eval/resolve.h"

/* Lines outside Match, below `Match all` that stands in a global place, and global Includes. */
bool
server_global(const struct conf *c, uint32_t block)
{
	const struct block *b = &c->block[block];

	for (;;) {
		if (b->kind == BLOCK_MATCH && !conf_match_at_start(c, b))
			return false;
		if (b->parent < 0)
			return true;
		b = &c->block[b->parent];
	}
}

static void
visit_global(struct resolve *r, uint32_t seg)
{
	const struct seg *s = &r->c->seg[seg];
	enum tri t = TRI_YES;

	r->c->work += 2;
	if (!server_global(r->c, s->block))
		return;
	for (const struct block *b = &r->c->block[s->block];; b = &r->c->block[b->parent]) {
		if (b->kind == BLOCK_MAYBE)
			t = tri_and(t, region_tri(r->c, b, r->spec->region));
		if (b->parent < 0)
			break;
	}
	for (uint32_t i = 0; i < s->n_set && t != TRI_NO; i++)
		take_set(r, s->first_set + i, t);
}

bool
server_below_match(const struct conf *c, uint32_t block)
{
	for (const struct block *b = &c->block[block];; b = &c->block[b->parent]) {
		if (b->kind == BLOCK_MATCH)
			return true;
		if (b->parent < 0)
			return false;
	}
}

/*
 * AuthenticationMethods of a block that applies: "any" beside other methods, on its line or on one before it in the
 * second pass.  The first pass compares only with what is global.
 */
static void
any_alone(struct resolve *r, const struct set *s)
{
	const struct conf *c = r->c;
	const struct source *src = &c->src[s->src];
	bool taken = r->slot[s->row].win != NO_SET;
	struct args args;
	struct str word;

	if (r->refused || !conf_set_args(c, r->arena, s, &word, &args))
		return;
	for (size_t i = 0; i < args.n; i++) {
		if (!str_eqc(args.v[i].text, "any") || (!taken && i == 0))
			continue;
		r->refused = true;
		r->fatal = arena_printf(r->arena, "%.*s line %u: \"any\" must appear alone in %.*s",
		    STR_ARG(src->depth == 0 ? STR("reprocess config") : src->name), src->line[s->line].no,
		    STR_ARG(word));
		r->fatal_at = conf_line_span(c, s->src, s->line);
		return;
	}
}

static void
visit_match(struct resolve *r, uint32_t seg)
{
	const struct conf *c = r->c;
	const struct seg *s = &c->seg[seg];
	const struct block *b = &c->block[s->block];
	enum tri t;

	if (b->first_seg == seg) {
		t = b->parent >= 0 ? block_state(r, (uint32_t)b->parent) : TRI_YES;
		/* Up to 8.3 the lines before the first Match counted as such a block, for their Includes too. */
		if (b->parent >= 0 && c->ver.n < VER(8, 4) && !server_below_match(c, (uint32_t)b->parent))
			t = TRI_NO;
		/* An Include in a block that does not match is only checked for syntax. */
		if (t != TRI_NO)
			t = tri_and(t, match_server(r, b));
		block_state_set(r, s->block, t);
	}
	t = block_state(r, s->block);
	if (s->n_set > 0 && (t != TRI_NO || b->kind == BLOCK_FILE))
		hits_add(&r->applied, r->arena, (struct hit){ seg, 0 });
	if (!server_below_match(c, s->block))
		return;
	for (uint32_t i = 0; i < s->n_set && t != TRI_NO; i++) {
		const struct kw *k = kw_row(KW_SERVER, c->set[s->first_set + i].row);

		if (!kw_match_ok(k, c->ver))
			continue;
		if (k->id == KW_ID_AUTHENTICATIONMETHODS && t == TRI_YES)
			any_alone(r, &c->set[s->first_set + i]);
		take_set(r, s->first_set + i, t);
	}
}

static void
overlay(struct slot *global, const struct slot *match)
{
	if (match->win != NO_SET || match->n_all > 0) {
		uint32_t second = global->second;

		*global = *match;
		if (global->second == NO_SET)
			global->second = second;
	} else if (match->maybe != NULL) {
		/* The global value is what stands if the undecided blocks do not apply. */
		global->maybe = match->maybe;
	}
}

/* sshd clears "none" of a list only in the global section; from a Match block it stays, and is printed. */
static void
match_none(struct resolve *r, struct effective *ev)
{
	struct eff *e = &ev->v[kw_by_id(KW_SERVER, KW_ID_CHANNELTIMEOUT)];

	if (e->state == EFF_SET && e->text.n == 0 && server_below_match(r->c, r->c->set[e->set].block)) {
		struct args args;
		struct str word;
		const struct set *s = &r->c->set[e->set];

		/* as it is written: NONE stays NONE */
		if (conf_line_args(r->c, r->arena, s->src, s->line, &word, &args) && args.n > 0)
			e->text = args.v[0].text;
	}
}

/* Does a global line give the keyword a value that is known?  NO_SET: none, or a template may say otherwise. */
static uint32_t
known_global(const struct resolve *r, enum kw_id id)
{
	const struct slot *s = &r->slot[kw_by_id(KW_SERVER, id)];

	return s->win == NO_SET || s->maybe != NULL || conf_is_vague(&r->c->set[s->win]) ? NO_SET : s->win;
}

static bool
may_be_set(const struct resolve *r, enum kw_id id)
{
	const struct slot *s = &r->slot[kw_by_id(KW_SERVER, id)];

	return s->win != NO_SET || s->maybe != NULL;
}

/* sshd ends on these once the global section is read; what Match blocks say of them comes too late. */
static void
start_refusals(struct resolve *r)
{
	static const struct {
		enum kw_id command, user;
		const char *text;
	} row[] = {
		{ KW_ID_AUTHORIZEDKEYSCOMMAND, KW_ID_AUTHORIZEDKEYSCOMMANDUSER,
		    "AuthorizedKeysCommand set without AuthorizedKeysCommandUser" },
		{ KW_ID_AUTHORIZEDPRINCIPALSCOMMAND, KW_ID_AUTHORIZEDPRINCIPALSCOMMANDUSER,
		    "AuthorizedPrincipalsCommand set without AuthorizedPrincipalsCommandUser" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]) && !r->refused; i++) {
		uint32_t win = known_global(r, row[i].command);
		struct value v;

		if (win == NO_SET || may_be_set(r, row[i].user))
			continue;
		conf_set_value(r->c, r->arena, &r->c->set[win], &v);
		if (str_ieqc(v.text, "none"))
			continue;
		r->refused = true;
		r->fatal = str_c(row[i].text);
		r->fatal_at = conf_line_span(r->c, r->c->set[win].src, r->c->set[win].line);
	}
}

/* A flag of the global section; on when a template decides. */
static bool
global_flag(struct resolve *r, enum kw_id id, bool dflt)
{
	uint32_t win = known_global(r, id);
	struct value v;

	if (win == NO_SET)
		return dflt || may_be_set(r, id);
	conf_set_value(r->c, r->arena, &r->c->set[win], &v);
	return v.num != 0;
}

/* Is the method switched on while the daemon starts? */
static bool
method_on(struct resolve *r, struct str name)
{
	if (str_eqc(name, "publickey"))
		return global_flag(r, KW_ID_PUBKEYAUTHENTICATION, true);
	if (str_eqc(name, "password"))
		return global_flag(r, KW_ID_PASSWORDAUTHENTICATION, true);
	if (str_eqc(name, "hostbased"))
		return global_flag(r, KW_ID_HOSTBASEDAUTHENTICATION, false);
	if (str_starts(name, STR("gssapi-")))
		return global_flag(r, KW_ID_GSSAPIAUTHENTICATION, false);
	if (!str_eqc(name, "keyboard-interactive"))
		return true;
	/* Two words until 8.6, either of which is enough. */
	if (r->c->ver.n < VER(8, 7))
		return global_flag(r, KW_ID_CHALLENGERESPONSEAUTHENTICATION, true) ||
		    global_flag(r, KW_ID_KBDINTERACTIVEAUTHENTICATION, false);
	return global_flag(r, KW_ID_KBDINTERACTIVEAUTHENTICATION, true);
}

/*
 * sshd.c: of the lists of a global AuthenticationMethods one must be usable; those before it are named, each with its
 * first method that is switched off.
 */
static void
methods_enabled(struct resolve *r, struct buf *said)
{
	uint32_t win = known_global(r, KW_ID_AUTHENTICATIONMETHODS);
	struct args args;
	struct str word;

	if (r->refused || win == NO_SET || !conf_set_args(r->c, r->arena, &r->c->set[win], &word, &args) ||
	    args.n == 0 || str_eqc(args.v[0].text, "any"))
		return;
	for (size_t i = 0; i < args.n; i++) {
		struct str list = args.v[i].text, part;
		bool off = false;

		while (!off && str_split(&list, ',', &part)) {
			struct str name = str_head(part, str_chr(part, ':', 0));

			off = !method_on(r, name);
			if (off)
				buf_addf(said, "%sDisabled method \"%.*s\" in AuthenticationMethods list \"%.*s\"",
				    said->n > 0 ? "\n" : "", STR_ARG(name), STR_ARG(args.v[i].text));
		}
		if (!off)
			return;
	}
	r->refused = true;
	r->fatal = STR("AuthenticationMethods cannot be satisfied by enabled authentication methods");
	r->fatal_at = conf_line_span(r->c, r->c->set[win].src, r->c->set[win].line);
}

void
eff_server(
    struct arena *a, struct conf *c, const struct server_spec *spec, enum eff_losers which, struct effective *ret)
{
	struct resolve resolve, *r = &resolve;
	struct slot global[KW_ROWS_MAX];
	struct effective ev = { .conf = c, .hostname_known = true, .scratch = a };
	struct buf said = { 0 };

	*r = (struct resolve){ .arena = a, .c = c, .spec = spec };
	slots_init(r);
	c->work += RESOLVE_WORK;
	index_begin(c);
	index_walk(r, visit_global);
	start_refusals(r);
	methods_enabled(r, &said);
	memcpy(global, r->slot, sizeof(r->slot));
	slots_init(r);
	index_begin(c);
	index_walk(r, visit_match);
	for (size_t i = 0; i < KW_ROWS_MAX; i++) {
		overlay(&global[i], &r->slot[i]);
		r->slot[i] = global[i];
	}
	slots_finish(r, &ev);
	match_none(r, &ev);
	/* sshd.c, up to 7.6. */
	if (spec->test && c->ver.n < VER(7, 7) && !(spec->has_user && spec->has_host && spec->has_addr)) {
		r->refused = true;
		r->fatal = STR("user, host and addr are all required when testing Match configs");
	}
	refusals(r, &ev);
	if (said.n > 0 && !ev.refused)
		ev.remarks = ev.remarks.n == 0 ?
		    arena_str(a, buf_str(&said)) :
		    arena_printf(a, "%.*s\n%.*s", STR_ARG(ev.remarks), STR_ARG(buf_str(&said)));
	buf_release(&said);
	refuse_late(r, &ev);
	if (which != EFF_LOSERS_NONE)
		losers(r, &ev, which);
	*ret = ev;
}
