/* SPDX-License-Identifier: MIT */
/* Measuring without a login: connect, read the version line, be silent, send ours, listen. */
#include "measure/banner.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	MS = 1000,
	TICK_MS = 500,
	CONNECT_MS = 15000,
	BANNER_MS = 10000,
	EARLY_MS = 500,
	ANSWER_MS = 5000,
	SPACE_MS = 2000, /* leaving without a login costs a second of penalty (sshd_config(5) PerSourcePenalties) */
	SLEPT_MS = 1500,
	FRONT_MAX_BYTES = 64 * 1024, /* of the version line and what stands in front; RFC 4253 4.2 names no limit */
	MARGIN_S = 3,
	TRIES = 3,
};

#define VERSION_LINE "SSH-2.0-sshkeep_probe\r\n"

struct banner {
	const struct probe_run *r;
	const struct probe_where *w;
	struct probe_result *ret;
	struct probe_plan plan;
	int64_t slept_ms;
	unsigned n_still; /* times in a row that a connection was lost so */
	bool over;
	bool still; /* this program did not run for a while: the silence of this connection is not known */
};

static bool
has_to_stop(struct banner *b)
{
	if (*b->r->stop != 0)
		b->ret->ending = PROBE_STOPPED;
	else if (probe_slept_ms() - b->slept_ms > SLEPT_MS)
		b->ret->ending = PROBE_SLEPT;
	else
		return false;
	b->over = true;
	return true;
}

/* Until fd has something, time is up, this program stood still, or everything has to stop.  True: it has. */
static bool
wait_for(struct banner *b, int fd, short events, int64_t ms, int64_t age_ms)
{
	int64_t from = probe_now_ms(), last = from;

	while (!has_to_stop(b)) {
		int64_t now = probe_now_ms(), left = from + ms - now;
		struct pollfd p = { .fd = fd, .events = events };
		bool has;

		b->still = b->still || now - last > TICK_MS + SLEPT_MS;
		if (b->still || left <= 0)
			return false;
		last = now;
		has = poll(&p, 1, left > TICK_MS ? TICK_MS : (int)left) > 0;
		b->still = probe_now_ms() - last > TICK_MS + SLEPT_MS;
		if (has || b->still)
			return has && !b->still;
		if (b->r->progress != NULL)
			b->r->progress(b->r->ctx, &b->plan,
			    probe_plan_left(&b->plan, (unsigned)((age_ms + now - from) / MS), 1 + SPACE_MS / MS));
	}
	return false;
}

static int
connect_one(struct banner *b, const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype, ai->ai_protocol), fault = 0;
	socklen_t n = sizeof fault;

	if (fd < 0)
		return -1;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0) {
		if (connect(fd, ai->ai_addr, ai->ai_addrlen) == 0)
			return fd;
		fault = errno;
		if (fault == EINPROGRESS) {
			fault = ETIMEDOUT;
			if (wait_for(b, fd, POLLOUT, CONNECT_MS, 0) &&
			    getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &n) == 0 && fault == 0)
				return fd;
		}
	}
	close(fd);
	errno = fault;
	return -1;
}

static enum sk_code
connect_to(struct banner *b, int *ret, struct err *e)
{
	const struct addrinfo hint = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	const char *host = arena_strz(b->r->arena, b->w->host);
	struct addrinfo *list = NULL;
	char port[8];
	int rc, fd = -1;

	(void)snprintf(port, sizeof port, "%u", b->w->port);
	rc = getaddrinfo(host, port, &hint, &list);
	if (rc != 0)
		return err_set(e, SK_EREAD, "%s: %s", host, gai_strerror(rc));
	for (const struct addrinfo *ai = list; ai != NULL && fd < 0 && !b->over && !b->still; ai = ai->ai_next)
		fd = connect_one(b, ai);
	rc = errno;
	freeaddrinfo(list);
	if (fd < 0 && !b->over && !b->still)
		return err_sys(e, SK_EREAD, rc, "%s port %s", host, port);
	b->ret->n_connection++;
	*ret = fd;
	return SK_OK;
}

/* The server's version line; text may come in front of it (RFC 4253 4.2). */
static enum sk_code
read_version(struct banner *b, int fd, struct err *e)
{
	char c, head[4] = ""; /* of the line that is being read */
	int64_t end = probe_now_ms() + BANNER_MS;
	size_t at = 0;

	for (size_t n = 0; n < FRONT_MAX_BYTES && wait_for(b, fd, POLLIN, end - probe_now_ms(), 0); n++) {
		if (read(fd, &c, 1) <= 0)
			return err_set(e, SK_EREAD,
			    "the server hangs up before its version line (MaxStartups, "
			    "PerSourcePenalties, fail2ban?)");
		if (c == '\n') {
			if (at >= sizeof head && memcmp(head, "SSH-", sizeof head) == 0)
				return SK_OK;
			at = 0;
		} else {
			if (at < sizeof head)
				head[at] = c;
			at++;
		}
	}
	if (b->over || b->still)
		return SK_OK;
	return err_set(e, SK_EREAD, "no SSH server: no version line came");
}

/* What the next bytes, or their absence, mean. */
static enum probe_fate
listen_for(int fd)
{
	char some[512];
	ssize_t n = read(fd, some, sizeof some);

	if (n > 0)
		return PROBE_ALIVE;
	return n < 0 && errno == ECONNRESET ? PROBE_RESET : n < 0 && errno == EAGAIN ? PROBE_SILENT : PROBE_CLOSED;
}

/* After the version line: *ret_age_ms is the age of the silence at its end. */
static enum sk_code
be_silent(struct banner *b, int fd, unsigned silence_s, enum probe_fate *ret, int64_t *ret_age_ms, struct err *e)
{
	int64_t from = probe_now_ms();

	if (wait_for(b, fd, POLLIN, EARLY_MS, 0)) {
		if (listen_for(fd) == PROBE_ALIVE)
			return err_set(
			    e, SK_EREAD, "this server does not wait for our version line: --banner cannot measure it");
		return err_set(e, SK_EREAD, "the server hangs up after its version line");
	}
	if (!b->over && wait_for(b, fd, POLLIN, (int64_t)silence_s * MS - EARLY_MS, EARLY_MS)) {
		*ret = listen_for(fd);
		*ret_age_ms = probe_now_ms() - from;
		return SK_OK;
	}
	*ret_age_ms = probe_now_ms() - from;
	*ret = PROBE_SILENT;
	if (b->over || b->still)
		return SK_OK;
	if (write(fd, VERSION_LINE, sizeof VERSION_LINE - 1) < 0) {
		if (errno != ECONNRESET && errno != EPIPE)
			return err_sys(e, SK_EREAD, errno, "the version line cannot be sent");
		*ret = PROBE_RESET;
	} else if (wait_for(b, fd, POLLIN, ANSWER_MS, *ret_age_ms))
		*ret = listen_for(fd);
	return SK_OK;
}

/* The server's patience, or a box that closes: they cannot be told apart, so nothing longer is tried. */
static void
limit(struct banner *b, unsigned closed_s)
{
	struct probe_opts o = b->plan.o;
	unsigned low = probe_plan_answer(&b->plan).low_s;

	b->ret->closed_s = closed_s;
	o.max_s = closed_s > MARGIN_S + 1 ? closed_s - MARGIN_S : 1;
	if (low >= o.max_s || low + o.resolution_s >= o.max_s) {
		b->plan.done = true;
		return;
	}
	probe_plan_release(&b->plan);
	probe_plan_init(&b->plan, &o);
}

/* What was asked late, or not seen in time, is tried again, but not for ever. */
static enum sk_code
held_up(struct banner *b, size_t i)
{
	b->still = false;
	probe_plan_end(&b->plan, i, PROBE_VOID, 0);
	if (++b->n_still >= TRIES) {
		b->ret->ending = PROBE_SLEPT;
		b->over = true;
	}
	return SK_OK;
}

static enum sk_code
one_trial(struct banner *b, size_t i, struct err *e)
{
	unsigned silence_s = b->plan.v[i].silence_s, age_s;
	enum probe_fate fate = PROBE_VOID;
	int64_t age_ms = 0;
	enum sk_code code;
	int fd = -1;

	code = connect_to(b, &fd, e);
	if (code == SK_OK && !b->over && !b->still)
		code = read_version(b, fd, e);
	if (code == SK_OK && !b->over && !b->still)
		code = be_silent(b, fd, silence_s, &fate, &age_ms, e);
	if (fd >= 0)
		close(fd);
	if (code == SK_OK && b->still && !b->over)
		return held_up(b, i);
	if (code != SK_OK || b->over)
		return code;
	age_s = (unsigned)((age_ms + MS / 2) / MS);
	if (fate == PROBE_CLOSED && age_s + 1 < silence_s)
		limit(b, age_s);
	else
		probe_plan_end(&b->plan, i, fate, age_s);
	b->n_still = 0;
	return SK_OK;
}

enum sk_code
probe_banner(const struct probe_run *r, const struct probe_where *w, struct probe_result *ret, struct err *e)
{
	struct banner b = { .r = r, .w = w, .ret = ret, .slept_ms = probe_slept_ms() };
	struct probe_opts o = r->opts;
	int64_t begin = probe_now_ms();
	unsigned failed = 0;
	enum sk_code code = SK_OK;
	size_t i;

	memset(ret, 0, sizeof *ret);
	o.parallel = 1;
	o.client_only = true;
	probe_plan_init(&b.plan, &o);
	while (code == SK_OK && !b.over && (i = probe_plan_next(&b.plan)) != SIZE_MAX) {
		code = one_trial(&b, i, e);
		/* busy now is not busy for ever, once a connection worked */
		if (code == SK_EREAD && ret->n_connection > 1 && ++failed < TRIES) {
			probe_plan_end(&b.plan, i, PROBE_VOID, 0);
			code = SK_OK;
		}
		if (code == SK_OK && !b.over)
			(void)wait_for(&b, -1, 0, SPACE_MS, 0);
		b.still = false;
	}
	ret->answer = probe_plan_answer(&b.plan);
	ret->took_ms = probe_now_ms() - begin;
	probe_plan_release(&b.plan);
	return code;
}
