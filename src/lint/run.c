/* SPDX-License-Identifier: MIT */
/* One file of a tree against the rules. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lint/fix.h"
#include "lint/hide.h"
#include "lint/system.h"
#include "report/json.h"
#include "rule/fingerprint.h"
#include "rule/quote.h"

/* The file that is judged. */
struct job {
	struct lint *l;
	const struct tree_what *what;
	struct str shown;
	struct conf conf;
	struct conf_use use;
	struct arena *a;	   /* of the file */
	struct arena *row_a;	   /* of one row */
	struct str main;	   /* lint_main_of() of a part; "" */
	bool partial;		   /* what is not there may stand elsewhere: a part of a config, a template */
	bool silent;		   /* the same, or in the system's config behind it */
	bool unbacked;		   /* what the system's config behind it sets is not known */
	bool followed;		   /* all that it includes was read */
	bool apart;		   /* see stands_apart() */
	size_t n_own;		   /* sources of the config itself; the system's stand behind them */
	struct waiting waiting;	   /* passed over while rows are judged */
	struct lint_locked locked; /* what the system's config behind it locks */
};

/* What any machine would see: no user, no addresses. */
static const struct client_env client_env = { .home = { "~", 1 }, .version_text = { "OpenSSH", 7 } };

/* How much a finding speaks of what is not there. */
enum absence {
	PRESENT,
	OFF,	/* of a line that needs another keyword, which is off because no line sets it */
	ABSENT, /* no line decides, or the cure sets only what no line sets */
};

static enum absence
absence_of(const struct finding *f, const struct effective *ev)
{
	size_t n, defaults = 0, off = 0;

	(void)kw_table(f->side, &n);
	if (f->at.line == 0)
		return ABSENT;
	for (size_t i = 0; i < f->n_fix; i++) {
		unsigned row = kw_find_any(f->side, f->fix[i].keyword);

		if (f->fix[i].remove || row >= n || ev->v[row].state != EFF_DEFAULT)
			continue;
		defaults++;
		off += ev->v[row].num == 0;
	}
	if (f->n_fix > 0 && defaults == f->n_fix)
		return ABSENT;
	return off > 0 ? OFF : PRESENT;
}

static bool
is_open(const struct job *j, const struct lint_row *r)
{
	/* which values are refused together is told when all of them are there */
	bool own = r->ev.refused_own && (j->waiting.n == 0 || j->waiting.all);

	return (!r->ev.refused || own) && r->judgement.verdict != VERDICT_NOT_JUDGED;
}

static void
client_values(struct job *j, struct arena *a, const struct target *who, enum eff_losers which, struct effective *ret)
{
	eff_client(a, &j->conf, who, &client_env, which, ret);
	if (j->waiting.n > 0)
		waiting_blank(&j->waiting, ret);
}

static void
server_values(struct job *j, const struct server_spec *spec, enum eff_losers which, struct effective *ret)
{
	eff_server(j->row_a, &j->conf, spec, which, ret);
	if (j->waiting.n > 0)
		waiting_blank(&j->waiting, ret);
}

/* What the rules for rows say; what is absent counts for less, and in a part of a config not at all. */
static void
find_row(struct job *j, const struct lint_row *r)
{
	struct lint *l = j->l;
	struct rule_row in = { .side = j->what->side,
		.host = r->target.shown,
		.named = r->target.at,
		.kind = r->target.kind,
		.path = &r->path,
		.judgement = &r->judgement,
		.policy = r->policy,
		.lint = true,
		.part = j->what->kind != TREE_MAIN,
		.declared = r->setting != NULL || lint_declared(l, &l->file),
		.client_ver = l->ver,
		.server_ver = l->ver };
	size_t first = l->fresh.n, n = first;

	/* what a part comes to, the other parts decide; what a template may change is no refusal */
	if (!is_open(j, r) || (r->ev.refused && j->what->kind != TREE_MAIN))
		return;
	if (in.side == KW_CLIENT) {
		const struct eff *jump = eff_get(&r->ev, KW_ID_PROXYJUMP);

		in.client = &r->ev;
		in.jump_fault = r->jump_fault;
		in.has_jump = jump->state == EFF_SET && jump->text.n > 0 && !str_ieqc(jump->text, "none");
	} else {
		in.server = &r->ev;
	}
	ruleset_row(&l->s.rules, j->a, &in, &l->fresh);
	for (size_t i = first; i < l->fresh.n; i++) {
		struct finding *f = &l->fresh.v[i];
		enum absence absent = absence_of(f, &r->ev);

		if (absent != PRESENT && j->silent)
			continue;
		if (absent == ABSENT && !in.declared)
			f->level = LEVEL_NOTE;
		l->fresh.v[n++] = *f;
	}
	l->fresh.n = n;
}

static void
find_lines(struct job *j)
{
	struct rule_lines in = { .conf = &j->conf, .use = &j->use, .lint = true, .unread_by = j->main };

	/* a config with rows that are accepted, and none that is not, has nothing that waits */
	if (!j->waiting.all || j->use.refused)
		in.waiting = &j->waiting;
	use_certain(j->a, &j->use);
	ruleset_lines(&j->l->s.rules, j->a, &in, &j->l->fresh);
}

/* Can rows make a difference?  In a part of a config only when some rule has a line of it to speak of. */
static bool
needs_rows(const struct job *j)
{
	const struct conf *c = &j->conf;
	bool seen[KW_ROWS_MAX] = { false };

	if (j->what->kind == TREE_MAIN)
		return true;
	for (size_t i = 0; i < c->n_set; i++) {
		unsigned row = c->set[i].row;

		/* of two lines of a keyword one may never win */
		if (j->l->speaks[c->side][row] || (seen[row] && kw_one_wins(kw_row(c->side, row))))
			return true;
		seen[row] = true;
	}
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].ignorable)
			return true;
	return false;
}

/* A finding in an included file is chosen by what settings say of that file. */
static bool
is_kept(struct job *j, struct finding *f)
{
	if (f->file.n == 0 || str_eq(f->file, j->shown) || j->l->s.settings.n_files == 0)
		return session_kept(&j->l->s, &j->l->file, f);
	return session_kept(&j->l->s, lint_file_setting(j->l, f->file), f);
}

/* The lines of the system's config are judged by themselves, and serve other users, too. */
static void
drop_system(struct job *j)
{
	struct findings *f = &j->l->fresh;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].at.line == 0 || f->v[i].at.src < j->n_own)
			f->v[n++] = f->v[i];
		else
			free(f->v[i].row);
	f->n = n;
}

/* Is it in a file that was named?  What is about a config as a whole has no file. */
static bool
is_named(const struct lint *l, const struct finding *f)
{
	return f->file.n > 0 && strset_has(&l->named, f->file);
}

/*
 * Does a config that stands in for named files keep them waiting for the refused line of a file that was not named?  Then
 * what they say by themselves is all that there is.
 */
static bool
stands_apart(const struct job *j, const struct lint_place *p)
{
	const struct lint *l = j->l;
	const struct waiting *w = &j->waiting;
	bool named = false, others = w->n > WAITING_LINES;

	if (!l->stand_in || w->n == 0 || w->what.n == 0)
		return false;
	for (size_t i = 0; i < p->n_included && !named; i++)
		named = strset_has(&l->named, p->included[i]);
	for (size_t i = 0; i < w->n && !others; i++)
		others = !strset_has(&l->named, j->conf.src[j->conf.diag[w->diag[i]].src].shown);
	return named && others;
}

/* Is the finding told?  Of files that were not named only that the named ones wait for them. */
static bool
is_told(struct job *j, struct finding *f)
{
	const struct lint *l = j->l;

	return is_kept(j, f) && (!l->stand_in || is_named(l, f) || (j->apart && lint_rule_asks(f, "line.waits")));
}

static void
keep_all(struct job *j)
{
	struct lint *l = j->l;
	const size_t n_src = j->conf.n_src;
	size_t n = 0, room;
	struct str file;

	drop_system(j);
	/* those of the system's config are asked when that is judged */
	j->conf.n_src = j->n_own;
	lint_comments(l, &j->conf, j->silent);
	j->conf.n_src = n_src;
	for (size_t i = 0; i < l->fresh.n; i++)
		if (is_told(j, &l->fresh.v[i]))
			l->fresh.v[n++] = l->fresh.v[i];
		else
			free(l->fresh.v[i].row);
	l->fresh.n = n;
	if (n == 0)
		return;
	findings_settle(j->a, &l->fresh);
	for (room = lint_room(l, j->shown, l->fresh.n); l->fresh.n > room; l->fresh.n--)
		free(l->fresh.v[l->fresh.n - 1].row);
	file = arena_str(l->s.arena, j->shown);
	fingerprints_mark(l->s.arena, &l->fresh, file, &l->naming);
	findings_quote(l->s.arena, &l->fresh);
	for (size_t i = 0; i < l->fresh.n; i++) {
		lint_keep_copy(l, file, j->what->kind, &l->fresh.v[i]);
		free(l->fresh.v[i].row);
	}
}

static void
keep_included(struct job *j, const struct lint_place *p)
{
	struct lint *l = j->l;
	struct arena *a = l->s.arena;

	if (j->followed)
		(void)strset_add(&l->mains, a, j->shown);
	for (size_t i = 0; i < p->n_included; i++) {
		if (str_eq(p->included[i], j->shown))
			continue;
		if (j->what->kind == TREE_MAIN) {
			(void)strset_add(j->apart ? &l->apart : &l->by_main, a, p->included[i]);
			continue;
		}
		MEM_GROW(l->pair, l->cap_pair, l->n_pair + 1);
		l->pair[l->n_pair++] =
		    (struct lint_pair){ .file = arena_str(a, p->included[i]), .by = arena_str(a, j->shown) };
	}
}

/* A row of a whole config, for JSON: written now, because its memory is used again for the next one. */
static void
print_row(struct job *j, const struct lint_row *r)
{
	const struct session_case as_case = { .ev = (struct effective *)(uintptr_t)&r->ev,
		.jump_fault = r->jump_fault };
	struct report_host h = { .side = j->what->side,
		.kind = r->target.kind,
		.shown = r->target.shown,
		.ev = &r->ev,
		.path = &r->path,
		.j = &r->judgement,
		.policy = r->policy };

	h.decides = session_decides(&as_case, j->what->side);
	report_json_lint_host(&h, j->shown, &j->l->hosts);
}

static void
follow_jumps(struct job *j, struct lint_row *r)
{
	if (j->what->side == KW_CLIENT)
		r->jump_fault = eff_jump_fault(j->row_a, &j->conf, &r->ev, &client_env);
}

/* What the rules say of a row whose values are known. */
static void
find_or_recall(struct job *j, struct lint_row *r)
{
	struct lint *l = j->l;
	size_t first = l->fresh.n;

	follow_jumps(j, r);
	/* the jump hosts of another file are others */
	if (r->jump_fault.n > 0)
		buf_clear(&l->memo.key);
	else if (lint_memo_find(l, j->a, r, j->what->side, j->silent))
		return;
	lint_judge_row(j->l, j->row_a, r, j->what->side);
	find_row(j, r);
	lint_memo_learn(l, r, l->fresh.n > first ? l->fresh.v + first : NULL, l->fresh.n - first);
}

/* The row as OpenSSH has it now: refused. */
static void
print_refused(struct job *j, const struct lint_row *judged)
{
	struct lint_row r = { .target = judged->target, .spec = judged->spec };
	struct target who = eff_row_target(&r.target);

	who.region = r.target.region;
	waiting_restore(&j->waiting, &j->conf);
	if (j->what->side == KW_CLIENT)
		eff_client(j->row_a, &j->conf, &who, &client_env, EFF_LOSERS_NONE, &r.ev);
	else
		eff_server(j->row_a, &j->conf, &r.spec, EFF_LOSERS_NONE, &r.ev);
	follow_jumps(j, &r);
	lint_judge_row(j->l, j->row_a, &r, j->what->side);
	print_row(j, &r);
	waiting_pass(&j->waiting, &j->conf);
}

/* The row as far as it is known: what no line of the config sets, the system's may. */
static void
print_unbacked(struct job *j, const struct lint_row *judged)
{
	struct lint_row r = *judged;
	size_t n;

	(void)kw_table(j->what->side, &n);
	if (r.ev.refused) {
		print_row(j, judged);
		return;
	}
	r.ev.v = ARENA_ARRAY(j->row_a, struct eff, n);
	memcpy(r.ev.v, judged->ev.v, n * sizeof *r.ev.v);
	for (size_t i = 0; i < n; i++)
		if (r.ev.v[i].state == EFF_DEFAULT)
			r.ev.v[i] = (struct eff){ .state = EFF_UNKNOWN,
				.set = UINT32_MAX,
				.reason = "the system's config behind this one is not known" };
	lint_judge_row(j->l, j->row_a, &r, j->what->side);
	print_row(j, &r);
}

/* The same, and for JSON the row itself. */
static void
take_row(struct job *j, struct lint_row *r)
{
	if (j->l->want_hosts && j->what->kind == TREE_MAIN) {
		follow_jumps(j, r);
		lint_judge_row(j->l, j->row_a, r, j->what->side);
		find_row(j, r);
		if (j->waiting.n > 0 && !j->waiting.all)
			print_refused(j, r);
		else if (j->unbacked)
			print_unbacked(j, r);
		else
			print_row(j, r);
	} else {
		find_or_recall(j, r);
	}
	arena_reset(j->row_a);
}

/* Hosts of a long file whose values are equal and whose names say the same: judged once. */
struct group {
	const uint32_t *word; /* the key, of brief_of() */
	size_t n_word;
	uint64_t hash, name;
	enum target_kind kind;
	const struct host_setting *setting;
	struct effective *ev;
	struct lint_found *v; /* what was found for the first of them */
	struct placed {
		uint32_t set; /* where it stood last ... */
		size_t at;    /* ... and that finding, in l->fresh */
	} * placed;
	size_t n;
	bool usable; /* the others have the same findings, each at its own lines */
	struct group *next;
};

enum { MANY_ROWS = 32, GROUP_BUCKETS = 1024, GROUPS_MAX = 8192, GROUPS_BYTES = 1 << 28 };

struct groups {
	struct job *j;
	struct brief *brief;
	struct group *bucket[GROUP_BUCKETS];
	size_t n, total_bytes; /* of them, and of j->a before; see is_room() */
};

/* Findings from first on are those of row i alone. */
static void
number_rows(struct lint *l, size_t first, uint32_t i)
{
	for (; first < l->fresh.n; first++) {
		struct finding *f = &l->fresh.v[first];

		MEM_GROW(f->row, f->cap_row, 1);
		f->row[0] = i;
		f->n_row = 1;
	}
}

static struct group *
find_group(struct groups *g, const struct brief_row *own, const struct target_row *t, struct group *ret_new)
{
	const struct lint *l = g->j->l;
	struct group key = { .word = own->word, .n_word = own->n, .kind = t->kind };
	struct group *at;

	key.name = names_class(l->memo.names, own->hostname);
	key.hash = own->hash ^ key.name * 0x9e3779b97f4a7c15u;
	key.setting = l->s.settings.n_host > 0 ? settings_host(&l->s.settings, t->shown) : NULL;
	*ret_new = key;
	for (at = g->bucket[key.hash % GROUP_BUCKETS]; at != NULL; at = at->next)
		if (at->hash == key.hash && at->name == key.name && at->kind == key.kind &&
		    at->setting == key.setting && at->n_word == key.n_word &&
		    memcmp(at->word, key.word, key.n_word * sizeof *key.word) == 0)
			return at;
	return NULL;
}

/* Rows that are like no other are kept only so far. */
static bool
is_room(const struct groups *g)
{
	return g->n < GROUPS_MAX && g->j->a->total - g->total_bytes < GROUPS_BYTES;
}

/* The first row of a group: what was found for it serves the others.  Not kept: x->ev lives as long as the row. */
static void
start_group(struct groups *g, struct group *x, const struct target_row *t, uint32_t i, bool kept)
{
	struct job *j = g->j;
	struct lint *l = j->l;
	struct lint_row r = { .target = *t };
	struct target who = eff_row_target(t);
	size_t first = l->fresh.n;
	struct arena *a = kept ? j->a : j->row_a;
	uint32_t *word;

	x->ev = ARENA_NEW(a, struct effective);
	client_values(j, a, &who, EFF_LOSERS_NONE, x->ev);
	r.ev = *x->ev;
	use_add_key(j->a, &j->use, x->ev);
	find_or_recall(j, &r);
	if (!kept) {
		number_rows(l, first, i);
		return;
	}
	g->n++;
	word = ARENA_ARRAY(j->a, uint32_t, x->n_word + 1);
	memcpy(word, x->word, x->n_word * sizeof *word);
	x->word = word;
	x->n = l->fresh.n - first;
	x->v = ARENA_ARRAY(j->a, struct lint_found, x->n + 1);
	x->placed = ARENA_ARRAY(j->a, struct placed, x->n + 1);
	x->usable = l->memo.usable[KW_CLIENT];
	for (size_t k = 0; k < x->n && x->usable; k++) {
		x->usable = lint_found_of(j->a, &r, &l->fresh.v[first + k], &x->v[k]);
		x->placed[k].at = first + k;
		x->placed[k].set = x->v[k].place != KW_UNKNOWN ? brief_winner(g->brief, x->v[k].place) : UINT32_MAX;
	}
	number_rows(l, first, i);
	x->next = g->bucket[x->hash % GROUP_BUCKETS];
	g->bucket[x->hash % GROUP_BUCKETS] = x;
}

/* Another row of a group. */
static void
join_group(struct groups *g, struct group *x, uint32_t i)
{
	struct job *j = g->j;
	struct findings *fresh = &j->l->fresh;

	for (size_t k = 0; k < x->n; k++) {
		unsigned place = x->v[k].place;
		uint32_t set = place != KW_UNKNOWN ? brief_winner(g->brief, place) : UINT32_MAX;
		struct finding *f;

		if (set != x->placed[k].set) {
			MEM_GROW(fresh->v, fresh->cap, fresh->n + 1);
			f = &fresh->v[fresh->n];
			*f = x->v[k].found;
			f->conf = &j->conf;
			f->at = conf_line_span(&j->conf, j->conf.set[set].src, j->conf.set[set].line);
			f->file = j->conf.src[f->at.src].shown;
			f->order = (uint32_t)fresh->n;
			x->placed[k] = (struct placed){ .set = set, .at = fresh->n++ };
		}
		f = &fresh->v[x->placed[k].at];
		MEM_GROW(f->row, f->cap_row, f->n_row + 1);
		f->row[f->n_row++] = i;
	}
}

/* A row that shares nothing.  traced: its lines count as used by way of the trace. */
static void
lone_row(struct job *j, const struct target_row *t, bool traced, uint32_t i)
{
	struct target who = eff_row_target(t);
	struct lint_row r = { .target = *t };
	size_t first = j->l->fresh.n;

	client_values(j, j->row_a, &who, traced ? EFF_LOSERS_ACTIVE_WIDE : EFF_LOSERS_NONE, &r.ev);
	if (traced)
		use_add(j->a, &j->use, &r.ev);
	find_or_recall(j, &r);
	number_rows(j->l, first, i);
	arena_reset(j->row_a);
}

static struct str
row_name(const void *ctx, uint32_t row)
{
	const struct target_row *t = ctx;

	return t[row].shown;
}

/* Whom only the system's config names is judged with that. */
static bool
is_own_row(const struct job *j, const struct target_row *t)
{
	return t->at.line == 0 || t->at.src < j->n_own;
}

/* Tracing one host reads every block, so a long file is read host by host only as far as its blocks matter. */
static void
many_rows(struct job *j, const struct target_row *t, size_t n)
{
	struct groups *g = ARENA_NEW(j->a, struct groups);

	g->j = j;
	g->total_bytes = j->a->total;
	g->brief = brief_new(j->a, &j->conf, &client_env, j->l->speaks[KW_CLIENT], true);
	j->l->fresh.row_name = row_name;
	j->l->fresh.row_ctx = t;
	for (uint32_t i = 0; i < n; i++) {
		struct target who = eff_row_target(&t[i]);
		struct brief_row own;
		struct group made, *x;

		if (!lint_work_left(j->l, &j->conf)) {
			lint_cut_rows(j->l, &j->use, j->shown, i, n);
			break;
		}
		if (!is_own_row(j, &t[i]) || !lint_is_host(j->l, &j->conf, &t[i]))
			continue;
		brief_of(g->brief, &who, &own);
		if (own.own) {
			lone_row(j, &t[i], true, i);
			continue;
		}
		x = find_group(g, &own, &t[i], &made);
		if (x == NULL) {
			bool kept = is_room(g);

			x = ARENA_NEW(kept ? j->a : j->row_a, struct group);
			*x = made;
			start_group(g, x, &t[i], i, kept);
		} else if (x->usable) {
			join_group(g, x, i);
		} else {
			lone_row(j, &t[i], false, i);
		}
		brief_use(g->brief, &j->use, x->ev);
		arena_reset(j->row_a);
	}
	brief_release(g->brief);
}

static void
client_rows(struct job *j)
{
	struct target_row *t = NULL;
	size_t n = 0;

	eff_client_targets_all(j->a, &j->conf, &t, &n);
	if (n > MANY_ROWS && !j->l->want_hosts && j->conf.n_region == 0) {
		many_rows(j, t, n);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct target who = eff_row_target(&t[i]);
		struct lint_row r = { .target = t[i] };

		if (!lint_work_left(j->l, &j->conf)) {
			lint_cut_rows(j->l, &j->use, j->shown, i, n);
			break;
		}
		if (!is_own_row(j, &t[i]) || !lint_is_host(j->l, &j->conf, &t[i]))
			continue;
		client_values(j, j->row_a, &who, EFF_LOSERS_ACTIVE_WIDE, &r.ev);
		use_add(j->a, &j->use, &r.ev);
		/* which lines win is asked without its region: elsewhere others may */
		if (t[i].region != 0) {
			who.region = t[i].region;
			client_values(j, j->row_a, &who, EFF_LOSERS_NONE, &r.ev);
		}
		take_row(j, &r);
	}
}

static void
server_rows(struct job *j)
{
	struct server_row *v = NULL;
	size_t n = 0;

	eff_server_targets(j->a, &j->conf, &v, &n);
	for (size_t i = 0; i < n; i++) {
		struct lint_row r = { .spec = v[i].spec };

		if (!lint_work_left(j->l, &j->conf)) {
			lint_cut_rows(j->l, &j->use, j->shown, i, n);
			break;
		}
		if (!v[i].possible)
			continue;
		r.target = (struct target_row){ .kind = i == 0 ? TARGET_DEFAULT : TARGET_PATTERN,
			.shown = v[i].shown,
			.at = v[i].at,
			.possible = true };
		r.spec.region = 0;
		server_values(j, &r.spec, EFF_LOSERS_ACTIVE_WIDE, &r.ev);
		use_add(j->a, &j->use, &r.ev);
		if (v[i].spec.region != 0) {
			r.spec.region = v[i].spec.region;
			server_values(j, &r.spec, EFF_LOSERS_NONE, &r.ev);
		}
		take_row(j, &r);
	}
}

/* found: the first of this file's findings among those that are kept. */
static void
plan_fixes(struct job *j, const struct conf_opts *o, struct str path, size_t found)
{
	const struct lint_view v = { .conf = &j->conf,
		.opts = o,
		.use = &j->use,
		.env = &client_env,
		.kind = j->what->kind,
		.partial = j->partial,
		.n_own = j->n_own,
		.path = path,
		.shown = j->shown,
		.a = j->a,
		.finding = j->l->fresh.v,
		.kept = j->l->found.n > found ? j->l->found.v + found : NULL,
		.n = j->l->fresh.n };

	lint_fix_judged(j->l, &v);
}

/* The text of the file, as far as fixes of other files left it, and what surrounds it: place, j->conf, how much is known. */
static void
read_config(struct job *j, struct conf_opts *o, struct lint_place *place, struct str path, struct str bytes)
{
	struct lint *l = j->l;
	const struct tree_what *what = j->what;
	char real[LINT_PATH];
	struct err e = { 0 };

	if (l->fix != NULL && tree_resolve(&l->tree, place->root, path, false, real) == TREE_FOUND)
		(void)lint_fix_planned(&l->tree, str_c(real), &bytes);
	lint_template(&l->tree, j->a, path, &bytes, &o->marks);
	/* that nothing reads a backup, or what is no config, is as it should be */
	if (j->partial && !tree_name_aside(str_base(path)) &&
	    tree_by_content_of(what->side, str_head(bytes, TREE_HEAD), o->marks))
		j->main = lint_main_of(j->shown);
	j->partial |= o->marks != NULL;
	conf_init(&j->conf, o);
	j->conf.work_max = lint_work_max(l);
	j->conf.stop = &l->watch.expired;
	if (conf_add_bytes(&j->conf, o, j->shown, bytes,
		what->side == KW_SERVER ? SOURCE_SERVER :
		    what->system	? SOURCE_SYSTEM :
					  SOURCE_USER,
		&e) != SK_OK)
		lint_failed(l, (struct str){ 0 }, e.msg);
	j->n_own = j->conf.n_src;
	j->silent = j->partial;
	j->followed = !j->partial && !j->conf.capped && j->conf.n_opaque == 0 && place->unmapped.n == 0 &&
	    !place->outside && !place->elsewhere;
	if (!j->conf.capped && what->kind == TREE_MAIN && what->side == KW_CLIENT && !what->system)
		j->unbacked = lint_system_add(l, place, o, &j->conf, &j->locked) == LINT_SYSTEM_UNKNOWN;
	j->silent |= j->unbacked;
	if (place->unread_errno != 0)
		lint_failed(l, place->unread, strerror(place->unread_errno));
}

/* What the rules find in it, in l->fresh. */
static void
judge_config(struct job *j)
{
	struct lint *l = j->l;

	lint_pass_words(l, &j->conf, j->silent);
	l->fresh.n = 0;
	l->fresh.row_name = NULL;
	use_init(j->a, &j->conf, &j->use);
	waiting_of(j->a, &j->conf, &j->waiting);
	waiting_pass(&j->waiting, &j->conf);
	if (needs_rows(j) && j->what->side == KW_CLIENT)
		client_rows(j);
	else if (needs_rows(j))
		server_rows(j);
	waiting_restore(&j->waiting, &j->conf);
	find_lines(j);
	lint_system_locked(l, j->a, &j->conf, &j->locked);
}

void
lint_judge(struct lint *l, struct str path, const struct tree_what *what, struct str bytes)
{
	struct arena *a = &l->file_arena;
	struct job j = { .l = l, .what = what, .a = a, .row_a = &l->row_arena, .locked.set = UINT32_MAX };
	struct lint_place place;
	struct loader loader;
	struct conf_opts o = { .side = what->side, .loader = &loader, .home = STR("~"), .etc_ssh = STR("/etc/ssh") };
	size_t first;

	j.partial = what->kind != TREE_MAIN;
	j.shown = arena_printf(a, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	if (l->check_seen && !l->stand_in && !strset_add(&l->seen, l->s.arena, j.shown)) {
		arena_reset(a);
		return;
	}
	l->n_config += !l->stand_in;
	lint_watch_file(&l->watch, j.shown, STR(""));
	l->file = *lint_file_setting(l, j.shown);
	l->ver = o.ver = lint_ver(l, &l->file);
	lint_place_init(&place, &l->tree, path, a);
	place.budget = &l->budget;
	lint_loader_init(&place, &loader);
	read_config(&j, &o, &place, path, bytes);
	first = l->found.n;
	judge_config(&j);
	j.apart = stands_apart(&j, &place);
	keep_all(&j);
	keep_included(&j, &place);
	if (l->fix != NULL && !l->watch.expired)
		plan_fixes(&j, &o, path, first);
	lint_place_release(&place);
	lint_work_done(l, &j.conf);
	conf_release(&j.conf);
	arena_reset(a);
}
