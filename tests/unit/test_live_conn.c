/* SPDX-License-Identifier: MIT */
/* Which socket is the connection of which process: processes made by hand that hold real sockets of the loopback. */
#include "t.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "live/conn.h"

enum { ROOM = 8 };

/* A connection from this process to itself: [0] listens, [1] connected, [2] accepted. */
struct link {
	int fd[3];
	uint64_t inode[3];
};

static struct arena arena;
static struct options options;
static struct session session;
static struct live_conns conns;
static struct live_proc proc[ROOM];
static struct live_procs procs;
static struct link one, two;

static void
link_up(struct link *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof to;

	l->fd[0] = socket(AF_INET, SOCK_STREAM, 0);
	l->fd[1] = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(l->fd[0] >= 0 && l->fd[1] >= 0);
	assert_int_equal(bind(l->fd[0], (struct sockaddr *)&to, sizeof to), 0);
	assert_int_equal(listen(l->fd[0], 1), 0);
	assert_int_equal(getsockname(l->fd[0], (struct sockaddr *)&to, &n), 0);
	assert_int_equal(connect(l->fd[1], (struct sockaddr *)&to, sizeof to), 0);
	l->fd[2] = accept(l->fd[0], NULL, NULL);
	assert_true(l->fd[2] >= 0);
	for (size_t i = 0; i < 3; i++) {
		struct stat st;

		assert_int_equal(fstat(l->fd[i], &st), 0);
		l->inode[i] = st.st_ino;
	}
}

static void
link_down(struct link *l)
{
	for (size_t i = 0; i < 3; i++)
		(void)close(l->fd[i]);
}

static int
setup(void **state)
{
	(void)state;
	link_up(&one);
	link_up(&two);
	session = (struct session){ .arena = &arena, .o = &options, .tree.root = "" };
	memset(proc, 0, sizeof proc);
	procs = (struct live_procs){ .v = proc };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(conns.v);
	session_release(&session);
	conns = (struct live_conns){ 0 };
	link_down(&one);
	link_down(&two);
	arena_release(&arena);
	return 0;
}

/* A process with the one title or word. */
static struct live_proc *
add(int pid, int ppid, const char *name, const char *title)
{
	struct live_proc *p = &proc[procs.n++];

	assert_true(procs.n <= ROOM);
	*p = (struct live_proc){ .pid = pid, .ppid = ppid, .name = str_c(name), .fds_known = true };
	p->arg = ARENA_ARRAY(&arena, struct str, 2);
	p->arg[p->n_arg++] = str_c(title);
	p->inode = ARENA_ARRAY(&arena, uint64_t, ROOM);
	p->fd = ARENA_ARRAY(&arena, int, ROOM);
	return p;
}

static void
holds(struct live_proc *p, int fd, uint64_t inode)
{
	assert_true(p->n_inode < ROOM);
	p->fd[p->n_inode] = fd;
	p->inode[p->n_inode++] = inode;
}

static void
match(void)
{
	struct live_net probe;
	struct err e = { 0 };

	/* a sandbox may refuse netlink */
	if (live_net(&arena, 0, NULL, 0, &probe, &e) != SK_OK)
		skip();
	if (live_conns(&session, &procs, &conns, &e) != SK_OK)
		fail_msg("%s", e.msg);
}

/* ssh started by inetd, or in a shell with its input from a socket. */
static void
test_standard_descriptors(void **state)
{
	struct live_proc *p = add(10, 1, "ssh", "ssh");

	(void)state;
	holds(p, 0, one.inode[1]);
	holds(p, 1, one.inode[1]);
	holds(p, 2, one.inode[1]);
	holds(p, 3, two.inode[1]);
	/* no connection yet, or that of its master */
	holds(add(11, 1, "ssh", "ssh"), 0, one.inode[1]);
	/* sshd -i */
	holds(add(12, 1, "sshd", "sshd: root@pts/0"), 0, one.inode[2]);
	match();
	t_eq_i64((int64_t)conns.n, 2);
	t_eq_i64(conns.v[0].proc->pid, 10);
	t_eq_u64(conns.v[0].sock->inode, two.inode[1]);
	t_eq_i64(conns.v[1].proc->pid, 12);
	t_eq_u64(conns.v[1].sock->inode, one.inode[2]);
}

/* A proxy command has the standard error of its ssh. */
static void
test_inherited_by_proxy(void **state)
{
	struct live_proc *p;

	(void)state;
	holds(add(10, 1, "ssh", "ssh"), 2, one.inode[1]);
	p = add(11, 10, "nc", "nc");
	holds(p, 2, one.inode[1]);
	holds(p, 3, two.inode[1]);
	match();
	t_eq_i64((int64_t)conns.n, 1);
	t_eq_i64(conns.v[0].holder->pid, 11);
	t_eq_u64(conns.v[0].sock->inode, two.inode[1]);
}

/* Whoever has no account has no files, and never those of the one who looks. */
static void
test_unknown_account(void **state)
{
	const uint32_t nobody = 3999999999;
	struct live_look look = { 0 };
	struct live_session row = { 0 };
	struct live_proc *p = add(10, 1, "ssh", "ssh");

	(void)state;
	p->uid = p->ruid = nobody;
	p->arg[p->n_arg++] = STR("web");
	holds(p, 3, one.inode[1]);
	match();
	t_eq_i64((int64_t)conns.n, 1);
	live_settings(&session, &look, &conns.v[0], &row);
	t_eq_str(row.host, "web");
	t_eq_str(row.config_reason, "the account of uid 3999999999 is not known");
	t_eq_str(row.in.why_unjudged, "the account of uid 3999999999 is not known");
	assert_null(row.in.j);
	/* in a container its own database counts, also for the number of the one who looks */
	p->ruid = getuid();
	p->other_root = true;
	p->pid = -1;
	live_settings(&session, &look, &conns.v[0], &row);
	assert_true(str_starts(row.config_reason, STR("the account of uid ")));
	live_release(&look);
}

/* A title of sshd that anybody could have given to what he runs. */
static void
test_forged_titles(void **state)
{
	static const struct {
		uint32_t uid, ruid, up_uid;
		const char *up, *claimed;
	} row[] = {
		{ 3999999999, 3999999999, 3999999999, "sshd", "root" },
		{ 3999999999, 3999999999, 0, "su", "root" },
		/* a program of root's that anybody may start */
		{ 0, 3999999999, 3999999999, "sshd", "root" },
		{ 3999999999, 3999999999, 0, "sshd", "" },
		{ 0, 0, 0, "systemd", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct live_proc *p;

		procs.n = 0;
		free(conns.v);
		conns = (struct live_conns){ 0 };
		p = add(10, 1, row[i].up, "sshd: root [priv]");
		p->uid = p->ruid = row[i].up_uid;
		p = add(11, 10, "sshd", "sshd: root@pts/0");
		p->uid = row[i].uid;
		p->ruid = row[i].ruid;
		holds(p, 4, one.inode[2]);
		match();
		t_eq_i64((int64_t)conns.n, 1);
		t_eq_str(conns.v[0].claimed, row[i].claimed);
		t_eq_str(conns.v[0].title.user, *row[i].claimed != '\0' ? "3999999999" : "root");
	}
}

/* The account itself, on a server that it runs alone. */
static void
test_own_server(void **state)
{
	struct live_proc *p = add(11, 1, "sshd", "");
	struct user u;

	(void)state;
	if (!user_by_uid(&session.tree, &arena, getuid(), &u))
		skip();
	p->arg[0] = arena_printf(&arena, "sshd: %.*s@notty", STR_ARG(u.name));
	p->uid = p->ruid = u.uid;
	holds(p, 4, one.inode[2]);
	match();
	t_eq_i64((int64_t)conns.n, 1);
	t_eq_i64((int64_t)conns.v[0].claimed.n, 0);
}

/* The listener: with its title, without one (up to 8.1), and gone. */
static void
test_listener(void **state)
{
	(void)state;
	add(10, 1, "sshd", "sshd: /usr/sbin/sshd -f conf [listener] 0 of 10-100 startups");
	holds(add(11, 10, "sshd", "sshd: root@pts/0"), 4, one.inode[2]);
	add(12, 1, "sshd", "/usr/sbin/sshd");
	holds(add(13, 12, "sshd", "sshd: root@pts/1"), 4, two.inode[2]);
	holds(add(14, 1, "sshd", "sshd: root@pts/2"), 4, two.inode[1]);
	match();
	t_eq_i64((int64_t)conns.n, 3);
	assert_ptr_equal(conns.v[0].listener, live_proc(&procs, 10));
	assert_ptr_equal(conns.v[1].listener, live_proc(&procs, 12));
	assert_null(conns.v[2].listener);
}

/* Its file cannot be found, and that is said; where there is none, what is assumed is. */
static void
test_listener_settings(void **state)
{
	struct live_look look = { 0 };
	struct live_session row = { 0 };

	(void)state;
	add(10, 1, "sshd", "sshd: /usr/sbin/sshd -f conf [listener] 0 of 10-100 startups");
	holds(add(11, 10, "sshd", "sshd: root@pts/0"), 4, one.inode[2]);
	match();
	t_eq_i64((int64_t)conns.n, 1);
	live_settings(&session, &look, &conns.v[0], &row);
	t_eq_str(row.config_reason, "its listener was started with a file relative to a folder that is not known");
	t_eq_i64((int64_t)session.n_note, 0);
	conns.v[0].listener = NULL;
	live_settings(&session, &look, &conns.v[0], &row);
	t_eq_i64((int64_t)session.n_note, 1);
	assert_true(str_starts(session.note[0], STR("sshd 11: the listener that started it is gone")));
	live_release(&look);
}

/* ssh -F none -S PATH HOST */
static void
add_client(int pid, const char *path, const char *host)
{
	struct live_proc *p = add(pid, 1, "ssh", "ssh");

	p->arg = ARENA_ARRAY(&arena, struct str, 6);
	p->arg[0] = STR("ssh");
	p->arg[1] = STR("-F");
	p->arg[2] = STR("none");
	p->arg[3] = STR("-S");
	p->arg[4] = str_c(path);
	p->arg[5] = str_c(host);
	p->n_arg = 6;
	p->uid = p->ruid = getuid();
}

/* A master in the background is known by a client of it, and each client is read once, however many masters there are. */
static void
test_masters(void **state)
{
	static const char *const host[] = { "mail", "web" };
	struct live_look look = { 0 };
	struct live_proc *p;
	struct err e = { 0 };

	(void)state;
	if (session_rules(&session, &arena, &options, &e) != SK_OK || session_machine(&session, &e) != SK_OK ||
	    session_read(&session, &e) != SK_OK)
		fail_msg("%s", e.msg);
	p = add(10, 1, "ssh", "ssh: /tmp/one [mux]");
	p->uid = p->ruid = getuid();
	holds(p, 3, one.inode[1]);
	p = add(11, 1, "ssh", "ssh: /tmp/two [mux]");
	p->uid = p->ruid = getuid();
	holds(p, 3, two.inode[1]);
	add_client(12, "/tmp/two", "web");
	add_client(13, "/tmp/one", "mail");
	add_client(14, "/tmp/three", "other");
	match();
	t_eq_i64((int64_t)conns.n, 2);
	for (size_t i = 0; i < 2; i++) {
		struct live_session row = { 0 };

		live_settings(&session, &look, &conns.v[i], &row);
		t_eq_str(row.host, host[i]);
		t_eq_str(row.config_reason, "");
	}
	t_eq_i64((int64_t)look.n_resolved, 3 + 2);
	live_release(&look);
}

/* 192.0.2.77 was measured from here, and NAT was seen here: that counts for its own namespace only. */
static void
test_other_namespace(void **state)
{
	struct probe_record kept = { .where = { .host = STR("192.0.2.77"), .port = 22, .network = STR("here") },
		.answer = { .low_s = 30, .high_s = 40, .died = { true, true }, .symptom = PROBE_SILENT } };
	struct live_look look = { 0 };
	struct live_session row = { 0 };
	struct live_proc *p;
	struct buf text = { 0 };
	struct err e = { 0 };

	(void)state;
	if (session_rules(&session, &arena, &options, &e) != SK_OK || session_machine(&session, &e) != SK_OK ||
	    session_read(&session, &e) != SK_OK)
		fail_msg("%s", e.msg);
	kept.when_s = time(NULL);
	probe_write(&kept, &text);
	if (probe_read(&arena, STR("x.ini"), arena_str(&arena, buf_str(&text)), &kept, &e) != SK_OK)
		fail_msg("%s", e.msg);
	buf_release(&text);
	MEM_GROW(session.measured, session.cap_measured, 1);
	session.measured[0] = kept;
	session.n_measured = 1;
	session.facts.network = STR("here");
	session.facts.v[FACT_BEHIND_NAT] = (struct fact){ .known = true, .num = 1, .confidence = CONF_DETECTED };
	session.facts.v[FACT_VIRT] = (struct fact){ .known = true, .text = STR("slirp") };
	session.facts.signal = ARENA_ARRAY(&arena, struct signal, 2);
	session.facts.signal[0] = (struct signal){ .key = "iface", .value = STR("tun0") };
	session.facts.signal[1] = (struct signal){ .key = "dmi.sys_vendor", .value = STR("none") };
	session.facts.n_signal = session.facts.cap_signal = 2;

	p = add(10, 1, "ssh", "ssh");
	p->uid = p->ruid = getuid();
	p->arg = ARENA_ARRAY(&arena, struct str, 4);
	p->arg[0] = STR("ssh");
	p->arg[1] = STR("-Fnone");
	p->arg[2] = STR("192.0.2.77");
	p->n_arg = 3;
	holds(p, 3, one.inode[1]);
	match();
	t_eq_i64((int64_t)conns.n, 1);
	for (int other = 0; other < 2; other++) {
		const struct session *s;

		/* (matched above: no namespace but this one can be entered here) */
		procs.netns = 1;
		p->netns = other != 0 ? 2 : 1;
		live_settings(&session, &look, &conns.v[0], &row);
		assert_non_null(row.in.path);
		t_eq_i64(row.in.path->nat_seen, other == 0);
		t_eq_i64(row.in.path->confidence, other == 0 ? CONF_MEASURED : CONF_ASSUMED);
		s = look.resolved[other];
		t_eq_i64((int64_t)s->facts.n_signal, other == 0 ? 2 : 1);
		t_eq_i64(s->facts.v[FACT_VIRT].known, other == 0);
		t_eq_str(s->facts.network, other == 0 ? "here" : "");
	}
	t_eq_str(str_c(look.resolved[1]->facts.v[FACT_VPN].reason), "another network namespace");
	t_eq_str(str_c(look.resolved[1]->facts.network_reason), "another network namespace");
	t_eq_str(session.facts.network, "here");
	live_release(&look);
}

int
main(void)
{
	const struct CMUnitTest live_conn[] = { cmocka_unit_test_setup_teardown(
						    test_standard_descriptors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_inherited_by_proxy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_account, setup, teardown),
		cmocka_unit_test_setup_teardown(test_forged_titles, setup, teardown),
		cmocka_unit_test_setup_teardown(test_own_server, setup, teardown),
		cmocka_unit_test_setup_teardown(test_listener, setup, teardown),
		cmocka_unit_test_setup_teardown(test_listener_settings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_masters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_namespace, setup, teardown) };

	return cmocka_run_group_tests(live_conn, NULL, NULL) != 0;
}
