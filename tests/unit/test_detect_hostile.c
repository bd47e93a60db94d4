/* SPDX-License-Identifier: MIT */
/*
 * Trees that lie: garbage, FIFOs, links that loop or leave the root, files nobody may read, huge files,
 * sockets.
 */
#define _XOPEN_SOURCE 700
#include "test_detect.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "detect/root.h"

#define SYSCTL "/proc/sys/net/ipv4/"

static void
test_fixture(void **state)
{
	struct tree *t = *state;
	const char *why = "not a number from 0 to 2147483647";
	int i;

	tree_run_at(t, "fixtures/proc/hostile");
	tree_check(t);
	is_unknown(t, FACT_TCP_KEEPALIVE_TIME, why);   /* a word */
	is_unknown(t, FACT_TCP_KEEPALIVE_INTVL, why);  /* a NUL */
	is_unknown(t, FACT_TCP_KEEPALIVE_PROBES, why); /* 26 digits */
	is_unknown(t, FACT_TCP_RETRIES2, why);	       /* negative */
	/* the link climbs past the root and comes back to itself */
	is_unknown(t, FACT_TCP_SYN_RETRIES, "too many symbolic links");
	is_unknown(t, FACT_CT_ESTABLISHED, why);
	is_unknown(t, FACT_CT_LOOSE, why);
	is_unknown(t, FACT_CT_UNACKED, "too many symbolic links");
	is_unknown(t, FACT_SOURCE_ADDR, "too many symbolic links");
	is_text(t, FACT_CLOUD, "none");
	/* an absolute link stays inside */
	is_text(t, FACT_OS, "\"Inside");
	is_unknown(t, FACT_OS_ID, "no ID in it");
	is_unknown(t, FACT_SSH_VERSION, "no OpenSSH version string in it");
	for (i = 0; i < FACT_MAX_; i++) {
		if (t->f.v[i].known && fact_table[i].type != FACT_TEXT)
			assert_true(t->f.v[i].num >= 0);
	}
}

/* Opening a FIFO for reading would wait for ever; alarm ends the test then. */
static void
test_fifo(void **state)
{
	static const char *const path[] = {
		SYSCTL "tcp_keepalive_time",
		"/etc/profile",
		"/etc/systemd/logind.conf",
		"/usr/bin/ssh",
		"/etc/passwd",
		"/proc/net/route",
		"/var/lib/dpkg/status",
		"/sys/class/net",
		"/etc/os-release",
	};
	struct tree *t = *state;
	size_t i;

	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++)
		assert_int_equal(mkfifo(tree_path(t, path[i]), 0644), 0);
	assert_int_equal(symlink("tcp_keepalive_time", tree_path(t, SYSCTL "tcp_retries2")), 0);
	(void)alarm(20);
	tree_run(t);
	(void)alarm(0);
	tree_check(t);
	is_unknown(t, FACT_TCP_KEEPALIVE_TIME, "not a regular file");
	is_unknown(t, FACT_TCP_RETRIES2, "not a regular file");
	is_unknown(t, FACT_TMOUT, "not a regular file");
	is_unknown(t, FACT_LOGIND_STOP_IDLE, "cannot be read");
	is_unknown(t, FACT_SSH_VERSION, "not a regular file");
	is_unknown(t, FACT_VPN, "not a directory");
	is_unknown(t, FACT_OS, "not a regular file");
}

/* A file outside that the links try to reach must not be seen. */
static void
test_outside(void **state)
{
	struct tree *t = *state;
	char inner[128], secret[128], up[256];
	struct detect_opts o = { .root = inner, .home = "/home/user", .uid = 1000 };

	tree_put(t, "/secret", "4242\n");
	(void)snprintf(inner, sizeof(inner), "%s/inner", t->dir);
	(void)snprintf(secret, sizeof(secret), "%s/secret", t->dir);
	assert_int_equal(symlink(secret, tree_path(t, "/inner" SYSCTL "tcp_retries2")), 0);
	(void)snprintf(up, sizeof(up), "../../../../../../secret");
	assert_int_equal(symlink(up, tree_path(t, "/inner" SYSCTL "tcp_syn_retries")), 0);
	assert_int_equal(symlink("../../../../../../..", tree_path(t, "/inner" SYSCTL "up")), 0);
	assert_int_equal(symlink("up/secret", tree_path(t, "/inner" SYSCTL "tcp_keepalive_time")), 0);
	/* this one stays inside: ".." of the root is the root */
	tree_put(t, "/inner/good", "77\n");
	assert_int_equal(
	    symlink("../../../../../../../../good", tree_path(t, "/inner" SYSCTL "tcp_keepalive_intvl")), 0);
	assert_int_equal(symlink("up/good", tree_path(t, "/inner" SYSCTL "tcp_keepalive_probes")), 0);
	detect_all(&t->a, &o, &t->f);
	is_unknown(t, FACT_TCP_RETRIES2, "no such file");
	is_unknown(t, FACT_TCP_SYN_RETRIES, "no such file");
	is_unknown(t, FACT_TCP_KEEPALIVE_TIME, "no such file");
	is_known(t, FACT_TCP_KEEPALIVE_INTVL, 77);
	is_known(t, FACT_TCP_KEEPALIVE_PROBES, 77);
}

static void
close_files(struct tree *t)
{
	static const char *const path[] = {
		SYSCTL "tcp_retries2",
		"/sys/class/dmi/id/product_uuid",
		"/etc/profile",
		"/etc/systemd/logind.conf",
		"/usr/bin/ssh",
		"/proc/net/route",
		"/etc/os-release",
	};
	size_t i;

	for (i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		tree_put(t, path[i], "1\n");
		assert_int_equal(chmod(tree_path(t, path[i]), 0), 0);
	}
	tree_put(t, "/home/user/.ssh/x", "");
	tree_put(t, SYSCTL "tcp_syn_retries", "6\n");
	tree_put(t, "/sys/class/dmi/id/sys_vendor", "Xen\n");
	assert_int_equal(chmod(tree_path(t, "/home/user/.ssh"), 0), 0);
	assert_int_equal(chmod(t->dir, 0755), 0);
}

/*
 * Run without any privilege, in a child of root's tests.  Plain comparisons: a failing assert would go on
 * with the other tests in the child.  0, or 1 and the number of the row that is wrong.
 */
static int
as_nobody(struct tree *t)
{
	static const struct {
		enum fact_id id;
		const char *why;
	} row[] = {
		{ FACT_TCP_RETRIES2, "permission denied" },
		{ FACT_TMOUT, "permission denied" },
		{ FACT_LOGIND_STOP_IDLE, "cannot be read" },
		{ FACT_SSH_VERSION, "permission denied" },
		{ FACT_SOURCE_ADDR, "permission denied" },
		{ FACT_OS, "permission denied" },
		{ FACT_CLOUD, "on Xen only root may read which cloud this is" },
		{ FACT_LIVE_MASTERS, "the directory cannot be read" },
	};
	int i;

	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
		return 100;
	tree_run(t);
	for (i = 0; i < (int)(sizeof(row) / sizeof(row[0])); i++) {
		if (t->f.v[row[i].id].known || strcmp(t->f.v[row[i].id].reason, row[i].why) != 0)
			return 1 + i;
	}
	return t->f.v[FACT_TCP_SYN_RETRIES].known ? 0 : 99;
}

static void
test_no_privilege(void **state)
{
	struct tree *t = *state;
	int status = 0;
	pid_t pid;

	close_files(t);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(as_nobody(t));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(chmod(tree_path(t, "/home/user/.ssh"), 0700), 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_big(void **state)
{
	enum { N = 9 * 1024 * 1024 };
	struct tree *t = *state;
	char *p = calloc(1, N);

	assert_non_null(p);
	memcpy(p + 4096, "OpenSSH_9.2p1", 14);
	tree_put_n(t, "/usr/bin/ssh", p, N);
	memset(p, 0, 8192);
	/* behind the 8 MiB that are looked at */
	memcpy(p + N - 20, "OpenSSH_9.2p1", 14);
	tree_put_n(t, "/usr/sbin/sshd", p, N);
	memset(p, '1', N);
	tree_put_n(t, SYSCTL "tcp_retries2", p, N);
	tree_put_n(t, "/etc/profile", p, N);
	free(p);
	tree_run(t);
	is_text(t, FACT_SSH_VERSION, "9.2p1");
	is_unknown(t, FACT_SSHD_VERSION, "no OpenSSH version string in it");
	is_unknown(t, FACT_TCP_RETRIES2, "larger than 4096 bytes");
	is_unknown(t, FACT_TMOUT, "larger than 1048576 bytes");
}

/* Which of a binary's strings is its version. */
static void
test_version_strings(void **state)
{
	static const struct {
		const char *text, *version; /* '|' stands for a NUL */
	} row[] = {
		{ "OpenSSH_9.2p1|", "9.2p1" },
		{ "OpenSSH_9.2|", "9.2" },
		{ "OpenSSH_9.2|OpenSSH_9.2p1|", "9.2p1" },
		{ "OpenSSH_9.2p1|OpenSSH_9.2p1 Debian-2+deb12u10|", "9.2p1+debian" },
		{ "OpenSSH_9.2p1 Debian-2+deb12u10|OpenSSH_9.2p1|", "9.2p1+debian" },
		{ "OpenSSH_8.9p1 Ubuntu-3ubuntu0.10|", "8.9p1+debian" },
		{ "OpenSSH_8.4p1 Raspbian-5+deb11u3|", "8.4p1+debian" },
		{ "OpenSSH_9.6p1 FreeBSD-20240104|", "9.6p1" },
		{ "OpenSSH_10.0p2|", "10.0p2" },
		{ "OpenSSH_7.4*|OpenSSH_6.6.1*|OpenSSH_2.*,OpenSSH_3.0*|", NULL },
		{ "OpenSSH_5*|OpenSSH_9.2p1|OpenSSH_7.0*,OpenSSH_7.1*|", "9.2p1" },
		{ "OpenSSH_|OpenSSH_9|OpenSSH_9.|OpenSSH_.2|OpenSSH_999999.1|", NULL },
		{ "OpenSSH_9.2p1", NULL }, /* cut off: the string may go on */
		{ "", NULL },
	};
	struct tree *t = *state;
	char text[256];
	size_t i, k, n;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		n = strlen(row[i].text);
		for (k = 0; k < n; k++)
			text[k] = row[i].text[k] == '|' ? '\0' : row[i].text[k];
		tree_put_n(t, "/usr/bin/ssh", text, n);
		tree_run(t);
		if (row[i].version == NULL)
			is_unknown(t, FACT_SSH_VERSION, "no OpenSSH version string in it");
		else
			is_text(t, FACT_SSH_VERSION, row[i].version);
	}
}

static void
put_socket(struct tree *t, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *full = tree_path(t, path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0 && strlen(full) < sizeof(un.sun_path));
	memcpy(un.sun_path, full, strlen(full) + 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&un, sizeof(un)), 0);
	(void)close(fd); /* the name stays; nobody listens, so a connect would fail */
}

static void
test_masters(void **state)
{
	struct tree *t = *state;
	struct detect_opts o = { .root = t->dir, .home = "/h", .uid = (uint32_t)geteuid() };

	tree_put(t, "/h/.ssh/config", "");
	detect_all(&t->a, &o, &t->f);
	is_known(t, FACT_LIVE_MASTERS, 0);
	put_socket(t, "/h/.ssh/cm-web");
	put_socket(t, "/h/.ssh/mux/me@db:22");
	put_socket(t, "/h/.ssh/mux/deeper/no");
	put_socket(t, "/h/.ssh/agent/s.x.agent.y");
	put_socket(t, "/tmp/ssh-abc/agent.12");
	put_socket(t, "/tmp/ssh_mux_web");
	put_socket(t, "/tmp/other");
	arena_release(&t->a);
	memset(&t->a, 0, sizeof(t->a));
	detect_all(&t->a, &o, &t->f);
	is_known(t, FACT_LIVE_MASTERS, 3);
	t_eq_u64(t->f.n_master, 3);
	t_eq_str(t->f.master[0], "/h/.ssh/cm-web");
	t_eq_str(t->f.master[1], "/h/.ssh/mux/me@db:22");
	t_eq_str(t->f.master[2], "/tmp/ssh_mux_web");
	o.uid++; /* somebody else's do not count */
	detect_all(&t->a, &o, &t->f);
	is_known(t, FACT_LIVE_MASTERS, 0);
}

static void
test_root(void **state)
{
	struct tree *t = *state;
	struct root r = { .fd = -1 };
	struct buf b = { .p = NULL };
	struct err e;
	struct stat st;
	char deep[700];
	size_t i;

	assert_int_equal(root_read(&r, "/a", 10, &b, &e), SK_ENOENT); /* not open */
	assert_int_equal(root_open(&r, "fixtures/proc/hostile/etc/inside", &e), SK_ENOENT);
	assert_int_equal(root_open(&r, t->dir, &e), SK_OK);
	tree_put(t, "/a/b", "0123456789");
	assert_int_equal(root_read(&r, "/a/b", 10, &b, &e), SK_OK);
	t_eq_str(buf_str(&b), "0123456789");
	buf_clear(&b);
	assert_int_equal(root_read(&r, "//a/./../a/b", 9, &b, &e), SK_ETOOBIG);
	t_eq_u64(b.n, 0);
	assert_int_equal(root_read_head(&r, "/../../a/b", 9, &b, &e), SK_OK);
	t_eq_str(buf_str(&b), "012345678");
	buf_clear(&b);
	assert_int_equal(root_read(&r, "/a", 9, &b, &e), SK_EREAD);
	assert_int_equal(root_read(&r, "/", 9, &b, &e), SK_EREAD);
	assert_int_equal(root_read(&r, "/a/b/c", 9, &b, &e), SK_ENOENT);
	assert_int_equal(root_stat(&r, "/", true, &st, &e), SK_OK);
	assert_true(S_ISDIR(st.st_mode));
	for (i = 0; i + 2 < sizeof(deep); i += 2)
		memcpy(deep + i, "/x", 2);
	deep[i] = '\0';
	assert_int_equal(root_stat(&r, deep, true, &st, &e), SK_ENOENT);
	assert_false(root_exists(&r, "/nothing"));
	assert_true(root_exists(&r, "/a"));
	buf_release(&b);
	root_close(&r);
}

/* The same answers where paths are opened as they stand. */
static void
test_direct(void **state)
{
	struct tree *t = *state;
	struct root r = { .fd = -1 };
	struct buf b = { .p = NULL };
	struct arena a = { 0 };
	struct str *name;
	struct stat st;
	struct err e;
	size_t n;
	int fd;

	assert_int_equal(root_open(&r, "/", &e), SK_OK);
	assert_true(r.direct);
	assert_int_equal(mkfifo(tree_path(t, "/fifo"), 0644), 0);
	put_socket(t, "/socket");
	tree_put(t, "/a/b", "0123456789");
	assert_int_equal(symlink("fifo", tree_path(t, "/link")), 0);
	assert_int_equal(symlink("loop", tree_path(t, "/loop")), 0);
	(void)alarm(20);
	assert_int_equal(root_read(&r, tree_path(t, "/fifo"), 10, &b, &e), SK_EREAD);
	t_eq_str(str_c(e.msg), "not a regular file");
	assert_int_equal(root_read(&r, tree_path(t, "/link"), 10, &b, &e), SK_EREAD);
	assert_int_equal(root_fd(&r, tree_path(t, "/link"), &fd, &e), SK_EREAD);
	assert_int_equal(root_read(&r, tree_path(t, "/socket"), 10, &b, &e), SK_EREAD);
	assert_int_equal(root_read(&r, "/dev/null", 10, &b, &e), SK_EREAD);
	t_eq_str(str_c(e.msg), "not a regular file");
	assert_int_equal(root_list(&r, tree_path(t, "/fifo"), &a, &name, &n, &e), SK_EREAD);
	t_eq_str(str_c(e.msg), "not a directory");
	(void)alarm(0);
	assert_int_equal(root_read(&r, tree_path(t, "/loop"), 10, &b, &e), SK_EREAD);
	t_eq_str(str_c(e.msg), "too many symbolic links");
	assert_int_equal(root_read(&r, t->dir, 10, &b, &e), SK_EREAD);
	t_eq_str(str_c(e.msg), "a directory");
	assert_int_equal(root_read(&r, tree_path(t, "/none"), 10, &b, &e), SK_ENOENT);
	assert_int_equal(root_list(&r, tree_path(t, "/none"), &a, &name, &n, &e), SK_ENOENT);
	assert_int_equal(root_list(&r, tree_path(t, "/a/b"), &a, &name, &n, &e), SK_EREAD);
	assert_int_equal(root_read(&r, tree_path(t, "/a/b"), 9, &b, &e), SK_ETOOBIG);
	t_eq_u64(b.n, 0);
	assert_int_equal(root_read_head(&r, tree_path(t, "/a/b"), 9, &b, &e), SK_OK);
	t_eq_str(buf_str(&b), "012345678");
	buf_clear(&b);
	assert_int_equal(root_read(&r, tree_path(t, "/a/b"), 10, &b, &e), SK_OK);
	t_eq_str(buf_str(&b), "0123456789");
	assert_int_equal(root_list(&r, tree_path(t, "/a/"), &a, &name, &n, &e), SK_OK);
	t_eq_u64(n, 1);
	t_eq_str(name[0], "b");
	assert_int_equal(root_stat(&r, tree_path(t, "/link"), true, &st, &e), SK_OK);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(root_stat(&r, tree_path(t, "/link"), false, &st, &e), SK_OK);
	assert_true(S_ISLNK(st.st_mode));
	buf_release(&b);
	arena_release(&a);
	root_close(&r);
	assert_false(r.direct);
}

/* Files of many blocks, also where fstat(2) knows no size. */
static void
test_slurp(void **state)
{
	enum { N = 100000 };
	static const size_t size[] = { 0, 1, 16383, 16384, 16385, 32768, N };
	struct tree *t = *state;
	struct root r = { .fd = -1 };
	struct buf b = { .p = NULL };
	char *p = malloc(N);
	struct err e;

	assert_non_null(p);
	for (size_t i = 0; i < N; i++)
		p[i] = (char)(i * 7 % 251);
	assert_int_equal(root_open(&r, "/", &e), SK_OK);
	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		tree_put_n(t, "/f", p, size[i]);
		assert_int_equal(root_read(&r, tree_path(t, "/f"), N, &b, &e), SK_OK);
		t_eq_u64(b.n, size[i]);
		assert_true(b.n == 0 || memcmp(b.p, p, b.n) == 0);
		buf_clear(&b);
	}
	assert_int_equal(root_read(&r, "/proc/self/status", 1024 * 1024, &b, &e), SK_OK);
	assert_true(str_starts(buf_str(&b), STR("Name:")) && str_find(buf_str(&b), STR("\nPid:")) != SIZE_MAX);
	free(p);
	buf_release(&b);
	root_close(&r);
}

static int
open_files(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
	return n;
}

/* This machine itself, and no descriptor is left open. */
static void
test_live(void **state)
{
	struct tree *t = *state;
	struct detect_opts o = { .root = "/", .home = "/nonexistent", .live = true, .uid = (uint32_t)geteuid() };
	int before = open_files();
	struct facts asked;

	detect_all(&t->a, &o, &t->f);
	tree_check(t);
	assert_int_equal(open_files(), before);
	/* what the kernel says of its interfaces is what sysfs says */
	asked = t->f;
	o.live = false;
	detect_all(&t->a, &o, &t->f);
	assert_true(str_eq(asked.v[FACT_VPN].text, t->f.v[FACT_VPN].text));
	assert_true(str_eq(asked.v[FACT_MOBILE].text, t->f.v[FACT_MOBILE].text));
	assert_int_equal(open_files(), before);
	tree_run_at(t, "fixtures/proc/hostile");
	assert_int_equal(open_files(), before);
}

#define with_tree(f) cmocka_unit_test_setup_teardown(f, tree_setup, tree_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_tree(test_fixture),
		with_tree(test_fifo),
		with_tree(test_outside),
		with_tree(test_no_privilege),
		with_tree(test_big),
		with_tree(test_version_strings),
		with_tree(test_masters),
		with_tree(test_root),
		with_tree(test_direct),
		with_tree(test_slurp),
		with_tree(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
