/* SPDX-License-Identifier: MIT */
/* One file of a tree against the rules. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cmd/lint.h"
#include "report/json.h"

/* The file that is judged. */
struct job {
	struct lint *l;
	const struct lint_what *what;
	struct str shown;
	struct conf conf;
	struct conf_use use;
	struct arena *a;     /* of the file */
	struct arena *row_a; /* of one row */
};

static const struct policy *
choose_policy(const struct lint *l, const struct lint_row *r, enum kw_side side)
{
	struct str name = l->o->policy;

	if (name.p == NULL && r->setting != NULL)
		name = r->setting->policy;
	if (name.p == NULL)
		name = l->s.settings.policy;
	if (name.p == NULL)
		name = side == KW_SERVER     ? STR("server") :
		    session_forwards(&r->ev) ? STR("tunnel") :
					       STR("interactive");
	return policy_find(&l->s.policies, name);
}

/* What was declared of the row's path; all of it was checked when the settings were read. */
static void
choose_path(struct job *j, const struct lint_row *r, struct path_opts *o)
{
	const struct lint *l = j->l;
	const struct settings *s = &l->s.settings;
	struct str boxes = l->o->network, id, timeout = l->o->path_timeout;
	double v;

	if (boxes.p == NULL)
		boxes = r->setting != NULL && r->setting->network.p != NULL ? r->setting->network : s->cross;
	if (timeout.p == NULL)
		timeout = r->setting != NULL && r->setting->path_timeout.p != NULL ? r->setting->path_timeout :
										     s->path_timeout;
	if (timeout.p != NULL && num_time(timeout, &v, NULL) == SK_OK) {
		o->declared = QTY(v);
		o->declared_given = true;
	}
	if (boxes.p != NULL) {
		const struct network **box = ARENA_ARRAY(j->row_a, const struct network *, boxes.n + 1);

		while (str_split(&boxes, ',', &id))
			if ((box[o->n_box] = network_find(&l->s.networks, str_trim(id))) != NULL)
				o->n_box++;
		o->box = box;
	}
}

static bool
is_declared(const struct lint *l, const struct lint_row *r)
{
	const struct settings *s = &l->s.settings;

	return l->o->policy.p != NULL || l->o->network.p != NULL || l->o->path_timeout.p != NULL ||
	    s->policy.p != NULL || s->cross.p != NULL || s->path_timeout.p != NULL || r->setting != NULL;
}

static void
judge_row(struct job *j, struct lint_row *r)
{
	struct lint *l = j->l;
	enum kw_side side = j->what->side;
	struct path_opts po = { .networks = &l->s.networks };
	struct judge_opts jo = {
		.path = &r->path, .client_ver = l->ver, .server_ver = l->ver, .side = side, .holds_sessions = true
	};

	r->setting = l->s.settings.n_host > 0 ? settings_host(&l->s.settings, r->target.shown) : NULL;
	r->policy = jo.policy = po.policy = choose_policy(l, r, side);
	choose_path(j, r, &po);
	path_of(j->row_a, &r->ev, &po, &r->path);
	if (side == KW_CLIENT) {
		jo.client = &r->ev;
		jo.holds_sessions = judge_holds_sessions(&r->ev, &jo.not_judged_why);
	} else {
		jo.server = &r->ev;
	}
	judge(j->row_a, &jo, &r->judgement);
}

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
is_open(const struct lint_row *r)
{
	return !r->ev.refused && r->judgement.verdict != VERDICT_NOT_JUDGED;
}

/* What the rules for rows say; what is absent counts for less, and in a part of a config not at all. */
static void
find_row(struct job *j, const struct lint_row *r)
{
	struct lint *l = j->l;
	struct rule_row in = { .side = j->what->side,
		.host = r->target.shown,
		.kind = r->target.kind,
		.path = &r->path,
		.judgement = &r->judgement,
		.policy = r->policy,
		.lint = true,
		.declared = is_declared(l, r),
		.client_ver = l->ver,
		.server_ver = l->ver };
	size_t first = l->fresh.n, n = first;

	if (!is_open(r))
		return;
	if (in.side == KW_CLIENT) {
		const struct eff *jump = eff_get(&r->ev, KW_ID_PROXYJUMP);

		in.client = &r->ev;
		in.has_jump = jump->state == EFF_SET && jump->text.n > 0 && !str_ieqc(jump->text, "none");
	} else {
		in.server = &r->ev;
	}
	ruleset_row(&l->s.rules, j->a, &in, &l->fresh);
	for (size_t i = first; i < l->fresh.n; i++) {
		struct finding *f = &l->fresh.v[i];
		enum absence absent = absence_of(f, &r->ev);

		if (absent != PRESENT && j->what->kind != LINT_MAIN)
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
	struct rule_lines in = { .conf = &j->conf, .use = &j->use, .lint = true };

	ruleset_lines(&j->l->s.rules, j->a, &in, &j->l->fresh);
}

/* Can rows make a difference?  In a part of a config only when some rule has a line of it to speak of. */
static bool
needs_rows(const struct job *j)
{
	const struct conf *c = &j->conf;

	if (j->what->kind == LINT_MAIN)
		return true;
	for (size_t i = 0; i < c->n_set; i++)
		if (j->l->speaks[c->side][c->set[i].row])
			return true;
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].ignorable)
			return true;
	return false;
}

static struct str *
keep_hosts(struct arena *a, const struct finding *f)
{
	struct str *host = ARENA_ARRAY(a, struct str, f->n_host + 1);

	for (size_t i = 0; i < f->n_host; i++)
		host[i] = arena_str(a, f->host[i]);
	return host;
}

static struct fix_item *
keep_fixes(struct arena *a, const struct finding *f)
{
	struct fix_item *fix = ARENA_ARRAY(a, struct fix_item, f->n_fix + 1);

	for (size_t i = 0; i < f->n_fix; i++) {
		fix[i] = f->fix[i];
		fix[i].keyword = arena_str(a, f->fix[i].keyword);
		fix[i].value = arena_str(a, f->fix[i].value);
	}
	return fix;
}

/* A finding outlives the file that it is about. */
static void
keep(struct lint *l, const struct finding *f, struct str file)
{
	struct arena *a = l->s.arena;
	struct finding *to;

	MEM_GROW(l->found.v, l->found.cap, l->found.n + 1);
	to = &l->found.v[l->found.n++];
	*to = *f;
	to->conf = NULL;
	/* what is absent is absent from the file as a whole */
	to->file = f->file.n > 0 && !str_eq(f->file, file) ? arena_str(a, f->file) : file;
	to->host = keep_hosts(a, f);
	to->message = arena_str(a, f->message);
	to->why = arena_str(a, f->why);
	to->advice = arena_str(a, f->advice);
	to->key = (struct str){ 0 };
	to->fix = keep_fixes(a, f);
}

static void
keep_all(struct job *j)
{
	struct lint *l = j->l;
	struct lint_unit u = { .kind = j->what->kind, .first = l->found.n };
	size_t n = 0;

	for (size_t i = 0; i < l->fresh.n; i++)
		if (session_kept(&l->s, &l->fresh.v[i]))
			l->fresh.v[n++] = l->fresh.v[i];
	l->fresh.n = n;
	if (n == 0)
		return;
	findings_settle(j->a, &l->fresh);
	u.file = arena_str(l->s.arena, j->shown);
	for (size_t i = 0; i < l->fresh.n; i++)
		keep(l, &l->fresh.v[i], u.file);
	u.n = l->found.n - u.first;
	MEM_GROW(l->unit, l->cap_unit, l->n_unit + 1);
	l->unit[l->n_unit++] = u;
}

static void
keep_included(struct job *j, const struct lint_place *p)
{
	struct lint *l = j->l;
	struct arena *a = l->s.arena;

	for (size_t i = 0; i < p->n_included; i++) {
		if (str_eq(p->included[i], j->shown))
			continue;
		if (j->what->kind == LINT_MAIN) {
			(void)lint_set_add(&l->by_main, a, p->included[i]);
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
	const struct session_case as_case = { .ev = (struct effective *)(uintptr_t)&r->ev };
	struct report_host h = { .side = j->what->side,
		.kind = r->target.kind,
		.shown = r->target.shown,
		.ev = &r->ev,
		.path = &r->path,
		.j = &r->judgement,
		.policy = r->policy };
	unsigned decides;

	h.decides = session_decides(&as_case, j->what->side, &decides);
	report_json_lint_host(&h, j->shown, &j->l->hosts);
}

/* A row whose values are known: what the rules say, and which lines it uses. */
static void
take_row(struct job *j, struct lint_row *r)
{
	struct lint *l = j->l;
	bool print = l->want_hosts && j->what->kind == LINT_MAIN;
	size_t first = l->fresh.n;

	use_add(j->a, &j->use, &r->ev);
	if (print || !lint_memo_find(l, j->a, r, j->what->side, j->what->kind)) {
		judge_row(j, r);
		find_row(j, r);
		if (!print)
			lint_memo_learn(l, r, l->fresh.v + first, l->fresh.n - first);
	}
	if (print)
		print_row(j, r);
	arena_reset(j->row_a);
}

/* Values of what any machine would see: no user, no addresses. */
static void
client_rows(struct job *j)
{
	static const struct client_env env = { .home = { "~", 1 }, .version_text = { "OpenSSH", 7 } };
	struct target_row *t = NULL;
	size_t n = 0;

	eff_client_targets(j->a, &j->conf, &t, &n);
	for (size_t i = 0; i < n; i++) {
		struct target who = { .host = t[i].name };
		struct lint_row r = { .target = t[i] };

		if (!t[i].possible)
			continue;
		eff_client(j->row_a, &j->conf, &who, &env, true, &r.ev);
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

		if (!v[i].possible)
			continue;
		r.target = (struct target_row){ .kind = i == 0 ? TARGET_DEFAULT : TARGET_PATTERN,
			.shown = v[i].shown,
			.at = v[i].at,
			.possible = true };
		eff_server(j->row_a, &j->conf, &r.spec, true, &r.ev);
		take_row(j, &r);
	}
}

void
lint_judge(struct lint *l, struct str path, const struct lint_what *what, struct str bytes)
{
	struct arena *a = &l->file_arena;
	struct job j = { .l = l, .what = what, .a = a, .row_a = &l->row_arena };
	struct lint_place place;
	struct loader loader;
	struct conf_opts o = {
		.side = what->side, .ver = l->ver, .loader = &loader, .home = STR("~"), .etc_ssh = STR("/etc/ssh")
	};
	struct err e = { 0 };

	j.shown = arena_printf(a, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	if (l->check_seen && !lint_set_add(&l->seen, l->s.arena, j.shown))
		goto out;
	l->n_config++;
	lint_place_init(&place, &l->tree, path, a);
	lint_loader_init(&place, &loader);
	conf_init(&j.conf, &o);
	if (conf_add_bytes(&j.conf, &o, j.shown, bytes,
		what->side == KW_SERVER ? SOURCE_SERVER :
		    what->system	? SOURCE_SYSTEM :
					  SOURCE_USER,
		&e) != SK_OK)
		lint_failed(l, (struct str){ 0 }, e.msg);
	l->fresh.n = 0;
	use_init(a, &j.conf, &j.use);
	if (needs_rows(&j) && what->side == KW_CLIENT)
		client_rows(&j);
	else if (needs_rows(&j))
		server_rows(&j);
	find_lines(&j);
	keep_all(&j);
	keep_included(&j, &place);
	lint_place_release(&place);
	conf_release(&j.conf);
out:
	arena_reset(a);
}

void
lint_link_outside(struct lint *l, struct str path, const struct lint_what *what)
{
	struct finding f = { .rule = ruleset_find(&l->s.rules, STR("SK115")), .side = what->side };
	struct lint_unit u = { .kind = what->kind, .first = l->found.n, .n = 1 };
	struct rule_text t;

	if (f.rule == NULL)
		return;
	rule_describe(f.rule, &t);
	u.file = f.file = arena_printf(l->s.arena, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	f.code = t.code;
	f.name = t.name;
	f.level = t.level;
	f.confidence = CONF_DETECTED;
	f.message = STR("this link leads out of the tree that is looked at and was not followed");
	f.why = STR("What stands there is not known here.");
	if (!session_kept(&l->s, &f))
		return;
	MEM_GROW(l->found.v, l->found.cap, l->found.n + 1);
	l->found.v[l->found.n++] = f;
	MEM_GROW(l->unit, l->cap_unit, l->n_unit + 1);
	l->unit[l->n_unit++] = u;
}
