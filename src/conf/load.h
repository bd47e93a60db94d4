/* SPDX-License-Identifier: MIT */
/*
 * Inside conf/ only: the state of reading one configuration, shared by load.c, header.c and include.c.
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include "base/buf.h"
#include "conf/doc.h"

/* A region of a template that was entered. */
struct in_region {
	uint32_t region; /* of the text's marks */
	int32_t parent;	 /* load.parent, load.block and load.global outside */
	uint32_t block;
	bool global;
	bool header; /* a Host or Match line stood in it */
};
enum { REGION_DEPTH = 64 };

/* One file being read. */
struct load {
	struct conf *c;
	const struct conf_opts *o;
	uint32_t src;
	uint32_t depth;
	int32_t parent;	       /* block of the Include, or -1 */
	uint32_t file_block;   /* the BLOCK_FILE of this file */
	uint32_t block;	       /* current block */
	bool global;	       /* server: lines here are global, that is active while the daemon starts */
	bool file_global;      /* the same for the place of the Include */
	uint32_t line;	       /* 0-based index of the line being read */
	uint32_t no;	       /* the number that OpenSSH prints for it */
	struct str text;       /* what OpenSSH reads of it */
	struct str word;       /* the keyword as OpenSSH prints it */
	struct str written;    /* the same as it stands there */
	struct arena *scratch; /* lives for one line */
	uint32_t chunk;	       /* part of a long line, see CHUNK */
	bool stopped;	       /* a cap was hit */
	bool vague;	       /* a template computes the arguments of the line */
	uint32_t region0;      /* what to add to the marks' region for that of conf */
	unsigned n_in;	       /* regions around the line */
	struct in_region in[REGION_DEPTH];
};

#define CHUNK		  1023u /* bytes of a line that clients up to 7.4 read at once */
#define FILES_MAX	  4096u
#define FILE_BYTES_MAX	  (64u * 1024 * 1024)
#define INCLUDE_DEPTH_MAX 16u /* READCONF_MAX_DEPTH, SERVCONF_MAX_DEPTH: the main file is level 0 */

/*
 * The common line (plain.c): a known keyword, blanks, arguments without quotes, escapes or comments, read without
 * the general scanners and with the verdict on equal arguments remembered.  True: the line is dealt with, exactly
 * as read_line() would.  False: nothing was done.
 */
bool load_plain(struct load *ld, struct line *l, struct str raw);
/* A line of row with these arguments was accepted without a diag: equal ones need not be parsed again. */
void plain_learn(struct load *ld, unsigned row, struct str rest, unsigned flags, struct set *set);
void plain_release(struct conf *c);
/* What conf_ignores() keeps. */
void ignore_init(struct conf *c);
void ignore_release(struct conf *c);
/* An accepted setting of the current block. */
struct set *load_set(struct load *ld, unsigned row, unsigned flags);
/*
 * Templates (template.c).  load_regions() makes the regions of a source known; load_marked() puts the line at hand into
 * its region and says whether it is dealt with thereby; load_header() is told of every Host and Match line.
 */
void load_regions(struct load *ld);
bool load_marked(struct load *ld, struct line *l, struct str raw);
void load_header(struct load *ld);
/* A Match line, and any other setting, whose arguments are computed; a line that may be anything. */
void load_vague_match(struct load *ld);
void load_vague_set(struct load *ld, unsigned row);
void load_opaque(struct load *ld);
/* An Include of a file whose lines nobody knows; of path it may be known which keywords it holds. */
void load_unseen(struct load *ld, struct str path);
/* Read all lines of source ld->src. */
void load_lines(struct load *ld);
/* A new block with its first (empty) segment. */
uint32_t load_block(struct load *ld, enum block_kind kind, int32_t parent);
/* Host and Match lines; Include lines. */
/* How many of the block's patterns begin with what a template computes. */
uint32_t load_computed(const struct load *ld, const struct block *b);
void load_host(struct load *ld, const struct args *args);
void load_match(struct load *ld, size_t rest_off);
void load_include(struct load *ld, const struct args *args);
/* A source for path's bytes; returns its index. */
uint32_t load_source(struct conf *c, const struct conf_opts *o, struct str name, struct str bytes,
    const struct marks *marks, enum source_origin origin, uint32_t depth);
/* Read source src in the place of an Include (or as a main file: parent -1). */
void load_file(
    struct conf *c, const struct conf_opts *o, uint32_t src, int32_t parent, bool global, struct arena *scratch);

/* A diag on the current line; effect as OpenSSH's.  Returns it for further fields (valid until the next one). */
struct diag *load_diag(struct load *ld, enum diag_kind kind, enum diag_effect effect);
/* Its message: "NAME line N: " and the text, bytes shown as OpenSSH's log shows them. */
void load_msg(struct load *ld, struct diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same without the file name and line. */
void load_msg_bare(struct load *ld, struct diag *d, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Bytes as OpenSSH's log prints them: octal for control and non-ASCII bytes, backslash doubled. */
struct str load_vis(struct arena *a, struct str s);
/* A word of another vendor's OpenSSH (UseKeychain and its kind): the vendor, or NULL. */
const char *diag_vendor(struct str word);

#endif
