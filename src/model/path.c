/* SPDX-License-Identifier: MIT */
/* The hops between the two ends of one connection, and the one that forgets it first. */
#include "model/path.h"

#include <string.h>

#include "model/names.h"

struct walk {
	struct arena *a;
	const struct effective *ev;
	const struct path_opts *o;
	struct path *ret;
	size_t cap_hop, cap_lifetime, cap_note; /* of its lists */
	enum kw_side side;
	struct str target; /* name or literal that the client's first packet goes to; "" on the server */
	bool replaced;	   /* the policy's number is not needed */
	bool known;	   /* because some box or the whole path has a known one */
	bool assumed_box;  /* a box was seen whose number is the policy's */
	bool jumped;	   /* through a jump host: the first leg is another ssh */
};

/* The text of a client keyword that is set and not "none". */
static struct str
value_of(const struct effective *ev, enum kw_id id)
{
	const struct eff *v;

	if (ev->v == NULL)
		return (struct str){ NULL, 0 };
	v = eff_get(ev, id);
	if (v->state != EFF_SET || str_ieqc(v->text, "none"))
		return (struct str){ NULL, 0 };
	return v->text;
}

/* Why it is not known whether there is a ProxyJump or ProxyCommand; NULL: it is. */
static const char *
why_open(const struct effective *ev)
{
	static const enum kw_id ids[] = { KW_ID_PROXYJUMP, KW_ID_PROXYCOMMAND };

	for (size_t i = 0; ev->v != NULL && ev->proxy == PROXY_OPEN && i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct eff *e = eff_get(ev, ids[i]);

		if (e->state == EFF_UNKNOWN)
			return e->reason != NULL ? e->reason : "it cannot be decided from here";
	}
	return NULL;
}

/* The host of the first jump: [user@]host[:port], or ssh://..., up to the first comma. */
static struct str
jump_host(struct str jump)
{
	size_t at;

	jump = str_head(jump, str_chr(jump, ',', 0));
	if (str_istarts(jump, STR("ssh://")))
		jump = str_from(jump, 6);
	for (at = jump.n; at > 0 && jump.p[at - 1] != '@'; at--)
		;
	jump = str_from(jump, at);
	if (jump.n > 0 && jump.p[0] == '[')
		return str_head(str_from(jump, 1), str_chr(str_from(jump, 1), ']', 0));
	/* More than one colon: a bare IPv6 address. */
	at = str_chr(jump, ':', 0);
	if (at != SIZE_MAX && str_chr(jump, ':', at + 1) != SIZE_MAX)
		return jump;
	return str_head(jump, at);
}

static const struct fact *
fact(const struct path_opts *o, enum fact_id id)
{
	return o->facts != NULL && o->facts->v[id].known ? &o->facts->v[id] : NULL;
}

static bool
fact_is_set(const struct path_opts *o, enum fact_id id)
{
	const struct fact *f = fact(o, id);

	return f != NULL && f->num != 0; /* flags are 0 or 1 */
}

static bool
is_listed(const struct path *p, const struct network *net)
{
	size_t i;

	for (i = 0; i < p->n_hop; i++) {
		if (p->hop[i].net == net)
			return true;
	}
	for (i = 0; i < p->n_lifetime; i++) {
		if (p->lifetime[i].net == net)
			return true;
	}
	return false;
}

/* Put a hop in its place: smallest timeout first, the surer number first among equals. */
static void
add_hop(struct walk *w, const struct hop *h)
{
	struct path *p = w->ret;
	size_t i = p->n_hop;

	ARENA_GROW(w->a, p->hop, p->n_hop, w->cap_hop);
	p->n_hop++;
	for (; i > 0; i--) {
		const struct hop *b = &p->hop[i - 1];

		if (b->timeout.v < h->timeout.v || (b->timeout.v <= h->timeout.v && b->confidence >= h->confidence))
			break;
		p->hop[i] = *b;
	}
	p->hop[i] = *h;
}

/* A row of the table that was named (CONF_DECLARED) or seen (CONF_DETECTED), and at which end if that is known. */
static void
add_row(struct walk *w, const struct network *net, enum confidence how, enum net_side side, struct str why)
{
	struct hop h = {
		.net = net,
		.name = net->name,
		.timeout = net->timeout,
		.confidence = how,
		.seen = true,
		.refresh = net->refresh,
		.expiry = net->expiry,
		.side = net->side == NET_EITHER ? side : net->side,
		.proxy = net->proxy,
		.revive = net->revive,
		.why = why,
	};

	if (is_listed(w->ret, net))
		return;
	/* What probes both ends itself before it forgets never ends a live session. */
	if (net->keeps)
		h.timeout = QTY_NEVER;
	if (net->proxy)
		w->ret->proxied = w->ret->boxed = true;
	if (net->kind == NET_LIFETIME) {
		ARENA_GROW(w->a, w->ret->lifetime, w->ret->n_lifetime, w->cap_lifetime);
		w->ret->lifetime[w->ret->n_lifetime++] = h;
		return;
	}
	/* Seen is not known: without a figure, or with one that nobody looked up, the number is an assumption. */
	if (!h.timeout.known) {
		h.timeout = QTY(w->o->policy->assumed_timeout_s);
		h.confidence = CONF_ASSUMED;
		w->assumed_box = w->assumed_box || !net->local;
	} else if (net->confidence == NET_MEMORY) {
		h.confidence = CONF_ASSUMED;
		w->replaced = w->replaced || how == CONF_DECLARED;
	} else if (!net->local || how == CONF_DECLARED) {
		/* "Never" of a box on the way says nothing about the others, except of a tunnel around them all. */
		if (how == CONF_DECLARED || net->overlay || !qty_is_never(h.timeout))
			w->replaced = w->known = true;
	}
	add_hop(w, &h);
}

/* Does a text fact, a flag or a signal with this key match? */
static bool
fact_matches(const struct walk *w, const struct net_detect *d, struct str *ret_why)
{
	const struct facts *f = w->o->facts;
	size_t i;

	if (f == NULL)
		return false;
	for (i = 0; i < FACT_MAX_; i++) {
		struct str text = f->v[i].text;

		if (!f->v[i].known || !str_eqc(d->key, fact_table[i].name))
			continue;
		if (fact_table[i].type == FACT_FLAG)
			text = f->v[i].num != 0 ? STR("yes") : STR("no");
		if (!network_match(d->pattern, text, true))
			continue;
		*ret_why = arena_printf(w->a, "%s is %.*s", fact_table[i].name, STR_ARG(text));
		return true;
	}
	for (i = 0; i < f->n_signal; i++) {
		const struct signal *s = &f->signal[i];

		if (str_eqc(d->key, s->key) && network_match(d->pattern, s->value, true)) {
			*ret_why = arena_printf(w->a, "%s is %.*s", s->key, STR_ARG(s->value));
			return true;
		}
	}
	return false;
}

static enum net_side
this_end(const struct walk *w)
{
	return w->side == KW_CLIENT ? NET_CLIENT : NET_SERVER;
}

/*
 * Does this pattern show the box?  Either a line of the config names it, or a fact of this machine does; the
 * latter counts only for boxes that can stand at this end and on this way, and *ret_side says which end.
 */
static bool
detect_one(const struct walk *w, const struct network *net, const struct net_detect *d, enum net_side *ret_side,
    struct str *ret_why)
{
	static const struct {
		const char *key;
		enum kw_id id;
	} texts[] = {
		{ "proxycommand", KW_ID_PROXYCOMMAND },
		{ "proxyjump", KW_ID_PROXYJUMP },
		{ "hostname", KW_ID_HOSTNAME },
	};
	size_t i;

	*ret_side = NET_EITHER;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct str text;

		if (!str_eqc(d->key, texts[i].key))
			continue;
		if (w->side != KW_CLIENT)
			return false;
		if (texts[i].id != KW_ID_HOSTNAME)
			text = value_of(w->ev, texts[i].id);
		else
			text = dest_unbracket(w->ev->hostname_known ? w->ev->hostname : w->ev->host);
		if (!network_match(d->pattern, text, texts[i].id != KW_ID_PROXYCOMMAND))
			return false;
		*ret_why = arena_printf(w->a, "%s matches %.*s",
		    kw_row(KW_CLIENT, kw_by_id(KW_CLIENT, texts[i].id))->name, STR_ARG(d->pattern));
		return true;
	}
	*ret_side = this_end(w);
	if (net->side != NET_EITHER && net->side != *ret_side)
		return false;
	if (net->public_only && w->side == KW_CLIENT && dest_classify(w->target) == DEST_PRIVATE)
		return false;
	return fact_matches(w, d, ret_why);
}

/* A box that only the platform suggests: people can say whether it is there. */
static void
add_note(struct walk *w, const struct network *net, struct str why)
{
	struct buf b = { 0 };

	buf_add(&b, net->name);
	buf_addc(&b, " may stand on the way (");
	buf_add(&b, why);
	buf_addc(&b, ")");
	buf_addc(&b, net->kind == NET_IDLE ? "; it forgets after " : "; it ends a connection after ");
	num_fmt_s(&b, net->timeout.v);
	if (net->confidence != NET_VERIFIED)
		buf_addf(&b, ", %s", net_confidence_name(net->confidence));
	buf_addc(&b, ": if so, say --network ");
	buf_add(&b, net->id);
	ARENA_GROW(w->a, w->ret->note, w->ret->n_note, w->cap_note);
	w->ret->note[w->ret->n_note++] = arena_str(w->a, buf_str(&b));
	buf_release(&b);
}

static void
detect_rows(struct walk *w)
{
	const struct networks *n = w->o->networks;
	size_t i, k;

	for (i = 0; n != NULL && i < n->n; i++) {
		const struct network *net = &n->v[i];
		struct str why, maybe = { NULL, 0 };
		enum net_side side = NET_EITHER;
		bool seen = false;

		for (k = 0; k < net->n_detect && !seen; k++) {
			if (!detect_one(w, net, &net->detect[k], &side, &why))
				continue;
			if (net->detect[k].maybe)
				maybe = why;
			else
				seen = true;
		}
		if (seen)
			add_row(w, net, CONF_DETECTED, side, why);
		else if (maybe.n > 0 && !is_listed(w->ret, net) && net->timeout.known && !qty_is_never(net->timeout))
			add_note(w, net, maybe);
	}
}

/* This kernel's own connection tracking.  Its sysctl shows only when it is loaded. */
static void
add_conntrack(struct walk *w)
{
	const struct fact *est = fact(w->o, FACT_CT_ESTABLISHED), *pol = fact(w->o, FACT_CT_POLICY);
	const struct fact *loose = fact(w->o, FACT_CT_LOOSE);
	struct hop h = {
		.name = STR("this machine's conntrack"),
		.seen = true,
		.refresh = NET_ANY,
		.expiry = NET_SILENT,
		.side = this_end(w),
	};

	if (est == NULL)
		return;
	/* A policy overrides the sysctl for the flows of its rules; which those are is not known here. */
	if (pol != NULL && pol->num < est->num)
		est = pol;
	h.timeout = QTY(est->num);
	h.confidence = est->confidence;
	/* nf_conntrack_tcp_loose defaults to 1: a packet from this machine makes the entry anew. */
	h.revive = loose == NULL || loose->num != 0;
	h.why = est->source;
	if (h.timeout.v > 0)
		add_hop(w, &h);
}

/* A private source towards a public address, or towards a name (nobody asked DNS), passes a NAT. */
static bool
sees_nat(const struct walk *w)
{
	enum dest_class c = dest_classify(w->target);

	return w->side == KW_CLIENT && fact_is_set(w->o, FACT_BEHIND_NAT) && (c == DEST_PUBLIC || c == DEST_NAME);
}

static void
add_assumption(struct walk *w)
{
	struct hop h = {
		.name = w->ret->nat_seen ? STR("a NAT") : STR("the path"),
		.timeout = QTY(w->o->policy->assumed_timeout_s),
		.confidence = CONF_ASSUMED,
		.seen = w->ret->nat_seen,
		.refresh = NET_ANY,
		.expiry = NET_SILENT,
		.side = w->ret->nat_seen ? NET_CLIENT : NET_EITHER,
	};
	const struct fact *src = fact(w->o, FACT_SOURCE_ADDR);

	if (w->replaced || w->assumed_box)
		return;
	h.why = arena_printf(w->a, "policy %.*s", STR_ARG(w->o->policy->name));
	if (w->ret->nat_seen && src != NULL)
		h.why = arena_printf(w->a, "source address %.*s is private; policy %.*s", STR_ARG(src->text),
		    STR_ARG(w->o->policy->name));
	add_hop(w, &h);
}

/* The whole path as one number: from an option, or from a probe. */
static void
add_whole(struct walk *w, struct qty timeout, enum confidence how)
{
	bool declared = how == CONF_DECLARED;
	struct hop h = {
		.name = declared ? STR("the path (declared)") : STR("the path (measured)"),
		.timeout = timeout,
		.confidence = how,
		.refresh = NET_ANY,
		.expiry = NET_SILENT,
		.side = NET_EITHER,
		.why = declared ? STR("--path-timeout") : STR("measured by probe"),
	};
	size_t i;

	/* A probe reads the whole path: it corrects the number of the box that was seen, not what the box is. */
	for (i = 0; !declared && i < w->ret->n_hop; i++) {
		if (w->ret->hop[i].net == NULL || w->ret->hop[i].net->local)
			continue;
		h = w->ret->hop[i];
		h.name = arena_printf(w->a, "%.*s (measured)", STR_ARG(h.name));
		h.timeout = timeout;
		h.confidence = how;
		break;
	}
	if (!declared && w->o->seen.looks)
		h.expiry = w->o->seen.expiry;
	if (!declared && w->o->seen.revive) {
		h.revive = true;
		h.side = w->o->seen.side;
	}
	if (!declared || qty_is_never(timeout))
		w->ret->n_hop = 0;
	w->replaced = w->known = true;
	add_hop(w, &h);
}

/* Nothing forgot for that long, whatever a table says: smaller numbers are wrong here. */
static void
add_floor(struct walk *w)
{
	struct path *p = w->ret;
	double floor_s = w->o->measured.v, assumed_s = w->o->policy->assumed_timeout_s;
	struct hop h = {
		.name = STR("the path (beyond what was measured)"),
		.timeout = QTY(floor_s > assumed_s ? floor_s : assumed_s),
		.confidence = CONF_ASSUMED,
		.refresh = NET_ANY,
		.expiry = NET_SILENT,
		.side = NET_EITHER,
	};
	size_t n = 0;

	w->known = false;
	for (size_t i = 0; i < p->n_hop; i++) {
		if (p->hop[i].timeout.v < floor_s)
			continue;
		w->known =
		    w->known || (p->hop[i].confidence > CONF_ASSUMED && p->hop[i].net != NULL && !p->hop[i].net->local);
		p->hop[n++] = p->hop[i];
	}
	p->n_hop = n;
	w->replaced = w->assumed_box = true;
	if (w->known)
		return;
	h.why = arena_printf(
	    w->a, "measured by probe: nothing forgot within %g s; policy %.*s", floor_s, STR_ARG(w->o->policy->name));
	add_hop(w, &h);
}

static bool
is_named(const struct path_opts *o, const struct network *net)
{
	size_t i;

	for (i = 0; i < o->n_box && o->box[i] != net; i++)
		;
	return i < o->n_box;
}

/* Known numbers push assumed ones out, except the recalled figure of a box that the user named. */
static void
drop_assumed(struct walk *w)
{
	struct path *p = w->ret;
	size_t i, n = 0;

	for (i = 0; w->known && i < p->n_hop; i++) {
		const struct hop *h = &p->hop[i];

		if (h->confidence == CONF_ASSUMED &&
		    !(h->net != NULL && h->net->timeout.known && is_named(w->o, h->net)))
			continue;
		p->hop[n++] = *h;
	}
	if (w->known)
		p->n_hop = n;
}

/* Loopback: without a proxy nothing on the way can forget.  A measurement that saw no end says the same. */
static bool
is_loopback(const struct walk *w, struct str target)
{
	return w->side == KW_CLIENT && w->o->n_box == 0 && !w->o->declared_given &&
	    (!w->o->measured.known || w->o->seen.floor) && dest_classify(target) == DEST_LOOPBACK;
}

static void
find_target(struct walk *w)
{
	const struct effective *ev = w->ev;
	struct str jump;
	bool piped;

	if (w->side != KW_CLIENT)
		return;
	jump = value_of(ev, KW_ID_PROXYJUMP);
	w->target = ev->hostname_known ? ev->hostname : ev->host;
	piped = jump.n > 0 || value_of(ev, KW_ID_PROXYCOMMAND).n > 0 || ev->proxy == PROXY_THERE;
	w->ret->open = piped ? NULL : why_open(ev);
	w->ret->open_pinned = w->ret->open != NULL && is_loopback(w, w->target);
	/* An undecided proxy counts as one: the side that promises less. */
	w->ret->piped = piped || w->ret->open != NULL;
	w->jumped = jump.n > 0;
	w->ret->proxied = w->ret->piped;
	if (w->ret->piped)
		w->target = jump_host(jump);
}

static void
collect(struct walk *w)
{
	const struct path_opts *o = w->o;
	bool measured = !o->declared_given && o->measured.known && !o->seen.floor;
	bool whole_only = o->declared_given ? qty_is_never(o->declared) : measured;
	size_t i;

	/* Behind a jump host the NAT stands on the leg to that host, which speaks by its own clocks and has its own row. */
	w->ret->nat_seen = !w->jumped && sees_nat(w);
	for (i = 0; i < o->n_box; i++)
		add_row(w, o->box[i], CONF_DECLARED, NET_EITHER, STR("--network"));
	detect_rows(w);
	if (o->declared_given)
		add_whole(w, o->declared, CONF_DECLARED);
	else if (measured)
		add_whole(w, o->measured, CONF_MEASURED);
	drop_assumed(w);
	if (!whole_only)
		add_conntrack(w);
	if (!o->declared_given && o->measured.known && o->seen.floor)
		add_floor(w);
	add_assumption(w);
}

void
path_of(struct arena *a, const struct effective *ev, const struct path_opts *o, struct path *ret)
{
	struct walk w = {
		.a = a,
		.ev = ev,
		.o = o,
		.ret = ret,
		.side = ev->conf != NULL ? ev->conf->side : KW_CLIENT,
	};
	struct hop pinned = {
		.name = STR("this machine"),
		.timeout = QTY_NEVER,
		.confidence = CONF_DETECTED,
		.seen = true,
		.refresh = NET_ANY,
		.why = STR("a loopback address"),
	};

	memset(ret, 0, sizeof(*ret));
	ARENA_GROW(a, ret->hop, 0, w.cap_hop); /* the first hop is there in any case */
	find_target(&w);
	ret->pinned = !ret->piped && is_loopback(&w, w.target);
	if (ret->pinned)
		add_hop(&w, &pinned);
	else
		collect(&w);
	ret->min = &ret->hop[0];
	ret->timeout = ret->min->timeout;
	ret->confidence = ret->min->confidence;
}
