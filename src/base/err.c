/* SPDX-License-Identifier: MIT */
/* Errors and the exit status they lead to. */
#include "base/err.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

/* The message may quote a file: no control sequence and no further line of output comes from there. */
static void
escape(struct err *e)
{
	struct buf b = { .max = sizeof(e->msg) - 1 };

	buf_add_escaped(&b, str_c(e->msg));
	if (b.n > 0)
		memcpy(e->msg, b.p, b.n);
	e->msg[b.n] = '\0';
	buf_release(&b);
}

__attribute__((format(printf, 4, 0))) static void
fill(struct err *e, enum sk_code code, int sys_errno, const char *fmt, va_list ap)
{
	if (e == NULL)
		return;
	e->code = code;
	e->sys_errno = sys_errno;
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	escape(e);
}

enum sk_code
err_set(struct err *e, enum sk_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, code, 0, fmt, ap);
	va_end(ap);
	return code;
}

enum sk_code
err_sys(struct err *e, enum sk_code code, int sys_errno, const char *fmt, ...)
{
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	fill(e, code, sys_errno, fmt, ap);
	va_end(ap);
	if (e != NULL) {
		n = strlen(e->msg);
		snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", strerror(sys_errno));
	}
	return code;
}

int
err_exit(enum sk_code code)
{
	static const int status[] = {
		[SK_OK] = 0,
		[SK_EREAD] = 2,
		[SK_ENOENT] = 2,
		[SK_ETOOBIG] = 2,
		[SK_ESYNTAX] = 3,
		[SK_EUSAGE] = 3,
		[SK_ERULE] = 3,
		[SK_EREFUSED] = 4,
		[SK_ECHANGED] = 4,
		[SK_EWRITE] = 4,
		[SK_EHALF] = 4,
	};

	return status[code];
}
