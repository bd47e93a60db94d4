/* SPDX-License-Identifier: MIT */
/* What a run tells: the struct that reporters read, and the formats that were asked for. */
#include "cli/output.h"
#include "session/session.h"
#include "launch/launch.h"

/* The command that shows the diff for what this one looked at. */
static struct str
fix_hint(const struct session *s)
{
	struct buf b = { 0 };
	struct str out;
	const struct {
		const char *option;
		struct str value;
	} given[] = { { "-F", s->o->client_file }, { "-f", s->o->server_file }, { "--root", s->o->root },
		{ "--home", s->o->home }, { "--user", s->o->user }, { "--config", s->o->config },
		{ "--path-timeout", s->o->path_timeout }, { "--network", s->o->network }, { "--policy", s->o->policy },
		{ "--openssh", s->o->openssh }, { "--peer-openssh", s->o->peer_openssh },
		{ "--fail-on", s->o->fail_on }, { "--select", s->o->select }, { "--ignore", s->o->ignore },
		{ "-l", s->o->login } };

	if (str_eqc(s->o->client_file, "-") || str_eqc(s->o->server_file, "-"))
		return (struct str){ 0 };
	buf_addc(&b, "sshkeep fix");
	for (size_t i = 0; i < sizeof given / sizeof *given; i++)
		sh_option(&b, given[i].option, given[i].value);
	for (size_t i = 0; i < s->o->ssh_word.n; i++) {
		buf_addc(&b, " ");
		sh_quote(&b, s->o->ssh_word.v[i]);
	}
	if (s->o->server)
		buf_addc(&b, " --server");
	if (s->o->client)
		buf_addc(&b, " --client");
	for (size_t i = 0; i < s->o->arg.n; i++) {
		buf_addc(&b, " ");
		sh_quote(&b, s->o->arg.v[i]);
	}
	out = arena_str(s->arena, buf_str(&b));
	buf_release(&b);
	return out;
}

static const struct effective *
row_values(const void *ctx, size_t host, struct arena *a)
{
	return session_values(ctx, host, a);
}

enum sk_code
session_report(const struct session *s, const char *command, struct report *ret, struct err *e)
{
	struct report_host *host = ARENA_ARRAY(s->arena, struct report_host, s->n_row + 1);
	const struct conf **conf = ARENA_ARRAY(s->arena, const struct conf *, 2);
	bool color;
	enum sk_code code = output_color(s->o->color, &color, e);

	if (code != SK_OK)
		return code;
	*ret = (struct report){ .command = command,
		.version = output_version(),
		.machine = s->machine,
		.exit_status = session_status(s),
		.facts = &s->facts,
		.ssh_ver = s->client.ver,
		.sshd_ver = s->server.ver,
		.host = host,
		.n_host = s->n_row,
		.conf = conf,
		.findings = &s->findings,
		.rules = &s->rules,
		.note = s->note,
		.n_note = s->n_note,
		.color = color,
		.utf8 = output_utf8(),
		.width = output_width(),
		.fail_on = s->fail_on,
		.fix_hint = fix_hint(s),
		.values = row_values,
		.values_ctx = s };
	for (size_t i = 0; i < s->n_row; i++) {
		const struct session_row *r = &s->row[i];

		host[i] = (struct report_host){ .side = r->side,
			.kind = r->target->kind,
			.shown = r->target->shown,
			.ev = r->is->ev,
			.path = &r->is->path,
			.j = &r->is->judgement,
			.policy = r->is->policy,
			.decides = r->decides };
	}
	if (s->client.present)
		conf[ret->n_conf++] = &s->client.conf;
	if (s->server.present)
		conf[ret->n_conf++] = &s->server.conf;
	ret->policy = s->n_row > 0 ? s->row[0].is->policy : NULL;
	return SK_OK;
}

/* NAME=FILE of --output. */
static enum sk_code
output_parts(
    struct str arg, const struct reporter *table, const struct reporter **ret, struct str *ret_file, struct err *e)
{
	size_t eq = str_chr(arg, '=', 0);

	*ret = report_find(table, str_head(arg, eq));
	*ret_file = str_from(str_from(arg, eq), 1);
	if (ret_file->n == 0)
		return err_set(e, SK_EUSAGE, "--output needs NAME=FILE");
	if (str_eqc(*ret_file, "-"))
		return err_set(e, SK_EUSAGE, "--output writes files; --format is for standard output (./- is a file)");
	if (*ret == NULL)
		return err_set(
		    e, SK_EUSAGE, "--output: unknown format \"%.*s\"", STR_ARG(str_head(str_head(arg, eq), 40)));
	return SK_OK;
}

enum sk_code
session_formats(const struct options *o, const struct reporter *table, struct err *e)
{
	const struct reporter *r;
	struct str file;
	bool color;

	if (o->format.p != NULL && report_find(table, o->format) == NULL) {
		struct buf names = { 0 };
		enum sk_code code;

		for (size_t i = 0; table[i].name != NULL; i++)
			buf_addf(&names, "%s%s", i > 0 ? ", " : "", table[i].name);
		code = err_set(e, SK_EUSAGE, "unknown format \"%.*s\"; there are %.*s",
		    STR_ARG(str_head(o->format, 40)), STR_ARG(buf_str(&names)));
		buf_release(&names);
		return code;
	}
	for (size_t i = 0; i < o->output.n; i++) {
		enum sk_code code = output_parts(o->output.v[i], table, &r, &file, e);

		if (code != SK_OK)
			return code;
		for (size_t k = 0; k < i; k++) {
			struct str other = str_from(o->output.v[k], str_chr(o->output.v[k], '=', 0) + 1);

			if (output_same_file(file, other))
				return err_set(e, SK_EUSAGE, "--output: %.*s and %.*s are one file", STR_ARG(other),
				    STR_ARG(file));
		}
	}
	return output_color(o->color, &color, e);
}

static void
tell_writing(const struct session *s, bool on)
{
	if (s->writing != NULL)
		s->writing(s->writing_ctx, on);
}

/* Notes that the report has no place for; of what could not be read, standard error told already. */
static void
tell_notes(const struct report *r)
{
	for (size_t i = 0; i < r->n_note; i++) {
		bool told = false;

		for (size_t k = 0; r->failed != NULL && k < r->failed->n && !told; k++)
			told = str_eq(r->note[i], r->failed->v[k].key);
		if (!told)
			output_note(r->note[i]);
	}
}

int
session_print(const struct session *s, const struct reporter *table, const struct report *r)
{
	const struct reporter *to = s->o->format.p != NULL ? report_find(table, s->o->format) : &table[0];
	/* what is looked at may be somebody else's, and so may a link that stands where the report is to go */
	const struct opt_list *tops = r->lint != NULL ? &s->o->arg : NULL;
	struct buf b = { 0 };
	struct err e = { 0 };
	int status = r->exit_status;

	for (size_t i = 0; i < s->o->output.n; i++) {
		const struct reporter *file_to;
		struct report plain = *r;
		struct str file;

		/* colours and terminal glyphs are for the terminal alone */
		plain.color = plain.utf8 = false;
		buf_clear(&b);
		if (output_parts(s->o->output.v[i], table, &file_to, &file, &e) == SK_OK)
			file_to->write(&plain, &b);
		tell_writing(s, true);
		/* the others are written all the same; nothing was to be changed, so this is not the status of a failed fix */
		if (e.code != SK_OK || output_file(file, tops, &b, &e) != SK_OK) {
			(void)output_error(&e);
			status = err_exit(SK_EREAD);
		}
		tell_writing(s, false);
		e = (struct err){ 0 };
	}
	if (to->quiet)
		tell_notes(r);
	buf_clear(&b);
	to->write(r, &b);
	tell_writing(s, true);
	if (!output_stdout(&b))
		status = output_failed();
	tell_writing(s, false);
	buf_release(&b);
	return status;
}
