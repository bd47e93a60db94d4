/* SPDX-License-Identifier: MIT */
/* Names that rules with each = ignore may use: what is to be said of a comment that suppresses findings. */
#include "rule/rule.h"

struct xval
v_ignore_problem(const struct rule_ctx *c)
{
	return xval_text(str_c(c->ignore->problem));
}

struct xval
v_ignore_code(const struct rule_ctx *c)
{
	return xval_text(c->ignore->code);
}

struct xval
v_ignore_hint(const struct rule_ctx *c)
{
	return xval_text(c->ignore->hint);
}

struct xval
v_ignore_part(const struct rule_ctx *c)
{
	return (struct xval){ .known = true, .num = c->ignore->part };
}
