/* SPDX-License-Identifier: MIT */
/* The settings of a lint: those of the run, those of each tree, and what they say of a file. */
#ifndef LINT_SETTINGS_H
#define LINT_SETTINGS_H

#include <sys/types.h>

#include "base/buf.h"
#include "base/set.h"
#include "session/settings.h"
#include "model/names.h"

struct lint;

/* What the settings of a tree say of one of its files. */
struct lint_file_says {
	struct str path; /* from the folder of the settings */
	struct file_setting says;
	uint8_t *rules; /* room for says.says */
};
struct lint_files {
	struct strset path;	   /* from the folder of the settings, borrowed from ... */
	struct lint_file_says **v; /* ... what stands under its number */
	size_t cap;
};

/* Settings with the networks and policies that they add to, and what was asked of them. */
struct lint_scope {
	dev_t dev; /* of the tree's folder */
	ino_t ino;
	unsigned number; /* of its own in this run; 0: nothing stands here */
	uint64_t used;	 /* when last */
	struct arena arena;
	struct str file; /* where they stand */
	bool overruled;	 /* a note says that some of them do not count */
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
	struct str below;  /* where the tree stands below the folder of its settings: "" or with a slash */
	struct buf path;   /* of a file from that folder */
};

/* No settings yet; those of --config, checked like the options; those of the tree that was entered, dir as
 * given; or of the folder above that stands for the whole of which it is a part. */
void lint_settings_start(struct lint *l);
SK_CHECK enum sk_code lint_settings_given(struct lint *l, struct err *e);
SK_CHECK enum sk_code lint_settings_tree(struct lint *l, struct str dir, struct err *e);
void lint_settings_release(struct lint *l); /* ahead of the session */
/* Where a path of the tree stands for its settings; good until the next call. */
struct str lint_settings_path(struct lint *l, struct str path);
/* What the settings say of a file by its shown name; good until the next call, or the next tree. */
const struct file_setting *lint_file_setting(struct lint *l, struct str shown);
/* Did an option, or settings for all or for the file, say what the path is, or what to aim for? */
bool lint_declared(const struct lint *l, const struct file_setting *file);
/* The release to judge for: the option, what settings say of the file, what they say of all, the newest. */
struct ver lint_ver(const struct lint *l, const struct file_setting *file);

#endif
