/* SPDX-License-Identifier: MIT */
/* The files of rules/ as the build tool put them into the program, and the built-in rules compiled on demand. */
#include "t.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "cli/embedded.h"
#include "rule/rule.h"

static void
read_rules(const char *name, struct buf *ret)
{
	char path[256], block[4096];
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof(path), "rules/%s", name);
	f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(ret, (struct str){ block, n });
	assert_int_equal(fclose(f), 0);
}

static void
same_section(const struct ini_section *a, const struct ini_section *b)
{
	assert_true(str_eq(a->name, b->name));
	t_eq_u64(a->line, b->line);
	t_eq_u64(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		assert_true(str_eq(a->entry[i].key, b->entry[i].key));
		assert_true(str_eq(a->entry[i].value, b->entry[i].value));
		t_eq_u64(a->entry[i].line, b->entry[i].line);
	}
}

/* The tables hold what ini_read() gives for each file, and no file is missing. */
static void
test_tables(void **state)
{
	size_t files = 0, ini_files = 0;
	struct dirent *de;
	DIR *dir = opendir("rules");

	(void)state;
	for (; embedded_files[files].file != NULL; files++) {
		const struct ini_pack *p = &embedded_files[files];
		struct arena a = { 0 };
		struct buf text = { 0 };
		struct ini own, packed;
		struct err e;

		read_rules(p->file, &text);
		assert_int_equal(ini_read(&a, str_c(p->file), buf_str(&text), &own, &e), SK_OK);
		ini_unpack(&a, p, &packed);
		assert_true(str_eq(own.file, packed.file));
		t_eq_u64(packed.n, own.n);
		assert_true(own.n > 0);
		for (size_t i = 0; i < own.n; i++) {
			struct str first = own.section[i].entry[0].key;

			same_section(&own.section[i], &packed.section[i]);
			assert_true(str_eq(ini_pack_name(p, i), own.section[i].name));
			assert_true(str_eq(ini_pack_get(p, i, first), own.section[i].entry[0].value));
			t_eq_u64(ini_pack_get(p, i, STR("no-such-key")).n, 0);
		}
		if (files > 0)
			assert_true(strcmp(embedded_files[files - 1].file, p->file) < 0);
		buf_release(&text);
		arena_release(&a);
	}
	assert_non_null(dir);
	while ((de = readdir(dir)) != NULL)
		ini_files += str_ends(str_c(de->d_name), STR(".ini"));
	(void)closedir(dir);
	t_eq_u64(files, ini_files);
}

static bool
is_rules(const struct ini_pack *p)
{
	return strncmp(p->file, "sk", 2) == 0;
}

static void
same_text(const struct rule *a, const struct rule *b)
{
	struct rule_text x, y;

	rule_describe(a, &x);
	rule_describe(b, &y);
	assert_true(str_eq(x.code, y.code) && str_eq(x.name, y.name) && str_eq(x.message, y.message));
	assert_true(str_eq(x.why, y.why) && str_eq(x.see, y.see) && str_eq(x.good, y.good) && str_eq(x.bad, y.bad));
	assert_true(str_eq(x.given, y.given) && str_eq(x.when, y.when) && str_eq(x.advice, y.advice));
	assert_true(str_eq(x.file, y.file) && x.level == y.level && x.side == y.side && x.line == y.line);
	assert_true(a->each == b->each && a->on_path == b->on_path && a->name_hosts == b->name_hosts);
	assert_true(a->shapeless == b->shapeless && a->order == b->order);
	assert_true((a->note_if == NULL) == (b->note_if == NULL) && (a->warning_if == NULL) == (b->warning_if == NULL));
	t_eq_u64(a->message.n, b->message.n);
	t_eq_u64(a->why.n, b->why.n);
	t_eq_u64(a->advice.n, b->advice.n);
	t_eq_u64(a->n_fix, b->n_fix);
	t_eq_u64(a->n_example, b->n_example);
}

/* Every built-in rule compiles, to what the text of its file gives at once. */
static void
test_rules(void **state)
{
	struct ruleset at_once, later;
	struct err e = { 0 };

	(void)state;
	ruleset_init(&at_once);
	ruleset_init(&later);
	for (size_t i = 0; embedded_files[i].file != NULL; i++) {
		struct buf text = { 0 };

		if (!is_rules(&embedded_files[i]))
			continue;
		read_rules(embedded_files[i].file, &text);
		assert_int_equal(ruleset_load(&at_once, str_c(embedded_files[i].file), buf_str(&text), &e), SK_OK);
		assert_int_equal(ruleset_load_pack(&later, &embedded_files[i], &e), SK_OK);
		buf_release(&text);
	}
	t_eq_u64(later.n, at_once.n);
	assert_true(later.n > 50);
	for (size_t i = 0; i < later.n; i++) {
		/* what is known before anything is compiled */
		assert_true(str_eq(rule_code(later.v[i]), rule_code(at_once.v[i])));
		assert_true(later.v[i]->each == at_once.v[i]->each);
		assert_true(later.v[i]->text.side == at_once.v[i]->text.side);
		assert_null(later.v[i]->when);
		rule_ready(later.v[i]);
		assert_non_null(later.v[i]->when);
		assert_non_null(later.v[i]->later);
		rule_texts(later.v[i]);
		assert_null(later.v[i]->later);
	}
	if (ruleset_compile(&later, &e) != SK_OK)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < later.n; i++)
		same_text(later.v[i], at_once.v[i]);
	ruleset_release(&at_once);
	ruleset_release(&later);
}

#define TEXT(lit) (const unsigned char *)(lit)

/* One section of five keys, whose condition or message cannot be compiled. */
static void
check_fault(const char *pool, const char *want)
{
	struct ini_pack_entry entry[5];
	struct ini_pack_section section = { .name = 0, .name_n = 5, .n = 5, .line = 3 };
	struct ini_pack pack = { "x.ini", TEXT(pool), &section, entry, 1 };
	struct ruleset rs;
	struct findings out = { 0 };
	struct rule_text t;
	struct facts facts;
	struct arena a = { 0 };
	struct err e = { 0 };
	struct str rest = str_c(pool), key, value;

	assert_true(str_split(&rest, '|', &key));
	for (size_t i = 0; i < 5; i++) {
		assert_true(str_split(&rest, '=', &key) && str_split(&rest, '|', &value));
		entry[i] = (struct ini_pack_entry){ .key = (uint32_t)(key.p - pool),
			.key_n = (uint16_t)key.n,
			.value = (uint32_t)(value.p - pool),
			.value_n = (uint32_t)value.n,
			.line = (uint16_t)(4 + i) };
	}
	memset(&facts, 0, sizeof(facts));
	ruleset_init(&rs);
	assert_int_equal(ruleset_load_pack(&rs, &pack, &e), SK_OK);
	assert_int_equal(ruleset_fault(&rs, &e), SK_OK);
	rule_on_machine(rs.v[0], &a, &(struct rule_machine){ .facts = &facts }, &out);
	t_eq_u64(out.n, 0);
	rule_describe(rs.v[0], &t);
	assert_int_equal(ruleset_compile(&rs, &e), SK_ERULE);
	t_eq_str(str_c(e.msg), want);
	rule_on_machine(rs.v[0], &a, &(struct rule_machine){ .facts = &facts }, &out);
	t_eq_u64(out.n, 0);
	ruleset_release(&rs);
	findings_release(&out);
	arena_release(&a);
}

static void
test_faults(void **state)
{
	(void)state;
	check_fault(
	    "SK999|name=n|side=host|level=note|when=true and|message=m", "x.ini:7: the expression ends too early");
	check_fault("SK999|name=n|side=host|level=note|when=no.such|message=m", "x.ini:7: no such name: no.such");
	check_fault("SK999|name=n|side=host|level=note|when=false|message={no.such}", "x.ini:8: no such name: no.such");
	check_fault("SK999|name=n|side=host|level=loud|when=false|message=m",
	    "x.ini:6: level is error, warning or note, not: loud");
	check_fault("SK999|name=n|side=host|level=note|when=false|mesage=m", "x.ini:8: no such key: mesage");
	check_fault("SK999|name=n|side=host|level=note|when=false|message=m",
	    "x.ini:3: a rule needs a good and a bad example: SK999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
