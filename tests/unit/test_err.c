/* SPDX-License-Identifier: MIT */
/* base/err: what is filled, what is cut, and the exit status of each code (design section 2). */
#include "base/err.h"

#include <errno.h>

#include "t.h"

static void
test_set(void **state)
{
	struct err e = { .sys_errno = 5 };

	(void)state;
	t_eq_i64(err_set(&e, SK_EREAD, "%s:%d", "f", 3), SK_EREAD);
	t_eq_i64(e.code, SK_EREAD);
	t_eq_i64(e.sys_errno, 0);
	assert_string_equal(e.msg, "f:3");
	t_eq_i64(err_sys(&e, SK_ENOENT, ENOENT, "%s", "f"), SK_ENOENT);
	t_eq_i64(e.sys_errno, ENOENT);
	assert_string_equal(e.msg, "f: No such file or directory");
	t_eq_i64(err_set(&e, SK_ERULE, "no such name: %s", "a\n::error::\x1b[31m"), SK_ERULE);
	assert_string_equal(e.msg, "no such name: a\\x0A::error::\\x1B[31m");
	t_eq_i64(err_set(NULL, SK_EWRITE, "x"), SK_EWRITE);
	t_eq_i64(err_sys(NULL, SK_EWRITE, EIO, "x"), SK_EWRITE);
}

static void
test_long(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_sys(&e, SK_EREAD, EACCES, "%0*d", 5000, 1);
	t_eq_u64(strlen(e.msg), sizeof(e.msg) - 1);
}

static void
test_exit(void **state)
{
	static const struct {
		enum sk_code code;
		int status;
	} row[] = {
		{ SK_OK, 0 },
		{ SK_EREAD, 2 },
		{ SK_ENOENT, 2 },
		{ SK_ETOOBIG, 2 },
		{ SK_EUSAGE, 3 },
		{ SK_ERULE, 3 },
		{ SK_EREFUSED, 4 },
		{ SK_ECHANGED, 4 },
		{ SK_EWRITE, 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		t_eq_i64(err_exit(row[i].code), row[i].status);
}

int
main(void)
{
	const struct CMUnitTest err[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_exit),
	};

	return cmocka_run_group_tests(err, NULL, NULL) != 0;
}
