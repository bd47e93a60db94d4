/* SPDX-License-Identifier: MIT */
/* What the readers of start files share.  Private to start/. */
#ifndef START_PARTS_H
#define START_PARTS_H

#include "base/buf.h"
#include "base/shlex.h"
#include "start/start.h"

/* What variables may put into one file's commands, sh -c within sh -c and all: A=$A$A doubles with each line. */
struct start_budget {
	size_t inserted; /* bytes */
	bool spent;	 /* some variable was left out */
};

/* What holds for a command line besides its words. */
struct start_ctx {
	struct arena *a;
	struct starts *out;
	struct start_budget *budget; /* of the file */
	const struct start_from *from;
	enum start_kind kind;
	struct str user;
	bool unattended, loop, signals_only; /* the last: not the command that is supervised */
	bool periodic, guarded;
	const struct start_unit *unit;
	const struct start_env *env;
	bool config_vague; /* an ssh configuration may be there that is not seen */
	unsigned depth;	   /* of sh -c */
};

/* Add what the words start; word[0] may be an assignment or a wrapper such as sudo or nohup. */
void start_words(const struct start_ctx *c, const struct shword *word, size_t n, bool cut);
/* The words behind the program ssh or autossh. */
void start_ssh(const struct start_ctx *c, const struct shword *word, size_t n, bool autossh, bool cut);
/* A unit or crontab runs the file path; in scripts these are too many to follow. */
void start_file(const struct start_ctx *c, struct str path, uint32_t line);
/* sh -c TEXT, and whole scripts. */
bool start_shell(const struct start_ctx *c, struct str text, uint32_t line);

bool start_cron(const struct start_ctx *c, struct str text, bool has_user);
bool start_units(const struct start_ctx *c, const struct start_from *from, const struct str *text, size_t n);
bool start_compose(const struct start_ctx *c, struct str text);

/* NAME=VALUE into env; other names are passed over.  known false: computed. */
void env_set(struct start_env *env, struct str name, struct str value, bool known);
void env_unset(struct start_env *env, struct str name);
extern const char *const start_var_names[START_VARS];

/* A new entry of the list with all that the context says; NULL when the list is full. */
struct start *start_add(const struct start_ctx *c, enum start_program program, uint32_t line);

#endif
