/* SPDX-License-Identifier: MIT */
/* Templates: the lines of the config that comes of one, as far as they are known. */
#include "tree/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tree/tag.h"

/* What people have sed, envsubst or m4 put in. */
enum { PLACES = ENGINE_AT | ENGINE_SHELL };

static const struct {
	const char *ending;
	unsigned engines; /* 0: by what stands in the file ... */
	unsigned other;	  /* ... and failing that these */
} endings[] = {
	{ ".j2", ENGINE_JINJA, 0 },
	{ ".jinja", ENGINE_JINJA, 0 },
	{ ".jinja2", ENGINE_JINJA, 0 },
	{ ".sls", 0, ENGINE_GO | ENGINE_TERRAFORM },
	{ ".erb", ENGINE_ERB, 0 },
	{ ".epp", ENGINE_EPP, 0 },
	{ ".mako", ENGINE_MAKO, 0 },
	{ ".tftpl", ENGINE_TERRAFORM, 0 },
	{ ".gotmpl", ENGINE_GO, 0 },
	{ ".gotpl", ENGINE_GO, 0 },
	{ ".ctmpl", ENGINE_GO, 0 },
	{ ".tmpl", 0, ENGINE_GO | ENGINE_TERRAFORM },
	{ ".tpl", 0, ENGINE_GO | ENGINE_TERRAFORM },
	{ ".template", 0, ENGINE_GO | ENGINE_TERRAFORM | PLACES },
	{ ".envsubst", ENGINE_SHELL, 0 },
	{ ".in", PLACES, 0 },
	{ ".dist", PLACES, 0 },
};

unsigned
template_engine(struct str word)
{
	static const struct {
		const char *word;
		unsigned engine;
	} words[] = { { "jinja", ENGINE_JINJA }, { "go", ENGINE_GO }, { "erb", ENGINE_ERB }, { "epp", ENGINE_EPP },
		{ "mako", ENGINE_MAKO }, { "terraform", ENGINE_TERRAFORM }, { "at", ENGINE_AT },
		{ "shell", ENGINE_SHELL }, { "none", ENGINE_NONE } };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_eqc(word, words[i].word))
			return words[i].engine;
	return 0;
}

static size_t
ending_of(struct str name)
{
	size_t i = 0;

	while (i < sizeof endings / sizeof *endings &&
	    !(name.n > strlen(endings[i].ending) && str_ends(name, str_c(endings[i].ending))))
		i++;
	return i;
}

bool
template_name(struct str name, struct str *ret_base)
{
	size_t i = ending_of(name);

	*ret_base = name;
	if (i == sizeof endings / sizeof *endings)
		return false;
	*ret_base = str_head(name, name.n - strlen(endings[i].ending));
	return true;
}

static bool
has(struct str text, const char *s)
{
	return str_find(text, str_c(s)) != SIZE_MAX;
}

/* Does the byte stand on a line that begins with #? */
static bool
in_comment(struct str text, size_t at)
{
	size_t from = at;

	while (from > 0 && text.p[from - 1] != '\n')
		from--;
	while (from < at && (text.p[from] == ' ' || text.p[from] == '\t'))
		from++;
	return text.p[from] == '#';
}

/* The same for a text of which nothing else says that it is a template: what begins in a comment is none. */
static bool
has_tag(struct str text, const char *open, const char *close, bool named)
{
	size_t at = 0, found;

	if (!has(text, close))
		return false;
	for (; (found = str_find(str_from(text, at), str_c(open))) != SIZE_MAX; at++) {
		at += found;
		if (named || !in_comment(text, at))
			return true;
		at = str_chr(text, '\n', at);
		if (at == SIZE_MAX)
			return false;
	}
	return false;
}

/* `{{` that an engine would take: not the format of docker and its kind, which begins with a dot. */
static bool
has_expression(struct str text)
{
	enum { TRIES = 256 };
	size_t at = 0, found;

	for (unsigned i = 0; i < TRIES && (found = str_find(str_from(text, at), STR("{{"))) != SIZE_MAX; i++) {
		struct str in = str_from(text, at + found + 2);

		while (in.n > 0 && (in.p[0] == ' ' || in.p[0] == '-'))
			in = str_from(in, 1);
		at += found + 2;
		if (in.n == 0 || in.p[0] == '.' || !has(str_head(in, 4096), "}}"))
			continue;
		if (!in_comment(text, at))
			return true;
		found = str_chr(text, '\n', at);
		if (found == SIZE_MAX)
			return false;
		at = found;
	}
	return false;
}

/* Does anything in it look like a tag of these? */
static bool
has_any(struct str text, unsigned engines)
{
	struct tag_state s = { 0 };
	struct tag t;

	for (size_t i = 0; i < text.n; i++)
		if (tag_at(&s, engines, text, i, &t))
			return true;
	return false;
}

/* chezmoi: whatever the files of that folder are called, other templates take them in. */
static bool
is_chezmois(struct str path)
{
	const struct str folder = STR(".chezmoitemplates/");
	size_t at = str_find(path, folder);

	return at != SIZE_MAX && (at == 0 || path.p[at - 1] == '/');
}

unsigned
template_engines(struct str path, struct str text, bool by_name)
{
	size_t i = ending_of(path);
	bool named = i < sizeof endings / sizeof *endings;

	/* the file as it is handed out, unless there is something to put in */
	if (named && str_eqc(str_c(endings[i].ending), ".dist") && !has_any(text, endings[i].engines))
		return 0;
	if (named && endings[i].engines != 0)
		return endings[i].engines;
	if (is_chezmois(path))
		return ENGINE_GO;
	if (!named && by_name)
		return 0;
	if (has_tag(text, "{%", "%}", named))
		return ENGINE_JINJA | (named ? 0u : ENGINE_GUESSED);
	if (has_tag(text, "<%", "%>", named))
		return ENGINE_ERB | (named ? 0u : ENGINE_GUESSED);
	if (!named)
		return has_expression(text) ? ENGINE_JINJA | ENGINE_GUESSED : 0;
	return endings[i].other;
}

enum { DEPTH_MAX = 64 }; /* of regions; what is nested deeper counts to the last one */

/* The line at hand. */
struct at_line {
	size_t from;		  /* its first byte */
	size_t literal;		  /* its first byte that is neither blank nor of the engine; SIZE_MAX: none so far */
	size_t word_end;	  /* where the word that begins there ends; SIZE_MAX: not yet */
	size_t pend_at, pend_end; /* tags behind the literal text, which matter if more of it follows */
	size_t end;		  /* its line feed, or the end of the text */
	unsigned level;		  /* how deep the regions were ahead of its literal text */
	struct tag_state tags;	  /* of what may not reach beyond it */
	uint32_t region;	  /* where that text, or the first computed piece, stands */
	bool comment;		  /* it begins with # */
	bool opaque, vague, maybe, tag, swallow;
};

struct level {
	uint32_t region;
	bool plain; /* a body that is always there */
};

struct scan {
	struct arena *a;
	struct str text;
	char *out;
	unsigned engines;
	enum template_style style;
	struct tag_state tags;
	struct at_line line;
	struct line_mark *mark;
	size_t n_mark, cap_mark;
	struct region *region;
	size_t n_region, cap_region;
	struct tag sign; /* the first of all; end 0: none so far */
	uint32_t sign_line;
	struct level level[DEPTH_MAX];
	unsigned n_level, over; /* over: levels deeper than that */
};

static uint32_t
current(const struct scan *s)
{
	return s->n_level > 0 ? s->level[s->n_level - 1].region : 0;
}

static uint32_t
add_region(struct scan *s, uint32_t parent, uint32_t chain, bool loop)
{
	uint32_t own = (uint32_t)s->n_region;

	MEM_GROW(s->region, s->cap_region, s->n_region + 1);
	s->region[s->n_region++] = (struct region){ .parent = parent, .chain = chain != 0 ? chain : own, .loop = loop };
	return own;
}

static void
region_open(struct scan *s, enum tag_step step)
{
	if (s->n_level == DEPTH_MAX) {
		s->over++;
		return;
	}
	s->level[s->n_level].plain = step == STEP_PLAIN;
	s->level[s->n_level].region = step == STEP_PLAIN ? current(s) : add_region(s, current(s), 0, step == STEP_LOOP);
	s->n_level++;
}

static void
region_switch(struct scan *s)
{
	struct level *top = s->n_level > 0 ? &s->level[s->n_level - 1] : NULL;

	if (top != NULL && s->over == 0 && !top->plain)
		top->region = add_region(s, s->region[top->region].parent, s->region[top->region].chain, false);
}

static void
region_close(struct scan *s)
{
	if (s->over > 0)
		s->over--;
	else if (s->n_level > 0)
		s->n_level--;
}

static void
new_line(struct scan *s, size_t from)
{
	s->line = (struct at_line){
		.from = from,
		.literal = SIZE_MAX,
		.word_end = SIZE_MAX,
		.pend_at = SIZE_MAX,
		.region = current(s),
		.level = s->n_level,
		.end = str_chr(s->text, '\n', from),
	};
	if (s->line.end == SIZE_MAX)
		s->line.end = s->text.n;
}

static void
end_line(struct scan *s, size_t next)
{
	const struct at_line *l = &s->line;
	struct line_mark m = { .region = l->region };

	if (l->comment)
		m.flags = 0;
	else if (l->opaque)
		m.flags = MARK_OPAQUE;
	else if (l->literal == SIZE_MAX && l->tag)
		m.flags = MARK_VOID;
	else
		m.flags = (uint8_t)((l->vague ? MARK_VAGUE : 0) | (l->maybe ? MARK_MAYBE : 0));
	MEM_GROW(s->mark, s->cap_mark, s->n_mark + 1);
	s->mark[s->n_mark++] = m;
	if ((s->engines & ENGINE_GUESSED) != 0 && l->literal != SIZE_MAX && s->n_level > l->level)
		s->n_level = l->level;
	new_line(s, next);
}

/* A byte that stands for a computed one: no blank, and nothing that OpenSSH's scanners care for. */
static char
harmless(char c)
{
	bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '{' ||
	    c == '}' || c == '.' || c == '_' || c == '<' || c == '>' || c == '(' || c == ')' || c == '|';

	return plain ? c : '_';
}

static void
fill(struct scan *s, size_t from, size_t to, bool computed)
{
	for (size_t i = from; i < to; i++) {
		/* it counts to the line where it begins */
		computed = computed && s->text.p[i] != '\n';
		if (s->text.p[i] != '\n')
			s->out[i] = !computed	       ? ' ' :
			    s->style == TEMPLATE_WORDS ? harmless(s->text.p[i]) :
			    i == from		       ? '$' :
							 '_';
	}
}

static void
literal_byte(struct scan *s, size_t i)
{
	struct at_line *l = &s->line;
	char c = s->text.p[i];
	bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\f';

	if (l->swallow) {
		s->out[i] = ' ';
		return;
	}
	if (blank || c == '=') {
		if (l->literal != SIZE_MAX && l->word_end == SIZE_MAX)
			l->word_end = i;
		if (blank)
			return;
	}
	if (l->literal == SIZE_MAX) {
		if (l->opaque)
			return;
		l->literal = i;
		l->comment = c == '#';
		l->region = current(s);
	} else if (l->pend_at != SIZE_MAX) {
		/* text of several branches on one line */
		l->vague = true;
		l->opaque |= l->word_end == SIZE_MAX || l->word_end > l->pend_at;
		fill(s, l->pend_at, l->pend_end, true);
		l->pend_at = SIZE_MAX;
	}
}

/* {{ "Ciphers " ~ list }}: which keyword comes of it is known, when anything does.  Where the word begins; SIZE_MAX. */
static size_t
leading_word(struct str in, size_t *ret_n)
{
	size_t i = 0, n = 0;

	while (i < in.n && (in.p[i] == ' ' || in.p[i] == '-' || in.p[i] == '('))
		i++;
	if (i + 1 >= in.n || (in.p[i] != '"' && in.p[i] != '\''))
		return SIZE_MAX;
	i++;
	while (
	    i + n < in.n && ((in.p[i + n] >= 'a' && in.p[i + n] <= 'z') || (in.p[i + n] >= 'A' && in.p[i + n] <= 'Z')))
		n++;
	*ret_n = n;
	return n >= 3 && i + n < in.n && in.p[i + n] == ' ' ? i : SIZE_MAX;
}

/* Expressions of which only comments come, or nothing. */
static bool
is_silent(struct str in)
{
	struct str t = str_trim(in);

	while (t.n > 0 && (t.p[0] == '-' || t.p[0] == ' '))
		t = str_from(t, 1);
	while (t.n > 0 && (t.p[t.n - 1] == '-' || t.p[t.n - 1] == ' '))
		t.n--;
	if (t.n == 0 || str_eqc(t, "''") || str_eqc(t, "\"\""))
		return true;
	return has(t, "ansible_managed") || has(t, "warning_banner") ||
	    (has(t, "comment") && !has(t, " if ") && !has(t, "~") && (has(t, "|comment") || has(t, "| comment")));
}

static void
computed(struct scan *s, const struct tag *t)
{
	struct at_line *l = &s->line;
	size_t at, n = 0;

	if (l->comment || l->swallow) {
		fill(s, t->from, t->end, l->comment);
		return;
	}
	if (l->literal == SIZE_MAX && is_silent(t->in)) {
		fill(s, t->from, t->end, false);
		return;
	}
	fill(s, t->from, t->end, true);
	if (l->literal != SIZE_MAX) {
		if (l->pend_at != SIZE_MAX)
			fill(s, l->pend_at, l->pend_end, true);
		l->pend_at = SIZE_MAX;
		l->vague = true;
		l->opaque |= l->word_end == SIZE_MAX;
		return;
	}
	if (l->opaque)
		return;
	l->region = current(s);
	at = leading_word(t->in, &n);
	if (at == SIZE_MAX) {
		l->opaque = true;
		return;
	}
	at += (size_t)(t->in.p - s->text.p);
	fill(s, t->from, at, false);
	s->out[at + n] = ' ';
	l->literal = at;
	l->word_end = at + n;
	l->vague = l->maybe = true;
}

static void
control(struct scan *s, const struct tag *t)
{
	struct at_line *l = &s->line;

	fill(s, t->from, t->end, false);
	if (l->literal == SIZE_MAX || l->comment || t->kind == TAG_COMMENT)
		return;
	if (l->pend_at == SIZE_MAX)
		l->pend_at = t->from;
	l->pend_end = t->end;
}

/* What the statements of a tag do to the regions. */
static void
regions(struct scan *s, const struct tag *t)
{
	for (unsigned i = 0; i < t->n_step; i++)
		switch (t->step[i]) {
		case STEP_OPEN:
		case STEP_LOOP:
		case STEP_PLAIN:
			region_open(s, (enum tag_step)t->step[i]);
			break;
		case STEP_SWITCH:
			region_switch(s);
			break;
		case STEP_CLOSE:
			region_close(s);
			break;
		}
}

static void
take_tag(struct scan *s, const struct tag *t)
{
	bool value = t->kind == TAG_VALUE;

	if (s->sign.end == 0) {
		s->sign = *t;
		s->sign_line = (uint32_t)s->n_mark;
		s->sign.from -= s->line.from;
		s->sign.end = (t->end < s->line.end ? t->end : s->line.end) - s->line.from;
	}
	s->line.tag = true;
	if (value)
		computed(s, t);
	else
		control(s, t);
	regions(s, t);
	if (s->line.literal == SIZE_MAX)
		s->line.level = s->n_level;
	for (size_t i = t->from; i < t->end; i++) {
		if (s->text.p[i] != '\n')
			continue;
		end_line(s, i + 1);
		s->line.tag = true;
		/* what stands behind the end of an expression belongs to the line where it began */
		s->line.swallow = value;
	}
}

/* The tag that begins at byte `at`; false: none does. */
static bool
next_tag(struct scan *s, size_t at, struct tag *ret)
{
	struct at_line *l = &s->line;
	bool found;

	if ((s->engines & ENGINE_GUESSED) == 0 || l->literal == SIZE_MAX)
		return tag_at(&s->tags, s->engines, s->text, at, ret);
	if (l->comment)
		return false;
	l->tags.raw = s->tags.raw;
	l->tags.careful_bytes = s->tags.careful_bytes;
	found = tag_at(&l->tags, s->engines, str_head(s->text, l->end), at, ret);
	s->tags.raw = l->tags.raw;
	s->tags.careful_bytes = l->tags.careful_bytes;
	return found;
}

struct str
template_mark(struct arena *a, unsigned engines, enum template_style style, struct str text, struct marks *ret)
{
	struct scan s = { .a = a, .text = text, .engines = engines, .style = style };
	struct line_mark *line;
	struct region *region;
	struct tag t;

	/* a script's variables are its own */
	if (style == TEMPLATE_VARIABLES)
		s.engines &= ~(unsigned)ENGINE_SHELL;
	s.out = arena_alloc(a, text.n + 1);
	memcpy(s.out, text.n > 0 ? text.p : "", text.n);
	(void)add_region(&s, 0, 0, false);
	new_line(&s, 0);
	for (size_t i = 0; i < text.n;) {
		if (text.p[i] == '\n') {
			end_line(&s, ++i);
		} else if (next_tag(&s, i, &t)) {
			take_tag(&s, &t);
			i = t.end;
		} else {
			literal_byte(&s, i++);
		}
	}
	if (s.line.from < text.n)
		end_line(&s, text.n);
	line = ARENA_ARRAY(a, struct line_mark, s.n_mark + 1);
	region = ARENA_ARRAY(a, struct region, s.n_region + 1);
	if (s.n_mark > 0)
		memcpy(line, s.mark, s.n_mark * sizeof *line);
	memcpy(region, s.region, s.n_region * sizeof *region);
	free(s.mark);
	free(s.region);
	*ret = (struct marks){ .line = line,
		.n = (uint32_t)s.n_mark,
		.region = region,
		.n_region = (uint32_t)s.n_region,
		.guessed = (engines & ENGINE_GUESSED) != 0,
		.sign = { s.sign_line, (uint32_t)s.sign.from + 1, (uint32_t)(s.sign.end - s.sign.from) },
		.raw = text };
	return (struct str){ s.out, text.n };
}
