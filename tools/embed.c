/* SPDX-License-Identifier: MIT */
/* At build time: reads the INI files named as arguments and prints them as tables of C (see src/base/ini_pack.h). */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini.h"

/* Texts of one file, one behind the other. */
static struct buf pool;

static uint32_t
place(struct str s)
{
	size_t at = pool.n > 0 ? str_find(buf_str(&pool), s) : SIZE_MAX;

	if (at == SIZE_MAX) {
		at = pool.n;
		buf_add(&pool, s);
	}
	return (uint32_t)at;
}

static bool
read_whole(const char *path, struct buf *ret)
{
	char block[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	bool good;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		buf_add(ret, (struct str){ block, n });
	good = ferror(f) == 0;
	return fclose(f) == 0 && good;
}

static void
print_entries(unsigned file, const struct ini *ini)
{
	printf("static const struct ini_pack_entry entry_%u[] = {\n", file);
	for (size_t i = 0; i < ini->n; i++)
		for (size_t k = 0; k < ini->section[i].n; k++) {
			const struct ini_entry *e = &ini->section[i].entry[k];

			printf("\t{ %uu, %uu, %zuu, %zuu, %uu },\n", place(e->key), place(e->value), e->value.n,
			    e->key.n, e->line);
		}
	printf("\t{ 0, 0, 0, 0, 0 },\n};\n");
}

static void
print_sections(unsigned file, const struct ini *ini)
{
	size_t first = 0;

	printf("static const struct ini_pack_section section_%u[] = {\n", file);
	for (size_t i = 0; i < ini->n; i++) {
		const struct ini_section *s = &ini->section[i];

		printf("\t{ %uu, %zuu, %zuu, %zuu, %uu },\n", place(s->name), first, s->name.n, s->n, s->line);
		first += s->n;
	}
	printf("\t{ 0, 0, 0, 0, 0 },\n};\n");
}

static void
print_pool(unsigned file)
{
	printf("static const unsigned char pool_%u[] = {", file);
	for (size_t i = 0; i < pool.n; i++)
		printf("%s%u,", i % 20 == 0 ? "\n\t" : "", (unsigned char)pool.p[i]);
	printf("0 };\n");
}

/* The tables hold lines and counts in 16 bits. */
static bool
fits(const struct ini *ini)
{
	for (size_t i = 0; i < ini->n; i++) {
		const struct ini_section *s = &ini->section[i];

		if (s->n > UINT16_MAX || s->line > UINT16_MAX || (s->n > 0 && s->entry[s->n - 1].line > UINT16_MAX))
			return false;
	}
	return true;
}

static bool
embed(unsigned file, const char *path, size_t *ret_sections)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct ini ini = { 0 };
	struct err e = { 0 };
	bool good = false;

	buf_clear(&pool);
	if (!read_whole(path, &text))
		fprintf(stderr, "%s: cannot be read\n", path);
	else if (ini_read(&a, str_c(path), buf_str(&text), &ini, &e) != SK_OK)
		fprintf(stderr, "%s\n", e.msg);
	else if (!fits(&ini))
		fprintf(stderr, "%s: too long\n", path);
	else
		good = true;
	if (good) {
		print_entries(file, &ini);
		print_sections(file, &ini);
		print_pool(file);
		*ret_sections = ini.n;
	}
	buf_release(&text);
	arena_release(&a);
	return good;
}

int
main(int argc, char **argv)
{
	struct buf rows = { 0 };
	int status = 0;

	printf("/* Made by tools/embed.c; do not edit. */\n#include \"cli/embedded.h\"\n\n");
	for (int i = 1; i < argc && status == 0; i++) {
		const char *slash = strrchr(argv[i], '/');
		size_t sections = 0;

		if (!embed((unsigned)i, argv[i], &sections))
			status = 1;
		buf_addf(&rows, "\t{ \"%s\", pool_%d, section_%d, entry_%d, %zu },\n",
		    slash != NULL ? slash + 1 : argv[i], i, i, i, sections);
	}
	printf("\nconst struct ini_pack embedded_files[] = {\n%.*s\t{ 0, 0, 0, 0, 0 },\n};\n", STR_ARG(buf_str(&rows)));
	buf_release(&rows);
	buf_release(&pool);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		status = 1;
	return status;
}
