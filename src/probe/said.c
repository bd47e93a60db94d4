/* SPDX-License-Identifier: MIT */
/* Messages of ssh as a table: words, when they may occur, meaning. */
#include "probe/said.h"

/* WEAK: follows a line that says more. */
enum { BEFORE = 1, AFTER = 2, WEAK = 4 };

static const struct {
	const char *words;
	unsigned when;
	enum said means;
} said_table[] = {
	{ "Permission denied (", BEFORE, SAID_AUTH },
	{ "Too many authentication failures", BEFORE, SAID_AUTH },
	{ "No more authentication methods", BEFORE, SAID_AUTH },
	{ "No supported authentication methods", BEFORE, SAID_AUTH },
	{ "Host key verification failed", BEFORE, SAID_HOSTKEY },
	{ "No matching host key fingerprint", BEFORE, SAID_HOSTKEY },
	{ "no matching host key type found", BEFORE, SAID_HOSTKEY },
	{ "no matching key exchange method", BEFORE, SAID_CONFIG },
	{ "no matching cipher", BEFORE, SAID_CONFIG },
	{ "Could not resolve hostname", BEFORE, SAID_NAME },
	{ "Bad configuration option", BEFORE, SAID_CONFIG },
	{ "Bad owner or permissions", BEFORE, SAID_CONFIG },
	{ "bad configuration options", BEFORE | WEAK, SAID_CONFIG },
	{ "command-line line 0:", BEFORE, SAID_CONFIG },
	{ "Can't open user config file", BEFORE, SAID_CONFIG },
	{ "hostname contains invalid characters", BEFORE, SAID_NAME },
	{ "Connection refused", BEFORE, SAID_REFUSED },
	{ "timed out", BEFORE | AFTER, SAID_UNREACHABLE },
	{ "No route to host", BEFORE | AFTER, SAID_UNREACHABLE },
	{ "Network is unreachable", BEFORE | AFTER, SAID_UNREACHABLE },
	/* its own ServerAlive */
	{ "not responding", AFTER, SAID_UNREACHABLE },
	{ "kex_exchange_identification", BEFORE, SAID_BUSY },
	{ "Not allowed at this time", BEFORE, SAID_BUSY },
	{ "Exceeded MaxStartups", BEFORE, SAID_BUSY },
	{ "Connection closed by", BEFORE, SAID_BUSY },
	{ "Connection reset by", BEFORE, SAID_BUSY },
	{ "Connection reset by", AFTER, SAID_RESET },
	{ "closed by remote host", AFTER, SAID_CLOSED },
	{ "Connection closed by", AFTER, SAID_CLOSED },
	/* the second thing that ssh says after a reset that met its own packet */
	{ "Broken pipe", AFTER | WEAK, SAID_RESET },
};

enum { SAID_ROWS = sizeof said_table / sizeof *said_table };

/* Debugging output, and what ssh counts up at its end. */
static bool
is_chatter(struct str line)
{
	static const char *const start[] = { "debug1: ", "debug2: ", "debug3: ", "OpenSSH_", "Authenticated to ",
		"Transferred: ", "Bytes per second: ", "Warning: Permanently added", "Authenticated with " };

	for (size_t i = 0; i < sizeof start / sizeof *start; i++)
		if (str_starts(line, str_c(start[i])))
			return true;
	return line.n == 0;
}

enum said
probe_said(struct str text, bool logged_in, struct str *ret_line)
{
	struct str line, last = { 0 }, said = { 0 };
	enum said means = SAID_NOTHING;
	unsigned when = logged_in ? AFTER : BEFORE;

	while (str_split(&text, '\n', &line)) {
		size_t i = 0;

		line = str_trim(line);
		if (is_chatter(line))
			continue;
		last = line;
		while (i < SAID_ROWS &&
		    ((said_table[i].when & when) == 0 || str_find(line, str_c(said_table[i].words)) == SIZE_MAX))
			i++;
		if (i == SAID_ROWS || ((said_table[i].when & WEAK) != 0 && means != SAID_NOTHING))
			continue;
		means = said_table[i].means;
		said = line;
	}
	*ret_line = means == SAID_NOTHING ? last : said;
	return means;
}

bool
said_is_final(enum said s)
{
	return s == SAID_AUTH || s == SAID_HOSTKEY || s == SAID_NAME || s == SAID_CONFIG;
}

const char *
said_advice(enum said s)
{
	switch (s) {
	case SAID_AUTH:
		return "probe logs in without asking anybody: it needs a key, without a passphrase or in an agent "
		       "(--banner needs none)";
	case SAID_HOSTKEY:
		return "log in once with ssh, so that the host key is known";
	case SAID_BUSY:
		return "the server hangs up before the login (MaxStartups, PerSourcePenalties, fail2ban?): try later, "
		       "with a smaller --parallel";
	case SAID_NOTHING:
	case SAID_NAME:
	case SAID_CONFIG:
	case SAID_REFUSED:
	case SAID_UNREACHABLE:
	case SAID_RESET:
	case SAID_CLOSED:
		break;
	}
	return NULL;
}

bool
probe_said_keepalive(struct str text)
{
	/* clientloop.c client_input_global_req() and client_input_channel_req() at debug level 1 */
	return str_find(text, STR("rtype keepalive@openssh.com")) != SIZE_MAX;
}
