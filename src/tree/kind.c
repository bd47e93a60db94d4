/* SPDX-License-Identifier: MIT */
/* What a file of a tree is: by its name and folder, and failing that by its first lines. */
#include <string.h>

#include "tree/kind.h"
#include "tree/template.h"

#define ENCRYPTED "encrypted_"

/* What chezmoi puts in front of a name, and what that makes of the text of the file. */
static const struct {
	const char *prefix;
	enum tree_text text;
} attribute[] = {
	{ "private_", TREE_TEXT_PLAIN },
	{ "readonly_", TREE_TEXT_PLAIN },
	{ "exact_", TREE_TEXT_PLAIN },
	{ "empty_", TREE_TEXT_PLAIN },
	{ "create_", TREE_TEXT_PLAIN },
	{ "executable_", TREE_TEXT_PLAIN },
	{ ENCRYPTED, TREE_TEXT_SEALED },
	{ "modify_", TREE_TEXT_SEALED },
	{ "remove_", TREE_TEXT_NONE },
	{ "symlink_", TREE_TEXT_SEALED },
	{ "run_", TREE_TEXT_NONE },
};

/* .age, .gpg, .asc: as long as each other. */
enum { SEAL_BYTES = 4 };

static bool
has_seal(struct str name)
{
	return str_ends(name, STR(".age")) || str_ends(name, STR(".gpg")) || str_ends(name, STR(".asc"));
}

static enum tree_text
text_of(struct str name, bool chezmoi)
{
	for (size_t i = 0; chezmoi && i < sizeof attribute / sizeof *attribute; i++)
		if (attribute[i].text != TREE_TEXT_PLAIN && str_starts(name, str_c(attribute[i].prefix)))
			return attribute[i].text;
	return has_seal(name) ? TREE_TEXT_SEALED : TREE_TEXT_PLAIN;
}

static bool
is_never(struct str name, bool chezmoi)
{
	return text_of(name, chezmoi) != TREE_TEXT_PLAIN;
}

struct str
tree_target_name(struct str name, char room[static TREE_NAME_BYTES])
{
	struct str base = name;
	bool more = true;
	size_t at;

	/* chezmoi takes the seal off first */
	if (str_starts(base, STR(ENCRYPTED)) && has_seal(base))
		base.n -= SEAL_BYTES;
	(void)template_name(base, &base);
	at = str_find(base, STR("##"));
	if (at != SIZE_MAX && at > 0)
		base = str_head(base, at);
	while (more) {
		more = false;
		for (size_t i = 0; i < sizeof attribute / sizeof *attribute; i++) {
			struct str prefix = str_c(attribute[i].prefix);

			if (base.n > prefix.n && str_starts(base, prefix)) {
				base = str_from(base, prefix.n);
				more = true;
			}
		}
	}
	if (base.n > 4 && base.n < TREE_NAME_BYTES &&
	    (str_starts(base, STR("dot_")) || str_starts(base, STR("dot-")))) {
		base = str_from(base, 4);
		room[0] = '.';
		memcpy(room + 1, base.p, base.n);
		return (struct str){ room, base.n + 1 };
	}
	return base;
}

struct tree_folder
tree_folder_enter(struct tree_folder above, struct str name)
{
	struct tree_folder f = { .below_ssh = above.below_ssh || above.is_ssh };
	char room[TREE_NAME_BYTES];

	f.chezmoi = above.chezmoi || str_starts(name, STR("dot_")) || str_starts(name, STR("private_")) ||
	    str_starts(name, STR("exact_"));

	name = tree_target_name(name, room);

	f.named_ssh = str_eqc(name, "ssh") || str_eqc(name, "openssh");
	f.sysctl = str_eqc(name, "sysctl.d");
	f.profile = str_eqc(name, "profile.d");
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

struct tree_folder
tree_folder_of(struct str path)
{
	struct tree_folder f = { 0 };
	size_t slash;

	while ((slash = str_chr(path, '/', 0)) != SIZE_MAX) {
		struct str name = str_head(path, slash);

		if (name.n > 0 && !str_eqc(name, "."))
			f = tree_folder_enter(f, name);
		path = str_from(path, slash + 1);
	}
	return f;
}

bool
tree_folder_skipped(struct str name)
{
	return name.n > 0 && name.p[0] == '.' &&
	    (str_ieqc(name, ".git") || str_ieqc(name, ".hg") || str_ieqc(name, ".svn"));
}

/* Keys and the like: they hold no settings, and some of them are secret. */
static bool
is_key(const struct tree_folder *in, struct str name)
{
	if (str_ends(name, STR(".pub")) || str_ends(name, STR(".pem")) || str_ends(name, STR(".key")))
		return true;
	if (str_starts(name, STR("ssh_host_")) || str_starts(name, STR("known_hosts")) ||
	    str_starts(name, STR("authorized_keys")) || str_starts(name, STR("ssh_known_hosts")))
		return true;
	return in->is_ssh && str_starts(name, STR("id_"));
}

/* What a writer of ours leaves beside a file when it is killed: three numbers. */
static bool
is_left_over(struct str name)
{
	const struct str prefix = STR(".sshkeep-");
	unsigned dashes = 0;

	for (size_t i = prefix.n; i < name.n; i++) {
		if (name.p[i] != '-' && (name.p[i] < '0' || name.p[i] > '9'))
			return false;
		dashes += name.p[i] == '-';
	}
	return str_starts(name, prefix) && dashes == 2;
}

/* Manuals and programs are no configs. */
static bool
is_other(struct str name)
{
	static const char *const other[] = { ".md", ".rst", ".txt", ".html", ".c", ".h", ".py", ".rb", ".go", ".rs",
		".sh", ".js", ".ts", ".php", ".pp", ".yml", ".yaml", ".json", ".toml", ".xml", ".nix", ".5", ".adoc" };

	for (size_t i = 0; i < sizeof other / sizeof *other; i++)
		if (str_ends(name, str_c(other[i])))
			return true;
	return str_starts(name, STR("README"));
}

static bool
is_packed(struct str name)
{
	static const char *const ending[] = { ".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".tar", ".jar" };

	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (str_ends(name, str_c(ending[i])))
			return true;
	return false;
}

/* sshd_config.debian, etc-ssh-ssh_config, openssh.conf: one line is enough there. */
static bool
is_about_ssh(struct str name)
{
	if (is_other(name))
		return false;
	return str_find(name, STR("sshd_config")) != SIZE_MAX || str_find(name, STR("ssh_config")) != SIZE_MAX ||
	    str_find(name, STR("sshd.conf")) != SIZE_MAX || str_find(name, STR("ssh.conf")) != SIZE_MAX;
}

bool
tree_name_aside(struct str name)
{
	static const char *const ending[] = { "~", ".bak", ".backup", ".old", ".orig", ".save", ".saved", ".swp",
		".rej", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".dpkg-bak", ".dpkg-backup", ".dpkg-tmp", ".ucf-old",
		".ucf-dist", ".ucf-new", ".rpmsave", ".rpmorig", ".rpmnew", ".pacsave", ".pacorig", ".pacnew",
		".disabled", ".disable", ".off", ".inactive", ".example", ".sample", ".dist" };
	char room[TREE_NAME_BYTES];

	name = tree_target_name(name, room);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		if (str_ends(name, str_c(ending[i])))
			return true;
	return false;
}

static bool
is_sysctl(const struct tree_folder *in, struct str name)
{
	return str_ends(name, STR(".conf")) && (in->sysctl || str_find(name, STR("sysctl")) != SIZE_MAX);
}

static bool
is_profile(const struct tree_folder *in, struct str name)
{
	static const char *const names[] = { "profile", "bashrc", "bash_profile", "bash_login", "bash.bashrc", "zshrc",
		"zshenv", "zprofile", "zlogin", "kshrc", "mkshrc" };

	if (in->profile)
		return str_ends(name, STR(".sh")) || str_ends(name, STR(".zsh")) || str_ends(name, STR(".bash"));
	if (name.n > 0 && name.p[0] == '.')
		name = str_from(name, 1);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (str_eqc(name, names[i]))
			return true;
	return false;
}

static enum tree_name
dropin(const struct tree_folder *in, struct tree_what *ret)
{
	*ret = (struct tree_what){
		.kind = TREE_DROPIN, .side = in->side, .system = in->conf_only && in->side == KW_CLIENT
	};
	return in->side_known ? TREE_NAME_KNOWN : TREE_NAME_OPEN;
}

/* The Include of such a folder takes the name as it is, whatever it seems to be. */
static bool
is_as_named(const struct tree_folder *in, struct str name)
{
	return in->dropin && name.n > 0 && name.p[0] != '.' && str_ends(name, STR(".conf")) &&
	    (in->conf_only || !is_never(name, in->chezmoi));
}

enum tree_text
tree_text(const struct tree_folder *in, struct str name)
{
	char room[TREE_NAME_BYTES];

	if (is_as_named(in, name))
		return TREE_TEXT_PLAIN;
	if (is_key(in, name) || is_key(in, tree_target_name(name, room)))
		return TREE_TEXT_KEY;
	return text_of(name, in->chezmoi);
}

enum tree_name
tree_by_name(const struct tree_folder *in, struct str name, struct tree_what *ret)
{
	char room[TREE_NAME_BYTES];

	if (is_as_named(in, name))
		return dropin(in, ret);
	*ret = (struct tree_what){ .kind = TREE_FRAGMENT };
	if (is_key(in, name) || is_never(name, in->chezmoi) || is_left_over(name))
		return TREE_NAME_NEVER;
	name = tree_target_name(name, room);
	if (str_eqc(name, "sshd_config")) {
		*ret = (struct tree_what){ .kind = TREE_MAIN, .side = KW_SERVER };
		return TREE_NAME_KNOWN;
	}
	if (str_eqc(name, "ssh_config")) {
		*ret = (struct tree_what){ .kind = TREE_MAIN, .side = KW_CLIENT, .system = true };
		return TREE_NAME_KNOWN;
	}
	if (str_eqc(name, "config") && !in->dropin) {
		*ret = (struct tree_what){ .kind = TREE_MAIN, .side = KW_CLIENT };
		ret->lenient = in->named_ssh;
		return in->is_ssh ? TREE_NAME_KNOWN : TREE_NAME_OPEN;
	}
	if (is_key(in, name))
		return TREE_NAME_NEVER;
	if (is_sysctl(in, name) || (!in->dropin && is_profile(in, name))) {
		ret->class = is_sysctl(in, name) ? TREE_SYSCTL : TREE_PROFILE;
		return TREE_NAME_KNOWN;
	}
	ret->lenient =
	    is_about_ssh(name) || (in->is_ssh && (str_starts(name, STR("config")) || str_ends(name, STR(".conf"))));
	if (in->conf_only && in->side_known && name.n > 0 && name.p[0] != '.' && !str_ends(name, STR(".conf")) &&
	    !is_other(name) && !tree_name_aside(name)) {
		ret->passed = true;
		ret->side = in->side;
	}
	/* as OpenSSH's glob: a leading dot is no drop-in */
	if (!in->dropin || name.n == 0 || name.p[0] == '.' || (in->conf_only && !str_ends(name, STR(".conf"))))
		return TREE_NAME_OPEN;
	/* an Include that takes such names reads the file all the same */
	if (!in->conf_only && (is_other(name) || is_packed(name) || tree_name_aside(name))) {
		ret->kind = TREE_DROPIN;
		return TREE_NAME_OPEN;
	}
	return dropin(in, ret);
}

/* The first word of a line as either lexer would take it, when a keyword can be one; "" else. */
static struct str
first_word(struct str line)
{
	size_t i = 0, k;

	while (i < line.n && str_is_blank(line.p[i]))
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
	unsigned alive; /* of the known: words that no other program has, with a value */
};

static bool
is_blank_line(struct str line)
{
	size_t i = 0;

	while (i < line.n && str_is_blank(line.p[i]))
		i++;
	return i == line.n || line.p[i] == '#';
}

/* Is it meant to be a keyword of that side?  Short words are like too many others. */
static bool
is_slip(enum kw_side side, struct str word)
{
	enum { WORD_LEAST = 6 };

	return word.n >= WORD_LEAST && kw_suggest(side, word) != NULL;
}

/* ServerAliveInterval, ClientAliveCountMax and so on with one value behind a blank: no prose, no other program's words. */
static bool
is_alive(struct str line, struct str word)
{
	struct str value = str_trim(str_from(line, (size_t)(word.p - line.p) + word.n));

	if (word.n < 12 ||
	    !(str_ieqc(str_head(word, 11), "ServerAlive") || str_ieqc(str_head(word, 11), "ClientAlive")))
		return false;
	value = str_trim(str_head(value, str_find(value, STR(" #"))));
	if (value.n == 0 || strchr("0123456789\"$", value.p[0]) == NULL)
		return false;
	return str_chr(value, ' ', 0) == SIZE_MAX && str_chr(value, '\t', 0) == SIZE_MAX;
}

static void
count_line(struct tally *t, struct str line, bool slips)
{
	struct str word = first_word(line);
	bool client = word.n > 0 && kw_find_any(KW_CLIENT, word) != KW_UNKNOWN;
	bool server = word.n > 0 && kw_find_any(KW_SERVER, word) != KW_UNKNOWN;

	t->alive += client != server && is_alive(line, word);
	if (slips && !client && !server) {
		client = is_slip(KW_CLIENT, word);
		server = is_slip(KW_SERVER, word);
	}
	if (client && server)
		t->both++;
	else if (client)
		t->client++;
	else if (server)
		t->server++;
	else
		t->unknown++;
}

static unsigned
known_of(const struct tally *t)
{
	return t->both + t->client + t->server;
}

/* The first lines; slips: misspelt keywords count as well. */
static struct tally
count_lines(struct str text, const struct marks *marks, bool slips)
{
	enum { LINES = 40, AT_ONCE = 3 };
	struct tally t = { 0 };
	uint32_t no = 0;

	for (unsigned i = 0; i < LINES && text.n > 0; no++) {
		size_t lf = str_chr(text, '\n', 0);
		struct str line = str_head(text, lf);

		text = str_from(text, lf == SIZE_MAX ? text.n : lf + 1);
		if (is_blank_line(line) ||
		    (marks != NULL && no < marks->n && (marks->line[no].flags & (MARK_VOID | MARK_OPAQUE)) != 0))
			continue;
		count_line(&t, line, slips);
		i++;
		/* most files of a repository are no configs: their first lines show it */
		if (t.unknown >= AT_ONCE && known_of(&t) == 0)
			break;
	}
	return t;
}

static bool
is_config(const struct tally *t, bool lenient, enum kw_side *ret)
{
	enum { KNOWN_LEAST = 3, OWN_LEAST = 2, OTHER_SHARE = 3, UNKNOWN_SHARE = 4 };
	unsigned own = t->client >= t->server ? t->client : t->server;
	unsigned other = t->client + t->server - own, known = known_of(t);

	*ret = t->client >= t->server ? KW_CLIENT : KW_SERVER;
	if (lenient)
		return own > other && t->unknown <= known;
	if (t->alive > 0 && other == 0 && t->unknown == 0)
		return true;
	return known >= KNOWN_LEAST && own >= OWN_LEAST && other * OTHER_SHARE <= own &&
	    t->unknown * UNKNOWN_SHARE <= known;
}

/*
 * A program for an interpreter, or what a container image is built by: both have words that ssh has, USER and PORT among
 * them, and are told by how they begin.
 */
static bool
is_program(struct str text)
{
	struct str line, word;

	if (str_starts(text, STR("#!")))
		return true;
	while (str_split(&text, '\n', &line)) {
		if (is_blank_line(line))
			continue;
		word = first_word(line);
		/* ARG lines may stand above FROM, and nothing else */
		if (!str_ieqc(word, "ARG"))
			return str_ieqc(word, "FROM");
	}
	return false;
}

bool
tree_by_content(struct str text, const struct marks *marks, bool lenient, enum kw_side *ret)
{
	struct tally t;

	if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL || is_program(text))
		return false;
	t = count_lines(text, marks, false);
	if (is_config(&t, lenient, ret))
		return true;
	/* looking for what a word is like takes long: where nothing is known, hardly anything is misspelt */
	if (t.unknown == 0 || (known_of(&t) == 0 && !lenient))
		return false;
	t = count_lines(text, marks, true);
	return is_config(&t, lenient, ret);
}

bool
tree_by_content_of(enum kw_side side, struct str text, const struct marks *marks)
{
	if (text.n == 0 || memchr(text.p, '\0', text.n) != NULL)
		return false;
	for (unsigned slips = 0; slips <= 1; slips++) {
		const struct tally t = count_lines(text, marks, slips);
		unsigned own = t.both + (side == KW_CLIENT ? t.client : t.server);

		if (own > 0 && known_of(&t) - own < own && t.unknown <= own / 4)
			return true;
	}
	return false;
}
