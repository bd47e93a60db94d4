/* SPDX-License-Identifier: MIT */
/* Joins the parts, and records facts, signals and notes. */
#include "detect/detect.h"

#include <string.h>

#include "detect/parts.h"

enum { LINE_MAX_BYTES = 4096 };

static void
record(struct det *d, enum fact_id id, struct str source, uint32_t line)
{
	struct fact *v = &d->f->v[id];

	memset(v, 0, sizeof(*v));
	v->known = true;
	v->source = arena_str(d->a, source);
	v->confidence = CONF_DETECTED;
	v->line = line;
}

void
det_num(struct det *d, enum fact_id id, double num, struct str source, uint32_t line)
{
	record(d, id, source, line);
	d->f->v[id].num = num;
}

void
det_text(struct det *d, enum fact_id id, struct str text, struct str source, uint32_t line)
{
	struct str copy = arena_str(d->a, text);

	record(d, id, source, line);
	d->f->v[id].text = copy;
}

void
det_unknown(struct det *d, enum fact_id id, struct str source, const char *reason)
{
	record(d, id, source, 0);
	d->f->v[id].known = false;
	d->f->v[id].reason = reason;
}

void
det_signal(struct det *d, const char *key, struct str value, struct str source)
{
	struct facts *f = d->f;

	ARENA_GROW(d->a, f->signal, f->n_signal, f->cap_signal);
	f->signal[f->n_signal++] = (struct signal){
		.key = key,
		.value = arena_str(d->a, value),
		.source = arena_str(d->a, source),
	};
}

void
det_note(struct det *d, const char *fmt, ...)
{
	struct facts *f = d->f;
	struct str text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(d->a, fmt, ap);
	va_end(ap);
	ARENA_GROW(d->a, f->note, f->n_note, f->cap_note);
	f->note[f->n_note++] = text;
}

bool
det_is(const struct det *d, enum fact_id id, const char *text)
{
	return d->f->v[id].known && str_eqc(d->f->v[id].text, text);
}

struct str
det_signal_value(const struct det *d, const char *key)
{
	size_t i;

	for (i = 0; i < d->f->n_signal; i++) {
		if (strcmp(d->f->signal[i].key, key) == 0)
			return d->f->signal[i].value;
	}
	return STR("");
}

enum sk_code
det_line(struct det *d, const char *path, struct str *ret, struct err *e)
{
	struct buf b = { .p = NULL };
	enum sk_code code;

	*ret = STR("");
	code = root_read(&d->root, path, LINE_MAX_BYTES, &b, e);
	if (code != SK_OK)
		return code;
	*ret = arena_str(d->a, str_trim(buf_str(&b)));
	buf_release(&b);
	return SK_OK;
}

bool
det_next_line(struct str *rest, struct str *ret, uint32_t *line)
{
	size_t end;

	if (rest->n == 0)
		return false;
	end = str_chr(*rest, '\n', 0);
	*ret = str_head(*rest, end);
	*rest = end == SIZE_MAX ? STR("") : str_from(*rest, end + 1);
	(*line)++;
	return true;
}

/* Files whose mere existence names a box (idle-timeouts 1.5). */
static void
det_files(struct det *d)
{
	static const char *const file[] = {
		"/.dockerenv",
		"/run/.containerenv",
		"/etc/openwrt_release",
		"/proc/net/ip_vs",
		"/etc/haproxy/haproxy.cfg",
		"/etc/kubernetes/kubelet.conf",
		"/run/secrets/kubernetes.io",
	};
	size_t i;

	for (i = 0; i < sizeof(file) / sizeof(file[0]); i++) {
		if (root_exists(&d->root, file[i]))
			det_signal(d, "file", str_c(file[i]), str_c(file[i]));
	}
}

void
detect_all(struct arena *a, const struct detect_opts *o, struct facts *ret)
{
	struct det d = { .a = a, .o = o, .f = ret, .root = { .fd = -1 } };
	struct err e = { .code = SK_OK };
	const char *why;
	int i;

	memset(ret, 0, sizeof(*ret));
	ret->live = o->live;
	if (root_open(&d.root, o->root, &e) != SK_OK) {
		why = arena_printf(a, "the root %s cannot be opened: %s", o->root, e.msg).p;
		for (i = 0; i < FACT_MAX_; i++)
			det_unknown(&d, (enum fact_id)i, str_c(o->root), why);
		return;
	}
	det_sysctl(&d);
	det_conntrack(&d);
	det_cloud(&d);
	det_net(&d);
	det_virt(&d);
	det_files(&d);
	det_laptop(&d);
	det_os(&d);
	det_openssh(&d);
	det_shell(&d);
	det_logind(&d);
	det_mux(&d);
	det_netid(&d);
	root_close(&d.root);
}
