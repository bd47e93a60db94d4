/* SPDX-License-Identifier: MIT */
/*
 * The client's resolution: every host of an input's files and two more, each twice, with trace and without, and
 * against a plain reading of the blocks in order where no Match line is involved.
 */
#include "fuzz_conf.h"

enum { ROWS_MAX = 24 };

static const struct str addresses[] = { { "10.1.2.3", 8 }, { "192.168.1.20", 12 } };
static const struct client_env env = {
	.local_user = { "me", 2 },
	.local_user_known = true,
	.home = { "/home/u", 7 },
	.uid = { "1000", 4 },
	.uid_known = true,
	.hostname = { "box.example", 11 },
	.hostname_known = true,
	.version_text = { "OpenSSH_10.0p1", 14 },
	.local_addr = addresses,
	.n_local_addr = 2,
	.local_addr_known = true,
};
/* A machine of which nothing is known. */
static const struct client_env blind = { .home = { "/home/u", 7 } };

static bool
block_applies(const struct conf *c, uint32_t at, struct str host)
{
	for (int64_t i = at; i >= 0; i = c->block[i].parent) {
		const struct block *b = &c->block[i];
		bool hit = b->kind == BLOCK_FILE;

		for (uint32_t k = 0; k < b->n_pat; k++) {
			struct str p = c->pat[b->first_pat + k];

			if (p.n > 0 && p.p[0] == '!') {
				if (pattern_match(host, str_from(p, 1)))
					return false;
			} else {
				hit |= pattern_match(host, p);
			}
		}
		if (!hit)
			return false;
	}
	return true;
}

/* The first line of an applying block decides: ssh_config(5), without Match and second pass. */
static void
check_first_wins(const struct conf *c, const struct effective *ev)
{
	uint32_t first[KW_ROWS_MAX];
	size_t n;
	const struct kw *table = kw_table(KW_CLIENT, &n);

	for (size_t i = 0; i < c->n_block; i++)
		if (c->block[i].kind == BLOCK_MATCH)
			return;
	if (ev->second_pass)
		return;
	for (size_t i = 0; i < n; i++)
		first[i] = UINT32_MAX;
	for (size_t i = 0; i < c->n_set; i++)
		if (first[c->set[i].row] == UINT32_MAX && (c->set[i].flags & (SET_UNSETS | SET_NOTREAD)) == 0 &&
		    block_applies(c, c->set[i].block, ev->host))
			first[c->set[i].row] = (uint32_t)i;
	for (size_t i = 0; i < n; i++) {
		const struct eff *e = &ev->v[i];

		if (table[i].merge != KW_FIRST || !fuzz_prints_itself(&table[i]) || e->from == EFF_FROM_OTHER)
			continue;
		FUZZ_CHECK(e->state == (first[i] == UINT32_MAX ? EFF_DEFAULT : EFF_SET) && e->set == first[i],
		    "%s of %.*s: set %d decides, not %d", table[i].name, STR_ARG(ev->host), (int)e->set, (int)first[i]);
	}
}

static void
one_host(struct fuzz_conf *f, struct str host, struct str user)
{
	const struct target t = { .host = host, .user = user };
	struct effective ev, again, far;
	struct arena a = { 0 };

	eff_client(&a, &f->conf, &t, &env, EFF_LOSERS_ALL, &ev);
	fuzz_check_effective(&ev);
	eff_client(&a, &f->conf, &t, &env, EFF_LOSERS_NONE, &again);
	fuzz_check_same(&ev, &again, "with and without trace");
	if (!ev.refused) {
		check_first_wins(&f->conf, &ev);
		fuzz_check_printed(&a, &ev);
	}
	eff_client(&a, &f->conf, &t, &blind, EFF_LOSERS_ALL, &far);
	fuzz_check_effective(&far);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size);
	struct fuzz_conf f;
	struct arena a = { 0 };
	struct target_row *row;
	size_t n;

	if (fuzz_conf_read(&f, in, KW_CLIENT, fuzz_ver(in), (struct str){ NULL, 0 })) {
		eff_client_targets(&a, &f.conf, &row, &n);
		FUZZ_CHECK(n > 0 && row[n - 1].kind == TARGET_DEFAULT, "%zu rows", n);
		for (size_t i = 0; i < n; i++) {
			FUZZ_CHECK(row[i].kind != TARGET_HOST || str_eq(row[i].name, row[i].shown), "row %zu", i);
			FUZZ_CHECK(row[i].kind != TARGET_PATTERN || !row[i].possible ||
				pattern_imatch(row[i].name, row[i].shown),
			    "%.*s is no name for %.*s", STR_ARG(row[i].name), STR_ARG(row[i].shown));
			if (row[i].possible && i < ROWS_MAX)
				one_host(&f, row[i].name, (struct str){ NULL, 0 });
		}
		/* Names that are only ruled out are no rows. */
		n = 0;
		for (size_t i = 0; i < f.conf.n_pat && n < ROWS_MAX; i++)
			if (f.conf.pat[i].n > 1 && f.conf.pat[i].p[0] == '!') {
				one_host(&f, str_from(f.conf.pat[i], 1), (struct str){ NULL, 0 });
				n++;
			}
		one_host(&f, STR("a"), STR("root"));
		one_host(&f, STR("Web.Example.COM"), (struct str){ NULL, 0 });
	}
	conf_release(&f.conf);
	arena_release(&a);
	return 0;
}
