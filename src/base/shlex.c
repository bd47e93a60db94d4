/* SPDX-License-Identifier: MIT */
/* Shell text cut into simple commands. */
#include "base/shlex.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { NEST_MAX = 64, HEREDOCS = 8 };

struct lex {
	struct arena *a;
	struct str text;
	size_t i;
	uint32_t line;
	const struct shlex_opts *o;
	bool stop, unclosed;

	struct buf word; /* the word being read */
	bool in_word, computed;
	size_t bare;
	bool quoted; /* bare is fixed */
	uint32_t word_line;
	bool drop; /* the word is the target of a redirection */

	struct shcommand cmd;
	bool after_and, after_pipe;
	char nest[NEST_MAX]; /* ( subshell, { group, f function, i if and for, l endless loops, c case */
	size_t depth;
	size_t too_deep; /* open compounds beyond NEST_MAX */
	bool function;	 /* NAME() was read, its body comes */
	struct {
		struct str end;
		bool tabs;
	} here[HEREDOCS];
	size_t n_here;
};

static char
peek(const struct lex *l, size_t ahead)
{
	return l->i + ahead < l->text.n ? l->text.p[l->i + ahead] : '\0';
}

static char
get(struct lex *l)
{
	char c = l->text.p[l->i++];

	if (c == '\n')
		l->line++;
	return c;
}

static bool
at_end(const struct lex *l)
{
	return l->i >= l->text.n;
}

static void
word_char(struct lex *l, char c, bool bare)
{
	if (!l->in_word) {
		l->in_word = true;
		l->word_line = l->line;
		l->bare = 0;
		l->quoted = false;
	}
	if (!bare && !l->quoted) {
		l->quoted = true;
		l->bare = l->word.n;
	}
	buf_addch(&l->word, c);
}

/* An empty pair of quotes is a word, too. */
static void
word_begin_quote(struct lex *l)
{
	word_char(l, ' ', false);
	l->word.n--;
}

static void
word_end(struct lex *l)
{
	struct shword *w;

	l->cmd.cut |= l->in_word && !l->drop && l->cmd.n == SHWORDS;
	if (l->in_word && !l->drop && l->cmd.n < SHWORDS) {
		w = &l->cmd.word[l->cmd.n++];
		w->text = arena_str(l->a, buf_str(&l->word));
		w->bare = l->quoted ? l->bare : l->word.n;
		w->computed = l->computed;
		w->line = l->word_line;
	}
	if (l->in_word)
		l->drop = false;
	l->in_word = l->computed = l->quoted = false;
	buf_clear(&l->word);
}

/* Copy up to and with the closing byte; quotes inside count.  No recursion: the text may be hostile. */
static void
copy_balanced(struct lex *l, char open, char close)
{
	size_t depth = 0;
	char c, quote = '\0';

	while (!at_end(l)) {
		c = get(l);
		word_char(l, c, false);
		if (c == '\\' && quote != '\'' && !at_end(l)) {
			word_char(l, get(l), false);
		} else if (quote != '\0') {
			if (c == quote)
				quote = '\0';
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == open) {
			depth++;
		} else if (c == close && --depth == 0) {
			return;
		}
	}
	l->unclosed = true;
}

static void
copy_to(struct lex *l, char end)
{
	char c;

	while (!at_end(l)) {
		c = get(l);
		if (c == end)
			return;
		if (c == '\\' && end == '`' && !at_end(l))
			c = get(l);
		word_char(l, c, false);
	}
	l->unclosed = true;
}

static bool
is_name_char(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (!first && c >= '0' && c <= '9');
}

size_t
shword_assigns(const struct shword *w)
{
	size_t n = 0;

	while (n < w->text.n && is_name_char(w->text.p[n], n == 0))
		n++;
	return n > 0 && n < w->text.n && w->text.p[n] == '=' && w->bare > n ? n : 0;
}

/* No field splitting: the value of an assignment, ahead of the command or as an argument of export and the like. */
static bool
in_assignment(const struct lex *l)
{
	static const char *const declare[] = { "export", "readonly", "declare", "typeset", "local" };
	const struct shword w = { .text = buf_str(&l->word), .bare = l->quoted ? l->bare : l->word.n };
	bool declares = false;

	if (!l->in_word || shword_assigns(&w) == 0)
		return false;
	for (size_t i = 0; i < sizeof(declare) / sizeof(declare[0]) && l->cmd.n > 0; i++)
		declares |= str_eqc(l->cmd.word[0].text, declare[i]);
	for (size_t i = 0; i < l->cmd.n && !declares; i++)
		if (shword_assigns(&l->cmd.word[i]) == 0)
			return false;
	return true;
}

/* The value in place of its name; without quotes its blanks part words. */
static void
insert(struct lex *l, struct str value, bool in_quotes)
{
	bool whole = in_quotes || in_assignment(l);

	for (size_t i = 0; i < value.n; i++) {
		if (!whole && (value.p[i] == ' ' || value.p[i] == '\t' || value.p[i] == '\n'))
			word_end(l);
		else
			word_char(l, value.p[i], false);
	}
}

/* Behind "$": $NAME or ${NAME} whose value is known. */
static bool
known_value(struct lex *l, bool in_quotes)
{
	size_t at = peek(l, 0) == '{' ? 1 : 0, n = 0;
	struct str name, value = { 0 };

	while (is_name_char(peek(l, at + n), n == 0))
		n++;
	if (l->o->value == NULL || n == 0 || (at == 1 && peek(l, at + n) != '}'))
		return false;
	name = str_head(str_from(l->text, l->i + at), n);
	if (!l->o->value(l->o->ctx, name, &value))
		return false;
	l->i += n + 2 * at;
	insert(l, value, in_quotes);
	return true;
}

/* At "$" or "`": an expansion, kept as it is written unless its value is known. */
static void
expansion(struct lex *l, bool in_quotes)
{
	char c = get(l);

	if (c == '`') {
		l->computed = true;
		word_char(l, '`', false);
		copy_to(l, '`');
		if (!l->unclosed)
			word_char(l, '`', false);
		return;
	}
	if (!in_quotes && peek(l, 0) == '\'') { /* $'...': escapes are left as they are */
		(void)get(l);
		word_begin_quote(l);
		copy_to(l, '\'');
		return;
	}
	if (!in_quotes && peek(l, 0) == '"') /* $"..." is a translated string */
		return;
	if (known_value(l, in_quotes))
		return;
	l->computed = true;
	word_char(l, '$', false);
	if (peek(l, 0) == '(')
		copy_balanced(l, '(', ')');
	else if (peek(l, 0) == '{')
		copy_balanced(l, '{', '}');
}

static void
double_quotes(struct lex *l)
{
	char c;

	word_begin_quote(l);
	while (!at_end(l)) {
		c = peek(l, 0);
		if (c == '$' || c == '`') {
			expansion(l, true);
			continue;
		}
		c = get(l);
		if (c == '"')
			return;
		if (c == '\\' && !at_end(l) && strchr("$`\"\\\n", peek(l, 0)) != NULL && peek(l, 0) != '\0') {
			c = get(l);
			if (c == '\n')
				continue;
		}
		word_char(l, c, false);
	}
	l->unclosed = true;
}

/* Does the shell that reads the file run what stands here itself? */
static bool
is_ours(const struct lex *l)
{
	size_t i;

	for (i = 0; i < l->depth; i++) {
		if (l->nest[i] == '(' || l->nest[i] == 'f')
			return false;
	}
	return l->too_deep == 0;
}

static void
push(struct lex *l, char kind)
{
	if (l->depth < NEST_MAX)
		l->nest[l->depth++] = kind;
	else
		l->too_deep++;
}

static void
pop(struct lex *l, const char *kinds)
{
	if (l->too_deep > 0)
		l->too_deep--;
	else if (l->depth > 0 && strchr(kinds, l->nest[l->depth - 1]) != NULL)
		l->depth--;
}

/* Is the first word this reserved word?  Quoted ones are none. */
static bool
reserved(const struct shcommand *c, const char *name)
{
	return c->n > 0 && c->word[0].bare == c->word[0].text.n && str_eqc(c->word[0].text, name);
}

static bool
reserved_any(const struct shcommand *c, const char *const *name)
{
	for (; *name != NULL; name++) {
		if (reserved(c, *name))
			return true;
	}
	return false;
}

static void
shift(struct shcommand *c)
{
	memmove(c->word, c->word + 1, (c->n - 1) * sizeof(c->word[0]));
	c->n--;
}

/* Take the reserved words off the front and keep account of what is open. */
static void
structure(struct lex *l)
{
	static const char *const loops[] = { "while", "until", NULL };
	static const char *const list[] = { "for", "select", NULL };
	static const char *const middle[] = { "then", "else", "elif", "do", "!", NULL };
	static const char *const close[] = { "fi", "done", "esac", NULL };
	struct shcommand *c = &l->cmd;

	while (c->n > 0) {
		if (reserved(c, "if")) {
			push(l, 'i');
		} else if (reserved_any(c, loops)) {
			push(l, 'l');
		} else if (reserved(c, "case")) {
			push(l, 'c');
			c->n = 1;
		} else if (reserved_any(c, list)) {
			push(l, 'i');
			c->n = 1;
		} else if (reserved(c, "function")) {
			l->function = true;
			/* "function name {" may stand on one line */
			if (c->n > 1)
				shift(c);
		} else if (reserved(c, "{")) {
			push(l, l->function ? 'f' : '{');
			l->function = false;
		} else if (reserved(c, "}")) {
			pop(l, "{f");
		} else if (reserved_any(c, close)) {
			pop(l, "icl");
		} else if (!reserved_any(c, middle)) {
			return;
		}
		shift(c);
	}
}

static void
command_end(struct lex *l, char terminator)
{
	struct shcommand *c = &l->cmd;
	size_t i;

	word_end(l);
	structure(l);
	c->conditional = l->after_and;
	c->loop = false;
	for (i = 0; i < l->depth; i++) {
		c->conditional |= strchr("icl", l->nest[i]) != NULL;
		c->loop |= l->nest[i] == 'l';
	}
	c->top = l->depth == 0;
	c->ours = is_ours(l) && !l->after_pipe && terminator != '|' && terminator != '&';
	if (c->n > 0 && (c->ours || l->o->all) && !l->stop)
		l->stop = !l->o->fn(l->o->ctx, c);
	c->n = 0;
	c->cut = false;
	l->drop = false;
}

/* Skip the bodies of the here-documents that were announced on the line just ended. */
static void
skip_heredocs(struct lex *l)
{
	struct str line;
	size_t k, from;

	for (k = 0; k < l->n_here; k++) {
		for (;;) {
			if (at_end(l)) {
				l->unclosed = true;
				break;
			}
			from = l->i;
			while (!at_end(l) && get(l) != '\n')
				;
			line = str_head(str_from(l->text, from), l->i - from);
			if (str_ends(line, STR("\n")))
				line = str_head(line, line.n - 1);
			while (l->here[k].tabs && line.n > 0 && line.p[0] == '\t')
				line = str_from(line, 1);
			if (str_eq(line, l->here[k].end))
				break;
		}
	}
	l->n_here = 0;
}

/* At "<<" of a here-document: its delimiter, quoted or not. */
static void
heredoc(struct lex *l)
{
	struct buf end = { .p = NULL };
	bool tabs = peek(l, 0) == '-';
	char c, quote = '\0';

	if (tabs)
		(void)get(l);
	while (peek(l, 0) == ' ' || peek(l, 0) == '\t')
		(void)get(l);
	while (!at_end(l) && (quote != '\0' || strchr(" \t\n;&|<>()", peek(l, 0)) == NULL)) {
		c = get(l);
		if (c == quote)
			quote = '\0';
		else if (quote == '\0' && (c == '\'' || c == '"'))
			quote = c;
		else if (quote != '\0' || c != '\\')
			buf_addch(&end, c);
	}
	if (l->n_here < HEREDOCS && end.n > 0) {
		l->here[l->n_here].end = arena_str(l->a, buf_str(&end));
		l->here[l->n_here++].tabs = tabs;
	}
	buf_release(&end);
}

/* At "<" or ">".  A number in front names the descriptor, the next word is the target. */
static void
redirection(struct lex *l)
{
	char c = get(l);
	size_t i;
	bool number = l->in_word && !l->quoted;

	for (i = 0; i < l->word.n; i++)
		number = number && l->word.p[i] >= '0' && l->word.p[i] <= '9';
	if (number) {
		l->in_word = false;
		buf_clear(&l->word);
	}
	word_end(l);
	if (c == '<' && peek(l, 0) == '<' && peek(l, 1) != '<') {
		(void)get(l);
		heredoc(l);
		return;
	}
	while (peek(l, 0) == '<' || peek(l, 0) == '>' || peek(l, 0) == '&' || peek(l, 0) == '|')
		(void)get(l);
	l->drop = true;
}

static void
open_paren(struct lex *l)
{
	if (peek(l, 0) == '(' && !l->in_word && l->cmd.n == 0) { /* (( arithmetic )) */
		l->i--;
		copy_balanced(l, '(', ')');
		word_end(l);
		l->cmd.n = 0;
		return;
	}
	word_end(l);
	if (l->cmd.n > 0) {
		size_t k = 0;

		while (peek(l, k) == ' ' || peek(l, k) == '\t')
			k++;
		/* NAME(): otherwise an array or a pattern, which is closed like a subshell */
		if (peek(l, k) == ')' && !str_ends(l->cmd.word[l->cmd.n - 1].text, STR("="))) {
			l->i += k + 1;
			l->function = true;
			l->cmd.n = 0;
			return;
		}
	}
	structure(l);
	l->cmd.n = 0;
	push(l, l->function ? 'f' : '(');
	l->function = false;
	l->after_and = l->after_pipe = false;
}

static void
close_paren(struct lex *l)
{
	word_end(l);
	if (l->too_deep == 0 && l->depth > 0 && l->nest[l->depth - 1] == 'c') {
		structure(l); /* "case x in pattern)": the words were patterns, unless they open the case */
		l->cmd.n = 0;
	} else {
		command_end(l, ')'); /* may open a case whose first pattern ends here: then nothing is closed */
		pop(l, "(f");
	}
	l->after_and = l->after_pipe = false;
}

/* A byte that ends a word: blank, newline or operator. */
static void
operator(struct lex *l, char c)
{
	bool twice;

	(void)get(l);
	twice = peek(l, 0) == c && (c == '&' || c == '|' || c == ';');
	switch (c) {
	case '(':
		open_paren(l);
		return;
	case ')':
		close_paren(l);
		return;
	case '\n':
	case ';':
		command_end(l, ';');
		l->after_and = l->after_pipe = false;
		if (c == '\n')
			skip_heredocs(l);
		break;
	default:				     /* & and | */
		if (c == '&' && peek(l, 0) == '>') { /* &> file */
			word_end(l);
			(void)get(l);
			l->drop = true;
			return;
		}
		command_end(l, twice ? ';' : c);
		if (c == '|' && peek(l, 0) == '&')
			(void)get(l);
		l->after_and = twice;
		l->after_pipe = !twice && c == '|';
		break;
	}
	if (twice)
		(void)get(l);
}

static void
skip_comment(struct lex *l)
{
	size_t end = str_chr(l->text, '\n', l->i);

	l->i = end != SIZE_MAX ? end : l->text.n;
}

static void
lex_step(struct lex *l)
{
	char c = peek(l, 0);

	switch (c) {
	case ' ':
	case '\t':
	case '\r':
		word_end(l);
		l->i++;
		break;
	case '\n':
	case ';':
	case '&':
	case '|':
	case '(':
	case ')':
		operator(l, c);
		break;
	case '<':
	case '>':
		redirection(l);
		break;
	case '#':
		if (l->in_word) {
			word_char(l, get(l), true);
			break;
		}
		skip_comment(l);
		break;
	case '\\':
		l->i++;
		if (peek(l, 0) == '\n')
			(void)get(l);
		else if (!at_end(l))
			word_char(l, get(l), false);
		break;
	case '\'':
		l->i++;
		word_begin_quote(l);
		copy_to(l, '\'');
		break;
	case '"':
		l->i++;
		double_quotes(l);
		break;
	case '$':
	case '`':
		expansion(l, false);
		break;
	default:
		word_char(l, get(l), true);
	}
}

bool
shlex_read(struct arena *a, struct str text, const struct shlex_opts *o)
{
	struct lex *l = mem_alloc(sizeof(*l));
	bool whole;

	l->a = a;
	l->text = text;
	l->line = o->line > 0 ? o->line : 1;
	l->o = o;
	while (!at_end(l) && !l->stop && !l->unclosed)
		lex_step(l);
	if (!l->unclosed)
		command_end(l, ';');
	whole = !l->unclosed;
	buf_release(&l->word);
	free(l);
	return whole;
}

bool
shlex(struct arena *a, struct str text, bool (*fn)(void *ctx, const struct shcommand *c), void *ctx)
{
	const struct shlex_opts o = { .fn = fn, .ctx = ctx };

	return shlex_read(a, text, &o);
}
