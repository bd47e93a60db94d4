/* SPDX-License-Identifier: MIT */
/* The loop of a measurement: sessions log in, fall silent, are asked, and tell the plan what became of them. */
#define _GNU_SOURCE /* CLOCK_BOOTTIME */
#include "measure/run.h"

#include <poll.h>
#include <string.h>
#include <time.h>

#include "probe/remote.h"

enum {
	MS = 1000,
	NS_IN_MS = 1000000,
	TICK_MS = 500,
	LOGIN_MS = 120000, /* a key may want a touch */
	SPACE_MS = 250,	   /* between one login and the next */
	SETTLE_MS = 1000,  /* what still belongs to the login */
	GRACE_MS = 4000,   /* four retransmissions: 0.2 + 0.4 + 0.8 + 1.6 s (idle-timeouts 3.3) */
	GRACE_MAX_MS = 15000,
	CONTROL_MS = 9000, /* the control session notices a dead path within 8 s */
	POKE_MS = 2500,
	SLEPT_MS = 1500,
	TRIES = 3,
	SSH_FAILED = 255,     /* ssh(1): an error occurred; anything else is what the far end ran */
	TRY_AGAIN_MS = 15000, /* PerSourcePenalties are enforced from 15 s on (sshd_config(5)) */
	POLLS = 2 * (PROBE_PARALLEL_MAX + 1),
};

enum phase {
	FREE,
	LOGIN,
	SILENT,
	ASKED,	 /* the packet is on its way, or lost */
	CHECKED, /* lost, it seems: does the control session still answer? */
	GONE,	 /* it ended; the same question */
	POKED,	 /* it died in silence: what does somebody see who types now? */
};

struct live {
	enum phase phase;
	struct ssh_proc ssh;
	size_t trial;
	enum probe_dir dir;
	int64_t since_ms;	      /* of the phase */
	int64_t ready_ms, silence_ms; /* when it fell silent, for how long it shall be */
	int64_t quiet_ms;	      /* last packet of anybody */
	size_t n_read;		      /* bytes of what ssh said that were looked through */
	bool unseen;		      /* nobody looked when the login may have ended */
	enum probe_fate fate;	      /* GONE */
	int64_t heard_ms;
	uint32_t n_in;	    /* packets received before it was poked */
	int64_t longest_ms; /* longest time without one that a packet ended */
};

struct loop {
	const struct probe_run *r;
	struct probe_result *ret;
	struct probe_plan plan;
	struct live v[PROBE_PARALLEL_MAX];
	struct ssh_proc control;
	int64_t begin_ms, slept_ms, next_login_ms;
	int64_t turn_ms, woke_ms;      /* begin of the latest turn; latest time that this program had stood still */
	int64_t asked_ms, answered_ms; /* the control session; asked_ms 0: no question is open */
	int64_t grace_ms;
	unsigned n_failed; /* logins in a row */
	unsigned n_void;   /* sessions in a row that ended before they taught anything */
	unsigned n_still;  /* times in a row that trials were lost because nobody looked */
	bool over;
};

static int64_t
clock_ms(clockid_t id)
{
	struct timespec t = { 0 };

	(void)clock_gettime(id, &t);
	return (int64_t)t.tv_sec * MS + t.tv_nsec / NS_IN_MS;
}

int64_t
probe_now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

int64_t
probe_slept_ms(void)
{
	return clock_ms(CLOCK_BOOTTIME) - clock_ms(CLOCK_MONOTONIC);
}

static void
finish(struct loop *l, enum probe_ending how)
{
	if (l->over)
		return;
	l->over = true;
	l->ret->ending = how;
}

/* The lines that ssh said outlive it. */
static void
finish_with(struct loop *l, enum probe_ending how, const struct ssh_proc *p)
{
	struct str line = { 0 };

	if (l->over)
		return;
	l->ret->said = probe_said(ssh_said(p), how != PROBE_NO_LOGIN, &line);
	l->ret->line = arena_str(l->r->arena, line);
	finish(l, how);
}

static bool
has_to_stop(struct loop *l)
{
	if (*l->r->stop != 0)
		finish(l, PROBE_STOPPED);
	else if (probe_slept_ms() - l->slept_ms > SLEPT_MS)
		finish(l, PROBE_SLEPT);
	return l->over;
}

static unsigned
whole_s(int64_t ms)
{
	return ms > 0 ? (unsigned)((ms + MS / 2) / MS) : 0;
}

/* ---- the control session */

static bool
control_answers(struct loop *l, int64_t since_ms, int64_t now)
{
	if (l->answered_ms >= since_ms)
		return true;
	if (l->asked_ms == 0) {
		buf_clear(&l->control.heard);
		l->asked_ms = now;
		(void)ssh_type(&l->control);
	}
	return false;
}

static void
control_step(struct loop *l, int64_t now)
{
	ssh_listen(&l->control);
	if (l->control.gone) {
		struct str line;

		/* a path that is away is a timeout of ssh's own; who hangs up is there */
		finish_with(l,
		    probe_said(ssh_said(&l->control), true, &line) == SAID_UNREACHABLE ? PROBE_PATH_DOWN :
											 PROBE_CUT_OFF,
		    &l->control);
		return;
	}
	if (l->asked_ms > 0 && str_chr(buf_str(&l->control.heard), '\n', 0) != SIZE_MAX) {
		l->answered_ms = l->asked_ms;
		l->asked_ms = 0;
	} else if (l->asked_ms > 0 && now - l->asked_ms > CONTROL_MS && now - l->woke_ms > CONTROL_MS) {
		finish(l, PROBE_PATH_DOWN);
	}
}

static void nap(struct loop *l, int64_t ms);

static enum sk_code
control_start(struct loop *l, struct err *e)
{
	struct buf remote = { 0 };
	int64_t from = probe_now_ms();
	enum sk_code code;

	remote_control(&remote);
	code = ssh_start(l->r->arena, l->r->how, buf_str(&remote), true, &l->control, e);
	buf_release(&remote);
	if (code != SK_OK)
		return code;
	l->ret->n_connection++;
	while (!has_to_stop(l) && !ssh_heard(&l->control, REMOTE_READY)) {
		if (l->r->progress != NULL)
			l->r->progress(l->r->ctx, NULL, 0);
		nap(l, TICK_MS);
		ssh_listen(&l->control);
		if ((l->control.gone && !ssh_heard(&l->control, REMOTE_READY)) || probe_now_ms() - from > LOGIN_MS)
			finish_with(l, PROBE_NO_LOGIN, &l->control);
	}
	if (l->over)
		return SK_OK;
	ssh_stands(&l->control);
	ssh_find_socket(&l->control);
	l->ret->unwatched = l->control.tcp < 0 && !l->control.gone;
	/* smoothed over a whole login; a far host gets more time to answer */
	l->grace_ms = GRACE_MS + 6 * (int64_t)(l->control.rtt_us / MS);
	if (l->grace_ms > GRACE_MAX_MS)
		l->grace_ms = GRACE_MAX_MS;
	return SK_OK;
}

/* ---- one trial */

static void
begin_phase(struct live *v, enum phase phase, int64_t now)
{
	v->phase = phase;
	v->since_ms = now;
}

static void
let_go(struct live *v)
{
	ssh_end(&v->ssh);
	v->phase = FREE;
}

static void
end_trial(struct loop *l, struct live *v, enum probe_fate fate, int64_t heard_ms)
{
	if (fate != PROBE_VOID)
		l->n_void = l->n_still = 0;
	probe_plan_end(&l->plan, v->trial, fate, whole_s(heard_ms));
}

/* A login failed, or the far end ran something else: that says nothing about the path, but not for ever. */
static void
try_again(struct loop *l, struct live *v, bool logged_in, int64_t now)
{
	struct str line;
	enum said said = probe_said(ssh_said(&v->ssh), false, &line);
	unsigned n = logged_in ? ++l->n_void : ++l->n_failed;

	if (n >= TRIES || (!logged_in && said_is_final(said)))
		finish_with(l, PROBE_NO_LOGIN, &v->ssh);
	end_trial(l, v, PROBE_VOID, 0);
	let_go(v);
	l->next_login_ms = now + TRY_AGAIN_MS;
}

static enum probe_fate
fate_of(const struct ssh_proc *p)
{
	struct str line;

	/* another status is the far end's, and so may be the words */
	if (p->status != SSH_FAILED)
		return PROBE_VOID;
	switch (probe_said(ssh_said(p), true, &line)) {
	case SAID_RESET:
		return PROBE_RESET;
	case SAID_CLOSED:
		return PROBE_CLOSED;
	case SAID_NOTHING:
	case SAID_AUTH:
	case SAID_HOSTKEY:
	case SAID_NAME:
	case SAID_CONFIG:
	case SAID_REFUSED:
	case SAID_UNREACHABLE:
	case SAID_BUSY:
		break;
	}
	return PROBE_VOID;
}

static void
step_login(struct loop *l, struct live *v, int64_t now)
{
	if (v->unseen && ssh_heard(&v->ssh, REMOTE_READY)) {
		end_trial(l, v, PROBE_VOID, 0);
		let_go(v);
		l->n_failed = 0;
		l->next_login_ms = now + SPACE_MS;
	} else if (ssh_heard(&v->ssh, REMOTE_READY)) {
		ssh_stands(&v->ssh);
		ssh_find_socket(&v->ssh);
		v->ready_ms = v->quiet_ms = now;
		v->longest_ms = 0;
		l->n_failed = 0;
		l->next_login_ms = now + SPACE_MS;
		begin_phase(v, SILENT, now);
	} else if (v->ssh.gone || now - v->since_ms > LOGIN_MS) {
		try_again(l, v, false, now);
	}
}

/* ClientAlive as ssh tells of it, in the lines that came since the last look. */
static bool
says_keepalive(struct live *v)
{
	struct str fresh = str_from(buf_str(&v->ssh.said), v->n_read);
	size_t whole = fresh.n;

	while (whole > 0 && fresh.p[whole - 1] != '\n')
		whole--;
	v->n_read += whole;
	return probe_said_keepalive(str_head(fresh, whole));
}

/* Who breaks the silence is heard by the socket, whatever it was; where that is not seen, ssh knows of ClientAlive. */
static void
watch(struct loop *l, struct live *v, int64_t now)
{
	bool alive = says_keepalive(v), packets = ssh_packets(&v->ssh);

	l->ret->keepalive = l->ret->keepalive || alive;
	if ((!alive && !packets) || now - v->ready_ms < SETTLE_MS)
		return;
	if (now - v->quiet_ms > v->longest_ms)
		v->longest_ms = now - v->quiet_ms;
	v->quiet_ms = now;
}

/* It came through: what is shown is the longest silence that there was. */
static void
lives(struct loop *l, struct live *v, int64_t asked_ms)
{
	int64_t last = asked_ms - v->quiet_ms;

	end_trial(l, v, PROBE_ALIVE, last > v->longest_ms ? last : v->longest_ms);
	let_go(v);
}

/* The session ended; ssh's own words say how.  Did it alone, or is the whole path or server away? */
static void
ended(struct loop *l, struct live *v, int64_t asked_ms, int64_t now)
{
	v->fate = fate_of(&v->ssh);
	v->heard_ms = asked_ms - v->quiet_ms;
	if (v->fate == PROBE_VOID) {
		try_again(l, v, true, now);
		return;
	}
	/* the packet that ended it was seen before ssh went, on a busy machine long before; no shorter silence ends what a
	 * longer one did not */
	if (v->heard_ms < v->longest_ms)
		v->heard_ms = v->longest_ms;
	begin_phase(v, GONE, now);
}

static void
step_gone(struct loop *l, struct live *v, int64_t now)
{
	if (!control_answers(l, v->since_ms, now))
		return;
	end_trial(l, v, v->fate, v->heard_ms);
	let_go(v);
}

static void
step_silent(struct loop *l, struct live *v, int64_t now)
{
	if (ssh_heard(&v->ssh, REMOTE_ALIVE)) {
		lives(l, v, now);
		return;
	}
	if (v->ssh.gone) {
		ended(l, v, now, now);
		return;
	}
	watch(l, v, now);
	if (now - v->ready_ms < v->silence_ms)
		return;
	if (v->dir == PROBE_FROM_CLIENT && !ssh_type(&v->ssh)) {
		try_again(l, v, true, now);
		return;
	}
	begin_phase(v, ASKED, now);
}

static void
step_asked(struct loop *l, struct live *v, int64_t now)
{
	if (ssh_heard(&v->ssh, REMOTE_ALIVE)) {
		lives(l, v, v->since_ms);
	} else if (v->ssh.gone) {
		ended(l, v, v->since_ms, now);
	} else if (v->phase == ASKED && now - v->since_ms >= l->grace_ms) {
		v->phase = CHECKED;
	}
	if (v->phase == CHECKED && control_answers(l, v->since_ms + l->grace_ms, now)) {
		end_trial(l, v, PROBE_SILENT, v->since_ms - v->quiet_ms);
		(void)ssh_packets(&v->ssh);
		v->n_in = v->ssh.n_in;
		(void)ssh_type(&v->ssh);
		begin_phase(v, POKED, now);
	}
}

/* The trial is over; only how it looks is still to be seen. */
static void
step_poked(struct loop *l, struct live *v, int64_t now)
{
	enum probe_fate fate;

	if (ssh_heard(&v->ssh, REMOTE_ALIVE)) {
		l->ret->made_anew = true;
		let_go(v);
	} else if (v->ssh.gone) {
		fate = fate_of(&v->ssh);
		if (fate != PROBE_VOID)
			probe_plan_looks(&l->plan, v->trial, fate);
		let_go(v);
	} else if (now - v->since_ms > POKE_MS) {
		/* an acknowledgement at least; the lost data may take longer */
		(void)ssh_packets(&v->ssh);
		l->ret->made_anew = l->ret->made_anew || v->ssh.n_in != v->n_in;
		let_go(v);
	}
}

static void
step(struct loop *l, struct live *v, int64_t now)
{
	if (v->phase == FREE)
		return;
	/* (who leaves in the middle of a login is punished by newer servers) */
	if (v->phase != POKED && v->phase != LOGIN && !probe_plan_wants(&l->plan, v->trial)) {
		probe_plan_drop(&l->plan, v->trial);
		let_go(v);
		return;
	}
	ssh_listen(&v->ssh);
	switch (v->phase) {
	case LOGIN:
		step_login(l, v, now);
		break;
	case SILENT:
		step_silent(l, v, now);
		break;
	case ASKED:
	case CHECKED:
		step_asked(l, v, now);
		break;
	case GONE:
		step_gone(l, v, now);
		break;
	case POKED:
		step_poked(l, v, now);
		break;
	case FREE:
		break;
	}
}

/* Can a silence go on that nobody looked at for a while?  Only when it is known that nothing broke it. */
static bool
is_unharmed(struct live *v, int64_t now)
{
	ssh_listen(&v->ssh);
	return v->phase == SILENT && v->ssh.tcp >= 0 && !v->ssh.gone && !says_keepalive(v) && !ssh_packets(&v->ssh) &&
	    now - v->ready_ms < v->silence_ms;
}

/*
 * This program did not run for a while (Ctrl-Z, a terminal that takes no more, a virtual machine that was paused) though
 * the machine's clocks went on: who should have been asked meanwhile would be asked too late, and when packets came is
 * not known.
 */
static void
stood_still(struct loop *l, int64_t now)
{
	bool lost = false;

	l->woke_ms = now;
	for (size_t i = 0; i < PROBE_PARALLEL_MAX; i++) {
		struct live *v = &l->v[i];

		if (v->phase == LOGIN || v->phase == POKED)
			v->since_ms = now;
		v->unseen = v->phase == LOGIN;
		if ((v->phase != SILENT && v->phase != ASKED) || is_unharmed(v, now))
			continue;
		end_trial(l, v, PROBE_VOID, 0);
		let_go(v);
		lost = true;
	}
	if (lost && ++l->n_still >= TRIES)
		finish(l, PROBE_SLEPT);
}

/* ---- all of them */

static bool
is_any(const struct loop *l, enum phase phase)
{
	for (size_t i = 0; i < PROBE_PARALLEL_MAX; i++)
		if (l->v[i].phase == phase)
			return true;
	return false;
}

/* The next trial, when nobody is logging in: a server has room for few that are not known yet (MaxStartups). */
static enum sk_code
start_next(struct loop *l, int64_t now, struct err *e)
{
	struct buf remote = { 0 };
	struct live *v = NULL;
	enum sk_code code;
	size_t i;

	for (size_t k = 0; k < l->r->opts.parallel && v == NULL; k++)
		if (l->v[k].phase == FREE)
			v = &l->v[k];
	if (v == NULL || is_any(l, LOGIN) || now < l->next_login_ms)
		return SK_OK;
	i = probe_plan_next(&l->plan);
	if (i == SIZE_MAX)
		return SK_OK;
	*v = (struct live){ .trial = i, .dir = l->plan.v[i].dir, .silence_ms = (int64_t)l->plan.v[i].silence_s * MS };
	remote_trial(v->dir, l->plan.v[i].silence_s, &remote);
	code = ssh_start(l->r->arena, l->r->how, buf_str(&remote), false, &v->ssh, e);
	buf_release(&remote);
	if (code == SK_OK) {
		l->ret->n_connection++;
		begin_phase(v, LOGIN, now);
	}
	return code;
}

/* When something is due that no file descriptor tells of. */
static int64_t
due_ms(const struct loop *l, const struct live *v)
{
	switch (v->phase) {
	case FREE:
		return INT64_MAX;
	case LOGIN:
		return v->since_ms + LOGIN_MS;
	case SILENT:
		return v->ready_ms + v->silence_ms;
	case ASKED:
		return v->since_ms + l->grace_ms;
	case CHECKED:
	case GONE:
		return INT64_MAX;
	case POKED:
		return v->since_ms + POKE_MS;
	}
	return INT64_MAX;
}

static void
add_fds(const struct ssh_proc *p, struct pollfd *fd, nfds_t *n)
{
	if (p->out >= 0)
		fd[(*n)++] = (struct pollfd){ .fd = p->out, .events = POLLIN };
	if (p->err >= 0)
		fd[(*n)++] = (struct pollfd){ .fd = p->err, .events = POLLIN };
}

/* Until somebody says something, or at most so long. */
static void
nap(struct loop *l, int64_t ms)
{
	struct pollfd fd[POLLS];
	nfds_t n = 0;

	if (l->control.pid > 0)
		add_fds(&l->control, fd, &n);
	for (size_t i = 0; i < PROBE_PARALLEL_MAX; i++)
		if (l->v[i].phase != FREE)
			add_fds(&l->v[i].ssh, fd, &n);
	(void)poll(fd, n, ms > TICK_MS ? TICK_MS : ms < 1 ? 1 : (int)ms);
}

static int64_t
oldest_s(const struct loop *l, int64_t now)
{
	int64_t age = 0;

	for (size_t i = 0; i < PROBE_PARALLEL_MAX; i++)
		if ((l->v[i].phase == SILENT || l->v[i].phase == ASKED) && now - l->v[i].ready_ms > age)
			age = now - l->v[i].ready_ms;
	return age / MS;
}

static enum sk_code
turn(struct loop *l, struct err *e)
{
	int64_t now = probe_now_ms(), until = now + TICK_MS;
	enum sk_code code = SK_OK;

	if (!has_to_stop(l) && now - l->turn_ms > TICK_MS + SLEPT_MS)
		stood_still(l, now);
	l->turn_ms = now;
	if (!l->over)
		control_step(l, now);
	for (size_t i = 0; i < PROBE_PARALLEL_MAX && !l->over; i++)
		step(l, &l->v[i], now);
	if (!l->over)
		code = start_next(l, now, e);
	if (l->over || code != SK_OK)
		return code;
	if (l->plan.done && !is_any(l, POKED)) {
		finish(l, PROBE_WENT_WELL);
		return SK_OK;
	}
	if (l->r->progress != NULL)
		l->r->progress(l->r->ctx, &l->plan,
		    probe_plan_left(&l->plan, (unsigned)oldest_s(l, now), whole_s(l->grace_ms) + 2));
	for (size_t i = 0; i < PROBE_PARALLEL_MAX; i++)
		if (due_ms(l, &l->v[i]) < until)
			until = due_ms(l, &l->v[i]);
	nap(l, until - now);
	return SK_OK;
}

enum sk_code
probe_run(const struct probe_run *r, struct probe_result *ret, struct err *e)
{
	struct loop *l = ARENA_NEW(r->arena, struct loop);
	enum sk_code code;

	memset(ret, 0, sizeof *ret);
	l->r = r;
	l->ret = ret;
	l->begin_ms = probe_now_ms();
	l->slept_ms = probe_slept_ms();
	l->grace_ms = GRACE_MS;
	l->control = (struct ssh_proc){ .in = -1, .out = -1, .err = -1, .tcp = -1 };
	probe_plan_init(&l->plan, &r->opts);
	code = control_start(l, e);
	l->turn_ms = probe_now_ms();
	while (code == SK_OK && !l->over)
		code = turn(l, e);
	for (size_t i = 0; i < PROBE_PARALLEL_MAX; i++)
		if (l->v[i].phase != FREE)
			ssh_end(&l->v[i].ssh);
	ssh_end(&l->control);
	ret->answer = probe_plan_answer(&l->plan);
	ret->took_ms = probe_now_ms() - l->begin_ms;
	probe_plan_release(&l->plan);
	return code;
}
