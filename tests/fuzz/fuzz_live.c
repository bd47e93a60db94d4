/* SPDX-License-Identifier: MIT */
/*
 * What other processes and the kernel say of an open connection: the first byte chooses between a command line of ssh
 * with a title of sshd, a message of sock_diag, the timers of a retransmission, and a table of nf_conntrack.
 */
#include "fuzz.h"

#include <math.h>

#include "live/args.h"
#include "detect/live.h"
#include "model/live.h"

enum { SETTINGS_MAX = 256 };

static bool
is_inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void
check_words(struct arena *words, struct str text)
{
	struct str *v = ARENA_ARRAY(words, struct str, text.n + 1), rest = text;
	struct arena own = { 0 }, *a = &own;
	struct live_args args = { 0 };
	struct live_listener listener = { 0 };
	struct live_title title;
	struct err e = { 0 };
	size_t n = 0;
	enum sk_code code;

	while (str_split(&rest, '\0', &v[n]))
		n++;
	code = live_args(a, v, n, STR("/home"), &args, &e);
	FUZZ_CHECK(code == SK_OK || code == SK_ESYNTAX, "%d", (int)code);
	FUZZ_CHECK((code == SK_OK) == (args.host.n > 0 || args.mux_path.n > 0), "a host or a master, or an error");
	FUZZ_CHECK(code != SK_OK || args.word.n == 2 * args.line.n, "%zu words, %zu lines", args.word.n, args.line.n);
	FUZZ_CHECK(code == SK_OK || e.msg[0] != '\0', "an error without a message");
	FUZZ_CHECK(args.line.n <= SETTINGS_MAX, "%zu settings", args.line.n);
	FUZZ_CHECK(is_inside(args.host, text) && is_inside(args.mux_path, text), "from elsewhere");
	code = live_listener(a, v, n, &listener, &e);
	FUZZ_CHECK(code == SK_OK || code == SK_ESYNTAX, "%d", (int)code);
	FUZZ_CHECK(listener.word.n == 2 * listener.line.n, "%zu words, %zu lines", listener.word.n, listener.line.n);
	FUZZ_CHECK(listener.line.n <= SETTINGS_MAX, "%zu settings", listener.line.n);
	FUZZ_CHECK(listener.file.n == 0 || listener.file.p[0] == '/' || str_ieqc(listener.file, "none"), "a lost file");
	/* the lists of settings, the words of a title, copies of values; blocks double */
	FUZZ_CHECK(a->total <= 256u * 1024 + 64 * text.n, "%zu bytes for %zu", a->total, text.n);
	live_title(text, &title);
	FUZZ_CHECK(is_inside(title.user, text), "from elsewhere");
	FUZZ_CHECK(title.user.n == 0 || !title.is_login, "a user before the login");
	arena_release(a);
}

static void
check_timers(const struct live_retrans *r)
{
	struct qty q = live_retrans_ends(r), p = live_probe_ends(r->n, r->next_s, r);

	FUZZ_CHECK(!q.known || (isfinite(q.v) && q.v >= r->next_s), "%g", q.v);
	FUZZ_CHECK(!p.known || (isfinite(p.v) && p.v >= r->next_s), "%g", p.v);
	FUZZ_CHECK(q.known || q.reason != NULL, "unknown without a reason");
	/* more repeats never end sooner */
	if (q.known && r->retries2 < 255) {
		struct live_retrans more = *r;

		more.retries2++;
		FUZZ_CHECK(live_retrans_ends(&more).v >= q.v, "%g < %g", live_retrans_ends(&more).v, q.v);
	}
}

static void
check_socket(struct arena *a, const uint8_t *data, size_t n)
{
	struct live_sock s;
	struct live_addr back;
	struct live_retrans r;

	if (!live_sock_parse(data, n, &s))
		return;
	FUZZ_CHECK(s.expires_s >= 0 && s.rto_s >= 0 && s.sent_s >= 0 && s.got_s >= 0, "negative");
	FUZZ_CHECK(live_addr_parse(live_addr_text(a, &s.peer), &back), "an address that does not read back");
	back.port = s.peer.port;
	FUZZ_CHECK(live_addr_same(&back, &s.peer), "another address");
	r = (struct live_retrans){ .n = s.retrans_n,
		.next_s = s.expires_s,
		.rto_s = s.rto_s,
		.backoff_n = s.backoff_n,
		.rtt_s = s.rtt_s,
		.rttvar_s = s.rttvar_s,
		.retries2 = 15,
		.rto_max_s = 120 };
	check_timers(&r);
}

static void
check_numbers(const uint8_t *p, size_t n)
{
	struct live_retrans r;

	if (n < 7)
		return;
	r = (struct live_retrans){ .n = p[0],
		.next_s = p[1] / 8.0,
		.rto_s = p[2] / 2.0,
		.backoff_n = p[3],
		.rtt_s = p[4] / 100.0,
		.rttvar_s = 0.01,
		.retries2 = p[5],
		.rto_max_s = p[6] };
	check_timers(&r);
}

static void
check_table(struct arena *a, struct str text)
{
	struct live_sock s = { .local.port = 1, .peer.port = 22 };
	struct live_ct ct;

	s.local.b[0] = s.peer.b[0] = 10;
	live_ct_text(a, text, &s, &ct);
	FUZZ_CHECK(ct.state == LIVE_CT_NONE || ct.state == LIVE_CT_FOUND, "%d", (int)ct.state);
	FUZZ_CHECK(
	    ct.state == LIVE_CT_NONE || str_find(text, STR("src=10.0.0.0")) != SIZE_MAX, "found without its address");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };

	if (size < 1)
		return 0;
	switch (data[0] % 4) {
	case 0:
		check_words(&a, (struct str){ (const char *)data + 1, size - 1 });
		break;
	case 1:
		check_socket(&a, data + 1, size - 1);
		break;
	case 2:
		check_numbers(data + 1, size - 1);
		break;
	default:
		check_table(&a, (struct str){ (const char *)data + 1, size - 1 });
		break;
	}
	arena_release(&a);
	return 0;
}
