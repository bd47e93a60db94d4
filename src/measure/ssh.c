/* SPDX-License-Identifier: MIT */
/* Sessions of a measurement: starting ssh, listening to it, watching its socket. */
#define _GNU_SOURCE /* pidfd, environ */
#include "measure/ssh.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sys/run_program.h"

enum { HEARD_MAX = 65536, SAID_MAX = 262144, FD_LAST = 63, END_TRIES = 50, TRY_NS = 10000000 };

/* What every session is told, ahead of all that the configuration says; since: the release that knows the keyword. */
static const struct {
	const char *line;
	int since;
} option_table[] = {
	{ "BatchMode=yes", 0 },
	{ "ControlMaster=no", 0 },
	{ "ControlPath=none", 0 },
	{ "TCPKeepAlive=no", 0 },
	{ "ConnectTimeout=20", 0 },
	{ "ConnectionAttempts=1", 0 },
	{ "ForwardX11=no", 0 },
	{ "ForwardAgent=no", 0 },
	{ "ClearAllForwardings=yes", 0 },
	{ "Tunnel=no", 0 },
	{ "PermitLocalCommand=no", 0 },
	{ "RequestTTY=no", 0 },
	{ "EscapeChar=none", 0 },
	{ "RekeyLimit=default none", 0 },
	{ "LogLevel=DEBUG1", 0 },
	{ "UpdateHostKeys=no", VER(6, 8) },
	{ "AddKeysToAgent=no", VER(7, 2) },
	{ "RemoteCommand=none", VER(7, 6) },
	{ "StdinNull=no", VER(8, 7) },
	{ "ForkAfterAuthentication=no", VER(8, 7) },
	{ "SessionType=default", VER(8, 7) },
	{ "ObscureKeystrokeTiming=no", VER(9, 5) },
};

enum { OPTIONS = sizeof option_table / sizeof *option_table, WORDS_MORE = 24 };

static const char **
words(struct arena *a, const struct ssh_how *how, struct str remote, bool keepalive)
{
	const struct options *o = how->o;
	const char **w = ARENA_ARRAY(a, const char *, 2 * OPTIONS + o->ssh_word.n + WORDS_MORE);
	size_t n = 0;

	w[n++] = "ssh";
	if (how->file != NULL) {
		w[n++] = "-F";
		w[n++] = how->file;
	}
	for (size_t i = 0; i < OPTIONS; i++) {
		if (how->ver.n < option_table[i].since)
			continue;
		w[n++] = "-o";
		w[n++] = option_table[i].line;
	}
	w[n++] = "-o";
	w[n++] = keepalive ? "ServerAliveInterval=2" : "ServerAliveInterval=0";
	w[n++] = "-o";
	w[n++] = "ServerAliveCountMax=3";
	if (o->login.p != NULL) {
		w[n++] = "-l";
		w[n++] = arena_strz(a, o->login);
	}
	for (size_t i = 0; i < o->ssh_word.n; i++)
		w[n++] = arena_strz(a, o->ssh_word.v[i]);
	w[n++] = "--";
	w[n++] = how->host;
	w[n++] = arena_strz(a, remote);
	return w;
}

static void
close_fd(int *io_fd)
{
	if (*io_fd >= 0)
		close(*io_fd);
	*io_fd = -1;
}

enum sk_code
ssh_start(
    struct arena *a, const struct ssh_how *how, struct str remote, bool keepalive, struct ssh_proc *ret, struct err *e)
{
	struct ssh_proc p = { .in = -1, .out = -1, .err = -1, .tcp = -1 };
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, far[3], rc = 0;
	const char **argv = words(a, how, remote, keepalive);

	for (int i = 0; i < 3 && rc == 0; i++)
		rc = pipe2(pipes[i], O_CLOEXEC) == 0 ? 0 : errno;
	p.in = pipes[0][1];
	p.out = pipes[1][0];
	p.err = pipes[2][0];
	far[0] = pipes[0][0];
	far[1] = pipes[1][1];
	far[2] = pipes[2][1];
	/* only our ends: ssh wants its own to wait */
	for (int i = 0; i < 3 && rc == 0; i++)
		rc = fcntl(i == 0 ? p.in : i == 1 ? p.out : p.err, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
	if (rc == 0)
		rc = run_spawn(a, how->ssh, argv, environ, far, &p.pid);
	for (int i = 0; i < 3; i++)
		close_fd(&far[i]);
	if (rc != 0) {
		p.pid = 0;
		ssh_end(&p);
		return err_sys(e, SK_EREAD, rc, "cannot run %s", how->ssh);
	}
	p.heard.max = HEARD_MAX;
	p.said.max = SAID_MAX;
	*ret = p;
	return SK_OK;
}

static void
take(int *io_fd, struct buf *to)
{
	char chunk[4096];
	ssize_t n = 1;

	while (*io_fd >= 0 && n > 0) {
		n = read(*io_fd, chunk, sizeof chunk);
		if (n > 0)
			buf_add(to, (struct str){ chunk, (size_t)n });
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			close_fd(io_fd);
	}
}

static bool
has_ended(struct ssh_proc *p)
{
	siginfo_t si = { 0 };

	if (waitid(P_PID, (id_t)p->pid, &si, WEXITED | WNOHANG | WNOWAIT) != 0 || si.si_pid != p->pid)
		return false;
	p->gone = true;
	p->status = si.si_code == CLD_EXITED ? si.si_status : -1;
	return true;
}

void
ssh_listen(struct ssh_proc *p)
{
	take(&p->out, &p->heard);
	take(&p->err, &p->said);
	if (p->pid > 0 && !p->gone && has_ended(p)) {
		take(&p->out, &p->heard);
		take(&p->err, &p->said);
		/* a copy would keep the connection open behind ssh's back */
		close_fd(&p->tcp);
	}
}

bool
ssh_heard(const struct ssh_proc *p, const char *word)
{
	struct str rest = buf_str(&p->heard), line;

	while (str_split(&rest, '\n', &line))
		if (rest.p != NULL && str_eqc(str_trim(line), word))
			return true;
	return false;
}

void
ssh_stands(struct ssh_proc *p)
{
	p->n_login = p->said.n;
}

struct str
ssh_said(const struct ssh_proc *p)
{
	return str_from(buf_str(&p->said), p->n_login);
}

bool
ssh_type(struct ssh_proc *p)
{
	return p->in >= 0 && write(p->in, "\n", 1) == 1;
}

/* Is fd a TCP socket that carries a connection? */
static bool
is_tcp(int fd, struct tcp_info *ret)
{
	socklen_t n = sizeof *ret;
	int proto = 0;
	socklen_t n_proto = sizeof proto;

	memset(ret, 0, sizeof *ret);
	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &n_proto) == 0 && proto == IPPROTO_TCP &&
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, ret, &n) == 0 &&
	    n >= offsetof(struct tcp_info, tcpi_segs_in) + sizeof ret->tcpi_segs_in;
}

void
ssh_find_socket(struct ssh_proc *p)
{
	struct tcp_info info;
	int pidfd;

	close_fd(&p->tcp);
	if (p->pid <= 0 || p->gone)
		return;
	pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	for (int fd = 3; pidfd >= 0 && fd <= FD_LAST && p->tcp < 0; fd++) {
		p->tcp = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
		if (p->tcp >= 0 && !is_tcp(p->tcp, &info))
			close_fd(&p->tcp);
		else if (p->tcp < 0 && errno != EBADF)
			break;
	}
	if (pidfd >= 0)
		close(pidfd);
	(void)ssh_packets(p);
}

bool
ssh_packets(struct ssh_proc *p)
{
	struct tcp_info info;
	uint32_t n;
	bool more;

	if (p->tcp < 0 || !is_tcp(p->tcp, &info))
		return false;
	n = info.tcpi_segs_in + info.tcpi_segs_out;
	more = n != p->n_packet;
	p->n_packet = n;
	p->n_in = info.tcpi_segs_in;
	p->rtt_us = info.tcpi_rtt;
	return more;
}

void
ssh_end(struct ssh_proc *p)
{
	const struct timespec nap = { .tv_nsec = TRY_NS };

	close_fd(&p->tcp);
	close_fd(&p->in);
	close_fd(&p->out);
	close_fd(&p->err);
	if (p->pid > 0) {
		/* a ProxyCommand may outlive its ssh */
		(void)kill(-p->pid, SIGTERM);
		for (int i = 0; i < END_TRIES && !p->gone && !has_ended(p); i++)
			(void)nanosleep(&nap, NULL);
		(void)kill(-p->pid, SIGKILL);
		while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	buf_release(&p->heard);
	buf_release(&p->said);
	*p = (struct ssh_proc){ .in = -1, .out = -1, .err = -1, .tcp = -1 };
}
