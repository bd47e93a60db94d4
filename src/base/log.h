/* SPDX-License-Identifier: MIT */
/* Log to stderr, off by default.  The level is the program's only global. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_OFF = 0, LOG_STEPS = 1, LOG_DETAIL = 2 };

void log_set(enum log_level level);
void log_at(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
