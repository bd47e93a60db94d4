/* SPDX-License-Identifier: MIT */
/*
 * Files of a tree that are no config of OpenSSH but bear on its sessions: sysctl.d, start files of shells with TMOUT,
 * and units, scripts, crontabs and compose files that start ssh or autossh.  Which machine they are for nobody knows:
 * what they do not say is not judged.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lint/git.h"
#include "lint/lint.h"
#include "lint/sysctl.h"
#include "detect/detect.h"
#include "model/sysctl.h"
#include "rule/fingerprint.h"
#include "rule/quote.h"
#include "start/start.h"
#include "tree/template.h"

enum { UNIT_FILES = 64 };

/* The files that are judged together: a unit and its drop-ins, else one. */
struct texts {
	struct start_from *from;    /* of each, its shown name */
	struct str *raw, *text;	    /* as they are, and as they are read */
	const struct marks **marks; /* of templates, NULL else */
	size_t n;
	enum suppress_text blocks;
};

static size_t
number_of(const struct texts *t, const struct finding *f)
{
	size_t k = 0;

	while (k + 1 < t->n && !str_eq(f->file, t->from[k].file))
		k++;
	return k;
}

/* Where the lines of a text begin; made once, for there may be as many findings as lines. */
struct lines {
	struct str text;
	size_t *at; /* heap; NULL: not made yet */
	size_t n;
};

static void
find_lines(struct lines *x, struct str text)
{
	size_t cap = 0;

	*x = (struct lines){ .text = text };
	for (size_t at = 0; at < text.n;) {
		size_t lf = str_chr(text, '\n', at);

		MEM_GROW(x->at, cap, x->n + 1);
		x->at[x->n++] = at;
		at = lf == SIZE_MAX ? text.n : lf + 1;
	}
}

/* The text of line no of text k. */
static struct str
line_text(struct lines *all, const struct texts *t, size_t k, uint32_t no)
{
	struct lines *x = &all[k];
	struct str rest;

	if (x->at == NULL)
		find_lines(x, t->raw[k]);
	if (no == 0 || no > x->n)
		return STR("");
	rest = str_from(x->text, x->at[no - 1]);
	return str_head(rest, str_chr(rest, '\n', 0));
}

/* Does the command in which byte `at` stands only ask for the program, or print its name? */
static bool
is_asked_for(struct str line, size_t at)
{
	static const char *const before[] = { "if ", "elif ", "while ", "until ", "then ", "do ", "! " };
	static const char *const asks[] = { "[ ", "[[ ", "test ", "command -v ", "command -V ", "which ", "type ",
		"hash ", "echo ", "printf " };
	struct str own = str_head(line, at);
	size_t k = at;
	bool more = true;

	while (k > 0 && strchr("&|;(){`", line.p[k - 1]) == NULL)
		k--;
	own = str_trim(str_from(own, k));
	while (more) {
		more = false;
		for (size_t i = 0; i < sizeof before / sizeof *before && !more; i++)
			if (str_starts(own, str_c(before[i]))) {
				own = str_trim(str_from(own, strlen(before[i])));
				more = true;
			}
	}
	for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
		struct str word = str_c(asks[i]);

		/* its blank may have been trimmed: nothing else stands there */
		if (str_starts(own, word) || str_eq(own, str_head(word, word.n - 1)))
			return true;
	}
	return false;
}

/* Where "ssh " stands as the program that is started, else where it stands first; SIZE_MAX: nowhere. */
static size_t
find_program(struct str line)
{
	enum { TRIES = 16 }; /* and not far into a line: a file may have it in each of its findings */
	const struct str name = STR("ssh ");
	size_t first = str_find(line, name), at = first;

	for (unsigned i = 0; i < TRIES && at < QUOTE_LINE_MAX; i++) {
		size_t next;

		if (!is_asked_for(line, at))
			return at;
		next = str_find(str_from(line, at + name.n), name);
		at = next == SIZE_MAX ? next : at + name.n + next;
	}
	return first;
}

/* Point at the command that the line starts, else at all of the line but its comment. */
static void
narrow(struct finding *f, struct str line, bool is_unit)
{
	size_t from = find_program(line), to = line.n, hash = is_unit ? SIZE_MAX : str_find(line, STR(" #"));

	/* within quotes it is no comment */
	if (hash != SIZE_MAX && str_chr(line, '"', hash) == SIZE_MAX && str_chr(line, '\'', hash) == SIZE_MAX)
		to = hash;
	if (from >= to)
		from = 0;
	while (from > 0 && strchr(" \t\"'=([", line.p[from - 1]) == NULL)
		from--;
	while (to > from && (line.p[to - 1] == ' ' || line.p[to - 1] == '\t' || line.p[to - 1] == '\r'))
		to--;
	if (from > 0 && to > from && (line.p[from - 1] == '"' || line.p[from - 1] == '\'') &&
	    line.p[to - 1] == line.p[from - 1])
		to--;
	finding_narrow(f, line, from, to);
}

/* SK150 of a file that OpenSSH does not read: nothing refuses it for its marks. */
static void
tell_guessed(struct lint *l, const struct texts *t, struct findings *told)
{
	struct finding f;

	if (!ruleset_finding(&l->s.rules, STR("SK150"), &f))
		return;
	f.level = LEVEL_NOTE;
	f.why = (struct str){ 0 };
	for (size_t i = 0; i < t->n; i++) {
		if (t->marks[i] == NULL || !t->marks[i]->guessed || t->marks[i]->sign.len == 0)
			continue;
		f.file = t->from[i].file;
		f.at.line = t->marks[i]->sign.line + 1;
		MEM_GROW(told->v, told->cap, told->n + 1);
		told->v[told->n++] = f;
	}
}

static void
keep(struct lint *l, const struct texts *t, struct findings *told)
{
	struct lines lines[UNIT_FILES] = { 0 };
	struct arena *a = l->s.arena;

	for (size_t i = 0; i < told->n; i++) {
		struct finding *f = &told->v[i];

		f->file = t->from[number_of(t, f)].file;
		f->at.col = f->at.line > 0 ? 1 : 0;
	}
	for (size_t i = 0; i < t->n; i++)
		lint_comments_text(l, t->from[i].file, t->raw[i], t->blocks, told);
	for (size_t i = 0; i < told->n; i++) {
		struct finding *f = &told->v[i];
		struct str line = line_text(lines, t, number_of(t, f), f->at.line);

		if (!session_kept(&l->s, &l->file, f))
			continue;
		f->at.len = (uint32_t)line.n;
		fingerprint_mark_text(a, f, &l->naming, line, STR(""));
		if (f->at.line > 0) {
			narrow(f, line, t->blocks == SUPPRESS_IN_SECTIONS);
			finding_quote(a, f, line);
		}
		(void)lint_keep(l, t->from[0].file, TREE_MAIN, f);
	}
	for (size_t i = 0; i < t->n; i++)
		free(lines[i].at);
	findings_release(told);
}

/* A line that the kernel or sysctl refuses, by itself. */
static void
tell_sysctl(struct lint *l, const struct texts *t, uint32_t no, const struct sysctl_said *said, struct findings *told)
{
	const struct facts none = { 0 };
	size_t n = told->n;

	if (said->problem == SYSCTL_FINE)
		return;
	ruleset_machine(
	    &l->s.rules, l->s.arena, &(struct rule_machine){ .facts = &none, .sysctl = said, .lint = true }, told);
	for (; n < told->n; n++) {
		told->v[n].file = t->from[0].file;
		told->v[n].at.line = no;
	}
}

static void
judge_sysctl(struct lint *l, const struct texts *t, const struct marks *marks)
{
	struct facts facts = { 0 };
	struct findings told = { 0 };
	struct str rest = t->text[0], line;
	bool any = false;

	/* sysctl.conf(5): the last line for a key counts */
	for (uint32_t no = 1; str_split(&rest, '\n', &line); no++) {
		const struct line_mark *m = marks != NULL && no <= marks->n ? &marks->line[no - 1] : NULL;
		struct sysctl_said said;

		if ((m != NULL && (m->flags & (MARK_VOID | MARK_OPAQUE)) != 0) || !sysctl_line(line, &said))
			continue;
		any = true;
		if (str_find(line, STR("$__")) == SIZE_MAX)
			tell_sysctl(l, t, no, &said, &told);
		if (said.id == FACT_MAX_)
			continue;
		facts.v[said.id] = (struct fact){ .source = t->from[0].file,
			.line = no,
			.confidence = CONF_DETECTED,
			.known = said.known && said.problem == SYSCTL_FINE,
			.num = said.num };
		/* what a template may leave out beats nothing */
		if (m == NULL || ((m->flags & MARK_MAYBE) == 0 && m->region == 0))
			lint_sysctl_sets(l, t->from[0].file, said.id, no);
	}
	lint_sysctl_sets(l, t->from[0].file, FACT_MAX_, 0);
	l->n_config += any;
	if (!any)
		return;
	ruleset_machine(&l->s.rules, l->s.arena, &(struct rule_machine){ .facts = &facts, .lint = true }, &told);
	tell_guessed(l, t, &told);
	keep(l, t, &told);
}

static void
judge_profile(struct lint *l, const struct texts *t)
{
	struct facts facts = { 0 };
	struct findings told = { 0 };
	bool zsh = str_find(str_base(t->from[0].file), STR("zsh")) != SIZE_MAX;

	if (str_find(t->text[0], STR("TMOUT")) == SIZE_MAX)
		return;
	l->n_config++;
	detect_tmout(l->s.arena, t->from[0].file, t->text[0], zsh, &facts);
	if (!facts.v[FACT_TMOUT].known)
		return;
	ruleset_machine(&l->s.rules, l->s.arena, &(struct rule_machine){ .facts = &facts, .lint = true }, &told);
	tell_guessed(l, t, &told);
	keep(l, t, &told);
}

/* Could the words be other than they seem?  What a template computes is a variable here. */
static bool
is_literal(const struct start *st)
{
	const struct str mark = STR("$__");
	bool found = str_find(st->host, mark) != SIZE_MAX || str_find(st->login, mark) != SIZE_MAX ||
	    str_find(st->config, mark) != SIZE_MAX;

	for (size_t i = 0; i < st->n_line_o; i++)
		found |= str_find(st->line_o[i], mark) != SIZE_MAX;
	return !found;
}

static void
judge_start(struct lint *l, const struct starts *all, size_t at, struct findings *told)
{
	const struct start *st = &all->v[at], *clash = start_clash(all, at);
	struct arena *a = l->s.arena;
	bool *uncertain = ARENA_ARRAY(a, bool, KW_ROWS_MAX);
	struct lint_row r = { .target = { .kind = TARGET_HOST, .shown = st->host, .name = STR("any.invalid") } };
	struct rule_start in = { .start = st, .uncertain = uncertain, .clash = { "", 0 } };
	struct conf_opts o = { .side = KW_CLIENT,
		.ver = l->ver,
		.home = STR("~"),
		.etc_ssh = STR("/etc/ssh"),
		.cmdline = start_lines(a, st, l->ver.n >= VER(8, 7)) };
	const struct client_env env = { .home = STR("~"), .version_text = STR("OpenSSH") };
	struct target who = { .host = r.target.name };
	struct conf c = { 0 };

	in.row = (struct rule_row){ .side = KW_CLIENT, .host = st->host, .lint = true, .client_ver = l->ver };
	if (clash != NULL)
		in.clash = arena_printf(a, "%.*s:%u", STR_ARG(clash->file), (unsigned)clash->line);
	conf_init(&c, &o);
	if (str_chr(st->host, '@', 0) == SIZE_MAX && st->host.n > 0)
		who.host = st->host;
	if (st->program != START_SIGNAL && is_literal(st))
		eff_client(a, &c, &who, &env, EFF_LOSERS_NONE, &r.ev);
	if (r.ev.conf != NULL && rule_start_known(st, &r.ev)) {
		lint_judge_row(l, a, &r, KW_CLIENT);
		in.row.client = &r.ev;
		in.row.path = &r.path;
		in.row.judgement = &r.judgement;
		in.row.policy = r.policy;
		in.row.declared = lint_declared(l, &l->file) || r.setting != NULL;
		rule_start_doubts(st, &r.ev, START_NO_FILES, uncertain);
	}
	if (st->program == START_SIGNAL || is_literal(st))
		ruleset_start(&l->s.rules, a, &in, told);
	conf_release(&c);
}

/* Lines of which nobody knows whether they are there: what the others say is then half the truth. */
static bool
is_whole(const struct marks *marks)
{
	for (uint32_t i = 0; marks != NULL && i < marks->n; i++)
		if ((marks->line[i].flags & (MARK_OPAQUE | MARK_MAYBE)) != 0 ||
		    (marks->line[i].region != 0 && (marks->line[i].flags & MARK_VOID) == 0))
			return false;
	return true;
}

/* What becomes of a unit's setting that may be missing. */
enum fate {
	FATE_GONE,    /* no rule asks for it */
	FATE_UNKNOWN, /* its value is not known */
	FATE_STAYS,   /* it only makes less known */
	FATE_HALF,    /* without it the unit is half the truth */
};

static enum fate
fate_of(struct str key, bool empty)
{
	static const struct {
		const char *key;
		enum fate fate;
	} keys[] = { { "Type", FATE_UNKNOWN }, { "Restart", FATE_UNKNOWN }, { "RestartSec", FATE_UNKNOWN },
		{ "StartLimitIntervalSec", FATE_UNKNOWN }, { "StartLimitInterval", FATE_UNKNOWN },
		{ "StartLimitBurst", FATE_UNKNOWN }, { "EnvironmentFile", FATE_STAYS }, { "Environment", FATE_HALF },
		{ "PIDFile", FATE_HALF } };

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (str_eqc(key, keys[i].key))
			return empty ? FATE_HALF : keys[i].fate;
	return str_starts(key, STR("Exec")) ? FATE_HALF : FATE_GONE;
}

/* A line of a unit that may be missing, in its copy at p; false: then nobody knows what the unit does. */
static bool
settle_line(char *p, struct str line)
{
	struct str trimmed = str_trim(line), value;
	size_t eq = str_chr(line, '=', 0);

	if (trimmed.n == 0 || trimmed.p[0] == '#' || trimmed.p[0] == ';')
		return true;
	if (trimmed.p[0] == '[' || eq == SIZE_MAX || trimmed.p[trimmed.n - 1] == '\\')
		return false;
	value = str_trim(str_from(line, eq + 1));
	switch (fate_of(str_trim(str_head(line, eq)), value.n == 0)) {
	case FATE_GONE:
		memset(p, ' ', line.n);
		return true;
	case FATE_UNKNOWN:
		memset(p + (value.p - line.p), '$', value.n);
		return true;
	case FATE_STAYS:
		return true;
	case FATE_HALF:
		break;
	}
	return false;
}

/* A unit is judged by the lines that are there in any case; false: one that counts may be missing. */
static bool
settle_unit(struct arena *a, const struct marks *marks, struct str *io_text)
{
	char *copy = arena_alloc(a, io_text->n + 1);
	struct str rest = *io_text, line;
	bool whole = true, open = false; /* open: the setting goes on in the next line */

	memcpy(copy, io_text->n > 0 ? io_text->p : "", io_text->n);
	for (uint32_t i = 0; whole && i < marks->n && str_split(&rest, '\n', &line); i++) {
		const struct line_mark *m = &marks->line[i];
		struct str trimmed = str_trim(line);

		if ((m->flags & MARK_VOID) != 0) {
			whole = !open;
			continue;
		}
		if ((m->flags & MARK_OPAQUE) != 0 || (open && ((m->flags & MARK_MAYBE) != 0 || m->region != 0)))
			whole = false;
		else if ((m->flags & MARK_MAYBE) != 0 || m->region != 0)
			whole = settle_line(copy + (line.p - io_text->p), line);
		if (trimmed.n == 0 || (trimmed.p[0] != '#' && trimmed.p[0] != ';'))
			open = trimmed.n > 0 && trimmed.p[trimmed.n - 1] == '\\';
	}
	*io_text = (struct str){ copy, io_text->n };
	return whole;
}

/* What a variable gets from a template is not known. */
static void
forget_computed(struct start *st)
{
	for (unsigned i = 0; i <= START_VARS; i++) {
		struct start_var *v = i < START_VARS ? &st->env.var[i] : &st->monitor;

		if (v->known && str_find(v->value, STR("$__")) != SIZE_MAX) {
			v->known = false;
			v->value = STR("");
		}
	}
}

static void
judge_starts(struct lint *l, const struct texts *t, enum start_kind kind)
{
	enum { JUDGED_MAX = 256 };
	struct starts all = { 0 };
	struct findings told = { 0 };
	const char *why = "";
	size_t n = 0;

	/* a file that breaks off is judged as far as it goes */
	if (kind == START_UNIT)
		(void)start_read_unit(l->s.arena, t->from, t->text, t->n, &all, &why);
	else
		(void)start_read(l->s.arena, kind, t->from, t->text[0], &all, &why);
	l->n_config += all.n > 0;
	for (size_t i = 0; i < all.n; i++)
		forget_computed(&all.v[i]);
	for (size_t i = 0; i < all.n && n <= JUDGED_MAX; i++)
		if (all.v[i].program != START_FILE && n++ < JUDGED_MAX)
			judge_start(l, &all, i, &told);
	if (n > JUDGED_MAX)
		lint_failed(l, t->from[0].file, "starts ssh more than 256 times: only the first 256 were judged");
	if (all.n > 0)
		tell_guessed(l, t, &told);
	starts_release(&all);
	keep(l, t, &told);
}

bool
lint_is_start(struct str path, struct str head, struct tree_what *ret)
{
	char room[TREE_NAME_BYTES + 1], whole[LINT_PATH + TREE_NAME_BYTES + 2];
	struct str name = str_base(path), dir = str_head(path, path.n - name.n);
	enum start_kind kind;

	if (dir.n > LINT_PATH)
		return false;
	name = tree_target_name(name, room);
	if (name.n > TREE_NAME_BYTES)
		return false;
	whole[0] = '/';
	if (dir.n > 0)
		memcpy(whole + 1, dir.p, dir.n);
	memcpy(whole + 1 + dir.n, name.p, name.n);
	kind = start_kind_of((struct str){ whole, 1 + dir.n + name.n }, head);
	/* a drop-in says nothing without its unit */
	if (kind == START_NONE || (kind == START_UNIT && str_ends(name, STR(".conf"))))
		return false;
	*ret = (struct tree_what){ .class = TREE_START, .start = (uint8_t)kind };
	return true;
}

/* One more text; false: it cannot be judged as a whole. */
static bool
add_text(struct lint *l, struct texts *t, struct str shown, struct str bytes)
{
	struct arena *a = l->s.arena;
	unsigned engines = lint_engines(&l->tree, str_from(shown, l->tree.shown.n), bytes);
	struct marks *m = engines != 0 ? ARENA_NEW(a, struct marks) : NULL;

	t->from[t->n] = (struct start_from){ .file = shown, .user = STR(""), .home = STR("") };
	t->raw[t->n] = t->text[t->n] = bytes;
	if (engines != 0)
		t->text[t->n] = template_mark(a, engines, TEMPLATE_VARIABLES, bytes, m);
	t->marks[t->n++] = m;
	if (m != NULL && t->blocks == SUPPRESS_IN_SECTIONS)
		return settle_unit(a, m, &t->text[t->n - 1]);
	return is_whole(m);
}

/* The drop-ins of a unit beside it; false: one of them cannot be read, or not judged as a whole. */
static bool
add_dropins(struct lint *l, struct str path, struct texts *t)
{
	struct arena *a = l->s.arena;
	char room[TREE_NAME_BYTES];
	struct str base = str_base(path), unit = tree_target_name(base, room), *found = NULL;
	struct lint_place place;
	struct loader loader;
	struct buf pattern = { 0 };
	bool capped = false, whole = true;
	size_t n = 0;

	lint_place_init(&place, &l->tree, path, a);
	lint_loader_init(&place, &loader);
	place.root = (struct str){ "", 0 };
	place.etc_ssh = (struct str){ 0 };
	buf_addch(&pattern, '/');
	for (size_t i = 0; i < path.n - base.n + unit.n; i++) {
		char c = i < path.n - base.n ? path.p[i] : unit.p[i - (path.n - base.n)];

		if (c == '*' || c == '?' || c == '[' || c == '\\')
			buf_addch(&pattern, '\\');
		buf_addch(&pattern, c);
	}
	buf_addc(&pattern, ".d/*.conf");
	loader.glob(loader.ctx, a, buf_str(&pattern), false, &found, &n, &capped);
	buf_release(&pattern);
	for (size_t i = 0; i < n && whole; i++) {
		struct loaded f;

		lint_read(&l->tree, str_from(found[i], l->tree.shown.n), a, &f);
		whole = !capped && t->n < UNIT_FILES && f.state == LOADER_FILE && add_text(l, t, found[i], f.bytes);
	}
	if (place.unread_errno != 0)
		lint_failed(l, place.unread, strerror(place.unread_errno));
	lint_place_release(&place);
	return whole && place.unread_errno == 0;
}

void
lint_other(struct lint *l, struct str path, const struct tree_what *what, struct str bytes)
{
	struct arena *a = l->s.arena;
	struct str shown = arena_printf(a, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	struct start_from from[UNIT_FILES];
	struct str raw[UNIT_FILES], text[UNIT_FILES];
	const struct marks *marks[UNIT_FILES];
	struct texts t = { .from = from, .raw = raw, .text = text, .marks = marks, .blocks = SUPPRESS_IN_PARAGRAPHS };
	enum start_kind kind = what->class == TREE_PROFILE ? START_SCRIPT : (enum start_kind)what->start;
	bool starts = what->class != TREE_SYSCTL && str_find(bytes, STR("ssh")) != SIZE_MAX, whole;

	/* most scripts of a repository start no ssh */
	if (!starts && what->class != TREE_SYSCTL &&
	    (what->class != TREE_PROFILE || str_find(bytes, STR("TMOUT")) == SIZE_MAX))
		return;
	if (l->check_seen && !strset_add(&l->seen, a, shown))
		return;
	lint_watch_file(&l->watch, shown, STR(""));
	l->file = *lint_file_setting(l, shown);
	l->ver = lint_ver(l, &l->file);
	if (bytes.n == 0 || memchr(bytes.p, '\0', bytes.n) != NULL)
		return;
	if (what->class == TREE_START && kind == START_UNIT)
		t.blocks = SUPPRESS_IN_SECTIONS;
	whole = add_text(l, &t, shown, arena_str(a, bytes));
	if (what->class == TREE_SYSCTL)
		judge_sysctl(l, &t, marks[0]);
	else if (what->class == TREE_PROFILE)
		judge_profile(l, &t);
	if (starts && whole && (kind != START_UNIT || add_dropins(l, path, &t)))
		judge_starts(l, &t, kind);
}

static const struct {
	struct tree_what what;
	enum files_kind kind;
} said[] = {
	{ { .kind = TREE_MAIN, .side = KW_CLIENT }, FILES_CLIENT },
	{ { .kind = TREE_MAIN, .side = KW_CLIENT, .system = true }, FILES_CLIENT_SYSTEM },
	{ { .kind = TREE_DROPIN, .side = KW_CLIENT, .system = true }, FILES_CLIENT_DROPIN },
	{ { .kind = TREE_FRAGMENT, .side = KW_CLIENT }, FILES_CLIENT_PART },
	{ { .kind = TREE_MAIN, .side = KW_SERVER }, FILES_SERVER },
	{ { .kind = TREE_DROPIN, .side = KW_SERVER }, FILES_SERVER_DROPIN },
	{ { .kind = TREE_FRAGMENT, .side = KW_SERVER }, FILES_SERVER_PART },
	{ { .class = TREE_SYSCTL }, FILES_SYSCTL },
	{ { .class = TREE_PROFILE }, FILES_PROFILE },
	{ { .class = TREE_START, .start = START_UNIT }, FILES_UNIT },
	{ { .class = TREE_START, .start = START_SCRIPT }, FILES_SCRIPT },
	{ { .class = TREE_START, .start = START_COMPOSE }, FILES_COMPOSE },
	{ { .class = TREE_START, .start = START_CRON }, FILES_CRONTAB },
};

enum tree_name
lint_what(struct lint *l, const struct tree_folder *in, struct str path, struct tree_what *ret)
{
	enum files_kind kind = settings_file_kind(&l->s.settings, &l->files, lint_settings_path(l, path));
	struct tree_folder folder = *in;
	enum tree_name by;
	bool is_config;

	folder.chezmoi |= l->tree.chezmoi;
	by = tree_by_name(&folder, str_base(path), ret);
	/* settings may come with the tree: they make no key a config whose lines are shown */
	if (by == TREE_NAME_NEVER && tree_text(&folder, str_base(path)) == TREE_TEXT_KEY)
		return TREE_NAME_NEVER;
	/* whoever calls with --config has the last word */
	is_config = by == TREE_NAME_KNOWN && ret->class == TREE_CONFIG && l->o->config.p == NULL;
	if (kind == FILES_NONE) {
		ret->taken = is_config ? (uint8_t)kind : 0;
		return TREE_NAME_NEVER;
	}
	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (kind == said[i].kind) {
			enum tree_part part = ret->kind;

			*ret = said[i].what;
			ret->lenient = true;
			if (is_config && ret->class != TREE_CONFIG) {
				ret->taken = (uint8_t)kind;
				ret->kind = part;
			}
			return by == TREE_NAME_KNOWN || ret->class != TREE_CONFIG ||
				lint_git_file(l, path) == GIT_FILE_OPEN ?
			    TREE_NAME_KNOWN :
			    TREE_NAME_OPEN;
		}
	return by;
}

void
lint_taken(struct lint *l, struct str path, const struct tree_what *what)
{
	struct arena *a = l->s.arena;
	struct findings told = { 0 };
	struct rule_ignore in = { .problem = "kind" };

	if (what->taken == FILES_UNSAID)
		return;
	in.file = arena_printf(a, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	in.hint = arena_printf(a, "kind = %s", settings_kind[what->taken]);
	ruleset_ignore(&l->s.rules, a, &in, &told);
	for (size_t i = 0; i < told.n; i++) {
		if (!session_kept(&l->s, lint_file_setting(l, in.file), &told.v[i]))
			continue;
		fingerprint_mark_text(a, &told.v[i], &l->naming, STR(""), STR(""));
		(void)lint_keep(l, in.file, what->kind, &told.v[i]);
	}
	findings_release(&told);
}
