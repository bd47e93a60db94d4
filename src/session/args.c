/* SPDX-License-Identifier: MIT */
/* Operands and small option values: HOST as ssh takes it, -C as sshd takes it. */
#include <string.h>

#include "base/num.h"
#include "session/session.h"

enum { PORT_MAX = 65535 };

static enum sk_code
check_host(struct str arg, struct str host, struct err *e)
{
	/* ssh refuses a leading dash, too: it would be an option for ProxyCommand and friends */
	if (host.n == 0 || host.p[0] == '-' || memchr(host.p, '\n', host.n) != NULL) {
		struct buf shown = { 0 };
		enum sk_code code;

		buf_add_escaped(&shown, str_head(arg, 80));
		code = err_set(e, SK_EUSAGE, "not a host name: \"%.*s\"", STR_ARG(buf_str(&shown)));
		buf_release(&shown);
		return code;
	}
	return SK_OK;
}

/* host, host:port or [v6]:port behind ssh://. */
static enum sk_code
uri_host(struct str rest, struct str *ret_host, struct str *ret_port, struct err *e)
{
	struct str host = rest, port = { 0 };
	uint64_t n;

	if (host.n > 0 && host.p[host.n - 1] == '/')
		host.n--;
	if (host.n > 0 && host.p[0] == '[') {
		size_t end = str_chr(host, ']', 0);

		if (end == SIZE_MAX)
			return err_set(e, SK_EUSAGE, "ssh:// address without its closing bracket");
		port = str_from(host, end + 1);
		host = str_head(str_from(host, 1), end - 1);
		if (port.n > 0 && port.p[0] != ':')
			return err_set(e, SK_EUSAGE, "ssh:// address with text behind its bracket");
	} else {
		size_t colon = str_chr(host, ':', 0);

		port = str_from(host, colon);
		host = str_head(host, colon);
	}
	port = str_from(port, 1);
	if (port.n > 0 && num_uint(port, PORT_MAX, &n, NULL) != SK_OK)
		return err_set(e, SK_EUSAGE, "ssh:// with a bad port");
	*ret_host = host;
	*ret_port = port;
	return SK_OK;
}

enum sk_code
session_host(
    struct arena *a, struct str arg, struct str *ret_user, struct str *ret_host, struct str *ret_port, struct err *e)
{
	struct str user = { 0 }, host = arg, port = { 0 };
	bool uri = str_istarts(arg, STR("ssh://"));
	enum sk_code code;
	size_t at = SIZE_MAX;

	(void)a;
	if (uri)
		host = str_from(arg, 6);
	/* the last @: user names may hold one (ssh.c) */
	for (size_t i = str_chr(host, '@', 0); i != SIZE_MAX; i = str_chr(host, '@', i + 1))
		at = i;
	if (at != SIZE_MAX) {
		user = str_head(host, at);
		host = str_from(host, at + 1);
		if (user.n == 0)
			return check_host(arg, user, e);
	}
	if (uri && (code = uri_host(host, &host, &port, e)) != SK_OK)
		return code;
	code = check_host(arg, host, e);
	if (code != SK_OK)
		return code;
	*ret_user = user;
	*ret_host = host;
	*ret_port = port;
	return SK_OK;
}

static enum sk_code
spec_item(struct arena *a, struct str item, struct server_spec *spec, struct err *e)
{
	static const struct {
		const char *key;
		size_t text, flag;
	} row[] = {
		{ "user", offsetof(struct server_spec, user), offsetof(struct server_spec, has_user) },
		{ "host", offsetof(struct server_spec, host), offsetof(struct server_spec, has_host) },
		{ "addr", offsetof(struct server_spec, addr), offsetof(struct server_spec, has_addr) },
		{ "laddr", offsetof(struct server_spec, laddr), offsetof(struct server_spec, has_laddr) },
		{ "rdomain", offsetof(struct server_spec, rdomain), offsetof(struct server_spec, has_rdomain) },
	};
	size_t eq = str_chr(item, '=', 0);
	struct str key = str_head(item, eq), value = str_from(str_from(item, eq), 1);
	char *base = (char *)spec;
	uint64_t n;

	for (size_t i = 0; i < sizeof row / sizeof *row && eq != SIZE_MAX; i++) {
		if (!str_eqc(key, row[i].key))
			continue;
		*(struct str *)(void *)(base + row[i].text) = arena_str(a, value);
		*(bool *)(void *)(base + row[i].flag) = true;
		return SK_OK;
	}
	if (str_eqc(key, "lport") && num_uint(value, PORT_MAX, &n, NULL) == SK_OK) {
		spec->lport = (uint32_t)n;
		spec->has_lport = true;
		return SK_OK;
	}
	if (str_eqc(item, "invalid-user")) {
		spec->invalid_user = spec->invalid_user_known = true;
		return SK_OK;
	}
	return err_set(e, SK_EUSAGE,
	    "-C: \"%.*s\" is none of user=, host=, addr=, laddr=, lport=, rdomain=, invalid-user",
	    STR_ARG(str_head(item, 60)));
}

enum sk_code
session_spec(struct arena *a, const struct opt_list *l, struct ver ver, struct server_spec *ret, struct err *e)
{
	struct server_spec spec = { 0 };

	for (size_t i = 0; i < l->n; i++) {
		struct str rest = l->v[i], item;

		while (str_split(&rest, ',', &item)) {
			enum sk_code code = spec_item(a, item, &spec, e);

			if (code != SK_OK)
				return code;
			if (spec.invalid_user && ver.n < VER(9, 9))
				return err_set(e, SK_EUSAGE, "-C: sshd knows invalid-user since 9.9");
		}
	}
	spec.test = l->n > 0;
	*ret = spec;
	return SK_OK;
}
