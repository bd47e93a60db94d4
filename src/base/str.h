/* SPDX-License-Identifier: MIT */
/*
 * Slices of bytes.  A slice borrows: it never owns what p points to, may hold NUL or bytes that are not
 * UTF-8, and is not terminated.  The all-zero slice is the empty one.  Nothing here allocates or fails.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

/* Slice of a string literal. */
#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
/* For printf's "%.*s"; only for text known to be free of control bytes (use buf_add_escaped otherwise). */
#define STR_ARG(s) ((int)(s).n), ((s).p != NULL ? (s).p : "")

/* Of a terminated string; NULL gives the empty slice. */
static inline struct str
str_c(const char *z)
{
	return (struct str){ z, z != NULL ? strlen(z) : 0 };
}

/* The first n bytes; clamps. */
static inline struct str
str_head(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

/* s without its first off bytes; clamps. */
static inline struct str
str_from(struct str s, size_t off)
{
	if (off > s.n)
		off = s.n;
	if (off == 0) /* also where p is NULL */
		return s;
	return (struct str){ s.p + off, s.n - off };
}

static inline bool
str_eq(struct str a, struct str b)
{
	if (a.n != b.n || a.n == 0 || a.p == b.p)
		return a.n == b.n;
	/* the first byte settles most comparisons without a call */
	return a.p != NULL && b.p != NULL && a.p[0] == b.p[0] && memcmp(a.p, b.p, a.n) == 0;
}

static inline bool
str_eqc(struct str a, const char *z)
{
	return str_eq(a, str_c(z));
}

static inline bool
str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_head(s, prefix.n), prefix);
}

bool str_is_blank(char c); /* blank, TAB, CR, FF: what OpenSSH takes off a line's ends */
/* ASCII only, whatever the locale. */
static inline char
str_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

struct str str_trim(struct str s);	  /* without blanks, TAB, CR, LF at both ends */
bool str_ieq(struct str a, struct str b); /* ASCII case ignored */
bool str_ieqc(struct str a, const char *z);
int str_cmp(struct str a, struct str b);  /* byte order, shorter first */
int str_icmp(struct str a, struct str b); /* the same, ASCII letters as lower case */
bool str_ends(struct str s, struct str suffix);
struct str str_base(struct str path); /* what follows the last slash */
bool str_istarts(struct str s, struct str prefix);
/* Index of byte c at or after from, or SIZE_MAX. */
size_t str_chr(struct str s, char c, size_t from);
/* Index of the first occurrence of needle, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
/* Cut the part of *rest up to sep off and return it; false when *rest is used up (p == NULL). */
bool str_split(struct str *rest, char sep, struct str *ret_part);
/* FNV-1a. */
uint64_t str_hash(struct str s);
uint64_t str_ihash(struct str s); /* ASCII letters as lower case */
/* Edits (insert, delete, replace, swap) from a to b with ASCII case ignored, counted up to limit, else limit + 1. */
unsigned str_distance(struct str a, struct str b, unsigned limit);

#endif
