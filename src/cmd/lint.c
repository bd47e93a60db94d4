/* SPDX-License-Identifier: MIT */
/* lint: the rules over a checked-out tree. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/num.h"
#include "cmd/cmd.h"
#include "cmd/lint_above.h"
#include "cmd/lint_fix.h"
#include "cmd/output.h"

/* Its patterns are asked for every file; nobody writes that much by hand. */
enum { SETTINGS_MAX_BYTES = 64 * 1024 };

/* Passes of --fix; what a pass brings up is mended by the next one. */
enum { FIX_PASSES = 8, FIX_BUDGET = 20000000 /* a second or two */ };

/* A list of boxes that somebody wrote: every one must be known. */
static enum sk_code
check_boxes(const struct lint *l, const char *where, struct str list, struct err *e)
{
	struct str id;

	while (str_split(&list, ',', &id)) {
		id = str_trim(id);
		if (id.n > 0 && network_find(&l->s.networks, id) == NULL)
			return err_set(e, SK_EUSAGE, "%s: no network is called \"%.*s\" (networks.ini lists them)",
			    where, STR_ARG(str_head(id, 60)));
	}
	return SK_OK;
}

static enum sk_code
check_policy(const struct lint *l, const char *where, struct str name, struct err *e)
{
	if (name.p != NULL && policy_find(&l->s.policies, name) == NULL)
		return err_set(e, SK_EUSAGE, "%s: no policy is called \"%.*s\"", where, STR_ARG(str_head(name, 60)));
	return SK_OK;
}

static enum sk_code
check_timeout(const char *where, struct str text, struct err *e)
{
	struct err why = { 0 };
	double v;

	if (text.p == NULL)
		return SK_OK;
	if (num_time(text, &v, &why) != SK_OK)
		return err_set(e, SK_EUSAGE, "%s: %s", where, why.msg);
	if (v <= 0)
		return err_set(
		    e, SK_EUSAGE, "%s: a path that forgets at once carries nothing; none means never", where);
	return SK_OK;
}

static enum sk_code
check_path(
    const struct lint *l, const char *where, struct str boxes, struct str timeout, struct str policy, struct err *e)
{
	enum sk_code code = check_boxes(l, where, boxes, e);

	if (code == SK_OK)
		code = check_timeout(where, timeout, e);
	return code == SK_OK ? check_policy(l, where, policy, e) : code;
}

/* All that options and settings name, before a file is judged by it. */
static enum sk_code
check_settings(const struct lint *l, struct err *e)
{
	const struct options *o = l->o;
	const struct session *s = &l->s;
	enum sk_code code = check_path(l, "command line", o->network, o->path_timeout, o->policy, e);

	return code == SK_OK ? settings_check(&s->settings, &s->networks, &s->policies, &s->rules, e) : code;
}

/* Tables of one's own to which a tree's settings may add, without reaching those of another tree. */
static void
fresh_settings(struct lint *l)
{
	struct session *s = &l->s;
	struct networks *n = &s->networks;
	struct policies *p = &s->policies;

	settings_release(&s->settings);
	*n = (struct networks){ .n = l->networks.n, .cap = l->networks.n };
	n->v = ARENA_ARRAY(s->arena, struct network, n->n + 1);
	memcpy(n->v, l->networks.v, n->n * sizeof *n->v);
	*p = (struct policies){ .n = l->policies.n, .cap = l->policies.n };
	p->v = ARENA_ARRAY(s->arena, struct policy, p->n + 1);
	memcpy(p->v, l->policies.v, p->n * sizeof *p->v);
}

static enum sk_code
load_settings(struct lint *l, struct str file, const struct loaded *f, struct err *e)
{
	struct session *s = &l->s;
	enum sk_code code;

	fresh_settings(l);
	if (f->state == LOADER_FILE && f->bytes.n > SETTINGS_MAX_BYTES)
		return err_set(e, SK_ERULE, "%.*s:1: settings larger than 64 KiB", STR_ARG(file));
	if (f->state == LOADER_FILE) {
		code = settings_load(s->arena, file, f->bytes, &s->settings, &s->networks, &s->policies, e);
		if (code != SK_OK)
			return code;
		if (l->o->no_ignores && l->o->config.p == NULL)
			lint_distrust(&s->settings);
	} else if (f->state != LOADER_ABSENT) {
		lint_failed(l, file, arena_strz(s->arena, f->reason));
	}
	lint_memo_settings(l);
	return check_settings(l, e);
}

static enum sk_code
given_settings(struct lint *l, struct err *e)
{
	static const struct fs_tree here = { .root = "", .home = "" };
	struct loaded f = { .state = LOADER_ABSENT };

	if (session_no_settings(l->o))
		return load_settings(l, l->o->config, &f, e);
	fs_read(&here, l->s.arena, l->o->config, &f);
	if (f.state != LOADER_FILE)
		return err_set(e, f.state == LOADER_ABSENT ? SK_ENOENT : SK_EREAD, "%.*s: %.*s", STR_ARG(l->o->config),
		    STR_ARG(f.reason));
	return load_settings(l, l->o->config, &f, e);
}

/* The settings file of a tree. */
static void
read_settings(struct lint *l, const struct lint_tree *t, struct str *ret_file, struct loaded *ret)
{
	struct lint_place place;
	struct loader loader;

	*ret_file = arena_printf(l->s.arena, "%.*s" LINT_SETTINGS, STR_ARG(t->shown));
	lint_place_init(&place, t, STR(LINT_SETTINGS), l->s.arena);
	lint_loader_init(&place, &loader);
	loader.read(loader.ctx, l->s.arena, *ret_file, ret);
	lint_place_release(&place);
}

static enum sk_code
tree_settings(struct lint *l, struct str dir, struct err *e)
{
	struct lint_tree up = { .fd = -1 };
	struct loaded f;
	struct str file;

	l->below = STR("");
	if (l->o->config.p != NULL)
		return SK_OK;
	read_settings(l, &l->tree, &file, &f);
	if (f.state == LOADER_ABSENT)
		up.shown = lint_settings_above(l->s.arena, dir, &l->below);
	if (up.shown.p != NULL) {
		up.fd =
		    open(up.shown.n > 0 ? arena_strz(l->s.arena, up.shown) : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		read_settings(l, &up, &file, &f);
		if (up.fd >= 0)
			close(up.fd);
	}
	/* most trees have none, and the tables are as they were */
	if (f.state == LOADER_ABSENT && l->s.networks.v == l->networks.v)
		return SK_OK;
	return load_settings(l, file, &f, e);
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
	/* while the settings are those of the tree */
	lint_comments_end(l);
	if (t->fd >= 0)
		close(t->fd);
	t->walked = false;
	t->shown = shown;
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
	return tree_settings(l, dir, e);
}

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

/*
 * A file or folder that was asked for.  A folder is a tree.  A file belongs to the tree of the current folder, or
 * to that of its own folder when it stands elsewhere.
 */
static enum sk_code
take_path(struct lint *l, struct str given, struct err *e)
{
	struct str path = plain_path(l->s.arena, given);
	const char *z = arena_strz(l->s.arena, path);
	struct str base, dir;
	struct stat st;

	if (stays(path) && path.n > 0) {
		const struct lint_tree here = { .fd = AT_FDCWD };
		char real[LINT_PATH];
		enum tree_state ts = tree_resolve(&here, (struct str){ 0 }, path, false, real);

		if (ts == TREE_FOUND &&
		    (real[0] == '\0' ||
			(fstatat(AT_FDCWD, real, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))))
			return walk_folder(l, path, e);
		return one_file(l, STR("."), path, e);
	}
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
	struct str name = l->o->stdin_filename, dir = STR("."), path = name;
	struct tree_folder in = tree_folder_of(name);
	struct tree_what what;
	struct loaded f;
	enum sk_code code;
	enum tree_name by;

	fs_read_stdin(&l->s.tree, l->s.arena, &f);
	if (f.state != LOADER_FILE) {
		lint_failed(l, STR("standard input"), arena_strz(l->s.arena, f.reason));
		return SK_OK;
	}
	if (name.p == NULL)
		name = path = STR("(stdin)");
	else if (!stays(name))
		dir = split_path(name, &path);
	else
		name = path = plain_path(l->s.arena, name);
	code = enter_tree(l, dir, true, e);
	if (code != SK_OK || l->tree.fd < 0)
		return code;
	by = lint_what(l, &in, path, &what);
	l->n_seen++;
	l->asked = true;
	if (by != TREE_NAME_KNOWN && !lint_by_content(l, path, str_head(f.bytes, TREE_HEAD), &what))
		by = TREE_NAME_NEVER;
	l->asked = false;
	if (by != TREE_NAME_NEVER && what.class == TREE_CONFIG)
		lint_judge(l, path, &what, f.bytes);
	else if (by != TREE_NAME_NEVER)
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
	static const struct fs_tree here = { .root = "", .home = "" };
	enum sk_code code = SK_OK;
	struct loaded f;
	char sep;

	if (l->list.p == NULL) {
		if (str_eqc(file, "-"))
			fs_read_stdin(&l->s.tree, l->s.arena, &f);
		else
			fs_read(&here, l->s.arena, file, &f);
		if (f.state != LOADER_FILE)
			return err_set(e, f.state == LOADER_ABSENT ? SK_ENOENT : SK_EREAD, "--files-from %.*s: %.*s",
			    STR_ARG(file), STR_ARG(f.reason));
		l->list = f.bytes;
	}
	rest = l->list;
	sep = str_chr(rest, '\0', 0) != SIZE_MAX ? '\0' : '\n';
	while (code == SK_OK && str_split(&rest, sep, &path))
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
	if (o->files_from.p != NULL)
		code = take_list(l, e);
	l->direct = true;
	for (size_t i = 0; i < o->arg.n && code == SK_OK; i++)
		code = str_eqc(o->arg.v[i], "-") ? take_stdin(l, e) : take_path(l, o->arg.v[i], e);
	if (code == SK_OK && o->arg.n == 0 && o->files_from.p == NULL)
		code = take_path(l, STR("."), e);
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
	lint_budget_init(l);
	l->networks = s->networks;
	l->policies = s->policies;
	if (code == SK_OK)
		lint_memo_settings(l);
	if (code == SK_OK)
		code = session_choice(s, e);
	if (code == SK_OK)
		code = lint_baseline_check(l, e);
	if (code == SK_OK && o->openssh.p != NULL && ver_parse(o->openssh, &ver, &why) != SK_OK)
		code = err_set(e, SK_EUSAGE, "--openssh: %s", why.msg);
	else if (code == SK_OK && o->openssh.p != NULL)
		session_beyond(ver, "--openssh", o->openssh);
	if (code == SK_OK)
		code = o->config.p != NULL ? given_settings(l, e) : check_settings(l, e);
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
	free(l->by_main.v);
	free(l->seen.v);
	free(l->walked.v);
	free(l->pair);
	free(l->bytes);
	free(l->covered);
}

/* As if nothing had been looked at yet, but for what was planned. */
static void
start_again(struct lint *l)
{
	free(l->s.findings.v);
	l->s.findings = (struct findings){ 0 };
	l->again = true;
	l->failed.n = 0;
	lint_budget_init(l);
	l->direct = l->asked = false;
	comments_release(&l->comments);
	l->n_covered = 0;
	l->n_seen = l->n_config = l->n_unit = l->n_pair = l->found.n = 0;
	buf_clear(&l->hosts);
	free(l->by_main.v);
	free(l->seen.v);
	l->by_main = l->seen = (struct lint_set){ 0 };
	l->tree.fix = l->fix;
}

/* Passes over everything, each on the text as the plans so far leave it, until nothing new is planned. */
static enum sk_code
fix_passes(struct lint *l, struct err *e)
{
	enum sk_code code = lint_baseline_marks(l, &l->fix->hidden, e);
	/* what the baseline hides was planned, too */
	bool again = l->fix->hidden.n > 0;

	for (unsigned i = 0; i < FIX_PASSES && code == SK_OK && (again || lint_fix_settle(l)); i++, again = false) {
		start_again(l);
		lint_fix_start(l);
		code = take_all(l, e);
		if (code == SK_OK)
			lint_end(l);
	}
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

static int
run(struct arena *a, const struct options *o)
{
	struct lint_fix fix = { .apply = o->fix, .budget = FIX_BUDGET };
	struct lint l = { 0 };
	struct err e = { 0 };
	int status;

	lint_watch_start(&l.watch, LINT_CPU_S);
	lint_progress_start(&l.progress);
	if (session_formats(o, lint_table, &e) != SK_OK || prepare(&l, a, o, &e) != SK_OK) {
		lint_watch_end(&l.watch);
		release(&l);
		return output_error(&e);
	}
	fix.edits = wants_edits(o);
	if (fix.apply || fix.edits)
		l.fix = &fix;
	if (take_all(&l, &e) == SK_OK)
		lint_end(&l);
	if (e.code == SK_OK && fix.apply)
		(void)fix_passes(&l, &e);
	lint_progress_wipe(&l.progress);
	/* what is written from here on is written to its end */
	lint_watch_end(&l.watch);
	status = e.code != SK_OK || lint_baseline(&l, &e) != SK_OK ? output_error(&e) : print(&l, &e);
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
