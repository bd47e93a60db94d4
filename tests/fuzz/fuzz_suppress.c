/* SPDX-License-Identifier: MIT */
/*
 * Any text as a file with comments that suppress findings, divided in each of the ways, and as a baseline: what is read
 * speaks of lines that are there, and is found again.
 */
#include "fuzz.h"

#include "rule/baseline.h"
#include "rule/suppress.h"

static struct str
line_of(struct str text, uint32_t no)
{
	struct str line = { 0 };

	while (no-- > 0)
		if (!str_split(&text, '\n', &line))
			return (struct str){ 0 };
	return line;
}

/* Blank, or with the first byte of some comment. */
static bool
may_be_passed(struct str line)
{
	size_t i = 0;

	while (i < line.n && strchr(" \t\r\f", line.p[i]) != NULL && line.p[i] != '\0')
		i++;
	return i == line.n || strchr("#;{<", line.p[i]) != NULL;
}

static void
check_one(const struct suppress_list *l, const struct suppress *s, struct str text)
{
	struct str line = line_of(text, s->at.line);

	FUZZ_CHECK(s->at.line > 0 && line.p != NULL, "line %u is not there", s->at.line);
	FUZZ_CHECK(s->at.off + s->at.len <= text.n, "%u + %u of %zu", s->at.off, s->at.len, text.n);
	FUZZ_CHECK(str_find(line, STR("sshkeep:")) != SIZE_MAX, "line %u says nothing", s->at.line);
	FUZZ_CHECK(s->reason.n <= SUPPRESS_TEXT_MAX_BYTES + 3, "%zu", s->reason.n);
	if (s->fault != NULL) {
		FUZZ_CHECK(s->n_item == 0, "%u codes count", s->n_item);
		return;
	}
	FUZZ_CHECK(s->n_item > 0 && s->n_item <= SUPPRESS_CODES_MAX, "%u", s->n_item);
	if (s->form != SUPPRESS_FILE) {
		FUZZ_CHECK(s->first > s->at.line && s->last >= s->first, "%u: %u-%u", s->at.line, s->first, s->last);
		FUZZ_CHECK(line_of(text, s->last).p != NULL, "%u is not there", s->last);
		for (uint32_t i = s->at.line + 1; i < s->first; i++)
			FUZZ_CHECK(may_be_passed(line_of(text, i)), "line %u was passed over", i);
	}
	for (uint32_t i = s->item; i < s->item + s->n_item; i++) {
		struct finding f = { .code = l->item[i].code };

		suppress_finding(l, s->form == SUPPRESS_FILE ? 0 : s->last, &f);
		FUZZ_CHECK(f.suppressed, "code %.*s of line %u", STR_ARG(f.code), s->at.line);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct arena a = { 0 };
	struct baseline b;
	struct err e = { 0 };

	for (unsigned kind = SUPPRESS_IN_SSH; kind <= SUPPRESS_IN_PARAGRAPHS; kind++) {
		struct suppress_list l;

		suppress_read(&a, text, (enum suppress_text)kind, &l);
		for (size_t i = 0; i < l.n; i++) {
			check_one(&l, &l.v[i], text);
			FUZZ_CHECK(i == 0 || l.v[i - 1].at.line < l.v[i].at.line, "%u", l.v[i].at.line);
		}
	}
	if (baseline_read(&a, STR("base"), text, &b, &e) == SK_OK)
		for (size_t i = 0; i < b.n; i++)
			FUZZ_CHECK(b.v[i].fingerprint.n == 32 && b.v[i].path.n > 0, "line %u", b.v[i].line);
	else
		FUZZ_CHECK(e.code == SK_ERULE && strncmp(e.msg, "base:", 5) == 0, "%s", e.msg);
	arena_release(&a);
	return 0;
}
