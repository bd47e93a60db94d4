/* SPDX-License-Identifier: MIT */
/* The log: stderr, off by default. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level log_now = LOG_OFF;

void
log_set(enum log_level level)
{
	log_now = level;
}

void
log_at(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (level > log_now)
		return;
	va_start(ap, fmt);
	fputs("sshkeep: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}
