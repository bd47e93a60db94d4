/* SPDX-License-Identifier: MIT */
/*
 * Compose files: command, entrypoint, environment, restart and user of each service.  libyaml does the YAML; this is
 * the only file that includes it.  Source: the Compose specification, 05-services.
 */
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "start/parts.h"

enum { NODES_MAX = 20000, DEPTH_MAX = 32, WORDS_MAX = SHWORDS };

/* Events are read one by one; the part of a service that matters is small. */
struct compose {
	const struct start_ctx *c;
	yaml_parser_t parser;
	yaml_event_t event;
	bool has_event, failed;
	unsigned nodes, depth;
	struct start_ctx own; /* of the service */
	struct start_env env;
	struct start_unit *unit;
	struct shword *word;
	size_t n;
	bool cut;
	struct shword *command; /* command follows entrypoint, whichever stands first */
	size_t n_command;
};

static void
next(struct compose *y)
{
	if (y->has_event)
		yaml_event_delete(&y->event);
	y->has_event = !y->failed && ++y->nodes < NODES_MAX && yaml_parser_parse(&y->parser, &y->event) != 0;
	y->failed |= !y->has_event;
}

static bool
is(const struct compose *y, yaml_event_type_t type)
{
	return !y->failed && y->event.type == type;
}

static struct str
scalar(const struct compose *y)
{
	return (struct str){ (const char *)y->event.data.scalar.value, y->event.data.scalar.length };
}

static uint32_t
line(const struct compose *y)
{
	return (uint32_t)y->event.start_mark.line + 1;
}

/* Past the node that begins at the current event. */
static void
skip(struct compose *y)
{
	unsigned open = 0;

	while (!y->failed) {
		if (is(y, YAML_MAPPING_START_EVENT) || is(y, YAML_SEQUENCE_START_EVENT))
			open++;
		else if (is(y, YAML_MAPPING_END_EVENT) || is(y, YAML_SEQUENCE_END_EVENT))
			open -= open > 0;
		next(y);
		if (open == 0)
			return;
	}
}

/* ${NAME} and $NAME are put in by compose, $$ is one $. */
static struct shword
compose_word(struct arena *a, struct str text, uint32_t at)
{
	struct shword w = { .line = at, .bare = SIZE_MAX };
	struct buf b = { 0 };

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '$' && i + 1 < text.n && text.p[i + 1] == '$') {
			i++;
		} else if (text.p[i] == '$') {
			w.computed = true;
			w.bare = w.bare == SIZE_MAX ? b.n : w.bare;
		}
		buf_addch(&b, text.p[i]);
	}
	w.text = arena_str(a, buf_str(&b));
	w.bare = w.bare == SIZE_MAX ? w.text.n : w.bare;
	buf_release(&b);
	return w;
}

/* A string is cut into words as a shell would, but no shell runs it. */
static bool
take_words(void *ctx, const struct shcommand *c)
{
	struct compose *y = ctx;

	for (size_t i = 0; i < c->n && y->n < WORDS_MAX; i++)
		y->word[y->n++] = c->word[i];
	y->cut |= c->cut || y->n == WORDS_MAX;
	return true;
}

static void
read_words(struct compose *y)
{
	struct arena *a = y->c->a;

	if (is(y, YAML_SCALAR_EVENT)) {
		const struct shlex_opts o = { .fn = take_words, .all = true, .ctx = y, .line = line(y) };

		if (!shlex_read(a, arena_str(a, scalar(y)), &o))
			y->cut = true;
		/* the lines of a folded text are not those of the file */
		for (size_t i = 0; i < y->n; i++)
			y->word[i].line = line(y);
		next(y);
		return;
	}
	if (!is(y, YAML_SEQUENCE_START_EVENT)) {
		y->cut = true;
		skip(y);
		return;
	}
	next(y);
	while (!y->failed && !is(y, YAML_SEQUENCE_END_EVENT)) {
		if (is(y, YAML_SCALAR_EVENT) && y->n < WORDS_MAX)
			y->word[y->n++] = compose_word(a, scalar(y), line(y));
		else
			y->cut = true;
		skip(y);
	}
	next(y);
}

static void
set_variable(struct compose *y, struct str name, struct str value)
{
	env_set(&y->env, name, arena_str(y->c->a, value), str_chr(value, '$', 0) == SIZE_MAX);
}

/* A list of NAME=VALUE, or a map. */
static void
read_environment(struct compose *y)
{
	bool map = is(y, YAML_MAPPING_START_EVENT);

	if (!map && !is(y, YAML_SEQUENCE_START_EVENT)) {
		y->env.open = true;
		skip(y);
		return;
	}
	next(y);
	while (!y->failed && !is(y, YAML_MAPPING_END_EVENT) && !is(y, YAML_SEQUENCE_END_EVENT)) {
		struct str name = is(y, YAML_SCALAR_EVENT) ? arena_str(y->c->a, scalar(y)) : STR("");
		size_t eq = str_chr(name, '=', 0);

		if (!map && eq != SIZE_MAX)
			set_variable(y, str_head(name, eq), str_from(name, eq + 1));
		skip(y);
		if (!map)
			continue;
		if (is(y, YAML_SCALAR_EVENT))
			set_variable(y, name, scalar(y));
		skip(y);
	}
	next(y);
}

/* command or entrypoint: the words are kept apart until both are known. */
static void
read_command(struct compose *y, bool entrypoint)
{
	struct shword *was = y->word;
	size_t n = y->n;

	y->word = ARENA_ARRAY(y->c->a, struct shword, WORDS_MAX);
	y->n = 0;
	read_words(y);
	if (!entrypoint) {
		y->command = y->word;
		y->n_command = y->n;
		y->word = was;
		y->n = n;
	}
}

/* Files that are put into the container may hold an ssh configuration. */
static void
look_for_config(struct compose *y)
{
	unsigned open = 0;

	do {
		if (is(y, YAML_MAPPING_START_EVENT) || is(y, YAML_SEQUENCE_START_EVENT))
			open++;
		else if (is(y, YAML_MAPPING_END_EVENT) || is(y, YAML_SEQUENCE_END_EVENT))
			open -= open > 0;
		else if (is(y, YAML_ALIAS_EVENT) ||
		    (is(y, YAML_SCALAR_EVENT) && str_find(scalar(y), STR("ssh")) != SIZE_MAX))
			y->own.config_vague = true;
		next(y);
	} while (!y->failed && open > 0);
}

static void
service_key(struct compose *y, struct str key)
{
	struct arena *a = y->c->a;

	if (str_eqc(key, "command") || str_eqc(key, "entrypoint")) {
		read_command(y, str_eqc(key, "entrypoint"));
	} else if (str_eqc(key, "environment")) {
		read_environment(y);
	} else if (str_eqc(key, "restart") && is(y, YAML_SCALAR_EVENT)) {
		y->unit->restart = arena_str(a, scalar(y));
		next(y);
	} else if (str_eqc(key, "volumes") || str_eqc(key, "configs") || str_eqc(key, "secrets")) {
		look_for_config(y);
	} else {
		/* what a merge key or a file brings is not looked up */
		if (str_eqc(key, "env_file") || str_eqc(key, "<<") || str_eqc(key, "extends"))
			y->env.open = true;
		if (str_eqc(key, "<<") || str_eqc(key, "extends") || str_eqc(key, "deploy"))
			y->unit->restart = STR("unknown");
		skip(y);
	}
}

static void
run_service(struct compose *y)
{
	struct shword *all = ARENA_ARRAY(y->c->a, struct shword, y->n + y->n_command + 1);

	if (y->n > 0)
		memcpy(all, y->word, y->n * sizeof(*all));
	if (y->n_command > 0)
		memcpy(all + y->n, y->command, y->n_command * sizeof(*all));
	y->own.env = &y->env;
	y->own.unit = y->unit;
	start_words(&y->own, all, y->n + y->n_command, y->cut);
}

static void
read_service(struct compose *y)
{
	if (!is(y, YAML_MAPPING_START_EVENT)) {
		skip(y);
		return;
	}
	y->own = *y->c;
	y->own.config_vague = false;
	y->env = *y->c->env;
	y->unit = ARENA_NEW(y->c->a, struct start_unit);
	y->unit->is_compose = true;
	y->word = y->command = NULL;
	y->n = y->n_command = 0;
	y->cut = false;
	next(y);
	while (!y->failed && !is(y, YAML_MAPPING_END_EVENT)) {
		struct str key = is(y, YAML_SCALAR_EVENT) ? arena_str(y->c->a, scalar(y)) : STR("");

		skip(y);
		service_key(y, key);
	}
	next(y);
	if (!y->failed)
		run_service(y);
}

/* services: a map of names. */
static void
read_services(struct compose *y)
{
	if (!is(y, YAML_MAPPING_START_EVENT)) {
		skip(y);
		return;
	}
	next(y);
	while (!y->failed && !is(y, YAML_MAPPING_END_EVENT)) {
		skip(y);
		read_service(y);
	}
	next(y);
}

static void
read_document(struct compose *y)
{
	if (!is(y, YAML_MAPPING_START_EVENT)) {
		skip(y);
		return;
	}
	next(y);
	while (!y->failed && !is(y, YAML_MAPPING_END_EVENT)) {
		bool services = is(y, YAML_SCALAR_EVENT) && str_eqc(scalar(y), "services");

		skip(y);
		if (services)
			read_services(y);
		else
			skip(y);
	}
	next(y);
}

bool
start_compose(const struct start_ctx *c, struct str text)
{
	struct compose *y = ARENA_NEW(c->a, struct compose);
	bool whole;

	y->c = c;
	if (!yaml_parser_initialize(&y->parser))
		return false;
	yaml_parser_set_input_string(&y->parser, (const unsigned char *)(text.p != NULL ? text.p : ""), text.n);
	for (next(y); !y->failed && !is(y, YAML_STREAM_END_EVENT);) {
		if (is(y, YAML_DOCUMENT_START_EVENT) || is(y, YAML_STREAM_START_EVENT) ||
		    is(y, YAML_DOCUMENT_END_EVENT))
			next(y);
		else
			read_document(y);
	}
	whole = !y->failed;
	if (y->has_event)
		yaml_event_delete(&y->event);
	yaml_parser_delete(&y->parser);
	return whole;
}
