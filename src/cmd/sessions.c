/* SPDX-License-Identifier: MIT */
/* sessions: the connections of ssh and sshd that are open now, and who would end them when. */
#include <time.h>

#include "cli/cmd.h"
#include "live/rows.h"
#include "cli/output.h"
#include "report/json.h"
#include "report/text.h"

enum { WATCH_S = 2 };

static const struct reporter sessions_table[] = {
	{ "text", "for people", report_text_sessions, false, false },
	{ "json", "for programs, schema sshkeep/1", report_json_sessions, false, false },
	{ NULL, NULL, NULL, false, false },
};

/* One look at the machine, printed.  *ret_go: whether another one makes sense. */
static int
look(const struct options *o, bool again, bool *ret_go)
{
	struct arena a = { 0 };
	struct session s = { 0 };
	struct live_look l = { 0 };
	struct report r;
	struct err e = { 0 };
	enum sk_code code = session_open(&s, &a, o, &e);
	int status;

	if (code == SK_OK)
		code = session_read(&s, &e);
	if (code == SK_OK)
		code = live_look(&s, &l, &e);
	if (code == SK_OK)
		code = session_report(&s, "sessions", &r, &e);
	if (code != SK_OK) {
		status = output_error(&e);
	} else {
		l.report.again = again;
		r.live = &l.report;
		r.exit_status = l.any_bad ? 1 : 0;
		status = session_print(&s, sessions_table, &r);
	}
	*ret_go = code == SK_OK && status <= 1;
	live_release(&l);
	session_release(&s);
	arena_release(&a);
	return status;
}

static int
run(struct arena *a, const struct options *o)
{
	const struct timespec pause = { .tv_sec = WATCH_S };
	struct err e = { 0 };
	bool go = true;
	int status;

	(void)a;
	if (o->arg.n > 0) {
		(void)err_set(&e, SK_EUSAGE, "sessions takes no operand");
		return output_error(&e);
	}
	if (session_formats(o, sessions_table, &e) != SK_OK)
		return output_error(&e);
	status = look(o, false, &go);
	while (o->watch && go) {
		/* (a signal that does not end the program only shortens the pause) */
		(void)nanosleep(&pause, NULL);
		status = look(o, true, &go);
	}
	return status;
}

const struct cmd cmd_sessions = {
	.name = "sessions",
	.args = "",
	.summary = "the ssh connections open now: idle time, timers, who will drop them when",
	.flags = CMD_READS,
	.options = "sessions path versions rules format output color",
	.about =
	    "Lists the connections of ssh and sshd that are open now, as the kernel sees them: how long nothing was "
	    "sent or received, who speaks next, what is not acknowledged and when the kernel or ssh gives up, this "
	    "kernel's conntrack entry, and a verdict: safe, at risk in so many seconds, or dead. Sends nothing over "
	    "the network. Without root only your own are shown. Exits 1 when one is dead, or at risk by more than "
	    "an assumption.",
	.run = run,
};
