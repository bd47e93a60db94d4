/* SPDX-License-Identifier: MIT */
/*
 * Reporters: what was found, as bytes.  One file and one row of report_table[] each.  They print into a buf;
 * the command writes it once.  Escaping lives in one function per format.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/buf.h"
#include "model/clocks.h"
#include "model/path.h"
#include "rule/finding.h"
#include "rule/ruleset.h"

struct report_host {
	enum kw_side side;
	enum target_kind kind;
	struct str shown;
	const struct effective *ev; /* NULL never; values and refusal: several rows may share one, see values() */
	const struct path *path;
	const struct judgement *j;
	const struct policy *policy; /* that this row was judged by */
	struct span decides;	     /* the line that decides; zero: a default */
	const struct explained *why; /* effective only: what has no effect, and why; NULL */
};

/* What lint adds. */
struct report_lint {
	size_t n_seen, n_config; /* files looked at, and those that are configs */
	struct str hosts;	 /* JSON: the rows, see report_json_lint_host() */
	size_t n_fresh;		 /* text: so many findings at the end are of files as a diff would leave them */
};

/*
 * One replaced range of a file, which together with the others of the same finding mends it.  off and len count bytes
 * of the file as it was read; off + len never lies inside a line's end of two bytes.  Lines and columns count from 1,
 * columns in bytes; end_line and end_col are those of the first byte that stays.  A line that goes away goes with its
 * end of line, so its edit ends at column 1 of the next line; an insertion has len 0 and an end equal to its start.
 * before and old serve to convert columns: the bytes of the first line that stand before the range, and the range
 * itself.  Edits of one finding do not overlap, and an insertion stands before the range that begins at the same byte;
 * those of two findings may overlap, and may even be equal.
 */
struct report_edit {
	size_t finding;	 /* index into struct report findings */
	struct str file; /* shown name, as in struct finding; a file that exists */
	size_t off, len;
	uint32_t line, col, end_line, end_col;
	struct str before, old, text; /* text: what stands there then; "" when the range goes away */
};

struct live_report; /* model/live.h */

struct report {
	const char *command; /* "audit" */
	const char *version;
	struct str machine; /* host name, or "" in lint */
	int exit_status;
	const struct facts *facts; /* NULL when not detected */
	struct ver ssh_ver, sshd_ver;
	const struct policy *policy;
	const struct report_host *host;
	size_t n_host;
	const struct conf *const *conf;
	size_t n_conf; /* every configuration read */
	const struct findings *findings;
	/* lint: inputs that could not be read: code "input", level error, key is what stands among the notes.  Else NULL. */
	const struct findings *failed;
	const struct ruleset *rules;
	const struct str *note;
	size_t n_note; /* what could not be read or seen */
	bool color, utf8;
	unsigned width; /* columns; 80 when not a terminal */
	enum level fail_on;
	/* The values of a row with lines and names of its own; a is used where ev is shared.  NULL: ev says all. */
	const struct effective *(*values)(const void *ctx, size_t host, struct arena *a);
	const void *values_ctx;
	const struct report_lint *lint; /* NULL for the other commands */
	struct str fix_hint;		/* the command line that shows the diff; "" */
	const struct live_report *live; /* sessions only; NULL */
	/*
	 * lint only, and only when a reporter asks (struct reporter edits): by finding, then file, then offset.  They and
	 * their texts live in the arena of the run.  A finding without edits has no fix that is sure.
	 */
	const struct report_edit *edit;
	size_t n_edit;
};

struct reporter {
	const char *name, *about;
	void (*write)(const struct report *r, struct buf *out);
	bool edits; /* it prints struct report_edit */
	bool quiet; /* it has no place for notes: standard error has them */
};
/* Can JSON hold the new text of these edits, that is, is it UTF-8? */
bool report_edits_text(const struct report_edit *e, size_t n);
/* The edits of one finding: the first of *ret_n, or NULL. */
const struct report_edit *report_edits(const struct report *r, size_t finding, size_t *ret_n);
/* Ended by name NULL: what audit can write, and what effective and lint can. */
extern const struct reporter report_table[], effective_table[], lint_table[];
const struct reporter *report_find(const struct reporter *table, struct str name);

#endif
