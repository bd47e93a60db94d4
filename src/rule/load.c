/* SPDX-License-Identifier: MIT */
/* Rule files to compiled rules: one row of keys[] per key, refused with file and line when anything is off. */
#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "base/mem.h"
#include "rule/rule.h"

/* One section being read. */
struct section {
	struct ruleset *rs;
	struct str file;
	const struct ini_section *ini;
	struct rule *rule;
	struct vars_scope scope;
	struct xnames names;
	struct err *err;
};

static enum sk_code
fail(const struct section *s, unsigned line, const char *why, struct str word)
{
	return err_set(s->err, SK_ERULE, "%.*s:%u: %s%.*s", STR_ARG(s->file), line, why, STR_ARG(word));
}

/* Continuation lines of a text are one paragraph. */
static struct str
one_line(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	struct str rest = s, part, out;

	while (str_split(&rest, '\n', &part)) {
		if (b.n > 0)
			buf_addch(&b, ' ');
		buf_add(&b, str_trim(part));
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* A reason that knows nothing of files gets this line in front. */
static enum sk_code
placed(const struct section *s, unsigned line, enum sk_code code, const struct err *why)
{
	if (code == SK_OK)
		return SK_OK;
	return err_set(s->err, SK_ERULE, "%.*s:%u: %s", STR_ARG(s->file), line, why->msg);
}

static enum sk_code
word_of(const struct section *s, const struct ini_entry *e, const char *const *words, const char *what, unsigned *ret)
{
	for (unsigned i = 0; words[i] != NULL; i++)
		if (str_eqc(e->value, words[i])) {
			*ret = i;
			return SK_OK;
		}
	return fail(s, e->line, what, e->value);
}

static enum sk_code
key_side(struct section *s, const struct ini_entry *e)
{
	static const char *const words[] = { "client", "server", "both", "host", NULL };
	unsigned i = 0;
	enum sk_code code = word_of(s, e, words, "side is client, server, both or host, not: ", &i);

	s->rule->text.side = (enum rule_side)i;
	return code;
}

static enum sk_code
key_each(struct section *s, const struct ini_entry *e)
{
	static const char *const words[] = { "row", "line", "machine", "start", "ignore", NULL };
	unsigned i = 0;
	enum sk_code code = word_of(s, e, words, "each is row, line, machine, start or ignore, not: ", &i);

	s->rule->each = (enum rule_each)i;
	return code;
}

static enum sk_code
key_level(struct section *s, const struct ini_entry *e)
{
	static const char *const words[] = { "note", "warning", "error", NULL };
	unsigned i = 0;
	enum sk_code code = word_of(s, e, words, "level is error, warning or note, not: ", &i);

	s->rule->text.level = (enum level)i;
	return code;
}

static enum sk_code
condition(struct section *s, const struct ini_entry *e, const struct expr **ret)
{
	struct err why = { 0 };
	enum sk_code code = expr_compile(&s->rs->arena, one_line(&s->rs->arena, e->value), &s->names, ret, &why);

	if (code == SK_OK && expr_type(*ret) != X_FLAG)
		return fail(s, e->line, "not a condition: ", e->value);
	return placed(s, e->line, code, &why);
}

static enum sk_code
template_of(struct section *s, const struct ini_entry *e, struct template *ret, struct str *ret_text)
{
	struct err why = { 0 };
	struct str text = one_line(&s->rs->arena, e->value);

	*ret_text = text;
	return placed(s, e->line, template_compile(&s->rs->arena, text, &s->names, ret, &why), &why);
}

static enum sk_code
key_when(struct section *s, const struct ini_entry *e)
{
	s->rule->text.when = one_line(&s->rs->arena, e->value);
	return condition(s, e, &s->rule->when);
}

static enum sk_code
key_note_if(struct section *s, const struct ini_entry *e)
{
	return condition(s, e, &s->rule->note_if);
}

static enum sk_code
key_warning_if(struct section *s, const struct ini_entry *e)
{
	return condition(s, e, &s->rule->warning_if);
}

static enum sk_code
key_message(struct section *s, const struct ini_entry *e)
{
	return template_of(s, e, &s->rule->message, &s->rule->text.message);
}

static enum sk_code
key_why(struct section *s, const struct ini_entry *e)
{
	return template_of(s, e, &s->rule->why, &s->rule->text.why);
}

static enum sk_code
key_advice(struct section *s, const struct ini_entry *e)
{
	return template_of(s, e, &s->rule->advice, &s->rule->text.advice);
}

static enum sk_code
key_name(struct section *s, const struct ini_entry *e)
{
	s->rule->text.name = e->value;
	return SK_OK;
}

static enum sk_code
key_see(struct section *s, const struct ini_entry *e)
{
	s->rule->text.see = one_line(&s->rs->arena, e->value);
	return SK_OK;
}

static enum sk_code
key_given(struct section *s, const struct ini_entry *e)
{
	s->rule->text.given = one_line(&s->rs->arena, e->value);
	return SK_OK;
}

static enum sk_code
key_hosts(struct section *s, const struct ini_entry *e)
{
	static const char *const words[] = { "no", "yes", NULL };
	unsigned i = 1;
	enum sk_code code = word_of(s, e, words, "hosts is yes or no, not: ", &i);

	s->rule->name_hosts = i == 1;
	return code;
}

static enum sk_code
key_suppress(struct section *s, const struct ini_entry *e)
{
	static const char *const words[] = { "always", "reason", "never", NULL };
	unsigned i = 0;
	enum sk_code code = word_of(s, e, words, "suppress is always, reason or never, not: ", &i);

	s->rule->may = (enum suppressible)i;
	return code;
}

/* fix.KEYWORD, fix.remove, fix.sysctl.NAME */
static enum sk_code
key_fix(struct section *s, const struct ini_entry *e, struct str name)
{
	struct rule *r = s->rule;
	struct rule_fix *fix = &r->fix[r->n_fix];
	struct str ignored;
	unsigned slot;

	if (str_eqc(name, "remove")) {
		if (r->each != RULE_EACH_LINE || !str_eqc(e->value, "yes"))
			return fail(s, e->line, "fix.remove = yes is for rules with each = line", (struct str){ 0 });
		fix->remove = true;
		r->n_fix++;
		return SK_OK;
	}
	if (!str_starts(name, STR("sysctl.")) && !vars_keyword(&s->scope, name, &slot) && r->each != RULE_EACH_LINE)
		return fail(s, e->line, "not a keyword of this side: ", name);
	fix->keyword = arena_str(&s->rs->arena, name);
	r->n_fix++;
	return template_of(s, e, &fix->value, &ignored);
}

/* good, bad, good.2, bad.2.peer ... */
static enum sk_code
key_example(struct section *s, const struct ini_entry *e, bool bad)
{
	struct rule *r = s->rule;
	struct str key = e->key;
	bool peer = str_ends(key, STR(".peer"));
	struct str own = peer ? str_head(key, key.n - 5) : key;

	if (peer) {
		for (size_t i = 0; i < r->n_example; i++)
			if (str_eq(r->example[i].peer, own)) {
				r->example[i].peer = e->value;
				return SK_OK;
			}
		return fail(s, e->line, "stands before the example it belongs to: ", key);
	}
	/* Until its .peer comes, peer holds the key; load_section() clears what is left. */
	r->example[r->n_example++] =
	    (struct rule_example){ .bad = bad, .text = e->value, .peer = key, .line = e->line };
	if (bad && r->text.bad.n == 0)
		r->text.bad = e->value;
	if (!bad && r->text.good.n == 0)
		r->text.good = e->value;
	return SK_OK;
}

/* What a key is needed for. */
enum pass {
	PASS_PLAIN, /* before names are bound */
	PASS_WHEN,  /* before a rule is asked */
	PASS_TEXTS, /* when it fires or is described */
};
#define KEY(lit)                                                                                                       \
	{                                                                                                              \
		lit, sizeof(lit) - 1                                                                                   \
	}
static const struct {
	struct str key;
	enum sk_code (*read)(struct section *s, const struct ini_entry *e);
	enum pass pass;
} keys[] = {
	{ KEY("name"), key_name, PASS_TEXTS },
	{ KEY("side"), key_side, PASS_PLAIN },
	{ KEY("each"), key_each, PASS_PLAIN },
	{ KEY("level"), key_level, PASS_TEXTS },
	{ KEY("see"), key_see, PASS_TEXTS },
	{ KEY("given"), key_given, PASS_TEXTS },
	{ KEY("hosts"), key_hosts, PASS_TEXTS },
	{ KEY("suppress"), key_suppress, PASS_TEXTS },
	{ KEY("when"), key_when, PASS_WHEN },
	{ KEY("message"), key_message, PASS_TEXTS },
	{ KEY("why"), key_why, PASS_TEXTS },
	{ KEY("advice"), key_advice, PASS_TEXTS },
	{ KEY("note_if"), key_note_if, PASS_TEXTS },
	{ KEY("warning_if"), key_warning_if, PASS_TEXTS },
};

static enum sk_code
read_key(struct section *s, const struct ini_entry *e, enum pass from, enum pass to)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(e->key, keys[i].key))
			return keys[i].pass >= from && keys[i].pass <= to ? keys[i].read(s, e) : SK_OK;
	if (str_starts(e->key, STR("fix.")))
		return to == PASS_TEXTS ? key_fix(s, e, str_from(e->key, 4)) : SK_OK;
	if (str_starts(e->key, STR("good")) || str_starts(e->key, STR("bad")))
		return to == PASS_TEXTS ? key_example(s, e, str_starts(e->key, STR("bad"))) : SK_OK;
	return fail(s, e->line, "no such key: ", e->key);
}

static enum sk_code
read_keys(struct section *s, enum pass from, enum pass to)
{
	enum sk_code code = SK_OK;

	for (size_t i = 0; i < s->ini->n && code == SK_OK; i++)
		code = read_key(s, &s->ini->entry[i], from, to);
	return code;
}

static void
note_path(void *ctx, unsigned slot)
{
	*(bool *)ctx |= vars_on_path(slot);
}

static enum sk_code
check_rule(struct section *s)
{
	const struct rule *r = s->rule;
	bool good = false, bad = false;

	for (size_t i = 0; i < r->n_example; i++)
		*(r->example[i].bad ? &bad : &good) = true;
	if (r->text.name.n == 0 || r->text.message.n == 0 || r->when == NULL)
		return fail(s, s->ini->line, "a rule needs name, level, when and message: ", r->text.code);
	if (!good || !bad)
		return fail(s, s->ini->line, "a rule needs a good and a bad example: ", r->text.code);
	if (ini_get(s->ini, "level") == NULL || ini_get(s->ini, "side") == NULL)
		return fail(s, s->ini->line, "a rule needs side and level: ", r->text.code);
	return SK_OK;
}

static bool
is_code(struct str s)
{
	if (s.n < 3 || s.n > 12)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool digit = s.p[i] >= '0' && s.p[i] <= '9', upper = s.p[i] >= 'A' && s.p[i] <= 'Z';

		if (!digit && !upper)
			return false;
	}
	return true;
}

/* What is known without reading keys. */
static void
begin_rule(struct rule *r, struct str file, struct str code, unsigned line)
{
	r->text.code = code;
	r->text.file = file;
	r->text.line = line;
	r->name_hosts = true;
}

static void
bind_names(struct section *s)
{
	const struct rule *r = s->rule;

	s->scope = (struct vars_scope){ .side = r->text.side, .each = r->each };
	s->names = (struct xnames){ .ctx = &s->scope, .find = vars_find, .keyword = vars_keyword };
}

static enum sk_code
read_plain(struct section *s)
{
	enum sk_code code = read_keys(s, PASS_PLAIN, PASS_PLAIN);

	if (code == SK_OK && s->rule->text.side == RULE_HOST && ini_get(s->ini, "each") == NULL)
		s->rule->each = RULE_EACH_MACHINE;
	return code;
}

static void
make_room(struct section *s)
{
	s->rule->fix = ARENA_ARRAY(&s->rs->arena, struct rule_fix, s->ini->n + 1);
	s->rule->example = ARENA_ARRAY(&s->rs->arena, struct rule_example, s->ini->n + 1);
}

/* What follows from the condition. */
static void
end_when(struct rule *r)
{
	expr_slots(r->when, note_path, &r->on_path);
	r->shapeless = str_find(r->text.when, STR("known(line")) != SIZE_MAX;
}

static enum sk_code
end_texts(struct section *s)
{
	struct rule *r = s->rule;

	for (size_t i = 0; i < r->n_example; i++)
		if (str_starts(r->example[i].peer, STR("good")) || str_starts(r->example[i].peer, STR("bad")))
			r->example[i].peer = (struct str){ 0 };
	return check_rule(s);
}

static enum sk_code
load_section(struct ruleset *rs, struct str file, const struct ini_section *ini, struct rule **ret, struct err *e)
{
	struct section s = { .rs = rs, .file = file, .ini = ini, .err = e };
	enum sk_code code;

	if (!is_code(ini->name))
		return fail(&s, ini->line, "a rule's code is 3 to 12 capitals and digits, not: ", ini->name);
	s.rule = *ret = ARENA_NEW(&rs->arena, struct rule);
	begin_rule(s.rule, file, ini->name, ini->line);
	make_room(&s);
	code = read_plain(&s);
	bind_names(&s);
	if (code == SK_OK)
		code = read_keys(&s, PASS_WHEN, PASS_TEXTS);
	if (code != SK_OK)
		return code;
	end_when(s.rule);
	return end_texts(&s);
}

/* A rule of a pack whose keys are not read yet, or not all. */
struct rule_later {
	struct rule *rule;
	struct ruleset *rs;
	const struct ini_pack *pack;
	size_t at;
	bool ready;
	struct ini_section ini; /* while it is being read */
};

/* The rule never fires, and the fault is kept. */
static void
give_up(struct rule_later *l, enum sk_code code, const struct err *why)
{
	static const struct xnames none;
	struct err e;

	if (l->rs->fault.code == SK_OK) {
		l->rs->fault = *why;
		l->rs->fault.code = code;
	}
	l->rule->later = NULL;
	l->rule->n_fix = l->rule->n_example = 0;
	if (expr_compile(&l->rs->arena, STR("false"), &none, &l->rule->when, &e) != SK_OK)
		mem_die();
}

static struct section
resume(struct rule_later *l, struct err *e)
{
	arena_reset(&l->rs->scratch);
	ini_unpack_section(&l->rs->scratch, l->pack, l->at, &l->ini);
	return (struct section){ .rs = l->rs, .file = l->rule->text.file, .ini = &l->ini, .rule = l->rule, .err = e };
}

void
rule_ready(const struct rule *r)
{
	struct rule_later *l = r->later;
	const struct ini_entry *when;
	struct err e = { 0 };
	struct section s;
	enum sk_code code;

	if (l == NULL || l->ready)
		return;
	l->ready = true;
	s = resume(l, &e);
	bind_names(&s);
	when = ini_get(s.ini, "when");
	code = when != NULL ? key_when(&s, when) : fail(&s, l->ini.line, "a rule needs a condition: ", r->text.code);
	if (code == SK_OK)
		end_when(l->rule);
	else
		give_up(l, code, &e);
}

void
rule_texts(const struct rule *r)
{
	struct rule_later *l;
	struct err e = { 0 };
	struct section s;
	enum sk_code code;

	rule_ready(r);
	l = r->later;
	if (l == NULL)
		return;
	s = resume(l, &e);
	bind_names(&s);
	make_room(&s);
	code = read_keys(&s, PASS_TEXTS, PASS_TEXTS);
	if (code == SK_OK)
		code = end_texts(&s);
	if (code != SK_OK)
		give_up(l, code, &e);
	l->rule->later = NULL;
}

void
ruleset_init(struct ruleset *rs)
{
	memset(rs, 0, sizeof(*rs));
}

/* A known code replaces the earlier rule. */
static void
add_rule(struct ruleset *rs, struct rule *r)
{
	size_t at = 0;
	bool behind = rs->n == 0 || str_cmp(rs->v[rs->n - 1]->text.code, r->text.code) < 0;

	if (behind && !rs->unsorted)
		at = rs->n;
	while (at < rs->n && !str_eq(rs->v[at]->text.code, r->text.code))
		at++;
	if (at == rs->n) {
		MEM_GROW(rs->v, rs->cap, rs->n + 1);
		rs->n++;
		rs->unsorted |= !behind;
	}
	r->order = (uint32_t)at;
	rs->v[at] = r;
}

enum sk_code
ruleset_load(struct ruleset *rs, struct str file, struct str text, struct err *e)
{
	struct ini ini = { 0 };
	enum sk_code code;

	file = arena_str(&rs->arena, file);
	code = ini_read(&rs->arena, file, text, &ini, e);
	for (size_t i = 0; i < ini.n && code == SK_OK; i++) {
		struct rule *r = NULL;

		code = load_section(rs, file, &ini.section[i], &r, e);
		if (code == SK_OK && r != NULL)
			add_rule(rs, r);
	}
	return code;
}

enum sk_code
ruleset_load_pack(struct ruleset *rs, const struct ini_pack *pack, struct err *e)
{
	static const struct str sides[] = { KEY("client"), KEY("server"), KEY("both"), KEY("host") };
	struct rule *rule = ARENA_ARRAY(&rs->arena, struct rule, pack->n + 1);
	struct rule_later *later = ARENA_ARRAY(&rs->arena, struct rule_later, pack->n + 1);
	struct str file = str_c(pack->file);

	for (size_t i = 0; i < pack->n; i++) {
		struct str side = ini_pack_get(pack, i, STR("side")), each = ini_pack_get(pack, i, STR("each"));
		struct rule *r = &rule[i];
		unsigned k = 0;

		begin_rule(r, file, ini_pack_name(pack, i), pack->section[i].line);
		while (k < RULE_HOST && !str_eq(side, sides[k]))
			k++;
		if (!is_code(r->text.code) || !str_eq(side, sides[k]))
			return err_set(e, SK_ERULE, "%s:%u: not a rule", pack->file, r->text.line);
		r->text.side = (enum rule_side)k;
		r->each = str_eqc(each, "line")					? RULE_EACH_LINE :
		    str_eqc(each, "start")					? RULE_EACH_START :
		    str_eqc(each, "ignore")					? RULE_EACH_IGNORE :
		    str_eqc(each, "machine") || (each.n == 0 && k == RULE_HOST) ? RULE_EACH_MACHINE :
										  RULE_EACH_ROW;
		later[i] = (struct rule_later){ .rule = r, .rs = rs, .pack = pack, .at = i };
		r->later = &later[i];
		add_rule(rs, r);
	}
	return SK_OK;
}

enum sk_code
ruleset_fault(const struct ruleset *rs, struct err *e)
{
	if (rs->fault.code != SK_OK && e != NULL)
		*e = rs->fault;
	return rs->fault.code;
}

enum sk_code
ruleset_compile(const struct ruleset *rs, struct err *e)
{
	for (size_t i = 0; i < rs->n; i++)
		rule_texts(rs->v[i]);
	return ruleset_fault(rs, e);
}

void
ruleset_release(struct ruleset *rs)
{
	free(rs->v);
	arena_release(&rs->scratch);
	arena_release(&rs->arena);
	memset(rs, 0, sizeof(*rs));
}

void
rule_describe(const struct rule *r, struct rule_text *ret)
{
	rule_texts(r);
	*ret = r->text;
	ret->each = r->each;
	ret->may = r->may;
	ret->example = r->example;
	ret->n_example = r->n_example;
}

struct str
rule_code(const struct rule *r)
{
	return r->text.code;
}

bool
ruleset_has(const struct ruleset *rs, struct str prefix)
{
	for (size_t i = 0; i < rs->n && prefix.n > 0; i++)
		if (str_starts(rule_code(rs->v[i]), prefix))
			return true;
	return false;
}

size_t
ruleset_place(const struct ruleset *rs, struct str code)
{
	for (size_t i = 0; i < rs->n; i++)
		if (str_eq(rs->v[i]->text.code, code))
			return i;
	return SIZE_MAX;
}

const struct rule *
ruleset_find(const struct ruleset *rs, struct str code)
{
	for (size_t i = 0; i < rs->n; i++)
		if (str_ieq(rs->v[i]->text.code, code))
			return rs->v[i];
	return NULL;
}

bool
ruleset_finding(const struct ruleset *rs, struct str code, struct finding *ret)
{
	const struct rule *r = ruleset_find(rs, code);
	struct rule_text t;

	if (r == NULL)
		return false;
	rule_describe(r, &t);
	*ret = (struct finding){ .rule = r,
		.code = t.code,
		.name = t.name,
		.level = t.level,
		.may = t.may,
		.confidence = CONF_DETECTED,
		.message = t.message,
		.why = t.why,
		.advice = t.advice };
	return true;
}
