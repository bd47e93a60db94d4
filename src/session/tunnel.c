/* SPDX-License-Identifier: MIT */
/* From a judged row to what the launch writers need. */
#include "session/tunnel.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/num.h"

static const struct {
	enum kw_id id;
	char kind;
} forward_table[] = {
	{ KW_ID_LOCALFORWARD, 'L' },
	{ KW_ID_REMOTEFORWARD, 'R' },
	{ KW_ID_DYNAMICFORWARD, 'D' },
};

static enum sk_code
config_forwards(const struct session *s, const struct session_row *r, struct launch *l, struct err *e)
{
	struct launch_forward *v;
	size_t n = 0;

	for (size_t i = 0; i < sizeof forward_table / sizeof *forward_table; i++) {
		const struct eff *f = eff_get(r->is->ev, forward_table[i].id);

		if (f->state == EFF_UNKNOWN)
			return err_set(e, SK_EREFUSED, "the forwards of %.*s cannot be known: %s",
			    STR_ARG(r->target->shown), f->reason != NULL ? f->reason : "a Match cannot be decided");
		n += f->n_also;
	}
	v = ARENA_ARRAY(s->arena, struct launch_forward, n + 1);
	for (size_t i = 0; i < sizeof forward_table / sizeof *forward_table; i++) {
		const struct eff *f = eff_get(r->is->ev, forward_table[i].id);

		for (size_t k = 0; k < f->n_also; k++) {
			struct value one;
			enum sk_code code;

			conf_set_value(r->is->ev->conf, s->arena, &r->is->ev->conf->set[f->also[k]], &one);
			code = launch_spec(s->arena, forward_table[i].kind, one.text, &v[l->n_forward], e);
			if (code != SK_OK)
				return code;
			l->n_forward++;
		}
	}
	l->forward = v;
	return SK_OK;
}

static void
cmdline_forwards(const struct session *s, struct launch *l)
{
	const struct opt_list *spec = &s->o->forward;
	struct launch_forward *v = ARENA_ARRAY(s->arena, struct launch_forward, spec->n + 1);

	for (size_t i = 0; i < spec->n; i++)
		v[i] = (struct launch_forward){ .kind = s->o->forward_kind.v[i].p[0], .spec = spec->v[i] };
	l->forward = v;
	l->n_forward = spec->n;
}

/* A launcher is started from anywhere: -F needs a path that means the same there. */
static struct str
absolute(const struct session *s, struct str file)
{
	char cwd[PATH_MAX];

	if (file.p[0] == '/' || str_ieqc(file, "none") || getcwd(cwd, sizeof cwd) == NULL)
		return file;
	return arena_printf(s->arena, "%s/%.*s", cwd, STR_ARG(file));
}

static void
ssh_words(const struct session *s, struct launch *l)
{
	const struct options *o = s->o;
	struct str *v = ARENA_ARRAY(s->arena, struct str, o->ssh_word.n + 5);
	size_t n = 0;

	if (o->client_file.p != NULL && !str_eqc(o->client_file, "-")) {
		v[n++] = STR("-F");
		v[n++] = absolute(s, o->client_file);
	}
	if (o->login.p != NULL && !o->user_line) {
		v[n++] = STR("-l");
		v[n++] = o->login;
	}
	for (size_t i = 0; i < o->ssh_word.n; i++)
		v[n++] = o->ssh_word.v[i];
	l->ssh_arg = v;
	l->n_ssh_arg = n;
}

enum sk_code
tunnel_make(const struct session *s, const struct session_row *r, struct launch *ret, struct err *e)
{
	struct launch l = {
		.host = r->target->shown, .ssh_ver = s->client.ver, .home = s->env_home, .user = s->o->user
	};
	struct buf why = { 0 };
	enum sk_code code = SK_OK;

	if (r->is->ev->refused)
		return err_set(e, SK_EREFUSED, "ssh refuses the configuration of %.*s", STR_ARG(r->target->shown));
	if (s->o->forward.n > 0)
		cmdline_forwards(s, &l);
	else
		code = config_forwards(s, r, &l, e);
	if (code != SK_OK)
		return code;
	if (l.n_forward == 0)
		return err_set(
		    e, SK_EUSAGE, "%.*s forwards no port; say which with -L, -R or -D", STR_ARG(r->target->shown));
	ssh_words(s, &l);
	l.interval_s = (long)r->is->judgement.best_interval.v;
	l.count = (long)r->is->judgement.best_count.v;
	buf_add_escaped(&why, r->is->path.min->name);
	if (qty_is_never(r->is->path.timeout)) {
		buf_addc(&why, " never forgets an idle connection");
	} else {
		buf_addc(&why, " forgets an idle connection after ");
		num_fmt_s(&why, r->is->path.timeout.v);
	}
	buf_addf(&why, " (%s); policy %.*s", confidence_name(r->is->path.confidence), STR_ARG(r->is->policy->name));
	if (r->is->judgement.missed.n > 0)
		buf_addf(&why, ", whose %.*s could not be met", STR_ARG(r->is->judgement.missed));
	l.reason = arena_str(s->arena, buf_str(&why));
	buf_release(&why);
	*ret = l;
	return SK_OK;
}

const struct launch_kind *
tunnel_kind(struct str name)
{
	for (size_t i = 0; launch_kinds[i].name != NULL; i++)
		if (name.p == NULL || str_eqc(name, launch_kinds[i].name))
			return &launch_kinds[i];
	return NULL;
}

struct str
tunnel_file(struct arena *a, const struct launch *l, const struct launch_kind *k)
{
	struct buf b = { 0 };
	struct str out;

	buf_addc(&b, "sshkeep-");
	for (size_t i = 0; i < l->host.n && i < 100; i++) {
		char c = l->host.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		    c == '_' || c == '-';

		buf_addch(&b, plain ? c : '_');
	}
	buf_addc(&b, k->suffix);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}
