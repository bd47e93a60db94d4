/* SPDX-License-Identifier: MIT */
/*
 * Files that the command line names for reading or writing.  One may stand in a tree that somebody else filled: at and
 * below the current folder, and the folders among the operands, no link is followed, neither on the way nor at the end.
 * Elsewhere links are the caller's own and are followed, so that /dev/stdout and >(program) work.
 */
#ifndef CLI_NAMED_H
#define CLI_NAMED_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "cli/options.h"

struct named {
	int dir;	  /* the folder that holds it, O_PATH; nothing is asked by path from here on */
	const char *name; /* in it, no slash; "." when the path ends in one */
	bool in_tree;	  /* a link of that name is not followed */
};

/*
 * Opens the way.  tops: operands, those that are no folders do not count; NULL: links are followed everywhere, and the
 * current folder is no tree either.  False: errno, ELOOP where a link was not followed.
 */
bool named_open(struct arena *a, struct str path, const struct opt_list *tops, struct named *ret);
/* openat(2) of the file itself: -1 and errno, ELOOP for a link that is not followed. */
int named_fd(const struct named *x, int flags, mode_t mode);
void named_close(const struct named *x);
/* "WHAT PATH: " and what errno means here. */
enum sk_code named_say(struct err *e, enum sk_code code, const char *what, struct str path);

#endif
