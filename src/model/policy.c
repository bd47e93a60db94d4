/* SPDX-License-Identifier: MIT */
/* Policies: the targets that a recommendation aims for, loaded from INI text. */
#include "model/policy.h"

#include <string.h>

#include "base/num.h"

static enum sk_code
bad(struct str file, unsigned line, struct str section, const char *what, struct str value, struct err *e)
{
	struct buf b = { 0 };
	enum sk_code rc;

	buf_add_escaped(&b, file);
	buf_addf(&b, ":%u: [", line);
	buf_add_escaped(&b, section);
	buf_addf(&b, "] %s", what);
	if (value.p != NULL) {
		buf_addc(&b, " \"");
		buf_add_escaped(&b, str_head(value, 80));
		buf_addc(&b, "\"");
	}
	rc = err_set(e, SK_ERULE, "%.*s", STR_ARG(buf_str(&b)));
	buf_release(&b);
	return rc;
}

/* "2", "1.25": digits with at most one point, so that no locale has a say. */
static bool
read_ratio(struct str s, double *ret)
{
	size_t point = str_chr(s, '.', 0);
	uint64_t whole, part = 0;
	double scale = 1;
	size_t i;

	if (num_uint(str_head(s, point == SIZE_MAX ? s.n : point), 1000000, &whole, NULL) != SK_OK)
		return false;
	if (point != SIZE_MAX) {
		s = str_from(s, point + 1);
		if (s.n > 6 || num_uint(s, 1000000, &part, NULL) != SK_OK)
			return false;
		for (i = 0; i < s.n; i++)
			scale *= 10;
	}
	*ret = (double)whole + (double)part / scale;
	return true;
}

static bool
read_time(struct str s, double *ret)
{
	double v;

	if (num_time(s, &v, NULL) != SK_OK || v < 0)
		return false;
	*ret = v;
	return true;
}

static bool
read_entry(struct arena *a, struct policy *p, const struct ini_entry *en, bool *ret_known)
{
	size_t dash;

	*ret_known = true;
	if (str_eqc(en->key, "about")) {
		p->about = arena_str(a, en->value);
		return en->value.n > 0;
	}
	if (str_eqc(en->key, "assumed_timeout"))
		return read_time(en->value, &p->assumed_timeout_s) && p->assumed_timeout_s > 0;
	if (str_eqc(en->key, "margin"))
		return read_ratio(en->value, &p->margin) && p->margin > 1;
	if (str_eqc(en->key, "outage"))
		return read_time(en->value, &p->outage_s);
	if (str_eqc(en->key, "measured_for"))
		return read_time(en->value, &p->measured_for_s);
	if (str_eqc(en->key, "notice")) {
		dash = str_chr(en->value, '-', 0);
		return dash != SIZE_MAX && read_time(str_trim(str_head(en->value, dash)), &p->notice_min_s) &&
		    read_time(str_trim(str_from(en->value, dash + 1)), &p->notice_max_s) &&
		    p->notice_min_s <= p->notice_max_s;
	}
	*ret_known = false;
	return false;
}

static enum sk_code
read_section(struct arena *a, const struct ini_section *s, struct str file, struct policy *p, struct err *e)
{
	static const char *const required[] = { "about", "assumed_timeout", "margin", "notice", "outage",
		"measured_for" };
	size_t i;
	bool known;

	memset(p, 0, sizeof(*p));
	p->name = arena_str(a, s->name);
	for (i = 0; i < s->n; i++) {
		if (read_entry(a, p, &s->entry[i], &known))
			continue;
		if (!known)
			return bad(file, s->entry[i].line, s->name, "unknown key", s->entry[i].key, e);
		return bad(file, s->entry[i].line, s->name, "not a value that this key takes:", s->entry[i].value, e);
	}
	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		if (ini_get(s, required[i]) == NULL)
			return bad(file, s->line, s->name, "this key is missing:", str_c(required[i]), e);
	}
	return SK_OK;
}

const struct policy *
policy_find(const struct policies *p, struct str name)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (str_eq(p->v[i].name, name))
			return &p->v[i];
	}
	return NULL;
}

enum sk_code
policy_load(struct arena *a, struct policies *p, struct str file, struct str text, struct err *e)
{
	struct ini ini;
	enum sk_code rc = ini_read(a, file, text, &ini, e);

	return rc == SK_OK ? policy_load_ini(a, p, &ini, e) : rc;
}

enum sk_code
policy_load_ini(struct arena *a, struct policies *p, const struct ini *ini, struct err *e)
{
	struct policy *row, *all;
	const struct policy *old;
	enum sk_code rc;
	size_t i;

	row = ARENA_ARRAY(a, struct policy, ini->n + 1);
	for (i = 0; i < ini->n; i++) {
		rc = read_section(a, &ini->section[i], ini->file, &row[i], e);
		if (rc != SK_OK)
			return rc;
	}
	all = ARENA_ARRAY(a, struct policy, p->n + ini->n + 1);
	if (p->n > 0)
		memcpy(all, p->v, p->n * sizeof(*all));
	p->v = all;
	p->cap = p->n + ini->n + 1;
	for (i = 0; i < ini->n; i++) {
		old = policy_find(p, row[i].name);
		if (old != NULL)
			p->v[(size_t)(old - p->v)] = row[i];
		else
			p->v[p->n++] = row[i];
	}
	return SK_OK;
}
