/* SPDX-License-Identifier: MIT */
/* Helpers of the unit tests: cmocka with its includes in order, and asserts that print decimals and slices. */
#ifndef TESTS_LIB_T_H
#define TESTS_LIB_T_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define t_eq_i64(a, b) t_i64_((a), (b), __FILE__, __LINE__)
#define t_eq_u64(a, b) t_u64_((a), (b), __FILE__, __LINE__)
#define t_eq_str(s, z) t_str_((s), (z), __FILE__, __LINE__)
/* Doubles within eps; two infinities are near. */
#define t_near(a, b, eps) t_near_((a), (b), (eps), __FILE__, __LINE__)

static inline void
t_i64_(int64_t a, int64_t b, const char *file, int line)
{
	if (a != b) {
		print_error("%" PRId64 " != %" PRId64 "\n", a, b);
		_fail(file, line);
	}
}

static inline void
t_u64_(uint64_t a, uint64_t b, const char *file, int line)
{
	if (a != b) {
		print_error("%" PRIu64 " != %" PRIu64 "\n", a, b);
		_fail(file, line);
	}
}

static inline void
t_str_(struct str s, const char *z, const char *file, int line)
{
	if (!str_eqc(s, z)) {
		print_error("\"%.*s\" (%zu bytes) != \"%s\"\n", STR_ARG(s), s.n, z);
		_fail(file, line);
	}
}

static inline void
t_near_(double a, double b, double eps, const char *file, int line)
{
	if (isinf(a) && isinf(b) && (a > 0) == (b > 0))
		return;
	if (!(fabs(a - b) <= eps)) {
		print_error("%g is not near %g\n", a, b);
		_fail(file, line);
	}
}

#endif
