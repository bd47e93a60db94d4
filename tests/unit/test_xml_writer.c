/* SPDX-License-Identifier: MIT */
/* The XML writer: what it escapes, and how it breaks lines.  xmllint reads what it makes in tests/formats. */
#include "t.h"

#include <stdio.h>

#include "report/xml_writer.h"

static void
expect(struct str text, const char *as_text, const char *as_attr)
{
	struct buf b = { 0 };
	struct xml x = { .b = &b };
	char want[256];

	xml_open(&x, "a");
	xml_attr(&x, "k", text);
	xml_text(&x, text);
	xml_close(&x);
	snprintf(want, sizeof want, "<a k=\"%s\">%s</a>\n", as_attr, as_text);
	t_eq_str(buf_str(&b), want);
	buf_release(&b);
}

static void
escapes(void **state)
{
	(void)state;
	expect(STR("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;'", "a&lt;b&gt;&amp;&quot;'");
	expect(STR("]]>"), "]]&gt;", "]]&gt;");
	expect(STR("a\tb\nc\rd"), "a&#x9;b\nc&#xD;d", "a&#x9;b&#xA;c&#xD;d");
	expect(STR("\x1b\x00\x7f"), "\\x1B\\x00&#x7F;", "\\x1B\\x00&#x7F;");
	expect(STR("\xff\xc3(\xed\xa0\x80"), "\\xFF\\xC3(\\xED\\xA0\\x80", "\\xFF\\xC3(\\xED\\xA0\\x80");
	expect(STR("\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd"), "\\u{FFFE}\\u{FFFF}\xef\xbf\xbd",
	    "\\u{FFFE}\\u{FFFF}\xef\xbf\xbd");
	expect(STR("\xe2\x80\xae\xc2\x9b\xf0\x9f\x98\x80"), "&#x202E;&#x9B;\xf0\x9f\x98\x80",
	    "&#x202E;&#x9B;\xf0\x9f\x98\x80");
	expect(STR("##[error]"), "#&#x23;[error]", "#&#x23;[error]");
}

static void
lines(void **state)
{
	struct buf b = { 0 };
	struct xml x = { .b = &b };

	(void)state;
	xml_open(&x, "a");
	xml_void(&x, "v");
	xml_attrf(&x, "n", "%d", 1);
	xml_open(&x, "b");
	xml_close(&x);
	xml_open(&x, "c");
	xml_text(&x, STR("t"));
	xml_close(&x);
	xml_void(&x, "w");
	xml_close(&x);
	t_eq_str(buf_str(&b), "<a>\n  <v n=\"1\"/>\n  <b></b>\n  <c>t</c>\n  <w/>\n</a>\n");
	buf_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes),
		cmocka_unit_test(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
