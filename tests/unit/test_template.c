/* SPDX-License-Identifier: MIT */
/* Templates: what is masked, which lines are there only sometimes, and what becomes of both in a configuration. */
#include "tree/template.h"

#include "base/buf.h"
#include "eval/effective.h"
#include "t.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests_name("template", tests, NULL, NULL) != 0;
}
