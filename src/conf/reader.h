/* SPDX-License-Identifier: MIT */
/*
 * Inside conf/ only: what the parsers of the value types share.  A parser takes its arguments with rd_arg(),
 * stores into r->v, and returns; a refusal goes through rd_refuse() and its kin, which also keep the message.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include "conf/value.h"

struct reader {
	struct arena *a;
	const struct kw *k;
	const struct args *args;
	const struct value_ctx *ctx;
	struct value *v;
	size_t next;	/* the argument that rd_arg() gives */
	bool all_taken; /* the parser took what is left of the line */
	enum value_verdict verdict;
	struct str msg;
};

typedef void value_parser(struct reader *r);

/* Words joined by blanks: text is theirs so far, n == 0 when there is none yet. */
struct joined {
	struct str text;
	char *room; /* where text stands once it is longer than a word */
	size_t cap;
};
void rd_join(struct reader *r, struct joined *j, struct str s);

/* The next argument; false when there is none. */
bool rd_arg(struct reader *r, struct str *ret);
/* The same, but an empty one counts as none. */
bool rd_full_arg(struct reader *r, struct str *ret);
/* An empty argument where r->next stands ends the old list parsers: is there anything left? */
bool rd_left(const struct reader *r);

/* Refuse with "FILE line N: TEXT": as the side does it, counted on both, fatal on both. */
void rd_refuse(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void rd_count(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void rd_fatal(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A message line in front of the refusal, without file and line. */
void rd_line(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "missing argument" as the row says it, else text; a %s in it is the keyword. */
void rd_missing(struct reader *r, const char *text);
bool rd_bad(const struct reader *r);

bool rd_is_client(const struct reader *r);
bool rd_since(const struct reader *r, int n); /* the release is VER() n or later */
void rd_text(struct reader *r, struct str s); /* set v->text (copied) */
void rd_num(struct reader *r, int64_t n);     /* set v->num and v->text */

/* Row of a word list that s names in this release, or NULL. */
const struct kw_word *rd_word(const struct reader *r, const struct kw_word *list, struct str s, bool exact);
/*
 * ${VAR} (8.4 and later): false, with OpenSSH's first line, when one is malformed.  What a variable holds is known
 * only to the ssh to come: a value with one stays as it is written.
 */
bool rd_variables(struct reader *r, struct str s, bool *ret_any);
/* C's strtol on a slice: leading blanks, a sign; *ret_used is 0 when there is no number; clamps to long's range. */
int64_t num_strtol(struct str s, unsigned base, size_t *ret_used);
/* strtonum(0, INT_MAX): NULL and *ret, or what OpenSSH says is wrong with it. */
const char *num_strict(struct str s, int64_t max, int64_t *ret);
/* Does ssh -J take it? */
bool jump_ok(struct arena *a, struct str s, struct ver v);
/* May the command line of ssh name such a host or user?  Source: ssh.c valid_hostname(), valid_ruser(). */
bool destination_host_ok(struct str s);
bool destination_user_ok(struct str s);
/* One host of "host:port" cut off *rest as hpdelim2() does.  False when it is malformed. */
bool host_cut(struct str *rest, struct str *ret_host, char *ret_delim);
struct str host_clean(struct str s); /* without brackets */
/* As valid_domain(); *ret_bad_at is where it fails, *ret_why OpenSSH's text behind the name. */
bool domain_valid(struct str s, size_t *ret_bad_at, const char **ret_why);

value_parser parse_time_value, parse_persist, parse_rekey, parse_unused, parse_obscure, parse_penalties,
    parse_channel_timeout;
value_parser parse_port, parse_forward, parse_permit, parse_proxy_jump, parse_ipqos, parse_startups, parse_netblock;
value_parser parse_algorithms, parse_agent, parse_other;
/* Time for r->v->num, with the texts for a missing and a bad one. */
void parse_time_arg(struct reader *r, int64_t *ret);

#endif
