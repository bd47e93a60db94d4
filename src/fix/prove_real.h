/* SPDX-License-Identifier: MIT */
/*
 * The second proof of a fix (contract section 7): the installed `ssh -G`, or `sshd -t` and `sshd -T`, on copies of
 * the old and the new text.  Asked only where that runs nothing and looks nothing up: files of the invoking user or
 * root, without Match exec, canonicalisation and names to resolve.
 */
#ifndef FIX_PROVE_REAL_H
#define FIX_PROVE_REAL_H

#include "fix/plan.h"

/*
 * *ret_line: "ssh -G agrees for N of N rows", or "ssh was not asked: REASON"; empty when the plan changes no file
 * of OpenSSH.  SK_EREFUSED when the program refuses the new text, with its message; when it sees something else
 * move than the plan says; and when its values are not ours.  The private folder is gone on return.
 */
SK_CHECK enum sk_code prove_real(struct session *s, const struct fix_end *f, struct str *ret_line, struct err *e);

#endif
