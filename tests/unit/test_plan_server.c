/* SPDX-License-Identifier: MIT */
/* The planner on a server's files, and kernel knobs. */
#include "test_plan.h"

static void
server_commented_default_attracts(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/etc/ssh/sshd_config",
	    "Port 22\n#TCPKeepAlive yes\n#ClientAliveInterval 0\n#ClientAliveCountMax 3\n\n# Example\n#Match User "
	    "anoncvs\n"
	    "Match User bob\n\tX11Forwarding no\n");
	read_conf(f, KW_SERVER);
	also(want(f, "sshd,Match User bob", "ClientAliveInterval", "60"), "ClientAliveCountMax", "5");
	expect(f, "/etc/ssh/sshd_config",
	    "Port 22\n#TCPKeepAlive yes\n#ClientAliveInterval 0\nClientAliveInterval 60\n#ClientAliveCountMax 3\n"
	    "ClientAliveCountMax 5\n\n# Example\n#Match User anoncvs\nMatch User bob\n\tX11Forwarding no\n");
}

static void
server_global_line_before_match(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/etc/ssh/sshd_config", "Port 22\n\nMatch User bob\n\tX11Forwarding no\n");
	read_conf(f, KW_SERVER);
	want(f, "sshd,Match User bob", "TCPKeepAlive", "no");
	expect(f, "/etc/ssh/sshd_config", "Port 22\nTCPKeepAlive no\n\nMatch User bob\n\tX11Forwarding no\n");
}

static void
server_match_stays_in_match(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/etc/ssh/sshd_config", "ClientAliveInterval 60\nMatch User bob\n\tClientAliveInterval 600\n");
	read_conf(f, KW_SERVER);
	want(f, "Match User bob", "ClientAliveInterval", "120");
	expect(f, "/etc/ssh/sshd_config", "ClientAliveInterval 60\nMatch User bob\n\tClientAliveInterval 120\n");
	f->f.n = 0;
	want(f, "Match User bob", "TCPKeepAlive", "no");
	make(f);
	t_eq_u64(f->plan.n_file, 0);
	t_eq_u64(f->plan.n_refusal, 1);
	f->f.n = 0;
	want(f, "Match User bob", "ClientAliveCountMax", "7");
	expect(f, "/etc/ssh/sshd_config",
	    "ClientAliveInterval 60\nMatch User bob\n\tClientAliveInterval 120\n\tClientAliveCountMax 7\n");
}

static void
server_dropin(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n");
	add_file(f, "/etc/ssh/sshd_config.d/50-cloud-init.conf", "ClientAliveInterval 420\n");
	f->o.dropin_dir = STR("/etc/ssh/sshd_config.d");
	read_conf(f, KW_SERVER);
	also(want(f, "sshd", "ClientAliveInterval", "60"), "ClientAliveCountMax", "5");
	make(f);
	t_eq_u64(f->plan.n_file, 1);
	assert_false(f->plan.file[0].exists);
	expect(f, "/etc/ssh/sshd_config.d/00-sshkeep.conf", "ClientAliveInterval 60\nClientAliveCountMax 5\n");
	/* Our own file is edited the next time. */
	f->f.n = 0;
	want(f, "sshd", "ClientAliveInterval", "30");
	expect(f, "/etc/ssh/sshd_config.d/00-sshkeep.conf", "ClientAliveInterval 30\nClientAliveCountMax 5\n");
}

static void
server_administrators_line_is_edited(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nClientAliveInterval 900\n");
	add_file(f, "/etc/ssh/sshd_config.d/x.conf", "UsePAM yes\n");
	f->o.dropin_dir = STR("/etc/ssh/sshd_config.d");
	read_conf(f, KW_SERVER);
	want(f, "sshd", "ClientAliveInterval", "60");
	expect(f, "/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nClientAliveInterval 60\n");
}

static void
kernel_knobs(void **state)
{
	struct fixture *f = *state;
	const char *path = "/etc/sysctl.d/60-sshkeep.conf";

	add_file(f, "/c", "Host a\n");
	read_conf(f, KW_CLIENT);
	also(want(f, "", "sysctl.net.ipv4.tcp_keepalive_time", "120"), "sysctl.net.ipv4.tcp_keepalive_intvl", "30");
	want(f, "", "sysctl.net.ipv4.tcp_keepalive_time", "60");
	make(f);
	t_eq_u64(f->plan.n_file, 0);
	t_eq_u64(f->plan.n_refusal, 1);
	assert_false(f->plan.refusal[0].hard);
	f->o.sysctl_dropin = str_c(path);
	expect(f, path, "net.ipv4.tcp_keepalive_time = 60\nnet.ipv4.tcp_keepalive_intvl = 30\n");
	f->file[1].text = "# x\nnet/ipv4/tcp_keepalive_time=7200";
	expect(f, path, "# x\nnet/ipv4/tcp_keepalive_time=60\nnet.ipv4.tcp_keepalive_intvl = 30\n");
}

static void
kernel_knobs_that_are_set_already(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/c", "Host a\n");
	f->o.sysctl_dropin = STR("/etc/sysctl.d/60-sshkeep.conf");
	read_conf(f, KW_CLIENT);
	want(f, "", "sysctl.net.ipv4.tcp_keepalive_time", "120");
	add_file(f, "/usr/lib/sysctl.d/50-default.conf", "net.ipv4.tcp_keepalive_time = 7200\n");
	expect(f, "/etc/sysctl.d/60-sshkeep.conf", "net.ipv4.tcp_keepalive_time = 120\n");
	f->file[1] = (struct map_file){ "/usr/lib/sysctl.d/99-default.conf", "net.ipv4.tcp_keepalive_time = 7200\n" };
	f->file[2].path = "/usr/lib/sysctl.d/60-sshkeep.conf";
	f->file[2].text = "";
	expect(f, "/etc/sysctl.d/zz-sshkeep.conf", "net.ipv4.tcp_keepalive_time = 120\n");
	f->file[1].path = "/usr/lib/sysctl.d/zzz.conf";
	f->file[3].path = NULL;
	make(f);
	t_eq_u64(f->plan.n_file, 0);
	t_eq_u64(f->plan.n_refusal, 1);
	f->file[3] = (struct map_file){ "/etc/sysctl.conf", "# x\nnet.ipv4.tcp_keepalive_time=7200" };
	expect(f, "/etc/sysctl.conf", "# x\nnet.ipv4.tcp_keepalive_time=120");
	/* A name in /etc hides the same name of the package. */
	f->file[1].path = "/usr/lib/sysctl.d/10-a.conf";
	f->file[2] = (struct map_file){ "/etc/sysctl.d/10-a.conf", "net.ipv4.tcp_keepalive_time = 3\n" };
	f->file[3].path = NULL;
	expect(f, "/etc/sysctl.d/10-a.conf", "net.ipv4.tcp_keepalive_time = 120\n");
}

static void
equal_match_lines_are_rows_of_their_own(void **state)
{
	struct fixture *f = *state;

	add_file(f, "/etc/ssh/sshd_config",
	    "Match User bob\n\tX11Forwarding no\nMatch User bob\n\tClientAliveInterval 900\nMatch User bob\n");
	read_conf(f, KW_SERVER);
	t_eq_u64(f->o.n_server_row, 4);
	t_eq_str(f->o.server_row[1].shown, "Match User bob");
	t_eq_str(f->o.server_row[2].shown, "Match User bob (no. 2)");
	t_eq_str(f->o.server_row[3].shown, "Match User bob (no. 3)");
	want(f, "Match User bob,Match User bob (no. 2),Match User bob (no. 3)", "ClientAliveInterval", "60");
	expect(f, "/etc/ssh/sshd_config",
	    "Match User bob\n\tX11Forwarding no\nMatch User bob\n\tClientAliveInterval 60\nMatch User bob\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(server_commented_default_attracts, setup, teardown),
		cmocka_unit_test_setup_teardown(server_global_line_before_match, setup, teardown),
		cmocka_unit_test_setup_teardown(server_match_stays_in_match, setup, teardown),
		cmocka_unit_test_setup_teardown(server_dropin, setup, teardown),
		cmocka_unit_test_setup_teardown(server_administrators_line_is_edited, setup, teardown),
		cmocka_unit_test_setup_teardown(kernel_knobs, setup, teardown),
		cmocka_unit_test_setup_teardown(kernel_knobs_that_are_set_already, setup, teardown),
		cmocka_unit_test_setup_teardown(equal_match_lines_are_rows_of_their_own, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
