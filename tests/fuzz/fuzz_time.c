/* SPDX-License-Identifier: MIT */
/*
 * A short text as a time in every release, as the argument of every keyword that is made of numbers, as one of
 * sshkeep's own times, and as a release.
 */
#include "fuzz.h"

#include <limits.h>

#include "base/num.h"
#include "conf/value.h"

enum { TEXT_MAX = 300 };

static int64_t
unit_of(char c)
{
	static const char letter[] = "smhdwSMHDW";
	static const int64_t s[] = { 1, 60, 3600, 86400, 604800, 1, 60, 3600, 86400, 604800 };
	const char *at = c != '\0' ? strchr(letter, c) : NULL;

	return at != NULL ? s[at - letter] : 0;
}

/* Digits and units only, as all releases from 8.5 read them: the sum, or -1. */
static int64_t
plain_time(struct str s)
{
	int64_t total = 0;

	if (s.n == 0)
		return -1;
	for (size_t i = 0; i < s.n;) {
		int64_t n = 0, unit = 1;

		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
			if ((n = n * 10 + s.p[i] - '0') > INT_MAX)
				return -1;
		if (i < s.n)
			unit = unit_of(s.p[i++]);
		if (unit == 0 || n * unit > INT_MAX || (total += n * unit) > INT_MAX)
			return -1;
	}
	return total;
}

static void
check_releases(struct str s)
{
	int64_t want = plain_time(s), n98 = 0;
	bool ok98 = value_time(s, (struct ver){ .n = VER(9, 8), .debian = false }, &n98);

	FUZZ_CHECK(
	    ok98 == (want >= 0) && (!ok98 || n98 == want), "9.8 reads %lld, not %lld", (long long)n98, (long long)want);
	for (size_t i = 0; i < FUZZ_VERSIONS; i++) {
		struct ver v = fuzz_versions[i];
		int64_t n = 4711;
		bool ok = value_time(s, v, &n);

		FUZZ_CHECK(ok || n == 4711, "%d: refused, but written", v.n);
		FUZZ_CHECK(!ok || v.n < VER(8, 5) || (n >= 0 && n <= INT_MAX), "%d: %lld", v.n, (long long)n);
		FUZZ_CHECK(!ok || (n >= INT_MIN && n <= INT_MAX && n != -1), "%d: %lld", v.n, (long long)n);
		/* What 9.8 reads means the same from 8.5 on; only a second item of seconds is refused by 10.3. */
		FUZZ_CHECK(!ok98 || v.n < VER(8, 5) || (ok && n == n98) || (!ok && v.n >= VER(10, 3)),
		    "%d: %lld, and %lld in 9.8", v.n, (long long)n, (long long)n98);
		FUZZ_CHECK(!ok || v.n < VER(9, 8) || v.n >= VER(10, 3) || ok98, "%d reads more than 9.8", v.n);
	}
}

/* Made of numbers and times: what is printed is read again and prints the same. */
static bool
prints_itself(const struct kw *k)
{
	static const bool type[KW_T_OTHER + 1] = {
		[KW_T_FLAG] = true,
		[KW_T_ENUM] = true,
		[KW_T_TIME] = true,
		[KW_T_INT] = true,
		[KW_T_PERSIST] = true,
		[KW_T_UNUSEDTIMEOUT] = true,
		[KW_T_STARTUPS] = true,
		[KW_T_INT_NONE] = true,
		[KW_T_CHANNELTIMEOUT] = true,
		[KW_T_OBSCURE] = true,
		[KW_T_NETBLOCK] = true,
	};

	return type[k->type];
}

static void
check_keyword(struct arena *a, const struct kw *k, struct str s, struct ver v)
{
	struct value_ctx ctx = { .side = k->side, .v = v, .file = STR("f"), .line = 1, .word = str_c(k->name) };
	struct value one, two;
	struct str msg = { 0 }, text;
	struct args args;

	split_args(a, s, 0, k->side, v, &args);
	if (args.none || args.bad_quotes)
		return;
	if (value_read(a, k, &args, &ctx, &one, &msg) != VALUE_OK) {
		FUZZ_CHECK(msg.n > 0, "%s is refused without a word", k->name);
		return;
	}
	if (one.unset || one.text.p == NULL || !prints_itself(k))
		return;
	/* Up to 8.4 a time too long for an int was cut, and no release reads what was printed then. */
	if (v.n < VER(8, 5) && (one.num < 0 || one.num2 < 0 || str_chr(one.text, '-', 0) != SIZE_MAX))
		return;
	/* 10.1 and 10.2 store a single number in the wrong place, and may then print begin > full. */
	if (k->type == KW_T_STARTUPS && v.n >= VER(10, 1) && v.n < VER(10, 3))
		return;
	/* Entries are printed without the quotes that kept a blank, a quote or a backslash in them. */
	for (size_t i = 0; i < args.n && k->type == KW_T_CHANNELTIMEOUT; i++)
		for (const char *p = " \t\"'\\#"; *p != '\0'; p++)
			if (str_chr(args.v[i].text, *p, 0) != SIZE_MAX)
				return;
	text = one.text;
	split_args(a, text, 0, k->side, v, &args);
	FUZZ_CHECK(value_read(a, k, &args, &ctx, &two, &msg) == VALUE_OK, "%s in %d: printed %.*s: %.*s", k->name, v.n,
	    STR_ARG(text), STR_ARG(msg));
	FUZZ_CHECK(one.num == two.num && one.num2 == two.num2 && one.num3 == two.num3 && str_eq(two.text, text),
	    "%s in %d: printed %.*s, read again %.*s", k->name, v.n, STR_ARG(text), STR_ARG(two.text));
}

static void
check_keywords(struct str s, struct ver v)
{
	struct arena a = { 0 };

	for (int side = KW_CLIENT; side <= KW_SERVER; side++) {
		size_t n;
		const struct kw *table = kw_table((enum kw_side)side, &n);

		for (size_t i = 0; i < n; i++)
			if (table[i].type != KW_T_HOST && table[i].type != KW_T_MATCH &&
			    table[i].type != KW_T_INCLUDE && (table[i].class == KW_ACTIVE)) {
				check_keyword(&a, &table[i], s, v);
				arena_reset(&a);
			}
	}
	arena_release(&a);
}

/* Times of rule files and options: what a sentence says is read again. */
static void
check_own(struct str s)
{
	struct buf b = { 0 };
	struct ver v;
	char text[24];
	double t = -1, again = -1;
	uint64_t u = 4711;

	if (num_time(s, &t, NULL) == SK_OK) {
		FUZZ_CHECK(t >= 0, "%g", t);
		num_fmt_short(&b, t);
		FUZZ_CHECK(b.n > 0 && b.n < 40, "short form of %g: %.*s", t, STR_ARG(buf_str(&b)));
		buf_clear(&b);
		num_fmt_s(&b, t);
		if (b.n > 2 && t <= UINT32_MAX && t >= 1) {
			struct str number = str_head(buf_str(&b), b.n - 2);

			FUZZ_CHECK(num_time(number, &again, NULL) == SK_OK && again == t, "%g s is printed %.*s", t,
			    STR_ARG(buf_str(&b)));
		}
	}
	if (num_uint(s, UINT32_MAX, &u, NULL) == SK_OK) {
		buf_clear(&b);
		buf_addf(&b, "%llu", (unsigned long long)u);
		while (s.n > 1 && s.p[0] == '0')
			s = str_from(s, 1);
		FUZZ_CHECK(str_eq(s, buf_str(&b)), "read as %.*s", STR_ARG(buf_str(&b)));
	}
	if (ver_parse(s, &v, NULL) == SK_OK) {
		struct ver same;

		FUZZ_CHECK(v.n >= VERP(6, 6, 0) && v.n <= VERP(10, 5, 99), "%d", v.n);
		FUZZ_CHECK(ver_parse(str_c(ver_text(v, text)), &same, NULL) == SK_OK && same.n == v.n &&
			same.debian == v.debian,
		    "%d is written %s", v.n, text);
	}
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size);
	struct ver v = fuzz_ver(in);

	if (in.n > TEXT_MAX)
		return 0;
	/* The last byte chooses the release, and is no part of the time. */
	if (in.n > 0)
		in.n--;
	check_releases(in);
	check_keywords(in, v);
	check_own(in);
	return 0;
}
