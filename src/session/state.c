/* SPDX-License-Identifier: MIT */
/* Where backups and the journal of `undo` stand (house rules of the writer: never beside the file). */
#include "session/state.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "launch/launch.h"

/* Would a folder of root's in this home lock its owner out? */
static bool
is_others(const char *home)
{
	struct stat st;

	return geteuid() == 0 && stat(home, &st) == 0 && st.st_uid != 0;
}

struct write_opts
state_opts(const struct session *s, const char *label)
{
	const char *xdg = getenv("XDG_STATE_HOME");
	const char *home = arena_strz(s->arena, fs_place(&s->tree, s->arena, s->user.home));
	bool own_home = s->o->home.p == NULL && s->o->user.p == NULL;
	struct write_opts w = {
		.fs = &fs_real, .in_place = s->o->in_place, .label = str_c(label), .note = output_note
	};

	/* A limit on file sizes, or nobody who reads the report, is an error to be told, not an end in the middle. */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	if (s->live && geteuid() == 0 && (!own_home || xdg == NULL || xdg[0] != '/')) {
		w.state_dir = STR("/var/lib/sshkeep");
		w.home = s->user.home;
	} else if (s->live && own_home && xdg != NULL && xdg[0] == '/')
		w.state_dir = arena_printf(s->arena, "%s/sshkeep", xdg);
	else
		w.state_dir = arena_printf(s->arena, "%s/.local/state/sshkeep%s", home, is_others(home) ? "-root" : "");
	return w;
}

struct str
state_undo(const struct session *s, struct str id)
{
	struct buf b = { 0 };
	struct str out;
	const struct {
		const char *option;
		struct str value;
	} given[] = { { "--root", s->o->root }, { "--home", s->o->home }, { "--user", s->o->user } };

	buf_addc(&b, "sshkeep undo");
	for (size_t i = 0; i < sizeof given / sizeof *given; i++)
		sh_option(&b, given[i].option, given[i].value);
	buf_addf(&b, " %.*s", STR_ARG(id));
	out = arena_str(s->arena, buf_str(&b));
	buf_release(&b);
	return out;
}
