/* SPDX-License-Identifier: MIT */
/*
 * Rule files (contract section 6): loading, checking, listing, and judging one row or one line.
 * Rules are compiled once; nothing is parsed per host.
 */
#ifndef RULE_RULESET_H
#define RULE_RULESET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ini_pack.h"
#include "eval/brief.h"
#include "eval/waiting.h"
#include "model/clocks.h"
#include "model/path.h"
#include "rule/finding.h"
#include "start/start.h"

enum rule_side { RULE_CLIENT, RULE_SERVER, RULE_BOTH /* needs both ends */, RULE_HOST /* the machine */ };
/*
 * What a rule looks at: rows (hosts, Match cases), lines of a config, the machine once, lines of start files, or comments
 * that suppress findings.
 */
enum rule_each { RULE_EACH_ROW, RULE_EACH_LINE, RULE_EACH_MACHINE, RULE_EACH_START, RULE_EACH_IGNORE };

struct rule; /* opaque: compiled */
struct ruleset {
	struct arena arena;
	struct rule **v;
	size_t n, cap;
	bool unsorted;	      /* the codes do not stand in byte order */
	struct arena scratch; /* one rule that is being compiled */
	struct err fault;     /* of the first built-in rule that could not be compiled */
};

void ruleset_init(struct ruleset *rs);
/* Add the rules of one INI text.  A known code replaces the earlier rule.  SK_ERULE with FILE:LINE. */
SK_CHECK enum sk_code ruleset_load(struct ruleset *rs, struct str file, struct str text, struct err *e);
/*
 * The same from a file that was read at build time.  Its rules are compiled when they are first asked, so rs must stay
 * where it is.
 */
SK_CHECK enum sk_code ruleset_load_pack(struct ruleset *rs, const struct ini_pack *pack, struct err *e);
/* Compile all that was put off; fails with the first fault found now or earlier. */
SK_CHECK enum sk_code ruleset_compile(const struct ruleset *rs, struct err *e);
/* Only that fault, if there was one. */
SK_CHECK enum sk_code ruleset_fault(const struct ruleset *rs, struct err *e);
void ruleset_release(struct ruleset *rs);

/* One example: a config text (or facts, for the machine) under which the rule must or must not fire. */
struct rule_example {
	bool bad;
	struct str text, peer;
	unsigned line;
};

/* For `rules` and `explain`. */
struct rule_text {
	struct str code, name, message, why, see, good, bad, given, when, advice, file;
	/* only in what rule_describe() gives */
	enum rule_each each;
	enum suppressible may;
	const struct rule_example *example;
	size_t n_example;
	enum level level;
	enum rule_side side;
	unsigned line;
};
void rule_describe(const struct rule *r, struct rule_text *ret);
struct str rule_code(const struct rule *r);
/* The index into v of the rule with this code; SIZE_MAX: there is none. */
size_t ruleset_place(const struct ruleset *rs, struct str code);
const struct rule *ruleset_find(const struct ruleset *rs, struct str code);
/*
 * A finding of that rule whose conditions the caller has seen for itself: its code, name, level and texts as they stand,
 * the rest zero.  false: the set has no such rule.
 */
bool ruleset_finding(const struct ruleset *rs, struct str code, struct finding *ret);
bool ruleset_has(const struct ruleset *rs, struct str prefix); /* a rule's code starts with it; not empty */
/*
 * Run the good and bad examples of every rule of file (or all, file empty) under its `given` line: a bad
 * example must fire the rule, a good one must not.  SK_ERULE names the first that does not hold.
 */
SK_CHECK enum sk_code ruleset_selftest(const struct ruleset *rs, const struct networks *n, const struct policies *p,
    struct str file, size_t *ret_examples, struct err *e);

/* What the rule says of one of its bad examples: message, why, advice and level of *ret, texts in a. */
SK_CHECK enum sk_code ruleset_example(const struct ruleset *rs, const struct networks *n, const struct policies *p,
    const struct rule *r, const struct rule_example *x, struct arena *a, struct finding *ret, struct err *e);

/* All that one row's rules may ask for.  Pointers may be NULL where the row has no such thing. */
struct rule_row {
	enum kw_side side;
	struct str host;   /* as shown */
	struct span named; /* where; zero: nowhere */
	enum target_kind kind;
	const struct effective *client, *server;
	const struct facts *facts;
	const struct path *path;
	const struct judgement *judgement;
	const struct policy *policy;
	bool machine_untouched; /* nobody configured anything: the row never exceeds note */
	bool lint;
	bool part;     /* lint: of a config that nobody knows all of */
	bool declared; /* lint: somebody declared the network or the policy */
	struct ver client_ver, server_ver;
	bool has_jump;	       /* ProxyJump leg */
	struct str jump_fault; /* eff_jump_fault() */
};
void ruleset_row(const struct ruleset *rs, struct arena *a, const struct rule_row *row, struct findings *out);

/*
 * For client rows that share their values (eval/brief.h): which keywords the rules of the client read, by row into matters
 * [KW_ROWS_MAX], which is added to; and which rules read the name of the row, or text made of it.  The latter
 * are not asked by ruleset_shared(), but, row by row, by ruleset_own().  True: there are such rules.
 */
bool ruleset_reads(struct ruleset *rs, bool *matters);
void ruleset_shared(const struct ruleset *rs, struct arena *a, const struct rule_row *row, struct findings *out);
void ruleset_own(const struct ruleset *rs, struct arena *a, const struct rule_row *row, struct findings *out);

/*
 * Keywords of side that the rules for rows look at, in *used (KW_ROWS_MAX flags by row, which stay set): where none of
 * them is set by a line, what ruleset_row() finds has no line.  True: rows of any file whose values of these
 * keywords, path, judgement and policy are equal get the same findings, save the name in the message and the lines.
 */
bool ruleset_keywords(const struct ruleset *rs, enum kw_side side, bool *used);

/* Lines of a configuration: diags of conf/, and what the traces of all rows say (shadowed, duplicate, ...). */
struct rule_lines {
	const struct conf *conf;
	const struct effective *const *row; /* traced values of all rows */
	size_t n_row;
	const struct conf_use *use; /* the same already added up, and row is not looked at; NULL: from row */
	const struct facts *facts;
	bool lint;
	struct str unread_by; /* the main config beside a drop-in, as long as nobody knows that it includes it; "" */
	const struct waiting *waiting; /* what is not judged for its refused lines, to be told; NULL: not to be */
};
void ruleset_lines(const struct ruleset *rs, struct arena *a, const struct rule_lines *in, struct findings *out);

/* A command line of a start file (start/start.h) that runs ssh or autossh, with the values its ssh gets. */
struct rule_start {
	const struct start *start;
	struct rule_row row;   /* client is NULL where the values cannot be known */
	struct str clash;      /* FILE:LINE of another one with the same monitor port; "" */
	const bool *uncertain; /* by keyword row: the value is not to be had (KW_ROWS_MAX flags); NULL: none */
};
void ruleset_start(const struct ruleset *rs, struct arena *a, const struct rule_start *in, struct findings *out);
/* What is known of the values that the ssh of a start file gets. */
enum start_known {
	START_ALL_KNOWN,
	START_ANY_HOST, /* the host is computed: what the command line sets is certain, and what no file sets */
	START_NO_FILES, /* some file is not seen: what the command line sets is certain */
};
/*
 * May rules see the values of s?  Of a command line that a computed word may complete nothing is certain but that ssh
 * refuses a word ahead of it.
 */
bool rule_start_known(const struct start *s, const struct effective *ev);
/* Marks in uncertain what is not, and the keywords of s whose value is computed. */
void rule_start_doubts(const struct start *s, const struct effective *ev, enum start_known known, bool *uncertain);

/* What is the matter with a comment that suppresses findings (rule/suppress.h). */
struct rule_ignore {
	/* of a comment "malformed", "no-reason", "unknown-code", "unused", "refused"; of a file (at is zero) "kind" */
	const char *problem;
	struct str code, hint;
	bool part; /* the file was judged without what includes it */
	struct str file;
	enum kw_side side;
	struct span at;
};
void ruleset_ignore(const struct ruleset *rs, struct arena *a, const struct rule_ignore *in, struct findings *out);

/* Kernel, conntrack, TMOUT, logind. */
struct rule_machine {
	const struct facts *facts;
	const struct policy *policy;	  /* or NULL */
	const struct sysctl_said *sysctl; /* a line of a sysctl.d file that is at fault; NULL: about none */
	bool lint;			  /* the facts are what one file of a repository says */
};
void ruleset_machine(const struct ruleset *rs, struct arena *a, const struct rule_machine *in, struct findings *out);

/*
 * Worst first, then file, line, code; equal findings of several hosts are joined.  A finding with rows gets its hosts
 * from f->row_name; its message is made of the key.
 */
void findings_settle(struct arena *a, struct findings *f);

#endif
