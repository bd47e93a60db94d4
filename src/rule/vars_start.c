/* SPDX-License-Identifier: MIT */
/* Names that rules may use of a command line in a start file. */
#include "rule/rule.h"

/* autossh's own defaults (its reference, section 2). */
enum { GATE_DEFAULT_S = 30 };

static const struct start *
start(const struct rule_ctx *c)
{
	return c->start->start;
}

struct xval
v_start_program(const struct rule_ctx *c)
{
	static const char *const names[] = {
		[START_SSH] = "ssh", [START_AUTOSSH] = "autossh", [START_SIGNAL] = "signal", [START_FILE] = "file"
	};

	return xval_text(str_c(names[start(c)->program]));
}

struct xval
v_start_kind(const struct rule_ctx *c)
{
	return xval_text(str_c(start_kind_name(start(c)->kind)));
}

struct xval
v_start_alive(const struct rule_ctx *c)
{
	const struct eff *e = c->row->client != NULL ? eff_get(c->row->client, KW_ID_SERVERALIVEINTERVAL) : NULL;

	if (e == NULL || e->state != EFF_SET)
		return xval_text(STR("no ServerAliveInterval"));
	return xval_text(arena_printf(c->arena, "ServerAliveInterval is %.*s", STR_ARG(e->text)));
}

struct xval
v_start_tunnel(const struct rule_ctx *c)
{
	/* a computed word may hold -N, or a command */
	if (!start(c)->complete && !start_is_tunnel(start(c)))
		return xval_unknown();
	return xval_number(start_is_tunnel(start(c)));
}

/* Forwards of the config; false: not known. */
static bool
config_forwards(const struct rule_ctx *c, enum kw_id id, size_t *n)
{
	const struct effective *ev = c->row->client;
	unsigned row = kw_by_id(KW_CLIENT, id);

	if (ev == NULL || ev->refused || ev->v == NULL || (c->start->uncertain != NULL && c->start->uncertain[row]))
		return false;
	*n += eff_get(ev, id)->n_also;
	return true;
}

/* Some forward of the command line is certain, whatever the config says. */
static struct xval
forwards(const struct rule_ctx *c, size_t own, const enum kw_id *id, size_t n_id)
{
	size_t n = own;
	bool known = true;

	for (size_t i = 0; i < n_id; i++)
		known &= config_forwards(c, id[i], &n);
	return known || n > 0 ? xval_number((double)n) : xval_unknown();
}

struct xval
v_start_forwards(const struct rule_ctx *c)
{
	static const enum kw_id id[] = { KW_ID_LOCALFORWARD, KW_ID_REMOTEFORWARD, KW_ID_DYNAMICFORWARD };

	return forwards(c, start(c)->n_forward, id, 3);
}

struct xval
v_start_remote_forwards(const struct rule_ctx *c)
{
	static const enum kw_id id[] = { KW_ID_REMOTEFORWARD };

	return forwards(c, start(c)->n_remote, id, 1);
}

/* The monitor port; 0: off. */
struct xval
v_start_monitor(const struct rule_ctx *c)
{
	const struct start_var *m = &start(c)->monitor;
	int64_t port = 0;

	if (start(c)->program != START_AUTOSSH)
		return xval_number(0);
	if (!m->set || !m->known || !start_number(str_head(m->value, str_chr(m->value, ':', 0)), &port))
		return xval_unknown();
	return xval_number((double)port);
}

struct xval
v_start_monitor_text(const struct rule_ctx *c)
{
	return xval_text(start(c)->monitor.value);
}

struct xval
v_start_monitor_set(const struct rule_ctx *c)
{
	if (!start(c)->monitor.set && (start(c)->env.open || !start(c)->complete))
		return xval_unknown();
	return xval_number(start(c)->monitor.set);
}

struct xval
v_start_bad_monitor(const struct rule_ctx *c)
{
	return xval_text(start_bad_monitor(c->arena, start(c)));
}

/* What makes autossh exit 0 after a number of starts or a time, as NAME=value. */
struct xval
v_start_limits(const struct rule_ctx *c)
{
	const struct start_var *starts = &start(c)->env.var[VAR_MAXSTART];
	const struct start_var *life = &start(c)->env.var[VAR_MAXLIFETIME];
	int64_t v = 0;

	if (start(c)->program != START_AUTOSSH)
		return xval_text(STR(""));
	if (starts->set && starts->known && start_number(starts->value, &v) && v >= 0)
		return xval_text(arena_printf(c->arena, "AUTOSSH_MAXSTART=%.*s", STR_ARG(starts->value)));
	if (life->set && life->known && start_number(life->value, &v) && v > 0)
		return xval_text(arena_printf(c->arena, "AUTOSSH_MAXLIFETIME=%.*s", STR_ARG(life->value)));
	return xval_text(STR(""));
}

struct xval
v_start_background(const struct rule_ctx *c)
{
	return xval_number(start(c)->background);
}

struct xval
v_start_master(const struct rule_ctx *c)
{
	return xval_number(start(c)->master);
}

struct xval
v_start_supervised(const struct rule_ctx *c)
{
	return xval_number(start(c)->unit != NULL);
}

struct xval
v_start_unattended(const struct rule_ctx *c)
{
	return xval_number(start(c)->unattended);
}

struct xval
v_start_loop(const struct rule_ctx *c)
{
	return xval_number(start(c)->loop);
}

struct xval
v_start_periodic(const struct rule_ctx *c)
{
	return xval_number(start(c)->periodic);
}

struct xval
v_start_guarded(const struct rule_ctx *c)
{
	return xval_number(start(c)->guarded);
}

struct xval
v_start_gate(const struct rule_ctx *c)
{
	const struct start_var *v = &start(c)->env.var[VAR_GATETIME];
	int64_t s = 0;

	/* -f forces it */
	if (start(c)->background)
		return xval_number(0);
	if (!v->set)
		return start(c)->env.open ? xval_unknown() : xval_number(GATE_DEFAULT_S);
	return v->known && start_number(v->value, &s) ? xval_number((double)s) : xval_unknown();
}

struct xval
v_start_poll_set(const struct rule_ctx *c)
{
	if (start(c)->env.open && !start(c)->env.var[VAR_POLL].set)
		return xval_unknown();
	return xval_number(start(c)->env.var[VAR_POLL].set);
}

struct xval
v_start_bad_variable(const struct rule_ctx *c)
{
	return xval_text(start(c)->program == START_AUTOSSH ? start_bad_variable(c->arena, start(c)) : STR(""));
}

struct xval
v_start_cluster(const struct rule_ctx *c)
{
	return xval_text(start(c)->cluster);
}

struct xval
v_start_jump(const struct rule_ctx *c)
{
	return xval_text(start(c)->jump);
}

struct xval
v_start_new_option(const struct rule_ctx *c)
{
	return xval_text(start(c)->new_option);
}

struct xval
v_start_remote_word(const struct rule_ctx *c)
{
	return xval_text(start(c)->remote_word);
}

struct xval
v_start_relative(const struct rule_ctx *c)
{
	return xval_text(start(c)->background ? start(c)->relative : STR(""));
}

static const struct start_unit *
unit(const struct rule_ctx *c)
{
	return start(c)->unit != NULL && !start(c)->unit->is_compose ? start(c)->unit : NULL;
}

/* Type= of the unit; "" where there is none. */
struct xval
v_start_type(const struct rule_ctx *c)
{
	const struct start_unit *u = unit(c);

	if (u == NULL)
		return xval_text(STR(""));
	if (str_chr(u->type, '$', 0) != SIZE_MAX)
		return xval_unknown();
	return xval_text(u->type.n > 0 ? u->type : STR("simple"));
}

struct xval
v_start_pidfile(const struct rule_ctx *c)
{
	return xval_number(unit(c) != NULL && unit(c)->pidfile);
}

/* Restart= of the unit, or compose's policy; "" where nothing of the kind is there. */
struct xval
v_start_restart(const struct rule_ctx *c)
{
	const struct start_unit *u = start(c)->unit;

	if (u == NULL)
		return xval_text(STR(""));
	/* a variable of compose, or of a template */
	if ((u->is_compose && str_eqc(u->restart, "unknown")) || str_chr(u->restart, '$', 0) != SIZE_MAX)
		return xval_unknown();
	return xval_text(u->restart.n > 0 ? u->restart : STR("no"));
}

/* Do quick failures reach the start limit, so that systemd leaves the unit dead?  systemd.unit(5) StartLimitBurst. */
struct xval
v_start_gives_up(const struct rule_ctx *c)
{
	const struct start_unit *u = unit(c);

	if (u == NULL || str_eqc(u->restart, "no") || u->restart.n == 0)
		return xval_number(0);
	if (!u->limit_known || str_chr(u->restart, '$', 0) != SIZE_MAX)
		return xval_unknown();
	return xval_number(u->limit_s > 0 && u->limit_burst > 0 && u->restart_s * (double)u->limit_burst < u->limit_s);
}

struct xval
v_start_signal(const struct rule_ctx *c)
{
	return xval_text(start(c)->signal);
}

/* Does ssh refuse the words themselves?  What the files hold is refused for every host. */
static bool
words_refused(const struct effective *ev)
{
	return ev->refused && ev->refused_at.line > 0 && ev->conf->src[ev->refused_at.src].origin == SOURCE_CMDLINE;
}

struct xval
v_start_refused(const struct rule_ctx *c)
{
	const struct effective *ev = c->row->client;

	return ev == NULL ? xval_unknown() : xval_number(words_refused(ev));
}

bool
rule_start_known(const struct start *s, const struct effective *ev)
{
	return s->complete || words_refused(ev);
}

struct xval
v_start_clash(const struct rule_ctx *c)
{
	return xval_text(c->start->clash);
}

static bool
set_in_a_file(const struct conf *c, unsigned row)
{
	for (size_t i = 0; i < c->n_set; i++)
		if (c->set[i].row == row && c->src[c->set[i].src].origin != SOURCE_CMDLINE)
			return true;
	return false;
}

void
rule_start_doubts(const struct start *s, const struct effective *ev, enum start_known known, bool *uncertain)
{
	size_t n;

	(void)kw_table(KW_CLIENT, &n);
	for (size_t i = 0; i < s->n_vague; i++) {
		unsigned row = kw_find_any(KW_CLIENT, s->vague[i]);

		if (row != KW_UNKNOWN)
			uncertain[row] = true;
	}
	if (known == START_ALL_KNOWN || ev->v == NULL)
		return;
	for (unsigned row = 0; row < n; row++)
		uncertain[row] |=
		    ev->v[row].from != EFF_FROM_CMDLINE && (known == START_NO_FILES || set_in_a_file(ev->conf, row));
}
