/* SPDX-License-Identifier: MIT */
/* Classes of host names. */
#include "model/names.h"

#include <string.h>

#include "conf/addr.h"
#include "conf/pattern.h"

#define GIT_HOSTS                                                                                                      \
	"github.com, ssh.github.com, gitlab.com, altssh.gitlab.com, bitbucket.org, altssh.bitbucket.org, "             \
	"codeberg.org, git.sr.ht, ssh.dev.azure.com, vs-ssh.visualstudio.com, git-codecommit.*, "                      \
	"*.git-codecommit.*"

const struct str names_git = { GIT_HOSTS, sizeof(GIT_HOSTS) - 1 };

struct dest_net {
	struct addr net;
	unsigned bits;
	enum dest_class class;
};

static const struct {
	const char *net;
	enum dest_class class;
} dest_rows[] = {
	{ "127.0.0.0/8", DEST_LOOPBACK },
	{ "::1/128", DEST_LOOPBACK },
	{ "0.0.0.0/32", DEST_LOOPBACK },
	{ "::/128", DEST_LOOPBACK },
	{ "10.0.0.0/8", DEST_PRIVATE },
	{ "172.16.0.0/12", DEST_PRIVATE },
	{ "192.168.0.0/16", DEST_PRIVATE },
	{ "100.64.0.0/10", DEST_PRIVATE },
	{ "169.254.0.0/16", DEST_PRIVATE },
	{ "fc00::/7", DEST_PRIVATE },
	{ "fe80::/10", DEST_PRIVATE },
};
enum { DEST_ROWS = sizeof(dest_rows) / sizeof(dest_rows[0]) };

static void
dest_nets(struct dest_net nets[static DEST_ROWS])
{
	for (size_t i = 0; i < DEST_ROWS; i++) {
		(void)addr_cidr(str_c(dest_rows[i].net), &nets[i].net, &nets[i].bits);
		nets[i].class = dest_rows[i].class;
	}
}

struct str
dest_unbracket(struct str s)
{
	return s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']' ? str_head(str_from(s, 1), s.n - 2) : s;
}

static enum dest_class
name_class(struct str host)
{
	/* A name may end in the dot of the root. */
	if (host.n > 0 && host.p[host.n - 1] == '.')
		host = str_head(host, host.n - 1);
	if (str_ieqc(host, "localhost") || (host.n > 10 && str_ieqc(str_from(host, host.n - 10), ".localhost")))
		return DEST_LOOPBACK;
	return DEST_NAME;
}

static enum dest_class
addr_class(const struct dest_net *nets, struct addr a)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (a.v6 && memcmp(a.b, mapped, sizeof(mapped)) == 0) {
		memmove(a.b, a.b + sizeof(mapped), 4);
		a.v6 = false;
	}
	for (size_t i = 0; i < DEST_ROWS; i++)
		if (addr_in(&a, &nets[i].net, nets[i].bits))
			return nets[i].class;
	return DEST_PUBLIC;
}

enum dest_class
dest_classify(struct str host)
{
	struct dest_net nets[DEST_ROWS];
	struct addr a;

	host = dest_unbracket(host);
	if (!addr_parse(host, &a))
		return name_class(host);
	dest_nets(nets);
	return addr_class(nets, a);
}

/* One pattern of a list: a wildcard pattern, or a network that holds addresses. */
struct name_pattern {
	struct str text, tail; /* tail: what every match ends with */
	struct addr net;
	unsigned bits;
	bool is_net;
};

struct name_classes {
	struct dest_net nets[DEST_ROWS];
	struct name_pattern *v;
	size_t n;
};

static void
add_pattern(struct name_classes *c, struct str text)
{
	struct name_pattern *p = &c->v[c->n];
	size_t at = text.n;

	if (text.n == 0)
		return;
	while (at > 0 && text.p[at - 1] != '*' && text.p[at - 1] != '?')
		at--;
	*p = (struct name_pattern){ .text = text, .tail = str_from(text, at) };
	p->is_net = str_chr(text, '/', 0) != SIZE_MAX && addr_cidr(text, &p->net, &p->bits) == ADDR_CIDR_OK;
	c->n++;
}

/* Lists as network_match() takes them.  c->v == NULL: count only. */
static size_t
add_list(struct name_classes *c, struct str list)
{
	struct str line, part;
	size_t n = 0;

	while (str_split(&list, '\n', &line))
		while (str_split(&line, ',', &part)) {
			n++;
			if (c->v != NULL)
				add_pattern(c, str_trim(part));
		}
	return n;
}

struct name_classes *
names_compile(struct arena *a, const struct networks *n)
{
	struct name_classes *c = ARENA_NEW(a, struct name_classes);

	dest_nets(c->nets);
	for (unsigned round = 0; round < 2; round++) {
		size_t total = add_list(c, names_git);

		for (size_t i = 0; i < n->n; i++)
			for (size_t k = 0; k < n->v[i].n_detect; k++)
				if (str_eqc(n->v[i].detect[k].key, "hostname"))
					total += add_list(c, n->v[i].detect[k].pattern);
		if (round == 0)
			c->v = ARENA_ARRAY(a, struct name_pattern, total);
	}
	return c;
}

static bool
ends_with(struct str s, struct str tail)
{
	return s.n >= tail.n && str_ieq(str_from(s, s.n - tail.n), tail);
}

uint64_t
names_class(const struct name_classes *c, struct str host)
{
	struct str bare = dest_unbracket(host);
	struct addr a;
	bool is_addr = addr_parse(bare, &a);
	uint64_t h = (uint64_t)(is_addr ? addr_class(c->nets, a) : name_class(bare)) + 1;

	if (bare.n == 0)
		return h;
	for (size_t i = 0; i < c->n; i++) {
		const struct name_pattern *p = &c->v[i];

		if (p->is_net ? is_addr && addr_in(&a, &p->net, p->bits) :
				ends_with(bare, p->tail) && pattern_imatch(bare, p->text))
			h = (h ^ (i + 1)) * 0x9e3779b97f4a7c15u;
	}
	return h;
}
