/* SPDX-License-Identifier: MIT */
/* The resolver from outside: values, origins, losers, three truth values, targets.  ssh itself is asked in tests/oracle. */
#include "t.h"

#include "eval/effective.h"
#include "map_loader.h"

struct fixture {
	struct arena arena;
	struct conf conf;
	struct loader loader;
	struct conf_opts opts;
	struct client_env env;
	struct effective ev;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -1;
	f->env = (struct client_env){
		.local_user = STR("me"),
		.local_user_known = true,
		.home = STR("/home/u"),
		.uid = STR("1000"),
		.uid_known = true,
		.hostname = STR("box.example"),
		.hostname_known = true,
	};
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	conf_release(&f->conf);
	arena_release(&f->arena);
	free(f);
	return 0;
}

static void
load(struct fixture *f, enum kw_side side, int ver, const struct map_file *files)
{
	struct err e = { 0 };

	f->loader = (struct loader){ .ctx = (void *)(uintptr_t)files, .read = map_read, .glob = map_glob };
	f->opts = (struct conf_opts){
		.side = side,
		.ver = { .n = ver, .debian = true },
		.loader = &f->loader,
		.home = STR("/home/u"),
		.etc_ssh = STR("/etc/ssh"),
	};
	conf_init(&f->conf, &f->opts);
	assert_int_equal(conf_add_file(&f->conf, &f->opts, str_c(files[0].path),
			     side == KW_CLIENT ? SOURCE_USER : SOURCE_SERVER, false, &e),
	    SK_OK);
}

static const struct eff *
client(struct fixture *f, const char *host, enum kw_id id)
{
	struct target t = { .host = str_c(host) };

	eff_client(&f->arena, &f->conf, &t, &f->env, EFF_LOSERS_ALL, &f->ev);
	return eff_get(&f->ev, id);
}

static void
first_value_wins_and_losers_say_why(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c",
					      "Host a\n ServerAliveInterval none\n ServerAliveInterval 15\n"
					      "Host b\n ServerAliveInterval 5\nHost *\n ServerAliveInterval 60\n" },
		{ NULL, NULL } };
	const struct eff *e;

	load(f, KW_CLIENT, VER(9, 2), files);
	e = client(f, "a", KW_ID_SERVERALIVEINTERVAL);
	t_eq_i64(e->state, EFF_SET);
	t_eq_i64(e->num, 15);
	t_eq_u64(e->origin.line, 3);
	t_eq_u64(f->ev.n_loser, 3);
	t_eq_i64(f->ev.loser[0].why, LOSE_NONE);
	t_eq_i64(f->ev.loser[1].why, LOSE_NO_MATCH);
	t_eq_i64(f->ev.loser[2].why, LOSE_LATER);
	e = client(f, "zzz", KW_ID_SERVERALIVEINTERVAL);
	t_eq_i64(e->num, 60);
}

static void
match_exec_is_unknown_and_never_run(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/c",
		    "Match host lab exec \"touch /tmp/sshkeep-must-not-exist\"\n ServerAliveInterval 20\n"
		    " ServerAliveCountMax 3\n" },
		{ NULL, NULL }
	};
	const struct eff *e;

	load(f, KW_CLIENT, VER(9, 2), files);
	e = client(f, "lab", KW_ID_SERVERALIVEINTERVAL);
	t_eq_i64(e->state, EFF_UNKNOWN);
	t_eq_u64(e->reason_at.line, 1);
	t_eq_str(e->guess, "0 or 20");
	/* 3 is the default, too: both outcomes agree. */
	e = client(f, "lab", KW_ID_SERVERALIVECOUNTMAX);
	t_eq_i64(e->state, EFF_SET == e->state ? EFF_SET : EFF_DEFAULT);
	t_eq_i64(e->num, 3);
	/* A criterion that fails decides wherever it stands. */
	e = client(f, "other", KW_ID_SERVERALIVEINTERVAL);
	t_eq_i64(e->state, EFF_DEFAULT);
}

static void
undecided_lines_behind_a_winner_do_not_matter(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/c", "ServerAliveInterval 30\nMatch exec true\n ServerAliveInterval 20\n" }, { NULL, NULL }
	};

	load(f, KW_CLIENT, VER(9, 2), files);
	t_eq_i64(client(f, "x", KW_ID_SERVERALIVEINTERVAL)->num, 30);
	t_eq_u64(f->ev.n_loser, 1);
	t_eq_i64(f->ev.loser[0].why, LOSE_UNKNOWN);
}

static void
canonicalisation_makes_host_blocks_unknown(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c",
					      "CanonicalizeHostname yes\nCanonicalDomains example.com\n"
					      "Host *.example.com\n ServerAliveInterval 20\n" },
		{ NULL, NULL } };

	load(f, KW_CLIENT, VER(9, 2), files);
	t_eq_i64(client(f, "web", KW_ID_SERVERALIVEINTERVAL)->state, EFF_UNKNOWN);
}

static void
includes_keep_their_place_and_scope(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c", "Host a\n Include in.conf\nHost *\n ServerAliveInterval 60\n" },
		{ "/home/u/.ssh/in.conf", "ServerAliveInterval 7\nHost b\n ServerAliveInterval 8\n" }, { NULL, NULL } };

	load(f, KW_CLIENT, VER(9, 2), files);
	t_eq_i64(client(f, "a", KW_ID_SERVERALIVEINTERVAL)->num, 7);
	t_eq_u64(eff_get(&f->ev, KW_ID_SERVERALIVEINTERVAL)->origin.src, 1);
	/* Host b stands below Host a: never for b. */
	t_eq_i64(client(f, "b", KW_ID_SERVERALIVEINTERVAL)->num, 60);
}

static void
include_tokens_are_expanded_per_host_from_9_9(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/c", "Include /x/%h.conf /x/%%%j /x/%L/i%i\n" },
		{ "/x/a.conf", "ServerAliveInterval 7\n" },
		{ "/x/%b", "ServerAliveCountMax 7\n" },
		{ "/x/box/i1000", "ConnectTimeout 7\n" },
		{ "/x/other/i1000", "ConnectTimeout 8\n" },
		{ NULL, NULL },
	};

	load(f, KW_CLIENT, VER(9, 9), files);
	t_eq_i64(client(f, "a", KW_ID_SERVERALIVEINTERVAL)->num, 7);
	t_eq_i64(client(f, "b", KW_ID_SERVERALIVEINTERVAL)->state, EFF_DEFAULT);
	/* %j is not known here */
	t_eq_i64(client(f, "b", KW_ID_SERVERALIVECOUNTMAX)->state, EFF_UNKNOWN);
	t_eq_i64(client(f, "b", KW_ID_CONNECTTIMEOUT)->num, 7);
}

static void
unreadable(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	map_read(ctx, a, path, ret);
	if (str_eqc(path, "/secret")) {
		ret->state = LOADER_UNREADABLE;
		ret->reason = STR("Permission denied");
	}
}

/* Skipped up to 7.4, the end of ssh up to 8.4, counted since. */
static void
unreadable_include_by_release(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c", "Include /secret\nBogus 1\n" }, { "/secret", "" }, { NULL, NULL } };
	static const struct {
		int ver;
		const char *refusal;
	} rows[] = {
		{ VER(7, 4),
		    "/c: line 2: Bad configuration option: bogus\n/c: terminating, 1 bad configuration options" },
		{ VER(7, 5), "/c line 1: Can't open user config file /secret: Permission denied" },
		{ VER(8, 4), "/c line 1: Can't open user config file /secret: Permission denied" },
		{ VER(8, 5),
		    "/c line 1: Can't open user config file /secret: Permission denied\n"
		    "/c: line 2: Bad configuration option: bogus\n/c: terminating, 2 bad configuration options" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err e = { 0 };

		conf_release(&f->conf);
		f->loader = (struct loader){ .ctx = (void *)(uintptr_t)files, .read = unreadable, .glob = map_glob };
		f->opts = (struct conf_opts){
			.side = KW_CLIENT, .ver = { .n = rows[i].ver }, .loader = &f->loader, .home = STR("/home/u")
		};
		conf_init(&f->conf, &f->opts);
		assert_int_equal(
		    conf_add_file(&f->conf, &f->opts, str_c(files[0].path), SOURCE_USER, false, &e), SK_OK);
		(void)client(f, "a", KW_ID_SERVERALIVEINTERVAL);
		t_eq_str(f->ev.refusal, rows[i].refusal);
	}
}

/* The parts of a line that clients up to 7.4 cut count as lines, and each has its own value. */
static void
cut_lines_have_values_and_numbers(void **state)
{
	struct fixture *f = *state;
	char text[2100];
	const struct map_file files[] = { { "/c", text }, { NULL, NULL } };

	memset(text, ' ', sizeof(text));
	memcpy(text, "ServerAliveInterval 15", 22);
	memcpy(text + 1023, "ServerAliveCountMax 7\nBogus 1\n", 31);
	text[1023 + 30] = '\0';
	load(f, KW_CLIENT, VER(7, 4), files);
	t_eq_i64(client(f, "a", KW_ID_SERVERALIVEINTERVAL)->state, EFF_SET);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVEINTERVAL)->num, 15);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVECOUNTMAX)->num, 7);
	t_eq_str(
	    f->ev.refusal, "/c: line 3: Bad configuration option: bogus\n/c: terminating, 1 bad configuration options");
}

static void
refusals_name_line_and_count(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c", "ServerAliveInterval soon\nBogus 1\n" }, { NULL, NULL } };

	load(f, KW_CLIENT, VER(9, 2), files);
	(void)client(f, "a", KW_ID_SERVERALIVEINTERVAL);
	assert_true(f->ev.refused);
	t_eq_u64(f->ev.refused_at.line, 1);
	t_eq_str(f->ev.refusal,
	    "/c line 1: invalid time value.\n/c: line 2: Bad configuration option: bogus\n"
	    "/c: terminating, 2 bad configuration options");
}

static void
ignoreunknown_counts_only_where_it_is_active(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c", "Host a\n IgnoreUnknown UseK*\nHost *\n UseKeychain yes\n" },
		{ NULL, NULL } };

	load(f, KW_CLIENT, VER(9, 2), files);
	(void)client(f, "a", KW_ID_SERVERALIVEINTERVAL);
	assert_false(f->ev.refused);
	(void)client(f, "b", KW_ID_SERVERALIVEINTERVAL);
	assert_true(f->ev.refused);
}

/* Twice as many lines as forwards, half of them in another spelling or in a block that the second pass opens. */
static void
forwards_that_say_the_same_are_dropped_once_listed(void **state)
{
	enum { N = 300 };
	struct fixture *f = *state;
	struct buf b = { 0 };
	struct map_file files[] = { { "/c", NULL }, { NULL, NULL } };
	struct explained why;
	struct target t = { .host = STR("a") };
	const struct eff *e;

	buf_addc(&b, "Host a\n");
	for (int i = 0; i < N; i++)
		buf_addf(&b, "LocalForward %d h%d:80\n", 2000 + i, i);
	for (int i = 0; i < N; i++)
		buf_addf(&b, i % 2 == 0 ? "LocalForward \"%d\" h%d:80\n" : "LocalForward %d [h%d]:80\n", 2000 + i, i);
	buf_addc(&b, "Match final\nLocalForward 2000 h0:80\nLocalForward 1999 h0:80\n");
	files[0].text = arena_strz(&f->arena, buf_str(&b));
	buf_release(&b);
	load(f, KW_CLIENT, VER(9, 2), files);
	e = client(f, "a", KW_ID_LOCALFORWARD);
	t_eq_u64(e->n_also, N + 1);
	for (uint32_t i = 0; i < N; i++)
		t_eq_u64(e->also[i], i);
	t_eq_u64(e->also[N], 2 * N + 1);
	t_eq_str(e->also_text[7], "2007 [h7]:80");
	t_eq_u64(f->ev.n_loser, N + 1);
	eff_explain_client(&f->arena, &f->conf, &t, &f->env, &f->ev, &why);
	t_eq_u64(why.n_lost, N + 1);
	for (uint32_t i = 0; i < why.n_lost; i++) {
		t_eq_i64(why.lost[i].why, LOSE_SAME);
		t_eq_u64(why.lost[i].set, N + i);
		t_eq_u64(why.lost[i].by, i % N);
	}
}

/* Match lines that are looked up follow the HostName and User read so far, block by block. */
static void
match_names_follow_the_lines_above(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/c",
		    "Match host b\n ConnectTimeout 1\n"
		    "Match host A,x !user nobody\n HostName b\n User ann\n Include in.conf\n ServerAliveCountMax 9\n"
		    "Match host a\n ConnectTimeout 2\n"
		    "Match originalhost b,A\n ServerAliveInterval 3\n"
		    "Match user ann host B,!c\n ConnectTimeout 4\n"
		    "Match user me\n ConnectTimeout 5\n"
		    "Match user bob,ann\n ConnectionAttempts 6\n"
		    "Match exec x\n HostName d\n User eve\n"
		    "Match host d\n TCPKeepAlive no\n" },
		{ "/home/u/.ssh/in.conf", "Match host b\n BatchMode yes\n" },
		{ NULL, NULL },
	};

	load(f, KW_CLIENT, VER(9, 2), files);
	t_eq_i64(client(f, "a", KW_ID_CONNECTTIMEOUT)->num, 4);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVECOUNTMAX)->num, 9);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVEINTERVAL)->num, 3);
	t_eq_i64(eff_get(&f->ev, KW_ID_BATCHMODE)->num, 1);
	t_eq_i64(eff_get(&f->ev, KW_ID_CONNECTIONATTEMPTS)->num, 6);
	t_eq_i64(eff_get(&f->ev, KW_ID_TCPKEEPALIVE)->state, EFF_DEFAULT);
	t_eq_i64(client(f, "B", KW_ID_CONNECTTIMEOUT)->num, 1);
	t_eq_i64(client(f, "z", KW_ID_CONNECTTIMEOUT)->num, 5);
	/* HostName is not known behind the exec: d it may be */
	t_eq_i64(eff_get(&f->ev, KW_ID_TCPKEEPALIVE)->state, EFF_UNKNOWN);
}

static void
a_hostname_that_cannot_be_expanded_ends_at_any_match_line(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/c",
		    "Host a\n HostName x%q\nHost b\n HostName %h%%.x\nHost *\n ConnectTimeout 1\n"
		    "Match originalhost q\n ConnectTimeout x\n" },
		{ NULL, NULL }
	};

	load(f, KW_CLIENT, VER(9, 2), files);
	(void)client(f, "a", KW_ID_CONNECTTIMEOUT);
	assert_true(f->ev.refused);
	t_eq_str(f->ev.refusal, "vdollar_percent_expand: unknown key %q\npercent_expand: failed");
	/* the others come to the bad value below that line */
	(void)client(f, "b", KW_ID_CONNECTTIMEOUT);
	assert_true(f->ev.refused);
	t_eq_u64(f->ev.refused_at.line, 8);
}

/* So many wildcards that they are looked up by their ends, beside some that are not. */
static void
many_wildcards_match_as_few_do(void **state)
{
	enum { N = 200 };
	struct fixture *f = *state;
	struct buf b = { 0 };
	struct map_file files[] = { { "/c", NULL }, { NULL, NULL } };
	const struct eff *e;

	buf_addc(&b, "Host *9?x\n ServerAliveCountMax 7\n");
	for (int i = 0; i < N; i++)
		buf_addf(&b, "Host p%d-* !p%d-no *.s%d.example q?%d\n ServerAliveInterval %d\n", i, i, i, i, i + 10);
	buf_addc(&b, "Host p7*\n ConnectTimeout 3\nHost *e\n ConnectionAttempts 4\n");
	files[0].text = arena_strz(&f->arena, buf_str(&b));
	buf_release(&b);
	load(f, KW_CLIENT, VER(9, 2), files);
	for (int i = 0; i < N; i += 7) {
		const struct str name[] = {
			arena_printf(&f->arena, "p%d-a", i),
			arena_printf(&f->arena, "web.s%d.example", i),
			arena_printf(&f->arena, "qz%d", i),
		};

		for (size_t k = 0; k < 3; k++) {
			e = client(f, name[k].p, KW_ID_SERVERALIVEINTERVAL);
			t_eq_i64(e->state, EFF_SET);
			t_eq_i64(e->num, i + 10);
		}
		e = client(f, arena_printf(&f->arena, "p%d-no", i).p, KW_ID_SERVERALIVEINTERVAL);
		t_eq_i64(e->state, EFF_DEFAULT);
	}
	t_eq_i64(client(f, "p7-9yx", KW_ID_CONNECTTIMEOUT)->num, 3);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVECOUNTMAX)->num, 7);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVEINTERVAL)->num, 17);
	t_eq_i64(client(f, "p7.s1.example", KW_ID_CONNECTIONATTEMPTS)->num, 4);
	t_eq_i64(eff_get(&f->ev, KW_ID_SERVERALIVEINTERVAL)->num, 11);
	t_eq_i64(client(f, "", KW_ID_CONNECTTIMEOUT)->state, EFF_DEFAULT);
}

static void
targets_are_names_patterns_and_the_rest(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/c",
		    "Host web db !x\n User a\nHost web *.example.com\nMatch originalhost m1,m*\n"
		    " User b\nHost *\n Compression no\n" },
		{ NULL, NULL }
	};
	struct target_row *v;
	size_t n;

	load(f, KW_CLIENT, VER(9, 2), files);
	eff_client_targets(&f->arena, &f->conf, &v, &n);
	t_eq_u64(n, 6);
	t_eq_str(v[0].shown, "web");
	t_eq_str(v[1].shown, "db");
	t_eq_str(v[2].shown, "*.example.com");
	t_eq_i64(v[2].kind, TARGET_PATTERN);
	assert_true(str_ends(v[2].name, STR(".example.com")));
	t_eq_str(v[3].shown, "m1");
	t_eq_str(v[4].shown, "m*");
	assert_true(v[4].possible);
	t_eq_str(v[5].shown, "*");
}

static void
server_match_beats_global_and_targets_satisfy_it(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = {
		{ "/s",
		    "ClientAliveInterval 300\nMatch Group wheel,!root Address 10.0.0.0/8,!10.0.0.1\n"
		    " ClientAliveInterval 15\nMatch User bob LocalPort 2222\n ClientAliveCountMax 9\n" },
		{ NULL, NULL }
	};
	struct server_row *v;
	size_t n;

	load(f, KW_SERVER, VER(9, 2), files);
	eff_server_targets(&f->arena, &f->conf, &v, &n);
	t_eq_u64(n, 3);
	eff_server(&f->arena, &f->conf, &v[0].spec, EFF_LOSERS_ALL, &f->ev);
	t_eq_i64(eff_get(&f->ev, KW_ID_CLIENTALIVEINTERVAL)->num, 300);
	assert_true(v[1].possible);
	eff_server(&f->arena, &f->conf, &v[1].spec, EFF_LOSERS_ALL, &f->ev);
	t_eq_i64(eff_get(&f->ev, KW_ID_CLIENTALIVEINTERVAL)->num, 15);
	t_eq_i64(f->ev.loser[0].why, LOSE_OVERRIDDEN);
	eff_server(&f->arena, &f->conf, &v[2].spec, EFF_LOSERS_ALL, &f->ev);
	t_eq_i64(eff_get(&f->ev, KW_ID_CLIENTALIVEINTERVAL)->num, 300);
	t_eq_i64(eff_get(&f->ev, KW_ID_CLIENTALIVECOUNTMAX)->num, 9);
}

static void
unknown_groups_make_unknown_values(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/s", "Match Group wheel\n ClientAliveInterval 15\n" }, { NULL, NULL } };
	struct server_spec spec = { .user = STR("bob"), .has_user = true };

	load(f, KW_SERVER, VER(9, 2), files);
	eff_server(&f->arena, &f->conf, &spec, EFF_LOSERS_NONE, &f->ev);
	t_eq_i64(eff_get(&f->ev, KW_ID_CLIENTALIVEINTERVAL)->state, EFF_UNKNOWN);
}

static void
lines_joined_are_the_source(void **state)
{
	struct fixture *f = *state;
	static const char text[] = "\xef\xbb\xbf# x\r\n\n\tHost a\f\n=K \"\nServerAliveInterval 15\r\nlast";
	struct buf b = { 0 };
	struct err e = { 0 };

	f->opts = (struct conf_opts){ .side = KW_CLIENT, .ver = { .n = VER(9, 2) } };
	conf_init(&f->conf, &f->opts);
	assert_int_equal(conf_add_bytes(&f->conf, &f->opts, STR("x"), str_c(text), SOURCE_USER, &e), SK_OK);
	for (uint32_t i = 0; i < f->conf.src[0].n; i++) {
		const struct line *l = &f->conf.src[0].line[i];

		buf_add(&b, (struct str){ f->conf.src[0].bytes.p + l->off, l->len + l->eol });
	}
	assert_true(str_eqc(buf_str(&b), text));
	buf_release(&b);
}

static void
old_releases_read_differently(void **state)
{
	struct fixture *f = *state;
	const struct map_file files[] = { { "/c", "Host a # b\n ServerAliveInterval 15\n" }, { NULL, NULL } };

	load(f, KW_CLIENT, VER(8, 4), files);
	/* Before 8.5 the words of a trailing comment are patterns. */
	t_eq_i64(client(f, "b", KW_ID_SERVERALIVEINTERVAL)->num, 15);
	conf_release(&f->conf);
	load(f, KW_CLIENT, VER(8, 5), files);
	t_eq_i64(client(f, "b", KW_ID_SERVERALIVEINTERVAL)->num, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest eval[] = {
		T(first_value_wins_and_losers_say_why),
		T(match_exec_is_unknown_and_never_run),
		T(undecided_lines_behind_a_winner_do_not_matter),
		T(canonicalisation_makes_host_blocks_unknown),
		T(includes_keep_their_place_and_scope),
		T(include_tokens_are_expanded_per_host_from_9_9),
		T(unreadable_include_by_release),
		T(cut_lines_have_values_and_numbers),
		T(refusals_name_line_and_count),
		T(ignoreunknown_counts_only_where_it_is_active),
		T(forwards_that_say_the_same_are_dropped_once_listed),
		T(match_names_follow_the_lines_above),
		T(a_hostname_that_cannot_be_expanded_ends_at_any_match_line),
		T(many_wildcards_match_as_few_do),
		T(targets_are_names_patterns_and_the_rest),
		T(server_match_beats_global_and_targets_satisfy_it),
		T(unknown_groups_make_unknown_values),
		T(lines_joined_are_the_source),
		T(old_releases_read_differently),
	};

	return cmocka_run_group_tests(eval, NULL, NULL) != 0;
}
