/* SPDX-License-Identifier: MIT */
/* The POSIX shell script around autossh: what differs from tunnel to tunnel.  The rest is script_body.c. */
#include "launch/parts.h"

const struct launch_kind launch_kinds[] = {
	{ "script", ".sh", "POSIX shell script around autossh: start, stop, restart, status, run, check",
	    script_write },
	{ "systemd", ".service", "systemd unit that runs autossh", unit_write_autossh },
	{ "systemd-ssh", ".service", "systemd unit that runs ssh alone; to be preferred where there is systemd",
	    unit_write_ssh },
	{ "launchd", ".plist", "launchd property list that runs ssh", launchd_write },
	{ 0 },
};

/* One function: "$@" is the command that gets the words, and last (unless empty) stands behind them. */
static void
function(struct buf *out, const char *name, const struct str *v, size_t n, struct str last)
{
	buf_addf(out, "%s() {\n\t\"$@\"", name);
	for (size_t i = 0; i < n; i++) {
		buf_addc(out, v[i].p[0] == '-' ? " \\\n\t    " : " ");
		sh_quote_arg(out, v[i]);
	}
	if (last.n > 0) {
		buf_addc(out, " \\\n\t    ");
		sh_quote_arg(out, last);
	}
}

enum sk_code
script_write(struct arena *a, const struct launch *l, struct buf *out, struct err *e)
{
	struct launch_words w;
	struct str probe[8];
	size_t n = 0;
	enum sk_code code = launch_prepare(a, l, &w, e);

	if (code != SK_OK)
		return code;
	w.pause_s = LAUNCH_POLL_S;
	buf_addc(out, "#!/bin/sh\n");
	launch_comment(out, "# ",
	    arena_printf(a, "Tunnel %.*s through the host %.*s, kept up by autossh. Made by sshkeep launcher.",
		STR_ARG(w.name), STR_ARG(w.host_shown)));
	buf_addc(out,
	    "#\n"
	    "#   start    in the background; one at a time\n"
	    "#   stop     autossh and its ssh, and what an autossh that was killed left behind\n"
	    "#   restart  stop and start; there is no safe signal for it\n"
	    "#   status   0 running, 1 dead with leftovers, 3 stopped, 4 stuck\n"
	    "#   run      in the foreground, for a supervisor or a container\n"
	    "#   check    log in once without forwards, to see errors\n"
	    "#\n"
	    "# Pid file, lock and logs: ${XDG_STATE_HOME:-$HOME/.local/state}/sshkeep/tunnel/NAME.\n"
	    "# Environment: SSHKEEP_SSH and SSHKEEP_AUTOSSH (absolute paths of other programs), SSHKEEP_STATE (a\n"
	    "# folder instead of the one above, without NAME), SSHKEEP_FLOCK (empty: lock by mkdir where flock does\n"
	    "# not work, as on some network file systems).\n"
	    "#\n");
	launch_reasons(a, out, "# ", l, &w);
	buf_addc(out, "#\n");
	launch_comment(out, "# ",
	    STR("autossh: -M 0, because its own watchdog needs two more ports and ssh watches already; and -- "
		"because its own reading of ssh's options is out of date."));
	buf_addc(out, "\n# The name under which the state is kept: each tunnel needs its own.\nNAME=");
	sh_quote_arg(out, w.name);
	buf_addc(out, "\n\n# What every ssh to this host gets; the first value wins, so no file can change these.\n");
	function(out, "options", w.option, w.n_option, (struct str){ 0 });
	buf_addc(out, "\n}\n");
	buf_addc(out, "\n# The tunnel.\n");
	function(out, "forwards", w.forward, w.n_forward, l->host);
	buf_addc(out, "\n}\n");
	probe[n++] = STR("-o");
	probe[n++] = STR("ClearAllForwardings=yes");
	if (l->ssh_ver.n >= VER(8, 7)) {
		probe[n++] = STR("-o");
		probe[n++] = STR("SessionType=default");
	}
	buf_addc(out, "\n# The login test of `check`.\n");
	function(out, "probe", probe, n, l->host);
	buf_addc(out, " true\n}\n");
	for (size_t i = 0; script_body[i] != NULL; i++) {
		buf_addc(out, script_body[i]);
		buf_addch(out, '\n');
	}
	return SK_OK;
}
