/* SPDX-License-Identifier: MIT */
/* Measurements as INI text and back. */
#include "probe/record.h"

#include <stddef.h>

#include "base/ini.h"
#include "base/num.h"

enum { TEXT_MAX = 150, PORT_MAX = 65535, TIME_MAX_S = 31536000 };

static const char *const dir_name[PROBE_DIRS] = { [PROBE_FROM_SERVER] = "server", [PROBE_FROM_CLIENT] = "client" };
static const char *const fate_name[] = {
	[PROBE_ALIVE] = "none", [PROBE_SILENT] = "silent", [PROBE_RESET] = "reset", [PROBE_CLOSED] = "close"
};

/* What a line of INI can hold and gives back: printable, no comment sign, no blanks that are trimmed. */
static bool
fits(struct str s)
{
	if (s.n == 0 || s.n > TEXT_MAX || s.p[0] == ' ' || s.p[s.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == ';')
			return false;
	return true;
}

bool
probe_can_keep(const struct probe_where *w)
{
	return fits(w->host) && fits(w->network) && w->port > 0 && w->port <= PORT_MAX;
}

/* A way that is no plain connection, as a name of its own. */
static struct str
via_name(struct arena *a, struct str via)
{
	return via.n == 0 ? STR("none") : arena_printf(a, "%016llx", (unsigned long long)str_hash(via));
}

struct str
probe_file(struct arena *a, const struct probe_where *w)
{
	struct str all = arena_printf(a, "%.*s\n%u\n%.*s\n%.*s", STR_ARG(arena_lower(a, w->host)), w->port,
	    STR_ARG(via_name(a, w->via)), STR_ARG(w->network));

	return arena_printf(a, "%016llx.ini", (unsigned long long)str_hash(all));
}

static void
add_dirs(struct buf *b, const char *key, const bool *is)
{
	buf_addf(b, "%s = ", key);
	if (!is[PROBE_FROM_SERVER] && !is[PROBE_FROM_CLIENT])
		buf_addc(b, "none");
	for (int d = 0; d < PROBE_DIRS; d++)
		if (is[d])
			buf_addf(b, "%s%s", d > 0 && is[0] ? " " : "", dir_name[d]);
	buf_addc(b, "\n");
}

void
probe_write(const struct probe_record *r, struct buf *b)
{
	const struct probe_answer *n = &r->answer;
	struct arena a = { 0 };

	buf_addc(b, "; measured by sshkeep probe; it may be removed at any time\n[probe]\n");
	buf_addf(b, "host = %.*s\nport = %u\nvia = %.*s\nnetwork = %.*s\n", STR_ARG(arena_lower(&a, r->where.host)),
	    r->where.port, STR_ARG(via_name(&a, r->where.via)), STR_ARG(r->where.network));
	buf_addf(b, "when = %lld\nlow = %u\nhigh = ", (long long)r->when_s, n->low_s);
	if (n->high_s > 0)
		buf_addf(b, "%u\n", n->high_s);
	else
		buf_addc(b, "none\n");
	buf_addf(b, "symptom = %s\n", fate_name[n->symptom]);
	add_dirs(b, "died", n->died);
	add_dirs(b, "survived", n->survived);
	arena_release(&a);
}

/* One key and where it goes. */
struct reading {
	struct arena *a;
	struct probe_record *r;
};

static bool
read_uint(struct str s, uint64_t max, unsigned *ret)
{
	uint64_t v;

	if (num_uint(s, max, &v, NULL) != SK_OK)
		return false;
	*ret = (unsigned)v;
	return true;
}

static bool
read_dirs(struct str s, bool *ret)
{
	struct str word;

	if (str_eqc(s, "none"))
		return true;
	while (str_split(&s, ' ', &word)) {
		int d = 0;

		while (d < PROBE_DIRS && !str_eqc(word, dir_name[d]))
			d++;
		if (d == PROBE_DIRS)
			return false;
		ret[d] = true;
	}
	return true;
}

static bool
read_symptom(struct str s, enum probe_fate *ret)
{
	for (size_t i = 0; i < sizeof fate_name / sizeof *fate_name; i++)
		if (str_eqc(s, fate_name[i])) {
			*ret = (enum probe_fate)i;
			return true;
		}
	return false;
}

static bool
read_text(const struct reading *rd, struct str s, struct str *ret)
{
	*ret = arena_str(rd->a, s);
	return fits(s);
}

static bool
read_entry(const struct reading *rd, const struct ini_entry *en)
{
	struct probe_record *r = rd->r;
	uint64_t when;

	if (str_eqc(en->key, "host"))
		return read_text(rd, en->value, &r->where.host);
	if (str_eqc(en->key, "network"))
		return read_text(rd, en->value, &r->where.network);
	if (str_eqc(en->key, "via"))
		return read_text(rd, en->value, &r->where.via);
	if (str_eqc(en->key, "port"))
		return read_uint(en->value, PORT_MAX, &r->where.port);
	if (str_eqc(en->key, "low"))
		return read_uint(en->value, TIME_MAX_S, &r->answer.low_s);
	if (str_eqc(en->key, "high"))
		return str_eqc(en->value, "none") || read_uint(en->value, TIME_MAX_S, &r->answer.high_s);
	if (str_eqc(en->key, "symptom"))
		return read_symptom(en->value, &r->answer.symptom);
	if (str_eqc(en->key, "died"))
		return read_dirs(en->value, r->answer.died);
	if (str_eqc(en->key, "survived"))
		return read_dirs(en->value, r->answer.survived);
	if (!str_eqc(en->key, "when") || num_uint(en->value, INT64_MAX, &when, NULL) != SK_OK)
		return false;
	r->when_s = (int64_t)when;
	return true;
}

enum sk_code
probe_read(struct arena *a, struct str file, struct str text, struct probe_record *ret, struct err *e)
{
	static const char *const key[] = { "host", "port", "via", "network", "when", "low", "high", "symptom", "died",
		"survived" };
	struct probe_record r = { 0 };
	struct reading rd = { a, &r };
	struct ini ini = { 0 };
	enum sk_code code = ini_read(a, file, text, &ini, e);

	if (code != SK_OK)
		return code;
	if (ini.n != 1 || !str_eqc(ini.section[0].name, "probe"))
		return err_set(e, SK_ERULE, "%.*s: not one section [probe]", STR_ARG(file));
	for (size_t i = 0; i < sizeof key / sizeof *key; i++)
		if (ini_get(&ini.section[0], key[i]) == NULL)
			return err_set(e, SK_ERULE, "%.*s: without %s", STR_ARG(file), key[i]);
	for (size_t i = 0; i < ini.section[0].n; i++)
		if (!read_entry(&rd, &ini.section[0].entry[i]))
			return err_set(e, SK_ERULE, "%.*s:%u: not a value of a measurement", STR_ARG(file),
			    ini.section[0].entry[i].line);
	if (r.answer.high_s > 0 && r.answer.high_s <= r.answer.low_s)
		return err_set(e, SK_ERULE, "%.*s: high is not above low", STR_ARG(file));
	if ((r.answer.high_s == 0) != (r.answer.symptom == PROBE_ALIVE))
		return err_set(e, SK_ERULE, "%.*s: high and symptom disagree", STR_ARG(file));
	*ret = r;
	return SK_OK;
}

/* Is it known what becomes of both ends' packets?  A floor is only found with both. */
static bool
is_whole(const struct probe_answer *n)
{
	bool all = true;

	for (int d = 0; d < PROBE_DIRS; d++)
		all = all && (n->died[d] || n->survived[d]);
	return all || n->high_s == 0;
}

const char *
probe_worse(const struct probe_answer *n, const struct probe_answer *old)
{
	if (n->high_s > 0 && n->high_s <= old->low_s)
		return NULL;
	/* (the same again is as good, and newer) */
	if (n->high_s == 0 && (n->low_s < old->low_s || (n->low_s == old->low_s && old->high_s > 0)))
		return "a longer silence is known to be survived, by a measurement that still counts";
	if (n->high_s == 0 && n->low_s < old->high_s)
		return "where it ends is known, by a measurement that still counts";
	if (n->high_s > 0 && !is_whole(n) && is_whole(old))
		return "both directions are known, by a measurement that still counts";
	return NULL;
}

bool
probe_same_way(const struct probe_record *r, const struct probe_where *w)
{
	struct arena a = { 0 };
	bool same =
	    str_ieq(r->where.host, w->host) && r->where.port == w->port && str_eq(r->where.via, via_name(&a, w->via));

	arena_release(&a);
	return same;
}
