/* SPDX-License-Identifier: MIT */
/*
 * Through the folders of a tree: one open, fstat, read and close a file, links not followed, FIFOs, devices and
 * sockets not opened.  Names are taken in byte order, so that the output is the same on every machine.
 */
#define _DEFAULT_SOURCE /* d_type */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "lint/git.h"
#include "lint/hide.h"
#include "start/start.h"
#include "tree/template.h"

_Static_assert(LINT_PATH - NAME_MAX - 1 == 3840, "the number in messages and manual");
enum {
	SMALL = 64 * 1024, /* files up to here are read at once into memory that is used again */
	LEVELS_OPEN = 64,  /* folders that are kept open on the way down */
	/* A folder's path, slash included, leaves room for any name: all that is found can be resolved and included. */
	FOLDER_PATH_MAX = LINT_PATH - NAME_MAX - 1,
};

/* One name of a folder, in a walk's pool. */
struct entry {
	const char *name; /* for sorting only: the pool moves */
	size_t off, len;
	unsigned char type; /* DT_* */
	bool outcast;	    /* a folder that git ignores: only what is tracked counts in it */
};

struct storey {
	DIR *dir; /* NULL: closed for now */
	dev_t dev;
	ino_t ino;
	size_t path_n;		  /* of its path in walk.path, slash included */
	size_t first, next, last; /* its folders: entries of walk.entry */
	size_t pool_n;		  /* of the pool, before it */
	bool outcast;		  /* git ignores the folder */
	bool nested;		  /* it, or a folder above but the top, has a .git of its own */
	bool lists;		  /* its .gitignore is the last of walk.list */
	struct tree_folder folder;
};

/* A link that is judged when all else was, unless the file that it names was judged as the same thing. */
struct late_link {
	struct str path, key; /* key: see read_as() */
	struct tree_what what;
};

struct walk {
	struct lint *l;
	struct buf path; /* relative to the tree */
	struct buf pool; /* names */
	struct entry *entry;
	size_t n_entry, cap_entry;
	struct storey *level;
	size_t n_level, cap_level;
	struct lint_git *git;
	struct lint_git_list *list; /* of the folders down to here that have a .gitignore */
	size_t n_list, cap_list;
	struct late_link *late;
	size_t n_late, cap_late;
};

/* path as people see it. */
static struct str
shown(struct lint *l, struct str path)
{
	return arena_printf(l->s.arena, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path));
}

static void
fail_errno(struct lint *l, struct str path, int sys_errno)
{
	lint_failed(l, shown(l, path), strerror(sys_errno));
}

/* Bytes of fd from n on up to size; false with errno. */
static bool
read_to(struct lint *l, int fd, size_t size, size_t *n)
{
	if (l->cap_bytes < size + 1)
		MEM_GROW(l->bytes, l->cap_bytes, size + 1);
	while (*n < size) {
		ssize_t got = read(fd, l->bytes + *n, size - *n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		if (got == 0)
			break;
		*n += (size_t)got;
	}
	return true;
}

bool
lint_by_content(struct lint *l, struct str path, struct str head, struct tree_what *what)
{
	unsigned engines = lint_engines(&l->tree, path, head);
	struct str text = head;
	struct marks marks;
	bool is;

	/* what starts sessions may hold a config, and more words that ssh has */
	if (lint_is_start(path, head, what))
		return true;
	if (engines != 0)
		text = template_mark(&l->file_arena, engines, TEMPLATE_WORDS, head, &marks);
	is = what->passed && tree_by_content_of(what->side, text, engines != 0 ? &marks : NULL);
	if (!is)
		is = tree_by_content(text, engines != 0 ? &marks : NULL, l->asked || what->lenient, &what->side);
	arena_reset(&l->file_arena);
	return is;
}

/* The path of a file of the tree, and what it is taken for. */
static struct str
read_as(struct arena *a, struct str path, const struct tree_what *what)
{
	return arena_printf(a, "%.*s%c%u%u%u", STR_ARG(path), '\0', what->class, what->kind, what->side);
}

/* A file that is open: is it a config, and what is wrong with it? */
static void
take_fd(struct lint *l, int fd, struct str path, struct tree_what what, bool known)
{
	struct stat st;
	size_t size, n = 0;
	struct str head;

	if (fstat(fd, &st) != 0) {
		fail_errno(l, path, errno);
		return;
	}
	/* the name may have changed hands since the folder was read */
	if (!S_ISREG(st.st_mode))
		return;
	l->n_seen++;
	lint_progress(l);
	lint_watch_file(&l->watch, l->tree.shown, path);
	size = st.st_size > FS_MAX_BYTES ? (size_t)FS_MAX_BYTES + 1 : (size_t)st.st_size;
	if (!read_to(l, fd, known || size <= TREE_HEAD ? (size <= SMALL ? size : TREE_HEAD) : TREE_HEAD, &n)) {
		fail_errno(l, path, errno);
		return;
	}
	head = (struct str){ l->bytes, n < TREE_HEAD ? n : TREE_HEAD };
	if (!known && !lint_by_content(l, path, head, &what)) {
		if (l->asked)
			session_note(&l->s,
			    arena_printf(
				l->s.arena, "%.*s is neither a client nor a server config", STR_ARG(shown(l, path))));
		return;
	}
	if (what.class != TREE_CONFIG && size > START_BYTES_MAX) {
		if (known || l->asked)
			session_note(&l->s,
			    arena_printf(l->s.arena, "%.*s is larger than 1 MiB and was not looked at",
				STR_ARG(shown(l, path))));
		return;
	}
	if (size > FS_MAX_BYTES) {
		lint_failed(l, shown(l, path), "is larger than 64 MiB");
		return;
	}
	if (!read_to(l, fd, size, &n)) {
		fail_errno(l, path, errno);
		return;
	}
	if (what.class != TREE_CONFIG) {
		lint_other(l, path, &what, (struct str){ l->bytes, n });
		return;
	}
	(void)strset_add(&l->walked, l->s.arena, read_as(&l->file_arena, path, &what));
	lint_judge(l, path, &what, (struct str){ l->bytes, n });
}

/* name in the folder that dir is open on. */
static void
take_file(struct lint *l, int dir, const char *name, struct str path, struct tree_what what, bool known)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		/* a link that took the file's place since is none of ours */
		if (errno != ELOOP && errno != ENOENT)
			fail_errno(l, path, errno);
		return;
	}
	take_fd(l, fd, path, what, known);
	close(fd);
}

/* What / is for an absolute link found at path. */
static struct str
root_of(struct lint *l, struct str path)
{
	struct lint_place p;

	lint_place_init(&p, &l->tree, path, l->s.arena);
	return p.root;
}

/* Is what a link leads to kept back?  A file that git does not track is shown when it looks like a config. */
static enum lint_hidden
hides(struct lint *l, const char *real)
{
	enum lint_hidden why = lint_hides(&l->tree, real);
	const struct marks *marks;
	struct loaded f;

	if (why != LINT_UNTRACKED)
		return why;
	lint_read(&l->tree, str_c(real), &l->file_arena, &f);
	if (f.state == LOADER_FILE) {
		lint_template(&l->tree, &l->file_arena, str_c(real), &f.bytes, &marks);
		if (lint_is_config(f.bytes, marks))
			why = LINT_SHOWN;
	}
	arena_reset(&l->file_arena);
	return why;
}

/* Where the link leads; false: to no file of the tree. */
static bool
link_leads(struct lint *l, struct str path, const struct tree_what *what, char *ret)
{
	enum tree_state st = tree_resolve(&l->tree, root_of(l, path), path, false, ret);
	enum lint_hidden why = LINT_SHOWN;
	struct stat sb;

	if (st == TREE_FOUND)
		why = hides(l, ret);
	else if (st == TREE_OUTSIDE)
		why = LINT_OUTSIDE;
	else if (st == TREE_FAILED && errno == ELOOP)
		why = LINT_RING;
	if (why != LINT_SHOWN)
		lint_link_nowhere(l, path, what, why);
	return st == TREE_FOUND && why == LINT_SHOWN && fstatat(l->tree.fd, ret, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(sb.st_mode);
}

/*
 * A link whose name says that it is a config: judged under this name when it stays in the tree.  Where its target says
 * the same of itself, the walk may come to that, or has been there: that is known in the end.
 */
static void
take_link(struct walk *w, struct str path, struct tree_what what)
{
	struct lint *l = w->l;
	char real[LINT_PATH];
	struct tree_folder there;
	struct tree_what other;

	if (!link_leads(l, path, &what, real))
		return;
	there = lint_folder_of(&l->tree, str_c(real));
	if (lint_what(l, &there, str_c(real), &other) == TREE_NAME_KNOWN && what.class == other.class &&
	    what.kind == other.kind && what.side == other.side) {
		MEM_GROW(w->late, w->cap_late, w->n_late + 1);
		w->late[w->n_late++] = (struct late_link){ .path = arena_str(l->s.arena, path),
			.key = read_as(l->s.arena, str_c(real), &what),
			.what = what };
		return;
	}
	(void)strset_add(&l->by_main, l->s.arena, shown(l, str_c(real)));
	take_file(l, l->tree.fd, real, path, what, true);
}

static void
take_late(struct walk *w)
{
	struct lint *l = w->l;
	char real[LINT_PATH];

	for (size_t i = 0; i < w->n_late; i++) {
		const struct late_link *k = &w->late[i];

		if (!strset_has(&l->walked, k->key) && link_leads(l, k->path, &k->what, real))
			take_file(l, l->tree.fd, real, k->path, k->what, true);
	}
}

/* Folders in which OpenSSH looks for configs: .ssh, those of drop-ins, etc/ssh. */
static bool
is_config_folder(struct str path, const struct tree_folder *folder)
{
	char room[TREE_NAME_BYTES];

	return folder->is_ssh || (folder->dropin && folder->side_known) ||
	    (folder->named_ssh && str_eqc(tree_target_name(str_base(lint_folder_part(path)), room), "etc"));
}

/* Such a folder that is a link to itself holds nothing; what one that leaves the tree holds is not known. */
static void
take_folder_link(struct lint *l, struct str path, struct tree_folder folder)
{
	struct tree_what what = { .kind = TREE_DROPIN, .side = folder.side };
	char real[LINT_PATH];
	enum tree_state st;

	if (!is_config_folder(shown(l, path), &folder))
		return;
	st = tree_resolve(&l->tree, root_of(l, path), path, false, real);
	if (st == TREE_OUTSIDE)
		lint_link_nowhere(l, path, &what, LINT_OUTSIDE);
	else if (st == TREE_FAILED && errno == ELOOP)
		lint_link_nowhere(l, path, &what, LINT_RING);
}

/* One name of a folder that is no folder itself. */
static void
take_entry(struct walk *w, int dir, const struct entry *en, const struct tree_folder *in)
{
	const char *name = w->pool.p + en->off;
	struct tree_what what;
	enum tree_name by;

	buf_add(&w->path, (struct str){ name, en->len });
	by = lint_what(w->l, in, buf_str(&w->path), &what);
	lint_taken(w->l, buf_str(&w->path), &what);
	if (en->type == DT_LNK && by == TREE_NAME_OPEN)
		take_folder_link(w->l, buf_str(&w->path), tree_folder_enter(*in, (struct str){ name, en->len }));
	/* what other files a link may name is looked at where it stands */
	if (by == TREE_NAME_NEVER || (en->type == DT_LNK && (by != TREE_NAME_KNOWN || what.class != TREE_CONFIG)))
		;
	else if (en->type == DT_LNK)
		take_link(w, buf_str(&w->path), what);
	else if (en->type == DT_REG)
		take_file(w->l, dir, name, buf_str(&w->path), what, by == TREE_NAME_KNOWN);
	w->path.n -= en->len;
}

static int
by_name(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;

	return strcmp(a->name, b->name);
}

static unsigned char
type_of(int dir, const char *name, unsigned char type)
{
	struct stat st;

	if (type != DT_UNKNOWN)
		return type;
	/* file systems that do not say */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return S_ISREG(st.st_mode) ? DT_REG : S_ISDIR(st.st_mode) ? DT_DIR : S_ISLNK(st.st_mode) ? DT_LNK : DT_UNKNOWN;
}

/* All names of the folder in the pool, sorted. */
static void
read_names(struct walk *w, DIR *dir)
{
	size_t first = w->n_entry;
	struct dirent *d;

	while (errno = 0, (d = readdir(dir)) != NULL) {
		size_t len = strlen(d->d_name);
		unsigned char type;

		if (d->d_name[0] == '.' && (len == 1 || (len == 2 && d->d_name[1] == '.')))
			continue;
		type = type_of(dirfd(dir), d->d_name, d->d_type);
		if (type != DT_REG && type != DT_DIR && type != DT_LNK)
			continue;
		MEM_GROW(w->entry, w->cap_entry, w->n_entry + 1);
		w->entry[w->n_entry++] = (struct entry){ .off = w->pool.n, .len = len, .type = type };
		buf_add(&w->pool, (struct str){ d->d_name, len + 1 });
	}
	if (errno != 0)
		fail_errno(w->l, buf_str(&w->path), errno);
	for (size_t i = first; i < w->n_entry; i++)
		w->entry[i].name = w->pool.p + w->entry[i].off;
	if (w->n_entry > first)
		qsort(w->entry + first, w->n_entry - first, sizeof *w->entry, by_name);
}

/* Folders at the end of the open ones are closed; they are opened again on the way back, through "..". */
static void
close_far(struct walk *w)
{
	struct storey *far;
	struct stat st;

	if (w->n_level <= LEVELS_OPEN)
		return;
	far = &w->level[w->n_level - 1 - LEVELS_OPEN];
	if (far->dir == NULL || fstat(dirfd(far->dir), &st) != 0)
		return;
	far->dev = st.st_dev;
	far->ino = st.st_ino;
	closedir(far->dir);
	far->dir = NULL;
}

static bool
open_again(struct storey *lv, int child)
{
	struct stat st;
	int fd = openat(child, "..", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return false;
	/* somebody moved the folder away meanwhile: what lies above it now may be outside */
	if (fstat(fd, &st) == 0 && st.st_dev == lv->dev && st.st_ino == lv->ino)
		lv->dir = fdopendir(fd);
	if (lv->dir == NULL)
		close(fd);
	return lv->dir != NULL;
}

/* The folder's own .gitignore, when it is a file: git follows no link there. */
static void
add_list(struct walk *w, size_t first, struct storey *lv)
{
	const struct ignore_list *list = NULL;

	for (size_t i = first; i < w->n_entry && !lv->outcast; i++)
		if (w->entry[i].type == DT_REG && strcmp(w->entry[i].name, ".gitignore") == 0)
			list = lint_git_folder(w->git, buf_str(&w->path));

	lv->lists = list != NULL;
	if (list == NULL)
		return;
	MEM_GROW(w->list, w->cap_list, w->n_list + 1);
	w->list[w->n_list++] = (struct lint_git_list){ .list = list, .path_n = w->path.n };
}

/* Is the file a config by its name? */
static bool
is_known(struct walk *w, const struct storey *lv)
{
	struct tree_what what;

	return lint_what(w->l, &lv->folder, buf_str(&w->path), &what) == TREE_NAME_KNOWN;
}

/* .git and its kind, and what git ignores. */
static bool
is_left_out(struct walk *w, const struct storey *lv, struct entry *en)
{
	const struct str name = { w->pool.p + en->off, en->len };
	size_t keep = w->path.n;
	enum git_says says;

	if (tree_folder_skipped(name))
		return true;
	buf_add(&w->path, name);
	if (en->type == DT_DIR)
		buf_addch(&w->path, '/');
	says = lint_git_asks(w->git, w->list, w->n_list, buf_str(&w->path), lv->nested, &en->outcast);
	if (says == GIT_UNSURE && (en->type == DT_DIR || is_known(w, lv)))
		says = GIT_KEEPS;
	if (says == GIT_UNSURE)
		lint_git_left(w->git);
	w->path.n = keep;
	return says != GIT_KEEPS;
}

static bool
has_name(const struct walk *w, size_t first, const char *name)
{
	for (size_t i = first; i < w->n_entry; i++)
		if (strcmp(w->entry[i].name, name) == 0)
			return true;
	return false;
}

/* Go into the folder that fd is open on; its files are judged at once. */
static void
enter(struct walk *w, int fd, struct tree_folder folder, bool outcast)
{
	struct storey lv = { .path_n = w->path.n, .folder = folder, .pool_n = w->pool.n, .outcast = outcast };
	const struct storey *above = w->n_level > 0 ? &w->level[w->n_level - 1] : NULL;
	size_t from = w->n_entry, folders = from;

	lv.dir = fdopendir(fd);
	if (lv.dir == NULL) {
		fail_errno(w->l, buf_str(&w->path), errno);
		close(fd);
		return;
	}
	read_names(w, lv.dir);
	lv.nested = above != NULL && (above->nested || has_name(w, from, ".git"));
	add_list(w, from, &lv);
	for (size_t i = from; i < w->n_entry && lint_goes_on(w->l); i++) {
		struct entry en = w->entry[i];

		en.outcast = outcast;
		if (is_left_out(w, &lv, &en))
			continue;
		if (en.type == DT_DIR) {
			w->entry[folders++] = en;
		} else {
			take_entry(w, fd, &en, &folder);
		}
	}
	lv.first = lv.next = from;
	lv.last = w->n_entry = folders;
	MEM_GROW(w->level, w->cap_level, w->n_level + 1);
	w->level[w->n_level++] = lv;
	close_far(w);
}

/* Back to the folder above. */
static void
leave(struct walk *w)
{
	struct storey *lv = &w->level[--w->n_level];

	if (w->n_level > 0 && w->level[w->n_level - 1].dir == NULL && lv->dir != NULL &&
	    !open_again(&w->level[w->n_level - 1], dirfd(lv->dir)))
		lint_failed(w->l, shown(w->l, buf_str(&w->path)), "was moved while it was read");
	w->n_list -= lv->lists;
	w->n_entry = lv->first;
	w->pool.n = lv->pool_n;
	if (lv->dir != NULL)
		closedir(lv->dir);
}

static void
enter_next(struct walk *w)
{
	struct storey *lv = &w->level[w->n_level - 1];
	struct entry en = w->entry[lv->next++];
	struct str name = { w->pool.p + en.off, en.len };
	struct tree_folder folder = tree_folder_enter(lv->folder, name);
	int fd;

	w->path.n = lv->path_n;
	buf_add(&w->path, name);
	buf_addch(&w->path, '/');
	if (w->path.n > FOLDER_PATH_MAX) {
		lint_failed(w->l,
		    arena_printf(w->l->s.arena, "%.*s...", STR_ARG(shown(w->l, str_head(buf_str(&w->path), 64)))),
		    "folders nested too deep: their paths are longer than 3840 bytes");
		return;
	}
	fd = openat(dirfd(lv->dir), name.p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		fail_errno(w->l, buf_str(&w->path), errno);
	else
		enter(w, fd, folder, en.outcast);
}

void
lint_walk(struct lint *l)
{
	struct walk w = { .l = l };
	int fd = openat(l->tree.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		fail_errno(l, STR(""), errno);
		return;
	}
	w.git = lint_git_open(l);
	enter(&w, fd, lint_folder_of(&l->tree, STR("")), false);
	while (w.n_level > 0) {
		const struct storey *lv = &w.level[w.n_level - 1];

		if (lv->dir != NULL && lv->next < lv->last && lint_goes_on(l))
			enter_next(&w);
		else
			leave(&w);
	}
	take_late(&w);
	lint_git_end(w.git);
	free(w.late);
	strset_release(&l->walked);
	buf_release(&w.path);
	buf_release(&w.pool);
	free(w.entry);
	free(w.list);
	free(w.level);
}

/* Is a part of the path .git or of its kind? */
static bool
in_a_store(struct str path)
{
	struct str part;

	while (str_split(&path, '/', &part))
		if (tree_folder_skipped(part))
			return true;
	return false;
}

/*
 * Does the command line name a link by an absolute path, or one with ".."?  Whoever types that means what it leads to; ret,
 * of LINT_PATH bytes, is where that stands in the file system.
 */
static bool
is_typed_link(struct lint *l, struct str path, char *ret)
{
	const struct str top = l->tree.shown, name = shown(l, path);
	struct stat st;
	char *real;
	size_t n;

	if (!l->asked || !(str_starts(top, STR("/")) || str_starts(top, STR("../"))) ||
	    lstat(arena_strz(l->s.arena, name), &st) != 0 || !S_ISLNK(st.st_mode))
		return false;
	real = realpath(arena_strz(l->s.arena, name), NULL);
	n = real != NULL ? strlen(real) : LINT_PATH;
	if (n < LINT_PATH)
		memcpy(ret, real, n + 1);
	free(real);
	return n < LINT_PATH;
}

static void
take_typed(struct lint *l, const char *real, struct str path, struct tree_what what, enum tree_name by)
{
	struct stat st;

	if (in_a_store(str_c(real)))
		lint_failed(l, shown(l, path), "leads into .git, .hg or .svn and is not opened");
	else if (stat(real, &st) != 0)
		fail_errno(l, path, errno);
	else if (!S_ISREG(st.st_mode))
		lint_failed(l, shown(l, path), "is no regular file and is not opened");
	else if (by != TREE_NAME_NEVER) {
		take_file(l, AT_FDCWD, real, path, what, by == TREE_NAME_KNOWN);
		if (what.kind != TREE_MAIN && what.class == TREE_CONFIG)
			lint_beside(l, path);
	}
}

void
lint_one(struct lint *l, struct str path)
{
	char real[LINT_PATH], typed[LINT_PATH];
	struct tree_folder in = lint_folder_of(&l->tree, path);
	struct tree_what what;
	enum tree_name by;
	enum lint_hidden why;
	struct stat st;

	by = lint_what(l, &in, path, &what);
	switch (tree_resolve(&l->tree, root_of(l, path), path, false, real)) {
	case TREE_OUTSIDE:
		if (in_a_store(path))
			lint_failed(l, shown(l, path), "stands in .git, .hg or .svn and is not opened");
		else if (is_typed_link(l, path, real))
			take_typed(l, real, path, what, by);
		else
			lint_link_nowhere(l, path, &what, LINT_OUTSIDE);
		return;
	case TREE_ABSENT:
		fail_errno(l, path, ENOENT);
		return;
	case TREE_FAILED:
		fail_errno(l, path, errno);
		return;
	case TREE_FOUND:
		break;
	}
	/* whoever names a file wants it read; a link may be anybody's */
	why = str_eqc(path, real) || is_typed_link(l, path, typed) ? LINT_SHOWN : hides(l, real);
	if (why != LINT_SHOWN) {
		lint_link_nowhere(l, path, &what, why);
		return;
	}
	if (fstatat(l->tree.fd, real, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		fail_errno(l, path, errno);
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		lint_failed(l, shown(l, path), "is no regular file and is not opened");
		return;
	}
	lint_taken(l, path, &what);
	if (by != TREE_NAME_NEVER) {
		take_file(l, l->tree.fd, real, path, what, by == TREE_NAME_KNOWN);
		if (what.kind != TREE_MAIN && what.class == TREE_CONFIG)
			lint_beside(l, path);
	}
}
