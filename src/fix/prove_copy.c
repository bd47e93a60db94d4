/* SPDX-License-Identifier: MIT */
/* Copies of a configuration whose Include lines name each other. */
#include "fix/prove_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edit/fs.h"

enum { DEPTH_MAX = 16, FILES_MAX = 1000, BYTES_MAX = 16 * 1024 * 1024, DIR_MODE = 0700, FILE_MODE = 0600 };
#define MAIN_NAME "main"

struct str
copy_place(struct arena *a, const struct conf *c, uint32_t src, uint32_t line)
{
	return arena_printf(a, "%.*s:%u", STR_ARG(str_escaped(a, c->src[src].shown)), line + 1);
}

static bool
is_include(const struct conf *c, const struct line *l)
{
	return l->kind == LINE_KEYWORD && l->row == conf_row(c, KW_ID_INCLUDE);
}

/* Text that could be read as an Include although we do not read it so: nothing may be opened through it. */
static bool
looks_like_include(struct str text)
{
	size_t i = 0;

	while (i < text.n && str_chr(STR(" \t\r\f\v\"'=\\"), text.p[i], 0) != SIZE_MAX)
		i++;
	return str_istarts(str_from(text, i), STR("include"));
}

/* Main files beside each other are included by one of our own, which stands above them. */
static size_t
main_files(const struct conf *c, uint32_t *ret_last)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_src; i++) {
		if (c->src[i].depth > 0 || c->src[i].origin == SOURCE_CMDLINE)
			continue;
		*ret_last = i;
		n++;
	}
	return n;
}

static bool
source_possible(struct arena *a, const struct conf *c, uint32_t src, struct str *ret_why)
{
	const struct source *s = &c->src[src];

	if (str_chr(s->bytes, '\0', 0) != SIZE_MAX) {
		*ret_why = arena_printf(a, "%.*s holds a NUL byte", STR_ARG(str_escaped(a, s->shown)));
		return false;
	}
	for (uint32_t i = 0; i < s->n; i++) {
		const struct line *l = &s->line[i];
		struct arena scratch = { 0 };
		struct args args;
		struct str word;
		bool good;

		if (l->kind == LINE_BLANK || l->kind == LINE_COMMENT || !looks_like_include(conf_line_text(c, src, i)))
			continue;
		good = is_include(c, l) && conf_line_args(c, &scratch, src, i, &word, &args) && args.n > 0 &&
		    !args.bad_quotes;
		arena_release(&scratch);
		if (good)
			continue;
		*ret_why = arena_printf(a, "the Include at %.*s cannot be followed", STR_ARG(copy_place(a, c, src, i)));
		return false;
	}
	return true;
}

/* Includes that OpenSSH refuses or that were not followed. */
static bool
diags_possible(struct arena *a, const struct conf *c, struct str *ret_why)
{
	for (size_t i = 0; i < c->n_diag; i++) {
		const struct diag *d = &c->diag[i];

		if (c->src[d->src].n <= d->line || !is_include(c, &c->src[d->src].line[d->line]))
			continue;
		if (d->effect == DIAG_NOTICE && d->kind != DIAG_INCLUDE_UNREADABLE && d->kind != DIAG_INCLUDE_OUTSIDE &&
		    d->kind != DIAG_TOO_MANY_FILES)
			continue;
		*ret_why = arena_printf(
		    a, "the Include at %.*s cannot be followed", STR_ARG(copy_place(a, c, d->src, d->line)));
		return false;
	}
	for (size_t i = 0; i < c->n_diag; i++)
		if (c->diag[i].kind == DIAG_BAD_PERM) {
			*ret_why = arena_printf(a, "ssh refuses the owner or mode of %.*s",
			    STR_ARG(str_escaped(a, c->src[c->diag[i].src].shown)));
			return false;
		}
	return true;
}

bool
copy_possible(struct arena *a, const struct conf *c, struct str *ret_why)
{
	uint32_t last;
	unsigned above = main_files(c, &last) > 1 ? 1 : 0;

	if (c->capped || c->n_src > FILES_MAX || c->n_file_bytes > BYTES_MAX) {
		*ret_why = STR("the configuration is too large");
		return false;
	}
	if (!diags_possible(a, c, ret_why))
		return false;
	for (uint32_t i = 0; i < c->n_src; i++) {
		if (c->src[i].depth + above > DEPTH_MAX) {
			*ret_why = STR("the Includes are nested too deeply");
			return false;
		}
		if (c->src[i].origin != SOURCE_CMDLINE && !source_possible(a, c, i, ret_why))
			return false;
	}
	for (size_t i = 0; i < c->n_block; i++) {
		const struct block *b = &c->block[i];

		if (b->kind != BLOCK_MATCH || b->n_crit == 0 || c->crit[b->first_crit].kind != CRIT_INCLUDE)
			continue;
		*ret_why = arena_printf(
		    a, "the Include at %.*s depends on the host", STR_ARG(copy_place(a, c, b->src, b->line)));
		return false;
	}
	return true;
}

/* The folder of the files that one Include line names; their names sort as they are read. */
static struct str
line_dir(struct arena *a, struct str dir, uint32_t src, uint32_t line)
{
	return arena_printf(a, "%.*s/%05u-%07u", STR_ARG(dir), src, line);
}

static struct str
folder_of(struct arena *a, const struct conf *c, struct str dir, uint32_t src)
{
	const struct source *s = &c->src[src];

	return s->depth == 0 ? arena_printf(a, "%.*s/top", STR_ARG(dir)) : line_dir(a, dir, s->inc_src, s->inc_line);
}

struct str
copy_path(struct arena *a, const struct conf *c, struct str dir, uint32_t src)
{
	return arena_printf(a, "%.*s/%05u", STR_ARG(folder_of(a, c, dir, src)), src);
}

void
copy_text(struct arena *a, const struct conf *c, struct str dir, uint32_t src, struct buf *ret)
{
	const struct source *s = &c->src[src];

	for (uint32_t i = 0; i < s->n; i++) {
		const struct line *l = &s->line[i];
		struct str text = conf_line_text(c, src, i), word;
		struct args args;

		if (is_include(c, l) && conf_line_args(c, a, src, i, &word, &args))
			buf_addf(ret, "%.*s\"%.*s/*\"", STR_ARG(str_head(text, args.rest_off)),
			    STR_ARG(line_dir(a, dir, src, i)));
		else
			buf_add(ret, text);
		buf_add(ret, str_head(STR("\n"), l->eol));
	}
}

static enum sk_code
write_new(struct str path, struct str bytes, struct err *e)
{
	int fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);

	if (fd < 0)
		return err_sys(e, SK_EWRITE, errno, "%s", path.p);
	if (!fs_write_all(&fs_real, fd, bytes)) {
		int why = errno;

		close(fd);
		return err_sys(e, SK_EWRITE, why, "%s", path.p);
	}
	return close(fd) == 0 ? SK_OK : err_sys(e, SK_EWRITE, errno, "%s", path.p);
}

static enum sk_code
write_copy(const struct conf *c, struct str dir, uint32_t src, struct err *e)
{
	struct arena a = { 0 };
	struct buf text = { 0 };
	struct str folder = folder_of(&a, c, dir, src);
	enum sk_code code = SK_OK;

	if (mkdir(folder.p, DIR_MODE) != 0 && errno != EEXIST)
		code = err_sys(e, SK_EWRITE, errno, "%s", folder.p);
	copy_text(&a, c, dir, src, &text);
	if (code == SK_OK)
		code = write_new(copy_path(&a, c, dir, src), buf_str(&text), e);
	buf_release(&text);
	arena_release(&a);
	return code;
}

enum sk_code
copy_write(struct arena *a, const struct conf *c, struct str dir, struct str *ret_main, struct err *e)
{
	uint32_t last = 0;
	size_t mains = main_files(c, &last);
	enum sk_code code = SK_OK;

	for (uint32_t i = 0; i < c->n_src && code == SK_OK; i++)
		if (c->src[i].origin != SOURCE_CMDLINE)
			code = write_copy(c, dir, i, e);
	if (code != SK_OK)
		return code;
	if (mains == 1) {
		*ret_main = copy_path(a, c, dir, last);
		return SK_OK;
	}
	*ret_main = arena_printf(a, "%.*s/" MAIN_NAME, STR_ARG(dir));
	return write_new(*ret_main, arena_printf(a, "Include \"%.*s/top/*\"\n", STR_ARG(dir)), e);
}

static void
add_named(struct buf *b, const struct conf *c, struct str dir, struct str text)
{
	struct arena a = { 0 };

	while (text.n > 0) {
		size_t at = str_find(text, dir), n = 0;

		buf_add_escaped(b, str_head(text, at));
		text = str_from(text, at == SIZE_MAX ? text.n : at);
		if (at == SIZE_MAX)
			break;
		for (uint32_t i = 0; i < c->n_src && n == 0; i++) {
			struct str path = copy_path(&a, c, dir, i);

			if (!str_starts(text, path))
				continue;
			n = path.n;
			buf_add_escaped(b, c->src[i].shown);
		}
		if (n == 0) {
			n = dir.n;
			buf_add_escaped(b, dir);
		}
		text = str_from(text, n);
		arena_reset(&a);
	}
	arena_release(&a);
}

struct str
copy_message(struct arena *a, const struct conf *c, struct str dir, struct str text)
{
	struct str rest = text, line, out;
	struct buf b = { 0 };

	while (str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (line.n == 0 || str_starts(line, STR("Pseudo-terminal will not")))
			continue;
		if (b.n > 0)
			buf_addc(&b, "; ");
		add_named(&b, c, dir, line);
	}
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}
