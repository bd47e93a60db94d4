/* SPDX-License-Identifier: MIT */
/*
 * Edits: what is replaced can be put back, a diff applied by a plain patcher gives the new text, and a plan for the
 * input as a config is proved, touches only what it says, and leaves nothing to plan.
 */
#include "fuzz_conf.h"

#include "edit/plan.h"

enum { EDITS_MAX = 16, HOSTS_MAX = 6, CONFIG_MAX = 1500 };

static const struct client_env env = {
	.local_user = { "me", 2 },
	.local_user_known = true,
	.home = { "/home/u", 7 },
	.uid = { "1000", 4 },
	.uid_known = true,
	.hostname = { "box", 3 },
	.hostname_known = true,
};

/* Edits whose places and texts are taken from the input itself. */
static size_t
make_edits(struct str in, struct edit edit[static EDITS_MAX])
{
	size_t at = 0, n = 0;

	for (size_t i = 0; i + 2 < in.n && n < EDITS_MAX; i += 3) {
		size_t gap = (unsigned char)in.p[i] % 32, len = (unsigned char)in.p[i + 1] % 16;
		size_t text = (unsigned char)in.p[i + 2] % 24;

		if (at + gap + len > in.n)
			break;
		edit[n++] = (struct edit){ .off = at + gap, .len = len, .text = str_head(str_from(in, i), text) };
		at += gap + len;
	}
	return n;
}

static void
check_inverse(struct arena *a, struct str in)
{
	struct edit edit[EDITS_MAX] = { 0 }, back[EDITS_MAX];
	size_t n = make_edits(in, edit), shift = 0, cut = 0;
	struct str new = edit_apply(a, in, edit, n);

	for (size_t i = 0; i < n; i++) {
		back[i] = (struct edit){ .off = edit[i].off + shift - cut,
			.len = edit[i].text.n,
			.text = str_head(str_from(in, edit[i].off), edit[i].len) };
		FUZZ_CHECK(str_eq(str_head(str_from(new, back[i].off), back[i].len), edit[i].text), "edit %zu", i);
		shift += edit[i].text.n;
		cut += edit[i].len;
	}
	FUZZ_CHECK(new.n == in.n + shift - cut, "%zu bytes become %zu", in.n, new.n);
	FUZZ_CHECK(str_eq(edit_apply(a, new, back, n), in), "put back, the text is as it was");
	FUZZ_CHECK(str_eq(edit_apply(a, in, edit, 0), in), "no edit changes nothing");
}

/* The next line of a diff, with its sign; ret_text holds the line end unless the diff says there is none. */
static bool
diff_line(struct str *rest, char *ret_sign, struct str *ret_text)
{
	const struct str no_end = STR("\\ No newline at end of file\n");
	size_t lf;

	if (rest->n == 0)
		return false;
	lf = str_chr(*rest, '\n', 0);
	FUZZ_CHECK(lf != SIZE_MAX, "the diff ends in the middle of a line");
	*ret_sign = rest->p[0];
	*ret_text = str_from(str_head(*rest, lf + 1), 1);
	*rest = str_from(*rest, lf + 1);
	if (str_starts(*rest, no_end)) {
		ret_text->n--;
		*rest = str_from(*rest, no_end.n);
	}
	return true;
}

static size_t
number(struct str s, size_t *io)
{
	size_t n = 0;

	for (; *io < s.n && s.p[*io] >= '0' && s.p[*io] <= '9'; (*io)++)
		n = n * 10 + (size_t)(s.p[*io] - '0');
	return n;
}

static size_t
line_end(struct str s, size_t at)
{
	size_t lf = str_chr(s, '\n', at);

	return lf == SIZE_MAX ? s.n : lf + 1;
}

/* Apply a unified diff as patch(1) does, without fuzz: every line of old must be there. */
static void
check_diff(struct str old, struct str new)
{
	struct buf diff = { 0 }, out = { 0 };
	struct str rest, text;
	size_t at = 0, line = 0, lf;
	char sign;

	diff_unified(&diff, STR("f"), true, old, new, false);
	FUZZ_CHECK((diff.n == 0) == str_eq(old, new), "a diff of %zu bytes", diff.n);
	rest = buf_str(&diff);
	for (int i = 0; i < 2 && rest.n > 0; i++) {
		lf = str_chr(rest, '\n', 0);
		rest = str_from(rest, lf + 1);
	}
	while (diff_line(&rest, &sign, &text)) {
		if (sign == '@') {
			size_t digit = str_chr(text, '-', 0) + 1, start = number(text, &digit);
			bool empty = str_starts(str_from(text, digit), STR(",0 "));

			for (; line + !empty < start; line++) {
				size_t end = line_end(old, at);

				buf_add(&out, str_head(str_from(old, at), end - at));
				at = end;
			}
			continue;
		}
		FUZZ_CHECK(sign == ' ' || sign == '+' || sign == '-', "a diff line begins with %02x", (unsigned)sign);
		if (sign != '+') {
			FUZZ_CHECK(str_starts(str_from(old, at), text), "the diff takes a line that is not there");
			at += text.n;
			line++;
		}
		if (sign != '-')
			buf_add(&out, text);
	}
	buf_add(&out, str_from(old, at));
	FUZZ_CHECK(str_eq(buf_str(&out), new), "the diff gives another text");
	buf_release(&out);
	buf_release(&diff);
}

/* A fix that rules ask for: the value for the first hosts of the file, or for all. */
static void
make_finding(struct arena *a, const struct plan_opts *o, struct str in, struct finding *f)
{
	static const char *const value[] = { "60", "15", "0", "300" };
	unsigned choice = in.n > 0 ? (unsigned char)in.p[0] : 0;
	bool server = o->side == KW_SERVER;

	*f = (struct finding){ .code = STR("SK201"), .side = o->side, .conf = o->conf };
	f->host = ARENA_ARRAY(a, struct str, HOSTS_MAX);
	for (size_t i = 0; i < (server ? o->n_server_row : o->n_row) && f->n_host < HOSTS_MAX; i++)
		if ((choice >> i & 1) == 0)
			f->host[f->n_host++] = server ? o->server_row[i].shown : o->row[i].shown;
	f->fix = ARENA_ARRAY(a, struct fix_item, 2);
	f->fix[f->n_fix++] =
	    (struct fix_item){ .keyword = server ? STR("ClientAliveInterval") : STR("ServerAliveInterval"),
		    .value = str_c(value[choice % 4]) };
	if (choice % 3 == 0)
		f->fix[f->n_fix++] =
		    (struct fix_item){ .keyword = server ? STR("ClientAliveCountMax") : STR("ServerAliveCountMax"),
			    .value = STR("3") };
}

static void
check_file(struct arena *a, const struct file_plan *f)
{
	size_t at = 0;

	FUZZ_CHECK(f->n_edit > 0 && !str_eq(f->old_bytes, f->new_bytes), "a file that does not change");
	for (size_t i = 0; i < f->n_edit; i++) {
		FUZZ_CHECK(f->edit[i].off >= at && f->edit[i].off + f->edit[i].len <= f->old_bytes.n, "edit %zu", i);
		at = f->edit[i].off + f->edit[i].len;
	}
	FUZZ_CHECK(str_eq(edit_apply(a, f->old_bytes, f->edit, f->n_edit), f->new_bytes), "edits give the new bytes");
	check_diff(f->old_bytes, f->new_bytes);
}

struct world {
	struct fuzz_conf f;
	struct plan_opts o;
	struct file_right right[64];
	struct finding finding;
	struct plan plan;
};

/* Read, choose the rows (the same as in an earlier plan, if given), and plan.  False: nothing to plan for. */
static bool
plan(struct arena *a, struct world *w, struct str in, enum kw_side side, struct ver v, const struct finding *same)
{
	struct findings findings = { .v = &w->finding, .n = 1 };
	struct target_row *row;
	struct server_row *srow;
	size_t n;

	memset(w, 0, sizeof(*w));
	if (!fuzz_conf_read(&w->f, in, side, v, (struct str){ NULL, 0 }) || w->f.conf.n_src > 64)
		return false;
	w->o = (struct plan_opts){ .side = side, .conf = &w->f.conf, .conf_opts = &w->f.opts, .env = &env };
	w->o.right = w->right;
	w->o.n_right = w->f.conf.n_src;
	for (size_t i = 0; i < w->f.conf.n_src; i++)
		w->right[i] = (struct file_right){ .name = w->f.conf.src[i].name, .may_write = true };
	if (side == KW_CLIENT) {
		eff_client_targets(a, &w->f.conf, &row, &n);
		w->o.row = row;
		w->o.n_row = n;
	} else {
		eff_server_targets(a, &w->f.conf, &srow, &n);
		w->o.server_row = srow;
		w->o.n_server_row = n;
	}
	if (same != NULL)
		w->finding = *same;
	else
		make_finding(a, &w->o, in, &w->finding);
	w->finding.conf = &w->f.conf;
	plan_make(a, &w->o, &findings, &w->plan);
	return true;
}

/* What is planned is proved; written, the same plan has nothing left to do. */
static void
check_plan(struct str in, enum kw_side side, struct ver v)
{
	struct arena a = { 0 };
	struct world *w = calloc(2, sizeof(*w));
	struct err e = { 0 };
	struct str line = { 0 };
	struct buf next = { 0 };

	FUZZ_CHECK(w != NULL, "memory");
	if (plan(&a, w, in, side, v, NULL) && w->plan.n_file > 0) {
		for (size_t i = 0; i < w->plan.n_file; i++)
			check_file(&a, &w->plan.file[i]);
		FUZZ_CHECK(plan_prove(&a, &w->o, &w->plan, &line, &e) == SK_OK, "not proved: %s", e.msg);
		for (size_t i = 0; i < w->f.map.n; i++) {
			struct str bytes = w->f.map.file[i];
			struct str name = i > 0 ? fuzz_path(&w->f.map, i) : w->f.conf.src[0].name;

			for (size_t k = 0; k < w->plan.n_file; k++)
				if (str_eq(w->plan.file[k].path, name))
					bytes = w->plan.file[k].new_bytes;
			if (i > 0)
				buf_addch(&next, 0x1e);
			buf_add(&next, bytes);
		}
		if (plan(&a, w + 1, buf_str(&next), side, v, &w->finding) && w->plan.n_refusal == 0)
			FUZZ_CHECK(w[1].plan.n_file == 0, "planned again:\n%.*s\n\nfirst:\n%.*s",
			    STR_ARG(w[1].plan.file[0].new_bytes), STR_ARG(w->plan.file[0].new_bytes));
	}
	for (size_t i = 0; i < w->plan.n_refusal; i++)
		FUZZ_CHECK(w->plan.refusal[i].reason.n > 0, "refusal %zu has no reason", i);
	buf_release(&next);
	conf_release(&w[0].f.conf);
	conf_release(&w[1].f.conf);
	free(w);
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = fuzz_in(data, size);
	struct arena a = { 0 };
	size_t half = str_chr(in, 0x1e, 0);

	check_inverse(&a, in);
	if (half == SIZE_MAX)
		half = in.n / 2;
	check_diff(str_head(in, half), str_from(in, half));
	check_diff(in, str_head(in, half));
	check_diff(str_from(in, half), in);
	arena_release(&a);
	if (in.n <= CONFIG_MAX) {
		check_plan(in, KW_CLIENT, fuzz_ver(in));
		check_plan(in, KW_SERVER, fuzz_ver(in));
	}
	return 0;
}
