/* SPDX-License-Identifier: MIT */
/* audit: a verdict per host, and the findings. */
#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct report r;
	struct err e = { 0 };
	int status;

	if (session_formats(o, report_table, &e) != SK_OK || session_all(&s, a, o, true, &e) != SK_OK ||
	    session_report(&s, "audit", &r, &e) != SK_OK)
		status = output_error(&e);
	else
		status = session_print(&s, report_table, &r);
	session_release(&s);
	return status;
}

const struct cmd cmd_audit = {
	.name = "audit",
	.args = "[HOST ...]",
	.summary = "a verdict per host: does an idle session survive, what kills it, which line decides",
	.flags = CMD_READS,
	.options = "ends ssh path versions where whose rules formats output choose color",
	.about =
	    "Reads the user's, the system's and the server's config of this machine, detects what the kernel and the "
	    "path do to idle connections, and prints a verdict per host and what is wrong. Changes nothing, sends "
	    "nothing. HOST is a name as one would type it after ssh; without HOST every host that the files name.",
	.run = run,
};
