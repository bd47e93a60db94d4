/* SPDX-License-Identifier: MIT */
/* Effective values as `ssh -G` and `sshd -T` print them; and ControlPath's tokens. */
#include <sha1.h>
#include <string.h>

#include "eval/resolve.h"

static void
print_line(struct buf *b, const struct kw *k, struct str text)
{
	for (const char *p = k->name; *p != '\0'; p++)
		buf_addch(b, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
	buf_addch(b, ' ');
	buf_add(b, text);
	buf_addch(b, '\n');
}

static void
print_unknown(struct buf *b, const struct effective *ev, const struct kw *k, const struct eff *e)
{
	buf_addc(b, "# ");
	for (const char *p = k->name; *p != '\0'; p++)
		buf_addch(b, *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p);
	buf_addf(b, " unknown: %s (", e->reason != NULL ? e->reason : "cannot be decided");
	buf_add_escaped(b, ev->conf->src[e->reason_at.src].shown);
	buf_addf(b, ":%u)\n", e->reason_at.line);
}

static struct value
set_value(const struct effective *ev, uint32_t set)
{
	struct value v;

	conf_set_value(ev->conf, ev->scratch, &ev->conf->set[set], &v);
	return v;
}

/*
 * ssh -G tells dynamic forwards by their lack of a target host, so a LocalForward to a socket path shows up here
 * again with its listening side; one list in reading order.
 */
static void
print_dynamic(struct buf *b, const struct effective *ev, const struct kw *k, const struct eff *dynamic)
{
	const struct eff *local = eff_get(ev, KW_ID_LOCALFORWARD);
	size_t i = 0, n = 0;

	while (i < dynamic->n_also || n < local->n_also) {
		bool take = n == local->n_also || (i < dynamic->n_also && dynamic->also[i] < local->also[n]);
		struct value v;

		if (take) {
			print_line(b, k, dynamic->also_text[i++]);
			continue;
		}
		v = set_value(ev, local->also[n]);
		if (v.num2 == 1)
			print_line(b, k, str_head(local->also_text[n], str_chr(local->also_text[n], ' ', 0)));
		n++;
	}
}

static void
print_row(struct buf *b, const struct effective *ev, const struct kw *k, const struct eff *e)
{
	if (e->state == EFF_UNKNOWN) {
		print_unknown(b, ev, k, e);
		return;
	}
	if (k->merge != KW_APPEND) {
		if (e->text.p != NULL)
			print_line(b, k, e->text);
		return;
	}
	if (k->id == KW_ID_DYNAMICFORWARD) {
		print_dynamic(b, ev, k, e);
		return;
	}
	for (size_t i = 0; i < e->n_also; i++)
		print_line(b, k, e->also_text != NULL ? e->also_text[i] : set_value(ev, e->also[i]).text);
}

void
eff_print_ssh(const struct effective *ev, struct buf *b)
{
	size_t n;
	const struct kw *table = kw_table(ev->conf->side, &n);

	for (unsigned order = 1; order < 256; order++)
		for (size_t i = 0; i < n; i++)
			if (table[i].print == order && table[i].since <= ev->conf->ver.n &&
			    (table[i].until == 0 || ev->conf->ver.n < table[i].until) &&
			    (!table[i].debian || ev->conf->ver.debian))
				print_row(b, ev, &table[i], &ev->v[i]);
}

/* What the tokens of a path stand for; a value that is not known has p == NULL. */
struct token {
	char letter;
	struct str value;
};

static struct str
text_or(const struct effective *ev, enum kw_id id, struct str dflt)
{
	const struct eff *e = eff_get(ev, id);

	if (e->state == EFF_UNKNOWN)
		return (struct str){ NULL, 0 };
	return e->state == EFF_SET ? e->text : dflt;
}

/* %C: SHA-1 of %l%h%p%r, from 9.6 on also %j (readconf.c ssh_connection_hash()). */
static struct str
connection_hash(struct resolve *r, const struct token *t, size_t n)
{
	static const char order[] = "lhprj";
	struct buf b = { 0 };
	char hex[SHA1_DIGEST_STRING_LENGTH];
	bool known = true;

	for (size_t k = 0; k < (r->c->ver.n >= VER(9, 6) ? 5u : 4u); k++)
		for (size_t i = 0; i < n; i++)
			if (t[i].letter == order[k]) {
				known &= t[i].value.p != NULL;
				buf_add(&b, t[i].value);
			}
	SHA1Data((const uint8_t *)(b.p != NULL ? b.p : ""), b.n, hex);
	buf_release(&b);
	return known ? arena_str(r->arena, str_c(hex)) : (struct str){ NULL, 0 };
}

static void
unknown_token(struct resolve *r, struct effective *ev, char key)
{
	if (r->refused)
		return;
	r->refused = true;
	r->fatal = arena_printf(r->arena, "vdollar_percent_expand: unknown key %%%c", key);
	r->fatal_at = eff_get(ev, KW_ID_CONTROLPATH)->origin;
}

static void
bad_variable(struct resolve *r, struct effective *ev, struct str rest, bool closed)
{
	if (r->refused)
		return;
	r->refused = true;
	r->fatal = closed ?
	    STR("vdollar_percent_expand: zero-length environment variable") :
	    arena_printf(
		r->arena, "vdollar_percent_expand: environment variable '%.*s' missing closing '}'", STR_ARG(rest));
	r->fatal_at = eff_get(ev, KW_ID_CONTROLPATH)->origin;
}

bool
expand_path(struct resolve *r, struct effective *ev, struct str path, struct str *ret)
{
	const struct client_env *env = r->env;
	struct str none = { NULL, 0 }, host = ev->hostname_known ? ev->hostname : none, name = r->target->host;
	struct str local = env->hostname_known ? env->hostname : none;
	struct str me = env->local_user_known ? env->local_user : none;
	struct str short_name = local.p != NULL ? str_head(local, str_chr(local, '.', 0)) : none;
	struct token t[] = {
		{ 'h', host },
		{ 'n', name },
		{ 'p', text_or(ev, KW_ID_PORT, STR("22")) },
		{ 'r', r->target->user.n > 0 ? r->target->user : text_or(ev, KW_ID_USER, me) },
		{ 'u', me },
		{ 'd', env->home },
		{ 'l', local },
		{ 'L', short_name },
		{ 'i', env->uid_known ? env->uid : none },
		{ 'k', text_or(ev, KW_ID_HOSTKEYALIAS, name) },
		{ 'j', text_or(ev, KW_ID_PROXYJUMP, STR("")) },
		{ 'C', none },
	};
	const size_t n = sizeof(t) / sizeof(t[0]);
	struct buf b = { 0 };
	bool known = true;

	t[n - 1].value = connection_hash(r, t, n);
	if (str_eqc(path, "~") || str_starts(path, STR("~/"))) {
		buf_add(&b, env->home);
		path = str_from(path, 1);
	}
	for (size_t i = 0; i < path.n; i++) {
		char next = i + 1 < path.n ? path.p[i + 1] : '\0';
		size_t k = 0;

		if (path.p[i] == '$' && next == '{' && r->c->ver.n >= VER(8, 4)) {
			size_t close = str_chr(path, '}', i);

			known = false; /* the environment of the ssh to come */
			if (close == SIZE_MAX || close == i + 2)
				bad_variable(r, ev, str_from(path, i + 2), close != SIZE_MAX);
			break;
		}
		if (path.p[i] != '%') {
			buf_addch(&b, path.p[i]);
			continue;
		}
		i++;
		if (next == '%') {
			buf_addch(&b, '%');
			continue;
		}
		while (k < n && t[k].letter != next)
			k++;
		if (k == n || (next == 'j' && r->c->ver.n < VER(9, 6)) || (next == 'k' && r->c->ver.n < VER(8, 4))) {
			unknown_token(r, ev, next);
			known = false;
			break;
		}
		known &= t[k].value.p != NULL;
		buf_add(&b, t[k].value);
	}
	if (known)
		*ret = arena_str(r->arena, buf_str(&b));
	buf_release(&b);
	return known;
}
