/* SPDX-License-Identifier: MIT */
/*
 * Algorithm lists: names joined by commas, the whole with + - or ^ in front.
 * Source: cipher.c, mac.c, kex-names.c, sshkey.c of 9.2; release notes for what came and went.  Where the release
 * of a change is not known for certain, a name is accepted.
 */
#include "conf/reader.h"

/* A name that some release knows; it may be a pattern for names still to come. */
struct alg {
	const char *name;
	int since, until; /* VER(); 0: no limit known */
};

static const struct alg ciphers[] = {
	{ "3des-cbc", 0, 0 },
	{ "aes128-cbc", 0, 0 },
	{ "aes192-cbc", 0, 0 },
	{ "aes256-cbc", 0, 0 },
	{ "aes128-ctr", 0, 0 },
	{ "aes192-ctr", 0, 0 },
	{ "aes256-ctr", 0, 0 },
	{ "aes128-gcm@openssh.com", 0, 0 },
	{ "aes256-gcm@openssh.com", 0, 0 },
	{ "chacha20-poly1305@openssh.com", 0, 0 },
	{ "rijndael-cbc@lysator.liu.se", 0, VER(9, 2) },
	{ "arcfour*", 0, VER(7, 6) },
	{ "blowfish-cbc", 0, VER(7, 6) },
	{ "cast128-cbc", 0, VER(7, 6) },
	{ NULL, 0, 0 },
};

static const struct alg macs[] = {
	{ "hmac-sha1", 0, 0 },
	{ "hmac-sha1-96", 0, 0 },
	{ "hmac-sha2-256", 0, 0 },
	{ "hmac-sha2-512", 0, 0 },
	{ "hmac-md5", 0, 0 },
	{ "hmac-md5-96", 0, 0 },
	{ "umac-64@openssh.com", 0, 0 },
	{ "umac-128@openssh.com", 0, 0 },
	{ "hmac-sha1-etm@openssh.com", 0, 0 },
	{ "hmac-sha1-96-etm@openssh.com", 0, 0 },
	{ "hmac-sha2-256-etm@openssh.com", 0, 0 },
	{ "hmac-sha2-512-etm@openssh.com", 0, 0 },
	{ "hmac-md5-etm@openssh.com", 0, 0 },
	{ "hmac-md5-96-etm@openssh.com", 0, 0 },
	{ "umac-64-etm@openssh.com", 0, 0 },
	{ "umac-128-etm@openssh.com", 0, 0 },
	{ "hmac-ripemd160*", 0, VER(7, 6) },
	{ NULL, 0, 0 },
};

static const struct alg kexes[] = {
	{ "diffie-hellman-group1-sha1", 0, 0 },
	{ "diffie-hellman-group14-sha1", 0, 0 },
	{ "diffie-hellman-group14-sha256", 0, 0 },
	{ "diffie-hellman-group16-sha512", 0, 0 },
	{ "diffie-hellman-group18-sha512", 0, 0 },
	{ "diffie-hellman-group-exchange-sha1", 0, 0 },
	{ "diffie-hellman-group-exchange-sha256", 0, 0 },
	{ "ecdh-sha2-nistp256", 0, 0 },
	{ "ecdh-sha2-nistp384", 0, 0 },
	{ "ecdh-sha2-nistp521", 0, 0 },
	{ "curve25519-sha256", 0, 0 },
	{ "curve25519-sha256@libssh.org", 0, 0 },
	{ "sntrup4591761x25519-sha512@tinyssh.org", VER(8, 0), VER(9, 2) },
	{ "sntrup761x25519-sha512@openssh.com", VER(8, 5), 0 },
	{ "sntrup761x25519-sha512", VER(9, 9), 0 },
	{ "mlkem768x25519-sha256", VER(9, 9), 0 },
	{ "*mlkem*", VER(10, 1), 0 },
	{ NULL, 0, 0 },
};

/* Debian's patches; they added the unsuffixed sntrup name to 9.2, too. */
static const struct alg gss_kexes[] = {
	{ "gss-gex-sha1-*", 0, 0 },
	{ "gss-group1-sha1-*", 0, 0 },
	{ "gss-group14-sha1-*", 0, 0 },
	{ "gss-group14-sha256-*", 0, 0 },
	{ "gss-group16-sha512-*", 0, 0 },
	{ "gss-nistp256-sha256-*", 0, 0 },
	{ "gss-curve25519-sha256-*", 0, 0 },
	{ NULL, 0, 0 },
};
static const struct alg debian_kexes[] = {
	{ "sntrup761x25519-sha512", VER(9, 2), 0 },
	{ NULL, 0, 0 },
};

static const struct alg keys[] = {
	{ "ssh-ed25519", 0, 0 },
	{ "ssh-ed25519-cert-v01@openssh.com", 0, 0 },
	{ "sk-ssh-ed25519@openssh.com", VER(8, 2), 0 },
	{ "sk-ssh-ed25519-cert-v01@openssh.com", VER(8, 2), 0 },
	{ "ecdsa-sha2-nistp256", 0, 0 },
	{ "ecdsa-sha2-nistp256-cert-v01@openssh.com", 0, 0 },
	{ "ecdsa-sha2-nistp384", 0, 0 },
	{ "ecdsa-sha2-nistp384-cert-v01@openssh.com", 0, 0 },
	{ "ecdsa-sha2-nistp521", 0, 0 },
	{ "ecdsa-sha2-nistp521-cert-v01@openssh.com", 0, 0 },
	{ "sk-ecdsa-sha2-nistp256@openssh.com", VER(8, 2), 0 },
	{ "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", VER(8, 2), 0 },
	{ "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", VER(8, 2), 0 },
	{ "webauthn-sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", VER(10, 0), 0 },
	{ "ssh-dss", 0, VER(10, 0) },
	{ "ssh-dss-cert-v01@openssh.com", 0, VER(10, 0) },
	{ "ssh-rsa", 0, 0 },
	{ "ssh-rsa-cert-v01@openssh.com", 0, 0 },
	{ "rsa-sha2-256", 0, 0 },
	{ "rsa-sha2-256-cert-v01@openssh.com", 0, 0 },
	{ "rsa-sha2-512", 0, 0 },
	{ "rsa-sha2-512-cert-v01@openssh.com", 0, 0 },
	{ "ssh-rsa-cert-v00@openssh.com", 0, VER(9, 2) },
	{ "ssh-dss-cert-v00@openssh.com", 0, VER(9, 2) },
	{ "*mldsa*", VER(10, 1), 0 },
	{ NULL, 0, 0 },
};

/* Short names of plain key types, which sshkey_type_from_name() takes in any case. */
static const char *const short_keys[] = { "ED25519", "ED25519-SK", "RSA", "ECDSA", "ECDSA-SK", "DSA", "null" };

/* A kind of list: its names, and what ssh and sshd say. */
struct family {
	const char *name;
	const struct alg *algs, *debian;
	bool patterns;		     /* names may be patterns that match a known one */
	bool operators;		     /* + - ^ in front */
	bool complains;		     /* a line about the very name comes first */
	const char *client, *server; /* in front of the list */
	const char *server_missing;
};

static const struct family families[] = {
	{ "cipher", ciphers, NULL, false, true, false, "Bad SSH2 cipher spec", "Bad SSH2 cipher spec",
	    "%s missing argument." },
	{ "mac", macs, NULL, false, true, false, "Bad SSH2 MAC spec", "Bad SSH2 mac spec", "%s missing argument." },
	{ "kex", kexes, debian_kexes, false, true, true, "Bad SSH2 KexAlgorithms", "Bad SSH2 KexAlgorithms",
	    "%s missing argument." },
	{ "gsskex", gss_kexes, NULL, false, false, true, "Bad GSSAPI KexAlgorithms", "Bad GSSAPI KexAlgorithms",
	    "Missing argument." },
	{ "key", keys, NULL, true, true, false, "Bad key types", "Bad key types", "Missing argument." },
	{ "sig", keys, NULL, true, true, false, "Bad key types", "Bad key types", "Missing argument." },
};

/* match_pattern(): * and ?, case counts.  Names are short, so going back to the last star is cheap enough. */
static bool
wild_match(struct str s, struct str pattern)
{
	size_t i = 0, p = 0, star = SIZE_MAX, from = 0;

	while (i < s.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			from = i;
		} else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == s.p[i])) {
			p++;
			i++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			i = ++from;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}

static bool
in_table(const struct alg *t, struct str name, struct ver v, bool as_pattern)
{
	struct str pattern = str_starts(name, STR("!")) ? str_from(name, 1) : name;

	for (; t != NULL && t->name != NULL; t++) {
		if (v.n < t->since || (t->until != 0 && v.n >= t->until))
			continue;
		if (wild_match(name, str_c(t->name)) || (as_pattern && wild_match(str_c(t->name), pattern)))
			return true;
	}
	return false;
}

static bool
is_known(const struct family *f, struct str name, struct ver v)
{
	if (in_table(f->algs, name, v, f->patterns) || (v.debian && in_table(f->debian, name, v, false)))
		return true;
	/* The GSSAPI methods stand in the same table as the others there. */
	if (f->debian != NULL && v.debian && in_table(gss_kexes, name, v, false))
		return true;
	for (size_t i = 0; f->patterns && i < sizeof(short_keys) / sizeof(short_keys[0]); i++)
		if (str_ieqc(name, short_keys[i]) && !(v.n >= VER(10, 0) && str_eqc(STR("DSA"), short_keys[i])))
			return true;
	return false;
}

/* 7.0 brought +, 7.5 -, 8.0 or so ^; before, they are part of a name. */
static char
operator_of(struct str s, struct ver v)
{
	if (s.n > 0 && ((s.p[0] == '+' && v.n >= VER(7, 0)) || (s.p[0] == '-' && v.n >= VER(7, 5)) || s.p[0] == '^'))
		return s.p[0];
	return '\0';
}

void
parse_algorithms(struct reader *r)
{
	const struct family *f = families;
	struct str s, list, part;
	char op;

	while (!str_eqc(str_c(f->name), r->k->special))
		f++;
	if (!rd_full_arg(r, &s)) {
		rd_missing(r, rd_is_client(r) ? "Missing argument." : f->server_missing);
		return;
	}
	rd_text(r, s);
	op = f->operators ? operator_of(s, r->ctx->v) : '\0';
	if (op == '-') /* removes whatever it matches, checked by nobody */
		return;
	list = op != '\0' ? str_from(s, 1) : s;
	if (list.n == 0)
		goto bad;
	/* An empty part ends the list. */
	while (str_split(&list, ',', &part) && part.n > 0)
		if (!is_known(f, part, r->ctx->v)) {
			if (f->complains)
				rd_line(r, "Unsupported KEX algorithm \"%.*s\"", STR_ARG(str_head(part, 100)));
			goto bad;
		}
	return;
bad:
	rd_refuse(r, "%s '%.*s'.", rd_is_client(r) ? f->client : f->server, STR_ARG(s));
}
