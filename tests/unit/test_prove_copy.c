/* SPDX-License-Identifier: MIT */
/* Copies for the proof by the real programs: rewritten Include lines, names in messages, what cannot be copied. */
#include "fix/prove_copy.h"
#include "map_loader.h"
#include "t.h"

struct fixture {
	struct arena arena;
	struct loader loader;
	struct conf_opts opts;
	struct conf conf;
};

static void
begin(struct fixture *f, const struct map_file *files, enum kw_side side, struct ver ver)
{
	struct err e = { 0 };

	*f = (struct fixture){ .loader = { .ctx = (void *)(uintptr_t)files, .read = map_read, .glob = map_glob } };
	f->opts = (struct conf_opts){
		.side = side, .ver = ver, .loader = &f->loader, .home = STR("/home/u"), .etc_ssh = STR("/etc/ssh")
	};
	conf_init(&f->conf, &f->opts);
	assert_int_equal(conf_add_file(&f->conf, &f->opts, str_c(files[0].path),
			     side == KW_CLIENT ? SOURCE_USER : SOURCE_SERVER, false, &e),
	    SK_OK);
}

static void
end(struct fixture *f)
{
	conf_release(&f->conf);
	arena_release(&f->arena);
}

static void
check_text(struct fixture *f, uint32_t src, const char *want)
{
	struct buf b = { 0 };

	copy_text(&f->arena, &f->conf, STR("/d x"), src, &b);
	t_eq_str(buf_str(&b), want);
	buf_release(&b);
}

static void
test_include_lines(void **state)
{
	static const struct map_file files[] = {
		{ "/home/u/.ssh/config",
		    "# one\nInclude a.d/* \"b c\" # both\n\tinclude=none-there\r\n\"Include\" /z\nHost x\n  Include "
		    "a.d/1" },
		{ "/home/u/.ssh/a.d/1", "Host one\nInclude /z\n" },
		{ "/home/u/.ssh/a.d/2", "Host two" },
		{ "/home/u/.ssh/b c", "" },
		{ "/z", "User z\n" },
		{ NULL, NULL },
	};
	struct fixture f;
	struct str why = { 0 };

	(void)state;
	begin(&f, files, KW_CLIENT, (struct ver){ .n = VER(9, 2) });
	assert_true(copy_possible(&f.arena, &f.conf, &why));
	/* main, a.d/1, z, a.d/2, b c, z, a.d/1, z */
	t_eq_u64(f.conf.n_src, 8);
	check_text(&f, 0,
	    "# one\nInclude \"/d x/00000-0000001/*\"\n\tinclude=\"/d x/00000-0000002/*\"\n"
	    "\"Include\" \"/d x/00000-0000003/*\"\nHost x\n  Include \"/d x/00000-0000005/*\"");
	check_text(&f, 1, "Host one\nInclude \"/d x/00001-0000001/*\"\n");
	check_text(&f, 3, "Host two");
	check_text(&f, 6, "Host one\nInclude \"/d x/00006-0000001/*\"\n");
	/* the names of one line's files sort as they were read */
	t_eq_str(copy_path(&f.arena, &f.conf, STR("/d x"), 0), "/d x/top/00000");
	t_eq_str(copy_path(&f.arena, &f.conf, STR("/d x"), 1), "/d x/00000-0000001/00001");
	t_eq_str(copy_path(&f.arena, &f.conf, STR("/d x"), 3), "/d x/00000-0000001/00003");
	t_eq_str(copy_path(&f.arena, &f.conf, STR("/d x"), 4), "/d x/00000-0000001/00004");
	t_eq_str(copy_path(&f.arena, &f.conf, STR("/d x"), 7), "/d x/00006-0000001/00007");
	t_eq_str(
	    copy_message(&f.arena, &f.conf, STR("/d x"),
		STR("Pseudo-terminal will not be allocated\n/d x/00000-0000001/00003 line 1: bad \033[1m\r\nbye\n")),
	    "~/.ssh/a.d/2 line 1: bad \\x1B[1m; bye");
	end(&f);
}

static void
refused(const char *text, size_t n, enum kw_side side, struct ver ver, const char *want)
{
	struct map_file files[] = { { "/home/u/.ssh/config", "" }, { "/home/u/.ssh/web", "" }, { NULL, NULL } };
	struct fixture f;
	struct err e = { 0 };
	struct str why = { 0 };

	begin(&f, files, side, ver);
	assert_int_equal(conf_add_bytes(&f.conf, &f.opts, STR("c"), (struct str){ text, n },
			     side == KW_CLIENT ? SOURCE_USER : SOURCE_SERVER, &e),
	    SK_OK);
	assert_false(copy_possible(&f.arena, &f.conf, &why));
	t_eq_str(why, want);
	end(&f);
}

static void
test_not_possible(void **state)
{
	const struct ver old = { .n = VER(9, 2) }, new = { .n = VER(9, 9) };

	(void)state;
#define REFUSED(text, side, ver, want) refused(text, sizeof(text) - 1, side, ver, want)
	REFUSED("Host a\nInclude %h\n", KW_CLIENT, new, "the Include at c:2 depends on the host");
	REFUSED("Include \"web\n", KW_CLIENT, old, "the Include at c:1 cannot be followed");
	REFUSED("\n\"Include web\n", KW_CLIENT, old, "the Include at c:2 cannot be followed");
	REFUSED("Include web \"\"\n", KW_CLIENT, old, "the Include at c:1 cannot be followed");
	REFUSED("Include web\0 x\n", KW_CLIENT, old, "c holds a NUL byte");
	REFUSED("Include\n", KW_SERVER, old, "the Include at c:1 cannot be followed");
#undef REFUSED
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_include_lines),
		cmocka_unit_test(test_not_possible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
