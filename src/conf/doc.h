/* SPDX-License-Identifier: MIT */
/*
 * A config file as lines, and a whole configuration as blocks in reading order (Includes in their place).
 *
 * Parsing is total and lossless: every byte sequence gives a document; physical lines are byte ranges of the
 * source and their concatenation is the source.
 *
 * struct conf owns everything below it in one arena; the spans, strs and rows handed out live as long.
 */
#ifndef CONF_DOC_H
#define CONF_DOC_H

#include <signal.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/kw.h"
#include "conf/loader.h"
#include "conf/marks.h"
#include "conf/split.h"
#include "conf/value.h"

enum line_kind {
	LINE_BLANK,
	LINE_COMMENT,
	LINE_VOID, /* text that OpenSSH loses in silence (a quote never closed, "==") */
	LINE_KEYWORD,
	LINE_UNKNOWN, /* a word that the release does not know */
	LINE_GLUED,   /* server: continuation of a line with a NUL; OpenSSH reads it as part of that line */
};

struct line {
	uint32_t off, len; /* bytes of the source, line end excluded */
	uint16_t row;	   /* keyword row; KW_UNKNOWN when none */
	uint8_t kind;
	uint8_t eol; /* bytes of the line end: 0 at the end of a file without one, 1 LF (a CR belongs to len) */
	uint32_t no; /* the number that OpenSSH prints; differs from the physical one after a server NUL */
};

/* One file, split.  Physical line i is line[i] and has number i + 1. */
struct source {
	struct str name;	   /* as OpenSSH would print it */
	struct str shown;	   /* for people: ~ for the home, or relative to the tree */
	struct str bytes;	   /* as they are parsed */
	const struct marks *marks; /* of a template, NULL else; its raw is what the file holds */
	struct line *line;
	uint32_t n;
	uint8_t origin; /* enum source_origin */
	bool bad_perm;
	uint16_t depth;		    /* 0: a main file */
	uint32_t inc_src, inc_line; /* depth > 0: the Include line that pulled it in (0-based) */
};

enum source_origin {
	SOURCE_USER,   /* ~/.ssh/config, or -F */
	SOURCE_SYSTEM, /* /etc/ssh/ssh_config */
	SOURCE_SERVER,
	SOURCE_CMDLINE, /* -o of the command line: one pseudo file */
};

/* A place in a source.  line and col are 1-based, col in bytes; all zero: no place. */
struct span {
	uint32_t src, line, col;
	uint32_t off, len; /* bytes of the source; no source is larger than 64 MiB */
};

enum block_kind {
	BLOCK_FILE, /* what stands before the first Host or Match of a file */
	BLOCK_HOST,
	BLOCK_MATCH,
	BLOCK_MAYBE, /* lines of a template of which nobody knows whether they are there, or below which header */
};

/* One criterion of a Match line. */
enum crit_kind {
	CRIT_ALL,
	CRIT_CANONICAL,
	CRIT_FINAL,
	CRIT_HOST,
	CRIT_ORIGINALHOST,
	CRIT_USER,
	CRIT_LOCALUSER,
	CRIT_EXEC,
	CRIT_LOCALNETWORK,
	CRIT_TAGGED,
	CRIT_VERSION,
	CRIT_COMMAND,
	CRIT_SESSIONTYPE,
	CRIT_GROUP,
	CRIT_ADDRESS,
	CRIT_LOCALADDRESS,
	CRIT_LOCALPORT,
	CRIT_RDOMAIN,
	CRIT_INVALIDUSER,
	CRIT_TEMPLATE, /* pseudo criterion: a template computes what the Match line asks for */
	CRIT_INCLUDE,  /* pseudo criterion: an Include whose path depends on the host (9.9+ tokens) */
};

struct crit {
	uint8_t kind;	/* enum crit_kind */
	bool negated;	/* !criterion (client) */
	struct str arg; /* pattern list, port, command; empty when none */
	struct str
	    tmpl;     /* CRIT_INCLUDE: the path with its tokens; arg is the file that is meant when it expands to it */
	uint32_t col; /* 1-based byte column on the line, for messages */
};

struct block {
	uint8_t kind;
	bool bad;		     /* the header is refused by OpenSSH */
	uint32_t region;	     /* BLOCK_MAYBE: into conf.region, or REGION_NONE */
	uint32_t src, line;	     /* of the header (line index in the source, 0-based); for BLOCK_FILE line is 0 */
	uint32_t read_bytes;	     /* of that line OpenSSH takes so many: no comment behind them; 0: all */
	int32_t parent;		     /* block whose Include pulled this file in, or -1 */
	uint32_t first_crit, n_crit; /* BLOCK_MATCH: into conf.crit */
	uint32_t first_pat, n_pat, n_computed; /* BLOCK_HOST: into conf.pat; of these, how many a template begins */
	uint32_t first_seg;
	uint32_t at_diag, at_end; /* diags and file ends read before it */
};

/* A run of settings of one block that an Include does not interrupt; segments stand in reading order. */
struct seg {
	uint32_t block, first_set, n_set;
};

/* One accepted keyword line. */
struct set {
	uint16_t row;	    /* alias already followed */
	uint16_t flags;	    /* SET_* */
	uint32_t src, line; /* line: 0-based index in the source */
	uint32_t block;
	uint32_t value; /* equal for two sets of one row: the same bytes as arguments; SET_OWN_VALUE: not known */
};
#define SET_OWN_VALUE UINT32_MAX
#define SET_VAGUE     (UINT32_MAX - 1) /* set.value: a template computes the arguments */
#define SET_ANY	      (UINT32_MAX - 2) /* the same, and whether there is such a line at all */
#define REGION_NONE   UINT32_MAX
enum {
	SET_UNSETS = 1,	 /* time "none": sets nothing */
	SET_NOTREAD = 2, /* behind a fatal error */
	SET_CHUNK = 4,	 /* times the part of a long line that clients up to 7.4 read as a line of its own */
};

/* What is wrong or odd with a line.  The kind's name is what rules see as line.problem. */
enum diag_kind {
	DIAG_UNKNOWN_KEYWORD,
	DIAG_WRONG_SIDE,
	DIAG_MISSPELT,
	DIAG_TOO_NEW,
	DIAG_BAD_VALUE,
	DIAG_NO_ARGUMENT,
	DIAG_EXTRA_ARGUMENTS,
	DIAG_BAD_QUOTES,
	DIAG_BAD_MATCH,
	DIAG_NOT_IN_MATCH,
	DIAG_BAD_PERM,
	DIAG_INCLUDE_DEPTH,
	DIAG_INCLUDE_UNREADABLE,
	DIAG_INCLUDE_EMPTY,
	DIAG_INCLUDE_OUTSIDE,
	DIAG_TOO_MANY_FILES,
	DIAG_VOID_LINE,
	DIAG_NUL,
	DIAG_BOM,
	DIAG_NOT_UTF8,
	DIAG_DEPRECATED,
	DIAG_UNSUPPORTED,
	DIAG_LINE_TOO_LONG,
	DIAG_ALIAS,
	DIAG_NONE_UNSETS,
	DIAG_OTHER_VENDOR,
	DIAG_GUESSED,  /* the file is read as a template for what stands here */
	DIAG_TEMPLATE, /* of no account: whether the line is there may depend on the very thing */
	DIAG_MAX_
};
enum diag_effect {
	DIAG_NOTICE,  /* OpenSSH says nothing, or a line that changes nothing */
	DIAG_PRINTED, /* it prints an error line but goes on */
	DIAG_COUNTED, /* counted: it stops at the end of this file */
	DIAG_FATAL,   /* it stops here */
};

struct diag {
	uint8_t kind, effect;
	bool ignorable;	    /* IgnoreUnknown may hide it: it counts only when the word is not covered */
	uint32_t src, line; /* 0-based line index */
	uint32_t col;	    /* 1-based byte column of the offending text */
	uint32_t len;	    /* its bytes; 0: the whole line */
	uint32_t at_set;    /* number of sets read before: its place in reading order */
	uint32_t block;
	struct str word; /* keyword or argument concerned */
	struct str hint; /* suggested spelling, "since 9.6", target file, ... */
	struct str msg;	 /* OpenSSH's own line(s), "" when it says nothing */
	int exit_status; /* OpenSSH's, when it refuses: 255 or 1 */
};
/* The word of a criterion as ssh_config(5) and sshd_config(5) spell it; "" for the pseudo one. */
const char *crit_name(enum crit_kind k);
/* "unknown-keyword" and so on; the names are part of the rule language. */
const char *diag_name(enum diag_kind k);

/* A file's end in reading order: where counted errors become fatal. */
struct file_end {
	uint32_t src, at_set, at_diag, n_counted;
};
struct conf {
	enum kw_side side;
	struct ver ver;
	uint16_t row[KW_ID_MAX_]; /* keyword row + 1 by id; see conf_row() */
	struct arena arena;
	struct source *src;
	size_t n_src, cap_src;
	struct block *block;
	size_t n_block, cap_block;
	struct seg *seg;
	size_t n_seg, cap_seg;
	struct set *set;
	size_t n_set, cap_set;
	struct crit *crit;
	size_t n_crit, cap_crit;
	struct str *pat;
	size_t n_pat, cap_pat;
	struct diag *diag;
	size_t n_diag, cap_diag;
	struct file_end *end;
	size_t n_end, cap_end;
	size_t n_file_bytes; /* bytes of all sources */
	bool capped;	     /* a cap was hit: the rest was not read */
	struct str *missing;
	size_t n_missing, cap_missing; /* main files that do not exist */
	bool final_asked;	       /* a Match line asks for the second pass */
	bool has_exec;		       /* some Match exec stands anywhere */
	bool methods_taken;	       /* server: a global AuthenticationMethods line was read */
	struct str *subsystem;	       /* server: names of the global Subsystem lines */
	size_t n_subsystem, cap_subsystem;
	struct index *index;	 /* eval's host index; NULL until made */
	struct ignores *ignores; /* conf/ignore.c: IgnoreUnknown lists, as far as they were asked for */
	struct region *region;	 /* of all templates read; [0] stands for what is always there */
	size_t n_region, cap_region;
	uint32_t n_opaque;   /* lines of templates that may be anything, and files that were not read */
	struct plain *plain; /* conf/plain.c: what earlier lines said of their words */
	bool quiet;	     /* whoever resolves asks whether OpenSSH refuses, and not for all that it says of it */
	uint64_t work;	   /* what resolving took so far, a step being some 10 ns: for callers that must end in time */
	uint64_t work_max; /* from here on no more names are made up for patterns; 0: always */
	const volatile sig_atomic_t *stop; /* true when time ran out: as if work_max were reached; NULL: never */
};

struct conf_opts {
	enum kw_side side;
	struct ver ver;
	const struct loader *loader;
	struct str home;    /* for relative Includes of the client ($HOME/.ssh) and ~ in `shown` */
	struct str etc_ssh; /* "/etc/ssh", or below --root */
	struct str cmdline; /* lines of -o options, LF-separated; read before any file */
	struct str tree;    /* --root or lint's tree, cut from `shown` names; "" */
	bool (*getenv)(
	    struct str name, struct str *ret); /* for ${NAME} of Include; NULL: the environment is not known */
	const struct marks *marks;	       /* of the bytes given to conf_add_bytes(); NULL: they are no template */
	bool check_main_perm;		       /* ssh checks owner and mode of ~/.ssh/config, not of -F files */
};

/* An empty configuration to which files are added in order.  Release with conf_release(). */
void conf_init(struct conf *c, const struct conf_opts *o);
/*
 * Read one main file and all it includes.  optional: a missing or unreadable file is skipped as ssh skips
 * it (noted in c->missing).  Otherwise SK_ENOENT or SK_EREAD.  SK_ETOOBIG on a cap (64 MiB a file, 4096 files).
 * Content never makes it fail: that is diags.
 */
SK_CHECK enum sk_code conf_add_file(struct conf *c, const struct conf_opts *o, struct str path,
    enum source_origin origin, bool optional, struct err *e);
/* The same with the bytes given (standard input, edited text, tests). */
SK_CHECK enum sk_code conf_add_bytes(struct conf *c, const struct conf_opts *o, struct str name, struct str bytes,
    enum source_origin origin, struct err *e);
void conf_release(struct conf *c);

/* Bytes as OpenSSH's log shows them: octal for control and non-ASCII bytes, backslash doubled. */
struct str conf_vis(struct arena *a, struct str s);
/* kw_by_id() for the side of c, without a search. */
unsigned conf_row(const struct conf *c, enum kw_id id);
/* The text of a line without its end. */
struct str conf_line_text(const struct conf *c, uint32_t src, uint32_t line);
/* Server: does a Match block hold while the daemon starts, without any connection? */
bool conf_match_at_start(const struct conf *c, const struct block *b);
/* Arguments of a set line, as conf_line_args() has them; of the part of the line that was read for it. */
bool conf_set_args(const struct conf *c, struct arena *a, const struct set *s, struct str *ret_word, struct args *ret);
/* Split a keyword line again.  False for other kinds. */
bool conf_line_args(
    const struct conf *c, struct arena *a, uint32_t src, uint32_t line, struct str *ret_word, struct args *ret);
/*
 * The single argument of a set line that needs no splitter (no quotes, escapes, comments): the same as the first
 * of conf_line_args(), without its cost.  False: ask that.
 */
bool conf_plain_arg(const struct conf *c, const struct set *s, struct str *ret);
/* Does the IgnoreUnknown line hide an unknown word that stands below it? */
bool conf_ignores(const struct conf *c, uint32_t set, struct str word);
/* The typed value of a set line; a is used for its text. */
void conf_set_value(const struct conf *c, struct arena *a, const struct set *s, struct value *ret);
struct span conf_line_span(const struct conf *c, uint32_t src, uint32_t line); /* of the whole line */

#endif
