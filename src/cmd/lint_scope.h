/* SPDX-License-Identifier: MIT */
/* The settings that a lint keeps: one set for each tree that it was in lately. */
#ifndef CMD_LINT_SCOPE_H
#define CMD_LINT_SCOPE_H

#include <sys/types.h>

#include "cmd/settings.h"
#include "model/names.h"

/* What the settings of a tree say of one of its files. */
struct lint_file_says {
	struct str path; /* relative to the tree */
	struct file_setting says;
	uint8_t *rules; /* room for says.says */
};
struct lint_files {
	struct lint_file_says **v; /* NULL: free */
	size_t n, cap;		   /* cap is a power of two */
};

/* Settings with the networks and policies that they add to, and what was asked of them. */
struct lint_scope {
	dev_t dev; /* of the tree's folder */
	ino_t ino;
	unsigned number; /* of its own in this run; 0: nothing stands here */
	uint64_t used;	 /* when last */
	struct arena arena;
	struct settings settings;
	struct networks networks;
	struct policies policies;
	struct name_classes *names;
	struct lint_files files;
	struct lint_file_says *more; /* of the last file that files has no room for */
};
enum { LINT_SCOPES = 16 };
struct lint_scopes {
	struct lint_scope base; /* before any settings */
	struct lint_scope v[LINT_SCOPES];
	struct lint_scope *now; /* in force; the session holds its tables, too, but owns none */
	unsigned last_number;
	uint64_t clock;
	size_t read_bytes; /* of all settings */
};

#endif
