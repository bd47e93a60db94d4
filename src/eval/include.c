/* SPDX-License-Identifier: MIT */
/*
 * Include with tokens (9.9 and later): the file was read because it could be meant; here the path is expanded for
 * the host.  Source: readconf.c, case oInclude; ssh_config(5) TOKENS.
 */
#include "eval/resolve.h"

/* The value of a token of Include; p == NULL: not known from here (%k, %j, %C and whatever else there may be). */
static struct str
token(struct resolve *r, char letter)
{
	const struct client_env *env = r->env;
	const struct str none = { NULL, 0 };
	struct str text, local = env->hostname_known ? env->hostname : none;
	struct str me = env->local_user_known ? env->local_user : none;
	bool set;

	switch (letter) {
	case 'n':
		return r->target->host;
	case 'h':
		return match_host_name(r, &text) ? text : none;
	case 'p':
		return !slot_text(r, KW_ID_PORT, &text, &set) ? none : set ? text : STR("22");
	case 'r':
		if (r->target->user.n > 0)
			return r->target->user;
		return !slot_text(r, KW_ID_USER, &text, &set) ? none : set ? text : me;
	case 'u':
		return me;
	case 'i':
		return env->uid_known ? env->uid : none;
	case 'l':
		return local;
	case 'L':
		return local.p != NULL ? str_head(local, str_chr(local, '.', 0)) : none;
	case 'd':
		return env->home;
	default:
		return none;
	}
}

/* ${NAME} at byte *io_i of tmpl: TRI_NO when there is no such variable, and ssh skips the path. */
static enum tri
variable(struct resolve *r, struct str tmpl, size_t *io_i, struct buf *b)
{
	size_t close = str_chr(tmpl, '}', *io_i);
	struct str value;

	if (r->env->getenv == NULL || close == SIZE_MAX)
		return TRI_MAYBE;
	if (!r->env->getenv(str_head(str_from(tmpl, *io_i + 2), close - *io_i - 2), &value))
		return TRI_NO;
	buf_add(b, value);
	*io_i = close;
	return TRI_YES;
}

static enum tri
expand(struct resolve *r, struct str tmpl, struct buf *b)
{
	enum tri t = TRI_YES;

	for (size_t i = 0; i < tmpl.n && t == TRI_YES; i++) {
		char next = i + 1 < tmpl.n ? tmpl.p[i + 1] : '\0';

		if (tmpl.p[i] == '%' && next == '%') {
			buf_addch(b, '%');
			i++;
		} else if (tmpl.p[i] == '%') {
			struct str value = token(r, next);

			if (value.p == NULL)
				return TRI_MAYBE;
			buf_add(b, value);
			i++;
		} else if (tmpl.p[i] == '$' && next == '{') {
			t = variable(r, tmpl, &i, b);
		} else {
			buf_addch(b, tmpl.p[i]);
		}
	}
	return t;
}

enum tri
include_applies(struct resolve *r, const struct crit *k)
{
	struct buf b = { .max = EXPANDED_MAX_BYTES };
	enum tri t = expand(r, k->tmpl, &b);
	struct str want = buf_str(&b), got = k->arg;

	if (b.toobig)
		t = TRI_MAYBE;
	if (t == TRI_YES) {
		bool absolute = want.n > 0 && want.p[0] == '/';

		/* What a relative path and ~ stand for is the loader's; the file was found below it. */
		if (want.n > 0 && want.p[0] == '~')
			want = str_from(want, str_chr(want, '/', 0));
		if (want.n == 0 || str_chr(want, '*', 0) != SIZE_MAX || str_chr(want, '?', 0) != SIZE_MAX ||
		    str_chr(want, '[', 0) != SIZE_MAX || str_chr(want, '\\', 0) != SIZE_MAX)
			t = TRI_MAYBE;
		else if (absolute)
			t = str_eq(got, want) ? TRI_YES : TRI_NO;
		else
			t = str_ends(got, want) && got.n > want.n &&
				(want.p[0] == '/' || got.p[got.n - want.n - 1] == '/') ?
			    TRI_YES :
			    TRI_NO;
	}
	buf_release(&b);
	return t;
}
