/* SPDX-License-Identifier: MIT */
/* Which socket is the connection of which process of ssh and sshd. */
#include "live/conn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"

enum { STATE_LISTEN = 10, STEPS_MAX = 4 };

/* A network namespace that processes of interest live in, and what was read there. */
struct space {
	uint64_t id;
	struct live_net net;
	bool read;
};

struct match {
	struct session *s;
	const struct live_procs *p;
	struct space *space;
	size_t n_space;
	struct live_conns out;
};

static int
by_number(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

/* All sockets that the processes in namespace id hold. */
static void
read_space(struct match *m, struct space *sp, const struct live_proc *first)
{
	uint64_t *inode = NULL;
	size_t n = 0, cap = 0;
	bool own = sp->id == 0 || sp->id == m->p->netns;
	struct err e = { 0 };

	for (size_t i = 0; i < m->p->n; i++) {
		const struct live_proc *p = &m->p->v[i];

		if (p->netns != sp->id)
			continue;
		for (size_t k = 0; k < p->n_inode; k++) {
			MEM_GROW(inode, cap, n + 1);
			inode[n++] = p->inode[k];
		}
	}
	if (n > 1)
		qsort(inode, n, sizeof *inode, by_number);
	if (n > 0) {
		sp->read = live_net(m->s->arena, own ? 0 : first->pid, inode, n, &sp->net, &e) == SK_OK;
		if (!sp->read)
			session_note(m->s, str_c(e.msg));
	}
	free(inode);
}

static struct space *
space_of(const struct match *m, const struct live_proc *p)
{
	for (size_t i = 0; i < m->n_space; i++)
		if (m->space[i].id == p->netns)
			return &m->space[i];
	return NULL;
}

static void
read_spaces(struct match *m)
{
	m->space = ARENA_ARRAY(m->s->arena, struct space, m->p->n + 1);
	for (size_t i = 0; i < m->p->n; i++) {
		if (m->p->v[i].n_inode == 0 || space_of(m, &m->p->v[i]) != NULL)
			continue;
		m->space[m->n_space].id = m->p->v[i].netns;
		read_space(m, &m->space[m->n_space++], &m->p->v[i]);
	}
}

static const struct live_sock *
sock_of(const struct match *m, const struct live_proc *p, uint64_t inode)
{
	const struct space *sp = space_of(m, p);

	for (size_t i = 0; sp != NULL && i < sp->net.n; i++)
		if (sp->net.v[i].inode == inode)
			return &sp->net.v[i];
	return NULL;
}

static bool
holds(const struct live_proc *p, uint64_t inode)
{
	for (size_t i = 0; i < p->n_inode; i++)
		if (p->inode[i] == inode)
			return true;
	return false;
}

/* Was it accepted by a socket that the process itself listens on?  Then it belongs to a forwarded port. */
static bool
is_accepted(const struct match *m, const struct live_proc *p, const struct live_sock *s)
{
	for (size_t i = 0; i < p->n_inode; i++) {
		const struct live_sock *l = sock_of(m, p, p->inode[i]);

		if (l != NULL && l->state == STATE_LISTEN && l->local.port == s->local.port)
			return true;
	}
	return false;
}

/* Its standard input, output or error. */
static bool
is_standard(const struct live_proc *p, uint64_t inode)
{
	for (size_t i = 0; i < p->n_inode; i++)
		if (p->inode[i] == inode && p->fd[i] <= STDERR_FILENO)
			return true;
	return false;
}

/*
 * ssh and sshd connect before they forward anything: the lowest descriptor.  What inetd, systemd or a shell left as
 * standard input, output or error of an ssh is no connection of its own, nor one of what it starts: it closes what it
 * inherits from 3 on, and hands on 2 (ssh.c, main()).  For sshd -i the inherited one is the connection.
 */
static const struct live_sock *
lowest(const struct match *m, const struct live_proc *p, const struct live_proc *ssh)
{
	for (size_t i = 0; i < p->n_inode; i++) {
		const struct live_sock *s = sock_of(m, p, p->inode[i]);

		if (ssh != NULL && is_standard(ssh, p->inode[i]))
			continue;
		if (live_is_ssh(p) && is_standard(p, p->inode[i]))
			continue;
		if (s != NULL && s->state != STATE_LISTEN && !is_accepted(m, p, s))
			return s;
	}
	return NULL;
}

/*
 * The half of a pair that keeps the rights forwards nothing: where both hold a socket, that is the connection.  A lone
 * process is that of root, or of a release that does not part.
 */
static const struct live_sock *
sshd_sock(const struct match *m, const struct live_proc *p)
{
	const struct live_proc *up = live_proc(m->p, p->ppid);
	const struct live_sock *s = up != NULL && live_is_sshd(up) ? lowest(m, up, NULL) : NULL;

	return s != NULL && holds(p, s->inode) ? s : lowest(m, p, NULL);
}

static struct live_conn *
add(struct match *m, const struct live_conn *c)
{
	MEM_GROW(m->out.v, m->out.cap, m->out.n + 1);
	m->out.v[m->out.n] = *c;
	m->out.v[m->out.n].procs = m->p;
	m->out.v[m->out.n].carrier = m->out.v[m->out.n].carries = SIZE_MAX;
	return &m->out.v[m->out.n++];
}

static void
take_args(struct match *m, struct live_conn *c)
{
	struct err e = { 0 };

	if (live_args(m->s->arena, c->proc->arg, c->proc->n_arg, c->proc->cwd, &c->args, &e) != SK_OK)
		c->args_fault = arena_strz(m->s->arena, str_c(e.msg));
}

static const struct live_kernel *
kernel_of(const struct match *m, const struct live_proc *p)
{
	const struct space *sp = space_of(m, p);

	return sp != NULL && sp->read ? &sp->net.kernel : NULL;
}

static bool
is_below(const struct match *m, const struct live_proc *p, int pid)
{
	for (int step = 0; p != NULL && step < STEPS_MAX; step++) {
		if (p->ppid == pid)
			return true;
		p = live_proc(m->p, p->ppid);
	}
	return false;
}

/* Without a socket of its own ssh talks through a pipe: to another ssh, or to a proxy command with a connection. */
static const struct live_proc *
piped_through(const struct match *m, const struct live_proc *ssh, const struct live_sock **ret)
{
	for (size_t i = 0; i < m->p->n; i++) {
		const struct live_proc *p = &m->p->v[i];

		if (live_is_sshd(p) || !is_below(m, p, ssh->pid))
			continue;
		*ret = lowest(m, p, ssh);
		if (*ret != NULL)
			return p;
	}
	return NULL;
}

static void
add_client(struct match *m, const struct live_proc *p)
{
	struct live_conn c = { .side = KW_CLIENT, .proc = p, .holder = p };

	if (!p->fds_known) {
		m->out.n_hidden++;
		return;
	}
	c.sock = lowest(m, p, NULL);
	if (c.sock == NULL)
		c.holder = piped_through(m, p, &c.sock);
	/* a session on somebody's ControlMaster, or one that is looking up a name: no connection */
	if (c.sock == NULL)
		return;
	c.kernel = kernel_of(m, c.holder);
	take_args(m, &c);
	(void)add(m, &c);
}

/* Which of the processes that hold one socket serves the user: not the half with the rights, and the youngest. */
static bool
is_nearer(const struct live_conn *x, const struct live_conn *y)
{
	if (x->title.is_monitor != y->title.is_monitor)
		return y->title.is_monitor;
	return x->proc->ppid == y->proc->pid;
}

static const struct live_proc *
find_listener(const struct match *m, const struct live_proc *p)
{
	for (int step = 0; p != NULL && step < STEPS_MAX; step++) {
		p = live_proc(m->p, p->ppid);
		if (p != NULL && live_is_sshd(p) && live_is_listener(p->arg, p->n_arg))
			return p;
	}
	return NULL;
}

static bool
is_root(const struct live_proc *p)
{
	return p->uid == 0 && p->ruid == 0;
}

struct fs_tree
live_tree(const struct fs_tree *t, struct arena *a, const struct live_proc *p)
{
	struct fs_tree ret = *t;

	if (p->other_root)
		ret.root = arena_strz(a, arena_printf(a, "/proc/%d/root", p->pid));
	return ret;
}

bool
live_title_trusted(
    const struct fs_tree *t, struct arena *a, const struct live_proc *p, const struct live_proc *up, struct str user)
{
	const struct fs_tree tree = live_tree(t, a, p);
	struct user u;

	if (is_root(p) || (up != NULL && live_is_sshd(up) && is_root(up)))
		return true;
	return user_by_name(&tree, a, user, &u) && u.uid == p->uid && u.uid == p->ruid;
}

/* What c's process is by its title; a user that is not to be believed gives way to the one who runs it. */
static void
read_title(const struct match *m, struct live_conn *c)
{
	const struct live_proc *p = c->proc;
	struct arena *a = m->s->arena;
	struct fs_tree tree;
	struct user u;

	live_title(p->n_arg > 0 ? p->arg[0] : STR(""), &c->title);
	if (c->title.user.n == 0 || live_title_trusted(&m->s->tree, a, p, live_proc(m->p, p->ppid), c->title.user))
		return;
	tree = live_tree(&m->s->tree, a, p);
	c->claimed = c->title.user;
	c->title.user = user_by_uid(&tree, a, p->ruid, &u) ? u.name : arena_printf(a, "%" PRIu32, p->ruid);
}

static void
add_server(struct match *m, const struct live_proc *p)
{
	struct live_conn c = { .side = KW_SERVER, .proc = p, .holder = p };

	read_title(m, &c);
	if (!p->fds_known) {
		/* of a pair only one counts */
		m->out.n_hidden += !c.title.is_listener && !c.title.is_monitor;
		return;
	}
	c.sock = c.title.is_listener ? NULL : sshd_sock(m, p);
	if (c.sock == NULL)
		return;
	c.kernel = kernel_of(m, p);
	c.listener = find_listener(m, p);
	for (size_t i = 0; i < m->out.n; i++) {
		struct live_conn *o = &m->out.v[i];

		if (o->side != KW_SERVER || o->sock->inode != c.sock->inode)
			continue;
		if (is_nearer(&c, o)) {
			if (c.title.user.n == 0 && !c.title.is_login) {
				c.title.user = o->title.user;
				c.claimed = o->claimed;
			}
			c.carrier = c.carries = SIZE_MAX;
			c.procs = m->p;
			*o = c;
		}
		return;
	}
	(void)add(m, &c);
}

/* "client_ip client_port server_ip server_port" */
static bool
parse_connection(struct str text, struct live_addr *peer, struct live_addr *local)
{
	struct str part[4];
	uint64_t port;

	for (size_t i = 0; i < 4; i++)
		if (!str_split(&text, ' ', &part[i]))
			return false;
	if (!live_addr_parse(part[0], peer) || !live_addr_parse(part[2], local))
		return false;
	if (num_uint(part[1], UINT16_MAX, &port, NULL) != SK_OK)
		return false;
	peer->port = (uint16_t)port;
	if (num_uint(part[3], UINT16_MAX, &port, NULL) != SK_OK)
		return false;
	local->port = (uint16_t)port;
	return true;
}

/* What a user may not see of the own sshd stands in the environment of the shell that it started. */
static void
add_by_shell(struct match *m, const struct live_proc *p)
{
	const struct live_proc *up = live_proc(m->p, p->ppid);
	struct live_conn c = { .side = KW_SERVER, .proc = up, .holder = up };
	struct live_addr peer, local;
	struct live_net *net;
	struct err e = { 0 };

	if (up == NULL || !live_is_sshd(up) || up->fds_known || !parse_connection(p->ssh_conn, &peer, &local))
		return;
	for (size_t i = 0; i < m->out.n; i++)
		if (m->out.v[i].proc == up)
			return;
	net = ARENA_NEW(m->s->arena, struct live_net);
	if (live_net_between(m->s->arena, &local, &peer, net, &e) != SK_OK || net->n == 0)
		return;
	c.sock = &net->v[0];
	c.kernel = &net->kernel;
	read_title(m, &c);
	c.listener = find_listener(m, up);
	(void)add(m, &c);
	m->out.n_hidden -= m->out.n_hidden > 0;
}

/* ssh that talks through ssh. */
static void
join_legs(struct live_conns *c)
{
	for (size_t i = 0; i < c->n; i++) {
		for (size_t k = 0; k < c->n; k++) {
			if (i == k || c->v[i].side != KW_CLIENT || c->v[k].side != KW_CLIENT ||
			    c->v[i].holder != c->v[k].proc)
				continue;
			c->v[i].carrier = k;
			c->v[k].carries = i;
		}
	}
}

bool
live_other_net(const struct live_conn *c)
{
	return c->procs->netns != 0 && c->holder->netns != 0 && c->holder->netns != c->procs->netns;
}

enum sk_code
live_conns(struct session *s, const struct live_procs *p, struct live_conns *ret, struct err *e)
{
	struct match m = { .s = s, .p = p };

	/* where this kernel answers nobody there is nothing to tell */
	struct live_net probe;
	enum sk_code code = live_net(s->arena, 0, NULL, 0, &probe, e);

	if (code != SK_OK)
		return code;
	read_spaces(&m);
	for (size_t i = 0; i < p->n; i++) {
		if (live_is_ssh(&p->v[i]))
			add_client(&m, &p->v[i]);
		else if (live_is_sshd(&p->v[i]))
			add_server(&m, &p->v[i]);
		else if (p->v[i].ssh_conn.n > 0)
			add_by_shell(&m, &p->v[i]);
	}
	join_legs(&m.out);
	*ret = m.out;
	return SK_OK;
}
