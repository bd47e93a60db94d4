/* SPDX-License-Identifier: MIT */
/* launchd property list that runs ssh alone. */
#include "launch/parts.h"

/* A comment of XML must not hold two hyphens in a row. */
static void
add_comment(struct buf *out, struct str text)
{
	buf_addc(out, "<!--\n");
	for (size_t i = 0; i < text.n; i++) {
		buf_addch(out, text.p[i]);
		if (text.p[i] == '-' && i + 1 < text.n && text.p[i + 1] == '-')
			buf_addch(out, ' ');
	}
	buf_addc(out, "-->\n");
}

static void
string(struct buf *out, const char *indent, struct str s)
{
	buf_addf(out, "%s<string>", indent);
	xml_quote(out, s);
	buf_addc(out, "</string>\n");
}

static void
comments(struct arena *a, struct buf *out, const struct launch *l, const struct launch_words *w)
{
	struct buf b = { 0 };

	launch_comment(&b, "  ",
	    arena_printf(a, "Tunnel %.*s through the host %.*s, kept up by launchd. Made by sshkeep launcher.",
		STR_ARG(w->name), STR_ARG(w->host_shown)));
	launch_comment(&b, "  ",
	    arena_printf(a, "~/Library/LaunchAgents/sshkeep.%.*s.plist, then launchctl load -w with that path.",
		STR_ARG(w->name)));
	launch_comment(&b, "  ",
	    STR("ssh alone, in the foreground: it ends when the line is dead, and KeepAlive starts it again, at "
		"most every ThrottleInterval seconds. autossh would add nothing, and is no part of the system."));
	buf_addch(&b, '\n');
	launch_reasons(a, &b, "  ", l, w);
	add_comment(out, buf_str(&b));
	buf_release(&b);
}

enum sk_code
launchd_write(struct arena *a, const struct launch *l, struct buf *out, struct err *e)
{
	struct launch_words w;
	enum sk_code code = launch_prepare(a, l, &w, e);

	if (code == SK_OK)
		code = launch_need_utf8(&w, "a property list", e);
	if (code != SK_OK)
		return code;
	w.pause_s = w.pause_late_s = LAUNCH_RESTART_S;
	buf_addc(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
	    "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n");
	comments(a, out, l, &w);
	buf_addc(out, "<plist version=\"1.0\">\n<dict>\n\t<key>Label</key>\n");
	string(out, "\t", arena_printf(a, "sshkeep.%.*s", STR_ARG(w.name)));
	buf_addc(out, "\t<key>ProgramArguments</key>\n\t<array>\n");
	string(out, "\t\t", STR("/usr/bin/ssh"));
	for (size_t i = 0; i < w.n_option; i++)
		string(out, "\t\t", w.option[i]);
	for (size_t i = 0; i < w.n_forward; i++)
		string(out, "\t\t", w.forward[i]);
	string(out, "\t\t", l->host);
	buf_addc(out,
	    "\t</array>\n"
	    "\t<key>RunAtLoad</key>\n\t<true/>\n"
	    "\t<key>KeepAlive</key>\n\t<true/>\n"
	    "\t<key>ThrottleInterval</key>\n\t<integer>10</integer>\n");
	if (l->home.n > 0 && l->home.p[0] == '/' && launch_is_utf8(l->home) && !launch_has_control(l->home)) {
		buf_addc(out, "\t<key>StandardErrorPath</key>\n");
		string(out, "\t",
		    arena_printf(a, "%.*s/Library/Logs/sshkeep-%.*s.log", STR_ARG(l->home), STR_ARG(w.name)));
	}
	buf_addc(out, "</dict>\n</plist>\n");
	return SK_OK;
}
