/* SPDX-License-Identifier: MIT */
/*
 * OpenSSH's glob, which is not the C library's: * ? [...] and backslash, no braces, a leading dot must be
 * written, results in byte order of the whole path.  Source: openbsd-compat/glob.c.
 */
#ifndef SYS_FS_GLOB_H
#define SYS_FS_GLOB_H

#include <stdbool.h>

#include "sys/fs_loader.h"

/* See struct loader, glob. */
void fs_glob(const struct fs_tree *t, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n,
    bool *ret_capped);
/* Does one path component match? */
bool fs_glob_match(struct str pattern, struct str name);
/* Does a whole path match, part by part?  No tilde. */
bool fs_glob_path(struct str pattern, struct str path);

#endif
