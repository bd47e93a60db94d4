/* SPDX-License-Identifier: MIT */
/*
 * Start files: any bytes give a list within its bounds, whose lines lie in the text, and the same list again.  The
 * first byte is the kind, the rest the text.
 */
#include "fuzz.h"

#include "start/start.h"

/* The first byte in the form that a person writes it into a seed. */
static enum start_kind
kind_of(char c)
{
	static const enum start_kind kinds[] = { START_SCRIPT, START_UNIT, START_CRON, START_USER_CRON, START_COMPOSE };

	return kinds[(unsigned char)c % (sizeof(kinds) / sizeof(kinds[0]))];
}

static void
check_one(const struct start *s, size_t n_line)
{
	int64_t v;

	FUZZ_CHECK(s->line > 0 && s->line <= n_line, "line %u of %zu", (unsigned)s->line, n_line);
	FUZZ_CHECK(str_eqc(s->file, "x"), "file");
	FUZZ_CHECK(s->n_remote <= s->n_forward, "forwards");
	FUZZ_CHECK(s->program == START_FILE || s->path.n == 0, "path");
	FUZZ_CHECK(s->program != START_FILE || (s->path.n > 1 && s->path.p[0] == '/'), "path of a file");
	FUZZ_CHECK((s->program == START_SIGNAL) == (s->signal.n > 0), "signal");
	FUZZ_CHECK(
	    !start_ports_clash(s, s) || start_number(str_head(s->monitor.value, str_chr(s->monitor.value, ':', 0)), &v),
	    "monitor");
	for (size_t i = 0; i < s->n_line_o; i++)
		FUZZ_CHECK(s->line_o[i].p != NULL, "line %zu", i);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct start_from from = { .file = { "x", 1 }, .user = { "me", 2 }, .home = { "/home/me", 8 } };
	struct str in = fuzz_in(data, size), text = str_from(in, 1);
	struct starts out = { 0 }, again = { 0 };
	struct arena a = { 0 };
	const char *why = "", *why_again = "";
	enum start_kind kind = size > 0 ? kind_of(in.p[0]) : START_SCRIPT;
	size_t n_line = 1;
	bool whole;

	for (size_t i = 0; i < text.n; i++)
		n_line += text.p[i] == '\n';
	whole = start_read(&a, kind, &from, text, &out, &why);
	FUZZ_CHECK(out.n <= STARTS_MAX, "%zu", out.n);
	FUZZ_CHECK(whole == start_read(&a, kind, &from, text, &again, &why_again), "another answer");
	FUZZ_CHECK(out.n == again.n, "%zu, then %zu", out.n, again.n);
	for (size_t i = 0; i < out.n; i++) {
		struct str bad = start_bad_variable(&a, &out.v[i]);

		/* compose counts CR, NEL and the like as line ends, too */
		check_one(&out.v[i], kind == START_COMPOSE ? text.n + 1 : n_line);
		FUZZ_CHECK(str_eq(start_lines(&a, &out.v[i], true), start_lines(&a, &again.v[i], true)), "lines");
		FUZZ_CHECK(str_eq(bad, start_bad_variable(&a, &again.v[i])), "variable");
		(void)start_is_tunnel(&out.v[i]);
	}
	(void)start_kind_of(in, text);
	starts_release(&out);
	starts_release(&again);
	arena_release(&a);
	return 0;
}
