/* SPDX-License-Identifier: MIT */
/* launcher: a script or unit that keeps one tunnel up. */
#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"
#include "session/state.h"
#include "session/tunnel.h"

/* Scripts are run, units are read. */
enum { MODE_SCRIPT = 0755, MODE_UNIT = 0644 };

/* *ret_id is empty when the file stands there already. */
static enum sk_code
write_to(
    const struct session *s, const struct launch_kind *k, const struct buf *text, struct str *ret_id, struct err *e)
{
	static const struct fs_tree here = { .root = "", .home = "" };
	struct write_opts w = state_opts(s, "launcher --to");
	struct write_item item = { .path = s->o->to,
		.new_bytes = buf_str(text),
		.new_mode = str_eqc(str_c(k->name), "script") ? MODE_SCRIPT : MODE_UNIT };
	struct loaded l;

	fs_read(&here, s->arena, s->o->to, &l);
	if (l.state == LOADER_FILE && str_eq(l.bytes, item.new_bytes))
		return SK_OK;
	if (l.state != LOADER_FILE && l.state != LOADER_ABSENT)
		return err_set(e, SK_EWRITE, "--to %.*s: %.*s", STR_ARG(s->o->to), STR_ARG(l.reason));
	item.exists = l.state == LOADER_FILE;
	item.old_bytes = l.bytes;
	return write_all(s->arena, &w, &item, 1, ret_id, e);
}

static enum sk_code
make(struct session *s, const struct options *o, struct buf *b, struct str *ret_id, struct err *e)
{
	const struct launch_kind *k = tunnel_kind(o->kind);
	struct launch l;
	enum sk_code code;

	if (k == NULL) {
		struct buf names = { 0 };

		for (size_t i = 0; launch_kinds[i].name != NULL; i++)
			buf_addf(&names, "%s%s", i > 0 ? ", " : "", launch_kinds[i].name);
		code = err_set(e, SK_EUSAGE, "--kind takes %.*s", STR_ARG(buf_str(&names)));
		buf_release(&names);
		return code;
	}
	code = session_read(s, e);
	if (code == SK_OK)
		code = session_judge(s, e);
	if (code == SK_OK)
		code = tunnel_make(s, &s->row[0], &l, e);
	if (code == SK_OK)
		code = k->write(s->arena, &l, b, e);
	return code == SK_OK && o->to.p != NULL ? write_to(s, k, b, ret_id, e) : code;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct options own = *o;
	struct buf b = { 0 };
	struct err e = { 0 };
	struct str id = { 0 };
	enum sk_code code;
	int status = 0;

	/* a tunnel has its own targets, whatever else the host is used for */
	if (own.policy.p == NULL)
		own.policy = STR("tunnel");
	if (own.arg.n != 1)
		code = err_set(&e, SK_EUSAGE, "launcher needs one HOST");
	else
		code = session_open(&s, a, &own, &e);
	if (code == SK_OK)
		code = make(&s, &own, &b, &id, &e);
	if (code != SK_OK)
		status = output_error(&e);
	else if (o->to.p == NULL && !output_stdout(&b))
		status = output_failed();
	else if (o->to.p != NULL && id.n > 0)
		output_note(arena_printf(a, "wrote %.*s; `%s` takes it back", STR_ARG(o->to), state_undo(&s, id).p));
	else if (o->to.p != NULL)
		output_note(arena_printf(a, "%.*s stands there already", STR_ARG(o->to)));
	buf_release(&b);
	session_release(&s);
	return status;
}

const struct cmd cmd_launcher = {
	.name = "launcher",
	.args = "HOST",
	.summary = "a script or systemd unit that keeps one tunnel up",
	.flags = CMD_READS | CMD_WRITES,
	.options = "clientfile ssh launch path versions where unituser rules",
	.about = "Prints a launcher for the forwards of the host's config, or for those given with -L, -R and -D. Its "
		 "interval and count follow from the path and the policy (tunnel, unless --policy says otherwise).",
	.run = run,
};
