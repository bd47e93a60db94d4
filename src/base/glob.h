/* SPDX-License-Identifier: MIT */
/*
 * Patterns of paths as gitignore(5) has them.  Nothing here allocates or recurses.  Time may grow with the length of the
 * path squared x length of the pattern: *io_left goes down with each step, and when it comes to 0 nothing matches any
 * more, so that the caller can say so.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include <stdint.h>

#include "base/str.h"

/*
 * The bare pattern against the whole path: `*`, `?` and `[a-z]` (`[!a-z]`) stay inside a name, a backslash takes the next
 * byte as it is, and a part that is just two stars stands for any number of folders, none included.
 */
bool glob_match(struct str pattern, struct str path, uint64_t *io_left);
/*
 * The rules about slashes on top of that.  A pattern with a slash ahead of its last byte begins at the top, others fit a name at
 * any depth; a slash at the end asks for a folder.  path is relative, without a slash at its end.
 */
bool glob_names(struct str pattern, struct str path, bool is_folder, uint64_t *io_left);

#endif
