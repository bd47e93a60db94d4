/* SPDX-License-Identifier: MIT */
/* The command line: options by table, as ssh takes them, and the errors. */
#include "cli/options.h"

#include "cli/cmd.h"
#include "t.h"

static int
run_nothing(struct arena *a, const struct options *o)
{
	(void)a;
	(void)o;
	return 0;
}

static const struct cmd all = { .name = "all",
	.args = "[HOST]",
	.summary = "tests",
	.about = "about",
	.run = run_nothing,
	.options = "ends ssh path versions where rules format output choose color fix launch undo" };
static const struct cmd few = {
	.name = "few", .args = "", .summary = "tests", .about = "about", .run = run_nothing, .options = "format"
};
const struct cmd *const cmd_table[] = { &all, &few, NULL };

struct state {
	struct arena arena;
	struct options o;
	struct err e;
};

static int
setup(void **state)
{
	*state = calloc(1, sizeof(struct state));
	return *state == NULL;
}

static int
teardown(void **state)
{
	struct state *s = *state;

	arena_release(&s->arena);
	free(s);
	return 0;
}

/* Words separated by a bar, so that arguments may hold blanks. */
static enum sk_code
parse(struct state *s, const struct cmd *cmd, const char *line)
{
	char *argv[32] = { arena_alloc(&s->arena, 1) };
	struct str rest = str_c(line), word;
	int argc = 1;

	while (*line != '\0' && str_split(&rest, '|', &word)) {
		size_t n = word.n;

		argv[argc] = arena_alloc(&s->arena, n + 1);
		memcpy(argv[argc++], word.p, n);
	}
	memset(&s->o, 0, sizeof s->o);
	memset(&s->e, 0, sizeof s->e);
	return options_parse(&s->arena, cmd, argc, argv, &s->o, &s->e);
}

static void
test_values(void **state)
{
	struct state *s = *state;

	assert_int_equal(
	    parse(s, &all, "-F|a|-fb|--path-timeout=350s|--policy|tunnel|--write|web|-C|user=u|-Cuser=v"), SK_OK);
	t_eq_str(s->o.client_file, "a");
	t_eq_str(s->o.server_file, "b");
	t_eq_str(s->o.path_timeout, "350s");
	t_eq_str(s->o.policy, "tunnel");
	assert_true(s->o.write);
	assert_false(s->o.exit_zero);
	t_eq_u64(s->o.arg.n, 1);
	t_eq_str(s->o.arg.v[0], "web");
	t_eq_u64(s->o.spec.n, 2);
	t_eq_str(s->o.spec.v[1], "user=v");
}

static void
test_empty_values(void **state)
{
	struct state *s = *state;

	/* given but empty differs from not given */
	assert_int_equal(parse(s, &all, "--path-timeout=|--policy|"), SK_OK);
	assert_non_null(s->o.path_timeout.p);
	t_eq_u64(s->o.path_timeout.n, 0);
	assert_non_null(s->o.policy.p);
	assert_null(s->o.network.p);
}

static void
test_operands(void **state)
{
	struct state *s = *state;

	assert_int_equal(parse(s, &all, "a|--|-F|--write|-"), SK_OK);
	t_eq_u64(s->o.arg.n, 4);
	t_eq_str(s->o.arg.v[1], "-F");
	t_eq_str(s->o.arg.v[3], "-");
	assert_null(s->o.client_file.p);
	/* a lone dash is an operand, and a value */
	assert_int_equal(parse(s, &all, "-F|-|-"), SK_OK);
	t_eq_str(s->o.client_file, "-");
	t_eq_u64(s->o.arg.n, 1);
}

static void
test_as_ssh(void **state)
{
	struct state *s = *state;

	assert_int_equal(parse(s, &all, "web|-p22|-J|b|-oServerAliveInterval=5|-o|User root|-l|x|-l|y"), SK_OK);
	t_eq_u64(s->o.ssh_line.n, 4);
	t_eq_str(s->o.ssh_line.v[0], "Port=22");
	t_eq_str(s->o.ssh_line.v[1], "ProxyJump=b");
	t_eq_str(s->o.ssh_line.v[2], "ServerAliveInterval=5");
	t_eq_str(s->o.ssh_line.v[3], "User root");
	assert_true(s->o.user_line);
	t_eq_str(s->o.login, "x");
	t_eq_u64(s->o.ssh_word.n, 8);
	t_eq_str(s->o.ssh_word.v[0], "-p");
	t_eq_str(s->o.ssh_word.v[7], "User root");
	/* -l that stood first wins over a later -o User */
	assert_int_equal(parse(s, &all, "-l|x|-oUser=y|h"), SK_OK);
	assert_false(s->o.user_line);
	/* a keyword that only starts like User */
	assert_int_equal(parse(s, &all, "-oUserKnownHostsFile=y|h"), SK_OK);
	assert_false(s->o.user_line);
}

static void
test_forwards(void **state)
{
	struct state *s = *state;

	assert_int_equal(parse(s, &all, "-L|1:a:2|-R3:b:4|-D5|h"), SK_OK);
	t_eq_u64(s->o.forward.n, 3);
	t_eq_str(s->o.forward.v[1], "3:b:4");
	t_eq_str(s->o.forward_kind.v[1], "R");
	t_eq_str(s->o.forward_kind.v[2], "D");
}

static void
test_errors(void **state)
{
	static const struct {
		const char *line, *message;
	} bad[] = {
		{ "--formt=json", "unknown option --formt (did you mean --format?)" },
		{ "--nothing-like-it", "unknown option --nothing-like-it" },
		{ "-Z", "unknown option -Z" },
		{ "--policy", "option --policy needs NAME" },
		{ "-F", "option -F needs FILE" },
		{ "--write=yes", "option --write takes no value" },
		{ "-o|a\nb", "-o needs one line of text" },
		{ "--\x1b[31m", "unknown option --\\x1B[31m" },
	};
	struct state *s = *state;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(parse(s, &all, bad[i].line), SK_EUSAGE);
		assert_string_equal(s->e.msg, bad[i].message);
	}
}

static void
test_groups(void **state)
{
	struct state *s = *state;

	assert_int_equal(parse(s, &few, "--format|json"), SK_OK);
	assert_int_equal(parse(s, &few, "--write"), SK_EUSAGE);
	assert_int_equal(parse(s, &few, "-F|x"), SK_EUSAGE);
	assert_int_equal(parse(s, &few, "--help|--nonsense"), SK_OK);
	assert_true(s->o.help);
}

static void
test_help(void **state)
{
	struct buf b = { 0 };

	(void)state;
	options_help(&few, &b);
	assert_true(str_find(buf_str(&b), STR("--format NAME")) != SIZE_MAX);
	assert_true(str_find(buf_str(&b), STR("-h, --help")) != SIZE_MAX);
	assert_true(str_find(buf_str(&b), STR("--write")) == SIZE_MAX);
	for (struct str rest = buf_str(&b), line; str_split(&rest, '\n', &line);)
		assert_true(line.n <= 80);
	buf_release(&b);
}

static void
test_find(void **state)
{
	const char *near;

	(void)state;
	assert_ptr_equal(cmd_find(STR("few"), &near), &few);
	assert_null(cmd_find(STR("fwe"), &near));
	assert_string_equal(near, "few");
	assert_null(cmd_find(STR("nothing"), &near));
	assert_null(near);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_values, setup, teardown),
		cmocka_unit_test_setup_teardown(test_operands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_as_ssh, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forwards, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups, setup, teardown),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
