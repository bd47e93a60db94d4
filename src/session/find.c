/* SPDX-License-Identifier: MIT */
/* Findings of a run: asking the rules, filtering, the exit status. */
#include <stdlib.h>

#include "session/batch.h"
#include "session/session.h"
#include "rule/fingerprint.h"
#include "rule/quote.h"

void
session_rule_row(
    const struct session *s, const struct session_row *r, const struct session_case *c, struct rule_row *ret)
{
	const struct eff *jump;

	*ret = (struct rule_row){ .side = r->side,
		.host = r->target->shown,
		.named = r->target->at,
		.kind = r->target->kind,
		.facts = &s->facts,
		.path = &c->path,
		.judgement = &c->judgement,
		.policy = c->policy,
		.client_ver = s->client.ver,
		.server_ver = s->server.ver };
	if (r->side == KW_SERVER) {
		ret->server = c->ev;
		ret->machine_untouched = s->server_untouched;
		return;
	}
	ret->client = c->ev;
	ret->server = c->peer != NULL && !c->peer->refused ? c->peer : NULL;
	ret->machine_untouched = s->client_untouched;
	if (c->ev->refused)
		return;
	jump = eff_get(c->ev, KW_ID_PROXYJUMP);
	ret->jump_fault = c->jump_fault;
	ret->has_jump = jump->state == EFF_SET && jump->text.n > 0 && !str_ieqc(jump->text, "none");
}

static void
find_row(struct session *s, const struct session_row *r)
{
	struct rule_row in;

	if (r->is->blocked != NULL || (r->is->ev->refused && !r->is->ev->refused_own) ||
	    r->is->judgement.verdict == VERDICT_NOT_JUDGED)
		return;
	session_rule_row(s, r, r->is, &in);
	ruleset_row(&s->rules, s->arena, &in, &s->findings);
}

/*
 * A line that never wins for the hosts named on the command line may well win for others, so those are resolved
 * as well.
 */
static const struct effective **
line_rows(struct session *s, struct session_end *end, enum kw_side side, size_t *ret_n)
{
	struct target_row *t = NULL;
	const struct effective **row;
	size_t n = 0;

	if (side == KW_CLIENT && s->o->arg.n > 0)
		eff_client_targets(s->arena, &end->conf, &t, &n);
	row = ARENA_ARRAY(s->arena, const struct effective *, s->n_row + n + 1);
	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		struct target who = eff_row_target(&t[i]);
		struct effective *ev = ARENA_NEW(s->arena, struct effective);

		if (!t[i].possible)
			continue;
		eff_client(s->arena, &s->client.conf, &who, &s->env, EFF_LOSERS_ALL, ev);
		row[(*ret_n)++] = ev;
	}
	return row;
}

static enum sk_code
find_lines(struct session *s, struct session_end *end, enum kw_side side, struct err *e)
{
	const struct effective **row;
	struct rule_lines in = { .conf = &end->conf, .facts = &s->facts };

	if (!end->wanted || !end->present)
		return SK_OK;
	if (s->batch != NULL && side == KW_CLIENT) {
		enum sk_code code = batch_use(s->batch, s, &in.use, e);

		if (code != SK_OK)
			return code;
	} else {
		in.row = row = line_rows(s, end, side, &in.n_row);
		for (size_t i = 0; i < s->n_row; i++)
			if (s->row[i].side == side && s->row[i].is->blocked == NULL)
				row[in.n_row++] = s->row[i].is->ev;
	}
	ruleset_lines(&s->rules, s->arena, &in, &s->findings);
	return SK_OK;
}

/* Is code named by a comma list of codes and prefixes? */
static bool
listed(struct str list, struct str code)
{
	struct str part;

	while (str_split(&list, ',', &part)) {
		part = str_trim(part);
		if (part.n > 0 && str_starts(code, part))
			return true;
	}
	return false;
}

/* A list names something that no rule has: a mistake that would silently select nothing. */
static enum sk_code
check_list(const struct session *s, const char *option, struct str list, struct err *e)
{
	struct str part;

	while (str_split(&list, ',', &part)) {
		part = str_trim(part);
		if (!ruleset_has(&s->rules, part))
			return err_set(e, SK_EUSAGE, "%s: no rule's code starts with \"%.*s\"", option,
			    STR_ARG(str_head(part, 40)));
	}
	return SK_OK;
}

/*
 * What OpenSSH refuses: a tree that is looked at does not say of itself that this is no matter.  Words that it does not
 * know are among that, for settings give no reason, and so is a config that settings take away, which stands on no line.
 */
static bool
is_refusal(const struct finding *f)
{
	struct rule_text t;

	if (f->rule == NULL || f->may == SUPPRESS_ALWAYS)
		return false;
	rule_describe(f->rule, &t);
	return t.each != RULE_EACH_IGNORE || f->at.line == 0;
}

/* Do options and settings keep it?  Those may give it another level. */
static bool
is_chosen(const struct session *s, const struct file_setting *file, struct finding *f)
{
	const struct settings *all = &s->settings;
	struct str select = s->o->select, ignore = s->o->ignore, of_file = { 0 };
	unsigned own = 0, of_all = 0, level;
	size_t at = ruleset_place(&s->rules, f->code);

	/* settings that say nothing of any rule are not compiled */
	if (at < all->n_says) {
		own = file != NULL && file->says != NULL ? file->says[at] : 0;
		of_all = all->says[at];
	}
	if (file != NULL)
		of_file = file->select;
	level = (own & (SETTING_OFF | SETTING_LEVEL)) != 0 ? own : of_all;
	if ((level & SETTING_OFF) != 0)
		return false;
	if ((level & SETTING_LEVEL) != 0)
		f->level = (enum level)(level >> SETTING_LEVEL_SHIFT);
	if (select.p != NULL && !listed(select, f->code))
		return false;
	if (select.p == NULL && of_file.p != NULL && (own & SETTING_SELECTED) == 0)
		return false;
	if (select.p == NULL && of_file.p == NULL && all->select.p != NULL && (of_all & SETTING_SELECTED) == 0)
		return false;
	return ignore.p != NULL ? !listed(ignore, f->code) : ((own | of_all) & SETTING_IGNORED) == 0;
}

static bool
settings_may(const struct session *s, const struct file_setting *file, const struct finding *f)
{
	return file == NULL || s->o->config.p != NULL || !is_refusal(f);
}

bool
session_kept(const struct session *s, const struct file_setting *file, struct finding *f)
{
	struct str select = s->o->select, ignore = s->o->ignore;

	if (settings_may(s, file, f))
		return is_chosen(s, file, f);
	return (select.p == NULL || listed(select, f->code)) && !listed(ignore, f->code);
}

bool
session_overruled(const struct session *s, const struct file_setting *file, const struct finding *f)
{
	struct finding as_said = *f;

	return !settings_may(s, file, f) && (!is_chosen(s, file, &as_said) || as_said.level != f->level);
}

enum sk_code
session_choice(struct session *s, struct err *e)
{
	struct str want = s->o->fail_on;
	enum sk_code code;

	if (want.p != NULL) {
		int level = LEVEL_ERROR;

		while (level >= LEVEL_NOTE && !str_eqc(want, level_name((enum level)level)))
			level--;
		if (level < LEVEL_NOTE)
			return err_set(e, SK_EUSAGE, "--fail-on takes error, warning or note");
		s->fail_on = (enum level)level;
	}
	code = check_list(s, "--select", s->o->select, e);
	return code != SK_OK ? code : check_list(s, "--ignore", s->o->ignore, e);
}

static struct str
row_name(const void *ctx, uint32_t row)
{
	const struct session *s = ctx;

	return s->row[row].target->shown;
}

/* Only what was chosen, settled. */
static void
keep_chosen(struct session *s)
{
	struct findings *f = &s->findings;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (session_kept(s, NULL, &f->v[i]))
			f->v[n++] = f->v[i];
		else
			free(f->v[i].row);
	}
	f->n = n;
	f->row_name = row_name;
	f->row_ctx = s;
	findings_settle(s->arena, f);
}

static struct span
row_at(const void *ctx, uint32_t row)
{
	const struct session *s = ctx;

	return s->row[row].target->at;
}

/* What comments in the configs suppress.  Which of them are of no use depends on the machine, so nobody asks here. */
static void
find_comments(struct session *s)
{
	const struct suppress_run run = { .asked = NULL };
	const struct session_end *end[] = { &s->client, &s->server };

	s->findings.row_ctx = s;
	for (size_t i = 0; i < sizeof end / sizeof *end; i++)
		if (end[i]->wanted && end[i]->present)
			comments_conf(&s->comments, s->arena, &end[i]->conf, false, row_at, &s->findings);
	for (size_t i = 0; i < s->comments.n; i++)
		comments_judge(&s->comments, i, &s->rules, s->arena, &run, &s->findings);
}

enum sk_code
session_find(struct session *s, struct err *e)
{
	enum sk_code code = session_choice(s, e);

	if (code != SK_OK)
		return code;
	if (s->settings.n_rule > 0 || s->settings.select.p != NULL || s->settings.ignore.p != NULL)
		settings_compile(&s->settings, &s->rules, s->arena);
	for (size_t i = 0; i < s->facts.n_note; i++)
		session_note(s, s->facts.note[i]);
	for (size_t i = 0; i < s->n_row; i++)
		if (s->batch == NULL || s->row[i].side == KW_SERVER)
			find_row(s, &s->row[i]);
	code = find_lines(s, &s->client, KW_CLIENT, e);
	if (code == SK_OK)
		code = find_lines(s, &s->server, KW_SERVER, e);
	if (code != SK_OK)
		return code;
	code = session_starts(s, e);
	if (code != SK_OK)
		return code;
	ruleset_machine(&s->rules, s->arena,
	    &(struct rule_machine){ .facts = &s->facts, .policy = s->n_row > 0 ? s->row[0].is->policy : NULL },
	    &s->findings);
	find_comments(s);
	keep_chosen(s);
	fingerprints_mark(s->arena, &s->findings, STR(""), &(struct naming){ 0 });
	fingerprints_number(s->arena, &s->findings);
	findings_quote(s->arena, &s->findings);
	return ruleset_fault(&s->rules, e);
}

int
session_status(const struct session *s)
{
	for (size_t i = 0; i < s->findings.n; i++)
		if (!s->findings.v[i].suppressed && s->findings.v[i].level >= s->fail_on)
			return s->o->exit_zero ? 0 : 1;
	return 0;
}
