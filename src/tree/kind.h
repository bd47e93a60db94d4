/* SPDX-License-Identifier: MIT */
/* What a file of a tree is: by its name and the folders above it, and failing that by its first lines. */
#ifndef TREE_KIND_H
#define TREE_KIND_H

#include "conf/kw.h"
#include "conf/marks.h"

/* A config as a whole, a file of a drop-in folder, a part of which nobody knows where it belongs. */
enum tree_part { TREE_MAIN, TREE_DROPIN, TREE_FRAGMENT };

/* What speaks in it. */
enum tree_class {
	TREE_CONFIG,  /* OpenSSH */
	TREE_SYSCTL,  /* sysctl.conf, a file of sysctl.d */
	TREE_PROFILE, /* a start file of sh, bash or zsh */
	TREE_START,   /* a unit, script, crontab or compose file */
};

struct tree_what {
	enum tree_class class; /* what follows is for TREE_CONFIG */
	enum tree_part kind;
	enum kw_side side;
	uint8_t start; /* TREE_START: which of these; the caller's */
	bool lenient;  /* by content: one line is enough */
	bool system;   /* read in the place of /etc/ssh/ssh_config, not of the user's file */
	bool passed;   /* in sshd_config.d or ssh_config.d, by a name that *.conf passes over; side is the folder's */
	uint8_t taken; /* a config by its name that somebody says is something else: what; the caller's */
};

/* What a folder's name and those above it say of the files in it. */
struct tree_folder {
	bool below_ssh;	      /* .ssh is among the folders above */
	bool is_ssh;	      /* it is .ssh itself */
	bool named_ssh;	      /* it is called ssh or openssh */
	bool dropin;	      /* a drop-in folder */
	bool conf_only;	      /* of which only *.conf counts */
	bool side_known;      /* and its side is */
	bool sysctl, profile; /* sysctl.d, profile.d */
	bool chezmoi;	      /* its prefixes count: the tree is chezmoi's, or a folder's name says so */
	enum kw_side side;
};
struct tree_folder tree_folder_enter(struct tree_folder above, struct str name);
/* The same for all folders of a path that ends in a file's name. */
struct tree_folder tree_folder_of(struct str path);
bool tree_folder_skipped(struct str name); /* .git and its kind, in whatever case */

enum tree_name {
	TREE_NAME_KNOWN, /* *ret is filled */
	/* only its content can tell the side, or what it is at all; ret->kind and ret->system are filled */
	TREE_NAME_OPEN,
	/* keys, known hosts, what is encrypted or, by chezmoi's prefix, no file in the end: not opened.  No name that a
	 * drop-in folder's *.conf takes is among them. */
	TREE_NAME_NEVER,
};
/*
 * The name that a file or folder of a repository gets where it is used: dot_ssh and private_dot_ssh are .ssh (chezmoi), so
 * is dot-ssh (stow); sshd_config.j2 is sshd_config; config##os.Linux is config (yadm).  May borrow from room.
 */
enum { TREE_NAME_BYTES = 256 };
struct str tree_target_name(struct str name, char room[static TREE_NAME_BYTES]);
enum tree_name tree_by_name(const struct tree_folder *in, struct str name, struct tree_what *ret);
/*
 * A name that says that the file is not meant to be read: a backup of an editor or a package manager (10-site.conf~,
 * 10-site.conf.rpmsave), one put aside (10-site.conf.disabled).
 */
bool tree_name_aside(struct str name);

/* What stands in a file that an Include or a link names, as far as its own name tells. */
enum tree_text {
	TREE_TEXT_PLAIN, /* its text */
	TREE_TEXT_KEY,	 /* a key, known hosts and the like */
	TREE_TEXT_SEALED, /* what is used comes of it and is not there: it is encrypted, or chezmoi's modify_ or symlink_ */
	TREE_TEXT_NONE, /* chezmoi makes no such file: run_, remove_ */
};
enum tree_text tree_text(const struct tree_folder *in, struct str name);

/*
 * Is text (the head of a file) a config, and of which side?  Binary text never is, nor what begins like a script (#!) or
 * a Dockerfile (FROM).  Its first keyword lines must be
 * known to that side, a slip of the pen or two aside: some of them to it alone, few of them to nobody.  Where no line is
 * unknown one of ServerAlive* or ClientAlive* with its value is enough.  lenient: any one line is; for files that the
 * command line or a name that speaks of ssh points to.  marks: of a template's text, else NULL.
 */
enum { TREE_HEAD = 4096 };
bool tree_by_content(struct str text, const struct marks *marks, bool lenient, enum kw_side *ret);
/* The same where the side is known: keywords of both sides count for it, and one line is enough. */
bool tree_by_content_of(enum kw_side side, struct str text, const struct marks *marks);

#endif
