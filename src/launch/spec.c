/* SPDX-License-Identifier: MIT */
/* Port forwards: their shape on the command line, and from the printed form of a config to one word. */
#include "launch/parts.h"

enum { MAX_FIELDS = 4 };

/* A field as ssh's parse_fwd_field() reads it: [..] may hold colons, a backslash takes the next byte as it is. */
static bool
next_field(struct str spec, size_t *at, struct str *ret)
{
	size_t i = *at, end;

	if (i < spec.n && spec.p[i] == '[') {
		end = str_chr(spec, ']', i);
		if (end == SIZE_MAX || (end + 1 < spec.n && spec.p[end + 1] != ':'))
			return false;
		*ret = str_from(str_head(spec, end), i + 1);
		*at = end + 2;
		return true;
	}
	for (end = i; end < spec.n && spec.p[end] != ':'; end++)
		if (spec.p[end] == '\\' && ++end == spec.n)
			return false;
	*ret = str_from(str_head(spec, end), i);
	*at = end + 1;
	return true;
}

static bool
is_path(struct str field)
{
	return str_chr(field, '/', 0) != SIZE_MAX;
}

/*
 * Fields by number: listening end first (address and port, port, or path), then the target (host and port, or
 * path); -D has no target, -R may lack it (SOCKS).  Source: ssh(1), -L, -R, -D; readconf.c parse_forward().
 */
bool
spec_shape(char kind, struct str spec, struct spec_shape *ret)
{
	struct str f[MAX_FIELDS];
	size_t n = 0, at = 0, target;

	while (at <= spec.n) {
		if (n == MAX_FIELDS || !next_field(spec, &at, &f[n]))
			return false;
		n++;
	}
	ret->listen_path = is_path(f[0]);
	if (kind == 'D')
		target = 0;
	else if (n >= 2 && is_path(f[n - 1]))
		target = 1;
	else if (kind == 'R' && (n == 1 || (n == 2 && !ret->listen_path)))
		target = 0;
	else
		target = 2;
	if (n < target + 1 || n > target + (ret->listen_path ? 1 : 2))
		return false;
	ret->bind = ret->listen_path || n == target + 2;
	return f[n - target - 1].n > 0;
}

/* A path in a spec: colons and backslashes escaped. */
static void
add_path(struct buf *b, struct str path)
{
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == ':' || path.p[i] == '\\')
			buf_addch(b, '\\');
		buf_addch(b, path.p[i]);
	}
}

/* One end as printed: `8080`, `[host]:8080` or a path.  Only an IPv6 address keeps its brackets. */
static bool
add_end(struct buf *b, struct str end)
{
	struct str host, port;
	size_t close;

	if (end.n == 0)
		return false;
	if (end.p[0] != '[') {
		add_path(b, end);
		return true;
	}
	close = str_find(end, STR("]:"));
	if (close == SIZE_MAX)
		return false;
	host = str_from(str_head(end, close), 1);
	port = str_from(end, close + 2);
	if (port.n == 0)
		return false;
	if (str_chr(host, ':', 0) != SIZE_MAX)
		buf_addf(b, "[%.*s]", STR_ARG(host));
	else
		buf_add(b, host);
	buf_addch(b, ':');
	buf_add(b, port);
	return true;
}

/*
 * Where the target begins.  A printed path may hold blanks, so the last blank that a target can follow counts:
 * `[host]:port` or an absolute path.
 */
static size_t
target_at(struct str printed)
{
	for (size_t i = printed.n; i-- > 1;)
		if (printed.p[i - 1] == ' ' && (printed.p[i] == '[' || printed.p[i] == '/'))
			return i;
	return SIZE_MAX;
}

enum sk_code
launch_spec(struct arena *a, char kind, struct str printed, struct launch_forward *ret, struct err *e)
{
	struct buf b = { 0 };
	struct str text = str_trim(printed), target = { 0 };
	size_t at = kind == 'D' ? SIZE_MAX : target_at(text);
	enum sk_code code = SK_OK;
	bool ok;

	if (at != SIZE_MAX) {
		target = str_from(text, at);
		text = str_head(text, at - 1);
	}
	/* SOCKS has no target on the command line; -L always has one. */
	if (str_eqc(target, "[socks]:0"))
		target = (struct str){ 0 };
	ok = (kind == 'L' || kind == 'R' || kind == 'D') && (target.n > 0 || kind != 'L') && add_end(&b, text);
	if (ok && target.n > 0) {
		buf_addch(&b, ':');
		ok = add_end(&b, target);
	}
	if (ok) {
		*ret = (struct launch_forward){ .kind = kind, .spec = arena_str(a, buf_str(&b)) };
	} else {
		buf_clear(&b);
		buf_add_escaped(&b, str_head(printed, 200));
		code = err_set(e, SK_EUSAGE, "cannot write the forward \"%.*s\" as one word", STR_ARG(buf_str(&b)));
	}
	buf_release(&b);
	return code;
}
