/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a template of any engine: what is masked has the length and the lines of the text, each line has a mark,
 * regions form a tree; and a config made of it can be resolved for every host that it names.
 */
#include "fuzz.h"

#include "conf/doc.h"
#include "eval/effective.h"
#include "tree/template.h"

static void
check_marks(struct str text, struct str masked, const struct marks *m)
{
	uint32_t lines = 0;

	FUZZ_CHECK(masked.n == text.n, "%zu bytes of %zu", masked.n, text.n);
	for (size_t i = 0; i < text.n; i++) {
		lines += text.p[i] == '\n' || i + 1 == text.n;
		FUZZ_CHECK((text.p[i] == '\n') == (masked.p[i] == '\n'), "line feed at %zu", i);
	}
	FUZZ_CHECK(m->n == lines, "%u marks for %u lines", (unsigned)m->n, (unsigned)lines);
	FUZZ_CHECK(m->n_region > 0, "the region of all");
	FUZZ_CHECK(
	    m->sign.len == 0 || (m->sign.line < lines && m->sign.col > 0), "sign in line %u", (unsigned)m->sign.line);
	for (uint32_t i = 0; i < m->n; i++)
		FUZZ_CHECK(m->line[i].region < m->n_region, "region of line %u", (unsigned)i);
	for (uint32_t i = 1; i < m->n_region; i++)
		FUZZ_CHECK(m->region[i].parent < i && m->region[i].chain <= i, "region %u", (unsigned)i);
}

static void
resolve(struct str masked, const struct marks *m, enum kw_side side)
{
	static struct fuzz_map none = { .dir = "/" };
	static const struct loader loader = { .ctx = &none, .read = fuzz_map_read, .glob = fuzz_map_glob };
	static const struct client_env env = { .home = { "~", 1 } };
	struct conf_opts o = { .side = side,
		.ver = { .n = VER(9, 2) },
		.loader = &loader,
		.home = STR("/home/u"),
		.etc_ssh = STR("/etc/ssh"),
		.marks = m };
	struct arena a = { 0 };
	struct target_row *t = NULL;
	struct server_row *v = NULL;
	struct effective ev;
	struct conf c;
	size_t n = 0;

	conf_init(&c, &o);
	FUZZ_CHECK(conf_add_bytes(&c, &o, STR("input"), masked, SOURCE_USER, NULL) == SK_OK, "content is no error");
	if (side == KW_CLIENT)
		eff_client_targets(&a, &c, &t, &n);
	else
		eff_server_targets(&a, &c, &v, &n);
	for (size_t i = 0; i < n && i < 64; i++) {
		struct target who = { .host = side == KW_CLIENT ? t[i].name : STR("") };

		who.region = side == KW_CLIENT ? t[i].region : 0;
		if (side == KW_CLIENT && t[i].possible)
			eff_client(&a, &c, &who, &env, EFF_LOSERS_ALL, &ev);
		else if (side == KW_SERVER && v[i].possible)
			eff_server(&a, &c, &v[i].spec, EFF_LOSERS_ACTIVE, &ev);
	}
	conf_release(&c);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned engines[] = { ENGINE_JINJA, ENGINE_GO | ENGINE_TERRAFORM, ENGINE_ERB, ENGINE_EPP,
		ENGINE_TERRAFORM, ENGINE_MAKO, ENGINE_AT | ENGINE_SHELL, ENGINE_GO };
	struct arena a = { 0 };
	struct str text, masked;
	struct marks m;

	if (size == 0)
		return 0;
	text = (struct str){ (const char *)data + 1, size - 1 };
	masked = template_mark(&a, engines[data[0] % 8] | ((data[0] & 64) != 0 ? ENGINE_GUESSED : 0),
	    data[0] < 128 ? TEMPLATE_WORDS : TEMPLATE_VARIABLES, text, &m);
	check_marks(text, masked, &m);
	resolve(masked, &m, KW_CLIENT);
	resolve(masked, &m, KW_SERVER);
	arena_release(&a);
	return 0;
}
