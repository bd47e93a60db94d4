/* SPDX-License-Identifier: MIT */
/* undo: puts back what the last `fix --write` (or `launcher --to`) replaced. */
#include "base/num.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "session/session.h"
#include "session/state.h"

static void
add_entry(const struct undo_entry *u, const char *what, struct buf *b)
{
	buf_add_escaped(b, u->id);
	buf_addc(b, "  ");
	buf_add_escaped(b, u->when);
	buf_addc(b, "  ");
	buf_add_escaped(b, u->label);
	buf_addf(b, "%s\n", what);
	for (size_t i = 0; i < u->n_path; i++) {
		buf_addc(b, "  ");
		buf_add_escaped(b, u->path[i]);
		buf_addc(b, "\n");
	}
}

static enum sk_code
list(const struct session *s, const struct write_opts *w, struct buf *b, struct err *e)
{
	struct undo_entry *v = NULL;
	size_t n = 0;
	enum sk_code code = undo_list(s->arena, w, &v, &n, e);

	if (code != SK_OK)
		return code;
	for (size_t i = 0; i < n; i++) {
		if (v[i].damaged.n == 0) {
			add_entry(&v[i], v[i].undone ? "  (taken back)" : "", b);
			continue;
		}
		buf_add_escaped(b, v[i].id);
		buf_addc(b, "  damaged; nothing is written until this folder is moved away:\n  ");
		buf_add_escaped(b, v[i].damaged);
		buf_addc(b, "\n");
	}
	if (n == 0)
		buf_addc(b, "nothing was written yet\n");
	return SK_OK;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { .arena = a, .o = o };
	struct buf b = { 0 };
	struct err e = { 0 };
	struct write_opts w;
	struct undo_entry u = { 0 };
	uint64_t id;
	enum sk_code code;
	int status = 0;

	if (o->list && (o->force || o->in_place || o->arg.n > 0))
		code = err_set(&e, SK_EUSAGE, "--list goes alone");
	else if (o->arg.n > 1)
		code = err_set(&e, SK_EUSAGE, "undo takes at most one ID; --list shows them");
	else if (o->arg.n == 1 && num_uint(o->arg.v[0], UINT32_MAX, &id, NULL) != SK_OK)
		code = err_set(&e, SK_EUSAGE, "an ID is a number; --list shows them");
	else
		/* no settings, no facts: whatever is wrong with those, the way back stays open */
		code = session_place(&s, &e);
	if (code == SK_OK) {
		w = state_opts(&s, "undo");
		if (o->list) {
			code = list(&s, &w, &b, &e);
		} else {
			code = undo_last(a, &w, o->arg.n > 0 ? o->arg.v[0] : (struct str){ 0 }, o->force, &u, &e);
			if (code == SK_OK)
				add_entry(&u, ": put back", &b);
		}
	}
	if (code != SK_OK)
		status = output_error(&e);
	else if (!output_stdout(&b))
		status = o->list ? output_failed() : output_failed_late(STR("the old bytes were put back"));
	buf_release(&b);
	return status;
}

const struct cmd cmd_undo = {
	.name = "undo",
	.args = "[ID]",
	.summary = "puts back what the last fix --write replaced",
	.flags = CMD_WRITES,
	.options = "where whose undo",
	.about =
	    "Puts the old bytes back that the last fix --write (or the one with this ID) replaced, and refuses when a "
	    "file was changed since. --force puts them back all the same; what stands there is kept first and comes "
	    "back "
	    "with the next undo. The last 100 writes are kept.",
	.run = run,
};
