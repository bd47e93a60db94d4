/* SPDX-License-Identifier: MIT */
/* lint: the rules over a checked-out tree. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "lint/above.h"
#include "lint/fix.h"
#include "lint/git.h"
#include "lint/given.h"
#include "cli/output.h"
#include "rule/fingerprint.h"

/*
 * Passes of --fix; what a pass brings up is mended by the next one.  Those of a config that has more to mend than one
 * takes do not count.
 */
enum { FIX_PASSES = 8, FIX_BUDGET = 20000000 /* a second or two */ };

/* Does the path stay below the folder it starts from, as far as its text tells? */
static bool
stays(struct str path)
{
	struct str part;

	if (path.n > 0 && path.p[0] == '/')
		return false;
	while (str_split(&path, '/', &part))
		if (str_eqc(part, ".."))
			return false;
	return true;
}

/* The names that count for the files of a tree: those of its path, and where that begins here, or goes up, others. */
static struct str
names_of(struct arena *a, struct str shown)
{
	if (stays(shown))
		return arena_printf(a, "%.*s%.*s", STR_ARG(lint_names_of(a, STR(""))), STR_ARG(shown));
	return str_eqc(shown, "../") || str_ends(shown, STR("/../")) ? lint_names_of(a, shown) : shown;
}

/*
 * Make dir the tree.  A folder that cannot be opened is told and leaves no tree (fd -1).  may_lack: one that is not there is
 * an empty tree.
 */
static enum sk_code
enter_tree(struct lint *l, struct str dir, bool may_lack, struct err *e)
{
	struct lint_tree *t = &l->tree;
	struct str shown = dir;
	struct stat st;

	while (str_starts(shown, STR("./")))
		for (shown = str_from(shown, 2); shown.n > 0 && shown.p[0] == '/';)
			shown = str_from(shown, 1);
	while (shown.n > 0 && shown.p[shown.n - 1] == '/')
		shown.n--;
	if (shown.n == 0 && dir.n > 0 && dir.p[0] == '/')
		shown = STR("/");
	else if (shown.n == 0 || str_eqc(shown, "."))
		shown = STR("");
	else
		shown = arena_printf(l->s.arena, "%.*s/", STR_ARG(shown));
	if (t->fd >= 0 && str_eq(t->shown, shown))
		return SK_OK;
	/* while the settings and names are those of the tree */
	lint_beside_end(l);
	lint_comments_end(l);
	lint_git_close(l);
	if (t->fd >= 0)
		close(t->fd);
	t->walked = false;
	t->shown = shown;
	t->names = names_of(l->s.arena, shown);
	lint_cover_tree(l, dir, str_starts(shown, STR("/")) || str_starts(shown, STR("../")));
	t->fd = open(dir.n > 0 ? arena_strz(l->s.arena, dir) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* below what is no folder there is nothing */
	if (t->fd < 0 && may_lack && (errno == ENOENT || errno == ENOTDIR))
		t->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (t->fd < 0) {
		lint_failed(l, dir, strerror(errno));
		return SK_OK;
	}
	t->has_etc = fstatat(t->fd, "etc", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
	t->chezmoi = fstatat(t->fd, ".chezmoiroot", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
	return lint_settings_tree(l, dir, e);
}

/* The folder of a path as text, and what is left. */
static struct str
split_path(struct str path, struct str *ret_base)
{
	size_t n = path.n;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	*ret_base = str_from(path, n);
	return n > 0 ? str_head(path, n) : STR(".");
}

/* The tree of a file below the current folder: that, or a repository with settings of its own.  *ret: the file in it. */
static struct str
tree_of(struct lint *l, struct str path, struct str *ret)
{
	struct str top = l->o->config.p == NULL ? lint_repository_below(l->s.arena, path) : STR("");

	*ret = str_from(path, top.n > 0 ? top.n + 1 : 0);
	return top.n > 0 ? top : STR(".");
}

static enum sk_code
walk_folder(struct lint *l, struct str path, struct err *e)
{
	enum sk_code code = enter_tree(l, path, false, e);

	l->tree.walked = true;
	if (code == SK_OK && l->tree.fd >= 0) {
		lint_covers(l, l->tree.shown, true);
		lint_walk(l);
	}
	return code;
}

static enum sk_code
one_file(struct lint *l, struct str dir, struct str path, struct err *e)
{
	enum sk_code code = enter_tree(l, dir, false, e);

	l->asked = l->direct;
	if (code == SK_OK && l->tree.fd >= 0) {
		lint_covers(l, arena_printf(l->s.arena, "%.*s%.*s", STR_ARG(l->tree.shown), STR_ARG(path)), false);
		lint_one(l, path);
	}
	l->asked = false;
	return code;
}

/* The path without empty parts and those that mean the same folder; a slash at its end stays. */
static struct str
plain_path(struct arena *a, struct str path)
{
	struct buf b = { 0 };
	struct str part, rest = path, out;
	bool folder = path.n > 0 && path.p[path.n - 1] == '/';

	if (path.n > 0 && path.p[0] == '/')
		buf_addch(&b, '/');
	while (str_split(&rest, '/', &part)) {
		if (part.n == 0 || str_eqc(part, "."))
			continue;
		if (b.n > 0 && b.p[b.n - 1] != '/')
			buf_addch(&b, '/');
		buf_add(&b, part);
	}
	if (path.n > 0 && b.n == 0)
		buf_addch(&b, '.');
	else if (folder && b.p[b.n - 1] != '/')
		buf_addch(&b, '/');
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

/* Is path (relative to dir) a folder, its links followed as far as they stay in dir? */
static bool
is_folder_in(int dir, struct str path)
{
	const struct lint_tree here = { .fd = dir };
	char real[LINT_PATH];
	struct stat st;

	if (tree_resolve(&here, (struct str){ 0 }, path, false, real) != TREE_FOUND)
		return false;
	return real[0] == '\0' || (fstatat(dir, real, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode));
}

/* A path of a list that may lead anywhere and ends in a link: that is followed inside its own folder. */
static enum sk_code
take_listed_link(struct lint *l, struct str path, struct err *e)
{
	struct str base, dir = split_path(path, &base);
	int fd = open(arena_strz(l->s.arena, dir), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is_folder = fd >= 0 && is_folder_in(fd, base);

	if (fd >= 0)
		close(fd);
	return is_folder ? walk_folder(l, path, e) : one_file(l, dir, base, e);
}

/*
 * A file or folder that was asked for.  A folder is a tree.  A file belongs to the tree of the current folder, or of a
 * repository below that, or to that of its own folder when it stands elsewhere.
 */
static enum sk_code
take_path(struct lint *l, struct str given, struct err *e)
{
	struct str path = plain_path(l->s.arena, lint_below_here(l->s.arena, given));
	const char *z = arena_strz(l->s.arena, path);
	struct str base, dir;
	struct stat st;

	if (stays(path) && path.n > 0) {
		if (is_folder_in(AT_FDCWD, path))
			return walk_folder(l, path, e);
		dir = tree_of(l, path, &base);
		return one_file(l, dir, base, e);
	}
	while (!l->direct && path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	if (!l->direct && lstat(arena_strz(l->s.arena, path), &st) == 0 && S_ISLNK(st.st_mode))
		return take_listed_link(l, path, e);
	if (stat(z, &st) != 0) {
		lint_failed(l, path.n > 0 ? path : STR("(an empty path)"), strerror(errno));
		return SK_OK;
	}
	if (S_ISDIR(st.st_mode))
		return walk_folder(l, path, e);
	dir = split_path(path, &base);
	return one_file(l, dir, base, e);
}

static enum sk_code
take_stdin(struct lint *l, struct err *e)
{
	struct str name = lint_below_here(l->s.arena, l->o->stdin_filename), dir = STR("."), path = STR("(stdin)");
	struct tree_folder in = { 0 };
	struct tree_what what;
	struct loaded f;
	enum sk_code code;
	enum tree_name by;

	fs_read_stdin(&l->s.tree, l->s.arena, &f);
	if (f.state != LOADER_FILE) {
		lint_failed(l, STR("standard input"), arena_strz(l->s.arena, f.reason));
		return SK_OK;
	}
	if (name.p != NULL && !stays(name))
		dir = split_path(name, &path);
	else if (name.p != NULL)
		dir = tree_of(l, plain_path(l->s.arena, name), &path);
	code = enter_tree(l, dir, true, e);
	if (code != SK_OK || l->tree.fd < 0)
		return code;
	if (name.p != NULL)
		in = lint_folder_of(&l->tree, path);
	by = lint_what(l, &in, path, &what);
	lint_taken(l, path, &what);
	l->n_seen++;
	l->asked = true;
	if (by != TREE_NAME_KNOWN && !lint_by_content(l, path, str_head(f.bytes, TREE_HEAD), &what))
		by = TREE_NAME_NEVER;
	l->asked = false;
	if (by != TREE_NAME_NEVER && what.class == TREE_CONFIG) {
		lint_judge(l, path, &what, f.bytes);
		if (what.kind != TREE_MAIN && path.n < LINT_PATH && l->o->stdin_filename.p != NULL) {
			l->tree.over = path;
			l->tree.over_bytes = f.bytes;
			lint_beside(l, path);
		}
	} else if (by != TREE_NAME_NEVER)
		lint_other(l, path, &what, f.bytes);
	else
		session_note(&l->s, STR("standard input is neither a client nor a server config (--stdin-filename)"));
	return SK_OK;
}

/* The list of --files-from: NUL-separated when it holds a NUL. */
static enum sk_code
take_list(struct lint *l, struct err *e)
{
	struct str file = l->o->files_from, rest, path;
	enum sk_code code = SK_OK;
	struct loaded f;
	char sep;

	if (l->list.p == NULL && !str_eqc(file, "-")) {
		code = lint_read_given(l, "--files-from", file, false, &l->list, e);
	} else if (l->list.p == NULL) {
		fs_read_stdin(&l->s.tree, l->s.arena, &f);
		if (f.state != LOADER_FILE)
			return err_set(e, SK_EREAD, "--files-from %.*s: %.*s", STR_ARG(file), STR_ARG(f.reason));
		l->list = f.bytes;
	}
	if (code != SK_OK)
		return code;
	rest = l->list;
	sep = str_chr(rest, '\0', 0) != SIZE_MAX ? '\0' : '\n';
	while (code == SK_OK && lint_goes_on(l) && str_split(&rest, sep, &path))
		if (path.n > 0)
			code = take_path(l, path, e);
	return code;
}

static enum sk_code
take_all(struct lint *l, struct err *e)
{
	const struct options *o = l->o;
	enum sk_code code = SK_OK;
	bool has_stdin = false;

	for (size_t i = 0; i < o->arg.n; i++) {
		if (has_stdin && str_eqc(o->arg.v[i], "-"))
			return err_set(e, SK_EUSAGE, "only one PATH can be standard input");
		has_stdin |= str_eqc(o->arg.v[i], "-");
	}
	if (has_stdin && str_eqc(o->files_from, "-"))
		return err_set(e, SK_EUSAGE, "only one of PATH and --files-from can be standard input");
	if (o->stdin_filename.p != NULL && !has_stdin)
		return err_set(e, SK_EUSAGE, "--stdin-filename names standard input: give - as the PATH");
	if (o->write && !o->fix)
		return err_set(e, SK_EUSAGE, "--write needs --fix");
	if (o->fix && !o->write && (o->output.n > 0 || (o->format.p != NULL && !str_eqc(o->format, "text"))))
		return err_set(e, SK_EUSAGE, "--fix alone prints a diff; --format and --output need --fix --write");
	if (o->fix && has_stdin)
		return err_set(e, SK_EUSAGE, "--fix cannot change standard input");
	l->check_seen = o->arg.n > 1 || o->files_from.p != NULL;
	/* first, whatever its place: configs that include it are to find it so */
	if (has_stdin)
		code = take_stdin(l, e);
	if (code == SK_OK && o->files_from.p != NULL)
		code = take_list(l, e);
	l->direct = true;
	for (size_t i = 0; i < o->arg.n && code == SK_OK && lint_goes_on(l); i++)
		if (!str_eqc(o->arg.v[i], "-"))
			code = take_path(l, o->arg.v[i], e);
	if (code == SK_OK && o->arg.n == 0 && o->files_from.p == NULL)
		code = take_path(l, STR("."), e);
	if (code == SK_OK)
		lint_beside_end(l);
	return code;
}

static enum sk_code
prepare(struct lint *l, struct arena *a, const struct options *o, struct err *e)
{
	struct session *s = &l->s;
	enum sk_code code = session_rules(s, a, o, e);
	struct err why = { 0 };
	struct ver ver;

	l->o = o;
	l->tree.fd = -1;
	l->tree.by_name = o->no_ignores;
	l->tree.run = l;
	lint_budget_init(l);
	if (code == SK_OK)
		lint_settings_start(l);
	if (code == SK_OK)
		code = session_choice(s, e);
	if (code == SK_OK)
		code = lint_baseline_check(l, e);
	if (code == SK_OK && o->openssh.p != NULL && ver_parse(o->openssh, &ver, &why) != SK_OK)
		code = err_set(e, SK_EUSAGE, "--openssh: %s", why.msg);
	else if (code == SK_OK && o->openssh.p != NULL)
		session_beyond(ver, "--openssh", o->openssh);
	if (code == SK_OK)
		code = lint_settings_given(l, e);
	for (unsigned side = KW_CLIENT; code == SK_OK && side <= KW_SERVER; side++) {
		size_t n;
		const struct kw *table = kw_table((enum kw_side)side, &n);

		l->memo.usable[side] = ruleset_keywords(&s->rules, (enum kw_side)side, l->keyword[side]);
		memcpy(l->speaks[side], l->keyword[side], sizeof l->keyword[side]);
		for (size_t i = 0; i < n; i++) {
			/* the rules for lines ask what rows use of the family; path and judgement read what has an id */
			l->speaks[side][i] |= table[i].print != 0;
			l->keyword[side][i] |= table[i].print != 0 || table[i].id != KW_ID_NONE;
		}
	}
	l->want_hosts = str_eqc(o->format, "json");
	for (size_t i = 0; i < o->output.n; i++)
		l->want_hosts |= str_starts(o->output.v[i], STR("json="));
	return code;
}

static int
print(struct lint *l, struct err *e)
{
	const struct ver ver = lint_ver(l, &(struct file_setting){ 0 });
	struct report_lint sums = { .n_seen = l->n_seen, .n_config = l->n_config, .hosts = buf_str(&l->hosts) };
	struct report r = { .command = "lint",
		.version = output_version(),
		.exit_status = l->failed.n > 0 ? err_exit(SK_EREAD) : session_status(&l->s),
		.ssh_ver = ver,
		.sshd_ver = ver,
		.findings = &l->s.findings,
		.failed = &l->failed,
		.rules = &l->s.rules,
		.note = l->s.note,
		.n_note = l->s.n_note,
		.utf8 = output_utf8(),
		.width = output_width(),
		.fail_on = l->s.fail_on,
		.lint = &sums };

	if (output_color(l->o->color, &r.color, e) != SK_OK)
		return output_error(e);
	lint_fix_report(l, &r);
	if (l->o->fix) {
		bool go;
		int status = lint_fix_show(l, &r, &go);

		if (!go)
			return status;
	}
	return session_print(&l->s, lint_table, &r);
}

static void
release(struct lint *l)
{
	if (l->tree.fd >= 0)
		close(l->tree.fd);
	lint_git_close(l);
	lint_settings_release(l);
	session_release(&l->s);
	comments_release(&l->comments);
	lint_fix_release(l);
	buf_release(&l->hosts);
	buf_release(&l->memo.key);
	free(l->memo.slot);
	arena_release(&l->file_arena);
	arena_release(&l->row_arena);
	free(l->fresh.v);
	free(l->found.v);
	free(l->failed.v);
	free(l->unit);
	settings_memo_release(&l->files);
	strset_release(&l->by_main);
	strset_release(&l->apart);
	strset_release(&l->mains);
	free(l->sysctl);
	strset_release(&l->systems);
	free(l->system);
	strset_release(&l->seen);
	strset_release(&l->walked);
	strset_release(&l->named);
	strset_release(&l->beside);
	free(l->pair);
	free(l->bytes);
	strset_release(&l->covered.folders);
	strset_release(&l->covered.files);
}

/* As if nothing had been looked at yet, but for what was planned. */
static void
start_again(struct lint *l)
{
	if (l->fix->as_is.v == NULL)
		l->fix->as_is = l->s.findings;
	else
		free(l->s.findings.v);
	l->s.findings = (struct findings){ 0 };
	l->again = true;
	l->failed.n = 0;
	lint_budget_init(l);
	l->direct = l->asked = false;
	comments_release(&l->comments);
	strset_release(&l->covered.folders);
	strset_release(&l->covered.files);
	l->n_seen = l->n_config = l->n_unit = l->n_pair = l->found.n = 0;
	buf_clear(&l->hosts);
	strset_release(&l->by_main);
	strset_release(&l->apart);
	strset_release(&l->mains);
	strset_release(&l->systems);
	free(l->sysctl);
	strset_release(&l->seen);
	l->sysctl = NULL;
	l->n_sysctl = l->cap_sysctl = 0;
	l->tree.fix = l->fix;
}

/* Passes over everything, each on the text as the plans so far leave it, until nothing new is planned. */
static enum sk_code
fix_passes(struct lint *l, struct err *e)
{
	enum sk_code code = lint_baseline_marks(l, &l->fix->hidden, e);
	/* what the baseline hides was planned, too */
	bool again = l->fix->hidden.n > 0, more = false;

	for (unsigned i = 0;
	     code == SK_OK && !l->watch.expired && (more = again || lint_fix_settle(l)) && i < FIX_PASSES;
	     again = false) {
		i += !l->fix->cut;
		start_again(l);
		lint_fix_start(l);
		code = take_all(l, e);
		(void)lint_goes_on(l);
		if (code == SK_OK)
			lint_end(l);
	}
	if (code == SK_OK && more && !l->watch.expired)
		session_note(&l->s, STR("there is more to mend than one run does: run it again"));
	/* told behind lint_end() */
	if (!lint_goes_on(l))
		fingerprints_number(l->s.arena, &l->failed);
	return code;
}

/* Does a reporter that was chosen print edits? */
static bool
wants_edits(const struct options *o)
{
	const struct reporter *r = o->format.p != NULL ? report_find(lint_table, o->format) : &lint_table[0];
	bool any = r->edits;

	for (size_t i = 0; i < o->output.n; i++)
		any |= report_find(lint_table, str_head(o->output.v[i], str_chr(o->output.v[i], '=', 0)))->edits;
	return any;
}

static void
hold_watch(void *ctx, bool hold)
{
	lint_watch_hold(ctx, hold);
}

static int
run(struct arena *a, const struct options *o)
{
	struct lint_fix fix = { .apply = o->fix, .budget = FIX_BUDGET };
	struct lint l = { 0 };
	struct err e = { 0 };
	int status;

	lint_watch_start(&l.watch, lint_watch_limit());
	lint_progress_start(&l.progress);
	if (session_formats(o, lint_table, &e) != SK_OK || prepare(&l, a, o, &e) != SK_OK) {
		lint_watch_end(&l.watch);
		release(&l);
		return output_error(&e);
	}
	l.s.writing = hold_watch;
	l.s.writing_ctx = &l.watch;
	fix.edits = wants_edits(o);
	if (fix.apply || fix.edits)
		l.fix = &fix;
	if (take_all(&l, &e) == SK_OK) {
		(void)lint_goes_on(&l);
		lint_end(&l);
	}
	if (e.code == SK_OK && fix.apply)
		(void)fix_passes(&l, &e);
	lint_progress_wipe(&l.progress);
	status = e.code != SK_OK || lint_baseline(&l, &e) != SK_OK ? output_error(&e) : print(&l, &e);
	lint_watch_end(&l.watch);
	release(&l);
	return status;
}

const struct cmd cmd_lint = {
	.name = "lint",
	.args = "[PATH ...]",
	.summary = "the rules over a checked-out config repository; nothing of this machine is read",
	.flags = CMD_READS | CMD_WRITES,
	.options = "lint path rules formats output choose color",
	.about =
	    "Finds the client and server configs below each PATH (files and folders; default the current folder; - is "
	    "standard input), by name and failing that by content, and judges each in the place where its tree would "
	    "include it. Nothing of this machine counts and nothing outside the tree is opened. Settings come from "
	    ".sshkeep.ini at the top of the tree.",
	.run = run,
};
