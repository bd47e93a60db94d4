/* SPDX-License-Identifier: MIT */
/* Processes from a made-up /proc, messages of sock_diag made by hand, lines of nf_conntrack. */
#define _XOPEN_SOURCE 700
#include "test_detect.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/tcp.h>

#include "detect/live.h"

static struct arena arena;
static struct live_procs procs;
static struct err err;

/* A process: its name, parent, start, and words separated by NULs. */
static void
put_proc(struct tree *t, int pid, int ppid, const char *name, int start, const char *args, size_t n)
{
	char path[64], text[256];

	(void)snprintf(path, sizeof path, "/%d/stat", pid);
	(void)snprintf(text, sizeof text, "%d (%s) T %d 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 %d 100 5\n", pid,
	    name, ppid, start);
	tree_put(t, path, text);
	(void)snprintf(path, sizeof path, "/%d/status", pid);
	tree_put(t, path, "Name:\tx\nUid:\t1000\t1001\t1000\t1000\nGid:\t0\n");
	(void)snprintf(path, sizeof path, "/%d/cmdline", pid);
	tree_put_n(t, path, args, n);
}

static void
put_link(struct tree *t, int pid, const char *name, const char *target)
{
	char path[64];

	(void)snprintf(path, sizeof path, "/%d/%s", pid, name);
	assert_int_equal(symlink(target, tree_path(t, path)), 0);
}

static void
read_tree(struct tree *t)
{
	assert_int_equal(live_procs(&t->a, t->dir, &procs, &err), SK_OK);
}

#define ARGS(s) (s), sizeof(s) - 1

static void
test_processes(void **state)
{
	struct tree *t = *state;
	const struct live_proc *p;

	put_proc(t, 10, 1, "sshd", 5, ARGS("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups\0\0\0\0"));
	put_proc(t, 100, 1, "ssh", 7,
	    ARGS("ssh\0-p\0"
		 "2222\0web\0"));
	put_link(t, 100, "fd/10", "socket:[77]");
	put_link(t, 100, "fd/9", "socket:[88]");
	put_link(t, 100, "fd/0", "/dev/pts/0");
	put_link(t, 100, "fd/4", "socket:[x]");
	put_link(t, 100, "ns/net", "net:[4026531840]");
	put_link(t, 100, "cwd", "/home/joe");
	tree_put(t, "/100/net/unix",
	    "Num       RefCount Protocol Flags    Type St Inode Path\n"
	    "0000000000000000: 00000002 00000000 00010000 0001 01    88 /home/joe/.ssh/c m.4gFOsggIDLK0jyew\n"
	    "0000000000000000: 00000003 00000000 00000000 0001 03    77 /home/joe/other.4gFOsggIDLK0jyew\n");
	/* a name that tries to be fields */
	put_proc(t, 101, 100, "nc) R 1 (x", 8, ARGS("nc\0host\0"));
	put_link(t, 101, "fd/3", "socket:[99]");
	put_proc(t, 102, 10, "bash", 8, ARGS("-bash\0"));
	tree_put_n(t, "/102/environ", ARGS("A=b\0SSH_CONNECTION=192.0.2.1 5 192.0.2.2 22\0"));
	put_proc(t, 103, 1, "sshfs", 8, ARGS("sshfs\0"));
	assert_int_equal(symlink("net:[4026531841]", tree_path(t, "/self/ns/net")), 0);
	read_tree(t);
	t_eq_i64((int64_t)procs.n, 4);
	t_eq_u64(procs.netns, 4026531841u);
	assert_null(live_proc(&procs, 103));

	p = live_proc(&procs, 100);
	assert_true(p != NULL && live_is_ssh(p) && !live_is_sshd(p) && p->fds_known);
	t_eq_i64(p->ppid, 1);
	t_eq_u64(p->uid, 1001);
	t_eq_u64(p->ruid, 1000);
	t_eq_u64(p->start, 7);
	t_eq_i64(p->state, 'T');
	t_eq_i64((int64_t)p->n_arg, 4);
	t_eq_str(p->arg[2], "2222");
	t_eq_str(p->cwd, "/home/joe");
	t_eq_u64(p->netns, 4026531840u);
	t_eq_i64((int64_t)p->n_inode, 2);
	t_eq_u64(p->inode[0], 88);
	t_eq_u64(p->inode[1], 77);
	t_eq_i64(p->fd[0], 9);
	t_eq_i64(p->fd[1], 10);
	t_eq_str(p->control, "/home/joe/.ssh/c m");

	p = live_proc(&procs, 101);
	assert_non_null(p);
	t_eq_str(p->name, "nc) R 1 (x");
	t_eq_i64(p->ppid, 100);
	t_eq_u64(p->inode[0], 99);

	p = live_proc(&procs, 102);
	assert_non_null(p);
	t_eq_str(p->ssh_conn, "192.0.2.1 5 192.0.2.2 22");
	assert_false(p->fds_known);

	p = live_proc(&procs, 10);
	assert_true(p != NULL && live_is_sshd(p));
	t_eq_i64((int64_t)p->n_arg, 1);
	t_eq_str(p->arg[0], "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups");
}

/* Who ends while it is read, or says nothing, is left out or told as far as it goes. */
static void
test_broken_processes(void **state)
{
	struct tree *t = *state;

	put_proc(t, 100, 1, "ssh", 7, ARGS(""));
	put_proc(t, 101, 1, "ssh", 7, ARGS("\0\0\0"));
	put_proc(t, 102, 1, "ssh", 7, ARGS("ssh\0web\0"));
	assert_int_equal(remove(tree_path(t, "/102/status")), 0);
	tree_put(t, "/103/stat", "103 (ssh");
	tree_put(t, "/104/stat", "");
	tree_put(t, "/105/stat", "105 (ssh) S 1 2 3\n");
	tree_put(t, "/106/cmdline", "ssh");
	tree_put(t, "/99999999999999999999/stat", "1 (ssh) S 1");
	read_tree(t);
	t_eq_i64((int64_t)procs.n, 2);
	t_eq_i64((int64_t)live_proc(&procs, 100)->n_arg, 0);
	t_eq_i64((int64_t)live_proc(&procs, 101)->n_arg, 0);
	assert_int_equal(live_procs(&t->a, "/nonexistent/proc", &procs, &err), SK_EREAD);
}

/* A loop of parents, as a tree that changes while it is read may show. */
static void
test_parent_loop(void **state)
{
	struct tree *t = *state;

	put_proc(t, 100, 101, "a", 1, ARGS("a\0"));
	put_proc(t, 101, 100, "b", 1, ARGS("b\0"));
	read_tree(t);
	t_eq_i64((int64_t)procs.n, 0);
}

struct message {
	struct inet_diag_msg m;
	struct nlattr a;
	uint8_t info[sizeof(struct tcp_info)]; /* bytes: without room between it and the header */
};

static void
make_message(struct message *g)
{
	const struct tcp_info info = { .tcpi_last_data_sent = 2500,
		.tcpi_last_data_recv = 3000,
		.tcpi_last_ack_recv = 3500,
		.tcpi_rto = 3264000,
		.tcpi_backoff = 4,
		.tcpi_unacked = 1,
		.tcpi_rtt = 4000,
		.tcpi_rttvar = 1000 };

	memset(g, 0, sizeof *g);
	g->m.idiag_family = AF_INET;
	g->m.idiag_state = 1;
	g->m.idiag_timer = 1;
	g->m.idiag_retrans = 4;
	g->m.idiag_expires = 1500;
	g->m.idiag_wqueue = 44;
	g->m.idiag_inode = 77;
	g->m.idiag_uid = 1000;
	g->m.id.idiag_sport = htons(40000);
	g->m.id.idiag_dport = htons(22);
	g->m.id.idiag_src[0] = htonl(0xc0000201);
	g->m.id.idiag_dst[0] = htonl(0xc0000202);
	g->a.nla_type = INET_DIAG_INFO;
	g->a.nla_len = sizeof g->a + sizeof g->info;
	memcpy(g->info, &info, sizeof info);
}

static void
test_socket(void **state)
{
	struct message g;
	struct live_sock s;

	(void)state;
	make_message(&g);
	assert_true(live_sock_parse(&g, sizeof g, &s));
	t_eq_str(live_addr_port_text(&arena, &s.local), "192.0.2.1:40000");
	t_eq_str(live_addr_port_text(&arena, &s.peer), "192.0.2.2:22");
	t_eq_u64(s.inode, 77);
	t_eq_i64(s.timer, LIVE_TIMER_RETRANS);
	t_eq_i64(s.retrans_n, 4);
	t_near(s.expires_s, 1.5, 1e-9);
	t_eq_i64(s.queue_bytes, 44);
	assert_true(s.has_info);
	t_near(s.sent_s, 2.5, 1e-9);
	t_near(s.got_s, 3, 1e-9);
	t_near(s.acked_s, 3.5, 1e-9);
	t_near(s.rto_s, 3.264, 1e-9);
	t_eq_i64(s.backoff_n, 4);
	/* a timer that is late */
	g.m.idiag_expires = (uint32_t)-8;
	assert_true(live_sock_parse(&g, sizeof g, &s));
	t_near(s.expires_s, 0, 0);
	/* every length short of a whole message is refused or read as far as it goes */
	for (size_t n = 0; n < sizeof g; n++) {
		char *copy = malloc(n + 1);

		assert_non_null(copy);
		memcpy(copy, &g, n);
		assert_true(live_sock_parse(copy, n, &s) == (n >= sizeof g.m));
		free(copy);
	}
	/* an attribute that lies about its length */
	g.a.nla_len = 0xffff;
	assert_true(live_sock_parse(&g, sizeof g, &s));
	assert_false(s.has_info);
	g.a.nla_len = 0;
	assert_true(live_sock_parse(&g, sizeof g, &s));
	assert_false(s.has_info);
	g.m.idiag_family = AF_UNIX;
	assert_false(live_sock_parse(&g, sizeof g, &s));
}

/* The time of the recovery that goes on now, from a kernel that tells more than the header of this system knows. */
static void
test_later_info(void **state)
{
	enum {
		AT = offsetof(struct tcp_info, tcpi_snd_wnd) + 4,
		RTO = AT + 8,
		RECOVERIES = AT + 10,
		TIME = AT + 12,
		ALL = AT + 16
	};
	struct message g;
	uint8_t long_message[sizeof g.m + sizeof g.a + ALL] = { 0 };
	struct nlattr a = { .nla_type = INET_DIAG_INFO, .nla_len = sizeof g.a + ALL };
	const uint32_t ms = 4321;
	struct live_sock s;

	(void)state;
	make_message(&g);
	memcpy(long_message, &g, sizeof g < sizeof long_message ? sizeof g : sizeof long_message);
	memcpy(long_message + sizeof g.m, &a, sizeof a);
	memset(long_message + sizeof g.m + sizeof a + AT, 0, ALL - AT);
	long_message[sizeof g.m + sizeof a + RTO] = 4;
	long_message[sizeof g.m + sizeof a + RECOVERIES] = 1;
	memcpy(long_message + sizeof g.m + sizeof a + TIME, &ms, sizeof ms);
	assert_true(live_sock_parse(long_message, sizeof long_message, &s));
	t_near(s.repeating_s, 4.321, 1e-9);
	/* the sum of two says nothing of the second */
	long_message[sizeof g.m + sizeof a + RECOVERIES] = 2;
	assert_true(live_sock_parse(long_message, sizeof long_message, &s));
	assert_true(s.repeating_s < 0);
	/* an older kernel */
	a.nla_len = sizeof a + AT;
	memcpy(long_message + sizeof g.m, &a, sizeof a);
	assert_true(live_sock_parse(long_message, sizeof g.m + sizeof a + AT, &s));
	assert_true(s.has_info && s.repeating_s < 0);
}

static void
test_addresses(void **state)
{
	struct message g;
	struct live_sock s;
	struct live_addr x, y;

	(void)state;
	make_message(&g);
	g.m.idiag_family = AF_INET6;
	memset(g.m.id.idiag_src, 0, sizeof g.m.id.idiag_src);
	g.m.id.idiag_src[2] = htonl(0xffff);
	g.m.id.idiag_src[3] = htonl(0xc0000201);
	memset(g.m.id.idiag_dst, 0, sizeof g.m.id.idiag_dst);
	g.m.id.idiag_dst[0] = htonl(0x20010db8);
	g.m.id.idiag_dst[3] = htonl(1);
	assert_true(live_sock_parse(&g, sizeof g, &s));
	/* IPv4 within IPv6 is IPv4 */
	t_eq_str(live_addr_port_text(&arena, &s.local), "192.0.2.1:40000");
	t_eq_str(live_addr_port_text(&arena, &s.peer), "[2001:db8::1]:22");
	assert_true(live_addr_parse(STR("::ffff:192.0.2.1"), &x) && live_addr_parse(STR("192.0.2.1"), &y));
	assert_true(live_addr_same(&x, &y));
	assert_true(live_addr_parse(STR("fe80::1%eth0"), &x));
	assert_true(live_addr_parse(STR("::1"), &x) && live_addr_loopback(&x));
	assert_true(live_addr_parse(STR("::ffff:127.0.0.1"), &x) && live_addr_loopback(&x));
	assert_true(live_addr_parse(STR("127.3.2.1"), &x) && live_addr_loopback(&x));
	assert_false(live_addr_loopback(&s.peer));
	assert_false(live_addr_parse(STR(""), &x));
	assert_false(live_addr_parse(STR("UNKNOWN"), &x));
	assert_false(live_addr_parse(STR("1.2.3.4.5"), &x));
	assert_false(live_addr_parse(STR("1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc"), &x));
}

static void
test_conntrack_text(void **state)
{
	static const char head[] =
	    "ipv4     2 udp      17 20 src=192.0.2.1 dst=192.0.2.2 sport=40000 dport=22 src=192.0.2.2\n"
	    "\n"
	    "ipv4     2 tcp      6 x ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=40000 dport=22\n"
	    "ipv4     2 tcp      6 9 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=40001 dport=22\n"
	    "ipv4     2 tcp      6 8 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=4 \n";
	static const struct {
		const char *line;
		double left; /* negative: not ours */
	} row[] = {
		{ "ipv4     2 tcp      6 431999 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=40000 dport=22 "
		  "src=192.0.2.2 "
		  "dst=192.0.2.1 sport=22 dport=40000 [ASSURED] mark=0 zone=0 use=2\n",
		    431999 },
		/* the second direction counts too: what comes in through a port that is redirected here */
		{ "ipv4     2 tcp      6 7 ESTABLISHED src=192.0.2.2 dst=198.51.100.1 sport=22 dport=2222 "
		  "src=192.0.2.1 "
		  "dst=192.0.2.2 sport=40000 dport=22 mark=0 use=2",
		    7 },
		{ "ipv4     2 tcp      6 7 ESTABLISHED src=192.0.2.2 dst=192.0.2.1 sport=22 dport=40000", -1 },
		{ "", -1 },
	};
	struct message g;
	struct live_sock s;

	(void)state;
	make_message(&g);
	assert_true(live_sock_parse(&g, sizeof g, &s));
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct live_ct ct;
		struct str text = arena_printf(&arena, "%s%s", head, row[i].line);

		live_ct_text(&arena, text, &s, &ct);
		t_eq_i64(ct.state, row[i].left < 0 ? LIVE_CT_NONE : LIVE_CT_FOUND);
		if (row[i].left >= 0) {
			t_near(ct.left_s, row[i].left, 0);
			t_eq_str(ct.tcp, "ESTABLISHED");
		}
	}
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest live_detect[] = { cmocka_unit_test_setup_teardown(
						      test_processes, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_broken_processes, tree_setup, tree_teardown),
		cmocka_unit_test_setup_teardown(test_parent_loop, tree_setup, tree_teardown),
		cmocka_unit_test_teardown(test_socket, teardown), cmocka_unit_test_teardown(test_later_info, teardown),
		cmocka_unit_test_teardown(test_addresses, teardown),
		cmocka_unit_test_teardown(test_conntrack_text, teardown) };

	return cmocka_run_group_tests(live_detect, NULL, NULL) != 0;
}
