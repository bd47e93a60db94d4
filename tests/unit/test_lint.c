/* SPDX-License-Identifier: MIT */
/* lint: what a file is by name and by content, and paths that must not leave the tree. */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include "lint/lint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "remove_tree.h"
#include "t.h"

static enum tree_name
by_path(const char *path, struct tree_what *what)
{
	struct tree_folder in = tree_folder_of(str_c(path));
	const char *slash = strrchr(path, '/');

	return tree_by_name(&in, str_c(slash != NULL ? slash + 1 : path), what);
}

static void
names(void **state)
{
	static const struct {
		const char *path;
		enum tree_name by;
		enum tree_part kind;
		enum kw_side side; /* TREE_NAME_KNOWN only */
	} row[] = {
		{ ".ssh/config", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "home/u/.ssh/config", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "ssh_config", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "etc/ssh/sshd_config", TREE_NAME_KNOWN, TREE_MAIN, KW_SERVER },
		{ "ssh/config", TREE_NAME_OPEN, TREE_MAIN, KW_CLIENT },
		{ "etc/ssh/ssh_config.d/a.conf", TREE_NAME_KNOWN, TREE_DROPIN, KW_CLIENT },
		{ "x/sshd_config.d/50-x.conf", TREE_NAME_KNOWN, TREE_DROPIN, KW_SERVER },
		{ "x/my_sshd_config.d/50-x.conf", TREE_NAME_KNOWN, TREE_DROPIN, KW_SERVER },
		{ "x/sshd_config.d/50-x.conf.bak", TREE_NAME_OPEN, TREE_FRAGMENT, KW_SERVER },
		{ "x/sshd_config.d/.50-x.conf", TREE_NAME_OPEN, TREE_FRAGMENT, KW_SERVER },
		{ "x/other_config.d/a.conf", TREE_NAME_OPEN, TREE_DROPIN, KW_CLIENT },
		{ ".ssh/config.d/work", TREE_NAME_KNOWN, TREE_DROPIN, KW_CLIENT },
		{ ".ssh/config.d/job/site", TREE_NAME_KNOWN, TREE_DROPIN, KW_CLIENT },
		{ ".ssh/config.d/config", TREE_NAME_KNOWN, TREE_DROPIN, KW_CLIENT },
		{ ".ssh/conf.d/work", TREE_NAME_KNOWN, TREE_DROPIN, KW_CLIENT },
		{ "ssh/config.d/work", TREE_NAME_OPEN, TREE_DROPIN, KW_CLIENT },
		{ "apache/conf.d/work", TREE_NAME_OPEN, TREE_FRAGMENT, KW_CLIENT },
		{ "main.c", TREE_NAME_OPEN, TREE_FRAGMENT, KW_CLIENT },
		{ "config", TREE_NAME_OPEN, TREE_MAIN, KW_CLIENT },
		{ ".ssh/id_ed25519", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ ".ssh/config.d/id_ed25519.pub", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ "etc/ssh/ssh_host_rsa_key", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ ".ssh/known_hosts.old", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ "etc/ssh/sshd_config.d/50-x.conf.j2", TREE_NAME_KNOWN, TREE_DROPIN, KW_SERVER },
		{ "templates/sshd_config.j2", TREE_NAME_KNOWN, TREE_MAIN, KW_SERVER },
		{ "templates/ssh_config.erb", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "dot_ssh/config", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "dot_ssh/config.tmpl", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "private_dot_ssh/private_config", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "exact_private_dot_ssh/private_readonly_config.tmpl", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "private_dot_ssh/private_config.d/work", TREE_NAME_KNOWN, TREE_DROPIN, KW_CLIENT },
		{ "dot-ssh/config", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ ".ssh/config##os.Linux", TREE_NAME_KNOWN, TREE_MAIN, KW_CLIENT },
		{ "private_dot_ssh/encrypted_private_config.age", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ "private_dot_ssh/private_id_rsa", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ "dot_ssh/symlink_config", TREE_NAME_NEVER, TREE_FRAGMENT, KW_CLIENT },
		{ "id_table", TREE_NAME_OPEN, TREE_FRAGMENT, KW_CLIENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tree_what what;
		enum tree_name by = by_path(row[i].path, &what);

		if (by != row[i].by || what.kind != row[i].kind ||
		    (by == TREE_NAME_KNOWN && what.side != row[i].side)) {
			print_error("%s: name %d kind %d side %d\n", row[i].path, by, what.kind, what.side);
			fail();
		}
	}
	assert_true(tree_folder_skipped(STR(".git")));
	assert_false(tree_folder_skipped(STR(".github")));
	assert_false(tree_folder_skipped(STR(".ssh")));
}

enum said { NO, CLIENT, SERVER };

static enum said
said(struct str text, bool lenient)
{
	enum kw_side side;

	if (!tree_by_content(text, NULL, lenient, &side))
		return NO;
	return side == KW_CLIENT ? CLIENT : SERVER;
}

static void
contents(void **state)
{
	static const struct {
		const char *text;
		enum said strict, lenient;
	} row[] = {
		{ "", NO, NO },
		{ "\n\n# only a comment\n", NO, NO },
		{ "Host a\n  HostName b\n  User c\n", CLIENT, CLIENT },
		{ "# x\r\nHost a\r\n\tHostName=b\r\n  Port 1\r\n", CLIENT, CLIENT },
		{ "Host a\n  User b\n", NO, CLIENT },
		/* words that no other program has: even one line, when nothing else is there but comments */
		{ "ServerAliveInterval 60\n", CLIENT, CLIENT },
		{ "ClientAliveInterval 60", SERVER, SERVER },
		{ "# keepalive\nClientAliveInterval 0\nClientAliveCountMax 3\n", SERVER, SERVER },
		{ "Host *\n\tserveraliveinterval \"60\"  # s\r\n", CLIENT, CLIENT },
		{ "ClientAliveInterval 0\nServerAliveInterval 0\n", NO, NO },
		{ "Compression yes\nPort 22\n", NO, NO },
		/* prose, lists of words, other syntaxes */
		{ "ServerAliveInterval\nServerAliveCountMax\n", NO, CLIENT },
		{ "ServerAliveInterval 60 is what we set.\n", NO, CLIENT },
		{ "ServerAliveInterval sets\n", NO, CLIENT },
		{ "Set this:\nServerAliveInterval 60\nServerAliveCountMax 3\n", NO, CLIENT },
		{ "```\nServerAliveInterval 60\nServerAliveCountMax 3\n```\n", NO, CLIENT },
		{ ".TP\nClientAliveInterval 60\nClientAliveCountMax 3\n", NO, SERVER },
		{ "ssh -o ServerAliveInterval=60 -o ServerAliveCountMax=3 a\n", NO, NO },
		{ "ServerAliveInterval=60\nServerAliveCountMax=3\n", NO, CLIENT },
		{ "ClientAliveInterval: 60\nClientAliveCountMax: 3\n", NO, NO },
		{ "Port 22\nUsePAM yes\nX11Forwarding no\nPermitRootLogin no\n", SERVER, SERVER },
		/* one line of the other side is a mistake to be found, half of them is something else */
		{ "Host a\nHostName b\nProxyJump c\nClientAliveInterval 5\n", CLIENT, CLIENT },
		{ "HostName b\nProxyJump c\nUsePAM no\nPrintMotd no\n", NO, NO },
		/* a bad word among good ones, and the other way round */
		{ "Host a\nHostName b\nProxyJump c\nBogus 1\nUser d\n", CLIENT, CLIENT },
		{ "Host a\nHostName b\none\ntwo\nthree\nUser d\n", NO, CLIENT },
		{ "Port 22\nLogLevel INFO\nCompression yes\nCiphers x\n", NO, NO },
		{ "---\n- hosts: all\n  user: x\n", NO, NO },
		{ "[host]\nHostName = b\nUser = c\n", NO, CLIENT },
		{ "Host: example.com\nUser-Agent: x\nAccept: y\nHost a\nHostName b\n", NO, NO },
		{ "One\nTwo\nThree\nHost a\nHostName b\nProxyJump c\nUser x\nHost d\nHostName f\n", NO, NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct str text = str_c(row[i].text);

		if (said(text, false) != row[i].strict || said(text, true) != row[i].lenient) {
			print_error("row %zu: %d %d\n", i, said(text, false), said(text, true));
			fail();
		}
	}
	assert_int_equal(said(STR("Host a\nHostName b\nUser c\n\0"), true), NO);
}

struct tree {
	char dir[64];
	struct lint_tree t;
};

static void
make_file(int at, const char *name)
{
	int fd = openat(at, name, O_WRONLY | O_CREAT, 0600);

	assert_true(fd >= 0);
	close(fd);
}

static int
setup(void **state)
{
	struct tree *s = calloc(1, sizeof *s);

	*state = s;
	if (s == NULL)
		return 1;
	snprintf(s->dir, sizeof s->dir, "/tmp/sshkeep-lint-XXXXXX");
	if (mkdtemp(s->dir) == NULL)
		return 1;
	s->t.fd = open(s->dir, O_RDONLY | O_DIRECTORY);
	mkdirat(s->t.fd, "a", 0700);
	mkdirat(s->t.fd, "a/b", 0700);
	mkdirat(s->t.fd, "etc", 0700);
	make_file(s->t.fd, "a/b/file");
	make_file(s->t.fd, "etc/file");
	return symlinkat("b", s->t.fd, "a/link") != 0 || symlinkat("../..", s->t.fd, "a/out") != 0 ||
	    symlinkat("/etc/file", s->t.fd, "a/abs") != 0 || symlinkat("/etc/passwd", s->t.fd, "a/passwd") != 0 ||
	    symlinkat("y", s->t.fd, "x") != 0 || symlinkat("x", s->t.fd, "y") != 0;
}

static int
teardown(void **state)
{
	struct tree *s = *state;

	close(s->t.fd);
	remove_tree(s->dir);
	free(s);
	return 0;
}

static void
stays_inside(void **state)
{
	static const struct {
		const char *path, *root;
		enum tree_state want;
		const char *real;
	} row[] = {
		{ "a/b/file", NULL, TREE_FOUND, "a/b/file" },
		{ "./a//b/./file", NULL, TREE_FOUND, "a/b/file" },
		{ "a/link/file", NULL, TREE_FOUND, "a/b/file" },
		{ "a/link/../link/file", NULL, TREE_FOUND, "a/b/file" },
		{ "a/../a/b", NULL, TREE_FOUND, "a/b" },
		{ "", NULL, TREE_FOUND, "" },
		{ "a/none", NULL, TREE_ABSENT, NULL },
		{ "a/b/file/x", NULL, TREE_ABSENT, NULL },
		{ "..", NULL, TREE_OUTSIDE, NULL },
		{ "a/../../a", NULL, TREE_OUTSIDE, NULL },
		{ "a/out", NULL, TREE_OUTSIDE, NULL },
		{ "a/out/x", NULL, TREE_OUTSIDE, NULL },
		{ "a/abs", NULL, TREE_OUTSIDE, NULL },
		{ "a/abs", "", TREE_FOUND, "etc/file" },
		{ "a/passwd", "", TREE_OUTSIDE, NULL },
		{ "x", NULL, TREE_FAILED, NULL },
		{ ".git", NULL, TREE_OUTSIDE, NULL },
		{ "a/.git/config", NULL, TREE_OUTSIDE, NULL },
		{ ".GIT/../etc", NULL, TREE_OUTSIDE, NULL },
		{ "etc/.hg/x", NULL, TREE_OUTSIDE, NULL },
		{ "etc/../.svn", NULL, TREE_OUTSIDE, NULL },
		{ ".gitignore", NULL, TREE_ABSENT, NULL },
	};
	const struct tree *s = *state;
	char real[LINT_PATH];

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		enum tree_state got = tree_resolve(&s->t, str_c(row[i].root), str_c(row[i].path), false, real);

		if (got != row[i].want || (got == TREE_FOUND && strcmp(real, row[i].real) != 0)) {
			print_error("%s: %d %s\n", row[i].path, got, real);
			fail();
		}
	}
	assert_int_equal(tree_resolve(&s->t, (struct str){ 0 }, STR("a/out"), true, real), TREE_FOUND);
	assert_string_equal(real, "a/out");
}

/* What stands in a file, by its name. */
static void
texts(void **state)
{
	static const struct {
		const char *path;
		enum tree_text text;
	} row[] = {
		{ ".ssh/config", TREE_TEXT_PLAIN },
		{ ".ssh/id_rsa", TREE_TEXT_KEY },
		{ "dot_ssh/private_id_rsa.tmpl", TREE_TEXT_KEY },
		{ ".ssh/config.d/id_work", TREE_TEXT_PLAIN },
		{ "server.pem", TREE_TEXT_KEY },
		{ ".ssh/config.d/x.pub", TREE_TEXT_KEY },
		{ ".ssh/config.d/x.age", TREE_TEXT_SEALED },
		{ ".ssh/config.d/encrypted_x", TREE_TEXT_PLAIN },
		{ "dot_ssh/config.d/encrypted_x", TREE_TEXT_SEALED },
		{ "dot_ssh/config.d/modify_x", TREE_TEXT_SEALED },
		{ "dot_ssh/config.d/symlink_x", TREE_TEXT_SEALED },
		{ "dot_ssh/config.d/run_once_x.sh", TREE_TEXT_NONE },
		{ "dot_ssh/config.d/remove_x", TREE_TEXT_NONE },
		{ "etc/ssh/sshd_config.d/known_hosts.conf", TREE_TEXT_PLAIN },
	};
	char room[TREE_NAME_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct tree_folder in = tree_folder_of(str_c(row[i].path));
		const char *slash = strrchr(row[i].path, '/');

		if (tree_text(&in, str_c(slash != NULL ? slash + 1 : row[i].path)) != row[i].text) {
			print_error("%s\n", row[i].path);
			fail();
		}
	}
	t_eq_str(tree_target_name(STR("encrypted_private_work.conf.tmpl.age"), room), "work.conf");
	t_eq_str(tree_target_name(STR("encrypted_dot_x.asc"), room), ".x");
}

/* Where Includes of a file lead: the pattern, and the paths that the loader gives. */
static void
places(void **state)
{
	struct tree *s = *state;
	struct arena a = { 0 };
	struct lint_place p;
	struct loader ld;
	struct loaded f;
	struct str *path;
	size_t n;
	bool capped;

	s->t.shown = STR("t/");
	mkdirat(s->t.fd, "h", 0700);
	mkdirat(s->t.fd, "h/.ssh", 0700);
	mkdirat(s->t.fd, "h/.ssh/d", 0700);
	make_file(s->t.fd, "h/.ssh/d/2");
	make_file(s->t.fd, "h/.ssh/d/1");
	make_file(s->t.fd, "h/.ssh/d/.3");
	lint_place_init(&p, &s->t, STR("h/.ssh/config"), &a);
	lint_loader_init(&p, &ld);
	ld.glob(ld.ctx, &a, STR("~/.ssh/d/*"), true, &path, &n, &capped);
	t_eq_u64(n, 2);
	t_eq_str(path[0], "t/h/.ssh/d/1");
	t_eq_str(path[1], "t/h/.ssh/d/2");
	ld.read(ld.ctx, &a, path[1], &f);
	assert_int_equal(f.state, LOADER_FILE);
	t_eq_u64(p.n_included, 1);
	t_eq_str(p.included[0], "t/h/.ssh/d/2");
	/* a path of the system: the tree has no etc/ that counts */
	ld.glob(ld.ctx, &a, STR("/etc/file"), true, &path, &n, &capped);
	t_eq_u64(n, 1);
	ld.read(ld.ctx, &a, path[0], &f);
	assert_int_equal(f.state, LOADER_OUTSIDE);
	lint_place_release(&p);

	s->t.has_etc = true;
	lint_place_init(&p, &s->t, STR("h/.ssh/config"), &a);
	ld.glob(ld.ctx, &a, STR("/etc/f*"), true, &path, &n, &capped);
	t_eq_u64(n, 1);
	t_eq_str(path[0], "t/etc/file");
	ld.glob(ld.ctx, &a, STR("~/../../x"), true, &path, &n, &capped);
	t_eq_u64(n, 1);
	ld.read(ld.ctx, &a, path[0], &f);
	assert_int_equal(f.state, LOADER_OUTSIDE);
	/* patterns that go up and down again end somewhere */
	ld.glob(ld.ctx, &a, STR("/*/../*/../*/../*/../*/../*/../*/../*/../*/../*/../*/../*/../*/../*/../*/none"), true,
	    &path, &n, &capped);
	assert_true(capped);
	lint_place_release(&p);
	arena_release(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(contents),
		cmocka_unit_test(texts),
		cmocka_unit_test_setup_teardown(stays_inside, setup, teardown),
		cmocka_unit_test_setup_teardown(places, setup, teardown),
	};

	return cmocka_run_group_tests_name("lint", tests, NULL, NULL) != 0;
}
