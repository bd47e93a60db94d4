/* SPDX-License-Identifier: MIT */
/* What an Include or a link of a tree may not have opened. */
#include <fcntl.h>
#include <sys/stat.h>

#include "lint/git.h"
#include "lint/hide.h"
#include "lint/lint.h"
#include "rule/fingerprint.h"

/* Of an Include also in rules/sk1.ini, which makes notes of some. */
static const struct {
	const char *include, *link, *why;
	bool note;
} words[LINT_HIDDEN] = {
	[LINT_UNMAPPED] = { .include = "leaves the tree that is looked at and was not opened" },
	[LINT_UNMAPPED_WILD] = { .include = "leaves the tree that is looked at and is taken to match nothing" },
	[LINT_OUTSIDE] = { "leads out of the tree that is looked at and was not opened",
	    "leads out of the tree that is looked at and was not followed", "What stands there is not known here.",
	    false },
	[LINT_RING] = { "leads to itself", "leads to itself: nothing stands there in the tree that is looked at",
	    "Installed as it is, no program could open it; an etc/ of the tree stands for /etc.", false },
	[LINT_KEY] = { "is a key or a list of keys by its name and was not opened",
	    "leads to a key, or a list of keys, by its name and was not followed",
	    "Keys hold no settings, and some are secret.", false },
	[LINT_SEALED] = { "is encrypted or made where it is installed and was not opened",
	    "leads to what is encrypted or made where it is installed and was not followed",
	    "What it sets is not known here.", true },
	[LINT_IGNORED] = { "is left out by .gitignore and was not opened",
	    "leads to what .gitignore leaves out and was not followed",
	    "Whoever gets the tree from git does not have the file; it may hold secrets.", true },
	[LINT_UNTRACKED] = { "is not tracked by git and does not look like a config: it is not shown",
	    "leads to a file that git does not track and that does not look like a config: it is not shown",
	    "What only this checkout has may be secret.", false },
	[LINT_NO_FILE] = { "is no file where the tree is installed",
	    "leads to what is no file where the tree is installed", "chezmoi runs or removes it.", false },
};

const char *
lint_hidden_include(enum lint_hidden why)
{
	return words[why].include;
}

const char *
lint_hidden_link(enum lint_hidden why)
{
	return words[why].link;
}

const char *
lint_hidden_why(enum lint_hidden why)
{
	return words[why].why;
}

bool
lint_hidden_is_note(enum lint_hidden why)
{
	return words[why].note;
}

bool
lint_is_config(struct str text, const struct marks *marks)
{
	enum kw_side side;

	return tree_by_content(str_head(text, TREE_HEAD), marks, true, &side);
}

static enum lint_hidden
by_git(struct lint *l, struct str path, const struct tree_folder *in)
{
	struct tree_what what;

	switch (lint_git_file(l, path)) {
	case GIT_FILE_OPEN:
		break;
	case GIT_FILE_IGNORED:
		return LINT_IGNORED;
	case GIT_FILE_UNSURE:
		return lint_what(l, in, path, &what) == TREE_NAME_KNOWN ? LINT_SHOWN : LINT_IGNORED;
	case GIT_FILE_NEW:
		return lint_what(l, in, path, &what) == TREE_NAME_KNOWN ? LINT_SHOWN : LINT_UNTRACKED;
	}
	return LINT_SHOWN;
}

enum lint_hidden
lint_hides(const struct lint_tree *t, const char *real)
{
	static const enum lint_hidden by_name[] = {
		[TREE_TEXT_KEY] = LINT_KEY, [TREE_TEXT_SEALED] = LINT_SEALED, [TREE_TEXT_NONE] = LINT_NO_FILE
	};
	struct str path = str_c(real);
	struct tree_folder in;
	enum tree_text text;
	struct stat st;

	if (fstatat(t->fd, real, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return LINT_SHOWN;
	in = lint_folder_of(t, path);
	in.chezmoi |= t->chezmoi;
	text = tree_text(&in, str_base(path));
	if (text != TREE_TEXT_PLAIN)
		return by_name[text];
	return t->run != NULL ? by_git(t->run, path, &in) : LINT_SHOWN;
}

void
lint_link_nowhere(struct lint *l, struct str path, const struct tree_what *what, enum lint_hidden why)
{
	struct finding f;

	if (!ruleset_finding(&l->s.rules, STR("SK115"), &f))
		return;
	f.side = what->side;
	f.file = arena_printf(l->s.arena, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	if (lint_hidden_is_note(why))
		f.level = LEVEL_NOTE;
	f.message = arena_printf(l->s.arena, "this link %s", lint_hidden_link(why));
	f.why = str_c(lint_hidden_why(why));
	f.advice = (struct str){ 0 };
	if (!session_kept(&l->s, lint_file_setting(l, f.file), &f))
		return;
	fingerprint_mark_text(l->s.arena, &f, &l->naming, STR(""), STR(""));
	(void)lint_keep(l, f.file, what->kind, &f);
}
