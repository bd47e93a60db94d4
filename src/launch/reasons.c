/* SPDX-License-Identifier: MIT */
/* The comments of a launcher: why it is as it is, and what the far end needs. */
#include "launch/parts.h"

enum { COMMENT_COLUMNS = 96 };

void
launch_comment(struct buf *b, const char *lead, struct str text)
{
	struct buf safe = { 0 };
	struct str rest, word;
	size_t col = 0, lead_n = str_c(lead).n;

	buf_add_escaped(&safe, text);
	rest = buf_str(&safe);
	while (str_split(&rest, ' ', &word)) {
		/* a line that begins so would be a directive */
		bool may_break = col > 0 && !str_starts(word, STR("shellcheck"));

		if (may_break && col + 1 + word.n > COMMENT_COLUMNS) {
			buf_addch(b, '\n');
			col = 0;
		}
		if (col == 0) {
			buf_addc(b, lead);
			col = lead_n;
		} else {
			buf_addch(b, ' ');
			col++;
		}
		buf_add(b, word);
		col += word.n;
	}
	buf_addch(b, '\n');
	buf_release(&safe);
}

/* An empty comment line, without a trailing blank. */
static void
gap(struct buf *b, const char *lead)
{
	buf_add(b, str_trim(str_c(lead)));
	buf_addch(b, '\n');
}

static void
for_remote(struct arena *a, struct buf *b, const char *lead, const struct launch *l, const struct launch_words *w)
{
	long i = l->interval_s < 15 ? 15 : l->interval_s > 60 ? 60 : l->interval_s;

	gap(b, lead);
	launch_comment(b, lead,
	    STR("For -R the far sshd must find out that this end has vanished: until then the old session keeps "
		"the port, and every new one fails with \"remote port forwarding failed\". In its sshd_config:"));
	launch_comment(b, lead, arena_printf(a, "    ClientAliveInterval %ld", i));
	launch_comment(b, lead, STR("    ClientAliveCountMax 3"));
	launch_comment(b, lead,
	    arena_printf(a,
		"(15 to 60 s, three times.) The port is then free again after %ld to %ld s; sshd 9.2 to 9.4 takes "
		"twice as long. Without it (the default is 0) only the kernel asks: the port stays taken for 675 to "
		"7875 s (7200 s of silence, then 9 probes every 75 s), and for ever when TCPKeepAlive is off as "
		"well.",
		3 * i, 4 * i));
	launch_comment(b, lead,
	    STR("No UnusedConnectionTimeout there: a listening -R is no channel, so it ends a tunnel that nobody "
		"uses, keepalives or not (sshd 9.2 and later)."));
	if (w->remote_path)
		launch_comment(b, lead,
		    STR("A remote Unix socket that was left behind is removed only when that sshd_config says "
			"StreamLocalBindUnlink yes."));
}

static void
no_address(struct arena *a, struct buf *b, const char *lead, const struct launch *l)
{
	bool first = true;

	for (size_t i = 0; i < l->n_forward; i++) {
		const struct launch_forward *f = &l->forward[i];
		struct spec_shape shape;

		if (!spec_shape(f->kind, f->spec, &shape) || shape.bind)
			continue;
		if (first) {
			gap(b, lead);
			launch_comment(b, lead,
			    STR("Kept as given, without a listening address. ssh or sshd then binds the IPv4 and "
				"the IPv6 loopback and is content with one of them, so ExitOnForwardFailure "
				"misses a port that is half taken. With an address a failure is certain:"));
		}
		first = false;
		launch_comment(b, lead,
		    arena_printf(a, "    -%c %.*s would be -%c 127.0.0.1:%.*s", f->kind, STR_ARG(f->spec), f->kind,
			STR_ARG(f->spec)));
	}
}

static long
longer(long a, long b)
{
	return a > b ? a : b;
}

/* Either ssh has not noticed yet when the line is back, or a try is under way, or the next one is due. */
static void
comes_back(struct arena *a, struct buf *b, const char *lead, const struct launch *l, const struct launch_words *w)
{
	long notice = (l->count + 1) * l->interval_s, connect = LAUNCH_CONNECT_S;
	long soon = longer(notice, connect) + w->pause_late_s;
	long late = longer(notice + w->pause_late_s, connect + w->pause_s);
	const char *next = w->pause_late_s > 0 ? arena_printf(a, "%ld s later", w->pause_late_s).p : "at once";

	if (w->remote) {
		/* tries fail at once while the old session holds the port, so the long pause counts */
		launch_comment(b, lead,
		    arena_printf(a,
			"After an outage the tunnel is up again within %ld s of the line's return, or, when that is "
			"later, after the far end has freed the port, plus %ld s: ssh notices within %ld s, a try ends "
			"after %ld s, and the next one follows %s, or up to %ld s later where tries failed at once, as "
			"they do while the port is taken.",
			late, connect + w->pause_s, notice, connect, next, w->pause_s));
		return;
	}
	launch_comment(b, lead,
	    arena_printf(a,
		"After an outage the tunnel is up again within %ld s of the line's return: ssh notices within %ld s, a "
		"try "
		"ends after %ld s, and the next one follows %s. Where tries failed at once, with a server that refused "
		"them for instance, the pause grows up to %ld s: within %ld s then.",
		soon, notice, connect, next, w->pause_s, late));
}

void
launch_reasons(struct arena *a, struct buf *b, const char *lead, const struct launch *l, const struct launch_words *w)
{
	launch_comment(b, lead,
	    arena_printf(a,
		"ServerAliveInterval %ld and ServerAliveCountMax %ld: %.*s. ssh gives up after %ld s without an "
		"answer; nothing else notices that the other end is gone.",
		l->interval_s, l->count, STR_ARG(l->reason), l->interval_s * l->count));
	launch_comment(b, lead,
	    STR("ConnectTimeout: a connect into a black hole would hang for minutes. ExitOnForwardFailure: a port "
		"that is taken would leave a living but useless ssh. ControlMaster, ControlPath, ControlPersist, "
		"ForkAfterAuthentication: a shared or forked ssh exits at once and leaves the tunnel without "
		"supervision. BatchMode: nobody answers prompts, so the host key must be known and the key usable "
		"without a passphrase (IdentityFile with IdentitiesOnly yes is best)."));
	comes_back(a, b, lead, l, w);
	launch_comment(b, lead, STR("Forwards that the ssh configuration holds for this host are set up as well."));
	if (w->odd_host)
		launch_comment(b, lead,
		    STR("The host name holds blanks or shell metacharacters. They are quoted here, but ssh 9.6 "
			"and later refuse such a name."));
	no_address(a, b, lead, l);
	if (w->remote)
		for_remote(a, b, lead, l, w);
}
