/* SPDX-License-Identifier: MIT */
/*
 * For tests/oracle/values.sh: reads config lines, one a line, and says how each is read by itself.
 * Usage: value_lines client|server VERSION FILE <LINES
 * Output, one line for each: verdict, printed value, message; separated by TABs, a line feed inside as \n.
 * Verdicts: ok, counted, fatal, printed (a message, not counted), none (nothing behind the keyword), quotes,
 * unknown, inert (deprecated and the like), void (no keyword).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/value.h"

static void
put(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\n')
			fputs("\\n", stdout);
		else
			putchar((unsigned char)s.p[i]);
}

static void
one_line(struct arena *a, struct str line, const struct value_ctx *base)
{
	static const char *const names[] = { "ok", "counted", "fatal", "printed" };
	struct value_ctx ctx = *base;
	struct str word, msg = { NULL, 0 };
	struct value v = { 0 };
	struct args args;
	const char *verdict;
	size_t rest_off;
	unsigned row;
	bool lost;

	if (!split_keyword(a, line, ctx.side, ctx.v, &word, &rest_off, &lost)) {
		puts("void\t\t");
		return;
	}
	split_args(a, line, rest_off, ctx.side, ctx.v, &args);
	row = kw_find(ctx.side, word, ctx.v);
	ctx.word = arena_str(a, word);
	if (ctx.side == KW_CLIENT) {
		char *low = arena_alloc(a, word.n + 1);

		for (size_t i = 0; i < word.n; i++)
			low[i] = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] + 32) : word.p[i];
		ctx.word.p = low;
	}
	if (args.none && ctx.v.n >= VER(8, 7)) {
		verdict = "none";
	} else if (row == KW_UNKNOWN) {
		verdict = "unknown";
	} else if (args.bad_quotes) {
		verdict = "quotes";
	} else {
		const struct kw *own = kw_row(ctx.side, row);
		enum kw_class class = kw_class_in(own, ctx.v);

		if (class != KW_ACTIVE && class != KW_ALIAS)
			verdict = "inert";
		else
			verdict = names[value_read(
			    a, kw_row(ctx.side, kw_target(ctx.side, row, ctx.v)), &args, &ctx, &v, &msg)];
		/* ssh prints a dynamic forward with a target as two lines; the first is the keyword's own. */
		if (own->id == KW_ID_DYNAMICFORWARD)
			v.text = str_head(v.text, str_chr(v.text, ' ', 0));
	}
	fputs(verdict, stdout);
	putchar('\t');
	put(v.text);
	putchar('\t');
	put(msg);
	putchar('\n');
}

int
main(int argc, char **argv)
{
	struct value_ctx ctx = { .line = 1, .active = true };
	struct arena a = { 0 };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (argc != 4 || ver_parse(str_c(argv[2]), &ctx.v, NULL) != SK_OK) {
		fputs("usage: value_lines client|server VERSION FILE <LINES\n", stderr);
		return 3;
	}
	ctx.side = strcmp(argv[1], "server") == 0 ? KW_SERVER : KW_CLIENT;
	ctx.file = str_c(argv[3]);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		one_line(&a, (struct str){ line, (size_t)n }, &ctx);
		arena_release(&a);
		a = (struct arena){ 0 };
	}
	free(line);
	return 0;
}
