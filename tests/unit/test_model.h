/* SPDX-License-Identifier: MIT */
/* What the tests of model/ share: effective values, facts and rule files made by hand. */
#ifndef TESTS_UNIT_TEST_MODEL_H
#define TESTS_UNIT_TEST_MODEL_H

#include <stdio.h>
#include <stdlib.h>

#include "t.h"

#include "base/arena.h"
#include "model/clocks.h"
#include "model/path.h"

/* Values of one row without any file behind them. */
struct row {
	struct conf conf;
	struct effective ev;
	struct eff v[KW_ROWS_MAX];
};

static inline void
row_init(struct row *r, enum kw_side side, const char *host)
{
	memset(r, 0, sizeof(*r));
	r->conf.side = side;
	r->conf.ver.n = VER_NEWEST;
	r->ev.conf = &r->conf;
	r->ev.host = str_c(host);
	r->ev.hostname = str_c(host);
	r->ev.hostname_known = true;
	r->ev.v = r->v;
}

static inline struct eff *
row_eff(struct row *r, enum kw_id id)
{
	unsigned n = kw_by_id(r->conf.side, id);
	struct eff *e;

	assert_true(n < KW_ROWS_MAX);
	e = &r->v[n];
	e->state = EFF_SET;
	e->from = EFF_FROM_FILE;
	e->set = UINT32_MAX;
	return e;
}

static inline void
row_num(struct row *r, enum kw_id id, int64_t num)
{
	row_eff(r, id)->num = num;
}

static inline void
row_text(struct row *r, enum kw_id id, const char *text)
{
	row_eff(r, id)->text = str_c(text);
}

static inline void
row_unknown(struct row *r, enum kw_id id, const char *reason)
{
	struct eff *e = row_eff(r, id);

	e->state = EFF_UNKNOWN;
	e->reason = reason;
}

static inline void
fact_num(struct facts *f, enum fact_id id, double num)
{
	f->v[id] = (struct fact){ .known = true, .num = num, .confidence = CONF_DETECTED, .source = STR("a test") };
}

static inline void
fact_text(struct facts *f, enum fact_id id, const char *text)
{
	f->v[id] =
	    (struct fact){ .known = true, .text = str_c(text), .confidence = CONF_DETECTED, .source = STR("a test") };
}

/* A shipped file of rules/; the tests run in the top folder. */
static inline struct str
shipped(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	char *p;
	size_t n;

	assert_non_null(f);
	p = arena_alloc(a, 1 << 20);
	n = fread(p, 1, 1 << 20, f);
	fclose(f);
	assert_true(n > 0 && n < 1 << 20);
	return (struct str){ p, n };
}

static inline void
load_shipped(struct arena *a, struct networks *n, struct policies *p)
{
	struct err e = { .code = SK_OK };

	if (n != NULL && network_load(a, n, STR("rules/networks.ini"), shipped(a, "rules/networks.ini"), &e) != SK_OK)
		fail_msg("%s", e.msg);
	if (p != NULL && policy_load(a, p, STR("rules/policies.ini"), shipped(a, "rules/policies.ini"), &e) != SK_OK)
		fail_msg("%s", e.msg);
}

#endif
