/* SPDX-License-Identifier: MIT */
/* Path patterns: the table of gitignore(5), and patterns made to take long. */
#include <time.h>

#include "base/glob.h"

#include "t.h"

static uint64_t left = UINT64_MAX;

/* Does the pattern name the path or a folder above it? */
static bool
covers(struct str pattern, struct str path)
{
	for (size_t slash = str_chr(path, '/', 0); slash != SIZE_MAX; slash = str_chr(path, '/', slash + 1))
		if (glob_names(pattern, str_head(path, slash), true, &left))
			return true;
	return glob_names(pattern, path, false, &left);
}

static void
test_match(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool want;
	} row[] = {
		{ "a", "a", true },
		{ "a", "b", false },
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "abc", true },
		{ "*", "a/c", false },
		{ "a*c", "abbc", true },
		{ "a*c", "ab/c", false },
		{ "?", "a", true },
		{ "?", "/", false },
		{ "a[b-d]e", "ace", true },
		{ "a[!b-d]e", "ace", false },
		{ "a[^b-d]e", "axe", true },
		{ "a[]]e", "a]e", true },
		{ "a[!]]e", "a]e", false },
		{ "a[b-]e", "a-e", true },
		{ "a[\\]]e", "a]e", true },
		{ "[!a]", "/", false },
		{ "a[b", "a[b", false },
		{ "a\\*", "a*", true },
		{ "a\\*", "ab", false },
		{ "a\\", "a\\", false },
		{ "a[[:digit:]b]", "a7", true },
		{ "a[[:digit:]b]", "ab", true },
		{ "a[[:digit:]b]", "ax", false },
		{ "a[[:nonsense:]b]", "ab", false },
		{ "a[[:upper]", "a:", true },
		{ "a***/c", "ab/c", true },
		{ "***/c", "a/b/c", true },
		{ "**", "a/b/c", true },
		{ "a/**", "a/b/c", true },
		{ "a/**", "a", false },
		{ "**/c", "c", true },
		{ "**/c", "a/b/c", true },
		{ "**/c", "a/b/xc", false },
		{ "a/**/c", "a/c", true },
		{ "a/**/c", "a/b/b/c", true },
		{ "a/**/c", "a/bc", false },
		{ "a**c", "a/c", false },
		{ "**/a/*b", "a/xb/a/yb", true },
		{ "**/*.d/*.conf", "etc/x.d/y/z.d/q.conf", true },
		{ "**/a/**/b", "x/a/y/a/z/b", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++)
		if (glob_match(str_c(row[i].pattern), str_c(row[i].path), &left) != row[i].want)
			fail_msg("%s against %s", row[i].pattern, row[i].path);
}

static void
test_names(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool names, covers;
	} row[] = {
		{ "config", "a/b/config", true, true },
		{ "*.conf", "a/b/x.conf", true, true },
		{ "/config", "config", true, true },
		{ "/config", "a/config", false, false },
		{ "a/config", "a/config", true, true },
		{ "a/config", "b/a/config", false, false },
		{ "**/a/config", "b/a/config", true, true },
		{ "a", "a/b/config", false, true },
		{ "a/", "a/b/config", false, true },
		{ "a/", "a", false, false },
		{ "b/", "a/b/config", false, true },
		{ "/b/", "a/b/config", false, false },
		{ "a/b/", "a/b/config", false, true },
		{ "a/*/", "a/b/config", false, true },
		{ "a/*", "a/b/config", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (glob_names(str_c(row[i].pattern), str_c(row[i].path), false, &left) != row[i].names)
			fail_msg("%s names %s", row[i].pattern, row[i].path);
		if (covers(str_c(row[i].pattern), str_c(row[i].path)) != row[i].covers)
			fail_msg("%s covers %s", row[i].pattern, row[i].path);
	}
	assert_true(glob_names(STR("a/"), STR("x/a"), true, &left));
}

/* A pattern of many stars against a long name that fails at its end. */
static void
test_bomb(void **state)
{
	static char name[4096], pattern[2048], deep[2048];
	clock_t from = clock();

	(void)state;
	memset(name, 'a', sizeof name);
	for (size_t i = 0; i + 1 < sizeof pattern; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[sizeof pattern - 1] = 'b';
	for (size_t i = 0; i + 4 < sizeof deep; i += 4)
		memcpy(deep + i, "**/*", 4);
	deep[sizeof deep - 1] = 'b';
	assert_false(glob_match((struct str){ pattern, sizeof pattern }, (struct str){ name, sizeof name }, &left));
	for (size_t i = 1; i < sizeof name; i += 2)
		name[i] = '/';
	assert_false(glob_match((struct str){ deep, sizeof deep }, (struct str){ name, sizeof name }, &left));
	assert_false(covers((struct str){ deep, sizeof deep }, (struct str){ name, sizeof name - 1 }));
	assert_true(clock() - from < 5 * CLOCKS_PER_SEC);
	/* steps are counted, of stars and classes, too, and when they are spent nothing matches */
	left = 1000;
	assert_false(glob_match((struct str){ deep, sizeof deep }, (struct str){ name, sizeof name }, &left));
	assert_int_equal(left, 0);
	assert_false(glob_match(STR("a"), STR("a"), &left));
	left = 1000;
	memset(pattern, 'b', sizeof pattern);
	pattern[0] = '*';
	pattern[1] = '[';
	pattern[sizeof pattern - 1] = ']';
	assert_false(glob_match((struct str){ pattern, sizeof pattern }, STR("aaaa"), &left));
	assert_int_equal(left, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
