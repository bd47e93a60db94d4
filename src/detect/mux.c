/* SPDX-License-Identifier: MIT */
/*
 * ControlMaster sockets that exist.  They are only looked at: a connect could start a session.  A socket
 * whose master died stays behind, so that the number is an upper bound.
 */
#include "detect/parts.h"

enum { MASTERS_MAX = 256, SUBDIRS_MAX = 64 };

/* The sockets of ssh-agent and gpg-agent live beside them. */
static bool
is_agent(struct str name)
{
	return str_starts(name, STR("agent.")) || str_eqc(name, "agent") || str_starts(name, STR("ssh-agent")) ||
	    str_starts(name, STR("S.gpg-agent")) || str_ends(name, STR(".agent"));
}

struct hunt {
	struct det *d;
	struct str path[MASTERS_MAX];
	size_t n;
	bool denied; /* something could not be read */
	struct str denied_path;
};

/* A folder of /tmp whose name begins with ssh may be full of files: only what can be a socket or a folder is looked at. */
static bool
wanted(void *ctx, struct str name, enum root_kind kind)
{
	const struct str *prefix = ctx;

	/* ~/.ssh/agent/ is where newer ssh-agents keep theirs */
	return kind != ROOT_OTHER && str_starts(name, *prefix) && !is_agent(name);
}

/* Sockets in dir whose names begin with prefix, and in such sub-directories, levels deep. */
static void
look(struct hunt *h, struct str dir, struct str prefix, int levels)
{
	struct det *d = h->d;
	struct str *name = NULL, path;
	struct stat st;
	size_t i, n = 0, dirs = 0;
	enum sk_code code;

	code = root_list_if(&d->root, dir.p, wanted, &prefix, d->a, &name, &n, NULL);
	if (code != SK_OK) {
		if (code != SK_ENOENT && !h->denied) {
			h->denied = true;
			h->denied_path = dir;
		}
		return;
	}
	for (i = 0; i < n; i++) {
		path = arena_printf(d->a, "%s/%s", dir.p, name[i].p);
		if (root_stat(&d->root, path.p, false, &st, NULL) != SK_OK || st.st_uid != d->o->uid)
			continue;
		if (S_ISSOCK(st.st_mode) && h->n < MASTERS_MAX)
			h->path[h->n++] = path;
		else if (S_ISDIR(st.st_mode) && levels > 1 && dirs++ < SUBDIRS_MAX)
			look(h, path, STR(""), levels - 1);
	}
}

void
det_mux(struct det *d)
{
	struct hunt *h = ARENA_NEW(d->a, struct hunt);
	struct str ssh = arena_printf(d->a, "%s/.ssh", d->o->home);
	size_t i;

	h->d = d;
	look(h, ssh, STR(""), 2);
	if (h->denied && h->n == 0 && str_eq(h->denied_path, ssh)) {
		det_unknown(d, FACT_LIVE_MASTERS, ssh, "the directory cannot be read");
		return;
	}
	look(h, STR("/tmp"), STR("ssh"), 2);
	look(h, arena_printf(d->a, "/run/user/%u", (unsigned)d->o->uid), STR("ssh"), 2);
	d->f->master = ARENA_ARRAY(d->a, struct str, h->n > 0 ? h->n : 1);
	for (i = 0; i < h->n; i++)
		d->f->master[i] = h->path[i];
	d->f->n_master = h->n;
	det_num(d, FACT_LIVE_MASTERS, (double)h->n, ssh, 0);
}
