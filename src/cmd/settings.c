/* SPDX-License-Identifier: MIT */
/* Settings of a site: reading the INI file, one function a kind of section. */
#include "cmd/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/ini.h"
#include "base/mem.h"
#include "base/num.h"
#include "conf/pattern.h"

struct load {
	struct arena *arena;
	struct settings *settings;
	struct networks *networks;
	struct policies *policies;
	struct str file;
	struct err *e;
};

static enum sk_code
bad(const struct load *ld, unsigned line, const char *what, struct str text)
{
	struct buf shown = { 0 };
	enum sk_code code;

	buf_add_escaped(&shown, str_head(text, 80));
	code = err_set(ld->e, SK_ERULE, "%.*s:%u: %s%.*s", STR_ARG(ld->file), line, what, STR_ARG(buf_str(&shown)));
	buf_release(&shown);
	return code;
}

static enum sk_code
check_time(const struct load *ld, const struct ini_entry *en)
{
	double s;

	if (num_time(en->value, &s, NULL) != SK_OK)
		return bad(ld, en->line, "not a time: ", en->value);
	return SK_OK;
}

/* Keys that only store their text: a table row each, by offset into the struct. */
struct key_row {
	const char *key;
	size_t off;
	bool is_time;
};

static enum sk_code
take_keys(const struct load *ld, const struct ini_section *s, const struct key_row *row, size_t n, void *base)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct ini_entry *en = &s->entry[i];
		enum sk_code code;
		struct str *at;
		size_t k = 0;

		while (k < n && !str_eqc(en->key, row[k].key))
			k++;
		if (k == n)
			return bad(ld, en->line, "unknown key ", en->key);
		if (row[k].is_time && (code = check_time(ld, en)) != SK_OK)
			return code;
		at = (void *)((char *)base + row[k].off);
		if (at->p == NULL)
			*at = arena_str(ld->arena, en->value);
	}
	return SK_OK;
}

static enum sk_code
take_policy(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = { { "name", offsetof(struct settings, policy), false } };

	(void)rest;
	return take_keys(ld, s, row, sizeof row / sizeof *row, ld->settings);
}

static enum sk_code
take_networks(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = {
		{ "cross", offsetof(struct settings, cross), false },
		{ "path_timeout", offsetof(struct settings, path_timeout), true },
	};

	(void)rest;
	return take_keys(ld, s, row, sizeof row / sizeof *row, ld->settings);
}

static enum sk_code
take_hosts(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = {
		{ "network", offsetof(struct host_setting, network), false },
		{ "path_timeout", offsetof(struct host_setting, path_timeout), true },
		{ "policy", offsetof(struct host_setting, policy), false },
	};
	struct host_setting h = { .pattern = arena_str(ld->arena, rest) };
	enum sk_code code;

	if (rest.n == 0)
		return bad(ld, s->line, "[hosts] needs a pattern list", rest);
	code = take_keys(ld, s, row, sizeof row / sizeof *row, &h);
	if (code != SK_OK)
		return code;
	MEM_GROW(ld->settings->host, ld->settings->cap_host, ld->settings->n_host + 1);
	ld->settings->host[ld->settings->n_host++] = h;
	return SK_OK;
}

static enum sk_code
take_rule(const struct load *ld, const struct ini_entry *en)
{
	struct rule_setting r = { .code = arena_str(ld->arena, en->key) };
	int level = -1;

	if (!str_starts(en->key, STR("SK")))
		return bad(ld, en->line, "unknown key ", en->key);
	for (int l = LEVEL_NOTE; l <= LEVEL_ERROR; l++)
		if (str_eqc(en->value, level_name((enum level)l)))
			level = l;
	r.off = str_eqc(en->value, "off");
	if (level < 0 && !r.off)
		return bad(ld, en->line, "not a level (error, warning, note, off): ", en->value);
	r.level = level < 0 ? LEVEL_NOTE : (enum level)level;
	MEM_GROW(ld->settings->rule, ld->settings->cap_rule, ld->settings->n_rule + 1);
	ld->settings->rule[ld->settings->n_rule++] = r;
	return SK_OK;
}

static enum sk_code
take_rules(const struct load *ld, const struct ini_section *s, struct str rest)
{
	(void)rest;
	for (size_t i = 0; i < s->n; i++) {
		const struct ini_entry *en = &s->entry[i];
		enum sk_code code = SK_OK;

		if (str_eqc(en->key, "select")) {
			if (ld->settings->select.p == NULL)
				ld->settings->select = arena_str(ld->arena, en->value);
		} else if (str_eqc(en->key, "ignore")) {
			if (ld->settings->ignore.p == NULL)
				ld->settings->ignore = arena_str(ld->arena, en->value);
		} else {
			code = take_rule(ld, en);
		}
		if (code != SK_OK)
			return code;
	}
	return SK_OK;
}

/*
 * A box or policy of one's own, handed to its own loader.  Empty lines are put in front so that the loader's
 * messages name the line of the settings file.
 */
static struct str
as_text(const struct load *ld, const struct ini_section *s, struct str name)
{
	struct buf b = { 0 };
	struct str out;
	unsigned line = 1;

	for (; line < s->line; line++)
		buf_addch(&b, '\n');
	buf_addf(&b, "[%.*s]\n", STR_ARG(name));
	line++;
	for (size_t i = 0; i < s->n; i++) {
		struct str rest = s->entry[i].value, part;
		bool first = true;

		for (; line < s->entry[i].line; line++)
			buf_addch(&b, '\n');
		buf_addf(&b, "%.*s = ", STR_ARG(s->entry[i].key));
		while (str_split(&rest, '\n', &part)) {
			if (!first)
				buf_addc(&b, "    ");
			first = false;
			buf_add(&b, part);
			buf_addch(&b, '\n');
			line++;
		}
		if (first) {
			buf_addch(&b, '\n');
			line++;
		}
	}
	out = arena_str(ld->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static enum sk_code
take_own_network(const struct load *ld, const struct ini_section *s, struct str name)
{
	return network_load(ld->arena, ld->networks, ld->file, as_text(ld, s, name), ld->e);
}

static enum sk_code
take_own_policy(const struct load *ld, const struct ini_section *s, struct str name)
{
	return policy_load(ld->arena, ld->policies, ld->file, as_text(ld, s, name), ld->e);
}

static const struct {
	const char *word;
	bool named; /* the section name goes on behind a blank */
	enum sk_code (*take)(const struct load *ld, const struct ini_section *s, struct str rest);
} section_table[] = {
	{ "policy", false, take_policy },
	{ "policy", true, take_own_policy },
	{ "networks", false, take_networks },
	{ "network", true, take_own_network },
	{ "hosts", true, take_hosts },
	{ "rules", false, take_rules },
};

enum sk_code
settings_load(struct arena *a, struct str file, struct str text, struct settings *s, struct networks *n,
    struct policies *p, struct err *e)
{
	struct load ld = { .arena = a, .settings = s, .networks = n, .policies = p, .file = file, .e = e };
	struct ini ini = { 0 };
	enum sk_code code = ini_read(a, file, text, &ini, e);

	for (size_t i = 0; code == SK_OK && i < ini.n; i++) {
		const struct ini_section *sec = &ini.section[i];
		size_t blank = str_chr(sec->name, ' ', 0), k = 0, rows = sizeof section_table / sizeof *section_table;
		struct str word = str_head(sec->name, blank == SIZE_MAX ? sec->name.n : blank);
		struct str rest = str_trim(str_from(sec->name, word.n));

		while (k < rows && !(str_eqc(word, section_table[k].word) && section_table[k].named == (rest.n > 0)))
			k++;
		if (k == rows)
			return bad(&ld, sec->line, "unknown section ", sec->name);
		code = section_table[k].take(&ld, sec, rest);
	}
	return code;
}

const struct host_setting *
settings_host(const struct settings *s, struct str host)
{
	for (size_t i = 0; i < s->n_host; i++)
		if (pattern_list(host, s->host[i].pattern, true) == 1)
			return &s->host[i];
	return NULL;
}

void
settings_release(struct settings *s)
{
	free(s->rule);
	free(s->host);
	memset(s, 0, sizeof *s);
}
