/* SPDX-License-Identifier: MIT */
/*
 * Rule files and their expressions.  An input that begins with [ is an INI text: rules (whose examples are run),
 * networks and policies; any other is an expression.  INI texts are written and read again; expressions mean the same
 * in parentheses, negated twice, and joined with what changes nothing.
 */
#include <math.h>

#include "fuzz.h"

#include "base/ini.h"
#include "rule/rule.h"

enum { EXPR_MAX = 600, SLOTS_MAX = 16384 };

static enum xtype slot_type[SLOTS_MAX];

static bool
find(void *ctx, struct str name, unsigned *ret_slot, enum xtype *ret_type)
{
	if (!vars_find(ctx, name, ret_slot, ret_type))
		return false;
	FUZZ_CHECK(*ret_slot < SLOTS_MAX, "slot %u", *ret_slot);
	slot_type[*ret_slot] = *ret_type;
	return true;
}

/* Every third name is unknown; the others have small numbers, or never. */
static struct xval
get(const void *ctx, unsigned slot)
{
	struct xval v = { .type = slot_type[slot], .known = slot % 3 != 0, .text = STR("AWS nlb") };

	(void)ctx;
	v.num = v.type == X_FLAG ? slot % 2 : slot % 5 == 0 ? (double)INFINITY : slot % 7;
	return v;
}

static bool
is_set(const void *ctx, unsigned slot, bool *ret_known)
{
	(void)ctx;
	*ret_known = slot % 3 != 0;
	return slot % 2 == 0;
}

static struct str
origin(const void *ctx, unsigned slot)
{
	(void)ctx;
	return slot % 2 == 0 ? STR("file") : STR("default");
}

static int
version(const void *ctx)
{
	(void)ctx;
	return VER(9, 2);
}

static const struct xenv env = { .get = get, .is_set = is_set, .origin = origin, .version = version };

static void
check_message(const struct err *e, struct str prefix)
{
	struct str msg = str_c(e->msg);

	FUZZ_CHECK(e->code == SK_ERULE && msg.n > prefix.n && str_starts(msg, prefix), "%d: %s", e->code, e->msg);
	for (size_t i = 0; i < msg.n; i++)
		FUZZ_CHECK((unsigned char)msg.p[i] >= 0x20 && msg.p[i] != 0x7f, "control byte in: %s", e->msg);
}

static const struct expr *
compile(struct arena *a, struct str text, struct err *e)
{
	struct vars_scope scope = { .side = RULE_BOTH, .each = RULE_EACH_ROW };
	const struct xnames names = { .ctx = &scope, .find = find, .keyword = vars_keyword };
	const struct expr *x = NULL;
	enum sk_code code = expr_compile(a, text, &names, &x, e);

	FUZZ_CHECK((code == SK_OK) == (x != NULL), "code %d", code);
	return x;
}

/* before text behind: the same value, or refused because it nests too deep. */
static void
check_wrapped(struct arena *a, const char *before, struct str text, const char *behind, const struct xval *want)
{
	struct str whole = arena_printf(a, "%s%.*s%s", before, STR_ARG(text), behind);
	struct err e = { 0 };
	const struct expr *x;
	struct xval v;

	/* A NUL ends what printf copies. */
	if (str_chr(text, '\0', 0) != SIZE_MAX)
		return;
	x = compile(a, whole, &e);
	if (x == NULL) {
		FUZZ_CHECK(
		    strstr(e.msg, "deep") != NULL || strstr(e.msg, "nest") != NULL, "%.*s: %s", STR_ARG(whole), e.msg);
		return;
	}
	v = expr_eval(x, &env);
	FUZZ_CHECK(v.known == want->known && (!v.known || v.num == want->num || (isnan(v.num) && isnan(want->num))) &&
		(!v.known || v.type != X_TEXT || str_eq(v.text, want->text)),
	    "%.*s: %g, not %g", STR_ARG(whole), v.num, want->num);
}

static void
check_expr(struct str text)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	const struct expr *x = compile(&a, text, &e);
	struct xval v;

	if (x == NULL) {
		check_message(&e, STR(""));
		arena_release(&a);
		return;
	}
	v = expr_eval(x, &env);
	check_wrapped(&a, "(", text, ")", &v);
	check_wrapped(&a, " \t( ", text, " )\n", &v);
	if (expr_type(x) == X_FLAG) {
		FUZZ_CHECK(!v.known || v.num == 0 || v.num == 1, "a condition is %g", v.num);
		FUZZ_CHECK(expr_true(x, &env) == (v.known && v.num != 0), "fires on true only");
		check_wrapped(&a, "not (not (", text, "))", &v);
		check_wrapped(&a, "true and (", text, ")", &v);
		check_wrapped(&a, "(", text, ") or false", &v);
	}
	arena_release(&a);
}

/* The entries of a good file, written again, are read as the same. */
static void
check_ini(struct str text)
{
	struct arena a = { 0 };
	struct ini ini = { 0 }, again = { 0 };
	struct err e = { 0 };
	struct buf b = { 0 };
	bool plain = true;

	if (ini_read(&a, STR("fuzz.ini"), text, &ini, &e) != SK_OK) {
		check_message(&e, STR("fuzz.ini:"));
		arena_release(&a);
		return;
	}
	for (size_t i = 0; i < ini.n; i++) {
		const struct ini_section *s = &ini.section[i];

		FUZZ_CHECK(i == 0 || s->line > ini.section[i - 1].line, "section %zu in line %u", i, s->line);
		buf_addf(&b, "[%.*s]\n", STR_ARG(s->name));
		for (size_t k = 0; k < s->n; k++) {
			struct str rest = s->entry[k].value, part;
			bool first = true;

			FUZZ_CHECK(s->entry[k].line > s->line, "entry %zu in line %u", k, s->entry[k].line);
			buf_add(&b, s->entry[k].key);
			buf_addch(&b, '=');
			while (str_split(&rest, '\n', &part)) {
				/* A comment alone on a continued line leaves an empty part, which cannot be written. */
				plain &= first || part.n > 0;
				buf_addc(&b, first ? "" : " ");
				buf_add(&b, part);
				buf_addch(&b, '\n');
				first = false;
			}
			if (first)
				buf_addch(&b, '\n');
		}
	}
	if (plain) {
		FUZZ_CHECK(ini_read(&a, STR("again"), buf_str(&b), &again, &e) == SK_OK, "%s in\n%.*s", e.msg,
		    STR_ARG(buf_str(&b)));
		FUZZ_CHECK(again.n == ini.n, "%zu sections, then %zu", ini.n, again.n);
		for (size_t i = 0; i < ini.n; i++) {
			FUZZ_CHECK(str_eq(ini.section[i].name, again.section[i].name) &&
				ini.section[i].n == again.section[i].n,
			    "section %zu", i);
			for (size_t k = 0; k < ini.section[i].n; k++)
				FUZZ_CHECK(str_eq(ini.section[i].entry[k].key, again.section[i].entry[k].key) &&
					str_eq(ini.section[i].entry[k].value, again.section[i].entry[k].value),
				    "entry %zu of section %zu", k, i);
		}
	}
	buf_release(&b);
	arena_release(&a);
}

static void
check_tables(struct str text, struct networks *networks, struct policies *policies, struct arena *a)
{
	const struct str base = STR("[interactive]\nabout = x\nassumed_timeout = 240s\nmargin = 2\n"
				    "notice = 90s-300s\noutage = 60s\nmeasured_for = 30d\n");
	struct err e = { 0 };

	FUZZ_CHECK(policy_load(a, policies, STR("base.ini"), base, &e) == SK_OK, "%s", e.msg);
	if (policy_load(a, policies, STR("fuzz.ini"), text, &e) != SK_OK) {
		check_message(&e, STR("fuzz.ini:"));
		FUZZ_CHECK(policies->n == 1, "a bad file leaves %zu policies", policies->n);
	}
	for (size_t i = 0; i < policies->n; i++)
		FUZZ_CHECK(policy_find(policies, policies->v[i].name) == &policies->v[i], "policy %zu", i);
	if (network_load(a, networks, STR("fuzz.ini"), text, &e) != SK_OK) {
		check_message(&e, STR("fuzz.ini:"));
		FUZZ_CHECK(networks->n == 0, "a bad file leaves %zu networks", networks->n);
	}
	for (size_t i = 0; i < networks->n; i++)
		FUZZ_CHECK(network_find(networks, networks->v[i].id) == &networks->v[i], "network %zu", i);
}

static void
check_rules(struct str text)
{
	struct networks networks = { 0 };
	struct policies policies = { 0 };
	struct arena a = { 0 };
	struct ruleset rs;
	struct err e = { 0 };
	size_t n, examples = 0;

	check_tables(text, &networks, &policies, &a);
	ruleset_init(&rs);
	if (ruleset_load(&rs, STR("fuzz.ini"), text, &e) != SK_OK) {
		check_message(&e, STR("fuzz.ini:"));
	} else {
		n = rs.n;
		for (size_t i = 0; i < n; i++) {
			struct rule_text t;

			rule_describe(rs.v[i], &t);
			FUZZ_CHECK(t.code.n >= 3 && t.name.n > 0 && t.when.n > 0 && t.message.n > 0, "rule %zu", i);
			FUZZ_CHECK(ruleset_find(&rs, t.code) == rs.v[i], "rule %zu", i);
		}
		if (ruleset_selftest(&rs, &networks, &policies, STR("fuzz.ini"), &examples, &e) != SK_OK)
			check_message(&e, STR("fuzz.ini:"));
		else
			FUZZ_CHECK(examples >= 2 * n, "%zu examples of %zu rules", examples, n);
		FUZZ_CHECK(
		    ruleset_load(&rs, STR("fuzz.ini"), text, &e) == SK_OK && rs.n == n, "loaded twice: %zu", rs.n);
	}
	ruleset_release(&rs);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size);

	if (in.n > 0 && in.p[0] == '[') {
		check_ini(in);
		check_rules(in);
	} else if (in.n <= EXPR_MAX) {
		check_expr(in);
	}
	return 0;
}
