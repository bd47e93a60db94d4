/* SPDX-License-Identifier: MIT */
/*
 * Errors: sshkeep could not do its work.  (A wrong config is a finding, never an error.)
 * Every function that can fail returns an enum sk_code and is marked SK_CHECK; struct err is filled once, at
 * the deepest place that knows, and handed up unchanged.  Out parameters are untouched on failure.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#define SK_CHECK __attribute__((warn_unused_result))

enum sk_code {
	SK_OK = 0,
	SK_EREAD,    /* an input cannot be read: exit 2 */
	SK_ENOENT,   /* the same, because it does not exist */
	SK_ETOOBIG,  /* a cap on size, count or depth was hit: exit 2 */
	SK_ESYNTAX,  /* text that does not parse (values, versions, ...): the caller decides */
	SK_EUSAGE,   /* the command line: exit 3 */
	SK_ERULE,    /* a rule, policy, network or settings file is bad: exit 3 */
	SK_EREFUSED, /* a fix was refused because its effect is unknown or wrong: exit 4 */
	SK_ECHANGED, /* the file changed since it was read: exit 4 */
	SK_EWRITE,   /* writing failed, nothing was changed: exit 4 */
	SK_EHALF,    /* writing failed, and so did putting back: the message names what is not as before; exit 4 */
};

struct err {
	enum sk_code code;
	int sys_errno;	/* 0 when no system call was involved */
	char msg[1024]; /* one line, no trailing dot or newline; file text in it is escaped */
};

/* Fill *e (may be NULL) and return code. */
enum sk_code err_set(struct err *e, enum sk_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with errno (kept in sys_errno) and ": strerror" appended. */
enum sk_code err_sys(struct err *e, enum sk_code code, int sys_errno, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Exit status of the contract: 0, 2, 3 or 4. */
int err_exit(enum sk_code code);

#endif
