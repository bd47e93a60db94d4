/* SPDX-License-Identifier: MIT */
/* Releases of OpenSSH from the texts in which they come. */
#include "conf/version.h"

#include <stdio.h>

#include "base/buf.h"

/* Digits at *at, at most three; false when there are none. */
static bool
read_number(struct str s, size_t *at, int *ret)
{
	size_t from = *at;
	int n = 0;

	while (*at < s.n && *at - from < 3 && s.p[*at] >= '0' && s.p[*at] <= '9')
		n = n * 10 + (s.p[(*at)++] - '0');
	*ret = n;
	return *at > from;
}

static bool
is_debian_vendor(struct str s)
{
	static const char *const names[] = { "debian", "ubuntu", "raspbian" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_istarts(s, str_c(names[i])))
			return true;
	return false;
}

/* What may stand in front: "1:" of a Debian package, "SSH-2.0-" of a banner, "OpenSSH_". */
static struct str
cut_front(struct str s, bool *ret_epoch)
{
	*ret_epoch = s.n > 2 && s.p[0] >= '0' && s.p[0] <= '9' && s.p[1] == ':';
	if (*ret_epoch)
		s = str_from(s, 2);
	if (str_istarts(s, STR("SSH-2.0-")))
		s = str_from(s, 8);
	if (str_istarts(s, STR("OpenSSH_for_Windows_")))
		return str_from(s, 20);
	if (str_istarts(s, STR("OpenSSH_")))
		return str_from(s, 8);
	return s;
}

/* What may follow the number.  False when it is something else. */
static bool
read_tail(struct str tail, bool epoch, bool *ret_debian)
{
	*ret_debian = epoch;
	if (tail.n == 0)
		return true;
	if (str_ieqc(tail, "+debian")) {
		*ret_debian = true;
		return true;
	}
	if (tail.p[0] == '-') /* a package's revision: 9.2p1-2+deb12u10, 8.7p1-38.el9 */
		return tail.n > 1;
	if (tail.p[0] != ' ' && tail.p[0] != ',')
		return false;
	*ret_debian = is_debian_vendor(str_trim(str_from(tail, 1)));
	return true;
}

enum sk_code
ver_parse(struct str s, struct ver *ret, struct err *e)
{
	struct str t = str_trim(s);
	struct ver v = { 0 };
	int major, minor, sub, p = 1;
	size_t at = 0;
	bool epoch;

	t = cut_front(t, &epoch);
	if (!read_number(t, &at, &major) || at >= t.n || t.p[at] != '.')
		goto bad;
	at++;
	if (!read_number(t, &at, &minor) || major > 99 || minor > 99)
		goto bad;
	if (at + 1 < t.n && t.p[at] == '.') { /* 6.6.1: the third number tells a protocol fix, no configuration */
		at++;
		if (!read_number(t, &at, &sub))
			goto bad;
	}
	if (at < t.n && t.p[at] == 'p') {
		at++;
		if (!read_number(t, &at, &p) || p > 99)
			goto bad;
	}
	if (!read_tail(str_from(t, at), epoch, &v.debian))
		goto bad;
	v.n = VERP(major, minor, p);
	if (v.n < VER_OLDEST)
		return err_set(
		    e, SK_ESYNTAX, "OpenSSH %d.%d is older than 6.6, the oldest release known here", major, minor);
	v.beyond = VER(major, minor) > VER_NEWEST;
	if (v.n > VER_NEWEST)
		v.n = VER_NEWEST;
	*ret = v;
	return SK_OK;
bad : {
	struct buf shown = { 0 };

	buf_add_escaped(&shown, str_head(s, 64));
	err_set(e, SK_ESYNTAX, "not an OpenSSH version: %.*s", STR_ARG(buf_str(&shown)));
	buf_release(&shown);
}
	return SK_ESYNTAX;
}

const char *
ver_release(struct ver v, char b[static 32])
{
	snprintf(b, 32, "OpenSSH_%d.%dp%d", v.n / 10000 % 1000, v.n / 100 % 100, v.n % 100);
	return b;
}

const char *
ver_text(struct ver v, char b[static 24])
{
	snprintf(b, 24, "%d.%dp%d%s", v.n / 10000 % 1000, v.n / 100 % 100, v.n % 100, v.debian ? "+debian" : "");
	return b;
}
