/* SPDX-License-Identifier: MIT */
/*
 * Running OpenSSH's own programs and systemctl with words that sshkeep made up, without a shell.  Nothing that a
 * config names is ever run.
 */
#ifndef SYS_RUN_PROGRAM_H
#define SYS_RUN_PROGRAM_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/buf.h"

enum run_state {
	RUN_EXITED,  /* status is its exit status */
	RUN_KILLED,  /* by a signal that was not ours; status is its number */
	RUN_LATE,    /* it did not end in time and was killed */
	RUN_TOOBIG,  /* it said more than is kept and was killed */
	RUN_STOPPED, /* *stop became true: it was killed */
	RUN_FAILED,  /* it could not be started; status is errno */
};

struct run {
	const char *const *argv; /* argv[0]: an absolute path, or a name for run_find() */
	const char *const *env;	 /* NAME=VALUE beyond PATH, LC_ALL=C and HOME; NULL: none */
	unsigned limit_ms;
	const volatile sig_atomic_t *stop; /* NULL: nothing stops it */
	struct buf *out, *err;		   /* what it says; neither is NULL */
};

/*
 * Start path in a group of its own, so that whatever it may start ends with it; signals as a fresh program has them.
 * fd: what becomes standard input, output and error; all but these the program gets only if not close-on-exec.
 * 0 or errno.
 */
int run_spawn(
    struct arena *a, const char *path, const char *const *argv, char *const *env, const int *fd, pid_t *ret_pid);
/* Run it with standard input empty and a clean environment, and wait for its end. */
enum run_state run_capture(struct arena *a, const struct run *r, int *ret_status);
/* Path of the program in one of the system's folders, never the caller's PATH: as root that may be anybody's; or NULL. */
const char *run_find(struct arena *a, const char *name);
/* True when argv[0] ran and exited 0 within two minutes.  *ret_said, unless NULL: the first line of its messages. */
bool run_program(struct arena *a, const char *const *argv, struct str *ret_said);

#endif
