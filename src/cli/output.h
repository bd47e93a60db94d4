/* SPDX-License-Identifier: MIT */
/* The way out: finished bytes to standard output or a file, messages to standard error, what the terminal can do. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "cli/options.h"

const char *output_version(void);
/* All of b; false when it could not be written (errno is set). */
bool output_stdout(const struct buf *b);
/* The same to standard error, where nobody can be told of a failure. */
void output_stderr(const struct buf *b);
/* Say on standard error that standard output is broken; gives the exit status. */
int output_failed(void);
/* The same after files were changed, which text tells: not the exit status that means that nothing was. */
int output_failed_late(struct str text);
/* "sshkeep: MESSAGE" on standard error; gives the exit status of the error. */
int output_error(const struct err *e);
/* One line on standard error. */
void output_note(struct str text);
/* Do two names mean one regular file, there already or to be made? */
bool output_same_file(struct str a, struct str b);
/* Write b to a file that is made or truncated.  tops: trees whose links are not followed, as in cli/named.h. */
SK_CHECK enum sk_code output_file(struct str path, const struct opt_list *tops, const struct buf *b, struct err *e);
/* SK_EUSAGE unless when is empty, auto, always or never. */
SK_CHECK enum sk_code output_color(struct str when, bool *ret, struct err *e);
bool output_utf8(void); /* a terminal in a UTF-8 locale */
unsigned output_width(void);

#endif
