/* SPDX-License-Identifier: MIT */
/*
 * Templates of configs, as far as their literal lines go: which bytes belong to the engine, which lines are there only
 * sometimes, which values are computed.  Nothing is evaluated.  Total: any bytes give marks.
 * Sources: the template designer pages of Jinja (Ansible, Salt), Go text/template (chezmoi), ERB, Puppet's EPP, Mako,
 * Terraform's string templates, autoconf's @NAME@, envsubst(1).
 */
#ifndef TREE_TEMPLATE_H
#define TREE_TEMPLATE_H

#include "base/arena.h"
#include "conf/marks.h"

enum {
	ENGINE_JINJA = 1,
	ENGINE_GO = 2,
	ENGINE_ERB = 4,
	ENGINE_EPP = 8,
	ENGINE_TERRAFORM = 16,
	ENGINE_MAKO = 32,
	ENGINE_AT = 64,	    /* @NAME@, __NAME__ */
	ENGINE_SHELL = 256, /* $NAME, ${NAME}; where a shell reads the text, these are its own */
	/*
	 * Nothing but the text says that it is a template, and OpenSSH may well read it as it stands: tags in its comments
	 * are no tags, and those behind literal text neither reach beyond their line nor make later lines conditional.
	 */
	ENGINE_GUESSED = 128,
	ENGINE_NONE = 512, /* said by hand: it is no template */
};

/* Is it a template by its name?  *ret_base is the name of what comes of it: the same without the ending. */
bool template_name(struct str name, struct str *ret_base);
/* The engine of that word (jinja, go, erb, epp, mako, terraform, at, shell, none); 0: there is none. */
unsigned template_engine(struct str word);
/*
 * The engines (ENGINE_*) that such a file is for, by its path and what stands in it; 0: it is no template.  by_name: its
 * name, or that of a folder, alone makes it one.
 */
unsigned template_engines(struct str path, struct str text, bool by_name);
/*
 * The text with the parts of the engine masked: the same length, lines and columns; blanks for what leaves nothing
 * behind.  What is computed becomes a word, or the name of a shell's variable.  ret->raw is text.
 */
enum template_style { TEMPLATE_WORDS, TEMPLATE_VARIABLES };
struct str template_mark(
    struct arena *a, unsigned engines, enum template_style style, struct str text, struct marks *ret);

#endif
