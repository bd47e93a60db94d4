/* SPDX-License-Identifier: MIT */
/* Comments that suppress findings: reading them, finding the one that speaks of a finding, judging the comments. */
#include "rule/suppress.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "rule/rule.h"

#define NAME "sshkeep"
#define MARK NAME ":"

/* Where the reading is.  Offsets are those of line starts. */
struct reader {
	struct arena *arena;
	struct str text;
	enum suppress_text kind;
	struct suppress_list *out;
	size_t cap, cap_item;
	size_t line_off; /* of line number `line` */
	uint32_t line;
	/* the line that the comments read last speak of, and its block; comments side by side share them */
	size_t target_off; /* SIZE_MAX: none follows */
	uint32_t target, target_last;
	bool has_target;
	size_t block_off, block_end;
	uint32_t block_last;
};

static struct str
line_at(struct str text, size_t off)
{
	struct str rest = str_from(text, off);

	return str_head(rest, str_chr(rest, '\n', 0));
}

/* The start of the line behind the one at off; the end of the text when there is none. */
static size_t
line_behind(struct str text, size_t off)
{
	size_t lf = str_chr(text, '\n', off);

	return lf == SIZE_MAX ? text.n : lf + 1;
}

static struct str
without_blanks(struct str s)
{
	while (s.n > 0 && str_is_blank(s.p[0]))
		s = str_from(s, 1);
	while (s.n > 0 && str_is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* The words of a line that is a comment, or a template's own business; false for other lines. */
static bool
comment_of(struct str line, enum suppress_text kind, struct str *ret)
{
	static const struct {
		const char *open, *close;
	} sign[] = { { "{{- /*", "*/ -}}" }, { "{{/*", "*/}}" }, { "{#-", "-#}" }, { "{#", "#}" }, { "<%#-", "-%>" },
		{ "<%#", "%>" }, { "{%", "%}" }, { "<%", "%>" } };
	struct str s = without_blanks(line);

	/* what a template puts there is a line of the config */
	if (str_starts(s, STR("<%=")))
		return false;

	for (size_t i = 0; i < sizeof sign / sizeof *sign; i++) {
		if (!str_starts(s, str_c(sign[i].open)))
			continue;
		s = str_from(s, strlen(sign[i].open));
		if (str_ends(s, str_c(sign[i].close)))
			s.n -= strlen(sign[i].close);
		*ret = without_blanks(s);
		return true;
	}
	if (s.n == 0 || (s.p[0] != '#' && (s.p[0] != ';' || kind == SUPPRESS_IN_SSH)))
		return false;
	while (s.n > 0 && (s.p[0] == '#' || s.p[0] == ';'))
		s = str_from(s, 1);
	*ret = without_blanks(s);
	return true;
}

static struct str
first_word(struct str s)
{
	size_t n = 0;

	while (n < s.n && !str_is_blank(s.p[n]) && s.p[n] != '=')
		n++;
	return str_head(s, n);
}

static bool
is_header(struct str line, enum suppress_text kind)
{
	struct str s = without_blanks(line), word;

	if (kind == SUPPRESS_IN_SECTIONS)
		return s.n > 0 && s.p[0] == '[';
	word = first_word(s);
	return str_ieqc(word, "host") || str_ieqc(word, "match");
}

static bool
is_code(struct str s)
{
	enum { SHORTEST = 3, LONGEST = 12 };

	if (s.n < SHORTEST || s.n > LONGEST)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] < 'A' || s.p[i] > 'Z') && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return true;
}

/* Move on from the comment at hand to the line that it speaks of. */
static void
find_target(struct reader *r)
{
	size_t off = line_behind(r->text, r->line_off);
	uint32_t line = r->line + 1;
	struct str words;

	if (r->has_target && r->target_off > r->line_off)
		return;
	r->has_target = true;
	r->target_off = SIZE_MAX;
	for (; off < r->text.n; off = line_behind(r->text, off), line++) {
		struct str s = line_at(r->text, off);

		if (without_blanks(s).n == 0 || comment_of(s, r->kind, &words))
			continue;
		r->target_off = off;
		r->target = r->target_last = line;
		/* a command line that goes on */
		while (r->kind != SUPPRESS_IN_SSH && str_ends(line_at(r->text, off), STR("\\")) &&
		    (off = line_behind(r->text, off)) < r->text.n)
			r->target_last++;
		return;
	}
}

/* The last line of the block that begins, or goes on, with the target. */
static void
find_block(struct reader *r)
{
	size_t off = line_behind(r->text, r->target_off);
	uint32_t line = r->target;

	if (r->target_off >= r->block_off && r->target_off < r->block_end)
		return;
	r->block_off = r->target_off;
	for (; off < r->text.n; off = line_behind(r->text, off), line++) {
		struct str s = line_at(r->text, off);

		if (r->kind == SUPPRESS_IN_PARAGRAPHS ? without_blanks(s).n == 0 : is_header(s, r->kind))
			break;
	}
	r->block_end = off;
	r->block_last = line;
}

static const char *
place(struct reader *r, struct suppress *s)
{
	if (s->form == SUPPRESS_FILE) {
		s->last = UINT32_MAX;
		return NULL;
	}
	find_target(r);
	if (r->target_off == SIZE_MAX)
		return "no line follows that it could speak of";
	s->first = r->target;
	s->last = r->target_last;
	if (s->form == SUPPRESS_LINE)
		return NULL;
	if (r->kind != SUPPRESS_IN_PARAGRAPHS && !is_header(line_at(r->text, r->target_off), r->kind))
		return r->kind == SUPPRESS_IN_SSH ? "ignore-block stands above a Host or Match line" :
						    "ignore-block stands above a section";
	find_block(r);
	s->last = r->block_last;
	return NULL;
}

static const char *
read_codes(struct reader *r, struct str list, struct suppress *s)
{
	struct suppress_list *l = r->out;
	struct str part;

	if (without_blanks(list).n == 0)
		return "no code follows";
	s->item = (uint32_t)l->n_item;
	while (str_split(&list, ',', &part)) {
		part = without_blanks(part);
		if (!is_code(part))
			return "codes such as SK201 are separated by commas, and \"-- reason\" follows";
		if (s->n_item == SUPPRESS_CODES_MAX)
			return "more than 64 codes";
		MEM_GROW(l->item, r->cap_item, l->n_item + 1);
		l->item[l->n_item++] =
		    (struct suppress_item){ .code = arena_str(r->arena, part), .of = (uint32_t)l->n };
		s->n_item++;
	}
	return NULL;
}

/* What is long is cut ahead of a whole character. */
static struct str
keep_text(struct arena *a, struct str text)
{
	struct str head;

	text = without_blanks(text);
	head = utf8_head(text, SUPPRESS_TEXT_MAX_BYTES);
	return head.n == text.n ? arena_str(a, text) : arena_printf(a, "%.*s...", STR_ARG(head));
}

/* ignore and its kind; false: some other word. */
static bool
form_of(struct str word, enum suppress_form *ret)
{
	static const char *const name[] = {
		[SUPPRESS_LINE] = "ignore", [SUPPRESS_BLOCK] = "ignore-block", [SUPPRESS_FILE] = "ignore-file"
	};

	for (unsigned i = 0; i <= SUPPRESS_FILE; i++)
		if (str_eqc(word, name[i])) {
			*ret = (enum suppress_form)i;
			return true;
		}
	return false;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* SK and a digit, at the beginning of a word: TASK42 is none. */
static bool
names_code(struct str words)
{
	for (size_t i = 0; i + 2 < words.n; i++) {
		bool inside = i > 0 && (is_letter(words.p[i - 1]) || is_digit(words.p[i - 1]) || words.p[i - 1] == '_');

		if (!inside && words.p[i] == 'S' && words.p[i + 1] == 'K' && is_digit(words.p[i + 2]))
			return true;
	}
	return false;
}

/* noqa, noqa:, disable-next-line; but "allows" and "ignored" are prose. */
static bool
is_word(struct str s, struct str word)
{
	return str_istarts(s, word) && (s.n == word.n || !is_letter(s.p[word.n]));
}

/* Is a comment that names this program meant to be obeyed, rather than prose? */
static bool
is_meant(struct str words)
{
	static const char *const like[] = { "ignore", "disable", "noqa", "suppress", "allow", "nolint" };
	struct str word = first_word(words);

	for (size_t i = 0; i < sizeof like / sizeof *like; i++)
		if (is_word(word, str_c(like[i])))
			return true;
	return (!str_istarts(word, STR("ignore")) && str_distance(word, STR("ignore"), 2) <= 2) || names_code(words);
}

static void
add(struct reader *r, struct suppress *s, struct str line)
{
	struct suppress_list *l = r->out;
	size_t indent = 0;

	/* the codes of one that does not count are nothing to be found */
	if (s->fault != NULL) {
		l->n_item -= s->n_item;
		s->n_item = 0;
	}
	s->text = arena_str(r->arena, str_head(line, SUPPRESS_LINE_MAX_BYTES));
	while (indent < line.n && str_is_blank(line.p[indent]))
		indent++;
	s->at = (struct span){ .line = r->line,
		.col = (uint32_t)indent + 1,
		.off = (uint32_t)(r->line_off + indent),
		.len = (uint32_t)without_blanks(line).n };
	MEM_GROW(l->v, r->cap, l->n + 1);
	l->v[l->n++] = *s;
}

/* words: what stands behind the mark. */
static void
read_words(struct reader *r, struct str line, struct str words)
{
	struct suppress s = { 0 };
	struct str word = first_word(words), rest = str_from(words, word.n);
	size_t dashes = str_find(rest, STR("--"));

	if (!is_meant(words))
		return;
	if (r->out->n == SUPPRESS_COMMENTS_MAX) {
		s.fault = "more than 10000 such comments in a file: the rest does not count";
	} else if (!form_of(word, &s.form)) {
		s.fault = "there are ignore, ignore-block and ignore-file";
	} else {
		if (dashes != SIZE_MAX)
			s.reason = keep_text(r->arena, str_from(rest, dashes + 2));
		s.fault = read_codes(r, str_head(rest, dashes), &s);
		if (s.fault == NULL)
			s.fault = place(r, &s);
	}
	add(r, &s, line);
}

/* A comment behind a setting speaks of nothing; hardly anybody means that. */
static void
read_trailing(struct reader *r, struct str line, struct str words)
{
	struct suppress s = { 0 };
	struct str head = without_blanks(str_head(line, line.n - words.n - strlen(MARK)));
	enum suppress_form form;

	if (!str_ends(head, STR("#")) || !form_of(first_word(without_blanks(words)), &form))
		return;
	s.fault = "it stands on a line of its own, above the one that it speaks of";
	add(r, &s, line);
}

/* "sshkeep ignore SK103": the colon was forgotten.  words: what stands behind the name. */
static void
read_unmarked(struct reader *r, struct str line, struct str words)
{
	struct suppress s = { .fault = "a colon belongs behind the name, \"sshkeep: ignore\"" };
	struct str rest = without_blanks(words);
	enum suppress_form form;

	if (words.n == 0 || !str_is_blank(words.p[0]) || !form_of(first_word(rest), &form) || !names_code(rest))
		return;
	add(r, &s, line);
}

static int
by_key(const void *x, const void *y)
{
	const struct suppress_key *a = x, *b = y;
	int r = a->last == b->last ? str_cmp(a->code, b->code) : a->last < b->last ? -1 : 1;

	return r != 0 ? r : (a->item > b->item) - (a->item < b->item);
}

/* The lists grew on the heap; they live in the arena, with what finds an item. */
static void
settle(struct reader *r)
{
	struct suppress_list *l = r->out;
	struct suppress *v = ARENA_ARRAY(r->arena, struct suppress, l->n + 1);
	struct suppress_item *item = ARENA_ARRAY(r->arena, struct suppress_item, l->n_item + 1);

	if (l->n > 0)
		memcpy(v, l->v, l->n * sizeof *v);
	if (l->n_item > 0)
		memcpy(item, l->item, l->n_item * sizeof *item);
	free(l->v);
	free(l->item);
	l->v = v;
	l->item = item;
	for (unsigned form = 0; form <= SUPPRESS_FILE; form++)
		l->key[form] = ARENA_ARRAY(r->arena, struct suppress_key, l->n_item + 1);
	for (uint32_t i = 0; i < l->n_item; i++) {
		const struct suppress *of = &v[item[i].of];

		l->key[of->form][l->n_key[of->form]++] =
		    (struct suppress_key){ .last = of->last, .item = i, .code = item[i].code };
	}
	for (unsigned form = 0; form <= SUPPRESS_FILE; form++)
		if (l->n_key[form] > 0)
			qsort(l->key[form], l->n_key[form], sizeof *l->key[form], by_key);
}

void
suppress_read(struct arena *a, struct str text, enum suppress_text kind, struct suppress_list *ret)
{
	struct reader r = { .arena = a, .text = text, .kind = kind, .out = ret, .line = 1 };
	size_t at = 0;

	*ret = (struct suppress_list){ 0 };
	/* most files have none, and this is all that they cost */
	for (;;) {
		size_t found = str_find(str_from(text, at), STR(NAME)), lf;
		struct str line, words;

		if (found == SIZE_MAX || ret->n > SUPPRESS_COMMENTS_MAX)
			break;
		found += at;
		while ((lf = str_chr(text, '\n', r.line_off)) < found) {
			r.line_off = lf + 1;
			r.line++;
		}
		line = line_at(text, r.line_off);
		if (comment_of(line, kind, &words)) {
			if (str_starts(words, STR(MARK)))
				read_words(&r, line, without_blanks(str_from(words, strlen(MARK))));
			else if (str_starts(words, STR(NAME)))
				read_unmarked(&r, line, str_from(words, strlen(NAME)));
		} else if (str_starts(str_from(text, found), STR(MARK))) {
			read_trailing(&r, line, str_from(line, found + strlen(MARK) - r.line_off));
		}
		at = line_behind(text, r.line_off);
	}
	if (ret->n > 0)
		settle(&r);
}

/* The first key that does not stand ahead of this one. */
static size_t
key_from(const struct suppress_list *l, enum suppress_form form, const struct suppress_key *key)
{
	const struct suppress_key *v = l->key[form];
	size_t low = 0, high = l->n_key[form];

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_key(&v[mid], key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/*
 * What is spoken of together ends together: a line is in the block that ends next, if it begins early enough.  Of
 * several comments with this code the first begins first.
 */
static struct suppress_item *
item_of(const struct suppress_list *l, enum suppress_form form, uint32_t line, struct str code)
{
	struct suppress_key key = { .last = line };
	size_t at = key_from(l, form, &key);

	if (at == l->n_key[form])
		return NULL;
	key = (struct suppress_key){ .last = l->key[form][at].last, .code = code };
	at = key_from(l, form, &key);
	if (at == l->n_key[form] || l->key[form][at].last != key.last || !str_eq(l->key[form][at].code, code) ||
	    l->v[l->item[l->key[form][at].item].of].first > line)
		return NULL;
	return &l->item[l->key[form][at].item];
}

/* The item that speaks of this code and line, or NULL: of the nearest form. */
static struct suppress_item *
item_for(const struct suppress_list *l, struct str code, uint32_t line)
{
	struct suppress_item *item = NULL;

	for (unsigned form = line > 0 ? SUPPRESS_LINE : SUPPRESS_FILE; item == NULL && form <= SUPPRESS_FILE; form++)
		item = item_of(l, (enum suppress_form)form, line, code);
	return item;
}

void
suppress_finding(const struct suppress_list *l, uint32_t line, struct finding *f)
{
	struct suppress_item *item;

	if (l->n == 0 || f->suppressed)
		return;
	item = item_for(l, f->code, line);
	if (item == NULL)
		return;
	item->used |= f->may != SUPPRESS_NEVER;
	item->refused |= f->may == SUPPRESS_NEVER;
	if (f->may == SUPPRESS_ALWAYS || (f->may == SUPPRESS_WITH_REASON && l->v[item->of].reason.n > 0)) {
		f->suppressed = true;
		f->reason = l->v[item->of].reason;
	}
}

bool
suppress_word(const struct ruleset *rs, const struct suppress_list *l, uint32_t line)
{
	for (size_t i = 0; i < rs->n && l->n > 0; i++) {
		const struct suppress_item *item = item_for(l, rs->v[i]->text.code, line);

		if (item == NULL || l->v[item->of].reason.n == 0)
			continue;
		rule_texts(rs->v[i]);
		if (rs->v[i]->may == SUPPRESS_WITH_REASON)
			return true;
	}
	return false;
}

struct str
suppress_text_of(const struct suppress_list *l, uint32_t line)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->v[mid].at.line < line)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && l->v[low].at.line == line ? l->v[low].text : STR("");
}

static void
tell(const struct ruleset *rs, struct arena *a, const struct suppress_run *run, const struct suppress *s,
    const char *problem, struct str code, const char *hint, struct findings *out)
{
	const struct rule *r = code.n > 0 && !run->declared ? ruleset_find(rs, code) : NULL;
	/* what the rule says rests on a path that nobody declared here */
	bool unsure = r != NULL && r->each == RULE_EACH_ROW;
	const struct rule_ignore in = { .problem = problem,
		.code = code,
		.hint = str_c(hint),
		.part = run->part || unsure,
		.file = run->file,
		.side = run->side,
		.at = s->at };

	ruleset_ignore(rs, a, &in, out);
}

static const char *
code_hint(const struct ruleset *rs, struct str code)
{
	return ruleset_has(rs, code) ? "it begins several codes; a comment names each in full" :
				       "sshkeep rules lists them";
}

void
suppress_judge(const struct ruleset *rs, struct arena *a, const struct suppress_list *l, const struct suppress_run *run,
    struct findings *out)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct suppress *s = &l->v[i];

		if (s->fault != NULL) {
			tell(rs, a, run, s, "malformed", STR(""), s->fault, out);
			continue;
		}
		for (uint32_t k = s->item; k < s->item + s->n_item; k++) {
			const struct suppress_item *x = &l->item[k];

			if (ruleset_find(rs, x->code) == NULL)
				tell(rs, a, run, s, "unknown-code", x->code, code_hint(rs, x->code), out);
			else if (x->refused)
				tell(rs, a, run, s, "refused", x->code, "", out);
			else if (!x->used && run->asked != NULL && run->asked(run->ctx, x->code))
				tell(rs, a, run, s, "unused", x->code, "", out);
		}
		if (s->reason.n == 0)
			tell(rs, a, run, s, "no-reason", l->item[s->item].code, "", out);
	}
}
