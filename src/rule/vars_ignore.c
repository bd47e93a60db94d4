/* SPDX-License-Identifier: MIT */
/* Names that rules with each = ignore may use: what is to be said of a comment that suppresses findings. */
#include "rule/rule.h"

static struct xval
text(struct str s)
{
	return (struct xval){ .type = X_TEXT, .known = true, .text = s };
}

struct xval
v_ignore_problem(const struct rule_ctx *c)
{
	return text(str_c(c->ignore->problem));
}

struct xval
v_ignore_code(const struct rule_ctx *c)
{
	return text(c->ignore->code);
}

struct xval
v_ignore_hint(const struct rule_ctx *c)
{
	return text(c->ignore->hint);
}

struct xval
v_ignore_part(const struct rule_ctx *c)
{
	return (struct xval){ .known = true, .num = c->ignore->part };
}
