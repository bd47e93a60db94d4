/* SPDX-License-Identifier: MIT */
/*
 * Host and Match lines: patterns and criteria of a block.
 * Source: readconf.c match_cfg_line(), servconf.c match_cfg_line(); reference 2.3 and 3.3.
 */
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "conf/addr.h"
#include "conf/load.h"
#include "conf/pattern.h"

struct crit_row {
	const char *name;
	enum crit_kind kind;
	bool client, server, bare; /* bare: takes no argument */
	int since;
};

static const struct crit_row crit_rows[] = {
	{ "all", CRIT_ALL, true, true, true, 0 },
	{ "canonical", CRIT_CANONICAL, true, false, true, VER(6, 8) },
	{ "final", CRIT_FINAL, true, false, true, VER(8, 0) },
	{ "host", CRIT_HOST, true, true, false, 0 },
	{ "originalhost", CRIT_ORIGINALHOST, true, false, false, 0 },
	{ "user", CRIT_USER, true, true, false, 0 },
	{ "localuser", CRIT_LOCALUSER, true, false, false, 0 },
	{ "exec", CRIT_EXEC, true, false, false, 0 },
	{ "localnetwork", CRIT_LOCALNETWORK, true, false, false, VER(9, 4) },
	{ "tagged", CRIT_TAGGED, true, false, false, VER(9, 4) },
	{ "version", CRIT_VERSION, true, true, false, VER(10, 0) },
	{ "command", CRIT_COMMAND, true, false, false, VER(10, 0) },
	{ "sessiontype", CRIT_SESSIONTYPE, true, false, false, VER(10, 0) },
	{ "group", CRIT_GROUP, false, true, false, 0 },
	{ "address", CRIT_ADDRESS, false, true, false, 0 },
	{ "localaddress", CRIT_LOCALADDRESS, false, true, false, 0 },
	{ "localport", CRIT_LOCALPORT, false, true, false, 0 },
	{ "rdomain", CRIT_RDOMAIN, false, true, false, VER(7, 7) },
	{ "invalid-user", CRIT_INVALIDUSER, false, true, true, VER(9, 9) },
};

static const struct crit_row *
crit_find(struct str word, enum kw_side side, struct ver v)
{
	for (size_t i = 0; i < sizeof(crit_rows) / sizeof(crit_rows[0]); i++) {
		const struct crit_row *r = &crit_rows[i];

		if ((side == KW_CLIENT ? r->client : r->server) && v.n >= r->since && str_ieqc(word, r->name))
			return r;
	}
	return NULL;
}

const char *
crit_name(enum crit_kind k)
{
	for (size_t i = 0; i < sizeof(crit_rows) / sizeof(crit_rows[0]); i++)
		if (crit_rows[i].kind == k)
			return crit_rows[i].name;
	return "";
}

bool
conf_match_at_start(const struct conf *c, const struct block *b)
{
	for (uint32_t i = 0; i < b->n_crit; i++) {
		const struct crit *k = &c->crit[b->first_crit + i];
		char text[32];

		/* 9.9p1 forgot to ask for a connection there; `version` needs none. */
		if (k->kind == CRIT_ALL || (k->kind == CRIT_INVALIDUSER && c->ver.n == VER(9, 9)))
			continue;
		if (k->kind != CRIT_VERSION || pattern_list(str_c(ver_release(c->ver, text)), k->arg, false) != 1)
			return false;
	}
	return !b->bad && b->n_crit > 0;
}

/* The block at hand was made of the line up to here.  A line that is glued together has no such place in the file. */
static void
load_read(struct load *ld, size_t end)
{
	struct block *b = &ld->c->block[ld->block];
	struct str line = conf_line_text(ld->c, b->src, b->line);

	if (ld->text.p == line.p && end <= line.n)
		b->read_bytes = (uint32_t)end;
}

void
load_host(struct load *ld, const struct args *args)
{
	struct conf *c = ld->c;
	struct block *b;

	ld->block = load_block(ld, BLOCK_HOST, ld->parent);
	c->block[ld->block].first_pat = (uint32_t)c->n_pat;
	for (size_t i = 0; i < args->n; i++) {
		struct str p = args->v[i].text;

		if (p.n == 0 && ld->c->ver.n >= VER(8, 7)) {
			struct diag *d = load_diag(ld, DIAG_NO_ARGUMENT, DIAG_COUNTED);

			load_msg(ld, d, "keyword %.*s empty argument", STR_ARG(ld->word));
			c->block[ld->block].bad = true;
			break;
		}
		if (p.n == 0)
			break;
		MEM_GROW(c->pat, c->cap_pat, c->n_pat + 1);
		/* The line's own bytes live as long as the source; pieces joined by the splitter do not. */
		c->pat[c->n_pat++] = p.p >= ld->text.p && p.p < ld->text.p + ld->text.n ? p : arena_str(&c->arena, p);
	}
	b = &c->block[ld->block];
	b->n_pat = (uint32_t)c->n_pat - b->first_pat;
	b->n_computed = load_computed(ld, b);
	if (args->n > 0 && !b->bad)
		load_read(ld, (size_t)args->v[args->n - 1].off + args->v[args->n - 1].len);
}

/* One Match line being read. */
struct match_line {
	struct load *ld;
	struct args args;
	size_t i;	 /* next token */
	size_t end;	 /* of the last one of a criterion, in the line */
	unsigned n_crit; /* criteria so far */
	bool failed;	 /* by then known to be refused */
	bool done;	 /* nothing more is read */
	char *why;	 /* OpenSSH's first message */
	bool why_placed; /* with file and line in front */
};

static bool
is_comment(const struct match_line *m, struct str s)
{
	return s.n > 0 && s.p[0] == '#' && m->ld->c->ver.n >= VER(8, 7);
}

static void
match_fail(struct match_line *m, struct str why, bool placed)
{
	struct load *ld = m->ld;
	bool server = ld->c->side == KW_SERVER;
	/* readconf.c counts it since 8.5. */
	struct diag *d = load_diag(ld, DIAG_BAD_MATCH, server || ld->c->ver.n < VER(8, 5) ? DIAG_FATAL : DIAG_COUNTED);

	d->word = arena_str(&ld->c->arena, why);
	if (placed && !server)
		load_msg(ld, d, "%.*s", STR_ARG(why));
	else
		load_msg_bare(ld, d, "%.*s", STR_ARG(why));
	load_msg(ld, d, "Bad Match condition");
	m->failed = true;
	m->done = true;
}

/* The next word, or the empty one when there is none. */
static struct arg
match_next(struct match_line *m)
{
	if (m->i < m->args.n)
		return m->args.v[m->i++];
	return (struct arg){ 0 };
}

/* Checks that OpenSSH makes of an argument when it reads the line. */
static void
match_check(struct match_line *m, const struct crit_row *r, struct str arg)
{
	struct load *ld = m->ld;

	if ((r->kind == CRIT_ADDRESS || r->kind == CRIT_LOCALADDRESS) && ld->c->ver.n >= VER(8, 4) &&
	    !addr_list_ok(arg, false)) {
		struct diag *d = load_diag(ld, DIAG_BAD_MATCH, DIAG_FATAL);

		d->word = arena_str(&ld->c->arena, arg);
		load_msg_bare(ld, d, "Invalid Match %s argument '%.*s' at line %u", r->name, STR_ARG(arg), ld->no);
		m->failed = m->done = true;
	} else if (r->kind == CRIT_LOCALNETWORK && !addr_list_ok(arg, true)) {
		match_fail(m, arena_printf(ld->scratch, "Invalid network entry \"%.*s\"", STR_ARG(arg)), false);
	} else if (r->kind == CRIT_LOCALPORT && port_number(arg, ld->c->ver) < 0) {
		match_fail(m, arena_printf(ld->scratch, "Invalid LocalPort '%.*s' on Match line", STR_ARG(arg)), false);
	}
}

/* ssh expands the command before it knows whether it must run; a token it does not know ends it. */
static void
exec_tokens(struct match_line *m, struct str arg)
{
	static const struct {
		char letter;
		int since;
	} known[] = {
		{ '%', 0 },
		{ 'h', 0 },
		{ 'n', 0 },
		{ 'p', 0 },
		{ 'r', 0 },
		{ 'u', 0 },
		{ 'd', 0 },
		{ 'l', 0 },
		{ 'L', 0 },
		{ 'i', VER(7, 8) },
		{ 'C', VER(8, 3) },
		{ 'k', VER(8, 4) },
		{ 'j', VER(9, 6) },
	};
	struct load *ld = m->ld;

	for (size_t at = str_chr(arg, '%', 0); at != SIZE_MAX; at = str_chr(arg, '%', at + 2)) {
		char c = at + 1 < arg.n ? arg.p[at + 1] : '\0';
		size_t k = 0;
		struct diag *d;

		while (
		    k < sizeof(known) / sizeof(known[0]) && !(known[k].letter == c && ld->c->ver.n >= known[k].since))
			k++;
		if (k < sizeof(known) / sizeof(known[0]))
			continue;
		d = load_diag(ld, DIAG_BAD_MATCH, DIAG_FATAL);
		d->word = arena_str(&ld->c->arena, arg);
		if (c == '\0')
			load_msg_bare(ld, d, "vdollar_percent_expand: invalid format\npercent_expand: failed");
		else
			load_msg_bare(ld, d, "vdollar_percent_expand: unknown key %%%c\npercent_expand: failed", c);
		m->failed = m->done = true;
		return;
	}
}

static void
match_add(struct match_line *m, const struct crit_row *r, bool negated, struct str arg, uint32_t off)
{
	struct conf *c = m->ld->c;

	if (r->kind == CRIT_FINAL && (!negated || c->ver.n < VER(10, 1)))
		c->final_asked = true;
	if (r->kind == CRIT_EXEC)
		c->has_exec = true;
	MEM_GROW(c->crit, c->cap_crit, c->n_crit + 1);
	c->crit[c->n_crit++] = (struct crit){
		.kind = (uint8_t)r->kind, .negated = negated, .arg = arena_str(&c->arena, arg), .col = off + 1
	};
}

static void
match_all(struct match_line *m, const struct crit_row *r, struct str shown, bool negated, struct arg all)
{
	bool client = m->ld->c->side == KW_CLIENT;
	unsigned may = client && m->ld->c->ver.n >= VER(6, 8) ? 1 : 0;
	struct arg next = match_next(m);

	if (m->n_crit > may || (next.text.n > 0 && !is_comment(m, next.text))) {
		match_fail(m,
		    arena_printf(
			m->ld->scratch, "'%.*s' cannot be combined with other Match attributes", STR_ARG(shown)),
		    true);
		return;
	}
	if (next.text.n > 0)
		m->i = m->args.n;
	m->end = all.off + all.len;
	match_add(m, r, negated, (struct str){ 0 }, all.off);
	m->n_crit++;
	m->done = true;
}

static void
match_criterion(struct match_line *m)
{
	struct load *ld = m->ld;
	struct arg t = match_next(m), arg = { 0 };
	struct str word = t.text, shown = t.text;
	bool negated = false, client = ld->c->side == KW_CLIENT;
	const struct crit_row *r;

	if (word.n == 0 || is_comment(m, word)) {
		m->done = true;
		if (word.n > 0)
			m->i = m->args.n;
		return;
	}
	if (client && ld->c->ver.n >= VER(6, 8) && word.p[0] == '!') {
		negated = true;
		word = str_from(word, 1);
	}
	r = crit_find(word, ld->c->side, ld->c->ver);
	if (r != NULL && r->kind == CRIT_ALL) {
		match_all(m, r, client ? shown : STR("all"), negated, t);
		return;
	}
	m->n_crit++;
	if (r == NULL || !r->bare) {
		bool empty_ok = r != NULL && ld->c->ver.n >= VER(10, 0) && m->i < m->args.n &&
		    (r->kind == CRIT_TAGGED || r->kind == CRIT_COMMAND);

		arg = match_next(m);
		if ((arg.text.n == 0 && !empty_ok) || is_comment(m, arg.text)) {
			match_fail(
			    m, arena_printf(ld->scratch, "Missing Match criteria for %.*s", STR_ARG(word)), false);
			return;
		}
	}
	if (r == NULL) {
		match_fail(m, arena_printf(ld->scratch, "Unsupported Match attribute %.*s", STR_ARG(word)), false);
		return;
	}
	match_check(m, r, arg.text);
	if (r->kind == CRIT_EXEC)
		exec_tokens(m, arg.text);
	m->end = arg.len > 0 ? arg.off + arg.len : t.off + t.len;
	if (!m->failed)
		match_add(m, r, negated, arg.text, t.off);
}

void
load_match(struct load *ld, size_t rest_off)
{
	struct conf *c = ld->c;
	struct match_line m = { .ld = ld };
	struct block *b;

	split_match(ld->scratch, ld->text, rest_off, c->side, c->ver, &m.args);
	ld->block = load_block(ld, BLOCK_MATCH, ld->parent);
	c->block[ld->block].first_crit = (uint32_t)c->n_crit;
	if (m.args.bad_quotes)
		m.failed = m.done = true; /* said by the caller */
	while (!m.done)
		match_criterion(&m);
	if (!m.failed && m.n_crit == 0)
		match_fail(&m, STR("One or more attributes required for Match"), false);
	/* Words behind the place where the criteria ended. */
	if (!m.failed && m.i < m.args.n && c->ver.n >= VER(8, 7)) {
		struct diag *d = load_diag(ld, DIAG_EXTRA_ARGUMENTS, DIAG_COUNTED);

		load_msg(ld, d, "keyword %.*s extra arguments at end of line", STR_ARG(ld->word));
	}
	b = &c->block[ld->block];
	b->n_crit = (uint32_t)c->n_crit - b->first_crit;
	b->bad = m.failed;
	if (m.end > 0 && !m.failed)
		load_read(ld, m.end);
}
