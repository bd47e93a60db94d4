/* SPDX-License-Identifier: MIT */
/* IPQoS, and the counts that sshd reads with sscanf. */
#include "conf/reader.h"

/* Code points of IPQoS: the first name of a value is the one that is printed.  RFC 2474, 3246, 8622, 5865, 1349. */
static const struct kw_word qos_words[] = { { "af11", NULL, 0x28, 0 }, { "af12", NULL, 0x30, 0 },
	{ "af13", NULL, 0x38, 0 }, { "af21", NULL, 0x48, 0 }, { "af22", NULL, 0x50, 0 }, { "af23", NULL, 0x58, 0 },
	{ "af31", NULL, 0x68, 0 }, { "af32", NULL, 0x70, 0 }, { "af33", NULL, 0x78, 0 }, { "af41", NULL, 0x88, 0 },
	{ "af42", NULL, 0x90, 0 }, { "af43", NULL, 0x98, 0 }, { "cs0", NULL, 0x00, 0 }, { "cs1", NULL, 0x20, 0 },
	{ "cs2", NULL, 0x40, 0 }, { "cs3", NULL, 0x60, 0 }, { "cs4", NULL, 0x80, 0 }, { "cs5", NULL, 0xa0, 0 },
	{ "cs6", NULL, 0xc0, 0 }, { "cs7", NULL, 0xe0, 0 }, { "ef", NULL, 0xb8, 0 }, { "va", NULL, 0xb0, VER(10, 3) },
	{ "le", NULL, 0x04, VER(8, 2) }, { "lowdelay", NULL, 0x10, 0 }, { "throughput", NULL, 0x08, 0 },
	{ "reliability", NULL, 0x04, 0 }, { "none", NULL, -1, VER(7, 6) }, { NULL, NULL, 0, 0 } };

/* -2 when it is no value. */
static int64_t
read_qos(struct reader *r, struct str s)
{
	const struct kw_word *w = NULL;
	size_t used;
	int64_t n;

	for (w = qos_words; w->word != NULL; w++)
		if (w->since <= r->ctx->v.n && str_ieqc(s, w->word))
			break;
	if (w->word != NULL) {
		/* From 10.1 on the words of the old TOS byte leave it to the system. */
		bool tos = w->num == 0x10 || w->num == 0x08 || str_eqc(str_c(w->word), "reliability");

		return tos && rd_since(r, VER(10, 1)) ? -1 : w->num;
	}
	n = num_strtol(s, rd_since(r, VER(9, 8)) ? 10 : 0, &used);
	return s.n > 0 && used == s.n && n >= 0 && n <= 255 ? n : -2;
}

static struct str
qos_text(struct arena *a, int64_t n)
{
	for (const struct kw_word *w = qos_words; w->word != NULL; w++)
		if (w->num == n && w->since <= VER(9, 2))
			return str_c(w->word);
	return arena_printf(a, "0x%02x", (unsigned)n);
}

/* One or two values; a single one is for both. */
void
parse_ipqos(struct reader *r)
{
	int64_t n[2];
	size_t i;

	for (i = 0; i < 2 && (i == 0 || rd_left(r)); i++) {
		struct str s = { NULL, 0 };
		bool given = rd_arg(r, &s);

		if (i == 0 && s.n == 0 && !rd_is_client(r)) {
			rd_missing(r, "%s missing argument.");
			return;
		}
		n[i] = read_qos(r, s);
		if (n[i] == -2) {
			rd_refuse(r, "Bad %s value: %.*s",
			    rd_is_client(r) ? r->k->name : arena_strz(r->a, r->ctx->word),
			    STR_ARG(given ? s : STR("(null)")));
			return;
		}
	}
	if (i == 1)
		n[1] = n[0];
	r->v->num = n[0];
	r->v->num2 = n[1];
	r->v->has_num2 = true;
	r->v->text = arena_printf(r->a, "%.*s %.*s", STR_ARG(qos_text(r->a, n[0])), STR_ARG(qos_text(r->a, n[1])));
}

/* sscanf("%d:%d:...") into v[max]: numbers read; each is cut to int as the C library does, the rest is not looked at. */
static unsigned
scan_ints(struct str s, int64_t *v, unsigned max)
{
	unsigned n = 0;

	while (n < max) {
		size_t used;
		int64_t x = num_strtol(s, 10, &used);

		if (used == 0)
			break;
		v[n++] = (int32_t)(uint32_t)x;
		s = str_from(s, used);
		if (s.n == 0 || s.p[0] != ':')
			break;
		s = str_from(s, 1);
	}
	return n;
}

/* start:rate:full, or one number for both ends. */
void
parse_startups(struct reader *r)
{
	int64_t v[3] = { 0, 30, 0 };
	struct str s;
	unsigned n;
	bool ok;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "%s missing argument.");
		return;
	}
	n = scan_ints(s, v, 3);
	ok = n == 1 || (n == 3 && v[0] <= v[2] && v[1] >= 1 && v[1] <= 100);
	if (n == 1) {
		v[1] = 30;
		v[2] = v[0];
		/* 10.1 and 10.2 store a single number as the last one only; the first keeps its default of 10. */
		if (ok && rd_since(r, VER(10, 1)) && !rd_since(r, VER(10, 3)))
			v[0] = v[0] > 0 ? 10 : v[0];
	}
	if (ok && rd_since(r, VER(9, 2)))
		ok = v[0] > 0 && v[2] > 0;
	if (!ok) {
		rd_refuse(r, "Invalid %.*s spec.", STR_ARG(r->ctx->word));
		return;
	}
	r->v->num = v[0];
	r->v->num2 = v[1];
	r->v->num3 = v[2];
	r->v->has_num2 = n == 3; /* a rate of its own */
	r->v->text = arena_printf(r->a, "%d:%d:%d", (int)v[0], (int)v[1], (int)v[2]);
}

/* bits of IPv4[:bits of IPv6]; without the second sshd groups all of IPv6. */
void
parse_netblock(struct reader *r)
{
	int64_t v[2] = { 0, 0 };
	struct str s;
	unsigned n;

	if (!rd_full_arg(r, &s)) {
		rd_missing(r, "%s missing argument.");
		return;
	}
	n = scan_ints(s, v, 2);
	if (n == 0 || v[0] < 0 || v[0] > 32 || v[1] < 0 || v[1] > 128) {
		rd_refuse(r, "Invalid %.*s spec.", STR_ARG(r->ctx->word));
		return;
	}
	r->v->num = v[0];
	r->v->num2 = v[1];
	r->v->has_num2 = true;
	r->v->text = arena_printf(r->a, "%d:%d", (int)v[0], (int)v[1]);
}
