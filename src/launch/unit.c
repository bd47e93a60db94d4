/* SPDX-License-Identifier: MIT */
/* systemd units: one around autossh, one around ssh alone. */
#include "launch/parts.h"

static void
exec_start(struct buf *out, const char *program, const struct launch_words *w, struct str host)
{
	const struct str *set[] = { w->option, w->forward };
	size_t n[] = { w->n_option, w->n_forward };

	buf_addf(out, "ExecStart=%s", program);
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < n[k]; i++) {
			buf_addc(out, set[k][i].p[0] == '-' ? " \\\n    " : " ");
			unit_quote(out, set[k][i]);
		}
	}
	buf_addc(out, " \\\n    ");
	unit_quote(out, host);
	buf_addch(out, '\n');
}

static enum sk_code
check_user(const struct launch *l, struct err *e)
{
	for (size_t i = 0; i < l->user.n; i++) {
		char c = l->user.p[i];

		/* systemd's own idea of a name, without what would need quoting */
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
			(i > 0 && (c == '-' || c == '.'))))
			return err_set(e, SK_EUSAGE, "not a user name that a unit can hold");
	}
	return SK_OK;
}

static void
head(struct arena *a, struct buf *out, const struct launch *l, const struct launch_words *w, const char *by)
{
	bool system_unit = l->user.n > 0;

	launch_comment(out, "# ",
	    arena_printf(a, "Tunnel %.*s through the host %.*s, kept up by %s. Made by sshkeep launcher.",
		STR_ARG(w->name), STR_ARG(w->host_shown), by));
	buf_addc(out, "#\n");
	if (system_unit)
		launch_comment(out, "# ",
		    arena_printf(a,
			"System unit: /etc/systemd/system/sshkeep-%.*s.service, then systemctl daemon-reload and "
			"systemctl enable --now sshkeep-%.*s. Known hosts and keys are those of the user %.*s.",
			STR_ARG(w->name), STR_ARG(w->name), STR_ARG(l->user)));
	else
		launch_comment(out, "# ",
		    arena_printf(a,
			"User unit: ~/.config/systemd/user/sshkeep-%.*s.service, then systemctl --user "
			"daemon-reload and systemctl --user enable --now sshkeep-%.*s. User units end at logout and "
			"do not start at boot, unless loginctl enable-linger was run for the user.",
			STR_ARG(w->name), STR_ARG(w->name)));
	buf_addc(out, "#\n");
	launch_reasons(a, out, "# ", l, w);
	buf_addf(out, "\n[Unit]\nDescription=sshkeep tunnel %.*s\n", STR_ARG(w->name));
	if (system_unit)
		buf_addc(out, "Wants=network-online.target\nAfter=network-online.target\n");
	buf_addc(out,
	    "# Five quick failures would leave the unit dead for good.\n"
	    "StartLimitIntervalSec=0\n"
	    "\n[Service]\nType=simple\n");
	if (system_unit)
		buf_addf(out, "User=%.*s\n", STR_ARG(l->user));
}

static void
foot(struct buf *out, const struct launch *l)
{
	buf_addf(out, "\n[Install]\nWantedBy=%s\n", l->user.n > 0 ? "multi-user.target" : "default.target");
}

enum sk_code
unit_write_autossh(struct arena *a, const struct launch *l, struct buf *out, struct err *e)
{
	struct launch_words w;
	enum sk_code code = launch_prepare(a, l, &w, e);

	if (code == SK_OK)
		code = launch_need_utf8(&w, "a unit", e);
	if (code == SK_OK)
		code = check_user(l, e);
	if (code != SK_OK)
		return code;
	w.pause_s = LAUNCH_POLL_S;
	head(a, out, l, &w, "autossh");
	buf_addc(out,
	    "# AUTOSSH_PORT=0 besides -M 0: upstream and Debian disagree which of them wins. GATETIME 0: an ssh\n"
	    "# that fails at first is no reason to give up. POLL bounds the pause between two tries.\n"
	    "Environment=AUTOSSH_PORT=0 AUTOSSH_GATETIME=0 AUTOSSH_POLL=60\n"
	    "# No -f, no PIDFile: systemd watches autossh itself. Behind -- autossh leaves ssh's words alone.\n");
	exec_start(out, "/usr/bin/autossh -M 0 --", &w, l->host);
	buf_addc(out,
	    "# Not on-failure: autossh exits 0 when its ssh is told to end, and 1 when it is stopped itself.\n"
	    "Restart=always\n"
	    "RestartSec=10\n"
	    "SuccessExitStatus=1\n"
	    "# TERM to autossh alone (an ssh that gets it exits 0, which autossh takes for success), KILL to\n"
	    "# what is left: autossh waits without limit for an ssh that is stuck.\n"
	    "KillMode=mixed\n"
	    "TimeoutStopSec=15\n");
	foot(out, l);
	return SK_OK;
}

enum sk_code
unit_write_ssh(struct arena *a, const struct launch *l, struct buf *out, struct err *e)
{
	struct launch_words w;
	enum sk_code code = launch_prepare(a, l, &w, e);

	if (code == SK_OK)
		code = launch_need_utf8(&w, "a unit", e);
	if (code == SK_OK)
		code = check_user(l, e);
	if (code != SK_OK)
		return code;
	w.pause_s = w.pause_late_s = LAUNCH_RESTART_S;
	head(a, out, l, &w, "systemd");
	buf_addc(out,
	    "# ssh alone: it ends when the line is dead, and systemd starts it again. autossh would add nothing.\n");
	exec_start(out, "/usr/bin/ssh", &w, l->host);
	buf_addc(out,
	    "# Not on-failure: ssh -N exits 0 when it gets TERM from elsewhere.\n"
	    "Restart=always\n"
	    "RestartSec=10\n"
	    "TimeoutStopSec=15\n");
	foot(out, l);
	return SK_OK;
}
