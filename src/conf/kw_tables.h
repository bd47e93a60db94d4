/* SPDX-License-Identifier: MIT */
/* Inside conf/ only: the two keyword tables, and the word lists that their rows name. */
#ifndef CONF_KW_TABLES_H
#define CONF_KW_TABLES_H

#include "conf/kw.h"

extern const struct kw kw_client_table[], kw_server_table[];
extern const size_t kw_client_n, kw_server_n;

/* Defaults that changed. */
extern const struct kw_default dflts_ipqos[], dflts_usedns[];
/* Both sides. */
extern const struct kw_word words_family[], words_digest[], words_loglevel[], words_facility[];
/* Client. */
extern const struct kw_word words_yesno[], words_yesnoask[], words_pubkey[], words_canonicalize[],
    words_controlmaster[], words_requesttty[], words_sessiontype[], words_stricthostkey[], words_tunnel[],
    words_persist[], words_obscure[];
/* Server. */
extern const struct kw_word words_privsep[], words_tcpfwd[], words_compression[], words_gatewayports[], words_rhosts[],
    words_rootlogin[], words_permittunnel[], words_int_none[], words_pubkeyopts[];

#endif
