/* SPDX-License-Identifier: MIT */
/*
 * The expressions of rule files (contract section 6; sshkeep-rules(5)): typed, compiled once, evaluated without
 * allocation, three truth values.
 *
 *   or:      and { "or" and }              and:  not { "and" not }        not:  [ "not" ] compare
 *   compare: sum [ ( == != < <= > >= | "matches" ) sum ]
 *   sum:     product { ( + | - ) product } product: atom { ( * | / ) atom }
 *   atom:    number [unit] | "text" | never | true | false | name | function "(" args ")" | "(" or ")"
 */
#ifndef RULE_EXPR_H
#define RULE_EXPR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"
#include "base/str.h"

enum xtype {
	X_DURATION, /* seconds; never is INFINITY */
	X_NUMBER,
	X_BARE, /* a literal without a unit: takes the type of the other side */
	X_FLAG,
	X_TEXT,
};

struct xval {
	enum xtype type;
	bool known;
	double num; /* also flags: 0 or 1 */
	struct str text;
};

static inline struct xval
xval_unknown(void)
{
	return (struct xval){ .known = false };
}

static inline struct xval
xval_number(double v)
{
	return (struct xval){ .known = true, .num = v };
}

static inline struct xval
xval_text(struct str s)
{
	return (struct xval){ .type = X_TEXT, .known = true, .text = s };
}

/* How names are bound when a file is loaded, and asked when a rule runs. */
struct xnames {
	void *ctx;
	/* Type and slot of a name; false: there is none. */
	bool (*find)(void *ctx, struct str name, unsigned *ret_slot, enum xtype *ret_type);
	/* For set(Keyword), origin(Keyword): the slot of a keyword only. */
	bool (*keyword)(void *ctx, struct str name, unsigned *ret_slot);
};
struct xenv {
	const void *ctx;
	struct xval (*get)(const void *ctx, unsigned slot);
	/* The value as its line has it, for texts ("10m", not "600"); unknown: there is no other than get()'s.  Or NULL. */
	struct xval (*written)(const void *ctx, unsigned slot);
	bool (*is_set)(const void *ctx, unsigned slot, bool *ret_known);
	struct str (*origin)(const void *ctx, unsigned slot);
	int (*version)(const void *ctx); /* VERP() of the side that is judged; 0 unknown */
};

struct expr; /* a compiled node; lives in the arena given */

/* Fails with SK_ERULE and a reason without file and line (the caller adds them). */
SK_CHECK enum sk_code expr_compile(
    struct arena *a, struct str text, const struct xnames *names, const struct expr **ret, struct err *e);
struct xval expr_eval(const struct expr *x, const struct xenv *env);
/* Fires only on true. */
bool expr_true(const struct expr *x, const struct xenv *env);
/* The type of the whole: a condition is X_FLAG. */
enum xtype expr_type(const struct expr *x);
/* Call back for every slot that the expression asks for, in order of appearance. */
void expr_slots(const struct expr *x, void (*fn)(void *ctx, unsigned slot), void *ctx);
/* The same only where the value itself counts: not in known(), set(), origin(), nor compared with "". */
void expr_texts(const struct expr *x, void (*fn)(void *ctx, unsigned slot), void *ctx);

#endif
