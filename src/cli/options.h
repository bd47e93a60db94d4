/* SPDX-License-Identifier: MIT */
/*
 * The command line as data.  Every option is one row of option_table[]; a command names the groups that it
 * takes (struct cmd, options).  Parsing, --help and the man page checks read the same rows.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct cmd;

struct opt_list {
	struct str *v;
	size_t n;
};

/* All that a command line can say.  Strings borrow from argv; p == NULL: not given. */
struct options {
	const struct cmd *cmd;
	bool help;

	/* which files and ends */
	struct str client_file; /* -F */
	struct str server_file; /* -f */
	bool server, client;
	struct opt_list spec; /* -C */
	/* where */
	struct str root, home, user, config;
	struct opt_list rules;
	/* the path and the releases */
	struct str path_timeout, network, policy, openssh, peer_openssh;
	/* what ssh itself would be told, in order: lines for the resolver, words for a launcher */
	struct opt_list ssh_line; /* "Port=22", "ProxyJump=b", "ServerAliveInterval=5" */
	struct opt_list ssh_word; /* "-p", "22", ... */
	struct str login;	  /* -l, or an -o User that stood first is in ssh_line */
	bool user_line;		  /* some -o sets User ahead of -l and of user@host */
	/* output */
	struct str format;
	struct opt_list output; /* NAME=FILE */
	struct str fail_on, select, ignore, color;
	bool exit_zero;
	/* fix, undo, launcher */
	bool write, in_place, reload, list, force;
	struct str launcher_dir, to, kind;
	/* probe */
	struct str max, resolution, parallel;
	bool banner;
	bool watch; /* sessions */
	/* lint */
	struct str files_from, stdin_filename, baseline;
	bool fix, update_baseline, no_ignores;
	struct opt_list forward;      /* specs of -L, -R, -D ... */
	struct opt_list forward_kind; /* ... and "L", "R", "D" */

	struct opt_list arg; /* operands: hosts, files, codes */
};

/*
 * Parse argv[1..] for cmd: options and operands in any order, "--" ends the options.  SK_EUSAGE with a sentence
 * (and a suggestion for a misspelt name).  --help stops at once with help set.
 */
SK_CHECK enum sk_code options_parse(
    struct arena *a, const struct cmd *cmd, int argc, char *const *argv, struct options *ret, struct err *e);
/* The whole help of one command, from the rows. */
void options_help(const struct cmd *cmd, struct buf *b);
/* All commands, one line each. */
void options_usage(struct buf *b);
/* Every command and every option once, a line each: for completion and for the check of the manual page. */
void options_words(struct buf *b);
/* The command named s, or NULL; *ret_near is then the closest name, or NULL. */
const struct cmd *cmd_find(struct str s, const char **ret_near);

#endif
