/* SPDX-License-Identifier: MIT */
/* Files that were named, and the configs in whose place they count: judged once, for what they say of those files alone. */
#include "lint/lint.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct str
shown(struct lint *l, struct arena *a, struct str path)
{
	return arena_printf(a, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
}

/* The config may be judged in the end. */
static void
add_main(struct lint *l, struct str path)
{
	char real[LINT_PATH];
	struct stat st;

	if (tree_resolve(&l->tree, (struct str){ 0 }, path, false, real) == TREE_FOUND && real[0] != '\0' &&
	    fstatat(l->tree.fd, real, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		(void)strset_add(&l->beside, l->s.arena, path);
}

void
lint_beside(struct lint *l, struct str path)
{
	static const char *const name[] = { "config", "ssh_config", "sshd_config" };
	struct str main = lint_main_of(path);
	struct lint_place p;
	struct arena a = { 0 };

	(void)strset_add(&l->named, l->s.arena, shown(l, &a, path));
	if (main.n > 0)
		add_main(l, main);
	lint_place_init(&p, &l->tree, path, &a);
	for (size_t i = 0; i < sizeof name / sizeof *name && main.n == 0; i++)
		add_main(l, arena_printf(&a, "%.*s%s%s", STR_ARG(p.ssh), p.ssh.n > 0 ? "/" : "", name[i]));
	arena_release(&a);
}

/* Nobody named it: what a walk leaves out is not there.  What git does not know yet a walk takes. */
static bool
is_kept_back(const struct lint *l, const char *real)
{
	enum lint_hidden why = lint_hides(&l->tree, real);

	return why != LINT_SHOWN && why != LINT_UNTRACKED;
}

static void
judge_main(struct lint *l, struct arena *a, struct str path)
{
	const struct tree_folder in = lint_folder_of(&l->tree, path);
	struct tree_what what;
	enum tree_name by = lint_what(l, &in, path, &what);
	char real[LINT_PATH];
	const bool want_hosts = l->want_hosts;
	size_t n_comments = l->comments.n;
	struct loaded f;

	if (tree_resolve(&l->tree, (struct str){ 0 }, path, false, real) != TREE_FOUND || is_kept_back(l, real))
		return;
	lint_read(&l->tree, path, a, &f);
	if (f.state != LOADER_FILE || by == TREE_NAME_NEVER ||
	    (by == TREE_NAME_OPEN && !lint_by_content(l, path, str_head(f.bytes, TREE_HEAD), &what)) ||
	    what.class != TREE_CONFIG || what.kind != TREE_MAIN)
		return;
	l->stand_in = true;
	l->want_hosts = false;
	lint_judge(l, path, &what, f.bytes);
	l->want_hosts = want_hosts;
	l->stand_in = false;
	/* nor is anything said of the comments of others */
	for (; n_comments < l->comments.n; n_comments++)
		l->comments.v[n_comments]->aside |= !strset_has(&l->named, l->comments.v[n_comments]->file);
}

/* Whoever names a file means what it includes, too. */
static void
name_included(struct lint *l)
{
	for (size_t i = 0; i < l->n_pair && l->beside.n > 0; i++)
		if (strset_has(&l->named, l->pair[i].by))
			(void)strset_add(&l->named, l->s.arena, l->pair[i].file);
}

void
lint_beside_end(struct lint *l)
{
	struct arena a = { 0 };

	name_included(l);
	for (size_t i = 0; i < l->beside.n && lint_goes_on(l); i++) {
		struct str path = l->beside.v[i];

		if (!strset_has(&l->seen, shown(l, &a, path)))
			judge_main(l, &a, path);
		arena_reset(&a);
	}
	arena_release(&a);
	strset_release(&l->beside);
	strset_release(&l->named);
	l->tree.over = (struct str){ 0 };
}
