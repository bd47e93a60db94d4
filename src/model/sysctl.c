/* SPDX-License-Identifier: MIT */
/* Lines of sysctl.d files about settings that bear on sessions. */
#include <stdint.h>
#include <string.h>

#include "base/num.h"
#include "model/sysctl.h"

/* Times are kept in jiffies, in an int: with the slowest clock, 100 a second, that is the limit for certain. */
#define JIFFIES_S_MAX 21474836

static const struct {
	const char *key;
	enum fact_id id;
	double min, max;
} sysctl_key[] = {
	{ "net.ipv4.tcp_keepalive_time", FACT_TCP_KEEPALIVE_TIME, 0, JIFFIES_S_MAX },
	{ "net.ipv4.tcp_keepalive_intvl", FACT_TCP_KEEPALIVE_INTVL, 0, JIFFIES_S_MAX },
	{ "net.ipv4.tcp_keepalive_probes", FACT_TCP_KEEPALIVE_PROBES, 0, 255 },
	{ "net.ipv4.tcp_retries2", FACT_TCP_RETRIES2, 0, 255 },
	{ "net.ipv4.tcp_syn_retries", FACT_TCP_SYN_RETRIES, 1, 127 },
	{ "net.netfilter.nf_conntrack_tcp_timeout_established", FACT_CT_ESTABLISHED, 0, 0 },
	{ "net.ipv4.netfilter.ip_conntrack_tcp_timeout_established", FACT_CT_ESTABLISHED, 0, 0 },
	{ "net.netfilter.nf_conntrack_tcp_timeout_unacknowledged", FACT_CT_UNACKED, 0, 0 },
	{ "net.netfilter.nf_conntrack_tcp_timeout_max_retrans", FACT_CT_MAX_RETRANS, 0, 0 },
	{ "net.netfilter.nf_conntrack_tcp_loose", FACT_CT_LOOSE, 0, 0 },
};
#define KEYS (sizeof sysctl_key / sizeof *sysctl_key)

enum { KEY_BYTES = 80, CLOSE = 2 };

/* net/ipv4/x is net.ipv4.x when a slash comes first; sysctl(8).  False: no key of the table is as long. */
static bool
plain_key(struct str got, char room[static KEY_BYTES], struct str *ret)
{
	bool slashes = str_chr(got, '/', 0) != SIZE_MAX;

	if (got.n > KEY_BYTES)
		return false;
	for (size_t i = 0; i < got.n; i++)
		room[i] = (char)(slashes && got.p[i] == '/' ? '.' : got.p[i]);
	*ret = (struct str){ room, got.n };
	return true;
}

/* As the kernel reads it: no further than the first blank, any sign, base by prefix. */
static bool
is_number(struct str s)
{
	size_t i = s.n > 0 && s.p[0] == '-';
	bool hex = s.n > i + 2 && s.p[i] == '0' && (s.p[i + 1] == 'x' || s.p[i + 1] == 'X');

	if (hex)
		i += 2;
	for (size_t k = i; k < s.n; k++) {
		char c = s.p[k];

		if (!(c >= '0' && c <= '9') && !(hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))))
			return false;
	}
	return s.n > i;
}

static void
judge_value(size_t row, struct sysctl_said *s)
{
	uint64_t n;

	s->known = num_uint(s->value, INT32_MAX, &n, NULL) == SK_OK;
	s->num = s->known ? (double)n : 0;
	s->min = sysctl_key[row].min;
	s->max = sysctl_key[row].max;
	if (!is_number(s->value) || (s->known && s->max > 0 && (s->num < s->min || s->num > s->max)))
		s->problem = SYSCTL_REFUSED;
}

/* A key of which one or two letters are wrong.  tcp_retries1 is a word of its own. */
static bool
is_misspelt(struct str key, struct sysctl_said *s)
{
	if (str_eqc(key, "net.ipv4.tcp_retries1"))
		return false;
	for (size_t i = 0; i < KEYS; i++)
		if (str_distance(key, str_c(sysctl_key[i].key), CLOSE) <= CLOSE) {
			s->meant = sysctl_key[i].key;
			s->problem = SYSCTL_MISSPELT;
			return true;
		}
	return false;
}

bool
sysctl_line(struct str line, struct sysctl_said *ret)
{
	struct sysctl_said s = { .id = FACT_MAX_ };
	char room[KEY_BYTES];
	struct str key;
	size_t eq;
	bool silent;

	line = str_trim(line);
	eq = str_chr(line, '=', 0);
	if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';' || eq == SIZE_MAX)
		return false;
	s.key = str_trim(str_head(line, eq));
	s.value = str_trim(str_from(line, eq + 1));
	for (eq = 0; eq < s.value.n && s.value.p[eq] != ' ' && s.value.p[eq] != '\t'; eq++)
		;
	s.value = str_head(s.value, eq);
	/* such a line may fail in silence */
	silent = s.key.n > 0 && s.key.p[0] == '-';
	if (silent)
		s.key = str_trim(str_from(s.key, 1));
	if (!plain_key(s.key, room, &key))
		return false;
	for (size_t i = 0; i < KEYS && s.id == FACT_MAX_; i++)
		if (str_eqc(key, sysctl_key[i].key)) {
			s.id = sysctl_key[i].id;
			s.meant = sysctl_key[i].key;
			judge_value(i, &s);
		}
	if (s.id == FACT_MAX_ && !is_misspelt(key, &s))
		return false;
	if (silent)
		s.problem = SYSCTL_FINE;
	*ret = s;
	return true;
}
