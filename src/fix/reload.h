/* SPDX-License-Identifier: MIT */
/* Telling sshd to read its files again: reload, never restart, so that no session ends. */
#ifndef FIX_RELOAD_H
#define FIX_RELOAD_H

#include "session/session.h"

/* The command for this system, to be typed by an administrator; found by looking, nothing is run. */
struct str reload_command(const struct session *s);
/*
 * `sshd -t`, then that command.  SK_EREFUSED when one of them fails: the caller puts the files back.  *ret_note: what
 * was done, or that no sshd runs and so none had to be told.
 */
SK_CHECK enum sk_code reload_now(const struct session *s, struct str *ret_note, struct err *e);

#endif
