/* SPDX-License-Identifier: MIT */
/* Inside rule/ only: a compiled rule, and what its expressions can ask for. */
#ifndef RULE_RULE_H
#define RULE_RULE_H

#include "rule/expr.h"
#include "rule/ruleset.h"

/* A message template: text and names in braces, compiled. */
struct piece {
	struct str text; /* p == NULL: the slot */
	unsigned slot;
	enum xtype type;
	bool bare; /* behind the name of a keyword: a number of seconds, as a config has it */
};
struct template
{
	struct piece *piece;
	size_t n;
};

struct rule_fix {
	struct str keyword; /* canonical, or "sysctl.NAME" */
	struct template value;
	bool remove;
};

struct rule_later;

struct rule {
	struct rule_text text;
	enum rule_each each;
	const struct expr *when, *note_if, *warning_if;
	struct template message, why, advice;
	struct rule_fix *fix;
	size_t n_fix;
	struct rule_example *example;
	size_t n_example;
	enum suppressible may; /* be suppressed, as long as nothing lowers its level */
	bool on_path;	       /* its condition or message speaks of the path: the level follows its confidence */
	bool name_hosts;       /* line rules: list the hosts concerned */
	bool own_row;	       /* row rules: it reads the name, or text that is made of it (see ruleset_reads()) */
	bool shapeless; /* line rules: the condition asks whether a name is known, so a shape cannot stand for it */
	uint32_t order; /* in the rule set */
	struct rule_later *later; /* a built-in rule: what is not compiled yet; NULL: nothing */
};

/*
 * A built-in rule is compiled when it is first asked.  Before rule_ready() only code, side, each, file and line are
 * filled; before rule_texts() only when, too, and what follows from it.  Both do nothing the second time.  A rule that cannot be
 * compiled never fires, and the fault stands in the rule set (ruleset_compile()).
 */
void rule_ready(const struct rule *r);
void rule_texts(const struct rule *r);

/* What is known of one line, for rules with each = line. */
struct line_view {
	const struct conf *conf;
	uint32_t src, line;
	const struct diag *diag; /* NULL: a line without a diag */
	const struct set *set;	 /* NULL: not an accepted setting */
	const struct block *block;
	bool header, unused, duplicate, first_star, dropin_wins, outdented;
	bool open_zero;	      /* ClientAliveCountMax 0, which a template leaves open or the interval beside it */
	bool open_interval;   /* ... the interval */
	bool other;	      /* of two duplicates: it wants another value than the one that wins */
	bool hidden;	      /* an unknown word that IgnoreUnknown hides from every row */
	struct span by;	      /* the line that always wins, or the first of two duplicates */
	struct str unread_by; /* the file as a whole: struct rule_lines; "" */
	const struct waiting *waiting; /* the first refused line, which others wait for; NULL */
	/*
	 * Only the shape of the line is asked for, which many lines share: names that stand for text of this very
	 * line are unknown then, so that what is false of the shape is false of every line that has it.
	 */
	bool shape_only;
	struct arena *arena;
};

struct rule_ctx {
	const struct rule_start *start;	  /* NULL: not about one */
	const struct rule_ignore *ignore; /* NULL: not about one */
	const struct rule *rule;
	const struct rule_row *row;
	const struct line_view *line;
	const struct sysctl_said *sysctl; /* NULL: not about one */
	const struct facts *facts;
	const struct policy *policy;
	const struct conf *conf; /* of the side judged, for versions; may be NULL */
	struct arena *arena;	 /* for texts that must be put together */
	enum kw_side side;
	bool lint;
};

/* Getters of some names of rows (vars_row.c). */
struct xval v_host_git(const struct rule_ctx *c);
struct xval v_path_proxied(const struct rule_ctx *c);
struct xval v_path_piped(const struct rule_ctx *c);
struct xval v_refresh_least(const struct rule_ctx *c);
struct xval v_refresh_least_by(const struct rule_ctx *c);
struct xval v_best_used(const struct rule_ctx *c);
struct xval v_cleared_forwards(const struct rule_ctx *c);
struct xval v_refused_here(const struct rule_ctx *c);
struct xval v_refused_message(const struct rule_ctx *c);
struct xval v_login_fault(const struct rule_ctx *c);
struct xval v_login_word(const struct rule_ctx *c);
/* struct xenv's written(): a word or a time of a keyword as its line has it; ctx is a struct rule_ctx. */
struct xval vars_written(const void *ctx, unsigned slot);
struct xval v_sysctl_problem(const struct rule_ctx *c);
struct xval v_sysctl_key(const struct rule_ctx *c);
struct xval v_sysctl_value(const struct rule_ctx *c);
struct xval v_sysctl_meant(const struct rule_ctx *c);
struct xval v_jump_broken(const struct rule_ctx *c);
struct xval v_jump_fault(const struct rule_ctx *c);
/* Getters of the line.* names (vars_line.c); rows of vars[] point to them. */
struct xval v_line_problem(const struct rule_ctx *c);
struct xval v_line_effect(const struct rule_ctx *c);
struct xval v_line_word(const struct rule_ctx *c);
struct xval v_line_hint(const struct rule_ctx *c);
struct xval v_line_message(const struct rule_ctx *c);
struct xval v_line_text(const struct rule_ctx *c);
struct xval v_line_open_zero(const struct rule_ctx *c);
struct xval v_line_open_when(const struct rule_ctx *c);
struct xval v_line_keyword(const struct rule_ctx *c);
struct xval v_line_value(const struct rule_ctx *c);
struct xval v_line_set(const struct rule_ctx *c);
struct xval v_line_unused(const struct rule_ctx *c);
struct xval v_line_unused_by(const struct rule_ctx *c);
struct xval v_line_duplicate(const struct rule_ctx *c);
struct xval v_line_duplicate_of(const struct rule_ctx *c);
struct xval v_line_in_match(const struct rule_ctx *c);
struct xval v_line_block(const struct rule_ctx *c);
struct xval v_line_block_text(const struct rule_ctx *c);
struct xval v_line_block_line(const struct rule_ctx *c);
struct xval v_line_header(const struct rule_ctx *c);
struct xval v_line_host_comma(const struct rule_ctx *c);
struct xval v_line_negations_only(const struct rule_ctx *c);
struct xval v_line_first_star(const struct rule_ctx *c);
struct xval v_line_exec(const struct rule_ctx *c);
struct xval v_line_comment(const struct rule_ctx *c);
struct xval v_line_glued(const struct rule_ctx *c);
struct xval v_line_included_in_match(const struct rule_ctx *c);
struct xval v_line_dropin(const struct rule_ctx *c);
struct xval v_line_final(const struct rule_ctx *c);
struct xval v_line_outdented(const struct rule_ctx *c);
struct xval v_line_unread(const struct rule_ctx *c);
struct xval v_line_unread_by(const struct rule_ctx *c);
struct xval v_line_waits(const struct rule_ctx *c);
struct xval v_line_waits_what(const struct rule_ctx *c);
struct xval v_line_waits_for(const struct rule_ctx *c);

/* Getters of the start.* names (vars_start.c). */
struct xval v_start_program(const struct rule_ctx *c);
struct xval v_start_kind(const struct rule_ctx *c);
struct xval v_start_alive(const struct rule_ctx *c);
struct xval v_start_tunnel(const struct rule_ctx *c);
struct xval v_start_forwards(const struct rule_ctx *c);
struct xval v_start_remote_forwards(const struct rule_ctx *c);
struct xval v_start_monitor(const struct rule_ctx *c);
struct xval v_start_monitor_text(const struct rule_ctx *c);
struct xval v_start_monitor_set(const struct rule_ctx *c);
struct xval v_start_bad_monitor(const struct rule_ctx *c);
struct xval v_start_limits(const struct rule_ctx *c);
struct xval v_start_background(const struct rule_ctx *c);
struct xval v_start_master(const struct rule_ctx *c);
struct xval v_start_supervised(const struct rule_ctx *c);
struct xval v_start_unattended(const struct rule_ctx *c);
struct xval v_start_loop(const struct rule_ctx *c);
struct xval v_start_periodic(const struct rule_ctx *c);
struct xval v_start_guarded(const struct rule_ctx *c);
struct xval v_start_gate(const struct rule_ctx *c);
struct xval v_start_poll_set(const struct rule_ctx *c);
struct xval v_start_bad_variable(const struct rule_ctx *c);
struct xval v_start_cluster(const struct rule_ctx *c);
struct xval v_start_jump(const struct rule_ctx *c);
struct xval v_start_new_option(const struct rule_ctx *c);
struct xval v_start_remote_word(const struct rule_ctx *c);
struct xval v_start_relative(const struct rule_ctx *c);
struct xval v_start_type(const struct rule_ctx *c);
struct xval v_start_pidfile(const struct rule_ctx *c);
struct xval v_start_restart(const struct rule_ctx *c);
struct xval v_start_gives_up(const struct rule_ctx *c);
struct xval v_start_signal(const struct rule_ctx *c);
struct xval v_start_refused(const struct rule_ctx *c);
struct xval v_start_clash(const struct rule_ctx *c);

/* Getters of the ignore.* names (vars_ignore.c). */
struct xval v_ignore_problem(const struct rule_ctx *c);
struct xval v_ignore_code(const struct rule_ctx *c);
struct xval v_ignore_hint(const struct rule_ctx *c);
struct xval v_ignore_part(const struct rule_ctx *c);

/* Names for expr_compile(): ctx is a struct vars_scope. */
struct vars_scope {
	enum rule_side side;
	enum rule_each each;
};
bool vars_find(void *scope, struct str name, unsigned *ret_slot, enum xtype *ret_type);
bool vars_keyword(void *scope, struct str name, unsigned *ret_slot);
/* Does the slot speak of the path (path.*, margin, refresh)? */
bool vars_on_path(unsigned slot);
/* The keyword row and side of a slot; false when it is not a keyword. */
bool vars_row(unsigned slot, enum kw_side *ret_side, unsigned *ret_row);
/* Is the slot the row's name, or a keyword whose tokens are expanded for it? */
bool vars_of_name(unsigned slot);
/* Evaluation environment over a struct rule_ctx. */
struct xenv vars_env(const struct rule_ctx *ctx);
/* Every name with its type, for sshkeep-rules(5) and its test. */
size_t vars_count(void);
void vars_describe(size_t i, const char **ret_name, enum xtype *ret_type);

/* Template to text; unknown values print as "unknown". */
SK_CHECK enum sk_code template_compile(
    struct arena *a, struct str text, const struct xnames *names, struct template *ret, struct err *e);
struct str template_expand(struct arena *a, const struct template *t, const struct xenv *env);
/* The same for a fix: durations as whole seconds without a unit. */
struct str template_value(struct arena *a, const struct template *t, const struct xenv *env);

/* Facts of a `given` line or a machine example. */
struct given {
	struct facts facts;
	struct qty path_timeout;
	bool path_given;
	struct ver ver, peer;
	const struct policy *policy;
	struct str sysctl; /* a line of a sysctl.d file; "" */
	struct str dropin; /* a file beside the config that it may include or not; "" */
};

/* Run one example of a rule with each = start: a start file and, as peer, a client config (selftest_start.c). */
struct selftest_start {
	const struct rule *rule;
	const struct rule_example *example;
	const struct given *given;
	const struct networks *networks;
	const struct client_env *env;
	struct arena *arena;
};
SK_CHECK enum sk_code selftest_start(const struct selftest_start *t, struct findings *out, struct err *e);

/* Judge one context by one rule: adds a finding when it fires.  at: where, zero for a default. */
void rule_fire(const struct rule *r, const struct rule_ctx *ctx, struct span at, struct findings *out);
/* One rule of the kind, on all that it looks at; others are passed over. */
void rule_on_row(const struct rule *r, struct arena *a, const struct rule_row *row, struct findings *out);
void rule_on_machine(const struct rule *r, struct arena *a, const struct rule_machine *in, struct findings *out);
void rule_on_ignore(const struct rule *r, struct arena *a, const struct rule_ignore *in, struct findings *out);
void rule_on_start(const struct rule *r, struct arena *a, const struct rule_start *in, struct findings *out);
void rules_on_lines(
    struct rule *const *v, size_t n, struct arena *a, const struct rule_lines *in, struct findings *out);

#endif
