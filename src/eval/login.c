/* SPDX-License-Identifier: MIT */
/*
 * Server configurations that let nobody in.  Source: auth.c allowed_user(), auth2.c auth2_setup_methods_lists() and
 * authmethods_get(); tried with sshd 9.2p1.
 */
#include "conf/template.h"
#include "eval/resolve.h"

enum { ITEMS_MAX = 256 }; /* names of a list that are looked at: longer ones count as open */

/* Off for certain. */
static bool
is_off(const struct effective *ev, enum kw_id id)
{
	const struct eff *e = eff_get(ev, id);

	return e->state != EFF_UNKNOWN && e->num == 0;
}

static bool
method_off(const struct effective *ev, struct str name)
{
	if (str_eqc(name, "publickey"))
		return is_off(ev, KW_ID_PUBKEYAUTHENTICATION);
	if (str_eqc(name, "password"))
		return is_off(ev, KW_ID_PASSWORDAUTHENTICATION);
	if (str_eqc(name, "hostbased"))
		return is_off(ev, KW_ID_HOSTBASEDAUTHENTICATION);
	if (str_starts(name, STR("gssapi-")))
		return is_off(ev, KW_ID_GSSAPIAUTHENTICATION);
	if (!str_eqc(name, "keyboard-interactive"))
		return false;
	/* Two words until 8.6, either of which is enough. */
	return is_off(ev, KW_ID_KBDINTERACTIVEAUTHENTICATION) &&
	    (ev->conf->ver.n >= VER(8, 7) || is_off(ev, KW_ID_CHALLENGERESPONSEAUTHENTICATION));
}

/* All arguments of a keyword's lines; false: there are none, or not all are known. */
static bool
items_of(struct arena *a, const struct effective *ev, enum kw_id id, struct str **ret, size_t *ret_n)
{
	const struct conf *c = ev->conf;
	const struct eff *e = eff_get(ev, id);

	*ret_n = 0;
	if (e->state == EFF_UNKNOWN || e->n_also == 0)
		return false;
	*ret = ARENA_ARRAY(a, struct str, ITEMS_MAX);
	for (size_t i = 0; i < e->n_also; i++) {
		const struct set *s = &c->set[e->also[i]];
		struct args args;
		struct str word;

		/* what a block says of its own connections is meant */
		if (conf_is_vague(s) || !server_global(c, s->block) || !conf_set_args(c, a, s, &word, &args) ||
		    args.n > ITEMS_MAX - *ret_n)
			return false;
		for (size_t k = 0; k < args.n; k++)
			(*ret)[(*ret_n)++] = args.v[k].text;
	}
	return true;
}

/* Does the list leave out all that the other lets in?  An item without @ is about every host. */
static bool
is_covered(struct str item, const struct str *deny, size_t n)
{
	struct str user = str_head(item, str_chr(item, '@', 0));

	for (size_t i = 0; i < n; i++) {
		bool any_host = str_chr(deny[i], '@', 0) == SIZE_MAX;

		if (str_eq(item, deny[i]) || str_eqc(deny[i], "*") ||
		    (any_host && (str_eq(user, deny[i]) || (pattern_is_literal(user) && pattern_match(user, deny[i])))))
			return true;
	}
	return false;
}

static bool
lists_clash(struct arena *a, const struct effective *ev, enum kw_id allow, enum kw_id deny)
{
	struct str *in, *out;
	size_t n_in, n_out;

	if (!items_of(a, ev, allow, &in, &n_in) || !items_of(a, ev, deny, &out, &n_out))
		return false;
	for (size_t i = 0; i < n_in; i++)
		if (!is_covered(in[i], out, n_out))
			return false;
	return true;
}

/* Each list of AuthenticationMethods asks for something that is off. */
static bool
methods_unusable(struct arena *a, const struct effective *ev, struct str *ret_off)
{
	const struct eff *e = eff_get(ev, KW_ID_AUTHENTICATIONMETHODS);
	struct args args;
	struct str word;

	if (e->state != EFF_SET || e->set == NO_SET || conf_is_vague(&ev->conf->set[e->set]) ||
	    !conf_set_args(ev->conf, a, &ev->conf->set[e->set], &word, &args) || args.n == 0)
		return false;
	for (size_t i = 0; i < args.n; i++) {
		struct str list = args.v[i].text, part;
		bool off = false;

		while (!off && str_split(&list, ',', &part)) {
			*ret_off = str_head(part, str_chr(part, ':', 0));
			off = method_off(ev, *ret_off);
		}
		if (!off)
			return false;
	}
	return true;
}

static const enum kw_id method_flags[] = { KW_ID_PUBKEYAUTHENTICATION, KW_ID_PASSWORDAUTHENTICATION,
	KW_ID_KBDINTERACTIVEAUTHENTICATION, KW_ID_CHALLENGERESPONSEAUTHENTICATION, KW_ID_HOSTBASEDAUTHENTICATION,
	KW_ID_GSSAPIAUTHENTICATION, KW_ID_NONE };
static const enum kw_id user_lists[] = { KW_ID_ALLOWUSERS, KW_ID_DENYUSERS, KW_ID_NONE };
static const enum kw_id group_lists[] = { KW_ID_ALLOWGROUPS, KW_ID_DENYGROUPS, KW_ID_NONE };

/* Does a Match block have its own say in what keeps everybody out?  Other keywords let nobody in who is out already. */
static bool
is_opened_by_match(const struct conf *c, const enum kw_id *what)
{
	for (size_t i = 0; i < c->n_set; i++) {
		enum kw_id id = kw_row(KW_SERVER, c->set[i].row)->id;

		for (size_t k = 0; what[k] != KW_ID_NONE; k++)
			if (id == what[k] && !server_global(c, c->set[i].block))
				return true;
	}
	return false;
}

enum login_fault
eff_login_fault(struct arena *a, const struct effective *ev, struct str *ret_word)
{
	*ret_word = STR("");
	if (ev->refused || ev->v == NULL || ev->conf->side != KW_SERVER)
		return LOGIN_OPEN;
	if (methods_unusable(a, ev, ret_word))
		return LOGIN_LISTS;
	*ret_word = STR("");
	if (method_off(ev, STR("publickey")) && method_off(ev, STR("password")) && method_off(ev, STR("hostbased")) &&
	    method_off(ev, STR("gssapi-")) && method_off(ev, STR("keyboard-interactive")))
		return is_opened_by_match(ev->conf, method_flags) ? LOGIN_OPEN : LOGIN_METHODS;
	if (lists_clash(a, ev, KW_ID_ALLOWUSERS, KW_ID_DENYUSERS))
		return is_opened_by_match(ev->conf, user_lists) ? LOGIN_OPEN : LOGIN_USERS;
	if (lists_clash(a, ev, KW_ID_ALLOWGROUPS, KW_ID_DENYGROUPS))
		return is_opened_by_match(ev->conf, group_lists) ? LOGIN_OPEN : LOGIN_GROUPS;
	return LOGIN_OPEN;
}
