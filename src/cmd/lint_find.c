/* SPDX-License-Identifier: MIT */
/* What a file of a tree is: by its name and folder, and failing that by its first lines. */
#include <string.h>

#include "cmd/lint.h"

struct lint_folder
lint_folder_enter(struct lint_folder above, struct str name)
{
	struct lint_folder f = { .below_ssh = above.below_ssh || above.is_ssh };

	if (str_eqc(name, ".ssh")) {
		f.is_ssh = true;
	} else if (str_eqc(name, "config.d") || (f.below_ssh && str_eqc(name, "conf.d"))) {
		f.dropin = true;
		f.side_known = f.below_ssh;
		f.side = KW_CLIENT;
	} else if (str_ends(name, STR("_config.d"))) {
		f.dropin = f.conf_only = true;
		f.side_known = str_find(name, STR("ssh")) != SIZE_MAX;
		f.side = str_find(name, STR("sshd")) != SIZE_MAX ? KW_SERVER : KW_CLIENT;
	} else if (above.dropin && !above.conf_only) {
		/* config.d/job/home: drop-in folders of the client may have folders of their own */
		f.dropin = true;
		f.side_known = above.side_known;
		f.side = above.side;
	}
	return f;
}

struct lint_folder
lint_folder_of(struct str path)
{
	struct lint_folder f = { 0 };
	size_t slash;

	while ((slash = str_chr(path, '/', 0)) != SIZE_MAX) {
		struct str name = str_head(path, slash);

		if (name.n > 0 && !str_eqc(name, "."))
			f = lint_folder_enter(f, name);
		path = str_from(path, slash + 1);
	}
	return f;
}

bool
lint_folder_skipped(struct str name)
{
	return name.n > 0 && name.p[0] == '.' &&
	    (str_eqc(name, ".git") || str_eqc(name, ".hg") || str_eqc(name, ".svn"));
}

/* What a template engine makes of such a file is a config; the file itself is none. */
static bool
is_template(struct str name)
{
	static const char *const ending[] = { ".j2", ".jinja", ".jinja2", ".erb", ".epp", ".tmpl", ".tpl" };

	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (str_ends(name, str_c(ending[i])))
			return true;
	return false;
}

/* Keys and the like: they hold no settings, and some of them are secret. */
static bool
is_key(const struct lint_folder *in, struct str name)
{
	if (str_ends(name, STR(".pub")) || str_ends(name, STR(".pem")) || str_ends(name, STR(".key")))
		return true;
	if (str_starts(name, STR("ssh_host_")) || str_starts(name, STR("known_hosts")) ||
	    str_starts(name, STR("authorized_keys")) || str_starts(name, STR("ssh_known_hosts")))
		return true;
	return in->is_ssh && str_starts(name, STR("id_"));
}

enum lint_name
lint_by_name(const struct lint_folder *in, struct str name, struct lint_what *ret)
{
	*ret = (struct lint_what){ .kind = LINT_FRAGMENT };
	if (str_eqc(name, "sshd_config")) {
		*ret = (struct lint_what){ .kind = LINT_MAIN, .side = KW_SERVER };
		return LINT_NAME_KNOWN;
	}
	if (str_eqc(name, "ssh_config")) {
		*ret = (struct lint_what){ .kind = LINT_MAIN, .side = KW_CLIENT, .system = true };
		return LINT_NAME_KNOWN;
	}
	if (str_eqc(name, "config") && !in->dropin) {
		*ret = (struct lint_what){ .kind = LINT_MAIN, .side = KW_CLIENT };
		return in->is_ssh ? LINT_NAME_KNOWN : LINT_NAME_OPEN;
	}
	if (is_key(in, name) || is_template(name))
		return LINT_NAME_NEVER;
	/* as OpenSSH's glob: a leading dot is no drop-in */
	if (!in->dropin || name.n == 0 || name.p[0] == '.' || (in->conf_only && !str_ends(name, STR(".conf"))))
		return LINT_NAME_OPEN;
	*ret = (struct lint_what){
		.kind = LINT_DROPIN, .side = in->side, .system = in->conf_only && in->side == KW_CLIENT
	};
	return in->side_known ? LINT_NAME_KNOWN : LINT_NAME_OPEN;
}

/* The first word of a line as either lexer would take it, when a keyword can be one; "" else. */
static struct str
first_word(struct str line)
{
	size_t i = 0, k;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r' || line.p[i] == '\f'))
		i++;
	for (k = i; k < line.n; k++) {
		char c = line.p[k];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
			continue;
		if (c == ' ' || c == '\t' || c == '=' || c == '\r')
			break;
		return (struct str){ 0 };
	}
	return str_head(str_from(line, i), k - i);
}

/* What the lines of a head say. */
struct tally {
	unsigned both, client, server, unknown;
};

static bool
is_blank_line(struct str line)
{
	size_t i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t' || line.p[i] == '\r' || line.p[i] == '\f'))
		i++;
	return i == line.n || line.p[i] == '#';
}

static void
count_line(struct tally *t, struct str line)
{
	struct str word = first_word(line);
	bool client = word.n > 0 && kw_find_any(KW_CLIENT, word) != KW_UNKNOWN;
	bool server = word.n > 0 && kw_find_any(KW_SERVER, word) != KW_UNKNOWN;

	if (client && server)
		t->both++;
	else if (client)
		t->client++;
	else if (server)
		t->server++;
	else
		t->unknown++;
}

bool
lint_by_content(struct str text, bool lenient, enum kw_side *ret)
{
	enum { LINES = 40, AT_ONCE = 3, KNOWN_LEAST = 3, OWN_LEAST = 2, OTHER_SHARE = 3, UNKNOWN_SHARE = 4 };
	struct tally t = { 0 };
	unsigned own, other, known;
	struct str head;

	if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
		return false;
	head = text;
	for (unsigned i = 0; i < LINES && text.n > 0;) {
		size_t lf = str_chr(text, '\n', 0);
		struct str line = str_head(text, lf);

		text = str_from(text, lf == SIZE_MAX ? text.n : lf + 1);
		if (is_blank_line(line))
			continue;
		count_line(&t, line);
		i++;
		/* most files of a repository are no configs: their first lines show it */
		if (t.unknown >= AT_ONCE && t.both + t.client + t.server == 0)
			return false;
	}
	*ret = t.client >= t.server ? KW_CLIENT : KW_SERVER;
	own = t.client >= t.server ? t.client : t.server;
	other = t.client + t.server - own;
	known = t.both + t.client + t.server;
	if (lenient)
		return own > other && t.unknown <= known;
	return known >= KNOWN_LEAST && own >= OWN_LEAST && other * OTHER_SHARE <= own &&
	    t.unknown * UNKNOWN_SHARE <= known && str_find(head, STR("{{")) == SIZE_MAX &&
	    str_find(head, STR("{%")) == SIZE_MAX && str_find(head, STR("<%")) == SIZE_MAX;
}
