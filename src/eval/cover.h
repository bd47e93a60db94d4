/* SPDX-License-Identifier: MIT */
/*
 * Inside eval/ only: does one block apply wherever another does?  Rows show it for the connections that they stand for;
 * here is whether that holds for all others that the block applies to, too.
 */
#ifndef EVAL_COVER_H
#define EVAL_COVER_H

#include "conf/doc.h"

struct cover;

/* Lives in a; c, which is complete, is borrowed. */
struct cover *cover_new(struct arena *a, const struct conf *c);
/*
 * The line of block `by` wins over one of block `late` in some row: does it for everyone to whom `late` applies?  False:
 * that is not certain.  Both are blocks of c that apply to that row.
 */
bool cover_is_sure(struct cover *v, uint32_t by, uint32_t late);

#endif
