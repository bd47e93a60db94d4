/* SPDX-License-Identifier: MIT */
/*
 * What the commands share: from options to rules, facts, configurations, judged rows and findings.  The steps
 * are called in the order in which they stand here; a command stops where it has what it needs.  Everything
 * lives in the arena of the run, except what session_release() frees.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include "session/comments.h"
#include "sys/fs_loader.h"
#include "cli/options.h"
#include "session/settings.h"
#include "sys/users.h"
#include "detect/detect.h"
#include "probe/record.h"
#include "report/report.h"
#include "rule/ruleset.h"

/* What is judged once for all rows that share it: each row its own, except in a batch (session/batch.h). */
struct session_case {
	const char *blocked;	     /* why it cannot be judged; NULL */
	struct effective *ev, *peer; /* peer: the other end's values when both files were given */
	struct str jump_fault;	     /* why its jump hosts lead nowhere; "" */
	struct path path;
	struct judgement judgement;
	const struct policy *policy;
	const struct host_setting *setting;
	bool legs_added; /* its jump hosts have rows */
	bool shared;	 /* ev is that of the first of several rows: names, and lines that decide, are its own */
};

/* One row: a host of the client, or a case of the server. */
struct session_row {
	enum kw_side side;
	const struct target_row *target; /* shown, kind and possible also on the server */
	struct str user;		 /* client: user@host, -l */
	struct server_spec *spec;	 /* server, or the far end's; NULL: none */
	struct session_case *is;
	struct span decides; /* the line that decides; zero: a default */
};

/* One end's configuration. */
struct session_end {
	bool wanted, asked, present; /* asked: by option, so that a missing file is an error */
	struct conf conf;
	struct conf_opts opts;
	struct ver ver;
};

struct session {
	struct arena *arena;
	const struct options *o;
	struct fs_tree tree;
	struct loader loader;
	bool live;	/* the running machine, not a --root */
	bool other_net; /* what is judged is in another network namespace: addresses here say nothing of it */
	struct user user;
	struct str env_home;	/* what ~ means */
	struct str user_config; /* HOME/.ssh/config */
	struct str machine;
	struct ruleset rules;
	struct networks networks;
	struct policies policies;
	struct settings settings;
	struct facts facts;
	struct probe_record *measured; /* what probe measured and keeps; only on the running machine */
	size_t n_measured, cap_measured;
	struct session_end client, server;
	bool both; /* -F and -f: compare them */
	bool legs; /* jump hosts get rows of their own */
	struct client_env env;
	struct session_row *row;
	size_t n_row, cap_row;
	struct conf *client_conf; /* = &client.conf, but for starts: resolving uses its index as scratch space */
	bool client_untouched, server_untouched; /* nobody configured anything there */
	bool share;				 /* rows with equal values share their case; audit only */
	struct batch *batch;			 /* how; NULL until rows are judged */
	struct findings findings;
	struct comments comments; /* of the two ends' files; not in lint */
	struct str *note;
	size_t n_note, cap_note;
	enum level fail_on;
	void (*writing)(void *ctx, bool on); /* called ahead of a file's write and behind it; NULL: nobody asks */
	void *writing_ctx;
};

/* Built-in rules, networks and policies, then --rules.  Also clears *s. */
/* --config none: there are no settings, as -F none is no config. */
bool session_no_settings(const struct options *o);
SK_CHECK enum sk_code session_rules(struct session *s, struct arena *a, const struct options *o, struct err *e);
/* --root, --home, --user: where things stand.  session_machine() does it, too. */
SK_CHECK enum sk_code session_place(struct session *s, struct err *e);
/* --root, --home, --user, settings, facts. */
SK_CHECK enum sk_code session_machine(struct session *s, struct err *e);
/* The two above. */
SK_CHECK enum sk_code session_open(struct session *s, struct arena *a, const struct options *o, struct err *e);
/* Which ends are meant, their releases, their files (session/conf.c). */
SK_CHECK enum sk_code session_read(struct session *s, struct err *e);
/* Rows with values, path and judgement (session/rows.c). */
SK_CHECK enum sk_code session_judge(struct session *s, struct err *e);
/* Everything up to here. */
SK_CHECK enum sk_code session_rows(struct session *s, struct arena *a, const struct options *o, struct err *e);
/* Findings, filtered by settings, --select and --ignore, settled (session/find.c). */
SK_CHECK enum sk_code session_find(struct session *s, struct err *e);
/* --fail-on, --select and --ignore: checked, and s->fail_on set. */
SK_CHECK enum sk_code session_choice(struct session *s, struct err *e);
/*
 * Do settings, --select and --ignore keep the finding?  Its level may change.  file: what settings say of its file, in
 * lint; the settings of the tree itself cannot hide what OpenSSH refuses.  NULL: not in a tree.
 */
bool session_kept(const struct session *s, const struct file_setting *file, struct finding *f);
/* Of a finding that is kept: do settings say something else of it, which does not count? */
bool session_overruled(const struct session *s, const struct file_setting *file, const struct finding *f);
/* All steps.  share: rows with equal values are judged once; then only session_values() tells them apart. */
SK_CHECK enum sk_code session_all(
    struct session *s, struct arena *a, const struct options *o, bool share, struct err *e);
/* All steps once more as if the files over (borrowed) were in place; everything that before read has to be in it. */
SK_CHECK enum sk_code session_after(
    struct session *s, const struct session *before, const struct fs_over *over, size_t n, struct err *e);
/*
 * Units, scripts, crontabs and compose files of this machine that start ssh or autossh: their findings are added
 * (session/starts.c; sshkeep(1) says where it looks).
 */
SK_CHECK enum sk_code session_starts(struct session *s, struct err *e);
/* 0 or 1 by the contract; --exit-zero counts. */
int session_status(const struct session *s);
/* The findings and rows as the reporters want them; *ret borrows from s (session/report.c). */
SK_CHECK enum sk_code session_report(const struct session *s, const char *command, struct report *ret, struct err *e);
void session_release(struct session *s);

/* A sentence about what could not be seen; repeated ones are kept once. */
void session_note(struct session *s, struct str text);
/* Split HOST as ssh does: user@host and ssh://user@host:port.  *ret_port is empty when none is given. */
SK_CHECK enum sk_code session_host(
    struct arena *a, struct str arg, struct str *ret_user, struct str *ret_host, struct str *ret_port, struct err *e);
/* What is to be said on standard error of a release that is too new to be known: text is how it was given. */
void session_beyond(struct ver ver, const char *whence, struct str text);
/* -C SPEC of sshd. */
SK_CHECK enum sk_code session_spec(
    struct arena *a, const struct opt_list *l, struct ver ver, struct server_spec *ret, struct err *e);
/* Does a client row forward ports? */
bool session_forwards(const struct effective *ev);
/* "deciding line" of a case. */
struct span session_decides(const struct session_case *c, enum kw_side side);
/* The name by which settings know a row: the host without its user, or the pattern. */
struct str session_name(const struct session_row *r);
/* What a client row is asked as. */
struct target session_target(const struct session_row *r);
/* The values of row i with all lines and names its own; a is used where its case is shared. */
const struct effective *session_values(const struct session *s, size_t i, struct arena *a);
/* Values, path, policy and judgement of a row that shares nothing. */
SK_CHECK enum sk_code session_case(struct session *s, struct session_row *r, struct session_case *c, struct err *e);
/* What the rules are asked about a row. */
void session_rule_row(
    const struct session *s, const struct session_row *r, const struct session_case *c, struct rule_row *ret);
/* Report files of --output, then the chosen format on standard output; gives the exit status. */
int session_print(const struct session *s, const struct reporter *table, const struct report *r);
/* Checks --format and --output before any work is done. */
SK_CHECK enum sk_code session_formats(const struct options *o, const struct reporter *table, struct err *e);

#endif
