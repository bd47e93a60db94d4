/* SPDX-License-Identifier: MIT */
/* Diagnostics: their names, OpenSSH's message shapes, and the words of other vendors. */
#include <stdarg.h>

#include "base/buf.h"
#include "base/mem.h"
#include "conf/load.h"

static const char *const diag_names[DIAG_MAX_] = {
	[DIAG_UNKNOWN_KEYWORD] = "unknown-keyword",
	[DIAG_WRONG_SIDE] = "wrong-side",
	[DIAG_MISSPELT] = "misspelt",
	[DIAG_TOO_NEW] = "too-new",
	[DIAG_BAD_VALUE] = "bad-value",
	[DIAG_NO_ARGUMENT] = "no-argument",
	[DIAG_EXTRA_ARGUMENTS] = "extra-arguments",
	[DIAG_BAD_QUOTES] = "bad-quotes",
	[DIAG_BAD_MATCH] = "bad-match",
	[DIAG_NOT_IN_MATCH] = "not-in-match",
	[DIAG_BAD_PERM] = "bad-permissions",
	[DIAG_INCLUDE_DEPTH] = "include-depth",
	[DIAG_INCLUDE_UNREADABLE] = "include-unreadable",
	[DIAG_INCLUDE_EMPTY] = "include-empty",
	[DIAG_INCLUDE_OUTSIDE] = "include-outside",
	[DIAG_TOO_MANY_FILES] = "too-many-files",
	[DIAG_VOID_LINE] = "void-line",
	[DIAG_NUL] = "nul-byte",
	[DIAG_BOM] = "byte-order-mark",
	[DIAG_NOT_UTF8] = "not-utf8",
	[DIAG_DEPRECATED] = "deprecated",
	[DIAG_UNSUPPORTED] = "unsupported",
	[DIAG_LINE_TOO_LONG] = "line-too-long",
	[DIAG_ALIAS] = "alias",
	[DIAG_NONE_UNSETS] = "none-unsets",
	[DIAG_OTHER_VENDOR] = "other-vendor",
	[DIAG_GUESSED] = "guessed-template",
	[DIAG_TEMPLATE] = "template",
};
_Static_assert(sizeof(diag_names) / sizeof(diag_names[0]) == DIAG_MAX_, "a name for each diag");

const char *
diag_name(enum diag_kind k)
{
	return diag_names[k];
}

const char *
diag_vendor(struct str word)
{
	static const struct {
		const char *word, *vendor;
	} words[] = {
		{ "UseKeychain", "Apple" },
		{ "KeychainIntegration", "Apple" },
		{ "AskPassGUI", "Apple" },
		{ "GSSAPIKeyExchange", "Debian and Fedora" },
		{ "GSSAPITrustDns", "Debian and Fedora" },
		{ "GSSAPIRenewalForcesRekey", "Debian and Fedora" },
		{ "GSSAPIClientIdentity", "Debian and Fedora" },
		{ "GSSAPIServerIdentity", "Debian and Fedora" },
		{ "GSSAPIKexAlgorithms", "Debian and Fedora" },
		{ "GSSAPIStoreCredentialsOnRekey", "Debian and Fedora" },
		{ "GSSAPIEnablek5users", "Fedora" },
		{ "KerberosUseKuserok", "Fedora" },
		{ "PermitBlacklistedKeys", "Debian" },
		{ "DebianBanner", "Debian and Ubuntu" },
		{ "NoneEnabled", "HPN" },
		{ "NoneSwitch", "HPN" },
		{ "NoneMacEnabled", "HPN" },
		{ "HPNDisabled", "HPN" },
		{ "HPNBufferSize", "HPN" },
		{ "TcpRcvBufPoll", "HPN" },
		{ "TcpRcvBuf", "HPN" },
		{ "UseMPTCP", "HPN" },
		{ "UseBlacklist", "FreeBSD" },
		{ "UseBlocklist", "FreeBSD and NetBSD" },
		{ "ShowPatchLevel", "Fedora" },
		{ "AuthorizedKeysCommandRunAs", "RHEL 6" },
		{ "RequiredAuthentications1", "RHEL 6" },
		{ "RequiredAuthentications2", "RHEL 6" },
		{ "RSAMinSize", "Fedora" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_ieqc(word, words[i].word))
			return words[i].vendor;
	return NULL;
}

struct str
load_vis(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\\')
			buf_addc(&b, "\\\\");
		else if ((c >= 0x20 && c < 0x7f) || (c >= '\a' && c <= '\n') || c == '\r')
			if (c == '\v')
				buf_addf(&b, "\\%03o", c);
			else
				buf_addch(&b, (char)c);
		else
			buf_addf(&b, "\\%03o", c);
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static void
msg_add(struct load *ld, struct diag *d, struct str text)
{
	struct str shown = load_vis(ld->scratch, text);

	if (d->msg.n == 0)
		d->msg = arena_str(&ld->c->arena, shown);
	else
		d->msg = arena_printf(&ld->c->arena, "%.*s\n%.*s", STR_ARG(d->msg), STR_ARG(shown));
}

void
load_msg(struct load *ld, struct diag *d, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	buf_add(&b, ld->c->src[ld->src].name);
	buf_addf(&b, " line %u: ", ld->no);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	msg_add(ld, d, buf_str(&b));
	buf_release(&b);
}

void
load_msg_bare(struct load *ld, struct diag *d, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	msg_add(ld, d, buf_str(&b));
	buf_release(&b);
}

struct diag *
load_diag(struct load *ld, enum diag_kind kind, enum diag_effect effect)
{
	struct conf *c = ld->c;
	struct diag *d;

	MEM_GROW(c->diag, c->cap_diag, c->n_diag + 1);
	d = &c->diag[c->n_diag++];
	*d = (struct diag){
		.kind = (uint8_t)kind,
		.effect = (uint8_t)effect,
		.src = ld->src,
		.line = ld->line,
		.col = 1,
		.at_set = (uint32_t)c->n_set,
		.block = ld->block,
		.exit_status = 255,
	};
	/* A -o option that is refused ends the program at once. */
	if (c->src[ld->src].origin == SOURCE_CMDLINE && effect == DIAG_COUNTED)
		d->effect = DIAG_FATAL;
	return d;
}
