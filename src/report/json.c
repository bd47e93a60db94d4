/* SPDX-License-Identifier: MIT */
/* JSON of audit, effective and facts. */
#include "report/json.h"

#include "report/explain.h"
#include "report/values.h"

static void
head(struct json *j, const struct report *r)
{
	json_open(j, NULL, '{');
	json_strz(j, "schema", "sshkeep/1");
	json_strz(j, "command", r->command);
	json_strz(j, "version", r->version);
	json_str_or_null(j, "machine", r->machine);
	json_int(j, "exit", r->exit_status);
}

static void
notes(struct json *j, const struct report *r)
{
	json_open(j, "notes", '[');
	for (size_t i = 0; i < r->n_note; i++)
		json_str(j, NULL, r->note[i]);
	json_close(j, ']');
}

static void
fact_value(struct json *j, const struct fact_info *info, const struct fact *f)
{
	if (!f->known) {
		json_null(j, "value", str_c(f->reason != NULL ? f->reason : "not known"));
		return;
	}
	switch (info->type) {
	case FACT_DURATION:
	case FACT_COUNT:
		json_qty(j, "value", (struct qty){ .known = true, .v = f->num });
		break;
	case FACT_FLAG:
		json_bool(j, "value", f->num != 0);
		break;
	case FACT_TEXT:
		json_str(j, "value", f->text);
		break;
	}
}

static void
facts(struct json *j, const struct facts *f)
{
	if (f == NULL) {
		json_null(j, "facts", STR("not detected"));
		return;
	}
	json_open(j, "facts", '{');
	for (size_t i = 0; i < FACT_MAX_; i++) {
		json_open(j, fact_table[i].name, '{');
		fact_value(j, &fact_table[i], &f->v[i]);
		json_str_or_null(j, "source", f->v[i].source);
		if (f->v[i].line != 0)
			json_int(j, "line", f->v[i].line);
		json_strz(j, "confidence", f->v[i].known ? confidence_name(f->v[i].confidence) : NULL);
		json_close(j, '}');
	}
	json_close(j, '}');
}

static void
place(struct json *j, const struct conf *c, struct span at)
{
	if (c == NULL || at.line == 0) {
		json_null(j, "file", (struct str){ 0 });
		json_null(j, "line", (struct str){ 0 });
		return;
	}
	json_str(j, "file", c->src[at.src].shown);
	json_int(j, "line", at.line);
	json_int(j, "column", at.col);
}

static void
value(struct json *j, const struct report_host *h, unsigned row, const struct kw *k)
{
	const struct effective *ev = h->ev;
	const struct eff *v = &ev->v[row];
	struct buf key = { 0 };
	struct str text = v->text;
	uint64_t n;

	values_keyword(k, &key);
	buf_addch(&key, '\0');
	json_open(j, key.p, '{');
	buf_release(&key);
	if (v->state == EFF_UNKNOWN) {
		json_null(j, "value", str_c(v->reason != NULL ? v->reason : "not known"));
		json_str_or_null(j, "possible", v->guess);
	} else if (v->also != NULL) {
		struct arena a = { 0 };

		json_open(j, "value", '[');
		for (size_t i = 0; i < v->n_also; i++) {
			struct value one;

			conf_set_value(ev->conf, &a, &ev->conf->set[v->also[i]], &one);
			json_str(j, NULL, one.text);
		}
		json_close(j, ']');
		arena_release(&a);
	} else if (num_uint(text, INT64_MAX, &n, NULL) == SK_OK) {
		json_int(j, "value", (int64_t)n);
	} else {
		json_str_or_null(j, "value", text);
	}
	json_strz(j, "from", values_from(v));
	place(j, ev->conf, v->state == EFF_UNKNOWN ? v->reason_at : v->origin);
	explain_json_value(j, h, row);
	json_close(j, '}');
}

static void
values(struct json *j, const struct report_host *h)
{
	const struct kw *row[KW_ROWS_MAX];
	unsigned id[KW_ROWS_MAX];
	size_t n = values_family(h->ev->conf, row, id);

	json_open(j, "values", '{');
	for (size_t i = 0; i < n && !h->ev->refused; i++) {
		const struct eff *v = &h->ev->v[id[i]];

		if (v->text.p != NULL || v->state == EFF_UNKNOWN || v->also != NULL)
			value(j, h, id[i], row[i]);
	}
	json_close(j, '}');
}

static const char *
kind_name(enum target_kind k)
{
	static const char *const name[] = {
		[TARGET_HOST] = "host",
		[TARGET_PATTERN] = "pattern",
		[TARGET_DEFAULT] = "default",
	};

	return name[k];
}

/* The kernel and far-end numbers stand under names that end in _s: whole seconds. */
static void
clocks(struct json *j, const struct report_host *h)
{
	const struct clocks *c = &h->j->clocks;
	bool server = h->side == KW_SERVER;

	json_qty(j, "refresh_s", c->refresh);
	json_str_or_null(j, "refresh_by", c->refresh_by);
	json_ratio(j, "margin", c->margin);
	json_qty(j, "notice_min_s", server ? c->server_notice_min : c->notice_min);
	json_qty(j, "notice_max_s", server ? c->server_notice_max : c->notice_max);
	json_qty(j, "outage_s", c->outage);
	json_qty(j, "ghost_s", c->ghost);
	json_qty(j, "login_limit_s", c->login_limit);
	json_qty(j, "stale_master_s", c->stale_master);
	json_qty(j, "idle_kill_s", c->idle_kill);
	json_str_or_null(j, "idle_kill_by", c->idle_kill_by);
	json_qty(j, "sleep_s", c->sleep);
	json_qty(j, "probes_per_day", c->cost_probes);
	json_qty(j, "bytes_per_day", c->cost_bytes);
	json_open(j, "recommended", '{');
	json_qty(j, "interval_s", h->j->best_interval);
	json_qty(j, "count", h->j->best_count);
	json_str_or_null(j, "missed", h->j->missed);
	json_close(j, '}');
}

static void
host(struct json *j, const struct report_host *h, struct str config, bool with_losers)
{
	json_open(j, NULL, '{');
	json_str(j, "host", h->shown);
	if (config.n > 0)
		json_str(j, "config", config);
	json_strz(j, "kind", kind_name(h->kind));
	json_strz(j, "side", h->side == KW_CLIENT ? "client" : "server");
	json_strz(j, "verdict", verdict_name(h->j->verdict));
	json_str_or_null(j, "reason", h->j->reason.n != 0 ? h->j->reason : h->j->why_fragile);
	json_str_or_null(j, "killer", h->j->killer);
	json_qty(j, "killed_at_s", h->j->killer.n != 0 ? h->j->killed_at : QTY_NEVER);
	json_str_or_null(j, "looks_like", h->j->looks_like);
	if (h->j->verdict == VERDICT_UNKNOWN)
		json_null(j, "noticed_at_s", h->j->reason.n != 0 ? h->j->reason : STR("the verdict is unknown"));
	else
		json_qty(j, "noticed_at_s", h->j->killer.n != 0 ? h->j->noticed_at : QTY_NEVER);
	json_qty(j, "path_timeout_s", h->path->timeout);
	json_str_or_null(j, "path_by", h->path->min->name);
	json_strz(j, "confidence", confidence_name(h->path->confidence));
	json_str_or_null(j, "policy", h->policy != NULL ? h->policy->name : (struct str){ 0 });
	clocks(j, h);
	json_open(j, "decided_by", '{');
	place(j, h->ev->conf, h->decides);
	json_close(j, '}');
	if (h->ev->refused)
		json_str(j, "refused", h->ev->refusal);
	values(j, h);
	if (with_losers)
		explain_json(j, h);
	json_close(j, '}');
}

static void
hosts(struct json *j, const struct report *r, bool with_losers)
{
	struct arena a = { 0 };

	json_open(j, "hosts", '[');
	for (size_t i = 0; i < r->n_host; i++) {
		struct report_host own = r->host[i];

		arena_reset(&a);
		if (r->values != NULL)
			own.ev = r->values(r->values_ctx, i, &a);
		host(j, &own, (struct str){ 0 }, with_losers);
	}
	json_close(j, ']');
	arena_release(&a);
}

/* What lint --fix would do for it; columns are bytes, as everywhere in this format. */
static void
edits(struct json *j, const struct report *r, size_t i)
{
	size_t n;
	const struct report_edit *e = report_edits(r, i, &n);

	json_open(j, "edits", '[');
	for (size_t k = 0; k < n; k++) {
		json_open(j, NULL, '{');
		json_str(j, "file", e[k].file);
		json_int(j, "line", e[k].line);
		json_int(j, "column", e[k].col);
		json_int(j, "end_line", e[k].end_line);
		json_int(j, "end_column", e[k].end_col);
		json_str(j, "text", e[k].text);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
finding(struct json *j, const struct report *r, size_t nth)
{
	const struct finding *f = &r->findings->v[nth];

	json_open(j, NULL, '{');
	json_str(j, "code", f->code);
	json_str(j, "name", f->name);
	json_strz(j, "level", level_name(f->level));
	json_strz(j, "confidence", confidence_name(f->confidence));
	json_str_or_null(j, "file", f->file);
	if (f->at.line != 0) {
		json_int(j, "line", f->at.line);
		json_int(j, "column", f->at.col);
		json_int(j, "end_line", f->at.line);
		json_int(j, "end_column", (int64_t)f->at.col + (int64_t)f->at.len);
	} else {
		json_null(j, "line", (struct str){ 0 });
		json_null(j, "column", (struct str){ 0 });
		json_null(j, "end_line", (struct str){ 0 });
		json_null(j, "end_column", (struct str){ 0 });
	}
	json_open(j, "hosts", '[');
	for (size_t i = 0; i < f->n_host; i++)
		json_str(j, NULL, f->host[i]);
	json_close(j, ']');
	json_str(j, "message", f->message);
	json_str(j, "why", f->why);
	json_str_or_null(j, "advice", f->advice);
	if (r->lint != NULL)
		edits(j, r, nth);
	json_open(j, "fix", '[');
	for (size_t i = 0; i < f->n_fix; i++) {
		json_open(j, NULL, '{');
		json_str(j, "keyword", f->fix[i].keyword);
		json_str_or_null(j, "value", f->fix[i].value);
		json_bool(j, "remove", f->fix[i].remove);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_str(j, "fingerprint", f->fingerprint);
	json_bool(j, "suppressed", f->suppressed);
	if (f->suppressed) {
		json_strz(j, "suppressed_by", f->in_baseline ? "baseline" : "comment");
		json_str_or_null(j, "reason", f->reason);
	}
	json_close(j, '}');
}

static void
levels(struct json *j, const struct report *r)
{
	static const char *const level[] = {
		[LEVEL_NOTE] = "notes", [LEVEL_WARNING] = "warnings", [LEVEL_ERROR] = "errors"
	};
	int64_t n[sizeof level / sizeof *level] = { 0 };

	int64_t suppressed = 0;

	for (size_t i = 0; i < r->findings->n; i++) {
		n[r->findings->v[i].level] += !r->findings->v[i].suppressed;
		suppressed += r->findings->v[i].suppressed;
	}
	for (size_t l = 0; l < sizeof level / sizeof *level; l++)
		json_int(j, level[l], n[l]);
	json_int(j, "suppressed", suppressed);
}

static void
summary(struct json *j, const struct report *r)
{
	static const char *const verdict[] = { [VERDICT_SURVIVES] = "survives",
		[VERDICT_FRAGILE] = "fragile",
		[VERDICT_DROPS] = "drops",
		[VERDICT_UNKNOWN] = "unknown",
		[VERDICT_NOT_JUDGED] = "not_judged" };

	json_open(j, "summary", '{');
	json_int(j, "hosts", (int64_t)r->n_host);
	for (size_t v = 0; v < sizeof verdict / sizeof *verdict; v++) {
		int64_t n = 0;

		for (size_t i = 0; i < r->n_host; i++)
			n += (size_t)r->host[i].j->verdict == v;
		json_int(j, verdict[v], n);
	}
	levels(j, r);
	json_close(j, '}');
}

void
report_json(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };

	head(&j, r);
	facts(&j, r->facts);
	hosts(&j, r, false);
	json_open(&j, "findings", '[');
	for (size_t i = 0; i < r->findings->n; i++)
		finding(&j, r, i);
	json_close(&j, ']');
	notes(&j, r);
	summary(&j, r);
	json_close(&j, '}');
}

void
report_json_lint_host(const struct report_host *h, struct str config, struct buf *b)
{
	/* inside the array of the object */
	struct json j = { .b = b, .depth = 2, .filled = b->n > 0 };

	host(&j, h, config, false);
}

void
report_json_lint(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };

	head(&j, r);
	facts(&j, r->facts);
	json_open(&j, "hosts", '[');
	buf_add(out, r->lint->hosts);
	j.filled = r->lint->hosts.n > 0;
	json_close(&j, ']');
	json_open(&j, "findings", '[');
	for (size_t i = 0; i < r->findings->n; i++)
		finding(&j, r, i);
	json_close(&j, ']');
	notes(&j, r);
	json_open(&j, "summary", '{');
	json_int(&j, "files", (int64_t)r->lint->n_seen);
	json_int(&j, "configs", (int64_t)r->lint->n_config);
	levels(&j, r);
	json_close(&j, '}');
	json_close(&j, '}');
}

void
report_json_effective(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };

	head(&j, r);
	hosts(&j, r, true);
	notes(&j, r);
	json_close(&j, '}');
}

void
report_json_facts(const struct report *r, struct buf *out)
{
	struct json j = { .b = out };

	head(&j, r);
	facts(&j, r->facts);
	notes(&j, r);
	json_close(&j, '}');
}

void
report_json_head(struct json *j, const struct report *r)
{
	head(j, r);
}

void
report_json_notes(struct json *j, const struct report *r)
{
	notes(j, r);
}
