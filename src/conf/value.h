/* SPDX-License-Identifier: MIT */
/*
 * Arguments to typed values, one parser per kw_type.  A parser knows types and releases, never a keyword by
 * name, and gives OpenSSH's own message when it refuses.
 * Source: readconf.c process_config_line_depth(), servconf.c process_server_config_line_depth(), misc.c.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/arena.h"
#include "conf/kw.h"
#include "conf/split.h"

enum value_verdict {
	VALUE_OK,
	VALUE_COUNTED, /* OpenSSH prints, counts and reads on */
	VALUE_FATAL,   /* OpenSSH stops at once */
	VALUE_PRINTED, /* printed, not counted (unsupported algorithms of old words) */
};

struct value {
	bool unset; /* accepted, but sets nothing (client time "none") */
	/*
	 * Seconds, count, port, flag 0/1, kw_word.num; first half of RekeyLimit (bytes).  ControlPersist: -1 off,
	 * 0 for ever.  ObscureKeystrokeTiming: ms, 0 off.  PerSourceMaxStartups none: INT_MAX.  IPQoS none: -1.
	 * Forwards: the listening port, -1 for a socket.  ProxyJump: 1, for none 0.
	 */
	int64_t num;
	/*
	 * Second half of RekeyLimit (seconds), rate of MaxStartups, second IPQoS, v6 block size.  Forwards: 1 when
	 * the target is a socket path (ssh -G then prints its listening side as a dynamicforward, too).
	 */
	int64_t num2;
	int64_t num3;	 /* full of MaxStartups */
	struct str name; /* of a Subsystem */
	bool has_num2;
	/*
	 * Normalised as ssh -G / sshd -T of 9.2 print it, without the keyword; p == NULL: they print no line
	 * (ControlPath none).  Tokens, ~ and ${VAR} stand as written: they depend on the host.
	 */
	struct str text;
	struct str written; /* a word, or the time of ControlPersist, as it stands there: "10m" where text is "600" */
};

struct value_ctx {
	enum kw_side side;
	struct ver v;
	struct str file;	/* for messages */
	uint32_t line;		/* the number OpenSSH would print */
	struct str word;	/* the keyword as OpenSSH prints it: client lower case, server as written */
	bool active;		/* server: the line takes effect while the daemon starts */
	bool taken;		/* ... and one before it did */
	const struct str *name; /* the names that such lines have defined */
	size_t n_name;
};

/*
 * Check and read args for row k.  On anything but VALUE_OK *ret_msg (arena) is the full line that OpenSSH
 * prints, "FILE line N: ..." included.  A warning line that does not refuse (deprecated words) comes with VALUE_OK.
 */
enum value_verdict value_read(struct arena *a, const struct kw *k, const struct args *args, const struct value_ctx *ctx,
    struct value *ret, struct str *ret_msg);
/*
 * OpenSSH's time grammar of release v: seconds in *ret (0..INT_MAX; up to 8.4 cut to an
 * int, so perhaps negative), false when invalid.
 */
bool value_time(struct str s, struct ver v, int64_t *ret);
/* A port as a2port() takes it, names of services too: -1 when it is none. */
int port_number(struct str s, struct ver v);
/* Port of a well-known service name (IANA), or 0.  ssh asks the machine's services(5); these names are in all. */
int value_service(struct str name);

#endif
