/* SPDX-License-Identifier: MIT */
/* What options and settings say of a file and its rows: release, path, policy; and the verdict that follows. */
#include "base/num.h"
#include "lint/lint.h"

static const struct policy *
choose_policy(const struct lint *l, const struct lint_row *r, enum kw_side side)
{
	struct str name = l->o->policy;

	if (name.p == NULL && r->setting != NULL)
		name = r->setting->policy;
	if (name.p == NULL)
		name = l->file.policy;
	if (name.p == NULL)
		name = l->s.settings.policy;
	if (name.p == NULL)
		name = side == KW_SERVER     ? STR("server") :
		    session_forwards(&r->ev) ? STR("tunnel") :
					       STR("interactive");
	return policy_find(&l->s.policies, name);
}

/* The first text that somebody gave. */
static struct str
first_given(struct str a, struct str b, struct str c, struct str d)
{
	return a.p != NULL ? a : b.p != NULL ? b : c.p != NULL ? c : d;
}

/* What was declared of the row's path; all of it was checked when the settings were read. */
static void
choose_path(const struct lint *l, struct arena *a, const struct lint_row *r, struct path_opts *o)
{
	static const struct host_setting none;
	const struct host_setting *host = r->setting != NULL ? r->setting : &none;
	const struct settings *s = &l->s.settings;
	struct str boxes = first_given(l->o->network, host->network, l->file.network, s->cross), id;
	struct str timeout = first_given(l->o->path_timeout, host->path_timeout, l->file.path_timeout, s->path_timeout);
	double v;

	if (timeout.p != NULL && num_time(timeout, &v, NULL) == SK_OK) {
		o->declared = QTY(v);
		o->declared_given = true;
	}
	if (boxes.p != NULL) {
		const struct network **box = ARENA_ARRAY(a, const struct network *, boxes.n + 1);

		while (str_split(&boxes, ',', &id))
			if ((box[o->n_box] = network_find(&l->s.networks, str_trim(id))) != NULL)
				o->n_box++;
		o->box = box;
	}
}

bool
lint_declared(const struct lint *l, const struct file_setting *file)
{
	const struct str said[] = { l->o->policy, l->o->network, l->o->path_timeout, l->s.settings.policy,
		l->s.settings.cross, l->s.settings.path_timeout, file->policy, file->network, file->path_timeout };

	for (size_t i = 0; i < sizeof said / sizeof *said; i++)
		if (said[i].p != NULL)
			return true;
	return false;
}

void
lint_judge_row(struct lint *l, struct arena *a, struct lint_row *r, enum kw_side side)
{
	struct path_opts po = { .networks = &l->s.networks };
	struct judge_opts jo = {
		.path = &r->path, .client_ver = l->ver, .server_ver = l->ver, .side = side, .holds_sessions = true
	};

	r->setting = l->s.settings.n_host > 0 ? settings_host(&l->s.settings, r->target.shown) : NULL;
	r->policy = jo.policy = po.policy = choose_policy(l, r, side);
	choose_path(l, a, r, &po);
	path_of(a, &r->ev, &po, &r->path);
	if (side == KW_CLIENT) {
		jo.client = &r->ev;
		jo.no_way = r->jump_fault;
		jo.holds_sessions = judge_holds_sessions(&r->ev, &jo.not_judged_why);
	} else {
		jo.server = &r->ev;
	}
	judge(a, &jo, &r->judgement);
}

struct ver
lint_ver(const struct lint *l, const struct file_setting *file)
{
	struct str text = first_given(l->o->openssh, file->openssh, l->s.settings.openssh, (struct str){ 0 });
	struct ver ver = { .n = VER_NEWEST };

	/* all of them were checked when they were read */
	if (text.p != NULL && ver_parse(text, &ver, NULL) != SK_OK)
		ver = (struct ver){ .n = VER_NEWEST };
	return ver;
}
