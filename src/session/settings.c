/* SPDX-License-Identifier: MIT */
/* Settings of a site: reading the INI file, one function a kind of section. */
#include "session/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/glob.h"
#include "base/ini.h"
#include "base/mem.h"
#include "base/num.h"
#include "conf/pattern.h"
#include "tree/template.h"

const char *const settings_kind[FILES_KIND_MAX_] = {
	[FILES_CLIENT] = "client",
	[FILES_CLIENT_SYSTEM] = "client-system",
	[FILES_CLIENT_DROPIN] = "client-dropin",
	[FILES_CLIENT_PART] = "client-part",
	[FILES_SERVER] = "server",
	[FILES_SERVER_DROPIN] = "server-dropin",
	[FILES_SERVER_PART] = "server-part",
	[FILES_SYSCTL] = "sysctl",
	[FILES_PROFILE] = "profile",
	[FILES_UNIT] = "unit",
	[FILES_SCRIPT] = "script",
	[FILES_COMPOSE] = "compose",
	[FILES_CRONTAB] = "crontab",
	[FILES_NONE] = "none",
};

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

/* What the text of a key must be. */
enum key_type { KEY_TEXT, KEY_TIME, KEY_RELEASE, KEY_NETWORKS, KEY_POLICY, KEY_CODES };

static void
add_ref(const struct load *ld, enum setting_names what, struct str text, unsigned line)
{
	struct settings *s = ld->settings;

	MEM_GROW(s->ref, s->cap_ref, s->n_ref + 1);
	s->ref[s->n_ref++] = (struct setting_ref){ .what = what, .text = text, .file = ld->file, .line = line };
}

static enum sk_code
check_value(const struct load *ld, const struct ini_entry *en, enum key_type type, struct str value)
{
	static const enum setting_names names[] = {
		[KEY_NETWORKS] = SETTING_NETWORKS, [KEY_POLICY] = SETTING_POLICY, [KEY_CODES] = SETTING_CODES
	};
	struct ver ver;
	double s;

	switch (type) {
	case KEY_TEXT:
		break;
	case KEY_TIME:
		if (num_time(value, &s, NULL) != SK_OK)
			return bad(ld, en->line, "not a time: ", value);
		if (s <= 0)
			return bad(
			    ld, en->line, "a path that forgets at once carries nothing (none means never): ", value);
		break;
	case KEY_RELEASE:
		if (ver_parse(value, &ver, NULL) != SK_OK)
			return bad(ld, en->line, "not a release of OpenSSH, 6.6 or later: ", value);
		break;
	case KEY_NETWORKS:
	case KEY_POLICY:
	case KEY_CODES:
		add_ref(ld, names[type], value, en->line);
		break;
	}
	return SK_OK;
}

/* Keys that only store their text: a table row each, by offset into the struct. */
struct key_row {
	const char *key;
	size_t off;
	enum key_type type;
};

/* *ret_known: the key is a row's.  What stands there already stays. */
static enum sk_code
take_key(
    const struct load *ld, const struct ini_entry *en, const struct key_row *row, size_t n, void *base, bool *ret_known)
{
	struct str *at;
	size_t k = 0;

	while (k < n && !str_eqc(en->key, row[k].key))
		k++;
	*ret_known = k < n;
	if (k == n)
		return SK_OK;
	at = (void *)((char *)base + row[k].off);
	if (at->p != NULL)
		return SK_OK;
	*at = arena_str(ld->arena, en->value);
	return check_value(ld, en, row[k].type, *at);
}

static enum sk_code
take_keys(const struct load *ld, const struct ini_section *s, const struct key_row *row, size_t n, void *base)
{
	for (size_t i = 0; i < s->n; i++) {
		bool known;
		enum sk_code code = take_key(ld, &s->entry[i], row, n, base, &known);

		if (code != SK_OK)
			return code;
		if (!known)
			return bad(ld, s->entry[i].line, "unknown key ", s->entry[i].key);
	}
	return SK_OK;
}

static enum sk_code
take_policy(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = { { "name", offsetof(struct settings, policy), KEY_POLICY } };

	(void)rest;
	return take_keys(ld, s, row, sizeof row / sizeof *row, ld->settings);
}

static enum sk_code
take_networks(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = {
		{ "cross", offsetof(struct settings, cross), KEY_NETWORKS },
		{ "path_timeout", offsetof(struct settings, path_timeout), KEY_TIME },
	};

	(void)rest;
	return take_keys(ld, s, row, sizeof row / sizeof *row, ld->settings);
}

static enum sk_code
take_hosts(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = {
		{ "network", offsetof(struct host_setting, network), KEY_NETWORKS },
		{ "path_timeout", offsetof(struct host_setting, path_timeout), KEY_TIME },
		{ "policy", offsetof(struct host_setting, policy), KEY_POLICY },
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

/* CODE = LEVEL */
static enum sk_code
read_level(const struct load *ld, const struct ini_entry *en, struct rule_setting *ret)
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
	add_ref(ld, SETTING_CODES, r.code, en->line);
	*ret = r;
	return SK_OK;
}

static enum sk_code
take_rules(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = {
		{ "select", offsetof(struct settings, select), KEY_CODES },
		{ "ignore", offsetof(struct settings, ignore), KEY_CODES },
	};
	struct settings *to = ld->settings;

	(void)rest;
	for (size_t i = 0; i < s->n; i++) {
		struct rule_setting r;
		bool known;
		enum sk_code code = take_key(ld, &s->entry[i], row, sizeof row / sizeof *row, to, &known);

		if (code == SK_OK && !known)
			code = read_level(ld, &s->entry[i], &r);
		if (code != SK_OK)
			return code;
		if (known)
			continue;
		MEM_GROW(to->rule, to->cap_rule, to->n_rule + 1);
		to->rule[to->n_rule++] = r;
	}
	return SK_OK;
}

static enum sk_code
take_lint(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = { { "openssh", offsetof(struct settings, openssh), KEY_RELEASE } };

	(void)rest;
	return take_keys(ld, s, row, sizeof row / sizeof *row, ld->settings);
}

static enum sk_code
read_kind(const struct load *ld, const struct ini_entry *en, enum files_kind *ret)
{
	struct buf all = { 0 };
	enum sk_code code;

	for (unsigned k = FILES_UNSAID + 1; k < FILES_KIND_MAX_; k++)
		if (str_eqc(en->value, settings_kind[k])) {
			*ret = (enum files_kind)k;
			return SK_OK;
		}
	for (unsigned k = FILES_UNSAID + 1; k < FILES_KIND_MAX_; k++)
		buf_addf(&all, "%s%s", k > FILES_UNSAID + 1 ? ", " : "no kind of file (", settings_kind[k]);
	buf_addc(&all, "): ");
	buf_addch(&all, '\0');
	code = bad(ld, en->line, all.p, en->value);
	buf_release(&all);
	return code;
}

static enum sk_code
read_engine(const struct load *ld, const struct ini_entry *en, unsigned *ret)
{
	*ret = template_engine(en->value);
	if (*ret != 0)
		return SK_OK;
	return bad(
	    ld, en->line, "no kind of template (jinja, go, erb, epp, mako, terraform, at, shell, none): ", en->value);
}

static enum sk_code
take_files(const struct load *ld, const struct ini_section *s, struct str rest)
{
	static const struct key_row row[] = {
		{ "paths", offsetof(struct file_setting, paths), KEY_TEXT },
		{ "openssh", offsetof(struct file_setting, openssh), KEY_RELEASE },
		{ "network", offsetof(struct file_setting, network), KEY_NETWORKS },
		{ "path_timeout", offsetof(struct file_setting, path_timeout), KEY_TIME },
		{ "policy", offsetof(struct file_setting, policy), KEY_POLICY },
		{ "select", offsetof(struct file_setting, select), KEY_CODES },
		{ "ignore", offsetof(struct file_setting, ignore), KEY_CODES },
	};
	struct file_setting f = { .rule = ARENA_ARRAY(ld->arena, struct rule_setting, s->n + 1) };
	struct settings *to = ld->settings;

	for (size_t i = 0; i < s->n; i++) {
		const struct ini_entry *en = &s->entry[i];
		bool known;
		enum sk_code code = take_key(ld, en, row, sizeof row / sizeof *row, &f, &known);

		if (code == SK_OK && !known && str_eqc(en->key, "kind"))
			code = read_kind(ld, en, &f.kind);
		else if (code == SK_OK && !known && str_eqc(en->key, "template"))
			code = read_engine(ld, en, &f.engine);
		else if (code == SK_OK && !known)
			code = read_level(ld, en, &f.rule[f.n_rule++]);
		if (code != SK_OK)
			return code;
	}
	if (f.paths.p == NULL)
		f.paths = arena_str(ld->arena, rest);
	MEM_GROW(to->files, to->cap_files, to->n_files + 1);
	to->files[to->n_files++] = f;
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
	{ "lint", false, take_lint },
	{ "files", true, take_files },
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

/* Does one of the patterns, separated by commas or lines, name the path itself? */
static bool
in_paths(struct str paths, struct str path, bool is_folder, uint64_t *io_left)
{
	struct str line, part;

	while (str_split(&paths, '\n', &line))
		while (str_split(&line, ',', &part)) {
			part = str_trim(part);
			if (part.n > 0 && glob_names(part, path, is_folder, io_left))
				return true;
		}
	return false;
}

/* The levels of the memo that are folders above path stay. */
static void
keep_above(struct settings_memo *m, struct str path)
{
	size_t same = 0;

	while (same < m->folder.n && same < path.n && m->folder.p[same] == path.p[same])
		same++;
	while (m->n > 0 && m->end[m->n - 1] > same)
		m->n--;
	m->folder.n = m->n > 0 ? m->end[m->n - 1] : 0;
}

/* One level more: the folder that the first bytes of path are, slash included. */
static void
add_level(const struct settings *s, struct settings_memo *m, struct str path, size_t bytes)
{
	bool *own;

	MEM_GROW(m->covers, m->cap_covers, (m->n + 1) * s->n_files);
	MEM_GROW(m->end, m->cap_end, m->n + 1);
	own = m->covers + m->n * s->n_files;
	for (size_t i = 0; i < s->n_files; i++)
		own[i] = (m->n > 0 && own[i - s->n_files]) ||
		    in_paths(s->files[i].paths, str_head(path, bytes - 1), true, m->left);
	buf_add(&m->folder, str_head(str_from(path, m->folder.n), bytes - m->folder.n));
	m->end[m->n++] = bytes;
}

/* The rules that a list of codes and prefixes names get bit. */
static void
mark_listed(const struct ruleset *rs, struct str list, uint8_t bit, uint8_t *says)
{
	struct str part;

	while (str_split(&list, ',', &part)) {
		part = str_trim(part);
		for (size_t i = 0; i < rs->n && part.n > 0; i++)
			if (str_starts(rule_code(rs->v[i]), part))
				says[i] |= bit;
	}
}

/* The first level that names a rule decides. */
static void
mark_levels(const struct ruleset *rs, const struct rule_setting *v, size_t n, uint8_t *says)
{
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < rs->n; i++)
			if ((says[i] & (SETTING_OFF | SETTING_LEVEL)) == 0 &&
			    str_starts(rule_code(rs->v[i]), v[k].code))
				says[i] |= v[k].off ?
				    SETTING_OFF :
				    (uint8_t)(SETTING_LEVEL | (unsigned)v[k].level << SETTING_LEVEL_SHIFT);
}

void
settings_compile(struct settings *s, const struct ruleset *rs, struct arena *a)
{
	s->n_says = rs->n;
	s->says = ARENA_ARRAY(a, uint8_t, rs->n + 1);
	mark_listed(rs, s->select, SETTING_SELECTED, s->says);
	mark_listed(rs, s->ignore, SETTING_IGNORED, s->says);
	mark_levels(rs, s->rule, s->n_rule, s->says);
	for (size_t i = 0; i < s->n_files; i++) {
		struct file_setting *f = &s->files[i];

		if (f->select.p == NULL && f->ignore.p == NULL && f->n_rule == 0)
			continue;
		f->says = ARENA_ARRAY(a, uint8_t, rs->n + 1);
		mark_listed(rs, f->select, SETTING_SELECTED, f->says);
		mark_listed(rs, f->ignore, SETTING_IGNORED, f->says);
		mark_levels(rs, f->rule, f->n_rule, f->says);
	}
}

/* What a section says goes before what earlier ones said, and what it ignores adds up. */
static void
overlay(struct file_setting *to, const struct file_setting *from, size_t n)
{
	const struct {
		struct str *to, from;
	} text[] = { { &to->openssh, from->openssh }, { &to->network, from->network },
		{ &to->path_timeout, from->path_timeout }, { &to->policy, from->policy },
		{ &to->select, from->select } };
	const unsigned decided = SETTING_OFF | SETTING_LEVEL;

	for (size_t i = 0; i < sizeof text / sizeof *text; i++)
		if (text[i].from.p != NULL)
			*text[i].to = text[i].from;
	if (from->kind != FILES_UNSAID)
		to->kind = from->kind;
	if (from->engine != 0)
		to->engine = from->engine;
	for (size_t i = 0; i < n && from->says != NULL; i++) {
		unsigned was = to->says[i], now = from->says[i];
		unsigned level = (now & decided) != 0 ? now : was;
		unsigned selected = from->select.p != NULL ? now : was;

		to->says[i] = (uint8_t)((level & ~(unsigned)(SETTING_SELECTED | SETTING_IGNORED)) |
		    (selected & SETTING_SELECTED) | ((was | now) & SETTING_IGNORED));
	}
}

/* The folders above path; what each section says of them, or NULL: there are none. */
static const bool *
above(const struct settings *s, struct settings_memo *m, struct str path)
{
	size_t slash;

	keep_above(m, path);
	for (size_t at = m->folder.n; (slash = str_chr(path, '/', at)) != SIZE_MAX; at = slash + 1)
		add_level(s, m, path, slash + 1);
	return m->n > 0 ? m->covers + (m->n - 1) * s->n_files : NULL;
}

void
settings_file(
    const struct settings *s, struct settings_memo *m, struct str path, uint8_t *rules, struct file_setting *ret)
{
	const bool *up = s->n_files > 0 ? above(s, m, path) : NULL;

	*ret = (struct file_setting){ .says = rules };
	memset(rules, 0, s->n_says);
	for (size_t i = 0; i < s->n_files; i++)
		if ((up != NULL && up[i]) || in_paths(s->files[i].paths, path, false, m->left))
			overlay(ret, &s->files[i], s->n_says);
}

enum files_kind
settings_file_kind(const struct settings *s, struct settings_memo *m, struct str path)
{
	const bool *up = s->n_files > 0 ? above(s, m, path) : NULL;

	for (size_t i = s->n_files; i-- > 0;)
		if (s->files[i].kind != FILES_UNSAID &&
		    ((up != NULL && up[i]) || in_paths(s->files[i].paths, path, false, m->left)))
			return s->files[i].kind;
	return FILES_UNSAID;
}

unsigned
settings_file_engine(const struct settings *s, struct settings_memo *m, struct str path)
{
	const bool *up = s->n_files > 0 ? above(s, m, path) : NULL;

	for (size_t i = s->n_files; i-- > 0;)
		if (s->files[i].engine != 0 &&
		    ((up != NULL && up[i]) || in_paths(s->files[i].paths, path, false, m->left)))
			return s->files[i].engine;
	return 0;
}

void
settings_memo_release(struct settings_memo *m)
{
	buf_release(&m->folder);
	free(m->end);
	free(m->covers);
	*m = (struct settings_memo){ .left = m->left };
}

/* The first part of a list that names nothing; false: all do. */
static bool
names_nothing(const struct setting_ref *ref, const struct networks *n, const struct policies *p,
    const struct ruleset *rs, struct str *ret)
{
	struct str rest = ref->text, part;

	while (str_split(&rest, ',', &part)) {
		bool known = false;

		part = str_trim(part);
		switch (ref->what) {
		case SETTING_NETWORKS:
			known = part.n == 0 || network_find(n, part) != NULL;
			break;
		case SETTING_POLICY:
			known = policy_find(p, part) != NULL;
			break;
		case SETTING_CODES:
			known = ruleset_has(rs, part);
			break;
		}
		*ret = part;
		if (!known)
			return true;
	}
	return false;
}

enum sk_code
settings_check(const struct settings *s, const struct networks *n, const struct policies *p, const struct ruleset *rs,
    struct err *e)
{
	static const char *const why[] = {
		[SETTING_NETWORKS] = "no network is called that (networks.ini lists them): ",
		[SETTING_POLICY] = "no policy is called that: ",
		[SETTING_CODES] = "no rule's code starts with that: ",
	};

	for (size_t i = 0; i < s->n_ref; i++) {
		const struct setting_ref *ref = &s->ref[i];
		const struct load ld = { .file = ref->file, .e = e };
		struct str what;

		if (names_nothing(ref, n, p, rs, &what))
			return bad(&ld, ref->line, why[ref->what], what);
	}
	return SK_OK;
}

void
settings_release(struct settings *s)
{
	free(s->rule);
	free(s->host);
	free(s->files);
	free(s->ref);
	memset(s, 0, sizeof *s);
}
