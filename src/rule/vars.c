/* SPDX-License-Identifier: MIT */
/*
 * The names that rules may use.  A new derived value is one row here; keywords and facts come from their own
 * tables.
 */
#include <stddef.h>
#include <string.h>

#include "conf/pattern.h"
#include "rule/rule.h"

/* Slots: rows of vars[], then facts, then keywords of both sides. */
#define SLOT_FACT    1000u
#define SLOT_KEYWORD 2000u
#define SLOT_SIDE    1000u
#define SLOT_PERSIST 5000u

static struct xval
quantity(struct qty q)
{
	return (struct xval){ .known = q.known, .num = q.v };
}

static const struct path *
path(const struct rule_ctx *c)
{
	return c->row != NULL ? c->row->path : NULL;
}

static const struct judgement *
judged(const struct rule_ctx *c)
{
	return c->row != NULL ? c->row->judgement : NULL;
}

/* The hop that decides for this row. */
static const struct hop *
hop(const struct rule_ctx *c)
{
	const struct judgement *j = judged(c);
	const struct path *p = path(c);

	if (j != NULL && j->clocks.worst != NULL)
		return j->clocks.worst;
	return p != NULL ? p->min : NULL;
}

static struct xval
v_path_timeout(const struct rule_ctx *c)
{
	const struct hop *h = hop(c);

	return h != NULL && (path(c) == NULL || !path(c)->open_pinned) ? quantity(h->timeout) : xval_unknown();
}

static struct xval
v_path_name(const struct rule_ctx *c)
{
	const struct hop *h = hop(c);

	return h != NULL ? xval_text(h->name) : xval_unknown();
}

static struct xval
v_path_confidence(const struct rule_ctx *c)
{
	const struct hop *h = hop(c);

	return h != NULL ? xval_text(str_c(confidence_name(h->confidence))) : xval_unknown();
}

static struct xval
v_path_box(const struct rule_ctx *c)
{
	const struct hop *h = hop(c);

	return h == NULL ? xval_unknown() :
			   xval_text(h->net != NULL ? str_c(net_confidence_name(h->net->confidence)) : STR(""));
}

static struct xval
v_path_expiry(const struct rule_ctx *c)
{
	const struct hop *h = hop(c);

	return h != NULL ? xval_text(str_c(net_expiry_text(h->expiry))) : xval_unknown();
}

static struct xval
v_path_refresh(const struct rule_ctx *c)
{
	const struct hop *h = hop(c);

	if (h == NULL)
		return xval_unknown();
	return xval_text(h->refresh == NET_ANY ? STR("any") : h->refresh == NET_DATA ? STR("data") : STR("none"));
}

static struct xval
v_path_nat_seen(const struct rule_ctx *c)
{
	return path(c) != NULL ? xval_number(path(c)->nat_seen) : xval_unknown();
}

static struct xval
v_path_pinned(const struct rule_ctx *c)
{
	return path(c) != NULL ? xval_number(path(c)->pinned) : xval_unknown();
}

static const struct hop *
lifetime(const struct rule_ctx *c)
{
	const struct hop *best = NULL;

	for (size_t i = 0; path(c) != NULL && i < path(c)->n_lifetime; i++) {
		const struct hop *h = &path(c)->lifetime[i];

		if (h->timeout.known && (best == NULL || h->timeout.v < best->timeout.v))
			best = h;
	}
	return best;
}

static struct xval
v_path_lifetime(const struct rule_ctx *c)
{
	return path(c) == NULL ? xval_unknown() : quantity(lifetime(c) != NULL ? lifetime(c)->timeout : QTY_NEVER);
}

static struct xval
v_path_lifetime_name(const struct rule_ctx *c)
{
	return lifetime(c) != NULL ? xval_text(lifetime(c)->name) : xval_text(STR(""));
}

static struct xval
v_best_missed(const struct rule_ctx *c)
{
	return judged(c) != NULL ? xval_text(judged(c)->missed) : xval_unknown();
}

static struct xval
v_verdict(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[VERDICT_SURVIVES] = "survives",
		[VERDICT_FRAGILE] = "fragile",
		[VERDICT_DROPS] = "drops",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_NOT_JUDGED] = "not-judged",
	};

	return judged(c) != NULL ? xval_text(str_c(names[judged(c)->verdict])) : xval_unknown();
}

static struct xval
v_killer(const struct rule_ctx *c)
{
	return judged(c) != NULL ? xval_text(judged(c)->killer) : xval_unknown();
}

static struct xval
v_refresh_by(const struct rule_ctx *c)
{
	return judged(c) != NULL ? xval_text(judged(c)->clocks.refresh_by) : xval_unknown();
}

static struct xval
v_idle_kill_by(const struct rule_ctx *c)
{
	return judged(c) != NULL ? xval_text(judged(c)->clocks.idle_kill_by) : xval_unknown();
}

static struct xval
v_speaker(const struct rule_ctx *c)
{
	if (judged(c) == NULL)
		return xval_unknown();
	return xval_text(judged(c)->clocks.refresh_from_client ? STR("client") : STR("server"));
}

static struct xval
v_host_name(const struct rule_ctx *c)
{
	return c->row != NULL ? xval_text(c->row->host) : xval_unknown();
}

static struct xval
v_host_kind(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[TARGET_HOST] = "host", [TARGET_PATTERN] = "pattern", [TARGET_DEFAULT] = "default"
	};

	if (c->row == NULL)
		return xval_unknown();
	return xval_text(c->row->side == KW_SERVER ? STR("server") : str_c(names[c->row->kind]));
}

static struct xval
forwards_of(const struct rule_ctx *c, enum kw_id id)
{
	const struct eff *e;

	if (c->row == NULL || c->row->client == NULL)
		return c->row != NULL ? xval_number(0) : xval_unknown();
	e = eff_get(c->row->client, id);
	return e->state == EFF_UNKNOWN ? xval_unknown() : xval_number(e->state == EFF_SET ? (double)e->n_also : 0);
}

static struct xval
v_local_forwards(const struct rule_ctx *c)
{
	return forwards_of(c, KW_ID_LOCALFORWARD);
}

static struct xval
v_remote_forwards(const struct rule_ctx *c)
{
	return forwards_of(c, KW_ID_REMOTEFORWARD);
}

static struct xval
v_dynamic_forwards(const struct rule_ctx *c)
{
	return forwards_of(c, KW_ID_DYNAMICFORWARD);
}

static struct xval
v_forwards(const struct rule_ctx *c)
{
	struct xval l = v_local_forwards(c), r = v_remote_forwards(c), d = v_dynamic_forwards(c);

	return l.known && r.known && d.known ? xval_number(l.num + r.num + d.num) : xval_unknown();
}

static struct xval
v_host_jump(const struct rule_ctx *c)
{
	return c->row != NULL ? xval_number(c->row->has_jump) : xval_unknown();
}

static struct xval
v_host_final(const struct rule_ctx *c)
{
	return c->row != NULL && c->row->client != NULL ? xval_number(c->row->client->second_pass) : xval_number(0);
}

static struct xval
v_untouched(const struct rule_ctx *c)
{
	return xval_number(c->row != NULL && c->row->machine_untouched);
}

static struct xval
v_lint(const struct rule_ctx *c)
{
	return xval_number(c->lint);
}

static struct xval
v_refused(const struct rule_ctx *c)
{
	const struct effective *ev = c->row == NULL ? NULL : c->row->client != NULL ? c->row->client : c->row->server;

	return xval_number(ev != NULL && ev->refused);
}

static struct xval
v_policy_name(const struct rule_ctx *c)
{
	return c->policy != NULL ? xval_text(c->policy->name) : xval_unknown();
}

enum base { BASE_CLOCKS, BASE_JUDGEMENT, BASE_POLICY, BASE_CALL };

struct var {
	const char *name;
	size_t name_n;
	enum xtype type;
	enum base base;
	size_t off;
	struct xval (*call)(const struct rule_ctx *c);
	bool on_path, line_only;
	bool own_text; /* stands for text of the very line: not part of its shape */
};

#define CLOCK(n, t, field)                                                                                             \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_CLOCKS, offsetof(struct clocks, field), NULL, false, false, false            \
	}
#define CLOCK_PATH(n, t, field)                                                                                        \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_CLOCKS, offsetof(struct clocks, field), NULL, true, false, false             \
	}
#define JUDGE(n, t, field)                                                                                             \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_JUDGEMENT, offsetof(struct judgement, field), NULL, false, false, false      \
	}
#define POLICY(n, t, field)                                                                                            \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_POLICY, offsetof(struct policy, field), NULL, false, false, false            \
	}
#define CALL(n, t, fn)                                                                                                 \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_CALL, 0, fn, false, false, false                                             \
	}
#define CALL_PATH(n, t, fn)                                                                                            \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_CALL, 0, fn, true, false, false                                              \
	}
#define LINE(n, t, fn)                                                                                                 \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_CALL, 0, fn, false, true, false                                              \
	}
#define LINE_TEXT(n, t, fn)                                                                                            \
	{                                                                                                              \
		n, sizeof(n) - 1, t, BASE_CALL, 0, fn, false, true, true                                               \
	}

/* clang-format off */
static const struct var vars[] = {
	CLOCK_PATH("refresh", X_DURATION, refresh),
	CLOCK_PATH("margin", X_NUMBER, margin),
	CLOCK("R", X_DURATION, R),
	CLOCK("notice_min", X_DURATION, notice_min),
	CLOCK("notice_max", X_DURATION, notice_max),
	CLOCK("server_notice_min", X_DURATION, server_notice_min),
	CLOCK("server_notice_max", X_DURATION, server_notice_max),
	CLOCK("outage", X_DURATION, outage),
	CLOCK("ghost", X_DURATION, ghost),
	CLOCK("login_limit", X_DURATION, login_limit),
	CLOCK("stale_master", X_DURATION, stale_master),
	CLOCK("idle_kill", X_DURATION, idle_kill),
	CLOCK("sleep", X_DURATION, sleep),
	CLOCK("cost_probes", X_NUMBER, cost_probes),
	CLOCK("cost_bytes", X_NUMBER, cost_bytes),
	CLOCK("killed_after", X_DURATION, killed_after),
	CLOCK("probe_interval", X_DURATION, i_eff_client),
	CLOCK("server_interval", X_DURATION, i_eff_server),
	JUDGE("best.interval", X_DURATION, best_interval),
	JUDGE("best.count", X_NUMBER, best_count),
	JUDGE("killed_at", X_DURATION, killed_at),
	POLICY("policy.margin", X_NUMBER, margin),
	POLICY("policy.notice_min", X_DURATION, notice_min_s),
	POLICY("policy.notice_max", X_DURATION, notice_max_s),
	POLICY("policy.outage", X_DURATION, outage_s),
	POLICY("policy.assumed", X_DURATION, assumed_timeout_s),
	CALL("policy.name", X_TEXT, v_policy_name),
	CALL_PATH("path.timeout", X_DURATION, v_path_timeout),
	CALL_PATH("path.name", X_TEXT, v_path_name),
	CALL("path.confidence", X_TEXT, v_path_confidence),
	CALL("path.box_confidence", X_TEXT, v_path_box),
	CALL("path.expiry", X_TEXT, v_path_expiry),
	CALL("path.refresh", X_TEXT, v_path_refresh),
	CALL("path.proxied", X_FLAG, v_path_proxied),
	CALL("path.piped", X_FLAG, v_path_piped),
	CALL("path.nat_seen", X_FLAG, v_path_nat_seen),
	CALL("path.pinned", X_FLAG, v_path_pinned),
	CALL("path.lifetime", X_DURATION, v_path_lifetime),
	CALL("path.lifetime_name", X_TEXT, v_path_lifetime_name),
	CALL("best.missed", X_TEXT, v_best_missed),
	CALL("best.used", X_FLAG, v_best_used),
	CALL("verdict", X_TEXT, v_verdict),
	CALL("killer", X_TEXT, v_killer),
	CALL("refresh_by", X_TEXT, v_refresh_by),
	CALL("refresh.least", X_DURATION, v_refresh_least),
	CALL("refresh.least_by", X_TEXT, v_refresh_least_by),
	CALL("idle_kill_by", X_TEXT, v_idle_kill_by),
	CALL("speaker", X_TEXT, v_speaker),
	CALL("host", X_TEXT, v_host_name),
	CALL("host.name", X_TEXT, v_host_name),
	CALL("host.kind", X_TEXT, v_host_kind),
	CALL("host.forwards", X_NUMBER, v_forwards),
	CALL("host.local_forwards", X_NUMBER, v_local_forwards),
	CALL("host.remote_forwards", X_NUMBER, v_remote_forwards),
	CALL("host.dynamic_forwards", X_NUMBER, v_dynamic_forwards),
	CALL("host.cleared_forwards", X_NUMBER, v_cleared_forwards),
	CALL("host.git", X_FLAG, v_host_git),
	CALL("host.jump", X_FLAG, v_host_jump),
	CALL("jump.broken", X_FLAG, v_jump_broken),
	CALL("jump.fault", X_TEXT, v_jump_fault),
	CALL("host.final", X_FLAG, v_host_final),
	CALL("machine.untouched", X_FLAG, v_untouched),
	CALL("lint", X_FLAG, v_lint),
	CALL("refused", X_FLAG, v_refused),
	CALL("refused.here", X_FLAG, v_refused_here),
	CALL("refused.message", X_TEXT, v_refused_message),
	CALL("sysctl.problem", X_TEXT, v_sysctl_problem),
	CALL("sysctl.key", X_TEXT, v_sysctl_key),
	CALL("sysctl.value", X_TEXT, v_sysctl_value),
	CALL("sysctl.meant", X_TEXT, v_sysctl_meant),
	CALL("login.fault", X_TEXT, v_login_fault),
	CALL("login.word", X_TEXT, v_login_word),
	CALL("start.program", X_TEXT, v_start_program),
	CALL("start.kind", X_TEXT, v_start_kind),
	CALL("start.alive", X_TEXT, v_start_alive),
	CALL("start.tunnel", X_FLAG, v_start_tunnel),
	CALL("start.forwards", X_NUMBER, v_start_forwards),
	CALL("start.remote_forwards", X_NUMBER, v_start_remote_forwards),
	CALL("start.monitor", X_NUMBER, v_start_monitor),
	CALL("start.monitor_text", X_TEXT, v_start_monitor_text),
	CALL("start.monitor_set", X_FLAG, v_start_monitor_set),
	CALL("start.bad_monitor", X_TEXT, v_start_bad_monitor),
	CALL("start.limits", X_TEXT, v_start_limits),
	CALL("start.background", X_FLAG, v_start_background),
	CALL("start.master", X_FLAG, v_start_master),
	CALL("start.supervised", X_FLAG, v_start_supervised),
	CALL("start.unattended", X_FLAG, v_start_unattended),
	CALL("start.loop", X_FLAG, v_start_loop),
	CALL("start.periodic", X_FLAG, v_start_periodic),
	CALL("start.guarded", X_FLAG, v_start_guarded),
	CALL("start.gate", X_DURATION, v_start_gate),
	CALL("start.poll_set", X_FLAG, v_start_poll_set),
	CALL("start.bad_variable", X_TEXT, v_start_bad_variable),
	CALL("start.cluster", X_TEXT, v_start_cluster),
	CALL("start.jump", X_TEXT, v_start_jump),
	CALL("start.new_option", X_TEXT, v_start_new_option),
	CALL("start.remote_word", X_TEXT, v_start_remote_word),
	CALL("start.relative", X_TEXT, v_start_relative),
	CALL("start.type", X_TEXT, v_start_type),
	CALL("start.pidfile", X_FLAG, v_start_pidfile),
	CALL("start.restart", X_TEXT, v_start_restart),
	CALL("start.gives_up", X_FLAG, v_start_gives_up),
	CALL("start.signal", X_TEXT, v_start_signal),
	CALL("start.refused", X_FLAG, v_start_refused),
	CALL("start.clash", X_TEXT, v_start_clash),
	CALL("ignore.problem", X_TEXT, v_ignore_problem),
	CALL("ignore.code", X_TEXT, v_ignore_code),
	CALL("ignore.hint", X_TEXT, v_ignore_hint),
	CALL("ignore.part", X_FLAG, v_ignore_part),
	LINE("line.problem", X_TEXT, v_line_problem),
	LINE("line.effect", X_TEXT, v_line_effect),
	LINE("line.keyword", X_TEXT, v_line_keyword),
	LINE_TEXT("line.word", X_TEXT, v_line_word),
	LINE_TEXT("line.hint", X_TEXT, v_line_hint),
	LINE_TEXT("line.value", X_TEXT, v_line_value),
	LINE_TEXT("line.text", X_TEXT, v_line_text),
	LINE_TEXT("line.message", X_TEXT, v_line_message),
	LINE("line.set", X_FLAG, v_line_set),
	LINE("line.unused", X_FLAG, v_line_unused),
	LINE_TEXT("line.unused_by", X_TEXT, v_line_unused_by),
	LINE("line.duplicate", X_FLAG, v_line_duplicate),
	LINE_TEXT("line.duplicate_of", X_TEXT, v_line_duplicate_of),
	LINE("line.in_match", X_FLAG, v_line_in_match),
	LINE("line.block", X_TEXT, v_line_block),
	LINE_TEXT("line.block_text", X_TEXT, v_line_block_text),
	LINE_TEXT("line.block_line", X_NUMBER, v_line_block_line),
	LINE("line.header", X_FLAG, v_line_header),
	LINE("line.host_comma", X_FLAG, v_line_host_comma),
	LINE("line.host_negations_only", X_FLAG, v_line_negations_only),
	LINE("line.first_star", X_FLAG, v_line_first_star),
	LINE("line.exec", X_FLAG, v_line_exec),
	LINE_TEXT("line.comment_behind", X_FLAG, v_line_comment),
	LINE_TEXT("line.glued_comment", X_FLAG, v_line_glued),
	LINE("line.included_in_match", X_FLAG, v_line_included_in_match),
	LINE("line.dropin_wins", X_FLAG, v_line_dropin),
	LINE_TEXT("line.dropin", X_TEXT, v_line_unused_by),
	LINE_TEXT("line.final", X_FLAG, v_line_final),
	LINE_TEXT("line.count_zero_open", X_FLAG, v_line_open_zero),
	LINE_TEXT("line.count_zero_when", X_TEXT, v_line_open_when),
	LINE("line.outdented", X_FLAG, v_line_outdented),
	LINE("line.unread", X_FLAG, v_line_unread),
	LINE_TEXT("line.unread_by", X_TEXT, v_line_unread_by),
	LINE("line.waits", X_FLAG, v_line_waits),
	LINE_TEXT("line.waits_what", X_TEXT, v_line_waits_what),
	LINE_TEXT("line.waits_for", X_TEXT, v_line_waits_for),
}; /* clang-format on */
#define VARS_N (sizeof(vars) / sizeof(vars[0]))
_Static_assert(VARS_N < SLOT_FACT, "slots of vars[] stay below those of facts");

size_t
vars_count(void)
{
	return VARS_N;
}

void
vars_describe(size_t i, const char **ret_name, enum xtype *ret_type)
{
	*ret_name = vars[i].name;
	*ret_type = vars[i].type;
}

static enum xtype
kw_xtype(const struct kw *k)
{
	switch (k->type) {
	case KW_T_TIME:
	case KW_T_UNUSEDTIMEOUT:
		return X_DURATION;
	case KW_T_INT:
	case KW_T_INT_NONE:
		return X_NUMBER;
	case KW_T_FLAG:
		return X_FLAG;
	case KW_T_HOST:
	case KW_T_MATCH:
	case KW_T_INCLUDE:
	case KW_T_ENUM:
	case KW_T_STRING:
	case KW_T_STRINGS:
	case KW_T_REST:
	case KW_T_PORT:
	case KW_T_FORWARD:
	case KW_T_PERSIST:
	case KW_T_AGENT:
	case KW_T_REKEY:
	case KW_T_IPQOS:
	case KW_T_CHANNELTIMEOUT:
	case KW_T_OBSCURE:
	case KW_T_STARTUPS:
	case KW_T_NETBLOCK:
	case KW_T_PENALTIES:
	case KW_T_PERMIT:
	case KW_T_PROXYJUMP:
	case KW_T_IGNOREUNKNOWN:
	case KW_T_ALGS:
	case KW_T_OTHER:
		return X_TEXT;
	}
	return X_TEXT;
}

/* A keyword of a rule's side; rules for both ends say which. */
static bool
find_keyword(const struct vars_scope *scope, struct str name, unsigned *ret_slot, enum xtype *ret_type)
{
	enum kw_side side = scope->side == RULE_SERVER ? KW_SERVER : KW_CLIENT;
	const struct kw *k;
	unsigned row;

	if (scope->side == RULE_BOTH) {
		if (str_starts(name, STR("client.")))
			name = str_from(name, 7);
		else if (str_starts(name, STR("server.")))
			name = str_from(name, 7), side = KW_SERVER;
		else
			return false;
	} else if (scope->side == RULE_HOST) {
		return false;
	}
	row = kw_find_any(side, name);
	if (row == KW_UNKNOWN)
		return false;
	k = kw_row(side, row);
	/* The canonical spelling only, so that a typo of the case does not look like a name. */
	if (!str_eqc(name, k->name) || (k->print == 0 && k->id == KW_ID_NONE))
		return false;
	*ret_slot = SLOT_KEYWORD + (side == KW_SERVER ? SLOT_SIDE : 0) + row;
	*ret_type = kw_xtype(k);
	return true;
}

bool
vars_find(void *ctx, struct str name, unsigned *ret_slot, enum xtype *ret_type)
{
	const struct vars_scope *scope = ctx;

	for (size_t i = 0; i < VARS_N; i++)
		if (name.n == vars[i].name_n && memcmp(name.p, vars[i].name, name.n) == 0 &&
		    (!vars[i].line_only || scope->each == RULE_EACH_LINE) &&
		    (scope->each == RULE_EACH_START || !str_starts(name, STR("start."))) &&
		    (scope->each == RULE_EACH_IGNORE || !str_starts(name, STR("ignore.")))) {
			*ret_slot = (unsigned)i;
			*ret_type = vars[i].type;
			return true;
		}
	/* the name of a fact has a point in it, that of most keywords has none */
	for (unsigned i = str_chr(name, '.', 0) == SIZE_MAX ? FACT_MAX_ : 0; i < FACT_MAX_; i++)
		if (str_eqc(name, fact_table[i].name)) {
			*ret_slot = SLOT_FACT + i;
			*ret_type = fact_table[i].type == FACT_DURATION ? X_DURATION :
			    fact_table[i].type == FACT_COUNT		? X_NUMBER :
			    fact_table[i].type == FACT_FLAG		? X_FLAG :
									  X_TEXT;
			return true;
		}
	if (str_eqc(name, "control_persist") && scope->side != RULE_SERVER) {
		*ret_slot = SLOT_PERSIST;
		*ret_type = X_DURATION;
		return true;
	}
	return find_keyword(scope, name, ret_slot, ret_type);
}

bool
vars_keyword(void *ctx, struct str name, unsigned *ret_slot)
{
	enum xtype t;

	return find_keyword(ctx, name, ret_slot, &t);
}

bool
vars_on_path(unsigned slot)
{
	return slot < VARS_N && vars[slot].on_path;
}

bool
vars_row(unsigned slot, enum kw_side *ret_side, unsigned *ret_row)
{
	if (slot < SLOT_KEYWORD || slot >= SLOT_PERSIST)
		return false;
	*ret_side = slot >= SLOT_KEYWORD + SLOT_SIDE ? KW_SERVER : KW_CLIENT;
	*ret_row = (slot - SLOT_KEYWORD) % SLOT_SIDE;
	return true;
}

bool
vars_of_name(unsigned slot)
{
	static const enum kw_id made[] = { KW_ID_HOSTNAME, KW_ID_CONTROLPATH, KW_ID_FORWARDAGENT, KW_ID_LOCALFORWARD,
		KW_ID_REMOTEFORWARD, KW_ID_DYNAMICFORWARD };
	enum kw_side side;
	unsigned row;

	if (slot < VARS_N)
		return vars[slot].call == v_host_name;
	if (!vars_row(slot, &side, &row) || side != KW_CLIENT)
		return false;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (kw_row(side, row)->id == made[i])
			return true;
	return false;
}

static const struct effective *
side_values(const struct rule_ctx *c, enum kw_side side)
{
	if (c->row == NULL)
		return NULL;
	return side == KW_CLIENT ? c->row->client : c->row->server;
}

static const struct eff *
keyword_eff(const struct rule_ctx *c, unsigned slot)
{
	enum kw_side side;
	unsigned row;
	const struct effective *ev;

	if (!vars_row(slot, &side, &row))
		return NULL;
	ev = side_values(c, side);
	return ev != NULL && ev->v != NULL ? &ev->v[row] : NULL;
}

static struct str
joined(const struct rule_ctx *c, const struct effective *ev, const struct eff *e)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < e->n_also; i++) {
		struct value v;

		conf_set_value(ev->conf, c->arena, &ev->conf->set[e->also[i]], &v);
		buf_addc(&b, i > 0 ? "; " : "");
		buf_add(&b, v.text);
	}
	out = arena_str(c->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static struct xval
keyword_value(const struct rule_ctx *c, unsigned slot)
{
	const struct eff *e = keyword_eff(c, slot);
	enum kw_side side = KW_CLIENT;
	unsigned row = 0;
	const struct kw *k;

	if (e == NULL || e->state == EFF_UNKNOWN)
		return xval_unknown();
	(void)vars_row(slot, &side, &row);
	if (c->start != NULL && c->start->uncertain != NULL && c->start->uncertain[row])
		return xval_unknown();
	k = kw_row(side, row);
	switch (kw_xtype(k)) {
	case X_DURATION:
	case X_NUMBER:
		return xval_number(str_eqc(e->text, "none") ? INFINITY : (double)e->num);
	case X_FLAG:
		return xval_number(e->num != 0);
	case X_BARE:
	case X_TEXT:
		break;
	}
	return xval_text(k->merge == KW_APPEND ? joined(c, side_values(c, side), e) : e->text);
}

static struct xval
persist_value(const struct rule_ctx *c)
{
	const struct effective *ev = side_values(c, KW_CLIENT);
	const struct eff *e = ev != NULL ? eff_get(ev, KW_ID_CONTROLPERSIST) : NULL;

	if (e == NULL || e->state == EFF_UNKNOWN)
		return xval_unknown();
	if (str_eqc(e->text, "yes"))
		return xval_number(INFINITY);
	return xval_number(str_eqc(e->text, "no") || e->text.n == 0 ? 0 : (double)e->num);
}

static struct xval
fact_value(const struct rule_ctx *c, unsigned id)
{
	const struct fact *f = c->facts != NULL ? &c->facts->v[id] : NULL;

	if (f == NULL || !f->known)
		return xval_unknown();
	return fact_table[id].type == FACT_TEXT ? xval_text(f->text) : xval_number(f->num);
}

static struct xval
get(const void *ctx, unsigned slot)
{
	const struct rule_ctx *c = ctx;
	const struct judgement *j;
	const char *base;

	if (slot == SLOT_PERSIST)
		return persist_value(c);
	if (slot >= SLOT_KEYWORD)
		return keyword_value(c, slot);
	if (slot >= SLOT_FACT)
		return fact_value(c, slot - SLOT_FACT);
	if (slot >= VARS_N)
		return xval_unknown();
	if (vars[slot].own_text && c->line != NULL && c->line->shape_only)
		return xval_unknown();
	if (vars[slot].base == BASE_CALL)
		return vars[slot].call(c);
	if (vars[slot].base == BASE_POLICY) {
		double v;

		if (c->policy == NULL)
			return xval_unknown();
		memcpy(&v, (const char *)c->policy + vars[slot].off, sizeof(v));
		return xval_number(v);
	}
	j = judged(c);
	if (j == NULL)
		return xval_unknown();
	base = vars[slot].base == BASE_CLOCKS ? (const char *)&j->clocks : (const char *)j;
	return quantity(*(const struct qty *)(const void *)(base + vars[slot].off));
}

static bool
is_set(const void *ctx, unsigned slot, bool *ret_known)
{
	const struct eff *e = keyword_eff(ctx, slot);

	*ret_known = e != NULL && e->state != EFF_UNKNOWN;
	return e != NULL && e->state == EFF_SET && e->from != EFF_FROM_OTHER;
}

static struct str
origin(const void *ctx, unsigned slot)
{
	static const char *const names[] = { [EFF_FROM_DEFAULT] = "default",
		[EFF_FROM_FILE] = "file",
		[EFF_FROM_CMDLINE] = "cmdline",
		[EFF_FROM_OTHER] = "other" };
	const struct eff *e = keyword_eff(ctx, slot);

	return str_c(e != NULL ? names[e->from] : "default");
}

static int
version(const void *ctx)
{
	const struct rule_ctx *c = ctx;

	if (c->line != NULL)
		return c->line->conf->ver.n;
	if (c->row == NULL)
		return 0;
	return c->side == KW_CLIENT ? c->row->client_ver.n : c->row->server_ver.n;
}

struct xenv
vars_env(const struct rule_ctx *ctx)
{
	return (struct xenv){ ctx, get, vars_written, is_set, origin, version };
}
