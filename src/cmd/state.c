/* SPDX-License-Identifier: MIT */
/* Where backups and the journal of `undo` stand (house rules of the writer: never beside the file). */
#include "cmd/state.h"

#include <stdlib.h>
#include <unistd.h>

#include "cmd/output.h"

struct write_opts
state_opts(const struct session *s, const char *label)
{
	const char *xdg = getenv("XDG_STATE_HOME");
	bool own_home = s->o->home.p == NULL && s->o->user.p == NULL;
	struct write_opts w = {
		.fs = &fs_real, .in_place = s->o->in_place, .label = str_c(label), .note = output_note
	};

	if (s->live && geteuid() == 0 && (!own_home || xdg == NULL || xdg[0] != '/'))
		w.state_dir = STR("/var/lib/sshkeep");
	else if (s->live && own_home && xdg != NULL && xdg[0] == '/')
		w.state_dir = arena_printf(s->arena, "%s/sshkeep", xdg);
	else
		w.state_dir = fs_place(
		    &s->tree, s->arena, arena_printf(s->arena, "%.*s/.local/state/sshkeep", STR_ARG(s->user.home)));
	return w;
}
