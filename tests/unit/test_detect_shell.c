/* SPDX-License-Identifier: MIT */
/* TMOUT of start files: assignments in all their forms, and what only looks like one. */
#define _XOPEN_SOURCE 700
#include "test_detect.h"

#define OFF	 INFINITY
#define COMPUTED (-1)

static const struct {
	const char *text;
	double tmout;
	uint32_t line;
} row[] = {
	{ "", OFF, 0 },
	{ "TMOUT=900\n", 900, 1 },
	{ "TMOUT=900", 900, 1 },
	{ "\n\n  TMOUT=900 # fifteen minutes\n", 900, 3 },
	{ "TMOUT=900;export TMOUT", 900, 1 },
	{ "export TMOUT=900", 900, 1 },
	{ "export A=1 TMOUT=900 B", 900, 1 },
	{ "readonly TMOUT=900\nTMOUT=60", 900, 1 },
	{ "declare -xr TMOUT=900\nTMOUT=60", 900, 1 },
	{ "declare -x -r TMOUT=900\nunset TMOUT", 900, 1 },
	{ "typeset -i TMOUT=900\nTMOUT=60", 60, 2 },
	{ "builtin readonly TMOUT=900\nTMOUT=1", 900, 1 },
	{ "TMOUT=900\nreadonly TMOUT\nTMOUT=0", 900, 1 },
	{ "TMOUT=900\nreadonly OTHER\nTMOUT=60", 60, 3 },
	{ "readonly TMOUT=900\nreadonly TMOUT=60", 900, 1 },
	{ "TMOUT=900\nTMOUT=60\n", 60, 2 },
	{ "TMOUT='900'", 900, 1 },
	{ "TMOUT=\"900\"", 900, 1 },
	{ "TMOUT=9\\\n00", 900, 1 },
	{ "TMOUT=90\"0\"'0'", 9000, 1 },
	{ "export 'TMOUT=900'", 900, 1 },
	{ "A=1 TMOUT=900 B=2", 900, 1 },
	{ "TMOUT=0", OFF, 1 },
	{ "TMOUT=", OFF, 1 },
	{ "TMOUT=-5", OFF, 1 },
	{ "TMOUT=900\nunset TMOUT", OFF, 0 },
	{ "TMOUT=900\nunset -f TMOUT", 900, 1 },
	{ "TMOUT=2147483647", 2147483647.0, 1 },
	{ "TMOUT=2147483648", COMPUTED, 1 },
	{ "TMOUT=15m", COMPUTED, 1 },
	{ "TMOUT=$X", COMPUTED, 1 },
	{ "TMOUT=\"$(( 60*10 ))\"", COMPUTED, 1 },
	{ "TMOUT=`cat /etc/tmout`", COMPUTED, 1 },
	{ "TMOUT=$(sed 's/)/x/' f)\nA=1", COMPUTED, 1 },
	{ "TMOUT=$X\nTMOUT=60", 60, 2 },
	{ "TMOUT+=5", COMPUTED, 1 },
	{ ": ${TMOUT:=900}", COMPUTED, 1 },
	{ "TMOUT=60; : ${TMOUT:=900}", 60, 1 },
	/* conditions count */
	{ "if [ -n \"$PS1\" ]; then TMOUT=900; fi", 900, 1 },
	{ "if [ $(id -u) -eq 0 ]\nthen\n\tTMOUT=900\n\treadonly TMOUT\nfi\nTMOUT=1", 900, 3 },
	{ "[ -n \"$SSH_TTY\" ] && TMOUT=900", 900, 1 },
	{ "case $- in\n*i*) TMOUT=900;;\n*) ;;\nesac", 900, 2 },
	{ "case $- in *i*) TMOUT=900 ;; esac; A=1", 900, 1 },
	{ "case a in (a) case b in b) ;; esac; TMOUT=900;; esac", 900, 1 },
	{ "while read x; do TMOUT=900; done < /etc/f", 900, 1 },
	{ "for i in 1 2; do TMOUT=$i; done", COMPUTED, 1 },
	{ "{ TMOUT=900; }", 900, 1 },
	{ "! TMOUT=900", 900, 1 },
	{ "A=(1 2 3)\nB=()\n{ TMOUT=900; }", 900, 3 },
	{ "[[ -t 0 && 1 -lt 2 ]] || return\nTMOUT=900", 900, 2 },
	{ "((x = 1 << 2))\nTMOUT=900", 900, 2 },
	{ "for ((i=0; i<3; i++)); do TMOUT=7; done", 7, 1 },
	{ "TMOUT=900 2>/dev/null", 900, 1 },
	{ "echo >&2 x\nTMOUT=900", 900, 2 },
	{ "echo x >\nTMOUT=900", 900, 2 },
	{ "f() { TMOUT=1; }\nTMOUT=900", 900, 2 },
	{ "TMOUT=900\r\n", 900, 1 },
	/* not assignments of this shell */
	{ "#TMOUT=900", OFF, 0 },
	{ "echo '\nTMOUT=900\n'", OFF, 0 },
	{ "echo TMOUT=900", OFF, 0 },
	{ "TMOUT=900 bash", OFF, 0 },
	{ "TMOUT =900", OFF, 0 },
	{ "XTMOUT=900\nTMOUTX=900\ntmout=900", OFF, 0 },
	{ "'TMOUT=900'", OFF, 0 },
	{ "T\"M\"OUT=900", OFF, 0 },
	{ "(TMOUT=900)", OFF, 0 },
	{ "A=$(TMOUT=900)", OFF, 0 },
	{ "TMOUT=900 | cat", OFF, 0 },
	{ "cat | TMOUT=900", OFF, 0 },
	{ "cat |& TMOUT=900", OFF, 0 },
	{ "TMOUT=900 &", OFF, 0 },
	{ "f() {\n\tTMOUT=900\n}\n", OFF, 0 },
	{ "function f {\n\tTMOUT=900\n}\n", OFF, 0 },
	{ "function f()\n{\n\tif a; then TMOUT=900; fi\n}\n", OFF, 0 },
	{ "f () (\nTMOUT=900\n)\n", OFF, 0 },
	{ "cat <<EOF\nTMOUT=900\nEOF\n", OFF, 0 },
	{ "cat <<-'E F'\n\tTMOUT=900\n\tE F\nTMOUT=7", 7, 4 },
	{ "cat <<-\\EOF\n\tTMOUT=900\n\t\tEOF\nTMOUT=8", 8, 4 },
	{ "cat <<EOF\n\tEOF\nTMOUT=900\nEOF\nTMOUT=9", 9, 5 },
	{ "cat <<A <<B\nTMOUT=1\nA\nTMOUT=2\nB\nTMOUT=3", 3, 6 },
	{ "cat <<< x\nTMOUT=900", 900, 2 },
	{ "return\nTMOUT=900", OFF, 0 },
	{ "if a; then return; fi\nTMOUT=900", 900, 2 },
	{ "read -t \"$TMOUT\" x", OFF, 0 },
};

static void
check(struct tree *t, size_t i)
{
	const struct fact *v = &t->f.v[FACT_TMOUT];
	bool good;

	if (row[i].tmout < 0)
		good = !v->known;
	else if (isinf(row[i].tmout))
		good = v->known && isinf(v->num) && v->line == row[i].line;
	else
		good = v->known && v->num <= row[i].tmout && v->num >= row[i].tmout && v->line == row[i].line;
	if (!good)
		fail_msg("row %zu: %s: %g at line %u (%s)", i, row[i].text, v->num, (unsigned)v->line,
		    v->known ? "known" : v->reason);
}

static void
test_forms(void **state)
{
	struct tree *t = *state;
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		tree_put(t, "/etc/profile", row[i].text);
		tree_run(t);
		check(t, i);
	}
}

static void
test_order(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/etc/environment", "TMOUT=1\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 1);
	tree_put(t, "/etc/profile", "TMOUT=2\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 2);
	tree_put(t, "/etc/bash.bashrc", "TMOUT=3\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 3);
	tree_put(t, "/etc/profile.d/b.sh", "TMOUT=5\n");
	tree_put(t, "/etc/profile.d/a.sh", "TMOUT=4\n");
	tree_put(t, "/etc/profile.d/c.csh", "TMOUT=44\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 5);
	tree_put(t, "/home/user/.profile", "TMOUT=6\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 6);
	/* the first of the three that exists is the only one read */
	tree_put(t, "/home/user/.bash_profile", "A=1\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 5);
	tree_put(t, "/home/user/.bashrc", "TMOUT=7\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 7);
	t_eq_str(t->f.v[FACT_TMOUT].source, "/home/user/.bashrc");
	/* zsh's files do not count for another shell */
	tree_put(t, "/etc/zshenv", "TMOUT=8\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 7);
}

static void
test_login_shell(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/etc/profile", "TMOUT=2\n");
	tree_put(t, "/etc/zsh/zshenv", "TMOUT=30\n");
	tree_put(t, "/home/user/.zshrc", "TMOUT=40\n");
	tree_put(t, "/etc/passwd", "user:x:1000:1000::/home/user:/usr/bin/zsh\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 40);
	tree_put(t, "/etc/passwd", "other:x:1:1::/:/bin/zsh\nuser:x:1000:1000::/home/user:/bin/bash\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 2);
	assert_false(has_note(t, "ksh"));
	tree_put(t, "/etc/passwd", "user:x:1000:1000::/home/user:/bin/mksh\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, 2);
	assert_true(has_note(t, "a minute more"));
	tree_put(t, "/etc/passwd", "user:x:1000:1000::/home/user:/usr/sbin/nologin\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, OFF);
	tree_put(t, "/etc/passwd", "user:x:1000:1000::/home/user:/bin/tcsh\n");
	tree_run(t);
	is_known(t, FACT_TMOUT, OFF);
	assert_true(has_note(t, "autologout"));
	/* a shell that is not known, and nothing but zsh's files */
	tree_put(t, "/etc/passwd", "broken:x\n:::\n");
	tree_put(t, "/etc/profile", "");
	tree_run(t);
	is_known(t, FACT_TMOUT, 40);
}

static void
test_notes(void **state)
{
	struct tree *t = *state;

	tree_put(t, "/etc/profile", "if a; then TMOUT=9; fi\n");
	tree_run(t);
	assert_true(has_note(t, "/etc/profile:1: TMOUT is set under a condition"));
	tree_put(t, "/etc/profile", "\nTMOUT=$((9*9))\n");
	tree_run(t);
	is_unknown(t, FACT_TMOUT, "the shell computes it");
	t_eq_str(t->f.v[FACT_TMOUT].source, "/etc/profile:2");
	assert_true(has_note(t, "/etc/profile:2: TMOUT is not a plain number"));
	tree_put(t, "/etc/profile", "echo 'never closed\nTMOUT=9\n");
	tree_run(t);
	assert_true(has_note(t, "never closed"));
	tree_put(t, "/etc/profile", "readonly TMOUT=9\nTMOUT=8\n");
	tree_run(t);
	assert_true(has_note(t, "/etc/profile:2: TMOUT is set again, but /etc/profile:1 made it readonly"));
	/* a directory in the place of a file */
	assert_int_equal(unlink(tree_path(t, "/etc/profile")), 0);
	tree_put(t, "/etc/profile/x", "");
	tree_run(t);
	is_unknown(t, FACT_TMOUT, "a directory");
}

/* Deep nesting, long words, many words: no crash, nothing invented. */
static void
test_hostile(void **state)
{
	enum { N = 200000 };
	static const char byte[] = { '(', '{', '$', '`', '"', '\'', '\\', '<', '\0', '\n', ';', '&', '|', ')', '}',
		'#' };
	struct tree *t = *state;
	char *p = malloc(N);
	size_t i;

	assert_non_null(p);
	for (i = 0; i < sizeof(byte); i++) {
		memset(p, byte[i], N);
		tree_put_n(t, "/etc/profile", p, N);
		tree_run(t);
		if (t->f.v[FACT_TMOUT].known)
			assert_true(isinf(t->f.v[FACT_TMOUT].num));
	}
	for (i = 0; i + 2 <= N; i += 2)
		memcpy(p + i, "$(", 2);
	tree_put_n(t, "/etc/profile", p, N);
	tree_run(t);
	for (i = 0; i + 3 <= N; i += 3)
		memcpy(p + i, "if ", 3);
	tree_put_n(t, "/etc/profile", p, N);
	tree_run(t);
	for (i = 0; i < N; i++)
		p[i] = byte[(i * i + i / 7) % sizeof(byte)];
	tree_put_n(t, "/etc/profile", p, N);
	tree_run(t);
	free(p);
	tree_check(t);
}

#define with_tree(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_forms),
		with_tree(test_order),
		with_tree(test_login_shell),
		with_tree(test_notes),
		with_tree(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
