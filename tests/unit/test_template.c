/* SPDX-License-Identifier: MIT */
/* Templates: what is masked, which lines are there only sometimes, and what becomes of both in a configuration. */
#include "tree/template.h"

#include "base/buf.h"
#include "eval/effective.h"
#include "t.h"

#include <stdio.h>

/* Each line as "REGION FLAGS TEXT", v vague, o opaque, m maybe, - no line; then the regions as "own<parent:chain". */
static struct str
shown(struct arena *a, unsigned engines, const char *text)
{
	struct marks m;
	struct str masked = template_mark(a, engines, TEMPLATE_WORDS, str_c(text), &m), line, out;
	struct buf b = { 0 };

	for (uint32_t i = 0; i < m.n; i++) {
		uint8_t f = m.line[i].flags;

		(void)str_split(&masked, '\n', &line);
		buf_addf(&b, "%u%s%s%s%s|%.*s\n", (unsigned)m.line[i].region, (f & MARK_VOID) != 0 ? "-" : "",
		    (f & MARK_VAGUE) != 0 ? "v" : "", (f & MARK_OPAQUE) != 0 ? "o" : "",
		    (f & MARK_MAYBE) != 0 ? "m" : "", STR_ARG(line));
	}
	for (uint32_t i = 1; i < m.n_region; i++)
		buf_addf(&b, "%u<%u:%u%s ", (unsigned)i, (unsigned)m.region[i].parent, (unsigned)m.region[i].chain,
		    m.region[i].loop ? "*" : "");
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void
masks(void **state)
{
	static const struct {
		unsigned engines;
		const char *text, *want;
	} row[] = {
		{ ENGINE_JINJA, "Port {{ p }}\nUser a\n", "0v|Port {{_p_}}\n0|User a\n" },
		{ ENGINE_JINJA, "{% if x %}\nPort 1\n{% elif y %}\nPort 2\n{% else %}\nPort 3\n{% endif %}\nUser a\n",
		    "0-|          \n1|Port 1\n1-|            \n2|Port 2\n2-|          \n3|Port 3\n3-|           "
		    "\n0|User a\n"
		    "1<0:1 2<0:1 3<0:1 " },
		{ ENGINE_JINJA, "{% for h in l %}\nHost {{ h }}\n{% endfor %}\n",
		    "0-|                \n1v|Host {{_h_}}\n1-|            \n1<0:1* " },
		/* one line: the region is where the text begins */
		{ ENGINE_JINJA, "{% if x %}Port 1{% endif %}\nUser a\n",
		    "1|          Port 1           \n0|User a\n1<0:1 " },
		{ ENGINE_JINJA, "Port {% if x %}1{% else %}2{% endif %}\n",
		    "0v|Port {__if_x__}1{__else__}2           \n1<0:1 2<0:1 " },
		{ ENGINE_JINJA, "{% if x %}Po{% endif %}rt 1\n", "1o|          Po{__endif__}rt 1\n1<0:1 " },
		/* comments of the engine, of several lines; statements of several lines */
		{ ENGINE_JINJA, "Port 1 {# why\n Port 2\n#}\nUser a\n",
		    "0|Port 1       \n0-|       \n0-|  \n0|User a\n" },
		{ ENGINE_JINJA, "{% set x =\n 1 %}\nUser a\n", "0-|          \n0-|     \n0|User a\n" },
		{ ENGINE_JINJA, "Ciphers {{ a |\n join(',') }} tail\nUser a\n",
		    "0v|Ciphers {{_a_|\n0-|                  \n0|User a\n" },
		/* whole lines that are computed: a banner, anything, a known keyword */
		{ ENGINE_JINJA, "{{ ansible_managed | comment }}\nPort 1\n",
		    "0-|                               \n0|Port 1\n" },
		{ ENGINE_JINJA, "{{ all }}\nPort 1\n", "0o|{{_all_}}\n0|Port 1\n" },
		{ ENGINE_JINJA, "{{ 'Port ' ~ p if p else '' }}\n", "0vm|    Port ____p_if_p_else____}}\n" },
		{ ENGINE_JINJA, "{{ k }} {{ v }}\n", "0o|{{_k_}} {{_v_}}\n" },
		{ ENGINE_JINJA, "# {{ x }} {% if y %}\nPort 1\n# {% endif %}\n",
		    "0|# {{_x_}}           \n1|Port 1\n1|#            \n1<0:1 " },
		{ ENGINE_JINJA, "{% raw %}\nPort {{ p }}\n{% endraw %}\n",
		    "0-|         \n0|Port {{ p }}\n0-|            \n" },
		{ ENGINE_JINJA, "User {{ '}}' }} {{ {'a': {'b': 1}}['a'] }}\n",
		    "0v|User {{__}}__}} {{_{_a___{_b___1}}__a___}}\n" },
		/* never closed: text */
		{ ENGINE_JINJA, "User {{ a\nPort 1\n{% if\n", "0|User {{ a\n0|Port 1\n0|{% if\n" },
		{ ENGINE_JINJA, "{% endif %}\n{% else %}\nPort 1\n", "0-|           \n0-|          \n0|Port 1\n" },
		{ ENGINE_GO,
		    "{{- if eq .os \"darwin\" }}\nPort 1\n{{- else if .x }}\nPort 2\n{{- end }}\nUser {{ .u }}\n",
		    "0-|                         \n1|Port 1\n1-|                 \n2|Port 2\n2-|          \n0v|User "
		    "{{_.u_}}\n"
		    "1<0:1 2<0:1 " },
		{ ENGINE_GO, "{{/* a\nb */}}\n{{ $x := 1 }}\n{{ range .l }}\nHost {{ . }}\n{{ end }}\n",
		    "0-|      \n0-|      \n0-|             \n0-|              \n1v|Host {{_._}}\n1-|         "
		    "\n1<0:1* " },
		{ ENGINE_GO, "{{ template \"x\" . }}\nPort 1\n", "0o|{{_template__x__._}}\n0|Port 1\n" },
		{ ENGINE_ERB, "<% if @x -%>\nPort <%= @p %>\n<% else -%>\nPort 2\n<% end -%>\n<%# no %>\n<%% x\n",
		    "0-|            \n1v|Port <____p__>\n1-|           \n2|Port 2\n2-|          \n0-|         \n0|<%% "
		    "x\n"
		    "1<0:1 2<0:1 " },
		{ ENGINE_ERB, "<% @l.each do |h| -%>\nHost <%= h %>\n<% end -%>\n<% x = 1 if y %>\nPort 1\n",
		    "0-|                     \n1v|Host <___h__>\n1-|          \n0-|                \n0|Port "
		    "1\n1<0:1* " },
		{ ENGINE_EPP,
		    "<%- | String $x = '{' | -%>\n<% if $x { -%>\nPort 1\n<% } else { -%>\nPort 2\n<% } -%>\nUser a\n",
		    "0-|                           \n0-|              \n1|Port 1\n1-|               \n2|Port 2\n"
		    "2-|        \n0|User a\n1<0:1 2<0:1 " },
		{ ENGINE_TERRAFORM, "Host ${ network }\n%{ if x }\nPort 1\n%{ endif }\nUser $${a}\n",
		    "0v|Host _{_network_}\n0-|         \n1|Port 1\n1-|          \n0|User $${a}\n1<0:1 " },
		{ ENGINE_MAKO, "## c\n% if x:\nPort ${p}\n% else:\nPort 2\n% endif\n",
		    "0|## c\n0-|       \n1v|Port _{p}\n1-|       \n2|Port 2\n2-|       \n1<0:1 2<0:1 " },
		{ ENGINE_AT, "Banner @sysconfdir@/b\nUser a@b.c\n", "0v|Banner _sysconfdir_/b\n0|User a@b.c\n" },
		{ ENGINE_AT, "Port __PORT__\nUser a__B__ __b__ __A_ __\n",
		    "0v|Port __PORT__\n0|User a__B__ __b__ __A_ __\n" },
		{ ENGINE_SHELL, "Port $P\nUser ${USER:-{}x}y\nPort $1 $\n$X\n",
		    "0v|Port _P\n0v|User _{USER__{}x}y\n0|Port $1 $\n0o|_X\n" },
		{ ENGINE_MAKO,
		    "<%def name=\"f(a='>')\">\nPort 1\n</%def>\n<%block>\nPort 2\n</%block>\n<%include "
		    "file='x'/>\nUser a\n",
		    "0-|                      \n1|Port 1\n1-|       \n0-|        \n0|Port 2\n0-|         \n"
		    "0o|<_include_file__x__>\n0|User a\n1<0:1 " },
		{ ENGINE_MAKO, "<%x = 1%>\n<%def never closed\nPort 1\n",
		    "0-|         \n0|<%def never closed\n0|Port 1\n" },
		{ ENGINE_JINJA, "Port {{ p }}", "0v|Port {{_p_}}\n" },
		{ ENGINE_JINJA, "", "" },
	};
	struct arena a = { 0 };
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct str got = shown(&a, row[i].engines, row[i].text);

		bad += !str_eqc(got, row[i].want);
		if (!str_eqc(got, row[i].want))
			print_error("row %zu:\n%.*s\nwanted\n%s\n", i, STR_ARG(got), row[i].want);
	}
	t_eq_u64(bad, 0);
	arena_release(&a);
}

/* A template and, beside it, one of the texts that may come of it. */
struct twin {
	struct buf template, text;
	uint64_t seed;
	unsigned depth;
};

static unsigned
roll(struct twin *t, unsigned n)
{
	t->seed = t->seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(t->seed >> 33) % n;
}

static void
both(struct twin *t, bool there, const char *line)
{
	buf_addc(&t->template, line);
	if (there)
		buf_addc(&t->text, line);
}

static void
line(struct twin *t, bool there)
{
	static const char *const words[] = { "ServerAliveInterval", "ServerAliveCountMax", "Port", "ControlPersist",
		"TCPKeepAlive" };
	static const char *const values[] = { "7", "9", "11", "13", "yes" };
	static const char *const hosts[] = { "a", "b", "*", "a b" };
	const char *word = words[roll(t, 4)], *value = values[roll(t, 4)];
	char literal[64];

	switch (roll(t, 8)) {
	case 0:
		snprintf(literal, sizeof literal, "Host %s\n", hosts[roll(t, 4)]);
		both(t, there, literal);
		break;
	case 1:
		buf_addc(&t->template, "Host {{ h }}\n");
		if (there)
			buf_addc(&t->text, "Host other\n");
		break;
	case 2:
		buf_addf(&t->template, "%s {{ v }}\n", word);
		if (there)
			buf_addf(&t->text, "%s %s\n", word, value);
		break;
	case 3:
		buf_addc(&t->template, "{{ anything }}\n");
		if (there && roll(t, 2) == 0)
			buf_addc(&t->text, roll(t, 3) == 0 ? "Host b\n" : "Port 99\n");
		break;
	default:
		snprintf(literal, sizeof literal, "%s %s\n", word, value);
		both(t, there, literal);
	}
}

static void
lines(struct twin *t, unsigned n, bool there)
{
	t->depth++;
	for (unsigned i = 0; i < n; i++) {
		bool yes = roll(t, 2) == 0;

		if (t->depth > 3 || roll(t, 4) != 0) {
			line(t, there);
			continue;
		}
		buf_addc(&t->template, "{% if x %}\n");
		lines(t, roll(t, 4), there && yes);
		if (roll(t, 2) == 0) {
			buf_addc(&t->template, "{% else %}\n");
			lines(t, roll(t, 4), there && !yes);
		}
		buf_addc(&t->template, "{% endif %}\n");
	}
	t->depth--;
}

static void
read_conf(struct conf *c, struct str text, const struct marks *m)
{
	struct conf_opts o = {
		.side = KW_CLIENT, .ver = { .n = VER(9, 2) }, .home = STR("~"), .etc_ssh = STR("/etc/ssh"), .marks = m
	};

	conf_init(c, &o);
	assert_int_equal(conf_add_bytes(c, &o, STR("t"), text, SOURCE_USER, NULL), SK_OK);
}

/* What is known of a template's values holds of each text that may come of it. */
static void
values_hold(void **state)
{
	static const char *const hosts[] = { "a", "b", "z" };
	static const enum kw_id ids[] = { KW_ID_SERVERALIVEINTERVAL, KW_ID_SERVERALIVECOUNTMAX, KW_ID_PORT,
		KW_ID_CONTROLPERSIST };
	static const struct client_env env = { .home = { "~", 1 } };
	size_t known = 0, unknown = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 3000; seed++) {
		struct twin t = { .seed = seed };
		struct arena a = { 0 };
		struct conf c, one;
		struct marks m;
		struct str masked;

		lines(&t, 1 + roll(&t, 8), true);
		masked = template_mark(&a, ENGINE_JINJA, TEMPLATE_WORDS, buf_str(&t.template), &m);
		read_conf(&c, masked, &m);
		read_conf(&one, buf_str(&t.text), NULL);
		for (size_t h = 0; h < sizeof hosts / sizeof *hosts; h++) {
			struct target who = { .host = str_c(hosts[h]) };
			struct effective ev, got;

			eff_client(&a, &c, &who, &env, EFF_LOSERS_ALL, &ev);
			eff_client(&a, &one, &who, &env, EFF_LOSERS_ALL, &got);
			for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
				const struct eff *x = eff_get(&ev, ids[i]), *y = eff_get(&got, ids[i]);

				unknown += x->state == EFF_UNKNOWN;
				known += x->state == EFF_SET;
				if (x->state != EFF_UNKNOWN && !str_eq(x->text, y->text)) {
					print_error("seed %u, host %s: %.*s and %.*s\n%.*s---\n%.*s", (unsigned)seed,
					    hosts[h], STR_ARG(x->text), STR_ARG(y->text), STR_ARG(buf_str(&t.template)),
					    STR_ARG(buf_str(&t.text)));
					fail();
				}
			}
		}
		conf_release(&c);
		conf_release(&one);
		arena_release(&a);
		buf_release(&t.template);
		buf_release(&t.text);
	}
	/* the templates are neither all riddles nor all plain */
	assert_true(known > 2000);
	assert_true(unknown > 2000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
		cmocka_unit_test(values_hold),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL) != 0;
}
