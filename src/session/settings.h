/* SPDX-License-Identifier: MIT */
/*
 * Settings of a site, INI (contract 2.4): ~/.config/sshkeep/config.ini (XDG), then /etc/sshkeep.ini; what the
 * first one says wins.
 *
 *   [policy]
 *   name = laptop                  ; what to aim for when the command line does not say
 *   [policy NAME]                  ; a policy of one's own, keys as in rules/policies.ini
 *   [networks]
 *   cross = aws-nlb-tcp            ; every path crosses these boxes
 *   path_timeout = 300s            ; every path forgets after this
 *   [network ID]                   ; a box of one's own, keys as in rules/networks.ini
 *   [hosts *.example.com,!www*]    ; pattern list, as in Match host; the first section that matches decides
 *   network = corp-fw
 *   path_timeout = 300s            ; or none
 *   policy = tunnel
 *   [rules]
 *   select = SK2,SK3               ; only these
 *   ignore = SK601                 ; not these
 *   SK203 = off                    ; or error, warning, note
 *
 * For lint alone, which reads .sshkeep.ini at the top of the tree, or of the one that it is a part of (lint/above.h):
 *
 *   [lint]
 *   openssh = 9.2p1                ; the release that the configs are for
 *   [files roles/bastion/]         ; a pattern as in .gitignore, against the path from the top of the tree
 *   kind = server-part             ; one of settings_kind[]
 *   template = jinja               ; or go, erb, epp, mako, terraform, at
 *   openssh = 8.4
 *   network = corp-fw
 *   path_timeout = 300s            ; or none
 *   policy = tunnel
 *   select = SK2,SK3               ; instead of that of [rules]
 *   ignore = SK601                 ; besides those of [rules]
 *   SK203 = off
 *   [files legacy]
 *   paths = /old/, *.legacy        ; patterns in the place of the one in the section's name
 *
 * Of several [files] that fit, the last one that has a key decides it, and ignore adds up.  What [hosts] says of a
 * host goes before what [files] says of the file.
 */
#ifndef SESSION_SETTINGS_H
#define SESSION_SETTINGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "model/network.h"
#include "model/policy.h"
#include "rule/ruleset.h"

/* What a file is said to be. */
enum files_kind {
	FILES_UNSAID,
	FILES_CLIENT,	     /* a user's whole config */
	FILES_CLIENT_SYSTEM, /* /etc/ssh/ssh_config */
	FILES_CLIENT_DROPIN, /* of /etc/ssh/ssh_config.d */
	FILES_CLIENT_PART,   /* nobody knows who includes it */
	FILES_SERVER,
	FILES_SERVER_DROPIN,
	FILES_SERVER_PART,
	FILES_SYSCTL,
	FILES_PROFILE, /* a start file of shells */
	FILES_UNIT,    /* of systemd */
	FILES_SCRIPT,
	FILES_COMPOSE,
	FILES_CRONTAB,
	FILES_NONE, /* not looked at */
	FILES_KIND_MAX_
};
/* The words of the settings by kind; that of FILES_UNSAID is NULL. */
extern const char *const settings_kind[FILES_KIND_MAX_];

struct rule_setting {
	struct str code; /* a code or a prefix */
	bool off;
	enum level level;
};

struct host_setting {
	struct str pattern, network, path_timeout, policy;
};

/* One [files] section, or all that such sections say of one file. */
struct file_setting {
	struct str paths;						   /* patterns, separated by commas */
	struct str openssh, network, path_timeout, policy, select, ignore; /* p == NULL: not set */
	enum files_kind kind;
	unsigned engine;	   /* of which it is a template (tree/template.h); 0: unsaid */
	struct rule_setting *rule; /* of a section, in the arena of the settings */
	size_t n_rule;
	uint8_t *says; /* by the rule's place in the set: SETTING_*; NULL: nothing of any */
};
/* What settings say of a rule; the level stands above these bits. */
enum {
	SETTING_SELECTED = 1,
	SETTING_IGNORED = 2,
	SETTING_OFF = 4,
	SETTING_LEVEL = 8,
	SETTING_LEVEL_SHIFT = 4,
};

/* Text of a file that names something which is known only when all files are read. */
enum setting_names { SETTING_NETWORKS, SETTING_POLICY, SETTING_CODES };
struct setting_ref {
	enum setting_names what;
	struct str text, file;
	unsigned line;
};

struct settings {
	struct str policy, cross, path_timeout, select, ignore; /* p == NULL: not set */
	struct str openssh;					/* [lint] */
	struct rule_setting *rule;
	size_t n_rule, cap_rule;
	struct host_setting *host;
	size_t n_host, cap_host;
	struct file_setting *files; /* in order of their files */
	size_t n_files, cap_files;
	struct setting_ref *ref;
	size_t n_ref, cap_ref;
	uint8_t *says; /* of [rules], as in struct file_setting, once they are compiled */
	size_t n_says; /* rules */
};

/* Add one file's text; what is set already stays.  SK_ERULE with FILE:LINE.  Heap arrays: settings_release(). */
SK_CHECK enum sk_code settings_load(struct arena *a, struct str file, struct str text, struct settings *s,
    struct networks *n, struct policies *p, struct err *e);
/* The section for a host, or NULL. */
const struct host_setting *settings_host(const struct settings *s, struct str host);
/*
 * What [files] said of the folders above the last path, so that each folder is asked for once on the way through a tree;
 * all but left zero at first.  It is for one struct settings.
 */
struct settings_memo {
	struct buf folder; /* the folder, slash included */
	size_t *end;	   /* bytes of it that are the folder at each level */
	bool *covers;	   /* by level, then [files] section: a pattern names the folder or one above */
	size_t n, cap_end, cap_covers;
	uint64_t *left; /* steps of patterns (base/glob.h); at 0 no section counts any more, and the caller says so */
};
void settings_memo_release(struct settings_memo *m); /* left stays */
/*
 * Look up once what every list and level says of every rule of rs, into a; these lists may be long and many.  The rules
 * must not change any more.
 */
void settings_compile(struct settings *s, const struct ruleset *rs, struct arena *a);
/*
 * What [files] says of the file at path, relative to the tree, after settings_compile().  ret->says stands in rules, of
 * n_says bytes; paths, ignore and rule are those of no section.
 */
void settings_file(
    const struct settings *s, struct settings_memo *m, struct str path, uint8_t *rules, struct file_setting *ret);
/* Only what kind it is said to be, and of which engine a template. */
enum files_kind settings_file_kind(const struct settings *s, struct settings_memo *m, struct str path);
unsigned settings_file_engine(const struct settings *s, struct settings_memo *m, struct str path);
/*
 * Networks, policies and codes that settings name: SK_ERULE with FILE:LINE for the first that does not exist.  Codes are
 * checked against rs.
 */
SK_CHECK enum sk_code settings_check(const struct settings *s, const struct networks *n, const struct policies *p,
    const struct ruleset *rs, struct err *e);
void settings_release(struct settings *s);

#endif
