/* SPDX-License-Identifier: MIT */
/* From tables made at build time to what ini_read() gives. */
#include "base/ini_pack.h"

static struct str
text(const struct ini_pack *p, uint32_t at, size_t n)
{
	return (struct str){ (const char *)p->pool + at, n };
}

struct str
ini_pack_name(const struct ini_pack *p, size_t section)
{
	return text(p, p->section[section].name, p->section[section].name_n);
}

void
ini_unpack_section(struct arena *a, const struct ini_pack *p, size_t section, struct ini_section *ret)
{
	const struct ini_pack_section *s = &p->section[section];

	*ret = (struct ini_section){ .name = ini_pack_name(p, section), .line = s->line, .n = s->n };
	if (s->n == 0)
		return;
	ret->entry = ARENA_ARRAY(a, struct ini_entry, s->n);
	for (size_t i = 0; i < s->n; i++) {
		const struct ini_pack_entry *e = &p->entry[s->first + i];

		ret->entry[i] = (struct ini_entry){
			.key = text(p, e->key, e->key_n), .value = text(p, e->value, e->value_n), .line = e->line
		};
	}
}

void
ini_unpack(struct arena *a, const struct ini_pack *p, struct ini *ret)
{
	*ret = (struct ini){ .file = str_c(p->file), .n = p->n };
	if (p->n == 0)
		return;
	ret->section = ARENA_ARRAY(a, struct ini_section, p->n);
	for (size_t i = 0; i < p->n; i++)
		ini_unpack_section(a, p, i, &ret->section[i]);
}

struct str
ini_pack_get(const struct ini_pack *p, size_t section, struct str key)
{
	const struct ini_pack_section *s = &p->section[section];

	for (size_t i = 0; i < s->n; i++) {
		const struct ini_pack_entry *e = &p->entry[s->first + i];

		if (str_eq(text(p, e->key, e->key_n), key))
			return text(p, e->value, e->value_n);
	}
	return STR("");
}
