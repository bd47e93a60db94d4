/* SPDX-License-Identifier: MIT */
/* base/ini: what is read, with which line numbers, and every way in which libinih 55 would read it wrongly. */
#include <time.h>

#include "base/ini.h"

#include "base/buf.h"
#include "t.h"

struct fixture {
	struct arena arena;
	struct buf text;
};

static int
setup(void **state)
{
	*state = test_calloc(1, sizeof(struct fixture));
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	buf_release(&f->text);
	arena_release(&f->arena);
	test_free(f);
	return 0;
}

static struct ini
good(struct fixture *f, struct str text)
{
	struct ini ini = { 0 };
	struct err e = { 0 };

	if (ini_read(&f->arena, STR("f.ini"), text, &ini, &e) != SK_OK)
		fail_msg("%s", e.msg);
	return ini;
}

static void
bad(struct fixture *f, struct str text, const char *msg)
{
	struct ini ini = { .n = 4711 };
	struct err e = { 0 };

	t_eq_i64(ini_read(&f->arena, STR("f.ini"), text, &ini, &e), SK_ERULE);
	t_eq_str(str_c(e.msg), msg);
	t_eq_u64(ini.n, 4711); /* untouched */
	t_eq_i64(ini_read(&f->arena, STR("f.ini"), text, &ini, NULL), SK_ERULE);
}

static void
is(const struct ini_entry *e, const char *key, const char *value, unsigned line)
{
	assert_non_null(e);
	t_eq_str(e->key, key);
	t_eq_str(e->value, value);
	t_eq_u64(e->line, line);
}

static void
test_read(void **state)
{
	struct ini ini = good(*state,
	    STR("; comment\n"
		"# comment\n"
		"\n"
		"[SK201]\n"
		"name = client-keepalive-off\n"
		"  # an indented comment continues nothing\n"
		"fix.ServerAliveInterval=best.interval\r\n"
		"colon: yes\n"
		"when =\n"
		"[empty]\n"
		"[ last ]   ; comment\n"
		"Key = A = B : C\n"
		"key = no line feed at the end"));

	t_eq_u64(ini.n, 3);
	t_eq_str(ini.file, "f.ini");
	t_eq_str(ini.section[0].name, "SK201");
	t_eq_u64(ini.section[0].line, 4);
	t_eq_u64(ini.section[0].n, 4);
	is(&ini.section[0].entry[0], "name", "client-keepalive-off", 5);
	is(&ini.section[0].entry[1], "fix.ServerAliveInterval", "best.interval", 7);
	is(&ini.section[0].entry[2], "colon", "yes", 8);
	is(&ini.section[0].entry[3], "when", "", 9);
	t_eq_str(ini.section[1].name, "empty");
	t_eq_u64(ini.section[1].line, 10);
	t_eq_u64(ini.section[1].n, 0);
	t_eq_str(ini.section[2].name, "last");
	is(ini_get(&ini.section[2], "Key"), "Key", "A = B : C", 12);
	is(ini_get(&ini.section[2], "key"), "key", "no line feed at the end", 13);
	assert_null(ini_get(&ini.section[2], "KEY"));
	assert_null(ini_get(&ini.section[1], "key"));
}

static void
test_nothing(void **state)
{
	t_eq_u64(good(*state, STR("")).n, 0);
	t_eq_u64(good(*state, (struct str){ 0 }).n, 0);
	t_eq_u64(good(*state, STR("\n\n  \n\t\r\n; x\n")).n, 0);
}

static void
test_comments(void **state)
{
	struct ini ini = good(*state,
	    STR("[a]\n"
		"one = text ; comment\n"
		"two = text;no comment\n"
		"three = text # no comment\n"
		"four = ; comment\n"
		"five = a\n"
		"  b ; comment\n"
		"  c\n"));
	const struct ini_section *s = &ini.section[0];

	is(ini_get(s, "one"), "one", "text", 2);
	is(ini_get(s, "two"), "two", "text;no comment", 3);
	is(ini_get(s, "three"), "three", "text # no comment", 4);
	is(ini_get(s, "four"), "four", "", 5);
	is(ini_get(s, "five"), "five", "a\nb\nc", 6);
}

static void
test_continuation(void **state)
{
	struct ini ini = good(*state,
	    STR("[a]\n"
		"good = ServerAliveInterval 60\n"
		"\tHost b\n"
		"    key = value\n"
		"  [not a section]\n"
		"\n"
		"  over a blank line\n"
		"last =\n"
		"  x\n"
		"[b]\n"
		"k = v\n"));
	const struct ini_section *s = &ini.section[0];

	t_eq_u64(ini.n, 2);
	t_eq_u64(s->n, 2);
	is(&s->entry[0], "good", "ServerAliveInterval 60\nHost b\nkey = value\n[not a section]\nover a blank line", 2);
	is(&s->entry[1], "last", "\nx", 8);
	is(&ini.section[1].entry[0], "k", "v", 11);
}

/* A line of 198 bytes is whole to its last byte; one of 199 is refused instead of read as two. */
static void
test_long_line(void **state)
{
	struct fixture *f = *state;
	struct ini ini;

	for (size_t n = 190; n <= 260; n++) {
		buf_clear(&f->text);
		buf_addc(&f->text, "[a]\nk = ");
		buf_addn(&f->text, 'x', n - 5);
		buf_addc(&f->text, "y\nnext = 1\n");
		t_eq_u64(str_chr(buf_str(&f->text), '\n', 4), n + 4);
		if (n > 198) {
			bad(f, buf_str(&f->text),
			    "f.ini:2: line longer than 198 bytes (indent the next line to continue a text)");
			continue;
		}
		ini = good(f, buf_str(&f->text));
		t_eq_u64(ini.section[0].n, 2);
		t_eq_u64(ini.section[0].entry[0].value.n, n - 4);
		assert_true(str_ends(ini.section[0].entry[0].value, STR("xy")));
		is(&ini.section[0].entry[1], "next", "1", 3);
	}
	buf_clear(&f->text);
	buf_addc(&f->text, "[a]\n; ");
	buf_addn(&f->text, 'x', 1000000);
	bad(f, buf_str(&f->text), "f.ini:2: line longer than 198 bytes (indent the next line to continue a text)");
}

/* libinih cuts section names, and the names of continued keys, at 49 bytes. */
static void
test_long_names(void **state)
{
	struct fixture *f = *state;
	struct str key;
	struct ini ini;

	buf_addc(&f->text, "[");
	buf_addn(&f->text, 's', 49);
	buf_addc(&f->text, "]\n");
	buf_addn(&f->text, 'k', 120);
	buf_addc(&f->text, " = a\n  b\n");
	ini = good(f, buf_str(&f->text));
	t_eq_u64(ini.section[0].name.n, 49);
	t_eq_u64(ini.section[0].n, 1);
	key = ini.section[0].entry[0].key;
	t_eq_u64(key.n, 120);
	t_eq_str(ini.section[0].entry[0].value, "a\nb");
	buf_clear(&f->text);
	buf_addc(&f->text, "\n[");
	buf_addn(&f->text, 's', 50);
	buf_addc(&f->text, "]\n");
	bad(f, buf_str(&f->text), "f.ini:2: section name longer than 49 bytes");
}

static void
test_refused(void **state)
{
	static const struct {
		struct str text;
		const char *msg;
	} row[] = {
		{ { "k = v\n", 6 }, "f.ini:1: text in front of the first section" },
		{ { "  k\n", 4 }, "f.ini:1: text in front of the first section" },
		{ { "[a]\n[b]\n\n[a]\n", 13 }, "f.ini:4: section stands already in line 1: a" },
		{ { "[a]\nk = 1\nK = 2\nk = 3\n", 22 }, "f.ini:4: key stands twice in its section: k" },
		{ { "[a\nk = 1\n", 9 }, "f.ini:1: section name without ]" },
		{ { "[]\n", 3 }, "f.ini:1: empty section name" },
		{ { "[ ]\n", 4 }, "f.ini:1: empty section name" },
		{ { "[a] b\n", 6 }, "f.ini:1: text behind the section name: b" },
		{ { "[a]\nno key\n", 11 }, "f.ini:2: neither a section nor key = value" },
		{ { "[a]\nx ; = 1\n", 12 }, "f.ini:2: neither a section nor key = value" },
		{ { "[a]\n= 1\n", 8 }, "f.ini:2: key is empty" },
		{ { "[a]\n : 1 = 2\n", 13 }, "f.ini:2: indented line without a key above it" },
		{ { "[a]\nk = 1\n[b]\n  x\n", 18 }, "f.ini:4: indented line without a key above it" },
		{ { "[a]\nk = \0x\n", 11 }, "f.ini:2: NUL byte" },
		{ { "[a]\n\0", 5 }, "f.ini:2: NUL byte" },
		{ { "\xef\xbb\xbf[a]\n", 7 }, "f.ini:1: byte order mark" },
		{ { "[a]\nk = \x1b[31m\n", 14 }, "f.ini:2: control byte" },
		{ { "[a]\nk = 1\n\f[b=c]\n", 17 }, "f.ini:3: control byte" },
		{ { "[a]\nk = 1\n\vx = 2\n", 17 }, "f.ini:3: control byte" },
		{ { "[a]\nk = 1\rl = 2\n", 16 }, "f.ini:2: control byte" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		bad(*state, row[i].text, row[i].msg);
}

/* Names of files and sections come from elsewhere: a message shows them escaped. */
static void
test_hostile_names(void **state)
{
	struct fixture *f = *state;
	struct ini ini;
	struct err e = { 0 };

	t_eq_i64(ini_read(&f->arena, STR("a\x1b[2J\nb"), STR("[\xe2\x80\xae]\n[\xe2\x80\xae]\n"), &ini, &e), SK_ERULE);
	assert_string_equal(e.msg, "a\\x1B[2J\\x0Ab:2: section stands already in line 1: \\u{202E}");
}

static void
test_many(void **state)
{
	struct fixture *f = *state;
	struct ini ini;

	for (unsigned i = 0; i < 100; i++) {
		buf_addf(&f->text, "[s%u]\n", i);
		for (unsigned j = 0; j < i; j++)
			buf_addf(&f->text, "k%u = %u\n", j, i * j);
	}
	ini = good(f, buf_str(&f->text));
	t_eq_u64(ini.n, 100);
	for (unsigned i = 0; i < 100; i++) {
		t_eq_u64(ini.section[i].n, i);
		for (unsigned j = 0; j < i; j++) {
			struct str want = arena_printf(&f->arena, "%u", i * j);

			assert_true(str_eq(ini.section[i].entry[j].value, want));
		}
	}
}

/* A file that somebody else wrote: very many sections, keys of one section, lines of one text. */
static void
test_time(void **state)
{
	enum { MANY = 200000 };
	struct fixture *f = *state;
	clock_t from = clock();
	struct ini ini;
	struct err e = { 0 };

	for (unsigned i = 0; i < MANY; i++)
		buf_addf(&f->text, "[s%u]\n", i);
	for (unsigned i = 0; i < MANY; i++)
		buf_addf(&f->text, "k%u = v\n", i);
	for (unsigned i = 0; i < MANY; i++)
		buf_addc(&f->text, " w\n");
	ini = good(f, buf_str(&f->text));
	t_eq_u64(ini.n, MANY);
	t_eq_u64(ini.section[MANY - 1].n, MANY);
	t_eq_str(ini.section[MANY - 1].entry[MANY - 2].value, "v");
	t_eq_u64(ini.section[MANY - 1].entry[MANY - 1].value.n, 1 + 2 * MANY);
	buf_addc(&f->text, "k7 = v\n");
	t_eq_i64(ini_read(&f->arena, STR("f.ini"), buf_str(&f->text), &ini, &e), SK_ERULE);
	assert_string_equal(e.msg, "f.ini:600001: key stands twice in its section: k7");
	assert_true(clock() - from < 10 * CLOCKS_PER_SEC);
}

int
main(void)
{
	const struct CMUnitTest ini[] = {
		cmocka_unit_test_setup_teardown(test_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_comments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_continuation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_line, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_time, setup, teardown),
	};

	return cmocka_run_group_tests(ini, NULL, NULL) != 0;
}
