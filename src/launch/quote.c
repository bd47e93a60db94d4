/* SPDX-License-Identifier: MIT */
/* Quoting of words for a POSIX shell, a systemd unit and XML. */
#include "launch/parts.h"

static bool
is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool
one_of(char c, const char *set)
{
	for (; *set != '\0'; set++)
		if (c == *set)
			return true;
	return false;
}

static bool
all_plain(struct str s, const char *also)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && !one_of(s.p[i], also))
			return false;
	return s.n > 0;
}

/* Words that a shell reads as grammar where a command may stand. */
static bool
is_reserved(struct str s)
{
	static const char *const word[] = { "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for",
		"function", "if", "in", "select", "then", "time", "until", "while" };

	for (size_t i = 0; i < sizeof word / sizeof *word; i++)
		if (str_eqc(s, word[i]))
			return true;
	return false;
}

/*
 * Bytes of s at i that cannot stand in single quotes as they are: quote, backslash, dollar and back quote get a
 * backslash, typographic single quotes (U+2018, U+2019) double quotes.  Only the first needs that, but shellcheck
 * would suspect a mistake in the others.  0: none.
 */
static size_t
apart(struct str s, size_t i)
{
	struct str rest = str_from(s, i);

	if (one_of(rest.p[0], "'\\$`"))
		return 1;
	return str_starts(rest, STR("\342\200\230")) || str_starts(rest, STR("\342\200\231")) ? 3 : 0;
}

static void
quote(struct buf *b, struct str s)
{
	bool open = false;
	size_t n;

	for (size_t i = 0; i<s.n; i += n> 0 ? n : 1) {
		n = apart(s, i);
		if (open == (n > 0)) {
			buf_addch(b, '\'');
			open = !open;
		}
		if (n == 1)
			buf_addch(b, '\\');
		if (n == 3)
			buf_addch(b, '"');
		buf_add(b, str_head(str_from(s, i), n > 0 ? n : 1));
		if (n == 3)
			buf_addch(b, '"');
	}
	if (open)
		buf_addch(b, '\'');
	if (s.n == 0)
		buf_addc(b, "''");
}

void
sh_quote(struct buf *b, struct str s)
{
	if (all_plain(s, "_@%+:,./-") && !is_reserved(s))
		buf_add(b, s);
	else
		quote(b, s);
}

void
sh_option(struct buf *b, const char *option, struct str value)
{
	if (value.p == NULL)
		return;
	buf_addf(b, " %s ", option);
	sh_quote(b, value);
}

void
sh_quote_arg(struct buf *b, struct str s)
{
	/* zsh expands a leading = */
	if (all_plain(s, "_@%+:,./-=") && s.p[0] != '=')
		buf_add(b, s);
	else
		quote(b, s);
}

void
unit_quote(struct buf *b, struct str s)
{
	bool plain = all_plain(s, "_@+=:,./-%$");

	if (!plain)
		buf_addch(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			buf_addf(b, "\\x%02x", c);
		else if (one_of(s.p[i], "\"\\"))
			buf_addf(b, "\\%c", c);
		else
			buf_addn(b, s.p[i], one_of(s.p[i], "%$") ? 2 : 1);
	}
	if (!plain)
		buf_addch(b, '"');
}

void
xml_quote(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (one_of(c, "&<>\"'"))
			buf_addf(b, "&#%d;", c);
		else
			buf_addch(b, c);
	}
}

bool
launch_has_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

bool
launch_is_utf8(struct str s)
{
	/* smallest code point by number of following bytes */
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };

	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i++];
		unsigned more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		uint32_t cp = c < 0x80 ? c : c & (0x3fu >> more);

		if ((c >= 0x80 && c < 0xc0) || c >= 0xf8 || s.n - i < more)
			return false;
		for (unsigned k = 0; k < more; k++, i++) {
			if (((unsigned char)s.p[i] & 0xc0) != 0x80)
				return false;
			cp = cp << 6 | ((unsigned char)s.p[i] & 0x3fu);
		}
		if (cp < least[more] || cp > 0x10ffff || (cp >= 0xd800 && cp < 0xe000) || cp == 0xfffe || cp == 0xffff)
			return false;
	}
	return true;
}
