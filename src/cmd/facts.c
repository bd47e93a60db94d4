/* SPDX-License-Identifier: MIT */
/* facts: what was detected on this machine, from where, and how sure. */
#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"
#include "report/json.h"
#include "report/text.h"

static const struct reporter facts_table[] = {
	{ "text", "for people", report_text_facts, false, false },
	{ "json", "for programs, schema sshkeep/1", report_json_facts, false, false },
	{ NULL, NULL, NULL, false, false },
};

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct report r;
	struct err e = { 0 };
	int status;

	if (o->arg.n > 0) {
		(void)err_set(&e, SK_EUSAGE, "facts takes no operand");
		return output_error(&e);
	}
	if (session_formats(o, facts_table, &e) != SK_OK || session_open(&s, a, o, &e) != SK_OK ||
	    session_report(&s, "facts", &r, &e) != SK_OK) {
		status = output_error(&e);
	} else {
		r.note = s.facts.note;
		r.n_note = s.facts.n_note;
		status = session_print(&s, facts_table, &r);
	}
	session_release(&s);
	return status;
}

const struct cmd cmd_facts = {
	.name = "facts",
	.args = "",
	.summary = "what was detected here, from where, and how sure",
	.flags = CMD_READS,
	.options = "where whose format output color",
	.about =
	    "Prints every fact that the audit rests on: kernel timers, conntrack, cloud and virtual machine, "
	    "addresses, "
	    "the installed OpenSSH, shell and login manager timeouts. Sends no packet and runs no program; what cannot "
	    "be read is shown as unknown, with the reason.",
	.run = run,
};
