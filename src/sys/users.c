/* SPDX-License-Identifier: MIT */
/* Password and group databases of the running system or of a tree. */
#define _GNU_SOURCE /* getpwent(3), getgrouplist(3) */
#include "sys/users.h"

#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "base/num.h"

enum { PW_NAME, PW_PASS, PW_UID, PW_GID, PW_GECOS, PW_HOME, PW_FIELDS };
enum { GR_NAME, GR_PASS, GR_GID, GR_MEMBERS, GR_FIELDS };

/* The next line of a colon-separated file with at least n fields. */
static bool
next_row(struct str *rest, struct str *field, size_t n)
{
	struct str line;

	while (str_split(rest, '\n', &line)) {
		size_t i = 0;

		while (i < n && str_split(&line, ':', &field[i]))
			i++;
		if (i == n)
			return true;
	}
	return false;
}

static bool
row_user(const struct str *f, struct arena *a, struct user *ret)
{
	uint64_t uid, gid;

	if (num_uint(f[PW_UID], UINT32_MAX, &uid, NULL) != SK_OK ||
	    num_uint(f[PW_GID], UINT32_MAX, &gid, NULL) != SK_OK)
		return false;
	*ret = (struct user){ .name = arena_str(a, f[PW_NAME]),
		.home = arena_str(a, f[PW_HOME]),
		.uid = (uint32_t)uid,
		.gid = (uint32_t)gid };
	return true;
}

/* Look name (p != NULL) or uid up in /etc/passwd below the root. */
static bool
tree_user(const struct fs_tree *t, struct arena *a, struct str name, uint32_t uid, struct user *ret)
{
	struct loaded l;
	struct str rest, f[PW_FIELDS];
	struct user u;

	fs_read(t, a, STR("/etc/passwd"), &l);
	rest = l.bytes;
	while (next_row(&rest, f, PW_FIELDS)) {
		if (!row_user(f, a, &u))
			continue;
		if (name.p != NULL ? str_eq(u.name, name) : u.uid == uid) {
			*ret = u;
			return true;
		}
	}
	return false;
}

static void
take_passwd(struct arena *a, const struct passwd *pw, struct user *ret)
{
	*ret = (struct user){ .name = arena_str(a, str_c(pw->pw_name)),
		.home = arena_str(a, str_c(pw->pw_dir)),
		.uid = pw->pw_uid,
		.gid = pw->pw_gid };
}

bool
user_by_name(const struct fs_tree *t, struct arena *a, struct str name, struct user *ret)
{
	const struct passwd *pw;

	if (*t->root != '\0')
		return tree_user(t, a, name.p != NULL ? name : STR(""), 0, ret);
	pw = getpwnam(arena_strz(a, name));
	if (pw == NULL)
		return false;
	take_passwd(a, pw, ret);
	return true;
}

bool
user_by_uid(const struct fs_tree *t, struct arena *a, uint32_t uid, struct user *ret)
{
	const struct passwd *pw;

	if (*t->root != '\0')
		return tree_user(t, a, (struct str){ 0 }, uid, ret);
	pw = getpwuid(uid);
	if (pw == NULL)
		return false;
	take_passwd(a, pw, ret);
	return true;
}

/* Members found so far; alone turns false with the first that is not the owner. */
struct census {
	uint32_t uid;
	struct str owner;
	unsigned members;
	bool alone;
};

static void
count_primary(struct census *c, uint32_t uid)
{
	c->members++;
	if (uid != c->uid)
		c->alone = false;
}

static void
count_named(struct census *c, struct str name)
{
	c->members++;
	if (!str_eq(name, c->owner))
		c->alone = false;
}

static void
census_tree(const struct fs_tree *t, struct arena *a, uint32_t gid, struct census *c)
{
	struct loaded l;
	struct str rest, f[PW_FIELDS], g[GR_FIELDS], member;
	struct user u;
	uint64_t id;

	fs_read(t, a, STR("/etc/passwd"), &l);
	rest = l.bytes;
	while (next_row(&rest, f, PW_FIELDS))
		if (row_user(f, a, &u) && u.gid == gid)
			count_primary(c, u.uid);
	fs_read(t, a, STR("/etc/group"), &l);
	rest = l.bytes;
	while (next_row(&rest, g, GR_FIELDS)) {
		if (num_uint(g[GR_GID], UINT32_MAX, &id, NULL) != SK_OK || id != gid)
			continue;
		while (str_split(&g[GR_MEMBERS], ',', &member))
			if (str_trim(member).n > 0)
				count_named(c, str_trim(member));
	}
}

static void
census_live(uint32_t gid, struct census *c)
{
	const struct passwd *pw;
	const struct group *gr = getgrgid(gid);

	if (gr == NULL) {
		c->alone = false;
		return;
	}
	for (size_t i = 0; gr->gr_mem[i] != NULL; i++)
		count_named(c, str_c(gr->gr_mem[i]));
	setpwent();
	while ((pw = getpwent()) != NULL)
		if (pw->pw_gid == gid)
			count_primary(c, pw->pw_uid);
	endpwent();
}

bool
group_is_private(const struct fs_tree *t, struct arena *a, uint32_t gid, uint32_t uid)
{
	struct census c = { .uid = uid, .alone = true };
	struct user u;

	if (!user_by_uid(t, a, uid, &u))
		return false;
	c.owner = u.name;
	if (*t->root != '\0')
		census_tree(t, a, gid, &c);
	else
		census_live(gid, &c);
	return c.alone && c.members > 0;
}

/* The groups of /etc/group below the root that hold the account, by primary gid or as a member. */
static void
tree_groups(const struct fs_tree *t, struct arena *a, const struct user *u, struct str *out, size_t *io_n, size_t max)
{
	struct loaded l;
	struct str rest, g[GR_FIELDS], member;
	uint64_t id;

	fs_read(t, a, STR("/etc/group"), &l);
	rest = l.bytes;
	while (*io_n < max && next_row(&rest, g, GR_FIELDS)) {
		bool in = num_uint(g[GR_GID], UINT32_MAX, &id, NULL) == SK_OK && id == u->gid;

		while (!in && str_split(&g[GR_MEMBERS], ',', &member))
			in = str_eq(str_trim(member), u->name);
		if (in)
			out[(*io_n)++] = arena_str(a, g[GR_NAME]);
	}
}

void
user_groups(const struct fs_tree *t, struct arena *a, struct str name, struct str **ret, size_t *ret_n)
{
	enum { MAX = 1024 };
	struct str *out = ARENA_ARRAY(a, struct str, MAX);
	struct user u;
	size_t n = 0;

	if (user_by_name(t, a, name, &u) && *t->root != '\0') {
		tree_groups(t, a, &u, out, &n, MAX);
	} else if (user_by_name(t, a, name, &u)) {
		gid_t *gid = ARENA_ARRAY(a, gid_t, MAX);
		int count = MAX;

		if (getgrouplist(arena_strz(a, name), u.gid, gid, &count) < 0)
			count = MAX;
		for (int i = 0; i < count; i++) {
			const struct group *g = getgrgid(gid[i]);

			if (g != NULL)
				out[n++] = arena_str(a, str_c(g->gr_name));
		}
	}
	*ret = out;
	*ret_n = n;
}
