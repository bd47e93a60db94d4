/* SPDX-License-Identifier: MIT */
/* The unified diff: format, minimality, bytes.  patch(1) accepts what it prints (tried apart). */
#include "t.h"

#include "edit/plan.h"

static void
expect(struct str old, struct str new, bool exists, bool esc, const char *want)
{
	struct buf b = { 0 };

	diff_unified(&b, STR("f"), exists, old, new, esc);
	t_eq_str(buf_str(&b), want);
	buf_release(&b);
}

static void
one_line(void **state)
{
	(void)state;
	expect(STR("a\n"), STR("a\n"), true, false, "");
	expect(STR("1\n2\n3\n4\n5\n6\n7\n8\n9\n"), STR("1\n2\n3\n4\nX\n6\n7\n8\n9\n"), true, false,
	    "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n");
	expect(STR("a\n"), STR("b\n"), true, false, "--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n");
}

static void
new_and_empty_files(void **state)
{
	(void)state;
	expect(STR(""), STR("a\nb\n"), false, false, "--- /dev/null\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
	expect(STR(""), STR("a\n"), true, false, "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
	expect(STR("a\n"), STR(""), true, false, "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n");
}

static void
missing_final_newline(void **state)
{
	(void)state;
	expect(STR("a\nb"), STR("a\nb\nc"), true, false,
	    "--- f\n+++ f\n@@ -1,2 +1,3 @@\n a\n-b\n\\ No newline at end of file\n+b\n+c\n"
	    "\\ No newline at end of file\n");
	expect(STR("x\na"), STR("y\na"), true, false,
	    "--- f\n+++ f\n@@ -1,2 +1,2 @@\n-x\n+y\n a\n\\ No newline at end of file\n");
}

static void
hunks_are_joined_only_when_near(void **state)
{
	(void)state;
	/* Six equal lines between: one hunk; seven: two. */
	expect(STR("A\n1\n2\n3\n4\n5\n6\nB\n"), STR("a\n1\n2\n3\n4\n5\n6\nb\n"), true, false,
	    "--- f\n+++ f\n@@ -1,8 +1,8 @@\n-A\n+a\n 1\n 2\n 3\n 4\n 5\n 6\n-B\n+b\n");
	expect(STR("A\n1\n2\n3\n4\n5\n6\n7\nB\n"), STR("a\n1\n2\n3\n4\n5\n6\n7\nb\n"), true, false,
	    "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-A\n+a\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-B\n+b\n");
}

static void
two_far_inserts_leave_the_middle_alone(void **state)
{
	struct buf b = { 0 };

	(void)state;
	diff_unified(&b, STR("f"), true, STR("h a\nh b\n"), STR("h a\n i\nh b\n i\n"), false);
	t_eq_str(buf_str(&b), "--- f\n+++ f\n@@ -1,2 +1,4 @@\n h a\n+ i\n h b\n+ i\n");
	buf_release(&b);
}

static void
hostile_text_is_escaped_when_asked(void **state)
{
	(void)state;
	expect(
	    STR("a\r\n"), STR("\tb\x1b[2J\r\n"), true, true, "--- f\n+++ f\n@@ -1 +1 @@\n-a\\x0D\n+\tb\\x1B[2J\\x0D\n");
	expect(STR("a\r\n"), STR("b\r\n"), true, false, "--- f\n+++ f\n@@ -1 +1 @@\n-a\r\n+b\r\n");
}

static void
thousands_of_changes(void **state)
{
	struct buf old = { 0 }, new = { 0 }, b = { 0 };

	(void)state;
	for (int i = 0; i < 5000; i++) {
		buf_addf(&old, "old %d\n", i);
		buf_addf(&new, "new %d\n", i);
	}
	diff_unified(&b, STR("f"), true, buf_str(&old), buf_str(&new), false);
	assert_true(str_find(buf_str(&b), STR("@@ -1,5000 +1,5000 @@\n")) != SIZE_MAX);
	buf_release(&old);
	buf_release(&new);
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line),
		cmocka_unit_test(new_and_empty_files),
		cmocka_unit_test(missing_final_newline),
		cmocka_unit_test(hunks_are_joined_only_when_near),
		cmocka_unit_test(two_far_inserts_leave_the_middle_alone),
		cmocka_unit_test(hostile_text_is_escaped_when_asked),
		cmocka_unit_test(thousands_of_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
