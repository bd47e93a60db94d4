/* SPDX-License-Identifier: MIT */
/* The password and group databases: those of the running system, or the files below a root. */
#ifndef SYS_USERS_H
#define SYS_USERS_H

#include <stdbool.h>
#include <stdint.h>

#include "sys/fs_loader.h"

struct user {
	struct str name, home;
	uint32_t uid, gid;
};

bool user_by_name(const struct fs_tree *t, struct arena *a, struct str name, struct user *ret);
bool user_by_uid(const struct fs_tree *t, struct arena *a, uint32_t uid, struct user *ret);
/* Names of all groups of the account name, the primary one included; none for an unknown account. */
void user_groups(const struct fs_tree *t, struct arena *a, struct str name, struct str **ret, size_t *ret_n);
/*
 * Has group gid exactly one member, the user uid?  Then a group-writable file of uid is as good as private.
 * Source: Debian's user-group-modes.patch, secure_permissions().
 */
bool group_is_private(const struct fs_tree *t, struct arena *a, uint32_t gid, uint32_t uid);

#endif
