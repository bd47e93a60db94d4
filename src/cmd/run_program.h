/* SPDX-License-Identifier: MIT */
/*
 * Running OpenSSH's own programs and systemctl with words that sshkeep made up.  Nothing that a config names is
 * ever run.
 */
#ifndef CMD_RUN_PROGRAM_H
#define CMD_RUN_PROGRAM_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"

/*
 * True when argv[0] (looked up in the system's folders) ran and exited 0.  out: its standard output, standard
 * error is dropped; NULL: both go to our standard error.
 */
bool run_program(struct arena *a, const char *const *argv, struct buf *out);

#endif
