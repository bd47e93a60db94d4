/* SPDX-License-Identifier: MIT */
/* effective: the values that ssh or sshd would use, where they come from, and which lines lost. */
#include <stdio.h>

#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"
#include "conf/reader.h"

enum { EXIT_INPUT = 2, LOG_LINE_MAX = 1021 };

/* What OpenSSH would say, line by line, on standard error. */
static int
refused(const struct effective *ev)
{
	struct str rest = ev->refusal, line;
	struct buf b = { 0 };

	while (str_split(&rest, '\n', &line)) {
		buf_clear(&b);
		/* OpenSSH's log cuts a line there (log.c) */
		buf_add_escaped(&b, str_head(line, LOG_LINE_MAX));
		fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&b)));
	}
	buf_release(&b);
	return EXIT_INPUT;
}

/* ssh reads -o before anything else. */
static bool
on_command_line(const struct effective *ev)
{
	return ev->refused_at.src < ev->conf->n_src && ev->conf->src[ev->refused_at.src].origin == SOURCE_CMDLINE;
}

/* What ssh says of a destination that would mean something to a shell; it does so before it reads a file. */
static const char *
bad_destination(const struct session *s)
{
	struct err e;

	for (size_t i = 0; i < s->o->arg.n && s->client.wanted; i++) {
		struct target t = { 0 };
		struct str port;
		const char *why;

		if (session_host(s->arena, s->o->arg.v[i], &t.user, &t.host, &port, &e) != SK_OK)
			continue;
		/* the first that is set counts, the operand comes last */
		if (s->o->login.n > 0)
			t.user = s->o->login;
		if (i < s->n_row && s->row[i].is->ev->v != NULL) {
			const struct eff *user = eff_get(s->row[i].is->ev, KW_ID_USER);

			if (user->state == EFF_SET && user->from == EFF_FROM_CMDLINE)
				t.user = user->text;
		}
		why = eff_name_refused(&t, s->client.ver);
		if (why != NULL)
			return why;
	}
	return NULL;
}

/* What has no effect in each row, and why. */
static void
explain_rows(struct session *s, struct arena *a, struct report *r)
{
	struct report_host *host = ARENA_ARRAY(a, struct report_host, r->n_host + 1);

	for (size_t i = 0; i < r->n_host; i++) {
		struct explained *x = ARENA_NEW(a, struct explained);
		const struct session_row *row = &s->row[i];
		struct target who = session_target(row);

		if (row->side == KW_SERVER)
			eff_explain_server(a, &s->server.conf, row->spec, row->is->ev, x);
		else
			eff_explain_client(a, &s->client.conf, &who, &s->env, row->is->ev, x);
		host[i] = r->host[i];
		host[i].why = x;
	}
	r->host = host;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct options own = *o;
	struct report r;
	struct err e = { 0 };
	const char *why;
	int status = 0;

	/* without HOST only the server can be meant: its first row, or what -C describes */
	if (o->arg.n == 0 && !o->server && o->server_file.p == NULL && o->spec.n == 0) {
		(void)err_set(&e, SK_EUSAGE, "effective needs a HOST, or --server");
		return output_error(&e);
	}
	if (o->arg.n == 0)
		own.server = true;
	if (session_formats(&own, effective_table, &e) != SK_OK || session_rows(&s, a, &own, &e) != SK_OK) {
		status = output_error(&e);
		goto out;
	}
	if (own.server && own.arg.n == 0 && s.n_row > 1)
		s.n_row = 1;
	/* sshd -T without -C knows no port, and refuses a file with Match LocalPort. */
	if (own.server && own.arg.n == 0 && own.spec.n == 0 && s.n_row == 1 && str_eqc(own.format, "ssh")) {
		s.row[0].spec->has_lport = false;
		eff_server(a, &s.server.conf, s.row[0].spec, EFF_LOSERS_NONE, s.row[0].is->ev);
	}
	why = bad_destination(&s);
	for (size_t i = 0; i < s.n_row && status == 0; i++)
		if (s.row[i].is->ev->refused && (why == NULL || on_command_line(s.row[i].is->ev)))
			status = refused(s.row[i].is->ev);
	if (why != NULL && status == 0) {
		fprintf(stderr, "%s\n", why);
		status = EXIT_INPUT;
	}
	if (status != 0)
		goto out;
	if (session_report(&s, "effective", &r, &e) != SK_OK) {
		status = output_error(&e);
	} else {
		explain_rows(&s, a, &r);
		status = session_print(&s, effective_table, &r);
	}
out:
	session_release(&s);
	return status;
}

const struct cmd cmd_effective = {
	.name = "effective",
	.args = "HOST ... | --server",
	.summary = "the effective keepalive values with file:line, and the lines that lost",
	.flags = CMD_READS,
	.options = "ends ssh path versions where whose rules format3 output color",
	.about =
	    "Prints what ssh HOST would use for every keyword of the keepalive family, the line that decides it, the "
	    "lines that try and never win, and the timeline of an idle session. With --server: what sshd would use "
	    "for a connection that no Match block matches, or for the one that -C describes.",
	.run = run,
};
