/* SPDX-License-Identifier: MIT */
/*
 * Where the jump hosts of a host lead.  ssh starts one ssh for each leg; the first hop's reads the configuration anew
 * and may go through a jump host of its own (sshconnect.c, ssh.c "ProxyCommand from ProxyJump").
 */
#include <string.h>

#include "eval/resolve.h"

enum { LEGS_MAX = 16 };

struct str
jump_host(struct str hop, struct str *ret_user)
{
	size_t at = hop.n;

	*ret_user = (struct str){ NULL, 0 };
	while (at > 0 && hop.p[at - 1] != '@')
		at--;
	if (at > 0) {
		*ret_user = str_head(hop, at - 1);
		hop = str_from(hop, at);
	}
	if (hop.n > 0 && hop.p[0] == '[')
		return str_head(str_from(hop, 1), str_chr(str_from(hop, 1), ']', 0));
	return str_head(hop, str_chr(hop, ':', 0));
}

/* The first hop of a ProxyJump that is known; false: no jump host. */
static bool
first_hop(const struct effective *ev, struct target *ret)
{
	const struct eff *jump = ev->refused || ev->v == NULL ? NULL : eff_get(ev, KW_ID_PROXYJUMP);

	*ret = (struct target){ .host = { NULL, 0 } };
	if (jump == NULL || jump->state != EFF_SET || jump->text.n == 0 || str_ieqc(jump->text, "none"))
		return false;
	ret->host = jump_host(str_head(jump->text, str_chr(jump->text, ',', 0)), &ret->user);
	return ret->host.n > 0;
}

struct str
eff_jump_fault(struct arena *a, struct conf *c, const struct effective *ev, const struct client_env *env)
{
	const struct str fine = { NULL, 0 };
	struct target leg[LEGS_MAX + 1];
	size_t n = 0;

	while (n < LEGS_MAX && first_hop(ev, &leg[n])) {
		struct effective *next;

		for (size_t i = 0; i < n; i++) {
			if (!str_eq(leg[i].host, leg[n].host) || !str_eq(leg[i].user, leg[n].user))
				continue;
			return i + 1 == n ? arena_printf(a, "%.*s is reached through itself", STR_ARG(leg[i].host)) :
					    arena_printf(a, "%.*s is reached through %.*s, and that through %.*s again",
						STR_ARG(leg[i].host), STR_ARG(leg[i + 1].host), STR_ARG(leg[i].host));
		}
		next = ARENA_NEW(a, struct effective);
		eff_client(a, c, &leg[n++], env, EFF_LOSERS_NONE, next);
		if (next->refused && str_starts(next->refusal, STR("jumphost loop via ")))
			return arena_printf(a, "\"ssh %.*s\" ends at once: %.*s", STR_ARG(leg[n - 1].host),
			    STR_ARG(str_head(next->refusal, str_chr(next->refusal, '\n', 0))));
		ev = next;
	}
	return fine;
}
