/* SPDX-License-Identifier: MIT */
/*
 * The server's resolution: the row of every Match block and three connections more, each twice, with trace and
 * without; without Match lines the first line decides, and an -o option before it.
 */
#include "fuzz_conf.h"

enum { ROWS_MAX = 24 };

static void
one_spec(struct fuzz_conf *f, const struct server_spec *spec)
{
	struct effective ev, again;
	struct arena a = { 0 };

	eff_server(&a, &f->conf, spec, EFF_LOSERS_ALL, &ev);
	fuzz_check_effective(&ev);
	eff_server(&a, &f->conf, spec, EFF_LOSERS_NONE, &again);
	fuzz_check_same(&ev, &again, "with and without trace");
	if (!ev.refused)
		fuzz_check_printed(&a, &ev);
	arena_release(&a);
}

static bool
has_match(const struct conf *c)
{
	for (size_t i = 0; i < c->n_block; i++)
		if (c->block[i].kind == BLOCK_MATCH)
			return true;
	return false;
}

/* No Match line: every connection gets the first value of each keyword. */
static void
check_first_wins(struct fuzz_conf *f)
{
	const struct server_spec any = { .groups_known = true, .invalid_user_known = true };
	const struct conf *c = &f->conf;
	uint32_t first[KW_ROWS_MAX];
	struct arena a = { 0 };
	struct effective ev;
	size_t n;
	const struct kw *table = kw_table(KW_SERVER, &n);

	eff_server(&a, &f->conf, &any, EFF_LOSERS_NONE, &ev);
	for (size_t i = 0; i < n; i++)
		first[i] = UINT32_MAX;
	for (size_t i = 0; i < c->n_set; i++)
		if (first[c->set[i].row] == UINT32_MAX && (c->set[i].flags & (SET_UNSETS | SET_NOTREAD)) == 0)
			first[c->set[i].row] = (uint32_t)i;
	for (size_t i = 0; i < n && !ev.refused; i++)
		if (table[i].merge == KW_FIRST && fuzz_prints_itself(&table[i]) && table[i].type != KW_T_UNUSEDTIMEOUT)
			FUZZ_CHECK(ev.v[i].set == first[i], "%s: set %d decides, not %d", table[i].name,
			    (int)ev.v[i].set, (int)first[i]);
	arena_release(&a);
}

/* sshd -o: read before any file, and nothing outside Match comes before it. */
static void
check_option_first(struct str in, struct ver v)
{
	const struct server_spec any = { .groups_known = true, .invalid_user_known = true };
	struct arena a = { 0 };
	struct fuzz_conf f;
	struct effective ev;

	if (fuzz_conf_read(&f, in, KW_SERVER, v, STR("ClientAliveInterval 77"))) {
		eff_server(&a, &f.conf, &any, EFF_LOSERS_ALL, &ev);
		FUZZ_CHECK(ev.refused || has_match(&f.conf) ||
			(eff_get(&ev, KW_ID_CLIENTALIVEINTERVAL)->num == 77 &&
			    eff_get(&ev, KW_ID_CLIENTALIVEINTERVAL)->from == EFF_FROM_CMDLINE),
		    "-o ClientAliveInterval=77 gives %d", (int)eff_get(&ev, KW_ID_CLIENTALIVEINTERVAL)->num);
	}
	conf_release(&f.conf);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct str group[] = { { "wheel", 5 }, { "users", 5 } };
	static const struct server_spec extra[] = {
		{ .user = { "u", 1 },
		    .host = { "h.example", 9 },
		    .addr = { "192.0.2.9", 9 },
		    .laddr = { "10.0.0.1", 8 },
		    .rdomain = { "r", 1 },
		    .has_user = true,
		    .has_host = true,
		    .has_addr = true,
		    .has_laddr = true,
		    .has_rdomain = true,
		    .has_lport = true,
		    .lport = 22,
		    .group = group,
		    .n_group = 2,
		    .groups_known = true,
		    .invalid_user_known = true },
		{ .user = { "root", 4 }, .addr = { "2001:db8::1", 11 }, .has_user = true, .has_addr = true },
		{ .has_lport = true, .lport = 2222, .invalid_user = true, .invalid_user_known = true },
	};
	struct str in = fuzz_in(data, size);
	struct fuzz_conf f;
	struct arena a = { 0 };
	struct server_row *row;
	size_t n;

	if (fuzz_conf_read(&f, in, KW_SERVER, fuzz_ver(in), (struct str){ NULL, 0 })) {
		eff_server_targets(&a, &f.conf, &row, &n);
		FUZZ_CHECK(n > 0 && (row[0].possible || row[0].reason != NULL), "%zu rows", n);
		for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
			FUZZ_CHECK(row[i].possible || row[i].reason != NULL, "row %zu has no reason", i);
			if (row[i].possible)
				one_spec(&f, &row[i].spec);
		}
		for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
			one_spec(&f, &extra[i]);
		if (!has_match(&f.conf))
			check_first_wins(&f);
	}
	conf_release(&f.conf);
	arena_release(&a);
	check_option_first(in, fuzz_ver(in));
	return 0;
}
