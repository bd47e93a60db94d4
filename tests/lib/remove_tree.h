/* SPDX-License-Identifier: MIT */
/* For tests that make folders: a folder goes with all that is in it, no link followed. */
#ifndef TESTS_LIB_REMOVE_TREE_H
#define TESTS_LIB_REMOVE_TREE_H

#include <ftw.h>
#include <stdio.h>

static inline int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* 0, or the errno of nftw(3) is set. */
static inline int
remove_tree(const char *dir)
{
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
