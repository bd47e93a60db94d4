/* SPDX-License-Identifier: MIT */
/*
 * Commands.  A command is one file that exports one const struct cmd, and one row of cmd_table[].
 * Options are rows, too: parsing, --help and completion read them.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { CMD_READS = 1, CMD_WRITES = 2, CMD_NETWORK = 4 };

struct options; /* cli/options.h */

struct cmd {
	const char *name, *args, *summary;
	unsigned flags;	     /* CMD_* */
	const char *options; /* names of the option groups it takes, see options.h */
	const char *about;   /* a paragraph for --help */
	int (*run)(struct arena *a, const struct options *o);
};
extern const struct cmd *const cmd_table[]; /* ended by NULL; src/main.c */

/* One a file: src/cmd/NAME.c. */
extern const struct cmd cmd_audit, cmd_effective, cmd_explain, cmd_facts, cmd_fix, cmd_launcher, cmd_lint, cmd_probe,
    cmd_rules, cmd_sessions, cmd_undo;

#endif
