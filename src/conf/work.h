/* SPDX-License-Identifier: MIT */
/* What reading and resolving a configuration may still take, for callers that must end in time. */
#ifndef CONF_WORK_H
#define CONF_WORK_H

#include "conf/doc.h"

/* May reading and resolving go on? */
static inline bool
conf_has_time(const struct conf *c)
{
	return c->stop == NULL || !*c->stop;
}
static inline bool
conf_work_left(const struct conf *c)
{
	return conf_has_time(c) && (c->work_max == 0 || c->work < c->work_max);
}

/*
 * What comparing words with IgnoreUnknown took so far, in steps of conf.work; beyond work_max every word below such a
 * line counts as ignored.
 */
uint64_t conf_ignores_work(const struct conf *c);

#endif
