/* SPDX-License-Identifier: MIT */
/*
 * A finding: what a rule found, where, for whom, and the abstract fix (keyword, wanted value).  Only the edit
 * planner turns a fix into bytes.
 */
#ifndef RULE_FINDING_H
#define RULE_FINDING_H

#include "conf/doc.h"
#include "detect/facts.h"

enum level { LEVEL_NOTE, LEVEL_WARNING, LEVEL_ERROR };
const char *level_name(enum level l);

/* One wanted value.  keyword may also be "sysctl.NAME" for kernel knobs. */
struct fix_item {
	struct str keyword, value;
	bool remove; /* the line goes away (shadowed, misspelt duplicates) */
};

/* May a comment or a baseline suppress a finding? */
enum suppressible {
	SUPPRESS_ALWAYS,
	SUPPRESS_WITH_REASON, /* only a comment that gives its reason */
	SUPPRESS_NEVER,
};

/* What stands where a finding points (rule/quote.h).  All zero: not known. */
struct quote {
	struct str text; /* a part of the line around the span, without its end; any bytes */
	uint32_t off;	 /* bytes of the line that stand before text */
	bool known;
	bool cut; /* the line goes on behind text */
	/* 1-based columns of the span's first byte and of what follows it: in code points, in units of UTF-16 */
	uint32_t col_points, end_points, col_units, end_units;
};

struct finding {
	const struct rule *rule;
	struct str code, name;
	enum level level;
	enum confidence confidence;
	enum kw_side side;
	const struct conf *conf; /* NULL: not about a config file (kernel, shell) */
	struct span at;		 /* zero: nothing decides (a default) */
	struct span named;	 /* where its row is named, until rows are joined; zero: nowhere */
	struct str file;	 /* shown name of the file; "" when none */
	struct str *host;	 /* rows concerned, in order of appearance */
	size_t n_host, cap_host;
	uint32_t *row; /* the same as numbers of rows, ascending, until findings_settle() names them; heap */
	size_t n_row, cap_row;
	struct str message, why, advice; /* expanded templates, escaped by the reporters */
	struct fix_item *fix;
	size_t n_fix;
	enum suppressible may;
	bool suppressed;   /* it is told, and does not count */
	bool in_baseline;  /* by a baseline, not by a comment */
	struct str reason; /* that the comment gives; "" */
	struct quote quote;
	/* rule/fingerprint.h: without and with its number among equals; each "" until it is made */
	struct str mark, fingerprint;
	uint32_t edits; /* lint: 1 + number of its set of edits (lint/fix.h); 0: none */
	struct str key; /* the message with {host} left open: equal keys of several hosts are one finding */
	uint32_t order; /* tie-break: rule order, then row */
};

struct findings {
	struct finding *v;
	size_t n, cap;
	struct str (*row_name)(const void *ctx, uint32_t row); /* NULL: no finding has rows */
	const void *row_ctx;
};
/* key with {host} filled in: the message of a finding about these hosts, which names the first and counts the others. */
struct str finding_message(struct arena *a, struct str key, const struct str *host, size_t n);
/* Frees the heap parts; the texts live in the arena that made them. */
void findings_release(struct findings *f);

#endif
