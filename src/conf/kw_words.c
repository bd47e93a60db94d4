/* SPDX-License-Identifier: MIT */
/*
 * The words that keywords with a fixed choice accept, how they are printed, and the number that stands for
 * each in struct value.  Source: readconf.c and servconf.c multistate_*, log.c, digest-openssl.c.
 */
#include "conf/kw_tables.h"

/*
 * readconf.c and servconf.c fill_default_*: 7.8 and 10.1 changed it.  Debian's patch revert-ipqos-defaults.patch
 * undoes the change of 7.8; that of 10.1 is taken to have ended the patch.
 */
const struct kw_default dflts_ipqos[] = {
	{ VER(10, 1), "ef cs0", false },
	{ VER(7, 8), "af21 cs1", true },
	{ 0, "lowdelay throughput", false },
};
const struct kw_default dflts_usedns[] = { { VER(6, 8), "no", false }, { 0, "yes", false } };

#define END                                                                                                            \
	{                                                                                                              \
		NULL, NULL, 0, 0                                                                                       \
	}

const struct kw_word words_family[] = {
	{ "inet", NULL, 4, 0 },
	{ "inet6", NULL, 6, 0 },
	{ "any", NULL, 0, 0 },
	END,
};

const struct kw_word words_digest[] = {
	{ "md5", "MD5", 0, 0 },
	{ "sha1", "SHA1", 1, 0 },
	{ "sha256", "SHA256", 2, 0 },
	{ "sha384", "SHA384", 3, 0 },
	{ "sha512", "SHA512", 4, 0 },
	END,
};

const struct kw_word words_loglevel[] = {
	{ "SILENT", NULL, 0, 0 },
	{ "QUIET", "SILENT", 0, 0 },
	{ "FATAL", NULL, 1, 0 },
	{ "ERROR", NULL, 2, 0 },
	{ "INFO", NULL, 3, 0 },
	{ "VERBOSE", NULL, 4, 0 },
	{ "DEBUG", NULL, 5, 0 },
	{ "DEBUG1", "DEBUG", 5, 0 },
	{ "DEBUG2", NULL, 6, 0 },
	{ "DEBUG3", NULL, 7, 0 },
	END,
};

const struct kw_word words_facility[] = {
	{ "DAEMON", NULL, 3, 0 },
	{ "USER", NULL, 1, 0 },
	{ "AUTH", NULL, 4, 0 },
	{ "AUTHPRIV", NULL, 10, 0 },
	{ "LOCAL0", NULL, 16, 0 },
	{ "LOCAL1", NULL, 17, 0 },
	{ "LOCAL2", NULL, 18, 0 },
	{ "LOCAL3", NULL, 19, 0 },
	{ "LOCAL4", NULL, 20, 0 },
	{ "LOCAL5", NULL, 21, 0 },
	{ "LOCAL6", NULL, 22, 0 },
	{ "LOCAL7", NULL, 23, 0 },
	END,
};

const struct kw_word words_yesno[] = {
	{ "yes", NULL, 1, 0 },
	{ "no", NULL, 0, 0 },
	END,
};

const struct kw_word words_yesnoask[] = {
	{ "true", "true", 1, 0 },
	{ "false", "false", 0, 0 },
	{ "yes", "true", 1, 0 },
	{ "no", "false", 0, 0 },
	{ "ask", NULL, 2, 0 },
	END,
};

const struct kw_word words_pubkey[] = {
	{ "true", NULL, 1, 0 },
	{ "false", NULL, 0, 0 },
	{ "yes", "true", 1, 0 },
	{ "no", "false", 0, 0 },
	{ "unbound", NULL, 2, VER(8, 9) },
	{ "host-bound", NULL, 3, VER(8, 9) },
	END,
};

const struct kw_word words_canonicalize[] = {
	{ "true", NULL, 1, 0 },
	{ "false", NULL, 0, 0 },
	{ "yes", "true", 1, 0 },
	{ "no", "false", 0, 0 },
	{ "always", NULL, 2, 0 },
	END,
};

const struct kw_word words_controlmaster[] = {
	{ "true", NULL, 1, 0 },
	{ "yes", "true", 1, 0 },
	{ "false", NULL, 0, 0 },
	{ "no", "false", 0, 0 },
	{ "auto", NULL, 3, 0 },
	{ "ask", NULL, 2, 0 },
	{ "autoask", NULL, 4, 0 },
	END,
};

const struct kw_word words_requesttty[] = {
	{ "true", NULL, 1, 0 },
	{ "yes", "true", 1, 0 },
	{ "false", NULL, 0, 0 },
	{ "no", "false", 0, 0 },
	{ "force", NULL, 2, 0 },
	{ "auto", NULL, 3, 0 },
	END,
};

const struct kw_word words_sessiontype[] = {
	{ "none", NULL, 0, 0 },
	{ "subsystem", NULL, 1, 0 },
	{ "default", NULL, 2, 0 },
	END,
};

const struct kw_word words_stricthostkey[] = {
	{ "true", NULL, 2, 0 },
	{ "false", NULL, 0, 0 },
	{ "yes", "true", 2, 0 },
	{ "no", "false", 0, 0 },
	{ "ask", NULL, 3, 0 },
	{ "off", "false", 0, VER(7, 6) },
	{ "accept-new", NULL, 1, VER(7, 6) },
	END,
};

const struct kw_word words_tunnel[] = {
	{ "ethernet", NULL, 2, 0 },
	{ "point-to-point", NULL, 1, 0 },
	{ "true", "point-to-point", 1, 0 },
	{ "yes", "point-to-point", 1, 0 },
	{ "false", NULL, 0, 0 },
	{ "no", "false", 0, 0 },
	END,
};

/* ControlPersist: -1 is off, 0 for ever, else seconds. */
const struct kw_word words_persist[] = {
	{ "no", NULL, -1, 0 },
	{ "false", "no", -1, 0 },
	{ "yes", NULL, 0, 0 },
	{ "true", "yes", 0, 0 },
	END,
};

/* ObscureKeystrokeTiming: milliseconds, 0 is off. */
const struct kw_word words_obscure[] = {
	{ "yes", NULL, 20, 0 },
	{ "true", "yes", 20, 0 },
	{ "no", NULL, 0, 0 },
	{ "false", "no", 0, 0 },
	END,
};

const struct kw_word words_privsep[] = {
	{ "yes", NULL, 1, 0 },
	{ "sandbox", NULL, 2, 0 },
	{ "nosandbox", "yes", 1, 0 },
	{ "no", NULL, 0, 0 },
	END,
};

const struct kw_word words_tcpfwd[] = {
	{ "yes", NULL, 1, 0 },
	{ "all", "yes", 1, 0 },
	{ "no", NULL, 0, 0 },
	{ "remote", NULL, 2, 0 },
	{ "local", NULL, 3, 0 },
	END,
};

const struct kw_word words_compression[] = {
	{ "yes", NULL, 1, 0 },
	{ "delayed", "yes", 1, 0 },
	{ "no", NULL, 0, 0 },
	END,
};

const struct kw_word words_gatewayports[] = {
	{ "clientspecified", NULL, 2, 0 },
	{ "yes", NULL, 1, 0 },
	{ "no", NULL, 0, 0 },
	END,
};

const struct kw_word words_rhosts[] = {
	{ "yes", NULL, 1, 0 },
	{ "no", NULL, 0, 0 },
	{ "shosts-only", NULL, 2, VER(8, 2) },
	END,
};

const struct kw_word words_rootlogin[] = {
	{ "without-password", NULL, 2, 0 },
	{ "prohibit-password", "without-password", 2, VER(7, 0) },
	{ "forced-commands-only", NULL, 1, 0 },
	{ "yes", NULL, 3, 0 },
	{ "no", NULL, 0, 0 },
	END,
};

const struct kw_word words_permittunnel[] = {
	{ "point-to-point", NULL, 1, 0 },
	{ "ethernet", NULL, 2, 0 },
	{ "yes", NULL, 3, 0 },
	{ "no", NULL, 0, 0 },
	END,
};

const struct kw_word words_int_none[] = {
	{ "none", NULL, INT32_MAX, 0 },
	END,
};

const struct kw_word words_pubkeyopts[] = {
	{ "none", NULL, 0, 0 },
	{ "touch-required", NULL, 1, 0 },
	{ "verify-required", NULL, 2, VER(8, 4) },
	END,
};
