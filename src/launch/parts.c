/* SPDX-License-Identifier: MIT */
/* The checked words of the ssh command line that every launcher runs. */
#include "launch/parts.h"

enum { NAME_MAX_BYTES = 64, WORDS_FIXED = 40 };

/* For messages: escaped, cut. */
static const char *
shown(struct arena *a, struct str s)
{
	return str_escaped(a, str_head(s, 200)).p;
}

/*
 * A name must not become an option of ssh, nor of a ProxyCommand that gets it as %h; control characters are
 * never part of one.  All else is quoted.
 */
static enum sk_code
check_host(struct arena *a, struct str host, struct err *e)
{
	struct str rest = host;
	size_t at;

	while ((at = str_chr(rest, '@', 0)) != SIZE_MAX)
		rest = str_from(rest, at + 1);
	if (host.n == 0 || rest.n == 0)
		return err_set(e, SK_EUSAGE, "a launcher needs a host name");
	if (launch_has_control(host))
		return err_set(e, SK_EUSAGE, "the host name \"%s\" holds control characters", shown(a, host));
	if (host.p[0] == '-' || rest.p[0] == '-')
		return err_set(e, SK_EUSAGE, "the host name \"%s\" begins with -, so ssh would take it for an option",
		    shown(a, host));
	return SK_OK;
}

/* ssh.c valid_hostname() and valid_ruser() of 9.6: such names are refused when they come from the command line. */
static bool
refused_since_96(struct str host)
{
	for (size_t i = 0; i < host.n; i++)
		if (str_chr(STR("'`\"$\\;&<>|(){} \t"), host.p[i], 0) != SIZE_MAX)
			return true;
	return false;
}

static struct str
safe_name(struct arena *a, struct str s)
{
	struct buf b = { 0 };
	struct str out;

	for (size_t i = 0; i < s.n && b.n < NAME_MAX_BYTES; i++) {
		char c = s.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
		    c == '_' || c == '-';

		/* neither hidden nor an option nor "..": these never stand first */
		if (b.n == 0 && (!plain || c == '.' || c == '-'))
			continue;
		buf_addch(&b, plain ? c : '-');
	}
	out = b.n > 0 ? arena_str(a, buf_str(&b)) : STR("tunnel");
	buf_release(&b);
	return out;
}

/*
 * Words of the caller, as ssh's getopt reads them (ssh.c main()), each brought to one form.  autossh strips the
 * letter f from words that begin with -, and its own getopt is out of date: so -J becomes -o ProxyJump, and no
 * value may begin with -.
 */
static enum sk_code
one_option(struct arena *a, char letter, struct str value, struct launch_words *w, struct err *e)
{
	struct str *next = &w->option[w->n_option];

	if (str_chr(STR("NTnvqy"), letter, 0) != SIZE_MAX)
		return SK_OK;
	if (str_chr(STR("46ACKXYagkx"), letter, 0) != SIZE_MAX) {
		next[0] = arena_printf(a, "-%c", letter);
		w->n_option++;
		return SK_OK;
	}
	if (value.n > 0 && value.p[0] == '-')
		return err_set(e, SK_EUSAGE, "the value \"%s\" of -%c begins with -", shown(a, value), letter);
	if (launch_has_control(value) || value.n == 0)
		return err_set(e, SK_EUSAGE, "the value \"%s\" of -%c is empty or holds control characters",
		    shown(a, value), letter);
	/* The launcher does not work in the folder where it was made. */
	if ((letter == 'F' || letter == 'E' || letter == 'i') && value.p[0] != '/' &&
	    !(letter == 'F' && str_ieqc(value, "none")) && !(letter == 'i' && value.p[0] == '~'))
		return err_set(e, SK_EUSAGE, "-%c \"%s\": a launcher needs an absolute path", letter, shown(a, value));
	if (letter == 'J') {
		next[0] = STR("-o");
		next[1] = arena_printf(a, "ProxyJump=%.*s", STR_ARG(value));
	} else {
		next[0] = arena_printf(a, "-%c", letter);
		next[1] = value;
	}
	w->n_option += 2;
	return SK_OK;
}

static enum sk_code
ssh_words(struct arena *a, const struct launch *l, struct launch_words *w, struct err *e)
{
	static const char flags[] = "46ACKXYagkxNTnvqy";
	static const char values[] = "BDEFIJLPRbceilmopw";

	for (size_t i = 0; i < l->n_ssh_arg; i++) {
		struct str word = l->ssh_arg[i];

		if (word.n < 2 || word.p[0] != '-')
			return err_set(e, SK_EUSAGE, "\"%s\" is no option of ssh; a tunnel runs no remote command",
			    shown(a, word));
		for (size_t k = 1; k < word.n; k++) {
			struct str value = str_from(word, k + 1);
			bool takes = str_chr(str_c(values), word.p[k], 0) != SIZE_MAX;
			enum sk_code code;

			if (!takes && str_chr(str_c(flags), word.p[k], 0) == SIZE_MAX)
				return err_set(e, SK_EUSAGE, "\"%s\": this option of ssh has no place in a launcher",
				    shown(a, word));
			if (takes && value.n == 0) {
				if (i + 1 == l->n_ssh_arg)
					return err_set(e, SK_EUSAGE, "\"%s\" needs a value", shown(a, word));
				value = l->ssh_arg[++i];
			}
			code = one_option(a, word.p[k], value, w, e);
			if (code != SK_OK)
				return code;
			if (takes)
				break;
		}
	}
	return SK_OK;
}

static void
add(struct str *v, size_t *n, const char *z)
{
	v[(*n)++] = str_c(z);
}

static void
add_o(struct str *v, size_t *n, struct str setting)
{
	v[(*n)++] = STR("-o");
	v[(*n)++] = setting;
}

/* The first value wins in ssh, so these stand ahead of the caller's and of all files. */
static void
fixed_options(struct arena *a, const struct launch *l, struct launch_words *w)
{
	struct str *v = w->option;
	size_t *n = &w->n_option;

	add(v, n, "-T");
	add_o(v, n, STR("BatchMode=yes"));
	add_o(v, n, arena_printf(a, "ConnectTimeout=%d", LAUNCH_CONNECT_S));
	add_o(v, n, arena_printf(a, "ServerAliveInterval=%ld", l->interval_s));
	add_o(v, n, arena_printf(a, "ServerAliveCountMax=%ld", l->count));
	add_o(v, n, STR("ControlMaster=no"));
	add_o(v, n, STR("ControlPath=none"));
	add_o(v, n, STR("ControlPersist=no"));
	/* keywords that an older ssh refuses */
	if (l->ssh_ver.n >= VER(7, 6))
		add_o(v, n, STR("RemoteCommand=none"));
	if (l->ssh_ver.n >= VER(8, 7))
		add_o(v, n, STR("ForkAfterAuthentication=no"));
}

static enum sk_code
forwards(struct arena *a, const struct launch *l, struct launch_words *w, struct err *e)
{
	struct str *v = w->forward;
	size_t *n = &w->n_forward;
	bool unlink_local = false;

	add(v, n, "-N");
	add_o(v, n, STR("ExitOnForwardFailure=yes"));
	add_o(v, n, STR("ClearAllForwardings=no"));
	for (size_t i = 0; i < l->n_forward; i++) {
		const struct launch_forward *f = &l->forward[i];
		struct spec_shape shape;

		if (f->spec.n == 0 || f->spec.p[0] == '-' || launch_has_control(f->spec) ||
		    !spec_shape(f->kind, f->spec, &shape))
			return err_set(
			    e, SK_EUSAGE, "-%c \"%s\" is no forwarding specification", f->kind, shown(a, f->spec));
		v[(*n)++] = arena_printf(a, "-%c", f->kind);
		v[(*n)++] = f->spec;
		w->remote |= f->kind == 'R';
		w->remote_path |= f->kind == 'R' && shape.listen_path;
		unlink_local |= f->kind != 'R' && shape.listen_path;
	}
	/* the option of the client covers the sockets of the client only */
	if (unlink_local)
		add_o(v, n, STR("StreamLocalBindUnlink=yes"));
	return SK_OK;
}

enum sk_code
launch_prepare(struct arena *a, const struct launch *l, struct launch_words *ret, struct err *e)
{
	struct launch_words w = { 0 };
	size_t max = WORDS_FIXED + 2 * l->n_forward;
	enum sk_code code = check_host(a, l->host, e);

	if (code != SK_OK)
		return code;
	if (l->n_forward == 0)
		return err_set(e, SK_EUSAGE, "a launcher needs a port to forward");
	if (l->interval_s <= 0 || l->count <= 0)
		return err_set(
		    e, SK_EUSAGE, "a launcher needs an interval and a count above 0: nothing else sees a dead line");
	/* -4C and the like are taken apart: a word gives at most one entry a byte */
	for (size_t i = 0; i < l->n_ssh_arg; i++)
		max += l->ssh_arg[i].n + 2;
	w.option = ARENA_ARRAY(a, struct str, max);
	w.forward = ARENA_ARRAY(a, struct str, max);
	fixed_options(a, l, &w);
	code = ssh_words(a, l, &w, e);
	if (code == SK_OK)
		code = forwards(a, l, &w, e);
	if (code != SK_OK)
		return code;
	w.name = safe_name(a, l->name.n > 0 ? l->name : l->host);
	w.host_shown = arena_printf(a, "\"%s\"", shown(a, l->host));
	w.odd_host = refused_since_96(l->host);
	w.utf8 = launch_is_utf8(l->host);
	for (size_t i = 0; i < w.n_option; i++)
		w.utf8 &= launch_is_utf8(w.option[i]);
	for (size_t i = 0; i < w.n_forward; i++)
		w.utf8 &= launch_is_utf8(w.forward[i]);
	*ret = w;
	return SK_OK;
}

enum sk_code
launch_need_utf8(const struct launch_words *w, const char *what, struct err *e)
{
	if (w->utf8)
		return SK_OK;
	return err_set(
	    e, SK_EUSAGE, "%s holds UTF-8 only, and the words of this tunnel are none; take --kind script", what);
}
