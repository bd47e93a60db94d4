/* SPDX-License-Identifier: MIT */
/* The tags of template engines: where one ends, and what its statements mean for the lines that follow. */
#include "tree/tag.h"

#include <string.h>

enum {
	TAG_BYTES_MAX = 16384,	     /* of an expression in which quotes and braces are followed */
	CAREFUL_BYTES_MAX = 1 << 26, /* of all of them; behind that the next end will do */
};

#define MAKO_UNCLOSED (1u << 31) /* of tag_state.unclosed: beside the bits of openings[] */

/* How the end of a tag is found. */
enum ending { END_PLAIN, END_QUOTED, END_BRACES };

struct opening {
	unsigned engines;
	const char *open, *close;
	enum tag_kind kind;
	enum ending ending;
};

/* The first that fits counts. */
static const struct opening openings[] = {
	{ ENGINE_JINJA, "{#", "#}", TAG_COMMENT, END_PLAIN },
	{ ENGINE_JINJA, "{%", "%}", TAG_CONTROL, END_QUOTED },
	{ ENGINE_GO, "{{/*", "*/}}", TAG_COMMENT, END_PLAIN },
	{ ENGINE_GO, "{{- /*", "*/ -}}", TAG_COMMENT, END_PLAIN },
	{ ENGINE_JINJA, "{{", "}}", TAG_VALUE, END_QUOTED },
	{ ENGINE_GO, "{{", "}}", TAG_VALUE, END_QUOTED },
	{ ENGINE_ERB | ENGINE_EPP, "<%#", "%>", TAG_COMMENT, END_PLAIN },
	{ ENGINE_ERB | ENGINE_EPP, "<%=", "%>", TAG_VALUE, END_PLAIN },
	{ ENGINE_MAKO, "<%doc>", "</%doc>", TAG_COMMENT, END_PLAIN },
	{ ENGINE_MAKO, "<%", "%>", TAG_COMMENT, END_PLAIN },
	{ ENGINE_ERB | ENGINE_EPP, "<%", "%>", TAG_CONTROL, END_PLAIN },
	{ ENGINE_TERRAFORM, "%{", "}", TAG_CONTROL, END_BRACES },
	{ ENGINE_TERRAFORM | ENGINE_MAKO | ENGINE_SHELL, "${", "}", TAG_VALUE, END_BRACES },
};

static void
add_step(struct tag *t, enum tag_step step)
{
	if (t->n_step < STEPS_MAX)
		t->step[t->n_step++] = (uint8_t)step;
}

/* The first place of close behind quotes and braces, or SIZE_MAX. */
static size_t
end_of(struct tag_state *s, struct str in, struct str close, enum ending how)
{
	struct str rest = in;
	size_t n;
	unsigned depth = 0;
	char quote = '\0';

	if (how == END_PLAIN || s->careful_bytes > CAREFUL_BYTES_MAX)
		return str_find(how == END_BRACES ? str_head(in, 64) : in, close);
	in = str_head(in, TAG_BYTES_MAX);
	for (size_t i = 0; i < in.n; i++, s->careful_bytes++) {
		char c = in.p[i];

		if (quote != '\0') {
			if (c == '\\' && quote != '`')
				i++;
			else if (c == quote)
				quote = '\0';
		} else if (c == '"' || c == '\'' || c == '`') {
			quote = c;
		} else if (depth == 0 && str_starts(str_from(in, i), close)) {
			return i;
		} else if (c == '{') {
			depth++;
		} else if (c == '}' && depth > 0) {
			depth--;
		}
	}
	/* an apostrophe of a text, perhaps: the engines know better, and the next end will do */
	n = str_find(how == END_BRACES ? str_head(in, str_chr(in, '\n', 0)) : rest, close);
	s->careful_bytes += n == SIZE_MAX ? in.n : n;
	return n;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The first word of a statement, without the marks that trim blanks. */
static struct str
first_word(struct str in)
{
	size_t n = 0;

	while (in.n > 0 &&
	    (in.p[0] == '-' || in.p[0] == '+' || in.p[0] == '~' || in.p[0] == ' ' || in.p[0] == '\t' ||
		in.p[0] == '\n' || in.p[0] == '\r'))
		in = str_from(in, 1);
	while (n < in.n && is_letter(in.p[n]))
		n++;
	return str_head(in, n);
}

static bool
is_one_of(struct str word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (str_eqc(word, *list))
			return true;
	return false;
}

static void
jinja(struct tag_state *s, struct tag *t)
{
	static const char *const open[] = { "if", "macro", "call", "filter", "block", "trans", NULL };
	static const char *const plain[] = { "with", "autoescape", NULL };
	static const char *const other[] = { "elif", "else", "elseif", "pluralize", NULL };
	struct str word = first_word(t->in);

	if (str_eqc(word, "raw") || str_eqc(word, "endraw"))
		s->raw = str_eqc(word, "raw");
	else if (str_eqc(word, "include"))
		t->kind = TAG_VALUE;
	else if (str_eqc(word, "for"))
		add_step(t, STEP_LOOP);
	else if (is_one_of(word, open) || (str_eqc(word, "set") && str_chr(t->in, '=', 0) == SIZE_MAX))
		add_step(t, STEP_OPEN);
	else if (is_one_of(word, plain))
		add_step(t, STEP_PLAIN);
	else if (is_one_of(word, other))
		add_step(t, STEP_SWITCH);
	else if (str_starts(word, STR("end")))
		add_step(t, STEP_CLOSE);
}

static void
go(struct tag *t)
{
	static const char *const open[] = { "if", "with", "block", "define", NULL };
	static const char *const none[] = { "break", "continue", NULL };
	struct str word = first_word(t->in), in = str_trim(t->in);
	size_t at;

	if (in.n > 0 && in.p[0] == '-')
		in = str_trim(str_from(in, 1));
	if (str_eqc(word, "range"))
		add_step(t, STEP_LOOP);
	else if (is_one_of(word, open))
		add_step(t, STEP_OPEN);
	else if (str_eqc(word, "else"))
		add_step(t, STEP_SWITCH);
	else if (str_eqc(word, "end"))
		add_step(t, STEP_CLOSE);
	else if (!is_one_of(word, none) &&
	    !(in.n > 0 && in.p[0] == '$' && (at = str_chr(in, '=', 0)) != SIZE_MAX && at + 1 < in.n &&
		in.p[at + 1] != '='))
		return;
	t->kind = TAG_CONTROL;
}

/* One statement of Ruby. */
static void
ruby(struct tag *t, struct str st)
{
	static const char *const open[] = { "if", "unless", "case", "begin", "def", NULL };
	static const char *const loop[] = { "while", "until", "for", NULL };
	static const char *const other[] = { "else", "elsif", "when", "rescue", "ensure", "in", NULL };
	struct str word;
	size_t bar;

	st = str_trim(st);
	if (st.n > 0 && st.p[st.n - 1] == '-')
		st = str_trim(str_head(st, st.n - 1));
	word = first_word(st);
	if (is_one_of(word, open) || is_one_of(word, loop)) {
		if (!str_ends(st, STR(" end")))
			add_step(t, is_one_of(word, loop) ? STEP_LOOP : STEP_OPEN);
		return;
	}
	if (is_one_of(word, other)) {
		add_step(t, STEP_SWITCH);
		return;
	}
	if (str_eqc(word, "end") || (st.n > 0 && st.p[0] == '}')) {
		add_step(t, STEP_CLOSE);
		return;
	}
	/* ... do |x|, ... { |x| */
	if (st.n > 0 && st.p[st.n - 1] == '|') {
		for (bar = st.n - 1; bar > 0 && st.p[bar - 1] != '|';)
			bar--;
		st = str_trim(str_head(st, bar > 0 ? bar - 1 : 0));
	}
	if (str_ends(st, STR(" do")) || str_ends(st, STR("{")))
		add_step(t, STEP_LOOP);
}

static void
erb(struct tag *t)
{
	struct str rest = t->in, line, st;

	while (str_split(&rest, '\n', &line)) {
		if (str_trim(line).n > 0 && str_trim(line).p[0] == '#')
			continue;
		while (str_split(&line, ';', &st))
			ruby(t, st);
	}
}

/* Puppet: braces that the tag itself does not balance. */
static void
epp(struct tag *t)
{
	unsigned open = 0, close = 0;
	char quote = '\0';

	for (size_t i = 0; i < t->in.n; i++) {
		char c = t->in.p[i];

		if (quote != '\0') {
			if (c == '\\')
				i++;
			else if (c == quote)
				quote = '\0';
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '#') {
			while (i + 1 < t->in.n && t->in.p[i + 1] != '\n')
				i++;
		} else if (c == '{') {
			open++;
		} else if (c == '}' && open > 0) {
			open--;
		} else if (c == '}') {
			close++;
		}
	}
	for (; open > 0 && close > 0; open--, close--)
		add_step(t, STEP_SWITCH);
	for (; close > 0; close--)
		add_step(t, STEP_CLOSE);
	for (; open > 0; open--)
		add_step(t, str_chr(t->in, '|', 0) != SIZE_MAX ? STEP_LOOP : STEP_OPEN);
}

static void
ends_by_word(struct tag *t)
{
	static const char *const open[] = { "if", "def", "try", "with", NULL };
	static const char *const other[] = { "else", "elif", "except", "finally", NULL };
	struct str word = first_word(t->in);

	if (str_eqc(word, "for") || str_eqc(word, "while"))
		add_step(t, STEP_LOOP);
	else if (is_one_of(word, open))
		add_step(t, STEP_OPEN);
	else if (is_one_of(word, other))
		add_step(t, STEP_SWITCH);
	else if (str_starts(word, STR("end")))
		add_step(t, STEP_CLOSE);
}

/* Mako: a line that begins with one percent sign. */
static bool
mako_line(struct str text, size_t at, struct tag *ret)
{
	size_t from = at, end;

	if (text.p[at] != '%' || (at + 1 < text.n && text.p[at + 1] == '%'))
		return false;
	while (from > 0 && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t'))
		from--;
	if (from > 0 && text.p[from - 1] != '\n')
		return false;
	end = str_chr(text, '\n', at);
	end = end == SIZE_MAX ? text.n : end;
	*ret = (struct tag){ .kind = TAG_CONTROL, .from = at, .end = end };
	ret->in = str_head(str_from(text, at + 1), end - at - 1);
	ends_by_word(ret);
	return true;
}

/* Mako: <%def name="x()">, <%include file="x"/>, </%def>; all but <%doc>. */
static bool
mako_tag(struct tag_state *s, struct str text, size_t at, struct tag *ret)
{
	static const char *const plain[] = { "block", "text", NULL };
	struct str in = str_from(text, at), word;
	bool close = str_starts(in, STR("</%")), alone;
	size_t skip = close ? 3 : 2, n;

	if ((!close && !str_starts(in, STR("<%"))) || in.n <= skip || !is_letter(in.p[skip]) ||
	    str_starts(str_from(in, skip), STR("doc>")) || (s->unclosed & MAKO_UNCLOSED) != 0)
		return false;
	in = str_from(in, skip);
	n = end_of(s, in, STR(">"), END_QUOTED);
	if (n == SIZE_MAX) {
		s->unclosed |= MAKO_UNCLOSED;
		return false;
	}
	/* <%x = 1%> is Python */
	if (in.p[n - 1] == '%')
		return false;
	alone = in.p[n - 1] == '/';
	word = str_head(in, n);
	*ret = (struct tag){ .kind = TAG_CONTROL, .from = at, .end = at + skip + n + 1, .in = word };
	word = first_word(word);
	if (close) {
		add_step(ret, STEP_CLOSE);
		return true;
	}
	if (str_eqc(word, "include") || str_eqc(word, "call") || (word.n < n && in.p[word.n] == ':'))
		ret->kind = TAG_VALUE;
	if (!alone)
		add_step(ret, is_one_of(word, plain) ? STEP_PLAIN : STEP_OPEN);
	return true;
}

static bool
is_word_byte(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

/* A word between marks, or behind one, whose bytes are at `from` and end ahead of `to`: all of it is computed. */
static void
a_place(struct str text, size_t at, size_t from, size_t to, size_t end, struct tag *ret)
{
	*ret = (struct tag){ .kind = TAG_VALUE, .from = at, .end = end };
	ret->in = str_head(str_from(text, from), to - from);
}

/* __NAME__, in capitals. */
static bool
underscores(struct str text, size_t at, struct tag *ret)
{
	size_t i = at;

	if (text.p[at] != '_' || (at > 0 && is_word_byte(text.p[at - 1])))
		return false;
	while (i < text.n && is_word_byte(text.p[i]) && !(text.p[i] >= 'a' && text.p[i] <= 'z'))
		i++;
	if (i < at + 5 || text.p[at + 1] != '_' || !(text.p[at + 2] >= 'A' && text.p[at + 2] <= 'Z') ||
	    text.p[i - 1] != '_' || text.p[i - 2] != '_' || (i < text.n && is_word_byte(text.p[i])))
		return false;
	a_place(text, at, at + 2, i - 2, i, ret);
	return true;
}

/* $NAME; the one with braces is among the openings. */
static bool
dollar(struct str text, size_t at, struct tag *ret)
{
	size_t i = at + 1;

	if (text.p[at] != '$' || i == text.n || !is_letter(text.p[i]))
		return false;
	while (i < text.n && is_word_byte(text.p[i]))
		i++;
	a_place(text, at, at + 1, i, i, ret);
	return true;
}

/* @NAME@ of configure. */
static bool
at_sign(struct str text, size_t at, struct tag *ret)
{
	size_t i = at + 1;

	if (text.p[at] != '@')
		return false;
	while (i < text.n && is_word_byte(text.p[i]) && (i > at + 1 || is_letter(text.p[i])))
		i++;
	if (i == at + 1 || i == text.n || text.p[i] != '@')
		return false;
	a_place(text, at, at + 1, i, i + 1, ret);
	return true;
}

static void
statements(struct tag_state *s, const struct opening *o, unsigned engines, struct tag *t)
{
	if (t->kind == TAG_COMMENT)
		return;
	if (o->engines == ENGINE_JINJA && t->kind == TAG_CONTROL)
		jinja(s, t);
	else if (o->engines == ENGINE_GO)
		go(t);
	else if (o->engines == (ENGINE_ERB | ENGINE_EPP) && t->kind == TAG_CONTROL && (engines & ENGINE_ERB) != 0)
		erb(t);
	else if (o->engines == (ENGINE_ERB | ENGINE_EPP) && t->kind == TAG_CONTROL)
		epp(t);
	else if (o->engines == ENGINE_TERRAFORM && t->kind == TAG_CONTROL)
		ends_by_word(t);
}

/* Signs that the engines read as text: <%% for <%, $${ for ${, %%{ for %{. */
static bool
is_escaped(const struct opening *o, struct str text, size_t at)
{
	if (o->open[0] == '<')
		return at + 2 < text.n && text.p[at + 2] == '%';
	return (o->engines & ENGINE_TERRAFORM) != 0 && at > 0 && text.p[at - 1] == o->open[0];
}

bool
tag_at(struct tag_state *s, unsigned engines, struct str text, size_t at, struct tag *ret)
{
	const char c = text.p[at];

	if ((engines & ENGINE_AT) != 0 && (at_sign(text, at, ret) || underscores(text, at, ret)))
		return true;
	if ((engines & ENGINE_SHELL) != 0 && dollar(text, at, ret))
		return true;
	if ((engines & ENGINE_MAKO) != 0 && (mako_line(text, at, ret) || mako_tag(s, text, at, ret)))
		return true;
	if (c != '{' && c != '<' && c != '$' && c != '%')
		return false;
	for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
		const struct opening *o = &openings[i];
		struct str open = str_c(o->open), close = str_c(o->close), in;
		size_t n;

		if ((o->engines & engines) == 0 || (s->unclosed & 1u << i) != 0 || c != o->open[0] ||
		    !str_starts(str_from(text, at), open) || is_escaped(o, text, at))
			continue;
		in = str_from(text, at + open.n);
		if (s->raw && !str_eqc(first_word(in), "endraw"))
			continue;
		n = end_of(s, in, close, o->ending);
		if (n == SIZE_MAX) {
			if (o->ending != END_BRACES)
				s->unclosed |= 1u << i;
			continue;
		}
		*ret = (struct tag){ .kind = o->kind, .from = at, .end = at + open.n + n + close.n };
		ret->in = str_head(in, n);
		statements(s, o, engines, ret);
		return true;
	}
	return false;
}
