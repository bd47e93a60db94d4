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
 */
#ifndef CMD_SETTINGS_H
#define CMD_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "model/network.h"
#include "model/policy.h"
#include "rule/finding.h"

struct rule_setting {
	struct str code; /* a code or a prefix */
	bool off;
	enum level level;
};

struct host_setting {
	struct str pattern, network, path_timeout, policy;
};

struct settings {
	struct str policy, cross, path_timeout, select, ignore; /* p == NULL: not set */
	struct rule_setting *rule;
	size_t n_rule, cap_rule;
	struct host_setting *host;
	size_t n_host, cap_host;
};

/* Add one file's text; what is set already stays.  SK_ERULE with FILE:LINE.  Heap arrays: settings_release(). */
SK_CHECK enum sk_code settings_load(struct arena *a, struct str file, struct str text, struct settings *s,
    struct networks *n, struct policies *p, struct err *e);
/* The section for a host, or NULL. */
const struct host_setting *settings_host(const struct settings *s, struct str host);
void settings_release(struct settings *s);

#endif
