/* SPDX-License-Identifier: MIT */
/* Files below one folder, as the paths in the configs there mean them; nothing outside of it is opened. */
#ifndef LINT_TREE_H
#define LINT_TREE_H

#include "conf/doc.h"
#include "tree/kind.h"

struct lint_budget;
struct lint_fix;

struct lint;

/* The folder below which everything stays. */
struct lint_tree {
	int fd;		  /* -1: not open */
	struct str shown; /* what stands before a path of the tree for people: "", or ends in a slash */
	struct str names; /* of its folder and those above it, as far as they say what a file is; a slash behind each */
	bool has_etc;	  /* it has an etc/ of its own, which stands for /etc */
	bool chezmoi;	  /* it is a source folder of chezmoi: .chezmoiroot stands at its top */
	bool by_name;	  /* only its name, or [files], makes a file a template */
	struct lint *run; /* for [files]; NULL: there is none */
	bool walked;	  /* all of it was asked for */
	bool stores;	  /* what .git and its kind hold may be opened: for git's own lists alone */
	struct str over;  /* a file of it, by its place, whose bytes are these; p == NULL: none */
	struct str over_bytes;
	const struct lint_fix *fix; /* its files are read as this has planned them; NULL: as they are */
};
/* What the names of the folders around the file at path of the tree say of it. */
struct tree_folder lint_folder_of(const struct lint_tree *t, struct str path);
/* The folder part of a path; "" at the top. */
struct str lint_folder_part(struct str path);

/* .git, .hg, .svn and all below them count as outside. */
enum tree_state { TREE_FOUND, TREE_ABSENT, TREE_OUTSIDE, TREE_FAILED /* errno */ };
/*
 * Where path (relative to the tree) stands when its links are followed: in ret, of LINT_PATH bytes, without links
 * and dots.  An absolute link means a path below root (relative to the tree), or is outside when root.p is NULL.
 * keep_link: a link at the end is not followed.
 */
enum { LINT_PATH = 4096 };
enum tree_state tree_resolve(const struct lint_tree *t, struct str root, struct str path, bool keep_link, char *ret);

/* How the paths in a config map to the tree: relative to it; p == NULL: they do not. */
struct lint_place {
	const struct lint_tree *tree;
	struct str file;    /* the file itself */
	struct str root;    /* what / is */
	struct str home;    /* what ~ is */
	struct str ssh;	    /* what ~/.ssh is; never NULL */
	struct str etc_ssh; /* what /etc/ssh is */
	/* what came of it */
	struct str *included; /* paths of the tree that were read, or lead out of it; heap */
	size_t n_included, cap_included;
	bool outside;		    /* one of them leads out of it */
	bool elsewhere;		    /* an Include names a folder of drop-ins that the tree has not at that place */
	struct str unmapped;	    /* the last pattern that leads out of the tree */
	struct str unread;	    /* the first folder that could not be searched, for ... */
	int unread_errno;	    /* ... this; 0: all could, or OpenSSH would find nothing in them either */
	struct lint_budget *budget; /* NULL: none */
	struct arena *arena;	    /* for the paths above */
};
/* file is borrowed; the place's arrays are freed with lint_place_release(). */
void lint_place_init(struct lint_place *p, const struct lint_tree *t, struct str file, struct arena *a);
void lint_place_release(struct lint_place *p);
/* The file at path of the tree, as the loader would have it; LOADER_OUTSIDE also where a link leads to what lint_hides(). */
void lint_read(const struct lint_tree *t, struct str path, struct arena *a, struct loaded *ret);
/* The engines of which the file at path of the tree is a template: by [files], its name, or these bytes of it. */
unsigned lint_engines(const struct lint_tree *t, struct str path, struct str bytes);
/* A template's bytes become those that are parsed, and *ret its marks; NULL: it is none. */
void lint_template(
    const struct lint_tree *t, struct arena *a, struct str path, struct str *io_bytes, const struct marks **ret);
/* The loader of conf/ over a place.  Names that it makes are those shown to people. */
void lint_loader_init(struct lint_place *p, struct loader *ret);

#endif
