/* SPDX-License-Identifier: MIT */
/* The loader over a real disk: types, roots, permissions, glob. */
#define _XOPEN_SOURCE 700 /* mkdtemp, nftw */
#include "sys/fs_loader.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/fs_glob.h"
#include "remove_tree.h"
#include "t.h"

struct state {
	struct arena arena;
	char dir[64];
	struct fs_tree live, tree; /* the running system; below dir */
	struct loader loader;
};

static int
setup(void **state)
{
	struct state *s = calloc(1, sizeof *s);

	*state = s;
	if (s == NULL)
		return 1;
	snprintf(s->dir, sizeof s->dir, "/tmp/sshkeep-fs-XXXXXX");
	if (mkdtemp(s->dir) == NULL)
		return 1;
	s->live = (struct fs_tree){ .root = "", .home = s->dir, .uid = getuid(), .root_owner = getuid() };
	s->tree = (struct fs_tree){ .root = s->dir, .home = "/home/u", .uid = 4242, .root_owner = getuid() };
	fs_loader_init(&s->live, &s->loader);
	return 0;
}

static int
teardown(void **state)
{
	struct state *s = *state;

	remove_tree(s->dir);
	arena_release(&s->arena);
	free(s);
	return 0;
}

static struct str
at(struct state *s, const char *name)
{
	return arena_printf(&s->arena, "%s/%s", s->dir, name);
}

static void
put(struct state *s, const char *name, const char *text)
{
	FILE *f = fopen(at(s, name).p, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(at(s, name).p, 0644);
}

static void
folder(struct state *s, const char *name)
{
	assert_int_equal(mkdir(at(s, name).p, 0755), 0);
}

/* A look alone says what reading says, but for the bytes. */
static void
read_and_look(struct state *s, struct str path, struct loaded *ret)
{
	struct loaded seen;

	fs_read(&s->live, &s->arena, path, ret);
	fs_look(&s->live, &s->arena, path, &seen);
	assert_int_equal(seen.state, ret->state);
	assert_true(str_eq(seen.reason, ret->reason));
	assert_int_equal(seen.dangling, ret->dangling);
	assert_null(seen.bytes.p);
}

static void
test_types(void **state)
{
	struct state *s = *state;
	struct loaded l;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd;

	put(s, "file", "x\ny");
	read_and_look(s, at(s, "file"), &l);
	t_eq_i64(l.state, LOADER_FILE);
	t_eq_str(l.bytes, "x\ny");
	assert_false(l.bad_perm);
	folder(s, "dir");
	read_and_look(s, at(s, "dir"), &l);
	t_eq_i64(l.state, LOADER_DIR);
	read_and_look(s, at(s, "none"), &l);
	t_eq_i64(l.state, LOADER_ABSENT);
	assert_false(l.dangling);
	assert_int_equal(symlink("nowhere", at(s, "link").p), 0);
	read_and_look(s, at(s, "link"), &l);
	t_eq_i64(l.state, LOADER_ABSENT);
	assert_true(l.dangling);
	/* nothing that could block or act is ever opened */
	assert_int_equal(mkfifo(at(s, "fifo").p, 0644), 0);
	read_and_look(s, at(s, "fifo"), &l);
	t_eq_i64(l.state, LOADER_SPECIAL);
	t_eq_str(l.reason, "is a FIFO");
	read_and_look(s, STR("/dev/zero"), &l);
	t_eq_i64(l.state, LOADER_SPECIAL);
	snprintf(un.sun_path, sizeof un.sun_path, "%s/sock", s->dir);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	read_and_look(s, at(s, "sock"), &l);
	t_eq_i64(l.state, LOADER_SPECIAL);
	close(fd);
	assert_int_equal(symlink("loop", at(s, "loop").p), 0);
	read_and_look(s, at(s, "loop"), &l);
	t_eq_i64(l.state, LOADER_UNREADABLE);
	read_and_look(s, (struct str){ "a\0b", 3 }, &l);
	t_eq_i64(l.state, LOADER_ABSENT);
}

static void
test_cap(void **state)
{
	struct state *s = *state;
	struct loaded l;

	put(s, "big", "");
	assert_int_equal(truncate(at(s, "big").p, (off_t)FS_MAX_BYTES + 1), 0);
	fs_read(&s->live, &s->arena, at(s, "big"), &l);
	t_eq_i64(l.state, LOADER_TOOBIG);
	t_eq_u64(l.bytes.n, 0);
}

static void
test_root(void **state)
{
	struct state *s = *state;
	struct loaded l;
	struct str real;

	folder(s, "etc");
	folder(s, "etc/ssh");
	put(s, "etc/ssh/ssh_config", "inside");
	fs_read(&s->tree, &s->arena, STR("/etc/ssh/ssh_config"), &l);
	t_eq_str(l.bytes, "inside");
	/* absolute links and .. stay below the root */
	assert_int_equal(symlink("/etc/ssh/ssh_config", at(s, "abs").p), 0);
	fs_read(&s->tree, &s->arena, STR("/abs"), &l);
	t_eq_str(l.bytes, "inside");
	assert_int_equal(symlink("../../../../../etc/ssh/ssh_config", at(s, "etc/up").p), 0);
	fs_read(&s->tree, &s->arena, STR("/etc/up"), &l);
	t_eq_str(l.bytes, "inside");
	assert_int_equal(symlink("/etc", at(s, "d").p), 0);
	fs_read(&s->tree, &s->arena, STR("/d/../etc/./ssh//ssh_config"), &l);
	t_eq_str(l.bytes, "inside");
	fs_read(&s->tree, &s->arena, STR("/../../../etc/passwd"), &l);
	t_eq_i64(l.state, LOADER_ABSENT);
	assert_true(fs_locate(&s->tree, &s->arena, STR("/abs"), false, &real));
	assert_true(str_ends(real, STR("/etc/ssh/ssh_config")));
	assert_true(str_starts(real, str_c(s->dir)));
	t_eq_str(fs_place(&s->tree, &s->arena, STR("/etc/new")), at(s, "etc/new").p);
	/* a file that is still to be made, behind an absolute link */
	folder(s, "var");
	assert_int_equal(symlink("/var", at(s, "v").p), 0);
	t_eq_str(fs_place(&s->tree, &s->arena, STR("/v/a/b")), at(s, "var/a/b").p);
	/* what was named with -F is no name of the tree */
	put(s, "plain", "given");
	fs_read(&s->tree, &s->arena, at(s, "plain"), &l);
	t_eq_i64(l.state, LOADER_ABSENT);
	s->tree.literal[s->tree.n_literal++] = at(s, "plain");
	fs_read(&s->tree, &s->arena, at(s, "plain"), &l);
	t_eq_str(l.bytes, "given");
}

static void
test_permissions(void **state)
{
	struct state *s = *state;
	struct loaded l;
	struct fs_tree other = s->live;

	put(s, "file", "x");
	chmod(at(s, "file").p, 0666);
	fs_read(&s->live, &s->arena, at(s, "file"), &l);
	assert_true(l.bad_perm);
	t_eq_u64(l.mode, 0666);
	chmod(at(s, "file").p, 0664);
	fs_read(&s->live, &s->arena, at(s, "file"), &l);
	assert_true(l.bad_perm);
	chmod(at(s, "file").p, 0600);
	/* somebody else's file, unless that is root's */
	other.uid = other.root_owner = getuid() + 1;
	fs_read(&other, &s->arena, at(s, "file"), &l);
	assert_true(l.bad_perm == (getuid() != 0));
}

static void
test_private_group(void **state)
{
	struct state *s = *state;
	struct loaded l;
	char text[256];

	folder(s, "etc");
	s->tree.debian = true;
	put(s, "file", "x");
	chmod(at(s, "file").p, 0664);
	snprintf(text, sizeof text, "me:x:%u:%u::/home/me:/bin/sh\n", getuid(), getgid());
	put(s, "etc/passwd", text);
	snprintf(text, sizeof text, "mine:x:%u:\n", getgid());
	put(s, "etc/group", text);
	fs_read(&s->tree, &s->arena, STR("/file"), &l);
	assert_false(l.bad_perm);
	/* a second member makes the group public */
	snprintf(text, sizeof text, "mine:x:%u:me,you\n", getgid());
	put(s, "etc/group", text);
	fs_read(&s->tree, &s->arena, STR("/file"), &l);
	assert_true(l.bad_perm);
	/* upstream knows no such exception */
	snprintf(text, sizeof text, "mine:x:%u:\n", getgid());
	put(s, "etc/group", text);
	s->tree.debian = false;
	fs_read(&s->tree, &s->arena, STR("/file"), &l);
	assert_true(l.bad_perm);
}

static void
test_match(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool want;
	} row[] = {
		{ "*", "a", true },
		{ "*", ".a", false },
		{ ".*", ".a", true },
		{ "?a", ".a", false },
		{ "*.conf", "a.conf", true },
		{ "*.conf", "a.conf.bak", false },
		{ "*.conf", ".x.conf", false },
		{ "a?c", "abc", true },
		{ "a?c", "ac", false },
		{ "[ab]c", "bc", true },
		{ "[ab]c", "cc", false },
		{ "[!ab]c", "cc", true },
		{ "[!ab]c", "ac", false },
		{ "[^a]", "^", true },
		{ "[^a]", "b", false },
		{ "[a-c]", "b", true },
		{ "[a-c]", "d", false },
		{ "[]a]", "]", true },
		{ "[a", "[a", true },
		{ "a\\*b", "a*b", true },
		{ "a\\*b", "axb", false },
		{ "{a,b}", "a", false },
		{ "{a,b}", "{a,b}", true },
		{ "[[:digit:]]x", "7x", true },
		{ "[[:digit:]]x", "ax", false },
		{ "**a", "xxa", true },
		{ "[.]a", ".a", false },
		{ "a*b*c", "axxbyyc", true },
		{ "a*b*c", "axxbyy", false },
		{ "", "", true },
		{ "a\\", "a\\", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		if (fs_glob_match(str_c(row[i].pattern), str_c(row[i].name)) != row[i].want)
			print_error("%s against %s\n", row[i].pattern, row[i].name);
		assert_true(fs_glob_match(str_c(row[i].pattern), str_c(row[i].name)) == row[i].want);
	}
}

static void
test_glob(void **state)
{
	struct state *s = *state;
	struct str *v;
	size_t n;
	bool capped;

	folder(s, "etc");
	folder(s, "etc/d");
	folder(s, "home");
	folder(s, "home/u");
	put(s, "etc/d/z9", "");
	put(s, "etc/d/z10", "");
	put(s, "etc/d/B", "");
	put(s, "etc/d/a", "");
	put(s, "etc/d/.hidden", "");
	put(s, "home/u/x", "");
	assert_int_equal(symlink("nowhere", at(s, "etc/d/dead").p), 0);
	fs_glob(&s->tree, &s->arena, STR("/etc/d/*"), true, &v, &n, &capped);
	t_eq_u64(n, 5);
	/* byte order of the whole path; a dangling link is a match */
	t_eq_str(v[0], "/etc/d/B");
	t_eq_str(v[1], "/etc/d/a");
	t_eq_str(v[2], "/etc/d/dead");
	t_eq_str(v[3], "/etc/d/z10");
	t_eq_str(v[4], "/etc/d/z9");
	assert_false(capped);
	fs_glob(&s->tree, &s->arena, STR("/*/d/z?"), true, &v, &n, &capped);
	t_eq_u64(n, 1);
	t_eq_str(v[0], "/etc/d/z9");
	fs_glob(&s->tree, &s->arena, STR("/etc/d/a"), true, &v, &n, &capped);
	t_eq_u64(n, 1);
	fs_glob(&s->tree, &s->arena, STR("/etc/d/absent"), true, &v, &n, &capped);
	t_eq_u64(n, 0);
	fs_glob(&s->tree, &s->arena, STR("~/x"), true, &v, &n, &capped);
	t_eq_u64(n, 1);
	t_eq_str(v[0], "/home/u/x");
	fs_glob(&s->tree, &s->arena, STR("~/x"), false, &v, &n, &capped);
	t_eq_u64(n, 0);
	fs_glob(&s->tree, &s->arena, STR("~nobody-like-that/x"), true, &v, &n, &capped);
	t_eq_u64(n, 0);
	fs_glob(&s->tree, &s->arena, STR(""), true, &v, &n, &capped);
	t_eq_u64(n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_root, setup, teardown),
		cmocka_unit_test_setup_teardown(test_permissions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_private_group, setup, teardown),
		cmocka_unit_test(test_match),
		cmocka_unit_test_setup_teardown(test_glob, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
