/* SPDX-License-Identifier: MIT */
/*
 * Launchers for tunnels (contract section 8, autossh reference section 13): POSIX script around autossh,
 * systemd unit with autossh, systemd unit with plain ssh, launchd plist.  Pure: gives text.
 */
#ifndef LAUNCH_LAUNCH_H
#define LAUNCH_LAUNCH_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "conf/version.h"

struct launch_forward {
	char kind;	 /* 'L', 'R' or 'D' */
	struct str spec; /* one word as ssh's -L, -R, -D take it */
};

struct launch {
	struct str host; /* as one would type it; hostile text is quoted, a leading - refused */
	struct str name; /* file-name-safe name of the tunnel; "" : derived from host */
	const struct launch_forward *forward;
	size_t n_forward;
	const struct str *ssh_arg;
	size_t n_ssh_arg;	/* further words: -p PORT, -o X=Y, -F FILE */
	long interval_s, count; /* from the arithmetic */
	struct str reason;	/* sentence: why these numbers (path timeout, policy) */
	struct ver ssh_ver;	/* of the ssh that will run it */
	struct str user;	/* systemd User=; "" for a user unit */
	struct str home;
};

struct launch_kind {
	const char *name, *suffix, *about;
	enum sk_code (*write)(struct arena *a, const struct launch *l, struct buf *out, struct err *e);
};
/* The kinds, ended by name NULL. */
extern const struct launch_kind launch_kinds[];

/* Word quoted for a POSIX shell; never unquoted where it would need it. */
void sh_quote(struct buf *b, struct str s);
/* A blank, the option and its quoted value; nothing where that was not given (p == NULL). */
void sh_option(struct buf *b, const char *option, struct str value);
/* Word for ExecStart= of a systemd unit: quotes, %% and $$. */
void unit_quote(struct buf *b, struct str s);
/*
 * The printed form of a config forward (`8080 [web]:80`, `[127.0.0.1]:8080 [::1]:80`, `1080 [socks]:0`) as a one-word
 * -L/-R/-D spec.
 */
SK_CHECK enum sk_code launch_spec(
    struct arena *a, char kind, struct str printed, struct launch_forward *ret, struct err *e);

#endif
