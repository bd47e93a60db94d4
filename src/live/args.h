/* SPDX-License-Identifier: MIT */
/* From the command line of a running ssh to the options that sshkeep would take for the same host. */
#ifndef LIVE_ARGS_H
#define LIVE_ARGS_H

#include "cli/options.h"

/* A command line of ssh as sshkeep's own options, and what else it tells. */
struct live_args {
	struct str host;	  /* as typed, with user@ and ssh:// */
	struct str file;	  /* -F, made absolute; p == NULL: none */
	struct opt_list line;	  /* as struct options: ssh_line ... */
	struct opt_list word;	  /* ... and ssh_word, two for each line */
	struct str login;	  /* -l */
	bool user_line, is_stdio; /* some -o sets User ahead of -l; -W: a leg of another ssh */
	struct str mux_path; /* the title of a master in the background: its ControlPath, and nothing else is told */
};

/*
 * arg[0..n) as proc(5) has it, cwd for a relative -F ("": it cannot be told what -F means).  SK_ESYNTAX when it is no
 * command line of ssh, or one with more than 256 settings, with the reason; what it takes of the arena is bounded by the
 * bytes of the words and of cwd.  Source: ssh.c, main() and its getopt string.
 */
SK_CHECK enum sk_code live_args(
    struct arena *a, const struct str *arg, size_t n, struct str cwd, struct live_args *ret, struct err *e);

/* The title of a process of sshd: whose session it is, "" before the login and for the listener; what it is doing. */
struct live_title {
	struct str user;
	bool is_listener, is_monitor; /* "[listener]"; "[priv]": the half that keeps the rights */
	bool is_login;		      /* nobody is logged in yet */
};
void live_title(struct str title, struct live_title *ret);

/* What a listening sshd was started with. */
struct live_listener {
	struct str file;	    /* -f; p == NULL: none */
	struct opt_list line, word; /* -o, as in struct live_args */
};
/*
 * arg[0..n) as proc(5) has it: the words of its command line, or the one title "sshd: PATH WORD ... [listener] ...", in
 * which the words are told apart only as far as dashes do it: a value runs up to the next word that starts with one.
 * SK_ESYNTAX with the reason when that gives nothing that sshd could have been started with (a title of more than 8 KiB,
 * more than 256 settings), or a file that nobody finds any more.  Source: sshd.c, main(), its getopt string and prepare_proctitle().
 */
SK_CHECK enum sk_code live_listener(
    struct arena *a, const struct str *arg, size_t n, struct live_listener *ret, struct err *e);
/* Is it a listener by its title, or (up to 8.1, which gave it none) by a command line without one? */
bool live_is_listener(const struct str *arg, size_t n);

#endif
