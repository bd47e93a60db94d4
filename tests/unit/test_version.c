/* SPDX-License-Identifier: MIT */
/* Release texts: all the forms in which a version comes, and what is refused. */
#include "conf/version.h"

#include "t.h"

static void
test_accepted(void **state)
{
	static const struct {
		const char *text;
		int n;
		bool debian;
	} good[] = {
		{ "9.2p1", VER(9, 2), false },
		{ "9.2", VER(9, 2), false },
		{ " 9.2p1\n", VER(9, 2), false },
		{ "9.9p2", VERP(9, 9, 2), false },
		{ "9.2p1+debian", VER(9, 2), true },
		{ "9.2+Debian", VER(9, 2), true },
		{ "6.6", VER_OLDEST, false },
		{ "6.6.1p1", VER_OLDEST, false },
		{ "10.0p2", VERP(10, 0, 2), false },
		{ "10.5p1", VER_NEWEST, false },
		{ "10.5p2", VER_NEWEST, false },
		{ "11.0p1", VER_NEWEST, false },
		{ "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026", VER(9, 2), true },
		{ "OpenSSH_8.9p1 Ubuntu-3ubuntu0.1", VER(8, 9), true },
		{ "OpenSSH_9.2p1 Raspbian-2+deb12u2", VER(9, 2), true },
		{ "OpenSSH_6.6.1p1 Ubuntu-2ubuntu2", VER(6, 6), true },
		{ "OpenSSH_8.7p1, OpenSSL 3.0.7 1 Nov 2022", VER(8, 7), false },
		{ "OpenSSH_9.3 FreeBSD-20230316", VER(9, 3), false },
		{ "OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2", VER(8, 1), false },
		{ "SSH-2.0-OpenSSH_9.6", VER(9, 6), false },
		{ "1:9.2p1-2+deb12u10", VER(9, 2), true },
		{ "8.7p1-38.el9", VER(8, 7), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ver v = { 0 };

		if (ver_parse(str_c(good[i].text), &v, NULL) != SK_OK)
			fail_msg("%s is refused", good[i].text);
		t_eq_i64(v.n, good[i].n);
		t_eq_i64(v.debian, good[i].debian);
	}
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "9", "9.", ".2", "x9.2", "9.2q1", "9.2p", "9.2p1x", "9.2+fedora",
		"OpenSSH", "OpenSSH_", "6.5p1", "5.3", "9.2p1234", "9.1234", "1234.1", "9.2p1-", "9,2",
		"dropbear_2022.83" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ver v = { .n = 7 };
		struct err e = { 0 };

		if (ver_parse(str_c(bad[i]), &v, &e) != SK_ESYNTAX)
			fail_msg("%s is accepted", bad[i]);
		assert_int_equal(e.code, SK_ESYNTAX);
		assert_true(e.msg[0] != '\0');
		t_eq_i64(v.n, 7);
	}
}

static void
test_text(void **state)
{
	char b[24];

	(void)state;
	assert_string_equal(ver_text((struct ver){ .n = VER(9, 2), .debian = true }, b), "9.2p1+debian");
	assert_string_equal(ver_text((struct ver){ .n = VERP(10, 0, 2), .debian = false }, b), "10.0p2");
	assert_string_equal(ver_text((struct ver){ .n = VER(6, 6), .debian = false }, b), "6.6p1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
