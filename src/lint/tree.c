/* SPDX-License-Identifier: MIT */
/* Files below one folder: finding where a path stands without leaving it, and the loader for Includes. */
#define _DEFAULT_SOURCE /* d_type and readlinkat */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/fs_glob.h"
#include "lint/fix.h"
#include "lint/hide.h"
#include "tree/template.h"

enum {
	LINKS_MAX = 40,
	BUDGET = 1 << 18,   /* folder entries that one Include may look at ... */
	CHEAP_PATTERN = 32, /* ... with a pattern of so many bytes; with a longer one each counts as its bytes */
};

/* A path on its way through the tree. */
struct way {
	char *done; /* LINT_PATH bytes: without links */
	size_t n;
	char rest[LINT_PATH];
	unsigned links;
	bool jumped; /* an absolute link was read as one below the root */
};

static void
way_up(struct way *w)
{
	while (w->n > 0 && w->done[w->n - 1] != '/')
		w->n--;
	if (w->n > 0)
		w->n--;
	w->done[w->n] = '\0';
}

static enum tree_state
failed(int sys_errno)
{
	errno = sys_errno;
	return TREE_FAILED;
}

/* w->done ends in a link to target: put it in front of the rest. */
static enum tree_state
way_link(struct way *w, struct str root, struct str target)
{
	size_t rest_n = strlen(w->rest);
	struct str head = { "", 0 };

	if (++w->links > LINKS_MAX)
		return failed(ELOOP);
	way_up(w);
	if (target.n > 0 && target.p[0] == '/') {
		if (root.p == NULL)
			return TREE_OUTSIDE;
		head = root;
		w->jumped = true;
		w->n = 0;
		w->done[0] = '\0';
	}
	if (head.n + 1 + target.n + 1 + rest_n >= sizeof w->rest)
		return failed(ENAMETOOLONG);
	memmove(w->rest + head.n + 1 + target.n + 1, w->rest, rest_n + 1);
	if (head.n > 0)
		memcpy(w->rest, head.p, head.n);
	w->rest[head.n] = '/';
	memcpy(w->rest + head.n + 1, target.p, target.n);
	w->rest[head.n + 1 + target.n] = '/';
	return TREE_FOUND;
}

/* Take one component off the rest; *ret_more false when nothing is left. */
static enum tree_state
way_step(const struct lint_tree *t, struct str root, struct way *w, bool keep_link, bool *ret_more)
{
	char target[LINT_PATH];
	char *p = w->rest + strspn(w->rest, "/");
	size_t n = strcspn(p, "/");
	ssize_t got;

	*ret_more = n != 0;
	if (n == 0)
		return TREE_FOUND;
	if (n == 2 && p[0] == '.' && p[1] == '.') {
		if (w->n == 0)
			return TREE_OUTSIDE;
		way_up(w);
	} else if (n != 1 || p[0] != '.') {
		if (w->n + 1 + n >= LINT_PATH)
			return failed(ENAMETOOLONG);
		if (!t->stores && tree_folder_skipped((struct str){ p, n }))
			return TREE_OUTSIDE;
		if (w->n > 0)
			w->done[w->n++] = '/';
		memcpy(w->done + w->n, p, n);
		w->n += n;
		w->done[w->n] = '\0';
	}
	memmove(w->rest, p + n, strlen(p + n) + 1);
	if (w->n == 0 || (keep_link && w->rest[strspn(w->rest, "/")] == '\0'))
		return TREE_FOUND;
	got = readlinkat(t->fd, w->done, target, sizeof target - 1);
	if (got >= 0)
		return way_link(w, root, (struct str){ target, (size_t)got });
	if (errno == EINVAL) /* no link */
		return TREE_FOUND;
	if (errno == ENOENT || errno == ENOTDIR)
		return w->jumped ? TREE_OUTSIDE : TREE_ABSENT;
	return TREE_FAILED;
}

enum tree_state
tree_resolve(const struct lint_tree *t, struct str root, struct str path, bool keep_link, char *ret)
{
	struct way w = { .done = ret };
	enum tree_state st = TREE_FOUND;
	bool more = true;
	struct stat sb;

	ret[0] = '\0';
	if (path.n >= sizeof w.rest)
		return failed(ENAMETOOLONG);
	if (path.n > 0 && memchr(path.p, '\0', path.n) != NULL)
		return TREE_ABSENT;
	memcpy(w.rest, path.n > 0 ? path.p : "", path.n);
	w.rest[path.n] = '\0';
	while (more && st == TREE_FOUND)
		st = way_step(t, root, &w, keep_link, &more);
	if (st != TREE_FOUND || w.n == 0 || !keep_link)
		return st;
	if (fstatat(t->fd, ret, &sb, AT_SYMLINK_NOFOLLOW) == 0)
		return TREE_FOUND;
	return errno == ENOENT || errno == ENOTDIR ? TREE_ABSENT : TREE_FAILED;
}

struct tree_folder
lint_folder_of(const struct lint_tree *t, struct str path)
{
	struct buf b = { 0 };
	struct tree_folder in;

	buf_add(&b, t->names);
	buf_add(&b, path);
	in = tree_folder_of(buf_str(&b));
	buf_release(&b);
	return in;
}

struct str
lint_folder_part(struct str path)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return (struct str){ path.p, n > 0 ? n - 1 : 0 };
}

/*
 * path up to and without its last component that comes to be called name; p == NULL: there is none.  *ret_end is where
 * that component ends.
 */
static struct str
before_last(struct str path, struct str name, size_t *ret_end)
{
	char room[TREE_NAME_BYTES];
	size_t end = path.n;

	while (end > 0) {
		size_t from = end;

		while (from > 0 && path.p[from - 1] != '/')
			from--;
		*ret_end = end;
		if (str_eq(tree_target_name((struct str){ path.p + from, end - from }, room), name))
			return (struct str){ path.p, from > 0 ? from - 1 : 0 };
		end = from > 0 ? from - 1 : 0;
	}
	return (struct str){ 0 };
}

/* Is there a folder called name (of one part or more) in dir? */
static bool
has_folder(const struct lint_tree *t, struct str dir, const char *name)
{
	char path[LINT_PATH];
	struct buf b = { 0 };
	struct stat st;
	size_t n;

	buf_add(&b, dir);
	buf_addc(&b, dir.n > 0 ? "/" : "");
	buf_addc(&b, name);
	n = b.n;
	if (n < sizeof path)
		memcpy(path, b.p, n);
	buf_release(&b);
	if (n >= sizeof path)
		return false;
	path[n] = '\0';
	return fstatat(t->fd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* The nearest folder above that has an etc/; p == NULL: none has. */
static struct str
nearest_root(const struct lint_tree *t, struct str dir)
{
	for (; dir.n > 0; dir = lint_folder_part(dir))
		if (has_folder(t, dir, "etc"))
			return dir;
	return t->has_etc ? (struct str){ "", 0 } : (struct str){ 0 };
}

/* Is dir the etc/ssh of the root? */
static bool
is_etc_ssh(struct str root, struct str dir)
{
	struct str etc = lint_folder_part(dir);
	char room[TREE_NAME_BYTES];

	return str_eqc(tree_target_name(str_base(dir), room), "ssh") &&
	    str_eqc(tree_target_name(str_base(etc), room), "etc") && str_eq(lint_folder_part(etc), root);
}

/*
 * The main file name, or a drop-in beside where one would stand, is a system file: is its own folder /etc/ssh, and not the
 * etc/ssh of the root?  So it is without such a folder, and where the drop-ins stand beside it.
 */
static bool
is_own_etc_ssh(const struct lint_place *p, struct str name, bool dropin)
{
	const bool server = str_eqc(name, "sshd_config");

	if (!dropin && !server && !str_eqc(name, "ssh_config"))
		return false;
	if (p->root.p == NULL)
		return true;
	if (is_etc_ssh(p->root, p->ssh))
		return false;
	return dropin || has_folder(p->tree, p->ssh, server ? "sshd_config.d" : "ssh_config.d") ||
	    !has_folder(p->tree, p->root, "etc/ssh");
}

void
lint_place_init(struct lint_place *p, const struct lint_tree *t, struct str file, struct arena *a)
{
	struct str dir = lint_folder_part(file), name = str_base(file);
	bool dropin = str_ends(str_base(dir), STR("_config.d"));
	char room[TREE_NAME_BYTES];
	size_t end;

	*p = (struct lint_place){ .tree = t, .file = file, .arena = a, .ssh = dropin ? lint_folder_part(dir) : dir };
	name = tree_target_name(name, room);
	p->home = before_last(dir, STR(".ssh"), &end);
	if (p->home.p != NULL)
		p->ssh = str_head(dir, end);
	p->root = before_last(dir, STR("etc"), &end);
	if (p->root.p == NULL)
		p->root = nearest_root(t, dir);
	if (is_own_etc_ssh(p, name, dropin))
		p->etc_ssh = (struct str){ p->ssh.p != NULL ? p->ssh.p : "", p->ssh.n };
}

void
lint_place_release(struct lint_place *p)
{
	free(p->included);
	p->included = NULL;
	p->n_included = p->cap_included = 0;
}

/* Paths that match one pattern. */
struct globber {
	struct lint_place *place;
	struct arena *arena;
	struct str *v; /* heap while it grows */
	size_t n, cap;
	unsigned budget;
	bool wild; /* a wildcard made the path that is at hand */
	bool capped;
};

/* Nobody who has the tree from git has it, or it is no file in the end. */
static bool
is_no_file(const struct globber *g, const char *real)
{
	enum lint_hidden why = lint_hides(g->place->tree, real);

	return why == LINT_NO_FILE || (why == LINT_IGNORED && g->wild);
}

static void
add_match(struct globber *g, struct str path)
{
	char real[LINT_PATH];
	enum tree_state st = tree_resolve(g->place->tree, g->place->root, path, true, real);

	/* what leads outside is a match, too: reading it says so */
	if (st == TREE_ABSENT || (st == TREE_FOUND && is_no_file(g, real)))
		return;
	if (g->n == FS_MAX_MATCHES) {
		g->capped = true;
		return;
	}
	MEM_GROW(g->v, g->cap, g->n + 1);
	g->v[g->n++] = arena_printf(g->arena, "%.*s%.*s", STR_ARG(g->place->tree->shown), STR_ARG(path));
}

/* What keeps OpenSSH out as well is no match; anything else is a fault of this run. */
static void
note_unread(struct lint_place *p, struct str path, int sys_errno)
{
	static const int none[] = { 0, ENOENT, ENOTDIR, EACCES, ELOOP, ENAMETOOLONG };

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		if (sys_errno == none[i])
			return;
	if (p->unread_errno == 0)
		p->unread = arena_printf(p->arena, "%.*s%.*s", STR_ARG(p->tree->shown), STR_ARG(path));
	p->unread_errno = p->unread_errno == 0 ? sys_errno : p->unread_errno;
}

/* A folder that leads outside stands for what would match in it: reading it says so. */
static DIR *
open_folder(struct globber *g, struct str path)
{
	struct lint_place *p = g->place;
	char real[LINT_PATH];
	enum tree_state st = tree_resolve(p->tree, p->root, path, false, real);
	DIR *dir = NULL;
	int fd;

	if (st == TREE_FAILED)
		note_unread(p, path, errno);
	if (st == TREE_OUTSIDE)
		add_match(g, path);
	if (st != TREE_FOUND)
		return NULL;
	fd = openat(
	    p->tree->fd, real[0] != '\0' ? real : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		dir = fdopendir(fd);
	if (dir == NULL)
		note_unread(p, path, errno);
	if (dir == NULL && fd >= 0)
		close(fd);
	return dir;
}

/* Is there such a path, under this very name? */
static bool
is_there(const struct globber *g, struct str path)
{
	char real[LINT_PATH];

	return tree_resolve(g->place->tree, g->place->root, path, true, real) != TREE_ABSENT;
}

/* Does a file of the folder match, by its name or by that which it gets where it is used? */
static bool
name_matches(struct str pattern, struct str name)
{
	char room[TREE_NAME_BYTES];

	return fs_glob_match(pattern, name) || fs_glob_match(pattern, tree_target_name(name, room));
}

/* All matches of rest below path; one level of calls for each wildcard component. */
static void
expand(struct globber *g, struct buf *path, struct str rest)
{
	struct str part;
	struct dirent *d;
	unsigned cost;
	size_t keep;
	DIR *dir;
	bool wild = g->wild;

	for (;;) {
		size_t slash;

		while (rest.n > 0 && rest.p[0] == '/')
			rest = str_from(rest, 1);
		if (rest.n == 0) {
			add_match(g, buf_str(path));
			return;
		}
		slash = str_chr(rest, '/', 0);
		part = str_head(rest, slash);
		rest = str_from(rest, part.n);
		if (loader_is_wild(part))
			break;
		keep = path->n;
		if (path->n > 0)
			buf_addch(path, '/');
		for (size_t i = 0; i < part.n; i++) {
			if (part.p[i] == '\\' && i + 1 < part.n)
				i++;
			buf_addch(path, part.p[i]);
		}
		/* dot_ssh for .ssh, x.conf.j2 for x.conf */
		if (!is_there(g, buf_str(path))) {
			path->n = keep;
			break;
		}
	}
	dir = open_folder(g, buf_str(path));
	if (dir == NULL)
		return;
	keep = path->n;
	/* the time for a name grows with the pattern */
	cost = 1 + (part.n > CHEAP_PATTERN ? (unsigned)part.n : 0);
	while (!g->capped && (errno = 0, d = readdir(dir)) != NULL) {
		if (g->budget < cost) {
			g->capped = true;
			break;
		}
		g->budget -= cost;
		if (!name_matches(part, str_c(d->d_name)))
			continue;
		if (path->n > 0)
			buf_addch(path, '/');
		buf_addc(path, d->d_name);
		g->wild = wild || loader_is_wild(part);
		expand(g, path, rest);
		g->wild = wild;
		path->n = keep;
	}
	if (!g->capped)
		note_unread(g->place, buf_str(path), errno);
	closedir(dir);
}

static int
by_bytes(const void *x, const void *y)
{
	const struct str *a = x, *b = y;

	return str_cmp(*a, *b);
}

/* The folder of the tree that a pattern starts from, and what is left of it; false: it names no place of the tree. */
static bool
map_pattern(const struct lint_place *p, struct str pattern, struct str *ret_base, struct str *ret_rest)
{
	const struct str ssh = STR("~/.ssh/"), etc_ssh = STR("/etc/ssh/");

	if (str_starts(pattern, ssh)) {
		*ret_base = p->ssh;
		*ret_rest = str_from(pattern, ssh.n);
		return true;
	}
	if (str_starts(pattern, STR("~/"))) {
		*ret_base = p->home;
		*ret_rest = str_from(pattern, 2);
		return p->home.p != NULL;
	}
	if (p->etc_ssh.p != NULL && str_starts(pattern, etc_ssh)) {
		*ret_base = p->etc_ssh;
		*ret_rest = str_from(pattern, etc_ssh.n);
		return true;
	}
	*ret_base = p->root;
	*ret_rest = str_from(pattern, 1);
	return pattern.n > 0 && pattern.p[0] == '/' && p->root.p != NULL;
}

static void
spend(struct lint_place *p, uint64_t steps)
{
	if (p->budget != NULL)
		p->budget->included -= steps < p->budget->included ? steps : p->budget->included;
}

/* What stands in a file's place is matched like the file, which need not be there. */
static void
add_over(struct globber *g, struct str base, struct str rest)
{
	const struct lint_tree *t = g->place->tree;
	struct str path = t->over, shown;

	if (path.p == NULL || !str_starts(path, base))
		return;
	for (path = str_from(path, base.n); path.n > 0 && path.p[0] == '/';)
		path = str_from(path, 1);
	while (rest.n > 0 && rest.p[0] == '/')
		rest = str_from(rest, 1);
	if (!fs_glob_path(rest, path))
		return;
	shown = arena_printf(g->arena, "%.*s%.*s", STR_ARG(t->shown), STR_ARG(t->over));
	for (size_t i = 0; i < g->n; i++)
		if (str_eq(g->v[i], shown))
			return;
	MEM_GROW(g->v, g->cap, g->n + 1);
	g->v[g->n++] = shown;
}

/* Was a folder of drop-ins meant that stands nowhere in the tree, and perhaps beside the file? */
static bool
is_folder_elsewhere(const struct lint_place *p, struct arena *a, struct str base, struct str rest)
{
	struct str folder = lint_folder_part(rest);
	char real[LINT_PATH];

	if (!str_ends(folder, STR("config.d")) || loader_is_wild(folder))
		return false;
	folder = base.n > 0 ? arena_printf(a, "%.*s/%.*s", STR_ARG(base), STR_ARG(folder)) : folder;
	return tree_resolve(p->tree, p->root, folder, false, real) == TREE_ABSENT;
}

static void
loader_glob(
    void *ctx, struct arena *a, struct str pattern, bool tilde, struct str **ret, size_t *ret_n, bool *ret_capped)
{
	struct lint_place *p = ctx;
	uint64_t left = p->budget == NULL ? BUDGET : *p->budget->expired ? 0 : p->budget->included;
	struct globber g = { .place = p, .arena = a, .budget = left < BUDGET ? (unsigned)left : BUDGET };
	unsigned first = g.budget;
	struct str base, rest;
	struct buf path = { 0 };

	*ret = NULL;
	*ret_n = 0;
	*ret_capped = false;
	/* as OpenSSH's glob(): what is no path by its length matches none */
	if (pattern.n == 0 || pattern.n >= LINT_PATH || memchr(pattern.p, '\0', pattern.n) != NULL)
		return;
	/* to sshd that is no home */
	if (!tilde && pattern.p[0] == '~')
		return;
	if (!map_pattern(p, pattern, &base, &rest)) {
		*ret = ARENA_NEW(a, struct str);
		**ret = p->unmapped = arena_str(a, pattern);
		*ret_n = 1;
		return;
	}
	g.capped = first < LINT_GLOB_STEPS;
	buf_add(&path, base);
	if (!g.capped)
		expand(&g, &path, rest);
	if (!g.capped)
		add_over(&g, base, rest);
	buf_release(&path);
	p->elsewhere |= g.n == 0 && !g.capped && is_folder_elsewhere(p, a, base, rest);
	spend(p, LINT_GLOB_STEPS + (first - g.budget) + g.n * LINT_MATCH_STEPS);
	if (g.n > 0) {
		qsort(g.v, g.n, sizeof *g.v, by_bytes);
		*ret = ARENA_ARRAY(a, struct str, g.n);
		memcpy(*ret, g.v, g.n * sizeof *g.v);
		*ret_n = g.n;
	}
	*ret_capped = g.capped;
	free(g.v);
}

/* A file of the tree by its place, which holds no link. */
static void
read_file(const struct lint_tree *t, const char *real, struct arena *a, struct loaded *ret)
{
	struct str planned;
	struct stat st;
	int fd;

	if (t->over.p != NULL && str_eq(str_c(real), t->over)) {
		ret->state = LOADER_FILE;
		ret->bytes = t->over_bytes;
		return;
	}
	if (lint_fix_planned(t, str_c(real), &planned)) {
		ret->state = LOADER_FILE;
		ret->bytes = arena_str(a, planned);
		return;
	}
	if (fstatat(t->fd, real, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		fs_loaded_errno(a, ret, errno);
	} else if (S_ISDIR(st.st_mode)) {
		fs_loaded_state(ret, LOADER_DIR, "is a directory");
	} else if (!S_ISREG(st.st_mode)) {
		fs_loaded_state(ret, LOADER_SPECIAL, "is no regular file");
	} else if (st.st_size > FS_MAX_BYTES) {
		fs_loaded_state(ret, LOADER_TOOBIG, "is larger than 64 MiB");
	} else {
		fd = openat(t->fd, real, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (fd < 0) {
			fs_loaded_errno(a, ret, errno);
			return;
		}
		fs_read_fd(fd, (size_t)st.st_size, a, ret);
		close(fd);
	}
}

void
lint_read(const struct lint_tree *t, struct str path, struct arena *a, struct loaded *ret)
{
	char real[LINT_PATH];

	*ret = (struct loaded){ 0 };
	switch (tree_resolve(t, (struct str){ 0 }, path, false, real)) {
	case TREE_FOUND:
		/* whose name is asked for itself is no secret */
		if (str_eqc(path, real) || lint_hides(t, real) == LINT_SHOWN)
			read_file(t, real, a, ret);
		else
			fs_loaded_state(ret, LOADER_OUTSIDE, "leads to what is not to be shown");
		break;
	case TREE_OUTSIDE:
		fs_loaded_state(ret, LOADER_OUTSIDE, "leaves the tree");
		break;
	case TREE_ABSENT:
		fs_loaded_errno(a, ret, ENOENT);
		break;
	case TREE_FAILED:
		fs_loaded_errno(a, ret, errno);
		break;
	}
}

/* A chart of Helm, near above: its templates take in what stands in its folders, whatever it is called. */
static bool
is_charts(const struct lint_tree *t, struct str path)
{
	enum { FOLDERS = 5 };
	const struct str chart = STR("/Chart.yaml");
	struct str folder = path;
	char name[LINT_PATH], real[LINT_PATH];

	for (unsigned i = 0; i < FOLDERS && folder.n > 0; i++) {
		size_t skip;

		folder = lint_folder_part(folder);
		skip = folder.n == 0;
		if (folder.n + chart.n >= sizeof name)
			continue;
		memcpy(name, folder.n > 0 ? folder.p : "", folder.n);
		memcpy(name + folder.n, chart.p + skip, chart.n - skip);
		if (tree_resolve(t, (struct str){ 0 }, (struct str){ name, folder.n + chart.n - skip }, false, real) ==
		    TREE_FOUND)
			return true;
	}
	return false;
}

unsigned
lint_engines(const struct lint_tree *t, struct str path, struct str bytes)
{
	unsigned said = 0;

	if (t->run != NULL)
		said = settings_file_engine(&t->run->s.settings, &t->run->files, path);
	if (said != 0)
		return said & ~(unsigned)ENGINE_NONE;
	said = template_engines(path, bytes, t->by_name);
	if ((said == 0 || (said & ENGINE_GUESSED) != 0) && !t->by_name && str_find(bytes, STR("{{")) != SIZE_MAX &&
	    is_charts(t, path))
		return ENGINE_GO;
	return said;
}

void
lint_template(
    const struct lint_tree *t, struct arena *a, struct str path, struct str *io_bytes, const struct marks **ret)
{
	unsigned engines = lint_engines(t, path, *io_bytes);
	struct marks *marks;

	*ret = NULL;
	if (engines == 0)
		return;
	*ret = marks = ARENA_NEW(a, struct marks);
	*io_bytes = template_mark(a, engines, TEMPLATE_WORDS, *io_bytes, marks);
}

static void
add_included(struct lint_place *p, struct str shown)
{
	MEM_GROW(p->included, p->cap_included, p->n_included + 1);
	p->included[p->n_included++] = shown;
}

/* A link that is read and what it leads to are both spoken for. */
static void
note_read(struct lint_place *p, struct str path, struct str real)
{
	add_included(p, real);
	if (!str_eq(path, real))
		add_included(p, path);
}

/* The file is not to be opened, or what stands in it not to be shown. */
static void
keep_back(struct lint_place *p, struct str path, enum lint_hidden why, struct loaded *ret)
{
	*ret = (struct loaded){ 0 };
	fs_loaded_state(ret, LOADER_OUTSIDE, lint_hidden_include(why));
	/* what git leaves out others do not have from git, but may well have */
	ret->vague = why != LINT_NO_FILE;
	add_included(p, path);
	p->outside = true;
}

static void
loader_read(void *ctx, struct arena *a, struct str path, struct loaded *ret)
{
	struct lint_place *p = ctx;
	char real[LINT_PATH];
	enum tree_state st;
	enum lint_hidden why;

	*ret = (struct loaded){ 0 };
	if (path.p == p->unmapped.p) {
		ret->vague = !loader_is_wild(path);
		fs_loaded_state(
		    ret, LOADER_OUTSIDE, lint_hidden_include(ret->vague ? LINT_UNMAPPED : LINT_UNMAPPED_WILD));
		return;
	}
	st = tree_resolve(p->tree, p->root, str_from(path, p->tree->shown.n), false, real);
	if (st == TREE_ABSENT && p->tree->over.p != NULL && str_eq(str_from(path, p->tree->shown.n), p->tree->over)) {
		memcpy(real, p->tree->over.p, p->tree->over.n);
		real[p->tree->over.n] = '\0';
		st = TREE_FOUND;
	}
	if (st == TREE_ABSENT || st == TREE_FAILED) {
		fs_loaded_errno(a, ret, st == TREE_ABSENT ? ENOENT : errno);
		ret->dangling = st == TREE_ABSENT;
		return;
	}
	why = st == TREE_OUTSIDE ? LINT_OUTSIDE : lint_hides(p->tree, real);
	if (why == LINT_SHOWN || why == LINT_UNTRACKED) {
		read_file(p->tree, real, a, ret);
		spend(p, LINT_READ_STEPS + ret->bytes.n / 1024);
		if (ret->state != LOADER_FILE)
			return;
		lint_template(p->tree, a, str_c(real), &ret->bytes, &ret->marks);
		if (why == LINT_UNTRACKED && lint_is_config(ret->bytes, ret->marks))
			why = LINT_SHOWN;
	}
	if (why != LINT_SHOWN)
		keep_back(p, path, why, ret);
	else
		note_read(p, path, arena_printf(p->arena, "%.*s%s", STR_ARG(p->tree->shown), real));
}

void
lint_loader_init(struct lint_place *p, struct loader *ret)
{
	ret->ctx = p;
	ret->part = true;
	ret->read = loader_read;
	ret->glob = loader_glob;
}
