/* SPDX-License-Identifier: MIT */
/*
 * What the writers of launchers share: the checked words of the ssh command line, the comments, and quoting
 * for arguments.  Private to launch/.
 */
#ifndef LAUNCH_PARTS_H
#define LAUNCH_PARTS_H

#include <stdbool.h>

#include "launch/launch.h"

/* Seconds that a connect or handshake may take before ssh gives up (autossh reference, section 10). */
#define LAUNCH_CONNECT_S 15
/* AUTOSSH_POLL: the longest pause between two tries (section 5); and what systemd and launchd are told to wait. */
#define LAUNCH_POLL_S	 60
#define LAUNCH_RESTART_S 10

/* Options and values in turn; what does not begin with - is the value of the word before it. */
struct launch_words {
	struct str name;       /* file-name-safe */
	struct str host_shown; /* in double quotes, escaped: fit for a comment */
	struct str *option;    /* what any ssh to this host gets: -T, -o ... */
	size_t n_option;
	struct str *forward; /* what the tunnel adds ahead of the host: -N, -L ... */
	size_t n_forward;
	bool remote;	  /* some -R */
	bool utf8;	  /* all words are UTF-8: units and plists can hold nothing else */
	bool odd_host;	  /* ssh 9.6 and later refuse such a name */
	bool remote_path; /* a -R listens on a Unix socket */
	/*
	 * Set by the writer: how long what supervises ssh waits before the next try, when ssh ended at once and when it
	 * had run for a while.
	 */
	long pause_s, pause_late_s;
};

/* How a forward is written. */
struct spec_shape {
	bool bind;	  /* the listening end names an address, or is a path */
	bool listen_path; /* it is a Unix socket */
};

/*
 * Check l and make the words; they live in a.  SK_EUSAGE: host or words that ssh would take for something else
 * (a leading -, control characters), options that end the supervision (-f, -M, ...), no forward, no interval.
 */
SK_CHECK enum sk_code launch_prepare(struct arena *a, const struct launch *l, struct launch_words *ret, struct err *e);
/* SK_EUSAGE when a unit or plist cannot hold the words. */
SK_CHECK enum sk_code launch_need_utf8(const struct launch_words *w, const char *what, struct err *e);

/* Spec of -L, -R, -D: false when ssh would refuse its form. */
bool spec_shape(char kind, struct str spec, struct spec_shape *ret);

/* The comments, each line behind lead; from what l says, with w from launch_prepare(). */
void launch_reasons(
    struct arena *a, struct buf *b, const char *lead, const struct launch *l, const struct launch_words *w);
/* One paragraph, wrapped; control characters are shown, never written. */
void launch_comment(struct buf *b, const char *lead, struct str text);

/* As sh_quote(), for a word that is not the first: KEY=VALUE needs no quotes there. */
void sh_quote_arg(struct buf *b, struct str s);
/* Text or attribute of XML; s holds no control characters. */
void xml_quote(struct buf *b, struct str s);
/* Any byte below 0x20, or DEL? */
bool launch_has_control(struct str s);
/* UTF-8 without surrogates and without U+FFFE and U+FFFF, which XML cannot hold. */
bool launch_is_utf8(struct str s);

/* The part of the script that is the same for every tunnel; ended by NULL. */
extern const char *const script_body[];

enum sk_code script_write(struct arena *a, const struct launch *l, struct buf *out, struct err *e);
enum sk_code unit_write_autossh(struct arena *a, const struct launch *l, struct buf *out, struct err *e);
enum sk_code unit_write_ssh(struct arena *a, const struct launch *l, struct buf *out, struct err *e);
enum sk_code launchd_write(struct arena *a, const struct launch *l, struct buf *out, struct err *e);

#endif
