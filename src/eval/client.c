/* SPDX-License-Identifier: MIT */
/*
 * The client's resolution: one or two passes over all files, then the after-effects between keywords.
 * Source: ssh.c main() and process_config_files(), readconf.c; reference section 2.
 */
#include <string.h>

#include "conf/addr.h"
#include "eval/resolve.h"

/* Debian's ssh: BatchMode without ServerAliveInterval means 300 s (readconf.c, debian patch keepalive-extensions). */
#define DEBIAN_BATCHMODE_S 300

static void
keep_live(struct resolve *r, uint32_t seg)
{
	if (r->n_live == r->cap_live) {
		uint32_t *p = ARENA_ARRAY(&r->c->arena, uint32_t, r->cap_live * 2);

		memcpy(p, r->live, r->n_live * sizeof(*p));
		r->live = p;
		r->cap_live *= 2;
	}
	r->live[r->n_live++] = seg;
}

/* Addresses of the other family are no addresses to ssh. */
static bool
is_of_family(struct resolve *r, const struct addr *addr)
{
	struct str family;
	bool set;

	if (!slot_text(r, KW_ID_ADDRESSFAMILY, &family, &set) || !set)
		return true;
	return !str_ieqc(family, addr->v6 ? "inet" : "inet6");
}

static struct str
lower_name(struct resolve *r, struct str s)
{
	struct addr addr;
	size_t upper = 0;

	/* (an interface behind the address is none of the standard form) */
	if (str_chr(s, '%', 0) == SIZE_MAX && addr_parse(s, &addr) && is_of_family(r, &addr)) {
		struct str text = addr_text(r->arena, &addr);

		/* only another spelling is replaced: FE80::1 stays */
		return str_ieq(text, s) ? s : text;
	}
	/* ssh takes anything with one of these for an address, and leaves it alone */
	if (str_chr(s, ':', 0) != SIZE_MAX || str_chr(s, '%', 0) != SIZE_MAX)
		return s;
	while (upper < s.n && (s.p[upper] < 'A' || s.p[upper] > 'Z'))
		upper++;
	if (upper == s.n)
		return s;
	return arena_lower(r->arena, s);
}

static void
refuse_here(struct resolve *r, struct str msg, struct span at)
{
	if (r->refused)
		return;
	r->refused = true;
	r->fatal = msg;
	r->fatal_at = at;
}

/* %h and %% of Hostname; any other token ends ssh.  ret->p == NULL: longer than any name. */
static bool
expand_hostname(struct resolve *r, struct str text, struct span at, struct str *ret)
{
	struct buf b = { .max = EXPANDED_MAX_BYTES };

	if (str_chr(text, '%', 0) == SIZE_MAX) {
		*ret = text;
		return true;
	}
	for (size_t i = 0; i < text.n; i++) {
		char next = i + 1 < text.n ? text.p[i + 1] : '\0';

		if (text.p[i] != '%') {
			buf_addch(&b, text.p[i]);
		} else if (next == 'h' || next == '%') {
			if (next == 'h')
				buf_add(&b, r->target->host);
			else
				buf_addch(&b, '%');
			i++;
		} else {
			refuse_here(r,
			    next == '\0' ?
				STR("vdollar_percent_expand: invalid format\npercent_expand: failed") :
				arena_printf(
				    r->arena, "vdollar_percent_expand: unknown key %%%c\npercent_expand: failed", next),
			    at);
			buf_release(&b);
			return false;
		}
	}
	*ret = b.toobig ? (struct str){ NULL, 0 } : arena_str(r->arena, buf_str(&b));
	buf_release(&b);
	return true;
}

/* Every Match line, wherever it stands, makes ssh expand the Hostname set so far. */
static void
match_name(struct resolve *r, const struct block *b)
{
	struct str text, name;
	bool set;

	if (!r->refused && slot_text(r, KW_ID_HOSTNAME, &text, &set) && set &&
	    !expand_hostname(r, text, conf_line_span(r->c, b->src, b->line), &name))
		r->fatal_block = b;
}

/* A Match line that ssh refuses leaves what was on or off as it is; ssh reads on, to name further errors. */
static enum tri
state_before(struct resolve *r, uint32_t block)
{
	uint32_t k = block - 1;

	while (r->c->block[k].src != r->c->block[block].src)
		k--;
	return block_state(r, k);
}

static void
visit(struct resolve *r, uint32_t seg)
{
	const struct conf *c = r->c;
	const struct seg *s = &c->seg[seg];
	const struct block *b = &c->block[s->block];
	enum tri t;

	if (b->first_seg == seg) {
		if (b->kind == BLOCK_MATCH && r->pass == 1)
			match_name(r, b);
		t = b->kind == BLOCK_MATCH && b->bad ? state_before(r, s->block) : match_client(r, b);
		if (b->parent >= 0)
			t = tri_and(t, block_state(r, (uint32_t)b->parent));
		block_state_set(r, s->block, t);
	}
	t = block_state(r, s->block);
	if (t != TRI_NO && r->wants_applied && s->n_set > 0)
		hits_add(&r->applied, r->arena, (struct hit){ seg, 0 });
	if (t == TRI_YES && r->live != NULL && s->n_set > 0)
		keep_live(r, seg);
	/* Without the target's name it is not even certain what the second pass reads. */
	if (t == TRI_YES && !r->name_known && r->name_reason != NULL && b->kind == BLOCK_HOST && b->n_pat == 0)
		t = TRI_MAYBE;
	for (uint32_t i = 0; i < s->n_set && t != TRI_NO; i++)
		take_set(r, s->first_set + i, t);
}

static void
pass(struct resolve *r, unsigned n)
{
	r->pass = n;
	r->n_live = 0;
	r->applied.n = 0;
	index_begin(r->c);
	index_walk(r, visit);
}

static struct span
slot_span(const struct resolve *r, enum kw_id id)
{
	unsigned row = conf_row(r->c, id);
	uint32_t set = row == KW_UNKNOWN ? NO_SET : r->slot[row].win;

	if (set == NO_SET)
		return (struct span){ 0 };
	return conf_line_span(r->c, r->c->set[set].src, r->c->set[set].line);
}

/* The target after pass 1: Hostname, lower case, standard form; canonicalisation asks DNS, so it is unknown. */
static void
resolve_name(struct resolve *r, struct effective *ev, bool *ret_canonical)
{
	struct str text, canon, domains;
	bool set, canon_set, domains_set;

	ev->hostname = r->target->host;
	ev->hostname_known = slot_text(r, KW_ID_HOSTNAME, &text, &set);
	if (ev->hostname_known && set && !expand_hostname(r, text, slot_span(r, KW_ID_HOSTNAME), &ev->hostname))
		return;
	r->name_reason = ev->hostname_known ? NULL : "the HostName is not known";
	if (ev->hostname.p == NULL) {
		ev->hostname = r->target->host;
		ev->hostname_known = false;
		r->name_reason = "the HostName is longer than any name";
	}
	if (ev->hostname_known)
		ev->hostname = lower_name(r, ev->hostname);
	*ret_canonical = false;
	if (!slot_text(r, KW_ID_CANONICALIZEHOSTNAME, &canon, &canon_set) ||
	    (canon_set && !str_ieqc(canon, "no") && !str_ieqc(canon, "false"))) {
		*ret_canonical = true;
		if (!slot_text(r, KW_ID_CANONICALDOMAINS, &domains, &domains_set) || domains_set) {
			ev->hostname_known = false;
			r->name_reason = "CanonicalizeHostname asks DNS";
		}
	}
}

static void
force(struct effective *ev, enum kw_id id, int64_t num, struct str text, const struct eff *because)
{
	unsigned row = kw_by_id(KW_CLIENT, id);
	struct eff *e = &ev->v[row];

	e->state = because->state == EFF_UNKNOWN ? EFF_UNKNOWN : EFF_SET;
	e->from = EFF_FROM_OTHER;
	e->num = num;
	e->text = text;
	e->origin = because->origin;
	e->set = NO_SET;
	if (because->state == EFF_UNKNOWN) {
		e->reason = because->reason;
		e->reason_at = because->reason_at;
		e->guess = arena_printf(ev->scratch, "0 or %lld", (long long)num);
	}
}

static void
after_effects(struct resolve *r, struct effective *ev)
{
	const struct eff *batch = eff_get(ev, KW_ID_BATCHMODE), *interval = eff_get(ev, KW_ID_SERVERALIVEINTERVAL);
	const struct eff *clear = eff_get(ev, KW_ID_CLEARALLFORWARDINGS);
	static const enum kw_id forwards[] = { KW_ID_LOCALFORWARD, KW_ID_REMOTEFORWARD, KW_ID_DYNAMICFORWARD };

	if (r->c->ver.debian && interval->state == EFF_DEFAULT &&
	    (batch->state == EFF_UNKNOWN || (batch->state == EFF_SET && batch->num == 1)))
		force(ev, KW_ID_SERVERALIVEINTERVAL, DEBIAN_BATCHMODE_S, STR("300"), batch);
	for (size_t i = 0; i < sizeof(forwards) / sizeof(forwards[0]); i++) {
		struct eff *e = &ev->v[kw_by_id(KW_CLIENT, forwards[i])];

		if (clear->state == EFF_UNKNOWN && e->state == EFF_SET) {
			e->state = EFF_UNKNOWN;
			e->reason = clear->reason;
			e->reason_at = clear->reason_at;
		} else if (clear->state == EFF_SET && clear->num == 1 && e->state != EFF_DEFAULT) {
			ev->n_cleared += e->n_also;
			*e = (struct eff){ .state = EFF_DEFAULT, .set = NO_SET };
		}
	}
}

/* Names that a shell could take for more than a name, since 9.6 (ssh.c valid_hostname(), valid_ruser()). */
static bool
name_ok(struct str s, bool user, struct ver v)
{
	const struct str bad = user ? STR("'`\";&<>|(){}") : STR("'`\"$\\;&<>|(){},");

	if (s.n > 0 && s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		bool space = ch == ' ' || (ch >= '\t' && ch <= '\r'), last = i + 1 == s.n;

		if (str_chr(bad, s.p[i], 0) != SIZE_MAX || (space && !user))
			return false;
		if ((ch < ' ' || ch == 0x7f) && (!user || v.debian || v.n >= VER(10, 1)))
			return false;
		if (user && ((space && !last && s.p[i + 1] == '-') || (ch == '\\' && last)))
			return false;
	}
	return true;
}

/* Debian carries that part of 9.6, and that of 10.1, in its 9.2. */
const char *
eff_name_refused(const struct target *t, struct ver v)
{
	if (v.n < VER(9, 6) && !(v.debian && v.n >= VER(9, 2)))
		return NULL;
	if (!name_ok(t->host, false, v))
		return "hostname contains invalid characters";
	return name_ok(t->user, true, v) ? NULL : "remote username contains invalid characters";
}

static struct str
set_or(const struct eff *e, struct str dflt)
{
	return e->state == EFF_SET ? e->text : e->state == EFF_DEFAULT ? dflt : (struct str){ NULL, 0 };
}

/* The hop nearest to the target may not be the target itself: same host, user and port. */
static void
jump_loop(struct resolve *r, const struct effective *ev, const struct eff *jump)
{
	struct str me = r->env->local_user_known ? r->env->local_user : (struct str){ NULL, 0 };
	struct str user, port = set_or(eff_get(ev, KW_ID_PORT), STR("22"));
	struct str hop = jump->text, hop_user, hop_port = STR("22");
	size_t at;

	user = r->target->user.n > 0 ? r->target->user : set_or(eff_get(ev, KW_ID_USER), me);
	hop_user = user;
	while ((at = str_chr(hop, ',', 0)) != SIZE_MAX)
		hop = str_from(hop, at + 1);
	for (at = hop.n; at > 0 && hop.p[at - 1] != '@';)
		at--;
	if (at > 0) {
		hop_user = str_head(hop, at - 1);
		hop = str_from(hop, at);
	}
	if (hop.n > 0 && hop.p[0] == '[') {
		at = str_chr(hop, ']', 0);
		if (at + 1 < hop.n)
			hop_port = str_from(hop, at + 2);
		hop = str_from(str_head(hop, at), 1);
	} else if ((at = str_chr(hop, ':', 0)) != SIZE_MAX) {
		hop_port = str_from(hop, at + 1);
		hop = str_head(hop, at);
	}
	if (user.p != NULL && port.p != NULL && str_eq(hop, ev->hostname) && str_eq(hop_port, port) &&
	    str_eq(hop_user, user))
		refuse_here(r, arena_printf(r->arena, "jumphost loop via %.*s", STR_ARG(hop)), jump->origin);
}

/* ssh ends on these after reading, with ssh -G too (reference 2.6). */
static void
late_refusals(struct resolve *r, struct effective *ev)
{
	const struct eff *attempts = eff_get(ev, KW_ID_CONNECTIONATTEMPTS), *fork, *session, *command, *jump;

	const struct eff *refuse = eff_get(ev, KW_ID_REFUSECONNECTION);

	/* readconf.c: where the line is read. */
	if (refuse->state == EFF_SET)
		refuse_here(r,
		    arena_printf(r->arena, "%.*s line %u: RefuseConnection: %.*s",
			STR_ARG(ev->conf->src[refuse->origin.src].name), refuse->origin.line, STR_ARG(refuse->text)),
		    refuse->origin);
	fork = eff_get(ev, KW_ID_FORKAFTERAUTHENTICATION);
	session = eff_get(ev, KW_ID_SESSIONTYPE);
	command = eff_get(ev, KW_ID_REMOTECOMMAND);
	jump = eff_get(ev, KW_ID_PROXYJUMP);
	if (attempts->state == EFF_SET && attempts->num <= 0)
		refuse_here(r, STR("Invalid number of ConnectionAttempts"), attempts->origin);
	if (fork->state == EFF_SET && fork->num == 1 && command->state == EFF_DEFAULT &&
	    (session->state == EFF_DEFAULT || (session->state == EFF_SET && !str_eqc(session->text, "none"))))
		refuse_here(r, STR("Cannot fork into background without a command to execute."), fork->origin);
	if (jump->state == EFF_SET && jump->num == 1 && ev->hostname_known)
		jump_loop(r, ev, jump);
}

static void
none_proxies(struct effective *ev, struct ver v)
{
	struct eff *command = &ev->v[kw_by_id(KW_CLIENT, KW_ID_PROXYCOMMAND)];
	struct eff *jump = &ev->v[kw_by_id(KW_CLIENT, KW_ID_PROXYJUMP)];

	if (command->state == EFF_SET && str_ieqc(command->text, "none"))
		command->text = (struct str){ NULL, 0 };
	/* (a hop may have that name: "none#") */
	if (jump->state == EFF_SET && jump->num == 0 && v.n >= VER(7, 8))
		jump->text = (struct str){ NULL, 0 };
}

void
client_read(struct resolve *r, struct effective *ev)
{
	bool canonical = false;

	ev->hostname = r->target->host;
	ev->hostname_known = true;
	pass(r, 1);
	r->ignore = r->slot[conf_row(r->c, KW_ID_IGNOREUNKNOWN)].win;
	/* What is wrong for the first pass ends ssh there, whatever the second would make of it. */
	if (r->matters == NULL)
		refusals(r, ev);
	if (ev->refused)
		return;
	resolve_name(r, ev, &canonical);
	if (r->c->final_asked || canonical) {
		ev->second_pass = true;
		r->name = ev->hostname;
		r->name_known = ev->hostname_known;
		pass(r, 2);
	}
}

void
eff_client(struct arena *a, struct conf *c, const struct target *t, const struct client_env *env, enum eff_losers which,
    struct effective *ret)
{
	struct resolve resolve, *r = &resolve;
	struct effective ev = { .conf = c, .host = t->host, .scratch = a };

	*r = (struct resolve){ .arena = a, .c = c, .target = t, .env = env, .name = t->host, .name_known = true };
	r->wants_applied = which == EFF_LOSERS_ACTIVE || which == EFF_LOSERS_ACTIVE_WIDE;
	c->work += RESOLVE_WORK;
	slots_init(r);
	client_read(r, &ev);
	slots_finish(r, &ev);
	ev.proxy = slots_proxy(r);
	after_effects(r, &ev);
	none_proxies(&ev, c->ver);
	if (ev.second_pass && !ev.refused)
		refusals(r, &ev);
	if (!ev.refused) {
		late_refusals(r, &ev);
		path_values(r, &ev);
		refuse_late(r, &ev);
	}
	if (which != EFF_LOSERS_NONE)
		losers(r, &ev, which);
	*ret = ev;
}
