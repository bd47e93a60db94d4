/* SPDX-License-Identifier: MIT */
/* From one plan to one that leaves nothing to plan: what a fix brings up is fixed with it. */
#include <string.h>

#include "fix/left.h"

/* All files that s read, and those of the plans, as the plans leave them. */
static const struct fs_over *
files_after(struct session *s, const struct fix_end *end, size_t n_end, size_t *ret_n)
{
	const struct conf *conf[] = { &s->client.conf, &s->server.conf };
	struct fs_over *v;
	size_t n = 0;

	for (size_t i = 0; i < n_end; i++)
		n += end[i].plan.n_file;
	v = ARENA_ARRAY(s->arena, struct fs_over, n + conf[0]->n_src + conf[1]->n_src + 1);
	n = 0;
	for (size_t i = 0; i < n_end; i++)
		for (size_t k = 0; k < end[i].plan.n_file; k++) {
			const struct file_plan *p = &end[i].plan.file[k];

			v[n++] = (struct fs_over){ .name = p->path, .bytes = p->new_bytes, .made = !p->exists };
		}
	for (size_t c = 0; c < sizeof conf / sizeof *conf; c++)
		for (size_t i = 0; i < conf[c]->n_src; i++) {
			const struct source *src = &conf[c]->src[i];
			bool planned = src->origin == SOURCE_CMDLINE;

			for (size_t k = 0; k < n && !planned; k++)
				planned = str_eq(v[k].name, src->name);
			if (!planned)
				v[n++] = (struct fs_over){ .name = src->name, .bytes = src->bytes };
		}
	*ret_n = n;
	return v;
}

/* Findings that want the same value of a row share one refusal, which names the first of them. */
static bool
is_refused(const struct fix_end *end, size_t n_end, const struct finding *f, struct str host)
{
	for (size_t i = 0; i < n_end; i++)
		for (size_t k = 0; k < end[i].plan.n_refusal; k++) {
			const struct refusal *r = &end[i].plan.refusal[k];

			if (r->host.n > 0 ? str_eq(r->host, host) : str_eq(r->code, f->code))
				return true;
		}
	return false;
}

/* Every finding that can be mended is gone, or it was said why not. */
static enum sk_code
check_gone(const struct session *last, const struct fix_end *end, size_t n_end, struct err *e)
{
	for (size_t i = 0; i < last->findings.n; i++) {
		const struct finding *f = &last->findings.v[i];
		size_t hosts = f->n_host > 0 ? f->n_host : 1;

		if (f->n_fix == 0 || f->suppressed || !fix_is_meant(last, f) || fix_is_kernel(f))
			continue;
		for (size_t k = 0; k < hosts; k++) {
			struct str host = f->n_host > 0 ? f->host[k] : (struct str){ 0 };

			if (!fix_is_undecided_host(last, f->side, host) && !is_refused(end, n_end, f, host))
				return err_set(e, SK_EREFUSED, "the proof failed: %.*s%s%.*s would still be there",
				    STR_ARG(f->code), host.n > 0 ? " of " : "", STR_ARG(host));
		}
	}
	return SK_OK;
}

/* One round; *ret_more: it planned something. */
static enum sk_code
next_round(struct session *s, struct fix_end *end, size_t n_end, struct fix_rounds *r, bool *ret_more, struct err *e)
{
	struct session *now = &r->v[r->n];
	size_t n;
	const struct fs_over *over = files_after(s, end, n_end, &n);
	enum sk_code code;

	r->n++;
	*ret_more = false;
	code = session_after(now, s, over, n, e);
	for (size_t i = 0; i < n_end && code == SK_OK; i++) {
		struct fix_end next = { .end = end[i].side == KW_CLIENT ? &now->client : &now->server,
			.side = end[i].side };

		fix_plan(now, &next);
		*ret_more |= next.plan.n_file > 0;
		plan_add(s->arena, &end[i].plan, &next.plan);
	}
	return code;
}

enum sk_code
fix_settle(struct session *s, struct fix_end *end, size_t n_end, struct fix_rounds *ret, struct err *e)
{
	bool more = false;
	enum sk_code code = SK_OK;

	ret->n = 0;
	for (size_t i = 0; i < n_end; i++)
		more |= end[i].plan.n_file > 0;
	if (!more)
		return SK_OK;
	while (more && ret->n < FIX_ROUNDS && code == SK_OK)
		code = next_round(s, end, n_end, ret, &more, e);
	return code == SK_OK ? check_gone(&ret->v[ret->n - 1], end, n_end, e) : code;
}

void
fix_rounds_release(struct fix_rounds *r)
{
	for (size_t i = 0; i < r->n; i++)
		session_release(&r->v[i]);
	r->n = 0;
}
