/* SPDX-License-Identifier: MIT */
/* Which ends are meant, for which releases, and reading their files (contract section 2). */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "sys/local_addr.h"
#include "cli/output.h"
#include "session/session.h"
#include "sys/users.h"
#include "conf/reader.h"

#define ETC_SSH "/etc/ssh"

/* HOST or -F alone is the client, -f alone the server; both ends meet only when both files are given. */
static enum sk_code
find_ends(struct session *s, struct err *e)
{
	const struct options *o = s->o;
	bool has_F = o->client_file.p != NULL, has_f = o->server_file.p != NULL;
	/* for the other commands the operands are no hosts, and they never get here */
	bool hosts = o->arg.n > 0;

	if (o->server && o->client)
		return err_set(e, SK_EUSAGE, "--server and --client exclude each other");
	if (o->server && hosts && !has_F)
		return err_set(
		    e, SK_EUSAGE, "--server judges connections, not a HOST: use -C user=NAME,host=NAME,addr=IP");
	if (o->client && has_f && !has_F)
		return err_set(e, SK_EUSAGE, "--client does not read the server's file of -f");
	if (o->spec.n > 0 && o->client)
		return err_set(e, SK_EUSAGE, "-C describes a connection to the server, --client excludes it");
	if (str_eqc(o->client_file, "-") && str_eqc(o->server_file, "-"))
		return err_set(e, SK_EUSAGE, "only one of -F and -f can be standard input");
	s->both = has_F && has_f;
	s->client.asked = has_F;
	s->server.asked = has_f || o->server || o->spec.n > 0;
	s->client.wanted = !o->server && (has_F || hosts || !(has_f || o->spec.n > 0));
	s->server.wanted = !o->client && (s->server.asked || (!has_F && !hosts));
	return SK_OK;
}

static enum sk_code
option_version(struct str text, const char *option, struct ver *ret, struct err *e)
{
	struct err why = { 0 };

	if (ver_parse(text, ret, &why) != SK_OK)
		return err_set(e, SK_EUSAGE, "%s: %s", option, why.msg);
	return SK_OK;
}

static bool
fact_version(const struct session *s, enum fact_id id, struct ver *ret)
{
	const struct fact *f = &s->facts.v[id];

	return f->known && ver_parse(f->text, ret, NULL) == SK_OK;
}

void
session_beyond(struct ver ver, const char *whence, struct str text)
{
	struct buf b = { 0 };
	char newest[24];

	if (!ver.beyond)
		return;
	buf_addf(&b, "%s %.*s is later than the newest release known here; judged as %s", whence,
	    STR_ARG(str_head(text, 60)), ver_text((struct ver){ .n = VER_NEWEST }, newest));
	output_note(buf_str(&b));
	buf_release(&b);
}

/* Each release that is too new, once. */
static void
tell_beyond(const struct session *s, struct ver given, struct ver peer)
{
	const struct options *o = s->o;
	struct ver ssh = { 0 }, sshd = { 0 };

	session_beyond(given, "--openssh", o->openssh);
	session_beyond(peer, "--peer-openssh", o->peer_openssh);
	if (o->openssh.p != NULL)
		return;
	if (fact_version(s, FACT_SSH_VERSION, &ssh) && s->client.wanted)
		session_beyond(ssh, "the installed", s->facts.v[FACT_SSH_VERSION].text);
	if (fact_version(s, FACT_SSHD_VERSION, &sshd) && s->server.wanted && !(ssh.beyond && s->client.wanted))
		session_beyond(sshd, "the installed", s->facts.v[FACT_SSHD_VERSION].text);
}

static enum sk_code
find_versions(struct session *s, struct err *e)
{
	const struct options *o = s->o;
	const struct ver newest = { .n = VER_NEWEST };
	struct ver local = newest, given = newest, peer = newest;
	bool known = fact_version(s, FACT_SSH_VERSION, &local);
	enum sk_code code;

	if (o->openssh.p != NULL && (code = option_version(o->openssh, "--openssh", &given, e)) != SK_OK)
		return code;
	if (o->peer_openssh.p != NULL && (code = option_version(o->peer_openssh, "--peer-openssh", &peer, e)) != SK_OK)
		return code;
	tell_beyond(s, given, peer);
	s->client.ver = o->openssh.p != NULL ? given : local;
	if (o->openssh.p != NULL)
		s->server.ver = given;
	else if (!fact_version(s, FACT_SSHD_VERSION, &s->server.ver))
		s->server.ver = local;
	/* the far end: only where this side is the one that is judged */
	if (s->both || !s->server.wanted)
		s->server.ver = o->peer_openssh.p != NULL ? peer : s->both ? s->server.ver : newest;
	else if (!s->client.wanted)
		s->client.ver = peer;
	if (!known && o->openssh.p == NULL) {
		char text[24];

		session_note(s,
		    arena_printf(s->arena, "no OpenSSH was found here: judged for %s (--openssh VERSION)",
			ver_text(newest, text)));
	}
	s->tree.debian = s->client.ver.debian;
	return SK_OK;
}

/* -p and -J are judged by ssh as it meets them, with texts of their own; -o lines come before them as they stand. */
static enum sk_code
check_letter(const struct session *s, size_t n, struct ver ver, struct err *e)
{
	const struct opt_list *word = &s->o->ssh_word;
	struct str value = word->v[2 * n + 1];
	bool first = true;

	for (size_t i = 0; i < n; i++)
		first &= !str_eqc(word->v[2 * i], "-p");
	/* (ssh does not look at a second port) */
	if (str_eqc(word->v[2 * n], "-p") && first && port_number(value, ver) <= 0)
		return err_set(e, SK_EUSAGE, "Bad port '%.*s'", STR_ARG(str_head(value, 60)));
	if (!str_eqc(word->v[2 * n], "-J"))
		return SK_OK;
	if (!jump_ok(s->arena, value, ver))
		return err_set(e, SK_EUSAGE, "Invalid -J argument");
	for (size_t i = 0; i < n; i++) {
		struct str key;
		size_t rest;
		bool lost;

		if (!split_keyword(s->arena, s->o->ssh_line.v[i], KW_CLIENT, ver, &key, &rest, &lost))
			continue;
		if (str_ieqc(key, "ProxyJump"))
			return err_set(e, SK_EUSAGE,
			    "Only a single -J option is permitted (use commas to separate multiple jump hops)");
		if (str_ieqc(key, "ProxyCommand"))
			return err_set(e, SK_EUSAGE, "Cannot specify -J with ProxyCommand");
	}
	return SK_OK;
}

/* -o lines and the port of an ssh:// operand. */
static enum sk_code
cmdline(struct session *s, struct ver ver, struct str *ret, struct err *e)
{
	struct buf b = { 0 };
	enum sk_code code = SK_OK;

	for (size_t i = 0; i < s->o->ssh_line.n && code == SK_OK; i++) {
		code = check_letter(s, i, ver, e);
		buf_add(&b, s->o->ssh_line.v[i]);
		buf_addch(&b, '\n');
	}
	for (size_t i = 0; i < s->o->arg.n && code == SK_OK; i++) {
		struct str user, host, port;

		code = session_host(s->arena, s->o->arg.v[i], &user, &host, &port, e);
		if (code != SK_OK || port.n == 0)
			continue;
		if (s->o->arg.n > 1)
			code = err_set(e, SK_EUSAGE, "a port in ssh:// needs a single HOST");
		buf_addf(&b, "Port=%.*s\n", STR_ARG(port));
	}
	*ret = arena_str(s->arena, buf_str(&b));
	buf_release(&b);
	return code;
}

static enum sk_code
add_stdin(struct session *s, struct session_end *end, enum source_origin origin, struct err *e)
{
	struct loaded l;

	fs_read_stdin(&s->tree, s->arena, &l);
	if (l.state == LOADER_TOOBIG)
		return err_set(e, SK_ETOOBIG, "standard input is larger than 64 MiB");
	if (l.state != LOADER_FILE)
		return err_set(e, SK_EREAD, "standard input: %.*s", STR_ARG(l.reason));
	return conf_add_bytes(&end->conf, &end->opts, STR("(stdin)"), l.bytes, origin, e);
}

/* A file of -F or -f: as it was given, below no root. */
static enum sk_code
add_given(struct session *s, struct session_end *end, struct str path, enum source_origin origin, struct err *e)
{
	struct loaded l;

	end->present = true;
	if (str_ieqc(path, "none"))
		return SK_OK;
	if (str_eqc(path, "-"))
		return add_stdin(s, end, origin, e);
	s->tree.literal[s->tree.n_literal++] = path;
	fs_look(&s->tree, s->arena, path, &l);
	if (l.state == LOADER_DIR)
		session_note(
		    s, arena_printf(s->arena, "%.*s is a directory: OpenSSH reads it as an empty file", STR_ARG(path)));
	if (l.state == LOADER_SPECIAL)
		return err_set(e, SK_EREAD, "%.*s: %.*s and is not opened; use - for standard input", STR_ARG(path),
		    STR_ARG(l.reason));
	return conf_add_file(&end->conf, &end->opts, path, origin, false, e);
}

/* A variable of this process, which the ssh that is typed next has as well. */
static bool
variable(struct str name, struct str *ret)
{
	char text[256];
	const char *value;

	if (name.n >= sizeof text)
		return false;
	memcpy(text, name.p, name.n);
	text[name.n] = '\0';
	value = getenv(text);
	if (value == NULL)
		return false;
	*ret = str_c(value);
	return true;
}

/* The environment counts only where the files of whoever runs this are judged. */
static bool
env_known(const struct session *s)
{
	return s->live && s->o->home.p == NULL && s->o->user.p == NULL;
}

static void
base_opts(struct session *s, struct session_end *end, enum kw_side side)
{
	end->opts = (struct conf_opts){ .side = side,
		.ver = end->ver,
		.loader = &s->loader,
		.home = s->env_home,
		.etc_ssh = STR(ETC_SSH),
		.getenv = env_known(s) ? variable : NULL,
		.check_main_perm = true };
}

/* Files that exist but cannot be used and that nobody asked for. */
static void
note_missing(struct session *s, const struct conf *c)
{
	for (size_t i = 0; i < c->n_missing; i++)
		if (!str_ends(c->missing[i], STR(": not there")))
			session_note(s, arena_printf(s->arena, "not read: %.*s", STR_ARG(c->missing[i])));
}

static enum sk_code
read_client(struct session *s, struct err *e)
{
	struct session_end *end = &s->client;
	enum sk_code code;

	base_opts(s, end, KW_CLIENT);
	code = cmdline(s, end->ver, &end->opts.cmdline, e);
	if (code != SK_OK)
		return code;
	if (s->o->client_file.p != NULL)
		end->opts.check_main_perm = false;
	conf_init(&end->conf, &end->opts);
	if (s->o->client_file.p != NULL)
		return add_given(s, end, s->o->client_file, SOURCE_USER, e);
	end->present = true;
	code = conf_add_file(&end->conf, &end->opts, s->user_config, SOURCE_USER, true, e);
	if (code == SK_OK)
		code = conf_add_file(&end->conf, &end->opts, STR(ETC_SSH "/ssh_config"), SOURCE_SYSTEM, true, e);
	note_missing(s, &end->conf);
	return code;
}

static enum sk_code
read_server(struct session *s, struct err *e)
{
	struct session_end *end = &s->server;
	struct str path = STR(ETC_SSH "/sshd_config");
	enum sk_code code = SK_OK;

	base_opts(s, end, KW_SERVER);
	/* -o belongs to the end that is asked about. */
	if (!s->client.wanted)
		code = cmdline(s, end->ver, &end->opts.cmdline, e);
	if (code != SK_OK)
		return code;
	conf_init(&end->conf, &end->opts);
	if (s->o->server_file.p != NULL)
		return add_given(s, end, s->o->server_file, SOURCE_SERVER, e);
	code = conf_add_file(&end->conf, &end->opts, path, SOURCE_SERVER, !end->asked, e);
	end->present = code == SK_OK && end->conf.n_missing == 0;
	note_missing(s, &end->conf);
	return code;
}

static bool
asks_for_networks(const struct conf *c)
{
	for (size_t i = 0; i < c->n_crit; i++)
		if (c->crit[i].kind == CRIT_LOCALNETWORK)
			return true;
	return false;
}

static struct str
account_home(void *ctx, struct str name)
{
	struct session *s = ctx;
	struct user u;

	return user_by_name(&s->tree, s->arena, name, &u) ? u.home : (struct str){ NULL, 0 };
}

/* What the client's resolver may know; for another tree most of it is not known. */
static void
find_env(struct session *s)
{
	struct client_env *env = &s->env;
	char text[24];

	env->local_user = s->user.name;
	env->local_user_known = s->user.name.n > 0 && (s->live || s->o->user.p != NULL);
	env->home = s->user.home;
	env->uid = arena_printf(s->arena, "%u", s->user.uid);
	env->uid_known = s->live;
	env->hostname = s->machine;
	env->hostname_known = s->machine.n > 0;
	env->getenv = env_known(s) ? variable : NULL;
	env->local_addr_known = s->live && !s->other_net && asks_for_networks(&s->client.conf) &&
	    local_addr(s->arena, &env->local_addr, &env->n_local_addr);
	env->home_of = account_home;
	env->home_ctx = s;
	env->version_text = arena_printf(s->arena, "OpenSSH_%s", ver_text((struct ver){ .n = s->client.ver.n }, text));
}

enum sk_code
session_read(struct session *s, struct err *e)
{
	enum sk_code code = find_ends(s, e);

	if (code == SK_OK)
		code = find_versions(s, e);
	if (code == SK_OK && (s->client.wanted || s->both))
		code = read_client(s, e);
	if (code == SK_OK && (s->server.wanted || s->both))
		code = read_server(s, e);
	find_env(s);
	return code;
}
