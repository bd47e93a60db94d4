/* SPDX-License-Identifier: MIT */
/* fix: the smallest edits that clear the findings, as a diff; applied with --write. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "fix/left.h"
#include "cli/output.h"
#include "fix/reload.h"
#include "session/session.h"
#include "session/state.h"
#include "session/tunnel.h"
#include "report/layout.h"

enum { ENDS = 2, WIDTH = 80, MODE_USER = 0600, MODE_SYSTEM = 0644, MODE_SCRIPT = 0755, EXIT_CHANGE = 1 };

struct fix {
	struct session *s;
	struct fix_rounds *rounds; /* heap */
	struct fix_end end[ENDS];
	size_t n_end;
	struct write_item *item; /* arena: files of all plans, then launchers */
	size_t n_item;
	bool put_back; /* what an earlier run had left */
	struct str id; /* of what was written; "" */
	struct buf out;
};

static enum sk_code
plan_ends(struct fix *f, struct err *e)
{
	struct session *s = f->s;
	enum sk_code code = SK_OK;

	if (s->client.wanted && s->client.present)
		f->end[f->n_end++] = (struct fix_end){ .end = &s->client, .side = KW_CLIENT };
	if (s->server.wanted && s->server.present)
		f->end[f->n_end++] = (struct fix_end){ .end = &s->server, .side = KW_SERVER };
	for (size_t i = 0; i < f->n_end; i++) {
		f->end[i].kernel = i == 0;
		f->end[i].first = true;
		fix_plan(s, &f->end[i]);
	}
	code = fix_settle(s, f->end, f->n_end, f->rounds, e);
	for (size_t i = 0; i < f->n_end && code == SK_OK; i++)
		code = fix_prove(s, &f->end[i], e);
	return code;
}

/* A target that was named on the command line could not be helped: then nothing at all is written. */
static enum sk_code
check_refused(const struct fix *f, struct err *e)
{
	for (size_t i = 0; i < f->n_end; i++) {
		for (size_t k = 0; k < f->end[i].plan.n_refusal; k++) {
			const struct refusal *r = &f->end[i].plan.refusal[k];

			if (r->hard && r->host.n > 0 && f->end[i].side == KW_CLIENT && f->s->o->arg.n > 0)
				return err_set(e, SK_EREFUSED, "%.*s: %.*s is left as it is: %.*s", STR_ARG(r->host),
				    STR_ARG(r->code), STR_ARG(r->reason));
		}
	}
	return SK_OK;
}

static enum sk_code
check_undecided(const struct fix *f, struct err *e)
{
	for (size_t i = 0; i < f->s->n_row && f->s->o->arg.n > 0; i++) {
		const struct session_row *r = &f->s->row[i];

		if (r->side == KW_CLIENT && fix_is_undecided(r))
			return err_set(e, SK_EREFUSED, "%.*s cannot be decided: %.*s", STR_ARG(r->target->shown),
			    STR_ARG(r->is->judgement.reason));
	}
	return SK_OK;
}

static void
add_items(struct fix *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_end; i++)
		n += f->end[i].plan.n_file;
	f->item = ARENA_ARRAY(f->s->arena, struct write_item, n + f->s->n_row * 2 + 1);
	for (size_t i = 0; i < f->n_end; i++) {
		for (size_t k = 0; k < f->end[i].plan.n_file; k++) {
			const struct file_plan *p = &f->end[i].plan.file[k];
			bool user = str_eq(p->path, f->s->user_config);

			f->item[f->n_item++] = (struct write_item){ .path = fs_place(&f->s->tree, f->s->arena, p->path),
				.exists = p->exists,
				.old_bytes = p->old_bytes,
				.new_bytes = p->new_bytes,
				.new_mode = user ? MODE_USER : MODE_SYSTEM };
			diff_unified(&f->out, p->shown, p->exists, p->old_bytes, p->new_bytes, true);
		}
	}
}

/* One launcher file of a host, unless it stands there already. */
static enum sk_code
add_launcher(struct fix *f, const struct launch *l, const struct launch_kind *k, struct err *e)
{
	static const struct fs_tree here = { .root = "", .home = "" };
	struct session *s = f->s;
	struct str name = tunnel_file(s->arena, l, k);
	struct str path = arena_printf(s->arena, "%.*s/%.*s", STR_ARG(s->o->launcher_dir), STR_ARG(name));
	struct buf text = { 0 };
	struct loaded old;
	enum sk_code code = k->write(s->arena, l, &text, e);
	struct str bytes = arena_str(s->arena, buf_str(&text));

	buf_release(&text);
	if (code != SK_OK)
		return code;
	fs_read(&here, s->arena, path, &old);
	if (old.state == LOADER_FILE && str_eq(old.bytes, bytes))
		return SK_OK;
	if (old.state != LOADER_FILE && old.state != LOADER_ABSENT)
		return err_set(e, SK_EREFUSED, "%.*s: %.*s", STR_ARG(path), STR_ARG(old.reason));
	f->item[f->n_item++] = (struct write_item){ .path = path,
		.exists = old.state == LOADER_FILE,
		.old_bytes = old.bytes,
		.new_bytes = bytes,
		.new_mode = str_eqc(str_c(k->name), "script") ? MODE_SCRIPT : MODE_SYSTEM };
	buf_addc(&f->out, "launcher ");
	buf_add_escaped(&f->out, path);
	buf_addc(&f->out, f->s->o->write ? "\n" : " (with --write)\n");
	return SK_OK;
}

static enum sk_code
add_launchers(struct fix *f, struct err *e)
{
	static const char *const kind[] = { "script", "systemd" };
	struct session *s = f->s;

	for (size_t i = 0; i < s->n_row && s->o->launcher_dir.p != NULL; i++) {
		const struct session_row *r = &s->row[i];
		struct launch l;

		if (r->side != KW_CLIENT || r->target->kind != TARGET_HOST || r->is->ev->refused ||
		    !session_forwards(r->is->ev))
			continue;
		if (tunnel_make(s, r, &l, e) != SK_OK)
			return e->code;
		for (size_t k = 0; k < sizeof kind / sizeof *kind; k++) {
			enum sk_code code = add_launcher(f, &l, tunnel_kind(str_c(kind[k])), e);

			if (code != SK_OK)
				return code;
		}
	}
	return SK_OK;
}

static bool
side_changes(const struct fix *f, enum kw_side side)
{
	for (size_t i = 0; i < f->n_end; i++)
		if (f->end[i].side == side && f->end[i].plan.n_file > 0)
			return true;
	return false;
}

/* What the new files do not reach by themselves. */
static void
add_hints(struct fix *f)
{
	const struct session *s = f->s;

	if (side_changes(f, KW_CLIENT) && s->facts.n_master > 0) {
		buf_addc(&f->out, "these shared connections keep their old values until they are stopped:\n");
		for (size_t i = 0; i < s->facts.n_master; i++) {
			struct buf word = { 0 };

			sh_quote(&word, s->facts.master[i]);
			buf_addc(&f->out, "  ssh -O stop -S ");
			buf_add_escaped(&f->out, buf_str(&word));
			buf_addc(&f->out, " any\n");
			buf_release(&word);
		}
	}
	for (size_t i = 0; i < f->n_item; i++)
		if (s->o->root.p == NULL && str_find(f->item[i].path, STR("/etc/sysctl")) == 0) {
			buf_addc(&f->out, "the kernel reads sysctl files at boot, or now: sudo sysctl --system\n");
			break;
		}
	if (s->o->root.p == NULL && s->o->server_file.p == NULL && side_changes(f, KW_SERVER) && !s->o->reload)
		buf_addf(&f->out, "sshd reads its files when it is reloaded: %.*s\n", STR_ARG(reload_command(s)));
}

static void
add_proof(struct fix *f)
{
	for (size_t i = 0; i < f->n_end; i++) {
		if (f->end[i].proof.n == 0)
			continue;
		buf_addc(&f->out, "proved: ");
		layout_wrap(&f->out, f->end[i].proof, 8, 8, WIDTH);
	}
}

/* New server files are checked by sshd itself before it is told to read them; else everything is put back. */
static enum sk_code
reload(struct fix *f, const struct write_opts *w, struct err *e)
{
	struct undo_entry u;
	struct err why = { 0 }, first;
	struct str note;

	if (!f->s->o->reload || !side_changes(f, KW_SERVER))
		return SK_OK;
	if (reload_now(f->s, &note, &first) == SK_OK) {
		buf_addf(&f->out, "%.*s\n", STR_ARG(note));
		return SK_OK;
	}
	if (undo_last(f->s->arena, w, f->id, false, &u, &why) != SK_OK)
		return err_set(e, SK_EHALF,
		    "%.300s; and the files that were written could not be put back: %.300s; when that is mended: "
		    "%.300s",
		    first.msg, why.msg, state_undo(f->s, f->id).p);
	return err_set(e, first.code, "%.900s; everything was put back", first.msg);
}

static enum sk_code
write_items(struct fix *f, struct err *e)
{
	struct write_opts w = state_opts(f->s, "fix --write");
	enum sk_code code;

	if (f->n_item == 0)
		return SK_OK;
	w.put_back = &f->put_back;
	code = write_all(f->s->arena, &w, f->item, f->n_item, &f->id, e);
	if (code == SK_OK)
		code = reload(f, &w, e);
	if (code != SK_OK)
		return code;
	for (size_t i = 0; i < f->n_item; i++) {
		buf_addc(&f->out, "wrote ");
		buf_add_escaped(&f->out, f->item[i].path);
		buf_addc(&f->out, "\n");
	}
	buf_addc(&f->out, "`");
	buf_add_escaped(&f->out, state_undo(f->s, f->id));
	buf_addc(&f->out, "` puts the old bytes back\n");
	return SK_OK;
}

static enum sk_code
check_options(const struct options *o, struct err *e)
{
	if (o->reload && !o->write)
		return err_set(e, SK_EUSAGE, "--reload needs --write");
	if (o->reload && o->root.p != NULL)
		return err_set(e, SK_EUSAGE, "--reload is for the running system, not for --root");
	if (o->reload && o->server_file.p != NULL)
		return err_set(e, SK_EUSAGE, "--reload is for the files that the running sshd reads, not for -f");
	if (o->write && (str_eqc(o->client_file, "-") || str_eqc(o->server_file, "-")))
		return err_set(e, SK_EUSAGE, "--write cannot change standard input");
	return SK_OK;
}

/* What an interrupted run left must not be what this one is planned on. */
static enum sk_code
put_back(struct fix *f, struct arena *a, const struct options *o, struct err *e)
{
	struct session s = { .arena = a, .o = o };
	struct write_opts w;
	enum sk_code code = session_place(&s, e);

	if (code != SK_OK)
		return code;
	w = state_opts(&s, "fix --write");
	w.put_back = &f->put_back;
	return write_recover(a, &w, e);
}

static enum sk_code
fix_all(struct fix *f, struct arena *a, const struct options *o, struct err *e)
{
	enum sk_code code = check_options(o, e);

	if (code == SK_OK && o->write)
		code = put_back(f, a, o, e);
	if (code == SK_OK)
		code = session_all(f->s, a, o, false, e);
	if (code == SK_OK)
		code = plan_ends(f, e);
	if (code != SK_OK)
		return code;
	add_items(f);
	code = check_refused(f, e);
	if (code == SK_OK)
		code = check_undecided(f, e);
	if (code == SK_OK)
		code = add_launchers(f, e);
	add_proof(f);
	if (code == SK_OK && o->write)
		code = write_items(f, e);
	if (code != SK_OK)
		return code;
	fix_left(f->rounds->n > 0 ? &f->rounds->v[f->rounds->n - 1] : f->s, f->end, f->n_end, &f->out);
	if (f->n_item == 0)
		buf_addc(&f->out, "nothing to change\n");
	else
		add_hints(f);
	if (f->n_item > 0 && !o->write)
		buf_addc(&f->out, "nothing was changed; --write applies this\n");
	return SK_OK;
}

static int
run(struct arena *a, const struct options *o)
{
	struct session s = { 0 };
	struct fix f = { .s = &s, .rounds = mem_alloc(sizeof *f.rounds) };
	struct err e = { 0 };
	int status = 0;

	if (fix_all(&f, a, o, &e) != SK_OK) {
		status = output_error(&e);
		if (status == err_exit(SK_EREFUSED) && e.code != SK_EHALF)
			output_note(f.put_back ? STR("nothing else was changed") : STR("nothing was changed"));
	} else {
		status = f.n_item > 0 && !o->write && !o->exit_zero ? EXIT_CHANGE : 0;
		if (!output_stdout(&f.out))
			status = f.id.n == 0 ?
			    output_failed() :
			    output_failed_late(arena_printf(
				a, "the files were written; `%s` puts the old bytes back", state_undo(&s, f.id).p));
	}
	buf_release(&f.out);
	fix_rounds_release(f.rounds);
	free(f.rounds);
	session_release(&s);
	return status;
}

const struct cmd cmd_fix = {
	.name = "fix",
	.args = "[HOST ...]",
	.summary = "the edits that clear the findings, as a diff; --write applies them",
	.flags = CMD_READS | CMD_WRITES,
	.options = "ends ssh path versions where whose rules choose fix",
	.about =
	    "Plans the smallest edits that clear the findings at or above --fail-on, proves that no other value of any "
	    "host moves, and prints the diff. With --write the files are replaced, all or none, and the old bytes are "
	    "kept for sshkeep undo. An edit whose effect cannot be known is refused.",
	.run = run,
};
