/* SPDX-License-Identifier: MIT */
/*
 * Include lines: which files they name, and reading those in their place.
 * Source: readconf.c and servconf.c, case oInclude / sInclude; reference 2.4 and 3.6.
 */
#include <string.h>

#include "base/mem.h"
#include "conf/load.h"

enum { PATH_BYTES = 4096 /* PATH_MAX: nothing longer names a file */ };

/*
 * 9.9 and later expand tokens.  All but the home depend on the host, the machine or its environment: any file that
 * could be meant is read, in a block of its own, and the resolver says for each host whether it is the one.
 */
static struct str
expand_tokens(struct load *ld, struct str arg, bool *ret_depends)
{
	struct buf b = { 0 };
	struct str out;

	*ret_depends = false;
	for (size_t i = 0; i < arg.n; i++) {
		char next = i + 1 < arg.n ? arg.p[i + 1] : '\0';

		if (arg.p[i] == '%' && next == '%') {
			buf_addch(&b, '%');
			i++;
		} else if (arg.p[i] == '%' && next == 'd') {
			buf_add(&b, ld->o->home);
			i++;
		} else if (arg.p[i] == '%' && next != '\0') {
			buf_addch(&b, '*');
			*ret_depends = true;
			i++;
		} else if (arg.p[i] == '$' && next == '{') {
			size_t close = str_chr(arg, '}', i);
			struct str value = STR("*");

			if (close != SIZE_MAX && ld->o->getenv != NULL)
				(void)ld->o->getenv(str_head(str_from(arg, i + 2), close - i - 2), &value);
			buf_add(&b, value);
			*ret_depends = true;
			i = close == SIZE_MAX ? arg.n : close;
		} else {
			buf_addch(&b, arg.p[i]);
		}
	}
	out = arena_str(ld->scratch, buf_str(&b));
	buf_release(&b);
	return out;
}

/* The glob pattern that OpenSSH makes of an argument. */
static struct str
include_pattern(const struct load *ld, struct str arg)
{
	const struct source *s = &ld->c->src[ld->src];
	bool client = ld->c->side == KW_CLIENT;

	if (arg.p[0] == '/' || arg.p[0] == '~')
		return arg;
	if (client && s->origin == SOURCE_USER)
		return arena_printf(ld->scratch, "~/.ssh/%.*s", STR_ARG(arg));
	/* sshd 8.2 put the wrong text behind the folder: a relative path names no file (servconf.c, mended in 8.3). */
	if (!client && ld->c->ver.n < VER(8, 3))
		return arena_printf(ld->scratch, "%.*s/%.*s", STR_ARG(ld->o->etc_ssh), STR_ARG(ld->word));
	return arena_printf(ld->scratch, "%.*s/%.*s", STR_ARG(ld->o->etc_ssh), STR_ARG(arg));
}

/* A file that is there but cannot be used: what each program does about it. */
static bool
include_state(struct load *ld, struct str path, const struct loaded *f)
{
	bool server = ld->c->side == KW_SERVER;
	struct diag *d;

	if (f->state == LOADER_FILE || f->state == LOADER_DIR)
		return true;
	if (f->state == LOADER_OUTSIDE || f->state == LOADER_SPECIAL || f->state == LOADER_TOOBIG) {
		d = load_diag(
		    ld, f->state == LOADER_OUTSIDE ? DIAG_INCLUDE_OUTSIDE : DIAG_INCLUDE_UNREADABLE, DIAG_NOTICE);
		d->word = arena_str(&ld->c->arena, path);
		d->hint = arena_str(&ld->c->arena, f->reason);
		if (f->vague)
			load_unseen(ld, path);
		return false;
	}
	if (f->state == LOADER_ABSENT && !server)
		return false;
	/* The client skipped it up to 7.4, ended there up to 8.4, and counts it since. */
	d = load_diag(ld, DIAG_INCLUDE_UNREADABLE,
	    server || (ld->c->ver.n >= VER(7, 5) && ld->c->ver.n < VER(8, 5)) ? DIAG_FATAL :
		ld->c->ver.n < VER(7, 5)				      ? DIAG_NOTICE :
										DIAG_COUNTED);
	d->word = arena_str(&ld->c->arena, path);
	d->hint = arena_str(&ld->c->arena, f->reason);
	if (server) {
		d->exit_status = 1;
		load_msg_bare(ld, d, "%.*s: %.*s", STR_ARG(path), STR_ARG(f->reason));
	} else if (ld->c->ver.n >= VER(7, 5)) {
		load_msg(ld, d, "Can't open user config file %.*s: %.*s", STR_ARG(path), STR_ARG(f->reason));
	}
	return false;
}

/* A cap was hit: what comes behind is not read. */
static void
too_many(struct load *ld, struct str word, const char *why)
{
	struct conf *c = ld->c;
	struct diag *d = load_diag(ld, DIAG_TOO_MANY_FILES, DIAG_NOTICE);

	d->word = arena_str(&c->arena, word);
	d->hint = str_c(why);
	ld->stopped = c->capped = true;
}

static void
include_file(struct load *ld, struct str path, struct str tmpl, bool depends)
{
	struct conf *c = ld->c;
	struct loaded f = { 0 };
	struct arena scratch = { 0 };
	uint32_t src, outer = ld->block;
	struct diag *d;

	/* sshd opens the file before it counts, ssh after */
	if (c->side == KW_SERVER) {
		ld->o->loader->read(ld->o->loader->ctx, &c->arena, path, &f);
		if (!include_state(ld, path, &f))
			return;
	}
	if (ld->depth + 1 > INCLUDE_DEPTH_MAX) {
		d = load_diag(ld, DIAG_INCLUDE_DEPTH, DIAG_FATAL);
		d->word = arena_str(&c->arena, path);
		load_msg_bare(ld, d, "Too many recursive configuration includes");
		ld->stopped = true;
		return;
	}
	if (c->n_src >= FILES_MAX) {
		too_many(ld, path, "more than 4096 files are included");
		return;
	}
	if (c->side == KW_CLIENT) {
		ld->o->loader->read(ld->o->loader->ctx, &c->arena, path, &f);
		if (!include_state(ld, path, &f))
			return;
	}
	if (f.bytes.n > FILE_BYTES_MAX - (c->n_file_bytes < FILE_BYTES_MAX ? c->n_file_bytes : FILE_BYTES_MAX)) {
		too_many(ld, path, "more than 64 MiB are included");
		return;
	}
	src = load_source(c, ld->o, path, f.bytes, f.marks, c->src[ld->src].origin, ld->depth + 1);
	c->src[src].inc_src = ld->src;
	c->src[src].inc_line = ld->line;
	if (c->side == KW_CLIENT && f.bad_perm) {
		c->src[src].bad_perm = true;
		d = load_diag(ld, DIAG_BAD_PERM, DIAG_FATAL);
		d->word = arena_str(&c->arena, path);
		load_msg_bare(ld, d, "Bad owner or permissions on %.*s", STR_ARG(path));
		return;
	}
	if (depends) {
		ld->block = load_block(ld, BLOCK_MATCH, (int32_t)outer);
		c->block[ld->block].first_crit = (uint32_t)c->n_crit;
		c->block[ld->block].n_crit = 1;
		MEM_GROW(c->crit, c->cap_crit, c->n_crit + 1);
		c->crit[c->n_crit++] = (struct crit){ .kind = CRIT_INCLUDE,
			.arg = arena_str(&c->arena, path),
			.tmpl = arena_str(&c->arena, tmpl),
			.col = 1 };
	}
	load_file(c, ld->o, src, (int32_t)ld->block, ld->global, &scratch);
	arena_release(&scratch);
	ld->block = outer;
	ld->stopped |= c->capped;
}

bool
loader_is_wild(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '*' || s.p[i] == '?' || s.p[i] == '[')
			return true;
	}
	return false;
}

static bool
has_token(struct str arg)
{
	size_t at = str_chr(arg, '%', 0);

	return (at != SIZE_MAX && at + 1 < arg.n) || str_find(arg, STR("${")) != SIZE_MAX;
}

/* Is it one file of which nobody knows whether it stands where the config is used, and not a name that none has? */
static bool
is_elsewhere(const struct load *ld, struct str arg, struct str pattern)
{
	const struct conf *c = ld->c;

	if (!ld->o->loader->part || loader_is_wild(arg) || pattern.n >= PATH_BYTES ||
	    str_chr(pattern, '\0', 0) != SIZE_MAX)
		return false;
	if (c->side == KW_CLIENT)
		return c->ver.n >= VER(9, 9) || !has_token(arg);
	return arg.p[0] != '~' && (arg.p[0] == '/' || c->ver.n >= VER(8, 3)) && !has_token(arg);
}

/* No file is read for arg, of which pattern was made. */
static void
names_none(struct load *ld, struct str arg, struct str pattern)
{
	struct conf *c = ld->c;
	bool elsewhere = is_elsewhere(ld, arg, pattern);
	struct diag *d;

	if (c->side == KW_CLIENT && c->ver.n >= VER(9, 9) && ld->o->getenv == NULL &&
	    str_find(arg, STR("${")) != SIZE_MAX) {
		d = load_diag(ld, DIAG_INCLUDE_UNREADABLE, DIAG_NOTICE);
		d->word = arena_str(&c->arena, arg);
		d->hint = STR("it depends on the environment, which is not known here");
	} else {
		d = load_diag(ld, elsewhere ? DIAG_INCLUDE_OUTSIDE : DIAG_INCLUDE_EMPTY, DIAG_NOTICE);
		d->word = arena_str(&c->arena, loader_is_wild(pattern) && elsewhere ? arg : pattern);
		d->hint = elsewhere	    ? STR("is not in the tree that is looked at") :
		    loader_is_wild(pattern) ? STR("wildcard") :
					      STR("");
	}
	if (elsewhere)
		load_unseen(ld, pattern);
}

static void
include_arg(struct load *ld, struct str arg)
{
	struct conf *c = ld->c;
	bool client = c->side == KW_CLIENT, depends = false, capped = false;
	struct str *path, pattern, tmpl = arg;
	struct diag *d;
	size_t n;

	if (client && c->ver.n >= VER(9, 9))
		arg = expand_tokens(ld, arg, &depends);
	if (client && arg.p[0] == '~' && c->src[ld->src].origin == SOURCE_SYSTEM) {
		d = load_diag(ld, DIAG_BAD_VALUE, c->ver.n < VER(8, 5) ? DIAG_FATAL : DIAG_COUNTED);
		d->word = arena_str(&c->arena, arg);
		load_msg(ld, d, "bad include path %.*s.", STR_ARG(arg));
		return;
	}
	pattern = include_pattern(ld, arg);
	ld->o->loader->glob(ld->o->loader->ctx, &c->arena, pattern, client, &path, &n, &capped);
	if (n == 0 && !capped)
		names_none(ld, tmpl, pattern);
	for (size_t i = 0; i < n && !ld->stopped; i++)
		include_file(ld, path[i], tmpl, depends);
	if (capped && !ld->stopped) {
		d = load_diag(ld, DIAG_TOO_MANY_FILES, DIAG_NOTICE);
		d->word = arena_str(&c->arena, pattern);
		d->hint = n > 0 ? STR("more than 4096 files are included") :
				  STR("Includes of this run name more files than are looked at");
		/* the loader looks at none any more: nor need the lines behind it be asked */
		ld->stopped = n == 0;
	}
}

void
load_include(struct load *ld, const struct args *args)
{
	struct diag *d;

	if (args->n == 0 && ld->c->side == KW_SERVER) {
		d = load_diag(ld, DIAG_NO_ARGUMENT, DIAG_FATAL);
		load_msg(ld, d, "%.*s missing filename argument", STR_ARG(ld->word));
	}
	for (size_t i = 0; i < args->n && !ld->stopped; i++) {
		struct str arg = arena_str(&ld->c->arena, args->v[i].text);

		if (arg.n == 0) {
			d = load_diag(ld, DIAG_NO_ARGUMENT, DIAG_COUNTED);
			load_msg(ld, d, "keyword %.*s empty argument", STR_ARG(ld->word));
			break;
		}
		include_arg(ld, arg);
	}
}
