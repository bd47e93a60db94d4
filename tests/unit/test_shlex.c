/* SPDX-License-Identifier: MIT */
/* Words of shell commands: expansions whose value is not known stay as they are written. */
#include "t.h"

#include "base/arena.h"
#include "base/shlex.h"

enum { WORDS = 4 };

static struct arena arena;

struct seen {
	struct str word[WORDS];
	bool computed[WORDS];
	size_t n;
};

static bool
on_command(void *ctx, const struct shcommand *c)
{
	struct seen *s = ctx;

	for (size_t i = 0; i < c->n && s->n < WORDS; i++) {
		s->word[s->n] = c->word[i].text;
		s->computed[s->n++] = c->word[i].computed;
	}
	return true;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static void
test_expansions(void **state)
{
	static const struct {
		const char *text, *word;
		bool computed, whole;
	} row[] = {
		{ "kill `pidof autossh`", "`pidof autossh`", true, true },
		{ "kill \"`pidof autossh`\"", "`pidof autossh`", true, true },
		{ "kill a`b`c", "a`b`c", true, true },
		{ "kill ``", "``", true, true },
		{ "kill $(pidof autossh)", "$(pidof autossh)", true, true },
		{ "kill ${PID}", "${PID}", true, true },
		{ "kill '`x`'", "`x`", false, true },
		{ "kill $'x'", "x", false, true },
		{ "kill `pidof", "", false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct seen s = { .n = 0 };

		t_eq_i64(shlex(&arena, str_c(row[i].text), on_command, &s), row[i].whole);
		t_eq_i64((int64_t)s.n, row[i].whole ? 2 : 0);
		if (!row[i].whole)
			continue;
		t_eq_str(s.word[1], row[i].word);
		t_eq_i64(s.computed[1], row[i].computed);
	}
}

int
main(void)
{
	const struct CMUnitTest shell_words[] = { cmocka_unit_test_teardown(test_expansions, teardown) };

	return cmocka_run_group_tests(shell_words, NULL, NULL) != 0;
}
