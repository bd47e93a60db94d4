/* SPDX-License-Identifier: MIT */
/* The system's client config of a tree behind those of its users: looked at once by itself, then read for each. */
#include "lint/system.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "eval/waiting.h"

/* Does ssh stop at it whatever IgnoreUnknown says, or is a line of it not known? */
static bool
is_usable(const struct conf *c)
{
	if (c->n_src == 0 || c->capped || c->n_region > 1)
		return false;
	for (size_t i = 0; i < c->n_src; i++)
		if (c->src[i].marks != NULL)
			return false;
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].effect >= DIAG_COUNTED && !c->diag[i].ignorable)
			return false;
	return true;
}

/* The words of it that only an IgnoreUnknown lets pass. */
static void
keep_words(struct arena *a, struct arena *file_a, const struct conf *c, struct lint_system *ret)
{
	struct strset seen = { 0 };
	struct waiting w;

	waiting_of(file_a, c, &w);
	ret->alone = w.n == 0;
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].effect >= DIAG_COUNTED && c->diag[i].ignorable)
			(void)strset_add(&seen, a, c->diag[i].word);
	ret->n_word = seen.n;
	ret->word = ARENA_ARRAY(a, struct str, seen.n + 1);
	for (size_t i = 0; i < seen.n; i++)
		ret->word[i] = seen.v[i];
	strset_release(&seen);
}

/* Does ssh take its words behind the user's config?  If not, *ret is for what is the user's fault. */
static bool
takes_words(const struct lint_system *x, const struct conf *user, struct lint_locked *ret)
{
	const struct ignoring own = ignoring_of(user);

	if (own.set == UINT32_MAX || x->n_word == 0)
		return x->alone;
	for (size_t i = 0; i < x->n_word && own.always; i++)
		if (!conf_ignores(user, own.set, x->word[i])) {
			if (x->alone) {
				ret->set = own.set;
				ret->word = x->word[i];
			}
			return false;
		}
	return own.always;
}

/* The file by itself. */
static struct lint_system
look(struct lint *l, struct str path, struct str shown, const struct conf_opts *like)
{
	struct lint_system ret = { 0 };
	struct arena a = { 0 };
	struct conf_opts o = *like;
	struct lint_place place;
	struct loader loader;
	struct err e = { 0 };
	struct conf c;

	lint_place_init(&place, &l->tree, path, &a);
	place.budget = &l->budget;
	lint_loader_init(&place, &loader);
	o.loader = &loader;
	o.marks = NULL;
	conf_init(&c, &o);
	c.work_max = lint_work_max(l);
	c.stop = &l->watch.expired;
	if (conf_add_file(&c, &o, shown, SOURCE_SYSTEM, true, &e) == SK_OK) {
		lint_pass_words(l, &c, false);
		ret = (struct lint_system){ .n_bytes = c.n_file_bytes, .usable = is_usable(&c) };
		keep_words(l->s.arena, &a, &c, &ret);
	}
	lint_work_done(l, &c);
	conf_release(&c);
	lint_place_release(&place);
	arena_release(&a);
	return ret;
}

/* What is known of the file, looked at when it comes for the first time for that release. */
static struct lint_system
recall(struct lint *l, struct arena *a, struct str path, struct str shown, const struct conf_opts *o)
{
	struct str key = arena_printf(a, "%d %d %.*s", o->ver.n, o->ver.debian, STR_ARG(shown));
	size_t at = strset_find(&l->systems, key);

	if (at == SIZE_MAX) {
		at = l->systems.n;
		MEM_GROW(l->system, l->cap_system, at + 1);
		l->system[at] = look(l, path, shown, o);
		(void)strset_add(&l->systems, l->s.arena, key);
	}
	return l->system[at];
}

static bool
may_read(struct lint *l, struct str shown, size_t n_bytes)
{
	if (n_bytes <= l->budget.system) {
		l->budget.system -= n_bytes;
		return true;
	}
	if (!l->again && !l->system_told)
		session_note(&l->s,
		    arena_printf(l->s.arena,
			"%.*s is too long to be read behind each user's config: of some, what no line sets is silent",
			STR_ARG(shown)));
	l->system_told = true;
	return false;
}

/*
 * The path of the tree that becomes /etc/ssh/ssh_config, which may have another name in it: that of a template, one with
 * chezmoi's prefixes.  "": there is none; p == NULL: several, or nobody knows.
 */
static struct str
place_of(struct lint *l, struct lint_place *p)
{
	struct str path =
	    arena_printf(p->arena, "%.*s%setc/ssh/ssh_config", STR_ARG(p->root), p->root.n > 0 ? "/" : "");
	const struct lint_place before = *p;
	struct loader loader;
	struct str *found;
	size_t n;
	bool capped;
	char real[LINT_PATH];

	if (tree_resolve(&l->tree, p->root, path, true, real) != TREE_ABSENT)
		return path;
	lint_loader_init(p, &loader);
	loader.glob(loader.ctx, p->arena, STR("/etc/ssh/ssh_config"), false, &found, &n, &capped);
	p->unread = before.unread;
	p->unread_errno = before.unread_errno;
	if (n == 0 && !capped)
		return STR("");
	return n == 1 && !capped ? str_from(found[0], l->tree.shown.n) : (struct str){ 0 };
}

enum lint_system_state
lint_system_add(
    struct lint *l, struct lint_place *p, const struct conf_opts *o, struct conf *conf, struct lint_locked *ret_locked)
{
	const struct lint_place before = *p;
	const size_t n_comments = l->comments.n;
	struct str path, shown;
	struct lint_system x;
	struct conf_opts opts = *o;
	enum tree_state at;
	char real[LINT_PATH];
	struct err e = { 0 };
	struct stat st;

	*ret_locked = (struct lint_locked){ .set = UINT32_MAX };
	if (p->root.p == NULL)
		return LINT_SYSTEM_NONE;
	path = place_of(l, p);
	if (path.n == 0)
		return path.p == NULL ? LINT_SYSTEM_UNKNOWN : LINT_SYSTEM_NONE;
	at = tree_resolve(&l->tree, p->root, path, false, real);
	if (at == TREE_OUTSIDE || at == TREE_FAILED)
		return LINT_SYSTEM_UNKNOWN;
	if (at == TREE_ABSENT || fstatat(l->tree.fd, real, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return LINT_SYSTEM_NONE;
	shown = arena_printf(p->arena, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
	ret_locked->system = shown;
	x = recall(l, p->arena, path, shown, o);
	/* where it is not judged itself, nothing is said of its comments */
	for (size_t i = n_comments; i < l->comments.n && !l->tree.walked; i++)
		l->comments.v[i]->aside = true;
	if (!x.usable || !takes_words(&x, conf, ret_locked) || !may_read(l, shown, x.n_bytes))
		return LINT_SYSTEM_UNKNOWN;
	opts.marks = NULL;
	if (conf_add_file(conf, &opts, shown, SOURCE_SYSTEM, true, &e) != SK_OK)
		return LINT_SYSTEM_UNKNOWN;
	p->n_included = before.n_included;
	p->outside = before.outside;
	p->elsewhere = before.elsewhere;
	p->unmapped = before.unmapped;
	p->unread_errno = before.unread_errno;
	return LINT_SYSTEM_READ;
}

void
lint_system_locked(struct lint *l, struct arena *a, const struct conf *conf, const struct lint_locked *by)
{
	const struct set *set;
	struct finding f;

	if (by->set == UINT32_MAX || !ruleset_finding(&l->s.rules, STR("SK101"), &f))
		return;
	set = &conf->set[by->set];
	f.side = KW_CLIENT;
	f.conf = conf;
	f.at = conf_line_span(conf, set->src, set->line);
	f.file = conf->src[set->src].shown;
	f.message = f.key = arena_printf(a,
	    "this IgnoreUnknown replaces that of %.*s and does not hide \"%.*s\": OpenSSH refuses that file",
	    STR_ARG(by->system), STR_ARG(by->word));
	f.why = STR(
	    "ssh reads the user's config first, and of all IgnoreUnknown lines only the first counts: for this user no"
	    " ssh gets past the system's config.");
	f.advice = arena_printf(a, "Join %.*s to the list of this line, behind a comma.", STR_ARG(by->word));
	f.order = (uint32_t)l->fresh.n;
	MEM_GROW(l->fresh.v, l->fresh.cap, l->fresh.n + 1);
	l->fresh.v[l->fresh.n++] = f;
}
