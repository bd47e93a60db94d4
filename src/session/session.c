/* SPDX-License-Identifier: MIT */
/* The joint part of the commands: rules, place, settings, facts. */
#define _XOPEN_SOURCE 700 /* gethostname(2) and friends */
#include "session/batch.h"
#include "session/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/embedded.h"
#include "sys/fs_glob.h"
#include "session/measured.h"

/* One rule, network or policy file by its base name. */
static enum sk_code
load_ini(struct session *s, struct str file, struct str text, struct err *e)
{
	struct str base = file; /* the name behind the last slash */

	for (size_t i = str_chr(base, '/', 0); i != SIZE_MAX; i = str_chr(base, '/', 0))
		base = str_from(base, i + 1);
	if (str_eqc(base, "networks.ini"))
		return network_load(s->arena, &s->networks, file, text, e);
	if (str_eqc(base, "policies.ini"))
		return policy_load(s->arena, &s->policies, file, text, e);
	return ruleset_load(&s->rules, file, text, e);
}

/* The same for a file that was read when the program was built. */
static enum sk_code
load_pack(struct session *s, const struct ini_pack *pack, struct err *e)
{
	struct str base = str_c(pack->file);
	struct ini ini;

	if (str_eqc(base, "networks.ini"))
		return network_load_pack(s->arena, &s->networks, pack, e);
	if (!str_eqc(base, "policies.ini"))
		return ruleset_load_pack(&s->rules, pack, e);
	ini_unpack(s->arena, pack, &ini);
	return policy_load_ini(s->arena, &s->policies, &ini, e);
}

/* Files named on the command line: opened as given, whatever --root says. */
static enum sk_code
read_given(struct arena *a, struct str path, struct str *ret, struct err *e)
{
	static const struct fs_tree here = { .root = "", .home = "" };
	struct loaded l;
	struct buf shown = { 0 };
	enum sk_code code = SK_OK;

	fs_read(&here, a, path, &l);
	buf_add_escaped(&shown, path);
	if (l.state == LOADER_FILE)
		*ret = l.bytes;
	else
		code = err_set(e, l.state == LOADER_ABSENT ? SK_ENOENT : SK_EREAD, "%.*s: %.*s",
		    STR_ARG(buf_str(&shown)), STR_ARG(l.reason));
	buf_release(&shown);
	return code;
}

static enum sk_code
load_folder(struct session *s, struct str dir, struct err *e)
{
	static const struct fs_tree here = { .root = "", .home = "" };
	struct buf pattern = { 0 };
	struct str *file = NULL, text = { 0 };
	size_t n = 0;
	bool capped = false;
	enum sk_code code = SK_OK;

	/* the folder's own name is no pattern */
	for (size_t i = 0; i < dir.n; i++) {
		if (str_chr(STR("*?[\\"), dir.p[i], 0) != SIZE_MAX)
			buf_addch(&pattern, '\\');
		buf_addch(&pattern, dir.p[i]);
	}
	buf_addc(&pattern, "/*.ini");
	fs_glob(&here, s->arena, buf_str(&pattern), false, &file, &n, &capped);
	buf_release(&pattern);
	if (n == 0)
		return err_set(e, SK_ENOENT, "%.*s: no rule file (*.ini) there", STR_ARG(dir));
	for (size_t i = 0; i < n && code == SK_OK; i++) {
		code = read_given(s->arena, file[i], &text, e);
		if (code == SK_OK)
			code = load_ini(s, file[i], text, e);
	}
	return code;
}

enum sk_code
session_rules(struct session *s, struct arena *a, const struct options *o, struct err *e)
{
	enum sk_code code = SK_OK;

	memset(s, 0, sizeof *s);
	s->arena = a;
	s->o = o;
	s->fail_on = LEVEL_WARNING;
	ruleset_init(&s->rules);
	for (size_t i = 0; embedded_files[i].file != NULL && code == SK_OK; i++)
		code = load_pack(s, &embedded_files[i], e);
	for (size_t i = 0; i < o->rules.n && code == SK_OK; i++)
		code = load_folder(s, o->rules.v[i], e);
	return code;
}

void
session_note(struct session *s, struct str text)
{
	for (size_t i = 0; i < s->n_note; i++)
		if (str_eq(s->note[i], text))
			return;
	MEM_GROW(s->note, s->cap_note, s->n_note + 1);
	s->note[s->n_note++] = arena_str(s->arena, text);
}

static enum sk_code
find_root(struct session *s, struct err *e)
{
	struct str root = s->o->root;
	struct stat st;

	s->tree.uid = s->tree.root_owner = getuid();
	while (root.n > 1 && root.p[root.n - 1] == '/')
		root.n--;
	s->live = root.p == NULL || str_eqc(root, "/");
	s->tree.root = s->live ? "" : arena_strz(s->arena, root);
	if (s->live)
		return SK_OK;
	if (stat(s->tree.root, &st) != 0)
		return err_sys(e, errno == ENOENT ? SK_ENOENT : SK_EREAD, errno, "--root %s", s->tree.root);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, SK_EREAD, "--root %s: is no directory", s->tree.root);
	s->tree.root_owner = st.st_uid;
	return SK_OK;
}

/* Whose config: the account of --user, else the one that runs this. */
static enum sk_code
find_user(struct session *s, struct err *e)
{
	const struct options *o = s->o;
	const char *env = getenv("HOME");
	bool known;

	if (o->user.p != NULL)
		known = user_by_name(&s->tree, s->arena, o->user, &s->user);
	else
		known = user_by_uid(&s->tree, s->arena, s->tree.uid, &s->user);
	if (!known && o->user.p != NULL && s->live)
		return err_set(e, SK_EUSAGE, "--user: this machine has no such account");
	if (!known && o->user.p != NULL) {
		s->user.name = o->user;
		s->user.uid = s->tree.root_owner;
		s->user.home =
		    str_eqc(o->user, "root") ? STR("/root") : arena_printf(s->arena, "/home/%.*s", STR_ARG(o->user));
	} else if (!known) {
		s->user.uid = s->tree.uid;
		s->user.home = s->live && env != NULL ? str_c(env) : STR("/root");
	}
	if (o->home.p != NULL)
		s->user.home = o->home;
	while (s->user.home.n > 1 && s->user.home.p[s->user.home.n - 1] == '/')
		s->user.home.n--;
	/* ssh finds its user file through the password database, but ~ through $HOME (reference 2.4) */
	s->env_home = s->user.home;
	if (s->live && o->home.p == NULL && o->user.p == NULL && env != NULL && *env != '\0')
		s->env_home = str_c(env);
	s->tree.home = arena_strz(s->arena, s->env_home);
	s->tree.uid = s->user.uid;
	s->user_config = arena_printf(s->arena, "%.*s/.ssh/config", STR_ARG(s->user.home));
	return SK_OK;
}

static void
find_machine(struct session *s)
{
	char name[256] = "";
	struct loaded l;

	if (s->live) {
		if (gethostname(name, sizeof name - 1) == 0)
			s->machine = arena_str(s->arena, str_c(name));
		return;
	}
	fs_read(&s->tree, s->arena, STR("/etc/hostname"), &l);
	s->machine = str_trim(str_head(l.bytes, str_chr(l.bytes, '\n', 0)));
}

static enum sk_code
one_setting(struct session *s, struct str path, struct err *e)
{
	struct loaded l;

	fs_read(&s->tree, s->arena, path, &l);
	if (l.state == LOADER_FILE)
		return settings_load(s->arena, path, l.bytes, &s->settings, &s->networks, &s->policies, e);
	if (l.state != LOADER_ABSENT)
		session_note(s, arena_printf(s->arena, "settings %.*s: %.*s", STR_ARG(path), STR_ARG(l.reason)));
	return SK_OK;
}

bool
session_no_settings(const struct options *o)
{
	return str_ieqc(o->config, "none");
}

static enum sk_code
find_settings(struct session *s, struct err *e)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	struct str path, text = { 0 };
	enum sk_code code;

	if (session_no_settings(s->o))
		return SK_OK;
	if (s->o->config.p != NULL) {
		code = read_given(s->arena, s->o->config, &text, e);
		if (code != SK_OK)
			return code;
		return settings_load(s->arena, s->o->config, text, &s->settings, &s->networks, &s->policies, e);
	}
	/* the XDG base directory specification: only absolute paths count */
	if (s->live && s->o->home.p == NULL && s->o->user.p == NULL && xdg != NULL && xdg[0] == '/')
		path = arena_printf(s->arena, "%s/sshkeep/config.ini", xdg);
	else
		path = arena_printf(s->arena, "%.*s/.config/sshkeep/config.ini", STR_ARG(s->env_home));
	code = one_setting(s, path, e);
	return code != SK_OK ? code : one_setting(s, STR("/etc/sshkeep.ini"), e);
}

enum sk_code
session_place(struct session *s, struct err *e)
{
	enum sk_code code = find_root(s, e);

	return code == SK_OK ? find_user(s, e) : code;
}

enum sk_code
session_machine(struct session *s, struct err *e)
{
	struct detect_opts d = { 0 };
	enum sk_code code = session_place(s, e);

	if (code == SK_OK)
		code = find_settings(s, e);
	if (code != SK_OK)
		return code;
	fs_loader_init(&s->tree, &s->loader);
	find_machine(s);
	d.root = s->live ? "/" : s->tree.root;
	d.home = arena_strz(s->arena, s->user.home);
	d.live = s->live;
	d.uid = s->user.uid;
	detect_all(s->arena, &d, &s->facts);
	measured_load(s);
	return SK_OK;
}

static enum sk_code
all_steps(struct session *s, bool share, struct err *e)
{
	enum sk_code code = session_read(s, e);

	s->legs = true;
	s->share = share;
	if (code == SK_OK)
		code = session_judge(s, e);
	if (code == SK_OK)
		code = session_find(s, e);
	return code;
}

enum sk_code
session_open(struct session *s, struct arena *a, const struct options *o, struct err *e)
{
	enum sk_code code = session_rules(s, a, o, e);

	return code == SK_OK ? session_machine(s, e) : code;
}

enum sk_code
session_rows(struct session *s, struct arena *a, const struct options *o, struct err *e)
{
	enum sk_code code = session_open(s, a, o, e);

	if (code == SK_OK)
		code = session_read(s, e);
	return code == SK_OK ? session_judge(s, e) : code;
}

enum sk_code
session_all(struct session *s, struct arena *a, const struct options *o, bool share, struct err *e)
{
	enum sk_code code = session_open(s, a, o, e);

	return code == SK_OK ? all_steps(s, share, e) : code;
}

enum sk_code
session_after(struct session *s, const struct session *before, const struct fs_over *over, size_t n, struct err *e)
{
	enum sk_code code = session_open(s, before->arena, before->o, e);

	s->tree.over = over;
	s->tree.n_over = n;
	if (code == SK_OK)
		code = all_steps(s, false, e);
	return code;
}

void
session_release(struct session *s)
{
	ruleset_release(&s->rules);
	settings_release(&s->settings);
	conf_release(&s->client.conf);
	conf_release(&s->server.conf);
	free(s->row);
	free(s->note);
	free(s->measured);
	findings_release(&s->findings);
	comments_release(&s->comments);
	batch_release(s->batch);
}
