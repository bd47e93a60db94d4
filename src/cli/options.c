/* SPDX-License-Identifier: MIT */
/* Table-driven command line: one row per option, groups that the commands choose from. */
#include "cli/options.h"

#include <string.h>

#include "base/num.h"
#include "cli/cmd.h"

enum opt_kind {
	OPT_FLAG,
	OPT_TEXT, /* the last one counts */
	OPT_ADD,  /* may be repeated */
	OPT_SSH,  /* as ssh takes it: becomes a line for the resolver; .line is its keyword */
	OPT_FORWARD,
};

struct opt_row {
	const char *group, *name; /* name without "--"; NULL: letter only */
	char letter;		  /* 0: long name only */
	enum opt_kind kind;
	size_t off;	  /* of the field in struct options */
	const char *line; /* OPT_SSH: keyword, NULL for -o itself */
	const char *arg, *help;
};

#define AT(field) offsetof(struct options, field)

static const struct opt_row option_table[] = {
	{ "ends", NULL, 'F', OPT_TEXT, AT(client_file), NULL, "FILE",
	    "client config instead of the user's and the system's; - is standard input, none is nothing" },
	{ "ends", NULL, 'f', OPT_TEXT, AT(server_file), NULL, "FILE",
	    "server config instead of /etc/ssh/sshd_config; - is standard input" },
	{ "ends", "client", 0, OPT_FLAG, AT(client), NULL, NULL, "only the client side" },
	{ "ends", "server", 0, OPT_FLAG, AT(server), NULL, NULL, "only the server side" },
	{ "ends", NULL, 'C', OPT_ADD, AT(spec), NULL, "SPEC",
	    "judge the server for this connection, as sshd -C: user=,host=,addr=,laddr=,lport=,rdomain=" },
	{ "clientfile", NULL, 'F', OPT_TEXT, AT(client_file), NULL, "FILE",
	    "client config instead of the user's and the system's; - is standard input, none is nothing" },

	{ "ownfile", NULL, 'F', OPT_TEXT, AT(client_file), NULL, "FILE",
	    "client config instead of the user's and the system's, for ssh as well; none is nothing" },

	{ "ssh", NULL, 'l', OPT_TEXT, AT(login), NULL, "NAME", "login name, as in ssh" },
	{ "ssh", NULL, 'p', OPT_SSH, 0, "Port", "PORT", "port, as in ssh" },
	{ "ssh", NULL, 'J', OPT_SSH, 0, "ProxyJump", "HOST", "jump host, as in ssh" },
	{ "ssh", NULL, 'o', OPT_SSH, 0, NULL, "KEYWORD=VALUE", "a config line that beats all files, as in ssh" },

	{ "path", "path-timeout", 0, OPT_TEXT, AT(path_timeout), NULL, "TIME",
	    "the path forgets an idle connection after TIME (350s, 5m); none: never" },
	{ "path", "network", 0, OPT_TEXT, AT(network), NULL, "ID,...", "the path crosses these boxes of networks.ini" },
	{ "path", "policy", 0, OPT_TEXT, AT(policy), NULL, "NAME", "targets to aim for, see policies.ini" },
	{ "versions", "openssh", 0, OPT_TEXT, AT(openssh), NULL, "VERSION",
	    "judge for this release (9.9p2, 9.2p1+debian); default: the installed one" },
	{ "versions", "peer-openssh", 0, OPT_TEXT, AT(peer_openssh), NULL, "VERSION", "release of the far end" },

	{ "where", "root", 0, OPT_TEXT, AT(root), NULL, "DIR",
	    "look at another tree: /etc, /proc, /sys and the home are looked up below it" },
	{ "where", "home", 0, OPT_TEXT, AT(home), NULL, "DIR", "home folder; default: the password database's" },
	{ "whose", "user", 0, OPT_TEXT, AT(user), NULL, "NAME", "whose config" },
	{ "unituser", "user", 0, OPT_TEXT, AT(user), NULL, "NAME",
	    "whose config; a unit is then the system's and runs as NAME, else it is a user's unit" },
	{ "where", "config", 0, OPT_TEXT, AT(config), NULL, "FILE",
	    "this settings file and no other; none is no settings" },
	{ "rules", "rules", 0, OPT_ADD, AT(rules), NULL, "DIR", "further rule files; a known code is replaced" },

	{ "format", "format", 0, OPT_TEXT, AT(format), NULL, "NAME", "text (default) or json" },
	{ "formats", "format", 0, OPT_TEXT, AT(format), NULL, "NAME",
	    "text (default), json, sarif, github, gitlab, junit, checkstyle, rdjson, gcc or html" },
	{ "format3", "format", 0, OPT_TEXT, AT(format), NULL, "NAME",
	    "text (default), json, or ssh (lines as ssh -G and sshd -T print them)" },
	{ "output", "output", 0, OPT_ADD, AT(output), NULL, "NAME=FILE", "also write this format to FILE" },
	{ "choose", "fail-on", 0, OPT_TEXT, AT(fail_on), NULL, "LEVEL",
	    "exit 1 from this level on: error, warning (default), note" },
	{ "choose", "select", 0, OPT_TEXT, AT(select), NULL, "CODES",
	    "only these rules; prefixes allowed (SK2,SK301)" },
	{ "choose", "ignore", 0, OPT_TEXT, AT(ignore), NULL, "CODES", "not these rules" },
	{ "choose", "exit-zero", 0, OPT_FLAG, AT(exit_zero), NULL, NULL, "findings do not change the exit status" },
	{ "color", "color", 0, OPT_TEXT, AT(color), NULL, "WHEN", "auto (default), always, never" },

	{ "fix", "write", 0, OPT_FLAG, AT(write), NULL, NULL, "apply the diff; sshkeep undo takes it back" },
	{ "fix", "in-place", 0, OPT_FLAG, AT(in_place), NULL, NULL,
	    "allow rewriting a file with several hard links or a bind mount" },
	{ "fix", "reload", 0, OPT_FLAG, AT(reload), NULL, NULL, "reload sshd after its files were written" },
	{ "fix", "launcher", 0, OPT_TEXT, AT(launcher_dir), NULL, "DIR",
	    "also write launchers for hosts that forward ports" },

	{ "launch", "kind", 0, OPT_TEXT, AT(kind), NULL, "KIND", "script (default), systemd, systemd-ssh, launchd" },
	{ "launch", "to", 0, OPT_TEXT, AT(to), NULL, "FILE", "write there instead of standard output" },
	{ "launch", NULL, 'L', OPT_FORWARD, 0, NULL, "SPEC", "local forward, as in ssh" },
	{ "launch", NULL, 'R', OPT_FORWARD, 0, NULL, "SPEC", "remote forward, as in ssh" },
	{ "launch", NULL, 'D', OPT_FORWARD, 0, NULL, "SPEC", "dynamic forward, as in ssh" },

	{ "lint", "openssh", 0, OPT_TEXT, AT(openssh), NULL, "VERSION",
	    "judge for this release (9.9p2, 9.2p1+debian); default: the newest known" },
	{ "lint", "config", 0, OPT_TEXT, AT(config), NULL, "FILE",
	    "this settings file, not the .sshkeep.ini of the tree; none is no settings" },
	{ "lint", "files-from", 0, OPT_TEXT, AT(files_from), NULL, "FILE",
	    "also the files and folders listed in FILE, one a line or NUL-separated; - is standard input" },
	{ "lint", "stdin-filename", 0, OPT_TEXT, AT(stdin_filename), NULL, "NAME",
	    "standard input (-) is judged as the file of this name" },
	{ "lint", "fix", 0, OPT_FLAG, AT(fix), NULL, NULL, "print the diff that mends what can be mended" },
	{ "lint", "write", 0, OPT_FLAG, AT(write), NULL, NULL, "with --fix: apply it, inside the tree only" },

	{ "lint", "baseline", 0, OPT_TEXT, AT(baseline), NULL, "FILE", "findings that this file lists do not count" },
	{ "lint", "update-baseline", 0, OPT_FLAG, AT(update_baseline), NULL, NULL,
	    "write all findings of this run to the file of --baseline" },
	{ "lint", "no-ignores", 0, OPT_FLAG, AT(no_ignores), NULL, NULL,
	    "comments and a baseline hide nothing, and the tree's .sshkeep.ini is not read" },

	{ "probe", "max", 0, OPT_TEXT, AT(max), NULL, "TIME", "longest silence to try; default 65m" },
	{ "probe", "resolution", 0, OPT_TEXT, AT(resolution), NULL, "TIME",
	    "stop when the interval is known within TIME (default 5s), or within a twentieth of itself where that is "
	    "less" },
	{ "probe", "parallel", 0, OPT_TEXT, AT(parallel), NULL, "N", "silent sessions at once, 1 to 12; default 8" },
	{ "probe", "banner", 0, OPT_FLAG, AT(banner), NULL, NULL,
	    "no login: one plain connection at a time, up to the server's login grace time" },
	{ "sessions", "watch", 0, OPT_FLAG, AT(watch), NULL, NULL, "look again every 2 s, until it is interrupted" },
	{ "sessions", "config", 0, OPT_TEXT, AT(config), NULL, "FILE",
	    "this settings file and no other; none is no settings" },

	{ "undo", "list", 0, OPT_FLAG, AT(list), NULL, NULL, "only list what can be taken back" },
	{ "undo", "force", 0, OPT_FLAG, AT(force), NULL, NULL,
	    "also where files changed since; what stands there is kept for another undo" },
	{ "undo", "in-place", 0, OPT_FLAG, AT(in_place), NULL, NULL,
	    "allow rewriting a file that has several hard links by now" },

	{ "", "help", 'h', OPT_FLAG, AT(help), NULL, NULL, "this text" },
};

static bool
group_taken(const struct cmd *cmd, const char *group)
{
	struct str rest = str_c(cmd->options), part;

	if (*group == '\0')
		return true;
	while (str_split(&rest, ' ', &part))
		if (str_eqc(part, group))
			return true;
	return false;
}

static const struct opt_row *
row_named(const struct cmd *cmd, struct str name, char letter)
{
	for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) {
		const struct opt_row *r = &option_table[i];

		if (!group_taken(cmd, r->group))
			continue;
		if (letter != 0 ? r->letter == letter : r->name != NULL && str_eqc(name, r->name))
			return r;
	}
	return NULL;
}

static enum sk_code
unknown_option(const struct cmd *cmd, struct str name, char letter, struct err *e)
{
	struct buf shown = { 0 };
	const char *near = NULL;
	unsigned best = 3;
	enum sk_code code;

	if (letter != 0) {
		buf_addch(&shown, letter);
		code = err_set(e, SK_EUSAGE, "unknown option -%.*s", STR_ARG(buf_str(&shown)));
		buf_release(&shown);
		return code;
	}
	for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) {
		const struct opt_row *r = &option_table[i];
		unsigned d;

		if (r->name == NULL || !group_taken(cmd, r->group))
			continue;
		d = str_distance(name, str_c(r->name), 2);
		if (d < best) {
			best = d;
			near = r->name;
		}
	}
	buf_add_escaped(&shown, str_head(name, 64));
	if (near != NULL)
		code =
		    err_set(e, SK_EUSAGE, "unknown option --%.*s (did you mean --%s?)", STR_ARG(buf_str(&shown)), near);
	else
		code = err_set(e, SK_EUSAGE, "unknown option --%.*s", STR_ARG(buf_str(&shown)));
	buf_release(&shown);
	return code;
}

/* Room for every word of the command line, so a list never has to grow. */
static void
list_add(struct arena *a, struct opt_list *l, struct str s, size_t argc)
{
	if (l->v == NULL)
		l->v = ARENA_ARRAY(a, struct str, argc * 2 + 2);
	l->v[l->n++] = s;
}

/* Does an -o line set keyword (four letters)?  Same separators as the scanner of ssh: blanks or one "=". */
static bool
sets(struct str line, const char *keyword)
{
	struct str t = str_trim(line);

	return t.n > 5 && str_ieqc(str_head(t, 4), keyword) && (t.p[4] == '=' || t.p[4] == ' ' || t.p[4] == '\t');
}

/* Once the port is set ssh does not even look at a further -p. */
static bool
port_is_set(const struct options *o)
{
	for (size_t i = 0; i < o->ssh_line.n; i++)
		if (sets(o->ssh_line.v[i], "port"))
			return true;
	return false;
}

static enum sk_code
take_ssh(struct arena *a, const struct opt_row *r, struct str value, size_t argc, struct options *o, struct err *e)
{
	char *word = arena_alloc(a, 3);

	if (str_chr(value, '\n', 0) != SIZE_MAX || value.n == 0)
		return err_set(e, SK_EUSAGE, "-%c needs one line of text", r->letter);
	if (r->letter == 'p' && port_is_set(o))
		return SK_OK;
	word[0] = '-';
	word[1] = r->letter;
	list_add(a, &o->ssh_word, str_c(word), argc);
	list_add(a, &o->ssh_word, value, argc);
	if (r->line != NULL)
		value = arena_printf(a, "%s=%.*s", r->line, STR_ARG(value));
	else if (sets(value, "user") && o->login.p == NULL)
		o->user_line = true;
	list_add(a, &o->ssh_line, value, argc);
	return SK_OK;
}

/* One option with its argument; the field is found by offset, so a new option needs no code here. */
static enum sk_code
take(struct arena *a, const struct opt_row *r, struct str value, size_t argc, struct options *o, struct err *e)
{
	char *base = (char *)o;

	switch (r->kind) {
	case OPT_FLAG:
		*(bool *)(void *)(base + r->off) = true;
		break;
	case OPT_TEXT: {
		struct str *s = (void *)(base + r->off);

		/* ssh takes the first -l; of everything else the last one counts */
		if (r->off != AT(login) || s->p == NULL)
			*s = value;
		break;
	}
	case OPT_ADD:
		list_add(a, (void *)(base + r->off), value, argc);
		break;
	case OPT_SSH:
		return take_ssh(a, r, value, argc, o, e);
	case OPT_FORWARD: {
		char *k = arena_alloc(a, 2);

		k[0] = r->letter;
		list_add(a, &o->forward, value, argc);
		list_add(a, &o->forward_kind, str_c(k), argc);
		break;
	}
	}
	return SK_OK;
}

/* argv[*i] is an option word: take it and move *i over an argument that stands in the next word. */
static enum sk_code
parse_word(struct arena *a, int argc, char *const *argv, int *i, struct options *o, struct err *e)
{
	struct str w = str_c(argv[*i]), name = { 0 }, value = { 0 };
	const struct opt_row *r;
	bool is_long = w.p[1] == '-';

	if (is_long) {
		size_t eq = str_chr(w, '=', 2);

		name = str_from(str_head(w, eq == SIZE_MAX ? w.n : eq), 2);
		if (eq != SIZE_MAX)
			value = str_from(w, eq + 1);
		r = row_named(o->cmd, name, 0);
	} else {
		r = row_named(o->cmd, name, w.p[1]);
		if (w.n > 2)
			value = str_from(w, 2);
	}
	if (r == NULL)
		return unknown_option(o->cmd, name, is_long ? 0 : w.p[1], e);
	if (r->kind == OPT_FLAG) {
		if (value.p != NULL)
			return err_set(e, SK_EUSAGE, "option --%s takes no value", r->name);
	} else if (value.p == NULL) {
		if (*i + 1 >= argc) {
			if (is_long)
				return err_set(e, SK_EUSAGE, "option --%s needs %s", r->name, r->arg);
			return err_set(e, SK_EUSAGE, "option -%c needs %s", r->letter, r->arg);
		}
		value = str_c(argv[++*i]);
	}
	return take(a, r, value, (size_t)argc, o, e);
}

enum sk_code
options_parse(struct arena *a, const struct cmd *cmd, int argc, char *const *argv, struct options *ret, struct err *e)
{
	struct options o = { .cmd = cmd };
	bool only_operands = false;

	for (int i = 1; i < argc; i++) {
		const char *w = argv[i];
		enum sk_code code;

		if (!only_operands && strcmp(w, "--") == 0) {
			only_operands = true;
			continue;
		}
		if (only_operands || w[0] != '-' || w[1] == '\0') {
			list_add(a, &o.arg, str_c(w), (size_t)argc);
			continue;
		}
		code = parse_word(a, argc, argv, &i, &o, e);
		if (code != SK_OK)
			return code;
		if (o.help)
			break;
	}
	*ret = o;
	return SK_OK;
}

/* Help text in the right column, wrapped at 80. */
static void
add_wrapped(struct buf *b, struct str text, size_t indent)
{
	struct str rest = text, word;
	size_t col = indent;

	while (str_split(&rest, ' ', &word)) {
		if (col > indent && col + 1 + word.n > 79) {
			buf_addch(b, '\n');
			buf_addn(b, ' ', indent);
			col = indent;
		} else if (col > indent) {
			buf_addch(b, ' ');
			col++;
		}
		buf_add(b, word);
		col += word.n;
	}
	buf_addch(b, '\n');
}

void
options_help(const struct cmd *cmd, struct buf *b)
{
	enum { HELP_COL = 28 };

	buf_addf(b, "usage: sshkeep %s [option ...]%s%s\n\n", cmd->name, *cmd->args != '\0' ? " " : "", cmd->args);
	add_wrapped(b, str_c(cmd->about), 0);
	buf_addc(b, "\n");
	for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) {
		const struct opt_row *r = &option_table[i];
		size_t from = b->n, used;

		if (!group_taken(cmd, r->group))
			continue;
		if (r->letter != 0)
			buf_addf(b, "  -%c", r->letter);
		if (r->name != NULL)
			buf_addf(b, "%s--%s", r->letter != 0 ? ", " : "  ", r->name);
		if (r->arg != NULL)
			buf_addf(b, " %s", r->arg);
		used = b->n - from;
		if (used + 2 > HELP_COL) {
			buf_addch(b, '\n');
			used = 0;
		}
		buf_addn(b, ' ', HELP_COL - used);
		add_wrapped(b, str_c(r->help), HELP_COL);
	}
}

void
options_usage(struct buf *b)
{
	buf_addc(b,
	    "usage: sshkeep COMMAND [option ...] [HOST ...]\n"
	    "\n"
	    "Will an idle SSH session survive, which hop kills it, and which line decides that?\n"
	    "\n");
	for (size_t i = 0; cmd_table[i] != NULL; i++) {
		const struct cmd *c = cmd_table[i];

		buf_addf(b, "  %-11s ", c->name);
		add_wrapped(b, str_c(c->summary), 14);
	}
	buf_addc(b,
	    "\n"
	    "sshkeep COMMAND --help tells the options of a command.\n"
	    "Exit status: 0 nothing found, 1 findings, 2 an input could not be read, 3 usage\n"
	    "or bad rule file, 4 a fix was refused or failed and nothing was changed.\n");
}

void
options_words(struct buf *b)
{
	for (size_t i = 0; cmd_table[i] != NULL; i++)
		buf_addf(b, "%s\n", cmd_table[i]->name);
	for (size_t i = 0; i < sizeof option_table / sizeof *option_table; i++) {
		const struct opt_row *r = &option_table[i];
		bool again = false;

		/* the same option may stand in several groups */
		for (size_t k = 0; k < i; k++)
			again |= r->name != NULL ?
			    option_table[k].name != NULL && strcmp(r->name, option_table[k].name) == 0 :
			    option_table[k].letter == r->letter;
		if (again)
			continue;
		if (r->name != NULL)
			buf_addf(b, "--%s\n", r->name);
		else
			buf_addf(b, "-%c\n", r->letter);
	}
	buf_addc(b, "--version\n");
}

const struct cmd *
cmd_find(struct str s, const char **ret_near)
{
	unsigned best = 3;

	*ret_near = NULL;
	for (size_t i = 0; cmd_table[i] != NULL; i++) {
		unsigned d;

		if (str_eqc(s, cmd_table[i]->name))
			return cmd_table[i];
		d = str_distance(s, str_c(cmd_table[i]->name), 2);
		if (d < best) {
			best = d;
			*ret_near = cmd_table[i]->name;
		}
	}
	return NULL;
}
