/* SPDX-License-Identifier: MIT */
/* Sentences that say which line decides, and why another one does not. */
#include "report/explain.h"

#include "report/values.h"

enum { HEADER_MAX = 60 };

static void
add_at(const struct conf *c, uint32_t src, uint32_t line, struct buf *b)
{
	if (c->src[src].origin == SOURCE_CMDLINE) {
		buf_addc(b, "command line");
		return;
	}
	buf_add(b, c->src[src].shown);
	buf_addf(b, ":%u", line + 1);
}

void
explain_place(const struct conf *c, uint32_t src, uint32_t line, struct buf *b)
{
	add_at(c, src, line, b);
	for (const struct source *s = &c->src[src]; s->depth > 0; s = &c->src[s->inc_src]) {
		buf_addc(b, s == &c->src[src] ? " (included by " : ", by ");
		add_at(c, s->inc_src, s->inc_line, b);
	}
	if (c->src[src].depth > 0)
		buf_addc(b, ")");
}

/* The text of a header, cut where it is long. */
static void
add_header(const struct conf *c, uint32_t block, struct buf *b)
{
	const struct block *k = &c->block[block];
	struct str text = str_trim(conf_line_text(c, k->src, k->line));

	buf_add(b, str_head(text, HEADER_MAX));
	if (text.n > HEADER_MAX)
		buf_addc(b, "...");
}

/* "config:2 (Host web)": the line that decides, and the block in which it stands. */
static void
add_by(const struct conf *c, uint32_t by, bool same_block, struct buf *b)
{
	const struct set *s = &c->set[by];
	bool header = c->block[s->block].kind != BLOCK_FILE && !same_block;

	if (!header) {
		explain_place(c, s->src, s->line, b);
		return;
	}
	add_at(c, s->src, s->line, b);
	buf_addc(b, " (");
	add_header(c, s->block, b);
	if (c->src[s->src].depth > 0) {
		const struct source *f = &c->src[s->src];

		buf_addc(b, "; included by ");
		add_at(c, f->inc_src, f->inc_line, b);
	}
	buf_addc(b, ")");
}

void
explain_origin(const struct effective *ev, unsigned row, struct buf *b)
{
	const struct eff *v = &ev->v[row];
	const struct conf *c = ev->conf;

	if (v->from == EFF_FROM_DEFAULT) {
		buf_addc(b, "default");
		return;
	}
	if (v->from == EFF_FROM_OTHER)
		buf_addc(b, "Debian's ssh: follows from BatchMode, ");
	if (v->origin.line != 0)
		explain_place(c, v->origin.src, v->origin.line - 1, b);
}

/* A criterion as it is written. */
static void
add_crit(const struct conf *c, const struct hindrance *h, struct buf *b)
{
	const struct crit *k = &c->crit[h->item];

	buf_addc(b, k->negated ? "!" : "");
	buf_addc(b, crit_name((enum crit_kind)k->kind));
	if (k->kind == CRIT_EXEC)
		buf_addf(b, " \"%.*s\"", STR_ARG(k->arg));
	else if (k->arg.n > 0)
		buf_addf(b, " %.*s", STR_ARG(k->arg));
}

/* Why a criterion is undecided. */
static const char *
doubt_reason(enum crit_kind kind)
{
	switch (kind) {
	case CRIT_EXEC:
		return "a command is never run from here";
	case CRIT_TEMPLATE:
		return "a template computes it";
	case CRIT_INCLUDE:
		return "the path depends on what is not known here";
	case CRIT_LOCALNETWORK:
		return "the addresses of that machine are not known";
	case CRIT_GROUP:
		return "the groups of the account are not known";
	case CRIT_LOCALUSER:
		return "the local user is not known";
	case CRIT_INVALIDUSER:
		return "whether the account exists is not known";
	case CRIT_ALL:
	case CRIT_CANONICAL:
	case CRIT_FINAL:
	case CRIT_HOST:
	case CRIT_ORIGINALHOST:
	case CRIT_USER:
	case CRIT_TAGGED:
	case CRIT_VERSION:
	case CRIT_COMMAND:
	case CRIT_SESSIONTYPE:
	case CRIT_ADDRESS:
	case CRIT_LOCALADDRESS:
	case CRIT_LOCALPORT:
	case CRIT_RDOMAIN:
		break;
	}
	return "it depends on what is not known here";
}

void
explain_doubt(const struct report_host *h, unsigned row, struct buf *b)
{
	const struct eff *v = &h->ev->v[row];
	const struct hindrance *d = h->why != NULL && h->why->doubt != NULL ? &h->why->doubt[row] : NULL;

	if (d != NULL && d->block != UINT32_MAX && d->item != UINT32_MAX) {
		const struct conf *c = h->ev->conf;

		explain_place(c, v->reason_at.src, v->reason_at.line - 1, b);
		buf_addc(b, " Match ");
		add_crit(c, d, b);
		buf_addf(b, ": %s", doubt_reason((enum crit_kind)c->crit[d->item].kind));
		return;
	}
	buf_addf(b, "%s ", v->reason != NULL ? v->reason : "");
	if (v->reason_at.line != 0)
		explain_place(h->ev->conf, v->reason_at.src, v->reason_at.line - 1, b);
}

/* "the user is "me"": what a criterion was compared with. */
static void
add_seen(const struct effective *ev, const struct crit *k, struct str seen, struct buf *b)
{
	static const char *const what[] = {
		[CRIT_HOST] = "host",
		[CRIT_ORIGINALHOST] = "name typed",
		[CRIT_USER] = "user",
		[CRIT_LOCALUSER] = "local user",
		[CRIT_TAGGED] = "tag",
		[CRIT_VERSION] = "version",
		[CRIT_ADDRESS] = "address",
		[CRIT_LOCALADDRESS] = "local address",
		[CRIT_LOCALPORT] = "local port",
		[CRIT_RDOMAIN] = "routing domain",
	};
	bool client = ev->conf->side == KW_CLIENT;
	const char *name = k->kind < sizeof what / sizeof *what ? what[k->kind] : NULL;

	if (k->kind == CRIT_FINAL || k->kind == CRIT_CANONICAL)
		buf_addc(b,
		    k->negated		? "holds in the first pass only" :
			ev->second_pass ? "holds in the second pass only" :
					  "holds in a second pass only, and nothing asks for one");
	else if (k->kind == CRIT_COMMAND)
		buf_addc(b, "an interactive session has no command");
	else if (k->kind == CRIT_SESSIONTYPE)
		buf_addc(b, "an interactive session is a shell");
	else if (k->kind == CRIT_LOCALNETWORK)
		buf_addc(b, k->negated ? "a local address is in it" : "no local address is in it");
	else if (k->kind == CRIT_INVALIDUSER)
		buf_addc(b, "the account exists");
	else if (k->kind == CRIT_INCLUDE)
		buf_addc(b, "means another file for this host");
	else if (k->kind == CRIT_GROUP && seen.p != NULL)
		buf_addf(b, "user \"%.*s\" is in no such group", STR_ARG(seen));
	else if (name == NULL)
		buf_addc(b, k->kind == CRIT_GROUP ? "no user is given (-C user=)" : "does not hold");
	else if (seen.p == NULL)
		buf_addf(b, client ? "no %s is set" : "no %s is given (-C)", name);
	else
		buf_addf(b, "the %s is \"%.*s\"", name, STR_ARG(seen));
}

/* The header in the way and what of it fails. */
static void
add_hindrance(const struct effective *ev, const struct hindrance *h, struct buf *b)
{
	const struct conf *c = ev->conf;
	const struct block *k = &c->block[h->block];
	struct str item = h->item == UINT32_MAX || k->kind != BLOCK_HOST ? (struct str){ NULL, 0 } : c->pat[h->item];

	add_at(c, k->src, k->line, b);
	buf_addc(b, " ");
	add_header(c, h->block, b);
	buf_addc(b, ": ");
	switch ((enum obstacle)h->obstacle) {
	case OBST_NO_PATTERN:
		buf_addf(b, "no pattern matches \"%.*s\"", STR_ARG(h->seen));
		break;
	case OBST_NEGATED:
		buf_addf(b, "%.*s excludes \"%.*s\"", STR_ARG(item), STR_ARG(h->seen));
		break;
	case OBST_ONLY_NEGATED:
		buf_addc(b, "only negations never match; a * is missing");
		break;
	case OBST_COMMA:
		buf_addc(b, "Host separates names by blanks, not commas");
		break;
	case OBST_CASE:
		buf_addf(b, "case counts here, and the name typed is \"%.*s\"", STR_ARG(h->seen));
		break;
	case OBST_HOSTNAME:
		buf_addf(b, "Host compares the name typed, \"%.*s\", not the HostName \"%.*s\"", STR_ARG(ev->host),
		    STR_ARG(h->seen));
		break;
	case OBST_CRIT:
		add_seen(ev, &c->crit[h->item], h->seen, b);
		if (h->later != UINT32_MAX) {
			buf_addc(b, " here; ");
			add_at(c, c->set[h->later].src, c->set[h->later].line, b);
			buf_addc(b, " sets another further down");
		}
		break;
	case OBST_BAD:
		buf_addc(b, "OpenSSH refuses this line");
		break;
	case OBST_NONE:
		buf_addc(b, "does not apply");
		break;
	}
}

static void
add_undecided(const struct effective *ev, const struct hindrance *h, struct buf *b)
{
	const struct conf *c = ev->conf;
	const struct block *k = &c->block[h->block];

	add_at(c, k->src, k->line, b);
	buf_addc(b, " ");
	add_header(c, h->block, b);
	buf_addc(b, " cannot be decided");
	if (h->obstacle == OBST_CRIT)
		buf_addf(b, ": %s", doubt_reason((enum crit_kind)c->crit[h->item].kind));
}

/* A winner that is spelt with an alias does not show that it is the same word. */
static void
add_alias(const struct conf *c, uint32_t by, struct buf *b)
{
	const struct set *s = &c->set[by];
	unsigned own = c->src[s->src].line[s->line].row;

	if (own != KW_UNKNOWN && own != s->row)
		buf_addf(b, "; %s means %s", kw_row(c->side, own)->name, kw_row(c->side, s->row)->name);
}

/* An earlier line, or one of the command line. */
static void
add_later(const struct effective *ev, const struct lost *l, struct buf *b)
{
	const struct conf *c = ev->conf;

	if (l->by == UINT32_MAX) {
		buf_addc(b, "another keyword decides");
	} else if (c->src[c->set[l->by].src].origin == SOURCE_CMDLINE) {
		buf_addc(b, "the command line is read first");
	} else {
		add_by(c, l->by, c->set[l->by].block == c->set[l->set].block, b);
		buf_addc(b, " is read first");
		add_alias(c, l->by, b);
	}
}

static bool
acts_in_global(const struct effective *ev, const struct lost *l)
{
	const struct kw *k = kw_row(ev->conf->side, l->row);

	return (k->id == KW_ID_CHANNELTIMEOUT || k->id == KW_ID_REKEYLIMIT) && ev->conf->ver.n < VER(10, 5);
}

static void
add_beaten(const struct effective *ev, const struct lost *l, struct buf *b)
{
	const struct conf *c = ev->conf;
	const struct kw *k = kw_row(c->side, l->row);
	char text[24];

	if (l->by == UINT32_MAX) {
		add_later(ev, l, b);
		return;
	}
	if (l->why == LOSE_SAME)
		buf_addc(b, "the same as ");
	if (l->why == LOSE_OVERRIDDEN && acts_in_global(ev, l))
		buf_addc(b, "sshd -T shows ");
	add_by(c, l->by, c->set[l->by].block == c->set[l->set].block, b);
	if (l->why == LOSE_OVERRIDDEN && acts_in_global(ev, l))
		buf_addc(b, ", but before 10.5 this line acts");
	else if (l->why == LOSE_OVERRIDDEN)
		buf_addc(b, " beats the global section");
	else if (l->why == LOSE_LAST)
		buf_addf(b, " is read last, and the last line wins before %s",
		    ver_text((struct ver){ .n = k->last_until }, text));
	else if (l->why == LOSE_BY_NONE)
		buf_addc(b, " stores \"none\" over any earlier value");
	else if (l->why == LOSE_FINAL)
		buf_addc(b, " was set in the first pass, this block applies in the second only");
	else if (l->why == LOSE_PROXY)
		buf_addf(b, " comes first, and keeps %s out", k->name);
	else if (l->why == LOSE_CLEARED)
		buf_addc(b, " (ClearAllForwardings) drops every forward");
}

void
explain_why(const struct effective *ev, const struct lost *l, struct buf *b)
{
	switch ((enum lose_why)l->why) {
	case LOSE_LATER:
		add_later(ev, l, b);
		break;
	case LOSE_NO_MATCH:
		add_hindrance(ev, &l->in_the_way, b);
		break;
	case LOSE_UNKNOWN:
		add_undecided(ev, &l->in_the_way, b);
		break;
	case LOSE_NONE:
		buf_addc(b, "\"none\" sets nothing, so a later line or the default decides; 0 is off");
		break;
	case LOSE_SCOPE:
		buf_addc(b, "sshd -T shows it, but before 10.5 it has no effect in a Match block");
		break;
	case LOSE_OVERRIDDEN:
	case LOSE_LAST:
	case LOSE_BY_NONE:
	case LOSE_FINAL:
	case LOSE_PROXY:
	case LOSE_CLEARED:
	case LOSE_SAME:
		add_beaten(ev, l, b);
		break;
	}
}
