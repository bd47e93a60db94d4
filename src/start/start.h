/* SPDX-License-Identifier: MIT */
/*
 * Start files: systemd units, shell scripts, crontabs and compose files, as far as they start ssh or autossh, or send
 * signals to autossh.  Text goes in, a list of such command lines comes out; nothing is run, opened or expanded beyond
 * what the text itself says.  Total: any bytes give a list.
 * Source: systemd.service(5), systemd.exec(5), systemd.syntax(7), crontab(5), the Compose specification; autossh reference
 * sections 1 to 3, 13 and 14.
 */
#ifndef START_START_H
#define START_START_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

enum start_kind { START_NONE, START_SCRIPT, START_UNIT, START_CRON, START_USER_CRON, START_COMPOSE };
const char *start_kind_name(enum start_kind k); /* "script", "unit", "crontab", "compose file" */

enum start_program {
	START_SSH,
	START_AUTOSSH,
	START_SIGNAL, /* killall, pkill or kill that may reach an autossh */
	START_FILE,   /* a unit or crontab runs another file, which may be a script */
};

/* A variable of autossh's (its reference, section 2). */
enum start_var_id {
	VAR_PORT,
	VAR_GATETIME,
	VAR_POLL,
	VAR_FIRST_POLL,
	VAR_LOGLEVEL,
	VAR_LOGFILE,
	VAR_PIDFILE,
	VAR_MAXSTART,
	VAR_MAXLIFETIME,
	START_VARS,
};
struct start_var {
	bool set, known; /* known: value is what autossh gets; set without it: computed */
	struct str value;
};
struct start_env {
	struct start_var var[START_VARS];
	bool open; /* more variables come from elsewhere (EnvironmentFile, env_file) */
};

/* What a unit says of all its commands. */
struct start_unit {
	struct str type, restart; /* "": not given */
	bool pidfile;
	double restart_s, limit_s; /* RestartSec, StartLimitIntervalSec */
	bool limit_known;	   /* both are plain times */
	uint64_t limit_burst;
	bool is_compose; /* restart is a policy of compose: "no", "always", "on-failure", "unless-stopped" */
};

/* One command line.  All strings live in the arena given to start_read() or borrow from its text. */
struct start {
	struct str file; /* as start_from names it */
	uint32_t line;
	enum start_kind kind;
	enum start_program program;
	struct str path; /* START_FILE: absolute */
	struct str user; /* who runs it, as far as the file says; "" */
	bool unattended; /* unit, crontab, compose, or run by one of them */
	bool loop;	 /* a while loop starts it again */
	bool periodic;	 /* cron does, again and again */
	bool guarded;	 /* what starts it may look first whether it runs */
	const struct start_unit *unit;
	struct start_env env;

	/* the words of ssh */
	bool complete;	    /* no word is computed that may hold options */
	struct str *line_o; /* "Keyword=value", in order, as -o takes them; also what other letters mean */
	size_t n_line_o;
	size_t n_sure;	   /* of these: ahead of any word that may hold options; all of them when complete */
	struct str *vague; /* keywords whose value is computed and whose line comes before any plain one */
	size_t n_vague;
	struct str config;	/* -F; p == NULL: not given */
	bool config_vague;	/* it is computed, or a container may have one that is not seen */
	struct str login, host; /* host "": computed; then complete says whether it is all that is */
	unsigned n_forward, n_remote;
	uint64_t forward_hash; /* of the values of -L, -R, -D and -w */
	bool no_command;       /* -N */
	bool background;       /* -f of ssh or autossh */
	bool master;	       /* -M of ssh */
	bool command;	       /* a remote command follows */

	/* the words of autossh */
	bool dashes;						     /* -- stands ahead of ssh's words */
	struct start_var monitor;				     /* -M, else AUTOSSH_PORT that is not empty */
	bool monitor_by_word;					     /* it is -M */
	struct str cluster, jump, new_option, remote_word, relative; /* what its getopt or daemon() gets wrong; "" */

	struct str signal; /* START_SIGNAL: the command, shown */
	bool by_pid;	   /* it names a pid, which is an autossh's only where the same file starts one */
};

struct starts {
	struct start *v; /* heap */
	size_t n, cap;
	bool toomany; /* more than STARTS_MAX: the rest was left out */
};
enum { STARTS_MAX = 1024, START_BYTES_MAX = 1024 * 1024 };
void starts_release(struct starts *s);

/* Where a text comes from. */
struct start_from {
	struct str file;	/* for struct start; borrowed */
	struct str user;	/* user crontab, user unit: whose */
	struct str home;	/* of that user, for ~ and %h; "": not known */
	bool unattended;	/* a boot script */
	const struct start *by; /* the line that runs this script; NULL */
};

/*
 * What a file is, by its path and first bytes; START_NONE when it is none of these.  A crontab is known by its place
 * only.
 */
enum start_kind start_kind_of(struct str path, struct str text);
/*
 * Add the command lines of text to *out.  False: it could not be read as a whole (a quote never closed, not YAML, variables
 * that grow without end), and *ret_why says so.
 */
bool start_read(struct arena *a, enum start_kind kind, const struct start_from *from, struct str text,
    struct starts *out, const char **ret_why);
/*
 * A unit of several files: the unit itself and its drop-ins, in order of their names.  from and text have n each; the
 * first gives user and home.
 */
bool start_read_unit(struct arena *a, const struct start_from *from, const struct str *text, size_t n,
    struct starts *out, const char **ret_why);

/* What its words mean as lines of a config, LF behind each; has_session_type: ssh knows SessionType (8.7). */
struct str start_lines(struct arena *a, const struct start *s, bool has_session_type);
/* The first AUTOSSH_* variable that ends autossh, as NAME=value; "" when there is none. */
struct str start_bad_variable(struct arena *a, const struct start *s);
/* A value of autossh's as it reads it: strtol with base 0, the whole word.  False: autossh refuses it. */
bool start_number(struct str s, int64_t *ret);
/* Monitor ports of a and b meet: equal, or one next to the other. */
bool start_ports_clash(const struct start *a, const struct start *b);
/* The last entry whose monitor port meets that of v[at] and that is not the same tunnel once more; NULL: none. */
const struct start *start_clash(const struct starts *all, size_t at);
/* What autossh refuses as its monitor port, as -M VALUE or AUTOSSH_PORT=VALUE; "" when there is nothing. */
struct str start_bad_monitor(struct arena *a, const struct start *s);
/* Is it an ssh that is to stay up without anybody at it? */
bool start_is_tunnel(const struct start *s);

#endif
