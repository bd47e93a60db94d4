/* SPDX-License-Identifier: MIT */
/* Start files of each kind: which command lines are found, and how their words are read. */
#include "t.h"

#include "base/buf.h"
#include "start/start.h"

static struct arena arena;

static void
add_text(struct buf *b, const char *name, struct str s)
{
	if (s.n > 0)
		buf_addf(b, " %s=%.*s", name, STR_ARG(s));
}

static void
add_flag(struct buf *b, const char *name, bool on)
{
	if (on)
		buf_addf(b, " %s", name);
}

/* One entry on one line: what is not there is not printed. */
static void
show(struct buf *b, const struct start *s)
{
	static const char *const programs[] = {
		[START_SSH] = "ssh", [START_AUTOSSH] = "autossh", [START_SIGNAL] = "signal", [START_FILE] = "file"
	};

	buf_addf(b, "%s%u %s", b->n > 0 ? "\n" : "", (unsigned)s->line, programs[s->program]);
	add_text(b, "path", s->path);
	add_text(b, "signal", s->signal);
	add_text(b, "user", s->user);
	add_text(b, "host", s->host);
	add_text(b, "l", s->login);
	add_text(b, "F", s->config);
	if (s->n_forward > 0)
		buf_addf(b, " forwards=%u/%u", s->n_forward, s->n_remote);
	add_flag(b, "N", s->no_command);
	add_flag(b, "f", s->background);
	add_flag(b, "cmd", s->command);
	add_flag(b, "loop", s->loop);
	add_flag(b, "--", s->dashes);
	if (s->monitor.set)
		buf_addf(b, " M=%.*s", s->monitor.known ? (int)s->monitor.value.n : 1,
		    s->monitor.known ? s->monitor.value.p : "?");
	for (size_t i = 0; i < s->n_line_o; i++)
		add_text(b, "o", s->line_o[i]);
	for (size_t i = 0; i < s->n_vague; i++)
		add_text(b, "vague", s->vague[i]);
	add_text(b, "cluster", s->cluster);
	add_text(b, "jump", s->jump);
	add_text(b, "new", s->new_option);
	add_text(b, "remote", s->remote_word);
	add_text(b, "relative", s->relative);
	add_text(b, "bad", s->program == START_AUTOSSH ? start_bad_variable(&arena, s) : STR(""));
	for (size_t i = VAR_GATETIME; i <= VAR_POLL; i++)
		if (s->env.var[i].set)
			buf_addf(b, " %s=%.*s", i == VAR_POLL ? "poll" : "gate",
			    s->env.var[i].known ? (int)s->env.var[i].value.n : 1,
			    s->env.var[i].known ? s->env.var[i].value.p : "?");
	add_flag(b, "open", s->env.open);
	add_flag(b, "vagueconfig", s->config_vague);
	add_flag(b, "incomplete", !s->complete && s->program != START_FILE);
	if (s->unit != NULL)
		buf_addf(b, " unit=%.*s/%.*s", STR_ARG(s->unit->type), STR_ARG(s->unit->restart));
}

struct row {
	const char *text, *want;
};

static void
check(enum start_kind kind, const struct row *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct start_from from = { .file = STR("x"), .home = STR("/home/me") };
		struct starts out = { 0 };
		struct buf b = { 0 };
		const char *why = "";

		arena_reset(&arena);
		assert_true(start_read(&arena, kind, &from, str_c(v[i].text), &out, &why));
		for (size_t k = 0; k < out.n; k++)
			show(&b, &out.v[k]);
		if (!str_eqc(buf_str(&b), v[i].want))
			print_error("of: %s\n", v[i].text);
		t_eq_str(buf_str(&b), v[i].want);
		buf_release(&b);
		starts_release(&out);
	}
}
#define CHECK(kind, v) check((kind), (v), sizeof(v) / sizeof((v)[0]))

static void
words_of_ssh(void **state)
{
	static const struct row v[] = {
		{ "", "" },
		{ "echo ssh host", "" },
		{ "ssh host", "1 ssh host=host" },
		{ "ssh host uptime", "1 ssh host=host cmd" },
		{ "ssh -V", "" },
		{ "ssh -O exit host", "" },
		{ "ssh -Q mac", "" },
		{ "ssh -G host", "" },
		{ "ssh -W a:1 host", "" },
		{ "ssh", "" },
		{ "/usr/bin/ssh -N -L 1:a:1 -R 2:b:2 -D 3 me@host", "1 ssh host=me@host forwards=3/1 N" },
		{ "ssh -fNL 1:a:1 host", "1 ssh host=host forwards=1/0 N f" },
		{ "ssh -fNL1:a:1 -p22 -lme host", "1 ssh host=host l=me forwards=1/0 N f o=Port=22" },
		{ "ssh -NT host -o A=b -L 1:a:1", "1 ssh host=host forwards=1/0 N o=A=b" },
		{ "ssh -o 'A b' -oC=d -J gate -F /f host", "1 ssh host=host F=/f o=A b o=C=d o=ProxyJump=gate" },
		{ "ssh -M -S /s -MM host", "1 ssh host=host o=ControlMaster=yes o=ControlPath=/s" },
		{ "ssh -- host -N", "1 ssh host=host cmd" },
		{ "ssh -N -o ServerAliveInterval=$X -o ServerAliveInterval=3 h",
		    "1 ssh host=h N o=ServerAliveInterval=3 vague=ServerAliveInterval" },
		{ "ssh -N -o ServerAliveInterval=3 -o ServerAliveInterval=$X h",
		    "1 ssh host=h N o=ServerAliveInterval=3" },
		{ "ssh -N -o $X h", "1 ssh host=h N incomplete" },
		{ "ssh -N -o 'A=b\nC=d' h", "1 ssh host=h N incomplete" },
		{ "ssh -N -$X h", "1 ssh host=h N incomplete" },
		{ "ssh -N $X", "1 ssh N" },
		{ "ssh -N me@$X", "1 ssh N" },
		{ "ssh -N $X host", "1 ssh host=host N incomplete" },
		{ "ssh -N \"$@\"", "1 ssh N incomplete" },
		{ "ssh -N \"${A[@]}\"", "1 ssh N incomplete" },
		{ "ssh -N -L \"$P:a:1\" $U@$H", "1 ssh forwards=1/0 N" },
	};

	(void)state;
	CHECK(START_SCRIPT, v);
}

static void
words_of_autossh(void **state)
{
	static const struct row v[] = {
		{ "autossh -M 0 host", "1 autossh host=host M=0" },
		{ "autossh -M0 -f -N host", "1 autossh host=host N f M=0" },
		{ "autossh -M 0 -- -N -J g -B e -P t host", "1 autossh host=host N -- M=0 o=ProxyJump=g" },
		{ "autossh -M 20000:7 -N host", "1 autossh host=host N M=20000:7" },
		{ "autossh -M $P -N host", "1 autossh host=host N M=?" },
		{ "AUTOSSH_PORT=0 autossh -N host", "1 autossh host=host N M=0" },
		{ "AUTOSSH_PORT=5 autossh -M 0 -N host", "1 autossh host=host N M=0" },
		{ "autossh -NM 0 host", "1 autossh host=host N M=0 cluster=-NM" },
		{ "autossh -fNM 0 host", "1 autossh host=host N f M=0 cluster=-fNM" },
		{ "autossh -M 0 -J g -N host", "1 autossh host=host N M=0 o=ProxyJump=g jump=-J" },
		{ "autossh -M 0 -N -J g host", "1 autossh host=host N M=0 o=ProxyJump=g" },
		{ "autossh -M 0 -J g host -N", "1 autossh host=host N M=0 o=ProxyJump=g jump=-J" },
		{ "autossh -M 0 -J g host ls -l", "1 autossh host=host cmd M=0 o=ProxyJump=g jump=-J remote=-l" },
		{ "autossh -M 0 -N host -J g", "1 autossh host=host N M=0 o=ProxyJump=g jump=-J" },
		{ "autossh -M 0 -J g -- host", "1 autossh host=host -- M=0 o=ProxyJump=g" },
		{ "autossh -M 0 -N -P t -- host", "1 autossh host=host N -- M=0" },
		{ "autossh -M 0 -P t host -N", "1 autossh host=host N M=0 new=-P" },
		{ "autossh -M 0 -N -P t host -L 1:a:1", "1 autossh host=host forwards=1/0 N M=0 new=-P" },
		{ "autossh -M 0 -Jg host", "1 autossh host=host M=0 o=ProxyJump=g jump=-Jg" },
		{ "autossh -M 0 -B eth0 host", "1 autossh host=host M=0 new=-B" },
		{ "autossh -M 0 host ls -la", "1 autossh host=host cmd M=0 remote=-la" },
		{ "autossh -M 0 -- host ls -la", "1 autossh host=host cmd -- M=0" },
		{ "autossh -M 0 -- host tail -f x", "1 autossh host=host cmd -- M=0 remote=-f" },
		{ "autossh -M 0 -f -i key -N h", "1 autossh host=h N f M=0 relative=-i key" },
		{ "autossh -M 0 -f -o IdentityFile=key -N h",
		    "1 autossh host=h N f M=0 o=IdentityFile=key relative=-o IdentityFile=key" },
		{ "autossh -M 0 -f -o 'controlpath  ./s' -N h",
		    "1 autossh host=h N f M=0 o=controlpath  ./s relative=-o controlpath  ./s" },
		{ "autossh -M 0 -f -o UserKnownHostsFile=/k -o ControlPath=none -o CertificateFile=~/c h",
		    "1 autossh host=h f M=0 o=UserKnownHostsFile=/k o=ControlPath=none o=CertificateFile=~/c" },
		{ "AUTOSSH_PORT= autossh -N host", "1 autossh host=host N" },
		{ "autossh -M 0 -f -i ~/key -N h", "1 autossh host=h N f M=0" },
		{ "AUTOSSH_PIDFILE=p autossh -M 0 -f h", "1 autossh host=h f M=0 relative=AUTOSSH_PIDFILE=p" },
		{ "AUTOSSH_GATETIME=0 AUTOSSH_POLL=1m autossh -M 0 h",
		    "1 autossh host=h M=0 bad=AUTOSSH_POLL=1m gate=0 poll=1m" },
		{ "AUTOSSH_POLL=0 autossh -M 0 h", "1 autossh host=h M=0 bad=AUTOSSH_POLL=0 poll=0" },
		{ "AUTOSSH_POLL= autossh -M 0 h", "1 autossh host=h M=0 bad=AUTOSSH_POLL= poll=" },
		{ "AUTOSSH_POLL=$X autossh -M 0 h", "1 autossh host=h M=0 poll=?" },
		{ "AUTOSSH_GATETIME=-1 autossh -M 0 h", "1 autossh host=h M=0 bad=AUTOSSH_GATETIME=-1 gate=-1" },
		{ "AUTOSSH_LOGLEVEL=8 autossh -M 0 h", "1 autossh host=h M=0 bad=AUTOSSH_LOGLEVEL=8" },
		{ "AUTOSSH_LOGLEVEL=0x7 autossh -M 0 h", "1 autossh host=h M=0" },
		{ "AUTOSSH_MAXSTART=-1 autossh -M 0 h", "1 autossh host=h M=0" },
		{ "AUTOSSH_LOGFILE= autossh -M 0 h", "1 autossh host=h M=0 bad=AUTOSSH_LOGFILE=" },
	};

	(void)state;
	CHECK(START_SCRIPT, v);
}

static void
scripts(void **state)
{
	static const struct row v[] = {
		{ "sudo -u tom nohup autossh -M 0 h &", "1 autossh user=tom host=h M=0" },
		{ "sudo --user tom A=b ssh -N h", "1 ssh user=tom host=h N" },
		{ "env AUTOSSH_POLL=5 nice -n 5 autossh -M 0 h", "1 autossh host=h M=0 poll=5" },
		{ "exec timeout -k 5 60 ssh -N h", "1 ssh host=h N" },
		{ "setsid -f ssh -N h </dev/null >/dev/null 2>&1", "1 ssh host=h N" },
		{ "sshpass -p x ssh -N h", "1 ssh host=h N" },
		{ "flock -n /l ssh -N h", "1 ssh host=h N" },
		{ "screen -dmS name ssh -N h", "1 ssh host=h N" },
		{ "tmux new-session -d 'ssh -N h'", "1 ssh host=h N" },
		{ "tmux new -d -s x ssh -N h", "1 ssh host=h N" },
		{ "su - tom -c 'autossh -M 0 h'", "1 autossh user=tom host=h M=0" },
		{ "su -c 'autossh -M 0 h' tom", "1 autossh user=tom host=h M=0" },
		{ "runuser -u tom -- ssh -N h", "1 ssh user=tom host=h N" },
		{ "sh -c 'echo; ssh -N h'", "1 ssh host=h N" },
		{ "bash -lc \"ssh -N 'a b'\"", "1 ssh host=a b N" },
		{ "start-stop-daemon --start -c tom:x --exec /usr/bin/autossh -- -M 0 -N h",
		    "1 autossh user=tom host=h N M=0" },
		{ "start-stop-daemon --stop --exec /usr/bin/autossh", "" },
		{ "$AUTOSSH -M 0 h", "1 autossh host=h M=0" },
		{ "${SSH} -N h", "1 ssh host=h N" },
		{ "while :; do ssh -N h; sleep 1; done", "1 ssh host=h N loop" },
		{ "for i in 1 2; do ssh -N h; done", "1 ssh host=h N" },
		{ "f() {\n ssh -N h\n}\nf", "2 ssh host=h N" },
		{ "(ssh -N h) | cat &", "1 ssh host=h N" },
		{ "case $1 in start) ssh -N h;; esac", "1 ssh host=h N" },
		{ "cat <<X\nssh -N h\nX\nssh -N i", "4 ssh host=i N" },
		{ "# ssh -N h\nssh -N i # ssh -N j", "2 ssh host=i N" },
		{ "ssh -N \\\n  -L 1:a:1 \\\n  h", "1 ssh host=h forwards=1/0 N" },
		{ "A=h; ssh -N $A", "1 ssh host=h N" },
		{ "A='-o X=1 -N'; ssh $A h", "1 ssh host=h N o=X=1" },
		{ "A='-o X=1'; ssh \"$A\" h", "1 ssh host=h o= X=1" },
		{ "A=a B=$A:1; ssh -N -L 1:$B ${A}b", "1 ssh host=ab forwards=1/0 N" },
		{ "if x; then A=h; fi; ssh -N $A", "1 ssh N" },
		{ "A=h; read A; ssh -N $A", "1 ssh N" },
		{ "A=h; . /f; ssh -N $A", "1 ssh N open" },
		{ "A=$(x); ssh -N $A", "1 ssh N" },
		{ "A=h; unset A; ssh -N $A", "1 ssh N" },
		{ "export AUTOSSH_POLL=5\nautossh -M 0 h", "2 autossh host=h M=0 poll=5" },
		{ "AUTOSSH_POLL=5\nunset AUTOSSH_POLL\nautossh -M 0 h", "3 autossh host=h M=0" },
		{ "[ -z $x ] || export AUTOSSH_POLL=5\nautossh -M 0 h", "2 autossh host=h M=0 poll=?" },
		{ "killall autossh", "1 signal signal=killall autossh" },
		{ "killall -0 autossh; pkill -0 ssh", "" },
		{ "killall sshd; pkill ssh-agent; pkill -f /root/.ssh/x; killall sshfs", "" },
		{ "pkill ssh; killall -9 ssh", "1 signal signal=pkill ssh\n1 signal signal=killall -9 ssh" },
		{ "pkill -f 'ssh -N'", "1 signal signal=pkill -f ssh -N" },
		{ "kill -9 $(pidof autossh)", "1 signal signal=kill -9 $(pidof autossh)" },
		{ "kill $(pgrep -x ssh)", "1 signal signal=kill $(pgrep -x ssh)" },
		{ "kill $(pidof sshd)", "" },
		{ "autossh -M 0 h; kill -QUIT $P", "1 autossh host=h M=0\n1 signal signal=kill -QUIT $P" },
		{ "autossh -M 0 h; kill -s SIGUSR2 $(cat $F)",
		    "1 autossh host=h M=0\n1 signal signal=kill -s SIGUSR2 $(cat $F)" },
		{ "autossh -M 0 h; kill -0 $P; kill $P; kill -TERM $P", "1 autossh host=h M=0" },
		{ "pkill -f 'autossh.*relay'", "1 signal signal=pkill -f autossh.*relay" },
		{ "killall sshd; pkill -HUP nginx", "" },
		{ "kill -HUP $(cat /run/autossh.pid)", "" },
		{ "autossh -M 0 h; kill -HUP $(cat /run/autossh.pid)",
		    "1 autossh host=h M=0\n1 signal signal=kill -HUP $(cat /run/autossh.pid)" },
		{ "autossh -M 0 h; kill $(cat /run/autossh.pid)", "1 autossh host=h M=0" },
		{ "autossh -M 0 h; kill -HUP $(cat /run/nginx.pid)", "1 autossh host=h M=0" },
		{ "/opt/other.sh", "" },
	};

	(void)state;
	CHECK(START_SCRIPT, v);
}

static void
units(void **state)
{
	static const struct row v[] = {
		{ "ExecStart=/usr/bin/ssh -N h", "" },
		{ "[Unit]\nExecStart=/usr/bin/ssh -N h", "" },
		{ "[Service]\nExecStart=/usr/bin/ssh -N h", "2 ssh host=h N unit=/" },
		{ "[Service]\nRestart=always\nUser=tom\n ExecStart = -/usr/bin/ssh -N \\\n# note\n  -L 1:a:1 "
		  "h\nType=exec",
		    "4 ssh user=tom host=h forwards=1/0 N unit=exec/always" },
		{ "[Service]\nExecStart=ssh a\nExecStart=\nExecStart=ssh -N b", "4 ssh host=b N unit=/" },
		{ "[Service]\nEnvironment=AUTOSSH_POLL=5 \"AUTOSSH_GATETIME=0\"\nExecStart=autossh -M 0 h",
		    "3 autossh host=h M=0 gate=0 poll=5 unit=/" },
		{ "[Service]\nExecStart=autossh -M 0 h\nEnvironment=AUTOSSH_POLL=5\nEnvironment=",
		    "2 autossh host=h M=0 unit=/" },
		{ "[Service]\nEnvironmentFile=-/f\nExecStart=autossh -M 0 $OPTS h",
		    "3 autossh host=h M=0 open incomplete unit=/" },
		{ "[Service]\nExecStart=ssh -N -i %h/k -F %h/c %i", "2 ssh F=/home/me/c N unit=/" },
		{ "[Service]\nExecStart=ssh -N a%%b$$c", "2 ssh host=a%b$c N unit=/" },
		{ "[Service]\nExecStart=/bin/sh -c 'exec ssh -N h'", "2 ssh host=h N unit=/" },
		{ "[Service]\nExecStart=/opt/t.sh a\nExecStop=/opt/s.sh", "2 file path=/opt/t.sh unit=/" },
		{ "[Service]\nExecStart=/bin/sh /opt/t.sh", "2 file path=/opt/t.sh unit=/" },
		{ "[Service]\nExecStart=autossh -M 0 h\nExecReload=/bin/kill -HUP $MAINPID",
		    "2 autossh host=h M=0 unit=/\n3 signal signal=/bin/kill -HUP $MAINPID unit=/" },
		{ "[Service]\nExecStartPre=ssh h true\nExecStart=x ; ssh -N \"a b\"", "3 ssh host=a b N unit=/" },
	};

	(void)state;
	CHECK(START_UNIT, v);
}

static void
crontabs(void **state)
{
	static const struct row own[] = {
		{ "@reboot ssh -N h", "1 ssh host=h N" },
		{ "# x\n*/5 * * * * pgrep autossh || autossh -M 0 -f h", "2 autossh host=h f M=0" },
		{ "AUTOSSH_POLL=5\nA = \"b\"\n@reboot autossh -M 0 h", "3 autossh host=h M=0 poll=5" },
		{ "@reboot ssh -N h % ssh -N i", "1 ssh host=h N" },
		{ "@reboot ssh -N a\\%b", "1 ssh host=a%b N" },
		{ "@reboot /opt/t.sh start", "1 file path=/opt/t.sh" },
		{ "0 0 1 1", "" },
	};
	static const struct row system[] = {
		{ "@reboot tom ssh -N h", "1 ssh user=tom host=h N" },
		{ "1 2 3 4 5 tom ssh -N h", "1 ssh user=tom host=h N" },
		{ "MAILTO=x\n@reboot\ttom  /opt/a.sh", "2 file path=/opt/a.sh user=tom" },
	};

	(void)state;
	CHECK(START_USER_CRON, own);
	CHECK(START_CRON, system);
}

static void
compose_files(void **state)
{
	static const struct row v[] = {
		{ "", "" },
		{ "- a", "" },
		{ "services: x", "" },
		{ "services:\n  t:\n    command: autossh -M 0 -N h\n", "3 autossh host=h N M=0 unit=/" },
		{ "services:\n  t:\n    command:\n    - ssh\n    - -N\n    - 'a b'\n    restart: always\n",
		    "4 ssh host=a b N unit=/always" },
		{ "services: {t: {command: [-M, '0', h], entrypoint: [autossh, -N]}}",
		    "1 autossh host=h N M=0 unit=/" },
		{ "services:\n  t:\n    environment:\n      AUTOSSH_POLL: 5\n      AUTOSSH_GATETIME: ${G}\n    "
		  "command: >\n"
		  "      autossh -M 0\n      h\n",
		    "6 autossh host=h M=0 gate=? poll=5 unit=/" },
		{ "services: {t: {environment: [AUTOSSH_POLL=5, X], command: autossh -M 0 h}}",
		    "1 autossh host=h M=0 poll=5 unit=/" },
		{ "services: {t: {env_file: x, command: autossh -M 0 h}}", "1 autossh host=h M=0 open unit=/" },
		{ "services: {t: {volumes: ['~/.ssh:/root/.ssh:ro'], command: autossh -M 0 h}}",
		    "1 autossh host=h M=0 vagueconfig unit=/" },
		{ "services: {t: {command: sh -c 'ssh -N h'}}", "1 ssh host=h N unit=/" },
		{ "services: {t: {command: 'ssh -N $${H} $X'}}", "1 ssh N incomplete unit=/" },
		{ "services: {a: {command: ssh -N a}, b: {build: [{}], command: ssh -N b}}",
		    "1 ssh host=a N unit=/\n1 ssh host=b N unit=/" },
		{ "services: {t: {<<: *x, command: ssh -N b}}\n", "1 ssh host=b N open unit=/unknown" },
	};

	(void)state;
	CHECK(START_COMPOSE, v);
}

static void
kinds(void **state)
{
	static const struct {
		const char *path, *text;
		enum start_kind kind;
	} v[] = {
		{ "/etc/systemd/system/a.service", "", START_UNIT },
		{ "a.service.d/x.conf", "", START_UNIT },
		{ "x.conf", "", START_NONE },
		{ "/etc/cron.d/a", "", START_CRON },
		{ "/etc/crontab", "", START_CRON },
		{ "crontab", "", START_USER_CRON },
		{ "/var/spool/cron/crontabs/me", "", START_USER_CRON },
		{ "docker-compose.override.yml", "", START_COMPOSE },
		{ "compose.yaml", "", START_COMPOSE },
		{ "other.yaml", "", START_NONE },
		{ "a.sh", "", START_SCRIPT },
		{ "a", "#!/bin/sh\n", START_SCRIPT },
		{ "a", "#! /usr/bin/env bash", START_SCRIPT },
		{ "a", "#!/bin/bash -e\n", START_SCRIPT },
		{ "a", "#!/usr/bin/env -S bash -e\n", START_SCRIPT },
		{ "a", "#!/usr/bin/python3\n", START_NONE },
		{ "a", "#!", START_NONE },
		{ "a", "ssh -N h", START_NONE },
		{ "", "", START_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		t_eq_i64(start_kind_of(str_c(v[i].path), str_c(v[i].text)), v[i].kind);
}

/* Drop-ins change the unit, and their lines are those of their own file. */
static void
drop_ins(void **state)
{
	const struct start_from from[] = { { .file = STR("a.service") }, { .file = STR("10.conf") } };
	const struct str text[] = { STR("[Service]\nExecStart=ssh a\nRestart=no\n"),
		STR("[Service]\nExecStart=\n\nExecStart=ssh -N b\nRestart=always\nRestartSec=1min 2s\n[Unit]\n"
		    "StartLimitIntervalSec=2h\nStartLimitBurst=7\n") };
	struct starts out = { 0 };
	const char *why = "";

	(void)state;
	assert_true(start_read_unit(&arena, from, text, 2, &out, &why));
	t_eq_u64(out.n, 1);
	t_eq_str(out.v[0].file, "10.conf");
	t_eq_u64(out.v[0].line, 4);
	t_eq_str(out.v[0].host, "b");
	t_eq_str(out.v[0].unit->restart, "always");
	t_near(out.v[0].unit->restart_s, 62, 1e-9);
	t_near(out.v[0].unit->limit_s, 7200, 1e-9);
	t_eq_u64(out.v[0].unit->limit_burst, 7);
	starts_release(&out);
}

static struct starts
read_all(enum start_kind kind, struct str text, bool *ret_whole)
{
	static const struct start_from from = { .file = { "x", 1 } };
	struct starts out = { 0 };
	const char *why = "";

	arena_reset(&arena);
	*ret_whole = start_read(&arena, kind, &from, text, &out, &why);
	return out;
}

/* Any bytes are read in bounded time and space. */
static void
hostile(void **state)
{
	static const enum start_kind all[] = { START_SCRIPT, START_UNIT, START_CRON, START_USER_CRON, START_COMPOSE };
	static const char *const head[] = { "ssh -N h\0x\n", "ssh -N 'h", "A=a", "((((((((", "$($($(${${",
		"[Service]\nExecStart=", "services: {a: [", "if if if while { ", "\\", "ssh -N -o A=$X ", "<<X " };
	static const char *const again[] = { "A=$A$A$A$A$A;", "sh -c 'ssh -N h'\n", "${", "\"$(", "{ ", "ssh -N h\n",
		"-MMMM ", "\0\xff\xfe", "&x [*x, ", "&&", "<<", "-o A=$B ", "  - {a: ", "\\\n" };
	struct buf b = { 0 };
	bool whole;

	(void)state;
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		for (size_t k = 0; k < sizeof(again) / sizeof(again[0]); k++)
			for (size_t m = 0; m < sizeof(all) / sizeof(all[0]); m++) {
				struct starts out;

				buf_clear(&b);
				buf_addc(&b, head[i]);
				while (b.n < 60000)
					buf_add(&b, (struct str){ again[k], k == 7 ? 3 : strlen(again[k]) });
				out = read_all(all[m], buf_str(&b), &whole);
				assert_true(out.n <= STARTS_MAX);
				starts_release(&out);
			}
	buf_release(&b);
}

/* What is not understood to its end is told. */
static void
not_whole(void **state)
{
	bool whole;
	struct starts out = read_all(START_SCRIPT, STR("ssh -N a\necho 'b\nssh -N c\n"), &whole);

	(void)state;
	assert_false(whole);
	t_eq_u64(out.n, 1);
	starts_release(&out);
	out = read_all(START_COMPOSE, STR("services: {a: {command: ssh -N a}}}\n"), &whole);
	assert_false(whole);
	starts_release(&out);
}

/* What variables put in is counted over all depths of sh -c: else each level costs as much as a whole file. */
static void
doubling(void **state)
{
	static const char text[] = "T='A=0123456789012345678901234567890123456789012345678901234567890123\n"
				   "A=$A$A\nA=$A$A\nA=$A$A\nA=$A$A\nA=$A$A\n"
				   ": $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A $A'\n";
	const struct start_from from = { .file = STR("x") };
	struct buf b = { 0 };

	(void)state;
	for (unsigned n = 4; n <= 80; n += 76) {
		struct starts out = { 0 };
		const char *why = "";

		arena_reset(&arena);
		buf_clear(&b);
		buf_addc(&b, text);
		for (unsigned i = 0; i < n; i++)
			buf_addc(&b, "sh -c \"$T\"\n");
		buf_addc(&b, "ssh -N h\n");
		assert_true(start_read(&arena, START_SCRIPT, &from, buf_str(&b), &out, &why) == (n == 4));
		if (n > 4)
			t_eq_str(str_c(why), "its variables grow beyond 1 MiB");
		t_eq_u64(out.n, 1);
		starts_release(&out);
	}
	buf_release(&b);
}

static void
many(void **state)
{
	struct buf b = { 0 };
	struct starts out;
	bool whole;

	(void)state;
	for (unsigned i = 0; i < STARTS_MAX + 5; i++)
		buf_addc(&b, "ssh -N h\n");
	out = read_all(START_SCRIPT, buf_str(&b), &whole);
	t_eq_u64(out.n, STARTS_MAX);
	assert_true(out.toomany);
	starts_release(&out);
	buf_clear(&b);
	buf_addc(&b, "autossh -M 0");
	for (unsigned i = 0; i < 300; i++)
		buf_addc(&b, " -o A=b");
	buf_addc(&b, " h");
	out = read_all(START_SCRIPT, buf_str(&b), &whole);
	t_eq_u64(out.n, 1);
	assert_false(out.v[0].complete);
	starts_release(&out);
	buf_release(&b);
}

static void
ports(void **state)
{
	static const struct {
		const char *a, *b;
		bool clash;
	} v[] = { { "20000", "20000", true }, { "20000", "20001", true }, { "20001", "20000", true },
		{ "20000", "20002", false }, { "0", "0", false }, { "20000:7", "20001", true }, { "x", "x", false } };

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct start a = { .program = START_AUTOSSH, .monitor = { true, true, str_c(v[i].a) } }, c = a;

		c.monitor.value = str_c(v[i].b);
		assert_true(start_ports_clash(&a, &c) == v[i].clash);
	}
}

/* What autossh 1.4g does not take.  (Run with a stand-in for ssh.) */
static void
monitor_values(void **state)
{
	static const struct row v[] = {
		{ "autossh -M 65535 h", "-M 65535" },
		{ "autossh -M 70000 h", "-M 70000" },
		{ "autossh -M -5 h", "-M -5" },
		{ "autossh -M abc h", "-M abc" },
		{ "autossh -M '' h", "-M " },
		{ "autossh -M 20000:x h", "-M 20000:x" },
		{ "autossh -M 20000:0 h", "-M 20000:0" },
		{ "AUTOSSH_PORT=abc autossh h", "AUTOSSH_PORT=abc" },
		{ "AUTOSSH_PORT=abc autossh -M 0 h", "" },
		{ "AUTOSSH_PORT= autossh h", "" },
		{ "autossh h", "" },
		{ "autossh -M 0:7 h", "" },
		{ "autossh -M 65534 h", "" },
		{ "autossh -M 0x10 h", "" },
		{ "autossh -M 20000:70000 h", "" },
		{ "autossh -M $P h", "" },
		{ "ssh -M h", "" },
	};
	bool whole;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct starts out = read_all(START_SCRIPT, str_c(v[i].text), &whole);

		t_eq_u64(out.n, 1);
		t_eq_str(start_bad_monitor(&arena, &out.v[0]), v[i].want);
		starts_release(&out);
	}
}

/* The same tunnel in two branches of a script does not meet itself. */
static void
clashes(void **state)
{
	static const struct {
		const char *text;
		bool clash;
	} v[] = {
		{ "autossh -M 20000 -N one\nautossh -M 20001 -N two", true },
		{ "if a; then autossh -M 20000 -N one; else autossh -M 20000 -f -N -o A=b one; fi", false },
		{ "autossh -M 20000 -N -L 1:a:1 one\nautossh -M 20000 -N -L 2:a:1 one", true },
		{ "autossh -M 20000 -N one\nautossh -M 20001 -N one", true },
		{ "autossh -M 20000 -N one\nautossh -M 20000 -N two", true },
	};
	bool whole;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct starts out = read_all(START_SCRIPT, str_c(v[i].text), &whole);

		t_eq_u64(out.n, 2);
		assert_true((start_clash(&out, 0) == &out.v[1]) == v[i].clash);
		/* in another file only the same words are the same tunnel */
		out.v[1].file = STR("y");
		assert_true((start_clash(&out, 0) == &out.v[1]) == (v[i].clash || i == 1));
		starts_release(&out);
	}
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest start[] = { cmocka_unit_test(words_of_ssh), cmocka_unit_test(words_of_autossh),
		cmocka_unit_test(scripts), cmocka_unit_test(units), cmocka_unit_test(crontabs),
		cmocka_unit_test(compose_files), cmocka_unit_test(kinds), cmocka_unit_test(drop_ins),
		cmocka_unit_test(hostile), cmocka_unit_test(not_whole), cmocka_unit_test(many),
		cmocka_unit_test(doubling), cmocka_unit_test(ports), cmocka_unit_test(monitor_values),
		cmocka_unit_test(clashes) };

	return cmocka_run_group_tests(start, NULL, teardown) != 0;
}
