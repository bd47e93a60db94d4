/* SPDX-License-Identifier: MIT */
/* Every name of the rule language stands in sshkeep-rules(5). */
#include "t.h"

#include <stdio.h>

#include "base/mem.h"
#include "rule/rule.h"

static void
every_name_is_documented(void **state)
{
	FILE *f = fopen("man/sshkeep-rules.5", "r");
	struct buf page = { 0 };
	char line[512];

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		buf_addc(&page, line);
	fclose(f);
	for (size_t i = 0; i < vars_count(); i++) {
		const char *name;
		enum xtype type;

		vars_describe(i, &name, &type);
		if (str_find(buf_str(&page), str_c(name)) == SIZE_MAX) {
			print_error("man/sshkeep-rules.5 does not name %s\n", name);
			fail();
		}
	}
	for (size_t i = 0; i < FACT_MAX_; i++)
		assert_true(str_find(buf_str(&page), str_c(fact_table[i].name)) != SIZE_MAX);
	buf_release(&page);
}

int
main(void)
{
	const struct CMUnitTest vars[] = { cmocka_unit_test(every_name_is_documented) };

	return cmocka_run_group_tests(vars, NULL, NULL) != 0;
}
