/* SPDX-License-Identifier: MIT */
/* The world of a test of paths and judgements: shipped tables, no facts, a client and a server without values. */
#ifndef TESTS_UNIT_TEST_WORLD_H
#define TESTS_UNIT_TEST_WORLD_H

#include "test_model.h"

static struct arena arena;
static struct networks networks;
static struct policies policies;
static struct row client, server;
static struct facts facts;
static struct path_opts path_opts; /* policy interactive, nothing measured or declared */
static struct path path;

/* The first step of a test's setup; teardown() is the last. */
static inline void
world_init(void)
{
	memset(&arena, 0, sizeof(arena));
	memset(&networks, 0, sizeof(networks));
	memset(&policies, 0, sizeof(policies));
	memset(&facts, 0, sizeof(facts));
	load_shipped(&arena, &networks, &policies);
	row_init(&client, KW_CLIENT, "web.example.com");
	row_init(&server, KW_SERVER, "");
	path_opts = (struct path_opts){ .networks = &networks,
		.facts = &facts,
		.policy = policy_find(&policies, STR("interactive")),
		.measured = QTY_UNKNOWN("never measured") };
}

static inline struct judge_opts
world_judge_opts(void)
{
	return (struct judge_opts){ .facts = &facts,
		.policy = path_opts.policy,
		.path = &path,
		.client = &client.ev,
		.side = KW_CLIENT,
		.holds_sessions = true };
}

static inline int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

#endif
