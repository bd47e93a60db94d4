/* SPDX-License-Identifier: MIT */
/* The table of boxes on the path: loading it from INI text, finding rows, matching their patterns. */
#include "model/network.h"

#include <string.h>

#include "conf/addr.h"
#include "conf/pattern.h"

/* A word of a key and the enum value it means. */
struct word {
	const char *word;
	int num;
};

static const struct word yes_no[] = { { "no", 0 }, { "yes", 1 }, { NULL, 0 } };
static const struct word kinds[] = { { "idle", NET_IDLE }, { "lifetime", NET_LIFETIME }, { NULL, 0 } };
static const struct word refreshes[] = { { "any", NET_ANY }, { "data", NET_DATA }, { "none", NET_NONE }, { NULL, 0 } };
static const struct word sides[] = { { "either", NET_EITHER }, { "client", NET_CLIENT }, { "server", NET_SERVER },
	{ NULL, 0 } };
static const struct word expiries[] = { { "silent", NET_SILENT }, { "rst-on-next", NET_RST_ON_NEXT },
	{ "rst-at-expiry", NET_RST_AT_EXPIRY }, { "fin", NET_FIN }, { NULL, 0 } };
static const struct word confidences[] = { { "memory", NET_MEMORY }, { "secondary", NET_SECONDARY },
	{ "verified", NET_VERIFIED }, { NULL, 0 } };
static const struct word scopes[] = { { "any", 0 }, { "public", 1 }, { NULL, 0 } };

#define KEY(lit)                                                                                                       \
	{                                                                                                              \
		lit, sizeof(lit) - 1                                                                                   \
	}

/* What a row of the file may say besides detect.* and maybe.*. */
enum key_id {
	KEY_NAME,
	KEY_SOURCE,
	KEY_DATE,
	KEY_NOTE,
	KEY_TIMEOUT,
	KEY_RANGE,
	KEY_KIND,
	KEY_REFRESH,
	KEY_SIDE,
	KEY_PROXY,
	KEY_EXPIRY,
	KEY_REVIVE,
	KEY_CONFIDENCE,
	KEY_LOCAL,
	KEY_OVERLAY,
	KEY_KEEPS,
	KEY_SCOPE,
	KEY_MAX_
};
static const struct key {
	struct str name;
	const struct word *words;
	bool required;
} keys[KEY_MAX_] = {
	[KEY_NAME] = { KEY("name"), NULL, true },
	[KEY_SOURCE] = { KEY("source"), NULL, true },
	[KEY_DATE] = { KEY("date"), NULL, false },
	[KEY_NOTE] = { KEY("note"), NULL, false },
	[KEY_TIMEOUT] = { KEY("timeout"), NULL, true },
	[KEY_RANGE] = { KEY("range"), NULL, false },
	[KEY_KIND] = { KEY("kind"), kinds, false },
	[KEY_REFRESH] = { KEY("refresh"), refreshes, false },
	[KEY_SIDE] = { KEY("side"), sides, false },
	[KEY_PROXY] = { KEY("proxy"), yes_no, false },
	[KEY_EXPIRY] = { KEY("expiry"), expiries, false },
	[KEY_REVIVE] = { KEY("revive"), yes_no, false },
	[KEY_CONFIDENCE] = { KEY("confidence"), confidences, true },
	[KEY_LOCAL] = { KEY("local"), yes_no, false },
	[KEY_OVERLAY] = { KEY("overlay"), yes_no, false },
	[KEY_KEEPS] = { KEY("keeps"), yes_no, false },
	[KEY_SCOPE] = { KEY("scope"), scopes, false },
};

/* Is part NET/BITS, and text a literal address in it? */
static bool
in_net(struct str part, struct str text)
{
	struct addr net, a;
	unsigned bits;

	return str_chr(part, '/', 0) != SIZE_MAX && addr_cidr(part, &net, &bits) == ADDR_CIDR_OK &&
	    addr_parse(text, &a) && addr_in(&a, &net, bits);
}

bool
network_match(struct str list, struct str text, bool fold)
{
	struct str line, part;

	if (text.n == 0)
		return false;
	while (str_split(&list, '\n', &line)) {
		while (str_split(&line, ',', &part)) {
			part = str_trim(part);
			if (part.n == 0)
				continue;
			if ((fold ? pattern_imatch(text, part) : pattern_match(text, part)) || in_net(part, text))
				return true;
		}
	}
	return false;
}

const char *
net_expiry_text(enum net_expiry x)
{
	static const char *const text[] = {
		[NET_SILENT] = "hang, no message",
		[NET_RST_ON_NEXT] = "reset at next key",
		[NET_RST_AT_EXPIRY] = "reset while idle",
		[NET_FIN] = "closed by remote",
	};

	return text[x];
}

const char *
net_confidence_name(enum net_confidence c)
{
	return confidences[c].word;
}

const struct network *
network_find(const struct networks *n, struct str id)
{
	size_t i;

	for (i = 0; i < n->n; i++) {
		if (str_eq(n->v[i].id, id))
			return &n->v[i];
	}
	return NULL;
}

/* SK_ERULE "FILE:LINE: [ID] what "value"". */
static enum sk_code
bad(const struct network *net, unsigned line, const char *what, struct str value, struct err *e)
{
	struct buf b = { 0 };
	enum sk_code rc;

	buf_add_escaped(&b, net->file);
	buf_addf(&b, ":%u: [", line);
	buf_add_escaped(&b, net->id);
	buf_addf(&b, "] %s", what);
	if (value.p != NULL) {
		buf_addc(&b, " \"");
		buf_add_escaped(&b, str_head(value, 80));
		buf_addc(&b, "\"");
	}
	rc = err_set(e, SK_ERULE, "%.*s", STR_ARG(buf_str(&b)));
	buf_release(&b);
	return rc;
}

static enum sk_code
read_word(const struct network *net, const struct ini_entry *en, const struct word *words, int *ret, struct err *e)
{
	for (; words->word != NULL; words++) {
		if (str_eqc(en->value, words->word)) {
			*ret = words->num;
			return SK_OK;
		}
	}
	return bad(net, en->line, "not a word that this key takes:", en->value, e);
}

static enum sk_code
read_timeout(struct network *net, const struct ini_entry *en, struct err *e)
{
	double s;

	if (str_eqc(en->value, "unknown")) {
		net->timeout = QTY_UNKNOWN("no figure is known for this box");
		return SK_OK;
	}
	if (num_time(en->value, &s, NULL) != SK_OK || s <= 0)
		return bad(net, en->line, "not a time above 0, \"never\" or \"unknown\":", en->value, e);
	net->timeout = QTY(s);
	return SK_OK;
}

static enum sk_code
read_range(struct network *net, const struct ini_entry *en, struct err *e)
{
	size_t dash = str_chr(en->value, '-', 0);
	double from, to;

	if (dash == SIZE_MAX || num_time(str_trim(str_head(en->value, dash)), &from, NULL) != SK_OK ||
	    num_time(str_trim(str_from(en->value, dash + 1)), &to, NULL) != SK_OK || from > to)
		return bad(net, en->line, "not a range of times FROM-TO:", en->value, e);
	net->range_min = from;
	net->range_max = to;
	return SK_OK;
}

static void
store_word(struct network *net, enum key_id id, int num)
{
	bool on = num != 0;

	if (id == KEY_KIND)
		net->kind = (enum net_kind)num;
	else if (id == KEY_REFRESH)
		net->refresh = (enum net_refresh)num;
	else if (id == KEY_SIDE)
		net->side = (enum net_side)num;
	else if (id == KEY_EXPIRY)
		net->expiry = (enum net_expiry)num;
	else if (id == KEY_CONFIDENCE)
		net->confidence = (enum net_confidence)num;
	else if (id == KEY_PROXY)
		net->proxy = on;
	else if (id == KEY_REVIVE)
		net->revive = on;
	else if (id == KEY_LOCAL)
		net->local = on;
	else if (id == KEY_OVERLAY)
		net->overlay = on;
	else if (id == KEY_KEEPS)
		net->keeps = on;
	else
		net->public_only = on;
}

/* Continuation lines of a text become one sentence. */
static struct str
one_line(struct arena *a, struct str value)
{
	char *p;
	size_t i;

	if (str_chr(value, '\n', 0) == SIZE_MAX)
		return value;
	p = arena_alloc(a, value.n + 1);
	for (i = 0; i < value.n; i++)
		p[i] = value.p[i] == '\n' ? ' ' : value.p[i];
	return (struct str){ p, value.n };
}

/* Length of the prefix of a key that names a signal; 0: it does not. */
static size_t
detect_prefix(struct str key)
{
	if (key.n < 6 || (key.p[0] != 'd' && key.p[0] != 'm'))
		return 0;
	return str_starts(key, STR("detect.")) ? 7 : str_starts(key, STR("maybe.")) ? 6 : 0;
}

static enum sk_code
read_detect(struct network *net, const struct ini_entry *en, size_t prefix, struct err *e)
{
	struct net_detect *d = &net->detect[net->n_detect];

	if (en->key.n == prefix)
		return bad(net, en->line, "no signal is named behind", en->key, e);
	if (en->value.n == 0)
		return bad(net, en->line, "no pattern for", en->key, e);
	d->key = str_from(en->key, prefix);
	d->pattern = en->value;
	d->maybe = str_starts(en->key, STR("maybe."));
	net->n_detect++;
	return SK_OK;
}

static enum sk_code
read_entry(struct arena *a, struct network *net, const struct ini_entry *en, unsigned *said, struct err *e)
{
	enum key_id id = KEY_NAME;
	enum sk_code rc;
	size_t prefix = detect_prefix(en->key);
	int num = 0;

	if (prefix != 0)
		return read_detect(net, en, prefix, e);
	while (id < KEY_MAX_ && !str_eq(en->key, keys[id].name))
		id++;
	if (id == KEY_MAX_)
		return bad(net, en->line, "unknown key", en->key, e);
	*said |= 1u << id;
	if (keys[id].words != NULL) {
		rc = read_word(net, en, keys[id].words, &num, e);
		if (rc == SK_OK)
			store_word(net, id, num);
		return rc;
	}
	if (id == KEY_TIMEOUT)
		return read_timeout(net, en, e);
	if (id == KEY_RANGE)
		return read_range(net, en, e);
	if (en->value.n == 0)
		return bad(net, en->line, "nothing is said for", en->key, e);
	if (id == KEY_NAME)
		net->name = one_line(a, en->value);
	else if (id == KEY_SOURCE)
		net->source = one_line(a, en->value);
	else if (id == KEY_DATE)
		net->date = one_line(a, en->value);
	else
		net->note = one_line(a, en->value);
	return SK_OK;
}

static enum sk_code
read_section(struct arena *a, const struct ini_section *s, struct str file, struct network *net, struct err *e)
{
	enum key_id id;
	enum sk_code rc;
	unsigned said = 0;
	size_t i, n_detect = 0;

	memset(net, 0, sizeof(*net));
	net->id = s->name;
	net->file = file;
	net->line = s->line;
	for (i = 0; i < s->n; i++)
		n_detect += detect_prefix(s->entry[i].key) != 0;
	net->detect = ARENA_ARRAY(a, struct net_detect, n_detect + 1);
	for (i = 0; i < s->n; i++) {
		rc = read_entry(a, net, &s->entry[i], &said, e);
		if (rc != SK_OK)
			return rc;
	}
	for (id = KEY_NAME; id < KEY_MAX_; id++) {
		if (keys[id].required && (said & 1u << id) == 0)
			return bad(net, s->line, "this key is missing:", keys[id].name, e);
	}
	return SK_OK;
}

/* All rows of a file, whose ids are unique. */
static void
add_rows(struct arena *a, struct networks *n, struct network *row, size_t n_row)
{
	struct network *all;
	const struct network *old;

	if (n->n == 0) {
		*n = (struct networks){ .v = row, .n = n_row, .cap = n_row };
		return;
	}
	all = ARENA_ARRAY(a, struct network, n->n + n_row + 1);
	memcpy(all, n->v, n->n * sizeof(*all));
	n->v = all;
	n->cap = n->n + n_row + 1;
	for (size_t i = 0; i < n_row; i++) {
		old = network_find(n, row[i].id);
		if (old != NULL)
			n->v[(size_t)(old - n->v)] = row[i];
		else
			n->v[n->n++] = row[i];
	}
}

enum sk_code
network_load(struct arena *a, struct networks *n, struct str file, struct str text, struct err *e)
{
	struct ini ini;
	struct network *row;
	enum sk_code rc = ini_read(a, arena_str(a, file), text, &ini, e);

	if (rc != SK_OK)
		return rc;
	/* Check all of the file first: on a fault the table stays as it was. */
	row = ARENA_ARRAY(a, struct network, ini.n + 1);
	for (size_t i = 0; i < ini.n && rc == SK_OK; i++)
		rc = read_section(a, &ini.section[i], ini.file, &row[i], e);
	if (rc == SK_OK)
		add_rows(a, n, row, ini.n);
	return rc;
}

enum sk_code
network_load_pack(struct arena *a, struct networks *n, const struct ini_pack *pack, struct err *e)
{
	struct network *row = ARENA_ARRAY(a, struct network, pack->n + 1);
	struct arena scratch = { 0 }; /* one section; its texts lie in the pack */
	enum sk_code rc = SK_OK;

	for (size_t i = 0; i < pack->n && rc == SK_OK; i++) {
		struct ini_section s;

		arena_reset(&scratch);
		ini_unpack_section(&scratch, pack, i, &s);
		rc = read_section(a, &s, str_c(pack->file), &row[i], e);
	}
	arena_release(&scratch);
	if (rc == SK_OK)
		add_rows(a, n, row, pack->n);
	return rc;
}
