/* SPDX-License-Identifier: MIT */
/* probe: measures the idle timeout of the real path to a host. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "session/measured.h"
#include "cli/output.h"
#include "measure/banner.h"
#include "measure/report.h"
#include "sys/run_program.h"
#include "session/session.h"

enum {
	EXIT_INPUT = 2,
	/* just beyond the hour that many firewalls keep (idle-timeouts 1.7) */
	MAX_S = 3900,
	RESOLUTION_S = 5,
	PARALLEL = 8,
	MAX_DAY_S = 86400,
	NOTES = 8,
	/* a bracket that audit can take for a number: at most a tenth wide, or so many seconds */
	NARROW_PARTS = 10,
	NARROW_S = 2,
};

static volatile sig_atomic_t stopped;

static void
on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

/* Ctrl-C ends the measurement, not the report; a session that went away is no reason to die. */
static void
catch_signals(void)
{
	static const int sig[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal }, ignore = { .sa_handler = SIG_IGN }, had;

	/* what nohup(1) or a shell's & made deaf stays deaf */
	for (size_t i = 0; i < sizeof sig / sizeof *sig; i++)
		if (sigaction(sig[i], NULL, &had) == 0 && had.sa_handler != SIG_IGN)
			(void)sigaction(sig[i], &sa, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
}

static enum sk_code
seconds(struct str text, const char *name, unsigned fallback, unsigned *ret, struct err *e)
{
	struct err why = { 0 };
	double v = fallback;

	if ((text.p != NULL && num_time(text, &v, &why) != SK_OK) || !(v >= 1) || v > MAX_DAY_S)
		return err_set(e, SK_EUSAGE, "--%s takes a time from 1s to 1d (90, 350s, 5m, 1h30m)", name);
	*ret = (unsigned)v;
	return SK_OK;
}

static enum sk_code
read_options(const struct options *o, struct probe_opts *ret, struct err *e)
{
	struct probe_opts n = { .parallel = PARALLEL };
	uint64_t parallel;
	enum sk_code code = SK_OK;

	if (o->arg.n != 1)
		return err_set(e, SK_EUSAGE, "probe needs one HOST");
	if (o->format.p != NULL && !str_eqc(o->format, "text") && !str_eqc(o->format, "json"))
		return err_set(e, SK_EUSAGE, "--format takes text or json");
	if (str_eqc(o->client_file, "-"))
		return err_set(e, SK_EUSAGE, "-F -: probe runs ssh, which reads its config from a file");
	code = seconds(o->max, "max", o->banner ? PROBE_BANNER_MAX_S : MAX_S, &n.max_s, e);
	if (code == SK_OK)
		code = seconds(o->resolution, "resolution", RESOLUTION_S, &n.resolution_s, e);
	if (code != SK_OK)
		return code;
	if (o->parallel.p != NULL) {
		if (num_uint(o->parallel, PROBE_PARALLEL_MAX, &parallel, NULL) != SK_OK || parallel < 1)
			return err_set(e, SK_EUSAGE, "--parallel takes 1 to %d", PROBE_PARALLEL_MAX);
		n.parallel = (unsigned)parallel;
	}
	if (n.resolution_s > n.max_s)
		n.resolution_s = n.max_s;
	*ret = n;
	return SK_OK;
}

static void
add_note(struct probe_report *r, struct str text)
{
	if (r->n_note < NOTES)
		r->note[r->n_note++] = text;
}

/* What the reader has to know to believe the number. */
static void
add_notes(const struct session *s, struct probe_report *r)
{
	const struct probe_result *n = r->result;
	const struct effective *ev = s->row[0].is->ev;

	if (n->keepalive)
		add_note(r,
		    STR("the server's own ClientAlive speaks on idle sessions: it would hide a timeout above its "
			"interval, and it keeps these sessions itself"));
	else if (n->answer.spoken_s > 0)
		add_note(r,
		    STR("packets came on idle connections, though neither ssh nor sshd spoke: TCP keepalive of the "
			"server's kernel, or a box that asks; a longer timeout would be hidden by them"));
	if (n->made_anew)
		add_note(
		    r, STR("a packet from this side makes a forgotten connection anew; one from the server is lost"));
	if (n->unwatched && !r->banner)
		add_note(r,
		    STR("the connection's socket could not be watched (jump host, ProxyCommand or a sandbox): if a "
			"kernel on the way speaks on idle connections, that went unnoticed"));
	if (!ev->refused && ev->v != NULL && s->row[0].is->path.piped && s->row[0].is->path.open == NULL)
		add_note(r,
		    STR("the host is reached through a proxy or jump host: keepalives that the first leg has by its "
			"own config still ran; probe the jump host for that leg"));
	if (str_eqc(s->facts.v[FACT_VIRT].text, "docker-desktop"))
		add_note(r,
		    STR("Docker Desktop keeps all connections to an address while one of them speaks, as the control "
			"session does: the number may be too large"));
}

static const char *
ending_text(enum probe_ending e)
{
	switch (e) {
	case PROBE_STOPPED:
		return "interrupted; this is what was known then";
	case PROBE_PATH_DOWN:
		return "the control session, which has keepalives, died: the path itself was down, and nothing more "
		       "can "
		       "be measured";
	case PROBE_CUT_OFF:
		return "the control session, which has keepalives, was ended by the server or a box on the way "
		       "(ChannelTimeout, a session limit, a restart?): such an end is no idle timeout, and nothing "
		       "more can be measured";
	case PROBE_SLEPT:
		return "this machine was suspended, or sshkeep was held up again and again (Ctrl-Z, Ctrl-S): "
		       "silences since then say nothing; run it again";
	case PROBE_FAILED:
	case PROBE_NO_LOGIN:
	case PROBE_WENT_WELL:
		break;
	}
	return NULL;
}

/* ssh's own words, and what can be done. */
static void
tell_login(struct arena *a, const struct probe_result *n)
{
	const char *advice = said_advice(n->said);

	if (n->line.n > 0)
		output_note(arena_printf(a, "ssh says: %.*s", STR_ARG(n->line)));
	else
		output_note(STR("the session ended, and ssh does not say why: does this account run commands "
				"(sh, sleep, cat)?"));
	if (advice != NULL)
		output_note(str_c(advice));
}

/*
 * Where the machine is now: before the first packet the gateway's hardware address may not have been known, and
 * whoever carried the machine elsewhere meanwhile measured two paths.
 */
static const char *
look_again(struct session *s, struct probe_report *r)
{
	struct detect_opts d = {
		.root = "/", .home = arena_strz(s->arena, s->user.home), .live = true, .uid = s->user.uid
	};
	struct str before = r->where.network;
	struct facts now;

	detect_all(s->arena, &d, &now);
	r->where.network = now.network;
	if (now.network.n == 0)
		return now.network_reason;
	return before.n > 0 && !str_eq(before, now.network) ? "this machine changed its network meanwhile" : NULL;
}

/* Is it worth keeping, and if not, why? */
static const char *
keep(struct session *s, struct probe_report *r)
{
	const char *moved = look_again(s, r), *worse;
	const struct policy *policy = s->row[0].is->policy;
	struct probe_record rec = { .where = r->where, .answer = r->result->answer, .when_s = (int64_t)time(NULL) };
	struct err e = { 0 };

	if (rec.answer.low_s == 0 || (rec.answer.high_s == 0 && r->result->ending != PROBE_WENT_WELL))
		return "too little is known";
	if (rec.answer.high_s > rec.answer.low_s + NARROW_S &&
	    rec.answer.high_s - rec.answer.low_s > rec.answer.high_s / NARROW_PARTS)
		return "the bracket is too wide to judge by";
	if (rec.answer.high_s == 0 && rec.answer.spoken_s > 0)
		return "somebody broke the silence";
	if (rec.answer.high_s == 0 && r->banner)
		return "without a login it ends too early to say that nothing forgets";
	if (rec.answer.high_s == 0 && rec.answer.low_s < policy->assumed_timeout_s)
		return "it ends below what the policy assumes anyway: a longer --max says more";
	if (!r->where_known)
		return "the config does not say where the host is";
	if (moved != NULL)
		return moved;
	if (!probe_can_keep(&r->where))
		return "the host's name cannot be written into the state file";
	worse = measured_worse(s, &rec, policy->measured_for_s);
	if (worse != NULL)
		return worse;
	if (measured_keep(s, &rec, policy->measured_for_s, &r->kept, &e) != SK_OK) {
		output_note(str_c(e.msg));
		return "the state folder cannot be written";
	}
	return NULL;
}

struct drawing {
	struct buf line;
	struct probe_opts opts;
	unsigned width;
	bool on;
};

static void
draw(void *ctx, const struct probe_plan *p, unsigned left_s)
{
	struct drawing *d = ctx;
	struct probe_answer n = { 0 };
	size_t had = d->line.n;

	if (!d->on)
		return;
	buf_clear(&d->line);
	buf_addch(&d->line, '\r');
	if (p != NULL) {
		n = probe_plan_answer(p);
		probe_bar(&n, d->opts.max_s, left_s, d->width, &d->line);
	} else {
		buf_addc(&d->line, "logging in");
	}
	/* what stood there and was longer */
	while (d->line.n < had && d->line.n < d->width)
		buf_addch(&d->line, ' ');
	fwrite(d->line.p, 1, d->line.n, stderr);
	fflush(stderr);
}

static void
wipe(struct drawing *d)
{
	if (d->on && d->line.n > 0)
		fprintf(stderr, "\r%*s\r", (int)d->width - 1, "");
	buf_release(&d->line);
}

static enum sk_code
measure(struct session *s, const struct probe_report *r, struct probe_result *ret, struct err *e)
{
	struct drawing d = { .opts = r->opts, .width = output_width(), .on = isatty(STDERR_FILENO) == 1 };
	struct ssh_how how = { .o = s->o, .ver = s->client.ver, .host = arena_strz(s->arena, r->host) };
	struct probe_run run = { .arena = s->arena, .how = &how, .opts = r->opts, .stop = &stopped };
	enum sk_code code;

	run.progress = draw;
	run.ctx = &d;
	if (s->o->client_file.p != NULL)
		how.file = arena_strz(s->arena, s->o->client_file);
	if (r->banner) {
		if (!r->where_known || r->where.via.n > 0)
			return err_set(e, SK_EREAD, "--banner needs a host that is reached directly, without a proxy");
		code = probe_banner(&run, &r->where, ret, e);
	} else {
		how.ssh = run_find(s->arena, "ssh");
		if (how.ssh == NULL)
			return err_set(e, SK_ENOENT, "ssh is not installed (looked for in the system's folders)");
		code = probe_run(&run, ret, e);
	}
	wipe(&d);
	if (code != SK_EREAD)
		return code;
	/* what was known before is worth telling */
	ret->ending = PROBE_FAILED;
	ret->line = arena_str(s->arena, str_c(e->msg));
	return SK_OK;
}

static int
report(struct session *s, struct probe_report *r)
{
	const struct probe_result *n = r->result;
	struct buf b = { 0 };
	int status = n->ending == PROBE_WENT_WELL ? 0 : EXIT_INPUT;

	if (n->ending == PROBE_NO_LOGIN)
		tell_login(s->arena, n);
	else if (n->ending == PROBE_FAILED)
		output_note(n->line);
	else if (ending_text(n->ending) != NULL)
		output_note(str_c(ending_text(n->ending)));
	if (n->ending == PROBE_CUT_OFF && n->line.n > 0)
		output_note(arena_printf(s->arena, "ssh says: %.*s", STR_ARG(n->line)));
	add_notes(s, r);
	r->kept_not = keep(s, r);
	r->exit_status = status;
	r->width = output_width();
	/* a login that never stood has no result */
	if ((n->ending == PROBE_NO_LOGIN || n->ending == PROBE_FAILED) && n->answer.low_s == 0 &&
	    n->answer.high_s == 0 && !str_eqc(s->o->format, "json"))
		return status;
	if (str_eqc(s->o->format, "json"))
		probe_json(r, &b);
	else
		probe_text(r, &b);
	if (!output_stdout(&b))
		status = output_failed();
	buf_release(&b);
	return status;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct options own = *o;
	struct probe_result n = { 0 };
	struct probe_report r = { .result = &n, .banner = o->banner };
	struct err e = { 0 };
	int status;

	own.client = true;
	if (read_options(o, &r.opts, &e) != SK_OK || session_rows(&s, a, &own, &e) != SK_OK) {
		status = output_error(&e);
		session_release(&s);
		return status;
	}
	r.host = o->arg.v[0];
	r.note = ARENA_ARRAY(a, struct str, NOTES);
	r.networks = &s.networks;
	r.machine = s.machine;
	r.where_known = s.n_row > 0 && measured_where(&s, s.row[0].is->ev, &r.where);
	r.measured_for_s = s.row[0].is->policy->measured_for_s;
	catch_signals();
	if (measure(&s, &r, &n, &e) != SK_OK)
		status = output_error(&e);
	else
		status = report(&s, &r);
	session_release(&s);
	return status;
}

const struct cmd cmd_probe = {
	.name = "probe",
	.args = "HOST",
	.summary = "measures the idle timeout of the real path with real ssh sessions",
	.flags = CMD_READS | CMD_WRITES | CMD_NETWORK,
	.options = "ownfile ssh probe rules format",
	.about =
	    "Logs in to HOST several times with ssh, all keepalives off, leaves each session silent for another while "
	    "and sees which ones still carry a packet, from the server and from here. The interval found is kept "
	    "and audit then uses it as measured. It needs a login that asks nothing (a key, an agent), and runs sh, "
	    "sleep and cat on the far end. Ctrl-C ends it with what is known.",
	.run = run,
};
