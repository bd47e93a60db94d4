/* SPDX-License-Identifier: MIT */
/* The planner: where a wanted value goes, what the new text looks like, what is refused, and that it ends. */
#include "test_plan.h"

static void
winning_line_keeps_all_but_its_argument(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\r\n\tserveraliveinterval=300 # why\r\nHost b\r\n\tUser git\r\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	expect(f, "/c", "Host a\r\n\tserveraliveinterval=60 # why\r\nHost b\r\n\tUser git\r\n");
}

static void
count_goes_beside_the_interval(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  ServerAliveInterval 300\n  User x\n# end\nHost b\n  User git\n");
	read_conf(f, KW_CLIENT);
	also(want(f, "a", "ServerAliveInterval", "60"), "ServerAliveCountMax", "5");
	expect(f, "/c",
	    "Host a\n  ServerAliveInterval 60\n  ServerAliveCountMax 5\n  User x\n# end\nHost b\n  User git\n");
}

static void
own_block_when_nothing_sets_it(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n\n  # comment\n  HostName a.example\n\n# next\nHost b\n  User git");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	expect(f, "/c",
	    "Host a\n\n  # comment\n  HostName a.example\n  ServerAliveInterval 60\n\n# next\nHost b\n  User git");
	f->f.n = 0;
	f->file[0] = (struct map_file){ "/c", "Host m*\n  Port 7\nHost m0\n  Port 8\n" };
	read_conf(f, KW_CLIENT);
	want(f, "m*,m0", "ServerAliveInterval", "60");
	expect(f, "/c", "Host m*\n  Port 7\n  ServerAliveInterval 60\nHost m0\n  Port 8\n");
	f->f.n = 0;
	f->file[0] = (struct map_file){ "/c", "Host a\nHost b\r\n\tUser git" };
	read_conf(f, KW_CLIENT);
	want(f, "b", "ServerAliveInterval", "60");
	expect(f, "/c", "Host a\nHost b\r\n\tUser git\r\n\tServerAliveInterval 60");
}

static void
one_line_for_all_in_the_last_star(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  User x\nHost b\n  User y\nHost *\n  Compression yes\n");
	read_conf(f, KW_CLIENT);
	also(want(f, "a,b,*", "ServerAliveInterval", "60"), "ServerAliveCountMax", "4");
	expect(f, "/c",
	    "Host a\n  User x\nHost b\n  User y\nHost *\n  Compression yes\n  ServerAliveInterval 60\n"
	    "  ServerAliveCountMax 4\n");
}

static void
new_star_at_the_end(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n\tUser x\nHost b\n\tUser y");
	read_conf(f, KW_CLIENT);
	want(f, "a,b,*", "ServerAliveInterval", "60");
	expect(f, "/c", "Host a\n\tUser x\nHost b\n\tUser y\n\nHost *\n\tServerAliveInterval 60");
}

static void
no_star_when_somebody_else_would_move(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  User x\nHost g\n  User git\nHost b\n  User y\nHost *\n  Compression yes\n");
	read_conf(f, KW_CLIENT);
	want(f, "a,b", "ServerAliveInterval", "60");
	expect(f, "/c",
	    "Host a\n  User x\n  ServerAliveInterval 60\nHost g\n  User git\nHost b\n  User y\n"
	    "  ServerAliveInterval 60\nHost *\n  Compression yes\n");
}

static void
override_in_front_of_the_shared_line(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "# mine\nHost a b\n    ServerAliveInterval 300\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	expect(f, "/c", "Host a\n    ServerAliveInterval 60\n\n# mine\nHost a b\n    ServerAliveInterval 300\n");
}

static void
override_of_a_global_line_goes_back_to_all(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "ServerAliveInterval 300\n\nHost a b\n    User x\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	expect(f, "/c",
	    "Host a\n    ServerAliveInterval 60\n\nHost *\n\nServerAliveInterval 300\n\nHost a b\n    User x\n");
}

static void
all_but_the_few_that_shall_stay(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c",
	    "Host *\n  ServerAliveInterval 240\n\nHost g\n  User git\n\nHost a\n  User x\n\nHost b\n  User y\n");
	read_conf(f, KW_CLIENT);
	want(f, "a,b,*", "ServerAliveInterval", "60");
	want(f, "b", "ExitOnForwardFailure", "yes");
	expect(f, "/c",
	    "Host * !g\n  ServerAliveInterval 60\n\nHost *\n  ServerAliveInterval 240\n\nHost g\n  User git\n\n"
	    "Host a\n  User x\n\nHost b\n  User y\n  ExitOnForwardFailure yes\n");
}

/* The default comes after the lines for others, so it need not leave them out. */
static void
the_default_comes_last(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host t\n  User x\nHost a\n  User y\n");
	read_conf(f, KW_CLIENT);
	want(f, "a,*", "ServerAliveInterval", "60");
	want(f, "t", "ServerAliveInterval", "30");
	expect(f, "/c",
	    "Host t\n  User x\n  ServerAliveInterval 30\nHost a\n  User y\n\nHost *\n  ServerAliveInterval 60\n");
	/* In front of a line that all use; and then that line itself is free to change. */
	f->f.n = 0;
	f->file[0].text = "Host *\n  ServerAliveInterval 240\n\nHost t\n  User x\n\nHost g\n  User git\n\nHost a\n";
	read_conf(f, KW_CLIENT);
	want(f, "a,*", "ServerAliveInterval", "60");
	want(f, "t", "ServerAliveInterval", "30");
	expect(f, "/c",
	    "Host t\n  ServerAliveInterval 30\n\nHost * !g\n  ServerAliveInterval 60\n\nHost *\n"
	    "  ServerAliveInterval 240\n\nHost t\n  User x\n\nHost g\n  User git\n\nHost a\n");
	f->f.n = 0;
	f->file[0].text = "Host *\n  ServerAliveInterval 240\n\nHost t\n  User x\n\nHost a\n";
	read_conf(f, KW_CLIENT);
	want(f, "a,*", "ServerAliveInterval", "60");
	want(f, "t", "ServerAliveInterval", "30");
	expect(f, "/c",
	    "Host t\n  ServerAliveInterval 30\n\nHost *\n  ServerAliveInterval 60\n\nHost t\n  User x\n\nHost a\n");
}

/* A line of one host that the later default brings as well is not written. */
static void
needless_lines_go_away(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  ServerAliveCountMax 0\nHost b\n  User x\n");
	read_conf(f, KW_CLIENT);
	also(want(f, "a,b,*", "ServerAliveInterval", "60"), "ServerAliveCountMax", "3");
	expect(f, "/c", "Host a\n  ServerAliveCountMax 3\nHost b\n  User x\n\nHost *\n  ServerAliveInterval 60\n");
}

/* Too many hosts must stay as they are for a default: those who have a name share a block, the rest is refused. */
static void
those_with_a_name_share_a_block(void **state)
{
	struct fixture *f = *state;
	struct buf b = { 0 }, out = { 0 };

	buf_addc(&b, "Host *\n  ServerAliveInterval 240\nHost a b\n  User x\n");
	for (int i = 0; i < 20; i++)
		buf_addf(&b, "Host g%d\n  User git\n", i);
	add_file(f, "/c", arena_str(&f->arena, buf_str(&b)).p);
	buf_addc(&out, "Host a b\n  ServerAliveInterval 60\n\n");
	buf_add(&out, buf_str(&b));
	read_conf(f, KW_CLIENT);
	want(f, "a,b,*", "ServerAliveInterval", "60");
	make(f);
	t_eq_u64(f->plan.n_file, 1);
	t_eq_str(f->plan.file[0].new_bytes, arena_str(&f->arena, buf_str(&out)).p);
	t_eq_u64(f->plan.n_refusal, 1);
	t_eq_str(f->plan.refusal[0].host, "*");
	buf_release(&b);
	buf_release(&out);
}

/* An interval beside a count of 0 ends idle sessions that are well. */
static void
no_interval_beside_a_count_of_zero(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  ServerAliveCountMax 0\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	refused(f, "a", "while ServerAliveCountMax is 0");
	want(f, "a", "ServerAliveCountMax", "3");
	expect(f, "/c", "Host a\n  ServerAliveCountMax 3\n  ServerAliveInterval 60\n");
	f->f.n = 0;
	f->file[0] = (struct map_file){ "/etc/ssh/sshd_config", "ClientAliveCountMax 0\n" };
	read_conf(f, KW_SERVER);
	want(f, "sshd", "ClientAliveInterval", "60");
	refused(f, "sshd", "while ClientAliveCountMax is 0");
}

/* What one line brings to a pattern and to the host below it is not written twice. */
static void
rows_that_are_served_already(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host *\n  ServerAliveInterval 240\nHost m*\n  User x\nHost m0\n  Port 7\n");
	read_conf(f, KW_CLIENT);
	want(f, "m*,m0", "ServerAliveInterval", "60");
	expect(f, "/c",
	    "Host m*\n  ServerAliveInterval 60\n\nHost *\n  ServerAliveInterval 240\nHost m*\n  User x\nHost m0\n"
	    "  Port 7\n");
}

static void
host_that_no_file_names(void **state)
{
	struct fixture *f = *state;
	struct target_row row[2] = {
		{ .kind = TARGET_HOST, .shown = STR("me@new"), .name = STR("new"), .possible = true }
	};

	add_file(f, "/c", "Host a\n  User x\n");
	read_conf(f, KW_CLIENT);
	row[1] = f->o.row[0];
	f->o.row = row;
	f->o.n_row = 2;
	want(f, "me@new", "ServerAliveInterval", "60");
	make(f);
	t_eq_u64(f->plan.n_file, 1);
	t_eq_str(f->plan.file[0].new_bytes, "Host a\n  User x\n\nHost new\n  ServerAliveInterval 60\n");
}

static void
no_config_yet(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/home/u/.ssh/config-is-not-there", "");
	f->file[0].path = "/none";
	f->file[0] = (struct map_file){ "/etc/ssh/ssh_config", "Host *\n    SendEnv LANG\n" };
	read_conf(f, KW_CLIENT);
	/* The system file was read as the user's above: read it as ssh would. */
	f->o.user_config = STR("/home/u/.ssh/config");
	conf_release(&f->conf);
	conf_init(&f->conf, &f->co);
	assert_int_equal(
	    conf_add_file(&f->conf, &f->co, STR("/etc/ssh/ssh_config"), SOURCE_SYSTEM, true, &(struct err){ 0 }),
	    SK_OK);
	f->o.n_right = 1;
	f->right[0].may_write = false;
	f->right[0].name = STR("/etc/ssh/ssh_config");
	also(want(f, "*", "ServerAliveInterval", "60"), "ServerAliveCountMax", "5");
	make(f);
	t_eq_u64(f->plan.n_refusal, 0);
	t_eq_u64(f->plan.n_file, 1);
	assert_false(f->plan.file[0].exists);
	t_eq_str(f->plan.file[0].path, "/home/u/.ssh/config");
	t_eq_str(f->plan.file[0].shown, "~/.ssh/config");
	t_eq_str(f->plan.file[0].new_bytes, "Host *\n    ServerAliveInterval 60\n    ServerAliveCountMax 5\n");
}

static void
system_value_is_overridden_in_the_users_file(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/home/u/.ssh/config", "Host a\n  User x\n");
	add_file(f, "/etc/ssh/ssh_config", "Host *\n    ServerAliveInterval 300\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	expect(f, "/home/u/.ssh/config", "Host a\n  User x\n  ServerAliveInterval 60\n");
}

static void
unwritable_include_is_overridden(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/home/u/.ssh/config", "Include work\n\nHost b\n  User x\n");
	add_file(f, "/home/u/.ssh/work", "Host a\n  ServerAliveInterval 300\n");
	f->unwritable = "/home/u/.ssh/work";
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	expect(f, "/home/u/.ssh/config",
	    "Host a\n  ServerAliveInterval 60\n\nHost *\n\nInclude work\n\nHost b\n  User x\n");
}

static void
refusals(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Match host a exec \"vpn-up\"\n  ServerAliveInterval 20\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	refused(f, "a", "exec \"vpn-up\" (/c:1)");
	f->file[0].text = "Host a\n  User x\n";
	f->unwritable = "/c";
	read_conf(f, KW_CLIENT);
	refused(f, "a", "needs root");
	t_eq_str(f->plan.refusal[0].snippet, "ServerAliveInterval 60\n");
	f->unwritable = NULL;
	f->co.cmdline = STR("ServerAliveInterval 9");
	read_conf(f, KW_CLIENT);
	refused(f, "a", "command line");
}

static void
a_plan_that_moves_others_fails_the_proof(void **state)
{
	struct fixture *f = *state;
	struct str line = { 0 };
	struct err e = { 0 };

	add_file(f, "/c", "Host a\n  User x\nHost *\n  ServerAliveInterval 90\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "60");
	make(f);
	t_eq_u64(f->plan.n_file, 1);
	assert_int_equal(plan_prove(&f->arena, &f->o, &f->plan, &line, &e), SK_OK);
	t_eq_str(line, "2 hosts and 0 Match cases compared, 1 value changed as intended, none other");
	f->plan.file[0].new_bytes = STR("Host a\n  User x\nHost *\n  ServerAliveInterval 60\n");
	assert_int_equal(plan_prove(&f->arena, &f->o, &f->plan, &line, &e), SK_EREFUSED);
	f->plan.file[0].new_bytes =
	    STR("Host a\n  User y\n  ServerAliveInterval 60\nHost *\n  ServerAliveInterval 90\n");
	assert_int_equal(plan_prove(&f->arena, &f->o, &f->plan, &line, &e), SK_EREFUSED);
	f->plan.file[0].new_bytes = STR("Host a\n  User x\nHost *\n  ServerAliveInterval 90\n");
	assert_int_equal(plan_prove(&f->arena, &f->o, &f->plan, &line, &e), SK_EREFUSED);
	f->plan.file[0].new_bytes =
	    STR("Host a\n  User x\n  ServerAliveInterval 60\nHost *\n  ServerAliveInterval 90\nX\n");
	assert_int_equal(plan_prove(&f->arena, &f->o, &f->plan, &line, &e), SK_EREFUSED);
	/* Lines that no row sees count, too. */
	f->plan.file[0].new_bytes = STR("Host a\n  User x\n  ServerAliveInterval 60\nHost *\n  ServerAliveInterval 90\n"
					"Match localuser nobody-here\n  Compression yes\n");
	assert_int_equal(plan_prove(&f->arena, &f->o, &f->plan, &line, &e), SK_EREFUSED);
}

static void
smaller_interval_wins_with_its_count(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  ServerAliveInterval 300\n");
	read_conf(f, KW_CLIENT);
	also(want(f, "a", "ServerAliveInterval", "60"), "ServerAliveCountMax", "4");
	also(want(f, "a", "ServerAliveInterval", "30"), "ServerAliveCountMax", "5");
	also(want(f, "a", "ServerAliveInterval", "45"), "ServerAliveCountMax", "6");
	expect(f, "/c", "Host a\n  ServerAliveInterval 30\n  ServerAliveCountMax 5\n");
}

static void
lines_are_removed_and_respelt(void **state)
{
	struct fixture *f = *state;
	struct finding *x;

	add_file(f, "/c", "Host a\n  ServerAliveInterval 30\n  ServerAliveInterval 300\n  ServerAliveCountMaxx 5\n");
	read_conf(f, KW_CLIENT);
	x = want(f, "", "", "");
	x->fix[0].remove = true;
	x->at = conf_line_span(&f->conf, 0, 2);
	x = want(f, "", "ServerAliveCountMax", "");
	x->at = conf_line_span(&f->conf, 0, 3);
	make(f);
	t_eq_u64(f->plan.n_refusal, 0);
	t_eq_u64(f->plan.n_file, 1);
	t_eq_str(f->plan.file[0].new_bytes, "Host a\n  ServerAliveInterval 30\n  ServerAliveCountMax 5\n");
	/* A line that wins is not removed. */
	f->f.n = 1;
	f->finding[0].at = conf_line_span(&f->conf, 0, 1);
	make(f);
	t_eq_u64(f->plan.n_file, 0);
	t_eq_u64(f->plan.n_refusal, 1);
}

/* The file that decides now is changed if it is the administrator's, and overridden if a package delivered it. */
static void
client_commented_default_attracts(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c",
	    "# ServerAliveInterval 60\nHost a\n  # ServerAliveInterval says when\n  #serveraliveinterval=60\n"
	    "  User x\n# ServerAliveInterval 60\nHost b\n  User y\n");
	read_conf(f, KW_CLIENT);
	want(f, "a", "ServerAliveInterval", "30");
	expect(f, "/c",
	    "# ServerAliveInterval 60\nHost a\n  # ServerAliveInterval says when\n  #serveraliveinterval=60\n"
	    "  serveraliveinterval=30\n  User x\n# ServerAliveInterval 60\nHost b\n  User y\n");
}

/* A default for all, unless a block below would lose to it. */
static void
client_commented_default_of_all_attracts(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "# ServerAliveInterval 0\nCompression yes\nHost a\n  User x\n");
	read_conf(f, KW_CLIENT);
	want(f, "a,*", "ServerAliveInterval", "60");
	expect(f, "/c", "# ServerAliveInterval 0\nServerAliveInterval 60\nCompression yes\nHost a\n  User x\n");
}

static void
client_commented_default_beats_no_block(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "# ServerAliveInterval 0\nCompression yes\nHost a\n  ServerAliveInterval 90\n");
	read_conf(f, KW_CLIENT);
	want(f, "*", "ServerAliveInterval", "60");
	expect(f, "/c",
	    "# ServerAliveInterval 0\nCompression yes\nHost a\n  ServerAliveInterval 90\n\nHost *\n"
	    "  ServerAliveInterval 60\n");
}

static void
new_blocks_for_the_same_hosts_are_one(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n  User x\n");
	read_conf(f, KW_CLIENT);
	want(f, "a,*", "ServerAliveInterval", "60");
	want(f, "a,*", "ExitOnForwardFailure", "yes");
	expect(f, "/c", "Host a\n  User x\n\nHost *\n  ServerAliveInterval 60\n  ExitOnForwardFailure yes\n");
}

static void
pattern_without_the_host_below_it(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host web*\n  ServerAliveCountMax 10\nHost web1\n  ServerAliveInterval 300\n");
	read_conf(f, KW_CLIENT);
	also(want(f, "web*", "ServerAliveInterval", "60"), "ServerAliveCountMax", "3");
	expect(f, "/c",
	    "Host web* !web1\n  ServerAliveInterval 60\n  ServerAliveCountMax 3\n\n"
	    "Host web*\n  ServerAliveCountMax 10\nHost web1\n  ServerAliveInterval 300\n");
}

/* A thousand hosts are one trial, not a thousand. */
static void
many_hosts(void **state)
{
	struct fixture *f = *state;
	struct buf b = { 0 };
	struct finding *x;

	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "Host h%d\n  User u\n", i);
	buf_addc(&b, "Host g\n  User git\n");
	add_file(f, "/c", arena_str(&f->arena, buf_str(&b)).p);
	buf_release(&b);
	read_conf(f, KW_CLIENT);
	x = want(f, "", "ServerAliveInterval", "60");
	x->host = ARENA_ARRAY(&f->arena, struct str, 1000);
	for (int i = 0; i < 1000; i++)
		x->host[x->n_host++] = arena_printf(&f->arena, "h%d", i);
	make(f);
	t_eq_u64(f->plan.n_refusal, 0);
	t_eq_u64(f->plan.n_file, 1);
	t_eq_u64(f->plan.file[0].n_edit, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(winning_line_keeps_all_but_its_argument, setup, teardown),
		cmocka_unit_test_setup_teardown(count_goes_beside_the_interval, setup, teardown),
		cmocka_unit_test_setup_teardown(own_block_when_nothing_sets_it, setup, teardown),
		cmocka_unit_test_setup_teardown(one_line_for_all_in_the_last_star, setup, teardown),
		cmocka_unit_test_setup_teardown(new_star_at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(no_star_when_somebody_else_would_move, setup, teardown),
		cmocka_unit_test_setup_teardown(override_in_front_of_the_shared_line, setup, teardown),
		cmocka_unit_test_setup_teardown(override_of_a_global_line_goes_back_to_all, setup, teardown),
		cmocka_unit_test_setup_teardown(all_but_the_few_that_shall_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(the_default_comes_last, setup, teardown),
		cmocka_unit_test_setup_teardown(needless_lines_go_away, setup, teardown),
		cmocka_unit_test_setup_teardown(those_with_a_name_share_a_block, setup, teardown),
		cmocka_unit_test_setup_teardown(no_interval_beside_a_count_of_zero, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_that_are_served_already, setup, teardown),
		cmocka_unit_test_setup_teardown(host_that_no_file_names, setup, teardown),
		cmocka_unit_test_setup_teardown(no_config_yet, setup, teardown),
		cmocka_unit_test_setup_teardown(system_value_is_overridden_in_the_users_file, setup, teardown),
		cmocka_unit_test_setup_teardown(unwritable_include_is_overridden, setup, teardown),
		cmocka_unit_test_setup_teardown(refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(a_plan_that_moves_others_fails_the_proof, setup, teardown),
		cmocka_unit_test_setup_teardown(smaller_interval_wins_with_its_count, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_are_removed_and_respelt, setup, teardown),
		cmocka_unit_test_setup_teardown(new_blocks_for_the_same_hosts_are_one, setup, teardown),
		cmocka_unit_test_setup_teardown(pattern_without_the_host_below_it, setup, teardown),
		cmocka_unit_test_setup_teardown(client_commented_default_attracts, setup, teardown),
		cmocka_unit_test_setup_teardown(client_commented_default_of_all_attracts, setup, teardown),
		cmocka_unit_test_setup_teardown(client_commented_default_beats_no_block, setup, teardown),
		cmocka_unit_test_setup_teardown(many_hosts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
