/* SPDX-License-Identifier: MIT */
/* How this system reloads sshd: systemd, an init script, or a signal to the daemon of the pid file. */
#include "fix/reload.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"
#include "sys/run_program.h"

enum how { HOW_SYSTEMD, HOW_SERVICE, HOW_SIGNAL };

struct way {
	enum how how;
	const char *name; /* unit or init script */
	pid_t pid;	  /* of the listening daemon by its pid file; 0: none runs */
};

static bool
is_there(const struct session *s, struct str path)
{
	struct str where;

	return fs_locate(&s->tree, s->arena, path, false, &where);
}

/* Debian and its relatives call the unit ssh, the others sshd; where both exist, one is an alias. */
static const char *
unit_name(const struct session *s)
{
	static const char *const dir[] = { "/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
		"/lib/systemd/system" };
	static const char *const name[] = { "ssh", "sshd" };
	const struct fact *id = &s->facts.v[FACT_OS_ID];

	for (size_t k = 0; k < sizeof name / sizeof *name; k++)
		for (size_t i = 0; i < sizeof dir / sizeof *dir; i++)
			if (is_there(s, arena_printf(s->arena, "%s/%s.service", dir[i], name[k])))
				return name[k];
	return id->known && (str_eqc(id->text, "debian") || str_eqc(id->text, "ubuntu")) ? "ssh" : "sshd";
}

/* Where sshd notes its number: the first PidFile, when a command line of the shell can name it as it stands. */
static struct str
pid_file(const struct session *s)
{
	static const char plain[] = "/._-+@%:,";
	const struct conf *c = &s->server.conf;
	unsigned row = kw_find(KW_SERVER, STR("pidfile"), s->server.ver);
	struct value v;

	for (size_t i = 0; i < c->n_set; i++) {
		if (c->set[i].row != row)
			continue;
		conf_set_value(c, s->arena, &c->set[i], &v);
		for (size_t k = 0; k < v.text.n; k++)
			if (!isalnum((unsigned char)v.text.p[k]) && str_chr(str_c(plain), v.text.p[k], 0) == SIZE_MAX)
				return STR("");
		return v.text.n > 0 && v.text.p[0] == '/' ? v.text : STR(""); /* none */
	}
	return STR("/run/sshd.pid");
}

static bool
runs_as_root(struct str status)
{
	struct str line, word;

	while (str_split(&status, '\n', &line))
		if (str_split(&line, '\t', &word) && str_eqc(word, "Uid:"))
			return str_split(&line, '\t', &word) && str_eqc(word, "0");
	return false;
}

/*
 * Up to OpenSSH 9.7 the processes of the sessions are called sshd, too, and SIGHUP ends them.  Their title is
 * "sshd: user@pts/0" or "sshd: user [priv]"; the listener's is its command line, or since 8.2 "sshd: ... [listener] ...".
 */
static bool
is_listener(struct str cmdline)
{
	struct str word;

	if (cmdline.n == 0 ||
	    (str_starts(cmdline, STR("sshd: ")) && str_find(cmdline, STR(" [listener] ")) == SIZE_MAX))
		return false;
	while (str_split(&cmdline, '\0', &word))
		if (str_eqc(word, "-R")) /* about to become a session */
			return false;
	return true;
}

/* The pid file may be old and its number somebody else's by now. */
static pid_t
daemon_pid(const struct session *s)
{
	struct loaded l, status, cmdline;
	struct str file = pid_file(s);
	uint64_t pid;

	fs_read(&s->tree, s->arena, file, &l);
	if (l.state != LOADER_FILE && str_eqc(file, "/run/sshd.pid"))
		fs_read(&s->tree, s->arena, STR("/var/run/sshd.pid"), &l);
	if (l.state != LOADER_FILE || num_uint(str_trim(l.bytes), INT32_MAX, &pid, NULL) != SK_OK || pid <= 1)
		return 0;
	fs_read(&s->tree, s->arena, arena_printf(s->arena, "/proc/%ld/comm", (long)pid), &l);
	fs_read(&s->tree, s->arena, arena_printf(s->arena, "/proc/%ld/status", (long)pid), &status);
	fs_read(&s->tree, s->arena, arena_printf(s->arena, "/proc/%ld/cmdline", (long)pid), &cmdline);
	if (l.state != LOADER_FILE || status.state != LOADER_FILE || cmdline.state != LOADER_FILE ||
	    !str_eqc(str_trim(l.bytes), "sshd"))
		return 0;
	return runs_as_root(status.bytes) && is_listener(cmdline.bytes) ? (pid_t)pid : 0;
}

static struct way
find_way(const struct session *s)
{
	struct way w = { .how = HOW_SIGNAL, .name = "" };

	w.pid = daemon_pid(s);
	/* sd_booted(3); an image looked at from outside has no /run and is told the usual command */
	if (is_there(s, STR("/run/systemd/system")) || (!s->live && !is_there(s, STR("/etc/init.d/sshd")))) {
		w.how = HOW_SYSTEMD;
		w.name = unit_name(s);
	} else if (is_there(s, STR("/etc/init.d/ssh"))) {
		w.how = HOW_SERVICE;
		w.name = "ssh";
	} else if (is_there(s, STR("/etc/init.d/sshd"))) {
		w.how = HOW_SERVICE;
		w.name = "sshd";
	}
	return w;
}

static struct str
shown(const struct session *s, const struct way *w)
{
	if (w->how == HOW_SYSTEMD)
		return arena_printf(s->arena, "sudo systemctl reload %s", w->name);
	if (w->how == HOW_SERVICE)
		return arena_printf(s->arena, "sudo service %s reload", w->name);
	if (pid_file(s).n == 0)
		return STR("kill -HUP of the sshd that listens, by root");
	return arena_printf(s->arena, "sudo sh -c 'kill -HUP \"$(cat %.*s)\"'", STR_ARG(pid_file(s)));
}

struct str
reload_command(const struct session *s)
{
	struct way w = find_way(s);

	return shown(s, &w);
}

/* Is there a daemon that would have to be told? */
static bool
is_running(const struct session *s, const struct way *w)
{
	const char *const ask[] = { "systemctl", "is-active", "--quiet", w->name, NULL };

	return w->how == HOW_SYSTEMD ? run_program(s->arena, ask, NULL) : w->pid != 0;
}

static bool
tell(const struct session *s, const struct way *w)
{
	const char *const systemd[] = { "systemctl", "reload", w->name, NULL };
	const char *const service[] = { "service", w->name, "reload", NULL };

	if (w->how == HOW_SIGNAL)
		return kill(w->pid, SIGHUP) == 0;
	return run_program(s->arena, w->how == HOW_SYSTEMD ? systemd : service, NULL);
}

enum sk_code
reload_now(const struct session *s, struct str *ret_note, struct err *e)
{
	const char *const check[] = { "sshd", "-t", NULL };
	struct way w = find_way(s);
	struct str said;

	if (!run_program(s->arena, check, &said)) {
		struct buf b = { 0 };

		buf_add_escaped(&b, said);
		(void)err_set(e, SK_EREFUSED, "sshd -t refuses the new files: %.*s", STR_ARG(buf_str(&b)));
		buf_release(&b);
		return SK_EREFUSED;
	}
	if (!is_running(s, &w)) {
		*ret_note = w.how == HOW_SYSTEMD ?
		    STR("sshd does not run here now: it reads the new files when it is started") :
		    STR("no sshd was found by its pid file, so none was told: one that runs has to be reloaded");
		return SK_OK;
	}
	if (!tell(s, &w))
		return err_set(
		    e, SK_EREFUSED, "sshd could not be told to read the new files (%.*s)", STR_ARG(shown(s, &w)));
	*ret_note = arena_printf(
	    s->arena, "sshd was told to read the new files (%.*s); open sessions go on", STR_ARG(shown(s, &w)));
	return SK_OK;
}
